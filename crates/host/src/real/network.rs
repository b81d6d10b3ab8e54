//! Sockets and `poll`.

use super::raw_socket as raw;
use super::{RealHost, borrow};
use crate::error::{OsError, Result};
use crate::traits::Network;
use crate::types::*;
use rustix::event::{PollFlags, Timespec};

impl Network for RealHost {
    fn poll(&self, fds: &mut [PollFd], timeout_ns: Option<u64>) -> Result<usize> {
        // A negative number is not watched; the kernel has a way to say so, rustix has none.
        let mut list = Vec::with_capacity(fds.len());
        let mut places = Vec::with_capacity(fds.len());
        for (i, f) in fds.iter_mut().enumerate() {
            f.revents = 0;
            if let Ok(fd) = borrow(f.fd) {
                let events = PollFlags::from_bits_retain(f.events as u16);
                list.push(rustix::event::PollFd::from_borrowed_fd(fd, events));
                places.push(i);
            }
        }
        let timeout = timeout_ns.map(|n| Timespec {
            tv_sec: (n / 1_000_000_000) as i64,
            tv_nsec: (n % 1_000_000_000) as i64,
        });
        let n = rustix::event::poll(&mut list, timeout.as_ref())?;
        for (f, i) in list.iter().zip(places) {
            fds[i].revents = f.revents().bits() as i16;
        }
        Ok(n)
    }

    fn socket(&self, family: i32, kind: i32, protocol: i32) -> Result<Fd> {
        raw::socket(family, kind, protocol)
    }

    fn socketpair(&self, family: i32, kind: i32, protocol: i32) -> Result<(Fd, Fd)> {
        raw::socketpair(family, kind, protocol)
    }

    fn bind(&self, fd: Fd, addr: &SocketAddr) -> Result<()> {
        raw::bind(fd, addr)
    }

    fn listen(&self, fd: Fd, backlog: i32) -> Result<()> {
        Ok(rustix::net::listen(borrow(fd)?, backlog)?)
    }

    fn accept(&self, fd: Fd) -> Result<(Fd, Option<SocketAddr>)> {
        raw::accept(fd)
    }

    fn connect(&self, fd: Fd, addr: &SocketAddr) -> Result<()> {
        raw::connect(fd, addr)
    }

    fn shutdown(&self, fd: Fd, how: i32) -> Result<()> {
        use rustix::net::Shutdown;
        let how = match how {
            libc::SHUT_RD => Shutdown::Read,
            libc::SHUT_WR => Shutdown::Write,
            libc::SHUT_RDWR => Shutdown::Both,
            _ => return Err(OsError::new(libc::EINVAL)),
        };
        Ok(rustix::net::shutdown(borrow(fd)?, how)?)
    }

    fn send(&self, fd: Fd, data: &[u8], flags: i32) -> Result<usize> {
        raw::send(fd, data, flags)
    }

    fn recv(&self, fd: Fd, buf: &mut [u8], flags: i32) -> Result<usize> {
        raw::recv(fd, buf, flags)
    }

    fn sendto(&self, fd: Fd, data: &[u8], flags: i32, addr: &SocketAddr) -> Result<usize> {
        raw::sendto(fd, data, flags, addr)
    }

    fn recvfrom(&self, fd: Fd, buf: &mut [u8], flags: i32) -> Result<(usize, Option<SocketAddr>)> {
        raw::recvfrom(fd, buf, flags)
    }

    fn getsockname(&self, fd: Fd) -> Result<Option<SocketAddr>> {
        raw::getsockname(fd)
    }

    fn getpeername(&self, fd: Fd) -> Result<Option<SocketAddr>> {
        raw::getpeername(fd)
    }

    fn getsockopt(&self, fd: Fd, level: i32, option: i32, buf: &mut [u8]) -> Result<usize> {
        raw::getsockopt(fd, level, option, buf)
    }

    fn setsockopt(&self, fd: Fd, level: i32, option: i32, value: &[u8]) -> Result<()> {
        raw::setsockopt(fd, level, option, value)
    }

    fn hostname(&self) -> Result<Vec<u8>> {
        Ok(rustix::system::uname().nodename().to_bytes().to_vec())
    }

    fn getaddrinfo(
        &self,
        host: Option<&[u8]>,
        service: Option<&[u8]>,
        family: i32,
        kind: i32,
        protocol: i32,
        flags: i32,
    ) -> std::result::Result<Vec<AddrInfo>, ResolveError> {
        raw::getaddrinfo(host, service, family, kind, protocol, flags)
    }

    fn getnameinfo(
        &self,
        addr: &SocketAddr,
        flags: i32,
    ) -> std::result::Result<(Vec<u8>, Vec<u8>), ResolveError> {
        raw::getnameinfo(addr, flags)
    }
}

//! Sockets and waiting; the calls themselves are in `raw_socket` and `resolver`.

use super::raw_socket as raw;
use super::{RealHost, borrow, epoll, resolver};
use crate::error::{ResolveError, Result};
use crate::traits::{Network, Poll, Resolver};
use crate::types::*;
use rustix::event::{PollFlags, Timespec};
use std::io::IoSlice;

impl Poll for RealHost {
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

    fn epoll_create(&self) -> Result<Fd> {
        epoll::create()
    }

    fn epoll_ctl(&self, epoll: Fd, operation: i32, fd: Fd, events: u32) -> Result<()> {
        epoll::ctl(epoll, operation, fd, events)
    }

    fn epoll_wait(&self, epoll: Fd, most: usize, ms: i32) -> Result<Vec<(Fd, u32)>> {
        epoll::wait(epoll, most, ms)
    }
}

impl Network for RealHost {
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
        raw::listen(fd, backlog)
    }

    fn accept(&self, fd: Fd) -> Result<(Fd, SocketAddr)> {
        raw::accept(fd)
    }

    fn connect(&self, fd: Fd, addr: &SocketAddr) -> Result<()> {
        raw::connect(fd, addr)
    }

    fn shutdown(&self, fd: Fd, how: i32) -> Result<()> {
        raw::shutdown(fd, how)
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

    fn recvfrom(&self, fd: Fd, buf: &mut [u8], flags: i32) -> Result<(usize, SocketAddr)> {
        raw::recvfrom(fd, buf, flags)
    }

    fn sendmsg(
        &self,
        fd: Fd,
        parts: &[IoSlice<'_>],
        ancillary: &[Ancillary],
        flags: i32,
        addr: Option<&SocketAddr>,
    ) -> Result<usize> {
        raw::sendmsg(fd, parts, ancillary, flags, addr)
    }

    fn recvmsg(&self, fd: Fd, buf: &mut [u8], room: usize, flags: i32) -> Result<Received> {
        raw::recvmsg(fd, buf, room, flags)
    }

    fn getsockname(&self, fd: Fd) -> Result<SocketAddr> {
        raw::getsockname(fd)
    }

    fn getpeername(&self, fd: Fd) -> Result<SocketAddr> {
        raw::getpeername(fd)
    }

    fn getsockopt(&self, fd: Fd, level: i32, option: i32, buf: &mut [u8]) -> Result<usize> {
        raw::getsockopt(fd, level, option, buf)
    }

    fn setsockopt(&self, fd: Fd, level: i32, option: i32, value: OptionValue<'_>) -> Result<()> {
        raw::setsockopt(fd, level, option, value)
    }

    fn set_hostname(&self, name: &[u8]) -> Result<()> {
        raw::set_hostname(name)
    }

    fn interfaces(&self) -> Result<Vec<(u32, Vec<u8>)>> {
        resolver::interfaces()
    }

    fn interface_index(&self, name: &[u8]) -> Result<u32> {
        resolver::interface_index(name)
    }

    fn interface_name(&self, index: u32) -> Result<Vec<u8>> {
        resolver::interface_name(index)
    }
}

impl Resolver for RealHost {
    fn getaddrinfo(
        &self,
        host: Option<&[u8]>,
        service: Option<&[u8]>,
        hints: LookupHints,
    ) -> std::result::Result<Vec<AddrInfo>, ResolveError> {
        resolver::getaddrinfo(host, service, hints)
    }

    fn getnameinfo(
        &self,
        addr: &SocketAddr,
        flags: i32,
    ) -> std::result::Result<(Vec<u8>, Vec<u8>), ResolveError> {
        resolver::getnameinfo(addr, flags)
    }

    fn service_port(&self, name: &[u8], protocol: Option<&[u8]>) -> Result<Option<u16>> {
        resolver::service_port(name, protocol)
    }

    fn service_name(&self, port: u16, protocol: Option<&[u8]>) -> Result<Option<Vec<u8>>> {
        resolver::service_name(port, protocol)
    }

    fn protocol_number(&self, name: &[u8]) -> Result<Option<i32>> {
        resolver::protocol_number(name)
    }
}

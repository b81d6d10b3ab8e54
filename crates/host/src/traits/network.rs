//! Sockets, name lookups, and waiting for descriptors of any kind.

use std::io::IoSlice;

use crate::error::{OsError, ResolveError, Result};
use crate::types::*;

/// Waiting for descriptors.
pub trait Poll {
    denying! {
        /// Waits until a descriptor is ready; `None` waits for ever. Gives how many are.
        fn poll(&self, fds: &mut [PollFd], timeout_ns: Option<u64>) -> usize;
        fn epoll_create(&self) -> Fd;
        fn epoll_ctl(&self, epoll: Fd, operation: i32, fd: Fd, events: u32) -> ();
        /// Descriptors and their events, at most so many; -1 ms waits for ever.
        fn epoll_wait(&self, epoll: Fd, most: usize, ms: i32) -> Vec<(Fd, u32)>;
    }
}

/// Sockets. New ones are not inherited by programs; a broken connection is EPIPE, not SIGPIPE.
pub trait Network {
    denying! {
        fn socket(&self, family: i32, kind: i32, protocol: i32) -> Fd;
        fn socketpair(&self, family: i32, kind: i32, protocol: i32) -> (Fd, Fd);
        fn bind(&self, fd: Fd, addr: &SocketAddr) -> ();
        fn listen(&self, fd: Fd, backlog: i32) -> ();
        fn accept(&self, fd: Fd) -> (Fd, SocketAddr);
        fn connect(&self, fd: Fd, addr: &SocketAddr) -> ();
        fn shutdown(&self, fd: Fd, how: i32) -> ();
        fn send(&self, fd: Fd, data: &[u8], flags: i32) -> usize;
        /// What was written to `buf`, also where the message was longer.
        fn recv(&self, fd: Fd, buf: &mut [u8], flags: i32) -> usize;
        fn sendto(&self, fd: Fd, data: &[u8], flags: i32, addr: &SocketAddr) -> usize;
        fn recvfrom(&self, fd: Fd, buf: &mut [u8], flags: i32) -> (usize, SocketAddr);
        fn sendmsg(&self, fd: Fd, parts: &[IoSlice<'_>], ancillary: &[Ancillary], flags: i32, addr: Option<&SocketAddr>) -> usize;
        /// `room`: bytes for ancillary data with its headers.
        fn recvmsg(&self, fd: Fd, buf: &mut [u8], room: usize, flags: i32) -> Received;
        fn getsockname(&self, fd: Fd) -> SocketAddr;
        fn getpeername(&self, fd: Fd) -> SocketAddr;
        /// At most the size of `buf`; gives the size of the option.
        fn getsockopt(&self, fd: Fd, level: i32, option: i32, buf: &mut [u8]) -> usize;
        fn setsockopt(&self, fd: Fd, level: i32, option: i32, value: OptionValue<'_>) -> ();
        fn set_hostname(&self, name: &[u8]) -> ();
        /// Numbers and names of the interfaces.
        fn interfaces(&self) -> Vec<(u32, Vec<u8>)>;
        /// 0: there is none of this name.
        fn interface_index(&self, name: &[u8]) -> u32;
        fn interface_name(&self, index: u32) -> Vec<u8>;
    }
}

/// Names of machines and services.
pub trait Resolver {
    fn getaddrinfo(
        &self,
        host: Option<&[u8]>,
        service: Option<&[u8]>,
        hints: LookupHints,
    ) -> std::result::Result<Vec<AddrInfo>, ResolveError> {
        let _ = (host, service, hints);
        Err(ResolveError::System(OsError::DENIED))
    }

    /// Host and service name of an address.
    fn getnameinfo(
        &self,
        addr: &SocketAddr,
        flags: i32,
    ) -> std::result::Result<(Vec<u8>, Vec<u8>), ResolveError> {
        let _ = (addr, flags);
        Err(ResolveError::System(OsError::DENIED))
    }

    denying! {
        fn service_port(&self, name: &[u8], protocol: Option<&[u8]>) -> Option<u16>;
        fn service_name(&self, port: u16, protocol: Option<&[u8]>) -> Option<Vec<u8>>;
        fn protocol_number(&self, name: &[u8]) -> Option<i32>;
    }
}

//! Sockets through the C interface: addresses of any family, messages, options as bytes.
#![expect(unsafe_code, reason = "socket calls take raw addresses and messages")]

use super::c_library::{check, size};
use crate::error::{OsError, Result};
use crate::types::{Ancillary, Fd, OptionValue, Received, SocketAddr};
use std::ffi::c_int;
use std::io::IoSlice;
use std::ptr;

impl SocketAddr {
    fn ptr(&self) -> *const libc::sockaddr {
        ptr::from_ref(self).cast()
    }

    fn ptr_mut(&mut self) -> *mut libc::sockaddr {
        ptr::from_mut(self).cast()
    }
}

// The structure starts with the bytes, and is aligned as the system's own.
const _: () = assert!(std::mem::offset_of!(SocketAddr, bytes) == 0);
const _: () = assert!(align_of::<SocketAddr>() >= align_of::<libc::sockaddr_storage>());

pub(super) fn socket(family: i32, kind: i32, protocol: i32) -> Result<Fd> {
    // SAFETY: takes numbers only.
    check(unsafe { libc::socket(family, kind | libc::SOCK_CLOEXEC, protocol) })
}

pub(super) fn socketpair(family: i32, kind: i32, protocol: i32) -> Result<(Fd, Fd)> {
    let mut fds = [-1; 2];
    let kind = kind | libc::SOCK_CLOEXEC;
    // SAFETY: the array has the two places that are filled.
    check(unsafe { libc::socketpair(family, kind, protocol, fds.as_mut_ptr()) })?;
    Ok((fds[0], fds[1]))
}

pub(super) fn bind(fd: Fd, addr: &SocketAddr) -> Result<()> {
    // SAFETY: a live address with its length.
    check(unsafe { libc::bind(fd, addr.ptr(), addr.len) }).map(drop)
}

pub(super) fn listen(fd: Fd, backlog: i32) -> Result<()> {
    // SAFETY: takes numbers.
    check(unsafe { libc::listen(fd, backlog) }).map(drop)
}

pub(super) fn shutdown(fd: Fd, how: i32) -> Result<()> {
    // SAFETY: takes numbers.
    check(unsafe { libc::shutdown(fd, how) }).map(drop)
}

pub(super) fn connect(fd: Fd, addr: &SocketAddr) -> Result<()> {
    // SAFETY: a live address with its length.
    check(unsafe { libc::connect(fd, addr.ptr(), addr.len) }).map(drop)
}

pub(super) fn accept(fd: Fd) -> Result<(Fd, SocketAddr)> {
    let mut from = SocketAddr::room();
    let p = from.ptr_mut();
    // SAFETY: the address has room for the length that it announces.
    let new = check(unsafe { libc::accept4(fd, p, &mut from.len, libc::SOCK_CLOEXEC) })?;
    Ok((new, from))
}

/// A broken connection is an error, not SIGPIPE, whatever the program does with that signal.
fn quiet(flags: i32) -> c_int {
    flags | libc::MSG_NOSIGNAL
}

pub(super) fn send(fd: Fd, data: &[u8], flags: i32) -> Result<usize> {
    // SAFETY: pointer and length are of the slice.
    size(unsafe { libc::send(fd, data.as_ptr().cast(), data.len(), quiet(flags)) })
}

pub(super) fn recv(fd: Fd, buf: &mut [u8], flags: i32) -> Result<usize> {
    // SAFETY: pointer and length are of the slice.
    let n = size(unsafe { libc::recv(fd, buf.as_mut_ptr().cast(), buf.len(), flags) })?;
    // With MSG_TRUNC the kernel tells the size of the message, which may be larger.
    Ok(n.min(buf.len()))
}

pub(super) fn sendto(fd: Fd, data: &[u8], flags: i32, addr: &SocketAddr) -> Result<usize> {
    let (flags, p) = (quiet(flags), data.as_ptr().cast());
    // SAFETY: pointers and lengths are of the slice and of a live address.
    size(unsafe { libc::sendto(fd, p, data.len(), flags, addr.ptr(), addr.len) })
}

pub(super) fn recvfrom(fd: Fd, buf: &mut [u8], flags: i32) -> Result<(usize, SocketAddr)> {
    let mut from = SocketAddr::room();
    let (p, to) = (from.ptr_mut(), buf.as_mut_ptr().cast());
    // SAFETY: pointers and lengths are of the slice and of a live address.
    let n = size(unsafe { libc::recvfrom(fd, to, buf.len(), flags, p, &mut from.len) })?;
    Ok((n.min(buf.len()), from))
}

/// Far more than any system takes (`net.core.optmem_max`).
const MOST_ANCILLARY: usize = 1 << 30;

pub(super) fn sendmsg(
    fd: Fd,
    parts: &[IoSlice<'_>],
    ancillary: &[Ancillary],
    flags: i32,
    addr: Option<&SocketAddr>,
) -> Result<usize> {
    // Lengths are 32 bits wide in the structures.
    if ancillary.iter().any(|m| m.data.len() > MOST_ANCILLARY) {
        return Err(OsError::new(libc::EMSGSIZE));
    }
    // SAFETY: arithmetic only.
    let space = |m: &Ancillary| unsafe { libc::CMSG_SPACE(m.data.len() as u32) } as usize;
    let used: usize = ancillary.iter().map(space).sum();
    // Words, so that the headers in it are aligned.
    let mut control = vec![0u64; used.div_ceil(8)];
    // SAFETY: a structure of numbers and pointers, for which zeros are a value.
    let mut msg: libc::msghdr = unsafe { std::mem::zeroed() };
    if let Some(addr) = addr {
        msg.msg_name = addr.ptr().cast_mut().cast();
        msg.msg_namelen = addr.len;
    }
    // `IoSlice` is laid out as `iovec`, which is what it is for.
    msg.msg_iov = parts.as_ptr().cast_mut().cast();
    msg.msg_iovlen = parts.len() as _;
    if used > 0 {
        msg.msg_control = control.as_mut_ptr().cast();
        msg.msg_controllen = used as _;
    }
    // SAFETY: the buffer has room for every header and body, as counted above.
    unsafe {
        let mut header = if used > 0 { libc::CMSG_FIRSTHDR(&msg) } else { ptr::null_mut() };
        for m in ancillary {
            if header.is_null() {
                break;
            }
            (*header).cmsg_level = m.level;
            (*header).cmsg_type = m.kind;
            (*header).cmsg_len = libc::CMSG_LEN(m.data.len() as u32) as _;
            ptr::copy_nonoverlapping(m.data.as_ptr(), libc::CMSG_DATA(header), m.data.len());
            header = libc::CMSG_NXTHDR(&msg, header);
        }
    }
    // SAFETY: all that the structure points to is live.
    size(unsafe { libc::sendmsg(fd, &msg, quiet(flags)) })
}

pub(super) fn recvmsg(fd: Fd, buf: &mut [u8], room: usize, flags: i32) -> Result<Received> {
    let mut control = vec![0u64; room.div_ceil(8)];
    let mut from = SocketAddr::room();
    let mut part = libc::iovec { iov_base: buf.as_mut_ptr().cast(), iov_len: buf.len() };
    // SAFETY: a structure of numbers and pointers, for which zeros are a value.
    let mut msg: libc::msghdr = unsafe { std::mem::zeroed() };
    msg.msg_name = from.ptr_mut().cast();
    msg.msg_namelen = from.len;
    msg.msg_iov = &mut part;
    msg.msg_iovlen = 1;
    if room > 0 {
        msg.msg_control = control.as_mut_ptr().cast();
        msg.msg_controllen = room as _;
    }
    // SAFETY: all that the structure points to is live.
    let n = size(unsafe { libc::recvmsg(fd, &mut msg, flags) })?;
    from.len = msg.msg_namelen;
    let mut ancillary = Vec::new();
    if room > 0 {
        let end = control.as_ptr() as usize + (msg.msg_controllen as usize).min(room);
        // SAFETY: the kernel wrote well-formed headers; bodies are cut to the buffer (MSG_CTRUNC).
        unsafe {
            let mut header = libc::CMSG_FIRSTHDR(&msg);
            while !header.is_null() {
                let body = libc::CMSG_DATA(header);
                let len = ((*header).cmsg_len as usize).saturating_sub(libc::CMSG_LEN(0) as usize);
                let len = len.min(end.saturating_sub(body as usize));
                let data = std::slice::from_raw_parts(body, len).to_vec();
                let (level, kind) = ((*header).cmsg_level, (*header).cmsg_type);
                ancillary.push(Ancillary { level, kind, data });
                header = libc::CMSG_NXTHDR(&msg, header);
            }
        }
    }
    Ok(Received { size: n.min(buf.len()), ancillary, flags: msg.msg_flags, from })
}

type NameCall = unsafe extern "C" fn(c_int, *mut libc::sockaddr, *mut libc::socklen_t) -> c_int;

fn name(fd: Fd, call: NameCall) -> Result<SocketAddr> {
    let mut addr = SocketAddr::room();
    let p = addr.ptr_mut();
    // SAFETY: the address has room for the length that it announces.
    check(unsafe { call(fd, p, &mut addr.len) })?;
    Ok(addr)
}

pub(super) fn getsockname(fd: Fd) -> Result<SocketAddr> {
    name(fd, libc::getsockname)
}

pub(super) fn getpeername(fd: Fd) -> Result<SocketAddr> {
    name(fd, libc::getpeername)
}

pub(super) fn getsockopt(fd: Fd, level: i32, option: i32, buf: &mut [u8]) -> Result<usize> {
    let mut len = libc::socklen_t::try_from(buf.len()).unwrap_or(libc::socklen_t::MAX);
    // SAFETY: the length is at most that of the slice.
    check(unsafe { libc::getsockopt(fd, level, option, buf.as_mut_ptr().cast(), &mut len) })?;
    Ok((len as usize).min(buf.len()))
}

pub(super) fn setsockopt(fd: Fd, level: i32, option: i32, value: OptionValue<'_>) -> Result<()> {
    let (p, len) = match value {
        OptionValue::Bytes(b) => (b.as_ptr(), b.len() as libc::socklen_t),
        OptionValue::Null(len) => (ptr::null(), len),
    };
    // SAFETY: bytes with their length (or less of them), or null, of which the kernel reads nothing.
    check(unsafe { libc::setsockopt(fd, level, option, p.cast(), len) }).map(drop)
}

pub(super) fn set_hostname(name: &[u8]) -> Result<()> {
    // SAFETY: bytes with their length.
    check(unsafe { libc::sethostname(name.as_ptr().cast(), name.len()) }).map(drop)
}

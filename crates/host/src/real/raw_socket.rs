//! Sockets through the C interface: addresses of any family, options as bytes, name lookups.
//!
//! Addresses live in `Storage`, a `sockaddr_storage` with its length, which is large and aligned
//! enough for every family. It is read and written as bytes only.
#![allow(unsafe_code)]

use super::c_library::{check, last_error};
use crate::error::{OsError, Result};
use crate::types::{AddrInfo, Fd, ResolveError, SocketAddr};
use std::ffi::{CStr, CString, c_int};
use std::mem::{offset_of, size_of};
use std::ptr;

const CAPACITY: usize = size_of::<libc::sockaddr_storage>();
const PATH_AT: usize = offset_of!(libc::sockaddr_un, sun_path);
const PATH_MAX: usize = size_of::<libc::sockaddr_un>() - PATH_AT;
const FAMILY_SIZE: usize = size_of::<libc::sa_family_t>();

struct Storage {
    raw: libc::sockaddr_storage,
    len: libc::socklen_t,
}

impl Storage {
    fn empty() -> Self {
        // SAFETY: all fields are numbers or arrays of numbers.
        Self { raw: unsafe { std::mem::zeroed() }, len: CAPACITY as libc::socklen_t }
    }

    fn bytes_mut(&mut self) -> &mut [u8; CAPACITY] {
        // SAFETY: the structure is CAPACITY bytes, all initialised (it was zeroed), and any bytes
        // are a value of it.
        unsafe { &mut *ptr::from_mut(&mut self.raw).cast() }
    }

    fn bytes(&self) -> &[u8] {
        let len = (self.len as usize).min(CAPACITY);
        // SAFETY: as above; the length is at most CAPACITY.
        unsafe { std::slice::from_raw_parts(ptr::from_ref(&self.raw).cast(), len) }
    }

    fn ptr(&self) -> *const libc::sockaddr {
        ptr::from_ref(&self.raw).cast()
    }

    fn ptr_mut(&mut self) -> *mut libc::sockaddr {
        ptr::from_mut(&mut self.raw).cast()
    }

    fn of(addr: &SocketAddr) -> Result<Self> {
        let mut s = Self::empty();
        let mut put = |family: i32, parts: &[(usize, &[u8])], len: usize| {
            let b = s.bytes_mut();
            b[..FAMILY_SIZE].copy_from_slice(&(family as libc::sa_family_t).to_ne_bytes());
            for (at, data) in parts {
                b[*at..*at + data.len()].copy_from_slice(data);
            }
            s.len = len as libc::socklen_t;
        };
        match addr {
            SocketAddr::V4 { ip, port } => put(
                libc::AF_INET,
                &[
                    (offset_of!(libc::sockaddr_in, sin_port), &port.to_be_bytes()),
                    (offset_of!(libc::sockaddr_in, sin_addr), ip),
                ],
                size_of::<libc::sockaddr_in>(),
            ),
            SocketAddr::V6 { ip, port, flow, scope } => put(
                libc::AF_INET6,
                &[
                    (offset_of!(libc::sockaddr_in6, sin6_port), &port.to_be_bytes()),
                    (offset_of!(libc::sockaddr_in6, sin6_flowinfo), &flow.to_be_bytes()),
                    (offset_of!(libc::sockaddr_in6, sin6_addr), ip),
                    (offset_of!(libc::sockaddr_in6, sin6_scope_id), &scope.to_ne_bytes()),
                ],
                size_of::<libc::sockaddr_in6>(),
            ),
            SocketAddr::Unix(path) => {
                // A path needs room for its NUL, an abstract name has none.
                let terminated = path.first().is_some_and(|&b| b != 0);
                if path.len() + usize::from(terminated) > PATH_MAX {
                    return Err(OsError::new(libc::ENAMETOOLONG));
                }
                let len = PATH_AT + path.len() + usize::from(terminated);
                put(libc::AF_UNIX, &[(PATH_AT, path)], len);
            }
            SocketAddr::Other { family, data } => {
                if data.len() > CAPACITY - FAMILY_SIZE {
                    return Err(OsError::new(libc::EINVAL));
                }
                put(*family, &[(FAMILY_SIZE, data)], FAMILY_SIZE + data.len());
            }
        }
        Ok(s)
    }

    /// What the kernel wrote; `None` if it gave no address.
    fn addr(&self) -> Option<SocketAddr> {
        decode(self.bytes())
    }
}

fn decode(b: &[u8]) -> Option<SocketAddr> {
    fn part<const N: usize>(b: &[u8], at: usize) -> Option<[u8; N]> {
        b.get(at..at + N)?.try_into().ok()
    }
    let family = i32::from(libc::sa_family_t::from_ne_bytes(part(b, 0)?));
    Some(match family {
        libc::AF_INET => SocketAddr::V4 {
            ip: part(b, offset_of!(libc::sockaddr_in, sin_addr))?,
            port: u16::from_be_bytes(part(b, offset_of!(libc::sockaddr_in, sin_port))?),
        },
        libc::AF_INET6 => SocketAddr::V6 {
            ip: part(b, offset_of!(libc::sockaddr_in6, sin6_addr))?,
            port: u16::from_be_bytes(part(b, offset_of!(libc::sockaddr_in6, sin6_port))?),
            flow: u32::from_be_bytes(part(b, offset_of!(libc::sockaddr_in6, sin6_flowinfo))?),
            scope: u32::from_ne_bytes(part(b, offset_of!(libc::sockaddr_in6, sin6_scope_id))?),
        },
        libc::AF_UNIX => {
            let path = b.get(PATH_AT..).unwrap_or(&[]);
            let end = match path.first() {
                None | Some(0) => path.len(),
                Some(_) => path.iter().position(|&c| c == 0).unwrap_or(path.len()),
            };
            SocketAddr::Unix(path[..end].to_vec())
        }
        _ => SocketAddr::Other { family, data: b[FAMILY_SIZE..].to_vec() },
    })
}

fn size(n: isize) -> Result<usize> {
    usize::try_from(n).map_err(|_| last_error())
}

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
    let s = Storage::of(addr)?;
    // SAFETY: pointer and length are of the storage.
    check(unsafe { libc::bind(fd, s.ptr(), s.len) }).map(drop)
}

pub(super) fn connect(fd: Fd, addr: &SocketAddr) -> Result<()> {
    let s = Storage::of(addr)?;
    // SAFETY: pointer and length are of the storage.
    check(unsafe { libc::connect(fd, s.ptr(), s.len) }).map(drop)
}

pub(super) fn accept(fd: Fd) -> Result<(Fd, Option<SocketAddr>)> {
    let mut s = Storage::empty();
    let len = ptr::from_mut(&mut s.len);
    // SAFETY: the storage has room for the length that it announces.
    let new = check(unsafe { libc::accept4(fd, s.ptr_mut(), len, libc::SOCK_CLOEXEC) })?;
    Ok((new, s.addr()))
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
    let s = Storage::of(addr)?;
    // SAFETY: pointers and lengths are of the slice and the storage.
    size(unsafe {
        libc::sendto(fd, data.as_ptr().cast(), data.len(), quiet(flags), s.ptr(), s.len)
    })
}

pub(super) fn recvfrom(fd: Fd, buf: &mut [u8], flags: i32) -> Result<(usize, Option<SocketAddr>)> {
    let mut s = Storage::empty();
    let len = ptr::from_mut(&mut s.len);
    // SAFETY: pointers and lengths are of the slice and the storage.
    let n = size(unsafe {
        libc::recvfrom(fd, buf.as_mut_ptr().cast(), buf.len(), flags, s.ptr_mut(), len)
    })?;
    // A connected socket may leave the address out, and then sets the length to 0.
    let addr = if s.len == 0 { None } else { s.addr() };
    Ok((n.min(buf.len()), addr))
}

type NameCall = unsafe extern "C" fn(c_int, *mut libc::sockaddr, *mut libc::socklen_t) -> c_int;

fn name(fd: Fd, call: NameCall) -> Result<Option<SocketAddr>> {
    let mut s = Storage::empty();
    let len = ptr::from_mut(&mut s.len);
    // SAFETY: getsockname or getpeername; the storage has room for the length that it announces.
    check(unsafe { call(fd, s.ptr_mut(), len) })?;
    Ok(s.addr())
}

pub(super) fn getsockname(fd: Fd) -> Result<Option<SocketAddr>> {
    name(fd, libc::getsockname)
}

pub(super) fn getpeername(fd: Fd) -> Result<Option<SocketAddr>> {
    name(fd, libc::getpeername)
}

pub(super) fn getsockopt(fd: Fd, level: i32, option: i32, buf: &mut [u8]) -> Result<usize> {
    let mut len = libc::socklen_t::try_from(buf.len()).unwrap_or(libc::socklen_t::MAX);
    // SAFETY: the length is at most that of the slice.
    check(unsafe { libc::getsockopt(fd, level, option, buf.as_mut_ptr().cast(), &mut len) })?;
    Ok((len as usize).min(buf.len()))
}

pub(super) fn setsockopt(fd: Fd, level: i32, option: i32, value: &[u8]) -> Result<()> {
    let len = libc::socklen_t::try_from(value.len()).map_err(|_| OsError::new(libc::EINVAL))?;
    // SAFETY: pointer and length are of the slice.
    check(unsafe { libc::setsockopt(fd, level, option, value.as_ptr().cast(), len) }).map(drop)
}

fn resolve_error(code: c_int) -> ResolveError {
    if code == libc::EAI_SYSTEM {
        let e = last_error();
        return ResolveError { code: e.errno, message: e.message() };
    }
    // SAFETY: gives a static string for any number.
    let text = unsafe { CStr::from_ptr(libc::gai_strerror(code)) };
    ResolveError { code, message: text.to_string_lossy().into_owned() }
}

fn c_string(text: Option<&[u8]>) -> std::result::Result<Option<CString>, ResolveError> {
    let bad = |_| resolve_error(libc::EAI_NONAME);
    text.map(CString::new).transpose().map_err(bad)
}

pub(super) fn getaddrinfo(
    host: Option<&[u8]>,
    service: Option<&[u8]>,
    family: i32,
    kind: i32,
    protocol: i32,
    flags: i32,
) -> std::result::Result<Vec<AddrInfo>, ResolveError> {
    let (host, service) = (c_string(host)?, c_string(service)?);
    // SAFETY: numbers and null pointers are a value.
    let mut hints: libc::addrinfo = unsafe { std::mem::zeroed() };
    hints.ai_family = family;
    hints.ai_socktype = kind;
    hints.ai_protocol = protocol;
    hints.ai_flags = flags;
    let pointer = |s: &Option<CString>| s.as_ref().map_or(ptr::null(), |s| s.as_ptr());
    let mut list = ptr::null_mut();
    // SAFETY: strings are NUL-terminated or null; `list` receives a pointer.
    let code = unsafe { libc::getaddrinfo(pointer(&host), pointer(&service), &hints, &mut list) };
    if code != 0 {
        return Err(resolve_error(code));
    }
    let mut out = Vec::new();
    let mut at = list;
    // SAFETY: a list that getaddrinfo made, ended by null, not freed before the loop ends.
    while let Some(entry) = unsafe { at.as_ref() } {
        at = entry.ai_next;
        if entry.ai_addr.is_null() {
            continue;
        }
        let len = (entry.ai_addrlen as usize).min(CAPACITY);
        // SAFETY: the entry says how long its address is.
        let raw = unsafe { std::slice::from_raw_parts(entry.ai_addr.cast::<u8>(), len) };
        let canonical = if entry.ai_canonname.is_null() {
            Vec::new()
        } else {
            // SAFETY: a string of the same list.
            unsafe { CStr::from_ptr(entry.ai_canonname) }.to_bytes().to_vec()
        };
        if let Some(addr) = decode(raw) {
            out.push(AddrInfo {
                family: entry.ai_family,
                kind: entry.ai_socktype,
                protocol: entry.ai_protocol,
                canonical,
                addr,
            });
        }
    }
    // SAFETY: the list is freed once, and nothing of it is used any more.
    unsafe { libc::freeaddrinfo(list) };
    Ok(out)
}

pub(super) fn getnameinfo(
    addr: &SocketAddr,
    flags: i32,
) -> std::result::Result<(Vec<u8>, Vec<u8>), ResolveError> {
    let s = Storage::of(addr).map_err(|e| ResolveError { code: e.errno, message: e.message() })?;
    let (mut host, mut service) = ([0u8; 1025], [0u8; 64]);
    // SAFETY: pointers and lengths are of the storage and of the arrays.
    let code = unsafe {
        libc::getnameinfo(
            s.ptr(),
            s.len,
            host.as_mut_ptr().cast(),
            host.len() as libc::socklen_t,
            service.as_mut_ptr().cast(),
            service.len() as libc::socklen_t,
            flags,
        )
    };
    if code != 0 {
        return Err(resolve_error(code));
    }
    let text = |b: &[u8]| CStr::from_bytes_until_nul(b).unwrap_or_default().to_bytes().to_vec();
    Ok((text(&host), text(&service)))
}

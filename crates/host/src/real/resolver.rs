//! Names of machines, services and interfaces, by the C library.
#![expect(unsafe_code, reason = "the C library's lookups")]

use super::c_library::{c_string, copied, last_error, until_nul};
use crate::error::{OsError, ResolveError, Result};
use crate::types::{AddrInfo, LookupHints, SocketAddr};
use std::ffi::{CStr, CString, c_char};
use std::ptr;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Held while a static answer is asked for and read.
static ANSWERS: Mutex<()> = Mutex::new(());

fn answers() -> MutexGuard<'static, ()> {
    ANSWERS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn failure(code: i32) -> ResolveError {
    match code {
        libc::EAI_SYSTEM => ResolveError::System(last_error()),
        code => ResolveError::Lookup(code),
    }
}

fn pointer(s: &Option<CString>) -> *const c_char {
    s.as_ref().map_or(ptr::null(), |s| s.as_ptr())
}

pub(super) fn getaddrinfo(
    host: Option<&[u8]>,
    service: Option<&[u8]>,
    hints: LookupHints,
) -> std::result::Result<Vec<AddrInfo>, ResolveError> {
    let string = |s: Option<&[u8]>| s.map(c_string).transpose().map_err(ResolveError::System);
    let (host, service) = (string(host)?, string(service)?);
    // SAFETY: numbers and null pointers are a value.
    let mut wanted: libc::addrinfo = unsafe { std::mem::zeroed() };
    wanted.ai_family = hints.family;
    wanted.ai_socktype = hints.kind;
    wanted.ai_protocol = hints.protocol;
    wanted.ai_flags = hints.flags;
    let mut list = ptr::null_mut();
    // SAFETY: strings are NUL-terminated or null; `list` receives a pointer.
    let code = unsafe { libc::getaddrinfo(pointer(&host), pointer(&service), &wanted, &mut list) };
    if code != 0 {
        return Err(failure(code));
    }
    let mut out = Vec::new();
    let mut at = list;
    // SAFETY: a list that getaddrinfo made, ended by null, not freed before the loop ends; an entry
    // says how long its address is.
    unsafe {
        while let Some(entry) = at.as_ref() {
            at = entry.ai_next;
            if entry.ai_addr.is_null() {
                continue;
            }
            let bytes =
                std::slice::from_raw_parts(entry.ai_addr.cast::<u8>(), entry.ai_addrlen as usize);
            out.extend(SocketAddr::new(bytes).map(|addr| AddrInfo {
                family: entry.ai_family,
                kind: entry.ai_socktype,
                protocol: entry.ai_protocol,
                canonical: copied(entry.ai_canonname),
                addr,
            }));
        }
        libc::freeaddrinfo(list);
    }
    Ok(out)
}

pub(super) fn getnameinfo(
    addr: &SocketAddr,
    flags: i32,
) -> std::result::Result<(Vec<u8>, Vec<u8>), ResolveError> {
    let (mut host, mut service) = (vec![0u8; 1025], vec![0u8; 64]);
    // SAFETY: pointers and lengths are of the address and of the buffers.
    let code = unsafe {
        libc::getnameinfo(
            ptr::from_ref(addr).cast(),
            addr.len,
            host.as_mut_ptr().cast(),
            host.len() as libc::socklen_t,
            service.as_mut_ptr().cast(),
            service.len() as libc::socklen_t,
            flags,
        )
    };
    if code != 0 {
        return Err(failure(code));
    }
    Ok((until_nul(host), until_nul(service)))
}

pub(super) fn service_port(name: &[u8], protocol: Option<&[u8]>) -> Result<Option<u16>> {
    let (name, protocol) = (c_string(name)?, protocol.map(c_string).transpose()?);
    let _answers = answers();
    // SAFETY: live C strings; the answer is read at once.
    let entry = unsafe { libc::getservbyname(name.as_ptr(), pointer(&protocol)).as_ref() };
    Ok(entry.map(|e| u16::from_be(e.s_port as u16)))
}

pub(super) fn service_name(port: u16, protocol: Option<&[u8]>) -> Result<Option<Vec<u8>>> {
    let protocol = protocol.map(c_string).transpose()?;
    let _answers = answers();
    // SAFETY: a live C string or null; the answer is read at once.
    unsafe {
        let entry = libc::getservbyport(i32::from(port.to_be()), pointer(&protocol)).as_ref();
        Ok(entry.map(|e| copied(e.s_name)))
    }
}

pub(super) fn protocol_number(name: &[u8]) -> Result<Option<i32>> {
    let name = c_string(name)?;
    let _answers = answers();
    // SAFETY: a live C string; the answer is read at once.
    Ok(unsafe { libc::getprotobyname(name.as_ptr()).as_ref() }.map(|e| e.p_proto))
}

pub(super) fn interfaces() -> Result<Vec<(u32, Vec<u8>)>> {
    let mut rows = Vec::new();
    // SAFETY: the list ends with a zero index and is freed once.
    unsafe {
        let list = libc::if_nameindex();
        if list.is_null() {
            return Err(last_error());
        }
        let mut at = list;
        while (*at).if_index != 0 {
            rows.push(((*at).if_index, copied((*at).if_name)));
            at = at.add(1);
        }
        libc::if_freenameindex(list);
    }
    Ok(rows)
}

pub(super) fn interface_index(name: &[u8]) -> Result<u32> {
    let name = c_string(name)?;
    // SAFETY: a live C string.
    Ok(unsafe { libc::if_nametoindex(name.as_ptr()) })
}

pub(super) fn interface_name(index: u32) -> Result<Vec<u8>> {
    let mut buffer = [0u8; libc::IF_NAMESIZE];
    // SAFETY: a buffer of the size that the call expects.
    if unsafe { libc::if_indextoname(index, buffer.as_mut_ptr().cast()) }.is_null() {
        return Err(last_error());
    }
    match CStr::from_bytes_until_nul(&buffer) {
        Ok(name) => Ok(name.to_bytes().to_vec()),
        Err(_) => Err(OsError::new(libc::EINVAL)),
    }
}

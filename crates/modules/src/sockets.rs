//! `_socket_native`: socket calls with addresses as the kernel's bytes, name lookups. The socket class,
//! addresses as tuples, timeouts and waiting are Python (`lib/overlay/_socket.py`). CPython's
//! counterpart: `Modules/socketmodule.c`.
//!
//! A `Storage` is a `sockaddr_storage` with its length, read and written as bytes only.
#![expect(unsafe_code, reason = "socket calls take raw addresses and messages")]

use std::ffi::{CStr, CString, c_void};

use stackless_runtime::exc::Reply;
use stackless_runtime::native::{Def, def};
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::{Flow, PyResult, Ref, Value, Vm};

use crate::os::{c_string, granted, items, last_error, n, number};
use crate::support::{data, fs_text, int};
use crate::{Native, int_calls};

pub const MODULE: Native = Native { name: "_socket_native", defs: DEFS, fill };
pub const NUMBERS: Native = Native { name: "_socket_numbers", defs: NUMBER_DEFS, fill };

fn fill(_: &mut Vm, _: &Ref<Dict>) -> PyResult<()> {
    Ok(())
}

struct Storage {
    raw: libc::sockaddr_storage,
    len: libc::socklen_t,
}

const CAPACITY: usize = size_of::<libc::sockaddr_storage>();

impl Storage {
    fn new() -> Storage {
        // SAFETY: a structure of numbers, for which zeros are a value.
        Storage { raw: unsafe { std::mem::zeroed() }, len: CAPACITY as libc::socklen_t }
    }
    /// None when the bytes are too many.
    fn of(bytes: &[u8]) -> Option<Storage> {
        let mut s = Storage::new();
        if bytes.len() > CAPACITY {
            return None;
        }
        // SAFETY: the structure holds that many bytes, and any bytes are a value of it.
        unsafe {
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), (&raw mut s.raw).cast(), bytes.len())
        };
        s.len = bytes.len() as libc::socklen_t;
        Some(s)
    }
    fn bytes(&self) -> &[u8] {
        let len = (self.len as usize).min(CAPACITY);
        // SAFETY: the structure is initialised and at least that long.
        unsafe { std::slice::from_raw_parts((&raw const self.raw).cast(), len) }
    }
    fn ptr(&self) -> *const libc::sockaddr {
        (&raw const self.raw).cast()
    }
    fn mut_ptr(&mut self) -> *mut libc::sockaddr {
        (&raw mut self.raw).cast()
    }
}

fn address(vm: &mut Vm, v: &Value) -> PyResult<Storage> {
    let bytes = data(vm, v)?;
    match Storage::of(&bytes) {
        Some(s) => Ok(s),
        None => Err(vm.value_error("address too long")),
    }
}

fn length(v: &Value) -> usize {
    int(v).clamp(0, 1 << 30) as usize
}

/// A call that fills in an address.
fn name_of(
    vm: &mut Vm,
    a: &[Value],
    call: unsafe extern "C" fn(i32, *mut libc::sockaddr, *mut u32) -> i32,
) -> Flow {
    granted(vm)?;
    let mut s = Storage::new();
    let p = s.mut_ptr();
    // SAFETY: the address and its length are live.
    if unsafe { call(n(&a[0]), p, &mut s.len) } < 0 {
        return Err(last_error(vm, &[]));
    }
    Ok(vm.bytes(s.bytes()).into())
}

/// `(fd, parts, ancillary, flags, address or None)`.
fn sendmsg(vm: &mut Vm, a: &[Value]) -> Flow {
    granted(vm)?;
    let mut parts: Vec<Vec<u8>> = Vec::new();
    for p in items(vm, &a[1]) {
        parts.push(data(vm, &p)?);
    }
    let mut vectors: Vec<libc::iovec> = parts
        .iter_mut()
        .map(|p| libc::iovec { iov_base: p.as_mut_ptr().cast(), iov_len: p.len() })
        .collect();
    let mut control: Vec<u64> = Vec::new();
    let mut used = 0usize;
    let mut messages = Vec::new();
    for m in items(vm, &a[2]) {
        let [level, kind, body] = m.tuple_items() else { continue };
        let body = data(vm, body)?;
        // SAFETY: arithmetic only.
        used += unsafe { libc::CMSG_SPACE(body.len() as u32) } as usize;
        messages.push((n(level), n(kind), body));
    }
    // Words, so that the headers in it are aligned.
    control.resize(used.div_ceil(8), 0);
    // SAFETY: a structure of numbers and pointers, for which zeros are a value.
    let mut msg: libc::msghdr = unsafe { std::mem::zeroed() };
    let to = match a[4].is_none() {
        true => None,
        false => Some(address(vm, &a[4])?),
    };
    if let Some(to) = &to {
        msg.msg_name = to.ptr() as *mut c_void;
        msg.msg_namelen = to.len;
    }
    msg.msg_iov = vectors.as_mut_ptr();
    msg.msg_iovlen = vectors.len() as _;
    if used > 0 {
        msg.msg_control = control.as_mut_ptr().cast();
        msg.msg_controllen = used as _;
    }
    // SAFETY: the buffer has room for every header and body, as counted above.
    unsafe {
        let mut header = if used > 0 { libc::CMSG_FIRSTHDR(&msg) } else { std::ptr::null_mut() };
        for (level, kind, body) in &messages {
            if header.is_null() {
                break;
            }
            (*header).cmsg_level = *level;
            (*header).cmsg_type = *kind;
            (*header).cmsg_len = libc::CMSG_LEN(body.len() as u32) as _;
            std::ptr::copy_nonoverlapping(body.as_ptr(), libc::CMSG_DATA(header), body.len());
            header = libc::CMSG_NXTHDR(&msg, header);
        }
    }
    // SAFETY: all that the structure points to is live.
    let r = unsafe { libc::sendmsg(n(&a[0]), &msg, n(&a[3])) };
    number(vm, r as i64, &[])
}

/// `(fd, size, ancillary size, flags)`: `(data, ancillary, flags, address)`.
fn recvmsg(vm: &mut Vm, a: &[Value]) -> Flow {
    granted(vm)?;
    let mut buffer = vec![0u8; length(&a[1])];
    let room = length(&a[2]);
    let mut control = vec![0u64; room.div_ceil(8)];
    let mut from = Storage::new();
    let mut part = libc::iovec { iov_base: buffer.as_mut_ptr().cast(), iov_len: buffer.len() };
    // SAFETY: a structure of numbers and pointers, for which zeros are a value.
    let mut msg: libc::msghdr = unsafe { std::mem::zeroed() };
    msg.msg_name = from.mut_ptr().cast();
    msg.msg_namelen = from.len;
    msg.msg_iov = &mut part;
    msg.msg_iovlen = 1;
    if room > 0 {
        msg.msg_control = control.as_mut_ptr().cast();
        msg.msg_controllen = room as _;
    }
    // SAFETY: all that the structure points to is live.
    let r = unsafe { libc::recvmsg(n(&a[0]), &mut msg, n(&a[3])) };
    if r < 0 {
        return Err(last_error(vm, &[]));
    }
    from.len = msg.msg_namelen;
    let mut messages = Vec::new();
    if room > 0 {
        let start = control.as_ptr() as usize;
        let end = start + (msg.msg_controllen as usize).min(room);
        // SAFETY: the kernel wrote well-formed headers; bodies are cut to the buffer (MSG_CTRUNC).
        unsafe {
            let mut header = libc::CMSG_FIRSTHDR(&msg);
            while !header.is_null() {
                let body = libc::CMSG_DATA(header);
                let size = ((*header).cmsg_len as usize).saturating_sub(libc::CMSG_LEN(0) as usize);
                let size = size.min(end.saturating_sub(body as usize));
                let bytes = std::slice::from_raw_parts(body, size).to_vec();
                messages.push(((*header).cmsg_level, (*header).cmsg_type, bytes));
                header = libc::CMSG_NXTHDR(&msg, header);
            }
        }
    }
    let mut list = Vec::new();
    for (level, kind, body) in messages {
        let v = vec![Value::from_i32(level), Value::from_i32(kind), vm.bytes(&body)];
        list.push(vm.tuple(v));
    }
    let list = vm.list(list);
    let v = vec![
        vm.bytes(&buffer[..(r as usize).min(buffer.len())]),
        list,
        Value::from_i32(msg.msg_flags),
        vm.bytes(from.bytes()),
    ];
    Ok(vm.tuple(v).into())
}

fn optional(vm: &mut Vm, v: &Value) -> PyResult<Option<CString>> {
    if v.is_none() { Ok(None) } else { c_string(vm, "getaddrinfo", v).map(Some) }
}

fn pointer(s: &Option<CString>) -> *const libc::c_char {
    s.as_ref().map_or(std::ptr::null(), |s| s.as_ptr())
}

/// `(host, service, family, kind, protocol, flags)`: rows `(family, kind, protocol, name, address)`, or
/// the error's number.
fn getaddrinfo(vm: &mut Vm, a: &[Value]) -> Flow {
    granted(vm)?;
    let (host, service) = (optional(vm, &a[0])?, optional(vm, &a[1])?);
    // SAFETY: a structure of numbers and pointers, for which zeros are a value.
    let mut hints: libc::addrinfo = unsafe { std::mem::zeroed() };
    hints.ai_family = n(&a[2]);
    hints.ai_socktype = n(&a[3]);
    hints.ai_protocol = n(&a[4]);
    hints.ai_flags = n(&a[5]);
    let mut list = std::ptr::null_mut();
    // SAFETY: live C strings or null, a live structure, and a place for the answer.
    let r = unsafe { libc::getaddrinfo(pointer(&host), pointer(&service), &hints, &mut list) };
    if r != 0 {
        return Ok(Value::from_i32(r).into());
    }
    let mut rows = Vec::new();
    let mut at = list;
    while !at.is_null() {
        // SAFETY: a node of the list that the call made; its address has the length that it says.
        let (info, addr, name) = unsafe {
            let info = &*at;
            let addr =
                std::slice::from_raw_parts(info.ai_addr.cast::<u8>(), info.ai_addrlen as usize);
            let name = match info.ai_canonname.is_null() {
                true => Vec::new(),
                false => CStr::from_ptr(info.ai_canonname).to_bytes().to_vec(),
            };
            (info, addr.to_vec(), name)
        };
        let v = vec![
            Value::from_i32(info.ai_family),
            Value::from_i32(info.ai_socktype),
            Value::from_i32(info.ai_protocol),
            fs_text(vm, &name),
            vm.bytes(&addr),
        ];
        rows.push(vm.tuple(v));
        at = info.ai_next;
    }
    // SAFETY: the list was made by getaddrinfo and is not used any more.
    unsafe { libc::freeaddrinfo(list) };
    Ok(vm.list(rows).into())
}

fn text(p: *const libc::c_char) -> Option<Vec<u8>> {
    // SAFETY: callers pass C strings of the library, or null.
    if p.is_null() { None } else { Some(unsafe { CStr::from_ptr(p) }.to_bytes().to_vec()) }
}

const DEFS: &[Def] = &[
    def!("socketpair", "(family, kind, protocol, /)", |vm, a| {
        granted(vm)?;
        let mut fds = [-1; 2];
        // SAFETY: the array has the two places that are filled.
        let r = unsafe {
            libc::socketpair(n(&a[0]), n(&a[1]) | libc::SOCK_CLOEXEC, n(&a[2]), fds.as_mut_ptr())
        };
        if r < 0 {
            return Err(last_error(vm, &[]));
        }
        Ok(vm.tuple(fds.map(Value::from_i32).to_vec()).into())
    }),
    def!("bind", "(fd, address, /)", |vm, a| {
        granted(vm)?;
        let s = address(vm, &a[1])?;
        // SAFETY: a live address with its length.
        let r = unsafe { libc::bind(n(&a[0]), s.ptr(), s.len) };
        number(vm, r as i64, &[])
    }),
    // The errno, 0 for success.
    def!("connect", "(fd, address, /)", |vm, a| {
        granted(vm)?;
        let s = address(vm, &a[1])?;
        // SAFETY: a live address with its length.
        let r = unsafe { libc::connect(n(&a[0]), s.ptr(), s.len) };
        let e = std::io::Error::last_os_error().raw_os_error().unwrap_or(0);
        Ok(Value::from_i32(if r < 0 { e } else { 0 }).into())
    }),
    def!("accept", "(fd, /)", |vm, a| {
        granted(vm)?;
        let mut s = Storage::new();
        let p = s.mut_ptr();
        // SAFETY: the address and its length are live.
        let fd = unsafe { libc::accept4(n(&a[0]), p, &mut s.len, libc::SOCK_CLOEXEC) };
        if fd < 0 {
            return Err(last_error(vm, &[]));
        }
        let v = vec![Value::from_i32(fd), vm.bytes(s.bytes())];
        Ok(vm.tuple(v).into())
    }),
    def!("getsockname", "(fd, /)", |vm, a| name_of(vm, a, libc::getsockname)),
    def!("getpeername", "(fd, /)", |vm, a| name_of(vm, a, libc::getpeername)),
    def!("getsockopt", "(fd, level, option, size, /)", |vm, a| {
        granted(vm)?;
        let mut buffer = vec![0u8; length(&a[3]).clamp(1, 1 << 16)];
        let mut size = buffer.len() as libc::socklen_t;
        // SAFETY: a buffer with its size.
        let r = unsafe {
            libc::getsockopt(n(&a[0]), n(&a[1]), n(&a[2]), buffer.as_mut_ptr().cast(), &mut size)
        };
        if r < 0 {
            return Err(last_error(vm, &[]));
        }
        Ok(vm.bytes(&buffer[..(size as usize).min(buffer.len())]).into())
    }),
    // A value of None stands for a null pointer with the length behind it.
    def!("setsockopt", "(fd, level, option, value, length, /)", |vm, a| {
        granted(vm)?;
        let (p, size, _keep) = if a[3].is_none() {
            (std::ptr::null(), length(&a[4]), Vec::new())
        } else {
            let d = data(vm, &a[3])?;
            (d.as_ptr(), d.len(), d)
        };
        // SAFETY: bytes with their length, or null, of which the kernel reads nothing.
        let r = unsafe { libc::setsockopt(n(&a[0]), n(&a[1]), n(&a[2]), p.cast(), size as u32) };
        number(vm, r as i64, &[])
    }),
    def!("send", "(fd, data: buffer, flags, /)", |vm, a| {
        granted(vm)?;
        let d = data(vm, &a[1])?;
        // SAFETY: bytes with their length.
        let r = unsafe {
            libc::send(n(&a[0]), d.as_ptr().cast(), d.len(), n(&a[2]) | libc::MSG_NOSIGNAL)
        };
        number(vm, r as i64, &[])
    }),
    def!("sendto", "(fd, data: buffer, flags, address, /)", |vm, a| {
        granted(vm)?;
        let (d, s) = (data(vm, &a[1])?, address(vm, &a[3])?);
        // SAFETY: bytes with their length, and a live address with its.
        let r = unsafe {
            libc::sendto(
                n(&a[0]),
                d.as_ptr().cast(),
                d.len(),
                n(&a[2]) | libc::MSG_NOSIGNAL,
                s.ptr(),
                s.len,
            )
        };
        number(vm, r as i64, &[])
    }),
    def!("recv", "(fd, size, flags, /)", |vm, a| {
        granted(vm)?;
        let mut buffer = vec![0u8; length(&a[1])];
        // SAFETY: a buffer with its size.
        let r = unsafe { libc::recv(n(&a[0]), buffer.as_mut_ptr().cast(), buffer.len(), n(&a[2])) };
        if r < 0 {
            return Err(last_error(vm, &[]));
        }
        Ok(vm.bytes(&buffer[..(r as usize).min(buffer.len())]).into())
    }),
    def!("recvfrom", "(fd, size, flags, /)", |vm, a| {
        granted(vm)?;
        let mut buffer = vec![0u8; length(&a[1])];
        let mut s = Storage::new();
        let from = s.mut_ptr();
        // SAFETY: a buffer with its size, and a live address with its.
        let r = unsafe {
            libc::recvfrom(
                n(&a[0]),
                buffer.as_mut_ptr().cast(),
                buffer.len(),
                n(&a[2]),
                from,
                &mut s.len,
            )
        };
        if r < 0 {
            return Err(last_error(vm, &[]));
        }
        let v = vec![vm.bytes(&buffer[..(r as usize).min(buffer.len())]), vm.bytes(s.bytes())];
        Ok(vm.tuple(v).into())
    }),
    def!("sendmsg", "(fd, parts, ancillary, flags, address, /)", sendmsg),
    def!("recvmsg", "(fd, size, ancillary_size, flags, /)", recvmsg),
    def!("getaddrinfo", "(host, service, family, kind, protocol, flags, /)", getaddrinfo),
    // `(host, service)`, or the error's number.
    def!("getnameinfo", "(address, flags, /)", |vm, a| {
        granted(vm)?;
        let s = address(vm, &a[0])?;
        let (mut host, mut service) = ([0; 1025], [0; 32]);
        // SAFETY: a live address and two buffers, each with its length.
        let r = unsafe {
            libc::getnameinfo(
                s.ptr(),
                s.len,
                host.as_mut_ptr(),
                host.len() as u32,
                service.as_mut_ptr(),
                service.len() as u32,
                n(&a[1]),
            )
        };
        if r != 0 {
            return Ok(Value::from_i32(r).into());
        }
        let (h, p) =
            (text(host.as_ptr()).unwrap_or_default(), text(service.as_ptr()).unwrap_or_default());
        let v = vec![fs_text(vm, &h), fs_text(vm, &p)];
        Ok(vm.tuple(v).into())
    }),
    def!("gai_strerror", "(code, /)", |vm, a| {
        // SAFETY: takes a number; the answer is a constant C string.
        let t = text(unsafe { libc::gai_strerror(n(&a[0])) }).unwrap_or_default();
        Ok(fs_text(vm, &t).into())
    }),
    def!("getservbyname", "(name, protocol, /)", |vm, a| {
        granted(vm)?;
        let (name, protocol) = (c_string(vm, "getservbyname", &a[0])?, optional(vm, &a[1])?);
        // SAFETY: live C strings; the answer is read before any other call.
        let port = unsafe {
            let s = libc::getservbyname(name.as_ptr(), pointer(&protocol));
            if s.is_null() { None } else { Some(u16::from_be((*s).s_port as u16)) }
        };
        Ok(port.map_or(Value::NONE, |p| Value::from_i32(p as i32)).into())
    }),
    def!("getservbyport", "(port, protocol, /)", |vm, a| {
        granted(vm)?;
        let protocol = optional(vm, &a[1])?;
        // SAFETY: a live C string or null; the answer is read before any other call.
        let name = unsafe {
            let s = libc::getservbyport((int(&a[0]) as u16).to_be() as i32, pointer(&protocol));
            if s.is_null() { None } else { text((*s).s_name) }
        };
        Ok(name.map_or(Value::NONE, |t| fs_text(vm, &t)).into())
    }),
    def!("getprotobyname", "(name, /)", |vm, a| {
        granted(vm)?;
        let name = c_string(vm, "getprotobyname", &a[0])?;
        // SAFETY: a live C string; the answer is read before any other call.
        let number = unsafe {
            let p = libc::getprotobyname(name.as_ptr());
            if p.is_null() { None } else { Some((*p).p_proto) }
        };
        Ok(number.map_or(Value::NONE, Value::from_i32).into())
    }),
    def!("if_nameindex", "()", |vm, _| {
        granted(vm)?;
        let mut rows = Vec::new();
        // SAFETY: the list ends with a zero index and is freed once.
        unsafe {
            let list = libc::if_nameindex();
            if list.is_null() {
                return Err(last_error(vm, &[]));
            }
            let mut at = list;
            while (*at).if_index != 0 {
                rows.push(((*at).if_index, text((*at).if_name).unwrap_or_default()));
                at = at.add(1);
            }
            libc::if_freenameindex(list);
        }
        let mut out = Vec::new();
        for (i, name) in rows {
            let v = vec![vm.int(i as i64), fs_text(vm, &name)];
            out.push(vm.tuple(v));
        }
        Ok(vm.list(out).into())
    }),
    def!("if_nametoindex", "(name, /)", |vm, a| {
        granted(vm)?;
        let name = c_string(vm, "if_nametoindex", &a[0])?;
        // SAFETY: a live C string.
        let i = unsafe { libc::if_nametoindex(name.as_ptr()) };
        Ok(vm.int(i as i64).into())
    }),
    def!("if_indextoname", "(index, /)", |vm, a| {
        granted(vm)?;
        let mut buffer = [0; libc::IF_NAMESIZE];
        // SAFETY: a buffer of the size that the call expects.
        if unsafe { libc::if_indextoname(int(&a[0]) as u32, buffer.as_mut_ptr()) }.is_null() {
            return Err(last_error(vm, &[]));
        }
        let t = text(buffer.as_ptr()).unwrap_or_default();
        Ok(fs_text(vm, &t).into())
    }),
    def!("sethostname", "(name, /)", |vm, a| {
        granted(vm)?;
        let name = data(vm, &a[0])?;
        // SAFETY: bytes with their length.
        let r = unsafe { libc::sethostname(name.as_ptr().cast(), name.len()) };
        number(vm, r as i64, &[])
    }),
    // Packed address of a text, or None.
    def!("pton", "(wide, text: str, /)", |vm, a| {
        let t = a[1].display_str(vm);
        let v = match a[0].is_true() {
            true => t.parse::<std::net::Ipv6Addr>().ok().map(|x| vm.bytes(&x.octets())),
            false => t.parse::<std::net::Ipv4Addr>().ok().map(|x| vm.bytes(&x.octets())),
        };
        Ok(v.unwrap_or(Value::NONE).into())
    }),
    def!("ntop", "(packed, /)", |vm, a| {
        let d = data(vm, &a[0])?;
        let t = if let Ok(x) = <[u8; 4]>::try_from(&d[..]) {
            std::net::Ipv4Addr::from(x).to_string()
        } else if let Ok(x) = <[u8; 16]>::try_from(&d[..]) {
            std::net::Ipv6Addr::from(x).to_string()
        } else {
            return Ok(Reply::NONE);
        };
        Ok(vm.str(&t).into())
    }),
];

const NUMBER_DEFS: &[Def] = int_calls! {
    "socket" "(family, kind, protocol, /)" |a| libc::socket(n(&a[0]), n(&a[1]) | libc::SOCK_CLOEXEC, n(&a[2]));
    "listen" "(fd, backlog, /)" |a| libc::listen(n(&a[0]), n(&a[1]));
    "shutdown" "(fd, how, /)" |a| libc::shutdown(n(&a[0]), n(&a[1]));
    "dup" "(fd, /)" |a| libc::fcntl(n(&a[0]), libc::F_DUPFD_CLOEXEC, 0);
};

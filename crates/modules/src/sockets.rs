//! `_socket_native`: socket calls with addresses as the kernel's bytes, name lookups. The socket class,
//! addresses as tuples, timeouts and waiting are Python (`lib/overlay/_socket.py`). CPython's
//! counterpart: `Modules/socketmodule.c`.

use core::net::{Ipv4Addr, Ipv6Addr};
use std::io::IoSlice;

use stackless_host::{Ancillary, LookupHints, OptionValue, ResolveError, SocketAddr};
use stackless_runtime::exc::Reply;
use stackless_runtime::native::{Def, def};
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::{Flow, PyResult, Ref, Value, Vm};

use crate::os::{answer, given, items, n, name, optional_name};
use crate::support::{data, fs_text, int, os_error};
use crate::{Native, host_calls};

pub const MODULE: Native = Native { name: "_socket_native", defs: DEFS, fill };
pub const NUMBERS: Native = Native { name: "_socket_numbers", defs: NUMBER_DEFS, fill };

fn fill(_: &mut Vm, _: &Ref<Dict>) -> PyResult<()> {
    Ok(())
}

fn address(vm: &mut Vm, v: &Value) -> PyResult<SocketAddr> {
    let bytes = data(vm, v)?;
    match SocketAddr::new(&bytes) {
        Some(s) => Ok(s),
        None => Err(vm.value_error("address too long")),
    }
}

fn raw(vm: &mut Vm, r: stackless_host::Result<SocketAddr>) -> Flow {
    let addr = given(vm, r, &[])?;
    Ok(vm.bytes(addr.as_bytes()).into())
}

fn length(v: &Value) -> usize {
    int(v).clamp(0, 1 << 30) as usize
}

/// What a call wrote to the front of a buffer.
fn front(buffer: &[u8], size: usize) -> &[u8] {
    &buffer[..size.min(buffer.len())]
}

/// `(fd, parts, ancillary, flags, address or None)`.
fn sendmsg(vm: &mut Vm, a: &[Value]) -> Flow {
    let mut parts: Vec<Vec<u8>> = Vec::new();
    for p in items(vm, &a[1]) {
        parts.push(data(vm, &p)?);
    }
    let parts: Vec<IoSlice<'_>> = parts.iter().map(|p| IoSlice::new(p)).collect();
    let mut ancillary = Vec::new();
    for m in items(vm, &a[2]) {
        let [level, kind, body] = m.tuple_items() else { continue };
        ancillary.push(Ancillary { level: n(level), kind: n(kind), data: data(vm, body)? });
    }
    let to = match a[4].is_none() {
        true => None,
        false => Some(address(vm, &a[4])?),
    };
    let r = vm.host.sendmsg(n(&a[0]), &parts, &ancillary, n(&a[3]), to.as_ref());
    answer(vm, r, &[])
}

/// `(fd, size, ancillary size, flags)`: `(data, ancillary, flags, address)`.
fn recvmsg(vm: &mut Vm, a: &[Value]) -> Flow {
    let mut buffer = vec![0u8; length(&a[1])];
    let r = vm.host.recvmsg(n(&a[0]), &mut buffer, length(&a[2]), n(&a[3]));
    let got = given(vm, r, &[])?;
    let mut list = Vec::new();
    for m in &got.ancillary {
        let v = vec![Value::from_i32(m.level), Value::from_i32(m.kind), vm.bytes(&m.data)];
        list.push(vm.tuple(v));
    }
    let list = vm.list(list);
    let v = vec![
        vm.bytes(front(&buffer, got.size)),
        list,
        Value::from_i32(got.flags),
        vm.bytes(got.from.as_bytes()),
    ];
    Ok(vm.tuple(v).into())
}

/// A lookup's answer; the number of a failed one goes to Python, which knows the exceptions.
fn found<T>(
    vm: &mut Vm,
    r: Result<T, ResolveError>,
    make: impl FnOnce(&mut Vm, T) -> Value,
) -> Flow {
    match r {
        Ok(v) => Ok(make(vm, v).into()),
        Err(ResolveError::Lookup(code)) => Ok(Value::from_i32(code).into()),
        Err(ResolveError::System(e)) => Err(os_error(vm, e, &[])),
    }
}

/// `(host, service, family, kind, protocol, flags)`: rows `(family, kind, protocol, name, address)`, or
/// the error's number.
fn getaddrinfo(vm: &mut Vm, a: &[Value]) -> Flow {
    let host = optional_name(vm, "getaddrinfo", &a[0])?;
    let service = optional_name(vm, "getaddrinfo", &a[1])?;
    let hints =
        LookupHints { family: n(&a[2]), kind: n(&a[3]), protocol: n(&a[4]), flags: n(&a[5]) };
    let r = vm.host.getaddrinfo(host.as_deref(), service.as_deref(), hints);
    found(vm, r, |vm, list| {
        let rows = list.iter().map(|info| {
            let v = vec![
                Value::from_i32(info.family),
                Value::from_i32(info.kind),
                Value::from_i32(info.protocol),
                fs_text(vm, &info.canonical),
                vm.bytes(info.addr.as_bytes()),
            ];
            vm.tuple(v)
        });
        let rows = rows.collect();
        vm.list(rows)
    })
}

const DEFS: &[Def] = &[
    def!("socketpair", "(family, kind, protocol, /)", |vm, a| {
        let r = vm.host.socketpair(n(&a[0]), n(&a[1]), n(&a[2]));
        answer(vm, r, &[])
    }),
    def!("bind", "(fd, address, /)", |vm, a| {
        let addr = address(vm, &a[1])?;
        let r = vm.host.bind(n(&a[0]), &addr);
        answer(vm, r, &[])
    }),
    // The errno, 0 for success.
    def!("connect", "(fd, address, /)", |vm, a| {
        let addr = address(vm, &a[1])?;
        let r = vm.host.connect(n(&a[0]), &addr);
        Ok(Value::from_i32(r.map_or_else(|e| e.errno, |()| 0)).into())
    }),
    def!("accept", "(fd, /)", |vm, a| {
        let r = vm.host.accept(n(&a[0]));
        let (fd, addr) = given(vm, r, &[])?;
        let v = vec![Value::from_i32(fd), vm.bytes(addr.as_bytes())];
        Ok(vm.tuple(v).into())
    }),
    def!("getsockname", "(fd, /)", |vm, a| {
        let r = vm.host.getsockname(n(&a[0]));
        raw(vm, r)
    }),
    def!("getpeername", "(fd, /)", |vm, a| {
        let r = vm.host.getpeername(n(&a[0]));
        raw(vm, r)
    }),
    def!("getsockopt", "(fd, level, option, size, /)", |vm, a| {
        let mut buffer = vec![0u8; length(&a[3]).clamp(1, 1 << 16)];
        let r = vm.host.getsockopt(n(&a[0]), n(&a[1]), n(&a[2]), &mut buffer);
        let size = given(vm, r, &[])?;
        Ok(vm.bytes(front(&buffer, size)).into())
    }),
    // A value of None stands for a null pointer with the length behind it.
    def!("setsockopt", "(fd, level, option, value, length, /)", |vm, a| {
        let bytes = if a[3].is_none() { None } else { Some(data(vm, &a[3])?) };
        let value = match &bytes {
            Some(b) => OptionValue::Bytes(b),
            None => OptionValue::Null(length(&a[4]) as u32),
        };
        let r = vm.host.setsockopt(n(&a[0]), n(&a[1]), n(&a[2]), value);
        answer(vm, r, &[])
    }),
    def!("send", "(fd, data: buffer, flags, /)", |vm, a| {
        let d = data(vm, &a[1])?;
        let r = vm.host.send(n(&a[0]), &d, n(&a[2]));
        answer(vm, r, &[])
    }),
    def!("sendto", "(fd, data: buffer, flags, address, /)", |vm, a| {
        let (d, addr) = (data(vm, &a[1])?, address(vm, &a[3])?);
        let r = vm.host.sendto(n(&a[0]), &d, n(&a[2]), &addr);
        answer(vm, r, &[])
    }),
    def!("recv", "(fd, size, flags, /)", |vm, a| {
        let mut buffer = vec![0u8; length(&a[1])];
        let r = vm.host.recv(n(&a[0]), &mut buffer, n(&a[2]));
        let size = given(vm, r, &[])?;
        Ok(vm.bytes(front(&buffer, size)).into())
    }),
    def!("recvfrom", "(fd, size, flags, /)", |vm, a| {
        let mut buffer = vec![0u8; length(&a[1])];
        let r = vm.host.recvfrom(n(&a[0]), &mut buffer, n(&a[2]));
        let (size, from) = given(vm, r, &[])?;
        let v = vec![vm.bytes(front(&buffer, size)), vm.bytes(from.as_bytes())];
        Ok(vm.tuple(v).into())
    }),
    def!("sendmsg", "(fd, parts, ancillary, flags, address, /)", sendmsg),
    def!("recvmsg", "(fd, size, ancillary_size, flags, /)", recvmsg),
    def!("getaddrinfo", "(host, service, family, kind, protocol, flags, /)", getaddrinfo),
    // `(host, service)`, or the error's number.
    def!("getnameinfo", "(address, flags, /)", |vm, a| {
        let addr = address(vm, &a[0])?;
        let r = vm.host.getnameinfo(&addr, n(&a[1]));
        found(vm, r, |vm, (host, service)| {
            let v = vec![fs_text(vm, &host), fs_text(vm, &service)];
            vm.tuple(v)
        })
    }),
    def!("gai_strerror", "(code, /)", |vm, a| {
        Ok(vm.str(&stackless_host::lookup_message(n(&a[0]))).into())
    }),
    def!("getservbyname", "(name, protocol, /)", |vm, a| {
        let protocol = optional_name(vm, "getservbyname", &a[1])?;
        let name = name(vm, "getservbyname", &a[0])?;
        let r = vm.host.service_port(&name, protocol.as_deref());
        answer(vm, r.map(|port| port.map(i32::from)), &[])
    }),
    def!("getservbyport", "(port, protocol, /)", |vm, a| {
        let protocol = optional_name(vm, "getservbyport", &a[1])?;
        let r = vm.host.service_name(int(&a[0]) as u16, protocol.as_deref());
        let name = given(vm, r, &[])?;
        Ok(name.map_or(Value::NONE, |t| fs_text(vm, &t)).into())
    }),
    def!("getprotobyname", "(name, /)", |vm, a| {
        let name = name(vm, "getprotobyname", &a[0])?;
        let r = vm.host.protocol_number(&name);
        answer(vm, r, &[])
    }),
    def!("if_nameindex", "()", |vm, _| {
        let r = vm.host.interfaces();
        let mut out = Vec::new();
        for (i, name) in given(vm, r, &[])? {
            let v = vec![vm.int(i as i64), fs_text(vm, &name)];
            out.push(vm.tuple(v));
        }
        Ok(vm.list(out).into())
    }),
    def!("if_nametoindex", "(name, /)", |vm, a| {
        let name = name(vm, "if_nametoindex", &a[0])?;
        let r = vm.host.interface_index(&name);
        answer(vm, r, &[])
    }),
    def!("if_indextoname", "(index, /)", |vm, a| {
        let r = vm.host.interface_name(int(&a[0]) as u32);
        let name = given(vm, r, &[])?;
        Ok(fs_text(vm, &name).into())
    }),
    def!("sethostname", "(name, /)", |vm, a| {
        let name = data(vm, &a[0])?;
        let r = vm.host.set_hostname(&name);
        answer(vm, r, &[])
    }),
    // Packed address of a text, or None.
    def!("pton", "(wide, text: str, /)", |vm, a| {
        let t = a[1].display_str(vm);
        let v = match a[0].is_true() {
            true => t.parse::<Ipv6Addr>().ok().map(|x| vm.bytes(&x.octets())),
            false => t.parse::<Ipv4Addr>().ok().map(|x| vm.bytes(&x.octets())),
        };
        Ok(v.unwrap_or(Value::NONE).into())
    }),
    def!("ntop", "(packed, /)", |vm, a| {
        let d = data(vm, &a[0])?;
        let t = if let Ok(x) = <[u8; 4]>::try_from(&d[..]) {
            Ipv4Addr::from(x).to_string()
        } else if let Ok(x) = <[u8; 16]>::try_from(&d[..]) {
            Ipv6Addr::from(x).to_string()
        } else {
            return Ok(Reply::NONE);
        };
        Ok(vm.str(&t).into())
    }),
];

const NUMBER_DEFS: &[Def] = host_calls! {
    "socket" "(family, kind, protocol, /)" |h, a| h.socket(n(&a[0]), n(&a[1]), n(&a[2]));
    "listen" "(fd, backlog, /)" |h, a| h.listen(n(&a[0]), n(&a[1]));
    "shutdown" "(fd, how, /)" |h, a| h.shutdown(n(&a[0]), n(&a[1]));
    "dup" "(fd, /)" |h, a| h.dup(n(&a[0]), false);
};

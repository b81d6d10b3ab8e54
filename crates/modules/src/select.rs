//! `_select_native`: waiting for descriptors. `lib/overlay/select.py` has the objects and lets other
//! tasklets run. CPython's counterpart: `Modules/selectmodule.c`.
#![expect(unsafe_code, reason = "the epoll calls")]

use stackless_host::PollFd;
use stackless_runtime::native::{Def, def};
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::{Flow, PyResult, Ref, Value, Vm};

use crate::os::{granted, items, last_error, n, number};
use crate::support::{int, os_error};
use crate::{Native, c_constants};

pub const MODULE: Native = Native { name: "_select_native", defs: DEFS, fill };

const CONSTANTS: &[(&str, i64)] = c_constants! {
    POLLIN POLLPRI POLLOUT POLLERR POLLHUP POLLNVAL POLLRDNORM POLLRDBAND POLLWRNORM POLLWRBAND
    POLLRDHUP EPOLLIN EPOLLOUT EPOLLPRI EPOLLERR EPOLLHUP EPOLLRDHUP EPOLLONESHOT EPOLLET
    EPOLLRDNORM EPOLLRDBAND EPOLLWRNORM EPOLLWRBAND EPOLLMSG EPOLLEXCLUSIVE EPOLLWAKEUP EPOLL_CLOEXEC
};

fn fill(vm: &mut Vm, d: &Ref<Dict>) -> PyResult<()> {
    crate::os::fill(vm, d, CONSTANTS);
    // Flags of the highest bit are unsigned in Python.
    crate::os::fill(vm, d, &[("POLLMSG", 0x400), ("EPOLLET", 1 << 31), ("PIPE_BUF", 4096)]);
    Ok(())
}

/// `(pairs, ns)`: events of each descriptor.
fn poll(vm: &mut Vm, a: &[Value]) -> Flow {
    let mut fds: Vec<PollFd> = items(vm, &a[0])
        .iter()
        .map(|p| {
            let [fd, events, ..] = p.tuple_items() else {
                return PollFd { fd: -1, events: 0, revents: 0 };
            };
            PollFd { fd: n(fd), events: int(events) as u16 as i16, revents: 0 }
        })
        .collect();
    let ns = int(&a[1]);
    match vm.host.clone().poll(&mut fds, u64::try_from(ns).ok()) {
        Ok(_) => {
            let v = fds.iter().map(|f| Value::from_i32(f.revents as u16 as i32)).collect();
            Ok(vm.list(v).into())
        }
        Err(e) => Err(os_error(vm, e, &[])),
    }
}

/// `(epoll, most events, ms)`: pairs of descriptor and events.
fn epoll_wait(vm: &mut Vm, a: &[Value]) -> Flow {
    granted(vm)?;
    let mut found =
        vec![libc::epoll_event { events: 0, u64: 0 }; int(&a[1]).clamp(1, 1 << 16) as usize];
    // SAFETY: a list with its length.
    let r = unsafe { libc::epoll_wait(n(&a[0]), found.as_mut_ptr(), found.len() as i32, n(&a[2])) };
    if r < 0 {
        return Err(last_error(vm, &[]));
    }
    let mut out = Vec::new();
    for e in &found[..r as usize] {
        let v = vec![Value::from_i32(e.u64 as i32), vm.int(e.events as i64)];
        out.push(vm.tuple(v));
    }
    Ok(vm.list(out).into())
}

const DEFS: &[Def] = &[
    def!("poll", "(fds, timeout_ns, /)", poll),
    def!("is_blocking", "(fd, /)", |vm, a| {
        // Of a bad number the caller hears from the call that it is about to make.
        Ok(vm.host.clone().get_blocking(n(&a[0])).unwrap_or(false).into())
    }),
    def!("epoll_create", "()", |vm, _| {
        granted(vm)?;
        // SAFETY: takes a number.
        let r = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
        number(vm, r as i64, &[])
    }),
    def!("epoll_ctl", "(epoll, operation, fd, events, /)", |vm, a| {
        granted(vm)?;
        let fd = n(&a[2]);
        let mut event = libc::epoll_event { events: int(&a[3]) as u32, u64: fd as u32 as u64 };
        // SAFETY: numbers, and a pointer to a live structure.
        let r = unsafe { libc::epoll_ctl(n(&a[0]), n(&a[1]), fd, &mut event) };
        number(vm, r as i64, &[])
    }),
    def!("epoll_wait", "(epoll, maxevents, ms, /)", epoll_wait),
];

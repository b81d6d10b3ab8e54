//! `_select_native`: waiting for descriptors. `lib/overlay/select.py` has the objects and lets other
//! tasklets run. CPython's counterpart: `Modules/selectmodule.c`.

use stackless_host::PollFd;
use stackless_runtime::native::{Def, def};
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::{Flow, PyResult, Ref, Value, Vm};

use crate::os::{answer, given, items, n};
use crate::support::int;
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
    let r = vm.host.poll(&mut fds, u64::try_from(ns).ok());
    given(vm, r, &[])?;
    let v = fds.iter().map(|f| Value::from_i32(f.revents as u16 as i32)).collect();
    Ok(vm.list(v).into())
}

/// `(epoll, most events, ms)`: pairs of descriptor and events.
fn epoll_wait(vm: &mut Vm, a: &[Value]) -> Flow {
    let r = vm.host.epoll_wait(n(&a[0]), int(&a[1]).max(1) as usize, n(&a[2]));
    let found = given(vm, r, &[])?;
    let mut out = Vec::new();
    for (fd, events) in found {
        let v = vec![Value::from_i32(fd), vm.int(events as i64)];
        out.push(vm.tuple(v));
    }
    Ok(vm.list(out).into())
}

const DEFS: &[Def] = &[
    def!("poll", "(fds, timeout_ns, /)", poll),
    def!("is_blocking", "(fd, /)", |vm, a| {
        // Of a bad number the caller hears from the call that it is about to make.
        Ok(vm.host.get_blocking(n(&a[0])).unwrap_or(false).into())
    }),
    def!("epoll_create", "()", |vm, _| {
        let r = vm.host.epoll_create();
        answer(vm, r, &[])
    }),
    def!("epoll_ctl", "(epoll, operation, fd, events, /)", |vm, a| {
        let r = vm.host.epoll_ctl(n(&a[0]), n(&a[1]), n(&a[2]), int(&a[3]) as u32);
        answer(vm, r, &[])
    }),
    def!("epoll_wait", "(epoll, maxevents, ms, /)", epoll_wait),
];

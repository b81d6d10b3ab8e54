//! `_resource_native`: limits and usage of the process as plain numbers. `lib/overlay/resource.py`
//! adds the result type and the checks. CPython's counterpart: `Modules/resource.c`.
#![expect(unsafe_code, reason = "three system calls that no safe wrapper of ours covers")]

use stackless_host::OsError;
use stackless_runtime::exc::Reply;
use stackless_runtime::native::{Def, def};
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::{Flow, PyResult, Ref, Value, Vm};

use crate::Native;
use crate::support::{int, os_error};

pub const MODULE: Native = Native { name: "_resource_native", defs: DEFS, fill };

macro_rules! constants {
    ($($name:ident)*) => { &[$((stringify!($name), libc::$name as i64)),*] };
}

const CONSTANTS: &[(&str, i64)] = constants! {
    RLIMIT_CPU RLIMIT_FSIZE RLIMIT_DATA RLIMIT_STACK RLIMIT_CORE RLIMIT_NOFILE RLIMIT_AS
    RLIMIT_RSS RLIMIT_NPROC RLIMIT_MEMLOCK RLIMIT_MSGQUEUE RLIMIT_NICE RLIMIT_RTPRIO
    RLIMIT_RTTIME RLIMIT_SIGPENDING RUSAGE_SELF RUSAGE_CHILDREN RUSAGE_THREAD
};

fn fill(vm: &mut Vm, d: &Ref<Dict>) -> PyResult<()> {
    for (name, v) in CONSTANTS {
        let v = vm.int(*v);
        d.set_text(vm, name, v);
    }
    Ok(())
}

fn last_error(vm: &mut Vm) -> stackless_runtime::Exc {
    let errno = std::io::Error::last_os_error().raw_os_error().unwrap_or(0);
    os_error(vm, OsError { errno }, &[])
}

/// What is left for a program whose address space `ulimit -v` bounds: the default memory budget.
pub fn address_space() -> Option<usize> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the call fills the structure that it is given.
    let failed = unsafe { libc::getrlimit(libc::RLIMIT_AS, &mut limit) } != 0;
    if failed || limit.rlim_cur == libc::RLIM_INFINITY {
        return None;
    }
    let pages = std::fs::read_to_string("/proc/self/statm").ok();
    let pages = pages.and_then(|t| t.split(' ').next()?.parse::<u64>().ok()).unwrap_or(0);
    let left = limit.rlim_cur.saturating_sub(pages * 4096);
    // Tables that grow need their old and new place for a moment; the allocator has its losses.
    usize::try_from(left / 2).ok()
}

/// All ones means no limit, which Python shows as -1.
fn limit(vm: &Vm, n: libc::rlim_t) -> Value {
    if n == libc::RLIM_INFINITY { Value::from_i32(-1) } else { vm.uint(n) }
}

fn limit_of(v: &Value) -> libc::rlim_t {
    match v.as_big() {
        Some(_) if v.as_i64() == Some(-1) => libc::RLIM_INFINITY,
        _ => int(v) as libc::rlim_t,
    }
}

fn pair(vm: &Vm, r: &libc::rlimit) -> Value {
    let items = vec![limit(vm, r.rlim_cur), limit(vm, r.rlim_max)];
    vm.tuple(items)
}

fn prlimit(vm: &mut Vm, a: &[Value]) -> Flow {
    let (pid, resource) = (int(&a[0]) as libc::pid_t, int(&a[1]) as libc::__rlimit_resource_t);
    let mut old = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    let new = a[2].given().filter(|v| !v.is_none()).map(|v| {
        let items = v.tuple_items();
        let part = |i: usize| items.get(i).map_or(0, limit_of);
        libc::rlimit { rlim_cur: part(0), rlim_max: part(1) }
    });
    let pointer = new.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
    // SAFETY: both pointers are null or point to structures that live across the call.
    if unsafe { libc::prlimit(pid, resource, pointer, &mut old) } != 0 {
        return Err(last_error(vm));
    }
    Ok(pair(vm, &old).into())
}

fn getrusage(vm: &mut Vm, a: &[Value]) -> Flow {
    // SAFETY: the structure is plain numbers, for which zero is a value.
    let mut r: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: the pointer is to a structure that lives across the call.
    if unsafe { libc::getrusage(int(&a[0]) as libc::c_int, &mut r) } != 0 {
        return Err(last_error(vm));
    }
    let seconds = |t: libc::timeval| t.tv_sec as f64 + t.tv_usec as f64 * 1e-6;
    let mut items = vec![vm.float(seconds(r.ru_utime)), vm.float(seconds(r.ru_stime))];
    let counts = [
        r.ru_maxrss,
        r.ru_ixrss,
        r.ru_idrss,
        r.ru_isrss,
        r.ru_minflt,
        r.ru_majflt,
        r.ru_nswap,
        r.ru_inblock,
        r.ru_oublock,
        r.ru_msgsnd,
        r.ru_msgrcv,
        r.ru_nsignals,
        r.ru_nvcsw,
        r.ru_nivcsw,
    ];
    items.extend(counts.iter().map(|n| vm.int(*n)));
    Ok(vm.tuple(items).into())
}

const DEFS: &[Def] = &[
    def!("prlimit", "(pid: index, resource: index, limits=None, /)", prlimit),
    def!("getrusage", "(who: index, /)", getrusage),
    def!("getpagesize", "()", |vm, _| {
        // SAFETY: asks for a number.
        Ok(Reply::from(vm.int(unsafe { libc::sysconf(libc::_SC_PAGESIZE) })))
    }),
];

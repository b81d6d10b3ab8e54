//! `_resource_native`: limits and usage of the process as plain numbers. `lib/overlay/resource.py`
//! adds the result type and the checks. CPython's counterpart: `Modules/resource.c`.

use stackless_host::{Host, Limit, NO_LIMIT, Usage};
use stackless_runtime::native::{Def, def};
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::{Flow, PyResult, Ref, Value, Vm};

use crate::os::{answer, given, n};
use crate::support::int;
use crate::{Native, c_constants};

pub const MODULE: Native = Native { name: "_resource_native", defs: DEFS, fill };

const CONSTANTS: &[(&str, i64)] = c_constants! {
    RLIMIT_CPU RLIMIT_FSIZE RLIMIT_DATA RLIMIT_STACK RLIMIT_CORE RLIMIT_NOFILE RLIMIT_AS
    RLIMIT_RSS RLIMIT_NPROC RLIMIT_MEMLOCK RLIMIT_MSGQUEUE RLIMIT_NICE RLIMIT_RTPRIO
    RLIMIT_RTTIME RLIMIT_SIGPENDING RUSAGE_SELF RUSAGE_CHILDREN RUSAGE_THREAD
};

fn fill(vm: &mut Vm, d: &Ref<Dict>) -> PyResult<()> {
    crate::os::fill(vm, d, CONSTANTS);
    Ok(())
}

/// What is left for a program whose address space `ulimit -v` bounds: the default memory budget.
pub fn address_space(host: &dyn Host) -> Option<usize> {
    let limit = host.limit(0, libc::RLIMIT_AS, None).ok()?.soft;
    if limit == NO_LIMIT {
        return None;
    }
    let used = crate::support::read_file(host, b"/proc/self/statm").unwrap_or_default();
    let used = String::from_utf8_lossy(&used);
    let pages = used.split(' ').next().and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
    let left = limit.saturating_sub(pages * 4096);
    // Tables that grow need their old and new place for a moment; the allocator has its losses.
    usize::try_from(left / 2).ok()
}

/// All ones means no limit, which Python shows as -1.
fn limit(vm: &Vm, n: u64) -> Value {
    if n == NO_LIMIT { Value::from_i32(-1) } else { vm.uint(n) }
}

fn limit_of(v: &Value) -> u64 {
    match v.as_big() {
        Some(_) if v.as_i64() == Some(-1) => NO_LIMIT,
        _ => int(v) as u64,
    }
}

fn prlimit(vm: &mut Vm, a: &[Value]) -> Flow {
    let new = a[2].given().filter(|v| !v.is_none()).map(|v| {
        let items = v.tuple_items();
        let part = |i: usize| items.get(i).map_or(0, limit_of);
        Limit { soft: part(0), hard: part(1) }
    });
    let r = vm.host.limit(n(&a[0]), int(&a[1]) as u32, new);
    let old = given(vm, r, &[])?;
    let items = vec![limit(vm, old.soft), limit(vm, old.hard)];
    Ok(vm.tuple(items).into())
}

/// The fields of `struct_rusage`.
pub(crate) fn usage(vm: &mut Vm, u: &Usage) -> Value {
    let seconds = |us: i64| (us / 1_000_000) as f64 + (us % 1_000_000) as f64 * 1e-6;
    let mut items = vec![vm.float(seconds(u.user_us)), vm.float(seconds(u.system_us))];
    items.extend(u.counts.iter().map(|n| vm.int(*n)));
    vm.tuple(items)
}

fn getrusage(vm: &mut Vm, a: &[Value]) -> Flow {
    let r = vm.host.usage(n(&a[0]));
    let u = given(vm, r, &[])?;
    Ok(usage(vm, &u).into())
}

const DEFS: &[Def] = &[
    def!("prlimit", "(pid: index, resource: index, limits=None, /)", prlimit),
    def!("getrusage", "(who: index, /)", getrusage),
    def!("getpagesize", "()", |vm, _| {
        let r = vm.host.page_size();
        answer(vm, r, &[])
    }),
];

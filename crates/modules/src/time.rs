//! `_time_native`: the clocks of the host. `lib/overlay/time.py` adds the types and formats.

use stackless_host::{ClockId, LocalTime};
use stackless_runtime::exc::Reply;
use stackless_runtime::native::{Def, def};
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::{PyResult, Ref, Value, Vm};

use crate::Native;
use crate::os::answer;
use crate::support::{int, os_error};

pub const MODULE: Native = Native { name: "_time_native", defs: DEFS, fill };

fn fill(_: &mut Vm, _: &Ref<Dict>) -> PyResult<()> {
    Ok(())
}

macro_rules! clocks {
    ($($name:literal = $f:ident),*) => {
        const DEFS: &[Def] = &[
            $(def!($name, "()", |vm, _| {
                let r = vm.host.$f();
                answer(vm, r, &[])
            }),)*
            def!("sleep_ns", "(ns: index, /)", |vm, a| {
                let r = vm.host.sleep_ns(int(&a[0]).max(0) as u64);
                answer(vm, r, &[])
            }),
            def!("clock_gettime_ns", "(clk_id: index, /)", |vm, a| {
                let r = vm.host.clock_get(clock(int(&a[0])));
                answer(vm, r, &[])
            }),
            def!("clock_getres_ns", "(clk_id: index, /)", |vm, a| {
                let r = vm.host.clock_resolution(clock(int(&a[0])));
                answer(vm, r, &[])
            }),
            def!("clock_settime_ns", "(clk_id: index, ns: index, /)", |vm, a| {
                let r = vm.host.clock_set(clock(int(&a[0])), int(&a[1]));
                answer(vm, r, &[])
            }),
            def!("localtime", "(secs: index, /)", |vm, a| {
                match vm.host.localtime(int(&a[0])) {
                    Ok(t) => {
                        let zone = String::from_utf8_lossy(&t.zone).into_owned();
                        let mut v: Vec<Value> = [
                            t.year + 1900, t.mon + 1, t.mday, t.hour, t.min, t.sec,
                            (t.wday + 6) % 7, t.yday + 1, t.isdst,
                        ].into_iter().map(Value::from_i32).collect();
                        v.push(vm.str(&zone));
                        v.push(vm.int(t.gmtoff));
                        Ok(vm.tuple(v).into())
                    }
                    Err(e) => Err(os_error(vm, e, &[])),
                }
            }),
            def!("mktime", "(fields, /)", |vm, a| {
                let f: Vec<i32> = a[0].tuple_items().iter().map(|v| int(v) as i32).collect();
                let [year, mon, mday, hour, min, sec, wday, yday, isdst, ..] = f[..] else {
                    return Err(vm.type_error("Tuple or struct_time argument required"));
                };
                let t = LocalTime {
                    year: year.wrapping_sub(1900), mon: mon.wrapping_sub(1), mday, hour, min, sec,
                    wday: wday.wrapping_add(1) % 7, yday: yday.wrapping_sub(1), isdst,
                    gmtoff: 0, zone: Vec::new(),
                };
                match vm.host.mktime(&t) {
                    Ok(n) => Ok(vm.int(n).into()),
                    Err(_) => Err(vm.overflow_error("mktime argument out of range")),
                }
            }),
            def!("tzset", "()", |vm, _| {
                let _ = vm.host.tzset();
                Ok(Reply::NONE)
            }),
        ];
    };
}

clocks! {
    "time_ns" = time_ns, "monotonic_ns" = monotonic_ns, "perf_counter_ns" = perf_counter_ns,
    "process_time_ns" = process_time_ns, "thread_time_ns" = thread_time_ns
}

fn clock(n: i64) -> ClockId {
    match n as i32 {
        libc::CLOCK_REALTIME => ClockId::Realtime,
        libc::CLOCK_MONOTONIC => ClockId::Monotonic,
        libc::CLOCK_PROCESS_CPUTIME_ID => ClockId::ProcessCpu,
        libc::CLOCK_THREAD_CPUTIME_ID => ClockId::ThreadCpu,
        n => ClockId::Other(n),
    }
}

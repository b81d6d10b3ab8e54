//! `_faulthandler_native`: fatal signals that are named before the process ends, and signals after a
//! time. Python stacks are written by Python (`lib/overlay/faulthandler.py`): a broken process is not
//! searched for frames. CPython's counterpart: `Modules/faulthandler.c`.

use stackless_host::SignalLater;
use stackless_runtime::exc::Reply;
use stackless_runtime::native::{Def, def};
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::{PyResult, Ref, Value, Vm};

use crate::Native;
use crate::os::{answer, n};
use crate::support::{flag, int};

pub const MODULE: Native = Native { name: "_faulthandler_native", defs: DEFS, fill };

fn fill(_: &mut Vm, _: &Ref<Dict>) -> PyResult<()> {
    Ok(())
}

const DEFS: &[Def] = &[
    def!("enable", "(fd, /)", |vm, a| {
        let r = vm.host.report_faults(Some(n(&a[0])));
        answer(vm, r, &[])
    }),
    def!("disable", "()", |vm, _| {
        if !vm.host.reports_faults() {
            return Ok(Reply::NONE);
        }
        let r = vm.host.report_faults(None);
        answer(vm, r, &[])
    }),
    // After the time the signal arrives as if somebody had sent it; with `exit` the process ends some
    // time later, whatever it does then.
    def!("later", "(ns, repeat, exit, signal, /)", |vm, a| {
        let request = SignalLater {
            ns: int(&a[0]).max(1) as u64,
            repeat: flag(&a[1], false),
            exit: flag(&a[2], false),
            signal: n(&a[3]),
        };
        let r = vm.host.signal_later(request);
        answer(vm, r, &[])
    }),
    def!("cancel", "()", |vm, _| {
        // A host that grants no timers has none to cancel.
        let _ = vm.host.cancel_later();
        Ok(Reply::NONE)
    }),
    def!("is_enabled", "()", |vm, _| Ok(Value::bool(vm.host.reports_faults()).into())),
];

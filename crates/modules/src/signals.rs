//! `_signal_native`: signals of the process, and turns of threads. The host notes the numbers that come;
//! the eval-breaker (and every blocking call that a signal interrupts) then runs `_signal._deliver`, a
//! Python function, which calls the handlers as ordinary frames. `lib/overlay/_signal.py` keeps them.
//! CPython's counterpart: `Modules/signalmodule.c`.

use stackless_host::{Disposition, Span, TimerSpec};
use stackless_runtime::exc::Reply;
use stackless_runtime::native::{Args, Def, def};
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::{Flow, PyResult, Ref, Value, Vm};

use crate::os::{answer, given, items, n};
use crate::support::{float, int};
use crate::{Native, host_calls};

pub const MODULE: Native = Native { name: "_signal_native", defs: DEFS, fill };
pub const NUMBERS: Native = Native { name: "_signal_numbers", defs: NUMBER_DEFS, fill };

fn fill(_: &mut Vm, _: &Ref<Dict>) -> PyResult<()> {
    Ok(())
}

/// The time, if the thread's turn is over.
fn slice_is_over(vm: &Vm) -> Option<i64> {
    if vm.interrupts.slice_ns <= 0 {
        return None;
    }
    let now = vm.host.monotonic_ns().ok()?;
    (now - vm.interrupts.turn_ns >= vm.interrupts.slice_ns).then_some(now)
}

/// The eval-breaker's look.
fn check(vm: &mut Vm) -> Option<Flow> {
    let signals = vm.interrupts.pending != 0 || vm.host.signals_came();
    let over = slice_is_over(vm);
    let switch = over.is_some();
    if !(signals || switch) || vm.interrupt_handler.is_unbound() {
        return None;
    }
    if !stackless_runtime::stack_view::in_visible_code(vm) {
        vm.look_again_soon();
        return None;
    }
    if let Some(now) = over {
        vm.interrupts.turn_ns = now;
    }
    let f = vm.interrupt_handler.clone();
    Some(stackless_runtime::ops::call::call(vm, &f, Args::new(&[Value::bool(switch)])))
}

/// As `_signal` numbers them: 0 by default, 1 ignored, 2 noted for us, 3 handled by somebody else.
const DISPOSITIONS: [Disposition; 4] =
    [Disposition::Default, Disposition::Ignore, Disposition::Note, Disposition::Foreign];

/// `(signal, kind)`: sets the handling (None asks only), gives the old one's kind.
fn disposition(vm: &mut Vm, a: &[Value]) -> Flow {
    let new = if a[1].is_none() { None } else { DISPOSITIONS.get(n(&a[1]) as usize).copied() };
    let r = vm.host.disposition(n(&a[0]), new);
    let old = given(vm, r, &[])?;
    let kind = DISPOSITIONS.iter().position(|d| *d == old).unwrap_or(0);
    Ok(Value::from_usize(kind).into())
}

fn numbers(vm: &Vm, v: &Value) -> Vec<i32> {
    items(vm, v).iter().map(n).collect()
}

fn list(vm: &mut Vm, r: stackless_host::Result<Vec<i32>>) -> Flow {
    let signals = given(vm, r, &[])?;
    Ok(vm.list(signals.into_iter().map(Value::from_i32).collect()).into())
}

fn interval(v: &Value) -> Span {
    let t = float(v).clamp(-1e15, 1e15);
    // Rounded up, so that a tiny time does not switch the timer off.
    let us = (t * 1e6).ceil();
    Span { secs: (us / 1e6).floor() as i64, nanos: us.rem_euclid(1e6) as i64 * 1000 }
}

fn timer(vm: &mut Vm, r: stackless_host::Result<TimerSpec>) -> Flow {
    let t = given(vm, r, &[])?;
    let f = |t: Span| t.secs as f64 + (t.nanos / 1000) as f64 * 1e-6;
    let v = vec![vm.float(f(t.value)), vm.float(f(t.interval))];
    Ok(vm.tuple(v).into())
}

const DEFS: &[Def] =
    &[
        // Without the host's signals there are still those that the program sends to itself.
        def!("install", "(deliver, /)", |vm, a| {
            vm.interrupt_handler = a[0].clone();
            vm.interrupt_check = Some(check);
            Ok(Reply::NONE)
        }),
        def!("disposition", "(signal, kind, /)", disposition),
        // Turns of this many ns for threads; 0 for none.
        def!("set_slice", "(ns, /)", |vm, a| {
            vm.interrupts.slice_ns = int(&a[0]);
            Ok(Reply::NONE)
        }),
        // As if the signal had come.
        def!("pend", "(signal, /)", |vm, a| {
            vm.breaker = 1;
            vm.interrupts.pending |= 1u128.checked_shl(n(&a[0]).max(0) as u32).unwrap_or(0);
            Ok(Reply::NONE)
        }),
        // The numbers that came since the last time.
        def!("take", "()", |vm, _| {
            let mut came = std::mem::take(&mut vm.interrupts.pending);
            if vm.host.signals_came() {
                came |= vm.host.take_signals();
            }
            let mut list = Vec::new();
            while came != 0 {
                list.push(Value::from_i32(came.trailing_zeros() as i32));
                came &= came - 1;
            }
            Ok(vm.list(list).into())
        }),
        def!("set_wakeup", "(fd, /)", |vm, a| {
            let r = vm.host.set_wakeup(n(&a[0]));
            answer(vm, r, &[])
        }),
        def!("take_wakeup_error", "()", |vm, _| Ok(
            Value::from_i32(vm.host.take_wakeup_error()).into()
        )),
        def!("strsignal", "(signal, /)", |vm, a| match stackless_host::signal_message(n(&a[0])) {
            Some(t) => Ok(vm.str(&t).into()),
            None => Ok(Reply::NONE),
        }),
        def!("sigmask", "(how, signals, /)", |vm, a| {
            let r = vm.host.sigmask(n(&a[0]), &numbers(vm, &a[1]));
            list(vm, r)
        }),
        def!("sigpending", "()", |vm, _| {
            let r = vm.host.sigpending();
            list(vm, r)
        }),
        // A negative time waits for ever; None: the time is up.
        def!("sigtimedwait", "(signals, ns, /)", |vm, a| {
            let r = vm.host.sigtimedwait(&numbers(vm, &a[0]), int(&a[1]));
            let Some(s) = given(vm, r, &[])? else { return Ok(Reply::NONE) };
            // The last one, `si_band`, is for descriptors only.
            let v = [s.signal, s.code, s.errno, s.pid, s.uid, s.status, 0];
            Ok(vm.tuple(v.map(Value::from_i32).to_vec()).into())
        }),
        def!("setitimer", "(which, value, interval, /)", |vm, a| {
            let new = TimerSpec { value: interval(&a[1]), interval: interval(&a[2]) };
            let r = vm.host.setitimer(n(&a[0]), new);
            timer(vm, r)
        }),
        def!("getitimer", "(which, /)", |vm, a| {
            let r = vm.host.getitimer(n(&a[0]));
            timer(vm, r)
        }),
        def!("siginterrupt", "(signal, interrupt, /)", |vm, a| {
            let r = vm.host.siginterrupt(n(&a[0]), a[1].is_true());
            answer(vm, r, &[])
        }),
    ];

const NUMBER_DEFS: &[Def] = host_calls! {
    "alarm" "(seconds, /)" |h, a| h.alarm(int(&a[0]) as u32);
    "raise_signal" "(signal, /)" |h, a| h.raise(n(&a[0]));
    "tgkill" "(pid, thread, signal, /)" |h, a| h.tgkill(n(&a[0]), n(&a[1]), n(&a[2]));
};

//! The eval-breaker: what is looked at between instructions when the countdown expires.

use crate::exc::{Flow, Reply};
use crate::heap::{FINALIZED, QUEUED};
use crate::machine::Machine;
use crate::native::Args;
use crate::objects::generator::{self, GenState, Generator};
use crate::objects::list::List;
use crate::soft;
use crate::value::Value;
use crate::vm::Vm;
use crate::weak::WeakRef;

/// Instructions (calls and back-edges) between two looks at the requests.
pub const PERIOD: i32 = 1000;

/// Serves requests: finalisers, the collector, signals, pre-emption.
pub(crate) fn service(vm: &mut Vm) -> Flow {
    vm.breaker = PERIOD;
    if let Some(e) = vm.memory_overrun() {
        return Err(e);
    }
    if let Some(flow) = crate::tasklet::check_watchdog(vm) {
        return flow;
    }
    if crate::gc::due(vm) {
        crate::gc::collect_young(vm);
    }
    if let Some(hook) = vm.interrupt_check
        && let Some(flow) = hook(vm)
    {
        return flow;
    }
    run_finalizers(vm)
}

impl Vm {
    /// For `interrupt_check`, when it cannot serve a request where the program is just now.
    pub fn look_again_soon(&mut self) {
        // Never twice the same way off: a loop of regular steps would be met in the same hidden
        // function each time.
        let random = self.interrupts.looks.wrapping_mul(1_103_515_245).wrapping_add(12_345);
        self.interrupts.looks = random;
        let soon = 16 + (random >> 16) as i32 % 64;
        if self.breaker > soon {
            self.breaker = soon;
            if let Some(w) = &mut self.scheduler.watchdog {
                w.armed_for = i64::from(soon);
            }
        }
    }
}

/// Runs queued finalisers and weak reference callbacks, if any.
pub(crate) fn run_finalizers(vm: &mut Vm) -> Flow {
    if !vm.heap.pending.get() {
        return Ok(Reply::NONE);
    }
    if stackless_primitives::memory::is_over() {
        // A page over the budget: the error comes at the next call or jump.
        vm.breaker = 0;
    }
    let queue = vm.heap.take_finalizable();
    let list = vm.list(queue);
    vm.start(&FINALIZE, [list, Value::from_i32(0), Value::NONE])
}

/// Registers: list of objects, next index, what is being run. Errors go to `sys.unraisablehook`.
pub(crate) static FINALIZE: Machine = Machine::new("gc.finalize", |vm, regs, input| {
    let list = regs.get(0);
    let mut i = regs.int(1) as usize;
    if regs.stage() == 1
        && let Err(e) = input.value()
    {
        let object = match list.get::<List>() {
            Some(l) => l.get_item(vm, i.wrapping_sub(1)).unwrap_or(Value::NONE),
            None => Value::NONE,
        };
        regs.set_stage(2);
        let shown = regs.take(2);
        let what = finalizer_text(&object);
        let _ = soft!(regs, 2, crate::unraisable::report(vm, e, what, &shown));
    }
    loop {
        // The previous object dies here.
        if i > 0
            && let Some(l) = list.get::<List>()
        {
            let old = std::mem::replace(&mut l.items_mut(vm)[i - 1], Value::NONE);
            drop(old);
        }
        let Some(object) = list.get::<List>().and_then(|l| l.get_item(vm, i)) else {
            return run_finalizers(vm);
        };
        i += 1;
        regs.set_int(1, i as i64);
        regs.set_stage(1);
        let shown = finalizer_shown(vm, &object);
        regs.set(2, shown);
        let flow = finalize_one(vm, &object);
        let what = finalizer_text(&object);
        drop(object);
        match flow {
            Ok(r) if r.is_away() => return Ok(Reply::PUSHED),
            Ok(_) => {}
            Err(e) => {
                regs.set_stage(2);
                let shown = regs.take(2);
                let _ = soft!(regs, 2, crate::unraisable::report(vm, e, what, &shown));
            }
        }
    }
});

/// What CPython says it was doing when a finaliser failed.
fn finalizer_text(object: &Value) -> &'static str {
    if object.has::<WeakRef>() {
        "calling weakref callback"
    } else if object.has::<Generator>() {
        "closing generator"
    } else {
        "calling deallocator"
    }
}

/// The object that a failed finaliser's message shows. A generator that runs no code fails nowhere.
fn finalizer_shown(vm: &mut Vm, object: &Value) -> Value {
    if let Some(weak) = object.get::<WeakRef>() {
        return weak.callback.get().given().cloned().unwrap_or(Value::NONE);
    }
    if object.has::<Generator>() {
        return object.clone();
    }
    let name = vm.names.del.clone();
    vm.type_of(object).lookup(vm, &name).unwrap_or(Value::NONE)
}

fn finalize_one(vm: &mut Vm, object: &Value) -> Flow {
    if let Some(weak) = object.get::<WeakRef>()
        && weak.target().is_none()
        && !object.header().is_some_and(|h| h.flag(QUEUED))
    {
        let callback = weak.callback.replace(Value::NONE);
        if callback.is_none() || callback.is_unbound() {
            return Ok(Reply::NONE);
        }
        return crate::ops::call::call(vm, &callback, Args::new(std::slice::from_ref(object)));
    }
    if let Some(h) = object.header() {
        h.set_flag(FINALIZED);
        h.clear_flag(QUEUED);
    }
    if let Some(op) = object.get::<generator::AsyncGenOp>() {
        return generator::op_never_awaited(vm, op);
    }
    if let Some(g) = object.get::<Generator>() {
        let hook = g.finalizer.replace(Value::NONE);
        if !hook.is_none() && g.state.get() != GenState::Closed && !g.ag_closed.get() {
            return crate::ops::call::call(vm, &hook, Args::new(std::slice::from_ref(object)));
        }
        if g.state.get() == GenState::Suspended {
            // Closing may resurrect and suspend it again, so the flag is not final.
            if let Some(h) = object.header() {
                h.clear_flag(FINALIZED);
            }
            if !generator::has_cleanup(g) {
                if let Some(h) = object.header() {
                    h.set_flag(FINALIZED);
                }
                return Ok(Reply::NONE);
            }
            return generator::close(vm, object);
        }
        return generator::never_awaited(vm, g);
    }
    let name = vm.names.del.clone();
    match crate::python_slots::call_special(vm, object, &name, &[]) {
        Some(flow) => flow,
        None => Ok(Reply::NONE),
    }
}

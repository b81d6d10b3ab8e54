//! Generators, coroutines, async generators and their awaitables.
//!
//! A generator owns its frame. `resume` links it into the running chain; YIELD, RETURN or an
//! exception unlinks it again. How the outcome reaches the resumer depends on the mode: *next*
//! (exhaustion is a reply), *send* (StopIteration is raised) or *delegate* (YIELD_FROM of another
//! generator: items pass through, the result is the instruction's result).
//! CPython's counterpart: `Objects/genobject.c`.
#![expect(unsafe_code, reason = "links generator frames into the running chain")]

use std::cell::Cell;

use crate::body::Body;
use crate::exc::{Exc, Flow, Reply};
use crate::frame::{Frame, OwnedFrame};
use crate::layout;
use crate::machine::{Input, Machine};
use crate::object::{Obj, Payload, ValueCell};
use crate::objects::function::Function;
use crate::value::{Ref, Value};
use crate::vm::Vm;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GenState {
    Created,
    Suspended,
    Running,
    Closed,
}

/// How a resumed generator answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    Next,
    Send,
    Delegate,
}

pub struct Generator {
    pub(crate) frame: Cell<*mut Frame>,
    pub state: Cell<GenState>,
    pub mode: Cell<Mode>,
    pub name: ValueCell,
    pub qualname: ValueCell,
    pub code: ValueCell,
    /// Handled exception while suspended.
    pub handled: ValueCell,
    /// `cr_origin`: tuple or None.
    pub origin: ValueCell,
    pub finalizer: ValueCell,
    pub hooks_inited: Cell<bool>,
    pub ag_running: Cell<bool>,
    pub ag_closed: Cell<bool>,
}

impl Drop for Generator {
    fn drop(&mut self) {
        if !self.frame.get().is_null() {
            drop(OwnedFrame::from_ptr(self.frame.get()));
        }
    }
}

// SAFETY: the suspended frame's values are visited; a running frame is visited by its tasklet.
unsafe impl Payload for Generator {
    const LAYOUT: u16 = layout::GENERATOR;
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        for c in
            [&self.name, &self.qualname, &self.code, &self.handled, &self.origin, &self.finalizer]
        {
            visit(c.peek());
        }
        let frame = self.frame.get();
        if !frame.is_null() && self.state.get() != GenState::Running {
            // SAFETY: a suspended generator's frame is whole.
            unsafe { (*frame).traverse(visit) }
        }
    }
    fn clear(&self, _vm: &mut Vm) {
        if self.state.get() != GenState::Running {
            self.state.set(GenState::Closed);
            let frame = self.frame.replace(std::ptr::null_mut());
            if !frame.is_null() {
                // SAFETY: the generator owns the frame. Nothing of a cycle moves elsewhere.
                unsafe { (*frame).part_from_object() };
                drop(OwnedFrame::from_ptr(frame));
            }
        }
    }
}

/// The generator object for a call of a generator function.
pub fn new(vm: &mut Vm, f: &Obj<Function>, b: &Body, args: impl Iterator<Item = Value>) -> Value {
    use stackless_bytecode::code::flags;
    let frame = OwnedFrame::new(b, f.to_value());
    crate::ops::call::fill_owned(&frame, b, args);
    let ty = if b.code.flags & flags::COROUTINE != 0 {
        &vm.types.coroutine
    } else if b.code.flags & flags::ASYNC_GENERATOR != 0 {
        &vm.types.async_generator
    } else {
        &vm.types.generator
    };
    let gen_ = vm.alloc(
        ty,
        Generator {
            frame: Cell::new(frame.as_ptr()),
            state: Cell::new(GenState::Created),
            mode: Cell::new(Mode::Next),
            name: ValueCell::new(f.name.get()),
            qualname: ValueCell::new(f.qualname.get()),
            code: ValueCell::new(f.code.get()),
            handled: ValueCell::new(Value::NONE),
            origin: ValueCell::new(Value::NONE),
            finalizer: ValueCell::new(Value::NONE),
            hooks_inited: Cell::new(false),
            ag_running: Cell::new(false),
            ag_closed: Cell::new(false),
        },
    );
    frame.set_generator(gen_.address());
    std::mem::forget(frame);
    if vm.scheduler.origin_depth > 0 && std::ptr::eq(vm.type_of(gen_.value()), &*vm.types.coroutine)
    {
        let origin = crate::pyframe::coroutine_origin(vm);
        gen_.origin.set(origin);
    }
    gen_.into_value()
}

/// The generator whose frame this is.
pub(crate) fn of_frame(frame: *mut Frame) -> Ref<Generator> {
    // SAFETY: generator frames name their generator, which is alive while its frame runs.
    unsafe { OwnedFrame::generator_of(frame) }
}

fn kind(vm: &Vm, g: &Obj<Generator>) -> &'static str {
    let ty = g.header.type_of();
    if std::ptr::eq(ty, &*vm.types.coroutine) {
        "coroutine"
    } else if std::ptr::eq(ty, &*vm.types.async_generator) {
        "async generator"
    } else {
        "generator"
    }
}

/// Continues a generator with a value or an exception.
pub fn resume(vm: &mut Vm, g: &Obj<Generator>, input: Result<Value, Exc>, mode: Mode) -> Flow {
    match g.state.get() {
        GenState::Running => {
            let k = kind(vm, g);
            return Err(vm.value_error(format!("{k} already executing")));
        }
        GenState::Closed => {
            if kind(vm, g) == "coroutine" {
                return Err(vm.runtime_error("cannot reuse already awaited coroutine"));
            }
            return match (input, mode) {
                (Err(e), _) => Err(e),
                (Ok(_), Mode::Next) => Ok(Reply::EXHAUSTED),
                (Ok(_), _) if kind(vm, g) == "async generator" => {
                    let class = vm.excs.stop_async_iteration.clone();
                    Err(vm.new_exception(&class, vec![]))
                }
                (Ok(_), _) => Err(vm.stop_iteration(Value::NONE)),
            };
        }
        GenState::Created => {
            if let Ok(v) = &input
                && !v.is_none()
            {
                let k = kind(vm, g);
                return Err(
                    vm.type_error(format!("can't send non-None value to a just-started {k}"))
                );
            }
        }
        GenState::Suspended => {}
    }
    vm.enter_frame()?;
    let created = g.state.get() == GenState::Created;
    let frame = attach(vm, g, mode);
    match input {
        Ok(_) if created => Ok(Reply::PUSHED),
        Ok(v) => {
            if crate::interp::finish_yield(frame, &v) {
                return Ok(Reply::PUSHED);
            }
            vm.pending_input = Some(Ok(v));
            Ok(Reply::SWITCHED)
        }
        Err(e) => {
            vm.pending_input = Some(Err(e));
            Ok(Reply::SWITCHED)
        }
    }
}

/// Links the frame of a generator that does not run above the top frame; its activation is counted
/// by the caller.
#[inline]
fn attach(vm: &mut Vm, g: &Obj<Generator>, mode: Mode) -> *mut Frame {
    let frame = g.frame.get();
    g.state.set(GenState::Running);
    g.mode.set(mode);
    vm.exec.enter_generator(g.handled.replace(Value::NONE));
    // SAFETY: the generator owns its frame, which is not linked while it is not running.
    unsafe {
        OwnedFrame::hold(frame, g.to_value());
        (*frame).caller = vm.exec.frame;
    }
    vm.exec.frame = frame;
    frame
}

/// Unlinks a generator frame that yields or ends; gives the generator and how it was resumed.
pub(crate) fn leave(vm: &mut Vm, frame: *mut Frame, state: GenState) -> (Ref<Generator>, Mode) {
    let g = of_frame(frame);
    g.state.set(state);
    let handled = vm.exec.leave_generator();
    g.handled.set(if state == GenState::Closed { Value::NONE } else { handled });
    vm.exec.depth -= 1;
    // SAFETY: the frame is the top of the chain and belongs to `g`.
    unsafe {
        vm.exec.frame = (*frame).caller;
        (*frame).caller = std::ptr::null_mut();
        drop(OwnedFrame::release(frame));
    }
    if state == GenState::Closed {
        g.frame.set(std::ptr::null_mut());
    }
    let mode = g.mode.get();
    (g, mode)
}

/// `gen.send(v)`.
pub fn send(vm: &mut Vm, v: &Value, value: Value) -> Flow {
    match v.get::<Generator>() {
        Some(g) => resume(vm, g, Ok(value), Mode::Send),
        None => Err(vm.type_error("not a generator")),
    }
}

/// The `next` slot.
pub fn next(vm: &mut Vm, v: &Value) -> Flow {
    match v.get::<Generator>() {
        Some(g) => resume(vm, g, Ok(Value::NONE), Mode::Next),
        None => Err(vm.type_error("not a generator")),
    }
}

/// What YIELD_FROM of this suspended generator delegates to.
pub fn yield_from(vm: &Vm, g: &Obj<Generator>) -> Option<Value> {
    let frame = g.frame.get();
    if frame.is_null() || g.state.get() != GenState::Suspended {
        return None;
    }
    let _ = vm;
    // SAFETY: a suspended generator's frame is whole.
    unsafe { crate::interp::delegate_of(frame) }
}

/// `gen.throw(exc)`: into the delegate first.
pub fn throw(vm: &mut Vm, g: &Obj<Generator>, exc: Exc, mode: Mode) -> Flow {
    if g.state.get() == GenState::Created {
        // The exception is raised at the first line, outside every handler.
        return resume(vm, g, Err(exc), mode);
    }
    resume(vm, g, Err(exc), mode)
}

/// `gen.close()`: throws GeneratorExit and swallows it, StopIteration's value is the result.
pub fn close(vm: &mut Vm, v: &Value) -> Flow {
    let Some(g) = v.get::<Generator>() else { return Err(vm.type_error("not a generator")) };
    match g.state.get() {
        GenState::Closed => Ok(Reply::NONE),
        GenState::Created => {
            g.state.set(GenState::Closed);
            let frame = g.frame.replace(std::ptr::null_mut());
            drop(OwnedFrame::from_ptr(frame));
            Ok(Reply::NONE)
        }
        _ => vm.start(&CLOSE, [v.clone()]),
    }
}

/// Registers: generator.
pub(crate) static CLOSE: Machine = Machine::new("generator.close", |vm, regs, input| {
    let v = regs.get(0);
    let Some(g) = v.get::<Generator>() else { return Ok(Reply::NONE) };
    let result = match input {
        Input::Start => {
            let class = vm.excs.generator_exit.clone();
            let exc = vm.new_exception(&class, vec![]);
            regs.set_stage(1);
            match throw(vm, g, exc, Mode::Send) {
                Ok(r) => match r.ready() {
                    Some(v) => Ok(v),
                    None => return Ok(Reply::PUSHED),
                },
                Err(e) => Err(e),
            }
        }
        input => input.value(),
    };
    match result {
        Ok(_) => {
            let k = kind(vm, g);
            Err(vm.runtime_error(format!("{k} ignored GeneratorExit")))
        }
        Err(e) if vm.exc_is(&e, &vm.excs.stop_iteration) => Ok(stop_value(vm, &e).into()),
        Err(e) if vm.exc_is(&e, &vm.excs.generator_exit) => Ok(Reply::NONE),
        Err(e) => Err(e),
    }
});

/// `StopIteration.value`.
pub fn stop_value(vm: &Vm, e: &Exc) -> Value {
    match e.value().get::<crate::objects::exception::Exception>() {
        Some(x) => x.extra(vm, 0).unwrap_or(Value::NONE),
        None => Value::NONE,
    }
}

/// Item of an async generator on its way through `await` machinery.
#[derive(Payload)]
#[payload(layout = ASYNC_WRAPPED, clear)]
pub struct AsyncWrapped {
    pub value: ValueCell,
}

/// `coroutine.__await__()`.
#[derive(Payload)]
#[payload(layout = COROUTINE_WRAPPER, clear)]
pub struct CoroutineWrapper {
    pub coroutine: ValueCell,
}

/// `anext(it, default)`.
#[derive(Payload)]
#[payload(layout = ANEXT_AWAITABLE, clear)]
pub struct AnextAwaitable {
    pub wrapped: ValueCell,
    pub default: ValueCell,
}

/// `asend()`/`__anext__()` and `athrow()`/`aclose()` awaitables.
#[derive(Payload)]
#[payload(layout = ASYNC_GEN_ASEND)]
pub struct AsyncGenOp {
    pub generator: ValueCell,
    /// asend: the value; athrow: tuple of exception arguments, or None for aclose.
    pub args: ValueCell,
    /// 0 not started, 1 iterating, 2 closed.
    pub state: Cell<u8>,
}

/// The iterator behind an awaitable for `await`.
pub fn get_awaitable(vm: &mut Vm, v: &Value, context: u16) -> Flow {
    use stackless_bytecode::code::flags;
    if let Some(g) = v.get::<Generator>() {
        let code = g.code.get();
        let iterable = code
            .get::<crate::objects::code::PyCode>()
            .is_some_and(|c| c.code.flags & flags::ITERABLE_COROUTINE != 0);
        if vm.is_exactly(v, &vm.types.coroutine) {
            if yield_from(vm, g).is_some() {
                return Err(vm.runtime_error("coroutine is being awaited already"));
            }
            return Ok(v.clone().into());
        }
        if iterable {
            return Ok(v.clone().into());
        }
    }
    match vm.type_of(v).slots(vm).await_ {
        Some(f) => f(vm, v),
        None => {
            let t = vm.type_name(v);
            Err(vm.type_error(match context {
                1 => format!("'async with' received an object from __aenter__ that does not implement __await__: {t}"),
                2 => format!("'async with' received an object from __aexit__ that does not implement __await__: {t}"),
                _ => format!("'{t}' object can't be awaited"),
            }))
        }
    }
}

/// A generator whose death neither runs code of it nor says anything. Coroutines and asynchronous
/// generators always say no unless they have ended.
pub(crate) fn dies_quietly(header: &crate::heap::Header) -> bool {
    use stackless_bytecode::code::flags;
    if header.layout() == layout::ASYNC_GEN_ASEND {
        // SAFETY: the layout number was just compared; the object is still whole.
        let op = unsafe { &*(header as *const crate::heap::Header as *const Obj<AsyncGenOp>) };
        return op.state.get() != 0;
    }
    if header.layout() != layout::GENERATOR {
        return false;
    }
    // SAFETY: the layout number was just compared; the object is still whole.
    let g = unsafe { &*(header as *const crate::heap::Header as *const Obj<Generator>) };
    match g.state.get() {
        GenState::Closed => true,
        GenState::Running => false,
        GenState::Created | GenState::Suspended => {
            let code = g.code.peek();
            let plain = code
                .get::<crate::objects::code::PyCode>()
                .is_some_and(|c| c.code.flags & (flags::COROUTINE | flags::ASYNC_GENERATOR) == 0);
            plain && (g.state.get() == GenState::Created || !has_cleanup(g))
        }
    }
}

/// May a loop enter this generator's frame without further ado? It is at its start or at a YIELD.
#[inline]
pub(crate) fn is_plainly_resumable(g: &Obj<Generator>) -> bool {
    match g.state.get() {
        GenState::Created => true,
        GenState::Suspended => crate::interp::is_at_yield(g.frame.get()),
        _ => false,
    }
}

/// Links the frame of a resumable generator above the top frame for `next`.
#[inline]
pub(crate) fn link(vm: &mut Vm, g: &Obj<Generator>) -> *mut Frame {
    if g.state.get() == GenState::Suspended {
        crate::interp::finish_yield(g.frame.get(), &Value::NONE);
    }
    vm.exec.depth += 1;
    attach(vm, g, Mode::Next)
}

/// Would closing this suspended generator run any of its code, or be reported to a listener?
pub(crate) fn has_cleanup(g: &Obj<Generator>) -> bool {
    let frame = g.frame.get();
    if frame.is_null() {
        return false;
    }
    // SAFETY: a suspended generator's frame is whole.
    unsafe {
        let offset = (*frame).offset();
        (*frame).body().code.handlers.iter().any(|h| h.start <= offset && offset < h.end)
            || crate::interp::delegate_of(frame).is_some()
            // One instruction, perhaps this one, shows its own word while it runs.
            || (*frame).body().words.first().is_some_and(|w| *w as u16 == crate::trace::TRACE)
    }
}

/// A created generator dies: coroutines complain.
pub(crate) fn never_awaited(vm: &mut Vm, g: &Obj<Generator>) -> Flow {
    if g.state.get() != GenState::Created || !std::ptr::eq(g.header.type_of(), &*vm.types.coroutine)
    {
        return Ok(Reply::NONE);
    }
    let coroutine = g.to_value();
    crate::steps::call_intrinsic(vm, "warn_never_awaited", &[coroutine])
}

/// An awaitable of an asynchronous generator dies before it was used.
pub(crate) fn op_never_awaited(vm: &mut Vm, op: &Obj<AsyncGenOp>) -> Flow {
    if op.state.replace(2) != 0 {
        return Ok(Reply::NONE);
    }
    let method = if std::ptr::eq(op.header.type_of(), &*vm.types.async_gen_asend) {
        "asend"
    } else if op.args.peek().is_none() {
        "aclose"
    } else {
        "athrow"
    };
    let method = vm.str(method);
    let name = op.generator.get().get::<Generator>().map_or(Value::NONE, |g| g.qualname.get());
    let shown = op.to_value();
    crate::steps::call_intrinsic(vm, "warn_method_never_awaited", &[method, name, shown])
}

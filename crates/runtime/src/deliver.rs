//! What reaches a frame that waits: values, the outcomes of generators and delegates, exceptions.
//!
//! A Python frame waits at an instruction. A value completes it (`deliver`), an exception looks for a
//! handler and takes frames off on its way (`unwind`). `Some(next)` from these functions means that the
//! top frame is a machine's now, or that something else follows. Invariants and stages: see `interp`.
//!
//! CPython's counterparts: the ends of calls in `Python/ceval.c`, `exception_unwind`, `gen_send_ex2`.
#![expect(unsafe_code, reason = "completes instructions of waiting frames")]

use std::ptr;

use stackless_bytecode::Insn;
use stackless_bytecode::isa::{op, op1};

use crate::body::Body;
use crate::exc::Exc;
use crate::frame::{Frame, OwnedFrame, state};
use crate::interp::{DST, META, Next, WORDS, current_insn, pop_python, take_pending, write_dst};
use crate::machine::Input;
use crate::objects::exception::Exception;
use crate::objects::generator::{self, GenState, Mode};
use crate::ops;
use crate::steps;
use crate::value::Value;
use crate::vm::Vm;

/// Finishes the instruction at which the top Python frame waits. `Some` leaves the loop.
pub(crate) fn deliver(vm: &mut Vm, v: Value) -> Option<Next> {
    let frame = vm.exec.frame;
    let insn = current_insn(frame);
    let meta = META[insn.op as usize];
    // SAFETY: the top frame is Python and waits at its `ip`; see `execute`.
    unsafe {
        let stage = (*frame).stage();
        if stage == 0 {
            debug_assert!(meta & DST != 0, "delivery to opcode {}", insn.op);
            write_dst(frame, insn, v);
            (*frame).ip = (*frame).ip.add(1 + (meta & WORDS) as usize);
            return None;
        }
        let regs = (*frame).regs();
        match insn.op {
            // An eval-breaker service before the instruction is done: the instruction runs now.
            _ if stage == 3 => {
                (*frame).set_stage(0);
                None
            }
            _ if stage == 4 => skip(frame, meta),
            op::JUMP_IF_TRUE | op1::JUMP_IF_TRUE => jump_on(frame, v.is_true(), insn.bc() as i32),
            op::JUMP_IF_FALSE | op1::JUMP_IF_FALSE => {
                jump_on(frame, !v.is_true(), insn.bc() as i32)
            }
            op::JUMP_IF_TRUE_OR_POP | op::JUMP_IF_FALSE_OR_POP => {
                let jump = v.is_true() == (insn.op == op::JUMP_IF_TRUE_OR_POP);
                if !jump {
                    ptr::drop_in_place(regs.add(insn.a as usize));
                }
                jump_on(frame, jump, insn.bc() as i32)
            }
            code @ op::JUMP_IF_LT..=op::JUMP_UNLESS_GE_IMM => {
                if stage == 1 {
                    (*frame).set_stage(2);
                    match ops::truth(vm, &v) {
                        Ok(r) if r.is_away() && vm.pending_input.is_some() => {
                            return Some(take_pending(vm));
                        }
                        Ok(r) if r.is_away() => return enter_top(vm),
                        Ok(r) => return deliver(vm, r.into_raw()),
                        Err(e) => {
                            (*frame).set_stage(0);
                            return unwind(vm, e, true);
                        }
                    }
                }
                let unless = (op::JUMP_UNLESS_LT..=op::JUMP_UNLESS_GE).contains(&code)
                    || (op::JUMP_UNLESS_LT_IMM..=op::JUMP_UNLESS_GE_IMM).contains(&code);
                jump_on(frame, v.is_true() != unless, insn.c as i16 as i32)
            }
            op::NOT | op1::NOT | op::NOT_IN | op1::NOT_IN => {
                done(frame, insn, Value::bool(!v.is_true()), 0)
            }
            op::IN | op1::IN => done(frame, insn, Value::bool(v.is_true()), 0),
            op::FOR_ITER | op1::FOR_ITER => {
                if v.is_exhausted() {
                    exhaust(frame, insn);
                    None
                } else {
                    done(frame, insn, v, 0)
                }
            }
            op::LOAD_METHOD | op1::LOAD_METHOD | op::LOAD_SUPER_METHOD => {
                regs.add(insn.a as usize).write(v);
                regs.add(insn.a as usize + 1).write(Value::UNBOUND);
                skip(frame, meta)
            }
            op::BEFORE_WITH | op1::BEFORE_WITH | op::BEFORE_ASYNC_WITH | op1::BEFORE_ASYNC_WITH => {
                regs.add(insn.a as usize).write(v);
                skip(frame, meta)
            }
            op::UNPACK_SEQUENCE | op1::UNPACK_SEQUENCE | op::UNPACK_EX | op1::UNPACK_EX => {
                let items = v.tuple_items();
                let n = items.len();
                for (k, item) in items.iter().enumerate() {
                    regs.add(insn.a as usize + n - 1 - k).write(item.clone());
                }
                skip(frame, meta)
            }
            op::CHECK_EG_MATCH => {
                let items = v.tuple_items();
                if !items[1].is_none() {
                    vm.exec.handled = items[1].clone();
                }
                regs.add(insn.a as usize).write(items[0].clone());
                regs.add(insn.a as usize + 1).write(items[1].clone());
                skip(frame, meta)
            }
            op::RAISE => {
                (*frame).set_stage(0);
                unwind(vm, Exc(v), true)
            }
            op::YIELD_FROM | op1::YIELD_FROM => {
                let input = if v.is_exhausted() { Input::Exhausted } else { Input::Value(v) };
                yield_from(vm, frame, input)
            }
            _ if meta & DST != 0 => {
                write_dst(frame, insn, v);
                skip(frame, meta)
            }
            _ => {
                drop(v);
                skip(frame, meta)
            }
        }
    }
}

/// Leaves the loop if the top frame is a machine's.
fn enter_top(vm: &Vm) -> Option<Next> {
    // SAFETY: the top frame is alive.
    if unsafe { (*vm.exec.frame).is_native() } { Some(Next::Enter) } else { None }
}

/// # Safety
/// `frame` waits at `insn`, which has a `Dst`.
unsafe fn done(frame: *mut Frame, insn: Insn, v: Value, words: usize) -> Option<Next> {
    // SAFETY: the contract.
    unsafe {
        write_dst(frame, insn, v);
        (*frame).set_stage(0);
        (*frame).ip = (*frame).ip.add(1 + words);
    }
    None
}

/// # Safety
/// `frame` is a waiting Python frame.
unsafe fn skip(frame: *mut Frame, meta: u8) -> Option<Next> {
    // SAFETY: the contract.
    unsafe {
        (*frame).set_stage(0);
        (*frame).ip = (*frame).ip.add(1 + (meta & WORDS) as usize);
    }
    None
}

/// # Safety
/// `frame` waits at a jump.
unsafe fn jump_on(frame: *mut Frame, jump: bool, offset: i32) -> Option<Next> {
    // SAFETY: the contract; jump targets are instruction starts.
    unsafe {
        (*frame).set_stage(0);
        let off = if jump { offset as isize } else { 0 };
        (*frame).ip = (*frame).ip.offset(1 + off);
    }
    None
}

/// # Safety
/// `frame` waits at FOR_ITER `insn`.
unsafe fn exhaust(frame: *mut Frame, insn: Insn) {
    // SAFETY: the iterator is in temporary b.
    unsafe {
        ptr::drop_in_place((*frame).regs().add(insn.b as usize));
        (*frame).set_stage(0);
        (*frame).ip = (*frame).ip.add(1 + insn.c as usize);
    }
}

/// Returns `v` from the top frame when something about it or its caller is unusual.
pub(crate) fn return_slow(vm: &mut Vm, v: Value) -> Option<Next> {
    let frame = vm.exec.frame;
    // SAFETY: the top frame is a Python frame at RETURN, whose operand was moved out.
    unsafe {
        if (*frame).state & state::GENERATOR != 0 {
            let (g, mode) = {
                if (*frame).state & state::EXTRA != 0 {
                    crate::pyframe::detach(vm, frame);
                }
                let (g, mode) = generator::leave(vm, frame, GenState::Closed);
                (*frame).drop_contents();
                OwnedFrame::from_ptr(frame).free_shell();
                (g, mode)
            };
            let is_async_gen = vm.is_exactly(g.value(), &vm.types.async_generator);
            if is_async_gen {
                let class = vm.excs.stop_async_iteration.clone();
                let e = vm.new_exception(&class, vec![]);
                return Some(raise_into_top(vm, e));
            }
            return match mode {
                Mode::Next => {
                    // A loop that listens sees the value that CPython's StopIteration carries.
                    let top = vm.exec.frame;
                    if vm.tracing.is_some()
                        && !v.is_none()
                        && !(*top).is_native()
                        && matches!(current_insn(top).op, op::FOR_ITER | op1::FOR_ITER)
                    {
                        let stop = vm.stop_iteration(v);
                        let event = crate::trace::event::RAISE;
                        let end = Value::EXHAUSTED;
                        if crate::trace::within(vm, top, event, stop.value(), end, 2) {
                            return Some(Next::Enter);
                        }
                    }
                    deliver_to_top(vm, Value::EXHAUSTED)
                }
                Mode::Send => {
                    let e = vm.stop_iteration(v);
                    Some(raise_into_top(vm, e))
                }
                Mode::Delegate => complete_delegate(vm, v),
            };
        }
        pop_python(vm, frame);
    }
    deliver_to_top(vm, v)
}

/// Gives a value to the new top frame.
fn deliver_to_top(vm: &mut Vm, v: Value) -> Option<Next> {
    // SAFETY: the top frame is alive.
    if unsafe { (*vm.exec.frame).is_native() } { Some(Next::Deliver(v)) } else { deliver(vm, v) }
}

fn raise_into_top(vm: &mut Vm, e: Exc) -> Next {
    let _ = vm;
    Next::Raise(e)
}

/// The result of a delegate ends the YIELD_FROM of the frame below it.
fn complete_delegate(vm: &mut Vm, v: Value) -> Option<Next> {
    let frame = vm.exec.frame;
    if vm.tracing.is_some() {
        let stop = vm.stop_iteration(v.clone());
        let event = crate::trace::event::STOP_ITERATION;
        if crate::trace::within(vm, frame, event, stop.value(), v.clone(), 7) {
            return Some(Next::Enter);
        }
    }
    finish_yield_from(vm, frame, current_insn(frame), v)
}

/// Suspends the top (generator) frame with an item.
pub(crate) fn yield_value(vm: &mut Vm, mut frame: *mut Frame, v: Value) -> Option<Next> {
    loop {
        let (_, mode) = generator::leave(vm, frame, GenState::Suspended);
        if !matches!(mode, Mode::Delegate) {
            return deliver_to_top(vm, v);
        }
        // The frame below is at YIELD_FROM: it yields the same item.
        frame = vm.exec.frame;
        if !gives_through(vm, frame, &v) {
            return Some(Next::Enter);
        }
    }
}

/// Suspends a frame at YIELD_FROM with an item of its delegate.
fn yield_through(vm: &mut Vm, frame: *mut Frame, v: Value) -> Option<Next> {
    if gives_through(vm, frame, &v) { yield_value(vm, frame, v) } else { Some(Next::Enter) }
}

/// Readies a frame at YIELD_FROM to give an item away. False: the event is handled first.
fn gives_through(vm: &mut Vm, frame: *mut Frame, v: &Value) -> bool {
    let event = crate::trace::event::YIELD;
    if vm.tracing.is_some() && crate::trace::within(vm, frame, event, v, v.clone(), 5) {
        return false;
    }
    // SAFETY: the frame below a delegating generator, or the top frame, is at YIELD_FROM.
    unsafe { (*frame).set_stage(2) };
    true
}

/// A delegate ended with StopIteration.
fn stop_yield_from(vm: &mut Vm, frame: *mut Frame, insn: Insn, e: &Exc) -> Option<Next> {
    let v = generator::stop_value(vm, e);
    if vm.tracing.is_some()
        && crate::trace::within(vm, frame, crate::trace::event::RAISE, e.value(), v.clone(), 7)
    {
        return Some(Next::Enter);
    }
    finish_yield_from(vm, frame, insn, v)
}

/// One step of YIELD_FROM. Stages: 0 start, 1 waiting for the delegate's outcome, 2 suspended with
/// an item given out, 3 waiting for `close` before raising what is kept in `pending_throw`; while
/// events are handled, 5 before the item is given out, 6 before the delegate goes on, 7 at the end.
pub(crate) fn yield_from(vm: &mut Vm, frame: *mut Frame, input: Input) -> Option<Next> {
    let insn = current_insn(frame);
    // SAFETY: the frame is at YIELD_FROM and keeps the delegate in temporary b.
    let (stage, delegate) =
        unsafe { ((*frame).stage(), (*(*frame).regs().add(insn.b as usize)).clone()) };
    let flow = match (stage, input) {
        (1, Input::Value(v)) => return yield_through(vm, frame, v),
        (5, Input::Value(v)) => {
            // SAFETY: as above.
            unsafe { (*frame).set_stage(2) };
            return yield_value(vm, frame, v);
        }
        (7, Input::Value(v)) => return finish_yield_from(vm, frame, insn, v),
        (5..=7, Input::Exc(e)) => {
            // SAFETY: as above.
            unsafe { (*frame).set_stage(0) };
            return unwind(vm, e, true);
        }
        (2, Input::Value(v))
            if vm.tracing.is_some()
                && crate::trace::within(
                    vm,
                    frame,
                    crate::trace::event::RESUME,
                    &Value::NONE,
                    v.clone(),
                    6,
                ) =>
        {
            return Some(Next::Enter);
        }
        (1, Input::Exhausted) => return finish_yield_from(vm, frame, insn, Value::NONE),
        (1, Input::Exc(e)) => {
            if vm.exc_is(&e, &vm.excs.stop_iteration) {
                return stop_yield_from(vm, frame, insn, &e);
            }
            // SAFETY: as above.
            unsafe {
                (*frame).set_stage(0);
                // The delegate is dropped with the other temporaries by unwinding.
            }
            return unwind(vm, e, true);
        }
        (_, Input::Exc(e)) => steps::throw_into(vm, &delegate, e),
        (_, Input::Value(v)) => steps::send_into(vm, &delegate, v),
        (_, _) => steps::send_into(vm, &delegate, Value::NONE),
    };
    // SAFETY: as above.
    unsafe { (*frame).set_stage(1) };
    match flow {
        Ok(r) if r.is_pushed() && vm.pending_input.is_none() => enter_top(vm),
        Ok(r) if r.is_away() => {
            // The loop hands it on: a chain of delegates is as long as it likes.
            Some(take_pending(vm))
        }
        Ok(r) if r.is_exhausted() => finish_yield_from(vm, frame, insn, Value::NONE),
        Ok(r) => yield_through(vm, frame, r.into_raw()),
        // Native iterators that end raise nothing in CPython.
        Err(e)
            if vm.exc_is(&e, &vm.excs.stop_iteration)
                && vm.type_of(&delegate).has_flag(crate::objects::types::tflags::NATIVE_NEXT) =>
        {
            finish_yield_from(vm, frame, insn, generator::stop_value(vm, &e))
        }
        Err(e) if vm.exc_is(&e, &vm.excs.stop_iteration) => stop_yield_from(vm, frame, insn, &e),
        Err(e) => {
            // SAFETY: as above.
            unsafe { (*frame).set_stage(0) };
            unwind(vm, e, true)
        }
    }
}

fn finish_yield_from(vm: &mut Vm, frame: *mut Frame, insn: Insn, v: Value) -> Option<Next> {
    let _ = vm;
    // SAFETY: the delegate is in temporary b.
    unsafe {
        ptr::drop_in_place((*frame).regs().add(insn.b as usize));
        done(frame, insn, v, 0)
    }
}

/// Finds the handler for an exception raised in the top frame, popping frames without one. `Some`:
/// it reached a machine. `fresh`: the top frame gets a traceback entry.
pub(crate) fn unwind(vm: &mut Vm, exc: Exc, mut fresh: bool) -> Option<Next> {
    let mut exc = exc;
    set_context(vm, &exc);
    fresh &= !crate::trace::was_handled(vm, vm.exec.frame, &exc);
    loop {
        let frame = vm.exec.frame;
        // SAFETY: frames on the chain are alive; Python frames wait at their `ip`.
        unsafe {
            if (*frame).is_native() {
                return Some(Next::Raise(exc));
            }
            let insn = current_insn(frame);
            let stage = (*frame).stage();
            if stage != 0 {
                if stage == 3 {
                    crate::jump::drop_operands(vm, frame);
                }
                match insn.op {
                    op::FOR_ITER | op1::FOR_ITER
                        if stage == 1 && vm.exc_is(&exc, &vm.excs.stop_iteration) =>
                    {
                        if vm.tracing.is_some() {
                            let event = crate::trace::event::RAISE;
                            let (x, end) = (exc.value(), Value::EXHAUSTED);
                            if crate::trace::within(vm, frame, event, x, end, 2) {
                                return Some(Next::Enter);
                            }
                        }
                        exhaust(frame, insn);
                        return None;
                    }
                    // As `yield_from` does it, in this loop.
                    op::YIELD_FROM | op1::YIELD_FROM
                        if stage == 1 && !vm.exc_is(&exc, &vm.excs.stop_iteration) =>
                    {
                        (*frame).set_stage(0);
                        set_context(vm, &exc);
                        fresh = !crate::trace::was_handled(vm, frame, &exc);
                    }
                    op::YIELD_FROM | op1::YIELD_FROM => {
                        return yield_from(vm, frame, Input::Exc(exc));
                    }
                    _ => (*frame).set_stage(0),
                }
            }
            let body: *const Body = (*frame).body();
            let body = &*body;
            let offset = (*frame).offset();
            if fresh && !body.hidden && vm.keeps_tracebacks() {
                crate::pyframe::add_traceback(vm, &exc, frame, offset);
            }
            let again = !std::mem::replace(&mut fresh, true);
            let live = body.live_at(offset);
            let first = body.first_temp as usize;
            let handler = body.code.handlers.iter().find(|h| h.start <= offset && offset < h.end);
            if again && handler.is_none() {
                crate::trace::leave_where_raised(frame, &exc);
            }
            if vm.tracing.is_some()
                && !body.hidden
                && crate::trace::raised(vm, frame, &exc, handler.is_some(), again)
            {
                return Some(Next::Enter);
            }
            if let Some(h) = handler {
                let regs = (*frame).regs();
                let depth = h.depth as usize;
                for i in (depth..live).rev() {
                    ptr::drop_in_place(regs.add(first + i));
                }
                regs.add(first + depth).write(exc.into_value());
                (*frame).ip = body.words.as_ptr().add(h.target as usize);
                return None;
            }
            if (*frame).state & state::GENERATOR != 0 {
                let g = generator::of_frame(frame);
                let is_async = vm.is_exactly(g.value(), &vm.types.async_generator);
                let coroutine = vm.is_exactly(g.value(), &vm.types.coroutine);
                pop_python(vm, frame);
                let stop = vm.exc_is(&exc, &vm.excs.stop_iteration);
                if stop || (is_async && vm.exc_is(&exc, &vm.excs.stop_async_iteration)) {
                    let what = if is_async {
                        "async generator"
                    } else if coroutine {
                        "coroutine"
                    } else {
                        "generator"
                    };
                    let name = if stop { "StopIteration" } else { "StopAsyncIteration" };
                    let new = vm.runtime_error(format!("{what} raised {name}"));
                    if let Some(x) = new.value().get::<Exception>() {
                        x.cause.set(exc.value().clone());
                        x.context.set(exc.value().clone());
                        x.suppress_context.set(true);
                    }
                    exc = new;
                }
            } else {
                pop_python(vm, frame);
            }
        }
    }
}

/// `__context__` of an exception that starts to travel.
fn set_context(vm: &mut Vm, exc: &Exc) {
    let handled = vm.handled_exception();
    if handled.is_none() || handled.is(exc.value()) {
        return;
    }
    let Some(x) = exc.value().get::<Exception>() else { return };
    if !x.context.peek().is_none() {
        return;
    }
    // Nobody else knows a fresh exception, so that no chain leads to it: chains may be long.
    if exc.value().header().is_some_and(|h| h.count() == 1) {
        x.context.set(handled);
        return;
    }
    // Break a cycle that would lead back to the new exception. The chain may hold a cycle of its
    // own: a second pointer follows at half the speed.
    let (mut at, mut slow, mut step) = (handled.clone(), handled.clone(), false);
    while let Some(e) = at.get::<Exception>() {
        let next = e.context.get();
        if next.is(exc.value()) {
            e.context.set(Value::NONE);
            break;
        }
        if next.is(&slow) {
            break;
        }
        if step {
            slow = slow.get::<Exception>().map_or(Value::NONE, |s| s.context.get());
        }
        step = !step;
        at = next;
    }
    x.context.set(handled);
}

impl Vm {
    /// The innermost exception being handled, or None.
    pub fn handled_exception(&self) -> Value {
        self.exec.innermost_handled().clone()
    }
}

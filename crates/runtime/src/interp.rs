//! The interpreter loop: `execute` runs Python frames, `run` alternates it with machine steps.
//!
//! One loop serves all activations: a call pushes a frame and goes on in it, a return pops one. The
//! native stack does not grow. Control leaves `execute` only when the top frame is a machine's. The
//! frequent cases of the frequent instructions are done by `quick`, which this loop asks first.
//!
//! Conventions inside the loop:
//! - `ip` points at the current instruction; it is stored in the frame before anything that may
//!   raise, push or look at frames;
//! - temporaries consumed by an instruction are moved out of their registers first (liveness law);
//! - a result for an instruction whose first operand is a `Dst` is written by whoever delivers it;
//!   other instructions that suspend set a stage, and `resume` finishes them.
//!
//! Each place where native code enters the loop from below goes through `run_nested`, which counts.
#![expect(unsafe_code, reason = "home of the interpreter loop")]

use std::ptr;

use stackless_bytecode::isa::{OPS, op, op1, op2, op3};
use stackless_bytecode::{Insn, Operand};

use crate::body::Body;
pub(crate) use crate::deliver::{deliver, unwind};
use crate::deliver::{return_slow, yield_from, yield_value};
use crate::exc::{Exc, Flow, PyResult};
use crate::frame::{Frame, OwnedFrame, state};
use crate::machine::{Input, Machine, Regs};
use crate::nested::NestedEntry;
use crate::objects::function::Cell_;
use crate::objects::generator::{self, GenState};
use crate::objects::list::List;
use crate::ops;
use crate::panics;
use crate::quick;
use crate::stacks;
use crate::steps;
use crate::value::Value;
use crate::vm::Vm;

/// What happens to the top frame next.
pub(crate) enum Next {
    /// It goes on at its `ip` (a machine: its first step).
    Enter,
    /// The operation that it waited for has this value.
    Deliver(Value),
    /// … or raised; the error is new to this frame.
    Raise(Exc),
}

/// What an opcode's delivery looks like.
pub(crate) const WORDS: u8 = 0x0f;
pub(crate) const DST: u8 = 0x40;
pub(crate) const DST_LOCAL: u8 = 0x80;

const fn build_meta() -> [u8; 512] {
    let mut meta = [0u8; 512];
    let mut i = 0;
    while i < OPS.len() {
        let info = &OPS[i];
        let mut v = 0;
        while v < 1usize << info.variants {
            let mut m = info.words;
            if matches!(info.operands[0], Operand::Dst) {
                m |= DST;
                if v & 1 == 1 {
                    m |= DST_LOCAL;
                }
            }
            meta[info.base as usize + v] = m;
            v += 1;
        }
        i += 1;
    }
    meta
}
pub(crate) static META: [u8; 512] = build_meta();

/// The floor of a nested run: a frame whose delivery ends the loop. In stage 1 it is the mark of a parked
/// stack, whose place in `Stacks` is its register.
pub(crate) static BOUNDARY: Machine =
    Machine::new("interp.boundary", |vm, _, _| Err(vm.system_error("boundary stepped")));

/// Runs `start` and whatever it pushes until its outcome is known. The native stack grows by one
/// loop; every use of this function is counted in `Vm::nested_entries`.
pub fn run_nested(
    vm: &mut Vm,
    entry: NestedEntry,
    start: impl FnOnce(&mut Vm) -> Flow,
) -> PyResult {
    vm.nested_entries[entry as usize] += 1;
    if vm.exec.nesting >= 200 || vm.stacks.is_short() {
        return Err(vm.recursion_error_text("maximum recursion depth exceeded"));
    }
    vm.enter_native()?;
    let below = vm.exec.frame;
    let frame = vm.exec.stack.push_native(below, &BOUNDARY, &mut std::iter::empty());
    vm.exec.frame = frame;
    vm.exec.nesting += 1;
    let result = match entry {
        NestedEntry::HostMain => stacks::drive(vm, |vm| run_above(vm, frame, start)),
        _ => run_above(vm, frame, start),
    };
    vm.exec.nesting -= 1;
    result
}

/// Runs `start` above its boundary.
fn run_above(vm: &mut Vm, floor: *mut Frame, start: impl FnOnce(&mut Vm) -> Flow) -> PyResult {
    let flow = match panics::caught(|| start(vm)) {
        Ok(flow) => flow,
        Err(payload) if vm.stacks.unwinding => std::panic::resume_unwind(payload),
        Err(payload) => {
            leave_above(vm, floor);
            Err(panics::exception(vm, payload))
        }
    };
    match flow {
        Ok(r) if r.is_pushed() && vm.pending_input.is_none() => execute(vm, Next::Enter),
        Ok(r) if r.is_away() => {
            let next = take_pending(vm);
            execute(vm, next)
        }
        Ok(r) => {
            pop_native(vm);
            Ok(r.into_raw())
        }
        Err(e) => {
            pop_native(vm);
            Err(e)
        }
    }
}

/// A loop at the bottom of a new stack: runs the current tasklet, which waits for the pending input.
pub(crate) fn go_on(vm: &mut Vm) -> PyResult {
    let next = take_pending(vm);
    execute(vm, next)
}

/// Marks the current tasklet's frames as those of a parked stack.
pub(crate) fn put_mark(vm: &mut Vm, place: usize) -> PyResult<()> {
    let place = Value::from_i32(i32::try_from(place).unwrap_or(i32::MAX));
    vm.push_machine(&BOUNDARY, 1, [place])?;
    Ok(())
}

/// The native stack of the current tasklet was left for ever, because there was no memory: takes the
/// tasklet's nested runs off, and makes MemoryError its pending input.
#[cold]
pub(crate) fn abandon(vm: &mut Vm) {
    vm.return_borrowed();
    while take_mark(vm).is_some() {}
    let own = vm.scheduler.current.as_ref().is_some_and(|c| c.is_main.get()) as u32;
    let nested = vm.exec.nesting.saturating_sub(own) as usize;
    let mut floors = Vec::new();
    let mut at = vm.exec.frame;
    while !at.is_null() {
        // SAFETY: frames of the chain are alive.
        unsafe {
            if (*at).is_native() && ptr::eq((*at).machine(), &BOUNDARY) {
                floors.push((*at).caller);
            }
            at = (*at).caller;
        }
    }
    // The innermost ones are nested, the outermost one of the main tasklet is not.
    if let Some(floor) = nested.checked_sub(1).and_then(|i| floors.get(i)) {
        leave_above(vm, *floor);
        vm.exec.nesting = own;
    }
    vm.first_steps = 0;
    vm.pending_input = match recover(vm, Box::new(panics::OUT_OF_MEMORY), 0) {
        Next::Raise(e) => Some(Err(e)),
        _ => None,
    };
}

/// Takes the mark off the current tasklet's frames: the place of its stack.
pub(crate) fn take_mark(vm: &mut Vm) -> Option<usize> {
    let frame = vm.exec.frame;
    // SAFETY: the top frame of the chain is alive.
    unsafe {
        let is_mark = !frame.is_null()
            && (*frame).is_native()
            && ptr::eq((*frame).machine(), &BOUNDARY)
            && (*frame).stage() == 1;
        if !is_mark {
            return None;
        }
        let place = (*frame).reg(0).as_small_int();
        pop_native(vm);
        usize::try_from(place?).ok()
    }
}

pub(crate) fn take_pending(vm: &mut Vm) -> Next {
    match vm.pending_input.take() {
        Some(Ok(v)) => Next::Deliver(v),
        Some(Err(e)) => Next::Raise(e),
        None => Next::Deliver(Value::NONE),
    }
}

/// Takes the topmost native frame off.
pub(crate) fn pop_native(vm: &mut Vm) {
    let frame = vm.exec.frame;
    // SAFETY: the top frame is native and whole; nobody refers to it afterwards.
    unsafe {
        debug_assert!((*frame).is_native());
        let st = (*frame).state;
        vm.exec.frame = (*frame).caller;
        (*frame).drop_contents();
        vm.exec.stack.pop(frame, st);
    }
    vm.exec.native_depth -= 1;
}

/// Steps machines until the top frame is a Python frame that can go on. `Some`: the boundary got its
/// delivery.
fn settle(vm: &mut Vm, mut next: Next) -> Option<PyResult> {
    loop {
        let frame = vm.exec.frame;
        // SAFETY: the top frame of the chain is alive.
        if unsafe { !(*frame).is_native() } {
            let after = match next {
                Next::Enter => return None,
                Next::Deliver(v) => deliver(vm, v),
                Next::Raise(e) => unwind(vm, e, true),
            };
            next = after.unwrap_or(Next::Enter);
            continue;
        }
        // SAFETY: as above.
        let machine = unsafe { (*frame).machine() };
        if ptr::eq(machine, &BOUNDARY) {
            // SAFETY: as above.
            if unsafe { (*frame).stage() } == 1 {
                vm.pending_input = Some(match next {
                    Next::Deliver(v) => Ok(v),
                    Next::Raise(e) => Err(e),
                    Next::Enter => Ok(Value::NONE),
                });
                vm.stacks.elsewhere = true;
                return Some(Ok(Value::NONE));
            }
            pop_native(vm);
            return Some(match next {
                Next::Deliver(v) => Ok(v),
                Next::Raise(e) => Err(e),
                Next::Enter => Err(vm.system_error("boundary entered")),
            });
        }
        if let (Next::Deliver(v), Some(passes)) = (&next, machine.passes)
            // SAFETY: as above.
            && passes(unsafe { (*frame).stage() }, v)
        {
            pop_native(vm);
            continue;
        }
        let input = match next {
            Next::Enter => Input::Start,
            Next::Deliver(v) if v.is_exhausted() => Input::Exhausted,
            Next::Deliver(v) => Input::Value(v),
            Next::Raise(e) => Input::Exc(e),
        };
        next = match (machine.step)(vm, &mut Regs(frame), input) {
            // A step that passes a switch on may say *pushed*: the pending input tells.
            Ok(r) if r.is_away() && vm.pending_input.is_some() => take_pending(vm),
            Ok(r) if r.is_away() => Next::Enter,
            Ok(r) => {
                debug_assert!(ptr::eq(vm.exec.frame, frame), "{} left frames", machine.name);
                pop_native(vm);
                Next::Deliver(r.into_raw())
            }
            Err(e) => {
                debug_assert!(ptr::eq(vm.exec.frame, frame), "{} left frames", machine.name);
                pop_native(vm);
                Next::Raise(e)
            }
        };
    }
}

/// Whether the machine that runs now was called by the FOR_ITER of a Python frame, which reports
/// the exception that ends it to who listens.
pub(crate) fn called_by_for(vm: &Vm) -> bool {
    // SAFETY: frames of the chain are alive.
    unsafe {
        let caller = (*vm.exec.frame).caller;
        !caller.is_null()
            && !(*caller).is_native()
            && matches!(current_insn(caller).op, op::FOR_ITER | op1::FOR_ITER)
    }
}

/// The instruction at a frame's `ip`.
pub(crate) fn current_insn(frame: *mut Frame) -> Insn {
    // SAFETY: a Python frame's ip points into its body's words.
    unsafe { Insn::decode(crate::trace::canonical(frame, *(*frame).ip)) }
}

/// Drops a Python frame's contents and gives its space back.
pub(crate) fn pop_python(vm: &mut Vm, frame: *mut Frame) {
    // SAFETY: the frame is the top of the chain; its valid registers are known from its ip.
    unsafe {
        if (*frame).state & state::EXTRA != 0 {
            crate::pyframe::detach(vm, frame);
        }
        if (*frame).state & state::GENERATOR != 0 {
            generator::leave(vm, frame, GenState::Closed);
            (*frame).drop_contents();
            OwnedFrame::from_ptr(frame).free_shell();
            return;
        }
        let st = (*frame).state;
        vm.exec.frame = (*frame).caller;
        (*frame).drop_contents();
        vm.exec.stack.pop(frame, st);
    }
    vm.exec.depth -= 1;
}

/// Completes a YIELD at which the frame is suspended. False: it is at another instruction.
pub(crate) fn finish_yield(frame: *mut Frame, v: &Value) -> bool {
    let insn = current_insn(frame);
    if insn.op < op::YIELD || insn.op > op3::YIELD {
        return false;
    }
    // SAFETY: a suspended frame; the destination register belongs to it.
    unsafe {
        write_dst(frame, insn, v.clone());
        (*frame).ip = (*frame).ip.add(1);
    }
    true
}

/// Writes a result for the instruction at which the frame waits.
///
/// # Safety
/// `insn` is the frame's current instruction and has a `Dst` first operand.
pub(crate) unsafe fn write_dst(frame: *mut Frame, insn: Insn, v: Value) {
    // SAFETY: operands of compiled or verified code are in range; a temporary destination is empty.
    unsafe {
        let slot = (*frame).regs().add(insn.a as usize);
        if META[insn.op as usize] & DST_LOCAL != 0 {
            *slot = v;
        } else {
            slot.write(v);
        }
    }
}

/// Is the suspended frame at a YIELD?
pub(crate) fn is_at_yield(frame: *mut Frame) -> bool {
    let insn = current_insn(frame);
    insn.op >= op::YIELD && insn.op <= op3::YIELD
}

/// The object that a frame suspended in YIELD_FROM delegates to.
///
/// # Safety
/// `frame` is a suspended generator frame.
pub(crate) unsafe fn delegate_of(frame: *mut Frame) -> Option<Value> {
    let insn = current_insn(frame);
    if insn.op < op::YIELD_FROM || insn.op > op1::YIELD_FROM {
        return None;
    }
    // SAFETY: YIELD_FROM keeps its iterator in temporary b while suspended.
    unsafe { Some((*(*frame).regs().add(insn.b as usize)).clone()) }
}

/// A copy or the moved-out value of a source register.
///
/// # Safety
/// The register is valid; a temporary is dead afterwards.
#[inline(always)]
unsafe fn take_reg(regs: *mut Value, body: &Body, i: u16) -> Value {
    // SAFETY: the contract.
    unsafe {
        let slot = regs.add(i as usize);
        if i < body.first_temp { (*slot).clone() } else { slot.read() }
    }
}

/// Reads a register without touching counts: for type tests and immediate arithmetic.
///
/// # Safety
/// The register is valid.
#[inline(always)]
unsafe fn peek<'a>(regs: *mut Value, i: u16) -> &'a Value {
    // SAFETY: the contract; the borrow ends before the register is written.
    unsafe { &*regs.add(i as usize) }
}

/// Where the loop goes after a slow operation.
enum Then {
    /// Write the value to the destination and go on.
    Value(Value),
    /// Go on at the frame's (changed) `ip` in the current top frame.
    Reload,
    Raise(Exc),
}

/// Why the dispatch loop was left.
enum Exit {
    /// Control moved to another frame, or a switch delivers something.
    Away,
    /// Go on in the top frame.
    Reload,
    Next(Next),
    Raise(Exc),
}

#[inline(always)]
fn then(flow: Flow) -> Then {
    match flow {
        Ok(r) if !r.is_away() => Then::Value(r.into_raw()),
        Ok(_) => Then::Reload,
        Err(e) => Then::Raise(e),
    }
}

/// Runs frames until the boundary gets its delivery. A panic below becomes an exception of the
/// instruction or machine that ran.
fn execute(vm: &mut Vm, mut next: Next) -> PyResult {
    let first_steps = vm.first_steps;
    // Panics in a row while the exception of an earlier one was on its way.
    let mut failed = 0;
    loop {
        let mut settled = false;
        match panics::caught(|| run_frames(vm, next, &mut settled)) {
            Ok(result) => return result,
            Err(payload) if vm.stacks.unwinding => std::panic::resume_unwind(payload),
            Err(payload) => {
                failed = if settled { 0 } else { failed + 1 };
                vm.first_steps = first_steps;
                next = recover(vm, payload, failed);
            }
        }
    }
}

/// Puts the `Vm` right after a panic; the exception that stands for it is to be raised next.
///
/// What the panic left unfinished is the top of the chain. A machine in the middle of its step is
/// taken off: its stage may speak of a call that was never made. A Python frame stays at its
/// instruction, whose operands had been taken. Each further panic on the exception's way takes more
/// off, so it arrives somewhere.
#[cold]
#[inline(never)]
fn recover(vm: &mut Vm, payload: panics::Payload, failed: u32) -> Next {
    const HOPELESS: u32 = 1000;
    let top = vm.exec.frame;
    if top.is_null() || failed > HOPELESS {
        std::panic::resume_unwind(payload);
    }
    vm.raised = None;
    vm.pending_input = None;
    vm.audited = false;
    vm.heap.abandon_draining();
    crate::gc::abandon(vm);
    for _ in 0..=failed {
        let frame = vm.exec.frame;
        // SAFETY: frames of the chain are alive.
        unsafe {
            if !(*frame).is_native() {
                let insn = current_insn(frame);
                if matches!(insn.op, op::BEFORE_WITH..=op1::BEFORE_ASYNC_WITH) {
                    // The liveness count includes the method that is being looked up.
                    (*frame).regs().add(insn.a as usize - 1).write(Value::NONE);
                }
                (*frame).set_stage(0);
                if failed == 0 {
                    break;
                }
                forget_temporaries(frame);
                pop_python(vm, frame);
                continue;
            }
            let machine = (*frame).machine();
            if ptr::eq(machine, &BOUNDARY) {
                break;
            }
            if (*frame).caller.is_null() {
                // The outermost machine of a tasklet: its function has failed.
                (*frame).set_stage(1);
                break;
            }
            if let Some(abandon) = machine.abandon {
                abandon(vm, &mut Regs(frame));
            }
        }
        pop_native(vm);
    }
    Next::Raise(panics::exception(vm, payload))
}

/// Lets the temporaries of a Python frame go without dropping them.
///
/// # Safety
/// `frame` is a Python frame of the chain.
unsafe fn forget_temporaries(frame: *mut Frame) {
    // SAFETY: the registers belong to the frame; nothing is read or dropped.
    unsafe {
        (*frame).set_stage(0);
        let body = (*frame).body();
        for i in 0..body.live_at((*frame).offset()) {
            (*frame).regs().add(body.first_temp as usize + i).write(Value::NONE);
        }
    }
}

/// Takes off what lies above `floor`, after a panic.
#[cold]
fn leave_above(vm: &mut Vm, floor: *mut Frame) {
    while vm.exec.frame != floor && !vm.exec.frame.is_null() {
        let frame = vm.exec.frame;
        // SAFETY: frames of the chain are alive.
        unsafe {
            if (*frame).is_native() {
                pop_native(vm);
            } else {
                forget_temporaries(frame);
                pop_python(vm, frame);
            }
        }
    }
    vm.heap.abandon_draining();
    vm.pending_input = None;
}

fn run_frames(vm: &mut Vm, next: Next, settled: &mut bool) -> PyResult {
    if let Some(result) = settle(vm, next) {
        return result;
    }
    *settled = true;
    let mut frame = vm.exec.frame;
    // SAFETY: this function is the loop that the module's text describes. Register numbers, jump
    // targets and constant indexes come from our compiler or were verified; registers are read
    // only while valid by the liveness law; frames on the chain are alive.
    unsafe {
        let mut ip: *const u64 = (*frame).ip;

        loop {
            let exit = 'dispatch: loop {
                macro_rules! regs {
                    () => {
                        (*frame).regs()
                    };
                }
                macro_rules! reload {
                    () => {
                        break 'dispatch Exit::Reload
                    };
                }
                macro_rules! away {
                    () => {
                        break 'dispatch Exit::Away
                    };
                }
                macro_rules! raise {
                    ($e:expr) => {{
                        let e = $e;
                        (*frame).ip = ip;
                        break 'dispatch Exit::Raise(e);
                    }};
                }
                // A local's old value dies here; finalisers run before the next instruction. `ip` still
                // points at the instruction, whose effect is complete: stage 4 only advances.
                macro_rules! put {
                    (T $a:expr, $v:expr) => {
                        regs!().add($a as usize).write($v)
                    };
                    (L $a:expr, $v:expr) => {{
                        let old = ptr::replace(regs!().add($a as usize), $v);
                        if old.is_object() {
                            drop(old);
                            finalize!();
                        }
                    }};
                }
                macro_rules! finalize {
                    () => {
                        if vm.heap.pending.get() {
                            match finalize_point(vm, frame, ip) {
                                Ok(false) => {}
                                Ok(true) => away!(),
                                Err(e) => raise!(e),
                            }
                        }
                    };
                }
                macro_rules! src {
                    (T $i:expr) => {
                        regs!().add($i as usize).read()
                    };
                    (L $i:expr) => {
                        (*regs!().add($i as usize)).clone()
                    };
                }
                macro_rules! body {
                    () => {
                        (*frame).body()
                    };
                }
                macro_rules! jump {
                    ($off:expr) => {
                        ip = ip.offset(1 + $off as isize)
                    };
                }
                // The eval-breaker; the instruction at `ip` has not begun (stage 3: run it again).
                macro_rules! breaker {
                    () => {
                        vm.breaker -= 1;
                        if vm.breaker < 0 {
                            match breaker_point(vm, frame, ip) {
                                Ok(false) => {}
                                Ok(true) => away!(),
                                Err(e) => raise!(e),
                            }
                        }
                    };
                }
                // Takes `n` temporaries from `base` as a vector.
                macro_rules! take_run {
                    ($base:expr, $n:expr) => {{
                        let mut v = Vec::with_capacity($n as usize);
                        for i in 0..$n as usize {
                            v.push(regs!().add($base as usize + i).read());
                        }
                        v
                    }};
                }
                // Drops what a plain frame holds and takes it off, and with it those up to `$to`, whose
                // space starts there; `$below` goes on.
                macro_rules! leave {
                    ($to:expr, $below:expr) => {{
                        let n = (*(*frame).body()).first_temp as usize;
                        for i in (0..n).rev() {
                            ptr::drop_in_place(regs!().add(i));
                        }
                        ptr::drop_in_place(&raw mut (*frame).func);
                        vm.exec.stack.top = $to.cast();
                        vm.exec.frame = $below;
                        vm.exec.depth -= 1;
                    }};
                }
                // Completes the instruction at which the frame that is on top now waits.
                macro_rules! answer {
                    ($v:expr) => {{
                        let v = $v;
                        frame = vm.exec.frame;
                        ip = (*frame).ip;
                        let mut insn = Insn::decode(*ip);
                        if insn.op >= META.len() as u16 {
                            insn = current_insn(frame);
                        }
                        let meta = META[insn.op as usize];
                        debug_assert!(meta & DST != 0);
                        if meta & DST_LOCAL != 0 {
                            put!(L insn.a, v);
                        } else {
                            put!(T insn.a, v);
                        }
                        finalize!();
                        ip = ip.add(1 + (meta & WORDS) as usize);
                        continue;
                    }};
                }
                macro_rules! do_return {
                    ($v:expr) => {{
                        let v: Value = $v;
                        let caller = (*frame).caller;
                        if (*frame).state == 0 && (*caller).state & state::NOT_WAITING == 0 {
                            leave!(frame, caller);
                            answer!(v);
                        }
                        // The end of a constructor: the instance is the answer.
                        if (*frame).state == 0
                            && v.is_none()
                            && (*caller).state == state::NATIVE | 1
                            && ptr::eq((*caller).machine(), &ops::call::INIT)
                            && (*(*caller).caller).state & state::NOT_WAITING == 0
                        {
                            let instance = (*caller).regs().read();
                            leave!(caller, (*caller).caller);
                            vm.exec.native_depth -= 1;
                            answer!(instance);
                        }
                        if (*frame).state == 0 && (*caller).is_native() {
                            leave!(frame, caller);
                            break 'dispatch Exit::Next(Next::Deliver(v));
                        }
                        (*frame).ip = ip;
                        match return_slow(vm, v) {
                            Some(next) => break 'dispatch Exit::Next(next),
                            None => reload!(),
                        }
                    }};
                }
                let left = quick::run(ip, frame, vm);
                frame = vm.exec.frame;
                if left == quick::AWAY {
                    away!();
                }
                ip = (*frame).ip;
                let word = *ip;
                match left {
                    quick::UNDONE => {}
                    quick::RAISED => {
                        if let Some(e) = vm.raised.take() {
                            raise!(e)
                        }
                    }
                    _ => {
                        finalize!();
                        ip = ip.add(1 + (META[word as u16 as usize] & WORDS) as usize);
                        continue;
                    }
                }
                match word as u16 {
                    crate::trace::TRACE => match crate::trace::point(vm, frame, ip) {
                        Ok(false) => {}
                        Ok(true) => away!(),
                        Err(e) => {
                            (*frame).ip = ip;
                            crate::jump::drop_operands(vm, frame);
                            break 'dispatch Exit::Raise(e);
                        }
                    },
                    op::CHECK_BOUND => {
                        let i = Insn::decode(word);
                        if peek(regs!(), i.a).is_unbound() {
                            (*frame).ip = ip;
                            raise!(steps::unbound_local(vm, frame, i.a))
                        }
                        ip = ip.add(1);
                    }
                    op::DELETE_FAST => {
                        let i = Insn::decode(word);
                        let v = ptr::replace(regs!().add(i.a as usize), Value::UNBOUND);
                        if v.is_unbound() {
                            (*frame).ip = ip;
                            raise!(steps::unbound_local(vm, frame, i.a))
                        }
                        drop(v);
                        finalize!();
                        ip = ip.add(1);
                    }
                    op::LOAD_DEREF => {
                        let i = Insn::decode(word);
                        if let Some(c) = peek(regs!(), i.b).get::<Cell_>() {
                            let v = c.contents.get();
                            if !v.is_unbound() {
                                put!(T i.a, v);
                                ip = ip.add(1);
                                continue;
                            }
                        }
                        (*frame).ip = ip;
                        raise!(steps::empty_cell(vm, frame, i.b))
                    }
                    op1::LOAD_DEREF => {
                        let i = Insn::decode(word);
                        if let Some(c) = peek(regs!(), i.b).get::<Cell_>() {
                            let v = c.contents.get();
                            if !v.is_unbound() {
                                put!(L i.a, v);
                                ip = ip.add(1);
                                continue;
                            }
                        }
                        (*frame).ip = ip;
                        raise!(steps::empty_cell(vm, frame, i.b))
                    }
                    op::DELETE_DEREF => {
                        let i = Insn::decode(word);
                        let old = match peek(regs!(), i.a).get::<Cell_>() {
                            Some(c) => c.contents.take(),
                            None => Value::UNBOUND,
                        };
                        if old.is_unbound() {
                            (*frame).ip = ip;
                            raise!(steps::empty_cell(vm, frame, i.a))
                        }
                        drop(old);
                        ip = ip.add(1);
                    }
                    op::JUMP_BACK => {
                        breaker!();
                        jump!(Insn::decode(word).bc() as i32);
                    }
                    code @ (op::UNPACK_SEQUENCE | op1::UNPACK_SEQUENCE) => {
                        let i = Insn::decode(word);
                        (*frame).ip = ip;
                        let v = if code == op::UNPACK_SEQUENCE { src!(T i.b) } else { src!(L i.b) };
                        let n = i.c as usize;
                        let items: &[Value] = if vm.is_exactly(&v, &vm.types.tuple) {
                            v.tuple_items()
                        } else if let Some(l) = v.get::<List>()
                            && vm.is_exactly(&v, &vm.types.list)
                        {
                            l.items(vm)
                        } else {
                            &[]
                        };
                        if items.len() == n && n > 0 {
                            for (k, item) in items.iter().enumerate() {
                                put!(T i.a as usize + n - 1 - k, item.clone());
                            }
                            drop(v);
                            ip = ip.add(1);
                            continue;
                        }
                        (*frame).set_stage(1);
                        let flow = steps::unpack(vm, v, n, None);
                        match then(flow) {
                            Then::Value(t) => {
                                (*frame).set_stage(0);
                                for (k, item) in t.tuple_items().iter().enumerate() {
                                    put!(T i.a as usize + n - 1 - k, item.clone());
                                }
                                ip = ip.add(1);
                            }
                            Then::Reload => away!(),
                            Then::Raise(e) => {
                                (*frame).set_stage(0);
                                raise!(e)
                            }
                        }
                    }
                    code @ (op::UNPACK_EX | op1::UNPACK_EX) => {
                        let i = Insn::decode(word);
                        (*frame).ip = ip;
                        let v = if code == op::UNPACK_EX { src!(T i.b) } else { src!(L i.b) };
                        let after = *ip.add(1) as usize;
                        (*frame).set_stage(1);
                        let flow = steps::unpack(vm, v, i.c as usize, Some(after));
                        match then(flow) {
                            Then::Value(t) => {
                                (*frame).set_stage(0);
                                let n = i.c as usize + 1 + after;
                                for (k, item) in t.tuple_items().iter().enumerate() {
                                    put!(T i.a as usize + n - 1 - k, item.clone());
                                }
                                ip = ip.add(2);
                            }
                            Then::Reload => away!(),
                            Then::Raise(e) => {
                                (*frame).set_stage(0);
                                raise!(e)
                            }
                        }
                    }
                    // The breaker is due: the call has not begun, and begins again.
                    op::CALL | op1::CALL | op::CALL_METHOD | op1::CALL_METHOD => {
                        breaker!();
                    }
                    op::RETURN => {
                        let i = Insn::decode(word);
                        do_return!(src!(T i.a))
                    }
                    op1::RETURN => {
                        let i = Insn::decode(word);
                        // The local is about to die: take it along.
                        do_return!(ptr::replace(regs!().add(i.a as usize), Value::UNBOUND))
                    }
                    op::RETURN_CONST => {
                        let i = Insn::decode(word);
                        do_return!(body!().consts.get_unchecked(i.bc() as usize).clone())
                    }
                    code @ (op::YIELD | op1::YIELD | op2::YIELD | op3::YIELD) => {
                        let i = Insn::decode(word);
                        (*frame).ip = ip;
                        let v = if code == op::YIELD || code == op1::YIELD {
                            src!(T i.b)
                        } else {
                            src!(L i.b)
                        };
                        let v = if i.c == 1 { steps::wrap_async(vm, v) } else { v };
                        match yield_value(vm, frame, v) {
                            Some(next) => break 'dispatch Exit::Next(next),
                            None => reload!(),
                        }
                    }
                    op::YIELD_FROM | op1::YIELD_FROM => {
                        (*frame).ip = ip;
                        match yield_from(vm, frame, Input::Start) {
                            Some(next) => break 'dispatch Exit::Next(next),
                            None => reload!(),
                        }
                    }
                    op::END_ASYNC_FOR => {
                        let i = Insn::decode(word);
                        (*frame).ip = ip;
                        let v = take_run!(i.a, 2);
                        if vm.is_instance(&v[1], &vm.excs.stop_async_iteration) {
                            drop(v);
                            ip = ip.add(1);
                            continue;
                        }
                        let e = Exc(v[1].clone());
                        drop(v);
                        if let Some(next) = unwind(vm, e, false) {
                            break 'dispatch Exit::Next(next);
                        }
                        reload!();
                    }

                    op::RAISE => {
                        let i = Insn::decode(word);
                        (*frame).ip = ip;
                        let (exc, cause) = match i.c {
                            0 => (Value::UNBOUND, Value::UNBOUND),
                            1 => (take_reg(regs!(), body!(), i.a), Value::UNBOUND),
                            _ => {
                                let e = take_reg(regs!(), body!(), i.a);
                                (e, take_reg(regs!(), body!(), i.b))
                            }
                        };
                        (*frame).set_stage(1);
                        match steps::raise(vm, exc, cause) {
                            Ok(r) if r.is_away() => {
                                away!();
                            }
                            Ok(r) => {
                                (*frame).set_stage(0);
                                let v = r.into_raw();
                                // A bare raise keeps the traceback as it is.
                                if let Some(next) = unwind(vm, Exc(v), i.c != 0) {
                                    break 'dispatch Exit::Next(next);
                                }
                                reload!();
                            }
                            Err(e) => {
                                (*frame).set_stage(0);
                                raise!(e)
                            }
                        }
                    }
                    code @ (op::RERAISE | op::RERAISE_CLEANUP | op::RERAISE_PLAIN) => {
                        let i = Insn::decode(word);
                        (*frame).ip = ip;
                        let exc = if code == op::RERAISE_CLEANUP {
                            let new = src!(T i.a + 2);
                            let old = src!(T i.a + 1);
                            vm.exec.handled = old;
                            drop(src!(T i.a));
                            new
                        } else {
                            if code == op::RERAISE {
                                let old = src!(T i.a + 1);
                                vm.exec.handled = old;
                            }
                            src!(T i.a)
                        };
                        if let Some(next) = unwind(vm, Exc(exc), false) {
                            break 'dispatch Exit::Next(next);
                        }
                        reload!();
                    }
                    op::CHECK_EG_MATCH => {
                        let i = Insn::decode(word);
                        (*frame).ip = ip;
                        let e = take_reg(regs!(), body!(), i.b);
                        let c = take_reg(regs!(), body!(), i.c);
                        (*frame).set_stage(1);
                        match then(steps::eg_match(vm, e, c)) {
                            Then::Value(t) => {
                                (*frame).set_stage(0);
                                let items = t.tuple_items();
                                if !items[1].is_none() {
                                    vm.exec.handled = items[1].clone();
                                }
                                put!(T i.a, items[0].clone());
                                put!(T i.a + 1, items[1].clone());
                                ip = ip.add(1);
                            }
                            Then::Reload => away!(),
                            Then::Raise(e) => {
                                (*frame).set_stage(0);
                                raise!(e)
                            }
                        }
                    }
                    code @ (op::BEFORE_WITH
                    | op1::BEFORE_WITH
                    | op::BEFORE_ASYNC_WITH
                    | op1::BEFORE_ASYNC_WITH) => {
                        let i = Insn::decode(word);
                        (*frame).ip = ip;
                        let m = if code == op::BEFORE_WITH || code == op::BEFORE_ASYNC_WITH {
                            src!(T i.b)
                        } else {
                            src!(L i.b)
                        };
                        let is_async = code >= op::BEFORE_ASYNC_WITH;
                        (*frame).set_stage(1);
                        match steps::with_methods(vm, &m, is_async) {
                            Ok((enter, exit)) => {
                                put!(T i.a - 1, exit);
                                let flow =
                                    crate::python_slots::call_method_of_type(vm, &enter, &m, &[]);
                                match then(flow) {
                                    Then::Value(v) => {
                                        (*frame).set_stage(0);
                                        put!(T i.a, v);
                                        ip = ip.add(1);
                                    }
                                    Then::Reload => away!(),
                                    Then::Raise(e) => {
                                        (*frame).set_stage(0);
                                        raise!(e)
                                    }
                                }
                            }
                            Err(e) => {
                                (*frame).set_stage(0);
                                // Nothing lives in T[a-1] yet, which the liveness count includes.
                                put!(T i.a - 1, Value::NONE);
                                raise!(e)
                            }
                        }
                    }
                    // `Body::new` lets no other number in, and the quick tier leaves no other one.
                    _ => raise!(vm.system_error("instruction left undone")),
                }
            };
            // A switched-to frame mostly waits for a plain result.
            if let Exit::Away = exit
                && let Some(Ok(_)) = &vm.pending_input
                && (*vm.exec.frame).state & state::NOT_WAITING == 0
                && !vm.heap.pending.get()
                && let Some(Ok(v)) = vm.pending_input.take()
            {
                frame = vm.exec.frame;
                let insn = current_insn(frame);
                write_dst(frame, insn, v);
                ip = (*frame).ip.add(1 + (META[insn.op as usize] & WORDS) as usize);
                continue;
            }
            let mut next = match exit {
                Exit::Reload => Next::Enter,
                Exit::Next(next) => next,
                Exit::Raise(e) => Next::Raise(e),
                Exit::Away if vm.pending_input.is_some() => take_pending(vm),
                Exit::Away => Next::Enter,
            };
            loop {
                if let Some(result) = settle(vm, next) {
                    return result;
                }
                frame = vm.exec.frame;
                // What machines freed on the way is finalised before the next instruction.
                if !vm.heap.pending.get() {
                    break;
                }
                next = match serve(vm, frame, crate::breaker::run_finalizers) {
                    Ok(false) => break,
                    Ok(true) => Next::Enter,
                    Err(e) => {
                        crate::jump::drop_operands(vm, frame);
                        Next::Raise(e)
                    }
                };
            }
            ip = (*frame).ip;
        }
    }
}

/// Runs `service` before the instruction at which the current frame stands: true if control went
/// elsewhere.
pub(crate) fn serve(
    vm: &mut Vm,
    frame: *mut Frame,
    service: impl FnOnce(&mut Vm) -> Flow,
) -> PyResult<bool> {
    // SAFETY: the frame is the current one.
    unsafe {
        (*frame).set_stage(3);
        let r = service(vm);
        service_result(frame, r)
    }
}

/// Runs the eval-breaker before the instruction at `ip`: true if control went elsewhere.
#[cold]
#[inline(never)]
fn breaker_point(vm: &mut Vm, frame: *mut Frame, ip: *const u64) -> PyResult<bool> {
    // SAFETY: the frame is the current one.
    unsafe {
        (*frame).ip = ip;
        (*frame).set_stage(3);
        let r = crate::breaker::service(vm);
        let result = service_result(frame, r);
        if result.is_err() {
            crate::jump::drop_operands(vm, frame);
        }
        result
    }
}

/// Runs finalisers after the effect of the instruction at `ip`: true if control went elsewhere.
#[cold]
#[inline(never)]
fn finalize_point(vm: &mut Vm, frame: *mut Frame, ip: *const u64) -> PyResult<bool> {
    // SAFETY: the frame is the current one.
    unsafe {
        (*frame).ip = ip;
        (*frame).set_stage(4);
        let r = crate::breaker::run_finalizers(vm);
        service_result(frame, r)
    }
}

/// # Safety
/// `frame` is alive.
unsafe fn service_result(frame: *mut Frame, r: Flow) -> PyResult<bool> {
    match r {
        Ok(r) if r.is_away() => Ok(true),
        Ok(_) => {
            // SAFETY: the contract.
            unsafe { (*frame).set_stage(0) };
            Ok(false)
        }
        Err(e) => {
            // SAFETY: the contract.
            unsafe { (*frame).set_stage(0) };
            Err(e)
        }
    }
}

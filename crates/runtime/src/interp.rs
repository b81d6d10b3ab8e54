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

use crate::attrs;
use crate::body::Body;
pub(crate) use crate::deliver::{deliver, unwind};
use crate::deliver::{return_slow, yield_from, yield_value};
use crate::exc::{Exc, Flow, PyResult};
use crate::frame::{Frame, OwnedFrame, state};
use crate::fused;
use crate::instance;
use crate::layout;
use crate::machine::{Input, Machine, Regs};
use crate::native::Args;
use crate::nested::NestedEntry;
use crate::object::Obj;
use crate::objects::function::{Cell_, Function};
use crate::objects::generator::{self, GenState};
use crate::objects::list::List;
use crate::objects::types::{BinOp, CmpOp, Type};
use crate::ops;
use crate::quick;
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

/// The floor of a nested run: a frame whose delivery ends the loop.
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
    if vm.exec.nesting >= 200 {
        return Err(vm.recursion_error_text("maximum recursion depth exceeded"));
    }
    vm.enter_native()?;
    let frame = vm.exec.stack.push_native(vm.exec.frame, &BOUNDARY, &mut std::iter::empty());
    vm.exec.frame = frame;
    vm.exec.nesting += 1;
    let result = match start(vm) {
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
    };
    vm.exec.nesting -= 1;
    result
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

/// Runs frames until the boundary gets its delivery.
fn execute(vm: &mut Vm, next: Next) -> PyResult {
    if let Some(result) = settle(vm, next) {
        return result;
    }
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
                // Completes an instruction with a Dst from a flow; `ip` is saved already.
                macro_rules! finish {
            ($k:ident, $insn:expr, $words:expr, $flow:expr) => {{
                let flow = $flow;
                match then(flow) {
                    Then::Value(v) => {
                        put!($k $insn.a, v);
                        finalize!();
                        ip = ip.add(1 + $words);
                        continue;
                    }
                    Then::Reload => away!(),
                    Then::Raise(e) => raise!(e),
                }
            }};
        }
                // Completes an instruction without a Dst: a pushed frame finds stage 1.
                macro_rules! finish_discard {
                    ($words:expr, $flow:expr) => {{
                        (*frame).set_stage(1);
                        let flow = $flow;
                        match then(flow) {
                            Then::Value(v) => {
                                drop(v);
                                (*frame).set_stage(0);
                                finalize!();
                                ip = ip.add(1 + $words);
                                continue;
                            }
                            Then::Reload => away!(),
                            Then::Raise(e) => {
                                (*frame).set_stage(0);
                                raise!(e)
                            }
                        }
                    }};
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
                // The quick tier has done what small numbers need: see `quick`.
                macro_rules! arith {
                    ($k:ident, $binop:expr, $inplace:literal) => {{
                        let insn = Insn::decode(*ip);
                        (*frame).ip = ip;
                        let flow = slow_binary(vm, frame, insn, $binop, $inplace);
                        finish!($k, insn, 0, flow)
                    }};
                }
                macro_rules! arith_imm {
                    ($k:ident, $binop:expr, $inplace:literal) => {{
                        let insn = Insn::decode(*ip);
                        let imm = insn.c as i16;
                        (*frame).ip = ip;
                        let l = take_reg(regs!(), body!(), insn.b);
                        let r = Value::from_i32(imm.into());
                        let flow = if $inplace {
                            ops::binary::inplace(vm, $binop, &l, &r)
                        } else {
                            ops::binary::binary(vm, $binop, &l, &r)
                        };
                        drop(l);
                        finish!($k, insn, 0, flow)
                    }};
                }
                macro_rules! compare {
                    ($k:ident, $cmp:expr) => {{
                        let insn = Insn::decode(*ip);
                        (*frame).ip = ip;
                        let l = take_reg(regs!(), body!(), insn.b);
                        let r = take_reg(regs!(), body!(), insn.c);
                        let flow = ops::compare::compare(vm, $cmp, &l, &r);
                        drop((l, r));
                        finish!($k, insn, 0, flow)
                    }};
                }
                // Compare-and-branch; `$want` is the truth that jumps.
                macro_rules! compare_jump {
                    ($cmp:expr, $want:literal, $imm:literal) => {{
                        let insn = Insn::decode(*ip);
                        let off = insn.c as i16;
                        (*frame).ip = ip;
                        let l = take_reg(regs!(), body!(), insn.a);
                        let r = if $imm {
                            Value::from_i32(insn.b as i16 as i32)
                        } else {
                            take_reg(regs!(), body!(), insn.b)
                        };
                        (*frame).set_stage(1);
                        let flow = ops::compare::compare(vm, $cmp, &l, &r);
                        drop((l, r));
                        match then(flow) {
                            Then::Value(v) => {
                                (*frame).set_stage(2);
                                match then(ops::truth(vm, &v)) {
                                    Then::Value(t) => {
                                        (*frame).set_stage(0);
                                        if t.is_true() == $want {
                                            jump!(off);
                                        } else {
                                            ip = ip.add(1);
                                        }
                                        continue;
                                    }
                                    Then::Reload => away!(),
                                    Then::Raise(e) => {
                                        (*frame).set_stage(0);
                                        raise!(e)
                                    }
                                }
                            }
                            Then::Reload => away!(),
                            Then::Raise(e) => {
                                (*frame).set_stage(0);
                                raise!(e)
                            }
                        }
                    }};
                }
                macro_rules! jump_if {
            ($k:ident, $want:literal) => {{
                let insn = Insn::decode(*ip);
                let off = insn.bc() as i32;
                let v = src!($k insn.a);
                if let Some(t) = ops::truth_fast(&v) {
                    drop(v);
                    if t == $want {
                        jump!(off);
                    } else {
                        ip = ip.add(1);
                    }
                    continue;
                }
                (*frame).ip = ip;
                (*frame).set_stage(2);
                let flow = ops::truth(vm, &v);
                drop(v);
                match then(flow) {
                    Then::Value(t) => {
                        (*frame).set_stage(0);
                        if t.is_true() == $want {
                            jump!(off);
                        } else {
                            ip = ip.add(1);
                        }
                        continue;
                    }
                    Then::Reload => away!(),
                    Then::Raise(e) => {
                        (*frame).set_stage(0);
                        raise!(e)
                    }
                }
            }};
        }
                macro_rules! jump_or_pop {
                    ($want:literal) => {{
                        let insn = Insn::decode(*ip);
                        let v = peek(regs!(), insn.a);
                        let off = insn.bc() as i32;
                        let t = match ops::truth_fast(v) {
                            Some(t) => t,
                            None => {
                                (*frame).ip = ip;
                                (*frame).set_stage(2);
                                let v = v.clone();
                                match then(ops::truth(vm, &v)) {
                                    Then::Value(t) => {
                                        (*frame).set_stage(0);
                                        t.is_true()
                                    }
                                    Then::Reload => away!(),
                                    Then::Raise(e) => {
                                        (*frame).set_stage(0);
                                        raise!(e)
                                    }
                                }
                            }
                        };
                        if t == $want {
                            jump!(off);
                        } else {
                            ptr::drop_in_place(regs!().add(insn.a as usize));
                            ip = ip.add(1);
                        }
                        continue;
                    }};
                }
                macro_rules! load_global {
                    ($k:ident) => {{
                        let insn = Insn::decode(*ip);
                        (*frame).ip = ip;
                        let flow = steps::load_global(vm, frame, insn.bc());
                        finish!($k, insn, 2, flow)
                    }};
                }
                macro_rules! load_attr {
            ($k:ident, $s:ident) => {{
                let insn = Insn::decode(*ip);
                let w1 = *ip.add(1);
                let o = peek(regs!(), insn.b);
                let version = (w1 >> 32) as u32;
                if version & attrs::ELSEWHERE != 0
                    && let Some(v) = attrs::cached_elsewhere(vm, o, version, *ip.add(2))
                {
                        match attrs::cached_getter(&v, *ip.add(2)) {
                            attrs::Getter::None => {
                                drop(src_if_temp!($s insn.b));
                                put!($k insn.a, v);
                                ip = ip.add(3);
                                continue;
                            }
                            attrs::Getter::Python(func, target)
                                if vm.exec.depth < vm.recursion_limit =>
                            {
                                drop(v);
                                let o = src!($s insn.b);
                                enter_python!(@from frame, target, func, 0, 0, 1);
                                regs!().write(o);
                                breaker!();
                                continue;
                            }
                            _ => {}
                        }
                    }
                (*frame).ip = ip;
                let o = src!($s insn.b);
                let flow = attrs::load_attr(vm, frame, &o, w1 as u32);
                drop(o);
                finish!($k, insn, 2, flow)
            }};
        }
                macro_rules! src_if_temp {
                    (T $i:expr) => {
                        regs!().add($i as usize).read()
                    };
                    (L $i:expr) => {
                        None::<Value>
                    };
                }
                macro_rules! store_attr {
            ($s:ident) => {{
                let insn = Insn::decode(*ip);
                let w1 = *ip.add(1);
                (*frame).ip = ip;
                let o = src!($s insn.a);
                let v = take_reg(regs!(), body!(), insn.b);
                finish_discard!(2, {
                    let flow = attrs::store_attr(vm, frame, &o, w1 as u32, &v);
                    drop((o, v));
                    flow
                })
            }};
        }
                macro_rules! load_method {
            ($s:ident) => {{
                let insn = Insn::decode(*ip);
                let w1 = *ip.add(1);
                let o = peek(regs!(), insn.b);
                if let Some(header) = o.header() {
                    let version = (w1 >> 32) as u32;
                    if version != 0 && header.type_of().version.get() == version {
                        let w2 = *ip.add(2);
                        // A class without instance dicts, or an instance without such an attribute.
                        if w2 & 1 == 0 {
                            if attrs::method_not_shadowed(vm, o, w1 as u32, frame) {
                                let o = src!($s insn.b);
                                put!(T insn.a, crate::object::borrow_bits(w2));
                                put!(T insn.a + 1, o);
                                ip = ip.add(3);
                                continue;
                            }
                        } else {
                            let ext = instance::plain_ext(header);
                            if ext.shape.get() == w2 as u32 >> 1 {
                                let v = ext.slots().get_unchecked((w2 >> 32) as usize).get();
                                if !v.is_unbound() {
                                    drop(src_if_temp!($s insn.b));
                                    put!(T insn.a, v);
                                    put!(T insn.a + 1, Value::UNBOUND);
                                    ip = ip.add(3);
                                    continue;
                                }
                            }
                        }
                    } else if version & attrs::ELSEWHERE != 0
                        && let Some(v) = attrs::cached_elsewhere(vm, o, version, *ip.add(2))
                    {
                        drop(src_if_temp!($s insn.b));
                        put!(T insn.a, v);
                        put!(T insn.a + 1, Value::UNBOUND);
                        ip = ip.add(3);
                        continue;
                    }
                }
                (*frame).ip = ip;
                let o = src!($s insn.b);
                (*frame).set_stage(1);
                let found = attrs::load_method(vm, frame, &o, w1 as u32);
                drop(o);
                match found {
                    Ok(Ok((f, receiver))) => {
                        (*frame).set_stage(0);
                        put!(T insn.a, f);
                        put!(T insn.a + 1, receiver);
                        ip = ip.add(3);
                        continue;
                    }
                    Ok(Err(_)) => {
                        away!()
                    }
                    Err(e) => {
                        (*frame).set_stage(0);
                        raise!(e)
                    }
                }
            }};
        }
                macro_rules! load_item {
            ($k:ident, $s:ident) => {{
                let insn = Insn::decode(*ip);
                (*frame).ip = ip;
                let o = src!($s insn.b);
                let k = take_reg(regs!(), body!(), insn.c);
                let flow = steps::load_item(vm, &o, &k);
                drop((o, k));
                finish!($k, insn, 0, flow)
            }};
        }
                macro_rules! store_item {
            ($s:ident) => {{
                let insn = Insn::decode(*ip);
                (*frame).ip = ip;
                let o = src!($s insn.a);
                let k = take_reg(regs!(), body!(), insn.b);
                let v = take_reg(regs!(), body!(), insn.c);
                finish_discard!(0, {
                    let flow = ops::item::setitem(vm, &o, &k, &v);
                    drop((o, k, v));
                    flow
                })
            }};
        }
                // Pushes a Python frame whose first `$at` registers are written afterwards, the
                // `$n` following ones taken from the caller's registers.
                macro_rules! enter_python {
                    ($target:expr, $func:expr, $args_at:expr, $n:expr, $at:expr) => {{
                        enter_python!(@from frame, $target, $func, $args_at, $n, $at);
                        breaker!();
                        continue;
                    }};
                    (@from $caller:expr, $target:expr, $func:expr, $args_at:expr, $n:expr, $at:expr) => {{
                        let target: *const Body = $target;
                        (*frame).ip = ip;
                        vm.exec.depth += 1;
                        let new = vm.exec.stack.push_python($caller, target, $func);
                        let new_regs = (*new).regs();
                        let (from, to) = (regs!().add($args_at as usize), new_regs.add($at));
                        for i in 0..$n as usize {
                            to.add(i).write(from.add(i).read());
                        }
                        let plain = (*target).plain_locals as usize;
                        for i in $at + $n as usize..plain {
                            new_regs.add(i).write(Value::UNBOUND);
                        }
                        if plain < (*target).first_temp as usize {
                            ops::call::fill_rest(vm, new, &*target, plain);
                        }
                        frame = new;
                        vm.exec.frame = new;
                        ip = (*target).words.as_ptr();
                    }};
                }
                // Calls `f` at `$base` with `$n` arguments behind it. The callable is moved out.
                macro_rules! call_values {
            ($k:ident, $insn:expr, $callable_at:expr, $args_at:expr, $n:expr) => {{
                let callable = peek(regs!(), $callable_at);
                if let Some(header) = callable.header() {
                    if header.layout() == layout::FUNCTION {
                        let f = &*(header as *const crate::heap::Header as *const Obj<Function>);
                        let target = f.body.get();
                        if !target.is_null()
                            && (*target).simple_args as usize == $n
                            && vm.exec.depth < vm.recursion_limit
                        {
                            let func = regs!().add($callable_at as usize).read();
                            enter_python!(target, func, $args_at, $n, 0);
                        }
                    } else if header.layout() == layout::TYPE
                        && let Some(init) = steps::plain_init(
                            vm,
                            &*(header as *const crate::heap::Header as *const Obj<Type>),
                        )
                        && (*init.body.get()).simple_args as usize == $n + 1
                        && vm.exec.depth < vm.recursion_limit
                        && vm.enter_native().is_ok()
                    {
                        let class = regs!().add($callable_at as usize).read();
                        let func = init.to_value();
                        let target = init.body.get();
                        let instance = steps::new_instance(vm, &class);
                        drop(class);
                        let waiting =
                            vm.exec.stack.push_machine(frame, &ops::call::INIT, 1, [instance.clone()]);
                        enter_python!(@from waiting, target, func, $args_at, $n, 1);
                        regs!().write(instance);
                        breaker!();
                        continue;
                    }
                }
                (*frame).ip = ip;
                let args =
                    std::slice::from_raw_parts(regs!().add($args_at as usize), $n);
                let callable = regs!().add($callable_at as usize).read();
                // The arguments stay in their registers, owned by them, until the call has taken
                // its copies; the liveness count does not include them any more.
                let flow = ops::call::call(vm, &callable, Args::new(args));
                for i in 0..$n {
                    ptr::drop_in_place(regs!().add($args_at as usize + i));
                }
                drop(callable);
                finish!($k, $insn, 1, flow)
            }};
        }
                macro_rules! call {
                    ($k:ident) => {{
                        let insn = Insn::decode(*ip);
                        let n = insn.c as usize;
                        call_values!($k, insn, insn.b, insn.b + 1, n)
                    }};
                }
                macro_rules! call_method {
                    ($k:ident) => {{
                        let insn = Insn::decode(*ip);
                        if peek(regs!(), insn.b + 1).is_unbound() {
                            let n = insn.c as usize;
                            call_values!($k, insn, insn.b, insn.b + 2, n)
                        } else {
                            let n = insn.c as usize + 1;
                            call_values!($k, insn, insn.b, insn.b + 1, n)
                        }
                    }};
                }
                macro_rules! call_kw {
                    ($k:ident, $method:literal) => {{
                        let insn = Insn::decode(*ip);
                        (*frame).ip = ip;
                        let names = body!().consts[*ip.add(1) as u32 as usize].clone();
                        let (at, n) = if !$method {
                            (insn.b + 1, insn.c as usize)
                        } else if peek(regs!(), insn.b + 1).is_unbound() {
                            (insn.b + 2, insn.c as usize)
                        } else {
                            (insn.b + 1, insn.c as usize + 1)
                        };
                        let callable = regs!().add(insn.b as usize).read();
                        let args = std::slice::from_raw_parts(regs!().add(at as usize), n);
                        let flow = ops::call::call(
                            vm,
                            &callable,
                            Args { values: args, names: Some(&names) },
                        );
                        for i in 0..n {
                            ptr::drop_in_place(regs!().add(at as usize + i));
                        }
                        drop(callable);
                        finish!($k, insn, 1, flow)
                    }};
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
                        for i in 0..n {
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
                // A plain instruction with a Dst computed from a step function.
                macro_rules! step {
                    ($k:ident, $words:expr, $insn:ident, $flow:expr) => {{
                        let $insn = Insn::decode(*ip);
                        (*frame).ip = ip;
                        finish!($k, $insn, $words, $flow)
                    }};
                }
                macro_rules! step_discard {
                    ($words:expr, $insn:ident, $flow:expr) => {{
                        let $insn = Insn::decode(*ip);
                        (*frame).ip = ip;
                        finish_discard!($words, $flow)
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
                        Err(e) => raise!(e),
                    },
                    op::NOP => ip = ip.add(1),
                    op::MOVE => {
                        let i = Insn::decode(word);
                        let v = src!(T i.b);
                        put!(T i.a, v);
                        ip = ip.add(1);
                    }
                    op1::MOVE => {
                        let i = Insn::decode(word);
                        let v = src!(T i.b);
                        put!(L i.a, v);
                        ip = ip.add(1);
                    }
                    op2::MOVE => {
                        let i = Insn::decode(word);
                        let v = src!(L i.b);
                        put!(T i.a, v);
                        ip = ip.add(1);
                    }
                    op3::MOVE => {
                        let i = Insn::decode(word);
                        let v = src!(L i.b);
                        put!(L i.a, v);
                        ip = ip.add(1);
                    }
                    op::COPY => {
                        let i = Insn::decode(word);
                        let v = src!(L i.b);
                        put!(T i.a, v);
                        ip = ip.add(1);
                    }
                    op1::COPY => {
                        let i = Insn::decode(word);
                        let v = src!(L i.b);
                        put!(L i.a, v);
                        ip = ip.add(1);
                    }
                    op::DROP => {
                        let i = Insn::decode(word);
                        drop(src!(T i.a));
                        finalize!();
                        ip = ip.add(1);
                    }
                    op::LOAD_CONST => {
                        let i = Insn::decode(word);
                        let v = body!().consts.get_unchecked(i.bc() as usize).clone();
                        put!(T i.a, v);
                        ip = ip.add(1);
                    }
                    op1::LOAD_CONST => {
                        let i = Insn::decode(word);
                        let v = body!().consts.get_unchecked(i.bc() as usize).clone();
                        put!(L i.a, v);
                        ip = ip.add(1);
                    }
                    op::LOAD_INT => {
                        let i = Insn::decode(word);
                        put!(T i.a, Value::from_i32(i.bc() as i32));
                        ip = ip.add(1);
                    }
                    op1::LOAD_INT => {
                        let i = Insn::decode(word);
                        put!(L i.a, Value::from_i32(i.bc() as i32));
                        ip = ip.add(1);
                    }
                    op::LOAD_COMMON_CONST => step!(T, 0, i, steps::common_const(vm, i.b)),
                    op1::LOAD_COMMON_CONST => step!(L, 0, i, steps::common_const(vm, i.b)),
                    op::LOAD_FAST_CHECK => step!(T, 0, i, steps::load_fast_check(vm, frame, i.b)),
                    op1::LOAD_FAST_CHECK => step!(L, 0, i, steps::load_fast_check(vm, frame, i.b)),
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
                    op::CLEAR_FAST => {
                        let i = Insn::decode(word);
                        put!(L i.a, Value::UNBOUND);
                        ip = ip.add(1);
                    }
                    op::MAKE_CELL => {
                        let i = Insn::decode(word);
                        let v = ptr::replace(regs!().add(i.a as usize), Value::UNBOUND);
                        put!(L i.a, vm.cell(v));
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
                    op::STORE_DEREF => {
                        let i = Insn::decode(word);
                        let v = src!(T i.b);
                        if let Some(c) = peek(regs!(), i.a).get::<Cell_>() {
                            c.contents.set(v);
                        }
                        ip = ip.add(1);
                    }
                    op1::STORE_DEREF => {
                        let i = Insn::decode(word);
                        let v = src!(L i.b);
                        if let Some(c) = peek(regs!(), i.a).get::<Cell_>() {
                            c.contents.set(v);
                        }
                        ip = ip.add(1);
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
                    op::LOAD_FROM_DICT_OR_DEREF => step!(T, 0, i, {
                        let m = src!(T i.b);
                        steps::dict_or_deref(vm, frame, m, i.c)
                    }),
                    op1::LOAD_FROM_DICT_OR_DEREF => step!(L, 0, i, {
                        let m = src!(T i.b);
                        steps::dict_or_deref(vm, frame, m, i.c)
                    }),
                    op2::LOAD_FROM_DICT_OR_DEREF => step!(T, 0, i, {
                        let m = src!(L i.b);
                        steps::dict_or_deref(vm, frame, m, i.c)
                    }),
                    op3::LOAD_FROM_DICT_OR_DEREF => step!(L, 0, i, {
                        let m = src!(L i.b);
                        steps::dict_or_deref(vm, frame, m, i.c)
                    }),
                    op::LOAD_GLOBAL => load_global!(T),
                    op1::LOAD_GLOBAL => load_global!(L),
                    op::STORE_GLOBAL => step_discard!(0, i, {
                        let v = src!(T i.a);
                        steps::store_global(vm, frame, i.bc(), v)
                    }),
                    op1::STORE_GLOBAL => step_discard!(0, i, {
                        let v = src!(L i.a);
                        steps::store_global(vm, frame, i.bc(), v)
                    }),
                    op::DELETE_GLOBAL => {
                        step_discard!(0, i, steps::store_global(vm, frame, i.bc(), Value::UNBOUND))
                    }
                    op::LOAD_NAME => step!(T, 0, i, steps::load_name(vm, frame, i.bc())),
                    op1::LOAD_NAME => step!(L, 0, i, steps::load_name(vm, frame, i.bc())),
                    op::STORE_NAME => step_discard!(0, i, {
                        let v = src!(T i.a);
                        steps::store_name(vm, frame, i.bc(), v)
                    }),
                    op1::STORE_NAME => step_discard!(0, i, {
                        let v = src!(L i.a);
                        steps::store_name(vm, frame, i.bc(), v)
                    }),
                    op::DELETE_NAME => step_discard!(0, i, steps::delete_name(vm, frame, i.bc())),
                    op::LOAD_FROM_DICT_OR_GLOBALS => step!(T, 1, i, {
                        let m = src!(T i.b);
                        steps::dict_or_globals(vm, frame, m, *ip.add(1) as u32)
                    }),
                    op1::LOAD_FROM_DICT_OR_GLOBALS => step!(L, 1, i, {
                        let m = src!(T i.b);
                        steps::dict_or_globals(vm, frame, m, *ip.add(1) as u32)
                    }),
                    op2::LOAD_FROM_DICT_OR_GLOBALS => step!(T, 1, i, {
                        let m = src!(L i.b);
                        steps::dict_or_globals(vm, frame, m, *ip.add(1) as u32)
                    }),
                    op3::LOAD_FROM_DICT_OR_GLOBALS => step!(L, 1, i, {
                        let m = src!(L i.b);
                        steps::dict_or_globals(vm, frame, m, *ip.add(1) as u32)
                    }),
                    op::LOAD_LOCALS => step!(T, 0, _i, steps::load_locals(vm, frame)),
                    op1::LOAD_LOCALS => step!(L, 0, _i, steps::load_locals(vm, frame)),
                    op::LOAD_BUILD_CLASS => step!(T, 0, _i, steps::load_build_class(vm, frame)),
                    op1::LOAD_BUILD_CLASS => step!(L, 0, _i, steps::load_build_class(vm, frame)),
                    op::SETUP_ANNOTATIONS => {
                        step_discard!(0, _i, steps::setup_annotations(vm, frame))
                    }
                    op::LOAD_ATTR => load_attr!(T, T),
                    op1::LOAD_ATTR => load_attr!(L, T),
                    op2::LOAD_ATTR => load_attr!(T, L),
                    op3::LOAD_ATTR => load_attr!(L, L),
                    op::STORE_ATTR => store_attr!(T),
                    op1::STORE_ATTR => store_attr!(L),
                    op::DELETE_ATTR => step_discard!(1, i, {
                        let o = src!(T i.a);
                        attrs::delete_attr(vm, frame, o, *ip.add(1) as u32)
                    }),
                    op1::DELETE_ATTR => step_discard!(1, i, {
                        let o = src!(L i.a);
                        attrs::delete_attr(vm, frame, o, *ip.add(1) as u32)
                    }),
                    op::LOAD_METHOD => load_method!(T),
                    op1::LOAD_METHOD => load_method!(L),
                    op::LOAD_SUPER_ATTR => step!(T, 1, i, {
                        let v = take_run!(i.b, 3);
                        steps::load_super_attr(vm, frame, v, *ip.add(1) as u32, i.c)
                    }),
                    op1::LOAD_SUPER_ATTR => step!(L, 1, i, {
                        let v = take_run!(i.b, 3);
                        steps::load_super_attr(vm, frame, v, *ip.add(1) as u32, i.c)
                    }),
                    op::LOAD_SUPER_METHOD => {
                        let i = Insn::decode(word);
                        (*frame).ip = ip;
                        let v = take_run!(i.b, 3);
                        (*frame).set_stage(1);
                        match steps::load_super_method(vm, frame, v, *ip.add(1) as u32, i.c) {
                            Ok(Ok((f, receiver))) => {
                                (*frame).set_stage(0);
                                put!(T i.a, f);
                                put!(T i.a + 1, receiver);
                                ip = ip.add(2);
                            }
                            Ok(Err(_)) => {
                                away!()
                            }
                            Err(e) => {
                                (*frame).set_stage(0);
                                raise!(e)
                            }
                        }
                    }
                    op::LOAD_ITEM => load_item!(T, T),
                    op1::LOAD_ITEM => load_item!(L, T),
                    op2::LOAD_ITEM => load_item!(T, L),
                    op3::LOAD_ITEM => load_item!(L, L),
                    op::STORE_ITEM => store_item!(T),
                    op1::STORE_ITEM => store_item!(L),
                    op::DELETE_ITEM => step_discard!(0, i, {
                        let o = src!(T i.a);
                        let k = take_reg(regs!(), body!(), i.b);
                        ops::item::setitem(vm, &o, &k, &Value::UNBOUND)
                    }),
                    op1::DELETE_ITEM => step_discard!(0, i, {
                        let o = src!(L i.a);
                        let k = take_reg(regs!(), body!(), i.b);
                        ops::item::setitem(vm, &o, &k, &Value::UNBOUND)
                    }),

                    op::ADD => arith!(T, BinOp::Add, false),
                    op1::ADD => arith!(L, BinOp::Add, false),
                    op::SUB => arith!(T, BinOp::Sub, false),
                    op1::SUB => arith!(L, BinOp::Sub, false),
                    op::MUL => arith!(T, BinOp::Mul, false),
                    op1::MUL => arith!(L, BinOp::Mul, false),
                    op::TRUEDIV => arith!(T, BinOp::TrueDiv, false),
                    op1::TRUEDIV => arith!(L, BinOp::TrueDiv, false),
                    op::FLOORDIV => arith!(T, BinOp::FloorDiv, false),
                    op1::FLOORDIV => arith!(L, BinOp::FloorDiv, false),
                    op::MOD => arith!(T, BinOp::Mod, false),
                    op1::MOD => arith!(L, BinOp::Mod, false),
                    op::POW => arith!(T, BinOp::from_index(6), false),
                    op1::POW => arith!(L, BinOp::from_index(6), false),
                    op::MATMUL => arith!(T, BinOp::from_index(7), false),
                    op1::MATMUL => arith!(L, BinOp::from_index(7), false),
                    op::LSHIFT => arith!(T, BinOp::from_index(8), false),
                    op1::LSHIFT => arith!(L, BinOp::from_index(8), false),
                    op::RSHIFT => arith!(T, BinOp::RShift, false),
                    op1::RSHIFT => arith!(L, BinOp::RShift, false),
                    op::AND => arith!(T, BinOp::And, false),
                    op1::AND => arith!(L, BinOp::And, false),
                    op::OR => arith!(T, BinOp::Or, false),
                    op1::OR => arith!(L, BinOp::Or, false),
                    op::XOR => arith!(T, BinOp::Xor, false),
                    op1::XOR => arith!(L, BinOp::Xor, false),
                    op::INPLACE_ADD => arith!(T, BinOp::Add, true),
                    op1::INPLACE_ADD => arith!(L, BinOp::Add, true),
                    op::INPLACE_SUB => arith!(T, BinOp::Sub, true),
                    op1::INPLACE_SUB => arith!(L, BinOp::Sub, true),
                    op::INPLACE_MUL => arith!(T, BinOp::Mul, true),
                    op1::INPLACE_MUL => arith!(L, BinOp::Mul, true),
                    op::INPLACE_TRUEDIV => arith!(T, BinOp::TrueDiv, true),
                    op1::INPLACE_TRUEDIV => arith!(L, BinOp::TrueDiv, true),
                    op::INPLACE_FLOORDIV => arith!(T, BinOp::from_index(4), true),
                    op1::INPLACE_FLOORDIV => arith!(L, BinOp::from_index(4), true),
                    op::INPLACE_MOD => arith!(T, BinOp::from_index(5), true),
                    op1::INPLACE_MOD => arith!(L, BinOp::from_index(5), true),
                    op::INPLACE_POW => arith!(T, BinOp::from_index(6), true),
                    op1::INPLACE_POW => arith!(L, BinOp::from_index(6), true),
                    op::INPLACE_MATMUL => arith!(T, BinOp::from_index(7), true),
                    op1::INPLACE_MATMUL => arith!(L, BinOp::from_index(7), true),
                    op::INPLACE_LSHIFT => arith!(T, BinOp::from_index(8), true),
                    op1::INPLACE_LSHIFT => arith!(L, BinOp::from_index(8), true),
                    op::INPLACE_RSHIFT => arith!(T, BinOp::from_index(9), true),
                    op1::INPLACE_RSHIFT => arith!(L, BinOp::from_index(9), true),
                    op::INPLACE_AND => arith!(T, BinOp::And, true),
                    op1::INPLACE_AND => arith!(L, BinOp::And, true),
                    op::INPLACE_OR => arith!(T, BinOp::Or, true),
                    op1::INPLACE_OR => arith!(L, BinOp::Or, true),
                    op::INPLACE_XOR => arith!(T, BinOp::Xor, true),
                    op1::INPLACE_XOR => arith!(L, BinOp::Xor, true),
                    op::ADD_IMM => arith_imm!(T, BinOp::Add, false),
                    op1::ADD_IMM => arith_imm!(L, BinOp::Add, false),
                    op::SUB_IMM => arith_imm!(T, BinOp::Sub, false),
                    op1::SUB_IMM => arith_imm!(L, BinOp::Sub, false),
                    op::INPLACE_ADD_IMM => arith_imm!(T, BinOp::Add, true),
                    op1::INPLACE_ADD_IMM => arith_imm!(L, BinOp::Add, true),
                    op::INPLACE_SUB_IMM => arith_imm!(T, BinOp::Sub, true),
                    op1::INPLACE_SUB_IMM => arith_imm!(L, BinOp::Sub, true),
                    op::LT => compare!(T, CmpOp::Lt),
                    op1::LT => compare!(L, CmpOp::Lt),
                    op::LE => compare!(T, CmpOp::Le),
                    op1::LE => compare!(L, CmpOp::Le),
                    op::EQ => compare!(T, CmpOp::Eq),
                    op1::EQ => compare!(L, CmpOp::Eq),
                    op::NE => compare!(T, CmpOp::Ne),
                    op1::NE => compare!(L, CmpOp::Ne),
                    op::GT => compare!(T, CmpOp::Gt),
                    op1::GT => compare!(L, CmpOp::Gt),
                    op::GE => compare!(T, CmpOp::Ge),
                    op1::GE => compare!(L, CmpOp::Ge),
                    op::IS => step!(T, 0, i, {
                        let (x, y) =
                            (take_reg(regs!(), body!(), i.b), take_reg(regs!(), body!(), i.c));
                        Ok(Value::bool(x.is(&y)).into())
                    }),
                    op1::IS => step!(L, 0, i, {
                        let (x, y) =
                            (take_reg(regs!(), body!(), i.b), take_reg(regs!(), body!(), i.c));
                        Ok(Value::bool(x.is(&y)).into())
                    }),
                    op::IS_NOT => step!(T, 0, i, {
                        let (x, y) =
                            (take_reg(regs!(), body!(), i.b), take_reg(regs!(), body!(), i.c));
                        Ok(Value::bool(!x.is(&y)).into())
                    }),
                    op1::IS_NOT => step!(L, 0, i, {
                        let (x, y) =
                            (take_reg(regs!(), body!(), i.b), take_reg(regs!(), body!(), i.c));
                        Ok(Value::bool(!x.is(&y)).into())
                    }),
                    code @ (op::IN | op1::IN | op::NOT_IN | op1::NOT_IN) => {
                        let i = Insn::decode(word);
                        let negate = code >= op::NOT_IN;
                        let local = META[code as usize] & DST_LOCAL != 0;
                        (*frame).ip = ip;
                        if let Some(found) =
                            ops::dict::holds(vm, peek(regs!(), i.c), peek(regs!(), i.b))
                        {
                            for at in [i.b, i.c] {
                                if at >= body!().first_temp {
                                    drop(src!(T at));
                                }
                            }
                            let v = Value::bool(found != negate);
                            if local {
                                put!(L i.a, v);
                            } else {
                                put!(T i.a, v);
                            }
                            finalize!();
                            ip = ip.add(1);
                            continue;
                        }
                        let item = take_reg(regs!(), body!(), i.b);
                        let container = take_reg(regs!(), body!(), i.c);
                        (*frame).set_stage(1);
                        let flow = ops::item::contains(vm, &container, &item);
                        drop((item, container));
                        match then(flow) {
                            Then::Value(v) => {
                                (*frame).set_stage(0);
                                let v = Value::bool(v.is_true() != negate);
                                if local {
                                    put!(L i.a, v);
                                } else {
                                    put!(T i.a, v);
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
                    op::NEG => step!(T, 0, i, {
                        let v = take_reg(regs!(), body!(), i.b);
                        ops::number::negative(vm, &v)
                    }),
                    op1::NEG => step!(L, 0, i, {
                        let v = take_reg(regs!(), body!(), i.b);
                        ops::number::negative(vm, &v)
                    }),
                    op::POS => step!(T, 0, i, {
                        let v = take_reg(regs!(), body!(), i.b);
                        ops::number::positive(vm, &v)
                    }),
                    op1::POS => step!(L, 0, i, {
                        let v = take_reg(regs!(), body!(), i.b);
                        ops::number::positive(vm, &v)
                    }),
                    op::INVERT => step!(T, 0, i, {
                        let v = take_reg(regs!(), body!(), i.b);
                        ops::number::invert(vm, &v)
                    }),
                    op1::INVERT => step!(L, 0, i, {
                        let v = take_reg(regs!(), body!(), i.b);
                        ops::number::invert(vm, &v)
                    }),
                    code @ (op::NOT | op1::NOT) => {
                        let i = Insn::decode(word);
                        let v = take_reg(regs!(), body!(), i.b);
                        let t = match ops::truth_fast(&v) {
                            Some(t) => t,
                            None => {
                                (*frame).ip = ip;
                                (*frame).set_stage(1);
                                let flow = ops::truth(vm, &v);
                                drop(v);
                                match then(flow) {
                                    Then::Value(t) => {
                                        (*frame).set_stage(0);
                                        t.is_true()
                                    }
                                    Then::Reload => away!(),
                                    Then::Raise(e) => {
                                        (*frame).set_stage(0);
                                        raise!(e)
                                    }
                                }
                            }
                        };
                        if code == op::NOT {
                            put!(T i.a, Value::bool(!t));
                        } else {
                            put!(L i.a, Value::bool(!t));
                        }
                        ip = ip.add(1);
                    }

                    op::JUMP => jump!(Insn::decode(word).bc() as i32),
                    op::JUMP_BACK => {
                        breaker!();
                        jump!(Insn::decode(word).bc() as i32);
                    }
                    op::JUMP_IF_TRUE => jump_if!(T, true),
                    op1::JUMP_IF_TRUE => jump_if!(L, true),
                    op::JUMP_IF_FALSE => jump_if!(T, false),
                    op1::JUMP_IF_FALSE => jump_if!(L, false),
                    op::JUMP_IF_TRUE_OR_POP => jump_or_pop!(true),
                    op::JUMP_IF_FALSE_OR_POP => jump_or_pop!(false),
                    code @ (op::JUMP_IF_NONE
                    | op1::JUMP_IF_NONE
                    | op::JUMP_IF_NOT_NONE
                    | op1::JUMP_IF_NOT_NONE) => {
                        let i = Insn::decode(word);
                        let none = peek(regs!(), i.a).is_none();
                        if code == op::JUMP_IF_NONE || code == op::JUMP_IF_NOT_NONE {
                            drop(src!(T i.a));
                        }
                        if none == (code <= op1::JUMP_IF_NONE) {
                            jump!(i.bc() as i32);
                        } else {
                            ip = ip.add(1);
                        }
                    }
                    op::JUMP_IF_LT => compare_jump!(CmpOp::Lt, true, false),
                    op::JUMP_IF_LE => compare_jump!(CmpOp::Le, true, false),
                    op::JUMP_IF_EQ => compare_jump!(CmpOp::Eq, true, false),
                    op::JUMP_IF_NE => compare_jump!(CmpOp::Ne, true, false),
                    op::JUMP_IF_GT => compare_jump!(CmpOp::Gt, true, false),
                    op::JUMP_IF_GE => compare_jump!(CmpOp::Ge, true, false),
                    op::JUMP_UNLESS_LT => compare_jump!(CmpOp::Lt, false, false),
                    op::JUMP_UNLESS_LE => compare_jump!(CmpOp::Le, false, false),
                    op::JUMP_UNLESS_EQ => compare_jump!(CmpOp::Eq, false, false),
                    op::JUMP_UNLESS_NE => compare_jump!(CmpOp::Ne, false, false),
                    op::JUMP_UNLESS_GT => compare_jump!(CmpOp::Gt, false, false),
                    op::JUMP_UNLESS_GE => compare_jump!(CmpOp::Ge, false, false),
                    op::JUMP_IF_LT_IMM => compare_jump!(CmpOp::Lt, true, true),
                    op::JUMP_IF_LE_IMM => compare_jump!(CmpOp::Le, true, true),
                    op::JUMP_IF_EQ_IMM => compare_jump!(CmpOp::Eq, true, true),
                    op::JUMP_IF_NE_IMM => compare_jump!(CmpOp::Ne, true, true),
                    op::JUMP_IF_GT_IMM => compare_jump!(CmpOp::Gt, true, true),
                    op::JUMP_IF_GE_IMM => compare_jump!(CmpOp::Ge, true, true),
                    op::JUMP_UNLESS_LT_IMM => compare_jump!(CmpOp::Lt, false, true),
                    op::JUMP_UNLESS_LE_IMM => compare_jump!(CmpOp::Le, false, true),
                    op::JUMP_UNLESS_EQ_IMM => compare_jump!(CmpOp::Eq, false, true),
                    op::JUMP_UNLESS_NE_IMM => compare_jump!(CmpOp::Ne, false, true),
                    op::JUMP_UNLESS_GT_IMM => compare_jump!(CmpOp::Gt, false, true),
                    op::JUMP_UNLESS_GE_IMM => compare_jump!(CmpOp::Ge, false, true),

                    op::GET_ITER => step!(T, 0, i, {
                        let v = src!(T i.b);
                        ops::iter::iter(vm, &v)
                    }),
                    op1::GET_ITER => step!(L, 0, i, {
                        let v = src!(T i.b);
                        ops::iter::iter(vm, &v)
                    }),
                    op2::GET_ITER => step!(T, 0, i, {
                        let v = src!(L i.b);
                        ops::iter::iter(vm, &v)
                    }),
                    op3::GET_ITER => step!(L, 0, i, {
                        let v = src!(L i.b);
                        ops::iter::iter(vm, &v)
                    }),
                    code @ (op::FOR_ITER | op1::FOR_ITER) => {
                        let i = Insn::decode(word);
                        let it = peek(regs!(), i.b);
                        let after = Insn::decode(*ip.add(1));
                        if after.op == op::UNPACK_SEQUENCE && after.b == i.a && after.c == 2 {
                            match fused::next_pair(vm, it) {
                                Ok(fused::Pair::Items(x, y)) => {
                                    put!(T after.a + 1, x);
                                    put!(T after.a, y);
                                    ip = ip.add(2);
                                    continue;
                                }
                                Ok(fused::Pair::Unknown) => {}
                                Err(e) if !vm.exc_is(&e, &vm.excs.stop_iteration) => raise!(e),
                                _ => {
                                    drop(src!(T i.b));
                                    ip = ip.add(1 + i.c as usize);
                                    continue;
                                }
                            }
                        }
                        (*frame).ip = ip;
                        (*frame).set_stage(1);
                        let v = match ops::iter::next(vm, it) {
                            Ok(r) if !r.is_away() => {
                                (*frame).set_stage(0);
                                r.into_raw()
                            }
                            Ok(_) => {
                                away!()
                            }
                            Err(e) => {
                                (*frame).set_stage(0);
                                if vm.exc_is(&e, &vm.excs.stop_iteration) {
                                    Value::EXHAUSTED
                                } else {
                                    raise!(e)
                                }
                            }
                        };
                        if v.is_exhausted() {
                            drop(src!(T i.b));
                            ip = ip.add(1 + i.c as usize);
                        } else {
                            if code == op::FOR_ITER {
                                put!(T i.a, v);
                            } else {
                                put!(L i.a, v);
                            }
                            ip = ip.add(1);
                        }
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
                    op::LIST_APPEND => {
                        let i = Insn::decode(word);
                        let v = take_reg(regs!(), body!(), i.b);
                        if let Some(l) = peek(regs!(), i.a).get::<List>() {
                            l.push(vm, v);
                        }
                        ip = ip.add(1);
                    }
                    op::LIST_EXTEND => step_discard!(0, i, {
                        let v = src!(T i.b);
                        steps::list_extend(vm, peek(regs!(), i.a), &v)
                    }),
                    op1::LIST_EXTEND => step_discard!(0, i, {
                        let v = src!(L i.b);
                        steps::list_extend(vm, peek(regs!(), i.a), &v)
                    }),
                    op::SET_ADD => step_discard!(0, i, {
                        let v = take_reg(regs!(), body!(), i.b);
                        ops::dict::run(
                            vm,
                            ops::dict::DictOp::Add,
                            peek(regs!(), i.a),
                            &v,
                            Value::NONE,
                        )
                    }),
                    op::SET_UPDATE => step_discard!(0, i, {
                        let v = src!(T i.b);
                        crate::objects::set::update(vm, peek(regs!(), i.a), &v)
                    }),
                    op1::SET_UPDATE => step_discard!(0, i, {
                        let v = src!(L i.b);
                        crate::objects::set::update(vm, peek(regs!(), i.a), &v)
                    }),
                    op::MAP_ADD => step_discard!(0, i, {
                        let k = take_reg(regs!(), body!(), i.b);
                        let v = take_reg(regs!(), body!(), i.c);
                        ops::dict::set(vm, peek(regs!(), i.a), &k, v)
                    }),
                    op::DICT_UPDATE => step_discard!(0, i, {
                        let v = src!(T i.b);
                        steps::dict_update(vm, peek(regs!(), i.a), &v)
                    }),
                    op1::DICT_UPDATE => step_discard!(0, i, {
                        let v = src!(L i.b);
                        steps::dict_update(vm, peek(regs!(), i.a), &v)
                    }),
                    op::DICT_MERGE => step_discard!(0, i, {
                        let v = src!(T i.b);
                        steps::dict_merge(vm, peek(regs!(), i.a), &v, peek(regs!(), i.c))
                    }),
                    op1::DICT_MERGE => step_discard!(0, i, {
                        let v = src!(L i.b);
                        steps::dict_merge(vm, peek(regs!(), i.a), &v, peek(regs!(), i.c))
                    }),

                    op::BUILD_TUPLE => step!(T, 0, i, Ok(build_tuple(vm, regs!(), i).into())),
                    op1::BUILD_TUPLE => step!(L, 0, i, Ok(build_tuple(vm, regs!(), i).into())),
                    op::BUILD_LIST => step!(T, 0, i, {
                        let v = take_run!(i.b, i.c);
                        Ok(vm.list(v).into())
                    }),
                    op1::BUILD_LIST => step!(L, 0, i, {
                        let v = take_run!(i.b, i.c);
                        Ok(vm.list(v).into())
                    }),
                    op::BUILD_SET => step!(T, 0, i, {
                        let v = take_run!(i.b, i.c);
                        steps::build_set(vm, v)
                    }),
                    op1::BUILD_SET => step!(L, 0, i, {
                        let v = take_run!(i.b, i.c);
                        steps::build_set(vm, v)
                    }),
                    op::BUILD_MAP => step!(T, 0, i, {
                        let v = take_run!(i.b, i.c as usize * 2);
                        steps::build_map(vm, v)
                    }),
                    op1::BUILD_MAP => step!(L, 0, i, {
                        let v = take_run!(i.b, i.c as usize * 2);
                        steps::build_map(vm, v)
                    }),
                    code @ (op::BUILD_SLICE | op1::BUILD_SLICE) => {
                        let i = Insn::decode(word);
                        const NO_STEP: &Value = &Value::NONE;
                        let step = if i.c > 2 { peek(regs!(), i.b + 2) } else { NO_STEP };
                        let parts = [peek(regs!(), i.b), peek(regs!(), i.b + 1), step];
                        let after = Insn::decode(*ip.add(1));
                        if (op::LOAD_ITEM..=op3::LOAD_ITEM).contains(&after.op)
                            && after.c == i.a
                            && let Some(v) = fused::load_slice(vm, peek(regs!(), after.b), parts)
                        {
                            // From here on the second instruction is the current one.
                            ip = ip.add(1);
                            if (after.op - op::LOAD_ITEM) & 2 == 0 {
                                drop(src!(T after.b));
                            }
                            if (after.op - op::LOAD_ITEM) & 1 == 0 {
                                put!(T after.a, v);
                            } else {
                                put!(L after.a, v);
                            }
                            finalize!();
                            ip = ip.add(1);
                            continue;
                        }
                        if matches!(after.op, op::STORE_ITEM | op1::STORE_ITEM)
                            && after.b == i.a
                            && fused::store_slice(
                                vm,
                                peek(regs!(), after.a),
                                parts,
                                peek(regs!(), after.c),
                            )
                        {
                            ip = ip.add(1);
                            if after.op == op::STORE_ITEM {
                                drop(src!(T after.a));
                            }
                            drop(take_reg(regs!(), body!(), after.c));
                            finalize!();
                            ip = ip.add(1);
                            continue;
                        }
                        (*frame).ip = ip;
                        let [start, stop, step] = [0, 1, 2].map(|k| match k < i.c {
                            true => src!(T i.b + k),
                            false => Value::NONE,
                        });
                        let slice = vm.slice(start, stop, step);
                        if code == op::BUILD_SLICE {
                            put!(T i.a, slice);
                        } else {
                            put!(L i.a, slice);
                        }
                        finalize!();
                        ip = ip.add(1);
                    }
                    op::BUILD_STRING => step!(T, 0, i, {
                        let parts =
                            std::slice::from_raw_parts(regs!().add(i.b as usize), i.c as usize);
                        let joined = steps::build_string(vm, parts);
                        for k in 0..i.c {
                            ptr::drop_in_place(regs!().add((i.b + k) as usize));
                        }
                        joined
                    }),
                    op1::BUILD_STRING => step!(L, 0, i, {
                        let parts =
                            std::slice::from_raw_parts(regs!().add(i.b as usize), i.c as usize);
                        let joined = steps::build_string(vm, parts);
                        for k in 0..i.c {
                            ptr::drop_in_place(regs!().add((i.b + k) as usize));
                        }
                        joined
                    }),
                    op::LIST_TO_TUPLE => step!(T, 0, i, {
                        let v = src!(T i.b);
                        Ok(steps::list_to_tuple(vm, &v).into())
                    }),
                    op1::LIST_TO_TUPLE => step!(L, 0, i, {
                        let v = src!(T i.b);
                        Ok(steps::list_to_tuple(vm, &v).into())
                    }),
                    op2::LIST_TO_TUPLE => step!(T, 0, i, {
                        let v = src!(L i.b);
                        Ok(steps::list_to_tuple(vm, &v).into())
                    }),
                    op3::LIST_TO_TUPLE => step!(L, 0, i, {
                        let v = src!(L i.b);
                        Ok(steps::list_to_tuple(vm, &v).into())
                    }),
                    op::FORMAT_SIMPLE => step!(T, 0, i, {
                        let v = src!(T i.b);
                        let e = vm.names.empty.clone();
                        ops::text::format(vm, &v, &e)
                    }),
                    op1::FORMAT_SIMPLE => step!(L, 0, i, {
                        let v = src!(T i.b);
                        let e = vm.names.empty.clone();
                        ops::text::format(vm, &v, &e)
                    }),
                    op2::FORMAT_SIMPLE => step!(T, 0, i, {
                        let v = src!(L i.b);
                        let e = vm.names.empty.clone();
                        ops::text::format(vm, &v, &e)
                    }),
                    op3::FORMAT_SIMPLE => step!(L, 0, i, {
                        let v = src!(L i.b);
                        let e = vm.names.empty.clone();
                        ops::text::format(vm, &v, &e)
                    }),
                    op::FORMAT_WITH_SPEC => step!(T, 0, i, {
                        let v = take_run!(i.b, 2);
                        ops::text::format(vm, &v[0], &v[1])
                    }),
                    op1::FORMAT_WITH_SPEC => step!(L, 0, i, {
                        let v = take_run!(i.b, 2);
                        ops::text::format(vm, &v[0], &v[1])
                    }),
                    op::CONVERT => step!(T, 0, i, {
                        let v = src!(T i.b);
                        steps::convert(vm, v, i.c)
                    }),
                    op1::CONVERT => step!(L, 0, i, {
                        let v = src!(T i.b);
                        steps::convert(vm, v, i.c)
                    }),
                    op2::CONVERT => step!(T, 0, i, {
                        let v = src!(L i.b);
                        steps::convert(vm, v, i.c)
                    }),
                    op3::CONVERT => step!(L, 0, i, {
                        let v = src!(L i.b);
                        steps::convert(vm, v, i.c)
                    }),
                    op::BUILD_INTERPOLATION => step!(T, 0, i, {
                        let v = take_run!(i.b, 2 + (i.c & 1));
                        steps::build_interpolation(vm, v, i.c)
                    }),
                    op1::BUILD_INTERPOLATION => step!(L, 0, i, {
                        let v = take_run!(i.b, 2 + (i.c & 1));
                        steps::build_interpolation(vm, v, i.c)
                    }),
                    op::BUILD_TEMPLATE => step!(T, 0, i, {
                        let v = take_run!(i.b, 2);
                        steps::build_template(vm, v)
                    }),
                    op1::BUILD_TEMPLATE => step!(L, 0, i, {
                        let v = take_run!(i.b, 2);
                        steps::build_template(vm, v)
                    }),

                    op::CALL => call!(T),
                    op1::CALL => call!(L),
                    op::CALL_METHOD => call_method!(T),
                    op1::CALL_METHOD => call_method!(L),
                    op::CALL_KW => call_kw!(T, false),
                    op1::CALL_KW => call_kw!(L, false),
                    op::CALL_METHOD_KW => call_kw!(T, true),
                    op1::CALL_METHOD_KW => call_kw!(L, true),
                    op::CALL_EX => step!(T, 0, i, {
                        let v = take_run!(i.b, 2 + i.c);
                        steps::call_ex(vm, v)
                    }),
                    op1::CALL_EX => step!(L, 0, i, {
                        let v = take_run!(i.b, 2 + i.c);
                        steps::call_ex(vm, v)
                    }),
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
                    op::MAKE_FUNCTION => step!(T, 0, i, {
                        let c = src!(T i.b);
                        Ok(steps::make_function(vm, frame, c).into())
                    }),
                    op1::MAKE_FUNCTION => step!(L, 0, i, {
                        let c = src!(T i.b);
                        Ok(steps::make_function(vm, frame, c).into())
                    }),
                    op2::MAKE_FUNCTION => step!(T, 0, i, {
                        let c = src!(L i.b);
                        Ok(steps::make_function(vm, frame, c).into())
                    }),
                    op3::MAKE_FUNCTION => step!(L, 0, i, {
                        let c = src!(L i.b);
                        Ok(steps::make_function(vm, frame, c).into())
                    }),
                    op::SET_FUNCTION_ATTR => {
                        let i = Insn::decode(word);
                        let v = src!(T i.b);
                        steps::set_function_attr(peek(regs!(), i.a), v, i.c);
                        ip = ip.add(1);
                    }
                    op1::SET_FUNCTION_ATTR => {
                        let i = Insn::decode(word);
                        let v = src!(L i.b);
                        steps::set_function_attr(peek(regs!(), i.a), v, i.c);
                        ip = ip.add(1);
                    }
                    op::IMPORT_NAME => step!(T, 1, i, {
                        let v = take_run!(i.b, 2);
                        steps::import_name(vm, frame, v, *ip.add(1) as u32)
                    }),
                    op1::IMPORT_NAME => step!(L, 1, i, {
                        let v = take_run!(i.b, 2);
                        steps::import_name(vm, frame, v, *ip.add(1) as u32)
                    }),
                    op::IMPORT_FROM => step!(
                        T,
                        1,
                        i,
                        steps::import_from(
                            vm,
                            frame,
                            peek(regs!(), i.b).clone(),
                            *ip.add(1) as u32
                        )
                    ),
                    op1::IMPORT_FROM => step!(
                        L,
                        1,
                        i,
                        steps::import_from(
                            vm,
                            frame,
                            peek(regs!(), i.b).clone(),
                            *ip.add(1) as u32
                        )
                    ),
                    op::IMPORT_STAR => step_discard!(0, i, {
                        let m = src!(T i.a);
                        steps::import_star(vm, frame, m)
                    }),
                    op1::IMPORT_STAR => step_discard!(0, i, {
                        let m = src!(L i.a);
                        steps::import_star(vm, frame, m)
                    }),
                    op::INTRINSIC_1 => step!(T, 0, i, {
                        let v = src!(T i.b);
                        steps::intrinsic1(vm, i.c, v)
                    }),
                    op1::INTRINSIC_1 => step!(L, 0, i, {
                        let v = src!(T i.b);
                        steps::intrinsic1(vm, i.c, v)
                    }),
                    op2::INTRINSIC_1 => step!(T, 0, i, {
                        let v = src!(L i.b);
                        steps::intrinsic1(vm, i.c, v)
                    }),
                    op3::INTRINSIC_1 => step!(L, 0, i, {
                        let v = src!(L i.b);
                        steps::intrinsic1(vm, i.c, v)
                    }),
                    op::INTRINSIC_2 => step!(T, 0, i, {
                        let v = take_run!(i.b, 2);
                        steps::intrinsic2(vm, i.c, v)
                    }),
                    op1::INTRINSIC_2 => step!(L, 0, i, {
                        let v = take_run!(i.b, 2);
                        steps::intrinsic2(vm, i.c, v)
                    }),

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
                    op::GET_YIELD_FROM_ITER => step!(T, 0, i, {
                        let v = src!(T i.b);
                        steps::yield_from_iter(vm, frame, v)
                    }),
                    op1::GET_YIELD_FROM_ITER => step!(L, 0, i, {
                        let v = src!(T i.b);
                        steps::yield_from_iter(vm, frame, v)
                    }),
                    op2::GET_YIELD_FROM_ITER => step!(T, 0, i, {
                        let v = src!(L i.b);
                        steps::yield_from_iter(vm, frame, v)
                    }),
                    op3::GET_YIELD_FROM_ITER => step!(L, 0, i, {
                        let v = src!(L i.b);
                        steps::yield_from_iter(vm, frame, v)
                    }),
                    op::GET_AWAITABLE => step!(T, 0, i, {
                        let v = src!(T i.b);
                        generator::get_awaitable(vm, &v, i.c)
                    }),
                    op1::GET_AWAITABLE => step!(L, 0, i, {
                        let v = src!(T i.b);
                        generator::get_awaitable(vm, &v, i.c)
                    }),
                    op2::GET_AWAITABLE => step!(T, 0, i, {
                        let v = src!(L i.b);
                        generator::get_awaitable(vm, &v, i.c)
                    }),
                    op3::GET_AWAITABLE => step!(L, 0, i, {
                        let v = src!(L i.b);
                        generator::get_awaitable(vm, &v, i.c)
                    }),
                    op::GET_AITER => step!(T, 0, i, {
                        let v = src!(T i.b);
                        steps::get_aiter(vm, v)
                    }),
                    op1::GET_AITER => step!(L, 0, i, {
                        let v = src!(T i.b);
                        steps::get_aiter(vm, v)
                    }),
                    op2::GET_AITER => step!(T, 0, i, {
                        let v = src!(L i.b);
                        steps::get_aiter(vm, v)
                    }),
                    op3::GET_AITER => step!(L, 0, i, {
                        let v = src!(L i.b);
                        steps::get_aiter(vm, v)
                    }),
                    op::GET_ANEXT => {
                        step!(T, 0, i, steps::get_anext(vm, peek(regs!(), i.b).clone()))
                    }
                    op1::GET_ANEXT => {
                        step!(L, 0, i, steps::get_anext(vm, peek(regs!(), i.b).clone()))
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
                    op::ENTER_HANDLER => {
                        let i = Insn::decode(word);
                        let exc = peek(regs!(), i.a).clone();
                        let old = std::mem::replace(&mut vm.exec.handled, exc);
                        put!(T i.a + 1, old);
                        ip = ip.add(1);
                    }
                    op::EXIT_HANDLER => {
                        let i = Insn::decode(word);
                        let old = src!(T i.a + 1);
                        drop(std::mem::replace(&mut vm.exec.handled, old));
                        drop(src!(T i.a));
                        finalize!();
                        ip = ip.add(1);
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
                    op::CHECK_EXC_MATCH => step!(T, 0, i, {
                        let c = src!(T i.c);
                        steps::exc_match(vm, peek(regs!(), i.b), &c)
                    }),
                    op1::CHECK_EXC_MATCH => step!(L, 0, i, {
                        let c = src!(T i.c);
                        steps::exc_match(vm, peek(regs!(), i.b), &c)
                    }),
                    op2::CHECK_EXC_MATCH => step!(T, 0, i, {
                        let c = src!(L i.c);
                        steps::exc_match(vm, peek(regs!(), i.b), &c)
                    }),
                    op3::CHECK_EXC_MATCH => step!(L, 0, i, {
                        let c = src!(L i.c);
                        steps::exc_match(vm, peek(regs!(), i.b), &c)
                    }),
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
                    op::WITH_EXIT => step!(T, 0, i, {
                        let f = src!(T i.b);
                        steps::with_exit(vm, f)
                    }),
                    op1::WITH_EXIT => step!(L, 0, i, {
                        let f = src!(T i.b);
                        steps::with_exit(vm, f)
                    }),
                    op::WITH_EXCEPT_START => step!(
                        T,
                        0,
                        i,
                        steps::with_except_start(
                            vm,
                            peek(regs!(), i.b).clone(),
                            peek(regs!(), i.c).clone()
                        )
                    ),
                    op1::WITH_EXCEPT_START => step!(
                        L,
                        0,
                        i,
                        steps::with_except_start(
                            vm,
                            peek(regs!(), i.b).clone(),
                            peek(regs!(), i.c).clone()
                        )
                    ),
                    op::MATCH_MAPPING => step!(
                        T,
                        0,
                        i,
                        Ok(Value::bool(steps::is_mapping(vm, peek(regs!(), i.b))).into())
                    ),
                    op1::MATCH_MAPPING => step!(
                        L,
                        0,
                        i,
                        Ok(Value::bool(steps::is_mapping(vm, peek(regs!(), i.b))).into())
                    ),
                    op::MATCH_SEQUENCE => step!(
                        T,
                        0,
                        i,
                        Ok(Value::bool(steps::is_sequence(vm, peek(regs!(), i.b))).into())
                    ),
                    op1::MATCH_SEQUENCE => step!(
                        L,
                        0,
                        i,
                        Ok(Value::bool(steps::is_sequence(vm, peek(regs!(), i.b))).into())
                    ),
                    op::MATCH_KEYS => step!(
                        T,
                        0,
                        i,
                        steps::match_keys(
                            vm,
                            peek(regs!(), i.b).clone(),
                            peek(regs!(), i.c).clone()
                        )
                    ),
                    op1::MATCH_KEYS => step!(
                        L,
                        0,
                        i,
                        steps::match_keys(
                            vm,
                            peek(regs!(), i.b).clone(),
                            peek(regs!(), i.c).clone()
                        )
                    ),
                    op::MATCH_CLASS => step!(T, 0, i, {
                        let v = take_run!(i.b, 3);
                        steps::match_class(vm, v, i.c)
                    }),
                    op1::MATCH_CLASS => step!(L, 0, i, {
                        let v = take_run!(i.b, 3);
                        steps::match_class(vm, v, i.c)
                    }),
                    op::GET_LEN => step!(T, 0, i, {
                        let v = peek(regs!(), i.b).clone();
                        ops::len(vm, &v)
                    }),
                    op1::GET_LEN => step!(L, 0, i, {
                        let v = peek(regs!(), i.b).clone();
                        ops::len(vm, &v)
                    }),
                    // `Body::new` lets no other number in, and each row of the table has its arms: the
                    // dispatch needs no comparison.
                    _ => std::hint::unreachable_unchecked(),
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
                    Err(e) => Next::Raise(e),
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
        service_result(frame, r)
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

fn build_tuple(vm: &mut Vm, regs: *mut Value, i: Insn) -> Value {
    let n = i.c as usize;
    // SAFETY: the `n` temporaries from b are valid and consumed by BUILD_TUPLE.
    vm.tuple_iter(n, (0..n).map(|k| unsafe { regs.add(i.b as usize + k).read() }))
}

#[inline(never)]
fn slow_binary(vm: &mut Vm, frame: *mut Frame, insn: Insn, op: BinOp, inplace: bool) -> Flow {
    // SAFETY: the frame is current and both operands are valid; temporaries are moved out.
    let (l, r) = unsafe {
        let (regs, body) = ((*frame).regs(), (*frame).body());
        let l = take_reg(regs, body, insn.b);
        (l, take_reg(regs, body, insn.c))
    };
    if l.is_int_like() && r.is_int_like() && l.header().is_none() && r.header().is_none() {
        let flow = ops::binary::int_op(vm, op, &l, &r);
        return not_implemented_to_error(vm, flow, op, &l, &r, inplace);
    }
    if inplace { ops::binary::inplace(vm, op, &l, &r) } else { ops::binary::binary(vm, op, &l, &r) }
}

fn not_implemented_to_error(
    vm: &mut Vm,
    flow: Flow,
    op: BinOp,
    l: &Value,
    r: &Value,
    inplace: bool,
) -> Flow {
    match flow {
        Ok(v) if v.as_value().is_not_implemented() => {
            if inplace {
                ops::binary::inplace(vm, op, l, r)
            } else {
                ops::binary::binary(vm, op, l, r)
            }
        }
        flow => flow,
    }
}

//! Instructions that a function beside the chain does whole: all that may allocate, raise, or run
//! Python code. The function says how it left the instruction (`DONE`, `RAISED`, …); its handler goes
//! on with the next one where it can. Handlers of this file never leave their instruction undone.
//!
//! Operands are moved out of temporaries before anything can suspend (liveness law).

use stackless_bytecode::Insn;

use super::*;
use crate::exc::{Exc, Flow, PyResult, Reply};
use crate::native::Args;
use crate::objects::generator;
use crate::objects::types::{BinOp, CmpOp};

/// The value of operand register `i`, moved from a temporary or copied from a local.
#[inline(always)]
unsafe fn value(frame: *mut Frame, i: u16) -> Value {
    // SAFETY: as `take`.
    unsafe { Value::from_bits(take(frame, i as usize)) }
}

/// Operand register `i` where it lies.
#[inline(always)]
unsafe fn peek<'a>(frame: *mut Frame, i: u16) -> &'a Value {
    // SAFETY: the register is valid; the borrow ends before it is written.
    unsafe { &*reg(frame, i as usize).cast::<Value>() }
}

/// The `n` temporaries from `base` on, moved out.
#[inline(always)]
unsafe fn take_run(frame: *mut Frame, base: u16, n: usize) -> Vec<Value> {
    // SAFETY: the temporaries are valid and dead afterwards.
    unsafe { (0..n).map(|i| Value::from_bits(*reg(frame, base as usize + i))).collect() }
}

/// Drops the `n` temporaries from `base` on, the last one first.
#[inline(always)]
unsafe fn drop_run(frame: *mut Frame, base: usize, n: usize) {
    for i in (0..n).rev() {
        // SAFETY: as `take_run`.
        unsafe { release(*reg(frame, base + i)) };
    }
}

/// Cache word 1 of the current instruction.
#[inline(always)]
unsafe fn word1(frame: *mut Frame) -> u32 {
    // SAFETY: the instruction has such a word.
    unsafe { *(*frame).ip.add(1) as u32 }
}

#[inline(always)]
unsafe fn failed(vm: *mut Vm, e: Exc) -> Left {
    // SAFETY: the VM is alive.
    unsafe { (*vm).raised = Some(e) };
    RAISED
}

/// Ends an instruction with a `Dst` as its flow says.
#[inline(always)]
pub(super) unsafe fn complete(frame: *mut Frame, vm: *mut Vm, word: u64, flow: Flow) -> Left {
    // SAFETY: the current frame, at the instruction `word`.
    unsafe {
        match flow {
            Ok(r) if !r.is_away() => finish(frame, vm, word, r.into_raw().into_bits(), DONE),
            Ok(_) => AWAY,
            Err(e) => failed(vm, e),
        }
    }
}

/// The value of an operation for which the frame's stage was set, for a pushed frame to find; the
/// instruction is at its end then, or has failed.
#[inline(always)]
unsafe fn settled<T, U>(
    frame: *mut Frame,
    vm: *mut Vm,
    found: PyResult<Result<T, U>>,
) -> Result<T, Left> {
    // SAFETY: as `complete`.
    unsafe {
        match found {
            Ok(Ok(value)) => {
                (*frame).set_stage(0);
                Ok(value)
            }
            Ok(Err(_)) => Err(AWAY),
            Err(e) => {
                (*frame).set_stage(0);
                Err(failed(vm, e))
            }
        }
    }
}

/// A flow as `settled` wants it.
#[inline(always)]
fn now(flow: Flow) -> PyResult<Result<Value, Reply>> {
    Ok(match flow? {
        r if r.is_away() => Err(r),
        r => Ok(r.into_raw()),
    })
}

/// As `complete` without a `Dst`.
#[inline(always)]
unsafe fn complete_discarding(frame: *mut Frame, vm: *mut Vm, flow: Flow) -> Left {
    // SAFETY: as `complete`.
    unsafe {
        match settled(frame, vm, now(flow)) {
            Ok(value) => {
                drop(value);
                if (*vm).heap.pending.get() { FINALIZE } else { DONE }
            }
            Err(left) => left,
        }
    }
}

macro_rules! whole {
    ($($name:ident $words:literal $how:ident |$vm:ident, $frame:ident, $word:ident, $i:ident| $flow:expr;)*) => { $(
        handler! {
            #[inline(never)]
            fn $name<>(ip, frame, vm, word) {
                #[inline(never)]
                unsafe fn work($frame: *mut Frame, vm: *mut Vm, $word: u64) -> Left {
                    // SAFETY: the current frame; operands are valid by the liveness law.
                    unsafe {
                        let ($vm, $i) = (&mut *vm, Insn::decode($word));
                        whole!(@$how $vm $frame $word $flow)
                    }
                }
                (*frame).ip = ip;
                follow::<false, false>(ip, frame, vm, $words, None, work(frame, vm, word))
            }
        }
    )* };
    (@gives $vm:ident $frame:ident $word:ident $flow:expr) => {{
        let flow: Flow = $flow;
        complete($frame, $vm, $word, flow)
    }};
    (@acts $vm:ident $frame:ident $word:ident $flow:expr) => {{
        (*$frame).set_stage(1);
        let flow: Flow = $flow;
        complete_discarding($frame, $vm, flow)
    }};
    (@says $vm:ident $frame:ident $word:ident $left:expr) => { $left };
}

/// What an arithmetic instruction does, and whether in place.
fn binary_op(op: u16) -> (BinOp, bool) {
    if op >= op::MUL_ADD {
        return (BinOp::Mul, false);
    }
    let i = (op - op::ADD) as usize / 2;
    let n = (op::INPLACE_ADD - op::ADD) as usize / 2;
    (BinOp::from_index(i % n), i >= n)
}

fn binary(vm: &mut Vm, (op, inplace): (BinOp, bool), l: Value, r: Value) -> Flow {
    if l.is_int_like() && r.is_int_like() && l.header().is_none() && r.header().is_none() {
        match ops::binary::int_op(vm, op, &l, &r) {
            Ok(v) if v.as_value().is_not_implemented() => {}
            flow => return flow,
        }
    }
    if inplace { ops::binary::inplace(vm, op, &l, &r) } else { ops::binary::binary(vm, op, &l, &r) }
}

whole! {
    load_common_const 0 gives |vm, frame, word, i| steps::common_const(vm, i.b);
    load_fast_check 0 gives |vm, frame, word, i| steps::load_fast_check(vm, frame, i.b);
    load_from_dict_or_deref 0 gives |vm, frame, word, i| {
        let m = value(frame, i.b);
        steps::dict_or_deref(vm, frame, m, i.c)
    };
    find_global 2 gives |vm, frame, word, i| steps::load_global(vm, frame, i.bc());
    store_global 0 acts |vm, frame, word, i| {
        let v = value(frame, i.a);
        steps::store_global(vm, frame, i.bc(), v)
    };
    delete_global 0 acts |vm, frame, word, i| steps::store_global(vm, frame, i.bc(), Value::UNBOUND);
    find_name 2 gives |vm, frame, word, i| steps::load_name(vm, frame, i.bc());
    bind_name 1 acts |vm, frame, word, i| {
        let v = value(frame, i.a);
        steps::store_name(vm, frame, i.bc(), v)
    };
    delete_name 0 acts |vm, frame, word, i| steps::delete_name(vm, frame, i.bc());
    load_from_dict_or_globals 1 gives |vm, frame, word, i| {
        let m = value(frame, i.b);
        steps::dict_or_globals(vm, frame, m, word1(frame))
    };
    load_locals 0 gives |vm, frame, word, _i| steps::load_locals(vm, frame);
    load_build_class 0 gives |vm, frame, word, _i| steps::load_build_class(vm, frame);
    setup_annotations 0 acts |vm, frame, word, _i| steps::setup_annotations(vm, frame);

    set_attr 2 acts |vm, frame, word, i| {
        let (o, v) = (value(frame, i.a), value(frame, i.b));
        let flow = attrs::store_attr(vm, frame, &o, word1(frame), &v);
        drop((o, v));
        flow
    };
    delete_attr 1 acts |vm, frame, word, i| {
        let o = value(frame, i.a);
        attrs::delete_attr(vm, frame, o, word1(frame))
    };
    load_super_attr 1 gives |vm, frame, word, i| {
        let v = take_run(frame, i.b, 3);
        steps::load_super_attr(vm, frame, v, word1(frame), i.c)
    };
    get_item 0 gives |vm, frame, word, i| {
        let (o, k) = (value(frame, i.b), value(frame, i.c));
        let flow = steps::load_item(vm, &o, &k);
        drop((o, k));
        flow
    };
    set_item 0 acts |vm, frame, word, i| {
        let (o, k, v) = (value(frame, i.a), value(frame, i.b), value(frame, i.c));
        let flow = ops::item::setitem(vm, &o, &k, &v);
        drop((o, k, v));
        flow
    };
    delete_item 0 acts |vm, frame, word, i| {
        let (o, k) = (value(frame, i.a), value(frame, i.b));
        let flow = ops::item::setitem(vm, &o, &k, &Value::UNBOUND);
        drop((o, k));
        flow
    };

    operate 0 gives |vm, frame, word, i| {
        let (l, r) = (value(frame, i.b), value(frame, i.c));
        binary(vm, binary_op(i.op), l, r)
    };
    operate_imm 0 gives |vm, frame, word, i| {
        let (l, r) = (value(frame, i.b), Value::from_i32(i32::from(i.c as i16)));
        let row = (i.op - op::ADD_IMM) / 2;
        let op = if row & 1 == 0 { BinOp::Add } else { BinOp::Sub };
        binary(vm, (op, row > 1), l, r)
    };
    compare 0 gives |vm, frame, word, i| {
        let (l, r) = (value(frame, i.b), value(frame, i.c));
        let op = CmpOp::from_index((i.op - op::LT) as usize / 2);
        let flow = ops::compare::compare(vm, op, &l, &r);
        drop((l, r));
        flow
    };
    is_identical 0 gives |vm, frame, word, i| {
        let (l, r) = (value(frame, i.b), value(frame, i.c));
        Ok(Value::bool(l.is(&r) == (i.op < op::IS_NOT)).into())
    };
    negative 0 gives |vm, frame, word, i| {
        let v = value(frame, i.b);
        ops::number::negative(vm, &v)
    };
    positive 0 gives |vm, frame, word, i| {
        let v = value(frame, i.b);
        ops::number::positive(vm, &v)
    };
    invert 0 gives |vm, frame, word, i| {
        let v = value(frame, i.b);
        ops::number::invert(vm, &v)
    };
    not 0 says |vm, frame, word, i| {
        let v = value(frame, i.b);
        let flow = match ops::truth_fast(&v) {
            Some(t) => Ok(Value::bool(t).into()),
            None => {
                (*frame).set_stage(1);
                ops::truth(vm, &v)
            }
        };
        drop(v);
        complete_truth(frame, vm, word, true, flow)
    };
    contains 0 says |vm, frame, word, i| {
        let negate = i.op >= op::NOT_IN;
        if let Some(found) = ops::dict::holds(vm, peek(frame, i.c), peek(frame, i.b)) {
            for at in [i.b, i.c] {
                if at >= (*frame).body().first_temp {
                    release(*reg(frame, at as usize));
                }
            }
            return finish(frame, vm, word, bool_bits(found != negate), DONE);
        }
        let (item, container) = (value(frame, i.b), value(frame, i.c));
        (*frame).set_stage(1);
        let flow = ops::item::contains(vm, &container, &item);
        drop((item, container));
        complete_truth(frame, vm, word, negate, flow)
    };

    get_iter 0 gives |vm, frame, word, i| {
        let v = value(frame, i.b);
        ops::iter::iter(vm, &v)
    };
    list_append 0 says |vm, frame, word, i| {
        let v = value(frame, i.b);
        if let Some(l) = peek(frame, i.a).get::<List>() {
            l.push(vm, v);
        }
        DONE
    };
    list_extend 0 acts |vm, frame, word, i| {
        let v = value(frame, i.b);
        steps::list_extend(vm, peek(frame, i.a), &v)
    };
    set_add 0 acts |vm, frame, word, i| {
        let v = value(frame, i.b);
        steps::set_add(vm, peek(frame, i.a), &v)
    };
    set_update 0 acts |vm, frame, word, i| {
        let v = value(frame, i.b);
        crate::objects::set::update(vm, peek(frame, i.a), &v)
    };
    map_add 0 acts |vm, frame, word, i| {
        let (k, v) = (value(frame, i.b), value(frame, i.c));
        ops::dict::set(vm, peek(frame, i.a), &k, v)
    };
    dict_update 0 acts |vm, frame, word, i| {
        let v = value(frame, i.b);
        steps::dict_update(vm, peek(frame, i.a), &v)
    };
    dict_merge 0 acts |vm, frame, word, i| {
        let v = value(frame, i.b);
        steps::dict_merge(vm, peek(frame, i.a), &v, peek(frame, i.c))
    };

    build_tuple 0 gives |vm, frame, word, i| {
        let items = reg(frame, i.b as usize).cast::<Value>();
        let n = i.c as usize;
        Ok(vm.tuple_iter(n, (0..n).map(|k| items.add(k).read())).into())
    };
    build_list 0 gives |vm, frame, word, i| {
        let v = take_run(frame, i.b, i.c as usize);
        Ok(vm.list(v).into())
    };
    build_set 0 gives |vm, frame, word, i| {
        let v = take_run(frame, i.b, i.c as usize);
        steps::build_set(vm, v)
    };
    build_map 0 gives |vm, frame, word, i| {
        let v = take_run(frame, i.b, i.c as usize * 2);
        steps::build_map(vm, v)
    };
    build_string 0 gives |vm, frame, word, i| {
        let (at, n) = (i.b as usize, i.c as usize);
        let parts = std::slice::from_raw_parts(reg(frame, at).cast::<Value>(), n);
        let joined = steps::build_string(vm, parts);
        drop_run(frame, at, n);
        joined
    };
    list_to_tuple 0 gives |vm, frame, word, i| {
        let v = value(frame, i.b);
        Ok(steps::list_to_tuple(vm, &v).into())
    };
    format_simple 0 gives |vm, frame, word, i| {
        let (v, spec) = (value(frame, i.b), vm.names.empty.clone());
        ops::text::format(vm, &v, &spec)
    };
    format_with_spec 0 gives |vm, frame, word, i| {
        let v = take_run(frame, i.b, 2);
        ops::text::format(vm, &v[0], &v[1])
    };
    convert 0 gives |vm, frame, word, i| {
        let v = value(frame, i.b);
        steps::convert(vm, v, i.c)
    };
    build_interpolation 0 gives |vm, frame, word, i| {
        let v = take_run(frame, i.b, 2 + (i.c & 1) as usize);
        steps::build_interpolation(vm, v, i.c)
    };
    build_template 0 gives |vm, frame, word, i| {
        let v = take_run(frame, i.b, 2);
        steps::build_template(vm, v)
    };

    call_kw 1 gives |vm, frame, word, i| {
        let names = (*frame).body().consts[word1(frame) as usize].clone();
        let (at, n) = match i.op {
            op::CALL_KW | op1::CALL_KW => (i.b as usize + 1, i.c as usize),
            _ => method_arguments(frame, word),
        };
        call_with(vm, frame, i.b as usize, (at, n), Some(&names))
    };
    call_ex 0 gives |vm, frame, word, i| {
        let v = take_run(frame, i.b, 2 + i.c as usize);
        steps::call_ex(vm, v)
    };
    make_function 0 gives |vm, frame, word, i| {
        let code = value(frame, i.b);
        Ok(steps::make_function(vm, frame, code).into())
    };
    set_function_attr 0 says |_vm, frame, word, i| {
        let v = value(frame, i.b);
        steps::set_function_attr(peek(frame, i.a), v, i.c);
        DONE
    };
    import_name 1 gives |vm, frame, word, i| {
        let v = take_run(frame, i.b, 2);
        steps::import_name(vm, frame, v, word1(frame))
    };
    import_from 1 gives |vm, frame, word, i| {
        let module = peek(frame, i.b).clone();
        steps::import_from(vm, frame, module, word1(frame))
    };
    import_star 0 acts |vm, frame, word, i| {
        let module = value(frame, i.a);
        steps::import_star(vm, frame, module)
    };
    intrinsic_1 0 gives |vm, frame, word, i| {
        let v = value(frame, i.b);
        steps::intrinsic1(vm, i.c, v)
    };
    intrinsic_2 0 gives |vm, frame, word, i| {
        let v = take_run(frame, i.b, 2);
        steps::intrinsic2(vm, i.c, v)
    };

    get_yield_from_iter 0 gives |vm, frame, word, i| {
        let v = value(frame, i.b);
        steps::yield_from_iter(vm, frame, v)
    };
    get_awaitable 0 gives |vm, frame, word, i| {
        let v = value(frame, i.b);
        generator::get_awaitable(vm, &v, i.c)
    };
    get_aiter 0 gives |vm, frame, word, i| {
        let v = value(frame, i.b);
        steps::get_aiter(vm, v)
    };
    get_anext 0 gives |vm, frame, word, i| steps::get_anext(vm, peek(frame, i.b).clone());
    check_exc_match 0 gives |vm, frame, word, i| {
        let class = value(frame, i.c);
        steps::exc_match(vm, peek(frame, i.b), &class)
    };
    with_exit 0 gives |vm, frame, word, i| {
        let f = value(frame, i.b);
        steps::with_exit(vm, f)
    };
    with_except_start 0 gives |vm, frame, word, i| {
        steps::with_except_start(vm, peek(frame, i.b).clone(), peek(frame, i.c).clone())
    };
    match_mapping 0 gives |vm, frame, word, i| {
        Ok(Value::bool(steps::is_mapping(vm, peek(frame, i.b))).into())
    };
    match_sequence 0 gives |vm, frame, word, i| {
        Ok(Value::bool(steps::is_sequence(vm, peek(frame, i.b))).into())
    };
    match_keys 0 gives |vm, frame, word, i| {
        steps::match_keys(vm, peek(frame, i.b).clone(), peek(frame, i.c).clone())
    };
    match_class 0 gives |vm, frame, word, i| {
        let v = take_run(frame, i.b, 3);
        steps::match_class(vm, v, i.c)
    };
    get_len 0 gives |vm, frame, word, i| {
        let v = peek(frame, i.b).clone();
        ops::len(vm, &v)
    };
    enter_handler 0 says |vm, frame, word, i| {
        let exc = peek(frame, i.a).clone();
        let old = std::mem::replace(&mut vm.exec.handled, exc);
        reg(frame, i.a as usize + 1).write(old.into_bits());
        DONE
    };
    exit_handler 0 says |vm, frame, word, i| {
        let old = Value::from_bits(*reg(frame, i.a as usize + 1));
        drop(std::mem::replace(&mut vm.exec.handled, old));
        release(*reg(frame, i.a as usize));
        if vm.heap.pending.get() { FINALIZE } else { DONE }
    };
    make_cell 0 says |vm, frame, word, i| {
        let slot = reg(frame, i.a as usize);
        let v = Value::from_bits(slot.replace(UNBOUND));
        slot.write(vm.cell(v).into_bits());
        DONE
    };
    store_deref 0 says |_vm, frame, word, i| {
        let v = value(frame, i.b);
        if let Some(c) = peek(frame, i.a).get::<Cell_>() {
            c.contents.set(v);
        }
        DONE
    };
}

/// Ends an instruction whose result is a truth value, perhaps the opposite one; stage 1 was set if
/// its flow may suspend.
#[inline(always)]
unsafe fn complete_truth(
    frame: *mut Frame,
    vm: *mut Vm,
    word: u64,
    negate: bool,
    flow: Flow,
) -> Left {
    // SAFETY: as `complete`.
    unsafe {
        match settled(frame, vm, now(flow)) {
            Ok(t) => finish(frame, vm, word, bool_bits(t.is_true() != negate), DONE),
            Err(left) => left,
        }
    }
}

/// Calls the temporary at `at` with the arguments that lie at `args`, all of which are consumed. They
/// stay where they are, owned by their registers, until the call has taken its copies; the liveness
/// count does not include them any more.
#[inline(always)]
pub(super) unsafe fn call_with(
    vm: &mut Vm,
    frame: *mut Frame,
    at: usize,
    (args, n): (usize, usize),
    names: Option<&Value>,
) -> Flow {
    // SAFETY: the registers are valid temporaries, dead afterwards.
    unsafe {
        let values = std::slice::from_raw_parts(reg(frame, args).cast::<Value>(), n);
        let callable = Value::from_bits(*reg(frame, at));
        let flow = ops::call::call(vm, &callable, Args { values, names });
        drop_run(frame, args, n);
        drop(callable);
        flow
    }
}

/// The place of a jump: taken or not; the offset is that of the instruction.
#[inline(always)]
unsafe fn decided(frame: *mut Frame, vm: *mut Vm, flow: Flow, want: bool) -> Left {
    // SAFETY: as `complete`.
    unsafe {
        match settled(frame, vm, now(flow)) {
            Ok(t) if t.is_true() == want => TAKEN,
            Ok(_) => DONE,
            Err(left) => left,
        }
    }
}

#[inline(never)]
unsafe fn decide(frame: *mut Frame, vm: *mut Vm, word: u64) -> Left {
    // SAFETY: the current frame at a JUMP_IF_TRUE or JUMP_IF_FALSE; its operand is valid.
    unsafe {
        let (vm, i) = (&mut *vm, Insn::decode(word));
        let want = i.op < op::JUMP_IF_FALSE;
        let v = value(frame, i.a);
        if let Some(t) = ops::truth_fast(&v) {
            return if t == want { TAKEN } else { DONE };
        }
        (*frame).set_stage(2);
        let flow = ops::truth(vm, &v);
        drop(v);
        decided(frame, vm, flow, want)
    }
}

handler! {
    #[inline(never)]
    fn jump_if_any<>(ip, frame, vm, word) {
        (*frame).ip = ip;
        let jump = Some(word as isize >> 32);
        follow::<false, false>(ip, frame, vm, 0, jump, decide(frame, vm, word))
    }
}

#[inline(never)]
unsafe fn decide_order(frame: *mut Frame, vm: *mut Vm, word: u64) -> Left {
    // SAFETY: the current frame at a comparing jump; its operands are valid.
    unsafe {
        let (vm, i) = (&mut *vm, Insn::decode(word));
        let imm = i.op >= op::JUMP_IF_LT_IMM;
        let row = i.op - if imm { op::JUMP_IF_LT_IMM } else { op::JUMP_IF_LT };
        let l = value(frame, i.a);
        let r = if imm { Value::from_i32(i32::from(i.b as i16)) } else { value(frame, i.b) };
        (*frame).set_stage(1);
        let flow = ops::compare::compare(vm, CmpOp::from_index(row as usize), &l, &r);
        drop((l, r));
        let flow = match flow {
            Ok(v) if !v.is_away() => {
                (*frame).set_stage(2);
                ops::truth(vm, v.as_value())
            }
            flow => flow,
        };
        decided(frame, vm, flow, row < 6)
    }
}

handler! {
    #[inline(never)]
    fn jump_if_order<>(ip, frame, vm, word) {
        (*frame).ip = ip;
        let jump = Some(word as isize >> 48);
        follow::<false, false>(ip, frame, vm, 0, jump, decide_order(frame, vm, word))
    }
}

/// JUMP_IF_TRUE_OR_POP and JUMP_IF_FALSE_OR_POP.
#[inline(never)]
unsafe fn decide_or_pop(frame: *mut Frame, vm: *mut Vm, word: u64) -> Left {
    // SAFETY: as `decide`; the temporary stays if the jump is taken.
    unsafe {
        let (vm, i) = (&mut *vm, Insn::decode(word));
        let want = i.op == op::JUMP_IF_TRUE_OR_POP;
        let left = match ops::truth_fast(peek(frame, i.a)) {
            Some(t) => {
                if t == want {
                    TAKEN
                } else {
                    DONE
                }
            }
            None => {
                (*frame).set_stage(2);
                let v = peek(frame, i.a).clone();
                let flow = ops::truth(vm, &v);
                decided(frame, vm, flow, want)
            }
        };
        if left == DONE {
            // Finalisers run at this instruction, whose operand counts as valid there.
            release(reg(frame, i.a as usize).replace(NONE));
            if vm.heap.pending.get() {
                return FINALIZE;
            }
        }
        left
    }
}

handler! {
    #[inline(never)]
    fn jump_or_pop<>(ip, frame, vm, word) {
        (*frame).ip = ip;
        let jump = Some(word as isize >> 32);
        follow::<false, false>(ip, frame, vm, 0, jump, decide_or_pop(frame, vm, word))
    }
}

#[inline(never)]
unsafe fn advance(frame: *mut Frame, vm: *mut Vm, word: u64) -> Left {
    // SAFETY: the current frame at FOR_ITER; the iterator is alive, in its register, as long as the
    // frame waits.
    unsafe {
        let (vm, i) = (&mut *vm, Insn::decode(word));
        let it = peek(frame, i.b);
        let after = Insn::decode(*(*frame).ip.add(1));
        if after.op == op::UNPACK_SEQUENCE && after.b == i.a && after.c == 2 {
            match fused::next_pair(vm, it) {
                Ok(fused::Pair::Items(x, y)) => {
                    reg(frame, after.a as usize + 1).write(x.into_bits());
                    reg(frame, after.a as usize).write(y.into_bits());
                    return PAIR;
                }
                Ok(fused::Pair::Unknown) => {}
                Err(e) if !vm.exc_is(&e, &vm.excs.stop_iteration) => return failed(vm, e),
                _ => {
                    release(*reg(frame, i.b as usize));
                    return TAKEN;
                }
            }
        }
        (*frame).set_stage(1);
        let v = match ops::iter::next(vm, it) {
            Ok(r) if !r.is_away() => r.into_raw(),
            Ok(_) => return AWAY,
            Err(e) if vm.exc_is(&e, &vm.excs.stop_iteration) => Value::EXHAUSTED,
            Err(e) => {
                (*frame).set_stage(0);
                return failed(vm, e);
            }
        };
        (*frame).set_stage(0);
        if v.is_exhausted() {
            release(*reg(frame, i.b as usize));
            return TAKEN;
        }
        finish(frame, vm, word, v.into_bits(), DONE)
    }
}

handler! {
    /// FOR_ITER over what is no list, tuple or range, and at the end of these.
    #[inline(never)]
    fn for_other<>(ip, frame, vm, word) {
        (*frame).ip = ip;
        let jump = Some(c(word) as isize);
        follow::<true, false>(ip, frame, vm, 0, jump, advance(frame, vm, word))
    }
}

/// BUILD_SLICE, together with the next instruction if that uses the slice up.
#[inline(never)]
unsafe fn slice(frame: *mut Frame, vm: *mut Vm, word: u64) -> Left {
    // SAFETY: the current frame at BUILD_SLICE and the instruction behind it; their operands are valid.
    unsafe {
        let (vm, i) = (&mut *vm, Insn::decode(word));
        const NO_STEP: &Value = &Value::NONE;
        let step = if i.c > 2 { peek(frame, i.b + 2) } else { NO_STEP };
        let parts = [peek(frame, i.b), peek(frame, i.b + 1), step];
        let next_word = *(*frame).ip.add(1);
        let after = Insn::decode(next_word);
        if (op::LOAD_ITEM..=op3::LOAD_ITEM).contains(&after.op)
            && after.c == i.a
            && let Some(v) = fused::load_slice(vm, peek(frame, after.b), parts)
        {
            // From here on the second instruction is the current one.
            (*frame).ip = (*frame).ip.add(1);
            if (after.op - op::LOAD_ITEM) & 2 == 0 {
                release(*reg(frame, after.b as usize));
            }
            return finish(frame, vm, next_word, v.into_bits(), PAIR);
        }
        if matches!(after.op, op::STORE_ITEM | op1::STORE_ITEM)
            && after.b == i.a
            && fused::store_slice(vm, peek(frame, after.a), parts, peek(frame, after.c))
        {
            (*frame).ip = (*frame).ip.add(1);
            if after.op == op::STORE_ITEM {
                release(*reg(frame, after.a as usize));
            }
            drop(value(frame, after.c));
            return if vm.heap.pending.get() { FINALIZE } else { PAIR };
        }
        let [start, stop, step] = [0, 1, 2].map(|k| match k < i.c {
            true => value(frame, i.b + k),
            false => Value::NONE,
        });
        let slice = vm.slice(start, stop, step);
        finish(frame, vm, word, slice.into_bits(), DONE)
    }
}

handler! {
    #[inline(never)]
    fn build_slice<>(ip, frame, vm, word) {
        (*frame).ip = ip;
        follow::<true, false>(ip, frame, vm, 0, None, slice(frame, vm, word))
    }
}

#[inline(never)]
unsafe fn seek_attr(frame: *mut Frame, vm: *mut Vm, word: u64) -> Left {
    // SAFETY: the current frame at LOAD_ATTR; the object is valid.
    unsafe {
        let (vm, i) = (&mut *vm, Insn::decode(word));
        let ip = (*frame).ip;
        let (w1, w2) = (*ip.add(1), *ip.add(2));
        let version = (w1 >> 32) as u32;
        let o = peek(frame, i.b);
        if version & attrs::ELSEWHERE != 0
            && let Some(v) = attrs::cached_elsewhere(vm, o, version, w2)
        {
            match attrs::cached_getter(&v, w2) {
                attrs::Getter::None => {
                    if i.b >= (*frame).body().first_temp {
                        release(o.bits());
                    }
                    return finish(frame, vm, word, v.into_bits(), DONE);
                }
                attrs::Getter::Python(func, target)
                    if vm.exec.depth < vm.recursion_limit && vm.breaker > 0 =>
                {
                    drop(v);
                    let o = value(frame, i.b);
                    let new = push(vm, frame, target, func);
                    reg(new, 0).write(o.into_bits());
                    ops::call::fill_rest(vm, new, &*target, 1);
                    vm.exec.frame = new;
                    return ENTERED;
                }
                _ => {}
            }
        }
        let o = value(frame, i.b);
        let flow = attrs::load_attr(vm, frame, &o, w1 as u32);
        drop(o);
        complete(frame, vm, word, flow)
    }
}

handler! {
    /// LOAD_ATTR of what the cache in the instruction does not find in the object.
    #[inline(never)]
    fn find_attr<>(ip, frame, vm, word) {
        (*frame).ip = ip;
        follow::<false, true>(ip, frame, vm, 2, None, seek_attr(frame, vm, word))
    }
}

/// Writes what LOAD_METHOD found: the callable and the receiver.
#[inline(always)]
unsafe fn put_method(frame: *mut Frame, i: Insn, (f, receiver): (Value, Value)) -> Left {
    // SAFETY: the two temporaries are empty.
    unsafe {
        reg(frame, i.a as usize).write(f.into_bits());
        reg(frame, i.a as usize + 1).write(receiver.into_bits());
    }
    DONE
}

#[inline(never)]
unsafe fn seek_method(frame: *mut Frame, vm: *mut Vm, word: u64) -> Left {
    // SAFETY: the current frame at LOAD_METHOD; the object is valid; two temporaries are written.
    unsafe {
        let (vm, i) = (&mut *vm, Insn::decode(word));
        let ip = (*frame).ip;
        let (w1, w2) = (*ip.add(1), *ip.add(2));
        let o = peek(frame, i.b);
        if let Some(header) = o.header() {
            let version = (w1 >> 32) as u32;
            let mut found = None;
            if header.type_of().version.get() == version {
                // A class without instance dicts, or an instance without such an attribute.
                if w2 & 1 == 0 {
                    if attrs::method_not_shadowed(vm, o, w1 as u32, frame) {
                        return put_method(
                            frame,
                            i,
                            (crate::object::borrow_bits(w2), value(frame, i.b)),
                        );
                    }
                } else {
                    let ext = instance::plain_ext(header);
                    if ext.shape.get() == w2 as u32 >> 1 {
                        let v = ext.slots().get_unchecked((w2 >> 32) as usize).get();
                        found = (!v.is_unbound()).then_some(v);
                    }
                }
            } else if version & attrs::ELSEWHERE != 0 {
                found = attrs::cached_elsewhere(vm, o, version, w2);
            }
            if let Some(v) = found {
                drop(value(frame, i.b));
                return put_method(frame, i, (v, Value::UNBOUND));
            }
        }
        let o = value(frame, i.b);
        (*frame).set_stage(1);
        let found = attrs::load_method(vm, frame, &o, w1 as u32);
        drop(o);
        settled(frame, vm, found).map_or_else(|left| left, |pair| put_method(frame, i, pair))
    }
}

handler! {
    /// LOAD_METHOD of what the cache in the instruction does not tell.
    #[inline(never)]
    fn find_method<>(ip, frame, vm, word) {
        (*frame).ip = ip;
        follow::<false, false>(ip, frame, vm, 2, None, seek_method(frame, vm, word))
    }
}

#[inline(never)]
unsafe fn seek_super_method(frame: *mut Frame, vm: *mut Vm, word: u64) -> Left {
    // SAFETY: as `seek_method`, for LOAD_SUPER_METHOD.
    unsafe {
        let (vm, i) = (&mut *vm, Insn::decode(word));
        let v = take_run(frame, i.b, 3);
        (*frame).set_stage(1);
        let found = steps::load_super_method(vm, frame, v, word1(frame), i.c);
        settled(frame, vm, found).map_or_else(|left| left, |pair| put_method(frame, i, pair))
    }
}

handler! {
    #[inline(never)]
    fn load_super_method<>(ip, frame, vm, word) {
        (*frame).ip = ip;
        follow::<false, false>(ip, frame, vm, 1, None, seek_super_method(frame, vm, word))
    }
}

handler! {
    /// JUMP_IF_NONE and JUMP_IF_NOT_NONE of a temporary, not None, that dies.
    #[inline(never)]
    fn jump_freeing<WANT>(ip, frame, vm, word) {
        release(*reg(frame, a(word)));
        branch(ip, frame, vm, word as i64 >> 32, !WANT)
    }
}

//! The quick tier of the interpreter: what the frequent instructions do in the frequent case.
//!
//! Each handler does one instruction and calls the next one's handler as its last act, a jump with
//! everything it needs in registers; the native stack does not grow. A handler that meets another
//! case (a class it has no cache for, an operand that is no small number) has changed nothing and
//! hands the instruction to one that does it whole (`whole`), by a function beside the chain, which
//! may allocate, raise and run Python code. Instructions that unwind or suspend, and those before
//! which the eval-breaker is due, are *left* to the loop in `interp`.
//!
//! The jumps rest on the compiler's treatment of calls in last position, which is reliable for
//! optimised code alone: other builds (`cfg(not(chained))`, see `build.rs`) return to `run` between
//! two instructions. A handler must not keep anything with a destructor or a borrowed local across
//! its last call; `tests/lang/laws/quick.py` would overflow the stack if one did.
//!
//! CPython's counterpart: the specialised instructions of `Python/bytecodes.c`.
#![expect(unsafe_code, reason = "part of the interpreter loop")]
#![expect(dangerous_implicit_autorefs, reason = "`Vm::exec` is a place that is dereferenced")]

use std::ptr::NonNull;

use stackless_bytecode::isa::{OPS, op, op1, op2, op3};

use crate::attrs::{self, Access};
use crate::body::{Body, MIN_REGS};
use crate::frame::{Frame, state};
use crate::fused;
use crate::heap::{self, COUNT_MASK, Header};
use crate::instance;
use crate::interp::{DST, DST_LOCAL, META, WORDS};
use crate::layout;
use crate::machine::Regs;
use crate::native::NativeFunction;
use crate::object::Obj;
use crate::objects::dict::Dict;
use crate::objects::function::{Cell_, Function};
use crate::objects::generator::{self, GenState, Generator, Mode};
use crate::objects::iterators::{Enumerate, RangeIter, SeqIter, SeqKind, Zip};
use crate::objects::list::List;
use crate::objects::str::Str;
use crate::objects::tuple::Tuple;
use crate::objects::types::Type;
use crate::ops;
use crate::steps;
// Values are handled as bits: nothing with a destructor may live across a last call.
use crate::value::{FALSE, INT_MAX, INT_MIN, NONE, POS_ZERO, TRUE, UNBOUND, Value, unpack_float};
use crate::vm::Vm;

/// Why the chain ended. The frame's `ip` is stored, and the frame is the current one.
pub(crate) type Left = u32;
/// The instruction at `ip` is to be done by the loop.
pub(crate) const UNDONE: Left = 0;
/// The instruction at `ip` is complete; objects wait for their finalisers.
pub(crate) const FINALIZE: Left = 1;
/// The instruction raised `Vm::raised`.
pub(crate) const RAISED: Left = 3;
/// Control moved to another frame, which is not to be entered in the plain way.
pub(crate) const AWAY: Left = 4;
// What the functions beside the chain tell their handlers.
/// The instruction is complete.
const DONE: Left = 5;
/// A call in another frame, the current one now, is complete.
const ARRIVED: Left = 6;
/// A frame was pushed, which is at its start.
const ENTERED: Left = 7;
/// The instruction and the one behind it are complete.
const PAIR: Left = 8;
/// The instruction is complete and jumps.
const TAKEN: Left = 9;
/// Builds without chaining: the handler at `ip` is next.
#[cfg(not(chained))]
const GO_ON: Left = 2;

#[inline(always)]
fn bool_bits(t: bool) -> u64 {
    if t { TRUE } else { FALSE }
}

/// Instruction address, its frame, the Vm, the instruction.
type Handler = unsafe fn(*const u64, *mut Frame, *mut Vm, u64) -> Left;

const OPCODES: usize = 1024;

/// Runs instructions from `ip` in the current frame until one is left undone.
///
/// # Safety
/// `frame` is the current frame of `vm`, whose registers are valid as its code says at `ip`.
#[inline(always)]
pub(crate) unsafe fn run(ip: *const u64, frame: *mut Frame, vm: *mut Vm) -> Left {
    // SAFETY: the contract; opcodes of a body are below `OPCODES`.
    unsafe {
        #[cfg(chained)]
        return next(ip, frame, vm);
        #[cfg(not(chained))]
        {
            let (mut ip, mut frame) = (ip, frame);
            loop {
                let word = *ip;
                match TABLE[word as u16 as usize](ip, frame, vm, word) {
                    GO_ON => {
                        frame = (*vm).exec.frame;
                        ip = (*frame).ip;
                    }
                    left => return left,
                }
            }
        }
    }
}

/// The last act of a handler.
#[inline(always)]
unsafe fn next(ip: *const u64, frame: *mut Frame, vm: *mut Vm) -> Left {
    // SAFETY: `ip` points at an instruction of a body, whose opcodes are below `OPCODES`.
    unsafe {
        #[cfg(chained)]
        {
            let word = *ip;
            TABLE.get_unchecked(word as u16 as usize)(ip, frame, vm, word)
        }
        #[cfg(not(chained))]
        {
            let _ = vm;
            (*frame).ip = ip;
            GO_ON
        }
    }
}

/// Leaves the instruction to the loop; the handler of all that have none here.
unsafe fn leave(ip: *const u64, frame: *mut Frame, _: *mut Vm, _: u64) -> Left {
    // SAFETY: the frame is alive.
    unsafe { (*frame).ip = ip };
    UNDONE
}

macro_rules! leave {
    ($ip:ident, $frame:ident) => {{
        (*$frame).ip = $ip;
        return UNDONE;
    }};
}

/// The cache words behind an instruction that has a handler.
#[inline(always)]
unsafe fn words_of(word: u64) -> usize {
    // SAFETY: such opcodes are canonical ones.
    unsafe { (*META.get_unchecked(word as u16 as usize) & WORDS) as usize }
}

/// Register `i` as its bits.
#[inline(always)]
unsafe fn reg(frame: *mut Frame, i: usize) -> *mut u64 {
    // SAFETY: register numbers of a body are in range.
    unsafe { (*frame).regs().cast::<u64>().add(i) }
}

#[inline(always)]
fn a(word: u64) -> usize {
    (word >> 16) as u16 as usize
}
#[inline(always)]
fn b(word: u64) -> usize {
    (word >> 32) as u16 as usize
}
#[inline(always)]
fn c(word: u64) -> usize {
    (word >> 48) as usize
}
#[inline(always)]
fn bc(word: u64) -> usize {
    (word >> 32) as usize
}

#[inline(always)]
fn is_object(bits: u64) -> bool {
    bits & 7 == 0
}

/// # Safety
/// `bits` are those of a value that is an object and alive.
#[inline(always)]
unsafe fn header<'a>(bits: u64) -> &'a Header {
    // SAFETY: the contract.
    unsafe { &*(bits as *const Header) }
}

/// The payload of an object with this layout.
#[inline(always)]
unsafe fn get<'a, T: crate::object::Payload>(bits: u64) -> Option<&'a Obj<T>> {
    // SAFETY: `bits` are those of a living value; the layout number tells the type.
    unsafe {
        if is_object(bits) && header(bits).layout() == T::LAYOUT {
            Some(&*(bits as *const Obj<T>))
        } else {
            None
        }
    }
}

/// Counts one more reference.
#[inline(always)]
unsafe fn retain(bits: u64) {
    if is_object(bits) {
        // SAFETY: the value is alive.
        let rc = unsafe { &header(bits).rc };
        rc.set(rc.get() + 1);
    }
}

/// The str of one character below 256.
#[inline(always)]
unsafe fn character(vm: *mut Vm, byte: u8) -> Option<u64> {
    // SAFETY: the `Vm` is alive.
    let characters: &[Value] = unsafe { &(*vm).latin1 };
    characters.get(byte as usize).map(Value::bits)
}

/// Is this the only reference to an object?
#[inline(always)]
unsafe fn is_last(bits: u64) -> bool {
    // SAFETY: the value is alive.
    is_object(bits) && unsafe { header(bits).rc.get() & COUNT_MASK == 1 }
}

/// Gives up a reference that is not the last one.
#[inline(always)]
unsafe fn unref(bits: u64) {
    if is_object(bits) {
        // SAFETY: the value is alive.
        let rc = unsafe { &header(bits).rc };
        rc.set(rc.get() - 1);
    }
}

/// Gives up a reference.
#[inline(always)]
unsafe fn release(bits: u64) {
    // SAFETY: the caller owned the count.
    unsafe {
        if is_object(bits) {
            let rc = &header(bits).rc;
            rc.set(rc.get() - 1);
            if rc.get() & COUNT_MASK == 0 {
                heap::release(NonNull::from(header(bits)));
            }
        }
    }
}

/// The value of a `Reg` operand, moved from a temporary or copied from a local.
#[inline(always)]
unsafe fn take(frame: *mut Frame, i: usize) -> u64 {
    // SAFETY: the register is valid; a temporary is dead afterwards.
    unsafe {
        let bits = *reg(frame, i);
        if i < (*frame).body().first_temp as usize {
            retain(bits);
        }
        bits
    }
}

/// Gives up the reference `old` that the instruction at `ip`, which is complete and has so many cache
/// words, has replaced.
#[inline(always)]
unsafe fn dropped(ip: *const u64, frame: *mut Frame, vm: *mut Vm, words: usize, old: u64) -> Left {
    // SAFETY: the caller owned the count.
    unsafe {
        if is_object(old) {
            let rc = &header(old).rc;
            rc.set(rc.get() - 1);
            if rc.get() & COUNT_MASK == 0 {
                return freed(ip, frame, vm, old);
            }
        }
        next(ip.add(1 + words), frame, vm)
    }
}

/// Frees an object whose last count is gone, after the instruction at `ip`.
#[cold]
#[inline(never)]
unsafe fn freed(ip: *const u64, frame: *mut Frame, vm: *mut Vm, old: u64) -> Left {
    // SAFETY: the count is zero.
    unsafe {
        heap::release(NonNull::from(header(old)));
        if (*vm).heap.pending.get() {
            (*frame).ip = ip;
            return FINALIZE;
        }
        next(ip.add(1 + words_of(*ip)), frame, vm)
    }
}

/// Writes the result of the instruction at `ip` and goes on behind it.
#[inline(always)]
unsafe fn put<const LOCAL: bool>(
    ip: *const u64,
    frame: *mut Frame,
    vm: *mut Vm,
    word: u64,
    words: usize,
    v: u64,
) -> Left {
    // SAFETY: `v` is owned; a temporary destination is empty.
    unsafe {
        let slot = reg(frame, a(word));
        if LOCAL {
            let old = slot.replace(v);
            if is_object(old) {
                return dropped(ip, frame, vm, words, old);
            }
        } else {
            slot.write(v);
        }
        next(ip.add(1 + words), frame, vm)
    }
}

/// Writes `v`, found in the object `o` of operand b, as `put` does; a temporary `o` is consumed.
#[inline(always)]
unsafe fn put_from<const DL: bool, const SL: bool>(
    ip: *const u64,
    frame: *mut Frame,
    vm: *mut Vm,
    word: u64,
    words: usize,
    v: u64,
    o: u64,
) -> Left {
    // SAFETY: `o` keeps `v` alive; a temporary destination is empty.
    unsafe {
        if SL {
            retain(v);
            return put::<DL>(ip, frame, vm, word, words, v);
        }
        if !DL {
            retain(v);
            reg(frame, a(word)).write(v);
            return dropped(ip, frame, vm, words, o);
        }
        if is_last(o) {
            return put_freeing(ip, frame, vm, word, v, o);
        }
        retain(v);
        unref(o);
        put::<DL>(ip, frame, vm, word, words, v)
    }
}

/// As `put_from` into a local, from a temporary that is the last to hold `o`.
#[cold]
#[inline(never)]
unsafe fn put_freeing(
    ip: *const u64,
    frame: *mut Frame,
    vm: *mut Vm,
    word: u64,
    v: u64,
    o: u64,
) -> Left {
    // SAFETY: as `put_from`.
    unsafe {
        retain(v);
        release(reg(frame, a(word)).replace(v));
        unref(o);
        freed(ip, frame, vm, o)
    }
}

macro_rules! handler {
    ($(#[$m:meta])* fn $name:ident<$($k:ident),*>($ip:ident, $frame:ident, $vm:ident, $word:ident) $body:block) => {
        $(#[$m])*
        pub(super) unsafe fn $name<$(const $k: bool),*>($ip: *const u64, $frame: *mut Frame, $vm: *mut Vm, $word: u64) -> Left {
            // SAFETY: handlers run with the current frame and an instruction of its body at `ip`:
            // operands are in range and registers valid by the liveness law.
            unsafe { $body }
        }
    };
}

/// Goes on as the function that did the instruction at `ip` says: with the next one behind so many
/// cache words, so far away if it jumps (`PAIRS`: or the one after that; `ENTERS`: or in a new frame).
#[inline(always)]
unsafe fn follow<const PAIRS: bool, const ENTERS: bool>(
    ip: *const u64,
    frame: *mut Frame,
    vm: *mut Vm,
    words: usize,
    jump: Option<isize>,
    left: Left,
) -> Left {
    // SAFETY: jump targets and the instructions behind this one are instructions of the body.
    unsafe {
        match (left, jump) {
            (DONE, _) => next(ip.add(1 + words), frame, vm),
            (PAIR, _) if PAIRS => next(ip.add(2 + words), frame, vm),
            (TAKEN, Some(jump)) => next(ip.offset(1 + jump), frame, vm),
            (ENTERED, _) if ENTERS => {
                let frame = (*vm).exec.frame;
                next((*frame).ip, frame, vm)
            }
            _ => left,
        }
    }
}

mod attributes;
mod calls;
mod flow;
mod mappings;
mod names;
mod numbers;
mod tasklets;
mod whole;

use attributes::*;
use calls::*;
use flow::*;
use mappings::*;
use names::*;
use numbers::*;
use whole::*;

/// The handlers by opcode.
static TABLE: [Handler; OPCODES] = table();

/// All variants of an instruction have one handler.
const fn set_all(t: &mut [Handler; OPCODES], base: u16, handler: Handler) {
    let mut i = 0;
    while i < OPS.len() {
        if OPS[i].base == base {
            let mut v = 0;
            while v < 1usize << OPS[i].variants {
                t[base as usize + v] = handler;
                v += 1;
            }
        }
        i += 1;
    }
}

const fn table() -> [Handler; OPCODES] {
    let mut t = [leave as Handler; OPCODES];
    macro_rules! set {
        ($($name:ident: $($op:ident $handler:expr),*;)*) => {
            $($(t[$op::$name as usize] = $handler;)*)*
        };
    }
    macro_rules! by_dst {
        ($($name:ident $handler:ident;)*) => {
            set! { $($name: op $handler::<false>, op1 $handler::<true>;)* }
        };
    }
    macro_rules! by_both {
        ($($name:ident $handler:ident;)*) => {
            set! { $($name: op $handler::<false, false>, op1 $handler::<true, false>,
                op2 $handler::<false, true>, op3 $handler::<true, true>;)* }
        };
    }
    macro_rules! jumps {
        ($($yes:ident $no:ident $handler:ident;)*) => {
            set! { $($yes: op $handler::<true>; $no: op $handler::<false>;)* }
        };
    }
    macro_rules! all {
        ($($name:ident $handler:ident;)*) => {
            $(set_all(&mut t, op::$name, $handler);)*
        };
    }
    all! {
        LOAD_COMMON_CONST load_common_const; LOAD_FAST_CHECK load_fast_check;
        LOAD_FROM_DICT_OR_DEREF load_from_dict_or_deref; STORE_GLOBAL store_global;
        DELETE_GLOBAL delete_global; DELETE_NAME delete_name;
        LOAD_FROM_DICT_OR_GLOBALS load_from_dict_or_globals; LOAD_LOCALS load_locals;
        LOAD_BUILD_CLASS load_build_class; SETUP_ANNOTATIONS setup_annotations;
        DELETE_ATTR delete_attr; LOAD_SUPER_ATTR load_super_attr;
        LOAD_SUPER_METHOD load_super_method; DELETE_ITEM delete_item;
        POW operate; MATMUL operate; LSHIFT operate; INPLACE_POW operate; INPLACE_MATMUL operate;
        INPLACE_LSHIFT operate; NEG negative; POS positive; INVERT invert; NOT not;
        JUMP_IF_TRUE_OR_POP jump_or_pop;
        JUMP_IF_FALSE_OR_POP jump_or_pop; GET_ITER get_iter; LIST_APPEND list_append;
        LIST_EXTEND list_extend; SET_ADD set_add; SET_UPDATE set_update; MAP_ADD map_add;
        DICT_UPDATE dict_update; DICT_MERGE dict_merge; BUILD_TUPLE build_tuple;
        BUILD_LIST build_list; BUILD_SET build_set; BUILD_MAP build_map; BUILD_SLICE build_slice;
        BUILD_STRING build_string; LIST_TO_TUPLE list_to_tuple; FORMAT_SIMPLE format_simple;
        FORMAT_WITH_SPEC format_with_spec; CONVERT convert;
        BUILD_INTERPOLATION build_interpolation; BUILD_TEMPLATE build_template;
        CALL_KW call_kw; CALL_METHOD_KW call_kw; CALL_EX call_ex; MAKE_FUNCTION make_function;
        SET_FUNCTION_ATTR set_function_attr; IMPORT_NAME import_name; IMPORT_FROM import_from;
        IMPORT_STAR import_star; INTRINSIC_1 intrinsic_1; INTRINSIC_2 intrinsic_2;
        GET_YIELD_FROM_ITER get_yield_from_iter; GET_AWAITABLE get_awaitable; GET_AITER get_aiter;
        GET_ANEXT get_anext; CHECK_EXC_MATCH check_exc_match; WITH_EXIT with_exit;
        WITH_EXCEPT_START with_except_start; MATCH_MAPPING match_mapping;
        MATCH_SEQUENCE match_sequence; MATCH_KEYS match_keys; MATCH_CLASS match_class;
        GET_LEN get_len; ENTER_HANDLER enter_handler; EXIT_HANDLER exit_handler;
        MAKE_CELL make_cell; STORE_DEREF store_deref;
    }
    by_both! { YIELD yielded; MOVE moved; LOAD_ATTR load_attr; LOAD_ITEM load_item; }
    by_dst! {
        COPY copy; LOAD_CONST load_const; LOAD_INT load_int; LOAD_DEREF load_deref;
        LOAD_GLOBAL load_global; FOR_ITER for_iter; LOAD_NAME load_name; STORE_NAME store_name;
        ADD add; SUB sub; MUL mul; TRUEDIV truediv; FLOORDIV floordiv; MOD modulo;
        AND and; OR or; XOR xor; RSHIFT rshift;
        INPLACE_ADD add; INPLACE_SUB sub; INPLACE_MUL mul; INPLACE_TRUEDIV truediv;
        INPLACE_FLOORDIV floordiv; INPLACE_MOD modulo; INPLACE_RSHIFT rshift;
        INPLACE_AND and; INPLACE_OR or; INPLACE_XOR xor;
        ADD_IMM add_imm; SUB_IMM sub_imm; INPLACE_ADD_IMM add_imm; INPLACE_SUB_IMM sub_imm;
        LT lt; LE le; EQ eq; NE ne; GT gt; GE ge;
        STORE_ATTR store_attr; STORE_ITEM store_item; LOAD_METHOD load_method;
        UNPACK_SEQUENCE unpack;
    }
    jumps! {
        JUMP_IF_LT JUMP_UNLESS_LT jump_lt; JUMP_IF_LE JUMP_UNLESS_LE jump_le;
        JUMP_IF_EQ JUMP_UNLESS_EQ jump_eq; JUMP_IF_NE JUMP_UNLESS_NE jump_ne;
        JUMP_IF_GT JUMP_UNLESS_GT jump_gt; JUMP_IF_GE JUMP_UNLESS_GE jump_ge;
        JUMP_IF_LT_IMM JUMP_UNLESS_LT_IMM jump_lt_imm; JUMP_IF_LE_IMM JUMP_UNLESS_LE_IMM jump_le_imm;
        JUMP_IF_EQ_IMM JUMP_UNLESS_EQ_IMM jump_eq_imm; JUMP_IF_NE_IMM JUMP_UNLESS_NE_IMM jump_ne_imm;
        JUMP_IF_GT_IMM JUMP_UNLESS_GT_IMM jump_gt_imm; JUMP_IF_GE_IMM JUMP_UNLESS_GE_IMM jump_ge_imm;
    }
    set! {
        BUILD_TUPLE: op exchange;
        MUL_ADD: op mul_add, op1 mul::<true>;
        MUL_SUB: op mul_sub, op1 mul::<true>;
        NOP: op nothing;
        CLEAR_FAST: op clear_fast;
        DROP: op drop_temp;
        JUMP: op jump;
        JUMP_BACK: op jump_back;
        JUMP_IF_TRUE: op jump_if::<true>, op1 jump_if::<true>;
        JUMP_IF_FALSE: op jump_if::<false>, op1 jump_if::<false>;
        JUMP_IF_NONE: op jump_if_none::<false, true>, op1 jump_if_none::<true, true>;
        JUMP_IF_NOT_NONE: op jump_if_none::<false, false>, op1 jump_if_none::<true, false>;
        IN: op is_member::<false, false>, op1 is_member::<true, false>;
        NOT_IN: op is_member::<false, true>, op1 is_member::<true, true>;
        IS: op identity::<false, false>, op1 identity::<true, false>;
        IS_NOT: op identity::<false, true>, op1 identity::<true, true>;
        CALL: op call, op1 call;
        CALL_METHOD: op call_method, op1 call_method;
        RETURN: op return_temp, op1 return_local;
        RETURN_CONST: op return_const;
    }
    t
}

//! The quick tier of the interpreter: what the frequent instructions do in the frequent case.
//!
//! Each handler does one instruction and calls the next one's handler as its last act, a jump with
//! everything it needs in registers; the native stack does not grow. A handler that meets another
//! case (a class it has no cache for, an operand that is no small number, a full chunk, the
//! eval-breaker) changes nothing and *leaves*: the loop in `interp` does that instruction whole. So
//! but for the calls of natives nothing here raises, suspends or allocates, and a handler can be
//! deleted without changing what a program does.
//!
//! The jumps rest on the compiler's treatment of calls in last position, which is reliable for
//! optimised code alone: other builds (`cfg(not(chained))`, see `build.rs`) return to `run` between
//! two instructions. A handler must not keep anything with a destructor or a borrowed local across
//! its last call; `tests/lang/laws/quick.py` would overflow the stack if one did.
//!
//! CPython's counterpart: the specialised instructions of `Python/bytecodes.c`.
#![expect(unsafe_code, reason = "part of the interpreter loop")]

use std::ptr::NonNull;

use stackless_bytecode::isa::{op, op1, op2, op3};

use crate::attrs::{self, Access};
use crate::body::Body;
use crate::frame::{Frame, HEADER, state};
use crate::heap::{self, COUNT_MASK, Header};
use crate::instance;
use crate::interp::{DST, DST_LOCAL, META, WORDS};
use crate::object::Obj;
use crate::objects::dict::Dict;
use crate::objects::function::{Cell_, Function};
use crate::objects::generator::{self, GenState, Generator, Mode};
use crate::objects::iterators::{RangeIter, SeqIter, SeqKind};
use crate::objects::list::List;
use crate::objects::tuple::Tuple;
use crate::objects::types::Type;
use crate::ops;
use crate::steps;
// Values are handled as bits: nothing with a destructor may live across a last call.
use crate::value::{FALSE, INT_MAX, INT_MIN, NONE, POS_ZERO, TRUE, UNBOUND, Value};
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

/// Gives up the reference `old` that the instruction at `ip`, which is complete, has replaced.
#[inline(always)]
unsafe fn dropped(ip: *const u64, frame: *mut Frame, vm: *mut Vm, old: u64) -> Left {
    // SAFETY: the caller owned the count.
    unsafe {
        if is_object(old) {
            let rc = &header(old).rc;
            rc.set(rc.get() - 1);
            if rc.get() & COUNT_MASK == 0 {
                return freed(ip, frame, vm, old);
            }
        }
        next(ip.add(1 + words_of(*ip)), frame, vm)
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
                return dropped(ip, frame, vm, old);
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
            return dropped(ip, frame, vm, o);
        }
        if is_last(o) {
            leave!(ip, frame)
        }
        retain(v);
        unref(o);
        put::<DL>(ip, frame, vm, word, words, v)
    }
}

macro_rules! handler {
    ($(#[$m:meta])* fn $name:ident<$($k:ident),*>($ip:ident, $frame:ident, $vm:ident, $word:ident) $body:block) => {
        $(#[$m])*
        unsafe fn $name<$(const $k: bool),*>($ip: *const u64, $frame: *mut Frame, $vm: *mut Vm, $word: u64) -> Left {
            // SAFETY: handlers run with the current frame and an instruction of its body at `ip`:
            // operands are in range and registers valid by the liveness law.
            unsafe { $body }
        }
    };
}

handler! {
    fn moved<DL, SL>(ip, frame, vm, word) {
        let v = *reg(frame, b(word));
        if SL {
            retain(v);
        }
        put::<DL>(ip, frame, vm, word, 0, v)
    }
}

handler! {
    fn copy<DL>(ip, frame, vm, word) {
        let v = *reg(frame, b(word));
        retain(v);
        put::<DL>(ip, frame, vm, word, 0, v)
    }
}

handler! {
    fn drop_temp<>(ip, frame, vm, word) {
        dropped(ip, frame, vm, *reg(frame, a(word)))
    }
}

handler! {
    fn load_const<DL>(ip, frame, vm, word) {
        let v = (*frame).body().consts.get_unchecked(bc(word)).bits();
        retain(v);
        put::<DL>(ip, frame, vm, word, 0, v)
    }
}

handler! {
    fn load_int<DL>(ip, frame, vm, word) {
        let v = ((bc(word) as i32 as i64) << 1 | 1) as u64;
        put::<DL>(ip, frame, vm, word, 0, v)
    }
}

handler! {
    fn load_deref<DL>(ip, frame, vm, word) {
        let Some(cell) = get::<Cell_>(*reg(frame, b(word))) else { leave!(ip, frame) };
        let v = cell.contents.peek().bits();
        if v == UNBOUND {
            leave!(ip, frame)
        }
        retain(v);
        put::<DL>(ip, frame, vm, word, 0, v)
    }
}

handler! {
    fn load_global<DL>(ip, frame, vm, word) {
        let (w1, w2) = (*ip.add(1), *ip.add(2));
        let f = (*frame).python_function();
        let Some(mut d) = get::<Dict>(f.globals.peek().bits()) else { leave!(ip, frame) };
        if w1 as u32 == 0 || d.version.get() != w1 as u32 {
            leave!(ip, frame)
        }
        if w2 >> 63 != 0 {
            let Some(builtins) = get::<Dict>(f.builtins.peek().bits()) else { leave!(ip, frame) };
            if builtins.version.get() != (w1 >> 32) as u32 {
                leave!(ip, frame)
            }
            d = builtins;
        }
        let Some(entry) = d.table(&*vm).entries.get(w2 as u32 as usize) else { leave!(ip, frame) };
        let v = entry.value.bits();
        retain(v);
        put::<DL>(ip, frame, vm, word, 2, v)
    }
}

/// The namespace that LOAD_NAME and STORE_NAME work in, if it is a plain dict.
#[inline(always)]
unsafe fn namespace<'a>(frame: *mut Frame, vm: *mut Vm) -> Option<&'a Obj<Dict>> {
    // SAFETY: the frame keeps its extra part, which keeps the mapping.
    unsafe {
        let locals = (*frame).extra.as_ref()?.locals.as_ref()?.bits();
        let d = get::<Dict>(locals)?;
        std::ptr::eq(header(locals).type_of(), &*(*vm).types.dict).then_some(d)
    }
}

handler! {
    fn load_name<DL>(ip, frame, vm, word) {
        let Some(d) = namespace(frame, vm) else { leave!(ip, frame) };
        let f = (*frame).python_function();
        let name = (*frame).body().names.get_unchecked(bc(word));
        let mut found = d.peek_str(&*vm, name);
        if found.is_none() {
            for other in [&f.globals, &f.builtins] {
                let other = other.peek().bits();
                let Some(d) = get::<Dict>(other) else { leave!(ip, frame) };
                if !std::ptr::eq(header(other).type_of(), &*(*vm).types.dict) {
                    leave!(ip, frame)
                }
                found = d.peek_str(&*vm, name);
                if found.is_some() {
                    break;
                }
            }
        }
        let Some(v) = found else { leave!(ip, frame) };
        let v = v.bits();
        retain(v);
        put::<DL>(ip, frame, vm, word, 0, v)
    }
}

handler! {
    fn store_name<SL>(ip, frame, vm, word) {
        let Some(d) = namespace(frame, vm) else { leave!(ip, frame) };
        let name = (*frame).body().names.get_unchecked(bc(word));
        let Some(at) = d.peek_str(&*vm, name) else { leave!(ip, frame) };
        let v = *reg(frame, a(word));
        if SL {
            retain(v);
        }
        let old = (&raw const *at).cast_mut().cast::<u64>().replace(v);
        dropped(ip, frame, vm, old)
    }
}

/// The object's class has the version of the instruction's cache, which is not empty.
#[inline(always)]
unsafe fn has_version(o: u64, w1: u64) -> bool {
    // SAFETY: the value is alive.
    unsafe {
        let version = (w1 >> 32) as u32;
        is_object(o) && version != 0 && header(o).type_of().version.get() == version
    }
}

/// The cache is not about the object `o`: looks for what was found for such objects elsewhere.
#[inline(never)]
unsafe fn missed<const ACCESS: u32>(
    ip: *const u64,
    frame: *mut Frame,
    vm: *mut Vm,
    o: u64,
) -> Left {
    // SAFETY: `o` is alive, in a register; the instruction at `ip` has not begun.
    unsafe {
        (*frame).ip = ip;
        if is_object(o) && attrs::restock(&*vm, frame, ACCESS, header(o), *ip.add(1) as u32) {
            return next(ip, frame, vm);
        }
        UNDONE
    }
}

handler! {
    fn load_attr<DL, SL>(ip, frame, vm, word) {
        let o = *reg(frame, b(word));
        if !has_version(o, *ip.add(1)) {
            return missed::<{ Access::Load as u32 }>(ip, frame, vm, o);
        }
        let w2 = *ip.add(2);
        let ext = instance::plain_ext(header(o));
        if ext.shape.get() != w2 as u32 {
            return missed::<{ Access::Load as u32 }>(ip, frame, vm, o);
        }
        let v = ext.slots().get_unchecked((w2 >> 32) as usize).peek().bits();
        if v == UNBOUND {
            leave!(ip, frame)
        }
        put_from::<DL, SL>(ip, frame, vm, word, 2, v, o)
    }
}

handler! {
    fn store_attr<SL>(ip, frame, vm, word) {
        let o = *reg(frame, a(word));
        if !has_version(o, *ip.add(1)) {
            return missed::<{ Access::Store as u32 }>(ip, frame, vm, o);
        }
        let w2 = *ip.add(2);
        let ext = instance::plain_ext(header(o));
        if ext.shape.get() != w2 as u32 {
            return missed::<{ Access::Store as u32 }>(ip, frame, vm, o);
        }
        if !SL && is_last(o) {
            leave!(ip, frame)
        }
        let slot = if w2 as i64 >= 0 {
            ext.slots().get_unchecked((w2 >> 32) as usize)
        } else {
            let Some((slot, shape)) = instance::cached_transition(w2, ext) else { leave!(ip, frame) };
            ext.shape.set(shape);
            slot
        };
        let slot = (&raw const *slot).cast_mut().cast::<u64>();
        let old = slot.replace(take(frame, b(word)));
        if !SL {
            unref(o);
        }
        dropped(ip, frame, vm, old)
    }
}

handler! {
    fn load_method<SL>(ip, frame, vm, word) {
        let o = *reg(frame, b(word));
        if !has_version(o, *ip.add(1)) {
            return missed::<{ Access::Method as u32 }>(ip, frame, vm, o);
        }
        let w2 = *ip.add(2);
        let ty = header(o).type_of();
        if w2 & 1 != 0 {
            leave!(ip, frame)
        }
        if ty.has_dict.get()
            && (ty.ext_offset.get() != instance::PLAIN_OFFSET
                || instance::plain_ext(header(o)).shape.get() <= instance::DICT)
        {
            leave!(ip, frame)
        }
        if SL {
            retain(o);
        }
        retain(w2);
        reg(frame, a(word)).write(w2);
        reg(frame, a(word) + 1).write(o);
        next(ip.add(3), frame, vm)
    }
}

/// The place that a small int means in a sequence.
#[inline(always)]
fn index(k: u64, len: usize) -> Option<usize> {
    let i = k as i64 >> 1;
    let i = if i < 0 { i + len as i64 } else { i } as usize;
    (i < len).then_some(i)
}

/// The items of an exact list or tuple.
#[inline(always)]
unsafe fn items<'a>(vm: &'a Vm, o: u64) -> Option<&'a [Value]> {
    // SAFETY: the value is alive.
    unsafe {
        if let Some(l) = get::<List>(o) {
            std::ptr::eq(header(o).type_of(), &*vm.types.list).then(|| l.items(vm))
        } else if let Some(t) = get::<Tuple>(o) {
            std::ptr::eq(header(o).type_of(), &*vm.types.tuple).then(|| t.items())
        } else {
            None
        }
    }
}

handler! {
    fn load_item<DL, SL>(ip, frame, vm, word) {
        let (o, k) = (*reg(frame, b(word)), *reg(frame, c(word)));
        if k & 1 == 0 {
            leave!(ip, frame)
        }
        let Some(items) = items(&*vm, o) else { leave!(ip, frame) };
        let Some(i) = index(k, items.len()) else { leave!(ip, frame) };
        put_from::<DL, SL>(ip, frame, vm, word, 0, items.get_unchecked(i).bits(), o)
    }
}

handler! {
    fn store_item<SL>(ip, frame, vm, word) {
        let (o, k) = (*reg(frame, a(word)), *reg(frame, b(word)));
        if k & 1 == 0 || !SL && is_last(o) {
            leave!(ip, frame)
        }
        let Some(l) = get::<List>(o) else { leave!(ip, frame) };
        if !std::ptr::eq(header(o).type_of(), &*(*vm).types.list) {
            leave!(ip, frame)
        }
        let items = l.items_mut(&mut *vm);
        let Some(i) = index(k, items.len()) else { leave!(ip, frame) };
        let old = items.as_mut_ptr().add(i).cast::<u64>().replace(take(frame, c(word)));
        if !SL {
            unref(o);
        }
        dropped(ip, frame, vm, old)
    }
}

handler! {
    fn unpack<SL>(ip, frame, vm, word) {
        let (o, n) = (*reg(frame, b(word)), c(word));
        let Some(items) = items(&*vm, o) else { leave!(ip, frame) };
        if items.len() != n || n == 0 {
            leave!(ip, frame)
        }
        let to = reg(frame, a(word) + n - 1);
        for (k, item) in items.iter().enumerate() {
            retain(item.bits());
            to.sub(k).write(item.bits());
        }
        if SL { next(ip.add(1), frame, vm) } else { dropped(ip, frame, vm, o) }
    }
}

#[inline(always)]
fn small_int(i: i64) -> Option<u64> {
    (INT_MIN..=INT_MAX).contains(&i).then_some((i as u64) << 1 | 1)
}

#[inline(always)]
fn small_float(f: f64) -> Option<u64> {
    let word = f.to_bits().wrapping_add(1 << 60).rotate_left(3);
    if word & 3 == 2 {
        Some(word)
    } else if f.to_bits() == 0 {
        Some(POS_ZERO)
    } else {
        None
    }
}

/// The number that a float or small int is.
#[inline(always)]
fn number(bits: u64) -> Option<f64> {
    if bits & 3 == 2 {
        Some(unpack_float(bits))
    } else if bits & 1 != 0 {
        Some((bits as i64 >> 1) as f64)
    } else if bits == POS_ZERO {
        Some(0.0)
    } else {
        None
    }
}

#[inline(always)]
fn unpack_float(bits: u64) -> f64 {
    f64::from_bits(bits.rotate_right(3).wrapping_sub(1 << 60))
}

macro_rules! arithmetic {
    ($name:ident, $mixed:ident, |$x:ident, $y:ident| $int:expr, |$f:ident, $g:ident| $float:expr) => {
        handler! {
            fn $name<DL>(ip, frame, vm, word) {
                let (l, r) = (*reg(frame, b(word)), *reg(frame, c(word)));
                if l & r & 1 != 0 {
                    let ($x, $y) = (l as i64 >> 1, r as i64 >> 1);
                    let result: Option<u64> = $int;
                    let Some(v) = result else { leave!(ip, frame) };
                    return put::<DL>(ip, frame, vm, word, 0, v);
                }
                if ((l ^ 2) | (r ^ 2)) & 3 != 0 {
                    return $mixed::<DL>(ip, frame, vm, word);
                }
                let ($f, $g) = (unpack_float(l), unpack_float(r));
                let result: Option<f64> = $float;
                let Some(v) = result.and_then(small_float) else { leave!(ip, frame) };
                put::<DL>(ip, frame, vm, word, 0, v)
            }
        }
        handler! {
            #[inline(never)]
            fn $mixed<DL>(ip, frame, vm, word) {
                let (l, r) = (*reg(frame, b(word)), *reg(frame, c(word)));
                let (Some($f), Some($g)) = (number(l), number(r)) else { leave!(ip, frame) };
                let result: Option<f64> = $float;
                let Some(v) = result.and_then(small_float) else { leave!(ip, frame) };
                put::<DL>(ip, frame, vm, word, 0, v)
            }
        }
    };
    ($name:ident, |$x:ident, $y:ident| $int:expr) => {
        handler! {
            fn $name<DL>(ip, frame, vm, word) {
                let (l, r) = (*reg(frame, b(word)), *reg(frame, c(word)));
                if l & r & 1 == 0 {
                    leave!(ip, frame)
                }
                let ($x, $y) = (l as i64 >> 1, r as i64 >> 1);
                let result: Option<u64> = $int;
                let Some(v) = result else { leave!(ip, frame) };
                put::<DL>(ip, frame, vm, word, 0, v)
            }
        }
    };
}

arithmetic!(add, add_mixed, |x, y| small_int(x + y), |f, g| Some(f + g));
arithmetic!(sub, sub_mixed, |x, y| small_int(x - y), |f, g| Some(f - g));
arithmetic!(mul, mul_mixed, |x, y| x.checked_mul(y).and_then(small_int), |f, g| Some(f * g));
// The quotient of numbers that floats hold exactly is rounded once.
arithmetic!(
    truediv,
    truediv_mixed,
    |x, y| {
        const EXACT: u64 = 1 << 53;
        if y != 0 && x.unsigned_abs() <= EXACT && y.unsigned_abs() <= EXACT {
            small_float(x as f64 / y as f64)
        } else {
            None
        }
    },
    |f, g| if g != 0.0 { Some(f / g) } else { None }
);
arithmetic!(floordiv, |x, y| if y > 0 { small_int(x.div_euclid(y)) } else { None });
arithmetic!(modulo, |x, y| if y > 0 { small_int(x.rem_euclid(y)) } else { None });
arithmetic!(and, |x, y| small_int(x & y));
arithmetic!(or, |x, y| small_int(x | y));
arithmetic!(xor, |x, y| small_int(x ^ y));
arithmetic!(rshift, |x, y| if (0..63).contains(&y) { small_int(x >> y) } else { None });

macro_rules! with_immediate {
    ($name:ident, $method:ident, $sign:tt) => {
        handler! {
            fn $name<DL>(ip, frame, vm, word) {
                let l = *reg(frame, b(word));
                let imm = word as i64 >> 48;
                if l & 1 != 0 {
                    // Overflow of the tagged word is overflow of the 63-bit int.
                    let Some(v) = (l as i64).$method(imm << 1) else { leave!(ip, frame) };
                    return put::<DL>(ip, frame, vm, word, 0, v as u64);
                }
                if l & 3 != 2 {
                    leave!(ip, frame)
                }
                let Some(v) = small_float(unpack_float(l) $sign imm as f64) else { leave!(ip, frame) };
                put::<DL>(ip, frame, vm, word, 0, v)
            }
        }
    };
}
with_immediate!(add_imm, checked_add, +);
with_immediate!(sub_imm, checked_sub, -);

macro_rules! comparison {
    ($compare:ident, $jump:ident, $jump_imm:ident, $op:tt) => {
        handler! {
            fn $compare<DL>(ip, frame, vm, word) {
                let (l, r) = (*reg(frame, b(word)), *reg(frame, c(word)));
                let t = if l & r & 1 != 0 {
                    (l as i64) $op (r as i64)
                } else if l & 3 == 2 && r & 3 == 2 {
                    unpack_float(l) $op unpack_float(r)
                } else {
                    leave!(ip, frame)
                };
                put::<DL>(ip, frame, vm, word, 0, bool_bits(t))
            }
        }
        handler! {
            fn $jump<WANT>(ip, frame, vm, word) {
                let (l, r) = (*reg(frame, a(word)), *reg(frame, b(word)));
                let t = if l & r & 1 != 0 {
                    (l as i64) $op (r as i64)
                } else if l & 3 == 2 && r & 3 == 2 {
                    unpack_float(l) $op unpack_float(r)
                } else {
                    leave!(ip, frame)
                };
                if t == WANT {
                    return next(ip.offset(1 + (word as i64 >> 48) as isize), frame, vm);
                }
                next(ip.add(1), frame, vm)
            }
        }
        handler! {
            fn $jump_imm<WANT>(ip, frame, vm, word) {
                let l = *reg(frame, a(word));
                let imm = b(word) as i16 as i64;
                if l & 1 == 0 {
                    leave!(ip, frame)
                }
                if ((l as i64 >> 1) $op imm) == WANT {
                    return next(ip.offset(1 + (word as i64 >> 48) as isize), frame, vm);
                }
                next(ip.add(1), frame, vm)
            }
        }
    };
}
comparison!(lt, jump_lt, jump_lt_imm, <);
comparison!(le, jump_le, jump_le_imm, <=);
comparison!(eq, jump_eq, jump_eq_imm, ==);
comparison!(ne, jump_ne, jump_ne_imm, !=);
comparison!(gt, jump_gt, jump_gt_imm, >);
comparison!(ge, jump_ge, jump_ge_imm, >=);

handler! {
    fn identity<DL, NOT>(ip, frame, vm, word) {
        let (l, r) = (*reg(frame, b(word)), *reg(frame, c(word)));
        let temps = (*frame).body().first_temp as usize;
        let (own_l, own_r) = (b(word) >= temps && is_object(l), c(word) >= temps && is_object(r));
        if own_l && (own_r || is_last(l)) || own_r && is_last(r) {
            leave!(ip, frame)
        }
        if own_l {
            unref(l);
        }
        if own_r {
            unref(r);
        }
        put::<DL>(ip, frame, vm, word, 0, bool_bits((l == r) != NOT))
    }
}

handler! {
    /// A tuple that the next instruction takes apart again: its items change places.
    fn exchange<>(ip, frame, vm, word) {
        let after = *ip.add(1);
        let (first, n) = (b(word), c(word));
        if after as u16 != op::UNPACK_SEQUENCE
            || b(after) != a(word)
            || a(after) != first
            || c(after) != n
            || n == 0
        {
            leave!(ip, frame)
        }
        let (mut low, mut high) = (reg(frame, first), reg(frame, first + n - 1));
        while low < high {
            std::ptr::swap(low, high);
            (low, high) = (low.add(1), high.sub(1));
        }
        next(ip.add(2), frame, vm)
    }
}

handler! {
    fn jump<>(ip, frame, vm, word) {
        next(ip.offset(1 + (word as i64 >> 32) as isize), frame, vm)
    }
}

handler! {
    fn jump_back<>(ip, frame, vm, word) {
        let left = (*vm).breaker - 1;
        if left < 0 {
            leave!(ip, frame)
        }
        (*vm).breaker = left;
        next(ip.offset(1 + (word as i64 >> 32) as isize), frame, vm)
    }
}

handler! {
    fn jump_if<LOCAL, WANT>(ip, frame, vm, word) {
        let v = *reg(frame, a(word));
        let t = if v == TRUE {
            true
        } else if v == FALSE || v == NONE {
            false
        } else if v & 1 != 0 {
            v != 1
        } else {
            leave!(ip, frame)
        };
        if t == WANT {
            return next(ip.offset(1 + (word as i64 >> 32) as isize), frame, vm);
        }
        next(ip.add(1), frame, vm)
    }
}

handler! {
    fn jump_if_none<LOCAL, WANT>(ip, frame, vm, word) {
        let v = *reg(frame, a(word));
        if !LOCAL {
            if is_last(v) {
                leave!(ip, frame)
            }
            unref(v);
        }
        if (v == NONE) == WANT {
            return next(ip.offset(1 + (word as i64 >> 32) as isize), frame, vm);
        }
        next(ip.add(1), frame, vm)
    }
}

handler! {
    fn for_iter<DL>(ip, frame, vm, word) {
        let it = *reg(frame, b(word));
        let v = if let Some(r) = get::<RangeIter>(it) {
            let (left, v) = (r.left.get(), r.next.get());
            let Some(bits) = small_int(v) else { leave!(ip, frame) };
            if left == 0 {
                leave!(ip, frame)
            }
            r.left.set(left - 1);
            r.next.set(v.wrapping_add(r.step));
            bits
        } else if let Some(s) = get::<SeqIter>(it) {
            let at = s.index.get() as usize;
            let seq = s.seq.peek().bits();
            let item = match s.kind.get() {
                SeqKind::List => get::<List>(seq).and_then(|l| l.items(&*vm).get(at)),
                SeqKind::Tuple => get::<Tuple>(seq).and_then(|t| t.items().get(at)),
                _ => None,
            };
            let Some(item) = item else { leave!(ip, frame) };
            s.index.set(at as i64 + 1);
            retain(item.bits());
            item.bits()
        } else {
            return for_generator(ip, frame, vm, word);
        };
        put::<DL>(ip, frame, vm, word, 0, v)
    }
}

/// FOR_ITER over a generator that waits at a YIELD or has not begun.
#[inline(never)]
unsafe fn for_generator(ip: *const u64, frame: *mut Frame, vm: *mut Vm, word: u64) -> Left {
    // SAFETY: as `link_generator`, which makes the generator's frame the current one.
    unsafe {
        (*frame).ip = ip;
        if link_generator(frame, vm, word) == UNDONE {
            return UNDONE;
        }
        let frame = (*vm).exec.frame;
        next((*frame).ip, frame, vm)
    }
}

#[inline(never)]
unsafe fn link_generator(frame: *mut Frame, vm: *mut Vm, word: u64) -> Left {
    // SAFETY: the iterator is alive, in its register, as long as the frame waits.
    unsafe {
        let Some(g) = get::<Generator>(*reg(frame, b(word))) else { return UNDONE };
        if !generator::is_plainly_resumable(g)
            || (*vm).exec.depth >= (*vm).recursion_limit
            || (*vm).breaker <= 0
            || (*vm).tracing.is_some()
        {
            return UNDONE;
        }
        (*frame).set_stage(1);
        (*vm).breaker -= 1;
        generator::link(&mut *vm, g);
        ENTERED
    }
}

handler! {
    fn yielded<DL, SL>(ip, frame, vm, word) {
        (*frame).ip = ip;
        arrived(vm, run_yield(frame, vm, word, SL))
    }
}

/// YIELD to a loop that waits in FOR_ITER.
#[inline(never)]
unsafe fn run_yield(frame: *mut Frame, vm: *mut Vm, word: u64, is_local: bool) -> Left {
    // SAFETY: the frame of a running generator, whose caller is suspended and whole.
    unsafe {
        let caller = (*frame).caller;
        if (*caller).state & state::NOT_WAITING != 1
            || c(word) == 1
            || (*vm).tracing.is_some()
            || generator::of_frame(frame).mode.get() != Mode::Next
        {
            return UNDONE;
        }
        let at = *(*caller).ip;
        if !matches!(at as u16, op::FOR_ITER | op1::FOR_ITER) {
            return UNDONE;
        }
        let v = *reg(frame, b(word));
        if is_local {
            retain(v);
        }
        drop(generator::leave(&mut *vm, frame, GenState::Suspended));
        (*caller).set_stage(0);
        finish(caller, vm, at, v, ARRIVED)
    }
}

/// The body of a callable that is a function of Python and takes `n` arguments as they are, if there
/// is room for its frame and nothing waits for the eval-breaker.
#[inline(always)]
unsafe fn plain_target(vm: *mut Vm, callable: u64, n: usize) -> Option<*const Body> {
    // SAFETY: the value is alive; bodies live as long as their code objects.
    unsafe {
        let target = get::<Function>(callable)?.body.get();
        if target.is_null() || (*target).simple_args as usize != n {
            return None;
        }
        let exec = &(*vm).exec;
        let room = exec.stack.limit as usize - exec.stack.top as usize;
        let fits = HEADER + (*target).reg_count as usize * 8 <= room;
        let no_cells = (*target).plain_locals == (*target).first_temp;
        (fits && no_cells && exec.depth < (*vm).recursion_limit && (*vm).breaker > 0)
            .then_some(target)
    }
}

/// Pushes the frame of a function and goes on in it. See `plain_target`.
#[inline(always)]
unsafe fn enter(
    ip: *const u64,
    frame: *mut Frame,
    vm: *mut Vm,
    target: *const Body,
    func: u64,
    args: *mut u64,
    n: usize,
) -> Left {
    // SAFETY: the caller has checked that the target fits; function and arguments are moved.
    unsafe {
        (*frame).ip = ip;
        let exec = &mut (*vm).exec;
        exec.depth += 1;
        let new = exec.stack.push_fitting(frame, target, func);
        // Volatile, or the short loops become calls of memcpy.
        for i in 0..n {
            reg(new, i).write_volatile(*args.add(i));
        }
        for i in n..(*target).plain_locals as usize {
            reg(new, i).write_volatile(UNBOUND);
        }
        exec.frame = new;
        (*vm).breaker -= 1;
        next((*target).words.as_ptr(), new, vm)
    }
}

handler! {
    fn call<>(ip, frame, vm, word) {
        let (at, n) = (b(word), c(word));
        let callable = *reg(frame, at);
        let Some(target) = plain_target(vm, callable, n) else {
            return call_native(ip, frame, vm, word);
        };
        enter(ip, frame, vm, target, callable, reg(frame, at + 1), n)
    }
}

handler! {
    fn call_method<>(ip, frame, vm, word) {
        let at = b(word);
        let callable = *reg(frame, at);
        let (args, n) = if *reg(frame, at + 1) == UNBOUND {
            (at + 2, c(word))
        } else {
            (at + 1, c(word) + 1)
        };
        let Some(target) = plain_target(vm, callable, n) else {
            return call_native(ip, frame, vm, word);
        };
        enter(ip, frame, vm, target, callable, reg(frame, args), n)
    }
}

/// CALL and CALL_METHOD of a native that takes its arguments as they are, of a plain class, of a
/// function with a closure.
#[inline(never)]
unsafe fn call_native(ip: *const u64, frame: *mut Frame, vm: *mut Vm, word: u64) -> Left {
    // SAFETY: as `run_native`, which leaves the current frame at a completed instruction.
    unsafe {
        (*frame).ip = ip;
        match run_native(frame, vm, word) {
            DONE => next(ip.add(2), frame, vm),
            ENTERED => {
                let frame = (*vm).exec.frame;
                next((*frame).ip, frame, vm)
            }
            left => arrived(vm, left),
        }
    }
}

/// Goes on in the current frame if its instruction is complete.
#[inline(always)]
unsafe fn arrived(vm: *mut Vm, left: Left) -> Left {
    // SAFETY: the current frame is a Python frame then.
    unsafe {
        if left != ARRIVED {
            return left;
        }
        let frame = (*vm).exec.frame;
        let ip = (*frame).ip;
        next(ip.add(1 + words_of(*ip)), frame, vm)
    }
}

/// The call is complete.
const DONE: Left = 5;
/// A call in another frame, the current one now, is complete.
const ARRIVED: Left = 6;

/// A frame was pushed, which is at its start.
const ENTERED: Left = 7;

/// Does the call, outside of the handler: see the module's text on destructors.
#[inline(never)]
unsafe fn run_native(frame: *mut Frame, vm: *mut Vm, word: u64) -> Left {
    // SAFETY: callable and arguments are valid temporaries, dead after the call; natives lend them.
    unsafe {
        let at = b(word);
        let (args, n) = if matches!(word as u16, op::CALL | op1::CALL) {
            (at + 1, c(word))
        } else if *reg(frame, at + 1) == UNBOUND {
            (at + 2, c(word))
        } else {
            (at + 1, c(word) + 1)
        };
        let lent = std::slice::from_raw_parts(reg(frame, args).cast::<Value>(), n);
        let callable = &*reg(frame, at).cast::<Value>();
        if let Some(f) = callable.get::<Function>() {
            return enter_oddly(frame, vm, f, None, (at, args, n));
        }
        if let Some(class) = callable.get::<Type>() {
            let Some(init) = steps::plain_init(&*vm, class) else { return UNDONE };
            return enter_oddly(frame, vm, init, Some(class), (at, args, n));
        }
        let Some(native) = steps::direct_native(&*vm, callable, lent) else { return UNDONE };
        let flow = native.call_unbound(&mut *vm, lent);
        for i in 0..n {
            release(*reg(frame, args + i));
        }
        release(*reg(frame, at));
        match flow {
            Ok(reply) if reply.is_away() => arrive(vm),
            Ok(reply) => finish(frame, vm, word, reply.into_raw().into_bits(), DONE),
            Err(e) => {
                (*vm).raised = Some(e);
                RAISED
            }
        }
    }
}

/// Pushes the frame of a function with a closure, or of the `__init__` of a new instance of `class`
/// above the machine that waits for it.
unsafe fn enter_oddly(
    frame: *mut Frame,
    vm: *mut Vm,
    func: &Obj<Function>,
    class: Option<&Obj<Type>>,
    (at, args, n): (usize, usize, usize),
) -> Left {
    // SAFETY: as `enter`; the room for both frames is tested first.
    unsafe {
        let (target, own) = (func.body.get(), class.is_some() as usize);
        let exec = &(*vm).exec;
        let room = exec.stack.limit as usize - exec.stack.top as usize;
        if target.is_null()
            || (*target).simple_args as usize != n + own
            || HEADER + 8 + HEADER + (*target).reg_count as usize * 8 > room
            || exec.depth >= (*vm).recursion_limit
            || (*vm).breaker <= 0
            || own == 1 && (*vm).enter_native().is_err()
        {
            return UNDONE;
        }
        let callable = *reg(frame, at);
        let (mut caller, mut instance) = (frame, UNBOUND);
        if own == 1 {
            let new = steps::new_instance(&*vm, &*reg(frame, at).cast::<Value>());
            let kept = [new.clone()];
            caller = (*vm).exec.stack.push_machine(frame, &ops::call::INIT, 1, kept);
            instance = new.into_bits();
        }
        let function = func.to_value().into_bits();
        let new = (*vm).exec.stack.push_fitting(caller, target, function);
        if own == 1 {
            reg(new, 0).write(instance);
        }
        for i in 0..n {
            reg(new, own + i).write(*reg(frame, args + i));
        }
        ops::call::fill_rest(&*vm, new, &*target, own + n);
        (*vm).exec.depth += 1;
        (*vm).exec.frame = new;
        (*vm).breaker -= 1;
        release(callable);
        ENTERED
    }
}

/// A return that is not to a plain frame.
#[inline(never)]
unsafe fn return_oddly(ip: *const u64, frame: *mut Frame, vm: *mut Vm, _word: u64) -> Left {
    // SAFETY: as `leave_init`.
    unsafe { arrived(vm, leave_init(ip, frame, vm)) }
}

/// The end of a constructor's `__init__`: the instance is the answer.
#[inline(never)]
unsafe fn leave_init(ip: *const u64, frame: *mut Frame, vm: *mut Vm) -> Left {
    // SAFETY: as `unwind_from`, for the frame and the machine below it.
    unsafe {
        (*frame).ip = ip;
        let word = *ip;
        let v = if word as u16 == op::RETURN_CONST {
            (*frame).body().consts.get_unchecked(bc(word)).bits()
        } else {
            *reg(frame, a(word))
        };
        let waiting = (*frame).caller;
        if v != NONE
            || (*frame).state != 0
            || (*waiting).state != state::NATIVE | 1
            || !std::ptr::eq((*waiting).machine(), &ops::call::INIT)
        {
            return UNDONE;
        }
        let below = (*waiting).caller;
        let plain = (*below).state & state::NOT_WAITING == 0;
        if !plain || *(*below).ip as u16 as usize >= META.len() {
            return UNDONE;
        }
        for i in 0..(*frame).body().first_temp as usize {
            release(*reg(frame, i));
        }
        release((*frame).func.bits());
        let exec = &mut (*vm).exec;
        exec.stack.top = waiting.cast();
        exec.frame = below;
        exec.depth -= 1;
        exec.native_depth -= 1;
        finish(below, vm, *(*below).ip, *reg(waiting, 0), ARRIVED)
    }
}

/// Writes the result of the frame's instruction; `done`, unless finalisers wait.
#[inline(always)]
unsafe fn finish(frame: *mut Frame, vm: *mut Vm, word: u64, v: u64, done: Left) -> Left {
    // SAFETY: the instruction has a destination; a temporary one is empty.
    unsafe {
        let slot = reg(frame, a(word));
        if *META.get_unchecked(word as u16 as usize) & DST_LOCAL != 0 {
            release(slot.replace(v));
        } else {
            slot.write(v);
        }
        if (*vm).heap.pending.get() { FINALIZE } else { done }
    }
}

/// Delivers what waits for the frame to which control moved, if that is a plain result.
#[inline(always)]
unsafe fn arrive(vm: *mut Vm) -> Left {
    // SAFETY: the new current frame is suspended and whole.
    unsafe {
        let frame = (*vm).exec.frame;
        let Some(Ok(v)) = &(*vm).pending_input else { return AWAY };
        if (*frame).state & state::NOT_WAITING != 0 {
            return AWAY;
        }
        let word = *(*frame).ip;
        if word as u16 as usize >= META.len() {
            return AWAY;
        }
        let v = v.bits();
        std::mem::forget((*vm).pending_input.take());
        finish(frame, vm, word, v, ARRIVED)
    }
}

/// May the frame be left by the short way, to a Python frame that waits for a plain result?
#[inline(always)]
unsafe fn returns_plainly(frame: *mut Frame) -> bool {
    // SAFETY: frames of the chain are alive.
    unsafe {
        let caller = (*frame).caller;
        (*frame).state == 0
            && (*caller).state & state::NOT_WAITING == 0
            && ((*(*caller).ip) as u16) < META.len() as u16
    }
}

handler! {
    fn return_temp<>(ip, frame, vm, word) {
        if !returns_plainly(frame) {
            return return_oddly(ip, frame, vm, word);
        }
        unwind_from(ip, frame, vm, 0)
    }
}

handler! {
    fn return_local<>(ip, frame, vm, word) {
        if !returns_plainly(frame) {
            return return_oddly(ip, frame, vm, word);
        }
        // The value stays where it is until it is taken; a copy is counted meanwhile.
        retain(*reg(frame, a(word)));
        unwind_from(ip, frame, vm, 0)
    }
}

handler! {
    fn return_const<>(ip, frame, vm, word) {
        if !returns_plainly(frame) {
            return return_oddly(ip, frame, vm, word);
        }
        let _ = word;
        unwind_from(ip, frame, vm, 0)
    }
}

/// Gives up the registers of a returning frame from the `i`-th on, and its function.
#[inline(always)]
unsafe fn unwind_from(ip: *const u64, frame: *mut Frame, vm: *mut Vm, i: u64) -> Left {
    // SAFETY: registers below `first_temp` are valid; they are not used again, except the result.
    unsafe {
        let n = (*frame).body().first_temp as u64;
        for i in i..n {
            let bits = *reg(frame, i as usize);
            if is_object(bits) {
                let rc = &header(bits).rc;
                rc.set(rc.get() - 1);
                if rc.get() & COUNT_MASK == 0 {
                    return freed_register(ip, frame, vm, i);
                }
            }
        }
        if is_last((*frame).func.bits()) {
            return freed_register(ip, frame, vm, n);
        }
        unref((*frame).func.bits());
        answer(ip, frame, vm, false)
    }
}

/// Frees what register `i` of a returning frame held (the function: the number behind the last
/// register) and goes on with the return.
#[cold]
#[inline(never)]
unsafe fn freed_register(ip: *const u64, frame: *mut Frame, vm: *mut Vm, i: u64) -> Left {
    // SAFETY: as `unwind_from`; the object's count is zero, the function's is given up here.
    unsafe {
        let n = (*frame).body().first_temp as u64;
        let mut i = i;
        while i < n {
            let bits = *reg(frame, i as usize);
            if is_object(bits) && header(bits).rc.get() & COUNT_MASK == 0 {
                heap::release(NonNull::from(header(bits)));
            }
            i += 1;
            if i < n {
                unref(*reg(frame, i as usize));
            }
        }
        // The function keeps the body, of which the result may be a constant.
        let func = (*frame).func.bits();
        let left = answer(ip, frame, vm, true);
        release(func);
        left
    }
}

/// Hands the result of the returning frame, whose contents are gone, to its caller.
#[inline(always)]
unsafe fn answer(ip: *const u64, frame: *mut Frame, vm: *mut Vm, freed: bool) -> Left {
    // SAFETY: the frame is the topmost of its chunk; see `returns_plainly`.
    unsafe {
        let word = *ip;
        let v = if word as u16 == op::RETURN_CONST {
            let v = (*frame).body().consts.get_unchecked(bc(word)).bits();
            retain(v);
            v
        } else {
            *reg(frame, a(word))
        };
        let caller = (*frame).caller;
        let exec = &mut (*vm).exec;
        exec.stack.top = frame.cast();
        exec.frame = caller;
        exec.depth -= 1;
        let ip = (*caller).ip;
        let word = *ip;
        let meta = *META.get_unchecked(word as u16 as usize);
        debug_assert!(meta & DST != 0);
        let slot = reg(caller, a(word));
        let old = if meta & DST_LOCAL != 0 {
            slot.replace(v)
        } else {
            slot.write(v);
            NONE
        };
        if freed {
            release(old);
            (*caller).ip = ip;
            return FINALIZE;
        }
        if is_object(old) {
            return dropped(ip, caller, vm, old);
        }
        next(ip.add(1 + (meta & WORDS) as usize), caller, vm)
    }
}

/// The handlers by opcode.
static TABLE: [Handler; OPCODES] = table();

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
        DROP: op drop_temp;
        JUMP: op jump;
        JUMP_BACK: op jump_back;
        JUMP_IF_TRUE: op jump_if::<false, true>, op1 jump_if::<true, true>;
        JUMP_IF_FALSE: op jump_if::<false, false>, op1 jump_if::<true, false>;
        JUMP_IF_NONE: op jump_if_none::<false, true>, op1 jump_if_none::<true, true>;
        JUMP_IF_NOT_NONE: op jump_if_none::<false, false>, op1 jump_if_none::<true, false>;
        IS: op identity::<false, false>, op1 identity::<true, false>;
        IS_NOT: op identity::<false, true>, op1 identity::<true, true>;
        CALL: op call, op1 call;
        CALL_METHOD: op call_method, op1 call_method;
        RETURN: op return_temp, op1 return_local;
        RETURN_CONST: op return_const;
    }
    t
}

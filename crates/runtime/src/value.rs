//! `Value`: one owned Python value in 64 bits.
//!
//! Encoding by the low bits (VM measurements: flonum by rotate-and-add):
//! - `…1`  a 63-bit signed int, `i << 1 | 1`
//! - `…10` a float: `rotl(bits + 2^60, 3)`; zeros, NaNs and rare exponents live elsewhere
//! - `100` a constant: `index << 3 | 4` (None, False, True, …, both float zeros, *unbound*, replies)
//! - `000` a heap object, counted; never null
//!
//! Identity: `is` compares the 64 bits. So equal small ints and equal immediate floats are
//! identical, 0.0 and -0.0 are two objects, a NaN keeps the identity of its heap object. `id()` of
//! an immediate is its bits, of a heap object its address.
//!
//! Invariants: a pointer value owns one count of its object; the word is never 0; `UNBOUND` and the
//! reply constants never reach Python code. A `Value` is not `Send`: it belongs to one `Vm`.
//! `Drop` never runs Python: see `heap`.
#![expect(unsafe_code, reason = "home of the tagged word and its counting")]

use std::marker::PhantomData;
use std::num::NonZeroU64;
use std::ptr::NonNull;

use crate::heap::{self, COUNT_MASK, Header};
use crate::object::{Obj, Payload};

/// See the module's text.
#[repr(transparent)]
pub struct Value(NonZeroU64, PhantomData<*mut ()>);

const fn constant(index: u64) -> u64 {
    index << 3 | 4
}

pub(crate) const NONE: u64 = constant(0);
pub(crate) const FALSE: u64 = constant(1);
pub(crate) const TRUE: u64 = constant(2);
const ELLIPSIS: u64 = constant(3);
const NOT_IMPLEMENTED: u64 = constant(4);
pub(crate) const UNBOUND: u64 = constant(5);
pub(crate) const POS_ZERO: u64 = constant(6);
const NEG_ZERO: u64 = constant(7);
const PUSHED: u64 = constant(8);
const EXHAUSTED: u64 = constant(9);
const SWITCHED: u64 = constant(10);

/// Smallest and largest immediate int.
pub const INT_MIN: i64 = -(1 << 62);
pub const INT_MAX: i64 = (1 << 62) - 1;

/// What kind of thing the word holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    Int,
    Float,
    Constant,
    Object,
}

/// The word of a float, if that is immediate: its low bits are 10 then.
#[inline(always)]
pub(crate) fn pack_float(value: f64) -> u64 {
    value.to_bits().wrapping_add(1 << 60).rotate_left(3)
}

/// The float of such a word.
#[inline(always)]
pub(crate) fn unpack_float(word: u64) -> f64 {
    f64::from_bits(word.rotate_right(3).wrapping_sub(1 << 60))
}

impl Value {
    pub const NONE: Value = Value::from_const(NONE);
    pub const FALSE: Value = Value::from_const(FALSE);
    pub const TRUE: Value = Value::from_const(TRUE);
    pub const ELLIPSIS: Value = Value::from_const(ELLIPSIS);
    pub const NOT_IMPLEMENTED: Value = Value::from_const(NOT_IMPLEMENTED);
    /// A register or slot without a value; also "argument not given" in native calls.
    pub const UNBOUND: Value = Value::from_const(UNBOUND);
    /// Reply: a frame was pushed whose outcome is the outcome of the operation.
    pub(crate) const PUSHED: Value = Value::from_const(PUSHED);
    /// Reply: the iterator has no more items.
    pub(crate) const EXHAUSTED: Value = Value::from_const(EXHAUSTED);
    /// Reply: the current tasklet changed; its pending input is to be delivered.
    pub(crate) const SWITCHED: Value = Value::from_const(SWITCHED);

    const fn from_const(bits: u64) -> Value {
        match NonZeroU64::new(bits) {
            Some(bits) => Value(bits, PhantomData),
            None => panic!("constants are not zero"),
        }
    }

    #[inline(always)]
    fn raw(bits: u64) -> Value {
        debug_assert!(bits != 0);
        // SAFETY: callers pass tagged words or non-null object addresses, which are never 0.
        Value(unsafe { NonZeroU64::new_unchecked(bits) }, PhantomData)
    }

    /// The 64 bits; equal bits mean `is`.
    #[inline(always)]
    pub const fn bits(&self) -> u64 {
        self.0.get()
    }

    /// Takes over one count of the object at `ptr`.
    ///
    /// # Safety
    /// `ptr` is a live heap object and the caller gives up one of its counts.
    #[inline(always)]
    pub(crate) unsafe fn from_raw(ptr: NonNull<Header>) -> Value {
        Value::raw(ptr.as_ptr() as u64)
    }

    /// Takes over the count of a value that was kept as its bits.
    ///
    /// # Safety
    /// `bits` are those of a value that was forgotten, and its count has not been given up elsewhere.
    #[inline(always)]
    pub(crate) unsafe fn from_bits(bits: u64) -> Value {
        Value::raw(bits)
    }

    /// The bits, which now own the count.
    #[inline(always)]
    pub(crate) fn into_bits(self) -> u64 {
        std::mem::ManuallyDrop::new(self).bits()
    }

    /// The float or constant of a word that came from outside; None for anything else.
    pub(crate) fn immediate(bits: u64) -> Option<Value> {
        // EXHAUSTED waits in the registers of traced iterations.
        let constant = bits & 7 == 4 && bits <= NEG_ZERO || bits == EXHAUSTED;
        if bits & 3 == 2 || constant { Some(Value::raw(bits)) } else { None }
    }

    pub fn tag(&self) -> Tag {
        match self.bits() & 7 {
            0 => Tag::Object,
            4 => Tag::Constant,
            2 | 6 => Tag::Float,
            _ => Tag::Int,
        }
    }

    #[inline(always)]
    pub const fn is_object(&self) -> bool {
        self.bits() & 7 == 0
    }
    #[inline(always)]
    pub const fn is_int(&self) -> bool {
        self.bits() & 1 != 0
    }
    #[inline(always)]
    pub const fn is_none(&self) -> bool {
        self.bits() == NONE
    }
    #[inline(always)]
    pub const fn is_true(&self) -> bool {
        self.bits() == TRUE
    }
    #[inline(always)]
    pub const fn is_false(&self) -> bool {
        self.bits() == FALSE
    }
    #[inline(always)]
    pub const fn is_bool(&self) -> bool {
        self.is_true() || self.is_false()
    }
    #[inline(always)]
    pub const fn is_unbound(&self) -> bool {
        self.bits() == UNBOUND
    }
    #[inline(always)]
    pub const fn is_ellipsis(&self) -> bool {
        self.bits() == ELLIPSIS
    }
    #[inline(always)]
    pub const fn is_not_implemented(&self) -> bool {
        self.bits() == NOT_IMPLEMENTED
    }
    #[inline(always)]
    pub(crate) const fn is_pushed(&self) -> bool {
        self.bits() == PUSHED
    }
    #[inline(always)]
    pub(crate) const fn is_exhausted(&self) -> bool {
        self.bits() == EXHAUSTED
    }
    #[inline(always)]
    pub(crate) const fn is_switched(&self) -> bool {
        self.bits() == SWITCHED
    }

    /// Python's `is`.
    #[inline(always)]
    pub const fn is(&self, other: &Value) -> bool {
        self.bits() == other.bits()
    }

    /// `None` for *unbound*, else the value: native functions read optional arguments with it.
    pub fn given(&self) -> Option<&Value> {
        if self.is_unbound() { None } else { Some(self) }
    }

    #[inline(always)]
    pub const fn bool(value: bool) -> Value {
        if value { Value::TRUE } else { Value::FALSE }
    }

    /// An immediate int, or None when it needs a big integer (`Vm::int`).
    #[inline(always)]
    pub fn small_int(value: i64) -> Option<Value> {
        if (INT_MIN..=INT_MAX).contains(&value) {
            Some(Value::raw((value as u64) << 1 | 1))
        } else {
            None
        }
    }

    /// An immediate int from a number known to fit.
    #[inline(always)]
    pub fn from_i32(value: i32) -> Value {
        Value::raw(((value as i64) as u64) << 1 | 1)
    }

    /// An immediate int from a length or index, all of which fit in 62 bits.
    #[inline(always)]
    pub fn from_usize(value: usize) -> Value {
        debug_assert!(value as u64 <= INT_MAX as u64);
        Value::raw((value as u64) << 1 | 1)
    }

    /// The int of an immediate int.
    #[inline(always)]
    pub fn as_small_int(&self) -> Option<i64> {
        if self.is_int() { Some(self.bits() as i64 >> 1) } else { None }
    }

    /// An immediate float, or None when the number lives on the heap (`Vm::float`).
    #[inline(always)]
    pub fn small_float(value: f64) -> Option<Value> {
        let word = pack_float(value);
        if word & 3 == 2 {
            Some(Value::raw(word))
        } else if value == 0.0 {
            Some(if value.is_sign_negative() {
                Value::from_const(NEG_ZERO)
            } else {
                Value::from_const(POS_ZERO)
            })
        } else {
            None
        }
    }

    /// A float that is immediate and no zero.
    #[inline(always)]
    pub fn as_usual_float(&self) -> Option<f64> {
        let bits = self.bits();
        (bits & 3 == 2).then(|| unpack_float(bits))
    }

    #[inline(always)]
    pub fn usual_float(value: f64) -> Option<Value> {
        let word = pack_float(value);
        (word & 3 == 2).then(|| Value::raw(word))
    }

    /// The float of an immediate float.
    #[inline(always)]
    pub fn as_small_float(&self) -> Option<f64> {
        let bits = self.bits();
        if bits & 3 == 2 {
            Some(unpack_float(bits))
        } else if bits == POS_ZERO {
            Some(0.0)
        } else if bits == NEG_ZERO {
            Some(-0.0)
        } else {
            None
        }
    }

    /// True for floats that need no heap object.
    #[inline(always)]
    pub const fn is_small_float(&self) -> bool {
        let bits = self.bits();
        bits & 3 == 2 || bits == POS_ZERO || bits == NEG_ZERO
    }

    /// The header of a heap object.
    #[inline(always)]
    pub(crate) fn header(&self) -> Option<&Header> {
        if self.is_object() {
            // SAFETY: a pointer value owns a count, so the object is alive while `self` is borrowed.
            Some(unsafe { &*(self.bits() as *const Header) })
        } else {
            None
        }
    }

    #[inline(always)]
    pub(crate) fn header_ptr(&self) -> Option<NonNull<Header>> {
        if self.is_object() { NonNull::new(self.bits() as *mut Header) } else { None }
    }

    /// The object as `T`, when its layout is `T`'s (subclasses included).
    #[inline(always)]
    pub fn get<T: Payload>(&self) -> Option<&Obj<T>> {
        let header = self.header()?;
        if header.layout() == T::LAYOUT {
            // SAFETY: the layout number is written at allocation as `T::LAYOUT` only by
            // `alloc::<T>`, and numbers are unique to their type.
            Some(unsafe { &*(header as *const Header as *const Obj<T>) })
        } else {
            None
        }
    }

    /// True if the object has layout `T`.
    #[inline(always)]
    pub fn has<T: Payload>(&self) -> bool {
        self.header().is_some_and(|h| h.layout() == T::LAYOUT)
    }

    /// The object as an owned typed handle.
    #[inline(always)]
    pub fn cast<T: Payload>(self) -> Result<Ref<T>, Value> {
        if self.has::<T>() { Ok(Ref(self, PhantomData)) } else { Err(self) }
    }

    /// Count of references, for `sys.getrefcount`. Immediates have none.
    pub fn ref_count(&self) -> Option<u64> {
        self.header().map(|h| h.count())
    }
}

impl Clone for Value {
    #[inline(always)]
    fn clone(&self) -> Value {
        if self.is_object() {
            // SAFETY: see `header`; counts are not shared between threads.
            let header = unsafe { &*(self.bits() as *const Header) };
            header.rc.set(header.rc.get() + 1);
        }
        Value(self.0, PhantomData)
    }
}

impl Drop for Value {
    #[inline(always)]
    fn drop(&mut self) {
        if self.is_object() {
            // SAFETY: this value owns a count, which is given up here.
            let header = unsafe { &*(self.bits() as *const Header) };
            let rc = header.rc.get() - 1;
            header.rc.set(rc);
            if rc & COUNT_MASK == 0 {
                // SAFETY: the last count is gone, nobody else can reach the object.
                unsafe { heap::release(NonNull::from(header)) };
            }
        }
    }
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.tag() {
            Tag::Int => write!(f, "{}", self.bits() as i64 >> 1),
            Tag::Float => write!(f, "{:?}", self.as_small_float()),
            Tag::Constant => write!(
                f,
                "{}",
                match self.bits() {
                    NONE => "None",
                    FALSE => "False",
                    TRUE => "True",
                    ELLIPSIS => "Ellipsis",
                    NOT_IMPLEMENTED => "NotImplemented",
                    UNBOUND => "<unbound>",
                    POS_ZERO => "0.0",
                    NEG_ZERO => "-0.0",
                    PUSHED => "<pushed>",
                    EXHAUSTED => "<exhausted>",
                    _ => "<switched>",
                }
            ),
            Tag::Object => write!(f, "<object {:#x}>", self.bits()),
        }
    }
}

/// An owned handle to an object whose layout is `T`.
#[repr(transparent)]
pub struct Ref<T: Payload>(Value, PhantomData<T>);

impl<T: Payload> Ref<T> {
    /// # Safety
    /// `value` has layout `T`.
    #[inline(always)]
    pub(crate) unsafe fn from_value_unchecked(value: Value) -> Ref<T> {
        debug_assert!(value.has::<T>());
        Ref(value, PhantomData)
    }
    #[inline(always)]
    pub fn value(&self) -> &Value {
        &self.0
    }
    #[inline(always)]
    pub fn into_value(self) -> Value {
        self.0
    }
    #[inline(always)]
    pub fn to_value(&self) -> Value {
        self.0.clone()
    }
    #[inline(always)]
    pub fn ptr_eq(&self, other: &Obj<T>) -> bool {
        self.0.bits() == other as *const Obj<T> as u64
    }
}

impl<T: Payload> Clone for Ref<T> {
    #[inline(always)]
    fn clone(&self) -> Self {
        Ref(self.0.clone(), PhantomData)
    }
}

impl<T: Payload> std::ops::Deref for Ref<T> {
    type Target = Obj<T>;
    #[inline(always)]
    fn deref(&self) -> &Obj<T> {
        // SAFETY: a `Ref<T>` holds a live object of layout `T` (checked where it was made).
        unsafe { &*(self.0.bits() as *const Obj<T>) }
    }
}

impl<T: Payload> From<Ref<T>> for Value {
    fn from(r: Ref<T>) -> Value {
        r.0
    }
}

const _: () = assert!(size_of::<Value>() == 8 && size_of::<Option<Value>>() == 8);
const _: () = assert!(size_of::<Result<Value, crate::exc::Exc>>() == 16);

//! Objects as Rust sees them: a header and a payload, and the cells through which payloads change.
//!
//! Access discipline: `&Vm` may read and allocate, `&mut Vm` may change containers and run Python.
//! `VmCell` lends its contents only against such a token, so a native function cannot run Python
//! while it looks into a container. `ValueCell` never lends, it copies. Fields that are plain
//! numbers are `Cell`s.
#![expect(unsafe_code, reason = "cells whose borrow rules are tied to the Vm token")]

use std::cell::UnsafeCell;
use std::ops::Deref;

use crate::heap::Header;
use crate::value::{Ref, Value};
use crate::vm::Vm;

pub use stackless_macros::{Payload, Trace};

/// The Rust part of a Python object.
///
/// # Safety
/// `LAYOUT` is unique to the type, and `traverse` reports every `Value` that the payload owns
/// exactly once.
pub unsafe trait Payload: Sized + 'static {
    /// Number stored in each object's header. See `layout` for the list.
    const LAYOUT: u16;
    /// Objects without references to others live on pages that the collector never looks at.
    const LEAF: bool = false;
    /// Calls `visit` with every owned value.
    fn traverse(&self, visit: &mut dyn FnMut(&Value));
    /// Gives up owned references so that a garbage cycle falls apart; containers empty themselves.
    fn clear(&self, _vm: &mut Vm) {}
}

/// What the fields of a payload may be: `#[derive(Payload)]` visits every field by this.
///
/// # Safety
/// `trace` reports every `Value` that is owned exactly once; `OWNS` is false only where there is none.
pub unsafe trait Trace {
    const OWNS: bool = true;
    fn trace(&self, visit: &mut dyn FnMut(&Value));
    /// Gives up what a cell owns; other containers wait for their drop.
    fn give_up(&self, _vm: &mut Vm) {}
}

/// Types that own no values.
macro_rules! plain {
    ($($t:ty),* $(,)?) => {
        $(
            // SAFETY: nothing in it is a value.
            unsafe impl Trace for $t {
                const OWNS: bool = false;
                fn trace(&self, _: &mut dyn FnMut(&Value)) {}
            }
        )*
    };
}
plain!(bool, u8, u16, u32, u64, usize, i8, i16, i32, i64, isize, f64);

// SAFETY: values are not `Copy`, nor is anything that owns them.
unsafe impl<T: Copy> Trace for std::cell::Cell<T> {
    const OWNS: bool = false;
    fn trace(&self, _: &mut dyn FnMut(&Value)) {}
}

// SAFETY: what a static reference leads to is not owned.
unsafe impl<T: ?Sized> Trace for &'static T {
    const OWNS: bool = false;
    fn trace(&self, _: &mut dyn FnMut(&Value)) {}
}

// SAFETY: the value is the one that it owns.
unsafe impl Trace for Value {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(self);
    }
}

// SAFETY: as the value in it.
unsafe impl Trace for ValueCell {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(self.peek());
    }
    fn give_up(&self, _vm: &mut Vm) {
        self.set(Value::NONE);
    }
}

// SAFETY: a reference is a value with a known type.
unsafe impl<T: Payload> Trace for Ref<T> {
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(self.value());
    }
}

// SAFETY: as the content.
unsafe impl<T: Trace> Trace for Option<T> {
    const OWNS: bool = T::OWNS;
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        if let Some(content) = self {
            content.trace(visit);
        }
    }
}

// SAFETY: as the content.
unsafe impl<T: Trace> Trace for Box<T> {
    const OWNS: bool = T::OWNS;
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        (**self).trace(visit);
    }
}

// SAFETY: every item once.
unsafe impl<T: Trace> Trace for [T] {
    const OWNS: bool = T::OWNS;
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        if T::OWNS {
            self.iter().for_each(|item| item.trace(visit));
        }
    }
}

// SAFETY: as the items.
unsafe impl<T: Trace> Trace for Box<[T]> {
    const OWNS: bool = T::OWNS;
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        (**self).trace(visit);
    }
}

// SAFETY: as the items.
unsafe impl<T: Trace> Trace for Vec<T> {
    const OWNS: bool = T::OWNS;
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        self.as_slice().trace(visit);
    }
}

// SAFETY: every item once.
unsafe impl<T: Trace> Trace for std::collections::VecDeque<T> {
    const OWNS: bool = T::OWNS;
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        self.iter().for_each(|item| item.trace(visit));
    }
}

// SAFETY: as the content.
unsafe impl<T: Trace + Default> Trace for VmCell<T> {
    const OWNS: bool = T::OWNS;
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        self.peek().trace(visit);
    }
    fn give_up(&self, vm: &mut Vm) {
        if T::OWNS {
            drop(std::mem::take(self.get_mut(vm)));
        }
    }
}

/// A heap object with payload `T`.
#[repr(C)]
pub struct Obj<T> {
    pub(crate) header: Header,
    pub(crate) payload: T,
}

impl<T> Deref for Obj<T> {
    type Target = T;
    #[inline(always)]
    fn deref(&self) -> &T {
        &self.payload
    }
}

impl<T: Payload> Obj<T> {
    /// A new reference to this object.
    #[inline(always)]
    pub fn to_value(&self) -> Value {
        self.header.rc.set(self.header.rc.get() + 1);
        // SAFETY: the count was just taken; `&self` proves that the object is alive.
        unsafe { Value::from_raw((&self.header).into()) }
    }
    /// A new typed reference to this object.
    #[inline(always)]
    pub fn to_ref(&self) -> Ref<T> {
        // SAFETY: `Obj<T>` has layout `T`.
        unsafe { Ref::from_value_unchecked(self.to_value()) }
    }
    /// Same object as `value`?
    #[inline(always)]
    pub fn is(&self, value: &Value) -> bool {
        self as *const Self as u64 == value.bits()
    }
    /// The address, which is `id()`.
    #[inline(always)]
    pub fn address(&self) -> u64 {
        self as *const Self as u64
    }
}

/// A field that is lent against the `Vm` token.
pub struct VmCell<T>(UnsafeCell<T>);

impl<T> VmCell<T> {
    #[inline(always)]
    pub const fn new(value: T) -> VmCell<T> {
        VmCell(UnsafeCell::new(value))
    }
    /// Shared access: nobody can change the field while `&Vm` is out, because changes need
    /// `&mut Vm`, of which there is one per entered thread.
    #[inline(always)]
    pub fn get<'a>(&'a self, _vm: &'a Vm) -> &'a T {
        // SAFETY: see the text above.
        unsafe { &*self.0.get() }
    }
    /// Exclusive access for as long as the `&mut Vm` is lent.
    #[inline(always)]
    #[allow(clippy::mut_from_ref, reason = "exclusive through the token")]
    pub fn get_mut<'a>(&'a self, _vm: &'a mut Vm) -> &'a mut T {
        // SAFETY: the token is borrowed exclusively, so no other `get` or `get_mut` is out.
        unsafe { &mut *self.0.get() }
    }
    /// The place of the contents, which is good as long as the object lives.
    #[inline(always)]
    pub(crate) fn place(&self) -> std::ptr::NonNull<T> {
        std::ptr::NonNull::from(&self.0).cast()
    }
    /// For `Drop` and `traverse`, which have no token and run while nothing is lent mutably.
    #[inline(always)]
    pub(crate) fn peek(&self) -> &T {
        // SAFETY: the collector and destructors run at points where no `get_mut` is out: `Drop`
        // reaches a payload only after its last reference is gone, traversal holds the Vm.
        unsafe { &*self.0.get() }
    }
    /// Replaces the contents without a token.
    pub(crate) fn replace_untokened(&self, value: T) -> T {
        // SAFETY: as `peek`; the caller owns the object being built or torn down.
        unsafe { std::mem::replace(&mut *self.0.get(), value) }
    }
}

/// A field with one value, copied out and in.
pub struct ValueCell(UnsafeCell<Value>);

impl ValueCell {
    #[inline(always)]
    pub const fn new(value: Value) -> ValueCell {
        ValueCell(UnsafeCell::new(value))
    }
    #[inline(always)]
    pub fn get(&self) -> Value {
        // SAFETY: no reference into the cell is ever handed out except by `peek`, whose borrow
        // ends before a `set` (single thread, Drop of the old value happens after the write).
        unsafe { (*self.0.get()).clone() }
    }
    #[inline(always)]
    pub fn set(&self, value: Value) {
        drop(self.replace(value));
    }
    #[inline(always)]
    pub fn replace(&self, value: Value) -> Value {
        // SAFETY: see `get`.
        unsafe { std::mem::replace(&mut *self.0.get(), value) }
    }
    pub fn take(&self) -> Value {
        self.replace(Value::UNBOUND)
    }
    #[inline(always)]
    pub fn bits(&self) -> u64 {
        // SAFETY: see `get`.
        unsafe { (*self.0.get()).bits() }
    }
    pub fn is_unbound(&self) -> bool {
        self.bits() == Value::UNBOUND.bits()
    }
    /// Borrow for tests that neither run Python nor write the cell.
    #[inline(always)]
    pub(crate) fn peek(&self) -> &Value {
        // SAFETY: callers use the borrow for a type test or a visit only; see `get`.
        unsafe { &*self.0.get() }
    }
    /// `Some` unless unbound.
    pub fn given(&self) -> Option<Value> {
        let v = self.get();
        if v.is_unbound() { None } else { Some(v) }
    }
}

/// A new reference from the bits that a version-guarded cache holds without counting.
#[inline(always)]
pub(crate) fn borrow_bits(bits: u64) -> Value {
    // SAFETY: caches keep bits of values that the guarded class or dict still holds: any change of
    // the holder changes its version, which callers compare first.
    let value = std::mem::ManuallyDrop::new(unsafe { Value::from_bits(bits) });
    (*value).clone()
}

/// Changes an object's type to one of the same layout (`__class__` assignment, loaded shadows).
pub(crate) fn set_type(value: &Value, new: &Obj<crate::objects::types::Type>) {
    let Some(header) = value.header() else { return };
    let old = header.type_of().to_value();
    if new.is_heap_type() {
        // The instance's own count of its new type.
        std::mem::forget(new.to_value());
    }
    header.ty.set(new);
    if old.get::<crate::objects::types::Type>().is_some_and(|t| t.is_heap_type()) {
        // SAFETY: gives up the count that the instance held of its old type.
        drop(unsafe { Value::from_bits(old.bits()) });
    }
}

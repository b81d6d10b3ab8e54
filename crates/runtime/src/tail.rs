//! `Tail`: the variable-sized end of an object (items of a tuple, bytes of a string).
//!
//! A `Tail<I>` is the last field of a payload; its `len` items lie directly behind it, inside the
//! object's slot. `Vm::alloc_tail` makes such objects and is the only way to get a non-empty tail.
#![expect(unsafe_code, reason = "items behind the payload")]

use std::cell::UnsafeCell;
use std::ptr::{self, NonNull};

use crate::heap::Heap;
use crate::object::{Obj, Payload, Trace};
use crate::objects::types::Type;
use crate::value::{Ref, Value};

#[repr(C)]
pub struct Tail<I> {
    len: usize,
    /// A cell, so that the compiler does not take the items for constant behind a shared reference:
    /// shells of snapshots are filled in place.
    items: UnsafeCell<[I; 0]>,
}

impl<I> Tail<I> {
    #[inline(always)]
    pub fn as_slice(&self) -> &[I] {
        // SAFETY: `alloc_tail` wrote `len` items behind the tail.
        unsafe { std::slice::from_raw_parts(self.items.get().cast(), self.len) }
    }
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.len
    }
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
    /// Replaces the items of an object that nobody looks into yet (a shell being loaded).
    pub(crate) fn replace_items(&self, items: impl Iterator<Item = I>) {
        let base = self.items.get().cast::<I>();
        for (i, item) in items.take(self.len).enumerate() {
            // SAFETY: item `i` exists; no slice of the tail is out while a snapshot is filled.
            drop(unsafe { ptr::replace(base.add(i), item) });
        }
    }
}

// SAFETY: every item once.
unsafe impl<I: Trace> Trace for Tail<I> {
    const OWNS: bool = I::OWNS;
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        self.as_slice().trace(visit);
    }
}

impl<I> Drop for Tail<I> {
    /// The last item goes first, as in CPython.
    fn drop(&mut self) {
        if std::mem::needs_drop::<I>() {
            for i in (0..self.len).rev() {
                // SAFETY: the items are initialised and belong to this tail.
                unsafe { ptr::drop_in_place(self.items.get().cast::<I>().add(i)) };
            }
        }
    }
}

/// Payloads whose last field is a tail.
pub trait TailPayload: Payload {
    type Item;
    /// The payload for this empty-looking tail.
    fn with_tail(tail: Tail<Self::Item>) -> Self;
}

/// Allocates an object with these items; `extra` bytes follow them.
pub(crate) fn alloc_tail<T: TailPayload>(
    heap: &Heap,
    ty: &Obj<Type>,
    len: usize,
    items: impl Iterator<Item = T::Item>,
    extra: usize,
) -> Ref<T> {
    let bytes = (len * size_of::<T::Item>()).next_multiple_of(8) + extra;
    let object =
        heap.alloc::<T>(ty, T::with_tail(Tail { len: 0, items: UnsafeCell::new([]) }), bytes);
    // SAFETY: the tail is the last field and ends the payload (items have no padding before them),
    // the slot has room for `len` items behind it; `len` counts only what is written.
    unsafe {
        let base = object.as_ptr().cast::<u8>().add(size_of::<Obj<T>>()).cast::<T::Item>();
        let tail = base.cast::<usize>().sub(1);
        let mut n = 0;
        for item in items.take(len) {
            base.add(n).write(item);
            n += 1;
        }
        *tail = n;
        Ref::from_value_unchecked(Value::from_raw(NonNull::from(&(*object.as_ptr()).header)))
    }
}

/// As `alloc_tail` for bytes.
pub(crate) fn alloc_bytes<T: TailPayload<Item = u8>>(
    heap: &Heap,
    ty: &Obj<Type>,
    parts: &[&[u8]],
    extra: usize,
) -> Ref<T> {
    let len: usize = parts.iter().map(|p| p.len()).sum();
    let bytes = len.next_multiple_of(8) + extra;
    let object =
        heap.alloc::<T>(ty, T::with_tail(Tail { len: 0, items: UnsafeCell::new([]) }), bytes);
    // SAFETY: as in `alloc_tail`.
    unsafe {
        let mut at = object.as_ptr().cast::<u8>().add(size_of::<Obj<T>>());
        *at.cast::<usize>().sub(1) = len;
        for part in parts {
            ptr::copy_nonoverlapping(part.as_ptr(), at, part.len());
            at = at.add(part.len());
        }
        Ref::from_value_unchecked(Value::from_raw(NonNull::from(&(*object.as_ptr()).header)))
    }
}

//! `mmap`'s memory: bytes that belong to the operating system, as a buffer exporter. The class is the
//! library's Python; this object holds the pages and gives them back.
//!
//! Invariants: `at` is null or the start of `len` mapped bytes, readable, and writable if `writable`;
//! they stay mapped while `exports` is not 0. The bytes may change under us when another process maps
//! them too: nothing is read from them that memory safety rests on.
#![expect(unsafe_code, reason = "bytes outside the heap")]

use std::cell::Cell;

use crate::object::Payload;
use crate::value::Value;
use crate::vm::Vm;

#[derive(Payload)]
#[payload(layout = MAPPING, leaf)]
pub struct Mapping {
    at: Cell<*mut u8>,
    len: Cell<usize>,
    pub writable: bool,
    pub exports: Cell<usize>,
    #[payload(foreign)]
    unmap: unsafe fn(*mut u8, usize),
}

impl Drop for Mapping {
    fn drop(&mut self) {
        self.release();
    }
}

impl Mapping {
    /// Pages and length, for calls on them.
    pub fn raw(&self) -> (*mut u8, usize) {
        (self.at.get(), self.len.get())
    }
    pub fn is_open(&self) -> bool {
        !self.at.get().is_null()
    }
    pub fn len(&self) -> usize {
        self.len.get()
    }
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    pub fn bytes<'a>(&'a self, _vm: &'a Vm) -> &'a [u8] {
        let (at, len) = self.raw();
        if at.is_null() {
            return &[];
        }
        // SAFETY: mapped bytes, see the invariants; they are unmapped only with the Vm at hand.
        unsafe { std::slice::from_raw_parts(at, len) }
    }
    /// Overwrites bytes from `start`; what does not fit is left out.
    pub fn write(&self, _vm: &mut Vm, start: usize, data: &[u8]) {
        let (at, len) = self.raw();
        if at.is_null() || !self.writable || start > len {
            return;
        }
        let n = data.len().min(len - start);
        // SAFETY: mapped writable bytes inside the length; `copy` allows overlap.
        unsafe { std::ptr::copy(data.as_ptr(), at.add(start), n) };
    }
    /// Gives the pages back.
    pub fn release(&self) {
        let (at, len) = self.raw();
        if !at.is_null() && self.exports.get() == 0 {
            self.at.set(std::ptr::null_mut());
            self.len.set(0);
            // SAFETY: the pages came with this function, and nobody refers to them any more.
            unsafe { (self.unmap)(at, len) };
        }
    }
    /// Other pages in place of the old ones, which the caller has moved.
    ///
    /// # Safety
    /// As for `Vm::mapping`, and nothing is exported.
    pub unsafe fn moved(&self, at: *mut u8, len: usize) {
        self.at.set(at);
        self.len.set(len);
    }
}

impl Vm {
    /// # Safety
    /// `at` is the start of `len` mapped bytes, readable and, if `writable`, writable, that nobody
    /// unmaps but this object through `unmap`.
    pub unsafe fn mapping(
        &self,
        at: *mut u8,
        len: usize,
        writable: bool,
        unmap: unsafe fn(*mut u8, usize),
    ) -> Value {
        let m = Mapping {
            at: Cell::new(at),
            len: Cell::new(len),
            writable,
            exports: Cell::new(0),
            unmap,
        };
        self.alloc(&self.types.mapping, m).into_value()
    }
}

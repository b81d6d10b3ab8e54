//! `mmap`'s memory: bytes that belong to the operating system, as a buffer exporter. The class is the
//! library's Python; this object holds the pages and gives them back.
//!
//! Invariants: `at` and `len` are the place and size of `map`, null and 0 without one. The bytes stay
//! mapped while `exports` is not 0. They may change under us when another process maps them too:
//! nothing is read from them that memory safety rests on.
#![expect(unsafe_code, reason = "bytes outside the heap")]

use std::cell::{Cell, RefCell};

use stackless_host::MemoryMap;

use crate::object::Payload;
use crate::value::Value;
use crate::vm::Vm;

#[derive(Payload)]
#[payload(layout = MAPPING, leaf)]
pub struct Mapping {
    #[payload(foreign)]
    map: RefCell<Option<Box<dyn MemoryMap>>>,
    at: Cell<*mut u8>,
    len: Cell<usize>,
    readable: bool,
    pub writable: bool,
    pub exports: Cell<usize>,
}

impl Mapping {
    fn raw(&self) -> (*mut u8, usize) {
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
        if at.is_null() || !self.readable {
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
    /// Gives the pages back, unless somebody has a view of them.
    pub fn release(&self) {
        if self.exports.get() == 0 {
            self.at.set(std::ptr::null_mut());
            self.len.set(0);
            self.map.replace(None);
        }
    }
    /// A call of the host on the pages, which leaves them where they are.
    pub fn on_map(
        &self,
        call: impl FnOnce(&dyn MemoryMap) -> stackless_host::Result<()>,
    ) -> stackless_host::Result<()> {
        self.map.borrow().as_deref().map_or(Ok(()), call)
    }
    /// Another length, with the `Vm` at hand: nobody reads the bytes meanwhile. Does nothing while
    /// somebody has a view of them.
    pub fn resize(&self, _vm: &mut Vm, len: usize) -> stackless_host::Result<()> {
        if self.exports.get() == 0
            && let Some(map) = self.map.borrow_mut().as_mut()
        {
            let r = map.resize(len);
            self.at.set(map.start());
            self.len.set(map.len());
            return r;
        }
        Ok(())
    }
}

impl Vm {
    /// `readable`, `writable`: the pages were mapped so. Others have a length, but no bytes.
    pub fn mapping(&self, map: Box<dyn MemoryMap>, readable: bool, writable: bool) -> Value {
        let m = Mapping {
            at: Cell::new(map.start()),
            len: Cell::new(map.len()),
            map: RefCell::new(Some(map)),
            readable,
            writable,
            exports: Cell::new(0),
        };
        self.alloc(&self.types.mapping, m).into_value()
    }
}

//! `memoryview`: representation. CPython's counterpart: `Objects/memoryobject.c`.
//!
//! A view describes items of its exporter (bytes, bytearray, array) by an offset, a shape and strides in
//! bytes; views of views share the exporter. Invariants: while a view is not released, a bytearray
//! below it counts it as an export, so its size is fixed and every item lies inside it.

use std::borrow::Cow;
use std::cell::Cell;

use stackless_primitives::int::ByteOrder;
use stackless_primitives::structfmt::{self as sf, Integer, Kind};

use crate::object::{Payload, ValueCell, VmCell};
use crate::objects::array::Array;
use crate::objects::bytes::{ByteArray, Bytes};
use crate::objects::mapping::Mapping;
use crate::value::Value;
use crate::vm::Vm;

#[derive(Payload)]
#[payload(layout = MEMORYVIEW)]
pub struct MemoryView {
    /// The exporter; unbound when released.
    pub base: ValueCell,
    pub format: Box<[u8]>,
    pub itemsize: usize,
    pub offset: usize,
    /// Outermost first.
    pub shape: Box<[usize]>,
    pub strides: Box<[isize]>,
    pub readonly: bool,
    pub hash: Cell<Option<i64>>,
    /// Buffers that others hold of this view.
    pub exports: Cell<usize>,
}

impl Drop for MemoryView {
    fn drop(&mut self) {
        self.release();
    }
}

/// The bytes behind a buffer exporter.
pub fn base_bytes<'a>(vm: &'a Vm, base: &'a Value) -> Option<&'a [u8]> {
    if let Some(b) = base.get::<Bytes>() {
        Some(b.as_bytes())
    } else {
        match base.get::<Mapping>() {
            Some(m) => Some(m.bytes(vm)),
            None => growing(base).map(|(data, _)| data.get(vm).as_slice()),
        }
    }
}

/// The counter of buffers that an exporter keeps.
fn exports(base: &Value) -> Option<&Cell<usize>> {
    match base.get::<Mapping>() {
        Some(m) => Some(&m.exports),
        None => growing(base).map(|(_, exports)| exports),
    }
}

/// Contents and number of exports of the exporters that can change.
pub fn growing(base: &Value) -> Option<(&VmCell<Vec<u8>>, &Cell<usize>)> {
    match base.get::<ByteArray>() {
        Some(b) => Some((&b.data, &b.exports)),
        None => base.get::<Array>().map(|a| (&a.data, &a.exports)),
    }
}

impl MemoryView {
    /// A view of `base`, counted as an export.
    pub fn new(
        base: Value,
        format: &[u8],
        itemsize: usize,
        offset: usize,
        shape: Vec<usize>,
        strides: Vec<isize>,
        readonly: bool,
    ) -> MemoryView {
        if let Some(exports) = exports(&base) {
            exports.set(exports.get() + 1);
        }
        MemoryView {
            base: ValueCell::new(base),
            format: format.into(),
            itemsize,
            offset,
            shape: shape.into(),
            strides: strides.into(),
            readonly,
            hash: Cell::new(None),
            exports: Cell::new(0),
        }
    }

    /// Lets go of the exporter.
    pub fn release(&self) {
        let base = self.base.take();
        if let Some(exports) = exports(&base) {
            exports.set(exports.get().saturating_sub(1));
        }
    }

    pub fn released(&self) -> bool {
        self.base.is_unbound()
    }

    /// Number of items along the first dimension.
    pub fn len(&self) -> usize {
        self.shape.first().copied().unwrap_or(1)
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn item_count(&self) -> usize {
        self.shape.iter().product()
    }

    pub fn nbytes(&self) -> usize {
        self.item_count() * self.itemsize
    }

    pub fn is_c_contiguous(&self) -> bool {
        if self.shape.contains(&0) {
            return true;
        }
        let mut expected = self.itemsize as isize;
        for (n, s) in self.shape.iter().zip(&self.strides).rev() {
            if *n > 1 && *s != expected {
                return false;
            }
            expected = expected.saturating_mul(*n as isize);
        }
        true
    }

    pub fn is_f_contiguous(&self) -> bool {
        if self.shape.contains(&0) {
            return true;
        }
        let mut expected = self.itemsize as isize;
        for (n, s) in self.shape.iter().zip(&self.strides) {
            if *n > 1 && *s != expected {
                return false;
            }
            expected = expected.saturating_mul(*n as isize);
        }
        true
    }

    /// Byte positions of all items, in C order (in Fortran order if `fortran`).
    pub fn positions(&self, fortran: bool) -> Vec<usize> {
        let total = self.item_count();
        let mut out = Vec::with_capacity(total);
        let mut index = vec![0usize; self.shape.len()];
        for _ in 0..total {
            out.push(self.position(&index));
            let axes: &mut dyn Iterator<Item = usize> =
                if fortran { &mut (0..self.shape.len()) } else { &mut (0..self.shape.len()).rev() };
            for d in axes {
                index[d] += 1;
                if index[d] < self.shape[d] {
                    break;
                }
                index[d] = 0;
            }
        }
        out
    }

    /// Byte position of the item at these indexes.
    pub fn position(&self, index: &[usize]) -> usize {
        let step: isize = index.iter().zip(&self.strides).map(|(i, s)| *i as isize * s).sum();
        self.offset.wrapping_add_signed(step)
    }

    /// All items' bytes in C order; None when released.
    pub fn contents<'a>(&'a self, vm: &'a Vm) -> Option<Cow<'a, [u8]>> {
        let base = base_bytes(vm, self.base.peek())?;
        if self.is_c_contiguous() {
            let part = base.get(self.offset..)?.get(..self.nbytes());
            return part.map(Cow::Borrowed);
        }
        Some(Cow::Owned(self.gather(base, false)))
    }

    pub fn gather(&self, base: &[u8], fortran: bool) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.nbytes());
        for at in self.positions(fortran) {
            out.extend_from_slice(base.get(at..at + self.itemsize).unwrap_or(&[]));
        }
        out
    }
}

/// The single native code of a format that item access supports.
pub fn simple_code(format: &[u8]) -> Option<u8> {
    let code = match format {
        [c] | [b'@', c] => *c,
        _ => return None,
    };
    match sf::code_info(code, true)?.0 {
        Kind::Pad | Kind::Bytes | Kind::Pascal => None,
        _ => Some(code),
    }
}

/// The value of an item's bytes.
pub fn unpack(vm: &Vm, code: u8, bytes: &[u8]) -> Value {
    let order = ByteOrder::NATIVE;
    match sf::code_info(code, true).map(|i| i.0) {
        Some(Kind::Char) => vm.bytes(bytes),
        Some(Kind::Bool) => Value::bool(sf::unpack_bool(bytes)),
        Some(Kind::Float) => vm.float(sf::unpack_float(code, order, bytes)),
        Some(Kind::Complex) => {
            let (re, im) = sf::unpack_complex(code, order, bytes);
            vm.complex(re, im)
        }
        _ => match sf::unpack_int(code, order, bytes) {
            Integer::Signed(i) => vm.int(i),
            Integer::Unsigned(u) => vm.uint(u),
        },
    }
}

/// Item `i` of a one-dimensional view; None past the end or when released.
pub fn item_at(vm: &Vm, view: &Value, i: usize) -> Option<Value> {
    let m = view.get::<MemoryView>()?;
    if i >= *m.shape.first()? {
        return None;
    }
    let code = simple_code(&m.format)?;
    let at = m.position(&[i]);
    let bytes = base_bytes(vm, m.base.peek())?.get(at..at + m.itemsize)?;
    Some(unpack(vm, code, bytes))
}

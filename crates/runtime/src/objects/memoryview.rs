//! `memoryview`: representation. CPython's counterpart: `Objects/memoryobject.c`.

use std::cell::Cell;

use crate::layout;
use crate::object::{Payload, ValueCell};
use crate::objects::bytes::{ByteArray, Bytes};
use crate::value::Value;
use crate::vm::Vm;

/// A view of `len` items from byte `offset` of an exporter.
pub struct MemoryView {
    /// The exporter (bytes, bytearray or another buffer object); unbound when released.
    pub base: ValueCell,
    /// Format of an item, a str.
    pub format: ValueCell,
    pub itemsize: Cell<usize>,
    pub offset: Cell<usize>,
    /// Shape and strides (bytes), innermost last; tuples of ints.
    pub shape: ValueCell,
    pub strides: ValueCell,
    pub readonly: Cell<bool>,
    pub hash: Cell<Option<i64>>,
    pub exports: Cell<usize>,
}

// SAFETY: visits each owned value once.
#[expect(unsafe_code, reason = "payload declaration")]
unsafe impl Payload for MemoryView {
    const LAYOUT: u16 = layout::MEMORYVIEW;
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        for c in [&self.base, &self.format, &self.shape, &self.strides] {
            visit(c.peek());
        }
    }
}

/// The bytes behind a buffer exporter.
pub fn base_bytes<'a>(vm: &'a Vm, base: &'a Value) -> Option<&'a [u8]> {
    if let Some(b) = base.get::<Bytes>() {
        Some(b.as_bytes())
    } else {
        base.get::<ByteArray>().map(|b| b.data.get(vm).as_slice())
    }
}

/// Item `i` of a one-dimensional view of bytes; None past the end.
pub fn item_at(vm: &Vm, view: &Value, i: usize) -> Option<Value> {
    let m = view.get::<MemoryView>()?;
    let n = m.shape.get().tuple_items().first()?.as_small_int()? as usize;
    if i >= n {
        return None;
    }
    let stride = m.strides.get().tuple_items().first()?.as_small_int()?;
    let at = m.offset.get() as i64 + stride * i as i64;
    let base = m.base.get();
    let byte = *base_bytes(vm, &base)?.get(at as usize)?;
    Some(Value::from_i32(byte as i32))
}

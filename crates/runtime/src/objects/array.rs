//! `array.array`: representation. Items lie packed in native byte order, as in CPython's
//! `Modules/arraymodule.c`.
//!
//! Invariants: the length in bytes is a multiple of the item size; while buffers are exported it
//! may not change.

use std::cell::Cell;

use crate::object::Obj;
use crate::object::{Payload, VmCell};
use crate::objects::memoryview::unpack;
use crate::objects::types::Type;
use crate::value::Value;
use crate::vm::Vm;

/// All type codes, in CPython's order.
pub const CODES: &[u8] = b"bBuwhHiIlLqQfd";

#[derive(Payload)]
#[payload(layout = ARRAY, leaf)]
pub struct Array {
    pub data: VmCell<Vec<u8>>,
    pub exports: Cell<usize>,
    /// One of `CODES`.
    pub code: u8,
}

impl Array {
    pub fn item_size(&self) -> usize {
        size_of_code(self.code)
    }
    pub fn is_text(&self) -> bool {
        matches!(self.code, b'u' | b'w')
    }
    /// The format of a buffer: both text codes are 32-bit characters.
    pub fn format(&self) -> u8 {
        if self.is_text() { b'w' } else { self.code }
    }
    pub fn len(&self, vm: &Vm) -> usize {
        self.data.get(vm).len() / self.item_size()
    }
}

pub fn size_of_code(code: u8) -> usize {
    match code {
        b'b' | b'B' => 1,
        b'h' | b'H' => 2,
        b'u' | b'w' | b'i' | b'I' | b'f' => 4,
        _ => 8,
    }
}

/// The value of an item's bytes.
pub fn item_value(vm: &Vm, code: u8, bytes: &[u8]) -> Value {
    match (code, bytes) {
        (b'u' | b'w', [a, b, c, d]) => {
            let c = u32::from_ne_bytes([*a, *b, *c, *d]);
            vm.str_from_char(if c > 0x10ffff { 0xfffd } else { c })
        }
        _ => unpack(vm, code, bytes),
    }
}

/// Item `i`; None past the end.
pub fn item_at(vm: &Vm, v: &Value, i: usize) -> Option<Value> {
    let a = v.get::<Array>()?;
    let size = a.item_size();
    let at = i.checked_mul(size)?;
    let bytes = a.data.get(vm).get(at..at + size)?;
    Some(item_value(vm, a.code, bytes))
}

impl Vm {
    pub fn array_of(&self, class: &Obj<Type>, code: u8, data: Vec<u8>) -> Value {
        let payload = Array { data: VmCell::new(data), exports: Cell::new(0), code };
        self.new_object(class, payload).into_value()
    }
}

//! `bytes` and `bytearray`: representation. CPython's counterparts: `Objects/bytesobject.c`,
//! `Objects/bytearrayobject.c`.

use std::cell::Cell;

use crate::object::{Payload, VmCell};
use crate::tail::{Tail, TailPayload};
use crate::value::Value;
use crate::vm::Vm;

#[derive(Payload)]
#[payload(layout = BYTES, leaf)]
#[repr(C)]
pub struct Bytes {
    hash: Cell<u64>,
    tail: Tail<u8>,
}

impl TailPayload for Bytes {
    type Item = u8;
    fn with_tail(tail: Tail<u8>) -> Bytes {
        Bytes { hash: Cell::new(0), tail }
    }
}

impl Bytes {
    #[inline(always)]
    pub fn as_bytes(&self) -> &[u8] {
        self.tail.as_slice()
    }
    pub fn hash(&self, vm: &Vm) -> u64 {
        if self.hash.get() == 0 {
            self.hash.set(vm.hash_bytes(self.as_bytes()));
        }
        self.hash.get()
    }
}

/// `bytearray`. While buffers are exported it may not change its size.
#[derive(Payload)]
#[payload(layout = BYTEARRAY, leaf)]
pub struct ByteArray {
    pub data: VmCell<Vec<u8>>,
    pub exports: Cell<usize>,
}

impl Vm {
    pub fn bytes(&self, data: &[u8]) -> Value {
        if data.is_empty()
            && let Some(empty) = &self.empty_bytes
        {
            return empty.clone();
        }
        self.new_bytes_tail::<Bytes>(&self.types.bytes, &[data]).into_value()
    }
    pub fn bytearray(&self, data: Vec<u8>) -> Value {
        let payload = ByteArray { data: VmCell::new(data), exports: Cell::new(0) };
        self.alloc(&self.types.bytearray, payload).into_value()
    }
}

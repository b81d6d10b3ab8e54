//! `tuple`: representation and constructors. CPython's counterpart: `Objects/tupleobject.c`.

use crate::object::Payload;
use crate::tail::{Tail, TailPayload};
use crate::value::Value;
use crate::vm::Vm;

#[derive(Payload)]
#[payload(layout = TUPLE)]
#[repr(C)]
pub struct Tuple {
    tail: Tail<Value>,
}

impl TailPayload for Tuple {
    type Item = Value;
    fn with_tail(tail: Tail<Value>) -> Tuple {
        Tuple { tail }
    }
}

impl Tuple {
    /// Fills a shell that is being loaded.
    pub(crate) fn fill(&self, items: Vec<Value>) {
        self.tail.replace_items(items.into_iter());
    }
    #[inline(always)]
    pub fn items(&self) -> &[Value] {
        self.tail.as_slice()
    }
}

impl Value {
    /// Items of a tuple (subclasses included), empty for anything else.
    pub fn tuple_items(&self) -> &[Value] {
        match self.get::<Tuple>() {
            Some(t) => t.items(),
            None => &[],
        }
    }
}

impl Vm {
    pub fn tuple(&self, items: Vec<Value>) -> Value {
        if items.is_empty()
            && let Some(empty) = &self.empty_tuple
        {
            return empty.clone();
        }
        let n = items.len();
        self.new_tail::<Tuple>(&self.types.tuple, n, items.into_iter()).into_value()
    }
    pub fn tuple_from(&self, items: &[Value]) -> Value {
        if items.is_empty()
            && let Some(empty) = &self.empty_tuple
        {
            return empty.clone();
        }
        self.new_tail::<Tuple>(&self.types.tuple, items.len(), items.iter().cloned()).into_value()
    }
    /// A tuple of two. The values come in registers: an array of them would be stored in parts and
    /// loaded as a whole, which stalls.
    pub fn pair(&self, a: Value, b: Value) -> Value {
        let mut items = [Some(a), Some(b)];
        let take = |i: usize| items[i].take().unwrap_or(Value::NONE);
        self.new_tail::<Tuple>(&self.types.tuple, 2, (0..2).map(take)).into_value()
    }
    /// A tuple of `n` items from an iterator that gives exactly so many.
    pub fn tuple_iter(&self, n: usize, items: impl Iterator<Item = Value>) -> Value {
        if n == 0
            && let Some(empty) = &self.empty_tuple
        {
            return empty.clone();
        }
        self.new_tail::<Tuple>(&self.types.tuple, n, items).into_value()
    }
}

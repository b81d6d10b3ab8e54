//! The representation of `collections.deque`: a ring buffer, a bound, and a count of changes by which
//! iterators notice them. What is longer than a step is Python (`lib/overlay/_collections.py`).
//! CPython's counterpart: `Modules/_collectionsmodule.c`.

use std::cell::Cell;
use std::collections::VecDeque;

use crate::exc::PyResult;
use crate::object::{Payload, VmCell};
use crate::value::Value;
use crate::vm::Vm;

#[derive(Default, Payload)]
#[payload(layout = DEQUE, clear)]
pub struct Deque {
    pub items: VmCell<VecDeque<Value>>,
    /// Less than 0: none.
    pub maxlen: Cell<i64>,
    pub changes: Cell<u64>,
}

impl Default for VmCell<VecDeque<Value>> {
    fn default() -> Self {
        VmCell::new(VecDeque::new())
    }
}

impl Deque {
    pub fn unbounded() -> Deque {
        Deque { maxlen: Cell::new(-1), ..Deque::default() }
    }

    pub fn changed(&self) {
        self.changes.set(self.changes.get() + 1);
    }

    /// Room for `more` items.
    pub fn grow(&self, vm: &mut Vm, more: usize) -> PyResult<()> {
        let items = self.items.get(vm);
        if items.capacity() - items.len() < more {
            let bytes = (items.len() + more).saturating_mul(2 * size_of::<Value>());
            vm.claim(bytes)?;
            self.items.get_mut(vm).reserve(more);
        }
        Ok(())
    }

    /// Adds an item at the right end, or the left one; a full deque gives up the item at the other.
    #[inline]
    pub fn add(&self, vm: &mut Vm, item: Value, left: bool) -> PyResult<()> {
        self.grow(vm, 1)?;
        self.changed();
        let max = self.maxlen.get();
        let items = self.items.get_mut(vm);
        match left {
            true => items.push_front(item),
            false => items.push_back(item),
        }
        if max >= 0 && items.len() as i64 > max {
            let over = if left { items.pop_back() } else { items.pop_front() };
            drop(over);
        }
        Ok(())
    }
}

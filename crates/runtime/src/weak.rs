//! Weak references: the side table of the heap and `weakref.ref` objects.
//!
//! The table maps the address of a target (whose header has `HAS_WEAKREFS`) to its weak reference
//! objects, themselves held without counting: a dying weak reference leaves the table. CPython's
//! counterpart: `Objects/weakrefobject.c`.
#![expect(unsafe_code, reason = "uncounted links between objects")]

use std::cell::Cell;
use std::collections::HashMap;
use std::ptr::NonNull;

use crate::heap::{HAS_WEAKREFS, Header, heap_of};
use crate::object::{Payload, ValueCell};
use crate::value::Value;
use crate::vm::Vm;

/// Addresses of weak references by address of target.
#[derive(Default)]
pub struct WeakTable(HashMap<u64, Vec<u64>>);

impl WeakTable {
    /// Takes the live weak references of a target out of the table, newest first.
    pub(crate) fn take(&mut self, target: u64) -> Vec<Value> {
        let refs = self.0.remove(&target).unwrap_or_default();
        refs.into_iter()
            .rev()
            .filter_map(|address| {
                let ptr = NonNull::new(address as *mut Header)?;
                // SAFETY: a weak reference leaves the table before it dies (`WeakRef::drop`); one
                // with count zero is on the dead list and must not be revived.
                unsafe {
                    if ptr.as_ref().count() == 0 || ptr.as_ref().ty.get().is_null() {
                        return None;
                    }
                    ptr.as_ref().rc.set(ptr.as_ref().rc.get() + 1);
                    Some(Value::from_raw(ptr))
                }
            })
            .collect()
    }
    fn add(&mut self, target: u64, weak: u64) {
        self.0.entry(target).or_default().push(weak);
    }
    fn remove(&mut self, target: u64, weak: u64) -> bool {
        if let Some(list) = self.0.get_mut(&target) {
            list.retain(|w| *w != weak);
            if list.is_empty() {
                self.0.remove(&target);
                return true;
            }
        }
        false
    }
    pub(crate) fn addresses(&self, target: u64) -> Vec<u64> {
        self.0.get(&target).cloned().unwrap_or_default()
    }
}

/// `weakref.ref` and the proxies.
#[derive(Payload)]
#[payload(layout = WEAKREF, clear = release)]
pub struct WeakRef {
    /// Address of the target; 0 when dead.
    pub(crate) target: Cell<u64>,
    /// Own address, for leaving the table.
    pub(crate) own: Cell<u64>,
    pub callback: ValueCell,
    /// Hash of the target, kept after its death; -1 while unknown.
    pub hash: Cell<i64>,
}

impl Drop for WeakRef {
    fn drop(&mut self) {
        let target = self.target.get();
        if target != 0 {
            // SAFETY: a non-zero target is alive: its death sets the field to 0 first.
            let header = unsafe { &*(target as *const Header) };
            if heap_of(header).weak.borrow_mut().remove(target, self.own.get()) {
                header.clear_flag(HAS_WEAKREFS);
            }
        }
    }
}

impl WeakRef {
    /// Breaks the cycles of garbage that it is in.
    fn release(&self, _vm: &mut Vm) {
        self.callback.set(Value::UNBOUND);
    }
}

impl WeakRef {
    /// The target, unless it is dead or dying.
    pub fn target(&self) -> Option<Value> {
        let ptr = NonNull::new(self.target.get() as *mut Header)?;
        // SAFETY: see `drop`.
        unsafe {
            if ptr.as_ref().count() == 0 {
                return None;
            }
            ptr.as_ref().rc.set(ptr.as_ref().rc.get() + 1);
            Some(Value::from_raw(ptr))
        }
    }
}

/// The target of a weak reference object.
pub fn referent(weak: &Value) -> Option<Value> {
    weak.get::<WeakRef>()?.target()
}

impl Vm {
    /// A new weak reference of type `ty`. The target's type allows them (the caller has checked).
    pub fn new_weakref(
        &self,
        ty: &crate::object::Obj<crate::objects::types::Type>,
        target: &Value,
        callback: Value,
    ) -> Value {
        let weak = self.new_object(
            ty,
            WeakRef {
                target: Cell::new(target.bits()),
                own: Cell::new(0),
                callback: ValueCell::new(callback),
                hash: Cell::new(-1),
            },
        );
        weak.own.set(weak.address());
        if let Some(header) = target.header() {
            header.set_flag(HAS_WEAKREFS);
            self.heap.weak.borrow_mut().add(target.bits(), weak.address());
        }
        weak.into_value()
    }

    /// Live weak references to an object, oldest first.
    pub fn weakrefs_of(&self, target: &Value) -> Vec<Value> {
        let addresses = self.heap.weak.borrow().addresses(target.bits());
        addresses
            .into_iter()
            .filter_map(|address| {
                let ptr = NonNull::new(address as *mut Header)?;
                // SAFETY: as in `take`.
                unsafe {
                    if ptr.as_ref().count() == 0 {
                        return None;
                    }
                    ptr.as_ref().rc.set(ptr.as_ref().rc.get() + 1);
                    Some(Value::from_raw(ptr))
                }
            })
            .collect()
    }
}

//! `list`: representation and access. CPython's counterpart: `Objects/listobject.c`.

use crate::exc::PyResult;
use crate::object::{Obj, Payload, VmCell};
use crate::value::{Ref, Value};
use crate::vm::Vm;

#[derive(Payload)]
#[payload(layout = LIST, clear)]
pub struct List {
    pub(crate) items: VmCell<Vec<Value>>,
}

impl Drop for List {
    /// The last item goes first, as in CPython.
    fn drop(&mut self) {
        let mut items = self.items.replace_untokened(Vec::new());
        while let Some(last) = items.pop() {
            drop(last);
        }
    }
}

impl List {
    #[inline(always)]
    pub fn items<'a>(&'a self, vm: &'a Vm) -> &'a [Value] {
        self.items.get(vm)
    }
    #[inline(always)]
    #[allow(clippy::mut_from_ref, reason = "exclusive through the token")]
    pub fn items_mut<'a>(&'a self, vm: &'a mut Vm) -> &'a mut Vec<Value> {
        self.items.get_mut(vm)
    }
    pub fn push(&self, vm: &mut Vm, value: Value) {
        self.items.get_mut(vm).push(value);
    }
    /// As `push`; fails when there is no memory for a longer list.
    #[inline]
    pub fn append(&self, vm: &mut Vm, value: Value) -> PyResult<()> {
        self.grow(vm, 1)?;
        self.items.get_mut(vm).push(value);
        Ok(())
    }
    pub fn extend(&self, vm: &mut Vm, items: Vec<Value>) -> PyResult<()> {
        self.grow(vm, items.len())?;
        self.items.get_mut(vm).extend(items);
        Ok(())
    }
    #[inline]
    fn grow(&self, vm: &mut Vm, more: usize) -> PyResult<()> {
        let items = self.items.get(vm);
        if items.capacity() - items.len() >= more {
            return Ok(());
        }
        let mut items = std::mem::take(self.items.get_mut(vm));
        let room = vm.reserve(&mut items, more);
        *self.items.get_mut(vm) = items;
        room
    }
    pub fn len(&self, vm: &Vm) -> usize {
        self.items.get(vm).len()
    }
    pub fn is_empty(&self, vm: &Vm) -> bool {
        self.items.get(vm).is_empty()
    }
    pub fn get_item(&self, vm: &Vm, i: usize) -> Option<Value> {
        self.items.get(vm).get(i).cloned()
    }
}

impl Vm {
    pub fn list(&self, items: Vec<Value>) -> Value {
        self.list_ref(items).into_value()
    }
    pub fn list_ref(&self, items: Vec<Value>) -> Ref<List> {
        self.alloc(&self.types.list, List { items: VmCell::new(items) })
    }
}

/// The list behind a value known to be one by its converter.
pub fn of(value: &Value) -> Option<&Obj<List>> {
    value.get::<List>()
}

//! The representation of all iterators of `itertools`: a list of values, whose meaning each type
//! gives (`methods/itertools`). So they save and load without code of their own.

use crate::object::{Obj, Payload, VmCell};
use crate::objects::types::Type;
use crate::value::Value;
use crate::vm::Vm;

#[derive(Payload)]
#[payload(layout = ITERTOOL, clear = unbind)]
pub struct IterTool {
    pub state: VmCell<Vec<Value>>,
}

impl IterTool {
    /// Breaks the cycles of garbage that it is in.
    fn unbind(&self, vm: &mut Vm) {
        let old: Vec<Value> = self
            .state
            .get_mut(vm)
            .iter_mut()
            .map(|v| std::mem::replace(v, Value::UNBOUND))
            .collect();
        drop(old);
    }
}

impl Obj<IterTool> {
    /// A copy of part `i`; unbound where there is none.
    pub fn part(&self, vm: &Vm, i: usize) -> Value {
        self.state.get(vm).get(i).cloned().unwrap_or(Value::UNBOUND)
    }
    /// Replaces part `i`; the old value dies after the exchange.
    pub fn put(&self, vm: &mut Vm, i: usize, value: Value) {
        let old = self.state.get_mut(vm).get_mut(i).map(|p| std::mem::replace(p, value));
        drop(old);
    }
    /// A part that is a small number.
    pub fn number(&self, vm: &Vm, i: usize) -> i64 {
        self.state.get(vm).get(i).and_then(Value::as_i64).unwrap_or(0)
    }
    pub fn put_number(&self, vm: &mut Vm, i: usize, n: i64) {
        let n = vm.int(n);
        self.put(vm, i, n);
    }
    /// One more of a part that is a small number.
    pub fn bump(&self, vm: &mut Vm, i: usize) {
        self.put_number(vm, i, self.number(vm, i) + 1);
    }
    /// Gives up everything: the iterator is at its end.
    pub fn finish(&self, vm: &mut Vm) {
        self.clear(vm);
    }
}

impl Vm {
    /// A new iterator of class `ty`.
    pub fn iter_tool(&self, ty: &Obj<Type>, state: Vec<Value>) -> Value {
        self.new_object(ty, IterTool { state: VmCell::new(state) }).into_value()
    }
}

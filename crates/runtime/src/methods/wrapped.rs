//! Attributes of `classmethod` and `staticmethod` objects, which show those of what they wrap.
//! CPython's counterpart: `Objects/funcobject.c`.

use crate::descr::{GetSet, field, getset, getter};
use crate::exc::{Flow, Reply};
use crate::machine::Machine;
use crate::objects::function::{ClassMethod, StaticMethod};
use crate::ops;
use crate::soft;
use crate::value::Value;
use crate::vm::Vm;

fn inner(v: &Value) -> Value {
    if let Some(c) = v.get::<ClassMethod>() {
        return c.callable.get();
    }
    v.get::<StaticMethod>().map_or(Value::NONE, |s| s.callable.get())
}

/// `__init__`: keeps the callable and copies what describes it.
pub fn init(vm: &mut Vm, a: &[Value]) -> Flow {
    let f = a[1].clone();
    if let Some(c) = a[0].get::<ClassMethod>() {
        c.callable.set(f.clone());
    } else if let Some(s) = a[0].get::<StaticMethod>() {
        s.callable.set(f.clone());
    }
    if let Some(x) = f.get::<crate::objects::function::Function>() {
        let names = &vm.names;
        let keys =
            [names.module.clone(), names.name.clone(), names.qualname.clone(), names.doc.clone()];
        let values = [x.module.get(), x.name.get(), x.qualname.get(), x.doc_value(vm)];
        for (k, v) in keys.iter().zip(values) {
            vm.instance_set(&a[0], k, v);
        }
        return Ok(Reply::NONE);
    }
    crate::steps::call_intrinsic(vm, "wrap_attributes", &[a[0].clone(), f])
}

pub fn repr(vm: &mut Vm, v: &Value) -> Flow {
    let name = vm.intern(if v.has::<ClassMethod>() { "classmethod" } else { "staticmethod" });
    crate::steps::call_intrinsic(vm, "wrapped_repr", &[name, inner(v)])
}

/// An attribute of the wrapped function, unless it was set on the wrapper.
fn forward(vm: &mut Vm, v: &Value, name: &str) -> Flow {
    let key = vm.intern(name);
    if let Some(own) = vm.instance_get(v, &key) {
        return Ok(own.into());
    }
    vm.start(&FORWARD, [v.clone(), inner(v), key])
}

/// Registers: wrapper, wrapped, name. The attribute is kept on the wrapper.
pub(crate) static FORWARD: Machine = Machine::new("wrapped.attribute", |vm, regs, input| {
    let (v, f, key) = (regs.get(0), regs.get(1), regs.get(2));
    let found = match regs.stage() {
        0 => soft!(regs, 1, ops::attr::getattr(vm, &f, &key)),
        _ => input.value()?,
    };
    vm.instance_set(&v, &key, found.clone());
    Ok(found.into())
});

fn store(vm: &mut Vm, v: &Value, name: &str, x: &Value) -> Flow {
    let key = vm.intern(name);
    if !x.is_unbound() {
        vm.instance_set(v, &key, x.clone());
    } else if vm.instance_get(v, &key).is_some() {
        vm.instance_del(v, &key);
    } else {
        return Err(vm.no_attribute(v, &key));
    }
    Ok(Reply::NONE)
}

macro_rules! shown {
    ($name:literal) => {
        getset($name, |vm, v| forward(vm, v, $name), |vm, v, x| store(vm, v, $name, x))
    };
}

pub static ATTRS: [GetSet; 6] = [
    field("__func__", |_, v| Ok(inner(v).into())),
    field("__wrapped__", |_, v| Ok(inner(v).into())),
    getter("__isabstractmethod__", |vm, v| {
        let f = inner(v);
        crate::steps::call_intrinsic(vm, "is_abstract", &[f])
    }),
    shown!("__annotations__"),
    shown!("__annotate__"),
    getset(
        "__dict__",
        crate::objects::types_methods::instance_dict_get,
        crate::objects::types_methods::instance_dict_set,
    ),
];

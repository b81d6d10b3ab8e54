//! Attributes of `classmethod` and `staticmethod` objects, which show those of what they wrap.
//! CPython's counterpart: `Objects/funcobject.c`.

use crate::descr::{GetSet, getset, getter};
use crate::exc::{Flow, Reply};
use crate::objects::function::{ClassMethod, StaticMethod};
use crate::ops;
use crate::value::Value;
use crate::vm::Vm;

fn inner(v: &Value) -> Value {
    if let Some(c) = v.get::<ClassMethod>() {
        return c.callable.get();
    }
    v.get::<StaticMethod>().map_or(Value::NONE, |s| s.callable.get())
}

fn forward(vm: &mut Vm, v: &Value, name: &str) -> Flow {
    let key = vm.intern(name);
    if let Some(own) = vm.instance_get(v, &key) {
        return Ok(own.into());
    }
    let f = inner(v);
    ops::attr::getattr(vm, &f, &key)
}

fn store(vm: &mut Vm, v: &Value, name: &str, x: &Value) -> Flow {
    let key = vm.intern(name);
    if x.is_unbound() {
        vm.instance_del(v, &key);
    } else {
        vm.instance_set(v, &key, x.clone());
    }
    Ok(Reply::NONE)
}

macro_rules! shown {
    ($name:literal) => {
        getset($name, |vm, v| forward(vm, v, $name), |vm, v, x| store(vm, v, $name, x))
    };
}

pub static ATTRS: [GetSet; 9] = [
    getter("__func__", |_, v| Ok(inner(v).into())),
    getter("__wrapped__", |_, v| Ok(inner(v).into())),
    getter("__isabstractmethod__", |vm, v| {
        let f = inner(v);
        crate::steps::call_intrinsic(vm, "is_abstract", &[f])
    }),
    shown!("__name__"),
    shown!("__qualname__"),
    shown!("__doc__"),
    shown!("__module__"),
    shown!("__annotations__"),
    getter("__dict__", |vm, v| crate::objects::types_methods::instance_dict_get(vm, v)),
];

//! `__annotations__` and `__annotate__` of classes. CPython's counterpart: the end of
//! `Objects/typeobject.c`'s attribute list.

use crate::descr::{GetSet, getset};
use crate::exc::{Flow, PyResult, Reply};
use crate::objects::types::Type;
use crate::value::{Ref, Value};
use crate::vm::Vm;

fn class(vm: &mut Vm, v: &Value, name: &str) -> PyResult<Ref<Type>> {
    match v.get::<Type>() {
        Some(t) if t.is_heap_type() => Ok(t.to_ref()),
        _ => {
            let key = vm.intern(name);
            let n = v.get::<Type>().map_or(String::new(), |t| t.name_str(vm));
            Err(vm.attribute_error(format!("type object '{n}' has no attribute '{name}'"), v, &key))
        }
    }
}

fn annotations(vm: &mut Vm, v: &Value) -> Flow {
    let t = class(vm, v, "__annotations__")?;
    let (own, cache) = (vm.names.annotations.clone(), vm.names.annotations_cache.clone());
    let found = t.dict.get_str(vm, &own).or_else(|| t.dict.get_str(vm, &cache));
    match found {
        Some(found) => Ok(found.into()),
        None => crate::steps::call_intrinsic(vm, "type_annotations", std::slice::from_ref(v)),
    }
}

fn set_annotations(vm: &mut Vm, v: &Value, x: &Value) -> Flow {
    let t = class(vm, v, "__annotations__")?;
    let (own, cache) = (vm.names.annotations.clone(), vm.names.annotations_cache.clone());
    if x.is_unbound() {
        let gone = t.dict.del_str(vm, &own) | t.dict.del_str(vm, &cache);
        if !gone {
            return Err(vm.attribute_error("__annotations__", v, &own));
        }
        // The function would make them again.
        for name in [vm.names.annotate_func.clone(), vm.names.annotate.clone()] {
            t.dict.del_str(vm, &name);
        }
    } else {
        let key = if t.dict.get_str(vm, &own).is_some() { own } else { cache };
        t.dict.set_str(vm, &key, x.clone());
        let annotate = vm.names.annotate_func.clone();
        t.dict.set_str(vm, &annotate, Value::NONE);
    }
    t.modified(vm);
    Ok(Reply::NONE)
}

fn annotate(vm: &mut Vm, v: &Value) -> Flow {
    let t = class(vm, v, "__annotate__")?;
    let (func, plain) = (vm.names.annotate_func.clone(), vm.names.annotate.clone());
    let found = t.dict.get_str(vm, &plain).or_else(|| t.dict.get_str(vm, &func));
    Ok(found.unwrap_or(Value::NONE).into())
}

fn set_annotate(vm: &mut Vm, v: &Value, x: &Value) -> Flow {
    let t = class(vm, v, "__annotate__")?;
    if x.is_unbound() {
        return Err(vm.type_error("cannot delete __annotate__ attribute"));
    }
    if !x.is_none() && vm.type_of(x).slots(vm).call.is_none() {
        return Err(vm.type_error("__annotate__ must be callable or None"));
    }
    let (func, cache) = (vm.names.annotate_func.clone(), vm.names.annotations_cache.clone());
    t.dict.set_str(vm, &func, x.clone());
    if !x.is_none() {
        t.dict.del_str(vm, &cache);
    }
    t.modified(vm);
    Ok(Reply::NONE)
}

/// Writes the cache: `(class, dict)`.
pub fn keep(vm: &mut Vm, v: &Value, x: Value) {
    let key = vm.names.annotations_cache.clone();
    if let Some(t) = v.get::<Type>() {
        t.dict.set_str(vm, &key, x);
        t.modified(vm);
    }
}

pub static ATTRS: [GetSet; 2] = [
    getset("__annotations__", annotations, set_annotations),
    getset("__annotate__", annotate, set_annotate),
];

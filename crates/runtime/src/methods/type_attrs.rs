//! Attributes of classes. CPython's counterpart: `type_getsets` of `Objects/typeobject.c`.

use crate::descr::{GetSet, getset, getter};
use crate::exc::{Flow, Reply};
use crate::instance::PLAIN_OFFSET;
use crate::layout;
use crate::objects::iterators::MappingProxy;
use crate::objects::types::{Type, tflags};
use crate::objects::types_methods;
use crate::value::Value;
use crate::vm::Vm;

fn class(v: &Value) -> Option<&crate::object::Obj<Type>> {
    v.get::<Type>()
}

fn deny_delete(vm: &mut Vm, v: &Value, what: &str) -> Flow {
    let n = class(v).map_or(String::new(), |t| t.shown_name(vm));
    Err(vm.type_error(format!("cannot delete '{what}' attribute of immutable type '{n}'")))
}

fn deny(vm: &mut Vm, v: &Value, what: &str) -> Flow {
    let n = class(v).map_or(String::new(), |t| t.shown_name(vm));
    Err(vm.type_error(format!("cannot set '{what}' attribute of immutable type '{n}'")))
}

pub(crate) fn set_name(vm: &mut Vm, v: &Value, x: &Value) -> Flow {
    let Some(t) = class(v) else { return Ok(Reply::NONE) };
    if !t.is_heap_type() {
        return deny(vm, v, "__name__");
    }
    if x.is_unbound() {
        return deny_delete(vm, v, "__name__");
    }
    if let Some(flow) = crate::audit::assigned(vm, "__name__", v, x) {
        return flow;
    }
    if !vm.is_str(x) {
        let (n, g) = (t.name_str(vm), vm.type_name(x));
        return Err(vm.type_error(format!("can only assign string to {n}.__name__, not '{g}'")));
    }
    let text = x.as_wtf8().unwrap_or(b"");
    if text.contains(&0) {
        return Err(vm.value_error("type name must not contain null characters"));
    }
    check_encodable(vm, x)?;
    t.name.set(x.clone());
    Ok(Reply::NONE)
}

pub static ATTRS: [GetSet; 16] = [
    getset("__name__", |_, v| Ok(class(v).map_or(Value::NONE, |t| t.name.get()).into()), set_name),
    getset(
        "__qualname__",
        |_, v| Ok(class(v).map_or(Value::NONE, |t| t.qualname.get()).into()),
        |vm, v, x| {
            let Some(t) = class(v) else { return Ok(Reply::NONE) };
            if !t.is_heap_type() {
                return deny(vm, v, "__qualname__");
            }
            if x.is_unbound() {
                return deny_delete(vm, v, "__qualname__");
            }
            if !vm.is_str(x) {
                let (n, g) = (t.name_str(vm), vm.type_name(x));
                return Err(
                    vm.type_error(format!("can only assign string to {n}.__qualname__, not '{g}'"))
                );
            }
            t.qualname.set(x.clone());
            Ok(Reply::NONE)
        },
    ),
    getset("__module__", get_module, |vm, v, x| {
        let Some(t) = class(v) else { return Ok(Reply::NONE) };
        if !t.is_heap_type() {
            return deny(vm, v, "__module__");
        }
        if x.is_unbound() {
            return deny_delete(vm, v, "__module__");
        }
        let name = vm.names.module.clone();
        t.dict.set_str(vm, &name, x.clone());
        let line = vm.intern("__firstlineno__");
        t.dict.del_str(vm, &line);
        t.modified(vm);
        Ok(Reply::NONE)
    }),
    getset(
        "__bases__",
        |_, v| Ok(class(v).map_or(Value::NONE, |t| t.bases.get()).into()),
        set_bases,
    ),
    getter("__base__", |_, v| {
        let b = class(v).map_or(Value::NONE, |t| t.base.get());
        Ok(if b.is_unbound() { Value::NONE } else { b }.into())
    }),
    getter("__mro__", |_, v| Ok(class(v).map_or(Value::NONE, |t| t.mro.get()).into())),
    getter("__dict__", |vm, v| {
        let d = class(v).map_or(Value::NONE, |t| t.dict.to_value());
        let m = MappingProxy { mapping: crate::object::ValueCell::new(d) };
        Ok(vm.alloc(&vm.types.mapping_proxy, m).into())
    }),
    getset("__doc__", get_doc, |vm, v, x| {
        let Some(t) = class(v) else { return Ok(Reply::NONE) };
        if !t.is_heap_type() {
            return deny(vm, v, "__doc__");
        }
        if x.is_unbound() {
            return deny_delete(vm, v, "__doc__");
        }
        let name = vm.names.doc.clone();
        t.dict.set_str(vm, &name, x.clone());
        t.modified(vm);
        Ok(Reply::NONE)
    }),
    getter("__flags__", |vm, v| {
        let f = class(v).map_or(0, |t| t.flags.get() & !tflags::PRIVATE);
        Ok(vm.int(f as i64).into())
    }),
    getter("__basicsize__", |vm, v| {
        let size = class(v).and_then(|t| vm.layout_sizes.get(&t.layout.get()).copied());
        Ok(Value::from_usize(size.unwrap_or(PLAIN_OFFSET) as usize).into())
    }),
    getter("__itemsize__", |_, v| {
        Ok(Value::from_i32(class(v).map_or(0, |t| match t.layout.get() {
            layout::TUPLE | layout::TYPE => 8,
            layout::INT => 4,
            layout::BYTES => 1,
            _ => 0,
        }))
        .into())
    }),
    // Ours lie where the VM finds them (-1, as CPython says of such), a module's in the module.
    getter("__dictoffset__", |_, v| {
        Ok(Value::from_i32(class(v).map_or(0, |t| match t.layout.get() {
            layout::MODULE | layout::TYPE => PLAIN_OFFSET as i32,
            _ if t.has_dict.get() => -1,
            _ => 0,
        }))
        .into())
    }),
    getter("__weakrefoffset__", |_, v| {
        let weak = class(v).is_some_and(|t| t.has_weakref.get());
        Ok(Value::from_i32(if weak { PLAIN_OFFSET as i32 } else { 0 }).into())
    }),
    getter("__text_signature__", |vm, v| {
        Ok(class(v).map_or(Value::NONE, |t| crate::docs::signature_of_type(vm, t)).into())
    }),
    getset(
        "__abstractmethods__",
        |vm, v| {
            let name = vm.names.abstractmethods.clone();
            let found = class(v).and_then(|t| {
                if std::ptr::eq(t, &*vm.types.type_) { None } else { t.dict.get_str(vm, &name) }
            });
            match found {
                Some(x) => Ok(x.into()),
                None => Err(vm.no_attribute(v, &name)),
            }
        },
        |vm, v, x| {
            let Some(t) = class(v) else { return Ok(Reply::NONE) };
            let name = vm.names.abstractmethods.clone();
            if x.is_unbound() {
                if !t.dict.del_str(vm, &name) {
                    return Err(vm.no_attribute(v, &name));
                }
                t.set_flag(tflags::ABSTRACT, false);
            } else {
                t.dict.set_str(vm, &name, x.clone());
                let on = crate::ops::len_fast(vm, x).map_or_else(
                    || x.get::<crate::objects::set::Set>().is_some_and(|s| !s.is_empty(vm)),
                    |n| n > 0,
                );
                t.set_flag(tflags::ABSTRACT, on);
            }
            t.modified(vm);
            Ok(Reply::NONE)
        },
    ),
    getset(
        "__type_params__",
        |vm, v| {
            let name = vm.names.type_params.clone();
            let found =
                class(v).filter(|t| t.is_heap_type()).and_then(|t| t.dict.get_str(vm, &name));
            Ok(found.unwrap_or_else(|| vm.tuple(vec![])).into())
        },
        |vm, v, x| {
            let Some(t) = class(v) else { return Ok(Reply::NONE) };
            if !t.is_heap_type() {
                return deny(vm, v, "__type_params__");
            }
            if x.is_unbound() {
                return deny_delete(vm, v, "__type_params__");
            }
            let name = vm.names.type_params.clone();
            t.dict.set_str(vm, &name, x.clone());
            t.modified(vm);
            Ok(Reply::NONE)
        },
    ),
];

fn get_module(vm: &mut Vm, v: &Value) -> Flow {
    let Some(t) = class(v) else { return Ok(Reply::NONE) };
    if !t.is_heap_type() {
        return Ok(vm.intern(t.module).into());
    }
    let name = vm.names.module.clone();
    match t.dict.get_str(vm, &name) {
        Some(m) => Ok(m.into()),
        None => Err(vm.no_attribute(v, &name)),
    }
}

fn get_doc(vm: &mut Vm, v: &Value) -> Flow {
    let Some(t) = class(v) else { return Ok(Reply::NONE) };
    if !t.is_heap_type() {
        let found = crate::docs::of_type(vm, t);
        return Ok(if t.doc.is_empty() { found } else { vm.str(t.doc) }.into());
    }
    let name = vm.names.doc.clone();
    match t.dict.get_str(vm, &name) {
        Some(d) if d.is_none() => {
            let module = t.dict.get_str(vm, &vm.names.module.clone()).unwrap_or(Value::NONE);
            Ok(crate::docs::of_library(vm, &module, &t.qualname.get()).into())
        }
        Some(d) => {
            let owner = v.clone();
            crate::ops::attr::descr_get(vm, &d, &Value::UNBOUND, &owner)
        }
        None => Ok(Reply::NONE),
    }
}

pub(crate) fn set_bases(vm: &mut Vm, v: &Value, bases: &Value) -> Flow {
    if let Some(flow) = crate::audit::assigned(vm, "__bases__", v, bases) {
        return flow;
    }
    let Some(t) = class(v) else { return Ok(Reply::NONE) };
    if !t.is_heap_type() {
        return deny(vm, v, "__bases__");
    }
    let n = t.name_str(vm);
    if !bases.has::<crate::objects::tuple::Tuple>() {
        let g = vm.type_name(bases);
        return Err(vm.type_error(format!("can only assign tuple to {n}.__bases__, not {g}")));
    }
    let list = bases.tuple_items();
    if list.is_empty() {
        return Err(
            vm.type_error(format!("can only assign non-empty tuple to {n}.__bases__, not ()"))
        );
    }
    for b in list {
        let Some(c) = b.get::<Type>() else {
            let g = vm.type_name(b);
            return Err(vm.type_error(format!("{n}.__bases__ must be tuple of classes, not '{g}'")));
        };
        if !c.has_flag(tflags::BASETYPE) {
            let o = c.name_str(vm);
            return Err(vm.type_error(format!("type '{o}' is not an acceptable base type")));
        }
        if c.is_subtype(t, vm) {
            return Err(vm.type_error("a __bases__ item causes an inheritance cycle"));
        }
        let same = c.layout.get() == t.layout.get() || c.layout.get() == crate::layout::INSTANCE;
        if !same {
            let o = c.name_str(vm);
            return Err(vm.type_error(format!(
                "__bases__ assignment: '{o}' object layout differs from '{n}'"
            )));
        }
    }
    let list = list.to_vec();
    let base = types_methods::best_base(vm, &list)?;
    let mro = types_methods::c3(vm, v, &list)?;
    let old = t.bases.replace(bases.clone());
    for b in old.tuple_items() {
        if let Some(b) = b.get::<Type>() {
            b.subclasses.get_mut(vm).retain(|r| crate::weak::referent(r).is_none_or(|c| !c.is(v)));
        }
    }
    t.base.set(base.into_value());
    let mro = vm.tuple(mro);
    t.mro.set(mro);
    for b in &list {
        if let Some(b) = b.get::<Type>() {
            types_methods::register_subclass(vm, b, v);
        }
    }
    t.modified(vm);
    crate::dunder::compute_slots(vm, t);
    for sub in t.live_subclasses(vm) {
        let bases = sub.bases.get().tuple_items().to_vec();
        let m = types_methods::c3(vm, sub.value(), &bases)?;
        let m = vm.tuple(m);
        sub.mro.set(m);
        sub.modified(vm);
        crate::dunder::compute_slots(vm, &sub);
    }
    Ok(Reply::NONE)
}

/// Names of types are UTF-8 in CPython: lone surrogates are refused.
pub fn check_encodable(vm: &mut Vm, text: &Value) -> crate::exc::PyResult<()> {
    super::codec::codec_encode(vm, text, &Value::UNBOUND, &Value::UNBOUND).map(drop)
}

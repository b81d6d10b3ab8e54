//! Attribute access: descriptors, the generic lookup of `object`, of classes and of modules.
//!
//! CPython's counterparts: `PyObject_GenericGetAttr`, `type_getattro`, `module_getattro`.

use crate::dunder::Field;
use crate::exc::{Flow, PyResult, Reply};
use crate::machine::{Input, Machine};
use crate::object::Obj;
use crate::objects::module::Module;
use crate::objects::types::{Type, tflags};
use crate::value::Value;
use crate::vm::Vm;

/// `getattr(obj, name)`; `name` is interned.
pub fn getattr(vm: &mut Vm, obj: &Value, name: &Value) -> Flow {
    match vm.type_of(obj).slots(vm).getattr {
        Some(f) => f(vm, obj, name),
        None => generic_getattr(vm, obj, name),
    }
}

pub fn getattr_text(vm: &mut Vm, obj: &Value, name: &str) -> Flow {
    let name = vm.intern(name);
    getattr(vm, obj, &name)
}

/// `obj.name = value` (unbound deletes).
pub fn setattr(vm: &mut Vm, obj: &Value, name: &Value, value: &Value) -> Flow {
    match vm.type_of(obj).slots(vm).setattr {
        Some(f) => f(vm, obj, name, value),
        None => generic_setattr(vm, obj, name, value),
    }
}

/// `descr.__get__(obj, owner)`, or the descriptor itself.
pub fn descr_get(vm: &mut Vm, descr: &Value, obj: &Value, owner: &Value) -> Flow {
    match vm.type_of(descr).slots(vm).descr_get {
        Some(f) => f(vm, descr, obj, owner),
        None => Ok(descr.clone().into()),
    }
}

/// `object.__getattribute__`.
pub fn generic_getattr(vm: &mut Vm, obj: &Value, name: &Value) -> Flow {
    let ty = vm.type_of(obj);
    let descr = ty.lookup(vm, name);
    if let Some(d) = &descr {
        let slots = vm.type_of(d).slots(vm);
        if slots.descr_set.is_some()
            && let Some(get) = slots.descr_get
        {
            let owner = ty.to_value();
            return get(vm, d, obj, &owner);
        }
    }
    if let Some(v) = vm.instance_get(obj, name) {
        return Ok(v.into());
    }
    match descr {
        Some(d) => {
            let owner = vm.type_of(obj).to_value();
            descr_get(vm, &d, obj, &owner)
        }
        None => Err(vm.no_attribute(obj, name)),
    }
}

/// `object.__setattr__` and `__delattr__`.
pub fn generic_setattr(vm: &mut Vm, obj: &Value, name: &Value, value: &Value) -> Flow {
    let ty = vm.type_of(obj);
    let descr = ty.lookup(vm, name);
    if let Some(d) = &descr
        && let Some(set) = vm.type_of(d).slots(vm).descr_set
    {
        return set(vm, d, obj, value);
    }
    let done = if value.is_unbound() {
        vm.instance_del(obj, name)
    } else {
        vm.instance_set(obj, name, value.clone())
    };
    if done {
        return Ok(Reply::NONE);
    }
    let t = vm.type_name(obj);
    let n = name.display_str(vm);
    let has_dict = vm.type_of(obj).has_dict.get();
    Err(if has_dict {
        vm.no_attribute(obj, name)
    } else if descr.is_some() {
        vm.attribute_error(format!("'{t}' object attribute '{n}' is read-only"), obj, name)
    } else if value.is_unbound() {
        vm.no_attribute(obj, name)
    } else {
        vm.attribute_error(
            format!(
                "'{t}' object has no attribute '{n}' and no __dict__ for setting new attributes"
            ),
            obj,
            name,
        )
    })
}

/// `type.__getattribute__`.
pub fn type_getattr(vm: &mut Vm, obj: &Value, name: &Value) -> Flow {
    let Some(class) = obj.get::<Type>() else { return generic_getattr(vm, obj, name) };
    let meta = vm.type_of(obj);
    let meta_attr = meta.lookup(vm, name);
    if let Some(m) = &meta_attr {
        let slots = vm.type_of(m).slots(vm);
        if slots.descr_set.is_some()
            && let Some(get) = slots.descr_get
        {
            let owner = meta.to_value();
            return get(vm, m, obj, &owner);
        }
    }
    if let Some(v) = class.lookup(vm, name) {
        return descr_get(vm, &v, &Value::UNBOUND, obj);
    }
    match meta_attr {
        Some(m) => {
            let owner = vm.type_of(obj).to_value();
            descr_get(vm, &m, obj, &owner)
        }
        None => Err(vm.no_attribute(obj, name)),
    }
}

/// `type.__setattr__` and `__delattr__`.
pub fn type_setattr(vm: &mut Vm, obj: &Value, name: &Value, value: &Value) -> Flow {
    let Some(class) = obj.get::<Type>() else { return generic_setattr(vm, obj, name, value) };
    if !class.is_heap_type() || class.has_flag(tflags::IMMUTABLE) {
        let (n, c) = (name.display_str(vm), class.shown_name(vm));
        let what = if value.is_unbound() { "delete" } else { "set" };
        let _ = what;
        return Err(vm.type_error(format!("cannot set '{n}' attribute of immutable type '{c}'")));
    }
    if let Some(m) = vm.type_of(obj).lookup(vm, name)
        && let Some(set) = vm.type_of(&m).slots(vm).descr_set
    {
        return set(vm, &m, obj, value);
    }
    if value.is_unbound() && class.dict.get_str(vm, name).is_none() {
        return Err(vm.no_attribute(obj, name));
    }
    class.to_ref().set_attr(vm, name, value.clone())?;
    Ok(Reply::NONE)
}

/// `module.__getattribute__`: the generic lookup, then the module's `__getattr__`.
pub fn module_getattr(vm: &mut Vm, obj: &Value, name: &Value) -> Flow {
    let Some(m) = obj.get::<Module>() else { return generic_getattr(vm, obj, name) };
    let ty = vm.type_of(obj);
    if let Some(d) = ty.lookup(vm, name) {
        let slots = vm.type_of(&d).slots(vm);
        if slots.descr_set.is_some()
            && let Some(get) = slots.descr_get
        {
            let owner = ty.to_value();
            return get(vm, &d, obj, &owner);
        }
    }
    let dict = m.dict.get();
    let found = match dict.get::<crate::objects::dict::Dict>() {
        Some(d) => d.get_str(vm, name),
        None => None,
    };
    if let Some(v) = found {
        return Ok(v.into());
    }
    if let Some(d) = vm.type_of(obj).lookup(vm, name) {
        let owner = vm.type_of(obj).to_value();
        return descr_get(vm, &d, obj, &owner);
    }
    if let Some(d) = dict.get::<crate::objects::dict::Dict>() {
        let ga = vm.names.getattr.clone();
        if let Some(f) = d.get_str(vm, &ga) {
            return super::call::call(vm, &f, crate::native::Args::new(std::slice::from_ref(name)));
        }
    }
    Err(crate::objects::module::no_attribute(vm, m, obj, name))
}

/// The attribute where no code of Python and no descriptor takes part: `Some(None)` means that there
/// is none.
pub fn lookup_plain(vm: &Vm, obj: &Value, name: &Value) -> Option<Option<Value>> {
    let ty = vm.type_of(obj);
    if !ty.is_objects(Field::GetAttr) {
        return None;
    }
    match ty.lookup(vm, name) {
        None => Some(vm.instance_get(obj, name)),
        Some(d) => {
            let slots = vm.type_of(&d).slots(vm);
            let plain = slots.descr_get.is_none() && slots.descr_set.is_none();
            plain.then(|| Some(vm.instance_get(obj, name).unwrap_or(d)))
        }
    }
}

/// `getattr` whose AttributeError becomes *unbound*.
pub fn lookup(vm: &mut Vm, obj: &Value, name: &Value) -> Flow {
    if vm.type_of(obj).is_objects(Field::GetAttr) {
        // Avoid the exception where no descriptor is involved.
        let ty = vm.type_of(obj);
        match ty.lookup(vm, name) {
            None => {
                return Ok(vm.instance_get(obj, name).unwrap_or(Value::UNBOUND).into());
            }
            Some(d) if vm.type_of(&d).slots(vm).descr_get.is_none() => {
                return Ok(vm.instance_get(obj, name).unwrap_or(d).into());
            }
            _ => {}
        }
    }
    vm.start(&LOOKUP, [obj.clone(), name.clone()])
}

/// Registers: object, name.
pub(crate) static LOOKUP: Machine = Machine::new("op.lookup_attr", |vm, regs, input| {
    let result = match input {
        Input::Start => {
            let (obj, name) = (regs.get(0), regs.get(1));
            regs.set_stage(1);
            match getattr(vm, &obj, &name) {
                Ok(r) => match r.ready() {
                    Some(v) => Ok(v),
                    None => return Ok(Reply::PUSHED),
                },
                Err(e) => Err(e),
            }
        }
        input => input.value(),
    };
    match result {
        Ok(v) => Ok(v.into()),
        Err(e) if vm.exc_is(&e, &vm.excs.attribute_error) => Ok(Value::UNBOUND.into()),
        Err(e) => Err(e),
    }
});

/// Attribute for a call: `(callable, self)` where `self` is unbound if it is bound already. The
/// `Err` side of the inner result is a flow that gives the bound attribute.
pub fn load_method(
    vm: &mut Vm,
    obj: &Value,
    name: &Value,
) -> PyResult<Result<(Value, Value), Reply>> {
    let ty = vm.type_of(obj);
    if ty.is_objects(Field::GetAttr)
        && let Some(d) = ty.lookup(vm, name)
        && super::call::takes_self(&d)
    {
        return match vm.instance_get(obj, name) {
            Some(v) => Ok(Ok((v, Value::UNBOUND))),
            None => Ok(Ok((d, obj.clone()))),
        };
    }
    let reply = getattr(vm, obj, name)?;
    if reply.is_away() { Ok(Err(reply)) } else { Ok(Ok((reply.into_raw(), Value::UNBOUND))) }
}

/// The class's own notion of an attribute holder, for messages about types.
pub fn owner_name(vm: &Vm, class: &Obj<Type>) -> String {
    class.name_str(vm)
}

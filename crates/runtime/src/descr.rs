//! Native data descriptors: computed attributes (`getset_descriptor`) and `__slots__` members
//! (`member_descriptor`). CPython's counterpart: `Objects/descrobject.c`.

use crate::exc::{Flow, Reply};
use crate::instance;
use crate::object::{Payload, ValueCell};
use crate::objects::types::Type;
use crate::value::Value;
use crate::vm::Vm;

pub type Getter = fn(&mut Vm, &Value) -> Flow;
/// The value is unbound for a deletion.
pub type Setter = fn(&mut Vm, &Value, &Value) -> Flow;

/// A computed attribute's declaration.
pub struct GetSet {
    pub name: &'static str,
    pub get: Getter,
    pub set: Option<Setter>,
    /// A read-only field of a C structure in CPython, which words its error in its own way.
    pub field: bool,
}

pub const fn getter(name: &'static str, get: Getter) -> GetSet {
    GetSet { name, get, set: None, field: false }
}
pub const fn getset(name: &'static str, get: Getter, set: Setter) -> GetSet {
    GetSet { name, get, set: Some(set), field: false }
}
/// A read-only field.
pub const fn field(name: &'static str, get: Getter) -> GetSet {
    GetSet { name, get, set: None, field: true }
}

#[derive(Payload)]
#[payload(layout = GETSET)]
pub struct GetSetDescr {
    pub def: &'static GetSet,
    pub owner: ValueCell,
}

/// A slot of the instance extension.
#[derive(Payload)]
#[payload(layout = MEMBER)]
pub struct MemberDescr {
    pub name: ValueCell,
    pub owner: ValueCell,
    pub slot: usize,
}

fn check(vm: &mut Vm, owner: &ValueCell, name: &str, obj: &Value) -> Result<(), crate::exc::Exc> {
    let Some(class) = owner.peek().get::<Type>() else { return Ok(()) };
    if vm.is_instance(obj, class) {
        return Ok(());
    }
    let (c, t) = (class.name_str(vm), vm.type_name(obj));
    Err(vm.type_error(format!(
        "descriptor '{name}' for '{c}' objects doesn't apply to a '{t}' object"
    )))
}

fn check_member(
    vm: &mut Vm,
    m: &crate::object::Obj<MemberDescr>,
    obj: &Value,
) -> Result<(), crate::exc::Exc> {
    match m.owner.peek().get::<Type>() {
        Some(class) if !vm.is_instance(obj, class) => {
            let name = m.name.get().display_str(vm);
            check(vm, &m.owner, &name, obj)
        }
        _ => Ok(()),
    }
}

pub fn getset_get(vm: &mut Vm, d: &Value, obj: &Value, _owner: &Value) -> Flow {
    if obj.is_unbound() {
        return Ok(d.clone().into());
    }
    let Some(g) = d.get::<GetSetDescr>() else { return Ok(Reply::NONE) };
    check(vm, &g.owner, g.def.name, obj)?;
    (g.def.get)(vm, obj)
}

pub fn getset_set(vm: &mut Vm, d: &Value, obj: &Value, value: &Value) -> Flow {
    let Some(g) = d.get::<GetSetDescr>() else { return Ok(Reply::NONE) };
    check(vm, &g.owner, g.def.name, obj)?;
    match g.def.set {
        Some(set) => set(vm, obj, value),
        None if g.def.field => {
            let name = vm.intern(g.def.name);
            Err(vm.attribute_error("readonly attribute", obj, &name))
        }
        None => {
            let (n, t) = (g.def.name, vm.type_name(obj));
            let name = vm.intern(n);
            Err(vm.attribute_error(
                format!("attribute '{n}' of '{t}' objects is not writable"),
                obj,
                &name,
            ))
        }
    }
}

pub fn member_get(vm: &mut Vm, d: &Value, obj: &Value, _owner: &Value) -> Flow {
    if obj.is_unbound() {
        return Ok(d.clone().into());
    }
    let Some(m) = d.get::<MemberDescr>() else { return Ok(Reply::NONE) };
    let name = m.name.get();
    check_member(vm, m, obj)?;
    match instance::ext(obj).and_then(|e| e.slots().get(m.slot)).and_then(ValueCell::given) {
        Some(v) => Ok(v.into()),
        None => {
            let (t, n) = (crate::ops::text::full_type_name(vm, obj), name.display_str(vm));
            Err(vm.attribute_error(format!("'{t}' object has no attribute '{n}'"), obj, &name))
        }
    }
}

pub fn member_set(vm: &mut Vm, d: &Value, obj: &Value, value: &Value) -> Flow {
    let Some(m) = d.get::<MemberDescr>() else { return Ok(Reply::NONE) };
    let name = m.name.get();
    check_member(vm, m, obj)?;
    let Some(slot) = instance::ext(obj).and_then(|e| e.slots().get(m.slot)) else {
        return Err(vm.no_attribute(obj, &name));
    };
    if value.is_unbound() && slot.is_unbound() {
        return Err(vm.no_attribute(obj, &name));
    }
    slot.set(value.clone());
    Ok(Reply::NONE)
}

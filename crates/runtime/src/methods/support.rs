//! Helpers shared by the methods of the builtin value types: conversion of primitive results,
//! checks of `__new__`'s class argument, sub-ranges, and attribute functions.

use crate::exc::{Flow, PyResult};
use crate::object::Obj;
use crate::objects::StaticTypes;
use crate::objects::types::Type;
use crate::value::{Ref, Value};
use crate::vm::Vm;

/// A primitive's result with its error as a Python exception.
#[inline]
pub fn prim<T>(vm: &mut Vm, r: stackless_primitives::Result<T>) -> PyResult<T> {
    match r {
        Ok(v) => Ok(v),
        Err(e) => Err(vm.primitive_error(e)),
    }
}

/// A primitive's text or bytes as a new str.
pub fn text_result(vm: &mut Vm, r: stackless_primitives::Result<Vec<u8>>) -> Flow {
    let bytes = prim(vm, r)?;
    Ok(vm.str_from_wtf8(&bytes).into())
}

/// The class argument of a `__new__`, which must be `base` or derive from it.
pub fn class_arg(
    vm: &mut Vm,
    class: &Value,
    base: fn(&StaticTypes) -> &Ref<Type>,
) -> PyResult<Ref<Type>> {
    let base = base(&vm.types);
    let Some(t) = class.get::<Type>() else {
        let (name, got) = (base.name_str(vm), vm.type_name(class));
        return Err(vm.type_error(format!("{name}.__new__(X): X is not a type object ({got})")));
    };
    if base.ptr_eq(t) {
        return Ok(base.clone());
    }
    if !t.is_subtype(base, vm) {
        let (n, name) = (t.name_str(vm), base.name_str(vm));
        return Err(vm.type_error(format!("{name}.__new__({n}): {n} is not a subtype of {name}")));
    }
    if !t.is_heap_type() {
        let (n, name) = (t.name_str(vm), base.name_str(vm));
        return Err(vm.type_error(format!("{name}.__new__({n}) is not safe, use {n}.__new__()")));
    }
    Ok(t.to_ref())
}

/// Is this the class itself and not a subclass?
pub fn is_class(class: &Obj<Type>, base: &Ref<Type>) -> bool {
    base.ptr_eq(class)
}

/// Optional `start` and `end` arguments (ints, None or not given) as machine integers.
pub fn bounds(start: &Value, end: &Value) -> (i64, i64) {
    let of = |v: &Value, default: i64| {
        if v.is_none() { default } else { v.as_i64_saturating().unwrap_or(default) }
    };
    (of(start, 0), of(end, i64::MAX))
}

/// An optional integer argument.
pub fn int_or(v: &Value, default: i64) -> i64 {
    v.as_i64_saturating().unwrap_or(default)
}

/// An optional truth argument.
pub fn flag(v: &Value, default: bool) -> bool {
    if v.is_unbound() { default } else { v.is_true() }
}

/// Fails when a request is larger than any machine could hold.
pub fn no_memory(vm: &mut Vm) -> crate::exc::Exc {
    vm.no_memory()
}

/// Setter of attributes that are read-only struct members in CPython.
pub fn readonly(vm: &mut Vm, v: &Value, _: &Value) -> Flow {
    let name = vm.names.empty.clone();
    Err(vm.attribute_error("readonly attribute", v, &name))
}

//! The operations of the language on any values: each looks at the types' slots and answers with a
//! `Flow`. Nothing here calls the interpreter loop.

pub mod attr;
pub mod binary;
pub mod call;
pub mod compare;
pub mod dict;
pub mod hash;
pub mod item;
pub mod iter;
pub mod number;
pub mod text;

use crate::dunder::Field;
use crate::exc::Flow;
use crate::objects::{bytes::Bytes, dict::Dict, list::List, str::Str, tuple::Tuple};
use crate::value::Value;
use crate::vm::Vm;

/// Truth of values that need no Python; None for the others.
#[inline(always)]
pub fn truth_fast(v: &Value) -> Option<bool> {
    if v.is_bool() {
        return Some(v.is_true());
    }
    if let Some(i) = v.as_small_int() {
        return Some(i != 0);
    }
    if v.is_none() {
        return Some(false);
    }
    None
}

/// `bool(v)`.
pub fn truth(vm: &mut Vm, v: &Value) -> Flow {
    if let Some(b) = truth_fast(v) {
        return Ok(Value::bool(b).into());
    }
    if let Some(f) = v.as_small_float() {
        return Ok(Value::bool(f != 0.0).into());
    }
    if let Some(s) = v.get::<Str>()
        && vm.is_exactly(v, &vm.types.str)
    {
        return Ok(Value::bool(!s.is_empty()).into());
    }
    let t = vm.type_of(v);
    let slots = t.slots(vm);
    if let Some(f) = slots.bool {
        return f(vm, v);
    }
    if slots.len.is_some() {
        if t.is_python(Field::Len) {
            return crate::python_slots::bool(vm, v);
        }
        // Native lengths answer at once.
        let n = len(vm, v)?;
        return match n.ready() {
            Some(n) => Ok(Value::bool(n.as_small_int() != Some(0)).into()),
            None => Err(vm.system_error("length of a native type pushed a frame")),
        };
    }
    Ok(Value::TRUE.into())
}

/// Length of exact builtin containers.
#[inline]
pub fn len_fast(vm: &Vm, v: &Value) -> Option<usize> {
    if let Some(l) = v.get::<List>() {
        Some(l.len(vm))
    } else if let Some(t) = v.get::<Tuple>() {
        Some(t.items().len())
    } else if let Some(s) = v.get::<Str>() {
        Some(s.len())
    } else if let Some(d) = v.get::<Dict>() {
        Some(d.len(vm))
    } else {
        v.get::<Bytes>().map(|b| b.as_bytes().len())
    }
}

/// `len(v)`.
pub fn len(vm: &mut Vm, v: &Value) -> Flow {
    match vm.type_of(v).slots(vm).len {
        Some(f) => f(vm, v),
        None => {
            let t = vm.type_name(v);
            Err(vm.type_error(format!("object of type '{t}' has no len()")))
        }
    }
}

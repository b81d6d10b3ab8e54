//! Conversions to numbers: `__index__`, `__float__`, unary operators.

use crate::dunder::Field;
use crate::exc::{Flow, PyResult};
use crate::machine::Machine;
use crate::native::Conv;
use crate::soft;
use crate::value::Value;
use crate::vm::Vm;

/// `operator.index(v)`: an exact int (int subclasses become exact ints).
pub fn index(vm: &mut Vm, v: &Value) -> Flow {
    if v.is_int() {
        return Ok(v.clone().into());
    }
    if let Some(big) = v.as_big() {
        return Ok(vm.big_int(big).into());
    }
    match vm.type_of(v).slots(vm).index {
        Some(f) => f(vm, v),
        None => {
            let t = vm.type_name(v);
            Err(vm.type_error(format!("'{t}' object cannot be interpreted as an integer")))
        }
    }
}

/// `index` for values whose conversion is native.
pub fn index_native(vm: &mut Vm, v: &Value) -> PyResult {
    if v.is_int() {
        return Ok(v.clone());
    }
    if let Some(big) = v.as_big() {
        return Ok(vm.big_int(big));
    }
    let t = vm.type_name(v);
    Err(vm.type_error(format!("'{t}' object cannot be interpreted as an integer")))
}

/// The conversion of C functions that want a float: floats, then `__float__`, then `__index__`.
pub fn float(vm: &mut Vm, v: &Value) -> Flow {
    if let Some(f) = v.as_float() {
        return Ok(vm.float(f).into());
    }
    if let Some(i) = v.as_small_int() {
        return Ok(vm.float(i as f64).into());
    }
    let slots = vm.type_of(v).slots(vm);
    if let Some(f) = slots.float {
        return f(vm, v);
    }
    if let Some(f) = slots.index {
        if vm.type_of(v).is_python(Field::Index) {
            return vm.start(&INDEX_TO_FLOAT, [v.clone()]);
        }
        return match f(vm, v)?.ready() {
            Some(i) => int_to_float(vm, &i).map(Into::into),
            None => Err(vm.system_error("native __index__ pushed a frame")),
        };
    }
    let t = vm.type_name(v);
    Err(vm.type_error(format!("must be real number, not {t}")))
}

/// Registers: an object with `__index__`.
pub(crate) static INDEX_TO_FLOAT: Machine = Machine::new("op.index_to_float", |vm, regs, input| {
    let i = match regs.stage() {
        0 => {
            let v = regs.get(0);
            soft!(regs, 1, index(vm, &v))
        }
        _ => input.value()?,
    };
    int_to_float(vm, &i).map(Into::into)
});

/// An int as float, with CPython's overflow error.
pub fn int_to_float(vm: &mut Vm, v: &Value) -> PyResult {
    match v.as_big().map(|b| b.to_f64()) {
        Some(Ok(f)) => Ok(vm.float(f)),
        Some(Err(e)) => Err(vm.primitive_error(e)),
        None => Ok(vm.float(0.0)),
    }
}

/// Does this conversion of `v` run no Python code?
pub fn converts_natively(vm: &Vm, conv: Conv, v: &Value) -> bool {
    let ty = vm.type_of(v);
    match conv {
        Conv::Index | Conv::Ssize | Conv::Int => v.is_int_like() || !ty.is_python(Field::Index),
        Conv::Float => {
            v.as_float().is_some()
                || !ty.is_python(Field::Float) && (v.is_int_like() || !ty.is_python(Field::Index))
        }
        Conv::Complex => {
            v.has::<crate::objects::number::Complex>() || v.as_float().is_some() || v.is_int_like()
        }
        Conv::Truth => {
            super::truth_fast(v).is_some()
                || !ty.is_python(Field::Bool)
                    && (ty.slots(vm).bool.is_some() || !ty.is_python(Field::Len))
        }
        Conv::Slice | Conv::Bound => v.is_none() || v.is_int_like() || !ty.is_python(Field::Index),
        Conv::Buffer => !crate::methods::buffer::needs_python(vm, v),
        Conv::None | Conv::Str => true,
    }
}

/// A bound of a sub-range: None stays, ints come through `__index__`.
pub fn slice_index(vm: &mut Vm, v: &Value) -> Flow {
    if v.is_none() || vm.type_of(v).slots(vm).index.is_some() {
        return if v.is_none() { Ok(v.clone().into()) } else { index(vm, v) };
    }
    Err(vm.type_error("slice indices must be integers or None or have an __index__ method"))
}

macro_rules! unary {
    ($($f:ident $slot:ident $symbol:literal),*) => {
        $(pub fn $f(vm: &mut Vm, v: &Value) -> Flow {
            match vm.type_of(v).slots(vm).$slot {
                Some(f) => f(vm, v),
                None => {
                    let t = vm.type_name(v);
                    Err(vm.type_error(format!($symbol, t)))
                }
            }
        })*
    };
}
unary!(
    negative neg "bad operand type for unary -: '{}'",
    positive pos "bad operand type for unary +: '{}'",
    invert invert "bad operand type for unary ~: '{}'",
    absolute abs "bad operand type for abs(): '{}'"
);

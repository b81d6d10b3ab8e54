//! Converters of native parameters: what an argument becomes before the body runs, softly where its
//! class defines the conversion in Python.

use super::bind::shown_name;
use super::{ArgVec, Native, Param, Signature, native_of};
use crate::exc::{Exc, Flow, PyResult, Reply};
use crate::machine::{Input, Machine, Regs};
use crate::value::Value;
use crate::vm::Vm;

/// A converter, which an annotation in the signature names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Conv {
    /// Any object, as it is.
    None,
    /// `index`: an int of any size, through `__index__`.
    Index,
    /// `ssize`: the same, and it fits in 64 bits.
    Ssize,
    /// `float`: through `__float__` or `__index__`.
    Float,
    /// `complex`: a complex, float or int.
    Complex,
    /// `truth`: a bool.
    Truth,
    /// `str`: a str, or a TypeError.
    Str,
    /// `int`: an exact or subclassed int, through `__index__`.
    Int,
    /// `slice`: an int through `__index__`, or None.
    Slice,
    /// `bound`: the same without None.
    Bound,
    /// `buffer`: a bytes-like object; `__buffer__` gives a memoryview.
    Buffer,
}

impl Conv {
    /// Is this what the converter would give?
    #[inline]
    pub(super) fn is_satisfied(self, vm: &Vm, value: &Value) -> bool {
        match self {
            Conv::Index | Conv::Ssize | Conv::Int | Conv::Bound => value.is_int(),
            Conv::Float => value.is_small_float(),
            Conv::Complex => value.is_small_float() || value.is_int(),
            Conv::Truth => value.is_bool(),
            Conv::Slice => value.is_int() || value.is_none(),
            Conv::Buffer => crate::methods::buffer::is_plain(value),
            Conv::Str => vm.is_str(value),
            Conv::None => true,
        }
    }
}

/// Registers: the callable, then the bound arguments. Stage n: argument n is being converted.
pub(crate) static CONVERT_ARGS: Machine = Machine::new("native.convert_args", convert_step);

fn convert_step(vm: &mut Vm, regs: &mut Regs, input: Input) -> Flow {
    let callable = regs.get(0);
    let stage = regs.stage() as usize;
    if stage == 250 {
        return input.value().map(Reply::from);
    }
    let bound: ArgVec = regs.rest(1).into();
    if let Input::Start = input {
        regs.set_stage(1);
        let i = regs.int(bound.len());
        let conv = signature_of(&callable)?.params[i as usize].conv;
        let value = soft_in(vm, regs, conv, &bound[i as usize])?;
        let Some(value) = value else { return Ok(Reply::PUSHED) };
        return finish(vm, regs, &callable, bound, value);
    }
    let value = input.value()?;
    finish(vm, regs, &callable, bound, value)
}

fn signature_of(callable: &Value) -> PyResult<&Signature> {
    native_of(callable).map(Native::signature).ok_or_else(|| Exc(Value::NONE))
}

fn soft_in(vm: &mut Vm, regs: &mut Regs, conv: Conv, value: &Value) -> PyResult<Option<Value>> {
    regs.set_stage(1);
    Ok(start_conversion(vm, conv, value)?.ready())
}

fn finish(vm: &mut Vm, regs: &mut Regs, callable: &Value, mut bound: ArgVec, value: Value) -> Flow {
    let last = bound.len() - 1;
    let i = bound[last].as_small_int().unwrap_or(0) as usize;
    bound.truncate(last);
    let native = native_of(callable).ok_or_else(|| Exc(Value::NONE))?;
    let sig = native.signature();
    bound[i] = finish_conversion(vm, &sig.params[i], value)?;
    regs.set_stage(250);
    let native = native_of(callable).ok_or_else(|| Exc(Value::NONE))?;
    convert_and_call(vm, callable, native, sig, bound, i + 1)
}

fn start_conversion(vm: &mut Vm, conv: Conv, value: &Value) -> Flow {
    match conv {
        Conv::Index | Conv::Ssize | Conv::Int => crate::ops::number::index(vm, value),
        Conv::Float => crate::ops::number::float(vm, value),
        Conv::Complex => crate::methods::complex::from_number(vm, value),
        Conv::Truth => crate::ops::truth(vm, value),
        Conv::Slice => crate::ops::number::slice_index(vm, value),
        Conv::Bound if vm.type_of(value).slots(vm).index.is_none() => {
            Err(vm.type_error("slice indices must be integers or have an __index__ method"))
        }
        Conv::Bound => crate::ops::number::index(vm, value),
        Conv::Buffer => crate::methods::buffer::from_object(vm, value),
        Conv::None | Conv::Str => Ok(value.clone().into()),
    }
}

fn finish_conversion(vm: &mut Vm, param: &Param, value: Value) -> PyResult {
    match param.conv {
        Conv::Ssize if value.as_i64().is_none() => {
            let name = vm.type_of(&value).name_str(vm);
            Err(vm.overflow_error(if name == "int" {
                "Python int too large to convert to C ssize_t".to_string()
            } else {
                format!("cannot fit '{name}' into an index-sized integer")
            }))
        }
        _ => Ok(value),
    }
}

pub(super) fn convert_and_call(
    vm: &mut Vm,
    callable: &Value,
    native: &Native,
    sig: &Signature,
    mut bound: ArgVec,
    from: usize,
) -> Flow {
    for i in from..sig.params.len() {
        let param = &sig.params[i];
        if param.conv == Conv::None || bound[i].is_unbound() {
            continue;
        }
        if param.nullable && bound[i].is_none() {
            continue;
        }
        let value = &bound[i];
        if param.conv.is_satisfied(vm, value) {
            continue;
        }
        if param.conv == Conv::Str {
            let t = match value.is_none() {
                true => "None".to_string(),
                false => vm.type_of(value).name_str(vm),
            };
            let name = shown_name(vm, native);
            let wanted = if param.nullable { "str or None" } else { "str" };
            let only = sig.params.len() - sig.has_self as usize == 1;
            let which = if only && i < sig.posonly {
                "argument".to_string()
            } else if i < sig.posonly {
                format!("argument {}", i + 1 - sig.has_self as usize)
            } else {
                format!("argument '{}'", param.name)
            };
            return Err(vm.type_error(format!("{name}() {which} must be {wanted}, not {t}")));
        }
        if crate::ops::number::converts_natively(vm, param.conv, value) {
            let value = value.clone();
            let converted = match start_conversion(vm, param.conv, &value)?.ready() {
                Some(v) => v,
                None => return Err(vm.system_error("native conversion pushed a frame")),
            };
            bound[i] = finish_conversion(vm, param, converted)?;
        } else {
            let mut regs = vec![callable.clone()];
            regs.extend(bound);
            regs.push(Value::from_usize(i));
            return vm.start_with(&CONVERT_ARGS, &mut regs.into_iter());
        }
    }
    (native.def.func)(vm, &bound)
}

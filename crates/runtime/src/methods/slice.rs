//! `slice`: slots and methods. CPython's counterpart: `Objects/sliceobject.c`. Comparison and hash
//! are those of the tuple of its parts.

use stackless_primitives::BigInt;

use super::support::{prim, readonly};
use crate::boot::TypeBuilder;
use crate::descr::{GetSet, getset};
use crate::exc::{PyResult, Reply};
use crate::machine::{Input, Machine};
use crate::native::{Def, def};
use crate::objects::function::Slice;
use crate::ops;
use crate::soft;
use crate::value::Value;
use crate::vm::Vm;

fn parts(v: &Value) -> [Value; 3] {
    match v.get::<Slice>() {
        Some(s) => [s.start.get(), s.stop.get(), s.step.get()],
        None => [Value::NONE, Value::NONE, Value::NONE],
    }
}

fn as_tuple(vm: &Vm, v: &Value) -> Value {
    vm.tuple(parts(v).to_vec())
}

pub fn define_slice(b: &mut TypeBuilder<'_>) {
    b.slots.repr = Some(|vm, v| {
        let t = as_tuple(vm, v);
        vm.start(&REPR, [t])
    });
    b.slots.hash = Some(|vm, v| {
        let t = as_tuple(vm, v);
        ops::hash::hash(vm, &t)
    });
    b.slots.compare = Some(|vm, op, a, b| {
        if !a.has::<Slice>() || !b.has::<Slice>() {
            return Ok(Value::NOT_IMPLEMENTED.into());
        }
        let (x, y) = (as_tuple(vm, a), as_tuple(vm, b));
        ops::compare::sequence_compare(vm, op, &x, &y)
    });
    b.methods(METHODS);
    b.getsets(&ATTRS);
}

static ATTRS: [GetSet; 3] = [
    getset("start", |_, v| Ok(parts(v)[0].clone().into()), readonly),
    getset("stop", |_, v| Ok(parts(v)[1].clone().into()), readonly),
    getset("step", |_, v| Ok(parts(v)[2].clone().into()), readonly),
];

const METHODS: &[Def] = &[
    def!("__new__", "(cls, start, stop=None, step=None, /)", |vm, a| {
        let none = |v: &Value| v.given().cloned().unwrap_or(Value::NONE);
        Ok(match a[2].given() {
            None => vm.slice(Value::NONE, a[1].clone(), Value::NONE),
            Some(stop) => vm.slice(a[1].clone(), stop.clone(), none(&a[3])),
        }
        .into())
    }),
    def!("indices", "(self, object: index, /)", |vm, this, object| {
        if object.as_big().is_some_and(|n| n.is_negative()) {
            return Err(vm.value_error("length should not be negative"));
        }
        let [start, stop, step] = parts(this);
        vm.start(&INDICES, [object.clone(), start, stop, step])
    }),
    def!("__reduce__", "(self, /)", |vm, this| {
        let (class, t) = (vm.types.slice.to_value(), as_tuple(vm, this));
        Ok(vm.tuple(vec![class, t]).into())
    }),
];

/// Registers: tuple of the parts. Its repr, with the name in front.
pub(crate) static REPR: Machine = Machine::new("slice.repr", |vm, regs, input| {
    let s = match regs.stage() {
        0 => {
            let t = regs.get(0);
            soft!(regs, 1, ops::text::repr(vm, &t))
        }
        _ => input.value()?,
    };
    Ok(vm.str_concat(&[b"slice", s.as_wtf8().unwrap_or(b"")]).into())
});

/// Registers: length, start, stop, step, converted in place from step to stop.
pub(crate) static INDICES: Machine = Machine::new("slice.indices", |vm, regs, input| {
    const ORDER: [usize; 3] = [3, 1, 2];
    let mut done = regs.stage() as usize;
    let mut pending = match input {
        Input::Start => None,
        input => Some(input.value()?),
    };
    if let Some(v) = pending.take() {
        regs.set(ORDER[done.clamp(1, 3) - 1], v);
    }
    while done < 3 {
        let reg = ORDER[done];
        done += 1;
        let part = regs.get(reg);
        if part.is_none() || part.is_int() {
            continue;
        }
        if vm.type_of(&part).slots(vm).index.is_none() {
            return Err(
                vm.type_error("slice indices must be integers or None or have an __index__ method")
            );
        }
        let v = soft!(regs, done as u32, ops::number::index(vm, &part));
        regs.set(reg, v);
    }
    let (length, start, stop, step) = (regs.get(0), regs.get(1), regs.get(2), regs.get(3));
    let [start, stop, step] = normalise(vm, &length, &start, &stop, &step)?;
    let items = vec![vm.big_int(start), vm.big_int(stop), vm.big_int(step)];
    Ok(Reply::from(vm.tuple(items)))
});

/// Start, stop and step for a length of any size; the parts are None or ints.
pub(crate) fn normalise(
    vm: &mut Vm,
    length: &Value,
    start: &Value,
    stop: &Value,
    step: &Value,
) -> PyResult<[BigInt; 3]> {
    let n = length.as_big().unwrap_or(BigInt::ZERO);
    let step = step.as_big().unwrap_or(BigInt::ONE);
    if step.is_zero() {
        return Err(vm.value_error("slice step cannot be zero"));
    }
    let negative = step.is_negative();
    let (low, high) = if negative {
        (BigInt::NEG_ONE, prim(vm, n.sub(&BigInt::ONE))?)
    } else {
        (BigInt::ZERO, n.clone())
    };
    let mut clip = |v: &Value, default: &BigInt| -> PyResult<BigInt> {
        let Some(i) = v.as_big() else { return Ok(default.clone()) };
        let i = if i.is_negative() { prim(vm, i.add(&n))? } else { i };
        Ok(if i < low {
            low.clone()
        } else if i > high {
            high.clone()
        } else {
            i
        })
    };
    let (first, last) = if negative { (&high, &low) } else { (&low, &high) };
    let (start, stop) = (clip(start, first)?, clip(stop, last)?);
    Ok([start, stop, step])
}

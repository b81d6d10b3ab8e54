//! Containers and their iterators: slots and methods.

use crate::boot::TypeBuilder;
use crate::exc::Flow;
use crate::native::{Def, def};
use crate::objects::iterators::{self, DictPart, Range, RangeIter, SeqKind};
use crate::objects::str::Str;
use crate::objects::{dict::Dict, list::List, set::Set};
use crate::ops;
use crate::ops::text::Shape;
use crate::value::Value;
use crate::vm::Vm;

fn self_iter(_vm: &mut Vm, v: &Value) -> Flow {
    Ok(v.clone().into())
}

pub fn define_list(b: &mut TypeBuilder<'_>) {
    b.slots.repr = Some(|vm, v| ops::text::repr_container(vm, v, Shape::List));
    b.slots.compare = Some(|vm, op, a, b| {
        if !a.has::<List>() || !b.has::<List>() {
            return Ok(Value::NOT_IMPLEMENTED.into());
        }
        ops::compare::sequence_compare(vm, op, a, b)
    });
    b.slots.iter = Some(|vm, v| Ok(iterators::seq_iter(vm, SeqKind::List, v.clone()).into()));
    b.slots.len = Some(|vm, v| Ok(Value::from_usize(ops::len_fast(vm, v).unwrap_or(0)).into()));
    b.methods(LIST);
}
const LIST: &[Def] = &[def("append", "(self, object, /)", |vm, a| {
    if let Some(l) = a[0].get::<List>() {
        l.push(vm, a[1].clone());
    }
    Ok(Value::NONE.into())
})];

pub fn define_tuple(b: &mut TypeBuilder<'_>) {
    b.slots.repr = Some(|vm, v| ops::text::repr_container(vm, v, Shape::Tuple));
    b.slots.hash = Some(ops::hash::tuple_hash);
    b.slots.compare = Some(|vm, op, a, b| {
        if !a.has::<crate::objects::tuple::Tuple>() || !b.has::<crate::objects::tuple::Tuple>() {
            return Ok(Value::NOT_IMPLEMENTED.into());
        }
        ops::compare::sequence_compare(vm, op, a, b)
    });
    b.slots.iter = Some(|vm, v| Ok(iterators::seq_iter(vm, SeqKind::Tuple, v.clone()).into()));
    b.slots.len = Some(|vm, v| Ok(Value::from_usize(ops::len_fast(vm, v).unwrap_or(0)).into()));
}

pub fn define_dict(b: &mut TypeBuilder<'_>) {
    b.slots.repr = Some(|vm, v| ops::text::repr_container(vm, v, Shape::Dict));
    b.slots.getitem = Some(ops::dict::subscript);
    b.slots.setitem = Some(ops::dict::store);
    b.slots.contains = Some(|vm, d, k| {
        ops::dict::run(vm, ops::dict::DictOp::Contains, d, k, Value::NONE)
    });
    b.slots.iter = Some(|vm, v| Ok(iterators::dict_iter(vm, v, DictPart::Keys, false).into()));
    b.slots.len = Some(|vm, v| {
        let n = v.get::<Dict>().map_or(0, |d| d.len(vm));
        Ok(Value::from_usize(n).into())
    });
}

pub fn define_set(b: &mut TypeBuilder<'_>) {
    b.slots.repr = Some(|vm, v| {
        let exact = vm.is_exactly(v, &vm.types.set);
        ops::text::repr_container(vm, v, if exact { Shape::Set } else { Shape::NamedSet })
    });
    b.slots.contains = Some(|vm, d, k| {
        ops::dict::run(vm, ops::dict::DictOp::Contains, d, k, Value::NONE)
    });
    b.slots.iter = Some(iterators::set_iter);
    b.slots.len = Some(|vm, v| {
        let n = v.get::<Set>().map_or(0, |d| d.len(vm));
        Ok(Value::from_usize(n).into())
    });
}

pub fn define_str(b: &mut TypeBuilder<'_>) {
    b.slots.repr = Some(|vm, v| {
        let s = stackless_primitives::wtf8::repr(v.as_wtf8().unwrap_or(b""));
        Ok(vm.str_from_wtf8(&s).into())
    });
    b.slots.str = Some(|vm, v| Ok(vm.str_from_wtf8(v.as_wtf8().unwrap_or(b"")).into()));
    b.slots.hash = Some(|vm, v| {
        let h = v.get::<Str>().map_or(0, |s| s.hash(vm));
        Ok(vm.int(h as i64).into())
    });
    b.slots.compare = Some(|_vm, op, a, b| match (a.as_wtf8(), b.as_wtf8()) {
        (Some(x), Some(y)) => Ok(Value::bool(op.matches(x.cmp(y))).into()),
        _ => Ok(Value::NOT_IMPLEMENTED.into()),
    });
    b.slots.len = Some(|vm, v| Ok(Value::from_usize(ops::len_fast(vm, v).unwrap_or(0)).into()));
    b.slots.iter = Some(|vm, v| Ok(iterators::seq_iter(vm, SeqKind::Str, v.clone()).into()));
    b.slots.concat = Some(|vm, a, b| match (a.as_wtf8(), b.as_wtf8()) {
        (Some(x), Some(y)) => Ok(vm.str_concat(&[x, y]).into()),
        _ => {
            let t = vm.type_name(b);
            Err(vm.type_error(format!("can only concatenate str (not \"{t}\") to str")))
        }
    });
}

pub fn define_range(b: &mut TypeBuilder<'_>) {
    b.slots.iter = Some(range_iter);
    b.methods(RANGE);
}
const RANGE: &[Def] = &[def("__new__", "(cls, start: index, stop: index=None, step: index=1, /)", |vm, a| {
    let (start, stop) = match a[2].given() {
        Some(stop) => (a[1].clone(), stop.clone()),
        None => (Value::from_i32(0), a[1].clone()),
    };
    let step = a[3].given().cloned().unwrap_or(Value::from_i32(1));
    let (Some(x), Some(y), Some(s)) = (start.as_big(), stop.as_big(), step.as_big()) else {
        return Err(vm.type_error("range() needs integers"));
    };
    if s.is_zero() {
        return Err(vm.value_error("range() arg 3 must not be zero"));
    }
    let span = if s.is_negative() { x.sub(&y) } else { y.sub(&x) };
    let len = span.and_then(|d| {
        if d.signum() <= 0 {
            return Ok(0i64.into());
        }
        d.sub(&1i64.into())?.div_floor(&s.abs())?.add(&1i64.into())
    });
    let len = match len {
        Ok(n) => vm.big_int(n),
        Err(e) => return Err(vm.primitive_error(e)),
    };
    let cell = crate::object::ValueCell::new;
    let r = Range { start: cell(start), stop: cell(stop), step: cell(step), length: cell(len) };
    Ok(vm.alloc(&vm.types.range, r).into())
})];

fn range_iter(vm: &mut Vm, v: &Value) -> Flow {
    let Some(r) = v.get::<Range>() else { return Err(vm.type_error("not a range")) };
    if let (Some((start, stop, step)), Some(n)) = (r.small(), r.length.get().as_small_int())
        && stop.checked_add(step).is_some()
    {
        let it = RangeIter {
            next: std::cell::Cell::new(start),
            step,
            left: std::cell::Cell::new(n as u64),
        };
        return Ok(vm.alloc(&vm.types.range_iterator, it).into());
    }
    Ok(iterators::seq_iter(vm, SeqKind::LongRange, v.clone()).into())
}

pub fn define_seq_iter(b: &mut TypeBuilder<'_>) {
    b.slots.iter = Some(self_iter);
    b.slots.next = Some(iterators::seq_next);
}
pub fn define_range_iter(b: &mut TypeBuilder<'_>) {
    b.slots.iter = Some(self_iter);
    b.slots.next = Some(iterators::range_iter_next);
}
pub fn define_dict_iter(b: &mut TypeBuilder<'_>) {
    b.slots.iter = Some(self_iter);
    b.slots.next = Some(iterators::dict_iter_next);
}
pub fn define_set_iter(b: &mut TypeBuilder<'_>) {
    b.slots.iter = Some(self_iter);
    b.slots.next = Some(iterators::set_iter_next);
}

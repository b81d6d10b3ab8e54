//! `int`, `bool`, `float`: slots and methods.

use crate::boot::TypeBuilder;
use crate::exc::Flow;
use crate::objects::types::{BINOPS, BinOp, BinaryFn};
use crate::ops;
use crate::value::Value;
use crate::vm::Vm;

macro_rules! table {
    ($f:ident; $($i:literal),*) => {
        [$(Some((|vm, a, b| $f(vm, BinOp::from_index($i), a, b)) as BinaryFn)),*]
    };
}

const INT: [Option<BinaryFn>; BINOPS] = table!(int_binary; 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13);
const FLOAT: [Option<BinaryFn>; BINOPS] = table!(float_binary; 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13);

fn int_binary(vm: &mut Vm, op: BinOp, a: &Value, b: &Value) -> Flow {
    ops::binary::int_op(vm, op, a, b)
}
fn float_binary(vm: &mut Vm, op: BinOp, a: &Value, b: &Value) -> Flow {
    let part = |vm: &mut Vm, v: &Value| -> Result<Option<f64>, crate::exc::Exc> {
        if let Some(f) = v.as_float() {
            return Ok(Some(f));
        }
        if v.is_int_like() {
            return Ok(ops::number::int_to_float(vm, v)?.as_float());
        }
        Ok(None)
    };
    let (Some(x), Some(y)) = (part(vm, a)?, part(vm, b)?) else {
        return Ok(Value::NOT_IMPLEMENTED.into());
    };
    ops::binary::float_op(vm, op, x, y)
}

pub fn define_int(b: &mut TypeBuilder<'_>) {
    b.slots.binary = INT;
    b.slots.binary[BinOp::MatMul as usize] = None;
    b.slots.compare = Some(ops::compare::int_compare);
    b.slots.repr = Some(|vm, v| ops::text::int_text(vm, v).map(Into::into));
    b.slots.hash = Some(|vm, v| {
        let h = v.as_big().map_or(0, |b| b.py_hash());
        Ok(vm.int(h).into())
    });
    b.slots.bool = Some(|_vm, v| Ok(Value::bool(v.as_i64() != Some(0)).into()));
    b.slots.index = Some(ops::number::index);
    b.slots.int = Some(ops::number::index);
    b.slots.float = Some(|vm, v| ops::number::int_to_float(vm, v).map(Into::into));
    b.slots.neg = Some(|vm, v| {
        let n = v.as_big().unwrap_or_else(|| 0i64.into()).neg();
        Ok(vm.big_int(n).into())
    });
    b.slots.pos = Some(ops::number::index);
    b.slots.abs = Some(|vm, v| {
        let n = v.as_big().unwrap_or_else(|| 0i64.into()).abs();
        Ok(vm.big_int(n).into())
    });
    b.slots.invert = Some(|vm, v| {
        let n = v.as_big().unwrap_or_else(|| 0i64.into()).invert();
        Ok(vm.big_int(n).into())
    });
}

pub fn define_bool(b: &mut TypeBuilder<'_>) {
    b.slots.repr = Some(|vm, v| Ok(vm.intern(if v.is_true() { "True" } else { "False" }).into()));
}

pub fn define_float(b: &mut TypeBuilder<'_>) {
    b.slots.binary = FLOAT;
    for op in [BinOp::MatMul, BinOp::LShift, BinOp::RShift, BinOp::And, BinOp::Or, BinOp::Xor] {
        b.slots.binary[op as usize] = None;
    }
    b.slots.compare = Some(ops::compare::float_compare);
    b.slots.repr = Some(|vm, v| {
        let text = stackless_primitives::float::repr(v.as_float().unwrap_or(0.0));
        Ok(vm.str(&text).into())
    });
    b.slots.hash = Some(|vm, v| {
        let h = ops::hash::float_hash(v, v.as_float().unwrap_or(0.0));
        Ok(vm.int(h).into())
    });
    b.slots.bool = Some(|_vm, v| Ok(Value::bool(v.as_float() != Some(0.0)).into()));
    b.slots.neg = Some(|vm, v| Ok(vm.float(-v.as_float().unwrap_or(0.0)).into()));
    b.slots.pos = Some(|vm, v| Ok(vm.float(v.as_float().unwrap_or(0.0)).into()));
    b.slots.abs = Some(|vm, v| Ok(vm.float(v.as_float().unwrap_or(0.0).abs()).into()));
}

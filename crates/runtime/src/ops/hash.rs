//! `hash()`: native for builtin scalars, a machine for tuples and everything else.

use stackless_primitives::hash as h;

use crate::dunder::Field;
use crate::exc::{Exc, Flow, PyResult, Reply};
use crate::machine::Machine;
use crate::objects::{bytes::Bytes, number, str::Str, tuple::Tuple};
use crate::soft;
use crate::value::Value;
use crate::vm::Vm;

/// Hash of values whose hashing is native and shallow; None for the rest.
#[inline]
pub fn hash_fast(vm: &Vm, v: &Value) -> Option<u64> {
    if let Some(i) = v.as_small_int() {
        return Some(int_hash(i) as u64);
    }
    if let Some(s) = v.get::<Str>()
        && vm.is_exactly(v, &vm.types.str)
    {
        return Some(s.hash(vm));
    }
    let ty = vm.type_of(v);
    if ty.is_objects(Field::Hash) {
        return Some(address_hash(v) as u64);
    }
    if v.is_none() {
        return Some(0xfca86420);
    }
    if v.is_bool() {
        return Some(v.is_true() as u64);
    }
    let t = &vm.types;
    if std::ptr::eq(ty, &*t.float) {
        return v.as_float().map(|f| float_hash(v, f) as u64);
    }
    if std::ptr::eq(ty, &*t.int) {
        return v.get::<number::Int>().map(|i| i.0.py_hash() as u64);
    }
    if std::ptr::eq(ty, &*t.bytes) {
        return v.get::<Bytes>().map(|b| b.hash(vm));
    }
    if std::ptr::eq(ty, &*t.tuple) {
        return tuple_hash_shallow(vm, v);
    }
    None
}

fn tuple_hash_shallow(vm: &Vm, v: &Value) -> Option<u64> {
    let items = v.tuple_items();
    let mut acc = h::TupleHash::new();
    for item in items {
        // Ints and hashed names are what keys mostly consist of.
        let hash = match (item.as_small_int(), item.get::<Str>()) {
            (Some(i), _) => int_hash(i),
            (_, Some(s)) if vm.is_exactly(item, &vm.types.str) => s.hash(vm) as i64,
            _ if item.has::<Tuple>() => return None,
            _ => hash_fast(vm, item)? as i64,
        };
        acc.add(hash);
    }
    Some(acc.finish(items.len()) as u64)
}

/// `hash(i)` of an immediate int.
#[inline]
pub fn int_hash(i: i64) -> i64 {
    const M: i64 = (1 << 61) - 1;
    let r = if (-M..=M).contains(&i) { if i == M || i == -M { 0 } else { i } } else { i % M };
    if r == -1 { -2 } else { r }
}

pub fn float_hash(v: &Value, f: f64) -> i64 {
    stackless_primitives::float::hash(f).unwrap_or_else(|| address_hash(v))
}

/// CPython's pointer hash: the address rotated.
pub fn address_hash(v: &Value) -> i64 {
    let r = v.bits().rotate_right(4) as i64;
    if r == -1 { -2 } else { r }
}

/// `object.__hash__`.
pub fn identity_hash(vm: &mut Vm, v: &Value) -> Flow {
    Ok(vm.int(address_hash(v)).into())
}

/// `hash(v)` as an int value.
pub fn hash(vm: &mut Vm, v: &Value) -> Flow {
    if let Some(r) = hash_fast(vm, v) {
        return Ok(vm.int(r as i64).into());
    }
    match vm.type_of(v).slots(vm).hash {
        Some(f) => f(vm, v),
        None => Err(unhashable(vm, v)),
    }
}

#[cold]
pub fn unhashable(vm: &mut Vm, v: &Value) -> Exc {
    let t = vm.type_name(v);
    vm.type_error(format!("unhashable type: '{t}'"))
}

/// The 64-bit hash in the int that `hash` gave.
pub fn as_u64(v: &Value) -> u64 {
    v.as_i64().unwrap_or(0) as u64
}

/// `tuple.__hash__`.
pub fn tuple_hash(vm: &mut Vm, v: &Value) -> Flow {
    if let Some(r) = tuple_hash_shallow(vm, v) {
        return Ok(vm.int(r as i64).into());
    }
    vm.start(&TUPLE_HASH, [v.clone(), Value::from_i32(0), Value::NONE])
}

/// Registers: tuple, next index, list of the hashes so far. Hashes are not carried over a pickle:
/// the accumulator is rebuilt from the item hashes of this process.
pub(crate) static TUPLE_HASH: Machine = Machine::new("op.hash_tuple", |vm, regs, input| {
    let tuple = regs.get(0);
    let hashes = if regs.stage() == 0 {
        let list = vm.list(Vec::new());
        regs.set(2, list.clone());
        list
    } else {
        let list = regs.get(2);
        let v = input.value()?;
        push(vm, &list, v)?;
        list
    };
    let mut i = regs.int(1) as usize;
    if regs.stage() == 1 {
        i += 1;
    }
    while let Some(item) = tuple.tuple_items().get(i) {
        regs.set_int(1, i as i64);
        let item = item.clone();
        let v = soft!(regs, 1, hash(vm, &item));
        push(vm, &hashes, v)?;
        i += 1;
    }
    let mut acc = h::TupleHash::new();
    let mut n = 0;
    if let Some(list) = hashes.get::<crate::objects::list::List>() {
        for v in list.items(vm) {
            acc.add(as_u64(v) as i64);
            n += 1;
        }
    }
    Ok(Reply::from(vm.int(acc.finish(n))))
});

fn push(vm: &mut Vm, list: &Value, v: Value) -> PyResult<()> {
    match list.get::<crate::objects::list::List>() {
        Some(l) => {
            l.push(vm, v);
            Ok(())
        }
        None => Err(vm.system_error("machine register holds no list")),
    }
}

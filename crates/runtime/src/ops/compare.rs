//! Rich comparison: fast paths, the slot protocol, comparison of sequences as a machine.

use std::cmp::Ordering;

use crate::dunder::Field;
use crate::exc::{Flow, Reply};
use crate::machine::{Input, Machine};
use crate::object::Obj;
use crate::objects::types::{CmpOp, CompareFn, Type, tflags};
use crate::objects::{bytes::Bytes, number::Int, str::Str};
use crate::soft;
use crate::value::Value;
use crate::vm::Vm;

/// Order of two real numbers (ints, floats, subclasses that keep native comparison): None if not
/// both are numbers, `Some(None)` for NaN.
pub fn number_order(a: &Value, b: &Value) -> Option<Option<Ordering>> {
    if let (Some(x), Some(y)) = (a.as_small_int(), b.as_small_int()) {
        return Some(Some(x.cmp(&y)));
    }
    match (a.as_float(), b.as_float()) {
        (Some(x), Some(y)) => Some(x.partial_cmp(&y)),
        (Some(x), None) => {
            let y = b.as_big()?;
            Some(y.partial_cmp_f64(x).map(Ordering::reverse))
        }
        (None, Some(y)) => Some(a.as_big()?.partial_cmp_f64(y)),
        (None, None) => {
            if let (Some(x), Some(y)) = (a.as_i64(), b.as_i64()) {
                return Some(Some(x.cmp(&y)));
            }
            Some(Some(a.as_big()?.cmp(&b.as_big()?)))
        }
    }
}

/// Equality of values of exact builtin scalar types; None when Python or deeper work is needed.
#[inline]
pub fn eq_fast(vm: &Vm, a: &Value, b: &Value) -> Option<bool> {
    if a.is_int() && b.is_int() {
        return Some(a.is(b));
    }
    if let (Some(x), Some(y)) = (a.get::<Str>(), b.get::<Str>())
        && vm.is_exactly(a, &vm.types.str)
        && vm.is_exactly(b, &vm.types.str)
    {
        return Some(x.bytes() == y.bytes());
    }
    let (ta, tb) = (vm.type_of(a), vm.type_of(b));
    if std::ptr::eq(ta, &*vm.types.tuple) && std::ptr::eq(tb, &*vm.types.tuple) {
        return tuple_eq_fast(vm, a, b);
    }
    let scalar = |t: &Obj<Type>| {
        let ts = &vm.types;
        [&ts.int, &ts.float, &ts.str, &ts.bool_, &ts.none_type, &ts.bytes, &ts.ellipsis]
            .iter()
            .any(|s| std::ptr::eq(t, &***s))
    };
    if scalar(ta) && scalar(tb) {
        if let Some(order) = number_order(a, b) {
            return Some(order == Some(Ordering::Equal));
        }
        if let (Some(x), Some(y)) = (a.get::<Bytes>(), b.get::<Bytes>()) {
            return Some(x.as_bytes() == y.as_bytes());
        }
        if vm.bytes_warning && (a.has::<Bytes>() || b.has::<Bytes>()) {
            return None;
        }
        return Some(a.is(b));
    }
    // Identity equality on both sides.
    let identity = |t: &Obj<Type>| t.is_objects(Field::Compare);
    if identity(ta) && identity(tb) {
        return Some(a.is(b));
    }
    None
}

/// Equality of tuples whose items compare natively; tuples in tuples are left to the machine.
fn tuple_eq_fast(vm: &Vm, a: &Value, b: &Value) -> Option<bool> {
    let (x, y) = (a.tuple_items(), b.tuple_items());
    if x.len() != y.len() {
        return Some(false);
    }
    for (p, q) in x.iter().zip(y) {
        if p.is(q) {
            continue;
        }
        if p.has::<crate::objects::tuple::Tuple>() || !eq_fast(vm, p, q)? {
            return if p.has::<crate::objects::tuple::Tuple>() { None } else { Some(false) };
        }
    }
    Some(true)
}

/// `object`'s comparison: identity for `==`, the inverse of `__eq__` for `!=`.
pub fn object_compare(vm: &mut Vm, op: CmpOp, a: &Value, b: &Value) -> Flow {
    Ok(match op {
        CmpOp::Eq if a.is(b) => Value::TRUE.into(),
        CmpOp::Ne => {
            let ty = vm.type_of(a);
            match ty.slots(vm).compare {
                Some(_) if !ty.is_objects(Field::Compare) => {
                    return vm.start(&NE_FROM_EQ, [a.clone(), b.clone()]);
                }
                _ if a.is(b) => Value::FALSE.into(),
                _ => Value::NOT_IMPLEMENTED.into(),
            }
        }
        _ => Value::NOT_IMPLEMENTED.into(),
    })
}

/// Registers: a, b. `not a.__eq__(b)`, keeping NotImplemented.
pub(crate) static NE_FROM_EQ: Machine = Machine::new("op.ne_from_eq", |vm, regs, input| {
    let v = match regs.stage() {
        0 => {
            let (a, b) = (regs.get(0), regs.get(1));
            match vm.type_of(&a).slots(vm).compare {
                Some(f) => soft!(regs, 1, f(vm, CmpOp::Eq, &a, &b)),
                None => Value::NOT_IMPLEMENTED,
            }
        }
        1 => input.value()?,
        _ => {
            let t = input.value()?;
            return Ok(Value::bool(!t.is_true()).into());
        }
    };
    if v.is_not_implemented() {
        return Ok(v.into());
    }
    let t = soft!(regs, 2, super::truth(vm, &v));
    Ok(Value::bool(!t.is_true()).into())
});

/// `a op b` for any values.
pub fn compare(vm: &mut Vm, op: CmpOp, a: &Value, b: &Value) -> Flow {
    if let (Some(x), Some(y)) = (a.as_small_int(), b.as_small_int()) {
        return Ok(Value::bool(op.matches(x.cmp(&y))).into());
    }
    if let (Some(x), Some(y)) = (a.get::<Str>(), b.get::<Str>())
        && vm.is_exactly(a, &vm.types.str)
        && vm.is_exactly(b, &vm.types.str)
    {
        return Ok(Value::bool(op.matches(x.bytes().cmp(y.bytes()))).into());
    }
    let (ta, tb) = (vm.type_of(a), vm.type_of(b));
    let (fa, fb) = (ta.slots(vm).compare, tb.slots(vm).compare);
    // Where an answer may come later, somebody must look at it.
    let soft = |t: &Obj<Type>| {
        t.is_python(Field::Compare) || !t.has_flag(tflags::NATIVE_EQ) && !t.has_flag(CONTAINER)
    };
    if soft(ta)
        || soft(tb)
        || !std::ptr::eq(ta, tb) && (ta.has_flag(CONTAINER) || tb.has_flag(CONTAINER))
    {
        return vm.start_now(&COMPARE, [Value::from_i32(op as i32), a.clone(), b.clone()]);
    }
    compare_native(vm, op, a, b, fa, fb)
}

/// Containers of the same type answer for themselves.
const CONTAINER: u32 = tflags::LIST | tflags::TUPLE | tflags::DICT;

fn compare_native(
    vm: &mut Vm,
    op: CmpOp,
    a: &Value,
    b: &Value,
    fa: Option<CompareFn>,
    fb: Option<CompareFn>,
) -> Flow {
    let (ta, tb) = (vm.type_of(a), vm.type_of(b));
    let right_first = !std::ptr::eq(ta, tb) && tb.is_subtype(ta, vm) && fb.is_some();
    if right_first && let Some(f) = fb {
        let r = f(vm, op.swapped(), b, a)?;
        if !r.as_value().is_not_implemented() {
            return Ok(r);
        }
    }
    if let Some(f) = fa {
        let r = f(vm, op, a, b)?;
        if !r.as_value().is_not_implemented() {
            return Ok(r);
        }
    }
    if !right_first && let Some(f) = fb {
        let r = f(vm, op.swapped(), b, a)?;
        if !r.as_value().is_not_implemented() {
            return Ok(r);
        }
    }
    default(vm, op, a, b)
}

fn default(vm: &mut Vm, op: CmpOp, a: &Value, b: &Value) -> Flow {
    match op {
        CmpOp::Eq => Ok(Value::bool(a.is(b)).into()),
        CmpOp::Ne => Ok(Value::bool(!a.is(b)).into()),
        _ => {
            let (x, y) = (vm.type_name(a), vm.type_name(b));
            let s = op.symbol();
            Err(vm.type_error(format!("'{s}' not supported between instances of '{x}' and '{y}'")))
        }
    }
}

/// Registers: operator, a, b. Stages 1, 2, 3: which side's answer is awaited.
pub(crate) static COMPARE: Machine = Machine::new("op.compare", |vm, regs, input| {
    let op = CmpOp::from_index(regs.int(0) as usize);
    let (a, b) = (regs.get(1), regs.get(2));
    let mut input = input;
    loop {
        let stage = regs.stage();
        if stage == 9 {
            return input.value().map(Reply::from);
        }
        if stage > 0 {
            let v = input.value()?;
            if !v.is_not_implemented() {
                return Ok(v.into());
            }
        }
        input = Input::Value(Value::NOT_IMPLEMENTED);
        let (ta, tb) = (vm.type_of(&a), vm.type_of(&b));
        let (fa, fb) = (ta.slots(vm).compare, tb.slots(vm).compare);
        let right_first = !std::ptr::eq(ta, tb) && tb.is_subtype(ta, vm);
        regs.set_stage(stage + 1);
        let flow = match stage {
            0 => match (right_first, fb) {
                (true, Some(f)) => f(vm, op.swapped(), &b, &a),
                _ => continue,
            },
            1 => match fa {
                Some(f) => f(vm, op, &a, &b),
                None => continue,
            },
            2 => match (right_first, fb) {
                (false, Some(f)) => f(vm, op.swapped(), &b, &a),
                _ => continue,
            },
            _ => {
                regs.set_stage(9);
                return default(vm, op, &a, &b);
            }
        };
        match flow?.ready() {
            Some(v) => input = Input::Value(v),
            None => return Ok(Reply::PUSHED),
        }
    }
})
.passing(|stage, v| stage > 0 && !v.is_not_implemented());

/// Order of values that compare natively and are not NaN; None for all else.
pub fn native_order(vm: &Vm, a: &Value, b: &Value, depth: u32) -> Option<Ordering> {
    if let (Some(x), Some(y)) = (a.as_small_int(), b.as_small_int()) {
        return Some(x.cmp(&y));
    }
    let (ta, tb) = (vm.type_of(a), vm.type_of(b));
    let t = &vm.types;
    let number =
        |ty: &Obj<Type>| [&t.int, &t.float, &t.bool_].iter().any(|n| std::ptr::eq(ty, &***n));
    if number(ta) && number(tb) {
        return number_order(a, b)?;
    }
    if !std::ptr::eq(ta, tb) {
        return None;
    }
    if std::ptr::eq(ta, &*t.str) {
        return Some(a.as_wtf8()?.cmp(b.as_wtf8()?));
    }
    if std::ptr::eq(ta, &*t.bytes) {
        return Some(a.get::<Bytes>()?.as_bytes().cmp(b.get::<Bytes>()?.as_bytes()));
    }
    if std::ptr::eq(ta, &*t.tuple) && depth < 8 {
        let (x, y) = (a.tuple_items(), b.tuple_items());
        for (p, q) in x.iter().zip(y) {
            if p.is(q) {
                continue;
            }
            match native_order(vm, p, q, depth + 1) {
                Some(Ordering::Equal) => {}
                Some(order) => return Some(order),
                // Values without an order may still be equal.
                None if eq_fast(vm, p, q)? => {}
                None => return None,
            }
        }
        return Some(x.len().cmp(&y.len()));
    }
    None
}

/// Does `native_order` put all of these into one total order?
pub fn natively_ordered(vm: &Vm, keys: &[Value]) -> bool {
    match keys.first() {
        Some(first) if vm.is_exactly(first, &vm.types.tuple) => {
            tuples_ordered(vm, &keys.iter().collect::<Vec<_>>(), 0)
        }
        _ => scalars_ordered(vm, keys.iter()),
    }
}

fn scalars_ordered<'a>(vm: &Vm, mut keys: impl Iterator<Item = &'a Value> + Clone) -> bool {
    let t = &vm.types;
    let Some(first) = keys.clone().next() else { return true };
    for ty in [&t.str, &t.bytes] {
        if vm.is_exactly(first, ty) {
            return keys.all(|k| vm.is_exactly(k, ty));
        }
    }
    keys.all(|k| {
        k.is_int()
            || vm.is_exactly(k, &t.int)
            || vm.is_exactly(k, &t.bool_)
            || vm.is_exactly(k, &t.float) && k.as_float().is_some_and(|f| !f.is_nan())
    })
}

/// The same for tuples, column by column.
fn tuples_ordered(vm: &Vm, keys: &[&Value], depth: u32) -> bool {
    if depth >= 8 || !keys.iter().all(|k| vm.is_exactly(k, &vm.types.tuple)) {
        return false;
    }
    let width = keys.iter().map(|k| k.tuple_items().len()).max().unwrap_or(0);
    (0..width).all(|i| {
        let column: Vec<&Value> = keys.iter().filter_map(|k| k.tuple_items().get(i)).collect();
        match column.first() {
            Some(first) if vm.is_exactly(first, &vm.types.tuple) => {
                tuples_ordered(vm, &column, depth + 1)
            }
            _ => scalars_ordered(vm, column.iter().copied()),
        }
    })
}

/// `a == b` with identity first, as containers compare their items.
pub fn item_eq(vm: &mut Vm, a: &Value, b: &Value) -> Flow {
    if a.is(b) {
        return Ok(Value::TRUE.into());
    }
    if let Some(r) = eq_fast(vm, a, b) {
        return Ok(Value::bool(r).into());
    }
    vm.start(&ITEM_EQ, [a.clone(), b.clone()])
}

/// Registers: a, b. The truth of `a == b`.
pub(crate) static ITEM_EQ: Machine = Machine::new("op.item_eq", |vm, regs, input| {
    let v = match regs.stage() {
        0 => {
            let (a, b) = (regs.get(0), regs.get(1));
            soft!(regs, 1, compare(vm, CmpOp::Eq, &a, &b))
        }
        1 => input.value()?,
        _ => return input.value().map(Reply::from),
    };
    Ok(soft!(regs, 2, super::truth(vm, &v)).into())
});

/// Items of a list or tuple, re-read at each step because comparisons may change a list.
fn seq_item(vm: &Vm, v: &Value, i: usize) -> Option<Value> {
    if let Some(l) = v.get::<crate::objects::list::List>() {
        l.items(vm).get(i).cloned()
    } else {
        v.tuple_items().get(i).cloned()
    }
}
fn seq_len(vm: &Vm, v: &Value) -> usize {
    super::len_fast(vm, v).unwrap_or(0)
}

/// Comparison of two lists or two tuples.
pub fn sequence_compare(vm: &mut Vm, op: CmpOp, a: &Value, b: &Value) -> Flow {
    let (la, lb) = (seq_len(vm, a), seq_len(vm, b));
    if la != lb && matches!(op, CmpOp::Eq | CmpOp::Ne) {
        return Ok(Value::bool(op == CmpOp::Ne).into());
    }
    let mut i = 0;
    while let (Some(x), Some(y)) = (seq_item(vm, a, i), seq_item(vm, b, i)) {
        if !x.is(&y) {
            match eq_fast(vm, &x, &y) {
                Some(true) => {}
                Some(false) => return decide(vm, op, Some((x, y)), 0, 0),
                None => {
                    let regs =
                        [Value::from_i32(op as i32), a.clone(), b.clone(), Value::from_usize(i)];
                    return vm.start(&SEQUENCE, regs);
                }
            }
        }
        i += 1;
    }
    let (la, lb) = (seq_len(vm, a), seq_len(vm, b));
    decide(vm, op, None, la, lb)
}

fn decide(vm: &mut Vm, op: CmpOp, differ: Option<(Value, Value)>, la: usize, lb: usize) -> Flow {
    match differ {
        None => Ok(Value::bool(op.matches(la.cmp(&lb))).into()),
        Some(_) if op == CmpOp::Eq => Ok(Value::FALSE.into()),
        Some(_) if op == CmpOp::Ne => Ok(Value::TRUE.into()),
        Some((x, y)) => compare(vm, op, &x, &y),
    }
}

/// Registers: operator, a, b, index.
pub(crate) static SEQUENCE: Machine = Machine::new("op.compare_sequences", |vm, regs, input| {
    let op = CmpOp::from_index(regs.int(0) as usize);
    let (a, b) = (regs.get(1), regs.get(2));
    let mut i = regs.int(3) as usize;
    let mut input = match regs.stage() {
        0 => None,
        1 => Some(input.value()?),
        _ => return input.value().map(Reply::from),
    };
    loop {
        let (Some(x), Some(y)) = (seq_item(vm, &a, i), seq_item(vm, &b, i)) else {
            let (la, lb) = (seq_len(vm, &a), seq_len(vm, &b));
            return decide(vm, op, None, la, lb);
        };
        let equal = match input.take() {
            Some(v) => v,
            None => {
                regs.set_int(3, i as i64);
                soft!(regs, 1, item_eq(vm, &x, &y))
            }
        };
        if !equal.is_true() {
            regs.set_stage(2);
            return decide(vm, op, Some((x, y)), 0, 0);
        }
        i += 1;
    }
});

/// Comparison of ints (and bools): NotImplemented for other types.
pub fn int_compare(_vm: &mut Vm, op: CmpOp, a: &Value, b: &Value) -> Flow {
    if !a.is_int_like() || !b.is_int_like() {
        return Ok(Value::NOT_IMPLEMENTED.into());
    }
    let order = number_order(a, b).flatten().unwrap_or(Ordering::Equal);
    Ok(Value::bool(op.matches(order)).into())
}

pub fn float_compare(_vm: &mut Vm, op: CmpOp, a: &Value, b: &Value) -> Flow {
    match number_order(a, b) {
        None => Ok(Value::NOT_IMPLEMENTED.into()),
        Some(None) => Ok(Value::bool(op == CmpOp::Ne).into()),
        Some(Some(order)) => Ok(Value::bool(op.matches(order)).into()),
    }
}

/// Does equality of this value run Python code or need deep work?
pub fn is_native_scalar(vm: &Vm, v: &Value) -> bool {
    v.header().is_none() || v.has::<Int>() || vm.type_of(v).has_flag(tflags::NATIVE_EQ)
}

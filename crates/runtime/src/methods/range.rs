//! `range`: slots and methods for bounds of any size, with paths for machine integers. CPython's
//! counterpart: `Objects/rangeobject.c`.
//!
//! The parts of a range are exact ints and its length is computed when it is made.

use stackless_primitives::BigInt;

use super::slice::normalise;
use super::support::{prim, readonly};
use crate::boot::TypeBuilder;
use crate::descr::{GetSet, getset};
use crate::exc::{Flow, PyResult, Reply};
use crate::machine::Machine;
use crate::native::{Def, def};
use crate::object::{Obj, ValueCell};
use crate::objects::function::Slice;
use crate::objects::iterators::{self, Range, RangeIter, SeqKind};
use crate::objects::types::CmpOp;
use crate::ops;
use crate::ops::item::with_converted_key;
use crate::soft;
use crate::value::Value;
use crate::vm::Vm;

pub fn define_range(b: &mut TypeBuilder<'_>) {
    b.slots.repr = Some(|vm, v| {
        let r = get(vm, v)?;
        let text = |vm: &mut Vm, c: &ValueCell| {
            ops::text::int_text(vm, &c.get()).map(|t| t.display_str(vm))
        };
        let (start, stop) = (text(vm, &r.start)?, text(vm, &r.stop)?);
        let s = if r.step.get().as_small_int() == Some(1) {
            format!("range({start}, {stop})")
        } else {
            let step = text(vm, &r.step)?;
            format!("range({start}, {stop}, {step})")
        };
        Ok(vm.str(&s).into())
    });
    b.slots.hash = Some(|vm, v| {
        let key = identity(vm, v)?;
        ops::hash::hash(vm, &key)
    });
    b.slots.compare = Some(|vm, op, a, b| {
        if !matches!(op, CmpOp::Eq | CmpOp::Ne) || !a.has::<Range>() || !b.has::<Range>() {
            return Ok(Value::NOT_IMPLEMENTED.into());
        }
        let (x, y) = (identity(vm, a)?, identity(vm, b)?);
        ops::compare::sequence_compare(vm, op, &x, &y)
    });
    b.slots.len = Some(|vm, v| {
        let n = get(vm, v)?.length.get();
        if n.as_i64().is_none() {
            return Err(vm.overflow_error("Python int too large to convert to C ssize_t"));
        }
        Ok(n.into())
    });
    b.slots.bool =
        Some(|vm, v| Ok(Value::bool(get(vm, v)?.length.get().as_small_int() != Some(0)).into()));
    b.slots.iter = Some(iter);
    b.slots.getitem = Some(getitem);
    b.slots.contains = Some(|vm, v, item| {
        if is_plain_int(vm, item) {
            let at = position(vm, v, item)?;
            return Ok(at.is_some().into());
        }
        ops::iter::contains_by_iteration(vm, v, item)
    });
    b.methods(METHODS);
    b.getsets(&ATTRS);
}

static ATTRS: [GetSet; 3] = [
    getset("start", |vm, v| Ok(get(vm, v)?.start.get().into()), readonly),
    getset("stop", |vm, v| Ok(get(vm, v)?.stop.get().into()), readonly),
    getset("step", |vm, v| Ok(get(vm, v)?.step.get().into()), readonly),
];

const METHODS: &[Def] = &[
    def!("__new__", "(cls, start: index, stop: index=None, step: index=1, /)", |vm, a| {
        let (start, stop) = match a[2].given() {
            Some(stop) => (&a[1], stop.clone()),
            None => (&Value::from_i32(0), a[1].clone()),
        };
        let step = a[3].given().cloned().unwrap_or(Value::from_i32(1));
        make(vm, start, &stop, &step).map(Reply::from)
    }),
    def!("__reversed__", "(self, /)", |vm, this| reversed(vm, this)),
    def!("__reduce__", "(self, /)", |vm, this| {
        let r = get(vm, this)?;
        let args = vm.tuple(vec![r.start.get(), r.stop.get(), r.step.get()]);
        Ok(vm.tuple(vec![vm.types.range.to_value(), args]).into())
    }),
    def!("count", "(self, value, /)", |vm, this, value| {
        if is_plain_int(vm, value) {
            let n = position(vm, this, value)?.is_some();
            return Ok(Value::from_i32(n as i32).into());
        }
        search(vm, this, value, true)
    }),
    def!("index", "(self, value, /)", |vm, this, value| {
        if is_plain_int(vm, value) {
            return match position(vm, this, value)? {
                Some(i) => Ok(vm.big_int(i).into()),
                None => Err(vm.value_error("range.index(x): x not in range")),
            };
        }
        search(vm, this, value, false)
    }),
];

fn get<'a>(vm: &mut Vm, v: &'a Value) -> PyResult<&'a Obj<Range>> {
    match v.get::<Range>() {
        Some(r) => Ok(r),
        None => Err(vm.system_error("not a range")),
    }
}

/// Ints and bools whose comparison is native.
fn is_plain_int(vm: &Vm, v: &Value) -> bool {
    v.is_int() || v.is_bool() || vm.is_exactly(v, &vm.types.int)
}

fn length(start: &BigInt, stop: &BigInt, step: &BigInt) -> stackless_primitives::Result<BigInt> {
    let span = if step.is_negative() { start.sub(stop)? } else { stop.sub(start)? };
    if span.signum() <= 0 {
        return Ok(BigInt::ZERO);
    }
    span.sub(&BigInt::ONE)?.div_floor(&step.abs())?.add(&BigInt::ONE)
}

/// A range of ints.
pub(crate) fn make(vm: &mut Vm, start: &Value, stop: &Value, step: &Value) -> PyResult {
    let exact = |v: &Value| super::int::exact(vm, v);
    let (start, stop, step) = (exact(start), exact(stop), exact(step));
    if step.as_small_int() == Some(0) {
        return Err(vm.value_error("range() arg 3 must not be zero"));
    }
    let len = match (start.as_small_int(), stop.as_small_int(), step.as_small_int()) {
        // Immediate ints have 63 bits: none of this overflows.
        (Some(a), Some(b), Some(1)) => vm.int((b - a).max(0)),
        _ => {
            let big = |v: &Value| v.as_big().unwrap_or(BigInt::ZERO);
            let n = length(&big(&start), &big(&stop), &big(&step));
            let n = prim(vm, n)?;
            vm.big_int(n)
        }
    };
    let cell = ValueCell::new;
    let r = Range { start: cell(start), stop: cell(stop), step: cell(step), length: cell(len) };
    Ok(vm.alloc(&vm.types.range, r).into_value())
}

/// A range of one to three immediate ints.
pub(crate) fn make_small(vm: &Vm, args: &[Value]) -> Option<Value> {
    let int = |v: &Value| v.as_small_int();
    let (start, stop, step) = match args {
        [stop] => (0, int(stop)?, 1),
        [start, stop] => (int(start)?, int(stop)?, 1),
        [start, stop, step] => (int(start)?, int(stop)?, int(step)?),
        _ => return None,
    };
    let (span, stride) = match step {
        0 => return None,
        1.. => (stop as i128 - start as i128, step as i128),
        _ => (start as i128 - stop as i128, -(step as i128)),
    };
    let len = if span <= 0 { 0 } else { (span - 1) / stride + 1 };
    let cell = |n: i64| ValueCell::new(vm.int(n));
    let length = cell(i64::try_from(len).ok()?);
    let r = Range { start: cell(start), stop: cell(stop), step: cell(step), length };
    Some(vm.alloc(&vm.types.range, r).into_value())
}

/// What equal ranges share: length, start and step, as far as they matter.
fn identity(vm: &mut Vm, v: &Value) -> PyResult {
    let r = get(vm, v)?;
    let n = r.length.get();
    let mut items = vec![n.clone(), Value::NONE, Value::NONE];
    if n.as_small_int() != Some(0) {
        items[1] = r.start.get();
        if n.as_small_int() != Some(1) {
            items[2] = r.step.get();
        }
    }
    Ok(vm.tuple(items))
}

/// Index of an int in a range.
fn position(vm: &mut Vm, v: &Value, item: &Value) -> PyResult<Option<BigInt>> {
    let r = get(vm, v)?;
    if let (Some((start, _, step)), Some(n), Some(i)) =
        (r.small(), r.length.get().as_small_int(), item.as_i64())
    {
        let Some(d) = i.checked_sub(start) else { return Ok(None) };
        let found = d.checked_rem(step) == Some(0);
        return Ok(match d.checked_div(step) {
            Some(q) if found && (0..n).contains(&q) => Some(BigInt::from(q)),
            _ => None,
        });
    }
    let big = |v: Value| v.as_big().unwrap_or(BigInt::ZERO);
    let (start, step, n) = (big(r.start.get()), big(r.step.get()), big(r.length.get()));
    let r = big(item.clone()).sub(&start).and_then(|d| d.divmod_floor(&step));
    let (q, rest) = prim(vm, r)?;
    Ok(if rest.is_zero() && !q.is_negative() && q < n { Some(q) } else { None })
}

fn range_iterator(vm: &Vm, start: i64, step: i64, n: i64) -> Value {
    let it =
        RangeIter { next: std::cell::Cell::new(start), step, left: std::cell::Cell::new(n as u64) };
    vm.alloc(&vm.types.range_iterator, it).into_value()
}

fn iter(vm: &mut Vm, v: &Value) -> Flow {
    let r = get(vm, v)?;
    if let (Some((start, stop, step)), Some(n)) = (r.small(), r.length.get().as_small_int())
        && stop.checked_add(step).is_some()
    {
        return Ok(range_iterator(vm, start, step, n).into());
    }
    Ok(iterators::seq_iter(vm, SeqKind::LongRange, v.clone()).into())
}

fn reversed(vm: &mut Vm, v: &Value) -> Flow {
    let r = get(vm, v)?;
    if let (Some((start, _, step)), Some(n)) = (r.small(), r.length.get().as_small_int())
        && let Some(last) = step.checked_mul(n.max(1) - 1).and_then(|d| start.checked_add(d))
        && let Some(back) = step.checked_neg()
        && Value::small_int(last).is_some()
    {
        return Ok(range_iterator(vm, last, back, n).into());
    }
    let big = |v: Value| v.as_big().unwrap_or(BigInt::ZERO);
    let (start, step, n) = (big(r.start.get()), big(r.step.get()), big(r.length.get()));
    let stop = start.sub(&step);
    let stop = prim(vm, stop)?;
    let last = n.mul(&step).and_then(|d| stop.add(&d));
    let last = prim(vm, last)?;
    let (last, stop, back) = (vm.big_int(last), vm.big_int(stop), vm.big_int(step.neg()));
    let turned = make(vm, &last, &stop, &back)?;
    Ok(iterators::seq_iter(vm, SeqKind::LongRange, turned).into())
}

fn getitem(vm: &mut Vm, v: &Value, key: &Value) -> Flow {
    let r = get(vm, v)?;
    if key.is_int_like() {
        if let (Some((start, _, step)), Some(n), Some(i)) =
            (r.small(), r.length.get().as_small_int(), key.as_i64())
        {
            return match ops::item::wrap_index(i, n as usize) {
                Some(i) => Ok(vm.int(start + step * i as i64).into()),
                None => Err(vm.index_error("range object index out of range")),
            };
        }
        let big = |v: &Value| v.as_big().unwrap_or(BigInt::ZERO);
        let (mut i, n) = (big(key), big(&r.length.get()));
        if i.is_negative() {
            let sum = i.add(&n);
            i = prim(vm, sum)?;
        }
        let i = vm.big_int(i);
        return match r.item(vm, &i) {
            Some(v) => Ok(v.into()),
            None => Err(vm.index_error("range object index out of range")),
        };
    }
    let Some(s) = key.get::<Slice>() else {
        if vm.type_of(key).slots(vm).index.is_some() {
            return with_converted_key(vm, v, key, None);
        }
        let t = vm.type_name(key);
        return Err(vm.type_error(format!("range indices must be integers or slices, not {t}")));
    };
    if !ops::item::slice_is_plain(key) {
        return with_converted_key(vm, v, key, None);
    }
    let (n, step) = (r.length.get(), s.step.get());
    let [from, to, by] = normalise(vm, &n, &s.start.get(), &s.stop.get(), &step)?;
    let big = |v: Value| v.as_big().unwrap_or(BigInt::ZERO);
    let (base, unit) = (big(r.start.get()), big(r.step.get()));
    let at = |i: &BigInt| i.mul(&unit).and_then(|d| base.add(&d));
    let (start, stop, step) = (at(&from), at(&to), by.mul(&unit));
    let (start, stop, step) = (prim(vm, start)?, prim(vm, stop)?, prim(vm, step)?);
    let (start, stop, step) = (vm.big_int(start), vm.big_int(stop), vm.big_int(step));
    make(vm, &start, &stop, &step).map(Reply::from)
}

fn search(vm: &mut Vm, v: &Value, item: &Value, count: bool) -> Flow {
    let zero = Value::from_i32(0);
    vm.start(
        &SEARCH,
        [v.clone(), item.clone(), Value::bool(count), zero.clone(), zero, Value::NONE],
    )
}

/// Registers: range then its iterator, value, counting, index, count.
pub(crate) static SEARCH: Machine = Machine::new("range.search", |vm, regs, input| {
    let value = regs.get(1);
    let mut answer = None;
    if regs.stage() == 0 {
        let v = regs.get(0);
        let it = soft!(regs, 1, iter(vm, &v));
        regs.set(0, it);
    } else {
        answer = Some(input.value()?);
    }
    let (it, counting) = (regs.get(0), regs.get(2).is_true());
    loop {
        let equal = match answer.take() {
            Some(v) => v,
            None => {
                let item = ops::iter::next(vm, &it)?.into_raw();
                if item.is_exhausted() {
                    break;
                }
                soft!(regs, 2, ops::compare::item_eq(vm, &item, &value))
            }
        };
        if equal.is_true() {
            if !counting {
                return Ok(regs.get(3).into());
            }
            regs.set_int(4, regs.int(4) + 1);
        }
        regs.set_int(3, regs.int(3) + 1);
    }
    if counting {
        return Ok(regs.get(4).into());
    }
    Err(vm.value_error("sequence.index(x): x not in sequence"))
});

//! Subscription: `a[b]`, `a[b] = c`, `del a[b]`, `b in a`, and slice arithmetic.

use crate::exc::{Flow, PyResult};
use crate::machine::Machine;
use crate::objects::function::Slice;
use crate::objects::types::Type;
use crate::python_slots::call_special;
use crate::soft;
use crate::value::Value;
use crate::vm::Vm;

/// `a[b]`.
pub fn getitem(vm: &mut Vm, a: &Value, b: &Value) -> Flow {
    if let Some(f) = vm.type_of(a).slots(vm).getitem {
        return f(vm, a, b);
    }
    if let Some(class) = a.get::<Type>() {
        if std::ptr::eq(class, &*vm.types.type_) {
            return crate::objects::iterators::generic_alias(vm, a, b);
        }
        return vm.start(&CLASS_GETITEM, [a.clone(), b.clone()]);
    }
    let t = vm.type_name(a);
    Err(vm.type_error(format!("'{t}' object is not subscriptable")))
}

/// Registers: class, item. `cls.__class_getitem__(item)`.
pub(crate) static CLASS_GETITEM: Machine = Machine::new("op.class_getitem", |vm, regs, input| {
    let class = regs.get(0);
    let f = match regs.stage() {
        0 => {
            let name = vm.names.class_getitem.clone();
            soft!(regs, 1, super::attr::lookup(vm, &class, &name))
        }
        1 => input.value()?,
        _ => return input.value().map(Into::into),
    };
    if f.is_unbound() || f.is_none() {
        let n = class.get::<Type>().map_or(String::new(), |c| c.name_str(vm));
        return Err(vm.type_error(format!("type '{n}' is not subscriptable")));
    }
    regs.set_stage(2);
    let item = regs.get(1);
    super::call::call(vm, &f, crate::native::Args::new(&[item]))
});

/// `a[b] = c`; an unbound `c` deletes.
pub fn setitem(vm: &mut Vm, a: &Value, b: &Value, c: &Value) -> Flow {
    match vm.type_of(a).slots(vm).setitem {
        Some(f) => f(vm, a, b, c),
        None => {
            let t = vm.type_name(a);
            let what = if c.is_unbound() {
                "doesn't support item deletion"
            } else {
                "does not support item assignment"
            };
            Err(vm.type_error(format!("'{t}' object {what}")))
        }
    }
}

/// `b in a`.
pub fn contains(vm: &mut Vm, a: &Value, b: &Value) -> Flow {
    match vm.type_of(a).slots(vm).contains {
        Some(f) => f(vm, a, b),
        None => super::iter::contains_by_iteration(vm, a, b),
    }
}

/// Start, stop and step of a slice for a length, and how many items it selects.
#[derive(Clone, Copy, Debug)]
pub struct Range {
    pub start: i64,
    pub stop: i64,
    pub step: i64,
    pub count: usize,
}

/// Normalises converted slice parts (None or ints) for a length.
pub fn slice_range(vm: &mut Vm, slice: &Value, len: usize) -> PyResult<Range> {
    let Some(s) = slice.get::<Slice>() else { return Err(vm.system_error("not a slice")) };
    let (start, stop, step) = (s.start.get(), s.stop.get(), s.step.get());
    let part = |vm: &mut Vm, v: &Value| -> PyResult<Option<i64>> {
        if v.is_none() {
            return Ok(None);
        }
        match v.as_i64_saturating() {
            Some(i) => Ok(Some(i)),
            None => Err(
                vm.type_error("slice indices must be integers or None or have an __index__ method")
            ),
        }
    };
    let step = part(vm, &step)?.unwrap_or(1).max(-i64::MAX);
    if step == 0 {
        return Err(vm.value_error("slice step cannot be zero"));
    }
    let n = len as i64;
    let clip = |v: Option<i64>, default: i64| match v {
        None => default,
        Some(i) => {
            let i = if i < 0 { i.saturating_add(n) } else { i };
            if step > 0 { i.clamp(0, n) } else { i.clamp(-1, n - 1) }
        }
    };
    let (lo, hi) = if step > 0 { (0, n) } else { (n - 1, -1) };
    let start = clip(part(vm, &start)?, lo);
    let stop = clip(part(vm, &stop)?, hi);
    let count = if step > 0 && start < stop {
        (stop - start - 1) / step + 1
    } else if step < 0 && stop < start {
        (start - stop - 1) / -step + 1
    } else {
        0
    };
    Ok(Range { start, stop, step, count: count as usize })
}

impl Range {
    /// The selected positions.
    pub fn indexes(self) -> impl DoubleEndedIterator<Item = usize> + ExactSizeIterator {
        (0..self.count).map(move |k| (self.start + k as i64 * self.step) as usize)
    }
}

/// True if all parts of a slice are None or ints already.
pub fn slice_is_plain(slice: &Value) -> bool {
    slice.get::<Slice>().is_some_and(|s| {
        [&s.start, &s.stop, &s.step].iter().all(|p| p.peek().is_none() || p.peek().is_int_like())
    })
}

/// What a subscript turned into, for sequence types.
pub enum Key {
    Index(i64),
    Slice(Value),
}

/// Reads a subscript that needs no Python code; None if it does.
pub fn plain_key(key: &Value) -> Option<Key> {
    if let Some(i) = key.as_i64_saturating() {
        return Some(Key::Index(i));
    }
    if key.has::<Slice>() && slice_is_plain(key) {
        return Some(Key::Slice(key.clone()));
    }
    None
}

/// Runs `__index__` of a subscript's parts, then the sequence operation again on the result.
/// `store`: unbound for a load. Type errors name the sequence type.
pub fn with_converted_key(vm: &mut Vm, seq: &Value, key: &Value, store: Option<&Value>) -> Flow {
    if !key.has::<Slice>() && vm.type_of(key).slots(vm).index.is_none() {
        let (s, k) = (vm.type_name(seq), vm.type_name(key));
        let kind = if seq.has::<crate::objects::bytes::ByteArray>() {
            "bytearray"
        } else if seq.has::<crate::objects::bytes::Bytes>() {
            "byte"
        } else if seq.has::<crate::objects::list::List>() {
            "list"
        } else if seq.has::<crate::objects::tuple::Tuple>() {
            "tuple"
        } else {
            s.as_str()
        };
        let message = if seq.has::<crate::objects::str::Str>() {
            format!("string indices must be integers, not '{k}'")
        } else {
            format!("{kind} indices must be integers or slices, not {k}")
        };
        return Err(vm.type_error(message));
    }
    // A marker distinguishes load, store and deletion.
    let (mode, value) = match store {
        None => (0, Value::NONE),
        Some(v) if v.is_unbound() => (2, Value::NONE),
        Some(v) => (1, v.clone()),
    };
    vm.start(
        &CONVERT_KEY,
        [
            seq.clone(),
            key.clone(),
            Value::from_i32(mode),
            value,
            Value::NONE,
            Value::NONE,
            Value::NONE,
        ],
    )
}

/// Registers: sequence, key, mode, value, converted start, stop, step.
/// Stages 1-3: a slice part awaited; 4: an index; 5: the operation.
pub(crate) static CONVERT_KEY: Machine = Machine::new("op.convert_key", |vm, regs, input| {
    let (seq, key) = (regs.get(0), regs.get(1));
    let mut input = Some(input);
    let key = if let Some(s) = key.get::<Slice>() {
        let parts = [s.start.get(), s.stop.get(), s.step.get()];
        if regs.stage() == 5 {
            return input.take().map_or(Ok(Value::NONE), |i| i.value()).map(Into::into);
        }
        let mut k = regs.stage() as usize;
        if k > 0 {
            let v = input.take().map_or(Ok(Value::NONE), |i| i.value())?;
            regs.set(3 + k, v);
        }
        while k < 3 {
            k += 1;
            let part = &parts[k - 1];
            let v = if part.is_none() {
                Value::NONE
            } else {
                if vm.type_of(part).slots(vm).index.is_none() {
                    return Err(vm.type_error(
                        "slice indices must be integers or None or have an __index__ method",
                    ));
                }
                soft!(regs, k as u32, super::number::index(vm, part))
            };
            regs.set(3 + k, v);
        }
        vm.slice(regs.get(4), regs.get(5), regs.get(6))
    } else {
        match regs.stage() {
            0 => soft!(regs, 4, super::number::index(vm, &key)),
            4 => input.take().map_or(Ok(Value::NONE), |i| i.value())?,
            _ => return input.take().map_or(Ok(Value::NONE), |i| i.value()).map(Into::into),
        }
    };
    regs.set_stage(5);
    match regs.int(2) {
        0 => getitem(vm, &seq, &key),
        1 => {
            let v = regs.get(3);
            setitem(vm, &seq, &key, &v)
        }
        _ => setitem(vm, &seq, &key, &Value::UNBOUND),
    }
});

/// A sequence index with negative wrap-around; None when out of range.
pub fn wrap_index(i: i64, len: usize) -> Option<usize> {
    let i = if i < 0 { i.checked_add(len as i64)? } else { i };
    if i >= 0 && (i as usize) < len { Some(i as usize) } else { None }
}

/// Calls a special method or reports its absence (used by natives that fall back to protocols).
pub fn special_or(
    vm: &mut Vm,
    v: &Value,
    name: &Value,
    absent: impl FnOnce(&mut Vm) -> Flow,
) -> Flow {
    match call_special(vm, v, name, &[]) {
        Some(flow) => flow,
        None => absent(vm),
    }
}

//! Pairs of instructions that the loop does as one: a slice that the next instruction uses up, or a
//! pair that it takes apart, need not exist. What is not handled here (indexes that are no small ints, subclasses, other containers)
//! goes the usual way, instruction by instruction.
//!
//! CPython's counterpart: BINARY_SLICE and STORE_SLICE.

use stackless_primitives::memory::allows;

use crate::exc::PyResult;
use crate::objects::dict::Dict;
use crate::objects::iterators::{DictIter, DictPart, Enumerate, Zip, dict_iter_entry};
use crate::objects::list::List;
use crate::objects::str::Str;
use crate::objects::tuple::Tuple;
use crate::objects::types::tflags;
use crate::ops;
use crate::value::Value;
use crate::vm::Vm;

/// The positions `start, start + step, …` that a slice with plain parts selects.
struct Selected {
    start: usize,
    count: usize,
    step: i64,
}

fn select(parts: [&Value; 3], len: usize) -> Option<Selected> {
    let part = |v: &Value, default: i64| match v.as_small_int() {
        None if v.is_none() => Some(default),
        i => i,
    };
    let len = i64::try_from(len).ok()?;
    let step = part(parts[2], 1)?;
    if !(1..=i32::MAX as i64).contains(&step.abs()) {
        return None;
    }
    let (first, last) = if step > 0 { (0, len) } else { (-1, len - 1) };
    let clip = |v: &Value, default: i64| {
        if v.is_none() {
            return Some(default);
        }
        let i = part(v, 0)?;
        Some(if i < 0 { i.saturating_add(len) } else { i }.clamp(first, last))
    };
    let (start, stop) = if step > 0 {
        (clip(parts[0], first)?, clip(parts[1], last)?)
    } else {
        (clip(parts[0], last)?, clip(parts[1], first)?)
    };
    let count =
        if step > 0 { (stop - start + step - 1) / step } else { (start - stop - step - 1) / -step };
    Some(Selected { start: start.max(0) as usize, count: count.max(0) as usize, step })
}

impl Selected {
    /// The selected part of `items`, if it lies in one piece.
    fn run<'a, T>(&self, items: &'a [T]) -> Option<&'a [T]> {
        match self.step {
            1 => items.get(self.start..self.start + self.count),
            _ => None,
        }
    }
}

/// `o[start:stop:step]`.
pub fn load_slice(vm: &mut Vm, o: &Value, parts: [&Value; 3]) -> Option<Value> {
    if let Some(l) = o.get::<List>() {
        if !vm.is_exactly(o, &vm.types.list) {
            return None;
        }
        let items = l.items(vm);
        let s = select(parts, items.len())?;
        if !allows(s.count.checked_mul(8)?) {
            return None;
        }
        let part = match s.run(items) {
            Some(part) => part.to_vec(),
            None => {
                let at = |k: usize| (s.start as i64 + k as i64 * s.step) as usize;
                (0..s.count).map(|k| items[at(k)].clone()).collect()
            }
        };
        return Some(vm.list(part));
    }
    if let Some(t) = o.get::<Tuple>() {
        if !vm.is_exactly(o, &vm.types.tuple) {
            return None;
        }
        let part = select(parts, t.items().len())?.run(t.items())?;
        if part.len() == t.items().len() {
            return Some(o.clone());
        }
        return allows(part.len().checked_mul(8)?).then(|| vm.tuple_from(part));
    }
    let s = o.get::<Str>()?;
    if !vm.is_exactly(o, &vm.types.str) || !s.is_ascii() {
        return None;
    }
    let part = select(parts, s.bytes().len())?.run(s.bytes())?;
    if part.len() == s.bytes().len() {
        return Some(o.clone());
    }
    allows(part.len()).then(|| vm.str_from_wtf8(part))
}

/// `o[start:stop:step] = value` where both are lists and the length stays. False: not such a case.
pub fn store_slice(vm: &mut Vm, o: &Value, parts: [&Value; 3], value: &Value) -> bool {
    let (Some(to), Some(from)) = (o.get::<List>(), value.get::<List>()) else { return false };
    if o.is(value) || !vm.is_exactly(o, &vm.types.list) {
        return false;
    }
    let Some(s) = select(parts, to.len(vm)) else { return false };
    if s.step != 1 || s.count != from.len(vm) {
        return false;
    }
    // The last of the old items goes first, as in CPython.
    for k in (0..s.count).rev() {
        let v = from.items(vm)[k].clone();
        let old = std::mem::replace(&mut to.items_mut(vm)[s.start + k], v);
        drop(old);
    }
    true
}

/// What an iterator of pairs gives to a loop that takes them apart.
pub enum Pair {
    /// The iterator has to be asked in the usual way.
    Unknown,
    Exhausted,
    Items(Value, Value),
}

/// The next pair of `enumerate`, of `zip` of two, and of a dict's items, where nothing of Python is
/// called.
pub fn next_pair(vm: &mut Vm, iterator: &Value) -> PyResult<Pair> {
    if let Some(it) = iterator.get::<DictIter>() {
        let dict = it.dict.get();
        let Some(d) = dict.get::<Dict>() else { return Ok(Pair::Exhausted) };
        if it.part != DictPart::Items {
            return Ok(Pair::Unknown);
        }
        return Ok(match dict_iter_entry(vm, it, d)? {
            None => Pair::Exhausted,
            Some(i) => {
                let e = &d.table(vm).entries[i];
                Pair::Items(e.key.clone(), e.value.clone())
            }
        });
    }
    let next = |vm: &mut Vm, it: &Value| -> PyResult<Option<Value>> {
        let x = ops::iter::next(vm, it)?.into_raw();
        Ok(if x.is_exhausted() { None } else { Some(x) })
    };
    let native = |vm: &Vm, it: &Value| vm.type_of(it).has_flag(tflags::NATIVE_NEXT);
    if let Some(e) = iterator.get::<Enumerate>() {
        let it = e.iterator.get();
        let after = e.index.peek().as_small_int().and_then(|i| Value::small_int(i + 1));
        let Some(after) = after else { return Ok(Pair::Unknown) };
        if !vm.is_exactly(iterator, &vm.types.enumerate) || !native(vm, &it) {
            return Ok(Pair::Unknown);
        }
        return Ok(match next(vm, &it)? {
            None => Pair::Exhausted,
            Some(x) => Pair::Items(e.index.replace(after), x),
        });
    }
    if let Some(z) = iterator.get::<Zip>() {
        let all = z.iterators.get();
        let [a, b] = all.tuple_items() else { return Ok(Pair::Unknown) };
        let plain = vm.is_exactly(iterator, &vm.types.zip) && !z.strict.get();
        if !plain || !native(vm, a) || !native(vm, b) {
            return Ok(Pair::Unknown);
        }
        let Some(x) = next(vm, a)? else { return Ok(Pair::Exhausted) };
        return Ok(match next(vm, b)? {
            None => Pair::Exhausted,
            Some(y) => Pair::Items(x, y),
        });
    }
    Ok(Pair::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_select_as_indexes_do() {
        let parts: Vec<Option<i32>> = std::iter::once(None).chain((-7..=7).map(Some)).collect();
        let value = |p: Option<i32>| p.map_or(Value::NONE, Value::from_i32);
        // What CPython documents: clipped bounds, then steps while the bound is not reached.
        let naive = |start: Option<i32>, stop: Option<i32>, step: i32, n: i32| {
            let clip = |i: i32, lo: i32, hi: i32| (if i < 0 { i + n } else { i }).clamp(lo, hi);
            let (lo, hi) = if step > 0 { (0, n) } else { (-1, n - 1) };
            let (a, b) = if step > 0 { (lo, hi) } else { (hi, lo) };
            let mut i = start.map_or(a, |i| clip(i, lo, hi));
            let stop = stop.map_or(b, |i| clip(i, lo, hi));
            let mut all = Vec::new();
            while if step > 0 { i < stop } else { i > stop } {
                all.push(i as usize);
                i += step;
            }
            all
        };
        for n in 0..6 {
            for &start in &parts {
                for &stop in &parts {
                    for step in [-3, -2, -1, 1, 2, 3] {
                        let v = [value(start), value(stop), value(Some(step))];
                        let s = select([&v[0], &v[1], &v[2]], n as usize).expect("plain parts");
                        let at = |k| (s.start as i64 + k as i64 * s.step) as usize;
                        let got: Vec<usize> = (0..s.count).map(at).collect();
                        assert_eq!(
                            got,
                            naive(start, stop, step, n),
                            "{start:?} {stop:?} {step} {n}"
                        );
                    }
                }
            }
        }
    }
}

//! Builtin iterators, views and small helpers types: representation and `next`.
//! CPython's counterparts: `Objects/iterobject.c`, `rangeobject.c`, `enumobject.c`, the iterator
//! parts of the container files.

use std::cell::Cell;

use crate::exc::{Flow, PyResult, Reply};
use crate::machine::{Input, Machine};
use crate::native::Args;
use crate::object::{Payload, ValueCell};
use crate::objects::bytes::{ByteArray, Bytes};
use crate::objects::dict::Dict;
use crate::objects::list::List;
use crate::objects::set::Set;
use crate::objects::str::{Str, char_width, first_char};
use crate::ops;
use crate::soft;
use crate::value::Value;
use crate::vm::Vm;

/// Which kind of sequence a `SeqIter` walks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SeqKind {
    List,
    ListReversed,
    Tuple,
    Str,
    Bytes,
    ByteArray,
    Memory,
    /// `__getitem__` with 0, 1, … until IndexError.
    Sequence,
    /// `reversed()` over `__len__` and `__getitem__`.
    Reversed,
    /// range with parts beyond 64 bits: the sequence is the range.
    LongRange,
    Array,
}

#[derive(Payload)]
#[payload(layout = ITERATOR)]
pub struct SeqIter {
    /// The sequence; unbound when exhausted.
    pub seq: ValueCell,
    /// Next index (byte offset for str).
    pub index: Cell<i64>,
    pub kind: Cell<SeqKind>,
}

pub fn seq_iter(vm: &Vm, kind: SeqKind, seq: Value) -> Value {
    let t = &vm.types;
    let ty = match kind {
        SeqKind::List => &t.list_iterator,
        SeqKind::ListReversed => &t.list_reverseiterator,
        SeqKind::Tuple => &t.tuple_iterator,
        SeqKind::Str if seq.get::<Str>().is_some_and(|s| s.is_ascii()) => &t.str_ascii_iterator,
        SeqKind::Str => &t.str_iterator,
        SeqKind::Bytes => &t.bytes_iterator,
        SeqKind::ByteArray => &t.bytearray_iterator,
        SeqKind::Memory => &t.memory_iterator,
        SeqKind::Sequence => &t.seq_iterator,
        SeqKind::Reversed => &t.reversed,
        SeqKind::LongRange => &t.longrange_iterator,
        SeqKind::Array => &t.array_iterator,
    };
    let index = match kind {
        SeqKind::ListReversed | SeqKind::Reversed => {
            ops::len_fast(vm, &seq).unwrap_or(0) as i64 - 1
        }
        _ => 0,
    };
    vm.alloc(
        ty,
        SeqIter { seq: ValueCell::new(seq), index: Cell::new(index), kind: Cell::new(kind) },
    )
    .into_value()
}

/// `next` of the native sequence iterators.
pub fn seq_next(vm: &mut Vm, v: &Value) -> Flow {
    let Some(it) = v.get::<SeqIter>() else { return Ok(Reply::EXHAUSTED) };
    let seq = it.seq.peek();
    let i = it.index.get();
    let item = match it.kind.get() {
        SeqKind::List => seq.get::<List>().and_then(|l| l.get_item(vm, i as usize)),
        SeqKind::ListReversed => {
            let item = usize::try_from(i)
                .ok()
                .and_then(|i| seq.get::<List>().and_then(|l| l.get_item(vm, i)));
            it.index.set(i - 1);
            return Ok(end_or(it, item));
        }
        SeqKind::Tuple => seq.tuple_items().get(i as usize).cloned(),
        SeqKind::Str => {
            let item = match seq.get::<Str>() {
                Some(s) if (i as usize) < s.bytes().len() => {
                    let at = &s.bytes()[i as usize..];
                    if let Some(c) = vm.latin1.get(at[0] as usize)
                        && at[0] < 128
                    {
                        it.index.set(i + 1);
                        return Ok(c.clone().into());
                    }
                    it.index.set(i + char_width(at[0]) as i64);
                    Some(vm.str_from_char(first_char(at)))
                }
                _ => None,
            };
            return Ok(end_or(it, item));
        }
        SeqKind::Bytes => seq
            .get::<Bytes>()
            .and_then(|b| b.as_bytes().get(i as usize))
            .map(|b| Value::from_i32(*b as i32)),
        SeqKind::ByteArray => seq
            .get::<ByteArray>()
            .and_then(|b| b.data.get(vm).get(i as usize))
            .map(|b| Value::from_i32(*b as i32)),
        SeqKind::LongRange => {
            seq.get::<Range>().and_then(|r| r.item(vm, &Value::from_usize(i as usize)))
        }
        SeqKind::Array => crate::objects::array::item_at(vm, seq, i as usize),
        SeqKind::Memory => crate::objects::memoryview::item_at(vm, seq, i as usize),
        SeqKind::Sequence | SeqKind::Reversed => {
            if it.seq.is_unbound() {
                return Ok(Reply::EXHAUSTED);
            }
            if it.kind.get() == SeqKind::Reversed && vm.is_exactly(seq, &vm.types.tuple) {
                let item = usize::try_from(i).ok().and_then(|i| seq.tuple_items().get(i).cloned());
                it.index.set(i - 1);
                return Ok(end_or(it, item));
            }
            return vm.start(&SEQ_NEXT, [v.clone()]);
        }
    };
    it.index.set(i + 1);
    Ok(end_or(it, item))
}

fn end_or(it: &SeqIter, item: Option<Value>) -> Reply {
    match item {
        Some(v) => v.into(),
        None => {
            it.seq.set(Value::UNBOUND);
            Reply::EXHAUSTED
        }
    }
}

/// Registers: iterator. `seq[index]`, IndexError and StopIteration end.
pub(crate) static SEQ_NEXT: Machine = Machine::new("iterator.next", |vm, regs, input| {
    let v = regs.get(0);
    let Some(it) = v.get::<SeqIter>() else { return Ok(Reply::EXHAUSTED) };
    let result = match input {
        Input::Start => {
            let seq = it.seq.get();
            if seq.is_unbound() {
                return Ok(Reply::EXHAUSTED);
            }
            let i = it.index.get();
            if it.kind.get() == SeqKind::Reversed && i < 0 {
                it.seq.set(Value::UNBOUND);
                return Ok(Reply::EXHAUSTED);
            }
            regs.set_stage(1);
            let i = vm.int(i);
            match ops::item::getitem(vm, &seq, &i) {
                Ok(r) => match r.ready() {
                    Some(v) => Ok(v),
                    None => return Ok(Reply::PUSHED),
                },
                Err(e) => Err(e),
            }
        }
        input => input.value(),
    };
    match result {
        Ok(item) => {
            let step = if it.kind.get() == SeqKind::Reversed { -1 } else { 1 };
            it.index.set(it.index.get() + step);
            Ok(item.into())
        }
        Err(e) if vm.exc_is(&e, &vm.excs.index_error) || vm.exc_is(&e, &vm.excs.stop_iteration) => {
            it.seq.set(Value::UNBOUND);
            Ok(Reply::EXHAUSTED)
        }
        Err(e) => Err(e),
    }
});

/// `range`: start, stop, step and length, ints of any size.
#[derive(Payload)]
#[payload(layout = RANGE, clear)]
pub struct Range {
    pub start: ValueCell,
    pub stop: ValueCell,
    pub step: ValueCell,
    pub length: ValueCell,
}

impl Range {
    /// The parts as machine integers, if all fit.
    pub fn small(&self) -> Option<(i64, i64, i64)> {
        Some((
            self.start.peek().as_small_int()?,
            self.stop.peek().as_small_int()?,
            self.step.peek().as_small_int()?,
        ))
    }
    /// Item `i` (0 <= i < length).
    pub fn item(&self, vm: &Vm, i: &Value) -> Option<Value> {
        let (i, n) = (i.as_big()?, self.length.get().as_big()?);
        if i.is_negative() || i >= n {
            return None;
        }
        let (start, step) = (self.start.get().as_big()?, self.step.get().as_big()?);
        let offset = step.mul(&i).ok()?;
        Some(vm.big_int(start.add(&offset).ok()?))
    }
}

/// Iterator over a range of machine integers.
#[derive(Payload)]
#[payload(layout = RANGE_ITER, leaf)]
pub struct RangeIter {
    pub next: Cell<i64>,
    pub step: i64,
    pub left: Cell<u64>,
}

impl RangeIter {
    /// The next number or *exhausted*. All numbers of a small range are immediate.
    #[inline(always)]
    pub(crate) fn step_value(&self) -> Value {
        let left = self.left.get();
        if left == 0 {
            return Value::EXHAUSTED;
        }
        self.left.set(left - 1);
        let v = self.next.get();
        self.next.set(v.wrapping_add(self.step));
        Value::small_int(v).unwrap_or(Value::EXHAUSTED)
    }
}

pub fn range_iter_next(_vm: &mut Vm, v: &Value) -> Flow {
    match v.get::<RangeIter>() {
        Some(r) => Ok(r.step_value().into()),
        None => Ok(Reply::EXHAUSTED),
    }
}

/// What a dict iterator gives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DictPart {
    Keys,
    Values,
    Items,
}

#[derive(Payload)]
#[payload(layout = DICT_ITER)]
pub struct DictIter {
    /// The dict; unbound when exhausted.
    pub dict: ValueCell,
    #[payload(foreign)]
    pub part: DictPart,
    pub reverse: bool,
    /// Next entry position (one past it when reversed).
    pub pos: Cell<usize>,
    /// Number of items expected to be in the dict.
    pub used: Cell<usize>,
    pub left: Cell<usize>,
}

pub fn dict_iter(vm: &Vm, dict: &Value, part: DictPart, reverse: bool) -> Value {
    let t = &vm.types;
    let ty = match (part, reverse) {
        (DictPart::Keys, false) => &t.dict_keyiterator,
        (DictPart::Values, false) => &t.dict_valueiterator,
        (DictPart::Items, false) => &t.dict_itemiterator,
        (DictPart::Keys, true) => &t.dict_reversekeyiterator,
        (DictPart::Values, true) => &t.dict_reversevalueiterator,
        (DictPart::Items, true) => &t.dict_reverseitemiterator,
    };
    let (used, end) = match dict.get::<Dict>() {
        Some(d) => (d.len(vm), d.table(vm).entries.len()),
        None => (0, 0),
    };
    vm.alloc(
        ty,
        DictIter {
            dict: ValueCell::new(dict.clone()),
            part,
            reverse,
            pos: Cell::new(if reverse { end } else { 0 }),
            used: Cell::new(used),
            left: Cell::new(used),
        },
    )
    .into_value()
}

pub fn dict_iter_next(vm: &mut Vm, v: &Value) -> Flow {
    let Some(it) = v.get::<DictIter>() else { return Ok(Reply::EXHAUSTED) };
    let dict = it.dict.get();
    let Some(d) = dict.get::<Dict>() else { return Ok(Reply::EXHAUSTED) };
    let Some(i) = dict_iter_entry(vm, it, d)? else { return Ok(Reply::EXHAUSTED) };
    let e = &d.table(vm).entries[i];
    Ok(match it.part {
        DictPart::Keys => e.key.clone(),
        DictPart::Values => e.value.clone(),
        DictPart::Items => vm.pair(e.key.clone(), e.value.clone()),
    }
    .into())
}

/// The place of the iterator's next entry in its dict.
#[inline]
pub(crate) fn dict_iter_entry(vm: &mut Vm, it: &DictIter, d: &Dict) -> PyResult<Option<usize>> {
    if d.len(vm) != it.used.get() {
        it.used.set(usize::MAX);
        return Err(vm.runtime_error("dictionary changed size during iteration"));
    }
    let table = d.table(vm);
    let found = if it.reverse {
        let upto = it.pos.get().min(table.entries.len());
        table.entries[..upto].iter().enumerate().rev().find(|(_, e)| !e.key.is_unbound())
    } else {
        table.iter_from(it.pos.get()).next()
    };
    let Some((i, _)) = found else {
        it.dict.set(Value::UNBOUND);
        return Ok(None);
    };
    if it.left.get() == 0 {
        it.dict.set(Value::UNBOUND);
        return Err(vm.runtime_error("dictionary keys changed during iteration"));
    }
    it.left.set(it.left.get() - 1);
    it.pos.set(if it.reverse { i } else { i + 1 });
    Ok(Some(i))
}

#[derive(Payload)]
#[payload(layout = SET_ITER)]
pub struct SetIter {
    pub set: ValueCell,
    pub pos: Cell<usize>,
    pub used: Cell<usize>,
}

pub fn set_iter(vm: &mut Vm, v: &Value) -> Flow {
    let used = v.get::<Set>().map_or(0, |s| s.table(vm).len());
    let it = SetIter { set: ValueCell::new(v.clone()), pos: Cell::new(0), used: Cell::new(used) };
    Ok(vm.alloc(&vm.types.set_iterator, it).into())
}

pub fn set_iter_next(vm: &mut Vm, v: &Value) -> Flow {
    let Some(it) = v.get::<SetIter>() else { return Ok(Reply::EXHAUSTED) };
    let set = it.set.get();
    let Some(s) = set.get::<Set>() else { return Ok(Reply::EXHAUSTED) };
    if s.table(vm).len() != it.used.get() {
        it.used.set(usize::MAX);
        return Err(vm.runtime_error("Set changed size during iteration"));
    }
    match s.table(vm).iter_from(it.pos.get()).next() {
        Some((i, e)) => {
            it.pos.set(i + 1);
            Ok(e.key.clone().into())
        }
        None => {
            it.set.set(Value::UNBOUND);
            Ok(Reply::EXHAUSTED)
        }
    }
}

/// `iter(callable, sentinel)`.
#[derive(Payload)]
#[payload(layout = CALL_ITER, clear)]
pub struct CallIter {
    pub callable: ValueCell,
    pub sentinel: ValueCell,
}

pub fn call_iter_next(vm: &mut Vm, v: &Value) -> Flow {
    vm.start(&CALL_ITER_NEXT, [v.clone(), Value::NONE])
}

/// Registers: iterator, item.
pub(crate) static CALL_ITER_NEXT: Machine =
    Machine::new("callable_iterator.next", |vm, regs, input| {
        let v = regs.get(0);
        let Some(it) = v.get::<CallIter>() else { return Ok(Reply::EXHAUSTED) };
        let mut input = input;
        if regs.stage() == 0 {
            let f = it.callable.get();
            if f.is_unbound() || f.is_none() {
                return Ok(Reply::EXHAUSTED);
            }
            regs.set_stage(1);
            input = match ops::call::call(vm, &f, Args::new(&[])) {
                Ok(r) => match r.ready() {
                    Some(v) => Input::Value(v),
                    None => return Ok(Reply::PUSHED),
                },
                Err(e) => Input::Exc(e),
            };
        }
        if regs.stage() == 1 {
            let item = match input.value() {
                Ok(v) => v,
                Err(e) if vm.exc_is(&e, &vm.excs.stop_iteration) => {
                    it.callable.set(Value::NONE);
                    return Ok(Reply::EXHAUSTED);
                }
                Err(e) => return Err(e),
            };
            regs.set(1, item.clone());
            let sentinel = it.sentinel.get();
            let same = soft!(regs, 2, ops::compare::item_eq(vm, &sentinel, &item));
            input = Input::Value(same);
        }
        if input.value()?.is_true() {
            it.callable.set(Value::NONE);
            return Ok(Reply::EXHAUSTED);
        }
        Ok(regs.take(1).into())
    });

/// `enumerate`: iterator and next index (int of any size).
#[derive(Payload)]
#[payload(layout = ENUMERATE, clear)]
pub struct Enumerate {
    pub iterator: ValueCell,
    pub index: ValueCell,
}

/// `zip`, `map`, `filter`: a function (unbound for zip) and a tuple of iterators.
#[derive(Payload)]
#[payload(layout = ZIP)]
pub struct Zip {
    pub func: ValueCell,
    pub iterators: ValueCell,
    pub strict: Cell<bool>,
}

/// `mappingproxy`.
#[derive(Payload)]
#[payload(layout = MAPPING_PROXY, clear)]
pub struct MappingProxy {
    pub mapping: ValueCell,
}

/// `dict_keys`, `dict_values`, `dict_items`.
#[derive(Payload)]
#[payload(layout = DICT_KEYS, clear)]
pub struct DictView {
    pub dict: ValueCell,
}

/// `list[int]`; `starred` is a bool.
#[derive(Payload)]
#[payload(layout = GENERIC_ALIAS, clear)]
pub struct GenericAlias {
    pub origin: ValueCell,
    pub args: ValueCell,
    pub parameters: ValueCell,
    pub starred: ValueCell,
}

/// `int | str`: tuple of arguments.
#[derive(Payload)]
#[payload(layout = UNION, clear)]
pub struct Union {
    pub args: ValueCell,
    pub parameters: ValueCell,
}

pub use crate::objects::memoryview::MemoryView;

/// `origin[args]` for builtin classes.
pub fn generic_alias(vm: &mut Vm, origin: &Value, args: &Value) -> Flow {
    let args = if args.has::<crate::objects::tuple::Tuple>() {
        args.clone()
    } else {
        vm.tuple(vec![args.clone()])
    };
    Ok(vm
        .alloc(
            &vm.types.generic_alias,
            GenericAlias {
                origin: ValueCell::new(origin.clone()),
                args: ValueCell::new(args),
                parameters: ValueCell::new(Value::UNBOUND),
                starred: ValueCell::new(Value::FALSE),
            },
        )
        .into())
}

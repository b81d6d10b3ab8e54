//! `enumerate`, `zip`, `map`, `filter`, `reversed`, `iter(callable, sentinel)`.
//! CPython's counterparts: `Objects/enumobject.c`, the iterators of `Python/bltinmodule.c`.

use crate::boot::TypeBuilder;
use crate::exc::{Flow, PyResult, Reply};
use crate::machine::{Input, Machine, Regs};
use crate::native::{Args, Def, def};
use crate::object::ValueCell;
use crate::objects::iterators::{self, Enumerate, SeqIter, SeqKind, Zip};
use crate::objects::list::List;
use crate::objects::types::{Type, tflags};
use crate::ops;
use crate::soft;
use crate::value::Value;
use crate::vm::Vm;

fn self_iter(_vm: &mut Vm, v: &Value) -> Flow {
    Ok(v.clone().into())
}

pub fn define_enumerate(b: &mut TypeBuilder<'_>) {
    b.slots.iter = Some(self_iter);
    b.slots.next = Some(|vm, v| {
        let Some(e) = v.get::<Enumerate>() else { return Ok(Reply::EXHAUSTED) };
        let it = e.iterator.get();
        if vm.type_of(&it).has_flag(tflags::NATIVE_NEXT) {
            let x = ops::iter::next(vm, &it)?.into_raw();
            return if x.is_exhausted() { Ok(Reply::EXHAUSTED) } else { number(vm, v, x) };
        }
        vm.start(&ENUMERATE_NEXT, [v.clone(), it])
    });
    b.methods(ENUMERATE);
}

/// Registers: enumerate object, iterator.
pub(crate) static ENUMERATE_NEXT: Machine = Machine::new("enumerate.next", |vm, regs, input| {
    let x = match input {
        Input::Start => {
            let it = regs.get(1);
            soft!(regs, 1, ops::iter::next(vm, &it))
        }
        Input::Exhausted => return Ok(Reply::EXHAUSTED),
        input => input.value()?,
    };
    if x.is_exhausted() {
        return Ok(Reply::EXHAUSTED);
    }
    let e = regs.get(0);
    number(vm, &e, x)
});

fn number(vm: &mut Vm, v: &Value, x: Value) -> Flow {
    let Some(e) = v.get::<Enumerate>() else { return Ok(Reply::EXHAUSTED) };
    let i = e.index.get();
    let next = match i.as_small_int().and_then(|i| i.checked_add(1)) {
        Some(n) => vm.int(n),
        None => {
            let one = Value::from_i32(1);
            match ops::binary::int_op(vm, crate::objects::types::BinOp::Add, &i, &one)?.ready() {
                Some(v) => v,
                None => return Err(vm.system_error("int addition pushed a frame")),
            }
        }
    };
    e.index.set(next);
    Ok(vm.pair(i, x).into())
}

const ENUMERATE: &[Def] = &[
    def!("__new__", "(cls, iterable, start: index=0)", |vm, a| {
        let start = a[2].given().cloned().unwrap_or(Value::from_i32(0));
        if ops::iter::iterates_natively(vm, &a[1])
            && let Some(t) = a[0].get::<Type>()
            && let Some(it) = ops::iter::iter(vm, &a[1])?.ready()
        {
            let e = Enumerate { iterator: ValueCell::new(it), index: ValueCell::new(start) };
            return Ok(vm.new_object(t, e).into());
        }
        vm.start(&ENUMERATE_NEW, [a[0].clone(), a[1].clone(), start])
    }),
    def!("__reduce__", "(self, /)", |vm, this| {
        let Some(e) = this.get::<Enumerate>() else { return Ok(Reply::NONE) };
        let args = vm.tuple(vec![e.iterator.get(), e.index.get()]);
        let t = vm.type_of(this).to_value();
        Ok(vm.tuple(vec![t, args]).into())
    }),
    crate::native::classdef!("__class_getitem__", "(cls, item, /)", |vm, cls, item| {
        iterators::generic_alias(vm, cls, item)
    }),
];

/// Registers: class, iterable, start.
pub(crate) static ENUMERATE_NEW: Machine = Machine::new("enumerate.new", |vm, regs, input| {
    let it = match regs.stage() {
        0 => {
            let v = regs.get(1);
            soft!(regs, 1, ops::iter::iter(vm, &v))
        }
        _ => input.value()?,
    };
    let class = regs.get(0);
    let e = Enumerate { iterator: ValueCell::new(it), index: ValueCell::new(regs.get(2)) };
    match class.get::<Type>() {
        Some(t) => Ok(vm.new_object(t, e).into()),
        None => Ok(Reply::NONE),
    }
});

/// Registers: class, function (unbound for zip), strict, tuple of iterables, list of iterators.
pub(crate) static MAKE: Machine = Machine::new("zip.new", |vm, regs, input| {
    let (iterables, done) = (regs.get(3), regs.get(4));
    let Some(list) = done.get::<List>() else { return Ok(Reply::NONE) };
    if regs.stage() == 1 {
        let it = input.value()?;
        list.push(vm, it);
    }
    while let Some(v) = iterables.tuple_items().get(list.len(vm)) {
        let v = v.clone();
        let r = ops::iter::iter(vm, &v);
        let it = match r {
            Err(e)
                if vm.exc_is(&e, &vm.excs.type_error)
                    && regs.get(1).is_unbound()
                    && vm.type_of(&v).slots(vm).iter.is_none() =>
            {
                let (n, t) = (list.len(vm) + 1, vm.type_name(&v));
                let _ = (n, t);
                return Err(e);
            }
            r => soft!(regs, 1, r),
        };
        list.push(vm, it);
    }
    let class = regs.get(0);
    let items = list.items(vm).to_vec();
    let z = Zip {
        func: ValueCell::new(regs.get(1)),
        iterators: ValueCell::new(vm.tuple(items)),
        strict: std::cell::Cell::new(regs.get(2).is_true()),
    };
    match class.get::<Type>() {
        Some(t) => Ok(vm.new_object(t, z).into()),
        None => Ok(Reply::NONE),
    }
});

type Items = smallvec::SmallVec<[Value; 4]>;

/// One item of each iterator where all are native; false: one has come to its end.
fn native_row(vm: &mut Vm, iterators: &[Value], row: &mut Items) -> PyResult<bool> {
    for it in iterators {
        let x = ops::iter::next(vm, it)?.into_raw();
        if x.is_exhausted() {
            return Ok(false);
        }
        row.push(x);
    }
    Ok(true)
}

fn all_native(vm: &Vm, iterators: &[Value]) -> bool {
    !iterators.is_empty() && iterators.iter().all(|it| vm.type_of(it).has_flag(tflags::NATIVE_NEXT))
}

fn make(vm: &mut Vm, class: &Value, func: Value, strict: bool, iterables: Value) -> Flow {
    if iterables.tuple_items().iter().all(|v| ops::iter::iterates_natively(vm, v))
        && let Some(t) = class.get::<Type>()
    {
        let mut its = Vec::with_capacity(iterables.tuple_items().len());
        for v in iterables.tuple_items() {
            let Some(it) = ops::iter::iter(vm, v)?.ready() else {
                return Err(vm.system_error("native iterator pushed a frame"));
            };
            its.push(it);
        }
        let iterators = ValueCell::new(vm.tuple(its));
        let strict = std::cell::Cell::new(strict);
        return Ok(vm.new_object(t, Zip { func: ValueCell::new(func), iterators, strict }).into());
    }
    let list = vm.list(vec![]);
    vm.start(&MAKE, [class.clone(), func, Value::bool(strict), iterables, list])
}

pub fn define_zip(b: &mut TypeBuilder<'_>) {
    b.slots.iter = Some(self_iter);
    b.slots.next = Some(|vm, v| {
        let Some(z) = v.get::<Zip>() else { return Ok(Reply::EXHAUSTED) };
        let its = z.iterators.get();
        if !z.strict.get() && all_native(vm, its.tuple_items()) {
            let mut row = Items::new();
            let full = native_row(vm, its.tuple_items(), &mut row)?;
            if full && let [_, _] = row.as_slice() {
                let (b, a) = (row.pop(), row.pop());
                return Ok(vm.pair(a.unwrap_or(Value::NONE), b.unwrap_or(Value::NONE)).into());
            }
            return Ok(match full {
                true => vm.tuple_iter(row.len(), row.drain(..)).into(),
                false => Reply::EXHAUSTED,
            });
        }
        let list = vm.list(vec![]);
        vm.start(&ZIP_NEXT, [v.clone(), list])
    });
    b.methods(ZIP);
}
const ZIP: &[Def] = &[
    def!("__new__", "(cls, /, *iterables, strict: truth=False)", |vm, a| {
        let strict = a[1].is_true();
        make(vm, &a[0], Value::UNBOUND, strict, a[2].clone())
    }),
    def!("__reduce__", "(self, /)", |vm, this| {
        let Some(z) = this.get::<Zip>() else { return Ok(Reply::NONE) };
        let t = vm.type_of(this).to_value();
        let mut parts = vec![t, z.iterators.get()];
        if z.strict.get() {
            parts.push(Value::TRUE);
        }
        Ok(vm.tuple(parts).into())
    }),
    def!("__setstate__", "(self, state: truth, /)", |_, this, state| {
        if let Some(z) = this.get::<Zip>() {
            z.strict.set(state);
        }
        Ok(Reply::NONE)
    }),
];

/// Registers: zip object, list of items so far. Stage 2: an extra look for `strict`.
pub(crate) static ZIP_NEXT: Machine = Machine::new("zip.next", |vm, regs, input| {
    let v = regs.get(0);
    let Some(z) = v.get::<Zip>() else { return Ok(Reply::EXHAUSTED) };
    let items = regs.get(1);
    let Some(list) = items.get::<List>() else { return Ok(Reply::EXHAUSTED) };
    if z.iterators.get().tuple_items().is_empty() {
        return Ok(Reply::EXHAUSTED);
    }
    match gather(vm, regs, input, z, list, "zip", 2)? {
        Row::Full => Ok(vm.tuple(list.items(vm).to_vec()).into()),
        Row::Left(reply) => Ok(reply),
    }
});

/// What `gather` came to.
enum Row {
    /// The list has an item of each iterator.
    Full,
    /// The machine answers with this: suspended or exhausted.
    Left(Reply),
}

/// Takes one item of each iterator of a zip or map object into `list`; an item comes at stage 1, an
/// extra look for `strict` at stage `strict_stage`.
#[inline]
fn gather(
    vm: &mut Vm,
    regs: &mut Regs,
    input: Input,
    z: &Zip,
    list: &List,
    name: &str,
    strict_stage: u32,
) -> PyResult<Row> {
    let iterators = z.iterators.get();
    let n = iterators.tuple_items().len();
    let mut input = if regs.stage() == 0 { None } else { Some(input) };
    while list.len(vm) < n || input.is_some() {
        let i = list.len(vm);
        let item = match input.take() {
            Some(i) => i.item()?,
            None => {
                regs.set_stage(1);
                match ops::iter::next(vm, &iterators.tuple_items()[i])?.ready() {
                    Some(x) if x.is_exhausted() => None,
                    Some(x) => Some(x),
                    None => return Ok(Row::Left(Reply::PUSHED)),
                }
            }
        };
        let strict = regs.stage() == strict_stage;
        match item {
            Some(_) if strict => return Err(unequal(vm, name, i, "longer")),
            Some(x) => list.push(vm, x),
            None if !z.strict.get() => return Ok(Row::Left(Reply::EXHAUSTED)),
            None if i > 0 && !strict => return Err(unequal(vm, name, i, "shorter")),
            None => {
                // All others must be at their end, too.
                list.push(vm, Value::NONE);
                let Some(it) = iterators.tuple_items().get(list.len(vm)) else {
                    return Ok(Row::Left(Reply::EXHAUSTED));
                };
                regs.set_stage(strict_stage);
                input = Some(match ops::iter::next(vm, it)?.ready() {
                    Some(x) if x.is_exhausted() => Input::Exhausted,
                    Some(x) => Input::Value(x),
                    None => return Ok(Row::Left(Reply::PUSHED)),
                });
            }
        }
    }
    Ok(Row::Full)
}

/// The error of `strict` iterators: argument `i` (from 0) against those before it.
fn unequal(vm: &mut Vm, name: &str, i: usize, what: &str) -> crate::exc::Exc {
    let others = if i == 1 { " 1".to_string() } else { format!("s 1-{i}") };
    vm.value_error(format!("{name}() argument {} is {what} than argument{others}", i + 1))
}

pub fn define_map(b: &mut TypeBuilder<'_>) {
    b.slots.iter = Some(self_iter);
    b.slots.next = Some(|vm, v| {
        let Some(z) = v.get::<Zip>() else { return Ok(Reply::EXHAUSTED) };
        let its = z.iterators.get();
        if !z.strict.get() && all_native(vm, its.tuple_items()) {
            let mut row = Items::new();
            if !native_row(vm, its.tuple_items(), &mut row)? {
                return Ok(Reply::EXHAUSTED);
            }
            let f = z.func.get();
            return ops::call::call(vm, &f, Args::new(&row));
        }
        let list = vm.list(vec![]);
        vm.start(&MAP_NEXT, [v.clone(), list])
    });
    b.methods(MAP);
}
const MAP: &[Def] = &[
    def!("__new__", "(cls, function, iterable, /, *iterables, strict: truth=False)", |vm, a| {
        let mut all = vec![a[2].clone()];
        all.extend(a[4].tuple_items().iter().cloned());
        let all = vm.tuple(all);
        let strict = a[3].is_true();
        make(vm, &a[0], a[1].clone(), strict, all)
    }),
    def!("__reduce__", "(self, /)", |vm, this| {
        let Some(z) = this.get::<Zip>() else { return Ok(Reply::NONE) };
        let mut args = vec![z.func.get()];
        args.extend(z.iterators.get().tuple_items().iter().cloned());
        let args = vm.tuple(args);
        let t = vm.type_of(this).to_value();
        let mut parts = vec![t, args];
        if z.strict.get() {
            parts.push(Value::TRUE);
        }
        Ok(vm.tuple(parts).into())
    }),
    def!("__setstate__", "(self, state: truth, /)", |_, this, state| {
        if let Some(z) = this.get::<Zip>() {
            z.strict.set(state);
        }
        Ok(Reply::NONE)
    }),
];

/// Registers: map object, list of items so far. Stage 1: an item; 2: the function's result; 3: an
/// extra look for `strict`.
pub(crate) static MAP_NEXT: Machine = Machine::new("map.next", |vm, regs, input| {
    let v = regs.get(0);
    let Some(z) = v.get::<Zip>() else { return Ok(Reply::EXHAUSTED) };
    if regs.stage() == 2 {
        return input.value().map(Reply::from);
    }
    let items = regs.get(1);
    let Some(list) = items.get::<List>() else { return Ok(Reply::EXHAUSTED) };
    if let Row::Left(reply) = gather(vm, regs, input, z, list, "map", 3)? {
        return Ok(reply);
    }
    regs.set_stage(2);
    let (f, args) = (z.func.get(), list.items(vm).to_vec());
    ops::call::call(vm, &f, Args::new(&args))
})
.passing(|stage, v| stage == 2 && !v.is_exhausted());

pub fn define_filter(b: &mut TypeBuilder<'_>) {
    b.slots.iter = Some(self_iter);
    b.slots.next = Some(|vm, v| vm.start(&FILTER_NEXT, [v.clone(), Value::NONE]));
    b.methods(FILTER);
}
const FILTER: &[Def] = &[
    def!("__new__", "(cls, function, iterable, /)", |vm, cls, function, iterable| {
        let all = vm.tuple(vec![iterable.clone()]);
        make(vm, cls, function.clone(), false, all)
    }),
    def!("__reduce__", "(self, /)", |vm, this| {
        let Some(z) = this.get::<Zip>() else { return Ok(Reply::NONE) };
        let it = z.iterators.get().tuple_items().first().cloned().unwrap_or(Value::NONE);
        let args = vm.tuple(vec![z.func.get(), it]);
        let t = vm.type_of(this).to_value();
        Ok(vm.tuple(vec![t, args]).into())
    }),
];

/// Registers: filter object, item. Stage 1: an item; 2: the function's result; 3: its truth.
pub(crate) static FILTER_NEXT: Machine = Machine::new("filter.next", |vm, regs, input| {
    let v = regs.get(0);
    let Some(z) = v.get::<Zip>() else { return Ok(Reply::EXHAUSTED) };
    let its = z.iterators.get();
    let Some(it) = its.tuple_items().first() else { return Ok(Reply::EXHAUSTED) };
    let f = z.func.get();
    let mut input = input;
    loop {
        if regs.stage() == 0 {
            let x = soft!(regs, 1, ops::iter::next(vm, it));
            input = if x.is_exhausted() { Input::Exhausted } else { Input::Value(x) };
            regs.set_stage(1);
        }
        if regs.stage() == 1 {
            let Some(x) = input.item()? else { return Ok(Reply::EXHAUSTED) };
            regs.set(1, x.clone());
            let plain = f.is_none() || f.is(vm.types.bool_.value());
            let r =
                if plain { x } else { soft!(regs, 2, ops::call::call(vm, &f, Args::new(&[x]))) };
            regs.set_stage(2);
            input = Input::Value(r);
        }
        if regs.stage() == 2 {
            let r = input.value()?;
            let t = soft!(regs, 3, ops::truth(vm, &r));
            regs.set_stage(3);
            input = Input::Value(t);
        }
        if input.value()?.is_true() {
            return Ok(regs.take(1).into());
        }
        regs.set_stage(0);
        input = Input::Start;
    }
});

pub fn define_reversed(b: &mut TypeBuilder<'_>) {
    super::iterators::define_seq_iter(b);
    b.methods(REVERSED);
}
const REVERSED: &[Def] = &[def!("__new__", "(cls, object, /)", |vm, cls, object| {
    let v = object;
    let plain = [&vm.types.tuple, &vm.types.str, &vm.types.bytes];
    if plain.iter().any(|t| vm.is_exactly(v, t))
        && let (Some(class), Some(n)) = (cls.get::<Type>(), ops::len_fast(vm, v))
    {
        let it = SeqIter {
            seq: ValueCell::new(v.clone()),
            index: std::cell::Cell::new(n as i64 - 1),
            kind: std::cell::Cell::new(SeqKind::Reversed),
        };
        return Ok(vm.new_object(class, it).into());
    }
    if (vm.is_exactly(v, &vm.types.list) || vm.is_exactly(v, &vm.types.range))
        && let Some(m) = vm.type_of(v).lookup(vm, &vm.names.reversed)
    {
        return crate::python_slots::call_method_of_type(vm, &m, v, &[]);
    }
    vm.start(&REVERSED_NEW, [cls.clone(), object.clone()])
})];

/// Registers: class, sequence.
pub(crate) static REVERSED_NEW: Machine = Machine::new("reversed.new", |vm, regs, input| {
    let v = regs.get(1);
    let n = match regs.stage() {
        0 => {
            let name = vm.names.reversed.clone();
            if let Some(m) = vm.type_of(&v).lookup(vm, &name) {
                if m.is_none() {
                    let t = vm.type_name(&v);
                    return Err(vm.type_error(format!("'{t}' object is not reversible")));
                }
                regs.set_stage(2);
                return crate::python_slots::call_method_of_type(vm, &m, &v, &[]);
            }
            let slots = vm.type_of(&v).slots(vm);
            if slots.getitem.is_none() || slots.len.is_none() {
                let t = vm.type_name(&v);
                return Err(vm.type_error(format!("'{t}' object is not reversible")));
            }
            soft!(regs, 1, ops::len(vm, &v))
        }
        1 => input.value()?,
        _ => return input.value().map(Reply::from),
    };
    let class = regs.get(0);
    let it = SeqIter {
        seq: ValueCell::new(v),
        index: std::cell::Cell::new(n.as_i64().unwrap_or(0) - 1),
        kind: std::cell::Cell::new(SeqKind::Reversed),
    };
    match class.get::<Type>() {
        Some(t) => Ok(vm.new_object(t, it).into()),
        None => Ok(Reply::NONE),
    }
});

pub fn define_call_iter(b: &mut TypeBuilder<'_>) {
    b.slots.iter = Some(self_iter);
    b.slots.next = Some(iterators::call_iter_next);
    b.methods(CALL_ITER);
}
const CALL_ITER: &[Def] = &[def!("__reduce__", "(self, /)", |vm, this| {
    let Some(it) = this.get::<iterators::CallIter>() else { return Ok(Reply::NONE) };
    let (f, sentinel) = (it.callable.get(), it.sentinel.get());
    let args =
        if f.is_none() || f.is_unbound() { vec![vm.tuple(vec![])] } else { vec![f, sentinel] };
    super::iterators::reduced(vm, "iter", args, Value::UNBOUND)
})];

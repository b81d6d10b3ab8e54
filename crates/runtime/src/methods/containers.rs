//! `list` and `tuple`: slots and methods. CPython's counterparts: `Objects/listobject.c`,
//! `Objects/tupleobject.c`.

use crate::boot::TypeBuilder;
use crate::exc::{Flow, PyResult, Reply};
use crate::machine::Machine;
use crate::native::{Def, def};
use crate::object::VmCell;
use crate::objects::iterators::{self, DictPart, SeqKind};
use crate::objects::list::List;
use crate::objects::tuple::Tuple;
use crate::objects::types::Type;
use crate::ops;
use crate::ops::item::{Key, plain_key, slice_range, with_converted_key, wrap_index};
use crate::ops::text::Shape;
use crate::soft;
use crate::value::{Ref, Value};
use crate::vm::Vm;
use stackless_primitives::memory::attempt;

/// Most items that a list or tuple may be asked to have.
const MAX_ITEMS: usize = isize::MAX as usize / 8;

/// `count` copies of `items` in a row.
fn repeated(vm: &mut Vm, items: &[Value], count: &Value) -> PyResult<Option<Vec<Value>>> {
    let Some(n) = count.as_i64_saturating() else { return Ok(None) };
    if count.as_i64().is_none() {
        return Err(vm.overflow_error("cannot fit 'int' into an index-sized integer"));
    }
    let n = n.max(0) as usize;
    let total = match items.len().checked_mul(n) {
        Some(t) if t <= MAX_ITEMS => t,
        _ => return Err(vm.no_memory()),
    };
    let mut out: Vec<Value> = Vec::new();
    vm.claim(total * size_of::<Value>())?;
    if attempt(|| out.try_reserve_exact(total)).is_err() {
        return Err(vm.no_memory());
    }
    for _ in 0..if items.is_empty() { 0 } else { n } {
        out.extend_from_slice(items);
    }
    Ok(Some(out))
}

/// Repetition by anything with `__index__`. Registers: sequence, count.
pub(crate) static REPEAT: Machine = Machine::new("list.repeat", |vm, regs, input| {
    let n = match regs.stage() {
        0 => {
            let n = regs.get(1);
            soft!(regs, 1, ops::number::index(vm, &n))
        }
        1 => input.value()?,
        _ => return input.value().map(Reply::from),
    };
    regs.set_stage(2);
    let seq = regs.get(0);
    match vm.type_of(&seq).slots(vm).repeat {
        Some(f) => f(vm, &seq, &n),
        None => Err(vm.type_error("can't multiply sequence")),
    }
});

/// What `sequence * value` does when the value is no int.
pub fn repeat_by(vm: &mut Vm, seq: &Value, n: &Value) -> Flow {
    if vm.type_of(n).slots(vm).index.is_none() {
        let t = vm.type_name(n);
        return Err(vm.type_error(format!("can't multiply sequence by non-int of type '{t}'")));
    }
    vm.start(&REPEAT, [seq.clone(), n.clone()])
}

fn list(vm: &mut Vm, v: &Value) -> PyResult<Ref<List>> {
    match v.clone().cast::<List>() {
        Ok(l) => Ok(l),
        Err(_) => Err(vm.type_error("list expected")),
    }
}

/// The first item of a list or tuple that is or equals `x`; None if a comparison would run Python.
fn native_position(vm: &Vm, items: &[Value], x: &Value) -> Option<Option<usize>> {
    for (i, item) in items.iter().enumerate() {
        if item.is(x) || ops::compare::eq_fast(vm, item, x)? {
            return Some(Some(i));
        }
    }
    Some(None)
}

/// `item in v` for a list or tuple.
fn contains(vm: &mut Vm, v: &Value, item: &Value) -> Flow {
    let items = match v.get::<List>() {
        Some(l) => l.items(vm),
        None => v.tuple_items(),
    };
    if let Some(found) = native_position(vm, items, item) {
        return Ok(Value::bool(found.is_some()).into());
    }
    vm.start(
        &FIND,
        [
            v.clone(),
            item.clone(),
            Value::from_i32(0),
            Value::NONE,
            Value::from_i32(CONTAINS),
            Value::from_i32(0),
        ],
    )
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
    b.slots.getitem = Some(list_getitem);
    b.slots.setitem = Some(list_setitem);
    b.slots.contains = Some(contains);
    b.slots.concat = Some(|vm, a, b| match (a.get::<List>(), b.get::<List>()) {
        (Some(x), Some(y)) => {
            let mut items = x.items(vm).to_vec();
            items.extend_from_slice(y.items(vm));
            Ok(vm.list(items).into())
        }
        _ => {
            let t = vm.type_name(b);
            Err(vm.type_error(format!("can only concatenate list (not \"{t}\") to list")))
        }
    });
    b.slots.inplace_concat = Some(ops::iter::extend);
    b.slots.repeat = Some(|vm, a, n| {
        let items = list(vm, a)?.items(vm).to_vec();
        match repeated(vm, &items, n)? {
            Some(v) => Ok(vm.list(v).into()),
            None => repeat_by(vm, a, n),
        }
    });
    b.slots.inplace_repeat = Some(|vm, a, n| {
        let l = list(vm, a)?;
        let items = l.items(vm).to_vec();
        match repeated(vm, &items, n)? {
            Some(v) => {
                let old = std::mem::replace(l.items_mut(vm), v);
                drop(old);
                Ok(a.clone().into())
            }
            None => match super::str::repeat_count(vm, a, n, true)? {
                super::str::Count::Later(reply) => Ok(reply),
                super::str::Count::Now(_) => Err(vm.system_error("count was not read")),
            },
        }
    });
    b.methods(LIST);
    b.value("__hash__", Value::NONE);
}

fn list_getitem(vm: &mut Vm, v: &Value, key: &Value) -> Flow {
    let l = list(vm, v)?;
    match plain_key(key) {
        Some(Key::Index(i)) => match wrap_index(i, l.len(vm)).and_then(|i| l.get_item(vm, i)) {
            Some(item) => Ok(item.into()),
            None => Err(super::str::index_error(vm, key, "list index out of range")),
        },
        Some(Key::Slice(s)) => {
            let r = slice_range(vm, &s, l.len(vm))?;
            let items = l.items(vm);
            let out = match r.step {
                1 => items[r.start as usize..r.start as usize + r.count].to_vec(),
                -1 if r.count > 0 => {
                    let last = r.start as usize;
                    items[last + 1 - r.count..=last].iter().rev().cloned().collect()
                }
                _ => r.indexes().map(|i| items[i].clone()).collect(),
            };
            Ok(vm.list(out).into())
        }
        None => with_converted_key(vm, v, key, None),
    }
}

fn list_setitem(vm: &mut Vm, v: &Value, key: &Value, value: &Value) -> Flow {
    let l = list(vm, v)?;
    match plain_key(key) {
        Some(Key::Index(i)) => {
            let Some(i) = wrap_index(i, l.len(vm)) else {
                return Err(super::str::index_error(vm, key, "list assignment index out of range"));
            };
            let old = if value.is_unbound() {
                l.items_mut(vm).remove(i)
            } else {
                std::mem::replace(&mut l.items_mut(vm)[i], value.clone())
            };
            drop(old);
            Ok(Reply::NONE)
        }
        Some(Key::Slice(s)) if value.is_unbound() => {
            assign_slice(vm, &l, &s, Vec::new(), true)?;
            Ok(Reply::NONE)
        }
        Some(Key::Slice(s)) => match ops::iter::items_native(vm, value)? {
            Some(items) => {
                assign_slice(vm, &l, &s, items, false)?;
                Ok(Reply::NONE)
            }
            None => vm.start(&ASSIGN_SLICE, [v.clone(), s, value.clone()]),
        },
        None => with_converted_key(vm, v, key, Some(value)),
    }
}

/// Registers: list, slice, iterable.
pub(crate) static ASSIGN_SLICE: Machine = Machine::new("list.assign_slice", |vm, regs, input| {
    let items = match regs.stage() {
        0 => {
            let it = regs.get(2);
            if vm.type_of(&it).slots(vm).iter.is_none()
                && vm.type_of(&it).slots(vm).getitem.is_none()
            {
                return Err(vm.type_error("must assign iterable to extended slice"));
            }
            soft!(regs, 1, ops::iter::collect(vm, &it))
        }
        _ => input.value()?,
    };
    let (l, s) = (regs.get(0), regs.get(1));
    let l = list(vm, &l)?;
    let items = list(vm, &items)?.items(vm).to_vec();
    assign_slice(vm, &l, &s, items, false)?;
    Ok(Reply::NONE)
});

fn assign_slice(
    vm: &mut Vm,
    l: &Ref<List>,
    slice: &Value,
    items: Vec<Value>,
    delete: bool,
) -> PyResult<()> {
    let r = slice_range(vm, slice, l.len(vm))?;
    let old: Vec<Value> = if r.step == 1 && r.count == items.len() {
        let (start, mut items) = (r.start as usize, items);
        l.items_mut(vm)[start..start + r.count].swap_with_slice(&mut items);
        items
    } else if r.step == 1 {
        let start = r.start as usize;
        let stop = (r.stop.max(r.start)) as usize;
        l.items_mut(vm).splice(start..stop, items).collect()
    } else if delete {
        let mut doomed: Vec<usize> = r.indexes().collect();
        doomed.sort_unstable();
        let mut k = 0;
        let mut gone = Vec::new();
        let all = std::mem::take(l.items_mut(vm));
        let mut kept = Vec::with_capacity(all.len());
        for (i, v) in all.into_iter().enumerate() {
            if doomed.get(k) == Some(&i) {
                k += 1;
                gone.push(v);
            } else {
                kept.push(v);
            }
        }
        *l.items_mut(vm) = kept;
        gone
    } else {
        if items.len() != r.count {
            let (n, m) = (items.len(), r.count);
            return Err(vm.value_error(format!(
                "attempt to assign sequence of size {n} to extended slice of size {m}"
            )));
        }
        let store = l.items_mut(vm);
        r.indexes().zip(items).map(|(i, v)| std::mem::replace(&mut store[i], v)).collect()
    };
    old.into_iter().rev().for_each(drop);
    Ok(())
}

const CONTAINS: i32 = 0;
const INDEX: i32 = 1;
const COUNT: i32 = 2;
const REMOVE: i32 = 3;

/// Registers: sequence, item, next index, end or None, what, count. The searches of sequences.
pub(crate) static FIND: Machine = Machine::new("sequence.find", |vm, regs, input| {
    let (seq, item) = (regs.get(0), regs.get(1));
    let what = regs.int(4) as i32;
    let mut i = regs.int(2) as usize;
    let end = regs.get(3).as_small_int().map_or(usize::MAX, |e| e as usize);
    let mut input = if regs.stage() == 0 { None } else { Some(input.value()?) };
    loop {
        let x = match seq.get::<List>() {
            Some(l) => l.get_item(vm, i),
            None => seq.tuple_items().get(i).cloned(),
        };
        let Some(x) = x.filter(|_| i < end) else { break };
        let equal = match input.take() {
            Some(v) => v,
            None => {
                regs.set_int(2, i as i64);
                soft!(regs, 1, ops::compare::item_eq(vm, &x, &item))
            }
        };
        if equal.is_true() {
            match what {
                CONTAINS => return Ok(Value::TRUE.into()),
                INDEX => return Ok(Value::from_usize(i).into()),
                COUNT => {
                    let n = regs.int(5) + 1;
                    regs.set_int(5, n);
                }
                _ => {
                    if let Some(l) = seq.get::<List>()
                        && i < l.len(vm)
                    {
                        let old = l.items_mut(vm).remove(i);
                        drop(old);
                    }
                    return Ok(Reply::NONE);
                }
            }
        }
        i += 1;
    }
    match what {
        CONTAINS => Ok(Value::FALSE.into()),
        COUNT => Ok(regs.get(5).into()),
        INDEX if seq.has::<List>() => Err(vm.value_error("list.index(x): x not in list")),
        INDEX => Err(vm.value_error("tuple.index(x): x not in tuple")),
        _ => Err(vm.value_error("list.remove(x): x not in list")),
    }
});

/// `find` where all comparisons are native; None for anything else, and where nothing is found that
/// must be: the machine words it.
fn find_natively(
    vm: &mut Vm,
    a: &[Value],
    start: usize,
    end: usize,
    what: i32,
) -> PyResult<Option<Value>> {
    let items = match a[0].get::<List>() {
        Some(l) => l.items(vm),
        None => a[0].tuple_items(),
    };
    let mut count = 0;
    let mut at = None;
    for (i, item) in items.iter().enumerate().take(end).skip(start) {
        match item.is(&a[1]) || ops::compare::eq_fast(vm, item, &a[1]) == Some(true) {
            true if what == COUNT => count += 1,
            true => {
                at = Some(i);
                break;
            }
            false if ops::compare::eq_fast(vm, item, &a[1]).is_none() => return Ok(None),
            false => {}
        }
    }
    Ok(match (what, at) {
        (COUNT, _) => Some(Value::from_usize(count)),
        (INDEX, Some(i)) => Some(Value::from_usize(i)),
        (REMOVE, Some(i)) => {
            let old = list(vm, &a[0])?.items_mut(vm).remove(i);
            drop(old);
            Some(Value::NONE)
        }
        _ => None,
    })
}

fn find(vm: &mut Vm, a: &[Value], what: i32) -> Flow {
    let len = ops::len_fast(vm, &a[0]).unwrap_or(0) as i64;
    let clip = |v: Option<&Value>, default: i64| match v.and_then(Value::as_i64_saturating) {
        Some(i) if i < 0 => i.saturating_add(len).max(0),
        Some(i) => i,
        None => default,
    };
    let start = clip(a.get(2).and_then(Value::given), 0);
    let end = clip(a.get(3).and_then(Value::given), i64::MAX >> 2);
    if let Some(found) = find_natively(vm, a, start as usize, end as usize, what)? {
        return Ok(found.into());
    }
    let regs = [
        a[0].clone(),
        a[1].clone(),
        vm.int(start.min(i64::MAX >> 2)),
        vm.int(end.min(i64::MAX >> 2)),
        Value::from_i32(what),
        Value::from_i32(0),
    ];
    vm.start(&FIND, regs)
}

const LIST: &[Def] = &[
    def!("__new__", "(cls, /, *args, **kwargs)", |vm, cls, _, _| match cls.get::<Type>() {
        Some(t) => Ok(vm.new_object(t, List { items: VmCell::new(Vec::new()) }).into()),
        None => Err(vm.type_error("list.__new__(X): X is not a type object")),
    }),
    def!("__init__", "(self, iterable=(), /)", |vm, this, iterable| {
        let l = list(vm, this)?;
        let old = std::mem::take(l.items_mut(vm));
        drop(old);
        match iterable {
            Some(it) => match ops::iter::items_native(vm, it)? {
                Some(items) => {
                    list(vm, this)?.extend(vm, items)?;
                    Ok(Reply::NONE)
                }
                None => vm.start(&INIT, [this.clone(), it.clone()]),
            },
            None => Ok(Reply::NONE),
        }
    }),
    def!("__getitem__", "(self, index, /)", |vm, this, index| list_getitem(vm, this, index)),
    def!("__reversed__", "(self, /)", |vm, this| {
        Ok(iterators::seq_iter(vm, SeqKind::ListReversed, this.clone()).into())
    }),
    def!("__sizeof__", "(self, /)", |vm, this| {
        let n = list(vm, this)?.len(vm);
        Ok(Value::from_usize(40 + 8 * n).into())
    }),
    def!("clear", "(self, /)", |vm, this| {
        let l = list(vm, this)?;
        let old = std::mem::take(l.items_mut(vm));
        drop(old);
        Ok(Reply::NONE)
    }),
    def!("copy", "(self, /)", |vm, this| {
        let items = list(vm, this)?.items(vm).to_vec();
        Ok(vm.list(items).into())
    }),
    def!("append", "(self, object, /)", |vm, this, object| {
        list(vm, this)?.append(vm, object.clone())?;
        Ok(Reply::NONE)
    }),
    def!("insert", "(self, index: ssize, object, /)", |vm, a| {
        let l = list(vm, &a[0])?;
        let n = l.len(vm) as i64;
        let i = a[1].as_i64().unwrap_or(0);
        let i = if i < 0 { (i + n).max(0) } else { i.min(n) };
        l.items_mut(vm).insert(i as usize, a[2].clone());
        Ok(Reply::NONE)
    }),
    def!("extend", "(self, iterable, /)", |vm, this, iterable| {
        if let Some(items) = ops::iter::items_native(vm, iterable)? {
            list(vm, this)?.extend(vm, items)?;
            return Ok(Reply::NONE);
        }
        vm.start(&EXTEND_NONE, [this.clone(), iterable.clone()])
    }),
    def!("pop", "(self, index: ssize=-1, /)", |vm, a| {
        let l = list(vm, &a[0])?;
        let n = l.len(vm);
        if n == 0 {
            return Err(vm.index_error("pop from empty list"));
        }
        let i = a[1].given().and_then(Value::as_i64).unwrap_or(-1);
        match wrap_index(i, n) {
            Some(i) => Ok(l.items_mut(vm).remove(i).into()),
            None => Err(vm.index_error("pop index out of range")),
        }
    }),
    def!("remove", "(self, value, /)", |vm, a| find(vm, a, REMOVE)),
    def!("index", "(self, value, start: bound=0, stop: bound=9223372036854775807, /)", |vm, a| {
        find(vm, a, INDEX)
    }),
    def!("count", "(self, value, /)", |vm, a| find(vm, a, COUNT)),
    def!("reverse", "(self, /)", |vm, this| {
        list(vm, this)?.items_mut(vm).reverse();
        Ok(Reply::NONE)
    }),
    def!("sort", "(self, /, *, key=None, reverse: truth=False)", |vm, a| {
        let key = a[1].given().cloned().unwrap_or(Value::NONE);
        super::sort::sort(vm, &a[0], &key, a[2].is_true())
    }),
    crate::native::classdef!("__class_getitem__", "(cls, item, /)", |vm, cls, item| {
        iterators::generic_alias(vm, cls, item)
    }),
];

/// Registers: list, iterable. `extend` gives None.
pub(crate) static EXTEND_NONE: Machine = Machine::new("list.extend_none", |vm, regs, input| {
    match regs.stage() {
        0 => {
            let (l, it) = (regs.get(0), regs.get(1));
            let _ = soft!(regs, 1, ops::iter::extend(vm, &l, &it));
        }
        _ => {
            input.value()?;
        }
    }
    Ok(Reply::NONE)
});

/// Registers: list, iterable.
pub(crate) static INIT: Machine = Machine::new("list.init", |vm, regs, input| {
    match regs.stage() {
        0 => {
            let (l, it) = (regs.get(0), regs.get(1));
            let _ = soft!(regs, 1, ops::iter::extend(vm, &l, &it));
        }
        _ => {
            input.value()?;
        }
    }
    Ok(Reply::NONE)
});

pub fn define_tuple(b: &mut TypeBuilder<'_>) {
    b.slots.repr = Some(|vm, v| ops::text::repr_container(vm, v, Shape::Tuple));
    b.slots.hash = Some(ops::hash::tuple_hash);
    b.slots.compare = Some(|vm, op, a, b| {
        if !a.has::<Tuple>() || !b.has::<Tuple>() {
            return Ok(Value::NOT_IMPLEMENTED.into());
        }
        ops::compare::sequence_compare(vm, op, a, b)
    });
    b.slots.iter = Some(|vm, v| Ok(iterators::seq_iter(vm, SeqKind::Tuple, v.clone()).into()));
    b.slots.len = Some(|vm, v| Ok(Value::from_usize(ops::len_fast(vm, v).unwrap_or(0)).into()));
    b.slots.contains = Some(contains);
    b.slots.getitem = Some(|vm, v, key| match plain_key(key) {
        Some(Key::Index(i)) => {
            let items = v.tuple_items();
            match wrap_index(i, items.len()) {
                Some(i) => Ok(items[i].clone().into()),
                None => Err(super::str::index_error(vm, key, "tuple index out of range")),
            }
        }
        Some(Key::Slice(s)) => {
            let items = v.tuple_items();
            let r = slice_range(vm, &s, items.len())?;
            if r.count == items.len() && r.step == 1 && vm.is_exactly(v, &vm.types.tuple) {
                return Ok(v.clone().into());
            }
            Ok(vm.tuple_iter(r.count, r.indexes().map(|i| items[i].clone())).into())
        }
        None => with_converted_key(vm, v, key, None),
    });
    b.slots.concat = Some(|vm, a, b| {
        if !b.has::<Tuple>() {
            let t = vm.type_name(b);
            return Err(vm.type_error(format!("can only concatenate tuple (not \"{t}\") to tuple")));
        }
        let (x, y) = (a.tuple_items(), b.tuple_items());
        if x.is_empty() && vm.is_exactly(b, &vm.types.tuple) {
            return Ok(b.clone().into());
        }
        Ok(vm.tuple_iter(x.len() + y.len(), x.iter().chain(y).cloned()).into())
    });
    b.slots.repeat = Some(|vm, a, n| match repeated(vm, a.tuple_items(), n)? {
        Some(v) => Ok(vm.tuple(v).into()),
        None => repeat_by(vm, a, n),
    });
    b.methods(TUPLE);
}

const TUPLE: &[Def] = &[
    def!("__new__", "(cls, iterable=(), /)", |vm, cls, iterable| {
        if !cls.has::<Type>() {
            return Err(vm.type_error("tuple.__new__(X): X is not a type object"));
        }
        let exact = cls.is(vm.types.tuple.value());
        match iterable {
            None if exact => Ok(vm.tuple(vec![]).into()),
            Some(t) if exact && vm.is_exactly(t, &vm.types.tuple) => Ok(t.clone().into()),
            it => {
                let it = it.cloned().unwrap_or_else(|| vm.tuple(vec![]));
                vm.start(&TUPLE_NEW, [cls.clone(), it])
            }
        }
    }),
    def!("index", "(self, value, start: bound=0, stop: bound=9223372036854775807, /)", |vm, a| {
        find(vm, a, INDEX)
    }),
    def!("count", "(self, value, /)", |vm, a| find(vm, a, COUNT)),
    def!("__getnewargs__", "(self, /)", |vm, this| {
        let t = vm.tuple_from(this.tuple_items());
        Ok(vm.tuple(vec![t]).into())
    }),
    crate::native::classdef!("__class_getitem__", "(cls, item, /)", |vm, cls, item| {
        iterators::generic_alias(vm, cls, item)
    }),
];

/// Registers: class, iterable.
pub(crate) static TUPLE_NEW: Machine = Machine::new("tuple.new", |vm, regs, input| {
    let l = match regs.stage() {
        0 => {
            let it = regs.get(1);
            soft!(regs, 1, ops::iter::collect(vm, &it))
        }
        _ => input.value()?,
    };
    let class = regs.get(0);
    let items = list(vm, &l)?.items(vm).to_vec();
    if class.is(vm.types.tuple.value()) {
        return Ok(vm.tuple(items).into());
    }
    match class.get::<Type>() {
        Some(t) => {
            let n = items.len();
            Ok(vm.new_tail::<Tuple>(t, n, items.into_iter()).into())
        }
        None => Ok(Reply::NONE),
    }
});

/// Iterators over views.
pub fn view_iter(vm: &mut Vm, v: &Value, part: DictPart) -> Flow {
    match v.get::<iterators::DictView>() {
        Some(view) => {
            let d = view.dict.get();
            Ok(iterators::dict_iter(vm, &d, part, false).into())
        }
        None => Err(vm.type_error("view expected")),
    }
}

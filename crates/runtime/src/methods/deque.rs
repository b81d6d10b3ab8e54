//! `collections.deque`: its base with what is one step, and its iterators. The class itself is Python
//! over it (`lib/overlay/_collections.py`). CPython's counterpart: `Modules/_collectionsmodule.c`.

use super::itertools::tool;
use crate::boot::TypeBuilder;
use crate::exc::{Flow, PyResult, Reply};
use crate::native::{Def, def};
use crate::objects::deque::Deque;
use crate::objects::types::Type;
use crate::ops::item::{Key, plain_key, with_converted_key, wrap_index};
use crate::value::{Ref, Value};
use crate::vm::Vm;

fn receiver(vm: &mut Vm, v: &Value) -> PyResult<Ref<Deque>> {
    match v.clone().cast::<Deque>() {
        Ok(d) => Ok(d),
        Err(_) => Err(vm.type_error("deque expected")),
    }
}

pub fn define_deque(b: &mut TypeBuilder<'_>) {
    b.slots.len = Some(|vm, v| {
        let n = receiver(vm, v)?.items.get(vm).len();
        Ok(Value::from_usize(n).into())
    });
    b.slots.iter = Some(|vm, v| iterate(vm, v, false));
    b.slots.getitem = Some(getitem);
    b.slots.setitem = Some(setitem);
    b.methods(METHODS);
}

fn position(vm: &mut Vm, d: &Deque, key: &Value) -> PyResult<Option<usize>> {
    let n = d.items.get(vm).len();
    match plain_key(key) {
        Some(Key::Index(i)) => match wrap_index(i, n) {
            Some(at) => Ok(Some(at)),
            None => Err(vm.index_error("deque index out of range")),
        },
        _ if vm.type_of(key).slots(vm).index.is_none() => {
            let t = vm.type_name(key);
            Err(vm.type_error(format!("sequence index must be integer, not '{t}'")))
        }
        _ => Ok(None),
    }
}

fn getitem(vm: &mut Vm, v: &Value, key: &Value) -> Flow {
    let d = receiver(vm, v)?;
    match position(vm, &d, key)? {
        Some(i) => Ok(d.items.get(vm)[i].clone().into()),
        None => with_converted_key(vm, v, key, None),
    }
}

fn setitem(vm: &mut Vm, v: &Value, key: &Value, value: &Value) -> Flow {
    let d = receiver(vm, v)?;
    let Some(i) = position(vm, &d, key)? else {
        return with_converted_key(vm, v, key, Some(value));
    };
    if value.is_unbound() {
        d.changed();
        drop(d.items.get_mut(vm).remove(i));
    } else {
        let old = std::mem::replace(&mut d.items.get_mut(vm)[i], value.clone());
        drop(old);
    }
    Ok(Reply::NONE)
}

fn take(vm: &mut Vm, v: &Value, left: bool) -> Flow {
    let d = receiver(vm, v)?;
    let items = d.items.get_mut(vm);
    let item = if left { items.pop_front() } else { items.pop_back() };
    match item {
        Some(item) => {
            d.changed();
            Ok(item.into())
        }
        None => Err(vm.index_error("pop from an empty deque")),
    }
}

fn iterate(vm: &mut Vm, v: &Value, reverse: bool) -> Flow {
    let d = receiver(vm, v)?;
    let changes = vm.uint(d.changes.get());
    let t = &vm.types;
    let ty = if reverse { &t.deque_reverse_iterator } else { &t.deque_iterator };
    let it = vm.iter_tool(ty, vec![v.clone(), Value::from_i32(0), changes]);
    Ok(it.into())
}

const METHODS: &[Def] = &[
    def!("__new__", "(cls, /, *_, **_)", |vm, a| match a[0].get::<Type>() {
        Some(t) => Ok(vm.new_object(t, Deque::unbounded()).into_value().into()),
        None => Err(vm.type_error("deque.__new__(X): X is not a type object")),
    }),
    // Empties it and sets the bound: None for none.
    def!("_reset", "(self, maxlen: ssize?, /)", |vm, this, maxlen| {
        let d = receiver(vm, this)?;
        d.maxlen.set(maxlen.unwrap_or(-1));
        d.changed();
        let old = std::mem::take(d.items.get_mut(vm));
        drop(old);
        Ok(Reply::NONE)
    }),
    def!("_maxlen", "(self, /)", |vm, this| {
        let max = receiver(vm, this)?.maxlen.get();
        Ok(if max < 0 { Value::NONE } else { vm.int(max) }.into())
    }),
    // A number that every change changes.
    def!("_changes", "(self, /)", |vm, this| {
        let n = receiver(vm, this)?.changes.get();
        Ok(vm.uint(n).into())
    }),
    def!("_list", "(self, /)", |vm, this| {
        let items = receiver(vm, this)?.items.get(vm).iter().cloned().collect();
        Ok(vm.list(items).into())
    }),
    // Takes the items of a list, whatever the bound says.
    def!("_set", "(self, items, /)", |vm, this, items| {
        let d = receiver(vm, this)?;
        let new = super::fold::plain_items(vm, items).map(|v| v.iter().cloned().collect());
        d.changed();
        let old = std::mem::replace(d.items.get_mut(vm), new.unwrap_or_default());
        drop(old);
        Ok(Reply::NONE)
    }),
    // Appends the items of a plain list or tuple; False for everything else.
    def!("_extend_plain", "(self, items, left, /)", |vm, this, items, left| {
        let d = receiver(vm, this)?;
        let Some(new) = super::fold::plain_items(vm, items).map(<[Value]>::to_vec) else {
            return Ok(Value::FALSE.into());
        };
        for item in new {
            d.add(vm, item, left.is_true())?;
        }
        Ok(Value::TRUE.into())
    }),
    def!("append", "(self, item, /)", |vm, this, item| {
        receiver(vm, this)?.add(vm, item.clone(), false)?;
        Ok(Reply::NONE)
    }),
    def!("appendleft", "(self, item, /)", |vm, this, item| {
        receiver(vm, this)?.add(vm, item.clone(), true)?;
        Ok(Reply::NONE)
    }),
    def!("pop", "(self, /)", |vm, this| take(vm, this, false)),
    def!("popleft", "(self, /)", |vm, this| take(vm, this, true)),
    def!("clear", "(self, /)", |vm, this| {
        let d = receiver(vm, this)?;
        d.changed();
        let old = std::mem::take(d.items.get_mut(vm));
        drop(old);
        Ok(Reply::NONE)
    }),
    def!("reverse", "(self, /)", |vm, this| {
        let d = receiver(vm, this)?;
        d.changed();
        d.items.get_mut(vm).make_contiguous().reverse();
        Ok(Reply::NONE)
    }),
    def!("rotate", "(self, n: ssize=1, /)", |vm, this, n| {
        let d = receiver(vm, this)?;
        let items = d.items.get_mut(vm);
        if items.len() > 1 {
            let n = n.rem_euclid(items.len() as i64) as usize;
            items.rotate_right(n);
            d.changed();
        }
        Ok(Reply::NONE)
    }),
    def!("__reversed__", "(self, /)", |vm, this| iterate(vm, this, true)),
    def!("__sizeof__", "(self, /)", |vm, this| {
        let room = receiver(vm, this)?.items.get(vm).capacity();
        Ok(Value::from_usize(size_of::<Deque>() + 8 * room).into())
    }),
];

// Iterators: deque (None at the end), items passed, its count of changes.

fn define(b: &mut TypeBuilder<'_>, next: crate::objects::types::UnaryFn) {
    b.slots.iter = Some(|_, v| Ok(v.clone().into()));
    b.slots.next = Some(next);
    b.methods(ITERATOR);
}

pub fn define_iterator(b: &mut TypeBuilder<'_>) {
    define(b, |vm, v| next(vm, v, false));
}

pub fn define_reverse_iterator(b: &mut TypeBuilder<'_>) {
    define(b, |vm, v| next(vm, v, true));
}

fn next(vm: &mut Vm, v: &Value, reverse: bool) -> Flow {
    let Some(it) = tool(v) else { return Ok(Reply::EXHAUSTED) };
    let deque = it.part(vm, 0);
    let Some(d) = deque.get::<Deque>() else { return Ok(Reply::EXHAUSTED) };
    let at = it.number(vm, 1) as usize;
    if it.number(vm, 2) as u64 != d.changes.get() {
        it.put(vm, 0, Value::NONE);
        return Err(vm.runtime_error("deque mutated during iteration"));
    }
    let items = d.items.get(vm);
    let found = match reverse {
        false => items.get(at),
        true => items.len().checked_sub(at + 1).and_then(|i| items.get(i)),
    };
    match found.cloned() {
        Some(item) => {
            it.put_number(vm, 1, at as i64 + 1);
            Ok(item.into())
        }
        None => {
            it.put(vm, 0, Value::NONE);
            Ok(Reply::EXHAUSTED)
        }
    }
}

const ITERATOR: &[Def] = &[
    def!("__new__", "(cls, iterable, index: ssize=0, /)", |vm, cls, iterable, index| {
        let Some(d) = iterable.get::<Deque>() else {
            let t = vm.type_name(iterable);
            return Err(vm.type_error(format!(
                "_collections._deque_iterator() argument 1 must be collections.deque, not {t}"
            )));
        };
        let Some(class) = cls.get::<Type>() else { return Ok(Reply::NONE) };
        let changes = vm.uint(d.changes.get());
        let index = vm.int(index.max(0));
        Ok(vm.iter_tool(class, vec![iterable.clone(), index, changes]).into())
    }),
    def!("__length_hint__", "(self, /)", |vm, this| {
        let Some(it) = tool(this) else { return Ok(Reply::NONE) };
        let n = it.part(vm, 0).get::<Deque>().map_or(0, |d| d.items.get(vm).len() as i64);
        let left = (n - it.number(vm, 1)).max(0);
        Ok(vm.int(left).into())
    }),
    def!("__reduce__", "(self, /)", |vm, this| {
        let class = vm.type_of(this).to_value();
        let Some(it) = tool(this) else { return Ok(Reply::NONE) };
        let (deque, index) = (it.part(vm, 0), it.part(vm, 1));
        let args = vm.tuple(vec![deque, index]);
        Ok(vm.tuple(vec![class, args]).into())
    }),
];

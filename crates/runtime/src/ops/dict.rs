//! Soft access to dicts and sets: resolve a key (its hash and equality may be Python code), then
//! apply the operation atomically; when the table changed while Python ran, resolve again.

use crate::exc::{Exc, Flow, PyResult, Reply};
use crate::heap::Header;
use crate::machine::Machine;
use crate::object::Obj;
use crate::objects::dict::{Dict, Entry, Found, Table};
use crate::objects::set::Set;
use crate::objects::str::Str;
use crate::soft;
use crate::value::Value;
use crate::vm::Vm;

/// What to do with the resolved key. Numbers are part of the pickle format.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum DictOp {
    /// The value, or *unbound*.
    Get,
    /// Store; gives None.
    Set,
    /// Remove; gives the value, or *unbound*.
    Pop,
    /// True or False.
    Contains,
    /// The value; stores the given one if absent.
    SetDefault,
    /// Adds to a set; True if it was absent.
    Add,
    /// Removes from a set: True if it was there.
    Discard,
    /// The key in the table (or unbound).
    Key,
}

const OPS: [DictOp; 8] = [
    DictOp::Get,
    DictOp::Set,
    DictOp::Pop,
    DictOp::Contains,
    DictOp::SetDefault,
    DictOp::Add,
    DictOp::Discard,
    DictOp::Key,
];

fn table<'a>(vm: &'a Vm, container: &'a Value) -> Option<&'a Table> {
    if let Some(d) = container.get::<Dict>() {
        Some(d.table(vm))
    } else {
        container.get::<Set>().map(|s| s.table(vm))
    }
}

fn changes(container: &Value) -> u64 {
    if let Some(d) = container.get::<Dict>() {
        d.changes.get()
    } else {
        container.get::<Set>().map_or(0, |s| s.changes.get())
    }
}

/// Performs `op` on a dict or set.
pub fn run(vm: &mut Vm, op: DictOp, container: &Value, key: &Value, value: Value) -> Flow {
    if let Some((hash, at)) = place(vm, container, key) {
        if op == DictOp::Contains {
            return Ok(Value::bool(at.is_some()).into());
        }
        return apply(vm, op, container, at, hash, key, value);
    }
    vm.start(
        &RESOLVE,
        [
            Value::from_i32(op as i32),
            container.clone(),
            key.clone(),
            value,
            Value::UNBOUND,
            Value::UNBOUND,
            Value::UNBOUND,
        ],
    )
}

/// Performs `op` if that takes no Python code.
pub fn run_plain(vm: &mut Vm, op: DictOp, container: &Value, key: &Value, value: Value) -> bool {
    let Some((hash, at)) = place(vm, container, key) else { return false };
    apply(vm, op, container, at, hash, key, value).is_ok()
}

/// `key in container` for exact dicts and sets, if it takes no Python code.
pub fn holds(vm: &Vm, container: &Value, key: &Value) -> Option<bool> {
    let t = &vm.types;
    let plain = [&t.dict, &t.set, &t.frozenset].iter().any(|ty| vm.is_exactly(container, ty));
    if !plain {
        return None;
    }
    place(vm, container, key).map(|(_, at)| at.is_some())
}

/// The hash and the place of a key that needs no Python code to be found (or missed).
pub fn place(vm: &Vm, container: &Value, key: &Value) -> Option<(u64, Option<usize>)> {
    let hash = super::hash::hash_fast(vm, key)?;
    match find(vm, container, key, hash) {
        Found::At(i) => Some((hash, Some(i))),
        Found::Missing => Some((hash, None)),
        Found::Ask(_) => None,
    }
}

/// Adds a key to a set; false: Python code must be asked about it.
pub fn add_natively(vm: &mut Vm, set: &Value, key: &Value) -> bool {
    match place(vm, set, key) {
        Some((_, Some(_))) => true,
        Some((hash, None)) => {
            let added = set.get::<Set>().map(|s| {
                s.table_mut(vm).insert_new(hash, key.clone(), Value::NONE);
            });
            added.is_some()
        }
        None => false,
    }
}

/// Takes a key out of a set: was it there? None: Python code must be asked about it.
pub fn discard_natively(vm: &mut Vm, set: &Value, key: &Value) -> Option<bool> {
    let (_, at) = place(vm, set, key)?;
    let Some(i) = at else { return Some(false) };
    let old = set.get::<Set>()?.table_mut(vm).remove_at(i);
    drop(old);
    Some(true)
}

fn find(vm: &Vm, container: &Value, key: &Value, hash: u64) -> Found {
    match table(vm, container) {
        Some(t) => {
            if let Some(k) = key.get::<Str>()
                && vm.is_exactly(key, &vm.types.str)
            {
                let str_type: *const Header = &vm.types.str.header;
                return t.find(key, hash, |other| match other.get::<Str>() {
                    Some(o) if std::ptr::eq(&raw const vm.type_of(other).header, str_type) => {
                        Some(o.bytes() == k.bytes())
                    }
                    _ => super::compare::eq_fast(vm, other, key),
                });
            }
            t.find(key, hash, |other| super::compare::eq_fast(vm, other, key))
        }
        None => Found::Missing,
    }
}

fn apply(
    vm: &mut Vm,
    op: DictOp,
    container: &Value,
    at: Option<usize>,
    hash: u64,
    key: &Value,
    value: Value,
) -> Flow {
    if let Some(d) = container.get::<Dict>()
        && !matches!(op, DictOp::Add)
    {
        if at.is_none() {
            let more = d.table(vm).growth();
            vm.claim(more)?;
        }
        return Ok(apply_dict(vm, op, d, at, hash, key, value).into());
    }
    let Some(s) = container.get::<Set>() else {
        let t = vm.type_name(container);
        return Err(vm.type_error(format!("'{t}' object is not a set")));
    };
    Ok(match (op, at) {
        (DictOp::Add, None) => {
            let more = s.table(vm).growth();
            vm.claim(more)?;
            s.table_mut(vm).insert_new(hash, key.clone(), Value::NONE);
            Value::TRUE
        }
        (DictOp::Add, Some(_)) => Value::FALSE,
        (DictOp::Discard, Some(i)) => {
            drop(s.table_mut(vm).remove_at(i));
            Value::TRUE
        }
        (DictOp::Discard, None) => Value::FALSE,
        (DictOp::Key, Some(i)) => s.table(vm).entries[i].key.clone(),
        (DictOp::Key, None) => Value::UNBOUND,
        (_, at) => Value::bool(at.is_some()),
    }
    .into())
}

fn apply_dict(
    vm: &mut Vm,
    op: DictOp,
    d: &Obj<Dict>,
    at: Option<usize>,
    hash: u64,
    key: &Value,
    value: Value,
) -> Value {
    match (op, at) {
        (DictOp::Get | DictOp::SetDefault, Some(i)) => d.table(vm).entries[i].value.clone(),
        (DictOp::Get | DictOp::Pop | DictOp::Key, None) => Value::UNBOUND,
        (DictOp::Set | DictOp::Add, Some(i)) => {
            // A value change keeps the keys' version.
            let old = std::mem::replace(&mut d.table.get_mut(vm).entries[i].value, value);
            drop(old);
            Value::NONE
        }
        (DictOp::Set | DictOp::Add, None) => {
            d.table_mut(vm).insert_new(hash, key.clone(), value);
            Value::NONE
        }
        (DictOp::SetDefault, None) => {
            d.table_mut(vm).insert_new(hash, key.clone(), value.clone());
            value
        }
        (DictOp::Pop, Some(i)) => d.table_mut(vm).remove_at(i).1,
        (DictOp::Discard, Some(i)) => {
            drop(d.table_mut(vm).remove_at(i));
            Value::TRUE
        }
        (DictOp::Key, Some(i)) => d.table(vm).entries[i].key.clone(),
        (DictOp::Contains | DictOp::Discard, at) => Value::bool(at.is_some()),
    }
}

/// Registers: op, container, key, value, hash, entries that are known to differ (count of asked
/// candidates in probe order), change count while asking. Stage 1: hash awaited; 2: equality.
pub(crate) static RESOLVE: Machine = Machine::new("op.dict_resolve", |vm, regs, input| {
    let op = OPS[regs.int(0) as usize % OPS.len()];
    let (container, key) = (regs.get(1), regs.get(2));
    let mut skip = 0usize;
    match regs.stage() {
        0 => {
            let h = match super::hash::hash(vm, &key) {
                Ok(h) => soft!(regs, 1, Ok(h)),
                Err(e) => return Err(cannot_use(vm, op, &container, &key, e)),
            };
            regs.set(4, h);
        }
        1 => match input.value() {
            Ok(h) => regs.set(4, h),
            Err(e) => return Err(cannot_use(vm, op, &container, &key, e)),
        },
        _ => {
            let equal = input.value()?.is_true();
            let asked = regs.int(5) as usize;
            let same_table = regs.int(6) as u64 == changes(&container) & 0xffff_ffff;
            if same_table {
                if equal {
                    let hash = super::hash::as_u64(&regs.get(4));
                    let at = nth_candidate(vm, &container, hash, asked);
                    let value = regs.take(3);
                    return apply(vm, op, &container, at, hash, &key, value);
                }
                skip = asked + 1;
            }
        }
    }
    let hash = super::hash::as_u64(&regs.get(4));
    loop {
        let Some(i) = nth_candidate(vm, &container, hash, skip) else {
            let value = regs.take(3);
            return apply(vm, op, &container, None, hash, &key, value);
        };
        let other = match table(vm, &container) {
            Some(t) => t.entries[i].key.clone(),
            None => return Err(vm.system_error("dict operation on another type")),
        };
        let before = changes(&container) & 0xffff_ffff;
        regs.set_int(5, skip as i64);
        regs.set_int(6, before as i64);
        let equal = soft!(regs, 2, super::compare::item_eq(vm, &other, &key));
        if equal.is_true() {
            let value = regs.take(3);
            return apply(vm, op, &container, Some(i), hash, &key, value);
        }
        skip += 1;
    }
});

/// A TypeError of `__hash__` says for what the key was wanted.
#[cold]
fn cannot_use(vm: &mut Vm, op: DictOp, container: &Value, key: &Value, e: Exc) -> Exc {
    // The one who asks for the key in the table has no dict to show.
    if op == DictOp::Key {
        return e;
    }
    let text = e.value().get::<crate::objects::exception::Exception>().and_then(|x| {
        let args = x.args.get();
        args.tuple_items().first().filter(|a| vm.is_str(a)).map(|a| a.display_str(vm))
    });
    let Some(text) = text.filter(|_| vm.is_exactly(e.value(), &vm.excs.type_error)) else {
        return e;
    };
    let what = if container.has::<Set>() { "set element" } else { "dict key" };
    let t = vm.type_name(key);
    vm.type_error(format!("cannot use '{t}' as a {what} ({text})"))
}

/// Entry number of the n-th candidate of this hash in probe order.
fn nth_candidate(vm: &Vm, container: &Value, hash: u64, n: usize) -> Option<usize> {
    let mut left = n;
    table(vm, container)?.probe(hash, |i, _: &Entry| {
        if left == 0 {
            Some(i)
        } else {
            left -= 1;
            None
        }
    })
}

/// The value if the lookup runs no Python code (`Some(None)`: absent); None if it would.
pub fn get_fast(vm: &Vm, dict: &Value, key: &Value) -> Option<Option<Value>> {
    match place(vm, dict, key)? {
        (_, Some(i)) => Some(Some(table(vm, dict)?.entries[i].value.clone())),
        (_, None) => Some(None),
    }
}

/// `d[key]` without `__missing__`: the value or *unbound*.
pub fn get(vm: &mut Vm, dict: &Value, key: &Value) -> Flow {
    run(vm, DictOp::Get, dict, key, Value::NONE)
}

pub fn set(vm: &mut Vm, dict: &Value, key: &Value, value: Value) -> Flow {
    run(vm, DictOp::Set, dict, key, value)
}

/// Stores under a key whose hash and equality are native (str, int, …).
pub fn set_native(vm: &mut Vm, dict: &Value, key: &Value, value: Value) -> PyResult<()> {
    match set(vm, dict, key, value)?.ready() {
        Some(_) => Ok(()),
        None => Err(vm.system_error("native key ran Python")),
    }
}

/// Reads under a native key.
pub fn get_native(vm: &mut Vm, dict: &Value, key: &Value) -> PyResult<Option<Value>> {
    match get(vm, dict, key)?.ready() {
        Some(v) if v.is_unbound() => Ok(None),
        Some(v) => Ok(Some(v)),
        None => Err(vm.system_error("native key ran Python")),
    }
}

/// `dict.__getitem__`: with `__missing__` for subclasses.
pub fn subscript(vm: &mut Vm, dict: &Value, key: &Value) -> Flow {
    if let Some(Some(v)) = get_fast(vm, dict, key) {
        return Ok(v.into());
    }
    vm.start(&SUBSCRIPT, [dict.clone(), key.clone()])
}

/// Registers: dict, key.
pub(crate) static SUBSCRIPT: Machine = Machine::new("dict.getitem", |vm, regs, input| {
    let (dict, key) = (regs.get(0), regs.get(1));
    let v = match regs.stage() {
        0 => soft!(regs, 1, get(vm, &dict, &key)),
        1 => input.value()?,
        _ => return input.value().map(Reply::from),
    };
    if !v.is_unbound() {
        return Ok(v.into());
    }
    if !vm.is_exactly(&dict, &vm.types.dict) {
        let name = vm.names.missing.clone();
        regs.set_stage(2);
        if let Some(flow) =
            crate::python_slots::call_special(vm, &dict, &name, std::slice::from_ref(&key))
        {
            return flow;
        }
    }
    Err(vm.key_error(&key))
});

/// `dict.__setitem__` and `__delitem__`.
pub fn store(vm: &mut Vm, dict: &Value, key: &Value, value: &Value) -> Flow {
    if !value.is_unbound() {
        return set(vm, dict, key, value.clone());
    }
    if let Some(hash) = super::hash::hash_fast(vm, key)
        && let Found::At(i) = find(vm, dict, key, hash)
        && let Some(d) = dict.get::<Dict>()
    {
        drop(d.table_mut(vm).remove_at(i));
        return Ok(Reply::NONE);
    }
    vm.start(&DELETE, [dict.clone(), key.clone()])
}

/// Registers: dict, key.
pub(crate) static DELETE: Machine = Machine::new("dict.delitem", |vm, regs, input| {
    let (dict, key) = (regs.get(0), regs.get(1));
    let v = match regs.stage() {
        0 => soft!(regs, 1, run(vm, DictOp::Pop, &dict, &key, Value::NONE)),
        _ => input.value()?,
    };
    if v.is_unbound() {
        return Err(vm.key_error(&key));
    }
    Ok(Reply::NONE)
});

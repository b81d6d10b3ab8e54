//! `set` and `frozenset`: slots and methods. CPython's counterpart: `Objects/setobject.c`.
//!
//! Algebra runs as intrinsics over the private natives of this file: hashing and equality of items
//! may be Python code.

use stackless_primitives::hash::FrozenSetHash;

use crate::boot::TypeBuilder;
use crate::exc::{Flow, PyResult, Reply};
use crate::machine::Machine;
use crate::native::{Def, classdef, def};
use crate::objects::dict::Table;
use crate::objects::iterators;
use crate::objects::set::{self, Set};
use crate::objects::types::{BinOp, Type};
use crate::ops;
use crate::ops::dict::DictOp;
use crate::ops::text::Shape;
use crate::soft;
use crate::steps::call_intrinsic;
use crate::value::{Ref, Value};
use crate::vm::Vm;

fn receiver(vm: &mut Vm, v: &Value) -> PyResult<Ref<Set>> {
    match v.clone().cast::<Set>() {
        Ok(s) => Ok(s),
        Err(_) => Err(vm.type_error("set expected")),
    }
}

pub fn define_set(b: &mut TypeBuilder<'_>) {
    let frozen = b.ty.name_str(b.vm) == "frozenset";
    b.slots.repr = Some(|vm, v| {
        let exact = vm.is_exactly(v, &vm.types.set);
        ops::text::repr_container(vm, v, if exact { Shape::Set } else { Shape::NamedSet })
    });
    b.slots.contains = Some(contains);
    b.slots.iter = Some(iterators::set_iter);
    b.slots.len = Some(|vm, v| {
        let n = receiver(vm, v)?.len(vm);
        Ok(Value::from_usize(n).into())
    });
    b.slots.compare = Some(|vm, op, a, b| {
        if !a.has::<Set>() || !b.has::<Set>() {
            return Ok(Value::NOT_IMPLEMENTED.into());
        }
        if let Some(r) = super::set_algebra::compare(vm, op, a, b) {
            return Ok(r.into());
        }
        call_intrinsic(vm, "set_compare", &[a.clone(), b.clone(), Value::from_i32(op as i32)])
    });
    b.slots.binary[BinOp::And as usize] = Some(|vm, a, b| algebra(vm, BinOp::And, "set_and", a, b));
    b.slots.binary[BinOp::Or as usize] = Some(|vm, a, b| algebra(vm, BinOp::Or, "set_or", a, b));
    b.slots.binary[BinOp::Sub as usize] = Some(|vm, a, b| algebra(vm, BinOp::Sub, "set_sub", a, b));
    b.slots.binary[BinOp::Xor as usize] = Some(|vm, a, b| algebra(vm, BinOp::Xor, "set_xor", a, b));
    b.methods(COMMON);
    if frozen {
        b.slots.hash = Some(frozen_hash);
        b.methods(FROZEN);
        return;
    }
    b.slots.inplace[BinOp::And as usize] =
        Some(|vm, a, b| inplace(vm, BinOp::And, "set_iand", a, b));
    b.slots.inplace[BinOp::Or as usize] = Some(|vm, a, b| inplace(vm, BinOp::Or, "set_ior", a, b));
    b.slots.inplace[BinOp::Sub as usize] =
        Some(|vm, a, b| inplace(vm, BinOp::Sub, "set_isub", a, b));
    b.slots.inplace[BinOp::Xor as usize] =
        Some(|vm, a, b| inplace(vm, BinOp::Xor, "set_ixor", a, b));
    b.methods(SET);
    b.value("__hash__", Value::NONE);
}

/// Membership; a set as key stands for the frozenset of its items.
fn contains(vm: &mut Vm, s: &Value, k: &Value) -> Flow {
    let k = as_key(vm, k);
    ops::dict::run(vm, DictOp::Contains, s, &k, Value::NONE)
}

impl Vm {
    /// Has the object a class with `__hash__`?
    fn defines_hash(&self, v: &Value) -> bool {
        self.type_of(v).lookup(self, &self.names.hash).is_some_and(|f| !f.is_none())
    }
}

fn as_key(vm: &mut Vm, k: &Value) -> Value {
    match k.get::<Set>() {
        // Subclasses may define a hash of their own.
        Some(s) if vm.is_instance(k, &vm.types.set) && !vm.defines_hash(k) => {
            let table = s.table(vm).clone_table();
            vm.alloc(&vm.types.frozenset, Set::new(table)).into_value()
        }
        _ => k.clone(),
    }
}

fn algebra(vm: &mut Vm, op: BinOp, name: &'static str, a: &Value, b: &Value) -> Flow {
    let ok = |v: &Value| v.has::<Set>();
    if !ok(a) || !ok(b) {
        return Ok(Value::NOT_IMPLEMENTED.into());
    }
    if let Some(table) = super::set_algebra::combine(vm, op, a, b) {
        let frozen = vm.is_instance(a, &vm.types.frozenset);
        let ty = if frozen { &vm.types.frozenset } else { &vm.types.set };
        return Ok(vm.alloc(ty, Set::new(table)).into_value().into());
    }
    call_intrinsic(vm, name, &[a.clone(), b.clone()])
}

fn inplace(vm: &mut Vm, op: BinOp, name: &'static str, a: &Value, b: &Value) -> Flow {
    let (Some(s), true) = (a.get::<Set>(), b.has::<Set>()) else {
        return Ok(Value::NOT_IMPLEMENTED.into());
    };
    if let Some(table) = super::set_algebra::combine(vm, op, a, b) {
        let old = std::mem::replace(s.table_mut(vm), table);
        drop(old);
        return Ok(a.clone().into());
    }
    call_intrinsic(vm, name, &[a.clone(), b.clone()])
}

/// `frozenset.__hash__`, from the hashes that the table keeps.
fn frozen_hash(vm: &mut Vm, v: &Value) -> Flow {
    let s = receiver(vm, v)?;
    if let Some(h) = s.hash.get() {
        return Ok(vm.int(h).into());
    }
    let mut acc = FrozenSetHash::new();
    for (_, e) in s.table(vm).iter() {
        acc.add(e.hash as i64);
    }
    let h = acc.finish(s.len(vm));
    s.hash.set(Some(h));
    Ok(vm.int(h).into())
}

/// Registers: class, iterable, new set.
pub(crate) static FROZEN_NEW: Machine = Machine::new("frozenset.new", |vm, regs, input| {
    match regs.stage() {
        0 => {
            let class = regs.get(0);
            let s = match class.get::<Type>() {
                Some(t) => vm.new_object(t, Set::new(Table::default())).into_value(),
                None => return Err(vm.type_error("not a type")),
            };
            regs.set(2, s.clone());
            let it = regs.get(1);
            let _ = soft!(regs, 1, set::update(vm, &s, &it));
        }
        _ => {
            input.value()?;
        }
    }
    Ok(regs.take(2).into())
});

/// Registers: set, iterable.
pub(crate) static INIT: Machine = Machine::new("set.init", |vm, regs, input| {
    match regs.stage() {
        0 => {
            let (s, it) = (regs.get(0), regs.get(1));
            let _ = soft!(regs, 1, set::update(vm, &s, &it));
        }
        _ => {
            input.value()?;
        }
    }
    Ok(Reply::NONE)
});

/// Registers: set, key. `remove`.
pub(crate) static REMOVE: Machine = Machine::new("set.remove", |vm, regs, input| {
    let v = match regs.stage() {
        0 => {
            let (s, k) = (regs.get(0), regs.get(1));
            let k = as_key(vm, &k);
            soft!(regs, 1, ops::dict::run(vm, DictOp::Discard, &s, &k, Value::NONE))
        }
        _ => input.value()?,
    };
    if !v.is_true() {
        let k = regs.get(1);
        return Err(vm.key_error(&k));
    }
    Ok(Reply::NONE)
});

/// Registers: set, key. `add` and `discard` give None.
pub(crate) static QUIET: Machine = Machine::new("set.quiet", |vm, regs, input| {
    match regs.stage() {
        0 => {
            let (s, k) = (regs.get(0), regs.get(1));
            let add = regs.get(2).is_true();
            let (op, k) = if add { (DictOp::Add, k) } else { (DictOp::Discard, as_key(vm, &k)) };
            let _ = soft!(regs, 1, ops::dict::run(vm, op, &s, &k, Value::NONE));
        }
        _ => {
            input.value()?;
        }
    }
    Ok(Reply::NONE)
});

fn copy_of(vm: &mut Vm, v: &Value) -> Flow {
    let table = receiver(vm, v)?.table(vm).clone_table();
    let ty = if vm.is_instance(v, &vm.types.frozenset) {
        vm.types.frozenset.clone()
    } else {
        vm.types.set.clone()
    };
    Ok(vm.alloc(&ty, Set::new(table)).into())
}

const COMMON: &[Def] = &[
    def!("__contains__", "(self, object, /)", |vm, this, object| contains(vm, this, object)),
    def!("copy", "(self, /)", |vm, this| {
        if vm.is_exactly(this, &vm.types.frozenset) {
            return Ok(this.clone().into());
        }
        copy_of(vm, this)
    }),
    def!("union", "(self, /, *others)", |vm, a| call_intrinsic(vm, "set_union", a)),
    def!("intersection", "(self, /, *others)", |vm, a| call_intrinsic(vm, "set_intersection", a)),
    def!("difference", "(self, /, *others)", |vm, a| call_intrinsic(vm, "set_difference", a)),
    def!("symmetric_difference", "(self, other, /)", |vm, a| {
        call_intrinsic(vm, "set_symmetric_difference", a)
    }),
    def!("isdisjoint", "(self, other, /)", |vm, a| call_intrinsic(vm, "set_isdisjoint", a)),
    def!("issubset", "(self, other, /)", |vm, a| call_intrinsic(vm, "set_issubset", a)),
    def!("issuperset", "(self, other, /)", |vm, a| call_intrinsic(vm, "set_issuperset", a)),
    def!("__reduce__", "(self, /)", |vm, a| call_intrinsic(vm, "set_reduce", a)),
    def!("__sizeof__", "(self, /)", |vm, this| {
        let n = receiver(vm, this)?.len(vm);
        Ok(Value::from_usize(200 + 16 * n).into())
    }),
    classdef!("__class_getitem__", "(cls, item, /)", |vm, cls, item| {
        iterators::generic_alias(vm, cls, item)
    }),
];

const FROZEN: &[Def] = &[def!("__new__", "(cls, iterable=(), /)", |vm, cls, iterable| {
    let it = match iterable {
        Some(it) => it.clone(),
        None => vm.tuple(vec![]),
    };
    if cls.is(vm.types.frozenset.value()) && vm.is_exactly(&it, &vm.types.frozenset) {
        return Ok(it.into());
    }
    vm.start(&FROZEN_NEW, [cls.clone(), it, Value::NONE])
})];

/// Fills a new set from a set, list or tuple whose items need no Python code; false if that is
/// unknown: the machine goes through all of them (again).
fn init_natively(vm: &mut Vm, set: &Value, from: &Value) -> bool {
    let t = &vm.types;
    if let Some(other) = from.get::<Set>()
        && (vm.is_exactly(from, &t.set) || vm.is_exactly(from, &t.frozenset))
    {
        let table = other.table(vm).clone_table();
        return set.get::<Set>().map(|s| *s.table_mut(vm) = table).is_some();
    }
    let plain = vm.is_exactly(from, &t.list) || vm.is_exactly(from, &t.tuple);
    plain
        && ops::iter::items_native(vm, from).is_ok_and(|items| {
            items.is_some_and(|items| items.iter().all(|x| ops::dict::add_natively(vm, set, x)))
        })
}

const SET: &[Def] = &[
    def!("__new__", "(cls, /, *args, **kwargs)", |vm, cls, _, _| match cls.get::<Type>() {
        Some(t) => Ok(vm.new_object(t, Set::new(Table::default())).into()),
        None => Err(vm.type_error("set.__new__(X): X is not a type object")),
    }),
    def!("__init__", "(self, iterable=(), /)", |vm, this, iterable| {
        let s = receiver(vm, this)?;
        let old = std::mem::take(s.table_mut(vm));
        drop(old);
        match iterable {
            Some(it) if init_natively(vm, this, it) => Ok(Reply::NONE),
            Some(it) => vm.start(&INIT, [this.clone(), it.clone()]),
            None => Ok(Reply::NONE),
        }
    }),
    def!("add", "(self, object, /)", |vm, this, object| {
        if ops::dict::add_natively(vm, this, object) {
            return Ok(Reply::NONE);
        }
        vm.start(&QUIET, [this.clone(), object.clone(), Value::TRUE])
    }),
    def!("discard", "(self, object, /)", |vm, this, object| {
        if ops::dict::discard_natively(vm, this, object).is_some() {
            return Ok(Reply::NONE);
        }
        vm.start(&QUIET, [this.clone(), object.clone(), Value::FALSE])
    }),
    def!("remove", "(self, object, /)", |vm, this, object| {
        if ops::dict::discard_natively(vm, this, object) == Some(true) {
            return Ok(Reply::NONE);
        }
        vm.start(&REMOVE, [this.clone(), object.clone()])
    }),
    def!("pop", "(self, /)", |vm, this| {
        let s = receiver(vm, this)?;
        let first = s.table(vm).iter().next().map(|(i, _)| i);
        match first {
            Some(i) => Ok(s.table_mut(vm).remove_at(i).0.into()),
            None => {
                let text = vm.str("pop from an empty set");
                Err(vm.key_error(&text))
            }
        }
    }),
    def!("clear", "(self, /)", |vm, this| {
        let s = receiver(vm, this)?;
        let old = std::mem::take(s.table_mut(vm));
        drop(old);
        Ok(Reply::NONE)
    }),
    def!("update", "(self, /, *others)", |vm, a| call_intrinsic(vm, "set_update", a)),
    def!("intersection_update", "(self, /, *others)", |vm, a| {
        call_intrinsic(vm, "set_intersection_update", a)
    }),
    def!("difference_update", "(self, /, *others)", |vm, a| {
        call_intrinsic(vm, "set_difference_update", a)
    }),
    def!("symmetric_difference_update", "(self, other, /)", |vm, a| {
        call_intrinsic(vm, "set_symmetric_difference_update", a)
    }),
];

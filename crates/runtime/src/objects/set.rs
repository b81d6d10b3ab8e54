//! `set` and `frozenset`: representation; insertion-ordered, so iterators are positions.
//! CPython's counterpart: `Objects/setobject.c`.

use std::cell::Cell;

use stackless_primitives::complex as pc;
use stackless_primitives::hash::{FrozenSetHash, TupleHash};

use crate::exc::Flow;
use crate::machine::{Input, Machine};
use crate::object::{Payload, VmCell};
use crate::objects::dict::Table;
use crate::objects::list::List;
use crate::ops;
use crate::ops::dict::DictOp;
use crate::soft;
use crate::value::{Ref, Value};
use crate::vm::Vm;

#[derive(Payload)]
#[payload(layout = SET, clear)]
pub struct Set {
    pub(crate) table: VmCell<Table>,
    pub(crate) changes: Cell<u64>,
    /// Cached hash of a frozenset.
    pub hash: Cell<Option<i64>>,
}

impl Set {
    pub fn new(table: Table) -> Set {
        Set { table: VmCell::new(table), changes: Cell::new(0), hash: Cell::new(None) }
    }
    #[inline(always)]
    pub fn table<'a>(&'a self, vm: &'a Vm) -> &'a Table {
        self.table.get(vm)
    }
    #[allow(clippy::mut_from_ref, reason = "exclusive through the token")]
    pub fn table_mut<'a>(&'a self, vm: &'a mut Vm) -> &'a mut Table {
        self.changes.set(self.changes.get() + 1);
        self.table.get_mut(vm)
    }
    pub fn len(&self, vm: &Vm) -> usize {
        self.table.get(vm).len()
    }
    pub fn is_empty(&self, vm: &Vm) -> bool {
        self.len(vm) == 0
    }
    pub fn keys(&self, vm: &Vm) -> Vec<Value> {
        self.table.get(vm).iter().map(|(_, e)| e.key.clone()).collect()
    }
}

impl Vm {
    pub fn set(&self) -> Ref<Set> {
        self.alloc(&self.types.set, Set::new(Table::default()))
    }
    /// A frozenset of constants, whose hashes are native.
    pub(crate) fn frozenset_of_consts(&self, items: Vec<Value>) -> Value {
        let mut table = Table::default();
        for v in items {
            if let Some(h) = const_hash(self, &v, 0)
                && !matches!(
                    table.find(&v, h, |o| ops::compare::eq_fast(self, o, &v).or(Some(false))),
                    crate::objects::dict::Found::At(_)
                )
            {
                table.insert_new(h, v, Value::NONE);
            }
        }
        self.alloc(&self.types.frozenset, Set::new(table)).into_value()
    }
}

/// The hash of a constant, whose parts are constants too.
fn const_hash(vm: &Vm, v: &Value, depth: u32) -> Option<u64> {
    if let Some(h) = ops::hash::hash_fast(vm, v) {
        return Some(h);
    }
    if depth > 100 {
        return None;
    }
    if let Some(z) = v.get::<crate::objects::number::Complex>() {
        return stackless_primitives::complex::hash(pc::Complex { re: z.re, im: z.im })
            .map(|h| h as u64);
    }
    if let Some(set) = v.get::<Set>() {
        let mut acc = FrozenSetHash::new();
        let keys = set.keys(vm);
        for key in &keys {
            acc.add(const_hash(vm, key, depth + 1)? as i64);
        }
        let h = acc.finish(keys.len());
        set.hash.set(Some(h));
        return Some(h as u64);
    }
    let items = v.tuple_items();
    let mut acc = TupleHash::new();
    for item in items {
        acc.add(const_hash(vm, item, depth + 1)? as i64);
    }
    Some(acc.finish(items.len()) as u64)
}

/// A set of these items.
pub fn from_items(vm: &mut Vm, items: Vec<Value>) -> Flow {
    let set = vm.set().into_value();
    let done = items.iter().take_while(|v| ops::dict::add_natively(vm, &set, v)).count();
    if done == items.len() {
        return Ok(set.into());
    }
    let items = vm.list(items);
    vm.start(&ADD_ALL, [set, items, Value::from_usize(done)])
}

/// Adds the items of an exact list to a set; gives the set.
pub fn add_all(vm: &mut Vm, set: &Value, items: Value) -> Flow {
    vm.start(&ADD_ALL, [set.clone(), items, Value::from_i32(0)])
}

/// Registers: set, list, next index.
pub(crate) static ADD_ALL: Machine = Machine::new("set.add_all", |vm, regs, input| {
    input.value()?;
    let (set, items) = (regs.get(0), regs.get(1));
    let mut i = regs.int(2) as usize;
    while let Some(v) = items.get::<List>().and_then(|l| l.get_item(vm, i)) {
        i += 1;
        regs.set_int(2, i as i64);
        let _ = soft!(regs, 1, ops::dict::run(vm, DictOp::Add, &set, &v, Value::NONE));
    }
    Ok(set.into())
});

/// The keys of an exact dict or set with their hashes: known to differ from one another.
fn keys_of(vm: &Vm, v: &Value) -> Option<Table> {
    let t = &vm.types;
    let source = if vm.is_exactly(v, &t.dict) {
        v.get::<crate::objects::dict::Dict>()?.table(vm)
    } else if vm.is_exactly(v, &t.set) || vm.is_exactly(v, &t.frozenset) {
        v.get::<Set>()?.table(vm)
    } else {
        return None;
    };
    let mut table = Table::with_capacity(source.len());
    for (_, e) in source.iter() {
        table.insert_new(e.hash, e.key.clone(), Value::NONE);
    }
    Some(table)
}

/// Adds the items of an iterable to a set; gives the set.
pub fn update(vm: &mut Vm, set: &Value, v: &Value) -> Flow {
    if let Some(table) = keys_of(vm, v)
        && let Some(s) = set.get::<Set>()
        && s.is_empty(vm)
    {
        drop(std::mem::replace(s.table_mut(vm), table));
        return Ok(set.clone().into());
    }
    if let Some(items) = ops::iter::items_native(vm, v)? {
        let items = vm.list(items);
        return add_all(vm, set, items);
    }
    vm.start(&UPDATE, [set.clone(), v.clone(), Value::NONE])
}

/// Registers: set, iterable, iterator. Stage 1: iterator; 2: an item; 3: its insertion.
pub(crate) static UPDATE: Machine = Machine::new("set.update", |vm, regs, input| {
    let set = regs.get(0);
    let mut input = input;
    if regs.stage() == 0 {
        let v = regs.get(1);
        input = Input::Value(soft!(regs, 1, ops::iter::iter(vm, &v)));
    }
    if regs.stage() == 1 {
        let it = input.value()?;
        regs.set(2, it);
        regs.set_stage(3);
        input = Input::Start;
    }
    let it = regs.get(2);
    loop {
        if regs.stage() == 3 {
            input.value()?;
            regs.set_stage(2);
            input = match ops::iter::next(vm, &it)?.ready() {
                Some(v) if v.is_exhausted() => Input::Exhausted,
                Some(v) => Input::Value(v),
                None => return Ok(crate::exc::Reply::PUSHED),
            };
        }
        let Some(v) = input.item()? else { return Ok(set.into()) };
        input =
            Input::Value(soft!(regs, 3, ops::dict::run(vm, DictOp::Add, &set, &v, Value::NONE)));
    }
});

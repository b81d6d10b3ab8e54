//! `dict`: the compact, insertion-ordered hash table, and native access to it.
//!
//! A lookup is a *resolve* (hash and equality may be Python code: see `ops::dict`) followed by an
//! atomic *apply*. This file owns the table and everything that needs no Python. `version` is 0 or
//! unique to the present set of keys of this dict and their positions: caches of globals hold it
//! with an index. CPython's counterpart: `Objects/dictobject.c`.

use std::cell::Cell;

use crate::object::{Obj, Payload, Trace, VmCell};
use crate::objects::str::Str;
use crate::value::{Ref, Value};
use crate::vm::Vm;

const EMPTY: u32 = u32::MAX;
const DELETED: u32 = u32::MAX - 1;
/// Tables up to this many entries are searched without an index.
const LINEAR: usize = 8;

#[derive(Trace)]
pub struct Entry {
    pub hash: u64,
    /// Unbound for a deleted entry.
    pub key: Value,
    pub value: Value,
}

/// The table; `set` uses it too, with values None.
#[derive(Default, Trace)]
pub struct Table {
    pub entries: Vec<Entry>,
    indices: Vec<u32>,
    live: usize,
    /// All entries before this one are removed: what is used as a queue is asked for its first item
    /// again and again.
    front: usize,
    /// Slots of the index that are not empty, marks of removed entries included.
    filled: usize,
}

/// What a native lookup found.
pub enum Found {
    At(usize),
    Missing,
    /// Equality with the key at this entry needs Python.
    Ask(usize),
}

impl Table {
    pub fn len(&self) -> usize {
        self.live
    }
    pub fn is_empty(&self) -> bool {
        self.live == 0
    }
    pub fn with_capacity(n: usize) -> Table {
        Table { entries: Vec::with_capacity(n), indices: Vec::new(), live: 0, front: 0, filled: 0 }
    }

    /// Calls `test` with each entry of this hash in probe order until it gives `Some`.
    #[inline(always)]
    pub fn probe<R>(
        &self,
        hash: u64,
        mut test: impl FnMut(usize, &Entry) -> Option<R>,
    ) -> Option<R> {
        if self.indices.is_empty() {
            for (i, e) in self.entries.iter().enumerate() {
                if e.hash == hash
                    && !e.key.is_unbound()
                    && let Some(r) = test(i, e)
                {
                    return Some(r);
                }
            }
            return None;
        }
        let mask = self.indices.len() - 1;
        let mut perturb = hash;
        let mut at = hash as usize & mask;
        loop {
            match self.indices[at] {
                EMPTY => return None,
                DELETED => {}
                i => {
                    let e = &self.entries[i as usize];
                    if e.hash == hash
                        && let Some(r) = test(i as usize, e)
                    {
                        return Some(r);
                    }
                }
            }
            perturb >>= 5;
            at = (at.wrapping_mul(5).wrapping_add(perturb as usize).wrapping_add(1)) & mask;
        }
    }

    /// Entry of an exact str key; other keys count as different.
    #[inline]
    pub fn find_str(&self, key: &Value, hash: u64) -> Option<usize> {
        self.probe(hash, |i, e| {
            if e.key.is(key) {
                return Some(i);
            }
            match (e.key.get::<Str>(), key.get::<Str>()) {
                (Some(a), Some(b)) if a.bytes() == b.bytes() => Some(i),
                _ => None,
            }
        })
    }

    /// Entry of a small int or exact str (`text` are its bytes). `Ask`: other keys of this hash are
    /// there, which the general way compares.
    #[inline(always)]
    pub fn find_plain(&self, key: &Value, text: Option<&[u8]>, hash: u64) -> Found {
        self.probe(hash, |i, e| {
            if e.key.is(key) {
                return Some(Found::At(i));
            }
            match (text, e.key.get::<Str>()) {
                (Some(a), Some(b)) if a == b.bytes() => Some(Found::At(i)),
                _ => Some(Found::Ask(i)),
            }
        })
        .unwrap_or(Found::Missing)
    }

    /// Entry of a key; `same` tells equality natively, or None when Python must be asked.
    pub fn find(&self, key: &Value, hash: u64, same: impl Fn(&Value) -> Option<bool>) -> Found {
        self.probe(hash, |i, e| {
            if e.key.is(key) {
                return Some(Found::At(i));
            }
            match same(&e.key) {
                Some(true) => Some(Found::At(i)),
                Some(false) => None,
                None => Some(Found::Ask(i)),
            }
        })
        .unwrap_or(Found::Missing)
    }

    /// Bytes that the next insertion asks for.
    #[inline]
    pub fn growth(&self) -> usize {
        let n = self.entries.len();
        let entries = if n == self.entries.capacity() { n * 2 * size_of::<Entry>() } else { 0 };
        let index = if self.filled * 3 + 3 > self.indices.len() * 2 { n * 6 * 4 } else { 0 };
        entries + index
    }

    /// Adds a key known to be absent.
    pub fn insert_new(&mut self, hash: u64, key: Value, value: Value) -> usize {
        let at = self.entries.len();
        self.entries.push(Entry { hash, key, value });
        self.live += 1;
        if self.indices.is_empty() {
            if self.entries.len() > LINEAR {
                self.rebuild();
            }
        } else if self.filled * 3 > self.indices.len() * 2 {
            // Removed entries leave marks: without this a probe would find no empty slot.
            self.rebuild();
        } else {
            self.link(hash, at as u32);
        }
        self.entries.len() - 1
    }

    fn link(&mut self, hash: u64, entry: u32) {
        let mask = self.indices.len() - 1;
        let mut perturb = hash;
        let mut at = hash as usize & mask;
        while self.indices[at] < DELETED {
            perturb >>= 5;
            at = (at.wrapping_mul(5).wrapping_add(perturb as usize).wrapping_add(1)) & mask;
        }
        self.filled += usize::from(self.indices[at] == EMPTY);
        self.indices[at] = entry;
    }

    /// Compacts the entries and makes a new index.
    fn rebuild(&mut self) {
        self.front = 0;
        if self.live < self.entries.len() {
            self.entries.retain(|e| !e.key.is_unbound());
        }
        self.filled = 0;
        if self.entries.len() <= LINEAR {
            self.indices = Vec::new();
            return;
        }
        let size = (self.entries.len() * 3).next_power_of_two().max(16);
        self.indices.clear();
        self.indices.resize(size, EMPTY);
        for i in 0..self.entries.len() {
            self.link(self.entries[i].hash, i as u32);
        }
    }

    /// Removes entry `i`, giving key and value. Other entries keep their positions.
    pub fn remove_at(&mut self, i: usize) -> (Value, Value) {
        let hash = self.entries[i].hash;
        if !self.indices.is_empty() {
            let mask = self.indices.len() - 1;
            let mut perturb = hash;
            let mut at = hash as usize & mask;
            while self.indices[at] != i as u32 {
                if self.indices[at] == EMPTY {
                    break;
                }
                perturb >>= 5;
                at = (at.wrapping_mul(5).wrapping_add(perturb as usize).wrapping_add(1)) & mask;
            }
            if self.indices[at] == i as u32 {
                self.indices[at] = DELETED;
            }
        }
        let e = &mut self.entries[i];
        let key = std::mem::replace(&mut e.key, Value::UNBOUND);
        let value = std::mem::replace(&mut e.value, Value::UNBOUND);
        self.live -= 1;
        if i == self.front {
            let gone = self.entries[i..].iter().take_while(|e| e.key.is_unbound()).count();
            self.front += gone;
        }
        (key, value)
    }

    /// Removes the last entry.
    pub fn pop(&mut self) -> Option<(Value, Value)> {
        let (i, _) = self.iter().next_back()?;
        let taken = self.remove_at(i);
        self.entries.truncate(i);
        self.front = self.front.min(i);
        Some(taken)
    }

    /// Makes entry `i` the last one.
    pub fn move_to_end(&mut self, i: usize) {
        if i + 1 < self.entries.len() {
            let hash = self.entries[i].hash;
            let (key, value) = self.remove_at(i);
            self.insert_new(hash, key, value);
        }
    }

    /// Makes entry `i` the first one.
    pub fn move_to_start(&mut self, i: usize) {
        if i == self.front {
            return;
        }
        let hash = self.entries[i].hash;
        let (key, value) = self.remove_at(i);
        if self.front == 0 {
            self.open_front();
        }
        self.front -= 1;
        self.entries[self.front] = Entry { hash, key, value };
        self.live += 1;
        if !self.indices.is_empty() {
            self.link(hash, self.front as u32);
        }
    }

    /// Room before the first entry, as much as the entries take.
    fn open_front(&mut self) {
        let gap = self.live.max(LINEAR);
        let dead = || Entry { hash: 0, key: Value::UNBOUND, value: Value::UNBOUND };
        let mut entries: Vec<Entry> = Vec::with_capacity(2 * gap + 1);
        entries.extend(std::iter::repeat_with(dead).take(gap));
        entries.extend(self.entries.drain(..).filter(|e| !e.key.is_unbound()));
        self.entries = entries;
        self.front = gap;
        self.filled = 0;
        self.indices.clear();
        self.indices.resize((self.entries.len() * 3).next_power_of_two().max(16), EMPTY);
        for i in gap..self.entries.len() {
            self.link(self.entries[i].hash, i as u32);
        }
    }

    /// Live entries with their positions, from position `from` on.
    pub fn iter_from(&self, from: usize) -> impl DoubleEndedIterator<Item = (usize, &Entry)> {
        let from = from.max(self.front);
        self.entries.iter().enumerate().skip(from).filter(|(_, e)| !e.key.is_unbound())
    }
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (usize, &Entry)> {
        self.iter_from(0)
    }
    /// Moves entry `i` to the end (`OrderedDict`-like uses).
    pub fn clone_table(&self) -> Table {
        let mut t = Table::with_capacity(self.live);
        for (_, e) in self.iter() {
            t.entries.push(Entry { hash: e.hash, key: e.key.clone(), value: e.value.clone() });
        }
        t.live = t.entries.len();
        t.rebuild();
        t
    }
}

#[derive(Default, Payload)]
#[payload(layout = DICT, clear = empty)]
pub struct Dict {
    pub(crate) table: VmCell<Table>,
    /// See the module's text.
    pub(crate) version: Cell<u32>,
    /// Counts every change of keys: iterators notice with it.
    pub(crate) changes: Cell<u64>,
}

impl Default for VmCell<Table> {
    fn default() -> Self {
        VmCell::new(Table::default())
    }
}

impl Dict {
    /// Breaks the cycles of garbage that it is in.
    fn empty(&self, vm: &mut Vm) {
        self.keys_changed();
        drop(std::mem::take(self.table.get_mut(vm)));
    }
}

impl Dict {
    #[inline(always)]
    pub fn table<'a>(&'a self, vm: &'a Vm) -> &'a Table {
        self.table.get(vm)
    }
    /// The table for changes of keys or values; resets the keys version.
    #[allow(clippy::mut_from_ref, reason = "exclusive through the token")]
    pub fn table_mut<'a>(&'a self, vm: &'a mut Vm) -> &'a mut Table {
        self.keys_changed();
        self.table.get_mut(vm)
    }
    #[inline(always)]
    pub(crate) fn keys_changed(&self) {
        self.version.set(0);
        self.changes.set(self.changes.get() + 1);
    }
    /// The version of the present keys, assigned on demand.
    pub(crate) fn keys_version(&self, vm: &Vm) -> u32 {
        if self.version.get() == 0 {
            self.version.set(vm.next_dict_version());
        }
        self.version.get()
    }
    pub fn len(&self, vm: &Vm) -> usize {
        self.table.get(vm).len()
    }
    pub fn is_empty(&self, vm: &Vm) -> bool {
        self.len(vm) == 0
    }
    /// Value of an exact str key.
    #[inline]
    pub fn get_str(&self, vm: &Vm, key: &Value) -> Option<Value> {
        self.peek_str(vm, key).cloned()
    }
    /// The same, where it lies.
    #[inline]
    pub fn peek_str<'a>(&'a self, vm: &'a Vm, key: &Value) -> Option<&'a Value> {
        let hash = key.get::<Str>()?.hash(vm);
        let table = self.table.get(vm);
        table.find_str(key, hash).and_then(|i| table.entries.get(i)).map(|e| &e.value)
    }
    pub fn get_text(&self, vm: &Vm, key: &str) -> Option<Value> {
        self.get_str(vm, &vm.intern(key))
    }
    pub fn find_str(&self, vm: &Vm, key: &Value) -> Option<usize> {
        self.table.get(vm).find_str(key, key.get::<Str>()?.hash(vm))
    }
    /// As `find_str`, looking first at the place where the key was once.
    #[inline(always)]
    pub fn find_str_again(&self, vm: &Vm, key: &Value, before: usize) -> Option<usize> {
        let same = self.table.get(vm).entries.get(before).is_some_and(|e| e.key.is(key));
        if same { Some(before) } else { self.find_str(vm, key) }
    }
    /// Sets an exact str key.
    pub fn set_str(&self, vm: &mut Vm, key: &Value, value: Value) {
        let Some(hash) = key.get::<Str>().map(|s| s.hash(vm)) else { return };
        match self.table.get(vm).find_str(key, hash) {
            Some(i) => {
                let old = std::mem::replace(&mut self.table.get_mut(vm).entries[i].value, value);
                drop(old);
            }
            None => {
                self.keys_changed();
                self.table.get_mut(vm).insert_new(hash, key.clone(), value);
            }
        }
    }
    pub fn set_text(&self, vm: &mut Vm, key: &str, value: Value) {
        let key = vm.intern(key);
        self.set_str(vm, &key, value);
    }
    /// Deletes an exact str key; false if absent.
    pub fn del_str(&self, vm: &mut Vm, key: &Value) -> bool {
        match self.find_str(vm, key) {
            Some(i) => {
                self.keys_changed();
                drop(self.table.get_mut(vm).remove_at(i));
                true
            }
            None => false,
        }
    }
    /// Copies of all items in order.
    pub fn items_vec(&self, vm: &Vm) -> Vec<(Value, Value)> {
        self.table.get(vm).iter().map(|(_, e)| (e.key.clone(), e.value.clone())).collect()
    }
    /// Empties a dict that is being torn down.
    pub(crate) fn clear_untracked(&self, vm: &mut Vm) {
        Payload::clear(self, vm);
    }
}

impl Vm {
    /// Are items of this dict, of whatever class, read and written as those of a plain one?
    pub fn stores_as_dict(&mut self, v: &Value) -> bool {
        [self.intern("get"), self.names.setitem.clone()].iter().all(|name| {
            let own = self.types.dict.lookup(self, name);
            match (self.type_of(v).lookup(self, name), own) {
                (Some(f), Some(own)) => f.is(&own),
                _ => false,
            }
        })
    }
    pub fn dict(&self) -> Ref<Dict> {
        self.alloc(&self.types.dict, Dict::default())
    }
    /// A copy with the same order.
    pub fn dict_copy(&self, dict: &Obj<Dict>) -> Ref<Dict> {
        let table = dict.table.get(self).clone_table();
        let new = Dict::default();
        new.table.replace_untokened(table);
        self.alloc(&self.types.dict, new)
    }
    pub fn dict_from_table(&self, table: Table) -> Ref<Dict> {
        let new = Dict::default();
        new.table.replace_untokened(table);
        self.alloc(&self.types.dict, new)
    }
}

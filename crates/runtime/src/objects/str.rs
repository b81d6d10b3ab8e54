//! `str`: immutable WTF-8 text with a cached hash, an ASCII flag, and a lazily built index.
//!
//! CPython's counterpart: `Objects/unicodeobject.c`. This file owns representation and access; the
//! methods are in `str_methods`.

use std::cell::{Cell, OnceCell};

use crate::object::{Obj, Payload};
use crate::tail::{Tail, TailPayload};
use crate::value::{Ref, Value};
use crate::vm::Vm;

/// Character count and byte offsets of every 64th character, for text that is not ASCII.
pub struct WideIndex {
    pub chars: usize,
    pub stops: Vec<usize>,
}

#[derive(Payload)]
#[payload(layout = STR, leaf)]
#[repr(C)]
pub struct Str {
    /// 0 while unknown.
    hash: Cell<u64>,
    #[payload(foreign)]
    wide: OnceCell<Option<Box<WideIndex>>>,
    tail: Tail<u8>,
}

impl TailPayload for Str {
    type Item = u8;
    fn with_tail(tail: Tail<u8>) -> Str {
        Str { hash: Cell::new(0), wide: OnceCell::new(), tail }
    }
}

impl Str {
    /// The WTF-8 bytes.
    #[inline(always)]
    pub fn bytes(&self) -> &[u8] {
        self.tail.as_slice()
    }
    /// The text, unless it contains lone surrogates.
    pub fn to_utf8(&self) -> Option<&str> {
        std::str::from_utf8(self.bytes()).ok()
    }
    /// The text with lone surrogates replaced.
    pub fn lossy(&self) -> String {
        match std::str::from_utf8(self.bytes()) {
            Ok(s) => s.to_string(),
            Err(_) => lossy(self.bytes()),
        }
    }
    fn wide(&self) -> Option<&WideIndex> {
        self.wide
            .get_or_init(|| {
                let bytes = self.bytes();
                if bytes.is_ascii() {
                    return None;
                }
                let mut stops = Vec::new();
                let mut chars = 0;
                for (i, b) in bytes.iter().enumerate() {
                    if b & 0xc0 != 0x80 {
                        if chars % 64 == 0 {
                            stops.push(i);
                        }
                        chars += 1;
                    }
                }
                Some(Box::new(WideIndex { chars, stops }))
            })
            .as_deref()
    }
    pub fn is_ascii(&self) -> bool {
        self.wide().is_none()
    }
    /// Length in code points.
    pub fn len(&self) -> usize {
        self.wide().map_or(self.bytes().len(), |w| w.chars)
    }
    pub fn is_empty(&self) -> bool {
        self.bytes().is_empty()
    }
    /// Byte offset of code point `index` (`index <= len`).
    pub fn offset(&self, index: usize) -> usize {
        match self.wide() {
            None => index.min(self.bytes().len()),
            Some(w) => {
                if index >= w.chars {
                    return self.bytes().len();
                }
                let bytes = self.bytes();
                let mut at = w.stops[index / 64];
                for _ in 0..index % 64 {
                    at += char_width(bytes[at]);
                }
                at
            }
        }
    }
    /// Code point index of byte offset `at`.
    pub fn index_of_offset(&self, at: usize) -> usize {
        match self.wide() {
            None => at,
            Some(w) => {
                let stop = w.stops.partition_point(|s| *s <= at).saturating_sub(1);
                let mut chars = stop * 64;
                let bytes = self.bytes();
                let mut i = w.stops.get(stop).copied().unwrap_or(0);
                while i < at {
                    i += char_width(bytes[i]);
                    chars += 1;
                }
                chars
            }
        }
    }
    /// The cached hash.
    #[inline]
    pub fn hash(&self, vm: &Vm) -> u64 {
        match self.hash.get() {
            0 => {
                let h = vm.hash_bytes(self.bytes());
                self.hash.set(h);
                h
            }
            h => h,
        }
    }
}

/// Bytes of the code point that starts with `first`.
#[inline(always)]
pub fn char_width(first: u8) -> usize {
    match first {
        0..=0x7f => 1,
        0x80..=0xdf => 2,
        0xe0..=0xef => 3,
        _ => 4,
    }
}

/// The code point at the start of WTF-8 bytes.
pub fn first_char(bytes: &[u8]) -> u32 {
    let b = |i: usize| (bytes.get(i).copied().unwrap_or(0) & 0x3f) as u32;
    match bytes.first().copied().unwrap_or(0) {
        c @ 0..=0x7f => c as u32,
        c @ 0x80..=0xdf => (c as u32 & 0x1f) << 6 | b(1),
        c @ 0xe0..=0xef => (c as u32 & 0xf) << 12 | b(1) << 6 | b(2),
        c => (c as u32 & 7) << 18 | b(1) << 12 | b(2) << 6 | b(3),
    }
}

/// Appends a code point (surrogates included) as WTF-8.
pub fn push_char(out: &mut Vec<u8>, c: u32) {
    match c {
        0..=0x7f => out.push(c as u8),
        0x80..=0x7ff => out.extend([0xc0 | (c >> 6) as u8, 0x80 | (c & 0x3f) as u8]),
        0x800..=0xffff => out.extend([
            0xe0 | (c >> 12) as u8,
            0x80 | (c >> 6 & 0x3f) as u8,
            0x80 | (c & 0x3f) as u8,
        ]),
        _ => out.extend([
            0xf0 | (c >> 18) as u8,
            0x80 | (c >> 12 & 0x3f) as u8,
            0x80 | (c >> 6 & 0x3f) as u8,
            0x80 | (c & 0x3f) as u8,
        ]),
    }
}

/// Text for people: surrogates as U+FFFD.
pub fn lossy(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        out.push(char::from_u32(first_char(&bytes[i..])).unwrap_or('\u{fffd}'));
        i += char_width(bytes[i]);
    }
    out
}

/// The interned strs, by their text.
pub(crate) struct Interned {
    table: hashbrown::HashTable<Value>,
    hasher: foldhash::fast::RandomState,
}

/// A little more than a start interns: growing there by doubling costs more than the rest.
const INTERNED_AT_START: usize = 6000;

impl Default for Interned {
    fn default() -> Interned {
        let table = hashbrown::HashTable::with_capacity(INTERNED_AT_START);
        Interned { table, hasher: foldhash::fast::RandomState::default() }
    }
}

impl Interned {
    /// A table that holds no memory.
    pub fn empty() -> Interned {
        let hasher = foldhash::fast::RandomState::default();
        Interned { table: hashbrown::HashTable::new(), hasher }
    }
    fn hash(&self, text: &[u8]) -> u64 {
        std::hash::BuildHasher::hash_one(&self.hasher, text)
    }
    pub fn get(&self, text: &[u8]) -> Option<&Value> {
        self.table.find(self.hash(text), |v| v.as_wtf8() == Some(text))
    }
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        self.table.iter()
    }
    /// Adds a str whose text is not in the table.
    pub fn insert(&mut self, v: Value) {
        let hash = self.hash(v.as_wtf8().unwrap_or_default());
        let hasher = &self.hasher;
        let rehash =
            |v: &Value| std::hash::BuildHasher::hash_one(hasher, v.as_wtf8().unwrap_or_default());
        self.table.insert_unique(hash, v, rehash);
    }
}

impl Vm {
    pub fn str(&self, text: &str) -> Value {
        self.str_from_wtf8(text.as_bytes())
    }
    /// A str from bytes known to be WTF-8.
    pub fn str_from_wtf8(&self, bytes: &[u8]) -> Value {
        match bytes {
            [] => self.names.empty.clone(),
            [c @ 0..=0x7f] if !self.latin1.is_empty() => self.latin1[*c as usize].clone(),
            _ => self.new_bytes_tail::<Str>(&self.types.str, &[bytes]).into_value(),
        }
    }
    /// The concatenation of WTF-8 parts; surrogate halves that meet at a seam stay apart.
    pub fn str_concat(&self, parts: &[&[u8]]) -> Value {
        if parts.iter().all(|p| p.is_empty()) {
            return self.names.empty.clone();
        }
        self.new_bytes_tail::<Str>(&self.types.str, parts).into_value()
    }
    pub fn str_from_char(&self, c: u32) -> Value {
        if c < 256 && !self.latin1.is_empty() {
            return self.latin1[c as usize].clone();
        }
        let mut out = Vec::new();
        push_char(&mut out, c);
        self.str_from_wtf8(&out)
    }
    /// The interned str of a text.
    pub fn intern(&self, text: &str) -> Value {
        self.intern_bytes(text.as_bytes())
    }
    /// The interned str of a name in code. Those of the library's image are found by their number.
    pub(crate) fn intern_text(&self, text: &stackless_bytecode::Text) -> Value {
        let Some(number) = text.number() else { return self.intern(text) };
        let number = number as usize;
        let mut known = self.image_names.borrow_mut();
        if let Some(v) = known.get(number).filter(|v| !v.is_unbound()) {
            return v.clone();
        }
        let v = self.intern(text);
        if known.len() <= number {
            known.resize(number + 1, Value::UNBOUND);
        }
        known[number] = v.clone();
        v
    }
    pub(crate) fn intern_bytes(&self, text: &[u8]) -> Value {
        if let Some(v) = self.interned.borrow().get(text) {
            return v.clone();
        }
        let v = self.new_bytes_tail::<Str>(&self.types.str, &[text]).into_value();
        note_interned(&v);
        self.interned.borrow_mut().insert(v.clone());
        v
    }
    /// The interned equivalent of an exact or subclassed str.
    pub fn intern_value(&self, value: &Value) -> Value {
        match value.get::<Str>() {
            Some(_) if value.header().is_some_and(|h| h.flag(crate::heap::INTERNED)) => {
                value.clone()
            }
            Some(s) => {
                if let Some(v) = self.interned.borrow().get(s.bytes()) {
                    return v.clone();
                }
                if self.is_exactly(value, &self.types.str) {
                    note_interned(value);
                    self.interned.borrow_mut().insert(value.clone());
                    return value.clone();
                }
                self.intern_bytes(s.bytes())
            }
            None => value.clone(),
        }
    }
    /// A constant: interned when it looks like a name, as CPython does.
    pub(crate) fn const_str(&self, bytes: &[u8]) -> Value {
        if bytes.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_') {
            self.intern_bytes(bytes)
        } else {
            self.str_from_wtf8(bytes)
        }
    }
    pub fn is_str(&self, value: &Value) -> bool {
        value.has::<Str>()
    }
    /// Keyed hash of str and bytes contents; never 0.
    pub fn hash_bytes(&self, bytes: &[u8]) -> u64 {
        if bytes.is_empty() {
            return 0;
        }
        (stackless_primitives::wtf8::hash(bytes, self.hash_key) as u64).max(1)
    }
}

fn note_interned(v: &Value) {
    if let Some(h) = v.header() {
        h.set_flag(crate::heap::INTERNED);
    }
}

impl Value {
    /// The text of a str without surrogates.
    pub fn as_str<'a>(&'a self, _vm: &'a Vm) -> Option<&'a str> {
        self.get::<Str>()?.to_utf8()
    }
    /// The WTF-8 bytes of a str.
    pub fn as_wtf8(&self) -> Option<&[u8]> {
        Some(self.get::<Str>()?.bytes())
    }
    /// The text of a str for messages; other values by their tag.
    pub fn display_str(&self, _vm: &Vm) -> String {
        match self.get::<Str>() {
            Some(s) => s.lossy(),
            None => format!("{self:?}"),
        }
    }
}

/// Equality of two strs by contents.
pub fn eq(a: &Obj<Str>, b: &Obj<Str>) -> bool {
    std::ptr::eq(a, b) || a.bytes() == b.bytes()
}

/// A typed handle to an interned name.
pub fn name_ref(value: &Value) -> Option<Ref<Str>> {
    value.clone().cast::<Str>().ok()
}

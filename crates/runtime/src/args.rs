//! Arguments on their way into a call.
//!
//! `Args` is what every callable gets: values and keyword names, borrowed from the caller's registers.
//! `Lent` is a row of parameters for a native function, made of bit copies of values that the caller
//! keeps alive: nothing is counted, nothing dropped.
#![expect(unsafe_code, reason = "reads the initialised part of an array")]

use std::marker::PhantomData;
use std::mem::MaybeUninit;

use crate::value::Value;

/// Arguments of a call: positional values, then those of the keyword names.
#[derive(Clone, Copy)]
pub struct Args<'a> {
    pub values: &'a [Value],
    /// Tuple of str, or None.
    pub names: Option<&'a Value>,
}

impl<'a> Args<'a> {
    pub fn new(values: &'a [Value]) -> Args<'a> {
        Args { values, names: None }
    }
    pub fn name_count(&self) -> usize {
        self.names.map_or(0, |n| n.tuple_items().len())
    }
    pub fn positional(&self) -> &'a [Value] {
        &self.values[..self.values.len() - self.name_count()]
    }
    /// Keyword names with values.
    pub fn keywords(&self) -> impl Iterator<Item = (&'a Value, &'a Value)> + use<'a> {
        let n = self.name_count();
        let names: &'a [Value] = self.names.map_or(&[], |n| n.tuple_items());
        names.iter().zip(&self.values[self.values.len() - n..])
    }
    pub fn has_keywords(&self) -> bool {
        self.name_count() != 0
    }
}

/// Parameters that fit into `Lent`.
pub(crate) const LENT: usize = 8;

/// See the module's text. Invariant: the first `len` slots are bits of values alive for `'a`.
pub(crate) struct Lent<'a> {
    slots: [MaybeUninit<u64>; LENT],
    len: usize,
    owners: PhantomData<&'a Value>,
}

impl<'a> Lent<'a> {
    #[inline(always)]
    pub fn new() -> Lent<'a> {
        Lent { slots: [const { MaybeUninit::uninit() }; LENT], len: 0, owners: PhantomData }
    }
    /// Panics when there are `LENT` values already.
    #[inline(always)]
    pub fn push(&mut self, value: &'a Value) {
        self.slots[self.len].write(value.bits());
        self.len += 1;
    }
    #[inline(always)]
    pub fn extend(&mut self, values: &'a [Value]) {
        for v in values {
            self.push(v);
        }
    }
    /// Parameters that were not given, up to a length of `n`.
    #[inline(always)]
    pub fn pad(&mut self, n: usize) {
        while self.len < n {
            self.slots[self.len].write(Value::UNBOUND.bits());
            self.len += 1;
        }
    }
    #[inline(always)]
    pub fn values(&self) -> &[Value] {
        // SAFETY: `Value` is a transparent non-zero word; the first `len` slots hold the bits of
        // values that live for `'a`, or of a constant. The slice is shared, so nothing is dropped.
        unsafe { std::slice::from_raw_parts(self.slots.as_ptr().cast::<Value>(), self.len) }
    }
}

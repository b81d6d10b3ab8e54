//! Combining hashes as CPython does: tuples, frozensets, pointers; strings are in `wtf8`.

pub use crate::wtf8::{HashKey, hash as hash_str, hash_bytes};

const PRIME_1: u64 = 11_400_714_785_074_694_791;
const PRIME_2: u64 = 14_029_467_366_897_019_727;
const PRIME_5: u64 = 2_870_177_450_012_600_261;

/// Hash of a tuple, fed item by item (a variant of xxHash).
#[derive(Clone, Copy, Debug)]
pub struct TupleHash {
    acc: u64,
}

impl Default for TupleHash {
    fn default() -> Self {
        Self::new()
    }
}

impl TupleHash {
    pub fn new() -> Self {
        Self { acc: PRIME_5 }
    }

    pub fn add(&mut self, item_hash: i64) {
        let lane = (item_hash as u64).wrapping_mul(PRIME_2);
        self.acc = self.acc.wrapping_add(lane).rotate_left(31).wrapping_mul(PRIME_1);
    }

    /// `len` is the number of items that were added.
    pub fn finish(self, len: usize) -> i64 {
        let acc = self.acc.wrapping_add(len as u64 ^ (PRIME_5 ^ 3_527_539));
        if acc == u64::MAX { 1_546_275_796 } else { acc as i64 }
    }

    /// The accumulator, to store a suspended computation.
    pub fn state(self) -> u64 {
        self.acc
    }

    pub fn from_state(acc: u64) -> Self {
        Self { acc }
    }
}

pub fn hash_tuple(items: &[i64]) -> i64 {
    let mut h = TupleHash::new();
    items.iter().for_each(|&i| h.add(i));
    h.finish(items.len())
}

/// Hash of a frozenset, independent of the order of its items.
#[derive(Clone, Copy, Debug, Default)]
pub struct FrozenSetHash {
    acc: u64,
}

impl FrozenSetHash {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn add(&mut self, item_hash: i64) {
        let h = item_hash as u64;
        self.acc ^= ((h ^ 89_869_747) ^ (h << 16)).wrapping_mul(3_644_798_167);
    }

    pub fn finish(self, len: usize) -> i64 {
        let mut h = self.acc ^ (len as u64).wrapping_add(1).wrapping_mul(1_927_868_237);
        h ^= (h >> 11) ^ (h >> 25);
        h = h.wrapping_mul(69_069).wrapping_add(907_133_923);
        if h == u64::MAX { 590_923_713 } else { h as i64 }
    }

    pub fn state(self) -> u64 {
        self.acc
    }

    pub fn from_state(acc: u64) -> Self {
        Self { acc }
    }
}

/// Hash of an address or another number that is a multiple of 16.
pub fn hash_pointer(address: usize) -> i64 {
    let h = address.rotate_right(4) as i64;
    if h == -1 { -2 } else { h }
}

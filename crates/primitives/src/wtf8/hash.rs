//! SipHash-1-3 of str and bytes with CPython's key derivation (Python/pyhash.c, bootstrap_hash.c).
//!
//! CPython hashes a string's storage, one, two or four bytes per character by its widest one. The
//! same bytes are fed here, so that `hash()` under a fixed PYTHONHASHSEED prints the same.

use super::chars;
use siphasher::sip::SipHasher13;
use std::hash::Hasher;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct HashKey {
    pub k0: u64,
    pub k1: u64,
}

impl HashKey {
    /// The key of `PYTHONHASHSEED=seed`; seed 0 is the all-zero key.
    pub fn from_seed(seed: u32) -> Self {
        if seed == 0 {
            return Self::default();
        }
        let mut bytes = [0u8; 16];
        let mut x = seed;
        for b in &mut bytes {
            x = x.wrapping_mul(214_013).wrapping_add(2_531_011);
            *b = (x >> 16) as u8;
        }
        Self::from_bytes(bytes)
    }

    /// The key made of 16 random bytes.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        let [a, b, c, d, e, f, g, h, rest @ ..] = bytes;
        Self { k0: u64::from_le_bytes([a, b, c, d, e, f, g, h]), k1: u64::from_le_bytes(rest) }
    }

    fn hasher(self) -> SipHasher13 {
        SipHasher13::new_with_keys(self.k0, self.k1)
    }
}

fn finish(h: &SipHasher13) -> i64 {
    let v = h.finish() as i64;
    if v == -1 { -2 } else { v }
}

/// Hash of a bytes-like object; 0 for the empty one.
pub fn hash_bytes(bytes: &[u8], key: HashKey) -> i64 {
    if bytes.is_empty() {
        return 0;
    }
    let mut h = key.hasher();
    h.write(bytes);
    finish(&h)
}

/// Hash of a string.
pub fn hash(text: &[u8], key: HashKey) -> i64 {
    if text.is_ascii() {
        return hash_bytes(text, key);
    }
    let widest = chars(text).max().unwrap_or(0);
    let width = match widest {
        0..0x100 => 1,
        0x100..0x1_0000 => 2,
        _ => 4,
    };
    let mut h = key.hasher();
    let mut buf = [0u8; 256];
    let mut n = 0;
    for c in chars(text) {
        buf[n..n + width].copy_from_slice(&c.to_le_bytes()[..width]);
        n += width;
        if n == buf.len() {
            h.write(&buf);
            n = 0;
        }
    }
    h.write(&buf[..n]);
    finish(&h)
}

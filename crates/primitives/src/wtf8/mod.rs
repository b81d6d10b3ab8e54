//! Strings as WTF-8: UTF-8 in which surrogates, paired or not, stay three bytes each, because they
//! are separate characters in Python (CPython: Objects/unicodeobject.c).
//!
//! Two consequences carry the whole module: concatenation is plain concatenation of bytes, and
//! comparison by bytes is comparison by code points. Search works on bytes too, since no
//! character's encoding occurs inside another's. All positions are byte offsets; `count_chars`,
//! `byte_offset` and `OffsetIndex` convert. Input that is not WTF-8 gives a wrong answer, never a
//! panic.

mod case;
mod hash;
mod index;
mod join;
mod pad;
mod predicates;
mod repr;
mod search;
mod split;
mod strip;

pub use case::{Case, capitalize, casefold, convert, convert_ascii, lower, swapcase, title, upper};
pub use hash::{HashKey, hash, hash_bytes};
pub use index::{OffsetIndex, byte_offset, clamp_slice, count_chars};
pub use join::{Translated, ascii_table, repeat, translate, translate_ascii};
pub use pad::{center, expandtabs, ljust, rjust, zfill};
pub(crate) use pad::{expand_bytes, pad};
pub use predicates::{
    is_alnum, is_alpha, is_decimal, is_digit, is_identifier, is_lower, is_numeric, is_printable,
    is_space, is_title, is_upper,
};
pub(crate) use repr::push_escape;
pub use repr::{ascii, repr, repr_into, repr_truncated};
pub use search::{contains, count, find, replace, rfind};
pub use split::{partition, rpartition, rsplit, split, splitlines};
pub use strip::{Side, remove_prefix, remove_suffix, strip, strip_chars};

/// The character that starts at `i` and its length in bytes. Truncated or malformed input gives
/// some number, and a length that stays inside the text.
#[inline]
pub fn decode_at(bytes: &[u8], i: usize) -> Option<(u32, usize)> {
    let tail = bytes.get(i..)?;
    let lead = u32::from(*tail.first()?);
    if lead < 0x80 {
        return Some((lead, 1));
    }
    let next = |k: usize| tail.get(k).map(|&b| u32::from(b) & 0x3f);
    let some = if lead < 0xe0 {
        next(1).map(|a| (((lead & 0x1f) << 6) | a, 2))
    } else if lead < 0xf0 {
        next(2).and_then(|b| next(1).map(|a| (((lead & 0xf) << 12) | (a << 6) | b, 3)))
    } else {
        next(3).and_then(|c| match (next(1), next(2)) {
            (Some(a), Some(b)) => Some((((lead & 7) << 18) | (a << 12) | (b << 6) | c, 4)),
            _ => None,
        })
    };
    Some(some.unwrap_or((0xfffd, tail.len())))
}

/// The character that ends before `i`, with its length.
#[inline]
pub fn decode_before(bytes: &[u8], i: usize) -> Option<(u32, usize)> {
    let head = bytes.get(..i)?;
    let mut start = head.len().checked_sub(1)?;
    while start > 0 && head[start] & 0xc0 == 0x80 && head.len() - start < 4 {
        start -= 1;
    }
    let (cp, _) = decode_at(head, start)?;
    Some((cp, head.len() - start))
}

/// Appends one character; a number beyond U+10FFFF appends U+FFFD.
#[inline]
pub fn push(out: &mut Vec<u8>, cp: u32) {
    if cp < 0x80 {
        out.push(cp as u8);
        return;
    }
    let (buf, len) = encode(cp);
    out.extend_from_slice(&buf[..len]);
}

/// One character's bytes and their number.
#[inline]
pub fn encode(cp: u32) -> ([u8; 4], usize) {
    let low = |shift: u32| 0x80 | ((cp >> shift) & 0x3f) as u8;
    match cp {
        0..0x80 => ([cp as u8, 0, 0, 0], 1),
        0x80..0x800 => ([0xc0 | (cp >> 6) as u8, low(0), 0, 0], 2),
        0x800..0x1_0000 => ([0xe0 | (cp >> 12) as u8, low(6), low(0), 0], 3),
        0x1_0000..0x11_0000 => ([0xf0 | (cp >> 18) as u8, low(12), low(6), low(0)], 4),
        _ => ([0xef, 0xbf, 0xbd, 0], 3),
    }
}

/// One character as a string.
pub fn from_char(cp: u32) -> Vec<u8> {
    let (buf, len) = encode(cp);
    buf[..len].to_vec()
}

pub fn from_chars(cps: impl IntoIterator<Item = u32>) -> Vec<u8> {
    let mut out = Vec::new();
    for c in cps {
        push(&mut out, c);
    }
    out
}

/// Whether the text is UTF-8, that is, has no surrogates.
pub fn is_utf8(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok()
}

/// Offset of the first surrogate.
pub fn find_surrogate(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    while let Some(i) = memchr::memchr(0xed, &bytes[at..]) {
        let i = at + i;
        if bytes.get(i + 1).is_some_and(|&b| b >= 0xa0) {
            return Some(i);
        }
        at = i + 1;
    }
    None
}

/// Checks that bytes from outside are well-formed WTF-8 in the sense of this module.
pub fn is_valid(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    loop {
        match std::str::from_utf8(rest) {
            Ok(_) => return true,
            Err(e) => match &rest[e.valid_up_to()..] {
                [0xed, 0xa0..=0xbf, 0x80..=0xbf, tail @ ..] => rest = tail,
                _ => return false,
            },
        }
    }
}

/// Characters as code points, from both ends.
#[derive(Clone, Debug)]
pub struct Chars<'a> {
    bytes: &'a [u8],
}

pub fn chars(bytes: &[u8]) -> Chars<'_> {
    Chars { bytes }
}

impl<'a> Chars<'a> {
    pub fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }
}

impl Iterator for Chars<'_> {
    type Item = u32;

    #[inline]
    fn next(&mut self) -> Option<u32> {
        let (cp, n) = decode_at(self.bytes, 0)?;
        self.bytes = &self.bytes[n..];
        Some(cp)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.bytes.len().div_ceil(4), Some(self.bytes.len()))
    }
}

impl DoubleEndedIterator for Chars<'_> {
    #[inline]
    fn next_back(&mut self) -> Option<u32> {
        let (cp, n) = decode_before(self.bytes, self.bytes.len())?;
        self.bytes = &self.bytes[..self.bytes.len() - n];
        Some(cp)
    }
}

/// Characters with their byte offsets.
pub fn char_indices(bytes: &[u8]) -> impl Iterator<Item = (usize, u32)> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let (cp, n) = decode_at(bytes, at)?;
        at += n;
        Some((at - n, cp))
    })
}

//! The Unicode 16.0 character database (CPython: Objects/unicodectype.c, Modules/unicodedata.c).
//!
//! Code points are `u32` because surrogates are characters in Python. Every function accepts any
//! number: beyond U+10FFFF the answers are those of an unassigned code point. The tables are
//! generated from the reference interpreter (`scripts/gen_unicode.py`).

mod names;
mod normalize;
#[rustfmt::skip]
mod tables;
mod version32;

pub use names::{lookup, lookup_alias_or_name, name};
pub use normalize::{Form, is_normalized, normalize};
pub use tables::UNICODE_VERSION;
pub use version32::{Ucd32, is_assigned_in_32};

use tables as t;

pub(super) struct TypeRecord {
    flags: u16,
    decimal: i8,
    digit: i8,
    lower: i32,
    upper: i32,
    title: i32,
    fold: i32,
    simple_lower: i32,
}

#[derive(Clone, Copy)]
pub(super) struct DbRecord {
    category: u8,
    bidi: u8,
    combining: u8,
    width: u8,
    mirrored: bool,
}

macro_rules! trie {
    ($cp:expr, $shift:ident, $index:ident, $data:ident) => {{
        // U+10FFFF is unassigned and so stands for all that is beyond.
        let cp = ($cp as usize).min(0x10ffff);
        match t::$index.get(cp >> t::$shift) {
            Some(&block) => {
                t::$data[((block as usize) << t::$shift) + (cp & ((1 << t::$shift) - 1))] as usize
            }
            None => 0,
        }
    }};
}

#[inline]
fn type_record(cp: u32) -> &'static TypeRecord {
    &t::TYPES[trie!(cp, TYPE_SHIFT, TYPE_INDEX, TYPE_DATA)]
}

#[inline]
fn db_record(cp: u32) -> &'static DbRecord {
    &t::DB[trie!(cp, DB_SHIFT, DB_INDEX, DB_DATA)]
}

macro_rules! predicates {
    ($($(#[$doc:meta])* $name:ident => $flag:ident),* $(,)?) => {
        $($(#[$doc])*
        #[inline]
        pub fn $name(cp: u32) -> bool {
            type_record(cp).flags & t::$flag != 0
        })*
    };
}

predicates! {
    is_alpha => ALPHA,
    is_lower => LOWER,
    is_upper => UPPER,
    /// Category Lt.
    is_titlecase => TITLE,
    is_numeric => NUMERIC,
    /// What `repr` leaves unescaped.
    is_printable => PRINTABLE,
    is_space => SPACE,
    /// Where `splitlines` splits.
    is_linebreak => LINEBREAK,
    /// May start an identifier; `_` included.
    is_xid_start => XID_START,
    is_xid_continue => XID_CONTINUE,
    is_cased => CASED,
    is_case_ignorable => CASE_IGNORABLE,
    /// Composition may change the character or take it up; texts without any are in NFC.
    nfc_maybe => NFC_MAYBE,
    nfkc_maybe => NFKC_MAYBE,
}

#[inline]
pub fn is_decimal(cp: u32) -> bool {
    type_record(cp).decimal >= 0
}

#[inline]
pub fn is_digit(cp: u32) -> bool {
    type_record(cp).digit >= 0
}

#[inline]
pub fn is_alnum(cp: u32) -> bool {
    let r = type_record(cp);
    r.flags & (t::ALPHA | t::NUMERIC) != 0 || r.digit >= 0
}

/// Value of a character that can form decimal numbers.
#[inline]
pub fn decimal(cp: u32) -> Option<u8> {
    u8::try_from(type_record(cp).decimal).ok()
}

#[inline]
pub fn digit(cp: u32) -> Option<u8> {
    u8::try_from(type_record(cp).digit).ok()
}

/// Numeric value as a fraction.
pub fn numeric_ratio(cp: u32) -> Option<(i64, i64)> {
    if let Some(d) = digit(cp) {
        return Some((i64::from(d), 1));
    }
    let i = t::NUMERIC_VALUES.binary_search_by_key(&cp, |r| r.0).ok()?;
    Some((t::NUMERIC_VALUES[i].1, t::NUMERIC_VALUES[i].2))
}

pub fn numeric(cp: u32) -> Option<f64> {
    numeric_ratio(cp).map(|(n, d)| n as f64 / d as f64)
}

/// Two-letter general category.
pub fn category(cp: u32) -> &'static str {
    t::CATEGORIES[db_record(cp).category as usize]
}

/// Bidirectional class, empty where none is defined.
pub fn bidirectional(cp: u32) -> &'static str {
    t::BIDI_CLASSES[db_record(cp).bidi as usize]
}

/// Canonical combining class.
pub fn combining(cp: u32) -> u8 {
    db_record(cp).combining
}

pub fn mirrored(cp: u32) -> bool {
    db_record(cp).mirrored
}

pub fn east_asian_width(cp: u32) -> &'static str {
    t::EAST_ASIAN_WIDTHS[db_record(cp).width as usize]
}

/// Tag (empty for canonical ones) and code points of the decomposition mapping, empty if none.
pub fn decomposition_parts(cp: u32) -> (&'static str, &'static [u32]) {
    let at = trie!(cp, DECOMP_SHIFT, DECOMP_INDEX, DECOMP_DATA);
    let head = t::DECOMP_POOL[at];
    let len = (head & 0xff) as usize;
    (t::DECOMP_PREFIXES[(head >> 8) as usize], &t::DECOMP_POOL[at + 1..at + 1 + len])
}

/// `unicodedata.decomposition`
pub fn decomposition(cp: u32) -> String {
    let (tag, parts) = decomposition_parts(cp);
    let mut out = String::from(tag);
    for p in parts {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(&format!("{p:04X}"));
    }
    out
}

/// A case mapping: one code point nearly always, up to three otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mapping {
    One(u32),
    Many(&'static [u32]),
}

impl Mapping {
    #[inline]
    pub fn for_each(self, mut f: impl FnMut(u32)) {
        match self {
            Self::One(c) => f(c),
            Self::Many(cs) => cs.iter().copied().for_each(f),
        }
    }
}

#[inline]
fn shifted(cp: u32, delta: i32) -> Mapping {
    Mapping::One(cp.wrapping_add_signed(delta))
}

fn pooled(entry: u16) -> Mapping {
    let (at, len) = ((entry >> 2) as usize, (entry & 3) as usize);
    Mapping::Many(&t::CASE_POOL[at..at + len])
}

#[cold]
fn special(cp: u32, pick: impl Fn(&(u32, u16, u16, u16)) -> u16) -> Mapping {
    match t::SPECIAL_CASES.binary_search_by_key(&cp, |r| r.0) {
        Ok(i) => pooled(pick(&t::SPECIAL_CASES[i])),
        Err(_) => Mapping::One(cp),
    }
}

/// Full lower-case mapping, without the rule for final sigma (`wtf8::lower` applies it).
#[inline]
pub fn to_lower(cp: u32) -> Mapping {
    let r = type_record(cp);
    if r.flags & t::SPECIAL_CASE != 0 { special(cp, |s| s.1) } else { shifted(cp, r.lower) }
}

#[inline]
pub fn to_upper(cp: u32) -> Mapping {
    let r = type_record(cp);
    if r.flags & t::SPECIAL_CASE != 0 { special(cp, |s| s.2) } else { shifted(cp, r.upper) }
}

#[inline]
pub fn to_title(cp: u32) -> Mapping {
    let r = type_record(cp);
    if r.flags & t::SPECIAL_CASE != 0 { special(cp, |s| s.3) } else { shifted(cp, r.title) }
}

#[inline]
pub fn to_folded(cp: u32) -> Mapping {
    let r = type_record(cp);
    if r.flags & t::SPECIAL_FOLD != 0 {
        return match t::SPECIAL_FOLDS.binary_search_by_key(&cp, |r| r.0) {
            Ok(i) => pooled(t::SPECIAL_FOLDS[i].1),
            Err(_) => Mapping::One(cp),
        };
    }
    shifted(cp, r.fold)
}

/// One-to-one lower-case mapping, as regular expressions use it.
#[inline]
pub fn simple_lower(cp: u32) -> u32 {
    cp.wrapping_add_signed(type_record(cp).simple_lower)
}

/// What `int()`, `float()` and `complex()` do to a string before they parse it: decimal digits and
/// whitespace outside ASCII become their ASCII forms, and the first other character ends the text
/// as `?`, which no number contains. ASCII comes back as it is.
pub fn decimals_to_ascii(text: &[u8]) -> std::borrow::Cow<'_, [u8]> {
    if text.is_ascii() {
        return std::borrow::Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    for cp in crate::wtf8::chars(text) {
        if cp < 127 {
            out.push(cp as u8);
        } else if is_space(cp) {
            out.push(b' ');
        } else if let Some(d) = decimal(cp) {
            out.push(b'0' + d);
        } else {
            out.push(b'?');
            break;
        }
    }
    std::borrow::Cow::Owned(out)
}

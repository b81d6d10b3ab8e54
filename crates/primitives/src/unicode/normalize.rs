//! Normalisation forms NFC, NFD, NFKC and NFKD over WTF-8 (surrogates pass through).

use super::{combining, db_record, tables as t};
use crate::wtf8::{chars, push};
use crate::{Error, Result};
use std::borrow::Cow;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Nfc,
    Nfd,
    Nfkc,
    Nfkd,
}

impl Form {
    pub fn parse(name: &[u8]) -> Result<Self> {
        match name {
            b"NFC" => Ok(Self::Nfc),
            b"NFD" => Ok(Self::Nfd),
            b"NFKC" => Ok(Self::Nfkc),
            b"NFKD" => Ok(Self::Nfkd),
            _ => Err(Error::value("invalid normalization form")),
        }
    }

    fn compat(self) -> bool {
        matches!(self, Self::Nfkc | Self::Nfkd)
    }

    fn composes(self) -> bool {
        matches!(self, Self::Nfc | Self::Nfkc)
    }

    /// Below this code point every text is in the form already.
    fn safe_below(self) -> u32 {
        match self {
            Self::Nfc => 0x300,
            Self::Nfd => 0xC0,
            Self::Nfkc | Self::Nfkd => 0xA0,
        }
    }
}

const S_BASE: u32 = 0xAC00;
const L_BASE: u32 = 0x1100;
const V_BASE: u32 = 0x1161;
const T_BASE: u32 = 0x11A7;
const L_COUNT: u32 = 19;
const V_COUNT: u32 = 21;
const T_COUNT: u32 = 28;
const S_COUNT: u32 = L_COUNT * V_COUNT * T_COUNT;

pub fn normalize(form: Form, text: &[u8]) -> Cow<'_, [u8]> {
    normalize_with(form, text, &|_| None)
}

pub fn is_normalized(form: Form, text: &[u8]) -> bool {
    match normalize(form, text) {
        Cow::Borrowed(_) => true,
        Cow::Owned(v) => v == text,
    }
}

/// `replace` gives old mappings precedence, and stops the decomposition of what it maps to
/// itself (Unicode 3.2.0 needs both).
pub(super) fn normalize_with<'a>(
    form: Form,
    text: &'a [u8],
    replace: &dyn Fn(u32) -> Option<u32>,
) -> Cow<'a, [u8]> {
    let limit = form.safe_below();
    // The quick check does not know of older versions, which only `replace` makes different.
    let quick = |c: u32| {
        c < limit
            || match form {
                Form::Nfc => !super::nfc_maybe(c) && replace(c).is_none(),
                Form::Nfkc => !super::nfkc_maybe(c) && replace(c).is_none(),
                Form::Nfd | Form::Nfkd => false,
            }
    };
    if text.is_ascii() || chars(text).all(quick) {
        return Cow::Borrowed(text);
    }
    let mut cps = decompose(form.compat(), text, replace);
    if form.composes() {
        compose(&mut cps, replace);
    }
    let mut out = Vec::with_capacity(text.len());
    for c in cps {
        push(&mut out, c);
    }
    if out == text { Cow::Borrowed(text) } else { Cow::Owned(out) }
}

fn decompose(compat: bool, text: &[u8], replace: &dyn Fn(u32) -> Option<u32>) -> Vec<u32> {
    let mut out: Vec<u32> = Vec::with_capacity(text.len());
    // Mappings nest a few levels at most; the stack holds what is still to be expanded.
    let mut stack: Vec<u32> = Vec::with_capacity(32);
    for c in chars(text) {
        if c < 0xA0 {
            out.push(c);
            continue;
        }
        stack.push(c);
        while let Some(c) = stack.pop() {
            let s = c.wrapping_sub(S_BASE);
            if s < S_COUNT {
                out.push(L_BASE + s / (V_COUNT * T_COUNT));
                out.push(V_BASE + s % (V_COUNT * T_COUNT) / T_COUNT);
                if !s.is_multiple_of(T_COUNT) {
                    out.push(T_BASE + s % T_COUNT);
                }
                continue;
            }
            match replace(c) {
                Some(r) => {
                    out.push(r);
                    continue;
                }
                None => {
                    let (tag, parts) = super::decomposition_parts(c);
                    if parts.is_empty() || (!compat && !tag.is_empty()) {
                        out.push(c);
                    } else {
                        stack.extend(parts.iter().rev());
                    }
                }
            }
        }
    }
    reorder(&mut out);
    out
}

/// Stable sort of each run of combining marks by class.
fn reorder(cps: &mut [u32]) {
    let mut i = 0;
    while i < cps.len() {
        if combining(cps[i]) == 0 {
            i += 1;
            continue;
        }
        let start = i;
        while i < cps.len() && combining(cps[i]) != 0 {
            i += 1;
        }
        if i - start > 1 {
            cps[start..i].sort_by_key(|&c| combining(c));
        }
    }
}

fn compose_pair(a: u32, b: u32) -> Option<u32> {
    let (l, v) = (a.wrapping_sub(L_BASE), b.wrapping_sub(V_BASE));
    if l < L_COUNT && v < V_COUNT {
        return Some(S_BASE + (l * V_COUNT + v) * T_COUNT);
    }
    let (s, tt) = (a.wrapping_sub(S_BASE), b.wrapping_sub(T_BASE));
    if s < S_COUNT && s.is_multiple_of(T_COUNT) && (1..T_COUNT).contains(&tt) {
        return Some(a + tt);
    }
    let i = t::COMPOSE.binary_search_by_key(&(a, b), |r| (r.0, r.1)).ok()?;
    Some(t::COMPOSE[i].2)
}

fn compose(cps: &mut Vec<u32>, replace: &dyn Fn(u32) -> Option<u32>) {
    let mut write = 0usize;
    let mut starter: Option<usize> = None;
    let mut last_class: u8 = 0;
    for read in 0..cps.len() {
        let c = cps[read];
        let class = db_record(c).combining;
        if let Some(s) = starter {
            // Blocked unless adjacent or all marks between have a lower class.
            let adjacent = s + 1 == write;
            let open = adjacent || (last_class != 0 && last_class < class);
            if open && let Some(joined) = compose_pair(cps[s], c).filter(|&j| replace(j) != Some(j))
            {
                cps[s] = joined;
                continue;
            }
        }
        cps[write] = c;
        if class == 0 {
            starter = Some(write);
        }
        last_class = class;
        write += 1;
    }
    cps.truncate(write);
}

//! Case conversion with the full Unicode mappings, and the context rule for final sigma.

use super::{char_indices, chars, push};
use crate::unicode::{self as u, Mapping};

/// The conversions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Case {
    Lower,
    Upper,
    Fold,
    Swap,
    Capital,
    Title,
}

/// Converts ASCII text in place.
pub fn convert_ascii(case: Case, text: &mut [u8]) {
    match case {
        Case::Lower | Case::Fold => text.make_ascii_lowercase(),
        Case::Upper => text.make_ascii_uppercase(),
        Case::Swap => {
            for b in text {
                if b.is_ascii_alphabetic() {
                    *b ^= 32;
                }
            }
        }
        Case::Capital => {
            text.make_ascii_lowercase();
            if let Some(b) = text.first_mut() {
                b.make_ascii_uppercase();
            }
        }
        Case::Title => {
            let mut in_word = false;
            for b in text {
                let letter = b.is_ascii_alphabetic();
                if letter {
                    *b = *b & !32 | if in_word { 32 } else { 0 };
                }
                in_word = letter;
            }
        }
    }
}

/// Converts any text.
pub fn convert(case: Case, text: &[u8]) -> Vec<u8> {
    if text.is_ascii() {
        let mut out = text.to_vec();
        convert_ascii(case, &mut out);
        return out;
    }
    match case {
        Case::Lower => lower(text),
        Case::Upper => upper(text),
        Case::Fold => casefold(text),
        Case::Swap => swapcase(text),
        Case::Capital => capitalize(text),
        Case::Title => title(text),
    }
}

const SIGMA: u32 = 0x3a3;
const SMALL_SIGMA: u32 = 0x3c3;
const FINAL_SIGMA: u32 = 0x3c2;

fn emit(out: &mut Vec<u8>, m: Mapping) {
    m.for_each(|c| push(out, c));
}

/// The lower-case form of the capital sigma at byte `i`: final after a cased letter and not before
/// one, case-ignorable characters aside.
fn lower_sigma(text: &[u8], i: usize) -> u32 {
    let cased = |c: Option<u32>| c.is_some_and(u::is_cased);
    let before = chars(&text[..i]).rev().find(|&c| !u::is_case_ignorable(c));
    if !cased(before) {
        return SMALL_SIGMA;
    }
    let after = chars(text.get(i + 2..).unwrap_or(&[])).find(|&c| !u::is_case_ignorable(c));
    if cased(after) { SMALL_SIGMA } else { FINAL_SIGMA }
}

fn emit_lower(out: &mut Vec<u8>, text: &[u8], i: usize, c: u32) {
    if c < 0x80 {
        out.push((c as u8).to_ascii_lowercase());
    } else if c == SIGMA {
        push(out, lower_sigma(text, i));
    } else {
        emit(out, u::to_lower(c));
    }
}

pub fn lower(text: &[u8]) -> Vec<u8> {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut out = Vec::with_capacity(text.len());
    for (i, c) in char_indices(text) {
        emit_lower(&mut out, text, i, c);
    }
    out
}

pub fn upper(text: &[u8]) -> Vec<u8> {
    if text.is_ascii() {
        return text.to_ascii_uppercase();
    }
    let mut out = Vec::with_capacity(text.len());
    for c in chars(text) {
        emit(&mut out, u::to_upper(c));
    }
    out
}

pub fn casefold(text: &[u8]) -> Vec<u8> {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut out = Vec::with_capacity(text.len());
    for c in chars(text) {
        emit(&mut out, u::to_folded(c));
    }
    out
}

pub fn swapcase(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for (i, c) in char_indices(text) {
        if u::is_upper(c) {
            emit_lower(&mut out, text, i, c);
        } else if u::is_lower(c) {
            emit(&mut out, u::to_upper(c));
        } else {
            push(&mut out, c);
        }
    }
    out
}

/// First character in title case, the rest in lower case.
pub fn capitalize(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for (i, c) in char_indices(text) {
        if i == 0 {
            emit(&mut out, u::to_title(c));
        } else {
            emit_lower(&mut out, text, i, c);
        }
    }
    out
}

/// Title case after anything that has no case, lower case after what has.
pub fn title(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut in_word = false;
    for (i, c) in char_indices(text) {
        if in_word {
            emit_lower(&mut out, text, i, c);
        } else {
            emit(&mut out, u::to_title(c));
        }
        in_word = u::is_cased(c);
    }
    out
}

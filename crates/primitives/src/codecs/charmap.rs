//! Charmap codecs: one byte per character by a table, a mapping, or Latin-1 without either.

use super::CodecError;
use crate::wtf8::{chars, decode_at, push};
use std::collections::HashMap;

const UNDEFINED: &str = "character maps to <undefined>";

/// What a mapping says about a byte or a character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Charmap {
    Undefined,
    Char(u32),
    /// Decoding: WTF-8 text. Encoding: bytes.
    Many(Vec<u8>),
}

/// A decoding table: a string whose character number `b` is what byte `b` means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CharmapTable {
    cps: Vec<u32>,
}

impl CharmapTable {
    pub fn new(table: &[u8]) -> Self {
        Self { cps: chars(table).take(256).collect() }
    }

    pub fn get(&self, byte: u8) -> Charmap {
        match self.cps.get(byte as usize) {
            // U+FFFE marks a hole.
            None | Some(0xfffe) => Charmap::Undefined,
            Some(&c) => Charmap::Char(c),
        }
    }
}

/// Decodes from `*pos`. A caller whose mapping may run Python resolves a byte first and passes a
/// closure over what it has.
pub fn charmap_decode_step(
    input: &[u8],
    pos: &mut usize,
    out: &mut Vec<u8>,
    map: impl Fn(u8) -> Charmap,
) -> Option<CodecError> {
    while let Some(&b) = input.get(*pos) {
        match map(b) {
            Charmap::Char(c) => push(out, c),
            Charmap::Many(text) => out.extend_from_slice(&text),
            Charmap::Undefined => {
                return Some(CodecError { start: *pos, end: *pos + 1, reason: UNDEFINED });
            }
        }
        *pos += 1;
    }
    None
}

/// Encodes from `*pos`, stopping at a run of characters without a mapping. `Char(b)` is a byte.
pub fn charmap_encode_step(
    text: &[u8],
    pos: &mut usize,
    out: &mut Vec<u8>,
    map: impl Fn(u32) -> Charmap,
) -> Option<CodecError> {
    while let Some((c, n)) = decode_at(text, *pos) {
        match map(c) {
            Charmap::Char(b) => out.push(b as u8),
            Charmap::Many(bytes) => out.extend_from_slice(&bytes),
            Charmap::Undefined => {
                let mut end = *pos + n;
                while let Some((c, n)) = decode_at(text, end)
                    && map(c) == Charmap::Undefined
                {
                    end += n;
                }
                return Some(CodecError { start: *pos, end, reason: UNDEFINED });
            }
        }
        *pos += n;
    }
    None
}

/// The inverse of a decoding table (`codecs.charmap_build`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EncodingMap {
    map: HashMap<u32, u8>,
}

impl EncodingMap {
    pub fn build(table: &[u8]) -> Self {
        let entries = chars(table).take(256).enumerate().filter(|&(_, c)| c != 0xfffe);
        Self { map: entries.map(|(i, c)| (c, i as u8)).collect() }
    }

    pub fn get(&self, c: u32) -> Charmap {
        self.map.get(&c).map_or(Charmap::Undefined, |&b| Charmap::Char(u32::from(b)))
    }

    pub fn len(&self) -> usize {
        self.map.len()
    }

    pub fn is_empty(&self) -> bool {
        self.map.is_empty()
    }
}

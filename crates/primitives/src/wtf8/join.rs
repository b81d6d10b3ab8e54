//! Repetition and `str.translate`.

use super::{char_indices, push};
use crate::{Result, search};

/// `text * n`
pub fn repeat(text: &[u8], n: i64) -> Result<Vec<u8>> {
    search::repeat(text, n)
}

/// What a translation table says about one character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Translated<'a> {
    Same,
    Delete,
    Char(u32),
    Text(&'a [u8]),
}

/// Applies `map` to each character. A caller whose table may run Python drives its own loop and
/// uses [`translate_ascii`] for the part whose mapping it knows.
pub fn translate<'a, E>(
    text: &[u8],
    mut map: impl FnMut(u32) -> std::result::Result<Translated<'a>, E>,
) -> std::result::Result<Vec<u8>, E> {
    let mut out = Vec::with_capacity(text.len());
    for (_, c) in char_indices(text) {
        match map(c)? {
            Translated::Same => push(&mut out, c),
            Translated::Delete => {}
            Translated::Char(c) => push(&mut out, c),
            Translated::Text(t) => out.extend_from_slice(t),
        }
    }
    Ok(out)
}

const UNKNOWN: u8 = 0xff;
const DELETE: u8 = 0xfe;

/// A table for [`translate_ascii`]: `map` gives `None` where the mapping is not known or not
/// ASCII, `Some(None)` to delete.
pub fn ascii_table(mut map: impl FnMut(u8) -> Option<Option<u8>>) -> [u8; 128] {
    std::array::from_fn(|i| match map(i as u8) {
        None => UNKNOWN,
        Some(None) => DELETE,
        Some(Some(b)) if b < 0x80 => b,
        Some(Some(_)) => UNKNOWN,
    })
}

/// Translates the longest prefix whose characters the table knows, and says how far it came.
pub fn translate_ascii(text: &[u8], table: &[u8; 128], out: &mut Vec<u8>) -> usize {
    for (i, &b) in text.iter().enumerate() {
        match table.get(b as usize) {
            None | Some(&UNKNOWN) => return i,
            Some(&DELETE) => {}
            Some(&t) => out.push(t),
        }
    }
    text.len()
}

//! strip, lstrip, rstrip, removeprefix, removesuffix.

use super::split::is_ascii_space;
use super::{chars, decode_at, decode_before};
use crate::unicode;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Left,
    Right,
    Both,
}

impl Side {
    pub(crate) fn left(self) -> bool {
        self != Self::Right
    }

    pub(crate) fn right(self) -> bool {
        self != Self::Left
    }
}

/// Removes whitespace.
pub fn strip(text: &[u8], side: Side) -> &[u8] {
    strip_by(text, side, |c| if c < 0x80 { is_ascii_space(c as u8) } else { unicode::is_space(c) })
}

/// Removes any of the characters of `set`.
pub fn strip_chars<'a>(text: &'a [u8], set: &[u8], side: Side) -> &'a [u8] {
    let mut ascii = [false; 128];
    let mut others: Vec<u32> = Vec::new();
    for c in chars(set) {
        match ascii.get_mut(c as usize) {
            Some(slot) => *slot = true,
            None => others.push(c),
        }
    }
    others.sort_unstable();
    strip_by(text, side, |c| match ascii.get(c as usize) {
        Some(&hit) => hit,
        None => others.binary_search(&c).is_ok(),
    })
}

fn strip_by(text: &[u8], side: Side, remove: impl Fn(u32) -> bool) -> &[u8] {
    let (mut start, mut end) = (0, text.len());
    if side.left() {
        while let Some((c, n)) = decode_at(&text[..end], start)
            && remove(c)
        {
            start += n;
        }
    }
    if side.right() {
        while end > start
            && let Some((c, n)) = decode_before(text, end)
            && remove(c)
        {
            end -= n;
        }
    }
    &text[start..end.max(start)]
}

pub fn remove_prefix<'a>(text: &'a [u8], prefix: &[u8]) -> &'a [u8] {
    text.strip_prefix(prefix).unwrap_or(text)
}

pub fn remove_suffix<'a>(text: &'a [u8], suffix: &[u8]) -> &'a [u8] {
    text.strip_suffix(suffix).unwrap_or(text)
}

//! find, count, contains, replace. Sub-slices are the caller's: it cuts the text first.

use super::count_chars;
use crate::Result;
use crate::search as bytewise;
use std::borrow::Cow;

/// Byte offset of the first occurrence.
#[inline]
pub fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    bytewise::find(hay, needle)
}

#[inline]
pub fn rfind(hay: &[u8], needle: &[u8]) -> Option<usize> {
    bytewise::rfind(hay, needle)
}

#[inline]
pub fn contains(hay: &[u8], needle: &[u8]) -> bool {
    bytewise::find(hay, needle).is_some()
}

/// Occurrences that do not overlap; the empty string occurs around every character.
pub fn count(hay: &[u8], needle: &[u8]) -> usize {
    if needle.is_empty() { count_chars(hay) + 1 } else { bytewise::count(hay, needle) }
}

/// Replaces the first `max` occurrences (all if negative); borrows the text if there are none.
pub fn replace<'a>(hay: &'a [u8], old: &[u8], new: &[u8], max: i64) -> Result<Cow<'a, [u8]>> {
    if !old.is_empty() {
        return bytewise::replace(hay, old, new, max);
    }
    let ends = super::char_indices(hay).map(|(i, _)| i).chain([hay.len()]);
    bytewise::insert_at(hay, ends, count_chars(hay) + 1, new, max)
}

//! Search, split and replace on bytes, shared by `wtf8` and `bytes`.
//!
//! Needles are not empty here unless a function says so: what an empty one means differs between
//! the two types. Everything is linear: memchr's substring search is two-way.

use crate::Result;
use crate::error::{check_size, try_vec};
pub use memchr::memchr;
use memchr::memmem;
use std::borrow::Cow;

#[inline]
pub fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    match needle {
        [] => Some(0),
        [b] => memchr::memchr(*b, hay),
        _ if needle.len() > hay.len() => None,
        _ => memmem::find(hay, needle),
    }
}

#[inline]
pub fn rfind(hay: &[u8], needle: &[u8]) -> Option<usize> {
    match needle {
        [] => Some(hay.len()),
        [b] => memchr::memrchr(*b, hay),
        _ if needle.len() > hay.len() => None,
        _ => memmem::rfind(hay, needle),
    }
}

pub fn count(hay: &[u8], needle: &[u8]) -> usize {
    match needle {
        [] => hay.len() + 1,
        [b] => memchr::memchr_iter(*b, hay).count(),
        _ => memmem::find_iter(hay, needle).count(),
    }
}

/// Splits at most `max` times (no limit if negative) from the left.
pub fn split<'a>(hay: &'a [u8], sep: &[u8], max: i64) -> Vec<&'a [u8]> {
    let mut out = Vec::new();
    let limit = usize::try_from(max).unwrap_or(usize::MAX);
    let mut start = 0;
    let mut cut = |i: usize| {
        out.push(&hay[start..i]);
        start = i + sep.len();
    };
    match sep {
        [] => {}
        [b] => memchr::memchr_iter(*b, hay).take(limit).for_each(&mut cut),
        _ => memmem::find_iter(hay, sep).take(limit).for_each(&mut cut),
    }
    out.push(&hay[start..]);
    out
}

/// Splits at most `max` times from the right; the parts are in order of the text.
pub fn rsplit<'a>(hay: &'a [u8], sep: &[u8], max: i64) -> Vec<&'a [u8]> {
    let mut out = Vec::new();
    let limit = usize::try_from(max).unwrap_or(usize::MAX);
    let mut end = hay.len();
    let mut cut = |i: usize| {
        out.push(&hay[i + sep.len()..end]);
        end = i;
    };
    match sep {
        [] => {}
        [b] => memchr::memrchr_iter(*b, hay).take(limit).for_each(&mut cut),
        _ => memmem::FinderRev::new(sep).rfind_iter(hay).take(limit).for_each(&mut cut),
    }
    out.push(&hay[..end]);
    out.reverse();
    out
}

pub fn replace<'a>(hay: &'a [u8], old: &[u8], new: &[u8], max: i64) -> Result<Cow<'a, [u8]>> {
    let limit = usize::try_from(max).unwrap_or(usize::MAX);
    if old.is_empty() || limit == 0 || old.len() > hay.len() || old == new {
        return Ok(Cow::Borrowed(hay));
    }
    if let ([a], [b]) = (old, new) {
        let mut out: Option<Vec<u8>> = None;
        for i in memchr::memchr_iter(*a, hay).take(limit) {
            let v = match &mut out {
                Some(v) => v,
                None => {
                    let mut v = try_vec(hay.len())?;
                    v.extend_from_slice(hay);
                    out.insert(v)
                }
            };
            v[i] = *b;
        }
        return Ok(out.map_or(Cow::Borrowed(hay), Cow::Owned));
    }
    let finder = memmem::Finder::new(old);
    let hits = finder.find_iter(hay).take(limit).count();
    if hits == 0 {
        return Ok(Cow::Borrowed(hay));
    }
    let kept = hay.len() - hits * old.len();
    let size = check_size(hits.checked_mul(new.len()).and_then(|n| n.checked_add(kept)))?;
    let mut out = try_vec(size)?;
    let mut start = 0;
    for i in finder.find_iter(hay).take(limit) {
        out.extend_from_slice(&hay[start..i]);
        out.extend_from_slice(new);
        start = i + old.len();
    }
    out.extend_from_slice(&hay[start..]);
    Ok(Cow::Owned(out))
}

/// Replacement of the empty string: puts `new` before each offset of `places`, `max` times.
pub fn insert_at<'a>(
    hay: &'a [u8],
    places: impl Iterator<Item = usize>,
    count: usize,
    new: &[u8],
    max: i64,
) -> Result<Cow<'a, [u8]>> {
    let limit = usize::try_from(max).unwrap_or(usize::MAX).min(count);
    if limit == 0 || new.is_empty() {
        return Ok(Cow::Borrowed(hay));
    }
    let size = check_size(limit.checked_mul(new.len()).and_then(|n| n.checked_add(hay.len())))?;
    let mut out = try_vec(size)?;
    let mut start = 0;
    for i in places.take(limit) {
        out.extend_from_slice(&hay[start..i]);
        out.extend_from_slice(new);
        start = i;
    }
    out.extend_from_slice(&hay[start..]);
    Ok(Cow::Owned(out))
}

/// `bytes * n` and `str * n`.
pub fn repeat(unit: &[u8], n: i64) -> Result<Vec<u8>> {
    let n = usize::try_from(n).unwrap_or(0);
    let size = check_size(unit.len().checked_mul(n))?;
    let mut out = try_vec(size)?;
    if size == 0 {
        return Ok(out);
    }
    if let [b] = unit {
        out.resize(n, *b);
        return Ok(out);
    }
    out.extend_from_slice(unit);
    // Doubling keeps the number of copies logarithmic.
    while out.len() < size {
        let more = (size - out.len()).min(out.len());
        out.extend_from_within(..more);
    }
    Ok(out)
}

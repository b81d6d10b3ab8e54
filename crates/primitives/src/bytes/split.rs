//! Splitting, stripping, padding, replacing and translating bytes.

use super::case::is_c_space;
use crate::error::{check_size, try_vec};
use crate::wtf8::Side;
use crate::{Error, Result, search};
use std::borrow::Cow;

/// `bytes.split(sep, max)`; `None` splits at runs of ASCII whitespace.
pub fn split<'a>(bytes: &'a [u8], sep: Option<&[u8]>, max: i64) -> Result<Vec<&'a [u8]>> {
    match sep {
        Some([]) => Err(Error::value("empty separator")),
        Some(sep) => Ok(search::split(bytes, sep, max)),
        None => Ok(split_space(bytes, max)),
    }
}

pub fn rsplit<'a>(bytes: &'a [u8], sep: Option<&[u8]>, max: i64) -> Result<Vec<&'a [u8]>> {
    match sep {
        Some([]) => Err(Error::value("empty separator")),
        Some(sep) => Ok(search::rsplit(bytes, sep, max)),
        None => Ok(rsplit_space(bytes, max)),
    }
}

fn split_space(mut rest: &[u8], max: i64) -> Vec<&[u8]> {
    let mut out = Vec::new();
    let mut left = u64::try_from(max).unwrap_or(u64::MAX);
    loop {
        rest = strip(rest, Side::Left);
        if rest.is_empty() {
            return out;
        }
        if left == 0 {
            out.push(rest);
            return out;
        }
        left -= 1;
        let end = rest.iter().position(|&b| is_c_space(b)).unwrap_or(rest.len());
        let (head, tail) = rest.split_at(end);
        out.push(head);
        rest = tail;
    }
}

fn rsplit_space(mut rest: &[u8], max: i64) -> Vec<&[u8]> {
    let mut out = Vec::new();
    let mut left = u64::try_from(max).unwrap_or(u64::MAX);
    loop {
        rest = strip(rest, Side::Right);
        if rest.is_empty() {
            break;
        }
        if left == 0 {
            out.push(rest);
            break;
        }
        left -= 1;
        let start = rest.iter().rposition(|&b| is_c_space(b)).map_or(0, |i| i + 1);
        let (head, tail) = rest.split_at(start);
        out.push(tail);
        rest = head;
    }
    out.reverse();
    out
}

pub fn splitlines(bytes: &[u8], keepends: bool) -> Vec<&[u8]> {
    let mut out = Vec::new();
    let mut start = 0;
    while let Some(i) = memchr::memchr2(b'\n', b'\r', &bytes[start..]) {
        let end = start + i;
        let crlf = bytes[end] == b'\r' && bytes.get(end + 1) == Some(&b'\n');
        let next = end + if crlf { 2 } else { 1 };
        out.push(&bytes[start..if keepends { next } else { end }]);
        start = next;
    }
    if start < bytes.len() {
        out.push(&bytes[start..]);
    }
    out
}

pub fn partition<'a>(bytes: &'a [u8], sep: &[u8]) -> Result<Option<(&'a [u8], &'a [u8])>> {
    crate::wtf8::partition(bytes, sep)
}

pub fn rpartition<'a>(bytes: &'a [u8], sep: &[u8]) -> Result<Option<(&'a [u8], &'a [u8])>> {
    crate::wtf8::rpartition(bytes, sep)
}

/// Occurrences that do not overlap; the empty one occurs around every byte.
pub fn count(hay: &[u8], needle: &[u8]) -> usize {
    search::count(hay, needle)
}

/// Replaces the first `max` occurrences (all if negative); borrows if there are none.
pub fn replace<'a>(hay: &'a [u8], old: &[u8], new: &[u8], max: i64) -> Result<Cow<'a, [u8]>> {
    if !old.is_empty() {
        return search::replace(hay, old, new, max);
    }
    search::insert_at(hay, 0..=hay.len(), hay.len() + 1, new, max)
}

fn strip_by(mut bytes: &[u8], side: Side, remove: impl Fn(u8) -> bool) -> &[u8] {
    if side.left() {
        while let [b, rest @ ..] = bytes
            && remove(*b)
        {
            bytes = rest;
        }
    }
    if side.right() {
        while let [rest @ .., b] = bytes
            && remove(*b)
        {
            bytes = rest;
        }
    }
    bytes
}

/// Removes ASCII whitespace.
pub fn strip(bytes: &[u8], side: Side) -> &[u8] {
    strip_by(bytes, side, is_c_space)
}

/// Removes any of the bytes of `set`.
pub fn strip_chars<'a>(bytes: &'a [u8], set: &[u8], side: Side) -> &'a [u8] {
    let mut table = [false; 256];
    for &b in set {
        table[b as usize] = true;
    }
    strip_by(bytes, side, |b| table[b as usize])
}

fn pad(bytes: &[u8], left: usize, right: usize, fill: u8) -> Result<Vec<u8>> {
    let size = left.checked_add(right).and_then(|n| n.checked_add(bytes.len()));
    let mut out = try_vec(check_size(size)?)?;
    out.resize(left, fill);
    out.extend_from_slice(bytes);
    out.resize(left + bytes.len() + right, fill);
    Ok(out)
}

fn missing(bytes: &[u8], width: i64) -> usize {
    usize::try_from(width).unwrap_or(0).saturating_sub(bytes.len())
}

pub fn ljust(bytes: &[u8], width: i64, fill: u8) -> Result<Vec<u8>> {
    pad(bytes, 0, missing(bytes, width), fill)
}

pub fn rjust(bytes: &[u8], width: i64, fill: u8) -> Result<Vec<u8>> {
    pad(bytes, missing(bytes, width), 0, fill)
}

pub fn center(bytes: &[u8], width: i64, fill: u8) -> Result<Vec<u8>> {
    let n = missing(bytes, width);
    let left = n / 2 + (n & width as usize & 1);
    pad(bytes, left, n - left, fill)
}

pub fn zfill(bytes: &[u8], width: i64) -> Result<Vec<u8>> {
    let n = missing(bytes, width);
    let mut out = pad(bytes, n, 0, b'0')?;
    if n > 0
        && let Some(&sign @ (b'+' | b'-')) = bytes.first()
    {
        out[0] = sign;
        out[n] = b'0';
    }
    Ok(out)
}

pub fn expandtabs(bytes: &[u8], tabsize: i64) -> Result<Vec<u8>> {
    crate::wtf8::expand_bytes(bytes, tabsize)
}

/// `bytes.maketrans`
pub fn maketrans(from: &[u8], to: &[u8]) -> Result<[u8; 256]> {
    if from.len() != to.len() {
        return Err(Error::value("maketrans arguments must have same length"));
    }
    let mut table: [u8; 256] = std::array::from_fn(|i| i as u8);
    for (&f, &t) in from.iter().zip(to) {
        table[f as usize] = t;
    }
    Ok(table)
}

/// Deletes the bytes of `delete`, then maps the rest through `table`.
pub fn translate(bytes: &[u8], table: Option<&[u8]>, delete: &[u8]) -> Result<Vec<u8>> {
    if table.is_some_and(|t| t.len() != 256) {
        return Err(Error::value("translation table must be 256 characters long"));
    }
    let mut deleted = [false; 256];
    for &b in delete {
        deleted[b as usize] = true;
    }
    let map = |&b: &u8| match table {
        Some(t) => t.get(b as usize).copied().unwrap_or(b),
        None => b,
    };
    Ok(bytes.iter().filter(|b| !deleted[**b as usize]).map(map).collect())
}

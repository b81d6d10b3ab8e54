//! split, rsplit, splitlines, partition, rpartition. Parts borrow from the text.

use super::{decode_at, decode_before};
use crate::search;
use crate::unicode;
use crate::{Error, Result};

/// `str.split(sep, max)`; `None` splits at runs of whitespace.
pub fn split<'a>(text: &'a [u8], sep: Option<&[u8]>, max: i64) -> Result<Vec<&'a [u8]>> {
    match sep {
        Some([]) => Err(Error::value("empty separator")),
        Some(sep) => Ok(search::split(text, sep, max)),
        None => Ok(split_space(text, max)),
    }
}

pub fn rsplit<'a>(text: &'a [u8], sep: Option<&[u8]>, max: i64) -> Result<Vec<&'a [u8]>> {
    match sep {
        Some([]) => Err(Error::value("empty separator")),
        Some(sep) => Ok(search::rsplit(text, sep, max)),
        None => Ok(rsplit_space(text, max)),
    }
}

/// Length of the whitespace character at `i`, 0 if there is none.
#[inline]
fn space_at(text: &[u8], i: usize) -> usize {
    match text.get(i) {
        None => 0,
        Some(&b) if b < 0x80 => usize::from(is_ascii_space(b)),
        Some(_) => decode_at(text, i).map_or(0, |(c, n)| if unicode::is_space(c) { n } else { 0 }),
    }
}

#[inline]
fn space_before(text: &[u8], i: usize) -> usize {
    match text[..i].last() {
        None => 0,
        Some(&b) if b < 0x80 => usize::from(is_ascii_space(b)),
        Some(_) => {
            decode_before(text, i).map_or(0, |(c, n)| if unicode::is_space(c) { n } else { 0 })
        }
    }
}

/// Whitespace of `str` within ASCII: more than C's, the separators 0x1C-0x1F count.
#[inline]
pub(crate) fn is_ascii_space(b: u8) -> bool {
    matches!(b, b' ' | 0x09..=0x0d | 0x1c..=0x1f)
}

fn skip_space(text: &[u8], mut i: usize) -> usize {
    loop {
        match space_at(text, i) {
            0 => return i,
            n => i += n,
        }
    }
}

fn split_space(text: &[u8], max: i64) -> Vec<&[u8]> {
    let mut out = Vec::new();
    let mut left = u64::try_from(max).unwrap_or(u64::MAX);
    let mut i = 0;
    loop {
        i = skip_space(text, i);
        if i >= text.len() {
            return out;
        }
        if left == 0 {
            out.push(&text[i..]);
            return out;
        }
        left -= 1;
        let start = i;
        // Continuation bytes are never whitespace, so single steps are enough to find the end.
        while i < text.len() && space_at(text, i) == 0 {
            i += 1;
            while i < text.len() && text[i] & 0xc0 == 0x80 {
                i += 1;
            }
        }
        out.push(&text[start..i]);
    }
}

fn rsplit_space(text: &[u8], max: i64) -> Vec<&[u8]> {
    let mut out = Vec::new();
    let mut left = u64::try_from(max).unwrap_or(u64::MAX);
    let mut i = text.len();
    loop {
        loop {
            match space_before(text, i) {
                0 => break,
                n => i -= n,
            }
        }
        if i == 0 {
            break;
        }
        if left == 0 {
            out.push(&text[..i]);
            break;
        }
        left -= 1;
        let end = i;
        while i > 0 && space_before(text, i) == 0 {
            i -= decode_before(text, i).map_or(1, |(_, n)| n);
        }
        out.push(&text[i..end]);
    }
    out.reverse();
    out
}

pub fn splitlines(text: &[u8], keepends: bool) -> Vec<&[u8]> {
    let mut out = Vec::new();
    let (mut start, mut i) = (0, 0);
    while i < text.len() {
        let b = text[i];
        let end = i;
        if b < 0x80 {
            i += 1;
            match b {
                b'\r' if text.get(i) == Some(&b'\n') => i += 1,
                b'\n' | b'\r' | 0x0b | 0x0c | 0x1c..=0x1e => {}
                _ => continue,
            }
        } else {
            let Some((c, n)) = decode_at(text, i) else { break };
            i += n;
            if !unicode::is_linebreak(c) {
                continue;
            }
        }
        out.push(&text[start..if keepends { i } else { end }]);
        start = i;
    }
    if start < text.len() {
        out.push(&text[start..]);
    }
    out
}

/// Before and after the first `sep`; `None` if it does not occur.
pub fn partition<'a>(text: &'a [u8], sep: &[u8]) -> Result<Option<(&'a [u8], &'a [u8])>> {
    if sep.is_empty() {
        return Err(Error::value("empty separator"));
    }
    Ok(search::find(text, sep).map(|i| (&text[..i], &text[i + sep.len()..])))
}

pub fn rpartition<'a>(text: &'a [u8], sep: &[u8]) -> Result<Option<(&'a [u8], &'a [u8])>> {
    if sep.is_empty() {
        return Err(Error::value("empty separator"));
    }
    Ok(search::rfind(text, sep).map(|i| (&text[..i], &text[i + sep.len()..])))
}

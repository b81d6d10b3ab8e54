//! `float(text)`: decimal literals with underscores, `inf`, `nan`, Unicode digits.

use crate::{Error, Result};
use std::borrow::Cow;

/// `float(str)`
pub fn parse_str(text: &[u8]) -> Result<f64> {
    // Plain digits with a point need no look at signs, spaces, underscores and words.
    if text.first().is_some_and(u8::is_ascii_digit)
        && text.iter().all(|b| matches!(b, b'0'..=b'9' | b'.'))
        && let Some(v) = std::str::from_utf8(text).ok().and_then(|t| t.parse().ok())
    {
        return Ok(v);
    }
    let ascii = crate::unicode::decimals_to_ascii(text);
    parse_ascii(&ascii).ok_or_else(|| {
        let repr = String::from_utf8(crate::wtf8::repr(text)).unwrap_or_default();
        Error::value(format!("could not convert string to float: {repr}"))
    })
}

/// `float(bytes)`
pub fn parse_bytes(text: &[u8]) -> Result<f64> {
    parse_ascii(text).ok_or_else(|| {
        let repr = String::from_utf8(crate::bytes::repr(text)).unwrap_or_default();
        Error::value(format!("could not convert string to float: {repr}"))
    })
}

pub(crate) fn trim_c_space(mut s: &[u8]) -> &[u8] {
    while let [b' ' | b'\t'..=b'\r', rest @ ..] = s {
        s = rest;
    }
    while let [rest @ .., b' ' | b'\t'..=b'\r'] = s {
        s = rest;
    }
    s
}

/// Removes underscores, each of which must stand between two digits.
pub(crate) fn remove_underscores(s: &[u8]) -> Option<Cow<'_, [u8]>> {
    if memchr::memchr(b'_', s).is_none() {
        return Some(Cow::Borrowed(s));
    }
    let mut out = Vec::with_capacity(s.len());
    let mut previous = 0u8;
    for &b in s {
        if b == b'_' {
            if !previous.is_ascii_digit() {
                return None;
            }
        } else {
            if previous == b'_' && !b.is_ascii_digit() {
                return None;
            }
            out.push(b);
        }
        previous = b;
    }
    (previous != b'_').then_some(Cow::Owned(out))
}

/// Parses ASCII with surrounding C whitespace.
pub fn parse_ascii(text: &[u8]) -> Option<f64> {
    let s = remove_underscores(trim_c_space(text))?;
    let (v, n) = parse_prefix(&s)?;
    (n == s.len()).then_some(v)
}

/// The longest number at the start of `s`, with its length: C's `strtod` without hexadecimals.
pub(crate) fn parse_prefix(s: &[u8]) -> Option<(f64, usize)> {
    let sign = usize::from(matches!(s.first(), Some(b'+' | b'-')));
    let negative = s.first() == Some(&b'-');
    let body = &s[sign..];
    if let Some((v, n)) = parse_special(body) {
        return Some((if negative { -v } else { v }, sign + n));
    }
    let digits = |from: usize| body[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let whole = digits(0);
    let mut n = whole;
    if body.get(n) == Some(&b'.') {
        let fraction = digits(n + 1);
        if whole + fraction == 0 {
            return None;
        }
        n += 1 + fraction;
    } else if whole == 0 {
        return None;
    }
    if matches!(body.get(n), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(body.get(n + 1), Some(b'+' | b'-')));
        let exp = digits((n + 1 + sign).min(body.len()));
        if exp > 0 {
            n += 1 + sign + exp;
        }
    }
    let v: f64 = std::str::from_utf8(&body[..n]).ok()?.parse().ok()?;
    Some((if negative { -v } else { v }, sign + n))
}

/// `inf`, `infinity` or `nan` in any case, without a sign.
pub(crate) fn parse_special(s: &[u8]) -> Option<(f64, usize)> {
    let starts = |word: &[u8]| s.get(..word.len()).is_some_and(|p| p.eq_ignore_ascii_case(word));
    if starts(b"infinity") {
        Some((f64::INFINITY, 8))
    } else if starts(b"inf") {
        Some((f64::INFINITY, 3))
    } else if starts(b"nan") {
        Some((f64::NAN, 3))
    } else {
        None
    }
}

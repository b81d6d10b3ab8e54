//! `int(text, base)`: literals with prefixes, underscores, whitespace and Unicode digits.
//!
//! CPython first maps a non-ASCII string to ASCII (decimal digits to `0`-`9`, Unicode whitespace to
//! a space, anything else ends the text with `?`) and then parses with C whitespace only; both
//! steps are kept apart here because the border cases follow from them.

use super::BigInt;
use super::text::limit_error_parse;
use crate::{Error, Result};
use dashu_int::{IBig, Sign, UBig};
use std::borrow::Cow;

/// Why [`parse_digits`] refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseIntError {
    Base,
    Invalid,
    /// More decimal digits than the limit allows; holds their number.
    TooManyDigits(usize),
}

/// `int(str, base)`. `max_digits` is `sys.get_int_max_str_digits()`, 0 for no limit.
pub fn parse_str(text: &[u8], base: i64, max_digits: usize) -> Result<BigInt> {
    let ascii = crate::unicode::decimals_to_ascii(text);
    parse_digits(&ascii, base, max_digits)
        .map_err(|e| explain(e, base, max_digits, || crate::wtf8::repr_truncated(text, 200)))
}

/// `int(bytes, base)`.
pub fn parse_bytes(text: &[u8], base: i64, max_digits: usize) -> Result<BigInt> {
    parse_digits(text, base, max_digits).map_err(|e| {
        explain(e, base, max_digits, || {
            let repr = crate::bytes::repr(text);
            String::from_utf8_lossy(&repr[..repr.len().min(200)]).into_owned()
        })
    })
}

fn explain(e: ParseIntError, base: i64, max: usize, repr: impl FnOnce() -> String) -> Error {
    match e {
        ParseIntError::Base => Error::value("int() base must be >= 2 and <= 36, or 0"),
        ParseIntError::Invalid => {
            Error::value(format!("invalid literal for int() with base {base}: {}", repr()))
        }
        ParseIntError::TooManyDigits(n) => limit_error_parse(max, n),
    }
}

fn is_c_space(b: u8) -> bool {
    matches!(b, b' ' | b'\t'..=b'\r')
}

/// Parses ASCII; surrounding C whitespace is allowed.
pub fn parse_digits(
    text: &[u8],
    base: i64,
    max_digits: usize,
) -> std::result::Result<BigInt, ParseIntError> {
    if base != 0 && !(2..=36).contains(&base) {
        return Err(ParseIntError::Base);
    }
    let mut s = text;
    while let [b, rest @ ..] = s
        && is_c_space(*b)
    {
        s = rest;
    }
    while let [rest @ .., b] = s
        && is_c_space(*b)
    {
        s = rest;
    }
    let mut negative = false;
    if let [sign @ (b'+' | b'-'), rest @ ..] = s {
        negative = *sign == b'-';
        s = rest;
    }
    let mut base = base as u32;
    let mut only_zero = false;
    if base == 0 {
        (base, only_zero) = match s {
            [b'0', b'x' | b'X', ..] => (16, false),
            [b'0', b'o' | b'O', ..] => (8, false),
            [b'0', b'b' | b'B', ..] => (2, false),
            [b'0', ..] => (10, true),
            _ => (10, false),
        };
    }
    match (s, base) {
        ([b'0', b'x' | b'X', rest @ ..], 16)
        | ([b'0', b'o' | b'O', rest @ ..], 8)
        | ([b'0', b'b' | b'B', rest @ ..], 2) => {
            s = rest.strip_prefix(b"_").unwrap_or(rest);
        }
        _ => {}
    }
    let digits = clean_digits(s, base)?;
    if !base.is_power_of_two() && max_digits > 0 && digits.len() > max_digits {
        return Err(ParseIntError::TooManyDigits(digits.len()));
    }
    let value = if digits.len() <= 12 {
        // 36**12 fits in 64 bits.
        let v = digits.iter().fold(0u64, |acc, &b| acc * u64::from(base) + digit_value(b));
        UBig::from(v)
    } else {
        let ascii = std::str::from_utf8(&digits).map_err(|_| ParseIntError::Invalid)?;
        UBig::from_str_radix(ascii, base).map_err(|_| ParseIntError::Invalid)?
    };
    if only_zero && !value.is_zero() {
        return Err(ParseIntError::Invalid);
    }
    let sign = if negative { Sign::Negative } else { Sign::Positive };
    Ok(BigInt(IBig::from_parts(sign, value)))
}

fn digit_value(b: u8) -> u64 {
    u64::from(match b {
        b'0'..=b'9' => b - b'0',
        b'a'..=b'z' => b - b'a' + 10,
        b'A'..=b'Z' => b - b'A' + 10,
        _ => 99,
    })
}

/// Checks the digits and removes underscores, which must stand singly between digits.
fn clean_digits(s: &[u8], base: u32) -> std::result::Result<Cow<'_, [u8]>, ParseIntError> {
    let mut underscores = 0usize;
    let mut previous = b'_';
    for &b in s {
        if b == b'_' {
            if previous == b'_' {
                return Err(ParseIntError::Invalid);
            }
            underscores += 1;
        } else if digit_value(b) >= u64::from(base) {
            return Err(ParseIntError::Invalid);
        }
        previous = b;
    }
    // Also refuses the empty text.
    if previous == b'_' {
        return Err(ParseIntError::Invalid);
    }
    if underscores == 0 {
        return Ok(Cow::Borrowed(s));
    }
    Ok(Cow::Owned(s.iter().copied().filter(|&b| b != b'_').collect()))
}

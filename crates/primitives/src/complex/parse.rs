//! `complex(text)`

use super::{Complex, c};
use crate::float;
use crate::{Error, Result};

fn malformed() -> Error {
    Error::value("complex() arg is a malformed string")
}

/// `complex(str)`
pub fn parse_str(text: &[u8]) -> Result<Complex> {
    let ascii = crate::unicode::decimals_to_ascii(text);
    parse_bytes(&ascii)
}

/// Parses ASCII with surrounding C whitespace and perhaps one pair of parentheses.
pub fn parse_bytes(text: &[u8]) -> Result<Complex> {
    let mut s = float::trim_c_space(text);
    if let Some(inner) = s.strip_prefix(b"(") {
        let Some(inner) = inner.strip_suffix(b")") else { return Err(malformed()) };
        s = float::trim_c_space(inner);
    }
    let clean = float::remove_underscores(s).ok_or_else(malformed)?;
    parse(&clean).ok_or_else(malformed)
}

/// `re`, `imj` or `re+imj`; the number before `j` may be missing.
fn parse(s: &[u8]) -> Option<Complex> {
    let is_j = |s: &[u8]| s == b"j" || s == b"J";
    if let Some((x, n)) = float::parse_prefix(s) {
        let rest = &s[n..];
        return match rest {
            [] => Some(c(x, 0.0)),
            [b'+' | b'-', ..] => {
                let (y, m) = float::parse_prefix(rest).unwrap_or((unit(rest), 1));
                is_j(&rest[m..]).then_some(c(x, y))
            }
            _ if is_j(rest) => Some(c(0.0, x)),
            _ => None,
        };
    }
    match s {
        [b'+' | b'-', rest @ ..] if is_j(rest) => Some(c(0.0, unit(s))),
        _ if is_j(s) => Some(c(0.0, 1.0)),
        _ => None,
    }
}

fn unit(s: &[u8]) -> f64 {
    if s.first() == Some(&b'-') { -1.0 } else { 1.0 }
}

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
    let Some(clean) = float::remove_underscores(&ascii) else {
        let repr = String::from_utf8(crate::wtf8::repr(text)).unwrap_or_default();
        return Err(Error::value(format!("could not convert string to complex: {repr}")));
    };
    parse_clean(&clean).ok_or_else(malformed)
}

/// Parses ASCII with surrounding C whitespace and perhaps one pair of parentheses.
fn parse_clean(text: &[u8]) -> Option<Complex> {
    let mut s = float::trim_c_space(text);
    if let Some(inner) = s.strip_prefix(b"(") {
        s = float::trim_c_space(inner.strip_suffix(b")")?);
    }
    parse(s)
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

//! `bytes.hex` and `bytes.fromhex`.

use super::case::is_c_space;
use crate::error::{check_size, try_vec};
use crate::{Error, Result};

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Hexadecimal text; `sep`, one character, stands between groups of `group` bytes, counted from
/// the right, or from the left if negative. A group of 0 means no separator.
pub fn hex(bytes: &[u8], sep: Option<&[u8]>, group: i64) -> Result<Vec<u8>> {
    let sep = match sep {
        None => None,
        Some(&[b]) if b.is_ascii() => Some(b),
        Some(&[_]) => return Err(Error::value("sep must be ASCII.")),
        Some(s) if crate::wtf8::count_chars(s) == 1 => {
            return Err(Error::value("sep must be ASCII."));
        }
        Some(_) => return Err(Error::value("sep must be length 1.")),
    };
    let size = usize::try_from(group.unsigned_abs()).unwrap_or(usize::MAX);
    let sep = sep.filter(|_| size != 0 && size < bytes.len());
    let mut out = try_vec(check_size(bytes.len().checked_mul(3))?)?;
    // From the right, the first group is the short one.
    let first = if group > 0 && size > 0 { bytes.len() % size } else { 0 };
    for (i, b) in bytes.iter().enumerate() {
        if let Some(sep) = sep
            && i > 0
            && i % size == first
        {
            out.push(sep);
        }
        out.push(DIGITS[(b >> 4) as usize]);
        out.push(DIGITS[(b & 15) as usize]);
    }
    Ok(out)
}

/// Why [`fromhex`] refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HexError {
    /// Not a hexadecimal digit, at this character.
    Digit(usize),
    Odd,
}

impl From<HexError> for Error {
    fn from(e: HexError) -> Self {
        match e {
            HexError::Digit(i) => Error::value(format!(
                "non-hexadecimal number found in fromhex() arg at position {i}"
            )),
            HexError::Odd => {
                Error::value("fromhex() arg must contain an even number of hexadecimal digits")
            }
        }
    }
}

/// `bytes.fromhex(str)`: a string that is not ASCII is refused at its first such character.
pub fn fromhex(text: &[u8]) -> std::result::Result<Vec<u8>, HexError> {
    match text.iter().position(|b| !b.is_ascii()) {
        Some(i) => Err(HexError::Digit(i)),
        None => fromhex_bytes(text),
    }
}

/// Parses pairs of hexadecimal digits; ASCII whitespace may stand between pairs.
pub fn fromhex_bytes(text: &[u8]) -> std::result::Result<Vec<u8>, HexError> {
    let value = |b: u8| (b as char).to_digit(16).map(|d| d as u8);
    let mut out = Vec::with_capacity(text.len() / 2);
    let mut i = 0;
    while let Some(&b) = text.get(i) {
        if is_c_space(b) {
            i += 1;
            continue;
        }
        let hi = value(b).ok_or(HexError::Digit(i))?;
        match text.get(i + 1) {
            None => return Err(HexError::Odd),
            Some(&b) => out.push(hi << 4 | value(b).ok_or(HexError::Digit(i + 1))?),
        }
        i += 2;
    }
    Ok(out)
}

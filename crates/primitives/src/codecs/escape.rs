//! `codecs.escape_decode` and `escape_encode`: the escapes of bytes literals.

use crate::{Error, Result};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EscapeErrors {
    Strict,
    Replace,
    Ignore,
}

impl EscapeErrors {
    /// The `errors` argument; nothing else is known here.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "strict" => Some(Self::Strict),
            "replace" => Some(Self::Replace),
            "ignore" => Some(Self::Ignore),
            _ => None,
        }
    }
}

/// Decoded bytes and, for a warning, the offset after the backslash of the first escape that is
/// not one (or an octal escape above `\377`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unescaped {
    pub bytes: Vec<u8>,
    pub first_invalid: Option<usize>,
}

pub fn escape_decode(input: &[u8], errors: EscapeErrors) -> Result<Unescaped> {
    let mut out = Unescaped { bytes: Vec::with_capacity(input.len()), first_invalid: None };
    let mut i = 0;
    while i < input.len() {
        let rest = &input[i..];
        let n = memchr::memchr(b'\\', rest).unwrap_or(rest.len());
        out.bytes.extend_from_slice(&rest[..n]);
        i += n;
        if n == rest.len() {
            break;
        }
        i += 1;
        let Some(&b) = input.get(i) else {
            return Err(Error::value("Trailing \\ in string"));
        };
        i += 1;
        match b {
            b'\n' => {}
            b'\\' | b'\'' | b'"' => out.bytes.push(b),
            b'b' => out.bytes.push(8),
            b'f' => out.bytes.push(12),
            b't' => out.bytes.push(9),
            b'n' => out.bytes.push(10),
            b'r' => out.bytes.push(13),
            b'v' => out.bytes.push(11),
            b'a' => out.bytes.push(7),
            b'0'..=b'7' => {
                let first = i - 1;
                let mut v = u32::from(b - b'0');
                for _ in 0..2 {
                    if let Some(d @ b'0'..=b'7') = input.get(i) {
                        v = v << 3 | u32::from(d - b'0');
                        i += 1;
                    } else {
                        break;
                    }
                }
                if v > 0o377 {
                    out.first_invalid.get_or_insert(first);
                }
                out.bytes.push(v as u8);
            }
            b'x' => {
                let digit = |k: usize| input.get(i + k).and_then(|&b| (b as char).to_digit(16));
                if let (Some(hi), Some(lo)) = (digit(0), digit(1)) {
                    out.bytes.push((hi << 4 | lo) as u8);
                    i += 2;
                    continue;
                }
                match errors {
                    EscapeErrors::Strict => {
                        return Err(Error::value(format!(
                            "invalid \\x escape at position {}",
                            i - 2
                        )));
                    }
                    EscapeErrors::Replace => out.bytes.push(b'?'),
                    EscapeErrors::Ignore => {}
                }
                i += usize::from(digit(0).is_some());
            }
            _ => {
                out.first_invalid.get_or_insert(i - 1);
                out.bytes.extend_from_slice(&[b'\\', b]);
            }
        }
    }
    Ok(out)
}

/// The repr of bytes without its quotes; both kinds of quotes may occur, `'` is escaped.
pub fn escape_encode(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for &b in bytes {
        match b {
            b'\'' | b'\\' => out.extend_from_slice(&[b'\\', b]),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            0x20..0x7f => out.push(b),
            _ => crate::wtf8::push_escape(&mut out, u32::from(b)),
        }
    }
    out
}

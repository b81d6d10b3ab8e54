//! The `unicode_escape` codec, which string literals share.

use super::CodecError;
use crate::unicode;
use crate::wtf8::{chars, push, push_escape};

/// Decoder state: the first escape sequence that is not one, for the warning about it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UnicodeEscapeDecoder {
    /// Offset of the character after the backslash. An octal escape above `\377` counts, too.
    pub first_invalid: Option<usize>,
}

enum Escape {
    /// A character, or several.
    Char(u32),
    /// Not an escape: the backslash stands for itself.
    Literal(u8),
    Nothing,
    /// The input ends within it.
    Incomplete(&'static str),
    Error(&'static str),
}

/// `count` hexadecimal digits at `*i`.
pub(super) fn hex_digits(
    input: &[u8],
    i: &mut usize,
    count: usize,
) -> std::result::Result<u32, bool> {
    let mut v: u32 = 0;
    for _ in 0..count {
        let Some(&b) = input.get(*i) else { return Err(true) };
        let Some(d) = (b as char).to_digit(16) else { return Err(false) };
        v = v << 4 | d;
        *i += 1;
    }
    Ok(v)
}

impl UnicodeEscapeDecoder {
    pub fn new() -> Self {
        Self::default()
    }

    /// Bytes outside escapes are Latin-1. Without `last`, `*pos` ends before an open escape.
    pub fn step(
        &mut self,
        input: &[u8],
        pos: &mut usize,
        last: bool,
        out: &mut Vec<u8>,
    ) -> Option<CodecError> {
        while *pos < input.len() {
            let rest = &input[*pos..];
            let n = memchr::memchr(b'\\', rest).unwrap_or(rest.len());
            rest[..n].iter().for_each(|&b| push(out, u32::from(b)));
            *pos += n;
            if n == rest.len() {
                break;
            }
            let start = *pos;
            let mut i = start + 1;
            let reason = match self.escape(input, &mut i) {
                Escape::Char(c) => {
                    push(out, c);
                    *pos = i;
                    continue;
                }
                Escape::Literal(b) => {
                    self.first_invalid.get_or_insert(i - 1);
                    out.push(b'\\');
                    push(out, u32::from(b));
                    *pos = i;
                    continue;
                }
                Escape::Nothing => {
                    *pos = i;
                    continue;
                }
                Escape::Incomplete(_) if !last => return None,
                Escape::Incomplete(reason) | Escape::Error(reason) => reason,
            };
            return Some(CodecError { start, end: i, reason });
        }
        None
    }

    fn escape(&mut self, input: &[u8], i: &mut usize) -> Escape {
        let Some(&b) = input.get(*i) else { return Escape::Incomplete("\\ at end of string") };
        *i += 1;
        let simple = |c: u8| Escape::Char(u32::from(c));
        match b {
            b'\n' => Escape::Nothing,
            b'\\' | b'\'' | b'"' => simple(b),
            b'b' => simple(8),
            b't' => simple(9),
            b'n' => simple(10),
            b'r' => simple(13),
            b'f' => simple(12),
            b'v' => simple(11),
            b'a' => simple(7),
            b'0'..=b'7' => {
                let first = *i - 1;
                let mut v = u32::from(b - b'0');
                for _ in 0..2 {
                    if let Some(d @ b'0'..=b'7') = input.get(*i) {
                        v = v << 3 | u32::from(d - b'0');
                        *i += 1;
                    } else {
                        break;
                    }
                }
                if v > 0o377 {
                    self.first_invalid.get_or_insert(first);
                }
                Escape::Char(v)
            }
            b'x' => numeric(input, i, 2, "truncated \\xXX escape"),
            b'u' => numeric(input, i, 4, "truncated \\uXXXX escape"),
            b'U' => numeric(input, i, 8, "truncated \\UXXXXXXXX escape"),
            b'N' => named(input, i),
            _ => Escape::Literal(b),
        }
    }
}

fn numeric(input: &[u8], i: &mut usize, count: usize, reason: &'static str) -> Escape {
    match hex_digits(input, i, count) {
        Ok(v) if v >= 0x11_0000 => Escape::Error("illegal Unicode character"),
        Ok(v) => Escape::Char(v),
        Err(true) => Escape::Incomplete(reason),
        Err(false) => Escape::Error(reason),
    }
}

fn named(input: &[u8], i: &mut usize) -> Escape {
    const MALFORMED: &str = "malformed \\N character escape";
    match input.get(*i) {
        None => return Escape::Incomplete(MALFORMED),
        Some(b'{') => *i += 1,
        Some(_) => return Escape::Error(MALFORMED),
    }
    let start = *i;
    let Some(n) = memchr::memchr(b'}', &input[start..]) else {
        *i = input.len();
        return Escape::Incomplete(MALFORMED);
    };
    *i += n;
    if n == 0 {
        return Escape::Error(MALFORMED);
    }
    *i += 1;
    match unicode::lookup_alias_or_name(&input[start..start + n]) {
        Some(c) => Escape::Char(c),
        None => Escape::Error("unknown Unicode character name"),
    }
}

pub fn unicode_escape_encode(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for c in chars(text) {
        match c {
            0x5c => out.extend_from_slice(b"\\\\"),
            0x09 => out.extend_from_slice(b"\\t"),
            0x0a => out.extend_from_slice(b"\\n"),
            0x0d => out.extend_from_slice(b"\\r"),
            0x20..0x7f => out.push(c as u8),
            _ => push_escape(&mut out, c),
        }
    }
    out
}

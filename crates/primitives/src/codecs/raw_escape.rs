//! The `raw_unicode_escape` codec: Latin-1 with `\uXXXX` and `\UXXXXXXXX`.

use super::CodecError;
use super::unicode_escape::hex_digits;
use crate::wtf8::{chars, push, push_escape};

/// Without `last`, `*pos` ends before an open escape.
pub fn raw_unicode_escape_decode_step(
    input: &[u8],
    pos: &mut usize,
    last: bool,
    out: &mut Vec<u8>,
) -> Option<CodecError> {
    while let Some(&b) = input.get(*pos) {
        if b != b'\\' {
            push(out, u32::from(b));
            *pos += 1;
            continue;
        }
        let start = *pos;
        let Some(&kind) = input.get(start + 1) else {
            if last {
                out.push(b'\\');
                *pos += 1;
            }
            return None;
        };
        let (count, reason) = match kind {
            b'u' => (4, "truncated \\uXXXX escape"),
            b'U' => (8, "truncated \\UXXXXXXXX escape"),
            _ => {
                out.push(b'\\');
                push(out, u32::from(kind));
                *pos += 2;
                continue;
            }
        };
        let mut i = start + 2;
        let reason = match hex_digits(input, &mut i, count) {
            Ok(c) if c < 0x11_0000 => {
                push(out, c);
                *pos = i;
                continue;
            }
            Ok(_) => "\\Uxxxxxxxx out of range",
            Err(true) if !last => return None,
            Err(_) => reason,
        };
        return Some(CodecError { start, end: i, reason });
    }
    None
}

pub fn raw_unicode_escape_encode(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for c in chars(text) {
        if c < 0x100 { out.push(c as u8) } else { push_escape(&mut out, c) }
    }
    out
}

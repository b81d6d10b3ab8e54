//! UTF-7 (RFC 2152), with CPython's choice of characters that stand for themselves.

use super::CodecError;
use crate::wtf8::{chars, push};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn from_base64(b: u8) -> Option<u32> {
    Some(u32::from(match b {
        b'A'..=b'Z' => b - b'A',
        b'a'..=b'z' => b - b'a' + 26,
        b'0'..=b'9' => b - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    }))
}

/// Characters that the encoder writes as they are.
fn is_direct(c: u32) -> bool {
    match u8::try_from(c) {
        Ok(b'\t' | b'\n' | b'\r') => true,
        Ok(b'+' | b'\\' | b'~') => false,
        Ok(b) => (0x20..0x7f).contains(&b),
        Err(_) => false,
    }
}

/// Decoder state. A shift sequence starts anew after each chunk, so it is only needed between the
/// steps of one call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Utf7Decoder {
    in_shift: bool,
    bits: u32,
    buffer: u32,
    surrogate: u32,
    /// Input offset of the `+` or fault, and output length there.
    start: usize,
    shift_out: usize,
}

impl Utf7Decoder {
    pub fn new() -> Self {
        Self::default()
    }

    /// Without `last`, `*pos` ends before an open shift sequence, and its output is taken back.
    pub fn step(
        &mut self,
        input: &[u8],
        pos: &mut usize,
        last: bool,
        out: &mut Vec<u8>,
    ) -> Option<CodecError> {
        while let Some(&b) = input.get(*pos) {
            let reason = if self.in_shift {
                self.shifted(b, pos, out)
            } else if b == b'+' {
                self.start = *pos;
                *pos += 1;
                match input.get(*pos) {
                    Some(b'-') => {
                        *pos += 1;
                        out.push(b'+');
                        None
                    }
                    Some(&n) if from_base64(n).is_none() => {
                        *pos += 1;
                        Some("ill-formed sequence")
                    }
                    _ => {
                        (self.in_shift, self.surrogate) = (true, 0);
                        (self.bits, self.buffer) = (0, 0);
                        self.shift_out = out.len();
                        None
                    }
                }
            } else {
                let start = *pos;
                *pos += 1;
                if b < 0x80 {
                    out.push(b);
                    None
                } else {
                    self.start = start;
                    Some("unexpected special character")
                }
            };
            if let Some(reason) = reason {
                let end = std::mem::replace(pos, self.start);
                return Some(CodecError { start: self.start, end, reason });
            }
        }
        if self.in_shift {
            if !last {
                *pos = self.start;
                out.truncate(self.shift_out);
                return None;
            }
            self.in_shift = false;
            let open = self.bits >= 6 || (self.bits > 0 && self.buffer != 0);
            if self.surrogate != 0 || open {
                *pos = self.start;
                let reason = "unterminated shift sequence";
                return Some(CodecError { start: self.start, end: input.len(), reason });
            }
        }
        None
    }

    fn shifted(&mut self, b: u8, pos: &mut usize, out: &mut Vec<u8>) -> Option<&'static str> {
        if let Some(v) = from_base64(b) {
            *pos += 1;
            self.buffer = self.buffer << 6 | v;
            self.bits += 6;
            if self.bits >= 16 {
                self.bits -= 16;
                let unit = self.buffer >> self.bits & 0xffff;
                self.buffer &= (1 << self.bits) - 1;
                self.emit(unit, out);
            }
            return None;
        }
        self.in_shift = false;
        if self.bits >= 6 {
            *pos += 1;
            return Some("partial character in shift sequence");
        }
        if self.bits > 0 && self.buffer != 0 {
            *pos += 1;
            return Some("non-zero padding bits in shift sequence");
        }
        if self.surrogate != 0 && b < 0x80 && b != b'+' {
            push(out, self.surrogate);
        }
        self.surrogate = 0;
        if b == b'-' {
            *pos += 1;
        }
        None
    }

    fn emit(&mut self, unit: u32, out: &mut Vec<u8>) {
        let high = std::mem::take(&mut self.surrogate);
        if high != 0 {
            if (0xdc00..0xe000).contains(&unit) {
                push(out, 0x1_0000 + ((high - 0xd800) << 10) + (unit - 0xdc00));
                return;
            }
            push(out, high);
        }
        if (0xd800..0xdc00).contains(&unit) {
            self.surrogate = unit;
        } else {
            push(out, unit);
        }
    }
}

pub fn utf7_encode(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 8);
    let mut in_shift = false;
    let (mut bits, mut buffer) = (0u32, 0u64);
    for c in chars(text) {
        if is_direct(c) {
            if in_shift {
                if bits > 0 {
                    out.push(ALPHABET[(buffer << (6 - bits) & 63) as usize]);
                    (bits, buffer) = (0, 0);
                }
                in_shift = false;
                if from_base64(c as u8).is_some() || c == u32::from(b'-') {
                    out.push(b'-');
                }
            }
            out.push(c as u8);
            continue;
        }
        if !in_shift {
            if c == u32::from(b'+') {
                out.extend_from_slice(b"+-");
                continue;
            }
            out.push(b'+');
            in_shift = true;
        }
        let mut unit = |u: u32| {
            buffer = buffer << 16 | u64::from(u);
            bits += 16;
            while bits >= 6 {
                bits -= 6;
                out.push(ALPHABET[(buffer >> bits & 63) as usize]);
                buffer &= (1 << bits) - 1;
            }
        };
        if c >= 0x1_0000 {
            unit(0xd800 + ((c - 0x1_0000) >> 10));
            unit(0xdc00 + (c & 0x3ff));
        } else {
            unit(c);
        }
    }
    if bits > 0 {
        out.push(ALPHABET[(buffer << (6 - bits) & 63) as usize]);
    }
    if in_shift {
        out.push(b'-');
    }
    out
}

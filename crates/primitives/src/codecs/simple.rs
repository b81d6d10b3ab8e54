//! UTF-8, Latin-1 and ASCII.

use super::CodecError;
use crate::wtf8::{decode_at, find_surrogate, push};

/// Decodes from `*pos`. `*pos` ends at the error, at the end, or (unless `last`) before an
/// incomplete character.
pub fn utf8_decode_step(
    input: &[u8],
    pos: &mut usize,
    last: bool,
    out: &mut Vec<u8>,
) -> Option<CodecError> {
    let rest = input.get(*pos..).unwrap_or(&[]);
    let e = match std::str::from_utf8(rest) {
        Ok(_) => {
            out.extend_from_slice(rest);
            *pos += rest.len();
            return None;
        }
        Err(e) => e,
    };
    let valid = e.valid_up_to();
    out.extend_from_slice(&rest[..valid]);
    *pos += valid;
    let start = *pos;
    let error = |len: usize, reason| Some(CodecError { start, end: start + len, reason });
    match (e.error_len(), &rest[valid..]) {
        (None, _) if !last => None,
        (None, tail) => error(tail.len(), "unexpected end of data"),
        // More input may complete a surrogate, which `surrogatepass` would take.
        (Some(_), [0xed, 0xa0..=0xbf]) if !last => None,
        (Some(_), [0x80..=0xc1 | 0xf5.., ..]) => error(1, "invalid start byte"),
        (Some(n), _) => error(n, "invalid continuation byte"),
    }
}

/// Encodes from `*pos`, stopping at a run of surrogates.
pub fn utf8_encode_step(text: &[u8], pos: &mut usize, out: &mut Vec<u8>) -> Option<CodecError> {
    let rest = text.get(*pos..).unwrap_or(&[]);
    let Some(i) = find_surrogate(rest) else {
        out.extend_from_slice(rest);
        *pos += rest.len();
        return None;
    };
    out.extend_from_slice(&rest[..i]);
    *pos += i;
    let end = run_end(text, *pos, super::is_surrogate);
    Some(CodecError { start: *pos, end, reason: "surrogates not allowed" })
}

/// End of the run of characters that `test` accepts.
fn run_end(text: &[u8], mut at: usize, test: impl Fn(u32) -> bool) -> usize {
    while let Some((c, n)) = decode_at(text, at) {
        if !test(c) {
            break;
        }
        at += n;
    }
    at
}

pub fn ascii_decode_step(input: &[u8], pos: &mut usize, out: &mut Vec<u8>) -> Option<CodecError> {
    let rest = input.get(*pos..).unwrap_or(&[]);
    let n = ascii_prefix(rest);
    out.extend_from_slice(&rest[..n]);
    *pos += n;
    (n < rest.len()).then(|| CodecError {
        start: *pos,
        end: *pos + 1,
        reason: "ordinal not in range(128)",
    })
}

fn ascii_prefix(bytes: &[u8]) -> usize {
    if bytes.is_ascii() {
        return bytes.len();
    }
    bytes.iter().position(|b| !b.is_ascii()).unwrap_or(bytes.len())
}

pub fn ascii_encode_step(text: &[u8], pos: &mut usize, out: &mut Vec<u8>) -> Option<CodecError> {
    let rest = text.get(*pos..).unwrap_or(&[]);
    let n = ascii_prefix(rest);
    out.extend_from_slice(&rest[..n]);
    *pos += n;
    (n < rest.len()).then(|| CodecError {
        start: *pos,
        end: run_end(text, *pos, |c| c >= 0x80),
        reason: "ordinal not in range(128)",
    })
}

/// Latin-1 decodes anything.
pub fn latin1_decode(input: &[u8]) -> Vec<u8> {
    if input.is_ascii() {
        return input.to_vec();
    }
    let mut out = Vec::with_capacity(input.len() + input.len() / 2);
    for &b in input {
        push(&mut out, u32::from(b));
    }
    out
}

pub fn latin1_encode_step(text: &[u8], pos: &mut usize, out: &mut Vec<u8>) -> Option<CodecError> {
    let rest = text.get(*pos..).unwrap_or(&[]);
    if rest.is_ascii() {
        out.extend_from_slice(rest);
        *pos += rest.len();
        return None;
    }
    while let Some((c, n)) = decode_at(text, *pos) {
        if c > 0xff {
            return Some(CodecError {
                start: *pos,
                end: run_end(text, *pos, |c| c > 0xff),
                reason: "ordinal not in range(256)",
            });
        }
        out.push(c as u8);
        *pos += n;
    }
    None
}

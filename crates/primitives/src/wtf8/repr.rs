//! `repr` and `ascii` of strings.

use super::decode_at;
use crate::unicode;

/// `repr(text)`
pub fn repr(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 2);
    repr_into(&mut out, text, false);
    out
}

/// `ascii(text)`
pub fn ascii(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 2);
    repr_into(&mut out, text, true);
    out
}

/// The first `max` characters of the repr, as error messages quote it. Escaped surrogates make
/// it UTF-8.
pub fn repr_truncated(text: &[u8], max: usize) -> String {
    // No character of a text has more than one character of repr before `max` is reached, so a
    // long text need not be rendered whole; but the choice of quotes looks at all of it.
    let head = text.len().min(4 * max + 4);
    let cut = (head..text.len()).find(|&i| text[i] & 0xc0 != 0x80).unwrap_or(text.len());
    let quote = quote_for(text);
    let mut out = vec![quote];
    escape_into(&mut out, &text[..cut], quote, false);
    out.push(quote);
    let end = super::byte_offset(&out, max);
    out.truncate(end);
    String::from_utf8(out).unwrap_or_default()
}

fn quote_for(text: &[u8]) -> u8 {
    let single = memchr::memchr(b'\'', text).is_some();
    if single && memchr::memchr(b'"', text).is_none() { b'"' } else { b'\'' }
}

pub fn repr_into(out: &mut Vec<u8>, text: &[u8], ascii_only: bool) {
    let quote = quote_for(text);
    out.push(quote);
    escape_into(out, text, quote, ascii_only);
    out.push(quote);
}

fn escape_into(out: &mut Vec<u8>, text: &[u8], quote: u8, ascii_only: bool) {
    let (mut start, mut i) = (0, 0);
    while i < text.len() {
        let b = text[i];
        if (0x20..0x7f).contains(&b) && b != b'\\' && b != quote {
            i += 1;
            continue;
        }
        let Some((c, n)) = decode_at(text, i) else { break };
        if c >= 0x80 && !ascii_only && unicode::is_printable(c) {
            i += n;
            continue;
        }
        out.extend_from_slice(&text[start..i]);
        escape_char(out, c);
        i += n;
        start = i;
    }
    out.extend_from_slice(&text[start..]);
}

fn escape_char(out: &mut Vec<u8>, c: u32) {
    match c {
        0x09 => out.extend_from_slice(b"\\t"),
        0x0a => out.extend_from_slice(b"\\n"),
        0x0d => out.extend_from_slice(b"\\r"),
        0x22 | 0x27 | 0x5c => out.extend_from_slice(&[b'\\', c as u8]),
        _ => push_escape(out, c),
    }
}

/// `\xXX`, `\uXXXX` or `\UXXXXXXXX`, whichever is the shortest.
pub(crate) fn push_escape(out: &mut Vec<u8>, c: u32) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let (letter, digits) = match c {
        0..0x100 => (b'x', 2),
        0x100..0x1_0000 => (b'u', 4),
        _ => (b'U', 8),
    };
    out.extend_from_slice(&[b'\\', letter]);
    for k in (0..digits).rev() {
        out.push(HEX[(c >> (4 * k) & 15) as usize]);
    }
}

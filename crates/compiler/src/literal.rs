//! Contents of string and bytes literals: escape decoding into WTF-8.
//!
//! The parser has already rejected malformed escapes; what is left is to decode them without
//! losing lone surrogates (surrogate pairs written as two escapes stay two code points) and to
//! note the first invalid escape, which CPython warns about.
//! CPython counterpart: `Parser/string_parser.c`.

/// The first invalid escape of a literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadEscape {
    /// Byte offset of the backslash in the text given.
    pub offset: usize,
    /// The character after it, or the octal number.
    pub what: Bad,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bad {
    Char(char),
    Octal(u32),
}

impl BadEscape {
    /// The warning's text, and that of the error which replaces it.
    #[must_use]
    pub fn messages(self) -> (String, String) {
        let (what, name) = match self.what {
            Bad::Char(c) => (c.to_string(), "an invalid escape sequence"),
            Bad::Octal(v) => (format!("{v:o}"), "an invalid octal escape sequence"),
        };
        (
            format!(
                "\"\\{what}\" is {name}. Such sequences will not work in the future. Did you mean \"\\\\{what}\"? A raw string is also an option."
            ),
            format!(
                "\"\\{what}\" is {name}. Did you mean \"\\\\{what}\"? A raw string is also an option."
            ),
        )
    }
}

/// Appends a code point, lone surrogates included.
pub fn push_code_point(out: &mut Vec<u8>, value: u32) {
    match char::from_u32(value) {
        Some(c) => {
            let mut buffer = [0; 4];
            out.extend_from_slice(c.encode_utf8(&mut buffer).as_bytes());
        }
        None => out.extend_from_slice(&[
            0xE0 | (value >> 12) as u8 & 0x0F,
            0x80 | (value >> 6) as u8 & 0x3F,
            0x80 | value as u8 & 0x3F,
        ]),
    }
}

fn hex(text: &[u8], from: usize, digits: usize) -> u32 {
    text.get(from..from + digits)
        .and_then(|d| std::str::from_utf8(d).ok())
        .and_then(|d| u32::from_str_radix(d, 16).ok())
        .unwrap_or(0xFFFD)
}

/// Decodes an escape that str and bytes literals share; `at` stands behind its letter, `push` writes a
/// value given by number. False if it is none of them.
fn shared_escape(
    bytes: &[u8],
    at: &mut usize,
    out: &mut Vec<u8>,
    bad: &mut Option<BadEscape>,
    push: fn(&mut Vec<u8>, u32),
) -> bool {
    let kind = bytes[*at - 1];
    match kind {
        b'\n' => {}
        b'\\' | b'\'' | b'"' => out.push(kind),
        b'a' => out.push(7),
        b'b' => out.push(8),
        b'f' => out.push(12),
        b'n' => out.push(b'\n'),
        b'r' => out.push(b'\r'),
        b't' => out.push(b'\t'),
        b'v' => out.push(11),
        b'0'..=b'7' => {
            let (value, len) = octal(bytes, *at - 1);
            if value > 0o377 && bad.is_none() {
                *bad = Some(BadEscape { offset: *at - 2, what: Bad::Octal(value) });
            }
            *at += len - 1;
            push(out, value);
        }
        b'x' => {
            push(out, hex(bytes, *at, 2));
            *at += 2;
        }
        _ => return false,
    }
    true
}

/// Decodes the escapes of a str literal's content. `braces` also collapses `{{` and `}}`.
#[must_use]
pub fn decode_str(text: &str, raw: bool, braces: bool) -> (Vec<u8>, Option<BadEscape>) {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut bad = None;
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        if braces && matches!(byte, b'{' | b'}') && bytes.get(at + 1) == Some(&byte) {
            out.push(byte);
            at += 2;
            continue;
        }
        if byte != b'\\' || raw || at + 1 == bytes.len() {
            out.push(byte);
            at += 1;
            continue;
        }
        let start = at;
        let kind = bytes[at + 1];
        at += 2;
        if shared_escape(bytes, &mut at, &mut out, &mut bad, push_code_point) {
            at = at.min(bytes.len());
            continue;
        }
        match kind {
            b'u' => {
                push_code_point(&mut out, hex(bytes, at, 4));
                at += 4;
            }
            b'U' => {
                push_code_point(&mut out, hex(bytes, at, 8));
                at += 8;
            }
            b'N' if bytes.get(at) == Some(&b'{') => {
                let len =
                    bytes[at..].iter().position(|&b| b == b'}').unwrap_or(bytes.len() - at - 1);
                let name = std::str::from_utf8(&bytes[at + 1..at + len.max(1)]).unwrap_or("");
                let c = unicode_names2::character(name).unwrap_or('\u{FFFD}');
                push_code_point(&mut out, u32::from(c));
                at += len + 1;
            }
            _ => {
                // In an f-string a backslash before a brace stands for itself.
                let c = text[start + 1..].chars().next().unwrap_or('\\');
                if bad.is_none() && c.is_ascii() {
                    bad = Some(BadEscape { offset: start, what: Bad::Char(c) });
                }
                out.push(b'\\');
                at = start + 1;
                if !(braces && matches!(kind, b'{' | b'}')) {
                    push_code_point(&mut out, u32::from(c));
                    at += c.len_utf8();
                }
            }
        }
        at = at.min(bytes.len());
    }
    (out, bad)
}

/// Decodes the escapes of a bytes literal's content.
#[must_use]
pub fn decode_bytes(text: &str, raw: bool) -> (Vec<u8>, Option<BadEscape>) {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut bad = None;
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        if byte != b'\\' || raw || at + 1 == bytes.len() {
            out.push(byte);
            at += 1;
            continue;
        }
        let start = at;
        let kind = bytes[at + 1];
        at += 2;
        if shared_escape(bytes, &mut at, &mut out, &mut bad, |out, value| out.push(value as u8)) {
            at = at.min(bytes.len());
            continue;
        }
        if bad.is_none() {
            bad = Some(BadEscape { offset: start, what: Bad::Char(char::from(kind)) });
        }
        out.extend_from_slice(&[b'\\', kind]);
    }
    (out, bad)
}

fn octal(bytes: &[u8], from: usize) -> (u32, usize) {
    let digits = bytes[from..].iter().take(3).take_while(|b| matches!(b, b'0'..=b'7'));
    let mut value = 0;
    let mut len = 0;
    for digit in digits {
        value = value * 8 + u32::from(digit - b'0');
        len += 1;
    }
    (value, len)
}

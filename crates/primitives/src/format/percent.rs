//! The `%` operator of str and bytes.
//!
//! [`Template`] walks the format and gives literals and fields; the caller takes the arguments
//! (stars first), converts them, and renders with [`render_int`], [`render_float`],
//! [`render_text`]. The walker is a position in a text, so a suspended operation can be pickled.

use super::spec::prefix_end;
use crate::error::{check_size, try_vec};
use crate::float::{FormatFlags, double_to_string};
use crate::int::BigInt;
use crate::wtf8::{count_chars, decode_at};
use crate::{Error, Result};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    pub left: bool,
    pub sign: bool,
    pub blank: bool,
    pub alternate: bool,
    pub zero: bool,
}

/// A width or precision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Count {
    #[default]
    None,
    /// `*`: take it from the arguments.
    Star,
    Value(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// Text of `(key)`.
    pub key: Option<&'a [u8]>,
    pub flags: Flags,
    pub width: Count,
    pub precision: Count,
    /// The conversion character (a byte, for bytes).
    pub conversion: u32,
    /// Byte offset of the conversion character, for [`Template::unsupported`].
    pub at: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    Literal(&'a [u8]),
    Field(Field<'a>),
}

#[derive(Clone, Debug)]
pub struct Template<'a> {
    text: &'a [u8],
    pos: usize,
    bytes: bool,
}

fn incomplete() -> Error {
    Error::value("incomplete format")
}

impl<'a> Template<'a> {
    pub fn new(text: &'a [u8]) -> Self {
        Self { text, pos: 0, bytes: false }
    }

    /// A template of bytes: conversion characters are bytes.
    pub fn of_bytes(text: &'a [u8]) -> Self {
        Self { text, pos: 0, bytes: true }
    }

    pub fn pos(&self) -> usize {
        self.pos
    }

    /// Continues a walk that was left at `pos`.
    pub fn resume(mut self, pos: usize) -> Self {
        self.pos = pos.min(self.text.len());
        self
    }

    fn peek(&self) -> Result<u8> {
        self.text.get(self.pos).copied().ok_or_else(incomplete)
    }

    fn count(&mut self, what: &'static str) -> Result<Count> {
        if self.text.get(self.pos) == Some(&b'*') {
            self.pos += 1;
            self.peek()?;
            return Ok(Count::Star);
        }
        let mut value: Option<usize> = None;
        while let Some(b @ b'0'..=b'9') = self.text.get(self.pos) {
            let v = value
                .unwrap_or(0)
                .checked_mul(10)
                .and_then(|v| v.checked_add(usize::from(b - b'0')))
                .filter(|&v| {
                    v <= isize::MAX as usize && (what != "precision" || v <= i32::MAX as usize)
                });
            match v {
                Some(v) => value = Some(v),
                None => return Err(Error::value(format!("{what} too big"))),
            }
            self.pos += 1;
        }
        Ok(value.map_or(Count::None, Count::Value))
    }

    fn field(&mut self) -> Result<Field<'a>> {
        let mut key = None;
        if self.peek()? == b'(' {
            let start = self.pos + 1;
            let mut depth = 0i64;
            let mut i = self.pos;
            loop {
                match self.text.get(i) {
                    None => return Err(Error::value("incomplete format key")),
                    Some(b'(') => depth += 1,
                    Some(b')') => depth -= 1,
                    Some(_) => {}
                }
                if depth == 0 {
                    break;
                }
                i += 1;
            }
            key = Some(&self.text[start..i]);
            self.pos = i + 1;
        }
        let mut flags = Flags::default();
        loop {
            match self.peek()? {
                b'-' => flags.left = true,
                b'+' => flags.sign = true,
                b' ' => flags.blank = true,
                b'#' => flags.alternate = true,
                b'0' => flags.zero = true,
                _ => break,
            }
            self.pos += 1;
        }
        let width = self.count("width")?;
        let mut precision = Count::None;
        if self.peek()? == b'.' {
            self.pos += 1;
            self.peek()?;
            precision = match self.count("precision")? {
                // A lone point means 0.
                Count::None => Count::Value(0),
                given => given,
            };
        }
        if matches!(self.peek()?, b'h' | b'l' | b'L') {
            self.pos += 1;
        }
        let at = self.pos;
        let (conversion, n) = if self.bytes {
            (u32::from(self.peek()?), 1)
        } else {
            decode_at(self.text, at).ok_or_else(incomplete)?
        };
        self.pos = at + n;
        Ok(Field { key, flags, width, precision, conversion, at })
    }

    /// The error for a conversion character that has no meaning.
    pub fn unsupported(&self, field: &Field<'_>) -> Error {
        let index = match self.bytes {
            true => field.at,
            false => count_chars(self.text.get(..field.at).unwrap_or(&[])),
        };
        let c = field.conversion;
        let shown = match char::from_u32(c) {
            Some(ch) if (31..=126).contains(&c) || !self.bytes => ch,
            _ => '?',
        };
        Error::value(format!("unsupported format character '{shown}' (0x{c:x}) at index {index}"))
    }
}

impl<'a> Iterator for Template<'a> {
    type Item = Result<Piece<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.pos;
        if start >= self.text.len() {
            return None;
        }
        match memchr::memchr(b'%', &self.text[start..]) {
            Some(0) => {
                self.pos = start + 1;
                Some(self.field().map(Piece::Field))
            }
            other => {
                self.pos = start + other.unwrap_or(self.text.len() - start);
                Some(Ok(Piece::Literal(&self.text[start..self.pos])))
            }
        }
    }
}

/// A field whose stars have been replaced by arguments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Render {
    pub flags: Flags,
    pub width: usize,
    pub precision: Option<usize>,
    pub conversion: u8,
}

impl Render {
    pub fn of(field: &Field<'_>) -> Self {
        let value = |c: Count| match c {
            Count::Value(n) => Some(n),
            _ => None,
        };
        Self {
            flags: field.flags,
            width: value(field.width).unwrap_or(0),
            precision: value(field.precision),
            conversion: u8::try_from(field.conversion).unwrap_or(0),
        }
    }

    /// The argument of a `*` width; a negative one aligns to the left.
    pub fn set_width(&mut self, v: &BigInt) -> Result<()> {
        let Some(n) = v.to_i64() else {
            return Err(Error::overflow("Python int too large to convert to C ssize_t"));
        };
        self.flags.left |= n < 0;
        self.width = usize::try_from(n.unsigned_abs()).unwrap_or(usize::MAX);
        Ok(())
    }

    /// The argument of a `*` precision; a negative one counts as 0.
    pub fn set_precision(&mut self, v: &BigInt) -> Result<()> {
        let Some(n) = v.to_i32() else {
            return Err(Error::overflow("Python int too large to convert to C int"));
        };
        self.precision = Some(usize::try_from(n).unwrap_or(0));
        Ok(())
    }
}

/// "* wants int"
pub fn star_wants_int() -> Error {
    Error::type_error("* wants int")
}

pub fn not_enough_arguments() -> Error {
    Error::type_error("not enough arguments for format string")
}

pub fn requires_mapping() -> Error {
    Error::type_error("format requires a mapping")
}

/// Arguments left over; `kind` is `string` or `bytes`.
pub fn not_all_converted(kind: &str) -> Error {
    Error::type_error(format!("not all arguments converted during {kind} formatting"))
}

/// `%d`, `%i`, `%u`, `%o`, `%x`, `%X`
pub fn render_int(r: &Render, value: &BigInt, max_digits: usize) -> Result<Vec<u8>> {
    let (base, prefix): (u32, &[u8]) = match r.conversion {
        b'o' => (8, b"0o"),
        b'x' => (16, b"0x"),
        b'X' => (16, b"0X"),
        _ => (10, b""),
    };
    let precision = r.precision.unwrap_or(0);
    if precision > i32::MAX as usize - 3 {
        return Err(Error::overflow("precision too large"));
    }
    let mut digits = if base == 10 {
        let mut s = value.to_decimal(max_digits)?;
        if value.is_negative() {
            s.remove(0);
        }
        s
    } else {
        value.magnitude_digits(base)
    };
    if r.conversion == b'X' {
        digits.make_ascii_uppercase();
    }
    let mut body = try_vec(check_size(Some(digits.len().max(precision)))?)?;
    body.resize(precision.saturating_sub(digits.len()), b'0');
    body.extend_from_slice(digits.as_bytes());
    let prefix = if r.flags.alternate { prefix } else { b"" };
    numeric(r, value.is_negative(), prefix, &body)
}

/// `%e`, `%f`, `%g` and their capitals
pub fn render_float(r: &Render, value: f64) -> Result<Vec<u8>> {
    let flags = FormatFlags { alternate: r.flags.alternate, ..FormatFlags::default() };
    let text = double_to_string(value, r.conversion, r.precision.unwrap_or(6), flags)?;
    let body = text.as_bytes();
    let negative = body.first() == Some(&b'-');
    numeric(r, negative, b"", &body[usize::from(negative)..])
}

/// `%s`, `%r`, `%a` and `%c`: cut to the precision (not for `%c`), padded with spaces.
pub fn render_text(r: &Render, text: &[u8]) -> Result<Vec<u8>> {
    let text = match r.precision {
        Some(n) if r.conversion != b'c' => &text[..prefix_end(text, n)],
        _ => text,
    };
    pad(r, text, count_chars(text))
}

/// The same for the `%` of bytes, where the precision counts bytes.
pub fn render_bytes(r: &Render, bytes: &[u8]) -> Result<Vec<u8>> {
    let bytes = match r.precision {
        Some(n) if r.conversion != b'c' => &bytes[..n.min(bytes.len())],
        _ => bytes,
    };
    pad(r, bytes, bytes.len())
}

fn pad(r: &Render, text: &[u8], chars: usize) -> Result<Vec<u8>> {
    let n = r.width.saturating_sub(chars);
    let mut out = try_vec(check_size(n.checked_add(text.len()))?)?;
    if !r.flags.left {
        out.resize(n, b' ');
    }
    out.extend_from_slice(text);
    if r.flags.left {
        out.resize(n + text.len(), b' ');
    }
    Ok(out)
}

fn numeric(r: &Render, negative: bool, prefix: &[u8], body: &[u8]) -> Result<Vec<u8>> {
    let sign: &[u8] = match (negative, r.flags.sign, r.flags.blank) {
        (true, ..) => b"-",
        (false, true, _) => b"+",
        (false, false, true) => b" ",
        _ => b"",
    };
    let len = sign.len() + prefix.len() + body.len();
    let n = r.width.saturating_sub(len);
    let mut out = try_vec(check_size(n.checked_add(len))?)?;
    let zeros = r.flags.zero && !r.flags.left;
    if !r.flags.left && !zeros {
        out.resize(n, b' ');
    }
    out.extend_from_slice(sign);
    out.extend_from_slice(prefix);
    if zeros {
        out.resize(out.len() + n, b'0');
    }
    out.extend_from_slice(body);
    if r.flags.left {
        out.resize(out.len() + n, b' ');
    }
    Ok(out)
}

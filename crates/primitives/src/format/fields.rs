//! The syntax of `str.format` and `string.Formatter`: replacement fields and their names.
//!
//! [`Markup`] walks a format string; the caller looks up the field, converts, expands a nested
//! spec with another `Markup`, and formats. Each walker is a position in a text, so a suspended
//! `str.format` can be pickled.

use super::spec::parse_integer;
use crate::wtf8::{chars, decode_at};
use crate::{Error, Result};

/// Nesting that `str.format` allows; one less at each level of specs.
pub const MAX_DEPTH: u32 = 2;

pub fn depth_error() -> Error {
    Error::value("Max string recursion exceeded")
}

/// One step of a format string: literal text, then perhaps a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    pub literal: &'a [u8],
    pub field: Option<Field<'a>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    pub name: &'a [u8],
    /// The character after `!`.
    pub conversion: Option<u32>,
    pub spec: &'a [u8],
    /// The spec has fields of its own.
    pub nested: bool,
}

/// Walker over a format string.
#[derive(Clone, Debug)]
pub struct Markup<'a> {
    text: &'a [u8],
    pos: usize,
}

impl<'a> Markup<'a> {
    pub fn new(text: &'a [u8]) -> Self {
        Self { text, pos: 0 }
    }

    /// Continues a walk that was left at `pos`.
    pub fn resume(text: &'a [u8], pos: usize) -> Self {
        Self { text, pos: pos.min(text.len()) }
    }

    pub fn pos(&self) -> usize {
        self.pos
    }

    fn bump(&mut self) -> Option<u8> {
        let b = self.text.get(self.pos).copied()?;
        self.pos += 1;
        Some(b)
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.pos).copied()
    }

    fn step(&mut self) -> Result<Option<Piece<'a>>> {
        let start = self.pos;
        if start >= self.text.len() {
            return Ok(None);
        }
        let Some(i) = memchr::memchr2(b'{', b'}', &self.text[start..]) else {
            self.pos = self.text.len();
            return Ok(Some(Piece { literal: &self.text[start..], field: None }));
        };
        let brace = self.text[start + i];
        self.pos = start + i + 1;
        if self.peek() == Some(brace) {
            let literal = &self.text[start..self.pos];
            self.pos += 1;
            return Ok(Some(Piece { literal, field: None }));
        }
        if brace == b'}' {
            return Err(Error::value("Single '}' encountered in format string"));
        }
        if self.peek().is_none() {
            return Err(Error::value("Single '{' encountered in format string"));
        }
        let literal = &self.text[start..start + i];
        Ok(Some(Piece { literal, field: Some(self.field()?) }))
    }

    fn field(&mut self) -> Result<Field<'a>> {
        let start = self.pos;
        let mut end = 0;
        while let Some(b) = self.bump() {
            match b {
                b'{' => return Err(Error::value("unexpected '{' in field name")),
                b'[' => {
                    while self.peek().is_some_and(|b| b != b']') {
                        self.pos += 1;
                    }
                }
                b'}' | b':' | b'!' => {
                    end = b;
                    break;
                }
                _ => {}
            }
        }
        if end == 0 {
            return Err(Error::value("expected '}' before end of string"));
        }
        let name = &self.text[start..self.pos - 1];
        let mut field = Field { name, conversion: None, spec: &[], nested: false };
        if end == b'}' {
            return Ok(field);
        }
        if end == b'!' {
            let Some((c, n)) = decode_at(self.text, self.pos) else {
                return Err(Error::value("end of string while looking for conversion specifier"));
            };
            field.conversion = Some(c);
            self.pos += n;
            match self.bump() {
                Some(b'}') => return Ok(field),
                Some(b':') | None => {}
                Some(_) => {
                    return Err(Error::value("expected ':' after conversion specifier"));
                }
            }
        }
        let start = self.pos;
        let mut depth = 1;
        while let Some(b) = self.bump() {
            match b {
                b'{' => {
                    field.nested = true;
                    depth += 1;
                }
                b'}' => {
                    depth -= 1;
                    if depth == 0 {
                        field.spec = &self.text[start..self.pos - 1];
                        return Ok(field);
                    }
                }
                _ => {}
            }
        }
        Err(Error::value("unmatched '{' in format spec"))
    }
}

impl<'a> Iterator for Markup<'a> {
    type Item = Result<Piece<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.step().transpose()
    }
}

/// "Unknown conversion specifier": neither r, s nor a.
pub fn unknown_conversion(c: u32) -> Error {
    Error::value(match char::from_u32(c) {
        Some(ch) if (33..127).contains(&c) => format!("Unknown conversion specifier {ch}"),
        _ => format!("Unknown conversion specifier \\x{c:x}"),
    })
}

/// How a field name starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum First<'a> {
    /// Empty: the next positional argument.
    Auto,
    Index(usize),
    Key(&'a [u8]),
}

/// A step from an object to a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access<'a> {
    Attribute(&'a [u8]),
    Index(usize),
    Key(&'a [u8]),
}

fn whole_integer(name: &[u8]) -> Result<Option<usize>> {
    let cps: Vec<u32> = chars(name).collect();
    match parse_integer(&cps, 0)? {
        Some((v, n)) if n == cps.len() => Ok(Some(v)),
        _ => Ok(None),
    }
}

/// Splits a field name at its first `.` or `[`.
pub fn split_name(name: &[u8]) -> Result<(First<'_>, Accesses<'_>)> {
    let end = memchr::memchr2(b'.', b'[', name).unwrap_or(name.len());
    let (head, rest) = name.split_at(end);
    let first = match whole_integer(head)? {
        Some(i) => First::Index(i),
        None if head.is_empty() => First::Auto,
        None => First::Key(head),
    };
    Ok((first, Accesses { rest }))
}

/// The attribute and item accesses of a field name.
#[derive(Clone, Debug)]
pub struct Accesses<'a> {
    rest: &'a [u8],
}

impl<'a> Accesses<'a> {
    /// What is left of the name; `resume` continues from it.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub fn resume(rest: &'a [u8]) -> Self {
        Self { rest }
    }

    fn step(&mut self) -> Result<Option<Access<'a>>> {
        let Some((&kind, tail)) = self.rest.split_first() else { return Ok(None) };
        let access = match kind {
            b'.' => {
                let end = memchr::memchr2(b'.', b'[', tail).unwrap_or(tail.len());
                let (name, rest) = tail.split_at(end);
                self.rest = rest;
                (Access::Attribute(name), name)
            }
            b'[' => {
                let Some(end) = memchr::memchr(b']', tail) else {
                    return Err(Error::value("Missing ']' in format string"));
                };
                let name = &tail[..end];
                self.rest = &tail[end + 1..];
                let access = match whole_integer(name)? {
                    Some(i) => Access::Index(i),
                    None => Access::Key(name),
                };
                (access, name)
            }
            _ => {
                return Err(Error::value(
                    "Only '.' or '[' may follow ']' in format field specifier",
                ));
            }
        };
        if access.1.is_empty() {
            return Err(Error::value("Empty attribute in format string"));
        }
        Ok(Some(access.0))
    }
}

impl<'a> Iterator for Accesses<'a> {
    type Item = Result<Access<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.step().transpose()
    }
}

/// Whether fields are numbered by hand or automatically; shared by all levels of one call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Numbering {
    #[default]
    Unknown,
    Automatic(usize),
    Manual,
}

impl Numbering {
    /// The positional argument that a field means, or its keyword.
    pub fn resolve<'a>(&mut self, first: First<'a>) -> Result<First<'a>> {
        match first {
            First::Key(_) => Ok(first),
            First::Auto => {
                let n = match *self {
                    Self::Unknown => 0,
                    Self::Automatic(n) => n,
                    Self::Manual => {
                        return Err(Error::value(
                            "cannot switch from manual field specification to automatic field \
                             numbering",
                        ));
                    }
                };
                *self = Self::Automatic(n + 1);
                Ok(First::Index(n))
            }
            First::Index(_) => {
                if let Self::Automatic(_) = self {
                    return Err(Error::value(
                        "cannot switch from automatic field numbering to manual field \
                         specification",
                    ));
                }
                *self = Self::Manual;
                Ok(first)
            }
        }
    }
}

/// The error for a positional argument that is not there.
pub fn missing_index(index: usize) -> Error {
    Error::index(format!("Replacement index {index} out of range for positional args tuple"))
}

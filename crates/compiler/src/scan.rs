//! A cheap, linear look at the tokens before the parser sees them.
//!
//! Owns the nesting limits (brackets 200, f-strings 150, right nesting 6,000, left nesting
//! 100,000) and the estimate of how deep the parser's and the compiler's recursion can get. It
//! must never reject what CPython accepts, and may let malformed text through: the parser reports
//! that.

use crate::error::{ErrorKind, Result, SyntaxError};

const MAX_BRACKETS: usize = 200;
const MAX_FSTRINGS: usize = 150;
const MAX_RIGHT: u32 = 6_000;
const MAX_LEFT: u32 = 100_000;

/// What the scan found out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scan {
    /// Upper estimate of nested expression and statement levels.
    pub depth: u32,
}

#[derive(Clone, Copy)]
struct FString {
    quote: u8,
    triple: bool,
    raw: bool,
    /// Brackets open when the string began.
    base: usize,
    /// In literal text or a format spec, as opposed to a field's expression.
    text: bool,
}

struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
    brackets: Vec<u8>,
    fstrings: Vec<FString>,
    /// Right and left nesting of each open bracket's content, outermost first.
    nest: Vec<(u32, u32)>,
    right: u32,
    left: u32,
    indents: Vec<u32>,
    /// The last token can end an operand.
    operand: bool,
    depth: u32,
}

pub fn scan(text: &str) -> Result<Scan> {
    let mut scanner = Scanner {
        text: text.as_bytes(),
        at: 0,
        brackets: Vec::new(),
        fstrings: Vec::new(),
        nest: vec![(0, 0)],
        right: 0,
        left: 0,
        indents: vec![0],
        operand: false,
        depth: 0,
    };
    scanner.run()?;
    Ok(Scan { depth: scanner.depth })
}

impl Scanner<'_> {
    fn peek(&self, ahead: usize) -> u8 {
        self.text.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn error(&self, kind: ErrorKind, message: &str) -> Box<SyntaxError> {
        let before = &self.text[..self.at.min(self.text.len())];
        let start = before.iter().rposition(|&b| b == b'\n').map_or(0, |p| p + 1);
        let end = self.text[start..]
            .iter()
            .position(|&b| b == b'\n')
            .map_or(self.text.len(), |p| start + p);
        let mut error = SyntaxError::bare(kind, message);
        let line = before.iter().filter(|&&b| b == b'\n').count() + 1;
        error.lineno = u32::try_from(line).unwrap_or(u32::MAX);
        let column = String::from_utf8_lossy(&before[start..]).chars().count() + 1;
        error.col = u32::try_from(column).unwrap_or(u32::MAX);
        error.end_lineno = error.lineno;
        error.end_col = error.col;
        error.text = Some(String::from_utf8_lossy(&self.text[start..end]).into_owned());
        error
    }

    fn note(&mut self) -> Result<()> {
        if self.right > MAX_RIGHT {
            return Err(SyntaxError::parser_stack());
        }
        if self.left > MAX_LEFT {
            return Err(SyntaxError::recursion());
        }
        let nested = u32::try_from(self.brackets.len() + self.indents.len()).unwrap_or(u32::MAX);
        self.depth = self.depth.max(self.right + self.left + nested);
        Ok(())
    }

    fn add_right(&mut self) -> Result<()> {
        self.right += 1;
        if let Some(top) = self.nest.last_mut() {
            top.0 += 1;
        }
        self.note()
    }

    fn add_left(&mut self) -> Result<()> {
        self.left += 1;
        if let Some(top) = self.nest.last_mut() {
            top.1 += 1;
        }
        self.note()
    }

    fn reset_level(&mut self) {
        if let Some(top) = self.nest.last_mut() {
            self.right -= top.0;
            self.left -= top.1;
            *top = (0, 0);
        }
    }

    fn open(&mut self, bracket: u8) -> Result<()> {
        if self.brackets.len() >= MAX_BRACKETS {
            return Err(self.error(ErrorKind::Syntax, "too many nested parentheses"));
        }
        self.brackets.push(bracket);
        self.nest.push((0, 0));
        self.operand = false;
        self.note()
    }

    fn close(&mut self) {
        self.reset_level();
        if self.nest.len() > 1 {
            self.nest.pop();
        }
        let bracket = self.brackets.pop();
        self.operand = true;
        if bracket == Some(b'f')
            && let Some(top) = self.fstrings.last_mut()
        {
            top.text = true;
        }
    }

    fn run(&mut self) -> Result<()> {
        self.line_start()?;
        while self.at < self.text.len() {
            if let Some(top) = self.fstrings.last()
                && top.text
            {
                self.fstring_text()?;
                continue;
            }
            let byte = self.text[self.at];
            match byte {
                b' ' | b'\t' | b'\x0c' => self.at += 1,
                b'#' => self.comment(),
                b'\n' => {
                    self.at += 1;
                    if self.brackets.is_empty() {
                        self.reset_level();
                        self.operand = false;
                        self.line_start()?;
                    }
                }
                b'\\' => self.at += 2,
                b'"' | b'\'' => self.string(false, false)?,
                b'0'..=b'9' => {
                    self.number();
                    self.operand = true;
                }
                b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.. => self.word()?,
                b'(' | b'[' | b'{' => {
                    if self.operand {
                        self.add_left()?;
                    }
                    self.open(byte)?;
                    self.at += 1;
                }
                b')' | b']' | b'}' => {
                    self.close();
                    self.at += 1;
                }
                _ => self.operator(byte)?,
            }
        }
        Ok(())
    }

    fn comment(&mut self) {
        while self.at < self.text.len() && self.text[self.at] != b'\n' {
            self.at += 1;
        }
    }

    fn line_start(&mut self) -> Result<()> {
        let mut column = 0u32;
        loop {
            match self.peek(0) {
                b' ' => column += 1,
                b'\t' => column = (column / 8 + 1) * 8,
                b'\x0c' => column = 0,
                _ => break,
            }
            self.at += 1;
        }
        if matches!(self.peek(0), b'#' | b'\n' | 0) {
            return Ok(());
        }
        while self.indents.last().is_some_and(|&top| top > column) {
            self.indents.pop();
        }
        if self.indents.last().is_none_or(|&top| top < column) {
            self.indents.push(column);
            self.note()?;
        }
        Ok(())
    }

    fn number(&mut self) {
        while self.peek(0).is_ascii_alphanumeric() || matches!(self.peek(0), b'_' | b'.') {
            let exponent =
                matches!(self.peek(0), b'e' | b'E') && matches!(self.peek(1), b'+' | b'-');
            self.at += if exponent && self.peek(2).is_ascii_digit() { 2 } else { 1 };
        }
    }

    fn word(&mut self) -> Result<()> {
        let start = self.at;
        while self.peek(0).is_ascii_alphanumeric() || self.peek(0) == b'_' || self.peek(0) >= 0x80 {
            self.at += 1;
        }
        let word = &self.text[start..self.at];
        if matches!(self.peek(0), b'"' | b'\'') && word.len() <= 3 {
            let has = |c: u8| word.iter().any(|b| b.to_ascii_lowercase() == c);
            let prefix = word.iter().all(|b| b"rbuftRBUFT".contains(b));
            if prefix {
                return self.string(has(b'f') || has(b't'), has(b'r'));
            }
        }
        match word {
            b"not" | b"lambda" | b"else" | b"await" | b"yield" | b"async" | b"elif" => {
                self.operand = false;
                self.add_right()?;
            }
            b"and" | b"or" | b"in" | b"is" | b"if" | b"for" => self.operand = false,
            _ => self.operand = true,
        }
        Ok(())
    }

    fn operator(&mut self, byte: u8) -> Result<()> {
        match byte {
            b',' | b';' => {
                self.reset_level();
                self.at += 1;
                self.operand = false;
            }
            b':' => {
                self.at += 1;
                self.operand = false;
                self.field_spec();
            }
            b'!' if self.peek(1) != b'=' => self.at += 1,
            b'.' => {
                self.at += 1;
                if self.peek(0).is_ascii_digit() {
                    self.number();
                    self.operand = true;
                } else if self.operand {
                    self.add_left()?;
                }
            }
            b'*' if self.peek(1) == b'*' => {
                self.at += 2;
                if self.operand {
                    self.add_right()?;
                }
                self.operand = false;
            }
            b'+' | b'-' | b'~' if !self.operand => {
                self.at += 1;
                self.add_right()?;
            }
            b'+' | b'-' | b'*' | b'/' | b'%' | b'@' | b'&' | b'|' | b'^' | b'<' | b'>' | b'=' => {
                self.at += 1;
                while matches!(self.peek(0), b'<' | b'>' | b'=' | b'/') {
                    self.at += 1;
                }
                if self.operand && !matches!(byte, b'=') {
                    self.add_left()?;
                }
                self.operand = false;
            }
            _ => self.at += 1,
        }
        Ok(())
    }

    /// A `:` that belongs directly to a replacement field starts its format spec.
    fn field_spec(&mut self) {
        if self.brackets.last() == Some(&b'f')
            && let Some(top) = self.fstrings.last_mut()
        {
            top.text = true;
        }
    }

    fn string(&mut self, formatted: bool, raw: bool) -> Result<()> {
        let quote = self.peek(0);
        let triple = self.peek(1) == quote && self.peek(2) == quote;
        self.at += if triple { 3 } else { 1 };
        if formatted {
            if self.fstrings.len() >= MAX_FSTRINGS {
                return Err(self.error(ErrorKind::Syntax, "too many nested f-strings or t-strings"));
            }
            let base = self.brackets.len();
            self.fstrings.push(FString { quote, triple, raw, base, text: true });
            return Ok(());
        }
        while self.at < self.text.len() {
            let byte = self.text[self.at];
            if byte == b'\\' {
                self.at += 2;
                continue;
            }
            if byte == b'\n' && !triple {
                break;
            }
            if byte == quote && (!triple || (self.peek(1) == quote && self.peek(2) == quote)) {
                self.at += if triple { 3 } else { 1 };
                break;
            }
            self.at += 1;
        }
        self.operand = true;
        Ok(())
    }

    /// Literal text of the innermost f-string, or of its format spec.
    fn fstring_text(&mut self) -> Result<()> {
        let Some(&top) = self.fstrings.last() else { return Ok(()) };
        while self.at < self.text.len() {
            let byte = self.text[self.at];
            match byte {
                b'\\' if !top.raw && self.peek(1) == b'N' && self.peek(2) == b'{' => self.at += 3,
                b'\\' if matches!(self.peek(1), b'{' | b'}') => self.at += 1,
                b'\\' => self.at += 2,
                b'{' if self.peek(1) == b'{' && self.brackets.len() == top.base => self.at += 2,
                b'{' => {
                    if let Some(top) = self.fstrings.last_mut() {
                        top.text = false;
                    }
                    self.open(b'f')?;
                    self.at += 1;
                    return Ok(());
                }
                b'}' if self.brackets.len() > top.base => {
                    self.close();
                    self.at += 1;
                    return Ok(());
                }
                b'\n' if !top.triple => {
                    // Unterminated: the parser will say so.
                    self.fstrings.pop();
                    return Ok(());
                }
                _ if byte == top.quote
                    && (!top.triple
                        || (self.peek(1) == top.quote && self.peek(2) == top.quote)) =>
                {
                    self.at += if top.triple { 3 } else { 1 };
                    self.fstrings.pop();
                    self.operand = true;
                    return Ok(());
                }
                _ => self.at += 1,
            }
        }
        Ok(())
    }
}

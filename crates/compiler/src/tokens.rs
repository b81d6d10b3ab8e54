//! Tokens of a source text exactly as CPython's tokenizer gives them: for `_tokenize` and for type
//! comments. The parser has a lexer of its own; this one serves programs that look at tokens.
//!
//! With `extra` there are comments, blank lines and exact newlines, operators share one kind, and
//! fewer texts are errors. Columns count characters. CPython's counterpart: `Parser/lexer/lexer.c`
//! and `Python/Python-tokenize.c`.

use std::ops::Range;

use stackless_primitives::unicode;

use crate::error::ErrorKind;

/// Token numbers of `token.py`.
pub mod kind {
    pub const ENDMARKER: u8 = 0;
    pub const NAME: u8 = 1;
    pub const NUMBER: u8 = 2;
    pub const STRING: u8 = 3;
    pub const NEWLINE: u8 = 4;
    pub const INDENT: u8 = 5;
    pub const DEDENT: u8 = 6;
    pub const COLON: u8 = 11;
    pub const DOT: u8 = 23;
    pub const ELLIPSIS: u8 = 52;
    pub const OP: u8 = 55;
    pub const FSTRING_START: u8 = 59;
    pub const FSTRING_MIDDLE: u8 = 60;
    pub const FSTRING_END: u8 = 61;
    pub const TSTRING_START: u8 = 62;
    pub const TSTRING_MIDDLE: u8 = 63;
    pub const TSTRING_END: u8 = 64;
    pub const COMMENT: u8 = 65;
    pub const NL: u8 = 66;
}
use kind::*;

/// Operators of one, two and three characters with their numbers; longer ones first.
const OPERATORS: &[(&str, u8)] = &[
    ("**=", 46),
    ("//=", 48),
    ("<<=", 44),
    (">>=", 45),
    ("...", 52),
    ("!=", 28),
    ("%=", 40),
    ("&=", 41),
    ("**", 35),
    ("*=", 38),
    ("+=", 36),
    ("-=", 37),
    ("->", 51),
    ("//", 47),
    ("/=", 39),
    (":=", 53),
    ("<<", 33),
    ("<=", 29),
    ("<>", 28),
    ("==", 27),
    (">=", 30),
    (">>", 34),
    ("@=", 50),
    ("^=", 43),
    ("|=", 42),
    ("!", 54),
    ("%", 24),
    ("&", 19),
    ("(", 7),
    (")", 8),
    ("*", 16),
    ("+", 14),
    (",", 12),
    ("-", 15),
    (".", 23),
    ("/", 17),
    (":", 11),
    (";", 13),
    ("<", 20),
    ("=", 22),
    (">", 21),
    ("@", 49),
    ("[", 9),
    ("]", 10),
    ("^", 32),
    ("{", 25),
    ("|", 18),
    ("}", 26),
    ("~", 31),
];

const MAX_INDENT: usize = 100;
const MAX_LEVEL: usize = 200;
const MAX_STRINGS: usize = 150;
const MAX_FIELDS: i32 = 3;

#[derive(Clone, Debug)]
pub struct Token {
    pub kind: u8,
    pub text: Text,
    /// Line and column; the column is -1 where the token has no text of its own.
    pub start: (u32, i64),
    pub end: (u32, i64),
    /// The physical lines it stands on, in the source.
    pub line: Range<usize>,
}

#[derive(Clone, Debug)]
pub enum Text {
    Source(Range<usize>),
    Fixed(&'static str),
}

/// Why there are no more tokens.
#[derive(Clone, Debug)]
pub struct TokenError {
    pub kind: ErrorKind,
    pub message: String,
    pub lineno: u32,
    pub offset: i64,
    pub text: String,
    /// Ends of the location; None where CPython gives None.
    pub end: Option<(u32, i64)>,
}

pub struct Tokens {
    pub tokens: Vec<Token>,
    pub error: Option<TokenError>,
    /// The source, with a newline added where the last one was missing.
    pub source: String,
}

struct StringMode {
    quote: u8,
    size: usize,
    template: bool,
    raw: bool,
    /// Reading text (or a format spec), not an expression.
    in_text: bool,
    in_spec: bool,
    brackets: i32,
    /// Bracket depth at which the innermost field began; -1 outside fields.
    field: i32,
    first_line: u32,
    line_start: usize,
    start: usize,
}

struct Lexer<'a> {
    text: &'a [u8],
    extra: bool,
    /// The newline at the end of the text is not the source's.
    implicit: bool,
    at: usize,
    line: u32,
    line_start: usize,
    /// End of the line that was read last.
    read: usize,
    multi_start: usize,
    first_line: u32,
    start: usize,
    indents: Vec<(usize, usize)>,
    pending: i32,
    at_line_start: bool,
    blank: bool,
    comment_newline: bool,
    brackets: Vec<(u8, u32)>,
    strings: Vec<StringMode>,
    ended: bool,
}

type Lexed = Result<(u8, Option<Range<usize>>), Box<TokenError>>;

fn is_name_start(c: u8) -> bool {
    c.is_ascii_alphabetic() || c == b'_' || c >= 128
}

fn is_name(c: u8) -> bool {
    is_name_start(c) || c.is_ascii_digit()
}

/// All tokens of `source`, up to the first error.
#[must_use]
pub fn tokenize(source: &str, extra: bool) -> Tokens {
    let implicit = !source.is_empty() && !source.ends_with('\n');
    let mut text = String::with_capacity(source.len() + 1);
    text.push_str(source);
    if implicit {
        text.push('\n');
    }
    let mut lexer = Lexer {
        text: text.as_bytes(),
        extra,
        implicit,
        at: 0,
        line: 0,
        line_start: 0,
        read: 0,
        multi_start: 0,
        first_line: 0,
        start: 0,
        indents: vec![(0, 0)],
        pending: 0,
        at_line_start: true,
        blank: false,
        comment_newline: false,
        brackets: Vec::new(),
        strings: Vec::new(),
        ended: false,
    };
    let (tokens, error) = lexer.all();
    Tokens { tokens, error, source: text }
}

impl Lexer<'_> {
    fn all(&mut self) -> (Vec<Token>, Option<TokenError>) {
        let mut out: Vec<Token> = Vec::new();
        if self.text.is_empty() && !self.extra {
            return (out, None);
        }
        // CPython decodes a line once and keeps it while the number of the line stays.
        let mut last: (u32, Range<usize>) = (0, 0..0);
        loop {
            let (mut kind, range) = match self.token() {
                Ok(found) => found,
                Err(error) => return (out, Some(*error)),
            };
            let done = kind == ENDMARKER;
            let is_string = matches!(kind, STRING | FSTRING_START..=TSTRING_END);
            let trailing = done || kind == DEDENT && self.ended;
            let last_line = self.implicit && self.read == self.text.len();
            let line_start = if is_string { self.multi_start } else { self.line_start };
            let line = if self.extra && trailing {
                0..0
            } else if self.line == last.0 {
                last.1.clone()
            } else {
                let cut = usize::from(last_line && self.read > line_start);
                line_start..(self.read - cut).max(line_start)
            };
            let first = if is_string { self.first_line } else { self.line };
            if !(self.extra && trailing) {
                last = (first, line.clone());
            }
            let mut start = (first, -1);
            let mut end = (self.line, -1);
            if let Some(r) = &range {
                if r.start >= line_start {
                    start.1 = self.chars(line_start, r.start);
                }
                if r.end >= self.line_start {
                    end.1 = self.chars(self.line_start, r.end);
                }
            }
            let mut text = range.map_or(Text::Fixed(""), Text::Source);
            if self.extra {
                if trailing {
                    start = (self.line + 1, 0);
                    end = start;
                }
                match kind {
                    7..=54 => kind = OP,
                    NEWLINE => {
                        text = Text::Fixed(match self.text.get(self.start) {
                            _ if last_line => "",
                            Some(b'\r') => "\r\n",
                            _ => "\n",
                        });
                        end.1 += 1;
                    }
                    NL if last_line => text = Text::Fixed(""),
                    _ => {}
                }
            }
            out.push(Token { kind, text, start, end, line });
            if done {
                return (out, None);
            }
        }
    }

    fn chars(&self, from: usize, to: usize) -> i64 {
        // Bytes that do not continue a character.
        let count = self.text[from..to].iter().filter(|&&b| b & 0xc0 != 0x80).count();
        i64::try_from(count).unwrap_or(i64::MAX)
    }

    // Characters.

    /// The next byte; None at the end. Crossing into a new line moves the line marks.
    fn next(&mut self) -> Option<u8> {
        if self.at == self.read {
            if self.at == self.text.len() {
                if !self.ended {
                    self.ended = true;
                    self.line_start = self.at;
                }
                return None;
            }
            self.line_start = self.at;
            self.line += 1;
            let rest = &self.text[self.at..];
            let len = rest.iter().position(|&b| b == b'\n').map_or(rest.len(), |p| p + 1);
            self.read = self.at + len;
        }
        self.at += 1;
        Some(self.text[self.at - 1])
    }

    fn back(&mut self, c: Option<u8>) {
        if c.is_some() {
            self.at -= 1;
        }
    }

    fn peek(&mut self) -> Option<u8> {
        let c = self.next();
        self.back(c);
        c
    }

    // Errors.

    /// At the last character read, with the text of its line.
    fn error<T>(&self, message: impl Into<String>) -> Result<T, Box<TokenError>> {
        self.error_at(message, None)
    }

    fn error_at<T>(
        &self,
        message: impl Into<String>,
        col: Option<i64>,
    ) -> Result<T, Box<TokenError>> {
        let rest = &self.text[self.line_start..];
        let len = rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len());
        let offset =
            col.unwrap_or_else(|| self.chars(self.line_start, self.at.max(self.line_start)));
        Err(Box::new(TokenError {
            kind: ErrorKind::Syntax,
            message: message.into(),
            lineno: self.line,
            offset,
            text: String::from_utf8_lossy(&rest[..len]).into_owned(),
            end: Some((self.line, offset)),
        }))
    }

    /// One of the tokenizer's own states: at the end of what was read.
    fn state<T>(&self, kind: ErrorKind, message: &str) -> Result<T, Box<TokenError>> {
        let start = self.line_start.min(self.read);
        let line = &self.text[start..self.read];
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        Err(Box::new(TokenError {
            kind,
            message: message.into(),
            lineno: self.line,
            offset: self.chars(start, self.read),
            text: String::from_utf8_lossy(line).into_owned(),
            end: None,
        }))
    }

    fn unexpected_end<T>(&self) -> Result<T, Box<TokenError>> {
        let mut error =
            match self.state::<()>(ErrorKind::Syntax, "unexpected EOF in multi-line statement") {
                Err(error) => error,
                Ok(()) => unreachable!("`state` gives an error"),
            };
        error.offset = 0;
        error.text = String::new();
        Err(error)
    }

    // Tokens.

    fn token(&mut self) -> Lexed {
        match self.strings.last() {
            Some(mode) if mode.in_text => self.string_text(),
            _ => self.plain(),
        }
    }

    fn made(&self, kind: u8) -> Lexed {
        Ok((kind, Some(self.start..self.at)))
    }

    /// The rest of a line continuation, whose backslash was read.
    fn continuation(&mut self) -> Result<(), Box<TokenError>> {
        let mut c = self.next();
        if c == Some(b'\r') {
            c = self.next();
        }
        if c != Some(b'\n') {
            return self.state(
                ErrorKind::Syntax,
                "unexpected character after line continuation character",
            );
        }
        let c = self.next();
        if c.is_none() {
            return self.unexpected_end();
        }
        self.back(c);
        Ok(())
    }

    fn indentation(&mut self) -> Result<(), Box<TokenError>> {
        let (mut col, mut alt, mut continued) = (0usize, 0usize, 0usize);
        self.at_line_start = false;
        let c = loop {
            let c = self.next();
            match c {
                Some(b' ') => {
                    col += 1;
                    alt += 1;
                }
                Some(b'\t') => {
                    col = (col / 8 + 1) * 8;
                    alt += 1;
                }
                Some(b'\x0c') => (col, alt) = (0, 0),
                Some(b'\\') => {
                    continued = if continued == 0 { col } else { continued };
                    self.continuation()?;
                }
                c => break c,
            }
        };
        self.back(c);
        if matches!(c, Some(b'#' | b'\n' | b'\r')) {
            self.blank = true;
        }
        if self.blank || !self.brackets.is_empty() {
            return Ok(());
        }
        if continued != 0 {
            (col, alt) = (continued, continued);
        }
        let top = self.indents.last().copied().unwrap_or((0, 0));
        let mixed = |lexer: &Self| {
            lexer.state(ErrorKind::Tab, "inconsistent use of tabs and spaces in indentation")
        };
        if col == top.0 {
            if alt != top.1 {
                return mixed(self);
            }
        } else if col > top.0 {
            if self.indents.len() >= MAX_INDENT {
                return self.state(ErrorKind::Indentation, "too many levels of indentation");
            }
            if alt <= top.1 {
                return mixed(self);
            }
            self.pending += 1;
            self.indents.push((col, alt));
        } else {
            while self.indents.len() > 1 && self.indents.last().is_some_and(|top| col < top.0) {
                self.pending -= 1;
                self.indents.pop();
            }
            let top = self.indents.last().copied().unwrap_or((0, 0));
            if col != top.0 {
                return self.state(
                    ErrorKind::Indentation,
                    "unindent does not match any outer indentation level",
                );
            }
            if alt != top.1 {
                return mixed(self);
            }
        }
        Ok(())
    }

    fn plain(&mut self) -> Lexed {
        loop {
            self.blank = false;
            if self.at_line_start {
                self.indentation()?;
            }
            self.start = self.at;
            if self.pending < 0 {
                self.pending += 1;
                return Ok((DEDENT, self.extra.then_some(self.at..self.at)));
            }
            if self.pending > 0 {
                self.pending -= 1;
                return Ok((INDENT, self.extra.then_some(self.line_start..self.at)));
            }
            // Continuation lines come back here.
            loop {
                let mut c = self.next();
                while matches!(c, Some(b' ' | b'\t' | b'\x0c')) {
                    c = self.next();
                }
                self.start = self.at - usize::from(c.is_some());
                if c == Some(b'#') {
                    while !matches!(c, None | Some(b'\n' | b'\r')) {
                        c = self.next();
                    }
                    if self.extra {
                        self.back(c);
                        self.comment_newline = self.blank;
                        return self.made(COMMENT);
                    }
                }
                let Some(byte) = c else {
                    if !self.brackets.is_empty() {
                        return self.unexpected_end();
                    }
                    return Ok((ENDMARKER, None));
                };
                if is_name_start(byte) {
                    return self.name(byte);
                }
                let byte = match byte {
                    b'\r' => match self.next() {
                        Some(next) => next,
                        None => return Ok((ENDMARKER, None)),
                    },
                    byte => byte,
                };
                match byte {
                    b'\n' => {
                        self.at_line_start = true;
                        if self.blank || !self.brackets.is_empty() {
                            self.comment_newline = false;
                            if self.extra {
                                return self.made(NL);
                            }
                            break;
                        }
                        if self.comment_newline && self.extra {
                            self.comment_newline = false;
                            return self.made(NL);
                        }
                        return Ok((NEWLINE, Some(self.start..self.at - 1)));
                    }
                    b'.' if self.peek().is_some_and(|c| c.is_ascii_digit()) => {
                        let c = self.next();
                        return self.fraction(c);
                    }
                    b'0'..=b'9' => return self.number(byte),
                    b'\'' | b'"' => return self.string(byte),
                    b'\\' => {
                        self.continuation()?;
                    }
                    byte => return self.operator(byte),
                }
            }
        }
    }

    // Names.

    fn name(&mut self, first: u8) -> Lexed {
        let mut seen: Vec<u8> = Vec::new();
        let mut c = Some(first);
        while let Some(byte) = c {
            let lower = byte.to_ascii_lowercase();
            if !b"burft".contains(&lower) || seen.contains(&lower) {
                break;
            }
            seen.push(lower);
            c = self.next();
            if let Some(quote @ (b'"' | b'\'')) = c {
                for (a, b) in ["ub", "ur", "uf", "ut", "bf", "bt", "ft"].map(|p| p.split_at(1)) {
                    if seen.contains(&a.as_bytes()[0]) && seen.contains(&b.as_bytes()[0]) {
                        let from = self.chars(self.line_start, self.start) + 1;
                        let mut error =
                            self.error::<()>(format!("'{a}' and '{b}' prefixes are incompatible"));
                        if let Err(e) = &mut error {
                            let to = self.chars(self.line_start, self.at);
                            e.offset = from;
                            e.end = Some((self.line, to));
                        }
                        return error.map(|()| (NAME, None));
                    }
                }
                if seen.contains(&b'f') || seen.contains(&b't') {
                    return self.string_start(quote, seen.contains(&b't'), seen.contains(&b'r'));
                }
                return self.string(quote);
            }
        }
        let mut ascii = true;
        while let Some(byte) = c {
            if !is_name(byte) {
                break;
            }
            ascii &= byte < 128;
            c = self.next();
        }
        self.back(c);
        if !ascii && !self.extra {
            self.check_name()?;
        }
        self.made(NAME)
    }

    fn check_name(&mut self) -> Result<(), Box<TokenError>> {
        let bytes = self.text;
        let text = std::str::from_utf8(&bytes[self.start..self.at]).unwrap_or_default();
        let bad = text.char_indices().find(|&(i, c)| {
            !if i == 0 {
                unicode::is_xid_start(c.into())
            } else {
                unicode::is_xid_continue(c.into())
            }
        });
        let Some((at, c)) = bad else { return Ok(()) };
        self.at = self.start + at + c.len_utf8();
        let code = u32::from(c);
        if unicode::is_printable(code) {
            self.error(format!("invalid character '{c}' (U+{code:04X})"))
        } else {
            self.error(format!("invalid non-printable character U+{code:04X}"))
        }
    }

    // Numbers.

    fn bad_number<T>(&mut self, c: Option<u8>, message: &str) -> Result<T, Box<TokenError>> {
        self.back(c);
        self.error(message)
    }

    /// A keyword may follow a number at once; nothing else that looks like a name may.
    fn end_of_number(&mut self, c: Option<u8>, what: &str) -> Lexed {
        if !self.extra
            && let Some(byte) = c
        {
            let follows =
                |lexer: &Self, rest: &str| lexer.text[lexer.at..].starts_with(rest.as_bytes());
            let keyword = match byte {
                b'a' => follows(self, "nd"),
                b'e' => follows(self, "lse"),
                b'f' => follows(self, "or"),
                b'i' => follows(self, "f") || follows(self, "n") || follows(self, "s"),
                b'n' => follows(self, "ot"),
                b'o' => follows(self, "r"),
                _ => false,
            };
            if !keyword && byte < 128 && is_name(byte) {
                self.back(c);
                return self.error(format!("invalid {what} literal"));
            }
        }
        self.back(c);
        self.made(NUMBER)
    }

    /// Digits with single underscores between them; gives what follows.
    fn decimals(&mut self) -> Result<Option<u8>, Box<TokenError>> {
        loop {
            let mut c = self.next();
            while c.is_some_and(|b| b.is_ascii_digit()) {
                c = self.next();
            }
            if c != Some(b'_') {
                return Ok(c);
            }
            let c = self.next();
            if !c.is_some_and(|b| b.is_ascii_digit()) {
                return self.bad_number(c, "invalid decimal literal");
            }
        }
    }

    fn number(&mut self, first: u8) -> Lexed {
        if first != b'0' {
            let c = self.decimals()?;
            return self.after_digits(c);
        }
        let mut c = self.next();
        let (what, digit): (_, fn(u8) -> bool) = match c {
            Some(b'x' | b'X') => ("hexadecimal", |b| b.is_ascii_hexdigit()),
            Some(b'o' | b'O') => ("octal", |b| matches!(b, b'0'..=b'7')),
            Some(b'b' | b'B') => ("binary", |b| matches!(b, b'0' | b'1')),
            _ => {
                let mut nonzero = false;
                loop {
                    if c == Some(b'_') {
                        c = self.next();
                        if !c.is_some_and(|b| b.is_ascii_digit()) {
                            return self.bad_number(c, "invalid decimal literal");
                        }
                    }
                    if c != Some(b'0') {
                        break;
                    }
                    c = self.next();
                }
                let zeros_end = self.at;
                if c.is_some_and(|b| b.is_ascii_digit()) {
                    nonzero = true;
                    c = self.decimals()?;
                }
                if nonzero && !matches!(c, Some(b'.' | b'e' | b'E' | b'j' | b'J')) && !self.extra {
                    self.back(c);
                    let from = self.chars(self.line_start, self.start) + 1;
                    let to = self.chars(self.line_start, zeros_end);
                    let error = self.error_at(
                        "leading zeros in decimal integer literals are not permitted; use an 0o \
                         prefix for octal integers",
                        Some(from),
                    );
                    return error.map_err(|mut e: Box<TokenError>| {
                        e.end = Some((self.line, to));
                        e
                    });
                }
                return self.after_digits(c);
            }
        };
        c = self.next();
        loop {
            if c == Some(b'_') {
                c = self.next();
            }
            if !c.is_some_and(digit) {
                if let Some(b) = c
                    && b.is_ascii_digit()
                {
                    return self
                        .error(format!("invalid digit '{}' in {what} literal", char::from(b)));
                }
                return self.bad_number(c, &format!("invalid {what} literal"));
            }
            while c.is_some_and(digit) {
                c = self.next();
            }
            if c != Some(b'_') {
                break;
            }
        }
        if let Some(b) = c
            && b.is_ascii_digit()
        {
            return self.error(format!("invalid digit '{}' in {what} literal", char::from(b)));
        }
        self.end_of_number(c, what)
    }

    fn after_digits(&mut self, c: Option<u8>) -> Lexed {
        match c {
            Some(b'.') => {
                let c = self.next();
                self.fraction(c)
            }
            c => self.exponent(c, "decimal"),
        }
    }

    fn fraction(&mut self, c: Option<u8>) -> Lexed {
        if c.is_some_and(|b| b.is_ascii_digit()) {
            let c = self.decimals()?;
            return self.exponent(c, "decimal");
        }
        self.exponent(c, "decimal")
    }

    fn exponent(&mut self, c: Option<u8>, what: &str) -> Lexed {
        let mut c = c;
        if let Some(b'e' | b'E') = c {
            let e = c;
            c = self.next();
            if let Some(b'+' | b'-') = c {
                let sign = c;
                c = self.next();
                if !c.is_some_and(|b| b.is_ascii_digit()) {
                    let _ = sign;
                    return self.bad_number(c, "invalid decimal literal");
                }
            } else if !c.is_some_and(|b| b.is_ascii_digit()) {
                self.back(c);
                return self.end_of_number(e, what);
            }
            c = self.decimals()?;
        }
        if let Some(b'j' | b'J') = c {
            c = self.next();
            return self.end_of_number(c, "imaginary");
        }
        self.end_of_number(c, what)
    }

    // Strings.

    fn string(&mut self, quote: u8) -> Lexed {
        self.first_line = self.line;
        self.multi_start = self.line_start;
        let mut size = 1;
        let mut ending = 0;
        let mut escaped_quote = false;
        let mut c = self.next();
        if c == Some(quote) {
            c = self.next();
            if c == Some(quote) {
                size = 3;
            } else {
                ending = 1;
            }
        }
        if c != Some(quote) {
            self.back(c);
        }
        while ending != size {
            let c = self.next();
            match c {
                None => return self.unterminated(size, escaped_quote, "string literal"),
                Some(b'\n') if size == 1 => {
                    return self.unterminated(size, escaped_quote, "string literal");
                }
                Some(b) if b == quote => ending += 1,
                Some(b'\\') => {
                    ending = 0;
                    let next = self.next();
                    escaped_quote |= next == Some(quote);
                    if next == Some(b'\r') {
                        self.next();
                    }
                }
                Some(_) => ending = 0,
            }
        }
        self.made(STRING)
    }

    fn unterminated(&mut self, size: usize, escaped_quote: bool, what: &str) -> Lexed {
        let last = self.line;
        self.at = self.start + 1;
        self.line_start = self.multi_start;
        self.line = self.first_line;
        let what = if size == 3 { format!("triple-quoted {what}") } else { what.to_string() };
        let tail =
            if escaped_quote && size == 1 { "; perhaps you escaped the end quote?" } else { "" };
        self.error(format!("unterminated {what} (detected at line {last}){tail}"))
    }

    fn string_start(&mut self, quote: u8, template: bool, raw: bool) -> Lexed {
        self.first_line = self.line;
        self.multi_start = self.line_start;
        let mut size = 1;
        let c = self.next();
        if c == Some(quote) {
            let after = self.next();
            if after == Some(quote) {
                size = 3;
            } else {
                self.back(after);
                self.back(c);
            }
        } else {
            self.back(c);
        }
        if self.strings.len() + 1 >= MAX_STRINGS {
            return self.error("too many nested f-strings or t-strings");
        }
        self.strings.push(StringMode {
            quote,
            size,
            template,
            raw,
            in_text: true,
            in_spec: false,
            brackets: 0,
            field: -1,
            first_line: self.line,
            line_start: self.line_start,
            start: self.start,
        });
        self.made(if template { TSTRING_START } else { FSTRING_START })
    }

    fn mode(&mut self) -> Option<&mut StringMode> {
        self.strings.last_mut()
    }

    fn letter(&self) -> char {
        if self.strings.last().is_some_and(|m| m.template) { 't' } else { 'f' }
    }

    /// Enters a field's expression.
    fn enter_field(&mut self) -> Result<(), Box<TokenError>> {
        let letter = self.letter();
        let Some(mode) = self.mode() else { return Ok(()) };
        mode.field += 1;
        mode.in_text = false;
        if mode.field >= MAX_FIELDS {
            return self.error(format!("{letter}-string: expressions nested too deeply"));
        }
        Ok(())
    }

    fn string_text(&mut self) -> Lexed {
        self.start = self.at;
        self.first_line = self.line;
        let Some(mode) = self.strings.last() else { return self.plain() };
        let (quote, size, raw) = (mode.quote, mode.size, mode.raw);
        let (middle, last) = if mode.template {
            (TSTRING_MIDDLE, TSTRING_END)
        } else {
            (FSTRING_MIDDLE, FSTRING_END)
        };
        let first = self.next();
        if first == Some(b'{') {
            let second = self.peek();
            self.back(first);
            if second != Some(b'{') {
                self.enter_field()?;
                return self.plain();
            }
        } else {
            self.back(first);
        }
        if self.text[self.at..].len() >= size
            && self.text[self.at..self.at + size].iter().all(|&b| b == quote)
        {
            for _ in 0..size {
                self.next();
            }
            self.strings.pop();
            self.multi_start = self.line_start;
            return self.made(last);
        }
        self.multi_start = self.line_start;
        let mut ending = 0;
        let mut named = false;
        while ending != size {
            let c = self.next();
            let in_spec = match self.mode() {
                Some(mode) => {
                    mode.in_spec &= mode.field >= 0;
                    mode.in_spec
                }
                None => false,
            };
            match c {
                None => return self.unterminated_text(size),
                Some(b'\n') if size == 1 => {
                    if in_spec {
                        let letter = self.letter();
                        return self.error(format!(
                            "{letter}-string: newlines are not allowed in format specifiers for \
                             single quoted {letter}-strings"
                        ));
                    }
                    return self.unterminated_text(size);
                }
                Some(b) if b == quote => {
                    ending += 1;
                    continue;
                }
                Some(b'{') => {
                    let peek = self.next();
                    if peek != Some(b'{') || in_spec {
                        self.back(peek);
                        self.back(c);
                        self.enter_field()?;
                        return self.made(middle);
                    }
                    return Ok((middle, Some(self.start..self.at - 1)));
                }
                Some(b'}') => {
                    if named {
                        return self.made(middle);
                    }
                    let peek = self.next();
                    let depth = self.strings.last().map_or(0, |m| m.brackets);
                    if peek == Some(b'}') && !in_spec && depth == 0 {
                        return Ok((middle, Some(self.start..self.at - 1)));
                    }
                    self.back(peek);
                    self.back(c);
                    if let Some(mode) = self.mode() {
                        mode.in_text = false;
                    }
                    return self.made(middle);
                }
                Some(b'\\') => {
                    let mut peek = self.next();
                    if peek == Some(b'\r') {
                        peek = self.next();
                    }
                    match peek {
                        Some(b'{' | b'}') => self.back(peek),
                        Some(b'N') if !raw => {
                            let open = self.next();
                            if open == Some(b'{') {
                                named = true;
                            } else {
                                self.back(open);
                            }
                        }
                        _ => {}
                    }
                }
                Some(_) => {}
            }
            ending = 0;
        }
        self.at -= size;
        self.made(middle)
    }

    fn unterminated_text(&mut self, size: usize) -> Lexed {
        let last = self.line;
        let Some(mode) = self.strings.last() else { return self.error("unterminated string") };
        let (line, line_start, start) = (mode.first_line, mode.line_start, mode.start);
        let letter = self.letter();
        self.line = line;
        self.line_start = line_start;
        self.at = start + 1;
        self.error(if size == 3 {
            format!("unterminated triple-quoted {letter}-string literal (detected at line {last})")
        } else {
            format!("unterminated {letter}-string literal (detected at line {last})")
        })
    }

    // Operators.

    fn operator(&mut self, byte: u8) -> Lexed {
        let extra = self.extra;
        if matches!(byte, b':' | b'}' | b'!' | b'{')
            && let Some(mode) = self.strings.last_mut()
            && mode.field >= 0
        {
            let depth = mode.brackets - i32::from(byte != b'{');
            if byte == b':' && depth == mode.field {
                mode.in_text = true;
                mode.in_spec = true;
                return self.made(COLON);
            }
        }
        let rest = &self.text[self.at - 1..self.read];
        let found = OPERATORS.iter().find(|&&(op, _)| {
            op.len() > 1 && rest.starts_with(op.as_bytes()) && !(extra && op == "<>")
        });
        if let Some(&(op, kind)) = found {
            self.at += op.len() - 1;
            return self.made(kind);
        }
        let letter = self.letter();
        match byte {
            b'(' | b'[' | b'{' => {
                if self.brackets.len() >= MAX_LEVEL {
                    return self.error("too many nested parentheses");
                }
                self.brackets.push((byte, self.line));
                if let Some(mode) = self.mode() {
                    mode.brackets += 1;
                }
            }
            b')' | b']' | b'}' => {
                let close = char::from(byte);
                if byte == b'}' && self.strings.last().is_some_and(|m| m.brackets == 0) {
                    return self.error(format!("{letter}-string: single '}}' is not allowed"));
                }
                if !extra && self.brackets.is_empty() {
                    return self.error(format!("unmatched '{close}'"));
                }
                if let Some((open, line)) = self.brackets.pop() {
                    let fits = matches!((open, byte), (b'(', b')') | (b'[', b']') | (b'{', b'}'));
                    if !extra && !fits {
                        if open == b'{'
                            && let Some(mode) = self.strings.last()
                        {
                            let depth = mode.brackets - 1;
                            if depth == mode.field {
                                return self.error(format!("{letter}-string: unmatched '{close}'"));
                            }
                        }
                        let open = char::from(open);
                        return self.error(if line == self.line {
                            format!(
                                "closing parenthesis '{close}' does not match opening parenthesis \
                                 '{open}'"
                            )
                        } else {
                            format!(
                                "closing parenthesis '{close}' does not match opening parenthesis \
                                 '{open}' on line {line}"
                            )
                        });
                    }
                }
                if let Some(mode) = self.mode() {
                    mode.brackets -= 1;
                    if mode.brackets < 0 {
                        return self.error(format!("{letter}-string: unmatched '{close}'"));
                    }
                    if byte == b'}' && mode.brackets == mode.field {
                        mode.field -= 1;
                        mode.in_text = true;
                        mode.in_spec = false;
                    }
                }
            }
            _ => {}
        }
        if byte < 32 || byte == 127 {
            return self.error(format!("invalid non-printable character U+{byte:04X}"));
        }
        let kind = OPERATORS.iter().find(|(op, _)| op.as_bytes() == [byte]).map_or(OP, |op| op.1);
        self.made(kind)
    }
}

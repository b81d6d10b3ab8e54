//! Bytes to text: BOM, PEP 263 cookie, NUL check, newline translation.
//!
//! Codecs other than UTF-8, Latin-1 and ASCII may be Python code, so they are the runtime's:
//! [`decode`] then answers [`Decoded::NeedsCodec`] and the runtime comes back with
//! [`Source::from_decoded`]. CPython counterpart: `Parser/tokenizer/`.

use crate::error::{ErrorKind, Result, SyntaxError};

/// Source text: newlines are `\n`, there is no NUL, no BOM.
#[derive(Clone, Debug)]
pub struct Source {
    pub text: String,
    /// Name of the declared encoding (None: a str, or UTF-8 by default).
    pub encoding: Option<String>,
}

pub enum Decoded {
    Text(Source),
    /// `body` (after any BOM) has to be decoded by the codec `name`.
    NeedsCodec {
        name: String,
        body: Vec<u8>,
    },
}

/// Whether the bytes came from a file (the error texts name it) or from `compile()`.
#[derive(Clone, Copy)]
pub enum Origin<'a> {
    File(&'a str),
    Memory,
}

impl Source {
    /// From a `str` object.
    #[expect(clippy::should_implement_trait, reason = "one constructor of several")]
    pub fn from_str(text: &str) -> Result<Source> {
        Self::from_decoded(text, None, Origin::Memory)
    }

    pub fn from_decoded(
        text: &str,
        encoding: Option<String>,
        origin: Origin<'_>,
    ) -> Result<Source> {
        if let Some(at) = text.bytes().position(|b| b == 0) {
            return Err(nul_error(text.as_bytes(), at, origin));
        }
        Ok(Source { text: translate_newlines(text), encoding })
    }
}

fn nul_error(bytes: &[u8], at: usize, origin: Origin<'_>) -> Box<SyntaxError> {
    match origin {
        Origin::Memory => {
            SyntaxError::bare(ErrorKind::Syntax, "source code string cannot contain null bytes")
        }
        Origin::File(_) => {
            let mut error =
                SyntaxError::bare(ErrorKind::Syntax, "source code cannot contain null bytes");
            let start = bytes[..at].iter().rposition(|&b| b == b'\n').map_or(0, |p| p + 1);
            error.lineno = line_of(bytes, at);
            error.text = Some(String::from_utf8_lossy(&bytes[start..at]).into_owned());
            error
        }
    }
}

fn line_of(bytes: &[u8], at: usize) -> u32 {
    let newlines = bytes[..at].iter().filter(|&&b| b == b'\n').count();
    u32::try_from(newlines).unwrap_or(u32::MAX - 1) + 1
}

fn translate_newlines(text: &str) -> String {
    if !text.contains('\r') {
        return text.to_owned();
    }
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// Decodes source bytes.
pub fn decode(bytes: &[u8], origin: Origin<'_>) -> Result<Decoded> {
    let (bom, body) = match bytes.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => (true, rest),
        None => (false, bytes),
    };
    if let Some(at) = body.iter().position(|&b| b == 0) {
        return Err(nul_error(body, at, origin));
    }
    let cookie = find_cookie(body);
    if bom
        && let Some((name, line)) = &cookie
        && name != "utf-8"
    {
        let message = match origin {
            Origin::File(file) => format!("encoding problem: {name} with BOM in file {file}"),
            Origin::Memory => format!("encoding problem: {name} with BOM"),
        };
        let mut error = SyntaxError::bare(ErrorKind::Syntax, message);
        let text = body.split(|&b| b == b'\n').nth(*line as usize - 1).unwrap_or_default();
        let text = String::from_utf8_lossy(text).into_owned();
        error.lineno = *line;
        error.end_lineno = *line;
        error.end_col = u32::try_from(text.chars().count()).unwrap_or(0);
        error.text = Some(text);
        return Err(error);
    }
    match cookie.map(|(name, _)| name) {
        Some(name) if name == "iso-8859-1" => {
            let text: String = body.iter().map(|&b| char::from(b)).collect();
            Ok(Decoded::Text(Source::from_decoded(&text, Some(name), origin)?))
        }
        Some(name) if is_ascii_name(&name) => {
            if let Some(at) = body.iter().position(|b| !b.is_ascii()) {
                return Err(SyntaxError::bare(
                    ErrorKind::Syntax,
                    format!(
                        "'ascii' codec can't decode byte 0x{:02x} in position {at}: ordinal not in range(128)",
                        body[at]
                    ),
                ));
            }
            let text = String::from_utf8_lossy(body);
            Ok(Decoded::Text(Source::from_decoded(&text, Some(name), origin)?))
        }
        Some(name) if name != "utf-8" => Ok(Decoded::NeedsCodec { name, body: body.to_vec() }),
        cookie => match std::str::from_utf8(body) {
            Ok(text) => Ok(Decoded::Text(Source::from_decoded(text, cookie, origin)?)),
            Err(bad) => Err(not_utf8(body, bad.valid_up_to(), origin)),
        },
    }
}

fn is_ascii_name(name: &str) -> bool {
    matches!(name.to_ascii_lowercase().replace('_', "-").as_str(), "ascii" | "us-ascii")
}

fn not_utf8(body: &[u8], at: usize, origin: Origin<'_>) -> Box<SyntaxError> {
    let line = line_of(body, at);
    let place = match origin {
        Origin::File(file) => format!(" in file {file}"),
        Origin::Memory => String::new(),
    };
    let mut error = SyntaxError::bare(
        ErrorKind::Syntax,
        format!(
            "Non-UTF-8 code starting with '\\x{:02x}'{place} on line {line}, but no encoding declared; see https://peps.python.org/pep-0263/ for details",
            body[at]
        ),
    );
    let start = body[..at].iter().rposition(|&b| b == b'\n').map_or(0, |p| p + 1);
    let end = body[at..].iter().position(|&b| b == b'\n').map_or(body.len(), |p| at + p);
    let before = String::from_utf8_lossy(&body[start..at]).chars().count();
    error.lineno = line;
    error.end_lineno = line;
    error.col = u32::try_from(before).unwrap_or(0) + 1;
    error.end_col = error.col;
    error.text = Some(String::from_utf8_lossy(&body[start..end]).into_owned());
    error
}

/// The cookie's normalised name and its line, looked for in the first two lines; the second line
/// counts only if the first holds nothing but blanks and a comment.
fn find_cookie(body: &[u8]) -> Option<(String, u32)> {
    let mut rest = body;
    for line in 1..=2 {
        let end = rest.iter().position(|&b| b == b'\n' || b == b'\r').unwrap_or(rest.len());
        let text = &rest[..end];
        let blank = text.iter().position(|b| !matches!(b, b' ' | b'\t' | b'\x0c'));
        match blank {
            None => {}
            Some(at) if text[at] == b'#' => {
                if let Some(name) = cookie_in(&text[at..]) {
                    return Some((normalise(&name), line));
                }
            }
            Some(_) => return None,
        }
        let skip = if rest[end..].starts_with(b"\r\n") { 2 } else { 1 };
        rest = rest.get(end + skip..)?;
    }
    None
}

fn cookie_in(comment: &[u8]) -> Option<String> {
    let mut from = 0;
    while let Some(at) = comment[from..].windows(6).position(|w| w == b"coding") {
        let after = from + at + 6;
        from = after;
        if !matches!(comment.get(after), Some(b':' | b'=')) {
            continue;
        }
        let name: Vec<u8> = comment[after + 1..]
            .iter()
            .copied()
            .skip_while(|b| matches!(b, b' ' | b'\t'))
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
            .collect();
        if !name.is_empty() {
            return String::from_utf8(name).ok();
        }
    }
    None
}

/// CPython's short list of spellings that need no codec look-up.
fn normalise(name: &str) -> String {
    let key: String = name
        .chars()
        .take(12)
        .map(|c| if c == '_' { '-' } else { c.to_ascii_lowercase() })
        .collect();
    if key == "utf-8" || key.starts_with("utf-8-") {
        return "utf-8".into();
    }
    for latin in ["latin-1", "iso-8859-1", "iso-latin-1"] {
        if key.strip_prefix(latin).is_some_and(|tail| tail.is_empty() || tail.starts_with('-')) {
            return "iso-8859-1".into();
        }
    }
    name.to_owned()
}

//! Errors and warnings of the whole compiler, as CPython words them.
//!
//! Owns: [`SyntaxError`], [`Warning`]. Columns are CPython's `offset` (1-based; parser errors
//! count characters, compiler errors count UTF-8 bytes, exactly as CPython does).

use crate::ir::Pos;

/// Which exception class the runtime has to raise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    Syntax,
    Indentation,
    Tab,
    IncompleteInput,
    Memory,
    Recursion,
    Overflow,
    Value,
    Type,
    System,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    pub kind: ErrorKind,
    pub message: String,
    /// 1-based; 0 where the error has no position.
    pub lineno: u32,
    /// 1-based CPython offset; 0 where unknown.
    pub col: u32,
    pub end_lineno: u32,
    /// `u32::MAX` for CPython's -1.
    pub end_col: u32,
    /// The source line; `None` when the runtime should look it up in the file.
    pub text: Option<String>,
    /// Warnings that come before the error.
    pub warnings: Vec<Warning>,
}

impl SyntaxError {
    /// An error of the compiler (not the parser): byte columns, no text.
    #[must_use]
    pub fn at(pos: Pos, message: impl Into<String>) -> Box<SyntaxError> {
        Box::new(SyntaxError {
            kind: ErrorKind::Syntax,
            message: message.into(),
            lineno: pos.line,
            col: pos.col.saturating_add(1),
            end_lineno: pos.end_line,
            end_col: pos.end_col.saturating_add(1),
            text: None,
            warnings: Vec::new(),
        })
    }

    /// An error without a position.
    #[must_use]
    pub fn bare(kind: ErrorKind, message: impl Into<String>) -> Box<SyntaxError> {
        Box::new(SyntaxError {
            kind,
            message: message.into(),
            lineno: 0,
            col: 0,
            end_lineno: 0,
            end_col: 0,
            text: None,
            warnings: Vec::new(),
        })
    }

    #[must_use]
    pub fn recursion() -> Box<SyntaxError> {
        SyntaxError::bare(
            ErrorKind::Recursion,
            "maximum recursion depth exceeded during compilation",
        )
    }

    #[must_use]
    pub fn parser_stack() -> Box<SyntaxError> {
        SyntaxError::bare(
            ErrorKind::Memory,
            "Parser stack overflowed - Python source too complex to parse",
        )
    }
}

impl std::fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{:?}: {} ({}:{}-{}:{})",
            self.kind, self.message, self.lineno, self.col, self.end_lineno, self.end_col
        )
    }
}

impl std::error::Error for SyntaxError {}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    Syntax,
    Deprecation,
}

/// A warning for `warnings.warn_explicit`; if the filter makes it an error, the runtime raises a
/// SyntaxError with the same message at the same place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    pub category: Category,
    pub message: String,
    pub lineno: u32,
    /// 1-based offset as in [`SyntaxError`].
    pub col: u32,
    pub end_lineno: u32,
    pub end_col: u32,
    /// Text of the SyntaxError that replaces the warning when it is turned into an error, where
    /// it differs from `message`.
    pub as_error: Option<String>,
}

pub type Result<T> = std::result::Result<T, Box<SyntaxError>>;

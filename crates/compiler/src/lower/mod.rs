//! The parser's tree to the IR, with CPython's positions.
//!
//! Recurses over the tree; `parse` sees to a stack that is large enough and `enter` counts.

mod expr;
mod fstring;
mod stmt;

use ruff_text_size::{Ranged, TextRange};

use crate::Options;
use crate::error::{Category, ErrorKind, Result, SyntaxError, Warning};
use crate::ir::{Pos, Sym, Tree};
use crate::literal::BadEscape;
use crate::parse::Lines;

/// Nesting of nodes up to which trees are built; CPython's compiler gives up in the same region.
const MAX_DEPTH: u32 = 90_000;

pub struct Lower<'a> {
    pub tree: Tree,
    pub warnings: Vec<Warning>,
    pub lines: &'a Lines<'a>,
    options: &'a Options,
    depth: u32,
    /// The error of a name that normalisation turned into a keyword.
    pub constant_name: Option<Box<SyntaxError>>,
}

impl<'a> Lower<'a> {
    #[must_use]
    pub fn new(lines: &'a Lines<'a>, options: &'a Options) -> Lower<'a> {
        Lower {
            tree: Tree::new(),
            warnings: Vec::new(),
            lines,
            options,
            depth: 0,
            constant_name: None,
        }
    }

    fn enter(&mut self, levels: u32) -> Result<()> {
        self.depth += levels;
        if self.depth > MAX_DEPTH {
            return Err(SyntaxError::recursion());
        }
        self.tree.depth = self.tree.depth.max(self.depth);
        Ok(())
    }

    fn leave(&mut self, levels: u32) {
        self.depth -= levels;
    }

    fn pos(&self, range: TextRange) -> Pos {
        let (line, col) = self.lines.locate(range.start().to_u32());
        let (end_line, end_col) = self.lines.locate(range.end().to_u32());
        Pos { line, col, end_line, end_col }
    }

    fn pos_of(&self, node: &impl Ranged) -> Pos {
        self.pos(node.range())
    }

    fn text(&self, range: TextRange) -> &'a str {
        self.lines.text.get(range.start().to_usize()..range.end().to_usize()).unwrap_or("")
    }

    fn error(&self, range: TextRange, message: impl Into<String>) -> Box<SyntaxError> {
        self.lines.error(ErrorKind::Syntax, message, range)
    }

    fn sym(&mut self, name: &str) -> Sym {
        // Only what normalisation made of other letters comes here: CPython finds it late.
        if matches!(name, "None" | "True" | "False") && self.constant_name.is_none() {
            self.constant_name = Some(SyntaxError::bare(
                ErrorKind::Value,
                format!("identifier field can't represent '{name}' constant"),
            ));
        }
        self.tree.sym(name)
    }

    /// Refuses syntax that is newer than the asked-for version; the error stands behind it.
    fn since(&self, minor: u8, what: &str, range: TextRange) -> Result<()> {
        if self.options.feature_version >= minor {
            return Ok(());
        }
        let message = format!("{what} only supported in Python 3.{minor} and greater");
        Err(self.error(TextRange::at(range.end(), 1.into()), message))
    }

    /// `base` is the offset in the source of the literal's content.
    fn warn_escape(&mut self, base: u32, bad: Option<BadEscape>) {
        let Some(bad) = bad else { return };
        let (message, as_error) = bad.messages();
        let start = base + u32::try_from(bad.offset).unwrap_or(0);
        self.warn(TextRange::at(start.into(), 2.into()), message, Some(as_error));
    }

    fn warn(&mut self, range: TextRange, message: String, as_error: Option<String>) {
        let place = self.lines.error(ErrorKind::Syntax, "", range);
        self.warnings.push(Warning {
            category: Category::Syntax,
            message,
            lineno: place.lineno,
            col: place.col,
            end_lineno: place.end_lineno,
            end_col: place.end_col,
            as_error,
        });
    }
}

//! Text to IR: the only place that knows the parser.
//!
//! `rustpython-ruff_python_parser` is pinned exactly and hidden here and in `lower/`. The parser's
//! tree is lowered at once and dropped on the same (large, if need be) stack. Parser errors get
//! CPython's class, offsets and source line here. What the parser accepts and CPython does not is
//! rejected in `lower/`, `symtable` and `compile`.

use ruff_python_ast::{Mod, PythonVersion};
use ruff_python_parser::{Mode as RuffMode, ParseOptions, UnsupportedSyntaxErrorKind};
use ruff_text_size::TextRange;

use crate::error::{ErrorKind, Result, SyntaxError, Warning};
use crate::ir::{Root, Tree};
use crate::lower::Lower;
use crate::source::Source;
use crate::{Mode, Options, deep, diagnose, scan};

/// Parses `source`; warnings are those that CPython's parser gives.
pub fn parse(source: &Source, options: &Options) -> Result<(Tree, Vec<Warning>)> {
    if source.text.len() >= u32::MAX as usize / 2 {
        return Err(SyntaxError::bare(ErrorKind::Overflow, "source code is too long to parse"));
    }
    let scanned = scan::scan(&source.text)?;
    deep::run(scanned.depth, || parse_here(&source.text, options))
}

fn parse_here(text: &str, options: &Options) -> Result<(Tree, Vec<Warning>)> {
    let replaced = diagnose::barry_as_bdfl(text, options)?;
    let text = replaced.as_deref().unwrap_or(text);
    if options.mode == Mode::FuncType {
        return func_type(text, options);
    }
    if options.mode == Mode::Eval {
        diagnose::check_indent(text)?;
    }
    let mode = match options.mode {
        Mode::Eval => RuffMode::Expression,
        _ => RuffMode::Module,
    };
    let parse_options =
        ParseOptions::from(mode).with_target_version(PythonVersion { major: 3, minor: 14 });
    let parsed = ruff_python_parser::parse_unchecked(text, parse_options);
    let mut lines = Lines::new(text);
    lines.ends_with_newline = options.mode == Mode::Exec;
    let lines = lines;
    if let Some(error) = parsed.errors().first() {
        if options.mode == Mode::Single
            && let Mod::Module(module) = parsed.syntax()
        {
            diagnose::check_first_line(module, error, &lines)?;
        }
        let mut converted = diagnose::convert(error, &lines, options);
        // What CPython's parser warned of on its way: the literals in front of the error.
        let mut lower = Lower::new(&lines, options);
        if let Mod::Module(module) = parsed.syntax() {
            let _ = lower.body(&module.body);
        } else if let Mod::Expression(module) = parsed.syntax() {
            let _ = lower.expr(&module.body);
        }
        let place = (converted.lineno, converted.col);
        converted.warnings = lower.warnings;
        // Of numbers the broken rest of the line makes other ones.
        converted
            .warnings
            .retain(|w| (w.lineno, w.col) < place && !w.message.ends_with(" literal"));
        return Err(converted);
    }
    if let Some(error) = parsed.unsupported_syntax_errors().iter().find_map(unsupported) {
        let (message, range) = error;
        return Err(lines.error(ErrorKind::Syntax, message, range));
    }
    let mut lower = Lower::new(&lines, options);
    match parsed.syntax() {
        Mod::Expression(module) => {
            let body = lower.expr(&module.body)?;
            lower.tree.root = Root::Expression { body };
        }
        Mod::Module(module) => {
            if options.mode == Mode::Single {
                diagnose::check_single(module, &lines, options)?;
            }
            let body = lower.body(&module.body)?;
            lower.tree.root = match options.mode {
                Mode::Single => Root::Interactive { body },
                _ => Root::Module { body },
            };
        }
    }
    if let Some(error) = lower.constant_name {
        return Err(error);
    }
    if options.flags & crate::flags::TYPE_COMMENTS != 0 {
        crate::type_comments::attach(&mut lower.tree, text);
    }
    Ok((lower.tree, lower.warnings))
}

/// Syntax of versions after 3.14, as CPython 3.14 reports it.
fn unsupported(
    error: &ruff_python_parser::UnsupportedSyntaxError,
) -> Option<(&'static str, TextRange)> {
    let message = match error.kind {
        // The kind's own type is not exported.
        UnsupportedSyntaxErrorKind::UnpackingInComprehension(kind)
            if format!("{kind:?}") == "DictInDict" =>
        {
            "dict unpacking cannot be used in dict comprehension"
        }
        UnsupportedSyntaxErrorKind::UnpackingInComprehension(_) => {
            "iterable unpacking cannot be used in comprehension"
        }
        _ => "invalid syntax",
    };
    Some((message, error.range))
}

/// `(int, *str) -> float`, read by parsing its two halves.
fn func_type(text: &str, options: &Options) -> Result<(Tree, Vec<Warning>)> {
    let lines = Lines::new(text);
    let invalid = || lines.error(ErrorKind::Syntax, "invalid syntax", TextRange::empty(0.into()));
    let trimmed = text.trim_end();
    let open =
        trimmed.find('(').filter(|&at| trimmed[..at].trim().is_empty()).ok_or_else(invalid)?;
    let arrow = trimmed.rfind("->").ok_or_else(invalid)?;
    let close = trimmed[..arrow].rfind(')').ok_or_else(invalid)?;
    if !trimmed[close + 1..arrow].trim().is_empty() || close < open {
        return Err(invalid());
    }
    // Blanks keep the offsets of both halves those of the text.
    let args_text =
        format!("{}f({})", " ".repeat(open.saturating_sub(1)), &trimmed[open + 1..close]);
    let shift = if open == 0 { 1 } else { 0 };
    let returns_text = format!("{}{}", " ".repeat(arrow + 2), &trimmed[arrow + 2..]);
    let run = |text: &str| {
        ruff_python_parser::parse_unchecked(
            text,
            ParseOptions::from(RuffMode::ParenthesizedExpression)
                .with_target_version(PythonVersion { major: 3, minor: 14 }),
        )
    };
    let (args, returns) = (run(&args_text), run(&returns_text));
    if let Some(error) = args.errors().first().or_else(|| returns.errors().first()) {
        return Err(diagnose::convert(error, &lines, options));
    }
    let args_lines = Lines::new(&args_text);
    let mut lower = Lower::new(&args_lines, options);
    let mut argtypes = Vec::new();
    if let Mod::Expression(module) = args.syntax()
        && let ruff_python_ast::Expr::Call(call) = &*module.body
    {
        for arg in &call.arguments.args {
            let arg = match arg {
                ruff_python_ast::Expr::Starred(starred) => &starred.value,
                arg => arg,
            };
            argtypes.push(lower.expr(arg)?);
        }
        for keyword in &call.arguments.keywords {
            argtypes.push(lower.expr(&keyword.value)?);
        }
    }
    for expr in &mut lower.tree.exprs {
        expr.pos.col = expr.pos.col.saturating_sub(shift);
        expr.pos.end_col = expr.pos.end_col.saturating_sub(shift);
    }
    let returns_lines = Lines::new(&returns_text);
    lower.lines = &returns_lines;
    let Mod::Expression(module) = returns.syntax() else { return Err(invalid()) };
    let returns = lower.expr(&module.body)?;
    let argtypes = lower.tree.list(&argtypes);
    lower.tree.root = Root::FunctionType { argtypes, returns };
    Ok((lower.tree, lower.warnings))
}

/// Line starts, for positions and error texts.
pub struct Lines<'a> {
    pub text: &'a str,
    starts: Vec<u32>,
    last: std::cell::Cell<usize>,
    /// CPython adds a newline to the last line of modules.
    pub ends_with_newline: bool,
}

impl<'a> Lines<'a> {
    #[must_use]
    pub fn new(text: &'a str) -> Lines<'a> {
        let newlines = text.bytes().enumerate().filter(|&(_, b)| b == b'\n');
        let starts = std::iter::once(0)
            .chain(newlines.map(|(at, _)| u32::try_from(at + 1).unwrap_or(u32::MAX)))
            .collect();
        Lines { text, starts, last: std::cell::Cell::new(0), ends_with_newline: false }
    }

    /// (line from 1, byte column from 0).
    #[must_use]
    pub fn locate(&self, offset: u32) -> (u32, u32) {
        let mut line = self.last.get();
        let inside = |line: usize| {
            self.starts[line] <= offset
                && self.starts.get(line + 1).is_none_or(|&next| offset < next)
        };
        if !inside(line) {
            line = self.starts.partition_point(|&start| start <= offset) - 1;
            self.last.set(line);
        }
        (u32::try_from(line).unwrap_or(u32::MAX) + 1, offset - self.starts[line])
    }

    /// The text of a line (from 1), without its newline.
    #[must_use]
    pub fn line(&self, line: u32) -> &'a str {
        let at = line as usize - 1;
        let start = self.starts[at] as usize;
        let end = self.starts.get(at + 1).map_or(self.text.len(), |&next| next as usize - 1);
        &self.text[start..end.max(start)]
    }

    fn char_offset(&self, offset: u32) -> (u32, u32) {
        let offset = offset.min(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
        let (line, col) = self.locate(offset);
        let text = self.line(line);
        let before = text.get(..(col as usize).min(text.len())).unwrap_or(text);
        let extra = (col as usize).saturating_sub(text.len());
        (line, u32::try_from(before.chars().count() + extra).unwrap_or(u32::MAX) + 1)
    }

    /// An error as CPython's parser gives it: columns in characters, with the source line.
    #[must_use]
    pub fn error(
        &self,
        kind: ErrorKind,
        message: impl Into<String>,
        range: TextRange,
    ) -> Box<SyntaxError> {
        let (lineno, col) = self.char_offset(range.start().to_u32());
        let (end_lineno, end_col) = self.char_offset(range.end().to_u32());
        // A range that ends with a newline token ends on that token's line.
        let newline = range.end() > range.start()
            && self.text.as_bytes().get(range.end().to_usize() - 1) == Some(&b'\n')
            && end_lineno > lineno;
        let (end_lineno, end_col) = if newline && end_lineno == lineno + 1 {
            let (line, col) = self.char_offset(range.end().to_u32() - 1);
            (line, col + 1)
        } else {
            (end_lineno, end_col)
        };
        let mut text = self.line(lineno).to_owned();
        if (lineno as usize) < self.starts.len() || self.ends_with_newline {
            text.push('\n');
        }
        Box::new(SyntaxError {
            kind,
            message: message.into(),
            lineno,
            col,
            end_lineno,
            end_col,
            text: Some(text),
            warnings: Vec::new(),
        })
    }
}

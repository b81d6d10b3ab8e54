//! Parser errors in CPython's words, and the rules of interactive input.
//!
//! The parser words most errors as CPython does; what it says in its own words is CPython's plain
//! `invalid syntax`.

use ruff_python_ast::{ModModule, Stmt};
use ruff_python_parser::{
    InterpolatedStringErrorType, LexicalErrorType, ParseError, ParseErrorType,
};
use ruff_text_size::{Ranged, TextRange, TextSize};

use stackless_bytecode::code::flags as code_flags;

use crate::error::{ErrorKind, Result, SyntaxError};
use crate::parse::Lines;
use crate::{Mode, Options, flags};

/// Texts of the parser's own that CPython does not have.
const OWN_WORDS: &[&str] = &[
    "yield expression cannot be used here",
    "unparenthesized tuple expression cannot be used here",
    "star import cannot be parenthesized",
    "pattern cannot follow a double star pattern",
    "expected a module name",
    "expected `def`, `with` or `for`",
    "expected `case` block",
    "exception missing in `raise` statement with cause",
    "expected class, function definition or async function definition after decorator",
];

pub(crate) fn convert(
    error: &ParseError,
    lines: &Lines<'_>,
    options: &Options,
) -> Box<SyntaxError> {
    let kind = match &error.error {
        ParseErrorType::ExpectedIndentedBlock { .. }
        | ParseErrorType::UnexpectedIndentation
        | ParseErrorType::Lexical(
            LexicalErrorType::IndentationError | LexicalErrorType::TooDeepIndentation,
        ) => ErrorKind::Indentation,
        ParseErrorType::Lexical(LexicalErrorType::TabError) => ErrorKind::Tab,
        _ => ErrorKind::Syntax,
    };
    let mut range = error.location;
    let mut message = error.error.to_string();
    let bytes = lines.text.as_bytes();
    let start = range.start().to_usize();
    if OWN_WORDS.iter().any(|own| message.starts_with(own)) {
        message = "invalid syntax".into();
    }
    for (own, cpython) in [
        ("expected an imaginary number in complex", "imaginary number required in complex literal"),
        ("expected a real number in complex", "real number required in complex literal"),
    ] {
        if message.starts_with(own) {
            message = cpython.into();
        }
    }
    let next = bytes.get(range.end().to_usize()).copied();
    match message.as_str() {
        // CPython has these texts only where the statement ends, or a comma follows.
        "Expected one or more names after 'import'"
            if !matches!(bytes.get(start), None | Some(b'\n' | b';' | b'#')) =>
        {
            message = "invalid syntax".into();
        }
        "at least one argument must precede /" if next != Some(b',') => {
            message = "invalid syntax".into();
        }
        "invalid syntax"
            if bytes.get(start) == Some(&b'>') && start > 0 && bytes[start - 1] == b'<' =>
        {
            message = "invalid syntax.  Maybe you meant '!=' instead of '<>'?".into();
            range = TextRange::at(range.start() - TextSize::from(1), 2.into());
        }
        "unexpected character after line continuation character"
            if options.mode == Mode::Exec
                && lines.text[..start.min(lines.text.len())].ends_with('\\')
                && lines.text[start.min(lines.text.len())..].is_empty()
                || options.mode == Mode::Exec
                    && lines.text[start.min(lines.text.len())..] == *"\\" =>
        {
            message = "unexpected EOF while parsing".into();
        }
        _ => {}
    }
    let at_end = message == "unexpected EOF while parsing";
    let mut out = lines.error(kind, message, range);
    if at_end {
        out.end_col = u32::MAX;
    }
    match &error.error {
        ParseErrorType::Lexical(
            LexicalErrorType::UnclosedStringError { .. }
            | LexicalErrorType::FStringError(_)
            | LexicalErrorType::TStringError(_),
        ) if out.message.starts_with("unterminated") => {
            // CPython's tokenizer gives the line without its end.
            if let Some(text) = &mut out.text {
                text.truncate(text.trim_end_matches('\n').len());
            }
        }
        ParseErrorType::ExpectedIndentedBlock { .. } if out.kind == ErrorKind::Indentation => {
            out.end_col = u32::MAX;
        }
        ParseErrorType::UnexpectedIndentation => out.end_col = u32::MAX,
        ParseErrorType::Lexical(LexicalErrorType::UnclosedBracket { .. })
        | ParseErrorType::ExpectedColonAfterDictionaryKey => out.end_col = 0,
        ParseErrorType::EmptyImportNames | ParseErrorType::EmptyTypeParams => {
            out.end_lineno = out.lineno;
            out.end_col = out.col;
        }
        _ => {}
    }
    if is_incomplete(error, lines.text) {
        maybe_incomplete(&mut out, options);
    }
    out
}

fn maybe_incomplete(error: &mut SyntaxError, options: &Options) {
    if options.flags & flags::ALLOW_INCOMPLETE_INPUT != 0 {
        error.kind = ErrorKind::IncompleteInput;
        error.message = "incomplete input".into();
    }
}

/// Whether CPython's tokenizer has met the end of the input when its parser gives up.
fn is_incomplete(error: &ParseError, text: &str) -> bool {
    let open_end = !text.ends_with('\n') || text.ends_with("\\\n");
    match &error.error {
        ParseErrorType::Lexical(LexicalErrorType::UnclosedBracket { incomplete, .. }) => {
            *incomplete
        }
        ParseErrorType::Lexical(LexicalErrorType::UnclosedStringError {
            triple_quoted, ..
        }) => {
            *triple_quoted || text.ends_with("\\\n") || !text.ends_with('\n') && text.contains('\\')
        }
        ParseErrorType::Lexical(
            LexicalErrorType::FStringError(kind) | LexicalErrorType::TStringError(kind),
        ) => matches!(kind, InterpolatedStringErrorType::UnterminatedTripleQuotedString { .. }),
        ParseErrorType::Lexical(
            LexicalErrorType::Eof | LexicalErrorType::LineContinuationError,
        ) => text.ends_with("\\\n"),
        ParseErrorType::Lexical(_) => false,
        ParseErrorType::ExpectedIndentedBlock { .. } => {
            let rest = text.get(error.location.start().to_usize()..).unwrap_or("");
            rest.lines().all(|l| l.trim_start().is_empty() || l.trim_start().starts_with('#'))
        }
        _ if open_end => error.location.end().to_usize() >= text.trim_end().len(),
        _ => error.location.start().to_usize() >= text.len(),
    }
}

fn is_compound(stmt: &Stmt) -> bool {
    matches!(
        stmt,
        Stmt::FunctionDef(_)
            | Stmt::ClassDef(_)
            | Stmt::For(_)
            | Stmt::While(_)
            | Stmt::If(_)
            | Stmt::With(_)
            | Stmt::Match(_)
            | Stmt::Try(_)
    )
}

/// Whether two simple statements share a logical line.
fn same_line(lines: &Lines<'_>, first: &Stmt, second: &Stmt) -> bool {
    let between = lines
        .text
        .get(first.end().to_usize()..second.start().to_usize())
        .unwrap_or("")
        .replace("\\\n", "");
    !between.contains('\n') && between.contains(';')
}

fn multiple(lines: &Lines<'_>, last: &Stmt) -> Box<SyntaxError> {
    // At the newline that ends the first line.
    let end = last.end().to_usize();
    let rest = lines.text.get(end..).unwrap_or("");
    let newline = end + rest.find('\n').unwrap_or(rest.len());
    let at = TextRange::empty(TextSize::try_from(newline).unwrap_or(last.end()));
    lines.error(
        ErrorKind::Syntax,
        "multiple statements found while compiling a single statement",
        at,
    )
}

/// The last statement of the first line, if the first statement is simple.
fn first_line<'m>(module: &'m ModModule, lines: &Lines<'_>) -> Option<(&'m Stmt, usize)> {
    let first = module.body.first()?;
    if is_compound(first) {
        return None;
    }
    let shared = module.body.windows(2).take_while(|p| same_line(lines, &p[0], &p[1])).count();
    Some((&module.body[shared], shared + 1))
}

/// An error behind the first line is that there is a second one.
pub(crate) fn check_first_line(
    module: &ModModule,
    error: &ParseError,
    lines: &Lines<'_>,
) -> Result<()> {
    if let Some((last, _)) = first_line(module, lines) {
        let between =
            lines.text.get(last.end().to_usize()..error.location.start().to_usize()).unwrap_or("");
        if between.replace("\\\n", "").contains('\n') {
            return Err(multiple(lines, last));
        }
    }
    Ok(())
}

/// In single mode one statement line is all there may be, and a compound statement needs the
/// newline that ends it.
pub(crate) fn check_single(module: &ModModule, lines: &Lines<'_>, options: &Options) -> Result<()> {
    let text = lines.text;
    let end = TextSize::try_from(text.len()).unwrap_or_default();
    let invalid = |at: TextRange, incomplete: bool| {
        let mut error = lines.error(ErrorKind::Syntax, "invalid syntax", at);
        if incomplete {
            maybe_incomplete(&mut error, options);
        }
        Err(error)
    };
    let Some(first) = module.body.first() else {
        return invalid(TextRange::empty(end), true);
    };
    if let Some((last, count)) = first_line(module, lines) {
        if module.body.len() > count {
            return Err(multiple(lines, last));
        }
        return Ok(());
    }
    if let Some(second) = module.body.get(1) {
        let at = second.range();
        return invalid(at, at.end().to_usize() >= text.trim_end().len() && !text.ends_with('\n'));
    }
    if !text.ends_with('\n') {
        let body = text.get(first.start().to_usize()..).unwrap_or("");
        let last_line = body.rsplit('\n').next().unwrap_or("");
        let one_line = !body.contains('\n');
        let comment = last_line.trim_start().starts_with('#');
        if one_line || comment || options.flags & flags::DONT_IMPLY_DEDENT != 0 {
            return invalid(TextRange::empty(end), true);
        }
    }
    Ok(())
}

fn may_precede(line: &str) -> bool {
    let line = line.trim_start();
    line.is_empty() || line.starts_with('#') || line.starts_with("from __future__")
}

/// With `barry_as_FLUFL` the inequality is `<>`; the text with `!=` in its place, if it applies.
pub(crate) fn barry_as_bdfl(text: &str, options: &Options) -> Result<Option<String>> {
    const IMPORT: &str = "from __future__ import barry_as_FLUFL";
    let from = if options.flags & code_flags::FUTURE_BARRY_AS_BDFL != 0 {
        0
    } else {
        match text.find(IMPORT) {
            // Only what may come before such an import may come before it.
            Some(at) if text[..at].lines().all(may_precede) => at + IMPORT.len(),
            _ => return Ok(None),
        }
    };
    let mut out = text.as_bytes().to_vec();
    let mut quote: Option<u8> = None;
    let mut at = from;
    while at < out.len() {
        match (quote, out[at]) {
            (Some(_), b'\\') => at += 1,
            (Some(q), b) if b == q => quote = None,
            (None, b @ (b'"' | b'\'')) => quote = Some(b),
            (None, b'#') => {
                while at < out.len() && out[at] != b'\n' {
                    at += 1;
                }
            }
            (None, b'<') if out.get(at + 1) == Some(&b'>') => out[at] = b'!',
            (None, b'!') if out.get(at + 1) == Some(&b'=') => {
                let start = TextSize::try_from(at).unwrap_or_default();
                return Err(Lines::new(text).error(
                    ErrorKind::Syntax,
                    "with Barry as BDFL, use '<>' instead of '!='",
                    TextRange::at(start, 2.into()),
                ));
            }
            _ => {}
        }
        if out.get(at) == Some(&b'!') && out.get(at + 1) == Some(&b'>') {
            out[at + 1] = b'=';
            at += 1;
        }
        at += 1;
    }
    Ok(String::from_utf8(out).ok())
}

/// An expression whose first line is indented.
pub(crate) fn check_indent(text: &str) -> Result<()> {
    let blank = |line: &str| {
        let line = line.trim_start_matches([' ', '\t', '\x0c']);
        line.starts_with('#') || line.starts_with('\n')
    };
    let Some((at, line)) = (1u32..).zip(text.split_inclusive('\n')).find(|(_, line)| !blank(line))
    else {
        return Ok(());
    };
    let width = line.len() - line.trim_start_matches([' ', '\t']).len();
    if width == 0 {
        return Ok(());
    }
    let mut error = SyntaxError::bare(ErrorKind::Indentation, "unexpected indent");
    error.lineno = at;
    error.col = u32::try_from(width).unwrap_or(u32::MAX);
    error.end_lineno = at;
    error.end_col = u32::MAX;
    error.text = Some(line.to_owned());
    Err(error)
}

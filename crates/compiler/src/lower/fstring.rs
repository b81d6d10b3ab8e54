//! f-strings and t-strings: CPython's JoinedStr and TemplateStr from the parser's parts.
//!
//! Adjacent constants merge (their positions span), empty ones vanish, `x=` becomes text.

use std::sync::Arc;

use ruff_python_ast::{
    self as ast, AnyStringFlags, FStringPartRef, InterpolatedElement, InterpolatedStringElement,
};
use ruff_text_size::{Ranged, TextRange};

use super::Lower;
use crate::error::Result;
use crate::ir::{Constant, ExprId, ExprKind, Pos};
use crate::literal;

/// Format specs inside format specs.
const MAX_NESTING: u32 = 2;

/// Constants that are being merged, and the finished values.
#[derive(Default)]
struct Parts {
    values: Vec<ExprId>,
    pending: Vec<u8>,
    range: Option<TextRange>,
    /// The first constant comes from a `u''` literal.
    unicode: bool,
}

impl Parts {
    fn cover(&mut self, range: TextRange) {
        self.range = Some(self.range.map_or(range, |old| old.cover(range)));
    }
}

impl Lower<'_> {
    pub(super) fn fstring(&mut self, e: &ast::ExprFString, pos: Pos) -> Result<ExprId> {
        let mut parts = Parts::default();
        for part in e.value.iter() {
            match part {
                FStringPartRef::Literal(literal) => {
                    if parts.pending.is_empty() && AnyStringFlags::from(literal.flags).is_u_string()
                    {
                        parts.unicode = true;
                    }
                    let before = parts.pending.len();
                    self.string_part(literal, &mut parts.pending);
                    if parts.pending.len() > before {
                        parts.cover(literal.range());
                    }
                }
                FStringPartRef::FString(f) => {
                    let raw = AnyStringFlags::from(f.flags).is_raw_string();
                    self.elements(&f.elements, raw, false, false, 0, &mut parts)?;
                }
            }
        }
        self.flush(&mut parts);
        let values = self.tree.list(&parts.values);
        Ok(self.tree.expr(pos, ExprKind::JoinedStr { values }))
    }

    pub(super) fn tstring(&mut self, e: &ast::ExprTString, pos: Pos) -> Result<ExprId> {
        self.since(14, "t-strings are", e.range)?;
        let mut parts = Parts::default();
        for t in e.value.iter() {
            let raw = AnyStringFlags::from(t.flags).is_raw_string();
            self.elements(&t.elements, raw, false, true, 0, &mut parts)?;
        }
        self.flush(&mut parts);
        let values = self.tree.list(&parts.values);
        Ok(self.tree.expr(pos, ExprKind::TemplateStr { values }))
    }

    fn flush(&mut self, parts: &mut Parts) {
        let range = parts.range.take();
        let unicode = std::mem::take(&mut parts.unicode);
        if parts.pending.is_empty() {
            return;
        }
        let pos = range.map_or(Pos::default(), |range| self.pos(range));
        let value = Constant::Str(Arc::from(std::mem::take(&mut parts.pending)));
        let value = self.tree.constant(value);
        let kind = unicode.then(|| self.sym("u"));
        parts.values.push(self.tree.expr(pos, ExprKind::Constant { value, kind }));
    }

    fn elements(
        &mut self,
        elements: &[InterpolatedStringElement],
        raw: bool,
        in_spec: bool,
        template: bool,
        nesting: u32,
        parts: &mut Parts,
    ) -> Result<()> {
        for element in elements {
            match element {
                InterpolatedStringElement::Literal(literal) => {
                    let text = self.text(literal.range);
                    if text.contains(['\\', '{', '}']) {
                        let (value, bad) = literal::decode_str(text, raw, !in_spec);
                        self.warn_escape(literal.range.start().to_u32(), bad);
                        parts.pending.extend_from_slice(&value);
                    } else {
                        parts.pending.extend_from_slice(text.as_bytes());
                    }
                    parts.cover(literal.range);
                }
                InterpolatedStringElement::Interpolation(field) => {
                    self.field(field, raw, template, nesting, parts)?;
                }
            }
        }
        Ok(())
    }

    fn field(
        &mut self,
        field: &InterpolatedElement,
        raw: bool,
        template: bool,
        nesting: u32,
        parts: &mut Parts,
    ) -> Result<()> {
        if nesting > MAX_NESTING {
            let kind = if template { "t-string" } else { "f-string" };
            return Err(self.error(field.range, format!("{kind}: expressions nested too deeply")));
        }
        self.enter(1)?;
        let mut conversion = field.conversion as i8;
        if let Some(debug) = &field.debug_text {
            // The text between the brace and the end of `=` with its blanks.
            let start = field.range.start() + ruff_text_size::TextSize::from(1);
            let end = self.debug_end(field);
            let range = TextRange::new(start, end.max(start));
            let text = self.text(range);
            let text = strip_comments(if text.is_empty() { debug.as_str() } else { text });
            parts.pending.extend_from_slice(text.as_bytes());
            parts.cover(range);
            if conversion == -1 && field.format_spec.is_none() {
                conversion = b'r' as i8;
            }
        }
        self.flush(parts);
        let value = self.expr(&field.expression)?;
        let format_spec = match &field.format_spec {
            None => None,
            Some(spec) => {
                let mut inner = Parts::default();
                self.elements(&spec.elements, raw, true, false, nesting + 1, &mut inner)?;
                self.flush(&mut inner);
                let values = self.tree.list(&inner.values);
                // CPython's node starts at the colon.
                let start = spec.range.start().to_u32();
                let colon = if self.lines.text.as_bytes().get(start as usize) == Some(&b':') {
                    start
                } else {
                    start.saturating_sub(1)
                };
                let pos = self.pos(TextRange::new(colon.into(), spec.range.end()));
                Some(self.tree.expr(pos, ExprKind::JoinedStr { values }))
            }
        };
        let pos = self.pos(field.range);
        let kind = if template {
            let text = self.expression_text(field);
            let text = Constant::str(&text);
            let text = self.tree.constant(text);
            ExprKind::Interpolation { value, text, conversion, format_spec }
        } else {
            ExprKind::FormattedValue { value, conversion, format_spec }
        };
        let id = self.tree.expr(pos, kind);
        parts.values.push(id);
        self.leave(1);
        Ok(())
    }

    /// Offset after the `=` (and following blanks) of a debug field.
    fn debug_end(&self, field: &InterpolatedElement) -> ruff_text_size::TextSize {
        let bytes = self.lines.text.as_bytes();
        let mut at = self.after_expression(field);
        if bytes.get(at) == Some(&b'=') {
            at += 1;
        }
        while let Some(&byte) = bytes.get(at) {
            match byte {
                b' ' | b'\t' | b'\n' | b'\x0c' => at += 1,
                b'\\' => at += 2,
                b'#' => {
                    while bytes.get(at).is_some_and(|&b| b != b'\n') {
                        at += 1;
                    }
                }
                _ => break,
            }
        }
        ruff_text_size::TextSize::try_from(at).unwrap_or(field.range.end())
    }

    /// Offset of the `=`, `!`, `:` or `}` that follows the expression.
    fn after_expression(&self, field: &InterpolatedElement) -> usize {
        let bytes = self.lines.text.as_bytes();
        let mut at = field.expression.range().end().to_usize();
        // Closing brackets of a parenthesised expression, blanks and comments lie between.
        while let Some(&byte) = bytes.get(at) {
            match byte {
                b')' | b' ' | b'\t' | b'\n' | b'\x0c' | b',' => at += 1,
                b'\\' => at += 2,
                b'#' => {
                    while bytes.get(at).is_some_and(|&b| b != b'\n') {
                        at += 1;
                    }
                }
                _ => break,
            }
        }
        at
    }

    fn expression_text(&self, field: &InterpolatedElement) -> std::borrow::Cow<'_, str> {
        let start = field.range.start().to_usize() + 1;
        let end = self.after_expression(field);
        strip_comments(self.lines.text.get(start..end).unwrap_or(""))
    }
}

/// CPython keeps the blanks and newlines of an expression's text but not its comments.
fn strip_comments(text: &str) -> std::borrow::Cow<'_, str> {
    if !text.contains('#') {
        return text.into();
    }
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut quote: Option<(u8, bool)> = None;
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        let triple = bytes[at..].starts_with(&[byte, byte, byte]);
        let width = match quote {
            Some(_) if byte == b'\\' => 2,
            Some((q, long)) if q == byte && (!long || triple) => {
                quote = None;
                if long { 3 } else { 1 }
            }
            None if matches!(byte, b'"' | b'\'') => {
                quote = Some((byte, triple));
                if triple { 3 } else { 1 }
            }
            None if byte == b'#' => {
                at += bytes[at..].iter().position(|&b| b == b'\n').unwrap_or(bytes.len() - at);
                continue;
            }
            _ => 1,
        };
        let end = (at + width).min(bytes.len());
        out.extend_from_slice(&bytes[at..end]);
        at = end;
    }
    String::from_utf8_lossy(&out).into_owned().into()
}

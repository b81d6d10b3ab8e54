//! What CPython changes in the tree itself when it optimises: `__debug__`, `'%s' % (a,)`, numbers in
//! patterns, docstrings. The code generator does its own folding and does not need this pass.
//!
//! CPython's counterpart: `Python/ast_preprocess.c`.

use std::sync::Arc;

use crate::Options;
use crate::compile::fold as fold_values;
use crate::error::Result;
use crate::ir::{
    Constant, Ctx, ExprId, ExprKind, List, Operator, PatternKind, Pos, Root, StmtId, StmtKind,
    Tree, UnaryOp,
};

/// Rewrites the tree in place.
pub fn optimize_tree(tree: &mut Tree, options: &Options) -> Result<()> {
    let debug = tree.syms.get("__debug__");
    // Children have smaller ids; new nodes come behind all old ones and need no visit.
    for at in 0..tree.exprs.len() {
        match tree.exprs[at].kind {
            ExprKind::Name { id, ctx: Ctx::Load } if Some(id) == debug => {
                let value = tree.constant(Constant::Bool(options.optimize == 0));
                tree.exprs[at].kind = ExprKind::Constant { value, kind: None };
            }
            ExprKind::BinOp { left, op: Operator::Mod, right } => {
                if let Some(values) = format_values(tree, left, right) {
                    let values = tree.list(&values);
                    tree.exprs[at].kind = ExprKind::JoinedStr { values };
                }
            }
            _ => {}
        }
    }
    for at in 0..tree.patterns.len() {
        match tree.patterns[at].kind {
            PatternKind::MatchValue { value } => fold_number(tree, value),
            PatternKind::MatchMapping { keys, .. } => {
                // The tree changes meanwhile.
                #[expect(clippy::unnecessary_to_owned, reason = "the loop's body borrows the tree")]
                for key in tree[keys].to_vec() {
                    fold_number(tree, key);
                }
            }
            _ => {}
        }
    }
    if options.optimize >= 2 {
        if let Root::Module { body } = tree.root {
            tree.root = Root::Module { body: without_docstring(tree, body, false) };
        }
        for at in 0..tree.stmts.len() {
            match tree.stmts[at].kind {
                StmtKind::FunctionDef(mut f) => {
                    f.body = without_docstring(tree, f.body, true);
                    tree.stmts[at].kind = StmtKind::FunctionDef(f);
                }
                StmtKind::ClassDef(mut c) => {
                    c.body = without_docstring(tree, c.body, true);
                    tree.stmts[at].kind = StmtKind::ClassDef(c);
                }
                _ => {}
            }
        }
    }
    Ok(())
}

/// The body without its docstring; a function's or class's that has nothing else keeps a `pass`.
fn without_docstring(tree: &mut Tree, body: List<StmtId>, needs_one: bool) -> List<StmtId> {
    if crate::ir::docstring(tree, body).is_none() {
        return body;
    }
    let mut rest = tree[body].to_vec();
    let doc = rest.remove(0);
    if rest.is_empty() && needs_one {
        let pos = tree[doc].pos;
        let pos = Pos { end_line: pos.line, end_col: pos.col + 4, ..pos };
        rest.push(tree.stmt(pos, StmtKind::Pass));
    } else if let Some(&first) = rest.first()
        && let StmtKind::Expr { value } = tree[first].kind
        && let Some(Constant::Str(_)) = tree.as_constant(value)
    {
        // The next string must not become the docstring.
        let pos = tree[value].pos;
        let values = tree.list(&[value]);
        let value = tree.expr(pos, ExprKind::JoinedStr { values });
        let at = tree[first].pos;
        rest[0] = tree.stmt(at, StmtKind::Expr { value });
    }
    tree.list(&rest)
}

/// `-1` and `1 + 2j` become constants.
fn fold_number(tree: &mut Tree, e: ExprId) {
    let number = |tree: &Tree, e: ExprId| {
        tree.as_constant(e).cloned().filter(|c| {
            matches!(
                c,
                Constant::Int(_) | Constant::Big(_) | Constant::Float(_) | Constant::Complex(..)
            )
        })
    };
    let folded = match tree[e].kind {
        ExprKind::UnaryOp { op: UnaryOp::USub, operand } => {
            number(tree, operand).and_then(|v| fold_values::unary(UnaryOp::USub, &v))
        }
        ExprKind::BinOp { left, op: op @ (Operator::Add | Operator::Sub), right } => {
            fold_number(tree, left);
            match (number(tree, left), number(tree, right)) {
                (Some(l), Some(r)) => fold_values::binary(op, &l, &r),
                _ => None,
            }
        }
        _ => None,
    };
    if let Some(value) = folded {
        let value = tree.constant(value);
        tree.exprs[e.index()].kind = ExprKind::Constant { value, kind: None };
    }
}

/// The parts of `'...' % (...)` if it uses only `%s`, `%r`, `%a` and each once.
fn format_values(tree: &mut Tree, left: ExprId, right: ExprId) -> Option<Vec<ExprId>> {
    let Some(Constant::Str(format)) = tree.as_constant(left) else { return None };
    let format = Arc::clone(format);
    let ExprKind::Tuple { elts, .. } = tree[right].kind else { return None };
    let elts = tree[elts].to_vec();
    if elts.iter().any(|&e| matches!(tree[e].kind, ExprKind::Starred { .. })) {
        return None;
    }
    // CPython's positions of such text are -1.
    let nowhere = Pos { line: u32::MAX, col: u32::MAX, end_line: u32::MAX, end_col: u32::MAX };
    let (mut values, mut literal) = (Vec::new(), Vec::new());
    let mut args = elts.iter();
    let mut rest = &format[..];
    let flush = |tree: &mut Tree, literal: &mut Vec<u8>, values: &mut Vec<ExprId>| {
        if !literal.is_empty() {
            let value = tree.constant(Constant::Str(std::mem::take(literal).into()));
            values.push(tree.expr(nowhere, ExprKind::Constant { value, kind: None }));
        }
    };
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'%' {
            literal.push(byte);
            continue;
        }
        if let Some(after) = rest.strip_prefix(b"%") {
            literal.push(b'%');
            rest = after;
            continue;
        }
        let flags = rest.iter().take_while(|b| b"-+ #0".contains(b)).count();
        let left_adjusted = rest[..flags].contains(&b'-');
        rest = &rest[flags..];
        let mut digits = || {
            let n = rest.iter().take_while(|b| b.is_ascii_digit()).count();
            let text = String::from_utf8_lossy(&rest[..n]).into_owned();
            rest = &rest[n..];
            (n <= 3).then_some(text)
        };
        let width = digits()?;
        let precision = match rest.strip_prefix(b".") {
            Some(after) => {
                rest = after;
                let n = rest.iter().take_while(|b| b.is_ascii_digit()).count();
                let text = String::from_utf8_lossy(&rest[..n]).into_owned();
                rest = &rest[n..];
                if n > 3 {
                    return None;
                }
                Some(if text.is_empty() { "0".to_string() } else { text })
            }
            None => None,
        };
        let (&letter, after) = rest.split_first()?;
        rest = after;
        if !matches!(letter, b's' | b'r' | b'a') {
            return None;
        }
        let &value = args.next()?;
        flush(tree, &mut literal, &mut values);
        let number = |text: &str| text.trim_start_matches('0').to_string();
        let mut spec = String::new();
        let wide = number(&width);
        if !wide.is_empty() {
            if !left_adjusted {
                spec.push('>');
            }
            spec.push_str(&wide);
        }
        if let Some(precision) = precision {
            let digits = number(&precision);
            spec.push('.');
            spec.push_str(if digits.is_empty() { "0" } else { &digits });
        }
        let place = tree[value].pos;
        let format_spec = (!spec.is_empty()).then(|| {
            let text = tree.constant(Constant::str(&spec));
            tree.expr(place, ExprKind::Constant { value: text, kind: None })
        });
        let kind = ExprKind::FormattedValue { value, conversion: letter as i8, format_spec };
        values.push(tree.expr(place, kind));
    }
    if args.next().is_some() {
        return None;
    }
    flush(tree, &mut literal, &mut values);
    Some(values)
}

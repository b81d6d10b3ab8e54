//! `from __future__` imports, and the warnings about leaving `finally` blocks.

use stackless_bytecode::code::flags as code_flags;

use super::warning;
use crate::Options;
use crate::error::{Result, SyntaxError, Warning};
use crate::ir::{List, Pos, Root, StmtId, StmtKind, Tree};

const MASK: u32 = code_flags::FUTURE_DIVISION
    | code_flags::FUTURE_ABSOLUTE_IMPORT
    | code_flags::FUTURE_WITH_STATEMENT
    | code_flags::FUTURE_PRINT_FUNCTION
    | code_flags::FUTURE_UNICODE_LITERALS
    | code_flags::FUTURE_BARRY_AS_BDFL
    | code_flags::FUTURE_GENERATOR_STOP
    | code_flags::FUTURE_ANNOTATIONS;

/// The future bits of the options and of the tree's own imports.
pub(super) fn features(tree: &Tree, options: &Options) -> Result<u32> {
    let mut bits = options.flags & MASK;
    let (Root::Module { body } | Root::Interactive { body }) = tree.root else { return Ok(bits) };
    let body = &tree[body];
    let mut allowed = true;
    for (i, &id) in body.iter().enumerate() {
        let stmt = tree[id];
        match stmt.kind {
            StmtKind::ImportFrom { module: Some(module), names, level: 0 }
                if tree.name(module) == "__future__" =>
            {
                if !allowed {
                    return Err(late(stmt.pos));
                }
                for alias in &tree[names] {
                    bits |= feature(tree.name(alias.name), alias.pos)?;
                }
            }
            StmtKind::Expr { value }
                if i == 0
                    && matches!(tree.as_constant(value), Some(crate::ir::Constant::Str(_))) => {}
            _ => allowed = false,
        }
    }
    // Everywhere else the import is too late.
    let top: Vec<StmtId> = body.to_vec();
    for (i, stmt) in tree.stmts.iter().enumerate() {
        if let StmtKind::ImportFrom { module: Some(module), level: 0, .. } = stmt.kind
            && tree.name(module) == "__future__"
            && !top.contains(&StmtId::new(i))
        {
            return Err(late(stmt.pos));
        }
    }
    Ok(bits)
}

fn late(pos: Pos) -> Box<SyntaxError> {
    SyntaxError::at(pos, "from __future__ imports must occur at the beginning of the file")
}

fn feature(name: &str, pos: Pos) -> Result<u32> {
    Ok(match name {
        // Long in force; they leave no mark.
        "nested_scopes" | "generators" | "division" | "absolute_import" | "with_statement"
        | "print_function" | "unicode_literals" | "generator_stop" => 0,
        "barry_as_FLUFL" => code_flags::FUTURE_BARRY_AS_BDFL,
        "annotations" => code_flags::FUTURE_ANNOTATIONS,
        "braces" => return Err(SyntaxError::at(pos, "not a chance")),
        _ => {
            let message = format!("future feature {name} is not defined");
            return Err(SyntaxError::at(pos, message));
        }
    })
}

/// PEP 765: `return`, `break` and `continue` that leave a `finally`.
pub(super) fn finally_warnings(tree: &Tree, _options: &Options, out: &mut Vec<Warning>) {
    let any = tree
        .stmts
        .iter()
        .any(|s| matches!(s.kind, StmtKind::Try { finalbody, .. } if !finalbody.is_empty()));
    if !any {
        return;
    }
    // In source order, as CPython's pass meets them.
    for stmt in &tree.stmts {
        if let StmtKind::Try { finalbody, .. } = stmt.kind
            && !finalbody.is_empty()
        {
            walk(tree, finalbody, true, out);
        }
    }
    out.sort_by_key(|w| (w.lineno, w.col));
    out.dedup();
}

/// Statements that run in the `finally`; `loops` is whether loop exits still leave it.
fn walk(tree: &Tree, body: List<StmtId>, loops: bool, out: &mut Vec<Warning>) {
    for &id in &tree[body] {
        let stmt = tree[id];
        let word = match stmt.kind {
            StmtKind::Return { .. } => "return",
            StmtKind::Break if loops => "break",
            StmtKind::Continue if loops => "continue",
            _ => "",
        };
        if !word.is_empty() {
            out.push(warning(stmt.pos, format!("'{word}' in a 'finally' block")));
        }
        match stmt.kind {
            StmtKind::For { body, orelse, .. } | StmtKind::While { body, orelse, .. } => {
                walk(tree, body, false, out);
                walk(tree, orelse, loops, out);
            }
            StmtKind::If { body, orelse, .. } => {
                walk(tree, body, loops, out);
                walk(tree, orelse, loops, out);
            }
            StmtKind::With { body, .. } => walk(tree, body, loops, out),
            StmtKind::Match { cases, .. } => {
                for case in &tree[cases] {
                    walk(tree, case.body, loops, out);
                }
            }
            StmtKind::Try { body, handlers, orelse, .. } => {
                // Its own finally is walked as one of its own.
                walk(tree, body, loops, out);
                for handler in &tree[handlers] {
                    walk(tree, handler.body, loops, out);
                }
                walk(tree, orelse, loops, out);
            }
            _ => {}
        }
    }
}

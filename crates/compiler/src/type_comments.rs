//! `# type:` comments (PEP 484), which the parser drops: found again among the tokens and attached
//! to statements and parameters by their place.
//!
//! CPython's grammar allows them behind an assignment, behind or under a function's header, behind
//! the header of `for` and `with`, and behind parameters. Elsewhere they are plain comments here,
//! where CPython refuses some.

use crate::ir::{Arg, List, Pos, StmtId, StmtKind, Tree};
use crate::tokens::{self, Text, kind};

struct Comment {
    line: u32,
    text: String,
    /// Nothing but blanks in front of it.
    alone: bool,
    used: bool,
}

/// The text of a type comment, or of an ignore comment with its tag.
fn parse(comment: &str) -> Option<Result<&str, &str>> {
    let body = comment.strip_prefix('#')?.trim_start_matches([' ', '\t']);
    let body = body.strip_prefix("type:")?;
    let body = body.trim_start_matches([' ', '\t']);
    if let Some(tag) = body.strip_prefix("ignore")
        && !tag.starts_with(|c: char| c.is_ascii_alphanumeric() || !c.is_ascii())
    {
        return Some(Err(tag));
    }
    Some(Ok(body))
}

/// Attaches the comments of `text` to its tree.
pub fn attach(tree: &mut Tree, text: &str) {
    let found = tokens::tokenize(text, true);
    let mut comments: Vec<Comment> = Vec::new();
    for token in &found.tokens {
        let (kind::COMMENT, Text::Source(range)) = (token.kind, &token.text) else { continue };
        let Some(comment) = found.source.get(range.clone()).and_then(parse) else { continue };
        let line = token.start.0;
        match comment {
            Err(tag) => tree.type_ignores.push((line, tag.into())),
            Ok(text) => {
                let before = found.source.get(token.line.start..range.start).unwrap_or("");
                comments.push(Comment {
                    line,
                    text: text.into(),
                    alone: before.trim().is_empty(),
                    used: false,
                });
            }
        }
    }
    if comments.is_empty() {
        return;
    }
    // Inner statements first: they have smaller numbers.
    for at in 0..tree.stmts.len() {
        let id = StmtId::new(at);
        let stmt = tree[id];
        match stmt.kind {
            StmtKind::Assign { .. } => {
                let line = stmt.pos.end_line;
                take(tree, &mut comments, id, |c| c.line == line && !c.alone);
            }
            StmtKind::For { iter, body, .. } => {
                let (from, to) = (tree[iter].pos.end_line, first_line(tree, body));
                take(tree, &mut comments, id, |c| c.line >= from && c.line < to && !c.alone);
            }
            StmtKind::With { items, body, .. } => {
                let last = tree[items].last().copied();
                let from = last.map_or(stmt.pos.line, |item| {
                    tree[item.optional_vars.unwrap_or(item.context_expr)].pos.end_line
                });
                let to = first_line(tree, body);
                take(tree, &mut comments, id, |c| c.line >= from && c.line < to && !c.alone);
            }
            StmtKind::FunctionDef(f) => {
                let a = tree[f.args];
                let mut args: Vec<Arg> = Vec::new();
                for list in [a.posonlyargs, a.args] {
                    args.extend(&tree[list]);
                }
                args.extend(a.vararg);
                args.extend(&tree[a.kwonlyargs]);
                args.extend(a.kwarg);
                let header = header_line(&found.tokens, &found.source, stmt.pos);
                let to = first_line(tree, f.body);
                for (i, arg) in args.iter().enumerate() {
                    // The last parameter of a line owns the line's comment.
                    let last = args.get(i + 1).is_none_or(|n| n.pos.line != arg.pos.line);
                    let line = arg.pos.end_line;
                    let place = comments
                        .iter_mut()
                        .find(|c| !c.used && last && c.line == line && line < header);
                    if let Some(comment) = place {
                        comment.used = true;
                        let text = tree.sym(&comment.text.clone());
                        tree.arg_comments.insert((arg.pos.line, arg.pos.col), text);
                    }
                }
                take(tree, &mut comments, id, |c| {
                    c.line < to && c.line == header + u32::from(c.alone)
                });
            }
            _ => {}
        }
    }
}

fn first_line(tree: &Tree, body: List<StmtId>) -> u32 {
    tree[body].first().map_or(u32::MAX, |&s| tree[s].pos.line)
}

/// Line of the colon that ends the header of the definition at `pos`.
fn header_line(all: &[tokens::Token], source: &str, pos: Pos) -> u32 {
    let start = all.partition_point(|t| t.start.0 < pos.line);
    let mut depth = 0i32;
    for token in &all[start..] {
        let Text::Source(range) = &token.text else { continue };
        match source.get(range.clone()).unwrap_or("") {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            ":" if depth == 0 => return token.start.0,
            _ => {}
        }
    }
    pos.line
}

fn take(tree: &mut Tree, comments: &mut [Comment], id: StmtId, fits: impl Fn(&Comment) -> bool) {
    if let Some(comment) = comments.iter_mut().find(|c| !c.used && fits(c)) {
        comment.used = true;
        let text = tree.sym(&comment.text.clone());
        tree.stmt_comments.insert(id, text);
    }
}

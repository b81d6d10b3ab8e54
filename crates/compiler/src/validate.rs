//! Checks of trees that were made from `_ast` objects and may be anything.
//!
//! The parser's trees need no check. CPython's counterpart: `Python/ast.c` (messages are its own).

use crate::error::{ErrorKind, Result, SyntaxError};
use crate::ir::{
    ArgsId, Comprehension, ConstId, Constant, Ctx, ExprId, ExprKind, Keyword, List, PatternId,
    PatternKind, Pos, Root, StmtId, StmtKind, Sym, Tree, TypeParam,
};

/// Depth at which object graphs are refused; each level costs native stack.
const MAX_DEPTH: u32 = 6_000;

struct Validator<'t> {
    tree: &'t Tree,
    depth: u32,
}

fn value_error<T>(message: impl Into<String>) -> Result<T> {
    Err(SyntaxError::bare(ErrorKind::Value, message))
}

fn type_error<T>(message: impl Into<String>) -> Result<T> {
    Err(SyntaxError::bare(ErrorKind::Type, message))
}

/// Refuses trees that the compiler must not see. Runs on a stack fit for the tree's depth.
pub fn validate(tree: &Tree) -> Result<()> {
    crate::deep::run(tree.depth, || {
        let mut v = Validator { tree, depth: 0 };
        match tree.root {
            Root::Module { body } | Root::Interactive { body } => v.stmts(body),
            Root::Expression { body } => v.expr(body, Ctx::Load),
            Root::FunctionType { argtypes, returns } => {
                v.exprs(argtypes, Ctx::Load)?;
                v.expr(returns, Ctx::Load)
            }
        }
    })
}

impl Validator<'_> {
    fn pos(&self, pos: Pos) -> Result<()> {
        if pos.line > pos.end_line {
            return value_error(format!(
                "AST node line range ({}, {}) is not valid",
                pos.line, pos.end_line
            ));
        }
        if pos.line == pos.end_line && pos.col > pos.end_col {
            return value_error(format!(
                "AST node column range ({}, {}) for line range ({}, {}) is not valid",
                pos.col, pos.end_col, pos.line, pos.end_line
            ));
        }
        Ok(())
    }

    fn name(&self, name: Sym) -> Result<()> {
        match self.tree.name(name) {
            text @ ("None" | "True" | "False") => {
                value_error(format!("identifier field can't represent '{text}' constant"))
            }
            _ => Ok(()),
        }
    }

    fn enter(&mut self) -> Result<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(SyntaxError::bare(
                ErrorKind::Recursion,
                "maximum recursion depth exceeded during ast construction",
            ));
        }
        Ok(())
    }

    fn exprs(&mut self, list: List<ExprId>, ctx: Ctx) -> Result<()> {
        let tree = self.tree;
        for &e in &tree[list] {
            self.expr(e, ctx)?;
        }
        Ok(())
    }

    fn opt(&mut self, e: Option<ExprId>) -> Result<()> {
        e.map_or(Ok(()), |e| self.expr(e, Ctx::Load))
    }

    fn keywords(&mut self, list: List<Keyword>) -> Result<()> {
        let tree = self.tree;
        for k in &tree[list] {
            self.expr(k.value, Ctx::Load)?;
        }
        Ok(())
    }

    fn nonempty(&self, len: usize, what: &str, owner: &str) -> Result<()> {
        if len == 0 { value_error(format!("empty {what} on {owner}")) } else { Ok(()) }
    }

    fn comprehensions(&mut self, list: List<Comprehension>) -> Result<()> {
        let tree = self.tree;
        if list.is_empty() {
            return value_error("comprehension with no generators");
        }
        for g in &tree[list] {
            self.expr(g.target, Ctx::Store)?;
            self.expr(g.iter, Ctx::Load)?;
            self.exprs(g.ifs, Ctx::Load)?;
        }
        Ok(())
    }

    fn constant(&self, id: ConstId) -> Result<()> {
        let _: &Constant = &self.tree[id];
        Ok(())
    }

    fn expr(&mut self, id: ExprId, want: Ctx) -> Result<()> {
        self.enter()?;
        let tree = self.tree;
        let e = tree[id];
        self.pos(e.pos)?;
        let has = match e.kind {
            ExprKind::Attribute { ctx, .. }
            | ExprKind::Subscript { ctx, .. }
            | ExprKind::Starred { ctx, .. }
            | ExprKind::Name { ctx, .. }
            | ExprKind::List { ctx, .. }
            | ExprKind::Tuple { ctx, .. } => Some(ctx),
            _ => None,
        };
        match has {
            Some(ctx) if ctx != want => {
                return value_error(format!(
                    "expression must have {want:?} context but has {ctx:?} instead"
                ));
            }
            None if want != Ctx::Load => {
                return value_error(format!(
                    "expression which can't be assigned to in {want:?} context"
                ));
            }
            _ => {}
        }
        match e.kind {
            ExprKind::BoolOp { values, .. } => {
                if values.len() < 2 {
                    return value_error("BoolOp with less than 2 values");
                }
                self.exprs(values, Ctx::Load)?;
            }
            ExprKind::NamedExpr { target, value } => {
                if !matches!(tree[target].kind, ExprKind::Name { .. }) {
                    return type_error("NamedExpr target must be a Name");
                }
                self.expr(target, Ctx::Store)?;
                self.expr(value, Ctx::Load)?;
            }
            ExprKind::BinOp { left, right, .. } => {
                self.expr(left, Ctx::Load)?;
                self.expr(right, Ctx::Load)?;
            }
            ExprKind::UnaryOp { operand, .. } => self.expr(operand, Ctx::Load)?,
            ExprKind::Lambda { args, body } => {
                self.arguments(args)?;
                self.expr(body, Ctx::Load)?;
            }
            ExprKind::IfExp { test, body, orelse } => {
                self.expr(test, Ctx::Load)?;
                self.expr(body, Ctx::Load)?;
                self.expr(orelse, Ctx::Load)?;
            }
            ExprKind::Dict { keys, values } => {
                if keys.len() != values.len() {
                    return value_error("Dict doesn't have the same number of keys as values");
                }
                for &key in &tree[keys] {
                    self.opt(key)?;
                }
                self.exprs(values, Ctx::Load)?;
            }
            ExprKind::Set { elts } => self.exprs(elts, Ctx::Load)?,
            ExprKind::ListComp { elt, generators }
            | ExprKind::SetComp { elt, generators }
            | ExprKind::GeneratorExp { elt, generators } => {
                self.comprehensions(generators)?;
                self.expr(elt, Ctx::Load)?;
            }
            ExprKind::DictComp { key, value, generators } => {
                self.comprehensions(generators)?;
                self.expr(key, Ctx::Load)?;
                self.expr(value, Ctx::Load)?;
            }
            ExprKind::Await { value } | ExprKind::YieldFrom { value } => {
                self.expr(value, Ctx::Load)?;
            }
            ExprKind::Yield { value } => self.opt(value)?,
            ExprKind::Compare { left, ops, comparators } => {
                if comparators.is_empty() {
                    return value_error("Compare with no comparators");
                }
                if ops.len() != comparators.len() {
                    return value_error(
                        "Compare has a different number of comparators and operands",
                    );
                }
                self.exprs(comparators, Ctx::Load)?;
                self.expr(left, Ctx::Load)?;
            }
            ExprKind::Call { func, args, keywords } => {
                self.expr(func, Ctx::Load)?;
                self.exprs(args, Ctx::Load)?;
                self.keywords(keywords)?;
            }
            ExprKind::FormattedValue { value, format_spec, .. }
            | ExprKind::Interpolation { value, format_spec, .. } => {
                self.expr(value, Ctx::Load)?;
                self.opt(format_spec)?;
            }
            ExprKind::JoinedStr { values } | ExprKind::TemplateStr { values } => {
                self.exprs(values, Ctx::Load)?;
            }
            ExprKind::Constant { value, .. } => self.constant(value)?,
            ExprKind::Attribute { value, .. } => self.expr(value, Ctx::Load)?,
            ExprKind::Subscript { value, slice, .. } => {
                self.expr(slice, Ctx::Load)?;
                self.expr(value, Ctx::Load)?;
            }
            ExprKind::Starred { value, ctx } => self.expr(value, ctx)?,
            ExprKind::Name { id, .. } => self.name(id)?,
            ExprKind::List { elts, ctx } | ExprKind::Tuple { elts, ctx } => {
                self.exprs(elts, ctx)?
            }
            ExprKind::Slice { lower, upper, step } => {
                self.opt(lower)?;
                self.opt(upper)?;
                self.opt(step)?;
            }
        }
        self.depth -= 1;
        Ok(())
    }

    fn arguments(&mut self, id: ArgsId) -> Result<()> {
        let tree = self.tree;
        let a = tree[id];
        for list in [a.posonlyargs, a.args, a.kwonlyargs] {
            for arg in &tree[list] {
                self.pos(arg.pos)?;
                self.opt(arg.annotation)?;
            }
        }
        for arg in a.vararg.iter().chain(a.kwarg.iter()) {
            self.opt(arg.annotation)?;
        }
        if a.defaults.len() > a.posonlyargs.len() + a.args.len() {
            return value_error("more positional defaults than args on arguments");
        }
        if a.kw_defaults.len() != a.kwonlyargs.len() {
            return value_error("length of kwonlyargs is not the same as kw_defaults on arguments");
        }
        self.exprs(a.defaults, Ctx::Load)?;
        for &default in &tree[a.kw_defaults] {
            self.opt(default)?;
        }
        Ok(())
    }

    fn stmts(&mut self, list: List<StmtId>) -> Result<()> {
        let tree = self.tree;
        for &s in &tree[list] {
            self.stmt(s)?;
        }
        Ok(())
    }

    fn body(&mut self, list: List<StmtId>, owner: &str) -> Result<()> {
        self.nonempty(list.len(), "body", owner)?;
        self.stmts(list)
    }

    fn type_params(&mut self, list: List<TypeParam>) -> Result<()> {
        let tree = self.tree;
        for p in &tree[list] {
            self.pos(p.pos)?;
            self.name(p.name)?;
            self.opt(p.bound)?;
            self.opt(p.default)?;
        }
        Ok(())
    }

    fn stmt(&mut self, id: StmtId) -> Result<()> {
        self.enter()?;
        let tree = self.tree;
        let s = tree[id];
        self.pos(s.pos)?;
        match s.kind {
            StmtKind::FunctionDef(f) => {
                self.name(f.name)?;
                let owner = if f.is_async { "AsyncFunctionDef" } else { "FunctionDef" };
                self.body(f.body, owner)?;
                self.type_params(f.type_params)?;
                self.arguments(f.args)?;
                self.exprs(f.decorators, Ctx::Load)?;
                self.opt(f.returns)?;
            }
            StmtKind::ClassDef(c) => {
                self.name(c.name)?;
                self.body(c.body, "ClassDef")?;
                self.type_params(c.type_params)?;
                self.exprs(c.bases, Ctx::Load)?;
                self.keywords(c.keywords)?;
                self.exprs(c.decorators, Ctx::Load)?;
            }
            StmtKind::Return { value } => self.opt(value)?,
            StmtKind::Delete { targets } => {
                self.nonempty(targets.len(), "targets", "Delete")?;
                self.exprs(targets, Ctx::Del)?;
            }
            StmtKind::Assign { targets, value } => {
                self.nonempty(targets.len(), "targets", "Assign")?;
                self.exprs(targets, Ctx::Store)?;
                self.expr(value, Ctx::Load)?;
            }
            StmtKind::TypeAlias { name, type_params, value } => {
                if !matches!(tree[name].kind, ExprKind::Name { .. }) {
                    return type_error("TypeAlias with non-Name name");
                }
                self.expr(name, Ctx::Store)?;
                self.type_params(type_params)?;
                self.expr(value, Ctx::Load)?;
            }
            StmtKind::AugAssign { target, value, .. } => {
                self.expr(target, Ctx::Store)?;
                self.expr(value, Ctx::Load)?;
            }
            StmtKind::AnnAssign { target, annotation, value, simple } => {
                if simple && !matches!(tree[target].kind, ExprKind::Name { .. }) {
                    return type_error("AnnAssign with simple non-Name target");
                }
                self.expr(target, Ctx::Store)?;
                self.opt(value)?;
                self.expr(annotation, Ctx::Load)?;
            }
            StmtKind::For { is_async, target, iter, body, orelse } => {
                self.expr(target, Ctx::Store)?;
                self.expr(iter, Ctx::Load)?;
                self.body(body, if is_async { "AsyncFor" } else { "For" })?;
                self.stmts(orelse)?;
            }
            StmtKind::While { test, body, orelse } => {
                self.expr(test, Ctx::Load)?;
                self.body(body, "While")?;
                self.stmts(orelse)?;
            }
            StmtKind::If { test, body, orelse } => {
                self.expr(test, Ctx::Load)?;
                self.body(body, "If")?;
                self.stmts(orelse)?;
            }
            StmtKind::With { is_async, items, body } => {
                let owner = if is_async { "AsyncWith" } else { "With" };
                self.nonempty(items.len(), "items", owner)?;
                for item in &tree[items] {
                    self.expr(item.context_expr, Ctx::Load)?;
                    if let Some(vars) = item.optional_vars {
                        self.expr(vars, Ctx::Store)?;
                    }
                }
                self.body(body, owner)?;
            }
            StmtKind::Match { subject, cases } => {
                self.expr(subject, Ctx::Load)?;
                self.nonempty(cases.len(), "cases", "Match")?;
                for case in &tree[cases] {
                    self.pattern(case.pattern, false)?;
                    self.opt(case.guard)?;
                    self.body(case.body, "match_case")?;
                }
            }
            StmtKind::Raise { exc, cause } => {
                if exc.is_none() && cause.is_some() {
                    return value_error("Raise with cause but no exception");
                }
                self.opt(exc)?;
                self.opt(cause)?;
            }
            StmtKind::Try { is_star, body, handlers, orelse, finalbody } => {
                let owner = if is_star { "TryStar" } else { "Try" };
                self.body(body, owner)?;
                if handlers.is_empty() && finalbody.is_empty() {
                    return value_error(format!(
                        "{owner} has neither except handlers nor finalbody"
                    ));
                }
                if handlers.is_empty() && !orelse.is_empty() {
                    return value_error(format!("{owner} has orelse but no except handlers"));
                }
                for handler in &tree[handlers] {
                    self.pos(handler.pos)?;
                    if let Some(name) = handler.name {
                        self.name(name)?;
                    }
                    self.opt(handler.type_)?;
                    self.body(handler.body, "ExceptHandler")?;
                }
                self.stmts(orelse)?;
                self.stmts(finalbody)?;
            }
            StmtKind::Assert { test, msg } => {
                self.expr(test, Ctx::Load)?;
                self.opt(msg)?;
            }
            StmtKind::Import { names } => {
                self.nonempty(names.len(), "names", "Import")?;
                self.aliases(names)?;
            }
            StmtKind::ImportFrom { names, .. } => {
                self.nonempty(names.len(), "names", "ImportFrom")?;
                self.aliases(names)?;
            }
            StmtKind::Global { names } => self.nonempty(names.len(), "names", "Global")?,
            StmtKind::Nonlocal { names } => self.nonempty(names.len(), "names", "Nonlocal")?,
            StmtKind::Expr { value } => self.expr(value, Ctx::Load)?,
            StmtKind::Pass | StmtKind::Break | StmtKind::Continue => {}
        }
        self.depth -= 1;
        Ok(())
    }

    fn aliases(&self, names: List<crate::ir::Alias>) -> Result<()> {
        for alias in &self.tree[names] {
            self.name(alias.name)?;
            alias.asname.map_or(Ok(()), |name| self.name(name))?;
        }
        Ok(())
    }

    fn capture(&self, name: Sym) -> Result<()> {
        if self.tree.name(name) == "_" {
            return value_error("can't capture name '_' in patterns");
        }
        self.name(name)
    }

    /// A literal or a dotted name.
    fn pattern_value(&mut self, id: ExprId) -> Result<()> {
        let tree = self.tree;
        self.expr(id, Ctx::Load)?;
        let literal = |e: ExprId| match tree.as_constant(e) {
            Some(c) => matches!(
                c,
                Constant::Int(_)
                    | Constant::Big(_)
                    | Constant::Float(_)
                    | Constant::Complex(..)
                    | Constant::Str(_)
                    | Constant::Bytes(_)
            ),
            None => false,
        };
        match tree[id].kind {
            ExprKind::Constant { .. } if literal(id) => Ok(()),
            ExprKind::Constant { .. } => {
                value_error("unexpected constant inside of a literal pattern")
            }
            ExprKind::Attribute { .. }
            | ExprKind::JoinedStr { .. }
            | ExprKind::TemplateStr { .. } => Ok(()),
            ExprKind::UnaryOp { op: crate::ir::UnaryOp::USub, operand } if literal(operand) => {
                Ok(())
            }
            ExprKind::BinOp { op: crate::ir::Operator::Add | crate::ir::Operator::Sub, .. } => {
                Ok(())
            }
            _ => value_error("patterns may only match literals and attribute lookups"),
        }
    }

    fn patterns(&mut self, list: List<PatternId>, star: bool) -> Result<()> {
        let tree = self.tree;
        for &p in &tree[list] {
            self.pattern(p, star)?;
        }
        Ok(())
    }

    fn pattern(&mut self, id: PatternId, star_ok: bool) -> Result<()> {
        self.enter()?;
        let tree = self.tree;
        let p = tree[id];
        self.pos(p.pos)?;
        match p.kind {
            PatternKind::MatchValue { value } => self.pattern_value(value)?,
            PatternKind::MatchSingleton { value } => {
                if !matches!(tree[value], Constant::None | Constant::Bool(_)) {
                    return value_error("MatchSingleton can only contain True, False and None");
                }
            }
            PatternKind::MatchSequence { patterns } => self.patterns(patterns, true)?,
            PatternKind::MatchMapping { keys, patterns, rest } => {
                if keys.len() != patterns.len() {
                    return value_error(
                        "MatchMapping doesn't have the same number of keys as patterns",
                    );
                }
                if let Some(rest) = rest {
                    self.capture(rest)?;
                }
                for &key in &tree[keys] {
                    if matches!(tree.as_constant(key), Some(Constant::None | Constant::Bool(_))) {
                        continue;
                    }
                    self.pattern_value(key)?;
                }
                self.patterns(patterns, false)?;
            }
            PatternKind::MatchClass { cls, patterns, kwd_attrs, kwd_patterns } => {
                if kwd_attrs.len() != kwd_patterns.len() {
                    return value_error(
                        "MatchClass doesn't have the same number of keyword attributes as patterns",
                    );
                }
                self.expr(cls, Ctx::Load)?;
                let mut at = cls;
                loop {
                    match tree[at].kind {
                        ExprKind::Name { .. } => break,
                        ExprKind::Attribute { value, .. } => at = value,
                        _ => {
                            return value_error(
                                "MatchClass cls field can only contain Name or Attribute nodes.",
                            );
                        }
                    }
                }
                for &attr in &tree[kwd_attrs] {
                    self.name(attr)?;
                }
                self.patterns(patterns, false)?;
                self.patterns(kwd_patterns, false)?;
            }
            PatternKind::MatchStar { name } => {
                if !star_ok {
                    return value_error("can't use MatchStar here");
                }
                if let Some(name) = name {
                    self.capture(name)?;
                }
            }
            PatternKind::MatchAs { pattern, name } => {
                if let Some(name) = name {
                    self.capture(name)?;
                }
                match (pattern, name) {
                    (None, _) => {}
                    (Some(_), None) => {
                        return value_error(
                            "MatchAs must specify a target name if a pattern is given",
                        );
                    }
                    (Some(pattern), Some(_)) => self.pattern(pattern, false)?,
                }
            }
            PatternKind::MatchOr { patterns } => {
                if patterns.len() < 2 {
                    return value_error("MatchOr requires at least 2 patterns");
                }
                self.patterns(patterns, false)?;
            }
        }
        self.depth -= 1;
        Ok(())
    }
}

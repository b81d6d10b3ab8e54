//! Statements, patterns and type parameters.

use ruff_python_ast::{self as ast, Pattern, Singleton, Stmt, TypeParam};
use ruff_text_size::{Ranged, TextRange, TextSize};

use super::Lower;
use super::expr::operator;
use crate::error::{Result, SyntaxError};
use crate::ir::{
    self, Alias, ClassDef, Constant, FunctionDef, Handler, List, MatchCase, PatternId, PatternKind,
    StmtId, StmtKind, Sym, TypeParamKind, WithItem,
};

/// Nested `elif`s are nested statements in CPython, and its parser's stack ends.
const MAX_ELIF: usize = 6_000;

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

impl Lower<'_> {
    pub fn body(&mut self, body: &[Stmt]) -> Result<List<StmtId>> {
        let mut ids = Vec::with_capacity(body.len());
        for stmt in body {
            ids.push(self.stmt(stmt)?);
        }
        Ok(self.tree.list(&ids))
    }

    fn stmt(&mut self, stmt: &Stmt) -> Result<StmtId> {
        self.enter(1)?;
        let id = self.stmt_inner(stmt)?;
        self.leave(1);
        Ok(id)
    }

    fn names(&mut self, names: &[ast::Identifier]) -> List<Sym> {
        let syms: Vec<_> = names.iter().map(|n| self.sym(n.as_str())).collect();
        self.tree.list(&syms)
    }

    fn stmt_inner(&mut self, stmt: &Stmt) -> Result<StmtId> {
        let mut pos = self.pos_of(stmt);
        let kind = match stmt {
            Stmt::FunctionDef(s) => {
                if s.is_async {
                    self.since(5, "Async functions are", s.range)?;
                }
                pos = self.pos(self.after_decorators(s.range, &s.decorator_list));
                let decorators = self.exprs(s.decorator_list.iter().map(|d| &d.expression))?;
                let type_params = self.type_params(s.type_params.as_deref())?;
                let args = self.parameters(Some(&s.parameters))?;
                let returns = self.opt(s.returns.as_deref())?;
                let body = self.body(&s.body)?;
                StmtKind::FunctionDef(FunctionDef {
                    is_async: s.is_async,
                    name: self.sym(s.name.as_str()),
                    args,
                    body,
                    decorators,
                    returns,
                    type_params,
                })
            }
            Stmt::ClassDef(s) => {
                pos = self.pos(self.after_decorators(s.range, &s.decorator_list));
                let decorators = self.exprs(s.decorator_list.iter().map(|d| &d.expression))?;
                let type_params = self.type_params(s.type_params.as_deref())?;
                let (bases, keywords) = match s.arguments.as_deref() {
                    Some(arguments) => self.call_arguments(arguments)?,
                    None => (List::EMPTY, List::EMPTY),
                };
                let body = self.body(&s.body)?;
                let name = self.sym(s.name.as_str());
                StmtKind::ClassDef(ClassDef {
                    name,
                    bases,
                    keywords,
                    body,
                    decorators,
                    type_params,
                })
            }
            Stmt::Return(s) => StmtKind::Return { value: self.opt(s.value.as_deref())? },
            Stmt::Delete(s) => StmtKind::Delete { targets: self.exprs(&s.targets)? },
            Stmt::TypeAlias(s) => {
                self.since(12, "Type statement is", s.range)?;
                let name = self.expr(&s.name)?;
                let type_params = self.type_params(s.type_params.as_deref())?;
                let value = self.expr(&s.value)?;
                StmtKind::TypeAlias { name, type_params, value }
            }
            Stmt::Assign(s) => {
                let targets = self.exprs(&s.targets)?;
                StmtKind::Assign { targets, value: self.expr(&s.value)? }
            }
            Stmt::AugAssign(s) => {
                if s.op == ast::Operator::MatMult {
                    self.since(5, "The '@' operator is", s.range)?;
                }
                let target = self.expr(&s.target)?;
                StmtKind::AugAssign { target, op: operator(s.op), value: self.expr(&s.value)? }
            }
            Stmt::AnnAssign(s) => {
                self.since(6, "Variable annotation syntax is", s.range)?;
                StmtKind::AnnAssign {
                    target: self.expr(&s.target)?,
                    annotation: self.expr(&s.annotation)?,
                    value: self.opt(s.value.as_deref())?,
                    simple: s.simple,
                }
            }
            Stmt::For(s) => {
                if s.is_async {
                    self.since(5, "Async for loops are", s.range)?;
                }
                StmtKind::For {
                    is_async: s.is_async,
                    target: self.expr(&s.target)?,
                    iter: self.expr(&s.iter)?,
                    body: self.body(&s.body)?,
                    orelse: self.body(&s.orelse)?,
                }
            }
            Stmt::While(s) => StmtKind::While {
                test: self.expr(&s.test)?,
                body: self.body(&s.body)?,
                orelse: self.body(&s.orelse)?,
            },
            Stmt::If(s) => self.if_chain(s)?,
            Stmt::With(s) => {
                if s.is_async {
                    self.since(5, "Async with statements are", s.range)?;
                }
                let mut items = Vec::with_capacity(s.items.len());
                for item in &s.items {
                    let context_expr = self.expr(&item.context_expr)?;
                    let optional_vars = self.opt(item.optional_vars.as_deref())?;
                    items.push(WithItem { context_expr, optional_vars });
                }
                let items = self.tree.list(&items);
                StmtKind::With { is_async: s.is_async, items, body: self.body(&s.body)? }
            }
            Stmt::Match(s) => {
                self.since(10, "Pattern matching is", s.range)?;
                let subject = self.expr(&s.subject)?;
                let mut cases = Vec::with_capacity(s.cases.len());
                for case in &s.cases {
                    cases.push(MatchCase {
                        pattern: self.pattern(&case.pattern)?,
                        guard: self.opt(case.guard.as_deref())?,
                        body: self.body(&case.body)?,
                    });
                }
                StmtKind::Match { subject, cases: self.tree.list(&cases) }
            }
            Stmt::Raise(s) => StmtKind::Raise {
                exc: self.opt(s.exc.as_deref())?,
                cause: self.opt(s.cause.as_deref())?,
            },
            Stmt::Try(s) => self.try_stmt(s)?,
            Stmt::Assert(s) => {
                StmtKind::Assert { test: self.expr(&s.test)?, msg: self.opt(s.msg.as_deref())? }
            }
            Stmt::Import(s) => {
                if s.is_lazy {
                    return Err(self.error(s.range, "invalid syntax"));
                }
                StmtKind::Import { names: self.aliases(&s.names) }
            }
            Stmt::ImportFrom(s) => {
                if s.is_lazy {
                    return Err(self.error(s.range, "invalid syntax"));
                }
                StmtKind::ImportFrom {
                    module: s.module.as_ref().map(|m| self.sym(m.as_str())),
                    names: self.aliases(&s.names),
                    level: s.level,
                }
            }
            Stmt::Global(s) => StmtKind::Global { names: self.names(&s.names) },
            Stmt::Nonlocal(s) => StmtKind::Nonlocal { names: self.names(&s.names) },
            Stmt::Expr(s) => StmtKind::Expr { value: self.expr(&s.value)? },
            Stmt::Pass(_) => StmtKind::Pass,
            Stmt::Break(_) => StmtKind::Break,
            Stmt::Continue(_) => StmtKind::Continue,
            Stmt::IpyEscapeCommand(s) => return Err(self.error(s.range, "invalid syntax")),
        };
        if is_compound(stmt) {
            let end = self.pos(self.with_semicolon(stmt.range()));
            pos.end_line = end.end_line;
            pos.end_col = end.end_col;
        }
        Ok(self.tree.stmt(pos, kind))
    }

    /// A block ends with its last token, which may be a `;`.
    fn with_semicolon(&self, range: TextRange) -> TextRange {
        let bytes = self.lines.text.as_bytes();
        let mut at = range.end().to_usize();
        while matches!(bytes.get(at), Some(b' ' | b'\t' | b'\x0c')) {
            at += 1;
        }
        if bytes.get(at) != Some(&b';') {
            return range;
        }
        let end = TextSize::try_from(at + 1).unwrap_or(range.end());
        TextRange::new(range.start(), end)
    }

    /// The range from `def`, `async` or `class` on.
    fn after_decorators(&self, range: TextRange, decorators: &[ast::Decorator]) -> TextRange {
        let Some(last) = decorators.last() else { return range };
        let bytes = self.lines.text.as_bytes();
        let mut at = last.range.end().to_usize();
        while let Some(&byte) = bytes.get(at) {
            match byte {
                b'#' => {
                    while bytes.get(at).is_some_and(|&b| b != b'\n') {
                        at += 1;
                    }
                }
                b' ' | b'\t' | b'\n' | b'\x0c' => at += 1,
                b'\\' => at += 2,
                _ => break,
            }
        }
        let start = TextSize::try_from(at).unwrap_or(range.start());
        TextRange::new(start.min(range.end()), range.end())
    }

    fn if_chain(&mut self, s: &ast::StmtIf) -> Result<StmtKind> {
        let clauses = s.elif_else_clauses.len();
        if clauses > MAX_ELIF {
            return Err(SyntaxError::parser_stack());
        }
        let levels = u32::try_from(clauses).unwrap_or(u32::MAX);
        self.enter(levels)?;
        let mut orelse = List::EMPTY;
        for clause in s.elif_else_clauses.iter().rev() {
            let body = self.body(&clause.body)?;
            match &clause.test {
                None => orelse = body,
                Some(test) => {
                    let test = self.expr(test)?;
                    let range = TextRange::new(clause.range.start(), s.range.end());
                    let pos = self.pos(self.with_semicolon(range));
                    let id = self.tree.stmt(pos, StmtKind::If { test, body, orelse });
                    orelse = self.tree.list(&[id]);
                }
            }
        }
        self.leave(levels);
        Ok(StmtKind::If { test: self.expr(&s.test)?, body: self.body(&s.body)?, orelse })
    }

    fn try_stmt(&mut self, s: &ast::StmtTry) -> Result<StmtKind> {
        if s.is_star {
            self.since(11, "Exception groups are", s.range)?;
        }
        for handler in &s.handlers {
            let ast::ExceptHandler::ExceptHandler(h) = handler;
            if let Some(ast::Expr::Tuple(types)) = h.type_.as_deref()
                && !types.parenthesized
            {
                self.since(14, "except expressions without parentheses are", s.range)?;
            }
        }
        let body = self.body(&s.body)?;
        let mut handlers = Vec::with_capacity(s.handlers.len());
        for handler in &s.handlers {
            let ast::ExceptHandler::ExceptHandler(h) = handler;
            handlers.push(Handler {
                type_: self.opt(h.type_.as_deref())?,
                name: h.name.as_ref().map(|n| self.sym(n.as_str())),
                body: self.body(&h.body)?,
                pos: self.pos(self.with_semicolon(h.range)),
            });
        }
        Ok(StmtKind::Try {
            is_star: s.is_star,
            body,
            handlers: self.tree.list(&handlers),
            orelse: self.body(&s.orelse)?,
            finalbody: self.body(&s.finalbody)?,
        })
    }

    fn aliases(&mut self, names: &[ast::Alias]) -> List<Alias> {
        let mut out = Vec::with_capacity(names.len());
        for alias in names {
            out.push(Alias {
                name: self.sym(alias.name.as_str()),
                asname: alias.asname.as_ref().map(|n| self.sym(n.as_str())),
                pos: self.pos(alias.range),
            });
        }
        self.tree.list(&out)
    }

    fn type_params(&mut self, params: Option<&ast::TypeParams>) -> Result<List<ir::TypeParam>> {
        let Some(params) = params else { return Ok(List::EMPTY) };
        self.since(12, "Type parameter lists are", params.range)?;
        let mut out = Vec::with_capacity(params.type_params.len());
        for param in params {
            if param.default().is_some() {
                self.since(13, "Type parameter defaults are", param.range())?;
            }
            let (kind, bound) = match param {
                TypeParam::TypeVar(v) => (TypeParamKind::TypeVar, v.bound.as_deref()),
                TypeParam::ParamSpec(_) => (TypeParamKind::ParamSpec, None),
                TypeParam::TypeVarTuple(_) => (TypeParamKind::TypeVarTuple, None),
            };
            out.push(ir::TypeParam {
                kind,
                name: self.sym(param.name().as_str()),
                bound: self.opt(bound)?,
                default: self.opt(param.default())?,
                pos: self.pos_of(param),
            });
        }
        Ok(self.tree.list(&out))
    }

    fn patterns<'p>(
        &mut self,
        patterns: impl IntoIterator<Item = &'p Pattern>,
    ) -> Result<List<PatternId>> {
        let ids = patterns.into_iter().map(|p| self.pattern(p)).collect::<Result<Vec<_>>>()?;
        Ok(self.tree.list(&ids))
    }

    fn pattern(&mut self, pattern: &Pattern) -> Result<PatternId> {
        self.enter(1)?;
        let pos = self.pos_of(pattern);
        let kind = match pattern {
            Pattern::MatchValue(p) => PatternKind::MatchValue { value: self.expr(&p.value)? },
            Pattern::MatchSingleton(p) => {
                let value = match p.value {
                    Singleton::None => Constant::None,
                    Singleton::True => Constant::Bool(true),
                    Singleton::False => Constant::Bool(false),
                };
                PatternKind::MatchSingleton { value: self.tree.constant(value) }
            }
            Pattern::MatchSequence(p) => {
                PatternKind::MatchSequence { patterns: self.patterns(&p.patterns)? }
            }
            Pattern::MatchMapping(p) => PatternKind::MatchMapping {
                keys: self.exprs(&p.keys)?,
                patterns: self.patterns(&p.patterns)?,
                rest: p.rest.as_ref().map(|n| self.sym(n.as_str())),
            },
            Pattern::MatchClass(p) => {
                let cls = self.expr(&p.cls)?;
                let patterns = self.patterns(&p.arguments.patterns)?;
                let attrs: Vec<_> =
                    p.arguments.keywords.iter().map(|k| self.sym(k.attr.as_str())).collect();
                let kwd_patterns =
                    self.patterns(p.arguments.keywords.iter().map(|k| &k.pattern))?;
                let kwd_attrs = self.tree.list(&attrs);
                PatternKind::MatchClass { cls, patterns, kwd_attrs, kwd_patterns }
            }
            Pattern::MatchStar(p) => {
                PatternKind::MatchStar { name: p.name.as_ref().map(|n| self.sym(n.as_str())) }
            }
            Pattern::MatchAs(p) => PatternKind::MatchAs {
                pattern: p.pattern.as_deref().map(|p| self.pattern(p)).transpose()?,
                name: p.name.as_ref().map(|n| self.sym(n.as_str())),
            },
            Pattern::MatchOr(p) => PatternKind::MatchOr { patterns: self.patterns(&p.patterns)? },
        };
        self.leave(1);
        Ok(self.tree.pattern(pos, kind))
    }
}

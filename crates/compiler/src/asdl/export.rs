//! The IR as rows: one pass over each arena. The rows of expressions, patterns and statements come
//! first and in the arenas' order, so that a node's row is known before it is made.

use super::grammar::class;
use super::{Flat, Item, Row, RowPos};
use crate::ir::{
    Arg, ArgsId, BoolOp, CmpOp, ConstId, Ctx, Expr, ExprId, ExprKind, List, Operator, Pattern,
    PatternId, PatternKind, Pooled, Pos, Root, Stmt, StmtId, StmtKind, Sym, Tree, TypeParam,
    TypeParamKind, UnaryOp,
};

struct Export<'t> {
    tree: &'t Tree,
    out: Flat,
    /// Row that the node under construction goes to; None: a new one.
    place: Option<usize>,
}

/// The rows of a tree.
#[must_use]
pub fn export(tree: &Tree) -> Flat {
    let (exprs, patterns) = (tree.exprs.len(), tree.patterns.len());
    let mut e = Export { tree, out: Flat::default(), place: None };
    let empty = Row { class: 0, first: 0, pos: RowPos::None };
    e.out.rows = vec![empty; exprs + patterns + tree.stmts.len()];
    for (at, expr) in tree.exprs.iter().enumerate() {
        e.expr(at, expr);
    }
    for (at, pattern) in tree.patterns.iter().enumerate() {
        e.pattern(exprs + at, pattern);
    }
    for (at, stmt) in tree.stmts.iter().enumerate() {
        e.stmt(exprs + patterns + at, StmtId::new(at), stmt);
    }
    e.out.root = match tree.root {
        Root::Module { body } => {
            let body = e.stmt_list(body);
            let ignores: Vec<Item> = tree
                .type_ignores
                .iter()
                .map(|(line, tag)| {
                    let row = e.row("TypeIgnore", [Item::Int(i64::from(*line)), e.text(tag)]);
                    Item::Node(row)
                })
                .collect();
            let ignores = e.items(ignores);
            e.row("Module", [body, ignores])
        }
        Root::Interactive { body } => {
            let body = e.stmt_list(body);
            e.row("Interactive", [body])
        }
        Root::Expression { body } => {
            let body = e.e(body);
            e.row("Expression", [body])
        }
        Root::FunctionType { argtypes, returns } => {
            let fields = [e.expr_list(argtypes), e.e(returns)];
            e.row("FunctionType", fields)
        }
    };
    e.out
}

fn ctx(c: Ctx) -> Item {
    Item::Single(class(match c {
        Ctx::Load => "Load",
        Ctx::Store => "Store",
        Ctx::Del => "Del",
    }))
}

fn cmp(op: CmpOp) -> Item {
    Item::Single(class(match op {
        CmpOp::Eq => "Eq",
        CmpOp::NotEq => "NotEq",
        CmpOp::Lt => "Lt",
        CmpOp::LtE => "LtE",
        CmpOp::Gt => "Gt",
        CmpOp::GtE => "GtE",
        CmpOp::Is => "Is",
        CmpOp::IsNot => "IsNot",
        CmpOp::In => "In",
        CmpOp::NotIn => "NotIn",
    }))
}

fn operator(op: Operator) -> Item {
    Item::Single(class(match op {
        Operator::Add => "Add",
        Operator::Sub => "Sub",
        Operator::Mult => "Mult",
        Operator::MatMult => "MatMult",
        Operator::Div => "Div",
        Operator::Mod => "Mod",
        Operator::Pow => "Pow",
        Operator::LShift => "LShift",
        Operator::RShift => "RShift",
        Operator::BitOr => "BitOr",
        Operator::BitXor => "BitXor",
        Operator::BitAnd => "BitAnd",
        Operator::FloorDiv => "FloorDiv",
    }))
}

impl Export<'_> {
    fn push<const N: usize>(&mut self, name: &str, pos: RowPos, fields: [Item; N]) -> u32 {
        let first = u32::try_from(self.out.items.len()).unwrap_or(u32::MAX);
        self.out.items.extend(fields);
        let row = Row { class: class(name), first, pos };
        let at = match self.place.take() {
            Some(at) => {
                self.out.rows[at] = row;
                at
            }
            None => {
                self.out.rows.push(row);
                self.out.rows.len() - 1
            }
        };
        u32::try_from(at).unwrap_or(u32::MAX)
    }
    fn numbered(at: usize) -> Item {
        Item::Node(u32::try_from(at).unwrap_or(u32::MAX))
    }
    fn row<const N: usize>(&mut self, name: &str, fields: [Item; N]) -> u32 {
        self.push(name, RowPos::None, fields)
    }
    fn at<const N: usize>(&mut self, name: &str, pos: Pos, fields: [Item; N]) -> u32 {
        self.push(name, RowPos::Known(pos), fields)
    }
    /// The node whose row is `place`; its fields are made.
    fn put<const N: usize>(&mut self, place: usize, name: &str, pos: Pos, fields: [Item; N]) {
        self.place = Some(place);
        self.at(name, pos, fields);
    }
    fn items(&mut self, items: Vec<Item>) -> Item {
        let start = u32::try_from(self.out.pool.len()).unwrap_or(u32::MAX);
        let len = u32::try_from(items.len()).unwrap_or(u32::MAX);
        self.out.pool.extend(items);
        Item::List(start, len)
    }
    fn list<T: Pooled>(&mut self, list: List<T>, f: impl Fn(&mut Self, &T) -> Item) -> Item {
        let tree = self.tree;
        let items = tree[list].iter().map(|x| f(self, x)).collect();
        self.items(items)
    }

    fn e(&self, id: ExprId) -> Item {
        Self::numbered(id.index())
    }
    fn oe(&self, id: Option<ExprId>) -> Item {
        id.map_or(Item::None, |id| self.e(id))
    }
    fn expr_list(&mut self, list: List<ExprId>) -> Item {
        self.list(list, |s, &id| s.e(id))
    }
    fn opt_list(&mut self, list: List<Option<ExprId>>) -> Item {
        self.list(list, |s, &id| s.oe(id))
    }
    fn stmt_list(&mut self, list: List<StmtId>) -> Item {
        self.list(list, |s, &id| {
            Self::numbered(s.tree.exprs.len() + s.tree.patterns.len() + id.index())
        })
    }
    fn pattern_list(&mut self, list: List<PatternId>) -> Item {
        self.list(list, |s, &id| s.p(id))
    }
    fn p(&self, id: PatternId) -> Item {
        Self::numbered(self.tree.exprs.len() + id.index())
    }
    fn sym_list(&mut self, list: List<Sym>) -> Item {
        self.list(list, |s, &name| s.sym(name))
    }
    fn text(&self, text: &str) -> Item {
        Item::Str(text.as_bytes().into())
    }
    fn sym(&self, name: Sym) -> Item {
        self.text(self.tree.name(name))
    }
    fn osym(&self, name: Option<Sym>) -> Item {
        name.map_or(Item::None, |name| self.sym(name))
    }
    fn constant(&self, id: ConstId) -> Item {
        Item::Constant(self.tree[id].clone())
    }

    fn keywords(&mut self, list: List<crate::ir::Keyword>) -> Item {
        self.list(list, |s, k| {
            let fields = [s.osym(k.arg), s.e(k.value)];
            Item::Node(s.at("keyword", k.pos, fields))
        })
    }
    fn generators(&mut self, list: List<crate::ir::Comprehension>) -> Item {
        self.list(list, |s, g| {
            let fields =
                [s.e(g.target), s.e(g.iter), s.expr_list(g.ifs), Item::Int(i64::from(g.is_async))];
            Item::Node(s.row("comprehension", fields))
        })
    }
    fn type_params(&mut self, list: List<TypeParam>) -> Item {
        self.list(list, |s, p| {
            let (name, default) = (s.sym(p.name), s.oe(p.default));
            Item::Node(match p.kind {
                TypeParamKind::TypeVar => {
                    let bound = s.oe(p.bound);
                    s.at("TypeVar", p.pos, [name, bound, default])
                }
                TypeParamKind::ParamSpec => s.at("ParamSpec", p.pos, [name, default]),
                TypeParamKind::TypeVarTuple => s.at("TypeVarTuple", p.pos, [name, default]),
            })
        })
    }
    fn arg(&mut self, a: &Arg) -> Item {
        let comment = self.tree.arg_comments.get(&(a.pos.line, a.pos.col)).copied();
        let fields = [self.sym(a.name), self.oe(a.annotation), self.osym(comment)];
        Item::Node(self.at("arg", a.pos, fields))
    }
    fn arguments(&mut self, id: ArgsId) -> Item {
        let a = self.tree[id];
        let fields = [
            self.list(a.posonlyargs, Self::arg),
            self.list(a.args, Self::arg),
            a.vararg.map_or(Item::None, |a| self.arg(&a)),
            self.list(a.kwonlyargs, Self::arg),
            self.opt_list(a.kw_defaults),
            a.kwarg.map_or(Item::None, |a| self.arg(&a)),
            self.expr_list(a.defaults),
        ];
        Item::Node(self.row("arguments", fields))
    }

    fn expr(&mut self, place: usize, expr: &Expr) {
        let pos = expr.pos;
        match expr.kind {
            ExprKind::BoolOp { op, values } => {
                let op = Item::Single(class(match op {
                    BoolOp::And => "And",
                    BoolOp::Or => "Or",
                }));
                let values = self.expr_list(values);
                self.put(place, "BoolOp", pos, [op, values])
            }
            ExprKind::NamedExpr { target, value } => {
                self.put(place, "NamedExpr", pos, [self.e(target), self.e(value)])
            }
            ExprKind::BinOp { left, op, right } => {
                self.put(place, "BinOp", pos, [self.e(left), operator(op), self.e(right)])
            }
            ExprKind::UnaryOp { op, operand } => {
                let op = Item::Single(class(match op {
                    UnaryOp::Invert => "Invert",
                    UnaryOp::Not => "Not",
                    UnaryOp::UAdd => "UAdd",
                    UnaryOp::USub => "USub",
                }));
                self.put(place, "UnaryOp", pos, [op, self.e(operand)])
            }
            ExprKind::Lambda { args, body } => {
                let args = self.arguments(args);
                self.put(place, "Lambda", pos, [args, self.e(body)])
            }
            ExprKind::IfExp { test, body, orelse } => {
                self.put(place, "IfExp", pos, [self.e(test), self.e(body), self.e(orelse)])
            }
            ExprKind::Dict { keys, values } => {
                let fields = [self.opt_list(keys), self.expr_list(values)];
                self.put(place, "Dict", pos, fields)
            }
            ExprKind::Set { elts } => {
                let elts = self.expr_list(elts);
                self.put(place, "Set", pos, [elts])
            }
            ExprKind::ListComp { elt, generators } => {
                let generators = self.generators(generators);
                self.put(place, "ListComp", pos, [self.e(elt), generators])
            }
            ExprKind::SetComp { elt, generators } => {
                let generators = self.generators(generators);
                self.put(place, "SetComp", pos, [self.e(elt), generators])
            }
            ExprKind::GeneratorExp { elt, generators } => {
                let generators = self.generators(generators);
                self.put(place, "GeneratorExp", pos, [self.e(elt), generators])
            }
            ExprKind::DictComp { key, value, generators } => {
                let generators = self.generators(generators);
                self.put(place, "DictComp", pos, [self.e(key), self.e(value), generators])
            }
            ExprKind::Await { value } => self.put(place, "Await", pos, [self.e(value)]),
            ExprKind::Yield { value } => self.put(place, "Yield", pos, [self.oe(value)]),
            ExprKind::YieldFrom { value } => self.put(place, "YieldFrom", pos, [self.e(value)]),
            ExprKind::Compare { left, ops, comparators } => {
                let ops = self.list(ops, |_, &op| cmp(op));
                let comparators = self.expr_list(comparators);
                self.put(place, "Compare", pos, [self.e(left), ops, comparators])
            }
            ExprKind::Call { func, args, keywords } => {
                let args = self.expr_list(args);
                let keywords = self.keywords(keywords);
                self.put(place, "Call", pos, [self.e(func), args, keywords])
            }
            ExprKind::FormattedValue { value, conversion, format_spec } => {
                let fields =
                    [self.e(value), Item::Int(i64::from(conversion)), self.oe(format_spec)];
                self.put(place, "FormattedValue", pos, fields)
            }
            ExprKind::Interpolation { value, text, conversion, format_spec } => {
                let fields = [
                    self.e(value),
                    self.constant(text),
                    Item::Int(i64::from(conversion)),
                    self.oe(format_spec),
                ];
                self.put(place, "Interpolation", pos, fields)
            }
            ExprKind::JoinedStr { values } => {
                let values = self.expr_list(values);
                self.put(place, "JoinedStr", pos, [values])
            }
            ExprKind::TemplateStr { values } => {
                let values = self.expr_list(values);
                self.put(place, "TemplateStr", pos, [values])
            }
            ExprKind::Constant { value, kind } => {
                self.put(place, "Constant", pos, [self.constant(value), self.osym(kind)])
            }
            ExprKind::Attribute { value, attr, ctx: c } => {
                self.put(place, "Attribute", pos, [self.e(value), self.sym(attr), ctx(c)])
            }
            ExprKind::Subscript { value, slice, ctx: c } => {
                self.put(place, "Subscript", pos, [self.e(value), self.e(slice), ctx(c)])
            }
            ExprKind::Starred { value, ctx: c } => {
                self.put(place, "Starred", pos, [self.e(value), ctx(c)])
            }
            ExprKind::Name { id, ctx: c } => self.put(place, "Name", pos, [self.sym(id), ctx(c)]),
            ExprKind::List { elts, ctx: c } => {
                let elts = self.expr_list(elts);
                self.put(place, "List", pos, [elts, ctx(c)])
            }
            ExprKind::Tuple { elts, ctx: c } => {
                let elts = self.expr_list(elts);
                self.put(place, "Tuple", pos, [elts, ctx(c)])
            }
            ExprKind::Slice { lower, upper, step } => {
                self.put(place, "Slice", pos, [self.oe(lower), self.oe(upper), self.oe(step)])
            }
        }
    }

    fn pattern(&mut self, place: usize, pattern: &Pattern) {
        let pos = pattern.pos;
        match pattern.kind {
            PatternKind::MatchValue { value } => {
                self.put(place, "MatchValue", pos, [self.e(value)])
            }
            PatternKind::MatchSingleton { value } => {
                self.put(place, "MatchSingleton", pos, [self.constant(value)])
            }
            PatternKind::MatchSequence { patterns } => {
                let patterns = self.pattern_list(patterns);
                self.put(place, "MatchSequence", pos, [patterns])
            }
            PatternKind::MatchMapping { keys, patterns, rest } => {
                let fields = [self.expr_list(keys), self.pattern_list(patterns), self.osym(rest)];
                self.put(place, "MatchMapping", pos, fields)
            }
            PatternKind::MatchClass { cls, patterns, kwd_attrs, kwd_patterns } => {
                let fields = [
                    self.e(cls),
                    self.pattern_list(patterns),
                    self.sym_list(kwd_attrs),
                    self.pattern_list(kwd_patterns),
                ];
                self.put(place, "MatchClass", pos, fields)
            }
            PatternKind::MatchStar { name } => self.put(place, "MatchStar", pos, [self.osym(name)]),
            PatternKind::MatchAs { pattern, name } => {
                let pattern = pattern.map_or(Item::None, |p| self.p(p));
                self.put(place, "MatchAs", pos, [pattern, self.osym(name)])
            }
            PatternKind::MatchOr { patterns } => {
                let patterns = self.pattern_list(patterns);
                self.put(place, "MatchOr", pos, [patterns])
            }
        }
    }

    fn aliases(&mut self, names: List<crate::ir::Alias>) -> Item {
        self.list(names, |s, a| {
            let fields = [s.sym(a.name), s.osym(a.asname)];
            Item::Node(s.at("alias", a.pos, fields))
        })
    }

    fn stmt(&mut self, place: usize, id: StmtId, stmt: &Stmt) {
        let pos = stmt.pos;
        let comment = self.osym(self.tree.stmt_comments.get(&id).copied());
        match stmt.kind {
            StmtKind::FunctionDef(f) => {
                let fields = [
                    self.sym(f.name),
                    self.arguments(f.args),
                    self.stmt_list(f.body),
                    self.expr_list(f.decorators),
                    self.oe(f.returns),
                    comment,
                    self.type_params(f.type_params),
                ];
                self.put(
                    place,
                    if f.is_async { "AsyncFunctionDef" } else { "FunctionDef" },
                    pos,
                    fields,
                )
            }
            StmtKind::ClassDef(c) => {
                let fields = [
                    self.sym(c.name),
                    self.expr_list(c.bases),
                    self.keywords(c.keywords),
                    self.stmt_list(c.body),
                    self.expr_list(c.decorators),
                    self.type_params(c.type_params),
                ];
                self.put(place, "ClassDef", pos, fields)
            }
            StmtKind::Return { value } => self.put(place, "Return", pos, [self.oe(value)]),
            StmtKind::Delete { targets } => {
                let targets = self.expr_list(targets);
                self.put(place, "Delete", pos, [targets])
            }
            StmtKind::Assign { targets, value } => {
                let targets = self.expr_list(targets);
                self.put(place, "Assign", pos, [targets, self.e(value), comment])
            }
            StmtKind::TypeAlias { name, type_params, value } => {
                let params = self.type_params(type_params);
                self.put(place, "TypeAlias", pos, [self.e(name), params, self.e(value)])
            }
            StmtKind::AugAssign { target, op, value } => {
                self.put(place, "AugAssign", pos, [self.e(target), operator(op), self.e(value)])
            }
            StmtKind::AnnAssign { target, annotation, value, simple } => {
                let fields = [
                    self.e(target),
                    self.e(annotation),
                    self.oe(value),
                    Item::Int(i64::from(simple)),
                ];
                self.put(place, "AnnAssign", pos, fields)
            }
            StmtKind::For { is_async, target, iter, body, orelse } => {
                let fields = [
                    self.e(target),
                    self.e(iter),
                    self.stmt_list(body),
                    self.stmt_list(orelse),
                    comment,
                ];
                self.put(place, if is_async { "AsyncFor" } else { "For" }, pos, fields)
            }
            StmtKind::While { test, body, orelse } => {
                let fields = [self.e(test), self.stmt_list(body), self.stmt_list(orelse)];
                self.put(place, "While", pos, fields)
            }
            StmtKind::If { test, body, orelse } => {
                let fields = [self.e(test), self.stmt_list(body), self.stmt_list(orelse)];
                self.put(place, "If", pos, fields)
            }
            StmtKind::With { is_async, items, body } => {
                let items = self.list(items, |s, i| {
                    let fields = [s.e(i.context_expr), s.oe(i.optional_vars)];
                    Item::Node(s.row("withitem", fields))
                });
                let body = self.stmt_list(body);
                self.put(
                    place,
                    if is_async { "AsyncWith" } else { "With" },
                    pos,
                    [items, body, comment],
                )
            }
            StmtKind::Match { subject, cases } => {
                let cases = self.list(cases, |s, c| {
                    let fields = [s.p(c.pattern), s.oe(c.guard), s.stmt_list(c.body)];
                    Item::Node(s.row("match_case", fields))
                });
                self.put(place, "Match", pos, [self.e(subject), cases])
            }
            StmtKind::Raise { exc, cause } => {
                self.put(place, "Raise", pos, [self.oe(exc), self.oe(cause)])
            }
            StmtKind::Try { is_star, body, handlers, orelse, finalbody } => {
                let handlers_of = |s: &mut Self| {
                    s.list(handlers, |s, h| {
                        let fields = [s.oe(h.type_), s.osym(h.name), s.stmt_list(h.body)];
                        Item::Node(s.at("ExceptHandler", h.pos, fields))
                    })
                };
                let fields = [
                    self.stmt_list(body),
                    handlers_of(self),
                    self.stmt_list(orelse),
                    self.stmt_list(finalbody),
                ];
                self.put(place, if is_star { "TryStar" } else { "Try" }, pos, fields)
            }
            StmtKind::Assert { test, msg } => {
                self.put(place, "Assert", pos, [self.e(test), self.oe(msg)])
            }
            StmtKind::Import { names } => {
                let names = self.aliases(names);
                self.put(place, "Import", pos, [names])
            }
            StmtKind::ImportFrom { module, names, level } => {
                let names = self.aliases(names);
                let fields = [self.osym(module), names, Item::Int(i64::from(level))];
                self.put(place, "ImportFrom", pos, fields)
            }
            StmtKind::Global { names } => {
                let names = self.sym_list(names);
                self.put(place, "Global", pos, [names])
            }
            StmtKind::Nonlocal { names } => {
                let names = self.sym_list(names);
                self.put(place, "Nonlocal", pos, [names])
            }
            StmtKind::Expr { value } => self.put(place, "Expr", pos, [self.e(value)]),
            StmtKind::Pass => self.put(place, "Pass", pos, []),
            StmtKind::Break => self.put(place, "Break", pos, []),
            StmtKind::Continue => self.put(place, "Continue", pos, []),
        }
    }
}

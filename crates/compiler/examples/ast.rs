//! Prints the tree of each file named on the command line, one node per line, for comparison with
//! the reference interpreter's `ast` module: `ast OUTDIR FILE...` writes OUTDIR/<n>.txt.

use std::fmt::Write;

use stackless_compiler::ir::*;
use stackless_compiler::{Mode, Options, source};

struct Dump<'a> {
    t: &'a Tree,
    out: String,
    depth: usize,
}

fn constant(c: &Constant) -> String {
    let hex = |b: &[u8]| b.iter().map(|b| format!("{b:02x}")).collect::<String>();
    match c {
        Constant::None => "None".into(),
        Constant::Bool(b) => if *b { "True" } else { "False" }.into(),
        Constant::Ellipsis => "...".into(),
        Constant::Int(i) => format!("i{i}"),
        Constant::Big(i) => format!("i{i}"),
        Constant::Float(f) => format!("f{:016x}", f.to_bits()),
        Constant::Complex(r, i) => format!("c{:016x},{:016x}", r.to_bits(), i.to_bits()),
        Constant::Str(s) => format!("s{}", hex(s)),
        Constant::Bytes(s) => format!("b{}", hex(s)),
        other => format!("{other:?}"),
    }
}

impl Dump<'_> {
    fn line(&mut self, name: &str, pos: Option<Pos>, rest: &str) {
        let pos = pos.map_or(String::new(), |p| {
            format!(" {}:{}-{}:{}", p.line, p.col, p.end_line, p.end_col)
        });
        let _ = writeln!(self.out, "{}{name}{pos} {rest}", " ".repeat(self.depth));
    }
    fn many(&mut self, list: List<ExprId>) {
        for &e in &self.t[list] {
            self.expr(e);
        }
    }
    fn opt(&mut self, e: Option<ExprId>) {
        match e {
            Some(e) => self.expr(e),
            None => self.line("-", None, ""),
        }
    }
    fn name(&self, s: Sym) -> String {
        self.t.name(s).to_owned()
    }
    fn oname(&self, s: Option<Sym>) -> String {
        s.map_or("-".into(), |s| self.name(s))
    }
    fn expr(&mut self, id: ExprId) {
        let Expr { pos, kind } = self.t[id];
        let p = Some(pos);
        let d = format!("{kind:?}");
        let head = d.split([' ', '{']).next().unwrap_or("").to_owned();
        let head = head.as_str();
        let ctx = |c: Ctx| format!("{c:?}");
        let rest = match kind {
            ExprKind::BoolOp { op, .. } => format!("{op:?}"),
            ExprKind::BinOp { op, .. } => format!("{op:?}"),
            ExprKind::UnaryOp { op, .. } => format!("{op:?}"),
            ExprKind::Compare { ops, .. } => format!("{:?}", &self.t[ops]),
            ExprKind::FormattedValue { conversion, .. } => format!("{conversion}"),
            ExprKind::Interpolation { conversion, text, .. } => {
                format!("{conversion} {}", constant(&self.t[text]))
            }
            ExprKind::Constant { value, kind } => {
                format!("{} {}", constant(&self.t[value]), self.oname(kind))
            }
            ExprKind::Attribute { attr, ctx: c, .. } => format!("{} {}", self.name(attr), ctx(c)),
            ExprKind::Name { id, ctx: c } => format!("{} {}", self.name(id), ctx(c)),
            ExprKind::Subscript { ctx: c, .. }
            | ExprKind::Starred { ctx: c, .. }
            | ExprKind::List { ctx: c, .. }
            | ExprKind::Tuple { ctx: c, .. } => ctx(c),
            _ => String::new(),
        };
        self.line(head, p, &rest);
        self.depth += 1;
        match kind {
            ExprKind::BoolOp { values, .. } => self.many(values),
            ExprKind::NamedExpr { target, value } => {
                self.expr(target);
                self.expr(value);
            }
            ExprKind::BinOp { left, right, .. } => {
                self.expr(left);
                self.expr(right);
            }
            ExprKind::UnaryOp { operand, .. } => self.expr(operand),
            ExprKind::Lambda { args, body } => {
                self.args(args);
                self.expr(body);
            }
            ExprKind::IfExp { test, body, orelse } => {
                self.expr(test);
                self.expr(body);
                self.expr(orelse);
            }
            ExprKind::Dict { keys, values } => {
                for &k in &self.t[keys] {
                    self.opt(k);
                }
                self.many(values);
            }
            ExprKind::Set { elts } | ExprKind::List { elts, .. } | ExprKind::Tuple { elts, .. } => {
                self.many(elts)
            }
            ExprKind::ListComp { elt, generators }
            | ExprKind::SetComp { elt, generators }
            | ExprKind::GeneratorExp { elt, generators } => {
                self.expr(elt);
                self.gens(generators);
            }
            ExprKind::DictComp { key, value, generators } => {
                self.expr(key);
                self.expr(value);
                self.gens(generators);
            }
            ExprKind::Await { value } | ExprKind::YieldFrom { value } => self.expr(value),
            ExprKind::Yield { value } => self.opt(value),
            ExprKind::Compare { left, comparators, .. } => {
                self.expr(left);
                self.many(comparators);
            }
            ExprKind::Call { func, args, keywords } => {
                self.expr(func);
                self.many(args);
                self.keywords(keywords);
            }
            ExprKind::FormattedValue { value, format_spec, .. }
            | ExprKind::Interpolation { value, format_spec, .. } => {
                self.expr(value);
                self.opt(format_spec);
            }
            ExprKind::JoinedStr { values } | ExprKind::TemplateStr { values } => self.many(values),
            ExprKind::Constant { .. } | ExprKind::Name { .. } => {}
            ExprKind::Attribute { value, .. } | ExprKind::Starred { value, .. } => self.expr(value),
            ExprKind::Subscript { value, slice, .. } => {
                self.expr(value);
                self.expr(slice);
            }
            ExprKind::Slice { lower, upper, step } => {
                self.opt(lower);
                self.opt(upper);
                self.opt(step);
            }
        }
        self.depth -= 1;
    }
    fn keywords(&mut self, keywords: List<Keyword>) {
        for k in &self.t[keywords] {
            self.line("keyword", Some(k.pos), &self.oname(k.arg));
            self.expr(k.value);
        }
    }
    fn gens(&mut self, gens: List<Comprehension>) {
        for g in &self.t[gens] {
            self.line("comprehension", None, &format!("{}", u8::from(g.is_async)));
            self.expr(g.target);
            self.expr(g.iter);
            self.many(g.ifs);
        }
    }
    fn arg(&mut self, a: &Arg) {
        self.line("arg", Some(a.pos), &self.name(a.name));
        self.opt(a.annotation);
    }
    fn args(&mut self, id: ArgsId) {
        let a = self.t[id];
        self.line("arguments", None, "");
        for l in [a.posonlyargs, a.args] {
            self.line("[", None, "");
            for x in &self.t[l] {
                self.arg(x);
            }
        }
        if let Some(v) = &a.vararg {
            self.arg(v);
        }
        self.line("[", None, "");
        for x in &self.t[a.kwonlyargs] {
            self.arg(x);
        }
        for &d in &self.t[a.kw_defaults] {
            self.opt(d);
        }
        if let Some(v) = &a.kwarg {
            self.arg(v);
        }
        self.many(a.defaults);
    }
    fn body(&mut self, body: List<StmtId>) {
        self.line("[", None, "");
        self.depth += 1;
        for &s in &self.t[body] {
            self.stmt(s);
        }
        self.depth -= 1;
    }
    fn type_params(&mut self, params: List<TypeParam>) {
        for p in &self.t[params] {
            self.line(&format!("{:?}", p.kind), Some(p.pos), &self.name(p.name));
            if p.kind == TypeParamKind::TypeVar {
                self.opt(p.bound);
            }
            self.opt(p.default);
        }
    }
    fn aliases(&mut self, names: List<Alias>) {
        for a in &self.t[names] {
            self.line(
                "alias",
                Some(a.pos),
                &format!("{} {}", self.name(a.name), self.oname(a.asname)),
            );
        }
    }
    fn stmt(&mut self, id: StmtId) {
        let Stmt { pos, kind } = self.t[id];
        let d = format!("{kind:?}");
        let mut head = d.split([' ', '{', '(']).next().unwrap_or("").to_owned();
        let rest = match kind {
            StmtKind::FunctionDef(f) => {
                if f.is_async {
                    head = "AsyncFunctionDef".into();
                }
                self.name(f.name)
            }
            StmtKind::ClassDef(c) => self.name(c.name),
            StmtKind::AugAssign { op, .. } => format!("{op:?}"),
            StmtKind::AnnAssign { simple, .. } => format!("{}", u8::from(simple)),
            StmtKind::ImportFrom { module, level, .. } => format!("{} {level}", self.oname(module)),
            StmtKind::Global { names } | StmtKind::Nonlocal { names } => {
                self.t[names].iter().map(|&n| self.name(n)).collect::<Vec<_>>().join(" ")
            }
            StmtKind::For { is_async: true, .. } => {
                head = "AsyncFor".into();
                String::new()
            }
            StmtKind::With { is_async: true, .. } => {
                head = "AsyncWith".into();
                String::new()
            }
            StmtKind::Try { is_star: true, .. } => {
                head = "TryStar".into();
                String::new()
            }
            _ => String::new(),
        };
        self.line(&head, Some(pos), &rest);
        self.depth += 1;
        match kind {
            StmtKind::FunctionDef(f) => {
                self.many(f.decorators);
                self.type_params(f.type_params);
                self.args(f.args);
                self.opt(f.returns);
                self.body(f.body);
            }
            StmtKind::ClassDef(c) => {
                self.many(c.decorators);
                self.type_params(c.type_params);
                self.many(c.bases);
                self.keywords(c.keywords);
                self.body(c.body);
            }
            StmtKind::Return { value } => self.opt(value),
            StmtKind::Delete { targets } => self.many(targets),
            StmtKind::Assign { targets, value } => {
                self.many(targets);
                self.expr(value);
            }
            StmtKind::TypeAlias { name, type_params, value } => {
                self.expr(name);
                self.type_params(type_params);
                self.expr(value);
            }
            StmtKind::AugAssign { target, value, .. } => {
                self.expr(target);
                self.expr(value);
            }
            StmtKind::AnnAssign { target, annotation, value, .. } => {
                self.expr(target);
                self.expr(annotation);
                self.opt(value);
            }
            StmtKind::For { target, iter, body, orelse, .. } => {
                self.expr(target);
                self.expr(iter);
                self.body(body);
                self.body(orelse);
            }
            StmtKind::While { test, body, orelse } | StmtKind::If { test, body, orelse } => {
                self.expr(test);
                self.body(body);
                self.body(orelse);
            }
            StmtKind::With { items, body, .. } => {
                for i in &self.t[items] {
                    self.expr(i.context_expr);
                    self.opt(i.optional_vars);
                }
                self.body(body);
            }
            StmtKind::Match { subject, cases } => {
                self.expr(subject);
                for c in &self.t[cases] {
                    self.pattern(c.pattern);
                    self.opt(c.guard);
                    self.body(c.body);
                }
            }
            StmtKind::Raise { exc, cause } => {
                self.opt(exc);
                self.opt(cause);
            }
            StmtKind::Try { body, handlers, orelse, finalbody, .. } => {
                self.body(body);
                for h in &self.t[handlers] {
                    self.line("handler", Some(h.pos), &self.oname(h.name));
                    self.opt(h.type_);
                    self.body(h.body);
                }
                self.body(orelse);
                self.body(finalbody);
            }
            StmtKind::Assert { test, msg } => {
                self.expr(test);
                self.opt(msg);
            }
            StmtKind::Import { names } | StmtKind::ImportFrom { names, .. } => self.aliases(names),
            StmtKind::Expr { value } => self.expr(value),
            StmtKind::Global { .. }
            | StmtKind::Nonlocal { .. }
            | StmtKind::Pass
            | StmtKind::Break
            | StmtKind::Continue => {}
        }
        self.depth -= 1;
    }
    fn patterns(&mut self, list: List<PatternId>) {
        for &p in &self.t[list] {
            self.pattern(p);
        }
    }
    fn pattern(&mut self, id: PatternId) {
        let Pattern { pos, kind } = self.t[id];
        let d = format!("{kind:?}");
        let head = d.split([' ', '{']).next().unwrap_or("").to_owned();
        let rest = match kind {
            PatternKind::MatchSingleton { value } => constant(&self.t[value]),
            PatternKind::MatchMapping { rest: n, .. }
            | PatternKind::MatchStar { name: n }
            | PatternKind::MatchAs { name: n, .. } => self.oname(n),
            PatternKind::MatchClass { kwd_attrs, .. } => {
                self.t[kwd_attrs].iter().map(|&n| self.name(n)).collect::<Vec<_>>().join(" ")
            }
            _ => String::new(),
        };
        self.line(&head, Some(pos), &rest);
        self.depth += 1;
        match kind {
            PatternKind::MatchValue { value } => self.expr(value),
            PatternKind::MatchSequence { patterns } | PatternKind::MatchOr { patterns } => {
                self.patterns(patterns)
            }
            PatternKind::MatchMapping { keys, patterns, .. } => {
                self.many(keys);
                self.patterns(patterns);
            }
            PatternKind::MatchClass { cls, patterns, kwd_patterns, .. } => {
                self.expr(cls);
                self.patterns(patterns);
                self.patterns(kwd_patterns);
            }
            PatternKind::MatchAs { pattern: Some(p), .. } => self.pattern(p),
            _ => {}
        }
        self.depth -= 1;
    }
}

fn main() {
    let mut args = std::env::args().skip(1);
    let Some(dir) = args.next() else { return };
    for (n, file) in args.enumerate() {
        let Ok(bytes) = std::fs::read(&file) else { continue };
        let result = source::decode(&bytes, source::Origin::File(&file)).and_then(|d| match d {
            source::Decoded::Text(s) => {
                stackless_compiler::parse(&s, &Options::new(Mode::Exec, &*file)).map(Some)
            }
            source::Decoded::NeedsCodec { .. } => Ok(None),
        });
        let text = match result {
            Ok(Some((tree, warnings))) => {
                let mut d = Dump { t: &tree, out: String::new(), depth: 0 };
                if let Root::Module { body } = tree.root {
                    d.body(body);
                }
                let mut w: Vec<_> = warnings
                    .iter()
                    .map(|w| format!("warning {} {}\n", w.lineno, w.message))
                    .collect();
                w.sort();
                d.out.extend(w);
                d.out
            }
            Ok(None) => "codec\n".into(),
            Err(e) => format!("error {} {}\n", e.lineno, e.message),
        };
        let _ = std::fs::write(format!("{dir}/{n}.txt"), text);
    }
}

//! First pass: definitions and uses of every block, and the errors that need no resolution.

use std::sync::Arc;

use super::*;
use crate::error::{Result, SyntaxError};
use crate::ir::{
    Alias, Arg, ArgsId, Comprehension, Ctx, ExprKind, Keyword, List, PatternId, PatternKind, Pos,
    Root, StmtKind, TypeParam, TypeParamKind,
};

struct Builder<'t> {
    tree: &'t Tree,
    table: SymTable<'t>,
    stack: Vec<ScopeId>,
    private: Option<Sym>,
    settings: Settings,
    dunder_debug: Option<Sym>,
    dunder_class: Sym,
    dunder_classdict: Sym,
    cond_annotations: Sym,
    super_: Option<Sym>,
}

pub(super) fn build(tree: &Tree, settings: Settings) -> Result<SymTable<'_>> {
    let mut names = Names::new(&tree.syms);
    let top = names.intern("top");
    let dunder_class = names.intern("__class__");
    let dunder_classdict = names.intern("__classdict__");
    let cond_annotations = names.intern("__conditional_annotations__");
    let mut b = Builder {
        tree,
        dunder_debug: names.find("__debug__"),
        super_: names.find("super"),
        table: SymTable { scopes: Vec::new(), blocks: FastMap::default(), names },
        stack: Vec::new(),
        private: None,
        settings,
        dunder_class,
        dunder_classdict,
        cond_annotations,
    };
    let id = b.new_scope(top, Block::Module, Node::Module, Pos::default());
    b.enter(id);
    match tree.root {
        Root::Module { body } | Root::Interactive { body } => b.stmts(body)?,
        Root::Expression { body } => b.expr(body)?,
        Root::FunctionType { .. } => {
            return Err(SyntaxError::bare(
                crate::ErrorKind::Value,
                "this compiler does not handle FunctionTypes",
            ));
        }
    }
    b.exit();
    Ok(b.table)
}

impl<'t> Builder<'t> {
    fn cur_id(&self) -> ScopeId {
        // The module's block stays on the stack for the whole pass.
        self.stack[self.stack.len() - 1]
    }
    fn cur(&mut self) -> &mut Scope {
        let id = self.cur_id();
        &mut self.table[id]
    }
    fn text(&self, name: Sym) -> Arc<str> {
        Arc::clone(self.table.names.get(name))
    }

    fn new_scope(&mut self, name: Sym, block: Block, node: Node, pos: Pos) -> ScopeId {
        let id = ScopeId(self.table.scopes.len() as u32);
        let parent = self.stack.last().map(|&p| &self.table[p]);
        let nested = parent.is_some_and(|p| p.nested || p.is_function_like());
        self.table.scopes.push(Scope {
            name,
            block,
            pos,
            symbols: Symbols::default(),
            varnames: Vec::new(),
            children: Vec::new(),
            directives: Vec::new(),
            nested,
            generator: false,
            coroutine: false,
            is_async_def: false,
            comprehension: CompKind::None,
            comp_inlined: false,
            varargs: false,
            varkeywords: false,
            returns_value: false,
            needs_class_closure: false,
            needs_classdict: false,
            can_see_class_scope: false,
            has_conditional_annotations: false,
            annotations_used: false,
            annotation_block: None,
            has_free: false,
            child_free: false,
            has_docstring: false,
            method: false,
            deleted: Vec::new(),
            merged: Vec::new(),
            in_conditional_block: false,
            in_unevaluated_annotation: false,
            comp_iter_target: false,
            comp_iter_expr: 0,
            mangled_names: None,
            info: "",
        });
        self.table.blocks.insert(node, id);
        id
    }

    fn enter(&mut self, id: ScopeId) {
        let block = self.table[id].block;
        if let Some(&prev) = self.stack.last() {
            let iter_expr = self.table[prev].comp_iter_expr;
            let mangled = self.table[prev].mangled_names.clone();
            self.table[id].comp_iter_expr = iter_expr;
            if block != Block::Class && mangled.is_some() {
                self.table[id].mangled_names = mangled;
            }
            let silent = block == Block::Annotation && self.settings.future_annotations;
            if !silent && !self.table[prev].children.contains(&id) {
                self.table[prev].children.push(id);
            }
        }
        self.stack.push(id);
    }

    fn exit(&mut self) {
        self.stack.pop();
    }

    fn open(&mut self, name: Sym, block: Block, node: Node, pos: Pos) -> ScopeId {
        let id = self.new_scope(name, block, node, pos);
        self.enter(id);
        id
    }

    fn mangle(&mut self, name: Sym) -> Sym {
        let id = self.cur_id();
        self.mangle_in(id, name)
    }
    fn mangle_in(&mut self, scope: ScopeId, name: Sym) -> Sym {
        if self.private.is_none() || !self.table.mangles(scope, name) {
            return name;
        }
        self.table.names.mangle(self.private, name)
    }

    fn lookup(&mut self, name: Sym) -> u32 {
        let name = self.mangle(name);
        self.cur().symbols.get(name)
    }

    fn check_name(&self, name: Sym, pos: Pos, ctx: Ctx) -> Result<()> {
        if Some(name) == self.dunder_debug {
            match ctx {
                Ctx::Store => return Err(SyntaxError::at(pos, "cannot assign to __debug__")),
                Ctx::Del => return Err(SyntaxError::at(pos, "cannot delete __debug__")),
                Ctx::Load => {}
            }
        }
        Ok(())
    }

    fn add(&mut self, name: Sym, flag: u32, pos: Pos) -> Result<()> {
        if flag & DEF_TYPE_PARAM != 0
            && let Some(set) = &mut self.cur().mangled_names
        {
            Arc::make_mut(set).push(name);
        }
        self.add_ctx(name, flag, pos, if flag & USE != 0 { Ctx::Load } else { Ctx::Store })
    }

    fn add_ctx(&mut self, name: Sym, flag: u32, pos: Pos, ctx: Ctx) -> Result<()> {
        if flag & (DEF_PARAM | DEF_LOCAL | DEF_IMPORT) != 0 {
            self.check_name(name, pos, ctx)?;
        }
        let id = self.cur_id();
        self.add_to(id, name, flag, pos)
    }

    fn add_to(&mut self, scope: ScopeId, name: Sym, flag: u32, pos: Pos) -> Result<()> {
        let mangled = self.mangle_in(scope, name);
        let mut val = self.table[scope].symbols.get(mangled);
        if flag & DEF_PARAM != 0 && val & DEF_PARAM != 0 {
            let name = self.text(name);
            let message = format!("duplicate argument '{name}' in function definition");
            return Err(SyntaxError::at(pos, message));
        }
        if flag & DEF_TYPE_PARAM != 0 && val & DEF_TYPE_PARAM != 0 {
            let name = self.text(name);
            return Err(SyntaxError::at(pos, format!("duplicate type parameter '{name}'")));
        }
        val |= flag;
        if self.table[scope].comp_iter_target {
            if val & (DEF_GLOBAL | DEF_NONLOCAL) != 0 {
                let name = self.text(name);
                let message = format!(
                    "comprehension inner loop cannot rebind assignment expression target '{name}'"
                );
                return Err(SyntaxError::at(pos, message));
            }
            val |= DEF_COMP_ITER;
        }
        self.table[scope].symbols.set(mangled, val);
        if flag & DEF_PARAM != 0 {
            self.table[scope].varnames.push(mangled);
        } else if flag & DEF_GLOBAL != 0 {
            let module = self.stack[0];
            let old = self.table[module].symbols.get(mangled);
            self.table[module].symbols.set(mangled, old | flag);
        }
        Ok(())
    }

    fn directive(&mut self, name: Sym, pos: Pos) {
        let mangled = self.mangle(name);
        self.cur().directives.push((mangled, pos));
    }

    fn epos(&self, e: ExprId) -> Pos {
        self.tree[e].pos
    }

    fn stmts(&mut self, body: List<StmtId>) -> Result<()> {
        for &s in &self.tree[body] {
            self.stmt(s)?;
        }
        Ok(())
    }
    fn exprs(&mut self, list: List<ExprId>) -> Result<()> {
        for &e in &self.tree[list] {
            self.expr(e)?;
        }
        Ok(())
    }
    fn opt(&mut self, e: Option<ExprId>) -> Result<()> {
        e.map_or(Ok(()), |e| self.expr(e))
    }
    fn keywords(&mut self, list: List<Keyword>) -> Result<()> {
        for k in &self.tree[list] {
            self.expr(k.value)?;
            if let Some(arg) = k.arg {
                self.check_name(arg, k.pos, Ctx::Store)?;
            }
        }
        Ok(())
    }

    /// Names bound below may or may not be, which class and module annotations have to know.
    fn conditional(&mut self, f: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        let was = std::mem::replace(&mut self.cur().in_conditional_block, true);
        f(self)?;
        self.cur().in_conditional_block = was;
        Ok(())
    }

    fn type_params_scope(
        &mut self,
        name: Sym,
        stmt: StmtId,
        class: bool,
        defaults: (bool, bool),
    ) -> Result<()> {
        let pos = self.tree[stmt].pos;
        let in_class = self.cur().block == Block::Class;
        self.open(name, Block::TypeParameters, Node::TypeParams(stmt), pos);
        if in_class {
            self.cur().can_see_class_scope = true;
            self.add(self.dunder_classdict, USE, pos)?;
        }
        if class {
            let params = self.table.names.intern(".type_params");
            let base = self.table.names.intern(".generic_base");
            for name in [params, base] {
                self.add(name, DEF_LOCAL, pos)?;
                self.add(name, USE, pos)?;
            }
        }
        for (present, name) in [(defaults.0, ".defaults"), (defaults.1, ".kwdefaults")] {
            if present {
                let name = self.table.names.intern(name);
                self.add(name, DEF_PARAM, pos)?;
            }
        }
        Ok(())
    }

    fn stmt(&mut self, id: StmtId) -> Result<()> {
        let stmt = self.tree[id];
        let pos = stmt.pos;
        match stmt.kind {
            StmtKind::FunctionDef(f) => {
                let args = self.tree[f.args];
                self.add(f.name, DEF_LOCAL, pos)?;
                self.exprs(args.defaults)?;
                for &d in &self.tree[args.kw_defaults] {
                    self.opt(d)?;
                }
                self.exprs(f.decorators)?;
                let in_class = self.cur().block == Block::Class;
                let generic = !f.type_params.is_empty();
                if generic {
                    let kw = self.tree[args.kw_defaults].iter().any(Option::is_some);
                    self.type_params_scope(f.name, id, false, (!args.defaults.is_empty(), kw))?;
                    self.type_params(f.type_params)?;
                }
                let scope = self.new_scope(f.name, Block::Function, Node::Stmt(id), pos);
                self.function_annotations(f.args, f.returns, pos)?;
                self.table[scope].method = in_class;
                self.enter(scope);
                self.cur().is_async_def = f.is_async;
                self.cur().coroutine = f.is_async;
                self.parameters(f.args)?;
                self.cur().has_docstring = crate::ir::docstring(self.tree, f.body).is_some();
                self.stmts(f.body)?;
                self.exit();
                if generic {
                    self.exit();
                }
            }
            StmtKind::ClassDef(c) => {
                self.add(c.name, DEF_LOCAL, pos)?;
                self.exprs(c.decorators)?;
                let private = self.private;
                let generic = !c.type_params.is_empty();
                if generic {
                    self.type_params_scope(c.name, id, true, (false, false))?;
                    self.private = Some(c.name);
                    self.cur().mangled_names = Some(Arc::default());
                    self.type_params(c.type_params)?;
                }
                self.exprs(c.bases)?;
                self.keywords(c.keywords)?;
                self.open(c.name, Block::Class, Node::Stmt(id), pos);
                self.private = Some(c.name);
                if generic {
                    let dunder = self.table.names.intern("__type_params__");
                    self.add(dunder, DEF_LOCAL, pos)?;
                    let params = self.table.names.intern(".type_params");
                    self.add(params, USE, pos)?;
                }
                self.stmts(c.body)?;
                self.exit();
                if generic {
                    self.exit();
                }
                self.private = private;
            }
            StmtKind::TypeAlias { name, type_params, value } => {
                self.expr(name)?;
                let ExprKind::Name { id: sym, .. } = self.tree[name].kind else {
                    return Err(SyntaxError::bare(
                        crate::ErrorKind::Type,
                        "TypeAlias with non-Name name",
                    ));
                };
                let in_class = self.cur().block == Block::Class;
                let generic = !type_params.is_empty();
                if generic {
                    self.type_params_scope(sym, id, false, (false, false))?;
                    self.type_params(type_params)?;
                }
                self.open(sym, Block::TypeAlias, Node::Stmt(id), pos);
                self.format_parameter(pos)?;
                self.cur().can_see_class_scope = in_class;
                if in_class {
                    let at = self.epos(value);
                    self.add(self.dunder_classdict, USE, at)?;
                }
                self.expr(value)?;
                self.exit();
                if generic {
                    self.exit();
                }
            }
            StmtKind::Return { value } => {
                if let Some(value) = value {
                    self.expr(value)?;
                    self.cur().returns_value = true;
                }
            }
            StmtKind::Delete { targets } => self.exprs(targets)?,
            StmtKind::Assign { targets, value } => {
                self.exprs(targets)?;
                self.expr(value)?;
            }
            StmtKind::AugAssign { target, value, .. } => {
                self.expr(target)?;
                self.expr(value)?;
            }
            StmtKind::AnnAssign { target, annotation, value, simple } => {
                self.ann_assign(pos, target, annotation, value, simple)?;
            }
            StmtKind::For { is_async, target, iter, body, orelse } => {
                if is_async {
                    self.module_coroutine();
                }
                self.expr(target)?;
                self.expr(iter)?;
                self.conditional(|b| {
                    b.stmts(body)?;
                    b.stmts(orelse)
                })?;
            }
            StmtKind::While { test, body, orelse } | StmtKind::If { test, body, orelse } => {
                self.expr(test)?;
                self.conditional(|b| {
                    b.stmts(body)?;
                    b.stmts(orelse)
                })?;
            }
            StmtKind::With { is_async, items, body } => {
                if is_async {
                    self.module_coroutine();
                }
                self.conditional(|b| {
                    for item in &b.tree[items] {
                        b.expr(item.context_expr)?;
                        b.opt(item.optional_vars)?;
                    }
                    b.stmts(body)
                })?;
            }
            StmtKind::Match { subject, cases } => {
                self.expr(subject)?;
                self.conditional(|b| {
                    for case in &b.tree[cases] {
                        b.pattern(case.pattern)?;
                        b.opt(case.guard)?;
                        b.stmts(case.body)?;
                    }
                    Ok(())
                })?;
            }
            StmtKind::Raise { exc, cause } => {
                self.opt(exc)?;
                self.opt(cause)?;
            }
            StmtKind::Try { body, handlers, orelse, finalbody, .. } => self.conditional(|b| {
                b.stmts(body)?;
                for handler in &b.tree[handlers] {
                    b.opt(handler.type_)?;
                    if let Some(name) = handler.name {
                        b.add(name, DEF_LOCAL, handler.pos)?;
                        let mangled = b.mangle(name);
                        b.cur().deleted.push(mangled);
                    }
                    b.stmts(handler.body)?;
                }
                b.stmts(orelse)?;
                b.stmts(finalbody)
            })?,
            StmtKind::Assert { test, msg } => {
                self.expr(test)?;
                self.opt(msg)?;
            }
            StmtKind::Import { names } | StmtKind::ImportFrom { names, .. } => {
                for alias in &self.tree[names] {
                    self.alias(alias)?;
                }
            }
            StmtKind::Global { names } => self.declare(names, pos, DEF_GLOBAL, "global")?,
            StmtKind::Nonlocal { names } => self.declare(names, pos, DEF_NONLOCAL, "nonlocal")?,
            StmtKind::Expr { value } => self.expr(value)?,
            StmtKind::Pass | StmtKind::Break | StmtKind::Continue => {}
        }
        Ok(())
    }

    /// With top-level await, `async for` and `async with` make the module a coroutine.
    fn module_coroutine(&mut self) {
        let top_level = self.settings.top_level_await;
        let scope = self.cur();
        if top_level && scope.block == Block::Module {
            scope.coroutine = true;
        }
    }

    fn declare(&mut self, names: List<Sym>, pos: Pos, flag: u32, word: &str) -> Result<()> {
        for &name in &self.tree[names] {
            let cur = self.lookup(name);
            if cur & (DEF_PARAM | DEF_LOCAL | USE | DEF_ANNOT) != 0 {
                let text = self.text(name);
                let message = if cur & DEF_PARAM != 0 {
                    format!("name '{text}' is parameter and {word}")
                } else if cur & USE != 0 {
                    format!("name '{text}' is used prior to {word} declaration")
                } else if cur & DEF_ANNOT != 0 {
                    format!("annotated name '{text}' can't be {word}")
                } else {
                    format!("name '{text}' is assigned to before {word} declaration")
                };
                return Err(SyntaxError::at(pos, message));
            }
            self.add(name, flag, pos)?;
            self.directive(name, pos);
        }
        Ok(())
    }

    fn alias(&mut self, alias: &Alias) -> Result<()> {
        let name = alias.asname.unwrap_or(alias.name);
        let text = self.text(name);
        if &*self.text(alias.name) == "*" {
            if self.cur().block != Block::Module {
                return Err(SyntaxError::at(alias.pos, "import * only allowed at module level"));
            }
            return Ok(());
        }
        let store = match text.split_once('.') {
            Some((first, _)) => self.table.names.intern(first),
            None => name,
        };
        self.add(store, DEF_IMPORT, alias.pos)
    }

    fn ann_assign(
        &mut self,
        pos: Pos,
        target: ExprId,
        annotation: ExprId,
        value: Option<ExprId>,
        simple: bool,
    ) -> Result<()> {
        self.cur().annotations_used = true;
        if let ExprKind::Name { id, .. } = self.tree[target].kind {
            let at = self.epos(target);
            let cur = self.lookup(id);
            if simple && cur & (DEF_GLOBAL | DEF_NONLOCAL) != 0 && self.stack.len() > 1 {
                let word = if cur & DEF_GLOBAL != 0 { "global" } else { "nonlocal" };
                let name = self.text(id);
                return Err(SyntaxError::at(
                    pos,
                    format!("annotated name '{name}' can't be {word}"),
                ));
            }
            if simple {
                self.add(id, DEF_ANNOT | DEF_LOCAL, at)?;
            } else if value.is_some() {
                self.add(id, DEF_LOCAL, at)?;
            }
        } else {
            self.expr(target)?;
        }
        self.variable_annotation(annotation)?;
        self.opt(value)
    }

    fn variable_annotation(&mut self, annotation: ExprId) -> Result<()> {
        let parent = self.cur_id();
        let at = self.epos(annotation);
        let block = self.table[parent].block;
        let unevaluated = block == Block::Function;
        let conditional = block == Block::Module
            || block == Block::Class && self.table[parent].in_conditional_block;
        if conditional {
            self.table[parent].has_conditional_annotations = true;
        }
        match self.table[parent].annotation_block {
            Some(scope) => self.enter(scope),
            None => {
                let name = self.table.names.intern("__annotate__");
                // Found through `annotation_block`; the node only has to be unique.
                let scope = self.open(name, Block::Annotation, Node::Expr(annotation), at);
                self.table[parent].annotation_block = Some(scope);
                self.format_parameter(at)?;
                if block == Block::Class {
                    self.cur().can_see_class_scope = true;
                    self.add(self.dunder_classdict, USE, at)?;
                }
            }
        }
        if conditional {
            self.add(self.cond_annotations, USE, at)?;
        }
        let was = std::mem::replace(&mut self.cur().in_unevaluated_annotation, unevaluated);
        self.expr(annotation)?;
        self.cur().in_unevaluated_annotation = was;
        self.exit();
        Ok(())
    }

    fn format_parameter(&mut self, pos: Pos) -> Result<()> {
        let format = self.table.names.intern(".format");
        self.add(format, DEF_PARAM, pos)?;
        self.add(format, USE, pos)
    }

    fn function_annotations(
        &mut self,
        args: ArgsId,
        returns: Option<ExprId>,
        pos: Pos,
    ) -> Result<()> {
        let in_class = self.cur().can_see_class_scope || self.cur().block == Block::Class;
        let name = self.table.names.intern("__annotate__");
        self.open(name, Block::Annotation, Node::Annotations(args), pos);
        self.format_parameter(pos)?;
        if in_class {
            self.cur().can_see_class_scope = true;
            self.add(self.dunder_classdict, USE, pos)?;
        }
        let a = self.tree[args];
        let mut all: Vec<Arg> = Vec::new();
        all.extend(&self.tree[a.posonlyargs]);
        all.extend(&self.tree[a.args]);
        all.extend(a.vararg);
        all.extend(a.kwarg);
        all.extend(&self.tree[a.kwonlyargs]);
        for annotation in all.iter().filter_map(|arg| arg.annotation).chain(returns) {
            self.cur().annotations_used = true;
            self.expr(annotation)?;
        }
        self.exit();
        Ok(())
    }

    fn parameters(&mut self, args: ArgsId) -> Result<()> {
        let a = self.tree[args];
        for list in [a.posonlyargs, a.args, a.kwonlyargs] {
            for arg in &self.tree[list] {
                self.add(arg.name, DEF_PARAM, arg.pos)?;
            }
        }
        if let Some(arg) = a.vararg {
            self.add(arg.name, DEF_PARAM, arg.pos)?;
            self.cur().varargs = true;
        }
        if let Some(arg) = a.kwarg {
            self.add(arg.name, DEF_PARAM, arg.pos)?;
            self.cur().varkeywords = true;
        }
        Ok(())
    }

    fn type_params(&mut self, params: List<TypeParam>) -> Result<()> {
        for p in &self.tree[params] {
            if p.name == self.dunder_classdict {
                let message = "reserved name '__classdict__' cannot be used for type parameter";
                return Err(SyntaxError::at(p.pos, message));
            }
            self.add(p.name, DEF_TYPE_PARAM | DEF_LOCAL, p.pos)?;
            if let Some(bound) = p.bound {
                let info = match self.tree[bound].kind {
                    ExprKind::Tuple { .. } => "a TypeVar constraint",
                    _ => "a TypeVar bound",
                };
                self.type_variable(p.name, bound, info)?;
            }
            if let Some(default) = p.default {
                let info = match p.kind {
                    TypeParamKind::TypeVar => "a TypeVar default",
                    TypeParamKind::ParamSpec => "a ParamSpec default",
                    TypeParamKind::TypeVarTuple => "a TypeVarTuple default",
                };
                self.type_variable(p.name, default, info)?;
            }
        }
        Ok(())
    }

    fn type_variable(&mut self, name: Sym, e: ExprId, info: &'static str) -> Result<()> {
        let in_class = self.cur().can_see_class_scope;
        let at = self.epos(e);
        self.open(name, Block::TypeVariable, Node::TypeVar(e), at);
        self.format_parameter(at)?;
        self.cur().can_see_class_scope = in_class;
        if in_class {
            self.add(self.dunder_classdict, USE, at)?;
        }
        self.cur().info = info;
        self.expr(e)?;
        self.exit();
        Ok(())
    }

    fn pattern(&mut self, id: PatternId) -> Result<()> {
        let p = self.tree[id];
        match p.kind {
            PatternKind::MatchValue { value } => self.expr(value)?,
            PatternKind::MatchSingleton { .. } => {}
            PatternKind::MatchSequence { patterns } | PatternKind::MatchOr { patterns } => {
                self.patterns(patterns)?;
            }
            PatternKind::MatchStar { name } => {
                if let Some(name) = name {
                    self.add(name, DEF_LOCAL, p.pos)?;
                }
            }
            PatternKind::MatchMapping { keys, patterns, rest } => {
                self.exprs(keys)?;
                self.patterns(patterns)?;
                if let Some(rest) = rest {
                    self.add(rest, DEF_LOCAL, p.pos)?;
                }
            }
            PatternKind::MatchClass { cls, patterns, kwd_attrs, kwd_patterns } => {
                self.expr(cls)?;
                self.patterns(patterns)?;
                for (&attr, &pattern) in self.tree[kwd_attrs].iter().zip(&self.tree[kwd_patterns]) {
                    self.check_name(attr, self.tree[pattern].pos, Ctx::Store)?;
                }
                self.patterns(kwd_patterns)?;
            }
            PatternKind::MatchAs { pattern, name } => {
                if let Some(pattern) = pattern {
                    self.pattern(pattern)?;
                }
                if let Some(name) = name {
                    self.add(name, DEF_LOCAL, p.pos)?;
                }
            }
        }
        Ok(())
    }

    fn patterns(&mut self, list: List<PatternId>) -> Result<()> {
        for &p in &self.tree[list] {
            self.pattern(p)?;
        }
        Ok(())
    }

    /// `what` is not allowed in annotation-like blocks.
    fn forbid_in_annotation(&mut self, what: &str, pos: Pos) -> Result<()> {
        let scope = self.cur();
        let place = match scope.block {
            Block::Annotation => "an annotation",
            Block::TypeVariable => scope.info,
            Block::TypeAlias => "a type alias",
            Block::TypeParameters => "the definition of a generic",
            _ => return Ok(()),
        };
        Err(SyntaxError::at(pos, format!("{what} cannot be used within {place}")))
    }

    fn forbid_in_comprehension(&mut self, pos: Pos) -> Result<()> {
        let place = match self.cur().comprehension {
            CompKind::None => return Ok(()),
            CompKind::List => "list comprehension",
            CompKind::Set => "set comprehension",
            CompKind::Dict => "dict comprehension",
            CompKind::Generator => "generator expression",
        };
        Err(SyntaxError::at(pos, format!("'yield' inside {place}")))
    }

    fn expr(&mut self, id: ExprId) -> Result<()> {
        let e = self.tree[id];
        let pos = e.pos;
        match e.kind {
            ExprKind::Name { id, ctx } => {
                if !self.cur().in_unevaluated_annotation {
                    if ctx == Ctx::Load && Some(id) == self.dunder_debug {
                        return Ok(());
                    }
                    let flag = if ctx == Ctx::Load { USE } else { DEF_LOCAL };
                    self.add_ctx(id, flag, pos, ctx)?;
                    if ctx == Ctx::Del {
                        let mangled = self.mangle(id);
                        self.cur().deleted.push(mangled);
                    }
                    if ctx == Ctx::Load && Some(id) == self.super_ && self.cur().is_function_like()
                    {
                        self.add(self.dunder_class, USE, pos)?;
                    }
                }
            }
            ExprKind::Constant { .. } => {}
            ExprKind::Attribute { value, attr, ctx } => {
                self.check_name(attr, pos, ctx)?;
                self.expr(value)?;
            }
            ExprKind::Call { func, args, keywords } => {
                self.expr(func)?;
                self.exprs(args)?;
                self.keywords(keywords)?;
            }
            ExprKind::Subscript { value, slice, .. } => {
                self.expr(value)?;
                self.expr(slice)?;
            }
            ExprKind::BoolOp { values, .. }
            | ExprKind::JoinedStr { values }
            | ExprKind::TemplateStr { values } => self.exprs(values)?,
            ExprKind::NamedExpr { target, value } => {
                self.forbid_in_annotation("named expression", pos)?;
                if self.cur().comp_iter_expr > 0 {
                    return Err(SyntaxError::at(
                        pos,
                        "assignment expression cannot be used in a comprehension iterable expression",
                    ));
                }
                if self.cur().comprehension != CompKind::None {
                    self.extend_walrus(target)?;
                }
                self.expr(value)?;
                self.expr(target)?;
            }
            ExprKind::BinOp { left, right, .. } => {
                self.expr(left)?;
                self.expr(right)?;
            }
            ExprKind::UnaryOp { operand, .. } => self.expr(operand)?,
            ExprKind::Lambda { args, body } => {
                let a = self.tree[args];
                self.exprs(a.defaults)?;
                for &d in &self.tree[a.kw_defaults] {
                    self.opt(d)?;
                }
                let name = self.table.names.intern("<lambda>");
                let in_class = self.cur().block == Block::Class;
                self.open(name, Block::Function, Node::Expr(id), pos);
                self.cur().method = in_class;
                self.parameters(args)?;
                self.expr(body)?;
                self.exit();
            }
            ExprKind::IfExp { test, body, orelse } => {
                self.expr(test)?;
                self.expr(body)?;
                self.expr(orelse)?;
            }
            ExprKind::Dict { keys, values } => {
                for &key in &self.tree[keys] {
                    self.opt(key)?;
                }
                self.exprs(values)?;
            }
            ExprKind::Set { elts } | ExprKind::List { elts, .. } | ExprKind::Tuple { elts, .. } => {
                self.exprs(elts)?;
            }
            ExprKind::ListComp { elt, generators } => {
                self.comprehension(id, CompKind::List, "<listcomp>", generators, elt, None)?;
            }
            ExprKind::SetComp { elt, generators } => {
                self.comprehension(id, CompKind::Set, "<setcomp>", generators, elt, None)?;
            }
            ExprKind::GeneratorExp { elt, generators } => {
                self.comprehension(id, CompKind::Generator, "<genexpr>", generators, elt, None)?;
            }
            ExprKind::DictComp { key, value, generators } => {
                let value = Some(value);
                self.comprehension(id, CompKind::Dict, "<dictcomp>", generators, key, value)?;
            }
            ExprKind::Yield { value } => {
                self.forbid_in_annotation("yield expression", pos)?;
                self.opt(value)?;
                self.cur().generator = true;
                self.forbid_in_comprehension(pos)?;
            }
            ExprKind::YieldFrom { value } => {
                self.forbid_in_annotation("yield expression", pos)?;
                self.expr(value)?;
                self.cur().generator = true;
                self.forbid_in_comprehension(pos)?;
            }
            ExprKind::Await { value } => {
                self.forbid_in_annotation("await expression", pos)?;
                if !self.allows_top_level_await() {
                    if !self.cur().is_function_like() {
                        return Err(SyntaxError::at(pos, "'await' outside function"));
                    }
                    let scope = self.cur();
                    if !scope.is_async_def && scope.comprehension == CompKind::None {
                        return Err(SyntaxError::at(pos, "'await' outside async function"));
                    }
                }
                self.expr(value)?;
                self.cur().coroutine = true;
            }
            ExprKind::Compare { left, comparators, .. } => {
                self.expr(left)?;
                self.exprs(comparators)?;
            }
            ExprKind::FormattedValue { value, format_spec, .. }
            | ExprKind::Interpolation { value, format_spec, .. } => {
                self.expr(value)?;
                self.opt(format_spec)?;
            }
            ExprKind::Starred { value, .. } => self.expr(value)?,
            ExprKind::Slice { lower, upper, step } => {
                self.opt(lower)?;
                self.opt(upper)?;
                self.opt(step)?;
            }
        }
        Ok(())
    }

    fn allows_top_level_await(&mut self) -> bool {
        self.settings.top_level_await && self.cur().block == Block::Module
    }

    /// A walrus in a comprehension binds in the nearest enclosing function or module.
    fn extend_walrus(&mut self, target: ExprId) -> Result<()> {
        let pos = self.epos(target);
        let ExprKind::Name { id: name, .. } = self.tree[target].kind else { return Ok(()) };
        for i in (0..self.stack.len()).rev() {
            let scope = self.stack[i];
            let mangled = self.mangle_in(scope, name);
            let flags = self.table[scope].symbols.get(mangled);
            if self.table[scope].comprehension != CompKind::None {
                if flags & DEF_COMP_ITER != 0 && flags & (DEF_LOCAL | DEF_GLOBAL) != 0 {
                    let name = self.text(name);
                    let message = format!(
                        "assignment expression cannot rebind comprehension iteration variable '{name}'"
                    );
                    return Err(SyntaxError::at(pos, message));
                }
                continue;
            }
            let place = match self.table[scope].block {
                Block::Function => {
                    let flag = if flags & DEF_GLOBAL != 0 { DEF_GLOBAL } else { DEF_NONLOCAL };
                    self.add(name, flag, pos)?;
                    self.directive(name, pos);
                    return self.add_to(scope, name, DEF_LOCAL, pos);
                }
                Block::Module => {
                    self.add(name, DEF_GLOBAL, pos)?;
                    self.directive(name, pos);
                    return self.add_to(scope, name, DEF_GLOBAL, pos);
                }
                Block::Class => "in a class body",
                Block::TypeParameters => "within the definition of a generic",
                Block::TypeAlias => "in a type alias",
                Block::TypeVariable => "in a TypeVar bound",
                Block::Annotation => "within an annotation",
            };
            return Err(SyntaxError::at(
                pos,
                format!("assignment expression within a comprehension cannot be used {place}"),
            ));
        }
        Ok(())
    }

    fn generator(&mut self, g: &Comprehension) -> Result<()> {
        self.cur().comp_iter_target = true;
        self.expr(g.target)?;
        self.cur().comp_iter_target = false;
        self.cur().comp_iter_expr += 1;
        self.expr(g.iter)?;
        self.cur().comp_iter_expr -= 1;
        self.exprs(g.ifs)?;
        if g.is_async {
            self.cur().coroutine = true;
        }
        Ok(())
    }

    fn comprehension(
        &mut self,
        id: ExprId,
        kind: CompKind,
        name: &str,
        generators: List<Comprehension>,
        elt: ExprId,
        value: Option<ExprId>,
    ) -> Result<()> {
        let pos = self.epos(id);
        let Some((outermost, rest)) = self.tree[generators].split_first() else {
            return Err(SyntaxError::bare(
                crate::ErrorKind::Value,
                "comprehension with no generators",
            ));
        };
        self.cur().comp_iter_expr += 1;
        self.expr(outermost.iter)?;
        self.cur().comp_iter_expr -= 1;
        let name = self.table.names.intern(name);
        let in_class = self.cur().block == Block::Class;
        self.open(name, Block::Function, Node::Expr(id), pos);
        self.cur().method = in_class;
        self.cur().comprehension = kind;
        if outermost.is_async {
            self.cur().coroutine = true;
        }
        let arg = self.table.names.intern(".0");
        self.add(arg, DEF_PARAM, pos)?;
        self.cur().comp_iter_target = true;
        self.expr(outermost.target)?;
        self.cur().comp_iter_target = false;
        self.exprs(outermost.ifs)?;
        for g in rest {
            self.generator(g)?;
        }
        if let Some(value) = value {
            self.expr(value)?;
        }
        self.expr(elt)?;
        let is_generator = kind == CompKind::Generator;
        self.cur().generator = is_generator;
        let is_async = self.cur().coroutine && !is_generator;
        self.exit();
        if is_async {
            let allowed = self.allows_top_level_await();
            let scope = self.cur();
            if !scope.is_async_def && scope.comprehension == CompKind::None && !allowed {
                return Err(SyntaxError::at(
                    pos,
                    "asynchronous comprehension outside of an asynchronous function",
                ));
            }
            scope.coroutine = true;
        }
        Ok(())
    }
}

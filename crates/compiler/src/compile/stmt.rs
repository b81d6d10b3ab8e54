//! Statements that have no file of their own.

use stackless_bytecode::code::Const;
use stackless_bytecode::isa::{intrinsic1, op};

use super::Compiler;
use super::emit::{F, R};
use crate::error::Result;
use crate::ir::{Alias, Constant, ExprId, ExprKind, List, Pos, StmtId, StmtKind, Sym};

impl Compiler<'_> {
    pub(super) fn stmt(&mut self, id: StmtId) -> Result<()> {
        let tree = self.tree;
        let stmt = tree[id];
        let pos = stmt.pos;
        self.at(pos);
        match stmt.kind {
            StmtKind::FunctionDef(f) => self.function_def(id, f)?,
            StmtKind::ClassDef(c) => self.class_def(id, c)?,
            StmtKind::Return { value } => self.return_(pos, value)?,
            StmtKind::Delete { targets } => {
                for &t in &tree[targets] {
                    self.delete(t)?;
                }
            }
            StmtKind::Assign { targets, value } => self.assign(targets, value)?,
            StmtKind::TypeAlias { name, type_params, value } => {
                self.type_alias(id, name, type_params, value)?;
            }
            StmtKind::AugAssign { target, op, value } => self.aug_assign(pos, target, op, value)?,
            StmtKind::AnnAssign { target, annotation, value, simple } => {
                self.ann_assign(pos, target, annotation, value, simple)?;
            }
            StmtKind::For { is_async, target, iter, body, orelse } => {
                self.u.in_conditional += 1;
                if is_async {
                    self.async_for(pos, target, iter, body, orelse)?;
                } else {
                    self.for_(target, iter, body, orelse)?;
                }
                self.u.in_conditional -= 1;
            }
            StmtKind::While { test, body, orelse } => {
                self.u.in_conditional += 1;
                self.while_(test, body, orelse)?;
                self.u.in_conditional -= 1;
            }
            StmtKind::If { test, body, orelse } => {
                self.u.in_conditional += 1;
                self.if_(test, body, orelse)?;
                self.u.in_conditional -= 1;
            }
            StmtKind::With { is_async, items, body } => {
                self.u.in_conditional += 1;
                self.with(pos, is_async, items, 0, body)?;
                self.u.in_conditional -= 1;
            }
            StmtKind::Match { subject, cases } => {
                self.u.in_conditional += 1;
                self.match_(pos, subject, cases)?;
                self.u.in_conditional -= 1;
            }
            StmtKind::Raise { exc, cause } => self.raise(pos, exc, cause)?,
            StmtKind::Try { is_star, body, handlers, orelse, finalbody } => {
                self.u.in_conditional += 1;
                self.try_(pos, is_star, body, handlers, orelse, finalbody)?;
                self.u.in_conditional -= 1;
            }
            StmtKind::Assert { test, msg } => self.assert(pos, test, msg)?,
            StmtKind::Import { names } => {
                for alias in &tree[names] {
                    self.at(pos);
                    self.import(alias)?;
                }
            }
            StmtKind::ImportFrom { module, names, level } => {
                self.import_from(pos, module, names, level)?;
            }
            StmtKind::Global { .. } | StmtKind::Nonlocal { .. } => {}
            StmtKind::Pass => self.u.nop(pos),
            StmtKind::Expr { value } => self.expr_stmt(pos, value)?,
            StmtKind::Break => self.break_(pos)?,
            StmtKind::Continue => self.continue_(pos)?,
        }
        Ok(())
    }

    fn expr_stmt(&mut self, pos: Pos, value: ExprId) -> Result<()> {
        if self.is_interactive() && self.outer.is_empty() {
            self.push(value)?;
            self.at(pos);
            let top = self.u.top();
            self.u.op(op::INTRINSIC_1, R::PUSH, top, intrinsic1::PRINT);
            self.u.drop_top();
            return Ok(());
        }
        if self.tree.as_constant(value).is_some() {
            self.u.nop(pos);
            return Ok(());
        }
        if self.constant_of(value).is_some() {
            // Only for its warnings.
            if let ExprKind::Subscript { value, slice, .. } = self.tree[value].kind {
                self.check_subscript(value, slice);
            }
            self.u.nop(pos);
            return Ok(());
        }
        if self.borrow(value).is_some() {
            self.u.nop(pos);
            return Ok(());
        }
        self.push(value)?;
        self.at(pos);
        self.u.drop_top();
        Ok(())
    }

    fn if_(&mut self, test: ExprId, body: List<StmtId>, orelse: List<StmtId>) -> Result<()> {
        let tree = self.tree;
        let (mut test, mut body, mut orelse) = (test, body, orelse);
        let end = self.u.label();
        // An `elif` chain is a loop here, so that long ones do not nest.
        loop {
            let depth = self.u.depth;
            let else_label = if orelse.is_empty() { end } else { self.u.label() };
            if self.constant_of(test).is_some() {
                self.u.nop(tree[test].pos);
            }
            self.jump_if(test, else_label, false)?;
            self.stmts(body)?;
            self.u.depth = depth;
            if orelse.is_empty() {
                break;
            }
            self.at(Pos::default());
            self.u.goto(end);
            self.u.place(else_label);
            if let [only] = tree[orelse]
                && let StmtKind::If { test: t, body: b, orelse: o } = tree[only].kind
            {
                self.at(tree[only].pos);
                (test, body, orelse) = (t, b, o);
                continue;
            }
            self.stmts(orelse)?;
            self.u.depth = depth;
            break;
        }
        self.u.place(end);
        Ok(())
    }

    fn raise(&mut self, pos: Pos, exc: Option<ExprId>, cause: Option<ExprId>) -> Result<()> {
        let mut f = [F::Z, F::Z, F::N(0)];
        if let Some(exc) = exc {
            let later = [cause.unwrap_or(exc)];
            let later = if cause.is_some() { &later[..] } else { &[] };
            f[0] = self.operand_before(exc, later)?.into();
            f[2] = F::N(1);
            if let Some(cause) = cause {
                f[1] = self.operand(cause)?.into();
                f[2] = F::N(2);
            }
        }
        self.at(pos);
        self.u.end_with(op::RAISE, f);
        Ok(())
    }

    fn assert(&mut self, pos: Pos, test: ExprId, msg: Option<ExprId>) -> Result<()> {
        let always = match self.tree[test].kind {
            ExprKind::Tuple { elts, .. } => !elts.is_empty(),
            ExprKind::Constant { value, .. } => {
                matches!(&self.tree[value], Constant::Tuple(t) if !t.is_empty())
            }
            _ => false,
        };
        if always {
            self.warn(pos, "assertion is always true, perhaps remove parentheses?");
        }
        if self.options.optimize > 0 {
            return Ok(());
        }
        let end = self.u.label();
        let depth = self.u.depth;
        self.jump_if(test, end, true)?;
        self.at(pos);
        let base = R::temp(self.u.depth);
        self.u.op(op::LOAD_COMMON_CONST, R::PUSH, 0, F::Z);
        if let Some(msg) = msg {
            self.push(msg)?;
            self.at(pos);
            self.u.op_word(op::CALL, R::PUSH, base, 1, 0);
        }
        self.at(self.pos(test));
        self.u.end_with(op::RAISE, [base.into(), F::Z, F::N(1)]);
        self.u.depth = depth;
        self.u.place(end);
        Ok(())
    }

    // Imports.

    fn import_module(&mut self, name: Sym, level: u32, from: Const) {
        let base = R::temp(self.u.depth);
        self.u.load_const(R::PUSH, Const::Int(i64::from(level)));
        self.u.load_const(R::PUSH, from);
        let index = self.name_index(name);
        self.u.op_word(op::IMPORT_NAME, R::PUSH, base, F::Z, index);
    }

    fn import(&mut self, alias: &Alias) -> Result<()> {
        let pos = self.u.pos;
        self.import_module(alias.name, 0, Const::None);
        let text = self.text(alias.name);
        let Some(asname) = alias.asname else {
            let first = text.split('.').next().unwrap_or("");
            let first = self.table.names.intern(first);
            let top = self.u.top();
            self.store_name(first, top);
            return Ok(());
        };
        for part in text.split('.').skip(1) {
            let part = self.table.names.intern(part);
            let index = self.name_index(part);
            let module = self.u.top();
            let scratch = self.take_scratch();
            self.at(pos);
            self.u.op_word(op::IMPORT_FROM, scratch, module, F::Z, index);
            self.u.drop_top();
            self.u.op(op::MOVE, R::PUSH, scratch, F::Z);
            self.u.op(op::CLEAR_FAST, scratch, F::Z, F::Z);
            self.give_scratch(scratch);
        }
        let top = self.u.top();
        self.store_name(asname, top);
        Ok(())
    }

    fn import_from(
        &mut self,
        pos: Pos,
        module: Option<Sym>,
        names: List<Alias>,
        level: u32,
    ) -> Result<()> {
        let tree = self.tree;
        let names = &tree[names];
        let from: Box<[Const]> =
            names.iter().map(|a| Const::Str(self.text(a.name).as_bytes().into())).collect();
        let module = module.unwrap_or_else(|| self.table.names.intern(""));
        self.import_module(module, level, Const::Tuple(from));
        for alias in names {
            let module = self.u.top();
            if &*self.text(alias.name) == "*" {
                self.u.op(op::IMPORT_STAR, module, F::Z, F::Z);
                return Ok(());
            }
            let index = self.name_index(alias.name);
            let store = alias.asname.unwrap_or(alias.name);
            self.at(pos);
            if let Some(r) = self.fast_register(store) {
                self.u.op_word(op::IMPORT_FROM, r, module, F::Z, index);
                continue;
            }
            self.u.op_word(op::IMPORT_FROM, R::PUSH, module, F::Z, index);
            let top = self.u.top();
            self.store_name(store, top);
        }
        self.at(pos);
        self.u.drop_top();
        Ok(())
    }
}

/// A docstring without its common indentation, as CPython stores it.
pub(super) fn clean_doc(doc: &[u8]) -> Vec<u8> {
    // Tabs become blanks up to the next multiple of eight.
    let mut expanded = Vec::with_capacity(doc.len());
    let mut column = 0usize;
    for &b in doc {
        match b {
            b'\t' => {
                let n = 8 - column % 8;
                expanded.extend(std::iter::repeat_n(b' ', n));
                column += n;
            }
            b'\n' | b'\r' => {
                expanded.push(b);
                column = 0;
            }
            _ => {
                expanded.push(b);
                // Continuation bytes take no column of their own.
                column += usize::from(b & 0xC0 != 0x80);
            }
        }
    }
    let lines: Vec<&[u8]> = expanded.split(|&b| b == b'\n').collect();
    let indent = |line: &[u8]| line.iter().position(|&b| b != b' ');
    let margin = lines[1..].iter().filter_map(|l| indent(l)).min().unwrap_or(0);
    let mut out = Vec::with_capacity(expanded.len());
    let first = indent(lines[0]).unwrap_or(lines[0].len());
    out.extend_from_slice(&lines[0][first..]);
    for line in &lines[1..] {
        out.push(b'\n');
        let skip = line.iter().take(margin).take_while(|&&b| b == b' ').count();
        out.extend_from_slice(&line[skip..]);
    }
    out
}

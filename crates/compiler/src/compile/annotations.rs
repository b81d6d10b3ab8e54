//! Annotations: the lazily called `__annotate__` functions (PEP 649, PEP 749), and strings under
//! `from __future__ import annotations`.

use std::sync::Arc;

use stackless_bytecode::code::{Code, Const, flags as code_flags};
use stackless_bytecode::isa::op;

use super::Compiler;
use super::emit::{F, R};
use super::unparse::unparse;
use crate::error::Result;
use crate::ir::{Arg, ExprId, ExprKind, FunctionDef, List, Pos, StmtId, Sym};
use crate::symtable::{Block, Node, ScopeId};

impl Compiler<'_> {
    fn future_annotations(&self) -> bool {
        self.future & code_flags::FUTURE_ANNOTATIONS != 0
    }

    /// SETUP_ANNOTATIONS for a body whose annotations are strings.
    pub(super) fn setup_annotations(&mut self) {
        if self.future_annotations() && self.table[self.u.scope].annotations_used {
            self.u.op(op::SETUP_ANNOTATIONS, F::Z, F::Z, F::Z);
        }
    }

    pub(super) fn module_annotations_start(&mut self) {
        if self.table[self.u.scope].has_conditional_annotations {
            let at = R::temp(self.u.depth);
            self.u.op(op::BUILD_SET, R::PUSH, at, 0);
            self.store_special("__conditional_annotations__");
        }
        self.setup_annotations();
    }

    /// Ends a module: its `__annotate__` is stored before anything else runs.
    pub(super) fn module_annotations_end(&mut self, body: List<StmtId>) -> Result<()> {
        let pos = self.tree[body].first().map_or(self.u.pos, |&s| self.tree[s].pos);
        let end = self.u.pos;
        self.return_none();
        if self.u.annotations.is_empty() || self.future_annotations() {
            return Ok(());
        }
        let rest = std::mem::take(&mut self.u.insns);
        let (depth, reachable) = (self.u.depth, self.u.reachable);
        self.u.depth = 0;
        self.u.reachable = true;
        self.at(pos);
        if let Some(code) = self.body_annotate(pos)? {
            self.at(pos);
            self.make_function(code);
            self.store_special("__annotate__");
        }
        let shift = self.u.insns.len();
        self.u.insns.extend(rest);
        for label in &mut self.u.labels {
            if let Some(at) = &mut label.at {
                *at += shift;
            }
        }
        for range in &mut self.u.hidden {
            range.start += shift;
            range.end += shift;
        }
        self.u.depth = depth;
        self.u.reachable = reachable;
        self.at(end);
        Ok(())
    }

    /// Stores a class's `__annotate_func__`.
    pub(super) fn class_annotate(&mut self) -> Result<()> {
        if self.u.annotations.is_empty() {
            return Ok(());
        }
        let pos = self.u.pos;
        if let Some(code) = self.body_annotate(pos)? {
            self.at(pos);
            self.make_function(code);
            self.store_special("__annotate_func__");
        }
        Ok(())
    }

    fn enter_annotate(&mut self, scope: ScopeId, pos: Pos) -> R {
        self.enter_unit(scope, "__annotate__", pos, false);
        self.u.counts = [1, 1, 0];
        self.set_up_registers();
        let name = self.table.names.intern(".format");
        if let Some(r) = self.u.fast.get(&name).copied().and_then(R::as_local) {
            self.u.regs[r].name = Arc::from("format");
        }
        self.at(pos);
        let format = R::local(0);
        self.check_format(format);
        format
    }

    /// The annotations that a module or class body noted, as a function.
    fn body_annotate(&mut self, pos: Pos) -> Result<Option<Arc<Code>>> {
        let annotations = std::mem::take(&mut self.u.annotations);
        let Some(scope) = self.table[self.u.scope].annotation_block else { return Ok(None) };
        self.enter_annotate(scope, pos);
        let map = R::temp(0);
        self.u.op(op::BUILD_MAP, R::PUSH, map, 0);
        for (name, annotation, at, condition) in annotations {
            let skip = self.u.label();
            self.at(at);
            if let Some(index) = condition {
                self.u.load_const(R::PUSH, Const::Int(i64::from(index)));
                let l = self.u.top();
                let set = self.table.names.intern("__conditional_annotations__");
                let place = self.resolve_conditional(set);
                self.load_place(set, place, R::PUSH);
                let r = self.u.top();
                self.u.op(op::IN, R::PUSH, l, r);
                let top = self.u.top();
                self.u.jump(op::JUMP_IF_FALSE, top, F::Z, skip);
            }
            let text = Const::Str(self.text(name).as_bytes().into());
            self.u.load_const(R::PUSH, text);
            let key = self.u.top();
            let value = self.operand(annotation)?;
            self.at(pos);
            self.u.op(op::MAP_ADD, map, key, value);
            self.u.place(skip);
        }
        self.at(pos);
        self.u.end_with(op::RETURN, [map.into(), F::Z, F::Z]);
        Ok(Some(self.leave_unit()?))
    }

    /// The set of annotations that were reached: a cell of the class, or a global.
    fn resolve_conditional(&mut self, name: Sym) -> super::names::Place {
        match self.u.frees.get(&name) {
            Some(&r) => super::names::Place::Deref(r),
            None => super::names::Place::Global,
        }
    }

    /// The `__annotate__` of a function, if it has annotations.
    pub(super) fn annotate_function(
        &mut self,
        pos: Pos,
        f: FunctionDef,
    ) -> Result<Option<Arc<Code>>> {
        let tree = self.tree;
        let a = tree[f.args];
        let mut all: Vec<Arg> = Vec::new();
        all.extend(&tree[a.posonlyargs]);
        all.extend(&tree[a.args]);
        all.extend(a.vararg);
        all.extend(&tree[a.kwonlyargs]);
        all.extend(a.kwarg);
        if all.iter().all(|arg| arg.annotation.is_none()) && f.returns.is_none() {
            return Ok(None);
        }
        let scope = self.scope_of(Node::Annotations(f.args))?;
        let name = self.text(f.name);
        let owner = self.qualname(&name, true);
        self.enter_annotate(scope, pos);
        self.u.qualname = format!("{owner}.__annotate__").into();
        let map = R::temp(0);
        let mut entries: Vec<(Sym, ExprId)> = Vec::new();
        for arg in &all {
            if let Some(annotation) = arg.annotation {
                entries.push((self.mangle(arg.name), annotation));
            }
        }
        if let Some(returns) = f.returns {
            entries.push((self.table.names.intern("return"), returns));
        }
        let few = entries.len() <= super::expr::MANY / 2;
        if !few {
            self.u.op(op::BUILD_MAP, R::PUSH, map, 0);
        }
        for &(name, annotation) in &entries {
            self.at(pos);
            let text = Const::Str(self.text(name).as_bytes().into());
            self.u.load_const(R::PUSH, text);
            let key = self.u.top();
            self.push_annotation(annotation)?;
            if !few {
                let value = self.u.top();
                self.u.op(op::MAP_ADD, map, key, value);
            }
        }
        self.at(pos);
        if few {
            self.u.op(op::BUILD_MAP, R::PUSH, map, entries.len() as u16);
        }
        self.u.end_with(op::RETURN, [map.into(), F::Z, F::Z]);
        Ok(Some(self.leave_unit()?))
    }

    fn push_annotation(&mut self, annotation: ExprId) -> Result<()> {
        if self.future_annotations() {
            self.at(self.pos(annotation));
            let text = unparse(self.tree, annotation);
            self.u.load_const(R::PUSH, Const::Str(text.into()));
            return Ok(());
        }
        // `*args: *Ts`
        if let ExprKind::Starred { value, .. } = self.tree[annotation].kind {
            let v = self.operand(value)?;
            self.at(self.pos(annotation));
            let base = self.u.depth - u32::from(v.is_temp());
            let f = [R::temp(base).into(), v.into(), F::N(1)];
            self.u.raw(op::UNPACK_SEQUENCE, f, 0, 0, base, base + 1);
            return Ok(());
        }
        self.push(annotation)
    }

    pub(super) fn ann_assign(
        &mut self,
        pos: Pos,
        target: ExprId,
        annotation: ExprId,
        value: Option<ExprId>,
        simple: bool,
    ) -> Result<()> {
        let tree = self.tree;
        if let Some(value) = value {
            self.assign_expr(target, value)?;
        }
        match tree[target].kind {
            ExprKind::Name { id, .. } => {
                let block = self.table[self.u.scope].block;
                if simple && matches!(block, Block::Module | Block::Class) {
                    self.body_annotation(pos, id, annotation, block)?;
                }
            }
            ExprKind::Attribute { value: object, .. } => {
                if value.is_none() {
                    self.evaluate(object)?;
                }
            }
            ExprKind::Subscript { value: object, slice, .. } => {
                if value.is_none() {
                    self.evaluate(object)?;
                    self.evaluate_slice(slice)?;
                }
            }
            _ => return self.error(pos, "invalid node type for annotated assignment"),
        }
        Ok(())
    }

    fn body_annotation(
        &mut self,
        pos: Pos,
        name: Sym,
        annotation: ExprId,
        block: Block,
    ) -> Result<()> {
        let name = self.mangle(name);
        self.at(pos);
        if self.future_annotations() {
            let text = Const::Str(self.text(name).as_bytes().into());
            self.push_annotation(annotation)?;
            let value = self.u.top();
            let annotations = self.table.names.intern("__annotations__");
            self.at(pos);
            let index = self.name_index(annotations);
            self.u.op_wide(op::LOAD_NAME, R::PUSH, index);
            let object = self.u.top();
            self.u.load_const(R::PUSH, text);
            let key = self.u.top();
            self.u.op(op::STORE_ITEM, object, key, value);
            return Ok(());
        }
        let conditional = block == Block::Module || self.u.in_conditional > 0;
        let mut condition = None;
        if conditional {
            let index = self.u.next_conditional;
            self.u.next_conditional += 1;
            condition = Some(index);
            let set = self.table.names.intern("__conditional_annotations__");
            match self.u.cells.get(&set).copied() {
                Some(cell) => self.u.op(op::LOAD_DEREF, R::PUSH, cell, F::Z),
                None => {
                    let index = self.name_index(set);
                    self.u.op_wide(op::LOAD_NAME, R::PUSH, index);
                }
            }
            let set = self.u.top();
            self.u.load_const(R::PUSH, Const::Int(i64::from(index)));
            let top = self.u.top();
            self.u.op(op::SET_ADD, set, top, F::Z);
            self.u.drop_top();
        }
        self.u.annotations.push((name, annotation, pos, condition));
        Ok(())
    }

    /// Evaluates and drops.
    fn evaluate(&mut self, e: ExprId) -> Result<()> {
        self.push(e)?;
        self.u.drop_top();
        Ok(())
    }

    fn evaluate_slice(&mut self, slice: ExprId) -> Result<()> {
        let tree = self.tree;
        match tree[slice].kind {
            ExprKind::Slice { lower, upper, step } => {
                for e in [lower, upper, step].into_iter().flatten() {
                    self.evaluate(e)?;
                }
            }
            ExprKind::Tuple { elts, .. } => {
                for &e in &tree[elts] {
                    self.evaluate_slice(e)?;
                }
            }
            _ => self.evaluate(slice)?,
        }
        Ok(())
    }
}

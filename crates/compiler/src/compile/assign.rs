//! Assignment in all its forms, and `del`.

use stackless_bytecode::isa::op;

use super::Compiler;
use super::emit::{F, R};
use super::expr::{MANY, inplace_op};
use crate::error::Result;
use crate::ir::{Ctx, ExprId, ExprKind, List, Operator, Pos, Sym};

impl Compiler<'_> {
    pub(super) fn assign(&mut self, targets: List<ExprId>, value: ExprId) -> Result<()> {
        let tree = self.tree;
        let targets = &tree[targets];
        let Some((&first, rest)) = targets.split_first() else { return Ok(()) };
        if rest.is_empty() {
            return self.assign_expr(first, value);
        }
        // The first plain local can hold the value for targets that do not unpack.
        let simple =
            |e: ExprId| !matches!(tree[e].kind, ExprKind::Tuple { .. } | ExprKind::List { .. });
        if let ExprKind::Name { id, .. } = tree[first].kind
            && rest.iter().all(|&t| simple(t))
            && let Some(r) = self.fast_register(id)
        {
            self.expr(value, r)?;
            for &t in rest {
                self.assign_from(t, r)?;
            }
            return Ok(());
        }
        self.push(value)?;
        for (i, &t) in targets.iter().enumerate() {
            if i + 1 < targets.len() {
                self.at(self.pos(value));
                let top = self.u.top();
                self.u.op(op::COPY, R::PUSH, top, F::Z);
            }
            let top = self.u.top();
            self.assign_from(t, top)?;
        }
        Ok(())
    }

    /// `target = value` with the value still to be evaluated.
    pub(super) fn assign_expr(&mut self, target: ExprId, value: ExprId) -> Result<()> {
        let tree = self.tree;
        match tree[target].kind {
            ExprKind::Name { id, .. } => {
                if let Some(r) = self.fast_register(id) {
                    // Copying a variable to itself still looks whether it is bound.
                    return self.expr(value, r);
                }
                let v = self.operand(value)?;
                self.at(tree[target].pos);
                self.store_name(id, v);
                Ok(())
            }
            ExprKind::Tuple { elts, .. } | ExprKind::List { elts, .. } => {
                if self.parallel(elts, value)? {
                    return Ok(());
                }
                let v = self.operand(value)?;
                self.unpack(tree[target].pos, elts, v)
            }
            _ => {
                let v = self.operand_before(value, &[target])?;
                self.assign_from(target, v)
            }
        }
    }

    /// `a, b = x, y` between plain locals: no tuple.
    fn parallel(&mut self, targets: List<ExprId>, value: ExprId) -> Result<bool> {
        let tree = self.tree;
        let (ExprKind::Tuple { elts: values, .. } | ExprKind::List { elts: values, .. }) =
            tree[value].kind
        else {
            return Ok(false);
        };
        let (targets, values) = (&tree[targets], &tree[values]);
        if targets.len() != values.len() || targets.is_empty() || targets.len() > MANY {
            return Ok(false);
        }
        let starred = |&e: &ExprId| matches!(tree[e].kind, ExprKind::Starred { .. });
        if values.iter().any(starred) || values.iter().any(|&v| self.folded.has_walrus(v)) {
            return Ok(false);
        }
        let mut regs = Vec::with_capacity(targets.len());
        for &t in targets {
            let ExprKind::Name { id, .. } = tree[t].kind else { return Ok(false) };
            match self.fast_register(id) {
                Some(r) if !regs.contains(&r) => regs.push(r),
                _ => return Ok(false),
            }
        }
        let last = values.len() - 1;
        for &v in &values[..last] {
            self.push(v)?;
        }
        self.expr(values[last], regs[last])?;
        for i in (0..last).rev() {
            self.at(tree[targets[i]].pos);
            self.u.pop_into(regs[i]);
        }
        Ok(true)
    }

    /// Assigns a value that is the top temporary or a local.
    pub(super) fn assign_from(&mut self, target: ExprId, value: R) -> Result<()> {
        let tree = self.tree;
        let pos = tree[target].pos;
        match tree[target].kind {
            ExprKind::Name { id, .. } => {
                self.at(pos);
                self.store_name(id, value);
            }
            ExprKind::Attribute { value: object, attr, .. } => {
                let o = self.operand(object)?;
                self.note_static_attribute(object, attr);
                self.at(self.method_pos(pos, target));
                let name = self.attribute_index(attr);
                self.u.op_word(op::STORE_ATTR, o, value, F::Z, name);
            }
            ExprKind::Subscript { value: object, slice, .. } => {
                self.check_subscript(object, slice);
                let o = self.operand_before(object, &[slice])?;
                let i = self.operand(slice)?;
                self.at(pos);
                self.u.op(op::STORE_ITEM, o, i, value);
            }
            ExprKind::Tuple { elts, .. } | ExprKind::List { elts, .. } => {
                self.unpack(pos, elts, value)?;
            }
            ExprKind::Starred { .. } => {
                return self.error(pos, "starred assignment target must be in a list or tuple");
            }
            _ => return self.error(pos, "cannot assign to expression"),
        }
        Ok(())
    }

    /// Names assigned as `self.name` become `__static_attributes__` of the class around.
    fn note_static_attribute(&mut self, object: ExprId, attr: Sym) {
        let ExprKind::Name { id, ctx: Ctx::Load } = self.tree[object].kind else { return };
        if &**self.table.names.get(id) != "self" {
            return;
        }
        let text = self.text(attr);
        let table = &self.table;
        let class = self
            .outer
            .iter_mut()
            .rev()
            .find(|u| table[u.scope].block == crate::symtable::Block::Class);
        if let Some(unit) = class {
            unit.static_attributes.insert(text);
        }
    }

    fn unpack(&mut self, pos: Pos, elts: List<ExprId>, value: R) -> Result<()> {
        let tree = self.tree;
        let elts = &tree[elts];
        let star = elts.iter().position(|&e| matches!(tree[e].kind, ExprKind::Starred { .. }));
        self.at(pos);
        let base = if value.is_temp() { self.u.depth - 1 } else { self.u.depth };
        let count = elts.len() as u32;
        let f = |n: usize| [R::temp(base).into(), value.into(), F::N(n as u16)];
        match star {
            None => self.u.raw(op::UNPACK_SEQUENCE, f(elts.len()), 0, 0, base, base + count),
            Some(star) => {
                let after = elts.len() - star - 1;
                if elts[star + 1..]
                    .iter()
                    .any(|&e| matches!(tree[e].kind, ExprKind::Starred { .. }))
                {
                    return self.error(pos, "multiple starred expressions in assignment");
                }
                if star >= 1 << 8 || after >= (i32::MAX >> 8) as usize {
                    return self.error(pos, "too many expressions in star-unpacking assignment");
                }
                self.u.raw(op::UNPACK_EX, f(star), 0, after as u32, base, base + count);
            }
        }
        for &e in elts {
            let target = match tree[e].kind {
                ExprKind::Starred { value, .. } => value,
                _ => e,
            };
            let top = self.u.top();
            self.assign_from(target, top)?;
        }
        Ok(())
    }

    pub(super) fn aug_assign(
        &mut self,
        pos: Pos,
        target: ExprId,
        operator: Operator,
        value: ExprId,
    ) -> Result<()> {
        let tree = self.tree;
        let target_pos = tree[target].pos;
        match tree[target].kind {
            ExprKind::Name { id, .. } => {
                let fast = self.fast_register(id);
                let old = match fast {
                    // Name nodes of targets have a Store context; they are read here.
                    Some(r) if !self.folded.has_walrus(value) => {
                        if !self.u.is_bound(r) {
                            self.at(target_pos);
                            self.u.op(op::CHECK_BOUND, r, F::Z, F::Z);
                            self.u.set_bound(r, true);
                        }
                        r
                    }
                    _ => {
                        self.at(target_pos);
                        self.load_name(id, R::PUSH);
                        self.u.top()
                    }
                };
                match fast {
                    Some(r) => self.inplace(pos, operator, r, old, value)?,
                    None => {
                        self.inplace(pos, operator, R::PUSH, old, value)?;
                        self.at(target_pos);
                        let top = self.u.top();
                        self.store_name(id, top);
                    }
                }
            }
            ExprKind::Attribute { value: object, attr, .. } => {
                let o = self.operand_before(object, &[value])?;
                let source = self.keep(target_pos, o);
                self.at(self.method_pos(target_pos, target));
                let name = self.attribute_index(attr);
                self.u.op_word(op::LOAD_ATTR, R::PUSH, source, F::Z, name);
                let old = self.u.top();
                self.inplace(pos, operator, R::PUSH, old, value)?;
                self.at(self.method_pos(target_pos, target));
                let top = self.u.top();
                self.u.op_word(op::STORE_ATTR, o, top, F::Z, name);
            }
            ExprKind::Subscript { value: object, slice, .. } => {
                let o = self.operand_before(object, &[slice, value])?;
                let i = self.operand_before(slice, &[value])?;
                let source = self.keep(target_pos, o);
                let index = self.keep(target_pos, i);
                self.at(target_pos);
                self.u.op(op::LOAD_ITEM, R::PUSH, source, index);
                let old = self.u.top();
                self.inplace(pos, operator, R::PUSH, old, value)?;
                self.at(target_pos);
                let top = self.u.top();
                self.u.op(op::STORE_ITEM, o, i, top);
            }
            _ => return self.error(pos, "illegal expression for augmented assignment"),
        }
        Ok(())
    }

    /// The operand itself if it is borrowed, else a copy on top.
    fn keep(&mut self, pos: Pos, r: R) -> R {
        if !r.is_temp() {
            return r;
        }
        self.at(pos);
        self.u.op(op::COPY, R::PUSH, r, F::Z);
        self.u.top()
    }

    fn inplace(
        &mut self,
        pos: Pos,
        operator: Operator,
        dst: R,
        old: R,
        value: ExprId,
    ) -> Result<()> {
        if let (Some(imm), Operator::Add | Operator::Sub) = (self.immediate(value), operator) {
            self.at(pos);
            let add = operator == Operator::Add;
            let op = if add { op::INPLACE_ADD_IMM } else { op::INPLACE_SUB_IMM };
            self.u.op(op, dst, old, imm);
            return Ok(());
        }
        let v = self.operand(value)?;
        self.at(pos);
        self.u.op(inplace_op(operator), dst, old, v);
        Ok(())
    }

    pub(super) fn delete(&mut self, target: ExprId) -> Result<()> {
        let tree = self.tree;
        let pos = tree[target].pos;
        match tree[target].kind {
            ExprKind::Name { id, .. } => {
                self.at(pos);
                self.delete_name(id);
            }
            ExprKind::Attribute { value, attr, .. } => {
                let o = self.operand(value)?;
                self.at(self.method_pos(pos, target));
                let name = self.attribute_index(attr);
                self.u.op_word(op::DELETE_ATTR, o, F::Z, F::Z, name);
            }
            ExprKind::Subscript { value, slice, .. } => {
                self.check_subscript(value, slice);
                let o = self.operand_before(value, &[slice])?;
                let i = self.operand(slice)?;
                self.at(pos);
                self.u.op(op::DELETE_ITEM, o, i, F::Z);
            }
            ExprKind::Tuple { elts, .. } | ExprKind::List { elts, .. } => {
                for &e in &tree[elts] {
                    self.delete(e)?;
                }
            }
            _ => return self.error(pos, "cannot delete expression"),
        }
        Ok(())
    }
}

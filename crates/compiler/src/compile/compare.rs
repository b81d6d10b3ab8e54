//! Comparisons, truth tests and conditional jumps.

use stackless_bytecode::isa::op;

use super::emit::{F, Label, R};
use super::{Compiler, fold};
use crate::error::Result;
use crate::ir::{BoolOp, CmpOp, Constant, ExprId, ExprKind, List, Pos, UnaryOp};

fn value_op(op: CmpOp) -> u16 {
    match op {
        CmpOp::Eq => op::EQ,
        CmpOp::NotEq => op::NE,
        CmpOp::Lt => op::LT,
        CmpOp::LtE => op::LE,
        CmpOp::Gt => op::GT,
        CmpOp::GtE => op::GE,
        CmpOp::Is => op::IS,
        CmpOp::IsNot => op::IS_NOT,
        CmpOp::In => op::IN,
        CmpOp::NotIn => op::NOT_IN,
    }
}

/// (jump if, jump unless, with immediate if, with immediate unless)
fn fused(op: CmpOp) -> Option<[u16; 4]> {
    Some(match op {
        CmpOp::Lt => {
            [op::JUMP_IF_LT, op::JUMP_UNLESS_LT, op::JUMP_IF_LT_IMM, op::JUMP_UNLESS_LT_IMM]
        }
        CmpOp::LtE => {
            [op::JUMP_IF_LE, op::JUMP_UNLESS_LE, op::JUMP_IF_LE_IMM, op::JUMP_UNLESS_LE_IMM]
        }
        CmpOp::Eq => {
            [op::JUMP_IF_EQ, op::JUMP_UNLESS_EQ, op::JUMP_IF_EQ_IMM, op::JUMP_UNLESS_EQ_IMM]
        }
        CmpOp::NotEq => {
            [op::JUMP_IF_NE, op::JUMP_UNLESS_NE, op::JUMP_IF_NE_IMM, op::JUMP_UNLESS_NE_IMM]
        }
        CmpOp::Gt => {
            [op::JUMP_IF_GT, op::JUMP_UNLESS_GT, op::JUMP_IF_GT_IMM, op::JUMP_UNLESS_GT_IMM]
        }
        CmpOp::GtE => {
            [op::JUMP_IF_GE, op::JUMP_UNLESS_GE, op::JUMP_IF_GE_IMM, op::JUMP_UNLESS_GE_IMM]
        }
        _ => return None,
    })
}

impl Compiler<'_> {
    /// The right side of `in` may be a display that nobody else sees.
    fn compare_right(&mut self, op: CmpOp, right: ExprId) -> Result<R> {
        if matches!(op, CmpOp::In | CmpOp::NotIn)
            && let Some(value) = self.constant_display_value(right)
        {
            self.at(self.pos(right));
            self.load_constant(R::PUSH, &value);
            return Ok(self.u.top());
        }
        self.operand(right)
    }

    /// A list or set display of constants, as a tuple or frozenset.
    pub(super) fn constant_display_value(&self, e: ExprId) -> Option<Constant> {
        let (elts, set) = match self.tree[e].kind {
            ExprKind::List { elts, .. } => (elts, false),
            ExprKind::Set { elts } => (elts, true),
            _ => return None,
        };
        let items: Option<Vec<_>> =
            self.tree[elts].iter().map(|&e| self.constant_of(e).cloned()).collect();
        let items = items?;
        Some(if set { Constant::FrozenSet(items.into()) } else { Constant::Tuple(items.into()) })
    }

    pub(super) fn compare_one(
        &mut self,
        pos: Pos,
        left: ExprId,
        op: CmpOp,
        right: ExprId,
        dst: R,
    ) -> Result<()> {
        let l = self.operand_before(left, &[right])?;
        let r = self.compare_right(op, right)?;
        self.at(pos);
        self.u.op(value_op(op), dst, l, r);
        Ok(())
    }

    /// Middle operand number `i` of a chain: borrowed, or kept in one of two scratch registers.
    fn middle(
        &mut self,
        e: ExprId,
        i: usize,
        may_borrow: bool,
        scratches: &mut Vec<R>,
    ) -> Result<R> {
        if may_borrow && let Some(r) = self.borrow(e) {
            return Ok(r);
        }
        while scratches.len() <= i % 2 {
            let scratch = self.take_scratch();
            scratches.push(scratch);
        }
        let scratch = scratches[i % 2];
        self.expr(e, scratch)?;
        Ok(scratch)
    }

    pub(super) fn compare_value(
        &mut self,
        e: ExprId,
        pos: Pos,
        left: ExprId,
        ops: List<CmpOp>,
        comparators: List<ExprId>,
        dst: R,
    ) -> Result<()> {
        self.check_compare(e);
        let tree = self.tree;
        let (ops, rights) = (&tree[ops], &tree[comparators]);
        if let ([op], [right]) = (ops, rights) {
            return self.compare_one(pos, left, *op, *right, dst);
        }
        let end = self.u.label();
        let mut scratches = Vec::new();
        let may_borrow = !self.folded.any_walrus(rights);
        let mut l = self.operand_before(left, rights)?;
        for (i, (&op, &right)) in ops.iter().zip(rights).enumerate() {
            let last = i + 1 == ops.len();
            let r = if last {
                self.compare_right(op, right)?
            } else {
                self.middle(right, i, may_borrow, &mut scratches)?
            };
            self.at(pos);
            self.u.op(value_op(op), R::PUSH, l, r);
            if !last {
                self.u.jump_or_pop(op::JUMP_IF_FALSE_OR_POP, end);
            }
            l = r;
        }
        self.u.place(end);
        for r in scratches {
            self.u.op(op::CLEAR_FAST, r, F::Z, F::Z);
            self.give_scratch(r);
        }
        self.move_top(dst);
        Ok(())
    }

    /// Jumps to `target` if the truth of `e` is `when`, falls through otherwise.
    pub(super) fn jump_if(&mut self, e: ExprId, target: Label, when: bool) -> Result<()> {
        let tree = self.tree;
        let pos = tree[e].pos;
        if let Some(truth) = self.constant_of(e).map(fold::truth) {
            self.at(pos);
            if truth == when {
                self.u.goto(target);
            }
            return Ok(());
        }
        match tree[e].kind {
            ExprKind::UnaryOp { op: UnaryOp::Not, operand } => {
                return self.jump_if(operand, target, !when);
            }
            ExprKind::BoolOp { op, values } => {
                let Some((last, first)) = tree[values].split_last() else { return Ok(()) };
                // The outcome that decides the whole early.
                let early = op == BoolOp::Or;
                if early == when {
                    for &v in first {
                        self.jump_if(v, target, when)?;
                    }
                    return self.jump_if(*last, target, when);
                }
                let end = self.u.label();
                for &v in first {
                    self.jump_if(v, end, early)?;
                }
                self.jump_if(*last, target, when)?;
                self.u.place(end);
                return Ok(());
            }
            ExprKind::IfExp { test, body, orelse } => {
                let (else_label, end) = (self.u.label(), self.u.label());
                self.jump_if(test, else_label, false)?;
                self.jump_if(body, target, when)?;
                self.at(pos);
                self.u.goto(end);
                self.u.place(else_label);
                self.jump_if(orelse, target, when)?;
                self.u.place(end);
                return Ok(());
            }
            ExprKind::Compare { left, ops, comparators } => {
                self.check_compare(e);
                return self.compare_jump(pos, left, ops, comparators, target, when);
            }
            _ => {}
        }
        let v = self.operand(e)?;
        self.at(pos);
        self.u.jump(if when { op::JUMP_IF_TRUE } else { op::JUMP_IF_FALSE }, v, F::Z, target);
        Ok(())
    }

    fn compare_jump(
        &mut self,
        pos: Pos,
        left: ExprId,
        ops: List<CmpOp>,
        comparators: List<ExprId>,
        target: Label,
        when: bool,
    ) -> Result<()> {
        let tree = self.tree;
        let (ops, rights) = (&tree[ops], &tree[comparators]);
        if let ([op], [right]) = (ops, rights) {
            if let Some(test) = self.none_test(left, *op, *right) {
                let (value, is_none) = test;
                let v = self.operand(value)?;
                self.at(pos);
                let op = if is_none == when { op::JUMP_IF_NONE } else { op::JUMP_IF_NOT_NONE };
                self.u.jump(op, v, F::Z, target);
                return Ok(());
            }
            if let (Some(imm), Some(jumps)) = (self.immediate(*right), fused(*op)) {
                let l = self.operand(left)?;
                self.at(pos);
                self.u.jump(if when { jumps[2] } else { jumps[3] }, l, imm, target);
                return Ok(());
            }
            let l = self.operand_before(left, &[*right])?;
            let r = self.compare_right(*op, *right)?;
            self.at(pos);
            self.compare_and_jump(l, *op, r, target, when);
            return Ok(());
        }
        // A chain: the middle operands' scratch registers are cleared on both ways out.
        let (fail, end) = (self.u.label(), self.u.label());
        let mut scratches = Vec::new();
        let may_borrow = !self.folded.any_walrus(rights);
        let mut l = self.operand_before(left, rights)?;
        for (i, (&op, &right)) in ops.iter().zip(rights).enumerate() {
            let last = i + 1 == ops.len();
            let r = if last {
                self.compare_right(op, right)?
            } else {
                self.middle(right, i, may_borrow, &mut scratches)?
            };
            self.at(pos);
            self.compare_and_jump(l, op, r, fail, false);
            l = r;
        }
        let clear = |c: &mut Self| {
            for &r in &scratches {
                c.u.op(op::CLEAR_FAST, r, F::Z, F::Z);
            }
        };
        clear(self);
        self.u.goto(if when { target } else { end });
        self.u.place(fail);
        clear(self);
        if !when {
            self.u.goto(target);
        }
        self.u.place(end);
        for r in scratches {
            self.give_scratch(r);
        }
        Ok(())
    }

    fn compare_and_jump(&mut self, l: R, op: CmpOp, r: R, target: Label, when: bool) {
        if let Some(jumps) = fused(op) {
            self.u.jump(if when { jumps[0] } else { jumps[1] }, l, r, target);
            return;
        }
        self.u.op(value_op(op), R::PUSH, l, r);
        let top = self.u.top();
        self.u.jump(if when { op::JUMP_IF_TRUE } else { op::JUMP_IF_FALSE }, top, F::Z, target);
    }

    /// `x is None` and `x is not None`: the tested value, and whether None is what is asked for.
    fn none_test(&self, left: ExprId, op: CmpOp, right: ExprId) -> Option<(ExprId, bool)> {
        let none = matches!(self.constant_of(right), Some(Constant::None));
        match op {
            CmpOp::Is if none => Some((left, true)),
            CmpOp::IsNot if none => Some((left, false)),
            _ => None,
        }
    }
}

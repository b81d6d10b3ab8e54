//! Expressions to registers.

use stackless_bytecode::Stored;
use stackless_bytecode::code::Const;
use stackless_bytecode::isa::op;

use super::emit::{F, R};
use super::{Compiler, fold, to_const};
use crate::error::Result;
use crate::ir::{BoolOp, CmpOp, Constant, Ctx, ExprId, ExprKind, List, Operator, Pos, UnaryOp};

/// Displays with more elements are built piece by piece.
pub(super) const MANY: usize = 30;

pub(super) fn binary_op(op: Operator) -> u16 {
    match op {
        Operator::Add => op::ADD,
        Operator::Sub => op::SUB,
        Operator::Mult => op::MUL,
        Operator::MatMult => op::MATMUL,
        Operator::Div => op::TRUEDIV,
        Operator::Mod => op::MOD,
        Operator::Pow => op::POW,
        Operator::LShift => op::LSHIFT,
        Operator::RShift => op::RSHIFT,
        Operator::BitOr => op::OR,
        Operator::BitXor => op::XOR,
        Operator::BitAnd => op::AND,
        Operator::FloorDiv => op::FLOORDIV,
    }
}

pub(super) fn inplace_op(op: Operator) -> u16 {
    match op {
        Operator::Add => op::INPLACE_ADD,
        Operator::Sub => op::INPLACE_SUB,
        Operator::Mult => op::INPLACE_MUL,
        Operator::MatMult => op::INPLACE_MATMUL,
        Operator::Div => op::INPLACE_TRUEDIV,
        Operator::Mod => op::INPLACE_MOD,
        Operator::Pow => op::INPLACE_POW,
        Operator::LShift => op::INPLACE_LSHIFT,
        Operator::RShift => op::INPLACE_RSHIFT,
        Operator::BitOr => op::INPLACE_OR,
        Operator::BitXor => op::INPLACE_XOR,
        Operator::BitAnd => op::INPLACE_AND,
        Operator::FloorDiv => op::INPLACE_FLOORDIV,
    }
}

impl Compiler<'_> {
    /// A constant that fits an immediate operand.
    pub(super) fn immediate(&self, e: ExprId) -> Option<u16> {
        match self.constant_of(e) {
            Some(&Constant::Int(i)) => i16::try_from(i).ok().map(|i| i as u16),
            _ => None,
        }
    }

    pub(super) fn load_constant(&mut self, dst: R, value: &Constant) {
        self.u.load_const(dst, to_const(value));
    }

    /// Evaluates `e` into `dst`, which is written only when the evaluation is complete.
    pub(super) fn expr(&mut self, e: ExprId, dst: R) -> Result<()> {
        let tree = self.tree;
        let node = tree[e];
        let pos = node.pos;
        if let Some(value) = self.folded.get(tree, e) {
            let value = to_const(value);
            // Warnings of the unfolded parts still count.
            if let ExprKind::Subscript { value, slice, .. } = node.kind {
                self.check_subscript(value, slice);
            }
            self.at(pos);
            self.u.load_const(dst, value);
            return Ok(());
        }
        match node.kind {
            ExprKind::Constant { .. } => {}
            ExprKind::Name { id, .. } => {
                self.at(pos);
                self.load_name(id, dst);
            }
            ExprKind::BinOp { left, op, right } => {
                let immediate = self.immediate(right);
                if let (Some(imm), Operator::Add | Operator::Sub) = (immediate, op) {
                    let l = self.operand(left)?;
                    self.at(pos);
                    let op = if op == Operator::Add { op::ADD_IMM } else { op::SUB_IMM };
                    self.u.op(op, dst, l, imm);
                } else {
                    let l = self.operand_before(left, &[right])?;
                    let r = self.operand(right)?;
                    self.at(pos);
                    self.u.op(binary_op(op), dst, l, r);
                }
            }
            ExprKind::UnaryOp { op, operand } => self.unary(pos, op, operand, dst)?,
            ExprKind::BoolOp { op, values } => self.bool_op(op, values, dst)?,
            ExprKind::Compare { left, ops, comparators } => {
                self.compare_value(e, pos, left, ops, comparators, dst)?;
            }
            ExprKind::Call { func, args, keywords } => {
                self.call(pos, func, args, keywords, dst)?;
            }
            ExprKind::Attribute { value, attr, .. } => {
                if let Some(call) = self.super_call(value) {
                    let base = self.load_super_args(value, call)?;
                    self.at(pos);
                    let name = self.attribute_index(attr);
                    self.at(self.method_pos(pos, e));
                    self.u.op_word(op::LOAD_SUPER_ATTR, dst, base, u16::from(call.two), name);
                    return Ok(());
                }
                let v = self.operand(value)?;
                self.at(self.method_pos(pos, e));
                let name = self.attribute_index(attr);
                self.u.op_word(op::LOAD_ATTR, dst, v, F::Z, name);
            }
            ExprKind::Subscript { value, slice, .. } => {
                self.check_subscript(value, slice);
                let v = self.operand_before(value, &[slice])?;
                let i = self.operand(slice)?;
                self.at(pos);
                self.u.op(op::LOAD_ITEM, dst, v, i);
            }
            ExprKind::IfExp { test, body, orelse } => {
                let depth = self.u.depth;
                let else_label = self.u.label();
                let end = self.u.label();
                self.jump_if(test, else_label, false)?;
                self.expr(body, dst)?;
                self.at(pos);
                self.u.goto(end);
                self.u.depth = depth;
                self.u.place(else_label);
                self.expr(orelse, dst)?;
                self.u.place(end);
            }
            ExprKind::NamedExpr { target, value } => {
                let ExprKind::Name { id, .. } = tree[target].kind else {
                    return self.error(pos, "invalid assignment expression target");
                };
                if let Some(r) = self.fast_register(id) {
                    self.expr(value, r)?;
                    self.at(pos);
                    if dst != r {
                        self.u.op(op::MOVE, dst, r, F::Z);
                    }
                } else {
                    self.push(value)?;
                    self.at(pos);
                    let top = self.u.top();
                    self.u.op(op::COPY, R::PUSH, top, F::Z);
                    let top = self.u.top();
                    self.at(tree[target].pos);
                    self.store_name(id, top);
                    self.move_top(dst);
                }
            }
            ExprKind::Lambda { args, body } => self.lambda(e, args, body, dst)?,
            ExprKind::Tuple { elts, ctx } => {
                if ctx != Ctx::Load {
                    return self.wrong_context(pos);
                }
                self.display(pos, elts, Display::Tuple, dst)?;
            }
            ExprKind::List { elts, ctx } => {
                if ctx != Ctx::Load {
                    return self.wrong_context(pos);
                }
                self.display(pos, elts, Display::List, dst)?;
            }
            ExprKind::Set { elts } => self.display(pos, elts, Display::Set, dst)?,
            ExprKind::Dict { keys, values } => self.dict(pos, keys, values, dst)?,
            ExprKind::ListComp { .. }
            | ExprKind::SetComp { .. }
            | ExprKind::DictComp { .. }
            | ExprKind::GeneratorExp { .. } => self.comprehension(e, dst)?,
            ExprKind::Await { value } => {
                let v = self.operand(value)?;
                self.at(pos);
                self.u.op(op::GET_AWAITABLE, R::PUSH, v, 0);
                self.yield_from(dst, 1);
            }
            ExprKind::Yield { value } => self.yield_(pos, value, dst)?,
            ExprKind::YieldFrom { value } => {
                if !self.table[self.u.scope].is_function_like() {
                    return self.error(pos, "'yield from' outside function");
                }
                if self.in_async_def() {
                    return self.error(pos, "'yield from' inside async function");
                }
                let v = self.operand(value)?;
                self.at(pos);
                self.u.op(op::GET_YIELD_FROM_ITER, R::PUSH, v, F::Z);
                self.yield_from(dst, 0);
            }
            ExprKind::JoinedStr { values } => self.joined(pos, values, dst)?,
            ExprKind::FormattedValue { value, conversion, format_spec } => {
                self.formatted(pos, value, conversion, format_spec, dst)?;
            }
            ExprKind::TemplateStr { values } => self.template(pos, values, dst)?,
            ExprKind::Interpolation { .. } => {
                self.interpolation(e)?;
                self.move_top(dst);
            }
            ExprKind::Starred { .. } => {
                return self.error(pos, "can't use starred expression here");
            }
            ExprKind::Slice { lower, upper, step } => {
                let base = R::temp(self.u.depth);
                for part in [lower, upper] {
                    match part {
                        Some(e) => self.push(e)?,
                        None => {
                            self.at(pos);
                            self.u.load_const(R::PUSH, Const::None);
                        }
                    }
                }
                if let Some(step) = step {
                    self.push(step)?;
                }
                self.at(pos);
                self.u.op(op::BUILD_SLICE, dst, base, 2 + u16::from(step.is_some()));
            }
        }
        Ok(())
    }

    fn wrong_context(&self, pos: Pos) -> Result<()> {
        self.error(pos, "expression must have Load context but has Store instead")
    }

    pub(super) fn in_async_def(&self) -> bool {
        self.table[self.u.scope].is_async_def
    }

    /// Moves the top temporary to `dst`, if it is not to stay there.
    pub(super) fn move_top(&mut self, dst: R) {
        if dst != R::PUSH {
            self.u.pop_into(dst);
        }
    }

    /// YIELD_FROM over the top temporary.
    pub(super) fn yield_from(&mut self, dst: R, await_: u16) {
        let iter = self.u.top();
        let live = self.u.depth;
        if dst == R::PUSH {
            self.u.raw(op::YIELD_FROM, [iter.into(), iter.into(), F::N(await_)], 0, 0, live, live);
        } else {
            let f = [dst.into(), iter.into(), F::N(await_)];
            self.u.raw(op::YIELD_FROM, f, 0, 0, live, live - 1);
            self.u.set_bound(dst, true);
        }
    }

    fn yield_(&mut self, pos: Pos, value: Option<ExprId>, dst: R) -> Result<()> {
        if !self.table[self.u.scope].is_function_like() {
            return self.error(pos, "'yield' outside function");
        }
        let v = match value {
            Some(value) => self.operand(value)?,
            None => {
                self.at(pos);
                self.u.load_const(R::PUSH, Const::None);
                self.u.top()
            }
        };
        self.at(pos);
        let is_async = self.in_async_def();
        self.u.op(op::YIELD, dst, v, u16::from(is_async));
        Ok(())
    }

    fn unary(&mut self, pos: Pos, op: UnaryOp, operand: ExprId, dst: R) -> Result<()> {
        // `not a in b` is the inverse test.
        if op == UnaryOp::Not
            && let ExprKind::Compare { left, ops, comparators } = self.tree[operand].kind
            && let [op @ (CmpOp::Is | CmpOp::IsNot | CmpOp::In | CmpOp::NotIn)] = self.tree[ops]
        {
            let inverse = match op {
                CmpOp::Is => CmpOp::IsNot,
                CmpOp::IsNot => CmpOp::Is,
                CmpOp::In => CmpOp::NotIn,
                _ => CmpOp::In,
            };
            self.check_compare(operand);
            let right = self.tree[comparators][0];
            return self.compare_one(self.pos(operand), left, inverse, right, dst);
        }
        let v = self.operand(operand)?;
        self.at(pos);
        let op = match op {
            UnaryOp::Invert => op::INVERT,
            UnaryOp::Not => op::NOT,
            UnaryOp::UAdd => op::POS,
            UnaryOp::USub => op::NEG,
        };
        self.u.op(op, dst, v, F::Z);
        Ok(())
    }

    fn bool_op(&mut self, op: BoolOp, values: List<ExprId>, dst: R) -> Result<()> {
        let tree = self.tree;
        let end = self.u.label();
        let jump = match op {
            BoolOp::And => op::JUMP_IF_FALSE_OR_POP,
            BoolOp::Or => op::JUMP_IF_TRUE_OR_POP,
        };
        let (last, first) = match tree[values].split_last() {
            Some(split) => split,
            None => return Ok(()),
        };
        for &v in first {
            if let Some(value) = self.constant_of(v) {
                if fold::truth(value) == (op == BoolOp::And) {
                    continue;
                }
                self.push(v)?;
                self.u.goto(end);
                break;
            }
            self.push(v)?;
            self.at(tree[v].pos);
            self.u.jump_or_pop(jump, end);
        }
        self.push(*last)?;
        self.u.place(end);
        self.move_top(dst);
        Ok(())
    }

    pub(super) fn attribute_index(&mut self, attr: crate::ir::Sym) -> u32 {
        let attr = self.mangle(attr);
        self.name_index(attr)
    }

    /// Where an attribute on another line than its object starts: at its own name.
    pub(super) fn method_pos(&self, mut pos: Pos, attribute: ExprId) -> Pos {
        let ExprKind::Attribute { attr, .. } = self.tree[attribute].kind else { return pos };
        let at = self.tree[attribute].pos;
        if pos.line != at.end_line {
            pos.line = at.end_line;
            let len = self.table.names.get(attr).chars().count() as u32;
            if len <= at.end_col {
                pos.col = at.end_col - len;
                pos.end_col = at.end_col;
            } else {
                pos.col = u32::MAX;
                pos.end_col = u32::MAX;
            }
            pos.end_line = pos.end_line.max(pos.line);
        }
        pos
    }

    // Displays.

    pub(super) fn display(
        &mut self,
        pos: Pos,
        elts: List<ExprId>,
        kind: Display,
        dst: R,
    ) -> Result<()> {
        let tree = self.tree;
        let elts = &tree[elts];
        let starred = |e: &ExprId| matches!(tree[*e].kind, ExprKind::Starred { .. });
        let any_star = elts.iter().any(starred);
        if kind != Display::Tuple && elts.len() >= 3 && !any_star {
            let items: Option<Vec<Const>> =
                elts.iter().map(|&e| self.constant_of(e).map(to_const)).collect();
            if let Some(items) = items {
                self.at(pos);
                return self.constant_display(kind, items, dst);
            }
        }
        if !any_star && elts.len() <= MANY {
            let base = R::temp(self.u.depth);
            for &e in elts {
                self.push(e)?;
            }
            self.at(pos);
            let op = match kind {
                Display::Tuple => op::BUILD_TUPLE,
                Display::List => op::BUILD_LIST,
                Display::Set => op::BUILD_SET,
            };
            self.u.op(op, dst, base, elts.len() as u16);
            return Ok(());
        }
        // In pieces, on a list or set.
        let is_set = kind == Display::Set;
        let base = R::temp(self.u.depth);
        let mut started = elts.len() > MANY;
        if started {
            self.at(pos);
            self.u.op(if is_set { op::BUILD_SET } else { op::BUILD_LIST }, R::PUSH, base, 0);
        }
        let mut pushed = 0;
        for &e in elts {
            if let ExprKind::Starred { value, .. } = tree[e].kind {
                if !started {
                    self.at(pos);
                    let op = if is_set { op::BUILD_SET } else { op::BUILD_LIST };
                    self.u.op(op, R::PUSH, base, pushed);
                    started = true;
                }
                let v = self.operand(value)?;
                self.at(pos);
                let op = if is_set { op::SET_UPDATE } else { op::LIST_EXTEND };
                self.u.op(op, base, v, F::Z);
            } else if started {
                let v = self.operand(e)?;
                self.at(pos);
                let op = if is_set { op::SET_ADD } else { op::LIST_APPEND };
                self.u.op(op, base, v, F::Z);
            } else {
                self.push(e)?;
                pushed += 1;
            }
        }
        self.at(pos);
        if kind == Display::Tuple {
            self.u.op(op::LIST_TO_TUPLE, dst, base, F::Z);
        } else {
            self.move_top(dst);
        }
        Ok(())
    }

    fn constant_display(&mut self, kind: Display, items: Vec<Const>, dst: R) -> Result<()> {
        let base = R::temp(self.u.depth);
        if kind == Display::Set {
            self.u.op(op::BUILD_SET, R::PUSH, base, 0);
            self.u.load_const(R::PUSH, Const::FrozenSet(items.into()));
            let top = self.u.top();
            self.u.op(op::SET_UPDATE, base, top, F::Z);
        } else {
            self.u.op(op::BUILD_LIST, R::PUSH, base, 0);
            self.u.load_const(R::PUSH, Const::Tuple(items.into()));
            let top = self.u.top();
            self.u.op(op::LIST_EXTEND, base, top, F::Z);
        }
        self.move_top(dst);
        Ok(())
    }

    fn dict(
        &mut self,
        pos: Pos,
        keys: List<Option<ExprId>>,
        values: List<ExprId>,
        dst: R,
    ) -> Result<()> {
        let tree = self.tree;
        let (keys, values) = (&tree[keys], &tree[values]);
        let base = R::temp(self.u.depth);
        if keys.len() <= MANY / 2 && keys.iter().all(Option::is_some) {
            for (key, &value) in keys.iter().zip(values) {
                if let Some(key) = key {
                    self.push(*key)?;
                }
                self.push(value)?;
            }
            self.at(pos);
            self.u.op(op::BUILD_MAP, dst, base, keys.len() as u16);
            return Ok(());
        }
        let first = keys.iter().position(Option::is_none).unwrap_or(0);
        let lead = if first <= MANY / 2 { first } else { 0 };
        for (key, &value) in keys[..lead].iter().zip(values) {
            if let Some(key) = key {
                self.push(*key)?;
            }
            self.push(value)?;
        }
        self.at(pos);
        self.u.op(op::BUILD_MAP, R::PUSH, base, lead as u16);
        for (key, &value) in keys[lead..].iter().zip(&values[lead..]) {
            match key {
                None => {
                    let v = self.operand(value)?;
                    self.at(pos);
                    self.u.op(op::DICT_UPDATE, base, v, F::Z);
                }
                Some(key) => {
                    let k = self.operand_before(*key, &[value])?;
                    let v = self.operand(value)?;
                    self.at(pos);
                    self.u.op(op::MAP_ADD, base, k, v);
                }
            }
        }
        self.move_top(dst);
        Ok(())
    }

    // Strings.

    fn joined(&mut self, pos: Pos, values: List<ExprId>, dst: R) -> Result<()> {
        let tree = self.tree;
        let values = &tree[values];
        if values.is_empty() {
            self.at(pos);
            self.u.load_const(dst, Const::Str(Stored::default()));
            return Ok(());
        }
        if let [one] = values {
            return self.expr(*one, dst);
        }
        let base = R::temp(self.u.depth);
        if values.len() > MANY {
            self.at(pos);
            self.u.load_const(R::PUSH, Const::Str(Stored::default()));
            let join = self.table.names.intern("join");
            let name = self.name_index(join);
            self.load_method(base, base, name);
            let list = R::temp(self.u.depth);
            self.u.op(op::BUILD_LIST, R::PUSH, list, 0);
            for &v in values {
                let v = self.operand(v)?;
                self.at(pos);
                self.u.op(op::LIST_APPEND, list, v, F::Z);
            }
            self.u.op(op::CALL_METHOD, dst, base, 1);
            return Ok(());
        }
        for &v in values {
            self.push(v)?;
        }
        self.at(pos);
        self.u.op(op::BUILD_STRING, dst, base, values.len() as u16);
        Ok(())
    }

    fn conversion(&mut self, conversion: i8) -> u16 {
        match conversion as u8 {
            b's' => 1,
            b'r' => 2,
            b'a' => 3,
            _ => 0,
        }
    }

    fn formatted(
        &mut self,
        pos: Pos,
        value: ExprId,
        conversion: i8,
        spec: Option<ExprId>,
        dst: R,
    ) -> Result<()> {
        let convert = self.conversion(conversion);
        let base = R::temp(self.u.depth);
        match spec {
            None => {
                let mut v = self.operand(value)?;
                self.at(pos);
                if convert != 0 {
                    self.u.op(op::CONVERT, R::PUSH, v, convert);
                    v = self.u.top();
                }
                self.u.op(op::FORMAT_SIMPLE, dst, v, F::Z);
            }
            Some(spec) => {
                if convert != 0 {
                    let v = self.operand(value)?;
                    self.at(pos);
                    self.u.op(op::CONVERT, R::PUSH, v, convert);
                } else {
                    self.push(value)?;
                }
                self.push(spec)?;
                self.at(pos);
                self.u.op(op::FORMAT_WITH_SPEC, dst, base, F::Z);
            }
        }
        Ok(())
    }

    fn template(&mut self, pos: Pos, values: List<ExprId>, dst: R) -> Result<()> {
        let tree = self.tree;
        let mut strings = Vec::new();
        let mut current: Stored<u8> = Stored::default();
        for &v in &tree[values] {
            match tree[v].kind {
                ExprKind::Interpolation { .. } => {
                    strings.push(Const::Str(std::mem::take(&mut current)));
                }
                ExprKind::Constant { value, .. } => {
                    if let Constant::Str(s) = &tree[value] {
                        current = [&*current, &**s].concat().into();
                    }
                }
                _ => {}
            }
        }
        strings.push(Const::Str(current));
        let base = R::temp(self.u.depth);
        self.at(pos);
        self.u.load_const(R::PUSH, Const::Tuple(strings.into()));
        let first = R::temp(self.u.depth);
        let fields: Vec<ExprId> = tree[values]
            .iter()
            .copied()
            .filter(|&v| matches!(tree[v].kind, ExprKind::Interpolation { .. }))
            .collect();
        let many = fields.len() > MANY;
        if many {
            self.u.op(op::BUILD_LIST, R::PUSH, first, 0);
        }
        for &field in &fields {
            self.interpolation(field)?;
            if many {
                let top = self.u.top();
                self.u.op(op::LIST_APPEND, first, top, F::Z);
            }
        }
        self.at(pos);
        if many {
            self.u.op(op::LIST_TO_TUPLE, R::PUSH, first, F::Z);
        } else {
            self.u.op(op::BUILD_TUPLE, R::PUSH, first, fields.len() as u16);
        }
        self.u.op(op::BUILD_TEMPLATE, dst, base, F::Z);
        Ok(())
    }

    fn interpolation(&mut self, e: ExprId) -> Result<()> {
        let tree = self.tree;
        let ExprKind::Interpolation { value, text, conversion, format_spec } = tree[e].kind else {
            return Ok(());
        };
        let base = R::temp(self.u.depth);
        self.push(value)?;
        self.at(tree[e].pos);
        self.load_constant(R::PUSH, &tree[text]);
        if let Some(spec) = format_spec {
            self.push(spec)?;
        }
        self.at(tree[e].pos);
        let flags = self.conversion(conversion) << 2 | u16::from(format_spec.is_some());
        self.u.op(op::BUILD_INTERPOLATION, R::PUSH, base, flags);
        Ok(())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Display {
    Tuple,
    List,
    Set,
}

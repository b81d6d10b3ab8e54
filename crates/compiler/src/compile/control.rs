//! Loops, and the ways out of them: `break`, `continue`, `return`.

use stackless_bytecode::code::Const;
use stackless_bytecode::isa::op;

use super::emit::{ActiveBlock, Block, F, Label, R};
use super::{Compiler, to_const};
use crate::error::Result;
use crate::ir::{ExprId, ExprKind, List, Pos, StmtId};
use crate::symtable;

/// Where the value of a `return` waits while blocks are left.
enum Returned {
    Const(Const),
    Register(R),
    Scratch(R),
}

impl Compiler<'_> {
    pub(super) fn while_(
        &mut self,
        test: ExprId,
        body: List<StmtId>,
        orelse: List<StmtId>,
    ) -> Result<()> {
        let depth = self.u.depth;
        let (top, else_label, end) = (self.u.label(), self.u.label(), self.u.label());
        self.u.place_top(top);
        self.push_block(Block::While { top, end })?;
        if self.constant_of(test).is_some() {
            self.u.nop(self.pos(test));
        }
        self.jump_if(test, else_label, false)?;
        self.stmts(body)?;
        self.at(Pos::default());
        self.u.depth = depth;
        self.u.jump(op::JUMP_BACK, F::Z, F::Z, top);
        self.pop_block();
        self.u.place(else_label);
        self.stmts(orelse)?;
        self.u.depth = depth;
        self.u.place(end);
        Ok(())
    }

    pub(super) fn for_(
        &mut self,
        target: ExprId,
        iter: ExprId,
        body: List<StmtId>,
        orelse: List<StmtId>,
    ) -> Result<()> {
        let depth = self.u.depth;
        let (top, else_label, end) = (self.u.label(), self.u.label(), self.u.label());
        self.iterator(iter)?;
        self.u.place_top(top);
        self.push_block(Block::For { top, end, iter: depth })?;
        self.at(self.pos(iter));
        self.next_item(target, else_label)?;
        self.stmts(body)?;
        self.at(Pos::default());
        self.u.depth = depth + 1;
        self.u.jump(op::JUMP_BACK, F::Z, F::Z, top);
        self.pop_block();
        self.u.depth = depth;
        self.u.place(else_label);
        self.stmts(orelse)?;
        self.u.depth = depth;
        self.u.place(end);
        Ok(())
    }

    /// `iter(e)` on the temporaries; a constant list display is iterated as a tuple.
    pub(super) fn iterator(&mut self, e: ExprId) -> Result<()> {
        let v = match self.constant_display_value(e) {
            Some(value) if matches!(self.tree[e].kind, ExprKind::List { .. }) => {
                self.at(self.pos(e));
                self.u.load_const(R::PUSH, to_const(&value));
                self.u.top()
            }
            _ => self.operand(e)?,
        };
        self.at(self.pos(e));
        self.u.op(op::GET_ITER, R::PUSH, v, F::Z);
        Ok(())
    }

    /// FOR_ITER and the assignment to the target.
    pub(super) fn next_item(&mut self, target: ExprId, exhausted: Label) -> Result<()> {
        if let ExprKind::Name { id, .. } = self.tree[target].kind
            && let Some(r) = self.fast_register(id)
        {
            self.u.for_iter(r, exhausted);
            return Ok(());
        }
        self.u.for_iter(R::PUSH, exhausted);
        let top = self.u.top();
        self.assign_from(target, top)
    }

    pub(super) fn async_for(
        &mut self,
        pos: Pos,
        target: ExprId,
        iter: ExprId,
        body: List<StmtId>,
        orelse: List<StmtId>,
    ) -> Result<()> {
        if !self.in_async_def() && !self.allows_top_level_await() {
            return self.error(pos, "'async for' outside async function");
        }
        let depth = self.u.depth;
        let (top, end) = (self.u.label(), self.u.label());
        let v = self.operand(iter)?;
        self.at(self.pos(iter));
        self.u.op(op::GET_AITER, R::PUSH, v, F::Z);
        self.u.place_top(top);
        self.push_block(Block::For { top, end, iter: depth })?;
        let handler = self.u.push_handler();
        self.at(self.pos(iter));
        self.async_next();
        self.u.pop_handler();
        let value = self.u.top();
        self.assign_from(target, value)?;
        self.stmts(body)?;
        self.at(Pos::default());
        self.u.depth = depth + 1;
        self.u.jump(op::JUMP_BACK, F::Z, F::Z, top);
        self.pop_block();
        self.u.place_handler(handler);
        self.at(self.pos(iter));
        self.end_async_for(depth);
        self.stmts(orelse)?;
        self.u.depth = depth;
        self.u.place(end);
        Ok(())
    }

    /// The awaited next item of the async iterator on top.
    pub(super) fn async_next(&mut self) {
        let aiter = self.u.top();
        self.u.op(op::GET_ANEXT, R::PUSH, aiter, F::Z);
        self.yield_from(R::PUSH, 1);
    }

    pub(super) fn end_async_for(&mut self, aiter: u32) {
        let f = [R::temp(aiter).into(), F::Z, F::Z];
        self.u.raw(op::END_ASYNC_FOR, f, 0, 0, aiter, aiter);
    }

    // Ways out.

    fn find_loop(&self) -> Option<usize> {
        self.u
            .blocks
            .iter()
            .rposition(|b| matches!(b.block, Block::While { .. } | Block::For { .. }))
    }

    pub(super) fn break_(&mut self, pos: Pos) -> Result<()> {
        self.forbid_in_group(pos)?;
        let Some(found) = self.find_loop() else {
            return self.error(pos, "'break' outside loop");
        };
        self.u.nop(pos);
        let state = self.save();
        self.at(pos);
        self.unwind_to(found + 1)?;
        let end = match self.u.blocks[found].block {
            Block::For { end, iter, .. } => {
                self.u.drop_to(iter);
                end
            }
            Block::While { end, .. } => end,
            _ => return Ok(()),
        };
        self.u.goto(end);
        self.restore(state);
        Ok(())
    }

    pub(super) fn continue_(&mut self, pos: Pos) -> Result<()> {
        self.forbid_in_group(pos)?;
        let Some(found) = self.find_loop() else {
            return self.error(pos, "'continue' not properly in loop");
        };
        self.u.nop(pos);
        let state = self.save();
        self.at(pos);
        self.unwind_to(found + 1)?;
        let (Block::For { top, .. } | Block::While { top, .. }) = self.u.blocks[found].block else {
            return Ok(());
        };
        self.u.jump(op::JUMP_BACK, F::Z, F::Z, top);
        self.restore(state);
        Ok(())
    }

    /// Leaving an `except*` clause is not allowed, unless for a loop inside it.
    fn forbid_in_group(&self, pos: Pos) -> Result<()> {
        for b in self.u.blocks.iter().rev() {
            match b.block {
                Block::While { .. } | Block::For { .. } => return Ok(()),
                Block::ExceptGroup => return self.error(pos, GROUP_EXIT),
                _ => {}
            }
        }
        Ok(())
    }

    pub(super) fn return_(&mut self, pos: Pos, value: Option<ExprId>) -> Result<()> {
        let scope = &self.table[self.u.scope];
        if scope.block != symtable::Block::Function {
            return self.error(pos, "'return' outside function");
        }
        if value.is_some() && scope.is_async_def && scope.generator {
            return self.error(pos, "'return' with value in async generator");
        }
        if self.u.blocks.iter().any(|b| matches!(b.block, Block::ExceptGroup)) {
            return self.error(pos, GROUP_EXIT);
        }
        let state = self.save();
        let runs_code = self.u.blocks.iter().any(|b| {
            matches!(b.block, Block::FinallyTry { .. } | Block::Except { name: Some(_), .. })
        });
        let plain =
            !self.u.blocks.iter().any(|b| !matches!(b.block, Block::While { .. } | Block::Try));
        // `return a if b else c` is two returns.
        if plain
            && let Some(e) = value
            && let ExprKind::IfExp { test, body, orelse } = self.tree[e].kind
        {
            let depth = self.u.depth;
            let otherwise = self.u.label();
            self.jump_if(test, otherwise, false)?;
            self.return_(pos, Some(body))?;
            self.u.depth = depth;
            self.u.place(otherwise);
            return self.return_(pos, Some(orelse));
        }
        let constant = match value {
            None => Some(Const::None),
            Some(e) => self.constant_of(e).map(to_const),
        };
        let returned = match (constant, value) {
            (Some(c), _) => Returned::Const(c),
            (None, Some(e)) => {
                let borrowed = if runs_code { None } else { self.borrow(e) };
                match borrowed {
                    Some(r) => Returned::Register(r),
                    None if plain => {
                        self.push(e)?;
                        Returned::Register(self.u.top())
                    }
                    None => {
                        let scratch = self.take_scratch();
                        self.expr(e, scratch)?;
                        Returned::Scratch(scratch)
                    }
                }
            }
            (None, None) => Returned::Const(Const::None),
        };
        if !plain {
            if matches!(returned, Returned::Const(_) | Returned::Register(_)) {
                self.u.nop(pos);
            }
            self.at(pos);
            self.unwind_to(0)?;
        } else {
            self.at(pos);
        }
        match returned {
            Returned::Const(c) => {
                let index = if self.u.reachable { self.u.add_const(c) } else { 0 };
                self.u.raw(op::RETURN_CONST, [F::Z; 3], index, 0, self.u.depth, self.u.depth);
                self.u.reachable = false;
            }
            Returned::Register(r) => self.u.end_with(op::RETURN, [r.into(), F::Z, F::Z]),
            Returned::Scratch(r) => {
                self.u.end_with(op::RETURN, [r.into(), F::Z, F::Z]);
                self.give_scratch(r);
            }
        }
        self.restore(state);
        Ok(())
    }

    fn save(&self) -> Saved {
        Saved { depth: self.u.depth, blocks: self.u.blocks.clone(), active: self.u.active.clone() }
    }

    fn restore(&mut self, saved: Saved) {
        self.u.depth = saved.depth;
        self.u.blocks = saved.blocks;
        self.u.active = saved.active;
    }

    /// Leaves all blocks from the innermost down to number `keep`. What follows a `finally` or the
    /// end of a `with` on the way has no line: it seems to happen there.
    fn unwind_to(&mut self, keep: usize) -> Result<()> {
        while self.u.blocks.len() > keep {
            let Some(ActiveBlock { block, handlers }) = self.u.blocks.pop() else { break };
            self.u.active.truncate(handlers);
            match block {
                Block::While { .. } | Block::Try | Block::ExceptGroup => {}
                Block::For { iter, .. } => self.u.drop_to(iter),
                Block::FinallyTry { body } => {
                    let nested = self.u.nested_blocks;
                    self.u.nested_blocks = self.u.blocks.iter().map(|b| b.block.weight()).sum();
                    self.stmts(body)?;
                    self.u.nested_blocks = nested;
                    self.at(Pos::default());
                }
                Block::FinallyEnd { exc } => self.exit_handler(exc),
                Block::With { exit, is_async, pos } => {
                    self.at(pos);
                    self.with_exit(exit, is_async);
                    self.at(Pos::default());
                }
                Block::Except { exc, name } => {
                    self.exit_handler(exc);
                    if let Some(name) = name {
                        self.unbind_handler_name(name);
                    }
                }
            }
        }
        Ok(())
    }

    pub(super) fn exit_handler(&mut self, exc: u32) {
        let f = [R::temp(exc).into(), F::Z, F::Z];
        self.u.raw(op::EXIT_HANDLER, f, 0, 0, exc, exc);
    }
}

const GROUP_EXIT: &str = "'break', 'continue' and 'return' cannot appear in an except* block";

struct Saved {
    depth: u32,
    blocks: Vec<ActiveBlock>,
    active: Vec<super::emit::Handler>,
}

//! `try` in all its forms, and `with`.
//!
//! A handler begins with the exception in the temporary above those that its region keeps;
//! ENTER_HANDLER makes a pair of it and the exception handled before. A second region around the
//! handler's body takes exceptions that leave it.

use stackless_bytecode::isa::{intrinsic2, op};

use super::Compiler;
use super::emit::{Block, F, Handler, R};
use crate::error::Result;
use crate::ir::{self, List, Pos, StmtId, WithItem};

impl Compiler<'_> {
    pub(super) fn try_(
        &mut self,
        pos: Pos,
        is_star: bool,
        body: List<StmtId>,
        handlers: List<ir::Handler>,
        orelse: List<StmtId>,
        finalbody: List<StmtId>,
    ) -> Result<()> {
        self.u.nop(pos);
        if finalbody.is_empty() {
            return self.try_except(pos, is_star, body, handlers, orelse);
        }
        let depth = self.u.depth;
        let end = self.u.label();
        self.push_block(Block::FinallyTry { body: finalbody })?;
        let handler = self.u.push_handler();
        if handlers.is_empty() {
            self.stmts(body)?;
            self.stmts(orelse)?;
        } else {
            self.try_except(pos, is_star, body, handlers, orelse)?;
        }
        self.u.depth = depth;
        self.u.pop_handler();
        self.pop_block();
        if self.u.reachable {
            self.stmts(finalbody)?;
        }
        self.u.depth = depth;
        self.u.pos = Pos::default();
        self.u.goto(end);
        if self.u.place_handler(handler) {
            self.u.pos = Pos::default();
            let cleanup = self.enter_handler(depth);
            self.push_block_at(Block::FinallyEnd { exc: depth })?;
            self.stmts(finalbody)?;
            self.u.depth = depth + 2;
            self.pop_block();
            self.u.pos = Pos::default();
            self.u.pop_handler();
            self.reraise(depth);
            self.cleanup(cleanup, depth);
        } else {
            // Nothing raises, but the block's errors still count.
            self.check_only(finalbody)?;
        }
        self.u.depth = depth;
        self.u.place(end);
        Ok(())
    }

    /// Compiles statements that cannot be reached.
    fn check_only(&mut self, body: List<StmtId>) -> Result<()> {
        self.u.reachable = false;
        let depth = self.u.depth;
        self.stmts(body)?;
        self.u.depth = depth;
        Ok(())
    }

    /// ENTER_HANDLER for the exception at temporary `exc`, and the region around the handler.
    fn enter_handler(&mut self, exc: u32) -> Handler {
        let f = [R::temp(exc).into(), F::Z, F::Z];
        self.u.raw(op::ENTER_HANDLER, f, 0, 0, exc + 1, exc + 2);
        self.u.push_handler()
    }

    /// Pushes a block whose handlers start outside the handler pushed last.
    fn push_block_at(&mut self, block: Block) -> Result<()> {
        self.push_block(block)?;
        if let Some(last) = self.u.blocks.last_mut() {
            last.handlers -= 1;
        }
        Ok(())
    }

    /// Emits outside the innermost region: what consumes the exception pair must not come back to
    /// the clean-up that would look for it.
    fn outside(&mut self, f: impl FnOnce(&mut Self)) {
        let handler = self.u.active.pop();
        f(self);
        self.u.active.extend(handler);
    }

    fn reraise(&mut self, exc: u32) {
        self.u.end_with(op::RERAISE, [R::temp(exc).into(), F::Z, F::Z]);
    }

    /// The code for exceptions that leave the handler of the pair at `exc`.
    fn cleanup(&mut self, handler: Handler, exc: u32) {
        if self.u.place_handler(handler) {
            self.u.pos = Pos::default();
            self.u.end_with(op::RERAISE_CLEANUP, [R::temp(exc).into(), F::Z, F::Z]);
        }
    }

    fn try_except(
        &mut self,
        pos: Pos,
        is_star: bool,
        body: List<StmtId>,
        handlers: List<ir::Handler>,
        orelse: List<StmtId>,
    ) -> Result<()> {
        let depth = self.u.depth;
        let end = self.u.label();
        self.push_block(Block::Try)?;
        let handler = self.u.push_handler();
        self.stmts(body)?;
        self.u.depth = depth;
        self.u.pop_handler();
        self.pop_block();
        self.stmts(orelse)?;
        self.u.depth = depth;
        self.u.pos = Pos::default();
        self.u.goto(end);
        self.u.place_handler(handler);
        self.u.pos = Pos::default();
        let cleanup = self.enter_handler(depth);
        if is_star {
            self.star_handlers(pos, depth, handlers, end)?;
        } else {
            self.handlers(depth, handlers, end)?;
        }
        self.cleanup(cleanup, depth);
        self.u.depth = depth;
        self.u.place(end);
        Ok(())
    }

    fn handlers(
        &mut self,
        depth: u32,
        handlers: List<ir::Handler>,
        end: super::emit::Label,
    ) -> Result<()> {
        let tree = self.tree;
        let exc = R::temp(depth);
        let handlers = &tree[handlers];
        for (i, h) in handlers.iter().enumerate() {
            self.u.depth = depth + 2;
            let next = self.u.label();
            if h.type_.is_none() && i + 1 < handlers.len() {
                return self.error(h.pos, "default 'except:' must be last");
            }
            if let Some(type_) = h.type_ {
                let t = self.operand(type_)?;
                self.at(h.pos);
                self.u.op(op::CHECK_EXC_MATCH, R::PUSH, exc, t);
                let top = self.u.top();
                self.u.jump(op::JUMP_IF_FALSE, top, F::Z, next);
            }
            self.at(h.pos);
            match h.name {
                None => {
                    if h.type_.is_none() {
                        self.u.nop(h.pos);
                    }
                    self.push_block_at(Block::Except { exc: depth, name: None })?;
                    self.stmts(h.body)?;
                    self.pop_block();
                    self.u.depth = depth + 2;
                    self.u.pos = Pos::default();
                    self.outside(|c| c.exit_handler(depth));
                }
                Some(name) => {
                    match self.fast_register(name) {
                        Some(r) => self.u.op(op::COPY, r, exc, F::Z),
                        None => {
                            self.u.op(op::COPY, R::PUSH, exc, F::Z);
                            let top = self.u.top();
                            self.store_name(name, top);
                        }
                    }
                    self.push_block_at(Block::Except { exc: depth, name: Some(name) })?;
                    let inner = self.u.push_handler();
                    self.stmts(h.body)?;
                    self.u.depth = depth + 2;
                    self.u.pop_handler();
                    self.pop_block();
                    self.u.pos = Pos::default();
                    self.outside(|c| {
                        c.exit_handler(depth);
                        c.unbind_handler_name(name);
                        c.u.goto(end);
                    });
                    if self.u.place_handler(inner) {
                        self.u.pos = Pos::default();
                        self.unbind_handler_name(name);
                        self.outside(|c| {
                            c.u.end_with(op::RERAISE_CLEANUP, [exc.into(), F::Z, F::Z]);
                        });
                    }
                }
            }
            self.outside(|c| c.u.goto(end));
            self.u.depth = depth + 2;
            self.u.place(next);
        }
        self.u.pos = Pos::default();
        self.u.pop_handler();
        self.reraise(depth);
        self.u.depth = depth + 2;
        Ok(())
    }

    /// `except*`: T[d] exception, T[d+1] the one handled before, T[d+2] a copy of the exception,
    /// T[d+3] the list of what the handlers raised, T[d+4] the part still unhandled.
    fn star_handlers(
        &mut self,
        pos: Pos,
        d: u32,
        handlers: List<ir::Handler>,
        end: super::emit::Label,
    ) -> Result<()> {
        let tree = self.tree;
        let exc = R::temp(d);
        let (list, rest, part) = (R::temp(d + 3), R::temp(d + 4), R::temp(d + 5));
        self.at(tree[handlers].first().map_or(pos, |h| h.pos));
        self.u.op(op::COPY, R::PUSH, exc, F::Z);
        self.u.op(op::BUILD_LIST, R::PUSH, list, 0);
        self.u.op(op::COPY, R::PUSH, exc, F::Z);
        for h in &tree[handlers] {
            let (no_match, next) = (self.u.label(), self.u.label());
            self.u.depth = d + 5;
            self.at(h.pos);
            let t = match h.type_ {
                Some(type_) => self.operand(type_)?,
                None => return self.error(h.pos, "expected one or more exception types"),
            };
            self.at(h.pos);
            let f = [rest.into(), rest.into(), t.into()];
            self.u.raw(op::CHECK_EG_MATCH, f, 0, 0, d + 4, d + 6);
            self.u.op(op::COPY, R::PUSH, part, F::Z);
            let top = self.u.top();
            self.u.jump(op::JUMP_IF_NONE, top, F::Z, no_match);
            match h.name {
                Some(name) => self.store_name(name, part),
                None => self.u.drop_top(),
            }
            self.push_block(Block::ExceptGroup)?;
            let inner = self.u.push_handler();
            self.stmts(h.body)?;
            self.u.depth = d + 5;
            self.u.pop_handler();
            self.pop_block();
            self.u.pos = Pos::default();
            if let Some(name) = h.name {
                self.unbind_handler_name(name);
            }
            self.u.goto(next);
            if self.u.place_handler(inner) {
                self.u.pos = Pos::default();
                if let Some(name) = h.name {
                    self.unbind_handler_name(name);
                }
                self.u.op(op::LIST_APPEND, list, part, F::Z);
                self.u.goto(next);
            }
            self.u.depth = d + 6;
            self.u.place(no_match);
            self.at(h.pos);
            self.u.drop_top();
            self.u.place(next);
        }
        self.u.pos = Pos::default();
        self.u.depth = d + 5;
        self.u.op(op::LIST_APPEND, list, rest, F::Z);
        let result = R::temp(d + 2);
        self.u.op(op::INTRINSIC_2, R::PUSH, result, intrinsic2::PREP_RERAISE_STAR);
        self.u.op(op::COPY, R::PUSH, result, F::Z);
        let raise = self.u.label();
        let top = self.u.top();
        self.u.jump(op::JUMP_IF_NOT_NONE, top, F::Z, raise);
        self.u.drop_top();
        self.u.pop_handler();
        self.exit_handler(d);
        self.u.goto(end);
        self.u.place(raise);
        self.u.end_with(op::RERAISE_CLEANUP, [exc.into(), F::Z, F::Z]);
        self.u.depth = d + 2;
        Ok(())
    }

    // With.

    pub(super) fn with(
        &mut self,
        pos: Pos,
        is_async: bool,
        items: List<WithItem>,
        index: usize,
        body: List<StmtId>,
    ) -> Result<()> {
        let tree = self.tree;
        let Some(item) = tree[items].get(index) else { return self.stmts(body) };
        if is_async && index == 0 && !self.in_async_def() && !self.allows_top_level_await() {
            return self.error(pos, "'async with' outside async function");
        }
        let depth = self.u.depth;
        let end = self.u.label();
        let item_pos = tree[item.context_expr].pos;
        let manager = self.operand(item.context_expr)?;
        self.at(item_pos);
        let at = depth + 1;
        let f = [R::temp(at).into(), manager.into(), F::Z];
        let enter = if is_async { op::BEFORE_ASYNC_WITH } else { op::BEFORE_WITH };
        self.u.raw(enter, f, 0, 0, at, at + 1);
        if is_async {
            let top = self.u.top();
            self.u.op(op::GET_AWAITABLE, R::PUSH, top, 1);
            self.yield_from(R::PUSH, 1);
        }
        // The value is still a temporary of the region: what the assignment raises is the
        // manager's to handle.
        let block = Block::With { exit: depth, is_async, pos: item_pos };
        self.push_block(block)?;
        self.u.depth = depth + 1;
        let handler = self.u.push_handler();
        self.u.depth = depth + 2;
        match item.optional_vars {
            Some(target) => {
                let top = self.u.top();
                self.assign_from(target, top)?;
            }
            None => self.u.drop_top(),
        }
        self.with(pos, is_async, items, index + 1, body)?;
        self.u.depth = depth + 1;
        self.u.pop_handler();
        self.pop_block();
        self.at(item_pos);
        self.with_exit(depth, is_async);
        self.u.goto(end);
        if self.u.place_handler(handler) {
            self.at(item_pos);
            let exc = depth + 1;
            let cleanup = self.enter_handler(exc);
            self.u.op(op::WITH_EXCEPT_START, R::PUSH, R::temp(depth), R::temp(exc));
            if is_async {
                let top = self.u.top();
                self.u.op(op::GET_AWAITABLE, R::PUSH, top, 2);
                self.yield_from(R::PUSH, 1);
            }
            let suppress = self.u.label();
            let top = self.u.top();
            self.u.jump(op::JUMP_IF_TRUE, top, F::Z, suppress);
            self.u.pop_handler();
            // The frame is left where the exception was raised, not at the `with`.
            self.u.op(op::COPY, R::PUSH, R::temp(exc), F::Z);
            self.u.end_with(op::RERAISE_CLEANUP, [R::temp(exc).into(), F::Z, F::Z]);
            self.u.depth = exc + 2;
            self.u.place(suppress);
            self.exit_handler(exc);
            self.u.drop_top();
            self.u.goto(end);
            self.cleanup(cleanup, exc);
        }
        self.u.depth = depth;
        self.u.place(end);
        Ok(())
    }

    /// Calls the exit function at temporary `exit`, which is on top, with no exception.
    pub(super) fn with_exit(&mut self, exit: u32, is_async: bool) {
        let f = R::temp(exit);
        self.u.op(op::WITH_EXIT, R::PUSH, f, F::Z);
        if is_async {
            let top = self.u.top();
            self.u.op(op::GET_AWAITABLE, R::PUSH, top, 2);
            self.yield_from(R::PUSH, 1);
        }
        self.u.drop_top();
    }
}

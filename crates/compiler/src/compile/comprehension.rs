//! Comprehensions: inlined into the function around (PEP 709), generator expressions as functions.
//!
//! An inlined comprehension's names live in hidden registers that are cleared when it is done.

use stackless_bytecode::code::{Const, LocalKind};
use stackless_bytecode::isa::op;

use super::Compiler;
use super::emit::{F, HiddenRange, Inlined, R};
use crate::error::Result;
use crate::ir::{Comprehension, ExprId, ExprKind, List};
use crate::symtable::{self, Access, CompKind, DEF_GLOBAL, DEF_NONLOCAL, DEF_PARAM, Node, ScopeId};

/// What is done with each element.
#[derive(Clone, Copy)]
struct Leaf {
    kind: CompKind,
    elt: ExprId,
    value: Option<ExprId>,
    /// The container under construction.
    container: R,
}

impl Compiler<'_> {
    pub(super) fn comprehension(&mut self, e: ExprId, dst: R) -> Result<()> {
        let tree = self.tree;
        let (kind, elt, value, generators) = match tree[e].kind {
            ExprKind::ListComp { elt, generators } => (CompKind::List, elt, None, generators),
            ExprKind::SetComp { elt, generators } => (CompKind::Set, elt, None, generators),
            ExprKind::GeneratorExp { elt, generators } => {
                (CompKind::Generator, elt, None, generators)
            }
            ExprKind::DictComp { key, value, generators } => {
                (CompKind::Dict, key, Some(value), generators)
            }
            _ => return Ok(()),
        };
        let scope = self.scope_of(Node::Expr(e))?;
        let leaf = Leaf { kind, elt, value, container: R::temp(self.u.depth) };
        if self.table[scope].comp_inlined {
            self.inlined(e, scope, generators, leaf, dst)
        } else {
            self.comprehension_function(e, scope, generators, leaf, dst)
        }
    }

    fn build_empty(&mut self, kind: CompKind) {
        let at = R::temp(self.u.depth);
        let op = match kind {
            CompKind::Set => op::BUILD_SET,
            CompKind::Dict => op::BUILD_MAP,
            _ => op::BUILD_LIST,
        };
        self.u.op(op, R::PUSH, at, 0);
    }

    /// The outermost iterator, evaluated in the scope around.
    fn outermost(&mut self, first: &Comprehension) -> Result<()> {
        if first.is_async {
            let v = self.operand(first.iter)?;
            self.at(self.pos(first.iter));
            self.u.op(op::GET_AITER, R::PUSH, v, F::Z);
            return Ok(());
        }
        self.iterator(first.iter)
    }

    fn inlined(
        &mut self,
        e: ExprId,
        scope: ScopeId,
        generators: List<Comprehension>,
        leaf: Leaf,
        dst: R,
    ) -> Result<()> {
        let tree = self.tree;
        let pos = tree[e].pos;
        self.at(pos);
        self.build_empty(leaf.kind);
        self.outermost(&tree[generators][0])?;
        self.at(pos);
        let start = self.u.insns.len();
        let regs = self.hidden_registers(scope);
        self.u.inlined.push(Inlined { scope, regs: regs.iter().copied().collect() });
        self.generators(generators, 0, leaf)?;
        self.u.inlined.pop();
        self.at(pos);
        for &(_, (r, _)) in &regs {
            self.u.op(op::CLEAR_FAST, r, F::Z, F::Z);
            self.u.set_bound(r, false);
            self.u.spare.push(r);
        }
        let end = self.u.insns.len();
        for &(_, (reg, _)) in &regs {
            self.u.hidden.push(HiddenRange { reg, start, end });
        }
        self.move_top(dst);
        Ok(())
    }

    /// Registers for the names that an inlined comprehension binds.
    fn hidden_registers(&mut self, scope: ScopeId) -> Vec<(crate::ir::Sym, (R, bool))> {
        let mut out = Vec::new();
        for i in 0..self.table[scope].symbols.entries.len() {
            let (name, flags) = self.table[scope].symbols.entries[i];
            let own = flags & (DEF_PARAM | DEF_GLOBAL | DEF_NONLOCAL) == 0
                && self.table[scope].own_cell(name);
            let cell = match symtable::access(flags) {
                Access::Local => false,
                Access::Cell => true,
                _ => continue,
            };
            if !own {
                continue;
            }
            let kind = if cell { LocalKind::HiddenCell } else { LocalKind::Hidden };
            let text = self.text(name);
            let spare = self.u.spare.iter().position(|r| {
                r.as_local()
                    .is_some_and(|i| self.u.regs[i].kind == kind && self.u.regs[i].name == text)
            });
            let r = match spare {
                Some(i) => self.u.spare.swap_remove(i),
                None => self.u.new_reg(text, kind),
            };
            self.u.set_bound(r, false);
            if cell {
                // An earlier run may have ended with an exception and left its cell.
                self.u.op(op::CLEAR_FAST, r, F::Z, F::Z);
                self.u.op(op::MAKE_CELL, r, F::Z, F::Z);
            }
            out.push((name, (r, cell)));
        }
        out
    }

    /// Loop number `i`; the first one's iterator is on the temporaries already.
    fn generators(&mut self, list: List<Comprehension>, i: usize, leaf: Leaf) -> Result<()> {
        let tree = self.tree;
        let generator = tree[list][i];
        let last = i + 1 == list.len();
        // `for x in [y]` is an assignment.
        if i > 0
            && !generator.is_async
            && let ExprKind::List { elts, .. } | ExprKind::Tuple { elts, .. } =
                tree[generator.iter].kind
            && let [only] = tree[elts]
            && !matches!(tree[only].kind, ExprKind::Starred { .. })
        {
            let skip = self.u.label();
            self.assign_expr(generator.target, only)?;
            for &test in &tree[generator.ifs] {
                self.jump_if(test, skip, false)?;
            }
            if last {
                self.leaf(leaf)?;
            } else {
                self.generators(list, i + 1, leaf)?;
            }
            self.u.place(skip);
            return Ok(());
        }
        if i > 0 {
            self.outermost(&generator)?;
        }
        self.u.nested_blocks += 1;
        if self.u.nested_blocks > super::MAX_BLOCKS {
            return self.error(self.pos(leaf.elt), "too many statically nested blocks");
        }
        let iter = self.u.depth - 1;
        let (top, done, next) = (self.u.label(), self.u.label(), self.u.label());
        self.u.place_top(top);
        let mut handler = None;
        self.at(self.pos(generator.iter));
        if generator.is_async {
            handler = Some(self.u.push_handler());
            self.async_next();
            self.u.pop_handler();
            let value = self.u.top();
            self.assign_from(generator.target, value)?;
        } else {
            self.next_item(generator.target, done)?;
        }
        for &test in &tree[generator.ifs] {
            self.jump_if(test, next, false)?;
        }
        if last {
            self.leaf(leaf)?;
        } else {
            self.generators(list, i + 1, leaf)?;
        }
        self.u.place(next);
        self.at(self.pos(leaf.elt));
        self.u.jump(op::JUMP_BACK, F::Z, F::Z, top);
        self.u.depth = iter;
        match handler {
            Some(handler) => {
                if self.u.place_handler(handler) {
                    self.at(self.pos(generator.iter));
                    self.end_async_for(iter);
                }
                self.u.depth = iter;
            }
            None => self.u.place(done),
        }
        self.u.nested_blocks -= 1;
        Ok(())
    }

    fn leaf(&mut self, leaf: Leaf) -> Result<()> {
        let pos = self.pos(leaf.elt);
        match leaf.kind {
            CompKind::Generator | CompKind::None => {
                let v = self.operand(leaf.elt)?;
                self.at(pos);
                let is_async = self.table[self.u.scope].coroutine;
                self.u.op(op::YIELD, R::PUSH, v, u16::from(is_async));
                self.u.drop_top();
            }
            CompKind::List | CompKind::Set => {
                let v = self.operand(leaf.elt)?;
                self.at(pos);
                let op = if leaf.kind == CompKind::List { op::LIST_APPEND } else { op::SET_ADD };
                self.u.op(op, leaf.container, v, F::Z);
            }
            CompKind::Dict => {
                let value = leaf.value.unwrap_or(leaf.elt);
                let k = self.operand_before(leaf.elt, &[value])?;
                let v = self.operand(value)?;
                self.at(pos.to(self.pos(value)));
                self.u.op(op::MAP_ADD, leaf.container, k, v);
            }
        }
        Ok(())
    }

    fn comprehension_function(
        &mut self,
        e: ExprId,
        scope: ScopeId,
        generators: List<Comprehension>,
        leaf: Leaf,
        dst: R,
    ) -> Result<()> {
        let tree = self.tree;
        let pos = tree[e].pos;
        let first = tree[generators][0];
        let name = self.text(self.table[scope].name);
        self.enter_unit(scope, &name, pos, false);
        self.u.counts = [1, 0, 0];
        self.function_flags(scope);
        self.set_up_registers();
        self.at(pos);
        let is_generator = leaf.kind == CompKind::Generator;
        let container = R::temp(0);
        if !is_generator {
            self.build_empty(leaf.kind);
        }
        let source = R::local(0);
        let name = self.table.names.intern(".0");
        match self.u.cells.get(&name).copied() {
            Some(cell) => self.u.op(op::LOAD_DEREF, R::PUSH, cell, F::Z),
            None => self.u.op(op::MOVE, R::PUSH, source, F::Z),
        }
        self.generators(generators, 0, Leaf { container, ..leaf })?;
        self.at(pos);
        if is_generator {
            self.return_none();
        } else {
            let top = self.u.top();
            self.u.end_with(op::RETURN, [top.into(), F::Z, F::Z]);
        }
        let code = self.leave_unit()?;
        self.at(pos);
        let base = R::temp(self.u.depth);
        self.make_function(code);
        self.outermost(&first)?;
        self.at(pos);
        let awaited = self.table[scope].coroutine && !is_generator;
        self.u.op_word(op::CALL, if awaited { R::PUSH } else { dst }, base, 1, 0);
        if awaited {
            let top = self.u.top();
            self.u.op(op::GET_AWAITABLE, R::PUSH, top, 0);
            self.yield_from(dst, 1);
        }
        Ok(())
    }

    /// The return at the end of a body, which has no line: a debugger sees the last one that ran.
    pub(super) fn return_none(&mut self) {
        let pos = std::mem::take(&mut self.u.pos);
        let index = if self.u.reachable { self.u.add_const(Const::None) } else { 0 };
        let depth = self.u.depth;
        self.u.raw(op::RETURN_CONST, [F::Z; 3], index, 0, depth, depth);
        self.u.reachable = false;
        self.u.pos = pos;
    }
}

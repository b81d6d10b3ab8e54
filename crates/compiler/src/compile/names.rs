//! Reading, writing and deleting variables.

use std::sync::Arc;

use stackless_bytecode::code::{Const, LocalKind};
use stackless_bytecode::isa::op;

use super::Compiler;
use super::emit::{F, R};
use crate::error::Result;
use crate::ir::{ExprId, ExprKind, Sym};
use crate::symtable::{Access, Block, DEF_GLOBAL, DEF_NONLOCAL};

/// Where a variable lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Fast(R),
    Deref(R),
    /// A free variable in a class body: the class namespace first.
    ClassDeref(R),
    /// A free variable in an annotation scope of a class: the class namespace first.
    DictDeref(R),
    /// As `DictDeref`, then globals.
    DictGlobal,
    Global,
    Name,
}

impl Compiler<'_> {
    pub(super) fn mangle(&mut self, name: Sym) -> Sym {
        let private = self.u.private;
        if private.is_none() || !self.table.mangles(self.u.scope, name) {
            return name;
        }
        self.table.names.mangle(private, name)
    }

    /// `name` is mangled already.
    pub(super) fn resolve(&mut self, name: Sym) -> Place {
        for i in (0..self.u.inlined.len()).rev() {
            let inlined = &self.u.inlined[i];
            if let Some(&(r, cell)) = inlined.regs.get(&name) {
                return if cell { Place::Deref(r) } else { Place::Fast(r) };
            }
            let flags = self.table[inlined.scope].flags(name);
            if flags & DEF_GLOBAL != 0 && flags & DEF_NONLOCAL == 0 {
                let module = self.table[self.u.scope].block == Block::Module;
                if !module || crate::symtable::access(flags) == Access::GlobalExplicit {
                    return Place::Global;
                }
            }
        }
        let scope = &self.table[self.u.scope];
        let function = scope.is_function_like();
        let is_class = scope.block == Block::Class;
        let inlined = !self.u.inlined.is_empty();
        let sees_class = scope.can_see_class_scope;
        // Bound by another inlined comprehension only: here it is what it is outside of the block.
        if inlined
            && function
            && scope.merged.contains(&name)
            && matches!(scope.access(name), Access::Local | Access::Cell)
        {
            return match self.u.frees.get(&name) {
                Some(&r) => Place::Deref(r),
                None if sees_class => Place::DictGlobal,
                None => Place::Global,
            };
        }
        // What the class declares as global or binds, a comprehension of its body sees in the function
        // around the class.
        if is_class
            && let Some(innermost) = self.u.inlined.last()
            && crate::symtable::access(self.table[innermost.scope].flags(name)) == Access::Free
            && let Some(&r) = self.u.frees.get(&name)
        {
            return Place::Deref(r);
        }
        match scope.access(name) {
            // A name of the class is invisible in a comprehension of its body.
            Access::Local if is_class && inlined => match self.u.frees.get(&name) {
                Some(&r) => Place::Deref(r),
                None => Place::Global,
            },
            Access::Local if function => Place::Fast(self.fast(name)),
            Access::Cell => match self.u.cells.get(&name) {
                Some(&r) => Place::Deref(r),
                None if function => Place::Fast(self.fast(name)),
                None => Place::Name,
            },
            Access::Free => match self.u.frees.get(&name) {
                Some(&r) if is_class && !inlined => Place::ClassDeref(r),
                Some(&r) if sees_class && &**self.table.names.get(name) != "__classdict__" => {
                    Place::DictDeref(r)
                }
                Some(&r) => Place::Deref(r),
                None => Place::Global,
            },
            Access::GlobalImplicit if sees_class => Place::DictGlobal,
            Access::GlobalImplicit if function || is_class && inlined => Place::Global,
            Access::GlobalExplicit => Place::Global,
            Access::Unknown if function => Place::Global,
            _ => Place::Name,
        }
    }

    fn fast(&mut self, name: Sym) -> R {
        if let Some(&r) = self.u.fast.get(&name) {
            return r;
        }
        let text = self.text(name);
        let r = self.u.new_reg(text, LocalKind::Fast);
        self.u.fast.insert(name, r);
        if self.table[self.u.scope].deleted.contains(&name) {
            self.mark_deletable(r);
        }
        r
    }

    /// A register outside the language's view, for values that must not be temporaries.
    pub(super) fn take_scratch(&mut self) -> R {
        match self.u.scratch.pop() {
            Some(r) => r,
            None => self.u.new_reg(Arc::from("."), LocalKind::Hidden),
        }
    }

    pub(super) fn give_scratch(&mut self, r: R) {
        self.u.set_bound(r, false);
        self.u.scratch.push(r);
    }

    pub(super) fn name_index(&mut self, name: Sym) -> u32 {
        if !self.u.reachable {
            return 0;
        }
        let text = self.text(name);
        self.u.add_name(name, &text)
    }

    /// Loads a name of the source into `dst`.
    pub(super) fn load_name(&mut self, name: Sym, dst: R) {
        let name = self.mangle(name);
        let place = self.resolve(name);
        self.load_place(name, place, dst);
    }

    pub(super) fn load_place(&mut self, name: Sym, place: Place, dst: R) {
        match place {
            Place::Fast(r) if self.u.is_bound(r) => {
                if dst != r {
                    self.u.op(op::MOVE, dst, r, F::Z);
                }
            }
            Place::Fast(r) => {
                if dst == r {
                    self.u.op(op::CHECK_BOUND, r, F::Z, F::Z);
                } else {
                    self.u.op(op::LOAD_FAST_CHECK, dst, r, F::Z);
                }
                self.u.set_bound(r, true);
            }
            Place::Deref(r) => self.u.op(op::LOAD_DEREF, dst, r, F::Z),
            Place::ClassDeref(r) => {
                self.u.op(op::LOAD_LOCALS, R::PUSH, F::Z, F::Z);
                let top = self.u.top();
                self.u.op(op::LOAD_FROM_DICT_OR_DEREF, dst, top, r);
            }
            Place::DictDeref(r) => {
                self.load_classdict();
                let top = self.u.top();
                self.u.op(op::LOAD_FROM_DICT_OR_DEREF, dst, top, r);
            }
            Place::DictGlobal => {
                self.load_classdict();
                let top = self.u.top();
                let index = self.name_index(name);
                self.u.op_word(op::LOAD_FROM_DICT_OR_GLOBALS, dst, top, F::Z, index);
            }
            Place::Global => {
                let index = self.name_index(name);
                self.u.op_wide(op::LOAD_GLOBAL, dst, index);
            }
            Place::Name => {
                let index = self.name_index(name);
                self.u.op_wide(op::LOAD_NAME, dst, index);
            }
        }
    }

    fn load_classdict(&mut self) {
        let name = self.table.names.intern("__classdict__");
        let r = self.u.frees.get(&name).or_else(|| self.u.cells.get(&name)).copied();
        match r {
            Some(r) => self.u.op(op::LOAD_DEREF, R::PUSH, r, F::Z),
            None => self.u.op(op::LOAD_LOCALS, R::PUSH, F::Z, F::Z),
        }
    }

    /// Stores `value` (the top temporary, or a local to copy from) in a name of the source.
    pub(super) fn store_name(&mut self, name: Sym, value: R) {
        let name = self.mangle(name);
        match self.resolve(name) {
            Place::Fast(r) => {
                if r != value {
                    self.u.op(op::MOVE, r, value, F::Z);
                }
            }
            Place::Deref(r) | Place::ClassDeref(r) | Place::DictDeref(r) => {
                self.u.op(op::STORE_DEREF, r, value, F::Z);
            }
            Place::Global | Place::DictGlobal => {
                let index = self.name_index(name);
                self.u.op_wide(op::STORE_GLOBAL, value, index);
            }
            Place::Name => {
                let index = self.name_index(name);
                self.u.op_wide(op::STORE_NAME, value, index);
            }
        }
    }

    /// Stores the top temporary under a name that the compiler makes up (never mangled).
    pub(super) fn store_special(&mut self, name: &str) {
        let sym = self.table.names.intern(name);
        let top = self.u.top();
        let index = self.name_index(sym);
        self.u.op_wide(op::STORE_NAME, top, index);
    }

    pub(super) fn delete_name(&mut self, name: Sym) {
        let name = self.mangle(name);
        match self.resolve(name) {
            Place::Fast(r) => {
                let bound = self.u.is_bound(r);
                self.u.op(if bound { op::CLEAR_FAST } else { op::DELETE_FAST }, r, F::Z, F::Z);
                self.u.set_bound(r, false);
            }
            Place::Deref(r) | Place::ClassDeref(r) | Place::DictDeref(r) => {
                self.u.op(op::DELETE_DEREF, r, F::Z, F::Z);
            }
            Place::Global | Place::DictGlobal => {
                let index = self.name_index(name);
                self.u.op_wide(op::DELETE_GLOBAL, F::Z, index);
            }
            Place::Name => {
                let index = self.name_index(name);
                self.u.op_wide(op::DELETE_NAME, F::Z, index);
            }
        }
    }

    /// `name = None; del name`, at the end of an `except … as name`.
    pub(super) fn unbind_handler_name(&mut self, name: Sym) {
        let mangled = self.mangle(name);
        if let Place::Fast(r) = self.resolve(mangled) {
            self.u.op(op::CLEAR_FAST, r, F::Z, F::Z);
            self.u.set_bound(r, false);
            return;
        }
        self.u.load_const(R::PUSH, Const::None);
        let top = self.u.top();
        self.store_name(name, top);
        self.delete_name(name);
    }

    /// The register of a name if it is a plain local.
    pub(super) fn fast_register(&mut self, name: Sym) -> Option<R> {
        let name = self.mangle(name);
        match self.resolve(name) {
            Place::Fast(r) => Some(r),
            _ => None,
        }
    }

    /// If `e` is a plain local: its register, checked to be bound.
    pub(super) fn borrow(&mut self, e: ExprId) -> Option<R> {
        let ExprKind::Name { id, .. } = self.tree[e].kind else { return None };
        if self.constant_of(e).is_some() {
            return None;
        }
        let r = self.fast_register(id)?;
        if !self.u.is_bound(r) {
            let pos = self.pos(e);
            self.at(pos);
            self.u.op(op::CHECK_BOUND, r, F::Z, F::Z);
            self.u.set_bound(r, true);
        }
        Some(r)
    }

    /// Evaluates an expression that is used at once.
    pub(super) fn operand(&mut self, e: ExprId) -> Result<R> {
        self.operand_before(e, &[])
    }

    /// Evaluates an expression that is used after `later` have been evaluated.
    pub(super) fn operand_before(&mut self, e: ExprId, later: &[ExprId]) -> Result<R> {
        if !self.folded.any_walrus(later)
            && let Some(r) = self.borrow(e)
        {
            return Ok(r);
        }
        self.push(e)?;
        Ok(self.u.top())
    }

    /// Evaluates onto the temporaries.
    pub(super) fn push(&mut self, e: ExprId) -> Result<()> {
        self.expr(e, R::PUSH)
    }

    /// A cell or free variable's register, for a closure.
    pub(super) fn closure_register(&mut self, name: Sym) -> Option<R> {
        for inlined in self.u.inlined.iter().rev() {
            if let Some(&(r, true)) = inlined.regs.get(&name) {
                return Some(r);
            }
        }
        self.u.cells.get(&name).or_else(|| self.u.frees.get(&name)).copied()
    }
}

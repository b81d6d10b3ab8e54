//! The tree to code objects.
//!
//! One [`Compiler`] walks the tree once per scope, with a stack of [`Unit`]s under construction.
//! Files: `emit` (instructions, labels, definite assignment), `names`, one file per group of
//! constructs, `assemble` (layout). Expressions recurse natively; `compile_tree` sees to the stack.
//!
//! Evaluation order: an operand that is a plain local is borrowed in place, unless a later sibling
//! contains an assignment expression; then it is copied. A local that is not certainly bound gets a
//! CHECK_BOUND where Python would look at it.

mod annotations;
mod assemble;
mod assign;
mod call;
mod class;
mod compare;
mod comprehension;
mod control;
mod emit;
mod expr;
pub(crate) mod fold;
mod function;
mod future;
mod names;
mod pattern;
mod stmt;
mod try_with;
mod unparse;

use std::sync::Arc;

use stackless_bytecode::code::{Code, Const, LocalKind, flags as code_flags};
use stackless_bytecode::isa::op;

use self::emit::{ActiveBlock, Block, F, R, Unit};
use crate::error::{Category, Result, SyntaxError, Warning};
use crate::ir::{Constant, ExprId, List, Pos, Root, StmtId, Sym, Tree};
use crate::symtable::{self, Access, DEF_FREE_CLASS, Node, ScopeId, Settings, SymTable};
use crate::{Mode, Options, deep, flags};

/// Blocks that may nest statically.
const MAX_BLOCKS: u32 = 21;

/// Compiles a tree.
pub fn compile_tree(tree: &Tree, options: &Options) -> Result<(Arc<Code>, Vec<Warning>)> {
    deep::run(tree.depth, || {
        let mut compiler = Compiler::new(tree, options)?;
        let code = compiler.root()?;
        Ok((code, compiler.warnings))
    })
}

/// The symbol table under the tree's own future imports.
pub(crate) fn symbol_table<'t>(tree: &'t Tree, options: &Options) -> Result<SymTable<'t>> {
    let future = future::features(tree, options)?;
    symtable::build(
        tree,
        Settings {
            future_annotations: future & code_flags::FUTURE_ANNOTATIONS != 0,
            top_level_await: options.flags & flags::ALLOW_TOP_LEVEL_AWAIT != 0,
        },
    )
}

pub(crate) struct Compiler<'t> {
    tree: &'t Tree,
    table: SymTable<'t>,
    options: &'t Options,
    folded: fold::Folded,
    u: Unit,
    outer: Vec<Unit>,
    warnings: Vec<Warning>,
    filename: Arc<str>,
    /// Future bits of the code objects.
    future: u32,
}

impl<'t> Compiler<'t> {
    fn new(tree: &'t Tree, options: &'t Options) -> Result<Compiler<'t>> {
        let future = future::features(tree, options)?;
        let mut warnings = Vec::new();
        future::finally_warnings(tree, options, &mut warnings);
        let settings = Settings {
            future_annotations: future & code_flags::FUTURE_ANNOTATIONS != 0,
            top_level_await: options.flags & flags::ALLOW_TOP_LEVEL_AWAIT != 0,
        };
        let table = symtable::build(tree, settings)?;
        let folded = fold::fold(tree, options.optimize);
        let name: Arc<str> = Arc::from("<module>");
        Ok(Compiler {
            tree,
            table,
            options,
            folded,
            u: Unit::new(ScopeId(0), Arc::clone(&name), name),
            outer: Vec::new(),
            warnings,
            filename: Arc::from(options.filename.as_str()),
            future,
        })
    }

    fn root(&mut self) -> Result<Arc<Code>> {
        self.u.first_line = 1;
        self.set_up_registers();
        if self.table[ScopeId(0)].coroutine {
            self.u.flags |= code_flags::COROUTINE;
        }
        match self.tree.root {
            Root::Module { body } => self.module(body)?,
            Root::Interactive { body } => {
                self.module_annotations_start();
                self.stmts(body)?;
                self.module_annotations_end(body)?;
            }
            Root::Expression { body } => {
                let value = self.operand(body)?;
                self.u.end_with(op::RETURN, [value.into(), F::Z, F::Z]);
            }
            Root::FunctionType { .. } => {
                return Err(SyntaxError::bare(
                    crate::ErrorKind::Value,
                    "this compiler does not handle FunctionTypes",
                ));
            }
        }
        let unit =
            std::mem::replace(&mut self.u, Unit::new(ScopeId(0), Arc::from(""), Arc::from("")));
        self.finish(unit)
    }

    fn module(&mut self, body: List<StmtId>) -> Result<()> {
        let tree = self.tree;
        self.module_annotations_start();
        let doc = crate::ir::docstring(tree, body);
        let mut rest = &tree[body];
        if let Some(doc) = doc {
            rest = &rest[1..];
            if self.options.optimize < 2 {
                self.u.pos = tree[doc].pos;
                let text = self.docstring_const(doc);
                self.u.load_const(R::PUSH, text);
                self.store_special("__doc__");
            }
        }
        for &s in rest {
            self.stmt(s)?;
        }
        self.module_annotations_end(body)
    }

    fn stmts(&mut self, body: List<StmtId>) -> Result<()> {
        let tree = self.tree;
        for &s in &tree[body] {
            self.stmt(s)?;
        }
        Ok(())
    }

    // Units.

    fn text(&self, name: Sym) -> Arc<str> {
        Arc::clone(self.table.names.get(name))
    }

    fn scope_of(&self, node: Node) -> Result<ScopeId> {
        self.table.blocks.get(&node).copied().ok_or_else(|| {
            SyntaxError::bare(crate::ErrorKind::System, "node without a scope in the symbol table")
        })
    }

    /// Starts a code object; `named` kinds (functions and classes) may be declared global.
    fn enter_unit(&mut self, scope: ScopeId, name: &str, pos: Pos, named: bool) {
        let qualname = self.qualname(name, named);
        let mut unit = Unit::new(scope, Arc::from(name), Arc::from(qualname));
        unit.private = self.u.private;
        unit.first_line = pos.line;
        unit.pos = pos;
        self.outer.push(std::mem::replace(&mut self.u, unit));
    }

    fn leave_unit(&mut self) -> Result<Arc<Code>> {
        let outer = self.outer.pop().ok_or_else(|| {
            SyntaxError::bare(crate::ErrorKind::System, "code object stack underflow")
        })?;
        let unit = std::mem::replace(&mut self.u, outer);
        self.finish(unit)
    }

    fn finish(&mut self, unit: Unit) -> Result<Arc<Code>> {
        let mut extra = self.future;
        if self.options.hidden {
            extra |= code_flags::HIDDEN;
        }
        let scope = &self.table[unit.scope];
        if scope.is_function_like() {
            extra |= code_flags::NEWLOCALS | code_flags::OPTIMIZED;
            if scope.nested {
                extra |= code_flags::NESTED;
            }
        }
        Ok(Arc::new(assemble::assemble(unit, &self.filename, extra)?))
    }

    fn qualname(&mut self, name: &str, named: bool) -> String {
        use symtable::Block as Kind;
        // The unit that is current now becomes the parent.
        let mut parent = &self.u;
        let annotation_like = |table: &SymTable<'_>, unit: &Unit| {
            matches!(
                table[unit.scope].block,
                Kind::Annotation | Kind::TypeVariable | Kind::TypeAlias | Kind::TypeParameters
            )
        };
        let name = name.to_owned();
        if annotation_like(&self.table, parent) {
            match self.outer.last() {
                Some(grand) if self.outer.len() > 1 => parent = grand,
                _ => return name,
            }
        } else if self.outer.is_empty() {
            return name;
        }
        let base = if named {
            let text = Arc::<str>::from(name.as_str());
            let sym = self.table.names.find(&text);
            let mangled = sym.map(|s| {
                let private = parent.private;
                (private, s)
            });
            let explicit = mangled.is_some_and(|(private, s)| {
                let s = match private {
                    Some(_) => self.table.names.clone().mangle(private, s),
                    None => s,
                };
                self.table[parent.scope].access(s) == Access::GlobalExplicit
            });
            if explicit { None } else { Some(parent) }
        } else {
            Some(parent)
        };
        match base {
            None => name,
            Some(parent)
                if self.table[parent.scope].block == Kind::Function
                    && self.table[parent.scope].comprehension == symtable::CompKind::None =>
            {
                format!("{}.<locals>.{name}", parent.qualname)
            }
            Some(parent) => format!("{}.{name}", parent.qualname),
        }
    }

    /// Registers of parameters, cells and free variables, and the cells' creation.
    fn set_up_registers(&mut self) {
        let scope = &self.table[self.u.scope];
        let is_module = scope.block == symtable::Block::Module;
        let params = scope.varnames.clone();
        let mut cells = Vec::new();
        let mut frees = Vec::new();
        for &(name, flags) in &scope.symbols.entries {
            match symtable::access(flags) {
                Access::Cell if scope.own_cell(name) => cells.push(name),
                Access::Free => frees.push(name),
                _ if flags & DEF_FREE_CLASS != 0 => frees.push(name),
                _ => {}
            }
        }
        let wanted = [
            (scope.needs_class_closure, "__class__"),
            (scope.needs_classdict, "__classdict__"),
            (scope.has_conditional_annotations && !is_module, "__conditional_annotations__"),
        ];
        let deleted = scope.deleted.clone();
        for (needed, name) in wanted {
            if needed {
                cells.push(self.table.names.intern(name));
            }
        }
        let names = &self.table.names;
        cells.sort_by(|a, b| names.get(*a).cmp(names.get(*b)));
        cells.dedup();
        frees.sort_by(|a, b| names.get(*a).cmp(names.get(*b)));
        let mut to_wrap = Vec::new();
        for &name in &params {
            let text = Arc::clone(names.get(name));
            if cells.contains(&name) {
                let r = self.u.new_reg(text, LocalKind::Cell);
                self.u.cells.insert(name, r);
                to_wrap.push(r);
            } else {
                let r = self.u.new_reg(text, LocalKind::Fast);
                self.u.fast.insert(name, r);
                self.u.set_bound(r, true);
            }
        }
        self.u.params = params.len();
        for &name in &cells {
            if !self.u.cells.contains_key(&name) {
                let r = self.u.new_reg(Arc::clone(names.get(name)), LocalKind::Cell);
                self.u.cells.insert(name, r);
                to_wrap.push(r);
            }
        }
        for &name in &frees {
            let r = self.u.new_reg(Arc::clone(names.get(name)), LocalKind::Free);
            self.u.frees.insert(name, r);
            self.u.free_order.push(r);
        }
        let pos = std::mem::take(&mut self.u.pos);
        for r in to_wrap {
            self.u.op(op::MAKE_CELL, r, F::Z, F::Z);
        }
        self.u.pos = pos;
        for name in deleted {
            if let Some(&r) = self.u.fast.get(&name) {
                self.mark_deletable(r);
            }
        }
    }

    fn mark_deletable(&mut self, r: R) {
        if let Some(i) = r.as_local() {
            self.u.deletable.set(i, true);
        }
    }

    // Blocks.

    fn push_block(&mut self, block: Block) -> Result<()> {
        let handlers = self.u.active.len();
        self.u.blocks.push(ActiveBlock { block, handlers });
        self.u.nested_blocks += block.weight();
        if self.u.nested_blocks > MAX_BLOCKS {
            return Err(SyntaxError::at(self.u.pos, "too many statically nested blocks"));
        }
        Ok(())
    }

    fn pop_block(&mut self) {
        if let Some(popped) = self.u.blocks.pop() {
            self.u.nested_blocks -= popped.block.weight();
        }
    }

    // Messages.

    fn error<T>(&self, pos: Pos, message: impl Into<String>) -> Result<T> {
        Err(SyntaxError::at(pos, message))
    }

    fn warn(&mut self, pos: Pos, message: impl Into<String>) {
        self.warnings.push(warning(pos, message.into()));
    }

    fn pos(&self, e: ExprId) -> Pos {
        self.tree[e].pos
    }

    fn at(&mut self, pos: Pos) {
        self.u.pos = pos;
    }

    fn constant_of(&self, e: ExprId) -> Option<&Constant> {
        self.folded.get(self.tree, e)
    }

    /// The docstring with its common indentation removed.
    fn docstring_const(&self, doc: ExprId) -> Const {
        match self.tree.as_constant(doc) {
            Some(Constant::Str(s)) => Const::Str(stmt::clean_doc(s).into()),
            _ => Const::None,
        }
    }

    fn allows_top_level_await(&self) -> bool {
        self.options.flags & flags::ALLOW_TOP_LEVEL_AWAIT != 0
            && self.table[self.u.scope].block == symtable::Block::Module
    }

    fn is_interactive(&self) -> bool {
        self.options.mode == Mode::Single
    }
}

pub(super) fn warning(pos: Pos, message: String) -> Warning {
    Warning {
        category: Category::Syntax,
        message,
        lineno: pos.line,
        col: pos.col + 1,
        end_lineno: pos.end_line,
        end_col: pos.end_col + 1,
        as_error: None,
    }
}

/// The constant as code objects hold it.
#[must_use]
pub fn to_const(value: &Constant) -> Const {
    let many = |items: &[Constant]| items.iter().map(to_const).collect::<Box<[Const]>>();
    match value {
        Constant::None => Const::None,
        Constant::Bool(true) => Const::True,
        Constant::Bool(false) => Const::False,
        Constant::Ellipsis => Const::Ellipsis,
        Constant::Int(i) => Const::Int(*i),
        Constant::Big(b) => Const::BigInt(b.to_signed_bytes_le().into()),
        Constant::Float(f) => Const::Float(*f),
        Constant::Complex(r, i) => Const::Complex(*r, *i),
        Constant::Str(s) => Const::Str(s.to_vec().into()),
        Constant::Bytes(b) => Const::Bytes(b.to_vec().into()),
        Constant::Tuple(t) => Const::Tuple(many(t)),
        Constant::FrozenSet(t) => Const::FrozenSet(many(t)),
        Constant::Slice(s) => {
            Const::Slice(Box::new([to_const(&s[0]), to_const(&s[1]), to_const(&s[2])]))
        }
    }
}

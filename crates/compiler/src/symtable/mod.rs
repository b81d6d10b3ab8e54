//! Scopes: which block every name belongs to, and how it is reached.
//!
//! `build` walks the tree once and notes definitions and uses per block; `analyze` resolves free
//! variables, cells and inlined comprehensions. The flags and the order of the checks are
//! CPython's (`Python/symtable.c`), so that `_symtable` can be made from this table and errors
//! come out the same.

mod analyze;
mod build;

use std::sync::Arc;

use crate::error::Result;
use crate::ir::{ArgsId, ExprId, FastMap, Interner, Pos, StmtId, Sym, Tree};

pub const DEF_GLOBAL: u32 = 1;
pub const DEF_LOCAL: u32 = 2;
pub const DEF_PARAM: u32 = 4;
pub const DEF_NONLOCAL: u32 = 8;
pub const USE: u32 = 16;
pub const DEF_FREE_CLASS: u32 = 64;
pub const DEF_IMPORT: u32 = 128;
pub const DEF_ANNOT: u32 = 256;
pub const DEF_COMP_ITER: u32 = 512;
pub const DEF_TYPE_PARAM: u32 = 1024;
pub const DEF_COMP_CELL: u32 = 2048;
pub const DEF_BOUND: u32 = DEF_LOCAL | DEF_PARAM | DEF_IMPORT | DEF_TYPE_PARAM;
/// The resolved [`Access`] is kept above the DEF bits.
pub const SCOPE_SHIFT: u32 = 12;

/// How a name is reached from its block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Access {
    Unknown = 0,
    Local = 1,
    GlobalExplicit = 2,
    GlobalImplicit = 3,
    Free = 4,
    Cell = 5,
}

#[must_use]
pub fn access(flags: u32) -> Access {
    match flags >> SCOPE_SHIFT {
        1 => Access::Local,
        2 => Access::GlobalExplicit,
        3 => Access::GlobalImplicit,
        4 => Access::Free,
        5 => Access::Cell,
        _ => Access::Unknown,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Block {
    Function,
    Class,
    Module,
    Annotation,
    TypeVariable,
    TypeAlias,
    TypeParameters,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompKind {
    None,
    List,
    Dict,
    Set,
    Generator,
}

/// The node that opens a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    Module,
    Stmt(StmtId),
    Expr(ExprId),
    TypeParams(StmtId),
    /// Bound or default of a type parameter.
    TypeVar(ExprId),
    /// Annotations of a function.
    Annotations(ArgsId),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ScopeId(pub u32);

#[derive(Clone, Debug)]
pub struct Scope {
    pub name: Sym,
    pub block: Block,
    pub pos: Pos,
    /// Names in order of first appearance, with DEF bits and the access.
    pub symbols: Symbols,
    pub varnames: Vec<Sym>,
    pub children: Vec<ScopeId>,
    pub directives: Vec<(Sym, Pos)>,
    pub nested: bool,
    pub generator: bool,
    pub coroutine: bool,
    pub is_async_def: bool,
    pub comprehension: CompKind,
    pub comp_inlined: bool,
    pub varargs: bool,
    pub varkeywords: bool,
    pub returns_value: bool,
    pub needs_class_closure: bool,
    pub needs_classdict: bool,
    pub can_see_class_scope: bool,
    pub has_conditional_annotations: bool,
    pub annotations_used: bool,
    pub annotation_block: Option<ScopeId>,
    pub has_free: bool,
    pub child_free: bool,
    pub has_docstring: bool,
    pub method: bool,
    /// Names that the block unbinds (`del`, `except … as`).
    pub deleted: Vec<Sym>,
    /// Symbols that came from inlined comprehensions only.
    pub(crate) merged: Vec<Sym>,
    in_conditional_block: bool,
    in_unevaluated_annotation: bool,
    comp_iter_target: bool,
    comp_iter_expr: u32,
    mangled_names: Option<Arc<Vec<Sym>>>,
    /// What a TypeVariable block is, for messages.
    info: &'static str,
}

impl Scope {
    /// Functions proper and the annotation-like blocks that behave as functions.
    #[must_use]
    pub fn is_function_like(&self) -> bool {
        !matches!(self.block, Block::Class | Block::Module)
    }

    /// Whether a name with cell access is this block's own, not an inlined comprehension's.
    #[must_use]
    pub fn own_cell(&self, name: Sym) -> bool {
        !self.merged.contains(&name)
    }

    #[must_use]
    pub fn flags(&self, name: Sym) -> u32 {
        self.symbols.get(name)
    }

    #[must_use]
    pub fn access(&self, name: Sym) -> Access {
        access(self.symbols.get(name))
    }
}

/// An insertion-ordered map from names to flags.
#[derive(Clone, Debug, Default)]
pub struct Symbols {
    pub entries: Vec<(Sym, u32)>,
    index: FastMap<Sym, u32>,
}

impl Symbols {
    /// 0 where absent.
    #[must_use]
    pub fn get(&self, name: Sym) -> u32 {
        self.find(name).map_or(0, |i| self.entries[i].1)
    }
    #[must_use]
    pub fn contains(&self, name: Sym) -> bool {
        self.find(name).is_some()
    }
    fn find(&self, name: Sym) -> Option<usize> {
        if self.entries.len() <= 8 {
            return self.entries.iter().position(|&(n, _)| n == name);
        }
        self.index.get(&name).map(|&i| i as usize)
    }
    pub fn set(&mut self, name: Sym, flags: u32) {
        if let Some(i) = self.find(name) {
            self.entries[i].1 = flags;
            return;
        }
        self.entries.push((name, flags));
        let len = self.entries.len();
        if len == 9 {
            for (i, &(n, _)) in self.entries.iter().enumerate() {
                self.index.insert(n, i as u32);
            }
        } else if len > 9 {
            self.index.insert(name, len as u32 - 1);
        }
    }
    fn remove(&mut self, name: Sym) {
        if let Some(i) = self.find(name) {
            self.entries.remove(i);
            self.index.clear();
            if self.entries.len() > 8 {
                for (i, &(n, _)) in self.entries.iter().enumerate() {
                    self.index.insert(n, i as u32);
                }
            }
        }
    }
}

/// The tree's names and those that the compiler adds.
#[derive(Clone, Debug)]
pub struct Names<'t> {
    base: &'t Interner,
    extra: Interner,
    mangled: FastMap<(Sym, Sym), Sym>,
}

impl<'t> Names<'t> {
    #[must_use]
    pub fn new(base: &'t Interner) -> Names<'t> {
        Names { base, extra: Interner::default(), mangled: FastMap::default() }
    }
    pub fn intern(&mut self, name: &str) -> Sym {
        match self.base.get(name) {
            Some(sym) => sym,
            None => Sym::new(self.extra.intern(name).index() + self.base.len()),
        }
    }
    /// The name's symbol if anything mentioned it.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<Sym> {
        let extra = || self.extra.get(name).map(|s| Sym::new(s.index() + self.base.len()));
        self.base.get(name).or_else(extra)
    }
    #[must_use]
    pub fn get(&self, sym: Sym) -> &Arc<str> {
        match sym.index().checked_sub(self.base.len()) {
            None => self.base.name(sym),
            Some(extra) => self.extra.name(Sym::new(extra)),
        }
    }
    /// `__name` inside class `private` becomes `_private__name`.
    pub fn mangle(&mut self, private: Option<Sym>, name: Sym) -> Sym {
        let Some(private) = private else { return name };
        let text = self.get(name);
        if !text.starts_with("__") || text.ends_with("__") || text.contains('.') {
            return name;
        }
        if let Some(&done) = self.mangled.get(&(private, name)) {
            return done;
        }
        let class = self.get(private).trim_start_matches('_');
        let out = if class.is_empty() {
            name
        } else {
            let full = format!("_{class}{text}");
            self.intern(&full)
        };
        self.mangled.insert((private, name), out);
        out
    }
}

#[derive(Clone, Debug)]
pub struct SymTable<'t> {
    pub scopes: Vec<Scope>,
    pub blocks: FastMap<Node, ScopeId>,
    pub names: Names<'t>,
}

impl std::ops::Index<ScopeId> for SymTable<'_> {
    type Output = Scope;
    fn index(&self, id: ScopeId) -> &Scope {
        &self.scopes[id.0 as usize]
    }
}
impl std::ops::IndexMut<ScopeId> for SymTable<'_> {
    fn index_mut(&mut self, id: ScopeId) -> &mut Scope {
        &mut self.scopes[id.0 as usize]
    }
}

impl SymTable<'_> {
    /// Whether names written in a scope are mangled there: type-parameter scopes of a class mangle
    /// only the type parameters.
    #[must_use]
    pub fn mangles(&self, scope: ScopeId, name: Sym) -> bool {
        self[scope].mangled_names.as_ref().is_none_or(|set| set.contains(&name))
    }
}

/// What `build` needs to know of the options.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    pub future_annotations: bool,
    pub top_level_await: bool,
}

/// Builds and resolves the table. Recurses to the tree's depth.
pub fn build(tree: &Tree, settings: Settings) -> Result<SymTable<'_>> {
    let mut table = build::build(tree, settings)?;
    analyze::analyze(&mut table)?;
    Ok(table)
}

//! Source text and `_ast` objects to code objects.
//!
//! `source` decodes, `scan` bounds the nesting, `parse` and `lower` make the flat tree of `ir`,
//! `symtable` resolves scopes, `compile` makes code. Nothing here knows the runtime.

use std::sync::Arc;

use stackless_bytecode::Code;

pub mod asdl;
mod compile;
mod deep;
mod diagnose;
pub mod error;
pub mod ir;
pub mod literal;
mod lower;
mod parse;
mod scan;
pub mod source;
pub mod symtable;
pub mod tokens;
mod type_comments;
mod validate;

pub use asdl::optimize_tree;
pub use compile::{compile_tree, to_const};
pub use error::{Category, ErrorKind, SyntaxError, Warning};
pub use parse::parse;
pub use source::Source;
pub use validate::validate;

/// What is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Exec,
    Eval,
    Single,
    FuncType,
}

/// CPython's `PyCF_*` bits that the compiler looks at (the future bits are those of code objects).
pub mod flags {
    pub const DONT_IMPLY_DEDENT: u32 = 0x200;
    pub const ONLY_AST: u32 = 0x400;
    pub const TYPE_COMMENTS: u32 = 0x1000;
    pub const ALLOW_TOP_LEVEL_AWAIT: u32 = 0x2000;
    pub const ALLOW_INCOMPLETE_INPUT: u32 = 0x4000;
    pub const OPTIMIZED_AST: u32 = 0x8000 | ONLY_AST;
}

/// A scope without references to its tree.
#[derive(Clone, Debug)]
pub struct ScopeRow {
    pub name: String,
    pub block: symtable::Block,
    pub line: u32,
    pub nested: bool,
    /// Names with the DEF bits and the access above them.
    pub symbols: Vec<(String, u32)>,
    pub varnames: Vec<String>,
    pub children: Vec<usize>,
}

/// The resolved scopes of a tree; the first is the module's.
pub fn symbol_rows(tree: &ir::Tree, options: &Options) -> error::Result<Vec<ScopeRow>> {
    deep::run(tree.depth, || {
        let table = compile::symbol_table(tree, options)?;
        let name = |sym| table.names.get(sym).to_string();
        let rows = table.scopes.iter().map(|scope| ScopeRow {
            // CPython's tables have no angle brackets.
            name: name(scope.name).trim_matches(['<', '>']).to_string(),
            block: scope.block,
            line: if scope.block == symtable::Block::Module { 0 } else { scope.pos.line },
            nested: scope.nested,
            symbols: scope.symbols.entries.iter().map(|&(sym, flags)| (name(sym), flags)).collect(),
            varnames: scope.varnames.iter().map(|&sym| name(sym)).collect(),
            children: scope.children.iter().map(|child| child.0 as usize).collect(),
        });
        Ok(rows.collect())
    })
}

/// Parses and compiles.
pub fn compile(source: &Source, options: &Options) -> error::Result<(Arc<Code>, Vec<Warning>)> {
    let (tree, mut warnings) = parse(source, options)?;
    let (code, more) = match compile_tree(&tree, options) {
        Ok(made) => made,
        Err(mut error) => {
            warnings.append(&mut error.warnings);
            error.warnings = warnings;
            return Err(error);
        }
    };
    warnings.extend(more);
    // Code that is compiled twice (finally blocks) warns once.
    let mut seen = std::collections::HashSet::new();
    warnings.retain(|w| seen.insert((w.lineno, w.col, w.message.clone())));
    Ok((code, warnings))
}

#[derive(Clone, Debug)]
pub struct Options {
    pub mode: Mode,
    pub optimize: u8,
    pub flags: u32,
    pub filename: String,
    /// Minor version of the grammar.
    pub feature_version: u8,
    /// Code of intrinsics: marked hidden.
    pub hidden: bool,
    /// `sys.get_int_max_str_digits()`; 0 for no limit.
    pub int_max_str_digits: u32,
}

impl Options {
    #[must_use]
    pub fn new(mode: Mode, filename: impl Into<String>) -> Options {
        Options {
            mode,
            optimize: 0,
            flags: 0,
            filename: filename.into(),
            feature_version: 14,
            hidden: false,
            int_max_str_digits: 4300,
        }
    }
}

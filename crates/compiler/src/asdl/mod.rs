//! Syntax trees as flat rows of named fields: what lies between the IR and `_ast` objects.
//!
//! A [`Flat`] holds no references, so that the runtime makes objects from it in one loop, and reads
//! objects into it with a stack of its own. `export` goes from the IR to rows, `import` back with
//! every check that objects need.

mod export;
pub mod grammar;
mod import;
mod optimize;

use std::sync::Arc;

use crate::ir::{Constant, Pos};

pub use export::export;
pub use import::{import, is_single, root_class};
pub use optimize::optimize_tree;

/// A field's value.
#[derive(Clone, Debug)]
pub enum Item {
    None,
    /// The attribute does not exist.
    Missing,
    Node(u32),
    /// An instance without fields of its own, as `Load()`: one object serves all.
    Single(u16),
    /// Items `start..start + len` of the pool.
    List(u32, u32),
    Int(i64),
    /// WTF-8.
    Str(Arc<[u8]>),
    Constant(Constant),
    /// Anything else: the index of the object among the reader's, and its type's name.
    Other(u32, Arc<str>),
}

/// One node; its fields are `items[first..]` in the class's order.
#[derive(Clone, Debug)]
pub struct Row {
    pub class: u16,
    pub first: u32,
    pub pos: RowPos,
}

#[derive(Clone, Debug)]
pub enum RowPos {
    /// The class has none, or it is known to be right.
    None,
    Known(Pos),
    /// As read from an object: line, column, end line, end column.
    Read(Box<[Item; 4]>),
}

#[derive(Clone, Debug, Default)]
pub struct Flat {
    pub rows: Vec<Row>,
    /// Fields of the rows.
    pub items: Vec<Item>,
    /// Items of the lists.
    pub pool: Vec<Item>,
    pub root: u32,
    /// Deepest nesting (of trees read from objects).
    pub depth: u32,
}

/// What is wrong with a tree: the text, and the object whose `repr` follows it.
pub struct Refused {
    pub error: Box<crate::SyntaxError>,
    pub object: Option<Object>,
}

/// An object among those that were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Object {
    Row(u32),
    Other(u32),
    Single(u16),
    None,
}

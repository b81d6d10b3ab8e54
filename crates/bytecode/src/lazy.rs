//! Nested code objects that are decoded when somebody looks into them.
//!
//! Most functions of a module that is imported are never called: of the packed library only what
//! runs is decoded. A lazy code object knows its name and flags, and where in its pack it lies. The
//! pack is trusted (it is a part of the program); a damaged one gives code that only fails.

use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use crate::code::{Code, Const, PositionTable};
use crate::encode::{DecodeError, Pack};
use crate::image::Image;
use crate::isa::{self, Insn};
use crate::text::{Stored, Text};

/// A code object among constants, made or to be made. Dereferences to the code.
#[derive(Clone)]
pub enum CodeRef {
    Made(Arc<Code>),
    Lazy(Arc<LazyCode>),
}

/// Where lazy code objects lie.
pub(crate) enum Source {
    Pack(Arc<Pack>),
    /// An image, and the file name of what is made of it.
    Image(&'static Image, Arc<str>),
}

impl Source {
    fn code(&self, index: usize) -> Result<Code, DecodeError> {
        match self {
            Source::Pack(pack) => pack.code(index, pack),
            Source::Image(image, filename) => image.code(index, filename),
        }
    }
}

/// A code object inside a pack or an image.
pub struct LazyCode {
    pub(crate) source: Source,
    pub(crate) index: usize,
    pub(crate) name: Text,
    pub(crate) qualname: Text,
    pub(crate) flags: u32,
    pub(crate) made: OnceLock<Arc<Code>>,
}

impl CodeRef {
    /// These four need no decoding.
    pub fn name(&self) -> &Text {
        match self {
            CodeRef::Made(code) => &code.name,
            CodeRef::Lazy(lazy) => &lazy.name,
        }
    }
    pub fn qualname(&self) -> &Text {
        match self {
            CodeRef::Made(code) => &code.qualname,
            CodeRef::Lazy(lazy) => &lazy.qualname,
        }
    }
    pub fn filename(&self) -> &str {
        match self {
            CodeRef::Made(code) => &code.filename,
            CodeRef::Lazy(lazy) => match &lazy.source {
                Source::Pack(pack) => pack.filename.as_deref().unwrap_or(""),
                Source::Image(_, filename) => filename,
            },
        }
    }
    pub fn flags(&self) -> u32 {
        match self {
            CodeRef::Made(code) => code.flags,
            CodeRef::Lazy(lazy) => lazy.flags,
        }
    }
    /// The decoded code.
    pub fn arc(&self) -> &Arc<Code> {
        match self {
            CodeRef::Made(code) => code,
            CodeRef::Lazy(lazy) => lazy.made.get_or_init(|| {
                let code = lazy.source.code(lazy.index);
                Arc::new(code.unwrap_or_else(|_| damaged(lazy)))
            }),
        }
    }
}

impl Deref for CodeRef {
    type Target = Arc<Code>;
    fn deref(&self) -> &Arc<Code> {
        self.arc()
    }
}

impl From<Arc<Code>> for CodeRef {
    fn from(code: Arc<Code>) -> CodeRef {
        CodeRef::Made(code)
    }
}

impl PartialEq for CodeRef {
    fn eq(&self, other: &CodeRef) -> bool {
        self.arc() == other.arc()
    }
}

impl std::fmt::Debug for CodeRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "<code {}>", self.qualname())
    }
}

/// Code that raises RuntimeError: its one instruction re-raises where nothing is handled.
fn damaged(lazy: &LazyCode) -> Code {
    Code {
        name: lazy.name.clone(),
        qualname: lazy.qualname.clone(),
        filename: Arc::from("<damaged>"),
        first_line: 1,
        flags: 0,
        arg_count: 0,
        posonly_count: 0,
        kwonly_count: 0,
        local_names: Box::default(),
        local_kinds: Box::default(),
        free_count: 0,
        first_temp: 0,
        reg_count: 0,
        words: Stored::from([Insn::new(isa::op::RAISE, 0, 0, 0).encode()]),
        live: Stored::from([0]),
        consts: Box::<[Const]>::default(),
        names: Box::default(),
        handlers: Box::default(),
        hidden_locals: Box::default(),
        positions: PositionTable::default(),
    }
}

//! `re.Pattern`: what `re._compiler` made, and the program that the matcher runs, translated when
//! the pattern is used first. CPython's counterpart: `PatternObject` of `Modules/_sre/sre.h`.
//!
//! Scanners and the iterators of `finditer` are lists of values (`IterTool`), a match is a row of
//! values, whose meaning `methods/regex` gives. A pattern saves its parts only. A `Search` is a
//! search that paused: its progress is not saved, it starts again.

use std::cell::{Cell, OnceCell};

use stackless_primitives::regex::{Matcher, Program, is_sound};

use crate::exc::PyResult;
use crate::object::{Obj, Payload, Trace, VmCell};
use crate::objects::bytes::Bytes;
use crate::objects::types::Type;
use crate::tail::{Tail, TailPayload};
use crate::value::Value;
use crate::vm::Vm;

/// Indices of a pattern's parts.
pub mod part {
    pub const PATTERN: usize = 0;
    pub const FLAGS: usize = 1;
    /// The words of the code as bytes.
    pub const CODE: usize = 2;
    pub const GROUPS: usize = 3;
    /// dict: numbers of the named groups.
    pub const INDEX: usize = 4;
    /// tuple: names of the groups.
    pub const NAMES: usize = 5;
    pub const COUNT: usize = 6;
}

#[derive(Payload)]
#[payload(layout = PATTERN, clear)]
pub struct Pattern {
    pub parts: VmCell<Vec<Value>>,
    /// None for code that the matcher must not run.
    #[payload(foreign)]
    program: OnceCell<Option<Box<Program>>>,
    /// The last search's memory, for the next one.
    #[payload(foreign)]
    pub task: Cell<Option<Box<Task>>>,
}

fn words(code: &Value) -> Vec<u32> {
    let Some(bytes) = code.get::<Bytes>() else { return Vec::new() };
    let (words, _) = bytes.as_bytes().as_chunks::<4>();
    words.iter().map(|w| u32::from_le_bytes(*w)).collect()
}

/// May the matcher run this code (bytes, four to a word)?
pub fn is_sound_code(code: &Value) -> bool {
    is_sound(&words(code))
}

impl Obj<Pattern> {
    pub fn part(&self, vm: &Vm, i: usize) -> Value {
        self.parts.get(vm).get(i).cloned().unwrap_or(Value::NONE)
    }
    pub fn groups(&self, vm: &Vm) -> usize {
        let n = self.parts.get(vm).get(part::GROUPS).and_then(Value::as_small_int);
        n.map_or(0, |n| n.max(0) as usize)
    }
    pub fn program(&self, vm: &mut Vm) -> PyResult<&Program> {
        let made = self
            .program
            .get_or_init(|| Program::new(&words(&self.part(vm, part::CODE))).map(Box::new));
        match made {
            Some(p) => Ok(p),
            None => Err(vm.runtime_error("invalid SRE code")),
        }
    }
}

impl Vm {
    /// A pattern of class `ty`.
    pub fn regex_pattern(&self, ty: &Obj<Type>, parts: Vec<Value>) -> Value {
        let p =
            Pattern { parts: VmCell::new(parts), program: OnceCell::new(), task: Cell::new(None) };
        self.new_object(ty, p).into_value()
    }
}

/// `re.Match`.
#[derive(Payload)]
#[payload(layout = REGEX_MATCH)]
#[repr(C)]
pub struct Match {
    tail: Tail<Value>,
}

impl TailPayload for Match {
    type Item = Value;
    fn with_tail(tail: Tail<Value>) -> Match {
        Match { tail }
    }
}

impl Match {
    #[inline(always)]
    pub fn items(&self) -> &[Value] {
        self.tail.as_slice()
    }
    /// Fills a shell that is being loaded.
    pub(crate) fn fill(&self, items: Vec<Value>) {
        self.tail.replace_items(items.into_iter());
    }
}

impl Vm {
    /// A match of `n` items.
    #[inline]
    pub fn regex_match(&self, n: usize, items: impl Iterator<Item = Value>) -> Value {
        self.new_tail::<Match>(&self.types.regex_match, n, items).into_value()
    }
}

/// A paused search and what it has found.
#[derive(Payload)]
#[payload(layout = REGEX_SEARCH, clear)]
pub struct Search(VmCell<Option<Box<Task>>>);

/// Many matches in one go.
#[derive(Default, Trace)]
pub struct Task {
    #[trace(foreign)]
    pub matcher: Matcher,
    /// Rows of byte offsets: last group, start, end, marks.
    pub hits: Vec<usize>,
    /// The items of the list that is asked for.
    pub items: Vec<Value>,
    /// The text that is asked for.
    pub text: Vec<u8>,
    /// Where the last match ended that `items` or `text` speak of.
    pub last: usize,
    pub found: usize,
    /// Where the next match is looked for.
    pub at: usize,
    /// It may not be empty there.
    pub advance: bool,
    /// The matcher is at work.
    pub running: bool,
}

impl Search {
    pub fn take(&self, vm: &mut Vm) -> Option<Box<Task>> {
        self.0.get_mut(vm).take()
    }
}

impl Vm {
    pub fn regex_search(&self, task: Box<Task>) -> Value {
        self.alloc(&self.types.regex_search, Search(VmCell::new(Some(task)))).into_value()
    }
}

//! The immutable code object: what the compiler makes, `marshal` and pickles carry, and every `Vm`
//! copies into a `Body` of its own before it runs.
//!
//! Invariants (the verifier proves them for code that did not come from our compiler):
//! - `words` is a whole number of instructions with their extra words; all cache bits are zero.
//! - `live[i]` is the liveness law's count for the instruction at word `i` (0 for extra words).
//! - Registers: `varnames` (parameters in the order positional, keyword-only, *args, **kwargs, then
//!   other locals, then cells that are not parameters), then one per `freevars`, then temporaries.
//!
//! CPython's counterpart: `Objects/codeobject.c`.

use std::sync::Arc;

use crate::lazy::CodeRef;
use crate::text::{Stored, Text};

/// `Code::flags` bits, with CPython's values where CPython has them.
pub mod flags {
    pub const OPTIMIZED: u32 = 0x1;
    pub const NEWLOCALS: u32 = 0x2;
    pub const VARARGS: u32 = 0x4;
    pub const VARKEYWORDS: u32 = 0x8;
    pub const NESTED: u32 = 0x10;
    pub const GENERATOR: u32 = 0x20;
    pub const COROUTINE: u32 = 0x80;
    pub const ITERABLE_COROUTINE: u32 = 0x100;
    pub const ASYNC_GENERATOR: u32 = 0x200;
    pub const FUTURE_DIVISION: u32 = 0x20000;
    pub const FUTURE_ABSOLUTE_IMPORT: u32 = 0x40000;
    pub const FUTURE_WITH_STATEMENT: u32 = 0x80000;
    pub const FUTURE_PRINT_FUNCTION: u32 = 0x100000;
    pub const FUTURE_UNICODE_LITERALS: u32 = 0x200000;
    pub const FUTURE_BARRY_AS_BDFL: u32 = 0x400000;
    pub const FUTURE_GENERATOR_STOP: u32 = 0x800000;
    pub const FUTURE_ANNOTATIONS: u32 = 0x1000000;
    pub const HAS_DOCSTRING: u32 = 0x4000000;
    pub const METHOD: u32 = 0x8000000;
    /// Ours: an intrinsic's code, invisible in tracebacks, `f_back` chains and stack levels.
    pub const HIDDEN: u32 = 0x4000_0000;
}

/// A constant. Strings are WTF-8 (lone surrogates possible).
#[derive(Clone, Debug, PartialEq)]
pub enum Const {
    None,
    True,
    False,
    Ellipsis,
    Int(i64),
    /// Outside i64: little-endian two's complement bytes.
    BigInt(Box<[u8]>),
    Float(f64),
    Complex(f64, f64),
    Str(Stored<u8>),
    Bytes(Stored<u8>),
    Tuple(Box<[Const]>),
    FrozenSet(Box<[Const]>),
    Slice(Box<[Const; 3]>),
    Code(CodeRef),
}

/// One row of the exception table: instructions whose offset is in `start..end` go to `target`
/// with `depth` temporaries kept and the exception in temporary number `depth`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handler {
    pub start: u32,
    pub end: u32,
    pub target: u32,
    pub depth: u16,
}

/// Source position of an instruction: lines from 1, UTF-8 byte columns from 0. A missing line is 0;
/// missing columns are `u32::MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Position {
    pub line: u32,
    pub end_line: u32,
    pub col: u32,
    pub end_col: u32,
}

/// Registers of an inlined comprehension: while the offset is in `start..end` the name of register
/// `reg` is visible as a local variable; elsewhere it is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HiddenLocal {
    pub reg: u16,
    pub start: u32,
    pub end: u32,
}

/// What a register below `first_temp` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LocalKind {
    /// A plain local variable.
    Fast,
    /// Holds a cell made by MAKE_CELL (parameters included).
    Cell,
    /// Holds a cell of the closure.
    Free,
    /// Iteration variable of an inlined comprehension; see `Code::hidden_locals`.
    Hidden,
    /// As `Hidden`, but holding a cell.
    HiddenCell,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Code {
    pub name: Text,
    pub qualname: Text,
    pub filename: Arc<str>,
    pub first_line: u32,
    pub flags: u32,
    /// Positional parameters, positional-only ones included.
    pub arg_count: u32,
    pub posonly_count: u32,
    pub kwonly_count: u32,
    /// Names of the registers below `first_temp`, free variables included.
    pub local_names: Box<[Text]>,
    /// Kinds of the same registers.
    pub local_kinds: Box<[LocalKind]>,
    /// Number of free variables: the last registers below `first_temp`.
    pub free_count: u32,
    /// Register number of the first temporary.
    pub first_temp: u16,
    /// Number of registers of a frame.
    pub reg_count: u16,
    pub words: Stored<u64>,
    pub live: Stored<u16>,
    pub consts: Box<[Const]>,
    pub names: Box<[Text]>,
    /// Ordered so that the first matching row is the innermost.
    pub handlers: Box<[Handler]>,
    pub hidden_locals: Box<[HiddenLocal]>,
    /// Positions, one per instruction, in the compact form of `positions`.
    pub positions: PositionTable,
}

impl Code {
    /// The line of the call itself, which no instruction of ours stands for.
    #[must_use]
    pub fn header_line(&self) -> u32 {
        let module = self.flags & flags::NEWLOCALS == 0 && &*self.name == "<module>";
        if module { 0 } else { self.first_line }
    }
}

/// Delta-encoded positions: for each instruction in order, the length in words and the position.
/// Layout of an entry: see `PositionTable::encode`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct PositionTable(pub Stored<u8>);

fn put_uint(out: &mut Vec<u8>, mut v: u32) {
    while v >= 0x80 {
        out.push(v as u8 | 0x80);
        v >>= 7;
    }
    out.push(v as u8);
}

fn zigzag(v: i64) -> u32 {
    ((v << 1) ^ (v >> 63)) as u32
}

impl Code {
    /// The entries of the position table, none of them beyond the instructions.
    pub fn located(&self) -> impl Iterator<Item = (u32, u32, Position)> {
        let total = self.words.len() as u32;
        let inside = self.positions.iter().take_while(move |run| run.0 < total);
        inside.map(move |(start, words, p)| (start, words.min(total - start), p))
    }
}

impl PositionTable {
    /// Encodes runs of (words, position): varints of words, zigzag line delta, end_line - line,
    /// col + 1, zigzag(end_col - col); a missing position is words followed by the byte pair that
    /// no real entry has (line delta 0, end_line delta `u32::MAX`).
    pub fn encode(entries: &[(u32, Position)]) -> PositionTable {
        let mut out = Vec::with_capacity(entries.len() * 5);
        let mut line = 0u32;
        let mut i = 0;
        while i < entries.len() {
            let position = entries[i].1;
            let mut words = 0;
            while i < entries.len() && entries[i].1 == position {
                words += entries[i].0;
                i += 1;
            }
            put_uint(&mut out, words);
            if position.line == 0 {
                put_uint(&mut out, 0);
                put_uint(&mut out, u32::MAX);
                continue;
            }
            put_uint(&mut out, zigzag(position.line as i64 - line as i64));
            line = position.line;
            put_uint(&mut out, position.end_line.saturating_sub(position.line));
            put_uint(&mut out, position.col.wrapping_add(1));
            if position.col != u32::MAX {
                put_uint(&mut out, zigzag(position.end_col as i64 - position.col as i64));
            }
        }
        PositionTable(out.into())
    }

    /// The entries as (first word, words, position). Damaged bytes end the iteration.
    pub fn iter(&self) -> PositionIter<'_> {
        PositionIter { bytes: &self.0, offset: 0, line: 0 }
    }

    /// The position of the instruction at word `offset`.
    pub fn lookup(&self, offset: u32) -> Option<Position> {
        self.iter()
            .find(|(start, words, _)| offset >= *start && offset - start < *words)
            .map(|(_, _, position)| position)
            .filter(|position| position.line != 0)
    }
}

/// See `PositionTable::iter`.
pub struct PositionIter<'a> {
    bytes: &'a [u8],
    offset: u32,
    line: u32,
}

impl PositionIter<'_> {
    fn uint(&mut self) -> Option<u32> {
        let mut value = 0u32;
        for shift in (0..35).step_by(7) {
            let (&byte, rest) = self.bytes.split_first()?;
            self.bytes = rest;
            value |= ((byte & 0x7f) as u32).checked_shl(shift)?;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }
    fn int(&mut self) -> Option<i64> {
        let v = self.uint()?;
        Some((v >> 1) as i64 ^ -((v & 1) as i64))
    }
}

impl Iterator for PositionIter<'_> {
    type Item = (u32, u32, Position);
    fn next(&mut self) -> Option<Self::Item> {
        if self.bytes.is_empty() {
            return None;
        }
        let words = self.uint()?;
        let start = self.offset;
        self.offset = start.checked_add(words)?;
        let delta = self.int()?;
        let span = self.uint()?;
        if span == u32::MAX {
            return Some((start, words, Position::default()));
        }
        self.line = u32::try_from(self.line as i64 + delta).ok()?;
        let col = self.uint()?.wrapping_sub(1);
        let end_col = match col {
            u32::MAX => u32::MAX,
            col => u32::try_from(col as i64 + self.int()?).ok()?,
        };
        let end_line = self.line.checked_add(span)?;
        Some((start, words, Position { line: self.line, end_line, col, end_col }))
    }
}

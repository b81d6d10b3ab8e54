//! A program of the matcher: nodes, the sets and literals that they name, and where a match can
//! start. It is made by `translate` and never changes.

use super::charset::{Fold, Test};
use crate::wtf8;
use memchr::memmem::Finder;

/// What a subject's bytes mean.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// ASCII text: a byte below 128 is a character.
    Ascii,
    Bytes,
    /// WTF-8.
    Text,
}

/// `x{n,}`.
pub(super) const UNLIMITED: u32 = u32::MAX;
/// No node.
pub(super) const NOWHERE: u32 = u32::MAX;

/// A test of one character.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Unit {
    Any,
    NotNewline,
    /// An ASCII character.
    Byte(u8),
    NotByte(u8),
    Set(u32),
}

/// A bit for each character below 256.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct Bits(pub [u64; 4]);

impl Bits {
    pub const ALL: Bits = Bits([u64::MAX; 4]);
    #[inline(always)]
    pub fn has(&self, b: u8) -> bool {
        self.0[(b >> 6) as usize] >> (b & 63) & 1 == 1
    }
    pub fn add(&mut self, b: u8) {
        self.0[(b >> 6) as usize] |= 1 << (b & 63);
    }
    pub fn union(&mut self, other: &Bits) {
        self.0.iter_mut().zip(other.0).for_each(|(a, b)| *a |= b);
    }
    /// Do the first `words` words have nothing in common?
    pub fn disjoint(&self, other: &Bits, words: usize) -> bool {
        self.0.iter().zip(other.0).take(words).all(|(a, b)| a & b == 0)
    }
    /// The single member, if there is one.
    pub fn single(&self) -> Option<u8> {
        let mut all = (0..=255u8).filter(|b| self.has(*b));
        match (all.next(), all.next()) {
            (Some(b), None) => Some(b),
            _ => None,
        }
    }
}

/// A set of characters.
pub(super) struct Set {
    pub bits: Bits,
    /// The same as a table: one load in loops.
    pub table: Box<[bool; 256]>,
    /// From 256 on: all, none, or to be asked.
    pub beyond: Option<bool>,
    pub test: Test,
}

impl Set {
    #[inline]
    pub fn has(&self, c: u32) -> bool {
        match (c < 256, self.beyond) {
            (true, _) => self.table[c as usize],
            (false, Some(known)) => known,
            (false, None) => self.test.holds(c),
        }
    }
}

/// Characters that something can start with; more than it really can is allowed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct First {
    pub bits: Bits,
    /// Any of the characters from 256 on.
    pub beyond: bool,
    /// It may match without a character: nothing is known.
    pub open: bool,
    /// The only possible byte: an ASCII character, and none beyond.
    pub only: Option<u8>,
}

impl First {
    pub const OPEN: First = First { bits: Bits::ALL, beyond: true, open: true, only: None };

    /// Can it match at the byte, which starts a character of a subject of this kind?
    #[inline(always)]
    pub fn admits(&self, text: bool, byte: u8) -> bool {
        if text && byte >= 128 { self.high() } else { self.bits.has(byte) }
    }
    /// Can it start with a character outside ASCII?
    #[inline(always)]
    fn high(&self) -> bool {
        self.beyond || self.bits.0[2] | self.bits.0[3] != 0
    }
    /// What both admit.
    pub fn and(&self, other: &First) -> First {
        if self.open || other.open {
            return if self.open { *other } else { *self };
        }
        let mut bits = self.bits;
        bits.0.iter_mut().zip(other.bits.0).for_each(|(a, b)| *a &= b);
        let beyond = self.beyond && other.beyond;
        let only = bits.single().filter(|b| *b < 128 && !beyond);
        First { bits, beyond, open: false, only }
    }
    /// Nothing starts both?
    pub fn disjoint(&self, other: &First, kind: Kind) -> bool {
        !self.open
            && !other.open
            && match kind {
                Kind::Ascii => self.bits.disjoint(&other.bits, 2),
                Kind::Bytes => self.bits.disjoint(&other.bits, 4),
                Kind::Text => self.bits.disjoint(&other.bits, 4) && !(self.beyond && other.beyond),
            }
    }
}

/// Zero-width tests.
#[derive(Clone, Copy, Debug)]
pub(super) enum At {
    Start,
    LineStart,
    End,
    LineEnd,
    TextEnd,
    Boundary { word: fn(u32) -> bool, not: bool },
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Greed {
    Greedy,
    Lazy,
    Possessive,
}

/// A repeat of one character.
#[derive(Clone, Copy, Debug)]
pub(super) struct Loop {
    pub unit: Unit,
    pub min: u32,
    pub max: u32,
    pub greed: Greed,
    /// What can follow: an index of `firsts`.
    pub next: u32,
    /// Nothing that can follow can be repeated, by kind: then only the longest run can match.
    pub alone: [bool; 3],
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Node {
    Unit(Unit),
    /// An index of `literals`.
    Literal(u32),
    At(At),
    Mark(u32),
    Jump(u32),
    /// An alternative begins behind this node. `next` is the next one; `first` what this can start
    /// with (an index of `firsts`).
    Alternative {
        next: u32,
        first: u32,
    },
    /// An index of `loops`.
    Loop(u32),
    /// A general repeat begins: its `Until` stands at `until`.
    Repeat {
        slot: u32,
        until: u32,
    },
    /// An index of `untils`.
    Until(u32),
    /// Look around: the body follows and ends with `LookEnd`; `end` is behind that.
    Look {
        back: u32,
        negated: bool,
        end: u32,
    },
    LookEnd,
    /// The body follows and ends with `AtomicEnd`.
    Atomic,
    AtomicEnd,
    /// A possessive repeat of a body that follows and ends with `PossessiveEnd`: an index of `untils`.
    Possessive(u32),
    PossessiveEnd(u32),
    BackReference {
        group: u32,
        fold: Fold,
    },
    /// Goes on if the group has matched, else at `no`.
    Exists {
        group: u32,
        no: u32,
    },
    Fail,
    Success,
}

/// The counts of a general repeat.
#[derive(Clone, Copy, Debug)]
pub(super) struct Until {
    pub slot: u32,
    pub min: u32,
    pub max: u32,
    pub lazy: bool,
    pub body: u32,
    pub tail: u32,
    /// What body and tail can start with: indices of `firsts`.
    pub body_first: u32,
    pub tail_first: u32,
}

pub(super) struct Literal {
    pub text: Box<[u8]>,
    /// A byte for each character; None if one does not fit.
    pub bytes: Option<Box<[u8]>>,
}

impl Literal {
    pub fn new(chars: &[u32]) -> Literal {
        let mut text = Vec::new();
        chars.iter().for_each(|c| wtf8::push(&mut text, *c));
        let bytes = chars.iter().map(|c| u8::try_from(*c).ok()).collect::<Option<Vec<u8>>>();
        Literal { text: text.into(), bytes: bytes.map(Into::into) }
    }
    pub fn of(&self, text: bool) -> Option<&[u8]> {
        if text { Some(&self.text) } else { self.bytes.as_deref() }
    }
}

/// Where a match can start.
pub(super) enum Start {
    Anywhere,
    /// At the start of the subject only.
    Front,
    Lines,
    /// With a literal: its finders for bytes (None: nowhere) and for text.
    Literal {
        bytes: Option<Box<Finder<'static>>>,
        text: Box<Finder<'static>>,
    },
    /// Behind a literal: as above.
    Behind {
        bytes: Option<Box<Finder<'static>>>,
        text: Box<Finder<'static>>,
    },
    /// With an ASCII character.
    Byte(u8),
    First(First),
}

pub struct Program {
    pub(super) nodes: Vec<Node>,
    pub(super) sets: Vec<Set>,
    pub(super) firsts: Vec<First>,
    pub(super) loops: Vec<Loop>,
    pub(super) untils: Vec<Until>,
    pub(super) literals: Vec<Literal>,
    pub(super) start: Start,
    /// Two for each group.
    pub(super) marks: usize,
    /// General repeats.
    pub(super) slots: usize,
}

impl Program {
    /// Translates code that `is_sound` accepts; None for other code.
    pub fn new(code: &[u32]) -> Option<Program> {
        if !super::is_sound(code) {
            return None;
        }
        super::translate::translate(code)
    }
    /// Groups that the code marks.
    pub fn groups(&self) -> usize {
        self.marks / 2
    }
}

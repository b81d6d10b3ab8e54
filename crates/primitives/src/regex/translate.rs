//! From the words of `re._compiler` to a program: one pass over checked code, in which every block
//! that is open has an entry on a stack, so that nesting needs no native recursion.

use std::collections::HashMap;

use memchr::memmem::Finder;

use super::charset::{Fold, Test, is_word, is_word_ascii};
use super::check::op;
use super::first;
use super::program::{
    At, First, Greed, Kind, Literal, Loop, NOWHERE, Node, Program, Start, Unit, Until,
};

use crate::wtf8::count_chars;

/// A block that is being translated, and what happens where it ends.
enum Open {
    /// An alternative whose jump stands at `at`.
    Alternative {
        at: usize,
        node: u32,
        jumps: Vec<u32>,
    },
    /// A general repeat whose UNTIL stands at `at`.
    Repeat {
        at: usize,
        node: u32,
        min: u32,
        max: u32,
    },
    /// `x?`: an alternative of body and nothing.
    Optional {
        at: usize,
        node: u32,
        lazy: bool,
    },
    Look {
        at: usize,
        node: u32,
    },
    Atomic {
        at: usize,
    },
    Possessive {
        at: usize,
        until: u32,
    },
    /// The first part of a condition, which ends at `at`.
    Yes {
        at: usize,
        node: u32,
    },
    No {
        at: usize,
        jump: u32,
    },
}

impl Open {
    fn at(&self) -> usize {
        match *self {
            Open::Alternative { at, .. }
            | Open::Repeat { at, .. }
            | Open::Optional { at, .. }
            | Open::Look { at, .. }
            | Open::Atomic { at }
            | Open::Possessive { at, .. }
            | Open::Yes { at, .. }
            | Open::No { at, .. } => at,
        }
    }
}

struct Translator<'a> {
    code: &'a [u32],
    program: Program,
    open: Vec<Open>,
    sets: HashMap<Test, u32>,
    /// Characters of a literal that is being collected.
    run: Vec<u32>,
}

pub(super) fn translate(code: &[u32]) -> Option<Program> {
    let program = Program {
        nodes: Vec::new(),
        sets: Vec::new(),
        firsts: Vec::new(),
        loops: Vec::new(),
        untils: Vec::new(),
        literals: Vec::new(),
        start: Start::Anywhere,
        marks: 0,
        slots: 0,
    };
    let mut t =
        Translator { code, program, open: Vec::new(), sets: HashMap::new(), run: Vec::new() };
    t.body()?;
    t.tell_firsts();
    Some(t.program)
}

impl Translator<'_> {
    fn word(&self, i: usize) -> Option<u32> {
        self.code.get(i).copied()
    }

    fn here(&self) -> u32 {
        self.program.nodes.len() as u32
    }

    fn emit(&mut self, node: Node) -> u32 {
        self.flush();
        self.program.nodes.push(node);
        self.here() - 1
    }

    /// Ends the literal that is being collected. Every block border does.
    fn flush(&mut self) {
        match self.run.len() {
            0 => {}
            1 if self.run[0] < 128 => {
                let test = Test::Literal { code: self.run[0], fold: Fold::None, negated: false };
                self.run.clear();
                let unit = self.unit(test);
                self.program.nodes.push(Node::Unit(unit));
            }
            _ => {
                let literal = Literal::new(&self.run);
                self.run.clear();
                self.program.literals.push(literal);
                let i = self.program.literals.len() as u32 - 1;
                self.program.nodes.push(Node::Literal(i));
            }
        }
    }

    fn unit(&mut self, test: Test) -> Unit {
        match test {
            Test::Any => return Unit::Any,
            Test::NotNewline => return Unit::NotNewline,
            Test::Literal { code, fold: Fold::None, negated } if code < 128 => {
                return if negated { Unit::NotByte(code as u8) } else { Unit::Byte(code as u8) };
            }
            _ => {}
        }
        if let Some(i) = self.sets.get(&test) {
            return Unit::Set(*i);
        }
        let i = self.program.sets.len() as u32;
        self.program.sets.push(first::set_of(test.clone()));
        self.sets.insert(test, i);
        Unit::Set(i)
    }

    /// The one-character instruction at `i`, and where the next one stands.
    fn single(&self, i: usize) -> Option<(Test, usize)> {
        let word = self.word(i)?;
        let literal =
            |fold, negated| Some((Test::Literal { code: self.word(i + 1)?, fold, negated }, i + 2));
        let set = |fold| {
            let end = i + 1 + self.word(i + 1)? as usize;
            Some((Test::Set { code: self.code.get(i + 2..end)?.into(), fold }, end))
        };
        match word {
            op::ANY => Some((Test::NotNewline, i + 1)),
            op::ANY_ALL => Some((Test::Any, i + 1)),
            op::FAILURE => Some((Test::Never, i + 1)),
            op::CATEGORY => Some((Test::Category(self.word(i + 1)?), i + 2)),
            op::LITERAL => literal(Fold::None, false),
            op::NOT_LITERAL => literal(Fold::None, true),
            op::LITERAL_IGNORE => literal(Fold::Ascii, false),
            op::NOT_LITERAL_IGNORE => literal(Fold::Ascii, true),
            op::LITERAL_LOC_IGNORE => literal(Fold::Locale, false),
            op::NOT_LITERAL_LOC_IGNORE => literal(Fold::Locale, true),
            op::LITERAL_UNI_IGNORE => literal(Fold::Unicode, false),
            op::NOT_LITERAL_UNI_IGNORE => literal(Fold::Unicode, true),
            op::IN => set(Fold::None),
            op::IN_IGNORE => set(Fold::Ascii),
            op::IN_LOC_IGNORE => set(Fold::Locale),
            op::IN_UNI_IGNORE => set(Fold::Unicode),
            _ => None,
        }
    }

    fn body(&mut self) -> Option<()> {
        let end = self.code.len() - 1;
        let mut i = if self.word(0)? == op::INFO { 1 + self.word(1)? as usize } else { 0 };
        loop {
            while let Some(open) = self.open.pop_if(|o| o.at() == i) {
                self.flush();
                i = self.close(open)?;
            }
            if i >= end {
                break;
            }
            i = self.instruction(i)?;
        }
        self.emit(Node::Success);
        if self.open.is_empty() { Some(()) } else { None }
    }

    /// Translates the instruction at `i`; gives the place of the next one.
    fn instruction(&mut self, i: usize) -> Option<usize> {
        let word = self.word(i)?;
        if let Some((test, next)) = self.single(i) {
            match test {
                Test::Never => {
                    self.emit(Node::Fail);
                }
                Test::Literal { code, fold: Fold::None, negated: false } => self.run.push(code),
                test => {
                    self.flush();
                    let unit = self.unit(test);
                    self.emit(Node::Unit(unit));
                }
            }
            return Some(next);
        }
        self.flush();
        match word {
            // Inside a block only made-up code has it: it would leave the block.
            op::SUCCESS => None,
            op::AT => {
                let at = anchor(self.word(i + 1)?)?;
                self.emit(Node::At(at));
                Some(i + 2)
            }
            op::MARK => {
                let n = self.word(i + 1)?;
                self.program.marks = self.program.marks.max((n as usize / 2 + 1) * 2);
                self.emit(Node::Mark(n));
                Some(i + 2)
            }
            op::GROUPREF
            | op::GROUPREF_IGNORE
            | op::GROUPREF_LOC_IGNORE
            | op::GROUPREF_UNI_IGNORE => {
                let fold = match word {
                    op::GROUPREF => Fold::None,
                    op::GROUPREF_UNI_IGNORE => Fold::Unicode,
                    _ => Fold::Ascii,
                };
                self.emit(Node::BackReference { group: self.word(i + 1)?, fold });
                Some(i + 2)
            }
            op::GROUPREF_EXISTS => {
                let group = self.word(i + 1)?;
                let no = i + 1 + self.word(i + 2)? as usize;
                let node = self.emit(Node::Exists { group, no: NOWHERE });
                self.open.push(Open::Yes { at: no, node });
                Some(i + 3)
            }
            // The jumps of alternatives are their blocks' ends: this one ends the first part of a
            // condition and leads over the other one.
            op::JUMP => match self.open.pop() {
                Some(Open::Yes { at, node }) if at == i + 2 => {
                    let end = i + 1 + self.word(i + 1)? as usize;
                    let jump = self.emit(Node::Jump(NOWHERE));
                    let here = self.here();
                    self.aim(node, here);
                    self.open.push(Open::No { at: end, jump });
                    Some(at)
                }
                _ => None,
            },
            op::BRANCH => {
                let node = self.emit(Node::Alternative { next: NOWHERE, first: 0 });
                self.alternative(i + 1, node, Vec::new())
            }
            op::REPEAT_ONE | op::MIN_REPEAT_ONE | op::POSSESSIVE_REPEAT_ONE => {
                let (min, max) = (self.word(i + 2)?, self.word(i + 3)?);
                let next = i + 1 + self.word(i + 1)? as usize;
                let (test, end) = self.single(i + 4)?;
                if end + 1 != next {
                    return None;
                }
                let unit = self.unit(test);
                let greed = match word {
                    op::REPEAT_ONE => Greed::Greedy,
                    op::MIN_REPEAT_ONE => Greed::Lazy,
                    _ => Greed::Possessive,
                };
                let l = Loop { unit, min, max, greed, next: 0, alone: [false; 3] };
                self.program.loops.push(l);
                let index = self.program.loops.len() as u32 - 1;
                self.emit(Node::Loop(index));
                Some(next)
            }
            op::REPEAT => {
                let at = i + 1 + self.word(i + 1)? as usize;
                let (min, max) = (self.word(i + 2)?, self.word(i + 3)?);
                if (min, max) == (0, 1) {
                    let lazy = self.word(at)? == op::MIN_UNTIL;
                    let node = self.emit(Node::Alternative { next: NOWHERE, first: 0 });
                    if lazy {
                        // Nothing first: the first alternative is a jump behind the body.
                        self.emit(Node::Jump(NOWHERE));
                        let body = self.emit(Node::Alternative { next: NOWHERE, first: 0 });
                        self.link(node, body);
                    }
                    self.open.push(Open::Optional { at, node, lazy });
                } else {
                    let slot = self.program.slots as u32;
                    self.program.slots += 1;
                    let node = self.emit(Node::Repeat { slot, until: NOWHERE });
                    self.open.push(Open::Repeat { at, node, min, max });
                }
                Some(i + 4)
            }
            op::ATOMIC_GROUP => {
                let next = i + 1 + self.word(i + 1)? as usize;
                self.emit(Node::Atomic);
                self.open.push(Open::Atomic { at: next - 1 });
                Some(i + 2)
            }
            op::POSSESSIVE_REPEAT => {
                let at = i + 1 + self.word(i + 1)? as usize;
                let slot = self.program.slots as u32;
                self.program.slots += 1;
                let until = self.program.untils.len() as u32;
                let node = self.emit(Node::Possessive(until));
                self.program.untils.push(Until {
                    slot,
                    min: self.word(i + 2)?,
                    max: self.word(i + 3)?,
                    lazy: false,
                    body: node + 1,
                    tail: NOWHERE,
                    body_first: 0,
                    tail_first: 0,
                });
                self.open.push(Open::Possessive { at, until });
                Some(i + 4)
            }
            op::ASSERT | op::ASSERT_NOT => {
                let next = i + 1 + self.word(i + 1)? as usize;
                let (back, negated) = (self.word(i + 2)?, word == op::ASSERT_NOT);
                let node = self.emit(Node::Look { back, negated, end: NOWHERE });
                self.open.push(Open::Look { at: next - 1, node });
                Some(i + 3)
            }
            _ => None,
        }
    }

    /// Opens the alternative whose skip stands at `i`.
    fn alternative(&mut self, i: usize, node: u32, jumps: Vec<u32>) -> Option<usize> {
        let next = i + self.word(i)? as usize;
        self.open.push(Open::Alternative { at: next.checked_sub(2)?, node, jumps });
        Some(i + 1)
    }

    /// Makes the alternative at `node` go on to the one at `next`.
    fn link(&mut self, node: u32, to: u32) {
        if let Some(Node::Alternative { next, .. }) = self.program.nodes.get_mut(node as usize) {
            *next = to;
        }
    }

    /// Sets the target of the jump or condition at `node`.
    fn aim(&mut self, node: u32, to: u32) {
        match self.program.nodes.get_mut(node as usize) {
            Some(Node::Jump(target)) => *target = to,
            Some(Node::Exists { no, .. }) => *no = to,
            Some(Node::Look { end, .. }) => *end = to,
            Some(Node::Repeat { until, .. }) => *until = to,
            _ => {}
        }
    }

    /// Ends a block; gives the place of the next instruction.
    fn close(&mut self, open: Open) -> Option<usize> {
        match open {
            Open::Alternative { at, node, mut jumps } => {
                let next = at + 2;
                if self.word(next)? == 0 {
                    // The last one falls through.
                    let here = self.here();
                    jumps.into_iter().for_each(|j| self.aim(j, here));
                    return Some(next + 1);
                }
                jumps.push(self.emit(Node::Jump(NOWHERE)));
                let other = self.emit(Node::Alternative { next: NOWHERE, first: 0 });
                self.link(node, other);
                self.alternative(next, other, jumps)
            }
            Open::Repeat { at, node, min, max } => {
                let index = self.program.untils.len() as u32;
                let Node::Repeat { slot, .. } = self.program.nodes[node as usize] else {
                    return None;
                };
                let until = self.emit(Node::Until(index));
                let lazy = self.word(at)? == op::MIN_UNTIL;
                let (body, tail) = (node + 1, until + 1);
                let u = Until { slot, min, max, lazy, body, tail, body_first: 0, tail_first: 0 };
                self.program.untils.push(u);
                self.aim(node, until);
                Some(at + 1)
            }
            Open::Optional { at, node, lazy } => {
                let here = self.here();
                if lazy {
                    self.aim(node + 1, here);
                } else {
                    let jump = self.emit(Node::Jump(NOWHERE));
                    let nothing = self.emit(Node::Alternative { next: NOWHERE, first: 0 });
                    self.link(node, nothing);
                    let here = self.here();
                    self.aim(jump, here);
                }
                Some(at + 1)
            }
            Open::Look { at, node } => {
                self.emit(Node::LookEnd);
                let here = self.here();
                self.aim(node, here);
                Some(at + 1)
            }
            Open::Atomic { at } => {
                self.emit(Node::AtomicEnd);
                Some(at + 1)
            }
            Open::Possessive { at, until } => {
                let end = self.emit(Node::PossessiveEnd(until));
                self.program.untils[until as usize].tail = end + 1;
                Some(at + 1)
            }
            Open::Yes { at, node } => {
                let here = self.here();
                self.aim(node, here);
                Some(at)
            }
            Open::No { at, jump } => {
                let here = self.here();
                self.aim(jump, here);
                Some(at)
            }
        }
    }

    /// Tells loops, repeats and alternatives what can follow.
    fn tell_firsts(&mut self) {
        let p = &mut self.program;
        let mut walk = first::Walk::new(p);
        // Few are different.
        let mut known: HashMap<First, u32> = HashMap::new();
        let mut note = |p: &mut Program, first: First| {
            *known.entry(first).or_insert_with(|| {
                p.firsts.push(first);
                p.firsts.len() as u32 - 1
            })
        };
        for at in 0..p.nodes.len() {
            match p.nodes[at] {
                Node::Alternative { next, .. } => {
                    let first = walk.from(p, at as u32 + 1);
                    let first = note(p, first);
                    p.nodes[at] = Node::Alternative { next, first };
                }
                Node::Loop(i) => {
                    let next = walk.from(p, at as u32 + 1);
                    let own = first::of_unit(p, p.loops[i as usize].unit);
                    let index = note(p, next);
                    let l = &mut p.loops[i as usize];
                    l.next = index;
                    l.alone =
                        [Kind::Ascii, Kind::Bytes, Kind::Text].map(|k| own.disjoint(&next, k));
                }
                Node::Until(i) => {
                    let u = p.untils[i as usize];
                    let (body, tail) = (walk.from(p, u.body), walk.from(p, u.tail));
                    let (body, tail) = (note(p, body), note(p, tail));
                    let u = &mut p.untils[i as usize];
                    (u.body_first, u.tail_first) = (body, tail);
                }
                _ => {}
            }
        }
        p.start = start(p, &mut walk);
    }
}

type Finders = (Option<Box<Finder<'static>>>, Box<Finder<'static>>);

fn finders(literal: &Literal) -> Finders {
    let finder = |b: &[u8]| Box::new(Finder::new(b).into_owned());
    (literal.bytes.as_deref().map(finder), finder(&literal.text))
}

/// Where a match can start.
fn start(p: &Program, walk: &mut first::Walk) -> Start {
    let mut at = 0;
    while let Some(Node::Mark(_)) = p.nodes.get(at) {
        at += 1;
    }
    match p.nodes[at] {
        Node::At(At::Start) => return Start::Front,
        Node::At(At::LineStart) => return Start::Lines,
        Node::Literal(i) => {
            let (bytes, text) = finders(&p.literals[i as usize]);
            return Start::Literal { bytes, text };
        }
        // The body of a look-behind is as long as what it looks back over.
        Node::Look { negated: false, back: back @ 1.., .. } => {
            if let (Some(Node::Literal(i)), Some(Node::LookEnd)) =
                (p.nodes.get(at + 1), p.nodes.get(at + 2))
                && let literal = &p.literals[*i as usize]
                && count_chars(&literal.text) == back as usize
            {
                let (bytes, text) = finders(literal);
                return Start::Behind { bytes, text };
            }
        }
        _ => {}
    }
    let mut first = walk.from(p, 0);
    if let Node::Look { negated: false, back: 0, .. } = p.nodes[at] {
        first = first.and(&walk.from(p, at as u32 + 1));
    }
    match first.only {
        Some(b) => Start::Byte(b),
        None if first.open => Start::Anywhere,
        None => Start::First(first),
    }
}

fn anchor(code: u32) -> Option<At> {
    let boundary = |word: fn(u32) -> bool, not| Some(At::Boundary { word, not });
    match code {
        0 | 2 => Some(At::Start),
        1 => Some(At::LineStart),
        3 | 8 => boundary(is_word_ascii, false),
        4 | 9 => boundary(is_word_ascii, true),
        5 => Some(At::End),
        6 => Some(At::LineEnd),
        7 => Some(At::TextEnd),
        10 => boundary(is_word, false),
        11 => boundary(is_word, true),
        _ => None,
    }
}

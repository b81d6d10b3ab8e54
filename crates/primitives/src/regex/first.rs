//! What a part of a program can start with: the characters that its paths without consumption lead
//! to. The matcher skips alternatives, repetitions and starting places by it.

use super::charset::Test;
use super::program::{Bits, First, Literal, Node, Program, Unit};
use crate::wtf8;

/// Nodes looked at for one answer before it is "anything", and for all of a program together: very
/// long patterns do without.
const LIMIT: usize = 2000;
const TOTAL: usize = 1 << 20;

/// What a single character test admits.
pub(super) fn of_unit(program: &Program, unit: Unit) -> First {
    let (bits, beyond) = match unit {
        Unit::Any => (Bits::ALL, true),
        Unit::NotNewline => (complement(b'\n'), true),
        Unit::NotByte(b) => (complement(b), true),
        Unit::Byte(b) => (one(b), false),
        Unit::Set(i) => {
            let set = &program.sets[i as usize];
            (set.bits, set.beyond != Some(false))
        }
    };
    finish(bits, beyond)
}

fn one(b: u8) -> Bits {
    let mut bits = Bits::default();
    bits.add(b);
    bits
}

fn complement(b: u8) -> Bits {
    let mut bits = one(b);
    bits.0.iter_mut().for_each(|w| *w = !*w);
    bits
}

fn finish(bits: Bits, beyond: bool) -> First {
    let only = bits.single().filter(|b| *b < 128 && !beyond);
    First { bits, beyond, open: false, only }
}

fn of_literal(literal: &Literal) -> First {
    match wtf8::decode_at(&literal.text, 0) {
        Some((c, _)) if c < 256 => finish(one(c as u8), false),
        _ => finish(Bits::default(), true),
    }
}

/// Answers for one program.
pub(super) struct Walk {
    /// The question in which a node was met last.
    met: Vec<u32>,
    question: u32,
    total: usize,
    todo: Vec<u32>,
}

impl Walk {
    pub fn new(program: &Program) -> Walk {
        Walk { met: vec![0; program.nodes.len()], question: 0, total: 0, todo: Vec::new() }
    }

    /// What the program can start with from node `at`.
    pub fn from(&mut self, program: &Program, at: u32) -> First {
        self.question += 1;
        self.todo.clear();
        self.todo.push(at);
        let (mut bits, mut beyond) = (Bits::default(), false);
        let mut count = 0;
        while let Some(at) = self.todo.pop() {
            let Some(met) = self.met.get_mut(at as usize) else { return First::OPEN };
            if std::mem::replace(met, self.question) == self.question {
                continue;
            }
            count += 1;
            self.total += 1;
            if count > LIMIT || self.total > TOTAL {
                return First::OPEN;
            }
            let todo = &mut self.todo;
            let mut add = |first: First| {
                bits.union(&first.bits);
                beyond |= first.beyond;
            };
            match program.nodes[at as usize] {
                Node::Unit(unit) => add(of_unit(program, unit)),
                Node::Literal(i) => add(of_literal(&program.literals[i as usize])),
                Node::At(_) | Node::Mark(_) | Node::Atomic => todo.push(at + 1),
                Node::Jump(to) => todo.push(to),
                Node::Alternative { next, .. } => {
                    todo.push(at + 1);
                    if next != super::program::NOWHERE {
                        todo.push(next);
                    }
                }
                Node::Loop(i) => {
                    let l = program.loops[i as usize];
                    if l.max > 0 {
                        add(of_unit(program, l.unit));
                    }
                    if l.min == 0 {
                        todo.push(at + 1);
                    }
                }
                Node::Repeat { until, .. } => match program.nodes.get(until as usize) {
                    Some(Node::Until(i)) if program.untils[*i as usize].min > 0 => {
                        todo.push(at + 1)
                    }
                    _ => todo.push(until),
                },
                Node::Until(i) => {
                    let u = program.untils[i as usize];
                    todo.push(u.body);
                    todo.push(u.tail);
                }
                Node::Possessive(i) if program.untils[i as usize].min > 0 => todo.push(at + 1),
                Node::Possessive(i) => {
                    let u = program.untils[i as usize];
                    todo.push(u.body);
                    todo.push(u.tail);
                }
                // A condition on what follows or precedes: what comes behind it must match as well.
                Node::Look { end, .. } => todo.push(end),
                Node::Exists { no, .. } => {
                    todo.push(at + 1);
                    todo.push(no);
                }
                Node::Fail => {}
                // Behind the end of an atomic body nobody goes back: its choices must not be made by
                // what follows.
                Node::AtomicEnd | Node::PossessiveEnd(_) => return First::OPEN,
                Node::BackReference { .. } | Node::LookEnd | Node::Success => return First::OPEN,
            }
        }
        finish(bits, beyond)
    }
}

/// The set of a test.
pub(super) fn set_of(test: Test) -> super::program::Set {
    let mut bits = Bits::default();
    let mut table = Box::new([false; 256]);
    for b in 0..=255u8 {
        if test.holds(u32::from(b)) {
            bits.add(b);
            table[b as usize] = true;
        }
    }
    super::program::Set { bits, table, beyond: test.beyond(), test }
}

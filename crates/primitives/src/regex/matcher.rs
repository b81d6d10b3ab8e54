//! The matcher: runs a program over a subject by backtracking.
//!
//! One stack holds choices and the old values of what was changed since (marks, counters of
//! repeats): going back pops it, and an old value found on the way is put back. A *barrier* marks
//! where the body of a look-around, an atomic group or a possessive repetition began; when the body
//! has matched, the choices above its barrier go and the old values stay. All state is in the
//! `Matcher`, so a search that has used up its budget can go on later.

use super::charset::Fold;
use super::program::{At, First, Greed, Kind, Loop, Node, Program, Start, UNLIMITED, Unit};
use crate::{memory, wtf8};
use memchr::{memchr, memchr2, memrchr};

/// A mark that is not set.
pub const NONE: usize = usize::MAX;

const ASCII: u8 = 0;
const BYTES: u8 = 1;
const TEXT: u8 = 2;

/// What is asked: where a match starts, and where it ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Ask {
    /// At the start.
    Match,
    /// From the start to the end.
    Full,
    #[default]
    Search,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    Match,
    NoMatch,
    /// The budget is used up: run again to go on.
    Paused,
    /// There is no memory for the choices.
    Memory,
}

#[derive(Clone, Copy, Debug)]
enum Entry {
    /// Go on at `node`.
    Try {
        node: u32,
        pos: usize,
    },
    /// A greedy loop that stopped at `pos` and may stop earlier, down to `low`.
    Greedy {
        node: u32,
        low: usize,
        pos: usize,
    },
    /// A lazy loop that stopped at `pos` and may take `left` more.
    Lazy {
        node: u32,
        left: u32,
        pos: usize,
    },
    /// A lazy repeat whose body may run once more.
    Again {
        node: u32,
        pos: usize,
    },
    // Old values.
    Mark {
        index: u32,
        last: u32,
        old: usize,
    },
    Slot {
        slot: u32,
        old: Slot,
    },
    // Barriers.
    Look {
        node: u32,
        pos: usize,
    },
    Atomic,
    /// An iteration of a possessive repeat that is not needed.
    Spare {
        tail: u32,
        pos: usize,
    },
}

/// The state of a general repeat.
#[derive(Clone, Copy, Debug)]
struct Slot {
    /// Iterations that have begun, less one; -1 at first.
    count: i32,
    /// Where the last one that was not required began: another one there is an empty one.
    last: usize,
}

const FRESH: Slot = Slot { count: -1, last: NONE };

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Phase {
    /// The next place to start at is looked for, from `start`.
    #[default]
    Seek,
    Forward,
    Back,
    Over,
}

#[derive(Default)]
pub struct Matcher {
    /// Where the match begins.
    pub start: usize,
    /// Where it ends.
    pub pos: usize,
    /// The group that was closed last; 0 if none was.
    pub last: u32,
    marks: Vec<usize>,
    slots: Vec<Slot>,
    stack: Vec<Entry>,
    /// Places of the barriers in the stack.
    barriers: Vec<usize>,
    node: u32,
    phase: Phase,
    ask: Ask,
    /// A match may not end here if it began here.
    forbidden: Option<usize>,
    /// Marks or slots have been set since the last reset.
    dirty: bool,
    /// The stack could not grow.
    overrun: bool,
    /// The start lies behind the end of the search: nothing is the end there.
    past: bool,
    /// Length of the subject, which must not change between two runs.
    length: usize,
}

/// Characters for which scanning costs as much as one step.
const STRIDE: usize = 64;

impl Matcher {
    /// Prepares a search of `subject[..end]` from `start`. `advance`: an empty match at `start` does
    /// not count.
    pub fn begin(&mut self, program: &Program, ask: Ask, start: usize, advance: bool) {
        self.past = false;
        self.ask = ask;
        self.start = start;
        self.forbidden = advance.then_some(start);
        self.phase = Phase::Seek;
        self.length = NONE;
        if self.dirty || self.marks.len() != program.marks || self.slots.len() != program.slots {
            self.reset(program);
        }
        self.stack.clear();
        self.barriers.clear();
    }

    /// The search ends before it starts, and where it starts (the end of what `run` is given) is no
    /// end. CPython looks for matches even then.
    pub fn set_past(&mut self) {
        self.past = true;
    }

    fn reset(&mut self, program: &Program) {
        self.marks.clear();
        self.marks.resize(program.marks, NONE);
        self.slots.clear();
        self.slots.resize(program.slots, FRESH);
        self.last = 0;
        self.dirty = false;
    }

    /// Start and end of each group, `NONE` where it took no part.
    pub fn marks(&self) -> &[usize] {
        &self.marks
    }

    /// Searches the whole of `subject`, whose bytes mean characters as `kind` says. Every step
    /// takes from the budget.
    pub fn run(
        &mut self,
        program: &Program,
        subject: &[u8],
        kind: Kind,
        budget: &mut i64,
    ) -> Outcome {
        if self.length == NONE {
            self.length = subject.len();
        }
        if self.phase == Phase::Over || self.length != subject.len() || self.start > self.length {
            return Outcome::NoMatch;
        }
        match kind {
            Kind::Ascii => self.search::<ASCII>(program, subject, budget),
            Kind::Bytes => self.search::<BYTES>(program, subject, budget),
            Kind::Text => self.search::<TEXT>(program, subject, budget),
        }
    }

    fn search<const K: u8>(&mut self, p: &Program, hay: &[u8], budget: &mut i64) -> Outcome {
        loop {
            if self.phase == Phase::Seek {
                let from = self.start;
                let found = match self.ask {
                    Ask::Search => seek::<K>(&p.start, hay, from),
                    _ => Some(from),
                };
                let Some(start) = found else {
                    self.phase = Phase::Over;
                    return Outcome::NoMatch;
                };
                *budget -= 1 + ((start - from) / STRIDE) as i64;
                if self.dirty {
                    self.reset(p);
                }
                self.stack.clear();
                self.barriers.clear();
                self.start = start;
                self.pos = start;
                self.node = 0;
                self.phase = Phase::Forward;
            }
            match self.execute::<K>(p, hay, budget) {
                Outcome::NoMatch => {}
                Outcome::Match => {
                    self.phase = Phase::Over;
                    return Outcome::Match;
                }
                outcome => return outcome,
            }
            if self.ask != Ask::Search || self.start >= hay.len() {
                self.phase = Phase::Over;
                return Outcome::NoMatch;
            }
            self.start += width::<K>(hay[self.start]);
            self.phase = Phase::Seek;
            if self.start > hay.len() {
                return Outcome::NoMatch;
            }
        }
    }

    #[inline(always)]
    fn push(&mut self, entry: Entry) {
        if self.stack.len() == self.stack.capacity() && !self.grow() {
            self.overrun = true;
            return;
        }
        self.stack.push(entry);
    }

    #[cold]
    fn grow(&mut self) -> bool {
        let more = self.stack.len().max(32);
        memory::allows(2 * more * size_of::<Entry>())
            && memory::attempt(|| self.stack.try_reserve_exact(more).is_ok())
    }

    #[inline(always)]
    fn set_slot(&mut self, slot: u32, new: Slot) {
        let old = std::mem::replace(&mut self.slots[slot as usize], new);
        self.dirty = true;
        if !self.stack.is_empty() {
            self.push(Entry::Slot { slot, old });
        }
    }

    fn barrier(&mut self, entry: Entry) {
        self.barriers.push(self.stack.len());
        self.push(entry);
    }

    /// Removes the innermost barrier and the choices above it; gives the barrier.
    fn cut(&mut self) -> Option<Entry> {
        let at = self.barriers.pop()?;
        let barrier = *self.stack.get(at)?;
        let mut kept = at;
        for i in at + 1..self.stack.len() {
            let entry = self.stack[i];
            if matches!(entry, Entry::Mark { .. } | Entry::Slot { .. }) {
                self.stack[kept] = entry;
                kept += 1;
            }
        }
        self.stack.truncate(kept);
        Some(barrier)
    }

    fn restore(&mut self, entry: Entry) {
        match entry {
            Entry::Mark { index, last, old } => {
                self.marks[index as usize] = old;
                self.last = last;
            }
            Entry::Slot { slot, old } => self.slots[slot as usize] = old,
            _ => {}
        }
    }

    /// Begins the next iteration of a possessive repeat, or passes it; gives the next node.
    fn possess(&mut self, p: &Program, index: u32, pos: usize) -> u32 {
        let u = p.untils[index as usize];
        let state = self.slots[u.slot as usize];
        let count = (state.count + 1) as u32;
        if count < u.min {
            self.barrier(Entry::Atomic);
        } else if (count < u.max || u.max == UNLIMITED) && pos != state.last {
            self.barrier(Entry::Spare { tail: u.tail, pos });
            self.set_slot(u.slot, Slot { last: pos, ..state });
        } else {
            return u.tail;
        }
        u.body
    }

    fn execute<const K: u8>(&mut self, p: &Program, hay: &[u8], budget: &mut i64) -> Outcome {
        let end = hay.len();
        let (mut node, mut pos) = (self.node, self.pos);
        if self.phase == Phase::Back {
            match self.back::<K>(p, hay, budget) {
                Ok(at) => (node, pos) = at,
                Err(outcome) => return outcome,
            }
        }
        macro_rules! fail {
            () => {
                match self.back::<K>(p, hay, budget) {
                    Ok(at) => {
                        (node, pos) = at;
                        continue;
                    }
                    Err(outcome) => return outcome,
                }
            };
        }
        loop {
            match p.nodes[node as usize] {
                Node::Unit(unit) => match one::<K>(p, unit, hay, pos) {
                    Some(next) => (node, pos) = (node + 1, next),
                    None => fail!(),
                },
                Node::Literal(i) => match p.literals[i as usize].of(K == TEXT) {
                    Some(text) if hay[pos..].starts_with(text) => {
                        (node, pos) = (node + 1, pos + text.len());
                    }
                    _ => fail!(),
                },
                Node::Mark(index) => {
                    if !self.stack.is_empty() {
                        let old = self.marks[index as usize];
                        self.push(Entry::Mark { index, last: self.last, old });
                    }
                    self.marks[index as usize] = pos;
                    self.dirty = true;
                    if index & 1 == 1 {
                        self.last = index / 2 + 1;
                    }
                    node += 1;
                }
                Node::Loop(i) => {
                    let l = &p.loops[i as usize];
                    *budget -= 1;
                    match self.repeat_one::<K>(p, l, node, hay, pos, budget) {
                        Some(next) => (node, pos) = (node + 1, next),
                        None => fail!(),
                    }
                }
                Node::Jump(to) => node = to,
                Node::Alternative { next, first } => {
                    let byte = hay.get(pos).copied();
                    let admits = |first: u32| match byte {
                        Some(b) => p.firsts[first as usize].admits(K == TEXT, b),
                        None => p.firsts[first as usize].open,
                    };
                    // The first alternative that can match here, and the next one after it.
                    let (mut at, mut next, mut first) = (node, next, first);
                    while !admits(first) {
                        let Some(Node::Alternative { next: n, first: f }) =
                            p.nodes.get(next as usize)
                        else {
                            at = u32::MAX;
                            break;
                        };
                        (at, next, first) = (next, *n, *f);
                    }
                    if at == u32::MAX {
                        fail!();
                    }
                    let mut other = next;
                    while let Some(Node::Alternative { next: n, first: f }) =
                        p.nodes.get(other as usize)
                    {
                        if admits(*f) {
                            self.push(Entry::Try { node: other, pos });
                            break;
                        }
                        other = *n;
                    }
                    node = at + 1;
                }
                Node::At(at) => {
                    let past = self.past && matches!(at, At::End | At::LineEnd | At::TextEnd);
                    if past || !holds::<K>(at, hay, pos) {
                        fail!();
                    }
                    node += 1;
                }
                Node::Repeat { slot, until } => {
                    self.set_slot(slot, FRESH);
                    node = until;
                }
                Node::Until(i) => {
                    *budget -= 1;
                    if *budget < 0 || self.overrun {
                        (self.node, self.pos, self.phase) = (node, pos, Phase::Forward);
                        return self.stopped(budget);
                    }
                    let u = &p.untils[i as usize];
                    let state = self.slots[u.slot as usize];
                    let count = state.count.saturating_add(1);
                    if (count as u32) < u.min {
                        self.set_slot(u.slot, Slot { count, ..state });
                        node = u.body;
                        continue;
                    }
                    let byte = hay.get(pos).copied();
                    let admits = |first: u32| match byte {
                        Some(b) => p.firsts[first as usize].admits(K == TEXT, b),
                        None => p.firsts[first as usize].open,
                    };
                    let more = ((count as u32) < u.max || u.max == UNLIMITED)
                        && pos != state.last
                        && admits(u.body_first);
                    let passes = admits(u.tail_first);
                    if more && (!u.lazy || !passes) {
                        if passes {
                            self.push(Entry::Try { node: u.tail, pos });
                        }
                        self.set_slot(u.slot, Slot { count, last: pos });
                        node = u.body;
                    } else if passes {
                        if more {
                            self.push(Entry::Again { node, pos });
                        }
                        node = u.tail;
                    } else {
                        fail!();
                    }
                }
                Node::Look { back, negated, end: behind } => {
                    match step_back::<K>(hay, pos, back as usize) {
                        Some(from) => {
                            self.barrier(Entry::Look { node, pos });
                            (node, pos) = (node + 1, from);
                        }
                        None if negated => node = behind,
                        None => fail!(),
                    }
                }
                Node::LookEnd => {
                    let Some(&at) = self.barriers.last() else { fail!() };
                    let Some(&Entry::Look { node: look, pos: from }) = self.stack.get(at) else {
                        fail!()
                    };
                    let Node::Look { negated, end: behind, .. } = p.nodes[look as usize] else {
                        fail!()
                    };
                    if negated {
                        while self.stack.len() > at
                            && let Some(entry) = self.stack.pop()
                        {
                            self.restore(entry);
                        }
                        self.barriers.pop();
                        fail!();
                    }
                    self.cut();
                    (node, pos) = (behind, from);
                }
                Node::Atomic => {
                    self.barrier(Entry::Atomic);
                    node += 1;
                }
                Node::AtomicEnd => {
                    self.cut();
                    node += 1;
                }
                Node::Possessive(i) => {
                    self.set_slot(p.untils[i as usize].slot, FRESH);
                    node = self.possess(p, i, pos);
                }
                Node::PossessiveEnd(i) => {
                    *budget -= 1;
                    if *budget < 0 || self.overrun {
                        (self.node, self.pos, self.phase) = (node, pos, Phase::Forward);
                        return self.stopped(budget);
                    }
                    self.cut();
                    let slot = p.untils[i as usize].slot;
                    let state = self.slots[slot as usize];
                    let count = state.count.saturating_add(1).min(i32::MAX - 1);
                    self.set_slot(slot, Slot { count, ..state });
                    node = self.possess(p, i, pos);
                }
                Node::BackReference { group, fold } => {
                    match self.same::<K>(hay, pos, group as usize, fold) {
                        Some(next) => (node, pos) = (node + 1, next),
                        None => fail!(),
                    }
                }
                Node::Exists { group, no } => {
                    node = if self.group(group as usize).is_some() { node + 1 } else { no };
                }
                Node::Fail => fail!(),
                Node::Success => {
                    if self.overrun {
                        return self.stopped(budget);
                    }
                    if self.ask == Ask::Full && pos != end
                        || self.forbidden == Some(pos) && self.start == pos
                    {
                        fail!();
                    }
                    self.pos = pos;
                    return Outcome::Match;
                }
            }
        }
    }

    #[cold]
    fn stopped(&mut self, budget: &mut i64) -> Outcome {
        if std::mem::take(&mut self.overrun) {
            self.phase = Phase::Over;
            self.stack = Vec::new();
            return Outcome::Memory;
        }
        debug_assert!(*budget < 0);
        Outcome::Paused
    }

    /// Goes back to the last choice: the node and position where it goes on. `NoMatch` if there is
    /// none.
    #[inline]
    fn back<const K: u8>(
        &mut self,
        p: &Program,
        hay: &[u8],
        budget: &mut i64,
    ) -> Result<(u32, usize), Outcome> {
        *budget -= 1;
        if *budget < 0 || self.overrun {
            self.phase = Phase::Back;
            return Err(self.stopped(budget));
        }
        loop {
            let Some(entry) = self.stack.pop() else { return Err(Outcome::NoMatch) };
            match entry {
                Entry::Try { node, pos } => {
                    // The alternatives behind it that can match here are still to be tried.
                    return Ok((node, pos));
                }
                Entry::Greedy { node, low, pos } => {
                    let Node::Loop(i) = p.nodes[node as usize] else { continue };
                    let first = &p.firsts[p.loops[i as usize].next as usize];
                    let Some(below) = step_back::<K>(hay, pos, 1) else { continue };
                    *budget -= 1;
                    if let Some(at) = last_stop::<K>(first, hay, low, below) {
                        *budget -= ((below - at) / STRIDE) as i64;
                        if at > low {
                            self.push(Entry::Greedy { node, low, pos: at });
                        }
                        return Ok((node + 1, at));
                    }
                    *budget -= ((below - low) / STRIDE) as i64;
                }
                Entry::Lazy { node, left, pos } => {
                    let Node::Loop(i) = p.nodes[node as usize] else { continue };
                    let l = &p.loops[i as usize];
                    let Some(next) = one::<K>(p, l.unit, hay, pos) else { continue };
                    let left = if left == UNLIMITED { left } else { left - 1 };
                    if let Some(at) = self.lazy_stop::<K>(p, l, node, hay, next, left, budget) {
                        return Ok((node + 1, at));
                    }
                }
                Entry::Again { node, pos } => {
                    let Node::Until(i) = p.nodes[node as usize] else { continue };
                    let u = &p.untils[i as usize];
                    let count = self.slots[u.slot as usize].count.saturating_add(1);
                    self.set_slot(u.slot, Slot { count, last: pos });
                    return Ok((u.body, pos));
                }
                Entry::Mark { .. } | Entry::Slot { .. } => self.restore(entry),
                Entry::Look { node, pos } => {
                    self.barriers.pop();
                    if let Node::Look { negated: true, end, .. } = p.nodes[node as usize] {
                        return Ok((end, pos));
                    }
                }
                Entry::Atomic => {
                    self.barriers.pop();
                }
                Entry::Spare { tail, pos } => {
                    self.barriers.pop();
                    return Ok((tail, pos));
                }
            }
        }
    }

    /// Runs a repeat of one character at `pos`; gives where it stops first.
    #[inline(always)]
    fn repeat_one<const K: u8>(
        &mut self,
        p: &Program,
        l: &Loop,
        node: u32,
        hay: &[u8],
        pos: usize,
        budget: &mut i64,
    ) -> Option<usize> {
        if l.greed == Greed::Lazy {
            let low = at_least::<K>(p, l, hay, pos)?;
            let left = if l.max == UNLIMITED { l.max } else { l.max - l.min };
            return self.lazy_stop::<K>(p, l, node, hay, low, left, budget);
        }
        let end = run_of::<K>(p, l.unit, hay, pos, l.max);
        *budget -= ((end - pos) / STRIDE) as i64;
        let low = match l.min {
            0 => pos,
            1 if end == pos => return None,
            1 => pos + width::<K>(hay[pos]),
            n if K == TEXT => {
                let part = &hay[pos..end];
                let at = wtf8::byte_offset(part, n as usize);
                if at == part.len() && wtf8::count_chars(part) < n as usize {
                    return None;
                }
                pos + at
            }
            n if end - pos < n as usize => return None,
            n => pos + n as usize,
        };
        if l.alone[K as usize] || low == end || l.greed == Greed::Possessive {
            return Some(end);
        }
        let at = last_stop::<K>(&p.firsts[l.next as usize], hay, low, end)?;
        if at > low {
            self.push(Entry::Greedy { node, low, pos: at });
        }
        Some(at)
    }

    /// The first place from `pos` on, at most `left` characters of the loop away, where what
    /// follows can start.
    #[expect(clippy::too_many_arguments, reason = "the registers of the matcher")]
    fn lazy_stop<const K: u8>(
        &mut self,
        p: &Program,
        l: &Loop,
        node: u32,
        hay: &[u8],
        pos: usize,
        mut left: u32,
        budget: &mut i64,
    ) -> Option<usize> {
        let first = &p.firsts[l.next as usize];
        let at = match (first.only, left) {
            (Some(b), UNLIMITED) => first_stop::<K>(p, l.unit, b, hay, pos)?,
            _ => {
                let mut at = pos;
                loop {
                    let stops = match hay.get(at) {
                        Some(b) => first.admits(K == TEXT, *b),
                        None => first.open,
                    };
                    if stops {
                        break at;
                    }
                    if left == 0 {
                        return None;
                    }
                    at = one::<K>(p, l.unit, hay, at)?;
                    left -= (left != UNLIMITED) as u32;
                }
            }
        };
        *budget -= ((at - pos) / STRIDE) as i64;
        if left > 0 && !l.alone[K as usize] {
            self.push(Entry::Lazy { node, left, pos: at });
        }
        Some(at)
    }

    fn group(&self, group: usize) -> Option<(usize, usize)> {
        let (from, to) = (*self.marks.get(2 * group)?, *self.marks.get(2 * group + 1)?);
        (from != NONE && to != NONE && from <= to).then_some((from, to))
    }

    /// The end of a repetition of the group's text at `pos`.
    fn same<const K: u8>(&self, hay: &[u8], pos: usize, group: usize, fold: Fold) -> Option<usize> {
        let (from, to) = self.group(group)?;
        let part = hay.get(from..to)?;
        if fold == Fold::None {
            return hay[pos..].starts_with(part).then_some(pos + part.len());
        }
        let (mut at, mut pos) = (from, pos);
        while at < to {
            let (a, n) = char_at::<K>(hay, at)?;
            let (b, m) = char_at::<K>(hay, pos)?;
            if fold.lower(a) != fold.lower(b) {
                return None;
            }
            (at, pos) = (at + n, pos + m);
        }
        Some(pos)
    }
}

/// Bytes of the character that starts with `b`.
#[inline(always)]
fn width<const K: u8>(b: u8) -> usize {
    match b {
        _ if K != TEXT => 1,
        0..=0x7f => 1,
        0x80..=0xdf => 2,
        0xe0..=0xef => 3,
        _ => 4,
    }
}

#[inline(always)]
fn char_at<const K: u8>(hay: &[u8], pos: usize) -> Option<(u32, usize)> {
    if K == TEXT { wtf8::decode_at(hay, pos) } else { hay.get(pos).map(|b| (u32::from(*b), 1)) }
}

fn char_before<const K: u8>(hay: &[u8], pos: usize) -> Option<u32> {
    if K == TEXT {
        return wtf8::decode_before(hay, pos).map(|(c, _)| c);
    }
    pos.checked_sub(1).and_then(|i| hay.get(i)).map(|b| u32::from(*b))
}

/// `n` characters back.
#[inline]
fn step_back<const K: u8>(hay: &[u8], pos: usize, n: usize) -> Option<usize> {
    if K != TEXT {
        return pos.checked_sub(n);
    }
    let mut pos = pos;
    for _ in 0..n {
        pos = pos.checked_sub(1)?;
        while pos > 0 && hay[pos] & 0xc0 == 0x80 {
            pos -= 1;
        }
    }
    Some(pos)
}

/// The position behind a character that passes the test.
#[inline(always)]
fn one<const K: u8>(p: &Program, unit: Unit, hay: &[u8], pos: usize) -> Option<usize> {
    let b = *hay.get(pos)?;
    let passes = match unit {
        Unit::Byte(x) => return (b == x).then_some(pos + 1),
        Unit::NotByte(x) => b != x,
        Unit::Any => true,
        Unit::NotNewline => b != b'\n',
        Unit::Set(i) => {
            let set = &p.sets[i as usize];
            if K != TEXT || b < 128 {
                return set.table[b as usize].then_some(pos + 1);
            }
            let (c, n) = wtf8::decode_at(hay, pos)?;
            return set.has(c).then_some(pos + n);
        }
    };
    passes.then(|| (pos + width::<K>(b)).min(hay.len()))
}

/// The end of the longest run of characters that pass the test, at most `max` of them.
#[inline(always)]
fn run_of<const K: u8>(p: &Program, unit: Unit, hay: &[u8], pos: usize, max: u32) -> usize {
    if K == TEXT && max != UNLIMITED {
        let mut at = pos;
        for _ in 0..max {
            match one::<K>(p, unit, hay, at) {
                Some(next) => at = next,
                None => break,
            }
        }
        return at;
    }
    let limit = match max {
        UNLIMITED => hay.len(),
        n => hay.len().min(pos.saturating_add(n as usize)),
    };
    let part = &hay[pos..limit];
    let length = match unit {
        Unit::Any => None,
        Unit::NotNewline => memchr(b'\n', part),
        Unit::NotByte(b) => memchr(b, part),
        Unit::Byte(b) => part.iter().position(|x| *x != b),
        Unit::Set(i) => {
            let set = &p.sets[i as usize];
            if K != TEXT {
                part.iter().position(|x| !set.table[*x as usize])
            } else {
                let mut at = pos;
                while at < limit {
                    let b = hay[at];
                    if b < 128 {
                        if !set.table[b as usize] {
                            break;
                        }
                        at += 1;
                    } else {
                        match wtf8::decode_at(hay, at) {
                            Some((c, n)) if set.has(c) => at += n,
                            _ => break,
                        }
                    }
                }
                Some(at - pos)
            }
        }
    };
    length.map_or(limit, |n| pos + n)
}

/// The place behind the characters that a lazy loop must take.
#[inline]
fn at_least<const K: u8>(p: &Program, l: &Loop, hay: &[u8], pos: usize) -> Option<usize> {
    let mut at = pos;
    for _ in 0..l.min {
        at = one::<K>(p, l.unit, hay, at)?;
    }
    Some(at)
}

/// The last place in `low..=from` where what follows can start.
#[inline]
fn last_stop<const K: u8>(first: &First, hay: &[u8], low: usize, from: usize) -> Option<usize> {
    if first.open {
        return Some(from);
    }
    let part = &hay[low..hay.len().min(from + 1)];
    if let Some(b) = first.only {
        return memrchr(b, part).map(|i| low + i);
    }
    if K != TEXT {
        return part.iter().rposition(|b| first.bits.has(*b)).map(|i| low + i);
    }
    let starts = |b: &u8| *b & 0xc0 != 0x80 && first.admits(true, *b);
    part.iter().rposition(starts).map(|i| low + i)
}

/// The first place from `pos` on where the byte `b` stands, if the test passes all before it.
#[inline]
fn first_stop<const K: u8>(
    p: &Program,
    unit: Unit,
    b: u8,
    hay: &[u8],
    pos: usize,
) -> Option<usize> {
    let part = &hay[pos..];
    let at = match unit {
        Unit::Any => memchr(b, part)?,
        Unit::NotNewline => memchr2(b, b'\n', part)?,
        Unit::NotByte(x) => memchr2(b, x, part)?,
        _ => {
            let mut at = pos;
            while *hay.get(at)? != b {
                at = one::<K>(p, unit, hay, at)?;
            }
            at - pos
        }
    };
    (part[at] == b).then_some(pos + at)
}

/// Does the zero-width test hold at `pos`?
#[inline]
fn holds<const K: u8>(at: At, hay: &[u8], pos: usize) -> bool {
    match at {
        At::Start => pos == 0,
        At::LineStart => pos == 0 || hay[pos - 1] == b'\n',
        At::End => pos == hay.len() || pos + 1 == hay.len() && hay[pos] == b'\n',
        At::LineEnd => hay.get(pos).is_none_or(|b| *b == b'\n'),
        At::TextEnd => pos == hay.len(),
        At::Boundary { word, not } => {
            let before = char_before::<K>(hay, pos).is_some_and(word);
            let behind = char_at::<K>(hay, pos).is_some_and(|(c, _)| word(c));
            (before != behind) != not
        }
    }
}

/// The first place from `from` on where a match can start.
#[inline]
fn seek<const K: u8>(start: &Start, hay: &[u8], from: usize) -> Option<usize> {
    let part = hay.get(from..)?;
    let found = match start {
        Start::Anywhere => return Some(from),
        Start::Front => return (from == 0).then_some(0),
        Start::Lines if from == 0 || hay[from - 1] == b'\n' => return Some(from),
        Start::Lines => memchr(b'\n', part).map(|i| i + 1),
        Start::Literal { text, .. } if K == TEXT => text.find(part),
        Start::Literal { bytes, .. } => bytes.as_ref()?.find(part),
        Start::Behind { bytes, text } => {
            let finder = if K == TEXT { text } else { bytes.as_ref()? };
            let length = finder.needle().len();
            let from = from.saturating_sub(length);
            return finder.find(hay.get(from..)?).map(|i| from + i + length);
        }
        Start::Byte(b) => memchr(*b, part),
        Start::First(first) if K != TEXT => part.iter().position(|b| first.bits.has(*b)),
        Start::First(first) => {
            part.iter().position(|b| *b & 0xc0 != 0x80 && first.admits(true, *b))
        }
    };
    found.map(|i| from + i)
}

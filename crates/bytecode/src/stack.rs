//! What the temporaries hold before each instruction: the base of jumps by assignment to
//! `frame.f_lineno`.
//!
//! A forward walk as the verifier's, with a kind per temporary. Kinds are finer than CPython's: a
//! temporary that an instruction relies on (a list under construction, a callable without its
//! `self`) is only interchangeable with its like, so that no jump can break what the interpreter
//! assumes. CPython's counterpart: `mark_stacks` in `Objects/frameobject.c`.

use crate::code::Code;
use crate::isa::{self, Insn, op};
use crate::verify::Verifier;

/// What a temporary holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any value.
    Object,
    /// The iterator of a `for` loop.
    Iterator,
    /// An exception that has just arrived in a handler.
    Raised,
    /// The exception that a handler handles.
    Handled,
    /// As `Handled`, after it was compared with the class of an `except` clause. CPython takes
    /// it for any object then, so such a clause cannot be left for a bare one.
    Matched,
    /// The exception handled before; lies above `Handled`.
    Before,
    /// Made and relied on by the instruction with this number.
    Of(u16),
    /// Different things on different ways.
    Mixed,
}

impl Kind {
    /// Whether a value of this kind may stand where `to` is expected.
    fn fits(self, to: Kind) -> bool {
        self == to && self != Kind::Mixed
            || matches!((self, to), (Kind::Iterator, Kind::Object) | (Kind::Handled, Kind::Matched))
    }
}

/// The temporaries before an instruction, from the lowest.
pub type Kinds = Vec<Kind>;

/// Stacks of all points: lists that share their tails.
pub struct Stacks {
    nodes: Vec<(Kind, u32)>,
    /// By word: top node + 1 and depth; None where nothing leads.
    at: Vec<Option<(u32, u32)>>,
}

impl Stacks {
    /// None for code that the verifier would refuse.
    pub fn of(code: &Code) -> Option<Stacks> {
        let count = code.words.len();
        let mut s = Stacks { nodes: Vec::new(), at: vec![None; count] };
        let verifier = Verifier { code };
        *s.at.first_mut()? = Some((0, 0));
        let mut work = vec![0usize];
        while let Some(point) = work.pop() {
            let (top, depth) = s.at[point]?;
            let insn = Insn::decode(code.words[point]);
            let row = isa::info(insn.op)?;
            let effect = verifier.effect(point, row, depth).ok()?;
            let next = point + 1 + usize::from(row.words);
            if let Some(after) = effect.after {
                let to = s.after(top, depth, &effect, after, row.base);
                s.arrive(next, to, &mut work)?;
            }
            if let Some((to, d)) = effect.jump {
                let stack = s.grown(s.cut(top, depth, d), d.min(depth), d, |_| Kind::Object);
                s.arrive(usize::try_from(to).ok()?, (stack, d), &mut work)?;
            }
            if row.raises || row.suspends {
                let i = code.handlers.partition_point(|h| h.end as usize <= point);
                if let Some(h) = code.handlers.get(i).filter(|h| h.start as usize <= point) {
                    let d = u32::from(h.depth);
                    let stack = s.cut(top, depth, d);
                    let stack = s.grown(stack, d, d + 1, |_| Kind::Raised);
                    s.arrive(h.target as usize, (stack, d + 1), &mut work)?;
                }
            }
        }
        Some(s)
    }

    fn arrive(&mut self, to: usize, stack: (u32, u32), work: &mut Vec<usize>) -> Option<()> {
        match *self.at.get(to)? {
            None => {
                self.at[to] = Some(stack);
                work.push(to);
            }
            Some(old) if old != stack => {
                let (was, new) = (self.kinds(old.0), self.kinds(stack.0));
                if was.len() != new.len() {
                    return None;
                }
                let meet: Kinds = was
                    .iter()
                    .zip(&new)
                    .map(|(a, b)| if a == b { *a } else { Kind::Mixed })
                    .collect();
                if meet != was {
                    let top = self.grown(0, 0, old.1, |i| meet[i as usize]);
                    self.at[to] = Some((top, old.1));
                    work.push(to);
                }
            }
            Some(_) => {}
        }
        Some(())
    }

    fn kinds(&self, mut top: u32) -> Kinds {
        let mut kinds = Vec::new();
        while let Some(&(kind, below)) = top.checked_sub(1).and_then(|i| self.nodes.get(i as usize))
        {
            kinds.push(kind);
            top = below;
        }
        kinds.reverse();
        kinds
    }

    /// The lowest `keep` of `depth` temporaries.
    fn cut(&self, mut top: u32, depth: u32, keep: u32) -> u32 {
        for _ in keep..depth {
            let Some(node) = top.checked_sub(1).and_then(|i| self.nodes.get(i as usize)) else {
                return 0;
            };
            top = node.1;
        }
        top
    }

    fn grown(&mut self, mut top: u32, from: u32, to: u32, kind: impl Fn(u32) -> Kind) -> u32 {
        for i in from..to {
            self.nodes.push((kind(i - from), top));
            top = self.nodes.len() as u32;
        }
        top
    }

    fn after(
        &mut self,
        top: u32,
        depth: u32,
        effect: &crate::verify::Effect,
        after: u32,
        base: u16,
    ) -> (u32, u32) {
        // What is rewritten in place lies below the live ones.
        let keep = match base {
            op::ENTER_HANDLER => depth - 1,
            op::YIELD_FROM => effect.live.saturating_sub(1),
            op::BEFORE_WITH | op::BEFORE_ASYNC_WITH => effect.live.saturating_sub(1),
            _ => effect.live.min(after).min(depth),
        };
        let mut stack = self.cut(top, depth, keep);
        if base == op::CHECK_EXC_MATCH {
            let mut kinds = self.kinds(stack);
            if let Some(kind) = kinds.iter_mut().rev().find(|k| **k == Kind::Handled) {
                *kind = Kind::Matched;
            }
            stack = self.grown(0, 0, keep, |i| kinds[i as usize]);
        }
        let stack = self.grown(stack, keep, after, |i| match base {
            op::GET_ITER | op::GET_AITER => Kind::Iterator,
            op::ENTER_HANDLER if i == 0 => Kind::Handled,
            op::ENTER_HANDLER => Kind::Before,
            op::BEFORE_WITH | op::BEFORE_ASYNC_WITH if i == 0 => Kind::Of(op::BEFORE_WITH),
            op::LOAD_METHOD | op::LOAD_SUPER_METHOD if i == 1 => Kind::Of(base),
            op::BUILD_LIST | op::BUILD_SET | op::BUILD_MAP | op::BUILD_TUPLE => Kind::Of(base),
            op::MAKE_FUNCTION | op::BUILD_STRING | op::LIST_TO_TUPLE => Kind::Of(base),
            op::MATCH_KEYS | op::MATCH_CLASS | op::CHECK_EG_MATCH | op::INTRINSIC_2 => {
                Kind::Of(base)
            }
            _ => Kind::Object,
        });
        (stack, after)
    }

    /// The number of temporaries before each word at which an instruction starts.
    #[must_use]
    pub fn depths(&self) -> Box<[u16]> {
        let depth = |at: &Option<(u32, u32)>| at.map_or(0, |(_, depth)| depth as u16);
        self.at.iter().map(depth).collect()
    }

    /// The temporaries before the instruction at a word.
    #[must_use]
    pub fn before(&self, offset: u32) -> Option<Kinds> {
        let (top, _) = (*self.at.get(offset as usize)?)?;
        Some(self.kinds(top))
    }

    /// Whether the instruction at a word goes on with a value of the expression that it is in the
    /// middle of: it is no place to begin a statement at.
    #[must_use]
    pub fn inside_expression(&self, code: &Code, offset: u32) -> bool {
        let live = code.live.get(offset as usize).map_or(0, |n| usize::from(*n));
        self.before(offset).is_some_and(|k| k.iter().skip(live).any(|k| *k == Kind::Object))
    }
}

/// Whether control may go from a point with these temporaries to one with those, by dropping some.
#[must_use]
pub fn fits(from: &[Kind], to: &[Kind]) -> bool {
    from.len() >= to.len() && from.iter().zip(to).all(|(a, b)| a.fits(*b))
}

/// Why control cannot go to a point with these temporaries, in CPython's words.
#[must_use]
pub fn obstacle(to: Option<&[Kind]>) -> &'static str {
    match to {
        None => "can't jump into an exception handler, or code may be unreachable",
        Some(kinds) => match kinds.last() {
            Some(Kind::Raised | Kind::Handled | Kind::Matched | Kind::Before) => {
                "can't jump into an 'except' block as there's no exception"
            }
            Some(Kind::Iterator) => "can't jump into the body of a for loop",
            _ => "incompatible stacks",
        },
    }
}

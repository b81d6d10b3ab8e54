//! `match` statements.
//!
//! The subject stays in a register below the temporaries; what patterns take apart lies on the
//! temporaries. A failing pattern jumps to a label for its depth, from where the temporaries are
//! dropped one by one. Captured values are bound only when the whole pattern has matched: they
//! wait in scratch registers, unless nothing that can fail follows.

use std::collections::BTreeMap;

use stackless_bytecode::code::Const;
use stackless_bytecode::isa::op;

use super::emit::{F, Label, R};
use super::{Compiler, to_const};
use crate::error::Result;
use crate::ir::{
    Constant, ExprId, ExprKind, List, MatchCase, PatternId, PatternKind, Pos, Sym, Tree,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Subject {
    Register(R),
    Top,
}

#[derive(Default)]
struct Context {
    fails: BTreeMap<u32, Label>,
    names: Vec<Sym>,
    /// Captures that wait, with their scratch registers.
    waiting: Vec<(Sym, R)>,
    allow_irrefutable: bool,
}

fn is_wildcard(tree: &Tree, p: PatternId) -> bool {
    matches!(tree[p].kind, PatternKind::MatchAs { pattern: None, name: None })
}

fn is_irrefutable(tree: &Tree, p: PatternId) -> bool {
    matches!(
        tree[p].kind,
        PatternKind::MatchAs { pattern: None, .. } | PatternKind::MatchStar { .. }
    )
}

/// Whether a pattern binds `name`, or anything for None.
fn binds(tree: &Tree, p: PatternId, name: Sym) -> bool {
    let any = |list: List<PatternId>| tree[list].iter().any(|&p| binds(tree, p, name));
    match tree[p].kind {
        PatternKind::MatchValue { .. } | PatternKind::MatchSingleton { .. } => false,
        PatternKind::MatchSequence { patterns } | PatternKind::MatchOr { patterns } => {
            any(patterns)
        }
        PatternKind::MatchMapping { patterns, rest, .. } => rest == Some(name) || any(patterns),
        PatternKind::MatchClass { patterns, kwd_patterns, .. } => {
            any(patterns) || any(kwd_patterns)
        }
        PatternKind::MatchStar { name: n } => n == Some(name),
        PatternKind::MatchAs { pattern, name: n } => {
            n == Some(name) || pattern.is_some_and(|p| binds(tree, p, name))
        }
    }
}

/// Equal for constants that are equal in Python, numbers of different types included.
fn equality_key(c: &Constant) -> Const {
    match c {
        Constant::Bool(b) => Const::Int(i64::from(*b)),
        Constant::Float(f) if f.fract() == 0.0 && f.abs() < 9e15 => Const::Int(*f as i64),
        Constant::Complex(re, im) if *im == 0.0 => equality_key(&Constant::Float(*re)),
        other => to_const(other),
    }
}

impl Compiler<'_> {
    pub(super) fn match_(
        &mut self,
        pos: Pos,
        subject: ExprId,
        cases: List<MatchCase>,
    ) -> Result<()> {
        let tree = self.tree;
        let cases = &tree[cases];
        let depth = self.u.depth;
        let end = self.u.label();
        let stable = match tree[subject].kind {
            ExprKind::Name { id, .. } => cases.iter().all(|c| {
                !binds(tree, c.pattern, id) && c.guard.is_none_or(|g| !self.folded.has_walrus(g))
            }),
            _ => false,
        };
        let borrowed = if stable { self.borrow(subject) } else { None };
        let (register, scratch) = match borrowed {
            Some(r) => {
                self.u.nop(tree[subject].pos);
                (r, None)
            }
            None => {
                let scratch = self.take_scratch();
                self.expr(subject, scratch)?;
                (scratch, Some(scratch))
            }
        };
        for (i, case) in cases.iter().enumerate() {
            let mut pc = Context {
                allow_irrefutable: case.guard.is_some() || i + 1 == cases.len(),
                ..Context::default()
            };
            self.at(tree[case.pattern].pos);
            if is_wildcard(tree, case.pattern) {
                self.u.nop(tree[case.pattern].pos);
            }
            self.pattern(case.pattern, Subject::Register(register), &mut pc, true)?;
            let waiting = pc.waiting.clone();
            for &(name, r) in &waiting {
                self.at(tree[case.pattern].pos);
                self.store_name(name, r);
                self.u.op(op::CLEAR_FAST, r, F::Z, F::Z);
            }
            if let Some(guard) = case.guard {
                let fail = self.fail_label(&mut pc, depth);
                self.jump_if(guard, fail, false)?;
            }
            if let Some(r) = scratch {
                self.at(tree[case.pattern].pos);
                self.u.op(op::CLEAR_FAST, r, F::Z, F::Z);
            }
            self.stmts(case.body)?;
            self.u.depth = depth;
            self.u.pos = Pos::default();
            self.u.goto(end);
            self.at(tree[case.pattern].pos);
            self.land(&mut pc, depth);
            self.u.depth = depth;
            for &(_, r) in &waiting {
                self.u.op(op::CLEAR_FAST, r, F::Z, F::Z);
                self.give_scratch(r);
            }
            if let Some(r) = scratch {
                self.u.set_bound(r, true);
            }
        }
        self.at(pos);
        if let Some(r) = scratch {
            self.u.op(op::CLEAR_FAST, r, F::Z, F::Z);
        }
        self.u.place(end);
        if let Some(r) = scratch {
            self.give_scratch(r);
        }
        Ok(())
    }

    fn fail_label(&mut self, pc: &mut Context, depth: u32) -> Label {
        if let Some(&label) = pc.fails.get(&depth) {
            return label;
        }
        let label = self.u.label();
        pc.fails.insert(depth, label);
        label
    }

    /// Places the failure labels: temporaries above `base` are dropped.
    fn land(&mut self, pc: &mut Context, base: u32) {
        let fails = std::mem::take(&mut pc.fails);
        for (&depth, &label) in fails.iter().rev() {
            while self.u.reachable && self.u.depth > depth {
                self.u.drop_top();
            }
            self.u.place(label);
        }
        while self.u.reachable && self.u.depth > base {
            self.u.drop_top();
        }
    }

    /// Fails if the top temporary is false.
    fn fail_if_false(&mut self, pc: &mut Context) {
        let top = self.u.top();
        let label = self.fail_label(pc, self.u.depth - 1);
        self.u.jump(op::JUMP_IF_FALSE, top, F::Z, label);
    }

    fn capture(
        &mut self,
        name: Option<Sym>,
        subject: Subject,
        pos: Pos,
        pc: &mut Context,
        last: bool,
    ) -> Result<()> {
        self.at(pos);
        let Some(name) = name else {
            if subject == Subject::Top {
                self.u.drop_top();
            }
            return Ok(());
        };
        if pc.names.contains(&name) {
            let name = self.text(name);
            return self.error(pos, format!("multiple assignments to name '{name}' in pattern"));
        }
        pc.names.push(name);
        let value = match subject {
            Subject::Top => self.u.top(),
            Subject::Register(r) => r,
        };
        if last {
            self.store_name(name, value);
            return Ok(());
        }
        let known = pc.waiting.iter().find(|(n, _)| *n == name).map(|&(_, r)| r);
        let r = match known {
            Some(r) => r,
            None => {
                let r = self.take_scratch();
                pc.waiting.push((name, r));
                r
            }
        };
        self.u.op(op::MOVE, r, value, F::Z);
        Ok(())
    }

    /// Matches; a subject on top is consumed.
    fn pattern(
        &mut self,
        p: PatternId,
        subject: Subject,
        pc: &mut Context,
        last: bool,
    ) -> Result<()> {
        let tree = self.tree;
        let pos = tree[p].pos;
        self.at(pos);
        let base = match subject {
            Subject::Top => self.u.depth - 1,
            Subject::Register(_) => self.u.depth,
        };
        let value_of = |c: &Self| match subject {
            Subject::Top => c.u.top(),
            Subject::Register(r) => r,
        };
        match tree[p].kind {
            PatternKind::MatchValue { value } => {
                let ok = self.constant_of(value).is_some()
                    || matches!(tree[value].kind, ExprKind::Attribute { .. });
                if !ok {
                    return self
                        .error(pos, "patterns may only match literals and attribute lookups");
                }
                let v = value_of(self);
                let fail = self.fail_label(pc, base);
                if let Some(imm) = self.immediate(value) {
                    self.u.jump(op::JUMP_UNLESS_EQ_IMM, v, imm, fail);
                } else {
                    let r = self.operand(value)?;
                    self.at(pos);
                    self.u.jump(op::JUMP_UNLESS_EQ, v, r, fail);
                }
            }
            PatternKind::MatchSingleton { value } => {
                let v = value_of(self);
                let fail = self.fail_label(pc, base);
                if matches!(tree[value], Constant::None) {
                    self.u.jump(op::JUMP_IF_NOT_NONE, v, F::Z, fail);
                } else {
                    self.load_constant(R::PUSH, &tree[value]);
                    let r = self.u.top();
                    self.u.op(op::IS, R::PUSH, v, r);
                    let top = self.u.top();
                    self.u.jump(op::JUMP_IF_FALSE, top, F::Z, fail);
                }
            }
            PatternKind::MatchAs { pattern: None, name } => {
                if !pc.allow_irrefutable {
                    let what = match name {
                        Some(name) => format!("name capture '{}'", self.text(name)),
                        None => "wildcard".to_owned(),
                    };
                    return self.error(pos, format!("{what} makes remaining patterns unreachable"));
                }
                self.capture(name, subject, pos, pc, last)?;
            }
            PatternKind::MatchAs { pattern: Some(inner), name } => {
                let Some(name) = name else {
                    return self.pattern(inner, subject, pc, last);
                };
                if subject == Subject::Top {
                    let top = self.u.top();
                    self.u.op(op::COPY, R::PUSH, top, F::Z);
                }
                self.pattern(inner, subject, pc, last)?;
                self.capture(Some(name), subject, pos, pc, last)?;
            }
            PatternKind::MatchStar { .. } => {
                return self
                    .error(pos, "can't use starred name here (consider moving to list or tuple)");
            }
            PatternKind::MatchSequence { patterns } => {
                self.sequence(pos, patterns, subject, pc, last)?;
            }
            PatternKind::MatchMapping { keys, patterns, rest } => {
                self.mapping(pos, keys, patterns, rest, subject, pc, last)?;
            }
            PatternKind::MatchClass { .. } => self.class_pattern(p, subject, pc, last)?,
            PatternKind::MatchOr { patterns } => self.or_pattern(pos, patterns, subject, pc)?,
        }
        Ok(())
    }

    /// A subpattern of the value on top, where irrefutable patterns are always allowed.
    fn subpattern(&mut self, p: PatternId, pc: &mut Context, last: bool) -> Result<()> {
        let was = std::mem::replace(&mut pc.allow_irrefutable, true);
        self.pattern(p, Subject::Top, pc, last)?;
        pc.allow_irrefutable = was;
        Ok(())
    }

    fn push_subject(&mut self, subject: Subject) -> R {
        if let Subject::Register(r) = subject {
            self.u.op(op::MOVE, R::PUSH, r, F::Z);
        }
        self.u.top()
    }

    fn check_length(&mut self, value: R, size: usize, exact: bool, pc: &mut Context) {
        let fail = self.fail_label(pc, self.u.depth);
        self.u.op(op::GET_LEN, R::PUSH, value, F::Z);
        let top = self.u.top();
        if let Ok(imm) = i16::try_from(size) {
            let op = if exact { op::JUMP_UNLESS_EQ_IMM } else { op::JUMP_UNLESS_GE_IMM };
            self.u.jump(op, top, imm as u16, fail);
        } else {
            self.u.load_const(R::PUSH, Const::Int(size as i64));
            let r = self.u.top();
            let op = if exact { op::JUMP_UNLESS_EQ } else { op::JUMP_UNLESS_GE };
            self.u.jump(op, top, r, fail);
        }
    }

    fn sequence(
        &mut self,
        pos: Pos,
        patterns: List<PatternId>,
        subject: Subject,
        pc: &mut Context,
        last: bool,
    ) -> Result<()> {
        let tree = self.tree;
        let patterns = &tree[patterns];
        let size = patterns.len();
        let mut star = None;
        let mut only_wildcards = true;
        let mut star_wildcard = false;
        for (i, &p) in patterns.iter().enumerate() {
            if let PatternKind::MatchStar { name } = tree[p].kind {
                if star.is_some() {
                    return self.error(pos, "multiple starred names in sequence pattern");
                }
                star = Some(i);
                star_wildcard = name.is_none();
                only_wildcards &= name.is_none();
                continue;
            }
            only_wildcards &= is_wildcard(tree, p);
        }
        let value = self.push_subject(subject);
        let base = self.u.depth - 1;
        self.u.op(op::MATCH_SEQUENCE, R::PUSH, value, F::Z);
        self.fail_if_false(pc);
        match star {
            None => self.check_length(value, size, true, pc),
            Some(_) if size > 1 => self.check_length(value, size - 1, false, pc),
            Some(_) => {}
        }
        if only_wildcards {
            self.u.drop_top();
            return Ok(());
        }
        if let Some(star) = star
            && star_wildcard
        {
            // Only some items are wanted.
            for (i, &p) in patterns.iter().enumerate() {
                if i == star || is_wildcard(tree, p) {
                    continue;
                }
                self.at(tree[p].pos);
                self.u.op(op::COPY, R::PUSH, value, F::Z);
                let copy = self.u.top();
                if i < star {
                    self.u.load_const(R::PUSH, Const::Int(i as i64));
                } else {
                    self.u.op(op::GET_LEN, R::PUSH, copy, F::Z);
                    let len = self.u.top();
                    let back = i16::try_from(size - i).unwrap_or(i16::MAX);
                    self.u.op(op::SUB_IMM, R::PUSH, len, back as u16);
                }
                let index = self.u.top();
                self.u.op(op::LOAD_ITEM, R::PUSH, copy, index);
                let rest = patterns[i + 1..].iter().all(|&p| is_irrefutable(tree, p));
                self.subpattern(p, pc, last && rest)?;
            }
            self.at(pos);
            self.u.drop_top();
            return Ok(());
        }
        let f = |n: usize| [R::temp(base).into(), value.into(), F::N(n as u16)];
        let top = base + size as u32;
        match star {
            None => self.u.raw(op::UNPACK_SEQUENCE, f(size), 0, 0, base, top),
            Some(star) => {
                if star >= 1 << 8 || size - star > (i32::MAX >> 8) as usize {
                    return self
                        .error(pos, "too many expressions in star-unpacking sequence pattern");
                }
                self.u.raw(op::UNPACK_EX, f(star), 0, (size - star - 1) as u32, base, top);
            }
        }
        for (i, &p) in patterns.iter().enumerate() {
            let rest = patterns[i + 1..].iter().all(|&p| is_irrefutable(tree, p));
            if let PatternKind::MatchStar { name } = tree[p].kind {
                self.capture(name, Subject::Top, tree[p].pos, pc, last && rest)?;
            } else {
                self.subpattern(p, pc, last && rest)?;
            }
        }
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of the pattern")]
    fn mapping(
        &mut self,
        pos: Pos,
        keys: List<ExprId>,
        patterns: List<PatternId>,
        rest: Option<Sym>,
        subject: Subject,
        pc: &mut Context,
        last: bool,
    ) -> Result<()> {
        let tree = self.tree;
        let (keys, patterns) = (&tree[keys], &tree[patterns]);
        let size = keys.len();
        let value = self.push_subject(subject);
        self.u.op(op::MATCH_MAPPING, R::PUSH, value, F::Z);
        self.fail_if_false(pc);
        if size == 0 && rest.is_none() {
            self.u.drop_top();
            return Ok(());
        }
        if size > 0 {
            self.check_length(value, size, false, pc);
        }
        let keys_at = R::temp(self.u.depth);
        let mut seen: Vec<Const> = Vec::new();
        for &key in keys {
            match self.constant_of(key) {
                Some(c) => {
                    let mut text = Vec::new();
                    super::unparse::repr_constant(c, &mut text);
                    let c = equality_key(c);
                    if seen.contains(&c) {
                        let text = String::from_utf8_lossy(&text);
                        return self
                            .error(pos, format!("mapping pattern checks duplicate key ({text})"));
                    }
                    seen.push(c);
                }
                None if matches!(tree[key].kind, ExprKind::Attribute { .. }) => {}
                None => {
                    return self.error(
                        pos,
                        "mapping pattern keys may only match literals and attribute lookups",
                    );
                }
            }
            self.push(key)?;
        }
        self.at(pos);
        self.u.op(op::BUILD_TUPLE, R::PUSH, keys_at, size as u16);
        self.u.op(op::MATCH_KEYS, R::PUSH, value, keys_at);
        let values = self.u.top();
        self.u.op(op::COPY, R::PUSH, values, F::Z);
        let top = self.u.top();
        let fail = self.fail_label(pc, self.u.depth - 1);
        self.u.jump(op::JUMP_IF_NONE, top, F::Z, fail);
        let base = self.u.depth - 1;
        let f = [values.into(), values.into(), F::N(size as u16)];
        self.u.raw(op::UNPACK_SEQUENCE, f, 0, 0, base, base + size as u32);
        for (i, &p) in patterns.iter().enumerate() {
            let later = patterns[i + 1..].iter().all(|&p| is_irrefutable(tree, p));
            self.subpattern(p, pc, last && later)?;
        }
        self.at(pos);
        if let Some(rest) = rest {
            // A copy without the matched keys: T[value], T[keys], T[dict], then the keys.
            let dict = R::temp(self.u.depth);
            self.u.op(op::BUILD_MAP, R::PUSH, dict, 0);
            self.u.op(op::COPY, R::PUSH, value, F::Z);
            let top = self.u.top();
            self.u.op(op::DICT_UPDATE, dict, top, F::Z);
            for i in 0..size {
                self.u.op(op::COPY, R::PUSH, dict, F::Z);
                let d = self.u.top();
                self.u.op(op::COPY, R::PUSH, keys_at, F::Z);
                let k = self.u.top();
                self.u.load_const(R::PUSH, Const::Int(i as i64));
                let index = self.u.top();
                self.u.op(op::LOAD_ITEM, R::PUSH, k, index);
                let key = self.u.top();
                self.u.op(op::DELETE_ITEM, d, key, F::Z);
            }
            self.capture(Some(rest), Subject::Top, pos, pc, last)?;
        }
        self.at(pos);
        self.u.drop_top();
        self.u.drop_top();
        Ok(())
    }

    fn class_pattern(
        &mut self,
        p: PatternId,
        subject: Subject,
        pc: &mut Context,
        last: bool,
    ) -> Result<()> {
        let tree = self.tree;
        let pos = tree[p].pos;
        let PatternKind::MatchClass { cls, patterns, kwd_attrs, kwd_patterns } = tree[p].kind
        else {
            return Ok(());
        };
        let (patterns, kwd_patterns) = (&tree[patterns], &tree[kwd_patterns]);
        let attrs = &tree[kwd_attrs];
        for (i, &attr) in attrs.iter().enumerate() {
            if let Some(again) = attrs[i + 1..].iter().position(|&a| a == attr) {
                let at = tree[kwd_patterns[i + 1 + again]].pos;
                let name = self.text(attr);
                return self.error(at, format!("attribute name repeated in class pattern: {name}"));
            }
        }
        let base = self.push_subject(subject);
        let at = self.u.depth - 1;
        self.push(cls)?;
        self.at(pos);
        let names: Box<[Const]> =
            attrs.iter().map(|&a| Const::Str(self.text(a).as_bytes().into())).collect();
        self.u.load_const(R::PUSH, Const::Tuple(names));
        self.u.op(op::MATCH_CLASS, R::PUSH, base, patterns.len() as u16);
        self.u.op(op::COPY, R::PUSH, base, F::Z);
        let top = self.u.top();
        let fail = self.fail_label(pc, at + 1);
        self.u.jump(op::JUMP_IF_NONE, top, F::Z, fail);
        let count = patterns.len() + kwd_patterns.len();
        let f = [base.into(), base.into(), F::N(count as u16)];
        self.u.raw(op::UNPACK_SEQUENCE, f, 0, 0, at, at + count as u32);
        let all: Vec<PatternId> = patterns.iter().chain(kwd_patterns).copied().collect();
        for (i, &p) in all.iter().enumerate() {
            let later = all[i + 1..].iter().all(|&p| is_irrefutable(tree, p));
            self.subpattern(p, pc, last && later)?;
        }
        Ok(())
    }

    fn or_pattern(
        &mut self,
        pos: Pos,
        patterns: List<PatternId>,
        subject: Subject,
        pc: &mut Context,
    ) -> Result<()> {
        let tree = self.tree;
        let patterns = &tree[patterns];
        let success = self.u.label();
        let depth = self.u.depth;
        let mut bound: Option<Vec<Sym>> = None;
        let outer_names = pc.names.clone();
        for (i, &alternative) in patterns.iter().enumerate() {
            let mut inner = Context {
                waiting: pc.waiting.clone(),
                allow_irrefutable: pc.allow_irrefutable && i + 1 == patterns.len(),
                ..Context::default()
            };
            self.at(tree[alternative].pos);
            if subject == Subject::Top {
                let top = self.u.top();
                self.u.op(op::COPY, R::PUSH, top, F::Z);
            }
            self.pattern(alternative, subject, &mut inner, false)?;
            pc.waiting.clone_from(&inner.waiting);
            let mut names = inner.names.clone();
            names.sort_unstable();
            match &bound {
                None => bound = Some(names),
                Some(first) if *first != names => {
                    return self.error(pos, "alternative patterns bind different names");
                }
                Some(_) => {}
            }
            self.u.goto(success);
            self.at(tree[alternative].pos);
            self.land(&mut inner, depth);
            self.u.depth = depth;
        }
        let base = depth - u32::from(subject == Subject::Top);
        let fail = self.fail_label(pc, depth);
        self.at(pos);
        self.u.goto(fail);
        self.u.depth = depth;
        self.u.place(success);
        for name in bound.unwrap_or_default() {
            if outer_names.contains(&name) {
                let name = self.text(name);
                return self
                    .error(pos, format!("multiple assignments to name '{name}' in pattern"));
            }
            pc.names.push(name);
        }
        if subject == Subject::Top {
            self.u.drop_top();
        }
        self.u.depth = base;
        Ok(())
    }
}

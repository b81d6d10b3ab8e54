//! From virtual instructions to a code object: jump clean-up, register numbers, layout, tables.
//!
//! CPython's counterpart: `Python/flowgraph.c` and `Python/assemble.c`.

use std::sync::Arc;

use stackless_bytecode::code::{Code, Handler, HiddenLocal, LocalKind, Position, PositionTable};
use stackless_bytecode::isa::{self, Insn as Word, Operand, op};

use super::emit::{F, Insn, R, Unit};
use crate::error::{ErrorKind, Result, SyntaxError};
use crate::ir::Pos;

fn inverse(opcode: u16) -> Option<u16> {
    Some(match opcode {
        op::JUMP_IF_TRUE => op::JUMP_IF_FALSE,
        op::JUMP_IF_FALSE => op::JUMP_IF_TRUE,
        op::JUMP_IF_NONE => op::JUMP_IF_NOT_NONE,
        op::JUMP_IF_NOT_NONE => op::JUMP_IF_NONE,
        // The tables of if and unless forms lie six apart, in the same order.
        op::JUMP_IF_LT..=op::JUMP_IF_GE => opcode + 6,
        op::JUMP_UNLESS_LT..=op::JUMP_UNLESS_GE => opcode - 6,
        op::JUMP_IF_LT_IMM..=op::JUMP_IF_GE_IMM => opcode + 6,
        op::JUMP_UNLESS_LT_IMM..=op::JUMP_UNLESS_GE_IMM => opcode - 6,
        _ => return None,
    })
}

/// Whether control never falls through to what follows.
fn ends_flow(opcode: u16) -> bool {
    matches!(
        opcode,
        op::JUMP
            | op::JUMP_BACK
            | op::RETURN
            | op::RETURN_CONST
            | op::RAISE
            | op::RERAISE
            | op::RERAISE_CLEANUP
            | op::RERAISE_PLAIN
    )
}

/// Products that the next instruction adds or subtracts: multiplications that say so.
fn hint_products(words: &mut [u64]) {
    let mut at = 0;
    while at + 1 < words.len() {
        let insn = Word::decode(words[at]);
        if insn.op == op::MUL {
            let next = Word::decode(words[at + 1]);
            let hint = match (next.op.wrapping_sub(1) & !1) + 1 {
                op::ADD | op::INPLACE_ADD => op::MUL_ADD,
                op::SUB | op::INPLACE_SUB => op::MUL_SUB,
                _ => op::MUL,
            };
            if (next.b == insn.a) != (next.c == insn.a) {
                words[at] = Word { op: hint, ..insn }.encode();
            }
        }
        at += 1 + isa::info(insn.op).map_or(0, |row| row.words as usize);
    }
}

struct Assembler {
    u: Unit,
    dead: Vec<bool>,
    /// For each label the index of its first live instruction.
    targets: Vec<usize>,
}

pub(super) fn assemble(unit: Unit, filename: &Arc<str>, extra_flags: u32) -> Result<Code> {
    let count = unit.insns.len();
    let mut a = Assembler { dead: vec![false; count], targets: Vec::new(), u: unit };
    a.drop_nops();
    a.locate();
    a.clean_jumps();
    a.locate();
    a.inherit_lines(false);
    a.copy_returns();
    a.locate();
    a.inherit_lines(true);
    a.finish(filename, extra_flags)
}

impl Assembler {
    fn locate(&mut self) {
        let count = self.u.insns.len();
        let mut next_live = vec![count; count + 1];
        for i in (0..count).rev() {
            next_live[i] = if self.dead[i] { next_live[i + 1] } else { i };
        }
        self.targets =
            self.u.labels.iter().map(|l| l.at.map_or(count, |at| next_live[at])).collect();
    }

    fn target(&self, insn: &Insn) -> usize {
        insn.target.map_or(usize::MAX, |l| self.targets[l.0 as usize])
    }

    /// Length of the lineless end of a body that starts at an instruction: a return and the few
    /// instructions before it.
    fn end_run(&self, at: usize) -> Option<usize> {
        const MAX: usize = 8;
        let mut length = 0;
        for i in at..self.u.insns.len() {
            let insn = &self.u.insns[i];
            if self.dead[i] {
                continue;
            }
            if insn.pos.line != 0 || insn.target.is_some() || length == MAX {
                return None;
            }
            length += 1;
            if ends_flow(insn.op) {
                let ends = matches!(insn.op, op::RETURN | op::RETURN_CONST);
                return ends.then_some(length);
            }
        }
        None
    }

    /// The end of a body stands for one at the end of each way that leads there: each gets the line
    /// of its way, as a debugger expects.
    fn copy_returns(&mut self) {
        /// Bodies beyond this keep one end: its copies lie behind the body, within a short jump.
        const MAX: usize = 8_000;
        let count = self.u.insns.len();
        if count > MAX {
            return;
        }
        // Copies and, for each of them, line, origin and start.
        let mut copies: Vec<Insn> = Vec::new();
        let mut starts: Vec<(u32, usize, usize)> = Vec::new();
        for i in 0..count {
            let insn = self.u.insns[i];
            if self.dead[i] || insn.target.is_none() || insn.pos.line == 0 {
                continue;
            }
            let at = self.target(&insn);
            let Some(length) = self.end_run(at) else { continue };
            if insn.op == op::JUMP && length == 1 {
                let end = self.u.insns[at];
                self.u.insns[i] = Insn { pos: insn.pos, ..end };
                continue;
            }
            let line = insn.pos.line;
            let known = starts.iter().find(|s| s.0 == line && s.1 == at).map(|s| s.2);
            let place = known.unwrap_or_else(|| {
                let place = copies.len();
                let alive = (at..count).filter(|j| !self.dead[*j]).take(length);
                copies.extend(alive.map(|j| Insn { pos: insn.pos, ..self.u.insns[j] }));
                starts.push((line, at, place));
                place
            });
            let label = self.u.label_at(count + place);
            self.u.insns[i].target = Some(label);
        }
        self.u.insns.extend(copies);
        self.dead.resize(self.u.insns.len(), false);
        let mut reached = vec![false; self.u.insns.len() + 1];
        self.locate();
        for handler in self.u.handlers.iter().filter(|h| h.used) {
            reached[self.targets[handler.label.0 as usize].min(count)] = true;
        }
        for (i, insn) in self.u.insns.iter().enumerate() {
            if !self.dead[i] && insn.target.is_some() {
                reached[self.target(insn).min(self.u.insns.len())] = true;
            }
        }
        let mut previous: Option<Insn> = None;
        for i in 0..count {
            if self.dead[i] {
                continue;
            }
            if let Some(length) = self.end_run(i)
                && let Some(before) = previous
            {
                if !ends_flow(before.op) {
                    self.u.insns[i].pos = before.pos;
                } else if !reached[i] {
                    // Nothing leads to it any more.
                    for j in (i..count).filter(|j| !self.dead[*j]).take(length).collect::<Vec<_>>()
                    {
                        if j > i && reached[j] {
                            break;
                        }
                        self.dead[j] = true;
                    }
                }
            }
            if !self.dead[i] {
                previous = Some(self.u.insns[i]);
            }
        }
    }

    /// A NOP only holds a line: it goes where the line is not lost.
    fn drop_nops(&mut self) {
        let count = self.u.insns.len();
        let mut labelled = vec![false; count + 1];
        for label in &self.u.labels {
            if let Some(at) = label.at {
                labelled[at.min(count)] = true;
            }
        }
        let mut previous: Option<u32> = None;
        for (i, &starts) in labelled[..count].iter().enumerate() {
            if starts {
                previous = None;
            }
            let insn = self.u.insns[i];
            if insn.op != op::NOP {
                previous = Some(insn.pos.line);
                continue;
            }
            let line = insn.pos.line;
            let next_line = self.u.insns.get(i + 1).map(|next| next.pos.line);
            if previous == Some(line) || next_line == Some(line) || line == 0 {
                self.dead[i] = true;
            } else if next_line == Some(0) && !labelled[i + 1] {
                self.u.insns[i + 1].pos = insn.pos;
                self.dead[i] = true;
            } else {
                previous = Some(line);
            }
        }
    }

    fn clean_jumps(&mut self) {
        let count = self.u.insns.len();
        let mut labelled = vec![false; count + 1];
        // Threading: a jump to a jump goes where that one goes.
        for i in 0..count {
            let insn = self.u.insns[i];
            if insn.target.is_none() || insn.op == op::JUMP_BACK || insn.op == op::FOR_ITER {
                continue;
            }
            let mut current = insn;
            for _ in 0..8 {
                let at = self.target(&current);
                let Some(&next) = self.u.insns.get(at) else { break };
                if next.op == op::JUMP
                    && self.target(&next) > i
                    && (next.pos.line == 0 || next.pos.line == current.pos.line)
                {
                    current.target = next.target;
                } else if next.op == op::JUMP_BACK
                    && current.op == op::JUMP
                    && self.target(&next) <= i
                    && (next.pos.line == 0 || next.pos.line == current.pos.line)
                {
                    current.op = op::JUMP_BACK;
                    current.target = next.target;
                    // It may raise now, as the one that it stands for.
                    current.handler = next.handler;
                    break;
                } else {
                    break;
                }
            }
            self.u.insns[i] = current;
        }
        for insn in &self.u.insns {
            if insn.target.is_some() {
                labelled[self.target(insn).min(count)] = true;
            }
        }
        for handler in self.u.handlers.iter().filter(|h| h.used) {
            labelled[self.targets[handler.label.0 as usize].min(count)] = true;
        }
        // A conditional jump over a jump becomes the inverse jump.
        for i in 0..count.saturating_sub(1) {
            let (first, second) = (self.u.insns[i], self.u.insns[i + 1]);
            if second.op == op::JUMP
                && !labelled[i + 1]
                && first.target.is_some()
                && self.target(&first) == i + 2
                && self.target(&second) > i
                // The jump may be a `break` whose line tracing wants to see.
                && (second.pos.line == first.pos.line || second.pos.line == 0)
                && let Some(op) = inverse(first.op)
            {
                self.u.insns[i].op = op;
                self.u.insns[i].target = second.target;
                self.dead[i + 1] = true;
            }
        }
        // Code behind an unconditional jump that nothing reaches any more, jumps to the next.
        let mut reachable = true;
        for (i, &reached) in labelled[..count].iter().enumerate() {
            reachable |= reached;
            if !reachable {
                self.dead[i] = true;
                continue;
            }
            if self.dead[i] {
                continue;
            }
            let insn = self.u.insns[i];
            if insn.op == op::JUMP {
                let to = self.target(&insn);
                if to > i && (i + 1..to).all(|j| self.dead[j]) {
                    self.drop_jump(i);
                    continue;
                }
            }
            if ends_flow(insn.op) {
                reachable = false;
            }
        }
        // A second look: what became adjacent.
        for i in 0..count {
            let insn = self.u.insns[i];
            if insn.op == op::JUMP && !self.dead[i] {
                let to = self.target(&insn);
                if to > i && (i + 1..to).all(|j| self.dead[j]) {
                    self.drop_jump(i);
                }
            }
        }
    }

    /// A jump to what follows goes, unless tracing would miss its line.
    fn drop_jump(&mut self, i: usize) {
        let insn = self.u.insns[i];
        let line = insn.pos.line;
        let count = self.u.insns.len();
        let before = (0..i).rev().find(|j| !self.dead[*j]).map(|j| self.u.insns[j]);
        let after = (i + 1..count).find(|j| !self.dead[*j]).map(|j| self.u.insns[j].pos.line);
        let falls = before.is_some_and(|b| b.pos.line == line && !ends_flow(b.op));
        if line == 0 || falls || after == Some(line) {
            self.dead[i] = true;
        } else {
            self.u.insns[i] = Insn { op: op::NOP, target: None, f: [F::Z; 3], ..insn };
        }
    }

    /// What has no line belongs to what leads there, if that is one thing. Ends that jumps lead to
    /// are left for `copy_returns` at first.
    fn inherit_lines(&mut self, ends: bool) {
        #[derive(Clone, Copy)]
        enum From {
            Nothing,
            Jump(Pos),
            Many,
        }
        let count = self.u.insns.len();
        let mut reached = vec![From::Nothing; count + 1];
        for handler in self.u.handlers.iter().filter(|h| h.used) {
            reached[self.targets[handler.label.0 as usize].min(count)] = From::Many;
        }
        for (i, insn) in self.u.insns.iter().enumerate() {
            if insn.target.is_some() && !self.dead[i] {
                let to = &mut reached[self.target(insn).min(count)];
                *to = match *to {
                    From::Nothing => From::Jump(insn.pos),
                    _ => From::Many,
                };
            }
        }
        let mut last = None;
        for (i, from) in reached.iter().enumerate().take(count) {
            if self.dead[i] {
                continue;
            }
            if self.u.insns[i].pos.line == 0 {
                let pos = match (*from, last) {
                    (From::Nothing, pos) => pos,
                    (From::Jump(pos), None) if ends || self.end_run(i).is_none() => Some(pos),
                    _ => None,
                };
                if let Some(pos) = pos.filter(|p| p.line != 0) {
                    self.u.insns[i].pos = pos;
                }
            }
            let insn = self.u.insns[i];
            last = (!ends_flow(insn.op)).then_some(insn.pos);
        }
    }

    /// Register numbers: parameters, other locals, cells, free variables.
    fn number(&self) -> Result<(Vec<u16>, Vec<usize>)> {
        let regs = &self.u.regs;
        let mut order: Vec<usize> = (0..self.u.params).collect();
        let rest = self.u.params..regs.len();
        let group = |kinds: &[LocalKind]| {
            rest.clone().filter(|&i| kinds.contains(&regs[i].kind)).collect::<Vec<_>>()
        };
        order.extend(group(&[LocalKind::Fast, LocalKind::Hidden]));
        order.extend(group(&[LocalKind::Cell, LocalKind::HiddenCell]));
        order.extend(group(&[LocalKind::Free]));
        let total = order.len() + self.u.max_depth as usize;
        if total > usize::from(u16::MAX) {
            return Err(SyntaxError::bare(ErrorKind::Memory, "code needs too many registers"));
        }
        let mut numbers = vec![0; regs.len()];
        for (n, &i) in order.iter().enumerate() {
            numbers[i] = n as u16;
        }
        Ok((numbers, order))
    }

    fn finish(mut self, filename: &Arc<str>, extra_flags: u32) -> Result<Code> {
        let (numbers, order) = self.number()?;
        let first_temp = order.len() as u16;
        let count = self.u.insns.len();
        // Sizes; jumps that do not reach get a longer form.
        let mut long = vec![false; count];
        let mut offsets = vec![0u32; count + 1];
        let row_of = |insn: &Insn| {
            isa::info(insn.op).ok_or_else(|| {
                SyntaxError::bare(ErrorKind::System, "instruction without a table row")
            })
        };
        let mut words_of = Vec::with_capacity(count);
        for insn in &self.u.insns {
            words_of.push(1 + u32::from(row_of(insn)?.words));
        }
        loop {
            let mut offset = 0;
            for i in 0..count {
                offsets[i] = offset;
                if !self.dead[i] {
                    offset += words_of[i] + if long[i] { self.long_extra(i) } else { 0 };
                }
            }
            offsets[count] = offset;
            let mut changed = false;
            for i in 0..count {
                let insn = &self.u.insns[i];
                if self.dead[i] || long[i] || insn.target.is_none() {
                    continue;
                }
                if row_of(insn)?.operands[2] != Operand::Jump16 {
                    continue;
                }
                let to = i64::from(offsets[self.target(insn)]);
                let distance = to - i64::from(offsets[i]) - 1;
                let limit =
                    if insn.op == op::FOR_ITER { i64::from(u16::MAX) } else { i64::from(i16::MAX) };
                if distance > limit {
                    long[i] = true;
                    changed = true;
                }
            }
            if !changed {
                break;
            }
        }
        let mut words = Vec::with_capacity(offsets[count] as usize);
        let mut live = Vec::with_capacity(words.capacity());
        let mut positions = Vec::with_capacity(count);
        let mut handlers: Vec<Handler> = Vec::new();
        let mut put = |word: u64, count: u32, words: &mut Vec<u64>| {
            words.push(word);
            live.push(count as u16);
        };
        for i in 0..count {
            if self.dead[i] {
                continue;
            }
            let insn = self.u.insns[i];
            let row = row_of(&insn)?;
            let mut fields = [0u16; 3];
            let mut variant = 0;
            let mut bit = 0;
            for (field, (&f, &operand)) in fields.iter_mut().zip(insn.f.iter().zip(&row.operands)) {
                if let F::R(r) = f {
                    *field = register(r, &numbers, first_temp);
                } else if let F::N(n) = f {
                    *field = n;
                }
                if matches!(operand, Operand::Dst | Operand::Src) {
                    if let F::R(r) = f
                        && r.as_local().is_some()
                    {
                        variant |= 1 << bit;
                    }
                    bit += 1;
                }
            }
            let mut opcode = insn.op + variant;
            let wide = row.operands[1..].iter().any(|o| {
                matches!(o, Operand::Const | Operand::Name | Operand::Int | Operand::Jump)
            });
            let next = offsets[i] + words_of[i];
            let start = words.len() as u32;
            // Far jumps, with the temporaries that are live there.
            let mut tail: Vec<(u64, u32)> = Vec::new();
            let mut bc = insn.wide;
            if insn.target.is_some() {
                let to = i64::from(offsets[self.target(&insn)]);
                if long[i] {
                    // FOR_ITER jumps to a far jump; others are inverted to jump over it.
                    if insn.op == op::FOR_ITER {
                        fields[2] = 1;
                        let item = u32::from(variant == 0);
                        tail.push((Word::wide(op::JUMP, 0, 1).encode(), insn.live + item));
                        let distance = to - i64::from(next) - 2;
                        let far = Word::wide(op::JUMP, 0, distance as u32).encode();
                        tail.push((far, insn.live - 1));
                    } else {
                        opcode = inverse(insn.op).unwrap_or(insn.op) + variant;
                        fields[2] = 1;
                        let distance = to - i64::from(next) - 1;
                        let far = Word::wide(op::JUMP, 0, distance as u32).encode();
                        tail.push((far, insn.live));
                    }
                } else {
                    let distance = to - i64::from(next);
                    if wide {
                        bc = distance as u32;
                    } else {
                        fields[2] = distance as u16;
                    }
                }
            }
            let word = if wide {
                Word::wide(opcode, fields[0], bc)
            } else {
                Word::new(opcode, fields[0], fields[1], fields[2])
            };
            put(word.encode(), insn.live, &mut words);
            for n in 0..row.words {
                put(if n == 0 { u64::from(insn.word) } else { 0 }, 0, &mut words);
            }
            for (far, live) in tail {
                put(far, live, &mut words);
            }
            let end = words.len() as u32;
            let pos = insn.pos;
            let position = Position {
                line: pos.line,
                end_line: pos.end_line,
                col: pos.col,
                end_col: pos.end_col,
            };
            positions.push((end - start, position));
            // A region that nothing leaves by an exception has no handler code.
            if insn.handler != 0 && self.u.handlers[insn.handler as usize - 1].used {
                let info = self.u.handlers[insn.handler as usize - 1];
                let target = offsets[self.targets[info.label.0 as usize]];
                let depth = info.depth as u16;
                match handlers.last_mut() {
                    Some(last)
                        if last.end == start && last.target == target && last.depth == depth =>
                    {
                        last.end = end;
                    }
                    _ => handlers.push(Handler { start, end, target, depth }),
                }
            }
        }
        hint_products(&mut words);
        let hidden_locals = self
            .u
            .hidden
            .iter()
            .filter_map(|h| {
                let reg = numbers[h.reg.as_local()?];
                let (start, end) = (offsets[h.start], offsets[h.end]);
                (start < end).then_some(HiddenLocal { reg, start, end })
            })
            .collect();
        let regs = std::mem::take(&mut self.u.regs);
        Ok(Code {
            name: Arc::clone(&self.u.name).into(),
            qualname: Arc::clone(&self.u.qualname).into(),
            filename: Arc::clone(filename),
            first_line: self.u.first_line,
            flags: self.u.flags | extra_flags,
            arg_count: self.u.counts[0],
            posonly_count: self.u.counts[1],
            kwonly_count: self.u.counts[2],
            local_names: order.iter().map(|&i| Arc::clone(&regs[i].name).into()).collect(),
            local_kinds: order.iter().map(|&i| regs[i].kind).collect(),
            free_count: self.u.free_order.len() as u32,
            first_temp,
            reg_count: first_temp + self.u.max_depth as u16,
            words: words.into(),
            live: live.into(),
            consts: std::mem::take(&mut self.u.consts).into(),
            names: std::mem::take(&mut self.u.names).into_iter().map(Into::into).collect(),
            handlers: handlers.into(),
            hidden_locals,
            positions: PositionTable::encode(&positions),
        })
    }

    fn long_extra(&self, i: usize) -> u32 {
        if self.u.insns[i].op == op::FOR_ITER { 2 } else { 1 }
    }
}

fn register(r: R, numbers: &[u16], first_temp: u16) -> u16 {
    match (r.as_temp(), r.as_local()) {
        (Some(t), _) => first_temp + t as u16,
        (None, Some(i)) => numbers[i],
        (None, None) => 0,
    }
}

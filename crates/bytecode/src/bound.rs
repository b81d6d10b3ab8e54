//! Proves that every local that an instruction borrows is bound: the second half of the verifier.
//!
//! A forward walk over the control flow with one set of bound locals per jump target; sets meet by
//! intersection. A cell's register counts as bound once its MAKE_CELL was passed.

use crate::code::{Code, LocalKind, flags};
use crate::isa::{self, Insn, Operand, op};

#[derive(Clone, PartialEq)]
struct Set(Vec<u64>);

impl Set {
    fn get(&self, i: usize) -> bool {
        self.0[i / 64] >> (i % 64) & 1 != 0
    }
    fn put(&mut self, i: usize, on: bool) {
        let bit = 1 << (i % 64);
        if on {
            self.0[i / 64] |= bit;
        } else {
            self.0[i / 64] &= !bit;
        }
    }
    /// Intersects; true if something was lost.
    fn meet(&mut self, other: &Set) -> bool {
        let mut changed = false;
        for (a, b) in self.0.iter_mut().zip(&other.0) {
            let both = *a & b;
            changed |= both != *a;
            *a = both;
        }
        changed
    }
}

/// `Err((offset, message))` where an instruction may read an unbound local. The code's shape must
/// have been verified before.
pub(crate) fn check(code: &Code) -> Result<(), (usize, String)> {
    let count = code.words.len();
    let locals = usize::from(code.first_temp);
    if locals == 0 {
        return Ok(());
    }
    let mut entry = Set(vec![0; locals.div_ceil(64)]);
    let params = code.arg_count
        + code.kwonly_count
        + u32::from(code.flags & flags::VARARGS != 0)
        + u32::from(code.flags & flags::VARKEYWORDS != 0);
    for (i, kind) in code.local_kinds.iter().enumerate() {
        let param = i < params as usize && *kind != LocalKind::Cell;
        entry.put(i, param || *kind == LocalKind::Free);
    }
    // Points where ways may meet.
    let mut leader = vec![false; count];
    let mut at = 0;
    while at < count {
        let insn = Insn::decode(code.words[at]);
        let Some(row) = isa::info(insn.op) else { return Ok(()) };
        if let Some(target) = target(at, row, insn)
            && let Some(flag) = leader.get_mut(target)
        {
            *flag = true;
        }
        at += 1 + usize::from(row.words);
    }
    for h in &code.handlers {
        leader[h.target as usize] = true;
    }
    let mut states: Vec<Option<Set>> = vec![None; count];
    states[0] = Some(entry);
    let mut work = vec![0usize];
    while let Some(start) = work.pop() {
        let Some(mut state) = states[start].clone() else { continue };
        let mut at = start;
        loop {
            let insn = Insn::decode(code.words[at]);
            let Some(row) = isa::info(insn.op) else { return Ok(()) };
            step(code, at, row, insn, &mut state, &mut states, &mut work)?;
            if ends(row.base) {
                break;
            }
            at += 1 + usize::from(row.words);
            if at >= count {
                break;
            }
            if leader[at] {
                arrive(at, &state, &mut states, &mut work);
                break;
            }
        }
    }
    Ok(())
}

fn ends(base: u16) -> bool {
    matches!(
        base,
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

fn target(at: usize, row: &isa::OpInfo, insn: Insn) -> Option<usize> {
    let next = (at + 1 + usize::from(row.words)) as i64;
    let distance = if row.operands[1] == Operand::Jump {
        i64::from(insn.bc() as i32)
    } else if row.base == op::FOR_ITER {
        i64::from(insn.c)
    } else if row.operands[2] == Operand::Jump16 {
        i64::from(insn.c as i16)
    } else {
        return None;
    };
    usize::try_from(next + distance).ok()
}

fn arrive(to: usize, state: &Set, states: &mut [Option<Set>], work: &mut Vec<usize>) {
    match &mut states[to] {
        Some(old) => {
            if old.meet(state) {
                work.push(to);
            }
        }
        empty => {
            *empty = Some(state.clone());
            work.push(to);
        }
    }
}

fn step(
    code: &Code,
    at: usize,
    row: &isa::OpInfo,
    insn: Insn,
    state: &mut Set,
    states: &mut [Option<Set>],
    work: &mut Vec<usize>,
) -> Result<(), (usize, String)> {
    let fields = [insn.a, insn.b, insn.c];
    let plain = |r: u16| {
        matches!(code.local_kinds.get(usize::from(r)), Some(LocalKind::Fast | LocalKind::Hidden))
    };
    for (i, operand) in row.operands.iter().enumerate() {
        let r = fields[i];
        let unused = row.base == op::RAISE && i >= usize::from(insn.c);
        if matches!(operand, Operand::Src | Operand::Reg)
            && !unused
            && usize::from(r) < code.local_kinds.len()
            && !state.get(usize::from(r))
        {
            let name = &code.local_names[usize::from(r)];
            return Err((at, format!("{}: local {name} may be unbound", row.name)));
        }
    }
    if row.raises || row.suspends {
        let i = code.handlers.partition_point(|h| h.end as usize <= at);
        if let Some(h) = code.handlers.get(i)
            && h.start as usize <= at
        {
            arrive(h.target as usize, state, states, work);
        }
    }
    let before_write = (row.base == op::FOR_ITER).then(|| state.clone());
    if row.operands[0] == Operand::Dst && plain(insn.a) {
        state.put(usize::from(insn.a), true);
    }
    match row.base {
        op::CHECK_BOUND | op::MAKE_CELL => state.put(usize::from(insn.a), true),
        op::LOAD_FAST_CHECK => state.put(usize::from(insn.b), true),
        op::DELETE_FAST | op::CLEAR_FAST => state.put(usize::from(insn.a), false),
        _ => {}
    }
    if let Some(to) = target(at, row, insn) {
        arrive(to, before_write.as_ref().unwrap_or(state), states, work);
    }
    Ok(())
}

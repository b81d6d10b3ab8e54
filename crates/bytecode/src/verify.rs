//! Proves what the interpreter relies on: shape, operand ranges, jump targets, the liveness law,
//! the exception table. Linear, iterative, bounded.
//!
//! The state of a program point is the number of live temporaries (they are a stack, so a number
//! is enough), found by a forward walk over the control flow; it must be the same on all ways to a
//! point. `Code::live` is recomputed and compared. That borrowed locals are bound is proved by
//! `bound`; kinds of registers are checked statically.

use crate::code::{Code, Const, LocalKind, flags};
use crate::dis::word_is_name;
use crate::isa::{self, Insn, OpInfo, Operand, op};

/// Why code was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyError {
    pub code: String,
    pub offset: u32,
    pub message: String,
}

impl std::fmt::Display for VerifyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} at {}: {}", self.code, self.offset, self.message)
    }
}

impl std::error::Error for VerifyError {}

type Check<T = ()> = Result<T, String>;

/// Verifies a code object and all code objects among its constants.
pub fn verify(code: &Code) -> Result<(), VerifyError> {
    let mut pending = vec![code];
    while let Some(code) = pending.pop() {
        let mut at = 0;
        Verifier { code }.run(&mut at).map_err(|message| VerifyError {
            code: code.qualname.to_string(),
            offset: at as u32,
            message,
        })?;
        crate::bound::check(code).map_err(|(at, message)| VerifyError {
            code: code.qualname.to_string(),
            offset: at as u32,
            message,
        })?;
        pending.extend(code.consts.iter().filter_map(|c| match c {
            Const::Code(code) => Some(&***code),
            _ => None,
        }));
    }
    Ok(())
}

/// Computes the liveness table of code that comes without one, and verifies it.
pub fn complete(code: &mut Code) -> Result<(), VerifyError> {
    code.live = vec![0; code.words.len()].into();
    let (mut at, mut live) = (0, code.live.to_vec());
    let verifier = Verifier { code };
    let shape = verifier.shape(&mut at);
    shape.and_then(|starts| verifier.flow(&mut at, &starts, Some(&mut live))).map_err(
        |message| VerifyError { code: code.qualname.to_string(), offset: at as u32, message },
    )?;
    code.live = live.into();
    verify(code)
}

/// What an instruction does to the temporaries.
pub(crate) struct Effect {
    pub live: u32,
    /// Temporaries on falling through; None where the flow ends.
    pub after: Option<u32>,
    /// Jump target with its temporaries.
    pub jump: Option<(i64, u32)>,
}

pub(crate) struct Verifier<'a> {
    pub code: &'a Code,
}

impl Verifier<'_> {
    fn run(&self, at: &mut usize) -> Check {
        let starts = self.shape(at)?;
        self.flow(at, &starts, None)
    }

    /// Everything but the flow; where instructions start.
    fn shape(&self, at: &mut usize) -> Check<Vec<bool>> {
        let code = self.code;
        let count = code.words.len();
        self.metadata()?;
        // Instruction starts.
        let mut starts = vec![false; count + 1];
        while *at < count {
            let row = self.row(*at)?;
            starts[*at] = true;
            self.operands(*at, row)?;
            let next = *at + 1 + usize::from(row.words);
            if next > count {
                return Err("extra words are missing".into());
            }
            for extra in *at + 1..next {
                if code.live[extra] != 0 {
                    return Err("liveness of an extra word".into());
                }
            }
            *at = next;
        }
        *at = 0;
        let mut last_end = 0;
        for h in &code.handlers {
            *at = h.start as usize;
            let (start, end, target) = (h.start as usize, h.end as usize, h.target as usize);
            if start >= end || end > count || target >= count {
                return Err("handler range".into());
            }
            if !starts[start] || !(end == count || starts[end]) || !starts[target] {
                return Err("handler does not lie on instructions".into());
            }
            if start < last_end {
                return Err("handlers overlap".into());
            }
            last_end = end;
            if u32::from(h.depth) + 1 > self.temps() {
                return Err("handler depth".into());
            }
        }
        Ok(starts)
    }

    /// Walks the control flow and compares the liveness table, or fills one.
    fn flow(&self, at: &mut usize, starts: &[bool], mut fill: Option<&mut [u16]>) -> Check {
        let code = self.code;
        let count = code.words.len();
        let mut depth: Vec<Option<u32>> = vec![None; count];
        let mut work: Vec<usize> = Vec::new();
        if count == 0 {
            return Err("empty code".into());
        }
        depth[0] = Some(0);
        work.push(0);
        let arrive =
            |to: i64, d: u32, depth: &mut Vec<Option<u32>>, work: &mut Vec<usize>| -> Check {
                let to = usize::try_from(to)
                    .ok()
                    .filter(|&t| t < count && starts[t])
                    .ok_or("jump or fall-off out of range")?;
                match depth[to] {
                    None => {
                        depth[to] = Some(d);
                        work.push(to);
                        Ok(())
                    }
                    Some(old) if old == d => Ok(()),
                    Some(old) => Err(format!("{old} and {d} temporaries meet at {to}")),
                }
            };
        while let Some(point) = work.pop() {
            *at = point;
            let Some(here) = depth[point] else { continue };
            let row = self.row(point)?;
            let effect = self.effect(point, row, here)?;
            if let Some(live) = &mut fill {
                live[point] = u16::try_from(effect.live).map_err(|_| "too many temporaries")?;
            } else if u32::from(code.live[point]) != effect.live {
                return Err(format!(
                    "{}: live is {}, should be {}",
                    row.name, code.live[point], effect.live
                ));
            }
            if let Some(after) = effect.after {
                if after > self.temps() {
                    return Err("too many temporaries".into());
                }
                arrive((point + 1 + usize::from(row.words)) as i64, after, &mut depth, &mut work)?;
            }
            if let Some((to, d)) = effect.jump {
                if to <= point as i64 && row.base != op::JUMP_BACK {
                    return Err("backward jump without a breaker".into());
                }
                arrive(to, d, &mut depth, &mut work)?;
            }
            if row.raises || row.suspends {
                let i = code.handlers.partition_point(|h| h.end as usize <= point);
                if let Some(h) = code.handlers.get(i)
                    && h.start as usize <= point
                {
                    if effect.live < u32::from(h.depth) {
                        return Err("handler keeps dead temporaries".into());
                    }
                    arrive(i64::from(h.target), u32::from(h.depth) + 1, &mut depth, &mut work)?;
                }
            }
        }
        *at = 0;
        Ok(())
    }

    fn temps(&self) -> u32 {
        u32::from(self.code.reg_count - self.code.first_temp)
    }

    fn metadata(&self) -> Check {
        let code = self.code;
        let locals = usize::from(code.first_temp);
        if code.local_names.len() != locals || code.local_kinds.len() != locals {
            return Err("names and kinds of locals".into());
        }
        if code.reg_count < code.first_temp {
            return Err("register count".into());
        }
        if code.live.len() != code.words.len() {
            return Err("liveness table length".into());
        }
        let frees = code.free_count as usize;
        if frees > locals {
            return Err("free variables".into());
        }
        for (i, &kind) in code.local_kinds.iter().enumerate() {
            if (kind == LocalKind::Free) != (i >= locals - frees) {
                return Err("free variables are not last".into());
            }
        }
        let mut params = u64::from(code.arg_count) + u64::from(code.kwonly_count);
        params += u64::from(code.flags & crate::code::flags::VARARGS != 0);
        params += u64::from(code.flags & crate::code::flags::VARKEYWORDS != 0);
        if params > (locals - frees) as u64 || code.posonly_count > code.arg_count {
            return Err("argument counts".into());
        }
        for h in &code.hidden_locals {
            if usize::from(h.reg) >= locals || h.start > h.end || h.end as usize > code.words.len()
            {
                return Err("hidden locals".into());
            }
        }
        Ok(())
    }

    fn row(&self, at: usize) -> Check<&'static OpInfo> {
        let insn = Insn::decode(self.code.words[at]);
        isa::info(insn.op).ok_or_else(|| format!("unknown opcode {}", insn.op))
    }

    fn kind(&self, register: u16) -> Option<LocalKind> {
        self.code.local_kinds.get(usize::from(register)).copied()
    }

    fn operands(&self, at: usize, row: &OpInfo) -> Check {
        let code = self.code;
        let insn = Insn::decode(code.words[at]);
        let variant = insn.op - row.base;
        let mut bit = 0;
        let generator = flags::GENERATOR | flags::COROUTINE | flags::ASYNC_GENERATOR;
        if matches!(row.base, op::YIELD | op::YIELD_FROM) && code.flags & generator == 0 {
            return Err(format!("{} outside a generator", row.name));
        }
        let is_cell = |r: u16| {
            matches!(self.kind(r), Some(LocalKind::Cell | LocalKind::HiddenCell | LocalKind::Free))
        };
        for (i, operand) in row.operands.iter().enumerate() {
            let field = [insn.a, insn.b, insn.c][i];
            let temp = field >= code.first_temp;
            if field >= code.reg_count
                && matches!(
                    operand,
                    Operand::Dst
                        | Operand::Src
                        | Operand::Reg
                        | Operand::Peek
                        | Operand::Temp
                        | Operand::Local
                )
            {
                // Unused registers of RAISE and empty runs may lie behind the last.
                let empty = matches!(operand, Operand::Temp) && field == code.reg_count;
                if row.base != op::RAISE && !empty {
                    return Err(format!("{}: register {field} out of range", row.name));
                }
            }
            match operand {
                Operand::Dst | Operand::Src => {
                    let local = variant >> bit & 1 != 0;
                    bit += 1;
                    if local == temp {
                        return Err(format!("{}: variant does not fit register", row.name));
                    }
                    // Only MAKE_CELL and the closure may put something into a cell's register.
                    if local && *operand == Operand::Dst && is_cell(field) {
                        return Err(format!("{}: writes a cell's register", row.name));
                    }
                    if local && *operand == Operand::Src && is_cell(field) && row.base != op::MOVE {
                        return Err(format!("{}: reads a raw cell", row.name));
                    }
                }
                Operand::Peek | Operand::Temp if !temp => {
                    return Err(format!("{}: needs a temporary", row.name));
                }
                Operand::Reg if !temp && is_cell(field) && row.base != op::RAISE => {
                    return Err(format!("{}: reads a raw cell", row.name));
                }
                Operand::Local => {
                    if temp {
                        return Err(format!("{}: needs a local", row.name));
                    }
                    let wants_cell = matches!(
                        row.base,
                        op::MAKE_CELL
                            | op::LOAD_DEREF
                            | op::STORE_DEREF
                            | op::DELETE_DEREF
                            | op::LOAD_FROM_DICT_OR_DEREF
                    );
                    if wants_cell && !is_cell(field) {
                        return Err(format!("{}: not a cell", row.name));
                    }
                    if row.base == op::MAKE_CELL && self.kind(field) == Some(LocalKind::Free) {
                        return Err("MAKE_CELL of a free variable".into());
                    }
                }
                Operand::Const if insn.bc() as usize >= code.consts.len() => {
                    return Err(format!("{}: constant out of range", row.name));
                }
                Operand::Name if insn.bc() as usize >= code.names.len() => {
                    return Err(format!("{}: name out of range", row.name));
                }
                _ => {}
            }
        }
        if row.words > 0 {
            let word = *code.words.get(at + 1).ok_or("extra words are missing")?;
            if word_is_name(row.base) && word >= code.names.len() as u64 {
                return Err(format!("{}: name out of range", row.name));
            }
            if matches!(row.base, op::CALL_KW | op::CALL_METHOD_KW) {
                let names = usize::try_from(word).ok().and_then(|i| code.consts.get(i));
                match names {
                    Some(Const::Tuple(t))
                        if t.len() <= usize::from(insn.c)
                            && t.iter().all(|c| matches!(c, Const::Str(_))) => {}
                    _ => return Err("keyword names are not a tuple of str".into()),
                }
            }
        }
        Ok(())
    }

    pub(crate) fn effect(&self, at: usize, row: &OpInfo, depth: u32) -> Check<Effect> {
        let code = self.code;
        let insn = Insn::decode(code.words[at]);
        let fields = [insn.a, insn.b, insn.c];
        let next = (at + 1 + usize::from(row.words)) as i64;
        let temp = |field: u16| field.checked_sub(code.first_temp).map(u32::from);
        // Consumed operands must be exactly the top of the stack.
        let mut consumed = Vec::with_capacity(3);
        let skip_regs = match row.base {
            op::RAISE => 2 - usize::from(insn.c.min(2)),
            _ => 0,
        };
        for (i, operand) in row.operands.iter().enumerate() {
            if row.base == op::RAISE && i < 2 && i >= 2 - skip_regs {
                continue;
            }
            match operand {
                Operand::Src | Operand::Reg => consumed.extend(temp(fields[i])),
                Operand::Peek => {
                    let n = temp(fields[i]).ok_or("needs a temporary")?;
                    if n >= depth {
                        return Err(format!("{}: reads dead T{n}", row.name));
                    }
                }
                _ => {}
            }
        }
        let base = |i: usize| temp(fields[i]).ok_or_else(|| "needs a temporary".to_owned());
        let run = |from: u32, len: u32, consumed: &mut Vec<u32>| {
            consumed.extend(from..from.saturating_add(len));
        };
        let c = u32::from(insn.c);
        match row.base {
            op::BUILD_TUPLE
            | op::BUILD_LIST
            | op::BUILD_SET
            | op::BUILD_SLICE
            | op::BUILD_STRING => {
                run(base(1)?, c, &mut consumed);
            }
            op::BUILD_MAP => run(base(1)?, 2 * c, &mut consumed),
            op::FORMAT_WITH_SPEC | op::BUILD_TEMPLATE | op::IMPORT_NAME | op::INTRINSIC_2 => {
                run(base(1)?, 2, &mut consumed);
            }
            op::BUILD_INTERPOLATION => run(base(1)?, 2 + (c & 1), &mut consumed),
            op::CALL | op::CALL_KW => run(base(1)?, 1 + c, &mut consumed),
            op::CALL_METHOD | op::CALL_METHOD_KW => run(base(1)?, 2 + c, &mut consumed),
            op::CALL_EX => run(base(1)?, 2 + (c & 1), &mut consumed),
            op::LOAD_SUPER_ATTR | op::LOAD_SUPER_METHOD | op::MATCH_CLASS => {
                run(base(1)?, 3, &mut consumed);
            }
            op::WITH_EXIT => run(base(1)?, 1, &mut consumed),
            op::DROP | op::RERAISE_PLAIN => run(base(0)?, 1, &mut consumed),
            op::EXIT_HANDLER | op::RERAISE | op::END_ASYNC_FOR => run(base(0)?, 2, &mut consumed),
            op::RERAISE_CLEANUP => run(base(0)?, 3, &mut consumed),
            op::ENTER_HANDLER => {
                let n = base(0)?;
                if n + 1 != depth {
                    return Err("ENTER_HANDLER: exception not on top".into());
                }
            }
            _ => {}
        }
        consumed.sort_unstable();
        let live = depth
            .checked_sub(consumed.len() as u32)
            .ok_or_else(|| format!("{}: consumes too much", row.name))?;
        if consumed.iter().zip(live..).any(|(&n, want)| n != want) {
            return Err(format!("{}: consumed temporaries are not on top", row.name));
        }
        let mut effect = Effect { live, after: Some(live), jump: None };
        if row.operands[0] == Operand::Dst
            && let Some(n) = temp(insn.a)
        {
            let want = if row.base == op::YIELD_FROM { live.saturating_sub(1) } else { live };
            if n != want {
                return Err(format!("{}: destination T{n} is not the next one", row.name));
            }
            effect.after = Some(live + 1);
        }
        let at_base = |want: u32| -> Check {
            if base(0)? == want { Ok(()) } else { Err(format!("{}: wrong temporary", row.name)) }
        };
        let wide = next + i64::from(insn.bc() as i32);
        let narrow = next + i64::from(insn.c as i16);
        match row.base {
            op::LOAD_METHOD | op::LOAD_SUPER_METHOD => {
                at_base(live)?;
                effect.after = Some(live + 2);
            }
            op::UNPACK_SEQUENCE => {
                at_base(live)?;
                effect.after = Some(live + c);
            }
            op::UNPACK_EX => {
                at_base(live)?;
                let after = u32::try_from(code.words[at + 1]).map_err(|_| "UNPACK_EX count")?;
                effect.after = Some(live.saturating_add(c).saturating_add(1).saturating_add(after));
            }
            op::CHECK_EG_MATCH => {
                at_base(live)?;
                effect.after = Some(live + 2);
            }
            op::BEFORE_WITH | op::BEFORE_ASYNC_WITH => {
                at_base(live + 1)?;
                effect.live = live + 1;
                effect.after = Some(live + 2);
            }
            op::ENTER_HANDLER => effect.after = Some(live + 1),
            op::YIELD_FROM => {
                if base(1)? + 1 != depth {
                    return Err("YIELD_FROM: iterator not on top".into());
                }
                effect.after = Some(if temp(insn.a).is_some() { live } else { live - 1 });
            }
            op::RETURN | op::RETURN_CONST => {
                if live != 0 {
                    return Err("return with live temporaries".into());
                }
                effect.after = None;
            }
            op::RAISE | op::RERAISE | op::RERAISE_CLEANUP | op::RERAISE_PLAIN => {
                effect.after = None;
            }
            op::JUMP | op::JUMP_BACK => {
                effect.after = None;
                effect.jump = Some((wide, live));
            }
            op::JUMP_IF_TRUE | op::JUMP_IF_FALSE | op::JUMP_IF_NONE | op::JUMP_IF_NOT_NONE => {
                effect.jump = Some((wide, live));
            }
            op::JUMP_IF_TRUE_OR_POP | op::JUMP_IF_FALSE_OR_POP => {
                if base(0)? + 1 != depth {
                    return Err("operand not on top".into());
                }
                effect.after = Some(depth - 1);
                effect.jump = Some((wide, depth));
            }
            op::FOR_ITER => {
                if base(1)? + 1 != depth {
                    return Err("FOR_ITER: iterator not on top".into());
                }
                effect.jump = Some((next + i64::from(insn.c), depth - 1));
            }
            _ if row.operands[2] == Operand::Jump16 => effect.jump = Some((narrow, live)),
            _ => {}
        }
        Ok(effect)
    }
}

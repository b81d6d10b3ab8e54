//! Disassembly for people and golden tests: every instruction with its names resolved, live
//! counts, the exception table and nested code objects.

use std::fmt::Write;

use crate::code::{Code, Const, LocalKind};
use crate::isa::{self, Insn, Operand, op};

/// The text of `code` and, after it, of the code objects among its constants.
#[must_use]
pub fn disassemble(code: &Code) -> String {
    let mut out = String::new();
    one(code, &mut out);
    let mut pending: Vec<&Code> = nested(code);
    pending.reverse();
    while let Some(next) = pending.pop() {
        out.push('\n');
        one(next, &mut out);
        let mut more = nested(next);
        more.reverse();
        pending.extend(more);
    }
    out
}

fn nested(code: &Code) -> Vec<&Code> {
    code.consts
        .iter()
        .filter_map(|c| match c {
            Const::Code(code) => Some(&***code),
            _ => None,
        })
        .collect()
}

/// A constant as short text.
#[must_use]
pub fn const_text(value: &Const) -> String {
    let many = |items: &[Const]| items.iter().map(const_text).collect::<Vec<_>>().join(", ");
    match value {
        Const::None => "None".into(),
        Const::True => "True".into(),
        Const::False => "False".into(),
        Const::Ellipsis => "...".into(),
        Const::Int(i) => i.to_string(),
        Const::BigInt(b) => format!("<int of {} bytes>", b.len()),
        Const::Float(f) => format!("{f:?}"),
        Const::Complex(r, i) => format!("({r:?}+{i:?}j)"),
        Const::Str(s) => format!("{:?}", String::from_utf8_lossy(s)),
        Const::Bytes(b) => format!("b{:?}", String::from_utf8_lossy(b)),
        Const::Tuple(t) => format!("({})", many(t)),
        Const::FrozenSet(t) => format!("frozenset({})", many(t)),
        Const::Slice(s) => format!("slice({})", many(&s[..])),
        Const::Code(c) => format!("<code {}>", c.qualname),
    }
}

fn register(code: &Code, n: u16) -> String {
    if n >= code.first_temp {
        return format!("T{}", n - code.first_temp);
    }
    match code.local_names.get(usize::from(n)) {
        Some(name) => match code.local_kinds.get(usize::from(n)) {
            Some(LocalKind::Fast) | None => name.to_string(),
            Some(LocalKind::Hidden) => format!("~{name}.{n}"),
            Some(_) => format!("&{name}"),
        },
        None => format!("R{n}?"),
    }
}

fn name(code: &Code, i: u64) -> String {
    usize::try_from(i)
        .ok()
        .and_then(|i| code.names.get(i))
        .map_or_else(|| format!("name {i}?"), |n| format!(".{n}"))
}

fn constant(code: &Code, i: u64) -> String {
    usize::try_from(i)
        .ok()
        .and_then(|i| code.consts.get(i))
        .map_or_else(|| format!("const {i}?"), const_text)
}

/// Whether the first extra word of a row is a name index.
#[must_use]
pub fn word_is_name(base: u16) -> bool {
    matches!(
        base,
        op::LOAD_FROM_DICT_OR_GLOBALS
            | op::LOAD_ATTR
            | op::STORE_ATTR
            | op::DELETE_ATTR
            | op::LOAD_METHOD
            | op::LOAD_SUPER_ATTR
            | op::LOAD_SUPER_METHOD
            | op::IMPORT_NAME
            | op::IMPORT_FROM
    )
}

fn one(code: &Code, out: &mut String) {
    let _ = writeln!(
        out,
        "code {} args={}/{}/{} flags={:#x} regs={}+{}",
        code.qualname,
        code.arg_count,
        code.posonly_count,
        code.kwonly_count,
        code.flags,
        code.first_temp,
        code.reg_count.saturating_sub(code.first_temp),
    );
    let mut lines = code.positions.iter().peekable();
    let mut shown = 0;
    let mut at = 0usize;
    while at < code.words.len() {
        let mut line = 0;
        while let Some(&(start, words, position)) = lines.peek() {
            if (at as u32) < start + words {
                line = position.line;
                break;
            }
            lines.next();
        }
        let label = if line != 0 && line != shown { format!("{line:>5}") } else { "     ".into() };
        shown = line;
        let insn = Insn::decode(code.words[at]);
        let live = code.live.get(at).copied().unwrap_or(0);
        let Some(row) = isa::info(insn.op) else {
            let _ = writeln!(out, "{label} {at:>5} {live:>2}  unknown {}", insn.op);
            at += 1;
            continue;
        };
        let mut args: Vec<String> = Vec::new();
        let next = at as i64 + 1 + i64::from(row.words);
        for (i, operand) in row.operands.iter().enumerate() {
            let field = [insn.a, insn.b, insn.c][i];
            args.push(match operand {
                Operand::None => continue,
                Operand::Dst
                | Operand::Src
                | Operand::Reg
                | Operand::Peek
                | Operand::Temp
                | Operand::Local => register(code, field),
                Operand::Const => constant(code, u64::from(insn.bc())),
                Operand::Name => name(code, u64::from(insn.bc())),
                Operand::Int => (insn.bc() as i32).to_string(),
                Operand::Jump => format!("-> {}", next + i64::from(insn.bc() as i32)),
                Operand::Imm => format!("#{}", field as i16),
                Operand::Jump16 if row.base == op::FOR_ITER => {
                    format!("-> {}", next + i64::from(field))
                }
                Operand::Jump16 => format!("-> {}", next + i64::from(field as i16)),
                Operand::Num => format!("#{field}"),
            });
        }
        if row.words > 0 {
            let word = code.words.get(at + 1).copied().unwrap_or(0);
            if word_is_name(row.base) {
                args.push(name(code, word));
            } else if matches!(row.base, op::CALL_KW | op::CALL_METHOD_KW) {
                args.push(constant(code, word));
            } else if row.base == op::UNPACK_EX {
                args.push(format!("#{word}"));
            }
        }
        let _ = writeln!(out, "{label} {at:>5} {live:>2}  {:<20} {}", row.name, args.join(", "));
        at += 1 + usize::from(row.words);
    }
    for h in &code.handlers {
        let _ =
            writeln!(out, "      handler {}..{} -> {} depth {}", h.start, h.end, h.target, h.depth);
    }
    for h in &code.hidden_locals {
        let _ = writeln!(out, "      hidden {} {}..{}", register(code, h.reg), h.start, h.end);
    }
}

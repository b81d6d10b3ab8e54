//! `Body`: one `Vm`'s runnable copy of a code object: instructions that may be specialised in
//! place, inline caches, and constants and names as values. Made on first run.

use std::cell::OnceCell;
use std::sync::Arc;

use stackless_bytecode::code::flags;
use stackless_bytecode::stack::Stacks;
use stackless_bytecode::{Code, Const, Insn, LocalKind, isa};

use crate::frame::{HEADER, stage};
use crate::value::Value;
use crate::vm::Vm;

pub struct Body {
    pub code: Arc<Code>,
    /// Instructions and inline caches; rewritten in place by the interpreter.
    pub words: Box<[u64]>,
    pub consts: Box<[Value]>,
    pub names: Box<[Value]>,
    pub local_names: Box<[Value]>,
    pub first_temp: u16,
    /// At least `MIN_REGS`.
    pub reg_count: u16,
    /// Bytes of a frame in a chunk.
    pub frame_bytes: u32,
    /// Positional parameters when a call with exactly so many positional arguments needs no
    /// binding (no `*args`, no keyword-only parameters, not a generator); else `u16::MAX`.
    pub simple_args: u16,
    /// The same, if there are no free variables to fetch either.
    pub quick_args: u16,
    /// The same for generators too: no `*args`, no keyword-only parameters.
    pub plain_args: u16,
    /// Registers below `first_temp` without free variables.
    pub plain_locals: u16,
    pub is_generator: bool,
    pub hidden: bool,
    /// Temporaries before each instruction, once somebody asked.
    depths: OnceCell<Box<[u16]>>,
}

/// A call copies so many argument registers before it looks at their number.
pub const MIN_REGS: u16 = 3;

impl Body {
    pub fn new(vm: &Vm, code: &Arc<Code>) -> Box<Body> {
        let generator = flags::GENERATOR | flags::COROUTINE | flags::ASYNC_GENERATOR;
        let special = flags::VARARGS | flags::VARKEYWORDS;
        let is_generator = code.flags & generator != 0;
        let plain =
            code.flags & special == 0 && code.kwonly_count == 0 && code.arg_count < u16::MAX as u32;
        let simple_args = if plain && !is_generator { code.arg_count as u16 } else { u16::MAX };
        let reg_count = code.reg_count.max(MIN_REGS);
        Box::new(Body {
            code: code.clone(),
            words: known_instructions(code),
            consts: code.consts.iter().map(|c| const_value(vm, c)).collect(),
            names: code.names.iter().map(|n| vm.intern_text(n)).collect(),
            local_names: code.local_names.iter().map(|n| vm.intern_text(n)).collect(),
            first_temp: code.first_temp,
            reg_count,
            frame_bytes: (HEADER + reg_count as usize * 8) as u32,
            simple_args,
            quick_args: if code.free_count == 0 { simple_args } else { u16::MAX },
            plain_args: if plain { code.arg_count as u16 } else { u16::MAX },
            plain_locals: code.first_temp - code.free_count as u16,
            is_generator,
            hidden: code.flags & flags::HIDDEN != 0,
            depths: OnceCell::new(),
        })
    }

    /// Word offset of an instruction address.
    pub fn offset_of(&self, ip: *const u64) -> u32 {
        ((ip as usize).wrapping_sub(self.words.as_ptr() as usize) / 8) as u32
    }

    pub fn live_at(&self, offset: u32) -> usize {
        self.code.live.get(offset as usize).copied().unwrap_or(0) as usize
    }

    /// The temporaries that are valid at an instruction in a stage: those that it keeps, all that it
    /// finds where it has not begun, all that it left where it is complete.
    pub fn valid_at(&self, offset: u32, stage: u32) -> usize {
        let at = match stage {
            stage::BEFORE => offset as usize,
            stage::AFTER => {
                let word = self.code.words.get(offset as usize).copied().unwrap_or(0);
                let words = isa::info(Insn::decode(word).op).map_or(0, |row| row.words);
                offset as usize + 1 + usize::from(words)
            }
            _ => return self.live_at(offset),
        };
        let made = || Stacks::of(&self.code).map_or_else(Box::default, |s| s.depths());
        self.depths.get_or_init(made).get(at).copied().unwrap_or(0).into()
    }

    pub fn is_cell(&self, reg: usize) -> bool {
        matches!(
            self.code.local_kinds.get(reg),
            Some(LocalKind::Cell | LocalKind::Free | LocalKind::HiddenCell)
        )
    }
}

/// A copy of the words in which every opcode is one of the table, for the loop that dispatches
/// without a test: a foreign one becomes a bare `raise`. (Verified code has none.)
fn known_instructions(code: &Code) -> Box<[u64]> {
    use stackless_bytecode::isa::{self, Insn};
    let mut words: Box<[u64]> = (*code.words).into();
    let mut at = 0;
    while let Some(word) = words.get_mut(at) {
        match isa::info(*word as u16) {
            Some(row) => at += 1 + usize::from(row.words),
            None => {
                *word = Insn::new(isa::op::RAISE, 0, 0, 0).encode();
                at += 1;
            }
        }
    }
    words
}

/// The runtime value of a constant.
pub fn const_value(vm: &Vm, c: &Const) -> Value {
    match c {
        Const::None => Value::NONE,
        Const::True => Value::TRUE,
        Const::False => Value::FALSE,
        Const::Ellipsis => Value::ELLIPSIS,
        Const::Int(i) => vm.int(*i),
        Const::BigInt(bytes) => vm.big_int_from_le_bytes(bytes),
        Const::Float(f) => vm.float(*f),
        Const::Complex(re, im) => vm.complex(*re, *im),
        Const::Str(s) => vm.const_str(s),
        Const::Bytes(b) => vm.bytes(b),
        Const::Tuple(items) => vm.tuple(items.iter().map(|c| const_value(vm, c)).collect()),
        Const::FrozenSet(items) => {
            vm.frozenset_of_consts(items.iter().map(|c| const_value(vm, c)).collect())
        }
        Const::Slice(parts) => vm.slice(
            const_value(vm, &parts[0]),
            const_value(vm, &parts[1]),
            const_value(vm, &parts[2]),
        ),
        Const::Code(code) => vm.code(code.clone()),
    }
}

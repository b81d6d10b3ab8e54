//! Instructions in the making: registers, temporaries, labels, definite assignment.
//!
//! A [`Unit`] is one code object under construction. Its instructions name registers virtually
//! ([`R`]); `assemble` gives them numbers. Invariants: `depth` is the number of live temporaries
//! after the last instruction; nothing is emitted while `reachable` is false; `bound` holds the
//! plain locals that are certainly bound here (only the first 256 are tracked).

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use stackless_bytecode::code::{Const, LocalKind};
use stackless_bytecode::isa::{self, Operand, op};

use crate::ir::{FastMap, Pos, StmtId, Sym};
use crate::symtable::ScopeId;

/// A virtual register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct R(u32);

const TEMP: u32 = 1 << 31;

impl R {
    /// As destination: the next temporary, whatever its number.
    pub const PUSH: R = R(u32::MAX);
    pub fn temp(n: u32) -> R {
        R(TEMP | n)
    }
    pub fn local(n: usize) -> R {
        R(n as u32)
    }
    pub fn as_temp(self) -> Option<u32> {
        (self.0 & TEMP != 0 && self != R::PUSH).then_some(self.0 & !TEMP)
    }
    pub fn as_local(self) -> Option<usize> {
        (self.0 & TEMP == 0).then_some(self.0 as usize)
    }
    pub fn is_temp(self) -> bool {
        self.as_temp().is_some()
    }
}

/// An operand field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum F {
    Z,
    R(R),
    N(u16),
}
impl From<R> for F {
    fn from(r: R) -> F {
        F::R(r)
    }
}
impl From<u16> for F {
    fn from(n: u16) -> F {
        F::N(n)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Label(pub u32);

#[derive(Clone, Copy, Debug)]
pub struct Insn {
    /// Base number of the row.
    pub op: u16,
    pub f: [F; 3],
    /// The 32-bit operand of Const, Name and Int rows.
    pub wide: u32,
    /// First extra word.
    pub word: u32,
    pub target: Option<Label>,
    pub pos: Pos,
    pub live: u32,
    /// Index + 1 of the innermost handler.
    pub handler: u32,
}

/// Certainly bound locals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Bits([u64; 4]);

impl Bits {
    pub fn get(&self, i: usize) -> bool {
        i < 256 && self.0[i / 64] >> (i % 64) & 1 != 0
    }
    pub fn set(&mut self, i: usize, on: bool) {
        if i < 256 {
            let bit = 1 << (i % 64);
            if on {
                self.0[i / 64] |= bit;
            } else {
                self.0[i / 64] &= !bit;
            }
        }
    }
    pub fn and(self, o: Bits) -> Bits {
        Bits([self.0[0] & o.0[0], self.0[1] & o.0[1], self.0[2] & o.0[2], self.0[3] & o.0[3]])
    }
    pub fn without(self, o: Bits) -> Bits {
        self.and(Bits([!o.0[0], !o.0[1], !o.0[2], !o.0[3]]))
    }
}

#[derive(Clone, Copy, Debug, Default)]
pub struct LabelInfo {
    /// Index of the instruction it stands before.
    pub at: Option<usize>,
    depth: Option<u32>,
    bound: Option<Bits>,
}

#[derive(Clone, Copy, Debug)]
pub struct HandlerInfo {
    pub label: Label,
    pub depth: u32,
    bound: Bits,
    /// Some instruction of the region may raise.
    pub used: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handler(u32);

/// A register below the temporaries.
#[derive(Clone, Debug)]
pub struct Reg {
    pub name: Arc<str>,
    pub kind: LocalKind,
}

#[derive(Clone, Copy, Debug)]
pub struct HiddenRange {
    pub reg: R,
    pub start: usize,
    pub end: usize,
}

/// What `break`, `continue` and `return` have to undo on their way out.
#[derive(Clone, Copy, Debug)]
pub enum Block {
    While {
        top: Label,
        end: Label,
    },
    /// The iterator is temporary `iter`.
    For {
        top: Label,
        end: Label,
        iter: u32,
    },
    /// `try` body with handlers, or any other region without code to run.
    Try,
    FinallyTry {
        body: crate::ir::List<StmtId>,
    },
    /// In the exceptional copy of a finally: the exception pair starts at `exc`.
    FinallyEnd {
        exc: u32,
    },
    With {
        exit: u32,
        is_async: bool,
        pos: Pos,
    },
    /// In an `except` body: the exception pair starts at `exc`.
    Except {
        exc: u32,
        name: Option<Sym>,
    },
    /// In an `except*` body.
    ExceptGroup,
}

impl Block {
    /// CPython has two blocks for a handler.
    pub fn weight(self) -> u32 {
        match self {
            Block::Except { .. } | Block::ExceptGroup => 2,
            _ => 1,
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub struct ActiveBlock {
    pub block: Block,
    /// Number of handlers pushed outside the block.
    pub handlers: usize,
}

/// An inlined comprehension: its own names and their registers.
#[derive(Clone, Debug)]
pub struct Inlined {
    pub scope: ScopeId,
    pub regs: FastMap<Sym, (R, bool)>,
}

#[derive(Debug)]
pub struct Unit {
    pub scope: ScopeId,
    pub name: Arc<str>,
    pub qualname: Arc<str>,
    pub private: Option<Sym>,
    pub first_line: u32,
    pub flags: u32,
    pub counts: [u32; 3],
    pub insns: Vec<Insn>,
    pub labels: Vec<LabelInfo>,
    pub handlers: Vec<HandlerInfo>,
    pub active: Vec<Handler>,
    pub blocks: Vec<ActiveBlock>,
    pub depth: u32,
    pub max_depth: u32,
    pub reachable: bool,
    pub bound: Bits,
    /// Locals that something in the unit unbinds.
    pub deletable: Bits,
    pub pos: Pos,
    pub consts: Vec<Const>,
    const_index: HashMap<Vec<u8>, u32>,
    pub names: Vec<Arc<str>>,
    name_index: FastMap<Sym, u32>,
    pub regs: Vec<Reg>,
    pub params: usize,
    pub fast: FastMap<Sym, R>,
    pub cells: FastMap<Sym, R>,
    pub frees: FastMap<Sym, R>,
    pub free_order: Vec<R>,
    pub inlined: Vec<Inlined>,
    pub hidden: Vec<HiddenRange>,
    /// Hidden registers not in use now, by name and kind.
    pub spare: Vec<R>,
    pub static_attributes: BTreeSet<Arc<str>>,
    /// Annotations to be evaluated by `__annotate__`: target name, expression, condition index.
    pub annotations: Vec<(Sym, crate::ir::ExprId, Pos, Option<u32>)>,
    pub next_conditional: u32,
    pub in_conditional: u32,
    pub scratch: Vec<R>,
    pub nested_blocks: u32,
}

impl Unit {
    pub fn new(scope: ScopeId, name: Arc<str>, qualname: Arc<str>) -> Unit {
        Unit {
            scope,
            name,
            qualname,
            private: None,
            first_line: 0,
            flags: 0,
            counts: [0; 3],
            insns: Vec::new(),
            labels: Vec::new(),
            handlers: Vec::new(),
            active: Vec::new(),
            blocks: Vec::new(),
            depth: 0,
            max_depth: 0,
            reachable: true,
            bound: Bits::default(),
            deletable: Bits::default(),
            pos: Pos::default(),
            consts: Vec::new(),
            const_index: HashMap::new(),
            names: Vec::new(),
            name_index: FastMap::default(),
            regs: Vec::new(),
            params: 0,
            fast: FastMap::default(),
            cells: FastMap::default(),
            frees: FastMap::default(),
            free_order: Vec::new(),
            inlined: Vec::new(),
            hidden: Vec::new(),
            spare: Vec::new(),
            static_attributes: BTreeSet::new(),
            annotations: Vec::new(),
            next_conditional: 0,
            in_conditional: 0,
            scratch: Vec::new(),
            nested_blocks: 0,
        }
    }

    pub fn new_reg(&mut self, name: Arc<str>, kind: LocalKind) -> R {
        self.regs.push(Reg { name, kind });
        R::local(self.regs.len() - 1)
    }

    /// The top temporary.
    pub fn top(&self) -> R {
        R::temp(self.depth.saturating_sub(1))
    }

    pub fn is_bound(&self, r: R) -> bool {
        r.as_local().is_some_and(|i| self.bound.get(i))
    }

    pub fn set_bound(&mut self, r: R, on: bool) {
        if let Some(i) = r.as_local() {
            self.bound.set(i, on);
        }
    }

    pub fn add_const(&mut self, value: Const) -> u32 {
        if let Const::Code(_) = value {
            self.consts.push(value);
            return self.consts.len() as u32 - 1;
        }
        let mut key = Vec::new();
        const_key(&value, &mut key);
        if let Some(&i) = self.const_index.get(&key) {
            return i;
        }
        let i = self.consts.len() as u32;
        self.consts.push(value);
        self.const_index.insert(key, i);
        i
    }

    pub fn add_name(&mut self, sym: Sym, text: &Arc<str>) -> u32 {
        let names = &mut self.names;
        *self.name_index.entry(sym).or_insert_with(|| {
            names.push(Arc::clone(text));
            names.len() as u32 - 1
        })
    }

    // Labels and handlers.

    pub fn label(&mut self) -> Label {
        self.labels.push(LabelInfo::default());
        Label(self.labels.len() as u32 - 1)
    }

    /// A label of an instruction that stands already.
    pub fn label_at(&mut self, at: usize) -> Label {
        self.labels.push(LabelInfo { at: Some(at), ..LabelInfo::default() });
        Label(self.labels.len() as u32 - 1)
    }

    fn arrive(&mut self, label: Label, depth: u32) {
        let bound = self.bound;
        let info = &mut self.labels[label.0 as usize];
        if info.at.is_none() {
            debug_assert!(info.depth.is_none_or(|d| d == depth), "depth differs at a join");
            info.depth = Some(depth);
            info.bound = Some(info.bound.map_or(bound, |b| b.and(bound)));
        }
    }

    /// Places a label that is only jumped to forward.
    pub fn place(&mut self, label: Label) {
        if self.reachable {
            self.arrive(label, self.depth);
        }
        let at = self.insns.len();
        let info = &mut self.labels[label.0 as usize];
        info.at = Some(at);
        if let (Some(depth), Some(bound)) = (info.depth, info.bound) {
            self.depth = depth;
            self.bound = bound;
            self.reachable = true;
        }
    }

    /// Places a label that is jumped back to: what the loop may unbind is not bound here.
    pub fn place_top(&mut self, label: Label) {
        self.bound = self.bound.without(self.deletable);
        self.place(label);
    }

    /// Opens a region whose exceptions go to a handler with the current temporaries kept.
    pub fn push_handler(&mut self) -> Handler {
        let label = self.label();
        let bound = self.bound.without(self.deletable);
        self.handlers.push(HandlerInfo { label, depth: self.depth, bound, used: false });
        let handler = Handler(self.handlers.len() as u32 - 1);
        self.active.push(handler);
        handler
    }

    pub fn pop_handler(&mut self) {
        self.active.pop();
    }

    /// Continues at a handler's start: its exception is on top. False if nothing can raise.
    pub fn place_handler(&mut self, handler: Handler) -> bool {
        let info = self.handlers[handler.0 as usize];
        self.labels[info.label.0 as usize].at = Some(self.insns.len());
        self.depth = info.depth + 1;
        self.max_depth = self.max_depth.max(self.depth);
        self.bound = info.bound;
        self.reachable = info.used;
        info.used
    }

    // Emission.

    fn push(&mut self, mut insn: Insn) {
        let row = isa::info(insn.op);
        if let Some(&handler) = self.active.last() {
            insn.handler = handler.0 + 1;
            if row.is_some_and(|r| r.raises || r.suspends) {
                self.handlers[handler.0 as usize].used = true;
            }
        }
        self.insns.push(insn);
    }

    /// Emits an instruction; `live` and `depth` are those of the ISA's law.
    pub fn raw(&mut self, op: u16, f: [F; 3], wide: u32, word: u32, live: u32, depth: u32) {
        if self.reachable {
            let pos = self.pos;
            self.push(Insn { op, f, wide, word, target: None, pos, live, handler: 0 });
        }
        self.depth = depth;
        self.max_depth = self.max_depth.max(depth);
    }

    /// Temporaries left after the consumed operands are gone.
    fn consumed(&self, op: u16, f: [F; 3]) -> u32 {
        let mut live = self.depth;
        let Some(row) = isa::info(op) else { return live };
        for (i, operand) in row.operands.iter().enumerate() {
            let temp = match f[i] {
                F::R(r) => r.as_temp(),
                _ => None,
            };
            match operand {
                Operand::Src | Operand::Reg | Operand::Temp => {
                    if let Some(n) = temp {
                        live = live.min(n);
                    }
                }
                _ => {}
            }
        }
        live
    }

    /// Emits an instruction whose only effect on the temporaries is consuming operands and writing
    /// a `Dst` in field a.
    pub fn full(
        &mut self,
        op: u16,
        a: impl Into<F>,
        b: impl Into<F>,
        c: impl Into<F>,
        wide: u32,
        word: u32,
    ) {
        let mut f = [a.into(), b.into(), c.into()];
        let live = self.consumed(op, f);
        let mut depth = live;
        if let Some(row) = isa::info(op)
            && row.operands[0] == Operand::Dst
            && let F::R(dst) = f[0]
        {
            if dst == R::PUSH || dst.is_temp() {
                debug_assert!(
                    dst == R::PUSH || dst.as_temp() == Some(live),
                    "destination not on top"
                );
                f[0] = F::R(R::temp(live));
                depth = live + 1;
            } else {
                self.set_bound(dst, true);
            }
        }
        self.raw(op, f, wide, word, live, depth);
    }

    pub fn op(&mut self, op: u16, a: impl Into<F>, b: impl Into<F>, c: impl Into<F>) {
        self.full(op, a, b, c, 0, 0);
    }

    pub fn op_wide(&mut self, op: u16, a: impl Into<F>, wide: u32) {
        self.full(op, a, F::Z, F::Z, wide, 0);
    }

    pub fn op_word(
        &mut self,
        op: u16,
        a: impl Into<F>,
        b: impl Into<F>,
        c: impl Into<F>,
        word: u32,
    ) {
        self.full(op, a, b, c, 0, word);
    }

    /// A jump; operands are consumed on both ways.
    pub fn jump(&mut self, op: u16, a: impl Into<F>, b: impl Into<F>, target: Label) {
        let f = [a.into(), b.into(), F::Z];
        let live = self.consumed(op, f);
        if self.reachable {
            self.arrive(target, live);
            let pos = self.pos;
            let insn =
                Insn { op, f, wide: 0, word: 0, target: Some(target), pos, live, handler: 0 };
            self.push(insn);
        }
        self.depth = live;
        if matches!(op, op::JUMP | op::JUMP_BACK) {
            self.reachable = false;
        }
    }

    pub fn goto(&mut self, target: Label) {
        self.jump(op::JUMP, F::Z, F::Z, target);
    }

    /// JUMP_IF_*_OR_POP: the operand stays on the jump.
    pub fn jump_or_pop(&mut self, op: u16, target: Label) {
        let top = self.top();
        let live = self.depth;
        if self.reachable {
            self.arrive(target, live);
            let pos = self.pos;
            let f = [F::R(top), F::Z, F::Z];
            self.push(Insn {
                op,
                f,
                wide: 0,
                word: 0,
                target: Some(target),
                pos,
                live,
                handler: 0,
            });
        }
        self.depth = live - 1;
    }

    /// FOR_ITER over the top temporary into `dst`; jumps to `end` with the iterator gone.
    pub fn for_iter(&mut self, dst: R, end: Label) {
        let iter = self.top();
        let live = self.depth;
        let dst_reg = if dst == R::PUSH { R::temp(live) } else { dst };
        if self.reachable {
            self.arrive(end, live - 1);
            let pos = self.pos;
            let f = [F::R(dst_reg), F::R(iter), F::Z];
            let insn = Insn {
                op: op::FOR_ITER,
                f,
                wide: 0,
                word: 0,
                target: Some(end),
                pos,
                live,
                handler: 0,
            };
            self.push(insn);
        }
        if dst == R::PUSH {
            self.depth = live + 1;
            self.max_depth = self.max_depth.max(self.depth);
        } else {
            self.set_bound(dst, true);
        }
    }

    /// Holds a line for tracing; removed where a neighbour has the same line.
    pub fn nop(&mut self, pos: Pos) {
        let old = std::mem::replace(&mut self.pos, pos);
        self.op(op::NOP, F::Z, F::Z, F::Z);
        self.pos = old;
    }

    pub fn drop_top(&mut self) {
        let top = self.top();
        self.op(op::DROP, top, F::Z, F::Z);
    }

    /// Drops temporaries down to `depth`.
    pub fn drop_to(&mut self, depth: u32) {
        while self.depth > depth {
            self.drop_top();
        }
    }

    /// Pops the top temporary into `dst`.
    pub fn pop_into(&mut self, dst: R) {
        let top = self.top();
        self.op(op::MOVE, dst, top, F::Z);
    }

    pub fn load_const(&mut self, dst: R, value: Const) {
        if let Const::Int(i) = value
            && let Ok(i) = i32::try_from(i)
        {
            self.op_wide(op::LOAD_INT, dst, i as u32);
            return;
        }
        let index = if self.reachable { self.add_const(value) } else { 0 };
        self.op_wide(op::LOAD_CONST, dst, index);
    }

    /// Consumes `from..depth` and ends the flow (raise and its kin).
    pub fn end_with(&mut self, op: u16, f: [F; 3]) {
        let live = self.consumed(op, f);
        self.raw(op, f, 0, 0, live, live);
        self.reachable = false;
    }
}

/// Bytes that are equal exactly for constants that may be shared.
fn const_key(value: &Const, out: &mut Vec<u8>) {
    let bytes = |tag: u8, b: &[u8], out: &mut Vec<u8>| {
        out.push(tag);
        out.extend_from_slice(&(b.len() as u64).to_le_bytes());
        out.extend_from_slice(b);
    };
    match value {
        Const::None => out.push(0),
        Const::True => out.push(1),
        Const::False => out.push(2),
        Const::Ellipsis => out.push(3),
        Const::Int(i) => bytes(4, &i.to_le_bytes(), out),
        Const::BigInt(b) => bytes(5, b, out),
        Const::Float(f) => bytes(6, &f.to_bits().to_le_bytes(), out),
        Const::Complex(r, i) => {
            bytes(7, &r.to_bits().to_le_bytes(), out);
            bytes(7, &i.to_bits().to_le_bytes(), out);
        }
        Const::Str(s) => bytes(8, s, out),
        Const::Bytes(b) => bytes(9, b, out),
        Const::Tuple(items) | Const::FrozenSet(items) => {
            out.push(if matches!(value, Const::Tuple(_)) { 10 } else { 11 });
            out.extend_from_slice(&(items.len() as u64).to_le_bytes());
            for item in items {
                const_key(item, out);
            }
        }
        Const::Slice(items) => {
            out.push(12);
            for item in items.iter() {
                const_key(item, out);
            }
        }
        Const::Code(code) => bytes(13, &(Arc::as_ptr(code.arc()) as usize).to_le_bytes(), out),
    }
}

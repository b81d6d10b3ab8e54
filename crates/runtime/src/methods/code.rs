//! `code`: attributes, methods, and code objects made of parts.
//!
//! What Python sees of a code object is enough to make it again: the exception table also names the
//! registers that are no variables. Invariant: code made of parts has passed the verifier, so it
//! can be wrong but not break anything. CPython's counterpart: `Objects/codeobject.c`.

use std::sync::Arc;

use stackless_bytecode::code::{HiddenLocal, PositionTable, flags};
use stackless_bytecode::isa::{self, Insn, Operand, op};
use stackless_bytecode::{Code, CodeRef, Const, Handler, LocalKind, Stored, Text};

use crate::boot::TypeBuilder;
use crate::descr::{GetSet, getter};
use crate::exc::{Flow, PyResult, Reply};
use crate::native::{Def, def};
use crate::object::Obj;
use crate::objects::bytes::Bytes;
use crate::objects::code::PyCode;
use crate::objects::dict::Dict;
use crate::objects::number::{Complex, Int};
use crate::objects::set::Set;
use crate::objects::str::Str;
use crate::steps::call_intrinsic;
use crate::value::Value;
use crate::vm::Vm;

pub(crate) fn code(v: &Value) -> Option<&Obj<PyCode>> {
    v.get::<PyCode>()
}

fn int(vm: &Vm, n: u32) -> Flow {
    Ok(vm.int(n as i64).into())
}

fn names(vm: &Vm, v: &Value, want: fn(LocalKind) -> bool) -> Flow {
    let Some(c) = code(v) else { return Ok(Reply::NONE) };
    let items = c
        .code
        .local_names
        .iter()
        .zip(&c.code.local_kinds)
        .filter(|(n, k)| want(**k) && &***n != ".")
        .map(|(n, _)| vm.intern(n))
        .collect();
    Ok(vm.tuple(items).into())
}

static CODE: [GetSet; 20] = [
    getter("co_name", |vm, v| Ok(code(v).map_or(Value::NONE, |c| vm.intern(&c.code.name)).into())),
    getter("co_qualname", |vm, v| {
        Ok(code(v).map_or(Value::NONE, |c| vm.intern(&c.code.qualname)).into())
    }),
    getter("co_filename", |vm, v| {
        Ok(code(v).map_or(Value::NONE, |c| vm.str(&c.code.filename)).into())
    }),
    getter("co_firstlineno", |vm, v| int(vm, code(v).map_or(0, |c| c.code.first_line))),
    getter("co_flags", |vm, v| {
        int(vm, code(v).map_or(0, |c| c.code.flags & !stackless_bytecode::code::flags::HIDDEN))
    }),
    getter("co_argcount", |vm, v| int(vm, code(v).map_or(0, |c| c.code.arg_count))),
    getter("co_posonlyargcount", |vm, v| int(vm, code(v).map_or(0, |c| c.code.posonly_count))),
    getter("co_kwonlyargcount", |vm, v| int(vm, code(v).map_or(0, |c| c.code.kwonly_count))),
    getter("co_nlocals", |vm, v| int(vm, code(v).map_or(0, |c| variables(&c.code).count() as u32))),
    getter("co_stacksize", |vm, v| {
        int(vm, code(v).map_or(0, |c| (c.code.reg_count - c.code.first_temp) as u32))
    }),
    getter("co_varnames", |vm, v| {
        let Some(c) = code(v) else { return Ok(Reply::NONE) };
        let items = variables(&c.code).map(|n| vm.intern(n)).collect();
        Ok(vm.tuple(items).into())
    }),
    getter("co_cellvars", |vm, v| {
        names(vm, v, |k| matches!(k, LocalKind::Cell | LocalKind::HiddenCell))
    }),
    getter("co_freevars", |vm, v| names(vm, v, |k| k == LocalKind::Free)),
    getter("co_names", |vm, v| {
        let Some(c) = code(v) else { return Ok(Reply::NONE) };
        let items = c.code.names.iter().map(|n| vm.intern(n)).collect();
        Ok(vm.tuple(items).into())
    }),
    getter("co_consts", |vm, v| {
        let Some(c) = code(v) else { return Ok(Reply::NONE) };
        let items = c.body_ref(vm).consts.to_vec();
        Ok(vm.tuple(items).into())
    }),
    getter("co_code", |vm, v| {
        let Some(c) = code(v) else { return Ok(Reply::NONE) };
        let bytes: Vec<u8> = c.code.words.iter().flat_map(|w| w.to_le_bytes()).collect();
        Ok(vm.bytes(&bytes).into())
    }),
    getter("_co_code_adaptive", |vm, v| {
        let Some(c) = code(v) else { return Ok(Reply::NONE) };
        let bytes: Vec<u8> = c.code.words.iter().flat_map(|w| w.to_le_bytes()).collect();
        Ok(vm.bytes(&bytes).into())
    }),
    getter("co_linetable", |vm, v| {
        Ok(code(v).map_or(Value::NONE, |c| vm.bytes(&c.code.positions.0)).into())
    }),
    getter("co_exceptiontable", |vm, v| {
        Ok(code(v).map_or(Value::NONE, |c| vm.bytes(&exception_table(&c.code))).into())
    }),
    getter("co_lnotab", |vm, v| call_intrinsic(vm, "code_lnotab", std::slice::from_ref(v))),
];

/// Parameters and other variables, cells that are none left out.
fn variables(c: &Code) -> impl Iterator<Item = &Text> {
    let args = args_of(c);
    let all = c.local_names.iter().zip(&c.local_kinds).enumerate();
    all.filter(move |(i, (n, k))| {
        (matches!(k, LocalKind::Fast | LocalKind::Hidden) || *i < args) && &***n != "."
    })
    .map(|(_, (n, _))| n)
}

fn args_of(c: &stackless_bytecode::Code) -> usize {
    use stackless_bytecode::code::flags;
    (c.arg_count + c.kwonly_count) as usize
        + (c.flags & flags::VARARGS != 0) as usize
        + (c.flags & flags::VARKEYWORDS != 0) as usize
}

const CODE_METHODS: &[Def] = &[
    def!("co_positions", "(self, /)", |vm, this| {
        let Some(c) = code(this) else { return Ok(Reply::NONE) };
        let mut out = Vec::new();
        for (_, words, p) in c.code.located() {
            let n = |vm: &Vm, v: u32, none: u32| {
                if v == none { Value::NONE } else { vm.int(v as i64) }
            };
            let row = if p.line == 0 {
                vec![Value::NONE, Value::NONE, Value::NONE, Value::NONE]
            } else {
                vec![
                    n(vm, p.line, 0),
                    n(vm, p.end_line, 0),
                    n(vm, p.col, u32::MAX),
                    n(vm, p.end_col, u32::MAX),
                ]
            };
            let row = vm.tuple(row);
            // One row per two bytes, the unit that `tb_lasti // 2` counts in.
            for _ in 0..words * 4 {
                out.push(row.clone());
            }
        }
        let l = vm.list(out);
        crate::ops::iter::iter(vm, &l)
    }),
    def!("co_lines", "(self, /)", |vm, this| {
        let Some(c) = code(this) else { return Ok(Reply::NONE) };
        let mut rows: Vec<(u32, u32, u32)> = Vec::new();
        for (start, words, p) in c.code.located() {
            match rows.last_mut() {
                Some(r) if r.2 == p.line => r.1 = (start + words) * 8,
                _ => rows.push((start * 8, (start + words) * 8, p.line)),
            }
        }
        if rows.is_empty() {
            let l = vm.list(Vec::new());
            return crate::ops::iter::iter(vm, &l);
        }
        // The call itself, which is no instruction, stands in front at the line of the header.
        let header = vec![vm.int(-8), vm.int(0), vm.int(c.code.header_line().into())];
        let header = vm.tuple(header);
        let out = std::iter::once(header)
            .chain(rows.into_iter().map(|(s, e, l)| {
                let line = if l == 0 { Value::NONE } else { vm.int(l as i64) };
                vm.tuple(vec![vm.int(s as i64), vm.int(e as i64), line])
            }))
            .collect();
        let l = vm.list(out);
        crate::ops::iter::iter(vm, &l)
    }),
    def!("co_branches", "(self, /)", |vm, this| {
        let Some(c) = code(this) else { return Ok(Reply::NONE) };
        let mut rows = Vec::new();
        let mut at = 0;
        while let Some(word) = c.code.words.get(at) {
            let words = isa::info(*word as u16).map_or(0, |row| usize::from(row.words));
            let next = at + 1 + words;
            if let Some(to) = crate::trace::branch_target(&c.code, at as u32) {
                let left = crate::trace::left_of(&c.code, at as u32);
                let row = [at as u64 * 8, left, u64::from(to) * 8].map(|n| vm.uint(n));
                rows.push(vm.tuple(row.to_vec()));
            }
            at = next;
        }
        let l = vm.list(rows);
        crate::ops::iter::iter(vm, &l)
    }),
    def!("replace", "(self, /, **changes)", |vm, this, changes| replace(vm, this, changes)),
    def!("__replace__", "(self, /, **changes)", |vm, this, changes| replace(vm, this, changes)),
    def!(
        "__new__",
        "(cls, argcount: index, posonlyargcount: index, kwonlyargcount: index, nlocals: index, \
         stacksize: index, flags: index, codestring, constants, names, varnames, filename, name, \
         qualname, firstlineno: index, linetable, exceptiontable, freevars=(), cellvars=(), /)",
        construct,
    ),
];

pub fn define_code(b: &mut TypeBuilder<'_>) {
    b.getsets(&CODE);
    b.methods(CODE_METHODS);
    b.slots.repr = Some(|vm, v| {
        let Some(c) = code(v) else { return Ok(Reply::NONE) };
        let text = format!(
            "<code object {} at {:#x}, file \"{}\", line {}>",
            c.code.name,
            v.bits(),
            c.code.filename,
            c.code.first_line
        );
        Ok(vm.str(&text).into())
    });
    b.slots.compare = Some(|_, op, a, b| {
        use crate::objects::types::CmpOp;
        let (Some(x), Some(y)) = (code(a), code(b)) else {
            return Ok(Value::NOT_IMPLEMENTED.into());
        };
        let same = equal(&x.code, &y.code);
        match op {
            CmpOp::Eq => Ok(same.into()),
            CmpOp::Ne => Ok((!same).into()),
            _ => Ok(Value::NOT_IMPLEMENTED.into()),
        }
    });
    b.slots.hash = Some(|vm, v| {
        let h = code(v).map_or(0, |c| {
            let mut h = c.code.first_line as i64;
            for w in c.code.words.iter().take(64) {
                h = h.wrapping_mul(1_000_003) ^ *w as i64;
            }
            h
        });
        Ok(vm.int(h >> 2).into())
    });
}

/// Equality does not look at file names, as CPython's.
fn equal(x: &Code, y: &Code) -> bool {
    std::ptr::eq(x, y)
        || x.name == y.name
            && (x.arg_count, x.posonly_count, x.kwonly_count, x.flags, x.first_line)
                == (y.arg_count, y.posonly_count, y.kwonly_count, y.flags, y.first_line)
            && x.words == y.words
            && x.names == y.names
            && x.local_names == y.local_names
            && x.local_kinds == y.local_kinds
            && x.handlers == y.handlers
            && x.positions == y.positions
            && x.consts == y.consts
}

/// Marks a row of the exception table that describes a register instead of a handler.
const REGISTER: u32 = u32::MAX;
const KINDS: [LocalKind; 5] =
    [LocalKind::Fast, LocalKind::Cell, LocalKind::Free, LocalKind::Hidden, LocalKind::HiddenCell];
/// Added to the kind in such a row: the register has no name of its own.
const NAMELESS: u32 = 0x100;

/// Rows of four numbers: handlers (start, end, target, depth); registers that are not plain
/// variables (REGISTER, number, REGISTER, kind); ranges of hidden ones (REGISTER, number, start,
/// end).
fn exception_table(c: &Code) -> Vec<u8> {
    let mut rows: Vec<[u32; 4]> =
        c.handlers.iter().map(|h| [h.start, h.end, h.target, u32::from(h.depth)]).collect();
    for (i, kind) in c.local_kinds.iter().enumerate() {
        let nameless = &*c.local_names[i] == ".";
        if nameless || matches!(kind, LocalKind::Hidden | LocalKind::HiddenCell) {
            let n = KINDS.iter().position(|k| k == kind).unwrap_or(0) as u32;
            rows.push([REGISTER, i as u32, REGISTER, n | if nameless { NAMELESS } else { 0 }]);
        }
    }
    let hidden = c.hidden_locals.iter().map(|h| [REGISTER, h.reg.into(), h.start, h.end]);
    rows.extend(hidden);
    rows.iter().flatten().flat_map(|n| n.to_le_bytes()).collect()
}

/// The arguments of the constructor.
struct Parts {
    numbers: [u32; 7],
    words: Box<[u64]>,
    consts: Box<[Const]>,
    names: Box<[Text]>,
    varnames: Vec<Text>,
    filename: Arc<str>,
    name: Text,
    qualname: Text,
    linetable: Stored<u8>,
    table: Vec<[u32; 4]>,
    freevars: Vec<Text>,
    cellvars: Vec<Text>,
    hidden: bool,
}

/// Places of `Parts::numbers`.
const NUMBERS: [(&str, &str); 7] = [
    ("co_argcount", "argcount"),
    ("co_posonlyargcount", "posonlyargcount"),
    ("co_kwonlyargcount", "kwonlyargcount"),
    ("co_nlocals", "nlocals"),
    ("co_stacksize", "stacksize"),
    ("co_flags", "flags"),
    ("co_firstlineno", "firstlineno"),
];

fn wrong<T>(vm: &mut Vm, message: impl std::fmt::Display) -> PyResult<T> {
    Err(vm.value_error(format!("code: {message}")))
}

/// A value as a constant of code. Sequences nest as deeply as `depth` allows.
fn constant(vm: &mut Vm, v: &Value, depth: u32) -> PyResult<Const> {
    if depth == 0 {
        return wrong(vm, "constants are nested too deeply");
    }
    if v.is_none() {
        return Ok(Const::None);
    }
    if v.is_bool() {
        return Ok(if v.is_true() { Const::True } else { Const::False });
    }
    if v.is(&Value::ELLIPSIS) {
        return Ok(Const::Ellipsis);
    }
    let t = &vm.types;
    if vm.is_exactly(v, &t.int) {
        return Ok(match (v.as_i64(), v.get::<Int>()) {
            (Some(n), _) => Const::Int(n),
            (None, Some(i)) => Const::BigInt(i.0.to_signed_bytes_le().into()),
            _ => Const::None,
        });
    }
    if vm.is_exactly(v, &t.float) {
        return Ok(Const::Float(v.as_float().unwrap_or(0.0)));
    }
    if let Some(c) = v.get::<Complex>().filter(|_| vm.is_exactly(v, &t.complex)) {
        return Ok(Const::Complex(c.re, c.im));
    }
    if let Some(s) = v.get::<Str>().filter(|_| vm.is_exactly(v, &t.str)) {
        return Ok(Const::Str(s.bytes().into()));
    }
    if let Some(b) = v.get::<Bytes>().filter(|_| vm.is_exactly(v, &t.bytes)) {
        return Ok(Const::Bytes(b.as_bytes().into()));
    }
    if let Some(c) = code(v) {
        return Ok(Const::Code(c.code.clone()));
    }
    let many = |vm: &mut Vm, items: Vec<Value>| -> PyResult<Box<[Const]>> {
        items.iter().map(|i| constant(vm, i, depth - 1)).collect()
    };
    if vm.is_exactly(v, &t.tuple) {
        let items = v.tuple_items().to_vec();
        return Ok(Const::Tuple(many(vm, items)?));
    }
    if vm.is_exactly(v, &t.frozenset)
        && let Some(s) = v.get::<Set>()
    {
        let items = s.keys(vm);
        return Ok(Const::FrozenSet(many(vm, items)?));
    }
    if let Some(s) = v.get::<crate::objects::function::Slice>() {
        let items = vec![s.start.get(), s.stop.get(), s.step.get()];
        let items: Result<Box<[Const; 3]>, _> = many(vm, items)?.try_into();
        if let Ok(items) = items {
            return Ok(Const::Slice(items));
        }
    }
    let t = vm.type_name(v);
    Err(vm.type_error(format!("code: a constant cannot be of type '{t}'")))
}

/// How an argument is named in errors: by place or by keyword.
type Label = String;

fn expected<T>(vm: &mut Vm, label: &Label, what: &str, v: &Value) -> PyResult<T> {
    let t = if v.is_none() { "None".to_owned() } else { vm.type_name(v) };
    Err(vm.type_error(format!("{label} must be {what}, not {t}")))
}

fn text(vm: &mut Vm, v: &Value, label: &Label) -> PyResult<Arc<str>> {
    match v.as_str(vm).map(Arc::<str>::from) {
        Some(s) => Ok(s),
        None => expected(vm, label, "str", v),
    }
}

fn bytes(vm: &mut Vm, v: &Value, label: &Label) -> PyResult<Vec<u8>> {
    match v.get::<Bytes>().map(|b| b.as_bytes().to_vec()) {
        Some(b) => Ok(b),
        None => expected(vm, label, "bytes", v),
    }
}

fn tuple(vm: &mut Vm, v: &Value, label: &Label) -> PyResult<Vec<Value>> {
    match vm.is_exactly(v, &vm.types.tuple) {
        true => Ok(v.tuple_items().to_vec()),
        false => expected(vm, label, "tuple", v),
    }
}

fn strings(vm: &mut Vm, v: &Value, label: &Label) -> PyResult<Vec<Text>> {
    let mut out = Vec::new();
    for item in tuple(vm, v, label)? {
        match item.as_str(vm).map(Text::from) {
            Some(s) => out.push(s),
            None => {
                let t = vm.type_name(&item);
                let message = format!("name tuples must contain only strings, not '{t}'");
                return Err(vm.type_error(message));
            }
        }
    }
    Ok(out)
}

fn words(vm: &mut Vm, bytes: &[u8]) -> PyResult<Box<[u64]>> {
    let (whole, rest) = bytes.as_chunks::<8>();
    if !rest.is_empty() || whole.is_empty() {
        return wrong(vm, "co_code is malformed");
    }
    Ok(whole.iter().map(|w| u64::from_le_bytes(*w)).collect())
}

fn rows(vm: &mut Vm, bytes: &[u8]) -> PyResult<Vec<[u32; 4]>> {
    let (whole, rest) = bytes.as_chunks::<16>();
    if !rest.is_empty() {
        return wrong(vm, "co_exceptiontable is malformed");
    }
    let number = |row: &[u8; 16], i: usize| {
        u32::from_le_bytes([row[4 * i], row[4 * i + 1], row[4 * i + 2], row[4 * i + 3]])
    };
    Ok(whole.iter().map(|row| [0, 1, 2, 3].map(|i| number(row, i))).collect())
}

impl Parts {
    fn of(c: &Code) -> Parts {
        let pick = |want: fn(LocalKind) -> bool| {
            let all = c.local_names.iter().zip(&c.local_kinds);
            let found = all.filter(|(n, k)| want(**k) && &***n != ".");
            found.map(|(n, _)| n.clone()).collect::<Vec<_>>()
        };
        let varnames: Vec<_> = variables(c).cloned().collect();
        let exceptions = exception_table(c);
        let (table, _) = exceptions.as_chunks::<16>();
        let number = |row: &[u8; 16], i: usize| {
            u32::from_le_bytes([row[4 * i], row[4 * i + 1], row[4 * i + 2], row[4 * i + 3]])
        };
        Parts {
            numbers: [
                c.arg_count,
                c.posonly_count,
                c.kwonly_count,
                varnames.len() as u32,
                (c.reg_count - c.first_temp).into(),
                c.flags & !flags::HIDDEN,
                c.first_line,
            ],
            words: (*c.words).into(),
            consts: c.consts.clone(),
            names: c.names.clone(),
            varnames,
            filename: Arc::clone(&c.filename),
            name: c.name.clone(),
            qualname: c.qualname.clone(),
            linetable: c.positions.0.clone(),
            table: table.iter().map(|row| [0, 1, 2, 3].map(|i| number(row, i))).collect(),
            freevars: pick(|k| k == LocalKind::Free),
            cellvars: pick(|k| matches!(k, LocalKind::Cell | LocalKind::HiddenCell)),
            hidden: c.flags & flags::HIDDEN != 0,
        }
    }

    fn args(&self) -> usize {
        (self.numbers[0] + self.numbers[2]) as usize
            + usize::from(self.numbers[5] & flags::VARARGS != 0)
            + usize::from(self.numbers[5] & flags::VARKEYWORDS != 0)
    }

    /// Names and kinds of the registers: variables, cells that are none, free variables, with the
    /// registers that the table describes at their places.
    fn registers(&self) -> Option<Vec<(Text, LocalKind)>> {
        let described = |reg: usize| {
            let row = self.table.iter().find(|r| r[0] == REGISTER && r[1] as usize == reg);
            let row = row.filter(|r| r[2] == REGISTER)?;
            Some((*KINDS.get((row[3] & 0xff) as usize)?, row[3] & NAMELESS != 0))
        };
        let args = self.args();
        let is_cell = |n: &Text| self.cellvars.contains(n);
        let mut all = self.varnames.iter().enumerate().map(|(i, n)| {
            (n, if i < args && is_cell(n) { LocalKind::Cell } else { LocalKind::Fast })
        });
        let parameters = &self.varnames[..args.min(self.varnames.len())];
        let mut cells = self.cellvars.iter().filter(|n| !parameters.contains(n));
        let mut frees = self.freevars.iter();
        let mut out: Vec<(Text, LocalKind)> = Vec::new();
        loop {
            let special = described(out.len());
            if let Some((kind, true)) = special {
                out.push((Text::from("."), kind));
                continue;
            }
            let kind_of = |kind| special.map_or(kind, |(k, _)| k);
            let next = all
                .next()
                .map(|(n, k)| (n.clone(), kind_of(k)))
                .or_else(|| cells.next().map(|n| (n.clone(), kind_of(LocalKind::Cell))))
                .or_else(|| frees.next().map(|n| (n.clone(), LocalKind::Free)));
            match next {
                Some(next) => out.push(next),
                None => return (out.len() < usize::from(u16::MAX)).then_some(out),
            }
        }
    }

    fn build(self, vm: &mut Vm) -> PyResult<Code> {
        let [argcount, posonly, kwonly, nlocals, stacksize, flag_bits, first_line] = self.numbers;
        if self.args() > self.varnames.len() {
            return wrong(vm, "co_varnames is too small");
        }
        if nlocals as usize != self.varnames.len() {
            return wrong(vm, "co_nlocals != len(co_varnames)");
        }
        let registers = self.registers();
        let registers = match registers {
            Some(r) => r,
            None => return wrong(vm, "too many registers"),
        };
        let first_temp = registers.len() as u16;
        let Some(reg_count) = u16::try_from(stacksize).ok().and_then(|n| first_temp.checked_add(n))
        else {
            return wrong(vm, "co_stacksize is too large");
        };
        let short = |n: u32| u16::try_from(n).unwrap_or(u16::MAX);
        let handlers = self.table.iter().filter(|r| r[0] != REGISTER);
        let handlers = handlers
            .map(|r| Handler { start: r[0], end: r[1], target: r[2], depth: short(r[3]) })
            .collect();
        let hidden = self.table.iter().filter(|r| r[0] == REGISTER && r[2] != REGISTER);
        let hidden_locals =
            hidden.map(|r| HiddenLocal { reg: short(r[1]), start: r[2], end: r[3] }).collect();
        let mut made = Code {
            name: self.name,
            qualname: self.qualname,
            filename: self.filename,
            first_line,
            flags: flag_bits & !flags::HIDDEN | if self.hidden { flags::HIDDEN } else { 0 },
            arg_count: argcount,
            posonly_count: posonly,
            kwonly_count: kwonly,
            local_names: registers.iter().map(|r| r.0.clone()).collect(),
            local_kinds: registers.iter().map(|r| r.1).collect(),
            free_count: self.freevars.len() as u32,
            first_temp,
            reg_count,
            words: self.words.into(),
            live: Stored::default(),
            consts: self.consts,
            names: self.names,
            handlers,
            hidden_locals,
            positions: PositionTable(self.linetable),
        };
        if let Err(e) = stackless_bytecode::complete(&mut made) {
            return wrong(vm, format!("{} (at {})", e.message, e.offset));
        }
        Ok(made)
    }

    /// Renumbers registers after variables were added or taken away, as `old` numbered them.
    fn renumber(&mut self, old: &Parts) -> Option<()> {
        let (before, after) = (old.registers()?, self.registers()?);
        let mut map: Vec<Option<u16>> = Vec::new();
        let mut seen = [0usize; 3];
        for (_, kind) in &before {
            let group = match kind {
                LocalKind::Fast | LocalKind::Hidden => 0,
                LocalKind::Cell | LocalKind::HiddenCell => 1,
                LocalKind::Free => 2,
            };
            let nth = seen[group];
            seen[group] += 1;
            let mut found = after.iter().enumerate().filter(|(_, (_, k))| match group {
                0 => matches!(k, LocalKind::Fast | LocalKind::Hidden),
                1 => matches!(k, LocalKind::Cell | LocalKind::HiddenCell),
                _ => *k == LocalKind::Free,
            });
            map.push(found.nth(nth).map(|(i, _)| i as u16));
        }
        let (old_temp, new_temp) = (before.len() as u32, after.len() as u32);
        let moved = |reg: u16| -> Option<u16> {
            match map.get(usize::from(reg)) {
                Some(to) => *to,
                None => u16::try_from(u32::from(reg) - old_temp + new_temp).ok(),
            }
        };
        let mut at = 0;
        while at < self.words.len() {
            let insn = Insn::decode(self.words[at]);
            let row = isa::info(insn.op)?;
            let mut fields = [insn.a, insn.b, insn.c];
            for (i, (field, operand)) in fields.iter_mut().zip(&row.operands).enumerate() {
                let unused = row.base == op::RAISE && i >= usize::from(insn.c);
                if !unused
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
                    *field = moved(*field)?;
                }
            }
            let [a, b, c] = fields;
            self.words[at] = Insn { op: insn.op, a, b, c }.encode();
            at += 1 + usize::from(row.words);
        }
        Some(())
    }
}

fn number(vm: &mut Vm, v: &Value, name: &str) -> PyResult<u32> {
    match v.as_i64() {
        Some(n) if n < 0 => wrong(vm, format!("{name} must not be negative")),
        Some(n) => match u32::try_from(n) {
            Ok(n) => Ok(n),
            Err(_) => Err(vm.overflow_error("Python int too large to convert to C int")),
        },
        None => Err(vm.overflow_error("Python int too large to convert to C int")),
    }
}

/// `code(...)`.
pub(crate) fn construct(vm: &mut Vm, a: &[Value]) -> Flow {
    let label = |n: usize| format!("code() argument {n}");
    let mut numbers = [0; 7];
    for (place, n) in numbers.iter_mut().zip([1, 2, 3, 4, 5, 6, 14]) {
        *place = number(vm, &a[n], NUMBERS[if n == 14 { 6 } else { n - 1 }].1)?;
    }
    let code_bytes = bytes(vm, &a[7], &label(7))?;
    let mut consts = Vec::new();
    for v in tuple(vm, &a[8], &label(8))? {
        consts.push(constant(vm, &v, 100)?);
    }
    let optional = |vm: &mut Vm, i: usize| match a[i].given().cloned() {
        Some(v) => strings(vm, &v, &label(i)),
        None => Ok(Vec::new()),
    };
    let names = strings(vm, &a[9], &label(9))?.into();
    let varnames = strings(vm, &a[10], &label(10))?;
    let filename = text(vm, &a[11], &label(11))?;
    let name = text(vm, &a[12], &label(12))?;
    let qualname = text(vm, &a[13], &label(13))?;
    let linetable = bytes(vm, &a[15], &label(15))?.into();
    let exceptions = bytes(vm, &a[16], &label(16))?;
    let freevars = optional(vm, 17)?;
    if vm.audit.is_some() {
        let told = vec![a[7].clone(), a[11].clone(), a[12].clone()];
        let told = told.into_iter().chain(numbers[..6].iter().map(|n| vm.int(i64::from(*n))));
        let told = told.collect();
        if let Some(flow) = crate::audit::first(vm, "code.__new__", "code.__new__", told, a) {
            return flow;
        }
    }
    let cellvars = optional(vm, 18)?;
    let parts = Parts {
        numbers,
        words: words(vm, &code_bytes)?,
        consts: consts.into(),
        names,
        varnames,
        filename,
        name: name.into(),
        qualname: qualname.into(),
        linetable,
        table: rows(vm, &exceptions)?,
        freevars,
        cellvars,
        hidden: false,
    };
    let made = parts.build(vm)?;
    Ok(vm.code(CodeRef::Made(Arc::new(made))).into())
}

/// `code.replace(...)`.
pub(crate) fn replace(vm: &mut Vm, v: &Value, changes: &Value) -> Flow {
    let Some(c) = code(v) else { return Ok(Reply::NONE) };
    let c = Arc::clone(c.code.arc());
    let old = Parts::of(&c);
    let mut new = Parts::of(&c);
    let (mut shape, mut own_code) = (false, false);
    let given = changes.clone();
    let changes = changes.get::<Dict>().map_or(vec![], |d| d.items_vec(vm));
    for (k, v) in changes {
        let key = k.display_str(vm);
        let label = format!("replace() argument '{key}'");
        if let Some(i) = NUMBERS.iter().position(|n| n.0 == key) {
            if !vm.is_exactly(&v, &vm.types.int) && !v.is_bool() {
                let t = vm.type_name(&v);
                let message = format!("'{t}' object cannot be interpreted as an integer");
                return Err(vm.type_error(message));
            }
            if v.as_i64().is_some_and(|n| n < 0) {
                return Err(vm.value_error(format!("{key} must be a positive integer")));
            }
            new.numbers[i] = number(vm, &v, &key)?;
            shape = true;
            continue;
        }
        match key.as_str() {
            "co_name" => new.name = text(vm, &v, &label)?.into(),
            "co_qualname" => new.qualname = text(vm, &v, &label)?.into(),
            "co_filename" => new.filename = text(vm, &v, &label)?,
            "co_linetable" => new.linetable = bytes(vm, &v, &label)?.into(),
            _ => shape = true,
        }
        match key.as_str() {
            "co_name" | "co_qualname" | "co_filename" | "co_linetable" => {}
            "co_names" => new.names = strings(vm, &v, &label)?.into(),
            "co_varnames" => new.varnames = strings(vm, &v, &label)?,
            "co_freevars" => new.freevars = strings(vm, &v, &label)?,
            "co_cellvars" => new.cellvars = strings(vm, &v, &label)?,
            "co_consts" => {
                let mut consts = Vec::new();
                for v in tuple(vm, &v, &label)? {
                    consts.push(constant(vm, &v, 100)?);
                }
                new.consts = consts.into();
            }
            "co_code" => {
                let b = bytes(vm, &v, &label)?;
                new.words = words(vm, &b)?;
                own_code = true;
            }
            "co_exceptiontable" => {
                let b = bytes(vm, &v, &label)?;
                new.table = rows(vm, &b)?;
                own_code = true;
            }
            _ => {
                let message = format!("replace() got an unexpected keyword argument '{key}'");
                return Err(vm.type_error(message));
            }
        }
    }
    if vm.audit.is_some() {
        let code: Vec<u8> = new.words.iter().flat_map(|w| w.to_le_bytes()).collect();
        let told = vec![vm.bytes(&code), vm.str(&new.filename), vm.str(&new.name)];
        let told = told.into_iter().chain(new.numbers[..6].iter().map(|n| vm.int(i64::from(*n))));
        let (told, args) = (told.collect(), [v.clone(), given]);
        if let Some(flow) = crate::audit::first(vm, "code.replace", "code.__new__", told, &args) {
            return flow;
        }
    }
    if !shape {
        let mut made = (*c).clone();
        (made.name, made.qualname, made.filename) = (new.name, new.qualname, new.filename);
        made.positions = PositionTable(new.linetable);
        return Ok(vm.code(CodeRef::Made(Arc::new(made))).into());
    }
    let counts = |p: &Parts| (p.varnames.len(), p.cellvars.len(), p.freevars.len());
    if !own_code && counts(&old) != counts(&new) && new.renumber(&old).is_none() {
        return wrong(vm, "the instructions need variables that are gone");
    }
    let made = new.build(vm)?;
    Ok(vm.code(CodeRef::Made(Arc::new(made))).into())
}

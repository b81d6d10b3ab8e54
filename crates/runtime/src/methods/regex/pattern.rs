//! `re.Pattern`, the scanner, and the iterator of `finditer`.

use super::matched::scan_on;
use super::{Job, check, op, replace, scan};
use crate::boot::TypeBuilder;
use crate::descr::{GetSet, field};
use crate::exc::{Flow, PyResult};
use crate::machine::Machine;
use crate::methods::buffer;
use crate::methods::support::int_or;
use crate::native::{Def, classdef, def};
use crate::object::{Obj, ValueCell};
use crate::objects::bytes::Bytes;
use crate::objects::iterators::{MappingProxy, generic_alias};
use crate::objects::itertool::IterTool;
use crate::objects::list::List;
use crate::objects::regex::{Pattern, is_sound_code, part};
use crate::objects::str::Str;
use crate::objects::types::CmpOp;
use crate::ops;
use crate::soft;
use crate::steps::call_intrinsic;
use crate::value::Value;
use crate::vm::Vm;

fn get<'a>(vm: &mut Vm, v: &'a Value) -> PyResult<&'a Obj<Pattern>> {
    match v.get::<Pattern>() {
        Some(p) if p.parts.get(vm).len() == part::COUNT => Ok(p),
        _ => Err(vm.type_error("pattern expected")),
    }
}

fn attr(vm: &mut Vm, v: &Value, i: usize) -> Flow {
    let p = get(vm, v)?;
    Ok(p.part(vm, i).into())
}

/// Starts an operation with arguments (pattern, string, start, end).
fn run(vm: &mut Vm, a: &[Value], op: i64) -> Flow {
    let (pos, end) = (int_or(&a[2], 0), int_or(&a[3], i64::MAX));
    let (pattern, string, extra) = (&a[0], &a[1], &Value::NONE);
    super::start(vm, Job { op, pattern, string, subject: string, pos, end, extra })
}

pub fn define_pattern(b: &mut TypeBuilder<'_>) {
    b.slots.repr = Some(|vm, v| {
        let p = get(vm, v)?;
        let (pattern, flags) = (p.part(vm, part::PATTERN), p.part(vm, part::FLAGS));
        call_intrinsic(vm, "pattern_repr", &[pattern, flags])
    });
    b.slots.hash = Some(|vm, v| {
        let t = key(vm, v)?;
        ops::hash::hash(vm, &t)
    });
    b.slots.compare = Some(compare);
    b.methods(METHODS);
    b.getsets(&ATTRS);
}

/// What makes patterns equal.
fn key(vm: &mut Vm, v: &Value) -> PyResult {
    let p = get(vm, v)?;
    let of = |i| p.part(vm, i);
    let parts = vec![of(part::FLAGS), of(part::CODE), of(part::GROUPS), of(part::PATTERN)];
    Ok(vm.tuple(parts))
}

fn compare(vm: &mut Vm, op: CmpOp, a: &Value, b: &Value) -> Flow {
    if !matches!(op, CmpOp::Eq | CmpOp::Ne) || !a.has::<Pattern>() || !b.has::<Pattern>() {
        return Ok(Value::NOT_IMPLEMENTED.into());
    }
    let (x, y) = (key(vm, a)?, key(vm, b)?);
    // A str and bytes are not even compared: that may warn.
    let is_text = |t: &Value| t.tuple_items().last().is_some_and(|p| p.has::<Str>());
    if is_text(&x) != is_text(&y) {
        return Ok((op == CmpOp::Ne).into());
    }
    ops::compare::sequence_compare(vm, op, &x, &y)
}

static ATTRS: [GetSet; 4] = [
    field("pattern", |vm, v| attr(vm, v, part::PATTERN)),
    field("flags", |vm, v| attr(vm, v, part::FLAGS)),
    field("groups", |vm, v| attr(vm, v, part::GROUPS)),
    GetSet {
        name: "groupindex",
        get: |vm, v| {
            let p = get(vm, v)?;
            let m = MappingProxy { mapping: ValueCell::new(p.part(vm, part::INDEX)) };
            Ok(vm.alloc(&vm.types.mapping_proxy, m).into())
        },
        set: None,
        field: false,
    },
];

const METHODS: &[Def] = &[
    def!("match", "(self, /, string, pos: ssize=0, endpos: ssize=sys.maxsize)", |vm, a| {
        run(vm, a, op::MATCH)
    }),
    def!("fullmatch", "(self, /, string, pos: ssize=0, endpos: ssize=sys.maxsize)", |vm, a| {
        run(vm, a, op::FULLMATCH)
    }),
    def!("search", "(self, /, string, pos: ssize=0, endpos: ssize=sys.maxsize)", |vm, a| {
        run(vm, a, op::SEARCH)
    }),
    def!("findall", "(self, /, string, pos: ssize=0, endpos: ssize=sys.maxsize)", |vm, a| {
        run(vm, a, op::FINDALL)
    }),
    def!("finditer", "(self, /, string, pos: ssize=0, endpos: ssize=sys.maxsize)", |vm, a| {
        scanner(vm, a, 1)
    }),
    def!("scanner", "(self, /, string, pos: ssize=0, endpos: ssize=sys.maxsize)", |vm, a| {
        scanner(vm, a, 0)
    }),
    def!("split", "(self, /, string, maxsplit: ssize=0)", |vm, a| {
        let extra = vm.int(int_or(&a[2], 0));
        let (pattern, string) = (&a[0], &a[1]);
        let (op, pos, end) = (op::SPLIT, 0, i64::MAX);
        super::start(vm, Job { op, pattern, string, subject: string, pos, end, extra: &extra })
    }),
    def!("sub", "(self, /, repl, string, count: ssize=0)", |vm, a| replace::start(vm, a, op::SUB)),
    def!("subn", "(self, /, repl, string, count: ssize=0)", |vm, a| replace::start(
        vm,
        a,
        op::SUBN
    )),
    def!("__copy__", "(self, /)", |_, this| Ok(this.clone().into())),
    def!("__deepcopy__", "(self, memo, /)", |_, this, _| Ok(this.clone().into())),
    classdef!("__class_getitem__", "(cls, item, /)", |vm, cls, item| generic_alias(vm, cls, item)),
];

/// A scanner (0) or an iterator (1).
fn scanner(vm: &mut Vm, a: &[Value], kind: i64) -> Flow {
    let (pos, end) = (int_or(&a[2], 0), int_or(&a[3], i64::MAX));
    if check(vm, &a[0], &a[1])? {
        return make_scanner(vm, &a[0], &a[1], &a[1], pos, end, kind);
    }
    let (pos, end, kind) = (vm.int(pos), vm.int(end), vm.int(kind));
    vm.start(&SCANNER, [a[0].clone(), a[1].clone(), pos, end, kind])
}

/// Registers: pattern, string with a `__buffer__`, start, end, kind of scanner.
pub(crate) static SCANNER: Machine = Machine::new("regex.scanner", |vm, regs, input| {
    let (pattern, string) = (regs.get(0), regs.get(1));
    let view = match regs.stage() {
        0 => soft!(regs, 1, buffer::from_object(vm, &string)),
        _ => input.value()?,
    };
    let number = |i| int_or(&regs.get(i), 0);
    make_scanner(vm, &pattern, &string, &view, number(2), number(3), number(4))
});

fn make_scanner(
    vm: &mut Vm,
    pattern: &Value,
    string: &Value,
    subject: &Value,
    pos: i64,
    end: i64,
    kind: i64,
) -> Flow {
    let subject = lock(vm, subject)?;
    let len = match subject.get::<Str>() {
        Some(s) => s.len(),
        None => buffer::contents(vm, &subject).map_or(0, |b| b.len()),
    };
    let (pos, end) = super::clip(pos, end, len);
    let numbers = [pos, end, pos, 0].map(Value::from_usize);
    let mut state = vec![pattern.clone(), string.clone(), subject];
    state.extend(numbers);
    if kind == 1 {
        // What may change is looked at one match after the other.
        let fixed = state[scan::SUBJECT].has::<Str>() || state[scan::SUBJECT].has::<Bytes>();
        state.extend([Value::NONE, Value::from_i32(0), Value::from_i32(fixed as i32)]);
    }
    let ty = if kind == 1 { &vm.types.regex_iterator } else { &vm.types.regex_scanner };
    Ok(vm.iter_tool(ty, state).into())
}

/// A subject that cannot change its size while it is held: buffers as views.
pub(super) fn lock(vm: &mut Vm, subject: &Value) -> PyResult {
    if subject.has::<Str>() || subject.has::<Bytes>() {
        return Ok(subject.clone());
    }
    crate::methods::memoryview::of(vm, subject)
}

pub fn define_scanner(b: &mut TypeBuilder<'_>) {
    b.methods(SCANNER_METHODS);
    b.getsets(&SCANNER_ATTRS);
}

static SCANNER_ATTRS: [GetSet; 1] = [field("pattern", |vm, v| {
    Ok(v.get::<IterTool>().map_or(Value::NONE, |t| t.part(vm, scan::PATTERN)).into())
})];

const SCANNER_METHODS: &[Def] = &[
    def!("match", "(self, /)", |vm, this| scan_on(vm, this, op::SCAN_MATCH)),
    def!("search", "(self, /)", |vm, this| scan_on(vm, this, op::SCAN_SEARCH)),
];

pub fn define_iterator(b: &mut TypeBuilder<'_>) {
    b.slots.iter = Some(|_, v| Ok(v.clone().into()));
    b.slots.next = Some(|vm, v| scan_on(vm, v, op::NEXT));
}

/// What `_sre` makes patterns with.
pub static MAKE: Def =
    def!("make_pattern", "(pattern, flags, code, groups, groupindex, indexgroup, /)", |vm, a| {
        let words: Vec<Value> = match a[2].get::<List>() {
            Some(l) => l.items(vm).to_vec(),
            None => return Err(vm.type_error("code must be a list")),
        };
        let mut code = Vec::with_capacity(4 * words.len());
        for w in words {
            match w.as_i64().and_then(|n| u32::try_from(n).ok()) {
                Some(n) => code.extend(n.to_le_bytes()),
                None => {
                    return Err(vm.overflow_error("regular expression code size limit exceeded"));
                }
            }
        }
        let code = vm.bytes(&code);
        if !is_sound_code(&code) {
            return Err(vm.runtime_error("invalid SRE code"));
        }
        let mut parts = a.to_vec();
        parts[part::CODE] = code;
        Ok(vm.regex_pattern(&vm.types.regex_pattern, parts).into())
    });

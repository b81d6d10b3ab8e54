//! `re.Match`. Group arguments that are neither ints nor strs go through `match_slow` of the
//! intrinsics, which converts them.

use super::op;
use crate::boot::TypeBuilder;
use crate::descr::{GetSet, field};
use crate::exc::{Flow, PyResult, Reply};
use crate::native::{Def, classdef, def};
use crate::object::Obj;
use crate::objects::bytes::Bytes;
use crate::objects::dict::Dict;
use crate::objects::iterators::generic_alias;
use crate::objects::itertool::IterTool;
use crate::objects::list::List;
use crate::objects::regex::{Match, Pattern, part};
use crate::objects::str::Str;
use crate::steps::call_intrinsic;
use crate::value::Value;
use crate::vm::Vm;

// Parts of a match: pattern, string, subject, start and end of the search, last group, then start
// and end of each group from 0 on, as characters; -1 where it took no part.
pub(super) const PATTERN: usize = 0;
pub(super) const STRING: usize = 1;
pub(super) const SUBJECT: usize = 2;
pub(super) const POS: usize = 3;
pub(super) const ENDPOS: usize = 4;
pub(super) const LAST: usize = 5;
pub(super) const MARKS: usize = 6;

fn get<'a>(vm: &mut Vm, v: &'a Value) -> PyResult<&'a [Value]> {
    match v.get::<Match>() {
        Some(m) if m.items().len() > MARKS + 1 => Ok(m.items()),
        _ => Err(vm.type_error("match expected")),
    }
}

fn count(m: &[Value]) -> usize {
    (m.len() - MARKS) / 2
}

fn number(m: &[Value], i: usize) -> i64 {
    m.get(i).and_then(Value::as_small_int).unwrap_or(-1)
}

fn bounds(m: &[Value], group: usize) -> (i64, i64) {
    let at = MARKS + 2 * group;
    (number(m, at), number(m, at + 1))
}

/// Start and end of a match.
pub(super) fn ends(m: &Value) -> (i64, i64) {
    m.get::<Match>().map_or((0, 0), |m| bounds(m.items(), 0))
}

fn text(vm: &Vm, m: &[Value], group: usize, default: &Value) -> Value {
    let (from, to) = bounds(m, group);
    let (Ok(from), Ok(to)) = (usize::try_from(from), usize::try_from(to)) else {
        return default.clone();
    };
    let subject = &m[SUBJECT];
    if let Some(s) = subject.get::<Str>() {
        let bytes = s.bytes();
        let (from, to) = if s.is_ascii() { (from, to) } else { (s.offset(from), s.offset(to)) };
        if from == 0 && to == bytes.len() && vm.is_exactly(subject, &vm.types.str) {
            return subject.clone();
        }
        return vm.str_from_wtf8(bytes.get(from..to).unwrap_or_default());
    }
    if let Some(b) = subject.get::<Bytes>()
        && from == 0
        && to == b.as_bytes().len()
        && vm.is_exactly(subject, &vm.types.bytes)
    {
        return subject.clone();
    }
    // A buffer may have become shorter since.
    let bytes = super::buffer::contents(vm, subject).unwrap_or_default();
    let to = to.min(bytes.len());
    vm.bytes(bytes.get(from..to).unwrap_or_default())
}

/// The number of a group, if the argument is an int or a str; Ok(None) for other arguments.
fn index(vm: &mut Vm, m: &[Value], group: &Value) -> PyResult<Option<usize>> {
    if let Some(n) = group.as_small_int() {
        return match usize::try_from(n) {
            Ok(n) if n < count(m) => Ok(Some(n)),
            _ => Err(vm.index_error("no such group")),
        };
    }
    if !vm.is_exactly(group, &vm.types.str) {
        return Ok(None);
    }
    let names = m[PATTERN].get::<Pattern>().map(|p| p.part(vm, part::INDEX));
    let n = names.and_then(|d| d.get::<Dict>().and_then(|d| d.get_str(vm, group)));
    match n.and_then(|n| n.as_small_int()).and_then(|n| usize::try_from(n).ok()) {
        Some(n) if n < count(m) => Ok(Some(n)),
        _ => Err(vm.index_error("no such group")),
    }
}

/// A method of one group, 0 by default.
fn of_group(
    vm: &mut Vm,
    a: &[Value],
    name: &'static str,
    f: fn(&Vm, &[Value], usize) -> Value,
) -> Flow {
    let m = get(vm, &a[0])?;
    let Some(group) = a[1].given() else { return Ok(f(vm, m, 0).into()) };
    match index(vm, m, group)? {
        Some(n) => Ok(f(vm, m, n).into()),
        None => slow(vm, &a[0], name, std::slice::from_ref(group)),
    }
}

fn slow(vm: &mut Vm, m: &Value, name: &'static str, groups: &[Value]) -> Flow {
    let (name, groups) = (vm.str(name), vm.tuple(groups.to_vec()));
    call_intrinsic(vm, "match_slow", &[m.clone(), name, groups])
}

fn subscript(vm: &mut Vm, v: &Value, group: &Value) -> Flow {
    let m = get(vm, v)?;
    match index(vm, m, group)? {
        Some(n) => Ok(text(vm, m, n, &Value::NONE).into()),
        None => slow(vm, v, "group", std::slice::from_ref(group)),
    }
}

fn pair(vm: &Vm, m: &[Value], group: usize) -> Value {
    let (from, to) = bounds(m, group);
    vm.pair(vm.int(from), vm.int(to))
}

fn default(v: &Value) -> Value {
    v.given().cloned().unwrap_or(Value::NONE)
}

pub fn define_match(b: &mut TypeBuilder<'_>) {
    b.slots.getitem = Some(subscript);
    b.slots.repr = Some(|vm, v| call_intrinsic(vm, "match_repr", std::slice::from_ref(v)));
    b.methods(METHODS);
    b.getsets(&ATTRS);
}

fn part_of(vm: &mut Vm, v: &Value, i: usize) -> Flow {
    let m = get(vm, v)?;
    Ok(m[i].clone().into())
}

static ATTRS: [GetSet; 7] = [
    field("string", |vm, v| part_of(vm, v, STRING)),
    field("re", |vm, v| part_of(vm, v, PATTERN)),
    field("pos", |vm, v| part_of(vm, v, POS)),
    field("endpos", |vm, v| part_of(vm, v, ENDPOS)),
    GetSet {
        name: "lastindex",
        get: |vm, v| {
            let m = get(vm, v)?;
            Ok(if number(m, LAST) > 0 { m[LAST].clone().into() } else { Reply::NONE })
        },
        set: None,
        field: false,
    },
    GetSet {
        name: "lastgroup",
        get: |vm, v| {
            let m = get(vm, v)?;
            let n = number(m, LAST);
            let names = m[PATTERN].get::<Pattern>().map(|p| p.part(vm, part::NAMES));
            let name = match (names, usize::try_from(n)) {
                (Some(names), Ok(n @ 1..)) => names.tuple_items().get(n).cloned(),
                _ => None,
            };
            Ok(name.unwrap_or(Value::NONE).into())
        },
        set: None,
        field: false,
    },
    GetSet {
        name: "regs",
        get: |vm, v| {
            let m = get(vm, v)?;
            let n = count(m);
            Ok(vm.tuple_iter(n, (0..n).map(|g| pair(vm, m, g))).into())
        },
        set: None,
        field: false,
    },
];

const METHODS: &[Def] = &[
    def!("group", "(self, group=0, /, *groups)", |vm, a| {
        let m = get(vm, &a[0])?;
        let rest = a[2].tuple_items();
        let Some(first) = a[1].given() else { return Ok(text(vm, m, 0, &Value::NONE).into()) };
        if rest.is_empty() {
            return subscript(vm, &a[0], first);
        }
        let mut items = Vec::with_capacity(1 + rest.len());
        for group in std::iter::once(first).chain(rest) {
            match index(vm, m, group)? {
                Some(n) => items.push(text(vm, m, n, &Value::NONE)),
                None => {
                    let groups: Vec<Value> = std::iter::once(first).chain(rest).cloned().collect();
                    return slow(vm, &a[0], "group", &groups);
                }
            }
        }
        Ok(vm.tuple(items).into())
    }),
    def!("groups", "(self, /, default=None)", |vm, a| {
        let m = get(vm, &a[0])?;
        let (n, default) = (count(m), default(&a[1]));
        Ok(vm.tuple_iter(n - 1, (1..n).map(|g| text(vm, m, g, &default))).into())
    }),
    def!("groupdict", "(self, /, default=None)", |vm, a| {
        call_intrinsic(vm, "match_groupdict", &[a[0].clone(), default(&a[1])])
    }),
    def!("start", "(self, group=0, /)", |vm, a| {
        of_group(vm, a, "start", |vm, m, g| vm.int(bounds(m, g).0))
    }),
    def!("end", "(self, group=0, /)", |vm, a| {
        of_group(vm, a, "end", |vm, m, g| vm.int(bounds(m, g).1))
    }),
    def!("span", "(self, group=0, /)", |vm, a| of_group(vm, a, "span", pair)),
    def!("expand", "(self, /, template)", |vm, this, template| {
        call_intrinsic(vm, "match_expand", &[this.clone(), template.clone()])
    }),
    def!("__copy__", "(self, /)", |_, this| Ok(this.clone().into())),
    def!("__deepcopy__", "(self, memo, /)", |_, this, _| Ok(this.clone().into())),
    classdef!("__class_getitem__", "(cls, item, /)", |vm, cls, item| generic_alias(vm, cls, item)),
];

/// The next match of a scanner or iterator.
pub(super) fn scan_on(vm: &mut Vm, v: &Value, op: i64) -> Flow {
    use super::scan;
    let Some(t) = v.get::<IterTool>() else { return Ok(Reply::NONE) };
    if t.state.get(vm).len() <= scan::ADVANCE {
        return Err(vm.type_error("scanner expected"));
    }
    if op == op::NEXT
        && let Some(m) = take_ready(vm, t)
    {
        return Ok(m.into());
    }
    let state = t.state.get(vm);
    if t.number(vm, scan::AT) < 0 {
        return Ok(if op == op::NEXT { Reply::EXHAUSTED } else { Reply::NONE });
    }
    let (pattern, string) = (state[scan::PATTERN].clone(), state[scan::STRING].clone());
    let subject = state[scan::SUBJECT].clone();
    let (pos, end) = (t.number(vm, scan::START), t.number(vm, scan::END));
    let (pattern, string, subject) = (&pattern, &string, &subject);
    super::go_on(vm, &super::Job { op, pattern, string, subject, pos, end, extra: v })
}

/// A match that was found ahead.
fn take_ready(vm: &mut Vm, t: &Obj<IterTool>) -> Option<Value> {
    use super::scan;
    let i = t.number(vm, scan::NEXT);
    let ready = t.state.get(vm).get(scan::READY)?;
    let m = ready.get::<List>()?.get_item(vm, i as usize)?;
    let ready = ready.clone();
    if let Some(place) = ready.get::<List>().and_then(|l| l.items_mut(vm).get_mut(i as usize)) {
        *place = Value::NONE;
    }
    t.put_number(vm, scan::NEXT, i + 1);
    Some(m)
}

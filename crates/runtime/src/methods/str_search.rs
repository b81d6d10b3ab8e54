//! `str`: searching, splitting, stripping, replacing. CPython's counterpart: `Objects/stringlib`.

use smallvec::SmallVec;
use stackless_primitives::search::memchr;
use stackless_primitives::wtf8::{self, Side};

use super::str::{SHORT, cow_result, exact, keepends, part_of, text};
use super::support::{bounds, int_or, prim};
use crate::exc::{Exc, Flow, PyResult};
use crate::native::{Def, def};
use crate::objects::str::Str;
use crate::objects::tuple::Tuple;
use crate::value::Value;
use crate::vm::Vm;

pub const METHODS: &[Def] = &[
    def!("find", "(self, sub: str, start: slice=None, end: slice=None, /)", |_vm, a| {
        Ok(found(search(a, wtf8::find)).into())
    }),
    def!("rfind", "(self, sub: str, start: slice=None, end: slice=None, /)", |_vm, a| {
        Ok(found(search(a, wtf8::rfind)).into())
    }),
    def!("index", "(self, sub: str, start: slice=None, end: slice=None, /)", |vm, a| {
        index(vm, search(a, wtf8::find))
    }),
    def!("rindex", "(self, sub: str, start: slice=None, end: slice=None, /)", |vm, a| {
        index(vm, search(a, wtf8::rfind))
    }),
    def!("count", "(self, sub: str, start: slice=None, end: slice=None, /)", |_vm, a| {
        let n = window(&a[0], &a[2], &a[3]).map_or(0, |(w, _)| wtf8::count(w, text(&a[1])));
        Ok(Value::from_usize(n).into())
    }),
    def!("startswith", "(self, prefix, start: slice=None, end: slice=None, /)", |vm, a| {
        affix(vm, a, "startswith", |s, p| s.starts_with(p))
    }),
    def!("endswith", "(self, suffix, start: slice=None, end: slice=None, /)", |vm, a| {
        affix(vm, a, "endswith", |s, p| s.ends_with(p))
    }),
    def!("replace", "(self, old: str, new: str, /, count: ssize=-1)", |vm, a| {
        if a[3].is_unbound()
            && let Some(v) = replace_short(vm, a)
        {
            return Ok(v.into());
        }
        let r = wtf8::replace(text(&a[0]), text(&a[1]), text(&a[2]), int_or(&a[3], -1));
        cow_result(vm, &a[0], r)
    }),
    def!("split", "(self, sep=None, maxsplit: ssize=-1)", |vm, a| split(vm, a, wtf8::split)),
    def!("rsplit", "(self, sep=None, maxsplit: ssize=-1)", |vm, a| split(vm, a, wtf8::rsplit)),
    def!("splitlines", "(self, keepends: truth=False)", |vm, a| {
        let parts = wtf8::splitlines(text(&a[0]), keepends(&a[1]));
        Ok(list_of(vm, &a[0], parts).into())
    }),
    def!("partition", "(self, sep, /)", |vm, a| {
        let sep = need_str(vm, &a[1])?;
        let r = wtf8::partition(text(&a[0]), sep);
        let r = prim(vm, r)?;
        Ok(three(vm, a, r, false).into())
    }),
    def!("rpartition", "(self, sep, /)", |vm, a| {
        let sep = need_str(vm, &a[1])?;
        let r = wtf8::rpartition(text(&a[0]), sep);
        let r = prim(vm, r)?;
        Ok(three(vm, a, r, true).into())
    }),
    def!("strip", "(self, chars=None, /)", |vm, a| strip(vm, a, Side::Both, "strip")),
    def!("lstrip", "(self, chars=None, /)", |vm, a| strip(vm, a, Side::Left, "lstrip")),
    def!("rstrip", "(self, chars=None, /)", |vm, a| strip(vm, a, Side::Right, "rstrip")),
    def!("removeprefix", "(self, prefix: str, /)", |vm, this, prefix| {
        Ok(part_of(vm, this, wtf8::remove_prefix(text(this), text(prefix))).into())
    }),
    def!("removesuffix", "(self, suffix: str, /)", |vm, this, suffix| {
        Ok(part_of(vm, this, wtf8::remove_suffix(text(this), text(suffix))).into())
    }),
];

/// `replace` of all occurrences in short text, without a searcher.
fn replace_short(vm: &Vm, a: &[Value]) -> Option<Value> {
    let (s, old, new) = (text(&a[0]), text(&a[1]), text(&a[2]));
    let first = *old.first()?;
    if s.len() > SHORT {
        return None;
    }
    let mut out: SmallVec<[u8; 2 * SHORT]> = SmallVec::new();
    let (mut kept, mut at) = (0, 0);
    while let Some(i) = memchr(first, &s[at..]) {
        at += i;
        if s[at..].starts_with(old) {
            out.extend_from_slice(&s[kept..at]);
            out.extend_from_slice(new);
            at += old.len();
            kept = at;
        } else {
            at += 1;
        }
    }
    if kept == 0 {
        return Some(exact(vm, &a[0]));
    }
    out.extend_from_slice(&s[kept..]);
    Some(vm.str_from_wtf8(&out))
}

/// The part of a str between two bounds, and its byte offset; None when the bounds cross.
fn window<'a>(v: &'a Value, start: &Value, end: &Value) -> Option<(&'a [u8], usize)> {
    let s = v.get::<Str>()?;
    if start.is_unbound() && end.is_unbound() {
        return Some((s.bytes(), 0));
    }
    let (start, end) = bounds(start, end);
    let (lo, hi) = wtf8::clamp_slice(start, end, s.len());
    if lo > hi {
        return None;
    }
    let (from, to) = (s.offset(lo), s.offset(hi));
    Some((s.bytes().get(from..to)?, from))
}

fn search(a: &[Value], f: fn(&[u8], &[u8]) -> Option<usize>) -> Option<usize> {
    let (w, from) = window(&a[0], &a[2], &a[3])?;
    let at = f(w, text(&a[1]))?;
    Some(a[0].get::<Str>()?.index_of_offset(from + at))
}

fn found(at: Option<usize>) -> Value {
    at.map_or(Value::from_i32(-1), Value::from_usize)
}

fn index(vm: &mut Vm, at: Option<usize>) -> Flow {
    match at {
        Some(i) => Ok(Value::from_usize(i).into()),
        None => Err(vm.value_error("substring not found")),
    }
}

fn affix(vm: &mut Vm, a: &[Value], name: &str, f: fn(&[u8], &[u8]) -> bool) -> Flow {
    let within = window(&a[0], &a[2], &a[3]);
    let test = |p: &Value| within.is_some_and(|(w, _)| f(w, text(p)));
    if a[1].has::<Tuple>() {
        for p in a[1].tuple_items() {
            if !p.has::<Str>() {
                let t = vm.type_name(p);
                return Err(
                    vm.type_error(format!("tuple for {name} must only contain str, not {t}"))
                );
            }
            if test(p) {
                return Ok(Value::TRUE.into());
            }
        }
        return Ok(Value::FALSE.into());
    }
    if !a[1].has::<Str>() {
        let t = vm.type_name(&a[1]);
        return Err(
            vm.type_error(format!("{name} first arg must be str or a tuple of str, not {t}"))
        );
    }
    Ok(test(&a[1]).into())
}

fn need_str<'a>(vm: &mut Vm, v: &'a Value) -> PyResult<&'a [u8]> {
    match v.as_wtf8() {
        Some(s) => Ok(s),
        None => Err(must_be_str(vm, v)),
    }
}

fn must_be_str(vm: &mut Vm, v: &Value) -> Exc {
    let t = vm.type_name(v);
    vm.type_error(format!("must be str, not {t}"))
}

fn list_of(vm: &mut Vm, receiver: &Value, parts: Vec<&[u8]>) -> Value {
    let items = parts.into_iter().map(|p| part_of(vm, receiver, p)).collect();
    vm.list(items)
}

type SplitFn =
    for<'a> fn(&'a [u8], Option<&[u8]>, i64) -> stackless_primitives::Result<Vec<&'a [u8]>>;

fn split(vm: &mut Vm, a: &[Value], f: SplitFn) -> Flow {
    let sep = match a[1].given() {
        None => None,
        Some(v) if v.is_none() => None,
        Some(v) => match v.as_wtf8() {
            Some(s) => Some(s),
            None => {
                let t = vm.type_name(v);
                return Err(vm.type_error(format!("must be str or None, not {t}")));
            }
        },
    };
    let r = f(text(&a[0]), sep, int_or(&a[2], -1));
    let parts = prim(vm, r)?;
    Ok(list_of(vm, &a[0], parts).into())
}

fn three(vm: &mut Vm, a: &[Value], parts: Option<(&[u8], &[u8])>, right: bool) -> Value {
    let items = match parts {
        Some((head, tail)) => {
            let (head, tail) = (vm.str_from_wtf8(head), vm.str_from_wtf8(tail));
            vec![head, exact(vm, &a[1]), tail]
        }
        None => {
            let (whole, empty) = (exact(vm, &a[0]), vm.names.empty.clone());
            if right {
                vec![empty.clone(), empty, whole]
            } else {
                vec![whole, empty.clone(), empty]
            }
        }
    };
    vm.tuple(items)
}

fn strip(vm: &mut Vm, a: &[Value], side: Side, name: &str) -> Flow {
    let s = text(&a[0]);
    let part = match a[1].given() {
        None => wtf8::strip(s, side),
        Some(v) if v.is_none() => wtf8::strip(s, side),
        Some(v) => match v.as_wtf8() {
            Some(set) => wtf8::strip_chars(s, set, side),
            None => return Err(vm.type_error(format!("{name} arg must be None or str"))),
        },
    };
    Ok(part_of(vm, &a[0], part).into())
}

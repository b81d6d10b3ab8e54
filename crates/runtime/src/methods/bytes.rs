//! `bytes`, and the methods that bytes and bytearray share. What changes a bytearray is in
//! `bytearray`, the constructors are in `bytes_new`. CPython's counterparts:
//! `Objects/bytesobject.c`, `Objects/bytes_methods.c`.
//!
//! A shared method gives an object of its receiver's kind: exact bytes or exact bytearray.

use std::borrow::Cow;

use stackless_primitives::bytes as pb;
use stackless_primitives::error::check_size;
use stackless_primitives::wtf8::{Side, clamp_slice};

use super::buffer;
use super::str::{Count, index_error, repeat_count};
use super::support::{bounds, int_or, no_memory, prim};
use crate::boot::TypeBuilder;
use crate::exc::{Exc, Flow, PyResult, Reply};
use crate::machine::Machine;
use crate::native::{Def, classdef, def, staticdef};
use crate::objects::bytes::{ByteArray, Bytes};
use crate::objects::iterators::{self, SeqKind};
use crate::objects::list::List;
use crate::objects::tuple::Tuple;
use crate::objects::types::{BinOp, CmpOp};
use crate::ops;
use crate::ops::item::{Key, plain_key, slice_range, with_converted_key, wrap_index};
use crate::soft;
use crate::steps::call_intrinsic;
use crate::value::Value;
use crate::vm::Vm;

/// The contents of a receiver or checked argument.
pub(crate) fn data<'a>(vm: &'a Vm, v: &'a Value) -> Cow<'a, [u8]> {
    buffer::contents(vm, v).unwrap_or(Cow::Borrowed(b""))
}

/// New bytes, or a new bytearray if `like` is one.
pub(crate) fn make(vm: &Vm, like: &Value, d: &[u8]) -> Value {
    if like.has::<ByteArray>() { vm.bytearray(d.to_vec()) } else { vm.bytes(d) }
}

/// `make`, or the receiver itself where nothing changed and it is exact bytes.
fn part_of(vm: &Vm, like: &Value, d: &[u8]) -> Value {
    if vm.is_exactly(like, &vm.types.bytes)
        && like.get::<Bytes>().is_some_and(|b| b.as_bytes().len() == d.len())
    {
        return like.clone();
    }
    make(vm, like, d)
}

fn owned(vm: &mut Vm, like: &Value, r: stackless_primitives::Result<Vec<u8>>) -> Flow {
    let d = prim(vm, r)?;
    Ok(if like.has::<ByteArray>() { vm.bytearray(d) } else { vm.bytes(&d) }.into())
}

pub fn define_bytes(b: &mut TypeBuilder<'_>) {
    b.slots.repr = Some(|vm, v| Ok(vm.str_from_wtf8(&pb::repr(&data(vm, v))).into()));
    b.slots.hash = Some(|vm, v| {
        let h = v.get::<Bytes>().map_or(0, |b| b.hash(vm));
        Ok(vm.int(h as i64).into())
    });
    b.slots.compare = Some(|vm, op, a, b| match (a.get::<Bytes>(), b.get::<Bytes>()) {
        (Some(x), Some(y)) => Ok(op.matches(x.as_bytes().cmp(y.as_bytes())).into()),
        _ => match warn_of_comparison(vm, op, b, "bytes") {
            Some(flow) => flow,
            None => Ok(Value::NOT_IMPLEMENTED.into()),
        },
    });
    b.slots.str = Some(|vm, v| shown(vm, v, "bytes"));
    b.slots.iter = Some(|vm, v| Ok(iterators::seq_iter(vm, SeqKind::Bytes, v.clone()).into()));
    define_shared(b);
    b.slots.binary[BinOp::Mod as usize] = Some(|vm, a, b| match a.has::<Bytes>() {
        true => super::percent::format(vm, a, b),
        false => Ok(Value::NOT_IMPLEMENTED.into()),
    });
    b.methods(BYTES);
}

/// Under `-b` comparing bytes with text, or with a number, is suspicious. The answer is known.
pub(crate) fn warn_of_comparison(
    vm: &mut Vm,
    op: CmpOp,
    other: &Value,
    what: &str,
) -> Option<Flow> {
    if !vm.bytes_warning || !matches!(op, CmpOp::Eq | CmpOp::Ne) {
        return None;
    }
    let kind = if vm.is_exactly(other, &vm.types.str) {
        "string"
    } else if vm.is_exactly(other, &vm.types.int) && what == "bytes" {
        "int"
    } else {
        return None;
    };
    let text = vm.str(&format!("Comparison between {what} and {kind}"));
    let answer = Value::bool(op == CmpOp::Ne);
    Some(call_intrinsic(vm, "bytes_warning", &[text, answer]))
}

/// `str()` of bytes: their representation, which is seldom what was meant.
pub(crate) fn shown(vm: &mut Vm, v: &Value, what: &str) -> Flow {
    if !vm.bytes_warning {
        return crate::ops::text::repr(vm, v);
    }
    let text = vm.str(&format!("str() on a {what} instance"));
    call_intrinsic(vm, "bytes_shown", &[text, v.clone()])
}

/// Slots of both types.
pub(crate) fn define_shared(b: &mut TypeBuilder<'_>) {
    b.slots.len = Some(|vm, v| Ok(Value::from_usize(data(vm, v).len()).into()));
    b.slots.concat = Some(concat);
    b.slots.repeat = Some(repeat);
    b.slots.getitem = Some(getitem);
    b.slots.contains = Some(|vm, v, item| {
        if wants_index(vm, item) {
            let name = vm.names.contains.clone();
            let none = Value::UNBOUND;
            return vm.start(&WITH_BYTE, [name, v.clone(), item.clone(), none.clone(), none]);
        }
        let sub = contains_needle(vm, item)?;
        Ok(pb::find(&data(vm, v), &sub).is_some().into())
    });
    b.methods(SHARED);
}

/// Comparison of a bytearray with any buffer.
pub(crate) fn compare_buffers(vm: &mut Vm, op: CmpOp, a: &Value, b: &Value) -> Flow {
    if !buffer::is_plain(a) || !buffer::is_plain(b) {
        return Ok(Value::NOT_IMPLEMENTED.into());
    }
    Ok(op.matches(data(vm, a).as_ref().cmp(data(vm, b).as_ref())).into())
}

fn contains_needle(vm: &mut Vm, v: &Value) -> PyResult<Vec<u8>> {
    if v.is_int_like() {
        return byte(vm, v).map(|b| vec![b]);
    }
    if buffer::is_plain(v) {
        return Ok(buffer::copied(vm, v));
    }
    Err(buffer::not_bytes_like(vm, v))
}

/// An int in range(256).
pub(crate) fn byte(vm: &mut Vm, v: &Value) -> PyResult<u8> {
    match v.as_i64().map(u8::try_from) {
        Some(Ok(b)) => Ok(b),
        _ => Err(vm.value_error("byte must be in range(0, 256)")),
    }
}

pub(crate) fn concat(vm: &mut Vm, a: &Value, b: &Value) -> Flow {
    if !buffer::is_plain(b) {
        let (x, y) = (vm.type_name(b), vm.type_name(a));
        return Err(vm.type_error(format!("can't concat {x} to {y}")));
    }
    let (n, m) = (data(vm, a).len(), data(vm, b).len());
    if m == 0 && vm.is_exactly(a, &vm.types.bytes) {
        return Ok(a.clone().into());
    }
    if n == 0 && vm.is_exactly(a, &vm.types.bytes) && vm.is_exactly(b, &vm.types.bytes) {
        return Ok(b.clone().into());
    }
    if check_size(n.checked_add(m)).is_err() {
        return Err(no_memory(vm));
    }
    let joined = [data(vm, a), data(vm, b)].concat();
    Ok(if a.has::<ByteArray>() { vm.bytearray(joined) } else { vm.bytes(&joined) }.into())
}

fn repeat(vm: &mut Vm, v: &Value, n: &Value) -> Flow {
    match repeat_count(vm, v, n, false)? {
        Count::Now(1) if vm.is_exactly(v, &vm.types.bytes) => Ok(v.clone().into()),
        Count::Now(n) => {
            let r = pb::repeat(&data(vm, v), n);
            owned(vm, v, r)
        }
        Count::Later(flow) => Ok(flow),
    }
}

fn getitem(vm: &mut Vm, v: &Value, key: &Value) -> Flow {
    match plain_key(key) {
        Some(Key::Index(i)) => {
            let found = {
                let d = data(vm, v);
                wrap_index(i, d.len()).and_then(|i| d.get(i).copied())
            };
            match found {
                Some(b) => Ok(Value::from_i32(b as i32).into()),
                None => {
                    let message = if v.has::<ByteArray>() {
                        "bytearray index out of range"
                    } else {
                        "index out of range"
                    };
                    Err(index_error(vm, key, message))
                }
            }
        }
        Some(Key::Slice(slice)) => {
            let n = data(vm, v).len();
            let r = slice_range(vm, &slice, n)?;
            let d = data(vm, v);
            if r.step == 1 {
                let part = d.get(r.start as usize..r.start as usize + r.count).unwrap_or(b"");
                return Ok(part_of(vm, v, part).into());
            }
            let part: Vec<u8> = r.indexes().filter_map(|i| d.get(i).copied()).collect();
            Ok(make(vm, v, &part).into())
        }
        None => with_converted_key(vm, v, key, None),
    }
}

macro_rules! predicate {
    ($($name:literal $f:expr),* $(,)?) => {
        [$(def!($name, "(self, /)", |vm, this| {
            let f: fn(&[u8]) -> bool = $f;
            Ok(f(&data(vm, this)).into())
        })),*]
    };
}
macro_rules! mapped {
    ($($name:literal $f:expr),* $(,)?) => {
        [$(def!($name, "(self, /)", |vm, this| {
            let f: fn(&[u8]) -> Vec<u8> = $f;
            let d = f(&data(vm, this));
            Ok(make(vm, this, &d).into())
        })),*]
    };
}
const PREDICATES: [Def; 8] = predicate![
    "isalpha" pb::is_alpha, "isalnum" pb::is_alnum, "isdigit" pb::is_digit,
    "isspace" pb::is_space, "islower" pb::is_lower, "isupper" pb::is_upper,
    "istitle" pb::is_title, "isascii" <[u8]>::is_ascii,
];
const MAPPED: [Def; 5] = mapped![
    "lower" pb::lower, "upper" pb::upper, "swapcase" pb::swapcase,
    "capitalize" pb::capitalize, "title" pb::title,
];

const SHARED: &[Def] = &{
    let [p0, p1, p2, p3, p4, p5, p6, p7] = PREDICATES;
    let [m0, m1, m2, m3, m4] = MAPPED;
    [
        p0,
        p1,
        p2,
        p3,
        p4,
        p5,
        p6,
        p7,
        m0,
        m1,
        m2,
        m3,
        m4,
        def!("find", "(self, sub, start: slice=None, end: slice=None, /)", |vm, a| {
            if wants_index(vm, &a[1]) {
                return with_byte(vm, "find", a);
            }
            Ok(search(vm, a, pb::find)?.map_or(Value::from_i32(-1), Value::from_usize).into())
        }),
        def!("rfind", "(self, sub, start: slice=None, end: slice=None, /)", |vm, a| {
            if wants_index(vm, &a[1]) {
                return with_byte(vm, "rfind", a);
            }
            Ok(search(vm, a, pb::rfind)?.map_or(Value::from_i32(-1), Value::from_usize).into())
        }),
        def!("index", "(self, sub, start: slice=None, end: slice=None, /)", |vm, a| {
            if wants_index(vm, &a[1]) {
                return with_byte(vm, "index", a);
            }
            let at = search(vm, a, pb::find)?;
            found(vm, at)
        }),
        def!("rindex", "(self, sub, start: slice=None, end: slice=None, /)", |vm, a| {
            if wants_index(vm, &a[1]) {
                return with_byte(vm, "rindex", a);
            }
            let at = search(vm, a, pb::rfind)?;
            found(vm, at)
        }),
        def!("count", "(self, sub, start: slice=None, end: slice=None, /)", |vm, a| {
            if wants_index(vm, &a[1]) {
                return with_byte(vm, "count", a);
            }
            let sub = needle(vm, &a[1])?;
            let d = data(vm, &a[0]);
            let n = window(&d, &a[2], &a[3]).map_or(0, |(w, _)| pb::count(w, &sub));
            Ok(Value::from_usize(n).into())
        }),
        def!("startswith", "(self, prefix, start: slice=None, end: slice=None, /)", |vm, a| {
            affix(vm, a, "startswith", |s, p| s.starts_with(p))
        }),
        def!("endswith", "(self, suffix, start: slice=None, end: slice=None, /)", |vm, a| {
            affix(vm, a, "endswith", |s, p| s.ends_with(p))
        }),
        def!("replace", "(self, old: buffer, new: buffer, count: ssize=-1, /)", |vm, a| {
            let r = pb::replace(
                &data(vm, &a[0]),
                &data(vm, &a[1]),
                &data(vm, &a[2]),
                int_or(&a[3], -1),
            )
            .map(|new| part_of_changed(vm, &a[0], new));
            prim(vm, r).map(Reply::from)
        }),
        def!("split", "(self, sep: buffer?=None, maxsplit: ssize=-1)", |vm, a| {
            split(vm, a, pb::split)
        }),
        def!("rsplit", "(self, sep: buffer?=None, maxsplit: ssize=-1)", |vm, a| {
            split(vm, a, pb::rsplit)
        }),
        def!("splitlines", "(self, keepends: truth=False)", |vm, this, keepends| {
            let d = data(vm, this);
            let parts = pb::splitlines(&d, keepends);
            Ok(vm.list(parts.into_iter().map(|p| part_of(vm, this, p)).collect()).into())
        }),
        def!("partition", "(self, sep: buffer, /)", |vm, a| partition(vm, a, pb::partition, false)),
        def!("rpartition", "(self, sep: buffer, /)", |vm, a| partition(
            vm,
            a,
            pb::rpartition,
            true
        )),
        def!(
            "strip",
            "(self, bytes: buffer?=None, /)",
            |vm, a| Ok(strip(vm, a, Side::Both).into())
        ),
        def!("lstrip", "(self, bytes: buffer?=None, /)", |vm, a| Ok(
            strip(vm, a, Side::Left).into()
        ),),
        def!("rstrip", "(self, bytes: buffer?=None, /)", |vm, a| {
            Ok(strip(vm, a, Side::Right).into())
        }),
        def!("removeprefix", "(self, prefix: buffer, /)", |vm, this, prefix| {
            Ok(part_of(vm, this, pb::remove_prefix(&data(vm, this), &data(vm, prefix))).into())
        }),
        def!("removesuffix", "(self, suffix: buffer, /)", |vm, this, suffix| {
            Ok(part_of(vm, this, pb::remove_suffix(&data(vm, this), &data(vm, suffix))).into())
        }),
        def!("center", "(self, width: ssize, fillchar=b' ', /)", |vm, a| {
            pad(vm, a, "center", pb::center)
        }),
        def!("ljust", "(self, width: ssize, fillchar=b' ', /)", |vm, a| {
            pad(vm, a, "ljust", pb::ljust)
        }),
        def!("rjust", "(self, width: ssize, fillchar=b' ', /)", |vm, a| {
            pad(vm, a, "rjust", pb::rjust)
        }),
        def!("zfill", "(self, width: ssize, /)", |vm, a| {
            let r = pb::zfill(&data(vm, &a[0]), int_or(&a[1], 0));
            owned(vm, &a[0], r)
        }),
        def!("expandtabs", "(self, tabsize: index=8)", |vm, a| {
            let n = int_or(&a[1], 8);
            if i32::try_from(n).is_err() {
                return Err(vm.overflow_error("Python int too large to convert to C int"));
            }
            let r = pb::expandtabs(&data(vm, &a[0]), n);
            owned(vm, &a[0], r)
        }),
        def!("join", "(self, iterable_of_bytes, /)", |vm, this, iterable_of_bytes| {
            match ops::iter::items_native(vm, iterable_of_bytes)? {
                Some(items) => join(vm, this, &items),
                None => vm.start(&JOIN, [this.clone(), iterable_of_bytes.clone()]),
            }
        }),
        def!("translate", "(self, table: buffer?, /, delete: buffer=b'')", |vm, a| {
            let delete = if a[2].is_unbound() { Vec::new() } else { buffer::copied(vm, &a[2]) };
            let table = if a[1].is_none() { None } else { Some(buffer::copied(vm, &a[1])) };
            let r = pb::translate(&data(vm, &a[0]), table.as_deref(), &delete);
            owned(vm, &a[0], r)
        }),
        staticdef!("maketrans", "(frm: buffer, to: buffer, /)", |vm, frm, to| {
            let r = pb::maketrans(&data(vm, frm), &data(vm, to));
            let table = prim(vm, r)?;
            Ok(vm.bytes(&table).into())
        }),
        def!("hex", "(self, sep=None, bytes_per_sep: ssize=1)", hex),
        classdef!("fromhex", "(cls, string, /)", super::bytes_new::fromhex),
        def!("decode", "(self, encoding: str='utf-8', errors: str='strict')", |vm, a| {
            let utf8 = |name: &[u8]| matches!(name, b"utf-8" | b"utf8");
            if a[1].is_unbound() || a[1].as_wtf8().is_some_and(utf8) {
                let d = data(vm, &a[0]);
                if stackless_primitives::wtf8::is_utf8(&d) {
                    return Ok(vm.str_from_wtf8(&d).into());
                }
            }
            let d = data(vm, &a[0]).into_owned();
            super::codec::codec_decode(vm, &d, &a[1], &a[2])
        }),
        def!("__buffer__", "(self, flags: index, /)", |vm, this, _| {
            super::memoryview::of(vm, this).map(Reply::from)
        }),
    ]
};

const BYTES: &[Def] = &[
    def!(
        "__new__",
        "(cls, source=b'', encoding: str=None, errors: str=None)",
        super::bytes_new::bytes_new,
    ),
    def!("__bytes__", "(self, /)", |vm, this| {
        let d = data(vm, this);
        Ok(part_of(vm, this, &d).into())
    }),
    def!("__getnewargs__", "(self, /)", |vm, this| {
        let d = data(vm, this);
        Ok(vm.tuple(vec![vm.bytes(&d)]).into())
    }),
    def!("__sizeof__", "(self, /)", |vm, this| {
        Ok(Value::from_usize(33 + data(vm, this).len()).into())
    }),
];

fn part_of_changed(vm: &Vm, like: &Value, new: Cow<'_, [u8]>) -> Value {
    match new {
        Cow::Borrowed(d) => part_of(vm, like, d),
        Cow::Owned(d) => make(vm, like, &d),
    }
}

/// Does the thing to search for need its `__index__` asked first?
fn wants_index(vm: &Vm, v: &Value) -> bool {
    !buffer::is_plain(v) && !ops::number::converts_natively(vm, crate::native::Conv::Index, v)
}

/// Registers: method name, receiver, byte or what gives it, bounds. Asks for the byte, then calls
/// the method again.
pub(crate) static WITH_BYTE: Machine = Machine::new("bytes.with_byte", |vm, regs, input| {
    let item = match regs.stage() {
        0 => {
            let v = regs.get(2);
            soft!(regs, 1, ops::number::index(vm, &v))
        }
        1 => input.value()?,
        _ => return input.value().map(Reply::from),
    };
    regs.set_stage(2);
    let (name, receiver) = (regs.get(0), regs.get(1));
    let class = if receiver.has::<ByteArray>() { &vm.types.bytearray } else { &vm.types.bytes };
    let Some(method) = class.lookup(vm, &name) else {
        return Err(vm.no_attribute(&receiver, &name));
    };
    let mut args = vec![receiver, item];
    args.extend(regs.rest(3).into_iter().filter(|v| !v.is_unbound()));
    ops::call::call(vm, &method, crate::native::Args::new(&args))
});

fn with_byte(vm: &mut Vm, name: &str, a: &[Value]) -> Flow {
    let name = vm.intern(name);
    vm.start(&WITH_BYTE, [name, a[0].clone(), a[1].clone(), a[2].clone(), a[3].clone()])
}

/// What to search for: a byte or a bytes-like object.
fn needle(vm: &mut Vm, v: &Value) -> PyResult<Vec<u8>> {
    if buffer::is_plain(v) {
        return Ok(buffer::copied(vm, v));
    }
    if v.is_int_like() {
        return byte(vm, v).map(|b| vec![b]);
    }
    let t = vm.type_name(v);
    Err(vm.type_error(format!("argument should be integer or bytes-like object, not '{t}'")))
}

fn window<'a>(d: &'a [u8], start: &Value, end: &Value) -> Option<(&'a [u8], usize)> {
    let (start, end) = bounds(start, end);
    let (lo, hi) = clamp_slice(start, end, d.len());
    Some((d.get(lo..hi)?, lo))
}

fn search(
    vm: &mut Vm,
    a: &[Value],
    f: fn(&[u8], &[u8]) -> Option<usize>,
) -> PyResult<Option<usize>> {
    let sub = needle(vm, &a[1])?;
    let d = data(vm, &a[0]);
    Ok(window(&d, &a[2], &a[3]).and_then(|(w, from)| f(w, &sub).map(|i| from + i)))
}

fn found(vm: &mut Vm, at: Option<usize>) -> Flow {
    match at {
        Some(i) => Ok(Value::from_usize(i).into()),
        None => Err(vm.value_error("subsection not found")),
    }
}

fn affix(vm: &mut Vm, a: &[Value], name: &str, f: fn(&[u8], &[u8]) -> bool) -> Flow {
    let test = |vm: &mut Vm, p: &Value| {
        let (d, p) = (data(vm, &a[0]), data(vm, p));
        window(&d, &a[2], &a[3]).is_some_and(|(w, _)| f(w, &p))
    };
    if a[1].has::<Tuple>() {
        for p in a[1].tuple_items() {
            if !buffer::is_plain(p) {
                return Err(buffer::not_bytes_like(vm, p));
            }
            if test(vm, p) {
                return Ok(Value::TRUE.into());
            }
        }
        return Ok(Value::FALSE.into());
    }
    if !buffer::is_plain(&a[1]) {
        let t = vm.type_name(&a[1]);
        return Err(
            vm.type_error(format!("{name} first arg must be bytes or a tuple of bytes, not {t}"))
        );
    }
    Ok(test(vm, &a[1]).into())
}

type SplitFn =
    for<'a> fn(&'a [u8], Option<&[u8]>, i64) -> stackless_primitives::Result<Vec<&'a [u8]>>;

fn split(vm: &mut Vm, a: &[Value], f: SplitFn) -> Flow {
    let given = a[1].given().filter(|v| !v.is_none());
    let r = {
        let (d, sep) = (data(vm, &a[0]), given.map(|v| data(vm, v)));
        f(&d, sep.as_deref(), int_or(&a[2], -1))
            .map(|parts| vm.list(parts.into_iter().map(|p| part_of(vm, &a[0], p)).collect()))
    };
    prim(vm, r).map(Reply::from)
}

type PartitionFn =
    for<'a> fn(&'a [u8], &[u8]) -> stackless_primitives::Result<Option<(&'a [u8], &'a [u8])>>;

fn partition(vm: &mut Vm, a: &[Value], f: PartitionFn, right: bool) -> Flow {
    let r = {
        let (d, sep) = (data(vm, &a[0]), data(vm, &a[1]));
        f(&d, &sep).map(|parts| {
            let items = match parts {
                Some((x, y)) => vec![make(vm, &a[0], x), make(vm, &a[0], &sep), make(vm, &a[0], y)],
                None => {
                    let mut items =
                        vec![part_of(vm, &a[0], &d), make(vm, &a[0], b""), make(vm, &a[0], b"")];
                    if right {
                        items.rotate_left(1);
                    }
                    items
                }
            };
            vm.tuple(items)
        })
    };
    prim(vm, r).map(Reply::from)
}

fn strip(vm: &mut Vm, a: &[Value], side: Side) -> Value {
    let d = data(vm, &a[0]);
    match a[1].given().filter(|v| !v.is_none()) {
        None => part_of(vm, &a[0], pb::strip(&d, side)),
        Some(set) => part_of(vm, &a[0], pb::strip_chars(&d, &data(vm, set), side)),
    }
}

fn pad(
    vm: &mut Vm,
    a: &[Value],
    name: &str,
    f: fn(&[u8], i64, u8) -> stackless_primitives::Result<Vec<u8>>,
) -> Flow {
    let fill = match a[2].given() {
        None => b' ',
        Some(v) if v.has::<Bytes>() || v.has::<ByteArray>() => match *buffer::copied(vm, v) {
            [b] => b,
            ref d => {
                let (t, n) = (vm.type_name(v), d.len());
                return Err(vm.type_error(format!(
                    "{name}(): argument 2 must be a byte string of length 1, not a {t} object of length {n}"
                )));
            }
        },
        Some(v) => {
            let t = if v.is_none() { "None".to_string() } else { vm.type_name(v) };
            return Err(vm.type_error(format!(
                "{name}() argument 2 must be a byte string of length 1, not {t}"
            )));
        }
    };
    let width = int_or(&a[1], 0);
    if width <= data(vm, &a[0]).len() as i64 {
        let d = data(vm, &a[0]);
        return Ok(part_of(vm, &a[0], &d).into());
    }
    let r = f(&data(vm, &a[0]), width, fill);
    owned(vm, &a[0], r)
}

pub(crate) fn hex(vm: &mut Vm, a: &[Value]) -> Flow {
    let sep = match a[1].given() {
        None => None,
        Some(v) => match v.as_wtf8() {
            Some(s) => Some(s.to_vec()),
            None if v.has::<Bytes>() => Some(buffer::copied(vm, v)),
            None => return Err(no_sep(vm, v)),
        },
    };
    let r = pb::hex(&data(vm, &a[0]), sep.as_deref(), int_or(&a[2], 1));
    let text = prim(vm, r)?;
    Ok(vm.str_from_wtf8(&text).into())
}

fn no_sep(vm: &mut Vm, v: &Value) -> Exc {
    if vm.type_of(v).slots(vm).len.is_none() {
        let t = vm.type_name(v);
        return vm.type_error(format!("object of type '{t}' has no len()"));
    }
    match ops::len_fast(vm, v) {
        Some(n) if n != 1 => vm.value_error("sep must be length 1."),
        _ => vm.type_error("sep must be str or bytes."),
    }
}

fn join(vm: &mut Vm, sep: &Value, items: &[Value]) -> Flow {
    if let [one] = items
        && vm.is_exactly(one, &vm.types.bytes)
        && sep.has::<Bytes>()
    {
        return Ok(one.clone().into());
    }
    let gap = data(vm, sep).len();
    let mut size = Some(0usize);
    for (i, item) in items.iter().enumerate() {
        if !buffer::is_plain(item) {
            if buffer::needs_python(vm, item) {
                let list = vm.list(items.to_vec());
                return vm.start(&JOIN_BUFFERS, [sep.clone(), list, Value::from_usize(i)]);
            }
            let t = vm.type_name(item);
            return Err(vm.type_error(format!(
                "sequence item {i}: expected a bytes-like object, {t} found"
            )));
        }
        size = size.and_then(|n| n.checked_add(gap)?.checked_add(data(vm, item).len()));
    }
    if check_size(size).is_err() {
        return Err(no_memory(vm));
    }
    let sep_data = data(vm, sep);
    let mut out = Vec::with_capacity(size.unwrap_or(0));
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.extend_from_slice(&sep_data);
        }
        out.extend_from_slice(&data(vm, item));
    }
    Ok(make(vm, sep, &out).into())
}

/// Registers: separator, iterable. Stage 1: its items as a list.
pub(crate) static JOIN: Machine = Machine::new("bytes.join", |vm, regs, input| {
    let list = match regs.stage() {
        0 => {
            let v = regs.get(1);
            let slots = vm.type_of(&v).slots(vm);
            if slots.iter.is_none() && slots.getitem.is_none() {
                return Err(vm.type_error("can only join an iterable"));
            }
            soft!(regs, 1, ops::iter::collect(vm, &v))
        }
        1 => input.value()?,
        _ => return input.value().map(Reply::from),
    };
    let items = list.get::<List>().map_or_else(Vec::new, |l| l.items(vm).to_vec());
    let sep = regs.get(0);
    regs.set_stage(2);
    join(vm, &sep, &items)
});

/// Registers: separator, list of items, number of the item that is asked for its buffer.
pub(crate) static JOIN_BUFFERS: Machine = Machine::new("bytes.join_buffers", |vm, regs, input| {
    let (sep, list_value) = (regs.get(0), regs.get(1));
    let Some(list) = list_value.get::<List>() else {
        return Err(vm.system_error("machine register holds no list"));
    };
    let i = regs.int(2) as usize;
    let b = match regs.stage() {
        0 => match list.get_item(vm, i) {
            Some(item) => soft!(regs, 1, buffer::from_object(vm, &item)),
            None => return Err(vm.system_error("machine register out of range")),
        },
        1 => input.value()?,
        _ => return input.value().map(Reply::from),
    };
    if let Some(slot) = list.items_mut(vm).get_mut(i) {
        *slot = b;
    }
    regs.set_stage(2);
    let items = list.items(vm).to_vec();
    join(vm, &sep, &items)
});

//! `str`: slots, constructor, predicates, case, padding. Searching and splitting are in
//! `str_search`, `format` in `str_format`, `%` in `percent`, `translate` in `str_translate`, codecs
//! in `codec`. CPython's counterpart: `Objects/unicodeobject.c`.
//!
//! Every method works on instances of subclasses and gives exact strs; a result equal to an exact
//! receiver may be the receiver itself.

use stackless_primitives::format::format_str;
use stackless_primitives::wtf8::{self, Case, Side};

use super::support::{class_arg, flag, int_or, is_class, no_memory, prim, text_result};
use crate::boot::TypeBuilder;
use crate::exc::{Flow, PyResult, Reply};
use crate::machine::Machine;
use crate::native::{Def, def};
use crate::objects::iterators::{self, SeqKind};
use crate::objects::list::List;
use crate::objects::str::{Str, char_width, first_char};
use crate::objects::types::{BinOp, Type};
use crate::ops;
use crate::ops::item::{Key, plain_key, slice_range, with_converted_key, wrap_index};
use crate::soft;
use crate::value::Value;
use crate::vm::Vm;

/// The WTF-8 of a receiver or argument that was checked to be a str.
#[inline]
pub(crate) fn text(v: &Value) -> &[u8] {
    v.as_wtf8().unwrap_or(b"")
}

/// A part of `v`'s text as a str: `v` itself if it is all of an exact str.
pub(crate) fn part_of(vm: &Vm, v: &Value, part: &[u8]) -> Value {
    if part.len() == text(v).len() && vm.is_exactly(v, &vm.types.str) {
        return v.clone();
    }
    vm.str_from_wtf8(part)
}

/// An exact str with the same text.
pub(crate) fn exact(vm: &Vm, v: &Value) -> Value {
    part_of(vm, v, text(v))
}

pub fn define_str(b: &mut TypeBuilder<'_>) {
    b.slots.repr = Some(|vm, v| Ok(vm.str_from_wtf8(&wtf8::repr(text(v))).into()));
    b.slots.str = Some(|vm, v| Ok(exact(vm, v).into()));
    b.slots.hash = Some(|vm, v| {
        let h = v.get::<Str>().map_or(0, |s| s.hash(vm));
        Ok(vm.int(h as i64).into())
    });
    b.slots.compare = Some(|_vm, op, a, b| match (a.as_wtf8(), b.as_wtf8()) {
        (Some(x), Some(y)) => Ok(Value::bool(op.matches(x.cmp(y))).into()),
        _ => Ok(Value::NOT_IMPLEMENTED.into()),
    });
    b.slots.len =
        Some(|_vm, v| Ok(Value::from_usize(v.get::<Str>().map_or(0, |s| s.len())).into()));
    b.slots.iter = Some(|vm, v| Ok(iterators::seq_iter(vm, SeqKind::Str, v.clone()).into()));
    b.slots.concat = Some(concat);
    b.slots.repeat = Some(repeat);
    b.slots.getitem = Some(getitem);
    b.slots.contains = Some(|vm, s, sub| match sub.as_wtf8() {
        Some(sub) => Ok(wtf8::contains(text(s), sub).into()),
        None => {
            let t = vm.type_name(sub);
            Err(vm.type_error(format!("'in <string>' requires string as left operand, not {t}")))
        }
    });
    b.slots.binary[BinOp::Mod as usize] = Some(|vm, a, b| {
        if !a.has::<Str>() {
            return Ok(Value::NOT_IMPLEMENTED.into());
        }
        super::percent::format(vm, a, b)
    });
    b.methods(STR);
    b.methods(super::str_search::METHODS);
    b.methods(super::str_format::METHODS);
    b.methods(super::str_translate::METHODS);
}

fn concat(vm: &mut Vm, a: &Value, b: &Value) -> Flow {
    let (Some(x), Some(y)) = (a.as_wtf8(), b.as_wtf8()) else {
        let t = vm.type_name(b);
        return Err(vm.type_error(format!("can only concatenate str (not \"{t}\") to str")));
    };
    if y.is_empty() {
        return Ok(exact(vm, a).into());
    }
    if x.is_empty() {
        return Ok(exact(vm, b).into());
    }
    if stackless_primitives::error::check_size(x.len().checked_add(y.len())).is_err() {
        return Err(no_memory(vm));
    }
    Ok(vm.str_concat(&[x, y]).into())
}

/// A repetition count: an int through `__index__`, which the caller converted or is native.
fn repeat(vm: &mut Vm, s: &Value, n: &Value) -> Flow {
    match repeat_count(vm, s, n, false)? {
        Count::Now(1) => Ok(exact(vm, s).into()),
        Count::Now(n) => {
            let r = wtf8::repeat(text(s), n);
            text_result(vm, r)
        }
        Count::Later(flow) => Ok(flow),
    }
}

/// The outcome of reading a repetition count.
pub(crate) enum Count {
    Now(i64),
    /// The repetition was started with a count that Python code gives.
    Later(Reply),
}

pub(crate) fn repeat_count(vm: &mut Vm, seq: &Value, n: &Value, inplace: bool) -> PyResult<Count> {
    if let Some(i) = n.as_i64() {
        return Ok(Count::Now(i));
    }
    if n.is_int_like() {
        return Err(vm.overflow_error("cannot fit 'int' into an index-sized integer"));
    }
    if vm.type_of(n).slots(vm).index.is_none() {
        let t = vm.type_name(n);
        return Err(vm.type_error(format!("can't multiply sequence by non-int of type '{t}'")));
    }
    vm.start(&REPEAT, [seq.clone(), n.clone(), Value::bool(inplace)]).map(Count::Later)
}

/// Registers: sequence, count, in place. Converts the count, then repeats.
pub(crate) static REPEAT: Machine = Machine::new("sequence.repeat", |vm, regs, input| {
    let n = match regs.stage() {
        0 => {
            let n = regs.get(1);
            soft!(regs, 1, ops::number::index(vm, &n))
        }
        1 => input.value()?,
        _ => return input.value().map(Reply::from),
    };
    let seq = regs.get(0);
    regs.set_stage(2);
    let slots = vm.type_of(&seq).slots(vm);
    match if regs.get(2).is_true() { slots.inplace_repeat } else { slots.repeat } {
        Some(f) if n.is_int_like() => f(vm, &seq, &n),
        _ => Err(vm.system_error("cannot repeat")),
    }
});

/// `IndexError` for a subscript out of range, with the wording for ints beyond 64 bits.
pub(crate) fn index_error(vm: &mut Vm, key: &Value, message: &str) -> crate::exc::Exc {
    if key.is_int_like() && key.as_i64().is_none() {
        let t = vm.type_name(key);
        return vm.index_error(format!("cannot fit '{t}' into an index-sized integer"));
    }
    vm.index_error(message)
}

fn getitem(vm: &mut Vm, v: &Value, key: &Value) -> Flow {
    let Some(s) = v.get::<Str>() else { return Err(vm.system_error("not a str")) };
    match plain_key(key) {
        Some(Key::Index(i)) => match wrap_index(i, s.len()) {
            Some(i) => {
                let at = s.bytes().get(s.offset(i)..).unwrap_or(b"");
                Ok(vm.str_from_char(first_char(at)).into())
            }
            None => Err(index_error(vm, key, "string index out of range")),
        },
        Some(Key::Slice(slice)) => {
            let r = slice_range(vm, &slice, s.len())?;
            if r.count == 0 {
                return Ok(vm.names.empty.clone().into());
            }
            let bytes = s.bytes();
            if r.step == 1 {
                let (from, to) = (s.offset(r.start as usize), s.offset(r.start as usize + r.count));
                return Ok(part_of(vm, v, bytes.get(from..to).unwrap_or(b"")).into());
            }
            let mut out = Vec::with_capacity(r.count);
            if s.is_ascii() {
                out.extend(r.indexes().filter_map(|i| bytes.get(i)));
            } else {
                for i in r.indexes() {
                    let at = s.offset(i);
                    let width = bytes.get(at).map_or(0, |b| char_width(*b));
                    out.extend_from_slice(bytes.get(at..at + width).unwrap_or(b""));
                }
            }
            Ok(vm.str_from_wtf8(&out).into())
        }
        None => with_converted_key(vm, v, key, None),
    }
}

macro_rules! predicate {
    ($($name:literal $f:expr),* $(,)?) => {
        [$(def!($name, "(self, /)", |_vm, this| {
            let f: fn(&[u8]) -> bool = $f;
            Ok(f(text(this)).into())
        })),*]
    };
}
/// Text up to this length is worked on without allocations.
pub(crate) const SHORT: usize = 256;

fn mapped(vm: &mut Vm, v: &Value, case: Case) -> Flow {
    let text = text(v);
    let mut buffer = [0u8; SHORT];
    if text.len() <= SHORT && text.is_ascii() {
        let part = &mut buffer[..text.len()];
        part.copy_from_slice(text);
        wtf8::convert_ascii(case, part);
        return Ok(vm.str_from_wtf8(part).into());
    }
    Ok(vm.str_from_wtf8(&wtf8::convert(case, text)).into())
}

const PREDICATES: [Def; 12] = predicate![
    "isalpha" wtf8::is_alpha, "isalnum" wtf8::is_alnum, "isdecimal" wtf8::is_decimal,
    "isdigit" wtf8::is_digit, "isnumeric" wtf8::is_numeric, "isspace" wtf8::is_space,
    "isprintable" wtf8::is_printable, "islower" wtf8::is_lower, "isupper" wtf8::is_upper,
    "istitle" wtf8::is_title, "isidentifier" wtf8::is_identifier, "isascii" <[u8]>::is_ascii,
];
const MAPPED: [Def; 6] = [
    def!("lower", "(self, /)", |vm, this| mapped(vm, this, Case::Lower)),
    def!("upper", "(self, /)", |vm, this| mapped(vm, this, Case::Upper)),
    def!("casefold", "(self, /)", |vm, this| mapped(vm, this, Case::Fold)),
    def!("swapcase", "(self, /)", |vm, this| mapped(vm, this, Case::Swap)),
    def!("capitalize", "(self, /)", |vm, this| mapped(vm, this, Case::Capital)),
    def!("title", "(self, /)", |vm, this| mapped(vm, this, Case::Title)),
];

const STR: &[Def] = &{
    let [p0, p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11] = PREDICATES;
    let [m0, m1, m2, m3, m4, m5] = MAPPED;
    [
        p0,
        p1,
        p2,
        p3,
        p4,
        p5,
        p6,
        p7,
        p8,
        p9,
        p10,
        p11,
        m0,
        m1,
        m2,
        m3,
        m4,
        m5,
        def!("__new__", "(cls, object='', encoding: str='utf-8', errors: str='strict')", str_new),
        def!("encode", "(self, encoding: str='utf-8', errors: str='strict')", |vm, a| {
            super::codec::codec_encode(vm, &a[0], &a[1], &a[2])
        }),
        def!("center", "(self, width: ssize, fillchar=' ', /)", |vm, a| pad(vm, a, Side::Both)),
        def!("ljust", "(self, width: ssize, fillchar=' ', /)", |vm, a| pad(vm, a, Side::Left)),
        def!("rjust", "(self, width: ssize, fillchar=' ', /)", |vm, a| pad(vm, a, Side::Right)),
        def!("zfill", "(self, width: ssize, /)", |vm, a| {
            let (s, width) = (text(&a[0]), int_or(&a[1], 0));
            if !matches!(s.first(), Some(b'+' | b'-'))
                && let Some(of) = a[0].get::<Str>()
                && let Ok(width) = usize::try_from(width)
                && let Some(v) = pad_short(vm, of, width, u32::from(b'0'), Side::Right)
            {
                return Ok(v.into());
            }
            let r = wtf8::zfill(text(&a[0]), int_or(&a[1], 0));
            text_result(vm, r)
        }),
        def!("expandtabs", "(self, tabsize: index=8)", |vm, a| {
            let n = int_or(&a[1], 8);
            if i32::try_from(n).is_err() {
                return Err(vm.overflow_error("Python int too large to convert to C int"));
            }
            let r = wtf8::expandtabs(text(&a[0]), n);
            text_result(vm, r)
        }),
        def!("join", "(self, iterable, /)", join),
        def!("__format__", "(self, format_spec: str, /)", |vm, this, format_spec| {
            if text(format_spec).is_empty() {
                return ops::text::str(vm, this);
            }
            let name = vm.type_name(this);
            let r = format_str(text(this), text(format_spec), &name);
            let new = prim(vm, r)?;
            // As in CPython, what needs no padding comes back as it is, subclass and all.
            if new == text(this) {
                return Ok(this.clone().into());
            }
            Ok(vm.str_from_wtf8(&new).into())
        }),
        def!("__getnewargs__", "(self, /)", |vm, this| {
            let s = vm.str_from_wtf8(text(this));
            Ok(vm.tuple(vec![s]).into())
        }),
        def!("__sizeof__", "(self, /)", |_vm, this| {
            Ok(Value::from_usize(size_of_text(text(this))).into())
        }),
    ]
};

/// `sys.getsizeof` of a CPython string with this text.
fn size_of_text(s: &[u8]) -> usize {
    let widest = wtf8::chars(s).max().unwrap_or(0);
    let chars = wtf8::count_chars(s);
    match widest {
        0..=0x7f => 40 + chars + 1,
        0x80..=0xff => 56 + chars + 1,
        0x100..=0xffff => 56 + 2 * (chars + 1),
        _ => 56 + 4 * (chars + 1),
    }
}

fn pad(vm: &mut Vm, a: &[Value], side: Side) -> Flow {
    let fill = match a[2].given() {
        None => ' ' as u32,
        Some(v) => match v.get::<Str>() {
            Some(s) if s.len() == 1 => first_char(s.bytes()),
            Some(_) => {
                return Err(vm.type_error("The fill character must be exactly one character long"));
            }
            None => {
                let t = vm.type_name(v);
                return Err(vm.type_error(format!(
                    "The fill character must be a unicode character, not {t}"
                )));
            }
        },
    };
    let width = int_or(&a[1], 0);
    let Some(s) = a[0].get::<Str>() else { return Err(vm.system_error("not a str")) };
    if width <= s.len() as i64 {
        return Ok(exact(vm, &a[0]).into());
    }
    if let Some(v) = pad_short(vm, s, width as usize, fill, side) {
        return Ok(v.into());
    }
    let r = match side {
        Side::Left => wtf8::ljust(s.bytes(), width, fill),
        Side::Right => wtf8::rjust(s.bytes(), width, fill),
        Side::Both => wtf8::center(s.bytes(), width, fill),
    };
    text_result(vm, r)
}

/// Pads short ASCII text, which stands at the given side.
fn pad_short(vm: &Vm, s: &Str, width: usize, fill: u32, side: Side) -> Option<Value> {
    let fill = u8::try_from(fill).ok().filter(u8::is_ascii)?;
    if width > SHORT || !s.is_ascii() {
        return None;
    }
    let text = s.bytes();
    let n = width.checked_sub(text.len())?;
    let left = match side {
        Side::Left => 0,
        Side::Right => n,
        Side::Both => n / 2 + (n & width & 1),
    };
    let mut buffer = [fill; SHORT];
    buffer[left..left + text.len()].copy_from_slice(text);
    Some(vm.str_from_wtf8(&buffer[..width]))
}

fn join(vm: &mut Vm, a: &[Value]) -> Flow {
    match ops::iter::items_native(vm, &a[1])? {
        Some(items) => ops::text::join(vm, text(&a[0]), &items).map(Reply::from),
        None => vm.start(&JOIN, [a[0].clone(), a[1].clone()]),
    }
}

/// Registers: separator, iterable. Stage 1: its items as a list.
pub(crate) static JOIN: Machine = Machine::new("str.join", |vm, regs, input| {
    let list = match regs.stage() {
        0 => {
            let v = regs.get(1);
            let slots = vm.type_of(&v).slots(vm);
            if slots.iter.is_none() && slots.getitem.is_none() {
                return Err(vm.type_error("can only join an iterable"));
            }
            soft!(regs, 1, ops::iter::collect(vm, &v))
        }
        _ => input.value()?,
    };
    let items = list.get::<List>().map_or_else(Vec::new, |l| l.items(vm).to_vec());
    let sep = regs.get(0);
    ops::text::join(vm, text(&sep), &items).map(Reply::from)
});

/// An instance of `class` (str or a subclass) with the text of `v`.
pub(crate) fn instance(vm: &mut Vm, class: &crate::object::Obj<Type>, v: &Value) -> Value {
    if is_class(class, &vm.types.str) {
        return v.clone();
    }
    vm.new_bytes_tail::<Str>(class, &[text(v)]).into_value()
}

fn str_new(vm: &mut Vm, a: &[Value]) -> Flow {
    let class = class_arg(vm, &a[0], |t| &t.str)?;
    if a[1].is_unbound() {
        let empty = vm.names.empty.clone();
        return Ok(instance(vm, &class, &empty).into());
    }
    let exact_class = is_class(&class, &vm.types.str);
    if a[2].is_unbound() && a[3].is_unbound() {
        if exact_class {
            return ops::text::str(vm, &a[1]);
        }
    } else if a[1].has::<Str>() {
        return Err(vm.type_error("decoding str is not supported"));
    }
    vm.start(&STR_NEW, [a[0].clone(), a[1].clone(), a[2].clone(), a[3].clone()])
}

/// Registers: class, object, encoding, errors. Stage 1: the buffer; 2: the str.
pub(crate) static STR_NEW: Machine = Machine::new("str.new", |vm, regs, input| {
    let (object, encoding, errors) = (regs.get(1), regs.get(2), regs.get(3));
    let s = match regs.stage() {
        0 if encoding.is_unbound() && errors.is_unbound() => {
            soft!(regs, 2, ops::text::str(vm, &object))
        }
        stage @ (0 | 1) => {
            let buffer = if stage == 0 {
                if !super::buffer::is_plain(&object) && !super::buffer::needs_python(vm, &object) {
                    let t = vm.type_name(&object);
                    return Err(vm.type_error(format!(
                        "decoding to str: need a bytes-like object, {t} found"
                    )));
                }
                soft!(regs, 1, super::buffer::from_object(vm, &object))
            } else {
                input.value()?
            };
            let data = super::buffer::copied(vm, &buffer);
            soft!(regs, 2, super::codec::codec_decode(vm, &data, &encoding, &errors))
        }
        _ => input.value()?,
    };
    match regs.get(0).get::<Type>() {
        Some(class) => Ok(instance(vm, class, &s).into()),
        None => Err(vm.system_error("machine register holds no class")),
    }
});

/// A truth argument of `splitlines` and others.
pub(crate) fn keepends(v: &Value) -> bool {
    flag(v, false)
}

/// A primitive's result as an exact str, or the receiver if nothing changed.
pub(crate) fn cow_result(
    vm: &mut Vm,
    receiver: &Value,
    r: stackless_primitives::Result<std::borrow::Cow<'_, [u8]>>,
) -> Flow {
    match prim(vm, r)? {
        std::borrow::Cow::Borrowed(part) => Ok(part_of(vm, receiver, part).into()),
        std::borrow::Cow::Owned(new) => Ok(vm.str_from_wtf8(&new).into()),
    }
}

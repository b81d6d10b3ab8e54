//! `array.array`: slots and methods. Construction and what iterates over user objects is in the
//! intrinsics (`array_*`). CPython's counterpart: `Modules/arraymodule.c`.
//!
//! While buffers are exported, everything that would change the size raises BufferError.

use stackless_primitives::memory::attempt;
use std::cmp::Ordering;

use super::buffer;
use super::str::{Count, index_error, repeat_count};
use super::support::{bounds, class_arg, int_or, no_memory};
use crate::boot::TypeBuilder;
use crate::descr::{GetSet, getter};
use crate::exc::{Exc, Flow, PyResult, Reply};
use crate::machine::{Input, Machine};
use crate::native::{Def, classdef, def};
use crate::object::Obj;
use crate::objects::array::{Array, CODES, item_at, item_value, size_of_code};
use crate::objects::iterators::{self, SeqKind, generic_alias};
use crate::objects::str::{Str, first_char, push_char};
use crate::objects::types::CmpOp;
use crate::ops;
use crate::ops::item::{Key, plain_key, slice_range, with_converted_key, wrap_index};
use crate::soft;
use crate::steps::call_intrinsic;
use crate::value::Value;
use crate::vm::Vm;

pub fn define_array(b: &mut TypeBuilder<'_>) {
    b.slots.repr = Some(|vm, v| call_intrinsic(vm, "array_repr", std::slice::from_ref(v)));
    b.slots.len = Some(|vm, v| {
        let n = get(vm, v)?.len(vm);
        Ok(Value::from_usize(n).into())
    });
    b.slots.iter = Some(|vm, v| Ok(iterators::seq_iter(vm, SeqKind::Array, v.clone()).into()));
    b.slots.compare = Some(compare);
    b.slots.getitem = Some(getitem);
    b.slots.setitem = Some(setitem);
    b.slots.contains =
        Some(|vm, v, item| call_intrinsic(vm, "array_contains", &[v.clone(), item.clone()]));
    b.slots.concat = Some(|vm, a, b| {
        let x = get(vm, a)?;
        let Some(y) = b.get::<Array>() else {
            let t = vm.type_name(b);
            return Err(vm.type_error(format!("can only append array (not \"{t}\") to array")));
        };
        if x.code != y.code {
            return Err(wrong_kind(vm));
        }
        let mut out = x.data.get(vm).clone();
        out.extend_from_slice(y.data.get(vm));
        Ok(vm.array_of(&vm.types.array, x.code, out).into())
    });
    b.slots.inplace_concat = Some(|vm, a, b| {
        if !b.has::<Array>() {
            let t = vm.type_name(b);
            return Err(vm.type_error(format!("can only extend array with array (not \"{t}\")")));
        }
        extend_array(vm, a, b)?;
        Ok(a.clone().into())
    });
    b.slots.repeat = Some(|vm, v, n| match repeat_count(vm, v, n, false)? {
        Count::Now(n) => {
            let x = get(vm, v)?;
            let out = repeated(vm, x, n)?;
            Ok(vm.array_of(&vm.types.array, x.code, out).into())
        }
        Count::Later(reply) => Ok(reply),
    });
    b.slots.inplace_repeat = Some(|vm, v, n| match repeat_count(vm, v, n, true)? {
        Count::Now(n) => {
            let x = get(vm, v)?;
            let out = repeated(vm, x, n)?;
            let old = x.data.get(vm).len();
            splice(vm, x, 0, old, &out)?;
            Ok(v.clone().into())
        }
        Count::Later(reply) => Ok(reply),
    });
    b.methods(METHODS);
    b.getsets(&ATTRS);
}

pub fn define_iter(b: &mut TypeBuilder<'_>) {
    super::iterators::define_seq_iter(b);
    b.methods(ITER);
}

const ITER: &[Def] = &[
    def!("__reduce__", "(self, /)", |vm, this| {
        call_intrinsic(vm, "array_iter_reduce", std::slice::from_ref(this))
    }),
    def!("__setstate__", "(self, state: index, /)", |vm, this, state| {
        let Some(it) = this.get::<iterators::SeqIter>() else { return Ok(Reply::NONE) };
        let n = it.seq.get().get::<Array>().map_or(0, |s| s.len(vm)) as i64;
        it.index.set(int_or(state, 0).clamp(0, n));
        Ok(Reply::NONE)
    }),
];

static ATTRS: [GetSet; 2] = [
    getter("typecode", |vm, v| {
        let code = get(vm, v)?.code;
        Ok(vm.str_from_char(code as u32).into())
    }),
    getter("itemsize", |vm, v| Ok(Value::from_usize(get(vm, v)?.item_size()).into())),
];

fn get<'a>(vm: &mut Vm, v: &'a Value) -> PyResult<&'a Obj<Array>> {
    match v.get::<Array>() {
        Some(a) => Ok(a),
        None => Err(vm.system_error("not an array")),
    }
}

fn wrong_kind(vm: &mut Vm) -> Exc {
    vm.type_error("bad argument type for built-in operation")
}

fn repeated(vm: &mut Vm, x: &Obj<Array>, n: i64) -> PyResult<Vec<u8>> {
    let n = n.max(0) as usize;
    let total = x.data.get(vm).len().checked_mul(n).filter(|t| *t <= isize::MAX as usize);
    let mut out: Vec<u8> = Vec::new();
    match total {
        Some(t) if attempt(|| out.try_reserve_exact(t)).is_ok() => {}
        _ => return Err(no_memory(vm)),
    }
    let items = x.data.get(vm);
    for _ in 0..if items.is_empty() { 0 } else { n } {
        out.extend_from_slice(items);
    }
    Ok(out)
}

/// Replaces the bytes `from..to` by `new`.
fn splice(vm: &mut Vm, x: &Obj<Array>, from: usize, to: usize, new: &[u8]) -> PyResult<()> {
    if to - from != new.len() && x.exports.get() > 0 {
        return Err(vm.buffer_error("cannot resize an array that is exporting buffers"));
    }
    let d = x.data.get_mut(vm);
    if new.len() > to - from && attempt(|| d.try_reserve(new.len())).is_err() {
        return Err(no_memory(vm));
    }
    if from == to && from == d.len() {
        d.extend_from_slice(new);
    } else {
        d.splice(from..to, new.iter().copied());
    }
    Ok(())
}

fn extend_array(vm: &mut Vm, v: &Value, other: &Value) -> PyResult<()> {
    let (x, Some(y)) = (get(vm, v)?, other.get::<Array>()) else { return Err(wrong_kind(vm)) };
    if x.code != y.code {
        return Err(vm.type_error("can only extend with array of same kind"));
    }
    let new = y.data.get(vm).clone();
    let n = x.data.get(vm).len();
    splice(vm, x, n, n, &new)
}

/// The bytes of an item: `value` is an exact int for int codes, a float for float codes, or a str.
fn item_bytes(vm: &mut Vm, code: u8, value: &Value) -> PyResult<([u8; 8], usize)> {
    let mut out = [0u8; 8];
    let size = size_of_code(code);
    match code {
        b'f' => {
            let f = value.as_float().unwrap_or(0.0);
            out[..4].copy_from_slice(&(f as f32).to_ne_bytes());
        }
        b'd' => out = value.as_float().unwrap_or(0.0).to_ne_bytes(),
        b'u' | b'w' => {
            let c = match value.get::<Str>() {
                Some(s) if s.len() == 1 => first_char(s.bytes()),
                Some(s) => {
                    let n = s.len();
                    return Err(vm.type_error(format!(
                        "array item must be a unicode character, not a string of length {n}"
                    )));
                }
                None => {
                    let t = vm.type_name(value);
                    return Err(
                        vm.type_error(format!("array item must be a unicode character, not {t}"))
                    );
                }
            };
            out[..4].copy_from_slice(&c.to_ne_bytes());
        }
        _ => {
            let n = int_item(vm, code, value)?;
            out = n.to_le_bytes();
            if cfg!(target_endian = "big") {
                out[..size].reverse();
            }
        }
    }
    Ok((out, size))
}

/// The low 64 bits of an int that fits the code, or CPython's complaint.
fn int_item(vm: &mut Vm, code: u8, value: &Value) -> PyResult<u64> {
    let small = value.as_i64();
    let negative = value.as_big().is_some_and(|b| b.is_negative());
    let overflow = |vm: &mut Vm, text: &str| Err(vm.overflow_error(text));
    // What the argument parser checks first: the C type and its name, then the item's own range.
    let (lo, hi, outer): (i64, i64, &[(i64, i64, &str)]) = match code {
        b'b' => (-128, 127, &[(-32768, 32767, "signed short integer")]),
        b'B' => (0, 255, &[]),
        b'h' => (-32768, 32767, &[]),
        b'H' => (0, 65535, &[(i32::MIN as i64, i32::MAX as i64, "signed integer")]),
        b'i' => (i32::MIN as i64, i32::MAX as i64, &[]),
        b'I' | b'L' | b'Q' => {
            if negative {
                return overflow(
                    vm,
                    match code {
                        b'Q' => "can't convert negative int to unsigned",
                        _ => "can't convert negative value to unsigned int",
                    },
                );
            }
            let Some(n) = value.as_big().and_then(|b| b.to_u64()) else {
                return overflow(
                    vm,
                    match code {
                        b'Q' => "int too big to convert",
                        _ => "Python int too large to convert to C unsigned long",
                    },
                );
            };
            if code == b'I' && n > u32::MAX as u64 {
                return overflow(vm, "unsigned int is greater than maximum");
            }
            return Ok(n);
        }
        b'q' => match small {
            Some(n) => return Ok(n as u64),
            None => return overflow(vm, "int too big to convert"),
        },
        _ => (i64::MIN, i64::MAX, &[]),
    };
    let Some(n) = small else {
        return overflow(vm, "Python int too large to convert to C long");
    };
    let name = match code {
        b'b' => "signed char",
        b'B' => "unsigned byte integer",
        b'h' => "signed short integer",
        b'H' => "unsigned short",
        _ => "signed integer",
    };
    for (lo, hi, name) in outer.iter().copied().chain([(lo, hi, name)]) {
        if n < lo {
            return overflow(vm, &format!("{name} is less than minimum"));
        }
        if n > hi {
            return overflow(vm, &format!("{name} is greater than maximum"));
        }
    }
    Ok(n as u64)
}

/// Can the value be stored without running Python code?
fn is_ready(code: u8, value: &Value) -> bool {
    match code {
        b'f' | b'd' => value.is_small_float(),
        b'u' | b'w' => true,
        _ => value.is_int(),
    }
}

const APPEND: i32 = 0;
const SET: i32 = 1;
const INSERT: i32 = 2;

/// Stores a value: appended, in place of item `i`, or inserted before it.
fn put(vm: &mut Vm, v: &Value, how: i32, i: i64, value: &Value) -> Flow {
    let code = get(vm, v)?.code;
    if is_ready(code, value) {
        return put_ready(vm, v, how, i, value);
    }
    vm.start(&PUT, [v.clone(), Value::from_i32(how), vm.int(i), value.clone()])
}

/// Registers: array, what to do, index, value. Stage 1: the value converted for the code.
pub(crate) static PUT: Machine = Machine::new("array.put", |vm, regs, input| {
    let (v, value) = (regs.get(0), regs.get(3));
    let value = match input {
        Input::Start => {
            let flow = match get(vm, &v)?.code {
                b'f' | b'd' => ops::number::float(vm, &value),
                _ => ops::number::index(vm, &value),
            };
            soft!(regs, 1, flow)
        }
        input => input.value()?,
    };
    put_ready(vm, &v, regs.int(1) as i32, regs.int(2), &value)
});

fn put_ready(vm: &mut Vm, v: &Value, how: i32, i: i64, value: &Value) -> Flow {
    let x = get(vm, v)?;
    let (bytes, size) = item_bytes(vm, x.code, value)?;
    let bytes = &bytes[..size];
    let n = x.len(vm);
    match how {
        SET => {
            let Some(i) = wrap_index(i, n) else {
                return Err(vm.index_error("array assignment index out of range"));
            };
            if let Some(slot) = x.data.get_mut(vm).get_mut(i * size..(i + 1) * size) {
                slot.copy_from_slice(bytes);
            }
        }
        INSERT => {
            let i = if i < 0 { (i + n as i64).max(0) } else { i.min(n as i64) } as usize;
            splice(vm, x, i * size, i * size, bytes)?;
        }
        _ => splice(vm, x, n * size, n * size, bytes)?,
    }
    Ok(Reply::NONE)
}

fn compare(vm: &mut Vm, op: CmpOp, a: &Value, b: &Value) -> Flow {
    let (Some(x), Some(y)) = (a.get::<Array>(), b.get::<Array>()) else {
        return Ok(Value::NOT_IMPLEMENTED.into());
    };
    let (n, m) = (x.len(vm), y.len(vm));
    let equality = matches!(op, CmpOp::Eq | CmpOp::Ne);
    if equality && n != m {
        return Ok(Value::bool(op == CmpOp::Ne).into());
    }
    for i in 0..n.min(m) {
        let (Some(p), Some(q)) = (item_at(vm, a, i), item_at(vm, b, i)) else { break };
        let order = if x.is_text() && y.is_text() {
            Some(p.as_wtf8().cmp(&q.as_wtf8()))
        } else {
            match ops::compare::number_order(&p, &q) {
                Some(order) => order,
                // A character and a number: unequal, and without order.
                None if equality => None,
                None => return ops::compare::compare(vm, op, &p, &q),
            }
        };
        if order == Some(Ordering::Equal) {
            continue;
        }
        return Ok(Value::bool(holds(op, order)).into());
    }
    Ok(Value::bool(holds(op, Some(n.cmp(&m)))).into())
}

fn holds(op: CmpOp, order: Option<Ordering>) -> bool {
    match op {
        CmpOp::Eq => order == Some(Ordering::Equal),
        CmpOp::Ne => order != Some(Ordering::Equal),
        CmpOp::Lt => order == Some(Ordering::Less),
        CmpOp::Le => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        CmpOp::Gt => order == Some(Ordering::Greater),
        CmpOp::Ge => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
    }
}

/// Fails for subscripts that are neither integers nor slices.
fn check_key(vm: &mut Vm, key: &Value) -> PyResult<()> {
    if !key.has::<crate::objects::function::Slice>() && vm.type_of(key).slots(vm).index.is_none() {
        return Err(vm.type_error("array indices must be integers"));
    }
    Ok(())
}

fn getitem(vm: &mut Vm, v: &Value, key: &Value) -> Flow {
    match plain_key(key) {
        Some(Key::Index(i)) => {
            let n = get(vm, v)?.len(vm);
            match wrap_index(i, n).and_then(|i| item_at(vm, v, i)) {
                Some(item) => Ok(item.into()),
                None => Err(index_error(vm, key, "array index out of range")),
            }
        }
        Some(Key::Slice(s)) => {
            let x = get(vm, v)?;
            let size = x.item_size();
            let r = slice_range(vm, &s, x.len(vm))?;
            let d = x.data.get(vm);
            let mut out = Vec::with_capacity(r.count * size);
            if r.step == 1 {
                let from = r.start as usize * size;
                out.extend_from_slice(d.get(from..from + r.count * size).unwrap_or(&[]));
            } else {
                for i in r.indexes() {
                    out.extend_from_slice(d.get(i * size..(i + 1) * size).unwrap_or(&[]));
                }
            }
            Ok(vm.array_of(&vm.types.array, x.code, out).into())
        }
        None => {
            check_key(vm, key)?;
            with_converted_key(vm, v, key, None)
        }
    }
}

fn setitem(vm: &mut Vm, v: &Value, key: &Value, value: &Value) -> Flow {
    match plain_key(key) {
        Some(Key::Index(i)) => {
            let x = get(vm, v)?;
            let (n, size) = (x.len(vm), x.item_size());
            let Some(at) = wrap_index(i, n) else {
                return Err(index_error(vm, key, "array assignment index out of range"));
            };
            if value.is_unbound() {
                splice(vm, x, at * size, (at + 1) * size, b"")?;
                return Ok(Reply::NONE);
            }
            put(vm, v, SET, at as i64, value)
        }
        Some(Key::Slice(s)) => store_slice(vm, v, &s, value),
        None => {
            check_key(vm, key)?;
            with_converted_key(vm, v, key, Some(value))
        }
    }
}

fn store_slice(vm: &mut Vm, v: &Value, slice: &Value, value: &Value) -> Flow {
    let x = get(vm, v)?;
    let size = x.item_size();
    let delete = value.is_unbound();
    let new = match value.get::<Array>() {
        Some(y) if y.code != x.code => return Err(wrong_kind(vm)),
        Some(y) => y.data.get(vm).clone(),
        None if delete => Vec::new(),
        None => {
            let t = vm.type_name(value);
            return Err(
                vm.type_error(format!("can only assign array (not \"{t}\") to array slice"))
            );
        }
    };
    let r = slice_range(vm, slice, x.len(vm))?;
    if r.step == 1 {
        let from = r.start as usize * size;
        splice(vm, x, from, from + r.count * size, &new)?;
        return Ok(Reply::NONE);
    }
    if delete {
        if r.count > 0 && x.exports.get() > 0 {
            return Err(vm.buffer_error("cannot resize an array that is exporting buffers"));
        }
        let mut gone: Vec<usize> = r.indexes().collect();
        gone.sort_unstable();
        let (mut i, mut next) = (0, 0);
        x.data.get_mut(vm).retain(|_| {
            let out = gone.get(next) == Some(&(i / size));
            i += 1;
            next += (out && i % size == 0) as usize;
            !out
        });
        return Ok(Reply::NONE);
    }
    if new.len() != r.count * size {
        let n = new.len() / size;
        return Err(vm.value_error(format!(
            "attempt to assign array of size {n} to extended slice of size {}",
            r.count
        )));
    }
    let d = x.data.get_mut(vm);
    for (i, item) in r.indexes().zip(new.chunks_exact(size)) {
        if let Some(slot) = d.get_mut(i * size..(i + 1) * size) {
            slot.copy_from_slice(item);
        }
    }
    Ok(Reply::NONE)
}

/// Values of all items.
fn values(vm: &mut Vm, v: &Value) -> PyResult<Vec<Value>> {
    let x = get(vm, v)?;
    let items = x.data.get(vm).chunks_exact(x.item_size());
    Ok(items.map(|b| item_value(vm, x.code, b)).collect())
}

const METHODS: &[Def] = &[
    // Other names than "args, kwargs": those promise a `__new__` that pushes no frame (ops/call.rs).
    def!("__new__", "(cls, /, *given, **named)", |vm, a| {
        let class = class_arg(vm, &a[0], |t| &t.array)?;
        call_intrinsic(vm, "array_new", &[class.into_value(), a[1].clone(), a[2].clone()])
    }),
    classdef!("__class_getitem__", "(cls, item, /)", |vm, cls, item| generic_alias(vm, cls, item)),
    def!("append", "(self, v, /)", |vm, this, v| put(vm, this, APPEND, 0, v)),
    def!("insert", "(self, i: ssize, v, /)", |vm, a| {
        put(vm, &a[0], INSERT, int_or(&a[1], 0), &a[2])
    }),
    def!("buffer_info", "(self, /)", |vm, this| {
        let x = get(vm, this)?;
        let d = x.data.get(vm);
        let address = d.as_ptr() as u64;
        let v = vec![vm.uint(address), Value::from_usize(d.len() / x.item_size())];
        Ok(vm.tuple(v).into())
    }),
    def!("byteswap", "(self, /)", |vm, this| {
        let x = get(vm, this)?;
        let size = x.item_size();
        x.data.get_mut(vm).chunks_exact_mut(size).for_each(<[u8]>::reverse);
        Ok(Reply::NONE)
    }),
    def!("clear", "(self, /)", |vm, this| {
        let x = get(vm, this)?;
        let n = x.data.get(vm).len();
        splice(vm, x, 0, n, b"")?;
        Ok(Reply::NONE)
    }),
    def!("__copy__", "(self, /)", |vm, this| copy(vm, this)),
    def!("__deepcopy__", "(self, unused, /)", |vm, this, _| copy(vm, this)),
    def!("count", "(self, v, /)", |vm, this, v| {
        let items = values(vm, this)?;
        super::search::count(vm, items, v)
    }),
    def!("index", "(self, v, start: bound=0, stop: bound=None, /)", |vm, a| {
        let mut found = values(vm, &a[0])?;
        let (lo, hi) = bounds(&a[2], &a[3]);
        let (lo, hi) = stackless_primitives::wtf8::clamp_slice(lo, hi, found.len());
        found.truncate(hi);
        let rest = found.split_off(lo.min(found.len()));
        super::search::index(vm, rest, &a[1], lo, "array.index(x): x not in array")
    }),
    def!("remove", "(self, v, /)", |vm, this, v| {
        call_intrinsic(vm, "array_remove", &[this.clone(), v.clone()])
    }),
    def!("extend", "(self, bb, /)", |vm, this, bb| {
        if bb.has::<Array>() {
            extend_array(vm, this, bb)?;
            return Ok(Reply::NONE);
        }
        call_intrinsic(vm, "array_extend", &[this.clone(), bb.clone()])
    }),
    def!("fromlist", "(self, list, /)", |vm, this, list| {
        call_intrinsic(vm, "array_fromlist", &[this.clone(), list.clone()])
    }),
    def!("fromfile", "(self, f, n: ssize, /)", |vm, a| {
        call_intrinsic(vm, "array_fromfile", &[a[0].clone(), a[1].clone(), a[2].clone()])
    }),
    def!("tofile", "(self, f, /)", |vm, this, f| {
        call_intrinsic(vm, "array_tofile", &[this.clone(), f.clone()])
    }),
    def!("frombytes", "(self, buffer: buffer, /)", |vm, this, buffer| {
        let new = buffer::copied(vm, buffer);
        let x = get(vm, this)?;
        if !new.len().is_multiple_of(x.item_size()) {
            return Err(vm.value_error("bytes length not a multiple of item size"));
        }
        let n = x.data.get(vm).len();
        splice(vm, x, n, n, &new)?;
        Ok(Reply::NONE)
    }),
    def!("fromunicode", "(self, ustr: str, /)", |vm, this, ustr| {
        let x = get(vm, this)?;
        if !x.is_text() {
            return Err(vm.value_error(
                "fromunicode() may only be called on unicode type arrays ('u' or 'w')",
            ));
        }
        let text = ustr.as_wtf8().unwrap_or(b"");
        let mut new = Vec::with_capacity(text.len() * 4);
        let mut at = 0;
        while at < text.len() {
            new.extend(first_char(&text[at..]).to_ne_bytes());
            at += crate::objects::str::char_width(text[at]);
        }
        let n = x.data.get(vm).len();
        splice(vm, x, n, n, &new)?;
        Ok(Reply::NONE)
    }),
    def!("tounicode", "(self, /)", |vm, this| {
        let x = get(vm, this)?;
        if !x.is_text() {
            return Err(vm.value_error(
                "tounicode() may only be called on unicode type arrays ('u' or 'w')",
            ));
        }
        let mut out = Vec::new();
        let mut wrong = None;
        for b in x.data.get(vm).chunks_exact(4) {
            let c = u32::from_ne_bytes([b[0], b[1], b[2], b[3]]);
            if c > 0x10ffff {
                wrong = Some(c);
                break;
            }
            push_char(&mut out, c);
        }
        match wrong {
            Some(c) => {
                Err(vm.value_error(format!("character U+{c:x} is not in range [U+0000; U+10ffff]")))
            }
            None => Ok(vm.str_from_wtf8(&out).into()),
        }
    }),
    def!("pop", "(self, i: ssize=-1, /)", |vm, a| {
        let x = get(vm, &a[0])?;
        let (n, size) = (x.len(vm), x.item_size());
        if n == 0 {
            return Err(vm.index_error("pop from empty array"));
        }
        let Some(i) = wrap_index(int_or(&a[1], -1), n) else {
            return Err(vm.index_error("pop index out of range"));
        };
        let item = item_at(vm, &a[0], i).unwrap_or(Value::NONE);
        splice(vm, x, i * size, (i + 1) * size, b"")?;
        Ok(item.into())
    }),
    def!("reverse", "(self, /)", |vm, this| {
        let x = get(vm, this)?;
        let size = x.item_size();
        let d = x.data.get_mut(vm);
        d.reverse();
        d.chunks_exact_mut(size).for_each(<[u8]>::reverse);
        Ok(Reply::NONE)
    }),
    def!("tobytes", "(self, /)", |vm, this| {
        let x = get(vm, this)?;
        Ok(vm.bytes(x.data.get(vm)).into())
    }),
    def!("tolist", "(self, /)", |vm, this| {
        let items = values(vm, this)?;
        Ok(vm.list(items).into())
    }),
    def!("__reduce_ex__", "(self, value, /)", |vm, this, value| {
        call_intrinsic(vm, "array_reduce", &[this.clone(), value.clone()])
    }),
    def!("__sizeof__", "(self, /)", |vm, this| {
        let n = get(vm, this)?.data.get(vm).len();
        Ok(Value::from_usize(64 + n).into())
    }),
    def!("__buffer__", "(self, flags: index, /)", |vm, this, _| {
        super::memoryview::of(vm, this).map(Reply::from)
    }),
    def!("__release_buffer__", "(self, buffer, /)", super::memoryview::release_buffer),
];

fn copy(vm: &mut Vm, v: &Value) -> Flow {
    let x = get(vm, v)?;
    let d = x.data.get(vm).clone();
    Ok(vm.array_of(&vm.types.array, x.code, d).into())
}

/// Natives of the intrinsics.
pub const PRIVATE: &[Def] = &[
    // An empty array of a class; None for a code that is none.
    def!("_array_make", "(cls, code, /)", |vm, a| {
        let class = class_arg(vm, &a[0], |t| &t.array)?;
        match a[1].as_wtf8() {
            Some([code]) if CODES.contains(code) => {
                Ok(vm.array_of(&class, *code, Vec::new()).into())
            }
            _ => Ok(Value::NONE.into()),
        }
    }),
    // What an array iterator walks (None when exhausted) and its index.
    def!("_array_iter_state", "(iterator, /)", |vm, iterator| {
        let Some(it) = iterator.get::<iterators::SeqIter>() else { return Ok(Reply::NONE) };
        let v = vec![it.seq.given().unwrap_or(Value::NONE), vm.int(it.index.get())];
        Ok(vm.tuple(v).into())
    }),
];

//! `bytearray`: what changes it. Methods shared with bytes are in `bytes`. CPython's counterpart:
//! `Objects/bytearrayobject.c`.
//!
//! While buffers are exported, everything that would change the size raises BufferError.

use stackless_primitives::bytes as pb;
use stackless_primitives::error::check_size;

use super::buffer;
use super::bytes::{byte, compare_buffers, concat, data, define_shared};
use super::bytes_new::{new_contents, of_items};
use super::str::{Count, index_error, repeat_count};
use super::support::{class_arg, int_or, no_memory, prim};
use crate::boot::TypeBuilder;
use crate::exc::{Flow, PyResult, Reply};
use crate::machine::Machine;
use crate::native::{Def, def};
use crate::object::{Obj, VmCell};
use crate::objects::bytes::{ByteArray, Bytes};
use crate::objects::iterators::{self, SeqKind};
use crate::objects::str::Str;
use crate::objects::types::BinOp;
use crate::ops;
use crate::ops::item::{Key, plain_key, slice_range, with_converted_key, wrap_index};
use crate::soft;
use crate::value::Value;
use crate::vm::Vm;

pub fn define_bytearray(b: &mut TypeBuilder<'_>) {
    define_shared(b);
    b.slots.binary[BinOp::Mod as usize] = Some(|vm, a, b| match a.has::<ByteArray>() {
        true => super::percent::format(vm, a, b),
        false => Ok(Value::NOT_IMPLEMENTED.into()),
    });
    b.slots.repr = Some(|vm, v| {
        let name = vm.type_name(v);
        Ok(vm.str_from_wtf8(&pb::bytearray_repr(&data(vm, v), name.as_bytes())).into())
    });
    b.slots.compare =
        Some(|vm, op, a, b| match super::bytes::warn_of_comparison(vm, op, b, "bytearray") {
            Some(flow) => flow,
            None => compare_buffers(vm, op, a, b),
        });
    b.slots.str = Some(|vm, v| super::bytes::shown(vm, v, "bytearray"));
    b.slots.iter = Some(|vm, v| Ok(iterators::seq_iter(vm, SeqKind::ByteArray, v.clone()).into()));
    b.slots.setitem = Some(setitem);
    b.slots.inplace_concat = Some(|vm, v, other| {
        if !buffer::is_plain(other) {
            return concat(vm, v, other);
        }
        let new = buffer::copied(vm, other);
        let n = data(vm, v).len();
        splice(vm, v, n, n, &new)?;
        Ok(v.clone().into())
    });
    b.slots.inplace_repeat = Some(|vm, v, n| match repeat_count(vm, v, n, true)? {
        Count::Now(1) => Ok(v.clone().into()),
        Count::Now(n) => {
            let r = pb::repeat(&data(vm, v), n);
            let new = prim(vm, r)?;
            let old = data(vm, v).len();
            splice(vm, v, 0, old, &new)?;
            Ok(v.clone().into())
        }
        Count::Later(reply) => Ok(reply),
    });
    b.methods(BYTEARRAY);
}

fn get<'a>(vm: &mut Vm, v: &'a Value) -> PyResult<&'a Obj<ByteArray>> {
    match v.get::<ByteArray>() {
        Some(b) => Ok(b),
        None => Err(vm.system_error("not a bytearray")),
    }
}

/// Fails while the size is fixed.
fn check_resize(vm: &mut Vm, b: &Obj<ByteArray>) -> PyResult<()> {
    if b.exports.get() > 0 {
        return Err(vm.buffer_error("Existing exports of data: object cannot be re-sized"));
    }
    Ok(())
}

/// Replaces `from..to` by `new`.
fn splice(vm: &mut Vm, v: &Value, from: usize, to: usize, new: &[u8]) -> PyResult<()> {
    let b = get(vm, v)?;
    if to - from != new.len() {
        check_resize(vm, b)?;
        let grown = b.data.get(vm).len().checked_add(new.len());
        if check_size(grown).is_err() {
            return Err(no_memory(vm));
        }
    }
    let d = b.data.get_mut(vm);
    let end = to.min(d.len());
    if from <= end {
        d.splice(from..end, new.iter().copied());
    }
    Ok(())
}

const BYTEARRAY: &[Def] = &[
    def!("__new__", "(cls, /, *args, **kwargs)", |vm, cls, _, _| {
        let class = class_arg(vm, cls, |t| &t.bytearray)?;
        let payload = ByteArray { data: VmCell::new(Vec::new()), exports: std::cell::Cell::new(0) };
        Ok(vm.new_object(&class, payload).into())
    }),
    def!("__init__", "(self, source=b'', encoding: str=None, errors: str=None)", |vm, a| {
        let n = data(vm, &a[0]).len();
        splice(vm, &a[0], 0, n, b"")?;
        if a[1..].iter().all(Value::is_unbound) {
            return Ok(Reply::NONE);
        }
        vm.start(&INIT, [a[0].clone(), a[1].clone(), a[2].clone(), a[3].clone()])
    }),
    def!("append", "(self, item: index, /)", |vm, a| {
        let n = data(vm, &a[0]).len();
        let item = byte(vm, &a[1])?;
        splice(vm, &a[0], n, n, &[item])?;
        Ok(Reply::NONE)
    }),
    def!("insert", "(self, index: ssize, item: index, /)", |vm, a| {
        let (n, i) = (data(vm, &a[0]).len() as i64, int_or(&a[1], 0));
        let item = byte(vm, &a[2])?;
        let at = if i < 0 { (i + n).max(0) } else { i.min(n) } as usize;
        splice(vm, &a[0], at, at, &[item])?;
        Ok(Reply::NONE)
    }),
    def!("pop", "(self, index: ssize=-1, /)", |vm, this, index| {
        let n = data(vm, this).len();
        if n == 0 {
            return Err(vm.index_error("pop from empty bytearray"));
        }
        let Some(i) = wrap_index(index, n) else {
            return Err(vm.index_error("pop index out of range"));
        };
        let item = data(vm, this).get(i).copied().unwrap_or(0);
        splice(vm, this, i, i + 1, b"")?;
        Ok(Value::from_i32(item as i32).into())
    }),
    def!("remove", "(self, value: index, /)", |vm, this, value| {
        let item = byte(vm, value)?;
        let at = data(vm, this).iter().position(|b| *b == item);
        match at {
            Some(i) => {
                splice(vm, this, i, i + 1, b"")?;
                Ok(Reply::NONE)
            }
            None => Err(vm.value_error("value not found in bytearray")),
        }
    }),
    def!("extend", "(self, iterable_of_ints, /)", extend),
    def!("reverse", "(self, /)", |vm, this| {
        get(vm, this)?.data.get_mut(vm).reverse();
        Ok(Reply::NONE)
    }),
    def!("clear", "(self, /)", |vm, this| {
        let b = get(vm, this)?;
        check_resize(vm, b)?;
        b.data.get_mut(vm).clear();
        Ok(Reply::NONE)
    }),
    def!("copy", "(self, /)", |vm, this| {
        let d = data(vm, this).into_owned();
        Ok(vm.bytearray(d).into())
    }),
    def!("resize", "(self, size: ssize, /)", |vm, a| {
        let n = int_or(&a[1], 0);
        if n < 0 {
            return Err(vm.value_error(format!("Can only resize to positive sizes, got {n}")));
        }
        let Ok(n) = check_size(usize::try_from(n).ok()) else { return Err(no_memory(vm)) };
        let b = get(vm, &a[0])?;
        if n != b.data.get(vm).len() {
            check_resize(vm, b)?;
        }
        b.data.get_mut(vm).resize(n, 0);
        Ok(Reply::NONE)
    }),
    def!("__alloc__", "(self, /)", |vm, this| {
        let n = data(vm, this).len();
        Ok(Value::from_usize(if n == 0 { 0 } else { n + 1 }).into())
    }),
    def!("__sizeof__", "(self, /)", |vm, this| {
        let n = data(vm, this).len();
        Ok(Value::from_usize(56 + if n == 0 { 0 } else { n + 1 }).into())
    }),
    def!("__reduce__", "(self, /)", |vm, this| reduce(vm, this, 2)),
    def!("__reduce_ex__", "(self, proto: ssize=0, /)", |vm, this, proto| reduce(vm, this, proto)),
    def!("__release_buffer__", "(self, buffer, /)", super::memoryview::release_buffer),
];

fn reduce(vm: &mut Vm, v: &Value, protocol: i64) -> Flow {
    let class = vm.type_of(v).to_value();
    let d = data(vm, v).into_owned();
    let args = if protocol < 3 {
        let text = stackless_primitives::codecs::latin1_decode(&d);
        vec![vm.str_from_wtf8(&text), vm.str("latin-1")]
    } else {
        vec![vm.bytes(&d)]
    };
    let args = vm.tuple(args);
    crate::steps::call_intrinsic(vm, "with_state", &[v.clone(), class, args])
}

/// Registers: bytearray, source, encoding, errors. Stage 1: the contents.
pub(crate) static INIT: Machine = Machine::new("bytearray.init", |vm, regs, input| {
    let b = match regs.stage() {
        0 => {
            let (source, encoding, errors) = (regs.get(1), regs.get(2), regs.get(3));
            soft!(regs, 1, new_contents(vm, &source, &encoding, &errors, true))
        }
        _ => input.value()?,
    };
    let (v, new) = (regs.get(0), b.get::<Bytes>().map_or(&[][..], |b| b.as_bytes()));
    let n = data(vm, &v).len();
    splice(vm, &v, 0, n, new)?;
    Ok(Reply::NONE)
});

fn extend(vm: &mut Vm, a: &[Value]) -> Flow {
    if buffer::is_plain(&a[1]) {
        let new = buffer::copied(vm, &a[1]);
        let n = data(vm, &a[0]).len();
        splice(vm, &a[0], n, n, &new)?;
        return Ok(Reply::NONE);
    }
    if a[1].has::<Str>() {
        return Err(vm.type_error("expected iterable of integers; got: 'str'"));
    }
    let slots = vm.type_of(&a[1]).slots(vm);
    if slots.iter.is_none() && slots.getitem.is_none() {
        let t = vm.type_name(&a[1]);
        return Err(vm.type_error(format!("can't extend bytearray with {t}")));
    }
    vm.start(&EXTEND, [a[0].clone(), a[1].clone()])
}

/// Registers: bytearray, iterable. Stage 1: its bytes.
pub(crate) static EXTEND: Machine = Machine::new("bytearray.extend", |vm, regs, input| {
    let b = match regs.stage() {
        0 => {
            let v = regs.get(1);
            soft!(regs, 1, of_items(vm, &v, true))
        }
        _ => input.value()?,
    };
    let (v, new) = (regs.get(0), b.get::<Bytes>().map_or(&[][..], |b| b.as_bytes()));
    let n = data(vm, &v).len();
    splice(vm, &v, n, n, new)?;
    Ok(Reply::NONE)
});

fn setitem(vm: &mut Vm, v: &Value, key: &Value, value: &Value) -> Flow {
    match plain_key(key) {
        None => with_converted_key(vm, v, key, Some(value)),
        Some(Key::Index(i)) => {
            let Some(i) = wrap_index(i, data(vm, v).len()) else {
                return Err(index_error(vm, key, "bytearray index out of range"));
            };
            if value.is_unbound() {
                splice(vm, v, i, i + 1, b"")?;
                return Ok(Reply::NONE);
            }
            if !value.is_int_like() {
                return vm.start(&STORE_INDEX, [v.clone(), key.clone(), value.clone()]);
            }
            let item = byte(vm, value)?;
            if let Some(slot) = get(vm, v)?.data.get_mut(vm).get_mut(i) {
                *slot = item;
            }
            Ok(Reply::NONE)
        }
        Some(Key::Slice(slice)) => {
            if value.is_unbound() {
                return store_slice(vm, v, &slice, b"", true);
            }
            if buffer::is_plain(value) {
                let new = buffer::copied(vm, value);
                return store_slice(vm, v, &slice, &new, false);
            }
            if value.is_int_like() || value.has::<Str>() {
                return Err(vm.type_error(
                    "can assign only bytes, buffers, or iterables of ints in range(0, 256)",
                ));
            }
            vm.start(&STORE_SLICE, [v.clone(), slice, value.clone()])
        }
    }
}

/// Registers: bytearray, index, value. Stage 1: the value's `__index__`; 2: the store.
pub(crate) static STORE_INDEX: Machine =
    Machine::new("bytearray.store_index", |vm, regs, input| {
        let item = match regs.stage() {
            0 => {
                let value = regs.get(2);
                soft!(regs, 1, ops::number::index(vm, &value))
            }
            1 => input.value()?,
            _ => return input.value().map(Reply::from),
        };
        regs.set_stage(2);
        let (v, key) = (regs.get(0), regs.get(1));
        setitem(vm, &v, &key, &item)
    });

/// Registers: bytearray, slice, value. Stage 1: the value as bytes.
pub(crate) static STORE_SLICE: Machine =
    Machine::new("bytearray.store_slice", |vm, regs, input| {
        let b = match regs.stage() {
            0 => {
                let value = regs.get(2);
                let unbound = Value::UNBOUND;
                soft!(regs, 1, new_contents(vm, &value, &unbound, &unbound, true))
            }
            _ => input.value()?,
        };
        let (v, slice) = (regs.get(0), regs.get(1));
        let new = b.get::<Bytes>().map_or(&[][..], |b| b.as_bytes());
        store_slice(vm, &v, &slice, new, false)
    });

fn store_slice(vm: &mut Vm, v: &Value, slice: &Value, new: &[u8], delete: bool) -> Flow {
    let n = data(vm, v).len();
    let r = slice_range(vm, slice, n)?;
    if r.step == 1 {
        let from = r.start as usize;
        splice(vm, v, from, from + r.count, new)?;
        return Ok(Reply::NONE);
    }
    if delete {
        if r.count == 0 {
            return Ok(Reply::NONE);
        }
        let b = get(vm, v)?;
        check_resize(vm, b)?;
        let mut gone: Vec<usize> = r.indexes().collect();
        gone.sort_unstable();
        let (mut i, mut next) = (0, 0);
        b.data.get_mut(vm).retain(|_| {
            let out = gone.get(next) == Some(&i);
            next += out as usize;
            i += 1;
            !out
        });
        return Ok(Reply::NONE);
    }
    if new.is_empty() && r.count == 0 {
        return Ok(Reply::NONE);
    }
    if new.len() != r.count {
        if new.is_empty() {
            return store_slice(vm, v, slice, b"", true);
        }
        return Err(vm.value_error(format!(
            "attempt to assign bytes of size {} to extended slice of size {}",
            new.len(),
            r.count
        )));
    }
    let b = get(vm, v)?.data.get_mut(vm);
    for (i, item) in r.indexes().zip(new) {
        if let Some(slot) = b.get_mut(i) {
            *slot = *item;
        }
    }
    Ok(Reply::NONE)
}

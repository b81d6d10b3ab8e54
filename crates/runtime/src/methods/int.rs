//! `int` and `bool`: slots, methods, constructors. CPython's counterparts: `Objects/longobject.c`,
//! `Objects/boolobject.c`. Every method accepts bools and instances of subclasses and gives exact
//! ints.

use stackless_primitives::format::{Locale, format_int};
use stackless_primitives::int::{BigInt, ByteOrder, parse_bytes, parse_str};

use super::support::{class_arg, flag, is_class, prim, text_result};
use crate::boot::TypeBuilder;
use crate::descr::{GetSet, getter};
use crate::exc::{Exc, Flow, PyResult};
use crate::machine::Machine;
use crate::native::{Args, Def, classdef, def};
use crate::object::Obj;
use crate::objects::bytes::Bytes;
use crate::objects::number::Int;
use crate::objects::str::Str;
use crate::objects::types::{BINOPS, BinOp, BinaryFn, Type};
use crate::ops;
use crate::soft;
use crate::value::Value;
use crate::vm::Vm;

macro_rules! table {
    ($($i:literal),*) => {
        [$(Some((|vm, a, b| ops::binary::int_op(vm, BinOp::from_index($i), a, b)) as BinaryFn)),*]
    };
}
const BINARY: [Option<BinaryFn>; BINOPS] = table!(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13);

/// The int in a receiver that was checked to be one.
fn big(v: &Value) -> BigInt {
    v.as_big().unwrap_or(BigInt::ZERO)
}

/// An exact int with the value of an int, bool or subclass instance.
pub(crate) fn exact(vm: &Vm, v: &Value) -> Value {
    if v.is_int() { v.clone() } else { vm.big_int(big(v)) }
}

fn itself(vm: &mut Vm, a: &[Value]) -> Flow {
    Ok(exact(vm, &a[0]).into())
}

pub fn define_int(b: &mut TypeBuilder<'_>) {
    b.slots.binary = BINARY;
    b.slots.binary[BinOp::MatMul as usize] = None;
    b.slots.power = Some(power);
    b.slots.compare = Some(ops::compare::int_compare);
    b.slots.repr = Some(|vm, v| ops::text::int_text(vm, v).map(Into::into));
    b.slots.hash = Some(|vm, v| {
        let h = match v.as_small_int() {
            Some(i) => ops::hash::int_hash(i),
            None => big(v).py_hash(),
        };
        Ok(vm.int(h).into())
    });
    b.slots.bool = Some(|_vm, v| Ok(Value::bool(v.as_i64() != Some(0)).into()));
    b.slots.index = Some(ops::number::index);
    b.slots.int = Some(ops::number::index);
    b.slots.float = Some(|vm, v| ops::number::int_to_float(vm, v).map(Into::into));
    b.slots.neg = Some(|vm, v| Ok(vm.big_int(big(v).neg()).into()));
    b.slots.pos = Some(ops::number::index);
    b.slots.abs = Some(|vm, v| Ok(vm.big_int(big(v).abs()).into()));
    b.slots.invert = Some(|vm, v| Ok(vm.big_int(big(v).invert()).into()));
    b.methods(INT);
    b.getsets(&INT_ATTRS);
}

static INT_ATTRS: [GetSet; 4] = [
    getter("real", |vm, v| Ok(exact(vm, v).into())),
    getter("imag", |_, _| Ok(Value::from_i32(0).into())),
    getter("numerator", |vm, v| Ok(exact(vm, v).into())),
    getter("denominator", |_, _| Ok(Value::from_i32(1).into())),
];

const INT: &[Def] = &[
    def!("__new__", "(cls, x=0, /, base: index=10)", int_new),
    def!("conjugate", "(self, /)", itself),
    def!("bit_length", "(self, /)", |vm, this| Ok(vm.uint(big(this).bit_length()).into())),
    def!("bit_count", "(self, /)", |vm, this| Ok(vm.uint(big(this).bit_count()).into())),
    def!(
        "to_bytes",
        "(self, length: ssize=1, byteorder: str='big', *, signed: truth=False)",
        to_bytes,
    ),
    classdef!(
        "from_bytes",
        "(cls, bytes, byteorder: str='big', *, signed: truth=False)",
        from_bytes,
    ),
    def!("as_integer_ratio", "(self, /)", |vm, this| {
        let n = exact(vm, this);
        Ok(vm.tuple(vec![n, Value::from_i32(1)]).into())
    }),
    def!("is_integer", "(self, /)", |_, _| Ok(Value::TRUE.into())),
    def!("__trunc__", "(self, /)", itself),
    def!("__floor__", "(self, /)", itself),
    def!("__ceil__", "(self, /)", itself),
    def!("__round__", "(self, ndigits: index?=None, /)", round),
    def!("__getnewargs__", "(self, /)", |vm, this| {
        let n = exact(vm, this);
        Ok(vm.tuple(vec![n]).into())
    }),
    def!("__format__", "(self, format_spec: str, /)", format),
    def!("__sizeof__", "(self, /)", |vm, this| {
        let digits = big(this).bit_length().div_ceil(30).max(1);
        Ok(vm.uint(24 + 4 * digits).into())
    }),
];

fn round(vm: &mut Vm, a: &[Value]) -> Flow {
    let places = match a[1].given() {
        None => return itself(vm, a),
        Some(n) if n.is_none() => return itself(vm, a),
        Some(n) => big(n),
    };
    if !places.is_negative() {
        return itself(vm, a);
    }
    let r = big(&a[0]).round_to_power_of_ten(&places.neg());
    let r = prim(vm, r)?;
    Ok(vm.big_int(r).into())
}

fn format(vm: &mut Vm, a: &[Value]) -> Flow {
    let spec = a[1].as_wtf8().unwrap_or(b"");
    if spec.is_empty() {
        if vm.is_exactly(&a[0], &vm.types.int) {
            return ops::text::int_text(vm, &a[0]).map(Into::into);
        }
        return ops::text::str(vm, &a[0]);
    }
    let name = vm.type_name(&a[0]);
    let r = format_int(&big(&a[0]), spec, &name, vm.int_max_str_digits, &Locale::default());
    text_result(vm, r)
}

fn byte_order(vm: &mut Vm, v: &Value) -> PyResult<ByteOrder> {
    match v.given() {
        None => Ok(ByteOrder::Big),
        Some(v) => {
            let order = ByteOrder::parse(v.as_wtf8().unwrap_or(b""));
            prim(vm, order)
        }
    }
}

fn to_bytes(vm: &mut Vm, a: &[Value]) -> Flow {
    let length = if a[1].is_unbound() { 1 } else { a[1].as_i64_saturating().unwrap_or(1) };
    let order = byte_order(vm, &a[2])?;
    if let (Some(n @ 0..), len @ 1..=8) = (a[0].as_small_int(), length)
        && n >> (8 * (len - 1)) < 256
        && !flag(&a[3], false)
    {
        let len = len as usize;
        return Ok(match order {
            ByteOrder::Little => vm.bytes(&n.to_le_bytes()[..len]),
            ByteOrder::Big => vm.bytes(&n.to_be_bytes()[8 - len..]),
        }
        .into());
    }
    let r = big(&a[0]).to_bytes(length, order, flag(&a[3], false));
    let r = prim(vm, r)?;
    Ok(vm.bytes(&r).into())
}

fn from_bytes(vm: &mut Vm, a: &[Value]) -> Flow {
    let little = byte_order(vm, &a[2])? == ByteOrder::Little;
    let signed = flag(&a[3], false);
    if let Some(b) = a[1].get::<Bytes>()
        && vm.is_exactly(&a[1], &vm.types.bytes)
        && a[0].get::<Type>().is_some_and(|c| is_class(c, &vm.types.int))
    {
        let order = if little { ByteOrder::Little } else { ByteOrder::Big };
        return Ok(vm.big_int(BigInt::from_bytes(b.as_bytes(), order, signed)).into());
    }
    vm.start(&FROM_BYTES, [a[0].clone(), a[1].clone(), Value::bool(little), Value::bool(signed)])
}

/// Registers: class, source, little-endian, signed.
pub(crate) static FROM_BYTES: Machine = Machine::new("int.from_bytes", |vm, regs, input| {
    let bytes = match regs.stage() {
        0 => {
            let source = regs.get(1);
            soft!(regs, 1, super::bytes_new::object_bytes(vm, &source))
        }
        1 => input.value()?,
        _ => return input.value().map(Into::into),
    };
    let order = if regs.get(2).is_true() { ByteOrder::Little } else { ByteOrder::Big };
    let signed = regs.get(3).is_true();
    let data = bytes.get::<Bytes>().map_or(&[][..], |b| b.as_bytes());
    let n = vm.big_int(BigInt::from_bytes(data, order, signed));
    let class = regs.get(0);
    if vm.types.int.is(&class) {
        return Ok(n.into());
    }
    regs.set_stage(2);
    ops::call::call(vm, &class, Args::new(&[n]))
});

fn power(vm: &mut Vm, a: &Value, b: &Value, m: &Value) -> Flow {
    let (Some(x), Some(y), Some(z)) = (a.as_big(), b.as_big(), m.as_big()) else {
        return Ok(Value::NOT_IMPLEMENTED.into());
    };
    let r = x.modpow(&y, &z);
    let r = prim(vm, r)?;
    Ok(vm.big_int(r).into())
}

/// An instance of `class` (int or a subclass) with the value of `n`.
fn instance(vm: &mut Vm, class: &Obj<Type>, n: &Value) -> Value {
    if is_class(class, &vm.types.int) {
        return exact(vm, n);
    }
    vm.new_object(class, Int(big(n))).into_value()
}

fn int_new(vm: &mut Vm, a: &[Value]) -> Flow {
    let class = class_arg(vm, &a[0], |t| &t.int)?;
    let Some(x) = a[1].given() else {
        if !a[2].is_unbound() {
            return Err(vm.type_error("int() missing string argument"));
        }
        return Ok(instance(vm, &class, &Value::from_i32(0)).into());
    };
    if let Some(base) = a[2].given() {
        let base = base.as_i64_saturating().unwrap_or(-1);
        if base != 0 && !(2..=36).contains(&base) {
            return Err(vm.value_error("int() base must be >= 2 and <= 36, or 0"));
        }
        let n = match parse_text(vm, x, base)? {
            Some(n) if x.has::<Str>() || is_bytes(x) => n,
            _ => return Err(vm.type_error("int() can't convert non-string with explicit base")),
        };
        return Ok(instance(vm, &class, &n).into());
    }
    if vm.is_exactly(x, &vm.types.int) {
        return Ok(instance(vm, &class, x).into());
    }
    let slots = vm.type_of(x).slots(vm);
    if slots.int.is_some() || slots.index.is_some() {
        return vm.start(&INT_NEW, [a[0].clone(), x.clone()]);
    }
    match parse_text(vm, x, 10)? {
        Some(n) => Ok(instance(vm, &class, &n).into()),
        None => Err(not_a_number(vm, x)),
    }
}

fn is_bytes(v: &Value) -> bool {
    v.has::<Bytes>() || v.has::<crate::objects::bytes::ByteArray>()
}

/// Registers: class, object with `__int__` or `__index__`.
pub(crate) static INT_NEW: Machine = Machine::new("int.new", |vm, regs, input| {
    let n = match regs.stage() {
        0 => {
            let x = regs.get(1);
            let slots = vm.type_of(&x).slots(vm);
            match slots.int.or(slots.index) {
                Some(f) => soft!(regs, 1, f(vm, &x)),
                None => return Err(not_a_number(vm, &x)),
            }
        }
        _ => input.value()?,
    };
    let class = regs.get(0);
    match class.get::<Type>() {
        Some(class) => Ok(instance(vm, class, &n).into()),
        None => Err(vm.system_error("machine register holds no class")),
    }
});

fn not_a_number(vm: &mut Vm, x: &Value) -> Exc {
    let t = vm.type_name(x);
    vm.type_error(format!(
        "int() argument must be a string, a bytes-like object or a real number, not '{t}'"
    ))
}

/// The int in a str or bytes-like object; None for other values.
fn parse_text(vm: &mut Vm, x: &Value, base: i64) -> PyResult<Option<Value>> {
    let limit = vm.int_max_str_digits;
    let parsed = match x.get::<Str>() {
        Some(s) => parse_str(s.bytes(), base, limit),
        None => match super::buffer::contents(vm, x) {
            Some(b) => parse_bytes(&b, base, limit),
            None => return Ok(None),
        },
    };
    let n = prim(vm, parsed)?;
    Ok(Some(vm.big_int(n)))
}

// bool

macro_rules! bool_op {
    ($op:ident, $f:expr) => {
        Some(|vm, a, b| {
            if a.is_bool() && b.is_bool() {
                let f: fn(bool, bool) -> bool = $f;
                return Ok(Value::bool(f(a.is_true(), b.is_true())).into());
            }
            ops::binary::int_op(vm, BinOp::$op, a, b)
        })
    };
}

pub fn define_bool(b: &mut TypeBuilder<'_>) {
    b.slots.repr = Some(|vm, v| Ok(vm.intern(if v.is_true() { "True" } else { "False" }).into()));
    b.slots.binary[BinOp::And as usize] = bool_op!(And, |x, y| x & y);
    b.slots.binary[BinOp::Or as usize] = bool_op!(Or, |x, y| x | y);
    b.slots.binary[BinOp::Xor as usize] = bool_op!(Xor, |x, y| x ^ y);
    b.slots.invert = Some(|vm, v| Ok(vm.big_int(big(v).invert()).into()));
    b.methods(BOOL);
}

const BOOL: &[Def] = &[def!("__new__", "(cls, object: truth=False, /)", |vm, cls, object| {
    class_arg(vm, cls, |t| &t.bool_)?;
    Ok(Value::bool(object).into())
})];

//! `float`: slots, methods, constructors. CPython's counterpart: `Objects/floatobject.c`.

use stackless_primitives::float as prim_float;
use stackless_primitives::format::{Locale, format_float};

use super::support::{class_arg, is_class, prim, text_result};
use crate::boot::TypeBuilder;
use crate::descr::{GetSet, getter};
use crate::exc::{Exc, Flow, PyResult};
use crate::machine::Machine;
use crate::native::{Args, Def, classdef, def};
use crate::object::Obj;
use crate::objects::number::Float;
use crate::objects::str::Str;
use crate::objects::types::{BINOPS, BinOp, BinaryFn, Type};
use crate::ops;
use crate::soft;
use crate::value::Value;
use crate::vm::Vm;

macro_rules! table {
    ($($i:literal),*) => {
        [$(Some((|vm, a, b| binary(vm, BinOp::from_index($i), a, b)) as BinaryFn)),*]
    };
}
const BINARY: [Option<BinaryFn>; BINOPS] = table!(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13);

fn get(v: &Value) -> f64 {
    v.as_float().unwrap_or(0.0)
}

/// The float of a float or int operand; None for other types.
pub(crate) fn real(vm: &mut Vm, v: &Value) -> PyResult<Option<f64>> {
    if let Some(f) = v.as_float() {
        return Ok(Some(f));
    }
    if let Some(i) = v.as_small_int() {
        return Ok(Some(i as f64));
    }
    if v.is_int_like() {
        return Ok(ops::number::int_to_float(vm, v)?.as_float());
    }
    Ok(None)
}

fn binary(vm: &mut Vm, op: BinOp, a: &Value, b: &Value) -> Flow {
    let (Some(x), Some(y)) = (real(vm, a)?, real(vm, b)?) else {
        return Ok(Value::NOT_IMPLEMENTED.into());
    };
    ops::binary::float_op(vm, op, x, y)
}

pub fn define_float(b: &mut TypeBuilder<'_>) {
    b.slots.binary = BINARY;
    for op in [BinOp::MatMul, BinOp::LShift, BinOp::RShift, BinOp::And, BinOp::Or, BinOp::Xor] {
        b.slots.binary[op as usize] = None;
    }
    b.slots.power = Some(|vm, _, _, _| {
        Err(vm.type_error("pow() 3rd argument not allowed unless all arguments are integers"))
    });
    b.slots.compare = Some(ops::compare::float_compare);
    b.slots.repr = Some(|vm, v| Ok(vm.str(&prim_float::repr(get(v))).into()));
    b.slots.hash = Some(|vm, v| Ok(vm.int(ops::hash::float_hash(v, get(v))).into()));
    b.slots.bool = Some(|_vm, v| Ok(Value::bool(get(v) != 0.0).into()));
    b.slots.int = Some(truncate);
    b.slots.float = Some(exact);
    b.slots.neg = Some(|vm, v| Ok(vm.float(-get(v)).into()));
    b.slots.pos = Some(exact);
    b.slots.abs = Some(|vm, v| Ok(vm.float(get(v).abs()).into()));
    b.methods(FLOAT);
    b.getsets(&FLOAT_ATTRS);
}

static FLOAT_ATTRS: [GetSet; 2] =
    [getter("real", exact), getter("imag", |vm, _| Ok(vm.float(0.0).into()))];

const FLOAT: &[Def] =
    &[
        def!("__new__", "(cls, x=0.0, /)", float_new),
        classdef!("from_number", "(cls, number, /)", |vm, cls, number| {
            if vm.types.float.is(cls) && vm.is_exactly(number, &vm.types.float) {
                return Ok(number.clone().into());
            }
            vm.start(&FROM_NUMBER, [cls.clone(), number.clone()])
        }),
        def!("conjugate", "(self, /)", |vm, this| exact(vm, this)),
        def!("__trunc__", "(self, /)", |vm, this| truncate(vm, this)),
        def!("__floor__", "(self, /)", |vm, this| to_int(vm, get(this).floor())),
        def!("__ceil__", "(self, /)", |vm, this| to_int(vm, get(this).ceil())),
        def!("__round__", "(self, ndigits: index?=None, /)", round),
        def!("as_integer_ratio", "(self, /)", |vm, this| {
            let r = prim_float::as_integer_ratio(get(this));
            let (n, d) = prim(vm, r)?;
            let items = vec![vm.big_int(n), vm.big_int(d)];
            Ok(vm.tuple(items).into())
        }),
        classdef!("fromhex", "(cls, string, /)", fromhex),
        def!("hex", "(self, /)", |vm, this| Ok(vm.str(&prim_float::to_hex(get(this))).into())),
        def!("is_integer", "(self, /)", |_, this| Ok(prim_float::is_integer(get(this)).into())),
        def!("__getnewargs__", "(self, /)", |vm, this| {
            let v = vm.float(get(this));
            Ok(vm.tuple(vec![v]).into())
        }),
        classdef!("__getformat__", "(cls, typestr: str, /)", |vm, _, typestr| match typestr
            .as_wtf8()
        {
            Some(b"double" | b"float") => Ok(vm
                .str(if cfg!(target_endian = "big") {
                    "IEEE, big-endian"
                } else {
                    "IEEE, little-endian"
                })
                .into()),
            _ => Err(vm.value_error("__getformat__() argument 1 must be 'double' or 'float'")),
        }),
        def!("__format__", "(self, format_spec: str, /)", |vm, this, format_spec| {
            let spec = format_spec.as_wtf8().unwrap_or(b"");
            if spec.is_empty() && !vm.is_exactly(this, &vm.types.float) {
                return ops::text::str(vm, this);
            }
            let name = vm.type_name(this);
            let r = format_float(get(this), spec, &name, &Locale::default());
            text_result(vm, r)
        }),
    ];

fn exact(vm: &mut Vm, v: &Value) -> Flow {
    if vm.is_exactly(v, &vm.types.float) {
        return Ok(v.clone().into());
    }
    Ok(vm.float(get(v)).into())
}

fn to_int(vm: &mut Vm, f: f64) -> Flow {
    let n = prim(vm, stackless_primitives::BigInt::from_f64(f))?;
    Ok(vm.big_int(n).into())
}

fn truncate(vm: &mut Vm, v: &Value) -> Flow {
    to_int(vm, get(v).trunc())
}

fn round(vm: &mut Vm, a: &[Value]) -> Flow {
    let v = get(&a[0]);
    match a[1].given().filter(|n| !n.is_none()) {
        None => {
            let n = prim(vm, prim_float::round_to_int(v))?;
            Ok(vm.big_int(n).into())
        }
        Some(n) => {
            let n = n.as_i64_saturating().unwrap_or(0);
            let r = prim(vm, prim_float::round(v, n))?;
            Ok(vm.float(r).into())
        }
    }
}

fn fromhex(vm: &mut Vm, a: &[Value]) -> Flow {
    let Some(text) = a[1].as_wtf8() else {
        return Err(vm.type_error("bad argument type for built-in operation"));
    };
    let f = prim(vm, prim_float::from_hex(text))?;
    let f = vm.float(f);
    if vm.types.float.is(&a[0]) {
        return Ok(f.into());
    }
    ops::call::call(vm, &a[0], Args::new(&[f]))
}

/// An instance of `class` (float or a subclass).
fn instance(vm: &mut Vm, class: &Obj<Type>, f: f64) -> Value {
    if is_class(class, &vm.types.float) {
        return vm.float(f);
    }
    vm.new_object(class, Float(f)).into_value()
}

fn float_new(vm: &mut Vm, a: &[Value]) -> Flow {
    let class = class_arg(vm, &a[0], |t| &t.float)?;
    let Some(x) = a[1].given() else { return Ok(instance(vm, &class, 0.0).into()) };
    if vm.is_exactly(x, &vm.types.float) {
        if is_class(&class, &vm.types.float) {
            return Ok(x.clone().into());
        }
        return Ok(instance(vm, &class, get(x)).into());
    }
    let parsed = match x.get::<Str>() {
        Some(s) => prim_float::parse_str(s.bytes()),
        None if converter(vm, x).is_some() => {
            return vm.start(&FLOAT_NEW, [a[0].clone(), x.clone()]);
        }
        None => match super::buffer::contents(vm, x) {
            Some(b) => prim_float::parse_bytes(&b),
            None => return Err(not_a_number(vm, x)),
        },
    };
    let f = prim(vm, parsed)?;
    Ok(instance(vm, &class, f).into())
}

fn not_a_number(vm: &mut Vm, x: &Value) -> Exc {
    let t = vm.type_name(x);
    vm.type_error(format!("float() argument must be a string or a real number, not '{t}'"))
}

/// The slot that turns a value into a real number: `__float__`, else `__index__`.
pub(crate) fn converter(vm: &Vm, v: &Value) -> Option<crate::objects::types::UnaryFn> {
    let slots = vm.type_of(v).slots(vm);
    slots.float.or(slots.index)
}

/// Registers: class, object.
pub(crate) static FLOAT_NEW: Machine = Machine::new("float.new", |vm, regs, input| {
    let v = match regs.stage() {
        0 => {
            let x = regs.get(1);
            match converter(vm, &x) {
                Some(f) => soft!(regs, 1, f(vm, &x)),
                None => return Err(not_a_number(vm, &x)),
            }
        }
        _ => input.value()?,
    };
    let f = real(vm, &v)?.unwrap_or(0.0);
    match regs.get(0).get::<Type>() {
        Some(class) => Ok(instance(vm, class, f).into()),
        None => Err(vm.system_error("machine register holds no class")),
    }
});

/// Registers: class, number. Stage 1: the number's float; 2: the class's instance.
pub(crate) static FROM_NUMBER: Machine = Machine::new("float.from_number", |vm, regs, input| {
    let v = match regs.stage() {
        0 => {
            let x = regs.get(1);
            match converter(vm, &x) {
                Some(f) => soft!(regs, 1, f(vm, &x)),
                None => return Err(must_be_real(vm, &x)),
            }
        }
        1 => input.value()?,
        _ => return input.value().map(Into::into),
    };
    let f = real(vm, &v)?.unwrap_or(0.0);
    let f = vm.float(f);
    let class = regs.get(0);
    if vm.types.float.is(&class) {
        return Ok(f.into());
    }
    regs.set_stage(2);
    ops::call::call(vm, &class, Args::new(&[f]))
});

pub(crate) fn must_be_real(vm: &mut Vm, x: &Value) -> Exc {
    let t = vm.type_name(x);
    vm.type_error(format!("must be real number, not {t}"))
}

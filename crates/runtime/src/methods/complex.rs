//! `complex`: slots, methods, constructors. CPython's counterpart: `Objects/complexobject.c`.
//! Real operands stay real: `1 - z` does not turn 1 into a complex number first.

use std::cmp::Ordering;

use stackless_primitives::complex::{self as pc, Complex};
use stackless_primitives::format::{Locale, format_complex};

use super::float::{converter, must_be_real, real};
use super::support::{class_arg, is_class, prim, text_result};
use crate::boot::TypeBuilder;
use crate::descr::{GetSet, getter};
use crate::exc::{Exc, Flow, PyResult, Reply};
use crate::machine::Machine;
use crate::native::{Args, Def, classdef, def};
use crate::object::Obj;
use crate::objects::number;
use crate::objects::str::Str;
use crate::objects::types::{BinOp, BinaryFn, CmpOp, Type};
use crate::ops;
use crate::soft;
use crate::value::Value;
use crate::vm::Vm;

fn get(v: &Value) -> Complex {
    v.get::<number::Complex>().map_or(pc::c(0.0, 0.0), |c| pc::c(c.re, c.im))
}

#[derive(Clone, Copy)]
enum Operand {
    Real(f64),
    Complex(Complex),
}

impl Operand {
    fn whole(self) -> Complex {
        match self {
            Operand::Real(r) => pc::c(r, 0.0),
            Operand::Complex(c) => c,
        }
    }
}

fn operand(vm: &mut Vm, v: &Value) -> PyResult<Option<Operand>> {
    if v.has::<number::Complex>() {
        return Ok(Some(Operand::Complex(get(v))));
    }
    Ok(real(vm, v)?.map(Operand::Real))
}

fn binary(vm: &mut Vm, op: BinOp, a: &Value, b: &Value) -> Flow {
    use Operand::{Complex as C, Real as R};
    let (Some(x), Some(y)) = (operand(vm, a)?, operand(vm, b)?) else {
        return Ok(Value::NOT_IMPLEMENTED.into());
    };
    let r = match (op, x, y) {
        (BinOp::Add, C(z), R(r)) | (BinOp::Add, R(r), C(z)) => Ok(pc::c(r + z.re, z.im)),
        (BinOp::Add, ..) => Ok(pc::add(x.whole(), y.whole())),
        (BinOp::Sub, C(z), R(r)) => Ok(pc::c(z.re - r, z.im)),
        (BinOp::Sub, R(r), C(z)) => Ok(pc::real_sub(r, z)),
        (BinOp::Sub, ..) => Ok(pc::sub(x.whole(), y.whole())),
        (BinOp::Mul, C(z), R(r)) | (BinOp::Mul, R(r), C(z)) => Ok(pc::mul_real(z, r)),
        (BinOp::Mul, ..) => Ok(pc::mul(x.whole(), y.whole())),
        (BinOp::TrueDiv, C(z), R(r)) => pc::div_real(z, r),
        (BinOp::TrueDiv, R(r), C(z)) => pc::real_div(r, z),
        (BinOp::TrueDiv, ..) => pc::div(x.whole(), y.whole()),
        (BinOp::Pow, ..) => pc::pow(x.whole(), y.whole()),
        _ => return Ok(Value::NOT_IMPLEMENTED.into()),
    };
    let z = prim(vm, r)?;
    Ok(vm.complex(z.re, z.im).into())
}

fn compare(vm: &mut Vm, op: CmpOp, a: &Value, b: &Value) -> Flow {
    if !matches!(op, CmpOp::Eq | CmpOp::Ne) || !a.has::<number::Complex>() {
        return Ok(Value::NOT_IMPLEMENTED.into());
    }
    let z = get(a);
    let equal = if b.has::<number::Complex>() {
        let w = get(b);
        z.re == w.re && z.im == w.im
    } else {
        let re = vm.float(z.re);
        match ops::compare::number_order(&re, b) {
            Some(order) => z.im == 0.0 && order == Some(Ordering::Equal),
            None => return Ok(Value::NOT_IMPLEMENTED.into()),
        }
    };
    Ok(Value::bool(equal == (op == CmpOp::Eq)).into())
}

pub fn define_complex(b: &mut TypeBuilder<'_>) {
    let table: [(BinOp, BinaryFn); 5] = [
        (BinOp::Add, |vm, a, b| binary(vm, BinOp::Add, a, b)),
        (BinOp::Sub, |vm, a, b| binary(vm, BinOp::Sub, a, b)),
        (BinOp::Mul, |vm, a, b| binary(vm, BinOp::Mul, a, b)),
        (BinOp::TrueDiv, |vm, a, b| binary(vm, BinOp::TrueDiv, a, b)),
        (BinOp::Pow, |vm, a, b| binary(vm, BinOp::Pow, a, b)),
    ];
    for (op, f) in table {
        b.slots.binary[op as usize] = Some(f);
    }
    b.slots.power = Some(|vm, a, b, _| {
        if operand(vm, a)?.is_none() || operand(vm, b)?.is_none() {
            return Ok(Value::NOT_IMPLEMENTED.into());
        }
        Err(vm.value_error("complex modulo"))
    });
    b.slots.compare = Some(compare);
    b.slots.repr = Some(|vm, v| {
        let z = get(v);
        Ok(vm.str(&pc::repr(z.re, z.im)).into())
    });
    b.slots.hash = Some(|vm, v| {
        let z = get(v);
        let h = pc::hash(z).unwrap_or_else(|| {
            let part =
                |f: f64| stackless_primitives::float::hash(f).unwrap_or(ops::hash::address_hash(v));
            let h = part(z.re).wrapping_add(part(z.im).wrapping_mul(1_000_003));
            if h == -1 { -2 } else { h }
        });
        Ok(vm.int(h).into())
    });
    b.slots.bool = Some(|_vm, v| Ok(Value::bool(!get(v).is_zero()).into()));
    b.slots.neg = Some(|vm, v| {
        let z = pc::neg(get(v));
        Ok(vm.complex(z.re, z.im).into())
    });
    b.slots.pos = Some(exact);
    b.slots.abs = Some(|vm, v| {
        let r = prim(vm, pc::abs(get(v)))?;
        Ok(vm.float(r).into())
    });
    b.methods(COMPLEX);
    b.getsets(&COMPLEX_ATTRS);
}

static COMPLEX_ATTRS: [GetSet; 2] = [
    getter("real", |vm, v| Ok(vm.float(get(v).re).into())),
    getter("imag", |vm, v| Ok(vm.float(get(v).im).into())),
];

const COMPLEX: &[Def] = &[
    def!("__new__", "(cls, real=0, imag=0)", complex_new),
    classdef!("from_number", "(cls, number, /)", |vm, cls, number| {
        if vm.types.complex.is(cls) && vm.is_exactly(number, &vm.types.complex) {
            return Ok(number.clone().into());
        }
        let (class, x) = (cls.clone(), number.clone());
        vm.start(&FROM_NUMBER, [class, x])
    }),
    def!("conjugate", "(self, /)", |vm, this| {
        let z = get(this);
        Ok(vm.complex(z.re, -z.im).into())
    }),
    def!("__complex__", "(self, /)", |vm, this| exact(vm, this)),
    def!("__getnewargs__", "(self, /)", |vm, this| {
        let z = get(this);
        let items = vec![vm.float(z.re), vm.float(z.im)];
        Ok(vm.tuple(items).into())
    }),
    def!("__format__", "(self, format_spec: str, /)", |vm, this, format_spec| {
        let spec = format_spec.as_wtf8().unwrap_or(b"");
        if spec.is_empty() {
            return ops::text::str(vm, this);
        }
        let (z, name) = (get(this), vm.type_name(this));
        let r = format_complex(z.re, z.im, spec, &name, &Locale::default());
        text_result(vm, r)
    }),
];

fn exact(vm: &mut Vm, v: &Value) -> Flow {
    if vm.is_exactly(v, &vm.types.complex) {
        return Ok(v.clone().into());
    }
    let z = get(v);
    Ok(vm.complex(z.re, z.im).into())
}

fn instance(vm: &mut Vm, class: &Obj<Type>, z: Complex) -> Value {
    if is_class(class, &vm.types.complex) {
        return vm.complex(z.re, z.im);
    }
    vm.new_object(class, number::Complex { re: z.re, im: z.im }).into_value()
}

fn complex_new(vm: &mut Vm, a: &[Value]) -> Flow {
    let class = class_arg(vm, &a[0], |t| &t.complex)?;
    if a[1].is_unbound() && a[2].is_unbound() {
        return Ok(instance(vm, &class, pc::c(0.0, 0.0)).into());
    }
    if a[2].is_unbound() {
        if vm.is_exactly(&a[1], &vm.types.complex) {
            if is_class(&class, &vm.types.complex) {
                return Ok(a[1].clone().into());
            }
            return Ok(instance(vm, &class, get(&a[1])).into());
        }
        if let Some(s) = a[1].get::<Str>() {
            let r = pc::parse_str(s.bytes());
            let z = prim(vm, r)?;
            return Ok(instance(vm, &class, z).into());
        }
    }
    vm.start(&COMPLEX_NEW, [a[0].clone(), a[1].clone(), a[2].clone(), Value::FALSE])
}

fn not_complex(vm: &mut Vm, v: &Value) -> Exc {
    let t = vm.type_name(v);
    vm.type_error(format!("__complex__ returned non-complex (type {t})"))
}

fn must_be(vm: &mut Vm, name: &str, v: &Value) -> Exc {
    let t = vm.type_name(v);
    vm.type_error(format!("complex() argument '{name}' must be a real number, not {t}"))
}

/// `__complex__` of a value, or else the slot that makes it real; None for other values.
fn start_conversion(vm: &mut Vm, v: &Value) -> Option<Flow> {
    if vm.is_exactly(v, &vm.types.complex) {
        return Some(Ok(v.clone().into()));
    }
    let name = vm.names.complex.clone();
    if let Some(flow) = crate::python_slots::call_special(vm, v, &name, &[]) {
        return Some(flow);
    }
    converter(vm, v).map(|f| f(vm, v))
}

/// The number that a conversion gave. Without `__complex__` the slots gave a real number.
fn converted(vm: &mut Vm, source: &Value, v: &Value) -> PyResult<Operand> {
    if v.has::<number::Complex>() {
        return Ok(Operand::Complex(get(v)));
    }
    let name = vm.names.complex.clone();
    if vm.type_of(source).lookup(vm, &name).is_some() {
        return Err(not_complex(vm, v));
    }
    match real(vm, v)? {
        Some(r) => Ok(Operand::Real(r)),
        None => Err(not_complex(vm, v)),
    }
}

/// Registers: class, real, imag, converted real part. Stage 1: real awaited; 2: imag awaited.
pub(crate) static COMPLEX_NEW: Machine = Machine::new("complex.new", |vm, regs, input| {
    let (r, i) = (regs.get(1), regs.get(2));
    let mut input = input;
    if regs.stage() == 0 {
        let part = if r.is_unbound() {
            Value::from_i32(0)
        } else {
            match start_conversion(vm, &r) {
                Some(flow) => soft!(regs, 1, flow),
                None if i.is_unbound() => {
                    let t = vm.type_name(&r);
                    return Err(vm.type_error(format!(
                        "complex() argument must be a string or a number, not {t}"
                    )));
                }
                None => return Err(must_be(vm, "real", &r)),
            }
        };
        regs.set_stage(1);
        input = crate::machine::Input::Value(part);
    }
    if regs.stage() == 1 {
        let v = input.value()?;
        let source = if r.is_unbound() { v.clone() } else { r };
        let z = match converted(vm, &source, &v)? {
            Operand::Complex(z) => vm.complex(z.re, z.im),
            Operand::Real(x) => vm.float(x),
        };
        regs.set(3, z);
        regs.set_stage(2);
        let part = if i.is_unbound() || i.has::<number::Complex>() {
            i.clone()
        } else {
            match converter(vm, &i) {
                Some(f) => soft!(regs, 2, f(vm, &i)),
                None => return Err(must_be(vm, "imag", &i)),
            }
        };
        input = crate::machine::Input::Value(part);
    }
    let imag = input.value()?;
    let base = regs.get(3);
    let mut z = operand(vm, &base)?.map_or(pc::c(0.0, 0.0), Operand::whole);
    match operand(vm, &imag)? {
        Some(Operand::Complex(w)) => {
            z.re -= w.im;
            z.im += w.re;
        }
        Some(Operand::Real(x)) if base.has::<number::Complex>() => z.im += x,
        Some(Operand::Real(x)) => z.im = x,
        None => {}
    }
    finish(vm, &regs.get(0), z)
});

fn finish(vm: &mut Vm, class: &Value, z: Complex) -> Flow {
    match class.get::<Type>() {
        Some(class) => Ok(instance(vm, class, z).into()),
        None => Err(vm.system_error("machine register holds no class")),
    }
}

/// A number as a complex one, by `__complex__`, `__float__` or `__index__`; not from text.
pub(crate) fn from_number(vm: &mut Vm, x: &Value) -> Flow {
    if x.has::<number::Complex>() || x.as_float().is_some() {
        return Ok(x.clone().into());
    }
    if x.is_int_like() {
        return ops::number::float(vm, x);
    }
    let class = vm.types.complex.to_value();
    vm.start(&FROM_NUMBER, [class, x.clone()])
}

/// Registers: class, number. Stage 1: the conversion; 2: the class's instance.
pub(crate) static FROM_NUMBER: Machine = Machine::new("complex.from_number", |vm, regs, input| {
    let x = regs.get(1);
    let v = match regs.stage() {
        0 => match start_conversion(vm, &x) {
            Some(flow) => soft!(regs, 1, flow),
            None => return Err(must_be_real(vm, &x)),
        },
        1 => input.value()?,
        _ => return input.value().map(Reply::from),
    };
    let z = converted(vm, &x, &v)?.whole();
    let class = regs.get(0);
    let z = vm.complex(z.re, z.im);
    if vm.types.complex.is(&class) {
        return Ok(z.into());
    }
    regs.set_stage(2);
    ops::call::call(vm, &class, Args::new(&[z]))
});

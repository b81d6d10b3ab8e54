//! `math` and `cmath`: the numeric parts; what walks iterators or calls methods is Python
//! (`lib/overlay/math.py`). CPython's counterparts: `Modules/mathmodule.c`, `cmathmodule.c`.

use stackless_primitives::BigInt;
use stackless_primitives::complex::Complex;
use stackless_primitives::math::{self as m, cmath};
use stackless_runtime::native::{Def, def};
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::{Flow, PyResult, Ref, Value, Vm};

use crate::Native;
use crate::support::{float, int};

pub const MODULE: Native = Native { name: "_math_native", defs: DEFS, fill };
pub const CMATH: Native = Native { name: "cmath", defs: CDEFS, fill: cfill };

fn fill(vm: &mut Vm, d: &Ref<Dict>) -> PyResult<()> {
    use std::f64::consts as c;
    for (k, v) in
        [("pi", c::PI), ("e", c::E), ("tau", c::TAU), ("inf", f64::INFINITY), ("nan", f64::NAN)]
    {
        let v = vm.float(v);
        d.set_text(vm, k, v);
    }
    Ok(())
}

fn cfill(vm: &mut Vm, d: &Ref<Dict>) -> PyResult<()> {
    fill(vm, d)?;
    for (k, re, im) in [("infj", 0.0, f64::INFINITY), ("nanj", 0.0, f64::NAN)] {
        let v = vm.complex(re, im);
        d.set_text(vm, k, v);
    }
    Ok(())
}

fn out(vm: &mut Vm, r: stackless_primitives::Result<f64>) -> Flow {
    match r {
        Ok(v) => Ok(vm.float(v).into()),
        Err(e) => Err(vm.primitive_error(e)),
    }
}

fn big(vm: &mut Vm, r: stackless_primitives::Result<BigInt>) -> Flow {
    match r {
        Ok(v) => Ok(vm.big_int(v).into()),
        Err(e) => Err(vm.primitive_error(e)),
    }
}

fn of(v: &Value) -> BigInt {
    v.as_big().unwrap_or_else(|| BigInt::from(0i64))
}

fn floats(vm: &mut Vm, v: &Value) -> PyResult<Vec<f64>> {
    let mut r = Vec::new();
    for x in v.tuple_items() {
        match x.as_float() {
            Some(f) => r.push(f),
            None => return Err(vm.type_error("must be real number")),
        }
    }
    Ok(r)
}

macro_rules! defs {
    ($($name:ident)*; $($plain:ident)*) => {
        const DEFS: &[Def] = &[
            $(def!(stringify!($name), "(x: float, /)", |vm, x| out(vm, m::$name(x))).of_float(|x| m::$name(x).ok()),)*
            // Rounded once, as C's; the general way looks at errno.
            def!("sqrt", "(x: float, /)", |vm, x| out(vm, m::sqrt(x))).of_float(|x| (x >= 0.0).then(|| x.sqrt())),
            $(def!(stringify!($plain), "(x: float, /)", |vm, x| out(vm, Ok(m::$plain(x)))).of_float(|x| Some(m::$plain(x))),)*
            def!("_log_float", "(x: float, /)", |vm, x| out(vm, m::log(x))),
            def!("_log_int", "(n: index, /)", |vm, n| out(vm, m::log_big(&of(n)))),
            def!("_log2_int", "(n: index, /)", |vm, n| out(vm, m::log2_big(&of(n)))),
            def!("_log10_int", "(n: index, /)", |vm, n| out(vm, m::log10_big(&of(n)))),
            def!("atan2", "(y: float, x: float, /)", |vm, y, x| out(vm, Ok(m::atan2(y, x)))),
            def!("copysign", "(x: float, y: float, /)", |vm, x, y| out(vm, Ok(m::copysign(x, y)))),
            def!("fmod", "(x: float, y: float, /)", |vm, x, y| out(vm, m::fmod(x, y))),
            def!("remainder", "(x: float, y: float, /)", |vm, x, y| out(vm, m::remainder(x, y))),
            def!("pow", "(x: float, y: float, /)", |vm, x, y| out(vm, m::pow(x, y))),
            def!("fma", "(x: float, y: float, z: float, /)", |vm, x, y, z| out(vm, m::fma(x, y, z))),
            def!("isfinite", "(x: float, /)", |_, x| Ok(x.is_finite().into())),
            def!("isinf", "(x: float, /)", |_, x| Ok(x.is_infinite().into())),
            def!("isnan", "(x: float, /)", |_, x| Ok(x.is_nan().into())),
            def!("isnormal", "(x: float, /)", |_, x| Ok(x.is_normal().into())),
            def!("issubnormal", "(x: float, /)", |_, x| Ok(x.is_subnormal().into())),
            def!("signbit", "(x: float, /)", |_, x| Ok(x.is_sign_negative().into())),
            def!("frexp", "(x: float, /)", |vm, x| {
                let (f, e) = m::frexp(x);
                let v = vec![vm.float(f), Value::from_i32(e)];
                Ok(vm.tuple(v).into())
            }),
            def!("modf", "(x: float, /)", |vm, x| {
                let (f, i) = m::modf(x);
                let v = vec![vm.float(f), vm.float(i)];
                Ok(vm.tuple(v).into())
            }),
            def!("ldexp", "(x: float, i: index, /)", |vm, x, i| out(vm, m::ldexp(x, int(i)))),
            def!("nextafter", "(x: float, y: float, /, *, steps: index?=None)", |vm, a| {
                let steps = match a[2].given().filter(|v| !v.is_none()) {
                    Some(s) if int(s) < 0 => {
                        return Err(vm.value_error("steps must be a non-negative integer"));
                    }
                    Some(s) => Some(int(s) as u64),
                    None => None,
                };
                out(vm, Ok(m::nextafter(float(&a[0]), float(&a[1]), steps)))
            }),
            def!("isclose", "(a: float, b: float, *, rel_tol: float=1e-09, abs_tol: float=0.0)", |vm, a| {
                let rel = a[2].given().map_or(1e-9, float);
                let abs = a[3].given().map_or(0.0, float);
                match m::isclose(float(&a[0]), float(&a[1]), rel, abs) {
                    Ok(b) => Ok(b.into()),
                    Err(e) => Err(vm.primitive_error(e)),
                }
            }),
            def!("_floor", "(x: float, /)", |vm, x| out(vm, Ok(m::floor(x)))),
            def!("_ceil", "(x: float, /)", |vm, x| out(vm, Ok(m::ceil(x)))),
            def!("factorial", "(n: index, /)", |vm, n| big(vm, m::factorial(&of(n)))),
            def!("comb", "(n: index, k: index, /)", |vm, n, k| big(vm, m::comb(&of(n), &of(k)))),
            def!("_perm", "(n: index, k: index, /)", |vm, n, k| big(vm, m::perm(&of(n), &of(k)))),
            def!("_isqrt", "(n: index, /)", |vm, n| big(vm, of(n).isqrt())),
            def!("_gcd", "(a: index, b: index, /)", |vm, a| {
                let v = of(&a[0]).gcd(&of(&a[1]));
                Ok(vm.big_int(v).into())
            }),
            def!("_fsum", "(values, /)", |vm, values| {
                let mut s = m::FSum::new();
                for x in floats(vm, values)? {
                    if let Err(e) = s.add(x) {
                        return Err(vm.primitive_error(e));
                    }
                }
                out(vm, s.finish())
            }),
            def!("_sumprod", "(p, q, /)", |vm, a| {
                let (p, q) = (floats(vm, &a[0])?, floats(vm, &a[1])?);
                let mut s = m::SumProd::default();
                let mut plain = None;
                for (x, y) in p.iter().zip(&q) {
                    match &mut plain {
                        Some(t) => *t += x * y,
                        None if s.add(*x, *y) => {}
                        None => plain = Some(s.value() + x * y),
                    }
                }
                out(vm, Ok(plain.unwrap_or_else(|| s.value())))
            }),
            def!("_hypot", "(values, /)", |vm, values| {
                let v = floats(vm, values)?;
                out(vm, Ok(m::hypot(&v)))
            }),
            def!("_dist", "(p, q, /)", |vm, a| {
                let (p, q) = (floats(vm, &a[0])?, floats(vm, &a[1])?);
                out(vm, m::dist(&p, &q))
            }),
        ];
    };
}

defs! {
    acos acosh asin asinh atan atanh cbrt cos cosh erf erfc exp exp2 expm1 gamma lgamma log10 log1p
    log2 sin
    sinh tan tanh; fabs degrees radians ulp
}

fn pair(vm: &mut Vm, v: &Value) -> PyResult<(f64, f64)> {
    if let Some(c) = v.get::<stackless_runtime::objects::number::Complex>() {
        return Ok((c.re, c.im));
    }
    match v.as_float().or_else(|| v.as_i64().map(|i| i as f64)) {
        Some(f) => Ok((f, 0.0)),
        None => {
            let t = vm.type_name(v);
            Err(vm.type_error(format!("must be complex number, not {t}")))
        }
    }
}

fn cout(vm: &mut Vm, r: stackless_primitives::Result<Complex>) -> Flow {
    match r {
        Ok(z) => Ok(vm.complex(z.re, z.im).into()),
        Err(e) => Err(vm.primitive_error(e)),
    }
}

fn complex_of(vm: &mut Vm, v: &Value) -> PyResult<Complex> {
    let (re, im) = pair(vm, v)?;
    Ok(Complex { re, im })
}

macro_rules! cdefs {
    ($($name:ident)*) => {
        const CDEFS: &[Def] = &[
            $(def!(stringify!($name), "(z: complex, /)", |vm, a| {
                let z = complex_of(vm, &a[0])?;
                cout(vm, cmath::$name(z))
            }),)*
            def!("log", "(z: complex, base: complex?=None, /)", |vm, a| {
                let z = complex_of(vm, &a[0])?;
                let base = match a[1].given() {
                    Some(b) => Some(complex_of(vm, b)?),
                    None => None,
                };
                cout(vm, cmath::log(z, base))
            }),
            def!("phase", "(z: complex, /)", |vm, a| {
                let z = complex_of(vm, &a[0])?;
                out(vm, cmath::phase(z))
            }),
            def!("polar", "(z: complex, /)", |vm, a| {
                let z = complex_of(vm, &a[0])?;
                match cmath::polar(z) {
                    Ok((r, p)) => {
                        let v = vec![vm.float(r), vm.float(p)];
                        Ok(vm.tuple(v).into())
                    }
                    Err(e) => Err(vm.primitive_error(e)),
                }
            }),
            def!("rect", "(r: float, phi: float, /)", |vm, r, phi| cout(vm, cmath::rect(r, phi))),
            def!("isfinite", "(z: complex, /)", |vm, z| Ok(cmath::isfinite(complex_of(vm, z)?).into())),
            def!("isnan", "(z: complex, /)", |vm, z| Ok(cmath::isnan(complex_of(vm, z)?).into())),
            def!("isinf", "(z: complex, /)", |vm, z| Ok(cmath::isinf(complex_of(vm, z)?).into())),
            def!("isclose", "(a: complex, b: complex, *, rel_tol: float=1e-09, abs_tol: float=0.0)", |vm, a| {
                let (x, y) = (complex_of(vm, &a[0])?, complex_of(vm, &a[1])?);
                match cmath::isclose(x, y, a[2].given().map_or(1e-9, float), a[3].given().map_or(0.0, float)) {
                    Ok(b) => Ok(b.into()),
                    Err(e) => Err(vm.primitive_error(e)),
                }
            }),
        ];
    };
}

cdefs! { acos acosh asin asinh atan atanh cos cosh exp log10 sin sinh sqrt tan tanh }

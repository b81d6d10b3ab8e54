//! `cmath`, with CPython's tables of special values (in pymath).

use crate::complex::Complex;
use crate::{Error, Result};
use num_complex::Complex64;
use pymath::cmath as pc;

fn convert<T>(r: pymath::Result<T>) -> Result<T> {
    r.map_err(|e| match e {
        pymath::Error::EDOM => Error::value("math domain error"),
        pymath::Error::ERANGE => Error::overflow("math range error"),
    })
}

fn inner(z: Complex) -> Complex64 {
    Complex64::new(z.re, z.im)
}

fn outer(z: Complex64) -> Complex {
    Complex { re: z.re, im: z.im }
}

macro_rules! functions {
    ($($name:ident),*) => {
        $(pub fn $name(z: Complex) -> Result<Complex> {
            convert(pc::$name(inner(z))).map(outer)
        })*
    };
}

functions! {
    acos, acosh, asin, asinh, atan, atanh, cos, cosh, exp, log10, sin, sinh, sqrt, tan, tanh
}

pub fn log(z: Complex, base: Option<Complex>) -> Result<Complex> {
    convert(pc::log(inner(z), base.map(inner))).map(outer)
}

pub fn phase(z: Complex) -> Result<f64> {
    convert(pc::phase(inner(z)))
}

pub fn polar(z: Complex) -> Result<(f64, f64)> {
    convert(pc::polar(inner(z)))
}

pub fn rect(r: f64, phi: f64) -> Result<Complex> {
    convert(pc::rect(r, phi)).map(outer)
}

pub fn isfinite(z: Complex) -> bool {
    z.re.is_finite() && z.im.is_finite()
}

pub fn isnan(z: Complex) -> bool {
    z.re.is_nan() || z.im.is_nan()
}

pub fn isinf(z: Complex) -> bool {
    z.re.is_infinite() || z.im.is_infinite()
}

pub fn isclose(a: Complex, b: Complex, rel_tol: f64, abs_tol: f64) -> Result<bool> {
    pc::isclose(inner(a), inner(b), Some(rel_tol), Some(abs_tol))
        .map_err(|_| Error::value("tolerances must be non-negative"))
}

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
    acos, acosh, asin, asinh, atan, atanh, log10, sqrt, tan, tanh
}

/// Logarithm of a quarter of the largest float: beyond it, `exp` and its kin are scaled by e so
/// that the result may be finite where a factor is not. pymath's limit is higher by log 2, which
/// costs the last bit in between, so that stretch is done here.
const LOG_LARGE: f64 = 708.396_418_532_264_1;

fn scaled(z: Complex) -> bool {
    z.im.is_finite() && z.re.abs() > LOG_LARGE && z.re.abs() < 710.0
}

fn scaled_parts(z: Complex, for_re: f64, for_im: f64) -> Result<Complex> {
    const E: f64 = std::f64::consts::E;
    let r = Complex { re: z.im.cos() * for_re * E, im: z.im.sin() * for_im * E };
    if r.re.is_infinite() || r.im.is_infinite() {
        return Err(Error::overflow("math range error"));
    }
    Ok(r)
}

pub fn exp(z: Complex) -> Result<Complex> {
    if scaled(z) && z.re > 0.0 {
        let l = (z.re - 1.0).exp();
        return scaled_parts(z, l, l);
    }
    convert(pc::exp(inner(z))).map(outer)
}

pub fn cosh(z: Complex) -> Result<Complex> {
    if scaled(z) {
        let x = z.re - 1.0f64.copysign(z.re);
        return scaled_parts(z, x.cosh(), x.sinh());
    }
    convert(pc::cosh(inner(z))).map(outer)
}

pub fn sinh(z: Complex) -> Result<Complex> {
    if scaled(z) {
        let x = z.re - 1.0f64.copysign(z.re);
        return scaled_parts(z, x.sinh(), x.cosh());
    }
    convert(pc::sinh(inner(z))).map(outer)
}

pub fn cos(z: Complex) -> Result<Complex> {
    cosh(Complex { re: -z.im, im: z.re })
}

pub fn sin(z: Complex) -> Result<Complex> {
    let s = sinh(Complex { re: -z.im, im: z.re })?;
    Ok(Complex { re: s.im, im: -s.re })
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

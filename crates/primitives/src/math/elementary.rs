//! Functions of one or two floats, with CPython's errors.

use crate::{Error, Result};
use pymath::math as pm;

fn domain() -> Error {
    Error::value("math domain error")
}

fn range() -> Error {
    Error::overflow("math range error")
}

fn plain<T>(r: pymath::Result<T>) -> Result<T> {
    r.map_err(|e| match e {
        pymath::Error::EDOM => domain(),
        pymath::Error::ERANGE => range(),
    })
}

/// A domain error says what was expected and got.
fn explained(r: pymath::Result<f64>, x: f64, expected: &str) -> Result<f64> {
    r.map_err(|e| match e {
        pymath::Error::EDOM => {
            Error::value(format!("expected {expected}, got {}", crate::float::repr(x)))
        }
        pymath::Error::ERANGE => range(),
    })
}

macro_rules! unary {
    ($($name:ident $(: $expected:literal)?),* $(,)?) => {
        $(pub fn $name(x: f64) -> Result<f64> {
            unary!(@call $name x $($expected)?)
        })*
    };
    (@call $name:ident $x:ident) => { plain(pm::$name($x)) };
    (@call $name:ident $x:ident $expected:literal) => { explained(pm::$name($x), $x, $expected) };
}

unary! {
    acos: "a number in range from -1 up to 1",
    acosh: "argument value not less than 1",
    asin: "a number in range from -1 up to 1",
    asinh,
    atan,
    atanh: "a number between -1 and 1",
    cbrt,
    cos: "a finite input",
    cosh,
    erf,
    erfc,
    exp,
    exp2,
    expm1,
    lgamma: "a noninteger or positive integer",
    log10: "a positive input",
    log1p: "argument value > -1",
    log2: "a positive input",
    sin: "a finite input",
    sinh,
    sqrt: "a nonnegative input",
    tan: "a finite input",
    tanh,
}

/// The gamma function.
pub fn gamma(x: f64) -> Result<f64> {
    if x == 23.0 {
        // 22!, exact as CPython's table has it; pymath's lookup ends one entry early.
        return Ok(1_124_000_727_777_607_680_000.0);
    }
    explained(pm::gamma(x), x, "a noninteger or positive integer")
}

/// Natural logarithm; a base is divided by the caller, whose error is ZeroDivisionError for 1.
pub fn log(x: f64) -> Result<f64> {
    explained(pm::log(x, None), x, "a positive input")
}

pub fn fabs(x: f64) -> f64 {
    x.abs()
}

pub fn degrees(x: f64) -> f64 {
    x * (180.0 / std::f64::consts::PI)
}

pub fn radians(x: f64) -> f64 {
    x * (std::f64::consts::PI / 180.0)
}

pub fn atan2(y: f64, x: f64) -> f64 {
    pm::atan2(y, x).unwrap_or(f64::NAN)
}

pub fn copysign(x: f64, y: f64) -> f64 {
    x.copysign(y)
}

pub fn fmod(x: f64, y: f64) -> Result<f64> {
    plain(pm::fmod(x, y))
}

pub fn remainder(x: f64, y: f64) -> Result<f64> {
    plain(pm::remainder(x, y))
}

pub fn pow(x: f64, y: f64) -> Result<f64> {
    plain(pm::pow(x, y))
}

pub fn fma(x: f64, y: f64, z: f64) -> Result<f64> {
    pm::fma(x, y, z).map_err(|e| match e {
        pymath::Error::EDOM => Error::value("invalid operation in fma"),
        pymath::Error::ERANGE => Error::overflow("overflow in fma"),
    })
}

/// Mantissa in `0.5..1` and exponent.
pub fn frexp(x: f64) -> (f64, i32) {
    pm::frexp(x)
}

/// Fractional and integer part.
pub fn modf(x: f64) -> (f64, f64) {
    pm::modf(x)
}

/// `x * 2**exp`; the caller clips a huge exponent to the range of i64.
pub fn ldexp(x: f64, exp: i64) -> Result<f64> {
    // Beyond these the result is infinite or zero whatever x is, and i32 is what C takes.
    plain(pm::ldexp(x, exp.clamp(-5000, 5000) as i32))
}

pub fn nextafter(x: f64, y: f64, steps: Option<u64>) -> f64 {
    pm::nextafter(x, y, steps)
}

pub fn ulp(x: f64) -> f64 {
    pm::ulp(x)
}

pub fn isclose(a: f64, b: f64, rel_tol: f64, abs_tol: f64) -> Result<bool> {
    pm::isclose(a, b, Some(rel_tol), Some(abs_tol))
        .map_err(|_| Error::value("tolerances must be non-negative"))
}

/// `math.floor`, `ceil` and `trunc` of a float go through `BigInt::from_f64` with these.
pub fn floor(x: f64) -> f64 {
    x.floor()
}

pub fn ceil(x: f64) -> f64 {
    x.ceil()
}

pub fn trunc(x: f64) -> f64 {
    x.trunc()
}

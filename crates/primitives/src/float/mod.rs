//! Python's `float` (CPython: Objects/floatobject.c): arithmetic with its error rules, rounding,
//! ratios, hash. Text is in `text` and `parse`, hexadecimal text in `hex`, packing in `pack`.

mod hex;
mod pack;
mod parse;
mod text;

pub use hex::{from_hex, to_hex};
pub use pack::{pack_f32, pack_half, unpack_half};
pub use parse::{parse_ascii, parse_bytes, parse_str};
pub(crate) use parse::{parse_prefix, remove_underscores, trim_c_space};
pub use text::{
    Digits, FormatFlags, digits_exact, digits_shortest, double_to_string, repr, repr_into,
};

use crate::int::BigInt;
use crate::{Error, Result};

/// Outcome of `float ** float`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Power {
    Float(f64),
    /// A negative base and a fractional exponent: the caller computes it among complex numbers.
    NeedsComplex,
}

pub fn true_div(a: f64, b: f64) -> Result<f64> {
    if b == 0.0 { Err(Error::zero_division()) } else { Ok(a / b) }
}

/// Floor quotient and remainder with the divisor's sign.
pub fn divmod(a: f64, b: f64) -> Result<(f64, f64)> {
    if b == 0.0 {
        return Err(Error::zero_division());
    }
    let mut rem = a % b;
    // `a - rem` is exact up to rounding and divisible by b, so the quotient is nearly whole.
    let mut div = (a - rem) / b;
    if rem != 0.0 {
        if (b < 0.0) != (rem < 0.0) {
            rem += b;
            div -= 1.0;
        }
    } else {
        rem = 0.0f64.copysign(b);
    }
    let floor = if div != 0.0 {
        let f = div.floor();
        if div - f > 0.5 { f + 1.0 } else { f }
    } else {
        0.0f64.copysign(a / b)
    };
    Ok((floor, rem))
}

pub fn floor_div(a: f64, b: f64) -> Result<f64> {
    Ok(divmod(a, b)?.0)
}

pub fn modulo(a: f64, b: f64) -> Result<f64> {
    if b == 0.0 {
        return Err(Error::zero_division());
    }
    let rem = a % b;
    if rem == 0.0 {
        return Ok(0.0f64.copysign(b));
    }
    Ok(if (b < 0.0) != (rem < 0.0) { rem + b } else { rem })
}

pub fn pow(base: f64, exp: f64) -> Result<Power> {
    let odd = |w: f64| w.abs() % 2.0 == 1.0;
    let plain = |v: f64| Ok(Power::Float(v));
    if exp == 0.0 {
        return plain(1.0);
    }
    if base.is_nan() {
        return plain(base);
    }
    if exp.is_nan() {
        return plain(if base == 1.0 { 1.0 } else { exp });
    }
    if exp.is_infinite() {
        let b = base.abs();
        return plain(match (b == 1.0, (exp > 0.0) == (b > 1.0)) {
            (true, _) => 1.0,
            (false, true) => f64::INFINITY,
            (false, false) => 0.0,
        });
    }
    if base.is_infinite() {
        return plain(match (exp > 0.0, odd(exp)) {
            (true, true) => base,
            (true, false) => f64::INFINITY,
            (false, true) => 0.0f64.copysign(base),
            (false, false) => 0.0,
        });
    }
    if base == 0.0 {
        if exp < 0.0 {
            return Err(Error::zero_division_msg("zero to a negative power"));
        }
        return plain(if odd(exp) { base } else { 0.0 });
    }
    let mut negate = false;
    let mut b = base;
    if b < 0.0 {
        if exp != exp.floor() {
            return Ok(Power::NeedsComplex);
        }
        b = -b;
        negate = odd(exp);
    }
    if b == 1.0 {
        return plain(if negate { -1.0 } else { 1.0 });
    }
    let r = b.powf(exp);
    if r.is_infinite() {
        return Err(Error::range());
    }
    plain(if negate { -r } else { r })
}

pub fn is_integer(v: f64) -> bool {
    v.is_finite() && v.trunc() == v
}

/// Mantissa and exponent with `v = mantissa * 2**exponent`, for a finite `v`.
fn decompose(v: f64) -> (u64, i32) {
    let bits = v.to_bits();
    let field = ((bits >> 52) & 0x7ff) as i32;
    let fraction = bits & ((1 << 52) - 1);
    if field == 0 { (fraction, -1074) } else { (fraction | (1 << 52), field - 1075) }
}

/// Numerator and positive denominator in lowest terms.
pub fn as_integer_ratio(v: f64) -> Result<(BigInt, BigInt)> {
    if v.is_nan() {
        return Err(Error::value("cannot convert NaN to integer ratio"));
    }
    if v.is_infinite() {
        return Err(Error::overflow("cannot convert Infinity to integer ratio"));
    }
    let (mut m, mut e) = decompose(v);
    if m == 0 {
        return Ok((BigInt::ZERO, BigInt::ONE));
    }
    let zeros = m.trailing_zeros();
    m >>= zeros;
    e += zeros as i32;
    let signed = if v < 0.0 { -(m as i64) } else { m as i64 };
    let power = |n: i32| BigInt::ONE.shl(&BigInt::from(n));
    if e >= 0 {
        Ok((BigInt::from(signed).shl(&BigInt::from(e))?, BigInt::ONE))
    } else {
        Ok((BigInt::from(signed), power(-e)?))
    }
}

/// Python's hash; `None` for NaN, whose hash is that of the object's identity.
pub fn hash(v: f64) -> Option<i64> {
    const BITS: u32 = 61;
    const MODULUS: u64 = (1 << BITS) - 1;
    if v.is_nan() {
        return None;
    }
    if v.is_infinite() {
        return Some(if v > 0.0 { 314_159 } else { -314_159 });
    }
    let (m, e) = decompose(v);
    // Multiplying by a power of two modulo 2**61 - 1 rotates the 61 bits.
    let r = e.rem_euclid(BITS as i32) as u32;
    let x = if r == 0 { m } else { ((m << r) & MODULUS) | (m >> (BITS - r)) };
    let h = if x == MODULUS { 0 } else { x as i64 };
    let h = if v < 0.0 { -h } else { h };
    Some(if h == -1 { -2 } else { h })
}

/// `round(v)`: to the nearest integer, ties to even.
pub fn round_to_int(v: f64) -> Result<BigInt> {
    BigInt::from_f64(v.round_ties_even())
}

/// `round(v, ndigits)`, rounding the exact decimal value, ties to even.
pub fn round(v: f64, ndigits: i64) -> Result<f64> {
    if !v.is_finite() || v == 0.0 || ndigits > 323 {
        return Ok(v);
    }
    if ndigits < -308 {
        return Ok(0.0 * v);
    }
    let text = if ndigits >= 0 {
        format!("{:.*}", ndigits as usize, v.abs())
    } else {
        let places = -ndigits;
        let Some(digits) = text::round_integer_digits(v.abs(), places as usize) else {
            return Ok(0.0f64.copysign(v));
        };
        format!("{digits}e{places}")
    };
    let r: f64 = text.parse().unwrap_or(v.abs());
    if r.is_infinite() {
        return Err(Error::overflow("rounded value too large to represent"));
    }
    Ok(r.copysign(v))
}

//! IEEE binary16 and binary32 as `struct` packs them.

use crate::{Error, Result};

/// Rounds to a half-precision float, ties to even.
pub fn pack_half(v: f64) -> Result<u16> {
    let sign = if v.is_sign_negative() { 0x8000u16 } else { 0 };
    if v.is_nan() {
        // The payload's top bits survive, and the result stays a NaN.
        let payload = (v.to_bits() >> 42) as u16 & 0x3ff;
        return Ok(sign | 0x7c00 | if payload == 0 { 0x200 } else { payload });
    }
    if v.is_infinite() {
        return Ok(sign | 0x7c00);
    }
    let a = v.abs();
    // One unit in the last place of the result; scaling by a power of two is exact.
    let exp = ((a.to_bits() >> 52) as i32 - 1023).max(-14);
    let units = (a * 2f64.powi(10 - exp)).round_ties_even();
    // `units` is 1024..=2048 for normal numbers, and 2048 carries into the exponent by itself.
    let base = if exp == -14 && units < 1024.0 { 0 } else { (exp + 14) as u32 };
    let repr = base * 1024 + units as u32;
    if repr >= 0x7c00 || exp > 15 {
        return Err(Error::overflow("float too large to pack with e format"));
    }
    Ok(sign | repr as u16)
}

pub fn unpack_half(h: u16) -> f64 {
    let (exp, frac) = (i32::from(h >> 10 & 0x1f), f64::from(h & 0x3ff));
    let magnitude = match exp {
        0 => frac * 2f64.powi(-24),
        31 if h & 0x3ff == 0 => f64::INFINITY,
        31 => f64::from_bits(0x7ff0 << 48 | u64::from(h & 0x3ff) << 42),
        _ => (1024.0 + frac) * 2f64.powi(exp - 25),
    };
    if h & 0x8000 != 0 { -magnitude } else { magnitude }
}

pub fn pack_f32(v: f64) -> Result<f32> {
    let f = v as f32;
    if f.is_infinite() && v.is_finite() {
        return Err(Error::overflow("float too large to pack with f format"));
    }
    Ok(f)
}

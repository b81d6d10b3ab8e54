//! `float.hex` and `float.fromhex`.

use super::decompose;
use super::parse::{parse_special, trim_c_space};
use crate::{Error, Result};

pub fn to_hex(v: f64) -> String {
    if !v.is_finite() {
        return super::repr(v);
    }
    let sign = if v.is_sign_negative() { "-" } else { "" };
    if v == 0.0 {
        return format!("{sign}0x0.0p+0");
    }
    let (m, e) = decompose(v);
    let (lead, fraction) = (m >> 52, m & ((1 << 52) - 1));
    format!("{sign}0x{lead}.{fraction:013x}p{:+}", e + 52)
}

/// Parses ASCII text; rounding is to nearest, ties to even.
pub fn from_hex(text: &[u8]) -> Result<f64> {
    let invalid = || Error::value("invalid hexadecimal floating-point string");
    let mut s = trim_c_space(text);
    let negative = s.first() == Some(&b'-');
    if let [b'+' | b'-', rest @ ..] = s {
        s = rest;
    }
    let signed = |v: f64| if negative { -v } else { v };
    if let Some((v, n)) = parse_special(s) {
        return if n == s.len() { Ok(signed(v)) } else { Err(invalid()) };
    }
    if let [b'0', b'x' | b'X', rest @ ..] = s {
        s = rest;
    }
    let hex = |b: u8| (b as char).to_digit(16).map(u64::from);
    let mut mantissa: u64 = 0;
    let mut sticky = false;
    let mut exponent: i64 = 0;
    let (mut digits, mut after_point) = (0usize, false);
    let mut i = 0;
    while let Some(&b) = s.get(i) {
        if b == b'.' && !after_point {
            after_point = true;
        } else if let Some(d) = hex(b) {
            digits += 1;
            if mantissa >> 60 == 0 {
                mantissa = mantissa << 4 | d;
                exponent -= if after_point { 4 } else { 0 };
            } else {
                sticky |= d != 0;
                exponent += if after_point { 0 } else { 4 };
            }
        } else {
            break;
        }
        i += 1;
    }
    if digits == 0 {
        return Err(invalid());
    }
    if let Some(b'p' | b'P') = s.get(i) {
        i += 1;
        let down = s.get(i) == Some(&b'-');
        if matches!(s.get(i), Some(b'+' | b'-')) {
            i += 1;
        }
        let start = i;
        let mut e: i64 = 0;
        while let Some(b @ b'0'..=b'9') = s.get(i) {
            e = e.saturating_mul(10).saturating_add(i64::from(b - b'0'));
            i += 1;
        }
        if i == start {
            return Err(invalid());
        }
        exponent = exponent.saturating_add(if down { -e } else { e });
    }
    let v = if mantissa == 0 { Some(0.0) } else { compose(mantissa, exponent, sticky) };
    // The range is checked before what follows the number, as CPython does.
    match v {
        None => Err(Error::overflow("hexadecimal value too large to represent as a float")),
        Some(_) if i != s.len() => Err(invalid()),
        Some(v) => Ok(signed(v)),
    }
}

/// `mantissa * 2**exponent` rounded; `None` beyond the largest float.
fn compose(mantissa: u64, exponent: i64, sticky: bool) -> Option<f64> {
    let bits = 64 - i64::from(mantissa.leading_zeros());
    let lead = exponent.saturating_add(bits - 1);
    if lead > 1023 {
        return None;
    }
    let keep = if lead >= -1022 { 53 } else { 53 - (-1022 - lead) };
    if keep < 0 {
        return Some(0.0);
    }
    let drop = bits - keep;
    let m = if drop <= 0 {
        mantissa << -drop
    } else {
        let m = if drop >= 64 { 0 } else { mantissa >> drop };
        let half = mantissa >> (drop - 1) & 1 == 1;
        let rest = sticky || mantissa & ((1 << (drop - 1)) - 1) != 0;
        m + u64::from(half && (rest || m & 1 == 1))
    };
    let field = if lead >= -1022 { (lead + 1022) as u64 } else { 0 };
    let v = f64::from_bits((field << 52) + m);
    v.is_finite().then_some(v)
}

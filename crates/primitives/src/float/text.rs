//! Floats to text: `repr` and the e, f, g and r presentations (CPython: Python/pystrtod.c).
//!
//! Shortest digits come from zmij, digits of a given precision from the standard library, whose
//! exact mode rounds the true binary value half to even. A double has at most 767 significant
//! digits and 1074 fractional ones: longer precisions only append zeros.

use crate::error::check_size;
use crate::{Error, Result};

/// Decimal digits without trailing zeros and the position of the point: 0.d1d2d3 * 10**point.
/// Zero is `("0", 1)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digits {
    pub digits: Vec<u8>,
    pub point: i32,
}

const MAX_SIGNIFICANT: usize = 800;
const MAX_FRACTION: usize = 1100;

fn collect(text: &str) -> Digits {
    let (mantissa, exp) = match text.split_once(['e', 'E']) {
        Some((m, e)) => (m, e.parse::<i32>().unwrap_or(0)),
        None => (text, 0),
    };
    let mut digits = Vec::with_capacity(mantissa.len());
    let mut point = None;
    for b in mantissa.bytes() {
        match b {
            b'.' => point = Some(digits.len()),
            b'0'..=b'9' => digits.push(b),
            _ => {}
        }
    }
    let mut point = point.unwrap_or(digits.len()) as i32 + exp;
    let zeros = digits.iter().take_while(|&&b| b == b'0').count();
    digits.drain(..zeros);
    point -= zeros as i32;
    while digits.last() == Some(&b'0') {
        digits.pop();
    }
    if digits.is_empty() {
        return Digits { digits: vec![b'0'], point: 1 };
    }
    Digits { digits, point }
}

/// The shortest digits that read back as `v` (finite, sign ignored).
pub fn digits_shortest(v: f64) -> Digits {
    collect(zmij::Buffer::new().format_finite(v.abs()))
}

/// `n >= 1` significant digits, correctly rounded.
pub fn digits_exact(v: f64, n: usize) -> Digits {
    let n = n.clamp(1, MAX_SIGNIFICANT);
    collect(&format!("{:.*e}", n - 1, v.abs()))
}

fn digits_fixed(v: f64, precision: usize) -> Digits {
    let mut d = collect(&format!("{:.*}", precision.min(MAX_FRACTION), v.abs()));
    if d.digits == b"0" {
        // Where the rounded value vanished, all the digits printed are zeros.
        d.point = -(precision.min(i32::MAX as usize / 2) as i32);
        d.digits.clear();
    }
    d
}

/// The digits of `v / 10**places` rounded to an integer, ties to even; `None` for zero.
pub(super) fn round_integer_digits(v: f64, places: usize) -> Option<String> {
    let lead = digits_exact(v, MAX_SIGNIFICANT);
    let keep = i64::from(lead.point) - places as i64;
    match keep {
        1.. => {
            let d = digits_exact(v, keep as usize);
            let mut s = String::from_utf8(d.digits).unwrap_or_default();
            // Rounding up may have added a digit: the point tells.
            let len = (i64::from(d.point) - places as i64).max(0) as usize;
            while s.len() < len {
                s.push('0');
            }
            Some(s)
        }
        // Half of the unit is "5": an exact tie rounds to 0, the even neighbour.
        0 if lead.digits.as_slice() > b"5".as_slice() => Some("1".to_owned()),
        _ => None,
    }
}

/// Flags of [`double_to_string`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FormatFlags {
    /// `+` before what is not negative.
    pub sign: bool,
    /// Make the result look like a float (`repr`).
    pub add_dot_0: bool,
    /// Keep the point and trailing zeros (`#`).
    pub alternate: bool,
    /// A value that rounds to zero loses its sign (`z`).
    pub no_negative_zero: bool,
}

/// `PyOS_double_to_string`: presentation `e`, `E`, `f`, `F`, `g`, `G` or `r` (repr; the precision
/// is ignored).
pub fn double_to_string(v: f64, code: u8, precision: usize, flags: FormatFlags) -> Result<String> {
    if precision > i32::MAX as usize {
        return Err(Error::value("precision too big"));
    }
    check_size(Some(precision))?;
    let upper = code.is_ascii_uppercase();
    let mut out = String::new();
    if !v.is_finite() {
        if v.is_infinite() && v < 0.0 {
            out.push('-');
        } else if flags.sign {
            out.push('+');
        }
        out.push_str(match (v.is_nan(), upper) {
            (true, false) => "nan",
            (true, true) => "NAN",
            (false, false) => "inf",
            (false, true) => "INF",
        });
        return Ok(out);
    }
    let code = code.to_ascii_lowercase();
    // `width` counts the digits shown, from the first one of `d`.
    let (d, mut width, scientific) = match code {
        b'e' => {
            let d = digits_exact(v, precision + 1);
            (d, precision as i64 + 1, true)
        }
        b'f' => {
            let d = digits_fixed(v, precision);
            let width = i64::from(d.point) + precision as i64;
            (d, width, false)
        }
        b'g' => {
            let precision = precision.max(1);
            let d = digits_exact(v, precision);
            let limit = precision as i64 - i64::from(flags.add_dot_0);
            let scientific = d.point <= -4 || i64::from(d.point) > limit;
            let width = if flags.alternate { precision as i64 } else { d.digits.len() as i64 };
            (d, width, scientific)
        }
        _ => {
            let d = digits_shortest(v);
            let (width, scientific) = (d.digits.len() as i64, d.point <= -4 || d.point > 16);
            (d, width, scientific)
        }
    };
    let exponent = d.point - 1;
    let point = if scientific { 1 } else { i64::from(d.point) };
    width = width.max(if flags.add_dot_0 && !scientific { point + 1 } else { point });
    let is_zero = d.digits.iter().all(|&b| b == b'0');
    if v.is_sign_negative() && !(flags.no_negative_zero && is_zero) {
        out.push('-');
    } else if flags.sign {
        out.push('+');
    }
    let digits = std::str::from_utf8(&d.digits).unwrap_or("");
    push_digits(&mut out, digits, point, width);
    if flags.alternate && !out.contains('.') {
        out.push('.');
    }
    if scientific {
        out.push(if upper { 'E' } else { 'e' });
        out.push_str(&format!("{exponent:+03}"));
    }
    Ok(out)
}

/// Writes digits `0..width` with the point after `point` of them, zeros where there are none.
fn push_digits(out: &mut String, digits: &str, point: i64, width: i64) {
    let zeros = |out: &mut String, n: i64| (0..n.max(0)).for_each(|_| out.push('0'));
    let have = (digits.len() as i64).min(width.max(0));
    if point <= 0 {
        out.push('0');
        if width > point && width - point > 0 {
            out.push('.');
            // All of them zeros when the digits start beyond what is shown.
            zeros(out, (-point).min(width - point));
            out.push_str(&digits[..have as usize]);
            zeros(out, width - have);
        }
        return;
    }
    let whole = have.min(point);
    out.push_str(&digits[..whole as usize]);
    zeros(out, point - whole);
    if width > point {
        out.push('.');
        out.push_str(&digits[whole as usize..have as usize]);
        zeros(out, width - have.max(point));
    }
}

/// `repr(float)`, which is also `str(float)`.
pub fn repr(v: f64) -> String {
    let mut out = String::with_capacity(24);
    repr_into(&mut out, v);
    out
}

/// Appends `repr(float)`.
pub fn repr_into(out: &mut String, v: f64) {
    if v.abs() < 1e15 && v.trunc() == v {
        if v.is_sign_negative() {
            out.push('-');
        }
        out.push_str(&(v.abs() as u64).to_string());
        out.push_str(".0");
        return;
    }
    if !v.is_finite() {
        out.push_str(match (v.is_nan(), v > 0.0) {
            (true, _) => "nan",
            (false, true) => "inf",
            (false, false) => "-inf",
        });
        return;
    }
    if v.is_sign_negative() {
        out.push('-');
    }
    let d = digits_shortest(v);
    let digits = std::str::from_utf8(&d.digits).unwrap_or("");
    let have = digits.len() as i64;
    if d.point <= -4 || d.point > 16 {
        push_digits(out, digits, 1, have);
        out.push_str(&format!("e{:+03}", d.point - 1));
    } else {
        let point = i64::from(d.point);
        push_digits(out, digits, point, have.max(point + 1));
    }
}

//! Python's `complex` (CPython: Objects/complexobject.c).

mod parse;

pub use parse::parse_str;

use crate::float::{self, FormatFlags, double_to_string};
use crate::{Error, Result};

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Complex {
    pub re: f64,
    pub im: f64,
}

/// Shorthand for the struct.
pub const fn c(re: f64, im: f64) -> Complex {
    Complex { re, im }
}

impl Complex {
    pub const ONE: Self = c(1.0, 0.0);

    pub fn is_zero(self) -> bool {
        self.re == 0.0 && self.im == 0.0
    }
}

pub fn add(a: Complex, b: Complex) -> Complex {
    c(a.re + b.re, a.im + b.im)
}

pub fn sub(a: Complex, b: Complex) -> Complex {
    c(a.re - b.re, a.im - b.im)
}

/// Real minus complex: the imaginary part is only negated, so that its zero has the right sign.
pub fn real_sub(a: f64, b: Complex) -> Complex {
    c(a - b.re, -b.im)
}

pub fn neg(a: Complex) -> Complex {
    c(-a.re, -a.im)
}

/// Product, with the infinities of C99's annex G recovered where the formula gives NaNs.
pub fn mul(z: Complex, w: Complex) -> Complex {
    let (mut a, mut b, mut cc, mut d) = (z.re, z.im, w.re, w.im);
    let (ac, bd, ad, bc) = (a * cc, b * d, a * d, b * cc);
    let r = c(ac - bd, ad + bc);
    if !(r.re.is_nan() && r.im.is_nan()) {
        return r;
    }
    let boxed = |x: f64| f64::from(u8::from(x.is_infinite())).copysign(x);
    let zeroed = |x: f64| if x.is_nan() { 0.0f64.copysign(x) } else { x };
    let mut recalc = false;
    if a.is_infinite() || b.is_infinite() {
        (a, b) = (boxed(a), boxed(b));
        (cc, d) = (zeroed(cc), zeroed(d));
        recalc = true;
    }
    if cc.is_infinite() || d.is_infinite() {
        (cc, d) = (boxed(cc), boxed(d));
        (a, b) = (zeroed(a), zeroed(b));
        recalc = true;
    }
    if !recalc && [ac, bd, ad, bc].iter().any(|x| x.is_infinite()) {
        (a, b, cc, d) = (zeroed(a), zeroed(b), zeroed(cc), zeroed(d));
        recalc = true;
    }
    if recalc {
        return c(f64::INFINITY * (a * cc - b * d), f64::INFINITY * (a * d + b * cc));
    }
    r
}

/// Product of a complex and a real number, part by part.
pub fn mul_real(a: Complex, r: f64) -> Complex {
    c(a.re * r, a.im * r)
}

/// Quotient by Smith's method.
pub fn div(a: Complex, b: Complex) -> Result<Complex> {
    let (abs_re, abs_im) = (b.re.abs(), b.im.abs());
    let mut r;
    if abs_re >= abs_im {
        if abs_re == 0.0 {
            return Err(Error::zero_division());
        }
        let ratio = b.im / b.re;
        let denom = b.re + b.im * ratio;
        r = c((a.re + a.im * ratio) / denom, (a.im - a.re * ratio) / denom);
    } else if abs_im >= abs_re {
        let ratio = b.re / b.im;
        let denom = b.re * ratio + b.im;
        r = c((a.re * ratio + a.im) / denom, (a.im * ratio - a.re) / denom);
    } else {
        r = c(f64::NAN, f64::NAN);
    }
    if r.re.is_nan() && r.im.is_nan() {
        let boxed = |x: f64| f64::from(u8::from(x.is_infinite())).copysign(x);
        if (a.re.is_infinite() || a.im.is_infinite()) && b.re.is_finite() && b.im.is_finite() {
            let (x, y) = (boxed(a.re), boxed(a.im));
            r.re = f64::INFINITY * (x * b.re + y * b.im);
            r.im = f64::INFINITY * (y * b.re - x * b.im);
        } else if (abs_re.is_infinite() || abs_im.is_infinite())
            && a.re.is_finite()
            && a.im.is_finite()
        {
            let (x, y) = (boxed(b.re), boxed(b.im));
            r.re = 0.0 * (a.re * x + a.im * y);
            r.im = 0.0 * (a.im * x - a.re * y);
        }
    }
    Ok(r)
}

/// Complex divided by a real number.
pub fn div_real(a: Complex, r: f64) -> Result<Complex> {
    if r == 0.0 { Err(Error::zero_division()) } else { Ok(c(a.re / r, a.im / r)) }
}

/// Real divided by a complex number.
pub fn real_div(a: f64, b: Complex) -> Result<Complex> {
    let (abs_re, abs_im) = (b.re.abs(), b.im.abs());
    let mut r;
    if abs_re >= abs_im {
        if abs_re == 0.0 {
            return Err(Error::zero_division());
        }
        let ratio = b.im / b.re;
        let denom = b.re + b.im * ratio;
        r = c(a / denom, (-a * ratio) / denom);
    } else if abs_im >= abs_re {
        let ratio = b.re / b.im;
        let denom = b.re * ratio + b.im;
        r = c((a * ratio) / denom, (-a) / denom);
    } else {
        r = c(f64::NAN, f64::NAN);
    }
    if r.re.is_nan()
        && r.im.is_nan()
        && a.is_finite()
        && (abs_re.is_infinite() || abs_im.is_infinite())
    {
        let boxed = |x: f64| f64::from(u8::from(x.is_infinite())).copysign(x);
        let (x, y) = (boxed(b.re), boxed(b.im));
        r.re = 0.0 * (a * x);
        r.im = 0.0 * (-a * y);
    }
    Ok(r)
}

/// Magnitude; OverflowError if finite parts have an infinite one.
pub fn abs(z: Complex) -> Result<f64> {
    if z.re.is_infinite() || z.im.is_infinite() {
        return Ok(f64::INFINITY);
    }
    if z.re.is_nan() || z.im.is_nan() {
        return Ok(f64::NAN);
    }
    let r = z.re.hypot(z.im);
    if r.is_infinite() { Err(Error::overflow("absolute value too large")) } else { Ok(r) }
}

fn powu(x: Complex, n: u32) -> Complex {
    let (mut r, mut p) = (Complex::ONE, x);
    let mut mask = 1u32;
    while mask <= n {
        if n & mask != 0 {
            r = mul(r, p);
        }
        mask <<= 1;
        p = mul(p, p);
    }
    r
}

fn zero_to_negative() -> Error {
    Error::zero_division_msg("zero to a negative or complex power")
}

fn powc(a: Complex, b: Complex) -> Result<Complex> {
    if b.is_zero() {
        return Ok(Complex::ONE);
    }
    if a.is_zero() {
        if b.im != 0.0 || b.re < 0.0 {
            return Err(zero_to_negative());
        }
        return Ok(c(0.0, 0.0));
    }
    let vabs = a.re.hypot(a.im);
    let mut len = vabs.powf(b.re);
    let at = a.im.atan2(a.re);
    let mut phase = at * b.re;
    if b.im != 0.0 {
        len *= (-at * b.im).exp();
        phase += b.im * vabs.ln();
    }
    if phase.is_infinite() {
        // The C library reports a domain error here, and CPython has one message for those.
        return Err(zero_to_negative());
    }
    Ok(c(len * phase.cos(), len * phase.sin()))
}

pub fn pow(a: Complex, b: Complex) -> Result<Complex> {
    let r = if b.is_zero() {
        Complex::ONE
    } else if b.im == 0.0 && b.re == b.re.floor() && b.re.abs() <= 100.0 {
        let n = b.re as i32;
        if n > 0 {
            powu(a, n as u32)
        } else {
            div(Complex::ONE, powu(a, n.unsigned_abs())).map_err(|_| zero_to_negative())?
        }
    } else {
        powc(a, b)?
    };
    if r.re.is_infinite() || r.im.is_infinite() {
        return Err(Error::overflow("complex exponentiation"));
    }
    Ok(r)
}

/// `repr(complex)`, which is also `str(complex)`.
pub fn repr(re: f64, im: f64) -> String {
    let text = |v: f64, sign: bool| {
        let flags = FormatFlags { sign, ..FormatFlags::default() };
        double_to_string(v, b'r', 0, flags).unwrap_or_default()
    };
    if re == 0.0 && re.is_sign_positive() {
        return format!("{}j", text(im, false));
    }
    format!("({}{}j)", text(re, false), text(im, true))
}

/// Python's hash; `None` if a part is NaN.
pub fn hash(z: Complex) -> Option<i64> {
    const IMAG: u64 = 1_000_003;
    let (re, im) = (float::hash(z.re)? as u64, float::hash(z.im)? as u64);
    let h = re.wrapping_add(IMAG.wrapping_mul(im)) as i64;
    Some(if h == -1 { -2 } else { h })
}

//! Conversions to and from machine integers and floats, true division, and the numeric hash.

use super::BigInt;
use crate::{Error, Result};
use dashu_int::{IBig, UBig};

macro_rules! from_machine {
    ($($t:ty),*) => {$(
        impl From<$t> for BigInt {
            fn from(v: $t) -> Self {
                Self(IBig::from(v))
            }
        }
    )*};
}
from_machine!(i8, u8, i16, u16, i32, u32, i64, u64, i128, u128, isize, usize);

macro_rules! to_machine {
    ($($name:ident: $t:ty),*) => {$(
        pub fn $name(&self) -> Option<$t> {
            <$t>::try_from(&self.0).ok()
        }
    )*};
}

/// 2**61 - 1, the modulus of numeric hashes.
const HASH_MODULUS: u64 = (1 << 61) - 1;

impl BigInt {
    to_machine!(to_i32: i32, to_u32: u32, to_i64: i64, to_u64: u64, to_i128: i128,
                to_u128: u128, to_usize: usize, to_isize: isize);

    /// The low 64 bits of the two's complement, as masking conversions in C take them.
    pub fn to_u64_wrapping(&self) -> u64 {
        let low = self.magnitude().first().copied().unwrap_or(0);
        if self.is_negative() { low.wrapping_neg() } else { low }
    }

    /// Clips to the range of i64, as index conversions for slices do.
    pub fn to_i64_saturating(&self) -> i64 {
        self.to_i64().unwrap_or(if self.is_negative() { i64::MIN } else { i64::MAX })
    }

    /// The nearest float, ties to even.
    pub fn to_f64(&self) -> Result<f64> {
        let v = scaled_to_f64(self.magnitude(), 0, false)
            .ok_or_else(|| Error::overflow("int too large to convert to float"))?;
        Ok(if self.is_negative() { -v } else { v })
    }

    /// Mantissa in `0.5..1` (rounded half to even) and exponent, however large; `(0, 0)` for 0.
    pub fn frexp(&self) -> (f64, u64) {
        let bits = self.bit_length();
        match scaled_to_f64(self.magnitude(), -(bits as i64), false) {
            // Rounding may have carried to the next power of two.
            Some(1.0) => (if self.is_negative() { -0.5 } else { 0.5 }, bits + 1),
            Some(m) => (if self.is_negative() { -m } else { m }, bits),
            None => (0.0, 0),
        }
    }

    /// The integer part of a float.
    pub fn from_f64(v: f64) -> Result<Self> {
        if v.is_nan() {
            return Err(Error::value("cannot convert float NaN to integer"));
        }
        if v.is_infinite() {
            return Err(Error::overflow("cannot convert float infinity to integer"));
        }
        let t = v.trunc();
        if t.abs() < 9.2e18 {
            return Ok(Self::from(t as i64));
        }
        let bits = t.to_bits();
        let exp = ((bits >> 52) & 0x7ff) as i32 - 1075;
        let mantissa = (bits & ((1 << 52) - 1)) | (1 << 52);
        let magnitude = UBig::from(mantissa) << exp as usize;
        let value = IBig::from(magnitude);
        Ok(Self(if t < 0.0 { -value } else { value }))
    }

    /// `self / other` as the nearest float, ties to even, whatever the sizes.
    pub fn true_div(&self, other: &Self) -> Result<f64> {
        if other.is_zero() {
            return Err(Error::zero_division());
        }
        if self.is_zero() {
            return Ok(if other.is_negative() { -0.0 } else { 0.0 });
        }
        const EXACT: u64 = 53;
        if self.bit_length() <= EXACT && other.bit_length() <= EXACT {
            return Ok(self.to_f64()? / other.to_f64()?);
        }
        let too_large = || Error::overflow("integer division result too large for a float");
        let negative = self.is_negative() != other.is_negative();
        let signed = |v: f64| if negative { -v } else { v };
        let (a_bits, b_bits) = (self.bit_length() as i64, other.bit_length() as i64);
        let diff = a_bits - b_bits;
        if diff > 1025 {
            return Err(too_large());
        }
        if diff < -1080 {
            return Ok(signed(0.0));
        }
        // Scale so that the quotient has 65 or 66 bits: enough for rounding with a sticky bit.
        let shift = 65 - diff;
        let (mut a, mut b) = (self.unsigned_abs(), other.unsigned_abs());
        if shift >= 0 {
            a <<= shift as usize;
        } else {
            b <<= (-shift) as usize;
        }
        use dashu_int::ops::DivRem;
        let (q, r) = a.div_rem(b);
        scaled_to_f64(q.as_words(), -shift, !r.is_zero()).map(signed).ok_or_else(too_large)
    }

    /// Python's hash of a number: the value modulo 2**61 - 1 with the sign, and never -1.
    pub fn py_hash(&self) -> i64 {
        let mut h: u64 = 0;
        for &w in self.magnitude().iter().rev() {
            // 2**64 is 8 modulo 2**61 - 1, so one limb is a multiply and a fold.
            let wide = (u128::from(h) << 64) | u128::from(w);
            h = (wide % u128::from(HASH_MODULUS)) as u64;
        }
        let signed = if self.is_negative() { -(h as i64) } else { h as i64 };
        if signed == -1 { -2 } else { signed }
    }

    /// Compares with a float exactly; `None` for NaN.
    pub fn partial_cmp_f64(&self, v: f64) -> Option<std::cmp::Ordering> {
        use std::cmp::Ordering;
        if v.is_nan() {
            return None;
        }
        if v.is_infinite() {
            return Some(if v > 0.0 { Ordering::Less } else { Ordering::Greater });
        }
        let whole = Self::from_f64(v).ok()?;
        Some(self.cmp(&whole).then_with(|| {
            let fraction = v - v.trunc();
            0.0f64.partial_cmp(&fraction).unwrap_or(Ordering::Equal)
        }))
    }
}

/// The nearest float to `words * 2**exp` (plus something below one unit if `sticky`); `None` when
/// it is beyond the largest float.
fn scaled_to_f64(words: &[u64], exp: i64, sticky: bool) -> Option<f64> {
    let Some(&top) = words.last() else { return Some(0.0) };
    let bits = words.len() as i64 * 64 - i64::from(top.leading_zeros());
    // The exponent of the leading bit decides how many bits of mantissa there are: fewer than 53
    // among subnormals.
    let lead = bits - 1 + exp;
    if lead > 1023 {
        return None;
    }
    let keep = if lead >= -1022 { 53 } else { 53 - (-1022 - lead) };
    if keep < 0 {
        return Some(0.0);
    }
    let drop = bits - keep;
    let mantissa = if drop <= 0 {
        low_word(words, 0) << (-drop) as u32
    } else {
        let drop = drop as u64;
        let mut m = if keep == 0 { 0 } else { low_word(words, drop) };
        let half = bit_at(words, drop - 1);
        let rest = sticky || any_below(words, drop - 1);
        if half && (rest || m & 1 == 1) {
            m += 1;
        }
        m
    };
    // A mantissa that rounded up to the next power of two carries into the exponent by itself.
    let field = if lead >= -1022 { (lead + 1022) as u64 } else { 0 };
    let repr = (field << 52) + mantissa;
    let v = f64::from_bits(repr);
    v.is_finite().then_some(v)
}

fn low_word(words: &[u64], shift: u64) -> u64 {
    let (i, s) = ((shift / 64) as usize, (shift % 64) as u32);
    let lo = words.get(i).copied().unwrap_or(0) >> s;
    let hi = words.get(i + 1).copied().unwrap_or(0);
    if s == 0 { lo } else { lo | (hi << (64 - s)) }
}

fn bit_at(words: &[u64], n: u64) -> bool {
    words.get((n / 64) as usize).is_some_and(|w| w >> (n % 64) & 1 == 1)
}

fn any_below(words: &[u64], n: u64) -> bool {
    let (i, s) = ((n / 64) as usize, (n % 64) as u32);
    words.iter().take(i).any(|&w| w != 0)
        || words.get(i).is_some_and(|w| w & ((1u64 << s) - 1) != 0)
}

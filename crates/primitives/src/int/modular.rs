//! Three-argument `pow`.

use super::BigInt;
use crate::{Error, Result};
use dashu_int::IBig;
use dashu_int::fast_div::ConstDivisor;
use dashu_int::ops::ExtendedGcd;

impl BigInt {
    /// `pow(self, exponent, modulus)`; the result has the sign of the modulus.
    pub fn modpow(&self, exponent: &Self, modulus: &Self) -> Result<Self> {
        if modulus.is_zero() {
            return Err(Error::value("pow() 3rd argument cannot be 0"));
        }
        let m = modulus.abs();
        if m.is_one() {
            return Ok(Self::ZERO);
        }
        let inverse;
        let (base, exp) = if exponent.is_negative() {
            inverse = self.mod_inverse(&m)?;
            (&inverse, exponent.neg())
        } else {
            (self, exponent.clone())
        };
        let result = match (base.to_u64(), exp.to_u64(), m.to_u64()) {
            (Some(b), Some(e), Some(m)) => Self::from(pow_word(b, e, m)),
            _ => {
                let ring = ConstDivisor::new(m.unsigned_abs());
                let reduced = base.mod_floor(&m)?;
                let power = ring.reduce(reduced.unsigned_abs()).pow(&exp.unsigned_abs());
                Self(IBig::from(power.residue()))
            }
        };
        if modulus.is_negative() && !result.is_zero() {
            return result.add(modulus);
        }
        Ok(result)
    }

    /// The inverse of `self` modulo a positive `m`.
    pub fn mod_inverse(&self, m: &Self) -> Result<Self> {
        let not_invertible = || Error::value("base is not invertible for the given modulus");
        let a = self.mod_floor(m)?;
        if a.is_zero() {
            return Err(not_invertible());
        }
        let (g, x, _) = (&a.0).gcd_ext(&m.0);
        if !g.is_one() {
            return Err(not_invertible());
        }
        Self(x).mod_floor(m)
    }
}

fn pow_word(base: u64, mut exp: u64, m: u64) -> u64 {
    let wide = |a: u64, b: u64| (u128::from(a) * u128::from(b) % u128::from(m)) as u64;
    let (mut result, mut b) = (1 % m, base % m);
    while exp != 0 {
        if exp & 1 == 1 {
            result = wide(result, b);
        }
        b = wide(b, b);
        exp >>= 1;
    }
    result
}

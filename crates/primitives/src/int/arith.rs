//! Addition to power: the ring operations and floor division.

use super::{BigInt, check_bits};
use crate::{Error, Result};
use dashu_int::ops::{Abs, DivRem, Gcd};
use dashu_int::{IBig, UBig};

impl BigInt {
    pub fn add(&self, other: &Self) -> Result<Self> {
        check_bits(u128::from(self.bit_length().max(other.bit_length())) + 1)?;
        Ok(Self(&self.0 + &other.0))
    }

    pub fn sub(&self, other: &Self) -> Result<Self> {
        check_bits(u128::from(self.bit_length().max(other.bit_length())) + 1)?;
        Ok(Self(&self.0 - &other.0))
    }

    pub fn mul(&self, other: &Self) -> Result<Self> {
        check_bits(u128::from(self.bit_length()) + u128::from(other.bit_length()))?;
        // Squaring is about a third cheaper, and `x * x` reaches here with one object.
        if std::ptr::eq(self, other) {
            return Ok(Self(self.0.sqr().into()));
        }
        Ok(Self(&self.0 * &other.0))
    }

    /// The sum of two machine integers, for callers whose immediate arithmetic overflowed.
    pub fn add_i64(a: i64, b: i64) -> Self {
        Self(IBig::from(i128::from(a) + i128::from(b)))
    }

    pub fn sub_i64(a: i64, b: i64) -> Self {
        Self(IBig::from(i128::from(a) - i128::from(b)))
    }

    pub fn mul_i64(a: i64, b: i64) -> Self {
        Self(IBig::from(i128::from(a) * i128::from(b)))
    }

    pub fn neg(&self) -> Self {
        Self(-&self.0)
    }

    pub fn abs(&self) -> Self {
        Self((&self.0).abs())
    }

    /// Quotient rounded towards minus infinity and a remainder with the divisor's sign.
    pub fn divmod_floor(&self, other: &Self) -> Result<(Self, Self)> {
        if other.is_zero() {
            return Err(Error::zero_division());
        }
        let (q, r) = (&self.0).div_rem(&other.0);
        if !r.is_zero() && self.is_negative() != other.is_negative() {
            return Ok((Self(q - IBig::ONE), Self(r + &other.0)));
        }
        Ok((Self(q), Self(r)))
    }

    pub fn div_floor(&self, other: &Self) -> Result<Self> {
        Ok(self.divmod_floor(other)?.0)
    }

    pub fn mod_floor(&self, other: &Self) -> Result<Self> {
        if other.is_zero() {
            return Err(Error::zero_division());
        }
        let r = &self.0 % &other.0;
        if !r.is_zero() && self.is_negative() != other.is_negative() {
            return Ok(Self(r + &other.0));
        }
        Ok(Self(r))
    }

    /// Quotient and remainder truncated towards zero.
    pub fn divmod_trunc(&self, other: &Self) -> Result<(Self, Self)> {
        if other.is_zero() {
            return Err(Error::zero_division());
        }
        let (q, r) = (&self.0).div_rem(&other.0);
        Ok((Self(q), Self(r)))
    }

    /// `self ** exponent` for a non-negative exponent. A negative one is the caller's affair: it
    /// makes a float.
    pub fn pow(&self, exponent: &Self) -> Result<Self> {
        if exponent.is_negative() {
            return Err(Error::value("negative exponent"));
        }
        if exponent.is_zero() || self.is_one() {
            return Ok(Self::ONE);
        }
        if self.is_zero() {
            return Ok(Self::ZERO);
        }
        if self.magnitude() == [1] {
            return Ok(if exponent.is_odd() { self.clone() } else { Self::ONE });
        }
        let Some(exp) = exponent.to_u64() else { return Err(Error::memory()) };
        // The bit length is at least (n - 1) * exp + 1; the upper bound would refuse 2**n early.
        check_bits((u128::from(self.bit_length()) - 1) * u128::from(exp) + 1)?;
        let exp = usize::try_from(exp).map_err(|_| Error::memory())?;
        Ok(Self(self.0.pow(exp)))
    }

    pub fn gcd(&self, other: &Self) -> Self {
        if self.is_zero() {
            return other.abs();
        }
        if other.is_zero() {
            return self.abs();
        }
        Self(IBig::from((&self.0).gcd(&other.0)))
    }

    pub fn lcm(&self, other: &Self) -> Result<Self> {
        if self.is_zero() || other.is_zero() {
            return Ok(Self::ZERO);
        }
        let g = self.gcd(other);
        let q = Self(&self.0 / &g.0);
        Ok(q.mul(other)?.abs())
    }

    /// Floor of the square root.
    pub fn isqrt(&self) -> Result<Self> {
        if self.is_negative() {
            return Err(Error::value("isqrt() argument must be nonnegative"));
        }
        use dashu_int::ops::SquareRoot;
        Ok(Self(IBig::from(self.unsigned_abs().sqrt())))
    }

    /// `round(self, ndigits)` for a negative `ndigits = -places`: to a multiple of
    /// `10**places`, ties to the even multiple.
    pub fn round_to_power_of_ten(&self, places: &Self) -> Result<Self> {
        if places.signum() <= 0 {
            return Ok(self.clone());
        }
        // 10**n exceeds twice the value once n * 3.32 passes its bits; skip the big power.
        let limit = self.bit_length() / 3 + 2;
        let n = match places.to_u64() {
            Some(n) if n <= limit => n as usize,
            _ => return Ok(Self::ZERO),
        };
        let unit = Self(IBig::from(UBig::from(10u8).pow(n)));
        let (q, r) = self.divmod_floor(&unit)?;
        let twice = r.add(&r)?;
        let up = match twice.cmp(&unit) {
            std::cmp::Ordering::Less => false,
            std::cmp::Ordering::Equal => q.is_odd(),
            std::cmp::Ordering::Greater => true,
        };
        let q = if up { q.add(&Self::ONE)? } else { q };
        q.mul(&unit)
    }
}

//! Shifts and bitwise operations on the infinite two's complement that Python defines.

use super::{BigInt, check_bits};
use crate::{Error, Result};

impl BigInt {
    pub fn shl(&self, count: &Self) -> Result<Self> {
        if count.is_negative() {
            return Err(Error::value("negative shift count"));
        }
        if self.is_zero() {
            return Ok(Self::ZERO);
        }
        match count.to_i64() {
            None => Err(Error::overflow("too many digits in integer")),
            Some(n) => {
                check_bits(u128::from(n.unsigned_abs()) + u128::from(self.bit_length()))?;
                Ok(Self(&self.0 << n as usize))
            }
        }
    }

    /// Shifts right, rounding towards minus infinity.
    pub fn shr(&self, count: &Self) -> Result<Self> {
        if count.is_negative() {
            return Err(Error::value("negative shift count"));
        }
        match count.to_u64() {
            Some(n) if n < self.bit_length() => Ok(Self(&self.0 >> n as usize)),
            _ if self.is_negative() => Ok(Self::NEG_ONE),
            _ => Ok(Self::ZERO),
        }
    }

    pub fn and(&self, other: &Self) -> Self {
        Self(&self.0 & &other.0)
    }

    pub fn or(&self, other: &Self) -> Self {
        Self(&self.0 | &other.0)
    }

    pub fn xor(&self, other: &Self) -> Self {
        Self(&self.0 ^ &other.0)
    }

    pub fn invert(&self) -> Self {
        Self(!&self.0)
    }
}

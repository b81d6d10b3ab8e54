//! `int.to_bytes` and `int.from_bytes`.

use super::BigInt;
use crate::error::try_vec;
use crate::{Error, Result};
use dashu_int::{IBig, UBig};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteOrder {
    Little,
    Big,
}

impl ByteOrder {
    pub const NATIVE: Self = if cfg!(target_endian = "big") { Self::Big } else { Self::Little };

    /// The `byteorder` argument of `to_bytes` and `from_bytes`.
    pub fn parse(text: &[u8]) -> Result<Self> {
        match text {
            b"little" => Ok(Self::Little),
            b"big" => Ok(Self::Big),
            _ => Err(Error::value("byteorder must be either 'little' or 'big'")),
        }
    }
}

impl BigInt {
    /// Two's complement (if `signed`) of exactly `length` bytes. A negative `length` is refused.
    pub fn to_bytes(&self, length: i64, order: ByteOrder, signed: bool) -> Result<Vec<u8>> {
        let Ok(length) = usize::try_from(length) else {
            return Err(Error::value("length argument must be non-negative"));
        };
        if self.is_negative() && !signed {
            return Err(Error::overflow("can't convert negative int to unsigned"));
        }
        let too_big = || Error::overflow("int too big to convert");
        let needed = if signed { self.signed_bits() } else { self.bit_length() };
        if needed > (length as u64).saturating_mul(8) {
            return Err(too_big());
        }
        let mut out = try_vec(length)?;
        for word in self.magnitude() {
            out.extend_from_slice(&word.to_le_bytes()[..(length - out.len()).min(8)]);
        }
        out.resize(length, 0);
        if self.is_negative() {
            let mut carry = true;
            for b in &mut out {
                let (v, c) = (!*b).overflowing_add(u8::from(carry));
                *b = v;
                carry = c;
            }
        }
        if order == ByteOrder::Big {
            out.reverse();
        }
        Ok(out)
    }

    pub fn from_bytes(bytes: &[u8], order: ByteOrder, signed: bool) -> Self {
        let reversed;
        let le = match order {
            ByteOrder::Little => bytes,
            ByteOrder::Big => {
                reversed = bytes.iter().rev().copied().collect::<Vec<u8>>();
                &reversed
            }
        };
        if signed && le.last().is_some_and(|b| b & 0x80 != 0) {
            // -x - 1 is the complement of every byte.
            let inverted: Vec<u8> = le.iter().map(|b| !b).collect();
            return Self(!IBig::from(UBig::from_le_bytes(&inverted)));
        }
        Self(IBig::from(UBig::from_le_bytes(le)))
    }

    /// Bits of the shortest two's complement, 0 for 0.
    fn signed_bits(&self) -> u64 {
        let bits = self.bit_length();
        // A negative power of two is the one magnitude that may use the sign bit.
        let fits = self.is_negative() && self.trailing_zeros() == Some(bits as usize - 1);
        if fits || bits == 0 { bits } else { bits + 1 }
    }

    /// The shortest little-endian two's complement, empty for 0: what pickle's LONG1 stores.
    pub fn to_signed_bytes_le(&self) -> Vec<u8> {
        if self.is_zero() {
            return Vec::new();
        }
        self.to_bytes(self.signed_bits().div_ceil(8) as i64, ByteOrder::Little, true)
            .unwrap_or_default()
    }
}

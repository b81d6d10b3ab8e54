//! Integers to text, and the limit on decimal conversions (CVE-2020-10735 in CPython).

use super::BigInt;
use crate::{Error, Result};

/// Default of `sys.get_int_max_str_digits()`.
pub const DEFAULT_MAX_STR_DIGITS: usize = 4300;
/// The smallest limit that may be set, and the size up to which the limit is not looked at.
pub const MAX_STR_DIGITS_THRESHOLD: usize = 640;

const ADVICE: &str = "use sys.set_int_max_str_digits() to increase the limit";

pub(super) fn limit_error_parse(max: usize, found: usize) -> Error {
    Error::value(format!(
        "Exceeds the limit ({max} digits) for integer string conversion: \
         value has {found} digits; {ADVICE}"
    ))
}

fn limit_error_format(max: usize) -> Error {
    Error::value(format!(
        "Exceeds the limit ({max} digits) for integer string conversion; {ADVICE}"
    ))
}

impl BigInt {
    /// Decimal text. `max_digits` is `sys.get_int_max_str_digits()`, 0 for no limit.
    pub fn to_decimal(&self, max_digits: usize) -> Result<String> {
        if max_digits > 0 {
            // floor((bits - 1) * log10(2)) is at most the digit count less one.
            let at_least = self.bit_length().saturating_sub(1) * 30102 / 100_000;
            if at_least as usize >= max_digits.max(MAX_STR_DIGITS_THRESHOLD) {
                return Err(limit_error_format(max_digits));
            }
        }
        let s = match self.to_i64() {
            Some(v) => v.to_string(),
            None => self.0.to_string(),
        };
        let digits = s.len() - usize::from(self.is_negative());
        if max_digits > 0 && digits > max_digits && digits > MAX_STR_DIGITS_THRESHOLD {
            return Err(limit_error_format(max_digits));
        }
        Ok(s)
    }

    /// Digits of the magnitude in base 2, 8, 10 or 16 (lower case), without sign and prefix.
    pub fn magnitude_digits(&self, base: u32) -> String {
        if let Some(v) = self.to_i128() {
            let v = v.unsigned_abs();
            match base {
                2 => return format!("{v:b}"),
                8 => return format!("{v:o}"),
                16 => return format!("{v:x}"),
                10 => return v.to_string(),
                _ => {}
            }
        }
        let base = base.clamp(2, 36) as u8;
        self.unsigned_abs().in_radix(base).to_string()
    }

    /// `bin`, `oct`, `hex`: the sign, the prefix, the digits.
    pub fn to_prefixed(&self, base: u32) -> String {
        let prefix = match base {
            2 => "0b",
            8 => "0o",
            16 => "0x",
            _ => "",
        };
        let sign = if self.is_negative() { "-" } else { "" };
        format!("{sign}{prefix}{}", self.magnitude_digits(base))
    }
}

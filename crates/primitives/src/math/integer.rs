//! Functions of integers: factorial, comb, perm, logarithms beyond the range of floats.

use crate::int::{BigInt, check_bits};
use crate::{Error, Result};

/// Product of the integers `low..=high`, by halves so that factors stay of equal size.
fn product(low: &BigInt, count: u64) -> Result<BigInt> {
    if count == 0 {
        return Ok(BigInt::ONE);
    }
    if count <= 8 {
        let mut p = low.clone();
        for i in 1..count {
            p = p.mul(&low.add(&BigInt::from(i))?)?;
        }
        return Ok(p);
    }
    let half = count / 2;
    product(low, half)?.mul(&product(&low.add(&BigInt::from(half))?, count - half)?)
}

fn check_product(bits: u64, count: u64) -> Result<()> {
    // Half of the factors have at least one bit less than the largest: a lower bound is enough.
    check_bits(u128::from(bits.saturating_sub(2)) * u128::from(count) / 2)
}

pub fn factorial(n: &BigInt) -> Result<BigInt> {
    if n.is_negative() {
        return Err(Error::value("factorial() not defined for negative values"));
    }
    let Some(n) = n.to_i64() else {
        return Err(Error::overflow("factorial() argument should not exceed 9223372036854775807"));
    };
    let n = n as u64;
    check_product(u64::from(64 - n.leading_zeros()), n)?;
    product(&BigInt::ONE, n)
}

fn check_arguments(n: &BigInt, k: &BigInt) -> Result<()> {
    if n.is_negative() {
        return Err(Error::value("n must be a non-negative integer"));
    }
    if k.is_negative() {
        return Err(Error::value("k must be a non-negative integer"));
    }
    Ok(())
}

/// `math.perm(n, k)`; without `k` it is `factorial`.
pub fn perm(n: &BigInt, k: &BigInt) -> Result<BigInt> {
    check_arguments(n, k)?;
    if n < k {
        return Ok(BigInt::ZERO);
    }
    let Some(count) = k.to_i64() else {
        return Err(Error::overflow("k must not exceed 9223372036854775807"));
    };
    let low = n.sub(k)?.add(&BigInt::ONE)?;
    check_product(low.bit_length(), count as u64)?;
    product(&low, count as u64)
}

pub fn comb(n: &BigInt, k: &BigInt) -> Result<BigInt> {
    check_arguments(n, k)?;
    if n < k {
        return Ok(BigInt::ZERO);
    }
    let other = n.sub(k)?;
    let k = if other < *k { other } else { k.clone() };
    let Some(count) = k.to_i64() else {
        return Err(Error::overflow("min(n - k, k) must not exceed 9223372036854775807"));
    };
    let low = n.sub(&k)?.add(&BigInt::ONE)?;
    check_product(low.bit_length(), count as u64)?;
    product(&low, count as u64)?.div_floor(&product(&BigInt::ONE, count as u64)?)
}

/// A logarithm of any positive integer, by mantissa and exponent where a float is too small.
fn log_with(n: &BigInt, f: fn(f64) -> Result<f64>, of_two: f64) -> Result<f64> {
    if n.signum() <= 0 {
        return Err(Error::value("expected a positive input"));
    }
    match n.to_f64() {
        Ok(x) => f(x),
        Err(_) => {
            let (m, e) = n.frexp();
            Ok(f(m)? + of_two * e as f64)
        }
    }
}

pub fn log_big(n: &BigInt) -> Result<f64> {
    log_with(n, super::log, std::f64::consts::LN_2)
}

pub fn log2_big(n: &BigInt) -> Result<f64> {
    log_with(n, super::log2, 1.0)
}

pub fn log10_big(n: &BigInt) -> Result<f64> {
    log_with(n, super::log10, std::f64::consts::LOG10_2)
}

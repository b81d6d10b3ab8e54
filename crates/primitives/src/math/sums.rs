//! Sums without loss: `fsum`, `sumprod`, `hypot`, `dist`.
//!
//! The accumulators take one value at a time, because the values come from iterators that may run
//! Python, and their state is plain numbers.

use crate::{Error, Result};

/// `math.fsum`: Shewchuk's partials, non-overlapping and increasing in magnitude.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FSum {
    pub partials: Vec<f64>,
    pub special: f64,
    pub infinite: f64,
}

impl FSum {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn add(&mut self, value: f64) -> Result<()> {
        let mut x = value;
        let mut kept = 0;
        for j in 0..self.partials.len() {
            let mut y = self.partials[j];
            if x.abs() < y.abs() {
                (x, y) = (y, x);
            }
            let hi = x + y;
            let lo = y - (hi - x);
            if lo != 0.0 {
                self.partials[kept] = lo;
                kept += 1;
            }
            x = hi;
        }
        self.partials.truncate(kept);
        if x != 0.0 {
            if x.is_finite() {
                self.partials.push(x);
            } else {
                if value.is_finite() {
                    return Err(Error::overflow("intermediate overflow in fsum"));
                }
                if value.is_infinite() {
                    self.infinite += value;
                }
                self.special += value;
                self.partials.clear();
            }
        }
        Ok(())
    }

    pub fn finish(&self) -> Result<f64> {
        if self.special != 0.0 {
            if self.infinite.is_nan() {
                return Err(Error::value("-inf + inf in fsum"));
            }
            return Ok(self.special);
        }
        let mut rest = self.partials.iter().rev().copied();
        let Some(mut hi) = rest.next() else { return Ok(0.0) };
        let mut lo = 0.0;
        for y in rest.by_ref() {
            let x = hi;
            hi = x + y;
            lo = y - (hi - x);
            if lo != 0.0 {
                break;
            }
        }
        // Half-even rounding across partials: a remainder of exactly half goes by the next one.
        if let Some(next) = rest.next()
            && ((lo < 0.0 && next < 0.0) || (lo > 0.0 && next > 0.0))
        {
            let y = lo * 2.0;
            let x = hi + y;
            if y == x - hi {
                hi = x;
            }
        }
        Ok(hi)
    }
}

/// The float stage of `math.sumprod`: products and sums in triple length.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SumProd {
    pub hi: f64,
    pub lo: f64,
    pub tiny: f64,
}

fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let x = a + b;
    let z = x - a;
    (x, (a - (x - z)) + (b - z))
}

impl SumProd {
    /// Adds a product; `false` leaves the sum as it was, because the result is not finite and the
    /// caller has to go on with ordinary arithmetic.
    pub fn add(&mut self, p: f64, q: f64) -> bool {
        let hi = p * q;
        let lo = p.mul_add(q, -hi);
        let (sum, sum_lo) = two_sum(self.hi, hi);
        let (r1, r1_lo) = two_sum(self.lo, lo);
        let (r2, r2_lo) = two_sum(r1, sum_lo);
        if !sum.is_finite() {
            return false;
        }
        *self = Self { hi: sum, lo: r2, tiny: self.tiny + r1_lo + r2_lo };
        true
    }

    pub fn value(&self) -> f64 {
        let (last, rest) = two_sum(self.lo, self.tiny);
        let (total, total_lo) = two_sum(self.hi, last);
        total + (total_lo + rest)
    }
}

/// Euclidean norm, accurate to within one unit in the last place.
pub fn hypot(coordinates: &[f64]) -> f64 {
    let zeros = vec![0.0; coordinates.len()];
    pymath::math::dist(coordinates, &zeros)
}

pub fn dist(p: &[f64], q: &[f64]) -> Result<f64> {
    if p.len() != q.len() {
        return Err(Error::value("both points must have the same number of dimensions"));
    }
    Ok(pymath::math::dist(p, q))
}

//! The functions behind `math` and `cmath` (CPython: Modules/mathmodule.c, cmathmodule.c).
//!
//! Elementary functions come from pymath, which calls the platform's C library as CPython does, so
//! results agree to the last bit; the error messages of 3.14, sums as resumable accumulators, and
//! everything on integers are here.

pub mod cmath;
mod elementary;
mod integer;
mod sums;

pub use elementary::*;
pub use integer::{comb, factorial, log_big, log2_big, log10_big, perm};
pub use sums::{FSum, SumProd, dist, hypot};

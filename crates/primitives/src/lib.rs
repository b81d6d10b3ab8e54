//! The algorithms behind int, float, complex, str and bytes: pure functions over bytes, floats and
//! big integers, without a VM and without Python objects.
//!
//! Everything that can fail returns CPython's exception kind and exact message. Nothing here
//! panics, recurses by input, or allocates an absurd size that a caller asked for.

pub mod bytes;
pub mod codecs;
pub mod complex;
pub mod error;
pub mod float;
pub mod format;
pub mod hash;
pub mod int;
pub mod math;
pub mod memory;
pub mod random;
pub mod regex;
pub mod search;
pub mod structfmt;
pub mod unicode;
pub mod wtf8;

pub use error::{Error, ErrorKind, Result};
pub use int::BigInt;

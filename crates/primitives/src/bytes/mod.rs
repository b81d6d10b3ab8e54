//! Methods of `bytes` and `bytearray` (CPython: Objects/bytes_methods.c, stringlib).
//!
//! Only ASCII letters, digits and whitespace have a meaning here. Searching and splitting by a
//! separator are in `search`, which `wtf8` shares.

mod case;
mod hex;
mod repr;
mod split;

pub use crate::search::{find, repeat, rfind};
pub use crate::wtf8::{HashKey, Side, hash_bytes as hash, remove_prefix, remove_suffix};
pub(crate) use case::is_c_space;
pub use case::{
    capitalize, is_alnum, is_alpha, is_digit, is_lower, is_space, is_title, is_upper, lower,
    swapcase, title, upper,
};
pub use hex::{HexError, fromhex, fromhex_bytes, hex};
pub use repr::{bytearray_repr, repr};
pub use split::{
    center, count, expandtabs, ljust, maketrans, partition, replace, rjust, rpartition, rsplit,
    split, splitlines, strip, strip_chars, translate, zfill,
};

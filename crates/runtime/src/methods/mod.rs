//! Slots and methods of the builtin types, a file each; the rows of `objects::static_types` name the
//! functions that fill them in.

use crate::boot::TypeBuilder;

pub mod array;
pub mod buffer;
pub mod bytearray;
pub mod bytes;
pub mod bytes_new;
pub mod code;
pub mod codec;
pub mod complex;
pub mod containers;
pub mod core;
pub mod deque;
pub mod dicts;
pub mod exceptions;
pub mod float;
pub mod fold;
pub mod frame_locals;
pub mod frames;
pub mod function_attrs;
pub mod functools;
pub mod generators;
pub mod int;
pub mod iterators;
pub mod itertools;
pub mod memoryview;
pub mod misc;
pub mod modules;
pub mod percent;
pub mod range;
pub mod regex;
pub mod search;
pub mod set_algebra;
pub mod sets;
pub mod slice;
pub mod sort;
pub mod str;
pub mod str_format;
pub mod str_search;
pub mod str_translate;
pub mod streams;
pub mod support;
pub mod tasklets;
pub mod type_annotations;
pub mod type_attrs;
pub mod wrapped;

/// For types without slots and methods.
pub(crate) fn plain(_: &mut TypeBuilder<'_>) {}

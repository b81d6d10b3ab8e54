//! `format()` and its relatives (CPython: Python/formatter_unicode.c, stringlib/unicode_format.h).
//!
//! `spec` parses the format-spec mini-language, `number` and `text` render by it, `percent` is
//! the `%` operator, `fields` is the syntax of `str.format`. The last two are parsers that give
//! data: whoever has the objects drives them.

pub mod fields;
mod layout;
mod number;
pub mod percent;
pub mod short;
mod spec;
mod text;

pub use layout::Locale;
pub use number::{format_complex, format_float, format_int};
pub use spec::{Separator, Spec, unknown_code};
pub use text::format_str;

//! The codecs that CPython has in C (Objects/unicodeobject.c, Modules/_codecsmodule.c).
//!
//! A codec never calls an error handler. A step reads from a position until it is done or meets
//! an error; the caller runs the handler (a builtin one from `errors`, or Python code without
//! native recursion), appends its replacement and continues at the position that it returned. A
//! suspended conversion is thus (input, position, output, a small state), which can be pickled.
//!
//! Text is WTF-8; error positions in text are byte offsets, which the caller turns into character
//! indices (`wtf8::count_chars`) when it builds the exception.

mod charmap;
mod errors;
mod escape;
mod raw_escape;
mod simple;
mod unicode_escape;
mod utf16;
mod utf32;
mod utf7;
mod whole;

pub use charmap::{Charmap, CharmapTable, EncodingMap, charmap_decode_step, charmap_encode_step};
pub use errors::{ErrorHandler, Replacement};
pub use escape::{EscapeErrors, Unescaped, escape_decode, escape_encode};
pub use raw_escape::{raw_unicode_escape_decode_step, raw_unicode_escape_encode};
pub use simple::{
    ascii_decode_step, ascii_encode_step, latin1_decode, latin1_encode_step, utf8_decode_step,
    utf8_encode_step,
};
pub use unicode_escape::{UnicodeEscapeDecoder, unicode_escape_encode};
pub use utf7::{Utf7Decoder, utf7_encode};
pub use utf16::{Utf16Decoder, utf16_bom, utf16_encode_step};
pub use utf32::{Utf32Decoder, utf32_bom, utf32_encode_step};
pub use whole::{Codec, DecodeFailure, EncodeFailure, decode, encode, encode_replacement};

/// What a UnicodeDecodeError or UnicodeEncodeError says, apart from encoding and object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodecError {
    pub start: usize,
    pub end: usize,
    pub reason: &'static str,
}

/// Byte order of UTF-16 and UTF-32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    Little,
    Big,
}

impl Order {
    pub const NATIVE: Self = if cfg!(target_endian = "big") { Self::Big } else { Self::Little };
}

pub(crate) fn is_surrogate(cp: u32) -> bool {
    (0xd800..0xe000).contains(&cp)
}

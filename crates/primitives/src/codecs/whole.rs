//! Whole conversions with a builtin error handler, and the names of the codecs built in.

use super::errors::{ErrorHandler, Replacement};
use super::{
    CodecError, Order, UnicodeEscapeDecoder, Utf7Decoder, Utf16Decoder, Utf32Decoder,
    ascii_decode_step, ascii_encode_step, latin1_decode, latin1_encode_step,
    raw_unicode_escape_decode_step, raw_unicode_escape_encode, unicode_escape_encode, utf7_encode,
    utf8_decode_step, utf8_encode_step, utf16_bom, utf16_encode_step, utf32_bom, utf32_encode_step,
};

/// Codecs that need no mapping. For UTF-16 and UTF-32, `None` is the native order with a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    Utf8,
    Latin1,
    Ascii,
    Utf16(Option<Order>),
    Utf32(Option<Order>),
    Utf7,
    UnicodeEscape,
    RawUnicodeEscape,
}

/// A decoding error that the handler did not handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeFailure {
    pub encoding: &'static str,
    pub error: CodecError,
}

/// An encoding error that the handler did not handle; offsets are bytes of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncodeFailure {
    pub encoding: &'static str,
    pub error: CodecError,
}

impl Codec {
    /// Finds a codec under the spellings that need no lookup in the registry: case does not
    /// matter, `-` and `_` and a space are the same.
    pub fn by_name(name: &str) -> Option<Self> {
        if name.len() > 20 {
            return None;
        }
        let mut norm = name.to_ascii_lowercase();
        norm = norm.replace(['_', ' '], "-");
        use Order::{Big, Little};
        Some(match norm.as_str() {
            "utf-8" | "utf8" | "cp65001" => Self::Utf8,
            "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "8859" | "cp819" | "l1" => {
                Self::Latin1
            }
            "ascii" | "us-ascii" | "646" => Self::Ascii,
            "utf-16" | "utf16" => Self::Utf16(None),
            "utf-16-le" | "utf-16le" | "utf16-le" | "utf16le" => Self::Utf16(Some(Little)),
            "utf-16-be" | "utf-16be" | "utf16-be" | "utf16be" => Self::Utf16(Some(Big)),
            "utf-32" | "utf32" => Self::Utf32(None),
            "utf-32-le" | "utf-32le" | "utf32-le" | "utf32le" => Self::Utf32(Some(Little)),
            "utf-32-be" | "utf-32be" | "utf32-be" | "utf32be" => Self::Utf32(Some(Big)),
            "utf-7" | "utf7" => Self::Utf7,
            "unicode-escape" => Self::UnicodeEscape,
            "raw-unicode-escape" => Self::RawUnicodeEscape,
            _ => return None,
        })
    }

    /// The name that errors carry.
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Latin1 => "latin-1",
            Self::Ascii => "ascii",
            Self::Utf16(None) => "utf-16",
            Self::Utf16(Some(Order::Little)) => "utf-16-le",
            Self::Utf16(Some(Order::Big)) => "utf-16-be",
            Self::Utf32(None) => "utf-32",
            Self::Utf32(Some(Order::Little)) => "utf-32-le",
            Self::Utf32(Some(Order::Big)) => "utf-32-be",
            Self::Utf7 => "utf7",
            Self::UnicodeEscape => "unicodeescape",
            Self::RawUnicodeEscape => "rawunicodeescape",
        }
    }

    /// Encodes from `*pos` up to the end or an error. Byte order marks are the caller's.
    pub fn encode_step(
        self,
        text: &[u8],
        pos: &mut usize,
        out: &mut Vec<u8>,
    ) -> Option<CodecError> {
        let all = |pos: &mut usize, out: &mut Vec<u8>, f: fn(&[u8]) -> Vec<u8>| {
            out.extend(f(text.get(*pos..).unwrap_or(&[])));
            *pos = text.len();
            None
        };
        match self {
            Self::Utf8 => utf8_encode_step(text, pos, out),
            Self::Latin1 => latin1_encode_step(text, pos, out),
            Self::Ascii => ascii_encode_step(text, pos, out),
            Self::Utf16(o) => utf16_encode_step(text, pos, o.unwrap_or(Order::NATIVE), out),
            Self::Utf32(o) => utf32_encode_step(text, pos, o.unwrap_or(Order::NATIVE), out),
            Self::Utf7 => all(pos, out, utf7_encode),
            Self::UnicodeEscape => all(pos, out, unicode_escape_encode),
            Self::RawUnicodeEscape => all(pos, out, raw_unicode_escape_encode),
        }
    }

    /// The unit that bytes from an error handler must be a multiple of.
    fn unit(self) -> usize {
        match self {
            Self::Utf16(_) => 2,
            Self::Utf32(_) => 4,
            _ => 1,
        }
    }
}

/// Appends what a handler gave. `false` means that it cannot be encoded itself, and that the
/// original error is raised.
pub fn encode_replacement(codec: Codec, r: &Replacement, out: &mut Vec<u8>) -> bool {
    match r {
        Replacement::Bytes(b) => {
            if !b.len().is_multiple_of(codec.unit()) {
                return false;
            }
            out.extend_from_slice(b);
            true
        }
        Replacement::Text(t) => {
            let multibyte = matches!(codec, Codec::Utf8 | Codec::Utf16(_) | Codec::Utf32(_));
            if multibyte && !t.is_ascii() {
                return false;
            }
            codec.encode_step(t, &mut 0, out).is_none()
        }
    }
}

/// `str.encode` with a builtin handler.
pub fn encode(
    codec: Codec,
    text: &[u8],
    errors: ErrorHandler,
) -> std::result::Result<Vec<u8>, EncodeFailure> {
    let mut out = Vec::with_capacity(text.len());
    match codec {
        Codec::Utf16(None) => utf16_bom(&mut out),
        Codec::Utf32(None) => utf32_bom(&mut out),
        _ => {}
    }
    let mut pos = 0;
    while let Some(mut error) = codec.encode_step(text, &mut pos, &mut out) {
        let bad = &text[error.start..error.end];
        if codec.unit() == 1 {
            let n = errors.escapable_prefix(bad);
            if n > 0 {
                let Some(Replacement::Bytes(b)) = errors.encode(codec.name(), &bad[..n]) else {
                    return Err(EncodeFailure { encoding: codec.name(), error });
                };
                out.extend(b);
                error.start += n;
                pos = error.start;
                if error.start == error.end {
                    continue;
                }
            }
        }
        let fail = EncodeFailure { encoding: codec.name(), error };
        let bad = &text[error.start..error.end];
        let replacement = errors.encode(codec.name(), bad).ok_or(fail)?;
        if !encode_replacement(codec, &replacement, &mut out) {
            return Err(fail);
        }
        pos = error.end;
    }
    Ok(out)
}

/// `bytes.decode` with a builtin handler. Gives the text and how much was consumed, which is less
/// than all only without `last`.
pub fn decode(
    codec: Codec,
    input: &[u8],
    errors: ErrorHandler,
    last: bool,
) -> std::result::Result<(Vec<u8>, usize), DecodeFailure> {
    let mut out = Vec::new();
    let mut pos = 0;
    let mut utf16 = Utf16Decoder::new(if let Codec::Utf16(o) = codec { o } else { None });
    let mut utf32 = Utf32Decoder::new(if let Codec::Utf32(o) = codec { o } else { None });
    let mut utf7 = Utf7Decoder::new();
    let mut escape = UnicodeEscapeDecoder::new();
    loop {
        let (p, o) = (&mut pos, &mut out);
        let error = match codec {
            Codec::Utf8 => utf8_decode_step(input, p, last, o),
            Codec::Latin1 => return Ok((latin1_decode(input), input.len())),
            Codec::Ascii => ascii_decode_step(input, p, o),
            Codec::Utf16(_) => utf16.step(input, p, last, o),
            Codec::Utf32(_) => utf32.step(input, p, last, o),
            Codec::Utf7 => utf7.step(input, p, last, o),
            Codec::UnicodeEscape => escape.step(input, p, last, o),
            Codec::RawUnicodeEscape => raw_unicode_escape_decode_step(input, p, last, o),
        };
        let Some(error) = error else { return Ok((out, pos)) };
        let encoding = match codec {
            Codec::Utf16(_) => utf16.encoding(),
            Codec::Utf32(_) => utf32.encoding(),
            _ => codec.name(),
        };
        match errors.decode(encoding, input, &error, &mut out) {
            Some(next) => pos = next,
            None => return Err(DecodeFailure { encoding, error }),
        }
    }
}

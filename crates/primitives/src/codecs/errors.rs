//! The builtin error handlers (CPython: Python/codecs.c).

use super::{Codec, CodecError, Order, is_surrogate};
use crate::unicode;
use crate::wtf8::{char_indices, chars, push, push_escape};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ErrorHandler {
    #[default]
    Strict,
    Ignore,
    Replace,
    BackslashReplace,
    XmlCharRefReplace,
    NameReplace,
    SurrogateEscape,
    SurrogatePass,
}

/// What a handler gives an encoder: text, which is encoded in turn, or bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replacement {
    Text(Vec<u8>),
    Bytes(Vec<u8>),
}

impl ErrorHandler {
    /// The builtin handler of that name; any other is the registry's affair.
    pub fn by_name(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"strict" => Self::Strict,
            b"ignore" => Self::Ignore,
            b"replace" => Self::Replace,
            b"backslashreplace" => Self::BackslashReplace,
            b"xmlcharrefreplace" => Self::XmlCharRefReplace,
            b"namereplace" => Self::NameReplace,
            b"surrogateescape" => Self::SurrogateEscape,
            b"surrogatepass" => Self::SurrogatePass,
            _ => return None,
        })
    }

    /// Handles a decoding error: appends text and returns where to go on. `None` means that the
    /// error is raised. `encoding` matters to `surrogatepass` only.
    pub fn decode(
        self,
        encoding: &str,
        input: &[u8],
        e: &CodecError,
        out: &mut Vec<u8>,
    ) -> Option<usize> {
        let end = e.end.min(input.len());
        let bad = input.get(e.start..end).unwrap_or(&[]);
        match self {
            Self::Ignore => Some(end),
            Self::Replace => {
                push(out, 0xfffd);
                Some(end)
            }
            Self::BackslashReplace => {
                bad.iter().for_each(|&b| push_escape(out, u32::from(b)));
                Some(end)
            }
            Self::SurrogateEscape => {
                let n = bad.iter().take(4).take_while(|&&b| b >= 0x80).count();
                bad[..n].iter().for_each(|&b| push(out, 0xdc00 + u32::from(b)));
                (n > 0).then_some(e.start + n)
            }
            Self::SurrogatePass => {
                let tail = input.get(e.start..)?;
                let (cp, n) = Wire::of(encoding)?.read(tail)?;
                if !is_surrogate(cp) {
                    return None;
                }
                push(out, cp);
                Some(e.start + n)
            }
            Self::Strict | Self::XmlCharRefReplace | Self::NameReplace => None,
        }
    }

    /// Handles an encoding error over the text `bad`; encoding goes on after it. `None` means that
    /// the error is raised.
    pub fn encode(self, encoding: &str, bad: &[u8]) -> Option<Replacement> {
        let text = |f: &dyn Fn(&mut Vec<u8>, u32)| {
            let mut out = Vec::new();
            chars(bad).for_each(|c| f(&mut out, c));
            Some(Replacement::Text(out))
        };
        match self {
            Self::Strict => None,
            Self::Ignore => Some(Replacement::Text(Vec::new())),
            Self::Replace => text(&|out, _| out.push(b'?')),
            Self::BackslashReplace => text(&|out, c| push_escape(out, c)),
            Self::XmlCharRefReplace => {
                text(&|out, c| out.extend_from_slice(format!("&#{c};").as_bytes()))
            }
            Self::NameReplace => text(&|out, c| match unicode::name(c) {
                Some(name) => out.extend_from_slice(format!("\\N{{{name}}}").as_bytes()),
                None => push_escape(out, c),
            }),
            Self::SurrogateEscape => {
                let mut out = Vec::new();
                for c in chars(bad) {
                    if !(0xdc80..0xdd00).contains(&c) {
                        return None;
                    }
                    out.push((c - 0xdc00) as u8);
                }
                Some(Replacement::Bytes(out))
            }
            Self::SurrogatePass => {
                let wire = Wire::of(encoding)?;
                let mut out = Vec::new();
                for c in chars(bad) {
                    if !is_surrogate(c) {
                        return None;
                    }
                    wire.write(&mut out, c);
                }
                Some(Replacement::Bytes(out))
            }
        }
    }

    /// The longest prefix of `bad` that `surrogateescape` takes: encoders report an error from
    /// the first character that it does not.
    pub(super) fn escapable_prefix(self, bad: &[u8]) -> usize {
        if self != Self::SurrogateEscape {
            return 0;
        }
        char_indices(bad).find(|(_, c)| !(0xdc80..0xdd00).contains(c)).map_or(bad.len(), |p| p.0)
    }
}

/// How a surrogate looks in an encoding that `surrogatepass` knows.
#[derive(Clone, Copy)]
enum Wire {
    Utf8,
    Utf16(Order),
    Utf32(Order),
}

impl Wire {
    fn of(encoding: &str) -> Option<Self> {
        Some(match Codec::by_name(encoding)? {
            Codec::Utf8 => Self::Utf8,
            Codec::Utf16(o) => Self::Utf16(o.unwrap_or(Order::NATIVE)),
            Codec::Utf32(o) => Self::Utf32(o.unwrap_or(Order::NATIVE)),
            _ => return None,
        })
    }

    fn read(self, b: &[u8]) -> Option<(u32, usize)> {
        match (self, b) {
            (Self::Utf8, &[0xed, b @ 0xa0..=0xbf, c @ 0x80..=0xbf, ..]) => {
                Some((0xd000 | (u32::from(b) & 0x3f) << 6 | u32::from(c) & 0x3f, 3))
            }
            (Self::Utf16(o), &[a, b, ..]) => Some((super::utf16::unit(o, [a, b]), 2)),
            (Self::Utf32(o), &[a, b, c, d, ..]) => Some((super::utf32::unit(o, [a, b, c, d]), 4)),
            _ => None,
        }
    }

    fn write(self, out: &mut Vec<u8>, c: u32) {
        match self {
            Self::Utf8 => push(out, c),
            Self::Utf16(o) => super::utf16::put(out, o, c as u16),
            Self::Utf32(o) => super::utf32::put(out, o, c),
        }
    }
}

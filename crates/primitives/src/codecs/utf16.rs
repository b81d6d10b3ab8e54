//! UTF-16

use super::{CodecError, Order, is_surrogate};
use crate::wtf8::{decode_at, push};

pub(super) fn unit(order: Order, b: [u8; 2]) -> u32 {
    u32::from(match order {
        Order::Little => u16::from_le_bytes(b),
        Order::Big => u16::from_be_bytes(b),
    })
}

pub(super) fn put(out: &mut Vec<u8>, order: Order, unit: u16) {
    out.extend_from_slice(&match order {
        Order::Little => unit.to_le_bytes(),
        Order::Big => unit.to_be_bytes(),
    });
}

/// The byte order mark that `utf-16` puts first.
pub fn utf16_bom(out: &mut Vec<u8>) {
    put(out, Order::NATIVE, 0xfeff);
}

/// Decoder state: the order, once it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Utf16Decoder {
    pub order: Option<Order>,
    /// Whether a byte order mark may still come.
    pub at_start: bool,
}

impl Utf16Decoder {
    /// `None` looks for a byte order mark and takes the native order if there is none.
    pub fn new(order: Option<Order>) -> Self {
        Self { order, at_start: order.is_none() }
    }

    /// The encoding that errors name.
    pub fn encoding(&self) -> &'static str {
        match self.order {
            Some(Order::Big) => "utf-16-be",
            _ => "utf-16-le",
        }
    }

    pub fn step(
        &mut self,
        input: &[u8],
        pos: &mut usize,
        last: bool,
        out: &mut Vec<u8>,
    ) -> Option<CodecError> {
        if self.at_start && input.len() >= *pos + 2 {
            self.at_start = false;
            let mark = match input[*pos..] {
                [0xff, 0xfe, ..] => Some(Order::Little),
                [0xfe, 0xff, ..] => Some(Order::Big),
                _ => None,
            };
            if mark.is_some() {
                self.order = mark;
                *pos += 2;
            }
        }
        let order = self.order.unwrap_or(Order::NATIVE);
        loop {
            let start = *pos;
            let error = |end, reason| Some(CodecError { start, end, reason });
            let rest = input.get(start..).unwrap_or(&[]);
            let &[a, b, ref tail @ ..] = rest else {
                if rest.is_empty() || !last {
                    return None;
                }
                return error(input.len(), "truncated data");
            };
            let first = unit(order, [a, b]);
            if !is_surrogate(first) {
                push(out, first);
                *pos += 2;
                continue;
            }
            if first >= 0xdc00 {
                return error(start + 2, "illegal encoding");
            }
            let &[a, b, ..] = tail else {
                return if last { error(input.len(), "unexpected end of data") } else { None };
            };
            let second = unit(order, [a, b]);
            if !(0xdc00..0xe000).contains(&second) {
                return error(start + 2, "illegal UTF-16 surrogate");
            }
            push(out, 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00));
            *pos += 4;
        }
    }
}

/// Encodes from `*pos`, stopping at a surrogate. The mark is the caller's.
pub fn utf16_encode_step(
    text: &[u8],
    pos: &mut usize,
    order: Order,
    out: &mut Vec<u8>,
) -> Option<CodecError> {
    while let Some((c, n)) = decode_at(text, *pos) {
        if is_surrogate(c) {
            let reason = "surrogates not allowed";
            return Some(CodecError { start: *pos, end: *pos + n, reason });
        }
        if c < 0x1_0000 {
            put(out, order, c as u16);
        } else {
            put(out, order, (0xd800 + ((c - 0x1_0000) >> 10)) as u16);
            put(out, order, (0xdc00 + (c & 0x3ff)) as u16);
        }
        *pos += n;
    }
    None
}

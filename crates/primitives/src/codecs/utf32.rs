//! UTF-32

use super::{CodecError, Order, is_surrogate};
use crate::wtf8::{decode_at, push};

pub(super) fn unit(order: Order, b: [u8; 4]) -> u32 {
    match order {
        Order::Little => u32::from_le_bytes(b),
        Order::Big => u32::from_be_bytes(b),
    }
}

pub(super) fn put(out: &mut Vec<u8>, order: Order, unit: u32) {
    out.extend_from_slice(&match order {
        Order::Little => unit.to_le_bytes(),
        Order::Big => unit.to_be_bytes(),
    });
}

/// The byte order mark that `utf-32` puts first.
pub fn utf32_bom(out: &mut Vec<u8>) {
    put(out, Order::NATIVE, 0xfeff);
}

/// Decoder state: the order, once it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Utf32Decoder {
    pub order: Option<Order>,
    /// Whether a byte order mark may still come.
    pub at_start: bool,
}

impl Utf32Decoder {
    /// `None` looks for a byte order mark and takes the native order if there is none.
    pub fn new(order: Option<Order>) -> Self {
        Self { order, at_start: order.is_none() }
    }

    /// The encoding that errors name.
    pub fn encoding(&self) -> &'static str {
        match self.order {
            Some(Order::Big) => "utf-32-be",
            _ => "utf-32-le",
        }
    }

    pub fn step(
        &mut self,
        input: &[u8],
        pos: &mut usize,
        last: bool,
        out: &mut Vec<u8>,
    ) -> Option<CodecError> {
        if self.at_start && input.len() >= *pos + 4 {
            self.at_start = false;
            let mark = match input[*pos..] {
                [0xff, 0xfe, 0, 0, ..] => Some(Order::Little),
                [0, 0, 0xfe, 0xff, ..] => Some(Order::Big),
                _ => None,
            };
            if mark.is_some() {
                self.order = mark;
                *pos += 4;
            }
        }
        let order = self.order.unwrap_or(Order::NATIVE);
        loop {
            let start = *pos;
            let error = |end, reason| Some(CodecError { start, end, reason });
            let rest = input.get(start..).unwrap_or(&[]);
            let &[a, b, c, d, ..] = rest else {
                if rest.is_empty() || !last {
                    return None;
                }
                return error(input.len(), "truncated data");
            };
            let cp = unit(order, [a, b, c, d]);
            if is_surrogate(cp) {
                return error(
                    start + 4,
                    "code point in surrogate code point range(0xd800, 0xe000)",
                );
            }
            if cp >= 0x11_0000 {
                return error(start + 4, "code point not in range(0x110000)");
            }
            push(out, cp);
            *pos += 4;
        }
    }
}

/// Encodes from `*pos`, stopping at a surrogate. The mark is the caller's.
pub fn utf32_encode_step(
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
        put(out, order, c);
        *pos += n;
    }
    None
}

//! The `struct` module: parsed formats, packing and unpacking of single values (CPython:
//! Modules/_struct.c).
//!
//! The caller converts objects (which may run `__index__`, `__bool__`, `__float__`) and hands over
//! plain values. `memoryview` and `array` use the same codes in native mode.

use crate::float::{pack_f32, pack_half, unpack_half};
use crate::int::{BigInt, ByteOrder};
use crate::{Error, Result};

/// One code of a format with its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    pub code: u8,
    pub offset: usize,
    /// Bytes of one value; for `s` and `p` the length of the string.
    pub size: usize,
    /// How many values; 1 for `s` and `p`. Pad bytes are not listed.
    pub count: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    pub items: Vec<Item>,
    pub size: usize,
    /// Number of Python values.
    pub values: usize,
    pub order: ByteOrder,
    /// Native sizes and alignment (`@`, which is the default).
    pub native: bool,
}

/// What a code stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Pad,
    Char,
    Signed,
    Unsigned,
    Pointer,
    Bool,
    Float,
    Complex,
    Bytes,
    Pascal,
}

/// Kind, size and alignment of a code; `None` if it does not exist in the mode.
pub fn code_info(code: u8, native: bool) -> Option<(Kind, usize, usize)> {
    let long = if native { 8 } else { 4 };
    let (kind, size) = match code {
        b'x' => (Kind::Pad, 1),
        b'c' => (Kind::Char, 1),
        b'b' => (Kind::Signed, 1),
        b'B' => (Kind::Unsigned, 1),
        b'?' => (Kind::Bool, 1),
        b'h' => (Kind::Signed, 2),
        b'H' => (Kind::Unsigned, 2),
        b'i' => (Kind::Signed, 4),
        b'I' => (Kind::Unsigned, 4),
        b'l' => (Kind::Signed, long),
        b'L' => (Kind::Unsigned, long),
        b'q' => (Kind::Signed, 8),
        b'Q' => (Kind::Unsigned, 8),
        b'n' if native => (Kind::Signed, 8),
        b'N' if native => (Kind::Unsigned, 8),
        b'P' if native => (Kind::Pointer, 8),
        b'e' => (Kind::Float, 2),
        b'f' => (Kind::Float, 4),
        b'd' => (Kind::Float, 8),
        b'F' => (Kind::Complex, 8),
        b'D' => (Kind::Complex, 16),
        b's' => (Kind::Bytes, 1),
        b'p' => (Kind::Pascal, 1),
        _ => return None,
    };
    let align = match kind {
        _ if !native => 1,
        Kind::Complex => size / 2,
        _ => size,
    };
    Some((kind, size, align))
}

impl Layout {
    pub fn parse(format: &[u8]) -> Result<Self> {
        if format.contains(&0) {
            return Err(Error::struct_error("embedded null character"));
        }
        let too_long = || Error::struct_error("total struct size too long");
        let (order, native, body) = match format {
            [b'@', rest @ ..] => (ByteOrder::NATIVE, true, rest),
            [b'=', rest @ ..] => (ByteOrder::NATIVE, false, rest),
            [b'<', rest @ ..] => (ByteOrder::Little, false, rest),
            [b'>' | b'!', rest @ ..] => (ByteOrder::Big, false, rest),
            _ => (ByteOrder::NATIVE, true, format),
        };
        let mut layout = Self { items: Vec::new(), size: 0, values: 0, order, native };
        let mut i = 0;
        while let Some(&b) = body.get(i) {
            i += 1;
            if crate::bytes::is_c_space(b) {
                continue;
            }
            let (mut code, mut count) = (b, 1usize);
            if b.is_ascii_digit() {
                count = usize::from(b - b'0');
                loop {
                    let Some(&b) = body.get(i) else {
                        return Err(Error::struct_error(
                            "repeat count given without format specifier",
                        ));
                    };
                    i += 1;
                    if !b.is_ascii_digit() {
                        code = b;
                        break;
                    }
                    count = count
                        .checked_mul(10)
                        .and_then(|c| c.checked_add(usize::from(b - b'0')))
                        .filter(|&c| c <= isize::MAX as usize)
                        .ok_or_else(too_long)?;
                }
            }
            let Some((kind, size, align)) = code_info(code, native) else {
                return Err(Error::struct_error("bad char in struct format"));
            };
            let offset = layout.size.checked_next_multiple_of(align).ok_or_else(too_long)?;
            let total = count.checked_mul(size).and_then(|n| n.checked_add(offset));
            layout.size = total.filter(|&n| n <= isize::MAX as usize).ok_or_else(too_long)?;
            match kind {
                Kind::Pad => {}
                Kind::Bytes | Kind::Pascal => {
                    layout.items.push(Item { code, offset, size: count, count: 1 });
                    layout.values += 1;
                }
                _ if count == 0 => {}
                _ => {
                    layout.items.push(Item { code, offset, size, count });
                    layout.values += count;
                }
            }
        }
        Ok(layout)
    }

    /// Each value's code, offset and size, in order.
    pub fn slots(&self) -> impl Iterator<Item = (u8, usize, usize)> + '_ {
        self.items
            .iter()
            .flat_map(|it| (0..it.count).map(move |k| (it.code, it.offset + k * it.size, it.size)))
    }
}

fn put(out: &mut [u8], order: ByteOrder, little: &[u8]) {
    for (i, b) in little.iter().enumerate().take(out.len()) {
        let at = if order == ByteOrder::Little { i } else { out.len() - 1 - i };
        out[at] = *b;
    }
}

fn get(bytes: &[u8], order: ByteOrder) -> [u8; 8] {
    let mut le = [0u8; 8];
    for (i, b) in bytes.iter().enumerate().take(8) {
        le[if order == ByteOrder::Little { i } else { bytes.len().min(8) - 1 - i }] = *b;
    }
    le
}

/// Writes an integer into `out`, which has the size of the code.
pub fn pack_int(code: u8, order: ByteOrder, value: &BigInt, out: &mut [u8]) -> Result<()> {
    let bits = 8 * out.len().min(8) as u32;
    if code == b'P' {
        let Some(v) = value.to_i64().map(|v| v as u64).or_else(|| value.to_u64()) else {
            return Err(Error::struct_error("int too large to convert"));
        };
        put(out, order, &v.to_le_bytes());
        return Ok(());
    }
    let unsigned = code.is_ascii_uppercase();
    let (low, high) = if unsigned {
        (0i128, (1i128 << bits) - 1)
    } else {
        (-(1i128 << (bits - 1)), (1i128 << (bits - 1)) - 1)
    };
    match value.to_i128().filter(|v| (low..=high).contains(v)) {
        Some(v) => {
            put(out, order, &(v as u64).to_le_bytes());
            Ok(())
        }
        None => Err(Error::struct_error(format!(
            "'{}' format requires {low} <= number <= {high}",
            code as char
        ))),
    }
}

/// Writes a float into `out`: `e`, `f` or `d`.
pub fn pack_float(code: u8, order: ByteOrder, value: f64, out: &mut [u8]) -> Result<()> {
    match code {
        b'e' => put(out, order, &pack_half(value)?.to_le_bytes()),
        b'f' => put(out, order, &pack_f32(value)?.to_le_bytes()),
        _ => put(out, order, &value.to_le_bytes()),
    }
    Ok(())
}

/// Writes a complex number into `out`: `F` or `D`. In native order, parts that are too large
/// become infinite, and in the other order they are errors: CPython has two implementations.
pub fn pack_complex(code: u8, order: ByteOrder, re: f64, im: f64, out: &mut [u8]) -> Result<()> {
    let (a, b) = out.split_at_mut(out.len() / 2);
    for (part, v) in [(a, re), (b, im)] {
        match code {
            b'F' if order == ByteOrder::NATIVE => put(part, order, &(v as f32).to_le_bytes()),
            b'F' => put(part, order, &pack_f32(v)?.to_le_bytes()),
            _ => put(part, order, &v.to_le_bytes()),
        }
    }
    Ok(())
}

/// Writes bytes into `out`: `s` cuts or pads with zeros, `p` stores a length first.
pub fn pack_bytes(code: u8, value: &[u8], out: &mut [u8]) {
    out.fill(0);
    if code == b'p' {
        let Some((len, body)) = out.split_first_mut() else { return };
        let n = value.len().min(body.len());
        body[..n].copy_from_slice(&value[..n]);
        *len = n.min(255) as u8;
    } else {
        let n = value.len().min(out.len());
        out[..n].copy_from_slice(&value[..n]);
    }
}

/// An unpacked integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Integer {
    Signed(i64),
    Unsigned(u64),
}

/// Reads an integer of a code that is one.
pub fn unpack_int(code: u8, order: ByteOrder, bytes: &[u8]) -> Integer {
    let raw = u64::from_le_bytes(get(bytes, order));
    if code.is_ascii_uppercase() {
        return Integer::Unsigned(raw);
    }
    let shift = 64 - 8 * bytes.len().clamp(1, 8) as u32;
    Integer::Signed((raw << shift) as i64 >> shift)
}

pub fn unpack_float(code: u8, order: ByteOrder, bytes: &[u8]) -> f64 {
    let raw = u64::from_le_bytes(get(bytes, order));
    match code {
        b'e' => unpack_half(raw as u16),
        b'f' => f64::from(f32::from_bits(raw as u32)),
        _ => f64::from_bits(raw),
    }
}

pub fn unpack_complex(code: u8, order: ByteOrder, bytes: &[u8]) -> (f64, f64) {
    let (a, b) = bytes.split_at(bytes.len() / 2);
    let code = if code == b'F' { b'f' } else { b'd' };
    (unpack_float(code, order, a), unpack_float(code, order, b))
}

/// The bytes of an `s` or `p` item.
pub fn unpack_bytes(code: u8, bytes: &[u8]) -> &[u8] {
    match (code, bytes) {
        (b'p', []) => bytes,
        (b'p', [len, body @ ..]) => &body[..usize::from(*len).min(body.len())],
        _ => bytes,
    }
}

/// Any byte but 0 is true.
pub fn unpack_bool(bytes: &[u8]) -> bool {
    bytes.iter().any(|&b| b != 0)
}

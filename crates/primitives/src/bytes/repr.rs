//! `repr` of bytes and bytearray.

/// `b'...'`; double quotes if the bytes have single ones and no double ones.
pub fn repr(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 3);
    out.push(b'b');
    quoted_into(&mut out, bytes, false);
    out
}

/// `bytearray(b'...')`, with the name of the class, which a subclass changes.
pub fn bytearray_repr(bytes: &[u8], class: &[u8]) -> Vec<u8> {
    let mut out = class.to_vec();
    out.push(b'(');
    out.push(b'b');
    quoted_into(&mut out, bytes, true);
    out.push(b')');
    out
}

/// With `single`, single quotes are escaped whatever stands around the bytes.
fn quoted_into(out: &mut Vec<u8>, bytes: &[u8], single: bool) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let double = memchr::memchr(b'\'', bytes).is_some() && memchr::memchr(b'"', bytes).is_none();
    let quote = if double { b'"' } else { b'\'' };
    out.push(quote);
    for &b in bytes {
        match b {
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\\' => out.extend_from_slice(b"\\\\"),
            _ if b == quote || single && b == b'\'' => out.extend_from_slice(&[b'\\', b]),
            0x20..0x7f => out.push(b),
            _ => {
                let (hi, lo) = (HEX[(b >> 4) as usize], HEX[(b & 15) as usize]);
                out.extend_from_slice(&[b'\\', b'x', hi, lo]);
            }
        }
    }
    out.push(quote);
}

//! `_binascii_native`: hex, base64 and checksums over bytes. The rest is Python.
//! CPython's counterpart: `Modules/binascii.c`.

use stackless_runtime::native::{Def, def};
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::{PyResult, Ref, Value, Vm};

use crate::Native;
use crate::support::{data, int_or};

pub const MODULE: Native = Native { name: "_binascii_native", defs: DEFS, fill };

fn fill(_: &mut Vm, _: &Ref<Dict>) -> PyResult<()> {
    Ok(())
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Values of the base64 characters, 255 for all others.
const fn reverse() -> [u8; 256] {
    let mut t = [255u8; 256];
    let mut i = 0;
    while i < 64 {
        t[ALPHABET[i] as usize] = i as u8;
        i += 1;
    }
    t
}
static REVERSE: [u8; 256] = reverse();

fn base64(input: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(input.len().div_ceil(3) * 4);
    for c in input.chunks(3) {
        let n = (c[0] as u32) << 16
            | (*c.get(1).unwrap_or(&0) as u32) << 8
            | *c.get(2).unwrap_or(&0) as u32;
        for i in 0..4 {
            if i > c.len() {
                out.push(b'=');
            } else {
                out.push(ALPHABET[(n >> (18 - 6 * i) & 63) as usize]);
            }
        }
    }
    out
}

/// Outside strict mode padding in the middle is skipped, and only the end of the input decides.
fn from_base64(input: &[u8], strict: bool) -> Result<Vec<u8>, String> {
    let mut out = Vec::with_capacity(input.len() / 4 * 3);
    // Characters of the unfinished group of four, and the padding seen since the last of them.
    let (mut bits, mut count, mut pads, mut total) = (0u32, 0, 0, 0usize);
    let one_too_many = |n: usize| {
        format!(
            "Invalid base64-encoded string: number of data characters ({n}) cannot be 1 more than a multiple of 4"
        )
    };
    for (i, &c) in input.iter().enumerate() {
        if c == b'=' {
            if count >= 2 {
                pads += 1;
            }
            if strict {
                match count {
                    0 if i == 0 => return Err("Leading padding not allowed".into()),
                    1 => return Err(one_too_many(total)),
                    n if n == 0 || n + pads > 4 => return Err("Excess padding not allowed".into()),
                    _ => {}
                }
            }
            continue;
        }
        let v = REVERSE[c as usize];
        if v == 255 {
            if strict {
                return Err("Only base64 data is allowed".into());
            }
            continue;
        }
        if pads > 0 && strict {
            let text = if count + pads >= 4 {
                "Excess data after padding"
            } else {
                "Discontinuous padding not allowed"
            };
            return Err(text.into());
        }
        pads = 0;
        bits = bits << 6 | v as u32;
        count += 1;
        total += 1;
        match count {
            2 => out.push((bits >> 4) as u8),
            3 => out.push((bits >> 2) as u8),
            4 => {
                out.push(bits as u8);
                bits = 0;
                count = 0;
            }
            _ => {}
        }
    }
    if count == 1 {
        return Err(one_too_many(total));
    }
    if count != 0 && count + pads < 4 {
        return Err("Incorrect padding".into());
    }
    Ok(out)
}

fn ascii(vm: &mut Vm, v: &Value) -> PyResult<Vec<u8>> {
    match v.as_wtf8() {
        Some(t) if t.is_ascii() => Ok(t.to_vec()),
        Some(_) => Err(vm.value_error("string argument should contain only ASCII characters")),
        None => data(vm, v),
    }
}

const DEFS: &[Def] = &[
    def!("b2a_base64", "(data, /, *, newline=True)", |vm, a| {
        let mut out = base64(&data(vm, &a[0])?);
        if crate::support::flag(&a[1], true) {
            out.push(b'\n');
        }
        Ok(vm.bytes(&out).into())
    }),
    def!("a2b_base64", "(data, /, *, strict_mode=False)", |vm, a| {
        let input = ascii(vm, &a[0])?;
        match from_base64(&input, crate::support::flag(&a[1], false)) {
            Ok(out) => Ok(vm.bytes(&out).into()),
            Err(text) => Err(vm.value_error(text)),
        }
    }),
    def!("unhexlify", "(hexstr, /)", |vm, hexstr| {
        let input = ascii(vm, hexstr)?;
        if input.len() % 2 != 0 {
            return Err(vm.value_error("Odd-length string"));
        }
        let mut out = Vec::with_capacity(input.len() / 2);
        for p in input.chunks_exact(2) {
            match ((p[0] as char).to_digit(16), (p[1] as char).to_digit(16)) {
                (Some(h), Some(l)) => out.push((h << 4 | l) as u8),
                _ => return Err(vm.value_error("Non-hexadecimal digit found")),
            }
        }
        Ok(vm.bytes(&out).into())
    }),
    def!("crc32", "(data: buffer, crc: index=0, /)", |vm, data_, crc| {
        let input = data(vm, data_)?;
        // The lowest 32 bits, in two's complement.
        let start = crc.and_then(Value::as_big).map_or(0, |n| n.to_u64_wrapping() as u32);
        Ok(vm.int(zlib_rs::crc32::crc32(start, &input) as i64).into())
    }),
    def!("crc_hqx", "(data: buffer, crc: index, /)", |vm, a| {
        let input = data(vm, &a[0])?;
        let mut crc = int_or(&a[1], 0) as u16;
        for b in input {
            crc ^= (b as u16) << 8;
            for _ in 0..8 {
                crc = if crc & 0x8000 != 0 { crc << 1 ^ 0x1021 } else { crc << 1 };
            }
        }
        Ok(vm.int(crc as i64).into())
    }),
];

//! center, ljust, rjust, zfill, expandtabs. Lengths are in characters.

use super::{count_chars, encode};
use crate::error::{check_size, try_vec};
use crate::{Error, Result};

/// Puts `left` and `right` copies of `fill` around the text.
pub(crate) fn pad(text: &[u8], left: usize, right: usize, fill: u32) -> Result<Vec<u8>> {
    let (buf, len) = encode(fill);
    let fill = &buf[..len];
    let size = left
        .checked_add(right)
        .and_then(|n| n.checked_mul(len))
        .and_then(|n| n.checked_add(text.len()));
    let mut out = try_vec(check_size(size)?)?;
    let put = |out: &mut Vec<u8>, n: usize| match fill {
        [b] => out.resize(out.len() + n, *b),
        _ => (0..n).for_each(|_| out.extend_from_slice(fill)),
    };
    put(&mut out, left);
    out.extend_from_slice(text);
    put(&mut out, right);
    Ok(out)
}

fn missing(text: &[u8], width: i64) -> usize {
    usize::try_from(width).unwrap_or(0).saturating_sub(count_chars(text))
}

pub fn ljust(text: &[u8], width: i64, fill: u32) -> Result<Vec<u8>> {
    pad(text, 0, missing(text, width), fill)
}

pub fn rjust(text: &[u8], width: i64, fill: u32) -> Result<Vec<u8>> {
    pad(text, missing(text, width), 0, fill)
}

/// The odd character goes left when the width is odd.
pub fn center(text: &[u8], width: i64, fill: u32) -> Result<Vec<u8>> {
    let n = missing(text, width);
    let left = n / 2 + (n & width as usize & 1);
    pad(text, left, n - left, fill)
}

/// Zeros after the sign, if there is one.
pub fn zfill(text: &[u8], width: i64) -> Result<Vec<u8>> {
    let n = missing(text, width);
    let mut out = pad(text, n, 0, u32::from(b'0'))?;
    if n > 0
        && let Some(&sign @ (b'+' | b'-')) = text.first()
    {
        out[0] = sign;
        out[n] = b'0';
    }
    Ok(out)
}

/// Replaces tabs by spaces up to the next multiple of `tabsize`; columns restart at line ends.
pub fn expandtabs(text: &[u8], tabsize: i64) -> Result<Vec<u8>> {
    expand(text, tabsize, |b| b & 0xc0 != 0x80)
}

/// `bytes.expandtabs`: every byte is a column.
pub(crate) fn expand_bytes(bytes: &[u8], tabsize: i64) -> Result<Vec<u8>> {
    expand(bytes, tabsize, |_| true)
}

/// `counts` says which bytes move the column on.
fn expand(text: &[u8], tabsize: i64, counts: impl Fn(u8) -> bool) -> Result<Vec<u8>> {
    let too_long = || Error::overflow("result is too long");
    let tab = usize::try_from(tabsize).unwrap_or(0);
    let mut out = try_vec(text.len())?;
    let mut column = 0usize;
    for &b in text {
        match b {
            b'\t' => {
                if tab > 0 {
                    let n = tab - column % tab;
                    let size = out.len().checked_add(n).ok_or_else(too_long)?;
                    check_size(Some(size))?;
                    crate::memory::attempt(|| out.try_reserve(n)).map_err(|_| Error::memory())?;
                    out.resize(size, b' ');
                    column = column.checked_add(n).ok_or_else(too_long)?;
                }
            }
            b'\n' | b'\r' => {
                out.push(b);
                column = 0;
            }
            _ => {
                out.push(b);
                column += usize::from(counts(b));
            }
        }
    }
    Ok(out)
}

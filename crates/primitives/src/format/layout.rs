//! Laying out a number: sign, prefix, grouped digits, fraction, padding.

use super::spec::{Separator, Spec};
use crate::Result;
use crate::error::{check_size, try_vec};
use crate::wtf8::encode;

/// What the `n` presentation takes from the locale (`localeconv`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locale {
    pub decimal_point: Vec<u8>,
    pub thousands_sep: Vec<u8>,
    /// Group sizes from the right; the last one repeats unless 127 (CHAR_MAX) ends the grouping.
    pub grouping: Vec<u8>,
}

impl Default for Locale {
    /// The C locale.
    fn default() -> Self {
        Self { decimal_point: b".".to_vec(), thousands_sep: Vec::new(), grouping: Vec::new() }
    }
}

/// A number taken apart, ready for [`layout`].
#[derive(Default)]
pub(super) struct Parts<'a> {
    pub negative: bool,
    pub prefix: &'a str,
    /// Integer digits; empty for inf, nan and characters.
    pub digits: &'a [u8],
    pub point: bool,
    pub fraction: &'a [u8],
    /// Exponent, percent sign, or all of inf, nan, a character.
    pub rest: &'a [u8],
}

impl<'a> Parts<'a> {
    /// Takes apart what `double_to_string` produced.
    pub fn of_float(text: &'a str) -> Self {
        let mut s = text.as_bytes();
        let negative = s.first() == Some(&b'-');
        s = &s[usize::from(negative)..];
        let run = |s: &[u8]| s.iter().take_while(|b| b.is_ascii_digit()).count();
        let (digits, mut rest) = s.split_at(run(s));
        let point = rest.first() == Some(&b'.');
        let mut fraction: &[u8] = &[];
        if point {
            (fraction, rest) = rest[1..].split_at(run(&rest[1..]));
        }
        Self { negative, prefix: "", digits, point, fraction, rest }
    }
}

/// Group sizes from the right, then `None` for "all the rest".
struct Groups<'a> {
    sizes: &'a [u8],
    last: usize,
}

impl Groups<'_> {
    fn next(&mut self) -> Option<usize> {
        match self.sizes {
            [] => None,
            [127, ..] => {
                self.sizes = &[];
                None
            }
            // A zero repeats what came before it, and so does the end of the list.
            [0, ..] if self.last == 0 => None,
            [0, ..] => Some(self.last),
            [n] => {
                self.last = usize::from(*n);
                Some(self.last)
            }
            [n, tail @ ..] => {
                self.sizes = tail;
                self.last = usize::from(*n);
                Some(self.last)
            }
        }
    }
}

/// Inserts separators into `digits` and zeros before them, up to `min_width`.
fn group(digits: &[u8], min_width: usize, sizes: &[u8], sep: &[u8]) -> Result<Vec<u8>> {
    if sizes.is_empty() {
        let size = check_size(Some(min_width.max(digits.len())))?;
        let mut out = try_vec(size)?;
        out.resize(size - digits.len(), b'0');
        out.extend_from_slice(digits);
        return Ok(out);
    }
    check_size(min_width.checked_mul(2))?;
    let sep_chars = crate::wtf8::count_chars(sep);
    let mut groups = Groups { sizes, last: 0 };
    let (mut remaining, mut width) = (digits.len(), min_width as i64);
    // Groups come from the right; so the output is built reversed.
    let mut out = try_vec(digits.len().max(min_width) * 2)?;
    let mut first = true;
    loop {
        let all = remaining.max(width.max(0) as usize).max(1);
        let size = groups.next();
        let len = size.map_or(all, |n| n.min(all));
        let take = remaining.min(len);
        if !first {
            out.extend(sep.iter().rev());
        }
        first = false;
        out.extend(digits[remaining - take..remaining].iter().rev());
        out.resize(out.len() + len - take, b'0');
        remaining -= take;
        width -= len as i64;
        if size.is_none() || (remaining == 0 && width <= 0) {
            break;
        }
        width -= sep_chars as i64;
    }
    out.reverse();
    Ok(out)
}

/// Separators after every third digit from the left.
fn group_fraction(digits: &[u8], sep: Separator) -> Vec<u8> {
    let sep: &[u8] = match sep {
        Separator::None => return digits.to_vec(),
        Separator::Comma => b",",
        Separator::Underscore | Separator::UnderscoreByFour => b"_",
    };
    digits.chunks(3).collect::<Vec<_>>().join(sep)
}

/// Left and right padding for text of `len` characters.
pub(super) fn padding(len: usize, width: Option<usize>, align: u8) -> (usize, usize) {
    let n = width.unwrap_or(0).saturating_sub(len);
    match align {
        b'<' => (0, n),
        b'^' => (n / 2, n - n / 2),
        _ => (n, 0),
    }
}

pub(super) fn layout(parts: &Parts<'_>, spec: &Spec, locale: &Locale) -> Result<Vec<u8>> {
    let local = spec.code == u32::from(b'n');
    let (sizes, sep, point): (&[u8], &[u8], &[u8]) = match spec.thousands {
        _ if local => (&locale.grouping, &locale.thousands_sep, &locale.decimal_point),
        Separator::None => (b"", b"", b"."),
        Separator::Comma => (b"\x03", b",", b"."),
        Separator::Underscore => (b"\x03", b"_", b"."),
        Separator::UnderscoreByFour => (b"\x04", b"_", b"."),
    };
    let point: &[u8] = if parts.point { point } else { b"" };
    let sign: &[u8] = match (parts.negative, spec.sign) {
        (true, _) => b"-",
        (false, b'+') => b"+",
        (false, b' ') => b" ",
        _ => b"",
    };
    let fraction = group_fraction(parts.fraction, spec.fraction);
    let fixed = sign.len()
        + parts.prefix.len()
        + crate::wtf8::count_chars(point)
        + fraction.len()
        + crate::wtf8::count_chars(parts.rest);
    let zero_fill = spec.fill == u32::from(b'0') && spec.align == b'=';
    let min_width = if zero_fill { spec.width.unwrap_or(0).saturating_sub(fixed) } else { 0 };
    let digits = match parts.digits {
        [] => Vec::new(),
        digits => group(digits, min_width, sizes, sep)?,
    };
    let content = fixed + crate::wtf8::count_chars(&digits);
    let inside =
        if spec.align == b'=' { spec.width.unwrap_or(0).saturating_sub(content) } else { 0 };
    let (left, right) = match spec.align {
        b'=' => (0, 0),
        align => padding(content, spec.width, align),
    };
    let (buf, n) = encode(spec.fill);
    let fill = &buf[..n];
    let total = [left, right, inside]
        .iter()
        .try_fold(0usize, |a, &b| a.checked_add(b))
        .and_then(|p| p.checked_mul(n))
        .and_then(|p| p.checked_add(content * 4));
    let mut out = try_vec(check_size(total)?)?;
    let put = |out: &mut Vec<u8>, n: usize| (0..n).for_each(|_| out.extend_from_slice(fill));
    put(&mut out, left);
    out.extend_from_slice(sign);
    out.extend_from_slice(parts.prefix.as_bytes());
    put(&mut out, inside);
    out.extend_from_slice(&digits);
    out.extend_from_slice(point);
    out.extend_from_slice(&fraction);
    out.extend_from_slice(parts.rest);
    put(&mut out, right);
    Ok(out)
}

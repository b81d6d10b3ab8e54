//! The usual format specs, without allocations: `[[fill]align][0][width][.precision][type]` in ASCII
//! with types `s`, `d`, `x`, `X` and `f`, and results of less than 256 characters. What is not usual
//! here (errors too) is left to the other modules, which word it.

use crate::float::{FormatFlags, double_to_string};

/// Room for a result.
pub const ROOM: usize = 256;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Short {
    fill: u8,
    /// 0 for the type's own.
    align: u8,
    width: usize,
    precision: Option<usize>,
    /// 0 for the type's own.
    code: u8,
}

impl Short {
    pub fn parse(spec: &[u8]) -> Option<Short> {
        let mut short = Short { fill: b' ', align: 0, width: 0, precision: None, code: 0 };
        let is_align = |b: Option<&u8>| matches!(b, Some(b'<' | b'>' | b'^'));
        let mut rest = spec;
        if is_align(rest.get(1)) && rest[0].is_ascii() {
            (short.fill, short.align) = (rest[0], rest[1]);
            rest = &rest[2..];
        } else if is_align(rest.first()) {
            short.align = rest[0];
            rest = &rest[1..];
        }
        if let [b'0', tail @ ..] = rest {
            // Zeros go behind the sign, if no alignment is given.
            if short.align == 0 {
                (short.fill, short.align) = (b'0', b'=');
            } else {
                return None;
            }
            rest = tail;
        }
        let number = |rest: &mut &[u8]| -> Option<Option<usize>> {
            let n = rest.iter().take_while(|b| b.is_ascii_digit()).count();
            let (digits, tail) = rest.split_at(n);
            *rest = tail;
            match digits {
                [] => Some(None),
                [_] | [_, _] => {
                    Some(Some(digits.iter().fold(0, |n, b| 10 * n + usize::from(b - b'0'))))
                }
                _ => None,
            }
        };
        short.width = number(&mut rest)?.unwrap_or(0);
        if let [b'.', tail @ ..] = rest {
            rest = tail;
            short.precision = Some(number(&mut rest)??);
        }
        match rest {
            [] => {}
            [code @ (b's' | b'd' | b'x' | b'X' | b'f')] => short.code = *code,
            _ => return None,
        }
        Some(short)
    }

    /// Puts the parts, of which the first is a sign, at their place.
    fn lay_out<'a>(
        &self,
        sign: &[u8],
        text: &[u8],
        align: u8,
        out: &'a mut [u8; ROOM],
    ) -> Option<&'a [u8]> {
        let length = sign.len() + text.len();
        let size = self.width.max(length);
        if size > ROOM {
            return None;
        }
        let missing = size - length;
        let left = match align {
            b'<' => 0,
            b'^' => missing / 2,
            _ => missing,
        };
        let out = &mut out[..size];
        out.fill(self.fill);
        let at = if align == b'=' { 0 } else { left };
        out[at..at + sign.len()].copy_from_slice(sign);
        let at = left + sign.len();
        out[at..at + text.len()].copy_from_slice(text);
        Some(out)
    }

    /// `format(str, spec)` of ASCII text.
    pub fn text<'a>(&self, text: &[u8], out: &'a mut [u8; ROOM]) -> Option<&'a [u8]> {
        if !matches!(self.code, 0 | b's') || self.align == b'=' {
            return None;
        }
        let length = self.precision.unwrap_or(text.len()).min(text.len());
        self.lay_out(b"", &text[..length], if self.align == 0 { b'<' } else { self.align }, out)
    }

    pub fn int<'a>(&self, n: i64, out: &'a mut [u8; ROOM]) -> Option<&'a [u8]> {
        if self.precision.is_some() || !matches!(self.code, 0 | b'd' | b'x' | b'X') {
            return None;
        }
        let (base, letters) = match self.code {
            b'x' => (16, b"0123456789abcdef"),
            b'X' => (16, b"0123456789ABCDEF"),
            _ => (10, b"0123456789abcdef"),
        };
        let mut digits = [0; 20];
        let (mut at, mut rest) = (digits.len(), n.unsigned_abs());
        loop {
            at -= 1;
            digits[at] = letters[(rest % base) as usize];
            rest /= base;
            if rest == 0 {
                break;
            }
        }
        let sign: &[u8] = if n < 0 { b"-" } else { b"" };
        self.lay_out(sign, &digits[at..], if self.align == 0 { b'>' } else { self.align }, out)
    }

    pub fn float<'a>(&self, v: f64, out: &'a mut [u8; ROOM]) -> Option<&'a [u8]> {
        if self.code != b'f' || !v.is_finite() {
            return None;
        }
        let precision = self.precision.unwrap_or(6);
        let text = double_to_string(v, b'f', precision, FormatFlags::default()).ok()?;
        let text = text.as_bytes();
        let (sign, text) = match text {
            [b'-', rest @ ..] => (&text[..1], rest),
            text => (&text[..0], text),
        };
        self.lay_out(sign, text, if self.align == 0 { b'>' } else { self.align }, out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_specs() {
        let mut out = [0; ROOM];
        let int = |spec: &[u8], n| {
            Short::parse(spec).and_then(|s| s.int(n, &mut [0; ROOM]).map(<[u8]>::to_vec))
        };
        assert_eq!(int(b"06d", -42).as_deref(), Some(&b"-00042"[..]));
        assert_eq!(int(b"*^7", 42).as_deref(), Some(&b"**42***"[..]));
        assert_eq!(int(b"x", 255).as_deref(), Some(&b"ff"[..]));
        assert_eq!(int(b"08.3", 1), None);
        let s = Short::parse(b">6").and_then(|s| s.text(b"ab", &mut out).map(<[u8]>::to_vec));
        assert_eq!(s.as_deref(), Some(&b"    ab"[..]));
        let f = Short::parse(b".2f").and_then(|s| s.float(-1.239, &mut out).map(<[u8]>::to_vec));
        assert_eq!(f.as_deref(), Some(&b"-1.24"[..]));
        for refused in [&b"+d"[..], b"010<", b",", b"100", b"#x", b"=5", b".f"] {
            assert_eq!(Short::parse(refused), None, "{refused:?}");
        }
    }
}

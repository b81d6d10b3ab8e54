//! Parser of format specs: `[[fill]align][sign][z][#][0][width][grouping][.precision][type]`.

use crate::wtf8::{char_indices, chars};
use crate::{Error, Result, unicode};

/// Thousands separator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Separator {
    None,
    Comma,
    Underscore,
    /// Underscores between groups of four, for b, o, x and X.
    UnderscoreByFour,
}

impl Separator {
    fn symbol(self) -> char {
        if self == Self::Comma { ',' } else { '_' }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    pub fill: u32,
    /// One of `<`, `>`, `=`, `^`.
    pub align: u8,
    /// `+`, `-`, space, or 0.
    pub sign: u8,
    /// `z`: a result that rounds to zero is not negative.
    pub no_negative_zero: bool,
    pub alternate: bool,
    pub width: Option<usize>,
    pub thousands: Separator,
    pub precision: Option<usize>,
    pub fraction: Separator,
    /// Presentation type; 0 where it is left out and the type has no default.
    pub code: u32,
}

/// "Unknown format code": the presentation type does not fit the object.
pub fn unknown_code(code: u32, type_name: &str) -> Error {
    Error::value(match printable(code) {
        Some(c) => format!("Unknown format code '{c}' for object of type '{type_name}'"),
        None => format!("Unknown format code '\\x{code:x}' for object of type '{type_name}'"),
    })
}

fn printable(code: u32) -> Option<char> {
    if (33..128).contains(&code) { char::from_u32(code) } else { None }
}

/// Decimal digits (of any script) at `at`: value and number of characters.
pub(super) fn parse_integer(cps: &[u32], at: usize) -> Result<Option<(usize, usize)>> {
    let mut value: usize = 0;
    let mut n = 0;
    while let Some(d) = cps.get(at + n).and_then(|&c| unicode::decimal(c)) {
        if value > (isize::MAX as usize - usize::from(d)) / 10 {
            return Err(Error::value("Too many decimal digits in format string"));
        }
        value = value * 10 + usize::from(d);
        n += 1;
    }
    Ok((n > 0).then_some((value, n)))
}

fn alignment(c: Option<&u32>) -> Option<u8> {
    match c.and_then(|&c| u8::try_from(c).ok()) {
        Some(b @ (b'<' | b'>' | b'=' | b'^')) => Some(b),
        _ => None,
    }
}

fn both_separators() -> Error {
    Error::value("Cannot specify both ',' and '_'.")
}

fn refused_separator(sep: Separator, code: u32) -> Error {
    let s = sep.symbol();
    Error::value(match printable(code) {
        Some(c) => format!("Cannot specify '{s}' with '{c}'."),
        None => format!("Cannot specify '{s}' with '\\x{code:x}'."),
    })
}

impl Spec {
    /// Parses `spec`. `type_name` is quoted in errors; numbers align to the right by default.
    pub fn parse(spec: &[u8], type_name: &str, code: u8, align: u8) -> Result<Self> {
        // Specs are short: no allocation for the usual ones.
        let mut short = [0u32; 32];
        let long: Vec<u32>;
        let cps: &[u32] = if spec.len() <= short.len() {
            let mut n = 0;
            for c in chars(spec) {
                short[n] = c;
                n += 1;
            }
            &short[..n]
        } else {
            long = chars(spec).collect();
            &long
        };
        let mut s = Self {
            fill: u32::from(b' '),
            align,
            sign: 0,
            no_negative_zero: false,
            alternate: false,
            width: None,
            thousands: Separator::None,
            precision: None,
            fraction: Separator::None,
            code: u32::from(code),
        };
        let mut i = 0;
        let is = |i: usize, b: u8| cps.get(i) == Some(&u32::from(b));
        let (mut fill_given, mut align_given) = (false, false);
        if let Some(a) = alignment(cps.get(1)) {
            (s.fill, s.align) = (cps[0], a);
            (fill_given, align_given) = (true, true);
            i = 2;
        } else if let Some(a) = alignment(cps.first()) {
            s.align = a;
            align_given = true;
            i = 1;
        }
        if is(i, b'+') || is(i, b'-') || is(i, b' ') {
            s.sign = cps[i] as u8;
            i += 1;
        }
        if is(i, b'z') {
            s.no_negative_zero = true;
            i += 1;
        }
        if is(i, b'#') {
            s.alternate = true;
            i += 1;
        }
        if !fill_given && is(i, b'0') {
            s.fill = u32::from(b'0');
            if !align_given && align == b'>' {
                s.align = b'=';
            }
            i += 1;
        }
        if let Some((width, n)) = parse_integer(cps, i)? {
            s.width = Some(width);
            i += n;
        }
        let separator = |i: &mut usize| -> Result<(Separator, usize)> {
            let start = *i;
            let mut sep = Separator::None;
            if is(*i, b',') {
                sep = Separator::Comma;
                *i += 1;
            }
            if is(*i, b'_') {
                if sep != Separator::None {
                    return Err(both_separators());
                }
                sep = Separator::Underscore;
                *i += 1;
            }
            if is(*i, b',') && sep == Separator::Underscore {
                return Err(both_separators());
            }
            Ok((sep, *i - start))
        };
        (s.thousands, _) = separator(&mut i)?;
        if is(i, b'.') {
            i += 1;
            let mut consumed = 0;
            if let Some((precision, n)) = parse_integer(cps, i)? {
                s.precision = Some(precision);
                (i, consumed) = (i + n, n);
            }
            let (fraction, n) = separator(&mut i)?;
            s.fraction = fraction;
            if consumed + n == 0 {
                return Err(Error::value("Format specifier missing precision"));
            }
        }
        match cps.get(i..).unwrap_or(&[]) {
            [] => {}
            [code] => s.code = *code,
            _ => {
                let text = String::from_utf8_lossy(spec).into_owned();
                return Err(Error::value(format!(
                    "Invalid format specifier '{text}' for object of type '{type_name}'"
                )));
            }
        }
        s.check_separators()?;
        Ok(s)
    }

    fn check_separators(&mut self) -> Result<()> {
        if self.thousands != Separator::None {
            match self.code_byte() {
                b'd' | b'e' | b'f' | b'g' | b'E' | b'G' | b'%' | b'F' | 0 => {}
                b'b' | b'o' | b'x' | b'X' if self.thousands == Separator::Underscore => {
                    self.thousands = Separator::UnderscoreByFour;
                }
                _ => return Err(refused_separator(self.thousands, self.code)),
            }
        }
        // The fraction's separator is only refused where the locale decides; elsewhere it is
        // without effect.
        if self.fraction != Separator::None && self.code_byte() == b'n' {
            return Err(refused_separator(self.fraction, self.code));
        }
        Ok(())
    }

    /// The presentation type as ASCII, 0xff for anything else.
    pub fn code_byte(&self) -> u8 {
        u8::try_from(self.code).unwrap_or(0xff)
    }
}

/// Offset of the end of the first `n` characters.
pub(super) fn prefix_end(text: &[u8], n: usize) -> usize {
    if text.len() <= n {
        return text.len();
    }
    char_indices(text).nth(n).map_or(text.len(), |(i, _)| i)
}

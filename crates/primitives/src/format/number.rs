//! `format(int)`, `format(float)`, `format(complex)`.

use super::layout::{Locale, Parts, layout, padding};
use super::spec::{Separator, Spec, unknown_code};
use crate::float::{FormatFlags, double_to_string};
use crate::int::BigInt;
use crate::wtf8::encode;
use crate::{Error, Result};

/// `format(int, spec)`. `type_name` is the object's class (`bool` has its own name in errors);
/// `max_digits` is `sys.get_int_max_str_digits()`.
pub fn format_int(
    value: &BigInt,
    spec: &[u8],
    type_name: &str,
    max_digits: usize,
    locale: &Locale,
) -> Result<Vec<u8>> {
    if spec.is_empty() {
        return Ok(value.to_decimal(max_digits)?.into_bytes());
    }
    let spec = Spec::parse(spec, type_name, b'd', b'>')?;
    match spec.code_byte() {
        b'b' | b'c' | b'd' | b'o' | b'x' | b'X' | b'n' => integer(value, &spec, max_digits, locale),
        b'e' | b'E' | b'f' | b'F' | b'g' | b'G' | b'%' => float(value.to_f64()?, &spec, locale),
        _ => Err(unknown_code(spec.code, type_name)),
    }
}

fn integer(value: &BigInt, spec: &Spec, max_digits: usize, locale: &Locale) -> Result<Vec<u8>> {
    if spec.precision.is_some() {
        return Err(Error::value("Precision not allowed in integer format specifier"));
    }
    if spec.no_negative_zero {
        return Err(Error::value(
            "Negative zero coercion (z) not allowed in integer format specifier",
        ));
    }
    let code = spec.code_byte();
    if code == b'c' {
        return character(value, spec, locale);
    }
    let (base, prefix) = match code {
        b'b' => (2, "0b"),
        b'o' => (8, "0o"),
        b'x' => (16, "0x"),
        b'X' => (16, "0X"),
        _ => (10, ""),
    };
    let mut digits = if base == 10 {
        let mut s = value.to_decimal(max_digits)?;
        if value.is_negative() {
            s.remove(0);
        }
        s
    } else {
        value.magnitude_digits(base)
    };
    if code == b'X' {
        digits.make_ascii_uppercase();
    }
    let parts = Parts {
        negative: value.is_negative(),
        prefix: if spec.alternate { prefix } else { "" },
        digits: digits.as_bytes(),
        ..Parts::default()
    };
    layout(&parts, spec, locale)
}

fn character(value: &BigInt, spec: &Spec, locale: &Locale) -> Result<Vec<u8>> {
    if spec.sign != 0 {
        return Err(Error::value("Sign not allowed with integer format specifier 'c'"));
    }
    if spec.alternate {
        return Err(Error::value(
            "Alternate form (#) not allowed with integer format specifier 'c'",
        ));
    }
    let Some(code) = value.to_i64() else {
        return Err(Error::overflow("Python int too large to convert to C long"));
    };
    if !(0..0x11_0000).contains(&code) {
        return Err(Error::overflow("%c arg not in range(0x110000)"));
    }
    let (buf, n) = encode(code as u32);
    layout(&Parts { rest: &buf[..n], ..Parts::default() }, spec, locale)
}

/// `format(float, spec)`
pub fn format_float(v: f64, spec: &[u8], type_name: &str, locale: &Locale) -> Result<Vec<u8>> {
    if spec.is_empty() {
        return Ok(crate::float::repr(v).into_bytes());
    }
    let spec = Spec::parse(spec, type_name, 0, b'>')?;
    match spec.code_byte() {
        0 | b'e' | b'E' | b'f' | b'F' | b'g' | b'G' | b'n' | b'%' => float(v, &spec, locale),
        _ => Err(unknown_code(spec.code, type_name)),
    }
}

fn check_precision(spec: &Spec) -> Result<()> {
    if spec.precision.is_some_and(|p| p > i32::MAX as usize) {
        return Err(Error::value("precision too big"));
    }
    Ok(())
}

fn float(mut v: f64, spec: &Spec, locale: &Locale) -> Result<Vec<u8>> {
    check_precision(spec)?;
    let mut flags = FormatFlags {
        alternate: spec.alternate,
        no_negative_zero: spec.no_negative_zero,
        ..FormatFlags::default()
    };
    let mut code = spec.code_byte();
    let percent = code == b'%';
    match code {
        0 => {
            flags.add_dot_0 = true;
            code = if spec.precision.is_some() { b'g' } else { b'r' };
        }
        b'n' => code = b'g',
        b'%' => {
            code = b'f';
            v *= 100.0;
        }
        _ => {}
    }
    let mut text = double_to_string(v, code, spec.precision.unwrap_or(6), flags)?;
    if percent {
        text.push('%');
    }
    let plain = spec.sign != b'+'
        && spec.sign != b' '
        && spec.width.is_none()
        && spec.code_byte() != b'n'
        && spec.thousands == Separator::None
        && spec.fraction == Separator::None;
    if plain {
        return Ok(text.into_bytes());
    }
    layout(&Parts::of_float(&text), spec, locale)
}

/// `format(complex, spec)`
pub fn format_complex(
    re: f64,
    im: f64,
    spec: &[u8],
    type_name: &str,
    locale: &Locale,
) -> Result<Vec<u8>> {
    if spec.is_empty() {
        return Ok(crate::complex::repr(re, im).into_bytes());
    }
    let spec = Spec::parse(spec, type_name, 0, b'>')?;
    let mut code = spec.code_byte();
    if !matches!(code, 0 | b'e' | b'E' | b'f' | b'F' | b'g' | b'G' | b'n') {
        return Err(unknown_code(spec.code, type_name));
    }
    check_precision(&spec)?;
    if spec.fill == u32::from(b'0') {
        return Err(Error::value("Zero padding is not allowed in complex format specifier"));
    }
    if spec.align == b'=' {
        return Err(Error::value("'=' alignment flag is not allowed in complex format specifier"));
    }
    let flags = FormatFlags {
        alternate: spec.alternate,
        no_negative_zero: spec.no_negative_zero,
        ..FormatFlags::default()
    };
    let bare = code == 0;
    let skip_real = bare && re == 0.0 && re.is_sign_positive();
    match code {
        0 => code = if spec.precision.is_some() { b'g' } else { b'r' },
        b'n' => code = b'g',
        _ => {}
    }
    let precision = spec.precision.unwrap_or(6);
    let mut one = spec.clone();
    (one.width, one.align, one.fill) = (None, b'<', u32::from(b' '));
    let mut body = Vec::new();
    if bare && !skip_real {
        body.push(b'(');
    }
    if !skip_real {
        let text = double_to_string(re, code, precision, flags)?;
        body.extend(layout(&Parts::of_float(&text), &one, locale)?);
        one.sign = b'+';
    }
    let text = double_to_string(im, code, precision, flags)?;
    body.extend(layout(&Parts::of_float(&text), &one, locale)?);
    body.push(b'j');
    if bare && !skip_real {
        body.push(b')');
    }
    let (left, right) = padding(crate::wtf8::count_chars(&body), spec.width, spec.align);
    crate::wtf8::pad(&body, left, right, spec.fill)
}

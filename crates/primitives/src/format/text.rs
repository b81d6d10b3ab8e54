//! `format(str, spec)`

use super::layout::padding;
use super::spec::{Spec, prefix_end, unknown_code};
use crate::wtf8::{count_chars, pad};
use crate::{Error, Result};

pub fn format_str(text: &[u8], spec: &[u8], type_name: &str) -> Result<Vec<u8>> {
    if spec.is_empty() {
        return Ok(text.to_vec());
    }
    let spec = Spec::parse(spec, type_name, b's', b'<')?;
    let refuse = |message: &'static str| Err(Error::value(message));
    if spec.code_byte() != b's' {
        return Err(unknown_code(spec.code, type_name));
    }
    match spec.sign {
        0 => {}
        b' ' => return refuse("Space not allowed in string format specifier"),
        _ => return refuse("Sign not allowed in string format specifier"),
    }
    if spec.no_negative_zero {
        return refuse("Negative zero coercion (z) not allowed in string format specifier");
    }
    if spec.alternate {
        return refuse("Alternate form (#) not allowed in string format specifier");
    }
    if spec.align == b'=' {
        return refuse("'=' alignment not allowed in string format specifier");
    }
    let text = match spec.precision {
        Some(n) => &text[..prefix_end(text, n)],
        None => text,
    };
    let (left, right) = padding(count_chars(text), spec.width, spec.align);
    pad(text, left, right, spec.fill)
}

//! isalpha, isdigit and so on: false for the empty string, except `is_printable`.

use super::chars;
use crate::unicode as u;

macro_rules! all_chars {
    ($($name:ident, $ascii:expr;)*) => {
        $(pub fn $name(text: &[u8]) -> bool {
            let ascii: fn(u8) -> bool = $ascii;
            !text.is_empty()
                && chars(text).all(|c| if c < 0x80 { ascii(c as u8) } else { u::$name(c) })
        })*
    };
}

all_chars! {
    is_alpha, |b| b.is_ascii_alphabetic();
    is_alnum, |b| b.is_ascii_alphanumeric();
    is_decimal, |b| b.is_ascii_digit();
    is_digit, |b| b.is_ascii_digit();
    is_numeric, |b| b.is_ascii_digit();
    is_space, super::split::is_ascii_space;
}

pub fn is_printable(text: &[u8]) -> bool {
    chars(text).all(|c| if c < 0x80 { (0x20..0x7f).contains(&c) } else { u::is_printable(c) })
}

/// At least one lower-case character, and none in upper or title case.
pub fn is_lower(text: &[u8]) -> bool {
    let mut found = false;
    for c in chars(text) {
        if u::is_upper(c) || u::is_titlecase(c) {
            return false;
        }
        found |= u::is_lower(c);
    }
    found
}

pub fn is_upper(text: &[u8]) -> bool {
    let mut found = false;
    for c in chars(text) {
        if u::is_lower(c) || u::is_titlecase(c) {
            return false;
        }
        found |= u::is_upper(c);
    }
    found
}

pub fn is_title(text: &[u8]) -> bool {
    let (mut found, mut in_word) = (false, false);
    for c in chars(text) {
        if u::is_upper(c) || u::is_titlecase(c) {
            if in_word {
                return false;
            }
            (found, in_word) = (true, true);
        } else if u::is_lower(c) {
            if !in_word {
                return false;
            }
            found = true;
        } else {
            in_word = false;
        }
    }
    found
}

pub fn is_identifier(text: &[u8]) -> bool {
    let mut cs = chars(text);
    cs.next().is_some_and(u::is_xid_start) && cs.all(u::is_xid_continue)
}

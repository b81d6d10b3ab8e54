//! Case conversion and predicates on ASCII.

macro_rules! predicates {
    ($($name:ident, $test:expr;)*) => {
        $(pub fn $name(bytes: &[u8]) -> bool {
            let test: fn(&u8) -> bool = $test;
            !bytes.is_empty() && bytes.iter().all(test)
        })*
    };
}

predicates! {
    is_alpha, u8::is_ascii_alphabetic;
    is_alnum, u8::is_ascii_alphanumeric;
    is_digit, u8::is_ascii_digit;
    is_space, |b| is_c_space(*b);
}

/// C's whitespace, the only one that bytes know.
#[inline]
pub(crate) fn is_c_space(b: u8) -> bool {
    matches!(b, b' ' | b'\t'..=b'\r')
}

pub fn is_lower(bytes: &[u8]) -> bool {
    bytes.iter().any(u8::is_ascii_lowercase) && !bytes.iter().any(u8::is_ascii_uppercase)
}

pub fn is_upper(bytes: &[u8]) -> bool {
    bytes.iter().any(u8::is_ascii_uppercase) && !bytes.iter().any(u8::is_ascii_lowercase)
}

pub fn is_title(bytes: &[u8]) -> bool {
    let (mut found, mut in_word) = (false, false);
    for b in bytes {
        if b.is_ascii_uppercase() {
            if in_word {
                return false;
            }
            (found, in_word) = (true, true);
        } else if b.is_ascii_lowercase() {
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

pub fn lower(bytes: &[u8]) -> Vec<u8> {
    bytes.to_ascii_lowercase()
}

pub fn upper(bytes: &[u8]) -> Vec<u8> {
    bytes.to_ascii_uppercase()
}

pub fn swapcase(bytes: &[u8]) -> Vec<u8> {
    let swap = |b: &u8| if b.is_ascii_alphabetic() { b ^ 0x20 } else { *b };
    bytes.iter().map(swap).collect()
}

pub fn capitalize(bytes: &[u8]) -> Vec<u8> {
    let mut out = bytes.to_ascii_lowercase();
    if let Some(first) = out.first_mut() {
        first.make_ascii_uppercase();
    }
    out
}

pub fn title(bytes: &[u8]) -> Vec<u8> {
    let mut out = bytes.to_ascii_lowercase();
    let mut in_word = false;
    for b in &mut out {
        if !in_word {
            b.make_ascii_uppercase();
        }
        in_word = b.is_ascii_alphabetic();
    }
    out
}

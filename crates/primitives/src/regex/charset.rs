//! Membership of characters: categories, folding, and the sets that `re._compiler` encodes. These
//! are interpreted once per character below 256 when a program is made, and per character above.

use super::check::op;
use crate::unicode::{self, Mapping};

/// How an instruction folds the subject's character before it compares.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Fold {
    None,
    Ascii,
    /// Both cases are tried. Only ASCII letters have them: locales beyond C and UTF-8 are not known.
    Locale,
    Unicode,
}

pub fn lower_ascii(c: u32) -> u32 {
    if (65..=90).contains(&c) { c + 32 } else { c }
}

fn upper_ascii(c: u32) -> u32 {
    if (97..=122).contains(&c) { c - 32 } else { c }
}

/// The one-to-one mapping to upper case.
fn simple_upper(c: u32) -> u32 {
    match unicode::to_upper(c) {
        Mapping::One(u) => u,
        Mapping::Many(all) => all.first().copied().unwrap_or(c),
    }
}

impl Fold {
    pub fn lower(self, c: u32) -> u32 {
        match self {
            Fold::None => c,
            Fold::Ascii | Fold::Locale => lower_ascii(c),
            Fold::Unicode if c < 128 => lower_ascii(c),
            Fold::Unicode => unicode::simple_lower(c),
        }
    }
}

/// `\w` in Unicode patterns.
pub fn is_word(c: u32) -> bool {
    c == 95 || unicode::is_alnum(c)
}

pub fn is_word_ascii(c: u32) -> bool {
    c == 95 || u8::try_from(c).is_ok_and(|b| b.is_ascii_alphanumeric())
}

/// A category of `_constants.CHCODES`, by number.
fn category(code: u32, c: u32) -> bool {
    // Each category is followed by its negation.
    let inside = match code & !1 {
        0 => (48..=57).contains(&c),
        2 => c == 32 || (9..=13).contains(&c),
        4 | 8 => is_word_ascii(c),
        6 => c == 10,
        10 => unicode::is_decimal(c),
        12 => unicode::is_space(c),
        14 => is_word(c),
        _ => unicode::is_linebreak(c),
    };
    inside != (code & 1 == 1)
}

/// Is the character, in one of the given cases, in the encoded set? The set was checked; what it
/// cannot hold does not match.
fn in_set<const N: usize>(set: &[u32], cases: [u32; N]) -> bool {
    let mut ok = true;
    let mut i = 0;
    let at = |i: usize| set.get(i).copied().unwrap_or(0);
    let any = |item: &dyn Fn(u32) -> bool| cases.iter().any(|c| item(*c));
    loop {
        match at(i) {
            op::NEGATE => {
                ok = !ok;
                i += 1;
            }
            op::LITERAL => {
                if cases.contains(&at(i + 1)) {
                    return ok;
                }
                i += 2;
            }
            op::RANGE | op::RANGE_UNI_IGNORE => {
                let range = at(i + 1)..=at(i + 2);
                let folds = at(i) == op::RANGE_UNI_IGNORE;
                if any(&|c| range.contains(&c) || folds && range.contains(&simple_upper(c))) {
                    return ok;
                }
                i += 3;
            }
            op::CATEGORY => {
                if any(&|c| category(at(i + 1), c)) {
                    return ok;
                }
                i += 2;
            }
            op::CHARSET => {
                if any(&|c| c < 256 && at(i + 1 + (c >> 5) as usize) >> (c & 31) & 1 == 1) {
                    return ok;
                }
                i += 9;
            }
            op::BIGCHARSET => {
                let blocks = at(i + 1) as usize;
                let has = |c: u32| {
                    let byte = (c >> 8) as usize;
                    let block = at(i + 2 + byte / 4).to_ne_bytes()[byte % 4] as usize;
                    let bit = block * 256 + (c & 255) as usize;
                    at(i + 66 + bit / 32) >> (c & 31) & 1 == 1
                };
                if any(&|c| c < 0x10000 && has(c)) {
                    return ok;
                }
                i += 66 + blocks * 8;
            }
            _ => return !ok,
        }
    }
}

/// A test of one character, as the code has it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Test {
    Any,
    NotNewline,
    Never,
    Literal { code: u32, fold: Fold, negated: bool },
    Category(u32),
    Set { code: Box<[u32]>, fold: Fold },
}

impl Test {
    pub fn holds(&self, c: u32) -> bool {
        match self {
            Test::Any => true,
            Test::NotNewline => c != 10,
            Test::Never => false,
            Test::Literal { code, fold, negated } => {
                let same = match fold {
                    Fold::Locale => {
                        *code == c || *code == lower_ascii(c) || *code == upper_ascii(c)
                    }
                    fold => *code == fold.lower(c),
                };
                same != *negated
            }
            Test::Category(code) => category(*code, c),
            Test::Set { code, fold: Fold::Locale } => {
                in_set(code, [lower_ascii(c), upper_ascii(c)])
            }
            Test::Set { code, fold } => in_set(code, [fold.lower(c)]),
        }
    }

    /// What is known of the characters from 256 on: all match, none does, or it must be asked.
    pub fn beyond(&self) -> Option<bool> {
        match self {
            Test::Any | Test::NotNewline => Some(true),
            Test::Never => Some(false),
            // Categories of ASCII.
            Test::Category(code) if *code < 10 => Some(code & 1 == 1),
            Test::Literal { code, fold, negated } if *fold != Fold::Unicode => {
                (*code < 256).then_some(*negated)
            }
            Test::Set { code, fold } if *fold != Fold::Unicode => match code[..] {
                // One bitmap of the characters below 256.
                [op::CHARSET, ..] if code.len() == 10 => Some(false),
                [op::NEGATE, op::CHARSET, ..] if code.len() == 11 => Some(true),
                _ => simple(code),
            },
            _ => None,
        }
    }
}

/// Sets of literals, ranges and ASCII categories that do not reach beyond 255.
fn simple(set: &[u32]) -> Option<bool> {
    let mut negated = false;
    let mut i = 0;
    loop {
        match *set.get(i)? {
            op::NEGATE if i == 0 => {
                negated = true;
                i += 1;
            }
            op::LITERAL if *set.get(i + 1)? < 256 => i += 2,
            op::RANGE if *set.get(i + 2)? < 256 => i += 3,
            // Digits, spaces and word characters of ASCII.
            op::CATEGORY if matches!(*set.get(i + 1)?, 0 | 2 | 4) => i += 2,
            op::FAILURE => return Some(negated),
            _ => return None,
        }
    }
}

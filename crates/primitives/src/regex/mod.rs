//! Regular expressions: the code that `re._compiler` makes, checked, translated into a program, and
//! run by a backtracking matcher. CPython's counterpart: `Modules/_sre`.
//!
//! Everything here is safe Rust over bytes: a subject is bytes, ASCII text or WTF-8, and positions
//! are byte offsets. A search keeps its whole state in a `Matcher`, stops when its budget of steps
//! is used up, and goes on where it stopped: no pattern holds the machine for ever. An own matcher
//! and no automata: Python's semantics (captures of earlier repetitions, back references, look
//! around, the last group) are defined by backtracking.

pub mod charset;
mod check;
mod first;
mod matcher;
mod program;
mod translate;

pub use check::is_sound;
pub use matcher::{Ask, Matcher, NONE, Outcome};
pub use program::{Kind, Program};

#[cfg(test)]
mod tests {
    use super::*;

    fn find(code: &[u32], text: &[u8], kind: Kind, budget: i64) -> Option<(usize, usize, usize)> {
        let program = Program::new(code)?;
        let mut m = Matcher::default();
        m.begin(&program, Ask::Search, 0, false);
        let mut pauses = 0;
        loop {
            match m.run(&program, text, kind, &mut budget.clone()) {
                Outcome::Match => return Some((m.start, m.pos, pauses)),
                Outcome::Paused => pauses += 1,
                _ => return None,
            }
        }
    }

    /// `a|bc`
    const BRANCH: &[u32] = &[14, 4, 0, 1, 2, 7, 5, 16, 97, 15, 9, 7, 16, 98, 16, 99, 15, 2, 0, 1];
    /// `(?:a|ab)*$`: a repeat of alternatives that start alike.
    const NESTED: &[u32] =
        &[23, 17, 0, 4294967295, 7, 5, 16, 97, 15, 9, 7, 16, 97, 16, 98, 15, 2, 0, 18, 6, 5, 1];

    #[test]
    fn alternatives_in_order() {
        assert_eq!(find(BRANCH, b"xxbca", Kind::Ascii, 1000), Some((2, 4, 0)));
        assert_eq!(find(BRANCH, "é狗bc".as_bytes(), Kind::Text, 1000), Some((5, 7, 0)));
        assert_eq!(find(BRANCH, b"xyz", Kind::Bytes, 1000), None);
    }

    #[test]
    fn a_search_goes_on_where_it_paused() {
        let text = b"aababaabaab";
        let whole = find(NESTED, text, Kind::Ascii, 1_000_000);
        assert_eq!(whole, Some((0, text.len(), 0)));
        for budget in 1..20 {
            let parts = find(NESTED, text, Kind::Ascii, budget);
            assert!(parts.is_some_and(|(from, to, _)| (from, to) == (0, text.len())));
        }
    }

    #[test]
    fn unsound_code_is_no_program() {
        for code in [&[][..], &[16, 97], &[15, 1000, 1], &[24, 6, 0, 1, 17, 0, 1, 1]] {
            assert!(Program::new(code).is_none(), "{code:?}");
        }
    }
}

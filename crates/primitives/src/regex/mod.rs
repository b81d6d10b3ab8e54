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

//! Texts of the C library for numbers: no authority, so any host's program may read them.
#![expect(unsafe_code, reason = "C strings of the C library")]

use std::ffi::{CStr, c_char};

fn text(p: *const c_char) -> Option<String> {
    if p.is_null() {
        return None;
    }
    // SAFETY: callers pass C strings that live until the next call of the same function.
    Some(unsafe { CStr::from_ptr(p) }.to_string_lossy().into_owned())
}

/// What a signal's number means (`strsignal`).
pub fn signal_message(signal: i32) -> Option<String> {
    // SAFETY: takes a number; the answer is a C string or null.
    text(unsafe { libc::strsignal(signal) }).filter(|t| !t.starts_with("Unknown signal"))
}

/// What the number of a failed lookup means (`gai_strerror`).
pub fn lookup_message(code: i32) -> String {
    // SAFETY: takes a number; the answer is a constant C string.
    text(unsafe { libc::gai_strerror(code) }).unwrap_or_default()
}

//! What only the C library does: closing by number, the process environment, time zones.
#![expect(unsafe_code, reason = "calls of the C library")]

use crate::error::{OsError, Result};
use crate::types::{Fd, LocalTime};
use std::ffi::{CStr, CString, OsStr, c_char};
use std::os::unix::ffi::OsStrExt;

pub(super) fn last_error() -> OsError {
    std::io::Error::last_os_error().into()
}

pub(super) fn check(r: libc::c_int) -> Result<libc::c_int> {
    if r < 0 { Err(last_error()) } else { Ok(r) }
}

/// A size, or -1 with errno.
pub(super) fn size(n: isize) -> Result<usize> {
    usize::try_from(n).map_err(|_| last_error())
}

/// Of calls that answer the error's number.
pub(super) fn errno_of(r: libc::c_int) -> Result<()> {
    if r == 0 { Ok(()) } else { Err(OsError::new(r)) }
}

pub(super) fn c_string(bytes: &[u8]) -> Result<CString> {
    CString::new(bytes).map_err(|_| OsError::new(libc::EINVAL))
}

/// A copy of a string of the C library; empty for null.
///
/// # Safety
/// `p` is null or a C string.
pub(super) unsafe fn copied(p: *const c_char) -> Vec<u8> {
    if p.is_null() {
        return Vec::new();
    }
    // SAFETY: as this function's contract.
    unsafe { CStr::from_ptr(p) }.to_bytes().to_vec()
}

/// The text in front of the first NUL.
pub(super) fn until_nul(mut buffer: Vec<u8>) -> Vec<u8> {
    buffer.truncate(buffer.iter().position(|b| *b == 0).unwrap_or(buffer.len()));
    buffer
}

/// A call whose -1 is an error only if it sets errno: `None` for -1 without.
pub(super) fn unless_errno(call: impl FnOnce() -> i64) -> Result<Option<i64>> {
    // SAFETY: errno of this thread.
    unsafe { *libc::__errno_location() = 0 };
    match call() {
        // SAFETY: as above.
        -1 => match unsafe { *libc::__errno_location() } {
            0 => Ok(None),
            e => Err(OsError::new(e)),
        },
        r => Ok(Some(r)),
    }
}

/// What a C call of numbers may answer.
pub(super) trait Answer {
    fn of(r: i64) -> Self;
}

impl Answer for () {
    fn of(_: i64) {}
}

impl Answer for i32 {
    fn of(r: i64) -> i32 {
        r as i32
    }
}

impl Answer for u32 {
    fn of(r: i64) -> u32 {
        r as u32
    }
}

/// Trait methods that are one C call on plain numbers, whose -1 is an error with errno.
macro_rules! number_calls {
    ($(fn $name:ident($($arg:ident: $ty:ty),*) -> $ret:ty = $call:expr;)*) => {
        $(fn $name(&self $(, $arg: $ty)*) -> crate::error::Result<$ret> {
            // SAFETY: the call takes plain numbers, as the signature says.
            let r = unsafe { $call } as i64;
            if r == -1 {
                return Err($crate::real::c_library::last_error());
            }
            Ok($crate::real::c_library::Answer::of(r))
        })*
    };
}
pub(super) use number_calls;

pub(super) fn close(fd: Fd) -> Result<()> {
    // SAFETY: closing a number is the kernel's affair. Rust's own handles are not given out as
    // numbers while they are alive, so no I/O safety of other code is broken but by a program
    // that guesses numbers, as in C.
    check(unsafe { libc::close(fd) }).map(drop)
}

pub(super) fn dup2(fd: Fd, to: Fd, inheritable: bool) -> Result<()> {
    if fd == to {
        // dup3 refuses this, and dup2 only checks that the number is open.
        // SAFETY: takes numbers only.
        return check(unsafe { libc::dup2(fd, to) }).map(drop);
    }
    let flags = if inheritable { 0 } else { libc::O_CLOEXEC };
    // SAFETY: takes numbers only; replacing `to` is what the caller asked for.
    check(unsafe { libc::dup3(fd, to, flags) }).map(drop)
}

fn check_name(name: &[u8]) -> Result<()> {
    // std panics on these.
    if name.is_empty() || name.contains(&b'=') || name.contains(&0) {
        return Err(OsError::new(libc::EINVAL));
    }
    Ok(())
}

pub(super) fn setenv(name: &[u8], value: &[u8]) -> Result<()> {
    check_name(name)?;
    if value.contains(&0) {
        return Err(OsError::new(libc::EINVAL));
    }
    // SAFETY: std serialises this with its own readers. C code that reads the environment in
    // another thread at this moment could see it change; CPython's putenv has the same contract,
    // and only the main VM's host is given this method.
    unsafe { std::env::set_var(OsStr::from_bytes(name), OsStr::from_bytes(value)) };
    Ok(())
}

pub(super) fn unsetenv(name: &[u8]) -> Result<()> {
    check_name(name)?;
    // SAFETY: as for setenv.
    unsafe { std::env::remove_var(OsStr::from_bytes(name)) };
    Ok(())
}

unsafe extern "C" {
    #[link_name = "tzset"]
    fn c_tzset();
}

pub(super) fn tzset() {
    // SAFETY: no arguments; reads TZ under the C library's lock.
    unsafe { c_tzset() };
}

pub(super) fn localtime(secs: i64) -> Result<LocalTime> {
    let secs = libc::time_t::try_from(secs).map_err(|_| OsError::new(libc::EOVERFLOW))?;
    // SAFETY: all fields of `tm` are numbers or a pointer that may be null, so zeros are a value.
    let mut tm: libc::tm = unsafe { std::mem::zeroed() };
    // SAFETY: both pointers are to live values of the right type.
    if unsafe { libc::localtime_r(&secs, &mut tm) }.is_null() {
        return Err(last_error());
    }
    // SAFETY: the C library sets it to a string with static lifetime, or to null.
    let zone = unsafe { copied(tm.tm_zone) };
    Ok(LocalTime {
        sec: tm.tm_sec,
        min: tm.tm_min,
        hour: tm.tm_hour,
        mday: tm.tm_mday,
        mon: tm.tm_mon,
        year: tm.tm_year,
        wday: tm.tm_wday,
        yday: tm.tm_yday,
        isdst: tm.tm_isdst,
        gmtoff: tm.tm_gmtoff,
        zone,
    })
}

pub(super) fn mktime(t: &LocalTime) -> Result<i64> {
    // SAFETY: zeros are a value of `tm`, as above.
    let mut tm: libc::tm = unsafe { std::mem::zeroed() };
    tm.tm_sec = t.sec;
    tm.tm_min = t.min;
    tm.tm_hour = t.hour;
    tm.tm_mday = t.mday;
    tm.tm_mon = t.mon;
    tm.tm_year = t.year;
    tm.tm_isdst = t.isdst;
    // -1 is also a valid time; a field that stays as it is tells an error.
    tm.tm_wday = -1;
    // SAFETY: the pointer is to a live value.
    let secs = unsafe { libc::mktime(&mut tm) };
    if secs == -1 && tm.tm_wday == -1 {
        return Err(OsError::new(libc::EOVERFLOW));
    }
    Ok(secs)
}

pub(super) fn loadavg() -> Result<[f64; 3]> {
    let mut out = [0.0; 3];
    // SAFETY: the array has the three places that are asked for.
    if unsafe { libc::getloadavg(out.as_mut_ptr(), 3) } != 3 {
        return Err(OsError::new(libc::EIO));
    }
    Ok(out)
}

pub(super) fn exit_now(status: i32) -> ! {
    // SAFETY: ends the process without running anything of it.
    unsafe { libc::_exit(status) }
}

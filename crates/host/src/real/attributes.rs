//! The parts of the file system that take numbers or buffers of C: locks, advice, extended attributes.
#![expect(unsafe_code, reason = "calls that take raw numbers or buffers")]

use super::c_library::{c_string, check, errno_of};
use crate::error::{OsError, Result};
use crate::types::{At, Fd, FileRef};
use std::ffi::c_void;
use std::ptr;

pub(super) fn flock(fd: Fd, operation: i32) -> Result<()> {
    // SAFETY: takes numbers.
    check(unsafe { libc::flock(fd, operation) }).map(drop)
}

pub(super) fn lockf(fd: Fd, command: i32, length: i64) -> Result<()> {
    // SAFETY: takes numbers.
    check(unsafe { libc::lockf(fd, command, length) }).map(drop)
}

pub(super) fn fadvise(fd: Fd, offset: i64, length: i64, advice: i32) -> Result<()> {
    // SAFETY: takes numbers.
    errno_of(unsafe { libc::posix_fadvise(fd, offset, length, advice) })
}

pub(super) fn fallocate(fd: Fd, offset: i64, length: i64) -> Result<()> {
    // SAFETY: takes numbers.
    errno_of(unsafe { libc::posix_fallocate(fd, offset, length) })
}

pub(super) fn mknod(at: At<'_>, mode: u32, device: u64) -> Result<()> {
    let path = c_string(at.path)?;
    // SAFETY: a live C string and numbers.
    let r = unsafe { libc::mknodat(at.dir.unwrap_or(libc::AT_FDCWD), path.as_ptr(), mode, device) };
    check(r).map(drop)
}

/// Reads bytes of unknown length: asks for the length first.
fn sized(mut call: impl FnMut(*mut c_void, usize) -> isize) -> Result<Vec<u8>> {
    use super::c_library::size;
    for _ in 0..10 {
        let room = size(call(ptr::null_mut(), 0))?;
        let mut buffer = vec![0u8; room];
        match size(call(buffer.as_mut_ptr().cast(), room)) {
            Ok(n) => {
                buffer.truncate(n);
                return Ok(buffer);
            }
            // It grew in between.
            Err(e) if e.errno == libc::ERANGE => {}
            Err(e) => return Err(e),
        }
    }
    Err(OsError::new(libc::ERANGE))
}

pub(super) fn get(of: FileRef<'_>, name: &[u8]) -> Result<Vec<u8>> {
    let name = c_string(name)?;
    match of {
        // SAFETY: a live C string, and a buffer with its size.
        FileRef::Fd(fd) => sized(|p, n| unsafe { libc::fgetxattr(fd, name.as_ptr(), p, n) }),
        FileRef::Path { path, follow } => {
            let path = c_string(path)?;
            let call = if follow { libc::getxattr } else { libc::lgetxattr };
            // SAFETY: live C strings, and a buffer with its size.
            sized(|p, n| unsafe { call(path.as_ptr(), name.as_ptr(), p, n) })
        }
    }
}

pub(super) fn set(of: FileRef<'_>, name: &[u8], value: &[u8], flags: i32) -> Result<()> {
    let name = c_string(name)?;
    let (v, n) = (value.as_ptr().cast(), value.len());
    let r = match of {
        // SAFETY: a live C string, and bytes with their length.
        FileRef::Fd(fd) => unsafe { libc::fsetxattr(fd, name.as_ptr(), v, n, flags) },
        FileRef::Path { path, follow } => {
            let path = c_string(path)?;
            let call = if follow { libc::setxattr } else { libc::lsetxattr };
            // SAFETY: live C strings, and bytes with their length.
            unsafe { call(path.as_ptr(), name.as_ptr(), v, n, flags) }
        }
    };
    check(r).map(drop)
}

pub(super) fn remove(of: FileRef<'_>, name: &[u8]) -> Result<()> {
    let name = c_string(name)?;
    let r = match of {
        // SAFETY: a live C string.
        FileRef::Fd(fd) => unsafe { libc::fremovexattr(fd, name.as_ptr()) },
        FileRef::Path { path, follow } => {
            let path = c_string(path)?;
            let call = if follow { libc::removexattr } else { libc::lremovexattr };
            // SAFETY: live C strings.
            unsafe { call(path.as_ptr(), name.as_ptr()) }
        }
    };
    check(r).map(drop)
}

pub(super) fn names(of: FileRef<'_>) -> Result<Vec<Vec<u8>>> {
    let found = match of {
        // SAFETY: a buffer with its size.
        FileRef::Fd(fd) => sized(|p, n| unsafe { libc::flistxattr(fd, p.cast(), n) })?,
        FileRef::Path { path, follow } => {
            let path = c_string(path)?;
            let call = if follow { libc::listxattr } else { libc::llistxattr };
            // SAFETY: a live C string, and a buffer with its size.
            sized(|p, n| unsafe { call(path.as_ptr(), p.cast(), n) })?
        }
    };
    Ok(found.split(|b| *b == 0).filter(|s| !s.is_empty()).map(<[u8]>::to_vec).collect())
}

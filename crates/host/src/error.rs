//! Operating-system errors as numbers.

use std::fmt;

/// An `errno`; exceptions are made from it by the runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OsError {
    pub errno: i32,
}

pub type Result<T> = std::result::Result<T, OsError>;

/// The numbers that hosts themselves produce.
pub mod errno {
    pub use libc::{
        EACCES, EAGAIN, EBADF, EBUSY, EEXIST, EINTR, EINVAL, EISDIR, ELOOP, EMFILE, ENAMETOOLONG,
        ENOENT, ENOSPC, ENOSYS, ENOTDIR, ENOTEMPTY, ENOTSUP, EPERM, EPIPE, ERANGE, EROFS, ESPIPE,
        ESRCH, EXDEV,
    };
}

impl OsError {
    pub const fn new(errno: i32) -> Self {
        Self { errno }
    }

    /// What a host that does not grant something answers: PermissionError in Python.
    pub const DENIED: Self = Self::new(errno::EPERM);

    /// `os.strerror`
    pub fn message(self) -> String {
        let text = std::io::Error::from_raw_os_error(self.errno).to_string();
        match text.rfind(" (os error ") {
            Some(end) => text[..end].to_owned(),
            None => text,
        }
    }

    pub fn is_interrupted(self) -> bool {
        self.errno == errno::EINTR
    }

    pub fn would_block(self) -> bool {
        self.errno == errno::EAGAIN
    }
}

impl fmt::Display for OsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[Errno {}] {}", self.errno, self.message())
    }
}

impl std::error::Error for OsError {}

/// Failure of a name lookup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResolveError {
    /// An `EAI_*` number.
    Lookup(i32),
    System(OsError),
}

impl From<rustix::io::Errno> for OsError {
    fn from(e: rustix::io::Errno) -> Self {
        Self::new(e.raw_os_error())
    }
}

impl From<std::io::Error> for OsError {
    fn from(e: std::io::Error) -> Self {
        Self::new(e.raw_os_error().unwrap_or(libc::EIO))
    }
}

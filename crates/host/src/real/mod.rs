//! The machine that the process runs on. Linux first; other Unixes where rustix covers them.
//!
//! `unsafe` is needed in four places, each in a file of its own: borrowing a descriptor by number
//! (here), the environment and time zone (`c_library`), starting programs (`spawn`), and raw socket
//! options and name lookups (`raw_socket`).

mod c_library;
mod clock;
mod files;
mod network;
mod process;
mod raw_socket;
mod spawn;

use crate::error::{OsError, Result, errno};
use crate::traits::Host;
use crate::types::Fd;
use rustix::fd::BorrowedFd;

/// The real world, with all the rights of the process.
///
/// No call is repeated after EINTR: signal handlers have to run first, so it goes to the runtime,
/// which runs them and calls again.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealHost;

impl RealHost {
    pub fn new() -> Self {
        Self
    }
}

impl Host for RealHost {
    fn grants_system_calls(&self) -> bool {
        true
    }
}

/// A descriptor by its number. Negative numbers have meanings of their own to the kernel.
#[allow(unsafe_code)]
fn borrow<'a>(fd: Fd) -> Result<BorrowedFd<'a>> {
    if fd < 0 {
        return Err(OsError::new(errno::EBADF));
    }
    // SAFETY: the number is not -1. Whether it is open is not known, but all that is done with it
    // here is a system call, which answers EBADF if it is not; Python gives numbers the same way.
    Ok(unsafe { BorrowedFd::borrow_raw(fd) })
}

/// Gives a descriptor out as a number; from here on the program owns it.
fn raw(fd: rustix::fd::OwnedFd) -> Fd {
    use rustix::fd::IntoRawFd;
    fd.into_raw_fd()
}

//! The machine that the process runs on. Linux first; other Unixes where rustix covers them.
//!
//! `unsafe` is needed for borrowing a descriptor by number (here), and in the files that call the C
//! library themselves, each of which says why.

mod accounts;
mod attributes;
mod c_library;
mod clock;
mod descriptors;
mod epoll;
mod faults;
mod files;
mod limits;
mod network;
mod process;
mod raw_socket;
mod resolver;
mod sharing;
mod signals;
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

impl Host for RealHost {}

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

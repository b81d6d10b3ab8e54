//! The host traits, by topic. Every method denies by default: a host grants by implementing.
//!
//! Numbers of commands, options and flags are those of the running system, as programs pass them on.

use crate::error::{OsError, Result};
use crate::types::*;

/// Declares methods whose default is to deny.
macro_rules! denying {
    ($($(#[$doc:meta])* fn $name:ident(&self $(, $arg:ident: $ty:ty)* $(,)?) -> $ret:ty;)*) => {
        $(
            $(#[$doc])*
            #[allow(clippy::too_many_arguments)]
            fn $name(&self $(, $arg: $ty)*) -> Result<$ret> {
                $(let _ = $arg;)*
                Err(OsError::DENIED)
            }
        )*
    };
}

mod descriptors;
mod network;
mod process;
mod signals;
mod system;

pub use descriptors::{Descriptors, Terminal};
pub use network::{Network, Poll, Resolver};
pub use process::{Process, Scheduling};
pub use signals::Signals;
pub use system::{Accounts, Limits, Semaphore, Sharing, SystemLog};

/// Files, directories and descriptors.
pub trait FileSystem {
    denying! {
        /// Opens with flags of `open_flags`; the descriptor is not inherited by programs unless
        /// that is asked for later.
        fn open(&self, at: At<'_>, flags: i32, mode: u32) -> Fd;
        fn close(&self, fd: Fd) -> ();
        /// Reads at most the size of `buf`; 0 at the end.
        fn read(&self, fd: Fd, buf: &mut [u8]) -> usize;
        fn write(&self, fd: Fd, data: &[u8]) -> usize;
        fn pread(&self, fd: Fd, buf: &mut [u8], offset: u64) -> usize;
        fn pwrite(&self, fd: Fd, data: &[u8], offset: u64) -> usize;
        fn seek(&self, fd: Fd, offset: i64, whence: Whence) -> u64;
        fn ftruncate(&self, fd: Fd, size: u64) -> ();
        fn truncate(&self, path: &[u8], size: u64) -> ();
        fn fsync(&self, fd: Fd) -> ();
        fn fdatasync(&self, fd: Fd) -> ();
        fn dup(&self, fd: Fd, inheritable: bool) -> Fd;
        fn dup2(&self, fd: Fd, to: Fd, inheritable: bool) -> ();
        /// Reading and writing end; not inherited if the flags say so (O_CLOEXEC).
        fn pipe(&self, flags: i32) -> (Fd, Fd);
        fn isatty(&self, fd: Fd) -> bool;
        fn get_inheritable(&self, fd: Fd) -> bool;
        fn set_inheritable(&self, fd: Fd, inheritable: bool) -> ();
        fn get_blocking(&self, fd: Fd) -> bool;
        fn set_blocking(&self, fd: Fd, blocking: bool) -> ();
        /// An advisory lock on the whole file; `operation` as C's `flock`.
        fn flock(&self, fd: Fd, operation: i32) -> ();
        /// The same on a part, from the position on; `command` as C's `lockf`.
        fn lockf(&self, fd: Fd, command: i32, length: i64) -> ();

        fn stat(&self, at: At<'_>, follow: bool) -> Stat;
        fn fstat(&self, fd: Fd) -> Stat;
        fn statvfs(&self, path: &[u8]) -> StatVfs;
        fn fstatvfs(&self, fd: Fd) -> StatVfs;
        /// Whether the access of `mode` (R_OK 4, W_OK 2, X_OK 1, F_OK 0) is allowed.
        fn access(&self, at: At<'_>, mode: u32, effective_ids: bool, follow: bool) -> bool;
        fn read_dir(&self, path: &[u8]) -> Vec<DirEntry>;
        fn fd_read_dir(&self, fd: Fd) -> Vec<DirEntry>;
        fn mkdir(&self, at: At<'_>, mode: u32) -> ();
        fn rmdir(&self, at: At<'_>) -> ();
        fn unlink(&self, at: At<'_>) -> ();
        fn rename(&self, from: At<'_>, to: At<'_>) -> ();
        fn link(&self, from: At<'_>, to: At<'_>, follow: bool) -> ();
        fn symlink(&self, target: &[u8], at: At<'_>) -> ();
        fn readlink(&self, at: At<'_>) -> Vec<u8>;
        fn chmod(&self, at: At<'_>, mode: u32, follow: bool) -> ();
        fn fchmod(&self, fd: Fd, mode: u32) -> ();
        /// -1 as an id leaves it unchanged.
        fn chown(&self, at: At<'_>, uid: i64, gid: i64, follow: bool) -> ();
        fn fchown(&self, fd: Fd, uid: i64, gid: i64) -> ();
        fn utime(&self, at: At<'_>, atime: SetTime, mtime: SetTime, follow: bool) -> ();
        fn futime(&self, fd: Fd, atime: SetTime, mtime: SetTime) -> ();
        fn mkfifo(&self, at: At<'_>, mode: u32) -> ();
        fn mknod(&self, at: At<'_>, mode: u32, device: u64) -> ();
        fn getcwd(&self) -> Vec<u8>;
        fn chdir(&self, path: &[u8]) -> ();
        fn fchdir(&self, fd: Fd) -> ();
        fn chroot(&self, path: &[u8]) -> ();
        /// Sets the mask of file modes and gives the old one.
        fn umask(&self, mask: u32) -> u32;
        /// Writes everything to the devices.
        fn sync(&self) -> ();
        fn fadvise(&self, fd: Fd, offset: i64, length: i64, advice: i32) -> ();
        fn fallocate(&self, fd: Fd, offset: i64, length: i64) -> ();

        /// Extended attributes.
        fn get_attribute(&self, of: FileRef<'_>, name: &[u8]) -> Vec<u8>;
        fn set_attribute(&self, of: FileRef<'_>, name: &[u8], value: &[u8], flags: i32) -> ();
        fn remove_attribute(&self, of: FileRef<'_>, name: &[u8]) -> ();
        fn attribute_names(&self, of: FileRef<'_>) -> Vec<Vec<u8>>;

        /// Copies between descriptors inside the kernel; 0 at the end.
        fn sendfile(&self, out: Fd, input: Fd, offset: Option<u64>, count: usize) -> usize;
        fn copy_file_range(&self, from: Fd, to: Fd, count: usize, from_offset: Option<u64>, to_offset: Option<u64>) -> usize;
    }
}

/// Program arguments and environment variables.
pub trait Environment {
    /// The arguments of the process, its own name first.
    fn args(&self) -> Vec<Vec<u8>> {
        Vec::new()
    }

    /// Path of the running program, if it is known.
    fn executable(&self) -> Option<Vec<u8>> {
        None
    }

    fn env_all(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        Vec::new()
    }

    denying! {
        fn env_set(&self, name: &[u8], value: &[u8]) -> ();
        fn env_unset(&self, name: &[u8]) -> ();
    }
}

/// Clocks, in nanoseconds, and sleeping.
pub trait Clock {
    denying! {
        /// Since 1970.
        fn time_ns(&self) -> i64;
        fn monotonic_ns(&self) -> i64;
        fn process_time_ns(&self) -> i64;
        fn thread_time_ns(&self) -> i64;
        /// Sleeps for a time; EINTR if a signal ended it.
        fn sleep_ns(&self, ns: u64) -> ();
        fn clock_get(&self, clock: ClockId) -> i64;
        fn clock_resolution(&self, clock: ClockId) -> i64;
        fn clock_set(&self, clock: ClockId, ns: i64) -> ();
        fn localtime(&self, secs: i64) -> LocalTime;
        /// Seconds since 1970 of a local time, whose fields need not be in range.
        fn mktime(&self, tm: &LocalTime) -> i64;
        /// Reads the time zone from the environment again.
        fn tzset(&self) -> ();
    }

    /// The clock of `time.perf_counter`.
    fn perf_counter_ns(&self) -> Result<i64> {
        self.monotonic_ns()
    }
}

/// Randomness of the operating system.
pub trait Entropy {
    denying! {
        fn random(&self, buf: &mut [u8]) -> ();
    }
}

/// The whole outside world of a VM.
pub trait Host:
    FileSystem
    + Descriptors
    + Environment
    + Clock
    + Entropy
    + Terminal
    + Process
    + Scheduling
    + Accounts
    + SystemLog
    + Limits
    + Sharing
    + Signals
    + Poll
    + Network
    + Resolver
    + Send
    + Sync
{
}

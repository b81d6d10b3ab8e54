//! Descriptors beyond files: control calls, events and timers, terminals.

use crate::error::{OsError, Result};
use crate::types::*;

/// What programs do with descriptors of any kind.
pub trait Descriptors {
    denying! {
        /// Closes all numbers from `low` to `high`, open or not.
        fn close_range(&self, low: Fd, high: Fd) -> ();
        fn fcntl(&self, fd: Fd, command: i32, argument: i64) -> i32;
        /// The same with a structure in memory; the buffer has room for whatever the command writes.
        fn fcntl_with(&self, fd: Fd, command: i32, buffer: &mut [u64]) -> i32;
        fn ioctl(&self, fd: Fd, request: u64, argument: i64) -> i32;
        fn ioctl_with(&self, fd: Fd, request: u64, buffer: &mut [u64]) -> i32;
        /// `pread` and `pwrite` with flags (RWF_*).
        fn pread_with(&self, fd: Fd, buf: &mut [u8], offset: i64, flags: i32) -> usize;
        fn pwrite_with(&self, fd: Fd, data: &[u8], offset: i64, flags: i32) -> usize;
        /// Moves data between descriptors, of which one is a pipe.
        fn splice(&self, from: Fd, to: Fd, count: usize, from_offset: Option<i64>, to_offset: Option<i64>, flags: u32) -> usize;
        /// A file without a place in the tree.
        fn memfd_create(&self, name: &[u8], flags: u32) -> Fd;
        fn eventfd(&self, value: u32, flags: i32) -> Fd;
        fn timerfd_create(&self, clock: i32, flags: i32) -> Fd;
        /// Sets a timer and gives what was left of the old one.
        fn timerfd_settime(&self, fd: Fd, flags: i32, timer: TimerSpec) -> TimerSpec;
        fn timerfd_gettime(&self, fd: Fd) -> TimerSpec;
    }
}

/// Terminals.
pub trait Terminal {
    denying! {
        /// Columns and rows.
        fn terminal_size(&self, fd: Fd) -> (u16, u16);
        /// Name of the terminal device.
        fn ttyname(&self, fd: Fd) -> Vec<u8>;
        /// Both ends of a new pseudo-terminal.
        fn openpty(&self) -> (Fd, Fd);
        fn posix_openpt(&self, flags: i32) -> Fd;
        fn grantpt(&self, fd: Fd) -> ();
        fn unlockpt(&self, fd: Fd) -> ();
        /// Name of the other end.
        fn ptsname(&self, fd: Fd) -> Vec<u8>;
        /// Makes the terminal that of a new session, and standard input and output.
        fn login_tty(&self, fd: Fd) -> ();
        fn tcgetattr(&self, fd: Fd) -> TerminalModes;
        fn tcsetattr(&self, fd: Fd, when: i32, modes: &TerminalModes) -> ();
        fn tcsendbreak(&self, fd: Fd, duration: i32) -> ();
        fn tcdrain(&self, fd: Fd) -> ();
        fn tcflush(&self, fd: Fd, queue: i32) -> ();
        fn tcflow(&self, fd: Fd, action: i32) -> ();
        /// The process group in front.
        fn tcgetpgrp(&self, fd: Fd) -> i32;
        fn tcsetpgrp(&self, fd: Fd, group: i32) -> ();
    }
}

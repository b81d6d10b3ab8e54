//! Control calls on descriptors, events and timers, terminals.
#![expect(unsafe_code, reason = "control calls take numbers and structures of the kernel")]

use super::c_library::{c_string, check, errno_of, number_calls, size, until_nul};
use super::{RealHost, borrow};
use crate::error::Result;
use crate::traits::{Descriptors, Terminal};
use crate::types::*;
use std::ptr;

/// An optional offset for the kernel, which moves it.
fn pointer(offset: &mut Option<i64>) -> *mut libc::off_t {
    offset.as_mut().map_or(ptr::null_mut(), ptr::from_mut)
}

fn timespec(t: Span) -> libc::timespec {
    libc::timespec { tv_sec: t.secs, tv_nsec: t.nanos }
}

fn span(t: &libc::timespec) -> Span {
    Span { secs: t.tv_sec, nanos: t.tv_nsec }
}

fn timer(t: &libc::itimerspec) -> TimerSpec {
    TimerSpec { value: span(&t.it_value), interval: span(&t.it_interval) }
}

fn no_timer() -> libc::itimerspec {
    let zero = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    libc::itimerspec { it_value: zero, it_interval: zero }
}

impl Descriptors for RealHost {
    number_calls! {
        fn fcntl(fd: Fd, command: i32, argument: i64) -> i32 = libc::fcntl(fd, command, argument);
        fn ioctl(fd: Fd, request: u64, argument: i64) -> i32 = libc::ioctl(fd, request as libc::Ioctl, argument);
        fn eventfd(value: u32, flags: i32) -> Fd = libc::eventfd(value, flags);
        fn timerfd_create(clock: i32, flags: i32) -> Fd = libc::timerfd_create(clock, flags);
    }

    fn close_range(&self, low: Fd, high: Fd) -> Result<()> {
        if high >= low {
            // What is not open is no error; nor is what a failing device says at its close.
            // SAFETY: closes numbers; memory is not touched.
            unsafe {
                libc::syscall(libc::SYS_close_range, low.max(0) as u32, high.max(0) as u32, 0u32)
            };
        }
        Ok(())
    }

    fn fcntl_with(&self, fd: Fd, command: i32, buffer: &mut [u64]) -> Result<i32> {
        // SAFETY: a live buffer with room to spare, as the trait says; what the command does with it
        // is the program's affair, as in C.
        check(unsafe { libc::fcntl(fd, command, buffer.as_mut_ptr()) })
    }

    fn ioctl_with(&self, fd: Fd, request: u64, buffer: &mut [u64]) -> Result<i32> {
        // SAFETY: as for fcntl_with.
        check(unsafe { libc::ioctl(fd, request as libc::Ioctl, buffer.as_mut_ptr()) })
    }

    fn pread_with(&self, fd: Fd, buf: &mut [u8], offset: i64, flags: i32) -> Result<usize> {
        let part = libc::iovec { iov_base: buf.as_mut_ptr().cast(), iov_len: buf.len() };
        // SAFETY: one part, which is a live buffer with its size.
        size(unsafe { libc::preadv2(fd, &part, 1, offset, flags) })
    }

    fn pwrite_with(&self, fd: Fd, data: &[u8], offset: i64, flags: i32) -> Result<usize> {
        let part = libc::iovec { iov_base: data.as_ptr().cast_mut().cast(), iov_len: data.len() };
        // SAFETY: one part, live bytes with their length, which the kernel only reads.
        size(unsafe { libc::pwritev2(fd, &part, 1, offset, flags) })
    }

    fn splice(
        &self,
        from: Fd,
        to: Fd,
        count: usize,
        from_offset: Option<i64>,
        to_offset: Option<i64>,
        flags: u32,
    ) -> Result<usize> {
        let (mut a, mut b) = (from_offset, to_offset);
        // SAFETY: numbers, and pointers to live locals or none.
        size(unsafe { libc::splice(from, pointer(&mut a), to, pointer(&mut b), count, flags) })
    }

    fn memfd_create(&self, name: &[u8], flags: u32) -> Result<Fd> {
        let name = c_string(name)?;
        // SAFETY: a live C string and a number.
        check(unsafe { libc::memfd_create(name.as_ptr(), flags) })
    }

    fn timerfd_settime(&self, fd: Fd, flags: i32, t: TimerSpec) -> Result<TimerSpec> {
        let new =
            libc::itimerspec { it_value: timespec(t.value), it_interval: timespec(t.interval) };
        let mut old = no_timer();
        // SAFETY: pointers to live locals.
        check(unsafe { libc::timerfd_settime(fd, flags, &new, &mut old) })?;
        Ok(timer(&old))
    }

    fn timerfd_gettime(&self, fd: Fd) -> Result<TimerSpec> {
        let mut now = no_timer();
        // SAFETY: pointer to a live local.
        check(unsafe { libc::timerfd_gettime(fd, &mut now) })?;
        Ok(timer(&now))
    }
}

fn modes(fd: Fd) -> Result<libc::termios> {
    // SAFETY: a structure of numbers, for which zeros are a value.
    let mut t: libc::termios = unsafe { std::mem::zeroed() };
    // SAFETY: a pointer to a live structure.
    check(unsafe { libc::tcgetattr(fd, &mut t) })?;
    Ok(t)
}

impl Terminal for RealHost {
    number_calls! {
        fn posix_openpt(flags: i32) -> Fd = libc::posix_openpt(flags);
        fn grantpt(fd: Fd) -> () = libc::grantpt(fd);
        fn unlockpt(fd: Fd) -> () = libc::unlockpt(fd);
        fn login_tty(fd: Fd) -> () = libc::login_tty(fd);
        fn tcsendbreak(fd: Fd, duration: i32) -> () = libc::tcsendbreak(fd, duration);
        fn tcdrain(fd: Fd) -> () = libc::tcdrain(fd);
        fn tcflush(fd: Fd, queue: i32) -> () = libc::tcflush(fd, queue);
        fn tcflow(fd: Fd, action: i32) -> () = libc::tcflow(fd, action);
        fn tcgetpgrp(fd: Fd) -> i32 = libc::tcgetpgrp(fd);
        fn tcsetpgrp(fd: Fd, group: i32) -> () = libc::tcsetpgrp(fd, group);
    }

    fn terminal_size(&self, fd: Fd) -> Result<(u16, u16)> {
        let size = rustix::termios::tcgetwinsize(borrow(fd)?)?;
        Ok((size.ws_col, size.ws_row))
    }

    fn ttyname(&self, fd: Fd) -> Result<Vec<u8>> {
        Ok(rustix::termios::ttyname(borrow(fd)?, Vec::new())?.into_bytes())
    }

    fn openpty(&self) -> Result<(Fd, Fd)> {
        let (mut master, mut slave) = (-1, -1);
        let null = ptr::null_mut();
        // SAFETY: pointers to live locals; no name, terminal or size is asked for.
        check(unsafe { libc::openpty(&mut master, &mut slave, null, null.cast(), null.cast()) })?;
        for fd in [master, slave] {
            // SAFETY: takes numbers.
            check(unsafe { libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC) })?;
        }
        Ok((master, slave))
    }

    fn ptsname(&self, fd: Fd) -> Result<Vec<u8>> {
        let mut buffer = vec![0u8; 256];
        // SAFETY: a buffer with its size.
        errno_of(unsafe { libc::ptsname_r(fd, buffer.as_mut_ptr().cast(), buffer.len()) })?;
        Ok(until_nul(buffer))
    }

    fn tcgetattr(&self, fd: Fd) -> Result<TerminalModes> {
        let t = modes(fd)?;
        // SAFETY: pointers to a live structure.
        let (input_speed, output_speed) = unsafe { (libc::cfgetispeed(&t), libc::cfgetospeed(&t)) };
        Ok(TerminalModes {
            input: t.c_iflag,
            output: t.c_oflag,
            control: t.c_cflag,
            local: t.c_lflag,
            input_speed,
            output_speed,
            characters: t.c_cc,
        })
    }

    fn tcsetattr(&self, fd: Fd, when: i32, m: &TerminalModes) -> Result<()> {
        let mut t = modes(fd)?;
        (t.c_iflag, t.c_oflag, t.c_cflag, t.c_lflag) = (m.input, m.output, m.control, m.local);
        t.c_cc = m.characters;
        // SAFETY: pointers to a live structure.
        unsafe {
            check(libc::cfsetispeed(&mut t, m.input_speed))?;
            check(libc::cfsetospeed(&mut t, m.output_speed))?;
            check(libc::tcsetattr(fd, when, &t)).map(drop)
        }
    }
}

//! Fatal signals, which are named before the process dies of them, and signals after a time.
#![expect(unsafe_code, reason = "handlers of fatal signals")]

use crate::error::Result;
use crate::types::{Fd, SignalLater};
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};
use std::time::Duration;

/// Where fatal signals are named; -1: nowhere.
static FD: AtomicI32 = AtomicI32::new(-1);
/// The timer that counts: a new one, or a cancellation, takes a new number.
static TIMER: AtomicU64 = AtomicU64::new(0);

const FATAL: &[(i32, &[u8])] = &[
    (libc::SIGBUS, b"Fatal Python error: Bus error\n\n"),
    (libc::SIGILL, b"Fatal Python error: Illegal instruction\n\n"),
    (libc::SIGFPE, b"Fatal Python error: Floating-point exception\n\n"),
    (libc::SIGABRT, b"Fatal Python error: Aborted\n\n"),
    (libc::SIGSEGV, b"Fatal Python error: Segmentation fault\n\n"),
];

/// Async-signal-safe: writes a constant, and raises the signal again with its default handling.
extern "C" fn on_fatal(signal: libc::c_int) {
    let text =
        FATAL.iter().find(|(s, _)| *s == signal).map_or(&b"Fatal Python error\n\n"[..], |f| f.1);
    let fd = FD.load(Ordering::Relaxed);
    // SAFETY: a constant with its length; numbers.
    unsafe {
        libc::write(fd, text.as_ptr().cast(), text.len());
        libc::signal(signal, libc::SIG_DFL);
        libc::raise(signal);
    }
}

fn set(handler: libc::sighandler_t) {
    for (signal, _) in FATAL {
        // SAFETY: a structure of numbers, for which zeros are a value; the handler is
        // async-signal-safe.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = handler;
            action.sa_flags = libc::SA_NODEFER | libc::SA_ONSTACK;
            libc::sigaction(*signal, &action, std::ptr::null_mut());
        }
    }
}

pub(super) fn reported() -> bool {
    FD.load(Ordering::Relaxed) != -1
}

pub(super) fn report(fd: Option<Fd>) {
    match fd {
        Some(fd) => {
            FD.store(fd, Ordering::Relaxed);
            set(on_fatal as extern "C" fn(libc::c_int) as usize);
        }
        None if FD.swap(-1, Ordering::Relaxed) != -1 => set(libc::SIG_DFL),
        None => {}
    }
}

pub(super) fn signal_later(request: SignalLater) -> Result<()> {
    let mine = TIMER.fetch_add(1, Ordering::AcqRel) + 1;
    let SignalLater { ns, repeat, exit, signal } = request;
    // SAFETY: numbers of this process and thread.
    let (pid, thread) = unsafe { (libc::getpid(), libc::syscall(libc::SYS_gettid)) };
    let watch = move || loop {
        std::thread::sleep(Duration::from_nanos(ns));
        if TIMER.load(Ordering::Acquire) != mine {
            return;
        }
        // SAFETY: numbers; the thread that gets the signal is the process's own.
        unsafe { libc::syscall(libc::SYS_tgkill, pid, thread, signal) };
        if exit {
            std::thread::sleep(Duration::from_secs(2));
            if TIMER.load(Ordering::Acquire) == mine {
                super::c_library::exit_now(1);
            }
        }
        if !repeat {
            return;
        }
    };
    std::thread::Builder::new().name("faulthandler".into()).spawn(watch)?;
    Ok(())
}

pub(super) fn cancel_later() {
    TIMER.fetch_add(1, Ordering::AcqRel);
}

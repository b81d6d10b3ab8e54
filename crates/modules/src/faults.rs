//! `_faulthandler_native`: a C handler of fatal signals that names the signal before the process ends,
//! and the thread behind `dump_traceback_later`. Python stacks are written by Python
//! (`lib/overlay/faulthandler.py`): a broken process is not searched for frames. CPython's counterpart:
//! `Modules/faulthandler.c`.
#![expect(unsafe_code, reason = "handlers of fatal signals")]

use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};
use std::time::Duration;

use stackless_runtime::exc::Reply;
use stackless_runtime::native::{Def, def};
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::{PyResult, Ref, Value, Vm};

use crate::Native;
use crate::os::{granted, n};
use crate::support::{flag, int};

pub const MODULE: Native = Native { name: "_faulthandler_native", defs: DEFS, fill };

fn fill(_: &mut Vm, _: &Ref<Dict>) -> PyResult<()> {
    Ok(())
}

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

const DEFS: &[Def] = &[
    def!("enable", "(fd, /)", |vm, a| {
        granted(vm)?;
        FD.store(n(&a[0]), Ordering::Relaxed);
        set(on_fatal as extern "C" fn(libc::c_int) as usize);
        Ok(Reply::NONE)
    }),
    def!("disable", "()", |vm, _| {
        granted(vm)?;
        if FD.swap(-1, Ordering::Relaxed) != -1 {
            set(libc::SIG_DFL);
        }
        Ok(Reply::NONE)
    }),
    // After the time the signal arrives as if somebody had sent it; with `exit` the process ends some
    // time later, whatever it does then.
    def!("later", "(ns, repeat, exit, signal, /)", |vm, a| {
        granted(vm)?;
        let mine = TIMER.fetch_add(1, Ordering::AcqRel) + 1;
        let (time, repeat, exit) = (
            Duration::from_nanos(int(&a[0]).max(1) as u64),
            flag(&a[1], false),
            flag(&a[2], false),
        );
        let signal = n(&a[3]);
        // SAFETY: numbers of this process.
        let (pid, thread) = unsafe { (libc::getpid(), libc::syscall(libc::SYS_gettid)) };
        let watch = move || loop {
            std::thread::sleep(time);
            if TIMER.load(Ordering::Acquire) != mine {
                return;
            }
            // SAFETY: numbers; the thread that waits for the signal is the process's own.
            unsafe { libc::syscall(libc::SYS_tgkill, pid, thread, signal) };
            if exit {
                std::thread::sleep(Duration::from_secs(2));
                if TIMER.load(Ordering::Acquire) == mine {
                    // SAFETY: ends the process.
                    unsafe { libc::_exit(1) };
                }
            }
            if !repeat {
                return;
            }
        };
        match std::thread::Builder::new().name("faulthandler".into()).spawn(watch) {
            Ok(_) => Ok(Reply::NONE),
            Err(e) => Err(crate::support::os_error(vm, e.into(), &[])),
        }
    }),
    def!("cancel", "()", |_, _| {
        TIMER.fetch_add(1, Ordering::AcqRel);
        Ok(Reply::NONE)
    }),
    def!("is_enabled", "()", |_, _| Ok(Value::bool(FD.load(Ordering::Relaxed) != -1).into())),
];

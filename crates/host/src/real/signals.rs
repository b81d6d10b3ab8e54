//! Signals of the process. The C handler only notes the number; the VM asks for it at its leisure.
//!
//! The tables are process-wide, as signals are: they serve the VM that handles signals.
#![expect(unsafe_code, reason = "sigaction and its kin; the C handler")]

use super::RealHost;
use super::c_library::{check, errno_of, number_calls};
use super::faults;
use crate::error::Result;
use crate::traits::Signals;
use crate::types::*;
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};

/// Signals have the numbers from 1 to 64.
const LAST: i32 = 64;
/// Bit `n - 1` for a signal `n` that came.
static PENDING: AtomicU64 = AtomicU64::new(0);
static WAKEUP: AtomicI32 = AtomicI32::new(-1);
/// The errno of a failed write to the wake-up descriptor; 0 for none.
static WAKEUP_ERROR: AtomicI32 = AtomicI32::new(0);

/// Async-signal-safe: atomics, and a write whose errno is put back.
extern "C" fn on_signal(signal: libc::c_int) {
    // SAFETY: errno of this thread.
    let errno = unsafe { *libc::__errno_location() };
    if (1..=LAST).contains(&signal) {
        PENDING.fetch_or(1 << (signal - 1), Ordering::Release);
    }
    let fd = WAKEUP.load(Ordering::Relaxed);
    if fd >= 0 {
        let byte = signal as u8;
        // SAFETY: a pointer to one live byte; errno of this thread.
        unsafe {
            if libc::write(fd, (&raw const byte).cast(), 1) < 0 {
                WAKEUP_ERROR.store(*libc::__errno_location(), Ordering::Relaxed);
            }
        }
    }
    // SAFETY: errno of this thread.
    unsafe { *libc::__errno_location() = errno };
}

fn handler() -> libc::sighandler_t {
    on_signal as extern "C" fn(libc::c_int) as usize
}

/// # Safety
/// For C structures of numbers, sets and optional functions only.
unsafe fn zeroed<T>() -> T {
    // SAFETY: as the contract says.
    unsafe { std::mem::zeroed() }
}

fn set_of(signals: &[i32]) -> libc::sigset_t {
    // SAFETY: a set of numbers; the calls have a pointer to it, and refuse numbers out of range.
    unsafe {
        let mut set: libc::sigset_t = zeroed();
        libc::sigemptyset(&mut set);
        for s in signals {
            libc::sigaddset(&mut set, *s);
        }
        set
    }
}

fn members(set: &libc::sigset_t) -> Vec<i32> {
    // SAFETY: a pointer to a live set.
    (1..=LAST).filter(|s| unsafe { libc::sigismember(set, *s) } == 1).collect()
}

fn timeval(t: Span) -> libc::timeval {
    libc::timeval { tv_sec: t.secs, tv_usec: t.nanos / 1000 }
}

fn span(t: &libc::timeval) -> Span {
    Span { secs: t.tv_sec, nanos: t.tv_usec * 1000 }
}

fn timer(t: &libc::itimerval) -> TimerSpec {
    TimerSpec { value: span(&t.it_value), interval: span(&t.it_interval) }
}

impl Signals for RealHost {
    number_calls! {
        fn tgkill(pid: i32, thread: i32, signal: i32) -> () = libc::syscall(libc::SYS_tgkill, pid, thread, signal);
    }

    fn signals_came(&self) -> bool {
        PENDING.load(Ordering::Relaxed) != 0
    }

    fn take_signals(&self) -> u128 {
        u128::from(PENDING.swap(0, Ordering::AcqRel)) << 1
    }

    fn take_wakeup_error(&self) -> i32 {
        // Asked at every blocking call, so without a write where there is nothing.
        if WAKEUP_ERROR.load(Ordering::Relaxed) == 0 {
            return 0;
        }
        WAKEUP_ERROR.swap(0, Ordering::AcqRel)
    }

    fn reports_faults(&self) -> bool {
        faults::reported()
    }

    fn disposition(&self, signal: i32, new: Option<Disposition>) -> Result<Disposition> {
        // SAFETY: structures that are numbers, sets and optional functions; the calls have pointers
        // to live ones, and the handler is async-signal-safe.
        unsafe {
            let (mut action, mut old): (libc::sigaction, libc::sigaction) = (zeroed(), zeroed());
            libc::sigemptyset(&mut action.sa_mask);
            action.sa_sigaction = match new {
                Some(Disposition::Ignore) => libc::SIG_IGN,
                Some(Disposition::Note) => handler(),
                Some(Disposition::Foreign) => return Err(crate::OsError::new(libc::EINVAL)),
                Some(Disposition::Default) | None => libc::SIG_DFL,
            };
            let pointer = if new.is_some() { &raw const action } else { std::ptr::null() };
            check(libc::sigaction(signal, pointer, &mut old))?;
            Ok(match old.sa_sigaction {
                libc::SIG_DFL => Disposition::Default,
                libc::SIG_IGN => Disposition::Ignore,
                f if f == handler() => Disposition::Note,
                _ => Disposition::Foreign,
            })
        }
    }

    fn set_wakeup(&self, fd: Fd) -> Result<Fd> {
        Ok(WAKEUP.swap(fd, Ordering::AcqRel))
    }

    fn siginterrupt(&self, signal: i32, interrupt: bool) -> Result<()> {
        // SAFETY: a structure as above; the calls have pointers to it.
        unsafe {
            let mut action: libc::sigaction = zeroed();
            check(libc::sigaction(signal, std::ptr::null(), &mut action))?;
            match interrupt {
                true => action.sa_flags &= !libc::SA_RESTART,
                false => action.sa_flags |= libc::SA_RESTART,
            }
            check(libc::sigaction(signal, &action, std::ptr::null_mut())).map(drop)
        }
    }

    fn sigmask(&self, how: i32, signals: &[i32]) -> Result<Vec<i32>> {
        let new = set_of(signals);
        // SAFETY: a set is numbers; pointers to live sets.
        let (old, r) = unsafe {
            let mut old: libc::sigset_t = zeroed();
            let r = libc::pthread_sigmask(how, &new, &mut old);
            (old, r)
        };
        errno_of(r)?;
        Ok(members(&old))
    }

    fn sigpending(&self) -> Result<Vec<i32>> {
        // SAFETY: a set is numbers; pointer to a live set.
        let (set, r) = unsafe {
            let mut set: libc::sigset_t = zeroed();
            let r = libc::sigpending(&mut set);
            (set, r)
        };
        check(r)?;
        Ok(members(&set))
    }

    fn sigtimedwait(&self, signals: &[i32], ns: i64) -> Result<Option<SignalInfo>> {
        let set = set_of(signals);
        let time = libc::timespec { tv_sec: ns / 1_000_000_000, tv_nsec: ns % 1_000_000_000 };
        // SAFETY: structures of numbers, and pointers to live ones. The union's fields are numbers,
        // whichever of them the kernel filled.
        unsafe {
            let mut info: libc::siginfo_t = zeroed();
            let r = match ns < 0 {
                true => libc::sigwaitinfo(&set, &mut info),
                false => libc::sigtimedwait(&set, &mut info, &time),
            };
            match check(r) {
                Err(e) if e.errno == libc::EAGAIN => return Ok(None),
                Err(e) => return Err(e),
                Ok(_) => {}
            }
            Ok(Some(SignalInfo {
                signal: info.si_signo,
                code: info.si_code,
                errno: info.si_errno,
                pid: info.si_pid(),
                uid: info.si_uid() as i32,
                status: info.si_status(),
            }))
        }
    }

    fn setitimer(&self, which: i32, t: TimerSpec) -> Result<TimerSpec> {
        let new = libc::itimerval { it_value: timeval(t.value), it_interval: timeval(t.interval) };
        // SAFETY: structures of numbers, and pointers to live ones.
        unsafe {
            let mut old: libc::itimerval = zeroed();
            check(libc::setitimer(which as _, &new, &mut old))?;
            Ok(timer(&old))
        }
    }

    fn getitimer(&self, which: i32) -> Result<TimerSpec> {
        // SAFETY: a structure of numbers, and a pointer to it.
        unsafe {
            let mut now: libc::itimerval = zeroed();
            check(libc::getitimer(which as _, &mut now))?;
            Ok(timer(&now))
        }
    }

    fn alarm(&self, seconds: u32) -> Result<u32> {
        // SAFETY: takes a number.
        Ok(unsafe { libc::alarm(seconds) })
    }

    fn raise(&self, signal: i32) -> Result<()> {
        // SAFETY: takes a number; what it leads to is the handling that the program asked for.
        match unsafe { libc::raise(signal) } {
            0 => Ok(()),
            _ => Err(super::c_library::last_error()),
        }
    }

    fn report_faults(&self, fd: Option<Fd>) -> Result<()> {
        faults::report(fd);
        Ok(())
    }

    fn signal_later(&self, request: SignalLater) -> Result<()> {
        faults::signal_later(request)
    }

    fn cancel_later(&self) -> Result<()> {
        faults::cancel_later();
        Ok(())
    }
}

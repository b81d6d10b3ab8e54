//! `_signal_native`: signals of the process. A C handler only notes the number; the eval-breaker (and
//! every blocking call that a signal interrupts) then runs `_signal._deliver`, a Python function, which
//! calls the handlers as ordinary frames. `lib/overlay/_signal.py` keeps them. CPython's counterpart:
//! `Modules/signalmodule.c`.
//!
//! The tables are process-wide, as signals are: they belong to the Vm that called `install` last.
#![expect(unsafe_code, reason = "sigaction and its kin; the C handler")]

use std::sync::atomic::{AtomicBool, AtomicI32, AtomicI64, Ordering};

use stackless_runtime::exc::Reply;
use stackless_runtime::native::{Args, Def, def};
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::{Flow, PyResult, Ref, Value, Vm};

use crate::os::{granted, items, last_error, n, number};
use crate::support::{float, int};
use crate::{Native, int_calls};

pub const MODULE: Native = Native { name: "_signal_native", defs: DEFS, fill };
pub const NUMBERS: Native = Native { name: "_signal_numbers", defs: NUMBER_DEFS, fill };

fn fill(_: &mut Vm, _: &Ref<Dict>) -> PyResult<()> {
    Ok(())
}

const COUNT: usize = 65;
static PENDING: [AtomicBool; COUNT] = [const { AtomicBool::new(false) }; COUNT];
static ANY: AtomicBool = AtomicBool::new(false);
static WAKEUP: AtomicI32 = AtomicI32::new(-1);
/// The errno of a failed write to the wakeup descriptor; 0 for none.
static WAKEUP_ERROR: AtomicI32 = AtomicI32::new(0);

/// Async-signal-safe: atomics, and a write whose errno is put back.
extern "C" fn on_signal(signal: libc::c_int) {
    // SAFETY: errno of this thread.
    let errno = unsafe { *libc::__errno_location() };
    if let Some(flag) = PENDING.get(signal as usize) {
        flag.store(true, Ordering::Relaxed);
        ANY.store(true, Ordering::Release);
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

/// Length of a thread's turn in ns while there are threads, else 0; and when the turn began.
static SLICE: AtomicI64 = AtomicI64::new(0);
static TURN: AtomicI64 = AtomicI64::new(0);

/// The time, if the thread's turn is over.
fn slice_is_over(vm: &Vm) -> Option<i64> {
    let slice = SLICE.load(Ordering::Relaxed);
    if slice <= 0 {
        return None;
    }
    let now = vm.host.monotonic_ns().ok()?;
    (now - TURN.load(Ordering::Relaxed) >= slice).then_some(now)
}

/// The eval-breaker's look.
fn check(vm: &mut Vm) -> Option<Flow> {
    let signals = ANY.load(Ordering::Relaxed);
    let over = slice_is_over(vm);
    let switch = over.is_some();
    if !(signals || switch) || vm.interrupt_handler.is_unbound() {
        return None;
    }
    if !stackless_runtime::stack_view::in_visible_code(vm) {
        // A loop may meet each regular look in the same hidden function.
        vm.look_again_soon();
        return None;
    }
    if let Some(now) = over {
        TURN.store(now, Ordering::Relaxed);
    }
    if signals {
        ANY.store(false, Ordering::Release);
    }
    let f = vm.interrupt_handler.clone();
    Some(stackless_runtime::ops::call::call(vm, &f, Args::new(&[Value::bool(switch)])))
}

fn zeroed<T>() -> T {
    // SAFETY: used for C structures of numbers, sets and optional functions only.
    unsafe { std::mem::zeroed() }
}

/// How a signal is handled now: 0 by default, 1 ignored, 2 by this module, 3 by somebody else.
fn kind(action: &libc::sigaction) -> i32 {
    match action.sa_sigaction {
        libc::SIG_DFL => 0,
        libc::SIG_IGN => 1,
        f if f == on_signal as extern "C" fn(libc::c_int) as usize => 2,
        _ => 3,
    }
}

/// `(signal, kind)`: sets the handling (None asks only), gives the old one's kind.
fn disposition(vm: &mut Vm, a: &[Value]) -> Flow {
    granted(vm)?;
    let mut old: libc::sigaction = zeroed();
    let mut new: libc::sigaction = zeroed();
    let asked = a[1].is_none();
    new.sa_sigaction = match n(&a[1]) {
        0 => libc::SIG_DFL,
        1 => libc::SIG_IGN,
        _ => on_signal as extern "C" fn(libc::c_int) as usize,
    };
    // SAFETY: pointers to live structures; the handler is async-signal-safe.
    let r = unsafe {
        libc::sigemptyset(&mut new.sa_mask);
        libc::sigaction(n(&a[0]), if asked { std::ptr::null() } else { &new }, &mut old)
    };
    if r < 0 {
        return Err(last_error(vm, &[]));
    }
    Ok(Value::from_i32(kind(&old)).into())
}

fn set_of(vm: &Vm, v: &Value) -> libc::sigset_t {
    let mut set: libc::sigset_t = zeroed();
    // SAFETY: a pointer to a live set; numbers out of range are refused by the call.
    unsafe {
        libc::sigemptyset(&mut set);
        for s in items(vm, v) {
            libc::sigaddset(&mut set, n(&s));
        }
    }
    set
}

fn members(vm: &mut Vm, set: &libc::sigset_t) -> Flow {
    // SAFETY: a pointer to a live set.
    let list = (1..COUNT as i32).filter(|s| unsafe { libc::sigismember(set, *s) } == 1);
    Ok(vm.list(list.map(Value::from_i32).collect()).into())
}

fn information(vm: &mut Vm, info: &libc::siginfo_t) -> Flow {
    // SAFETY: the union's fields are numbers, whichever of them the kernel filled.
    let v = unsafe {
        [
            info.si_signo,
            info.si_code,
            info.si_errno,
            info.si_pid(),
            info.si_uid() as i32,
            info.si_status(),
        ]
    };
    let mut v: Vec<Value> = v.into_iter().map(Value::from_i32).collect();
    v.push(Value::from_i32(0));
    Ok(vm.tuple(v).into())
}

fn interval(v: &Value) -> libc::timeval {
    let t = float(v).clamp(-1e15, 1e15);
    // Rounded up, so that a tiny time does not switch the timer off.
    let us = (t * 1e6).ceil();
    libc::timeval { tv_sec: (us / 1e6).floor() as i64, tv_usec: us.rem_euclid(1e6) as i64 }
}

fn timer(vm: &mut Vm, t: &libc::itimerval) -> Flow {
    let f = |t: &libc::timeval| t.tv_sec as f64 + t.tv_usec as f64 * 1e-6;
    let v = vec![vm.float(f(&t.it_value)), vm.float(f(&t.it_interval))];
    Ok(vm.tuple(v).into())
}

const DEFS: &[Def] = &[
    def!("install", "(deliver, /)", |vm, a| {
        granted(vm)?;
        vm.interrupt_handler = a[0].clone();
        vm.interrupt_check = Some(check);
        Ok(Reply::NONE)
    }),
    def!("disposition", "(signal, kind, /)", disposition),
    // Turns of this many ns for threads; 0 for none.
    def!("set_slice", "(ns, /)", |_, a| {
        SLICE.store(int(&a[0]), Ordering::Relaxed);
        Ok(Reply::NONE)
    }),
    // As if the signal had come.
    def!("pend", "(signal, /)", |vm, a| {
        vm.breaker = 1;
        if let Some(flag) = PENDING.get(n(&a[0]).max(0) as usize) {
            flag.store(true, Ordering::Relaxed);
            ANY.store(true, Ordering::Release);
        }
        Ok(Reply::NONE)
    }),
    // The numbers that came since the last time.
    def!("take", "()", |vm, _| {
        ANY.store(false, Ordering::Release);
        let list = (1..COUNT).filter(|i| PENDING[*i].swap(false, Ordering::AcqRel));
        let list = list.map(Value::from_usize).collect();
        Ok(vm.list(list).into())
    }),
    def!("set_wakeup", "(fd, /)", |_, a| {
        Ok(Value::from_i32(WAKEUP.swap(n(&a[0]), Ordering::AcqRel)).into())
    }),
    def!("take_wakeup_error", "()", |_, _| {
        Ok(Value::from_i32(WAKEUP_ERROR.swap(0, Ordering::AcqRel)).into())
    }),
    def!("strsignal", "(signal, /)", |vm, a| {
        // SAFETY: the answer is a C string or null, valid until the next call.
        let text = unsafe {
            let p = libc::strsignal(n(&a[0]));
            if p.is_null() {
                None
            } else {
                Some(std::ffi::CStr::from_ptr(p).to_string_lossy().into_owned())
            }
        };
        match text {
            Some(t) if !t.starts_with("Unknown signal") => Ok(vm.str(&t).into()),
            _ => Ok(Reply::NONE),
        }
    }),
    def!("sigmask", "(how, signals, /)", |vm, a| {
        granted(vm)?;
        let (new, mut old): (_, libc::sigset_t) = (set_of(vm, &a[1]), zeroed());
        // SAFETY: pointers to live sets.
        let r = unsafe { libc::pthread_sigmask(n(&a[0]), &new, &mut old) };
        if r != 0 {
            return Err(crate::support::os_error(vm, stackless_host::OsError::new(r), &[]));
        }
        members(vm, &old)
    }),
    def!("sigpending", "()", |vm, _| {
        granted(vm)?;
        let mut set: libc::sigset_t = zeroed();
        // SAFETY: pointer to a live set.
        if unsafe { libc::sigpending(&mut set) } < 0 {
            return Err(last_error(vm, &[]));
        }
        members(vm, &set)
    }),
    // A negative time waits for ever; None: the time is up.
    def!("sigtimedwait", "(signals, ns, /)", |vm, a| {
        granted(vm)?;
        let set = set_of(vm, &a[0]);
        let ns = int(&a[1]);
        let mut info: libc::siginfo_t = zeroed();
        let time = libc::timespec { tv_sec: ns / 1_000_000_000, tv_nsec: ns % 1_000_000_000 };
        // SAFETY: pointers to live structures.
        let r = unsafe {
            match ns < 0 {
                true => libc::sigwaitinfo(&set, &mut info),
                false => libc::sigtimedwait(&set, &mut info, &time),
            }
        };
        if r < 0 {
            if std::io::Error::last_os_error().raw_os_error() == Some(libc::EAGAIN) {
                return Ok(Reply::NONE);
            }
            return Err(last_error(vm, &[]));
        }
        information(vm, &info)
    }),
    def!("setitimer", "(which, value, interval, /)", |vm, a| {
        granted(vm)?;
        let new = libc::itimerval { it_value: interval(&a[1]), it_interval: interval(&a[2]) };
        let mut old: libc::itimerval = zeroed();
        // SAFETY: pointers to live structures.
        if unsafe { libc::setitimer(int(&a[0]) as _, &new, &mut old) } < 0 {
            return Err(last_error(vm, &[]));
        }
        timer(vm, &old)
    }),
    def!("getitimer", "(which, /)", |vm, a| {
        granted(vm)?;
        let mut now: libc::itimerval = zeroed();
        // SAFETY: pointer to a live structure.
        if unsafe { libc::getitimer(int(&a[0]) as _, &mut now) } < 0 {
            return Err(last_error(vm, &[]));
        }
        timer(vm, &now)
    }),
    def!("siginterrupt", "(signal, interrupt, /)", |vm, a| {
        granted(vm)?;
        let mut action: libc::sigaction = zeroed();
        // SAFETY: pointers to a live structure.
        let r = unsafe {
            if libc::sigaction(n(&a[0]), std::ptr::null(), &mut action) < 0 {
                -1
            } else {
                match a[1].is_true() {
                    true => action.sa_flags &= !libc::SA_RESTART,
                    false => action.sa_flags |= libc::SA_RESTART,
                }
                libc::sigaction(n(&a[0]), &action, std::ptr::null_mut())
            }
        };
        number(vm, r as i64, &[])
    }),
];

const NUMBER_DEFS: &[Def] = int_calls! {
    "alarm" "(seconds, /)" |a| libc::alarm(int(&a[0]) as u32);
    "raise_signal" "(signal, /)" |a| -((libc::raise(n(&a[0])) != 0) as i64);
    "tgkill" "(pid, thread, signal, /)" |a| libc::syscall(libc::SYS_tgkill, n(&a[0]), n(&a[1]), n(&a[2]));
};

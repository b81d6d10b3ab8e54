//! `_semaphores_native`: named semaphores and shared memory of processes. `_multiprocessing` and
//! `_posixshmem` in `lib/overlay` have the class. CPython's counterparts:
//! `Modules/_multiprocessing/semaphore.c`, `Modules/_multiprocessing/posixshmem.c`.
#![expect(unsafe_code, reason = "the C library's semaphores")]

use stackless_runtime::exc::Reply;
use stackless_runtime::native::{Def, def};
use stackless_runtime::objects::capsule;
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::{Exc, PyResult, Ref, Value, Vm};

use crate::Native;
use crate::os::{c_string, granted, last_error, n, number};
use crate::support::{flag, int};

pub const MODULE: Native = Native { name: "_semaphores_native", defs: DEFS, fill };

fn fill(_: &mut Vm, _: &Ref<Dict>) -> PyResult<()> {
    Ok(())
}

/// An open semaphore; closed once, by `Drop`.
struct Semaphore(*mut libc::sem_t);

impl Drop for Semaphore {
    fn drop(&mut self) {
        // SAFETY: opened by sem_open, closed here only.
        unsafe { libc::sem_close(self.0) };
    }
}

fn lost(vm: &mut Vm) -> Exc {
    vm.system_error("not a semaphore")
}

/// A call on the semaphore; -1 with errno is an error.
fn call(vm: &mut Vm, v: &Value, f: impl FnOnce(*mut libc::sem_t) -> i64) -> PyResult {
    match capsule::with(v, |s: &mut Semaphore| f(s.0)) {
        Some(-1) => Err(last_error(vm, &[])),
        Some(r) => Ok(vm.int(r)),
        None => Err(lost(vm)),
    }
}

const DEFS: &[Def] = &[
    def!("open", "(name, create, value, /)", |vm, a| {
        granted(vm)?;
        let name = c_string(vm, "SemLock", &a[0])?;
        // SAFETY: a live C string and numbers.
        let s = unsafe {
            match flag(&a[1], false) {
                true => libc::sem_open(
                    name.as_ptr(),
                    libc::O_CREAT | libc::O_EXCL,
                    0o600 as libc::c_uint,
                    int(&a[2]) as libc::c_uint,
                ),
                false => libc::sem_open(name.as_ptr(), 0),
            }
        };
        if s == libc::SEM_FAILED {
            return Err(last_error(vm, &[]));
        }
        Ok(vm.capsule(Semaphore(s)).into())
    }),
    def!("unlink", "(name, /)", |vm, a| {
        granted(vm)?;
        let name = c_string(vm, "sem_unlink", &a[0])?;
        // SAFETY: a live C string.
        let r = unsafe { libc::sem_unlink(name.as_ptr()) };
        number(vm, r as i64, &[])
    }),
    def!("post", "(semaphore, /)", |vm, a| {
        // SAFETY: an open semaphore.
        call(vm, &a[0], |s| unsafe { libc::sem_post(s) } as i64).map(Reply::from)
    }),
    def!("value", "(semaphore, /)", |vm, a| {
        call(vm, &a[0], |s| {
            let mut v = 0;
            // SAFETY: an open semaphore and a live local.
            if unsafe { libc::sem_getvalue(s, &mut v) } < 0 { -1 } else { v as i64 }
        })
        .map(Reply::from)
    }),
    // Takes it at once, or within so many ns of the wall clock; a negative time waits for ever.
    // False: not in that time.
    def!("wait", "(semaphore, ns, /)", |vm, a| {
        let ns = int(&a[1]);
        let now = vm.host.time_ns().unwrap_or(0);
        let outcome = capsule::with(&a[0], |s: &mut Semaphore| {
            let end = now.saturating_add(ns);
            let end = libc::timespec { tv_sec: end / 1_000_000_000, tv_nsec: end % 1_000_000_000 };
            // SAFETY: an open semaphore and a live local.
            let r = unsafe {
                match ns {
                    0 => libc::sem_trywait(s.0),
                    n if n < 0 => libc::sem_wait(s.0),
                    _ => libc::sem_timedwait(s.0, &end),
                }
            };
            if r == 0 { 0 } else { std::io::Error::last_os_error().raw_os_error().unwrap_or(0) }
        });
        match outcome {
            None => Err(lost(vm)),
            Some(0) => Ok(Value::TRUE.into()),
            Some(libc::EAGAIN | libc::ETIMEDOUT) => Ok(Value::FALSE.into()),
            Some(e) => Err(crate::support::os_error(vm, stackless_host::OsError::new(e), &[])),
        }
    }),
    def!("shm_open", "(path, flags, mode, /)", |vm, a| {
        granted(vm)?;
        let path = c_string(vm, "shm_open", &a[0])?;
        // SAFETY: a live C string and numbers.
        let r = unsafe { libc::shm_open(path.as_ptr(), n(&a[1]), int(&a[2]) as libc::mode_t) };
        number(vm, r as i64, &[&a[0]])
    }),
    def!("shm_unlink", "(path, /)", |vm, a| {
        granted(vm)?;
        let path = c_string(vm, "shm_unlink", &a[0])?;
        // SAFETY: a live C string.
        let r = unsafe { libc::shm_unlink(path.as_ptr()) };
        number(vm, r as i64, &[&a[0]])
    }),
];

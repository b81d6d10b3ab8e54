//! Process identity, forks and programs, waiting, machine facts, scheduling.
#![expect(unsafe_code, reason = "process calls of the C library, which act on all threads")]

use super::c_library::{self, c_string, check, last_error, number_calls, unless_errno};
use super::limits::usage_of;
use super::{RealHost, spawn};
use crate::error::{OsError, Result};
use crate::traits::{Process, Scheduling};
use crate::types::*;
use rustix::process::{self, Pid};
use std::convert::Infallible;
use std::ffi::{CString, c_char};
use std::ptr;

/// How many processors a set has room for.
const CPUS: usize = libc::CPU_SETSIZE as usize;

fn pointers(list: &[CString]) -> Vec<*const c_char> {
    list.iter().map(|s| s.as_ptr()).chain([ptr::null()]).collect()
}

/// Real, effective and saved number, by a call that stores them.
fn three(call: unsafe extern "C" fn(*mut u32, *mut u32, *mut u32) -> i32) -> Result<[u32; 3]> {
    let (mut r, mut e, mut s) = (0, 0, 0);
    // SAFETY: pointers to live locals, for `getresuid` and `getresgid`.
    check(unsafe { call(&mut r, &mut e, &mut s) })?;
    Ok([r, e, s])
}

impl Process for RealHost {
    number_calls! {
        fn setuid(uid: u32) -> () = libc::setuid(uid);
        fn seteuid(uid: u32) -> () = libc::seteuid(uid);
        fn setreuid(real: u32, effective: u32) -> () = libc::setreuid(real, effective);
        fn setresuid(real: u32, effective: u32, saved: u32) -> () = libc::setresuid(real, effective, saved);
        fn setgid(gid: u32) -> () = libc::setgid(gid);
        fn setegid(gid: u32) -> () = libc::setegid(gid);
        fn setregid(real: u32, effective: u32) -> () = libc::setregid(real, effective);
        fn setresgid(real: u32, effective: u32, saved: u32) -> () = libc::setresgid(real, effective, saved);
        fn setpgid(pid: i32, group: i32) -> () = libc::setpgid(pid, group);
        fn getpgid(pid: i32) -> i32 = libc::getpgid(pid);
        fn getsid(pid: i32) -> i32 = libc::getsid(pid);
        fn setsid() -> i32 = libc::setsid();
        fn getpgrp() -> i32 = libc::getpgrp();
        fn kill(pid: i32, signal: i32) -> () = libc::kill(pid, signal);
        fn killpg(group: i32, signal: i32) -> () = libc::killpg(group, signal);
        fn pidfd_open(pid: i32, flags: u32) -> Fd = libc::syscall(libc::SYS_pidfd_open, pid, flags);
        fn pidfd_send_signal(fd: Fd, signal: i32, flags: u32) -> () = libc::syscall(libc::SYS_pidfd_send_signal, fd, signal, ptr::null::<libc::siginfo_t>(), flags);
        fn fork() -> i32 = libc::fork();
        fn unshare(flags: i32) -> () = libc::unshare(flags);
        fn setns(fd: Fd, kind: i32) -> () = libc::setns(fd, kind);
    }

    fn pid(&self) -> Result<i32> {
        Ok(process::getpid().as_raw_nonzero().get())
    }

    fn ppid(&self) -> Result<i32> {
        Ok(Pid::as_raw(process::getppid()))
    }

    fn uid(&self) -> Result<u32> {
        Ok(process::getuid().as_raw())
    }

    fn euid(&self) -> Result<u32> {
        Ok(process::geteuid().as_raw())
    }

    fn gid(&self) -> Result<u32> {
        Ok(process::getgid().as_raw())
    }

    fn egid(&self) -> Result<u32> {
        Ok(process::getegid().as_raw())
    }

    fn user_ids(&self) -> Result<[u32; 3]> {
        three(libc::getresuid)
    }

    fn group_ids(&self) -> Result<[u32; 3]> {
        three(libc::getresgid)
    }

    fn groups(&self) -> Result<Vec<u32>> {
        // SAFETY: a size of 0 asks for the number and writes nothing.
        let n = check(unsafe { libc::getgroups(0, ptr::null_mut()) })?;
        let mut out = vec![0; n as usize];
        // SAFETY: the vector has the places that are announced.
        let n = check(unsafe { libc::getgroups(n, out.as_mut_ptr()) })?;
        out.truncate(n as usize);
        Ok(out)
    }

    fn setgroups(&self, groups: &[u32]) -> Result<()> {
        // SAFETY: pointer and length are those of the list.
        check(unsafe { libc::setgroups(groups.len(), groups.as_ptr()) }).map(drop)
    }

    fn execute(
        &self,
        program: Program<'_>,
        args: &[CString],
        env: Option<&[CString]>,
    ) -> Result<Infallible> {
        let (argv, envp) = (pointers(args), env.map(pointers));
        match program {
            Program::Fd(fd) => {
                let env = envp.unwrap_or_else(|| vec![ptr::null()]);
                // SAFETY: NULL-terminated arrays of live C strings.
                unsafe { libc::fexecve(fd, argv.as_ptr(), env.as_ptr()) };
            }
            Program::Path(path) => {
                let path = c_string(path)?;
                // SAFETY: live C strings and NULL-terminated arrays of them.
                unsafe {
                    match &envp {
                        Some(env) => libc::execve(path.as_ptr(), argv.as_ptr(), env.as_ptr()),
                        None => libc::execv(path.as_ptr(), argv.as_ptr()),
                    };
                }
            }
        }
        Err(last_error())
    }

    fn system(&self, command: &[u8]) -> Result<i32> {
        let command = c_string(command)?;
        // SAFETY: a live C string.
        Ok(unsafe { libc::system(command.as_ptr()) })
    }

    fn waitpid(&self, of: i32, options: i32) -> Result<(i32, i32)> {
        let mut status = 0;
        // SAFETY: the pointer is to a live local.
        let found = check(unsafe { libc::waitpid(of, &mut status, options) })?;
        Ok((found, status))
    }

    fn wait4(&self, of: i32, options: i32) -> Result<(i32, i32, Usage)> {
        let mut status = 0;
        // SAFETY: a structure of numbers, for which zeros are a value.
        let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
        // SAFETY: both pointers are to live locals.
        let found = check(unsafe { libc::wait4(of, &mut status, options, &mut usage) })?;
        Ok((found, status, usage_of(&usage)))
    }

    fn waitid(&self, kind: u32, id: u32, options: i32) -> Result<Option<ChildInfo>> {
        // SAFETY: a structure of numbers, for which zeros are a value.
        let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
        // SAFETY: the pointer is to a live local.
        check(unsafe { libc::waitid(kind, id, &mut info, options) })?;
        // SAFETY: waitid filled the fields of a child's signal, or left zeros.
        let child = unsafe {
            ChildInfo {
                pid: info.si_pid(),
                uid: info.si_uid() as i32,
                signal: info.si_signo,
                status: info.si_status(),
                code: info.si_code,
            }
        };
        Ok(Some(child).filter(|c| c.pid != 0))
    }

    fn uname(&self) -> Result<Uname> {
        let u = rustix::system::uname();
        Ok(Uname {
            sysname: u.sysname().to_bytes().to_vec(),
            nodename: u.nodename().to_bytes().to_vec(),
            release: u.release().to_bytes().to_vec(),
            version: u.version().to_bytes().to_vec(),
            machine: u.machine().to_bytes().to_vec(),
        })
    }

    fn times(&self) -> Result<Times> {
        // SAFETY: `tms` is numbers; zeros are a value.
        let mut t: libc::tms = unsafe { std::mem::zeroed() };
        // SAFETY: the pointer is to a live value.
        let elapsed = unsafe { libc::times(&mut t) };
        if elapsed == -1 {
            return Err(last_error());
        }
        // SAFETY: takes a number.
        let hz = unsafe { libc::sysconf(libc::_SC_CLK_TCK) }.max(1);
        let ns = |ticks: libc::clock_t| (ticks as i128 * 1_000_000_000 / i128::from(hz)) as i64;
        Ok(Times {
            user_ns: ns(t.tms_utime),
            system_ns: ns(t.tms_stime),
            children_user_ns: ns(t.tms_cutime),
            children_system_ns: ns(t.tms_cstime),
            elapsed_ns: ns(elapsed),
        })
    }

    fn loadavg(&self) -> Result<[f64; 3]> {
        c_library::loadavg()
    }

    fn cpu_count(&self) -> Option<usize> {
        // SAFETY: takes a number.
        let n = unsafe { libc::sysconf(libc::_SC_NPROCESSORS_ONLN) };
        usize::try_from(n).ok().filter(|&n| n > 0)
    }

    fn page_size(&self) -> Result<usize> {
        // SAFETY: takes a number.
        let n = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
        usize::try_from(n).map_err(|_| OsError::new(libc::EINVAL))
    }

    fn spawn(&self, request: &SpawnRequest) -> std::result::Result<i32, SpawnError> {
        spawn::spawn(request)
    }

    fn exit(&self, status: i32) {
        c_library::exit_now(status)
    }
}

impl Scheduling for RealHost {
    number_calls! {
        fn sched_yield() -> () = libc::sched_yield();
        fn setpriority(which: i32, who: i32, priority: i32) -> () = libc::setpriority(which as _, who as libc::id_t, priority);
        fn scheduler(pid: i32) -> i32 = libc::sched_getscheduler(pid);
        fn max_scheduler_priority(policy: i32) -> i32 = libc::sched_get_priority_max(policy);
        fn min_scheduler_priority(policy: i32) -> i32 = libc::sched_get_priority_min(policy);
    }

    fn getpriority(&self, which: i32, who: i32) -> Result<i32> {
        // SAFETY: takes numbers.
        let call = || i64::from(unsafe { libc::getpriority(which as _, who as libc::id_t) });
        Ok(unless_errno(call)?.unwrap_or(-1) as i32)
    }

    fn nice(&self, increment: i32) -> Result<i32> {
        // SAFETY: takes a number.
        Ok(unless_errno(|| i64::from(unsafe { libc::nice(increment) }))?.unwrap_or(-1) as i32)
    }

    fn affinity(&self, of: i32) -> Result<Vec<usize>> {
        // SAFETY: a bit set, for which zeros are a value.
        let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
        // SAFETY: pointer and size are those of the set.
        check(unsafe { libc::sched_getaffinity(of, size_of_val(&set), &mut set) })?;
        // SAFETY: the numbers are inside the set.
        Ok((0..CPUS).filter(|&i| unsafe { libc::CPU_ISSET(i, &set) }).collect())
    }

    fn set_affinity(&self, of: i32, cpus: &[usize]) -> Result<()> {
        // SAFETY: a bit set, for which zeros are a value.
        let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
        for &cpu in cpus.iter().filter(|c| **c < CPUS) {
            // SAFETY: the number is inside the set.
            unsafe { libc::CPU_SET(cpu, &mut set) };
        }
        // SAFETY: pointer and size are those of the set.
        check(unsafe { libc::sched_setaffinity(of, size_of_val(&set), &set) }).map(drop)
    }

    fn set_scheduler(&self, of: i32, policy: i32, priority: i32) -> Result<()> {
        let p = libc::sched_param { sched_priority: priority };
        // SAFETY: pointer to a live local.
        check(unsafe { libc::sched_setscheduler(of, policy, &p) }).map(drop)
    }

    fn scheduler_priority(&self, of: i32) -> Result<i32> {
        let mut p = libc::sched_param { sched_priority: 0 };
        // SAFETY: pointer to a live local.
        check(unsafe { libc::sched_getparam(of, &mut p) })?;
        Ok(p.sched_priority)
    }

    fn set_scheduler_priority(&self, of: i32, priority: i32) -> Result<()> {
        let p = libc::sched_param { sched_priority: priority };
        // SAFETY: pointer to a live local.
        check(unsafe { libc::sched_setparam(of, &p) }).map(drop)
    }

    fn round_robin_ns(&self, of: i32) -> Result<i64> {
        let mut t = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: pointer to a live local.
        check(unsafe { libc::sched_rr_get_interval(of, &mut t) })?;
        Ok(t.tv_sec.saturating_mul(1_000_000_000).saturating_add(t.tv_nsec))
    }
}

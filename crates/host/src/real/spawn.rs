//! Starting programs by fork and exec.
//!
//! Between fork and exec the child may only make async-signal-safe calls: other threads' locks
//! (the allocator's among them) are held for ever there. So everything that it needs is allocated
//! before, and it reports a failure through a pipe that exec closes.
#![expect(unsafe_code, reason = "fork, and what a child may do before exec")]

use super::c_library::{check, last_error};
use crate::types::{Fd, SpawnError, SpawnRequest};
use std::ffi::{CString, c_char};
use std::ptr;

fn c_strings(list: &[Vec<u8>]) -> Option<Vec<CString>> {
    list.iter().map(|s| CString::new(s.as_slice()).ok()).collect()
}

fn pointers(list: &[CString]) -> Vec<*const c_char> {
    list.iter().map(|s| s.as_ptr()).chain([ptr::null()]).collect()
}

/// How far a child got, as it reports it.
const PREPARE: u8 = 0;
const CHDIR: u8 = 1;
const EXEC: u8 = 2;

/// All that the child reads; nothing here is allocated after the fork.
struct Plan<'a> {
    request: &'a SpawnRequest,
    argv: Vec<*const c_char>,
    envp: Option<Vec<*const c_char>>,
    programs: Vec<*const c_char>,
    cwd: Option<CString>,
    report: Fd,
    max_fd: Fd,
}

pub(super) fn spawn(request: &SpawnRequest) -> std::result::Result<i32, SpawnError> {
    let fail = |errno| SpawnError { errno, before_exec: true, in_chdir: false };
    let invalid = || fail(libc::EINVAL);
    let args = c_strings(&request.args).ok_or_else(invalid)?;
    let programs = c_strings(&request.executables).ok_or_else(invalid)?;
    let env = match &request.env {
        Some(e) => Some(c_strings(e).ok_or_else(invalid)?),
        None => None,
    };
    let cwd = match &request.cwd {
        Some(c) => Some(CString::new(c.as_slice()).map_err(|_| invalid())?),
        None => None,
    };
    let mut ends = [-1; 2];
    // SAFETY: the array has the two places that are filled.
    check(unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) }).map_err(|e| fail(e.errno))?;
    let plan = Plan {
        request,
        argv: pointers(&args),
        envp: env.as_deref().map(pointers),
        programs: programs.iter().map(|p| p.as_ptr()).collect(),
        cwd,
        report: ends[1],
        max_fd: max_fd(),
    };
    // SAFETY: the child runs `child` only, which keeps to async-signal-safe calls and ends in exec
    // or _exit.
    let pid = unsafe { libc::fork() };
    if pid == 0 {
        // SAFETY: this is the child of the fork above; see `child`.
        unsafe { child(&plan) };
    }
    let forked = check(pid);
    let _ = super::c_library::close(ends[1]);
    let mut report = [0u8; 5];
    let mut have = 0;
    if forked.is_ok() {
        while have < report.len() {
            // SAFETY: the pointer and length are of the rest of the array.
            let n = unsafe {
                libc::read(ends[0], report[have..].as_mut_ptr().cast(), report.len() - have)
            };
            match n {
                0 => break,
                n if n > 0 => have += n as usize,
                _ if last_error().is_interrupted() => {}
                _ => break,
            }
        }
    }
    let _ = super::c_library::close(ends[0]);
    let pid = forked.map_err(|e| fail(e.errno))?;
    if have < report.len() {
        return Ok(pid);
    }
    // The child never became a program: take its body away, so that nobody has to wait for it.
    loop {
        // SAFETY: no status is asked for.
        let r = unsafe { libc::waitpid(pid, ptr::null_mut(), 0) };
        if r >= 0 || !last_error().is_interrupted() {
            break;
        }
    }
    let [a, b, c, d, stage] = report;
    let errno = i32::from_ne_bytes([a, b, c, d]);
    Err(SpawnError { errno, before_exec: stage != EXEC, in_chdir: stage == CHDIR })
}

fn max_fd() -> Fd {
    // SAFETY: takes a number.
    let n = unsafe { libc::sysconf(libc::_SC_OPEN_MAX) };
    Fd::try_from(n).unwrap_or(Fd::MAX).clamp(256, 1 << 20)
}

/// # Safety
/// Only to be called in the child of a fork. Never returns, allocates, locks or unwinds.
unsafe fn child(plan: &Plan<'_>) -> ! {
    let mut stage = PREPARE;
    // SAFETY: as this function's contract; `prepare` has the same.
    if unsafe { prepare(plan, &mut stage) } {
        stage = EXEC;
        for &program in &plan.programs {
            // SAFETY: all pointers are to NUL-terminated strings and NULL-terminated arrays that
            // live in the plan.
            unsafe {
                match &plan.envp {
                    Some(env) => libc::execve(program, plan.argv.as_ptr(), env.as_ptr()),
                    None => libc::execv(program, plan.argv.as_ptr()),
                };
                let e = *libc::__errno_location();
                if e != libc::ENOENT && e != libc::ENOTDIR {
                    break;
                }
            }
        }
    }
    // SAFETY: reads this thread's errno, writes from a local array, ends the process.
    unsafe {
        let [a, b, c, d] = (*libc::__errno_location()).to_ne_bytes();
        let report = [a, b, c, d, stage];
        libc::write(plan.report, report.as_ptr().cast(), report.len());
        libc::_exit(255)
    }
}

/// # Safety
/// As `child`. Gives false with errno set at the first failure.
unsafe fn prepare(plan: &Plan<'_>, stage: &mut u8) -> bool {
    let r = plan.request;
    // SAFETY: system calls on numbers and on strings of the plan, all async-signal-safe.
    unsafe {
        // Sources among 0 to 2 would be overwritten by an earlier target: lift them first.
        let mut from = r.stdio;
        for f in &mut from {
            if (0..=2).contains(f) {
                let lifted = libc::fcntl(*f, libc::F_DUPFD_CLOEXEC, 3);
                if lifted < 0 {
                    return false;
                }
                *f = lifted;
            }
        }
        for (target, &f) in from.iter().enumerate() {
            if f >= 0 && libc::dup2(f, target as Fd) < 0 {
                return false;
            }
        }
        if let Some(cwd) = &plan.cwd
            && libc::chdir(cwd.as_ptr()) < 0
        {
            *stage = CHDIR;
            return false;
        }
        if let Some(mask) = r.umask {
            libc::umask(mask as libc::mode_t);
        }
        if r.restore_signals {
            for s in [libc::SIGPIPE, libc::SIGXFSZ] {
                libc::signal(s, libc::SIG_DFL);
            }
        }
        if r.new_session && libc::setsid() < 0 {
            return false;
        }
        if let Some(group) = r.process_group
            && libc::setpgid(0, group) < 0
        {
            return false;
        }
        if let Some(groups) = &r.groups
            && libc::setgroups(groups.len(), groups.as_ptr()) < 0
        {
            return false;
        }
        if let Some(gid) = r.gid
            && libc::setregid(gid, gid) < 0
        {
            return false;
        }
        if let Some(uid) = r.uid
            && libc::setreuid(uid, uid) < 0
        {
            return false;
        }
        for &fd in &r.keep_fds {
            let flags = libc::fcntl(fd, libc::F_GETFD);
            if fd != plan.report && flags >= 0 {
                libc::fcntl(fd, libc::F_SETFD, flags & !libc::FD_CLOEXEC);
            }
        }
        if r.close_fds {
            close_others(plan);
        }
    }
    true
}

/// # Safety
/// As `child`.
unsafe fn close_others(plan: &Plan<'_>) {
    let mut start: Fd = 3;
    let mut keep = plan.request.keep_fds.iter().copied().filter(|&f| f >= 3).peekable();
    loop {
        // The report pipe stays, too: exec closes it.
        let next = match keep.peek() {
            Some(&k) => k,
            None => Fd::MAX,
        };
        let next = if plan.report >= start { next.min(plan.report) } else { next };
        if next > start {
            let last = if next == Fd::MAX { u32::MAX } else { next as u32 - 1 };
            // SAFETY: closes numbers; memory is not touched.
            let r = unsafe { libc::syscall(libc::SYS_close_range, start as u32, last, 0) };
            if r < 0 {
                for fd in start..=(last.min(plan.max_fd as u32) as Fd) {
                    // SAFETY: as above.
                    unsafe { libc::close(fd) };
                }
            }
        }
        if next == Fd::MAX {
            return;
        }
        start = next.saturating_add(1);
        while keep.peek().is_some_and(|&k| k < start) {
            keep.next();
        }
    }
}

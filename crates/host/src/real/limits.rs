//! Limits, usage, facts of the system.
#![expect(unsafe_code, reason = "calls that fill structures of C")]

use super::RealHost;
use super::c_library::{c_string, check, unless_errno};
use crate::error::Result;
use crate::traits::Limits;
use crate::types::{FileRef, Limit, Usage};
use std::ptr;

fn rlimit(l: Limit) -> libc::rlimit {
    libc::rlimit { rlim_cur: l.soft, rlim_max: l.hard }
}

pub(super) fn usage_of(r: &libc::rusage) -> Usage {
    let us = |t: libc::timeval| t.tv_sec.saturating_mul(1_000_000).saturating_add(t.tv_usec);
    Usage {
        user_us: us(r.ru_utime),
        system_us: us(r.ru_stime),
        counts: [
            r.ru_maxrss,
            r.ru_ixrss,
            r.ru_idrss,
            r.ru_isrss,
            r.ru_minflt,
            r.ru_majflt,
            r.ru_nswap,
            r.ru_inblock,
            r.ru_oublock,
            r.ru_msgsnd,
            r.ru_msgrcv,
            r.ru_nsignals,
            r.ru_nvcsw,
            r.ru_nivcsw,
        ],
    }
}

impl Limits for RealHost {
    fn limit(&self, pid: i32, resource: u32, new: Option<Limit>) -> Result<Limit> {
        let new = new.map(rlimit);
        let mut old = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        let pointer = new.as_ref().map_or(ptr::null(), ptr::from_ref);
        // SAFETY: both pointers are null or point to structures that live across the call.
        check(unsafe { libc::prlimit(pid, resource as _, pointer, &mut old) })?;
        Ok(Limit { soft: old.rlim_cur, hard: old.rlim_max })
    }

    fn usage(&self, who: i32) -> Result<Usage> {
        // SAFETY: the structure is plain numbers, for which zero is a value.
        let mut r: libc::rusage = unsafe { std::mem::zeroed() };
        // SAFETY: the pointer is to a structure that lives across the call.
        check(unsafe { libc::getrusage(who, &mut r) })?;
        Ok(usage_of(&r))
    }

    fn sysconf(&self, name: i32) -> Result<Option<i64>> {
        // SAFETY: takes a number.
        unless_errno(|| unsafe { libc::sysconf(name) })
    }

    fn pathconf(&self, of: FileRef<'_>, name: i32) -> Result<Option<i64>> {
        match of {
            // SAFETY: takes numbers.
            FileRef::Fd(fd) => unless_errno(|| unsafe { libc::fpathconf(fd, name) }),
            FileRef::Path { path, .. } => {
                let path = c_string(path)?;
                // SAFETY: a live C string and a number.
                unless_errno(|| unsafe { libc::pathconf(path.as_ptr(), name) })
            }
        }
    }

    fn confstr(&self, name: i32) -> Result<Option<Vec<u8>>> {
        let mut buffer = vec![0u8; 4096];
        let size = unless_errno(|| {
            // SAFETY: a buffer with its size.
            match unsafe { libc::confstr(name, buffer.as_mut_ptr().cast(), buffer.len()) } {
                0 => -1,
                n => n as i64,
            }
        })?;
        Ok(size.map(|_| super::c_library::until_nul(buffer)))
    }
}

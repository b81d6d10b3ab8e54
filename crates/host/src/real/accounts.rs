//! The databases of users and groups, and the system log, by the C library.
#![expect(unsafe_code, reason = "the C library's account and log functions")]

use super::RealHost;
use super::c_library::{c_string, check, copied, last_error};
use crate::error::Result;
use crate::traits::{Accounts, SystemLog};
use crate::types::{Group, User};
use std::ffi::CString;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Held while an answer of the account functions, which is static, is asked for and read.
static ANSWERS: Mutex<()> = Mutex::new(());
/// The log's name, to which the C library keeps a pointer.
static LOG_NAME: Mutex<Option<CString>> = Mutex::new(None);

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// # Safety
/// `p` is null or an entry that the C library has just given.
unsafe fn user(p: *const libc::passwd) -> Option<User> {
    // SAFETY: as the contract says; its strings live as long.
    unsafe {
        let p = p.as_ref()?;
        Some(User {
            name: copied(p.pw_name),
            password: copied(p.pw_passwd),
            uid: p.pw_uid,
            gid: p.pw_gid,
            comment: copied(p.pw_gecos),
            home: copied(p.pw_dir),
            shell: copied(p.pw_shell),
        })
    }
}

/// # Safety
/// As for `user`.
unsafe fn group(p: *const libc::group) -> Option<Group> {
    // SAFETY: as the contract says; the list of members ends with null.
    unsafe {
        let p = p.as_ref()?;
        let mut members = Vec::new();
        let mut at = p.gr_mem;
        while !at.is_null() && !(*at).is_null() {
            members.push(copied(*at));
            at = at.add(1);
        }
        Some(Group {
            name: copied(p.gr_name),
            password: copied(p.gr_passwd),
            gid: p.gr_gid,
            members,
        })
    }
}

impl Accounts for RealHost {
    fn user_by_name(&self, name: &[u8]) -> Result<Option<User>> {
        let name = c_string(name)?;
        let _answers = locked(&ANSWERS);
        // SAFETY: a live C string; the answer is read at once.
        Ok(unsafe { user(libc::getpwnam(name.as_ptr())) })
    }

    fn user_by_id(&self, uid: u32) -> Result<Option<User>> {
        let _answers = locked(&ANSWERS);
        // SAFETY: takes a number; the answer is read at once.
        Ok(unsafe { user(libc::getpwuid(uid)) })
    }

    fn users(&self) -> Result<Vec<User>> {
        let _answers = locked(&ANSWERS);
        let mut out = Vec::new();
        // SAFETY: each answer is read before the next call.
        unsafe {
            libc::setpwent();
            while let Some(u) = user(libc::getpwent()) {
                out.push(u);
            }
            libc::endpwent();
        }
        Ok(out)
    }

    fn group_by_name(&self, name: &[u8]) -> Result<Option<Group>> {
        let name = c_string(name)?;
        let _answers = locked(&ANSWERS);
        // SAFETY: a live C string; the answer is read at once.
        Ok(unsafe { group(libc::getgrnam(name.as_ptr())) })
    }

    fn group_by_id(&self, gid: u32) -> Result<Option<Group>> {
        let _answers = locked(&ANSWERS);
        // SAFETY: takes a number; the answer is read at once.
        Ok(unsafe { group(libc::getgrgid(gid)) })
    }

    fn all_groups(&self) -> Result<Vec<Group>> {
        let _answers = locked(&ANSWERS);
        let mut out = Vec::new();
        // SAFETY: each answer is read before the next call.
        unsafe {
            libc::setgrent();
            while let Some(g) = group(libc::getgrent()) {
                out.push(g);
            }
            libc::endgrent();
        }
        Ok(out)
    }

    fn groups_of(&self, name: &[u8], gid: u32) -> Result<Vec<u32>> {
        let name = c_string(name)?;
        let _answers = locked(&ANSWERS);
        let mut size = 64i32;
        loop {
            let mut list = vec![0; size as usize];
            // SAFETY: a live C string, and a list with its size.
            let r = unsafe { libc::getgrouplist(name.as_ptr(), gid, list.as_mut_ptr(), &mut size) };
            if r >= 0 {
                list.truncate(size.max(0) as usize);
                return Ok(list);
            }
            // It tells the size that it needs.
            if size as usize <= list.len() || size > 1 << 20 {
                return Err(last_error());
            }
        }
    }

    fn initgroups(&self, name: &[u8], gid: u32) -> Result<()> {
        let name = c_string(name)?;
        let _answers = locked(&ANSWERS);
        // SAFETY: a live C string and a number.
        check(unsafe { libc::initgroups(name.as_ptr(), gid) }).map(drop)
    }
}

impl SystemLog for RealHost {
    fn open_log(&self, name: Option<&[u8]>, options: i32, facility: i32) -> Result<()> {
        let name = name.map(c_string).transpose()?;
        let mut held = locked(&LOG_NAME);
        let p = name.as_ref().map_or(std::ptr::null(), |s| s.as_ptr());
        // SAFETY: the string lives in `LOG_NAME` until the log is opened again or closed.
        unsafe { libc::openlog(p, options, facility) };
        *held = name;
        Ok(())
    }

    fn log(&self, priority: i32, message: &[u8]) -> Result<()> {
        let message = c_string(message)?;
        // SAFETY: a constant format and a live C string.
        unsafe { libc::syslog(priority, c"%s".as_ptr(), message.as_ptr()) };
        Ok(())
    }

    fn close_log(&self) -> Result<()> {
        let mut held = locked(&LOG_NAME);
        // SAFETY: no arguments; the name is let go of afterwards.
        unsafe { libc::closelog() };
        *held = None;
        Ok(())
    }

    fn set_log_mask(&self, mask: i32) -> Result<i32> {
        // SAFETY: takes a number.
        Ok(unsafe { libc::setlogmask(mask) })
    }
}

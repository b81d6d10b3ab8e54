//! `_accounts_native`: the databases of users and groups, and the system log. `pwd`, `grp` and `syslog`
//! in `lib/overlay` build results. CPython's counterparts: `Modules/pwdmodule.c`, `Modules/grpmodule.c`,
//! `Modules/syslogmodule.c`.
#![expect(unsafe_code, reason = "the C library's account and log functions")]

use std::ffi::{CStr, CString, c_char};
use std::sync::Mutex;

use stackless_runtime::exc::Reply;
use stackless_runtime::native::{Def, def};
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::{PyResult, Ref, Value, Vm};

use crate::Native;
use crate::os::{c_string, granted, n};
use crate::support::{fs_text, int};

pub const MODULE: Native = Native { name: "_accounts_native", defs: DEFS, fill };

fn fill(_: &mut Vm, _: &Ref<Dict>) -> PyResult<()> {
    Ok(())
}

/// Keeps the answers of the account functions, which are static, to one thread; and holds the log's
/// name, to which the C library keeps a pointer.
static LOG_NAME: Mutex<Option<CString>> = Mutex::new(None);

fn text(vm: &Vm, p: *const c_char) -> Value {
    if p.is_null() {
        return vm.str("");
    }
    // SAFETY: a C string of the entry that was just asked for.
    fs_text(vm, unsafe { CStr::from_ptr(p) }.to_bytes())
}

fn user(vm: &Vm, p: *const libc::passwd) -> Value {
    if p.is_null() {
        return Value::NONE;
    }
    // SAFETY: an entry of the C library, valid until its next call.
    let p = unsafe { &*p };
    let v = vec![
        text(vm, p.pw_name),
        text(vm, p.pw_passwd),
        vm.int(p.pw_uid as i64),
        vm.int(p.pw_gid as i64),
        text(vm, p.pw_gecos),
        text(vm, p.pw_dir),
        text(vm, p.pw_shell),
    ];
    vm.tuple(v)
}

fn group(vm: &Vm, p: *const libc::group) -> Value {
    if p.is_null() {
        return Value::NONE;
    }
    let mut members = Vec::new();
    // SAFETY: an entry of the C library, valid until its next call; its members end with null.
    let p = unsafe {
        let mut at = (*p).gr_mem;
        while !at.is_null() && !(*at).is_null() {
            members.push(text(vm, *at));
            at = at.add(1);
        }
        &*p
    };
    let v =
        vec![text(vm, p.gr_name), text(vm, p.gr_passwd), vm.int(p.gr_gid as i64), vm.list(members)];
    vm.tuple(v)
}

const DEFS: &[Def] = &[
    def!("user_by_name", "(name, /)", |vm, a| {
        granted(vm)?;
        let name = c_string(vm, "getpwnam", &a[0])?;
        // SAFETY: a live C string; the answer is read at once.
        Ok(user(vm, unsafe { libc::getpwnam(name.as_ptr()) }).into())
    }),
    def!("user_by_id", "(uid, /)", |vm, a| {
        granted(vm)?;
        // SAFETY: takes a number; the answer is read at once.
        Ok(user(vm, unsafe { libc::getpwuid(int(&a[0]) as u32) }).into())
    }),
    def!("users", "()", |vm, _| {
        granted(vm)?;
        let mut out = Vec::new();
        // SAFETY: each answer is read before the next call.
        unsafe {
            libc::setpwent();
            loop {
                let p = libc::getpwent();
                if p.is_null() {
                    break;
                }
                out.push(user(vm, p));
            }
            libc::endpwent();
        }
        Ok(vm.list(out).into())
    }),
    def!("group_by_name", "(name, /)", |vm, a| {
        granted(vm)?;
        let name = c_string(vm, "getgrnam", &a[0])?;
        // SAFETY: a live C string; the answer is read at once.
        Ok(group(vm, unsafe { libc::getgrnam(name.as_ptr()) }).into())
    }),
    def!("group_by_id", "(gid, /)", |vm, a| {
        granted(vm)?;
        // SAFETY: takes a number; the answer is read at once.
        Ok(group(vm, unsafe { libc::getgrgid(int(&a[0]) as u32) }).into())
    }),
    def!("groups", "()", |vm, _| {
        granted(vm)?;
        let mut out = Vec::new();
        // SAFETY: each answer is read before the next call.
        unsafe {
            libc::setgrent();
            loop {
                let p = libc::getgrent();
                if p.is_null() {
                    break;
                }
                out.push(group(vm, p));
            }
            libc::endgrent();
        }
        Ok(vm.list(out).into())
    }),
    def!("openlog", "(ident, options, facility, /)", |vm, a| {
        granted(vm)?;
        let name = if a[0].is_none() { None } else { Some(c_string(vm, "openlog", &a[0])?) };
        let Ok(mut held) = LOG_NAME.lock() else { return Ok(Reply::NONE) };
        let p = name.as_ref().map_or(std::ptr::null(), |s| s.as_ptr());
        // SAFETY: the string lives in `LOG_NAME` until the log is opened again or closed.
        unsafe { libc::openlog(p, n(&a[1]), n(&a[2])) };
        *held = name;
        Ok(Reply::NONE)
    }),
    def!("syslog", "(priority, message, /)", |vm, a| {
        granted(vm)?;
        let message = c_string(vm, "syslog", &a[1])?;
        // SAFETY: a constant format and a live C string.
        unsafe { libc::syslog(n(&a[0]), c"%s".as_ptr(), message.as_ptr()) };
        Ok(Reply::NONE)
    }),
    def!("closelog", "()", |vm, _| {
        granted(vm)?;
        // SAFETY: no arguments; the name is let go of afterwards.
        unsafe { libc::closelog() };
        if let Ok(mut held) = LOG_NAME.lock() {
            *held = None;
        }
        Ok(Reply::NONE)
    }),
    def!("setlogmask", "(mask, /)", |vm, a| {
        granted(vm)?;
        // SAFETY: takes a number.
        Ok(Value::from_i32(unsafe { libc::setlogmask(n(&a[0])) }).into())
    }),
];

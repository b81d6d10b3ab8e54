//! `_process_native`: forks, programs, children, identities, scheduling. `lib/overlay/posix.py` and
//! `_posixsubprocess.py` check arguments and build results. CPython's counterparts:
//! `Modules/posixmodule.c`, `Modules/_posixsubprocess.c`.
#![expect(unsafe_code, reason = "system calls that no safe wrapper of ours covers")]

use std::ffi::{CString, c_char};
use std::ptr;

use stackless_host::SpawnRequest;
use stackless_runtime::exc::Reply;
use stackless_runtime::native::{Def, def};
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::{Flow, PyResult, Ref, Value, Vm};

use crate::os::{c_string, c_strings, granted, items, last_error, n, number};
use crate::support::{flag, int};
use crate::{Native, c_constants, int_calls};

pub const MODULE: Native = Native { name: "_process_native", defs: DEFS, fill };
pub const NUMBERS: Native = Native { name: "_process_numbers", defs: NUMBER_DEFS, fill: no_fill };

const CONSTANTS: &[(&str, i64)] = c_constants! {
    CLD_CONTINUED CLD_DUMPED CLD_EXITED CLD_KILLED CLD_STOPPED CLD_TRAPPED CLONE_FILES CLONE_FS
    CLONE_NEWCGROUP CLONE_NEWIPC CLONE_NEWNET CLONE_NEWNS CLONE_NEWPID CLONE_NEWUSER CLONE_NEWUTS
    CLONE_SIGHAND CLONE_SYSVSEM CLONE_THREAD CLONE_VM P_PIDFD PIDFD_NONBLOCK SCHED_BATCH
    SCHED_DEADLINE SCHED_FIFO SCHED_IDLE SCHED_RR SCHED_RESET_ON_FORK
};

fn fill(vm: &mut Vm, d: &Ref<Dict>) -> PyResult<()> {
    crate::os::fill(vm, d, CONSTANTS);
    crate::os::fill(vm, d, &[("CLONE_NEWTIME", 0x80), ("SCHED_NORMAL", 0)]);
    Ok(())
}

fn no_fill(_: &mut Vm, _: &Ref<Dict>) -> PyResult<()> {
    Ok(())
}

fn pointers(list: &[CString]) -> Vec<*const c_char> {
    list.iter().map(|s| s.as_ptr()).chain([ptr::null()]).collect()
}

/// `(path or descriptor, arguments, environment or None)`: comes back only to fail.
fn execute(vm: &mut Vm, a: &[Value]) -> Flow {
    granted(vm)?;
    let args = c_strings(vm, "execv", &a[1])?;
    let env = match a[2].is_none() {
        true => None,
        false => Some(c_strings(vm, "execve", &a[2])?),
    };
    let (argv, envp) = (pointers(&args), env.as_deref().map(pointers));
    if a[0].is_int() {
        let env = envp.unwrap_or_else(|| vec![ptr::null()]);
        // SAFETY: NULL-terminated arrays of live C strings.
        unsafe { libc::fexecve(n(&a[0]), argv.as_ptr(), env.as_ptr()) };
        return Err(last_error(vm, &[]));
    }
    let path = c_string(vm, "execv", &a[0])?;
    // SAFETY: live C strings and NULL-terminated arrays of them.
    unsafe {
        match &envp {
            Some(env) => libc::execve(path.as_ptr(), argv.as_ptr(), env.as_ptr()),
            None => libc::execv(path.as_ptr(), argv.as_ptr()),
        };
    }
    Err(last_error(vm, &[]))
}

/// `(args, programs, env, cwd, stdio, close_fds, keep, restore, session, group, gid, groups, uid,
/// umask)`: the process id, or `(errno, before exec, in chdir)`.
fn spawn(vm: &mut Vm, a: &[Value]) -> Flow {
    let bytes = |vm: &mut Vm, v: &Value| -> PyResult<Vec<Vec<u8>>> {
        Ok(c_strings(vm, "fork_exec", v)?.into_iter().map(CString::into_bytes).collect())
    };
    let given = |v: &Value| if v.is_none() { None } else { Some(int(v)) };
    let stdio = items(vm, &a[4]);
    let mut keep_fds: Vec<i32> = items(vm, &a[6]).iter().map(n).collect();
    keep_fds.sort_unstable();
    let request = SpawnRequest {
        args: bytes(vm, &a[0])?,
        executables: bytes(vm, &a[1])?,
        env: if a[2].is_none() { None } else { Some(bytes(vm, &a[2])?) },
        cwd: if a[3].is_none() {
            None
        } else {
            Some(c_string(vm, "fork_exec", &a[3])?.into_bytes())
        },
        stdio: [0, 1, 2].map(|i| stdio.get(i).map_or(-1, n)),
        close_fds: flag(&a[5], true),
        keep_fds,
        restore_signals: flag(&a[7], true),
        new_session: flag(&a[8], false),
        process_group: given(&a[9]).map(|g| g as i32),
        gid: given(&a[10]).map(|g| g as u32),
        groups: if a[11].is_none() { None } else { Some(ids(vm, &a[11])) },
        uid: given(&a[12]).map(|u| u as u32),
        umask: given(&a[13]).map(|m| m as u32),
    };
    match vm.host.clone().spawn(&request) {
        Ok(pid) => Ok(Value::from_i32(pid).into()),
        Err(e) => {
            let v =
                vec![Value::from_i32(e.errno), Value::bool(e.before_exec), Value::bool(e.in_chdir)];
            Ok(vm.tuple(v).into())
        }
    }
}

fn ids(vm: &Vm, v: &Value) -> Vec<u32> {
    items(vm, v).iter().map(|v| int(v) as u32).collect()
}

fn seconds(t: libc::timeval) -> f64 {
    t.tv_sec as f64 + t.tv_usec as f64 * 1e-6
}

/// `(pid, options)`: `(pid, status, usage)`.
fn wait4(vm: &mut Vm, a: &[Value]) -> Flow {
    granted(vm)?;
    let mut status = 0;
    // SAFETY: a structure of numbers, for which zeros are a value.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: both pointers are to live locals.
    let pid = unsafe { libc::wait4(n(&a[0]), &mut status, n(&a[1]), &mut usage) };
    if pid < 0 {
        return Err(last_error(vm, &[]));
    }
    let u = &usage;
    let counts = [
        u.ru_maxrss,
        u.ru_ixrss,
        u.ru_idrss,
        u.ru_isrss,
        u.ru_minflt,
        u.ru_majflt,
        u.ru_nswap,
        u.ru_inblock,
        u.ru_oublock,
        u.ru_msgsnd,
        u.ru_msgrcv,
        u.ru_nsignals,
        u.ru_nvcsw,
        u.ru_nivcsw,
    ];
    let mut v = vec![vm.float(seconds(u.ru_utime)), vm.float(seconds(u.ru_stime))];
    v.extend(counts.iter().map(|c| vm.int(*c)));
    let usage = vm.tuple(v);
    Ok(vm.tuple(vec![Value::from_i32(pid), Value::from_i32(status), usage]).into())
}

fn waitid(vm: &mut Vm, a: &[Value]) -> Flow {
    granted(vm)?;
    // SAFETY: a structure of numbers, for which zeros are a value.
    let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
    // SAFETY: the pointer is to a live local.
    let r = unsafe {
        libc::waitid(int(&a[0]) as libc::idtype_t, int(&a[1]) as libc::id_t, &mut info, n(&a[2]))
    };
    if r < 0 {
        return Err(last_error(vm, &[]));
    }
    // SAFETY: waitid filled the fields of a child's signal, or left zeros.
    let v = unsafe {
        [info.si_pid(), info.si_uid() as i32, info.si_signo, info.si_status(), info.si_code]
    };
    if v[0] == 0 {
        return Ok(Reply::NONE);
    }
    Ok(vm.tuple(v.into_iter().map(Value::from_i32).collect()).into())
}

fn affinity(vm: &mut Vm, a: &[Value]) -> Flow {
    granted(vm)?;
    // SAFETY: a bit set, for which zeros are a value.
    let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    for v in items(vm, &a[1]) {
        let cpu = int(&v);
        if (0..libc::CPU_SETSIZE as i64).contains(&cpu) {
            // SAFETY: the number is inside the set.
            unsafe { libc::CPU_SET(cpu as usize, &mut set) };
        }
    }
    // SAFETY: pointer and size are those of the set.
    let r = unsafe { libc::sched_setaffinity(n(&a[0]), size_of_val(&set), &set) };
    number(vm, r as i64, &[])
}

const DEFS: &[Def] = &[
    def!("execute", "(path, args, env, /)", execute),
    def!(
        "spawn",
        "(args, programs, env, cwd, stdio, close_fds, keep, restore, session, group, gid, \
         groups, uid, umask, /)",
        spawn,
    ),
    def!("wait4", "(pid, options, /)", wait4),
    def!("waitid", "(kind, id, options, /)", waitid),
    def!("sched_setaffinity", "(pid, cpus, /)", affinity),
    def!("sched_getaffinity", "(pid, /)", |vm, a| {
        granted(vm)?;
        // SAFETY: a bit set, for which zeros are a value.
        let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
        // SAFETY: pointer and size are those of the set.
        if unsafe { libc::sched_getaffinity(n(&a[0]), size_of_val(&set), &mut set) } < 0 {
            return Err(last_error(vm, &[]));
        }
        // SAFETY: the numbers are inside the set.
        let cpus = (0..libc::CPU_SETSIZE as usize).filter(|i| unsafe { libc::CPU_ISSET(*i, &set) });
        Ok(vm.list(cpus.map(Value::from_usize).collect()).into())
    }),
    def!("getgroups", "()", |vm, _| match vm.host.clone().groups() {
        Ok(g) => {
            let v = g.into_iter().map(|g| vm.int(g as i64)).collect();
            Ok(vm.list(v).into())
        }
        Err(e) => Err(crate::support::os_error(vm, e, &[])),
    }),
    def!("setgroups", "(groups, /)", |vm, a| {
        granted(vm)?;
        let g = ids(vm, &a[0]);
        // SAFETY: pointer and length are those of the list.
        let r = unsafe { libc::setgroups(g.len(), g.as_ptr()) };
        number(vm, r as i64, &[])
    }),
    def!("getgrouplist", "(user, group, /)", |vm, a| {
        granted(vm)?;
        let user = c_string(vm, "getgrouplist", &a[0])?;
        let mut size = 64i32;
        loop {
            let mut list = vec![0; size as usize];
            // SAFETY: a live C string, and a list with its size.
            let r = unsafe {
                libc::getgrouplist(user.as_ptr(), int(&a[1]) as u32, list.as_mut_ptr(), &mut size)
            };
            if r >= 0 {
                let v = list.iter().take(size.max(0) as usize).map(|g| vm.int(*g as i64)).collect();
                return Ok(vm.list(v).into());
            }
            if size as usize <= list.len() || size > 1 << 20 {
                return Err(last_error(vm, &[]));
            }
        }
    }),
    def!("initgroups", "(user, group, /)", |vm, a| {
        granted(vm)?;
        let user = c_string(vm, "initgroups", &a[0])?;
        // SAFETY: a live C string and a number.
        let r = unsafe { libc::initgroups(user.as_ptr(), int(&a[1]) as u32) };
        number(vm, r as i64, &[])
    }),
    def!("getres", "(groups, /)", |vm, a| {
        granted(vm)?;
        let (mut r, mut e, mut s) = (0, 0, 0);
        // SAFETY: pointers to live locals.
        unsafe {
            match flag(&a[0], false) {
                true => libc::getresgid(&mut r, &mut e, &mut s),
                false => libc::getresuid(&mut r, &mut e, &mut s),
            };
        }
        let v = [r, e, s].map(|n| vm.int(n as i64)).to_vec();
        Ok(vm.tuple(v).into())
    }),
    def!("getpriority", "(which, who, /)", |vm, a| {
        granted(vm)?;
        // -1 is a priority as well, so errno tells.
        // SAFETY: errno of this thread, and a call of numbers.
        let (r, e) = unsafe {
            *libc::__errno_location() = 0;
            let r = libc::getpriority(int(&a[0]) as _, int(&a[1]) as libc::id_t);
            (r, *libc::__errno_location())
        };
        if r == -1 && e != 0 {
            return Err(last_error(vm, &[]));
        }
        Ok(Value::from_i32(r).into())
    }),
    def!("nice", "(increment, /)", |vm, a| {
        granted(vm)?;
        // SAFETY: errno of this thread, and a call of a number.
        let (r, e) = unsafe {
            *libc::__errno_location() = 0;
            let r = libc::nice(n(&a[0]));
            (r, *libc::__errno_location())
        };
        if r == -1 && e != 0 {
            return Err(last_error(vm, &[]));
        }
        Ok(Value::from_i32(r).into())
    }),
    def!("sched_getparam", "(pid, /)", |vm, a| {
        granted(vm)?;
        let mut p = libc::sched_param { sched_priority: 0 };
        // SAFETY: pointer to a live local.
        let r = unsafe { libc::sched_getparam(n(&a[0]), &mut p) };
        number(vm, if r < 0 { -1 } else { p.sched_priority as i64 }, &[])
    }),
    def!("sched_setparam", "(pid, priority, /)", |vm, a| {
        granted(vm)?;
        let p = libc::sched_param { sched_priority: n(&a[1]) };
        // SAFETY: pointer to a live local.
        let r = unsafe { libc::sched_setparam(n(&a[0]), &p) };
        number(vm, r as i64, &[])
    }),
    def!("sched_setscheduler", "(pid, policy, priority, /)", |vm, a| {
        granted(vm)?;
        let p = libc::sched_param { sched_priority: n(&a[2]) };
        // SAFETY: pointer to a live local.
        let r = unsafe { libc::sched_setscheduler(n(&a[0]), n(&a[1]), &p) };
        number(vm, r as i64, &[])
    }),
    def!("sched_rr_get_interval", "(pid, /)", |vm, a| {
        granted(vm)?;
        let mut t = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: pointer to a live local.
        if unsafe { libc::sched_rr_get_interval(n(&a[0]), &mut t) } < 0 {
            return Err(last_error(vm, &[]));
        }
        Ok(vm.float(t.tv_sec as f64 + t.tv_nsec as f64 * 1e-9).into())
    }),
    def!("system", "(command, /)", |vm, a| {
        granted(vm)?;
        let command = c_string(vm, "system", &a[0])?;
        // SAFETY: a live C string.
        let r = unsafe { libc::system(command.as_ptr()) };
        Ok(Value::from_i32(r).into())
    }),
];

const NUMBER_DEFS: &[Def] = int_calls! {
    "fork" "()" |_a| libc::fork();
    "setuid" "(uid, /)" |a| libc::setuid(int(&a[0]) as u32);
    "seteuid" "(uid, /)" |a| libc::seteuid(int(&a[0]) as u32);
    "setgid" "(gid, /)" |a| libc::setgid(int(&a[0]) as u32);
    "setegid" "(gid, /)" |a| libc::setegid(int(&a[0]) as u32);
    "setreuid" "(r, e, /)" |a| libc::setreuid(int(&a[0]) as u32, int(&a[1]) as u32);
    "setregid" "(r, e, /)" |a| libc::setregid(int(&a[0]) as u32, int(&a[1]) as u32);
    "setresuid" "(r, e, s, /)" |a| libc::setresuid(int(&a[0]) as u32, int(&a[1]) as u32, int(&a[2]) as u32);
    "setresgid" "(r, e, s, /)" |a| libc::setresgid(int(&a[0]) as u32, int(&a[1]) as u32, int(&a[2]) as u32);
    "setpgid" "(pid, group, /)" |a| libc::setpgid(n(&a[0]), n(&a[1]));
    "getpgrp" "()" |_a| libc::getpgrp();
    "killpg" "(group, signal, /)" |a| libc::killpg(n(&a[0]), n(&a[1]));
    "setpriority" "(which, who, priority, /)" |a| libc::setpriority(int(&a[0]) as _, int(&a[1]) as libc::id_t, n(&a[2]));
    "sched_getscheduler" "(pid, /)" |a| libc::sched_getscheduler(n(&a[0]));
    "sched_get_priority_max" "(policy, /)" |a| libc::sched_get_priority_max(n(&a[0]));
    "sched_get_priority_min" "(policy, /)" |a| libc::sched_get_priority_min(n(&a[0]));
    "sched_yield" "()" |_a| libc::sched_yield();
    "tcgetpgrp" "(fd, /)" |a| libc::tcgetpgrp(n(&a[0]));
    "tcsetpgrp" "(fd, group, /)" |a| libc::tcsetpgrp(n(&a[0]), n(&a[1]));
    "unshare" "(flags, /)" |a| libc::unshare(n(&a[0]));
    "setns" "(fd, kind, /)" |a| libc::setns(n(&a[0]), n(&a[1]));
    "pidfd_open" "(pid, flags, /)" |a| libc::syscall(libc::SYS_pidfd_open, n(&a[0]), int(&a[1]) as u32);
    "pidfd_send_signal" "(fd, signal, flags, /)" |a| libc::syscall(libc::SYS_pidfd_send_signal, n(&a[0]), n(&a[1]), std::ptr::null::<libc::siginfo_t>(), int(&a[2]) as u32);
};

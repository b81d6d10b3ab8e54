//! `_process_native`: forks, programs, children, identities, scheduling. `lib/overlay/posix.py` and
//! `_posixsubprocess.py` check arguments and build results. CPython's counterparts:
//! `Modules/posixmodule.c`, `Modules/_posixsubprocess.c`.

use std::ffi::CString;

use stackless_host::{Program, SpawnRequest};
use stackless_runtime::exc::Reply;
use stackless_runtime::native::{Def, def};
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::{Flow, PyResult, Ref, Value, Vm};

use crate::os::{answer, given, items, n, name, names, optional_name};
use crate::support::{flag, int};
use crate::{Native, c_constants, host_calls};

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

/// A list or tuple of strings for a program that starts.
fn c_strings(vm: &mut Vm, who: &str, v: &Value) -> PyResult<Vec<CString>> {
    let strings = names(vm, who, v)?;
    // None holds a NUL: `names` looks.
    Ok(strings.into_iter().filter_map(|s| CString::new(s).ok()).collect())
}

/// `(path or descriptor, arguments, environment or None)`: comes back only to fail.
fn execute(vm: &mut Vm, a: &[Value]) -> Flow {
    let args = c_strings(vm, "execv", &a[1])?;
    let env = match a[2].is_none() {
        true => None,
        false => Some(c_strings(vm, "execve", &a[2])?),
    };
    let r = if a[0].is_int() {
        vm.host.execute(Program::Fd(n(&a[0])), &args, env.as_deref())
    } else {
        let path = name(vm, "execv", &a[0])?;
        vm.host.execute(Program::Path(&path), &args, env.as_deref())
    };
    match given(vm, r, &[])? {}
}

/// `(args, programs, env, cwd, stdio, close_fds, keep, restore, session, group, gid, groups, uid,
/// umask)`: the process id, or `(errno, before exec, in chdir)`.
fn spawn(vm: &mut Vm, a: &[Value]) -> Flow {
    let number = |v: &Value| if v.is_none() { None } else { Some(int(v)) };
    let stdio = items(vm, &a[4]);
    let mut keep_fds: Vec<i32> = items(vm, &a[6]).iter().map(n).collect();
    keep_fds.sort_unstable();
    let request = SpawnRequest {
        args: names(vm, "fork_exec", &a[0])?,
        executables: names(vm, "fork_exec", &a[1])?,
        env: if a[2].is_none() { None } else { Some(names(vm, "fork_exec", &a[2])?) },
        cwd: optional_name(vm, "fork_exec", &a[3])?,
        stdio: [0, 1, 2].map(|i| stdio.get(i).map_or(-1, n)),
        close_fds: flag(&a[5], true),
        keep_fds,
        restore_signals: flag(&a[7], true),
        new_session: flag(&a[8], false),
        process_group: number(&a[9]).map(|g| g as i32),
        gid: number(&a[10]).map(|g| g as u32),
        groups: if a[11].is_none() { None } else { Some(ids(vm, &a[11])) },
        uid: number(&a[12]).map(|u| u as u32),
        umask: number(&a[13]).map(|m| m as u32),
    };
    match vm.host.spawn(&request) {
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

/// `(pid, options)`: `(pid, status, usage)`.
fn wait4(vm: &mut Vm, a: &[Value]) -> Flow {
    let r = vm.host.wait4(n(&a[0]), n(&a[1]));
    let (pid, status, used) = given(vm, r, &[])?;
    let usage = crate::resource::usage(vm, &used);
    Ok(vm.tuple(vec![Value::from_i32(pid), Value::from_i32(status), usage]).into())
}

fn waitid(vm: &mut Vm, a: &[Value]) -> Flow {
    let r = vm.host.waitid(int(&a[0]) as u32, int(&a[1]) as u32, n(&a[2]));
    let Some(c) = given(vm, r, &[])? else { return Ok(Reply::NONE) };
    let v = [c.pid, c.uid, c.signal, c.status, c.code];
    Ok(vm.tuple(v.into_iter().map(Value::from_i32).collect()).into())
}

fn affinity(vm: &mut Vm, a: &[Value]) -> Flow {
    let cpus: Vec<usize> =
        items(vm, &a[1]).iter().filter_map(|v| usize::try_from(int(v)).ok()).collect();
    let r = vm.host.set_affinity(n(&a[0]), &cpus);
    answer(vm, r, &[])
}

/// A list of numbers.
fn numbers(vm: &mut Vm, r: stackless_host::Result<Vec<u32>>) -> Flow {
    let list = given(vm, r, &[])?;
    let v = list.into_iter().map(|n| vm.int(n as i64)).collect();
    Ok(vm.list(v).into())
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
        let r = vm.host.affinity(n(&a[0]));
        let cpus = given(vm, r, &[])?;
        Ok(vm.list(cpus.into_iter().map(Value::from_usize).collect()).into())
    }),
    def!("getgroups", "()", |vm, _| {
        let r = vm.host.groups();
        numbers(vm, r)
    }),
    def!("setgroups", "(groups, /)", |vm, a| {
        let g = ids(vm, &a[0]);
        let r = vm.host.setgroups(&g);
        answer(vm, r, &[])
    }),
    def!("getgrouplist", "(user, group, /)", |vm, a| {
        let user = name(vm, "getgrouplist", &a[0])?;
        let r = vm.host.groups_of(&user, int(&a[1]) as u32);
        numbers(vm, r)
    }),
    def!("initgroups", "(user, group, /)", |vm, a| {
        let user = name(vm, "initgroups", &a[0])?;
        let r = vm.host.initgroups(&user, int(&a[1]) as u32);
        answer(vm, r, &[])
    }),
    def!("getres", "(groups, /)", |vm, a| {
        let r = match flag(&a[0], false) {
            true => vm.host.group_ids(),
            false => vm.host.user_ids(),
        };
        let v = given(vm, r, &[])?.map(|n| vm.int(n as i64)).to_vec();
        Ok(vm.tuple(v).into())
    }),
    def!("sched_rr_get_interval", "(pid, /)", |vm, a| {
        let r = vm.host.round_robin_ns(n(&a[0]));
        let ns = given(vm, r, &[])?;
        let v = (ns / 1_000_000_000) as f64 + (ns % 1_000_000_000) as f64 * 1e-9;
        Ok(vm.float(v).into())
    }),
    def!("system", "(command, /)", |vm, a| {
        let command = name(vm, "system", &a[0])?;
        let r = vm.host.system(&command);
        answer(vm, r, &[])
    }),
];

const NUMBER_DEFS: &[Def] = host_calls! {
    "fork" "()" |h, _a| h.fork();
    "setuid" "(uid, /)" |h, a| h.setuid(int(&a[0]) as u32);
    "seteuid" "(uid, /)" |h, a| h.seteuid(int(&a[0]) as u32);
    "setgid" "(gid, /)" |h, a| h.setgid(int(&a[0]) as u32);
    "setegid" "(gid, /)" |h, a| h.setegid(int(&a[0]) as u32);
    "setreuid" "(r, e, /)" |h, a| h.setreuid(int(&a[0]) as u32, int(&a[1]) as u32);
    "setregid" "(r, e, /)" |h, a| h.setregid(int(&a[0]) as u32, int(&a[1]) as u32);
    "setresuid" "(r, e, s, /)" |h, a| h.setresuid(int(&a[0]) as u32, int(&a[1]) as u32, int(&a[2]) as u32);
    "setresgid" "(r, e, s, /)" |h, a| h.setresgid(int(&a[0]) as u32, int(&a[1]) as u32, int(&a[2]) as u32);
    "setpgid" "(pid, group, /)" |h, a| h.setpgid(n(&a[0]), n(&a[1]));
    "getpgrp" "()" |h, _a| h.getpgrp();
    "killpg" "(group, signal, /)" |h, a| h.killpg(n(&a[0]), n(&a[1]));
    "getpriority" "(which, who, /)" |h, a| h.getpriority(n(&a[0]), n(&a[1]));
    "setpriority" "(which, who, priority, /)" |h, a| h.setpriority(n(&a[0]), n(&a[1]), n(&a[2]));
    "nice" "(increment, /)" |h, a| h.nice(n(&a[0]));
    "sched_getparam" "(pid, /)" |h, a| h.scheduler_priority(n(&a[0]));
    "sched_setparam" "(pid, priority, /)" |h, a| h.set_scheduler_priority(n(&a[0]), n(&a[1]));
    "sched_getscheduler" "(pid, /)" |h, a| h.scheduler(n(&a[0]));
    "sched_setscheduler" "(pid, policy, priority, /)" |h, a| h.set_scheduler(n(&a[0]), n(&a[1]), n(&a[2]));
    "sched_get_priority_max" "(policy, /)" |h, a| h.max_scheduler_priority(n(&a[0]));
    "sched_get_priority_min" "(policy, /)" |h, a| h.min_scheduler_priority(n(&a[0]));
    "sched_yield" "()" |h, _a| h.sched_yield();
    "tcgetpgrp" "(fd, /)" |h, a| h.tcgetpgrp(n(&a[0]));
    "tcsetpgrp" "(fd, group, /)" |h, a| h.tcsetpgrp(n(&a[0]), n(&a[1]));
    "unshare" "(flags, /)" |h, a| h.unshare(n(&a[0]));
    "setns" "(fd, kind, /)" |h, a| h.setns(n(&a[0]), n(&a[1]));
    "pidfd_open" "(pid, flags, /)" |h, a| h.pidfd_open(n(&a[0]), int(&a[1]) as u32);
    "pidfd_send_signal" "(fd, signal, flags, /)" |h, a| h.pidfd_send_signal(n(&a[0]), n(&a[1]), int(&a[2]) as u32);
};

//! Processes: identity, starting and ending, waiting, scheduling.

use std::convert::Infallible;
use std::ffi::CString;

use crate::error::{OsError, Result};
use crate::types::*;

/// This process and others.
pub trait Process {
    denying! {
        fn pid(&self) -> i32;
        fn ppid(&self) -> i32;
        fn uid(&self) -> u32;
        fn euid(&self) -> u32;
        fn gid(&self) -> u32;
        fn egid(&self) -> u32;
        /// Real, effective and saved number.
        fn user_ids(&self) -> [u32; 3];
        fn group_ids(&self) -> [u32; 3];
        fn groups(&self) -> Vec<u32>;
        fn setuid(&self, uid: u32) -> ();
        fn seteuid(&self, uid: u32) -> ();
        /// `u32::MAX` keeps a number.
        fn setreuid(&self, real: u32, effective: u32) -> ();
        fn setresuid(&self, real: u32, effective: u32, saved: u32) -> ();
        fn setgid(&self, gid: u32) -> ();
        fn setegid(&self, gid: u32) -> ();
        fn setregid(&self, real: u32, effective: u32) -> ();
        fn setresgid(&self, real: u32, effective: u32, saved: u32) -> ();
        fn setgroups(&self, groups: &[u32]) -> ();
        fn getpgid(&self, pid: i32) -> i32;
        fn setpgid(&self, pid: i32, group: i32) -> ();
        fn getpgrp(&self) -> i32;
        fn getsid(&self, pid: i32) -> i32;
        fn setsid(&self) -> i32;
        fn kill(&self, pid: i32, signal: i32) -> ();
        fn killpg(&self, group: i32, signal: i32) -> ();
        fn pidfd_open(&self, pid: i32, flags: u32) -> Fd;
        fn pidfd_send_signal(&self, fd: Fd, signal: i32, flags: u32) -> ();
        /// Copies the process: 0 in the child.
        fn fork(&self) -> i32;
        /// Becomes another program; without an environment it keeps this one's.
        fn execute(&self, program: Program<'_>, args: &[CString], env: Option<&[CString]>) -> Infallible;
        /// Lets the shell run a command: the raw status.
        fn system(&self, command: &[u8]) -> i32;
        /// Process id and raw status; `(0, 0)` with WNOHANG and nothing to report.
        fn waitpid(&self, pid: i32, options: i32) -> (i32, i32);
        /// The same with what the child has used.
        fn wait4(&self, pid: i32, options: i32) -> (i32, i32, Usage);
        fn waitid(&self, kind: u32, id: u32, options: i32) -> Option<ChildInfo>;
        fn uname(&self) -> Uname;
        fn times(&self) -> Times;
        fn loadavg(&self) -> [f64; 3];
        fn page_size(&self) -> usize;
        fn unshare(&self, flags: i32) -> ();
        fn setns(&self, fd: Fd, kind: i32) -> ();
    }

    fn cpu_count(&self) -> Option<usize> {
        None
    }

    /// Starts a program and gives its process id.
    fn spawn(&self, request: &SpawnRequest) -> std::result::Result<i32, SpawnError> {
        let _ = request;
        Err(SpawnError { errno: OsError::DENIED.errno, before_exec: true, in_chdir: false })
    }

    /// Ends the process at once, without clean-up. A host without a process of its own returns,
    /// and the runtime stops the VM.
    fn exit(&self, status: i32) {
        let _ = status;
    }
}

/// Priorities, policies and processors.
pub trait Scheduling {
    denying! {
        fn sched_yield(&self) -> ();
        fn getpriority(&self, which: i32, who: i32) -> i32;
        fn setpriority(&self, which: i32, who: i32, priority: i32) -> ();
        /// Raises the niceness and gives the new one.
        fn nice(&self, increment: i32) -> i32;
        /// Processors that a process may use.
        fn affinity(&self, pid: i32) -> Vec<usize>;
        /// Numbers beyond what the system knows are left out.
        fn set_affinity(&self, pid: i32, cpus: &[usize]) -> ();
        fn scheduler(&self, pid: i32) -> i32;
        fn set_scheduler(&self, pid: i32, policy: i32, priority: i32) -> ();
        fn scheduler_priority(&self, pid: i32) -> i32;
        fn set_scheduler_priority(&self, pid: i32, priority: i32) -> ();
        fn max_scheduler_priority(&self, policy: i32) -> i32;
        fn min_scheduler_priority(&self, policy: i32) -> i32;
        /// Length of a turn, in ns.
        fn round_robin_ns(&self, pid: i32) -> i64;
    }
}

//! Process identity, signals, waiting, machine facts.

use super::{RealHost, c_library, spawn};
use crate::error::{OsError, Result};
use crate::traits::Process;
use crate::types::*;
use rustix::process::{self, Pid, Signal, WaitOptions};

fn pid(n: i32) -> Option<Pid> {
    Pid::from_raw(n)
}

impl Process for RealHost {
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

    fn groups(&self) -> Result<Vec<u32>> {
        spawn::groups()
    }

    fn setuid(&self, uid: u32) -> Result<()> {
        spawn::setuid(uid)
    }

    fn setgid(&self, gid: u32) -> Result<()> {
        spawn::setgid(gid)
    }

    fn getpgid(&self, of: i32) -> Result<i32> {
        Ok(process::getpgid(pid(of))?.as_raw_nonzero().get())
    }

    fn setpgid(&self, of: i32, group: i32) -> Result<()> {
        Ok(process::setpgid(pid(of), pid(group))?)
    }

    fn getsid(&self, of: i32) -> Result<i32> {
        Ok(process::getsid(pid(of))?.as_raw_nonzero().get())
    }

    fn setsid(&self) -> Result<i32> {
        Ok(process::setsid()?.as_raw_nonzero().get())
    }

    fn kill(&self, to: i32, signal: i32) -> Result<()> {
        spawn::kill(to, signal)
    }

    fn killpg(&self, group: i32, signal: i32) -> Result<()> {
        let group = pid(group).ok_or(OsError::new(libc::EINVAL))?;
        match Signal::from_named_raw(signal) {
            Some(s) => Ok(process::kill_process_group(group, s)?),
            None if signal == 0 => Ok(process::test_kill_process_group(group)?),
            None => spawn::kill(-group.as_raw_nonzero().get(), signal),
        }
    }

    fn waitpid(&self, of: i32, options: i32) -> Result<(i32, i32)> {
        let options = WaitOptions::from_bits_retain(options as u32);
        let found = match of {
            -1 => process::wait(options)?,
            n if n < -1 => process::waitpgid(pid(-n).ok_or(OsError::new(libc::EINVAL))?, options)?,
            n => process::waitpid(pid(n), options)?,
        };
        Ok(found.map_or((0, 0), |(p, s)| (p.as_raw_nonzero().get(), s.as_raw())))
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
        spawn::times()
    }

    fn loadavg(&self) -> Result<[f64; 3]> {
        c_library::loadavg()
    }

    fn cpu_affinity(&self) -> Result<Vec<usize>> {
        let set = rustix::thread::sched_getaffinity(None)?;
        Ok((0..rustix::thread::CpuSet::MAX_CPU).filter(|&i| set.is_set(i)).collect())
    }

    fn cpu_count(&self) -> Option<usize> {
        spawn::cpu_count()
    }

    fn page_size(&self) -> Result<usize> {
        spawn::page_size()
    }

    fn sched_yield(&self) -> Result<()> {
        rustix::thread::sched_yield();
        Ok(())
    }

    fn native_thread_id(&self) -> Result<u64> {
        Ok(rustix::thread::gettid().as_raw_nonzero().get() as u64)
    }

    fn getpriority(&self) -> Result<i32> {
        Ok(process::getpriority_process(None)?)
    }

    fn nice(&self, increment: i32) -> Result<i32> {
        Ok(process::nice(increment)?)
    }

    fn spawn(&self, request: &SpawnRequest) -> std::result::Result<i32, SpawnError> {
        spawn::spawn(request)
    }

    fn exit(&self, status: i32) {
        c_library::exit_now(status)
    }
}

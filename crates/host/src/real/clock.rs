//! Clocks, randomness, environment.

use super::{RealHost, c_library};
use crate::error::{OsError, Result};
use crate::traits::{Clock, Entropy, Environment};
use crate::types::*;
use rustix::rand::GetRandomFlags;
use rustix::thread::NanosleepRelativeResult;
use rustix::time::{ClockId as Id, Timespec};
use std::os::unix::ffi::OsStringExt;

fn ns(t: Timespec) -> i64 {
    t.tv_sec.saturating_mul(1_000_000_000).saturating_add(t.tv_nsec)
}

fn clock(id: ClockId) -> Result<Id> {
    Ok(match id {
        ClockId::Realtime => Id::Realtime,
        ClockId::Monotonic => Id::Monotonic,
        ClockId::ProcessCpu => Id::ProcessCPUTime,
        ClockId::ThreadCpu => Id::ThreadCPUTime,
        ClockId::Other(n) => match n {
            libc::CLOCK_REALTIME => Id::Realtime,
            libc::CLOCK_MONOTONIC => Id::Monotonic,
            libc::CLOCK_PROCESS_CPUTIME_ID => Id::ProcessCPUTime,
            libc::CLOCK_THREAD_CPUTIME_ID => Id::ThreadCPUTime,
            libc::CLOCK_REALTIME_COARSE => Id::RealtimeCoarse,
            libc::CLOCK_MONOTONIC_COARSE => Id::MonotonicCoarse,
            libc::CLOCK_MONOTONIC_RAW => Id::MonotonicRaw,
            libc::CLOCK_BOOTTIME => Id::Boottime,
            _ => return Err(OsError::new(libc::EINVAL)),
        },
    })
}

impl Clock for RealHost {
    fn time_ns(&self) -> Result<i64> {
        Ok(ns(rustix::time::clock_gettime(Id::Realtime)))
    }

    fn monotonic_ns(&self) -> Result<i64> {
        Ok(ns(rustix::time::clock_gettime(Id::Monotonic)))
    }

    fn process_time_ns(&self) -> Result<i64> {
        Ok(ns(rustix::time::clock_gettime(Id::ProcessCPUTime)))
    }

    fn thread_time_ns(&self) -> Result<i64> {
        Ok(ns(rustix::time::clock_gettime(Id::ThreadCPUTime)))
    }

    fn sleep_ns(&self, n: u64) -> Result<()> {
        let t =
            Timespec { tv_sec: (n / 1_000_000_000) as i64, tv_nsec: (n % 1_000_000_000) as i64 };
        match rustix::thread::nanosleep(&t) {
            NanosleepRelativeResult::Ok => Ok(()),
            NanosleepRelativeResult::Interrupted(_) => Err(OsError::new(libc::EINTR)),
            NanosleepRelativeResult::Err(e) => Err(e.into()),
        }
    }

    fn clock_get(&self, id: ClockId) -> Result<i64> {
        Ok(ns(rustix::time::clock_gettime(clock(id)?)))
    }

    fn clock_resolution(&self, id: ClockId) -> Result<i64> {
        Ok(ns(rustix::time::clock_getres(clock(id)?)))
    }

    fn clock_set(&self, id: ClockId, n: i64) -> Result<()> {
        let t =
            Timespec { tv_sec: n.div_euclid(1_000_000_000), tv_nsec: n.rem_euclid(1_000_000_000) };
        Ok(rustix::time::clock_settime(clock(id)?, t)?)
    }

    fn localtime(&self, secs: i64) -> Result<LocalTime> {
        c_library::localtime(secs)
    }

    fn mktime(&self, tm: &LocalTime) -> Result<i64> {
        c_library::mktime(tm)
    }

    fn tzset(&self) -> Result<()> {
        c_library::tzset();
        Ok(())
    }
}

impl Entropy for RealHost {
    fn random(&self, buf: &mut [u8]) -> Result<()> {
        let mut done = 0;
        while done < buf.len() {
            match rustix::rand::getrandom(&mut buf[done..], GetRandomFlags::empty()) {
                Ok(n) => done += n,
                Err(rustix::io::Errno::INTR) => {}
                Err(e) => return Err(e.into()),
            }
        }
        Ok(())
    }
}

impl Environment for RealHost {
    fn args(&self) -> Vec<Vec<u8>> {
        std::env::args_os().map(OsStringExt::into_vec).collect()
    }

    fn executable(&self) -> Option<Vec<u8>> {
        std::env::current_exe().ok().map(|p| p.into_os_string().into_vec())
    }

    fn env_all(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        std::env::vars_os().map(|(k, v)| (k.into_vec(), v.into_vec())).collect()
    }

    fn env_set(&self, name: &[u8], value: &[u8]) -> Result<()> {
        c_library::setenv(name, value)
    }

    fn env_unset(&self, name: &[u8]) -> Result<()> {
        c_library::unsetenv(name)
    }
}

//! A machine in memory: a file tree, a clock that only sleeping moves, seeded randomness.
//!
//! Nothing of the real machine is reached. Standard output and error are collected, standard
//! input is given. There is one user, and there are no limits. Processes, signals, sockets and
//! shared memory are denied. All state is behind one lock; no
//! method blocks: a read that would wait answers EAGAIN.

mod files;
mod system;
mod tree;

use crate::error::{OsError, Result, errno};
use crate::traits::*;
use crate::types::*;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};
use tree::Tree;

/// State of a [`MemoryHost`].
#[derive(Debug)]
pub(super) struct State {
    tree: Tree,
    fds: files::FdTable,
    env: BTreeMap<Vec<u8>, Vec<u8>>,
    args: Vec<Vec<u8>>,
    now_ns: i64,
    started_ns: i64,
    random: u64,
    umask: u32,
    exit: Option<i32>,
}

#[derive(Debug)]
pub struct MemoryHost {
    state: Mutex<State>,
}

/// What a [`MemoryHost`] starts with.
#[derive(Clone, Debug)]
pub struct MemoryHostBuilder {
    files: Vec<(Vec<u8>, Vec<u8>)>,
    env: BTreeMap<Vec<u8>, Vec<u8>>,
    args: Vec<Vec<u8>>,
    stdin: Vec<u8>,
    now_ns: i64,
    seed: u64,
    max_bytes: usize,
    read_only: bool,
}

impl Default for MemoryHostBuilder {
    fn default() -> Self {
        Self {
            files: Vec::new(),
            env: BTreeMap::new(),
            args: Vec::new(),
            stdin: Vec::new(),
            // 2000-01-01 00:00:00 UTC
            now_ns: 946_684_800_000_000_000,
            seed: 0,
            max_bytes: 256 << 20,
            read_only: false,
        }
    }
}

impl MemoryHostBuilder {
    /// A file with its directories. Faults of the path show in `build`.
    pub fn file(mut self, path: impl AsRef<[u8]>, data: impl Into<Vec<u8>>) -> Self {
        self.files.push((path.as_ref().to_vec(), data.into()));
        self
    }

    pub fn env(mut self, name: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) -> Self {
        self.env.insert(name.into(), value.into());
        self
    }

    pub fn arg(mut self, arg: impl Into<Vec<u8>>) -> Self {
        self.args.push(arg.into());
        self
    }

    pub fn stdin(mut self, data: impl Into<Vec<u8>>) -> Self {
        self.stdin = data.into();
        self
    }

    /// Nanoseconds since 1970 at the start.
    pub fn now_ns(mut self, ns: i64) -> Self {
        self.now_ns = ns;
        self
    }

    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Room for the contents of all files; beyond it is ENOSPC.
    pub fn max_bytes(mut self, n: usize) -> Self {
        self.max_bytes = n;
        self
    }

    /// Refuses all changes of the tree (EROFS) once it is built.
    pub fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    pub fn build(self) -> Result<MemoryHost> {
        let mut tree = Tree::new(self.max_bytes, self.now_ns);
        for (path, data) in self.files {
            tree.install(&path, data)?;
        }
        tree.read_only = self.read_only;
        let state = State {
            fds: files::FdTable::with_stdio(self.stdin),
            tree,
            env: self.env,
            args: self.args,
            now_ns: self.now_ns,
            started_ns: self.now_ns,
            random: self.seed,
            umask: 0o022,
            exit: None,
        };
        Ok(MemoryHost { state: Mutex::new(state) })
    }
}

impl MemoryHost {
    pub fn builder() -> MemoryHostBuilder {
        MemoryHostBuilder::default()
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere cannot leave a half-done change that matters: each is one call.
        self.state.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// What was written to standard output so far.
    pub fn stdout(&self) -> Vec<u8> {
        self.lock().fds.output(STDOUT)
    }

    pub fn stderr(&self) -> Vec<u8> {
        self.lock().fds.output(STDERR)
    }

    /// The contents of a file, for the embedder.
    pub fn contents(&self, path: impl AsRef<[u8]>) -> Result<Vec<u8>> {
        let s = self.lock();
        let ino = s.tree.resolve(None, path.as_ref(), true)?;
        s.tree.file(ino).cloned()
    }

    /// The status that the program ended with.
    pub fn exit_status(&self) -> Option<i32> {
        self.lock().exit
    }
}

impl Host for MemoryHost {}

impl Environment for MemoryHost {
    fn args(&self) -> Vec<Vec<u8>> {
        self.lock().args.clone()
    }

    fn env_all(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        self.lock().env.iter().map(|(k, v)| (k.clone(), v.clone())).collect()
    }

    fn env_set(&self, name: &[u8], value: &[u8]) -> Result<()> {
        if name.is_empty() || name.contains(&b'=') || name.contains(&0) || value.contains(&0) {
            return Err(OsError::new(errno::EINVAL));
        }
        self.lock().env.insert(name.to_vec(), value.to_vec());
        Ok(())
    }

    fn env_unset(&self, name: &[u8]) -> Result<()> {
        self.lock().env.remove(name);
        Ok(())
    }
}

impl Clock for MemoryHost {
    fn time_ns(&self) -> Result<i64> {
        Ok(self.lock().now_ns)
    }

    fn monotonic_ns(&self) -> Result<i64> {
        let s = self.lock();
        Ok(s.now_ns.saturating_sub(s.started_ns))
    }

    fn process_time_ns(&self) -> Result<i64> {
        Ok(0)
    }

    fn thread_time_ns(&self) -> Result<i64> {
        Ok(0)
    }

    /// Moves the clock instead of waiting.
    fn sleep_ns(&self, ns: u64) -> Result<()> {
        let mut s = self.lock();
        s.now_ns = s.now_ns.saturating_add(i64::try_from(ns).unwrap_or(i64::MAX));
        s.tree.now = i128::from(s.now_ns);
        Ok(())
    }

    fn clock_get(&self, clock: ClockId) -> Result<i64> {
        match clock {
            ClockId::Realtime => self.time_ns(),
            ClockId::Monotonic => self.monotonic_ns(),
            ClockId::ProcessCpu | ClockId::ThreadCpu => Ok(0),
            ClockId::Other(_) => Err(OsError::new(errno::EINVAL)),
        }
    }

    fn clock_resolution(&self, _: ClockId) -> Result<i64> {
        Ok(1)
    }

    /// The only time zone is UTC.
    fn localtime(&self, secs: i64) -> Result<LocalTime> {
        utc(secs).ok_or(OsError::new(libc::EOVERFLOW))
    }

    fn mktime(&self, t: &LocalTime) -> Result<i64> {
        seconds(t).ok_or(OsError::new(libc::EOVERFLOW))
    }

    fn tzset(&self) -> Result<()> {
        Ok(())
    }
}

/// Days since 1970 of the first of March of a year that starts in March, and back: leap days then
/// come last, and the months have a regular pattern.
fn days_from_civil(year: i64, month: i64, day: i64) -> Option<i64> {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let yoe = y - era * 400;
    let doy = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    era.checked_mul(146_097)?.checked_add(doe - 719_468)
}

fn utc(secs: i64) -> Option<LocalTime> {
    let (days, rest) = (secs.div_euclid(86_400), secs.rem_euclid(86_400));
    let z = days.checked_add(719_468)?;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + i64::from(month <= 2);
    let yday = days - days_from_civil(year, 1, 1)?;
    Some(LocalTime {
        sec: (rest % 60) as i32,
        min: (rest / 60 % 60) as i32,
        hour: (rest / 3600) as i32,
        mday: (doy - (153 * mp + 2) / 5 + 1) as i32,
        mon: month as i32 - 1,
        year: i32::try_from(year - 1900).ok()?,
        wday: (days + 4).rem_euclid(7) as i32,
        yday: yday as i32,
        isdst: 0,
        gmtoff: 0,
        zone: b"UTC".to_vec(),
    })
}

fn seconds(t: &LocalTime) -> Option<i64> {
    let months = i64::from(t.year) * 12 + i64::from(t.mon);
    let (year, month) = (1900 + months.div_euclid(12), months.rem_euclid(12) + 1);
    let days = days_from_civil(year, month, 1)?.checked_add(i64::from(t.mday) - 1)?;
    let clock = i64::from(t.hour) * 3600 + i64::from(t.min) * 60 + i64::from(t.sec);
    days.checked_mul(86_400)?.checked_add(clock)
}

impl Entropy for MemoryHost {
    /// SplitMix64: the same bytes for the same seed, for tests, not for secrets.
    fn random(&self, buf: &mut [u8]) -> Result<()> {
        let mut s = self.lock();
        for chunk in buf.chunks_mut(8) {
            s.random = s.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = s.random;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            let bytes = (z ^ (z >> 31)).to_le_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
        Ok(())
    }
}

impl Process for MemoryHost {
    fn pid(&self) -> Result<i32> {
        Ok(1)
    }

    fn ppid(&self) -> Result<i32> {
        Ok(0)
    }

    fn uid(&self) -> Result<u32> {
        Ok(1000)
    }

    fn euid(&self) -> Result<u32> {
        Ok(1000)
    }

    fn gid(&self) -> Result<u32> {
        Ok(1000)
    }

    fn egid(&self) -> Result<u32> {
        Ok(1000)
    }

    fn user_ids(&self) -> Result<[u32; 3]> {
        Ok([1000; 3])
    }

    fn group_ids(&self) -> Result<[u32; 3]> {
        Ok([1000; 3])
    }

    fn groups(&self) -> Result<Vec<u32>> {
        Ok(vec![1000])
    }

    fn uname(&self) -> Result<Uname> {
        Ok(Uname {
            sysname: b"Stackless".to_vec(),
            nodename: b"memory".to_vec(),
            release: b"1".to_vec(),
            version: b"1".to_vec(),
            machine: b"virtual".to_vec(),
        })
    }

    fn times(&self) -> Result<Times> {
        let elapsed_ns = self.monotonic_ns()?;
        Ok(Times { elapsed_ns, ..Times::default() })
    }

    fn cpu_count(&self) -> Option<usize> {
        Some(1)
    }

    fn page_size(&self) -> Result<usize> {
        Ok(4096)
    }

    fn exit(&self, status: i32) {
        self.lock().exit.get_or_insert(status);
    }
}

impl Poll for MemoryHost {
    /// Everything open is ready, except the reading end of an empty pipe. Without anything ready
    /// the clock moves by the timeout.
    fn poll(&self, fds: &mut [PollFd], timeout_ns: Option<u64>) -> Result<usize> {
        let mut ready = 0;
        {
            let s = self.lock();
            for f in fds.iter_mut() {
                f.revents = if f.fd < 0 { 0 } else { s.fds.poll(f.fd, f.events) };
                ready += usize::from(f.revents != 0);
            }
        }
        match timeout_ns {
            _ if ready > 0 => {}
            // Nobody else could make anything ready: waiting for ever is a deadlock.
            None => return Err(OsError::new(libc::EDEADLK)),
            Some(ns) => self.sleep_ns(ns)?,
        }
        Ok(ready)
    }
}

//! The host traits. Every method denies by default: a host grants by implementing.

use crate::error::{OsError, Result};
use crate::types::*;

/// Declares methods whose default is to deny.
macro_rules! denying {
    ($($(#[$doc:meta])* fn $name:ident(&self $(, $arg:ident: $ty:ty)* $(,)?) -> $ret:ty;)*) => {
        $(
            $(#[$doc])*
            #[allow(clippy::too_many_arguments)]
            fn $name(&self $(, $arg: $ty)*) -> Result<$ret> {
                $(let _ = $arg;)*
                Err(OsError::DENIED)
            }
        )*
    };
}

/// Files, directories and descriptors.
pub trait FileSystem {
    denying! {
        /// Opens with flags of `open_flags`; the descriptor is not inherited by programs unless
        /// that is asked for later.
        fn open(&self, at: At<'_>, flags: i32, mode: u32) -> Fd;
        fn close(&self, fd: Fd) -> ();
        /// Reads at most the size of `buf`; 0 at the end.
        fn read(&self, fd: Fd, buf: &mut [u8]) -> usize;
        fn write(&self, fd: Fd, data: &[u8]) -> usize;
        fn pread(&self, fd: Fd, buf: &mut [u8], offset: u64) -> usize;
        fn pwrite(&self, fd: Fd, data: &[u8], offset: u64) -> usize;
        fn seek(&self, fd: Fd, offset: i64, whence: Whence) -> u64;
        fn ftruncate(&self, fd: Fd, size: u64) -> ();
        fn truncate(&self, path: &[u8], size: u64) -> ();
        fn fsync(&self, fd: Fd) -> ();
        fn fdatasync(&self, fd: Fd) -> ();
        fn dup(&self, fd: Fd, inheritable: bool) -> Fd;
        fn dup2(&self, fd: Fd, to: Fd, inheritable: bool) -> ();
        /// Reading and writing end.
        fn pipe(&self) -> (Fd, Fd);
        fn isatty(&self, fd: Fd) -> bool;
        fn get_inheritable(&self, fd: Fd) -> bool;
        fn set_inheritable(&self, fd: Fd, inheritable: bool) -> ();
        fn get_blocking(&self, fd: Fd) -> bool;
        fn set_blocking(&self, fd: Fd, blocking: bool) -> ();
        fn flock(&self, fd: Fd, mode: LockMode, wait: bool) -> ();

        fn stat(&self, at: At<'_>, follow: bool) -> Stat;
        fn fstat(&self, fd: Fd) -> Stat;
        fn statvfs(&self, path: &[u8]) -> StatVfs;
        fn fstatvfs(&self, fd: Fd) -> StatVfs;
        /// Whether the access of `mode` (R_OK 4, W_OK 2, X_OK 1, F_OK 0) is allowed.
        fn access(&self, at: At<'_>, mode: u32, effective_ids: bool, follow: bool) -> bool;
        fn read_dir(&self, path: &[u8]) -> Vec<DirEntry>;
        fn fd_read_dir(&self, fd: Fd) -> Vec<DirEntry>;
        fn mkdir(&self, at: At<'_>, mode: u32) -> ();
        fn rmdir(&self, at: At<'_>) -> ();
        fn unlink(&self, at: At<'_>) -> ();
        fn rename(&self, from: At<'_>, to: At<'_>) -> ();
        fn link(&self, from: At<'_>, to: At<'_>, follow: bool) -> ();
        fn symlink(&self, target: &[u8], at: At<'_>) -> ();
        fn readlink(&self, at: At<'_>) -> Vec<u8>;
        fn chmod(&self, at: At<'_>, mode: u32, follow: bool) -> ();
        fn fchmod(&self, fd: Fd, mode: u32) -> ();
        /// -1 as an id leaves it unchanged.
        fn chown(&self, at: At<'_>, uid: i64, gid: i64, follow: bool) -> ();
        fn fchown(&self, fd: Fd, uid: i64, gid: i64) -> ();
        fn utime(&self, at: At<'_>, atime: SetTime, mtime: SetTime, follow: bool) -> ();
        fn futime(&self, fd: Fd, atime: SetTime, mtime: SetTime) -> ();
        fn mkfifo(&self, at: At<'_>, mode: u32) -> ();
        fn getcwd(&self) -> Vec<u8>;
        fn chdir(&self, path: &[u8]) -> ();
        fn fchdir(&self, fd: Fd) -> ();
        /// Sets the mask of file modes and gives the old one.
        fn umask(&self, mask: u32) -> u32;
        /// Copies between descriptors inside the kernel; 0 at the end.
        fn sendfile(&self, out: Fd, input: Fd, offset: Option<u64>, count: usize) -> usize;
        fn copy_file_range(&self, from: Fd, to: Fd, count: usize, from_offset: Option<u64>, to_offset: Option<u64>) -> usize;
    }
}

/// Program arguments and environment variables.
pub trait Environment {
    /// The arguments of the process, its own name first.
    fn args(&self) -> Vec<Vec<u8>> {
        Vec::new()
    }

    /// Path of the running program, if it is known.
    fn executable(&self) -> Option<Vec<u8>> {
        None
    }

    fn env_all(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        Vec::new()
    }

    fn env_get(&self, name: &[u8]) -> Option<Vec<u8>> {
        self.env_all().into_iter().find(|(k, _)| k == name).map(|(_, v)| v)
    }

    denying! {
        fn env_set(&self, name: &[u8], value: &[u8]) -> ();
        fn env_unset(&self, name: &[u8]) -> ();
    }
}

/// Clocks, in nanoseconds, and sleeping.
pub trait Clock {
    denying! {
        /// Since 1970.
        fn time_ns(&self) -> i64;
        fn monotonic_ns(&self) -> i64;
        fn process_time_ns(&self) -> i64;
        fn thread_time_ns(&self) -> i64;
        /// Sleeps for a time; EINTR if a signal ended it.
        fn sleep_ns(&self, ns: u64) -> ();
        fn clock_get(&self, clock: ClockId) -> i64;
        fn clock_resolution(&self, clock: ClockId) -> i64;
        fn clock_set(&self, clock: ClockId, ns: i64) -> ();
        fn localtime(&self, secs: i64) -> LocalTime;
        /// Seconds since 1970 of a local time, whose fields need not be in range.
        fn mktime(&self, tm: &LocalTime) -> i64;
        /// Reads the time zone from the environment again.
        fn tzset(&self) -> ();
    }

    /// The clock of `time.perf_counter`.
    fn perf_counter_ns(&self) -> Result<i64> {
        self.monotonic_ns()
    }
}

/// Randomness of the operating system.
pub trait Entropy {
    denying! {
        fn random(&self, buf: &mut [u8]) -> ();
    }
}

/// Terminals.
pub trait Terminal {
    denying! {
        /// Columns and rows.
        fn terminal_size(&self, fd: Fd) -> (u16, u16);
        /// Name of the terminal device.
        fn ttyname(&self, fd: Fd) -> Vec<u8>;
    }
}

/// This process and others.
pub trait Process {
    denying! {
        fn pid(&self) -> i32;
        fn ppid(&self) -> i32;
        fn uid(&self) -> u32;
        fn euid(&self) -> u32;
        fn gid(&self) -> u32;
        fn egid(&self) -> u32;
        fn groups(&self) -> Vec<u32>;
        fn setuid(&self, uid: u32) -> ();
        fn setgid(&self, gid: u32) -> ();
        fn getpgid(&self, pid: i32) -> i32;
        fn setpgid(&self, pid: i32, group: i32) -> ();
        fn getsid(&self, pid: i32) -> i32;
        fn setsid(&self) -> i32;
        fn kill(&self, pid: i32, signal: i32) -> ();
        fn killpg(&self, group: i32, signal: i32) -> ();
        /// Process id and raw status; `(0, 0)` with WNOHANG and nothing to report.
        fn waitpid(&self, pid: i32, options: i32) -> (i32, i32);
        fn uname(&self) -> Uname;
        fn times(&self) -> Times;
        fn loadavg(&self) -> [f64; 3];
        /// Processors that this process may use.
        fn cpu_affinity(&self) -> Vec<usize>;
        fn page_size(&self) -> usize;
        fn sched_yield(&self) -> ();
        /// Number of the kernel thread.
        fn native_thread_id(&self) -> u64;
        fn getpriority(&self) -> i32;
        /// Raises the niceness and gives the new one.
        fn nice(&self, increment: i32) -> i32;
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

/// Sockets, and waiting for descriptors of any kind.
pub trait Network {
    denying! {
        /// Waits until a descriptor is ready; `None` waits for ever. Gives how many are.
        fn poll(&self, fds: &mut [PollFd], timeout_ns: Option<u64>) -> usize;

        fn socket(&self, family: i32, kind: i32, protocol: i32) -> Fd;
        fn socketpair(&self, family: i32, kind: i32, protocol: i32) -> (Fd, Fd);
        fn bind(&self, fd: Fd, addr: &SocketAddr) -> ();
        fn listen(&self, fd: Fd, backlog: i32) -> ();
        fn accept(&self, fd: Fd) -> (Fd, Option<SocketAddr>);
        fn connect(&self, fd: Fd, addr: &SocketAddr) -> ();
        fn shutdown(&self, fd: Fd, how: i32) -> ();
        fn send(&self, fd: Fd, data: &[u8], flags: i32) -> usize;
        fn recv(&self, fd: Fd, buf: &mut [u8], flags: i32) -> usize;
        fn sendto(&self, fd: Fd, data: &[u8], flags: i32, addr: &SocketAddr) -> usize;
        fn recvfrom(&self, fd: Fd, buf: &mut [u8], flags: i32) -> (usize, Option<SocketAddr>);
        fn getsockname(&self, fd: Fd) -> Option<SocketAddr>;
        fn getpeername(&self, fd: Fd) -> Option<SocketAddr>;
        /// At most the size of `buf`; gives the size of the option.
        fn getsockopt(&self, fd: Fd, level: i32, option: i32, buf: &mut [u8]) -> usize;
        fn setsockopt(&self, fd: Fd, level: i32, option: i32, value: &[u8]) -> ();
        fn hostname(&self) -> Vec<u8>;
    }

    fn getaddrinfo(
        &self,
        host: Option<&[u8]>,
        service: Option<&[u8]>,
        family: i32,
        kind: i32,
        protocol: i32,
        flags: i32,
    ) -> std::result::Result<Vec<AddrInfo>, ResolveError> {
        let _ = (host, service, family, kind, protocol, flags);
        Err(denied_lookup())
    }

    /// Host and service name of an address.
    fn getnameinfo(
        &self,
        addr: &SocketAddr,
        flags: i32,
    ) -> std::result::Result<(Vec<u8>, Vec<u8>), ResolveError> {
        let _ = (addr, flags);
        Err(denied_lookup())
    }
}

fn denied_lookup() -> ResolveError {
    ResolveError { code: OsError::DENIED.errno, message: OsError::DENIED.message() }
}

/// The whole outside world of a VM.
pub trait Host:
    FileSystem + Environment + Clock + Entropy + Terminal + Process + Network + Send + Sync
{
    /// Whether native modules may make system calls of their own, for what this trait has no
    /// method: forks, terminals, file locks, extended attributes.
    fn grants_system_calls(&self) -> bool {
        false
    }
}

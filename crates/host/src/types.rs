//! Plain data that crosses the host border.

/// A file descriptor.
pub type Fd = i32;

pub const STDIN: Fd = 0;
pub const STDOUT: Fd = 1;
pub const STDERR: Fd = 2;

/// A path, relative to an open directory if there is one, else to the working directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At<'a> {
    pub dir: Option<Fd>,
    pub path: &'a [u8],
}

impl<'a> At<'a> {
    pub const fn new(dir: Option<Fd>, path: &'a [u8]) -> Self {
        Self { dir, path }
    }
}

impl<'a> From<&'a [u8]> for At<'a> {
    fn from(path: &'a [u8]) -> Self {
        Self { dir: None, path }
    }
}

impl<'a> From<&'a str> for At<'a> {
    fn from(path: &'a str) -> Self {
        Self { dir: None, path: path.as_bytes() }
    }
}

/// Flags of `open`, as numbers of the running system.
pub mod open_flags {
    pub use libc::{
        O_ACCMODE, O_APPEND, O_CLOEXEC, O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_NONBLOCK,
        O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY,
    };
}

/// Kinds of files in `Stat::mode`.
pub mod file_mode {
    pub use libc::{S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG, S_IFSOCK};
}

/// Times are nanoseconds since 1970.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stat {
    pub mode: u32,
    pub ino: u64,
    pub dev: u64,
    pub nlink: u64,
    pub uid: u32,
    pub gid: u32,
    pub size: i64,
    pub atime_ns: i128,
    pub mtime_ns: i128,
    pub ctime_ns: i128,
    pub blksize: i64,
    pub blocks: i64,
    pub rdev: u64,
}

impl Stat {
    fn is(&self, kind: libc::mode_t) -> bool {
        self.mode & libc::S_IFMT == kind
    }

    pub fn is_dir(&self) -> bool {
        self.is(libc::S_IFDIR)
    }

    pub fn is_file(&self) -> bool {
        self.is(libc::S_IFREG)
    }

    pub fn is_symlink(&self) -> bool {
        self.is(libc::S_IFLNK)
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FileKind {
    File,
    Directory,
    Symlink,
    Other,
    /// The directory does not say; `stat` does.
    #[default]
    Unknown,
}

/// An entry of a directory; `.` and `..` are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirEntry {
    pub name: Vec<u8>,
    pub ino: u64,
    pub kind: FileKind,
}

/// A time for `utime`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetTime {
    Now,
    Omit,
    Nanos(i128),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whence {
    Start,
    Current,
    End,
    Data,
    Hole,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StatVfs {
    pub bsize: u64,
    pub frsize: u64,
    pub blocks: u64,
    pub bfree: u64,
    pub bavail: u64,
    pub files: u64,
    pub ffree: u64,
    pub favail: u64,
    pub flag: u64,
    pub namemax: u64,
    pub fsid: u64,
}

/// Advisory lock on a whole file (`flock`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockMode {
    Shared,
    Exclusive,
    Unlock,
}

/// What `poll` watches, and what it saw: bits of `poll_events`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PollFd {
    pub fd: Fd,
    pub events: i16,
    pub revents: i16,
}

pub mod poll_events {
    pub use libc::{POLLERR, POLLHUP, POLLIN, POLLNVAL, POLLOUT, POLLPRI};
}

/// A local time, in the units of C's `struct tm` (month 0 to 11, years since 1900).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LocalTime {
    pub sec: i32,
    pub min: i32,
    pub hour: i32,
    pub mday: i32,
    pub mon: i32,
    pub year: i32,
    pub wday: i32,
    pub yday: i32,
    pub isdst: i32,
    /// Seconds east of UTC.
    pub gmtoff: i64,
    pub zone: Vec<u8>,
}

/// Clocks that Python can name besides the usual ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockId {
    Realtime,
    Monotonic,
    ProcessCpu,
    ThreadCpu,
    /// Any other number of the system.
    Other(i32),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uname {
    pub sysname: Vec<u8>,
    pub nodename: Vec<u8>,
    pub release: Vec<u8>,
    pub version: Vec<u8>,
    pub machine: Vec<u8>,
}

/// Processor times in nanoseconds (`os.times`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    pub user_ns: i64,
    pub system_ns: i64,
    pub children_user_ns: i64,
    pub children_system_ns: i64,
    pub elapsed_ns: i64,
}

/// A program to start: the arguments of `_posixsubprocess.fork_exec`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpawnRequest {
    pub args: Vec<Vec<u8>>,
    /// Tried one after the other.
    pub executables: Vec<Vec<u8>>,
    /// `NAME=value`; `None` keeps the environment.
    pub env: Option<Vec<Vec<u8>>>,
    pub cwd: Option<Vec<u8>>,
    /// Descriptors that become 0, 1 and 2; -1 keeps the parent's.
    pub stdio: [Fd; 3],
    pub close_fds: bool,
    /// Kept open besides 0 to 2, in rising order.
    pub keep_fds: Vec<Fd>,
    pub restore_signals: bool,
    pub new_session: bool,
    pub process_group: Option<i32>,
    pub groups: Option<Vec<u32>>,
    pub gid: Option<u32>,
    pub uid: Option<u32>,
    pub umask: Option<u32>,
}

/// A failure to start a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpawnError {
    pub errno: i32,
    /// The program did not get as far as `exec`.
    pub before_exec: bool,
    /// The working directory was at fault.
    pub in_chdir: bool,
}

/// A socket address as the kernel stores it, with its family in front.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SocketAddr {
    V4 {
        ip: [u8; 4],
        port: u16,
    },
    V6 {
        ip: [u8; 16],
        port: u16,
        flow: u32,
        scope: u32,
    },
    /// A path, an abstract name (starting with a zero byte), or nothing.
    Unix(Vec<u8>),
    /// Another family, raw.
    Other {
        family: i32,
        data: Vec<u8>,
    },
}

/// One answer of `getaddrinfo`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddrInfo {
    pub family: i32,
    pub kind: i32,
    pub protocol: i32,
    pub canonical: Vec<u8>,
    pub addr: SocketAddr,
}

/// Failure of a name lookup: an `EAI_*` number and its text, or an errno.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolveError {
    pub code: i32,
    pub message: String,
}

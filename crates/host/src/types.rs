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

/// A file by its path or by an open descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileRef<'a> {
    /// Without `follow` a link stands for itself.
    Path {
        path: &'a [u8],
        follow: bool,
    },
    Fd(Fd),
}

/// A program to become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program<'a> {
    Path(&'a [u8]),
    Fd(Fd),
}

/// What a process has used (`struct rusage`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    pub user_us: i64,
    pub system_us: i64,
    /// From `ru_maxrss` to `ru_nivcsw`, in the order of the structure.
    pub counts: [i64; 14],
}

/// What `waitid` says of a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChildInfo {
    pub pid: i32,
    pub uid: i32,
    pub signal: i32,
    pub status: i32,
    pub code: i32,
}

/// A limit of a resource; `NO_LIMIT` for none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    pub soft: u64,
    pub hard: u64,
}

pub const NO_LIMIT: u64 = u64::MAX;

/// A user of the system.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct User {
    pub name: Vec<u8>,
    pub password: Vec<u8>,
    pub uid: u32,
    pub gid: u32,
    /// The person's name and more (`gecos`).
    pub comment: Vec<u8>,
    pub home: Vec<u8>,
    pub shell: Vec<u8>,
}

/// A group of users.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    pub name: Vec<u8>,
    pub password: Vec<u8>,
    pub gid: u32,
    pub members: Vec<Vec<u8>>,
}

/// Settings of a terminal (`struct termios`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TerminalModes {
    pub input: u32,
    pub output: u32,
    pub control: u32,
    pub local: u32,
    pub input_speed: u32,
    pub output_speed: u32,
    pub characters: [u8; libc::NCCS],
}

/// A length of time, in the units of C's `struct timespec`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    pub secs: i64,
    pub nanos: i64,
}

/// A timer: the time until it fires, and from then on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimerSpec {
    pub value: Span,
    pub interval: Span,
}

/// What happens when a signal comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disposition {
    Default,
    Ignore,
    /// The VM takes note of it.
    Note,
    /// A handler that is not the VM's; not to be set.
    Foreign,
}

/// A signal that was waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignalInfo {
    pub signal: i32,
    pub code: i32,
    pub errno: i32,
    pub pid: i32,
    pub uid: i32,
    pub status: i32,
}

/// A signal to send to the calling thread after some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignalLater {
    pub ns: u64,
    pub repeat: bool,
    /// The process ends soon after the signal, whatever it does.
    pub exit: bool,
    pub signal: i32,
}

/// Memory that the system lent to one owner, who gives it back by `Drop`.
///
/// # Safety
/// From `start` on, `len` bytes are mapped, readable and writable if that was asked for, as long as
/// the object lives and `resize` is not called.
#[expect(unsafe_code, reason = "the address goes out, as in C")]
pub unsafe trait MemoryMap {
    fn start(&self) -> *mut u8;
    fn len(&self) -> usize;
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Writes a part to its file; a part beyond the end is cut off.
    fn sync(&self, start: usize, len: usize, flags: i32) -> crate::Result<()>;
    /// Tells the system how a part will be used.
    fn advise(&self, start: usize, len: usize, advice: i32) -> crate::Result<()>;
    /// Another length; the bytes may move.
    fn resize(&mut self, len: usize) -> crate::Result<()>;
}

/// Room for the address of any family.
const ADDRESS_ROOM: usize = size_of::<libc::sockaddr_storage>();

/// A socket address as the kernel stores it: its family in front, then what the family defines.
#[derive(Clone, Copy)]
#[repr(C, align(8))]
pub struct SocketAddr {
    pub(crate) bytes: [u8; ADDRESS_ROOM],
    pub(crate) len: u32,
}

impl SocketAddr {
    /// None when the bytes are too many.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        let mut addr = Self::room();
        addr.bytes.get_mut(..bytes.len())?.copy_from_slice(bytes);
        addr.len = bytes.len() as u32;
        Some(addr)
    }

    /// Zeros, all of them counted: for a call that fills the address in.
    pub(crate) const fn room() -> Self {
        Self { bytes: [0; ADDRESS_ROOM], len: ADDRESS_ROOM as u32 }
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..(self.len as usize).min(ADDRESS_ROOM)]
    }
}

impl PartialEq for SocketAddr {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl std::fmt::Debug for SocketAddr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("SocketAddr").field(&self.as_bytes()).finish()
    }
}

/// The value of a socket option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptionValue<'a> {
    Bytes(&'a [u8]),
    /// No bytes, but a length.
    Null(u32),
}

/// Ancillary data of a message: descriptors, credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ancillary {
    pub level: i32,
    pub kind: i32,
    pub data: Vec<u8>,
}

/// A message that came.
#[derive(Clone, Debug, PartialEq)]
pub struct Received {
    /// Bytes in the buffer.
    pub size: usize,
    pub ancillary: Vec<Ancillary>,
    pub flags: i32,
    pub from: SocketAddr,
}

/// What `getaddrinfo` is to look for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LookupHints {
    pub family: i32,
    pub kind: i32,
    pub protocol: i32,
    pub flags: i32,
}

/// One answer of `getaddrinfo`.
#[derive(Clone, Debug, PartialEq)]
pub struct AddrInfo {
    pub family: i32,
    pub kind: i32,
    pub protocol: i32,
    pub canonical: Vec<u8>,
    pub addr: SocketAddr,
}

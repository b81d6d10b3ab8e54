//! The system around a process: accounts, the log, limits, memory and semaphores that processes share.

use crate::error::{OsError, Result};
use crate::types::*;

/// The databases of users and groups.
pub trait Accounts {
    denying! {
        fn user_by_name(&self, name: &[u8]) -> Option<User>;
        fn user_by_id(&self, uid: u32) -> Option<User>;
        fn users(&self) -> Vec<User>;
        fn group_by_name(&self, name: &[u8]) -> Option<Group>;
        fn group_by_id(&self, gid: u32) -> Option<Group>;
        fn all_groups(&self) -> Vec<Group>;
        /// Numbers of the groups of a user, with `gid` among them.
        fn groups_of(&self, user: &[u8], gid: u32) -> Vec<u32>;
        /// Takes the groups of a user.
        fn initgroups(&self, user: &[u8], gid: u32) -> ();
    }
}

/// The system's log.
pub trait SystemLog {
    denying! {
        fn open_log(&self, name: Option<&[u8]>, options: i32, facility: i32) -> ();
        fn log(&self, priority: i32, message: &[u8]) -> ();
        fn close_log(&self) -> ();
        /// The old mask.
        fn set_log_mask(&self, mask: i32) -> i32;
    }
}

/// What processes may use and have used, and facts of the system.
pub trait Limits {
    denying! {
        /// Sets a limit of a process (0: this one), if there is a new one; gives the old.
        fn limit(&self, pid: i32, resource: u32, new: Option<Limit>) -> Limit;
        fn usage(&self, who: i32) -> Usage;
        /// `None`: there is no limit.
        fn sysconf(&self, name: i32) -> Option<i64>;
        fn pathconf(&self, of: FileRef<'_>, name: i32) -> Option<i64>;
        /// `None`: it has no value.
        fn confstr(&self, name: i32) -> Option<Vec<u8>>;
    }
}

/// A semaphore of several processes; closed by `Drop`.
pub trait Semaphore {
    fn post(&self) -> Result<()>;
    fn value(&self) -> Result<i32>;
    /// Takes it at once (0), or within so many ns; a negative time waits for ever. False: not in
    /// that time.
    fn wait(&self, ns: i64) -> Result<bool>;
}

/// Memory and semaphores that processes share.
pub trait Sharing {
    denying! {
        /// Maps a file, or fresh memory (descriptor -1).
        fn map(&self, fd: Fd, len: usize, protection: i32, flags: i32, offset: i64) -> Box<dyn MemoryMap>;
        /// Opens a semaphore; with a value, a new one.
        fn open_semaphore(&self, name: &[u8], new: Option<u32>) -> Box<dyn Semaphore>;
        fn unlink_semaphore(&self, name: &[u8]) -> ();
        fn shm_open(&self, name: &[u8], flags: i32, mode: u32) -> Fd;
        fn shm_unlink(&self, name: &[u8]) -> ();
    }
}

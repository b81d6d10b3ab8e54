//! The system around the one process: a user, no limits, nothing else.

use super::MemoryHost;
use crate::error::{OsError, Result, errno};
use crate::traits::*;
use crate::types::*;

/// The number of the user and of the user's group.
const ID: u32 = 1000;
const NAME: &[u8] = b"user";

fn user() -> User {
    User {
        name: NAME.to_vec(),
        password: b"x".to_vec(),
        uid: ID,
        gid: ID,
        home: b"/".to_vec(),
        ..User::default()
    }
}

fn group() -> Group {
    Group { name: NAME.to_vec(), password: b"x".to_vec(), gid: ID, members: Vec::new() }
}

impl Accounts for MemoryHost {
    fn user_by_name(&self, name: &[u8]) -> Result<Option<User>> {
        Ok(Some(user()).filter(|u| u.name == name))
    }

    fn user_by_id(&self, uid: u32) -> Result<Option<User>> {
        Ok(Some(user()).filter(|u| u.uid == uid))
    }

    fn users(&self) -> Result<Vec<User>> {
        Ok(vec![user()])
    }

    fn group_by_name(&self, name: &[u8]) -> Result<Option<Group>> {
        Ok(Some(group()).filter(|g| g.name == name))
    }

    fn group_by_id(&self, gid: u32) -> Result<Option<Group>> {
        Ok(Some(group()).filter(|g| g.gid == gid))
    }

    fn all_groups(&self) -> Result<Vec<Group>> {
        Ok(vec![group()])
    }

    fn groups_of(&self, _: &[u8], gid: u32) -> Result<Vec<u32>> {
        Ok(vec![gid])
    }
}

impl Limits for MemoryHost {
    /// There are none, and none can be set.
    fn limit(&self, pid: i32, _: u32, new: Option<Limit>) -> Result<Limit> {
        match (pid, new) {
            (0 | 1, None) => Ok(Limit { soft: NO_LIMIT, hard: NO_LIMIT }),
            (0 | 1, Some(_)) => Err(OsError::DENIED),
            _ => Err(OsError::new(errno::ESRCH)),
        }
    }

    fn usage(&self, who: i32) -> Result<Usage> {
        match who {
            libc::RUSAGE_SELF | libc::RUSAGE_CHILDREN | libc::RUSAGE_THREAD => Ok(Usage::default()),
            _ => Err(OsError::new(errno::EINVAL)),
        }
    }

    fn sysconf(&self, name: i32) -> Result<Option<i64>> {
        Ok(match name {
            libc::_SC_PAGESIZE => Some(4096),
            libc::_SC_NPROCESSORS_CONF | libc::_SC_NPROCESSORS_ONLN => Some(1),
            libc::_SC_CLK_TCK => Some(100),
            _ => None,
        })
    }
}

impl Scheduling for MemoryHost {
    fn sched_yield(&self) -> Result<()> {
        Ok(())
    }

    fn affinity(&self, _: i32) -> Result<Vec<usize>> {
        Ok(vec![0])
    }
}

impl Descriptors for MemoryHost {
    fn close_range(&self, low: Fd, high: Fd) -> Result<()> {
        let open = self.lock().fds.between(low, high);
        for fd in open {
            // It was open a moment ago; another thread may have been quicker.
            let _ = self.close(fd);
        }
        Ok(())
    }
}

impl Terminal for MemoryHost {}
impl SystemLog for MemoryHost {}
impl Sharing for MemoryHost {}
impl Signals for MemoryHost {}
impl Network for MemoryHost {}
impl Resolver for MemoryHost {}

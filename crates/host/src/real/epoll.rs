//! `epoll`, with the descriptor's number as what an event tells.
#![expect(unsafe_code, reason = "the epoll calls")]

use super::c_library::check;
use crate::error::Result;
use crate::types::Fd;

/// More events than this are told by the next call.
const MOST: usize = 1 << 16;

pub(super) fn create() -> Result<Fd> {
    // SAFETY: takes a number.
    check(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) })
}

pub(super) fn ctl(epoll: Fd, operation: i32, fd: Fd, events: u32) -> Result<()> {
    let mut event = libc::epoll_event { events, u64: u64::from(fd as u32) };
    // SAFETY: numbers, and a pointer to a live structure.
    check(unsafe { libc::epoll_ctl(epoll, operation, fd, &mut event) }).map(drop)
}

pub(super) fn wait(epoll: Fd, most: usize, ms: i32) -> Result<Vec<(Fd, u32)>> {
    let mut found = vec![libc::epoll_event { events: 0, u64: 0 }; most.clamp(1, MOST)];
    // SAFETY: a list with its length.
    let n = check(unsafe { libc::epoll_wait(epoll, found.as_mut_ptr(), found.len() as i32, ms) })?;
    Ok(found[..n as usize].iter().map(|e| (e.u64 as Fd, e.events)).collect())
}

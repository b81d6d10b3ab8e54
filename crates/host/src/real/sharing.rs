//! Mapped memory, named semaphores and shared memory.
#![expect(unsafe_code, reason = "mmap and its kin, the C library's semaphores")]

use super::RealHost;
use super::c_library::{c_string, check, last_error};
use crate::error::{OsError, Result};
use crate::traits::{Semaphore, Sharing};
use crate::types::{Fd, MemoryMap};

/// Pages that `mmap` gave; nobody else unmaps them.
struct Pages {
    at: *mut u8,
    len: usize,
}

impl Pages {
    /// A part, cut to what is mapped.
    fn part(&self, start: usize, len: usize) -> (*mut libc::c_void, usize) {
        let start = start.min(self.len);
        // SAFETY: inside the mapping, or its end.
        (unsafe { self.at.add(start) }.cast(), len.min(self.len - start))
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        // SAFETY: the whole mapping; its owner is gone.
        unsafe { libc::munmap(self.at.cast(), self.len) };
    }
}

// SAFETY: the pages stay mapped until `drop` or `resize`; advice cannot unmap them.
unsafe impl MemoryMap for Pages {
    fn start(&self) -> *mut u8 {
        self.at
    }

    fn len(&self) -> usize {
        self.len
    }

    fn sync(&self, start: usize, len: usize, flags: i32) -> Result<()> {
        let (at, len) = self.part(start, len);
        // SAFETY: inside the mapping.
        check(unsafe { libc::msync(at, len, flags) }).map(drop)
    }

    fn advise(&self, start: usize, len: usize, advice: i32) -> Result<()> {
        let (at, len) = self.part(start, len);
        // SAFETY: inside the mapping.
        check(unsafe { libc::madvise(at, len, advice) }).map(drop)
    }

    fn resize(&mut self, len: usize) -> Result<()> {
        // SAFETY: the whole mapping, to which nobody refers who has `&mut self`.
        let moved = unsafe { libc::mremap(self.at.cast(), self.len, len, libc::MREMAP_MAYMOVE) };
        if moved == libc::MAP_FAILED {
            return Err(last_error());
        }
        (self.at, self.len) = (moved.cast(), len);
        Ok(())
    }
}

/// An open semaphore; closed once, by `Drop`.
struct Named(*mut libc::sem_t);

impl Drop for Named {
    fn drop(&mut self) {
        // SAFETY: opened by sem_open, closed here only.
        unsafe { libc::sem_close(self.0) };
    }
}

impl Semaphore for Named {
    fn post(&self) -> Result<()> {
        // SAFETY: an open semaphore.
        check(unsafe { libc::sem_post(self.0) }).map(drop)
    }

    fn value(&self) -> Result<i32> {
        let mut v = 0;
        // SAFETY: an open semaphore and a live local.
        check(unsafe { libc::sem_getvalue(self.0, &mut v) })?;
        Ok(v)
    }

    fn wait(&self, ns: i64) -> Result<bool> {
        let now = rustix::time::clock_gettime(rustix::time::ClockId::Realtime);
        let end = i128::from(now.tv_sec) * 1_000_000_000 + i128::from(now.tv_nsec) + i128::from(ns);
        let end = libc::timespec {
            tv_sec: (end / 1_000_000_000) as i64,
            tv_nsec: (end % 1_000_000_000) as i64,
        };
        // SAFETY: an open semaphore and a live local.
        let r = unsafe {
            match ns {
                0 => libc::sem_trywait(self.0),
                n if n < 0 => libc::sem_wait(self.0),
                _ => libc::sem_timedwait(self.0, &end),
            }
        };
        match check(r) {
            Ok(_) => Ok(true),
            Err(OsError { errno: libc::EAGAIN | libc::ETIMEDOUT }) => Ok(false),
            Err(e) => Err(e),
        }
    }
}

impl Sharing for RealHost {
    fn map(
        &self,
        fd: Fd,
        len: usize,
        protection: i32,
        flags: i32,
        offset: i64,
    ) -> Result<Box<dyn MemoryMap>> {
        // A place of the program's choice could be one that is in use.
        let flags = flags & !(libc::MAP_FIXED | libc::MAP_FIXED_NOREPLACE);
        // SAFETY: a new mapping at a place of the kernel's choice.
        let at = unsafe { libc::mmap(std::ptr::null_mut(), len, protection, flags, fd, offset) };
        if at == libc::MAP_FAILED {
            return Err(last_error());
        }
        Ok(Box::new(Pages { at: at.cast(), len }))
    }

    fn open_semaphore(&self, name: &[u8], new: Option<u32>) -> Result<Box<dyn Semaphore>> {
        let name = c_string(name)?;
        // SAFETY: a live C string and numbers.
        let s = unsafe {
            match new {
                Some(value) => {
                    let flags = libc::O_CREAT | libc::O_EXCL;
                    libc::sem_open(name.as_ptr(), flags, 0o600 as libc::c_uint, value)
                }
                None => libc::sem_open(name.as_ptr(), 0),
            }
        };
        if s == libc::SEM_FAILED { Err(last_error()) } else { Ok(Box::new(Named(s))) }
    }

    fn unlink_semaphore(&self, name: &[u8]) -> Result<()> {
        let name = c_string(name)?;
        // SAFETY: a live C string.
        check(unsafe { libc::sem_unlink(name.as_ptr()) }).map(drop)
    }

    fn shm_open(&self, name: &[u8], flags: i32, mode: u32) -> Result<Fd> {
        let name = c_string(name)?;
        // SAFETY: a live C string and numbers.
        check(unsafe { libc::shm_open(name.as_ptr(), flags, mode) })
    }

    fn shm_unlink(&self, name: &[u8]) -> Result<()> {
        let name = c_string(name)?;
        // SAFETY: a live C string.
        check(unsafe { libc::shm_unlink(name.as_ptr()) }).map(drop)
    }
}

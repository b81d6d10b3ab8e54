//! Descriptors of a `MemoryHost`, and its `FileSystem`.

use super::tree::{Ino, Node, Place, Tree};
use super::{MemoryHost, State};
use crate::error::{OsError, Result, errno};
use crate::open_flags::O_CLOEXEC;
use crate::traits::FileSystem;
use crate::types::*;
use std::collections::{BTreeMap, VecDeque};

/// What a descriptor stands for. Duplicates share it, offset and all.
#[derive(Debug)]
enum Open {
    File { ino: Ino, offset: u64, flags: i32 },
    PipeRead(usize),
    PipeWrite(usize),
    Input { data: Vec<u8>, at: usize },
    Output(Vec<u8>),
}

#[derive(Debug, Default)]
struct Pipe {
    data: VecDeque<u8>,
    readers: usize,
    writers: usize,
}

/// As Linux: what a pipe holds before a writer has to wait.
const PIPE_SIZE: usize = 65_536;
const MAX_FDS: usize = 1024;

#[derive(Clone, Copy, Debug)]
struct Slot {
    file: usize,
    inheritable: bool,
}

#[derive(Debug)]
pub(super) struct FdTable {
    slots: Vec<Option<Slot>>,
    /// Open files with their number of descriptors.
    files: Vec<Option<(Open, usize)>>,
    pipes: Vec<Pipe>,
}

fn fail<T>(e: i32) -> Result<T> {
    Err(OsError::new(e))
}

impl FdTable {
    pub fn with_stdio(stdin: Vec<u8>) -> Self {
        let streams = [
            Open::Input { data: stdin, at: 0 },
            Open::Output(Vec::new()),
            Open::Output(Vec::new()),
        ];
        Self {
            slots: (0..3).map(|file| Some(Slot { file, inheritable: true })).collect(),
            // One reference more than descriptors: the output outlives them for the embedder.
            files: streams.into_iter().map(|o| Some((o, 2))).collect(),
            pipes: Vec::new(),
        }
    }

    /// What was written to a standard stream; its open file has the number of the stream.
    pub fn output(&self, fd: Fd) -> Vec<u8> {
        match self.files.get(fd as usize) {
            Some(Some((Open::Output(data), _))) => data.clone(),
            _ => Vec::new(),
        }
    }

    /// What is open from `low` to `high`.
    pub fn between(&self, low: Fd, high: Fd) -> Vec<Fd> {
        (0..self.slots.len() as Fd)
            .filter(|fd| (low..=high).contains(fd) && self.slot(*fd).is_ok())
            .collect()
    }

    fn slot(&self, fd: Fd) -> Result<Slot> {
        let slot = usize::try_from(fd).ok().and_then(|i| self.slots.get(i).copied().flatten());
        slot.ok_or(OsError::new(errno::EBADF))
    }

    fn slot_mut(&mut self, fd: Fd) -> Result<&mut Slot> {
        let slot = usize::try_from(fd).ok().and_then(|i| self.slots.get_mut(i)?.as_mut());
        slot.ok_or(OsError::new(errno::EBADF))
    }

    fn get(&self, fd: Fd) -> Result<&Open> {
        let file = self.slot(fd)?.file;
        match self.files.get(file) {
            Some(Some((open, _))) => Ok(open),
            _ => fail(errno::EBADF),
        }
    }

    fn get_mut(&mut self, fd: Fd) -> Result<&mut Open> {
        let file = self.slot(fd)?.file;
        match self.files.get_mut(file) {
            Some(Some((open, _))) => Ok(open),
            _ => fail(errno::EBADF),
        }
    }

    fn place(&mut self, slot: Slot, at: Option<Fd>) -> Result<Fd> {
        let i = match at {
            Some(fd) => usize::try_from(fd).map_err(|_| OsError::new(errno::EBADF))?,
            None => self.slots.iter().position(Option::is_none).unwrap_or(self.slots.len()),
        };
        if i >= MAX_FDS {
            return fail(if at.is_some() { errno::EBADF } else { errno::EMFILE });
        }
        if i >= self.slots.len() {
            self.slots.resize(i + 1, None);
        }
        self.slots[i] = Some(slot);
        Ok(i as Fd)
    }

    fn install(&mut self, open: Open) -> Result<Fd> {
        let file = match self.files.iter().position(Option::is_none) {
            Some(i) => i,
            None => {
                self.files.push(None);
                self.files.len() - 1
            }
        };
        let fd = self.place(Slot { file, inheritable: false }, None)?;
        self.files[file] = Some((open, 1));
        Ok(fd)
    }

    /// Closes a descriptor; the inode that lost its last one is given back.
    fn close(&mut self, fd: Fd) -> Result<Option<Ino>> {
        let slot = self.slot(fd)?;
        self.slots[fd as usize] = None;
        let Some(Some((_, count))) = self.files.get_mut(slot.file) else { return Ok(None) };
        *count -= 1;
        if *count > 0 {
            return Ok(None);
        }
        match self.files[slot.file].take() {
            Some((Open::File { ino, .. }, _)) => return Ok(Some(ino)),
            Some((Open::PipeRead(p), _)) => self.pipes[p].readers -= 1,
            Some((Open::PipeWrite(p), _)) => self.pipes[p].writers -= 1,
            _ => {}
        }
        Ok(None)
    }

    pub fn poll(&self, fd: Fd, events: i16) -> i16 {
        use poll_events::*;
        let ready = match self.get(fd) {
            Err(_) => return POLLNVAL,
            Ok(Open::PipeRead(p)) => match &self.pipes[*p] {
                p if !p.data.is_empty() => POLLIN,
                p if p.writers == 0 => return POLLHUP,
                _ => 0,
            },
            Ok(Open::PipeWrite(p)) => match &self.pipes[*p] {
                p if p.readers == 0 => return POLLERR,
                p if p.data.len() < PIPE_SIZE => POLLOUT,
                _ => 0,
            },
            Ok(_) => POLLIN | POLLOUT,
        };
        ready & events
    }
}

impl State {
    fn dir(&self, at: At<'_>) -> Result<Option<Ino>> {
        match at.dir {
            None => Ok(None),
            Some(_) if at.path.starts_with(b"/") => Ok(None),
            Some(fd) => match self.fds.get(fd)? {
                Open::File { ino, .. } if self.tree.is_dir(*ino) => Ok(Some(*ino)),
                _ => fail(errno::ENOTDIR),
            },
        }
    }

    fn place(&self, at: At<'_>, follow: bool) -> Result<Place> {
        self.tree.place(self.dir(at)?, at.path, follow)
    }

    fn ino(&self, at: At<'_>, follow: bool) -> Result<Ino> {
        self.tree.resolve(self.dir(at)?, at.path, follow)
    }

    fn fd_ino(&self, fd: Fd) -> Result<Ino> {
        match self.fds.get(fd)? {
            Open::File { ino, .. } => Ok(*ino),
            _ => fail(errno::EINVAL),
        }
    }

    fn change(&mut self, ino: Ino, f: impl FnOnce(&mut super::tree::Inode)) -> Result<()> {
        self.tree.check_writable()?;
        let now = self.tree.now;
        let inode = self.tree.inode_mut(ino)?;
        f(inode);
        inode.ctime = now;
        Ok(())
    }

    fn set_times(&mut self, ino: Ino, atime: SetTime, mtime: SetTime) -> Result<()> {
        let now = self.tree.now;
        let pick = |t: SetTime, old: i128| match t {
            SetTime::Now => now,
            SetTime::Omit => old,
            SetTime::Nanos(n) => n,
        };
        self.change(ino, |i| {
            i.atime = pick(atime, i.atime);
            i.mtime = pick(mtime, i.mtime);
        })
    }

    fn set_owner(&mut self, ino: Ino, uid: i64, gid: i64) -> Result<()> {
        let same = |new: i64, old: u32| new < 0 || new == i64::from(old);
        let inode = self.tree.inode(ino)?;
        if same(uid, inode.uid) && same(gid, inode.gid) { Ok(()) } else { fail(errno::EPERM) }
    }
}

/// A transfer's place: at an offset of its own, or at the descriptor's.
fn read_file(data: &[u8], offset: u64, buf: &mut [u8]) -> usize {
    let start = usize::try_from(offset).unwrap_or(usize::MAX).min(data.len());
    let n = buf.len().min(data.len() - start);
    buf[..n].copy_from_slice(&data[start..start + n]);
    n
}

fn readable(flags: i32) -> bool {
    flags & open_flags::O_ACCMODE != open_flags::O_WRONLY
}

fn writable(flags: i32) -> bool {
    flags & open_flags::O_ACCMODE != open_flags::O_RDONLY
}

impl FileSystem for MemoryHost {
    fn open(&self, at: At<'_>, flags: i32, mode: u32) -> Result<Fd> {
        use open_flags::*;
        let s = &mut *self.lock();
        let exclusive = flags & O_CREAT != 0 && flags & O_EXCL != 0;
        let follow = flags & O_NOFOLLOW == 0 && !exclusive;
        let place = s.place(at, follow)?;
        let ino = match place.ino {
            Some(_) if exclusive => return fail(errno::EEXIST),
            Some(ino) => ino,
            None if flags & O_CREAT != 0 => {
                let mode = mode & !s.umask & 0o7777;
                s.tree.create(&place, Node::File(Vec::new()), mode)?
            }
            None => return fail(errno::ENOENT),
        };
        match &s.tree.inode(ino)?.node {
            Node::Symlink(_) => return fail(errno::ELOOP),
            Node::Dir { .. } if writable(flags) => return fail(errno::EISDIR),
            Node::File(_) if flags & O_DIRECTORY != 0 => return fail(errno::ENOTDIR),
            _ => {}
        }
        if writable(flags) {
            s.tree.check_writable()?;
            if flags & O_TRUNC != 0 {
                s.tree.resize(ino, 0)?;
            }
        }
        let fd = s.fds.install(Open::File { ino, offset: 0, flags })?;
        s.tree.inode_mut(ino)?.opened += 1;
        Ok(fd)
    }

    fn close(&self, fd: Fd) -> Result<()> {
        let s = &mut *self.lock();
        if let Some(ino) = s.fds.close(fd)? {
            s.tree.inode_mut(ino)?.opened -= 1;
            s.tree.collect(ino);
        }
        Ok(())
    }

    fn read(&self, fd: Fd, buf: &mut [u8]) -> Result<usize> {
        let s = &mut *self.lock();
        if let &Open::PipeRead(p) = s.fds.get(fd)? {
            let pipe = &mut s.fds.pipes[p];
            if pipe.data.is_empty() && pipe.writers > 0 && !buf.is_empty() {
                return fail(errno::EAGAIN);
            }
            let n = buf.len().min(pipe.data.len());
            for (to, from) in buf.iter_mut().zip(pipe.data.drain(..n)) {
                *to = from;
            }
            return Ok(n);
        }
        match s.fds.get_mut(fd)? {
            Open::File { ino, offset, flags } => {
                if !readable(*flags) {
                    return fail(errno::EBADF);
                }
                let n = read_file(s.tree.file(*ino)?, *offset, buf);
                *offset += n as u64;
                Ok(n)
            }
            Open::Input { data, at } => {
                let n = read_file(data, *at as u64, buf);
                *at += n;
                Ok(n)
            }
            _ => fail(errno::EBADF),
        }
    }

    fn write(&self, fd: Fd, data: &[u8]) -> Result<usize> {
        let s = &mut *self.lock();
        if let &Open::PipeWrite(p) = s.fds.get(fd)? {
            let pipe = &mut s.fds.pipes[p];
            if pipe.readers == 0 {
                return fail(errno::EPIPE);
            }
            let n = data.len().min(PIPE_SIZE - pipe.data.len());
            if n == 0 && !data.is_empty() {
                return fail(errno::EAGAIN);
            }
            pipe.data.extend(&data[..n]);
            return Ok(n);
        }
        match s.fds.get_mut(fd)? {
            Open::File { ino, offset, flags } => {
                if !writable(*flags) {
                    return fail(errno::EBADF);
                }
                if *flags & open_flags::O_APPEND != 0 {
                    *offset = s.tree.file(*ino)?.len() as u64;
                }
                s.tree.write(*ino, *offset, data)?;
                *offset += data.len() as u64;
                Ok(data.len())
            }
            Open::Output(out) => {
                out.extend_from_slice(data);
                Ok(data.len())
            }
            _ => fail(errno::EBADF),
        }
    }

    fn pread(&self, fd: Fd, buf: &mut [u8], offset: u64) -> Result<usize> {
        let s = self.lock();
        match s.fds.get(fd)? {
            Open::File { ino, flags, .. } if readable(*flags) => {
                Ok(read_file(s.tree.file(*ino)?, offset, buf))
            }
            Open::File { .. } => fail(errno::EBADF),
            _ => fail(errno::ESPIPE),
        }
    }

    fn pwrite(&self, fd: Fd, data: &[u8], offset: u64) -> Result<usize> {
        let s = &mut *self.lock();
        match s.fds.get(fd)? {
            Open::File { ino, flags, .. } if writable(*flags) => {
                s.tree.write(*ino, offset, data)?;
                Ok(data.len())
            }
            Open::File { .. } => fail(errno::EBADF),
            _ => fail(errno::ESPIPE),
        }
    }

    fn seek(&self, fd: Fd, by: i64, whence: Whence) -> Result<u64> {
        let s = &mut *self.lock();
        let Open::File { ino, offset, .. } = s.fds.get_mut(fd)? else {
            return fail(errno::ESPIPE);
        };
        let size = s.tree.file(*ino).map_or(0, Vec::len) as i64;
        let at = match whence {
            Whence::Start => Some(by),
            Whence::Current => by.checked_add(*offset as i64),
            Whence::End => by.checked_add(size),
            // No holes are kept: data up to the end, and one hole behind it.
            Whence::Data | Whence::Hole if by < 0 || by >= size => return fail(libc::ENXIO),
            Whence::Data => Some(by),
            Whence::Hole => Some(size),
        };
        let at = at.and_then(|v| u64::try_from(v).ok()).ok_or(OsError::new(errno::EINVAL))?;
        *offset = at;
        Ok(at)
    }

    fn ftruncate(&self, fd: Fd, size: u64) -> Result<()> {
        let s = &mut *self.lock();
        match s.fds.get(fd)? {
            Open::File { ino, flags, .. } if writable(*flags) => s.tree.resize(*ino, size),
            _ => fail(errno::EINVAL),
        }
    }

    fn truncate(&self, path: &[u8], size: u64) -> Result<()> {
        let s = &mut *self.lock();
        let ino = s.ino(path.into(), true)?;
        s.tree.check_writable()?;
        s.tree.resize(ino, size)
    }

    fn fsync(&self, fd: Fd) -> Result<()> {
        self.lock().fds.get(fd).map(drop)
    }

    fn fdatasync(&self, fd: Fd) -> Result<()> {
        self.fsync(fd)
    }

    fn dup(&self, fd: Fd, inheritable: bool) -> Result<Fd> {
        let s = &mut *self.lock();
        let slot = Slot { inheritable, ..s.fds.slot(fd)? };
        let new = s.fds.place(slot, None)?;
        if let Some(Some((_, count))) = s.fds.files.get_mut(slot.file) {
            *count += 1;
        }
        Ok(new)
    }

    fn dup2(&self, fd: Fd, to: Fd, inheritable: bool) -> Result<()> {
        let slot = Slot { inheritable, ..self.lock().fds.slot(fd)? };
        if fd == to {
            return Ok(());
        }
        if !(0..MAX_FDS as Fd).contains(&to) {
            return fail(errno::EBADF);
        }
        let _ = self.close(to);
        let s = &mut *self.lock();
        s.fds.place(slot, Some(to))?;
        if let Some(Some((_, count))) = s.fds.files.get_mut(slot.file) {
            *count += 1;
        }
        Ok(())
    }

    fn pipe(&self, flags: i32) -> Result<(Fd, Fd)> {
        let s = &mut *self.lock();
        let free = s.fds.pipes.iter().position(|p| p.readers + p.writers == 0);
        let p = free.unwrap_or(s.fds.pipes.len());
        let pipe = Pipe { readers: 1, writers: 1, ..Pipe::default() };
        if p == s.fds.pipes.len() {
            s.fds.pipes.push(pipe);
        } else {
            s.fds.pipes[p] = pipe;
        }
        let read = s.fds.install(Open::PipeRead(p));
        let write = match read {
            Ok(_) => s.fds.install(Open::PipeWrite(p)),
            Err(e) => Err(e),
        };
        match (read, write) {
            (Ok(r), Ok(w)) => {
                for fd in [r, w] {
                    s.fds.slot_mut(fd)?.inheritable = flags & O_CLOEXEC == 0;
                }
                Ok((r, w))
            }
            (read, write) => {
                if let Ok(r) = read {
                    let _ = s.fds.close(r);
                }
                s.fds.pipes[p] = Pipe::default();
                Err(write.err().unwrap_or(OsError::new(errno::EMFILE)))
            }
        }
    }

    fn isatty(&self, fd: Fd) -> Result<bool> {
        self.lock().fds.get(fd).map(|_| false)
    }

    fn get_inheritable(&self, fd: Fd) -> Result<bool> {
        Ok(self.lock().fds.slot(fd)?.inheritable)
    }

    fn set_inheritable(&self, fd: Fd, inheritable: bool) -> Result<()> {
        self.lock().fds.slot_mut(fd)?.inheritable = inheritable;
        Ok(())
    }

    fn get_blocking(&self, fd: Fd) -> Result<bool> {
        self.lock().fds.get(fd).map(|_| true)
    }

    fn set_blocking(&self, fd: Fd, _: bool) -> Result<()> {
        self.lock().fds.get(fd).map(drop)
    }

    /// Nobody else is there to hold a lock.
    fn flock(&self, fd: Fd, _: i32) -> Result<()> {
        self.lock().fds.get(fd).map(drop)
    }

    fn stat(&self, at: At<'_>, follow: bool) -> Result<Stat> {
        let s = self.lock();
        s.tree.stat(s.ino(at, follow)?)
    }

    fn fstat(&self, fd: Fd) -> Result<Stat> {
        let s = self.lock();
        match s.fds.get(fd)? {
            Open::File { ino, .. } => s.tree.stat(*ino),
            Open::PipeRead(_) | Open::PipeWrite(_) => {
                Ok(Stat { mode: libc::S_IFIFO | 0o600, nlink: 1, ..Stat::default() })
            }
            _ => Ok(Stat { mode: libc::S_IFCHR | 0o620, nlink: 1, ..Stat::default() }),
        }
    }

    fn access(&self, at: At<'_>, mode: u32, _: bool, follow: bool) -> Result<bool> {
        let s = self.lock();
        let Ok(ino) = s.ino(at, follow) else { return Ok(false) };
        let bits = s.tree.inode(ino)?.mode >> 6;
        Ok(mode & !bits & 7 == 0 && !(mode & 2 != 0 && s.tree.read_only))
    }

    fn read_dir(&self, path: &[u8]) -> Result<Vec<DirEntry>> {
        let s = self.lock();
        s.tree.list(s.ino(path.into(), true)?)
    }

    fn fd_read_dir(&self, fd: Fd) -> Result<Vec<DirEntry>> {
        let s = self.lock();
        s.tree.list(s.fd_ino(fd)?)
    }

    fn mkdir(&self, at: At<'_>, mode: u32) -> Result<()> {
        let s = &mut *self.lock();
        let place = s.place(at, false)?;
        let node = Node::Dir { entries: BTreeMap::new(), parent: place.dir };
        let mode = mode & !s.umask & 0o7777;
        s.tree.create(&place, node, mode).map(drop)
    }

    fn rmdir(&self, at: At<'_>) -> Result<()> {
        let s = &mut *self.lock();
        let place = s.place(at, false)?;
        s.tree.rmdir(&place)
    }

    fn unlink(&self, at: At<'_>) -> Result<()> {
        let s = &mut *self.lock();
        let place = s.place(at, false)?;
        s.tree.unlink(&place)
    }

    fn rename(&self, from: At<'_>, to: At<'_>) -> Result<()> {
        let s = &mut *self.lock();
        let (from, to) = (s.place(from, false)?, s.place(to, false)?);
        s.tree.rename(&from, &to)
    }

    fn link(&self, from: At<'_>, to: At<'_>, follow: bool) -> Result<()> {
        let s = &mut *self.lock();
        let (ino, to) = (s.ino(from, follow)?, s.place(to, false)?);
        s.tree.link(ino, &to)
    }

    fn symlink(&self, target: &[u8], at: At<'_>) -> Result<()> {
        let s = &mut *self.lock();
        if target.is_empty() {
            return fail(errno::ENOENT);
        }
        let place = s.place(at, false)?;
        s.tree.create(&place, Node::Symlink(target.to_vec()), 0o777).map(drop)
    }

    fn readlink(&self, at: At<'_>) -> Result<Vec<u8>> {
        let s = self.lock();
        match &s.tree.inode(s.ino(at, false)?)?.node {
            Node::Symlink(t) => Ok(t.clone()),
            _ => fail(errno::EINVAL),
        }
    }

    fn chmod(&self, at: At<'_>, mode: u32, follow: bool) -> Result<()> {
        let s = &mut *self.lock();
        let ino = s.ino(at, follow)?;
        s.change(ino, |i| i.mode = mode & 0o7777)
    }

    fn fchmod(&self, fd: Fd, mode: u32) -> Result<()> {
        let s = &mut *self.lock();
        let ino = s.fd_ino(fd)?;
        s.change(ino, |i| i.mode = mode & 0o7777)
    }

    fn chown(&self, at: At<'_>, uid: i64, gid: i64, follow: bool) -> Result<()> {
        let s = &mut *self.lock();
        let ino = s.ino(at, follow)?;
        s.set_owner(ino, uid, gid)
    }

    fn fchown(&self, fd: Fd, uid: i64, gid: i64) -> Result<()> {
        let s = &mut *self.lock();
        let ino = s.fd_ino(fd)?;
        s.set_owner(ino, uid, gid)
    }

    fn utime(&self, at: At<'_>, atime: SetTime, mtime: SetTime, follow: bool) -> Result<()> {
        let s = &mut *self.lock();
        let ino = s.ino(at, follow)?;
        s.set_times(ino, atime, mtime)
    }

    fn futime(&self, fd: Fd, atime: SetTime, mtime: SetTime) -> Result<()> {
        let s = &mut *self.lock();
        let ino = s.fd_ino(fd)?;
        s.set_times(ino, atime, mtime)
    }

    fn getcwd(&self) -> Result<Vec<u8>> {
        let s = self.lock();
        s.tree.path_of(s.tree.cwd)
    }

    fn chdir(&self, path: &[u8]) -> Result<()> {
        let s = &mut *self.lock();
        let ino = s.ino(path.into(), true)?;
        enter(&mut s.tree, ino)
    }

    fn fchdir(&self, fd: Fd) -> Result<()> {
        let s = &mut *self.lock();
        let ino = s.fd_ino(fd)?;
        enter(&mut s.tree, ino)
    }

    fn umask(&self, mask: u32) -> Result<u32> {
        Ok(std::mem::replace(&mut self.lock().umask, mask & 0o777))
    }
}

fn enter(tree: &mut Tree, ino: Ino) -> Result<()> {
    if !tree.is_dir(ino) {
        return fail(errno::ENOTDIR);
    }
    let old = std::mem::replace(&mut tree.cwd, ino);
    tree.collect(old);
    Ok(())
}

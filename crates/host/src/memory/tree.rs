//! The file tree of a `MemoryHost`: inodes by number, names in directories, path resolution.

use crate::error::{OsError, Result, errno};
use crate::types::{DirEntry, FileKind, Stat};
use std::collections::BTreeMap;

pub(super) type Ino = usize;

pub(super) const ROOT: Ino = 0;
const MAX_LINKS: usize = 40;
const NAME_MAX: usize = 255;

#[derive(Debug)]
pub(super) enum Node {
    File(Vec<u8>),
    Dir { entries: BTreeMap<Vec<u8>, Ino>, parent: Ino },
    Symlink(Vec<u8>),
}

#[derive(Debug)]
pub(super) struct Inode {
    pub node: Node,
    pub mode: u32,
    pub uid: u32,
    pub gid: u32,
    pub nlink: u64,
    pub atime: i128,
    pub mtime: i128,
    pub ctime: i128,
    /// Open descriptors; an unlinked file lives until there are none.
    pub opened: usize,
}

#[derive(Debug)]
pub(super) struct Tree {
    nodes: Vec<Option<Inode>>,
    free: Vec<Ino>,
    pub cwd: Ino,
    pub read_only: bool,
    pub now: i128,
    used: usize,
    max: usize,
}

/// Where a path leads: a directory and the last name, and what is there.
pub(super) struct Place {
    pub dir: Ino,
    pub name: Vec<u8>,
    pub ino: Option<Ino>,
    /// The path ended in a slash, so that only a directory will do.
    pub must_be_dir: bool,
}

fn fail<T>(e: i32) -> Result<T> {
    Err(OsError::new(e))
}

impl Tree {
    pub fn new(max: usize, now_ns: i64) -> Self {
        let mut t = Self {
            nodes: Vec::new(),
            free: Vec::new(),
            cwd: ROOT,
            read_only: false,
            now: i128::from(now_ns),
            used: 0,
            max,
        };
        t.add(Node::Dir { entries: BTreeMap::new(), parent: ROOT }, 0o755);
        t
    }

    fn add(&mut self, node: Node, mode: u32) -> Ino {
        let nlink = if matches!(node, Node::Dir { .. }) { 2 } else { 1 };
        let now = self.now;
        let inode = Inode {
            node,
            mode,
            uid: 1000,
            gid: 1000,
            nlink,
            atime: now,
            mtime: now,
            ctime: now,
            opened: 0,
        };
        match self.free.pop() {
            Some(i) => {
                self.nodes[i] = Some(inode);
                i
            }
            None => {
                self.nodes.push(Some(inode));
                self.nodes.len() - 1
            }
        }
    }

    pub fn inode(&self, ino: Ino) -> Result<&Inode> {
        self.nodes.get(ino).and_then(Option::as_ref).ok_or(OsError::new(errno::ENOENT))
    }

    pub fn inode_mut(&mut self, ino: Ino) -> Result<&mut Inode> {
        self.nodes.get_mut(ino).and_then(Option::as_mut).ok_or(OsError::new(errno::ENOENT))
    }

    pub fn entries(&self, dir: Ino) -> Result<(&BTreeMap<Vec<u8>, Ino>, Ino)> {
        match &self.inode(dir)?.node {
            Node::Dir { entries, parent } => Ok((entries, *parent)),
            _ => fail(errno::ENOTDIR),
        }
    }

    fn entries_mut(&mut self, dir: Ino) -> Result<&mut BTreeMap<Vec<u8>, Ino>> {
        let now = self.now;
        let inode = self.inode_mut(dir)?;
        (inode.mtime, inode.ctime) = (now, now);
        match &mut inode.node {
            Node::Dir { entries, .. } => Ok(entries),
            _ => fail(errno::ENOTDIR),
        }
    }

    pub fn is_dir(&self, ino: Ino) -> bool {
        self.inode(ino).is_ok_and(|n| matches!(n.node, Node::Dir { .. }))
    }

    pub fn file(&self, ino: Ino) -> Result<&Vec<u8>> {
        match &self.inode(ino)?.node {
            Node::File(data) => Ok(data),
            _ => fail(errno::EISDIR),
        }
    }

    /// Walks all but the last name; follows a symbolic link in the last one if `follow`.
    pub fn place(&self, start: Option<Ino>, path: &[u8], follow: bool) -> Result<Place> {
        if path.is_empty() {
            return fail(errno::ENOENT);
        }
        if path.contains(&0) {
            return fail(errno::EINVAL);
        }
        let mut dir = if path[0] == b'/' { ROOT } else { start.unwrap_or(self.cwd) };
        let split = |p: &[u8]| -> Vec<Vec<u8>> {
            p.split(|&b| b == b'/').filter(|s| !s.is_empty()).rev().map(<[u8]>::to_vec).collect()
        };
        let must_be_dir = path.ends_with(b"/") || path.ends_with(b"/.");
        // A stack, next name last: a link's target is pushed on top of what follows it.
        let mut todo = split(path);
        let mut links = 0;
        while let Some(name) = todo.pop() {
            if name.len() > NAME_MAX {
                return fail(errno::ENAMETOOLONG);
            }
            let (entries, parent) = self.entries(dir)?;
            let last = todo.is_empty();
            if name == b"." || name == b".." {
                dir = if name == b".." { parent } else { dir };
                continue;
            }
            let Some(&ino) = entries.get(&name) else {
                if last {
                    return Ok(Place { dir, name, ino: None, must_be_dir });
                }
                return fail(errno::ENOENT);
            };
            match &self.inode(ino)?.node {
                Node::Symlink(target) if !last || follow || must_be_dir => {
                    links += 1;
                    if links > MAX_LINKS {
                        return fail(errno::ELOOP);
                    }
                    if target.starts_with(b"/") {
                        dir = ROOT;
                    }
                    todo.extend(split(target));
                }
                _ if last => {
                    if must_be_dir && !self.is_dir(ino) {
                        return fail(errno::ENOTDIR);
                    }
                    return Ok(Place { dir, name, ino: Some(ino), must_be_dir });
                }
                _ => dir = ino,
            }
        }
        Ok(Place { dir, name: Vec::new(), ino: Some(dir), must_be_dir: true })
    }

    pub fn resolve(&self, start: Option<Ino>, path: &[u8], follow: bool) -> Result<Ino> {
        self.place(start, path, follow)?.ino.ok_or(OsError::new(errno::ENOENT))
    }

    pub fn check_writable(&self) -> Result<()> {
        if self.read_only { fail(errno::EROFS) } else { Ok(()) }
    }

    /// Makes a node at a place that is free.
    pub fn create(&mut self, place: &Place, node: Node, mode: u32) -> Result<Ino> {
        self.check_writable()?;
        if place.ino.is_some() {
            return fail(errno::EEXIST);
        }
        let is_dir = matches!(node, Node::Dir { .. });
        if place.must_be_dir && !is_dir {
            return fail(errno::EISDIR);
        }
        if let Node::Symlink(t) = &node {
            self.reserve(t.len())?;
        }
        let ino = self.add(node, mode);
        self.entries_mut(place.dir)?.insert(place.name.clone(), ino);
        if is_dir {
            self.inode_mut(place.dir)?.nlink += 1;
        }
        Ok(ino)
    }

    /// The file with all its directories, before the program starts.
    pub fn install(&mut self, path: &[u8], data: Vec<u8>) -> Result<()> {
        let mut at = 0;
        while let Some(i) = path[at..].iter().position(|&b| b == b'/') {
            let prefix = &path[..at + i];
            at += i + 1;
            if prefix.iter().all(|&b| b == b'/') {
                continue;
            }
            let place = self.place(None, prefix, true)?;
            if place.ino.is_none() {
                let parent = place.dir;
                self.create(&place, Node::Dir { entries: BTreeMap::new(), parent }, 0o755)?;
            }
        }
        let place = self.place(None, path, true)?;
        let ino = match place.ino {
            Some(ino) => ino,
            None => self.create(&place, Node::File(Vec::new()), 0o644)?,
        };
        self.resize(ino, 0)?;
        self.write(ino, 0, &data)
    }

    fn reserve(&mut self, more: usize) -> Result<()> {
        let used = self.used.checked_add(more).filter(|&u| u <= self.max);
        self.used = used.ok_or(OsError::new(errno::ENOSPC))?;
        Ok(())
    }

    pub fn resize(&mut self, ino: Ino, size: u64) -> Result<()> {
        let size = usize::try_from(size).map_err(|_| OsError::new(libc::EFBIG))?;
        let old = self.file(ino)?.len();
        if size > old {
            self.reserve(size - old)?;
        } else {
            self.used -= old - size;
        }
        let now = self.now;
        let inode = self.inode_mut(ino)?;
        (inode.mtime, inode.ctime) = (now, now);
        if let Node::File(data) = &mut inode.node {
            data.resize(size, 0);
        }
        Ok(())
    }

    /// Writes at an offset, filling a gap with zeros.
    pub fn write(&mut self, ino: Ino, offset: u64, bytes: &[u8]) -> Result<()> {
        let start = usize::try_from(offset).map_err(|_| OsError::new(libc::EFBIG))?;
        let end = start.checked_add(bytes.len()).ok_or(OsError::new(libc::EFBIG))?;
        if end > self.file(ino)?.len() {
            self.resize(ino, end as u64)?;
        }
        let now = self.now;
        let inode = self.inode_mut(ino)?;
        (inode.mtime, inode.ctime) = (now, now);
        if let Node::File(data) = &mut inode.node {
            data[start..end].copy_from_slice(bytes);
        }
        Ok(())
    }

    /// Takes a name away, and the node with its last name and descriptor.
    fn remove_name(&mut self, dir: Ino, name: &[u8]) -> Result<()> {
        if let Some(ino) = self.entries_mut(dir)?.remove(name) {
            let now = self.now;
            let inode = self.inode_mut(ino)?;
            inode.ctime = now;
            if matches!(inode.node, Node::Dir { .. }) {
                inode.nlink = 0;
                self.inode_mut(dir)?.nlink -= 1;
            } else {
                inode.nlink = inode.nlink.saturating_sub(1);
            }
            self.collect(ino);
        }
        Ok(())
    }

    /// Frees a node that nothing refers to.
    pub fn collect(&mut self, ino: Ino) {
        let Ok(inode) = self.inode(ino) else { return };
        if inode.nlink > 0 || inode.opened > 0 || ino == self.cwd || ino == ROOT {
            return;
        }
        self.used -= match &inode.node {
            Node::File(d) => d.len(),
            Node::Symlink(t) => t.len(),
            Node::Dir { .. } => 0,
        };
        self.nodes[ino] = None;
        self.free.push(ino);
    }

    pub fn unlink(&mut self, place: &Place) -> Result<()> {
        self.check_writable()?;
        match place.ino {
            None => fail(errno::ENOENT),
            Some(ino) if self.is_dir(ino) => fail(errno::EISDIR),
            Some(_) => self.remove_name(place.dir, &place.name),
        }
    }

    pub fn rmdir(&mut self, place: &Place) -> Result<()> {
        self.check_writable()?;
        let Some(ino) = place.ino else { return fail(errno::ENOENT) };
        if !self.entries(ino)?.0.is_empty() {
            return fail(errno::ENOTEMPTY);
        }
        if place.name.is_empty() {
            return fail(if ino == ROOT { errno::EBUSY } else { errno::EINVAL });
        }
        self.remove_name(place.dir, &place.name)
    }

    pub fn link(&mut self, ino: Ino, to: &Place) -> Result<()> {
        self.check_writable()?;
        if self.is_dir(ino) {
            return fail(errno::EPERM);
        }
        if to.ino.is_some() {
            return fail(errno::EEXIST);
        }
        let now = self.now;
        let inode = self.inode_mut(ino)?;
        inode.nlink += 1;
        inode.ctime = now;
        self.entries_mut(to.dir)?.insert(to.name.clone(), ino);
        Ok(())
    }

    pub fn rename(&mut self, from: &Place, to: &Place) -> Result<()> {
        self.check_writable()?;
        let Some(ino) = from.ino else { return fail(errno::ENOENT) };
        if from.name.is_empty() || to.name.is_empty() {
            return fail(errno::EBUSY);
        }
        let moves_dir = self.is_dir(ino);
        if moves_dir {
            // A directory must not end up inside itself.
            let mut at = to.dir;
            loop {
                if at == ino {
                    return fail(errno::EINVAL);
                }
                if at == ROOT {
                    break;
                }
                at = self.entries(at)?.1;
            }
        } else if to.must_be_dir {
            return fail(errno::ENOTDIR);
        }
        if let Some(old) = to.ino {
            if old == ino {
                return Ok(());
            }
            match (moves_dir, self.is_dir(old)) {
                (true, false) => return fail(errno::ENOTDIR),
                (false, true) => return fail(errno::EISDIR),
                (true, true) if !self.entries(old)?.0.is_empty() => {
                    return fail(errno::ENOTEMPTY);
                }
                _ => self.remove_name(to.dir, &to.name)?,
            }
        }
        self.entries_mut(from.dir)?.remove(&from.name);
        self.entries_mut(to.dir)?.insert(to.name.clone(), ino);
        if moves_dir && from.dir != to.dir {
            self.inode_mut(from.dir)?.nlink -= 1;
            self.inode_mut(to.dir)?.nlink += 1;
            if let Node::Dir { parent, .. } = &mut self.inode_mut(ino)?.node {
                *parent = to.dir;
            }
        }
        Ok(())
    }

    pub fn stat(&self, ino: Ino) -> Result<Stat> {
        let n = self.inode(ino)?;
        let (kind, size) = match &n.node {
            Node::File(d) => (libc::S_IFREG, d.len()),
            Node::Dir { entries, .. } => (libc::S_IFDIR, entries.len()),
            Node::Symlink(t) => (libc::S_IFLNK, t.len()),
        };
        Ok(Stat {
            mode: kind | n.mode,
            ino: ino as u64 + 1,
            dev: 1,
            nlink: n.nlink,
            uid: n.uid,
            gid: n.gid,
            size: size as i64,
            atime_ns: n.atime,
            mtime_ns: n.mtime,
            ctime_ns: n.ctime,
            blksize: 4096,
            blocks: size.div_ceil(512) as i64,
            rdev: 0,
        })
    }

    pub fn list(&self, dir: Ino) -> Result<Vec<DirEntry>> {
        let (entries, _) = self.entries(dir)?;
        entries
            .iter()
            .map(|(name, &ino)| {
                let kind = match self.inode(ino)?.node {
                    Node::File(_) => FileKind::File,
                    Node::Dir { .. } => FileKind::Directory,
                    Node::Symlink(_) => FileKind::Symlink,
                };
                Ok(DirEntry { name: name.clone(), ino: ino as u64 + 1, kind })
            })
            .collect()
    }

    /// The absolute path of a directory; ENOENT if it was removed.
    pub fn path_of(&self, dir: Ino) -> Result<Vec<u8>> {
        let mut names = Vec::new();
        let mut at = dir;
        while at != ROOT {
            let parent = self.entries(at)?.1;
            let (entries, _) = self.entries(parent)?;
            let name = entries.iter().find(|(_, i)| **i == at).map(|(n, _)| n.clone());
            names.push(name.ok_or(OsError::new(errno::ENOENT))?);
            at = parent;
        }
        let mut out = Vec::new();
        for n in names.iter().rev() {
            out.push(b'/');
            out.extend_from_slice(n);
        }
        if out.is_empty() {
            out.push(b'/');
        }
        Ok(out)
    }
}

//! Files by system calls.

use super::{RealHost, attributes, borrow, raw};
use crate::error::{OsError, Result, errno};
use crate::traits::FileSystem;
use crate::types::*;
use rustix::fd::BorrowedFd;
use rustix::fs::{self, AtFlags, Mode, OFlags, Timespec, Timestamps};
use rustix::io::FdFlags;

fn dir<'a>(at: At<'_>) -> Result<BorrowedFd<'a>> {
    match at.dir {
        Some(fd) => borrow(fd),
        None => Ok(fs::CWD),
    }
}

fn mode(bits: u32) -> Mode {
    Mode::from_bits_retain(bits)
}

fn nanos(secs: i64, nsec: i64) -> i128 {
    i128::from(secs) * 1_000_000_000 + i128::from(nsec)
}

fn stat_of(s: &fs::Stat) -> Stat {
    Stat {
        mode: s.st_mode,
        ino: s.st_ino,
        dev: s.st_dev,
        nlink: s.st_nlink,
        uid: s.st_uid,
        gid: s.st_gid,
        size: s.st_size,
        atime_ns: nanos(s.st_atime, s.st_atime_nsec as i64),
        mtime_ns: nanos(s.st_mtime, s.st_mtime_nsec as i64),
        ctime_ns: nanos(s.st_ctime, s.st_ctime_nsec as i64),
        blksize: s.st_blksize,
        blocks: s.st_blocks,
        rdev: s.st_rdev,
    }
}

fn statvfs_of(s: &fs::StatVfs) -> StatVfs {
    StatVfs {
        bsize: s.f_bsize,
        frsize: s.f_frsize,
        blocks: s.f_blocks,
        bfree: s.f_bfree,
        bavail: s.f_bavail,
        files: s.f_files,
        ffree: s.f_ffree,
        favail: s.f_favail,
        flag: s.f_flag.bits(),
        namemax: s.f_namemax,
        fsid: s.f_fsid,
    }
}

fn follow_flag(follow: bool) -> AtFlags {
    if follow { AtFlags::empty() } else { AtFlags::SYMLINK_NOFOLLOW }
}

fn timespec(t: SetTime) -> Result<Timespec> {
    Ok(match t {
        SetTime::Now => Timespec { tv_sec: 0, tv_nsec: fs::UTIME_NOW },
        SetTime::Omit => Timespec { tv_sec: 0, tv_nsec: fs::UTIME_OMIT },
        SetTime::Nanos(ns) => Timespec {
            tv_sec: i64::try_from(ns.div_euclid(1_000_000_000))
                .map_err(|_| OsError::new(libc::EOVERFLOW))?,
            tv_nsec: ns.rem_euclid(1_000_000_000) as i64,
        },
    })
}

fn timestamps(atime: SetTime, mtime: SetTime) -> Result<Timestamps> {
    Ok(Timestamps { last_access: timespec(atime)?, last_modification: timespec(mtime)? })
}

fn id(n: i64) -> Option<u32> {
    u32::try_from(n).ok().filter(|&n| n != u32::MAX)
}

fn entries(d: fs::Dir) -> Result<Vec<DirEntry>> {
    let mut out = Vec::new();
    for e in d {
        let e = e?;
        let name = e.file_name().to_bytes();
        if name == b"." || name == b".." {
            continue;
        }
        let kind = match e.file_type() {
            fs::FileType::RegularFile => FileKind::File,
            fs::FileType::Directory => FileKind::Directory,
            fs::FileType::Symlink => FileKind::Symlink,
            fs::FileType::Unknown => FileKind::Unknown,
            _ => FileKind::Other,
        };
        out.push(DirEntry { name: name.to_vec(), ino: e.ino(), kind });
    }
    Ok(out)
}

impl FileSystem for RealHost {
    fn open(&self, at: At<'_>, flags: i32, bits: u32) -> Result<Fd> {
        let flags = OFlags::from_bits_retain(flags as u32) | OFlags::CLOEXEC;
        Ok(raw(fs::openat(dir(at)?, at.path, flags, mode(bits))?))
    }

    fn close(&self, fd: Fd) -> Result<()> {
        borrow(fd)?;
        super::c_library::close(fd)
    }

    fn read(&self, fd: Fd, buf: &mut [u8]) -> Result<usize> {
        Ok(rustix::io::read(borrow(fd)?, buf)?)
    }

    fn write(&self, fd: Fd, data: &[u8]) -> Result<usize> {
        Ok(rustix::io::write(borrow(fd)?, data)?)
    }

    fn pread(&self, fd: Fd, buf: &mut [u8], offset: u64) -> Result<usize> {
        Ok(rustix::io::pread(borrow(fd)?, buf, offset)?)
    }

    fn pwrite(&self, fd: Fd, data: &[u8], offset: u64) -> Result<usize> {
        Ok(rustix::io::pwrite(borrow(fd)?, data, offset)?)
    }

    fn seek(&self, fd: Fd, offset: i64, whence: Whence) -> Result<u64> {
        let unsigned = || u64::try_from(offset).map_err(|_| OsError::new(errno::EINVAL));
        let from = match whence {
            Whence::Start => fs::SeekFrom::Start(unsigned()?),
            Whence::Current => fs::SeekFrom::Current(offset),
            Whence::End => fs::SeekFrom::End(offset),
            Whence::Data => fs::SeekFrom::Data(unsigned()?),
            Whence::Hole => fs::SeekFrom::Hole(unsigned()?),
        };
        Ok(fs::seek(borrow(fd)?, from)?)
    }

    fn ftruncate(&self, fd: Fd, size: u64) -> Result<()> {
        Ok(fs::ftruncate(borrow(fd)?, size)?)
    }

    fn truncate(&self, path: &[u8], size: u64) -> Result<()> {
        let fd = fs::openat(fs::CWD, path, OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty())?;
        Ok(fs::ftruncate(fd, size)?)
    }

    fn fsync(&self, fd: Fd) -> Result<()> {
        Ok(fs::fsync(borrow(fd)?)?)
    }

    fn fdatasync(&self, fd: Fd) -> Result<()> {
        Ok(fs::fdatasync(borrow(fd)?)?)
    }

    fn dup(&self, fd: Fd, inheritable: bool) -> Result<Fd> {
        let fd = borrow(fd)?;
        Ok(raw(if inheritable {
            rustix::io::dup(fd)?
        } else {
            rustix::io::fcntl_dupfd_cloexec(fd, 0)?
        }))
    }

    fn dup2(&self, fd: Fd, to: Fd, inheritable: bool) -> Result<()> {
        borrow(fd)?;
        borrow(to)?;
        super::c_library::dup2(fd, to, inheritable)
    }

    fn pipe(&self, flags: i32) -> Result<(Fd, Fd)> {
        let flags = rustix::pipe::PipeFlags::from_bits_retain(flags as u32);
        let (r, w) = rustix::pipe::pipe_with(flags)?;
        Ok((raw(r), raw(w)))
    }

    fn isatty(&self, fd: Fd) -> Result<bool> {
        Ok(rustix::termios::isatty(borrow(fd)?))
    }

    fn get_inheritable(&self, fd: Fd) -> Result<bool> {
        Ok(!rustix::io::fcntl_getfd(borrow(fd)?)?.contains(FdFlags::CLOEXEC))
    }

    fn set_inheritable(&self, fd: Fd, inheritable: bool) -> Result<()> {
        let fd = borrow(fd)?;
        let mut flags = rustix::io::fcntl_getfd(fd)?;
        flags.set(FdFlags::CLOEXEC, !inheritable);
        Ok(rustix::io::fcntl_setfd(fd, flags)?)
    }

    fn get_blocking(&self, fd: Fd) -> Result<bool> {
        Ok(!fs::fcntl_getfl(borrow(fd)?)?.contains(OFlags::NONBLOCK))
    }

    fn set_blocking(&self, fd: Fd, blocking: bool) -> Result<()> {
        let fd = borrow(fd)?;
        let mut flags = fs::fcntl_getfl(fd)?;
        flags.set(OFlags::NONBLOCK, !blocking);
        Ok(fs::fcntl_setfl(fd, flags)?)
    }

    fn flock(&self, fd: Fd, operation: i32) -> Result<()> {
        attributes::flock(fd, operation)
    }

    fn lockf(&self, fd: Fd, command: i32, length: i64) -> Result<()> {
        attributes::lockf(fd, command, length)
    }

    fn stat(&self, at: At<'_>, follow: bool) -> Result<Stat> {
        Ok(stat_of(&fs::statat(dir(at)?, at.path, follow_flag(follow))?))
    }

    fn fstat(&self, fd: Fd) -> Result<Stat> {
        Ok(stat_of(&fs::fstat(borrow(fd)?)?))
    }

    fn statvfs(&self, path: &[u8]) -> Result<StatVfs> {
        Ok(statvfs_of(&fs::statvfs(path)?))
    }

    fn fstatvfs(&self, fd: Fd) -> Result<StatVfs> {
        Ok(statvfs_of(&fs::fstatvfs(borrow(fd)?)?))
    }

    fn access(&self, at: At<'_>, bits: u32, effective_ids: bool, follow: bool) -> Result<bool> {
        let access = fs::Access::from_bits_truncate(bits);
        let mut flags = follow_flag(follow);
        flags.set(AtFlags::EACCESS, effective_ids);
        // Like Python's, the answer does not say why not.
        Ok(fs::accessat(dir(at)?, at.path, access, flags).is_ok())
    }

    fn read_dir(&self, path: &[u8]) -> Result<Vec<DirEntry>> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let fd = fs::openat(fs::CWD, path, flags, Mode::empty())?;
        entries(fs::Dir::new(fd)?)
    }

    fn fd_read_dir(&self, fd: Fd) -> Result<Vec<DirEntry>> {
        entries(fs::Dir::read_from(borrow(fd)?)?)
    }

    fn mkdir(&self, at: At<'_>, bits: u32) -> Result<()> {
        Ok(fs::mkdirat(dir(at)?, at.path, mode(bits))?)
    }

    fn rmdir(&self, at: At<'_>) -> Result<()> {
        Ok(fs::unlinkat(dir(at)?, at.path, AtFlags::REMOVEDIR)?)
    }

    fn unlink(&self, at: At<'_>) -> Result<()> {
        Ok(fs::unlinkat(dir(at)?, at.path, AtFlags::empty())?)
    }

    fn rename(&self, from: At<'_>, to: At<'_>) -> Result<()> {
        Ok(fs::renameat(dir(from)?, from.path, dir(to)?, to.path)?)
    }

    fn link(&self, from: At<'_>, to: At<'_>, follow: bool) -> Result<()> {
        let flags = if follow { AtFlags::SYMLINK_FOLLOW } else { AtFlags::empty() };
        Ok(fs::linkat(dir(from)?, from.path, dir(to)?, to.path, flags)?)
    }

    fn symlink(&self, target: &[u8], at: At<'_>) -> Result<()> {
        Ok(fs::symlinkat(target, dir(at)?, at.path)?)
    }

    fn readlink(&self, at: At<'_>) -> Result<Vec<u8>> {
        Ok(fs::readlinkat(dir(at)?, at.path, Vec::new())?.into_bytes())
    }

    fn chmod(&self, at: At<'_>, bits: u32, follow: bool) -> Result<()> {
        // The flag is refused by kernels that cannot do it, with the errno that Python expects.
        Ok(fs::chmodat(dir(at)?, at.path, mode(bits), follow_flag(follow))?)
    }

    fn fchmod(&self, fd: Fd, bits: u32) -> Result<()> {
        Ok(fs::fchmod(borrow(fd)?, mode(bits))?)
    }

    fn chown(&self, at: At<'_>, uid: i64, gid: i64, follow: bool) -> Result<()> {
        let uid = id(uid).map(fs::Uid::from_raw);
        let gid = id(gid).map(fs::Gid::from_raw);
        Ok(fs::chownat(dir(at)?, at.path, uid, gid, follow_flag(follow))?)
    }

    fn fchown(&self, fd: Fd, uid: i64, gid: i64) -> Result<()> {
        let uid = id(uid).map(fs::Uid::from_raw);
        let gid = id(gid).map(fs::Gid::from_raw);
        Ok(fs::fchown(borrow(fd)?, uid, gid)?)
    }

    fn utime(&self, at: At<'_>, atime: SetTime, mtime: SetTime, follow: bool) -> Result<()> {
        let times = timestamps(atime, mtime)?;
        Ok(fs::utimensat(dir(at)?, at.path, &times, follow_flag(follow))?)
    }

    fn futime(&self, fd: Fd, atime: SetTime, mtime: SetTime) -> Result<()> {
        Ok(fs::futimens(borrow(fd)?, &timestamps(atime, mtime)?)?)
    }

    fn mkfifo(&self, at: At<'_>, bits: u32) -> Result<()> {
        Ok(fs::mknodat(dir(at)?, at.path, fs::FileType::Fifo, mode(bits), 0)?)
    }

    fn mknod(&self, at: At<'_>, mode: u32, device: u64) -> Result<()> {
        attributes::mknod(at, mode, device)
    }

    fn getcwd(&self) -> Result<Vec<u8>> {
        Ok(rustix::process::getcwd(Vec::new())?.into_bytes())
    }

    fn chdir(&self, path: &[u8]) -> Result<()> {
        Ok(rustix::process::chdir(path)?)
    }

    fn fchdir(&self, fd: Fd) -> Result<()> {
        Ok(rustix::process::fchdir(borrow(fd)?)?)
    }

    fn chroot(&self, path: &[u8]) -> Result<()> {
        Ok(rustix::process::chroot(path)?)
    }

    fn umask(&self, mask: u32) -> Result<u32> {
        Ok(rustix::process::umask(mode(mask)).bits())
    }

    fn sync(&self) -> Result<()> {
        fs::sync();
        Ok(())
    }

    fn fadvise(&self, fd: Fd, offset: i64, length: i64, advice: i32) -> Result<()> {
        attributes::fadvise(fd, offset, length, advice)
    }

    fn fallocate(&self, fd: Fd, offset: i64, length: i64) -> Result<()> {
        attributes::fallocate(fd, offset, length)
    }

    fn get_attribute(&self, of: FileRef<'_>, name: &[u8]) -> Result<Vec<u8>> {
        attributes::get(of, name)
    }

    fn set_attribute(&self, of: FileRef<'_>, name: &[u8], value: &[u8], flags: i32) -> Result<()> {
        attributes::set(of, name, value, flags)
    }

    fn remove_attribute(&self, of: FileRef<'_>, name: &[u8]) -> Result<()> {
        attributes::remove(of, name)
    }

    fn attribute_names(&self, of: FileRef<'_>) -> Result<Vec<Vec<u8>>> {
        attributes::names(of)
    }

    fn sendfile(&self, out: Fd, input: Fd, offset: Option<u64>, count: usize) -> Result<usize> {
        let mut offset = offset;
        Ok(fs::sendfile(borrow(out)?, borrow(input)?, offset.as_mut(), count)?)
    }

    fn copy_file_range(
        &self,
        from: Fd,
        to: Fd,
        count: usize,
        from_offset: Option<u64>,
        to_offset: Option<u64>,
    ) -> Result<usize> {
        let (mut a, mut b) = (from_offset, to_offset);
        let (from, to) = (borrow(from)?, borrow(to)?);
        Ok(fs::copy_file_range(from, a.as_mut(), to, b.as_mut(), count)?)
    }
}

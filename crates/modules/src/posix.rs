//! `_posix_native`: the host's files, processes and environment as functions of plain values.
//! `lib/overlay/posix.py` adds `os.fspath`, result types and audit. CPython's counterpart:
//! `Modules/posixmodule.c`.

use stackless_host::{At, FileKind, SetTime, Stat, Whence};
use stackless_runtime::native::{Def, def};
use stackless_runtime::objects::bytes::Bytes;
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::{Flow, PyResult, Ref, Value, Vm};

use crate::os::answer;
use crate::support::{data, flag, fs_text, int, int_or, os_error, path};
use crate::{Native, c_constants};

pub const MODULE: Native = Native { name: "_posix_native", defs: DEFS, fill };

const CONSTANTS: &[(&str, i64)] = c_constants! {
    F_OK R_OK W_OK X_OK O_RDONLY O_WRONLY O_RDWR O_NDELAY O_NONBLOCK O_APPEND O_DSYNC O_RSYNC
    O_SYNC O_NOCTTY O_CREAT O_EXCL O_TRUNC O_CLOEXEC O_ACCMODE O_DIRECTORY O_NOFOLLOW O_ASYNC
    WNOHANG WUNTRACED WCONTINUED WEXITED WNOWAIT WSTOPPED
    SEEK_DATA SEEK_HOLE RTLD_LAZY RTLD_NOW RTLD_GLOBAL RTLD_LOCAL
    PRIO_PROCESS PRIO_PGRP PRIO_USER F_LOCK F_TLOCK F_ULOCK F_TEST ST_RDONLY ST_NOSUID
    P_PID P_PGID P_ALL
};

/// `sysexits.h`: 0, then 64 and on.
const EXIT_CODES: &[&str] = &[
    "EX_OK",
    "EX_USAGE",
    "EX_DATAERR",
    "EX_NOINPUT",
    "EX_NOUSER",
    "EX_NOHOST",
    "EX_UNAVAILABLE",
    "EX_SOFTWARE",
    "EX_OSERR",
    "EX_OSFILE",
    "EX_CANTCREAT",
    "EX_IOERR",
    "EX_TEMPFAIL",
    "EX_PROTOCOL",
    "EX_NOPERM",
    "EX_CONFIG",
];

fn fill(vm: &mut Vm, d: &Ref<Dict>) -> PyResult<()> {
    crate::os::fill(vm, d, CONSTANTS);
    for (i, k) in EXIT_CODES.iter().enumerate() {
        d.set_text(vm, k, Value::from_usize(if i == 0 { 0 } else { 63 + i }));
    }
    Ok(())
}

fn fd(v: &Value) -> i32 {
    int(v).clamp(-1, i32::MAX as i64) as i32
}

fn dir(v: &Value) -> Option<i32> {
    v.given().filter(|v| !v.is_none()).map(fd)
}

fn name_value(vm: &Vm, name: &[u8], bytes: bool) -> Value {
    if bytes { vm.bytes(name) } else { fs_text(vm, name) }
}

/// mode, ino, dev, nlink, uid, gid, size, then nanoseconds of a, m, c, then blksize, blocks, rdev.
fn stat_tuple(vm: &mut Vm, s: &Stat) -> Flow {
    let ns = |vm: &Vm, n: i128| vm.big_int(stackless_primitives::BigInt::from(n as i64));
    let v = vec![
        vm.int(s.mode as i64),
        vm.uint(s.ino),
        vm.uint(s.dev),
        vm.uint(s.nlink),
        vm.int(s.uid as i64),
        vm.int(s.gid as i64),
        vm.int(s.size),
        ns(vm, s.atime_ns),
        ns(vm, s.mtime_ns),
        ns(vm, s.ctime_ns),
        vm.int(s.blksize),
        vm.int(s.blocks),
        vm.uint(s.rdev),
    ];
    Ok(vm.tuple(v).into())
}

fn set_time(v: &Value) -> SetTime {
    if v.is_none() { SetTime::Now } else { SetTime::Nanos(int(v) as i128) }
}

/// A path operation whose result is None.
macro_rules! path_op {
    ($name:literal, $sig:literal, |$h:ident, $at:ident, $a:ident| $body:expr) => {
        def!($name, $sig, |vm, $a| {
            let (p, _) = path(vm, $name, &$a[0])?;
            let $h = &vm.host;
            let $at = At::new(dir(&$a[1]), &p);
            let r = $body;
            answer(vm, r, &[&$a[0]])
        })
    };
}

fn two_paths(vm: &mut Vm, who: &str, a: &[Value]) -> PyResult<(Vec<u8>, Vec<u8>)> {
    Ok((path(vm, who, &a[0])?.0, path(vm, who, &a[1])?.0))
}

const DEFS: &[Def] = &[
    def!("open", "(path, flags: index, mode: index=0o777, dir_fd=None, /)", |vm, a| {
        let (p, _) = path(vm, "open", &a[0])?;
        let h = &vm.host;
        let r = h.open(At::new(dir(&a[3]), &p), int(&a[1]) as i32, int_or(&a[2], 0o777) as u32);
        answer(vm, r, &[&a[0]])
    }),
    def!("close", "(fd: index)", |vm, a| {
        let r = vm.host.close(fd(&a[0]));
        answer(vm, r, &[])
    }),
    def!("read", "(fd: index, n: index, /)", |vm, a| {
        let n = int(&a[1]);
        if n < 0 {
            return Err(os_error(vm, stackless_host::OsError::new(libc::EINVAL), &[]));
        }
        let n = usize::try_from(n).unwrap_or(usize::MAX);
        vm.claim(n)?;
        let mut buf = vec![0; n];
        match vm.host.read(fd(&a[0]), &mut buf) {
            Ok(n) => Ok(vm.bytes(&buf[..n]).into()),
            Err(e) => Err(os_error(vm, e, &[])),
        }
    }),
    def!("pread", "(fd: index, n: index, offset: index, /)", |vm, a| {
        let mut buf = vec![0; (int(&a[1]).max(0) as usize).min(1 << 30)];
        match vm.host.pread(fd(&a[0]), &mut buf, int(&a[2]) as u64) {
            Ok(n) => Ok(vm.bytes(&buf[..n]).into()),
            Err(e) => Err(os_error(vm, e, &[])),
        }
    }),
    def!("write", "(fd: index, data, /)", |vm, a| {
        let d = data(vm, &a[1])?;
        let r = vm.host.write(fd(&a[0]), &d);
        answer(vm, r, &[])
    }),
    def!("pwrite", "(fd: index, data, offset: index, /)", |vm, a| {
        let d = data(vm, &a[1])?;
        let r = vm.host.pwrite(fd(&a[0]), &d, int(&a[2]) as u64);
        answer(vm, r, &[])
    }),
    def!("lseek", "(fd: index, position: index, whence: index, /)", |vm, a| {
        let whence = match int(&a[2]) as i32 {
            libc::SEEK_SET => Whence::Start,
            libc::SEEK_CUR => Whence::Current,
            libc::SEEK_END => Whence::End,
            libc::SEEK_DATA => Whence::Data,
            libc::SEEK_HOLE => Whence::Hole,
            _ => return Err(os_error(vm, stackless_host::OsError::new(libc::EINVAL), &[])),
        };
        let r = vm.host.seek(fd(&a[0]), int(&a[1]), whence);
        answer(vm, r, &[])
    }),
    def!("ftruncate", "(fd: index, length: index, /)", |vm, a| {
        let r = vm.host.ftruncate(fd(&a[0]), int(&a[1]) as u64);
        answer(vm, r, &[])
    }),
    def!("truncate", "(path, length: index, /)", |vm, a| {
        let (p, _) = path(vm, "truncate", &a[0])?;
        let r = vm.host.truncate(&p, int(&a[1]) as u64);
        answer(vm, r, &[&a[0]])
    }),
    def!("fsync", "(fd: index, /)", |vm, a| {
        let r = vm.host.fsync(fd(&a[0]));
        answer(vm, r, &[])
    }),
    def!("fdatasync", "(fd: index, /)", |vm, a| {
        let r = vm.host.fdatasync(fd(&a[0]));
        answer(vm, r, &[])
    }),
    def!("dup", "(fd: index, /)", |vm, a| {
        let r = vm.host.dup(fd(&a[0]), false);
        answer(vm, r, &[])
    }),
    def!("dup2", "(fd: index, fd2: index, inheritable: truth=True)", |vm, a| {
        let r = vm.host.dup2(fd(&a[0]), fd(&a[1]), flag(&a[2], true));
        match r {
            Ok(()) => Ok(a[1].clone().into()),
            Err(e) => Err(os_error(vm, e, &[])),
        }
    }),
    def!("pipe", "()", |vm, _| {
        let r = vm.host.pipe(libc::O_CLOEXEC);
        answer(vm, r, &[])
    }),
    def!("isatty", "(fd: index, /)", |vm, a| Ok(vm.host.isatty(fd(&a[0])).unwrap_or(false).into())),
    def!("get_inheritable", "(fd: index, /)", |vm, a| match vm.host.get_inheritable(fd(&a[0])) {
        Ok(b) => Ok(b.into()),
        Err(e) => Err(os_error(vm, e, &[])),
    }),
    def!("set_inheritable", "(fd: index, inheritable: truth, /)", |vm, a| {
        let r = vm.host.set_inheritable(fd(&a[0]), flag(&a[1], false));
        answer(vm, r, &[])
    }),
    def!("get_blocking", "(fd: index, /)", |vm, a| match vm.host.get_blocking(fd(&a[0])) {
        Ok(b) => Ok(b.into()),
        Err(e) => Err(os_error(vm, e, &[])),
    }),
    def!("set_blocking", "(fd: index, blocking: truth, /)", |vm, a| {
        let r = vm.host.set_blocking(fd(&a[0]), flag(&a[1], false));
        answer(vm, r, &[])
    }),
    def!("stat", "(path, dir_fd=None, follow_symlinks: truth=True, /)", |vm, a| {
        let (p, _) = path(vm, "stat", &a[0])?;
        match vm.host.stat(At::new(dir(&a[1]), &p), flag(&a[2], true)) {
            Ok(s) => stat_tuple(vm, &s),
            Err(e) => Err(os_error(vm, e, &[&a[0]])),
        }
    }),
    def!("fstat", "(fd: index, /)", |vm, a| match vm.host.fstat(fd(&a[0])) {
        Ok(s) => stat_tuple(vm, &s),
        Err(e) => Err(os_error(vm, e, &[])),
    }),
    def!(
        "access",
        "(path, dir_fd, mode: index, effective_ids: truth, follow_symlinks: truth, /)",
        |vm, a| {
            let (p, _) = path(vm, "access", &a[0])?;
            let at = At::new(dir(&a[1]), &p);
            let r = vm.host.access(at, int(&a[2]) as u32, flag(&a[3], false), flag(&a[4], true));
            Ok(r.unwrap_or(false).into())
        },
    ),
    def!("scandir", "(path, /)", |vm, a| {
        // List of (name, inode, kind): kind 0 unknown, 1 file, 2 directory, 3 link, 4 other.
        let (r, bytes) = if a[0].is_int() {
            (vm.host.fd_read_dir(fd(&a[0])), false)
        } else {
            let (p, b) = path(vm, "scandir", &a[0])?;
            (vm.host.read_dir(&p), b)
        };
        match r {
            Ok(entries) => {
                let mut out = Vec::with_capacity(entries.len());
                for e in entries {
                    let kind = match e.kind {
                        FileKind::Unknown => 0,
                        FileKind::File => 1,
                        FileKind::Directory => 2,
                        FileKind::Symlink => 3,
                        FileKind::Other => 4,
                    };
                    let v =
                        vec![name_value(vm, &e.name, bytes), vm.uint(e.ino), Value::from_i32(kind)];
                    out.push(vm.tuple(v));
                }
                Ok(vm.list(out).into())
            }
            Err(e) => Err(os_error(vm, e, &[&a[0]])),
        }
    }),
    path_op!("mkdir", "(path, dir_fd, mode: index, /)", |h, at, a| h.mkdir(at, int(&a[2]) as u32)),
    path_op!("rmdir", "(path, dir_fd, /)", |h, at, a| h.rmdir(at)),
    path_op!("unlink", "(path, dir_fd, /)", |h, at, a| h.unlink(at)),
    path_op!("chmod", "(path, dir_fd, mode: index, follow: truth, /)", |h, at, a| {
        h.chmod(at, int(&a[2]) as u32, flag(&a[3], true))
    }),
    path_op!("chown", "(path, dir_fd, uid: index, gid: index, follow: truth, /)", |h, at, a| {
        h.chown(at, int(&a[2]), int(&a[3]), flag(&a[4], true))
    }),
    path_op!("mkfifo", "(path, dir_fd, mode: index, /)", |h, at, a| h
        .mkfifo(at, int(&a[2]) as u32)),
    def!("futime", "(fd: index, atime, mtime, /)", |vm, a| {
        let r = vm.host.futime(fd(&a[0]), set_time(&a[1]), set_time(&a[2]));
        answer(vm, r, &[])
    }),
    path_op!("utime", "(path, dir_fd, atime, mtime, follow: truth, /)", |h, at, a| {
        h.utime(at, set_time(&a[2]), set_time(&a[3]), flag(&a[4], true))
    }),
    def!("rename", "(src, dst, src_dir_fd=None, dst_dir_fd=None, /)", |vm, a| {
        let (p, q) = two_paths(vm, "rename", a)?;
        let r = vm.host.rename(At::new(dir(&a[2]), &p), At::new(dir(&a[3]), &q));
        answer(vm, r, &[&a[0], &a[1]])
    }),
    def!("link", "(src, dst, src_dir_fd=None, dst_dir_fd=None, follow: truth=True, /)", |vm, a| {
        let (p, q) = two_paths(vm, "link", a)?;
        let r = vm.host.link(At::new(dir(&a[2]), &p), At::new(dir(&a[3]), &q), flag(&a[4], true));
        answer(vm, r, &[&a[0], &a[1]])
    }),
    def!("symlink", "(src, dst, dir_fd=None, /)", |vm, a| {
        let (p, q) = two_paths(vm, "symlink", a)?;
        let r = vm.host.symlink(&p, At::new(dir(&a[2]), &q));
        answer(vm, r, &[&a[0], &a[1]])
    }),
    def!("readlink", "(path, dir_fd=None, /)", |vm, a| {
        let (p, bytes) = path(vm, "readlink", &a[0])?;
        match vm.host.readlink(At::new(dir(&a[1]), &p)) {
            Ok(t) => Ok(name_value(vm, &t, bytes).into()),
            Err(e) => Err(os_error(vm, e, &[&a[0]])),
        }
    }),
    def!("fchmod", "(fd: index, mode: index, /)", |vm, a| {
        let r = vm.host.fchmod(fd(&a[0]), int(&a[1]) as u32);
        answer(vm, r, &[])
    }),
    def!("getcwdb", "()", |vm, _| match vm.host.getcwd() {
        Ok(p) => Ok(vm.bytes(&p).into()),
        Err(e) => Err(os_error(vm, e, &[])),
    }),
    def!("chdir", "(path, /)", |vm, a| {
        let r = if a[0].is_int() {
            vm.host.fchdir(fd(&a[0]))
        } else {
            let (p, _) = path(vm, "chdir", &a[0])?;
            vm.host.chdir(&p)
        };
        answer(vm, r, &[&a[0]])
    }),
    def!("umask", "(mask: index, /)", |vm, a| {
        let r = vm.host.umask(int(&a[0]) as u32);
        answer(vm, r, &[])
    }),
    def!("fsdecode", "(data, /)", |vm, a| match a[0].get::<Bytes>() {
        Some(b) => Ok(fs_text(vm, b.as_bytes()).into()),
        None => Ok(a[0].clone().into()),
    }),
    def!("environ", "()", |vm, _| {
        let d = vm.dict().into_value();
        for (k, v) in vm.host.env_all() {
            let (k, v) = (vm.bytes(&k), vm.bytes(&v));
            stackless_runtime::ops::dict::set_native(vm, &d, &k, v)?;
        }
        Ok(d.into())
    }),
    def!("putenv", "(name, value, /)", |vm, a| {
        let (k, v) = (path(vm, "putenv", &a[0])?.0, path(vm, "putenv", &a[1])?.0);
        let r = vm.host.env_set(&k, &v);
        answer(vm, r, &[])
    }),
    def!("unsetenv", "(name, /)", |vm, a| {
        let (k, _) = path(vm, "unsetenv", &a[0])?;
        let r = vm.host.env_unset(&k);
        answer(vm, r, &[])
    }),
    def!("urandom", "(size: ssize, /)", |vm, a| {
        let n = int(&a[0]);
        if n < 0 {
            return Err(vm.value_error("negative argument not allowed"));
        }
        let n = usize::try_from(n).unwrap_or(usize::MAX);
        vm.claim(n)?;
        let mut buf = vec![0; n];
        match vm.host.random(&mut buf) {
            Ok(()) => Ok(vm.bytes(&buf).into()),
            Err(e) => Err(os_error(vm, e, &[])),
        }
    }),
    def!("_exit", "(status: index)", |vm, a| {
        vm.host.exit(int(&a[0]) as i32);
        Err(vm.runtime_error("the host has no process to end"))
    }),
    def!("getpid", "()", |vm, _| {
        let r = vm.host.pid();
        answer(vm, r, &[])
    }),
    def!("getppid", "()", |vm, _| {
        let r = vm.host.ppid();
        answer(vm, r, &[])
    }),
    def!("getuid", "()", |vm, _| {
        let r = vm.host.uid();
        answer(vm, r, &[])
    }),
    def!("geteuid", "()", |vm, _| {
        let r = vm.host.euid();
        answer(vm, r, &[])
    }),
    def!("getgid", "()", |vm, _| {
        let r = vm.host.gid();
        answer(vm, r, &[])
    }),
    def!("getegid", "()", |vm, _| {
        let r = vm.host.egid();
        answer(vm, r, &[])
    }),
    def!("getpgid", "(pid: index)", |vm, a| {
        let r = vm.host.getpgid(int(&a[0]) as i32);
        answer(vm, r, &[])
    }),
    def!("getsid", "(pid: index, /)", |vm, a| {
        let r = vm.host.getsid(int(&a[0]) as i32);
        answer(vm, r, &[])
    }),
    def!("setsid", "()", |vm, _| {
        let r = vm.host.setsid().map(|_| ());
        answer(vm, r, &[])
    }),
    def!("kill", "(pid: index, signal: index, /)", |vm, a| {
        let r = vm.host.kill(int(&a[0]) as i32, int(&a[1]) as i32);
        answer(vm, r, &[])
    }),
    def!("waitpid", "(pid: index, options: index, /)", |vm, a| {
        match vm.host.waitpid(int(&a[0]) as i32, int(&a[1]) as i32) {
            Ok((p, s)) => Ok(vm.tuple(vec![Value::from_i32(p), Value::from_i32(s)]).into()),
            Err(e) => Err(os_error(vm, e, &[])),
        }
    }),
    def!("uname", "()", |vm, _| match vm.host.uname() {
        Ok(u) => {
            let parts = [u.sysname, u.nodename, u.release, u.version, u.machine];
            let v = parts.iter().map(|p| fs_text(vm, p)).collect();
            Ok(vm.tuple(v).into())
        }
        Err(e) => Err(os_error(vm, e, &[])),
    }),
    def!("times", "()", |vm, _| match vm.host.times() {
        Ok(t) => {
            let v =
                [t.user_ns, t.system_ns, t.children_user_ns, t.children_system_ns, t.elapsed_ns];
            let v = v.iter().map(|n| vm.float(*n as f64 / 1e9)).collect();
            Ok(vm.tuple(v).into())
        }
        Err(e) => Err(os_error(vm, e, &[])),
    }),
    def!("getloadavg", "()", |vm, _| match vm.host.loadavg() {
        Ok(l) => {
            let v = l.iter().map(|f| vm.float(*f)).collect();
            Ok(vm.tuple(v).into())
        }
        Err(e) => Err(os_error(vm, e, &[])),
    }),
    def!("cpu_count", "()", |vm, _| {
        Ok(vm.host.cpu_count().map_or(Value::NONE, Value::from_usize).into())
    }),
    def!("terminal_size", "(fd: index, /)", |vm, a| match vm.host.terminal_size(fd(&a[0])) {
        Ok((c, r)) => {
            Ok(vm.tuple(vec![Value::from_i32(c as i32), Value::from_i32(r as i32)]).into())
        }
        Err(e) => Err(os_error(vm, e, &[])),
    }),
    def!("strerror", "(code: index, /)", |vm, a| {
        let text = stackless_host::OsError::new(int(&a[0]) as i32).message();
        Ok(vm.str(&text).into())
    }),
    def!("executable", "()", |vm, _| {
        Ok(vm.host.executable().map_or(Value::NONE, |p| fs_text(vm, &p)).into())
    }),
];

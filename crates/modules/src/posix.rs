//! `_posix_native`: the host's files, processes and environment as functions of plain values.
//! `lib/overlay/posix.py` adds `os.fspath`, result types and audit. CPython's counterpart:
//! `Modules/posixmodule.c`.

use stackless_host::{At, FileKind, Host, SetTime, Stat, Whence};
use stackless_runtime::exc::Reply;
use stackless_runtime::native::{Def, def};
use stackless_runtime::objects::bytes::Bytes;
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::{Flow, PyResult, Ref, Value, Vm};

use crate::Native;
use crate::support::{data, flag, fs_text, int, int_or, os_error, path};

pub const MODULE: Native = Native { name: "_posix_native", defs: DEFS, fill };

macro_rules! constants {
    ($($name:ident)*) => { &[$((stringify!($name), libc::$name as i64)),*] };
}

const CONSTANTS: &[(&str, i64)] = constants! {
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
    for (k, v) in CONSTANTS {
        let v = vm.int(*v);
        d.set_text(vm, k, v);
    }
    for (i, k) in EXIT_CODES.iter().enumerate() {
        d.set_text(vm, k, Value::from_usize(if i == 0 { 0 } else { 63 + i }));
    }
    Ok(())
}

fn host(vm: &Vm) -> std::sync::Arc<dyn Host> {
    vm.host.clone()
}

fn fd(v: &Value) -> i32 {
    int(v).clamp(-1, i32::MAX as i64) as i32
}

fn dir(v: &Value) -> Option<i32> {
    v.given().filter(|v| !v.is_none()).map(fd)
}

fn done(vm: &mut Vm, r: stackless_host::Result<()>, names: &[&Value]) -> Flow {
    match r {
        Ok(()) => Ok(Reply::NONE),
        Err(e) => Err(os_error(vm, e, names)),
    }
}

fn number(vm: &mut Vm, r: stackless_host::Result<i64>, names: &[&Value]) -> Flow {
    match r {
        Ok(n) => Ok(vm.int(n).into()),
        Err(e) => Err(os_error(vm, e, names)),
    }
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
            let $h = host(vm);
            let $at = At::new(dir(&$a[1]), &p);
            let r = $body;
            done(vm, r, &[&$a[0]])
        })
    };
}

fn two_paths(vm: &mut Vm, who: &str, a: &[Value]) -> PyResult<(Vec<u8>, Vec<u8>)> {
    Ok((path(vm, who, &a[0])?.0, path(vm, who, &a[1])?.0))
}

const DEFS: &[Def] = &[
    def!("open", "(path, flags: index, mode: index=0o777, dir_fd=None, /)", |vm, a| {
        let (p, _) = path(vm, "open", &a[0])?;
        let h = host(vm);
        let r = h.open(At::new(dir(&a[3]), &p), int(&a[1]) as i32, int_or(&a[2], 0o777) as u32);
        number(vm, r.map(i64::from), &[&a[0]])
    }),
    def!("close", "(fd: index, /)", |vm, a| {
        let r = host(vm).close(fd(&a[0]));
        done(vm, r, &[])
    }),
    def!("read", "(fd: index, n: index, /)", |vm, a| {
        let n = int(&a[1]);
        if n < 0 {
            return Err(os_error(vm, stackless_host::OsError::new(libc::EINVAL), &[]));
        }
        let n = usize::try_from(n).unwrap_or(usize::MAX);
        vm.claim(n)?;
        let mut buf = vec![0; n];
        match host(vm).read(fd(&a[0]), &mut buf) {
            Ok(n) => Ok(vm.bytes(&buf[..n]).into()),
            Err(e) => Err(os_error(vm, e, &[])),
        }
    }),
    def!("pread", "(fd: index, n: index, offset: index, /)", |vm, a| {
        let mut buf = vec![0; (int(&a[1]).max(0) as usize).min(1 << 30)];
        match host(vm).pread(fd(&a[0]), &mut buf, int(&a[2]) as u64) {
            Ok(n) => Ok(vm.bytes(&buf[..n]).into()),
            Err(e) => Err(os_error(vm, e, &[])),
        }
    }),
    def!("write", "(fd: index, data, /)", |vm, a| {
        let d = data(vm, &a[1])?;
        let r = host(vm).write(fd(&a[0]), &d);
        number(vm, r.map(|n| n as i64), &[])
    }),
    def!("pwrite", "(fd: index, data, offset: index, /)", |vm, a| {
        let d = data(vm, &a[1])?;
        let r = host(vm).pwrite(fd(&a[0]), &d, int(&a[2]) as u64);
        number(vm, r.map(|n| n as i64), &[])
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
        let r = host(vm).seek(fd(&a[0]), int(&a[1]), whence);
        number(vm, r.map(|n| n as i64), &[])
    }),
    def!("ftruncate", "(fd: index, length: index, /)", |vm, a| {
        let r = host(vm).ftruncate(fd(&a[0]), int(&a[1]) as u64);
        done(vm, r, &[])
    }),
    def!("truncate", "(path, length: index, /)", |vm, a| {
        let (p, _) = path(vm, "truncate", &a[0])?;
        let r = host(vm).truncate(&p, int(&a[1]) as u64);
        done(vm, r, &[&a[0]])
    }),
    def!("fsync", "(fd: index, /)", |vm, a| {
        let r = host(vm).fsync(fd(&a[0]));
        done(vm, r, &[])
    }),
    def!("fdatasync", "(fd: index, /)", |vm, a| {
        let r = host(vm).fdatasync(fd(&a[0]));
        done(vm, r, &[])
    }),
    def!("dup", "(fd: index, /)", |vm, a| {
        let r = host(vm).dup(fd(&a[0]), false);
        number(vm, r.map(i64::from), &[])
    }),
    def!("dup2", "(fd: index, fd2: index, inheritable: truth=True)", |vm, a| {
        let r = host(vm).dup2(fd(&a[0]), fd(&a[1]), flag(&a[2], true));
        match r {
            Ok(()) => Ok(a[1].clone().into()),
            Err(e) => Err(os_error(vm, e, &[])),
        }
    }),
    def!("pipe", "()", |vm, _| match host(vm).pipe() {
        Ok((r, w)) => Ok(vm.tuple(vec![Value::from_i32(r), Value::from_i32(w)]).into()),
        Err(e) => Err(os_error(vm, e, &[])),
    }),
    def!("isatty", "(fd: index, /)", |vm, a| Ok(host(vm)
        .isatty(fd(&a[0]))
        .unwrap_or(false)
        .into())),
    def!("get_inheritable", "(fd: index, /)", |vm, a| match host(vm).get_inheritable(fd(&a[0])) {
        Ok(b) => Ok(b.into()),
        Err(e) => Err(os_error(vm, e, &[])),
    }),
    def!("set_inheritable", "(fd: index, inheritable: truth, /)", |vm, a| {
        let r = host(vm).set_inheritable(fd(&a[0]), flag(&a[1], false));
        done(vm, r, &[])
    }),
    def!("get_blocking", "(fd: index, /)", |vm, a| match host(vm).get_blocking(fd(&a[0])) {
        Ok(b) => Ok(b.into()),
        Err(e) => Err(os_error(vm, e, &[])),
    }),
    def!("set_blocking", "(fd: index, blocking: truth, /)", |vm, a| {
        let r = host(vm).set_blocking(fd(&a[0]), flag(&a[1], false));
        done(vm, r, &[])
    }),
    def!("stat", "(path, dir_fd=None, follow_symlinks: truth=True, /)", |vm, a| {
        let (p, _) = path(vm, "stat", &a[0])?;
        match host(vm).stat(At::new(dir(&a[1]), &p), flag(&a[2], true)) {
            Ok(s) => stat_tuple(vm, &s),
            Err(e) => Err(os_error(vm, e, &[&a[0]])),
        }
    }),
    def!("fstat", "(fd: index, /)", |vm, a| match host(vm).fstat(fd(&a[0])) {
        Ok(s) => stat_tuple(vm, &s),
        Err(e) => Err(os_error(vm, e, &[])),
    }),
    def!(
        "access",
        "(path, dir_fd, mode: index, effective_ids: truth, follow_symlinks: truth, /)",
        |vm, a| {
            let (p, _) = path(vm, "access", &a[0])?;
            let at = At::new(dir(&a[1]), &p);
            let r = host(vm).access(at, int(&a[2]) as u32, flag(&a[3], false), flag(&a[4], true));
            Ok(r.unwrap_or(false).into())
        },
    ),
    def!("scandir", "(path, /)", |vm, a| {
        // List of (name, inode, kind): kind 0 unknown, 1 file, 2 directory, 3 link, 4 other.
        let (r, bytes) = if a[0].is_int() {
            (host(vm).fd_read_dir(fd(&a[0])), false)
        } else {
            let (p, b) = path(vm, "scandir", &a[0])?;
            (host(vm).read_dir(&p), b)
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
        let r = host(vm).futime(fd(&a[0]), set_time(&a[1]), set_time(&a[2]));
        done(vm, r, &[])
    }),
    path_op!("utime", "(path, dir_fd, atime, mtime, follow: truth, /)", |h, at, a| {
        h.utime(at, set_time(&a[2]), set_time(&a[3]), flag(&a[4], true))
    }),
    def!("rename", "(src, dst, src_dir_fd=None, dst_dir_fd=None, /)", |vm, a| {
        let (p, q) = two_paths(vm, "rename", a)?;
        let r = host(vm).rename(At::new(dir(&a[2]), &p), At::new(dir(&a[3]), &q));
        done(vm, r, &[&a[0], &a[1]])
    }),
    def!("link", "(src, dst, src_dir_fd=None, dst_dir_fd=None, follow: truth=True, /)", |vm, a| {
        let (p, q) = two_paths(vm, "link", a)?;
        let r = host(vm).link(At::new(dir(&a[2]), &p), At::new(dir(&a[3]), &q), flag(&a[4], true));
        done(vm, r, &[&a[0], &a[1]])
    }),
    def!("symlink", "(src, dst, dir_fd=None, /)", |vm, a| {
        let (p, q) = two_paths(vm, "symlink", a)?;
        let r = host(vm).symlink(&p, At::new(dir(&a[2]), &q));
        done(vm, r, &[&a[0], &a[1]])
    }),
    def!("readlink", "(path, dir_fd=None, /)", |vm, a| {
        let (p, bytes) = path(vm, "readlink", &a[0])?;
        match host(vm).readlink(At::new(dir(&a[1]), &p)) {
            Ok(t) => Ok(name_value(vm, &t, bytes).into()),
            Err(e) => Err(os_error(vm, e, &[&a[0]])),
        }
    }),
    def!("fchmod", "(fd: index, mode: index, /)", |vm, a| {
        let r = host(vm).fchmod(fd(&a[0]), int(&a[1]) as u32);
        done(vm, r, &[])
    }),
    def!("getcwdb", "()", |vm, _| match host(vm).getcwd() {
        Ok(p) => Ok(vm.bytes(&p).into()),
        Err(e) => Err(os_error(vm, e, &[])),
    }),
    def!("chdir", "(path, /)", |vm, a| {
        let r = if a[0].is_int() {
            host(vm).fchdir(fd(&a[0]))
        } else {
            let (p, _) = path(vm, "chdir", &a[0])?;
            host(vm).chdir(&p)
        };
        done(vm, r, &[&a[0]])
    }),
    def!("umask", "(mask: index, /)", |vm, a| {
        let r = host(vm).umask(int(&a[0]) as u32);
        number(vm, r.map(i64::from), &[])
    }),
    def!("fsdecode", "(data, /)", |vm, a| match a[0].get::<Bytes>() {
        Some(b) => Ok(fs_text(vm, b.as_bytes()).into()),
        None => Ok(a[0].clone().into()),
    }),
    def!("environ", "()", |vm, _| {
        let d = vm.dict().into_value();
        for (k, v) in host(vm).env_all() {
            let (k, v) = (vm.bytes(&k), vm.bytes(&v));
            stackless_runtime::ops::dict::set_native(vm, &d, &k, v)?;
        }
        Ok(d.into())
    }),
    def!("putenv", "(name, value, /)", |vm, a| {
        let (k, v) = (path(vm, "putenv", &a[0])?.0, path(vm, "putenv", &a[1])?.0);
        let r = host(vm).env_set(&k, &v);
        done(vm, r, &[])
    }),
    def!("unsetenv", "(name, /)", |vm, a| {
        let (k, _) = path(vm, "unsetenv", &a[0])?;
        let r = host(vm).env_unset(&k);
        done(vm, r, &[])
    }),
    def!("urandom", "(size: ssize, /)", |vm, a| {
        let n = int(&a[0]);
        if n < 0 {
            return Err(vm.value_error("negative argument not allowed"));
        }
        let n = usize::try_from(n).unwrap_or(usize::MAX);
        vm.claim(n)?;
        let mut buf = vec![0; n];
        match host(vm).random(&mut buf) {
            Ok(()) => Ok(vm.bytes(&buf).into()),
            Err(e) => Err(os_error(vm, e, &[])),
        }
    }),
    def!("_exit", "(status: index, /)", |vm, a| {
        host(vm).exit(int(&a[0]) as i32);
        Err(vm.runtime_error("the host has no process to end"))
    }),
    def!("getpid", "()", |vm, _| {
        let r = host(vm).pid();
        number(vm, r.map(i64::from), &[])
    }),
    def!("getppid", "()", |vm, _| {
        let r = host(vm).ppid();
        number(vm, r.map(i64::from), &[])
    }),
    def!("getuid", "()", |vm, _| {
        let r = host(vm).uid();
        number(vm, r.map(i64::from), &[])
    }),
    def!("geteuid", "()", |vm, _| {
        let r = host(vm).euid();
        number(vm, r.map(i64::from), &[])
    }),
    def!("getgid", "()", |vm, _| {
        let r = host(vm).gid();
        number(vm, r.map(i64::from), &[])
    }),
    def!("getegid", "()", |vm, _| {
        let r = host(vm).egid();
        number(vm, r.map(i64::from), &[])
    }),
    def!("getpgid", "(pid: index, /)", |vm, a| {
        let r = host(vm).getpgid(int(&a[0]) as i32);
        number(vm, r.map(i64::from), &[])
    }),
    def!("getsid", "(pid: index, /)", |vm, a| {
        let r = host(vm).getsid(int(&a[0]) as i32);
        number(vm, r.map(i64::from), &[])
    }),
    def!("setsid", "()", |vm, _| {
        let r = host(vm).setsid().map(|_| ());
        done(vm, r, &[])
    }),
    def!("kill", "(pid: index, signal: index, /)", |vm, a| {
        let r = host(vm).kill(int(&a[0]) as i32, int(&a[1]) as i32);
        done(vm, r, &[])
    }),
    def!("waitpid", "(pid: index, options: index, /)", |vm, a| {
        match host(vm).waitpid(int(&a[0]) as i32, int(&a[1]) as i32) {
            Ok((p, s)) => Ok(vm.tuple(vec![Value::from_i32(p), Value::from_i32(s)]).into()),
            Err(e) => Err(os_error(vm, e, &[])),
        }
    }),
    def!("uname", "()", |vm, _| match host(vm).uname() {
        Ok(u) => {
            let parts = [u.sysname, u.nodename, u.release, u.version, u.machine];
            let v = parts.iter().map(|p| fs_text(vm, p)).collect();
            Ok(vm.tuple(v).into())
        }
        Err(e) => Err(os_error(vm, e, &[])),
    }),
    def!("times", "()", |vm, _| match host(vm).times() {
        Ok(t) => {
            let v =
                [t.user_ns, t.system_ns, t.children_user_ns, t.children_system_ns, t.elapsed_ns];
            let v = v.iter().map(|n| vm.float(*n as f64 / 1e9)).collect();
            Ok(vm.tuple(v).into())
        }
        Err(e) => Err(os_error(vm, e, &[])),
    }),
    def!("getloadavg", "()", |vm, _| match host(vm).loadavg() {
        Ok(l) => {
            let v = l.iter().map(|f| vm.float(*f)).collect();
            Ok(vm.tuple(v).into())
        }
        Err(e) => Err(os_error(vm, e, &[])),
    }),
    def!("cpu_count", "()", |vm, _| {
        Ok(host(vm).cpu_count().map_or(Value::NONE, Value::from_usize).into())
    }),
    def!("terminal_size", "(fd: index, /)", |vm, a| match host(vm).terminal_size(fd(&a[0])) {
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
        Ok(host(vm).executable().map_or(Value::NONE, |p| fs_text(vm, &p)).into())
    }),
];

//! `_descriptors_native`: calls on files and descriptors beyond those of the host trait: extended
//! attributes, terminals, events and timers, limits of the system. `lib/overlay/posix.py` checks
//! arguments and builds results. CPython's counterpart: `Modules/posixmodule.c`.

use stackless_host::{At, FileRef, Span, StatVfs, TimerSpec};
use stackless_runtime::native::{Def, def};
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::{Flow, PyResult, Ref, Value, Vm};

use crate::os::{answer, given, n, name};
use crate::support::{data, flag, fs_text, int};
use crate::{Native, c_constants, host_calls};

pub const MODULE: Native = Native { name: "_descriptors_native", defs: DEFS, fill };
pub const NUMBERS: Native =
    Native { name: "_descriptors_numbers", defs: NUMBER_DEFS, fill: no_fill };

const CONSTANTS: &[(&str, i64)] = c_constants! {
    EFD_CLOEXEC EFD_NONBLOCK EFD_SEMAPHORE MFD_ALLOW_SEALING MFD_CLOEXEC MFD_HUGETLB MFD_HUGE_16GB
    MFD_HUGE_16MB MFD_HUGE_1GB MFD_HUGE_1MB MFD_HUGE_256MB MFD_HUGE_2GB MFD_HUGE_2MB MFD_HUGE_32MB
    MFD_HUGE_512KB MFD_HUGE_512MB MFD_HUGE_64KB MFD_HUGE_8MB MFD_HUGE_MASK MFD_HUGE_SHIFT
    POSIX_FADV_DONTNEED POSIX_FADV_NOREUSE POSIX_FADV_NORMAL POSIX_FADV_RANDOM
    POSIX_FADV_SEQUENTIAL POSIX_FADV_WILLNEED RTLD_DEEPBIND RTLD_NODELETE RTLD_NOLOAD RWF_APPEND
    RWF_DSYNC RWF_HIPRI RWF_NOWAIT RWF_SYNC SPLICE_F_MORE SPLICE_F_MOVE SPLICE_F_NONBLOCK
    ST_MANDLOCK ST_NOATIME ST_NODEV ST_NODIRATIME ST_NOEXEC ST_RELATIME ST_SYNCHRONOUS
    TFD_CLOEXEC TFD_NONBLOCK TFD_TIMER_ABSTIME TFD_TIMER_CANCEL_ON_SET XATTR_CREATE XATTR_REPLACE
};

fn fill(vm: &mut Vm, d: &Ref<Dict>) -> PyResult<()> {
    crate::os::fill(vm, d, CONSTANTS);
    crate::os::fill(vm, d, &[("ST_APPEND", 256), ("ST_WRITE", 128), ("XATTR_SIZE_MAX", 65536)]);
    Ok(())
}

fn no_fill(_: &mut Vm, _: &Ref<Dict>) -> PyResult<()> {
    Ok(())
}

/// A path argument as bytes; empty where it is a descriptor.
fn path_of(vm: &mut Vm, who: &str, v: &Value) -> PyResult<Vec<u8>> {
    if v.is_int() { Ok(Vec::new()) } else { name(vm, who, v) }
}

fn file<'a>(v: &Value, path: &'a [u8], follow: bool) -> FileRef<'a> {
    if v.is_int() { FileRef::Fd(n(v)) } else { FileRef::Path { path, follow } }
}

/// `(path or descriptor, name, follow)`.
fn getxattr(vm: &mut Vm, a: &[Value]) -> Flow {
    let (path, name) = (path_of(vm, "getxattr", &a[0])?, name(vm, "getxattr", &a[1])?);
    let r = vm.host.get_attribute(file(&a[0], &path, flag(&a[2], true)), &name);
    answer(vm, r, &[&a[0]])
}

fn listxattr(vm: &mut Vm, a: &[Value]) -> Flow {
    let path = path_of(vm, "listxattr", &a[0])?;
    let r = vm.host.attribute_names(file(&a[0], &path, flag(&a[1], true)));
    let names = given(vm, r, &[&a[0]])?;
    let names = names.iter().map(|s| fs_text(vm, s)).collect();
    Ok(vm.list(names).into())
}

fn setxattr(vm: &mut Vm, a: &[Value]) -> Flow {
    let (path, name) = (path_of(vm, "setxattr", &a[0])?, name(vm, "setxattr", &a[1])?);
    let value = data(vm, &a[2])?;
    let of = file(&a[0], &path, flag(&a[4], true));
    let r = vm.host.set_attribute(of, &name, &value, n(&a[3]));
    answer(vm, r, &[&a[0]])
}

fn removexattr(vm: &mut Vm, a: &[Value]) -> Flow {
    let (path, name) = (path_of(vm, "removexattr", &a[0])?, name(vm, "removexattr", &a[1])?);
    let r = vm.host.remove_attribute(file(&a[0], &path, flag(&a[2], true)), &name);
    answer(vm, r, &[&a[0]])
}

/// An optional offset.
fn offset(v: &Value) -> Option<i64> {
    if v.is_none() { None } else { Some(int(v)) }
}

/// The same for calls whose offsets are unsigned; a negative one is refused by them.
fn unsigned(v: &Value) -> Option<u64> {
    offset(v).map(|o| o as u64)
}

fn count(v: &Value) -> usize {
    int(v).max(0) as usize
}

fn statvfs(vm: &mut Vm, s: &StatVfs) -> Flow {
    let v = [
        s.bsize, s.frsize, s.blocks, s.bfree, s.bavail, s.files, s.ffree, s.favail, s.flag,
        s.namemax, s.fsid,
    ];
    let v = v.iter().map(|n| vm.uint(*n)).collect();
    Ok(vm.tuple(v).into())
}

/// -1 stands for no limit.
fn limit(vm: &mut Vm, r: stackless_host::Result<Option<i64>>, names: &[&Value]) -> Flow {
    let v = given(vm, r, names)?;
    Ok(vm.int(v.unwrap_or(-1)).into())
}

fn span(ns: i64) -> Span {
    Span { secs: ns.div_euclid(1_000_000_000), nanos: ns.rem_euclid(1_000_000_000) }
}

fn timer(vm: &mut Vm, r: stackless_host::Result<TimerSpec>) -> Flow {
    let t = given(vm, r, &[])?;
    let ns = |t: Span| t.secs.saturating_mul(1_000_000_000).saturating_add(t.nanos);
    let v = vec![vm.int(ns(t.value)), vm.int(ns(t.interval))];
    Ok(vm.tuple(v).into())
}

/// A name that the host gave.
fn text(vm: &mut Vm, r: stackless_host::Result<Vec<u8>>) -> Flow {
    let t = given(vm, r, &[])?;
    Ok(fs_text(vm, &t).into())
}

const DEFS: &[Def] = &[
    def!("getxattr", "(path, name, follow, /)", getxattr),
    def!("listxattr", "(path, follow, /)", listxattr),
    def!("setxattr", "(path, name, value: buffer, flags, follow, /)", setxattr),
    def!("removexattr", "(path, name, follow, /)", removexattr),
    def!("pipe2", "(flags, /)", |vm, a| {
        let r = vm.host.pipe(n(&a[0]));
        answer(vm, r, &[])
    }),
    def!("openpty", "()", |vm, _| {
        let r = vm.host.openpty();
        answer(vm, r, &[])
    }),
    def!("ttyname", "(fd, /)", |vm, a| {
        let r = vm.host.ttyname(n(&a[0]));
        text(vm, r)
    }),
    def!("ptsname", "(fd, /)", |vm, a| {
        let r = vm.host.ptsname(n(&a[0]));
        text(vm, r)
    }),
    def!("sendfile", "(out, input, offset, count, /)", |vm, a| {
        let r = vm.host.sendfile(n(&a[0]), n(&a[1]), unsigned(&a[2]), count(&a[3]));
        answer(vm, r, &[])
    }),
    def!("copy_file_range", "(src, dst, count, src_offset, dst_offset, /)", |vm, a| {
        let (from, to) = (unsigned(&a[3]), unsigned(&a[4]));
        let r = vm.host.copy_file_range(n(&a[0]), n(&a[1]), count(&a[2]), from, to);
        answer(vm, r, &[])
    }),
    def!("splice", "(src, dst, count, src_offset, dst_offset, flags, /)", |vm, a| {
        let (from, to, flags) = (offset(&a[3]), offset(&a[4]), int(&a[5]) as u32);
        let r = vm.host.splice(n(&a[0]), n(&a[1]), count(&a[2]), from, to, flags);
        answer(vm, r, &[])
    }),
    def!("memfd_create", "(name, flags, /)", |vm, a| {
        let name = name(vm, "memfd_create", &a[0])?;
        let r = vm.host.memfd_create(&name, int(&a[1]) as u32);
        answer(vm, r, &[])
    }),
    def!("preadv2", "(fd, size, offset, flags, /)", |vm, a| {
        let mut buffer = vec![0u8; int(&a[1]).clamp(0, 1 << 30) as usize];
        let r = vm.host.pread_with(n(&a[0]), &mut buffer, int(&a[2]), n(&a[3]));
        let size = given(vm, r, &[])?;
        Ok(vm.bytes(&buffer[..size.min(buffer.len())]).into())
    }),
    def!("pwritev2", "(fd, data: buffer, offset, flags, /)", |vm, a| {
        let buffer = data(vm, &a[1])?;
        let r = vm.host.pwrite_with(n(&a[0]), &buffer, int(&a[2]), n(&a[3]));
        answer(vm, r, &[])
    }),
    def!("mknod", "(dir, path, mode, device, /)", |vm, a| {
        let path = name(vm, "mknod", &a[1])?;
        let at = At::new(offset(&a[0]).map(|fd| fd as i32), &path);
        let r = vm.host.mknod(at, int(&a[2]) as u32, int(&a[3]) as u64);
        answer(vm, r, &[&a[1]])
    }),
    def!("chroot", "(path, /)", |vm, a| {
        let path = name(vm, "chroot", &a[0])?;
        let r = vm.host.chroot(&path);
        answer(vm, r, &[&a[0]])
    }),
    def!("statvfs", "(path, /)", |vm, a| {
        if a[0].is_int() {
            let r = vm.host.fstatvfs(n(&a[0]));
            let s = given(vm, r, &[])?;
            return statvfs(vm, &s);
        }
        let path = name(vm, "statvfs", &a[0])?;
        let r = vm.host.statvfs(&path);
        let s = given(vm, r, &[&a[0]])?;
        statvfs(vm, &s)
    }),
    def!("sysconf", "(name, /)", |vm, a| {
        let r = vm.host.sysconf(n(&a[0]));
        limit(vm, r, &[])
    }),
    def!("pathconf", "(path, name, /)", |vm, a| {
        let path = path_of(vm, "pathconf", &a[0])?;
        let r = vm.host.pathconf(file(&a[0], &path, true), n(&a[1]));
        if a[0].is_int() { limit(vm, r, &[]) } else { limit(vm, r, &[&a[0]]) }
    }),
    def!("confstr", "(name, /)", |vm, a| {
        let r = vm.host.confstr(n(&a[0]));
        let t = given(vm, r, &[])?;
        Ok(t.map_or(Value::NONE, |t| fs_text(vm, &t)).into())
    }),
    def!("timerfd_settime", "(fd, flags, initial, interval, /)", |vm, a| {
        let new = TimerSpec { value: span(int(&a[2])), interval: span(int(&a[3])) };
        let r = vm.host.timerfd_settime(n(&a[0]), n(&a[1]), new);
        timer(vm, r)
    }),
    def!("timerfd_gettime", "(fd, /)", |vm, a| {
        let r = vm.host.timerfd_gettime(n(&a[0]));
        timer(vm, r)
    }),
];

const NUMBER_DEFS: &[Def] = host_calls! {
    // The upper end is left out.
    "closerange" "(low, high, /)" |h, a| h.close_range(n(&a[0]), n(&a[1]).saturating_sub(1));
    "posix_fadvise" "(fd, offset, length, advice, /)" |h, a| h.fadvise(n(&a[0]), int(&a[1]), int(&a[2]), n(&a[3]));
    "posix_fallocate" "(fd, offset, length, /)" |h, a| h.fallocate(n(&a[0]), int(&a[1]), int(&a[2]));
    "lockf" "(fd, command, length, /)" |h, a| h.lockf(n(&a[0]), n(&a[1]), int(&a[2]));
    "fchown" "(fd, uid, gid, /)" |h, a| h.fchown(n(&a[0]), int(&a[1]), int(&a[2]));
    "eventfd" "(value, flags, /)" |h, a| h.eventfd(int(&a[0]) as u32, n(&a[1]));
    "timerfd_create" "(clock, flags, /)" |h, a| h.timerfd_create(n(&a[0]), n(&a[1]));
    "posix_openpt" "(flags, /)" |h, a| h.posix_openpt(n(&a[0]));
    "grantpt" "(fd, /)" |h, a| h.grantpt(n(&a[0]));
    "unlockpt" "(fd, /)" |h, a| h.unlockpt(n(&a[0]));
    "login_tty" "(fd, /)" |h, a| h.login_tty(n(&a[0]));
    "sync" "()" |h, _a| h.sync();
};

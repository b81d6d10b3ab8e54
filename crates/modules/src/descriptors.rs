//! `_descriptors_native`: calls on files and descriptors beyond those of the host trait: extended
//! attributes, terminals, events and timers, limits of the system. `lib/overlay/posix.py` checks
//! arguments and builds results. CPython's counterpart: `Modules/posixmodule.c`.
#![expect(unsafe_code, reason = "system calls that no safe wrapper of ours covers")]

use stackless_host::StatVfs;
use stackless_runtime::native::{Def, def};
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::{Flow, PyResult, Ref, Value, Vm};

use crate::os::{c_string, granted, last_error, n, number};
use crate::support::{data, flag, fs_text, int, os_error, path};
use crate::{Native, c_constants, int_calls};

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

/// Reads bytes of unknown length: asks for the length first.
fn sized(mut call: impl FnMut(*mut libc::c_void, usize) -> isize) -> Option<Vec<u8>> {
    for _ in 0..10 {
        let size = usize::try_from(call(std::ptr::null_mut(), 0)).ok()?;
        let mut buffer = vec![0u8; size];
        match call(buffer.as_mut_ptr().cast(), size) {
            r if r >= 0 => {
                buffer.truncate(r as usize);
                return Some(buffer);
            }
            // It grew in between.
            _ if std::io::Error::last_os_error().raw_os_error() == Some(libc::ERANGE) => {}
            _ => return None,
        }
    }
    None
}

/// `(path or descriptor, name, follow)`.
fn getxattr(vm: &mut Vm, a: &[Value]) -> Flow {
    granted(vm)?;
    let name = c_string(vm, "getxattr", &a[1])?;
    let found = if a[0].is_int() {
        // SAFETY: a live C string, and a buffer with its size.
        sized(|p, size| unsafe { libc::fgetxattr(n(&a[0]), name.as_ptr(), p, size) })
    } else {
        let path = c_string(vm, "getxattr", &a[0])?;
        let call = if flag(&a[2], true) { libc::getxattr } else { libc::lgetxattr };
        // SAFETY: as above.
        sized(|p, size| unsafe { call(path.as_ptr(), name.as_ptr(), p, size) })
    };
    match found {
        Some(b) => Ok(vm.bytes(&b).into()),
        None => Err(last_error(vm, &[&a[0]])),
    }
}

fn listxattr(vm: &mut Vm, a: &[Value]) -> Flow {
    granted(vm)?;
    let found = if a[0].is_int() {
        // SAFETY: a buffer with its size.
        sized(|p, size| unsafe { libc::flistxattr(n(&a[0]), p.cast(), size) })
    } else {
        let path = c_string(vm, "listxattr", &a[0])?;
        let call = if flag(&a[1], true) { libc::listxattr } else { libc::llistxattr };
        // SAFETY: a live C string, and a buffer with its size.
        sized(|p, size| unsafe { call(path.as_ptr(), p.cast(), size) })
    };
    let Some(found) = found else { return Err(last_error(vm, &[&a[0]])) };
    let names =
        found.split(|b| *b == 0).filter(|s| !s.is_empty()).map(|s| fs_text(vm, s)).collect();
    Ok(vm.list(names).into())
}

fn setxattr(vm: &mut Vm, a: &[Value]) -> Flow {
    granted(vm)?;
    let (name, value, flags) = (c_string(vm, "setxattr", &a[1])?, data(vm, &a[2])?, n(&a[3]));
    let v = value.as_ptr().cast();
    let r = if a[0].is_int() {
        // SAFETY: a live C string, and bytes with their length.
        unsafe { libc::fsetxattr(n(&a[0]), name.as_ptr(), v, value.len(), flags) }
    } else {
        let path = c_string(vm, "setxattr", &a[0])?;
        let call = if flag(&a[4], true) { libc::setxattr } else { libc::lsetxattr };
        // SAFETY: as above.
        unsafe { call(path.as_ptr(), name.as_ptr(), v, value.len(), flags) }
    };
    number(vm, r as i64, &[&a[0]])
}

fn removexattr(vm: &mut Vm, a: &[Value]) -> Flow {
    granted(vm)?;
    let name = c_string(vm, "removexattr", &a[1])?;
    let r = if a[0].is_int() {
        // SAFETY: a live C string.
        unsafe { libc::fremovexattr(n(&a[0]), name.as_ptr()) }
    } else {
        let path = c_string(vm, "removexattr", &a[0])?;
        let call = if flag(&a[2], true) { libc::removexattr } else { libc::lremovexattr };
        // SAFETY: live C strings.
        unsafe { call(path.as_ptr(), name.as_ptr()) }
    };
    number(vm, r as i64, &[&a[0]])
}

/// An optional offset that the kernel moves.
fn offset(v: &Value) -> Option<i64> {
    if v.is_none() { None } else { Some(int(v)) }
}

fn pointer(o: &mut Option<i64>) -> *mut libc::off_t {
    o.as_mut().map_or(std::ptr::null_mut(), |o| o as *mut i64)
}

fn statvfs(vm: &mut Vm, s: &StatVfs) -> Flow {
    let v = [
        s.bsize, s.frsize, s.blocks, s.bfree, s.bavail, s.files, s.ffree, s.favail, s.flag,
        s.namemax, s.fsid,
    ];
    let v = v.iter().map(|n| vm.uint(*n)).collect();
    Ok(vm.tuple(v).into())
}

fn pair(vm: &mut Vm, a: i32, b: i32) -> Flow {
    Ok(vm.tuple(vec![Value::from_i32(a), Value::from_i32(b)]).into())
}

/// Name of a limit by errno: -1 without an error means there is none.
fn limit(vm: &mut Vm, r: i64, errno: i32, names: &[&Value]) -> Flow {
    if r == -1 && errno != 0 {
        return Err(os_error(vm, stackless_host::OsError::new(errno), names));
    }
    Ok(vm.int(r).into())
}

/// Runs a call with errno cleared before.
fn with_errno(f: impl FnOnce() -> i64) -> (i64, i32) {
    // SAFETY: errno of this thread.
    unsafe {
        *libc::__errno_location() = 0;
        let r = f();
        (r, *libc::__errno_location())
    }
}

fn spec(ns: i64) -> libc::timespec {
    libc::timespec { tv_sec: ns.div_euclid(1_000_000_000), tv_nsec: ns.rem_euclid(1_000_000_000) }
}

fn timer(vm: &mut Vm, t: &libc::itimerspec) -> Flow {
    let ns = |t: &libc::timespec| t.tv_sec * 1_000_000_000 + t.tv_nsec;
    let v = vec![vm.int(ns(&t.it_value)), vm.int(ns(&t.it_interval))];
    Ok(vm.tuple(v).into())
}

fn text(vm: &mut Vm, r: i32, buffer: &[u8], names: &[&Value]) -> Flow {
    if r != 0 {
        return Err(os_error(vm, stackless_host::OsError::new(r), names));
    }
    let end = buffer.iter().position(|b| *b == 0).unwrap_or(buffer.len());
    Ok(fs_text(vm, &buffer[..end]).into())
}

const DEFS: &[Def] = &[
    def!("getxattr", "(path, name, follow, /)", getxattr),
    def!("listxattr", "(path, follow, /)", listxattr),
    def!("setxattr", "(path, name, value: buffer, flags, follow, /)", setxattr),
    def!("removexattr", "(path, name, follow, /)", removexattr),
    def!("pipe2", "(flags, /)", |vm, a| {
        granted(vm)?;
        let mut ends = [-1; 2];
        // SAFETY: the array has the two places that are filled.
        if unsafe { libc::pipe2(ends.as_mut_ptr(), n(&a[0])) } < 0 {
            return Err(last_error(vm, &[]));
        }
        pair(vm, ends[0], ends[1])
    }),
    def!("openpty", "()", |vm, _| {
        granted(vm)?;
        let (mut master, mut slave) = (-1, -1);
        let null = std::ptr::null_mut();
        // SAFETY: pointers to live locals; no name, terminal or size is asked for.
        if unsafe { libc::openpty(&mut master, &mut slave, null, null.cast(), null.cast()) } < 0 {
            return Err(last_error(vm, &[]));
        }
        for fd in [master, slave] {
            // SAFETY: takes numbers.
            unsafe { libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC) };
        }
        pair(vm, master, slave)
    }),
    def!("ttyname", "(fd, /)", |vm, a| {
        granted(vm)?;
        let mut buffer = [0u8; 256];
        // SAFETY: a buffer with its size.
        let r = unsafe { libc::ttyname_r(n(&a[0]), buffer.as_mut_ptr().cast(), buffer.len()) };
        text(vm, r, &buffer, &[])
    }),
    def!("ptsname", "(fd, /)", |vm, a| {
        granted(vm)?;
        let mut buffer = [0u8; 256];
        // SAFETY: a buffer with its size.
        let r = unsafe { libc::ptsname_r(n(&a[0]), buffer.as_mut_ptr().cast(), buffer.len()) };
        text(vm, r, &buffer, &[])
    }),
    def!("sendfile", "(out, input, offset, count, /)", |vm, a| {
        granted(vm)?;
        let mut from = offset(&a[2]);
        // SAFETY: numbers, and a pointer to a live local or none.
        let r = unsafe {
            libc::sendfile(n(&a[0]), n(&a[1]), pointer(&mut from), int(&a[3]).max(0) as usize)
        };
        number(vm, r as i64, &[])
    }),
    def!("copy_file_range", "(src, dst, count, src_offset, dst_offset, /)", |vm, a| {
        granted(vm)?;
        let (mut from, mut to) = (offset(&a[3]), offset(&a[4]));
        // SAFETY: numbers, and pointers to live locals or none.
        let r = unsafe {
            libc::copy_file_range(
                n(&a[0]),
                pointer(&mut from),
                n(&a[1]),
                pointer(&mut to),
                int(&a[2]).max(0) as usize,
                0,
            )
        };
        number(vm, r as i64, &[])
    }),
    def!("splice", "(src, dst, count, src_offset, dst_offset, flags, /)", |vm, a| {
        granted(vm)?;
        let (mut from, mut to) = (offset(&a[3]), offset(&a[4]));
        // SAFETY: numbers, and pointers to live locals or none.
        let r = unsafe {
            libc::splice(
                n(&a[0]),
                pointer(&mut from),
                n(&a[1]),
                pointer(&mut to),
                int(&a[2]).max(0) as usize,
                int(&a[5]) as u32,
            )
        };
        number(vm, r as i64, &[])
    }),
    def!("memfd_create", "(name, flags, /)", |vm, a| {
        granted(vm)?;
        let name = c_string(vm, "memfd_create", &a[0])?;
        // SAFETY: a live C string and a number.
        let r = unsafe { libc::memfd_create(name.as_ptr(), int(&a[1]) as u32) };
        number(vm, r as i64, &[])
    }),
    def!("preadv2", "(fd, size, offset, flags, /)", |vm, a| {
        granted(vm)?;
        let mut buffer = vec![0u8; int(&a[1]).clamp(0, 1 << 30) as usize];
        let part = libc::iovec { iov_base: buffer.as_mut_ptr().cast(), iov_len: buffer.len() };
        // SAFETY: one part, which is a live buffer with its size.
        let r = unsafe { libc::preadv2(n(&a[0]), &part, 1, int(&a[2]), n(&a[3])) };
        if r < 0 {
            return Err(last_error(vm, &[]));
        }
        Ok(vm.bytes(&buffer[..r as usize]).into())
    }),
    def!("pwritev2", "(fd, data: buffer, offset, flags, /)", |vm, a| {
        granted(vm)?;
        let mut buffer = data(vm, &a[1])?;
        let part = libc::iovec { iov_base: buffer.as_mut_ptr().cast(), iov_len: buffer.len() };
        // SAFETY: one part, which is a live buffer with its size.
        let r = unsafe { libc::pwritev2(n(&a[0]), &part, 1, int(&a[2]), n(&a[3])) };
        number(vm, r as i64, &[])
    }),
    def!("mknod", "(dir, path, mode, device, /)", |vm, a| {
        granted(vm)?;
        let path = c_string(vm, "mknod", &a[1])?;
        let dir = if a[0].is_none() { libc::AT_FDCWD } else { n(&a[0]) };
        // SAFETY: a live C string and numbers.
        let r = unsafe { libc::mknodat(dir, path.as_ptr(), int(&a[2]) as u32, int(&a[3]) as u64) };
        number(vm, r as i64, &[&a[1]])
    }),
    def!("chroot", "(path, /)", |vm, a| {
        granted(vm)?;
        let path = c_string(vm, "chroot", &a[0])?;
        // SAFETY: a live C string.
        let r = unsafe { libc::chroot(path.as_ptr()) };
        number(vm, r as i64, &[&a[0]])
    }),
    def!("statvfs", "(path, /)", |vm, a| {
        let h = vm.host.clone();
        let r = match a[0].is_int() {
            true => h.fstatvfs(n(&a[0])),
            false => h.statvfs(&path(vm, "statvfs", &a[0])?.0),
        };
        match r {
            Ok(s) => statvfs(vm, &s),
            Err(e) => Err(os_error(
                vm,
                e,
                if a[0].is_int() { &[] } else { &a[..1] }.iter().collect::<Vec<_>>().as_slice(),
            )),
        }
    }),
    def!("sysconf", "(name, /)", |vm, a| {
        granted(vm)?;
        // SAFETY: takes a number.
        let (r, e) = with_errno(|| unsafe { libc::sysconf(n(&a[0])) });
        limit(vm, r, e, &[])
    }),
    def!("pathconf", "(path, name, /)", |vm, a| {
        granted(vm)?;
        if a[0].is_int() {
            // SAFETY: takes numbers.
            let (r, e) = with_errno(|| unsafe { libc::fpathconf(n(&a[0]), n(&a[1])) });
            return limit(vm, r, e, &[]);
        }
        let path = c_string(vm, "pathconf", &a[0])?;
        // SAFETY: a live C string and a number.
        let (r, e) = with_errno(|| unsafe { libc::pathconf(path.as_ptr(), n(&a[1])) });
        limit(vm, r, e, &[&a[0]])
    }),
    def!("confstr", "(name, /)", |vm, a| {
        granted(vm)?;
        let mut buffer = vec![0u8; 4096];
        // SAFETY: a buffer with its size.
        let (r, e) = with_errno(|| unsafe {
            libc::confstr(n(&a[0]), buffer.as_mut_ptr().cast(), buffer.len()) as i64
        });
        if r == 0 {
            return if e != 0 { limit(vm, -1, e, &[]) } else { Ok(Value::NONE.into()) };
        }
        text(vm, 0, &buffer, &[])
    }),
    def!("timerfd_settime", "(fd, flags, initial, interval, /)", |vm, a| {
        granted(vm)?;
        let new = libc::itimerspec { it_value: spec(int(&a[2])), it_interval: spec(int(&a[3])) };
        let mut old = libc::itimerspec { it_value: spec(0), it_interval: spec(0) };
        // SAFETY: pointers to live locals.
        if unsafe { libc::timerfd_settime(n(&a[0]), n(&a[1]), &new, &mut old) } < 0 {
            return Err(last_error(vm, &[]));
        }
        timer(vm, &old)
    }),
    def!("timerfd_gettime", "(fd, /)", |vm, a| {
        granted(vm)?;
        let mut now = libc::itimerspec { it_value: spec(0), it_interval: spec(0) };
        // SAFETY: pointer to a live local.
        if unsafe { libc::timerfd_gettime(n(&a[0]), &mut now) } < 0 {
            return Err(last_error(vm, &[]));
        }
        timer(vm, &now)
    }),
    def!("clock_settime", "(clock, ns, /)", |vm, a| {
        granted(vm)?;
        let t = spec(int(&a[1]));
        // SAFETY: pointer to a live local.
        let r = unsafe { libc::clock_settime(n(&a[0]), &t) };
        number(vm, r as i64, &[])
    }),
];

const NUMBER_DEFS: &[Def] = int_calls! {
    "closerange" "(low, high, /)" |a| { if n(&a[1]) > n(&a[0]) { libc::syscall(libc::SYS_close_range, n(&a[0]).max(0) as u32, (n(&a[1]) - 1).max(0) as u32, 0u32); } 0 };
    "posix_fadvise" "(fd, offset, length, advice, /)" |a| errno_of(libc::posix_fadvise(n(&a[0]), int(&a[1]), int(&a[2]), n(&a[3])));
    "posix_fallocate" "(fd, offset, length, /)" |a| errno_of(libc::posix_fallocate(n(&a[0]), int(&a[1]), int(&a[2])));
    "lockf" "(fd, command, length, /)" |a| libc::lockf(n(&a[0]), n(&a[1]), int(&a[2]));
    "fchown" "(fd, uid, gid, /)" |a| libc::fchown(n(&a[0]), int(&a[1]) as u32, int(&a[2]) as u32);
    "eventfd" "(value, flags, /)" |a| libc::eventfd(int(&a[0]) as u32, n(&a[1]));
    "timerfd_create" "(clock, flags, /)" |a| libc::timerfd_create(n(&a[0]), n(&a[1]));
    "posix_openpt" "(flags, /)" |a| libc::posix_openpt(n(&a[0]));
    "grantpt" "(fd, /)" |a| libc::grantpt(n(&a[0]));
    "unlockpt" "(fd, /)" |a| libc::unlockpt(n(&a[0]));
    "login_tty" "(fd, /)" |a| libc::login_tty(n(&a[0]));
    "sync" "()" |_a| { libc::sync(); 0 };
};

/// Calls that answer an error number, in the way of those that set `errno`.
fn errno_of(r: i32) -> i32 {
    if r == 0 {
        return 0;
    }
    // SAFETY: errno of this thread.
    unsafe { *libc::__errno_location() = r };
    -1
}

//! The host in memory behaves like a small Linux.

use stackless_host::open_flags::*;
use stackless_host::*;

fn host() -> MemoryHost {
    MemoryHost::builder()
        .file("/app/main.py", "print(1)")
        .file("/app/data/x", vec![1, 2, 3])
        .env("HOME", "/app")
        .stdin("line\n")
        .seed(1)
        .build()
        .expect("paths are sound")
}

fn err<T: std::fmt::Debug>(r: Result<T>) -> i32 {
    r.expect_err("this must fail").errno
}

#[test]
fn files_are_read_and_written() {
    let h = host();
    let fd = h.open("/app/data/new".into(), O_CREAT | O_RDWR | O_EXCL, 0o666).unwrap();
    assert_eq!(h.write(fd, b"hello world"), Ok(11));
    assert_eq!(h.seek(fd, -5, Whence::End), Ok(6));
    let mut buf = [0; 16];
    assert_eq!(h.read(fd, &mut buf), Ok(5));
    assert_eq!(&buf[..5], b"world");
    let dup = h.dup(fd, false).unwrap();
    h.seek(dup, 2, Whence::Start).unwrap();
    assert_eq!(h.read(fd, &mut buf[..1]), Ok(1));
    assert_eq!(buf[0], b'l');
    h.pwrite(fd, b"!", 13).unwrap();
    assert_eq!(h.contents("/app/data/new").unwrap(), b"hello world\0\0!");
    h.ftruncate(fd, 2).unwrap();
    assert_eq!(h.fstat(fd).unwrap().size, 2);
    h.close(fd).unwrap();
    assert_eq!(err(h.read(fd, &mut buf)), errno::EBADF);
    assert_eq!(h.fstat(dup).unwrap().mode & 0o777, 0o644);
    h.unlink("/app/data/new".into()).unwrap();
    assert_eq!(h.fstat(dup).unwrap().nlink, 0);
    h.close(dup).unwrap();
    assert_eq!(err(h.open("/app/data/new".into(), O_RDONLY, 0)), errno::ENOENT);
}

#[test]
fn directories_links_and_renames() {
    let h = host();
    h.mkdir("/t".into(), 0o777).unwrap();
    assert_eq!(err(h.mkdir("/t".into(), 0o777)), errno::EEXIST);
    h.symlink(b"../app/data", "/t/l".into()).unwrap();
    assert_eq!(h.stat("/t/l/x".into(), true).unwrap().size, 3);
    assert!(h.stat("/t/l".into(), false).unwrap().is_symlink());
    assert_eq!(h.readlink("/t/l".into()).unwrap(), b"../app/data");
    h.link("/app/main.py".into(), "/t/m".into(), true).unwrap();
    assert_eq!(h.stat("/t/m".into(), true).unwrap().nlink, 2);
    h.rename("/app/data".into(), "/t/d".into()).unwrap();
    assert_eq!(err(h.stat("/t/l".into(), true)), errno::ENOENT);
    assert_eq!(err(h.rename("/t".into(), "/t/d/e".into())), errno::EINVAL);
    assert_eq!(err(h.rmdir("/t".into())), errno::ENOTEMPTY);
    let names: Vec<_> = h.read_dir(b"/t").unwrap().into_iter().map(|e| e.name).collect();
    assert_eq!(names, [b"d".to_vec(), b"l".to_vec(), b"m".to_vec()]);
    h.symlink(b"b", "/a".into()).unwrap();
    h.symlink(b"a", "/b".into()).unwrap();
    assert_eq!(err(h.stat("/a".into(), true)), errno::ELOOP);
    h.chdir(b"/t/d").unwrap();
    assert_eq!(h.getcwd().unwrap(), b"/t/d");
    assert!(h.stat("../m".into(), true).unwrap().is_file());
    assert_eq!(err(h.stat("../m/".into(), true)), errno::ENOTDIR);
    let fd = h.open("/t".into(), O_RDONLY | O_DIRECTORY, 0).unwrap();
    let at = At::new(Some(fd), b"d/x");
    assert_eq!(h.stat(at, true).unwrap().size, 3);
    h.unlink(at).unwrap();
    h.chdir(b"/").unwrap();
    h.rmdir(At::new(Some(fd), b"d")).unwrap();
}

#[test]
fn standard_streams_and_pipes() {
    let h = host();
    let mut buf = [0; 8];
    assert_eq!(h.read(STDIN, &mut buf), Ok(5));
    assert_eq!(h.read(STDIN, &mut buf), Ok(0));
    h.write(STDOUT, b"out").unwrap();
    h.write(STDERR, b"err").unwrap();
    h.close(STDOUT).unwrap();
    assert_eq!((h.stdout(), h.stderr()), (b"out".to_vec(), b"err".to_vec()));
    let (r, w) = h.pipe(O_CLOEXEC).unwrap();
    assert_eq!(err(h.read(r, &mut buf)), errno::EAGAIN);
    h.write(w, b"abc").unwrap();
    let mut fds = [PollFd { fd: r, events: poll_events::POLLIN, revents: 0 }];
    assert_eq!(h.poll(&mut fds, None), Ok(1));
    assert_eq!(h.read(r, &mut buf), Ok(3));
    h.close(w).unwrap();
    assert_eq!(h.read(r, &mut buf), Ok(0));
    let (r2, w2) = h.pipe(O_CLOEXEC).unwrap();
    h.close(r2).unwrap();
    assert_eq!(err(h.write(w2, b"x")), errno::EPIPE);
}

#[test]
fn time_and_randomness_are_given() {
    let (a, b) = (host(), host());
    let t = a.time_ns().unwrap();
    a.sleep_ns(5_000_000_000).unwrap();
    assert_eq!(a.time_ns().unwrap() - t, 5_000_000_000);
    assert_eq!(a.monotonic_ns(), Ok(5_000_000_000));
    let (mut x, mut y) = ([0; 13], [0; 13]);
    a.random(&mut x).unwrap();
    b.random(&mut y).unwrap();
    assert_eq!(x, y);
    assert_ne!(x, [0; 13]);
    for secs in [-62_135_596_800, -1, 0, 951_782_400, 4_102_444_799, 253_402_300_799] {
        let tm = a.localtime(secs).unwrap();
        assert_eq!(a.mktime(&tm), Ok(secs));
        let real = RealHost.localtime(secs).unwrap();
        if real.gmtoff == 0 && real.zone == b"UTC" {
            assert_eq!((tm.yday, tm.wday, tm.year), (real.yday, real.wday, real.year));
        }
    }
}

#[test]
fn one_user_and_no_limits() {
    let h = host();
    let me = h.user_by_id(h.uid().unwrap()).unwrap().unwrap();
    assert_eq!(h.users(), Ok(vec![me.clone()]));
    assert_eq!(h.user_by_name(b"root"), Ok(None));
    assert_eq!(h.group_by_id(me.gid).unwrap().unwrap().gid, me.gid);
    assert_eq!(h.limit(0, 7, None), Ok(Limit { soft: NO_LIMIT, hard: NO_LIMIT }));
    assert_eq!(err(h.limit(0, 7, Some(Limit { soft: 1, hard: 1 }))), errno::EPERM);
    assert_eq!(err(h.limit(5, 7, None)), errno::ESRCH);
    assert_eq!(h.usage(0), Ok(Usage::default()));
    let (r, w) = h.pipe(0).unwrap();
    assert!(h.get_inheritable(r).unwrap());
    h.close_range(r, w).unwrap();
    assert_eq!(err(h.close(w)), errno::EBADF);
    h.close_range(0, Fd::MAX).unwrap();
    assert_eq!(err(h.write(STDOUT, b"x")), errno::EBADF);
}

#[test]
fn what_is_not_granted_is_refused() {
    let h = host();
    assert_eq!(err(h.fork()), errno::EPERM);
    assert_eq!(err(h.disposition(2, Some(Disposition::Note))), errno::EPERM);
    assert!(!h.signals_came());
    assert!(h.map(-1, 4096, 3, 0x22, 0).is_err());
    assert!(h.open_semaphore(b"/name", Some(1)).is_err());
    assert_eq!(err(h.kill(1, 9)), errno::EPERM);
    assert_eq!(err(h.socket(2, 1, 0)), errno::EPERM);
    assert_eq!(h.spawn(&SpawnRequest::default()).unwrap_err().errno, errno::EPERM);
    let full = MemoryHost::builder().max_bytes(10).build().unwrap();
    let fd = full.open("/f".into(), O_CREAT | O_WRONLY, 0o600).unwrap();
    assert_eq!(err(full.write(fd, &[0; 11])), errno::ENOSPC);
    assert_eq!(err(full.ftruncate(fd, 1 << 60)), errno::ENOSPC);
    assert_eq!(err(full.pwrite(fd, b"x", u64::MAX)), libc_efbig());
    let ro = MemoryHost::builder().file("/f", "x").read_only().build().unwrap();
    assert_eq!(err(ro.open("/f".into(), O_WRONLY, 0)), errno::EROFS);
    assert_eq!(err(ro.unlink("/f".into())), errno::EROFS);
    let denied: &dyn Host = &DeniedHost;
    assert_eq!(err(denied.time_ns()), errno::EPERM);
    assert_eq!(err(denied.open("/".into(), O_RDONLY, 0)), errno::EPERM);
    assert_eq!(OsError::DENIED.message(), "Operation not permitted");
}

fn libc_efbig() -> i32 {
    27
}

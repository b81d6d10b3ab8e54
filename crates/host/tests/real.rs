//! The real host, on a temporary directory and on loopback.

use stackless_host::open_flags::*;
use stackless_host::*;

const H: RealHost = RealHost;

fn scratch(name: &str) -> Vec<u8> {
    let dir = std::env::temp_dir().join(format!("stackless-host-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).unwrap();
    dir.into_os_string().into_encoded_bytes()
}

fn join(dir: &[u8], name: &str) -> Vec<u8> {
    [dir, b"/", name.as_bytes()].concat()
}

#[test]
fn files() {
    let dir = scratch("files");
    let f = join(&dir, "a");
    let fd = H.open(f.as_slice().into(), O_CREAT | O_RDWR, 0o600).unwrap();
    assert!(!H.get_inheritable(fd).unwrap());
    assert_eq!(H.write(fd, b"hello"), Ok(5));
    let mut buf = [0; 8];
    assert_eq!(H.pread(fd, &mut buf, 1), Ok(4));
    assert_eq!(H.seek(fd, 0, Whence::Start), Ok(0));
    assert_eq!(H.read(fd, &mut buf), Ok(5));
    let st = H.fstat(fd).unwrap();
    assert!(st.is_file() && st.size == 5);
    let time = SetTime::Nanos(1_234_567_890_123_456_789);
    H.utime(f.as_slice().into(), SetTime::Omit, time, true).unwrap();
    assert_eq!(H.fstat(fd).unwrap().mtime_ns, 1_234_567_890_123_456_789);
    H.futime(fd, SetTime::Nanos(-1), SetTime::Now).unwrap();
    assert_eq!(H.fstat(fd).unwrap().atime_ns, -1);
    H.dup2(fd, 200, true).unwrap();
    assert!(H.get_inheritable(200).unwrap());
    H.close(200).unwrap();
    H.close(fd).unwrap();
    assert_eq!(H.close(fd).unwrap_err().errno, errno::EBADF);
    assert_eq!(H.close(-1).unwrap_err().errno, errno::EBADF);
    H.symlink(b"a", join(&dir, "l").as_slice().into()).unwrap();
    H.mkdir(join(&dir, "d").as_slice().into(), 0o700).unwrap();
    let mut names: Vec<_> =
        H.read_dir(&dir).unwrap().into_iter().map(|e| (e.name, e.kind)).collect();
    names.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(
        names,
        [
            (b"a".to_vec(), FileKind::File),
            (b"d".to_vec(), FileKind::Directory),
            (b"l".to_vec(), FileKind::Symlink)
        ]
    );
    assert!(H.access(f.as_slice().into(), 4, false, true).unwrap());
    assert!(!H.access(join(&dir, "zz").as_slice().into(), 0, false, true).unwrap());
    let bad = H.open(b"a\0b".as_slice().into(), O_RDONLY, 0);
    assert_eq!(bad.unwrap_err().errno, errno::EINVAL);
    let _ = std::fs::remove_dir_all(String::from_utf8(dir).unwrap());
}

fn read_all(fd: Fd) -> Vec<u8> {
    let (mut out, mut buf) = (Vec::new(), [0; 256]);
    while let Ok(n @ 1..) = H.read(fd, &mut buf) {
        out.extend_from_slice(&buf[..n]);
    }
    out
}

#[test]
fn programs() {
    let (r, w) = H.pipe(O_CLOEXEC).unwrap();
    let sh = |script: &str| SpawnRequest {
        args: vec![b"sh".to_vec(), b"-c".to_vec(), script.as_bytes().to_vec()],
        executables: vec![b"/no/such/sh".to_vec(), b"/bin/sh".to_vec()],
        env: Some(vec![b"WORD=hello".to_vec()]),
        cwd: Some(b"/".to_vec()),
        stdio: [-1, w, -1],
        close_fds: true,
        restore_signals: true,
        ..SpawnRequest::default()
    };
    let pid = H.spawn(&sh("echo $WORD; pwd; ls /proc/self/fd | wc -l; exit 7")).unwrap();
    H.close(w).unwrap();
    let out = String::from_utf8(read_all(r)).unwrap();
    let lines: Vec<_> = out.lines().collect();
    // Besides 0 to 2, `ls` itself has the directory open.
    assert_eq!(lines, ["hello", "/", "4"]);
    let (who, status) = H.waitpid(pid, 0).unwrap();
    assert_eq!((who, status >> 8), (pid, 7));
    H.close(r).unwrap();

    let missing = SpawnRequest {
        args: vec![b"x".to_vec()],
        executables: vec![b"/no/such/program".to_vec()],
        stdio: [-1; 3],
        ..SpawnRequest::default()
    };
    let e = H.spawn(&missing).unwrap_err();
    assert_eq!((e.errno, e.in_chdir), (errno::ENOENT, false));
    let e = H.spawn(&SpawnRequest { cwd: Some(b"/no/such".to_vec()), ..missing }).unwrap_err();
    assert_eq!((e.errno, e.in_chdir), (errno::ENOENT, true));
}

fn inet(port: u16) -> SocketAddr {
    let [high, low] = port.to_be_bytes();
    let family = 2u16.to_ne_bytes();
    let rest = [0; 8];
    SocketAddr::new(&[&family[..], &[high, low, 127, 0, 0, 1], &rest].concat()).unwrap()
}

fn unix(name: &[u8]) -> SocketAddr {
    SocketAddr::new(&[&1u16.to_ne_bytes(), name].concat()).unwrap()
}

#[test]
fn sockets() {
    let server = H.socket(2, 1, 0).unwrap();
    H.bind(server, &inet(0)).unwrap();
    H.listen(server, 5).unwrap();
    let addr = H.getsockname(server).unwrap();
    let client = H.socket(2, 1, 0).unwrap();
    H.connect(client, &addr).unwrap();
    let mut fds = [PollFd { fd: server, events: poll_events::POLLIN, revents: 0 }];
    assert_eq!(H.poll(&mut fds, Some(5_000_000_000)), Ok(1));
    let epoll = H.epoll_create().unwrap();
    H.epoll_ctl(epoll, 1, server, 1).unwrap();
    assert_eq!(H.epoll_wait(epoll, 8, 5000), Ok(vec![(server, 1)]));
    let (conn, peer) = H.accept(server).unwrap();
    assert_eq!(peer, H.getsockname(client).unwrap());
    assert_eq!(H.send(client, b"ping", 0), Ok(4));
    let mut buf = [0; 8];
    assert_eq!(H.recv(conn, &mut buf, 0), Ok(4));
    H.shutdown(client, 2).unwrap();
    assert_eq!(H.recv(conn, &mut buf, 0), Ok(0));
    let mut opt = [0; 4];
    assert_eq!(H.getsockopt(conn, 1, 3, &mut opt), Ok(4));
    assert_eq!(i32::from_ne_bytes(opt), 1);
    H.setsockopt(server, 1, 2, OptionValue::Bytes(&1i32.to_ne_bytes())).unwrap();
    for fd in [server, client, conn, epoll] {
        H.close(fd).unwrap();
    }
    let name = format!("\0stackless-test{}", std::process::id());
    let a = H.socket(1, 2, 0).unwrap();
    H.bind(a, &unix(name.as_bytes())).unwrap();
    assert_eq!(H.getsockname(a), Ok(unix(name.as_bytes())));
    let b = H.socket(1, 2, 0).unwrap();
    assert_eq!(H.sendto(b, b"x", 0, &unix(name.as_bytes())), Ok(1));
    assert_eq!(H.recvfrom(a, &mut buf, 0).unwrap().0, 1);
    H.close(a).unwrap();
    H.close(b).unwrap();
    let numeric = LookupHints { kind: 1, flags: 4, ..LookupHints::default() };
    let found = H.getaddrinfo(Some(b"127.0.0.1"), Some(b"80"), numeric).unwrap();
    assert_eq!(found[0].addr, inet(80));
    let v6 = H.getaddrinfo(Some(b"::1"), Some(b"443"), numeric).unwrap();
    let names = H.getnameinfo(&v6[0].addr, 3).unwrap();
    assert_eq!(names, (b"::1".to_vec(), b"443".to_vec()));
    assert!(H.getaddrinfo(Some(b"a\0b"), None, LookupHints::default()).is_err());
    let failure = H.getaddrinfo(Some(b"no such number"), None, numeric).unwrap_err();
    assert!(matches!(failure, ResolveError::Lookup(_)));
    assert!(SocketAddr::new(&[0; 129]).is_none());
}

#[test]
fn messages_carry_descriptors() {
    let (a, b) = H.socketpair(1, 1, 0).unwrap();
    let (r, w) = H.pipe(O_CLOEXEC).unwrap();
    let rights = Ancillary { level: 1, kind: 1, data: w.to_ne_bytes().to_vec() };
    let parts = [std::io::IoSlice::new(b"ab"), std::io::IoSlice::new(b"c")];
    assert_eq!(H.sendmsg(a, &parts, &[rights], 0, None), Ok(3));
    let mut buf = [0; 8];
    let got = H.recvmsg(b, &mut buf, 64, 0).unwrap();
    assert_eq!((got.size, &buf[..3], got.ancillary.len()), (3, &b"abc"[..], 1));
    let data = <[u8; 4]>::try_from(got.ancillary[0].data.as_slice()).unwrap();
    let copy = i32::from_ne_bytes(data);
    assert_eq!(H.write(copy, b"through"), Ok(7));
    assert_eq!(H.read(r, &mut buf), Ok(7));
    for fd in [a, b, r, w, copy] {
        H.close(fd).unwrap();
    }
}

#[test]
fn the_system() {
    let me = H.user_by_id(H.uid().unwrap()).unwrap().unwrap();
    assert_eq!(H.user_by_name(&me.name), Ok(Some(me.clone())));
    assert!(H.users().unwrap().contains(&me));
    assert_eq!(H.user_by_name(b"no such user"), Ok(None));
    assert!(H.group_by_id(me.gid).unwrap().is_some());
    let old = H.limit(0, 7, None).unwrap();
    assert_eq!(H.limit(0, 7, Some(old)), Ok(old));
    assert_eq!(H.limit(0, 9999, None).unwrap_err().errno, errno::EINVAL);
    assert!(H.usage(0).unwrap().counts[0] > 0);
    assert_eq!(H.sysconf(30).unwrap(), Some(H.page_size().unwrap() as i64));
    assert_eq!(H.sysconf(-1).unwrap_err().errno, errno::EINVAL);
    assert!(H.confstr(0).unwrap().is_some());
    // One page, which is writable, private and fresh.
    let mut map = H.map(-1, 4096, 3, 0x22, 0).unwrap();
    assert_eq!(map.len(), 4096);
    map.resize(8192).unwrap();
    map.advise(0, 8192, 4).unwrap();
    assert_eq!(map.len(), 8192);
    let name = format!("/stackless-test-{}", std::process::id());
    let semaphore = H.open_semaphore(name.as_bytes(), Some(1)).unwrap();
    H.unlink_semaphore(name.as_bytes()).unwrap();
    assert_eq!(semaphore.wait(0), Ok(true));
    assert_eq!(semaphore.wait(0), Ok(false));
    assert_eq!(semaphore.wait(1_000_000), Ok(false));
    semaphore.post().unwrap();
    assert_eq!(semaphore.value(), Ok(1));
    // SIGUSR1, which nobody else uses here.
    assert_eq!(H.disposition(10, Some(Disposition::Note)), Ok(Disposition::Default));
    H.raise(10).unwrap();
    assert!(H.signals_came());
    assert_eq!(H.take_signals(), 1 << 10);
    assert!(!H.signals_came());
    assert_eq!(H.disposition(10, Some(Disposition::Default)), Ok(Disposition::Note));
    assert_eq!(H.disposition(99, None).unwrap_err().errno, errno::EINVAL);
}

#[test]
fn denied() {
    let e = OsError::DENIED;
    let h = DeniedHost;
    assert_eq!(h.fork(), Err(e));
    assert_eq!(h.socket(2, 1, 0), Err(e));
    assert_eq!(h.users(), Err(e));
    assert_eq!(h.limit(0, 7, None), Err(e));
    assert_eq!(h.disposition(2, None), Err(e));
    assert!(h.map(-1, 4096, 3, 0x22, 0).is_err());
    assert_eq!(h.getaddrinfo(None, None, LookupHints::default()), Err(ResolveError::System(e)));
}

#[test]
fn clocks_and_identity() {
    let a = H.monotonic_ns().unwrap();
    H.sleep_ns(2_000_000).unwrap();
    assert!(H.monotonic_ns().unwrap() - a >= 2_000_000);
    assert!(H.time_ns().unwrap() > 1_500_000_000_000_000_000);
    assert!(H.clock_resolution(ClockId::Monotonic).unwrap() > 0);
    assert_eq!(H.clock_get(ClockId::Other(9999)).unwrap_err().errno, errno::EINVAL);
    assert_eq!(H.pid().unwrap() as u32, std::process::id());
    assert!(H.cpu_count().unwrap() >= 1);
    assert_eq!(H.kill(H.pid().unwrap(), 0), Ok(()));
    let mut buf = [0; 32];
    H.random(&mut buf).unwrap();
    assert_ne!(buf, [0; 32]);
    assert!(H.env_set(b"", b"x").is_err());
    assert!(H.env_set(b"A=B", b"x").is_err());
    let tm = H.localtime(1_700_000_000).unwrap();
    assert_eq!(H.mktime(&tm), Ok(1_700_000_000));
    assert!(H.localtime(i64::MAX).is_err());
    assert_eq!(H.poll(&mut [], Some(1000)), Ok(0));
}

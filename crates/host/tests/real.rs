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
    let (r, w) = H.pipe().unwrap();
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

#[test]
fn sockets() {
    let server = H.socket(2, 1, 0).unwrap();
    H.bind(server, &SocketAddr::V4 { ip: [127, 0, 0, 1], port: 0 }).unwrap();
    H.listen(server, 5).unwrap();
    let addr = H.getsockname(server).unwrap().unwrap();
    let client = H.socket(2, 1, 0).unwrap();
    H.connect(client, &addr).unwrap();
    let mut fds = [PollFd { fd: server, events: poll_events::POLLIN, revents: 0 }];
    assert_eq!(H.poll(&mut fds, Some(5_000_000_000)), Ok(1));
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
    H.setsockopt(server, 1, 2, &1i32.to_ne_bytes()).unwrap();
    for fd in [server, client, conn] {
        H.close(fd).unwrap();
    }
    let name = b"\0stackless-test".to_vec();
    let name = [name, std::process::id().to_string().into_bytes()].concat();
    let a = H.socket(1, 2, 0).unwrap();
    H.bind(a, &SocketAddr::Unix(name.clone())).unwrap();
    assert_eq!(H.getsockname(a), Ok(Some(SocketAddr::Unix(name.clone()))));
    let b = H.socket(1, 2, 0).unwrap();
    assert_eq!(H.sendto(b, b"x", 0, &SocketAddr::Unix(name)), Ok(1));
    assert_eq!(H.recvfrom(a, &mut buf, 0).unwrap().0, 1);
    H.close(a).unwrap();
    H.close(b).unwrap();
    let found = H.getaddrinfo(Some(b"127.0.0.1"), Some(b"80"), 0, 1, 0, 4).unwrap();
    assert_eq!(found[0].addr, SocketAddr::V4 { ip: [127, 0, 0, 1], port: 80 });
    let v6 = H.getaddrinfo(Some(b"::1"), Some(b"443"), 0, 1, 0, 4).unwrap();
    let names = H.getnameinfo(&v6[0].addr, 3).unwrap();
    assert_eq!(names, (b"::1".to_vec(), b"443".to_vec()));
    assert!(H.getaddrinfo(Some(b"a\0b"), None, 0, 0, 0, 0).is_err());
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

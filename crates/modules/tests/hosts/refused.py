"""What a host that grants nothing but its output refuses: each call ends in a clean exception, and the
program goes on. The last line tells how many calls were refused as they should be."""
import sys

failures = []
refusals = 0


def refused(call, *args, error=PermissionError, **kwargs):
    global refusals
    name = f"{getattr(call, '__module__', '?')}.{getattr(call, '__qualname__', call)}{args}"
    try:
        result = call(*args, **kwargs)
    except error as e:
        if isinstance(e, OSError) and e.errno not in (1, 13):
            failures.append(f"{name}: errno {e.errno}")
        else:
            refusals += 1
    except BaseException as e:
        failures.append(f"{name}: {type(e).__name__}: {e}")
    else:
        failures.append(f"{name} gave {result!r}")


def expect(what, found, wanted):
    if found != wanted:
        failures.append(f"{what}: {found!r}, not {wanted!r}")


import os

# Processes.
refused(os.fork)
refused(os.forkpty)
refused(os.execv, '/bin/true', ['true'])
refused(os.execve, 3, ['true'], {})
refused(os.posix_spawn, '/bin/true', ['true'], {})
refused(os.posix_spawnp, 'true', ['true'], {})
refused(os.system, 'true')
refused(os.kill, 1, 0)
refused(os.killpg, 1, 0)
refused(os.abort)
refused(os.wait)
refused(os.wait4, -1, 0)
refused(os.waitid, os.P_ALL, 0, os.WEXITED)
refused(os.pidfd_open, 1)
refused(os.getpid)
refused(os.getppid)
refused(os.getpgrp)
refused(os.setsid)
refused(os.times)
refused(os.uname)
refused(os.getloadavg)
refused(os.unshare, 0)
import subprocess
refused(subprocess.run, ['true'])
refused(subprocess.run, ['true'], preexec_fn=print)

# Users.
for name in ('getuid', 'geteuid', 'getgid', 'getegid', 'getresuid', 'getresgid', 'getgroups'):
    refused(getattr(os, name))
for name in ('setuid', 'seteuid', 'setgid', 'setegid'):
    refused(getattr(os, name), 0)
refused(os.setgroups, [0])
refused(os.initgroups, 'root', 0)
refused(os.getgrouplist, 'root', 0)
import grp
import pwd
refused(pwd.getpwnam, 'root')
refused(pwd.getpwuid, 0)
refused(pwd.getpwall)
refused(grp.getgrnam, 'root')
refused(grp.getgrgid, 0)
refused(grp.getgrall)
import syslog
refused(syslog.syslog, 'text')
refused(syslog.openlog)
refused(syslog.setlogmask, 0xff)

# Limits and scheduling.
import resource
refused(resource.getrlimit, resource.RLIMIT_NOFILE)
refused(resource.setrlimit, resource.RLIMIT_NOFILE, (10, 10), error=ValueError)
refused(resource.prlimit, 1, resource.RLIMIT_NOFILE)
refused(resource.getrusage, resource.RUSAGE_SELF)
refused(resource.getpagesize)
refused(os.sysconf, 'SC_PAGESIZE')
refused(os.confstr, 'CS_PATH')
refused(os.pathconf, '/', 'PC_NAME_MAX')
refused(os.nice, 1)
refused(os.getpriority, os.PRIO_PROCESS, 0)
refused(os.setpriority, os.PRIO_PROCESS, 0, 1)
refused(os.sched_getaffinity, 0)
refused(os.sched_setaffinity, 0, [0])
refused(os.sched_getscheduler, 0)
refused(os.sched_setscheduler, 0, os.SCHED_OTHER, os.sched_param(0))
refused(os.sched_rr_get_interval, 0)
refused(os.sched_yield)

# Files and descriptors.
refused(open, '/etc/passwd')
refused(open, '/tmp/new', 'w')
refused(os.open, '/', os.O_RDONLY)
refused(os.stat, '/')
refused(os.listdir, '/')
refused(os.scandir, '/')
refused(os.mkdir, '/tmp/new')
refused(os.unlink, '/tmp/new')
refused(os.rename, '/tmp/a', '/tmp/b')
refused(os.symlink, 'a', '/tmp/b')
refused(os.chmod, '/', 0o777)
refused(os.chroot, '/')
refused(os.mknod, '/tmp/new')
refused(os.mkfifo, '/tmp/new')
refused(os.getcwd)
refused(os.chdir, '/')
refused(os.pipe)
refused(os.pipe2, 0)
refused(os.dup, 1)
refused(os.close, 100)
refused(os.closerange, 100, 200)
refused(os.sync)
refused(os.statvfs, '/')
refused(os.getxattr, '/', 'user.x')
refused(os.setxattr, '/', 'user.x', b'')
refused(os.removexattr, '/', 'user.x')
refused(os.listxattr, '/')
refused(os.sendfile, 1, 0, 0, 1)
refused(os.copy_file_range, 0, 1, 1)
refused(os.splice, 0, 1, 1)
refused(os.memfd_create, 'x')
refused(os.eventfd, 0)
refused(os.timerfd_create, 1)
refused(os.lockf, 1, os.F_LOCK, 1)
refused(os.posix_fadvise, 1, 0, 0, 0)
refused(os.posix_fallocate, 1, 0, 1)
refused(os.preadv, 0, [bytearray(1)], 0)
refused(os.pwritev, 1, [b'x'], 0)
import fcntl
refused(fcntl.fcntl, 1, fcntl.F_GETFD)
refused(fcntl.fcntl, 1, fcntl.F_GETFD, b'12345678')
refused(fcntl.ioctl, 1, 0x5413, b'12345678')
refused(fcntl.flock, 1, fcntl.LOCK_EX)
refused(fcntl.lockf, 1, fcntl.LOCK_EX)
import termios
import tty
refused(os.openpty)
refused(os.posix_openpt, 0)
refused(os.ttyname, 1)
refused(os.get_terminal_size)
refused(os.tcgetpgrp, 1)
refused(termios.tcgetattr, 1, error=termios.error)
refused(termios.tcdrain, 1, error=termios.error)
refused(tty.setraw, 1, error=termios.error)

# Memory and semaphores.
import mmap
refused(mmap.mmap, -1, 4096)
refused(mmap.mmap, 3, 4096)
import _multiprocessing
import _posixshmem
refused(_multiprocessing.SemLock, 0, 1, 1, '/stackless-test', True)
refused(_multiprocessing.sem_unlink, '/stackless-test')
refused(_posixshmem.shm_open, '/stackless-test', os.O_RDWR)
refused(_posixshmem.shm_unlink, '/stackless-test')

# Network.
import select
import socket
refused(socket.socket)
refused(socket.socketpair)
refused(socket.create_connection, ('127.0.0.1', 80))
refused(socket.getaddrinfo, '127.0.0.1', 80)
refused(socket.getnameinfo, ('127.0.0.1', 80), 3)
refused(socket.gethostbyname, 'localhost')
refused(socket.gethostname)
refused(socket.sethostname, 'x')
refused(socket.getservbyname, 'http')
refused(socket.getservbyport, 80)
refused(socket.getprotobyname, 'tcp')
refused(socket.if_nameindex)
refused(socket.if_nametoindex, 'lo')
refused(socket.if_indextoname, 1)
refused(select.epoll)
refused(select.select, [0], [], [], 0)
poll = select.poll()
poll.register(0)
refused(poll.poll, 0)
expect("inet_aton", socket.inet_aton('1.2.3.4'), b'\1\2\3\4')

# Signals.
import faulthandler
import signal
refused(signal.signal, signal.SIGUSR1, print)
refused(signal.signal, signal.SIGINT, signal.SIG_IGN)
refused(signal.raise_signal, signal.SIGUSR1)
refused(signal.alarm, 1)
refused(signal.setitimer, signal.ITIMER_REAL, 1, error=signal.ItimerError)
refused(signal.getitimer, signal.ITIMER_REAL, error=signal.ItimerError)
refused(signal.pthread_sigmask, signal.SIG_BLOCK, [signal.SIGUSR1])
refused(signal.sigpending)
refused(signal.sigtimedwait, [signal.SIGUSR1], 0)
refused(signal.siginterrupt, signal.SIGUSR1, False)
refused(signal.set_wakeup_fd, -1)
refused(faulthandler.enable, 2)
refused(faulthandler.dump_traceback_later, 1, file=2)
faulthandler.cancel_dump_traceback_later()
expect("disable", faulthandler.disable(), False)
expect("strsignal", signal.strsignal(signal.SIGINT), 'Interrupt')
expect("getsignal", signal.getsignal(signal.SIGINT), signal.default_int_handler)
import _thread
try:
    _thread.interrupt_main()
    for _ in range(10_000):
        pass
except KeyboardInterrupt:
    pass
else:
    failures.append("interrupt_main did not interrupt")

# Clocks, randomness, environment.
import time
refused(time.time)
refused(time.time_ns)
refused(time.monotonic)
refused(time.perf_counter)
refused(time.process_time)
refused(time.clock_gettime, time.CLOCK_REALTIME)
refused(time.clock_settime, time.CLOCK_REALTIME, 0)
refused(time.sleep, 1)
refused(time.localtime, 0)
refused(os.urandom, 4)
expect("environ", dict(os.environ), {})
refused(os.putenv, 'A', 'b')
refused(os.environ.__setitem__, 'A', 'b')
import random
expect("random", 0 <= random.random() < 1, True)
refused(random.SystemRandom().random)

for failure in failures:
    print(failure)
print(refusals, "refused")
sys.exit(bool(failures))

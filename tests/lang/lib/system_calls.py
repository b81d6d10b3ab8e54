# Calls that reach the system: results that are the same on every Linux, and errors of wrong arguments.
import errno
import os
import signal
import tempfile
import time


def show(call, *args, **kwargs):
    try:
        result = call(*args, **kwargs)
    except OSError as e:
        print(call.__name__, type(e).__name__, errno.errorcode.get(e.errno, e.errno))
    except Exception as e:
        print(call.__name__, type(e).__name__, e)
    else:
        print(call.__name__, result)


# Accounts, limits, usage.
import grp
import pwd
import resource
me = pwd.getpwuid(os.getuid())
print(pwd.getpwnam(me.pw_name) == me, me in pwd.getpwall(), len(me))
print(grp.getgrgid(me.pw_gid) in grp.getgrall())
show(pwd.getpwnam, 'no such user')
show(grp.getgrnam, 'no such group')
print(me.pw_gid in os.getgrouplist(me.pw_name, me.pw_gid))
soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
resource.setrlimit(resource.RLIMIT_CORE, (0, hard))
print(resource.getrlimit(resource.RLIMIT_CORE)[0], resource.prlimit(0, resource.RLIMIT_CORE)[0])
show(resource.setrlimit, resource.RLIMIT_CORE, (2, 1))
show(resource.getrlimit, 99)
show(resource.getrusage, 77)
show(resource.prlimit, 1 << 30, resource.RLIMIT_CORE)
usage = resource.getrusage(resource.RUSAGE_SELF)
print(usage.ru_maxrss > 0, usage.ru_utime >= 0, len(usage))
print(os.sysconf('SC_CLK_TCK'), os.sysconf('SC_PAGESIZE') == resource.getpagesize())
show(os.sysconf, -1)
show(os.confstr, 'CS_PATH')
show(os.pathconf, '/no/such/file', 'PC_NAME_MAX')
show(os.fpathconf, 999, 'PC_NAME_MAX')

# Children and identities.
pid = os.fork()
if pid == 0:
    os._exit(7)
info = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
print(info.si_pid == pid, info.si_status, info.si_code == os.CLD_EXITED)
found, status, usage = os.wait4(pid, 0)
print(found == pid, os.waitstatus_to_exitcode(status), type(usage) is resource.struct_rusage)
show(os.waitpid, pid, 0)
show(os.waitpid, -(1 << 31), 0)
show(os.wait4, pid, 0)
show(os.getpgid, 1 << 30)
show(os.getsid, -5)
print(os.getpgrp() == os.getpgid(0), os.getresuid()[0] == os.getuid())
print(os.getpriority(os.PRIO_PROCESS, 0) == os.nice(0))
show(os.getpriority, 99, 0)
print(os.sched_yield(), os.sync(), os.sched_getscheduler(0), os.sched_getparam(0))
os.sched_setaffinity(0, os.sched_getaffinity(0))
show(os.sched_setaffinity, 0, [])
show(os.sched_get_priority_max, -3)
fd = os.pidfd_open(os.getpid())
print(signal.pidfd_send_signal(fd, 0))
os.close(fd)
show(os.execve, '/no/such/program', ['x'], {})
print(os.system('exit 3') >> 8)

# Signals.
came = []
signal.signal(signal.SIGUSR1, lambda number, frame: came.append(number))
signal.raise_signal(signal.SIGUSR1)
os.kill(os.getpid(), signal.SIGUSR1)
print(came, signal.getsignal(signal.SIGUSR2), signal.strsignal(signal.SIGTERM))
print(signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1]))
os.kill(os.getpid(), signal.SIGUSR1)
print(signal.sigpending(), signal.sigtimedwait([signal.SIGUSR1], 1).si_signo, signal.sigpending())
print(signal.sigtimedwait([signal.SIGUSR1], 0))
print(signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGUSR1]))
print(signal.setitimer(signal.ITIMER_REAL, 1000, 2000), signal.getitimer(signal.ITIMER_REAL)[1])
print(signal.setitimer(signal.ITIMER_REAL, 0)[1], signal.alarm(0))
show(signal.setitimer, 9, 1)
show(signal.signal, 77, print)
show(signal.signal, signal.SIGKILL, signal.SIG_IGN)
signal.siginterrupt(signal.SIGUSR1, False)
r, w = os.pipe2(os.O_NONBLOCK)
print(signal.set_wakeup_fd(w))
signal.raise_signal(signal.SIGUSR1)
print(os.read(r, 10), signal.set_wakeup_fd(-1) == w)

# A handler comes in between calls of the library, however regular the loop is.
def stop(number, frame):
    raise InterruptedError("stopped")


signal.signal(signal.SIGALRM, stop)
signal.setitimer(signal.ITIMER_REAL, 0.02)
with open(os.devnull, 'wb') as sink:
    try:
        while True:
            for _ in range(100):
                sink.write(b'xy')
                sink.flush()
    except InterruptedError as e:
        print(e)

# Descriptors.
import warnings
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter('always')
    show(os.stat, 'none', dir_fd=True)
    show(os.fchdir, True)
    scan = os.scandir('/')
    next(scan)
    del scan
    with os.scandir('/') as scan:
        next(scan)
    del scan
    print([(w.category.__name__, w.filename == __file__) for w in caught])
show(os.pipe2, -1)
show(os.dup2, 999, 1000)
show(os.fchown, 999, 0, 0)
show(os.lockf, 999, os.F_TEST, 0)
show(os.posix_fadvise, r, 0, 0, os.POSIX_FADV_NORMAL)
show(os.posix_fallocate, 999, 0, 1)
show(os.sendfile, w, 999, 0, 10)
show(os.sendfile, w, r, -1, 10)
show(os.copy_file_range, 999, w, 10, -1)
show(os.splice, 999, w, 10)
os.closerange(r, w + 1)
show(os.fstat, r)
fd = os.memfd_create('scratch')
print(os.pwritev(fd, [b'ab', b'cd'], 1), os.preadv(fd, [bytearray(9)], 0), os.pread(fd, 9, 0))
import mmap
with mmap.mmap(fd, 0) as m:
    m[1:3] = b'XY'
    print(m.flush(), m.madvise(mmap.MADV_NORMAL), m[:], m.resize(7), len(m))
print(os.pread(fd, 9, 0))
private = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
for protection in (0, mmap.PROT_READ, mmap.PROT_WRITE):
    with mmap.mmap(-1, mmap.PAGESIZE, flags=private, prot=protection) as m:
        print(repr(m))
        show(m.write, b'x')
import fcntl
print(fcntl.fcntl(fd, fcntl.F_GETFD), fcntl.flock(fd, fcntl.LOCK_EX), fcntl.lockf(fd, fcntl.LOCK_EX))
show(fcntl.flock, 999, fcntl.LOCK_EX)
show(fcntl.ioctl, fd, 0x5413, bytes(8))
show(fcntl.fcntl, 999, fcntl.F_GETFL)
os.close(fd)
fd = os.eventfd(3)
os.eventfd_write(fd, 4)
print(os.eventfd_read(fd))
os.close(fd)
fd = os.timerfd_create(time.CLOCK_MONOTONIC)
print(os.timerfd_settime_ns(fd, initial=10 ** 15, interval=5), os.timerfd_gettime_ns(fd)[1])
os.close(fd)
show(os.timerfd_create, 99)
import termios
import tty
master, slave = os.openpty()
print(os.get_inheritable(master), os.ttyname(slave) == os.ptsname(master), os.isatty(slave))
mode = termios.tcgetattr(slave)
mode[3] &= ~termios.ECHO
termios.tcsetattr(slave, termios.TCSANOW, mode)
print(termios.tcgetattr(slave)[3] & termios.ECHO, len(mode[6]))
termios.tcsetwinsize(slave, (20, 30))
print(os.get_terminal_size(slave), termios.tcflush(slave, termios.TCIFLUSH))
show(termios.tcgetattr, 999)
show(os.ttyname, 0)
show(os.tcgetpgrp, master + 100)
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, 'file')
    open(path, 'w').close()
    show(os.getxattr, path + 'none', 'user.nothing')
    show(os.listxattr, folder + '/none')
    show(os.mkfifo, path)
    show(os.mknod, path)
    show(os.chroot, path + 'none')
    show(os.statvfs, path + 'none')

# Waiting and sockets.
import select
import socket
a, b = socket.socketpair()
epoll = select.epoll()
epoll.register(b, select.EPOLLIN)
print(epoll.poll(0), a.send(b'ping'), epoll.poll(1) == [(b.fileno(), select.EPOLLIN)])
show(epoll.register, b)
show(epoll.unregister, 999)
r, w = os.pipe()
rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, r.to_bytes(4, 'little'))
print(a.sendmsg([b'more', b'!'], [rights]), b.recv(4))
data, ancillary, flags, address = b.recvmsg(10, socket.CMSG_SPACE(4))
os.write(w, b'through')
print(data, len(ancillary), flags, address)
print(os.read(int.from_bytes(ancillary[0][2], 'little'), 10))
print(a.getpeername(), b.getsockname(), a.family.name)
a.shutdown(socket.SHUT_WR)
print(b.recv(1), b.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE))
show(a.send, b'x')
show(a.getsockopt, 99, 99)
show(socket.socket, 99, 99)
print(socket.getaddrinfo('127.0.0.1', 80, type=socket.SOCK_STREAM)[0][4])
print(socket.getnameinfo(('127.0.0.1', 80), socket.NI_NUMERICHOST | socket.NI_NUMERICSERV))
show(socket.getaddrinfo, 'no number', None, flags=socket.AI_NUMERICHOST)
show(socket.if_nametoindex, 'no such interface')
print(socket.if_indextoname(socket.if_nametoindex('lo')))
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s, socket.socket(type=socket.SOCK_DGRAM) as t:
    s.bind(('127.0.0.1', 0))
    print(t.sendto(b'datagram', s.getsockname()), s.recvfrom(4)[0])

# Named semaphores and shared memory.
import _multiprocessing
name = f'/stackless-lang-{os.getpid()}'
semaphore = _multiprocessing.SemLock(1, 1, 2, name, True)
print(semaphore.acquire(), semaphore.acquire(True, 0.01), semaphore._get_value(), semaphore.release())
from multiprocessing import shared_memory
block = shared_memory.SharedMemory(create=True, size=10)
block.buf[:3] = b'abc'
again = shared_memory.SharedMemory(block.name)
print(bytes(again.buf[:3]))
again.close()
block.close()
block.unlink()
show(_multiprocessing.sem_unlink, '/no such semaphore')
import syslog
print(syslog.setlogmask(syslog.LOG_UPTO(syslog.LOG_ERR)), syslog.setlogmask(0xff))
show(time.clock_settime, time.CLOCK_MONOTONIC, 0)
show(time.clock_settime_ns, 'x', 0)
show(time.clock_settime_ns, time.CLOCK_REALTIME, 1 << 70)

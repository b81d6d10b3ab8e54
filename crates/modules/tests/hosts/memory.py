"""What a machine in memory grants, and what it refuses."""
import sys

failures = []


def expect(what, found, wanted):
    if found != wanted:
        failures.append(f"{what}: {found!r}, not {wanted!r}")


def refused(call, *args, error=PermissionError):
    try:
        result = call(*args)
    except error:
        return
    except BaseException as e:
        failures.append(f"{call.__qualname__}{args}: {type(e).__name__}: {e}")
    else:
        failures.append(f"{call.__qualname__}{args} gave {result!r}")


import os
expect("environ", dict(os.environ), {'HOME': '/home', 'LANG': 'C'})
os.environ['NEW'] = 'value'
expect("environ", os.environ['NEW'], 'value')

# Files, by way of everything that `open` needs.
with open('/data/in.txt') as file:
    expect("read", file.read(), 'from outside\n')
os.makedirs('/data/deep/er')
with open('/data/deep/er/out.bin', 'wb') as file:
    file.write(b'\0' * 1000)
expect("size", os.path.getsize('/data/deep/er/out.bin'), 1000)
expect("names", sorted(os.listdir('/data')), ['deep', 'in.txt'])
r, w = os.pipe()
os.write(w, b'piped')
expect("pipe", os.read(r, 10), b'piped')
os.closerange(r, w + 1)
refused(os.read, r, 1, error=OSError)
with open('/data/out.txt', 'w') as file:
    print("for the embedder", file=file)

# The system.
import grp
import pwd
import resource
me = pwd.getpwuid(os.getuid())
expect("user", (me.pw_name, me.pw_dir, me.pw_uid), ('user', '/', 1000))
expect("group", grp.getgrgid(me.pw_gid).gr_name, 'user')
expect("users", pwd.getpwall(), [me])
refused(pwd.getpwnam, 'root', error=KeyError)
expect("home", os.path.expanduser('~user/x'), '/x')
unlimited = resource.RLIM_INFINITY
expect("limits", resource.getrlimit(resource.RLIMIT_NOFILE), (unlimited, unlimited))
refused(resource.setrlimit, resource.RLIMIT_NOFILE, (10, 10), error=ValueError)
expect("usage", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, 0)
expect("pages", (os.sysconf('SC_PAGESIZE'), resource.getpagesize()), (4096, 4096))
expect("processors", (os.cpu_count(), os.sched_getaffinity(0)), (1, {0}))

# Time goes on by sleeping only; randomness comes from the seed.
import time
start = time.time()
time.sleep(3600)
expect("time", time.time() - start, 3600.0)
expect("date", time.strftime('%Y-%m-%d %H', time.localtime()), '2000-01-01 01')
import threading
ran = []
threads = [threading.Thread(target=ran.append, args=(i,)) for i in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
expect("threads", sorted(ran), [0, 1, 2])

# What is not there.
import mmap
import select
import signal
import socket
import subprocess
import _multiprocessing
refused(os.fork)
refused(os.posix_spawn, '/data/in.txt', ['x'], {})
refused(subprocess.run, ['true'])
refused(os.kill, 1, 9)
refused(socket.socket)
refused(socket.getaddrinfo, 'localhost', 80)
refused(select.epoll)
refused(signal.signal, signal.SIGUSR1, print)
refused(signal.raise_signal, signal.SIGUSR1)
refused(mmap.mmap, -1, 4096)
refused(_multiprocessing.SemLock, 0, 1, 1, '/name', True)
refused(os.openpty)
refused(os.getxattr, '/data', 'user.x')

for failure in failures:
    print(failure)
print("random", os.urandom(4).hex())
sys.exit(bool(failures))

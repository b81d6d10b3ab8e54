# Starting programs, forks, signals and what else `posix` has for processes.
import os
import select
import signal
import subprocess
import sys
import time


def attempt(f):
    try:
        print(f())
    except BaseException as e:
        print(type(e).__name__, e)


print(subprocess.run(['echo', 'a b'], capture_output=True, text=True))
print(subprocess.check_output('cat; exit 0', input=b'given', shell=True))
print(subprocess.run('exit 5', shell=True).returncode, subprocess.getstatusoutput('echo x; exit 3'))
attempt(lambda: subprocess.run(['/nonexistent/program']))
attempt(lambda: subprocess.run(['ls'], cwd='/nonexistent'))
attempt(lambda: subprocess.run('exit 4', shell=True, check=True))
attempt(lambda: subprocess.run(['sleep', '10'], timeout=0.05))
attempt(lambda: subprocess.run(['true'], env={'a=b': 'c'}))
attempt(lambda: subprocess.run(['a\0b']))
print(subprocess.run(['sh', '-c', 'echo $X; echo err >&2; umask'], env={'X': 'y'}, umask=0o27,
                     stdout=subprocess.PIPE, stderr=subprocess.STDOUT))
print(subprocess.run(['sh', '-c', 'pwd'], cwd='/', preexec_fn=lambda: os.environ.get('x'), stdout=subprocess.PIPE))


def fail():
    raise ValueError


attempt(lambda: subprocess.run(['true'], preexec_fn=fail))
r, w = os.pipe()
print(subprocess.run(['sh', '-c', f'echo kept >&{w}'], pass_fds=[w]).returncode, os.read(r, 100))
os.close(w)
os.close(r)
with subprocess.Popen(['cat'], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as p:
    print(p.communicate('line\n'), p.poll())
p = subprocess.Popen(['sleep', '10'])
p.terminate()
print(p.wait(), p)

order = []
os.register_at_fork(before=lambda: order.append('before'), after_in_parent=lambda: order.append('parent'))
pid = os.fork()
if pid == 0:
    os._exit(7)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), order)
attempt(lambda: os.waitpid(-1, 0))
attempt(lambda: os.execv('/nonexistent', ['a']))
attempt(lambda: os.execv('x', []))
attempt(lambda: os.kill(os.getpid(), 99))
pid = os.posix_spawn('/bin/sh', ['sh', '-c', 'exit 9'], os.environ)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
attempt(lambda: os.posix_spawn('/nonexistent', ['x'], {}))
print(os.system('exit 3') >> 8, os.WEXITSTATUS(os.system('exit 2')))

signal.signal(signal.SIGALRM, lambda number, frame: order.append((number, frame.f_code.co_name)))
order.clear()


def loop():
    signal.setitimer(signal.ITIMER_REAL, 0.02)
    while not order:
        pass
    signal.setitimer(signal.ITIMER_REAL, 0.02)
    start = time.monotonic()
    time.sleep(0.06)
    return time.monotonic() - start >= 0.06


print(loop(), order)
signal.setitimer(signal.ITIMER_REAL, 0.02)
r, w = os.pipe()
print(select.select([r], [], [], 0.05), len(order))


def interrupted():
    signal.setitimer(signal.ITIMER_REAL, 0.02)
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    time.sleep(10)


attempt(interrupted)
attempt(lambda: signal.raise_signal(signal.SIGINT))
print(signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGPIPE), signal.strsignal(signal.SIGKILL))
print(signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1]))
os.kill(os.getpid(), signal.SIGUSR1)
print(signal.sigpending(), signal.sigwait([signal.SIGUSR1]), signal.sigtimedwait([signal.SIGUSR1], 0))
attempt(lambda: signal.signal(99, signal.SIG_DFL))
attempt(lambda: signal.signal(signal.SIGKILL, print))
attempt(lambda: signal.signal(signal.SIGINT, 'x'))
attempt(lambda: signal.setitimer(9, 1))
os.set_blocking(w, False)
signal.set_wakeup_fd(w)
signal.signal(signal.SIGUSR2, lambda *a: None)
os.kill(os.getpid(), signal.SIGUSR2)
print(os.read(r, 10), signal.set_wakeup_fd(-1) == w)

fd = os.memfd_create('memory')
print(os.writev(fd, [b'ab', b'cde']), os.preadv(fd, [buffer := bytearray(3)], 1), buffer, os.pwritev(fd, [b'X'], 0))
print(os.pread(fd, 10, 0), os.sysconf('SC_PAGESIZE') > 0, os.pathconf('/', 'PC_NAME_MAX'))
attempt(lambda: os.sysconf('nope'))
master, slave = os.openpty()
os.write(slave, b'line\n')
print(os.read(master, 100), os.isatty(slave), os.ttyname(slave).startswith('/dev/'))
print(os.major(os.makedev(12, 34)), os.getpriority(os.PRIO_PROCESS, 0) == os.nice(0))
e = os.eventfd(3)
os.eventfd_write(e, 4)
print(os.eventfd_read(e))
attempt(lambda: os.setuid(-2))
attempt(lambda: os.readv(0, 5))
print(sorted(os.sched_getaffinity(0)) == list(os.sched_getaffinity(0)), os.sched_getparam(0))

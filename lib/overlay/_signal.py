# native: signal numbers and handler bookkeeping. Delivery waits for the host's signals.

NSIG = 65
SIG_DFL, SIG_IGN = 0, 1
SIG_BLOCK, SIG_UNBLOCK, SIG_SETMASK = 0, 1, 2
ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF = 0, 1, 2
for _n, _name in enumerate('''HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM
STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'''.split(), 1):
    (lambda: 0).__globals__['SIG' + _name] = _n
SIGIOT, SIGCLD, SIGPOLL, SIGRTMIN, SIGRTMAX = SIGABRT, SIGCHLD, SIGIO, 34, 64


class ItimerError(OSError):
    pass


ItimerError.__module__ = 'signal'
_handlers = {}
_mask = set()


def default_int_handler(signalnum, frame, /):
    raise KeyboardInterrupt


def _check(signalnum):
    if not 0 < signalnum < NSIG:
        raise ValueError("signal number out of range")


def signal(signalnum, handler, /):
    _check(signalnum)
    if not callable(handler) and handler not in (SIG_DFL, SIG_IGN):
        raise TypeError("signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object")
    old = getsignal(signalnum)
    _handlers[int(signalnum)] = handler
    return old


def getsignal(signalnum, /):
    _check(signalnum)
    return _handlers.get(int(signalnum), default_int_handler if signalnum == SIGINT else SIG_DFL)


def raise_signal(signalnum, /):
    handler = getsignal(signalnum)
    if callable(handler):
        import sys
        handler(int(signalnum), sys._getframe(0))
    elif handler == SIG_DFL:
        import posix
        posix.kill(posix.getpid(), signalnum)


def strsignal(signalnum, /):
    _check(signalnum)
    return {1: 'Hangup', 2: 'Interrupt', 9: 'Killed', 11: 'Segmentation fault',
            15: 'Terminated'}.get(signalnum)


def valid_signals():
    return set(range(1, 32)) | set(range(34, 65))


def set_wakeup_fd(fd, /, *, warn_on_full_buffer=True):
    return -1


def siginterrupt(signalnum, flag, /):
    pass


def pthread_sigmask(how, mask, /):
    old = set(_mask)
    if how == SIG_BLOCK:
        _mask.update(mask)
    elif how == SIG_UNBLOCK:
        _mask.difference_update(mask)
    else:
        _mask.clear()
        _mask.update(mask)
    return old


def sigpending():
    return set()


def alarm(seconds, /):
    return 0


def setitimer(which, seconds, interval=0.0, /):
    return (0.0, 0.0)


def getitimer(which, /):
    return (0.0, 0.0)

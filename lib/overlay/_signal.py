# native: handlers of signals. The native part notes signals that come; `_deliver` calls the handlers
# at the next look of the eval-breaker, or when a blocking call was interrupted. CPython's counterpart:
# Modules/signalmodule.c.

"""The signals of the operating system."""

import _signal_native as _n
import _signal_numbers as _numbers
import _structseq
from _native import c_int as _int
import sys as _sys

NSIG = 65
SIG_DFL, SIG_IGN = 0, 1
SIG_BLOCK, SIG_UNBLOCK, SIG_SETMASK = 0, 1, 2
ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF = 0, 1, 2
for _i, _name in enumerate('''HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM
STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'''.split(), 1):
    (lambda: 0).__globals__['SIG' + _name] = _i
SIGIOT, SIGCLD, SIGPOLL, SIGRTMIN, SIGRTMAX = SIGABRT, SIGCHLD, SIGIO, 34, 64

struct_siginfo, _new_siginfo = _structseq.make(
    'signal.struct_siginfo', ['si_signo', 'si_code', 'si_errno', 'si_pid', 'si_uid', 'si_status',
                              'si_band'])


class ItimerError(OSError):
    pass


ItimerError.__module__ = 'signal'
_handlers = {}
_warn_on_full_buffer = True
# How often a handler was called.
_delivered = 0


def default_int_handler(signalnum, frame, /):
    raise KeyboardInterrupt


def _in_thread():
    import _thread
    return _thread._threads and _thread.get_ident() != _thread._get_main_thread_ident()


def _deliver(switch=False):
    """Calls the handlers of the signals that came; `switch`: a thread's turn is over."""
    if switch:
        from stackless import schedule
        schedule()
    global _delivered
    while True:
        numbers = _n.take()
        if not numbers:
            break
        if _in_thread():
            # Handlers run in the main thread.
            for number in numbers:
                _n.pend(number)
            from stackless import schedule
            schedule()
            return
        while numbers:
            number = numbers.pop(0)
            handler = _handlers.get(number)
            if not callable(handler):
                continue
            _delivered += 1
            try:
                handler(number, _sys._getframe(0))
            except BaseException:
                # The others come at the next look.
                for left in numbers:
                    _n.pend(left)
                raise
    error = _n.take_wakeup_error()
    if error and (_warn_on_full_buffer or error != 11):
        import posix
        try:
            raise OSError(error, posix.strerror(error))
        except OSError as e:
            from types import SimpleNamespace
            _sys.unraisablehook(SimpleNamespace(
                exc_type=type(e), exc_value=e, exc_traceback=e.__traceback__, object=None,
                err_msg="Exception ignored while trying to write to the signal wakeup fd"))


def _check(signalnum):
    signalnum = _int(signalnum)
    if not 0 < signalnum < NSIG:
        raise ValueError("signal number out of range")
    return signalnum


def _main_thread(what):
    import _thread
    if _thread.get_ident() != _thread._get_main_thread_ident():
        raise ValueError(what + " only works in main thread of the main interpreter")


def signal(signalnum, handler, /):
    signalnum = _int(signalnum)
    if callable(handler):
        kind = 2
    elif isinstance(handler, int) and handler in (SIG_DFL, SIG_IGN):
        kind = int(handler)
    else:
        raise TypeError("signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object")
    _main_thread("signal")
    _check(signalnum)
    _deliver()
    _n.disposition(signalnum, kind)
    old = _handlers.get(signalnum)
    _handlers[signalnum] = handler if kind == 2 else kind
    return old


def getsignal(signalnum, /):
    return _handlers.get(_check(signalnum))


def raise_signal(signalnum, /):
    _numbers.raise_signal(_int(signalnum))
    _deliver()


def strsignal(signalnum, /):
    return _n.strsignal(_check(signalnum))


def valid_signals():
    return set(range(1, 32)) | set(range(34, 65))


def set_wakeup_fd(fd, /, *, warn_on_full_buffer=True):
    global _warn_on_full_buffer
    fd = _int(fd)
    _main_thread("set_wakeup_fd")
    if fd != -1:
        import posix
        posix.fstat(fd)
        if posix.get_blocking(fd):
            raise ValueError(f"the fd {fd} must be in non-blocking mode")
    _warn_on_full_buffer = bool(warn_on_full_buffer)
    return _n.set_wakeup(fd)


def siginterrupt(signalnum, flag, /):
    _n.siginterrupt(_check(signalnum), bool(flag))


def _set(mask):
    numbers = []
    for number in mask:
        if not hasattr(type(number), '__index__'):
            raise TypeError(f"'{type(number).__name__}' object cannot be interpreted as an integer")
        number = number.__index__()
        if not 0 < number < NSIG:
            raise ValueError(f"signal number {number} out of range [1; {NSIG - 1}]")
        if number in (32, 33):
            import _warnings
            _warnings.warn(f"invalid signal number {number}, please use valid_signals()",
                           RuntimeWarning)
            continue
        numbers.append(number)
    return numbers


def pthread_sigmask(how, mask, /):
    old = set(_n.sigmask(_int(how), _set(mask)))
    _deliver()
    return old


def sigpending():
    return set(_n.sigpending())


def _sigwait(numbers):
    """Waits for ever: in slices when others could run."""
    import stackless
    if stackless.getruncount() > 1:
        from _blocking import wait_until
        found = []
        wait_until(lambda: found.append(_n.sigtimedwait(numbers, 0)) or found[-1] is not None)
        return found[-1]
    while True:
        try:
            return _n.sigtimedwait(numbers, -1)
        except InterruptedError:
            _deliver()


def sigwait(sigset, /):
    return _sigwait(_set(sigset))[0]


def sigwaitinfo(sigset, /):
    return _new_siginfo(_sigwait(_set(sigset)))


def sigtimedwait(sigset, timeout, /):
    from time import monotonic_ns
    if not isinstance(timeout, (int, float)):
        raise TypeError(f"'{type(timeout).__name__}' object cannot be interpreted as an integer "
                        "or float")
    if timeout < 0:
        raise ValueError("timeout must be non-negative")
    numbers = _set(sigset)
    left = int(timeout * 1000000000)
    end = monotonic_ns() + left
    while True:
        try:
            info = _n.sigtimedwait(numbers, max(left, 0))
        except InterruptedError:
            _deliver()
            left = end - monotonic_ns()
            if left < 0:
                return None
            continue
        return None if info is None else _new_siginfo(info)


def pause():
    from _blocking import wait_for_signal
    wait_for_signal()


def alarm(seconds, /):
    return _numbers.alarm(_int(seconds))


def _seconds(value):
    if not isinstance(value, (int, float)) and not hasattr(type(value), '__index__'):
        raise TypeError(f"'{type(value).__name__}' object cannot be interpreted as an integer or float")
    return float(value)


def setitimer(which, seconds, interval=0.0, /):
    seconds, interval = _seconds(seconds), _seconds(interval)
    try:
        return _n.setitimer(_int(which), seconds, interval)
    except OSError as e:
        error = e
    raise ItimerError(error.errno, error.strerror)


def getitimer(which, /):
    try:
        return _n.getitimer(_int(which))
    except OSError as e:
        error = e
    raise ItimerError(error.errno, error.strerror)


def pthread_kill(thread_id, signalnum, /):
    import posix
    _sys.audit('signal.pthread_kill', thread_id, signalnum)
    # Every thread of Python runs on the one thread of the process.
    _numbers.tgkill(posix.getpid(), posix.getpid(), _int(signalnum))
    _deliver()


def pidfd_send_signal(pidfd, signalnum, siginfo=None, flags=0, /):
    if siginfo is not None:
        raise TypeError("siginfo must be None")
    from _process_numbers import pidfd_send_signal
    pidfd_send_signal(_int(pidfd), _int(signalnum), _int(flags))
    _deliver()


def _setup():
    _n.install(_deliver)
    for number in range(1, NSIG):
        try:
            kind = _n.disposition(number, None)
        except PermissionError:
            # The host keeps signals to itself; a program can still interrupt its main thread.
            _handlers[SIGINT] = default_int_handler
            return
        except OSError:
            continue
        _handlers[number] = kind if kind < 2 else None
    if _handlers.get(SIGINT) == SIG_DFL:
        _n.disposition(SIGINT, 2)
        _handlers[SIGINT] = default_int_handler
    for number in (SIGPIPE, SIGXFSZ):
        if _handlers.get(number) == SIG_DFL:
            _n.disposition(number, SIG_IGN)
            _handlers[number] = SIG_IGN


_setup()

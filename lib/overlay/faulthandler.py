# native: stacks written on request, on signals and after a time. A fatal signal is named, without a
# stack: a broken process is not searched for frames. CPython's counterpart: Modules/faulthandler.c.

"""Tracebacks when the process crashes, after a time, or on a signal."""

import _faulthandler_native as _n
import _signal
import sys as _sys

# The signal that `dump_traceback_later` sends to this process.
_LATER_SIGNAL = _signal.SIGRTMAX - 1
_registered = {}
_file = None
_later = None


def _descriptor(file):
    """The descriptor of a file argument, and the file, to keep it open."""
    if file is None:
        file = getattr(_sys, 'stderr', None)
        if file is None:
            raise RuntimeError("unable to get sys.stderr" if not hasattr(_sys, 'stderr')
                               else "sys.stderr is None")
    if isinstance(file, int):
        if file < 0:
            raise ValueError("file is not a valid file descripter")
        return file, None
    fd = file.fileno()
    if not isinstance(fd, int):
        raise RuntimeError("file.fileno() is not a valid file descriptor")
    try:
        file.flush()
    except Exception:
        pass
    return fd, file


def _write(fd, text):
    import posix
    data = text.encode('ascii', 'backslashreplace')
    try:
        while data:
            data = data[posix.write(fd, data):]
    except OSError:
        pass


def _stack(frame):
    lines = ['Stack (most recent call first):\n']
    count = 0
    while frame is not None:
        if count == 100:
            lines.append('  ...\n')
            break
        code = frame.f_code
        name = code.co_filename if len(code.co_filename) <= 500 else code.co_filename[:500] + '...'
        function = code.co_name if len(code.co_name) <= 500 else code.co_name[:500] + '...'
        lines.append(f'  File "{name}", line {frame.f_lineno} in {function}\n')
        frame = frame.f_back
        count += 1
    if not count:
        lines.append('  <no Python frame>\n')
    return lines


def _dump(fd, all_threads, frame):
    if not all_threads:
        _write(fd, ''.join(_stack(frame)))
        return
    me = _thread_id()
    frames = dict(_sys._current_frames())
    if me not in frames:
        frames = {me: frame}
    frames[me] = frame
    parts = []
    for ident, other in reversed(list(frames.items())):
        kind = 'Current thread' if ident == me else 'Thread'
        stack = _stack(other)
        parts.append(f'{kind} 0x{ident:016x} (most recent call first):\n' + ''.join(stack[1:]))
    _write(fd, '\n'.join(parts))


def _thread_id():
    import _thread
    return _thread.get_ident()


def dump_traceback(file=None, all_threads=True):
    fd, _ = _descriptor(file)
    _dump(fd, all_threads, _sys._getframe(0))


def dump_c_stack(file=None):
    fd, _ = _descriptor(file)
    _write(fd, "Current thread's C stack trace (most recent call first):\n"
               "  <cannot get C stack on this system>\n")


def enable(file=None, all_threads=True, c_stack=True):
    global _file
    fd, _file = _descriptor(file)
    _n.enable(fd)


def disable():
    global _file
    was = _n.is_enabled()
    _n.disable()
    _file = None
    return was


def is_enabled():
    return _n.is_enabled()


def _seconds(timeout):
    if not isinstance(timeout, (int, float)) and not hasattr(type(timeout), '__index__'):
        raise TypeError(f"'{type(timeout).__name__}' object cannot be interpreted as an integer or float")
    if timeout <= 0:
        raise ValueError("timeout must be greater than 0")
    ns = int(timeout * 1000000000)
    if ns >= 1 << 63:
        raise OverflowError("timeout value is too large")
    return max(ns, 1)


def dump_traceback_later(timeout, repeat=False, file=None, exit=False):
    global _later
    ns = _seconds(timeout)
    fd, file = _descriptor(file)
    seconds, part = divmod(ns // 1000, 1000000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    header = f'Timeout ({hours}:{minutes:02d}:{seconds:02d}' + (f'.{part:06d}' if part else '') + ')!\n'

    def report(number, frame):
        _write(fd, header)
        _dump(fd, True, frame)
        if exit:
            import posix
            posix._exit(1)

    _later = file
    _signal.signal(_LATER_SIGNAL, report)
    _n.later(ns, repeat, exit, _LATER_SIGNAL)


def cancel_dump_traceback_later():
    global _later
    _n.cancel()
    _later = None


def _check_signal(signum):
    fatal = (_signal.SIGSEGV, _signal.SIGFPE, _signal.SIGABRT, _signal.SIGBUS, _signal.SIGILL)
    if signum in fatal:
        raise RuntimeError(f"signal {signum} cannot be registered, use enable() instead")
    if not 0 < signum < _signal.NSIG:
        raise ValueError("signal number out of range")


def register(signum, file=None, all_threads=True, chain=False):
    _check_signal(signum)
    fd, file = _descriptor(file)
    before = _registered[signum][0] if signum in _registered else _signal.getsignal(signum)

    def report(number, frame):
        _dump(fd, all_threads, frame)
        if chain and callable(before):
            before(number, frame)
        elif chain and before == _signal.SIG_DFL:
            import posix
            _signal.signal(number, _signal.SIG_DFL)
            posix.kill(posix.getpid(), number)

    _signal.signal(signum, report)
    _registered[signum] = before, file


def unregister(signum, /):
    _check_signal(signum)
    if signum not in _registered:
        return False
    before, _ = _registered.pop(signum)
    _signal.signal(signum, before if before is not None else _signal.SIG_DFL)
    return True


def _sigsegv(release_gil=False, /):
    _raise(_signal.SIGSEGV)


def _sigabrt():
    _raise(_signal.SIGABRT)


def _sigfpe():
    _raise(_signal.SIGFPE)


def _raise(number):
    import posix
    posix.kill(posix.getpid(), number)

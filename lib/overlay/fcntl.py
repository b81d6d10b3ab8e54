# native: control of descriptors. CPython's counterpart: Modules/fcntlmodule.c.

"""Control of open file descriptors."""

import _fcntl_native as _n
import _fcntl_numbers as _numbers
import sys as _sys
from _blocking import retry as _retry, wait_until as _wait_until
from _fcntl_constants import NUMBERS as _NUMBERS
from select import _fileno

(lambda: 0).__globals__.update(_NUMBERS)


def _number(value, bits):
    if not hasattr(type(value), '__index__'):
        raise TypeError(f"'{type(value).__name__}' object cannot be interpreted as an integer")
    value = value.__index__()
    if not -1 << bits - 1 <= value < 1 << bits:
        raise OverflowError("Python int too large to convert to C "
                            + ("int" if bits == 32 else "long"))
    # Flags of the highest bit come as unsigned numbers.
    return value - (1 << bits) if value >> bits - 1 > 0 else value


def _argument(value, who, limit):
    """An int, or bytes."""
    if hasattr(type(value), '__index__'):
        value = value.__index__() & 0xffffffff
        return value - (1 << 32) if value >> 31 else value
    if isinstance(value, str):
        value = value.encode('utf-8')
    else:
        try:
            value = memoryview(value).tobytes()
        except TypeError:
            raise TypeError(f"{who}() argument 3 must be an integer, a bytes-like object, or a string, "
                            f"not {type(value).__name__}") from None
    if len(value) > limit:
        raise ValueError(f"{who} argument 3 is too long")
    return value


def fcntl(fd, cmd, arg=0, /):
    fd, cmd = _fileno(fd), _number(cmd, 32)
    _sys.audit('fcntl.fcntl', fd, cmd, arg)
    arg = _argument(arg, 'fcntl', 1024)
    if isinstance(arg, int):
        return _retry(_numbers.fcntl, fd, cmd, arg)
    return _retry(_n.with_bytes, fd, cmd, arg, False)[1]


def ioctl(fd, request, arg=0, mutate_flag=True, /):
    fd, request = _fileno(fd), _number(request, 64)
    _sys.audit('fcntl.ioctl', fd, request, arg)
    if mutate_flag and not isinstance(arg, (int, str, bytes)):
        try:
            view = memoryview(arg)
        except TypeError:
            view = None
        if view is not None and not view.readonly:
            view = view.cast('B')
            result, data = _retry(_n.with_bytes, fd, request, view, True)
            view[:] = data
            return result
    arg = _argument(arg, 'ioctl', 1024)
    if isinstance(arg, int):
        return _retry(_numbers.ioctl, fd, request, arg)
    return _retry(_n.with_bytes, fd, request, arg, True)[1]


def flock(fd, operation, /):
    fd, operation = _fileno(fd), _number(operation, 32)
    _sys.audit('fcntl.flock', fd, operation)
    _locked(lambda block: _numbers.flock(fd, operation if block else operation | LOCK_NB), operation)


def _locked(lock, operation):
    """Takes a lock: in slices when other tasklets could give it back meanwhile."""
    import stackless
    if operation & (LOCK_NB | LOCK_UN) or stackless.getruncount() <= 1:
        _retry(lock, True)
        return

    def ready():
        try:
            lock(False)
            return True
        except (BlockingIOError, PermissionError):
            return False

    _wait_until(ready)


def lockf(fd, cmd, len=0, start=0, whence=0, /):
    fd, cmd = _fileno(fd), _number(cmd, 32)
    _sys.audit('fcntl.lockf', fd, cmd, len, start, whence)
    if cmd & LOCK_UN:
        kind = F_UNLCK
    elif cmd & LOCK_SH:
        kind = F_RDLCK
    elif cmd & LOCK_EX:
        kind = F_WRLCK
    else:
        raise ValueError("unrecognized lockf argument")
    data = (kind.to_bytes(2, 'little') + whence.to_bytes(2, 'little') + bytes(4)
            + _number(start, 64).to_bytes(8, 'little', signed=True)
            + _number(len, 64).to_bytes(8, 'little', signed=True) + bytes(8))
    _locked(lambda block: _n.with_bytes(fd, F_SETLKW if block and not cmd & LOCK_NB else F_SETLK, data,
                                        False), cmd)

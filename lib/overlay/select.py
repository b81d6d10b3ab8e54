# native: `select`, `poll` and `epoll`; waiting lets other tasklets run. CPython's counterpart:
# Modules/selectmodule.c.

"""Waiting for input and output on several files at once."""

import _select_native as _n
import posix as _posix
from _blocking import poll as _wait, retry as _retry
from _native import function as _function, immutable as _immutable, opaque as _opaque, outside as _outside

for _name, _value in list(_n.__dict__.items()):
    if type(_value) is int:
        (lambda: 0).__globals__[_name] = _value

error = OSError
_MAX = (1 << 63) - 1


def _fileno(value):
    """The descriptor of an argument: a number, or what `fileno()` says."""
    if isinstance(value, int):
        fd = value
        if isinstance(value, bool):
            import _warnings
            _warnings.warn("bool is used as a file descriptor", RuntimeWarning)
    else:
        method = getattr(value, 'fileno', None)
        if method is None:
            raise TypeError("argument must be an int, or have a fileno() method.")
        fd = method()
        if not isinstance(fd, int):
            raise TypeError("fileno() returned a non-integer")
    if not -0x80000000 <= fd <= 0x7fffffff:
        raise OverflowError("Python int too large to convert to C int")
    if fd < 0:
        raise ValueError(f"file descriptor cannot be a negative integer ({fd})")
    return fd


def _nanoseconds(timeout, unit, message):
    """A time in ns, rounded up."""
    if isinstance(timeout, float):
        if timeout != timeout:
            raise ValueError("Invalid value NaN (not a number)")
        if abs(timeout) * unit > _MAX:
            raise OverflowError("timestamp out of range for C PyTime_t")
        ns = int(timeout * unit)
        return ns + (timeout * unit > ns)
    if not hasattr(type(timeout), '__index__'):
        raise TypeError(message)
    ns = timeout.__index__() * unit
    if not -_MAX <= ns <= _MAX:
        raise OverflowError("timestamp out of range for C PyTime_t")
    return ns


def _listed(sequence):
    if not isinstance(sequence, (list, tuple)):
        try:
            sequence = list(sequence)
        except TypeError:
            raise TypeError("arguments 1-3 must be sequences") from None
    found = []
    i = 0
    # A `fileno()` may change the list.
    while i < len(sequence):
        item = sequence[i]
        i += 1
        fd = _fileno(item)
        if fd >= 1024:
            raise ValueError("filedescriptor out of range in select()")
        if len(found) >= 1024:
            raise ValueError("too many file descriptors in select()")
        found.append((item, fd))
    return found


_READ = POLLIN | POLLRDNORM | POLLRDBAND | POLLHUP | POLLERR
_WRITE = POLLOUT | POLLWRNORM | POLLWRBAND | POLLERR


def select(rlist, wlist, xlist, timeout=None, /):
    if timeout is None:
        ns = -1
    else:
        ns = _nanoseconds(timeout, 1000000000, "timeout must be a float or None")
        if ns < 0:
            raise ValueError("timeout must be non-negative")
    lists = [_listed(rlist), _listed(wlist), _listed(xlist)]
    wanted = {}
    for found, events in zip(lists, (POLLIN, POLLOUT, POLLPRI)):
        for _, fd in found:
            wanted[fd] = wanted.get(fd, 0) | events
    seen = dict(zip(wanted, _wait(list(wanted.items()), ns)))
    for events in seen.values():
        if events & POLLNVAL:
            raise OSError(9, "Bad file descriptor")
    return tuple([[item for item, fd in found if wanted[fd] & asked and seen[fd] & events]
                  for found, asked, events in zip(lists, (POLLIN, POLLOUT, POLLPRI),
                                                  (_READ, _WRITE, POLLPRI))])


def _mask(events, bits, c_type):
    if not hasattr(type(events), '__index__'):
        raise TypeError(f"'{type(events).__name__}' object cannot be interpreted as an integer")
    events = events.__index__()
    if events < 0:
        raise ValueError("Cannot convert negative int")
    if events >> bits:
        raise OverflowError(f"Python int too large for C {c_type}")
    return events


@_opaque
class _Poll:
    __slots__ = ('_fds', '_busy')
    __module__ = 'select'

    def __new__(cls, *args, **kwargs):
        raise TypeError("cannot create 'select.poll' instances")

    def register(self, fd, eventmask=POLLIN | POLLPRI | POLLOUT, /):
        fd = _fileno(fd)
        self._fds[fd] = _mask(eventmask, 16, 'unsigned short')

    def modify(self, fd, eventmask, /):
        fd = _fileno(fd)
        eventmask = _mask(eventmask, 16, 'unsigned short')
        if fd not in self._fds:
            raise FileNotFoundError(2, "No such file or directory")
        self._fds[fd] = eventmask

    def unregister(self, fd, /):
        del self._fds[_fileno(fd)]

    def poll(self, timeout=None, /):
        if timeout is None:
            ns = -1
        else:
            ns = _nanoseconds(timeout, 1000000, "timeout must be an integer or None")
            if ns > 0x7fffffff * 1000000:
                raise OverflowError("timeout is too large")
        if self._busy:
            raise RuntimeError("concurrent poll() invocation")
        self._busy = True
        try:
            pairs = list(self._fds.items())
            events = _wait(pairs, ns)
        finally:
            self._busy = False
        return [(fd, seen) for (fd, _), seen in zip(pairs, events) if seen]


_Poll.__name__ = _Poll.__qualname__ = 'poll'
_immutable(_Poll)


def poll():
    self = object.__new__(_Poll)
    self._fds, self._busy = {}, False
    return self


@_outside
class epoll:
    __slots__ = ('_fd',)
    __module__ = 'select'

    def __new__(cls, sizehint=-1, flags=0):
        if sizehint != -1 and sizehint <= 0:
            raise ValueError("negative sizehint")
        if flags & ~EPOLL_CLOEXEC:
            raise OSError("invalid flags")
        self = object.__new__(cls)
        self._fd = -1
        self._fd = _n.epoll_create()
        return self

    @classmethod
    def fromfd(cls, fd, /):
        if not hasattr(type(fd), '__index__'):
            kind = f"{type(fd).__module__}.{type(fd).__name__}".removeprefix('builtins.')
            raise TypeError(f"'{kind}' object cannot be interpreted as an integer")
        self = object.__new__(cls)
        self._fd = fd.__index__()
        return self

    def _open(self):
        if self._fd < 0:
            raise ValueError("I/O operation on closed epoll object")
        return self._fd

    @property
    def closed(self):
        return self._fd < 0

    def fileno(self):
        return self._open()

    def close(self):
        fd, self._fd = self._fd, -1
        if fd >= 0:
            _posix.close(fd)

    def __enter__(self):
        self._open()
        return self

    def __exit__(self, exc_type=None, exc_value=None, exc_tb=None, /):
        self.close()

    def __del__(self):
        try:
            self.close()
        except OSError:
            pass

    def register(self, fd, eventmask=EPOLLIN | EPOLLPRI | EPOLLOUT):
        _n.epoll_ctl(self._open(), 1, _fileno(fd), _events(eventmask))

    def modify(self, fd, eventmask):
        _n.epoll_ctl(self._open(), 3, _fileno(fd), _events(eventmask))

    def unregister(self, fd):
        _n.epoll_ctl(self._open(), 2, _fileno(fd), 0)

    def poll(self, timeout=None, maxevents=-1):
        fd = self._open()
        if timeout is None:
            ns = -1
        else:
            ns = _nanoseconds(timeout, 1000000000, "timeout must be an integer or None")
            if ns > 0x7fffffff * 1000000:
                raise OverflowError("timeout is too large")
        if maxevents == -1:
            maxevents = 1023
        elif maxevents <= 0:
            raise ValueError(f"maxevents must be greater than 0, got {maxevents}")
        if ns != 0:
            _wait([(fd, POLLIN)], ns)
        return _retry(_n.epoll_wait, fd, maxevents, 0)


def _events(mask):
    if not hasattr(type(mask), '__index__'):
        raise TypeError(f"'{type(mask).__name__}' object cannot be interpreted as an integer")
    return mask.__index__() & 0xffffffff


_immutable(epoll)

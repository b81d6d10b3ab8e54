# native: semaphores between processes. CPython's counterpart: Modules/_multiprocessing/semaphore.c.

"""Semaphores that processes share."""

import _semaphores_native as _n
import stackless as _stackless
import _signal
from _blocking import wait_until as _wait_until
from _native import immutable as _immutable
from _time_native import monotonic_ns as _now

flags = {'HAVE_SEM_OPEN': 1, 'HAVE_SEM_TIMEDWAIT': 1, 'HAVE_FD_TRANSFER': 1}
_RECURSIVE_MUTEX, _SEMAPHORE = 0, 1


def sem_unlink(name, /):
    _n.unlink(name)


class SemLock:
    __slots__ = ('_semaphore', '_kind', '_maxvalue', '_name', '_held', '_owner', '__weakref__')
    __module__ = '_multiprocessing'
    SEM_VALUE_MAX = 0x7fffffff

    def __new__(cls, kind, value, maxvalue, name, unlink):
        if kind not in (_RECURSIVE_MUTEX, _SEMAPHORE):
            raise ValueError("unrecognized kind")
        semaphore = _n.open(name, True, value)
        if unlink:
            _n.unlink(name)
            name = None
        return _make(cls, semaphore, kind, maxvalue, name)

    @classmethod
    def _rebuild(cls, handle, kind, maxvalue, name, /):
        return _make(cls, _n.open(name, False, 0), kind, maxvalue, name)

    handle = property(lambda self: id(self._semaphore))
    kind = property(lambda self: self._kind)
    maxvalue = property(lambda self: self._maxvalue)
    name = property(lambda self: self._name)

    def _count(self):
        return self._held

    def _is_mine(self):
        return self._held > 0 and self._owner == _ident()

    def _get_value(self):
        return _n.value(self._semaphore)

    def _is_zero(self):
        return _n.value(self._semaphore) == 0

    def _after_fork(self):
        self._held = 0

    def acquire(self, block=True, timeout=None):
        if self._kind == _RECURSIVE_MUTEX and self._is_mine():
            self._held += 1
            return True
        ns = -1 if timeout is None else max(int(timeout * 1000000000), 0)
        if not block:
            ns = 0
        if not self._wait(ns):
            return False
        self._held += 1
        self._owner = _ident()
        return True

    def _wait(self, ns):
        if ns != 0 and _stackless.getruncount() > 1:
            deadline = None if ns < 0 else _now() + ns
            return _wait_until(lambda: _n.wait(self._semaphore, 0), deadline)
        end = _now() + ns
        while True:
            try:
                return _n.wait(self._semaphore, ns)
            except InterruptedError:
                _signal._deliver()
            if ns > 0:
                ns = max(end - _now(), 0)

    def release(self):
        if self._kind == _RECURSIVE_MUTEX:
            if not self._is_mine():
                raise AssertionError("attempt to release recursive lock not owned by thread")
            if self._held > 1:
                self._held -= 1
                return
        elif _n.value(self._semaphore) >= self._maxvalue:
            raise ValueError("semaphore or lock released too many times")
        _n.post(self._semaphore)
        self._held -= 1

    def __enter__(self):
        return self.acquire()

    def __exit__(self, exc_type=None, exc_value=None, exc_tb=None, /):
        self.release()


def _make(cls, semaphore, kind, maxvalue, name):
    self = object.__new__(cls)
    self._semaphore, self._kind, self._maxvalue, self._name = semaphore, kind, maxvalue, name
    self._held, self._owner = 0, None
    return self


def _ident():
    import _thread
    return _thread.get_ident()


_immutable(SemLock)

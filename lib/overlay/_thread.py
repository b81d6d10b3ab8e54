# native: threads as tasklets of one OS thread. A started thread runs when the starter waits.
# CPython's counterpart: Modules/_threadmodule.c.

"""Threads close to the interpreter; the threading module builds on it."""

import sys as _sys
import stackless as _stackless
from _native import opaque as _opaque

error = RuntimeError
TIMEOUT_MAX = 9223372036.0
_NAMES = {}
_local_key = 0


def _deadline(timeout):
    if timeout < 0:
        return None
    import _time_native
    return _time_native.monotonic_ns() + int(timeout * 1e9)


def _wait_until(ready, deadline):
    """Runs others until `ready()`; False when the time is up."""
    from _blocking import wait_until
    done = wait_until(ready, deadline)
    _run_handlers()
    return done


def _run_handlers():
    """Signals that came meanwhile are served before the wait is over."""
    import _signal
    _signal._deliver()


@_opaque
class lock:
    def __init__(self):
        self._locked = False

    def acquire(self, blocking=True, timeout=-1):
        if not blocking and timeout != -1:
            raise ValueError("can't specify a timeout for a non-blocking call")
        if timeout < 0 and timeout != -1:
            raise ValueError("timeout value must be a non-negative number")
        if timeout > TIMEOUT_MAX:
            raise OverflowError("timeout value is too large")
        if self._locked:
            if not blocking:
                return False
            if not _wait_until(lambda: not self._locked, _deadline(timeout)):
                return False
        self._locked = True
        return True

    acquire_lock = acquire

    def release(self):
        if not self._locked:
            raise RuntimeError("release unlocked lock")
        self._locked = False

    release_lock = release

    def locked(self):
        return self._locked

    locked_lock = locked

    def __enter__(self):
        self.acquire()
        return True

    def __exit__(self, *exc):
        self.release()

    def _at_fork_reinit(self):
        self._locked = False

    def __repr__(self):
        state = "locked" if self._locked else "unlocked"
        return f"<{state} _thread.lock object at {id(self):#x}>"


lock.__module__ = '_thread'
LockType = lock


@_opaque
class RLock:
    def __init__(self):
        self._owner = None
        self._count = 0

    def acquire(self, blocking=True, timeout=-1):
        me = get_ident()
        if self._owner == me:
            self._count += 1
            return True
        if self._count:
            if not blocking:
                return False
            if not _wait_until(lambda: self._count == 0, _deadline(timeout)):
                return False
        self._owner, self._count = me, 1
        return True

    def release(self):
        if self._owner != get_ident() or not self._count:
            raise RuntimeError("cannot release un-acquired lock")
        self._count -= 1
        if not self._count:
            self._owner = None

    def locked(self):
        return self._count > 0

    def __enter__(self):
        self.acquire()
        return True

    def __exit__(self, *exc):
        self.release()

    def _is_owned(self):
        return self._owner == get_ident()

    def _recursion_count(self):
        return self._count if self._owner == get_ident() else 0

    def _acquire_restore(self, state):
        self.acquire()
        self._count, self._owner = state

    def _release_save(self):
        if not self._count:
            raise RuntimeError("cannot release un-acquired lock")
        state = self._count, self._owner
        self._count, self._owner = 0, None
        return state

    def _at_fork_reinit(self):
        self._owner, self._count = None, 0

    def __repr__(self):
        state = "locked" if self._count else "unlocked"
        return (f"<{state} _thread.RLock object owner={self._owner or 0} count={self._count} "
                f"at {id(self):#x}>")


def allocate_lock():
    return lock()


allocate = allocate_lock

_main = None


def get_ident():
    thread = _threads.get(id(_stackless.getcurrent()))
    return _MAIN if thread is None else id(thread)


_threads = {}
# The same in every process: a tasklet that was saved while it held a lock still holds it.
_MAIN = 1


def get_native_id():
    import _posix_native
    try:
        return _posix_native.getpid()
    except PermissionError:
        # The host's numbers are its own affair.
        return _MAIN


def _get_main_thread_ident():
    return _MAIN


def _is_main_interpreter():
    return True


def daemon_threads_allowed():
    return True


def set_name(name):
    pass


def stack_size(size=0, /):
    return 0


def _count():
    return len(_threads)


def interrupt_main(signum=2, /):
    import _signal
    if callable(_signal.getsignal(signum)):
        _signal._n.pend(signum)
        _signal._deliver()


@_opaque
class _ThreadHandle:
    def __init__(self):
        self.ident = 0
        self._done = False
        self._started = False

    def is_done(self):
        return self._done

    def _set_done(self):
        self._done = True

    def join(self, timeout=None, /):
        if not self._started:
            raise RuntimeError("thread not started")
        if self.ident == get_ident():
            raise RuntimeError("Cannot join current thread")
        _wait_until(lambda: self._done, None if timeout is None else _deadline(max(timeout, 0)))


def _make_thread_handle(ident, /):
    handle = _ThreadHandle()
    handle.ident = ident
    handle._started = True
    return handle


def start_joinable_thread(function, handle=None, daemon=True, _quiet=False):
    given = handle
    if not callable(function):
        raise TypeError("thread function must be callable")
    if handle is None:
        handle = _ThreadHandle()
    elif handle._started:
        raise RuntimeError("thread already started")
    if not _quiet:
        _sys.audit('_thread.start_joinable_thread', function, int(daemon), given)
    handle._started = True

    def run():
        _threads[id(task)] = handle
        try:
            function()
        except SystemExit:
            pass
        except BaseException as e:
            _excepthook(_ExceptHookArgs((type(e), e, e.__traceback__, None)))
        finally:
            _threads.pop(id(task), None)
            handle._done = True
            _set_turns()

    task = _stackless.tasklet(run)
    handle.ident = id(handle)
    _threads[id(task)] = handle
    task()
    _set_turns()
    return handle


def _set_turns():
    """While there are threads, the eval-breaker passes the turn on."""
    import _signal_native
    from sys import getswitchinterval
    _signal_native.set_slice(max(int(getswitchinterval() * 1e9), 1000) if _threads else 0)


def start_new_thread(function, args, kwargs={}, /):
    if not callable(function):
        raise TypeError("first arg must be callable")
    if not isinstance(args, tuple):
        raise TypeError("2nd arg must be a tuple")
    if not isinstance(kwargs, dict):
        raise TypeError("optional 3rd arg must be a dictionary")
    _sys.audit('_thread.start_new_thread', function, args, kwargs or None)
    return start_joinable_thread(lambda: function(*args, **kwargs), _quiet=True).ident


start_new = start_new_thread


def exit():
    raise SystemExit


exit_thread = exit


class _ExceptHookArgs(tuple):
    exc_type = property(lambda self: self[0])
    exc_value = property(lambda self: self[1])
    exc_traceback = property(lambda self: self[2])
    thread = property(lambda self: self[3])


def _excepthook(args, /):
    import sys
    if args[0] is SystemExit:
        return
    name = args[3].name if args[3] is not None else get_ident()
    sys.stderr.write(f"Exception in thread {name}:\n")
    sys.excepthook(args[0], args[1], args[2])


def _after_fork():
    """Only the forking thread lives on in a child."""
    me = id(_stackless.getcurrent())
    for key in list(_threads):
        if key != me:
            _threads.pop(key)._done = True


def _shutdown():
    """Waits for threads that are not daemons: `threading` joins them itself."""


@_opaque
class _local:
    def __new__(cls, /, *args, **kw):
        if (args or kw) and cls.__init__ is object.__init__:
            raise TypeError("Initialization arguments are not supported")
        self = object.__new__(cls)
        object.__setattr__(self, '_local__args', (args, kw))
        object.__setattr__(self, '_local__dicts', {get_ident(): {}})
        return self

    def __getattribute__(self, name):
        d = _local_dict(self)
        if name == '__dict__':
            return d
        if name in d and not name.startswith('__'):
            return d[name]
        return object.__getattribute__(self, name)

    def __setattr__(self, name, value):
        if name == '__dict__':
            raise AttributeError(f"'{type(self).__name__}' object attribute '__dict__' is read-only")
        found = getattr(type(self), name, None)
        if found is not None and hasattr(type(found), '__set__'):
            object.__setattr__(self, name, value)
        else:
            _local_dict(self)[name] = value

    def __delattr__(self, name):
        if name == '__dict__':
            raise AttributeError(f"'{type(self).__name__}' object attribute '__dict__' is read-only")
        d = _local_dict(self)
        if name not in d:
            raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")
        del d[name]


def _local_dict(self):
    dicts = object.__getattribute__(self, '_local__dicts')
    me = get_ident()
    d = dicts.get(me)
    if d is None:
        d = dicts[me] = {}
        args, kw = object.__getattribute__(self, '_local__args')
        type(self).__init__(self, *args, **kw)
    return d

# native: waiting without stopping the others. The tasklets of a process share its one thread, so who
# would block waits in slices in which the others run. Interrupted calls run signal handlers and go on.

import stackless as _stackless
import _select_native as _select
import _signal
from _time_native import monotonic_ns as _now, sleep_ns as _sleep_ns

_IN, _OUT = 1, 4
# How many tasklets are in a wait of this module: when all are, the process may sleep.
_waiting = 0
_SLICE = 1000000


def _pass_on(deadline):
    """Lets the others run, or sleeps a moment when all of them wait."""
    _signal._deliver()
    if _stackless.getruncount() > 1:
        if _waiting < _stackless.getruncount():
            _stackless.schedule()
            return
        pause = _SLICE if deadline is None else min(_SLICE, max(deadline - _now(), 0))
        nap(pause)
        _stackless.schedule()
    else:
        nap(_SLICE if deadline is None else min(_SLICE, max(deadline - _now(), 0)))


def nap(ns):
    """Sleeps once; signal handlers run."""
    try:
        _sleep_ns(ns)
    except InterruptedError:
        _signal._deliver()


def wait_until(ready, deadline=None):
    """Runs others until `ready()` is true, or the clock is past `deadline`: then False."""
    global _waiting
    if ready():
        return True
    _waiting += 1
    try:
        while True:
            if deadline is not None and _now() >= deadline:
                return ready()
            _pass_on(deadline)
            if ready():
                return True
    finally:
        _waiting -= 1


def sleep(ns):
    """`time.sleep`: the whole time passes, whatever signals come."""
    global _waiting
    end = _now() + ns
    if _stackless.getruncount() > 1:
        wait_until(lambda: False, end)
        return
    _signal._deliver()
    while True:
        try:
            _sleep_ns(max(ns, 0))
            return
        except InterruptedError:
            _signal._deliver()
        ns = end - _now()
        if ns <= 0:
            return


def poll(fds, timeout_ns):
    """`poll` of (descriptor, events) pairs: their events. A negative time waits for ever."""
    global _waiting
    end = None if timeout_ns < 0 else _now() + timeout_ns
    _signal._deliver()
    if _stackless.getruncount() <= 1:
        while True:
            try:
                return _select.poll(fds, timeout_ns)
            except InterruptedError:
                _signal._deliver()
            if end is not None:
                timeout_ns = max(end - _now(), 0)
    _waiting += 1
    try:
        while True:
            try:
                found = _select.poll(fds, 0)
            except InterruptedError:
                _signal._deliver()
                continue
            if any(found) or (end is not None and _now() >= end):
                return found
            _signal._deliver()
            if _waiting < _stackless.getruncount():
                _stackless.schedule()
                continue
            try:
                found = _select.poll(fds, _SLICE if end is None else min(_SLICE, max(end - _now(), 0)))
            except InterruptedError:
                _signal._deliver()
                continue
            if any(found):
                return found
            _stackless.schedule()
    finally:
        _waiting -= 1


def wait_fd(fd, events, timeout_ns=-1):
    """Waits for a descriptor; False when the time is up."""
    return bool(poll([(fd, events)], timeout_ns)[0])


def ready_to_read(fd):
    """Before a blocking read: lets others run until there is something."""
    if _stackless.getruncount() > 1 and _select.is_blocking(fd):
        poll([(fd, _IN)], -1)


def ready_to_write(fd):
    if _stackless.getruncount() > 1 and _select.is_blocking(fd):
        poll([(fd, _OUT)], -1)


def retry(function, *args):
    """A system call that signals interrupt."""
    while True:
        try:
            return function(*args)
        except InterruptedError:
            _signal._deliver()


def wait_for_signal():
    """`signal.pause`: until a handler ran."""
    count = _signal._delivered
    wait_until(lambda: _signal._delivered != count)

# native: limits and usage of processes. CPython's counterpart: Modules/resource.c.

"""Limits and use of the process's resources."""

import _resource_native as _n
import _structseq
from _native import c_int as _int
from _resource_native import getpagesize

for _name, _value in list(_n.__dict__.items()):
    if type(_value) is int:
        (lambda: 0).__globals__[_name] = _value

error = OSError
RLIM_INFINITY = -1
RLIMIT_OFILE = RLIMIT_NOFILE
_NLIMITS = 16

struct_rusage, _new_rusage = _structseq.make('resource.struct_rusage', (
    'ru_utime', 'ru_stime', 'ru_maxrss', 'ru_ixrss', 'ru_idrss', 'ru_isrss', 'ru_minflt', 'ru_majflt',
    'ru_nswap', 'ru_inblock', 'ru_oublock', 'ru_msgsnd', 'ru_msgrcv', 'ru_nsignals', 'ru_nvcsw',
    'ru_nivcsw'))


def _checked(resource):
    resource = _int(resource)
    if not 0 <= resource < _NLIMITS:
        raise ValueError("invalid resource specified")
    return resource


def _part(value):
    if not hasattr(type(value), '__index__'):
        raise TypeError(f"'{type(value).__name__}' object cannot be interpreted as an integer")
    value = value.__index__()
    if value < -1 or value >= 1 << 64:
        raise ValueError("Cannot convert negative int" if value < 0 else "int too big to convert")
    if value >= 1 << 63:
        return -1
    return value


def _pair(limits):
    limits = tuple(limits)
    if len(limits) != 2:
        raise ValueError("expected a tuple of 2 integers")
    return _part(limits[0]), _part(limits[1])


def getrlimit(resource, /):
    return _n.prlimit(0, _checked(resource))


def _set(pid, resource, limits):
    try:
        return _n.prlimit(pid, resource, limits)
    except PermissionError:
        if pid == 0:
            raise ValueError("not allowed to raise maximum limit") from None
        raise
    except OSError as e:
        if e.errno == 22:
            raise ValueError("current limit exceeds maximum limit") from None
        raise


def setrlimit(resource, limits, /):
    _set(0, _checked(resource), _pair(limits))


def prlimit(pid, resource, limits=None, /):
    _checked(resource)
    return _set(pid, resource, None if limits is None else _pair(limits))


def getrusage(who, /):
    try:
        return _new_rusage(_n.getrusage(_int(who)))
    except OSError as e:
        if e.errno == 22:
            raise ValueError("invalid who parameter") from None
        raise

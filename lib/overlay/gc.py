# native: `gc`. CPython's counterpart: Modules/gcmodule.c.

"""Control of the cycle collector."""

import sys as _sys

import _gc_native as _n
from _gc_native import (
    enable, disable, isenabled, get_threshold, get_count, is_tracked,
    is_finalized, freeze, unfreeze, get_freeze_count)

DEBUG_STATS, DEBUG_COLLECTABLE, DEBUG_UNCOLLECTABLE, DEBUG_SAVEALL, DEBUG_LEAK = 1, 2, 4, 32, 38
callbacks = []
garbage = []
_state = {'debug': 0}


def collect(generation=2):
    generation = generation.__index__()
    if not 0 <= generation <= 2:
        raise ValueError("invalid generation")
    for callback in list(callbacks):
        callback('start', {'generation': generation, 'collected': 0, 'uncollectable': 0})
    n = _n.collect(generation)
    # The finalisers that a collection queues have run by now: what they did not bring back goes.
    if _n.finalizing():
        n = _n.collect(generation)
    for callback in list(callbacks):
        callback('stop', {'generation': generation, 'collected': n, 'uncollectable': 0})
    return n


def get_debug():
    return _state['debug']


def set_debug(flags, /):
    _state['debug'] = flags.__index__()


def set_threshold(threshold0, threshold1=None, threshold2=None, /):
    old = get_threshold()
    _n.set_threshold(threshold0, old[1] if threshold1 is None else threshold1,
                     old[2] if threshold2 is None else threshold2)


def get_stats():
    names = ('collections', 'collected', 'uncollectable')
    return [dict(zip(names, row)) for row in _n.get_stats()]


def get_referents(*objs):
    _sys.audit('gc.get_referents', objs)
    return _n.get_referents(*objs)


def get_referrers(*objs):
    _sys.audit('gc.get_referrers', objs)
    return _n.get_referrers(*objs)


def get_objects(generation=None):
    if generation is not None and not hasattr(type(generation), '__index__'):
        raise TypeError(f"'{type(generation).__name__}' object cannot be interpreted as an integer")
    _sys.audit('gc.get_objects', -1 if generation is None else generation)
    if generation is None:
        return _n.get_objects()
    generation = generation.__index__()
    if generation < 0:
        raise ValueError("generation parameter cannot be negative")
    if generation > 2:
        raise ValueError("generation parameter must be less than the number of available "
                         "generations (3)")
    return _n.get_objects(generation)

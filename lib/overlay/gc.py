# native: `gc`. CPython's counterpart: Modules/gcmodule.c.

from _gc_native import collect as _collect, enable, disable, isenabled

DEBUG_STATS, DEBUG_COLLECTABLE, DEBUG_UNCOLLECTABLE, DEBUG_SAVEALL, DEBUG_LEAK = 1, 2, 4, 32, 38
callbacks = []
garbage = []
_state = {'debug': 0, 'threshold': (2000, 10, 10)}


def collect(generation=2):
    for callback in list(callbacks):
        callback('start', {'generation': generation, 'collected': 0, 'uncollectable': 0})
    n = _collect(generation)
    for callback in list(callbacks):
        callback('stop', {'generation': generation, 'collected': n, 'uncollectable': 0})
    return n


def get_debug():
    return _state['debug']


def set_debug(flags, /):
    _state['debug'] = flags


def get_threshold():
    return _state['threshold']


def set_threshold(threshold0, threshold1=10, threshold2=10, /):
    _state['threshold'] = (threshold0, threshold1, threshold2)


def get_count():
    return (0, 0, 0)


def get_stats():
    return [{'collections': 0, 'collected': 0, 'uncollectable': 0} for _ in range(3)]


def get_objects(generation=None):
    return []


def get_referrers(*objs):
    return []


def get_referents(*objs):
    return []


def is_tracked(obj, /):
    return not isinstance(obj, (int, float, str, bytes, type(None), complex))


def is_finalized(obj, /):
    return False


def freeze():
    pass


def unfreeze():
    pass


def get_freeze_count():
    return 0

# native: the Mersenne Twister class. CPython's counterpart: Modules/_randommodule.c.

"""The generator behind the random module."""

import _random_native as _n


def _entropy():
    """Randomness of the system; of a host that has none, what differs between two runs."""
    import _posix_native
    import _time_native
    try:
        return int.from_bytes(_posix_native.urandom(2496), 'little')
    except OSError:
        n = id(object()) ^ hash('')
    for clock in (_time_native.time_ns, _time_native.monotonic_ns):
        try:
            n = n << 64 ^ clock()
        except OSError:
            pass
    return n


class Random:
    def __new__(cls, *args, **kw):
        self = object.__new__(cls)
        self.__state = bytearray(2500)
        Random.seed(self, *args[:1])
        return self

    def __init__(self, x=None):
        pass

    def seed(self, n=None, /):
        if n is None:
            n = _entropy()
        elif not isinstance(n, int):
            n = hash(n) & 0xffffffffffffffff
        _n.seed(self.__state, abs(n))

    def random(self):
        return _n.random(self.__state)

    def getrandbits(self, k, /):
        return _n.getrandbits(self.__state, k)

    def getstate(self):
        return _n.words(self.__state)

    def setstate(self, state, /):
        if not isinstance(state, tuple):
            raise TypeError("state vector must be a tuple")
        if len(state) != 625:
            raise ValueError("state vector is the wrong size")
        _n.set_words(self.__state, state[:-1], state[-1])


Random.__module__ = '_random'

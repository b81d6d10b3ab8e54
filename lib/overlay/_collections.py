# native: deque, defaultdict, OrderedDict and helpers of `collections`.
# CPython's counterpart: Modules/_collectionsmodule.c.

"""The classes of collections that must be fast."""

from _collections_native import (_count_plain, _deque, _deque_iterator, _deque_reverse_iterator,
                                 _move_to_end, _odict_view, _tuplegetter)


class deque(_deque):
    __slots__ = ()

    def __init__(self, iterable=(), maxlen=None):
        if maxlen is not None:
            if not isinstance(maxlen, int):
                raise TypeError("an integer is required")
            if maxlen < 0:
                raise ValueError("maxlen must be non-negative")
        self._reset(maxlen)
        if iterable != ():
            self.extend(iterable)

    maxlen = property(lambda self: self._maxlen())

    def extend(self, iterable, /):
        if iterable is self:
            iterable = self._list()
        if not self._extend_plain(iterable, False):
            append = _deque.append
            for x in iterable:
                append(self, x)

    def extendleft(self, iterable, /):
        if iterable is self:
            iterable = self._list()
        if not self._extend_plain(iterable, True):
            append = _deque.appendleft
            for x in iterable:
                append(self, x)

    def copy(self):
        return self.__copy__()

    def __copy__(self):
        if type(self) is deque:
            return deque(self._list(), self.maxlen)
        if self.maxlen is None:
            return type(self)(self)
        return type(self)(self, self.maxlen)

    def count(self, value, /):
        state = self._changes()
        n = 0
        for x in self._list():
            if x is value or x == value:
                n += 1
            if self._changes() != state:
                raise RuntimeError("deque mutated during iteration")
        return n

    def index(self, value, start=0, stop=None, /):
        n = len(self)
        start = max(start + n, 0) if start < 0 else start
        stop = n if stop is None else (max(stop + n, 0) if stop < 0 else min(stop, n))
        state = self._changes()
        items = self._list()
        for i in range(start, stop):
            x = items[i]
            if x is value or x == value:
                return i
            if self._changes() != state:
                raise RuntimeError("deque mutated during iteration")
        raise ValueError("deque.index(x): x not in deque")

    def insert(self, index, value, /):
        if self.maxlen is not None and len(self) >= self.maxlen:
            raise IndexError("deque already at its maximum size")
        items = self._list()
        items.insert(index, value)
        self._set(items)

    def remove(self, value, /):
        state = self._changes()
        items = self._list()
        for i in range(len(items)):
            x = items[i]
            same = x is value or x == value
            if self._changes() != state:
                raise IndexError("deque mutated during remove().")
            if same:
                del self[i]
                return
        raise ValueError("deque.remove(x): x not in deque")

    def __contains__(self, value, /):
        state = self._changes()
        for x in self._list():
            if x is value or x == value:
                return True
            if self._changes() != state:
                raise RuntimeError("deque mutated during iteration")
        return False

    def __repr__(self):
        if id(self) in _active:
            return '[...]'
        _active.add(id(self))
        try:
            text = repr(self._list())
        finally:
            _active.discard(id(self))
        name = type(self).__name__
        if self.maxlen is None:
            return f"{name}({text})"
        return f"{name}({text}, maxlen={self.maxlen})"

    def _compare(self, other, op):
        if not isinstance(other, deque):
            return NotImplemented
        return op(self._list(), other._list())

    def __eq__(self, other):
        return self._compare(other, lambda a, b: a == b)

    def __ne__(self, other):
        return self._compare(other, lambda a, b: a != b)

    def __lt__(self, other):
        return self._compare(other, lambda a, b: a < b)

    def __le__(self, other):
        return self._compare(other, lambda a, b: a <= b)

    def __gt__(self, other):
        return self._compare(other, lambda a, b: a > b)

    def __ge__(self, other):
        return self._compare(other, lambda a, b: a >= b)

    __hash__ = None

    def __add__(self, other):
        if not isinstance(other, deque):
            raise TypeError(f'can only concatenate deque (not "{type(other).__name__}") to deque')
        new = self.__copy__()
        new.extend(other)
        return new

    def __iadd__(self, other):
        self.extend(other)
        return self

    def __mul__(self, n):
        if not hasattr(type(n), '__index__'):
            return NotImplemented
        new = self.__copy__()
        new *= n
        return new

    __rmul__ = __mul__

    def __imul__(self, n):
        items = self._list() * n
        if self.maxlen is not None and len(items) > self.maxlen:
            items = items[len(items) - self.maxlen:]
        self._set(items)
        return self

    def __reduce__(self):
        state = object.__getstate__(self)
        if self.maxlen is None:
            return (type(self), (), state, iter(self))
        return (type(self), ((), self.maxlen), state, iter(self))

    __class_getitem__ = classmethod(type(list[int]))


_active = set()
deque.__module__ = 'collections'


class defaultdict(dict):
    def __init__(self, default_factory=None, /, *args, **kwargs):
        if default_factory is not None and not callable(default_factory):
            raise TypeError("first argument must be callable or None")
        dict.__init__(self, *args, **kwargs)
        self.default_factory = default_factory

    def __missing__(self, key, /):
        factory = self.default_factory
        if factory is None:
            raise KeyError(key)
        value = factory()
        self[key] = value
        return value

    def __repr__(self):
        if id(self) in _active:
            factory = '...'
        else:
            _active.add(id(self))
            try:
                factory = repr(self.default_factory)
            finally:
                _active.discard(id(self))
        return f"{type(self).__name__}({factory}, {dict.__repr__(self)})"

    def copy(self):
        return type(self)(self.default_factory, self)

    __copy__ = copy

    def __reduce__(self):
        args = () if self.default_factory is None else (self.default_factory,)
        return (type(self), args, None, None, iter(self.items()))

    def __or__(self, other):
        if not isinstance(other, dict):
            return NotImplemented
        new = self.copy()
        new.update(other)
        return new

    def __ror__(self, other):
        if not isinstance(other, dict):
            return NotImplemented
        new = type(self)(self.default_factory, other)
        new.update(self)
        return new

    __class_getitem__ = classmethod(type(list[int]))


defaultdict.__module__ = 'collections'


def _count_elements(mapping, iterable, /):
    if type(iterable) in (list, tuple, str) and (done := _count_plain(mapping, iterable)):
        iterable = iterable[done:]
    get = mapping.get
    for x in iterable:
        mapping[x] = get(x, 0) + 1


_missing = object()


def _mutated():
    return RuntimeError("OrderedDict mutated during iteration")


class OrderedDict(dict):
    def __init__(self, other=(), /, **kwds):
        OrderedDict.update(self, other, **kwds)

    def update(self, other=(), /, **kwds):
        if type(self) is OrderedDict:
            return dict.update(self, other, **kwds)
        if isinstance(other, dict) and type(other).__iter__ is dict.__iter__:
            for key, value in dict.items(other):
                self[key] = value
        elif hasattr(other, 'keys'):
            for key in other.keys():
                self[key] = other[key]
        else:
            for key, value in other:
                self[key] = value
        for key, value in kwds.items():
            self[key] = value

    def move_to_end(self, key, last=True):
        found = _move_to_end(self, key, bool(last))
        if found is None:
            # Python code takes part in the search.
            value = dict.pop(self, key)
            dict.__setitem__(self, key, value)
            if not last:
                for other in list(dict.__iter__(self))[:-1]:
                    value = dict.pop(self, other)
                    dict.__setitem__(self, other, value)
        elif not found:
            raise KeyError(key)

    def popitem(self, last=True):
        if not self:
            raise KeyError('dictionary is empty')
        if last and type(self) is OrderedDict:
            return dict.popitem(self)
        key = next(dict.__reversed__(self) if last else dict.__iter__(self))
        return key, dict.pop(self, key)

    def pop(self, key, default=_missing):
        if default is _missing:
            return dict.pop(self, key)
        return dict.pop(self, key, default)

    def setdefault(self, key, default=None):
        if type(self) is OrderedDict:
            return dict.setdefault(self, key, default)
        if key in self:
            return self[key]
        self[key] = default
        return default

    def keys(self):
        return _odict_view(self, 0)

    def values(self):
        return _odict_view(self, 1)

    def items(self):
        return _odict_view(self, 2)

    def __repr__(self):
        if id(self) in _active:
            return '...'
        _active.add(id(self))
        try:
            name = type(self).__name__
            if not self:
                return f"{name}()"
            return f"{name}({dict(self.items())!r})"
        finally:
            _active.discard(id(self))

    def __reduce__(self):
        return type(self), (), object.__getstate__(self), None, iter(self.items())

    def copy(self):
        new = type(self)()
        try:
            for key in dict.__iter__(self):
                new[key] = self[key]
        except RuntimeError:
            raise _mutated() from None
        return new

    def __sizeof__(self):
        return dict.__sizeof__(self) + 24 * len(self) + 64

    @classmethod
    def fromkeys(cls, iterable, value=None):
        self = cls()
        for key in iterable:
            self[key] = value
        return self

    def __eq__(self, other):
        if not isinstance(other, dict):
            return NotImplemented
        if not isinstance(other, OrderedDict):
            return dict.__eq__(self, other)
        if not dict.__eq__(self, other):
            return False
        try:
            return all([a is b or a == b for a, b in zip(dict.__iter__(self), dict.__iter__(other))])
        except RuntimeError:
            raise _mutated() from None

    def __ne__(self, other):
        result = self.__eq__(other)
        return result if result is NotImplemented else not result

    __hash__ = None

    def __or__(self, other):
        if not isinstance(other, dict):
            return NotImplemented
        new = type(self)(self)
        new.update(other)
        return new

    def __ror__(self, other):
        if not isinstance(other, dict):
            return NotImplemented
        new = type(self)(other)
        new.update(self)
        return new

    def __ior__(self, other):
        self.update(other)
        return self

    __class_getitem__ = classmethod(type(list[int]))


OrderedDict.__module__ = 'collections'

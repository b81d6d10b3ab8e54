# native: deque, defaultdict and helpers of `collections`; OrderedDict is the library's own.
# CPython's counterpart: Modules/_collectionsmodule.c.

_BLOCK = 64


class _deque_iterator:
    def __init__(self, deque, index=0):
        self._deque, self._state, self._index = deque, deque._state, index

    def __iter__(self):
        return self

    def __next__(self):
        deque = self._deque
        if deque is None:
            raise StopIteration
        if deque._state != self._state:
            self._deque = None
            raise RuntimeError("deque mutated during iteration")
        i = deque._head + self._index
        if i >= len(deque._items):
            self._deque = None
            raise StopIteration
        self._index += 1
        return deque._items[i]

    def __length_hint__(self):
        return 0 if self._deque is None else len(self._deque) - self._index

    def __reduce__(self):
        return (_deque_iterator, (self._deque, self._index))


class _deque_reverse_iterator(_deque_iterator):
    def __next__(self):
        deque = self._deque
        if deque is None:
            raise StopIteration
        if deque._state != self._state:
            self._deque = None
            raise RuntimeError("deque mutated during iteration")
        i = len(deque._items) - 1 - self._index
        if i < deque._head:
            self._deque = None
            raise StopIteration
        self._index += 1
        return deque._items[i]


def _own_state(self):
    # What a subclass has added: the dict, and slots that are not the deque's own.
    state = object.__getstate__(self)
    if isinstance(state, tuple):
        names, slots = state
        slots = {name: value for name, value in slots.items() if name not in deque.__slots__}
        return (names, slots) if slots else names
    return state


class deque:
    """A list with a head index: left pops move the head and tidy up now and then; left appends
    go into room in front that doubles."""
    __slots__ = ("_items", "_head", "_state", "_maxlen", "__weakref__")

    def __new__(cls, *args, **kw):
        self = object.__new__(cls)
        self._items, self._head, self._state, self._maxlen = [], 0, 0, None
        return self

    def __init__(self, iterable=(), maxlen=None):
        if maxlen is not None:
            if not isinstance(maxlen, int):
                raise TypeError("an integer is required")
            if maxlen < 0:
                raise ValueError("maxlen must be non-negative")
        self._maxlen = maxlen
        self._items, self._head = [], 0
        self._state += 1
        if iterable != ():
            self.extend(iterable)

    maxlen = property(lambda self: self._maxlen)

    def append(self, x, /):
        self._items.append(x)
        self._state += 1
        if self._maxlen is not None and len(self._items) - self._head > self._maxlen:
            self.popleft()

    def appendleft(self, x, /):
        if self._head == 0:
            room = len(self._items) + _BLOCK
            self._items[:0] = [None] * room
            self._head = room
        self._head -= 1
        self._items[self._head] = x
        self._state += 1
        if self._maxlen is not None and len(self._items) - self._head > self._maxlen:
            self._items.pop()

    def pop(self):
        if len(self._items) <= self._head:
            raise IndexError("pop from an empty deque")
        self._state += 1
        x = self._items.pop()
        if len(self._items) == self._head:
            self._items.clear()
            self._head = 0
        return x

    def popleft(self):
        head = self._head
        if len(self._items) <= head:
            raise IndexError("pop from an empty deque")
        self._state += 1
        x = self._items[head]
        self._items[head] = None
        self._head = head = head + 1
        if head == len(self._items):
            self._items.clear()
            self._head = 0
        elif head > _BLOCK and head > len(self._items) >> 1:
            del self._items[:head]
            self._head = 0
        return x

    def extend(self, iterable, /):
        if iterable is self:
            iterable = list(iterable)
        for x in iterable:
            self.append(x)

    def extendleft(self, iterable, /):
        if iterable is self:
            iterable = list(iterable)
        for x in iterable:
            self.appendleft(x)

    def clear(self):
        self._items, self._head = [], 0
        self._state += 1

    def _list(self):
        return self._items[self._head:] if self._head else self._items

    def _set(self, items):
        self._items, self._head = items, 0
        self._state += 1

    def copy(self):
        return self.__copy__()

    def __copy__(self):
        if type(self) is deque:
            return deque(self._list(), self._maxlen)
        if self._maxlen is None:
            return type(self)(self)
        return type(self)(self, self._maxlen)

    def count(self, value, /):
        state = self._state
        n = 0
        for x in list(self._list()):
            if x is value or x == value:
                n += 1
            if self._state != state:
                raise RuntimeError("deque mutated during iteration")
        return n

    def index(self, value, start=0, stop=None, /):
        n = len(self)
        start = max(start + n, 0) if start < 0 else start
        stop = n if stop is None else (max(stop + n, 0) if stop < 0 else min(stop, n))
        state = self._state
        items = self._list()
        for i in range(start, stop):
            x = items[i]
            if x is value or x == value:
                return i
            if self._state != state:
                raise RuntimeError("deque mutated during iteration")
        raise ValueError("deque.index(x): x not in deque")

    def insert(self, index, value, /):
        if self._maxlen is not None and len(self) >= self._maxlen:
            raise IndexError("deque already at its maximum size")
        items = list(self._list())
        items.insert(index, value)
        self._set(items)

    def remove(self, value, /):
        state = self._state
        items = self._list()
        for i in range(len(items)):
            x = items[i]
            same = x is value or x == value
            if self._state != state:
                raise IndexError("deque mutated during remove().")
            if same:
                del self[i]
                return
        raise ValueError("deque.remove(x): x not in deque")

    def reverse(self):
        items = list(self._list())
        items.reverse()
        self._set(items)

    def rotate(self, n=1, /):
        size = len(self)
        if size > 1:
            n %= size
            if n:
                items = self._list()
                self._set(items[-n:] + items[:-n])

    def __len__(self):
        return len(self._items) - self._head

    def __bool__(self):
        return len(self._items) > self._head

    def _at(self, index):
        if not hasattr(type(index), '__index__'):
            raise TypeError(f"sequence index must be integer, not '{type(index).__name__}'")
        index = index.__index__()
        n = len(self)
        if index < 0:
            index += n
        if not 0 <= index < n:
            raise IndexError("deque index out of range")
        return index + self._head

    def __getitem__(self, index, /):
        return self._items[self._at(index)]

    def __setitem__(self, index, value, /):
        self._items[self._at(index)] = value

    def __delitem__(self, index, /):
        del self._items[self._at(index)]
        self._state += 1

    def __contains__(self, value, /):
        state = self._state
        for x in self._list():
            if x is value or x == value:
                return True
            if self._state != state:
                raise RuntimeError("deque mutated during iteration")
        return False

    def __iter__(self):
        return _deque_iterator(self)

    def __reversed__(self):
        return _deque_reverse_iterator(self)

    def __repr__(self):
        if id(self) in _active:
            return '[...]'
        _active.add(id(self))
        try:
            text = repr(list(self._list()))
        finally:
            _active.discard(id(self))
        name = type(self).__name__
        if self._maxlen is None:
            return f"{name}({text})"
        return f"{name}({text}, maxlen={self._maxlen})"

    def _compare(self, other, op):
        if not isinstance(other, deque):
            return NotImplemented
        return op(self._list(), other._list())

    def __eq__(self, other):
        return self._compare(other, lambda a, b: list(a) == list(b))

    def __ne__(self, other):
        return self._compare(other, lambda a, b: list(a) != list(b))

    def __lt__(self, other):
        return self._compare(other, lambda a, b: list(a) < list(b))

    def __le__(self, other):
        return self._compare(other, lambda a, b: list(a) <= list(b))

    def __gt__(self, other):
        return self._compare(other, lambda a, b: list(a) > list(b))

    def __ge__(self, other):
        return self._compare(other, lambda a, b: list(a) >= list(b))

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
        items = list(self._list()) * n
        if self._maxlen is not None and len(items) > self._maxlen:
            items = items[len(items) - self._maxlen:]
        self._set(items)
        return self

    def __reduce__(self):
        state = _own_state(self)
        if self._maxlen is None:
            return (type(self), (), state, iter(self))
        return (type(self), ((), self._maxlen), state, iter(self))

    def __sizeof__(self):
        return 760

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
    get = mapping.get
    for x in iterable:
        mapping[x] = get(x, 0) + 1


class _tuplegetter:
    __slots__ = ('_index', '__doc__')

    def __init__(self, index, doc):
        self._index = index
        self.__doc__ = doc

    def __get__(self, obj, owner=None):
        if obj is None:
            return self
        if not isinstance(obj, tuple):
            raise TypeError(f"descriptor for index '{self._index}' for tuple subclasses "
                            f"doesn't apply to '{type(obj).__name__}' object")
        return tuple.__getitem__(obj, self._index)

    def __set__(self, obj, value):
        raise AttributeError("can't set attribute")

    def __delete__(self, obj):
        raise AttributeError("can't delete attribute")

    def __reduce__(self):
        return (_tuplegetter, (self._index, self.__doc__))

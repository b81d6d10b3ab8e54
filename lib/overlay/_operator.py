# native: operators as functions, and the getters. CPython's counterpart: Modules/_operator.c.

"""The operators of the language as functions."""

import _operator_native as _n

for _name, _value in list(_n.__dict__.items()):
    if not _name.startswith('__'):
        (lambda: 0).__globals__[_name] = _value

_missing = type('_missing', (), {})()


def not_(a, /):
    return not a


def concat(a, b, /):
    if not hasattr(type(a), '__getitem__') or isinstance(a, dict):
        raise TypeError(f"'{type(a).__name__}' object can't be concatenated")
    if not hasattr(type(b), '__getitem__') and not hasattr(type(a), '__add__'):
        raise TypeError(f"'{type(b).__name__}' object can't be concatenated")
    return a + b


def iconcat(a, b, /):
    if not hasattr(type(a), '__getitem__') or isinstance(a, dict):
        raise TypeError(f"'{type(a).__name__}' object can't be concatenated")
    a += b
    return a


def countOf(a, b, /):
    n = 0
    for x in a:
        if x is b or x == b:
            n += 1
    return n


def indexOf(a, b, /):
    i = 0
    for x in a:
        if x is b or x == b:
            return i
        i += 1
    raise ValueError("sequence.index(x): x not in sequence")


def length_hint(obj, default=0, /):
    if not isinstance(default, int):
        raise TypeError(f"'{type(default).__name__}' object cannot be interpreted as an integer")
    if hasattr(type(obj), '__len__'):
        try:
            return len(obj)
        except TypeError:
            pass
    hint = getattr(type(obj), '__length_hint__', None)
    if hint is None:
        return default
    try:
        value = hint(obj)
    except TypeError:
        return default
    if value is NotImplemented:
        return default
    if not isinstance(value, int):
        raise TypeError(f"__length_hint__ must be an integer, not {type(value).__name__}")
    if value < 0:
        raise ValueError("__length_hint__() should return >= 0")
    return value


def call(obj, /, *args, **kwargs):
    return obj(*args, **kwargs)


def _compare_digest(a, b, /):
    if isinstance(a, str) and isinstance(b, str):
        if not (a.isascii() and b.isascii()):
            raise TypeError("comparing strings with non-ASCII characters is not supported")
        a, b = a.encode(), b.encode()
    else:
        try:
            a, b = bytes(memoryview(a)), bytes(memoryview(b))
        except TypeError:
            raise TypeError("unsupported operand types(s) or combination of types: "
                            f"'{type(a).__name__}' and '{type(b).__name__}'") from None
    differs = len(a) ^ len(b)
    if differs:
        b = a
    for x, y in zip(a, b):
        differs |= x ^ y
    return differs == 0


class itemgetter:
    __slots__ = ('_item', '_items', '__weakref__')

    def __new__(cls, /, *items):
        if not items:
            raise TypeError("itemgetter expected at least 1 argument, got 0")
        self = object.__new__(cls)
        self._items = items
        self._item = items[0] if len(items) == 1 else _missing
        return self


    def __call__(self, obj, /):
        item = self._item
        if item is not _missing:
            return obj[item]
        return tuple([obj[i] for i in self._items])

    def __repr__(self):
        return f"{_shown(self)}({', '.join(map(repr, self._items))})"

    def __reduce__(self):
        return type(self), self._items


class attrgetter:
    __slots__ = ('_attrs', '_paths', '__weakref__')

    def __new__(cls, /, *attrs):
        if not attrs:
            raise TypeError("attrgetter expected at least 1 argument, got 0")
        for attr in attrs:
            if not isinstance(attr, str):
                raise TypeError("attribute name must be a string")
        self = object.__new__(cls)
        self._attrs = attrs
        self._paths = [attr.split('.') for attr in attrs]
        return self

    def __call__(self, obj, /):
        out = []
        for path in self._paths:
            value = obj
            for name in path:
                value = getattr(value, name)
            out.append(value)
        return out[0] if len(out) == 1 else tuple(out)

    def __repr__(self):
        return f"{_shown(self)}({', '.join(map(repr, self._attrs))})"

    def __reduce__(self):
        return type(self), self._attrs


class methodcaller:
    __slots__ = ('_name', '_args', '_kwargs', '__weakref__')

    def __new__(cls, /, *args, **kwargs):
        if not args:
            raise TypeError("methodcaller needs at least one argument, the method name")
        if not isinstance(args[0], str):
            raise TypeError("method name must be a string")
        self = object.__new__(cls)
        self._name, self._args, self._kwargs = args[0], args[1:], kwargs
        return self

    def __call__(self, obj, /):
        return getattr(obj, self._name)(*self._args, **self._kwargs)

    def __repr__(self):
        parts = [repr(self._name), *map(repr, self._args)]
        parts += [f"{k}={v!r}" for k, v in self._kwargs.items()]
        return f"{_shown(self)}({', '.join(parts)})"

    def __reduce__(self):
        if not self._kwargs:
            return type(self), (self._name, *self._args)
        from functools import partial
        return partial(type(self), self._name, **self._kwargs), self._args


def _shown(self):
    cls = type(self)
    return f"{cls.__module__}.{cls.__qualname__}"


for _value in (itemgetter, attrgetter, methodcaller):
    _value.__module__ = 'operator'

# native: `partial`, `reduce`, `cmp_to_key`, `lru_cache`'s wrapper.
# CPython's counterpart: Modules/_functoolsmodule.c.

"""The functions of functools that must be fast."""

from _functools_native import _lru_cache, _partial
from _native import opaque as _opaque
from reprlib import recursive_repr as _recursive_repr
from types import GenericAlias as _GenericAlias, MethodType as _MethodType

_missing = type('_missing', (), {})()


def reduce(function, iterable, /, initial=_missing):
    try:
        it = iter(iterable)
    except TypeError:
        raise TypeError("reduce() arg 2 must support iteration") from None
    value = initial
    if value is _missing:
        for value in it:
            break
        else:
            raise TypeError("reduce() of empty iterable with no initial value")
    for x in it:
        value = function(value, x)
    return value


@_opaque
class _KeyWrapper:
    __slots__ = ('cmp', 'obj')
    __hash__ = None

    def __init__(self, obj):
        self.obj = obj

    def __call__(self, obj):
        return _key(self.cmp, obj)


def _compare(name, test):
    def method(self, other):
        if type(other) is not _KeyWrapper:
            raise TypeError("other argument must be K instance")
        return test(self.cmp(self.obj, other.obj))
    method.__name__ = method.__qualname__ = name
    return method


for _name, _test in (('__lt__', lambda c: c < 0), ('__gt__', lambda c: c > 0),
                     ('__eq__', lambda c: c == 0), ('__le__', lambda c: c <= 0),
                     ('__ge__', lambda c: c >= 0), ('__ne__', lambda c: c != 0)):
    setattr(_KeyWrapper, _name, _compare(_name, _test))
_KeyWrapper.__module__, _KeyWrapper.__qualname__ = 'functools', 'KeyWrapper'
_KeyWrapper.__name__ = 'KeyWrapper'


def _key(cmp, obj):
    key = _KeyWrapper(obj)
    key.cmp = cmp
    return key


def cmp_to_key(mycmp):
    key = _KeyWrapper.__new__(_KeyWrapper)
    key.cmp = mycmp
    return key


class _PlaceholderType:
    __slots__ = ()
    _one = None

    def __new__(cls):
        if cls._one is None:
            _PlaceholderType._one = object.__new__(cls)
        return cls._one

    def __init_subclass__(cls, *args, **kwargs):
        raise TypeError(f"type '{cls.__base__.__module__}.{cls.__base__.__name__}' "
                        "is not an acceptable base type")

    def __repr__(self):
        return 'Placeholder'

    def __reduce__(self):
        return 'Placeholder'


_PlaceholderType.__module__ = 'functools'
Placeholder = _PlaceholderType()


class partial(_partial):
    __slots__ = ('__dict__', '__weakref__')

    def __new__(cls, /, *args, **keywords):
        if not args:
            raise TypeError("type 'partial' takes at least one argument")
        func, args = args[0], args[1:]
        if not callable(func):
            raise TypeError("the first argument must be callable")
        if args and args[-1] is Placeholder:
            raise TypeError("trailing Placeholders are not allowed")
        for value in keywords.values():
            if value is Placeholder:
                raise TypeError("Placeholder cannot be passed as a keyword argument")
        if isinstance(func, partial) and type(func) is cls and not func.__dict__:
            args = _fill(func.args, args)
            keywords = {**func.keywords, **keywords}
            func = func.func
        self = _partial.__new__(cls)
        _set(self, func, args, keywords)
        return self

    def __get__(self, obj, objtype=None):
        if obj is None:
            return self
        return _MethodType(self, obj)

    @_recursive_repr()
    def __repr__(self):
        cls = type(self)
        func, args, keywords = self.func, self.args, self.keywords
        parts = [repr(func)]
        parts += [repr(x) for x in args]
        parts += [f"{k}={v!r}" for k, v in keywords.items()]
        return f"{cls.__module__}.{cls.__qualname__}({', '.join(parts)})"

    def __reduce__(self):
        return type(self), (self.func,), (self.func, self.args, self.keywords or None,
                                          self.__dict__ or None)

    def __setstate__(self, state):
        if not isinstance(state, tuple) or len(state) != 4:
            raise TypeError("invalid partial state")
        func, args, keywords, namespace = state
        if (not callable(func) or not isinstance(args, tuple) or
                (keywords is not None and not isinstance(keywords, dict))):
            raise TypeError("invalid partial state")
        if args and args[-1] is Placeholder:
            raise TypeError("trailing Placeholders are not allowed")
        args = tuple(args)
        if keywords is None:
            keywords = {}
        elif type(keywords) is not dict:
            keywords = dict(keywords)
        if namespace is None:
            namespace = {}
        _set(self, func, args, keywords)
        self.__dict__ = namespace

    __class_getitem__ = classmethod(_GenericAlias)


def _set(self, func, args, keywords):
    hole = Placeholder if [x for x in args if x is Placeholder] else None
    self._fill(func, args, keywords, hole)


def _fill(left, right):
    """`left` with its placeholders filled from `right`, then what is left of `right`."""
    used, out = 0, []
    for x in left:
        if x is Placeholder and used < len(right):
            x = right[used]
            used += 1
        out.append(x)
    out.extend(right[used:])
    if out and out[-1] is Placeholder:
        raise TypeError("trailing Placeholders are not allowed")
    return tuple(out)


partial.__module__ = 'functools'


_kwd_mark = object()


class _lru_cache_wrapper(_lru_cache):
    __slots__ = ('__dict__', '__weakref__')

    def __new__(cls, user_function, maxsize, typed, cache_info_type):
        if not callable(user_function):
            raise TypeError("the first argument must be callable")
        if maxsize is not None:
            if not hasattr(type(maxsize), '__index__'):
                raise TypeError("maxsize should be integer or None")
            maxsize = max(maxsize.__index__(), 0)
        self = _lru_cache.__new__(cls)
        self._fill(user_function, maxsize, bool(typed), cache_info_type, _kwd_mark)
        return self

    def __get__(self, obj, objtype=None):
        if obj is None:
            return self
        return _MethodType(self, obj)

    def __reduce__(self):
        return self.__qualname__

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self


_lru_cache_wrapper.__module__ = 'functools'

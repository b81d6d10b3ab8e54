# native: `partial`, `reduce`, `cmp_to_key`, `lru_cache`'s wrapper.
# CPython's counterpart: Modules/_functoolsmodule.c.

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


class partial:
    __slots__ = ('_func', '_args', '_keywords', '_holes', '__dict__', '__weakref__')

    func = property(lambda self: self._func)
    args = property(lambda self: self._args)
    keywords = property(lambda self: self._keywords)

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
        self = object.__new__(cls)
        _set(self, func, args, keywords)
        return self

    def __call__(self, /, *args, **keywords):
        holes = self._holes
        if holes:
            if len(args) < holes:
                raise TypeError("missing positional arguments in 'partial' call; "
                                f"expected at least {holes}, got {len(args)}")
            args = _fill(self._args, args)
        else:
            args = (*self._args, *args)
        if self._keywords:
            keywords = {**self._keywords, **keywords}
        return self._func(*args, **keywords)

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
    put = object.__setattr__
    put(self, '_func', func)
    put(self, '_args', args)
    put(self, '_keywords', keywords)
    put(self, '_holes', len([x for x in args if x is Placeholder]))


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


class _lru_list_elem:
    __slots__ = ('prev', 'next', 'key', 'result')


def _make_key(args, kwds, typed):
    if kwds or typed:
        key = args
        if kwds:
            key += (_kwd_mark,)
            for item in kwds.items():
                key += item
        if typed:
            key += tuple([type(v) for v in args])
            if kwds:
                key += tuple([type(v) for v in kwds.values()])
        return key
    if len(args) == 1 and (type(args[0]) is int or type(args[0]) is str):
        return args[0]
    return args


_kwd_mark = object()


class _lru_cache_wrapper:
    __slots__ = ('_call', '_typed', '_maxsize', '_info', '_cache', '_hits', '_misses', '_root',
                 '__dict__', '__weakref__')

    def __new__(cls, user_function, maxsize, typed, cache_info_type):
        if not callable(user_function):
            raise TypeError("the first argument must be callable")
        if maxsize is not None:
            if not hasattr(type(maxsize), '__index__'):
                raise TypeError("maxsize should be integer or None")
            maxsize = max(maxsize.__index__(), 0)
        self = object.__new__(cls)
        self._call, self._typed, self._maxsize = user_function, typed, maxsize
        self._info, self._cache, self._hits, self._misses = cache_info_type, {}, 0, 0
        root = self._root = _lru_list_elem()
        root.prev = root.next = root
        return self

    def __call__(self, /, *args, **kwds):
        maxsize = self._maxsize
        if maxsize == 0:
            self._misses += 1
            return self._call(*args, **kwds)
        key = _make_key(args, kwds, self._typed)
        cache = self._cache
        found = cache.get(key, _missing)
        if maxsize is None:
            if found is not _missing:
                self._hits += 1
                return found
            self._misses += 1
            result = self._call(*args, **kwds)
            cache[key] = result
            return result
        root = self._root
        if found is not _missing:
            # The most recent one comes last.
            before, after = found.prev, found.next
            before.next, after.prev = after, before
            last = root.prev
            last.next = root.prev = found
            found.prev, found.next = last, root
            self._hits += 1
            return found.result
        self._misses += 1
        result = self._call(*args, **kwds)
        if key in cache:
            return result
        if len(cache) >= maxsize:
            oldest = root.next
            if oldest is not root:
                root.next = oldest.next
                oldest.next.prev = root
                oldest.prev = oldest.next = None
                cache.pop(oldest.key, None)
        link = _lru_list_elem()
        link.key, link.result = key, result
        last = root.prev
        last.next = root.prev = link
        link.prev, link.next = last, root
        cache[key] = link
        return result

    def __get__(self, obj, objtype=None):
        if obj is None:
            return self
        return _MethodType(self, obj)

    def cache_info(self):
        return self._info(self._hits, self._misses, self._maxsize, len(self._cache))

    def cache_clear(self):
        self._hits = self._misses = 0
        self._cache.clear()
        root = self._root
        root.prev = root.next = root

    def __reduce__(self):
        return self.__qualname__

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self


_lru_cache_wrapper.__module__ = 'functools'

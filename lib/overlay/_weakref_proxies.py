# native: proxies of weak references: classes that forward every operation.
# CPython's counterpart: Objects/weakrefobject.c.

from _weakref_native import ref, getweakrefs

__name__ = '_weakref'


def _target(proxy):
    obj = object.__getattribute__(proxy, '_ref')()
    if obj is None:
        raise ReferenceError("weakly-referenced object no longer exists")
    return obj


class ProxyType:
    __slots__ = ('_ref', '__weakref__')

    def __new__(cls, *args):
        raise TypeError(f"cannot create 'weakref.{cls.__name__}' instances")

    def __getattribute__(self, name):
        if name == '__class__':
            return _target(self).__class__
        return getattr(_target(self), name)

    def __setattr__(self, name, value):
        setattr(_target(self), name, value)

    def __delattr__(self, name):
        delattr(_target(self), name)

    def __repr__(self):
        obj = object.__getattribute__(self, '_ref')()
        return (f"<weakproxy at {id(self):#x}; to '{type(obj).__name__}' at {id(obj):#x}>")

    def __str__(self):
        return str(_target(self))

    def __bytes__(self):
        return bytes(_target(self))

    def __bool__(self):
        return bool(_target(self))

    def __hash__(self):
        raise TypeError(f"unhashable type: 'weakref.{type(self).__name__}'")

    def __len__(self):
        return len(_target(self))

    def __getitem__(self, key):
        return _target(self)[key]

    def __setitem__(self, key, value):
        _target(self)[key] = value

    def __delitem__(self, key):
        del _target(self)[key]

    def __contains__(self, item):
        return item in _target(self)

    def __iter__(self):
        return iter(_target(self))

    def __next__(self):
        obj = _target(self)
        if not hasattr(type(obj), '__next__'):
            raise TypeError(f"Weakref proxy referenced a non-iterator '{type(obj).__name__}' object")
        return next(obj)

    def __reversed__(self):
        return reversed(_target(self))

    def __int__(self):
        return int(_target(self))

    def __float__(self):
        return float(_target(self))

    def __index__(self):
        return _target(self).__index__()

    def __neg__(self):
        return -_target(self)

    def __pos__(self):
        return +_target(self)

    def __abs__(self):
        return abs(_target(self))

    def __invert__(self):
        return ~_target(self)

    def __pow__(self, other, mod=None):
        return pow(_target(self), _unwrap(other), mod)

    def __rpow__(self, other):
        return pow(_unwrap(other), _target(self))


class CallableProxyType(ProxyType):
    __slots__ = ()

    def __call__(self, /, *args, **kwargs):
        return _target(self)(*args, **kwargs)


def _unwrap(value):
    if type(value) in (ProxyType, CallableProxyType):
        return _target(value)
    return value


def _forward():
    operators = {
        'add': lambda a, b: a + b, 'sub': lambda a, b: a - b, 'mul': lambda a, b: a * b,
        'truediv': lambda a, b: a / b, 'floordiv': lambda a, b: a // b, 'mod': lambda a, b: a % b,
        'divmod': divmod, 'lshift': lambda a, b: a << b, 'rshift': lambda a, b: a >> b,
        'and': lambda a, b: a & b, 'or': lambda a, b: a | b, 'xor': lambda a, b: a ^ b,
        'matmul': lambda a, b: a @ b,
    }

    def install(name, op):
        def forward(self, other):
            return op(_target(self), _unwrap(other))

        def backward(self, other):
            return op(_unwrap(other), _target(self))

        setattr(ProxyType, f'__{name}__', forward)
        setattr(ProxyType, f'__r{name}__', backward)

    def install_inplace(name, op):
        def inplace(self, other):
            return op(_target(self), _unwrap(other))
        setattr(ProxyType, f'__i{name}__', inplace)

    def install_compare(name, op):
        def compare(self, other):
            return op(_unwrap(self), _unwrap(other))
        setattr(ProxyType, f'__{name}__', compare)

    for name, op in operators.items():
        install(name, op)
    import_inplace = {
        'add': _iadd, 'sub': _isub, 'mul': _imul, 'truediv': _itruediv, 'floordiv': _ifloordiv,
        'mod': _imod, 'lshift': _ilshift, 'rshift': _irshift, 'and': _iand, 'or': _ior,
        'xor': _ixor, 'matmul': _imatmul, 'pow': _ipow,
    }
    for name, op in import_inplace.items():
        install_inplace(name, op)
    for name, op in {'eq': lambda a, b: a == b, 'ne': lambda a, b: a != b,
                     'lt': lambda a, b: a < b, 'le': lambda a, b: a <= b,
                     'gt': lambda a, b: a > b, 'ge': lambda a, b: a >= b}.items():
        install_compare(name, op)


def _iadd(a, b):
    a += b
    return a


def _isub(a, b):
    a -= b
    return a


def _imul(a, b):
    a *= b
    return a


def _itruediv(a, b):
    a /= b
    return a


def _ifloordiv(a, b):
    a //= b
    return a


def _imod(a, b):
    a %= b
    return a


def _ilshift(a, b):
    a <<= b
    return a


def _irshift(a, b):
    a >>= b
    return a


def _iand(a, b):
    a &= b
    return a


def _ior(a, b):
    a |= b
    return a


def _ixor(a, b):
    a ^= b
    return a


def _imatmul(a, b):
    a @= b
    return a


def _ipow(a, b):
    a **= b
    return a


_forward()
ProxyType.__module__ = CallableProxyType.__module__ = 'weakref'


class _Link(ref):
    # What a proxy without callback holds: its target and, so that the target has one such proxy, itself.
    __slots__ = ('proxy',)


def proxy(object, callback=None, /):
    if callback is not None:
        return _make(object, ref(object, lambda _, me=None: callback(me())))
    for link in getweakrefs(object):
        if type(link) is _Link and (found := link.proxy()) is not None:
            return found
    link = _Link(object)
    self = _make(object, link)
    link.proxy = ref(self)
    return self


def _make(target, link):
    self = _new(CallableProxyType if callable(target) else ProxyType)
    _set_ref(self, '_ref', link)
    callback = link.__callback__
    if callback is not None:
        callback.__defaults__ = (ref(self),)
    return self


_new = object.__new__
_set_ref = object.__setattr__

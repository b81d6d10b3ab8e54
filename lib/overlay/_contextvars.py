# native: context variables; the context of a tasklet is a value that the VM keeps.
# CPython's counterpart: Python/context.c.

"""Variables whose values belong to a context."""

import sys as _sys
from _native import opaque as _opaque

_get = _sys._get_context
_set = _sys._set_context
_missing = object()


def _current():
    context = _get()
    if context is None:
        context = Context()
        context._entered = True
        _set(context)
    return context


@_opaque
class Context:
    __slots__ = ('_values', '_entered', '_previous', '__weakref__')
    __hash__ = None

    def __new__(cls, /, *args, **kwargs):
        if args or kwargs:
            raise TypeError("Context() does not accept any arguments")
        self = object.__new__(cls)
        self._values, self._entered, self._previous = {}, False, None
        return self

    def run(*args, **kwargs):
        self, *args = args
        if not args:
            raise TypeError("run() missing 1 required positional argument")
        callable, *args = args
        if self._entered:
            raise RuntimeError(f"cannot enter context: {self!r} is already entered")
        previous = _get()
        self._entered = True
        _set(self)
        try:
            return callable(*args, **kwargs)
        finally:
            _set(previous)
            self._entered = False

    def copy(self):
        new = Context()
        new._values = dict(self._values)
        return new

    def get(self, key, default=None, /):
        return self._values.get(_key(key), default)

    def __getitem__(self, key, /):
        return self._values[_key(key)]

    def __contains__(self, key, /):
        return _key(key) in self._values

    def __iter__(self):
        return iter(self._values)

    def __len__(self):
        return len(self._values)

    def keys(self):
        return self._values.keys()

    def values(self):
        return self._values.values()

    def items(self):
        return self._values.items()

    def __eq__(self, other):
        if not isinstance(other, Context):
            return NotImplemented
        return self._values == other._values


def _key(key):
    if type(key) is not ContextVar:
        raise TypeError(f"a ContextVar key was expected, got {key!r}")
    return key


@_opaque
class ContextVar:
    __slots__ = ('_name', '_default', '__weakref__')

    def __new__(cls, /, *args, default=_missing, **wrong):
        if len(args) != 1:
            limit = 'exactly' if not args else 'at most'
            raise TypeError(f"ContextVar() takes {limit} 1 positional argument ({len(args)} given)")
        for name in wrong:
            raise TypeError(f"ContextVar() got an unexpected keyword argument '{name}'")
        name, = args
        if not isinstance(name, str):
            raise TypeError("context variable name must be a str")
        hash(name)
        self = object.__new__(cls)
        self._name, self._default = name, default
        return self

    name = property(lambda self: self._name)

    def get(self, default=_missing, /):
        value = _current()._values.get(self, _missing)
        if value is not _missing:
            return value
        if default is not _missing:
            return default
        if self._default is not _missing:
            return self._default
        raise LookupError(self)

    def set(self, value, /):
        context = _current()
        token = object.__new__(Token)
        token._context, token._var, token._used = context, self, False
        token._old = context._values.get(self, _missing)
        # A copy, so that iteration over an old state goes on.
        context._values = {**context._values, self: value}
        return token

    def reset(self, token, /):
        if type(token) is not Token:
            raise TypeError(f"expected an instance of Token, got {token!r}")
        if token._used:
            raise RuntimeError(f"{token!r} has already been used once")
        if token._var is not self:
            raise ValueError(f"{token!r} was created by a different ContextVar")
        context = _current()
        if token._context is not context:
            raise ValueError(f"{token!r} was created in a different Context")
        token._used = True
        values = dict(context._values)
        if token._old is _missing:
            values.pop(self, None)
        else:
            values[self] = token._old
        context._values = values

    def __repr__(self):
        default = '' if self._default is _missing else f" default={self._default!r}"
        return f"<ContextVar name={self._name!r}{default} at {id(self):#x}>"

    __class_getitem__ = classmethod(type(list[int]))


class _Missing:
    def __repr__(self):
        return '<Token.MISSING>'


@_opaque
class Token:
    MISSING = _Missing()
    __hash__ = None

    def __new__(cls, *args, **kw):
        raise RuntimeError("Tokens can only be created by ContextVars")

    var = property(lambda self: self._var)

    @property
    def old_value(self):
        return Token.MISSING if self._old is _missing else self._old

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self._var.reset(self)

    def __repr__(self):
        used = ' used' if self._used else ''
        return f"<Token{used} var={self._var!r} at {id(self):#x}>"

    __class_getitem__ = classmethod(type(list[int]))


def _final(cls):
    raise TypeError(f"type '_contextvars.{cls.__name__}' is not an acceptable base type")


for _cls in (Context, ContextVar, Token):
    _cls.__module__ = '_contextvars'
    _cls.__init_subclass__ = classmethod(lambda sub, cls=_cls: _final(cls))


def copy_context():
    return _current().copy()

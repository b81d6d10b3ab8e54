# native: type parameters and their kin. CPython's counterpart: Objects/typevarobject.c.

"""The classes of typing that the interpreter knows."""

import sys as _sys

from _native import immutable as _immutable

_missing = object()


class _NoDefault:
    """The default of a type parameter that has none."""

    __slots__ = ()

    def __new__(cls):
        return NoDefault

    def __init_subclass__(cls):
        raise TypeError("type 'NoDefaultType' is not an acceptable base type")

    def __repr__(self):
        return 'typing.NoDefault'

    def __reduce__(self):
        return 'NoDefault'


_NoDefault.__name__ = _NoDefault.__qualname__ = 'NoDefaultType'
NoDefault = object.__new__(_NoDefault)
Union = type(int | str)


def _idfunc(x, /):
    return x


def _caller():
    name = _sys._getframemodulename(0)
    return None if name == 'builtins' else name


class _ConstEvaluator:
    """`evaluate_bound` and its kin of what was given as a value."""
    __module__ = '_typing'
    __slots__ = ('_value',)

    def __new__(cls, *args, **kwargs):
        raise TypeError("cannot create '_typing._ConstEvaluator' instances")

    def __call__(self, format, /):
        if format != 4:
            return self._value
        import annotationlib
        if isinstance(self._value, tuple):
            items = [annotationlib.type_repr(item) for item in self._value]
            return f"({', '.join(items)}{',' if len(items) == 1 else ''})"
        return annotationlib.type_repr(self._value)

    def __repr__(self):
        return f"<constevaluator {self._value!r}>"


def _constant(value):
    self = object.__new__(_ConstEvaluator)
    self._value = value
    return self


def _starred(alias):
    """`*alias`, as pickles name it."""
    return next(iter(alias))


def _check(value, what):
    import typing
    return typing._type_check(value, what)


class _Param:
    """Name, module and default of a type parameter; lazy parts are functions until asked for."""

    def _start(self, name, default):
        if not isinstance(name, str):
            raise TypeError(f"{type(self).__name__}() argument 'name' must be str, not "
                            f"{type(name).__name__}")
        self.__name__ = name
        self._default, self._evaluate_default = default, None
        self.__module__ = _caller()

    @property
    def __default__(self):
        if self._default is _missing:
            self._default = self._evaluate_default(1)
        return self._default

    @property
    def evaluate_default(self):
        if self._evaluate_default is not None:
            return self._evaluate_default
        if self._default is NoDefault:
            return None
        return _constant(self._default)

    def has_default(self):
        return self._default is not NoDefault

    def __repr__(self):
        if self.__infer_variance__:
            return self.__name__
        sign = '+' if self.__covariant__ else '-' if self.__contravariant__ else '~'
        return sign + self.__name__

    def __reduce__(self):
        return self.__name__

    def __or__(self, other):
        return Union[self, other]

    def __ror__(self, other):
        return Union[other, self]

    def __mro_entries__(self, bases):
        raise TypeError(f"Cannot subclass an instance of {type(self).__name__}")

    def __init_subclass__(cls, /, **kw):
        if cls.__module__ != 'typing':
            raise TypeError(f"type 'typing.{cls.__mro__[1].__name__}' is not an acceptable base type")

    def _variance(self, covariant, contravariant, infer):
        if covariant and contravariant:
            raise ValueError("Bivariant types are not supported.")
        if infer and (covariant or contravariant):
            raise ValueError("Variance cannot be specified with infer_variance.")
        self.__covariant__, self.__contravariant__ = bool(covariant), bool(contravariant)
        self.__infer_variance__ = bool(infer)


_Param.__module__ = 'typing'


class TypeVar(_Param):
    __module__ = 'typing'

    def __init__(self, name, *constraints, bound=None, default=NoDefault, covariant=False,
                 contravariant=False, infer_variance=False):
        self._start(name, default)
        self._variance(covariant, contravariant, infer_variance)
        if bound is not None:
            bound = _check(bound, "Bound must be a type.")
            if constraints:
                raise TypeError("Constraints cannot be combined with bound=...")
        if len(constraints) == 1:
            raise TypeError("A single constraint is not allowed")
        self._bound, self._evaluate_bound = bound, None
        self._constraints = constraints
        self._evaluate_constraints = None

    @property
    def __bound__(self):
        if self._bound is _missing:
            self._bound = self._evaluate_bound(1)
        return self._bound

    @property
    def __constraints__(self):
        if self._constraints is _missing:
            self._constraints = self._evaluate_constraints(1)
        return self._constraints

    @property
    def evaluate_bound(self):
        if self._evaluate_bound is None and self._bound is not None:
            return _constant(self._bound)
        return self._evaluate_bound

    @property
    def evaluate_constraints(self):
        if self._evaluate_constraints is None and self._constraints:
            return _constant(self._constraints)
        return self._evaluate_constraints

    def __typing_subst__(self, arg, /):
        import typing
        return typing._typevar_subst(self, arg)

    def __typing_prepare_subst__(self, alias, args, /):
        params = alias.__parameters__
        i = params.index(self)
        if i < len(args):
            return args
        if self._default is not NoDefault and i == len(args):
            return (*args, self.__default__)
        raise TypeError(f"Too few arguments for {alias}; actual {len(args)}, expected at least {i + 1}")


class ParamSpecArgs:
    def __init__(self, origin):
        self.__origin__ = origin

    def __repr__(self):
        return f"{self.__origin__.__name__}.args"

    def __eq__(self, other):
        if type(other) is not type(self):
            return NotImplemented
        return self.__origin__ == other.__origin__

    __hash__ = object.__hash__

    def __mro_entries__(self, bases):
        raise TypeError(f"Cannot subclass an instance of {type(self).__name__}")


class ParamSpecKwargs:
    def __repr__(self):
        return f"{self.__origin__.__name__}.kwargs"

    __init__, __eq__ = ParamSpecArgs.__init__, ParamSpecArgs.__eq__
    __hash__, __mro_entries__ = object.__hash__, ParamSpecArgs.__mro_entries__


def _final(cls):
    def refuse(sub):
        raise TypeError(f"type 'typing.{cls.__name__}' is not an acceptable base type")
    cls.__module__ = 'typing'
    cls.__init_subclass__ = classmethod(refuse)


_final(ParamSpecArgs)
_final(ParamSpecKwargs)


class ParamSpec(_Param):
    __module__ = 'typing'

    def __init__(self, name, *, bound=None, default=NoDefault, covariant=False,
                 contravariant=False, infer_variance=False):
        self._start(name, default)
        self._variance(covariant, contravariant, infer_variance)
        self.__bound__ = bound

    args = property(ParamSpecArgs)
    kwargs = property(ParamSpecKwargs)

    def __typing_subst__(self, arg, /):
        import typing
        return typing._paramspec_subst(self, arg)

    def __typing_prepare_subst__(self, alias, args, /):
        import typing
        return typing._paramspec_prepare_subst(self, alias, args)


class TypeVarTuple(_Param):
    __module__ = 'typing'
    __infer_variance__ = True

    def __init__(self, name, *, default=NoDefault):
        self._start(name, default)

    def __iter__(self):
        import typing
        yield typing.Unpack[self]

    def __repr__(self):
        return self.__name__

    def __typing_subst__(self, arg, /):
        raise TypeError("Substitution of bare TypeVarTuple is not supported")

    def __typing_prepare_subst__(self, alias, args, /):
        import typing
        return typing._typevartuple_prepare_subst(self, alias, args)


class TypeAliasType:
    __module__ = 'typing'

    def __new__(cls, name, value, *, type_params=(), qualname=None):
        if not isinstance(name, str):
            raise TypeError(f"typealias() argument 'name' must be str, not {type(name).__name__}")
        if not isinstance(type_params, tuple):
            raise TypeError("type_params must be a tuple")
        seen_default = False
        for param in type_params:
            if type(param) not in (TypeVar, ParamSpec, TypeVarTuple):
                raise TypeError(f"Expected a type param, got {param!r}")
            if param.has_default():
                seen_default = True
            elif seen_default:
                raise TypeError(f"non-default type parameter {param!r} follows default type "
                                "parameter")
        self = object.__new__(cls)
        _fill_alias(self, name, type_params, value, None, _caller())
        return self

    __name__ = property(lambda self: self._name)
    __type_params__ = property(lambda self: self._params)

    @property
    def __parameters__(self):
        out = []
        for p in self._params:
            if type(p) is TypeVarTuple:
                out.extend(p)
            else:
                out.append(p)
        return tuple(out)

    @property
    def __value__(self):
        if self._value is _missing:
            self._value = self._evaluate(1)
        return self._value

    @property
    def evaluate_value(self):
        if self._evaluate is not None:
            return self._evaluate
        return _constant(self._value)

    def __getitem__(self, args):
        if not self._params:
            raise TypeError("Only generic type aliases are subscriptable")
        return type(list[int])(self, args if isinstance(args, tuple) else (args,))

    def __iter__(self):
        import typing
        yield typing.Unpack[self]

    def __repr__(self):
        return self._name

    def __reduce__(self):
        return self._name

    def __or__(self, other):
        return Union[self, other]

    def __ror__(self, other):
        return Union[other, self]

    def __init_subclass__(cls, /, **kw):
        raise TypeError("type 'typing.TypeAliasType' is not an acceptable base type")


def _fill_alias(self, name, params, value, evaluate, module):
    self._name, self._params, self._value = name, params, value
    self._evaluate, self.__module__ = evaluate, module


_immutable(TypeAliasType)


class Generic:
    """Base of generic classes."""
    __module__ = 'typing'
    __slots__ = ()
    _is_protocol = False

    def __class_getitem__(cls, *args, **kwargs):
        import typing
        return typing._generic_class_getitem(cls, *args, **kwargs)

    def __init_subclass__(cls, *args, **kwargs):
        import typing
        return typing._generic_init_subclass(cls, *args, **kwargs)


# What the compiler's instructions for `def f[T]` and `type X = …` make.

def _lazy_typevar(name, bound=None, constraints=None):
    self = TypeVar(name, infer_variance=True)
    if bound is not None:
        self._bound, self._evaluate_bound = _missing, bound
    if constraints is not None:
        self._constraints, self._evaluate_constraints = _missing, constraints
    return self


def _lazy_paramspec(name):
    return ParamSpec(name, infer_variance=True)


def _lazy_default(param, evaluate):
    param._default, param._evaluate_default = _missing, evaluate
    return param


def _lazy_alias(name, params, evaluate):
    self = object.__new__(TypeAliasType)
    _fill_alias(self, name, params or (), _missing, evaluate, _caller())
    return self


def _subscript_generic(params):
    import typing
    unpacked = tuple([typing.Unpack[p] if type(p) is TypeVarTuple else p for p in params])
    return typing._GenericAlias(Generic, unpacked)

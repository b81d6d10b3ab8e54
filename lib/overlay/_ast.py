# native: the node classes of the syntax tree, made from the compiler's grammar.
# CPython's counterpart: Python/Python-ast.c.

import _ast_native as _n

PyCF_ONLY_AST, PyCF_TYPE_COMMENTS, PyCF_ALLOW_TOP_LEVEL_AWAIT, PyCF_OPTIMIZED_AST = (
    0x400, 0x1000, 0x2000, 0x8400)

_POSITION = ('lineno', 'col_offset', 'end_lineno', 'end_col_offset')
_Union, _Alias = type(int | str), type(list[int])


def _shown(cls):
    return 'ast.AST' if cls is AST else cls.__name__


def _deprecated(text):
    import warnings
    warnings.warn(text, DeprecationWarning, 1)


class AST:
    __module__ = 'ast'
    _fields = ()
    _attributes = ()
    __match_args__ = ()

    def __init__(self, /, *args, **kwargs):
        cls = type(self)
        fields = cls._fields
        if len(args) > len(fields):
            plural = '' if len(fields) == 1 else 's'
            raise TypeError(f"{cls.__name__} constructor takes at most {len(fields)} positional "
                            f"argument{plural}")
        left = {name: None for name in fields}
        for name, value in zip(fields, args):
            setattr(self, name, value)
            left.pop(name, None)
        for name, value in kwargs.items():
            if name in fields:
                if name not in left:
                    raise TypeError(f"{_shown(cls)} got multiple values for argument {name!r}")
                del left[name]
            elif name not in cls._attributes:
                _deprecated(f"{_shown(cls)}.__init__ got an unexpected keyword argument {name!r}. "
                            "Support for arbitrary keyword arguments is deprecated and will be "
                            "removed in Python 3.15.")
            setattr(self, name, value)
        if not left:
            return
        types = getattr(cls, '_field_types', None)
        if types is None:
            # A class of the program's own, without types: its fields may stay away.
            return
        for name in left:
            kind = types.get(name, _missing)
            if kind is _missing:
                _deprecated(f"Field {name!r} is missing from {_shown(cls)}._field_types. "
                            "This will become an error in Python 3.15.")
            elif isinstance(kind, _Union):
                pass
            elif isinstance(kind, _Alias):
                setattr(self, name, [])
            elif kind is expr_context:
                setattr(self, name, _load)
            else:
                _deprecated(f"{_shown(cls)}.__init__ missing 1 required positional argument: "
                            f"{name!r}. This will become an error in Python 3.15.")

    def __reduce__(self):
        state = self.__dict__
        count = 0
        for name in type(self)._fields:
            if name not in state:
                break
            count += 1
        return type(self), (None,) * count, state

    def __replace__(self, /, *args, **changes):
        if args:
            raise TypeError("__replace__() takes no positional arguments")
        cls = type(self)
        fields, attributes = cls._fields, cls._attributes
        state = self.__dict__
        for name in changes:
            if name not in fields and name not in attributes:
                raise TypeError(f"{_shown(cls)}.__replace__ got an unexpected keyword argument "
                                f"{name!r}.")
        types = getattr(cls, '_field_types', {})
        absent = [repr(name) for name in fields
                  if name not in changes and name not in state
                  and not isinstance(types.get(name), _Union)]
        if absent:
            absent.sort()
            plural = '' if len(absent) == 1 else 's'
            raise TypeError(f"{_shown(cls)}.__replace__ missing {len(absent)} keyword "
                            f"argument{plural}: {', '.join(absent)}.")
        values = {name: state[name] for name in (*fields, *attributes) if name in state}
        values.update(changes)
        return cls(**values)

    def __repr__(self):
        return _show(self, 3)


_missing = object()
_active = set()


def _show(node, depth):
    name = _shown(type(node))
    if depth <= 0 or id(node) in _active:
        return f"{name}(...)"
    _active.add(id(node))
    try:
        parts = []
        for field in type(node)._fields:
            value = getattr(node, field)
            if isinstance(value, (list, tuple)):
                text = _show_items(value, depth - 1)
            elif isinstance(value, AST):
                text = _show(value, depth - 1)
            else:
                text = repr(value)
            parts.append(f"{field}={text}")
        return f"{name}({', '.join(parts)})"
    finally:
        _active.discard(id(node))


def _show_items(items, depth):
    """The first and the last item."""
    parts = []
    for item in (items[0], items[-1]) if len(items) > 1 else items:
        parts.append(_show(item, depth) if isinstance(item, AST) else repr(item))
    if len(items) > 2:
        parts.insert(1, '...')
    text = ', '.join(parts)
    return f"[{text}]" if isinstance(items, list) else f"({text})"


def _make():
    space = (lambda: 0).__globals__
    known = {'identifier': str, 'string': str, 'int': int, 'constant': object}
    classes = _n.classes()

    def cls(name, base, fields, positioned, doc):
        names = tuple([f for f, sort, count in fields])
        ns = {'__module__': 'ast', '__doc__': doc, '_fields': names, '__match_args__': names}
        for field, sort, count in fields:
            if count == 1:
                ns[field] = None
        if positioned is not None:
            ns['_attributes'] = _POSITION if positioned else ()
            if positioned:
                ns['end_lineno'] = ns['end_col_offset'] = None
        space[name] = known[name] = new = type(name, (base,), ns)
        return new

    texts = {}
    for name, sort, positioned, doc, fields in classes:
        texts.setdefault(sort, []).append(doc)
    made = []
    for name, sort, positioned, doc, fields in classes:
        if name == sort:
            made.append(cls(name, AST, fields, positioned, doc))
            continue
        if sort not in known:
            text = f"{sort} = " + ('\n' + ' ' * len(sort) + ' | ' if any(
                '(' in t for t in texts[sort]) else ' | ').join(texts[sort])
            cls(sort, AST, (), positioned, text)
        made.append(cls(name, known[sort], fields, None, doc))
    for new, (name, sort, positioned, doc, fields) in zip(made, classes):
        types = {}
        for field, sort, count in fields:
            kind = known[sort]
            types[field] = kind | None if count == 1 else list[kind] if count else kind
        new._field_types = types
        new.__annotations__ = dict(types)
    # Nodes without contents are made once.
    singles = [None if new._fields or new._attributes else new() for new in made]
    return tuple(made), tuple(singles)


# What the native side needs to make and read nodes: the classes by number, and the single objects.
_table = _make()
_load = _table[1][_table[0].index(Load)]

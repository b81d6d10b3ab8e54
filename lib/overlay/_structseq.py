# native: struct sequences, the named tuples of sys, posix, time and others.
# CPython's counterpart: Objects/structseq.c.


def _field(index):
    return property(lambda self: tuple.__getitem__(self, index))


def _extra(name):
    return property(lambda self: self.__dict__['_extra'].get(name))


# Shared by all types: what a field does depends on its place only.
_fields, _extras = [], {}


def make(name, fields, sequence=None, unnamed=(), doc=None, constructible=True):
    """A struct sequence type: `fields` in order, the first `sequence` of which are items."""
    module, _, short = name.rpartition('.')
    count = len(fields)
    visible = count if sequence is None else sequence
    total_unnamed = len(unnamed)

    def __new__(cls, sequence, dict={}):
        if not constructible:
            raise TypeError(f"cannot create '{name}' instances")
        items = tuple(sequence)
        if len(items) < visible:
            kind = "at least " if count > visible else ""
            raise TypeError(f"{name}() takes an {kind}{visible}-sequence ({len(items)}-sequence given)"
                            if kind else
                            f"{name}() takes a {visible}-sequence ({len(items)}-sequence given)")
        if len(items) > count:
            kind = "at most " if count > visible else ""
            raise TypeError(f"{name}() takes an {kind}{count}-sequence ({len(items)}-sequence given)"
                            if kind else
                            f"{name}() takes a {count}-sequence ({len(items)}-sequence given)")
        return _make(cls, items, dict)

    def _make(cls, items, more):
        self = tuple.__new__(cls, items[:visible])
        extra = {}
        for i in range(visible, count):
            field = fields[i]
            extra[field] = items[i] if i < len(items) else more.get(field)
        self.__dict__['_extra'] = extra
        return self

    def __repr__(self):
        parts = ', '.join([f"{n}={v!r}" for n, v in zip(named, self)])
        return f"{name}({parts})"

    def __reduce__(self):
        return (type(self), (tuple(self), dict(self.__dict__['_extra'])))

    def __setattr__(self, attribute, value):
        if attribute in fields and attribute not in unnamed:
            raise AttributeError("readonly attribute")
        raise AttributeError(f"'{name}' object has no attribute '{attribute}'")

    def __replace__(self, /, **changes):
        items = list(self)
        extra = dict(self.__dict__['_extra'])
        for i, n in enumerate(fields[:visible]):
            if n in changes:
                items[i] = changes.pop(n)
        for n in list(changes):
            if n in extra:
                extra[n] = changes.pop(n)
        if changes:
            raise TypeError(f"Got unexpected field name(s): {list(changes)!r}")
        return _make(type(self), items, extra)

    named = [f for f in fields[:visible] if f not in unnamed]
    ns = {
        '__new__': __new__, '__setattr__': __setattr__, '__repr__': __repr__, '__reduce__': __reduce__,
        '__replace__': __replace__, '__module__': module, '__qualname__': short, '__doc__': doc,
        'n_fields': count, 'n_sequence_fields': visible, 'n_unnamed_fields': total_unnamed,
        '__match_args__': tuple(named),
    }
    for i, field in enumerate(fields):
        if field in unnamed:
            continue
        if i < visible:
            while i >= len(_fields):
                _fields.append(_field(len(_fields)))
            ns[field] = _fields[i]
        else:
            if field not in _extras:
                _extras[field] = _extra(field)
            ns[field] = _extras[field]
    cls = type(short, (tuple,), ns)
    cls_make = lambda items, extra={}: _make(cls, items, extra)
    return cls, cls_make

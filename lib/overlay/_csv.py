# native: dialects, readers and writers over the native state machine. CPython's counterpart:
# Modules/_csv.c.

"""The reader and the writer of the csv module, and its dialects."""

import _csv_native as _n
from _native import immutable as _immutable, opaque as _opaque

QUOTE_MINIMAL, QUOTE_ALL, QUOTE_NONNUMERIC, QUOTE_NONE, QUOTE_STRINGS, QUOTE_NOTNULL = range(6)
_START_RECORD, _IN_QUOTED = 0, 4
_dialects = {}
_limit = 131072
_absent = object()
_NAMES = ('delimiter', 'doublequote', 'escapechar', 'lineterminator', 'quotechar', 'quoting',
          'skipinitialspace', 'strict')


class Error(Exception):
    pass


Error.__module__ = '_csv'


def _char(name, value, optional):
    kind = "a unicode character or None" if optional else "a unicode character"
    if optional and value is None:
        return None
    if not isinstance(value, str):
        raise TypeError(f'"{name}" must be {kind}, not {type(value).__name__}')
    if len(value) != 1:
        raise TypeError(f'"{name}" must be {kind}, not a string of length {len(value)}')
    return value


def _check_char(name, c, dialect, space_allowed):
    if c is None:
        return
    if c in '\r\n' or (c == ' ' and not space_allowed and dialect['skipinitialspace']):
        raise ValueError(f"bad {name} value")
    if c in dialect['lineterminator']:
        raise ValueError(f"bad {name} or lineterminator value")


def _check_pair(first, second, a, b):
    if a is not None and a == b:
        raise ValueError(f"bad {first} or {second} value")


def _attribute(name):
    slot = '_' + name

    def read(self):
        return getattr(self, slot)

    def write(self, value):
        raise AttributeError(f"attribute '{name}' of '_csv.Dialect' objects is not writable")

    def delete(self):
        raise AttributeError(f"attribute '{name}' of '_csv.Dialect' objects is not writable")

    return property(read, write, delete)


class Dialect:
    __slots__ = ('_tuple', *['_' + n for n in _NAMES])
    __module__ = '_csv'

    def __new__(cls, dialect=None, delimiter=_absent, doublequote=_absent, escapechar=_absent,
                lineterminator=_absent, quotechar=_absent, quoting=_absent,
                skipinitialspace=_absent, strict=_absent):
        given = {'delimiter': delimiter, 'doublequote': doublequote, 'escapechar': escapechar,
                 'lineterminator': lineterminator, 'quotechar': quotechar, 'quoting': quoting,
                 'skipinitialspace': skipinitialspace, 'strict': strict}
        if dialect is not None:
            if isinstance(dialect, str):
                dialect = get_dialect(dialect)
            if type(dialect) is Dialect and cls is Dialect and not [
                    None for v in given.values() if v is not _absent]:
                return dialect
            for name, value in given.items():
                if value is _absent:
                    given[name] = getattr(dialect, name, _absent)
        d = {}
        value = given['delimiter']
        d['delimiter'] = ',' if value is _absent else _char('delimiter', value, False)
        value = given['doublequote']
        d['doublequote'] = True if value is _absent else bool(value)
        value = given['escapechar']
        d['escapechar'] = None if value is _absent else _char('escapechar', value, True)
        value = given['lineterminator']
        if value is _absent:
            value = '\r\n'
        elif not isinstance(value, str):
            raise TypeError(f'"lineterminator" must be a string, not {type(value).__name__}')
        d['lineterminator'] = value
        value = given['quotechar']
        d['quotechar'] = '"' if value is _absent else _char('quotechar', value, True)
        value = given['quoting']
        if value is _absent:
            value = QUOTE_MINIMAL
        elif type(value) is not int:
            raise TypeError(f'"quoting" must be an integer, not {type(value).__name__}')
        if not 0 <= value <= 5:
            raise TypeError('bad "quoting" value')
        d['quoting'] = value
        value = given['skipinitialspace']
        d['skipinitialspace'] = False if value is _absent else bool(value)
        value = given['strict']
        d['strict'] = False if value is _absent else bool(value)
        if d['quotechar'] is None and given['quoting'] is _absent:
            d['quoting'] = QUOTE_NONE
        if d['quoting'] != QUOTE_NONE and d['quotechar'] is None:
            raise TypeError("quotechar must be set if quoting enabled")
        _check_char('delimiter', d['delimiter'], d, True)
        _check_char('escapechar', d['escapechar'], d, not d['skipinitialspace'])
        _check_char('quotechar', d['quotechar'], d, not d['skipinitialspace'])
        _check_pair('delimiter', 'escapechar', d['delimiter'], d['escapechar'])
        _check_pair('delimiter', 'quotechar', d['delimiter'], d['quotechar'])
        _check_pair('escapechar', 'quotechar', d['escapechar'], d['quotechar'])
        self = object.__new__(cls)
        for name, value in d.items():
            setattr(self, '_' + name, value)
        self._tuple = (d['delimiter'], d['quotechar'], d['escapechar'], d['lineterminator'],
                       d['doublequote'], d['skipinitialspace'], d['quoting'], d['strict'])
        return self

    def __reduce_ex__(self, protocol, /):
        raise TypeError(f"cannot pickle '{type(self).__name__}' instances")



for _name in _NAMES:
    setattr(Dialect, _name, _attribute(_name))


_immutable(Dialect)


def _dialect(args, kwargs):
    """The dialect of a call's arguments."""
    for name in kwargs:
        if name not in _NAMES and name != 'dialect':
            raise TypeError(f"this function got an unexpected keyword argument '{name}'")
    return Dialect(*args, **kwargs)


@_opaque
class _Reader:
    __slots__ = ('_iterator', '_dialect', '_line_num', '_calls', '__weakref__')
    __module__ = '_csv'

    def __new__(cls, *args, **kwargs):
        raise TypeError("cannot create '_csv.reader' instances")

    @property
    def dialect(self):
        return self._dialect

    @property
    def line_num(self):
        return self._line_num

    def __iter__(self):
        return self

    def __next__(self):
        dialect = self._dialect._tuple
        # A record that failed is left behind.
        state, field, unquoted = _START_RECORD, '', False
        fields = None
        self._calls = call = self._calls + 1
        while True:
            try:
                line = next(self._iterator)
            except StopIteration:
                if field or state == _IN_QUOTED:
                    if dialect[7]:
                        raise Error("unexpected end of data") from None
                    more = _n.parse(dialect, None, state, field, unquoted, _limit)[3]
                    fields = more if fields is None else fields + more
                    break
                raise
            if self._calls != call:
                raise Error("iterator has already advanced the reader")
            if not isinstance(line, str):
                raise Error(f"iterator should return strings, not {type(line).__name__} "
                            "(the file should be opened in text mode)")
            self._line_num += 1
            result = _n.parse(dialect, line, state, field, unquoted, _limit)
            if type(result) is str:
                raise Error(result)
            state, field, unquoted, more = result
            fields = more if fields is None else fields + more
            if state == _START_RECORD:
                break
        quoting = dialect[6]
        if quoting == QUOTE_NONNUMERIC:
            return [float(t) if u and t else t for t, u in fields]
        if quoting == QUOTE_STRINGS:
            return [(float(t) if t else None) if u else t for t, u in fields]
        if quoting == QUOTE_NOTNULL:
            return [None if u and not t else t for t, u in fields]
        return fields


_Reader.__name__ = _Reader.__qualname__ = 'reader'
Reader = _immutable(_Reader)


def _is_number(value):
    cls = type(value)
    return (isinstance(value, (int, float, complex)) or hasattr(cls, '__index__')
            or hasattr(cls, '__int__') or hasattr(cls, '__float__'))


@_opaque
class _Writer:
    __slots__ = ('_write', '_dialect', '__weakref__')
    __module__ = '_csv'

    def __new__(cls, *args, **kwargs):
        raise TypeError("cannot create '_csv.writer' instances")

    @property
    def dialect(self):
        return self._dialect

    def writerow(self, row, /):
        try:
            iterator = iter(row)
        except TypeError:
            raise Error(f"iterable expected, not {type(row).__name__}") from None
        dialect = self._dialect._tuple
        quoting = dialect[6]
        fields = []
        for field in iterator:
            if quoting == QUOTE_MINIMAL or quoting == QUOTE_NONE:
                quoted = False
            elif quoting == QUOTE_ALL:
                quoted = True
            elif quoting == QUOTE_NONNUMERIC:
                quoted = not _is_number(field)
            elif quoting == QUOTE_STRINGS:
                quoted = isinstance(field, str)
            else:
                quoted = field is not None
            if field is None:
                fields.append(('', quoted, True))
            elif isinstance(field, str):
                fields.append((field, quoted, False))
            else:
                fields.append((str(field), quoted, False))
        result = _n.join(dialect, fields)
        if type(result) is str:
            raise Error(result)
        return self._write(result[0])

    def writerows(self, rows, /):
        for row in rows:
            _Writer.writerow(self, row)


_Writer.__name__ = _Writer.__qualname__ = 'writer'
Writer = _immutable(_Writer)


def reader(*args, **kwargs):
    if not args:
        raise TypeError("reader expected at least 1 argument, got 0")
    if len(args) > 2:
        raise TypeError(f"reader expected at most 2 arguments, got {len(args)}")
    self = object.__new__(_Reader)
    self._line_num = self._calls = 0
    self._iterator = iter(args[0])
    self._dialect = _dialect(args[1:], kwargs)
    return self


def writer(*args, **kwargs):
    if not args:
        raise TypeError("writer expected at least 1 argument, got 0")
    if len(args) > 2:
        raise TypeError(f"writer expected at most 2 arguments, got {len(args)}")
    self = object.__new__(_Writer)
    self._write = getattr(args[0], 'write', None)
    if not callable(self._write):
        raise TypeError('argument 1 must have a "write" method')
    self._dialect = _dialect(args[1:], kwargs)
    return self


def register_dialect(*args, **kwargs):
    if not 1 <= len(args) <= 2:
        word = "at least 1 argument" if not args else "at most 2 arguments"
        raise TypeError(f"register_dialect expected {word}, got {len(args)}")
    if not isinstance(args[0], str):
        raise TypeError("dialect name must be a string")
    _dialects[args[0]] = _dialect(args[1:], kwargs)


def unregister_dialect(name):
    try:
        del _dialects[name]
    except KeyError:
        raise Error("unknown dialect") from None


def get_dialect(name):
    try:
        return _dialects[name]
    except KeyError:
        raise Error("unknown dialect") from None


def list_dialects():
    return list(_dialects)


def field_size_limit(*args):
    global _limit
    if len(args) > 1:
        raise TypeError(f"field_size_limit() takes at most 1 argument ({len(args)} given)")
    old = _limit
    if args:
        new = args[0]
        if not isinstance(new, int):
            raise TypeError("limit must be an integer")
        if not -1 << 63 <= new < 1 << 63:
            raise OverflowError("Python int too large to convert to C long")
        _limit = new
    return old

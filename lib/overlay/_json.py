# native: scanner and encoder: plain data natively in one go, everything else by the library's Python.
# CPython's counterpart: Modules/_json.c.

"""The fast parts of the json module."""

import _json_native as _n
from _native import immutable as _immutable, opaque as _opaque


def encode_basestring(string, /):
    return _n.encode_basestring(string)


def encode_basestring_ascii(string, /):
    return _n.encode_basestring_ascii(string)


def scanstring(string, end, strict=True, /):
    if not isinstance(string, str):
        raise TypeError(f"first argument must be a string, not {type(string).__name__}")
    if not hasattr(type(end), '__index__'):
        raise TypeError(f"'{type(end).__name__}' object cannot be interpreted as an integer")
    end = end.__index__()
    if not -1 << 63 <= end < 1 << 63:
        raise OverflowError("Python int too large to convert to C ssize_t")
    result = _n.scanstring(string, end, bool(strict))
    if len(result) == 2:
        return result
    from json.decoder import JSONDecodeError
    raise JSONDecodeError(result[0], string, result[1])


@_opaque
class make_scanner:
    __slots__ = ('strict', 'object_hook', 'object_pairs_hook', 'parse_float', 'parse_int',
                 'parse_constant', '_plain', '_scan')
    __module__ = '_json'

    def __init__(self, context):
        self.strict = bool(context.strict)
        self.object_hook = context.object_hook
        self.object_pairs_hook = context.object_pairs_hook
        self.parse_float = context.parse_float
        self.parse_int = context.parse_int
        self.parse_constant = context.parse_constant
        self._plain = (self.object_hook is None and self.object_pairs_hook is None
                       and self.parse_float is float and self.parse_int is int)
        self._scan = None

    def __call__(self, string, idx):
        if not isinstance(string, str):
            raise TypeError(f"first argument must be a string, not {type(string).__name__}")
        if idx < 0:
            raise ValueError("idx cannot be negative")
        if self._plain:
            result = _n.scan(string, idx, self.strict)
            if result is not None:
                return result
        scan = self._scan
        if scan is None:
            from json.scanner import py_make_scanner
            scan = self._scan = py_make_scanner(_Context(self))
        return scan(string, idx)


make_scanner.__name__ = make_scanner.__qualname__ = 'Scanner'


class _Context:
    """What the Python scanner looks at."""

    def __init__(self, scanner):
        from json.decoder import JSONObject, JSONArray
        self.parse_object, self.parse_array, self.parse_string = JSONObject, JSONArray, scanstring
        self.strict, self.parse_float = scanner.strict, scanner.parse_float
        self.parse_int, self.parse_constant = scanner.parse_int, scanner.parse_constant
        self.object_hook = scanner.object_hook
        self.object_pairs_hook = scanner.object_pairs_hook
        self.memo = {}


@_opaque
class make_encoder:
    __slots__ = ('markers', 'default', 'encoder', 'indent', 'key_separator', 'item_separator',
                 'sort_keys', 'skipkeys', '_allow_nan', '_ascii')
    __module__ = '_json'

    def __init__(self, markers, default, encoder, indent, key_separator, item_separator, sort_keys,
                 skipkeys, allow_nan):
        if markers is not None and not isinstance(markers, dict):
            raise TypeError(f"make_encoder() argument 1 must be dict or None, not "
                            f"{type(markers).__name__}")
        for i, text in ((5, key_separator), (6, item_separator)):
            if not isinstance(text, str):
                raise TypeError(f"make_encoder() argument {i} must be str, not {type(text).__name__}")
        self.markers, self.default, self.encoder, self.indent = markers, default, encoder, indent
        self.key_separator, self.item_separator = key_separator, item_separator
        self.sort_keys, self.skipkeys = bool(sort_keys), bool(skipkeys)
        self._allow_nan = bool(allow_nan)
        # Only the encoders of this module are done natively.
        if encoder is encode_basestring_ascii:
            self._ascii = True
        else:
            self._ascii = False if encoder is encode_basestring else None

    def __call__(self, obj, _current_indent_level):
        if not hasattr(type(_current_indent_level), '__index__'):
            raise TypeError(f"'{type(_current_indent_level).__name__}' object cannot be interpreted "
                            "as an integer")
        indent = self.indent
        if self._ascii is not None and (indent is None or type(indent) is str):
            text = _n.encode(obj, self._ascii, indent, self.key_separator, self.item_separator,
                             self.sort_keys, self._allow_nan, _current_indent_level)
            if text is not None:
                return (text,)
        from json.encoder import _make_iterencode
        encode = _make_iterencode(self.markers, self.default, self._string, indent, self._float,
                                  self.key_separator, self.item_separator, self.sort_keys,
                                  self.skipkeys, False)
        return tuple(encode(obj, _current_indent_level))

    def _string(self, text):
        result = self.encoder(text)
        if not isinstance(result, str):
            raise TypeError(f"encoder() must return a string, not {type(result).__name__}")
        return result

    def _float(self, value):
        if value != value:
            text = 'NaN'
        elif value in (float('inf'), float('-inf')):
            text = 'Infinity' if value > 0 else '-Infinity'
        else:
            return float.__repr__(value)
        if not self._allow_nan:
            raise ValueError("Out of range float values are not JSON compliant: "
                             + float.__repr__(value))
        return text


make_encoder.__name__ = make_encoder.__qualname__ = 'Encoder'
_immutable(make_scanner)
_immutable(make_encoder)

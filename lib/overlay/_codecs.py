# native: the codec registry, error handlers and the functions behind `codecs`.
# CPython's counterparts: Python/codecs.c, Modules/_codecsmodule.c.

"""The registry of codecs, and the codecs that every program needs."""

import _codecs_native as _n
from _native import function as _function
from _codecs_native import escape_decode, escape_encode

_search = []
_cache = {}
_handlers = {}


def register(search_function, /):
    if not callable(search_function):
        raise TypeError("argument must be callable")
    _search.append(search_function)


def unregister(search_function, /):
    if search_function in _search:
        _search.remove(search_function)
        _cache.clear()


def lookup(encoding, /):
    if not isinstance(encoding, str):
        raise TypeError(f"lookup() argument must be str, not {type(encoding).__name__}")
    if '\0' in encoding:
        raise ValueError("embedded null character")
    key = encoding.lower().replace(' ', '-')
    found = _cache.get(key)
    if found is not None:
        return found
    if not _search:
        import encodings
    for function in list(_search):
        found = function(key)
        if found is None:
            continue
        if not isinstance(found, tuple) or len(found) != 4:
            raise TypeError("codec search functions must return 4-tuples")
        _cache[key] = found
        return found
    raise LookupError(f"unknown encoding: {encoding}")


def _forget_codec(encoding, /):
    _cache.pop(encoding, None)


_unregister = _forget_codec


def encode(obj, encoding='utf-8', errors='strict'):
    try:
        result = lookup(encoding)[0](obj, errors)
    except Exception as e:
        e.add_note(f"encoding with {encoding!r} codec failed") if not isinstance(
            e, (LookupError, UnicodeError)) else None
        raise
    if not isinstance(result, tuple) or len(result) != 2:
        raise TypeError("encoder must return a tuple (object, integer)")
    return result[0]


def decode(obj, encoding='utf-8', errors='strict'):
    result = lookup(encoding)[1](obj, errors)
    if not isinstance(result, tuple) or len(result) != 2:
        raise TypeError("decoder must return a tuple (object,integer)")
    return result[0]


# Error handlers.

def register_error(errors, handler, /):
    if not callable(handler):
        raise TypeError("handler must be callable")
    _handlers[errors] = handler


def _unregister_error(errors, /):
    if errors in _BUILTIN:
        raise ValueError(f"cannot un-register built-in error handler '{errors}'")
    return _handlers.pop(errors, None) is not None


def lookup_error(errors, /):
    handler = _handlers.get(errors)
    if handler is None:
        raise LookupError(f"unknown error handler name '{errors}'")
    return handler


def _wrong(e):
    return TypeError(f"don't know how to handle {type(e).__name__} in error callback")


def strict_errors(e):
    if not isinstance(e, BaseException):
        raise TypeError("codec must pass exception instance")
    raise e


def ignore_errors(e):
    if not isinstance(e, UnicodeError) or not hasattr(e, 'end'):
        raise _wrong(e)
    return ('', e.end)


def replace_errors(e):
    if isinstance(e, UnicodeEncodeError):
        return ('?' * (e.end - e.start), e.end)
    if isinstance(e, UnicodeDecodeError):
        return ('\ufffd', e.end)
    if isinstance(e, UnicodeTranslateError):
        return ('\ufffd' * (e.end - e.start), e.end)
    raise _wrong(e)


def _builtin(name):
    def handler(e):
        if isinstance(e, UnicodeDecodeError):
            if name in ('xmlcharrefreplace', 'namereplace'):
                raise _wrong(e)
            result = _n.handle_decode(name, e.encoding, e.object, e.start, e.end)
            if result is None:
                raise e
            return result
        if isinstance(e, UnicodeEncodeError) or (
                isinstance(e, UnicodeTranslateError) and name == 'backslashreplace'):
            encoding = getattr(e, 'encoding', 'utf-8')
            result = _n.handle_encode(name, encoding, e.object[e.start:e.end])
            if result is None:
                raise e
            return (result, e.end)
        raise _wrong(e)
    handler.__name__ = name + '_errors'
    return handler


xmlcharrefreplace_errors = _builtin('xmlcharrefreplace')
backslashreplace_errors = _builtin('backslashreplace')
namereplace_errors = _builtin('namereplace')
_surrogateescape = _builtin('surrogateescape')
_surrogatepass = _builtin('surrogatepass')

_handlers.update({
    'strict': strict_errors, 'ignore': ignore_errors, 'replace': replace_errors,
    'xmlcharrefreplace': xmlcharrefreplace_errors, 'backslashreplace': backslashreplace_errors,
    'namereplace': namereplace_errors, 'surrogateescape': _surrogateescape,
    'surrogatepass': _surrogatepass})
_BUILTIN = frozenset(_handlers)


# Codecs without tables.

def _encode(codec, text, errors):
    """Encodes with a handler that may be Python."""
    if errors is None or errors in _BUILTIN and _handlers[errors].__module__ == __name__:
        return _n.encode(codec, text, errors)
    handler = None
    out = []
    pos = 0
    while True:
        data, failure = _n.encode_prefix(codec, text, pos)
        out.append(data)
        if failure is None:
            return b''.join(out)
        encoding, start, end, reason = failure
        if handler is None:
            handler = lookup_error(errors)
        replacement, pos = _replacement(
            handler(UnicodeEncodeError(encoding, text, start, end, reason)), len(text), 'encoding')
        if isinstance(replacement, str):
            replacement = _n.encode(codec, replacement, 'strict')
        out.append(replacement)


def _replacement(result, size, what):
    if not isinstance(result, tuple) or len(result) != 2 or not isinstance(result[1], int) or \
            not isinstance(result[0], (str, bytes) if what == 'encoding' else str):
        kind = "(str/bytes, int)" if what == 'encoding' else "(str, int)"
        raise TypeError(f"{what} error handler must return {kind} tuple")
    text, pos = result
    if pos < 0:
        pos += size
    if not 0 <= pos <= size:
        raise IndexError(f"position {result[1]} from error handler out of bounds")
    return text, pos


def _decode(codec, data, errors, final):
    if errors is None or errors in _BUILTIN and _handlers[errors].__module__ == __name__:
        return _n.decode(codec, data, errors, final)
    handler = None
    data = bytes(data)
    out = []
    done = 0
    while True:
        try:
            text, used = _n.decode(codec, data[done:], 'strict', final)
        except UnicodeDecodeError as e:
            if handler is None:
                handler = lookup_error(errors)
            if e.start:
                out.append(_n.decode(codec, data[done:done + e.start], 'strict', True)[0])
            error = UnicodeDecodeError(e.encoding, data, done + e.start, done + e.end, e.reason)
            result = handler(error)
            # The handler may put other bytes into the error, which then take the place of the input.
            if error.object is not data:
                if not isinstance(error.object, bytes):
                    raise TypeError("object attribute must be bytes")
                data = error.object
            text, done = _replacement(result, len(data), 'decoding')
            out.append(text)
        else:
            out.append(text)
            return ''.join(out), done + used


def _text(text):
    if not isinstance(text, str):
        raise TypeError(f"argument must be str, not {type(text).__name__}")
    return text


def _pair(name, codec):
    def encode(str, errors=None, /):
        return _encode(codec, _text(str), errors), len(str)

    def decode(data, errors=None, final=False, /):
        if isinstance(data, str):
            if 'escape' not in name:
                raise TypeError("a bytes-like object is required, not 'str'")
            data = data.encode('utf-8')
        return _decode(codec, data, errors, final)

    encode.__name__ = encode.__qualname__ = name + '_encode'
    decode.__name__ = decode.__qualname__ = name + '_decode'
    (lambda: 0).__globals__[name + '_encode'] = _function(encode)
    (lambda: 0).__globals__[name + '_decode'] = _function(decode)


for _name, _codec in (('utf_8', 'utf-8'), ('utf_7', 'utf-7'), ('utf_16', 'utf-16'),
                      ('utf_16_le', 'utf-16-le'), ('utf_16_be', 'utf-16-be'),
                      ('utf_32', 'utf-32'), ('utf_32_le', 'utf-32-le'),
                      ('utf_32_be', 'utf-32-be')):
    _pair(_name, _codec)


def _whole(name, codec):
    def encode(str, errors=None, /):
        return _encode(codec, _text(str), errors), len(str)

    def decode(data, errors=None, final=True, /):
        if isinstance(data, str):
            data = data.encode('utf-8')
        return _decode(codec, data, errors, final)

    encode.__name__ = encode.__qualname__ = name + '_encode'
    decode.__name__ = decode.__qualname__ = name + '_decode'
    (lambda: 0).__globals__[name + '_encode'] = _function(encode)
    (lambda: 0).__globals__[name + '_decode'] = _function(decode)


for _name, _codec in (('latin_1', 'latin-1'), ('ascii', 'ascii'),
                      ('unicode_escape', 'unicode-escape'),
                      ('raw_unicode_escape', 'raw-unicode-escape')):
    _whole(_name, _codec)


def utf_16_ex_decode(data, errors=None, byteorder=0, final=False, /):
    return _ex('utf-16', 2, data, errors, byteorder, final)


def utf_32_ex_decode(data, errors=None, byteorder=0, final=False, /):
    return _ex('utf-32', 4, data, errors, byteorder, final)


def _ex(codec, unit, data, errors, byteorder, final):
    data = bytes(data)
    skip = 0
    if byteorder == 0 and len(data) >= unit:
        mark = int.from_bytes(data[:unit], 'little')
        if mark == 0xfeff:
            byteorder, skip = -1, unit
        elif mark == (0xfffe if unit == 2 else 0xfffe0000):
            byteorder, skip = 1, unit
        else:
            byteorder = -1
    name = codec + ('-be' if byteorder == 1 else '-le')
    text, used = _decode(name, data[skip:], errors, final)
    return text, used + skip, byteorder


def readbuffer_encode(data, errors=None, /):
    if isinstance(data, str):
        data = data.encode('utf-8')
    data = bytes(data)
    return data, len(data)


# Codecs with tables.

def charmap_build(map, /):
    return {ord(c): i for i, c in reversed(list(enumerate(map))) if c != '\ufffe'}


def charmap_encode(str, errors=None, mapping=None, /):
    if mapping is None:
        return _encode('latin-1', str, errors), len(str)
    out = bytearray()
    i = 0

    def one(c):
        try:
            found = mapping[ord(c)]
        except LookupError:
            return None
        if found is None:
            return None
        if isinstance(found, int):
            if not 0 <= found <= 255:
                raise TypeError("character mapping must be in range(256)")
            return bytes([found])
        if not isinstance(found, bytes):
            raise TypeError("character mapping must return integer, bytes or None, not "
                            + type(found).__name__)
        return found

    while i < len(str):
        data = one(str[i])
        if data is not None:
            out += data
            i += 1
            continue
        end = i + 1
        while end < len(str) and one(str[end]) is None:
            end += 1
        error = UnicodeEncodeError('charmap', str, i, end, 'character maps to <undefined>')
        if errors is None or errors == 'strict':
            raise error
        text, i = _replacement(lookup_error(errors)(error), len(str), 'encoding')
        if isinstance(text, bytes):
            out += text
            continue
        for c in text:
            data = one(c)
            if data is None:
                raise error
            out += data
    return bytes(out), len(str)


def charmap_decode(data, errors=None, mapping=None, /):
    if mapping is None:
        return _decode('latin-1', data, errors, True)
    data = bytes(data)
    out = []
    i = 0
    table = isinstance(mapping, str)
    while i < len(data):
        byte = data[i]
        if table:
            found = mapping[byte] if byte < len(mapping) else None
            if found == '\ufffe':
                found = None
        else:
            try:
                found = mapping[byte]
            except LookupError:
                found = None
            if isinstance(found, int):
                if not 0 <= found <= 0x10ffff:
                    raise TypeError("character mapping must be in range(0x110000)")
                found = None if found == 0xfffe else chr(found)
            elif found is not None and not isinstance(found, str):
                raise TypeError("character mapping must return integer, None or str")
            elif found == '\ufffe':
                found = None
        if found is not None:
            out.append(found)
            i += 1
            continue
        error = UnicodeDecodeError('charmap', data, i, i + 1, 'character maps to <undefined>')
        if errors is None or errors == 'strict':
            raise error
        text, i = _replacement(lookup_error(errors)(error), len(data), 'decoding')
        out.append(text)
    return ''.join(out), len(data)


def _get_codecs_registry():
    return _cache

# native: `struct`. CPython's counterpart: Modules/_struct.c.

"""Values in the binary formats of C."""

import _struct_native as _n
from _native import opaque as _opaque
from _struct_native import plain_pack as _plain_pack, plain_unpack as _plain_unpack


class error(Exception):
    __module__ = 'struct'


_LIMITS = {}


def _values(format, args, codes):
    out = []
    for code, v in zip(codes, args):
        if code in 'bBhHiIlLqQnNP':
            if not isinstance(v, int):
                index = getattr(type(v), '__index__', None)
                if index is None:
                    raise error("required argument is not an integer")
                v = index(v)
        elif code in 'efd':
            if not isinstance(v, (float, int)):
                convert = getattr(type(v), '__float__', None) or getattr(type(v), '__index__', None)
                if convert is None:
                    raise error("required argument is not a float")
                v = float(v)
        elif code in 'FD':
            if not isinstance(v, (complex, float, int)):
                v = complex(v)
        elif code == '?':
            v = bool(v)
        out.append(v)
    return tuple(out)


def _call(function, *args):
    try:
        return function(*args)
    except ValueError as e:
        text = str(e)
    raise error(text) from None


@_opaque
class Struct:
    __module__ = '_struct'

    def __new__(cls, *args, **kw):
        return object.__new__(cls)

    def __init__(self, format):
        if isinstance(format, str):
            format.encode('ascii')
        elif isinstance(format, bytes):
            format = format.decode('ascii')
        else:
            raise TypeError(f"Struct() argument 1 must be a str or bytes object, "
                            f"not {type(format).__name__}")
        self._size = _call(_n.calcsize, format)
        self._codes = _call(_n.codes, format)
        self._format = format

    def __getattr__(self, name):
        if name in ('_size', '_codes', '_format'):
            raise RuntimeError("Struct object is not initialized")
        raise AttributeError(f"'Struct' object has no attribute '{name}'")

    size = property(lambda self: self._size)
    format = property(lambda self: self._format)

    def pack(self, *v):
        done = _plain_pack(self._format, v)
        if done is not None:
            return done
        if len(v) != len(self._codes):
            raise error(f"pack expected {len(self._codes)} items for packing (got {len(v)})")
        return _call(_n.pack, self._format, _values(self._format, v, self._codes))

    def pack_into(self, buffer, offset, *v):
        if len(v) != len(self._codes):
            raise error(f"pack_into expected {len(self._codes)} items for packing (got {len(v)})")
        view = memoryview(buffer).cast('B')
        if view.readonly:
            raise TypeError("argument must be read-write bytes-like object")
        size, length = self._size, len(view)
        if offset < 0:
            if offset + size > 0:
                raise error(f"no space to pack {size} bytes at offset {offset}")
            if offset + length < 0:
                raise error(f"offset {offset} out of range for {length}-byte buffer")
            offset += length
        if length - offset < size:
            raise error(f"pack_into requires a buffer of at least {size + offset} bytes for "
                        f"packing {size} bytes at offset {offset} "
                        f"(actual buffer size is {length})")
        view[offset:offset + size] = self.pack(*v)

    def unpack(self, buffer, /):
        done = _plain_unpack(self._format, buffer)
        if done is not None:
            return done
        data = bytes(memoryview(buffer)) if not isinstance(buffer, bytes) else buffer
        if len(data) != self._size:
            raise error(f"unpack requires a buffer of {self._size} bytes")
        return _n.unpack(self._format, data)

    def unpack_from(self, buffer, offset=0):
        data = bytes(memoryview(buffer)) if not isinstance(buffer, bytes) else buffer
        size, length = self._size, len(data)
        if offset < 0:
            if offset + size > 0:
                raise error(f"not enough data to unpack {size} bytes at offset {offset}")
            if offset + length < 0:
                raise error(f"offset {offset} out of range for {length}-byte buffer")
            offset += length
        if length - offset < size:
            raise error(f"unpack_from requires a buffer of at least {size + offset} bytes for "
                        f"unpacking {size} bytes at offset {offset} "
                        f"(actual buffer size is {length})")
        return _n.unpack(self._format, data, offset)

    def iter_unpack(self, buffer, /):
        data = bytes(memoryview(buffer))
        if self._size == 0:
            raise error("cannot iteratively unpack with a struct of length 0")
        if len(data) % self._size:
            raise error(f"iterative unpacking requires a buffer of a multiple of {self._size} bytes")
        return _iterate(self._format, data, self._size)

    def __repr__(self):
        return f"Struct({self._format!r})"


def _iterate(format, data, size):
    for at in range(0, len(data), size):
        yield _n.unpack(format, data, at)


_cache = {}


def _get(format):
    found = _cache.get(format)
    if found is None:
        found = Struct(format)
        if len(_cache) > 100:
            _cache.clear()
        _cache[format] = found
    return found


def _clearcache():
    _cache.clear()


def calcsize(format, /):
    return _get(format).size


def pack(format, /, *v):
    done = _plain_pack(format, v)
    if done is not None:
        return done
    return _get(format).pack(*v)


def pack_into(format, buffer, offset, /, *v):
    _get(format).pack_into(buffer, offset, *v)


def unpack(format, buffer, /):
    done = _plain_unpack(format, buffer)
    if done is not None:
        return done
    return _get(format).unpack(buffer)


def unpack_from(format, /, buffer, offset=0):
    return _get(format).unpack_from(buffer, offset)


def iter_unpack(format, buffer, /):
    return _get(format).iter_unpack(buffer)

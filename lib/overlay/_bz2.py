# native: bzip2 over native streams. CPython's counterpart: Modules/_bz2module.c.

import _archives_native as _n
from _native import immutable as _immutable


def _run(stream, data, limit, finish):
    try:
        return _n.run(stream, data, limit, finish)
    except ValueError as e:
        text = str(e)
    raise OSError(text)


def _buffer(data):
    if isinstance(data, bytes):
        return data
    try:
        return memoryview(data).tobytes()
    except TypeError:
        raise TypeError(f"a bytes-like object is required, not '{type(data).__name__}'") from None


class BZ2Compressor:
    __slots__ = ('_stream',)
    __module__ = '_bz2'

    def __new__(cls, compresslevel=9, /):
        if not hasattr(type(compresslevel), '__index__'):
            raise TypeError(f"'{type(compresslevel).__name__}' object cannot be interpreted as an integer")
        if not 1 <= compresslevel.__index__() <= 9:
            raise ValueError("compresslevel must be between 1 and 9")
        self = object.__new__(cls)
        self._stream = _n.bz2_compressor(compresslevel.__index__())
        return self

    def compress(self, data, /):
        data = _buffer(data)
        if self._stream is None:
            raise ValueError("Compressor has been flushed")
        return _run(self._stream, data, -1, False)[0]

    def flush(self):
        if self._stream is None:
            raise ValueError("Repeated call to flush()")
        stream, self._stream = self._stream, None
        return _run(stream, b'', -1, True)[0]

    def __reduce_ex__(self, protocol, /):
        raise TypeError("cannot pickle '_bz2.BZ2Compressor' object")


class BZ2Decompressor:
    __slots__ = ('_stream', '_pending', '_unused', '_eof', '_needs_input')
    __module__ = '_bz2'

    def __new__(cls, *args, **kwargs):
        if args:
            raise TypeError("BZ2Decompressor() takes no positional arguments")
        if kwargs:
            raise TypeError("BZ2Decompressor() takes no keyword arguments")
        self = object.__new__(cls)
        self._stream = _n.bz2_decompressor()
        self._pending = self._unused = b''
        self._eof, self._needs_input = False, True
        return self

    eof = property(lambda self: self._eof)
    unused_data = property(lambda self: self._unused)
    needs_input = property(lambda self: self._needs_input)

    def decompress(self, data, max_length=-1):
        data = _buffer(data)
        if self._eof:
            raise EOFError("End of stream already reached")
        if self._stream is None:
            raise ValueError("Decompressor is unusable after a previous error")
        data = self._pending + data if self._pending else data
        self._pending = b''
        try:
            out, used, end = _run(self._stream, data, max_length if max_length >= 0 else -1, False)
        except OSError:
            self._stream, self._needs_input = None, False
            raise
        if end:
            self._eof, self._needs_input = True, False
            self._unused = data[used:]
        else:
            self._pending = data[used:]
            self._needs_input = not (self._pending or (max_length >= 0 and len(out) == max_length))
        return out

    def __reduce_ex__(self, protocol, /):
        raise TypeError("cannot pickle '_bz2.BZ2Decompressor' object")


_immutable(BZ2Compressor)
_immutable(BZ2Decompressor)

# native: `zlib` over streams of the library. CPython's counterpart: Modules/zlibmodule.c.

"""Compression in the format of gzip and zip."""

import _zlib_native as _n
from _native import c_ssize as _length, immutable as _immutable
from _zlib_native import crc32, adler32, ZLIB_VERSION, ZLIB_RUNTIME_VERSION

__version__ = '1.0'
MAX_WBITS, DEFLATED, DEF_MEM_LEVEL, DEF_BUF_SIZE = 15, 8, 8, 16384
Z_NO_COMPRESSION, Z_BEST_SPEED, Z_BEST_COMPRESSION, Z_DEFAULT_COMPRESSION = 0, 1, 9, -1
Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED = 0, 1, 2, 3, 4
Z_NO_FLUSH, Z_PARTIAL_FLUSH, Z_SYNC_FLUSH, Z_FULL_FLUSH, Z_FINISH, Z_BLOCK, Z_TREES = range(7)

_STREAM_END, _NEED_DICT, _BUF_ERROR = 1, 2, -5


class error(Exception):
    pass


error.__module__ = 'zlib'


def _int(value):
    value = value.__index__() if not isinstance(value, int) else value
    if not -0x80000000 <= value <= 0x7fffffff:
        if -1 << 63 <= value < 1 << 63:
            word = 'greater than maximum' if value > 0 else 'less than minimum'
            raise OverflowError("signed integer is " + word)
        raise OverflowError("Python int too large to convert to C int")
    return value


def _index(value):
    if not hasattr(type(value), '__index__'):
        raise TypeError(f"'{type(value).__name__}' object cannot be interpreted as an integer")
    return _int(value)


def _run(stream, data, flush, limit, doing):
    try:
        return _n.run(stream, data, flush, limit, doing)
    except ValueError as e:
        text = str(e)
    raise error(text)


def _opened(stream, wrong):
    if type(stream) is not int:
        return stream
    if stream == -4:
        raise MemoryError("Can't allocate memory for compression object")
    raise wrong


def compress(data, /, level=Z_DEFAULT_COMPRESSION, wbits=MAX_WBITS):
    level, wbits = _index(level), _index(wbits)
    stream = _opened(_n.deflate_init(level, DEFLATED, wbits, DEF_MEM_LEVEL, Z_DEFAULT_STRATEGY),
                     error("Bad compression level"))
    return _run(stream, data, Z_FINISH, -1, "while compressing data")[0]


def decompress(data, /, wbits=MAX_WBITS, bufsize=DEF_BUF_SIZE):
    wbits = _index(wbits)
    if _length(bufsize) < 0:
        raise ValueError("bufsize must be non-negative")
    stream = _opened(_n.inflate_init(wbits), error(
        "Error -2 while preparing to decompress data: inconsistent stream state"))
    out, _, code = _run(stream, data, Z_SYNC_FLUSH, -1, "while decompressing data")
    if code == _NEED_DICT:
        raise error("Error 2 while decompressing data")
    if code != _STREAM_END:
        raise error("Error -5 while decompressing data: incomplete or truncated stream")
    return out


@_immutable
class Compress:
    __slots__ = ('_stream',)
    __module__ = 'zlib'

    def __new__(cls, *args, **kwargs):
        raise TypeError("cannot create 'zlib.Compress' instances")

    def compress(self, data, /):
        if self._stream is None:
            memoryview(data)
            raise error("Error -2 while compressing data: inconsistent stream state")
        return _run(self._stream, data, Z_NO_FLUSH, -1, "while compressing data")[0]

    def flush(self, mode=Z_FINISH, /):
        mode = _index(mode)
        if mode == Z_NO_FLUSH:
            return b''
        if self._stream is None:
            raise error("Error -2 while flushing: inconsistent stream state")
        out, _, code = _run(self._stream, b'', mode, -1, "while flushing")
        if code == _STREAM_END and mode == Z_FINISH:
            self._stream = None
        return out

    def copy(self):
        if self._stream is None:
            raise ValueError("Inconsistent stream state")
        new = object.__new__(Compress)
        new._stream = _n.copy(self._stream)
        return new

    def __copy__(self):
        return self.copy()

    def __deepcopy__(self, memo, /):
        return self.copy()

    def __reduce_ex__(self, protocol, /):
        raise TypeError(f"cannot pickle '{_full(type(self))}' object")


def _full(cls):
    return f'{cls.__module__}.{cls.__qualname__}'


def compressobj(level=Z_DEFAULT_COMPRESSION, method=DEFLATED, wbits=MAX_WBITS,
                memLevel=DEF_MEM_LEVEL, strategy=Z_DEFAULT_STRATEGY, zdict=None):
    level, method, wbits = _index(level), _index(method), _index(wbits)
    memLevel, strategy = _index(memLevel), _index(strategy)
    if zdict is not None:
        zdict = _buffer(zdict)
    self = object.__new__(Compress)
    self._stream = _opened(_n.deflate_init(level, method, wbits, memLevel, strategy),
                           ValueError("Invalid initialization option"))
    if zdict is not None:
        code = _n.set_dictionary(self._stream, zdict)
        if code == -2:
            raise ValueError("Invalid dictionary")
        if code != 0:
            raise ValueError("deflateSetDictionary()")
    return self


def _buffer(data):
    try:
        view = memoryview(data)
    except TypeError:
        raise TypeError("a bytes-like object is required, not "
                        f"'{type(data).__name__}'") from None
    return view.tobytes()


def _set_dictionary(self):
    code = _n.set_dictionary(self._stream, self._zdict)
    if code != 0:
        text = {-2: ": inconsistent stream state", -3: ": invalid input data"}.get(code, "")
        raise error(f"Error {code} while setting zdict{text}")


def _inflate(self, data, limit, flush):
    """Output, consumed bytes; sets the dictionary when the stream asks for it."""
    view = memoryview(data).cast('B') if not isinstance(data, bytes) else data
    parts = []
    total = 0
    while True:
        out, used, code = _run(self._stream, view[total:] if total else view, flush, limit,
                               "while decompressing data")
        parts.append(out)
        total += used
        if code == _NEED_DICT:
            if self._zdict is None:
                raise error("Error 2 while decompressing data")
            _set_dictionary(self)
            if limit > 0:
                limit -= len(out)
            continue
        return b''.join(parts) if len(parts) > 1 else out, total, code


def _start_inflate(self, wbits, zdict):
    if zdict is not None:
        try:
            view = memoryview(zdict)
        except TypeError:
            raise TypeError("zdict argument must support the buffer protocol") from None
        self._zdict = view.tobytes()
    else:
        self._zdict = None
    self._stream = _opened(_n.inflate_init(wbits), ValueError("Invalid initialization option"))
    if self._zdict is not None and wbits < 0:
        _set_dictionary(self)


_absent = object()


@_immutable
class Decompress:
    __slots__ = ('_stream', '_zdict', '_unused', '_unconsumed', '_eof')
    __module__ = 'zlib'

    def __new__(cls, *args, **kwargs):
        raise TypeError("cannot create 'zlib.Decompress' instances")

    @property
    def unused_data(self):
        return self._unused

    @property
    def unconsumed_tail(self):
        return self._unconsumed

    @property
    def eof(self):
        return self._eof

    def _keep(self, data, used, code):
        if code == _STREAM_END:
            # The rest stands behind the stream: it is all of it unused.
            self._unused += bytes(data[used:])
            self._unconsumed = b''
            self._eof = True
        elif used < len(data) or self._unconsumed:
            self._unconsumed = bytes(data[used:])

    def decompress(self, data, /, max_length=0):
        max_length = _length(max_length)
        if max_length < 0:
            raise ValueError("max_length must be non-negative")
        data = _buffer(data) if not isinstance(data, bytes) else data
        if self._stream is None:
            self._unused += data
            return b''
        out, used, code = _inflate(self, data, max_length or -1, Z_SYNC_FLUSH)
        self._keep(data, used, code)
        if code == _STREAM_END:
            self._stream = None
        return out

    def flush(self, length=DEF_BUF_SIZE, /):
        length = _length(length)
        if length <= 0:
            raise ValueError("length must be greater than zero")
        if self._stream is None:
            return b''
        data = self._unconsumed
        out, used, code = _inflate(self, data, -1, Z_FINISH)
        self._keep(data, used, code)
        if code == _STREAM_END:
            self._stream = None
        return out

    def copy(self):
        new = object.__new__(Decompress)
        if self._stream is None:
            raise ValueError("Inconsistent stream state")
        new._stream = _n.copy(self._stream)
        new._zdict, new._unused, new._unconsumed = self._zdict, self._unused, self._unconsumed
        new._eof = self._eof
        return new

    def __copy__(self):
        return self.copy()

    def __deepcopy__(self, memo, /):
        return self.copy()

    def __reduce_ex__(self, protocol, /):
        raise TypeError(f"cannot pickle '{_full(type(self))}' object")


def decompressobj(wbits=MAX_WBITS, zdict=_absent):
    wbits = _index(wbits)
    self = object.__new__(Decompress)
    self._unused = self._unconsumed = b''
    self._eof = False
    _start_inflate(self, wbits, None if zdict is _absent else (0 if zdict is None else zdict))
    return self


@_immutable
class _ZlibDecompressor:
    __slots__ = ('_stream', '_zdict', '_unused', '_pending', '_eof', '_needs_input')
    __module__ = 'zlib'

    def __new__(cls, wbits=MAX_WBITS, zdict=_absent):
        wbits = _index(wbits)
        self = object.__new__(cls)
        self._unused = self._pending = b''
        self._eof, self._needs_input = False, True
        _start_inflate(self, wbits, None if zdict is _absent else (0 if zdict is None else zdict))
        return self

    @property
    def eof(self):
        return self._eof

    @property
    def unused_data(self):
        return self._unused

    @property
    def needs_input(self):
        return self._needs_input

    def decompress(self, data, max_length=-1):
        max_length = _length(max_length)
        data = _buffer(data) if not isinstance(data, bytes) else data
        if self._eof:
            raise EOFError("End of stream already reached")
        if self._pending:
            data = self._pending + data
        out, used, code = _inflate(self, data, max_length if max_length >= 0 else -1, Z_SYNC_FLUSH)
        self._pending = b''
        if code == _STREAM_END:
            self._eof, self._needs_input = True, False
            self._unused = data[used:]
        elif used < len(data) or (max_length >= 0 and len(out) == max_length):
            self._pending = data[used:]
            self._needs_input = False
        else:
            self._needs_input = True
        return out

    def __reduce_ex__(self, protocol, /):
        raise TypeError(f"cannot pickle '{_full(type(self))}' object")

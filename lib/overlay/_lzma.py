# native: xz and lzma over native streams. CPython's counterpart: Modules/_lzmamodule.c.

"""The classes of the lzma module."""

import _archives_native as _n
from _native import immutable as _immutable

FORMAT_AUTO, FORMAT_XZ, FORMAT_ALONE, FORMAT_RAW = 0, 1, 2, 3
CHECK_NONE, CHECK_CRC32, CHECK_CRC64, CHECK_SHA256, CHECK_ID_MAX, CHECK_UNKNOWN = 0, 1, 4, 10, 15, 16
FILTER_LZMA1, FILTER_LZMA2, FILTER_DELTA = 0x4000000000000001, 33, 3
FILTER_X86, FILTER_POWERPC, FILTER_IA64, FILTER_ARM, FILTER_ARMTHUMB, FILTER_SPARC = 4, 5, 6, 7, 8, 9
MF_HC3, MF_HC4, MF_BT2, MF_BT3, MF_BT4 = 3, 4, 18, 19, 20
MODE_FAST, MODE_NORMAL = 1, 2
PRESET_DEFAULT, PRESET_EXTREME = 6, 0x80000000
_OPTIONS = ('preset', 'dict_size', 'lc', 'lp', 'pb', 'mode', 'nice_len', 'mf', 'depth')
_BRANCH = (FILTER_X86, FILTER_POWERPC, FILTER_IA64, FILTER_ARM, FILTER_ARMTHUMB, FILTER_SPARC)


class LZMAError(Exception):
    """Call to liblzma failed."""


LZMAError.__module__ = '_lzma'


def _call(function, *args):
    try:
        return function(*args)
    except ValueError as e:
        text = str(e)
    raise LZMAError(text)


def _unsigned(value, bits=32):
    if not hasattr(type(value), '__index__'):
        raise TypeError(f"'{type(value).__name__}' object cannot be interpreted as an integer")
    value = value.__index__()
    if value < 0:
        raise ValueError("Cannot convert negative int")
    if value >> bits:
        raise OverflowError(f"Value too large for uint{bits}_t type")
    return value


def _int(value):
    if not hasattr(type(value), '__index__'):
        raise TypeError(f"'{type(value).__name__}' object cannot be interpreted as an integer")
    return value.__index__()


def _filter(spec):
    """A filter as the native part takes it."""
    if not hasattr(type(spec), 'keys') and not hasattr(type(spec), '__getitem__') or isinstance(
            spec, (str, bytes, list, tuple)):
        raise TypeError("Filter specifier must be a dict or dict-like object")
    try:
        id = spec['id']
    except KeyError:
        raise ValueError('Filter specifier must have an "id" entry') from None
    id = _unsigned(id, 64)
    given = {k: spec[k] for k in spec if k != 'id'}
    if id in (FILTER_LZMA1, FILTER_LZMA2):
        if set(given) - set(_OPTIONS):
            raise ValueError("Invalid filter specifier for LZMA filter")
        values = {k: _unsigned(v) for k, v in given.items()}
        preset = values.get('preset', PRESET_DEFAULT)
        if preset & ~PRESET_EXTREME > 9:
            raise LZMAError(f"Invalid compression preset: {preset}")
        return id, tuple([values.get(k) for k in _OPTIONS])
    if id == FILTER_DELTA:
        if set(given) - {'dist'}:
            raise ValueError("Invalid filter specifier for delta filter")
        dist = _unsigned(given.get('dist', 1))
        if not 1 <= dist <= 256:
            raise LZMAError("Invalid or unsupported options")
        return id, bytes([dist - 1])
    if id in _BRANCH:
        if set(given) - {'start_offset'}:
            raise ValueError("Invalid filter specifier for BCJ filter")
        start = _unsigned(given.get('start_offset', 0))
        return id, start.to_bytes(4, 'little') if start else b''
    raise ValueError(f"Invalid filter ID: {id}")


def _chain(filters):
    if len(filters) > 4:
        raise ValueError("Too many filters - liblzma supports a maximum of 4")
    return [_filter(filters[i]) for i in range(len(filters))]


def _buffer(data):
    if isinstance(data, bytes):
        return data
    try:
        return memoryview(data).tobytes()
    except TypeError:
        raise TypeError(f"a bytes-like object is required, not '{type(data).__name__}'") from None


class LZMACompressor:
    __slots__ = ('_stream',)
    __module__ = '_lzma'

    def __new__(cls, format=FORMAT_XZ, check=-1, preset=None, filters=None):
        format, check = _int(format), _int(check)
        if preset is not None and filters is not None:
            raise ValueError("Cannot specify both preset and filter chain")
        level = PRESET_DEFAULT if preset is None else _unsigned(preset)
        if format != FORMAT_XZ and check not in (-1, CHECK_NONE):
            raise ValueError("Integrity checks are only supported by FORMAT_XZ")
        if format not in (FORMAT_XZ, FORMAT_ALONE, FORMAT_RAW):
            raise ValueError(f"Invalid container format: {format}")
        if format == FORMAT_RAW and filters is None:
            raise ValueError("Must specify filters for FORMAT_RAW")
        chain = None if filters is None else _chain(filters)
        if format == FORMAT_XZ:
            check = CHECK_CRC64 if check == -1 else check
            if not 0 <= check <= CHECK_ID_MAX:
                raise LZMAError("Internal error")
            if not is_check_supported(check):
                raise LZMAError("Unsupported integrity check")
        elif format == FORMAT_ALONE and chain is not None and (
                len(chain) != 1 or chain[0][0] != FILTER_LZMA1):
            raise ValueError("Invalid filter chain for FORMAT_ALONE - must be a single LZMA1 filter")
        elif chain == []:
            raise LZMAError("Internal error")
        self = object.__new__(cls)
        self._stream = _call(_n.lzma_encoder, format, check, level, chain)
        return self

    def compress(self, data, /):
        data = _buffer(data)
        if self._stream is None:
            raise ValueError("Compressor has been flushed")
        return _call(_n.run, self._stream, data, -1, False)[0]

    def flush(self):
        if self._stream is None:
            raise ValueError("Repeated call to flush()")
        stream, self._stream = self._stream, None
        return _call(_n.run, stream, b'', -1, True)[0]

    def __reduce_ex__(self, protocol, /):
        raise TypeError("cannot pickle '_lzma.LZMACompressor' object")


class LZMADecompressor:
    __slots__ = ('_stream', '_format', '_head', '_check', '_pending', '_unused', '_eof',
                 '_needs_input')
    __module__ = '_lzma'

    def __new__(cls, format=FORMAT_AUTO, memlimit=None, filters=None):
        format = _int(format)
        if memlimit is not None:
            if format == FORMAT_RAW:
                raise ValueError("Cannot specify memory limit with FORMAT_RAW")
            memlimit = _unsigned(memlimit, 64)
        if format == FORMAT_RAW and filters is None:
            raise ValueError("Must specify filters for FORMAT_RAW")
        if format != FORMAT_RAW and filters is not None:
            raise ValueError("Cannot specify filters except with FORMAT_RAW")
        if format not in (FORMAT_AUTO, FORMAT_XZ, FORMAT_ALONE, FORMAT_RAW):
            raise ValueError(f"Invalid container format: {format}")
        self = object.__new__(cls)
        self._stream = _call(_n.lzma_decoder, format, memlimit,
                             None if filters is None else _chain(filters))
        self._format, self._head = format, b''
        self._check = CHECK_NONE if format in (FORMAT_ALONE, FORMAT_RAW) else CHECK_UNKNOWN
        self._pending = self._unused = b''
        self._eof, self._needs_input = False, True
        return self

    eof = property(lambda self: self._eof)
    check = property(lambda self: self._check)
    unused_data = property(lambda self: self._unused)
    needs_input = property(lambda self: self._needs_input)

    def decompress(self, data, max_length=-1):
        data = _buffer(data)
        if self._eof:
            raise EOFError("Already at end of stream")
        data = self._pending + data if self._pending else data
        self._pending = b''
        try:
            out, used, end = _call(_n.run, self._stream, data, max_length if max_length >= 0 else -1,
                                   False)
        except LZMAError:
            self._needs_input = False
            raise
        self._note_check(data[:used])
        if end:
            self._eof, self._needs_input = True, False
            self._unused = data[used:]
        else:
            self._pending = data[used:]
            self._needs_input = not (self._pending or (max_length >= 0 and len(out) == max_length))
        return out

    def _note_check(self, data):
        """The header of a stream names the check."""
        if self._check != CHECK_UNKNOWN or len(self._head) >= 8:
            return
        self._head += data[:8 - len(self._head)]
        if self._head[:1] and self._head[0] != 0xfd:
            self._check = CHECK_NONE
        elif len(self._head) == 8:
            self._check = self._head[7] & 15

    def __reduce_ex__(self, protocol, /):
        raise TypeError("cannot pickle '_lzma.LZMADecompressor' object")


_immutable(LZMACompressor)
_immutable(LZMADecompressor)


def is_check_supported(check_id, /):
    return check_id in (CHECK_NONE, CHECK_CRC32, CHECK_CRC64, CHECK_SHA256)


# Sizes of dictionaries by preset.
_DICTIONARY = (18, 20, 21, 22, 22, 23, 23, 24, 25, 26)


def _encode_filter_properties(filter, /):
    id, detail = _filter(filter)
    if id not in (FILTER_LZMA1, FILTER_LZMA2):
        return detail
    values = dict(zip(_OPTIONS, detail))
    size = values['dict_size']
    if size is None:
        size = 1 << _DICTIONARY[(values['preset'] or PRESET_DEFAULT) & 31
                                if values['preset'] is not None else PRESET_DEFAULT]
    lc, lp, pb = [default if values[k] is None else values[k]
                  for k, default in (('lc', 3), ('lp', 0), ('pb', 2))]
    if lc + lp > 4 or pb > 4:
        raise LZMAError("Invalid or unsupported options")
    if id == FILTER_LZMA1:
        return bytes([(pb * 5 + lp) * 9 + lc]) + size.to_bytes(4, 'little')
    # The smallest of 2^n and 2^n + 2^(n-1) that is not less.
    for code in range(40):
        if (2 | code & 1) << code // 2 + 11 >= max(size, 4096):
            return bytes([code])
    return b'\x28'


def _decode_filter_properties(filter_id, encoded_props, /):
    data = _buffer(encoded_props)
    wrong = LZMAError("Invalid or unsupported options")
    if filter_id == FILTER_LZMA1:
        if len(data) != 5 or data[0] >= 225:
            raise wrong
        rest, lc = divmod(data[0], 9)
        pb, lp = divmod(rest, 5)
        if lc + lp > 4:
            raise wrong
        return {'id': filter_id, 'lc': lc, 'lp': lp, 'pb': pb,
                'dict_size': int.from_bytes(data[1:], 'little')}
    if filter_id == FILTER_LZMA2:
        if len(data) != 1 or data[0] > 40:
            raise wrong
        size = 0xffffffff if data[0] == 40 else (2 | data[0] & 1) << data[0] // 2 + 11
        return {'id': filter_id, 'dict_size': size}
    if filter_id == FILTER_DELTA:
        if len(data) != 1:
            raise wrong
        return {'id': filter_id, 'dist': data[0] + 1}
    if filter_id in _BRANCH:
        if len(data) not in (0, 4):
            raise wrong
        found = {'id': filter_id}
        if data and any(data):
            found['start_offset'] = int.from_bytes(data, 'little')
        return found
    raise wrong

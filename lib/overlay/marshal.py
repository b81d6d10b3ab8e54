# native: marshal for code objects (the VM's own form) and plain values.
# CPython's counterpart: Python/marshal.c, whose tags are used for plain values.

"""The compact format of code objects and simple values, which may change between versions."""

import _imp
import sys as _sys

version = 5


def dump(value, file, version=5, /, *, allow_code=True):
    return file.write(dumps(value, version, allow_code=allow_code))


def load(file, /, *, allow_code=True):
    _sys.audit('marshal.load')
    data = file.read()
    value, end = _read(data, 0, allow_code)
    return value


def loads(data, /, *, allow_code=True):
    _sys.audit('marshal.loads', data)
    return _read(bytes(data), 0, allow_code)[0]


def dumps(value, version=5, /, *, allow_code=True):
    _sys.audit('marshal.dumps', value, version)
    out = bytearray()
    _write(value, out, allow_code)
    return bytes(out)


_code_type = type((lambda: 0).__code__)


def _size(out, n):
    out += n.to_bytes(4, 'little')


def _write(v, out, allow_code):
    t = type(v)
    if v is None:
        out += b'N'
    elif v is True:
        out += b'T'
    elif v is False:
        out += b'F'
    elif v is StopIteration:
        out += b'S'
    elif v is ...:
        out += b'.'
    elif t is int:
        if -0x80000000 <= v <= 0x7fffffff:
            out += b'i'
            out += v.to_bytes(4, 'little', signed=True)
        else:
            digits = []
            n = abs(v)
            while n:
                digits.append(n & 0x7fff)
                n >>= 15
            out += b'l'
            out += (len(digits) if v > 0 else -len(digits)).to_bytes(4, 'little', signed=True)
            for d in digits:
                out += d.to_bytes(2, 'little')
    elif t is float:
        import _struct_native
        out += b'g'
        out += _struct_native.pack('<d', (v,))
    elif t is complex:
        import _struct_native
        out += b'y'
        out += _struct_native.pack('<dd', (v.real, v.imag))
    elif t is str:
        data = v.encode('utf-8', 'surrogatepass')
        out += b'u'
        _size(out, len(data))
        out += data
    elif t in (bytes, bytearray, memoryview):
        data = bytes(v)
        out += b's'
        _size(out, len(data))
        out += data
    elif t in (tuple, list, set, frozenset):
        out += {tuple: b'(', list: b'[', set: b'<', frozenset: b'>'}[t]
        _size(out, len(v))
        for item in v:
            _write(item, out, allow_code)
    elif t is dict:
        out += b'{'
        for k, x in v.items():
            _write(k, out, allow_code)
            _write(x, out, allow_code)
        out += b'0'
    elif t is slice:
        out += b':'
        for part in (v.start, v.stop, v.step):
            _write(part, out, allow_code)
    elif t is _code_type:
        if not allow_code:
            raise ValueError("marshalling code objects is disallowed")
        data = _imp._encode_code(v)
        out += b'c'
        _size(out, len(data))
        out += data
    else:
        raise ValueError("unmarshallable object")


def _take(data, at, n):
    if at + n > len(data):
        raise EOFError("marshal data too short")
    return data[at:at + n], at + n


def _number(data, at, signed=True):
    raw, at = _take(data, at, 4)
    return int.from_bytes(raw, 'little', signed=signed), at


def _read(data, at, allow_code, null=False):
    raw, at = _take(data, at, 1)
    tag = raw[0] & 0x7f
    if tag == 78:
        return None, at
    if tag == 84:
        return True, at
    if tag == 70:
        return False, at
    if tag == 83:
        return StopIteration, at
    if tag == 46:
        return ..., at
    if tag == 105:
        return _number(data, at)
    if tag == 108:
        n, at = _number(data, at)
        value = 0
        for i in range(abs(n)):
            raw, at = _take(data, at, 2)
            value |= int.from_bytes(raw, 'little') << 15 * i
        return (value if n >= 0 else -value), at
    if tag in (103, 121):
        import _struct_native
        if tag == 103:
            raw, at = _take(data, at, 8)
            return _struct_native.unpack('<d', raw)[0], at
        raw, at = _take(data, at, 16)
        return complex(*_struct_native.unpack('<dd', raw)), at
    if tag in (117, 116, 115, 97, 65, 99):
        n, at = _number(data, at)
        if n < 0:
            raise ValueError("bad marshal data (size out of range)")
        raw, at = _take(data, at, n)
        if tag == 99:
            if not allow_code:
                raise ValueError("unmarshalling code objects is disallowed")
            return _imp._decode_code(raw), at
        return (raw if tag == 115 else raw.decode('utf-8', 'surrogatepass')), at
    if tag in (122, 90):
        raw, at = _take(data, at, 1)
        raw, at = _take(data, at, raw[0])
        return raw.decode('ascii'), at
    if tag in (40, 41, 91, 60, 62):
        if tag == 41:
            raw, at = _take(data, at, 1)
            n = raw[0]
        else:
            n, at = _number(data, at)
            if n < 0:
                raise ValueError("bad marshal data (size out of range)")
        items = []
        for _ in range(n):
            item, at = _read(data, at, allow_code)
            items.append(item)
        kind = {40: tuple, 41: tuple, 91: list, 60: set, 62: frozenset}[tag]
        return kind(items), at
    if tag == 123:
        result = {}
        while True:
            if data[at:at + 1] == b'0':
                return result, at + 1
            k, at = _read(data, at, allow_code)
            v, at = _read(data, at, allow_code)
            result[k] = v
    if tag == 58:
        parts = []
        for _ in range(3):
            part, at = _read(data, at, allow_code)
            parts.append(part)
        return slice(*parts), at
    raise ValueError("bad marshal data (unknown type code)")

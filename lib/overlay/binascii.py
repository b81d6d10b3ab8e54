# native: `binascii`. CPython's counterpart: Modules/binascii.c.

"""Binary data as text and back."""

import _binascii_native as _n
from _binascii_native import crc32, crc_hqx


class Error(ValueError):
    pass


class Incomplete(Exception):
    pass


def _buffer(data):
    view = memoryview(data)
    if not view.c_contiguous:
        raise BufferError("memoryview: underlying buffer is not C-contiguous")
    return view.tobytes()


def _ascii(data):
    if isinstance(data, str):
        if not data.isascii():
            raise ValueError("string argument should contain only ASCII characters")
        return data.encode('ascii')
    return _buffer(data)


def _call(function, *args, **kw):
    try:
        return function(*args, **kw)
    except ValueError as e:
        text = str(e)
        if 'ASCII characters' in text:
            raise
    raise Error(text) from None


def a2b_base64(data, /, *, strict_mode=False):
    return _call(_n.a2b_base64, _ascii(data), strict_mode=strict_mode)


def b2a_base64(data, /, *, newline=True):
    return _n.b2a_base64(data, newline=newline)


def a2b_hex(hexstr, /):
    return _call(_n.unhexlify, _ascii(hexstr))


unhexlify = a2b_hex


def b2a_hex(data, sep=None, bytes_per_sep=1):
    data = _buffer(data)
    text = data.hex() if sep is None else data.hex(sep, bytes_per_sep)
    return text.encode('ascii')


hexlify = b2a_hex


def a2b_uu(data, /):
    data = _ascii(data)
    if not data:
        raise Error("Missing length byte")
    count = data[0] - 32 & 63
    out = bytearray()
    bits = left = 0
    at = 1
    while len(out) < count:
        c = data[at] if at < len(data) else 0
        if c in (0, 10, 13) and at >= len(data) or c in (10, 13):
            # A short line: blanks were cut off at its end.
            c = 32
        elif not 32 <= c <= 96:
            raise Error("Illegal char")
        at += 1
        bits = bits << 6 | (c - 32 & 63)
        left += 6
        if left >= 8:
            left -= 8
            out.append(bits >> left & 255)
            bits &= (1 << left) - 1
    for c in data[at:]:
        if c not in (32, 96, 10, 13):
            raise Error("Trailing garbage")
    return bytes(out)


def b2a_uu(data, /, *, backtick=False):
    data = _buffer(data)
    if len(data) > 45:
        raise Error("At most 45 bytes at once")
    zero = 96 if backtick else 32
    one = lambda n: n + 32 if n else zero
    out = bytearray([one(len(data))])
    for i in range(0, len(data), 3):
        a, b, c = data[i:i + 3].ljust(3, b'\0')
        out += bytes([one(a >> 2), one((a & 3) << 4 | b >> 4), one((b & 15) << 2 | c >> 6),
                      one(c & 63)])
    return bytes(out) + b'\n'


def a2b_qp(data, header=False):
    data = _ascii(data)
    out = bytearray()
    i = 0
    while i < len(data):
        c = data[i]
        if c == 61:
            i += 1
            if i >= len(data):
                break
            if data[i] in (10, 13):
                if data[i] != 10:
                    while i < len(data) and data[i] != 10:
                        i += 1
                i += 1
            elif data[i] == 61:
                out.append(61)
                i += 1
            else:
                pair = data[i:i + 2]
                try:
                    out.append(int(pair, 16) if len(pair) == 2 and pair.isalnum() else _bad())
                    i += 2
                except ValueError:
                    out.append(61)
        elif header and c == 95:
            out.append(32)
            i += 1
        else:
            out.append(c)
            i += 1
    return bytes(out)


def _bad():
    raise ValueError


def b2a_qp(data, quotetabs=False, istext=True, header=False):
    data = _buffer(data)
    crlf = data.find(b'\n')
    newline = b'\r\n' if crlf > 0 and data[crlf - 1] == 13 else b'\n'
    out = bytearray()
    line = 0
    i = 0
    n = len(data)
    while i < n:
        c = data[i]
        quote = (c > 126 or c == 61 or (header and c == 95)
                 or (c == 46 and line == 0 and (i + 1 == n or data[i + 1] in (10, 13, 0)))
                 or (not istext and c in (13, 10))
                 or (c in (9, 32) and i + 1 == n)
                 or (c < 33 and c not in (13, 10, 9, 32))
                 or (c < 33 and c not in (13, 10) and (quotetabs or (
                     not quotetabs and ((c != 9 and c != 32) )))))
        if quote:
            if line + 3 >= 76:
                out += b'=' + newline
                line = 0
            out += b'=%02X' % c
            line += 3
            i += 1
        elif istext and (c == 10 or (c == 13 and i + 1 < n and data[i + 1] == 10)):
            line = 0
            if out and out[-1] in (32, 9):
                last = out.pop()
                out += b'=%02X' % last
            out += newline
            i += 2 if c == 13 else 1
        else:
            if i + 1 != n and data[i + 1] != 10 and line + 1 >= 76:
                out += b'=' + newline
                line = 0
            line += 1
            if header and c == 32:
                out.append(95)
            else:
                out.append(c)
            i += 1
    return bytes(out)

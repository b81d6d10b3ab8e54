# native: terminals. CPython's counterpart: Modules/termios.c.

"""Settings of terminals."""

import _fcntl_native as _n
import _fcntl_numbers as _numbers
from _blocking import retry as _retry
from _native import c_int as _int
from _termios_constants import NUMBERS as _NUMBERS
from select import _fileno

(lambda: 0).__globals__.update(_NUMBERS)
_SIZE_GET, _SIZE_SET = 0x5413, 0x5414


class error(Exception):
    pass


error.__module__ = 'termios'


def _call(function, *args):
    try:
        return _retry(function, *args)
    except OSError as e:
        number, text = e.errno, e.strerror
    raise error(number, text)


def tcgetattr(fd, /):
    *modes, characters = _call(_n.tcgetattr, _fileno(fd))
    characters = [characters[i:i + 1] for i in range(len(characters))]
    if not modes[3] & ICANON:
        for i in (VMIN, VTIME):
            characters[i] = characters[i][0]
    return [*modes, characters]


def tcsetattr(fd, when, attributes, /):
    fd, when = _fileno(fd), _int(when)
    if not isinstance(attributes, list) or len(attributes) != 7:
        raise TypeError("tcsetattr, arg 3: must be 7 element list")
    *modes, characters = attributes
    if not isinstance(characters, list) or len(characters) != NCCS:
        raise TypeError(f"tcsetattr: attributes[6] must be {NCCS} element list")
    for mode in modes:
        if not isinstance(mode, int):
            raise TypeError(f"'{type(mode).__name__}' object cannot be interpreted as an integer")
        if not 0 <= mode <= 0xffffffff:
            raise OverflowError("Python int too large to convert to C unsigned int")
    found = bytearray()
    for c in characters:
        if isinstance(c, bytes) and len(c) == 1:
            found += c
        elif isinstance(c, int):
            if not -1 << 63 <= c < 1 << 63:
                raise OverflowError("Python int too large to convert to C long")
            found.append(c & 0xff)
        else:
            raise TypeError("tcsetattr: elements of attributes must be characters or integers")
    _call(_n.tcsetattr, fd, when, [*modes, bytes(found)])


def tcsendbreak(fd, duration, /):
    _call(_numbers.tcsendbreak, _fileno(fd), _int(duration))


def tcdrain(fd, /):
    _call(_numbers.tcdrain, _fileno(fd))


def tcflush(fd, queue, /):
    _call(_numbers.tcflush, _fileno(fd), _int(queue))


def tcflow(fd, action, /):
    _call(_numbers.tcflow, _fileno(fd), _int(action))


def tcgetwinsize(fd, /):
    data = _call(_n.with_bytes, _fileno(fd), _SIZE_GET, bytes(8), True)[1]
    return int.from_bytes(data[:2], 'little'), int.from_bytes(data[2:4], 'little')


def tcsetwinsize(fd, winsize, /):
    fd = _fileno(fd)
    if not hasattr(type(winsize), '__getitem__') or len(winsize) != 2:
        raise TypeError("tcsetwinsize, arg 2: must be a two-item sequence")
    parts = []
    for part in winsize:
        part = _int(part)
        if not 0 <= part <= 0xffff:
            raise OverflowError("winsize value(s) out of range.")
        parts.append(part.to_bytes(2, 'little'))
    old = _call(_n.with_bytes, fd, _SIZE_GET, bytes(8), True)[1]
    _call(_n.with_bytes, fd, _SIZE_SET, b''.join(parts) + old[4:], True)

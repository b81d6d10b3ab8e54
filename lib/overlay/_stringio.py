# native: `io.StringIO`, over a list of parts while it is only appended to. CPython's counterpart:
# Modules/_io/stringio.c.

from _io import IncrementalNewlineDecoder, TextIOBase
from _operator_native import index as _index


def _size(size):
    if size is None:
        return -1
    if not hasattr(type(size), '__index__'):
        raise TypeError(f"argument should be integer or None, not '{type(size).__name__}'")
    return _index(size)


class StringIO(TextIOBase):
    # Before `__init__` all is as after `close`.
    _shut, _decoder, _text, _parts, _pos, _end = True, None, '', (), 0, 0

    def __init__(self, initial_value='', newline='\n'):
        if newline is not None and not isinstance(newline, str):
            raise TypeError(f"newline must be str or None, not {type(newline).__name__}")
        if newline not in (None, '', '\n', '\r', '\r\n'):
            raise ValueError(f"illegal newline value: {newline!r}")
        if initial_value is not None and not isinstance(initial_value, str):
            raise TypeError("initial_value must be str or None, not "
                            f"{type(initial_value).__name__}")
        self._newline = newline
        self._decoder = None if newline else IncrementalNewlineDecoder(None, newline is None)
        self._replaces = newline if newline in ('\r', '\r\n') else None
        self._plain = newline == '\n'
        # The text is `_text` and, behind it, `_parts`; `_end` is its length.
        self._text, self._parts, self._pos, self._end, self._shut = '', [], 0, 0, False
        if initial_value:
            self.write(initial_value)
            self._pos = 0

    def _whole(self):
        if self._parts:
            self._text = ''.join([self._text, *self._parts])
            self._parts = []
        return self._text

    def _check(self):
        if self._shut:
            raise ValueError("I/O operation on closed file")

    def write(self, s, /):
        if not isinstance(s, str):
            raise TypeError(f"string argument expected, got '{type(s).__name__}'")
        if self._shut:
            raise ValueError("I/O operation on closed file")
        count = len(s)
        if not self._plain:
            if self._decoder is not None:
                s = self._decoder.decode(s, True)
            elif self._replaces is not None:
                s = s.replace('\n', self._replaces)
        pos = self._pos
        if pos == self._end:
            self._parts.append(s)
            self._pos = self._end = pos + len(s)
        elif s:
            text = self._whole().ljust(pos, '\0')
            stop = pos + len(s)
            self._text = text[:pos] + s + text[stop:]
            self._pos, self._end = stop, len(self._text)
        return count

    def getvalue(self):
        self._check()
        return self._whole()

    def read(self, size=-1, /):
        self._check()
        pos = self._pos
        if (size := _size(size)) < 0:
            stop = self._end
        else:
            stop = min(pos + size, self._end)
        if pos >= stop:
            return ''
        self._pos = stop
        return self._whole()[pos:stop]

    def _line_end(self, text, pos):
        newline = self._newline
        if newline == '':
            lf, cr = text.find('\n', pos), text.find('\r', pos)
            if cr < 0 or 0 <= lf < cr:
                at = lf + 1
            else:
                at = cr + 2 if lf == cr + 1 else cr + 1
        elif newline == '\r\n':
            at = text.find(newline, pos)
            at = at + 2 if at >= 0 else 0
        else:
            at = text.find(newline or '\n', pos) + 1
        return at or self._end

    def readline(self, size=-1, /):
        self._check()
        pos = self._pos
        if pos >= self._end:
            return ''
        text = self._whole()
        stop = self._line_end(text, pos)
        if 0 <= (size := _size(size)) < stop - pos:
            stop = pos + size
        self._pos = stop
        return text[pos:stop]

    def __next__(self):
        if self._shut:
            raise ValueError("I/O operation on closed file")
        pos = self._pos
        if pos >= self._end:
            raise StopIteration
        text = self._text if not self._parts else self._whole()
        self._pos = stop = self._line_end(text, pos)
        return text[pos:stop]

    def tell(self):
        self._check()
        return self._pos

    def truncate(self, pos=None, /):
        self._check()
        if pos is None:
            pos = self._pos
        else:
            pos = _index(pos)
        if pos < 0:
            raise ValueError(f"Negative size value {pos}")
        if pos < self._end:
            self._text = self._whole()[:pos]
            self._end = pos
        return pos

    def seek(self, pos, whence=0, /):
        self._check()
        pos, whence = _index(pos), _index(whence)
        if whence not in (0, 1, 2):
            raise ValueError(f"Invalid whence ({whence}, should be 0, 1 or 2)")
        if pos < 0 and whence == 0:
            raise ValueError(f"Negative seek position {pos}")
        if whence and pos:
            raise OSError("Can't do nonzero cur-relative seeks")
        if whence == 0:
            self._pos = pos
        elif whence == 2:
            self._pos = self._end
        return self._pos

    def close(self):
        self._shut = True
        self._text, self._parts = '', []

    @property
    def closed(self):
        return self._shut

    def readable(self):
        self._check()
        return True

    def writable(self):
        self._check()
        return True

    def seekable(self):
        self._check()
        return True

    @property
    def line_buffering(self):
        self._check()
        return False

    @property
    def newlines(self):
        self._check()
        return None if self._decoder is None else self._decoder.newlines

    def __getstate__(self):
        self._check()
        state = {k: v for k, v in self.__dict__.items() if k not in _OWN}
        return self._whole(), self._newline, self._pos, state or None

    def __setstate__(self, state):
        if self.__dict__.get('_shut'):
            raise ValueError("__setstate__ on closed file")
        if not isinstance(state, tuple) or len(state) < 4:
            raise TypeError(f"{type(self).__name__}.__setstate__ argument should be 4-tuple, got "
                            f"{type(state).__name__}")
        text, newline, pos, extra = state[:4]
        if not isinstance(text, str):
            raise TypeError(f"initial_value must be str or None, not {type(text).__name__}")
        if not isinstance(pos, int):
            raise TypeError(f"third item of state must be an integer, got {type(pos).__name__}")
        if pos < 0:
            raise ValueError("position value cannot be negative")
        if extra is not None and not isinstance(extra, dict):
            raise TypeError(f"fourth item of state should be a dict, got a {type(extra).__name__}")
        StringIO.__init__(self, None, newline)
        # The text has been translated already.
        self._text, self._end, self._pos = text, len(text), pos
        if extra:
            self.__dict__.update(extra)


_OWN = frozenset(StringIO('').__dict__)
StringIO.__module__ = '_io'

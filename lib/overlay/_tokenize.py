# native: tokens of a source that comes line by line. CPython's counterpart: Python/Python-tokenize.c.

import _tokenize_native as _n


class TokenizerIter:
    __module__ = '_tokenize'

    def __init__(self, readline, /, *, extra_tokens, encoding=None):
        if encoding is not None and not isinstance(encoding, str):
            raise TypeError("TokenizerIter() argument 'encoding' must be str, not "
                            f"{type(encoding).__name__}")
        self._readline, self._extra, self._encoding = readline, bool(extra_tokens), encoding
        self._rows = None

    def __iter__(self):
        return self

    def __next__(self):
        if self._rows is None:
            # All lines are read before the first token is given.
            self._rows, self._error = _n.tokens(_read(self._readline, self._encoding), self._extra)
            self._at = 0
        at = self._at
        if at < len(self._rows):
            self._at = at + 1
            return self._rows[at]
        if self._error is not None:
            kind, message, *place = self._error
            self._error = None
            if place[2]:
                raise kind(message, ('<string>', *place))
            error = kind(message)
            error.filename, error.lineno, error.offset = '<string>', place[0], place[1]
            raise error
        raise StopIteration("EOF")


def _read(readline, encoding):
    parts = []
    while True:
        try:
            line = readline()
        except StopIteration:
            break
        if encoding is not None:
            if not isinstance(line, bytes):
                raise TypeError("readline() returned a non-bytes object")
            line = line.decode(encoding)
        elif not isinstance(line, str):
            raise TypeError("readline() returned a non-string object")
        if not line:
            break
        parts.append(line)
        if '\0' in line:
            break
    return ''.join(parts)

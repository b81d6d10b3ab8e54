# native: pattern, match and scanner objects over the native matcher.
# CPython's counterpart: Modules/_sre/sre.c.

import _sre_native as _n
from _sre_native import find as _find, text_of as _text_of

MAGIC = 20230612
CODESIZE = 4
MAXREPEAT = 4294967295
MAXGROUPS = 1073741823

_TEMPLATE_CACHE = {}


def getcodesize():
    return CODESIZE


def _lower(c):
    text = chr(c).lower()
    return ord(text) if len(text) == 1 else c


def ascii_iscased(character, /):
    return 65 <= character <= 90 or 97 <= character <= 122


def ascii_tolower(character, /):
    return character + 32 if 65 <= character <= 90 else character


def unicode_iscased(character, /):
    c = chr(character)
    return c.lower() != c or c.upper() != c


def unicode_tolower(character, /):
    return _lower(character)


def _is_text(subject):
    return isinstance(subject, str)


def compile(pattern, flags, code, groups, groupindex, indexgroup):
    return _make_pattern(pattern, flags, _n.pack_code(code), groups, groupindex, indexgroup)


def template(pattern, template, /):
    """A replacement: literal, then pairs of group and literal."""
    return (template[0], [(template[i], template[i + 1] if i + 1 < len(template) else '')
                          for i in range(1, len(template), 2)])


def _subject(string):
    """What the matcher reads: buffers of Python classes as views."""
    if isinstance(string, (str, bytes, bytearray, memoryview)):
        return string
    return memoryview(string)


class Pattern:
    __slots__ = ('pattern', 'flags', '_code', 'groups', '_groupindex', '_indexgroup',
                 '__weakref__')

    def __new__(cls, *args):
        raise TypeError("cannot create 're.Pattern' instances")

    @property
    def groupindex(self):
        import types
        return types.MappingProxyType(self._groupindex)

    def _subject(self, string):
        if self.pattern is None:
            return string
        if isinstance(string, str):
            if not isinstance(self.pattern, str):
                raise TypeError("cannot use a bytes pattern on a string-like object")
        else:
            if not hasattr(type(string), '__buffer__') and not isinstance(
                    string, (bytes, bytearray, memoryview)):
                raise TypeError(f"expected string or bytes-like object, got "
                                f"'{type(string).__name__}'")
            if isinstance(self.pattern, str):
                raise TypeError("cannot use a string pattern on a bytes-like object")
        return string

    def _run(self, string, pos, endpos, kind):
        if type(string) is not str or type(self.pattern) is not str:
            self._subject(string)
        n = len(string)
        pos = min(max(pos, 0), n) if pos else 0
        endpos = n if endpos is None else min(max(endpos, 0), n)
        marks = _find(self._code, _subject(string), pos, endpos, kind, False)
        return None if marks is None else _make_match(self, string, pos, endpos, marks)

    def match(self, string, pos=0, endpos=None):
        return self._run(string, pos, endpos, 0)

    def fullmatch(self, string, pos=0, endpos=None):
        return self._run(string, pos, endpos, 1)

    def search(self, string, pos=0, endpos=None):
        return self._run(string, pos, endpos, 2)

    def _batches(self, string, pos, endpos):
        """The marks of all matches, in lists. Text that cannot change is looked through in steps."""
        n = len(string)
        pos = min(max(pos, 0), n)
        endpos = n if endpos is None else min(max(endpos, 0), n)
        advance = False
        code = self._code
        plain = type(string) in (str, bytes)
        subject = string if plain else _subject(string)
        step = 50 if plain else 1
        while pos <= endpos:
            found = _n.find_some(code, subject, pos, endpos, advance, step)
            if found:
                yield found
            if len(found) < step:
                return
            marks = found[-1]
            pos = marks[2]
            advance = marks[1] == pos

    def finditer(self, string, pos=0, endpos=None):
        # The view keeps a buffer from changing its size meanwhile.
        view = memoryview(string) if isinstance(string, bytearray) else None
        return self._iterate(self._subject(string), pos, endpos, view)

    def _iterate(self, string, pos, endpos, view):
        n = len(string)
        end = n if endpos is None else min(max(endpos, 0), n)
        start = min(max(pos, 0), n)
        for found in self._batches(string, pos, endpos):
            for marks in found:
                match = _new(Match)
                match.re = self
                match.string = string
                match.pos = start
                match.endpos = end
                match._marks = marks
                yield match

    def findall(self, string, pos=0, endpos=None):
        self._subject(string)
        plain = _plain(string)
        n = len(plain)
        pos = min(max(pos, 0), n)
        endpos = n if endpos is None else min(max(endpos, 0), n)
        return _n.find_texts(self._code, plain, pos, endpos, self.groups)

    def split(self, string, maxsplit=0):
        out = []
        last = 0
        plain = _plain(self._subject(string))
        groups = range(1, self.groups + 1)
        if maxsplit >= 0:
            left = maxsplit or -1
            for found in self._batches(string, 0, None):
                for marks in found:
                    out.append(plain[last:marks[1]])
                    for g in groups:
                        out.append(_text_of(marks, plain, g, None))
                    last = marks[2]
                    left -= 1
                    if not left:
                        break
                if not left:
                    break
        out.append(plain[last:])
        return out

    def sub(self, repl, string, count=0):
        return self._subx(repl, string, count)[0]

    def subn(self, repl, string, count=0):
        return self._subx(repl, string, count)

    def _subx(self, repl, string, count):
        if callable(repl):
            filler = repl
        else:
            literal = '\\' not in repl if isinstance(repl, str) else b'\\' not in bytes(repl)
            if literal:
                filler = None
            else:
                import re
                parsed = re._compile_template(self, repl)
                if isinstance(parsed, (str, bytes)):
                    filler, repl = None, parsed
                elif not parsed[1]:
                    filler, repl = None, parsed[0]
                else:
                    head, pairs = parsed
                    filler = lambda m: _expand(m, head, pairs)
        plain = _plain(self._subject(string))
        if count < 0:
            return plain, 0
        if filler is None and type(repl) is type(plain) is type(self.pattern):
            return _n.replace(self._code, plain, repl, count)
        out = []
        last = n = 0
        end = len(plain)
        kinds = str if _is_text(string) else (bytes, bytearray, memoryview)
        for found in self._batches(string, 0, None):
            for marks in found:
                if marks[1] > last:
                    out.append(plain[last:marks[1]])
                if filler is None:
                    out.append(repl)
                else:
                    piece = filler(_make_match(self, string, 0, end, marks))
                    if piece is not None:
                        if not isinstance(piece, kinds):
                            kind = "str" if _is_text(string) else "a bytes-like object"
                            raise TypeError(f"sequence item {len(out)}: expected {kind} instance, "
                                            f"{type(piece).__name__} found")
                        out.append(piece)
                last = marks[2]
                n += 1
                if n == count:
                    break
            if n == count and count:
                break
        out.append(plain[last:])
        return plain[:0].join(out), n

    def scanner(self, string, pos=0, endpos=None):
        self._subject(string)
        n = len(string)
        scanner = _new(SRE_Scanner)
        scanner.pattern, scanner._string = self, string
        scanner._pos = scanner._start = min(max(pos, 0), n)
        scanner._end = n if endpos is None else min(max(endpos, 0), n)
        scanner._advance = False
        return scanner

    def _fail_after(self, count, exception, /):
        pass

    def __repr__(self):
        flags = self.flags
        if isinstance(self.pattern, str) and flags & (4 | 32 | 256) == 32:
            flags &= ~32
        names = []
        for bit, name in ((2, 're.IGNORECASE'), (4, 're.LOCALE'), (8, 're.MULTILINE'),
                          (16, 're.DOTALL'), (32, 're.UNICODE'), (64, 're.VERBOSE'),
                          (128, 're.DEBUG'), (256, 're.ASCII')):
            if flags & bit:
                names.append(name)
                flags &= ~bit
        if flags:
            names.append(hex(flags))
        text = repr(self.pattern)[:200]
        return f"re.compile({text}{', ' + '|'.join(names) if names else ''})"

    def __eq__(self, other):
        if type(other) is not Pattern:
            return NotImplemented
        return (self is other or self.flags == other.flags and self._code == other._code
                and self.pattern == other.pattern
                and type(self.pattern) is type(other.pattern))

    def __hash__(self):
        return hash((self.flags, self._code, self.pattern))

    def __copy__(self):
        return self

    def __deepcopy__(self, memo, /):
        return self

    def __reduce__(self):
        import re
        return (re._compile, (self.pattern, self.flags))

    __class_getitem__ = classmethod(type(list[int]))


Pattern.__module__ = 're'
_new = object.__new__


def _make_pattern(pattern, flags, code, groups, groupindex, indexgroup):
    self = _new(Pattern)
    self.pattern, self.flags, self._code, self.groups = pattern, flags, code, groups
    self._groupindex, self._indexgroup = groupindex, indexgroup
    return self


def _plain(string):
    if type(string) in (str, bytes):
        return string
    if isinstance(string, str):
        return str.__str__(string)
    return bytes(string)


def _expand(match, head, pairs):
    plain = _plain(match.string)
    empty = plain[:0]
    out = [head]
    for group, literal in pairs:
        out.append(match._text(group, empty))
        out.append(literal or empty)
    return empty.join(out)


class Match:
    __slots__ = ('re', 'string', 'pos', 'endpos', '_marks')

    def __new__(cls, *args):
        raise TypeError("cannot create 're.Match' instances")

    def _index(self, group):
        if hasattr(type(group), '__index__'):
            n = group.__index__()
            if 0 <= n <= self.re.groups:
                return n
        else:
            try:
                n = self.re._groupindex.get(group)
            except TypeError:
                n = None
            if n is not None:
                return n
        raise IndexError("no such group")

    def _bounds(self, n):
        marks = self._marks
        if n == 0:
            return marks[1], marks[2]
        i = 1 + 2 * n
        if i + 1 < len(marks) and marks[i] >= 0 and marks[i + 1] >= 0:
            return marks[i], marks[i + 1]
        return -1, -1

    def _text(self, n, default=None):
        string = self.string
        if type(string) is not str and type(string) is not bytes:
            string = _plain(string)
        return _text_of(self._marks, string, n, default)

    def group(self, *groups):
        if len(groups) != 1:
            if not groups:
                return self._text(0)
            return tuple([self._text(self._index(g)) for g in groups])
        n = groups[0]
        if type(n) is not int or not 0 <= n <= self.re.groups:
            n = self._index(n)
        string = self.string
        if type(string) is str:
            return _text_of(self._marks, string, n, None)
        return self._text(n)

    def __getitem__(self, group, /):
        return self._text(self._index(group))

    def groups(self, default=None):
        string = self.string
        if type(string) is not str and type(string) is not bytes:
            string = _plain(string)
        return _n.texts_of(self._marks, string, self.re.groups, default)

    def groupdict(self, default=None):
        return {name: self._text(g, default) for name, g in self.re._groupindex.items()}

    def start(self, group=0, /):
        return self._bounds(self._index(group))[0]

    def end(self, group=0, /):
        return self._bounds(self._index(group))[1]

    def span(self, group=0, /):
        return self._bounds(self._index(group))

    @property
    def regs(self):
        return tuple([self._bounds(g) for g in range(self.re.groups + 1)])

    @property
    def lastindex(self):
        n = self._marks[0]
        return n if n > 0 else None

    @property
    def lastgroup(self):
        n = self._marks[0]
        if n <= 0 or n >= len(self.re._indexgroup):
            return None
        return self.re._indexgroup[n]

    def expand(self, template):
        import re
        parsed = re._compile_template(self.re, template)
        if isinstance(parsed, (str, bytes)):
            return parsed
        return _expand(self, *parsed)

    def __repr__(self):
        return (f"<re.Match object; span={self.span()!r}, match={self._text(0)!r}>")

    def __copy__(self):
        return self

    def __deepcopy__(self, memo, /):
        return self

    __class_getitem__ = classmethod(type(list[int]))


Match.__module__ = 're'


def _make_match(pattern, string, pos, endpos, marks):
    self = _new(Match)
    self.re = pattern
    self.string = string
    self.pos = pos
    self.endpos = endpos
    self._marks = marks
    return self


class SRE_Scanner:
    def _step(self, kind):
        if self._pos > self._end:
            return None
        marks = _n.find(self.pattern._code, _subject(self._string), self._pos, self._end, kind, self._advance)
        if marks is None:
            self._pos = self._end + 1
            return None
        self._pos = marks[2]
        self._advance = marks[1] == marks[2]
        return _make_match(self.pattern, self._string, self._start, self._end, marks)

    def match(self):
        return self._step(0)

    def search(self):
        return self._step(2)


SRE_Scanner.__module__ = '_sre'

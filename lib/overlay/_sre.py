# native: what `re` asks of its engine; patterns and matches are types of the runtime.
# CPython's counterpart: Modules/_sre/sre.c.

"""The matcher behind the re module."""

import _sre_native as _n
from _sre_native import make_pattern as _make_pattern

MAGIC = 20230612
CODESIZE = 4
MAXREPEAT = 4294967295
MAXGROUPS = 1073741823


def getcodesize():
    return CODESIZE


def ascii_iscased(character, /):
    return 65 <= character <= 90 or 97 <= character <= 122


def ascii_tolower(character, /):
    return character + 32 if 65 <= character <= 90 else character


def unicode_iscased(character, /):
    c = chr(character)
    return c.lower() != c or c.upper() != c


def unicode_tolower(character, /):
    return _n.lower(character)


def compile(pattern, flags, code, groups, groupindex, indexgroup):
    return _make_pattern(pattern, flags, code, groups, groupindex, indexgroup)


def template(pattern, template, /):
    """A replacement: a literal, a group, a literal and so on."""
    return tuple(template)

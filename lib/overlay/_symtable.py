# native: symbol tables of the compiler as objects. CPython's counterpart: Modules/symtablemodule.c.

"""The compiler's symbol tables."""

import _ast_native as _n

DEF_GLOBAL, DEF_LOCAL, DEF_PARAM, DEF_NONLOCAL, USE, DEF_FREE_CLASS = 1, 2, 4, 8, 16, 64
DEF_IMPORT, DEF_ANNOT, DEF_COMP_ITER, DEF_TYPE_PARAM, DEF_COMP_CELL = 128, 256, 512, 1024, 2048
DEF_BOUND = DEF_LOCAL | DEF_PARAM | DEF_IMPORT
TYPE_FUNCTION, TYPE_CLASS, TYPE_MODULE, TYPE_ANNOTATION = 0, 1, 2, 3
TYPE_TYPE_ALIAS, TYPE_TYPE_PARAMETERS, TYPE_TYPE_VARIABLE = 4, 5, 6
LOCAL, GLOBAL_EXPLICIT, GLOBAL_IMPLICIT, FREE, CELL = 1, 2, 3, 4, 5
SCOPE_OFF, SCOPE_MASK = 12, 15


class _entry:
    __slots__ = ('children', 'id', 'lineno', 'name', 'nested', 'symbols', 'type', 'varnames',
                 '__weakref__')

    def __repr__(self):
        return f"<symtable entry {self.name}({self.id}), line {self.lineno}>"


_entry.__name__ = _entry.__qualname__ = 'symtable entry'


def symtable(source, filename, startstr, /):
    import _compile
    filename = _compile._filename(filename)
    if not isinstance(startstr, str):
        raise TypeError("symtable() argument 3 must be str, not "
                        f"{type(startstr).__name__}")
    text = _compile._text(source, filename, 'symtable() arg 1', None)
    if startstr not in ('exec', 'eval', 'single'):
        raise ValueError("symtable() arg 3 must be 'exec' or 'eval' or 'single'")
    scopes, rows = _n.symbols(text, filename, startstr, 0, 0, -1, -1)
    if rows:
        _compile.issue(filename, rows)
    entries = [_entry() for scope in scopes]
    for entry, (name, kind, lineno, nested, symbols, varnames, children) in zip(entries, scopes):
        entry.id = id(entry)
        entry.name, entry.type, entry.lineno, entry.nested = name, kind, lineno, nested
        entry.symbols, entry.varnames = dict(symbols), varnames
        entry.children = [entries[i] for i in children]
    return entries[0]

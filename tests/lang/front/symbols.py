# Scopes through the symtable module.
import symtable


def show(table, indent=''):
    print(indent, table.get_type(), table.get_name(), table.get_lineno(), table.is_nested())
    for symbol in sorted(table.get_symbols(), key=lambda s: s.get_name()):
        print(indent, '  ', symbol, symbol.is_parameter(), symbol.is_assigned(), symbol.is_annotated(),
              [ns.get_name() for ns in symbol.get_namespaces()])
    for child in table.get_children():
        show(child, indent + '    ')


show(symtable.symtable('''
def f(a, *b, c=1, **d):
    global g
    x: int = a
    def inner():
        nonlocal x
        return [x for y in b]
    return lambda: inner(a), (z for z in c)
class A[T](B):
    __slots__ = ('x',)
    def m(self): return super().m()
type Alias[U] = list[U]
import os as o
''', 'f', 'exec'))
for args in [('1', 'f', 'x'), (1, 'f', 'exec'), ('1', 1, 'exec'), ('return', 'f', 'exec')]:
    try:
        symtable.symtable(*args)
    except Exception as e:
        print(type(e).__name__, e)

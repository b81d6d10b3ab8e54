# Code objects made of parts, changed copies, branches, and what is refused.
import copy
import types
import warnings

FIELDS = ('argcount posonlyargcount kwonlyargcount nlocals stacksize flags code consts names '
          'varnames filename name qualname firstlineno linetable exceptiontable freevars '
          'cellvars').split()


def rebuilt(code, **changes):
    return types.CodeType(*[changes.get(f, getattr(code, 'co_' + f)) for f in FIELDS])


def closure(a, *, b=2):
    def inner(c):
        try:
            return [a + b + x for x in range(c)]
        finally:
            a
    return inner


def numbers(n):
    for i in range(n):
        if i % 2:
            yield i


for f in closure, numbers, rebuilt:
    again = rebuilt(f.__code__)
    print(again == f.__code__, hash(again) == hash(f.__code__), again.co_name)
made = types.FunctionType(rebuilt(closure.__code__), globals(), 'closure', None, None)
made.__kwdefaults__ = {'b': 5}
print(made(1)(3))
print(list(types.FunctionType(rebuilt(numbers.__code__, name='n2'), {'range': range})(6)))


def one():
    x = 1
    return x


def two():
    y = 'two'
    return y


code = one.__code__
print(types.FunctionType(code.replace(co_consts=two.__code__.co_consts,
                                      co_code=two.__code__.co_code), {})())
for change in (dict(co_name='new'), dict(co_firstlineno=7), dict(co_varnames=('z',)),
               dict(co_freevars=('free',)), dict(co_cellvars=('cell',)), dict(co_filename='file')):
    for replace in code.replace, lambda **kw: copy.replace(code, **kw):
        new = replace(**change)
        (name, value), = change.items()
        print(name, getattr(new, name) == value, new == code)
for change in (dict(co_nlocals=0), dict(co_nlocals=2), dict(co_argcount=9), dict(co_code=b'x'),
               dict(co_code=1), dict(co_name=1), dict(co_consts=[]), dict(co_argcount=-1),
               dict(co_nothing=1), dict(co_flags='x'), dict(co_linetable='')):
    try:
        code.replace(**change)
    except Exception as e:
        print(type(e).__name__, e)
print(list(code.replace(co_linetable=b'').co_lines()))
with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter('always')
    print(type(code.co_lnotab))
    print([str(w.message) for w in seen])
print(list(code.co_branches()), all(len(row) == 3 for row in numbers.__code__.co_branches()))

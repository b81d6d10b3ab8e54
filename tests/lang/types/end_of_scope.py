# The order in which things die, augmented operators in errors, operators of three, classes with queues.
import types
from collections import OrderedDict


class D:
    def __init__(self, n):
        self.n = n

    def __del__(self):
        print('del', self.n, end=' ')


def f(p):
    a, b = D('a'), D('b')
    c = D('c')


f(D('p'))
print()


def g():
    a, b = D('ga'), D('gb')
    yield 1


x = g()
next(x)
del x
print()


def m():
    a, b = D('ma'), D('mb')
    return [D('t1'), D('t2')][0].n, (D('u1'), D('u2')), {D('k1'): D('v1')}


m()
print()


def n(*args):
    b = D('n.b')


n(D('1'), D('2'))
print()
t = (D('x'), [D('y'), (D('z1'), D('z2'))], D('w'))
del t
print()

for op in '+ - * / // % ** @ << >> & | ^'.split():
    for a, b in (('None', '2'), ('2', 'None'), ('{}', 'object()'), ("'a'", '1.5'), ('set()', '[1]')):
        for text in (f"x = {a}\nx {op}= {b}", f"{a} {op} {b}"):
            try:
                exec(text)
            except TypeError as e:
                print(e)


class I(int):
    def __rpow__(self, other, mod=None):
        return ('rpow', other, mod)


print(pow(2, I(3), 5), pow(2, I(3)), 2 ** I(3), pow(I(2), 3, 5))
for args in ((2, 'a', 3), ('a', 1, 2), (2.0, 1, 2), (2, 1, 2.0), (2, 1, 0)):
    try:
        print(pow(*args))
    except Exception as e:
        print(type(e).__name__, e)

mod = types.ModuleType('mod')


class Sub(types.ModuleType):
    @property
    def x(self):
        return 5


mod.y = 1
mod.__class__ = Sub
print(mod.x, mod.y, vars(mod)['y'], type(mod).__name__, Sub.__dictoffset__ != 0)
ns = types.SimpleNamespace(a=1)
ns.me = ns
print(ns)
d = {}
d['v'] = d.values()
print(d)

s = set(range(100000))
while s:
    s.pop()
print(len(s))
for make in (dict, OrderedDict):
    q = make.fromkeys(range(20000))
    while q:
        del q[next(iter(q))]
    print(len(q))
for d in ({0: 0}, {0: 0, 1: 1}):
    try:
        for k in d:
            del d[k]
            d[k] = 0
    except RuntimeError as e:
        print(e)
print(types.CellType(1) < types.CellType(2), types.CellType() < types.CellType(0))


def outer():
    y = 1

    class C:
        global y
        y = 2
        values = [(x, y) for x in range(2)]
    return C.values


print(outer())
print(len(dir(list[int])) > 20, repr(bytearray(b"'")))

# Cycles that the collector breaks: through instances of subclasses of str, int and the like, through
# tasklet-free containers of every kind, and through classes.
import collections
import functools
import gc
import itertools
import types
import weakref

gc.collect()


class Mark:
    pass


def check(name, make):
    mark = Mark()
    seen = weakref.ref(mark)
    make(mark)
    del mark
    gc.collect()
    gc.collect()
    print(name, 'collected' if seen() is None else 'leaked')


def subclass(base, *args):
    def make(mark):
        class C(base):
            pass
        C.own = C(*args)
        C.own.mark = mark
    return make


for base, args in [(int, (5,)), (str, ('a',)), (bytes, (b'a',)), (float, (1.5,)), (complex, (1j,)),
                   (tuple, ((1,),)), (list, ()), (dict, ()), (set, ()), (frozenset, ()),
                   (bytearray, (b'a',)), (Exception, ()), (types.SimpleNamespace, ()),
                   (collections.deque, ()), (functools.partial, (print,)), (property, ())]:
    check(f'class of {base.__name__}', subclass(base, *args))


def through(wrap):
    def make(mark):
        box = [mark]
        box.append(wrap(box))
    return make


class Slotted:
    __slots__ = ('a',)

    def __init__(self, a):
        self.a = a


def closure(x):
    return lambda: x


def generator(x):
    def g():
        yield x
    it = g()
    next(it)
    return it


for name, wrap in {
    'tuple': lambda x: (x,), 'list': lambda x: [x], 'dict': lambda x: {1: x}, 'slice': slice,
    'closure': closure, 'generator': generator, 'slots': Slotted, 'method': lambda x: types.MethodType(print, x),
    'bound append': lambda x: x.append, 'iterator': iter, 'reversed': reversed, 'map': lambda x: map(len, x),
    'zip': lambda x: zip(x), 'enumerate': enumerate, 'chain': itertools.chain, 'cycle': itertools.cycle,
    'partial': lambda x: functools.partial(print, x), 'property': property, 'staticmethod': staticmethod,
    'proxy': lambda x: types.MappingProxyType({1: x}), 'alias': lambda x: list[x], 'exception': lambda x: ValueError(x),
    'deque': lambda x: collections.deque([x]), 'namespace': lambda x: types.SimpleNamespace(a=x),
    'cell': types.CellType, 'view': lambda x: {1: x}.values(), 'weakref callback': lambda x: weakref.ref(Mark, x.append),
}.items():
    check(name, through(wrap))

# A class that has died leaves nothing with its base.
before = len(object.__subclasses__())
for _ in range(1000):
    class Temporary:
        pass
del Temporary
gc.collect()
print(len(object.__subclasses__()) - before)

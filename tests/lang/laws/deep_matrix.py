# outputs: ours (CPython cannot go so deep)
# Law 1 as a matrix: each case is one way in which Python calls Python. A case makes an operation
# whose callback is `go`; `go` runs the operation again, so that all of them nest. What is printed
# is whether the nesting reached DEPTH activations of the callback without native stack.
# `cargo x stress --deep` runs it at depth 100,000.
import sys, os, resource
DEPTH = int(os.environ.get('DEEP_MATRIX_DEPTH', 10_000))
ONLY = os.environ.get('DEEP_MATRIX_ONLY')
sys.setrecursionlimit(20 * DEPTH + 1000)
resource.setrlimit(resource.RLIMIT_STACK, (8 << 20, resource.getrlimit(resource.RLIMIT_STACK)[1]))
CASES = []
SCALE = {}


def case(name, scale=1):
    def deco(factory):
        CASES.append((name, factory))
        SCALE[name] = scale
        return factory
    return deco


def run(name, factory):
    left = depth = 0
    deepest = 0
    limit = max(1, DEPTH // SCALE[name])

    def go(*args, **kw):
        nonlocal left, depth, deepest
        depth += 1
        if depth > deepest:
            deepest = depth
        if left > 0:
            left -= 1
            op()
        depth -= 1
        return 1
    op = factory(go)
    left = limit - 1
    try:
        go()
    except BaseException as e:
        print(name, type(e).__name__, str(e)[:80])
        if ONLY:
            import traceback
            traceback.print_exc(limit=-6)
        return
    print(name, 'ok' if deepest == limit else f'not nested: {deepest}')


def special(name, operation, result=1, kind=object, **more):
    """A class with one special method, and the operation that calls it."""
    def factory(go):
        def method(self, *args):
            go()
            return result(self, *args) if callable(result) else result
        C = type('C', (kind,), {name: method, **more})
        x = C()
        return lambda: operation(x)
    return factory


BINARY = {
    'add': lambda x, y: x + y, 'sub': lambda x, y: x - y, 'mul': lambda x, y: x * y,
    'matmul': lambda x, y: x @ y, 'truediv': lambda x, y: x / y, 'floordiv': lambda x, y: x // y,
    'mod': lambda x, y: x % y, 'pow': lambda x, y: x ** y, 'lshift': lambda x, y: x << y,
    'rshift': lambda x, y: x >> y, 'and': lambda x, y: x & y, 'or': lambda x, y: x | y,
    'xor': lambda x, y: x ^ y, 'divmod': divmod,
}
for op_name, f in BINARY.items():
    CASES.append((f'__{op_name}__', special(f'__{op_name}__', lambda x, f=f: f(x, 1))))
    CASES.append((f'__r{op_name}__', special(f'__r{op_name}__', lambda x, f=f: f(None, x))))
    SCALE[f'__{op_name}__'] = SCALE[f'__r{op_name}__'] = 1


def inplace(op):
    space = {}
    exec(f'def f(x):\n  x {op} 1\n  return x', space)
    return space['f']


for op_name, sign in [('iadd', '+='), ('isub', '-='), ('imul', '*='), ('imatmul', '@='),
                      ('itruediv', '/='), ('ifloordiv', '//='), ('imod', '%='), ('ipow', '**='),
                      ('ilshift', '<<='), ('irshift', '>>='), ('iand', '&='), ('ior', '|='), ('ixor', '^=')]:
    CASES.append((f'__{op_name}__', special(f'__{op_name}__', inplace(sign))))
    SCALE[f'__{op_name}__'] = 1
for op_name, f in {'lt': lambda x: x < 1, 'le': lambda x: x <= 1, 'gt': lambda x: x > 1, 'ge': lambda x: x >= 1,
                   'eq': lambda x: x == 1, 'ne': lambda x: x != 1,
                   'neg': lambda x: -x, 'pos': lambda x: +x, 'invert': lambda x: ~x, 'abs': abs,
                   'round': round, 'len': len, 'hash': hash, 'index': lambda x: [5, 6][x],
                   'getitem': lambda x: x[0], 'delitem': lambda x: x.__delitem__(1),
                   'contains': lambda x: 1 in x, 'call': lambda x: x(), 'iter': None, 'next': next,
                   'reversed': None, 'length_hint': None}.items():
    if f:
        CASES.append((f'__{op_name}__', special(f'__{op_name}__', f)))
        SCALE[f'__{op_name}__'] = 1


def more(name, operation, result=1, key=None, kind=object, scale=1, **extra):
    label = key or name
    CASES.append((label, special(name, operation, result, kind, **extra)))
    SCALE[label] = scale


import math, operator, cmath
more('__int__', int); more('__float__', float, 1.0); more('__complex__', complex, 1j)
more('__index__', int, key='int() by __index__'); more('__index__', float, key='float() by __index__')
more('__trunc__', math.trunc); more('__floor__', math.floor); more('__ceil__', math.ceil)
more('__index__', hex, key='hex'); more('__index__', range, key='range'); more('__index__', bytes, key='bytes(index)')
more('__index__', lambda x: 'abc' * x, key='str * index'); more('__index__', lambda x: [1] * x, key='list * index')
more('__index__', lambda x: [1, 2, 3][x:], key='slice by index'); more('__index__', lambda x: 'abc'[x], key='str[index]')
more('__index__', lambda x: chr(x), key='chr'); more('__index__', lambda x: [1, 2].pop(x), key='list.pop(index)')
more('__index__', lambda x: [1, 2].insert(x, 1), key='list.insert(index)')
more('__index__', lambda x: 'abc'.center(x), key='str.center'); more('__index__', lambda x: (5).to_bytes(x, 'big'), key='to_bytes')
more('__index__', lambda x: round(1.5, x), key='round(digits)'); more('__index__', lambda x: '%d' % x, key='%d')
more('__index__', lambda x: math.factorial(x), key='factorial'); more('__index__', lambda x: pow(2, 3, 5) and operator.index(x), key='operator.index')
more('__float__', math.sqrt, 1.0, key='sqrt'); more('__float__', lambda x: '%f' % x, 1.0, key='%f'); more('__complex__', cmath.sqrt, 1j, key='cmath.sqrt')
more('__repr__', repr, 'r'); more('__repr__', str, 'r', key='str by __repr__'); more('__str__', str, 's'); more('__format__', lambda x: format(x, 'q'), 'f')
more('__format__', lambda x: f'{x:q}', 'f', key='f-string'); more('__format__', lambda x: '{:q}'.format(x), 'f', key='str.format')
more('__str__', lambda x: f'{x!s}', 's', key='f-string !s'); more('__str__', lambda x: '%s' % x, 's', key='%s'); more('__repr__', lambda x: '%r' % (x,), 'r', key='%r')
more('__repr__', lambda x: ascii(x), 'r', key='ascii'); more('__repr__', lambda x: repr([x]), 'r', key='repr of a list'); more('__repr__', lambda x: repr((x,)), 'r', key='repr of a tuple')
more('__repr__', lambda x: repr({1: x}), 'r', key='repr of a dict'); more('__repr__', lambda x: repr({x}), 'r', key='repr of a set')
more('__bytes__', bytes, b'b'); more('__fspath__', __import__('os').fspath, 'p'); more('__fspath__', lambda x: os.path.join(x, 'a'), 'p', key='os.path.join')
more('__bool__', bool, True); more('__bool__', lambda x: not x, True, key='not'); more('__bool__', lambda x: x and 1, True, key='and'); more('__bool__', lambda x: 1 if x else 2, True, key='if')
more('__len__', lambda x: bool(x), 1, key='bool by __len__'); more('__bool__', lambda x: any([x]), True, key='any'); more('__bool__', lambda x: all([x]), True, key='all')
more('__bool__', lambda x: list(filter(None, [x])), True, key='filter(None)')
more('__iter__', lambda x: list(x), lambda s: iter(()), key='__iter__'); more('__iter__', lambda x: [*x], lambda s: iter(()), key='star display')
more('__iter__', lambda x: tuple(x), lambda s: iter(()), key='tuple()'); more('__iter__', lambda x: set(x), lambda s: iter(()), key='set()')
more('__iter__', lambda x: dict(x), lambda s: iter(()), key='dict()'); more('__iter__', lambda x: sum(x), lambda s: iter(()), key='sum')
more('__iter__', lambda x: ''.join(x), lambda s: iter(()), key='str.join'); more('__iter__', lambda x: [].extend(x), lambda s: iter(()), key='list.extend')
more('__iter__', lambda x: sorted(x), lambda s: iter(()), key='sorted'); more('__iter__', lambda x: zip(x), lambda s: iter(()), key='zip')
more('__iter__', lambda x: 5 in x, lambda s: iter(()), key='in by __iter__'); more('__iter__', lambda x: (lambda *a: a)(*x), lambda s: iter(()), key='call(*x)')
more('__iter__', lambda x: set().update(x), lambda s: iter(()), key='set.update'); more('__iter__', lambda x: {1}.union(x), lambda s: iter(()), key='set.union')
more('__next__', lambda x: next(x), 1, key='next()'); more('__next__', lambda x: [i for i in (x,) for _ in [next(i)]], 1, key='comprehension')


class Ends:
    def __iter__(self): return self


def ending(operation):
    def factory(go):
        class C:
            def __iter__(self): return self
            def __next__(self):
                go()
                raise StopIteration
        return lambda: operation(C())
    return factory


import itertools, functools, collections
for label, f in {
    'for': lambda x: [0 for _ in x], 'list(next)': list, 'tuple(next)': tuple, 'set(next)': set, 'frozenset(next)': frozenset, 'sum(next)': sum,
    'any(next)': any, 'all(next)': all, 'max(next)': lambda x: max(x, default=1), 'min(next)': lambda x: min(x, default=1),
    'sorted(next)': sorted, 'dict(next)': dict, 'join(next)': lambda x: ''.join(x), 'bytes join': lambda x: b''.join(x), 'bytes(next)': bytes,
    'bytearray(next)': bytearray, 'enumerate': lambda x: list(enumerate(x)), 'zip(next)': lambda x: list(zip(x)),
    'map(next)': lambda x: list(map(int, x)), 'filter(next)': lambda x: list(filter(int, x)), 'unpack': lambda x: [(a) for [*a] in [x]],
    'chain': lambda x: list(itertools.chain(x)), 'chain.from_iterable': lambda x: list(itertools.chain.from_iterable(x)), 'islice': lambda x: list(itertools.islice(x, 3)),
    'cycle': lambda x: list(itertools.cycle(x)), 'product': lambda x: list(itertools.product(x)), 'permutations': lambda x: list(itertools.permutations(x)),
    'combinations': lambda x: list(itertools.combinations(x, 2)), 'groupby': lambda x: list(itertools.groupby(x)), 'accumulate': lambda x: list(itertools.accumulate(x)),
    'tee': lambda x: list(itertools.tee(x)[0]), 'zip_longest': lambda x: list(itertools.zip_longest(x, [])), 'pairwise': lambda x: list(itertools.pairwise(x)),
    'batched': lambda x: list(itertools.batched(x, 2)), 'compress': lambda x: list(itertools.compress(x, [1])), 'takewhile': lambda x: list(itertools.takewhile(bool, x)),
    'deque': collections.deque, 'deque.extend': lambda x: collections.deque().extend(x), 'Counter': collections.Counter, 'OrderedDict': collections.OrderedDict,
    'reduce(next)': lambda x: functools.reduce(lambda a, b: a, x, 1), 'list slice': lambda x: [1].__setitem__(slice(0, 0), x), 'dict.fromkeys': dict.fromkeys,
    'dict.update(next)': lambda x: {}.update(x), 'set.intersection': lambda x: {1}.intersection(x), 'set.difference': lambda x: {1}.difference(x),
    'set.symmetric_difference': lambda x: {1}.symmetric_difference(x), 'set.issubset': lambda x: set().issubset(x), 'set.isdisjoint': lambda x: {1}.isdisjoint(x),
    'iter(range-like) in': lambda x: 7 in x, 'print(*x)': lambda x: print(*x, end='', file=sys.stderr), 'math.fsum': math.fsum, 'math.prod': math.prod,
}.items():
    CASES.append((label, ending(f))); SCALE[label] = 1


# Attributes.
more('__getattr__', lambda x: x.zz, 1); more('__getattr__', lambda x: hasattr(x, 'zz'), 1, key='hasattr'); more('__getattr__', lambda x: getattr(x, 'zz', 1), 1, key='getattr default')
more('__getattribute__', lambda x: x.zz, 1); more('__setattr__', lambda x: setattr(x, 'zz', 1), None); more('__delattr__', lambda x: delattr(x, 'zz'), None)
more('__setitem__', lambda x: operator.setitem(x, 1, 1), None); more('__missing__', lambda x: x[5], 1, kind=dict); more('__dir__', dir, lambda s: ['a'])
more('__getattr__', operator.attrgetter('zz'), 1, key='attrgetter'); more('__getitem__', operator.itemgetter(1), 1, key='itemgetter'); more('zz', operator.methodcaller('zz'), 1, key='methodcaller')
more('__missing__', lambda x: '%(a)s' % x, 'v', kind=dict, key='% with a mapping'); more('__missing__', lambda x: '{a}'.format_map(x), 'v', kind=dict, key='format_map')
more('__getitem__', lambda x: 'ab'.translate(x), None, key='str.translate'); more('__getitem__', lambda x: list(zip(range(1), iter(x))), 1, key='old iteration')
more('__sizeof__', sys.getsizeof, 10); more('__reversed__', reversed, lambda s: iter(())); more('__length_hint__', lambda x: list(x), 0, __iter__=lambda s: s, __next__=lambda s: next(iter(())))
more('__copy__', __import__('copy').copy, 1); more('__deepcopy__', __import__('copy').deepcopy, 1); more('__reduce__', lambda x: __import__('copy').copy(x), (int, ()))


@case('property')
def _(go):
    class C: p = property(go)
    x = C()
    return lambda: x.p
@case('property setter')
def _(go):
    class C: p = property(None, go, go)
    x = C()
    return lambda: setattr(x, 'p', 1)
@case('property deleter')
def _(go):
    class C: p = property(None, go, go)
    x = C()
    def op(): del x.p
    return op
@case('descriptor')
def _(go):
    class D:
        __get__ = lambda *a: go()
    class C: d = D()
    x = C()
    return lambda: x.d
@case('descriptor of a class')
def _(go):
    class D:
        __get__ = lambda *a: go()
    class C: d = D()
    return lambda: C.d
@case('descriptor __set__')
def _(go):
    class D:
        __set__ = lambda *a: go()
    class C: d = D()
    x = C()
    def op(): x.d = 1
    return op
@case('descriptor __delete__')
def _(go):
    class D:
        __delete__ = lambda *a: go()
    class C: d = D()
    x = C()
    def op(): del x.d
    return op
@case('cached_property')
def _(go):
    class C:
        @functools.cached_property
        def p(self): return go()
    return lambda: C().p
@case('bound method')
def _(go):
    class C:
        def m(self): return go()
    x = C()
    return lambda: x.m()
@case('classmethod')
def _(go):
    class C:
        m = classmethod(lambda cls: go())
    return lambda: C.m()
@case('staticmethod')
def _(go):
    class C: m = staticmethod(go)
    return lambda: C().m()
@case('super')
def _(go):
    class B:
        def m(self): return go()
    class C(B):
        def m(self): return super().m()
    return lambda: C().m()
@case('module __getattr__')
def _(go):
    m = type(sys)('m')
    m.__getattr__ = go
    return lambda: m.zz
@case('lambda defaults')
def _(go): return lambda: (lambda x=1: go())()
@case('keyword call')
def _(go): return lambda: go(a=1)
@case('**mapping call')
def _(go):
    class M:
        def keys(self): go(); return []
        def __getitem__(self, k): return 1
    return lambda: dict(**M())
@case('dict.update keys()')
def _(go):
    class M:
        def keys(self): go(); return []
        def __getitem__(self, k): return 1
    return lambda: {}.update(M())
@case('dict.update getitem')
def _(go):
    class M:
        def keys(self): return ['a']
        def __getitem__(self, k): return go()
    return lambda: {}.update(M())


# Classes.
@case('__init__')
def _(go):
    class C:
        def __init__(self): go()
    return C
@case('__new__')
def _(go):
    class C:
        def __new__(cls): go(); return object.__new__(cls)
    return C
@case('metaclass __call__')
def _(go):
    class M(type):
        def __call__(cls): return go()
    class C(metaclass=M): pass
    return C
@case('metaclass __new__', 20)
def _(go):
    class M(type):
        def __new__(m, *a): go(); return type.__new__(m, *a)
    def op():
        class C(metaclass=M): pass
    return op
@case('__prepare__', 20)
def _(go):
    class M(type):
        def __prepare__(*a): go(); return {}
    def op():
        class C(metaclass=M): pass
    return op
@case('__init_subclass__', 20)
def _(go):
    class B:
        def __init_subclass__(cls): go()
    def op():
        class C(B): pass
    return op
@case('__set_name__', 20)
def _(go):
    class D:
        def __set_name__(*a): go()
    def op():
        class C: d = D()
    return op
@case('class body', 20)
def _(go):
    def op():
        class C: go()
    return op
@case('__mro_entries__', 20)
def _(go):
    class B:
        def __mro_entries__(self, bases): go(); return ()
    b = B()
    def op():
        class C(b): pass
    return op
@case('mro()', 20)
def _(go):
    class M(type):
        def mro(cls): go(); return type.mro(cls)
    def op(): M('C', (), {})
    return op
@case('__class_getitem__')
def _(go):
    class C: __class_getitem__ = classmethod(lambda *a: go())
    return lambda: C[int]
@case('__instancecheck__')
def _(go):
    class M(type):
        def __instancecheck__(*a): return go()
    class C(metaclass=M): pass
    return lambda: isinstance(1, C)
@case('__instancecheck__ in a tuple')
def _(go):
    class M(type):
        def __instancecheck__(*a): return go()
    class C(metaclass=M): pass
    return lambda: isinstance(1, (str, (C,)))
@case('__subclasscheck__')
def _(go):
    class M(type):
        def __subclasscheck__(*a): return go()
    class C(metaclass=M): pass
    return lambda: issubclass(int, C)
@case('__subclasshook__')
def _(go):
    import abc
    class C(abc.ABC):
        @classmethod
        def __subclasshook__(cls, other): go(); return NotImplemented
    def op():
        C._abc_caches_clear() if hasattr(C, '_abc_caches_clear') else None
        abc._reset_caches(C) if hasattr(abc, '_reset_caches') else None
        issubclass(int, C)
    return op
@case('__class__ property')
def _(go):
    class C: __class__ = property(lambda s: (go(), int)[1])
    return lambda: isinstance(C(), str)
@case('match class')
def _(go):
    class M(type):
        def __instancecheck__(*a): return bool(go())
    class C(metaclass=M): pass
    def op():
        match 1:
            case C(): pass
    return op
@case('match attribute')
def _(go):
    class C: a = property(go)
    def op():
        match C():
            case C(a=1): pass
    return op
@case('match value')
def _(go):
    class C:
        def __eq__(self, o): return go()
    class K: v = 1
    def op():
        match C():
            case K.v: pass
    return op
@case('match mapping')
def _(go):
    class D(dict):
        def get(self, *a): return go()
    def op():
        match D(a=1):
            case {'a': 1}: pass
    return op
@case('except class check')
def _(go):
    def f(): go(); return ValueError
    def op():
        try: raise ValueError
        except f(): pass
    return op
@case('raise a class')
def _(go):
    class E(Exception):
        def __init__(self): go()
    def op():
        try: raise E
        except E: pass
    return op
@case('raise from')
def _(go):
    class E(Exception):
        def __init__(self): go()
    def op():
        try: raise ValueError from E
        except ValueError: pass
    return op
@case('ExceptionGroup.split')
def _(go):
    g = ExceptionGroup('g', [ValueError()])
    return lambda: g.split(lambda e: isinstance(e, ValueError) and bool(go()))
@case('except*')
def _(go):
    class G(ExceptionGroup):
        def derive(self, e): go(); return ExceptionGroup('x', e)
    def op():
        try: raise G('g', [ValueError(), TypeError()])
        except* ValueError: pass
        except* TypeError: pass
    return op
@case('finally')
def _(go):
    def op():
        try: pass
        finally: go()
    return op
@case('except block')
def _(go):
    def op():
        try: 1 / 0
        except ZeroDivisionError: go()
    return op
@case('__enter__')
def _(go):
    class C:
        def __enter__(self): go()
        def __exit__(self, *a): pass
    def op():
        with C(): pass
    return op
@case('__exit__')
def _(go):
    class C:
        def __enter__(self): pass
        def __exit__(self, *a): go()
    def op():
        with C(): pass
    return op
@case('__exit__ with an exception')
def _(go):
    class C:
        def __enter__(self): pass
        def __exit__(self, *a): return go()
    def op():
        with C(): 1 / 0
    return op
@case('contextmanager')
def _(go):
    import contextlib
    @contextlib.contextmanager
    def cm():
        go()
        yield
    def op():
        with cm(): pass
    return op
@case('ExitStack')
def _(go):
    import contextlib
    def op():
        with contextlib.ExitStack() as s: s.callback(go)
    return op


# Generators, coroutines.
def drain(c):
    try: c.send(None)
    except StopIteration: pass
    except StopAsyncIteration: pass
@case('generator next')
def _(go):
    def g(): yield go()
    return lambda: next(g())
@case('generator send')
def _(go):
    def g():
        yield
        yield go()
    def op():
        x = g(); next(x); x.send(1)
    return op
@case('generator throw')
def _(go):
    def g():
        try: yield
        except ValueError: yield go()
    def op():
        x = g(); next(x); x.throw(ValueError)
    return op
@case('generator close')
def _(go):
    def g():
        try: yield
        finally: go()
    def op():
        x = g(); next(x); x.close()
    return op
@case('generator dies')
def _(go):
    def g():
        try: yield
        finally: go()
    def op():
        x = g(); next(x); del x
    return op
@case('yield from')
def _(go):
    def g(): yield go()
    def h(): yield from g()
    return lambda: next(h())
@case('yield from an object')
def _(go):
    class I:
        def __iter__(self): return self
        def __next__(self): go(); raise StopIteration
    def h(): yield from I()
    return lambda: list(h())
@case('yield from throw()')
def _(go):
    class I:
        def __iter__(self): return self
        def __next__(self): return 1
        def throw(self, *a): return go()
    def h(): yield from I()
    def op():
        x = h(); next(x); x.throw(ValueError)
    return op
@case('generator expression')
def _(go): return lambda: next(go() for _ in (1,))
@case('list comprehension')
def _(go): return lambda: [go() for _ in (1,)]
@case('set comprehension')
def _(go): return lambda: {go() for _ in (1,)}
@case('dict comprehension')
def _(go): return lambda: {go(): 1 for _ in (1,)}
@case('await')
def _(go):
    async def f(): go()
    async def g(): await f()
    return lambda: drain(g())
@case('__await__')
def _(go):
    class A:
        def __await__(self): go(); return iter(())
    async def g(): await A()
    return lambda: drain(g())
@case('async for')
def _(go):
    class A:
        def __aiter__(self): return self
        async def __anext__(self): go(); raise StopAsyncIteration
    async def g():
        async for _ in A(): pass
    return lambda: drain(g())
@case('__aiter__')
def _(go):
    class A:
        def __aiter__(self): go(); return self
        async def __anext__(self): raise StopAsyncIteration
    async def g():
        async for _ in A(): pass
    return lambda: drain(g())
@case('async generator')
def _(go):
    async def a():
        yield go()
    async def g():
        async for _ in a(): pass
    return lambda: drain(g())
@case('async generator asend')
def _(go):
    async def a():
        yield go()
    return lambda: drain(a().asend(None))
@case('async generator aclose')
def _(go):
    async def a():
        try: yield 1
        finally: go()
    def op():
        x = a(); drain(x.asend(None)); drain(x.aclose())
    return op
@case('async comprehension')
def _(go):
    async def a(): yield 1
    async def g(): return [go() async for _ in a()]
    return lambda: drain(g())
@case('async with')
def _(go):
    class C:
        async def __aenter__(self): go()
        async def __aexit__(self, *a): pass
    async def g():
        async with C(): pass
    return lambda: drain(g())
@case('__aexit__')
def _(go):
    class C:
        async def __aenter__(self): pass
        async def __aexit__(self, *a): go()
    async def g():
        async with C(): pass
    return lambda: drain(g())
@case('anext')
def _(go):
    class A:
        def __anext__(self): go(); return self
        def __await__(self): return iter(())
    async def g(): await anext(A())
    return lambda: drain(g())
@case('anext default')
def _(go):
    async def a():
        go()
        return
        yield
    async def g(): return await anext(a(), 5)
    return lambda: drain(g())
@case('types.coroutine')
def _(go):
    import types
    @types.coroutine
    def f():
        go()
        yield
    async def g(): await f()
    return lambda: drain(g())


# Hash tables, comparisons of containers.
def hashed(op):
    def factory(go):
        class K:
            def __hash__(self): return go()
            def __eq__(self, o): return True
        k = K()
        return lambda: op(k)
    return factory
def compared(op):
    def factory(go):
        class K:
            def __hash__(self): return 1
            def __eq__(self, o): return bool(go())
            def __lt__(self, o): return bool(go())
            def __gt__(self, o): return bool(go())
        return lambda: op(K(), K())
    return factory
import bisect, heapq
for label, f in {
    'hash in {k: v}': lambda k: {k: 1}, 'hash in {k}': lambda k: {k}, 'hash in dict[k]': lambda k: {}.get(k), 'hash in d[k] = v': lambda k: {}.__setitem__(k, 1),
    'hash in del d[k]': lambda k: {1: 1}.pop(k, 1), 'hash in setdefault': lambda k: {}.setdefault(k, 1), 'hash in k in d': lambda k: k in {1: 1}, 'hash in k in set': lambda k: k in {1},
    'hash in set.add': lambda k: set().add(k), 'hash in set.discard': lambda k: set().discard(k), 'hash of a tuple': lambda k: hash((k,)),
    'hash of a frozenset': lambda k: frozenset([k]), 'hash of a slice': lambda k: hash(slice(k)), 'hash in lru_cache': functools.lru_cache(None)(lambda k: 1),
    'hash in dict.fromkeys': lambda k: dict.fromkeys([k]), 'hash in OrderedDict': lambda k: collections.OrderedDict([(k, 1)]), 'hash in Counter': lambda k: collections.Counter([k]),
    'hash in defaultdict': lambda k: collections.defaultdict(int)[k], 'hash in ChainMap': lambda k: collections.ChainMap({}).get(k), 'hash of a method': lambda k: hash(types.MethodType(len, k)) if 0 else hash((1, k)),
}.items():
    CASES.append((label, hashed(f))); SCALE[label] = 1
for label, f in {
    'eq in a dict': lambda a, b: {a: 1}.get(b), 'eq in a set': lambda a, b: b in {a}, 'eq of lists': lambda a, b: [a] == [b], 'eq of tuples': lambda a, b: (a,) == (b,),
    'eq of dicts': lambda a, b: {1: a} == {1: b}, 'eq of sets': lambda a, b: {a} == {b}, 'eq of deques': lambda a, b: collections.deque([a]) == collections.deque([b]),
    'lt of lists': lambda a, b: [a] < [b], 'lt of tuples': lambda a, b: (a,) < (b,), 'in a list': lambda a, b: a in [b], 'in a tuple': lambda a, b: a in (b,),
    'list.index': lambda a, b: [b].index(a), 'list.count': lambda a, b: [b].count(a), 'list.remove': lambda a, b: [b].remove(a), 'tuple.index': lambda a, b: (b,).index(a),
    'tuple.count': lambda a, b: (b,).count(a), 'deque.index': lambda a, b: collections.deque([b]).index(a), 'deque.remove': lambda a, b: collections.deque([b]).remove(a),
    'sort': lambda a, b: [a, b].sort(), 'sorted()': lambda a, b: sorted([a, b]), 'min': lambda a, b: min(a, b), 'max': lambda a, b: max(a, b), 'max of an iterable': lambda a, b: max([a, b]),
    'heappush': lambda a, b: heapq.heappush([a], b), 'heapify': lambda a, b: heapq.heapify([a, b]), 'bisect': lambda a, b: bisect.bisect([a], b), 'insort': lambda a, b: bisect.insort([a], b),
    'merge': lambda a, b: list(heapq.merge([a], [b])), 'nlargest': lambda a, b: heapq.nlargest(1, [a, b]), 'operator.countOf': lambda a, b: operator.countOf([a], b),
    'range == ': lambda a, b: a in range(3), 'groupby keys': lambda a, b: [list(g) for k, g in itertools.groupby([a, b])], 'slice ==': lambda a, b: slice(a) == slice(b),
    'mappingproxy ==': lambda a, b: type.__dict__['__dict__'].__get__(int) == a, 'dict views ==': lambda a, b: {1: a}.items() == {1: b}.items(), 'deque <': lambda a, b: collections.deque([a]) < collections.deque([b]),
    'dict.items in': lambda a, b: (1, a) in {1: b}.items(), 'dict.values in': lambda a, b: a in {1: b}.values(), 'array/list count': lambda a, b: list([a]).count(b), 'SimpleNamespace ==': lambda a, b: types.SimpleNamespace(a=a) == types.SimpleNamespace(a=b),
    'partial ==': lambda a, b: functools.partial(len, a) and (a == b),
}.items():
    CASES.append((label, compared(f))); SCALE[label] = 1
import types


# Functions that take functions.
for label, f in {
    'map': lambda go: list(map(go, [1])), 'map of two': lambda go: list(map(go, [1], [2])), 'filter': lambda go: list(filter(go, [1])), 'reduce': lambda go: functools.reduce(go, [1, 2]),
    'sorted key': lambda go: sorted([1], key=go), 'list.sort key': lambda go: [1].sort(key=go), 'min key': lambda go: min([1], key=go), 'max key': lambda go: max([1], key=go),
    'iter(callable)': lambda go: list(iter(go, 1)), 'starmap': lambda go: list(itertools.starmap(go, [()])), 'takewhile()': lambda go: list(itertools.takewhile(go, [1])),
    'dropwhile': lambda go: list(itertools.dropwhile(go, [1])), 'filterfalse': lambda go: list(itertools.filterfalse(go, [1])), 'groupby key': lambda go: list(itertools.groupby([1], go)),
    'accumulate()': lambda go: list(itertools.accumulate([1, 2], go)), 'cmp_to_key': lambda go: sorted([1, 2], key=functools.cmp_to_key(go)), 'partial': lambda go: functools.partial(go, 1)(),
    'partialmethod': lambda go: functools.partialmethod(go, 1).__get__(1)(), 'nlargest key': lambda go: heapq.nlargest(1, [1], key=go), 'bisect key': lambda go: bisect.bisect([1], 1, key=go),
    'defaultdict factory': lambda go: collections.defaultdict(go)[1], 'type()()': lambda go: type('C', (), {'__call__': go})()(), 'eval': lambda go: eval('go()', {'go': go}),
    'exec': lambda go: exec('go()', {'go': go}), 'compiled code': lambda go, code=compile('go()', '', 'exec'): exec(code, {'go': go}), 'apply lambda': lambda go: (lambda *a, **k: go(*a, **k))(1, b=2),
    'Context.run': lambda go: __import__('contextvars').Context().run(go), 'functools.wraps': lambda go: functools.wraps(go)(lambda: go())(), 'call_tracing': lambda go: sys.call_tracing(go, ()),
    're.sub': lambda go: __import__('re').sub('a', lambda m: str(go()), 'a'), 're.Scanner': lambda go: __import__('re').compile('a').sub(lambda m: str(go()), 'ba'),
    'json object_hook': lambda go: __import__('json').loads('{}', object_hook=go), 'json pairs_hook': lambda go: __import__('json').loads('{}', object_pairs_hook=go),
    'json parse_int': lambda go: __import__('json').loads('1', parse_int=go), 'json default': lambda go: __import__('json').dumps(go, default=lambda o: go()),
    'deque in-place': lambda go: collections.deque(map(go, [1]), maxlen=0), 'dict of map': lambda go: dict(zip(map(go, [1]), [1])), 'str.join of map': lambda go: ''.join(map(lambda x: str(go()), 'a')),
    'sum of map': lambda go: sum(map(go, [1])), 'any of map': lambda go: any(map(go, [1])), 'bytes of map': lambda go: bytes(map(go, [1])), 'unpack map': lambda go: [*map(go, [1])],
    'enumerate(map)': lambda go: list(enumerate(map(go, [1]))), 'zip of maps': lambda go: list(zip(map(go, [1]), [2])), 'reversed of map': lambda go: list(reversed(list(map(go, [1])))),
    'max of map': lambda go: max(map(go, [1])), 'list.extend map': lambda go: [].extend(map(go, [1])), 'set.update map': lambda go: set().update(map(go, [1])), '__build_class__': lambda go: __build_class__(lambda: go() and None, 'C') if 0 else go(),
    'str.translate fn': lambda go: 'a'.translate(type('T', (), {'__getitem__': lambda s, k: go()})()) if 0 else go(), 'codecs error handler': None, 'getattr(go)': lambda go: getattr(go, '__call__')(),
    'operator.call': lambda go: operator.call(go), 'setitem of map': lambda go: [0].__setitem__(slice(None), map(go, [1])), 'pow3': lambda go: pow(type('P', (), {'__pow__': go})(), 1, 2) if 0 else go(),
}.items():
    if f:
        CASES.append((label, lambda go, f=f: lambda: f(go))); SCALE[label] = {'type()()': 20, 'exec': 10, 'eval': 10, 'call_tracing': 10}.get(label, 1)
@case('singledispatch')
def _(go):
    f = functools.singledispatch(go)
    f.register(int, go)
    return lambda: f(1)
@case('singledispatchmethod')
def _(go):
    class C:
        m = functools.singledispatchmethod(lambda self, x: go())
    return lambda: C().m(1)
@case('lru_cache')
def _(go):
    n = itertools.count()
    f = functools.lru_cache(10)(lambda x: go())
    return lambda: f(next(n))
@case('total_ordering')
def _(go):
    @functools.total_ordering
    class C:
        def __eq__(self, o): return False
        def __lt__(self, o): return bool(go())
    return lambda: C() >= C()
@case('decorator')
def _(go):
    def deco(f): go(); return f
    def op():
        @deco
        def f(): pass
    return op
@case('dataclass __eq__')
def _(go):
    import dataclasses
    @dataclasses.dataclass
    class D:
        x: object
    class E:
        def __eq__(self, o): return bool(go())
    return lambda: D(E()) == D(E())
@case('namedtuple repr')
def _(go):
    T = collections.namedtuple('T', 'a')
    class R:
        def __repr__(self): go(); return 'r'
    return lambda: repr(T(R()))
@case('enum _missing_')
def _(go):
    import enum
    class E(enum.Enum):
        A = 1
        @classmethod
        def _missing_(cls, v): go(); return cls.A
    return lambda: E(5)
@case('reprlib')
def _(go):
    import reprlib
    class R:
        def __repr__(self): go(); return 'r'
    return lambda: reprlib.repr([R()])
@case('pprint')
def _(go):
    import pprint
    class R:
        def __repr__(self): go(); return 'r'
    return lambda: pprint.pformat(R())
@case('print')
def _(go):
    class F:
        def write(self, s): go()
    f = F()
    return lambda: print('x', end='', file=f)
@case('print str')
def _(go):
    class R:
        def __str__(self): go(); return ''
    class F:
        def write(self, s): pass
    f = F()
    return lambda: print(R(), file=f)
@case('print flush')
def _(go):
    class F:
        def write(self, s): pass
        def flush(self): go()
    f = F()
    return lambda: print('', file=f, flush=True)
@case('sys.displayhook')
def _(go):
    def op():
        sys.displayhook = go
        exec(compile('1', '', 'single'), {})
    return op
@case('import of a module', 100)
def _(go):
    import importlib.abc, importlib.machinery
    n = itertools.count()
    class Finder:
        def find_spec(self, name, path, target=None):
            if name.startswith('deep_'): return importlib.machinery.ModuleSpec(name, self)
        def create_module(self, spec): return None
        def exec_module(self, module):
            go()
            del sys.modules[module.__name__]
            sys.modules[module.__name__] = module
    sys.meta_path.insert(0, Finder())
    return lambda: __import__(f'deep_{next(n)}')
@case('__import__ replaced')
def _(go):
    b = dict(vars(__import__('builtins')), __import__=go)
    code = compile('import zz', '', 'exec')
    return lambda: exec(code, {'__builtins__': b})
@case('from import __getattr__')
def _(go):
    m = type(sys)('deepmod')
    m.__getattr__ = go
    sys.modules['deepmod'] = m
    code = compile('from deepmod import zz', '', 'exec')
    return lambda: exec(code, {})
@case('__build_class__ replaced')
def _(go):
    b = dict(vars(__import__('builtins')), __build_class__=go)
    code = compile('class C: pass', '', 'exec')
    return lambda: exec(code, {'__builtins__': b, '__name__': 'x'})
@case('globals mapping')
def _(go):
    class L(dict):
        def __missing__(self, k): return go()
    code = compile('zz', '', 'eval')
    return lambda: eval(code, {}, L())
@case('locals __setitem__')
def _(go):
    class L(dict):
        def __setitem__(self, k, v): go()
    code = compile('zz = 1', '', 'exec')
    return lambda: exec(code, {}, L())
@case('__annotate__')
def _(go):
    def f(): pass
    def op():
        f.__annotate__ = lambda fmt: (go(), {})[1]
        f.__annotations__
    return op
@case('type alias value')
def _(go):
    def op():
        type X = go()
        X.__value__
    return op
@case('TypeVar bound')
def _(go):
    def op():
        def f[T: go()](): pass
        f.__type_params__[0].__bound__
    return op
@case('template string')
def _(go): return lambda: t'{go()}'


# Ends of objects, collector, hooks.
@case('__del__')
def _(go):
    class C:
        def __del__(self): go()
    def op():
        x = C()
        del x
    return op
@case('weakref callback')
def _(go):
    import weakref
    class C: pass
    def op():
        x = C()
        r = weakref.ref(x, go)
        del x
    return op
@case('weakref.finalize')
def _(go):
    import weakref
    class C: pass
    def op():
        x = C()
        weakref.finalize(x, go)
        del x
    return op
@case('gc callback', 100)
def _(go):
    import gc
    def op():
        def cb(phase, info):
            gc.callbacks.remove(cb)
            go()
        gc.callbacks.append(cb)
        gc.collect(0)
    return op
@case('settrace', 10)
def _(go):
    def f(): pass
    def trace(frame, event, arg):
        if frame.f_code is f.__code__:
            go()
    def nested(): sys.call_tracing(f, ())
    def op():
        if sys.gettrace() is None:
            sys.settrace(trace)
            f()
            sys.settrace(None)
        else:
            nested()
    return op
@case('setprofile', 10)
def _(go):
    def f(): pass
    def profile(frame, event, arg):
        if frame.f_code is f.__code__ and event == 'call':
            go()
    def op():
        if sys.getprofile() is None:
            sys.setprofile(profile)
            f()
            sys.setprofile(None)
        else:
            sys.call_tracing(f, ())
    return op
@case('excepthook')
def _(go): return lambda: go()
@case('unraisablehook')
def _(go):
    class C:
        def __del__(self): 1 / 0
    def op():
        sys.unraisablehook = go
        x = C()
        del x
    return op
@case('audit-like warn')
def _(go):
    import warnings
    def op():
        with warnings.catch_warnings():
            warnings.simplefilter('always')
            warnings.showwarning = go
            warnings.warn('x')
    return op
@case('signal handler', 100)
def _(go):
    import signal
    def op():
        signal.signal(signal.SIGUSR1, go)
        signal.raise_signal(signal.SIGUSR1)
    return op


# The library.
@case('copy.deepcopy __deepcopy__')
def _(go):
    import copy
    class C:
        def __deepcopy__(self, memo): go(); return self
    return lambda: copy.deepcopy([C()])
@case('pickle __reduce__', 10)
def _(go):
    import pickle
    class C:
        def __reduce__(self): go(); return (int, ())
    return lambda: pickle.dumps(C())
class Stated:
    """Pickled by name."""
    hook = None
    def __setstate__(self, s): Stated.hook()
@case('pickle __setstate__', 10)
def _(go):
    import pickle
    x = Stated()
    x.a = 1
    data = pickle.dumps(x)
    Stated.hook = go
    return lambda: pickle.loads(data)
@case('pickle persistent_id', 10)
def _(go):
    import pickle, io
    class P(pickle.Pickler):
        def persistent_id(self, o): go()
    return lambda: P(io.BytesIO()).dump(1)
@case('pickle find_class', 10)
def _(go):
    import pickle, io
    class U(pickle.Unpickler):
        def find_class(self, m, n): go(); return int
    data = pickle.dumps(Stated)
    return lambda: U(io.BytesIO(data)).load()
@case('codecs error handler')
def _(go):
    import codecs
    codecs.register_error('deep', lambda e: (go() and '?', e.end))
    return lambda: 'é'.encode('ascii', 'deep')
@case('codec search', 10)
def _(go):
    import codecs
    n = itertools.count()
    def search(name):
        if name.startswith('deep'): go()
    codecs.register(search)
    def op():
        try: ''.encode(f'deep{next(n)}')
        except LookupError: pass
    return op
@case('io raw read', 10)
def _(go):
    import io
    class R(io.RawIOBase):
        def readable(self): return True
        def readinto(self, b): go(); return 0
    return lambda: io.BufferedReader(R()).read(1)
@case('io raw write', 10)
def _(go):
    import io
    class W(io.RawIOBase):
        def writable(self): return True
        def write(self, b): go(); return len(b)
    def op():
        f = io.BufferedWriter(W()); f.write(b'x'); f.flush()
    return op
@case('text layer', 10)
def _(go):
    import io
    class B(io.BytesIO):
        def write(self, b): go(); return len(b)
    def op():
        f = io.TextIOWrapper(B()); f.write('x'); f.flush()
    return op
@case('csv reader')
def _(go):
    import csv
    class F:
        def __iter__(self): return self
        def __next__(self): go(); raise StopIteration
    return lambda: list(csv.reader(F()))
@case('csv writer')
def _(go):
    import csv
    class F:
        def write(self, s): return go()
    return lambda: csv.writer(F()).writerow([1])
@case('struct __index__')
def _(go):
    import struct
    class I:
        def __index__(self): return go()
    return lambda: struct.pack('i', I())
@case('array of an iterator')
def _(go):
    import array
    class F:
        def __iter__(self): return self
        def __next__(self): go(); raise StopIteration
    return lambda: array.array('i', F())
@case('random')
def _(go):
    import random
    class R(random.Random):
        def random(self): go(); return 0.5
    r = R()
    return lambda: r.uniform(1, 2)
@case('fractions')
def _(go):
    import fractions
    class N(int):
        def __add__(self, o): go(); return 1
        __radd__ = __add__
    return lambda: N(1) + fractions.Fraction(1, 2)
@case('datetime tzinfo')
def _(go):
    import datetime
    class Z(datetime.tzinfo):
        def utcoffset(self, d): go(); return datetime.timedelta(0)
    d = datetime.datetime(2020, 1, 1, tzinfo=Z())
    return lambda: d.utcoffset()
@case('string.Template')
def _(go):
    import string
    class M(dict):
        def __missing__(self, k): return go()
    return lambda: string.Template('$a').substitute(M())
@case('threading.local')
def _(go):
    import threading
    class L(threading.local):
        def __init__(self): go()
    return L
@case('ast visitor')
def _(go):
    import ast
    class V(ast.NodeVisitor):
        def visit_Name(self, n): go()
    tree = ast.parse('a')
    return lambda: V().visit(tree)
@case('types.DynamicClassAttribute')
def _(go):
    class C: p = types.DynamicClassAttribute(go)
    return lambda: C().p
@case('operator.length_hint')
def _(go):
    class L:
        def __length_hint__(self): return go()
    return lambda: operator.length_hint(L())
@case('memoryview __buffer__')
def _(go):
    class B:
        def __buffer__(self, flags): go(); return memoryview(b'x')
    return lambda: bytes(memoryview(B()))
@case('bytes.join __buffer__')
def _(go):
    class B:
        def __buffer__(self, flags): go(); return memoryview(b'x')
    return lambda: b''.join([B()])
@case('int.from_bytes __bytes__')
def _(go):
    class B:
        def __bytes__(self): go(); return b'x'
    return lambda: int.from_bytes(B(), 'big')
@case('str subclass __str__')
def _(go):
    class S(str):
        def __str__(self): go(); return 's'
    return lambda: str(S())
@case('type.__call__ of a subclass')
def _(go):
    class T(type): pass
    C = T('C', (), {'__init__': lambda self: go() and None})
    return C
@case('user Mapping.get')
def _(go):
    import collections.abc
    class M(collections.abc.Mapping):
        def __getitem__(self, k): return go()
        def __iter__(self): return iter(())
        def __len__(self): return 0
    return lambda: M().get(1)
@case('user Sequence.index')
def _(go):
    import collections.abc
    class M(collections.abc.Sequence):
        def __getitem__(self, k): return go()
        def __len__(self): return 1
    return lambda: M().index(1)
@case('UserDict')
def _(go):
    class U(collections.UserDict):
        def __missing__(self, k): return go()
    return lambda: U()[1]


seen = set()
for name, factory in CASES:
    assert name not in seen, name
    seen.add(name)
    if ONLY is None or ONLY in name:
        run(name, factory)
print(len(CASES), 'ways')

# outputs: ours (CPython cannot go so deep)
# Law 1: every way in which Python calls Python recurses without native stack.
# Each case recurses DEPTH levels through one protocol; CPython would need its C stack for most.
import sys
DEPTH = 20_000
try:
    sys.setrecursionlimit(10 * DEPTH + 1000)
except ImportError:
    pass


class Add:
    def __init__(self, n): self.n = n
    def __add__(self, o): return o if self.n == 0 else Add(self.n - 1) + o
class RAdd:
    def __init__(self, n): self.n = n
    def __radd__(self, o): return o if self.n == 0 else o + RAdd(self.n - 1)
class IAdd:
    def __init__(self, n): self.n = n
    def __iadd__(self, o):
        if self.n == 0: return o
        x = IAdd(self.n - 1)
        x += o
        return x
class Lt:
    def __init__(self, n): self.n = n
    def __lt__(self, o): return True if self.n == 0 else Lt(self.n - 1) < o
class Eq:
    def __init__(self, n): self.n = n
    def __eq__(self, o): return True if self.n == 0 else Eq(self.n - 1) == o
    __hash__ = None
class Hash:
    def __init__(self, n): self.n = n
    def __hash__(self): return 1 if self.n == 0 else hash(Hash(self.n - 1))
class Bool:
    def __init__(self, n): self.n = n
    def __bool__(self): return True if self.n == 0 else bool(Bool(self.n - 1))
class Len:
    def __init__(self, n): self.n = n
    def __len__(self): return 3 if self.n == 0 else len(Len(self.n - 1))
class Repr:
    def __init__(self, n): self.n = n
    def __repr__(self): return 'r' if self.n == 0 else repr(Repr(self.n - 1))
class Str:
    def __init__(self, n): self.n = n
    def __str__(self): return 's' if self.n == 0 else str(Str(self.n - 1))
class Fmt:
    def __init__(self, n): self.n = n
    def __format__(self, spec): return 'f' if self.n == 0 else f'{Fmt(self.n - 1)}'
class Call:
    def __init__(self, n): self.n = n
    def __call__(self): return 'c' if self.n == 0 else Call(self.n - 1)()
class GetAttr:
    def __init__(self, n): self.__dict__['n'] = n
    def __getattr__(self, name): return name if self.n == 0 else GetAttr(self.n - 1).x
class GetAttribute:
    def __init__(self, n): object.__setattr__(self, 'n', n)
    def __getattribute__(self, name):
        n = object.__getattribute__(self, 'n')
        return 'ga' if n == 0 else GetAttribute(n - 1).x
class SetAttr:
    def __init__(self, n): object.__setattr__(self, 'n', n)
    def __setattr__(self, name, v):
        if self.n: SetAttr(self.n - 1).x = v
class Prop:
    def __init__(self, n): self.n = n
    @property
    def p(self): return 'p' if self.n == 0 else Prop(self.n - 1).p
class Descr:
    def __get__(self, obj, owner): return 'd' if obj.n == 0 else HasDescr(obj.n - 1).d
class HasDescr:
    d = Descr()
    def __init__(self, n): self.n = n
class Item:
    def __init__(self, n): self.n = n
    def __getitem__(self, k): return k if self.n == 0 else Item(self.n - 1)[k]
    def __setitem__(self, k, v):
        if self.n: Item(self.n - 1)[k] = v
    def __delitem__(self, k):
        if self.n: del Item(self.n - 1)[k]
    def __contains__(self, k): return True if self.n == 0 else k in Item(self.n - 1)
class Init:
    def __init__(self, n):
        if n: Init(n - 1)
class New:
    def __new__(cls, n):
        if n: New(n - 1)
        return object.__new__(cls)
class Meta(type):
    def __call__(cls, n):
        return 'm' if n == 0 else WithMeta(n - 1)
class WithMeta(metaclass=Meta): pass
class Enter:
    def __init__(self, n): self.n = n
    def __enter__(self):
        if self.n:
            with Enter(self.n - 1): pass
        return self
    def __exit__(self, *a): pass
class Exit:
    def __init__(self, n): self.n = n
    def __enter__(self): return self
    def __exit__(self, *a):
        if self.n:
            with Exit(self.n - 1): pass
class Iter:
    def __init__(self, n): self.n = n
    def __iter__(self):
        if self.n:
            for x in Iter(self.n - 1): pass
        return iter(())
class Next:
    def __init__(self, n): self.n = n
    def __iter__(self): return self
    def __next__(self):
        if self.n:
            for x in Next(self.n - 1): pass
        raise StopIteration
class Index:
    def __init__(self, n): self.n = n
    def __index__(self): return 0 if self.n == 0 else [0][Index(self.n - 1)]
class Neg:
    def __init__(self, n): self.n = n
    def __neg__(self): return 'n' if self.n == 0 else -Neg(self.n - 1)


def plain(n): return 'f' if n == 0 else plain(n - 1)
def keyword(*, n): return 'k' if n == 0 else keyword(n=n - 1)
def star(*a): return 's' if a[0] == 0 else star(*(a[0] - 1,))
def starstar(**k): return 'ss' if k['n'] == 0 else starstar(**{'n': k['n'] - 1})
def gen(n):
    if n: yield from gen(n - 1)
    yield n
def genfor(n):
    if n:
        for x in genfor(n - 1): pass
    yield n
def comp(n): return 'c' if n == 0 else [comp(n - 1) for _ in (1,)][0]
def genexp(n): return 'g' if n == 0 else next(genexp(n - 1) for _ in (1,))
def maps(n): return 'm' if n == 0 else list(map(maps, [n - 1]))[0]
def filters(n): return 1 if n == 0 else len(list(filter(filters, [n - 1]))) or 1
def sort_key(n): return 0 if n == 0 else sorted([n - 1], key=sort_key) and 0
def min_key(n): return 0 if n == 0 else min([n - 1], key=min_key) and 0
def evals(n): return 'e' if n == 0 else eval('evals(n - 1)', {'evals': evals, 'n': n})
def execs(n):
    if n: exec('execs(n - 1)', {'execs': execs, 'n': n})
def classbody(n):
    if n:
        class C:
            classbody(n - 1)
def decorated(n):
    def deco(f):
        decorated(n - 1)
        return f
    if n:
        @deco
        def g(): pass
async def coro(n): return 'co' if n == 0 else await coro(n - 1)
def run_coro(n):
    c = coro(n)
    try:
        c.send(None)
    except StopIteration as e:
        return e.value
def lambdas(n): return (lambda: 'l' if n == 0 else lambdas(n - 1))()
def trying(n):
    try:
        return 't' if n == 0 else trying(n - 1)
    finally:
        pass
def unpack(n):
    class U:
        def __iter__(self):
            if n: unpack(n - 1)
            return iter((1, 2))
    a, b = U()
    return a
def method(n): return M(n).go()
class M:
    def __init__(self, n): self.n = n
    def go(self): return 'me' if self.n == 0 else M(self.n - 1).go()
class Sub(M):
    def go(self): return super().go() if self.n == 0 else Sub(self.n - 1).go()
def dict_key(n):
    class K:
        def __hash__(self):
            if n: dict_key(n - 1)
            return 1
    return {K(): 1} and 'dk'
def isinst(n):
    class MM(type):
        def __instancecheck__(cls, o): return True if n == 0 else isinst(n - 1)
    class C(metaclass=MM): pass
    return isinstance(1, C)


def check(name, f, depth=DEPTH):
    try:
        r = f(depth)
    except BaseException as e:
        r = type(e).__name__
    print(name, r if isinstance(r, (str, int, bool)) else 'ok')


for name, f in [
    ('add', lambda n: Add(n) + 'x'), ('radd', lambda n: 'x' + RAdd(n) if False else 1 + RAdd(n)),
    ('lt', lambda n: Lt(n) < 1), ('eq', lambda n: Eq(n) == 1), ('hash', lambda n: hash(Hash(n))),
    ('bool', lambda n: bool(Bool(n))), ('len', lambda n: len(Len(n))), ('repr', lambda n: repr(Repr(n))),
    ('str', lambda n: str(Str(n))), ('format', lambda n: f'{Fmt(n)}'), ('call', lambda n: Call(n)()),
    ('getattr', lambda n: GetAttr(n).x), ('getattribute', lambda n: GetAttribute(n).x),
    ('property', lambda n: Prop(n).p), ('descriptor', lambda n: HasDescr(n).d),
    ('getitem', lambda n: Item(n)['k']), ('contains', lambda n: 'k' in Item(n)),
    ('init', lambda n: Init(n)), ('new', lambda n: New(n)), ('metaclass call', lambda n: WithMeta(n)),
    ('enter', lambda n: Enter(n).__enter__()), ('exit', lambda n: Exit(n).__exit__()),
    ('iter', lambda n: list(Iter(n))), ('next', lambda n: list(Next(n))),
    ('index', lambda n: [5][Index(n)]), ('neg', lambda n: -Neg(n)),
    ('plain', plain), ('keyword', lambda n: keyword(n=n)), ('star', lambda n: star(n)),
    ('starstar', lambda n: starstar(n=n)), ('yield from', lambda n: next(gen(min(n, 2000)))),
    ('for over generator', lambda n: next(genfor(n))), ('comprehension', comp), ('genexp', genexp),
    ('map', maps), ('filter', filters), ('sorted key', sort_key), ('min key', min_key),
    ('eval', lambda n: evals(n // 10)), ('exec', lambda n: execs(n // 10)),
    ('class body', lambda n: classbody(n // 10)), ('decorator', decorated), ('await', run_coro),
    ('lambda', lambdas), ('try', trying), ('unpack', lambda n: unpack(n // 10)), ('method', method),
    ('super', lambda n: Sub(n).go()), ('dict key', lambda n: dict_key(n // 10)),
    ('isinstance', lambda n: isinst(n // 10)),
]:
    check(name, f)


def setitem(n): Item(n)['k'] = 1
def delitem(n): del Item(n)['k']
def setattr_(n): SetAttr(n).x = 1
def iadd(n):
    x = IAdd(n)
    x += 'x'
    return x
check('setitem', setitem)
check('delitem', delitem)
check('setattr', setattr_)
check('iadd', iadd)

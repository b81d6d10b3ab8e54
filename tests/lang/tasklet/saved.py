# A tasklet suspended inside every kind of call is saved, dropped, loaded and finished.
import stackless

park = stackless.schedule_remove


class C:
    def __init__(self, v=1): self.v = v + park(None) if v < 0 else v
    def __add__(self, o): return self.v + o + park(None)
    def __radd__(self, o): return ('r', park(None))
    def __iadd__(self, o): return ('i', park(None))
    def __lt__(self, o): return park(None) == 7
    def __eq__(self, o): return park(None) == 7
    def __hash__(self): return park(None)
    def __bool__(self): return park(None) == 7
    def __len__(self): return park(None)
    def __repr__(self): return 'repr%d' % park(None)
    def __str__(self): return 'str%d' % park(None)
    def __format__(self, spec): return spec + str(park(None))
    def __call__(self, *a, **k): return (a, park(None))
    def __getattr__(self, n): return (n, park(None))
    def __getitem__(self, k): return (k, park(None))
    def __setitem__(self, k, v): self.v = (k, v, park(None))
    def __delitem__(self, k): self.v = ('del', k, park(None))
    def __contains__(self, k): return park(None) == 7
    def __enter__(self): return park(None)
    def __exit__(self, *a): self.v = ('exit', a[0] is None, park(None)); return True
    def __iter__(self): return iter([park(None), 2])
    def __index__(self): return park(None)
    def __neg__(self): return ('neg', park(None))
    @property
    def prop(self): return ('prop', park(None))
    @classmethod
    def cm(cls): return (cls.__name__, park(None))


class N:
    def __init__(self): self.i = 0
    def __iter__(self): return self
    def __next__(self):
        self.i += 1
        if self.i > 2: raise StopIteration
        return park(self.i)


def setitem():
    c = C(); c['k'] = 'v'; return c.v
def delitem():
    c = C(); del c['k']; return c.v
def iadd():
    c = C(); c += 1; return c
def with_():
    c = C()
    with c as x:
        y = x
    return y, c.v
def with_raise():
    c = C()
    with c:
        1 / 0
    return c.v
def unpack():
    a, b = C(); return a, b
def for_():
    return [x for x in C()]
def gen():
    def g():
        x = yield 1
        y = park(None)
        yield (x, y)
    it = g(); next(it); return it.send('s')
def genfrom():
    def inner():
        yield park(None)
        return 'done'
    def outer():
        r = yield from inner()
        yield r
    return list(outer())
def genfor():
    def g():
        for i in range(3):
            yield park(i)
    return [x for x in g()]
def handler():
    try:
        1 / 0
    except ZeroDivisionError as e:
        x = park(None)
        return str(e), x
    finally:
        park(None)
def fin():
    try:
        return park(None)
    finally:
        park(None)
def closure():
    n = 1
    def f():
        nonlocal n
        n += park(None)
        return n
    return f() + n
def coro():
    async def b(): return park(None)
    async def a(): return await b()
    try:
        a().send(None)
    except StopIteration as e:
        return e.value
def body():
    class K:
        x = park(None)
    return K.x
def match_():
    match park(None):
        case 7: return 'seven'
        case _: return 'other'
def deco():
    @(lambda f: (f, park(None))[1])
    def g(): pass
    return g
def kwonly(*, k): return k, park(None)
def nested(n): return park(None) if n == 0 else nested(n - 1) + 1


cases = [
    lambda: park(None), lambda: C(-1).v, lambda: C() + 1, lambda: 1 + C(), iadd, lambda: C() < 1,
    lambda: C() == 1, lambda: hash(C()), lambda: bool(C()), lambda: not C(), lambda: len(C()),
    lambda: repr(C()), lambda: str(C()), lambda: f'{C():x}', lambda: C()(1, a=2), lambda: C().zz,
    lambda: C()['k'], setitem, delitem, lambda: 1 in C(), lambda: 1 not in C(), with_, with_raise, unpack, for_,
    lambda: [10, 20, 30, 40, 50, 60, 70, 80][C()], lambda: -C(), lambda: C().prop, lambda: C.cm(),
    lambda: list(N()), lambda: tuple(N()), lambda: sum(N()), lambda: [*N()], lambda: max(N()),
    lambda: sorted([3, 1, 2], key=lambda x: (park(None), x)), lambda: list(map(park, [1, 2])),
    lambda: list(filter(park, [1, 2])), lambda: list(zip(N(), N())), lambda: list(enumerate(N())),
    lambda: dict([(1, park(None))]), lambda: {C(): 1} and 'dict', lambda: [C()], gen, genfrom, genfor,
    handler, fin, closure, coro, body, match_, deco, lambda: kwonly(k=park(None)),
    lambda: eval('park(None)'), lambda: exec('park(None)'), lambda: nested(20),
    lambda: getattr(C(), 'q'), lambda: isinstance(park(None), int), lambda: '%s' % C(),
    lambda: '{} {}'.format(C(), C()), lambda: ','.join(str(x) for x in N()), lambda: [C(), C()] == [1, 2],
    lambda: (lambda *a, **k: (a, k, park(None)))(1, *[2], x=3),
]


def worker(f, out):
    out.append(f())


for i, f in enumerate(cases):
    results = []
    for save in (False, True):
        out = []
        t = stackless.tasklet(worker)(f, out)
        stackless.run()
        steps = 0
        while t.alive and steps < 20:
            if save:
                data = stackless._save((t, out))
                t.bind(None)
                del t
                t, out = stackless._load(data)
            t.tempval = 7
            t.insert()
            try:
                stackless.run()
            except BaseException as e:
                out.append(type(e).__name__ + ': ' + str(e))
            steps += 1
        results.append(repr(out) if not out or not isinstance(out[0], (C, list)) else type(out[0]).__name__)
    print(i, results[0] == results[1], results[0] if results[0] == results[1] else results)

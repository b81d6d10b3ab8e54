def t(f):
    try:
        print(repr(f()))
    except BaseException as e:
        print(type(e).__name__, e)


class Meta(type):
    def __new__(mcs, name, bases, ns, **kw):
        print('Meta.__new__', name, sorted(kw))
        return super().__new__(mcs, name, bases, ns)

    def __init__(cls, name, bases, ns, **kw):
        print('Meta.__init__', name, sorted(kw))
        super().__init__(name, bases, ns)

    def __call__(cls, *a, **k):
        print('Meta.__call__', a, k)
        return super().__call__(*a, **k)

    @classmethod
    def __prepare__(mcs, name, bases, **kw):
        print('prepare', name, len(bases))
        return {'injected': 1}

    def __instancecheck__(cls, obj):
        return obj == 42

    def __subclasscheck__(cls, sub):
        return sub is int

    def __len__(cls):
        return 7

    def __getitem__(cls, k):
        return k

    def __contains__(cls, k):
        return k == 'in'


class A(metaclass=Meta, flag=1):
    def __init__(self, x=0):
        self.x = x


class B(A):
    pass


t(lambda: A.injected)
t(lambda: B(3).x)
t(lambda: isinstance(42, A))
t(lambda: isinstance(B(), A))
t(lambda: isinstance(43, B))
t(lambda: issubclass(int, A))
t(lambda: issubclass(str, A))
t(lambda: len(A))
t(lambda: A[5])
t(lambda: 'in' in A)
t(lambda: type(A) is Meta)
t(lambda: [c.__name__ for c in B.__mro__])


class Base:
    subs = []

    def __init_subclass__(cls, tag=None, **kw):
        super().__init_subclass__(**kw)
        Base.subs.append((cls.__name__, tag))


class C1(Base, tag='a'):
    pass


class C2(C1):
    pass


t(lambda: Base.subs)


def bad():
    class Bad(Base, foo=1):
        pass


t(bad)


class Desc:
    def __set_name__(self, owner, name):
        self.name = name
        print('set_name', owner.__name__, name)

    def __get__(self, obj, owner=None):
        return (self.name, obj is None, owner.__name__)

    def __set__(self, obj, v):
        print('set', self.name, v)

    def __delete__(self, obj):
        print('delete', self.name)


class NonData:
    def __get__(self, obj, owner=None):
        return 'nondata'


class D:
    d = Desc()
    n = NonData()

    @property
    def p(self):
        return self._p

    @p.setter
    def p(self, v):
        self._p = v * 2

    @p.deleter
    def p(self):
        del self._p

    @classmethod
    def cm(cls, a):
        return (cls.__name__, a)

    @staticmethod
    def sm(a):
        return a


d = D()
t(lambda: d.d)
t(lambda: D.d)
d.d = 5
del d.d
t(lambda: d.n)
d.n = 'own'
t(lambda: d.n)
t(lambda: d.p)
d.p = 4
t(lambda: d.p)
del d.p
t(lambda: d.p)
t(lambda: D.cm(1))
t(lambda: d.cm(2))
t(lambda: D.sm(3))
t(lambda: d.sm(3))


class Slots:
    __slots__ = ('a', 'b')


class SlotsD(Slots):
    pass


s = Slots()
s.a = 1
t(lambda: s.a)
t(lambda: s.b)
t(lambda: setattr(s, 'c', 1))
t(lambda: s.__dict__)
del s.a
t(lambda: s.a)
sd = SlotsD()
sd.c = 3
sd.a = 4
t(lambda: sd.__dict__)


def conflict():
    class X(list, dict):
        pass


t(conflict)


def order():
    class X(object, int):
        pass


t(order)


class GA:
    def __getattr__(self, n):
        if n == 'boom':
            raise AttributeError('custom')
        return n.upper()

    def __setattr__(self, n, v):
        print('setattr', n, v)
        object.__setattr__(self, n, v)

    def __delattr__(self, n):
        print('delattr', n)
        object.__delattr__(self, n)


g = GA()
g.x = 1
t(lambda: (g.x, g.y))
t(lambda: g.boom)
del g.x
t(lambda: g.x)


class GAttr:
    def __getattribute__(self, n):
        return 'got ' + n


t(lambda: GAttr().anything)


class Ops:
    def __init__(self, v):
        self.v = v

    def __add__(self, o):
        return NotImplemented if isinstance(o, str) else ('add', self.v, o)

    def __radd__(self, o):
        return ('radd', self.v, o)

    def __iadd__(self, o):
        self.v += o
        return self

    def __lt__(self, o):
        return self.v < o.v

    def __eq__(self, o):
        return isinstance(o, Ops) and self.v == o.v

    def __hash__(self):
        return hash(self.v)

    def __bool__(self):
        return self.v > 0

    def __call__(self, *a, **k):
        return (a, k)

    def __matmul__(self, o):
        return 'matmul'

    def __neg__(self):
        return Ops(-self.v)

    def __index__(self):
        return self.v

    def __repr__(self):
        return f'Ops({self.v})'

    def __enter__(self):
        print('enter')
        return self

    def __exit__(self, *a):
        print('exit', a[0].__name__ if a[0] else None)
        return a[0] is ValueError

    def __iter__(self):
        return iter([1, 2])

    def __contains__(self, x):
        return x == 5


o = Ops(2)
t(lambda: o + 1)
t(lambda: 1 + o)
t(lambda: o + 'a')
o += 5
t(lambda: o)
t(lambda: sorted([Ops(3), Ops(1), Ops(2)]))
t(lambda: Ops(1) == Ops(1))
t(lambda: Ops(1) != Ops(2))
t(lambda: Ops(1) > Ops(0))
t(lambda: Ops(1) >= Ops(0))
t(lambda: {Ops(1): 'x'}[Ops(1)])
t(lambda: not Ops(0))
t(lambda: o(1, a=2))
t(lambda: o @ 1)
t(lambda: -o)
t(lambda: [10, 20, 30][Ops(1)])
t(lambda: 5 in o)
t(lambda: [*o])
t(lambda: max(Ops(1), Ops(5)))
with o as z:
    print('body')
with Ops(1):
    raise ValueError('x')


def raising():
    with Ops(1):
        raise KeyError('y')


t(raising)


class Super1:
    def f(self):
        return ['S1']


class Super2(Super1):
    def f(self):
        return ['S2'] + super().f()


class Super3(Super1):
    def f(self):
        return ['S3'] + super().f()


class Super4(Super2, Super3):
    def f(self):
        return ['S4'] + super().f()


t(lambda: Super4().f())
t(lambda: [c.__name__ for c in Super4.__mro__])
t(lambda: type('Dyn', (Base,), {'x': 1}).x)
t(lambda: A.__name__ + B.__qualname__)
t(lambda: object().foo)
t(lambda: object.foo)
t(lambda: D().nope)
t(lambda: D.nope)
t(lambda: D(1))
t(lambda: Ops())
t(lambda: int.real.__get__(5))
t(lambda: callable(o))

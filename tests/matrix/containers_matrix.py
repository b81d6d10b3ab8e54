# Calls every method with many arguments; run it under CPython 3.14 (-W ignore) and under the
# command, and compare the two outputs.

def show(r):
    try:
        s = ascii(r)
    except BaseException as e:
        return 'repr fails ' + type(e).__name__
    i = s.find(' at 0x')
    if i >= 0:
        s = s[:i]
    return type(r).__name__ + ' ' + s


class X:
    def __index__(self):
        return 2

    def __repr__(self):
        return 'X()'


class S(str):
    pass


class I(int):
    pass


class F(float):
    pass


class B(bytes):
    pass


seed = 12345


def rnd(n):
    global seed
    seed = (seed * 1103515245 + 12345) % 2**31
    return (seed >> 8) % n



class It:
    def __init__(self, items):
        self.items = items

    def __iter__(self):
        return iter(self.items)


class Seq:
    def __getitem__(self, i):
        if i > 2:
            raise IndexError
        return i * 10


class E:
    def __init__(self, v):
        self.v = v

    def __eq__(self, o):
        return isinstance(o, E) and self.v == o.v or o == self.v

    def __hash__(self):
        return hash(self.v)

    def __repr__(self):
        return 'E(%d)' % self.v


class L(list):
    pass


class T(tuple):
    pass


class Dd(dict):
    def __missing__(self, k):
        return ('missing', k)


class St(set):
    pass


args = [None, 0, 1, -1, 5, True, 1.5, 1.0, 'a', 'ab', b'a', (), (1, 2), [1, 2], [2, [3]], ['a'], {}, {'a': 1}, {1: 2, 'b': 3}, {1, 2}, set(), frozenset([2, 'a']),
        range(3), slice(0, 2), slice(None, None, -1), slice(5, 0, -2), X(), E(1), E(2), It([1, 2]), It([('a', 1), (2, 3)]), Seq(), [('a', 1)], [(1, 2, 3)], ['ab', 'cd'], 10**20, lambda x: -x if isinstance(x, int) else 0, I(1), S('a')]
makers = [lambda: [], lambda: [1, 2, 3], lambda: [3, 'a', 1.5], lambda: L([1, 2]), lambda: [E(1), 2, 1], lambda: (), lambda: (1, 2, 3), lambda: T((1, 'a')), lambda: ((1, E(2)), 2),
          lambda: {}, lambda: {'a': 1, 'b': 2}, lambda: {1: 'x', 'a': [1]}, lambda: Dd({'a': 5}), lambda: {E(1): 1, 2: 2}, lambda: set(), lambda: {1, 2, 3}, lambda: {1, 'a'}, lambda: St([1, 5]),
          lambda: frozenset(), lambda: frozenset([1, 2]), lambda: {'a': 1, 1: 2}.keys(), lambda: {'a': 1, 1: 2}.items(), lambda: {'a': 1, 1: 2}.values()]
NAMES = {
    list: '__add__ __contains__ __delitem__ __eq__ __ge__ __getitem__ __gt__ __iadd__ __imul__ __init__ __iter__ __le__ __len__ __lt__ __mul__ __ne__ __repr__ __reversed__ __rmul__ __setitem__ append clear copy count extend index insert pop remove reverse sort',
    tuple: '__add__ __contains__ __eq__ __ge__ __getitem__ __getnewargs__ __gt__ __iter__ __le__ __len__ __lt__ __mul__ __ne__ __repr__ __rmul__ count index',
    dict: '__contains__ __delitem__ __eq__ __ge__ __getitem__ __gt__ __init__ __ior__ __iter__ __le__ __len__ __lt__ __ne__ __or__ __repr__ __reversed__ __ror__ __setitem__ clear copy fromkeys get items keys pop popitem setdefault update values',
    set: '__and__ __contains__ __eq__ __ge__ __gt__ __iand__ __init__ __ior__ __isub__ __iter__ __ixor__ __le__ __len__ __lt__ __ne__ __or__ __rand__ __ror__ __rsub__ __rxor__ __sub__ __xor__ add clear copy difference difference_update discard intersection intersection_update isdisjoint issubset issuperset remove symmetric_difference symmetric_difference_update union update',
    frozenset: '__and__ __contains__ __eq__ __ge__ __gt__ __iter__ __le__ __len__ __lt__ __ne__ __or__ __sub__ __xor__ copy difference intersection isdisjoint issubset issuperset symmetric_difference union',
    type({}.keys()): '__and__ __contains__ __eq__ __ge__ __gt__ __iter__ __le__ __len__ __lt__ __ne__ __or__ __rand__ __sub__ __xor__ isdisjoint mapping',
    type({}.items()): '__and__ __contains__ __eq__ __ge__ __gt__ __iter__ __le__ __len__ __lt__ __ne__ __or__ __rand__ __sub__ __xor__ isdisjoint mapping',
    type({}.values()): '__iter__ __len__ mapping',
}
N = 8


def norm(v):
    if isinstance(v, (set, frozenset)):
        return [type(v).__name__, sorted([ascii(x) for x in v])]
    return v


def call(f, *a):
    try:
        r = f(*a)
        if 'iterator' in type(r).__name__:
            return type(r).__name__ + show(norm(list(r)))
        return show(norm(r))
    except BaseException as e:
        m = str(e)
        i = m.find(' at 0x')
        return type(e).__name__ + ' ' + (m if i < 0 else m[:i])


for mk in makers:
    v0 = mk()
    for t in NAMES:
        if isinstance(v0, t):
            break
    for n in NAMES[t].split():
        combos = [()] + [(x,) for x in range(len(args))]
        for k in range(N):
            combos.append((rnd(len(args)), rnd(len(args))))
        for k in range(10):
            combos.append((rnd(len(args)), rnd(len(args)), rnd(len(args))))
        for c in combos:
            v = mk()
            saved = args[12:22]
            a = [([1, 2] if i == 13 else [2, [3]] if i == 14 else ['a'] if i == 15 else {} if i == 16 else {'a': 1} if i == 17 else {1: 2, 'b': 3} if i == 18 else {1, 2} if i == 19 else set() if i == 20 else args[i]) for i in c]
            print(show(norm(v0))[:30], n, c, '->', call(getattr(v, n), *a), '|', show(norm(v))[:80] if 'dict_' not in type(v).__name__ else '')

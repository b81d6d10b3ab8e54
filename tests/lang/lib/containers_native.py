# deque, OrderedDict, Counter, partial, lru_cache, heapq and bisect, with native and with Python comparisons.
import bisect
import copy
import heapq
import pickle
from collections import Counter, OrderedDict, deque, namedtuple
from functools import lru_cache, partial


class Num:
    def __init__(self, n):
        self.n = n

    def __lt__(self, other):
        return self.n < other.n

    def __eq__(self, other):
        return isinstance(other, Num) and self.n == other.n

    def __hash__(self):
        return hash(self.n) % 3

    def __repr__(self):
        return f"N{self.n}"


def show(f, *args):
    try:
        print(f(*args))
    except Exception as e:
        print(type(e).__name__, e)


d = deque([1, 2, 3], 4)
d.append(4)
d.append(5)
d.appendleft(0)
print(d, d.maxlen, len(d), bool(d), d[0], d[-1], list(reversed(d)))
d.rotate(1)
print(d)
d.rotate(-2)
print(d, d.pop(), d.popleft())
show(deque().pop)
show(deque().popleft)
show(lambda: d[9])
show(lambda: d['x'])
show(lambda: deque([1], -1))
show(lambda: deque([1], 'x'))
d.extend(range(3))
d.extendleft('ab')
print(d, d == deque(d), deque([1]) < deque([9]), d != d, d.count(1), 1 in d)
d[1] = 'z'
del d[0]
print(d, d.index('z'))
show(d.remove, 77)
e = deque([1, 2, 3])
e.insert(1, 'i')
e.reverse()
print(e, e + deque([7]), e * 2)
e *= 0
print(e)
it = iter(deque([1, 2, 3]))
print(next(it), it.__length_hint__(), list(pickle.loads(pickle.dumps(it))))


def mutate():
    q = deque([1, 2, 3])
    for x in q:
        q.append(x)


show(mutate)
r = deque([1])
r.append(r)
print(r)
for p in range(pickle.HIGHEST_PROTOCOL + 1):
    print(pickle.loads(pickle.dumps(deque('abc', 5), p)), end=' ')
print(copy.copy(d), copy.deepcopy(deque([[1]])))

od = OrderedDict(a=1, b=2, c=3)
od.move_to_end('a')
print(od)
od.move_to_end('c', last=False)
print(od, od.popitem(), od.popitem(last=False), od)
show(od.move_to_end, 'nope')
show(OrderedDict().popitem)
od = OrderedDict((i, i) for i in range(50))
for i in range(0, 50, 7):
    od.move_to_end(i, last=i % 2)
print(list(od), list(reversed(od)) == list(od)[::-1])
for i in range(20):
    od.popitem(last=False)
od['x'] = 1
od.move_to_end('x', last=False)
print(list(od), od['x'], 'x' in od, len(od), od.keys(), od.pop('x'), od.get('x'))
print(OrderedDict(a=1, b=2) == OrderedDict(b=2, a=1), OrderedDict(a=1, b=2) == dict(b=2, a=1))
print(OrderedDict.fromkeys('abc', 0), OrderedDict(a=1) | {'b': 2}, {'z': 0} | OrderedDict(a=1))
print(pickle.loads(pickle.dumps(od)) == od, copy.copy(od) == od)
keys = OrderedDict((Num(i), i) for i in range(6))
keys.move_to_end(Num(2))
keys.move_to_end(Num(4), last=False)
print(keys)

print(Counter('abracadabra'), Counter([1, 1, Num(1), Num(1), 'a']), Counter(a=2) + Counter('aab'))

f = partial(int, base=2)
print(f('101'), f('12', base=3), f.func, f.args, f.keywords)
g = partial(print, 1, sep='-')
g(2, 3)
g(2, end='!\n')
show(partial)
show(partial, 5)
show(partial(max))
print(pickle.loads(pickle.dumps(f))('11'), partial(f, '111')())

calls = []


@lru_cache(maxsize=3)
def square(n, *, k=1):
    calls.append(n)
    return n * n * k


print([square(i) for i in (1, 2, 3, 1, 4, 2, 1)], calls, square.cache_info())
print(square(2, k=3), square(2, k=3), square(k=3, n=2), square.cache_info())
square.cache_clear()
print(square.cache_info(), square.cache_parameters(), square.__wrapped__(3))


@lru_cache(None, typed=True)
def kind(x):
    return type(x).__name__


print(kind(1), kind(1.0), kind(True), kind(1), kind.cache_info())
show(kind, [])


@lru_cache(2)
def slow(x):
    return x.n


print([slow(Num(i)) for i in (1, 2, 1, 3, 2, 1)], slow.cache_info())


@lru_cache(None)
def deep(n):
    return 0 if n == 0 else 1 + deep(n - 1)


print(deep(150))

for make in (int, float, str, Num, lambda i: (i % 5, -i)):
    values = [make((i * 7919) % 101) for i in range(40)]
    heap = values[:]
    heapq.heapify(heap)
    heapq.heappush(heap, make(3))
    first = heapq.heapreplace(heap, make(50))
    second = heapq.heappushpop(heap, make(2))
    out = [heapq.heappop(heap) for _ in range(len(heap))]
    print(first, second, out == sorted(out), out[:4], heapq.nsmallest(2, values), heapq.nlargest(2, values))
    top = values[:]
    heapq.heapify_max(top)
    print([heapq.heappop_max(top) for _ in range(3)])
show(heapq.heappop, [])
show(heapq.heappush, (), 1)
show(heapq.heappush, [1], 'a')
show(heapq.heapify, [3, 'a', 1])

for values, x in (([1, 2, 2, 3], 2), (['a', 'c'], 'b'), ([Num(1), Num(3)], Num(3)), ([], 1)):
    print(bisect.bisect_left(values, x), bisect.bisect(values, x), end=' ')
    bisect.insort(values, x)
    print(values)
show(bisect.bisect, [1, 2], 1, -1)
print(bisect.bisect([3, 2, 1], 2, key=lambda v: -v), bisect.bisect_left([1, 2, 3], 3, hi=2))
show(bisect.bisect, [1, 'a'], 'b')

P = namedtuple('P', 'x y', defaults=[5])
p = P(1)
print(p, p.x, p.y, P.x.__doc__, P._fields)
show(lambda: P.x.__get__(5))
show(setattr, p, 'x', 3)

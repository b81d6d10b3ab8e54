"""What is called often of `collections`, `functools`, `heapq` and `bisect`: best of three, in milliseconds.

Run it with both interpreters and compare: `stackless benches/library/containers.py`.
"""
import bisect
import heapq
import time
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from functools import lru_cache, partial, reduce

N = 100000


def fill_queue():
    d = deque()
    for i in range(N):
        d.append(i)
    while d:
        d.popleft()


def breadth_first():
    d, n = deque([0]), 0
    while d and n < N:
        x = d.popleft()
        n += 1
        d.append(x + 1)
        if n < 1000:
            d.append(x + 2)


def group():
    d = defaultdict(list)
    for i in range(N):
        d[i % 100].append(i)


def ordered():
    d = OrderedDict()
    for i in range(N // 5):
        d[i] = i
    for k in d:
        pass
    for i in range(0, N // 5, 2):
        d.move_to_end(i)


def count():
    Counter('abracadabra' * (N // 10))


def call_partial():
    f = partial(max, 3)
    for i in range(N):
        f(i)


def remember():
    @lru_cache(None)
    def f(n):
        return n
    for i in range(N):
        f(i % 50)


def remember_some():
    @lru_cache(128)
    def f(n):
        return n
    for i in range(N // 2):
        f(i % 200)


def fold():
    reduce(lambda a, b: a + b, range(N))


def heap():
    h = []
    for i in range(N // 4):
        heapq.heappush(h, (i * 7919) % 10007)
    while h:
        heapq.heappop(h)


def search():
    items = list(range(1000))
    for i in range(N // 2):
        bisect.bisect(items, i % 1000)


def named():
    point = namedtuple('P', 'x y')(1, 2)
    for i in range(N):
        point.x + point.y


def empty_set():
    s = set(range(N))
    while s:
        s.pop()


for f in (fill_queue, breadth_first, group, ordered, count, call_partial, remember, remember_some, fold, heap,
          search, named, empty_set):
    best = min([(lambda t: (f(), time.perf_counter() - t)[1])(time.perf_counter()) for _ in range(3)])
    print(f'{f.__name__:16}{best * 1000:8.1f}')

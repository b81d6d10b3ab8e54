# Values of derived and library classes travel with a suspended tasklet.
import pickle
import stackless
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from functools import lru_cache, partial

P = namedtuple('P', 'x y')


class Base:
    pass


class L(list):
    pass


class D(dict):
    __slots__ = ('note',)


class T(tuple):
    pass


class S(str):
    pass


class I(int):
    pass


class F(float):
    pass


class C(complex):
    pass


class B(bytes):
    pass


class BA(bytearray):
    pass


class St(set):
    pass


class Fs(frozenset):
    pass


@lru_cache(None)
def square(n):
    return n * n


square(3)


def worker(value, out):
    stackless.schedule_remove()
    out.append(value)


loop = L([1])
loop.append(loop)
d = D(a=1)
d.note = 'noted'
t = T((1, [2]))
t.extra = {'k': t}
values = [P(1, [2]), L([1, 'a']), d, t, S('täxt'), I(2 ** 70), I(5), F(2.5), C(1 + 2j), B(b'\x00a'), BA(b'xy'),
          St([1, 2]), Fs([3]), OrderedDict([('b', 1), ('a', 2)]), Counter('abca'), deque([1, [2]], 3),
          iter(deque([1, 2])), partial(pow, 2, mod=5), square, OrderedDict(a=1).items(), loop]
dd = defaultdict(list)
dd['k'].append(1)
values.append(dd)
for v in values:
    out = []
    tasklet = stackless.tasklet(worker)(v, out)
    stackless.run()
    data = pickle.dumps(tasklet)
    tasklet.kill()
    again = pickle.loads(data)
    results = again.frame.f_locals['out']
    again.insert()
    stackless.run()
    got = results[0]
    text = list(got) if hasattr(got, '__next__') else got
    print(type(got).__name__, type(got) is type(v), text if v is not square else got is square, end=' ')
    print(getattr(got, 'note', ''), getattr(got, 'maxlen', ''))
    if type(v) is T:
        print(got.extra['k'] is got)
    if v is loop:
        print(got[1] is got)
    if isinstance(got, partial):
        print(got(3))
    if type(got) is defaultdict:
        got['new'].append(2)
        print(got)

import stackless as s
def loop(n, k):
    for i in range(k):
        print(n, i)
        s.schedule()
    print(n, 'end')
for n in 'ab':
    s.tasklet(loop)(n, 2)
s.run()
print('main')
c = s.channel()
def prod(c):
    for i in range(3):
        c.send(i)
def cons(c):
    for i in range(3):
        print('got', c.receive())
s.tasklet(cons)(c)
s.tasklet(prod)(c)
s.run()
# sieve
def gen(ch):
    i = 2
    while True:
        ch.send(i)
        i = i + 1
def filt(inp, out, p):
    while True:
        i = inp.receive()
        if i % p:
            out.send(i)
def sieve(n):
    ch = s.channel()
    s.tasklet(gen)(ch)
    for _ in range(n):
        p = ch.receive()
        print(p)
        ch2 = s.channel()
        s.tasklet(filt)(ch, ch2, p)
        ch = ch2
s.tasklet(sieve)(10)
s.run()
def bad():
    raise ValueError('bad')
s.tasklet(bad)()
try:
    s.run()
except ValueError as e:
    print('caught', e)
def busy():
    while True:
        pass
s.tasklet(busy)()
v = s.run(1000)
print(v.alive, v.paused)
v.kill()
print(v.alive)
class P:
    def __enter__(self):
        print('enter'); return 5
    def __exit__(self, *a):
        print('exit', a[0] is None)
        return True
with P() as x:
    print(x)
    1/0
class M(type):
    def __call__(cls, *a):
        return type.__call__(cls, *a)
class Q(metaclass=M):
    def __init__(self, a): self.a = a
    def __add__(self, o): return Q(self.a + o)
    def __radd__(self, o): return Q(o - self.a)
    def __repr__(self): return 'Q(%s)' % repr(self.a) if False else 'Q' + repr(self.a)
    def __lt__(self, o): return self.a < o.a
    @property
    def twice(self): return self.a * 2
    @classmethod
    def make(cls): return cls(7)
    @staticmethod
    def st(): return 'static'
print(Q(1) + 2, 10 + Q(3), Q(5).twice, Q.make(), Q.st())
print(sorted([Q(3), Q(1), Q(2)]), max(1, 5, 3), sum([1, 2, 3]), sorted('hello'))
def g():
    x = yield 1
    print('received', x)
    try:
        yield 2
    finally:
        print('closed')
h = g()
print(next(h), h.send('v'))
h.close()
def deleg():
    r = yield from inner()
    print('r', r)
def inner():
    yield 'a'
    return 'ret'
for z in deleg(): print(z)
match {'k': [1, 2]}:
    case {'k': [a, b]}:
        print('matched', a, b)
def deep(n):
    return 0 if n == 0 else 1 + deep(n - 1)
try:
    deep(5000)
except RecursionError as e:
    print('rec', e)

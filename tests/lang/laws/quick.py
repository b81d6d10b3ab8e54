# Each frequent instruction a million times over: none of them may leave anything on the native stack.
import math
import stackless

N = 250_000


class Thing:
    kind = 'class'

    def __init__(self, x):
        self.x = x
        self.f = one

    def get(self):
        return self.x

    def same(self):
        return self


class Other(Thing):
    def __init__(self, x):
        self.y = None
        super().__init__(x)


def one():
    return 1


def identity(v):
    return v


def fresh(v):
    w = [v]
    return w[0]


def numbers(n):
    i, x, t = 0, 0.5, 0
    while i < n:
        x = x + 1.5
        x = x * 0.5 - 0.25
        x /= 1.25
        t += i * 3 // 2 % 7 - (i & 5 | 2 ^ 1) + (i >> 1)
        x = x + i - t * 0.5
        x = 3 / 4 if x > 1e9 else x
        a = i / 2 < x
        b = i <= t, i == t, i != t, i > t, i >= t
        if a is b or a is not None and i != 3:
            t -= 1
        i += 1
    return t, b


def moves(n):
    cell = c = 0
    pair, row, things = (1, 2), [1, 2, 3], [Thing(1), Other(2)]

    def inner(v):
        nonlocal cell
        cell = v
        return cell

    for i in range(n):
        a, b = pair
        row[1] = row[-1]
        row[i & 1] = a
        thing = things[i & 1]
        thing.x = thing.x
        thing.same().same().x = i
        thing.get()
        thing.f()
        identity(thing)
        fresh(i)
        Thing(i)
        inner(i)
        math.floor(0.5)
        thing.kind
        if i:
            c = None
        if c is None:
            c = i
    for _ in row:
        for _ in pair:
            pass
    return cell, row, things[0].x, things[1].x


print(numbers(4 * N))
print(moves(N))
total = 0
for k in range(N):
    total += k
    last = identity(total)
print(total, last)


def switches(n, got):
    for i in range(n):
        stackless.schedule()
        got[0] += stackless.schedule(1)


def gives(c, n):
    for i in range(n):
        c.send(i)


def takes(c, n, got):
    for i in range(n):
        got[0] += c.receive()


def short(got):
    got[0] += 1


def tasklets(n):
    got = [0]
    for _ in range(2):
        stackless.tasklet(switches)(n, got)
    for preference in (-1, 0, 1):
        c = stackless.channel()
        c.preference = preference
        stackless.tasklet(gives)(c, n)
        stackless.tasklet(takes)(c, n, got)
    for _ in range(n):
        stackless.tasklet(short)(got)
    stackless.run()
    return got


print(tasklets(N // 5))

# Pairs of instructions that may run as one: slices that are used up at once, tuples that are taken
# apart again.
import sys


class L(list):
    def __getitem__(self, k):
        return k

    def __setitem__(self, k, v):
        print('set', k, v)


class Index:
    def __init__(self, i):
        self.i = i

    def __index__(self):
        return self.i


class Dying:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print('gone', self.name)


bounds = [None, 0, 1, 2, 5, 9, -1, -2, -6, 10 ** 30, -10 ** 30, True, Index(2)]
for o in ([0, 1, 2, 3, 4], (0, 1, 2, 3, 4), 'abcde', 'äbcdé', b'abcde', bytearray(b'abc'), range(5), L('abc'), []):
    out = []
    for i in bounds:
        for j in bounds:
            out.append(o[i:j])
            for k in (1, -1, 2, -3, None, sys.maxsize, -sys.maxsize):
                out.append(o[i:j:k])
    print(type(o).__name__, len(out), hash(str([x if not isinstance(x, slice) else str(x) for x in out]).count(',')))
    print([o[:2], o[1:], o[::-1], o[-2:], o[3:1], o[:]])
t = (1, 2, 3)
print(t[:] is t, t[0:3] is t, 'abc'[:] == 'abc')
for bad in (lambda: [1][::0], lambda: [1]['a':], lambda: (1,)[:1.5], lambda: 5[1:2], lambda: 'a'[::0]):
    try:
        print(bad())
    except (TypeError, ValueError) as e:
        print(type(e).__name__, e)

a = [1, 2, 3, 4, 5]
a[:3] = a[2::-1]
print(a)
a[1:2] = [7, 8, 9]
a[:] = a
a[::2] = [0] * len(a[::2])
print(a)
a[2:2] = a
print(a)
c = L('abc')
c[0:2] = [1, 2]
for bad in ([1, 2], 5, None):
    try:
        a[::2] = bad
    except (TypeError, ValueError) as e:
        print(type(e).__name__, e)
d = [Dying('a'), Dying('b'), 3]
print('before')
d[0:2] = [1, 2]
print('after', d)
d[:1] = [Dying('c')]
d = d[1:]
print(d)

x, y = 1, 2
x, y = y, x
print(x, y)
x, y, z = y, x, [x]
print(x, y, z)
p, q, r, s, u = 1, 2, 3, 4, 5
p, q, r, s, u = u, s, r, q, p
print(p, q, r, s, u)
x, x = 1, 2
print(x)
arr = [1, 2, 3]
i = 0
i, arr[i] = 2, 9
print(i, arr)
w = Dying('w')
w, v = 1, w
v = w, v = 3, 4
print(w, v)


def swap(n):
    a, b = 0, 1
    while n:
        a, b, n = b, a + b, n - 1
    return a


print(swap(300))

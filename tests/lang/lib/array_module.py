# array: every type code, conversions and their errors, slices, buffers, pickling.
import array as module
import copy
import io
import pickle
from array import array


def attempt(f):
    try:
        print(repr(f()))
    except Exception as e:
        print(type(e).__name__, e)


for code in 'bBhHiIlLqQ':
    a = array(code, [0, 1, 100])
    for n in (-1, 127, 128, 255, 256, 2**15, 2**16, 2**31, 2**32, 2**63, 2**64, 2**70, -2**63 - 1):
        try:
            a.append(n)
        except OverflowError as e:
            print(code, n, e)
    print(a, a.itemsize, len(a.tobytes()), memoryview(a).format)
    assert pickle.loads(pickle.dumps(a)) == a and pickle.loads(pickle.dumps(a, 2)) == a
print(array('f', [1.5, 2]), array('d', [1, 0.1]), array('w', 'a\U0001F600b'))
for bad in ('x', 'ii', 1, None):
    attempt(lambda: array(bad))
attempt(lambda: array('i', 'abc'))
attempt(lambda: array('i', [1.5]))
attempt(lambda: array('d', ['x']))
attempt(lambda: array('w', ['ab']))
attempt(lambda: array('i', 5))


class Index:
    def __index__(self):
        return 7


class Float:
    def __float__(self):
        return 2.5


a = array('i', (x for x in range(6)))
a[1] = Index()
a[Index() - 5 if False else -1] = 9
a[::2] = array('i', [7, 8, 9])
a[4:] = array('i', [1] * 4)
print(a, a[1:-1], a[::-2], array('d', [Float(), Index()]))
del a[::3]
a += array('i', [5])
a *= 2
print(a, a + a[:1], 2 * a[:2], 5 in a, a.index(5), a.count(5), a.pop(), a.pop(0))
a.remove(5)
a.insert(-1, 40)
a.reverse()
print(a, a == a[:], a < array('i', [99]), a == array('d', a), a != list(a))
attempt(lambda: a + [1])
attempt(lambda: a + array('d'))
attempt(lambda: a.remove(1234))
attempt(lambda: a.pop(99))
attempt(lambda: a['x'])
attempt(lambda: a[99])
attempt(lambda: a.__setitem__(slice(0, 4, 2), array('i', [1])))
attempt(lambda: a.extend(array('d')))
attempt(lambda: a.fromlist([1, 'x']))
attempt(lambda: a.frombytes(b'abc'))
attempt(lambda: a.tounicode())
print(a)
with memoryview(a) as view:
    view[0] = -5
    print(a[0], view.obj is a, view.itemsize)
    attempt(lambda: a.append(1))
    attempt(lambda: a.clear())
box = io.BytesIO()
a.tofile(box)
box.seek(0)
b = array('i')
b.fromfile(box, 3)
print(b, b.byteswap(), b)
attempt(lambda: b.fromfile(box, 999))
print(copy.copy(b) == b, copy.deepcopy(b) is b)
it = iter(array('i', [1, 2, 3]))
print(next(it), list(it), list(pickle.loads(pickle.dumps(it))))
big_endian = module._array_reconstructor(array, 'i', 9, b'\0\0\0\1\0\0\0\2')
print(big_endian, module.typecodes)


class Named(array):
    def __new__(cls, *args, name=None):
        self = array.__new__(cls, *args)
        self.name = name
        return self

    def __init__(self, *args, **kwargs):
        pass


n = Named('i', [1], name='x')
print(n, n.name, type(n[:]), type(n + n))
print(pickle.loads(pickle.dumps(len)) is len, pickle.loads(pickle.dumps('a'.upper))())

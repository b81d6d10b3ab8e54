def t(f):
    try:
        r = f()
        print(ascii(r), type(r).__name__)
    except BaseException as e:
        print(type(e).__name__, e)


class X:
    def __index__(self):
        return 3


class Bad:
    def __index__(self):
        raise TypeError('no')

    def __iter__(self):
        return iter([1, 2])


class BY:
    def __bytes__(self):
        return b'by'


class BN:
    def __bytes__(self):
        return 'by'


class Buf:
    def __buffer__(self, flags):
        return memoryview(b'buffer')


class BS(bytes):
    pass


class BA(bytearray):
    pass


names = ('isalpha isalnum isdigit isspace islower isupper istitle isascii lower upper swapcase capitalize title strip lstrip '
         'rstrip split rsplit splitlines hex decode expandtabs __len__ __repr__').split()
for B in (bytes, bytearray):
    for d in (b'', b'abc', b'Hello World', b' a\tb\r\nc ', b'123', b'\xff\x00', b'ABC def'):
        v = B(d)
        for n in names:
            t(lambda: getattr(v, n)())
    v = B(b'hello world hello')
    for a in [(b'l',), (b'l', 3), (b'l', -3), (b'',), (b'', 17), (b'', 18), (108,), (bytearray(b'lo'),), (memoryview(b'wo'),), (b'l', X()), (b'l', None, 3), ('l',), (), (b'a', 1, 2, 3)]:
        for n in 'find rfind index rindex count startswith endswith'.split():
            t(lambda: getattr(v, n)(*a))
    t(lambda: v.startswith((b'x', b'he')))
    t(lambda: v.replace(b'l', b'L', 2))
    t(lambda: v.replace(b'', b'-'))
    t(lambda: v.replace(b'zz', b'-'))
    t(lambda: v.split(b'l', 2))
    t(lambda: v.rsplit(b'l', 2))
    t(lambda: v.split(maxsplit=1))
    t(lambda: v.partition(b'wo'))
    t(lambda: v.rpartition(b'zz'))
    t(lambda: v.partition(b'zz'))
    t(lambda: v.strip(b'ho'))
    t(lambda: v.removeprefix(b'hello'))
    t(lambda: v.removesuffix(bytearray(b'hello')))
    t(lambda: v.center(21, b'*'))
    t(lambda: v.ljust(20))
    t(lambda: v.rjust(20, b'-'))
    t(lambda: B(b'-1').zfill(5))
    t(lambda: B(b',').join([b'a', bytearray(b'b'), memoryview(b'c')]))
    t(lambda: B(b',').join(x for x in [b'a', b'b']))
    t(lambda: B(b',').join([b'a']))
    t(lambda: v.translate(None, b'l'))
    t(lambda: v.translate(bytes.maketrans(b'lo', b'LO')))
    t(lambda: v.hex('-', 2))
    t(lambda: v.hex(b':', -3))
    t(lambda: B.fromhex(' 41 42'))
    t(lambda: B.fromhex('4'))
    t(lambda: v[0])
    t(lambda: v[-1])
    t(lambda: v[1:4])
    t(lambda: v[::-3])
    t(lambda: v[X()])
    t(lambda: v[X():])
    t(lambda: v * 2)
    t(lambda: 2 * v)
    t(lambda: v * X())
    t(lambda: v * 10**15)
    t(lambda: v + b'x')
    t(lambda: v + bytearray(b'x'))
    t(lambda: v + memoryview(b'x'))
    t(lambda: b'wo' in v)
    t(lambda: 104 in v)
    t(lambda: (v == b'hello world hello', v < b'i', v == 'x', v == bytearray(b'hello world hello'), v >= b''))
    t(lambda: list(v)[:3])
    t(lambda: list(reversed(v))[:3])
    t(lambda: v.decode('ascii'))
    t(lambda: B(b'\xff').decode())
    t(lambda: B(b'\xff').decode('utf-8', 'replace'))
    t(lambda: B(b'\xff').decode(errors='backslashreplace'))
    t(lambda: B(b'\xff').decode('nope'))
    t(lambda: B(5))
    t(lambda: B(X()))
    t(lambda: B(Bad()))
    t(lambda: B([1, X(), 255]))
    t(lambda: B(x for x in (1, 2)))
    t(lambda: B((1, 2)))
    t(lambda: B({1: 2}))
    t(lambda: B(range(3)))
    t(lambda: B(BY()))
    t(lambda: B(BN()))
    t(lambda: B(Buf()))
    t(lambda: B('é', 'utf-8'))
    t(lambda: B('é', 'ascii', 'replace'))
    t(lambda: B(memoryview(b'abc')[::2]))
    t(lambda: B(10**18))
    t(lambda: B(True))
t(lambda: BS(b'abc'))
t(lambda: BS(b'abc').upper())
t(lambda: BS(b'abc')[:])
t(lambda: BS(BY()))
t(lambda: BS.fromhex('41'))
t(lambda: BA(b'abc'))
t(lambda: BA(b'abc').upper())
t(lambda: BA.fromhex('41'))
t(lambda: BA(b'abc') + b'd')
t(lambda: bytes(BS(b'x')))
t(lambda: hash(b'abc') == hash(BS(b'abc')))
t(lambda: b'abc'.__bytes__())
t(lambda: int.from_bytes(Buf()))
t(lambda: b'x'.join([Buf()]))
t(lambda: memoryview(Buf()).tobytes())

v = bytearray(b'abcdef')


def do(f):
    t(f)
    t(lambda: v)


def store(k, x):
    v[k] = x


def delete(k):
    del v[k]


do(lambda: v.append(103))
do(lambda: v.append(X()))
do(lambda: v.extend([1, 2]))
do(lambda: v.extend(b'xy'))
do(lambda: v.extend(x for x in (65, 66)))
do(lambda: v.extend(v))
do(lambda: v.insert(0, 90))
do(lambda: v.insert(-100, 91))
do(lambda: v.insert(100, 92))
do(lambda: v.pop())
do(lambda: v.pop(0))
do(lambda: v.pop(X()))
do(lambda: v.remove(98))
do(lambda: v.reverse())
do(lambda: store(0, 1))
do(lambda: store(-1, X()))
do(lambda: store(X(), 65))
do(lambda: store(slice(0, 2), b'QQQ'))
do(lambda: store(slice(0, 3), []))
do(lambda: store(slice(1, 1), [65, X()]))
do(lambda: store(slice(None, None, 2), b'z' * ((len(v) + 1) // 2)))
do(lambda: store(slice(5, 2), b'__'))
do(lambda: store(slice(0, 2), v))
do(lambda: delete(0))
do(lambda: delete(slice(0, 2)))
do(lambda: delete(slice(None, None, 2)))
do(lambda: delete(slice(None, None, -2)))
do(lambda: delete(100))
do(lambda: v.resize(3))
do(lambda: v.resize(5))
do(lambda: v.copy())
do(lambda: v.__iadd__(b'++'))
do(lambda: v.__imul__(2))
do(lambda: v.__init__(b'new'))
do(lambda: v.__init__())
do(lambda: v.clear())
v += b'abc'
v *= 2
print(v)
m = memoryview(v)
do(lambda: v.append(1))
do(lambda: store(0, 66))
do(lambda: store(slice(0, 2), b'xx'))
m.release()
do(lambda: v.append(1))

# Operations of builtin types at the borders of their short cuts: long and short text, other
# characters, subclasses, errors.
import itertools


def error(f, *a, **k):
    try:
        return f(*a, **k)
    except Exception as e:
        return f'{type(e).__name__}: {e}'


class S(str):
    pass


texts = ['', 'a', 'hello World x1y ABC', 'ǆ ß ΑΣ\u0130', 'x' * 255 + 'Y', 'aB' * 128, 'aB' * 129, S('sUb'), "they're", '1a 2B']
for t in texts:
    for name in ('lower', 'upper', 'casefold', 'swapcase', 'capitalize', 'title'):
        r = getattr(t, name)()
        print(name, ascii(r[:40]), len(r), type(r).__name__)
    print([ascii(t.ljust(n, f)[-9:]) + ascii(t.center(n, f)[:9]) + ascii(t.rjust(n, f)[:9])
           for n in (-1, 0, 7, 8, 255, 256, 257, 300) for f in ' *é'])
    print([t.zfill(n)[:9] for n in (0, 5, 255, 256, 260)])
    print([ascii(t.replace(old, new)[:50]) for old in ('a', 'aB', '', 'zz', 'ß', t) for new in ('', 'a', 'xyz', 'é')],
          t.replace('a', 'b', 1)[:9], t.replace('zz', '') == t)
print('-7'.zfill(5), '+'.zfill(3), '--1'.zfill(6), error('a'.ljust, 5, 'ab'), error('a'.ljust, 5, 1))
t = S('abc')
print(type(t.replace('z', '')), type(t.ljust(1)), type(t.translate({})), t.replace('abc', 'abc'))

tables = [str.maketrans('abc', 'xyz'), str.maketrans('ab', 'é\u20ac', 'c'), {97: 'long', 98: None, 99: 0x10ffff}, {97: 1.5},
          {97: -1}, {97: 0x110000}, {}, {97: True}, 'zzz' * 40, [1] * 100, {i: i + 1 for i in range(200)}]
for table in tables:
    for t in ('abcabc', 'abcé', 'xyz', ''):
        print(ascii(error(t.translate, table)))


class T:
    def __getitem__(self, c):
        if c == 98:
            raise LookupError
        return 'é' if c == 99 else chr(c).upper()


print('abcd'.translate(T()))

values = ['ab', 'é', S('sub'), 0, -5, 123456789, 2 ** 70, True, 1.5, -2.25, 1e300, float('nan'), float('inf'), None]
specs = ['', '5', '<5', '>5', '^6', '*^7', '05', '0>5', '06d', 'd', 'x', 'X', '8x', 's', '.1', '.2f', '8.3f', '08.2f', '<8.1f',
         'f', '+d', ',', '_x', '=+6', '100', '99', '010<', 'e', 'n', '%', 'é>5', '.0f', 'c', 'z.1f', '300', '5s', '3.1s']
for v in values:
    print([error(format, v, s) if len(s) < 3 else error(format, v, s)[:60] for s in specs])
    print(error('{}|{!r}|{:>7}'.format, v, v, v), error(lambda: '%s|%r' % (v, v)), error(lambda: '%d|%i' % (v, v)),
          error(lambda: '%5s|%-5s|%x' % (v, v, v)), error(lambda: '%.1f' % v), error(lambda: '%s' % v))
print('{}{}'.format(1, 2), '{1}{0}'.format(1, 2), '{a}{b:>3}'.format(a='x', b=7), error('{}{0}'.format, 1), error('{}'.format),
      error('{a}'.format), '{{}}'.format(), 'x'.format(1), '{0[1]}{1.real}'.format('ab', 2), '{:{w}}'.format(1, w=4),
      '{!s:>3}'.format('é'), error('{'.format), error('}'.format), '%%'.__mod__(()), error(lambda: '%d' % ()),
      error(lambda: '%d %d' % (1,)), error(lambda: '%d' % (1, 2)), '%(a)s %(b)d' % {'a': 1, 'b': 2}, '%*d' % (4, 2), '%c%c' % ('é', 97))

print(sum([1, 2, 3]), sum((1, 2.5)), sum([0.1] * 10), sum([2 ** 62, 2 ** 62]), sum([True, 1]), sum([], 5), sum([1], 2.5),
      sum([[1], [2]], []), error(sum, ['a']), sum([1, 2 ** 80]), sum([1e308, 1e308, -1e308]), sum([1, 1j]), sum(iter([1, 2])))
print(any([]), all([]), any([0, None, 1]), all([1, 2, 0]), any([0, '']), any([0, 'x']), all((1, [])), any([0, [0]]), all((1, (0,))))
print(bin(-5), hex(2 ** 62), hex(-2 ** 63), oct(0), bin(2 ** 61), hex(True), error(hex, 1.5))
print(list(reversed((1, 2, 3))), list(reversed('abc')), list(reversed([1, 2])), list(reversed(range(3))), list(reversed({1: 2})),
      list(reversed(b'ab')), error(reversed, {1}), error(reversed, 5))
it = reversed((1, 2, 3))
print(next(it), it.__length_hint__(), list(it), list(it), next(it, 'end'))
print(sorted([3, 1, 2]), sorted([3, 1, 2], reverse=True), sorted(['b', 'a', 'ab', 'a\0', 'a', '', 'abcdefgh', 'abcdefg\0', 'abcdefghi']),
      sorted([2.5, -1.0, 0.0, -0.0]), sorted([1, 2.5, True]), sorted(['é', 'z', '\ud800', '\U00010000']),
      sorted([(1, 'b'), (1, 'a')]), sorted('aB', key=str.lower, reverse=True), error(sorted, [1, 'a']), sorted([2 ** 70, 1]),
      sorted([('a', 2), ('b', 1), ('c', 2)], key=lambda p: p[1], reverse=True))
d = dict(a=1, b=2)
d.update(c=3)
print(d, dict({'a': 1}, a=2), dict([('x', 1)], y=2), error(dict, 5), dict(**{'a b': 1}), dict(dict(a=1)))
e = {}
e.__init__(z=1)
e.__init__(y=2)
print(e)
l = [1]
l.extend(x for x in 'ab')
l.extend(l)
l.extend({1: 2}.items())
print(l, error(l.extend, 5), list({1: 2}.items()), list({1: 2}.values()), tuple({3: 4}.keys()))
l = [1, 'a', 2.0, 1, None, (1,), [2]]
print(l.index(1), l.index(1, 1), l.count(1), l.index(2), l.count(1.0), error(l.index, 9), error(l.remove, 'z'), l.index((1,)), l.index([2]),
      l.index(None, -5), error(l.index, 1, 1, 3), (1, 2).index(2), (1, 1.0, True).count(1), l.remove(1), l)
nan = float('nan')
print([nan].index(nan), [nan].count(float('nan')))
print(round(1.234, 1), round(-0.5, 0), round(2.5), round(15, -1), round(1e22, 2), round(1.5, -1), error(round, nan), round(nan, 1), round(True))
print([(n).to_bytes(k, o, signed=s) for n in (0, 1, 127) for k in (1, 2, 8) for o in ('little', 'big') for s in (False, True)],
      error((256).to_bytes, 1), error((128).to_bytes, 1, 'big', signed=True), error((-1).to_bytes, 1), (255).to_bytes(), (1 << 55).to_bytes(8))
print([int.from_bytes(b, o, signed=s) for b in (b'', b'\xff', b'\x01\x02') for o in ('little', 'big') for s in (False, True)])
print([error(float, s) for s in ('1.5', '1', '1.', '.5', '1..2', '1.2.3', ' 1.5 ', '1_0', '1e5', 'inf', '', '.', '٣.5', '0' * 400, '9' * 400)])
print(isinstance(1, (str, int)), isinstance(1, int | str), isinstance(True, itertools.count), issubclass(bool, int))


class M(type):
    pass


class N(metaclass=M):
    pass


class O(N):
    __class__ = property(lambda self: int)


class P(type):
    def __instancecheck__(cls, o):
        return 'hook'

    def __subclasscheck__(cls, o):
        return []


class Q(metaclass=P):
    pass


print(isinstance(O(), N), isinstance(O(), int), isinstance(1, N), isinstance(1, Q), isinstance(Q(), Q), issubclass(Q, Q), issubclass(O, N),
      isinstance(1, (N, Q)), issubclass(int, (N, Q)), error(isinstance, 1, (N, 5)), isinstance(N(), (N, 5)))
print(b'abc'.decode(), b'\xc3\xa9'.decode(), error(b'\xff'.decode), b'\xff'.decode(errors='replace'), b'a'.decode('ascii'),
      b'\xe9'.decode('latin-1'), bytearray(b'x').decode('utf8'), error(b'a'.decode, 'nope'), error(b'a'.decode, 1))

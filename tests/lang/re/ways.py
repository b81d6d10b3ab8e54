# Patterns, matches and scanners as objects: attributes, arguments, errors.
import array
import copy
import mmap
import pickle
import re
import sys


def error(f, *a, **k):
    try:
        return f(*a, **k)
    except Exception as e:
        return f'{type(e).__name__}: {e}'


p = re.compile(r'(?P<a>\w)(?P<b>\d)?')
m = p.search('..x1..')
print(type(p), type(m), repr(p), repr(m))
print(p.groups, p.flags, p.pattern, dict(p.groupindex), type(p.groupindex))
print(m.re is p, m.string, m.pos, m.endpos, m.regs, m.lastindex, m.lastgroup)
print(m.group(), m.group(0, 1, 'b'), m['a'], m[2], m.group(True), m.groups(), m.groupdict())
print(m.span(), m.span('a'), m.start(2), m.end('b'))
x = p.match('y')
print(x.groups(), x.groups(0), x.groupdict('-'), x.span(2), x.lastindex, x.lastgroup)


class I:
    def __index__(self):
        return 2


class S(str):
    pass


print(m.group(I()), m[I()], m.span(I()), m.group(1, I()), m.group(S('a')))
for bad in (3, -1, 'c', None, 1.5, [], b'a', 10 ** 30):
    print(bad, error(m.group, bad), '|', error(m.start, bad), '|', error(lambda: m[bad]))
for f in (lambda: re.Pattern(), lambda: re.Match(), lambda: setattr(p, 'flags', 1), lambda: delattr(m, 'string'),
          lambda: setattr(re.Pattern, 'x', 1), lambda: pickle.dumps(m), lambda: p < p, lambda: p.match(1),
          lambda: p.match(b''), lambda: re.match(b'', ''), lambda: p.match(), lambda: p.match('', 10 ** 30),
          lambda: p.match('', 'a'), lambda: p.sub(1, ''), lambda: p.sub('x', b''), lambda: p.sub(b'x', 'a'),
          lambda: p.sub(b'x', '..a'), lambda: p.sub(lambda m: 1, '..a'), lambda: p.sub(lambda m: b'', 'a'),
          lambda: re.sub(b'.', lambda m: '', b'xa'), lambda: re.sub(b'.', 'x', b'xa'),
          lambda: p.sub(r'\3', 'a'), lambda: p.sub(r'\g<c>', 'a'), lambda: m.expand(r'\3'), lambda: p.split(3)):
    print(error(f))
print(copy.copy(p) is p, copy.deepcopy(p) is p, copy.copy(m) is m, pickle.loads(pickle.dumps(p)) == p)
print(p == re.compile(p.pattern), p == re.compile('a'), p != re.compile('a'), p == 1, hash(p) == hash(re.compile(p.pattern)))
print(re.compile('a') == re.compile(b'a'), re.Pattern[str], re.Match[bytes])
print(p.match(string='ab', pos=1, endpos=2), p.match(endpos=1, string='ab'), p.scanner('ab').pattern is p)

# Substrings have the exact type; an exact whole is the same object.
s = S('ab')
print(type(re.match('.*', s)[0]), type(re.match('.*', s).string), type(re.sub('x', '', s)), type(re.split('x', s)[0]))
t = 'ab' * 2
print(re.match('.*', t)[0] is t, re.findall('.*', t)[0] is t, re.sub('x', '', t) is t)
for data in (b'ab-cd', bytearray(b'ab-cd'), memoryview(b'ab-cd'), array.array('B', b'ab-cd')):
    q = re.compile(rb'(\w)(\w)')
    print(type(data).__name__, q.findall(data), q.sub(rb'\2\1', data), q.sub(b'', data), q.split(data),
          q.sub(lambda m: m[2] + m[1], data), [m.group() for m in q.finditer(data)], type(q.match(data).string).__name__)


class B:
    def __init__(self, data):
        self.data = data

    def __buffer__(self, flags):
        return memoryview(self.data)


print(re.findall(b'.', B(b'ab')), re.match(b'(.)', B(b'ab')).groups(), re.sub(b'a', b'x', B(b'ab')),
      re.sub(b'.', lambda m: m[0] * 2, B(b'ab')), re.split(b'b', B(b'abc')), list(re.finditer(b'c', B(b'abc')))[0].span())

# Templates.
for template in (r'\1-\2', r'\g<a>', r'\g<0>\g<0>', r'\\', r'\n', 'x', '', r'[\2]'):
    print(repr(template), p.sub(template, 'a1 b'), p.subn(template, 'a1 b', 1), m.expand(template))
print(p.sub('x', 'a1 b', count=-1), p.subn('x', 'a1 b', count=-1), p.subn(lambda m: None, 'a1 b'))
print(re.sub('', '-', 'abc'), re.sub('x*', '-', 'axc'), re.split('x*', 'axbc'), re.split('(x)|(y)', 'axby', maxsplit=1))
print(re.split('a', 'bab', -1), re.sub('(x)?b', r'[\1]', 'bxb'))

# Bounds.
e = re.compile('')
for pos, end in ((0, 9), (-5, 2), (2, 1), (3, 3), (5, 5)):
    print(pos, end, e.match('abc', pos, end), e.fullmatch('abc', pos, end), e.search('abc', pos, end),
          e.findall('abc', pos, end), re.compile('^b').search('abc', pos, end), re.compile('b$').search('abc', pos, end))
print([m.span() for m in re.compile(r'\b').finditer('ab cd', 1, 4)], re.compile('(?<=a)b').match('ab', 1))

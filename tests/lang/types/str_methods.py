def t(f):
    try:
        r = f()
        print(ascii(r), type(r).__name__)
    except BaseException as e:
        print(type(e).__name__, e)


class S(str):
    pass


class X:
    def __index__(self):
        return 2


class D:
    def __getitem__(self, k):
        if k == 97:
            return 'AA'
        if k == 98:
            return None
        if k == 99:
            return 0x1f600
        raise LookupError(k)


names = ('isalpha isalnum isdecimal isdigit isnumeric isspace isprintable islower isupper istitle '
         'isidentifier isascii lower upper casefold swapcase capitalize title strip lstrip rstrip '
         'split rsplit splitlines encode __hash__ __getnewargs__ __repr__ __str__ '
         'expandtabs __len__').split()
values = ['', 'abc', 'Hello World', '  a\tb\n c ', '123', 'ǅ', 'straße', 'ÀÉ\u0130', '\u0661\u0662', '²', 'x\U0001f600y',
          '\ud800', 'a\r\nb\x85c\u2028d', 'Ab1_', '1a', S('SubClass')]
for v in values:
    for n in names:
        if n == '__hash__':
            t(lambda: v.__hash__() == hash(v))
        else:
            t(lambda: getattr(v, n)())
s = 'hello wörld\U0001f600 hello'
for a in [('l',), ('l', 3), ('l', -3), ('l', 0, 2), ('',), ('', 30), ('', 19), ('', 20), ('hello', 1), ('\U0001f600',),
          ('l', None, None), ('l', X()), ('l', 10**30), ('l', -10**30), ('l', 'a'), (1,), (None,), (), ('a', 1, 2, 3), ('l', 1.5)]:
    for n in 'find rfind index rindex count startswith endswith'.split():
        t(lambda: getattr(s, n)(*a))
t(lambda: s.startswith(('x', 'he')))
t(lambda: s.startswith(('x', 1)))
t(lambda: s.endswith(()))
t(lambda: s.replace('l', 'L'))
t(lambda: s.replace('l', 'L', 2))
t(lambda: s.replace('l', 'L', count=1))
t(lambda: s.replace('', '-'))
t(lambda: s.replace('', '-', 3))
t(lambda: s.replace('l', 1))
t(lambda: s.replace('l'))
t(lambda: s.replace('l', 'x', 1, 2))
t(lambda: s.split('l'))
t(lambda: s.split('l', 2))
t(lambda: s.rsplit('l', 2))
t(lambda: s.split(None, 1))
t(lambda: s.split(sep='o', maxsplit=1))
t(lambda: s.rsplit(None, 1))
t(lambda: s.split(''))
t(lambda: s.split(1))
t(lambda: s.split(foo=1))
t(lambda: 'a\nb\r\nc'.splitlines(True))
t(lambda: s.partition('wö'))
t(lambda: s.rpartition('l'))
t(lambda: s.partition('zz'))
t(lambda: s.rpartition('zz'))
t(lambda: s.partition(''))
t(lambda: s.partition(1))
t(lambda: 'xxabcxx'.strip('x'))
t(lambda: 'xxabcxx'.lstrip('x'))
t(lambda: 'xxabcxx'.rstrip(None))
t(lambda: 'xx'.strip(1))
t(lambda: s.removeprefix('hello '))
t(lambda: s.removesuffix('hello'))
t(lambda: s.removeprefix(1))
t(lambda: 'ab'.center(7))
t(lambda: 'ab'.center(7, '\u20ac'))
t(lambda: 'ab'.ljust(5, '*'))
t(lambda: 'ab'.rjust(5, '*'))
t(lambda: 'ab'.rjust(1))
t(lambda: 'ab'.rjust(5, '**'))
t(lambda: 'ab'.rjust(5, 1))
t(lambda: 'ab'.center('a'))
t(lambda: '-12'.zfill(6))
t(lambda: 'a\tb'.expandtabs(4))
t(lambda: 'a\tb'.expandtabs(tabsize=0))
t(lambda: ','.join(['a', 'b']))
t(lambda: ','.join('xyz'))
t(lambda: ','.join(c for c in 'xyz'))
t(lambda: ','.join({'a': 1, 'b': 2}))
t(lambda: ','.join(['a', 1]))
t(lambda: ','.join(3))
t(lambda: ','.join([S('x')]))
t(lambda: ','.join([]))
t(lambda: 'abcd'.translate(D()))
t(lambda: 'abcd'.translate({97: 'X', 98: None, 99: 100}))
t(lambda: 'abcd'.translate('x' * 200))
t(lambda: 'abcd'.translate({97: 1.5}))
t(lambda: 'abcd'.translate({97: 0x110000}))
t(lambda: 'abcd'.translate(3))
t(lambda: str.maketrans('ab', 'xy'))
t(lambda: str.maketrans('ab', 'xy', 'c'))
t(lambda: str.maketrans({'a': 'b', 99: None}))
t(lambda: str.maketrans({'ab': 'b'}))
t(lambda: str.maketrans({1.5: 'b'}))
t(lambda: str.maketrans('ab', 'xyz'))
t(lambda: str.maketrans(1, 'xyz'))
t(lambda: str.maketrans('a', 1))
t(lambda: str.maketrans('a'))
t(lambda: s[0] + s[-1] + s[11])
t(lambda: s[3:])
t(lambda: s[::-1])
t(lambda: s[10:13])
t(lambda: s[1:14:3])
t(lambda: s[X()])
t(lambda: s[X():])
t(lambda: s[100])
t(lambda: s[10**30])
t(lambda: s['a'])
t(lambda: s[1.5])
t(lambda: s[::0])
t(lambda: s['a':])
t(lambda: 'ab' * 3)
t(lambda: 3 * 'ab')
t(lambda: 'ab' * -1)
t(lambda: 'ab' * X())
t(lambda: 'ab' * 1.5)
t(lambda: 'ab' * 'a')
t(lambda: 'ab' * 10**15)
t(lambda: 'ab' * 10**30)
t(lambda: 'a'.center(10**15))
t(lambda: 'ab' + 'cd')
t(lambda: 'ab' + 1)
t(lambda: 1 + 'ab')
t(lambda: 'wö' in s)
t(lambda: 1 in s)
t(lambda: '' in '')
t(lambda: ('a' < 'b', 'a' < 'B', 'é' > 'z', 'a' == 'a', 'a' != 1))
t(lambda: 'a' < 1)
t(lambda: str())
t(lambda: str(12))
t(lambda: str(object='x'))
t(lambda: str(b'abc', 'utf-8'))
t(lambda: str(b'\xff', 'latin-1'))
t(lambda: str(b'\xff', errors='replace'))
t(lambda: str(b'\xff', 'utf-8'))
t(lambda: str(bytearray(b'abc'), 'ascii'))
t(lambda: str(memoryview(b'abc'), 'ascii'))
t(lambda: str('a', 'utf-8'))
t(lambda: str(1, 'utf-8'))
t(lambda: str(b'a', 'nope'))
t(lambda: str(b'a', 1))
t(lambda: str(1, 2, 3, 4))
t(lambda: S(12))
t(lambda: S(b'abc', 'utf-8'))
t(lambda: S('a') + 'b')
t(lambda: S('a')[:])
t(lambda: S('a').lower())
t(lambda: str(S('a')))
t(lambda: S('abc').join(['x', 'y']))
t(lambda: str.__new__(int))
t(lambda: str.upper(1))
t(lambda: str.upper())
t(lambda: 'a'.upper(1))
t(lambda: 'é'.encode())
t(lambda: 'é'.encode('ascii'))
t(lambda: 'é'.encode('ascii', 'ignore'))
t(lambda: 'é'.encode('ascii', 'xmlcharrefreplace'))
t(lambda: 'é\ud800'.encode('utf-8'))
t(lambda: 'é\ud800'.encode('utf-8', 'surrogatepass'))
t(lambda: 'é'.encode('utf-16'))
t(lambda: 'é'.encode(1))
t(lambda: 'é'.encode('nope'))
t(lambda: format('ab', '>5'))
t(lambda: format('ab', '*^7.1'))
t(lambda: format('ab', 'd'))
t(lambda: format('ab', '=5'))
t(lambda: format('ab', ','))
t(lambda: 'ab'.__format__(1))
t(lambda: [c for c in 'a\u20ac\U0001f600'])
t(lambda: hash('a') == hash(S('a')))

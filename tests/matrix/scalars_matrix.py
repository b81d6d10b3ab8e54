# Calls every method with many arguments; run it under CPython 3.14 (-W ignore) and under the
# command, and compare the two outputs.

def show(r):
    try:
        s = ascii(r)
    except BaseException as e:
        return 'repr fails ' + type(e).__name__
    i = s.find(' at 0x')
    if i >= 0:
        s = s[:i]
    return type(r).__name__ + ' ' + s


class X:
    def __index__(self):
        return 2

    def __repr__(self):
        return 'X()'


class S(str):
    pass


class I(int):
    pass


class F(float):
    pass


class B(bytes):
    pass


seed = 12345


def rnd(n):
    global seed
    seed = (seed * 1103515245 + 12345) % 2**31
    return (seed >> 8) % n


args = [None, 0, 1, -1, 5, 10**20, True, 1.5, float('inf'), 'a', '', 'ab', 'é', b'a', b'', b'ab',
        bytearray(b'b'), memoryview(b'abc'), (), ('a', 'b'), [1, 2], ['a', 'b'], [b'a'], {}, {'a': 1}, {97: 'x'}, X(), S('a'), I(3), F(2.5), B(b'a'), 1j,
        range(3), slice(1, None), slice(None, None, -1), '>5', 'utf-8', 'little', ':', -10**20, 2**63, 63, 1000]
recv = ['', 'abc', 'Aé\u20ac\U0001f600 b\tc', S('sub class'), 0, -7, 10**25, True, I(9), 0.0, -2.75, 1e22, F(1.25), 1 + 2j, b'', b'aBc d', B(b'xx'),
        memoryview(b'abcdef'), memoryview(b'abcdef')[::-2], memoryview(b'abcdefgh').cast('i'), range(10), range(20, -5, -3), range(10**25), slice(1, 2, 3)]
methods = {}
skip = ('__init_subclass__', '__subclasshook__', '__class__', '__new__', '__init__', '__dir__', '__reduce__', '__reduce_ex__', '__doc__', '__setattr__',
        '__delattr__', '__getattribute__', '__sizeof__', '__hash__', '__getstate__', '__dict__', '__module__', '__weakref__', '__static_attributes__', '__firstlineno__',
        '__buffer__', '__release_buffer__', '_from_flags', 'release', '__exit__', '__annotations_cache__', '__class_getitem__', '__annotate_func__', '__copy__', '__round__', '__alloc__')
NAMES = {
    str: '''__add__ __contains__ __eq__ __format__ __ge__ __getitem__ __getnewargs__ __gt__ __iter__ __le__ __len__ __lt__ __mod__ __mul__ __ne__ __repr__ __rmod__ __rmul__ __str__ capitalize casefold center count encode endswith expandtabs find format format_map index isalnum isalpha isascii isdecimal isdigit isidentifier islower isnumeric isprintable isspace istitle isupper join ljust lower lstrip maketrans partition removeprefix removesuffix replace rfind rindex rjust rpartition rsplit rstrip split splitlines startswith strip swapcase title translate upper zfill''',
    bytes: '''__add__ __bytes__ __contains__ __eq__ __ge__ __getitem__ __getnewargs__ __gt__ __iter__ __le__ __len__ __lt__ __mod__ __mul__ __ne__ __repr__ __rmod__ __rmul__ __str__ capitalize center count decode endswith expandtabs find fromhex hex index isalnum isalpha isascii isdigit islower isspace istitle isupper join ljust lower lstrip maketrans partition removeprefix removesuffix replace rfind rindex rjust rpartition rsplit rstrip split splitlines startswith strip swapcase title translate upper zfill''',
    int: '''__abs__ __add__ __and__ __bool__ __ceil__ __divmod__ __eq__ __float__ __floor__ __floordiv__ __format__ __ge__ __getnewargs__ __gt__ __index__ __int__ __invert__ __le__ __lt__ __mod__ __mul__ __ne__ __neg__ __or__ __pos__ __radd__ __rand__ __rdivmod__ __repr__ __rfloordiv__ __rmod__ __rmul__ __ror__ __rrshift__ __rshift__ __rsub__ __rtruediv__ __rxor__ __str__ __sub__ __truediv__ __trunc__ __xor__ as_integer_ratio bit_count bit_length conjugate from_bytes is_integer to_bytes''',
    float: '''__abs__ __add__ __bool__ __ceil__ __divmod__ __eq__ __float__ __floor__ __floordiv__ __format__ __ge__ __getnewargs__ __gt__ __int__ __le__ __lt__ __mod__ __mul__ __ne__ __neg__ __pos__ __pow__ __radd__ __rdivmod__ __repr__ __rfloordiv__ __rmod__ __rmul__ __rpow__ __rsub__ __rtruediv__ __sub__ __truediv__ __trunc__ as_integer_ratio conjugate from_number fromhex hex is_integer''',
    complex: '''__abs__ __add__ __bool__ __complex__ __eq__ __format__ __ge__ __getnewargs__ __mul__ __ne__ __neg__ __pos__ __pow__ __radd__ __repr__ __rmul__ __rpow__ __rsub__ __rtruediv__ __sub__ __truediv__ conjugate from_number''',
    memoryview: '''__eq__ __enter__ __getitem__ __iter__ __len__ __ne__ __setitem__ cast count hex index tobytes tolist toreadonly''',
    range: '''__bool__ __contains__ __eq__ __getitem__ __len__ __ne__ __repr__ count index __lt__''',
    slice: '''__eq__ __ge__ __gt__ __le__ __lt__ __ne__ __repr__ indices''',
}
HUGE = (10**20, -10**20, 2**63, 1000)
ctor = [int, float, complex, str, bytes, bytearray, bool, range, slice, memoryview]
N = 6


def call(f, *a):
    try:
        return show(f(*a))
    except BaseException as e:
        return type(e).__name__ + ' ' + (str(e) if type(e).__name__[:7] != 'Unicode' else '')


for v in recv:
    for t in NAMES:
        if isinstance(v, t):
            break
    for n in NAMES[t].split():
        f = getattr(v, n)
        combos = [()] + [(x,) for x in args]
        for k in range(N):
            combos.append((args[rnd(len(args))], args[rnd(len(args))]))
        for k in range(N):
            combos.append((args[rnd(len(args))], args[rnd(len(args))], args[rnd(len(args))]))
        for c in combos:
            if isinstance(v, range) and len(v.__repr__()) > 20 and n in ('count', 'index', '__contains__') and c and type(c[0]) not in (int, bool):
                continue
            if 'lshift' in n:
                continue
            print(ascii(v)[:20] if not isinstance(v, memoryview) else 'mv', n, ascii(c) if not any(isinstance(x, memoryview) for x in c) else '', '->', call(f, *c))
for t in ctor:
    for c in [()] + [(x,) for x in args] + [(args[rnd(len(args))], args[rnd(len(args))]) for k in range(200)] + [(args[rnd(len(args))], args[rnd(len(args))], args[rnd(len(args))]) for k in range(200)]:
        if t in (bytes, bytearray) and c and c[0] in (2**63,):
            continue
        print(t.__name__, ascii(c) if not any(isinstance(x, memoryview) for x in c) else '', '->', call(t, *c))

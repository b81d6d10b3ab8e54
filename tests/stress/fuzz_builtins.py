"""Calls of builtins with hostile arguments: every callable of the builtin types and of many modules,
with random choices from a list of values that are large, small, cyclic, deep or that misbehave. An
exception is a good answer; the process must live. Usage: fuzz_builtins.py SEED"""
import random
import signal
import sys

seed = int(sys.argv[1])
rng = random.Random(seed)
sys.set_int_max_str_digits(10000)
sys.setrecursionlimit(2000)


class Timeout(BaseException):
    pass


def on_alarm(*args):
    raise Timeout


signal.signal(signal.SIGALRM, on_alarm)


class Liar:
    """Says something else each time."""
    def __len__(self): return rng.choice([0, 1, 3, -1, 2**62, 2**70])
    def __index__(self): return rng.choice([0, 1, -1, 2**31, 2**63, -2**80])
    def __iter__(self): return rng.choice([iter([1, 2]), iter(''), self, None])
    def __next__(self): raise rng.choice([StopIteration, ValueError])
    def __getitem__(self, k): return rng.choice([1, 'a', self])
    def __eq__(self, o): return rng.choice([True, False, NotImplemented, [], self])
    def __lt__(self, o): return rng.choice([True, False, NotImplemented])
    def __hash__(self): return rng.choice([1, 2, -1])
    def __repr__(self): return rng.choice(['x', '', '\ud800'])
    def __bool__(self): return rng.choice([True, False])
    def __call__(self, *a, **k): return rng.choice([None, 1, 'a', self])
    def __float__(self): return rng.choice([0.0, float('nan'), 1e308])
    def __complex__(self): return 1j
    def __bytes__(self): return b'q'
    def __fspath__(self): return rng.choice(['a', b'b', 3])
    def __format__(self, spec): return rng.choice(['f', spec])
    def __length_hint__(self): return rng.choice([0, 10**9, -5, 2**62])
    def __enter__(self): return self
    def __exit__(self, *a): return True
    def keys(self): return ['a', 1]
    def __buffer__(self, flags): return memoryview(b'buffer')
    def read(self, *a): return rng.choice([b'', 'a', b'abc', None])
    def write(self, *a): return rng.choice([1, None, -1])


class Mutator:
    """Empties the container that asks it."""
    victim = None

    def __eq__(self, o):
        try:
            Mutator.victim.clear()
        except Exception:
            pass
        return rng.choice([True, False])
    __lt__ = __eq__
    def __hash__(self): return 1
    def __index__(self): self == 1; return 1
    def __repr__(self): self == 1; return 'm'
    def __iter__(self): self == 1; return iter([1])


class Int(int): pass
class Str(str): pass
class List(list): pass
class Dict(dict): pass


def deep(n):
    x = []
    for _ in range(n):
        x = [x]
    return x


def cyclic():
    x = []
    x.append(x)
    return x


def gen():
    while True:
        if (yield 1) is None:
            return


MAKERS = [
    lambda: 0, lambda: 1, lambda: -1, lambda: 255, lambda: 256, lambda: 2**31 - 1, lambda: -2**31, lambda: 2**32, lambda: 2**62,
    lambda: 2**63 - 1, lambda: -2**63, lambda: 2**63, lambda: 2**64, lambda: 10**40, lambda: -10**40, lambda: True, lambda: None, lambda: ...,
    lambda: NotImplemented, lambda: 0.0, lambda: -0.0, lambda: 1.5, lambda: float('inf'), lambda: float('nan'), lambda: 1e308, lambda: 5e-324, lambda: 1j, lambda: complex('nan'),
    lambda: '', lambda: 'a', lambda: 'abc' * 10, lambda: 'é\U0001F600', lambda: '\ud800', lambda: '\0', lambda: 'a\nb', lambda: '%s%d', lambda: '{}{0}{a}', lambda: '<10', lambda: '%(a)s', lambda: '1_0', lambda: 'utf-8', lambda: 'strict', lambda: 'i', lambda: '__class__',
    lambda: b'', lambda: b'a', lambda: b'\xff\0' * 5, lambda: bytearray(b'abc'), lambda: memoryview(b'abcd'), lambda: memoryview(bytearray(8)).cast('i'), lambda: memoryview(b'abcd')[::2],
    lambda: [], lambda: [1, 2, 3], lambda: ['a', 'b'], lambda: [None] * 5, lambda: (), lambda: (1,), lambda: ('a', 1), lambda: (1, 2, 3), lambda: {}, lambda: {'a': 1}, lambda: {1: 2, 'b': []},
    lambda: set(), lambda: {1, 'a'}, lambda: frozenset([1]), lambda: range(5), lambda: range(0, 10**20, 10**18), lambda: range(5, 0, -1), lambda: slice(None), lambda: slice(1, None, -1), lambda: slice(0, 10**20, 10**18),
    lambda: iter([1, 2]), lambda: iter({1: 2}), lambda: iter('ab'), lambda: (x for x in [1, 2]), lambda: gen(), lambda: map(str, [1]), lambda: zip([1], 'a'), lambda: enumerate('ab'), lambda: reversed([1]),
    Liar, lambda: Liar, Mutator, lambda: Int(5), lambda: Str('s'), lambda: List([1]), lambda: Dict(a=1), lambda: deep(3000), cyclic, lambda: int, lambda: type, lambda: object, lambda: str, lambda: list, lambda: dict, lambda: Exception, lambda: ValueError('x'), lambda: BaseException,
    lambda: print, lambda: len, lambda: (lambda *a, **k: 1), lambda: (lambda: 1 / 0), lambda: object(), lambda: sys, lambda: [].append, lambda: property(len), lambda: staticmethod(len), lambda: classmethod(len), lambda: super(int, 1), lambda: (lambda: 0).__code__, lambda: sys._getframe(), lambda: {}.keys(), lambda: {1: 2}.items(), lambda: list[int], lambda: int | str, lambda: [Mutator(), Mutator()], lambda: {Mutator(): 1}, lambda: ExceptionGroup('g', [ValueError()]),
]
SKIP = {'exit', 'quit', 'input', 'breakpoint', 'help', 'open', '_exit', 'abort', 'kill', 'killpg', 'fork', 'forkpty', 'execv', 'execve', 'pause', 'sigwait', 'sigwaitinfo', 'sigsuspend',
        'alarm', 'setitimer', 'raise_signal', 'pthread_kill', 'set_int_max_str_digits', 'setrecursionlimit', 'sleep', 'settrace', 'setprofile', 'set_trace', 'license', 'copyright', 'credits', 'exec', 'eval', '__import__',
        'setattr', 'delattr', '__setattr__', '__delattr__', 'unraisablehook', 'excepthook', 'collect', 'set_threshold', 'freeze', 'set_debug', 'remote_exec', '_clear_type_cache', 'factorial', 'perm', 'comb', 'set_asyncgen_hooks', 'breakpointhook', 'call_tracing', 'getrandbits', 'randbytes', 'setswitchinterval', 'addaudithook', 'displayhook', 'print', '_debugmallocstats', 'run', 'repeat', 'cycle', 'count'}
MODULES = ['builtins', 'math', 'cmath', 'itertools', 'functools', 'operator', 'collections', '_struct', 'array', 'binascii', 'zlib', '_codecs', 're', '_sre', 'json', '_json', 'unicodedata', 'string', '_string', 'time', 'types', 'weakref',
           '_io', 'io', 'marshal', 'pickle', 'copy', 'heapq', 'bisect', '_random', 'hashlib', '_hashlib', '_blake2', 'hmac', '_csv', 'gc', 'sys', '_abc', 'ast', '_ast', '_opcode', 'dis', '_symtable', '_tokenize', 'errno', '_weakref', '_collections', '_functools', '_contextvars', '_bz2', '_lzma', 'mmap', '_typing', 'datetime', 'decimal', 'fractions', 'statistics', 'stackless', 'struct', 'select', '_signal', 'copyreg', 'enum', 'textwrap', 'difflib', 'warnings', 'traceback', 'inspect', 'tokenize', 'linecache', 'codecs', 'random', 'numbers', 'contextlib', 'abc', 'reprlib', 'pprint', 'graphlib', 'sched', 'queue', 'colorsys', 'calendar', 'ipaddress', 'base64', 'quopri', 'html', 'urllib.parse', 'shlex', 'fnmatch', 'glob', 'configparser', 'tomllib', 'zoneinfo', 'uuid', 'plistlib', 'xml.etree.ElementTree']


def targets():
    found = []
    module = __import__(rng.choice(MODULES), fromlist=['x'])
    for name, value in vars(module).items():
        if name in SKIP:
            continue
        if isinstance(value, type):
            for n in dir(value):
                if n not in SKIP and n not in ('__class__', '__dict__', '__doc__', '__module__'):
                    found.append((f'{module.__name__}.{name}.{n}', value, n))
            found.append((f'{module.__name__}.{name}', value, None))
        elif callable(value):
            found.append((f'{module.__name__}.{name}', value, None))
    return found


def value():
    return rng.choice(MAKERS)()


def receiver(cls):
    for _ in range(6):
        v = value()
        if type(v) is cls:
            return v
    try:
        return cls(*[value() for _ in range(rng.randrange(3))])
    except Exception:
        return value()


def one(name, target, attribute):
    args = [value() for _ in range(rng.choice([0, 1, 1, 1, 2, 2, 3, 4]))]
    kwargs = {rng.choice(['key', 'default', 'sep', 'maxsplit', 'n', 'a', 'encoding', 'errors', 'reverse', 'start']): value()} if rng.random() < 0.1 else {}
    if attribute is not None:
        obj = receiver(target)
        if isinstance(obj, (list, dict, set, bytearray)):
            Mutator.victim = obj
        f = getattr(obj if rng.random() < 0.9 else target, attribute)
    else:
        f = target
    print(name, flush=True)
    result = f(*args, **kwargs) if callable(f) else f
    if rng.random() < 0.3:
        repr(result)
    if rng.random() < 0.2 and hasattr(result, '__next__'):
        for _, x in zip(range(50), result):
            pass
    if rng.random() < 0.1:
        hash(result)
        result == value()


try:
    choice = targets()
except ImportError:
    choice = []
for _ in range(1500):
    if not choice:
        break
    signal.setitimer(signal.ITIMER_REAL, 2)
    try:
        one(*rng.choice(choice))
    except Timeout:
        pass
    except BaseException:
        pass
    finally:
        try:
            signal.setitimer(signal.ITIMER_REAL, 0)
        except Timeout:
            pass
signal.setitimer(signal.ITIMER_REAL, 0)
print('end')

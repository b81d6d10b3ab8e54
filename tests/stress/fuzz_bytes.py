"""Broken bytes for everything that reads bytes: marshal, pickles of tasklets, code, zip files,
compressed streams, regular expressions' code. Usage: fuzz_bytes.py SEED"""
import io
import json
import marshal
import os
import pickle
import random
import signal
import struct
import sys

seed = int(sys.argv[1])
rng = random.Random(seed)


class Timeout(BaseException):
    pass


def on_alarm(*args):
    raise Timeout


signal.signal(signal.SIGALRM, on_alarm)


def broken(data):
    data = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 4, 16])):
        if not data:
            break
        i = rng.randrange(len(data))
        kind = rng.randrange(6)
        if kind == 0:
            data[i] = rng.randrange(256)
        elif kind == 1:
            data[i] ^= 1 << rng.randrange(8)
        elif kind == 2:
            del data[i:i + rng.randrange(1, 9)]
        elif kind == 3:
            data[i:i] = bytes(rng.randrange(256) for _ in range(rng.randrange(1, 9)))
        elif kind == 4:
            data[i:i + 4] = struct.pack('<I', rng.choice([0, 1, 0xffffffff, 0x7fffffff, 0x80000000, 255, 65536]))
        else:
            del data[i:]
    return bytes(data)


def sample(a, b=2, *c, d=4, **e):
    "doc"
    try:
        for i in range(a):
            with open('/dev/null') as f:
                yield from [x for x in range(i) if x != b]
    except (ValueError, KeyError) as e:
        return {1: e, 'a': [1.5, 2j, b'x', None, ...]}
    finally:
        del a


CODE = compile('''
import sys
class C:
    x: int = 1
    def f(self, *a, k=3, **kw):
        return lambda: (self, a, k, kw, super())
async def g():
    async with x as y: await y
    async for i in z: yield i
match [1, 2]:
    case [a, *b] if a: print(a)
    case {"x": y, **z}: pass
def h(n):
    global q
    while n:
        try: n -= 1
        except* OSError: q = 1
        else: continue
    return f"{n!r:>10}" + str(n)
''', '<fuzz>', 'exec')
samples = [('marshal', marshal.dumps(x)) for x in (
    CODE, sample.__code__, [1, 2.5, 'a', b'b', None, (1, (2, (3,))), {1: 2}, {1, 2}, frozenset([3]), 10**50, 1j, ..., True, StopIteration if False else 0])] * 2
samples += [('pickle', pickle.dumps(x, p)) for x in ([1, {'a': (1.5, 'x', b'y', {3})}, 10**30], Exception('a', [1]), {1: {2: {3: sys.version_info[:2]}}}) for p in (0, 2, 4, 5)]
samples += [('json', json.dumps({'a': [1, 2.5, None, True, 'é\n', {'b': {}}]}).encode())]
try:
    import stackless
    chan = stackless.channel()

    def task(n):
        local = [n, {'a': n}, 'text', 2.5]
        for i, x in enumerate(local):
            try:
                got = chan.receive()
            except ValueError:
                pass
        return [y for y in sorted(local, key=lambda v: chan.receive() or 0)]

    t = stackless.tasklet(task)(3)
    t.run()
    samples += [('tasklet', pickle.dumps(t))] * 4
    g = stackless.tasklet(lambda: list(map(lambda v: chan.receive(), (x for x in range(3)))))()
    g.run()
    samples += [('tasklet', pickle.dumps(g))] * 4
except ImportError:
    pass
import bz2, lzma, zlib, zipfile
samples += [('zlib', zlib.compress(b'abc' * 50)), ('bz2', bz2.compress(b'abc' * 50)), ('lzma', lzma.compress(b'abc' * 50))]
z = io.BytesIO()
with zipfile.ZipFile(z, 'w', zipfile.ZIP_DEFLATED) as f:
    f.writestr('fuzzmod.py', 'x = 1\n' * 50)
samples += [('zip', z.getvalue())] * 2
import re
samples += [('re', p.encode()) for p in (r'(?P<a>x+?)|(?<=b)c{2,5}(?!d)[^\w-z]*\1', r'(?i:a(?>b|c)++)\b(?(1)d|e)', r'[[:a]\d\N{DIGIT ONE}]')]
samples += [('source', b'# coding: utf-16\nx = 1\n'), ('source', 'é = "\\N{DIGIT ONE}\\x41\\u0041"\n'.encode()), ('text', 'é\U0001F600a\ud800'.encode('utf-8', 'surrogatepass'))]
samples += [('float', b'-1.5e+308'), ('format', b'{0!r:>{1}.{2}f}'), ('percent', b'%(a)-+#010.5x'), ('struct', b'<3i2x4sq?P'), ('date', b'2020-01-02T03:04:05.678+01:00'), ('array', array_data := b'abcdefgh'), ('base64', b'YWJj\n=='), ('toml', b'a = [1, {b = "c"}]\n[t]\nd = 1979-05-27T07:32:00Z\n'), ('xml', b'<a b="c">d&amp;<e/></a>'), ('ast', b'[1, {"a": (2, -3j)}]')]


def load(kind, data):
    if kind == 'marshal':
        x = marshal.loads(data)
        if isinstance(x, type(CODE)):
            repr(x), list(x.co_lines()), list(x.co_positions()), x.co_varnames
            if rng.random() < 0.5 and x.co_argcount == 0 and not x.co_freevars:
                exec(x, {'__name__': 'fuzz'})
            import dis
            dis.dis(x, file=io.StringIO())
    elif kind in ('pickle', 'tasklet'):
        x = pickle.loads(data)
        if kind == 'tasklet' and isinstance(x, stackless.tasklet):
            repr(x), x.alive, x.frame
            if rng.random() < 0.7:
                x.insert() if x.alive and not x.blocked else x.kill()
                stackless.run(20000)
            pickle.dumps(x)
    elif kind == 'json':
        json.loads(data)
    elif kind == 'zlib':
        zlib.decompress(data), zlib.decompressobj().decompress(data)
    elif kind == 'bz2':
        bz2.decompress(data)
    elif kind == 'lzma':
        lzma.decompress(data)
    elif kind == 'zip':
        with open('fuzz.zip', 'wb') as f:
            f.write(data)
        import zipimport
        zipimport._zip_directory_cache.clear()
        zipimport.zipimporter('fuzz.zip').get_source('fuzzmod')
    elif kind == 're':
        p = re.compile(data.decode('latin-1'))
        p.search('xxabccdde1' * 5), p.sub('q', 'abcde')
        import _sre
        code = list(p.scanner('a').pattern.__reduce__()[1]) if False else None
    elif kind == 'source':
        compile(data, 'x', 'exec')
    elif kind == 'text':
        for c in ('utf-8', 'utf-16', 'utf-32', 'utf-7', 'unicode_escape', 'raw_unicode_escape', 'idna', 'punycode', 'cp1252', 'mbcs'):
            try:
                data.decode(c, rng.choice(['strict', 'replace', 'ignore', 'backslashreplace', 'surrogateescape', 'surrogatepass']))
            except (UnicodeError, LookupError):
                pass
    else:
        text = data.decode('latin-1')
        if kind == 'float':
            float(text)
        elif kind == 'format':
            text.format(1.5, 10, 3, a=1)
        elif kind == 'percent':
            text % {'a': 5}
        elif kind == 'struct':
            s = struct.Struct(text)
            s.size < 10**6 and s.unpack(bytes(s.size))
        elif kind == 'date':
            import datetime
            datetime.datetime.fromisoformat(text)
        elif kind == 'array':
            import array
            array.array(text[:1], data[1:])
        elif kind == 'base64':
            import base64
            base64.b64decode(data), base64.a85decode(data)
        elif kind == 'toml':
            import tomllib
            tomllib.loads(text)
        elif kind == 'xml':
            import html.parser
            html.parser.HTMLParser().feed(text)
        elif kind == 'ast':
            import ast
            ast.literal_eval(text)


folder = f'fuzz-{os.getpid()}'
os.mkdir(folder)
os.chdir(folder)
stdout = sys.stdout
for round in range(1500):
    kind, data = rng.choice(samples)
    data = broken(data)
    print(round, kind, data[:2000].hex(), file=stdout, flush=True)
    signal.setitimer(signal.ITIMER_REAL, 3)
    sys.stdout = io.StringIO()
    try:
        load(kind, data)
    except Timeout:
        pass
    except BaseException:
        pass
    finally:
        sys.stdout = stdout
        for _ in range(2):
            try:
                signal.setitimer(signal.ITIMER_REAL, 0)
            except Timeout:
                pass
os.chdir('..')
import shutil
shutil.rmtree(folder, ignore_errors=True)
os.write(1, b'end\n')
os._exit(0)

# Text and byte streams: lines, sizes, newline modes, buffers that are closed below, StringIO.
import copy
import io
import os
import pickle
import sys
import tempfile

folder = tempfile.mkdtemp()
path = os.path.join(folder, 'f.txt')


def show(f, *args):
    try:
        print(repr(f(*args)))
    except Exception as e:
        print(type(e).__name__, e)


text = 'eins\nzwei ä\n\r\nvier\rfünf\n' + 'x' * 10000 + '\nlast'
with open(path, 'w', encoding='utf-8', newline='') as f:
    print(f.write(text), f.tell() > 0)
for newline in (None, '', '\n', '\r', '\r\n'):
    with open(path, encoding='utf-8', newline=newline) as f:
        print(repr(newline), [len(line) for line in f], f.newlines)
    with open(path, encoding='utf-8', newline=newline) as f:
        print(repr(f.readline(3)), repr(f.readline()), repr(f.read(2)), repr(f.readline(0)), len(f.readlines()))
with open(path, encoding='utf-8') as f:
    first = f.readline()
    place = f.tell()
    second = f.readline()
    f.seek(place)
    print(first == 'eins\n', f.readline() == second)
    next(f)
    show(f.tell)
with open(path, 'rb') as f:
    print([len(line) for line in f], f.tell(), f.seek(3), f.readline(), f.readline(2), f.peek(1)[:1], f.readline())
for newline in (None, '', '\n', '\r\n'):
    with open(path, 'w', newline=newline) as f:
        f.write('a\nb')
        f.write('\n' * 3)
        f.flush()
        print(os.path.getsize(path), end=' ')
    with open(path, 'rb') as f:
        print(f.read())
with open(path, 'w') as f:
    for i in range(30000):
        f.write(f'line {i}\n')
    f.write('é' * 70000)
    show(f.write, 5)
    show(f.write, '\udc80')
print(os.path.getsize(path))
with open(path) as f:
    print(sum(len(x) for x in f))
f = open(path, 'w')
f.write('kept')
f.flush()
f.buffer.close()
show(f.write, 'lost')
with open(path) as g:
    print(g.read())
f = open(path, 'w')
f.write('abc')
below = f.detach()
show(f.write, 'x')
below.write(b'def')
below.close()
with open(path, 'a+') as f:
    f.write('ghi')
    f.seek(0)
    print(f.readline(), f.write('jkl'))
    f.seek(0)
    print(f.read())
f = open(path)
f.close()
show(f.readline)
show(next, f)
show(f.read)
with open(path, 'w') as f:
    f.reconfigure(line_buffering=True)
    f.write('now\n')
    print(open(path).read(), end='')
    f.reconfigure(encoding='latin-1')
    f.write('é')
print(open(path, 'rb').read())

s = io.StringIO()
print(s.write('abc'), s.write(''), s.getvalue(), s.tell(), s.seek(1), s.write('XYZ'), s.getvalue())
print(s.seek(10), s.write('end'), repr(s.getvalue()), s.truncate(3), s.getvalue(), s.tell(), repr(s.read()))
for newline in (None, '', '\n', '\r', '\r\n'):
    s = io.StringIO('a\nb\r\nc\rd', newline=newline)
    print(repr(newline), repr(s.getvalue()), list(s), s.newlines, s.write('x\ny'), repr(s.getvalue()[-4:]))
s = io.StringIO('one\ntwo\nthree')
print(s.readline(), s.readline(2), s.read(3), s.readlines(), s.readline(), s.closed, s.line_buffering)
for args in ((-1,), (1, 1), (0, 3), (0.5,), (0, 1), (0, 2)):
    show(s.seek, *args)
show(s.write, b'x')
show(s.write, None)
show(s.truncate, -1)
show(s.read, 'x')
show(io.StringIO, 5)
show(io.StringIO, '', 5)
show(io.StringIO, '', 'x')
s.seek(4)
for t in (copy.copy(s), pickle.loads(pickle.dumps(s))):
    print(t.tell(), t.getvalue() == s.getvalue(), t.read(3))
s.close()
show(s.write, 'x')
show(s.getvalue)
show(s.readline)
show(next, s)
print(s.closed)


class Stream(io.StringIO):
    def write(self, s):
        return super().write(s.upper())


stream = Stream()
print('a', 1, 2.5, None, True, [1], sep='-', end='!\n', file=stream)
print(stream.getvalue(), end='')
print('x', 'y', sep=None, end=None, file=sys.stdout, flush=True)
show(lambda: print('x', sep=3))
show(lambda: print('x', end=3))
print(b'x', 10 ** 30, -0.0, 'ß', sep='|')

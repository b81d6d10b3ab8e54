"""Files, text and strings as streams: best of three, in milliseconds, on standard error.

Run it with both interpreters and compare: `stackless benches/library/streams.py > /dev/null`.
"""
import io
import os
import struct
import sys
import tempfile
import time

path = os.path.join(tempfile.mkdtemp(), 'lines.txt')


def write_lines():
    with open(path, 'w') as f:
        for i in range(50000):
            f.write(f'line {i} some text here\n')


def iterate_lines():
    with open(path) as f:
        for line in f:
            pass


def read_lines():
    with open(path) as f:
        while f.readline():
            pass


def read_whole():
    with open(path) as f:
        f.read()


def binary_lines():
    with open(path, 'rb') as f:
        for line in f:
            pass


def string_write():
    f = io.StringIO()
    for i in range(20000):
        f.write('abc')
    f.getvalue()


def string_lines():
    for line in io.StringIO('abc\n' * 20000):
        pass


def bytes_write():
    f = io.BytesIO()
    for i in range(20000):
        f.write(b'abc')
    f.getvalue()


def print_values():
    for i in range(20000):
        print('hello', i)


def open_files():
    for i in range(1000):
        with open(path, 'rb') as f:
            f.read(1)


def pack():
    for i in range(10000):
        struct.unpack('<IHB', struct.pack('<IHB', 1, 2, 3))


for f in (write_lines, iterate_lines, read_lines, read_whole, binary_lines, string_write, string_lines, bytes_write,
          print_values, open_files, pack):
    best = min([(lambda t: (f(), time.perf_counter() - t)[1])(time.perf_counter()) for _ in range(3)])
    print(f'{f.__name__:16}{best * 1000:8.1f}', file=sys.stderr)

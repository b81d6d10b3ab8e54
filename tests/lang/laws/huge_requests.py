# Requests that no machine can serve raise MemoryError or OverflowError (some: ValueError), never end
# the process. Which of the two is CPython's private matter; that the request is refused is not.
import array
import binascii
import collections
import io
import itertools
import math
import operator
import os
import random
import re
import struct
import sys

sys.set_int_max_str_digits(0)
SIZES = [10**18, 2**62, 2**63 - 1, 2**63, 10**30]
CASES = {
    'list * n': lambda n: [0] * n,
    'tuple * n': lambda n: (0,) * n,
    'str * n': lambda n: 'ab' * n,
    'wide str * n': lambda n: 'é' * n,
    'bytes * n': lambda n: b'a' * n,
    'bytearray * n': lambda n: bytearray(b'ab') * n,
    'list *= n': lambda n: operator.imul([0, 1], n),
    'bytearray *= n': lambda n: operator.imul(bytearray(b'ab'), n),
    'array * n': lambda n: array.array('i', [1]) * n,
    'ljust': lambda n: 'a'.ljust(n),
    'rjust': lambda n: 'a'.rjust(n),
    'center': lambda n: 'a'.center(n, 'é'),
    'zfill': lambda n: 'a'.zfill(n),
    'bytes.ljust': lambda n: b'a'.ljust(n),
    'bytes.center': lambda n: b'a'.center(n),
    'bytes.zfill': lambda n: b'1'.zfill(n),
    'bytearray.zfill': lambda n: bytearray(b'1').zfill(n),
    'bytes(n)': bytes,
    'bytearray(n)': bytearray,
    'bytearray.resize': lambda n: bytearray().resize(n),
    '1 << n': lambda n: 1 << n,
    '-1 << n': lambda n: -1 << n,
    '%nd': lambda n: f'%{n}d' % 1,
    '%ns': lambda n: f'%{n}s' % 1,
    '%.nf': lambda n: f'%.{n}f' % 1.5,
    '%*d': lambda n: '%*d' % (n, 1),
    '%.nd': lambda n: f'%.{n}d' % 1,
    'bytes %nd': lambda n: f'%{n}d'.encode() % 1,
    'format d': lambda n: format(1, f'{n}d'),
    'format 0d': lambda n: format(1, f'0{n}d'),
    'format s': lambda n: format('a', f'{n}'),
    'format f': lambda n: format(1.5, f'{n}'),
    'format .f': lambda n: format(1.5, f'.{n}f'),
    'format .e': lambda n: format(1.5, f'.{n}e'),
    'format complex': lambda n: format(1j, f'{n}'),
    'str.format': lambda n: '{:{}}'.format('a', n),
    'to_bytes': lambda n: (1).to_bytes(n, 'big'),
    'expandtabs': lambda n: 'a\tb'.expandtabs(n),
    'bytes.expandtabs': lambda n: b'a\tb'.expandtabs(n),
    'replacement': lambda n: next(itertools.combinations_with_replacement('ab', n)),
    'product': lambda n: next(itertools.product('ab', repeat=n)),
    'pack x': lambda n: struct.pack(f'{n}x'),
    'pack s': lambda n: struct.pack(f'{n}s', b''),
    'deque * n': lambda n: collections.deque([1], 3) * n if n > 2**63 else 1 // 0,
    'BytesIO far': lambda n: (lambda b: (b.seek(n), b.write(b'x')))(io.BytesIO()),
    'StringIO far': lambda n: (lambda b: (b.seek(n), b.write('x')))(io.StringIO()),
    'os.urandom': os.urandom,
    'os.read': lambda n: os.read(0, n),
    'randbytes': random.randbytes,
    'getrandbits': random.getrandbits,
    're {n}': lambda n: re.compile('a{%d}' % n),
    'ldexp': lambda n: math.ldexp(1.0, n),
    'range item': lambda n: range(n)[n],
}
for name, f in CASES.items():
    answers = []
    for n in SIZES:
        try:
            f(n)
            answers.append('served')
        except (MemoryError, OverflowError):
            answers.append('refused')
        except Exception as e:
            answers.append(type(e).__name__)
    print(name, *answers)
print('ok', len([0] * 1000))

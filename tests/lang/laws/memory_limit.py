# Programs that grow until the address space that they may use ends raise MemoryError, can catch it,
# and go on with what they let go of.
import subprocess
import sys

PROGRAMS = {
    'list': 'x = []\n    while True: x.append(None)',
    'lists': 'x = []\n    while True: x.append([])',
    'dict': 'x = {}\n    while True: x[len(x)] = 1',
    'set': 'x = set()\n    while True: x.add(len(x))',
    'str': 'x = "ab"\n    while True: x += x',
    'bytearray': 'x = bytearray(b"ab")\n    while True: x.extend(bytes(x))',
    'big int': 'x = 1\n    while True: x <<= 100000000',
    'comprehension': 'x = [i for i in itertools.count()]',
    'list()': 'x = list(range(10**12))',
    'tuple()': 'x = tuple(itertools.count())',
    'set()': 'x = set(itertools.count())',
    'map': 'x = list(map(str, itertools.count()))',
    'enumerate': 'x = list(enumerate(itertools.count()))',
    'star': 'x = [*itertools.count()]',
    'extend': '[].extend(itertools.count())',
    'fromkeys': 'dict.fromkeys(itertools.count())',
    'join': '"".join(itertools.repeat("ab"))',
    'sorted': 'sorted(itertools.count())',
    'bytes': 'bytes(itertools.repeat(1))',
    'recursion of data': 'def f(x): return f([x])\n    sys.setrecursionlimit(1000)\n    try: f(0)\n    except RecursionError: bytes(10**10)',
}
BODY = """
import itertools, sys
def grow():
    {}
for attempt in range(2):
    try:
        grow()
    except MemoryError:
        print('MemoryError')
print(len([0] * 1000000))
"""
for name, text in PROGRAMS.items():
    child = subprocess.run(['sh', '-c', 'ulimit -v 600000; exec "$0" -c "$1"', sys.executable, BODY.format(text)],
                           capture_output=True, text=True)
    print(name, child.returncode, child.stdout.split(), child.stderr[-300:])

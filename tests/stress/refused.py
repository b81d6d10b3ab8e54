# The system refuses memory, without a budget of the interpreter's own: MemoryError, whoever asked. One
# try for each start: what a refusal finds half done is lost.
import json
import re
import resource
import sys


def used():
    with open("/proc/self/statm") as f:
        return int(f.read().split()[0]) * resource.getpagesize()


hard = resource.getrlimit(resource.RLIMIT_AS)[1]
resource.setrlimit(resource.RLIMIT_AS, (used() + (300 << 20), hard))


def small_blocks():
    x = []
    while True:
        x.append(bytearray(1000))


def objects():
    x = []
    while True:
        x = [x, {"a": [1.5]}]


def numbered():
    d = {}
    while True:
        d[len(d)] = str(len(d)) * 50


def instances():
    class C:
        pass

    x = []
    while True:
        c = C()
        c.text = "abc" * 100 + str(len(x))
        x.append(c)


def suspended():
    def g():
        yield from range(10)

    x = []
    while True:
        y = g()
        next(y)
        x.append(y)


million = "x" * 10**6
TRIES = [
    small_blocks, objects, numbered, instances, suspended,
    lambda: [i for i in range(10**10)],
    lambda: ",".join([million] * 10**4),
    lambda: b",".join([million.encode()] * 10**4),
    lambda: "%s" * 1000 % tuple([million] * 1000),
    lambda: ("{}" * 1000).format(*[million] * 1000),
    lambda: repr([million] * 1000),
    lambda: ascii(["\xe9" * 10**6] * 1000),
    lambda: json.dumps([million] * 1000),
    lambda: re.sub("x", "y" * 10**4, million),
    lambda: ("x " * 10**8).split(),
    lambda: sorted(range(10**9)),
    lambda: set(range(10**9)),
    lambda: list(range(10**6)) * 1000,
    lambda: million.replace("x", million),
    lambda: million.translate({120: million}),
    lambda: 1 << 10**11,
    lambda: (1 << 10**9) * (1 << 10**9),
    lambda: int.from_bytes(bytes(10**9), "little"),
]
try:
    TRIES[int(sys.argv[1])]()
    outcome = "returned"
except BaseException as e:
    outcome = type(e).__name__
print(outcome)
# The interpreter is as sound as before.
print(sum(x * x for x in range(1000)), sorted("stackless"), json.loads("[1, {}]"))

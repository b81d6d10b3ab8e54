# outputs: ours (CPython cannot go so deep)
# Items, values, exceptions and ends pass through a chain of 300,000 delegating generators.
import sys
sys.setrecursionlimit(10**9)
def inner():
    yield 1
    raise ValueError('deep')
def outer(g):
    yield from g
def run(n):
    g = inner()
    for _ in range(n): g = outer(g)
    next(g)
    try: next(g)
    except ValueError as e:
        print(e, e.__context__)
run(300000)
def stop():
    yield 1
    raise StopIteration(5)
def run2(n):
    g = stop()
    for _ in range(n): g = outer(g)
    next(g)
    try: next(g)
    except RuntimeError as e:
        print(e, repr(e.__cause__))
run2(300000)
def ret(n):
    g = inner2()
    for _ in range(n): g = outer(g)
    print(list(g))
def inner2():
    yield 1
    return 3
ret(300000)
async def a(n):
    if n == 0: raise KeyError('async')
    await a(n-1)
try: a(100000).send(None)
except KeyError as e: print(repr(e))
def thrown(n):
    g = inner2()
    for _ in range(n): g = outer(g)
    next(g)
    try: g.throw(OSError('t'))
    except OSError as e: print(e)
    g = inner2()
    for _ in range(n): g = outer(g)
    next(g)
    g.close()
    try: next(g)
    except StopIteration: print('closed')
thrown(300000)

import sys
class It:
    def __init__(s): s.n=0
    def __iter__(s): return s
    def __next__(s):
        s.n+=1
        if s.n>2: raise StopIteration
        return s.n
def gen():
    yield 1
def agen():
    yield
async def ag():
    yield 1
class Aw:
    def __await__(s):
        yield 5
        return 7
class Nw:
    def __await__(s):
        return iter([])
class Nw2:
    def __await__(s):
        return It()
def f1():
    for x in It():
        x
def f2():
    for x in gen():
        x
def f3():
    yield from gen()
def f4():
    yield from It()
def f5():
    yield from [1]
async def f6():
    await Aw()
async def f7():
    await Nw()
async def f8():
    await Nw2()
async def f9():
    async for x in ag():
        x
def f10():
    for x in [1]:
        x
def f11():
    return list(gen())
def f12():
    next(gen())
    a, b = It()
    [x for x in It()]
def f13():
    try:
        yield 1
    finally:
        3
def f14():
    g = f13()
    next(g)
    g.close()
    g = f13()
    next(g)
    del g
    2
def tr(fr, ev, arg):
    if fr.f_code.co_name in ('drive','__init__', '__iter__','__await__'): return
    print('  ', fr.f_code.co_name, ev, fr.f_lineno-fr.f_code.co_firstlineno if fr.f_lineno else None, arg[0].__name__ if ev=='exception' else '')
    return tr
def drive(c):
    if hasattr(c,'send'):
        try:
            while True: c.send(None)
        except StopIteration: pass
for f in (f1,f2,f3,f4,f5,f6,f7,f8,f9,f10,f11,f12,f14):
    print(f.__name__)
    sys.settrace(tr)
    drive(f())
    sys.settrace(None)

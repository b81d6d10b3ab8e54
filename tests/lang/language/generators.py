def t(f):
    try:
        print(repr(f()))
    except BaseException as e:
        print(type(e).__name__, e)


def g():
    try:
        x = yield 1
        print('got', x)
        try:
            y = yield 2
            print('got', y)
        except ValueError as e:
            print('caught', e)
            yield 'handled'
        return 'done'
    finally:
        print('finally')


it = g()
t(lambda: next(it))
t(lambda: it.send('a'))
t(lambda: it.throw(ValueError('v')))
t(lambda: next(it))
t(lambda: next(it))
it = g()
t(lambda: it.send('x'))
t(lambda: next(it))
t(lambda: it.close())
t(lambda: next(it))
it = g()
t(lambda: it.throw(KeyError('k')))


def sub():
    r = yield 'a'
    print('sub got', r)
    return 'subresult'


def outer():
    r = yield from sub()
    print('outer got', r)
    r = yield from [1, 2]
    return r


it = outer()
t(lambda: next(it))
t(lambda: it.send('s'))
t(lambda: next(it))
t(lambda: next(it))
t(lambda: list(outer()))


def stop():
    raise StopIteration('inner')
    yield


t(lambda: list(stop()))


def ignore():
    try:
        yield 1
    except GeneratorExit:
        yield 2


it = ignore()
next(it)
t(lambda: it.close())
t(lambda: sum(x * x for x in range(5)))
t(lambda: [x for x in (y + 1 for y in range(3))])
t(lambda: dict((k, v) for k, v in zip('ab', [1, 2])))


def rec(n):
    if n:
        yield from rec(n - 1)
    yield n


t(lambda: list(rec(5)))


class Aw:
    def __await__(self):
        r = yield 'awaiting'
        return r


async def co():
    x = await Aw()
    return x


c = co()
t(lambda: c.send(None))
try:
    c.send(5)
except StopIteration as e:
    print('value', e.value)


async def ag():
    for i in range(3):
        yield i


async def use():
    r = []
    async for x in ag():
        r.append(x)
    r += [x async for x in ag() if x]
    return r


def run(c):
    try:
        while True:
            c.send(None)
    except StopIteration as e:
        return e.value


t(lambda: run(use()))


class ACtx:
    async def __aenter__(self):
        print('aenter')
        return 'ctx'

    async def __aexit__(self, *a):
        print('aexit', a[0] and a[0].__name__)
        return True


async def actx():
    async with ACtx() as v:
        print(v)
        raise ValueError
    return 'after'


t(lambda: run(actx()))


async def agen2():
    try:
        x = yield 1
        print('asent', x)
        yield 2
    finally:
        print('afin')


async def drive():
    a = agen2()
    print(await a.__anext__())
    print(await a.asend('hi'))
    await a.aclose()
    try:
        await a.__anext__()
    except StopAsyncIteration:
        print('stopped')


t(lambda: run(drive()))
t(lambda: (lambda: (yield))().__class__.__name__)


def trace():
    try:
        yield
    except BaseException as e:
        print('in gen', type(e).__name__)
        raise RuntimeError('new') from e


it = trace()
next(it)
try:
    it.throw(KeyError, KeyError('z'))
except RuntimeError as e:
    print(repr(e.__cause__), e)

# Warnings of coroutines and awaitables that nobody awaited, the origin of coroutines, the old
# signature of throw(), hooks of asynchronous generators.
import sys
import warnings


def noted(action):
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter('always')
        try:
            print(action())
        except BaseException as e:
            print(type(e).__name__, e)
    for w in seen:
        print('   ', w.category.__name__, str(w.message).splitlines()[0])


async def co():
    pass


async def agen():
    yield 1


def gen():
    yield


class NoException(Exception):
    def __new__(cls, *args):
        return 3


noted(lambda: co() and None)
noted(lambda: co().close())
noted(lambda: agen().asend(None) and None)
noted(lambda: agen().aclose() and None)
noted(lambda: agen().athrow(ValueError) and None)
noted(lambda: anext(agen()) and None)
noted(lambda: anext(agen(), 3) and None)
noted(lambda: gen().throw(ValueError, 'a', None))
noted(lambda: co().throw(ValueError, ValueError('x')))
noted(lambda: agen().athrow(ValueError, 'q', None) and None)
noted(lambda: agen().asend(None).throw(ValueError, 'q'))
noted(lambda: co().__await__().throw(ValueError, 'z'))
noted(lambda: gen().throw(NoException))
noted(lambda: gen().throw(3))
noted(lambda: gen().throw(ValueError, 3, 4))
noted(lambda: gen().throw(ValueError(), 3))
noted(lambda: agen().asend(None).close())
noted(lambda: co().cr_frame.clear())

sys.set_coroutine_origin_tracking_depth(2)


def make():
    return co()


c = make()
print([(line, name) for _, line, name in c.cr_origin])
c.close()
try:
    sys.set_coroutine_origin_tracking_depth(-1)
except ValueError as e:
    print(e)
print(sys.get_coroutine_origin_tracking_depth())
sys.set_coroutine_origin_tracking_depth(0)

old = sys.get_asyncgen_hooks()
sys.set_asyncgen_hooks(lambda g: print('first', g.__name__), lambda g: print('final', g.__name__))
g = agen()
a = g.asend(None)
try:
    a.send(None)
except StopIteration as e:
    print('item', e.value)
del a
del g
g = agen()
b = g.aclose()
try:
    b.send(None)
except StopIteration:
    print('closed')
del b, g
sys.set_asyncgen_hooks(*old)


async def busy():
    import types

    @types.coroutine
    def wait():
        yield 'waiting'
    await wait()
    yield 1

g = busy()
first, second = g.asend(None), g.asend(None)
print(first.send(None))
for action in (lambda: second.send(None), lambda: second.throw(ValueError),
               lambda: g.aclose().throw(ValueError), lambda: first.close()):
    noted(action)

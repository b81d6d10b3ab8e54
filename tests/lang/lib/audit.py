# Audit events of natives and of the library, and what a hook may do.
import gc
import marshal
import sys
import time

time.sleep(0)
seen = []
wanted = ('compile', 'exec', 'import', 'object.__setattr__', 'marshal.dumps', 'gc.get_referrers',
          'time.sleep', 'sys._getframe', 'sys.addaudithook', 'stop', 'socket.gethostname')


def hook(event, args):
    if event in wanted:
        seen.append((event, [a if isinstance(a, (str, int, float, bytes)) else type(a).__name__
                             for a in args]))
    if event == 'stop':
        raise RuntimeError(args[0])


sys.addaudithook(hook)


def show(what):
    print(what, seen)
    seen.clear()


eval('1')
show('eval')
exec(compile('x = 1', 'file', 'exec'))
show('exec')
import colorsys
show('import')


class A:
    pass


class B:
    pass


class C(A):
    pass


a = A()
C.__name__ = 'D'
C.__bases__ = B,
a.__class__ = B
a.other = 1
show('attributes')
marshal.dumps(1)
gc.get_referrers(a)
time.sleep(0)
sys._getframe()
show('library')
try:
    sys.audit('stop', 'now')
except RuntimeError as e:
    print(e)
show('raised')


def second(event, args):
    pass


sys.addaudithook(second)
show('another')
try:
    sys.audit(3)
except TypeError as e:
    print(e)

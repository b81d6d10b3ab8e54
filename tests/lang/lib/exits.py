# `atexit`: order, removal by comparison, errors of callbacks.
import atexit
import sys

log = []


class Callback:
    def __init__(self, name, equal=False):
        self.name, self.equal = name, equal

    def __call__(self):
        log.append(self.name)

    def __eq__(self, other):
        log.append((self.name, other.name))
        return self.equal


a, b, c = Callback('a'), Callback('b', True), Callback('c')
for f in (a, b, c):
    atexit.register(f)
atexit.unregister(Callback('x'))
print(log, atexit._ncallbacks())
log.clear()
atexit.unregister(a)
print(log, atexit._ncallbacks())
log.clear()
atexit.unregister(Callback('y', True))
print(log, atexit._ncallbacks())
log.clear()


def first():
    print('first', atexit._ncallbacks())


def registers():
    atexit.register(print, 'never')
    print('registers', atexit._ncallbacks())


def leaves():
    raise SystemExit(3)


def hook(info):
    print(type(info.exc_value).__name__, info.err_msg.partition(' <')[0], info.object)


sys.unraisablehook, old = hook, sys.unraisablehook
for f in (first, registers, leaves, lambda: 1 / 0):
    atexit.register(f)
print(atexit._run_exitfuncs(), atexit._ncallbacks())
sys.unraisablehook = old
try:
    atexit.register(1)
except TypeError as e:
    print(e)


@atexit.register
def last():
    print('the end')


atexit.register(print, 'nearly', end='.\n')

# f_locals of a function: writing through, other keys, whole-mapping operations.
import sys


class Impostor:
    def __hash__(self):
        return hash('x')

    def __eq__(self, other):
        return other == 'x'


def f():
    x = 1
    p = sys._getframe().f_locals
    p[Impostor()] = 5
    p['new'] = 7
    p[3] = 4
    print(x, list(p), p[3], p.get('nothing'), 3 in p, len(p))
    print(sorted(map(str, (p | {'z': 1}).keys())))
    p |= {'x': 9}
    print(x, p.pop(3), p.pop(3, 'gone'))
    for action in (lambda: p.pop('x'), lambda: p.pop('q'), lambda: p.__delitem__('x'),
                   lambda: p.update([1]), lambda: p | [1], lambda: p[[]]):
        try:
            action()
        except Exception as e:
            print(type(e).__name__, e)
    p.update(p)
    del p['new']
    print(p == {'x': 9, 'p': p, 'action': action}, type(p)(sys._getframe())['x'])
    k = 3
    print([locals()['k'] for k in [0]], k)


f()


def gen():
    local = 'kept'
    yield sys._getframe()


g = gen()
frame = next(g)
print(frame.f_generator is g)
try:
    frame.clear()
except RuntimeError as e:
    print(e)
del g
print(frame.f_locals['local'], frame.f_generator)
for name, value in ('f_trace_lines', 1), ('f_trace_opcodes', 1):
    try:
        setattr(frame, name, value)
    except TypeError as e:
        print(e)

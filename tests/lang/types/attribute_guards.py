# object.__setattr__ does not go around a class's own; dir() of odd modules; notes of dict.update.
import types


class Meta(type):
    pass


class C(metaclass=Meta):
    pass


for action in (lambda: object.__setattr__(str, 'foo', 42), lambda: object.__setattr__(C, 'a', 1),
               lambda: object.__delattr__(C, 'a'), lambda: type.__setattr__(C, 'a', 1)):
    try:
        print(action(), C.a)
    except TypeError as e:
        print(e)


class Odd(types.ModuleType):
    __dict__ = 8


try:
    dir(Odd('odd'))
except TypeError as e:
    print(e)
for pairs in [object()], [(1, 2), 3]:
    try:
        {}.update(pairs)
    except TypeError as e:
        print(e, e.__notes__)
e = ImportError('text', name='n', path='p')
e.__setstate__({'args': (1, 2), 'other': 3})
print(e.args, e.other, e.__reduce__()[2])

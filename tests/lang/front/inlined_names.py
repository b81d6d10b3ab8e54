# Names of inlined comprehensions, annotation scopes and lazy evaluators.
import typing

n, b = 42, [1]


def f():
    x = {n for n in [1]}
    return x, {0: n for c in [1] if n}, [(lambda: n) for c in b][0]()


print(f())
x1: {n for n in b}
x2: {0: (lambda: n for a in b) for c in [1] if n}
a = __annotate__(1)
print(a['x1'], list(a['x2'][0])[0]())


def g() -> None:
    def inner(x: int): pass
    return inner


class C:
    y: int

    def m(self, x: int): pass


print(g.__annotate__.__qualname__, g().__annotate__.__qualname__, C.m.__annotate__.__qualname__)
T = typing.TypeVar('T', bound=int, default=str)
print(T.evaluate_bound, T.evaluate_bound(1), T.evaluate_default(4))
try:
    typing.TypeAliasType('A', int, type_params=(1,))
except TypeError as e:
    print(e)
try:
    exec("__conditional_annotations__ = 0\nx: int")
except TypeError:
    print('TypeError')
print(1j in {1j, 2, (1, (2, 3))}, (1, (2, 3)) in {1j, 2, (1, (2, 3))})

def t(f):
    try:
        print(repr(f()))
    except BaseException as e:
        print(type(e).__name__, e)


def m(x):
    match x:
        case 0 | 1:
            return 'small'
        case int(n) if n > 100:
            return f'big {n}'
        case bool() | float():
            return 'num'
        case [a, b]:
            return f'two {a} {b}'
        case [a, *rest]:
            return f'seq {a} {rest}'
        case {'k': v, **kw}:
            return f'map {v} {kw}'
        case {'a': 1 as one}:
            return f'a {one}'
        case str() as s:
            return f'str {s}'
        case P(x=1, y=yy):
            return f'P {yy}'
        case P(a, b):
            return f'P2 {a} {b}'
        case None:
            return 'none'
        case ():
            return 'empty'
        case _:
            return 'other'


class P:
    __match_args__ = ('x', 'y')

    def __init__(self, x, y):
        self.x, self.y = x, y


for v in [0, 1, 500, 5, 2.5, [1, 2], (1, 2, 3), [1], {'k': 1, 'z': 2}, {'a': 1}, {'b': 1}, 'abc', P(1, 2), P(3, 4), None, (), [], b'ab', {1}]:
    t(lambda: m(v))


def exc():
    log = []
    try:
        try:
            1 / 0
        except ZeroDivisionError as e:
            log.append(repr(e))
            raise ValueError('second')
        finally:
            log.append('fin')
    except ValueError as e:
        log.append(repr(e.__context__))
        log.append(e.__suppress_context__)
    else:
        log.append('else')
    try:
        pass
    except Exception:
        pass
    else:
        log.append('else2')
    for i in range(3):
        try:
            if i == 1:
                continue
            if i == 2:
                break
        finally:
            log.append(i)
    else:
        log.append('no')
    return log


t(exc)


def ret():
    try:
        return 'try'
    finally:
        print('finally runs')


t(ret)


def ret2():
    for x in [1]:
        try:
            return x
        finally:
            pass


t(ret2)


def star():
    out = []
    try:
        raise ExceptionGroup('g', [ValueError(1), TypeError(2), ExceptionGroup('n', [ValueError(3), KeyError(4)])])
    except* ValueError as e:
        out.append((str(e), [repr(x) for x in e.exceptions]))
    except* TypeError as e:
        out.append(repr(e))
    except* KeyError as e:
        out.append(repr(e))
    return out


t(star)


def star2():
    try:
        raise ValueError('plain')
    except* ValueError as e:
        return_value = repr(e)
    return return_value


t(star2)


def star3():
    try:
        raise ExceptionGroup('g', [OSError(1), ValueError(2)])
    except* ValueError:
        pass


t(star3)
t(lambda: ExceptionGroup('g', [ValueError(1), TypeError(2)]).split(ValueError))
t(lambda: ExceptionGroup('g', [ValueError(1), TypeError(2)]).subgroup(lambda e: isinstance(e, TypeError)))
t(lambda: ExceptionGroup('g', []))
t(lambda: ExceptionGroup('g', [1]))
t(lambda: ExceptionGroup(1, [ValueError()]))
t(lambda: ExceptionGroup('g', [KeyboardInterrupt()]))
t(lambda: BaseExceptionGroup('g', [ValueError()]))
t(lambda: ExceptionGroup('g', [ValueError(1)]).derive([TypeError()]))
t(lambda: round(2.567, 2))
t(lambda: round(5))
t(lambda: round('a'))
t(lambda: sum([1, 2, 3]))
t(lambda: sum([[1], [2]], []))
t(lambda: sum(['a'], ''))
t(lambda: sum([0.1] * 10))
t(lambda: sum(5))
t(lambda: min(3, 1, 2))
t(lambda: min([]))
t(lambda: min([], default=5))
t(lambda: min('abc', key=lambda c: -ord(c)))
t(lambda: max({'a': 3, 'b': 2}))
t(lambda: max(1))
t(lambda: max(1, 2, default=3))
t(lambda: sorted('hello', reverse=True))
t(lambda: sorted([3, 1, 2], key=lambda x: -x))
t(lambda: sorted([1, 'a']))
t(lambda: sorted(5))
t(lambda: isinstance(1, (str, int)))
t(lambda: isinstance(1, int | str))
t(lambda: isinstance(1, 5))
t(lambda: issubclass(bool, int))
t(lambda: issubclass(1, int))
t(lambda: list(map(lambda a, b: a + b, [1, 2], [3, 4])))
t(lambda: list(zip([1, 2], 'ab', strict=True)))
t(lambda: list(zip([1, 2], 'a', strict=True)))
t(lambda: list(filter(None, [0, 1, 2])))
t(lambda: list(enumerate('ab', 5)))
t(lambda: list(reversed([1, 2, 3])))
t(lambda: any([0, 1]))
t(lambda: all([]))
t(lambda: divmod(7, -2))
t(lambda: (chr(97), ord('a'), hex(255), oct(8), bin(5), abs(-3)))
t(lambda: chr(-1))
t(lambda: ord('ab'))
t(lambda: getattr(1, 'nope', 'dflt'))
t(lambda: hasattr(1, 'real'))
t(lambda: next(iter([]), 'end'))
t(lambda: next(iter([])))
t(lambda: iter(5))
t(lambda: len(5))
t(lambda: [*range(3), *'ab'])
t(lambda: {**{'a': 1}, 'b': 2})
t(lambda: (lambda *a, k=1, **kw: (a, k, kw))(1, 2, k=3, z=4))
t(lambda: (lambda a, /, b, *, c: 0)(1))
t(lambda: (lambda a, /, b, *, c: 0)(1, 2))
t(lambda: (lambda a, b: 0)(1, 2, 3))
t(lambda: (lambda a: 0)(1, a=2))
t(lambda: (lambda: 0)(x=1))
a, *b, c = range(6)
print(a, b, c)
t(lambda: [x := 5, x + 1])


def unpack():
    a, b = 1, 2, 3


t(unpack)


def unpack2():
    a, b, *c = [1]


t(unpack2)


def closure():
    n = 0

    def inc():
        nonlocal n
        n += 1
        return n
    inc()
    return inc()


t(closure)


def unb():
    print(zzz)
    zzz = 1


t(unb)
t(lambda: undefined_name)

# native: `itertools` as classes whose steps are Python, so they suspend and pickle.
# CPython's counterpart: Modules/itertoolsmodule.c.

_missing = object()


class _Base:
    def __iter__(self):
        return self

    def __next__(self):
        return next(self._steps)


def _bind(cls):
    cls.__module__ = 'itertools'
    return cls


@_bind
class count(_Base):
    def __init__(self, start=0, step=1):
        if not hasattr(type(start), '__add__') or isinstance(start, (str, bytes, list, tuple)):
            raise TypeError("a number is required")
        if isinstance(step, (str, bytes, list, tuple)):
            raise TypeError("a number is required")
        self._value, self._step = start, step

    def __next__(self):
        value = self._value
        self._value = value + self._step
        return value

    def __repr__(self):
        if type(self._step) is int and self._step == 1:
            return f"count({self._value!r})"
        return f"count({self._value!r}, {self._step!r})"


@_bind
class cycle(_Base):
    def __init__(self, iterable, /):
        self._steps = self._run(iter(iterable))

    @staticmethod
    def _run(it):
        saved = []
        for x in it:
            yield x
            saved.append(x)
        while saved:
            yield from saved


@_bind
class repeat(_Base):
    def __init__(self, object, times=_missing):
        self._object = object
        if times is _missing:
            self._left = None
        else:
            if not hasattr(type(times), '__index__'):
                raise TypeError(f"'{type(times).__name__}' object cannot be interpreted as an integer")
            self._left = max(times.__index__(), 0)

    def __next__(self):
        if self._left is not None:
            if self._left <= 0:
                raise StopIteration
            self._left -= 1
        return self._object

    def __length_hint__(self):
        if self._left is None:
            raise TypeError("len() of unsized object")
        return self._left

    def __repr__(self):
        if self._left is None:
            return f"repeat({self._object!r})"
        return f"repeat({self._object!r}, {self._left})"


@_bind
class chain(_Base):
    def __init__(self, *iterables):
        self._steps = _chain(iterables)

    @classmethod
    def from_iterable(cls, iterable, /):
        self = cls.__new__(cls)
        self._steps = _chain(iterable)
        return self

    __class_getitem__ = classmethod(type(list[int]))


def _chain(iterables):
    for it in iterables:
        yield from it


@_bind
class accumulate(_Base):
    def __init__(self, iterable, func=None, *, initial=None):
        self._steps = self._run(iter(iterable), func, initial)

    @staticmethod
    def _run(it, func, total):
        if total is None:
            for total in it:
                break
            else:
                return
        yield total
        for x in it:
            total = total + x if func is None else func(total, x)
            yield total


@_bind
class batched(_Base):
    def __init__(self, iterable, n, *, strict=False):
        if n < 1:
            raise ValueError("n must be at least one")
        self._steps = self._run(iter(iterable), n, strict)

    @staticmethod
    def _run(it, n, strict):
        while True:
            batch = []
            for x in it:
                batch.append(x)
                if len(batch) == n:
                    break
            if not batch:
                return
            if strict and len(batch) != n:
                raise ValueError("batched(): incomplete batch")
            yield tuple(batch)
            if len(batch) < n:
                return


@_bind
class compress(_Base):
    def __init__(self, data, selectors):
        self._steps = self._run(iter(data), iter(selectors))

    @staticmethod
    def _run(data, selectors):
        for x, s in zip(data, selectors):
            if s:
                yield x


@_bind
class dropwhile(_Base):
    def __init__(self, predicate, iterable, /):
        self._steps = self._run(predicate, iter(iterable))

    @staticmethod
    def _run(predicate, it):
        for x in it:
            if not predicate(x):
                yield x
                break
        yield from it


@_bind
class takewhile(_Base):
    def __init__(self, predicate, iterable, /):
        self._steps = self._run(predicate, iter(iterable))

    @staticmethod
    def _run(predicate, it):
        for x in it:
            if not predicate(x):
                return
            yield x


@_bind
class filterfalse(_Base):
    def __init__(self, function, iterable, /):
        self._steps = self._run(function, iter(iterable))

    @staticmethod
    def _run(function, it):
        for x in it:
            if not (x if function is None else function(x)):
                yield x


@_bind
class starmap(_Base):
    def __init__(self, function, iterable, /):
        self._steps = self._run(function, iter(iterable))

    @staticmethod
    def _run(function, it):
        for args in it:
            yield function(*args)


@_bind
class islice(_Base):
    def __init__(self, iterable, *args):
        if not 1 <= len(args) <= 3:
            raise TypeError(f"islice expected at {'least 2' if not args else 'most 4'} arguments, "
                            f"got {len(args) + 1}")
        s = slice(*args)
        start, stop, step = s.start, s.stop, s.step
        self._check(stop, "Stop argument" if len(args) == 1 else "Stop argument")
        start = 0 if start is None else self._index(start)
        step = 1 if step is None else self._index(step)
        stop = None if stop is None else self._index(stop)
        if start is None or start < 0:
            raise ValueError("Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.")
        if step is None or step < 1:
            raise ValueError("Step for islice() must be a positive integer or None.")
        self._steps = self._run(iter(iterable), start, stop, step)

    @staticmethod
    def _check(stop, name):
        ok = stop is None or hasattr(type(stop), '__index__')
        if not ok or (stop is not None and stop.__index__() < 0):
            raise ValueError("Stop argument for islice() must be None or an integer: "
                             "0 <= x <= sys.maxsize.")

    @staticmethod
    def _index(n):
        return n.__index__() if hasattr(type(n), '__index__') else None

    @staticmethod
    def _run(it, start, stop, step):
        at = 0
        want = start
        while stop is None or want < stop:
            for x in it:
                break
            else:
                return
            at += 1
            if at > want:
                want += step
                yield x
        while stop is not None and at < stop:
            for x in it:
                break
            else:
                return
            at += 1


@_bind
class pairwise(_Base):
    def __init__(self, iterable, /):
        self._steps = self._run(iter(iterable))

    @staticmethod
    def _run(it):
        for old in it:
            break
        else:
            return
        for new in it:
            yield (old, new)
            old = new


@_bind
class product(_Base):
    def __init__(self, *iterables, repeat=1):
        if repeat < 0:
            raise ValueError("repeat argument cannot be negative")
        self._steps = self._run([tuple(it) for it in iterables] * repeat)

    @staticmethod
    def _run(pools):
        if not all(pools):
            return
        n = len(pools)
        indices = [0] * n
        while True:
            yield tuple([pool[i] for pool, i in zip(pools, indices)])
            k = n - 1
            while k >= 0:
                indices[k] += 1
                if indices[k] < len(pools[k]):
                    break
                indices[k] = 0
                k -= 1
            if k < 0:
                return


def _length(r, name):
    if not hasattr(type(r), '__index__'):
        raise TypeError(f"'{type(r).__name__}' object cannot be interpreted as an integer"
                        if name is None else "Expected int as r")
    r = r.__index__()
    if r < 0:
        raise ValueError("r must be non-negative")
    return r


@_bind
class combinations(_Base):
    def __init__(self, iterable, r):
        self._steps = self._run(tuple(iterable), _length(r, None))

    @staticmethod
    def _run(pool, r):
        n = len(pool)
        if r > n:
            return
        indices = list(range(r))
        yield tuple([pool[i] for i in indices])
        while True:
            for i in range(r - 1, -1, -1):
                if indices[i] != i + n - r:
                    break
            else:
                return
            indices[i] += 1
            for j in range(i + 1, r):
                indices[j] = indices[j - 1] + 1
            yield tuple([pool[i] for i in indices])


@_bind
class combinations_with_replacement(_Base):
    def __init__(self, iterable, r):
        self._steps = self._run(tuple(iterable), _length(r, None))

    @staticmethod
    def _run(pool, r):
        n = len(pool)
        if not n and r:
            return
        indices = [0] * r
        yield tuple([pool[i] for i in indices])
        while True:
            for i in range(r - 1, -1, -1):
                if indices[i] != n - 1:
                    break
            else:
                return
            indices[i:] = [indices[i] + 1] * (r - i)
            yield tuple([pool[i] for i in indices])


@_bind
class permutations(_Base):
    def __init__(self, iterable, r=None):
        pool = tuple(iterable)
        self._steps = self._run(pool, len(pool) if r is None else _length(r, 'r'))

    @staticmethod
    def _run(pool, r):
        n = len(pool)
        if r > n:
            return
        indices = list(range(n))
        cycles = list(range(n, n - r, -1))
        yield tuple([pool[i] for i in indices[:r]])
        while n:
            for i in range(r - 1, -1, -1):
                cycles[i] -= 1
                if cycles[i] == 0:
                    indices[i:] = indices[i + 1:] + indices[i:i + 1]
                    cycles[i] = n - i
                else:
                    j = cycles[i]
                    indices[i], indices[-j] = indices[-j], indices[i]
                    yield tuple([pool[i] for i in indices[:r]])
                    break
            else:
                return


@_bind
class zip_longest(_Base):
    def __init__(self, *iterables, fillvalue=None):
        self._steps = self._run([iter(it) for it in iterables], fillvalue)

    @staticmethod
    def _run(its, fill):
        active = len(its)
        while active:
            row = []
            for i, it in enumerate(its):
                if it is None:
                    row.append(fill)
                    continue
                for x in it:
                    row.append(x)
                    break
                else:
                    active -= 1
                    if not active:
                        return
                    its[i] = None
                    row.append(fill)
            yield tuple(row)


@_bind
class groupby(_Base):
    def __init__(self, iterable, key=None):
        self._it, self._key = iter(iterable), key
        self._target = self._current = _missing
        self._group = None
        self._value = None

    def __next__(self):
        self._group = None
        while self._current is _missing or (
                self._target is not _missing and
                (self._current is self._target or self._current == self._target)):
            self._advance()
        self._target = self._current
        group = self._group = _grouper(self, self._target)
        return (self._current, group)

    def _advance(self):
        self._value = next(self._it)
        self._current = self._value if self._key is None else self._key(self._value)


class _grouper(_Base):
    def __init__(self, parent, target):
        self._parent, self._target = parent, target

    def __next__(self):
        parent = self._parent
        if parent._group is not self:
            raise StopIteration
        if parent._value is _missing:
            parent._advance()
        if not (parent._current is self._target or parent._current == self._target):
            raise StopIteration
        value = parent._value
        parent._value = _missing
        try:
            parent._advance()
        except StopIteration:
            parent._current = object()
            parent._group = None
            parent._value = _missing
            parent._it = iter(())
        return value


_grouper.__module__ = 'itertools'


class _tee(_Base):
    def __new__(cls, iterable, /):
        if isinstance(iterable, _tee):
            return iterable.__copy__()
        self = object.__new__(cls)
        self._it, self._link = iter(iterable), [None, None]
        return self

    def __copy__(self):
        other = object.__new__(_tee)
        other._it, other._link = self._it, self._link
        return other

    def __next__(self):
        link = self._link
        if link[1] is None:
            link[0] = next(self._it)
            link[1] = [None, None]
        value, self._link = link
        return value


_tee.__module__ = 'itertools'
_tee_dataobject = _tee


def tee(iterable, n=2, /):
    if n < 0:
        raise ValueError("n must be >= 0")
    if n == 0:
        return ()
    first = _tee(iterable)
    return (first, *[first.__copy__() for _ in range(n - 1)])

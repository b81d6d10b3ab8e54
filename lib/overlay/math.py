# native: `math`; what walks iterators or asks objects is here, numbers are in `_math_native`.

"""Mathematics of real numbers."""

import _math_native as _n
from _math_native import (
    acos, acosh, asin, asinh, atan, atanh, cbrt, cos, cosh, erf, erfc, exp, exp2, expm1, gamma,
    lgamma, log1p, sin, sinh, sqrt, tan, tanh, fabs, degrees, radians, ulp, atan2, copysign, fmod,
    remainder, pow, fma, isfinite, isinf, isnan, isnormal, issubnormal, signbit, frexp, modf,
    ldexp, nextafter, isclose, factorial, comb, pi, e, tau, inf, nan)


def _special(x, name):
    return getattr(type(x), name, None)


def ceil(x, /):
    if type(x) is float:
        return int(_n._ceil(x))
    method = _special(x, '__ceil__')
    return method(x) if method is not None else int(_n._ceil(x))


def floor(x, /):
    if type(x) is float:
        return int(_n._floor(x))
    method = _special(x, '__floor__')
    return method(x) if method is not None else int(_n._floor(x))


def trunc(x, /):
    if type(x) is float:
        return x.__trunc__()
    method = _special(x, '__trunc__')
    if method is None:
        raise TypeError(f"type {type(x).__name__} doesn't define __trunc__ method")
    return method(x)


def _log(x, of_int, of_float):
    if isinstance(x, int):
        return of_int(x)
    try:
        return of_float(x)
    except TypeError:
        method = _special(x, '__index__')
        if method is None or hasattr(type(x), '__float__'):
            raise
        return of_int(method(x))


def log(x, base=None, /):
    numerator = _log(x, _n._log_int, _n._log_float)
    if base is None:
        return numerator
    return numerator / _log(base, _n._log_int, _n._log_float)


def log2(x, /):
    return _log(x, _n._log2_int, _n.log2)


def log10(x, /):
    return _log(x, _n._log10_int, _n.log10)


def _index(x):
    if type(x) is int:
        return x
    method = _special(x, '__index__')
    if method is None:
        raise TypeError(f"'{type(x).__name__}' object cannot be interpreted as an integer")
    return method(x)


def gcd(*integers):
    result = 0
    for n in integers:
        result = _n._gcd(result, _index(n))
    return result


def lcm(*integers):
    result = 1
    for n in integers:
        n = _index(n)
        if n == 0:
            result = 0
        elif result:
            result = abs(result // _n._gcd(result, n) * n)
    return result


def isqrt(n, /):
    n = _index(n)
    if n < 0:
        raise ValueError("isqrt() argument must be nonnegative")
    return _n._isqrt(n)


def perm(n, k=None, /):
    return factorial(n) if k is None else _n._perm(n, k)


def _float(x):
    if type(x) is float:
        return x
    if isinstance(x, (int, float)):
        return float(x)
    method = _special(x, '__float__') or _special(x, '__index__')
    if method is None:
        raise TypeError(f"must be real number, not {type(x).__name__}")
    return float(x)


def fsum(seq, /):
    return _n._fsum(tuple([_float(x) for x in seq]))


def sumprod(p, q, /):
    p, q = list(p), list(q)
    if len(p) != len(q):
        raise ValueError("Inputs are not the same length")
    floats = True
    some = False
    for x, y in zip(p, q):
        if type(x) is float or type(y) is float:
            some = True
        if type(x) not in (int, float, bool) or type(y) not in (int, float, bool):
            floats = False
    if floats and some:
        try:
            return _n._sumprod(tuple([float(x) for x in p]), tuple([float(x) for x in q]))
        except OverflowError:
            pass
    total = 0
    for x, y in zip(p, q):
        total += x * y
    return total


def prod(iterable, /, *, start=1):
    result = start
    for x in iterable:
        result = result * x
    return result


def hypot(*coordinates):
    return _n._hypot(tuple([_float(x) for x in coordinates]))


def dist(p, q, /):
    p, q = tuple([_float(x) for x in p]), tuple([_float(x) for x in q])
    if len(p) != len(q):
        raise ValueError("both points must have the same number of dimensions")
    return _n._dist(p, q)

def t(f):
    try:
        print(repr(f()))
    except BaseException as e:
        print(type(e).__name__, e)


class F(float):
    def __str__(self):
        return 'F!'


class G:
    def __float__(self):
        return 2.25


class B:
    def __float__(self):
        return 2


class X:
    def __index__(self):
        return 4


inf, nan = float('inf'), float('nan')
for v in [0.0, -0.0, 1.5, -2.5, 0.1, 1e300, 1e-310, inf, -inf, nan, F(3.5), 123456789.125]:
    t(lambda: v)
    t(lambda: v.as_integer_ratio())
    t(lambda: v.is_integer())
    t(lambda: v.hex())
    t(lambda: float.fromhex(v.hex()))
    t(lambda: v.__trunc__())
    t(lambda: v.__floor__())
    t(lambda: v.__ceil__())
    t(lambda: round(v))
    t(lambda: round(v, 1))
    t(lambda: round(v, -1))
    t(lambda: (v.real, v.imag, v.conjugate(), type(v.real).__name__))
    t(lambda: v.__getnewargs__())
    t(lambda: hash(v) if v == v else 0)
    t(lambda: v.__format__(''))
    t(lambda: v.__format__('.3e'))
    t(lambda: v.__format__('012,.2f'))
    t(lambda: v.__format__('%'))
    t(lambda: v.__format__('g'))
    t(lambda: v.__format__('d'))
    t(lambda: (v + 1, v - 1, v * 2, v / 3, v // 2, v % 2))
    t(lambda: divmod(v, 3))
    t(lambda: v ** 2)
    t(lambda: v ** 0.5)
    t(lambda: (-v, +v, abs(v), bool(v)))
    t(lambda: (v < 1, v <= 1, v == 1, v != 1, v > 1, v >= 1))
t(lambda: float())
t(lambda: float('1.5'))
t(lambda: float(' inf '))
t(lambda: float('1_0.5'))
t(lambda: float('1__0'))
t(lambda: float(b'1.5'))
t(lambda: float(bytearray(b'2.5')))
t(lambda: float(memoryview(b'2.5')))
t(lambda: float('٣.٥'))
t(lambda: float(G()))
t(lambda: float(B()))
t(lambda: float(X()))
t(lambda: float(10**400))
t(lambda: float(F(2.5)))
t(lambda: type(float(F(2.5))))
t(lambda: type(F('2.5')))
t(lambda: F(X()).real)
t(lambda: float(None))
t(lambda: float(1, 2))
t(lambda: float(x=1))
t(lambda: float.__new__(int))
t(lambda: type(F.fromhex('0x1p3')))
t(lambda: float.fromhex('0x1.8p1'))
t(lambda: float.fromhex('nope'))
t(lambda: float.fromhex('0x1p5000'))
t(lambda: float.from_number(3))
t(lambda: type(F.from_number(3)))
t(lambda: 1.0 + 'a')
t(lambda: 1.0 < 'a')
t(lambda: 1.0 // 0)
t(lambda: 1.0 % 0)
t(lambda: 1.0 / 0)
t(lambda: divmod(1.0, 0))
t(lambda: 0.0 ** -1)
t(lambda: (-8) ** (1 / 3))
t(lambda: (-8.0) ** 0.5)
t(lambda: 10.0 ** 400)
t(lambda: 2.0 + 1j)
t(lambda: 1 + 2.5)
t(lambda: True + 2.5)
t(lambda: 2.5 + 10**30)
t(lambda: 2.5 == 10**30)
t(lambda: 1e30 == 10**30)
t(lambda: 1e30 < 10**30)
t(lambda: (2.5).__radd__(1))
t(lambda: (2.5).__add__('a'))
t(lambda: (2.5).__eq__('a'))
t(lambda: (2.5).__pow__(2, None))
t(lambda: format(F(2.5)))
t(lambda: format(F(2.5), '.2f'))
t(lambda: format(2.5, '.%df' % 3))
t(lambda: float.is_integer(3))
t(lambda: nan == nan)

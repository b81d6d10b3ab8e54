def t(f):
    try:
        r = f()
    except BaseException as e:
        print(type(e).__name__, e)
        return
    s = repr(r)
    i = s.find(' at 0x')
    print(s if i < 0 else s[:i], type(r).__name__)


class C:
    def __complex__(self): return 1+2j
class CB:
    def __complex__(self): return 1
class F:
    def __float__(self): return 2.5
class I:
    def __index__(self): return 3
class X: pass
for a in [(),(1,),('1+2j',),(C(),),(CB(),),(F(),),(I(),),(X(),),(None,),('1',2),(1,'2'),(1,None),(None,1),(C(),1),(1,C()),(1+2j,3+4j),(X(),1),(1,X()),(b'1',),([],)]:
    t(lambda: complex(*a))
t(lambda: complex(imag='1'))
t(lambda: complex(real=1,imag=2))
t(lambda: complex(1,2,3))
t(lambda: complex(a=3))
for v in ['1',None,1,2.5,1+1j,C(),F(),I(),X()]:
    t(lambda: complex.from_number(v))
    t(lambda: float.from_number(v))
t(lambda: (1+2j)%3)
t(lambda: (1+2j)//3)
t(lambda: divmod(1j,2))
t(lambda: pow(1j,2,3))
t(lambda: pow(2.0,2,3))
t(lambda: pow(2,2,3.0))
t(lambda: 1j<2)
t(lambda: int(1j))
t(lambda: float(1j))
t(lambda: (1+2j).__getnewargs__())
t(lambda: (1+2j).__complex__())
t(lambda: float.__getformat__('double'))
t(lambda: float.__getformat__('x'))
t(lambda: float.fromhex(3))
t(lambda: float(b'abc'))
t(lambda: float('abc'))
t(lambda: float([]))
t(lambda: float(x=3))
t(lambda: round(2.5,None))
t(lambda: (2.5).__round__('a'))
t(lambda: (1).__round__('a'))
t(lambda: (1.5).__format__(3))
t(lambda: (1j).__format__(3))
t(lambda: 1j.__rpow__(3, 4))
print([n for n in dir(complex) if n not in dir(object)])
print([n for n in dir(float) if n not in dir(object)])
print([n for n in dir(int) if n not in dir(object)])
print([n for n in dir(str) if n not in dir(object)])
print([n for n in dir(bytes) if n not in dir(object)])
print([n for n in dir(bytearray) if n not in dir(object)])
print([n for n in dir(memoryview) if n not in dir(object)])
print([n for n in dir(range) if n not in dir(object)])
print([n for n in dir(slice) if n not in dir(object)])


def t(f):
    try: print(repr(f()))
    except BaseException as e: print(type(e).__name__, e)
t(lambda: '%5%' % (1,)); t(lambda: '%5%' % ()); t(lambda: '%%' % ()); t(lambda: '%(a)%' % {'a':1}); t(lambda: '%-%' % 1);t(lambda: '%*%' % (1,2));t(lambda: b'%5%' % (1,));t(lambda: b'%5%' % ()); t(lambda: b'%\xff' % 1); t(lambda: '%.3%' % ()); t(lambda: '%l%' % ()); t(lambda: '%l%' % 1); t(lambda: '%5%' % {})
class X:
    def __index__(self): return 2
b=bytearray(b'ab'); b*=X(); print(b)

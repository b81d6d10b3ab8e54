class Descr:
    def __get__(self, obj, owner):
        def init(*args, **kw):
            obj.seen = args, kw
        return init
class A:
    __init__ = Descr()
class B:
    __call__ = Descr()
    __add__ = Descr()
print(A(1, 2, k=3).seen)
b = B(); b(4, z=5); print(b.seen); print(b + 6, b.seen)

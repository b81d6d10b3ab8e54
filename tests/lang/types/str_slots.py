# Subclasses of str may have slots; subclasses of bytes and tuple may not.
import copy
import gc
import weakref


class Line(str):
    __slots__ = 'clean', 'note'

    def __new__(cls, text, *args):
        return super().__new__(cls, text)

    def __init__(self, text, note=None):
        self.clean = text.strip()
        self.note = note


class Sub(Line):
    __slots__ = 'more', '__dict__', '__weakref__'


class Open(Line):
    pass


for c in (Line, Sub, Open):
    for text in ('', 'a', ' word ' * 50, 'é\ud800'):
        x = c(text, [1])
        print(c.__name__, len(x), ascii(x.clean)[:12], x.note, x == text, hash(x) == hash(text), type(x + 'a').__name__)
x = Line('a')
for f in (lambda: x.other, lambda: setattr(x, 'other', 1), lambda: x.__dict__, lambda: weakref.ref(x)):
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, e)
del x.clean
print(hasattr(x, 'clean'), x.note, x.upper())
s = Sub('b')
s.more, s.extra = 1, 2
print(s.more, s.__dict__, weakref.ref(s)() is s, {s: 1}['b'], copy.copy(s).more)
s.note = s
r = weakref.ref(s)
del s
gc.collect()
print(r())
for base in (bytes, tuple, int):
    try:
        class C(base):
            __slots__ = 'a',
        print(base.__name__, 'made')
    except TypeError as e:
        print(base.__name__, e)

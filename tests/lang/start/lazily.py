# What a start leaves for later is there when it is asked for.
import sys
import _weakref
import weakref


class Node:
    def __add__(self, other):
        return ('sum', other)

    def __call__(self, *args):
        return ('called', args)

    def __len__(self):
        return 3


node = Node()
proxy = weakref.proxy(node)
print(type(proxy) is weakref.CallableProxyType, proxy + 1, proxy(2), len(proxy))
print(_weakref.ProxyType is weakref.ProxyType, _weakref.proxy is weakref.proxy)
print(weakref.ProxyType.__module__, weakref.ProxyType.__name__, weakref.CallableProxyType.__module__)
print([name for name in ('proxy', 'ProxyType', 'ref', 'CallableProxyType') if name in dir(_weakref)])
try:
    _weakref.nothing
except AttributeError as e:
    print(e)
del node
try:
    proxy()
except ReferenceError as e:
    print(e)

# Constants and functions of posix belong to the public module.
import os
import posix
print(os.O_RDONLY, posix.O_CREAT == os.O_CREAT, os.WNOHANG, posix.fork.__module__, posix.stat.__module__)
print(posix.sysconf.__module__, posix.statvfs.__module__, posix.waitpid.__module__, posix.read.__module__)
print(os.times_result.__module__, os.stat_result.__name__, os.terminal_size((80, 24)))
print(os.stat_result.n_fields > os.stat_result.n_sequence_fields, os.stat(os.curdir).st_mode > 0)
print(os.terminal_size((1, 2)).columns, sys.version_info.major, sys.float_info.mant_dig, sys.hash_info.width)

# What classes register is checked like anywhere else.
import abc
import collections.abc


class Base(abc.ABC):
    @abc.abstractmethod
    def f(self):
        pass

    @property
    @abc.abstractmethod
    def p(self):
        pass

    @classmethod
    @abc.abstractmethod
    def c(cls):
        pass

    @staticmethod
    @abc.abstractmethod
    def s():
        pass

    x = 1
    done = property(lambda self: 1)

    class Inner:
        __isabstractmethod__ = True


class Child(Base):
    def f(self):
        pass

    Inner = None


print(sorted(Base.__abstractmethods__), sorted(Child.__abstractmethods__))
print(Base.register(int) is int, issubclass(int, Base), issubclass(bool, Base), issubclass(str, Base))
print(Base.register(Child) is Child)
try:
    Child.register(Base)
except RuntimeError as e:
    print(e)
for kind in (list, tuple, str, range, dict, set, frozenset, memoryview):
    names = ('Sequence', 'MutableSequence', 'Mapping', 'MutableMapping', 'Set', 'MutableSet')
    print(kind.__name__, [n for n in names if issubclass(kind, getattr(collections.abc, n))])
print(isinstance({}.keys(), collections.abc.KeysView), issubclass(type(i for i in ()), collections.abc.Generator))

# Namespaces, sorted texts, a handler for the end.
import types
print(types.SimpleNamespace(a=1, b=2), types.SimpleNamespace({'z': 1}, y=2), types.SimpleNamespace())
words = ['b', 'a', 'é', 'B', '', 'ab', '\udc80', 'a', '\U00010000', '\uffff']
print(ascii(sorted(words)), ascii(sorted(words, reverse=True)))
pairs = [('b', 1), ('a', 2), ('b', 3), ('a', 4)]
print(sorted(pairs, key=lambda p: p[0]), sorted(pairs, key=lambda p: p[0], reverse=True))
import atexit
atexit.register(print, 'at the end')
atexit.register(print, 'before the end')
del sys.modules['atexit']

# native: the core of abstract base classes. CPython's counterpart: Modules/_abc.c.
#
# A class keeps sets of weak references: what was registered with it, and what was found to be, or
# not to be, its subclass. Every registration anywhere outdates the negative findings.

"""The part of abstract base classes that classes ask often: registration, instance and subclass checks."""

from _abc_native import add_collection_flags, collection_flags, own_abstract
from _weakref_native import ref

_counter = [0]
# While the library's own classes are made nothing else has had a say: what they register is no
# subclass yet and closes no cycle. The start clears this before the first file of a user is read.
_starting = True


class _abc_data:
    __slots__ = ('registry', 'cache', 'negative', 'version')

    def __init__(self):
        self.registry = set()
        self.cache = set()
        self.negative = set()
        self.version = _counter[0]


_abc_data.__module__ = '_abc'


def _data(cls):
    data = cls._abc_impl
    if type(data) is not _abc_data:
        raise TypeError("_abc_impl is set to a wrong type")
    return data


def _live(refs):
    return [obj for obj in [r() for r in refs] if obj is not None]


def get_cache_token():
    return _counter[0]


def _reset_registry(self, /):
    _data(self).registry.clear()


def _reset_caches(self, /):
    data = _data(self)
    data.cache.clear()
    data.negative.clear()


def _get_dump(self, /):
    data = _data(self)
    return set(data.registry), set(data.cache), set(data.negative), data.version


def _abc_init(self, /):
    abstract, unsure = own_abstract(self)
    for name, value in unsure:
        if getattr(value, '__isabstractmethod__', False):
            abstract.append(name)
    for base in self.__bases__:
        if base is object:
            continue
        for name in getattr(base, '__abstractmethods__', ()):
            value = getattr(self, name, None)
            if getattr(value, '__isabstractmethod__', False) and name not in abstract:
                abstract.append(name)
    self.__abstractmethods__ = frozenset(abstract)
    self._abc_impl = _abc_data()
    flags = self.__dict__.get('__abc_tpflags__')
    if type(flags) is int:
        add_collection_flags(self, flags)
        del self.__abc_tpflags__


def _abc_register(self, subclass, /):
    if not isinstance(subclass, type):
        raise TypeError("Can only register classes")
    if not _starting:
        if issubclass(subclass, self):
            return subclass
        if issubclass(self, subclass):
            raise RuntimeError("Refusing to create an inheritance cycle")
    registry = _data(self).registry
    registry.add(ref(subclass, registry.discard))
    _counter[0] += 1
    flags = collection_flags(self)
    if flags:
        add_collection_flags(subclass, flags)
    return subclass


def _abc_instancecheck(self, instance, /):
    data = _data(self)
    subclass = instance.__class__
    if ref(subclass) in data.cache:
        return True
    subtype = type(instance)
    if subtype is subclass:
        if data.version == _counter[0] and ref(subclass) in data.negative:
            return False
        return self.__subclasscheck__(subclass)
    return self.__subclasscheck__(subclass) or self.__subclasscheck__(subtype)


def _abc_subclasscheck(self, subclass, /):
    if not isinstance(subclass, type):
        raise TypeError("issubclass() arg 1 must be a class")
    data = _data(self)
    weak = ref(subclass)
    if weak in data.cache:
        return True
    if data.version < _counter[0]:
        data.negative.clear()
        data.version = _counter[0]
    elif weak in data.negative:
        return False
    found = self.__subclasshook__(subclass)
    if found is not NotImplemented:
        if found is not True and found is not False:
            raise AssertionError("__subclasshook__ must return either False, True, or NotImplemented")
    elif self in subclass.__mro__:
        found = True
    else:
        found = False
        for other in _live(data.registry):
            if issubclass(subclass, other):
                found = True
                break
        else:
            subclasses = type.__subclasses__(self) if self is type else self.__subclasses__()
            if not isinstance(subclasses, list):
                raise TypeError("__subclasses__() must return a list")
            for other in subclasses:
                if issubclass(subclass, other):
                    found = True
                    break
    kept = data.cache if found else data.negative
    kept.add(ref(subclass, kept.discard))
    return found

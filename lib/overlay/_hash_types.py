# native: the classes of the hash modules over native states (`_hash_native`). A class made here belongs
# to one algorithm; `_hashlib` has one class for all. CPython's counterparts: Modules/md5module.c,
# sha1module.c, sha2module.c, sha3module.c.

import _hash_native as _n
from _native import function as _function, immutable as _immutable

SIZES = {name: (digest, block) for name, digest, block in _n.algorithms}
GIL_MINSIZE = 2048
_absent = object()


def check_bytes(data):
    """Refuses what is no buffer, in the words of the hash modules."""
    if isinstance(data, bytes):
        return data
    if isinstance(data, str):
        raise TypeError("Strings must be encoded before hashing")
    try:
        view = memoryview(data)
    except TypeError:
        raise TypeError("object supporting the buffer API required") from None
    if view.ndim > 1:
        raise BufferError("Buffer must be single dimension")
    return view


def initial(data, string):
    """The first data of a constructor, under its new or its old name."""
    if string is not None:
        if data is not _absent:
            raise TypeError("'data' and 'string' are mutually exclusive and support for 'string' "
                            "keyword parameter is slated for removal in a future version.")
        data = string
    return b'' if data is _absent else check_bytes(data)


class Hash:
    """What all hash objects share; subclasses have `name`, `digest_size` and `block_size`."""
    __slots__ = ('_state',)

    def update(self, obj, /):
        _n.update(self._state, check_bytes(obj))

    def copy(self):
        new = object.__new__(type(self))
        new._state = _n.copy(self._state)
        return new

    def digest(self):
        return _n.digest(self._state)

    def hexdigest(self):
        return _n.digest(self._state).hex()

    def __reduce_ex__(self, protocol, /):
        cls = type(self)
        raise TypeError(f"cannot pickle '{cls.__module__}.{cls.__qualname__}' object")


class Mac(Hash):
    """What the HMAC classes of `_hashlib` and `_hmac` share."""
    __slots__ = ('_name',)

    def __new__(cls, *args, **kwargs):
        raise TypeError(f"cannot create '{cls.__module__}.{cls.__qualname__}' instances")

    @property
    def name(self):
        return 'hmac-' + self._name

    @property
    def digest_size(self):
        return SIZES[self._name][0]

    @property
    def block_size(self):
        return SIZES[self._name][1]

    def update(self, msg):
        _n.update(self._state, check_bytes(msg))

    def copy(self):
        new = Hash.copy(self)
        new._name = self._name
        return new

    def __repr__(self):
        return f"<{self._name} HMAC object @ {id(self):#x}>"


def shake_length(length):
    if not hasattr(type(length), '__index__'):
        raise TypeError(f"'{type(length).__name__}' object cannot be interpreted as an integer")
    length = length.__index__()
    if length < 0:
        raise ValueError("Cannot convert negative int")
    if length >= 1 << 64:
        raise OverflowError("Python int too large for C unsigned long")
    if length >= 1 << 29:
        raise ValueError("length is too large")
    return length


def new_instance(cls, name, data, string):
    data = initial(data, string)
    self = object.__new__(cls)
    self._state = _n.new(name)
    if data:
        _n.update(self._state, data)
    return self


def make(module, class_name, name, attributes=None, direct=False):
    """A class of one algorithm, and its constructor (the class itself if `direct`)."""
    digest_size, block_size = SIZES[name]
    space = {'__slots__': (), '__module__': module, 'name': property(lambda self: name),
             'digest_size': property(lambda self: digest_size),
             'block_size': property(lambda self: block_size)}
    if attributes:
        space.update(attributes)
    if not direct:
        def __new__(cls, *args, **kwargs):
            raise TypeError(f"cannot create '{module}.{class_name}' instances")

        space['__new__'] = __new__
        cls = _immutable(type(class_name, (Hash,), space))

        def constructor(data=_absent, *, usedforsecurity=True, string=None):
            return new_instance(cls, name, data, string)

        constructor.__name__ = constructor.__qualname__ = name
        constructor.__module__ = module
        return cls, _function(constructor)

    def __new__(cls, data=_absent, *, usedforsecurity=True, string=None):
        return new_instance(cls, name, data, string)

    space['__new__'] = __new__
    return _immutable(type(class_name, (Hash,), space))

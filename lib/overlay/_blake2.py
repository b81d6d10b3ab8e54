# native: CPython's counterpart: Modules/blake2module.c.

"""The hash functions BLAKE2b and BLAKE2s."""

import _hash_native as _n
from _native import immutable as _immutable
from _hash_types import Hash as _Hash, initial as _initial, _absent, GIL_MINSIZE as _GIL_MINSIZE

BLAKE2B_MAX_DIGEST_SIZE = BLAKE2B_MAX_KEY_SIZE = 64
BLAKE2S_MAX_DIGEST_SIZE = BLAKE2S_MAX_KEY_SIZE = 32
BLAKE2B_SALT_SIZE = BLAKE2B_PERSON_SIZE = 16
BLAKE2S_SALT_SIZE = BLAKE2S_PERSON_SIZE = 8


def _index(value):
    if not hasattr(type(value), '__index__'):
        raise TypeError(f"'{type(value).__name__}' object cannot be interpreted as an integer")
    return value.__index__()


def _unsigned(value, bits):
    value = _index(value)
    if value < 0:
        raise ValueError("Cannot convert negative int")
    if value >= 1 << bits:
        raise OverflowError("Python int too large for C unsigned "
                            + ("long long" if bits == 64 else "long"))
    return value


def _part(value, limit, what):
    view = memoryview(value) if not isinstance(value, str) else _no_text()
    if view.nbytes > limit:
        raise ValueError(f"maximum {what} length is {limit} bytes")
    return view.tobytes()


def _no_text():
    raise TypeError("a bytes-like object is required, not 'str'")


def _class(wide):
    title, class_name = ('Blake2b', 'blake2b') if wide else ('Blake2s', 'blake2s')
    largest, small, offset_bits = (64, 16, 64) if wide else (32, 8, 48)

    def __new__(cls, data=_absent, *, digest_size=largest, key=b'', salt=b'', person=b'', fanout=1,
                depth=1, leaf_size=0, node_offset=0, node_depth=0, inner_size=0, last_node=False,
                usedforsecurity=True, string=None):
        data = _initial(data, string)
        digest_size, fanout, depth = _index(digest_size), _index(fanout), _index(depth)
        node_depth, inner_size = _index(node_depth), _index(inner_size)
        if not 1 <= digest_size <= largest:
            raise ValueError(f"digest_size for {title} must be between 1 and {largest} bytes, "
                             f"here it is {digest_size}")
        salt, person = _part(salt, small, 'salt'), _part(person, small, 'person')
        if not 0 <= fanout <= 255:
            raise ValueError("fanout must be between 0 and 255")
        if not 1 <= depth <= 255:
            raise ValueError("depth must be between 1 and 255")
        leaf_size = _unsigned(leaf_size, 64)
        if leaf_size > 0xffffffff:
            raise OverflowError("leaf_size is too large")
        node_offset = _unsigned(node_offset, 64)
        if node_offset >= 1 << offset_bits:
            raise OverflowError("node_offset is too large")
        if not 0 <= node_depth <= 255:
            raise ValueError("node_depth must be between 0 and 255")
        if not 0 <= inner_size <= largest:
            raise ValueError(f"inner_size must be between 0 and is {largest}")
        key = _part(key, largest, 'key')
        self = object.__new__(cls)
        self._digest_size = digest_size
        self._state = _n.blake2(wide, digest_size, key, salt, person, fanout, depth, leaf_size,
                                node_offset, node_depth, inner_size, bool(last_node))
        if data:
            _n.update(self._state, data)
        return self

    def copy(self):
        new = object.__new__(type(self))
        new._state = _n.copy(self._state)
        new._digest_size = self._digest_size
        return new

    return _immutable(type(class_name, (_Hash,), {
        '__slots__': ('_digest_size',), '__module__': '_blake2', '__new__': __new__, 'copy': copy,
        'name': property(lambda self: class_name),
        'digest_size': property(lambda self: self._digest_size),
        'block_size': property(lambda self: largest * 2), 'SALT_SIZE': small, 'PERSON_SIZE': small,
        'MAX_KEY_SIZE': largest, 'MAX_DIGEST_SIZE': largest}))


blake2b, blake2s = _class(True), _class(False)

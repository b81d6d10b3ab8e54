# native: hashes by name, HMAC, key derivation. CPython's counterpart: Modules/_hashopenssl.c.

"""Hash functions by name, and what is built on them."""

import _hash_native as _n
from _native import c_long as _c_long, function as _function, immutable as _immutable
from _hash_native import compare_digest as _compare
from _hash_types import Hash as _Hash, Mac as _Mac, SIZES as _SIZES
from _hash_types import initial as _initial, _absent
from _hash_types import check_bytes as _check_bytes, GIL_MINSIZE as _GIL_MINSIZE
from types import MappingProxyType as _MappingProxyType

openssl_md_meth_names = frozenset(_SIZES)
_OTHER_NAMES = {'blake2b512': 'blake2b', 'blake2s256': 'blake2s', 'sha2-256': 'sha256',
                'sha2-512': 'sha512', 'sha2-224': 'sha224', 'sha2-384': 'sha384',
                'ripemd': 'ripemd160', 'rmd160': 'ripemd160'}


class UnsupportedDigestmodError(ValueError):
    __module__ = '_hashlib'


def compare_digest(a, b, /):
    if isinstance(a, str) and isinstance(b, str):
        return _compare(a, b)
    for value in (a, b):
        if not isinstance(value, str):
            continue
        raise TypeError("a bytes-like object is required, not 'str'")
    views = []
    for value in (a, b):
        try:
            views.append(memoryview(value))
        except TypeError:
            raise TypeError("unsupported operand types(s) or combination of types: "
                            f"'{type(a).__name__}' and '{type(b).__name__}'") from None
    for view in views:
        if view.ndim > 1:
            raise BufferError("Buffer must be single dimension")
    return _compare(*views)


def _known(name):
    """The name of an algorithm as we list it."""
    key = name.lower()
    key = _OTHER_NAMES.get(key, key)
    if key not in _SIZES:
        key = key.replace('-', '_')
    if key not in _SIZES:
        key = key.replace('_', '', 1) if key.startswith('sha_') else key
    if key not in _SIZES:
        raise UnsupportedDigestmodError("[digital envelope routines] unsupported")
    return key


@_immutable
class HASH(_Hash):
    __slots__ = ('_name',)
    __module__ = '_hashlib'

    def __new__(cls, *args, **kwargs):
        raise TypeError(f"cannot create '_hashlib.{cls.__name__}' instances")

    @property
    def name(self):
        return self._name

    @property
    def digest_size(self):
        return _SIZES[self._name][0]

    @property
    def block_size(self):
        return _SIZES[self._name][1]

    def copy(self):
        new = object.__new__(type(self))
        new._state, new._name = _n.copy(self._state), self._name
        return new

    def __repr__(self):
        return f"<{self._name} _hashlib.{type(self).__name__} object @ {id(self):#x}>"


@_immutable
class HASHXOF(HASH):
    __slots__ = ()
    __module__ = '_hashlib'

    def digest(self, length):
        return _n.digest(self._state, _length(length))

    def hexdigest(self, length):
        return _n.digest(self._state, _length(length)).hex()


def _length(length):
    if not hasattr(type(length), '__index__'):
        raise TypeError(f"'{type(length).__name__}' object cannot be interpreted as an integer")
    length = length.__index__()
    if not -1 << 63 <= length < 1 << 63:
        raise OverflowError("Python int too large to convert to C ssize_t")
    if length < 0:
        raise ValueError("Cannot convert negative int")
    if length >= 1 << 30:
        raise MemoryError
    return length


def _make(name, data):
    self = object.__new__(HASH if _SIZES[name][0] else HASHXOF)
    self._name, self._state = name, _n.new(name)
    if data:
        _n.update(self._state, data)
    return self


def new(name, data=_absent, *, usedforsecurity=True, string=None):
    data = _initial(data, string)
    if not isinstance(name, str):
        raise TypeError(f"new() argument 'name' must be str, not {type(name).__name__}")
    return _make(_known(name), data)


def _constructor(name):
    def constructor(data=_absent, *, usedforsecurity=True, string=None):
        return _make(name, _initial(data, string))

    constructor.__name__ = constructor.__qualname__ = 'openssl_' + name
    constructor.__module__ = '_hashlib'
    return _function(constructor)


openssl_md5, openssl_sha1 = _constructor('md5'), _constructor('sha1')
openssl_sha224, openssl_sha256 = _constructor('sha224'), _constructor('sha256')
openssl_sha384, openssl_sha512 = _constructor('sha384'), _constructor('sha512')
openssl_sha3_224, openssl_sha3_256 = _constructor('sha3_224'), _constructor('sha3_256')
openssl_sha3_384, openssl_sha3_512 = _constructor('sha3_384'), _constructor('sha3_512')
openssl_shake_128, openssl_shake_256 = _constructor('shake_128'), _constructor('shake_256')
_constructors = _MappingProxyType({c: c.__name__[8:] for c in (
    openssl_md5, openssl_sha1, openssl_sha224, openssl_sha256, openssl_sha384, openssl_sha512,
    openssl_sha3_224, openssl_sha3_256, openssl_sha3_384, openssl_sha3_512, openssl_shake_128,
    openssl_shake_256)})


def _digestmod(digest):
    if isinstance(digest, str):
        return _known(digest)
    try:
        name = _constructors[digest]
    except (KeyError, TypeError):
        raise UnsupportedDigestmodError(f"Unsupported digestmod {digest}") from None
    return name


def _hmac_state(key, digest):
    name = _digestmod(digest)
    state = _n.hmac(name, key)
    if state is None:
        raise ValueError("no reason supplied")
    return name, state


@_immutable
class HMAC(_Mac):
    __slots__ = ()
    __module__ = '_hashlib'


def hmac_new(key, msg=b'', digestmod=_absent):
    if digestmod is _absent:
        raise TypeError("Missing required parameter 'digestmod'.")
    name, state = _hmac_state(key, digestmod)
    self = object.__new__(HMAC)
    self._name, self._state = name, state
    if msg is not None and msg != b'':
        _n.update(state, _check_bytes(msg))
    return self


def hmac_digest(key, msg, digest):
    state = _hmac_state(key, digest)[1]
    _n.update(state, msg)
    return _n.digest(state)


def pbkdf2_hmac(hash_name, password, salt, iterations, dklen=None):
    if not isinstance(hash_name, str):
        raise TypeError("pbkdf2_hmac() argument 'hash_name' must be str, not "
                        f"{type(hash_name).__name__}")
    iterations = _c_long(iterations)
    name = _known(hash_name)
    if iterations < 1:
        raise ValueError("iteration value must be greater than 0.")
    if iterations > 0x7fffffff:
        raise OverflowError("iteration value is too great.")
    length = _SIZES[name][0] if dklen is None else _c_long(dklen)
    if length < 1:
        raise ValueError("key length must be greater than 0.")
    if length > 0x7fffffff:
        raise OverflowError("key length is too great.")
    result = _n.pbkdf2(name, password, salt, iterations, length)
    if result is None:
        raise ValueError("[digital envelope routines] unsupported")
    return result


def _unsigned(value):
    if not hasattr(type(value), '__index__'):
        raise TypeError(f"'{type(value).__name__}' object cannot be interpreted as an integer")
    value = value.__index__()
    if value < 0:
        raise ValueError("Cannot convert negative int")
    if value >= 1 << 64:
        raise OverflowError("Python int too large for C unsigned long")
    return value


def scrypt(password, *, salt, n, r, p, maxmem=0, dklen=64):
    n, r, p = _unsigned(n), _unsigned(r), _unsigned(p)
    maxmem, dklen = _c_long(maxmem), _c_long(dklen)
    if n < 2 or n & n - 1:
        raise ValueError("n must be a power of 2.")
    if not 0 <= maxmem <= 0x7fffffff:
        raise ValueError("maxmem must be positive and smaller than 2147483647")
    if not 1 <= dklen <= 0x7fffffff:
        raise ValueError("dklen must be greater than 0 and smaller than 2147483647")
    if r == 0 or p == 0 or r * p >= 1 << 30:
        raise ValueError("[digital envelope routines] parameter too large")
    if 128 * r * p + 128 * r * (n + 2) > (maxmem or 32 << 20):
        raise ValueError("[digital envelope routines] memory limit exceeded")
    result = _n.scrypt(password, salt, n.bit_length() - 1, r, p, dklen)
    if result is None:
        raise ValueError("[digital envelope routines] parameter too large")
    return result


def get_fips_mode():
    return 0

# native: HMAC over the built-in hashes. CPython's counterpart: Modules/hmacmodule.c.

"""Message authentication with the built-in hash functions."""

import _hash_native as _n
from _native import function as _function, immutable as _immutable
from _hash_types import Mac as _Mac, check_bytes as _check_bytes, GIL_MINSIZE as _GIL_MINSIZE

_NAMES = ('md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'sha3_224', 'sha3_256', 'sha3_384',
          'sha3_512', 'blake2s', 'blake2b')


class UnknownHashError(ValueError):
    __module__ = '_hmac'


def _name(digest):
    if isinstance(digest, str):
        found = digest if digest in _NAMES else digest.lower()
        found = {'blake2s_32': 'blake2s', 'blake2b_32': 'blake2b'}.get(found, found)
        found = found.replace('-', '_') if found not in _NAMES else found
    else:
        found = getattr(digest, '__name__', '')
        found = found.removeprefix('openssl_') if callable(digest) else ''
    if found in _NAMES:
        return found
    raise UnknownHashError(f"unsupported hash type: {digest!r}")


@_immutable
class HMAC(_Mac):
    __slots__ = ()
    __module__ = '_hmac'


def new(key, msg=None, digestmod=None):
    if digestmod is None:
        raise TypeError("new() missing 1 required argument 'digestmod'")
    name = _name(digestmod)
    self = object.__new__(HMAC)
    self._name, self._state = name, _n.hmac(name, _check_bytes(key))
    if msg is not None:
        _n.update(self._state, _check_bytes(msg))
    return self


def compute_digest(key, msg, digest):
    state = _n.hmac(_name(digest), _check_bytes(key))
    _n.update(state, _check_bytes(msg))
    return _n.digest(state)


def _compute(name):
    def compute(key, msg, /):
        return compute_digest(key, msg, name)

    compute.__name__ = compute.__qualname__ = f"compute_{name}{'_32' if 'blake' in name else ''}"
    return _function(compute)


compute_md5, compute_sha1 = _compute('md5'), _compute('sha1')
compute_sha224, compute_sha256 = _compute('sha224'), _compute('sha256')
compute_sha384, compute_sha512 = _compute('sha384'), _compute('sha512')
compute_sha3_224, compute_sha3_256 = _compute('sha3_224'), _compute('sha3_256')
compute_sha3_384, compute_sha3_512 = _compute('sha3_384'), _compute('sha3_512')
compute_blake2s_32, compute_blake2b_32 = _compute('blake2s'), _compute('blake2b')

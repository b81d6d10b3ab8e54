# native: CPython's counterpart: Modules/sha3module.c.

"""The hash functions of the family SHA-3."""

import _hash_native as _n
from _hash_types import make as _make, shake_length as _shake_length, SIZES as _SIZES
from _hash_types import GIL_MINSIZE as _GIL_MINSIZE

implementation = 'RustCrypto'


def _attributes(name, suffix):
    rate = _SIZES[name][1] * 8
    return {'_capacity_bits': property(lambda self: 1600 - rate),
            '_rate_bits': property(lambda self: rate), '_suffix': property(lambda self: suffix)}


def _shake(name):
    def digest(self, length):
        return _n.digest(self._state, _shake_length(length))

    def hexdigest(self, length):
        return _n.digest(self._state, _shake_length(length)).hex()

    return {**_attributes(name, b'\x1f'), 'digest': digest, 'hexdigest': hexdigest}


def _sha(name):
    return _make('_sha3', name, name, _attributes(name, b'\x06'), direct=True)


sha3_224, sha3_256 = _sha('sha3_224'), _sha('sha3_256')
sha3_384, sha3_512 = _sha('sha3_384'), _sha('sha3_512')
shake_128 = _make('_sha3', 'shake_128', 'shake_128', _shake('shake_128'), direct=True)
shake_256 = _make('_sha3', 'shake_256', 'shake_256', _shake('shake_256'), direct=True)

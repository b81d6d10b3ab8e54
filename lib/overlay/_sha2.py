# native: CPython's counterpart: Modules/sha2module.c.

"""The hash functions of the family SHA-2."""

from _hash_types import make as _make, GIL_MINSIZE as _GIL_MINSIZE

SHA224Type, sha224 = _make('_sha2', 'SHA224Type', 'sha224')
SHA256Type, sha256 = _make('_sha2', 'SHA256Type', 'sha256')
SHA384Type, sha384 = _make('_sha2', 'SHA384Type', 'sha384')
SHA512Type, sha512 = _make('_sha2', 'SHA512Type', 'sha512')

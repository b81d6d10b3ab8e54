# native: CPython's counterpart: Modules/sha1module.c.

"""The hash function SHA-1."""

from _hash_types import make as _make, GIL_MINSIZE as _GIL_MINSIZE

SHA1Type, sha1 = _make('_sha1', 'sha1', 'sha1')

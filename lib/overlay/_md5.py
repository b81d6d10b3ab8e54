# native: CPython's counterpart: Modules/md5module.c.

"""The hash function MD5."""

from _hash_types import make as _make, GIL_MINSIZE as _GIL_MINSIZE

MD5Type, md5 = _make('_md5', 'md5', 'md5')

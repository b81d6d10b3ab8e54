# native: the part of `operator` that has no Python version; the rest is the library's Python.

from _hashlib import compare_digest as _compare_digest

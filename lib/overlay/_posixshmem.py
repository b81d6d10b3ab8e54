# native: shared memory by name. CPython's counterpart: Modules/_multiprocessing/posixshmem.c.

"""Shared memory with a name."""

import _semaphores_native as _n


def shm_open(path, flags, mode=0o777):
    return _n.shm_open(path, flags, mode)


def shm_unlink(path):
    _n.shm_unlink(path)

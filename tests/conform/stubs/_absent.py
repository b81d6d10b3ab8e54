"""Stands for CPython's C API test modules: whatever is used of them skips the test that uses it."""

import unittest


class _Missing:
    def __init__(self, name):
        self.__name__ = name

    def __call__(self, *args, **kwargs):
        raise unittest.SkipTest(f"{self.__name__} is part of CPython's C API tests")

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        self()


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return _Missing(name)

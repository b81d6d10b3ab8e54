# Descriptions and signatures of what native modules hold; which module their functions name.
import array
import binascii
import cmath
import collections
import contextvars
import fcntl
import functools
import gc
import inspect
import itertools
import math
import operator
import os
import pickle
import re
import select
import signal
import struct
import sys
import time
import unicodedata
import zlib
import _socket
import _thread

for module in (binascii, cmath, fcntl, gc, math, operator, select, struct, sys, time, unicodedata, zlib, _socket,
               _thread, itertools, array):
    print(module.__name__, bool(module.__doc__))
    for name, value in sorted(vars(module).items()):
        if not name.startswith("_") and inspect.isbuiltin(value) and not value.__doc__:
            print("  not described:", name)

for cls in (array.array, collections.deque, collections.defaultdict, re.Pattern, re.Match, itertools.count,
            itertools.chain, functools.partial, operator.itemgetter, select.epoll, _socket.socket,
            _thread.lock, struct.Struct, ValueError, KeyError):
    print(cls.__name__, bool(cls.__doc__))
    for name, value in sorted(vars(cls).items()):
        if name[0] != "_" and name != "scanner" and callable(value) and not value.__doc__:
            print("  not described:", name)

for f in (math.acos, math.gcd, math.isclose, operator.add, os.close, os.mkdir, os.stat, sys.intern, sys.exit, len, sorted,
          gc.collect, gc.enable, zlib.crc32, signal.alarm, struct.unpack, issubclass):
    print(f.__module__, f.__self__.__name__, f.__name__, inspect.signature(f), f.__text_signature__)
    print(pickle.loads(pickle.dumps(f)) is f, pickle.dumps(f, 0))


class Undescribed(ValueError):
    pass


class deque(collections.deque):
    pass


print(Undescribed.__doc__, deque.__doc__, (lambda: 1).__doc__)

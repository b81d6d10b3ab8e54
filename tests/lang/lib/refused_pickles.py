# Objects whose state nothing shows, or which stand for a descriptor, do not pickle.
import contextvars
import functools
import io
import os
import pickle
import select
import socket
import struct
import sys
import tempfile
import threading
import _csv
import _json
import _socket
import mmap

variable = contextvars.ContextVar("x")
file = tempfile.TemporaryFile()
refused = [
    socket.socket(), _socket.socket(), select.epoll(), select.poll(), mmap.mmap(-1, 10), threading.Lock(),
    threading.RLock(), threading.local(), file, file.raw, sys.stdout, os.scandir("."), struct.Struct("i"),
    _csv.reader([]), _csv.writer(sys.stdout), variable, variable.set(1), contextvars.copy_context(),
    functools.cmp_to_key(print), functools.cmp_to_key(print)(1),
]
for x in refused:
    for protocol in 2, 5:
        try:
            pickle.dumps(x, protocol)
            print(type(x), "was pickled")
        except Exception as e:
            print(type(e).__name__, e)
for x in refused:
    if hasattr(x, "close") and x is not sys.stdout:
        x.close()
print(pickle.loads(pickle.dumps(io.StringIO("text"))).read(), pickle.loads(pickle.dumps(io.BytesIO(b"x"))).read())


class State(_socket.socket):
    def __getstate__(self):
        return "state"

    def __setstate__(self, state):
        print(state)


class Named(_socket.socket):
    pass


print(pickle.loads(pickle.dumps(State(), 2)).fileno())
try:
    pickle.dumps(Named())
except TypeError as e:
    print(e)

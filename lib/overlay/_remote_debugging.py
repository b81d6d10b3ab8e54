# native: looking into other processes, which this implementation does not do: the names that
# `asyncio.tools` wants. CPython's counterpart: Modules/_remote_debugging.

from _structseq import make as _make

FrameInfo, _ = _make('_remote_debugging.FrameInfo', ['filename', 'lineno', 'funcname'])


class RemoteUnwinder:
    __module__ = '_remote_debugging'

    def __init__(self, pid, *, all_threads=False, only_active_thread=False, debug=False):
        raise RuntimeError("Remote debugging is not available")

"""`PickleBuffer`; picklers and unpicklers are the library's own Python. CPython: Objects/picklebufobject.c."""


class PickleBuffer:
    """Wrapper for potentially out-of-band buffers"""

    __slots__ = ('_view', '__weakref__')

    def __new__(cls, object, /):
        self = super().__new__(cls)
        self._view = memoryview(object)
        return self

    def __init_subclass__(cls, **kwargs):
        raise TypeError("type 'pickle.PickleBuffer' is not an acceptable base type")

    def _live(self):
        if self._view is None:
            raise ValueError("operation forbidden on released PickleBuffer object")
        return self._view

    def __buffer__(self, flags, /):
        return memoryview(self._live())

    def raw(self, /):
        """Return a memoryview of the raw memory underlying this buffer.

        Will raise BufferError is the buffer isn't contiguous.
        """
        view = self._live()
        if not view.contiguous:
            raise BufferError("cannot extract raw buffer from non-contiguous buffer")
        if not view.c_contiguous:
            # Column by column in memory: the transposed order of the items.
            raise BufferError("cannot extract raw buffer from Fortran-contiguous buffer")
        return view.cast('B') if view.ndim != 0 else view.cast('B', shape=[view.nbytes])

    def release(self, /):
        """Release the underlying buffer, if any."""
        self._view = None


PickleBuffer.__module__ = 'pickle'

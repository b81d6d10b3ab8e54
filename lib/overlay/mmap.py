# native: memory-mapped files. CPython's counterpart: Modules/mmapmodule.c.

"""Files as memory."""

import _mmap_native as _n
from _native import c_ssize as _size, outside as _outside
import posix as _posix
import sys as _sys

for _name, _value in list(_n.__dict__.items()):
    if type(_value) is int:
        (lambda: 0).__globals__[_name] = _value

error = OSError
ACCESS_DEFAULT, ACCESS_READ, ACCESS_WRITE, ACCESS_COPY = 0, 1, 2, 3
try:
    PAGESIZE = _posix.sysconf('SC_PAGESIZE')
except PermissionError:
    # A host that does not say will not map anything either.
    PAGESIZE = 4096
ALLOCATIONGRANULARITY = PAGESIZE
_NAMES = ('ACCESS_DEFAULT', 'ACCESS_READ', 'ACCESS_WRITE', 'ACCESS_COPY')


@_outside
class mmap:
    __slots__ = ('_memory', '_fd', '_pos', '_offset', '_access', '_shared', '_tracked', '__weakref__')
    __module__ = 'mmap'

    def __new__(cls, fileno, length, flags=MAP_SHARED, prot=PROT_WRITE | PROT_READ,
                access=ACCESS_DEFAULT, offset=0, *, trackfd=True):
        fileno, length, offset = _size(fileno), _size(length), _size(offset)
        if length < 0:
            raise OverflowError("memory mapped length must be positive")
        if offset < 0:
            raise OverflowError("memory mapped offset must be positive")
        if access != ACCESS_DEFAULT and (flags != MAP_SHARED or prot != PROT_WRITE | PROT_READ):
            raise ValueError("mmap can't specify both access and flags, prot.")
        if access == ACCESS_READ:
            flags, prot = MAP_SHARED, PROT_READ
        elif access == ACCESS_WRITE:
            flags, prot = MAP_SHARED, PROT_READ | PROT_WRITE
        elif access == ACCESS_COPY:
            flags, prot = MAP_PRIVATE, PROT_READ | PROT_WRITE
        elif access != ACCESS_DEFAULT:
            raise ValueError("mmap invalid access parameter.")
        elif not prot & PROT_WRITE:
            access = ACCESS_READ
        elif not prot & PROT_READ:
            access = ACCESS_WRITE
        _sys.audit('mmap.__new__', fileno, length, access, offset)
        self = object.__new__(cls)
        self._memory, self._fd, self._pos, self._offset = None, -1, 0, offset
        self._access, self._shared = access, flags & MAP_SHARED != 0
        self._tracked = bool(trackfd)
        if fileno != -1:
            status = _posix.fstat(fileno)
            if status.st_mode & 0o170000 == 0o100000:
                if length == 0:
                    if status.st_size == 0:
                        raise ValueError("cannot mmap an empty file")
                    if offset >= status.st_size:
                        raise ValueError("mmap offset is greater than file size")
                    length = status.st_size - offset
                elif offset > status.st_size or status.st_size - offset < length:
                    raise ValueError("mmap length is greater than file size")
            if trackfd:
                self._fd = _posix.dup(fileno)
        else:
            flags |= MAP_ANONYMOUS
        try:
            self._memory = _n.map(fileno, length, flags, prot, offset)
        except BaseException:
            if self._fd != -1:
                _posix.close(self._fd)
                self._fd = -1
            raise
        return self

    def _check(self):
        if self._memory is None:
            raise ValueError("mmap closed or invalid")
        return self._memory

    def _writable(self):
        self._check()
        if self._access == ACCESS_READ:
            raise TypeError("mmap can't modify a readonly memory map.")

    def __repr__(self):
        name = f"{type(self).__module__}.{type(self).__qualname__}"
        if self._memory is None:
            return f"<{name} closed=True>"
        return (f"<{name} closed=False, access={_NAMES[self._access]}, length={len(self)}, "
                f"pos={self._pos}, offset={self._offset}>")

    def __len__(self):
        return _n.length(self._check())

    def __buffer__(self, flags, /):
        view = memoryview(self._check())
        return view.toreadonly() if self._access == ACCESS_READ else view

    def __release_buffer__(self, view, /):
        view.release()

    def __enter__(self):
        self._check()
        return self

    def __exit__(self, *exc):
        self.close()

    def __del__(self):
        try:
            self.close()
        except (BufferError, OSError, AttributeError):
            pass

    @property
    def closed(self):
        return self._memory is None

    def close(self):
        if self._memory is not None:
            _n.close(self._memory)
            self._memory = None
            if self._fd != -1:
                fd, self._fd = self._fd, -1
                _posix.close(fd)

    # Items.

    def _index(self, key):
        if not hasattr(type(key), '__index__'):
            raise TypeError("mmap indices must be integers")
        i = key.__index__()
        length = len(self)
        i += length if i < 0 else 0
        if not 0 <= i < length:
            raise IndexError("mmap index out of range")
        return i

    def __getitem__(self, key):
        memory = self._check()
        if isinstance(key, slice):
            start, stop, step = key.indices(len(self))
            if step == 1:
                return _n.read(memory, start, max(stop, start))
            return _n.read(memory, 0, len(self))[key]
        i = self._index(key)
        return _n.read(memory, i, i + 1)[0]

    def __setitem__(self, key, value):
        self._check()
        self._writable()
        if isinstance(key, slice):
            data = memoryview(value).tobytes()
            indexes = range(*key.indices(len(self)))
            memory = self._check()
            if len(data) != len(indexes):
                raise IndexError("mmap slice assignment is wrong size")
            if indexes.step == 1:
                _n.write(memory, indexes.start, data)
            else:
                for i, at in enumerate(indexes):
                    _n.write(memory, at, data[i:i + 1])
            return
        i = self._index(key)
        if not hasattr(type(value), '__index__'):
            raise TypeError("mmap item value must be an int")
        value = value.__index__()
        memory = self._check()
        if i >= len(self):
            raise IndexError("mmap index out of range")
        if not 0 <= value <= 255:
            raise ValueError("mmap item value must be in range(0, 256)")
        _n.write(memory, i, bytes([value]))

    def __delitem__(self, key):
        if isinstance(key, slice):
            raise TypeError("mmap object doesn't support slice deletion")
        raise TypeError("mmap doesn't support item deletion")

    def __iter__(self):
        i = 0
        while i < len(self):
            yield _n.read(self._check(), i, i + 1)
            i += 1

    # The file's interface.

    def read(self, n=None, /):
        self._check()
        n = -1 if n is None else _size(n)
        memory = self._check()
        left = max(len(self) - self._pos, 0)
        n = left if n < 0 else min(n, left)
        data = _n.read(memory, self._pos, self._pos + n)
        self._pos += n
        return data

    def read_byte(self):
        memory = self._check()
        if self._pos >= len(self):
            raise ValueError("read byte out of range")
        self._pos += 1
        return _n.read(memory, self._pos - 1, self._pos)[0]

    def readline(self):
        memory = self._check()
        end = _n.find(memory, b'\n', self._pos, len(self), False)
        return self.read(None if end < 0 else end + 1 - self._pos)

    def write(self, bytes, /):
        memory = self._check()
        data = memoryview(bytes).tobytes()
        self._writable()
        if self._pos > len(self) or len(self) - self._pos < len(data):
            raise ValueError("data out of range")
        _n.write(memory, self._pos, data)
        self._pos += len(data)
        return len(data)

    def write_byte(self, byte, /):
        memory = self._check()
        if not hasattr(type(byte), '__index__'):
            raise TypeError(f"'{type(byte).__name__}' object cannot be interpreted as an integer")
        byte = byte.__index__()
        if byte < 0:
            raise OverflowError("unsigned byte integer is less than minimum")
        if byte > 255:
            raise OverflowError("unsigned byte integer is greater than maximum")
        self._writable()
        if self._pos >= len(self):
            raise ValueError("write byte out of range")
        _n.write(memory, self._pos, bytes([byte]))
        self._pos += 1

    def _find(self, view, start, end, reverse):
        self._check()
        start, end = [None if v is None else _size(v) for v in (start, end)]
        memory, length = self._check(), len(self)

        def place(value, default):
            if value is None:
                return default
            return min(max(value + length if value < 0 else value, 0), length)

        start = place(start, self._pos)
        end = place(end, length)
        if start > end:
            return -1
        return _n.find(memory, view, start, end, reverse)

    def find(self, view, start=None, end=None, /):
        return self._find(view, start, end, False)

    def rfind(self, view, start=None, end=None, /):
        return self._find(view, start, end, True)

    def seek(self, pos, whence=0, /):
        self._check()
        pos, whence = _size(pos), _size(whence)
        length = len(self)
        if whence == 0:
            place = pos
        elif whence == 1:
            place = self._pos + pos
        elif whence == 2:
            place = length + pos
        else:
            raise ValueError("unknown seek type")
        if not 0 <= place <= length:
            raise ValueError("seek out of range")
        self._pos = place
        return place

    def seekable(self):
        return True

    def tell(self):
        self._check()
        return self._pos

    def size(self):
        self._check()
        return _posix.fstat(self._fd).st_size

    def move(self, dest, src, count, /):
        dest, src, count = _size(dest), _size(src), _size(count)
        memory = self._check()
        self._writable()
        length = len(self)
        if min(dest, src, count) < 0 or max(dest, src) > length or max(dest, src) + count > length:
            raise ValueError("source, destination, or count out of range")
        _n.write(memory, dest, _n.read(memory, src, src + count))

    def flush(self, offset=0, size=None, /, *, flags=4):
        offset, size = _size(offset), None if size is None else _size(size)
        memory, length = self._check(), len(self)
        size = length - offset if size is None else size
        if offset < 0 or size < 0 or length - offset < size:
            raise ValueError("flush values out of range")
        if self._access not in (ACCESS_READ, ACCESS_COPY):
            _n.flush(memory, offset, size, flags)

    def madvise(self, option, start=0, length=None, /):
        self._check()
        option, start = _size(option), _size(start)
        length = None if length is None else _size(length)
        memory, size = self._check(), len(self)
        length = size if length is None else length
        if not 0 <= start < size:
            raise ValueError("madvise start out of bounds")
        if length < 0:
            raise ValueError("madvise length invalid")
        if start > _SSIZE_MAX - length:
            raise OverflowError("madvise length too large")
        _n.madvise(memory, option, start, min(length, size - start))

    def resize(self, newsize, /):
        memory = self._check()
        if _n.exports(memory):
            raise BufferError("mmap can't resize with extant buffers exported.")
        if self._access in (ACCESS_READ, ACCESS_COPY):
            raise TypeError("mmap can't resize a readonly or copy-on-write memory map.")
        newsize = _size(newsize)
        if not self._tracked:
            raise ValueError("mmap: can't resize with trackfd=False.")
        if newsize < 0 or newsize + self._offset < 0:
            raise ValueError("new size out of range")
        if self._fd != -1:
            _posix.ftruncate(self._fd, self._offset + newsize)
        elif self._shared and newsize > len(self):
            raise ValueError("mmap: can't expand a shared anonymous mapping")
        _n.resize(memory, newsize)


_SSIZE_MAX = (1 << 63) - 1

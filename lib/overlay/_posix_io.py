# native: the part of `posix` that works on descriptors: reading and writing, attributes, events,
# terminals. CPython's counterpart: Modules/posixmodule.c.

# Functions belong to the public module.
__name__ = 'posix'

import _descriptors_native as _d
import _descriptors_numbers as _dn
import _posix_native as _n
import _structseq
import stackless as _stackless
from _native import c_int as _int, c_long as _long
from _descriptors_numbers import sync


def fspath(path):
    if isinstance(path, (str, bytes)):
        return path
    method = getattr(type(path), '__fspath__', None)
    if method is None:
        raise TypeError("expected str, bytes or os.PathLike object, not " + type(path).__name__)
    result = method(path)
    if isinstance(result, (str, bytes)):
        return result
    raise TypeError(f"expected {type(path).__name__}.__fspath__() to return str or bytes, "
                    f"not {type(result).__name__}")


def _path(path, who, fd=False, none=False):
    if isinstance(path, (str, bytes)):
        return path
    if none and path is None:
        return '.'
    if fd and hasattr(type(path), '__index__'):
        if isinstance(path, bool):
            _warn_of_bool()
        path = path.__index__()
        if not -0x80000000 <= path <= 0x7fffffff:
            word = "greater than maximum" if path > 0 else "less than minimum"
            raise OverflowError("fd is " + word)
        return path
    method = getattr(type(path), '__fspath__', None)
    if method is None:
        allowed = "string, bytes or os.PathLike" if not fd else "string, bytes, os.PathLike or integer"
        if none:
            allowed = allowed.replace(" or ", ", ") + " or None" if not fd else \
                "string, bytes, os.PathLike, integer or None"
        raise TypeError(f"{who}: path should be {allowed}, not {type(path).__name__}")
    return fspath(path)


def _warn_of_bool():
    import _warnings
    _warnings.warn("bool is used as a file descriptor", RuntimeWarning)


def _encoded(name):
    name = fspath(name)
    return name.encode('utf-8', 'surrogateescape') if isinstance(name, str) else name


def _fd(value):
    """A descriptor: a number, or what `fileno()` says."""
    if isinstance(value, bool):
        _warn_of_bool()
    if hasattr(type(value), '__index__'):
        return _int(value)
    method = getattr(value, 'fileno', None)
    if method is None:
        raise TypeError("argument must be an int, or have a fileno() method.")
    return _int(method())


def _dir(value):
    """The argument `dir_fd`."""
    if value is None:
        return None
    if isinstance(value, bool):
        _warn_of_bool()
    if not hasattr(type(value), '__index__'):
        raise TypeError(f"argument should be integer or None, not {type(value).__name__}")
    return _int(value)


def _id(value, what):
    """A user or group number; -1 stands for no change."""
    if not hasattr(type(value), '__index__'):
        raise TypeError(f"{what} should be integer, not {type(value).__name__}")
    value = value.__index__()
    if value < -1:
        raise OverflowError(f"{what} is less than minimum")
    if value > 0xffffffff:
        raise OverflowError(f"{what} is greater than maximum")
    return value


def _sequence(value, who, which=2):
    if isinstance(value, (str, bytes)) or not hasattr(type(value), '__getitem__'):
        raise TypeError(f"{who}() arg {which} must be a sequence")
    return list(value)


def _retry(function, *args):
    """A call that signals interrupt."""
    while True:
        try:
            return function(*args)
        except InterruptedError:
            import _signal
            _signal._deliver()


def _ready_to_read(fd):
    if _stackless.getruncount() > 1:
        from _blocking import ready_to_read
        ready_to_read(fd)


def _ready_to_write(fd):
    if _stackless.getruncount() > 1:
        from _blocking import ready_to_write
        ready_to_write(fd)


# Reading and writing: others run while a call would block, and signals may interrupt it.

def read(fd, length, /):
    fd = _int(fd)
    _ready_to_read(fd)
    return _retry(_n.read, fd, length)


def readinto(fd, buffer, /):
    view = memoryview(buffer).cast('B')
    if view.readonly:
        raise TypeError("readinto() argument 2 must be read-write bytes-like object, not "
                        f"{type(buffer).__name__}")
    data = read(fd, len(view))
    view[:len(data)] = data
    return len(data)


def write(fd, data, /):
    fd = _int(fd)
    if _stackless.getruncount() > 1:
        view = memoryview(data).cast('B')
        if len(view) > 4096 and _blocks(fd):
            total = 0
            while total < len(view):
                total += _in_part(fd, _n.write, fd, view[total:])
            return total
        _ready_to_write(fd)
    return _retry(_n.write, fd, data)


def _blocks(fd):
    """A descriptor whose calls wait: not a regular file."""
    import _select_native
    try:
        return _select_native.is_blocking(fd) and _n.fstat(fd)[0] & 0o170000 != 0o100000
    except OSError:
        return False


def _in_part(fd, function, *args):
    """A call that would wait until all is written: what goes at once, waiting here for room."""
    while True:
        _ready_to_write(fd)
        _n.set_blocking(fd, False)
        try:
            return _retry(function, *args)
        except BlockingIOError:
            pass
        finally:
            _n.set_blocking(fd, True)


def pread(fd, length, offset, /):
    if _long(length) < 0:
        raise OSError(22, "Invalid argument")
    return _retry(_n.pread, _int(fd), length, offset)


def pwrite(fd, buffer, offset, /):
    return _retry(_n.pwrite, _int(fd), buffer, offset)


def _scatter(buffers, data):
    at = 0
    for buffer in buffers:
        view = memoryview(buffer).cast('B')
        part = data[at:at + len(view)]
        view[:len(part)] = part
        at += len(part)
    return len(data)


def _room(buffers):
    total = 0
    for buffer in buffers:
        view = memoryview(buffer)
        if view.readonly:
            raise TypeError("a read-write bytes-like object is required, not "
                            f"'{type(buffer).__name__}'")
        total += view.nbytes
    return total


def readv(fd, buffers, /):
    buffers = _sequence(buffers, 'readv')
    return _scatter(buffers, read(fd, _room(buffers)))


def writev(fd, buffers, /):
    return write(fd, b''.join(_sequence(buffers, 'writev')))


def preadv(fd, buffers, offset, flags=0, /):
    buffers = _sequence(buffers, 'preadv')
    return _scatter(buffers, _retry(_d.preadv2, _int(fd), _room(buffers), offset, flags))


def pwritev(fd, buffers, offset, flags=0, /):
    return _retry(_d.pwritev2, _int(fd), b''.join(_sequence(buffers, 'pwritev')), offset, flags)


def fsync(fd):
    _retry(_n.fsync, _fd(fd))


def fdatasync(fd):
    _retry(_n.fdatasync, _fd(fd))


def sendfile(out_fd, in_fd, offset, count):
    out_fd = _int(out_fd)
    args = _d.sendfile, out_fd, _int(in_fd), None if offset is None else _long(offset), _long(count)
    if _stackless.getruncount() > 1 and _blocks(out_fd):
        return _in_part(out_fd, *args)
    return _retry(*args)


def copy_file_range(src, dst, count, offset_src=None, offset_dst=None):
    if _long(count) < 0:
        raise ValueError("negative value for 'count' not allowed")
    return _d.copy_file_range(_int(src), _int(dst), count, offset_src, offset_dst)


def splice(src, dst, count, offset_src=None, offset_dst=None, flags=0):
    if _long(count) < 0:
        raise ValueError("negative value for 'count' not allowed")
    return _d.splice(_int(src), _int(dst), count, offset_src, offset_dst, flags)


def closerange(fd_low, fd_high, /):
    _dn.closerange(_int(fd_low), _int(fd_high))


def pipe2(flags, /):
    return _d.pipe2(_int(flags))


def posix_fadvise(fd, offset, length, advice, /):
    _retry(_dn.posix_fadvise, _int(fd), _long(offset), _long(length), _int(advice))


def posix_fallocate(fd, offset, length, /):
    _retry(_dn.posix_fallocate, _int(fd), _long(offset), _long(length))


def lockf(fd, command, length, /):
    _retry(_dn.lockf, _int(fd), _int(command), _long(length))


def memfd_create(name, flags=_d.MFD_CLOEXEC):
    return _d.memfd_create(_encoded(name), flags)


def mknod(path, mode=0o600, device=0, *, dir_fd=None):
    _d.mknod(_dir(dir_fd), _path(path, 'mknod'), mode, device)


def makedev(major, minor, /):
    for part in (major, minor):
        if not hasattr(type(part), '__index__'):
            raise TypeError(f"'{type(part).__name__}' object cannot be interpreted as an integer")
        if part < -1:
            raise OverflowError("can't convert negative value to unsigned int")
        if part > 0xffffffff:
            raise OverflowError("unsigned int is greater than maximum")
    if major == minor == -1:
        return -1
    major, minor = major & 0xffffffff, minor & 0xffffffff
    return ((major & 0xfffff000) << 32 | (major & 0xfff) << 8 | (minor & 0xffffff00) << 12
            | minor & 0xff)


def _device(device):
    if not hasattr(type(device), '__index__'):
        raise TypeError(f"'{type(device).__name__}' object cannot be interpreted as an integer")
    device = device.__index__()
    if device < -1:
        raise OverflowError("can't convert negative int to unsigned")
    if device > 0xffffffffffffffff:
        raise OverflowError("int too big to convert")
    return device


def major(device, /):
    device = _device(device)
    if device == -1:
        return -1
    return device >> 32 & 0xfffff000 | device >> 8 & 0xfff


def minor(device, /):
    device = _device(device)
    if device == -1:
        return -1
    return device >> 12 & 0xffffff00 | device & 0xff


def chroot(path):
    _d.chroot(_path(path, 'chroot'))


statvfs_result, _new_statvfs = _structseq.make(
    'os.statvfs_result', ['f_bsize', 'f_frsize', 'f_blocks', 'f_bfree', 'f_bavail', 'f_files',
                          'f_ffree', 'f_favail', 'f_flag', 'f_namemax', 'f_fsid'], 10)


def statvfs(path):
    return _new_statvfs(_d.statvfs(_path(path, 'statvfs', fd=True)))


def fstatvfs(fd, /):
    return _new_statvfs(_d.statvfs(_int(fd)))


# Extended attributes.

def _attribute_path(path, who, follow_symlinks):
    path = _path(path, who, fd=True)
    if isinstance(path, int) and not follow_symlinks:
        raise ValueError(f"{who}: cannot use fd and follow_symlinks together")
    return path


def getxattr(path, attribute, *, follow_symlinks=True):
    path = _attribute_path(path, 'getxattr', follow_symlinks)
    return _d.getxattr(path, _path(attribute, 'getxattr'), follow_symlinks)


def setxattr(path, attribute, value, flags=0, *, follow_symlinks=True):
    path = _attribute_path(path, 'setxattr', follow_symlinks)
    _d.setxattr(path, _path(attribute, 'setxattr'), value, flags, follow_symlinks)


def removexattr(path, attribute, *, follow_symlinks=True):
    path = _attribute_path(path, 'removexattr', follow_symlinks)
    _d.removexattr(path, _path(attribute, 'removexattr'), follow_symlinks)


def listxattr(path=None, *, follow_symlinks=True):
    path = '.' if path is None else _attribute_path(path, 'listxattr', follow_symlinks)
    return _d.listxattr(path, follow_symlinks)


# Events and timers.

def eventfd(initval, flags=_d.EFD_CLOEXEC):
    return _dn.eventfd(initval, flags)


def eventfd_read(fd):
    return int.from_bytes(read(fd, 8), 'little')


def eventfd_write(fd, value):
    write(fd, value.to_bytes(8, 'little'))


def timerfd_create(clockid, /, *, flags=_d.TFD_CLOEXEC):
    return _dn.timerfd_create(clockid, flags | _d.TFD_CLOEXEC)


def timerfd_settime_ns(fd, /, *, flags=0, initial=0, interval=0):
    return _d.timerfd_settime(_fd(fd), flags, initial, interval)


def timerfd_settime(fd, /, *, flags=0, initial=0.0, interval=0.0):
    old = _d.timerfd_settime(_fd(fd), flags, round(initial * 1e9), round(interval * 1e9))
    return old[0] / 1e9, old[1] / 1e9


def timerfd_gettime_ns(fd, /):
    return _d.timerfd_gettime(_fd(fd))


def timerfd_gettime(fd, /):
    now = _d.timerfd_gettime(_fd(fd))
    return now[0] / 1e9, now[1] / 1e9


# Terminals.

def openpty():
    return _d.openpty()


def posix_openpt(oflag, /):
    return _dn.posix_openpt(oflag)


def grantpt(fd, /):
    _dn.grantpt(_fd(fd))


def unlockpt(fd, /):
    _dn.unlockpt(_fd(fd))


def ptsname(fd, /):
    return _d.ptsname(_fd(fd))


def ttyname(fd, /):
    return _d.ttyname(_int(fd))


def ctermid():
    return '/dev/tty'


def login_tty(fd, /):
    _dn.login_tty(_fd(fd))

# native: `posix` over the host's plain functions. CPython's counterpart: Modules/posixmodule.c.

"""The system calls that the os module shows."""

import _posix_native as _n
import _structseq
import sys as _sys
from _native import copy_ints as _copy_ints, outside as _outside

error = OSError

import _posix_io
import _posix_limits
import _posix_process
from _posix_io import _dir, _fd, _id, _path, _retry, fspath
from _posix_io import *
from _posix_limits import *
from _posix_process import *
from _posix_process import _fork
from _posix_native import (
    close, dup, dup2, pipe, isatty, get_inheritable, set_inheritable, get_blocking, set_blocking,
    umask, urandom, _exit, getpid, getppid, getuid, geteuid, getgid, getegid, getpgid, getsid, setsid,
    getloadavg, strerror, cpu_count)


# Constants of the native parts.
for _space in (_n, _posix_process._p, _posix_io._d):
    _copy_ints(_space.__dict__, (lambda: 0).__globals__)
del _space
SCHED_OTHER = 0
NGROUPS_MAX = 65536
TMP_MAX = 238328
GRND_NONBLOCK, GRND_RANDOM = 1, 2
O_LARGEFILE, O_PATH, O_TMPFILE, O_NOATIME, O_DIRECT = 0, 0o10000000, 0o20200000, 0o1000000, 0o40000
O_FSYNC = O_SYNC


_STAT_FIELDS = ['st_mode', 'st_ino', 'st_dev', 'st_nlink', 'st_uid', 'st_gid', 'st_size',
                '_atime', '_mtime', '_ctime', 'st_atime', 'st_mtime', 'st_ctime', 'st_atime_ns',
                'st_mtime_ns', 'st_ctime_ns', 'st_blksize', 'st_blocks', 'st_rdev']
stat_result, _new_stat = _structseq.make('os.stat_result', _STAT_FIELDS, 10,
                                         ('_atime', '_mtime', '_ctime'))
terminal_size, _new_terminal = _structseq.make('os.terminal_size', ['columns', 'lines'])
uname_result, _new_uname = _structseq.make(
    'posix.uname_result', ['sysname', 'nodename', 'release', 'version', 'machine'])
times_result, _new_times = _structseq.make(
    'posix.times_result', ['user', 'system', 'children_user', 'children_system', 'elapsed'])

def _stat(t):
    a, m, c = t[7:10]
    return _new_stat((*t[:7], a // 1000000000, m // 1000000000, c // 1000000000,
                      a / 1e9, m / 1e9, c / 1e9, a, m, c, *t[10:]))


def stat(path, *, dir_fd=None, follow_symlinks=True):
    path = _path(path, 'stat', fd=True)
    if isinstance(path, int):
        if dir_fd is not None:
            raise ValueError("stat: can't specify dir_fd without matching path")
        if not follow_symlinks:
            raise ValueError("stat: cannot use fd and follow_symlinks together")
        return _stat(_n.fstat(path))
    return _stat(_n.stat(path, _dir(dir_fd), follow_symlinks))


def lstat(path, *, dir_fd=None):
    return _stat(_n.stat(_path(path, 'lstat'), _dir(dir_fd), False))


def fstat(fd):
    return _stat(_n.fstat(_posix_io._int(fd)))


def open(path, flags, mode=0o777, *, dir_fd=None):
    path = _path(path, 'open')
    flags |= O_CLOEXEC
    _sys.audit('open', path, None, flags)
    return _retry(_n.open, path, flags, mode, _dir(dir_fd))


def _open_file(path, flags):
    """For `_io.FileIO`, which tells audit hooks itself."""
    return _retry(_n.open, _path(path, 'open'), flags | O_CLOEXEC, 0o666, None)


def access(path, mode, *, dir_fd=None, effective_ids=False, follow_symlinks=True):
    return _n.access(_path(path, 'access'), _dir(dir_fd), mode, effective_ids, follow_symlinks)


def lseek(fd, position, whence, /):
    return _n.lseek(fd, position, whence)


def ftruncate(fd, length, /):
    _n.ftruncate(fd, length)


def truncate(path, length):
    path = _path(path, 'truncate', fd=True)
    if isinstance(path, int):
        _n.ftruncate(path, length)
    else:
        _n.truncate(path, length)


def listdir(path=None):
    path = _path(path, 'listdir', fd=True, none=True)
    _sys.audit('os.listdir', path)
    return [entry[0] for entry in _n.scandir(path)]


class DirEntry:
    __slots__ = ('name', 'path', '_inode', '_kind', '_stat', '_lstat', '_fd')

    def __new__(cls, *args):
        raise TypeError("cannot create 'posix.DirEntry' instances")

    def inode(self):
        return self._inode

    def stat(self, *, follow_symlinks=True):
        if not follow_symlinks or (self._kind not in (0, 3)):
            if self._lstat is None:
                self._lstat = lstat(self.path, dir_fd=self._fd)
            return self._lstat
        if self._stat is None:
            self._stat = stat(self.path, dir_fd=self._fd)
        return self._stat

    def _test(self, kind, bits, follow_symlinks):
        if self._kind == kind:
            return True
        if self._kind == 0 or (self._kind == 3 and follow_symlinks and kind != 3):
            try:
                mode = self.stat(follow_symlinks=follow_symlinks and kind != 3).st_mode
            except FileNotFoundError:
                return False
            return mode & 0o170000 == bits
        return False

    def is_dir(self, *, follow_symlinks=True):
        return self._test(2, 0o040000, follow_symlinks)

    def is_file(self, *, follow_symlinks=True):
        return self._test(1, 0o100000, follow_symlinks)

    def is_symlink(self):
        return self._test(3, 0o120000, False)

    def is_junction(self):
        return False

    def __fspath__(self):
        return self.path

    def __reduce_ex__(self, protocol, /):
        raise TypeError("cannot pickle 'DirEntry' object")

    def __repr__(self):
        return f"<DirEntry {self.name!r}>"

    __class_getitem__ = classmethod(type(list[int]))


DirEntry.__module__ = 'posix'


@_outside
class _ScandirIterator:
    def __init__(self, entries):
        self._entries = iter(entries)
        self._closed = False

    def __iter__(self):
        return self

    def __next__(self):
        for entry in self._entries:
            return entry
        self.close()
        raise StopIteration

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    def close(self):
        self._entries, self._closed = iter(()), True

    def __del__(self):
        if not self._closed:
            self._closed = True
            import _warnings
            _warnings.warn(f"unclosed scandir iterator {self!r}", ResourceWarning, source=self)


_ScandirIterator.__name__ = _ScandirIterator.__qualname__ = 'ScandirIterator'
_ScandirIterator.__module__ = 'posix'


def scandir(path=None):
    path = _path(path, 'scandir', fd=True, none=True)
    _sys.audit('os.scandir', path)
    found = []
    for name, inode, kind in _n.scandir(path):
        entry = object.__new__(DirEntry)
        entry.name = name
        if isinstance(path, int):
            entry.path = name
        else:
            sep = b'/' if isinstance(path, bytes) else '/'
            entry.path = path + name if path[-1:] == sep else path + sep + name
        entry._inode, entry._kind = inode, kind
        entry._stat = entry._lstat = None
        entry._fd = path if isinstance(path, int) else None
        found.append(entry)
    return _ScandirIterator(found)


def mkdir(path, mode=0o777, *, dir_fd=None):
    _n.mkdir(_path(path, 'mkdir'), _dir(dir_fd), mode)


def rmdir(path, *, dir_fd=None):
    _n.rmdir(_path(path, 'rmdir'), _dir(dir_fd))


def unlink(path, *, dir_fd=None):
    _n.unlink(_path(path, 'unlink'), _dir(dir_fd))


def remove(path, *, dir_fd=None):
    _n.unlink(_path(path, 'remove'), _dir(dir_fd))


def chmod(path, mode, *, dir_fd=None, follow_symlinks=True):
    path = _path(path, 'chmod', fd=True)
    if isinstance(path, int):
        _n.fchmod(path, mode)
    else:
        _n.chmod(path, _dir(dir_fd), mode, follow_symlinks)


def chown(path, uid, gid, *, dir_fd=None, follow_symlinks=True):
    path = _path(path, 'chown', fd=True)
    uid, gid = _id(uid, 'uid'), _id(gid, 'gid')
    if isinstance(path, int):
        _posix_io._dn.fchown(path, uid, gid)
    else:
        _n.chown(path, _dir(dir_fd), uid, gid, follow_symlinks)


def fchown(fd, uid, gid):
    _posix_io._dn.fchown(_posix_io._int(fd), _id(uid, 'uid'), _id(gid, 'gid'))


def fchmod(fd, mode):
    _n.fchmod(_posix_io._int(fd), mode)


def lchown(path, uid, gid):
    _n.chown(_path(path, 'lchown'), None, _id(uid, 'uid'), _id(gid, 'gid'), False)


def mkfifo(path, mode=0o666, *, dir_fd=None):
    _n.mkfifo(_path(path, 'mkfifo'), _dir(dir_fd), mode)


def utime(path, times=None, *, ns=None, dir_fd=None, follow_symlinks=True):
    if times is not None and ns is not None:
        raise ValueError("utime: you may specify either 'times' or 'ns' but not both")
    if ns is not None:
        if not isinstance(ns, tuple) or len(ns) != 2:
            raise TypeError("utime: 'ns' must be a tuple of two ints")
        a, m = ns
    elif times is not None:
        if not isinstance(times, tuple) or len(times) != 2:
            raise TypeError("utime: 'times' must be either a tuple of two ints or None")
        a, m = [t * 1000000000 if isinstance(t, int) else int(t * 1e9) for t in times]
    else:
        a = m = None
    path = _path(path, 'utime', fd=True)
    if isinstance(path, int):
        if dir_fd is not None:
            raise ValueError("utime: can't specify dir_fd without matching path")
        if not follow_symlinks:
            raise ValueError("utime: cannot use fd and follow_symlinks together")
        _n.futime(path, a, m)
    else:
        _n.utime(path, _dir(dir_fd), a, m, follow_symlinks)


def rename(src, dst, *, src_dir_fd=None, dst_dir_fd=None):
    _n.rename(_path(src, 'rename'), _path(dst, 'rename'), _dir(src_dir_fd), _dir(dst_dir_fd))


def replace(src, dst, *, src_dir_fd=None, dst_dir_fd=None):
    _n.rename(_path(src, 'replace'), _path(dst, 'replace'), _dir(src_dir_fd), _dir(dst_dir_fd))


def link(src, dst, *, src_dir_fd=None, dst_dir_fd=None, follow_symlinks=True):
    _n.link(_path(src, 'link'), _path(dst, 'link'), _dir(src_dir_fd), _dir(dst_dir_fd), follow_symlinks)


def symlink(src, dst, target_is_directory=False, *, dir_fd=None):
    _n.symlink(_path(src, 'symlink'), _path(dst, 'symlink'), _dir(dir_fd))


def readlink(path, *, dir_fd=None):
    return _n.readlink(_path(path, 'readlink'), _dir(dir_fd))


def getcwdb():
    return _n.getcwdb()


def getcwd():
    return _n.fsdecode(_n.getcwdb())


def chdir(path):
    _n.chdir(_path(path, 'chdir', fd=True))


def fchdir(fd):
    _n.chdir(_fd(fd))


def uname():
    return _new_uname(_n.uname())


def times():
    return _new_times(_n.times())


def get_terminal_size(fd=1, /):
    return _new_terminal(_n.terminal_size(fd))


def WIFEXITED(status):
    return status & 0x7f == 0


def WEXITSTATUS(status):
    return status >> 8 & 0xff


def WIFSIGNALED(status):
    return ((status & 0x7f) + 1 & 0x7f) >> 1 > 0


def WTERMSIG(status):
    return status & 0x7f


def WIFSTOPPED(status):
    return status & 0xff == 0x7f


def WSTOPSIG(status):
    return status >> 8 & 0xff


def WCOREDUMP(status, /):
    return bool(status & 0x80)


def waitstatus_to_exitcode(status):
    if WIFEXITED(status):
        return WEXITSTATUS(status)
    if WIFSIGNALED(status):
        return -WTERMSIG(status)
    raise ValueError(f"invalid wait status: {status}")


def getrandom(size, flags=0):
    if size < 0:
        raise OSError(22, "Invalid argument")
    return urandom(size)


def device_encoding(fd):
    return 'utf-8' if isatty(fd) else None


def putenv(name, value, /):
    name = _path(name, 'putenv')
    if (b'=' if isinstance(name, bytes) else '=') in name:
        raise ValueError("illegal environment variable name")
    _n.putenv(name, _path(value, 'putenv'))


def unsetenv(name, /):
    _n.unsetenv(_path(name, 'unsetenv'))


def _create_environ():
    return _n.environ()


environ = _create_environ()


def _path_normpath(path):
    if isinstance(path, bytes):
        sep, dot, dotdot, empty = b'/', b'.', b'..', b''
    else:
        sep, dot, dotdot, empty = '/', '.', '..', ''
    if not path:
        return dot
    initial = path[:1] == sep
    lead = sep * (2 if path[:2] == sep * 2 and path[:3] != sep * 3 else 1) if initial else empty
    parts = []
    for part in path.split(sep):
        if part == empty or part == dot:
            continue
        if part != dotdot or (not initial and not parts) or (parts and parts[-1] == dotdot):
            parts.append(part)
        elif parts:
            parts.pop()
    return (lead + sep.join(parts)) or dot


def _path_splitroot_ex(path, /):
    if isinstance(path, bytes):
        sep, empty = b'/', b''
    else:
        sep, empty = '/', ''
    if path[:1] != sep:
        return empty, empty, path
    if path[1:2] != sep or path[2:3] == sep:
        return empty, sep, path[1:]
    return empty, path[:2], path[2:]


def _inputhook():
    pass


def _is_inputhook_installed():
    return False


_have_functions = [
    'HAVE_EVENTFD', 'HAVE_TIMERFD_CREATE', 'HAVE_FACCESSAT', 'HAVE_FCHDIR', 'HAVE_FCHMOD',
    'HAVE_FCHMODAT', 'HAVE_FCHOWN', 'HAVE_FCHOWNAT', 'HAVE_FEXECVE', 'HAVE_FDOPENDIR',
    'HAVE_FPATHCONF', 'HAVE_FSTATAT', 'HAVE_FSTATVFS', 'HAVE_FTRUNCATE', 'HAVE_FUTIMENS',
    'HAVE_FUTIMES', 'HAVE_FUTIMESAT', 'HAVE_LINKAT', 'HAVE_LCHOWN', 'HAVE_LSTAT', 'HAVE_LUTIMES',
    'HAVE_MEMFD_CREATE', 'HAVE_MKDIRAT', 'HAVE_MKFIFOAT', 'HAVE_MKNODAT', 'HAVE_OPENAT',
    'HAVE_READLINKAT', 'HAVE_RENAMEAT', 'HAVE_SYMLINKAT', 'HAVE_UNLINKAT', 'HAVE_UTIMENSAT',
    'HAVE_PTSNAME_R']

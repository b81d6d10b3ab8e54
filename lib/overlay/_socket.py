# native: sockets over native calls that take raw addresses. A socket waits itself, so that other
# tasklets run and signals are served: with more than one tasklet every call is made without blocking.
# CPython's counterpart: Modules/socketmodule.c.

"""Sockets close to the operating system; the socket module builds on it."""

import _socket_native as _n
import _socket_numbers as _numbers
import _blocking
from _native import c_int as _int, c_ssize as _size, immutable as _immutable, outside as _outside
import _signal
import posix as _posix
import sys as _sys
import stackless as _stackless
from _socket_address import pack as _pack, unpack as _unpack, gaierror, herror
from _socket_address import (getaddrinfo, getnameinfo, gethostbyname, gethostbyname_ex, gethostbyaddr,
                             inet_aton, inet_ntoa, inet_pton, inet_ntop)
from _socket_constants import NUMBERS as _NUMBERS
from _time_native import monotonic_ns as _now

(lambda: 0).__globals__.update(_NUMBERS)
has_ipv6 = True
error, timeout = OSError, TimeoutError
BDADDR_ANY, BDADDR_LOCAL = '00:00:00:00:00:00', '00:00:00:FF:FF:FF'
_default_timeout = None
_IN, _OUT = 1, 4
_EINPROGRESS, _EAGAIN, _EALREADY, _EISCONN, _EINTR = 115, 11, 114, 106, 4


def _timeout(value):
    """A timeout in ns; None waits for ever."""
    if value is None:
        return None
    if isinstance(value, float):
        if value != value:
            raise ValueError("Invalid value NaN (not a number)")
        if abs(value) > 9.2e9:
            raise OverflowError("timestamp out of range for C PyTime_t")
        ns = int(value * 1e9)
        ns += value * 1e9 > ns
    elif hasattr(type(value), '__index__'):
        ns = value.__index__() * 1000000000
        if abs(ns) >= 1 << 63:
            raise OverflowError("timestamp out of range for C PyTime_t")
    else:
        raise TypeError(f"'{type(value).__name__}' object cannot be interpreted as an integer or float")
    if ns < 0:
        raise ValueError("Timeout value out of range")
    return ns


def getdefaulttimeout():
    return None if _default_timeout is None else _default_timeout / 1e9


def setdefaulttimeout(timeout, /):
    global _default_timeout
    _default_timeout = _timeout(timeout)


def _error(number):
    return OSError(number, _posix.strerror(number))


@_outside
class socket:
    __slots__ = ('_fd', '_family', '_type', '_proto', '_timeout')
    __module__ = '_socket'

    def __new__(cls, family=-1, type=-1, proto=-1, fileno=None):
        self = object.__new__(cls)
        self._fd, self._timeout = -1, None
        self._family = self._type = self._proto = 0
        return self

    def __init__(self, family=-1, type=-1, proto=-1, fileno=None):
        family, type, proto = _int(family), _int(type), _int(proto)
        _sys.audit('socket.__new__', self, family, type, proto)
        if fileno is not None:
            fd = _int(fileno)
            if isinstance(fileno, float):
                raise TypeError("integer argument expected, got float")
            if fd < 0:
                raise ValueError("negative file descriptor")
            address = _n.getsockname(fd)
            if family == -1:
                family = int.from_bytes(address[:2], 'little') if address else 0
            if type == -1:
                type = _option(fd, SO_TYPE)
            if proto == -1:
                proto = _option(fd, SO_PROTOCOL)
        else:
            family = AF_INET if family == -1 else family
            type = SOCK_STREAM if type == -1 else type
            proto = 0 if proto == -1 else proto
            fd = _numbers.socket(family, type, proto)
        self._fd, self._family, self._proto = fd, family, proto
        self._type = type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)
        if type & SOCK_NONBLOCK:
            self._timeout = 0
        else:
            self._timeout = _default_timeout
            if _default_timeout is not None:
                _posix.set_blocking(fd, False)

    family = property(lambda self: self._family)
    type = property(lambda self: self._type)
    proto = property(lambda self: self._proto)
    timeout = property(lambda self: None if self._timeout is None else self._timeout / 1e9)

    def __repr__(self):
        return (f"<socket object, fd={self._fd}, family={int(self._family)}, type={int(self._type)}, "
                f"proto={self._proto}>")

    def __del__(self):
        fd = getattr(self, '_fd', -1)
        if fd != -1:
            import warnings
            warnings.warn(f"unclosed {self!r}", ResourceWarning, source=self)
            fd, self._fd = self._fd, -1
            if fd != -1:
                try:
                    _posix.close(fd)
                except OSError:
                    pass

    # Waiting.

    def _call(self, events, function, *args, flags_at=None):
        """A call that may block, as the timeout has it. `flags_at`: which argument takes flags."""
        fd = self._fd
        wait = self._timeout
        if wait == 0 or (flags_at is not None and args[flags_at] & MSG_DONTWAIT):
            return _blocking.retry(function, fd, *args)
        if wait is None and _stackless.getruncount() <= 1:
            return _blocking.retry(function, fd, *args)
        deadline = None if wait is None else _now() + wait
        if flags_at is not None:
            args = list(args)
            args[flags_at] |= MSG_DONTWAIT
        elif wait is None:
            self._ready(events, None)
        while True:
            if deadline is not None or flags_at is None:
                self._ready(events, deadline)
            try:
                return _blocking.retry(function, self._fd, *args)
            except BlockingIOError:
                if flags_at is not None and deadline is None:
                    self._ready(events, None)

    def _ready(self, events, deadline):
        """Waits until a call would not block, or raises TimeoutError."""
        left = -1 if deadline is None else max(deadline - _now(), 0)
        if self._fd >= 0 and not _blocking.wait_fd(self._fd, events, left):
            raise TimeoutError("timed out")

    def settimeout(self, timeout, /):
        self._timeout = _timeout(timeout)
        _posix.set_blocking(self._fd, self._timeout is None)

    def gettimeout(self):
        return self.timeout

    def setblocking(self, flag, /):
        self._timeout = None if flag else 0
        _posix.set_blocking(self._fd, bool(flag))

    def getblocking(self):
        return self._timeout is None or self._timeout > 0

    # Life.

    def fileno(self):
        return self._fd

    def detach(self):
        fd, self._fd = self._fd, -1
        return fd

    def close(self):
        fd, self._fd = self._fd, -1
        if fd != -1:
            try:
                _posix.close(fd)
            except ConnectionResetError:
                pass

    def bind(self, address, /):
        raw = _pack(self, address, 'bind')
        _sys.audit('socket.bind', self, address)
        _n.bind(self._fd, raw)

    def listen(self, backlog=None, /):
        backlog = 128 if backlog is None else max(_int(backlog), 0)
        _numbers.listen(self._fd, backlog)

    def _accept(self):
        fd, address = self._call(_IN, _n.accept)
        return fd, _unpack(fd, address, self._family)

    def _connect(self, address):
        """The errno, or TimeoutError."""
        raw = _pack(self, address, 'connect')
        _sys.audit('socket.connect', self, address)
        fd, wait = self._fd, self._timeout
        slow = wait is None and _stackless.getruncount() > 1
        if slow:
            _posix.set_blocking(fd, False)
        try:
            number = _n.connect(fd, raw)
            if number == 0 or wait == 0:
                return number
            if number == _EINTR or (number == _EINPROGRESS and (slow or wait is not None)):
                if number == _EINTR:
                    _signal._deliver()
                self._ready(_OUT, None if wait is None else _now() + wait)
                number = _option(self._fd, SO_ERROR)
                return 0 if number == _EISCONN else number
            return number
        finally:
            if slow and self._fd == fd:
                _posix.set_blocking(fd, True)

    def connect(self, address, /):
        number = self._connect(address)
        if number:
            raise _error(number)

    def connect_ex(self, address, /):
        try:
            return self._connect(address)
        except TimeoutError:
            return _EAGAIN

    def shutdown(self, how, /):
        _numbers.shutdown(self._fd, _int(how))

    def getsockname(self):
        return _unpack(self._fd, _n.getsockname(self._fd), self._family)

    def getpeername(self):
        return _unpack(self._fd, _n.getpeername(self._fd), self._family)

    # Options.

    def getsockopt(self, level, option, buflen=0, /):
        level, option, buflen = _int(level), _int(option), _int(buflen)
        if buflen == 0:
            return int.from_bytes(_n.getsockopt(self._fd, level, option, 4), 'little', signed=True)
        if not 0 < buflen <= 1024:
            raise OSError("getsockopt buflen out of range")
        return _n.getsockopt(self._fd, level, option, buflen)

    def setsockopt(self, level, option, *value):
        if not 1 <= len(value) <= 2:
            word = "exactly 3" if not value else "at most 4"
            raise TypeError(f"setsockopt() takes {word} arguments ({len(value) + 2} given)")
        level, option = _int(level), _int(option)
        if len(value) == 2:
            if value[0] is not None:
                raise TypeError(f"socket.setsockopt() argument 3 must be None, not "
                                f"{type(value[0]).__name__}")
            _n.setsockopt(self._fd, level, option, None, _int(value[1]))
            return
        value = value[0]
        if hasattr(type(value), '__index__'):
            value = _int(value).to_bytes(4, 'little', signed=True)
        elif value is None:
            raise TypeError("socket option should be integer, bytes-like object or None")
        else:
            value = _bytes(value)
        _n.setsockopt(self._fd, level, option, value, 0)

    # Receiving.

    def recv(self, bufsize, flags=0, /):
        bufsize = _size(bufsize)
        if bufsize < 0:
            raise ValueError("negative buffersize in recv")
        return self._call(_IN, _n.recv, bufsize, _int(flags), flags_at=1)

    def recv_into(self, buffer, nbytes=0, flags=0):
        view = _writable(buffer, 'recv_into')
        nbytes = _size(nbytes)
        if nbytes < 0:
            raise ValueError("negative buffersize in recv_into")
        if nbytes > len(view):
            raise ValueError("buffer too small for requested bytes")
        data = self._call(_IN, _n.recv, nbytes or len(view), _int(flags), flags_at=1)
        view[:len(data)] = data
        return len(data)

    def recvfrom(self, bufsize, flags=0, /):
        bufsize = _size(bufsize)
        if bufsize < 0:
            raise ValueError("negative buffersize in recvfrom")
        data, address = self._call(_IN, _n.recvfrom, bufsize, _int(flags), flags_at=1)
        return data, _unpack(self._fd, address, self._family)

    def recvfrom_into(self, buffer, nbytes=0, flags=0):
        view = _writable(buffer, 'recvfrom_into')
        nbytes = _size(nbytes)
        if nbytes < 0:
            raise ValueError("negative buffersize in recvfrom_into")
        if nbytes > len(view):
            raise ValueError("nbytes is greater than the length of the buffer")
        data, address = self._call(_IN, _n.recvfrom, nbytes or len(view), _int(flags), flags_at=1)
        view[:len(data)] = data
        return len(data), _unpack(self._fd, address, self._family)

    def _recvmsg(self, size, ancbufsize, flags):
        ancbufsize = _size(ancbufsize)
        if not 0 <= ancbufsize <= 0x7fffffff:
            raise ValueError("invalid ancillary data buffer length")
        data, ancillary, flags, address = self._call(_IN, _n.recvmsg, size, ancbufsize, _int(flags),
                                                     flags_at=2)
        return data, ancillary, flags, _unpack(self._fd, address, self._family)

    def recvmsg(self, bufsize, ancbufsize=0, flags=0, /):
        bufsize = _size(bufsize)
        if bufsize < 0:
            raise ValueError("negative buffer size in recvmsg()")
        return self._recvmsg(bufsize, ancbufsize, flags)

    def recvmsg_into(self, buffers, ancbufsize=0, flags=0, /):
        try:
            buffers = list(buffers)
        except TypeError:
            raise TypeError("recvmsg_into() argument 1 must be an iterable") from None
        views = [_writable(b, 'recvmsg_into', True) for b in buffers]
        data, ancillary, flags, address = self._recvmsg(sum([len(v) for v in views]), ancbufsize, flags)
        at = 0
        for view in views:
            part = data[at:at + len(view)]
            view[:len(part)] = part
            at += len(part)
        return len(data), ancillary, flags, address

    # Sending.

    def send(self, data, flags=0, /):
        return self._call(_OUT, _n.send, _bytes(data), _int(flags), flags_at=1)

    def sendall(self, data, flags=0, /):
        data, flags = memoryview(_bytes(data)), _int(flags)
        wait = self._timeout
        deadline = None if not wait else _now() + wait
        if not len(data):
            self._call(_OUT, _n.send, b'', flags, flags_at=1)
            return
        while len(data):
            if deadline is not None:
                self._ready(_OUT, deadline)
                try:
                    sent = _blocking.retry(_n.send, self._fd, data, flags | MSG_DONTWAIT)
                except BlockingIOError:
                    continue
            else:
                sent = self._call(_OUT, _n.send, data, flags, flags_at=1)
            data = data[sent:]
            # A signal that comes while some data was sent shows in nothing but the count.
            _signal._deliver()

    def sendto(self, data, *args):
        if not 1 <= len(args) <= 2:
            raise TypeError(f"sendto() takes 2 or 3 arguments ({len(args) + 1} given)")
        data = _bytes(data)
        flags = _int(args[0]) if len(args) == 2 else 0
        raw = _pack(self, args[-1], 'sendto')
        _sys.audit('socket.sendto', self, args[-1])
        return self._call(_OUT, _n.sendto, data, flags, raw, flags_at=1)

    def sendmsg(self, buffers, ancdata=(), flags=0, address=None, /):
        try:
            buffers = list(buffers)
        except TypeError:
            raise TypeError("sendmsg() argument 1 must be an iterable") from None
        parts = [_bytes(b) for b in buffers]
        try:
            ancdata = list(ancdata)
        except TypeError:
            raise TypeError("sendmsg() argument 2 must be an iterable") from None
        ancillary = []
        for item in ancdata:
            if not isinstance(item, tuple):
                raise TypeError("[sendmsg() ancillary data items]() argument must be 3-item tuple, not "
                                f"{type(item).__name__}")
            if len(item) != 3:
                raise TypeError("[sendmsg() ancillary data items]() argument must be tuple of length 3, "
                                f"not {len(item)}")
            ancillary.append((_int(item[0]), _int(item[1]), _bytes(item[2])))
        raw = None if address is None else _pack(self, address, 'sendmsg')
        return self._call(_OUT, _n.sendmsg, parts, ancillary, _int(flags), raw, flags_at=2)

    def sendmsg_afalg(self, msg=(), *, op, iv=None, assoclen=None, flags=0):
        if self._family != AF_ALG:
            raise OSError("algset is only supported for AF_ALG")
        ancillary = [(SOL_ALG, ALG_SET_OP, _int(op).to_bytes(4, 'little'))]
        if iv is not None:
            iv = _bytes(iv)
            ancillary.append((SOL_ALG, ALG_SET_IV, len(iv).to_bytes(4, 'little') + bytes(iv)))
        if assoclen is not None:
            if assoclen < 0:
                raise TypeError("assoclen must be positive")
            ancillary.append((SOL_ALG, ALG_SET_AEAD_ASSOCLEN, assoclen.to_bytes(4, 'little')))
        return self.sendmsg(msg, ancillary, flags)


SocketType = _immutable(socket)


def _bytes(data):
    if isinstance(data, bytes):
        return data
    try:
        return memoryview(data).cast('B') if memoryview(data).contiguous else memoryview(data).tobytes()
    except TypeError:
        raise TypeError(f"a bytes-like object is required, not '{type(data).__name__}'") from None


def _writable(buffer, who, listed=False):
    try:
        view = memoryview(buffer)
    except TypeError:
        view = None
    if view is None or view.readonly:
        if listed:
            raise TypeError("recvmsg_into() argument 1 must be an iterable of single-segment "
                            "read-write buffers")
        raise TypeError(f"{who}() argument 1 must be read-write bytes-like object, not "
                        f"{type(buffer).__name__}")
    return view.cast('B')


def _option(fd, option):
    return int.from_bytes(_n.getsockopt(fd, SOL_SOCKET, option, 4), 'little')


def socketpair(family=None, type=1, proto=0, /):
    family = AF_UNIX if family is None else _int(family)
    fds = _n.socketpair(family, _int(type), _int(proto))
    return tuple([socket(family, type, proto, fd) for fd in fds])


def close(fd, /):
    try:
        _posix.close(_int(fd))
    except ConnectionResetError:
        pass


def dup(fd, /):
    return _numbers.dup(_int(fd))


def gethostname():
    _sys.audit('socket.gethostname')
    return _posix.uname().nodename


def sethostname(name, /):
    _sys.audit('socket.sethostname', name)
    _n.sethostname(_posix.fspath(name).encode() if not isinstance(name, bytes) else name)


def _swap(value, size):
    if not hasattr(type(value), '__index__'):
        raise TypeError(f"'{type(value).__name__}' object cannot be interpreted as an integer")
    value = value.__index__()
    if value < 0:
        raise ValueError("Cannot convert negative int")
    if value >> size * 8:
        raise OverflowError(f"Python int too large for C uint{size * 8}_t")
    return int.from_bytes(value.to_bytes(size, 'big'), 'little')


def htons(x, /):
    return _swap(x, 2)


def ntohs(x, /):
    return _swap(x, 2)


def htonl(x, /):
    return _swap(x, 4)


def ntohl(x, /):
    return _swap(x, 4)


def getservbyname(servicename, protocolname=None, /):
    _sys.audit('socket.getservbyname', servicename, protocolname)
    port = _n.getservbyname(servicename, protocolname)
    if port is None:
        raise OSError("service/proto not found")
    return port


def getservbyport(port, protocolname=None, /):
    if not 0 <= _int(port) <= 65535:
        raise OverflowError("getservbyport: port must be 0-65535.")
    _sys.audit('socket.getservbyport', port, protocolname)
    name = _n.getservbyport(port, protocolname)
    if name is None:
        raise OSError("port/proto not found")
    return name


def getprotobyname(protocolname, /):
    number = _n.getprotobyname(protocolname)
    if number is None:
        raise OSError("protocol not found")
    return number


def if_nameindex():
    return _n.if_nameindex()


def if_nametoindex(oname, /):
    index = _n.if_nametoindex(_posix._posix_io._encoded(oname))
    if not index:
        raise OSError(19, "No such device")
    return index


def if_indextoname(if_index, /):
    if if_index < 0:
        raise ValueError("Cannot convert negative int")
    if if_index > 0xffffffff:
        raise OverflowError("Python int too large for C unsigned int")
    return _n.if_indextoname(if_index)


def _control_length(length, name, space):
    length = _size(length)
    if not 0 <= length <= 0x7fffffff - (24 if space else 16):
        raise OverflowError(f"{name}() argument out of range")
    return 16 + (length + 7 & ~7 if space else length)


def CMSG_LEN(length, /):
    return _control_length(length, 'CMSG_LEN', False)


def CMSG_SPACE(length, /):
    return _control_length(length, 'CMSG_SPACE', True)

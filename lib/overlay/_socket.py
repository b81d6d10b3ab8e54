# native: names of `socket`; making one waits for the host's network.

AF_UNSPEC, AF_UNIX, AF_INET, AF_INET6 = 0, 1, 2, 10
SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_RDM, SOCK_SEQPACKET = 1, 2, 3, 4, 5
SOCK_NONBLOCK, SOCK_CLOEXEC = 2048, 524288
SOL_SOCKET, SO_REUSEADDR, SO_TYPE, SO_ERROR, SO_BROADCAST, SO_KEEPALIVE = 1, 2, 3, 4, 6, 9
SO_REUSEPORT, SO_SNDBUF, SO_RCVBUF, SO_LINGER, SOMAXCONN = 15, 7, 8, 13, 4096
IPPROTO_IP, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_IPV6, IPPROTO_ICMP = 0, 6, 17, 41, 1
IPV6_V6ONLY, TCP_NODELAY, SHUT_RD, SHUT_WR, SHUT_RDWR = 26, 1, 0, 1, 2
AI_PASSIVE, AI_CANONNAME, AI_NUMERICHOST, AI_NUMERICSERV, AI_ADDRCONFIG = 1, 2, 4, 1024, 32
EAI_NONAME, EAI_FAMILY, EAI_SERVICE, EAI_AGAIN, EAI_FAIL = -2, -6, -8, -3, -4
NI_NUMERICHOST, NI_NUMERICSERV, NI_DGRAM = 1, 2, 16
MSG_PEEK, MSG_OOB, MSG_DONTWAIT, MSG_WAITALL, MSG_NOSIGNAL, MSG_CTRUNC = 2, 1, 64, 256, 16384, 8
SCM_RIGHTS, INADDR_ANY, INADDR_LOOPBACK, INADDR_BROADCAST = 1, 0, 0x7f000001, 0xffffffff
has_ipv6 = True
error, timeout = OSError, TimeoutError


class herror(OSError):
    __module__ = 'socket'


class gaierror(OSError):
    __module__ = 'socket'


class socket:
    __slots__ = ()

    def __init__(self, family=-1, type=-1, proto=-1, fileno=None):
        raise OSError(93, "sockets are not available yet")


SocketType = socket
_default = [None]


def getdefaulttimeout():
    return _default[0]


def setdefaulttimeout(timeout, /):
    _default[0] = timeout


def gethostname():
    import _posix_native
    return _posix_native.uname()[1]


def getaddrinfo(host, port, family=0, type=0, proto=0, flags=0):
    raise gaierror(EAI_FAIL, "name resolution is not available yet")


def close(fd, /):
    import _posix_native
    _posix_native.close(fd)


def dup(fd, /):
    import _posix_native
    return _posix_native.dup(fd)


def htons(x, /):
    return int.from_bytes(x.to_bytes(2, 'big'), 'little')


def htonl(x, /):
    return int.from_bytes(x.to_bytes(4, 'big'), 'little')


ntohs, ntohl = htons, htonl


def inet_aton(text, /):
    parts = text.split('.')
    if len(parts) != 4 or not all(p.isdecimal() and int(p) < 256 for p in parts):
        raise OSError("illegal IP address string passed to inet_aton")
    return bytes([int(p) for p in parts])


def inet_ntoa(packed, /):
    if len(packed) != 4:
        raise OSError("packed IP wrong length")
    return '.'.join([str(b) for b in packed])


def CMSG_LEN(length, /):
    return length + 16


def CMSG_SPACE(length, /):
    return (length + 7 & ~7) + 16

# native: socket addresses between Python's tuples and the kernel's bytes, and name lookups. Part of
# `_socket`. CPython's counterpart: Modules/socketmodule.c.

import _socket_native as _n
from _socket_constants import NUMBERS as _NUMBERS

AF_UNSPEC, AF_UNIX, AF_INET, AF_INET6 = 0, 1, 2, 10
AF_NETLINK, AF_PACKET, AF_VSOCK, AF_ALG = 16, 17, 40, 38


class herror(OSError):
    pass


class gaierror(OSError):
    pass


herror.__module__ = gaierror.__module__ = 'socket'


def _lookup_error(code):
    if code == _NUMBERS['EAI_SYSTEM']:
        return OSError(5, "Input/output error")
    return gaierror(code, _n.gai_strerror(code))


def _int(value):
    if not hasattr(type(value), '__index__'):
        raise TypeError(f"'{type(value).__name__}' object cannot be interpreted as an integer")
    return value.__index__()


def _host_bytes(host):
    """A host name as bytes: IDNA for what is not ASCII."""
    if isinstance(host, str):
        if host.isascii():
            return host.encode('ascii')
        return host.encode('idna')
    if isinstance(host, (bytes, bytearray)):
        return bytes(host)
    raise TypeError(f"str, bytes or bytearray expected, not {type(host).__name__}")


def _resolve(host, family):
    """The packed address of a host name."""
    host = _host_bytes(host)
    if host == b'':
        rows = _n.getaddrinfo(None, '0', family, 2, 0, 1)
        if type(rows) is int:
            raise _lookup_error(rows)
        return rows[0][4]
    if host in (b'255.255.255.255', b'<broadcast>'):
        if family not in (AF_INET, AF_UNSPEC):
            raise OSError("address family mismatched")
        return b'\2\0\0\0\xff\xff\xff\xff' + bytes(8)
    rows = _n.getaddrinfo(host, None, family, 0, 0, 0)
    if type(rows) is int:
        raise _lookup_error(rows)
    return rows[0][4]


def _port(port, who):
    port = _int(port)
    if not -1 << 31 <= port < 1 << 31:
        raise OverflowError("Python int too large to convert to C int")
    if not 0 <= port <= 0xffff:
        raise OverflowError(f"{who}(): port must be 0-65535.")
    return port.to_bytes(2, 'big')


def pack(sock, address, who):
    """The address of a call on a socket."""
    family = sock._family
    if family == AF_UNIX:
        if isinstance(address, str):
            path = address.encode('utf-8', 'surrogateescape')
        else:
            try:
                path = bytes(memoryview(address))
            except TypeError:
                raise TypeError(f"a bytes-like object is required, not "
                                f"'{type(address).__name__}'") from None
        limit = 108 if path[:1] == b'\0' else 107
        if len(path) > limit:
            raise OSError("AF_UNIX path too long")
        return b'\1\0' + path + (b'' if path[:1] in (b'\0', b'') else b'\0')
    if family == AF_INET:
        if not isinstance(address, tuple):
            raise TypeError(f"{who}(): AF_INET address must be tuple, not {type(address).__name__}")
        if len(address) != 2:
            raise TypeError("AF_INET address must be a pair (host, port)")
        port = _int(address[1])
        ip = _resolve(address[0], family)[4:8]
        return b'\2\0' + _port(port, who) + ip + bytes(8)
    if family == AF_INET6:
        if not isinstance(address, tuple):
            raise TypeError(f"{who}(): AF_INET6 address must be tuple, not {type(address).__name__}")
        if not 2 <= len(address) <= 4:
            raise TypeError("AF_INET6 address must be a tuple (host, port[, flowinfo[, scopeid]])")
        port = _int(address[1])
        flow = _int(address[2]) if len(address) > 2 else 0
        scope = _int(address[3]) if len(address) > 3 else 0
        raw = _resolve(address[0], family)
        port = _port(port, who)
        if not 0 <= flow <= 0xfffff:
            raise OverflowError(f"{who}(): flowinfo must be 0-1048575.")
        scope = scope.to_bytes(4, 'little') if scope else raw[24:28]
        return b'\n\0' + port + flow.to_bytes(4, 'big') + raw[8:24] + scope
    if family == AF_NETLINK:
        if not isinstance(address, tuple) or len(address) != 2:
            raise TypeError(f"{who}(): AF_NETLINK address must be tuple, not {type(address).__name__}")
        pid, groups = [_int(x) & 0xffffffff for x in address]
        return b'\x10\0\0\0' + pid.to_bytes(4, 'little') + groups.to_bytes(4, 'little')
    if family == AF_VSOCK:
        if not isinstance(address, tuple):
            raise TypeError(f"getsockaddrarg: AF_VSOCK address must be tuple, not "
                            f"{type(address).__name__}")
        cid, port = [_int(x) & 0xffffffff for x in address]
        return b'\x28\0\0\0' + port.to_bytes(4, 'little') + cid.to_bytes(4, 'little') + bytes(4)
    if family == AF_PACKET:
        if not isinstance(address, tuple) or not 2 <= len(address) <= 5:
            raise TypeError(f"{who}(): AF_PACKET address must be a tuple of two to five elements")
        index = _n.if_nametoindex(address[0])
        proto = _int(address[1])
        if not 0 <= proto <= 0xffff:
            raise OverflowError(f"{who}(): proto must be 0-65535.")
        kind, hatype, hwaddr = (*address[2:], 0, 0, b'')[:3] if len(address) < 5 else address[2:]
        if len(address) == 4:
            hwaddr = b''
        return (b'\x11\0' + proto.to_bytes(2, 'big') + index.to_bytes(4, 'little')
                + int(hatype).to_bytes(2, 'little') + bytes([kind, len(hwaddr)])
                + bytes(hwaddr).ljust(8, b'\0'))
    if family == AF_ALG:
        if not isinstance(address, tuple) or not 2 <= len(address) <= 4:
            raise TypeError(f"{who}(): AF_ALG address must be tuple, not {type(address).__name__}")
        kind, name, feat, mask = (*address, 0, 0)[:4]
        return (b'\x26\0' + kind.encode().ljust(14, b'\0') + feat.to_bytes(4, 'little')
                + mask.to_bytes(4, 'little') + name.encode().ljust(64, b'\0'))
    raise OSError(f"{who}(): bad family")


def unpack(fd, raw, family=None):
    """What Python shows for the kernel's bytes."""
    if len(raw) < 2:
        # An unbound socket of the Unix family, or no address at all.
        return '' if family == AF_UNIX and raw else None
    family = int.from_bytes(raw[:2], 'little')
    if family == AF_INET:
        return _n.ntop(raw[4:8]), int.from_bytes(raw[2:4], 'big')
    if family == AF_INET6:
        return (_n.ntop(raw[8:24]), int.from_bytes(raw[2:4], 'big'), int.from_bytes(raw[4:8], 'big'),
                int.from_bytes(raw[24:28], 'little'))
    if family == AF_UNIX:
        path = raw[2:]
        if path[:1] == b'\0':
            return path
        return path.split(b'\0')[0].decode('utf-8', 'surrogateescape')
    if family == AF_NETLINK:
        return int.from_bytes(raw[4:8], 'little'), int.from_bytes(raw[8:12], 'little')
    if family == AF_VSOCK:
        return int.from_bytes(raw[8:12], 'little'), int.from_bytes(raw[4:8], 'little')
    if family == AF_PACKET:
        try:
            name = _n.if_indextoname(int.from_bytes(raw[4:8], 'little'))
        except OSError:
            name = ''
        return (name, int.from_bytes(raw[2:4], 'big'), raw[10], int.from_bytes(raw[8:10], 'little'),
                raw[12:12 + raw[11]])
    return family, raw[2:]


def getaddrinfo(host, port, family=0, type=0, proto=0, flags=0):
    if host is not None:
        if isinstance(host, str):
            host = _host_bytes(host)
        elif not isinstance(host, bytes):
            raise TypeError("getaddrinfo() argument 1 must be string or None")
    if isinstance(port, int):
        if not -1 << 63 <= port < 1 << 64:
            raise OverflowError("Python int too large to convert to C long")
        # As the C library reads a number that is no port.
        port = str(int(port) & 0xffff if port > 0xffffffff else int(port))
    elif isinstance(port, str):
        port = port.encode('utf-8')
    elif port is not None and not isinstance(port, bytes):
        raise OSError("Int or String expected")
    rows = _n.getaddrinfo(host, port, _int(family), _int(type), _int(proto), _int(flags))
    if rows.__class__ is int:
        raise _lookup_error(rows)
    return [(f, t, p, name, unpack(-1, raw)) for f, t, p, name, raw in rows]


def getnameinfo(sockaddr, flags, /):
    if not isinstance(sockaddr, tuple):
        raise TypeError("getnameinfo() argument 1 must be a tuple")
    if not 2 <= len(sockaddr) <= 4:
        raise TypeError("getnameinfo(): illegal sockaddr argument")
    host, port = sockaddr[:2]
    if not isinstance(host, str):
        raise TypeError("getnameinfo(): illegal sockaddr argument")
    flow = _int(sockaddr[2]) if len(sockaddr) > 2 else 0
    scope = _int(sockaddr[3]) if len(sockaddr) > 3 else 0
    if not 0 <= flow <= 0xfffff:
        raise OverflowError("getnameinfo(): flowinfo must be 0-1048575.")
    rows = _n.getaddrinfo(host, str(_int(port)), 0, 2, 0, 4)
    if type(rows) is int:
        raise _lookup_error(rows)
    if len(rows) > 1:
        raise OSError("sockaddr resolved to multiple addresses")
    raw = rows[0][4]
    if rows[0][0] == AF_INET:
        if len(sockaddr) != 2:
            raise OSError("IPv4 sockaddr must be 2 tuple")
    else:
        raw = raw[:4] + flow.to_bytes(4, 'big') + raw[8:24] + scope.to_bytes(4, 'little')
    found = _n.getnameinfo(raw, _int(flags))
    if type(found) is int:
        raise _lookup_error(found)
    return found


def gethostbyname(hostname, /):
    return _n.ntop(_resolve(hostname, AF_INET)[4:8])


def gethostbyname_ex(hostname, /):
    host = _host_bytes(hostname)
    rows = _n.getaddrinfo(host, None, AF_INET, 1, 0, 2)
    if type(rows) is int:
        raise _lookup_error(rows)
    return rows[0][3] or host.decode(), [], [_n.ntop(row[4][4:8]) for row in rows]


def gethostbyaddr(ip_address, /):
    raw = _resolve(ip_address, AF_UNSPEC)
    found = _n.getnameinfo(raw, 8)
    if type(found) is int:
        raise herror(1, "Unknown host")
    return found[0], [], [unpack(-1, raw)[0]]


def inet_aton(ip_addr, /):
    if not isinstance(ip_addr, str):
        raise TypeError(f"inet_aton() argument 1 must be str, not {type(ip_addr).__name__}")
    wrong = OSError("illegal IP address string passed to inet_aton")
    # What follows white space is not looked at.
    text = ip_addr.split()[0] if ip_addr[:1].strip() else ''
    parts = []
    for part in text.split('.'):
        try:
            if part[:2].lower() == '0x':
                value = int(part[2:] or '0', 16)
            elif part[:1] == '0':
                value = int(part, 8)
            else:
                value = int(part, 10)
        except ValueError:
            raise wrong from None
        if not part.isalnum():
            raise wrong
        parts.append(value)
    if not 1 <= len(parts) <= 4:
        raise wrong
    # The last part takes the bytes that are left.
    last = parts.pop()
    size = 4 - len(parts)
    if last >> 8 * size or [p for p in parts if p > 255]:
        raise wrong
    return bytes(parts) + last.to_bytes(size, 'big')


def inet_ntoa(packed_ip, /):
    packed = bytes(_view(packed_ip))
    if len(packed) != 4:
        raise OSError("packed IP wrong length for inet_ntoa")
    return _n.ntop(packed)


def _view(data):
    try:
        return memoryview(data)
    except TypeError:
        raise TypeError(f"a bytes-like object is required, not '{type(data).__name__}'") from None


def inet_pton(address_family, ip_string, /):
    if address_family not in (AF_INET, AF_INET6):
        raise OSError(97, "Address family not supported by protocol")
    packed = _n.pton(address_family == AF_INET6, ip_string)
    if packed is None:
        raise OSError("illegal IP address string passed to inet_pton")
    return packed


def inet_ntop(address_family, packed_ip, /):
    packed = bytes(_view(packed_ip))
    if address_family not in (AF_INET, AF_INET6):
        raise ValueError(f"unknown address family {address_family}")
    if len(packed) != (4 if address_family == AF_INET else 16):
        raise ValueError("invalid length of packed IP address string")
    return _n.ntop(packed)

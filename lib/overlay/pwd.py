# native: the database of users. CPython's counterpart: Modules/pwdmodule.c.

"""The table of users."""

import _accounts_native as _n
import _structseq

struct_passwd, _new = _structseq.make(
    'pwd.struct_passwd', ['pw_name', 'pw_passwd', 'pw_uid', 'pw_gid', 'pw_gecos', 'pw_dir', 'pw_shell'])


def getpwnam(name, /):
    if not isinstance(name, str):
        raise TypeError(f"getpwnam() argument must be str, not {type(name).__name__}")
    if '\0' in name:
        raise ValueError("embedded null byte")
    name.encode('utf-8', 'surrogateescape')
    found = _n.user_by_name(name)
    if found is None:
        raise KeyError(f"getpwnam(): name not found: {name!r}")
    return _new(found)


def getpwuid(uidobj, /):
    if not hasattr(type(uidobj), '__index__'):
        raise TypeError(f"uid should be integer, not {type(uidobj).__name__}")
    uid = uidobj.__index__()
    if not -1 <= uid <= 0xffffffff:
        raise KeyError("getpwuid(): uid not found")
    found = _n.user_by_id(uid)
    if found is None:
        raise KeyError(f"getpwuid(): uid not found: {uid}")
    return _new(found)


def getpwall():
    return [_new(found) for found in _n.users()]

# native: the database of groups. CPython's counterpart: Modules/grpmodule.c.

"""The table of groups."""

import _accounts_native as _n
import _structseq

struct_group, _new = _structseq.make('grp.struct_group', ['gr_name', 'gr_passwd', 'gr_gid', 'gr_mem'])


def getgrgid(id):
    if not hasattr(type(id), '__index__'):
        raise TypeError(f"gid should be integer, not {type(id).__name__}")
    gid = id.__index__()
    if gid < -1:
        raise OverflowError("gid is less than minimum")
    if gid > 0xffffffff:
        raise OverflowError("gid is greater than maximum")
    found = _n.group_by_id(gid)
    if found is None:
        raise KeyError(f"getgrgid(): gid not found: {gid}")
    return _new(found)


def getgrnam(name):
    if not isinstance(name, str):
        raise TypeError(f"getgrnam() argument 'name' must be str, not {type(name).__name__}")
    if '\0' in name:
        raise ValueError("embedded null byte")
    name.encode('utf-8', 'surrogateescape')
    found = _n.group_by_name(name)
    if found is None:
        raise KeyError(f"getgrnam(): name not found: {name!r}")
    return _new(found)


def getgrall():
    return [_new(found) for found in _n.groups()]

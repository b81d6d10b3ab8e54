# native: weak references. CPython's counterpart: Objects/weakrefobject.c.

"""Weak references."""

from _weakref_native import ref, ReferenceType, getweakrefcount, getweakrefs, _remove_dead_weakref

# Every start needs weak references, few programs need proxies.
_proxies = ('proxy', 'ProxyType', 'CallableProxyType')


def __getattr__(name):
    if name in _proxies:
        import _weakref_proxies
        own = (lambda: 0).__globals__
        for found in _proxies:
            own[found] = getattr(_weakref_proxies, found)
        return own[name]
    raise AttributeError(f"module '_weakref' has no attribute {name!r}")


def __dir__():
    return sorted({*(lambda: 0).__globals__, *_proxies})

# Hidden functions that the runtime calls; see crates/runtime/src/intrinsics.rs. Their frames are
# invisible, and names resolve in a sealed namespace.

def type_new(meta, name, bases, ns, kwds):
    cls = _new_class(meta, name, bases, ns, None)
    return cls


def build_class(func, name, /, *bases, metaclass=None, **kwds):
    meta = metaclass
    if meta is None:
        meta = _type(bases[0]) if bases else type
    ns = {}
    cell = _run_in(func, ns)
    return meta(name, bases, ns, **kwds)

# Hidden functions that the runtime calls; see crates/runtime/src/intrinsics.rs. Their frames are
# invisible, and names resolve in a sealed namespace that also holds the private natives (`_name`).

_missing = object()


# Classes.

def type_new(meta, name, bases, ns, kwds):
    if not isinstance(name, str):
        raise TypeError(f"type.__new__() argument 1 must be str, not {_type(name).__name__}")
    if not isinstance(bases, tuple):
        raise TypeError(f"type.__new__() argument 2 must be tuple, not {_type(bases).__name__}")
    if not isinstance(ns, dict):
        raise TypeError(f"type.__new__() argument 3 must be dict, not {_type(ns).__name__}")
    for base in bases:
        if not isinstance(base, type):
            if hasattr(base, '__mro_entries__'):
                raise TypeError("type() doesn't support MRO entry resolution; use types.new_class()")
            raise TypeError("bases must be types")
    winner = _metaclass(meta, bases)
    if winner is not meta:
        if winner.__new__ is not type.__new__:
            return winner.__new__(winner, name, bases, ns, **kwds)
        meta = winner
    slots = ns.get('__slots__', _missing)
    if slots is _missing:
        slots = None
    elif isinstance(slots, str):
        slots = (slots,)
    else:
        slots = tuple(slots)
    cls = _new_class(meta, name, bases, ns, slots)
    if _type_lookup(meta, 'mro', None) is not _type_lookup(type, 'mro', None):
        _set_mro(cls, tuple(cls.mro()))
    for attr, value in list(ns.items()):
        set_name = _type_lookup(_type(value), '__set_name__', None)
        if set_name is not None:
            try:
                set_name.__get__(value, _type(value))(cls, attr)
            except BaseException as e:
                e.add_note(f"Error calling __set_name__ on '{_type(value).__name__}' instance"
                           f" {attr!r} in {name!r}")
                raise
    super(cls, cls).__init_subclass__(**kwds)
    return cls


def build_class(func, name, /, *bases, **kwds):
    if not _is_function(func):
        raise TypeError("__build_class__: func must be a function")
    if not isinstance(name, str):
        raise TypeError("__build_class__: name is not a string")
    resolved = bases
    for base in bases:
        if not isinstance(base, type):
            resolved = resolve_bases(bases)
            break
    if 'metaclass' in kwds:
        meta = kwds.pop('metaclass')
    else:
        meta = _type(resolved[0]) if resolved else type
    if isinstance(meta, type):
        meta = _metaclass(meta, resolved)
    prepare = getattr(meta, '__prepare__', None)
    if prepare is None:
        ns = {}
    else:
        ns = prepare(name, resolved, **kwds)
        if not _is_mapping(ns):
            who = meta.__name__ if isinstance(meta, type) else '<metaclass>'
            raise TypeError(f"{who}.__prepare__() must return a mapping, not {_type(ns).__name__}")
    cell = _run_in(func, ns)
    if resolved is not bases and resolved != bases:
        ns['__orig_bases__'] = bases
    cls = meta(name, resolved, ns, **kwds)
    if cell is not None and isinstance(cls, type):
        _check_class_cell(cell, cls, name)
    return cls


def resolve_bases(bases):
    out = []
    for base in bases:
        if isinstance(base, type):
            out.append(base)
            continue
        entries = getattr(base, '__mro_entries__', None)
        if entries is None:
            out.append(base)
            continue
        new = entries(bases)
        if not isinstance(new, tuple):
            raise TypeError("__mro_entries__ must return a tuple")
        out.extend(new)
    return tuple(out)


def abstract_error(cls):
    names = sorted(cls.__abstractmethods__)
    quoted = ', '.join(f"'{n}'" for n in names)
    plural = 's' if len(names) > 1 else ''
    raise TypeError(f"Can't instantiate abstract class {cls.__name__} without an implementation "
                    f"for abstract method{plural} {quoted}")


# isinstance, issubclass.

def isinstance_(obj, cls):
    if _type(obj) is cls:
        return True
    if _type(cls) is type:
        return _object_isinstance(obj, cls)
    if _is_union(cls):
        cls = cls.__args__
    if isinstance_exact(cls, tuple):
        for c in cls:
            if isinstance(obj, c):
                return True
        return False
    check = _type_lookup(_type(cls), '__instancecheck__', None)
    if check is not None:
        return bool(check.__get__(cls, _type(cls))(obj))
    return _object_isinstance(obj, cls)


def isinstance_exact(obj, cls):
    return cls in _type(obj).__mro__


def issubclass_(sub, cls):
    if _type(cls) is type:
        if sub is cls:
            return True
        return _object_issubclass(sub, cls)
    if _is_union(cls):
        cls = cls.__args__
    if isinstance_exact(cls, tuple):
        for c in cls:
            if issubclass(sub, c):
                return True
        return False
    check = _type_lookup(_type(cls), '__subclasscheck__', None)
    if check is not None:
        return bool(check.__get__(cls, _type(cls))(sub))
    return _object_issubclass(sub, cls)


def recursive_isinstance(obj, cls):
    if _is_type(cls):
        if _real_isinstance(obj, cls):
            return True
        other = getattr(obj, '__class__', None)
        return other is not _type(obj) and _is_type(other) and cls in other.__mro__
    abstract_bases(cls, "isinstance() arg 2 must be a type, a tuple of types, or a union")
    other = getattr(obj, '__class__', None)
    return other is not None and abstract_issubclass(other, cls)


def recursive_issubclass(sub, cls):
    if _is_type(cls) and _is_type(sub):
        return cls in sub.__mro__
    abstract_bases(sub, "issubclass() arg 1 must be a class")
    if not _is_union(cls):
        abstract_bases(cls, "issubclass() arg 2 must be a class, a tuple of classes, or a union")
    return abstract_issubclass(sub, cls)


def abstract_bases(cls, message):
    bases = getattr(cls, '__bases__', None)
    if not isinstance(bases, tuple):
        raise TypeError(message)
    return bases


def abstract_issubclass(derived, cls):
    work = [derived]
    while work:
        c = work.pop()
        if c is cls:
            return True
        bases = getattr(c, '__bases__', None)
        if isinstance(bases, tuple):
            work.extend(bases)
    return False


# Iteration.

def sorted_(iterable, key, reverse):
    result = list(iterable)
    list_sort(result, key, reverse)
    return result


def list_sort(lst, key, reverse):
    items = _take_items(lst)
    result = items
    try:
        if key is None:
            keys = items
        else:
            keys = [key(x) for x in items]
        done = _sort_native(keys, items, reverse)
        if done is not None:
            result = done
        else:
            result = merge_sort(keys, items, reverse)
    finally:
        changed = _put_items(lst, result)
    if changed:
        raise ValueError("list modified during sort")


def merge_sort(keys, items, reverse):
    # Stable; runs found first, so sorted input costs n - 1 comparisons.
    n = len(keys)
    order = list(range(n))
    if reverse:
        order.reverse()
    runs = []
    i = 0
    while i < n:
        j = i + 1
        if j < n:
            if keys[order[j]] < keys[order[i]]:
                j += 1
                while j < n and keys[order[j]] < keys[order[j - 1]]:
                    j += 1
                part = order[i:j]
                part.reverse()
            else:
                j += 1
                while j < n and not keys[order[j]] < keys[order[j - 1]]:
                    j += 1
                part = order[i:j]
            while j < n and len(part) < 16:
                x = order[j]
                kx = keys[x]
                lo, hi = 0, len(part)
                while lo < hi:
                    mid = (lo + hi) // 2
                    if kx < keys[part[mid]]:
                        hi = mid
                    else:
                        lo = mid + 1
                part.insert(lo, x)
                j += 1
        else:
            part = order[i:j]
        runs.append(part)
        i = j
    while len(runs) > 1:
        merged = []
        for k in range(0, len(runs) - 1, 2):
            a, b = runs[k], runs[k + 1]
            out = []
            x = y = 0
            na, nb = len(a), len(b)
            while x < na and y < nb:
                if keys[b[y]] < keys[a[x]]:
                    out.append(b[y])
                    y += 1
                else:
                    out.append(a[x])
                    x += 1
            out.extend(a[x:])
            out.extend(b[y:])
            merged.append(out)
        if len(runs) % 2:
            merged.append(runs[-1])
        runs = merged
    order = runs[0] if runs else []
    if reverse:
        order = order[::-1]
    return [items[i] for i in order]


def minimum(args, key, default, name, greater):
    if len(args) == 1:
        values = args[0]
    else:
        if default is not _unbound_marker:
            raise TypeError(f"Cannot specify a default for {name}() with multiple positional arguments")
        if not args:
            raise TypeError(f"{name} expected at least 1 argument, got 0")
        values = args
    best = best_key = _missing
    for x in values:
        k = x if key is None else key(x)
        if best is _missing:
            best, best_key = x, k
        elif greater:
            if k > best_key:
                best, best_key = x, k
        elif k < best_key:
            best, best_key = x, k
    if best is _missing:
        if default is not _unbound_marker:
            return default
        raise ValueError(f"{name}() iterable argument is empty")
    return best


_unbound_marker = object()


def min_(args, key, default):
    return minimum(args, key, default, 'min', False)


def max_(args, key, default):
    return minimum(args, key, default, 'max', True)


def unbound_marker():
    return _unbound_marker


def sum_(iterable, start):
    if isinstance(start, str):
        raise TypeError("sum() can't sum strings [use ''.join(seq) instead]")
    if isinstance(start, bytes):
        raise TypeError("sum() can't sum bytes [use b''.join(seq) instead]")
    if isinstance(start, bytearray):
        raise TypeError("sum() can't sum bytearray [use b''.join(seq) instead]")
    total = start
    for x in iterable:
        total = total + x
    return total


def all_(iterable):
    for x in iterable:
        if not x:
            return False
    return True


def any_(iterable):
    for x in iterable:
        if x:
            return True
    return False


def next_default(iterator, default):
    try:
        return next(iterator)
    except StopIteration:
        return default


def getattr_default(obj, name, default):
    try:
        return getattr(obj, name)
    except AttributeError:
        return default


def hasattr_(obj, name):
    try:
        getattr(obj, name)
    except AttributeError:
        return False
    return True


def dir_(obj):
    if obj is _missing_argument:
        names = _caller_locals()
        return sorted(names.keys())
    method = _type_lookup(_type(obj), '__dir__', None)
    if method is None:
        raise TypeError("object does not provide __dir__")
    return sorted(method.__get__(obj, _type(obj))())


_missing_argument = object()


def missing_argument():
    return _missing_argument


def object_dir(obj):
    names = {}
    d = getattr(obj, '__dict__', None)
    if isinstance(d, dict):
        names.update(dict.fromkeys(d))
    cls = getattr(obj, '__class__', None)
    if cls is not None:
        collect_names(cls, names)
    return list(names)


def type_dir(cls):
    names = {}
    collect_names(cls, names)
    return list(names)


def collect_names(cls, names):
    for c in getattr(cls, '__mro__', (cls,)):
        d = getattr(c, '__dict__', None)
        if d is not None:
            names.update(dict.fromkeys(d.keys()))


def round_(number, ndigits):
    method = _type_lookup(_type(number), '__round__', None)
    if method is None:
        raise TypeError(f"type {_type(number).__name__} doesn't define __round__ method")
    method = method.__get__(number, _type(number))
    return method() if ndigits is None else method(ndigits)


def print_(args, sep, end, file, flush):
    if file is None:
        file = _sys_attr('stdout')
        if file is None:
            return
    if sep is None:
        sep = ' '
    elif not isinstance(sep, str):
        raise TypeError(f"sep must be None or a string, not {_type(sep).__name__}")
    if end is None:
        end = '\n'
    elif not isinstance(end, str):
        raise TypeError(f"end must be None or a string, not {_type(end).__name__}")
    write = file.write
    first = True
    for x in args:
        if first:
            first = False
        else:
            write(sep)
        write(str(x))
    write(end)
    if flush:
        file.flush()


# Exceptions.

def eg_match(exc, cls):
    classes = cls if isinstance(cls, tuple) else (cls,)
    for c in classes:
        if not (_is_type(c) and issubclass(c, BaseException)):
            raise TypeError("catching classes that do not inherit from BaseException is not allowed")
        if issubclass(c, BaseExceptionGroup):
            raise TypeError("catching ExceptionGroup with except* is not allowed. Use except instead.")
    if exc is None:
        return None, None
    if isinstance(exc, classes):
        if isinstance(exc, BaseExceptionGroup):
            match = exc
        else:
            match = ExceptionGroup('', [exc]) if isinstance(exc, Exception) else \
                BaseExceptionGroup('', [exc])
            tb = exc.__traceback__
            if tb is not None:
                match.__traceback__ = tb
        return None, match
    if isinstance(exc, BaseExceptionGroup):
        match, rest = exc.split(cls)
        return rest, match
    return exc, None


def prep_reraise_star(orig, raised):
    if not raised:
        return None
    raised = [e for e in raised if e is not None]
    if not raised:
        return None
    if not isinstance(orig, BaseExceptionGroup):
        return raised[0]
    reraised = []
    new = []
    for e in raised:
        if is_same_metadata(e, orig):
            reraised.append(e)
        else:
            new.append(e)
    if reraised:
        leaves = set()
        for e in reraised:
            collect_leaves(e, leaves)
        group = orig.split(lambda x: id(x) in leaves)[0]
        if not new:
            return group
        new.append(group)
    if len(new) == 1:
        return new[0]
    return BaseExceptionGroup('', new)


def is_same_metadata(e, orig):
    if not isinstance(e, BaseExceptionGroup):
        return False
    return (e.__traceback__ is orig.__traceback__ and e.__cause__ is orig.__cause__
            and e.__context__ is orig.__context__)


def collect_leaves(e, ids):
    work = [e]
    while work:
        e = work.pop()
        if isinstance(e, BaseExceptionGroup):
            work.extend(e.exceptions)
        else:
            ids.add(id(e))


# Pattern matching.

def match_keys(subject, keys):
    seen = set()
    values = []
    get = subject.get
    dummy = object()
    for key in keys:
        if key in seen:
            raise ValueError(f"mapping pattern checks duplicate key ({key!r})")
        seen.add(key)
        value = get(key, dummy)
        if value is dummy:
            return None
        values.append(value)
    return tuple(values)


_self_match = (bool, bytearray, bytes, dict, float, frozenset, int, list, set, str, tuple)


def match_class(subject, cls, names, count):
    if not isinstance(subject, cls):
        return None
    attrs = []
    seen = set()
    if count:
        try:
            match_args = cls.__match_args__
            match_self = False
        except AttributeError:
            match_args = ()
            match_self = _flag_match_self(cls)
        else:
            if _type(match_args) is not tuple:
                raise TypeError(f"{cls.__name__}.__match_args__ must be a tuple "
                                f"(got {_type(match_args).__name__})")
        allowed = 1 if match_self else len(match_args)
        if allowed < count:
            plural = '' if allowed == 1 else 's'
            raise TypeError(f"{cls.__name__}() accepts {allowed} positional sub-pattern{plural} "
                            f"({count} given)")
        if match_self:
            attrs.append(subject)
        else:
            for i in range(count):
                name = match_args[i]
                if not isinstance(name, str):
                    raise TypeError("__match_args__ elements must be strings "
                                    f"(got {_type(name).__name__})")
                if name in seen:
                    raise TypeError(f"{cls.__name__}() got multiple sub-patterns for attribute {name!r}")
                seen.add(name)
                try:
                    attrs.append(getattr(subject, name))
                except AttributeError:
                    return None
    for name in names:
        if name in seen:
            raise TypeError(f"{cls.__name__}() got multiple sub-patterns for attribute {name!r}")
        seen.add(name)
        try:
            attrs.append(getattr(subject, name))
        except AttributeError:
            return None
    return tuple(attrs)


def _flag_match_self(cls):
    return any(c in _self_match for c in cls.__mro__)


# Import.

def import_from_fallback(module, name):
    modname = getattr(module, '__name__', None)
    if isinstance(modname, str):
        full = f"{modname}.{name}"
        found = _modules().get(full, _missing)
        if found is not _missing:
            return found
    else:
        modname = '<unknown module name>'
    file = getattr(module, '__file__', None)
    spec = getattr(module, '__spec__', None)
    if file is None:
        where = 'unknown location'
    else:
        where = file
    if spec is not None and getattr(spec, '_initializing', False):
        message = (f"cannot import name {name!r} from partially initialized module {modname!r} "
                   f"(most likely due to a circular import) ({where})")
    else:
        message = f"cannot import name {name!r} from {modname!r} ({where})"
    error = ImportError(message, name=modname, path=file)
    error.name_from = name
    raise error


def import_star(module, ns):
    d = getattr(module, '__dict__', None)
    names = getattr(module, '__all__', None)
    skip = False
    if names is None:
        if d is None:
            raise ImportError("from-import-* object has no __dict__ and no __all__")
        names = list(d.keys())
        skip = True
    for name in names:
        if not isinstance(name, str):
            where = f"{module.__name__}.__dict__" if skip else f"{module.__name__}.__all__"
            what = "Key" if skip else "Item"
            raise TypeError(f"{what} in {where} must be str, not {_type(name).__name__}")
        if skip and name.startswith('_'):
            continue
        ns[name] = getattr(module, name)


def warn_never_awaited(message):
    pass

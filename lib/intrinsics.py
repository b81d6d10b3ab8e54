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
    for attr, value, set_name in _set_names(ns):
        try:
            set_name.__get__(value, _type(value))(cls, attr)
        except BaseException as e:
            e.add_note(f"Error calling __set_name__ on '{_type(value).__name__}' instance"
                       f" {attr!r} in {name!r}")
            raise
    if kwds or _has_init_subclass(cls):
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
    while True:
        if derived is cls:
            return True
        bases = getattr(derived, '__bases__', None)
        if not isinstance(bases, tuple) or not bases:
            return False
        if len(bases) > 1:
            for base in bases:
                if abstract_issubclass(base, cls):
                    return True
            return False
        derived = bases[0]


# Iteration.

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
            match = ExceptionGroup('', (exc,)) if isinstance(exc, Exception) else \
                BaseExceptionGroup('', (exc,))
            tb = exc.__traceback__
            if tb is not None:
                match.__traceback__ = tb
        return None, match
    if isinstance(exc, BaseExceptionGroup):
        pair = exc.split(cls)
        if not isinstance(pair, tuple):
            raise TypeError(f"{_type(exc).__name__}.split must return a tuple, not {_type(pair).__name__}")
        if len(pair) < 2:
            raise TypeError(f"{_type(exc).__name__}.split must return a 2-tuple, "
                            f"got tuple of size {len(pair)}")
        return pair[1], pair[0]
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
    if getattr(e, '__notes__', None) is not getattr(orig, '__notes__', None):
        mine, theirs = getattr(e, '__notes__', None), getattr(orig, '__notes__', None)
        if mine is None or theirs is None or list(mine) != list(theirs):
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
    trouble, file = _import_trouble(getattr(module, '__spec__', None), modname, name)
    if file is None:
        file = getattr(module, '__file__', None)
        if not isinstance(file, str):
            file = None
    where = 'unknown location' if file is None else file
    message = f"cannot import name {name!r} from "
    if trouble == 'library':
        message += (f"{modname!r} (consider renaming {file!r} since it has the same name as the standard library "
                    f"module named {modname!r} and prevents importing that standard library module)")
    elif trouble == 'shadows':
        message += (f"{modname!r} (consider renaming {file!r} if it has the same name as a library you intended "
                    "to import)")
    elif trouble == 'initializing':
        message += (f"partially initialized module {modname!r} (most likely due to a circular import) "
                    f"({where})")
    else:
        message += f"{modname!r} ({where})"
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
        if _copy_public(d, ns):
            return
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


def warn_never_awaited(coroutine):
    warned = False
    try:
        import warnings
        warn = getattr(warnings, '_warn_unawaited_coroutine', None)
        if warn is not None:
            warn(coroutine)
            warned = True
    except BaseException as e:
        warned = isinstance(e, RuntimeWarning)
        unraisable(e, 'finalizing coroutine', coroutine)
    if not warned:
        try:
            from warnings import warn
            warn(f"coroutine '{coroutine.__qualname__}' was never awaited", RuntimeWarning,
                 stacklevel=1, source=coroutine)
        except BaseException as e:
            unraisable(e, 'finalizing coroutine', coroutine)


def warn_method_never_awaited(method, name, awaitable):
    try:
        from warnings import warn
        warn(f"coroutine method '{method}' of '{name}' was never awaited", RuntimeWarning,
             stacklevel=1, source=awaitable)
    except BaseException as e:
        unraisable(e, 'finalizing coroutine', awaitable)


def throw_deprecated(name):
    from warnings import warn
    warn(f"the (type, exc, tb) signature of {name}() is deprecated, use the single-arg signature "
         "instead.", DeprecationWarning, stacklevel=1)


def bytes_warning(text, answer):
    from warnings import warn
    warn(text, BytesWarning, stacklevel=1)
    return answer


def bytes_shown(text, value):
    bytes_warning(text, None)
    return repr(value)


# dict and its views.

def dict_update_pairs(d, pairs):
    i = 0
    for pair in pairs:
        try:
            pair = list(pair)
        except TypeError as e:
            if not hasattr(_type(pair), '__iter__') and not hasattr(_type(pair), '__getitem__'):
                e = TypeError("object is not iterable")
            e.add_note(f"Cannot convert dictionary update sequence element #{i} to a sequence")
            raise e from None
        if len(pair) != 2:
            raise ValueError(f"dictionary update sequence element #{i} has length {len(pair)}; "
                             "2 is required")
        dict.__setitem__(d, pair[0], pair[1])
        i += 1


def dict_fromkeys(cls, iterable, value):
    d = cls()
    if _type(d) is dict:
        for key in iterable:
            dict.__setitem__(d, key, value)
    else:
        for key in iterable:
            d[key] = value
    return d


def view_repr(view, name):
    if not _repr_enter(view):
        return "..."
    try:
        return f"{name}({list(view)!r})"
    finally:
        _repr_leave(view)


def items_contains(d, item):
    if not isinstance(item, tuple) or len(item) != 2:
        return False
    key, value = item
    found = dict.get(d, key, _missing)
    if found is _missing:
        return False
    return found is value or found == value


def _is_setlike(x):
    return isinstance(x, (set, frozenset, _dict_keys_type, _dict_items_type))


def view_compare(a, b, op):
    if not _is_setlike(b):
        return NotImplemented
    la, lb = len(a), len(b)
    if op == 2:
        return la == lb and _all_in(a, b)
    if op == 3:
        return not (la == lb and _all_in(a, b))
    if op == 0:
        return la < lb and _all_in(a, b)
    if op == 1:
        return la <= lb and _all_in(a, b)
    if op == 4:
        return la > lb and _all_in(b, a)
    return la >= lb and _all_in(b, a)


def _all_in(a, b):
    for x in a:
        if x not in b:
            return False
    return True


def view_and(a, b):
    if not isinstance(a, (_dict_keys_type, _dict_items_type)):
        a, b = b, a
    result = set()
    for x in b:
        if x in a:
            result.add(x)
    return result


def view_or(a, b):
    result = set(a)
    result.update(b)
    return result


def view_sub(a, b):
    result = set(a)
    result.difference_update(b)
    return result


def view_xor(a, b):
    result = set(a)
    result.symmetric_difference_update(b)
    return result


def view_isdisjoint(a, b):
    for x in b:
        if x in a:
            return False
    return True


# set and frozenset. Results have the builtin type of the left operand.

def _like(a, items):
    return frozenset(items) if isinstance(a, frozenset) else items


def set_compare(a, b, op):
    la, lb = len(a), len(b)
    if op == 2:
        return la == lb and _all_in(a, b)
    if op == 3:
        return not (la == lb and _all_in(a, b))
    if op == 0:
        return la < lb and _all_in(a, b)
    if op == 1:
        return la <= lb and _all_in(a, b)
    if op == 4:
        return la > lb and _all_in(b, a)
    return la >= lb and _all_in(b, a)


def set_and(a, b):
    return set_intersection(a, (b,))


def set_or(a, b):
    return set_union(a, (b,))


def set_sub(a, b):
    return set_difference(a, (b,))


def set_xor(a, b):
    return set_symmetric_difference(a, b)


def set_iand(a, b):
    set_intersection_update(a, (b,))
    return a


def set_ior(a, b):
    set.update(a, b)
    return a


def set_isub(a, b):
    set_difference_update(a, (b,))
    return a


def set_ixor(a, b):
    set_symmetric_difference_update(a, b)
    return a


def set_union(a, others):
    result = set(a)
    for other in others:
        result.update(other)
    return _like(a, result)


def set_update(a, others):
    for other in others:
        for x in list(other) if other is a else other:
            set.add(a, x)


def set_intersection(a, others):
    result = set(a)
    for other in others:
        keep = set()
        if isinstance(other, (set, frozenset)) and len(other) > len(result):
            for x in result:
                if x in other:
                    keep.add(x)
        else:
            for x in other:
                if x in result:
                    keep.add(x)
        result = keep
    return _like(a, result)


def set_intersection_update(a, others):
    result = set_intersection(set(a), others)
    set.clear(a)
    for x in result:
        set.add(a, x)


def set_difference(a, others):
    result = set(a)
    for other in others:
        if isinstance(other, (set, frozenset, dict)) and len(other) > len(result):
            for x in list(result):
                if x in other:
                    set.discard(result, x)
        else:
            for x in other:
                set.discard(result, x)
    return _like(a, result)


def set_difference_update(a, others):
    for other in others:
        for x in list(other) if other is a else other:
            set.discard(a, x)


def set_symmetric_difference(a, other):
    result = set(a)
    set_symmetric_difference_update(result, other)
    return _like(a, result)


def set_symmetric_difference_update(a, other):
    if other is a:
        set.clear(a)
        return
    if not isinstance(other, (set, frozenset)):
        other = set(other)
    for x in other:
        if x in a:
            set.discard(a, x)
        else:
            set.add(a, x)


def set_isdisjoint(a, other):
    for x in other:
        if x in a:
            return False
    return True


def set_issubset(a, other):
    if not isinstance(other, (set, frozenset)):
        other = set(other)
    return len(a) <= len(other) and _all_in(a, other)


def set_issuperset(a, other):
    for x in other:
        if x not in a:
            return False
    return True


def set_reduce(s):
    return _type(s), (list(s),), s.__getstate__()


# object.

def object_reduce_hook(obj, protocol):
    reduce = _type_lookup(_type(obj), '__reduce__', None)
    if reduce is not _type_lookup(object, '__reduce__', None):
        return reduce.__get__(obj, _type(obj))()
    return object_reduce_ex(obj, protocol)


def object_reduce_ex(obj, protocol):
    import_ = _sys_modules_copyreg()
    if protocol >= 2:
        return import_reduce_2(obj, protocol)
    return import_._reduce_ex(obj, protocol)


def _sys_modules_copyreg():
    m = _modules().get('copyreg')
    if m is None:
        m = __import__('copyreg')
    return m


def import_reduce_2(obj, protocol):
    cls = _type(obj)
    copyreg = _sys_modules_copyreg()
    new_ex = _type_lookup(cls, '__getnewargs_ex__', None)
    kwargs = None
    if new_ex is not None:
        result = new_ex.__get__(obj, cls)()
        if not isinstance(result, tuple):
            raise TypeError(f"__getnewargs_ex__ should return a tuple, not '{_type(result).__name__}'")
        if len(result) != 2:
            raise ValueError(f"__getnewargs_ex__ should return a tuple of length 2, not {len(result)}")
        args, kwargs = result
        if not isinstance(args, tuple):
            raise TypeError("first item of the tuple returned by __getnewargs_ex__ must be a tuple, "
                            f"not '{_type(args).__name__}'")
        if not isinstance(kwargs, dict):
            raise TypeError("second item of the tuple returned by __getnewargs_ex__ must be a dict, "
                            f"not '{_type(kwargs).__name__}'")
        has_args = True
    else:
        new = _type_lookup(cls, '__getnewargs__', None)
        if new is not None:
            args = new.__get__(obj, cls)()
            if not isinstance(args, tuple):
                raise TypeError(f"__getnewargs__ should return a tuple, not '{_type(args).__name__}'")
            has_args = True
        else:
            args = ()
            has_args = False
    own_state = _type_lookup(cls, '__getstate__', None) is not _type_lookup(object, '__getstate__', None)
    if not has_args and not own_state and not isinstance(obj, (list, dict)) and not _reducible(cls):
        if _is_opaque(cls):
            bare = _is_opaque(cls.__base__)
        else:
            bare = cls.__flags__ & 512 or cls.__module__ == 'builtins'
        name = cls.__name__ if bare else f'{cls.__module__}.{cls.__name__}'
        raise TypeError(f"cannot pickle '{name}' object")
    state = obj.__getstate__()
    listitems = iter(obj) if isinstance(obj, list) else None
    dictitems = iter(obj.items()) if isinstance(obj, dict) else None
    if kwargs:
        return copyreg.__newobj_ex__, (cls, args, kwargs), state, listitems, dictitems
    return copyreg.__newobj__, (cls, *args), state, listitems, dictitems


def _reducible(cls):
    if _is_opaque(cls):
        return False
    for c in cls.__mro__:
        if c is object:
            continue
        if not c.__flags__ & 512 and c not in (list, dict, int, float, str, tuple, bytes, set,
                                               frozenset, complex, bytearray, _SimpleNamespace_type,
                                               BaseException) and not issubclass(c, BaseException):
            return False
    return True


def with_state(obj, cls, args):
    return cls, args, obj.__getstate__()


def object_getstate(obj):
    cls = _type(obj)
    d = getattr(obj, '__dict__', None)
    state = d if d else None
    slots = {}
    for c in cls.__mro__:
        names = c.__dict__.get('__slots__', ())
        if isinstance(names, str):
            names = (names,)
        for name in names:
            if name in ('__dict__', '__weakref__'):
                continue
            if name.startswith('__') and not name.endswith('__'):
                stripped = c.__name__.lstrip('_')
                if stripped:
                    name = f'_{stripped}{name}'
            value = getattr(obj, name, _missing)
            if value is not _missing:
                slots[name] = value
    if slots:
        return state, slots
    return state


# Methods and properties.

def method_repr(m):
    f = m.__func__
    name = getattr(f, '__qualname__', None)
    if not isinstance(name, str):
        name = getattr(f, '__name__', None)
        if not isinstance(name, str):
            name = '?'
    return f"<bound method {name} of {m.__self__!r}>"


def method_hash(m):
    return hash((id(m.__self__), m.__func__))


def method_reduce(m):
    return getattr, (m.__self__, m.__func__.__name__)


def property_doc(prop, fget, doc):
    # A subclass keeps the text in its instances: the class has a `__doc__` of its own.
    from_getter = False
    if doc is None and fget is not None:
        doc = getattr(fget, '__doc__', None)
        from_getter = doc is not None
    if from_getter:
        _property_from_getter(prop)
    if _type(prop) is property:
        prop.__doc__ = doc
        return
    try:
        prop.__doc__ = doc
    except AttributeError:
        if from_getter:
            raise


def property_copy(cls, fget, fset, fdel, doc, name):
    new = cls(fget, fset, fdel, doc)
    if name is not None and isinstance(new, property):
        property.__set_name__(new, None, name)
    return new


def any_abstract(parts):
    for f in parts:
        if f is not None and getattr(f, '__isabstractmethod__', False):
            return True
    return False


# Exceptions.

def exception_repr(name, args):
    if len(args) == 1:
        return f"{name}({args[0]!r})"
    return f"{name}{args!r}"


def add_note(exc, note):
    notes = getattr(exc, '__notes__', _missing)
    if notes is _missing:
        exc.__notes__ = [note]
        return
    if not isinstance(notes, list):
        raise TypeError("Cannot add note: __notes__ is not a list")
    notes.append(note)


def set_args(exc, value):
    exc.args = tuple(value)


def syntax_error_init(exc, args):
    SyntaxError.__init__(exc, args[0], tuple(args[1]))


def syntax_error_str(e):
    msg = str(e.msg)
    filename = e.filename
    if isinstance(filename, str):
        filename = filename.replace('\\', '/').rpartition('/')[2]
    have_line = isinstance(e.lineno, int)
    if isinstance(filename, str) and have_line:
        return f"{msg} ({filename}, line {e.lineno})"
    if isinstance(filename, str):
        return f"{msg} ({filename})"
    if have_line:
        return f"{msg} (line {e.lineno})"
    return msg


_errno_classes = {
    1: PermissionError, 2: FileNotFoundError, 3: ProcessLookupError, 4: InterruptedError,
    10: ChildProcessError, 11: BlockingIOError, 13: PermissionError, 17: FileExistsError,
    20: NotADirectoryError, 21: IsADirectoryError, 32: BrokenPipeError, 103: ConnectionAbortedError,
    104: ConnectionResetError, 108: BrokenPipeError, 110: TimeoutError, 111: ConnectionRefusedError,
    114: BlockingIOError, 115: BlockingIOError,
}


def os_error_new(cls, args, kwargs):
    init = _type_lookup(cls, '__init__', None)
    own_init = init is not _type_lookup(OSError, '__init__', None)
    own_new = _type_lookup(cls, '__new__', None) is not _type_lookup(OSError, '__new__', None)
    if kwargs and not own_init:
        raise TypeError(f"{cls.__name__}() takes no keyword arguments")
    if own_init and not own_new:
        return _new_exception(cls, ())
    if cls is OSError and 2 <= len(args) <= 5 and isinstance(args[0], int):
        cls = _errno_classes.get(args[0], cls)
    self = _new_exception(cls, args)
    os_error_fill(self, args)
    return self


def os_error_init(self, args, kwargs):
    # Where a class overrides __init__ only, the arguments are those of the call from there.
    cls = _type(self)
    own_init = _type_lookup(cls, '__init__', None) is not _type_lookup(OSError, '__init__', None)
    if own_init and _type_lookup(cls, '__new__', None) is _type_lookup(OSError, '__new__', None):
        if kwargs:
            raise TypeError(f"{cls.__name__}() takes no keyword arguments")
        self.args = args
        os_error_fill(self, args)


def os_error_fill(self, args):
    if 2 <= len(args) <= 5:
        _set_extra(self, 0, args[0])
        _set_extra(self, 1, args[1])
        if len(args) >= 3 and args[2] is not None:
            if isinstance(self, BlockingIOError) and isinstance(args[2], int):
                _set_extra(self, 4, args[2])
            else:
                _set_extra(self, 2, args[2])
                if len(args) >= 5 and args[4] is not None:
                    _set_extra(self, 3, args[4])
                self.args = args[:2]


def os_error_str(e):
    if e.filename is not None:
        if e.filename2 is not None:
            return f"[Errno {e.errno}] {e.strerror}: {e.filename!r} -> {e.filename2!r}"
        return f"[Errno {e.errno}] {e.strerror}: {e.filename!r}"
    if e.errno is not None and e.strerror is not None:
        return f"[Errno {e.errno}] {e.strerror}"
    args = e.args
    if not args:
        return ''
    if len(args) == 1:
        return str(args[0])
    return str(args)


def os_error_reduce(e):
    args = e.args
    if len(args) == 2 and e.filename is not None:
        args = args + (e.filename,)
        if e.filename2 is not None:
            args = args + (None, e.filename2)
    d = getattr(e, '__dict__', None)
    if d:
        return _type(e), args, d
    return _type(e), args


def exception_setstate(e, state):
    for name, value in state.items():
        setattr(e, name, value)


def import_error_reduce(e):
    state = dict(getattr(e, '__dict__', ()))
    for name in 'name', 'path', 'name_from':
        value = getattr(e, name)
        if value is not None:
            state[name] = value
    return (_type(e), e.args, state) if state else (_type(e), e.args)


def unicode_error_str(e):
    if e.object is None:
        return ''
    # Making the parts text may change the error.
    reason = str(e.reason)
    translate = isinstance(e, UnicodeTranslateError)
    codec = '' if translate else f"'{e.encoding}' codec "
    obj, start, end = getattr(e, 'object', None), e.start, e.end
    encode = isinstance(e, UnicodeEncodeError)
    wanted = str if encode or translate else bytes
    if not isinstance(obj, wanted):
        raise TypeError(f"object attribute must be a {wanted.__name__}")
    what = 'translate' if translate else 'encode' if encode else 'decode'
    kind = 'byte' if wanted is bytes else 'character'
    if end == start + 1 and 0 <= start < len(obj):
        if wanted is bytes:
            shown = f"0x{obj[start]:02x}"
        else:
            c = ord(obj[start])
            shown = f"'\\x{c:02x}'" if c <= 0xff else f"'\\u{c:04x}'" if c <= 0xffff else f"'\\U{c:08x}'"
        return f"{codec}can't {what} {kind} {shown} in position {start}: {reason}"
    return f"{codec}can't {what} {kind}s in position {start}-{end - 1}: {reason}"


def group_new(cls, args):
    if len(args) != 2:
        raise TypeError(f"BaseExceptionGroup.__new__() takes exactly 2 arguments ({len(args)} given)")
    message, excs = args
    if not isinstance(message, str):
        raise TypeError(f"BaseExceptionGroup.__new__() argument 1 must be str, not {_type(message).__name__}")
    if not hasattr(_type(excs), '__getitem__') or isinstance(excs, (dict, set, str)) and not isinstance(excs, str):
        raise TypeError("second argument (exceptions) must be a sequence")
    items = tuple(excs)
    if not items:
        raise ValueError("second argument (exceptions) must be a non-empty sequence")
    nested_base = False
    for i, e in enumerate(items):
        if not isinstance(e, BaseException):
            raise ValueError(f"Item {i} of second argument (exceptions) is not an exception")
        if not isinstance(e, Exception):
            nested_base = True
    if cls is BaseExceptionGroup:
        if not nested_base:
            cls = _exception_group
    elif cls is _exception_group:
        if nested_base:
            raise TypeError("Cannot nest BaseExceptions in an ExceptionGroup")
    elif issubclass(cls, Exception) and nested_base:
        raise TypeError(f"Cannot nest BaseExceptions in '{cls.__name__}'")
    self = _new_exception(cls, args)
    _set_extra(self, 0, message)
    _set_extra(self, 1, items)
    if not isinstance(excs, (list, tuple)):
        # The sequence may change later: its text is that of today.
        _set_extra(self, 2, repr(excs))
    return self


def group_str(g):
    n = len(g.exceptions)
    return f"{g.message} ({n} sub-exception{'' if n == 1 else 's'})"


def group_repr(g):
    shown = _extra(g, 2)
    if shown is None:
        shown = repr(list(g.exceptions) if len(g.args) > 1 and isinstance(g.args[1], list)
                     else g.exceptions)
    return f"{_type(g).__name__}({g.message!r}, {shown})"


def group_derive(g, excs):
    return BaseExceptionGroup(g.message, excs)


def _matcher(value, name):
    if _is_type(value) and issubclass(value, BaseException):
        return lambda e: isinstance(e, value)
    if isinstance(value, tuple):
        for c in value:
            if not (_is_type(c) and issubclass(c, BaseException)):
                break
        else:
            return lambda e: isinstance(e, value)
    if callable(value) and not _is_type(value):
        return value
    raise TypeError("expected an exception type, a tuple of exception types, or a callable (other than a class)")


def _copy_group(orig, excs):
    new = orig.derive(excs)
    if not isinstance(new, BaseExceptionGroup):
        raise TypeError("derive must return an instance of BaseExceptionGroup")
    new.__traceback__ = orig.__traceback__
    new.__context__ = orig.__context__
    new.__cause__ = orig.__cause__
    notes = getattr(orig, '__notes__', None)
    if notes is not None and hasattr(_type(notes), '__iter__') and hasattr(_type(notes), '__len__'):
        new.__notes__ = list(notes)
    return new


def _split(g, match, want_rest):
    if match(g):
        return g, None
    yes, no = [], []
    for e in g.exceptions:
        if isinstance(e, BaseExceptionGroup):
            y, n = _split(e, match, want_rest)
            if y is not None:
                yes.append(y)
            if n is not None:
                no.append(n)
        elif match(e):
            yes.append(e)
        else:
            no.append(e)
    return (_copy_group(g, yes) if yes else None,
            _copy_group(g, no) if no and want_rest else None)


def group_split(g, value):
    return _split(g, _matcher(value, 'split'), True)


def group_subgroup(g, value):
    return _split(g, _matcher(value, 'subgroup'), False)[0]


class _exception_group(BaseExceptionGroup, Exception):
    pass


_exception_group.__name__ = 'ExceptionGroup'
_exception_group.__qualname__ = 'ExceptionGroup'
_exception_group.__module__ = 'builtins'
_publish('ExceptionGroup', _exception_group)
ExceptionGroup = _exception_group


# Generic aliases, unions, namespaces, proxies.

def _type_text(t):
    if t is ...:
        return '...'
    if t is None or t is _NoneType_type:
        return 'None'
    if isinstance(t, list):
        return '[' + ', '.join([_type_text(x) for x in t]) + ']'
    if hasattr(t, '__origin__') and hasattr(t, '__args__'):
        return repr(t)
    name, module = getattr(t, '__qualname__', None), getattr(t, '__module__', None)
    if name is not None and module is not None:
        return name if module == 'builtins' else f"{module}.{name}"
    return repr(t)


def alias_repr(a):
    args = a.__args__
    text = ', '.join([_type_text(x) for x in args]) if args else '()'
    star = '*' if a.__unpacked__ else ''
    return f"{star}{_type_text(a.__origin__)}[{text}]"


def alias_parameters(args):
    params = []
    for a in args:
        if _is_type(a):
            continue
        if isinstance(a, (tuple, list)):
            for x in alias_parameters(a):
                if x not in params:
                    params.append(x)
            continue
        if hasattr(_type(a), '__typing_subst__'):
            if a not in params:
                params.append(a)
        else:
            for x in getattr(a, '__parameters__', ()):
                if x not in params:
                    params.append(x)
    return tuple(params)


def _unpacked_items(item):
    """The arguments between the brackets, those of `*tuple[...]` one by one."""
    out = []
    for x in item if isinstance(item, tuple) else (item,):
        inner = None if _is_type(x) else getattr(x, '__typing_unpacked_tuple_args__', None)
        if isinstance(inner, tuple) and not (inner and inner[-1] is ...):
            out.extend(inner)
        else:
            out.append(x)
    return tuple(out)


def _substitute(alias, args, params, item):
    if not params:
        raise TypeError(f"{alias!r} is not a generic class")
    items = _unpacked_items(item)
    for p in params:
        prepare = getattr(p, '__typing_prepare_subst__', None)
        if prepare is not None:
            items = prepare(alias, items if isinstance(items, tuple) else (items,))
    if not isinstance(items, tuple):
        items = (items,)
    if len(items) != len(params):
        many = 'many' if len(items) > len(params) else 'few'
        raise TypeError(f"Too {many} arguments for {alias!r}; actual {len(items)}, expected {len(params)}")
    new = []
    for a in args:
        if _is_type(a):
            new.append(a)
            continue
        if isinstance(a, (tuple, list)):
            inner = _substitute(alias, a, params, item)
            new.append(inner if isinstance(a, tuple) else list(inner))
            continue
        many = getattr(a, '__typing_is_unpacked_typevartuple__', False)
        subst = getattr(a, '__typing_subst__', None)
        value = subst(items[params.index(a)]) if subst is not None else _subst_inner(a, params, items)
        if not many:
            new.append(value)
            continue
        if not isinstance(value, tuple):
            raise TypeError(f"expected __typing_subst__ of {_type(a).__name__} objects to return a tuple, "
                            f"not {_type(value).__name__}")
        new.extend(value)
    return tuple(new)


def _subst_inner(a, params, items):
    """An argument that has parameters of its own."""
    own = getattr(a, '__parameters__', None)
    if not isinstance(own, tuple) or not own:
        return a
    inner = []
    for p in own:
        if p not in params:
            inner.append(p)
            continue
        value = items[params.index(p)]
        if isinstance(value, tuple) and hasattr(_type(p), '__iter__'):
            inner.extend(value)
        else:
            inner.append(value)
    return a[tuple(inner)]


def alias_reduce_starred(origin, args):
    import _typing
    return _typing._starred, (_GenericAlias_type(origin, args),)


def alias_call(alias, /, *args, **kwargs):
    made = alias.__origin__(*args, **kwargs)
    try:
        made.__orig_class__ = alias
    except (AttributeError, TypeError):
        pass
    return made


def alias_getitem(alias, item):
    new = _substitute(alias, alias.__args__, alias.__parameters__, item)
    return _GenericAlias_type(alias.__origin__, new)


def _flatten(args):
    out = []
    for a in args:
        if _is_union(a):
            out.extend(a.__args__)
        elif a is None:
            out.append(_NoneType_type)
        elif isinstance(a, str):
            from typing import _type_convert
            out.append(_type_convert(a))
        else:
            out.append(a)
    unique = []
    for a in out:
        for b in unique:
            if a is b or (_type(a) is _type(b) and a == b):
                break
        else:
            unique.append(a)
    return unique


def _unionable(x):
    return (x is None or _is_type(x) or isinstance(x, _GenericAlias_type) or _is_union(x)
            or hasattr(_type(x), '__typing_subst__') or hasattr(x, '__value__'))


def make_union(a, b):
    if not _unionable(a) or not _unionable(b):
        # A union itself takes what typing takes.
        for x in a, b:
            if not _unionable(x) and not isinstance(x, str) and not callable(x):
                raise TypeError(f"unsupported operand type(s) for |: '{_type(a).__name__}' and "
                                f"'{_type(b).__name__}'")
    return union_from((a, b))


def union_from(args):
    if not isinstance(args, tuple):
        args = (args,)
    if not args:
        raise TypeError("Cannot take a Union of no types.")
    unique = _flatten(args)
    if len(unique) == 1:
        return unique[0]
    return _new_union(tuple(unique))


def union_repr(args):
    return ' | '.join([_type_text(a) for a in args])


def union_hash(args):
    return hash(frozenset(args))


def union_equal(a, b, want):
    same = len(a) == len(b) and all([x in b for x in a])
    return same is want


def union_getitem(u, item):
    new = _substitute(u, u.__args__, u.__parameters__, item)
    return union_from(new)


def proxy_repr(m):
    return f"mappingproxy({m!r})"


def namespace_repr(ns):
    cls = _type(ns)
    name = 'namespace' if cls is _SimpleNamespace_type else cls.__name__
    if not _repr_enter(ns):
        return f"{name}(...)"
    try:
        items = ', '.join([f"{k}={v!r}" for k, v in ns.__dict__.items() if isinstance(k, str) and k])
    finally:
        _repr_leave(ns)
    return f"{name}({items})"


def namespace_init(d, source, kwargs):
    if source is not None:
        d.update(dict(source))
        for k in d:
            if not isinstance(k, str):
                raise TypeError("keywords must be strings")
    d.update(kwargs)


def namespace_replace(ns, kwargs):
    new = _type(ns)()
    new.__dict__.update(ns.__dict__)
    new.__dict__.update(kwargs)
    return new


def code_lnotab(code):
    from warnings import warn
    warn("co_lnotab is deprecated, use co_lines instead.", DeprecationWarning, stacklevel=1)
    table = []
    last_offset, last_line = 0, code.co_firstlineno
    for start, end, line in code.co_lines():
        if line is None or start < 0 or line == last_line:
            continue
        step, rise = start - last_offset, line - last_line
        while step > 255:
            table += [255, 0]
            step -= 255
        while not -128 <= rise <= 127:
            part = 127 if rise > 0 else -128
            table += [step, part & 255]
            step, rise = 0, rise - part
        table += [step, rise & 255]
        last_offset, last_line = start, line
    return bytes(table)


# f_locals of functions: keys that are no plain strings, and whole-mapping operations.

def locals_key(proxy, key):
    """The variable's name that equals the key, or the key."""
    hash(key)
    for name in _locals_names(proxy):
        if key == name:
            return name
    return key


def locals_dict(proxy):
    found = _locals_variables(proxy)
    for key, value in _locals_extra(proxy).items():
        found[key] = value
    return found


def locals_keys(proxy):
    return list(locals_dict(proxy))


def locals_values(proxy):
    return list(locals_dict(proxy).values())


def locals_items(proxy):
    return list(locals_dict(proxy).items())


def locals_iter(proxy):
    return iter(list(locals_dict(proxy)))


def locals_reversed(proxy):
    return list(locals_dict(proxy))[::-1]


def locals_repr(proxy):
    return repr(locals_dict(proxy))


def locals_getitem(proxy, key):
    key = locals_key(proxy, key)
    found = locals_dict(proxy)
    if key in found:
        return found[key]
    raise KeyError(f"local variable '{key}' is not defined")


def locals_contains(proxy, key):
    return locals_key(proxy, key) in locals_dict(proxy)


def locals_get(proxy, key, default):
    return locals_dict(proxy).get(locals_key(proxy, key), default)


def locals_set(proxy, key, value):
    _locals_store(proxy, locals_key(proxy, key), value)


def locals_delete(proxy, key):
    key = locals_key(proxy, key)
    if key in _locals_variables(proxy):
        raise ValueError("cannot remove local variables from FrameLocalsProxy")
    del _locals_extra(proxy)[key]


def locals_pop(proxy, key, default):
    if len(default) > 1:
        raise TypeError(f"pop expected at most 2 arguments, got {len(default) + 1}")
    key = locals_key(proxy, key)
    if key in _locals_variables(proxy):
        raise ValueError("cannot remove local variables from FrameLocalsProxy")
    return _locals_extra(proxy).pop(key, *default)


def locals_update(proxy, other):
    if not isinstance(other, (dict, _type(proxy))):
        raise TypeError("update() argument must be dict or another FrameLocalsProxy")
    for key in list(other.keys()):
        proxy[key] = other[key]


def locals_plain(value):
    """A dict for either operand of `|` and `==`."""
    return value if isinstance(value, dict) else locals_dict(value)


def locals_or(a, b):
    return {**locals_plain(a), **locals_plain(b)}


def locals_ior(proxy, other):
    locals_update(proxy, other)
    return proxy


def locals_eq(proxy, other):
    return locals_dict(proxy) == locals_plain(other)


def locals_ne(proxy, other):
    return locals_dict(proxy) != locals_plain(other)


def mapping_setdefault(m, key, default):
    if key in m:
        return m[key]
    m[key] = default
    return default


def weakref_hash(ref):
    kept = _weakref_hash(ref)
    if kept is None:
        target = ref()
        if target is None:
            raise TypeError("weak object has gone away")
        kept = _weakref_hash(ref, hash(target))
    return kept


def unraisable(exc, what, shown):
    try:
        text = f"Exception ignored while {what} {shown!r}"
    except BaseException:
        text = f"Exception ignored while {what} <object repr() failed>"
    hook = _sys_attr('unraisablehook')
    if hook is None:
        return
    if exc.__traceback__ is None:
        try:
            frame = _sys_attr('_getframe')()
            exc.__traceback__ = _traceback_type(None, frame, frame.f_lasti, frame.f_lineno or 0)
        except BaseException:
            pass
    try:
        hook(_sys_attr('UnraisableHookArgs')((_type(exc), exc, exc.__traceback__, text, None)))
    except BaseException:
        pass


def call_exit(bound, *exc):
    descr, obj, owner = bound
    return _type(descr).__get__(descr, obj, owner)(*exc)


def super_of_proxy(sup, cls, obj):
    # An object may name another class than its type.
    other = getattr(obj, '__class__', None)
    if other is not _type(obj) and _is_type(other) and cls in other.__mro__:
        _super_fill(sup, cls, obj, other)
    else:
        _super_fill(sup, cls, obj)


def heap_operation(op, heap, item, largest):
    # 0 push, 1 pop, 2 replace, 3 push and pop, 4 make a heap.
    def up(start, at):
        item = heap[at]
        while at > start:
            parent = (at - 1) >> 1
            other = heap[parent]
            if not (other < item if largest else item < other):
                break
            heap[at] = other
            at = parent
        heap[at] = item

    def down(at):
        start, end = at, len(heap)
        item = heap[at]
        child = 2 * at + 1
        while child < end:
            right = child + 1
            if right < end and not (heap[right] < heap[child] if largest else
                                    heap[child] < heap[right]):
                child = right
            heap[at] = heap[child]
            at = child
            child = 2 * at + 1
        heap[at] = item
        up(start, at)

    if op == 0:
        heap.append(item)
        up(0, len(heap) - 1)
        return None
    if op == 4:
        for at in reversed(range(len(heap) // 2)):
            down(at)
        return None
    if op == 3:
        if not (item < heap[0] if largest else heap[0] < item):
            return item
        if not heap:
            raise IndexError("index out of range")
    if op == 1:
        item = heap.pop()
        if not heap:
            return item
    first, heap[0] = heap[0], item
    down(0)
    return first


def bisect_operation(a, x, lo, hi, key, right, insert):
    if hi is None:
        hi = len(a)
    wanted = x if key is None or not insert else key(x)
    while lo < hi:
        middle = (lo + hi) // 2
        item = a[middle]
        if key is not None:
            item = key(item)
        if not wanted < item if right else item < wanted:
            lo = middle + 1
        else:
            hi = middle
    if not insert:
        return lo
    a.insert(lo, x)


def tuple_getter_repr(index, doc):
    return f"_tuplegetter({index!r}, {doc!r})"


def count_repr(n, step):
    if _type(step) is int and step == 1:
        return f"count({n!r})"
    return f"count({n!r}, {step!r})"


def repeat_repr(obj, left):
    return f"repeat({obj!r})" if left == -1 else f"repeat({obj!r}, {left})"


def breakpoint_(*args, **kws):
    return _sys_attr('breakpointhook')(*args, **kws)


def sequence_length_hint(seq, index, back):
    n = len(seq)
    left = index + 1 if back else n - index
    return left if 0 < left <= n else 0


def wrap_attributes(wrapper, callable):
    # What functools.wraps copies eagerly.
    for name in ('__module__', '__name__', '__qualname__', '__doc__'):
        value = getattr(callable, name, _missing)
        if value is not _missing:
            setattr(wrapper, name, value)


def wrapped_repr(name, callable):
    return f"<{name}({callable!r})>"


def input_(prompt):
    out = _sys_attr('stdout')
    if prompt is not None:
        out.write(str(prompt))
    try:
        out.flush()
    except Exception:
        pass
    line = _sys_attr('stdin').readline()
    if not line:
        raise EOFError("EOF when reading a line")
    return line[:-1] if line.endswith('\n') else line


# Modules.

def module_repr(module):
    spec = getattr(module, '__spec__', None)
    bootstrap = _modules().get('_frozen_importlib')
    if bootstrap is None:
        return f"<module {getattr(module, '__name__', '?')!r}>"
    return bootstrap._module_repr(module)


def module_dir(module):
    d = module.__dict__
    if not isinstance(d, dict):
        raise TypeError("<module>.__dict__ is not a dictionary")
    special = d.get('__dir__')
    if special is not None:
        return special()
    return list(d)


def module_annotations(d):
    annotate = d.get('__annotate__')
    if callable(annotate):
        result = annotate(1)
        if not isinstance(result, dict):
            raise TypeError(f"__annotate__ returned non-dict of type '{_type(result).__name__}'")
    else:
        result = {}
    d['__annotations__'] = result
    return result


# Type parameters and aliases.

def typevar(name):
    import _typing
    return _typing._lazy_typevar(name)


def typevar_with_bound(name, bound):
    import _typing
    return _typing._lazy_typevar(name, bound)


def typevar_with_constraints(name, constraints):
    import _typing
    return _typing._lazy_typevar(name, None, constraints)


def paramspec(name):
    import _typing
    return _typing._lazy_paramspec(name)


def typevartuple(name):
    import _typing
    return _typing.TypeVarTuple(name)


def set_typeparam_default(param, evaluate):
    import _typing
    return _typing._lazy_default(param, evaluate)


def typealias(parts):
    import _typing
    return _typing._lazy_alias(*parts)


def subscript_generic(params):
    import _typing
    return _typing._subscript_generic(params)


# classmethod, staticmethod.

def is_abstract(function):
    return bool(getattr(function, '__isabstractmethod__', False))


# t-strings.

def interpolation(value, expression, conversion, spec):
    import _templates
    return _templates.Interpolation(value, expression, conversion, spec)


def template(strings, interpolations):
    import _templates
    return _templates._template(strings, interpolations)


def type_annotations(cls):
    annotate = cls.__annotate__
    if callable(annotate):
        result = annotate(1)
        if not isinstance(result, dict):
            raise TypeError(f"__annotate__ returned non-dict of type '{_type(result).__name__}'")
    else:
        result = {}
    _keep_annotations(cls, result)
    return result


# Codecs of the registry.

def _text_codec(encoding, what):
    from _codecs import lookup
    codec = lookup(encoding)
    if not getattr(codec, '_is_text_encoding', True):
        raise LookupError(f"'{encoding}' is not a text encoding; use codecs.{what}() to handle "
                          "arbitrary codecs")
    return codec


def codec_encode(text, encoding, errors):
    result = _text_codec(encoding, 'encode')[0](text, errors)
    if not isinstance(result, tuple) or len(result) != 2:
        raise TypeError("encoder must return a tuple (object, integer)")
    result = result[0]
    if not isinstance(result, bytes):
        raise TypeError(f"'{encoding}' encoder returned '{_type(result).__name__}' instead of 'bytes'; "
                        "use codecs.encode() to encode to arbitrary types")
    return result


def codec_decode(data, encoding, errors):
    result = _text_codec(encoding, 'decode')[1](data, errors)
    if not isinstance(result, tuple) or len(result) != 2:
        raise TypeError("decoder must return a tuple (object,integer)")
    result = result[0]
    if not isinstance(result, str):
        raise TypeError(f"'{encoding}' decoder returned '{_type(result).__name__}' instead of 'str'; "
                        "use codecs.decode() to decode to arbitrary types")
    return result


# array.array.

def array_new(cls, args, kwargs):
    if cls is _array_type and kwargs:
        raise TypeError("array.array() takes no keyword arguments")
    if not args:
        raise TypeError("array() takes at least 1 argument (0 given)")
    if len(args) > 2:
        raise TypeError(f"array() takes at most 2 arguments ({len(args)} given)")
    code = args[0]
    if not isinstance(code, str):
        raise TypeError("array() argument 1 must be a unicode character, not "
                        + ("None" if code is None else _type(code).__name__))
    if len(code) != 1:
        raise TypeError("array() argument 1 must be a unicode character, not a string of length "
                        f"{len(code)}")
    initial = args[1] if len(args) == 2 else None
    if code == 'u':
        from warnings import warn
        warn("The 'u' type code is deprecated and will be removed in Python 3.16",
             DeprecationWarning, 2)
    if len(args) == 2 and code not in 'uw':
        if isinstance(initial, str):
            raise TypeError("cannot use a str to initialize an array with typecode "
                            f"'{code}'")
        if isinstance(initial, _array_type) and initial.typecode in 'uw':
            raise TypeError("cannot use a unicode array to initialize an array with typecode "
                            f"'{code}'")
    iterator = None
    if not (len(args) == 1 or isinstance(initial, (list, tuple, bytes, bytearray))
            or (isinstance(initial, str) and code in 'uw') or isinstance(initial, _array_type)):
        iterator = iter(initial)
    self = _array_make(cls, code)
    if self is None:
        raise ValueError("bad typecode (must be b, B, u, w, h, H, i, I, l, L, q, Q, f or d)")
    if iterator is not None:
        for item in iterator:
            _array_type.append(self, item)
    elif isinstance(initial, (bytes, bytearray)):
        _array_type.frombytes(self, initial)
    elif isinstance(initial, str):
        _array_type.fromunicode(self, initial)
    elif isinstance(initial, _array_type) and initial.typecode == code:
        _array_type.extend(self, initial)
    elif len(args) == 2:
        i = 0
        while i < len(initial):
            _array_type.append(self, initial[i])
            i += 1
    return self


def array_repr(self):
    name = _type(self).__name__
    code = self.typecode
    if not len(self):
        return f"{name}('{code}')"
    items = _array_type.tounicode(self) if code in 'uw' else _array_type.tolist(self)
    return f"{name}('{code}', {items!r})"


def array_contains(self, value):
    i = 0
    while i < len(self):
        item = self[i]
        if item is value or item == value:
            return True
        i += 1
    return False


def array_remove(self, value):
    i = 0
    while i < len(self):
        if self[i] == value:
            _array_type.pop(self, i)
            return
        i += 1
    raise ValueError("array.remove(x): x not in array")


def array_extend(self, iterable):
    for item in iterable:
        _array_type.append(self, item)


def array_fromlist(self, items):
    if not isinstance(items, list):
        raise TypeError("arg must be list")
    count, start = len(items), len(self)
    try:
        for i in range(count):
            _array_type.append(self, items[i])
            if len(items) != count:
                raise RuntimeError("list changed size during iteration")
    except BaseException:
        while len(self) > start:
            _array_type.pop(self)
        raise


def array_fromfile(self, f, n):
    if n < 0:
        raise ValueError("negative count")
    size = self.itemsize
    if n > 0x7fffffffffffffff // size:
        raise MemoryError
    data = f.read(n * size)
    if not isinstance(data, bytes):
        raise TypeError("read() didn't return bytes")
    _array_type.frombytes(self, data)
    if len(data) != n * size:
        raise EOFError("read() didn't return enough bytes")


def array_tofile(self, f):
    view = memoryview(_array_type.tobytes(self))
    for i in range(0, len(view), 65536):
        f.write(view[i:i + 65536].tobytes())


_ARRAY_FORMATS = {'b': 1, 'B': 0, 'u': 20, 'w': 20, 'h': 4, 'H': 2, 'i': 8, 'I': 6, 'l': 12,
                  'L': 10, 'q': 12, 'Q': 10, 'f': 14, 'd': 16}


def array_reduce(self, protocol):
    if not isinstance(protocol, int):
        raise TypeError("__reduce_ex__ argument should be an integer")
    state = getattr(self, '__dict__', None)
    code = self.typecode
    if protocol < 3:
        items = _array_type.tounicode(self) if code in 'uw' else _array_type.tolist(self)
        return _type(self), (code, items), state
    from array import _array_reconstructor
    return (_array_reconstructor,
            (_type(self), code, _ARRAY_FORMATS[code], _array_type.tobytes(self)), state)


def array_iter_reduce(iterator):
    array, index = _array_iter_state(iterator)
    if array is None:
        return iter, ((),)
    return iter, (array,), index


# Compiling what is not plain text, and what the compiler warns of: `_compile` of the library.

def compile_any(*args):
    import _compile
    return _compile.compile(*args)


def compile_argument(*args):
    import _compile
    return _compile.compile_argument(*args)


def compile_failed(error, filename, rows):
    import _compile
    _compile.issue(filename, rows)
    raise error


def compile_warnings(value, filename, rows):
    import _compile
    _compile.issue(filename, rows)
    return value


def pattern_repr(pattern, flags):
    if isinstance(pattern, str) and flags & (4 | 32 | 256) == 32:
        flags &= ~32
    names = []
    for bit, name in ((2, 're.IGNORECASE'), (4, 're.LOCALE'), (8, 're.MULTILINE'),
                      (16, 're.DOTALL'), (32, 're.UNICODE'), (64, 're.VERBOSE'),
                      (128, 're.DEBUG'), (256, 're.ASCII')):
        if flags & bit:
            names.append(name)
            flags &= ~bit
    if flags:
        names.append(hex(flags))
    return f"re.compile({repr(pattern)[:200]}{', ' + '|'.join(names) if names else ''})"


def match_repr(match):
    return f"<re.Match object; span={match.span()!r}, match={match.group()!r}>"


def match_groupdict(match, default):
    out = {}
    for name, n in match.re.groupindex.items():
        text = match.group(n)
        out[name] = default if text is None else text
    return out


def match_slow(match, name, groups):
    """Group arguments of any type become ints; then the method is called again."""
    numbers = []
    for group in groups:
        if hasattr(_type(group), '__index__'):
            n = group.__index__()
        else:
            n = match.re.groupindex.get(group)
        if n is None or not 0 <= n <= match.re.groups:
            raise IndexError("no such group")
        numbers.append(int(n))
    return getattr(match, name)(*numbers)


def regex_template(pattern, template):
    import re
    parts = re._compile_template(pattern, template)
    return parts if len(parts) != 1 or not isinstance(parts, tuple) else parts[0]


def match_expand(match, template):
    import re
    parts = re._compile_template(match.re, template)
    if not isinstance(parts, tuple):
        return parts
    out = [parts[0]]
    empty = parts[0][:0]
    for i in range(1, len(parts), 2):
        out.append(match.group(parts[i]) or empty)
        out.append(parts[i + 1])
    return empty.join(out)

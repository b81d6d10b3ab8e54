# native: `compile` of what is not plain text (paths, buffers, trees, codecs of the library), and the
# warnings of the compiler. CPython's counterparts: Python/bltinmodule.c, Python/pythonrun.c.

import sys

import _ast_native as _n


def issue(filename, rows):
    """Gives the warnings; one that the filters make an error becomes a SyntaxError."""
    import warnings
    for deprecated, message, lineno, offset, end_lineno, end_offset, as_error, text in rows:
        category = DeprecationWarning if deprecated else SyntaxWarning
        try:
            warnings.warn_explicit(message, category, filename, lineno)
        except category:
            pass
        else:
            continue
        raise SyntaxError(as_error or message,
                          (filename, lineno, offset, text, end_lineno, end_offset))


def _filename(path):
    if not isinstance(path, (str, bytes)):
        fspath = getattr(type(path), '__fspath__', None)
        if fspath is None:
            raise TypeError("expected str, bytes or os.PathLike object, not "
                            f"{type(path).__name__}")
        result = fspath(path)
        if not isinstance(result, (str, bytes)):
            raise TypeError(f"expected {type(path).__name__}.__fspath__() to return str or bytes, "
                            f"not {type(result).__name__}")
        path = result
    if isinstance(path, bytes):
        path = path.decode('utf-8', 'surrogateescape')
    if '\0' in path:
        raise ValueError("embedded null character")
    return path


def _text(source, filename, what, kinds):
    """The source as str, or as bytes that the compiler decodes itself."""
    if isinstance(source, str):
        return source
    if not isinstance(source, bytes):
        try:
            view = memoryview(source)
        except TypeError:
            wanted = 'string or bytes' if kinds is None else f'string, bytes or {kinds}'
            raise TypeError(f"{what} must be a {wanted} object") from None
        source = view.tobytes()
    declared = _n.declared_codec(source, filename)
    if declared is None:
        return source
    name, body = declared
    import codecs
    message = None
    try:
        if not getattr(codecs.lookup(name), '_is_text_encoding', True):
            message = (f"'{name}' is not a text encoding; use codecs.open() to handle arbitrary "
                       "codecs")
        else:
            text = codecs.decode(body, name)
            if not isinstance(text, str):
                message = f"unknown encoding: {name}"
    except LookupError:
        message = f"unknown encoding: {name}"
    except UnicodeError as e:
        message = str(e)
    if message is not None:
        raise SyntaxError(message, (filename, 0, -1, None, 0, -1))
    return text


def _plain(tree, AST, classes):
    """A copy whose fields are plain attributes, of a tree with computed ones."""
    memo, waiting = {}, []

    def copy(value):
        if isinstance(value, AST):
            new = memo.get(id(value))
            if new is None:
                for cls in type(value).__mro__:
                    if cls in classes or cls is AST or AST in cls.__bases__:
                        break
                new = object.__new__(cls)
                memo[id(value)] = new
                waiting.append((value, new, cls))
            return new
        if isinstance(value, list):
            return [copy(v) for v in value]
        return value

    result = copy(tree)
    while waiting:
        old, new, cls = waiting.pop()
        for name in cls._fields + cls._attributes:
            try:
                value = getattr(old, name)
            except AttributeError:
                continue
            setattr(new, name, copy(value))
    return result


def _tree(tree, rest, _ast):
    answer = _n.compile_tree(tree, *rest, _ast._table)
    if answer is None:
        tree = _plain(tree, _ast.AST, set(_ast._table[0]))
        answer = _n.compile_tree(tree, *rest, _ast._table)
    if len(answer) == 3:
        error, text, object = answer
        raise error(f"{text}{object!r}")
    return answer


def compile(source, filename, mode, flags, inherited, optimize, feature_version):
    filename = _filename(filename)
    rest = filename, mode, flags, inherited, optimize, feature_version
    _n.check(None, *rest)
    _ast = sys.modules.get('_ast')
    if _ast is not None and isinstance(source, _ast.AST):
        if flags & 0x8400 == 0x400:
            wanted = _ROOTS[mode]
            if not isinstance(source, getattr(_ast, wanted)):
                raise TypeError(f"expected {wanted} node, got {type(source).__name__}")
            return source
        result, rows = _tree(source, rest, _ast)
    elif isinstance(source, _code):
        return source
    else:
        text = _text(source, filename, 'compile() arg 1', 'AST')
        if flags & 0x400:
            import _ast
            result, rows = _n.parse(text, *rest, _ast._table)
        else:
            result, rows = _n.compile_text(text, *rest)
    if rows:
        issue(filename, rows)
    return result


_ROOTS = {'exec': 'Module', 'eval': 'Expression', 'single': 'Interactive',
          'func_type': 'FunctionType'}
_code = type((lambda: 0).__code__)


def compile_argument(what, source, mode, flags, optimize):
    """The source of `exec` and `eval`."""
    text = _text(source, '<string>', what, 'code')
    if mode == 'eval' and isinstance(text, str):
        text = text.lstrip(' \t')
    result, rows = _n.compile_text(text, '<string>', mode, 0, flags, optimize, -1)
    if rows:
        issue('<string>', rows)
    return result

# native: `atexit`.

import _imp

# Kept where the end of the program finds them without this module.
_functions = _imp.__dict__.setdefault('_exit_functions', [])


def register(func, /, *args, **kwargs):
    if not callable(func):
        raise TypeError("the first argument must be callable")
    _functions.append((func, args, kwargs))
    return func


def unregister(func, /):
    _functions[:] = [f for f in _functions if not (f[0] is func or f[0] == func)]


def _clear():
    _functions.clear()


def _ncallbacks():
    return len(_functions)


def _run_exitfuncs():
    import sys
    while _functions:
        func, args, kwargs = _functions.pop()
        try:
            func(*args, **kwargs)
        except SystemExit:
            raise
        except BaseException as e:
            sys.stderr.write(f"Exception ignored in atexit callback {func!r}:\n")
            sys.excepthook(type(e), e, e.__traceback__)

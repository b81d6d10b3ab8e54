# native: `atexit`. CPython's counterpart: Modules/atexitmodule.c.

"""Functions that run when the interpreter ends."""

import _imp

# Callbacks with their arguments, the newest first; kept where the end of the program finds them
# without this module.
_functions = _imp.__dict__.setdefault('_exit_functions', [])


def register(func, /, *args, **kwargs):
    if not callable(func):
        raise TypeError("the first argument must be callable")
    _functions.insert(0, (func, args, kwargs))
    return func


def unregister(func, /):
    # Comparing may run anything, this function included: places are looked for again after it.
    i = len(_functions) - 1
    while i >= 0:
        entry = _functions[i]
        if func is entry[0] or func == entry[0]:
            for i in range(len(_functions) - 1, -1, -1):
                if _functions[i] is entry:
                    del _functions[i]
                    break
        i = min(i, len(_functions)) - 1


def _clear():
    _functions.clear()


def _ncallbacks():
    return len(_functions)


def _run_exitfuncs():
    import sys
    # What is registered meanwhile does not run.
    for func, args, kwargs in list(_functions):
        try:
            func(*args, **kwargs)
        except BaseException as e:
            message = f"Exception ignored in atexit callback {func!r}"
            sys.unraisablehook(sys.UnraisableHookArgs((type(e), e, e.__traceback__, message, None)))
    _functions.clear()

# native: what watches imports: `-X importtime` and the audit event `import`.
# CPython's counterpart: import_find_and_load in Python/import.c.

import sys
import _frozen_importlib as _bootstrap
from _time_native import perf_counter_ns as _now

_find_and_load = _bootstrap._find_and_load
_import = _bootstrap.__import__
# Time spent in imports that the current one started, and how deeply they nest.
_inner, _depth = 0, 0
_timing, _audited = 0, False


def _watched(name, import_):
    global _inner, _depth
    if name in sys.modules:
        if _timing == 2:
            _report('cached    | cached    ', name)
        return _find_and_load(name, import_)
    if _audited:
        sys.audit('import', name, None, sys.path, sys.meta_path, sys.path_hooks)
    if not _timing:
        return _find_and_load(name, import_)
    before, _inner = _inner, 0
    _depth += 1
    start = _now()
    try:
        return _find_and_load(name, import_)
    finally:
        took = _now() - start
        _depth -= 1
        _report(f"{(took - _inner) // 1000:9d} | {took // 1000:10d}", name)
        _inner = before + took


def _report(numbers, name):
    text = f"import time: {numbers} | {'  ' * _depth}{name}\n"
    sys._write_fd(2, text.encode('utf-8', 'backslashreplace').decode())


def audit():
    """From now on imports are audited."""
    global _audited
    _audited = True
    _bootstrap._find_and_load = _watched


def time_imports(level):
    """From now on the time that imports take is written to standard error; level 2 tells of modules
    that are there already, too, as far as an import looks further than `sys.modules`."""
    global _timing
    _timing = level
    _bootstrap._find_and_load = _watched
    sys._write_fd(2, "import time: self [us] | cumulative | imported package\n")

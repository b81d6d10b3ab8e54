# native: `sys.settrace`, `sys.setprofile` and `sys.monitoring` over the events of the interpreter.
# CPython's counterparts: Python/legacy_tracing.c, Python/instrumentation.c.

import sys

import _tracing_native as _n

_NAMES = ('PY_START PY_RESUME PY_RETURN PY_YIELD CALL LINE INSTRUCTION JUMP BRANCH_LEFT '
          'BRANCH_RIGHT STOP_ITERATION RAISE EXCEPTION_HANDLED PY_UNWIND PY_THROW RERAISE '
          'C_RETURN C_RAISE BRANCH').split()
(_START, _RESUME, _RETURN, _YIELD, _CALL, _LINE, _INSTRUCTION, _JUMP, _LEFT, _RIGHT, _STOP, _RAISE,
 _HANDLED, _UNWIND, _THROW, _RERAISE, _C_RETURN, _C_RAISE, _BRANCH) = [1 << i for i in range(19)]
_NO_LOCAL = _RAISE | _HANDLED | _UNWIND | _THROW | _RERAISE
_ALL = (1 << 19) - 1

_trace = _profile = None


def _update():
    """Tells the interpreter what anybody wants to hear."""
    wanted = 0
    if _trace is not None:
        wanted |= (_START | _RESUME | _RETURN | _YIELD | _LINE | _RAISE | _UNWIND | _THROW |
                   _STOP)
    if _profile is not None:
        wanted |= (_START | _RESUME | _RETURN | _YIELD | _UNWIND | _THROW | _CALL | _C_RETURN |
                   _C_RAISE)
    for tool in _tools:
        if tool is not None:
            for events in (tool.events, *tool.local.values()):
                wanted |= events
    if wanted & _CALL:
        wanted |= _C_RETURN | _C_RAISE
    _n.set(_dispatch, _jump, wanted)


def gettrace():
    return _trace


def settrace(function):
    global _trace
    _trace = function
    _update()


def getprofile():
    return _profile


def setprofile(function):
    global _profile
    _profile = function
    _update()


def call_tracing(function, args):
    was = _n.inside(False)
    try:
        return function(*args)
    finally:
        _n.inside(was)


# Assignment to f_lineno.

# The frame whose event is being handled, and the event.
_current = None, 0


def _jump(frame, line):
    where, event = _current
    if not event:
        raise ValueError("f_lineno can only be set in a trace function")
    if event & (_START | _RESUME):
        raise ValueError("can't jump from the 'call' trace event of a new frame")
    if not event & (_LINE | _YIELD | _LEFT | _RIGHT | _JUMP):
        raise ValueError("can only jump from a 'line' trace event")
    if where is not frame:
        raise ValueError("f_lineno can only be set in a trace function")
    offset, unbound = _n.jump_target(frame, line)
    if unbound:
        from warnings import warn
        warn(f"assigning None to {unbound} unbound local{'' if unbound == 1 else 's'}",
             RuntimeWarning, stacklevel=1)
    _n.jump(frame, offset)


# Trace and profile functions.

def _started(frame):
    global _current
    before = _current
    _current = frame, _START
    try:
        local = _trace(frame, 'call', None)
    finally:
        _current = before
    # A generator that goes on keeps its function.
    if local is not None:
        frame.f_trace = local


def _local(frame, event, what, arg):
    global _current
    trace = frame.f_trace
    if trace is None or _trace is None:
        return
    before = _current
    _current = frame, event
    try:
        result = trace(frame, what, arg)
    finally:
        _current = before
    if result is not None:
        frame.f_trace = result


def _is_native(callable):
    return type(callable) in _native_types


_native_types = (type(len), type(str.upper), type(int.__add__), type(dict.__dict__['fromkeys']),
                 type([].append), type(sys.setprofile))


def _bound(call):
    """The callable of a call as profile functions see it: a method is bound."""
    callable, first = call
    if type(callable) in (_native_types[1], _native_types[2]) and first is not ...:
        try:
            return callable.__get__(first)
        except Exception:
            pass
    return callable


def _legacy(frame, events, arg, before):
    global _trace, _profile
    try:
        if _profile is not None:
            if events & _C_RETURN:
                if _is_native(before[0]):
                    _profile(frame, 'c_return', _bound(before))
            if events & _C_RAISE and _is_native(before[0]):
                _profile(frame, 'c_exception', _bound(before))
            if events & (_START | _RESUME | _THROW):
                _profile(frame, 'call', None)
    except BaseException:
        _profile = None
        _update()
        raise
    try:
        if events & (_START | _RESUME | _THROW) and _trace is not None:
            _started(frame)
        if frame.f_trace is not None and _trace is not None:
            if events & _LINE and frame.f_trace_lines:
                _local(frame, _LINE, 'line', None)
                if _n.jumped(frame):
                    return
            # The line event may have asked for it.
            if events & (_INSTRUCTION | _LINE) and frame.f_trace_opcodes:
                _local(frame, _INSTRUCTION, 'opcode', None)
            if events & (_RETURN | _YIELD):
                _local(frame, events & (_RETURN | _YIELD), 'return', arg)
                if _n.jumped(frame):
                    return
            if events & (_RAISE | _THROW | _STOP):
                _local(frame, _RAISE, 'exception', (type(arg), arg, arg.__traceback__))
            if events & _UNWIND:
                _local(frame, _UNWIND, 'return', None)
    except BaseException:
        _trace = frame.f_trace = None
        _update()
        raise
    try:
        if _profile is not None:
            if events & _CALL and _is_native(arg[0]):
                _profile(frame, 'c_call', _bound(arg))
            if events & (_RETURN | _YIELD):
                _profile(frame, 'return', arg)
            if events & _UNWIND:
                _profile(frame, 'return', None)
    except BaseException:
        _profile = None
        _update()
        raise


def _dispatch(frame, events, offset, line, arg, before):
    if _trace is not None or _profile is not None:
        _legacy(frame, events, arg, before)
        if _n.jumped(frame):
            return
    if _listening:
        _monitor(frame, events, offset, line, arg, before)


# sys.monitoring.

class _Tool:
    __slots__ = ('name', 'events', 'local', 'callbacks', 'disabled')

    def __init__(self, name):
        self.name, self.events, self.local, self.callbacks = name, 0, {}, {}
        self.disabled = set()


_tools = [None] * 6
_listening = False
DISABLE, MISSING = object(), object()


def _monitor(frame, events, offset, line, arg, before):
    global _current
    code = frame.f_code
    for event in (_C_RETURN, _C_RAISE, _LEFT, _RIGHT, _START, _RESUME, _LINE, _INSTRUCTION, _CALL,
                  _JUMP, _RETURN, _YIELD, _STOP, _RAISE, _THROW, _RERAISE, _HANDLED, _UNWIND):
        if not events & event:
            continue
        place = offset
        if event in (_LEFT, _RIGHT):
            place = before[0]
            args = (code, *before)
        elif event == _LINE:
            args = (code, line)
        elif event in (_START, _RESUME, _INSTRUCTION):
            args = (code, offset)
        elif event in (_CALL, _C_RETURN, _C_RAISE):
            callable, first = arg if event == _CALL else before
            args = (code, offset, callable, MISSING if first is ... else first)
        else:
            args = (code, offset, arg)
        for tool in _tools:
            if tool is None:
                continue
            wanted = tool.events | tool.local.get(code, 0)
            own = event
            if event in (_C_RETURN, _C_RAISE):
                own = _CALL if wanted & _CALL else 0
            callback = tool.callbacks.get(event)
            if callback is None and event in (_LEFT, _RIGHT):
                callback = tool.callbacks.get(_BRANCH)
            if not own & wanted or callback is None:
                continue
            key = code, place, event
            if key in tool.disabled:
                continue
            outer = _current
            _current = frame, event
            try:
                answer = callback(*args)
            finally:
                _current = outer
            if _n.jumped(frame):
                return
            if answer is DISABLE:
                if event & (_RAISE | _HANDLED | _UNWIND | _THROW | _RERAISE):
                    tool.callbacks.pop(event, None)
                    raise ValueError(f"Cannot disable {_NAMES[event.bit_length() - 1]} events. "
                                     "Callback removed.")
                tool.disabled.add(key)


def _check(tool_id):
    if not isinstance(tool_id, int):
        raise TypeError(f"'{type(tool_id).__name__}' object cannot be interpreted as an integer")
    if not 0 <= tool_id <= 5:
        raise ValueError(f"invalid tool {tool_id} (must be between 0 and 5)")


def _used(tool_id):
    _check(tool_id)
    tool = _tools[tool_id]
    if tool is None:
        raise ValueError(f"tool {tool_id} is not in use")
    return tool


def _changed():
    global _listening
    _listening = any(tool is not None and (tool.events or tool.local) for tool in _tools)
    _update()


def use_tool_id(tool_id, name, /):
    _check(tool_id)
    if not isinstance(name, str):
        raise ValueError("tool name must be a str")
    if _tools[tool_id] is not None:
        raise ValueError(f"tool {tool_id} is already in use")
    _tools[tool_id] = _Tool(name)


def clear_tool_id(tool_id, /):
    tool = _used(tool_id)
    _tools[tool_id] = _Tool(tool.name)
    _changed()


def free_tool_id(tool_id, /):
    _check(tool_id)
    _tools[tool_id] = None
    _changed()


def get_tool(tool_id, /):
    _check(tool_id)
    tool = _tools[tool_id]
    return None if tool is None else tool.name


def register_callback(tool_id, event, func, /):
    _check(tool_id)
    if event <= 0 or event & (event - 1):
        raise ValueError("The callback can only be set for one event at a time")
    if event > _ALL:
        raise ValueError(f"invalid event {event}")
    sys.audit('sys.monitoring.register_callback', func)
    tool = _tools[tool_id]
    if tool is None:
        # Callbacks may come before the tool.
        callbacks = _early.setdefault(tool_id, {})
    else:
        callbacks = tool.callbacks
        callbacks.update(_early.pop(tool_id, {}))
    old = callbacks.pop(event, None)
    if func is not None:
        callbacks[event] = func
    return old


_early = {}


def _events(event_set):
    if not isinstance(event_set, int):
        raise TypeError(f"'{type(event_set).__name__}' object cannot be interpreted as an integer")
    if event_set < 0 or event_set > _ALL:
        raise ValueError(f"invalid event set 0x{event_set & 0xffffffff:x}")
    if event_set & (_C_RETURN | _C_RAISE):
        if not event_set & _CALL:
            raise ValueError("cannot set C_RETURN or C_RAISE events independently")
        event_set &= ~(_C_RETURN | _C_RAISE)
    if event_set & _BRANCH:
        event_set = event_set & ~_BRANCH | _LEFT | _RIGHT
    return event_set


def get_events(tool_id, /):
    _check(tool_id)
    tool = _tools[tool_id]
    return 0 if tool is None else tool.events


def set_events(tool_id, event_set, /):
    _check(tool_id)
    event_set = _events(event_set)
    tool = _used(tool_id)
    tool.events = event_set
    tool.callbacks.update(_early.pop(tool_id, {}))
    _changed()


def get_local_events(tool_id, code, /):
    if not isinstance(code, _code):
        raise TypeError("code must be a code object")
    _check(tool_id)
    tool = _tools[tool_id]
    return 0 if tool is None else tool.local.get(code, 0)


def set_local_events(tool_id, code, event_set, /):
    if not isinstance(code, _code):
        raise TypeError("code must be a code object")
    _check(tool_id)
    event_set = _events(event_set)
    if event_set & _NO_LOCAL:
        raise ValueError(f"invalid local event set 0x{event_set:x}")
    tool = _used(tool_id)
    if event_set:
        tool.local[code] = event_set
    else:
        tool.local.pop(code, None)
    tool.callbacks.update(_early.pop(tool_id, {}))
    _changed()


def restart_events():
    for tool in _tools:
        if tool is not None:
            tool.disabled.clear()


def _all_events():
    found = {}
    for i, name in enumerate(_NAMES):
        tools = sum(1 << n for n, tool in enumerate(_tools)
                    if tool is not None and tool.events >> i & 1)
        if tools:
            found[name] = tools
    return found


_code = type((lambda: 0).__code__)


def fill_monitoring(space):
    """The contents of the module `sys.monitoring`."""
    if 'events' in space:
        return
    from types import SimpleNamespace
    space['events'] = SimpleNamespace(
        NO_EVENTS=0, **{name: 1 << i for i, name in enumerate(_NAMES)})
    space.update(DISABLE=DISABLE, MISSING=MISSING, DEBUGGER_ID=0, COVERAGE_ID=1, PROFILER_ID=2,
                 OPTIMIZER_ID=5)
    for function in (use_tool_id, clear_tool_id, free_tool_id, get_tool, register_callback,
                     get_events, set_events, get_local_events, set_local_events, restart_events,
                     _all_events):
        space[function.__name__] = function

# Trace and profile functions, and sys.monitoring.
import sys

out = []


def tracer(frame, event, arg):
    first = frame.f_code.co_firstlineno
    out.append((frame.f_code.co_name, event, frame.f_lineno - first, arg if event == 'return' else None))
    return tracer


def loop(x):
    y = 0
    for i in range(x):
        y += i
    return y


def gen():
    yield 1
    yield 2


def both():
    try:
        1/0
    except ZeroDivisionError:
        pass
    for z in gen():
        len('x')


def nested(x):
    if x:
        if x > 1:
            y = 1
        else:
            y = 2
    else:
        y = 3


def fail():
    raise ValueError


def run(function, *args):
    out.clear()
    sys.settrace(tracer)
    try:
        function(*args)
    except ValueError:
        pass
    sys.settrace(None)
    print(*out, sep='\n')


run(loop, 2)
run(both)
run(fail)
run(nested, 1)
run(nested, 0)


def broken(frame, event, arg):
    raise KeyError(event)


sys.settrace(broken)
try:
    loop(1)
except KeyError as e:
    print(repr(e), sys.gettrace())

seen = []


def profiler(frame, event, arg):
    seen.append((frame.f_code.co_name, event, getattr(arg, '__name__', arg)))


sys.setprofile(profiler)
loop(1)
len('x')
[].append(1)
try:
    int('x')
except ValueError:
    pass
sys.setprofile(None)
print(*seen, sep='\n')

m = sys.monitoring
m.use_tool_id(1, 'test')
lines = []


def line(code, n):
    lines.append((code.co_name, n - code.co_firstlineno))
    return m.DISABLE


def returned(code, offset, value):
    lines.append(('returned', code.co_name, value))


m.register_callback(1, m.events.LINE, line)
m.register_callback(1, m.events.PY_RETURN, returned)
m.set_local_events(1, loop.__code__, m.events.LINE | m.events.PY_RETURN)
loop(3)
loop(3)
m.restart_events()
loop(1)
m.set_local_events(1, loop.__code__, 0)
loop(1)
print(lines)
print(m.get_tool(1), m.get_events(1), m.events.BRANCH_LEFT)
m.free_tool_id(1)
for call in [lambda: m.use_tool_id(9, 'x'), lambda: m.set_events(1, 1), lambda: m.set_events(1, -1)]:
    try:
        call()
    except ValueError as e:
        print(e)

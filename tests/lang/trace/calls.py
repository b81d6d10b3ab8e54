# Profile events of natives, monitoring of calls with their first argument, super and branches.
import sys

M = sys.monitoring
E = M.events


def gen():
    yield 1
    return 5


class Base:
    def f(self, x):
        return x


class C(Base):
    g = classmethod(repr)

    def f(self, x):
        return super().f(x)


def program():
    for x in gen():
        len([x])
    C().f(3)
    C.g()
    args = (4,)
    max(*args, 5)
    try:
        len(3)
    except TypeError:
        pass
    return str(x)


events = []


def profile(frame, event, arg):
    events.append((event, frame.f_code.co_name, getattr(arg, '__name__', '') if 'c_' in event else ''))


sys.setprofile(profile)
program()
sys.setprofile(None)
print(*events, sep='\n')


def trace(frame, event, arg):
    print(frame.f_code.co_name, event, frame.f_lineno,
          arg[1].args if event == 'exception' else '')
    return trace


sys.settrace(trace)
program()
sys.settrace(None)


def show(kind):
    def callback(code, offset, *rest):
        print(kind, code.co_name, [getattr(x, '__name__', x if isinstance(x, int) else type(x).__name__)
                                   for x in rest])
    return callback


M.use_tool_id(3, 'test')
for event in 'CALL', 'C_RETURN', 'C_RAISE':
    M.register_callback(3, getattr(E, event), show(event))
M.set_local_events(3, program.__code__, E.CALL)
M.set_local_events(3, C.f.__code__, E.CALL)
program()
M.set_local_events(3, program.__code__, 0)
M.set_local_events(3, C.f.__code__, 0)
M.set_events(3, E.BRANCH)
print(M.get_events(3) == E.BRANCH_LEFT | E.BRANCH_RIGHT)
M.free_tool_id(3)

# A trace function that raises in the middle of an expression: nothing is left behind.
import gc
import sys
import weakref


class Thing:
    pass


def operands(seen):
    def make():
        x = Thing()
        seen.append(weakref.ref(x))
        return x

    return [make(),
            (make(),
             {"a": make(), "b": len([make(),
                                     make()])}),
            make()]


class Stop(Exception):
    pass


def run_to(n):
    """Raises in front of the n-th line event of `operands`."""
    left = n

    def local(frame, event, arg):
        nonlocal left
        if event == "line":
            left -= 1
            if left == 0:
                raise Stop
        return local

    def tracer(frame, event, arg):
        return local if frame.f_code is operands.__code__ else None

    seen = []
    sys.settrace(tracer)
    try:
        operands(seen)
        out = "returned"
    except Stop:
        out = "stopped"
    finally:
        sys.settrace(None)
    return out, sum(r() is not None for r in seen)


gc.disable()
results = [run_to(n) for n in range(1, 12)]
print(all(alive == 0 for _, alive in results), {r for r, _ in results} <= {"returned", "stopped"})


def opcodes(f, *args):
    """Raises in front of each instruction of `f`, one after the other."""
    alive = 0
    for n in range(1, 200):
        left = n

        def local(frame, event, arg):
            nonlocal left
            frame.f_trace_opcodes = True
            if event == "opcode":
                left -= 1
                if left == 0:
                    raise Stop
            return local

        def tracer(frame, event, arg):
            if frame.f_code is f.__code__:
                frame.f_trace_opcodes = True
                return local

        seen = []
        sys.settrace(tracer)
        try:
            f(seen, *args)
            done = True
        except Stop:
            done = False
        finally:
            sys.settrace(None)
        alive += sum(r() is not None for r in seen)
        if done:
            break
    print(f.__name__, alive, sys.exception())


opcodes(operands)

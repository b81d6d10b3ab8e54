# Audit events of files, of functions and their code, of frames and generators.
import os
import sys
import types

heard, listening = [], False


def shown(x):
    if isinstance(x, str):
        return os.path.basename(x) if x.endswith(".py") else x
    return None if x is None else type(x).__name__


def hook(event, args):
    global listening
    if listening:
        listening = False
        heard.append((event, [shown(x) for x in args]))
        listening = True


def f(a, b=1, *, c=2):
    pass


def told(action):
    global listening
    heard.clear()
    listening = True
    try:
        action()
    except Exception as e:
        listening = False
        print(type(e).__name__)
    finally:
        listening = False
    print(heard)


def generator():
    yield


async def agenerator():
    yield


def delete(name):
    return lambda: delattr(f, name)


code, frame, g, ag = f.__code__, sys._getframe(), generator(), agenerator()
try:
    1 / 0
except ZeroDivisionError as e:
    traceback = e.__traceback__
sys.addaudithook(hook)

told(lambda: id("x") and None)
told(lambda: code.replace(co_name="x", co_filename="file"))
told(lambda: types.FunctionType(code, {}))
for name in "__code__", "__defaults__", "__kwdefaults__", "__closure__":
    told(lambda: getattr(f, name))
told(lambda: setattr(f, "__code__", code))
told(lambda: setattr(f, "__code__", 1))
told(lambda: setattr(f, "__defaults__", (1,)))
told(lambda: setattr(f, "__defaults__", 1))
told(lambda: setattr(f, "__kwdefaults__", {"c": 1}))
told(delete("__defaults__"))
told(lambda: setattr(f, "__kwdefaults__", None))
for mode in "w", "rb", "a+", "x":
    told(lambda: open("/no such folder/x", mode))
told(lambda: open(99999, "rb"))
told(lambda: open("/no such folder/x", opener=lambda path, flags: -1))
told(lambda: os.open("/no such folder/x", os.O_RDONLY))
told(lambda: g.gi_code)
told(lambda: g.gi_frame)
told(lambda: ag.ag_code)
told(lambda: frame.f_code)
told(lambda: frame.f_globals)
told(lambda: traceback.tb_frame)
told(lambda: sys._current_frames())
told(lambda: sys._current_exceptions())


# A hook refuses.
def refuse(event, args):
    if event in ("builtins.id", "object.__setattr__", "open"):
        raise PermissionError(event)


sys.addaudithook(refuse)
for action in lambda: id(1), lambda: setattr(f, "__defaults__", (5,)), lambda: open(1, "w"):
    try:
        action()
    except PermissionError as e:
        print("refused:", e)
print(f.__defaults__)

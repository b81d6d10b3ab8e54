# Every builtin function, type and method has a description; signatures where CPython has them.
import builtins
import inspect
import types

missing = [name for name, x in vars(builtins).items()
           if not name.startswith('_') and callable(x) and not isinstance(x, type)
           and name not in ('copyright', 'credits', 'exit', 'license', 'quit', 'help')
           and not x.__doc__]
print(missing)
for t in object, int, float, str, bytes, list, tuple, dict, set, frozenset, range, property, super:
    print(t.__name__, bool(t.__doc__), [
        name for name, x in vars(t).items()
        if not name.startswith('_') and type(x) in (types.MethodDescriptorType,
                                                    types.ClassMethodDescriptorType)
        and not x.__doc__])
for f in len, abs, sorted, str.split, list.append, list.sort, dict.get, set.add, print, isinstance, sum:
    print(f.__name__, inspect.signature(f))
for t in object, float, list, tuple, enumerate, property, classmethod:
    print(t.__name__, t.__text_signature__, inspect.signature(t))
print(inspect.signature((1).__add__), types.MemberDescriptorType, types.GetSetDescriptorType)


class Slots:
    __slots__ = {'power': 'measured in kilowatts'}


print(inspect.getdoc(Slots.power))

# The types of things that have no name of their own. Not hidden: its functions are samples.
# CPython's counterpart: Modules/_typesmodule.c.

"""The types behind the names of the types module."""

import sys as _sys


class _Samples:
    __slots__ = ('member',)

    def method(self):
        yield

    async def coroutine(self):
        pass

    async def generator(self):
        yield


def _cell():
    return lambda: _cell.__name__ and here
    here = None


_coroutine = _Samples.coroutine(None)

NoneType = type(None)
NotImplementedType = type(NotImplemented)
EllipsisType = type(...)
FunctionType = LambdaType = type(_cell)
CodeType = type(_cell.__code__)
CellType = type(_cell().__closure__[0])
GeneratorType = type(_Samples.method(None))
CoroutineType = type(_coroutine)
AsyncGeneratorType = type(_Samples.generator(None))
MethodType = type(_Samples().method)
BuiltinFunctionType = BuiltinMethodType = type(len)
WrapperDescriptorType = type(object.__init__)
MethodWrapperType = type(object().__str__)
MethodDescriptorType = type(str.join)
ClassMethodDescriptorType = type(dict.__dict__['fromkeys'])
GetSetDescriptorType = type(FunctionType.__code__)
MemberDescriptorType = type(_Samples.member)
ModuleType = type(_sys)
MappingProxyType = type(type.__dict__)
SimpleNamespace = type(_sys.implementation)
GenericAlias = type(list[int])
UnionType = type(int | str)
FrameType = type(_sys._getframe())
try:
    raise TypeError
except TypeError as _error:
    TracebackType = type(_error.__traceback__)

_coroutine.close()
__all__ = [_name for _name in dir() if not _name.startswith('_')]

# What the library asks of dis: closures, imports, names, line starts; not the instructions.
import dis
import inspect
import opcode


def f(x, *a):
    import os as q, sys
    from a.b import c, d
    for i in range(x):
        print(i + 1, len(a))
    return Missing


vars = inspect.getclosurevars(f)
print(vars.nonlocals, vars.globals, sorted(vars.builtins), vars.unbound)
print(list(dis._find_imports(f.__code__)))
print(list(dis._find_store_names(compile("a = 1\ndef b(): global g\nclass c: pass", "", "exec"))))
print(sorted({line for _, line in dis.findlinestarts(f.__code__)} - {f.__code__.co_firstlineno}))
names = ('LOAD_GLOBAL', 'STORE_GLOBAL', 'DELETE_GLOBAL', 'LOAD_NAME', 'STORE_NAME', 'IMPORT_NAME')
print([name in opcode.opmap and opcode.opname[opcode.opmap[name]] for name in names])
print([i.argval for i in dis.get_instructions(f) if i.opname == 'LOAD_GLOBAL'])
print(dis.pretty_flags(f.__code__.co_flags))
print(dis.code_info(f).splitlines()[0])
try:
    dis.dis(1)
except TypeError as e:
    print(e)

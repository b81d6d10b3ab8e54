# Node classes, trees from text and back, what `compile` says of trees that are wrong.
import _ast
import ast
import copy
import pickle
import warnings

for name in sorted(n for n in dir(_ast) if not n.startswith('_')):
    cls = getattr(_ast, name)
    if isinstance(cls, type):
        print(name, cls.__bases__[0].__name__, cls._fields, cls._attributes, cls.__match_args__,
              getattr(cls, '_field_types', None), cls.__module__)
    else:
        print(name, cls)


def show(what, *, dump=False):
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter('always')
        try:
            result = what()
            text = ast.dump(result, include_attributes=True) if dump else repr(result)
        except Exception as e:
            text = f"{type(e).__name__}: {e}"
    print(text, [f"{w.category.__name__}: {w.message}" for w in seen])


for text in ["Name()", "Name(1,2,3,4)", "Name('x',foo=3)", "Name(1,id=2)", "Call()",
             "sorted(Module().__dict__)", "sorted(FunctionDef('f').__dict__)", "AST(1)", "AST(x=1)", "expr(x=1)",
             "Name('a').__replace__(id='b').__dict__", "Name('a').__replace__(foo='b')",
             "Name('a').__replace__(1)", "Load() is Load()", "Constant(1)", "alias('a')",
             "Constant.kind", "Name.lineno", "Name.end_lineno", "Name().__replace__()",
             "BinOp(left=1,op=2)", "List([Constant(1), Constant(2), Constant(3)])",
             "parse('a + b * c[1:2, d(e, f, g)]')", "parse('f(a)').body[0].__reduce__()"]:
    show(lambda: eval(text, vars(ast)))

SOURCE = '''
@d
async def f[T: int = 3, *A, **P](a, /, b: int = 1, *c, e, g=2, **h) -> 5:
    "doc"
    async for i in x: await y
    async with a as b, c: return
@e(1)
class C[T](A, metaclass=B): x: int = 1; y[0]: str
type X[T] = int
if a: pass
elif b: pass
else: del a, b
try: raise E from f
except* (A, B) as e: pass
finally: assert a, b
match p:
    case -1 | 1+2j | None if g: pass
    case [a, *_, {"x": 1, **r}, C(1, k=2)] as z: pass
a = b, *c = d
x += lambda *, k=1: (yield)
from .m import (a as b, c); import q.w as e
for x, in y: break
else: global k; nonlocal j
while 1: continue
print(f"a{b!r:>{w}}c" "d" f'{e=}', t"{x:y}", [i for i in j if k async for l in m], {**a, 1: 2},
      {1, 2}, (x := 1), a if b else c, not -~+a, a < b is not c, u'x', b'y', ..., 1j, s[1:2, ::3])
'''
tree = ast.parse(SOURCE.replace('nonlocal j', 'pass'))
print(ast.dump(tree, include_attributes=True))
print(ast.unparse(tree))
print(ast.compare(ast.parse(ast.unparse(tree)), tree))
print(ast.compare(copy.deepcopy(tree), tree), ast.compare(pickle.loads(pickle.dumps(tree)), tree))
for mode, source in [('eval', 'a + 1'), ('single', 'a; b'), ('func_type', '(int, *str) -> x')]:
    show(lambda: ast.parse(source, mode=mode), dump=True)
exec(compile(ast.parse("x = [i * i for i in range(5)]\nprint(x)"), 'f', 'exec'))
print(eval(compile(ast.Expression(ast.Constant(3, lineno=1, col_offset=0)), 'f', 'eval')))
for source in ["'%s-%r%%' % (a, b)", "__debug__", "'%d' % (a,)", "f(1 + 2)"]:
    show(lambda: ast.parse(source, optimize=1), dump=True)

P = dict(lineno=1, col_offset=1)
warnings.simplefilter('ignore')
for node in [
        ast.Module([ast.Expr(ast.expr(lineno=2, col_offset=3), **P)]),
        ast.Module([ast.Expr(None, **P)]), ast.Module([None]), ast.Module(1), ast.Module(None),
        ast.Module([ast.Expr('x', **P)]),
        ast.Module([ast.Pass(lineno=5, col_offset=5, end_lineno=3, end_col_offset=5)]),
        ast.Module([ast.Pass(lineno=-1, col_offset=5, end_lineno=3, end_col_offset=5)]),
        ast.Module([ast.Pass(lineno=5, col_offset=5, end_lineno=5, end_col_offset=3)]),
        ast.Module([ast.Pass(lineno='a', col_offset=5)]),
        ast.Module([ast.Pass(lineno=None, col_offset=5)]), ast.Module([ast.Pass()]),
        ast.Module([ast.Pass(**P)]), ast.Module([ast.Expr(ast.Name(1, ast.Load(), **P), **P)]),
        ast.Module([ast.Expr(ast.Name('x', ast.Add(), **P), **P)]),
        ast.Module([ast.Expr(ast.Name('x', ast.Store(), **P), **P)]),
        ast.Module([ast.Expr(ast.Name('None', ast.Load(), **P), **P)]),
        ast.Module([ast.Expr(ast.Constant([1], **P), **P)]),
        ast.Module([ast.Expr(ast.Constant((1, [1]), **P), **P)]),
        ast.Module([ast.Import([3], **P)]), ast.Module([ast.Import([], **P)]),
        ast.Module([ast.Expr(ast.List([None], ast.Load(), **P), **P)]),
        ast.Module([ast.FunctionDef('f', None, **P)]), ast.Pass(), ast.Expression(),
        ast.Module([ast.If(ast.Constant(1, **P), [], **P)]),
        ast.Module([ast.Delete([], **P)]), ast.Module([ast.Try([ast.Pass(**P)], **P)]),
        ast.Module([ast.Expr(ast.Dict([], [ast.Constant(1, **P)], **P), **P)]),
        ast.Module([ast.Expr(ast.BoolOp(ast.And(), [], **P), **P)])]:
    show(lambda: bool(compile(node, 'f', 'exec')))
loop = ast.UnaryOp(op=ast.Not(), **P)
loop.operand = loop
try:
    compile(ast.Expression(loop), 'f', 'eval')
except RecursionError:
    print('RecursionError')


class Computed(ast.Name):
    id = property(lambda self: 'answer')


answer = 42
name = Computed(ctx=ast.Load(), **P)
print(eval(compile(ast.Expression(name), 'f', 'eval')))

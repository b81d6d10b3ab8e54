# Type comments where the grammar has them.
import ast

SOURCE = '''\
def f(a,  # type: int
      *b,  # type: str
      c=1  # type: float
      ):
    # type: (...) -> None
    x = 1  # type: int
    for i in a:  # type: str
        pass
    with a as b:  #type:  bool
        y = [1,
             2]  # type: list
    z = 3  # type: ignore
    w = 3  # type: ignore[x] # more
def g(): # type: () -> int
    return 1
x = 1  # not a type: comment
'''
print(ast.dump(ast.parse(SOURCE, type_comments=True), indent=1))
print('type_comment' in ast.dump(ast.parse(SOURCE)))
print(ast.dump(ast.parse('(int, *str, **Any) -> float', mode='func_type')))

# native: the node classes of the syntax tree, made from the grammar's own text.
# CPython's counterpart: Python/Python-ast.c.

PyCF_ONLY_AST, PyCF_TYPE_COMMENTS, PyCF_ALLOW_TOP_LEVEL_AWAIT, PyCF_OPTIMIZED_AST = (
    0x400, 0x1000, 0x2000, 0x8400)

_GRAMMAR = """
mod: Module(body*, type_ignores*) Interactive(body*) Expression(body) FunctionType(argtypes*, returns)
stmt@: FunctionDef(name, args, body*, decorator_list*, returns?, type_comment?, type_params*) AsyncFunctionDef(name, args, body*, decorator_list*, returns?, type_comment?, type_params*) ClassDef(name, bases*, keywords*, body*, decorator_list*, type_params*) Return(value?) Delete(targets*) Assign(targets*, value, type_comment?) TypeAlias(name, type_params*, value) AugAssign(target, op, value) AnnAssign(target, annotation, value?, simple) For(target, iter, body*, orelse*, type_comment?) AsyncFor(target, iter, body*, orelse*, type_comment?) While(test, body*, orelse*) If(test, body*, orelse*) With(items*, body*, type_comment?) AsyncWith(items*, body*, type_comment?) Match(subject, cases*) Raise(exc?, cause?) Try(body*, handlers*, orelse*, finalbody*) TryStar(body*, handlers*, orelse*, finalbody*) Assert(test, msg?) Import(names*) ImportFrom(module?, names*, level?) Global(names*) Nonlocal(names*) Expr(value) Pass() Break() Continue()
expr@: BoolOp(op, values*) NamedExpr(target, value) BinOp(left, op, right) UnaryOp(op, operand) Lambda(args, body) IfExp(test, body, orelse) Dict(keys*, values*) Set(elts*) ListComp(elt, generators*) SetComp(elt, generators*) DictComp(key, value, generators*) GeneratorExp(elt, generators*) Await(value) Yield(value?) YieldFrom(value) Compare(left, ops*, comparators*) Call(func, args*, keywords*) FormattedValue(value, conversion, format_spec?) Interpolation(value, str, conversion, format_spec?) JoinedStr(values*) TemplateStr(values*) Constant(value, kind?) Attribute(value, attr, ctx) Subscript(value, slice, ctx) Starred(value, ctx) Name(id, ctx) List(elts*, ctx) Tuple(elts*, ctx) Slice(lower?, upper?, step?)
expr_context: Load() Store() Del()
boolop: And() Or()
operator: Add() Sub() Mult() MatMult() Div() Mod() Pow() LShift() RShift() BitOr() BitXor() BitAnd() FloorDiv()
unaryop: Invert() Not() UAdd() USub()
cmpop: Eq() NotEq() Lt() LtE() Gt() GtE() Is() IsNot() In() NotIn()
excepthandler@: ExceptHandler(type?, name?, body*)
pattern@: MatchValue(value) MatchSingleton(value) MatchSequence(patterns*) MatchMapping(keys*, patterns*, rest?) MatchClass(cls, patterns*, kwd_attrs*, kwd_patterns*) MatchStar(name?) MatchAs(pattern?, name?) MatchOr(patterns*)
type_ignore: TypeIgnore(lineno, tag)
type_param@: TypeVar(name, bound?, default_value?) ParamSpec(name, default_value?) TypeVarTuple(name, default_value?)
AST: comprehension(target, iter, ifs*, is_async) arguments(posonlyargs*, args*, vararg?, kwonlyargs*, kw_defaults*, kwarg?, defaults*) arg@(arg, annotation?, type_comment?) keyword@(arg?, value) alias@(name, asname?) withitem(context_expr, optional_vars?) match_case(pattern, guard?, body*)
"""

_POSITION = ('lineno', 'col_offset', 'end_lineno', 'end_col_offset')


class AST:
    _fields = ()
    _attributes = ()
    __match_args__ = ()
    _field_types = {}
    _lists = _optional = frozenset()

    def __init__(self, /, *args, **kwargs):
        cls = type(self)
        fields = cls._fields
        if len(args) > len(fields):
            plural = '' if len(fields) == 1 else 's'
            raise TypeError(f"{cls.__name__} constructor takes at most {len(fields)} positional "
                            f"argument{plural}")
        left = list(fields[len(args):])
        for name, value in zip(fields, args):
            setattr(self, name, value)
        for name, value in kwargs.items():
            if name in fields and name not in left:
                raise TypeError(f"{cls.__name__} got multiple values for argument '{name}'")
            if name in left:
                left.remove(name)
            elif name not in cls._attributes:
                import warnings
                warnings.warn(f"{cls.__name__}.__init__ got an unexpected keyword argument '{name}'. "
                              "Support for arbitrary keyword arguments is deprecated and will be "
                              "removed in Python 3.15.", DeprecationWarning, 2)
            setattr(self, name, value)
        for name in left:
            if name in cls._lists:
                setattr(self, name, [])
            elif name == 'ctx':
                self.ctx = Load()
            elif name not in cls._optional:
                import warnings
                warnings.warn(f"{cls.__name__}.__init__ missing 1 required positional argument: "
                              f"'{name}'. This will become an error in Python 3.15.",
                              DeprecationWarning, 2)

    def __reduce__(self):
        return (type(self), (), dict(self.__dict__))

    def __replace__(self, /, **changes):
        values = {**self.__dict__, **changes}
        return type(self)(**values)

    def __repr__(self):
        parts = [f"{n}={getattr(self, n)!r}" for n in self._fields if hasattr(self, n)]
        return f"{type(self).__name__}({', '.join(parts)})"


AST.__module__ = 'ast'


def _make():
    space = (lambda: 0).__globals__

    def cls(name, base, fields, positions):
        names = tuple([f.rstrip('*?') for f in fields])
        ns = {'__module__': 'ast', '_fields': names, '__match_args__': names,
              '_lists': frozenset(f[:-1] for f in fields if f.endswith('*')),
              '_optional': frozenset(f[:-1] for f in fields if f.endswith('?')),
              '_field_types': {f.rstrip('*?'): list if f.endswith('*') else object
                               for f in fields}}
        for f in fields:
            if f.endswith('?'):
                ns[f[:-1]] = None
        if positions:
            ns['_attributes'] = _POSITION
            ns['end_lineno'] = ns['end_col_offset'] = None
        space[name] = type(name, (base,), ns)

    for line in _GRAMMAR.strip().splitlines():
        head, _, rest = line.partition(': ')
        positions = head.endswith('@')
        head = head.rstrip('@')
        if head == 'AST':
            base = AST
        else:
            cls(head, AST, (), positions)
            base = space[head]
        for part in rest.split(')')[:-1]:
            name, _, fields = part.strip().partition('(')
            own = name.endswith('@')
            fields = [f.strip() for f in fields.split(',') if f.strip()]
            cls(name.rstrip('@'), base, fields, positions or own)


_make()

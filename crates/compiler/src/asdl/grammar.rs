//! The grammar of syntax trees: the one list from which the `_ast` classes, the flat form and its
//! checks are made. The text is the documentation of those classes, too.
//!
//! CPython's counterpart: `Parser/Python.asdl`.

use std::sync::OnceLock;

/// `NAME = Constructor(fields) | ...` is a sum, `NAME(fields)` a product; `@` marks what has a
/// position. `?` optional, `*` a list, `?*` a list that may hold None.
const TEXT: &str = "
mod = Module(stmt* body, type_ignore* type_ignores) | Interactive(stmt* body) | Expression(expr body)
 | FunctionType(expr* argtypes, expr returns)
@stmt = FunctionDef(identifier name, arguments args, stmt* body, expr* decorator_list, expr? returns, string? type_comment, type_param* type_params)
 | AsyncFunctionDef(identifier name, arguments args, stmt* body, expr* decorator_list, expr? returns, string? type_comment, type_param* type_params)
 | ClassDef(identifier name, expr* bases, keyword* keywords, stmt* body, expr* decorator_list, type_param* type_params)
 | Return(expr? value) | Delete(expr* targets) | Assign(expr* targets, expr value, string? type_comment)
 | TypeAlias(expr name, type_param* type_params, expr value) | AugAssign(expr target, operator op, expr value)
 | AnnAssign(expr target, expr annotation, expr? value, int simple)
 | For(expr target, expr iter, stmt* body, stmt* orelse, string? type_comment)
 | AsyncFor(expr target, expr iter, stmt* body, stmt* orelse, string? type_comment)
 | While(expr test, stmt* body, stmt* orelse) | If(expr test, stmt* body, stmt* orelse)
 | With(withitem* items, stmt* body, string? type_comment) | AsyncWith(withitem* items, stmt* body, string? type_comment)
 | Match(expr subject, match_case* cases) | Raise(expr? exc, expr? cause)
 | Try(stmt* body, excepthandler* handlers, stmt* orelse, stmt* finalbody)
 | TryStar(stmt* body, excepthandler* handlers, stmt* orelse, stmt* finalbody)
 | Assert(expr test, expr? msg) | Import(alias* names) | ImportFrom(identifier? module, alias* names, int? level)
 | Global(identifier* names) | Nonlocal(identifier* names) | Expr(expr value) | Pass | Break | Continue
@expr = BoolOp(boolop op, expr* values) | NamedExpr(expr target, expr value) | BinOp(expr left, operator op, expr right)
 | UnaryOp(unaryop op, expr operand) | Lambda(arguments args, expr body) | IfExp(expr test, expr body, expr orelse)
 | Dict(expr?* keys, expr* values) | Set(expr* elts) | ListComp(expr elt, comprehension* generators)
 | SetComp(expr elt, comprehension* generators) | DictComp(expr key, expr value, comprehension* generators)
 | GeneratorExp(expr elt, comprehension* generators) | Await(expr value) | Yield(expr? value) | YieldFrom(expr value)
 | Compare(expr left, cmpop* ops, expr* comparators) | Call(expr func, expr* args, keyword* keywords)
 | FormattedValue(expr value, int conversion, expr? format_spec)
 | Interpolation(expr value, constant str, int conversion, expr? format_spec) | JoinedStr(expr* values)
 | TemplateStr(expr* values) | Constant(constant value, string? kind) | Attribute(expr value, identifier attr, expr_context ctx)
 | Subscript(expr value, expr slice, expr_context ctx) | Starred(expr value, expr_context ctx)
 | Name(identifier id, expr_context ctx) | List(expr* elts, expr_context ctx) | Tuple(expr* elts, expr_context ctx)
 | Slice(expr? lower, expr? upper, expr? step)
expr_context = Load | Store | Del
boolop = And | Or
operator = Add | Sub | Mult | MatMult | Div | Mod | Pow | LShift | RShift | BitOr | BitXor | BitAnd | FloorDiv
unaryop = Invert | Not | UAdd | USub
cmpop = Eq | NotEq | Lt | LtE | Gt | GtE | Is | IsNot | In | NotIn
comprehension(expr target, expr iter, expr* ifs, int is_async)
@excepthandler = ExceptHandler(expr? type, identifier? name, stmt* body)
arguments(arg* posonlyargs, arg* args, arg? vararg, arg* kwonlyargs, expr?* kw_defaults, arg? kwarg, expr* defaults)
@arg(identifier arg, expr? annotation, string? type_comment)
@keyword(identifier? arg, expr value)
@alias(identifier name, identifier? asname)
withitem(expr context_expr, expr? optional_vars)
match_case(pattern pattern, expr? guard, stmt* body)
@pattern = MatchValue(expr value) | MatchSingleton(constant value) | MatchSequence(pattern* patterns)
 | MatchMapping(expr* keys, pattern* patterns, identifier? rest)
 | MatchClass(expr cls, pattern* patterns, identifier* kwd_attrs, pattern* kwd_patterns) | MatchStar(identifier? name)
 | MatchAs(pattern? pattern, identifier? name) | MatchOr(pattern* patterns)
type_ignore = TypeIgnore(int lineno, string tag)
@type_param = TypeVar(identifier name, expr? bound, expr? default_value) | ParamSpec(identifier name, expr? default_value)
 | TypeVarTuple(identifier name, expr? default_value)
";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    One,
    Optional,
    Many,
    /// A list whose items may be None.
    ManyOptional,
}

#[derive(Clone, Debug)]
pub struct Field {
    pub name: &'static str,
    /// A sort, or `identifier`, `string`, `int`, `constant`.
    pub sort: &'static str,
    pub count: Count,
}

impl Field {
    #[must_use]
    pub fn is_list(&self) -> bool {
        matches!(self.count, Count::Many | Count::ManyOptional)
    }
    /// As the documentation writes it: `expr* values`.
    #[must_use]
    pub fn text(&self) -> String {
        let mark = match self.count {
            Count::One => "",
            Count::Optional => "?",
            Count::Many => "*",
            Count::ManyOptional => "?*",
        };
        format!("{}{mark} {}", self.sort, self.name)
    }
}

/// A class that has instances.
#[derive(Clone, Debug)]
pub struct Class {
    pub name: &'static str,
    pub sort: &'static str,
    pub fields: Vec<Field>,
    /// Has the four position attributes.
    pub positioned: bool,
}

impl Class {
    #[must_use]
    pub fn is_product(&self) -> bool {
        self.name == self.sort
    }
}

/// The classes in the order of the text; their index is their number.
#[must_use]
pub fn classes() -> &'static [Class] {
    static CLASSES: OnceLock<Vec<Class>> = OnceLock::new();
    CLASSES.get_or_init(|| {
        let mut out = Vec::new();
        let (mut sort, mut positioned) = ("", false);
        for line in TEXT.trim().lines() {
            let body = if let Some(more) = line.strip_prefix(" |") {
                more
            } else {
                let (marked, line) = match line.strip_prefix('@') {
                    Some(line) => (true, line),
                    None => (false, line),
                };
                positioned = marked;
                let end = line.find([' ', '(']).unwrap_or(line.len());
                sort = &line[..end];
                match line.split_once(" = ") {
                    Some((_, body)) => body,
                    None => line,
                }
            };
            for part in body.split(" | ") {
                let (name, fields) = match part.trim().split_once('(') {
                    Some((name, fields)) => (name, fields.trim_end_matches(')')),
                    None => (part.trim(), ""),
                };
                let fields = fields.split(", ").filter(|f| !f.is_empty()).map(field).collect();
                out.push(Class { name, sort, fields, positioned });
            }
        }
        out
    })
}

fn field(text: &'static str) -> Field {
    let (kind, name) = text.split_once(' ').unwrap_or(("", text));
    let (sort, count) = if let Some(sort) = kind.strip_suffix("?*") {
        (sort, Count::ManyOptional)
    } else if let Some(sort) = kind.strip_suffix('*') {
        (sort, Count::Many)
    } else if let Some(sort) = kind.strip_suffix('?') {
        (sort, Count::Optional)
    } else {
        (kind, Count::One)
    };
    Field { name, sort, count }
}

/// Number of the class `name`. The names that the compiler asks for are all in the text.
#[must_use]
pub fn class(name: &str) -> u16 {
    use std::collections::HashMap;
    static NUMBERS: OnceLock<HashMap<&'static str, u16>> = OnceLock::new();
    let numbers = NUMBERS.get_or_init(|| classes().iter().map(|c| c.name).zip(0u16..).collect());
    numbers.get(name).copied().unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_have_their_fields() {
        let all = classes();
        assert_eq!(all.iter().filter(|c| !c.is_product()).count(), 106);
        let dict = &all[class("Dict") as usize];
        assert_eq!((dict.sort, dict.positioned, dict.fields.len()), ("expr", true, 2));
        assert_eq!(dict.fields[0].text(), "expr?* keys");
        assert!(all[class("alias") as usize].is_product());
    }
}

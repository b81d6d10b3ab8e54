//! Rows that were read from `_ast` objects to the IR: types of fields, required fields, None in
//! lists, positions. What the values mean together is `validate`'s.
//!
//! Checks come in CPython's order (a node's position, then its fields, then what is required), so
//! that a tree with several faults gives the same error. Recursion is bounded by the rows' depth.
//! CPython's counterpart: the `obj2ast_*` functions of `Python/Python-ast.c`.

use super::grammar::{Class, class, classes};
use super::{Flat, Item, Object, Refused, Row, RowPos};
use crate::error::{ErrorKind, SyntaxError};
use crate::ir::{
    Alias, Arg, ArgsId, Arguments, BoolOp, ClassDef, CmpOp, Comprehension, ConstId, Ctx, ExprId,
    ExprKind, FunctionDef, Handler, Keyword, List, MatchCase, Operator, PatternId, PatternKind,
    Pooled, Pos, Root, StmtId, StmtKind, Sym, Tree, TypeParam, TypeParamKind, UnaryOp, WithItem,
};

type Checked<T> = Result<T, Refused>;

fn refuse<T>(kind: ErrorKind, message: impl Into<String>) -> Checked<T> {
    Err(Refused { error: SyntaxError::bare(kind, message), object: None })
}

fn type_error<T>(message: impl Into<String>) -> Checked<T> {
    refuse(ErrorKind::Type, message)
}

fn value_error<T>(message: impl Into<String>) -> Checked<T> {
    refuse(ErrorKind::Value, message)
}

struct Import<'f> {
    flat: &'f Flat,
    tree: Tree,
    depth: u32,
}

/// The tree of the rows. Runs on a stack fit for their depth.
pub fn import(flat: &Flat) -> Checked<Tree> {
    // The closure's error type is the compiler's; a refusal travels beside it.
    let mut refused = None;
    let done = crate::deep::run(flat.depth, || {
        let mut import = Import { flat, tree: Tree::new(), depth: 0 };
        match import.root() {
            Ok(()) => {
                import.tree.depth = flat.depth;
                Ok(Some(import.tree))
            }
            Err(r) => {
                refused = Some(r);
                Ok(None)
            }
        }
    });
    match (done, refused) {
        (_, Some(refused)) => Err(refused),
        (Ok(Some(tree)), None) => Ok(tree),
        (Err(error), None) => Err(Refused { error, object: None }),
        (Ok(None), None) => value_error("no tree"),
    }
}

/// A row with its class.
struct Node<'f> {
    class: &'static Class,
    fields: &'f [Item],
}

impl<'f> Node<'f> {
    fn index(&self, name: &str) -> usize {
        self.class.fields.iter().position(|f| f.name == name).unwrap_or(0)
    }
    fn get(&self, name: &str) -> &'f Item {
        self.fields.get(self.index(name)).unwrap_or(&Item::Missing)
    }
    fn missing<T>(&self, name: &str) -> Checked<T> {
        type_error(format!("required field \"{name}\" missing from {}", self.class.name))
    }
    fn required<T>(&self, name: &str, value: Option<T>) -> Checked<T> {
        match value {
            Some(value) => Ok(value),
            None => value_error(format!("field '{name}' is required for {}", self.class.name)),
        }
    }
    /// The item of a field that may not be missing.
    fn present(&self, name: &str) -> Checked<&'f Item> {
        match self.get(name) {
            Item::Missing => self.missing(name),
            item => Ok(item),
        }
    }
}

fn position(line: i64, col: i64, end_line: i64, end_col: i64) -> Checked<Pos> {
    if line > end_line {
        return value_error(format!("AST node line range ({line}, {end_line}) is not valid"));
    }
    if line < 0 && end_line != line || col < 0 && col != end_col {
        return value_error(format!(
            "AST node column range ({col}, {end_col}) for line range ({line}, {end_line}) is not valid"
        ));
    }
    if line == end_line && col > end_col {
        return value_error(format!("line {line}, column {col}-{end_col} is not a valid range"));
    }
    let n = |v: i64| u32::try_from(v.max(0)).unwrap_or(u32::MAX);
    Ok(Pos { line: n(line), col: n(col), end_line: n(end_line), end_col: n(end_col) })
}

impl<'f> Import<'f> {
    fn root(&mut self) -> Checked<()> {
        let (_, node) = self.node(&Item::Node(self.flat.root), "mod")?;
        self.tree.root = match node.class.name {
            "Module" => {
                let body = self.stmts(&node, "body")?;
                for item in self.list_items(&node, "type_ignores")? {
                    let (_, ignore) = self.node(item, "type_ignore")?;
                    self.int(&ignore, "lineno")?;
                    let tag = self.text(&ignore, "tag")?;
                    ignore.required("tag", tag)?;
                }
                Root::Module { body }
            }
            "Interactive" => Root::Interactive { body: self.stmts(&node, "body")? },
            "Expression" => Root::Expression { body: self.expr(&node, "body")? },
            _ => {
                let argtypes = self.exprs(&node, "argtypes")?;
                Root::FunctionType { argtypes, returns: self.expr(&node, "returns")? }
            }
        };
        Ok(())
    }

    fn other(item: &Item) -> Option<Object> {
        match item {
            Item::Node(row) => Some(Object::Row(*row)),
            Item::Other(at, _) => Some(Object::Other(*at)),
            Item::Single(class) => Some(Object::Single(*class)),
            _ => Some(Object::None),
        }
    }

    fn unexpected<T>(item: &Item, sort: &str) -> Checked<T> {
        Err(Refused {
            error: SyntaxError::bare(
                ErrorKind::Type,
                format!("expected some sort of {sort}, but got "),
            ),
            object: Self::other(item),
        })
    }

    fn int_item(item: &Item) -> Checked<i64> {
        match item {
            Item::Int(n) => Ok(*n),
            item => Err(Refused {
                error: SyntaxError::bare(ErrorKind::Value, "invalid integer value: "),
                object: Self::other(item),
            }),
        }
    }

    fn pos(row: &Row, owner: &str) -> Checked<Pos> {
        match &row.pos {
            RowPos::Known(pos) => Ok(*pos),
            RowPos::None => type_error(format!("required field \"lineno\" missing from {owner}")),
            RowPos::Read(items) => {
                let needed = |i: usize, name: &str| match &items[i] {
                    Item::Missing => {
                        type_error(format!("required field \"{name}\" missing from {owner}"))
                    }
                    item => Self::int_item(item),
                };
                let or = |i: usize, start: i64| match &items[i] {
                    Item::Missing | Item::None => Ok(start),
                    item => Self::int_item(item),
                };
                let (line, col) = (needed(0, "lineno")?, needed(1, "col_offset")?);
                let (end_line, end_col) = (or(2, line)?, or(3, col)?);
                position(line, col, end_line, end_col)
            }
        }
    }

    /// The node behind an item that must be of this sort.
    fn node(&self, item: &Item, sort: &str) -> Checked<(Pos, Node<'f>)> {
        let sort_class = classes().iter().find(|c| c.sort == sort);
        let positioned = sort_class.is_some_and(|c| c.positioned);
        let product = sort_class.is_some_and(Class::is_product);
        let flat: &'f Flat = self.flat;
        let Item::Node(at) = item else {
            // CPython looks at the fields before it looks at the class.
            if let Some(c) = sort_class.filter(|_| product) {
                let first = c.fields.iter().find(|f| f.count == super::grammar::Count::One);
                if let Some(first) = first {
                    return type_error(format!(
                        "required field \"{}\" missing from {sort}",
                        first.name
                    ));
                }
            }
            if positioned {
                return type_error(format!("required field \"lineno\" missing from {sort}"));
            }
            return Self::unexpected(item, sort);
        };
        let row = &flat.rows[*at as usize];
        let found = classes().get(row.class as usize);
        let right = found.filter(|c| c.sort == sort);
        let pos = if positioned && !(product && right.is_none()) {
            Self::pos(row, sort)?
        } else {
            Pos::default()
        };
        match right {
            Some(class) => {
                let first = row.first as usize;
                Ok((pos, Node { class, fields: &flat.items[first..first + class.fields.len()] }))
            }
            None => Self::unexpected(item, sort),
        }
    }

    fn enter(&mut self) -> Checked<()> {
        self.depth += 1;
        if self.depth > self.flat.depth + 8 {
            return Err(Refused { error: SyntaxError::recursion(), object: None });
        }
        Ok(())
    }

    fn list_items(&self, node: &Node<'f>, name: &str) -> Checked<&'f [Item]> {
        let flat: &'f Flat = self.flat;
        match node.get(name) {
            Item::Missing => Ok(&[]),
            Item::List(start, len) => Ok(&flat.pool[*start as usize..(*start + *len) as usize]),
            item => {
                let owner = node.class.name;
                let what: &str = match item {
                    Item::None => "NoneType",
                    Item::Other(_, name) => name,
                    Item::Node(row) => classes()
                        .get(flat.rows[*row as usize].class as usize)
                        .map_or("AST", |c| c.name),
                    Item::Single(class) => classes()[*class as usize].name,
                    _ => "str",
                };
                type_error(format!("{owner} field \"{name}\" must be a list, not a {what}"))
            }
        }
    }

    fn list<T: Pooled>(
        &mut self,
        node: &Node<'f>,
        name: &str,
        mut f: impl FnMut(&mut Self, &'f Item) -> Checked<T>,
    ) -> Checked<List<T>> {
        let items = self.list_items(node, name)?;
        let mut out = Vec::with_capacity(items.len());
        for item in items {
            out.push(f(self, item)?);
        }
        Ok(self.tree.list(&out))
    }

    // Plain values.

    fn int(&self, node: &Node<'f>, name: &str) -> Checked<i64> {
        Self::int_item(node.present(name)?)
    }

    fn symbol(&mut self, item: &Item) -> Checked<Option<Sym>> {
        match item {
            Item::None | Item::Missing => Ok(None),
            Item::Str(text) => Ok(Some(self.tree.sym(&String::from_utf8_lossy(text)))),
            _ => type_error("AST identifier must be of type str"),
        }
    }
    fn opt_sym(&mut self, node: &Node<'f>, name: &str) -> Checked<Option<Sym>> {
        self.symbol(node.get(name))
    }
    fn sym(&mut self, node: &Node<'f>, name: &str) -> Checked<Sym> {
        let value = self.symbol(node.present(name)?)?;
        node.required(name, value)
    }
    fn syms(&mut self, node: &Node<'f>, name: &str) -> Checked<List<Sym>> {
        self.list(node, name, |s, item| match s.symbol(item)? {
            Some(name) => Ok(name),
            None => value_error("None disallowed in identifier list"),
        })
    }
    fn text(&mut self, node: &Node<'f>, name: &str) -> Checked<Option<Sym>> {
        match node.get(name) {
            Item::Other(..) => type_error("AST string must be of type str"),
            item => self.symbol(item),
        }
    }
    fn constant(&mut self, node: &Node<'f>, name: &str) -> Checked<ConstId> {
        match node.present(name)? {
            Item::Constant(value) => Ok(self.tree.constant(value.clone())),
            Item::Other(_, type_name) => {
                type_error(format!("got an invalid type in Constant: {type_name}"))
            }
            _ => type_error("got an invalid type in Constant: AST"),
        }
    }

    fn single(&self, node: &Node<'f>, name: &str) -> Checked<&'static str> {
        let sort = node.class.fields[node.index(name)].sort;
        self.single_item(node.present(name)?, sort)
    }
    fn single_item(&self, item: &Item, sort: &str) -> Checked<&'static str> {
        if let Item::Single(at) = item {
            let class = &classes()[*at as usize];
            if class.sort == sort {
                return Ok(class.name);
            }
        }
        Self::unexpected(item, sort)
    }
    fn ctx(&self, node: &Node<'f>) -> Checked<Ctx> {
        Ok(match self.single(node, "ctx")? {
            "Load" => Ctx::Load,
            "Store" => Ctx::Store,
            _ => Ctx::Del,
        })
    }
    fn operator(&self, node: &Node<'f>) -> Checked<Operator> {
        Ok(match self.single(node, "op")? {
            "Add" => Operator::Add,
            "Sub" => Operator::Sub,
            "Mult" => Operator::Mult,
            "MatMult" => Operator::MatMult,
            "Div" => Operator::Div,
            "Mod" => Operator::Mod,
            "Pow" => Operator::Pow,
            "LShift" => Operator::LShift,
            "RShift" => Operator::RShift,
            "BitOr" => Operator::BitOr,
            "BitXor" => Operator::BitXor,
            "BitAnd" => Operator::BitAnd,
            _ => Operator::FloorDiv,
        })
    }
    fn cmp_op(&self, item: &Item) -> Checked<CmpOp> {
        Ok(match self.single_item(item, "cmpop")? {
            "Eq" => CmpOp::Eq,
            "NotEq" => CmpOp::NotEq,
            "Lt" => CmpOp::Lt,
            "LtE" => CmpOp::LtE,
            "Gt" => CmpOp::Gt,
            "GtE" => CmpOp::GtE,
            "Is" => CmpOp::Is,
            "IsNot" => CmpOp::IsNot,
            "In" => CmpOp::In,
            _ => CmpOp::NotIn,
        })
    }

    // Expressions.

    fn opt_item(&mut self, item: &Item) -> Checked<Option<ExprId>> {
        if matches!(item, Item::None | Item::Missing) {
            return Ok(None);
        }
        self.enter()?;
        let (pos, node) = self.node(item, "expr")?;
        let kind = self.expr_kind(&node)?;
        self.depth -= 1;
        Ok(Some(self.tree.expr(pos, kind)))
    }
    fn opt(&mut self, node: &Node<'f>, name: &str) -> Checked<Option<ExprId>> {
        self.opt_item(node.get(name))
    }
    fn expr(&mut self, node: &Node<'f>, name: &str) -> Checked<ExprId> {
        let value = self.opt_item(node.present(name)?)?;
        node.required(name, value)
    }
    fn exprs(&mut self, node: &Node<'f>, name: &str) -> Checked<List<ExprId>> {
        self.list(node, name, |s, item| match s.opt_item(item)? {
            Some(e) => Ok(e),
            None => value_error("None disallowed in expression list"),
        })
    }
    fn opt_exprs(&mut self, node: &Node<'f>, name: &str) -> Checked<List<Option<ExprId>>> {
        self.list(node, name, |s, item| s.opt_item(item))
    }

    fn expr_kind(&mut self, n: &Node<'f>) -> Checked<ExprKind> {
        Ok(match n.class.name {
            "BoolOp" => {
                let op = match self.single(n, "op")? {
                    "And" => BoolOp::And,
                    _ => BoolOp::Or,
                };
                ExprKind::BoolOp { op, values: self.exprs(n, "values")? }
            }
            "NamedExpr" => ExprKind::NamedExpr {
                target: self.expr(n, "target")?,
                value: self.expr(n, "value")?,
            },
            "BinOp" => {
                let left = self.expr(n, "left")?;
                let op = self.operator(n)?;
                ExprKind::BinOp { left, op, right: self.expr(n, "right")? }
            }
            "UnaryOp" => {
                let op = match self.single(n, "op")? {
                    "Invert" => UnaryOp::Invert,
                    "Not" => UnaryOp::Not,
                    "UAdd" => UnaryOp::UAdd,
                    _ => UnaryOp::USub,
                };
                ExprKind::UnaryOp { op, operand: self.expr(n, "operand")? }
            }
            "Lambda" => {
                let args = self.arguments(n.present("args")?)?;
                ExprKind::Lambda { args, body: self.expr(n, "body")? }
            }
            "IfExp" => ExprKind::IfExp {
                test: self.expr(n, "test")?,
                body: self.expr(n, "body")?,
                orelse: self.expr(n, "orelse")?,
            },
            "Dict" => ExprKind::Dict {
                keys: self.opt_exprs(n, "keys")?,
                values: self.exprs(n, "values")?,
            },
            "Set" => ExprKind::Set { elts: self.exprs(n, "elts")? },
            "ListComp" => {
                ExprKind::ListComp { elt: self.expr(n, "elt")?, generators: self.generators(n)? }
            }
            "SetComp" => {
                ExprKind::SetComp { elt: self.expr(n, "elt")?, generators: self.generators(n)? }
            }
            "DictComp" => ExprKind::DictComp {
                key: self.expr(n, "key")?,
                value: self.expr(n, "value")?,
                generators: self.generators(n)?,
            },
            "GeneratorExp" => ExprKind::GeneratorExp {
                elt: self.expr(n, "elt")?,
                generators: self.generators(n)?,
            },
            "Await" => ExprKind::Await { value: self.expr(n, "value")? },
            "Yield" => ExprKind::Yield { value: self.opt(n, "value")? },
            "YieldFrom" => ExprKind::YieldFrom { value: self.expr(n, "value")? },
            "Compare" => {
                let left = self.expr(n, "left")?;
                let ops = self.list(n, "ops", |s, item| s.cmp_op(item))?;
                ExprKind::Compare { left, ops, comparators: self.exprs(n, "comparators")? }
            }
            "Call" => ExprKind::Call {
                func: self.expr(n, "func")?,
                args: self.exprs(n, "args")?,
                keywords: self.keywords(n)?,
            },
            "FormattedValue" => ExprKind::FormattedValue {
                value: self.expr(n, "value")?,
                conversion: self.conversion(n)?,
                format_spec: self.opt(n, "format_spec")?,
            },
            "Interpolation" => ExprKind::Interpolation {
                value: self.expr(n, "value")?,
                text: self.constant(n, "str")?,
                conversion: self.conversion(n)?,
                format_spec: self.opt(n, "format_spec")?,
            },
            "JoinedStr" => ExprKind::JoinedStr { values: self.exprs(n, "values")? },
            "TemplateStr" => ExprKind::TemplateStr { values: self.exprs(n, "values")? },
            "Constant" => ExprKind::Constant {
                value: self.constant(n, "value")?,
                kind: self.text(n, "kind")?,
            },
            "Attribute" => ExprKind::Attribute {
                value: self.expr(n, "value")?,
                attr: self.sym(n, "attr")?,
                ctx: self.ctx(n)?,
            },
            "Subscript" => ExprKind::Subscript {
                value: self.expr(n, "value")?,
                slice: self.expr(n, "slice")?,
                ctx: self.ctx(n)?,
            },
            "Starred" => ExprKind::Starred { value: self.expr(n, "value")?, ctx: self.ctx(n)? },
            "Name" => ExprKind::Name { id: self.sym(n, "id")?, ctx: self.ctx(n)? },
            "List" => ExprKind::List { elts: self.exprs(n, "elts")?, ctx: self.ctx(n)? },
            "Tuple" => ExprKind::Tuple { elts: self.exprs(n, "elts")?, ctx: self.ctx(n)? },
            _ => ExprKind::Slice {
                lower: self.opt(n, "lower")?,
                upper: self.opt(n, "upper")?,
                step: self.opt(n, "step")?,
            },
        })
    }

    fn conversion(&mut self, n: &Node<'f>) -> Checked<i8> {
        let value = self.int(n, "conversion")?;
        match i8::try_from(value) {
            Ok(v) if matches!(value, -1 | 97 | 114 | 115) => Ok(v),
            // CPython's compiler finds it later.
            _ => refuse(ErrorKind::System, format!("Unrecognized conversion character {value}")),
        }
    }

    fn generators(&mut self, n: &Node<'f>) -> Checked<List<Comprehension>> {
        self.list(n, "generators", |s, item| {
            let (_, g) = s.node(item, "comprehension")?;
            Ok(Comprehension {
                target: s.expr(&g, "target")?,
                iter: s.expr(&g, "iter")?,
                ifs: s.exprs(&g, "ifs")?,
                is_async: s.int(&g, "is_async")? != 0,
            })
        })
    }

    fn keywords(&mut self, n: &Node<'f>) -> Checked<List<Keyword>> {
        self.list(n, "keywords", |s, item| {
            let (pos, k) = s.node(item, "keyword")?;
            Ok(Keyword { arg: s.opt_sym(&k, "arg")?, value: s.expr(&k, "value")?, pos })
        })
    }

    fn arg(&mut self, item: &Item) -> Checked<Arg> {
        let (pos, a) = self.node(item, "arg")?;
        let name = self.sym(&a, "arg")?;
        let annotation = self.opt(&a, "annotation")?;
        self.text(&a, "type_comment")?;
        Ok(Arg { name, annotation, pos })
    }
    fn opt_arg(&mut self, n: &Node<'f>, name: &str) -> Checked<Option<Arg>> {
        match n.get(name) {
            Item::None | Item::Missing => Ok(None),
            item => self.arg(item).map(Some),
        }
    }
    fn arguments(&mut self, item: &Item) -> Checked<ArgsId> {
        self.enter()?;
        // Nothing in it is required: what has none of the fields has no parameters.
        let n = match item {
            Item::Node(_) => self.node(item, "arguments")?.1,
            _ => Node { class: &classes()[class("arguments") as usize], fields: &[] },
        };
        let n = &n;
        let args = Arguments {
            posonlyargs: self.list(n, "posonlyargs", |s, item| s.arg(item))?,
            args: self.list(n, "args", |s, item| s.arg(item))?,
            vararg: self.opt_arg(n, "vararg")?,
            kwonlyargs: self.list(n, "kwonlyargs", |s, item| s.arg(item))?,
            kw_defaults: self.opt_exprs(n, "kw_defaults")?,
            kwarg: self.opt_arg(n, "kwarg")?,
            defaults: self.exprs(n, "defaults")?,
        };
        self.depth -= 1;
        Ok(self.tree.args(args))
    }

    // Statements.

    fn stmts(&mut self, node: &Node<'f>, name: &str) -> Checked<List<StmtId>> {
        self.list(node, name, |s, item| match item {
            Item::None => value_error("None disallowed in statement list"),
            item => s.stmt(item),
        })
    }

    fn type_params(&mut self, n: &Node<'f>) -> Checked<List<TypeParam>> {
        self.list(n, "type_params", |s, item| {
            let (pos, p) = s.node(item, "type_param")?;
            let name = s.sym(&p, "name")?;
            let (kind, bound) = match p.class.name {
                "TypeVar" => (TypeParamKind::TypeVar, s.opt(&p, "bound")?),
                "ParamSpec" => (TypeParamKind::ParamSpec, None),
                _ => (TypeParamKind::TypeVarTuple, None),
            };
            Ok(TypeParam { kind, name, bound, default: s.opt(&p, "default_value")?, pos })
        })
    }

    fn aliases(&mut self, n: &Node<'f>) -> Checked<List<Alias>> {
        self.list(n, "names", |s, item| {
            let (pos, a) = s.node(item, "alias")?;
            Ok(Alias { name: s.sym(&a, "name")?, asname: s.opt_sym(&a, "asname")?, pos })
        })
    }

    fn stmt(&mut self, item: &Item) -> Checked<StmtId> {
        self.enter()?;
        let (pos, node) = self.node(item, "stmt")?;
        let kind = self.stmt_kind(&node)?;
        self.depth -= 1;
        Ok(self.tree.stmt(pos, kind))
    }

    fn stmt_kind(&mut self, n: &Node<'f>) -> Checked<StmtKind> {
        Ok(match n.class.name {
            name @ ("FunctionDef" | "AsyncFunctionDef") => {
                let f = FunctionDef {
                    is_async: name != "FunctionDef",
                    name: self.sym(n, "name")?,
                    args: self.arguments(n.present("args")?)?,
                    body: self.stmts(n, "body")?,
                    decorators: self.exprs(n, "decorator_list")?,
                    returns: self.opt(n, "returns")?,
                    type_params: List::EMPTY,
                };
                self.text(n, "type_comment")?;
                StmtKind::FunctionDef(FunctionDef { type_params: self.type_params(n)?, ..f })
            }
            "ClassDef" => StmtKind::ClassDef(ClassDef {
                name: self.sym(n, "name")?,
                bases: self.exprs(n, "bases")?,
                keywords: self.keywords(n)?,
                body: self.stmts(n, "body")?,
                decorators: self.exprs(n, "decorator_list")?,
                type_params: self.type_params(n)?,
            }),
            "Return" => StmtKind::Return { value: self.opt(n, "value")? },
            "Delete" => StmtKind::Delete { targets: self.exprs(n, "targets")? },
            "Assign" => {
                let targets = self.exprs(n, "targets")?;
                let value = self.expr(n, "value")?;
                self.text(n, "type_comment")?;
                StmtKind::Assign { targets, value }
            }
            "TypeAlias" => StmtKind::TypeAlias {
                name: self.expr(n, "name")?,
                type_params: self.type_params(n)?,
                value: self.expr(n, "value")?,
            },
            "AugAssign" => {
                let target = self.expr(n, "target")?;
                let op = self.operator(n)?;
                StmtKind::AugAssign { target, op, value: self.expr(n, "value")? }
            }
            "AnnAssign" => StmtKind::AnnAssign {
                target: self.expr(n, "target")?,
                annotation: self.expr(n, "annotation")?,
                value: self.opt(n, "value")?,
                simple: self.int(n, "simple")? != 0,
            },
            name @ ("For" | "AsyncFor") => {
                let kind = StmtKind::For {
                    is_async: name != "For",
                    target: self.expr(n, "target")?,
                    iter: self.expr(n, "iter")?,
                    body: self.stmts(n, "body")?,
                    orelse: self.stmts(n, "orelse")?,
                };
                self.text(n, "type_comment")?;
                kind
            }
            "While" => StmtKind::While {
                test: self.expr(n, "test")?,
                body: self.stmts(n, "body")?,
                orelse: self.stmts(n, "orelse")?,
            },
            "If" => StmtKind::If {
                test: self.expr(n, "test")?,
                body: self.stmts(n, "body")?,
                orelse: self.stmts(n, "orelse")?,
            },
            name @ ("With" | "AsyncWith") => {
                let items = self.list(n, "items", |s, item| {
                    let (_, i) = s.node(item, "withitem")?;
                    Ok(WithItem {
                        context_expr: s.expr(&i, "context_expr")?,
                        optional_vars: s.opt(&i, "optional_vars")?,
                    })
                })?;
                let body = self.stmts(n, "body")?;
                self.text(n, "type_comment")?;
                StmtKind::With { is_async: name != "With", items, body }
            }
            "Match" => {
                let subject = self.expr(n, "subject")?;
                let cases = self.list(n, "cases", |s, item| {
                    let (_, c) = s.node(item, "match_case")?;
                    let pattern = s.opt_pattern(c.present("pattern")?)?;
                    Ok(MatchCase {
                        pattern: c.required("pattern", pattern)?,
                        guard: s.opt(&c, "guard")?,
                        body: s.stmts(&c, "body")?,
                    })
                })?;
                StmtKind::Match { subject, cases }
            }
            "Raise" => StmtKind::Raise { exc: self.opt(n, "exc")?, cause: self.opt(n, "cause")? },
            name @ ("Try" | "TryStar") => {
                let body = self.stmts(n, "body")?;
                let handlers = self.list(n, "handlers", |s, item| {
                    s.enter()?;
                    let (pos, h) = s.node(item, "excepthandler")?;
                    let handler = Handler {
                        type_: s.opt(&h, "type")?,
                        name: s.opt_sym(&h, "name")?,
                        body: s.stmts(&h, "body")?,
                        pos,
                    };
                    s.depth -= 1;
                    Ok(handler)
                })?;
                StmtKind::Try {
                    is_star: name != "Try",
                    body,
                    handlers,
                    orelse: self.stmts(n, "orelse")?,
                    finalbody: self.stmts(n, "finalbody")?,
                }
            }
            "Assert" => StmtKind::Assert { test: self.expr(n, "test")?, msg: self.opt(n, "msg")? },
            "Import" => StmtKind::Import { names: self.aliases(n)? },
            "ImportFrom" => {
                let module = self.opt_sym(n, "module")?;
                let names = self.aliases(n)?;
                let level = match n.get("level") {
                    Item::None | Item::Missing => 0,
                    item => Self::int_item(item)?,
                };
                if level < 0 {
                    return value_error("Negative ImportFrom level");
                }
                let level = u32::try_from(level).unwrap_or(u32::MAX);
                StmtKind::ImportFrom { module, names, level }
            }
            "Global" => StmtKind::Global { names: self.syms(n, "names")? },
            "Nonlocal" => StmtKind::Nonlocal { names: self.syms(n, "names")? },
            "Expr" => StmtKind::Expr { value: self.expr(n, "value")? },
            "Pass" => StmtKind::Pass,
            "Break" => StmtKind::Break,
            _ => StmtKind::Continue,
        })
    }

    // Patterns.

    fn opt_pattern(&mut self, item: &Item) -> Checked<Option<PatternId>> {
        if matches!(item, Item::None | Item::Missing) {
            return Ok(None);
        }
        self.enter()?;
        let (pos, node) = self.node(item, "pattern")?;
        let kind = self.pattern_kind(&node)?;
        self.depth -= 1;
        Ok(Some(self.tree.pattern(pos, kind)))
    }

    fn patterns(&mut self, n: &Node<'f>, name: &str) -> Checked<List<PatternId>> {
        self.list(n, name, |s, item| match s.opt_pattern(item)? {
            Some(p) => Ok(p),
            None => value_error("None disallowed in pattern list"),
        })
    }

    fn pattern_kind(&mut self, n: &Node<'f>) -> Checked<PatternKind> {
        Ok(match n.class.name {
            "MatchValue" => PatternKind::MatchValue { value: self.expr(n, "value")? },
            "MatchSingleton" => PatternKind::MatchSingleton { value: self.constant(n, "value")? },
            "MatchSequence" => {
                PatternKind::MatchSequence { patterns: self.patterns(n, "patterns")? }
            }
            "MatchMapping" => PatternKind::MatchMapping {
                keys: self.exprs(n, "keys")?,
                patterns: self.patterns(n, "patterns")?,
                rest: self.opt_sym(n, "rest")?,
            },
            "MatchClass" => PatternKind::MatchClass {
                cls: self.expr(n, "cls")?,
                patterns: self.patterns(n, "patterns")?,
                kwd_attrs: self.syms(n, "kwd_attrs")?,
                kwd_patterns: self.patterns(n, "kwd_patterns")?,
            },
            "MatchStar" => PatternKind::MatchStar { name: self.opt_sym(n, "name")? },
            "MatchAs" => PatternKind::MatchAs {
                pattern: self.opt_pattern(n.get("pattern"))?,
                name: self.opt_sym(n, "name")?,
            },
            _ => PatternKind::MatchOr { patterns: self.patterns(n, "patterns")? },
        })
    }
}

/// Whether instances of the class carry nothing: the readers give [`Item::Single`] for them.
#[must_use]
pub fn is_single(number: u16) -> bool {
    classes().get(number as usize).is_some_and(|c| c.fields.is_empty() && !c.positioned)
}

/// The class number for the kind of tree that a mode compiles, and its name.
#[must_use]
pub fn root_class(mode: crate::Mode) -> (&'static str, u16) {
    let name = match mode {
        crate::Mode::Exec => "Module",
        crate::Mode::Eval => "Expression",
        crate::Mode::Single => "Interactive",
        crate::Mode::FuncType => "FunctionType",
    };
    (name, class(name))
}

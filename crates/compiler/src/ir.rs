//! The flat syntax tree: the only input of symbol table and code generator.
//!
//! Shaped like CPython's ASDL (`Parser/Python.asdl`), so that `_ast` objects can be made from it
//! and lowered into it. Every node lives in an arena of its [`Tree`] and is named by an index;
//! lists are ranges of pools.
//!
//! Invariants: an expression's children have smaller ids than the expression itself (both
//! builders work bottom-up), so that passes which need no scopes are one loop over the arena.
//! Nothing here recurses on drop.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::marker::PhantomData;
use std::num::NonZeroU32;
use std::ops::Index;
use std::sync::Arc;

use num_bigint::BigInt;

/// Position as in `ast`: lines from 1, columns are UTF-8 byte offsets from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pos {
    pub line: u32,
    pub col: u32,
    pub end_line: u32,
    pub end_col: u32,
}

impl Pos {
    /// From the start of `self` to the end of `last`.
    #[must_use]
    pub fn to(self, last: Pos) -> Pos {
        Pos { end_line: last.end_line, end_col: last.end_col, ..self }
    }
}

macro_rules! ids {
    ($($(#[$m:meta])* $name:ident),* $(,)?) => {$(
        $(#[$m])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(NonZeroU32);
        impl $name {
            /// `index` counts from 0.
            #[must_use]
            pub fn new(index: usize) -> Self {
                let n = u32::try_from(index).unwrap_or(u32::MAX - 1).saturating_add(1);
                Self(NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN))
            }
            #[must_use]
            pub fn index(self) -> usize { self.0.get() as usize - 1 }
        }
    )*};
}
ids! {
    ExprId, StmtId, PatternId, ArgsId, ConstId,
    /// An identifier interned in its tree.
    Sym,
}

/// A run of a pool of the tree.
#[derive(Debug)]
pub struct List<T> {
    start: u32,
    len: u32,
    of: PhantomData<fn() -> T>,
}
impl<T> Clone for List<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for List<T> {}
impl<T> PartialEq for List<T> {
    fn eq(&self, o: &Self) -> bool {
        self.start == o.start && self.len == o.len
    }
}
impl<T> Eq for List<T> {}
impl<T> List<T> {
    pub const EMPTY: List<T> = List { start: 0, len: 0, of: PhantomData };
    #[must_use]
    pub fn len(self) -> usize {
        self.len as usize
    }
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len == 0
    }
}
impl<T> Default for List<T> {
    fn default() -> Self {
        Self::EMPTY
    }
}

#[derive(Clone, Debug)]
pub enum Constant {
    None,
    Bool(bool),
    Ellipsis,
    Int(i64),
    Big(Arc<BigInt>),
    Float(f64),
    Complex(f64, f64),
    /// WTF-8.
    Str(Arc<[u8]>),
    Bytes(Arc<[u8]>),
    Tuple(Arc<[Constant]>),
    FrozenSet(Arc<[Constant]>),
    /// Only as a folded `slice(a, b, c)` of constants.
    Slice(Arc<[Constant; 3]>),
}

impl Constant {
    #[must_use]
    pub fn str(s: &str) -> Constant {
        Constant::Str(Arc::from(s.as_bytes()))
    }
    #[must_use]
    pub fn from_signed_bytes_le(bytes: &[u8]) -> Constant {
        Constant::big(BigInt::from_signed_bytes_le(bytes))
    }
    #[must_use]
    pub fn big(v: BigInt) -> Constant {
        i64::try_from(&v).map_or_else(|_| Constant::Big(Arc::new(v)), Constant::Int)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ctx {
    Load,
    Store,
    Del,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BoolOp {
    And,
    Or,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Add,
    Sub,
    Mult,
    MatMult,
    Div,
    Mod,
    Pow,
    LShift,
    RShift,
    BitOr,
    BitXor,
    BitAnd,
    FloorDiv,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    Invert,
    Not,
    UAdd,
    USub,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CmpOp {
    Eq,
    NotEq,
    Lt,
    LtE,
    Gt,
    GtE,
    Is,
    IsNot,
    In,
    NotIn,
}

#[derive(Clone, Copy, Debug)]
pub struct Expr {
    pub pos: Pos,
    pub kind: ExprKind,
}

#[derive(Clone, Copy, Debug)]
pub enum ExprKind {
    BoolOp {
        op: BoolOp,
        values: List<ExprId>,
    },
    NamedExpr {
        target: ExprId,
        value: ExprId,
    },
    BinOp {
        left: ExprId,
        op: Operator,
        right: ExprId,
    },
    UnaryOp {
        op: UnaryOp,
        operand: ExprId,
    },
    Lambda {
        args: ArgsId,
        body: ExprId,
    },
    IfExp {
        test: ExprId,
        body: ExprId,
        orelse: ExprId,
    },
    Dict {
        keys: List<Option<ExprId>>,
        values: List<ExprId>,
    },
    Set {
        elts: List<ExprId>,
    },
    ListComp {
        elt: ExprId,
        generators: List<Comprehension>,
    },
    SetComp {
        elt: ExprId,
        generators: List<Comprehension>,
    },
    DictComp {
        key: ExprId,
        value: ExprId,
        generators: List<Comprehension>,
    },
    GeneratorExp {
        elt: ExprId,
        generators: List<Comprehension>,
    },
    Await {
        value: ExprId,
    },
    Yield {
        value: Option<ExprId>,
    },
    YieldFrom {
        value: ExprId,
    },
    Compare {
        left: ExprId,
        ops: List<CmpOp>,
        comparators: List<ExprId>,
    },
    Call {
        func: ExprId,
        args: List<ExprId>,
        keywords: List<Keyword>,
    },
    FormattedValue {
        value: ExprId,
        conversion: i8,
        format_spec: Option<ExprId>,
    },
    /// `text` is the source of the expression (any constant when made from `_ast` objects).
    Interpolation {
        value: ExprId,
        text: ConstId,
        conversion: i8,
        format_spec: Option<ExprId>,
    },
    JoinedStr {
        values: List<ExprId>,
    },
    TemplateStr {
        values: List<ExprId>,
    },
    Constant {
        value: ConstId,
        kind: Option<Sym>,
    },
    Attribute {
        value: ExprId,
        attr: Sym,
        ctx: Ctx,
    },
    Subscript {
        value: ExprId,
        slice: ExprId,
        ctx: Ctx,
    },
    Starred {
        value: ExprId,
        ctx: Ctx,
    },
    Name {
        id: Sym,
        ctx: Ctx,
    },
    List {
        elts: List<ExprId>,
        ctx: Ctx,
    },
    Tuple {
        elts: List<ExprId>,
        ctx: Ctx,
    },
    Slice {
        lower: Option<ExprId>,
        upper: Option<ExprId>,
        step: Option<ExprId>,
    },
}

#[derive(Clone, Copy, Debug)]
pub struct Stmt {
    pub pos: Pos,
    pub kind: StmtKind,
}

#[derive(Clone, Copy, Debug)]
pub enum StmtKind {
    FunctionDef(FunctionDef),
    ClassDef(ClassDef),
    Return {
        value: Option<ExprId>,
    },
    Delete {
        targets: List<ExprId>,
    },
    Assign {
        targets: List<ExprId>,
        value: ExprId,
    },
    TypeAlias {
        name: ExprId,
        type_params: List<TypeParam>,
        value: ExprId,
    },
    AugAssign {
        target: ExprId,
        op: Operator,
        value: ExprId,
    },
    AnnAssign {
        target: ExprId,
        annotation: ExprId,
        value: Option<ExprId>,
        simple: bool,
    },
    For {
        is_async: bool,
        target: ExprId,
        iter: ExprId,
        body: List<StmtId>,
        orelse: List<StmtId>,
    },
    While {
        test: ExprId,
        body: List<StmtId>,
        orelse: List<StmtId>,
    },
    If {
        test: ExprId,
        body: List<StmtId>,
        orelse: List<StmtId>,
    },
    With {
        is_async: bool,
        items: List<WithItem>,
        body: List<StmtId>,
    },
    Match {
        subject: ExprId,
        cases: List<MatchCase>,
    },
    Raise {
        exc: Option<ExprId>,
        cause: Option<ExprId>,
    },
    Try {
        is_star: bool,
        body: List<StmtId>,
        handlers: List<Handler>,
        orelse: List<StmtId>,
        finalbody: List<StmtId>,
    },
    Assert {
        test: ExprId,
        msg: Option<ExprId>,
    },
    Import {
        names: List<Alias>,
    },
    ImportFrom {
        module: Option<Sym>,
        names: List<Alias>,
        level: u32,
    },
    Global {
        names: List<Sym>,
    },
    Nonlocal {
        names: List<Sym>,
    },
    Expr {
        value: ExprId,
    },
    Pass,
    Break,
    Continue,
}

#[derive(Clone, Copy, Debug)]
pub struct FunctionDef {
    pub is_async: bool,
    pub name: Sym,
    pub args: ArgsId,
    pub body: List<StmtId>,
    pub decorators: List<ExprId>,
    pub returns: Option<ExprId>,
    pub type_params: List<TypeParam>,
}

#[derive(Clone, Copy, Debug)]
pub struct ClassDef {
    pub name: Sym,
    pub bases: List<ExprId>,
    pub keywords: List<Keyword>,
    pub body: List<StmtId>,
    pub decorators: List<ExprId>,
    pub type_params: List<TypeParam>,
}

#[derive(Clone, Copy, Debug)]
pub struct Arguments {
    pub posonlyargs: List<Arg>,
    pub args: List<Arg>,
    pub vararg: Option<Arg>,
    pub kwonlyargs: List<Arg>,
    pub kw_defaults: List<Option<ExprId>>,
    pub kwarg: Option<Arg>,
    pub defaults: List<ExprId>,
}

#[derive(Clone, Copy, Debug)]
pub struct Arg {
    pub name: Sym,
    pub annotation: Option<ExprId>,
    pub pos: Pos,
}

#[derive(Clone, Copy, Debug)]
pub struct Keyword {
    pub arg: Option<Sym>,
    pub value: ExprId,
    pub pos: Pos,
}

#[derive(Clone, Copy, Debug)]
pub struct Alias {
    pub name: Sym,
    pub asname: Option<Sym>,
    pub pos: Pos,
}

#[derive(Clone, Copy, Debug)]
pub struct WithItem {
    pub context_expr: ExprId,
    pub optional_vars: Option<ExprId>,
}

#[derive(Clone, Copy, Debug)]
pub struct Comprehension {
    pub target: ExprId,
    pub iter: ExprId,
    pub ifs: List<ExprId>,
    pub is_async: bool,
}

#[derive(Clone, Copy, Debug)]
pub struct Handler {
    pub type_: Option<ExprId>,
    pub name: Option<Sym>,
    pub body: List<StmtId>,
    pub pos: Pos,
}

#[derive(Clone, Copy, Debug)]
pub struct MatchCase {
    pub pattern: PatternId,
    pub guard: Option<ExprId>,
    pub body: List<StmtId>,
}

#[derive(Clone, Copy, Debug)]
pub struct Pattern {
    pub pos: Pos,
    pub kind: PatternKind,
}

#[derive(Clone, Copy, Debug)]
pub enum PatternKind {
    MatchValue {
        value: ExprId,
    },
    MatchSingleton {
        value: ConstId,
    },
    MatchSequence {
        patterns: List<PatternId>,
    },
    MatchMapping {
        keys: List<ExprId>,
        patterns: List<PatternId>,
        rest: Option<Sym>,
    },
    MatchClass {
        cls: ExprId,
        patterns: List<PatternId>,
        kwd_attrs: List<Sym>,
        kwd_patterns: List<PatternId>,
    },
    MatchStar {
        name: Option<Sym>,
    },
    MatchAs {
        pattern: Option<PatternId>,
        name: Option<Sym>,
    },
    MatchOr {
        patterns: List<PatternId>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypeParamKind {
    TypeVar,
    ParamSpec,
    TypeVarTuple,
}

#[derive(Clone, Copy, Debug)]
pub struct TypeParam {
    pub kind: TypeParamKind,
    pub name: Sym,
    pub bound: Option<ExprId>,
    pub default: Option<ExprId>,
    pub pos: Pos,
}

#[derive(Clone, Copy, Debug)]
pub enum Root {
    Module { body: List<StmtId> },
    Interactive { body: List<StmtId> },
    Expression { body: ExprId },
    FunctionType { argtypes: List<ExprId>, returns: ExprId },
}

/// A multiplicative hash: identifiers are short and not attacker-ordered across trees.
#[derive(Default)]
pub struct FastHasher(u64);
impl Hasher for FastHasher {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 29)
    }
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0u8; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }
    fn write_u8(&mut self, n: u8) {
        self.write_u64(u64::from(n));
    }
    fn write_u32(&mut self, n: u32) {
        self.write_u64(u64::from(n));
    }
    fn write_usize(&mut self, n: usize) {
        self.write_u64(n as u64);
    }
    fn write_u64(&mut self, n: u64) {
        self.0 = (self.0.rotate_left(5) ^ n).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}
pub type FastMap<K, V> = HashMap<K, V, BuildHasherDefault<FastHasher>>;

#[derive(Clone, Debug, Default)]
pub struct Interner {
    names: Vec<Arc<str>>,
    map: FastMap<Arc<str>, Sym>,
}

impl Interner {
    pub fn intern(&mut self, name: &str) -> Sym {
        if let Some(&sym) = self.map.get(name) {
            return sym;
        }
        let sym = Sym::new(self.names.len());
        let name: Arc<str> = Arc::from(name);
        self.names.push(Arc::clone(&name));
        self.map.insert(name, sym);
        sym
    }
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Sym> {
        self.map.get(name).copied()
    }
    #[must_use]
    pub fn name(&self, sym: Sym) -> &Arc<str> {
        &self.names[sym.index()]
    }
    #[must_use]
    pub fn len(&self) -> usize {
        self.names.len()
    }
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}

#[derive(Clone, Debug)]
pub struct Tree {
    pub root: Root,
    pub exprs: Vec<Expr>,
    pub stmts: Vec<Stmt>,
    pub patterns: Vec<Pattern>,
    pub arguments: Vec<Arguments>,
    pub consts: Vec<Constant>,
    pub syms: Interner,
    pub pools: Pools,
    /// Type comments, when they were asked for: of statements, and of parameters by line and column.
    pub stmt_comments: FastMap<StmtId, Sym>,
    pub arg_comments: FastMap<(u32, u32), Sym>,
    /// `# type: ignore` comments: line and tag.
    pub type_ignores: Vec<(u32, Box<str>)>,
    /// Deepest nesting of nodes: passes that recurse size their stack by it.
    pub depth: u32,
}

#[derive(Clone, Debug, Default)]
pub struct Pools {
    exprs: Vec<ExprId>,
    opt_exprs: Vec<Option<ExprId>>,
    stmts: Vec<StmtId>,
    patterns: Vec<PatternId>,
    syms: Vec<Sym>,
    cmp_ops: Vec<CmpOp>,
    args: Vec<Arg>,
    keywords: Vec<Keyword>,
    aliases: Vec<Alias>,
    with_items: Vec<WithItem>,
    comprehensions: Vec<Comprehension>,
    handlers: Vec<Handler>,
    cases: Vec<MatchCase>,
    type_params: Vec<TypeParam>,
}

/// Element types that lists may hold.
pub trait Pooled: Sized + Clone {
    fn pool(pools: &Pools) -> &Vec<Self>;
    fn pool_mut(pools: &mut Pools) -> &mut Vec<Self>;
}
macro_rules! pooled {
    ($($ty:ty => $field:ident),* $(,)?) => {$(
        impl Pooled for $ty {
            fn pool(pools: &Pools) -> &Vec<Self> { &pools.$field }
            fn pool_mut(pools: &mut Pools) -> &mut Vec<Self> { &mut pools.$field }
        }
    )*};
}
pooled! {
    ExprId => exprs, Option<ExprId> => opt_exprs, StmtId => stmts, PatternId => patterns,
    Sym => syms, CmpOp => cmp_ops, Arg => args, Keyword => keywords, Alias => aliases,
    WithItem => with_items, Comprehension => comprehensions, Handler => handlers,
    MatchCase => cases, TypeParam => type_params,
}

impl Tree {
    #[must_use]
    pub fn new() -> Tree {
        Tree {
            root: Root::Module { body: List::EMPTY },
            exprs: Vec::new(),
            stmts: Vec::new(),
            patterns: Vec::new(),
            arguments: Vec::new(),
            consts: Vec::new(),
            syms: Interner::default(),
            pools: Pools::default(),
            stmt_comments: FastMap::default(),
            arg_comments: FastMap::default(),
            type_ignores: Vec::new(),
            depth: 0,
        }
    }

    pub fn list<T: Pooled>(&mut self, items: &[T]) -> List<T> {
        if items.is_empty() {
            return List::EMPTY;
        }
        let pool = T::pool_mut(&mut self.pools);
        let start = u32::try_from(pool.len()).unwrap_or(u32::MAX);
        pool.extend_from_slice(items);
        List { start, len: u32::try_from(items.len()).unwrap_or(u32::MAX), of: PhantomData }
    }

    pub fn expr(&mut self, pos: Pos, kind: ExprKind) -> ExprId {
        self.exprs.push(Expr { pos, kind });
        ExprId::new(self.exprs.len() - 1)
    }

    pub fn stmt(&mut self, pos: Pos, kind: StmtKind) -> StmtId {
        self.stmts.push(Stmt { pos, kind });
        StmtId::new(self.stmts.len() - 1)
    }

    pub fn pattern(&mut self, pos: Pos, kind: PatternKind) -> PatternId {
        self.patterns.push(Pattern { pos, kind });
        PatternId::new(self.patterns.len() - 1)
    }

    pub fn args(&mut self, args: Arguments) -> ArgsId {
        self.arguments.push(args);
        ArgsId::new(self.arguments.len() - 1)
    }

    pub fn constant(&mut self, value: Constant) -> ConstId {
        self.consts.push(value);
        ConstId::new(self.consts.len() - 1)
    }

    pub fn sym(&mut self, name: &str) -> Sym {
        self.syms.intern(name)
    }

    #[must_use]
    pub fn name(&self, sym: Sym) -> &str {
        self.syms.name(sym)
    }

    /// The constant that `id` is, if it is a Constant node.
    #[must_use]
    pub fn as_constant(&self, id: ExprId) -> Option<&Constant> {
        match self[id].kind {
            ExprKind::Constant { value, .. } => Some(&self[value]),
            _ => None,
        }
    }
}

impl Default for Tree {
    fn default() -> Self {
        Tree::new()
    }
}

macro_rules! arenas {
    ($($id:ty => $field:ident : $out:ty),* $(,)?) => {$(
        impl Index<$id> for Tree {
            type Output = $out;
            fn index(&self, id: $id) -> &$out { &self.$field[id.index()] }
        }
    )*};
}
arenas! {
    ExprId => exprs: Expr, StmtId => stmts: Stmt, PatternId => patterns: Pattern,
    ArgsId => arguments: Arguments, ConstId => consts: Constant,
}
impl<T: Pooled> Index<List<T>> for Tree {
    type Output = [T];
    fn index(&self, list: List<T>) -> &[T] {
        &T::pool(&self.pools)[list.start as usize..(list.start + list.len) as usize]
    }
}

/// The docstring constant of a body, if it has one.
#[must_use]
pub fn docstring(tree: &Tree, body: List<StmtId>) -> Option<ExprId> {
    let &first = tree[body].first()?;
    let StmtKind::Expr { value } = tree[first].kind else { return None };
    matches!(tree.as_constant(value), Some(Constant::Str(_))).then_some(value)
}

/// Calls `f` for every direct subexpression, comprehension parts and defaults included.
pub fn for_each_child(tree: &Tree, kind: &ExprKind, mut f: impl FnMut(ExprId)) {
    let all = |list: List<ExprId>, f: &mut dyn FnMut(ExprId)| {
        for &e in &tree[list] {
            f(e);
        }
    };
    let gens = |list: List<Comprehension>, f: &mut dyn FnMut(ExprId)| {
        for g in &tree[list] {
            f(g.target);
            f(g.iter);
            for &e in &tree[g.ifs] {
                f(e);
            }
        }
    };
    match *kind {
        ExprKind::BoolOp { values, .. }
        | ExprKind::JoinedStr { values }
        | ExprKind::TemplateStr { values } => all(values, &mut f),
        ExprKind::NamedExpr { target, value } => {
            f(target);
            f(value);
        }
        ExprKind::BinOp { left, right, .. } => {
            f(left);
            f(right);
        }
        ExprKind::UnaryOp { operand, .. } => f(operand),
        ExprKind::Lambda { args, .. } => {
            let args = tree[args];
            all(args.defaults, &mut f);
            tree[args.kw_defaults].iter().flatten().for_each(|&e| f(e));
        }
        ExprKind::IfExp { test, body, orelse } => {
            f(test);
            f(body);
            f(orelse);
        }
        ExprKind::Dict { keys, values } => {
            tree[keys].iter().flatten().for_each(|&e| f(e));
            all(values, &mut f);
        }
        ExprKind::Set { elts } | ExprKind::List { elts, .. } | ExprKind::Tuple { elts, .. } => {
            all(elts, &mut f);
        }
        ExprKind::ListComp { elt, generators }
        | ExprKind::SetComp { elt, generators }
        | ExprKind::GeneratorExp { elt, generators } => {
            f(elt);
            gens(generators, &mut f);
        }
        ExprKind::DictComp { key, value, generators } => {
            f(key);
            f(value);
            gens(generators, &mut f);
        }
        ExprKind::Await { value }
        | ExprKind::YieldFrom { value }
        | ExprKind::Attribute { value, .. }
        | ExprKind::Starred { value, .. } => f(value),
        ExprKind::Yield { value } => value.into_iter().for_each(f),
        ExprKind::Compare { left, comparators, .. } => {
            f(left);
            all(comparators, &mut f);
        }
        ExprKind::Call { func, args, keywords } => {
            f(func);
            all(args, &mut f);
            tree[keywords].iter().for_each(|k| f(k.value));
        }
        ExprKind::FormattedValue { value, format_spec, .. }
        | ExprKind::Interpolation { value, format_spec, .. } => {
            f(value);
            format_spec.into_iter().for_each(f);
        }
        ExprKind::Subscript { value, slice, .. } => {
            f(value);
            f(slice);
        }
        ExprKind::Slice { lower, upper, step } => {
            [lower, upper, step].into_iter().flatten().for_each(f);
        }
        ExprKind::Constant { .. } | ExprKind::Name { .. } => {}
    }
}

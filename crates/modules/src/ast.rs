//! `_ast_native`: syntax trees as objects, and back.
//!
//! The compiler's rows (`stackless_compiler::asdl`) become instances in one loop; instances are read
//! into rows with an explicit stack, so that no tree is too deep or too cyclic for the native stack.
//! Reading never runs Python: a tree with computed attributes is refused, and `_compile` comes back
//! with a plain copy. The classes are the library's (`lib/overlay/_ast.py`), passed in by number.
//! CPython's counterpart: `Python/Python-ast.c`.

use std::collections::HashMap;
use std::sync::Arc;

use stackless_compiler as c;
use stackless_compiler::asdl::grammar::{self, Count};
use stackless_compiler::asdl::{self, Flat, Item, Object, Row, RowPos};
use stackless_compiler::ir::Constant;
use stackless_runtime::body::const_value;
use stackless_runtime::compile::{
    checked_options, failed, source_text, syntax_error, warning_rows,
};
use stackless_runtime::native::{Def, def};
use stackless_runtime::objects::bytes::Bytes;
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::objects::list::List;
use stackless_runtime::objects::number::Complex;
use stackless_runtime::objects::set::Set;
use stackless_runtime::objects::tuple::Tuple;
use stackless_runtime::objects::types::{Instance, Type};
use stackless_runtime::{Exc, Flow, PyResult, Ref, Value, Vm};

use crate::Native;

pub const MODULE: Native = Native { name: "_ast_native", defs: DEFS, fill };

fn fill(_: &mut Vm, _: &Ref<Dict>) -> PyResult<()> {
    Ok(())
}

/// Deepest object graph that is read; a cyclic one is as deep as this.
const MAX_DEPTH: u32 = 20_000;
/// Most nodes of one tree: shared nodes are read once for each place.
const MAX_ROWS: usize = 1 << 26;

const POSITION: [&str; 4] = ["lineno", "col_offset", "end_lineno", "end_col_offset"];

/// Classes and single objects by number, with the names of their fields.
struct Table {
    classes: Vec<Value>,
    singles: Vec<Value>,
    names: Vec<Vec<Value>>,
    position: [Value; 4],
    numbers: HashMap<u64, u16>,
}

impl Table {
    fn new(vm: &mut Vm, table: &Value) -> PyResult<Table> {
        let all = grammar::classes();
        let parts = table.tuple_items();
        let (classes, singles) = match parts {
            [a, b] => (a.tuple_items().to_vec(), b.tuple_items().to_vec()),
            _ => (Vec::new(), Vec::new()),
        };
        if classes.len() != all.len() || singles.len() != all.len() {
            return Err(vm.system_error("the table of node classes does not fit the grammar"));
        }
        let names = all
            .iter()
            .map(|class| class.fields.iter().map(|f| vm.intern(f.name)).collect())
            .collect();
        let numbers = classes.iter().map(Value::bits).zip(0u16..).collect();
        Ok(Table { classes, singles, names, position: POSITION.map(|n| vm.intern(n)), numbers })
    }
}

// From rows to objects.

fn constant(vm: &Vm, value: &Constant) -> Value {
    match value {
        Constant::Str(s) => vm.str_from_wtf8(s),
        other => const_value(vm, &c::to_const(other)),
    }
}

fn build(vm: &mut Vm, flat: &Flat, table: &Table) -> PyResult {
    let mut made: Vec<Value> = Vec::with_capacity(flat.rows.len());
    let item_value = |vm: &mut Vm, made: &[Value], item: &Item| match item {
        Item::Node(row) => made.get(*row as usize).cloned().unwrap_or(Value::NONE),
        Item::Single(class) => table.singles[*class as usize].clone(),
        Item::Int(n) => vm.int(*n),
        Item::Str(s) => match std::str::from_utf8(s) {
            Ok(text) => vm.intern(text),
            Err(_) => vm.str_from_wtf8(s),
        },
        Item::Constant(value) => constant(vm, value),
        Item::None | Item::Missing | Item::Other(..) | Item::List(..) => Value::NONE,
    };
    for row in &flat.rows {
        let Some(class) = table.classes[row.class as usize].get::<Type>() else {
            return Err(vm.system_error("the table of node classes holds no class"));
        };
        made.push(vm.new_object(class, Instance).into_value());
    }
    for (row, object) in flat.rows.iter().zip(&made) {
        for (i, name) in table.names[row.class as usize].iter().enumerate() {
            let value = match &flat.items[row.first as usize + i] {
                Item::List(start, len) => {
                    let items = &flat.pool[*start as usize..(*start + *len) as usize];
                    let items = items.iter().map(|x| item_value(vm, &made, x)).collect();
                    vm.list(items)
                }
                item => item_value(vm, &made, item),
            };
            vm.instance_set(object, name, value);
        }
        if let RowPos::Known(pos) = &row.pos {
            let numbers = [pos.line, pos.col, pos.end_line, pos.end_col];
            for (name, n) in table.position.iter().zip(numbers) {
                let n = vm.int(if n == u32::MAX { -1 } else { n.into() });
                vm.instance_set(object, name, n);
            }
        }
    }
    Ok(made.swap_remove(flat.root as usize))
}

// From objects to rows.

/// Why reading stopped.
enum Stop {
    /// An attribute is computed.
    Computed,
    Error(Exc),
}

struct Reader<'t> {
    table: &'t Table,
    flat: Flat,
    /// Row of each object still to be read, and its depth.
    waiting: Vec<(Value, u32, u32)>,
    /// Objects of the rows, and those that no row stands for.
    objects: Vec<Value>,
    others: Vec<Value>,
    computed: bool,
}

impl Reader<'_> {
    /// Class number and class of a node; `u16::MAX` for an instance of a bare sort.
    fn class_of(&self, vm: &Vm, value: &Value) -> Option<u16> {
        let ty = vm.type_of(value);
        for base in ty.mro_items(vm) {
            if let Some(&number) = self.table.numbers.get(&base.bits()) {
                return Some(number);
            }
        }
        // `AST` stands before `object` in the order of each class.
        let ast = self.table.classes[0].get::<Type>()?.mro_items(vm).iter().rev().nth(1)?;
        ty.is_subtype(ast.get::<Type>()?, vm).then_some(u16::MAX)
    }

    /// The attribute, without running Python.
    fn attribute(&mut self, vm: &Vm, object: &Value, name: &Value) -> Option<Value> {
        let ty = vm.type_of(object);
        let found = ty.lookup(vm, name);
        if let Some(found) = &found
            && vm.type_of(found).slots(vm).descr_get.is_some()
        {
            self.computed = true;
        }
        vm.instance_get(object, name).or(found)
    }

    fn other(&mut self, vm: &Vm, value: &Value) -> Item {
        self.others.push(value.clone());
        let name = vm.type_name(value);
        Item::Other((self.others.len() - 1) as u32, Arc::from(name))
    }

    fn constant(&mut self, vm: &Vm, value: &Value, depth: u32) -> Result<Constant, Value> {
        let many = |s: &mut Self, items: &[Value]| {
            items.iter().map(|v| s.constant(vm, v, depth + 1)).collect::<Result<Vec<_>, _>>()
        };
        if depth > 200 {
            return Err(value.clone());
        }
        let t = &vm.types;
        Ok(if value.is_none() {
            Constant::None
        } else if value.is_bool() {
            Constant::Bool(value.is_true())
        } else if value.is_ellipsis() {
            Constant::Ellipsis
        } else if vm.is_exactly(value, &t.int) {
            match (value.as_i64(), value.as_big()) {
                (Some(n), _) => Constant::Int(n),
                (None, Some(big)) => Constant::from_signed_bytes_le(&big.to_signed_bytes_le()),
                (None, None) => return Err(value.clone()),
            }
        } else if vm.is_exactly(value, &t.float) {
            Constant::Float(value.as_float().unwrap_or(0.0))
        } else if vm.is_exactly(value, &t.complex) {
            let z = value.get::<Complex>().ok_or(Value::NONE)?;
            Constant::Complex(z.re, z.im)
        } else if vm.is_exactly(value, &t.str) {
            Constant::Str(value.as_wtf8().unwrap_or_default().into())
        } else if vm.is_exactly(value, &t.bytes) {
            Constant::Bytes(value.get::<Bytes>().map_or(&b""[..], |b| b.as_bytes()).into())
        } else if vm.is_exactly(value, &t.tuple) && value.has::<Tuple>() {
            Constant::Tuple(many(self, value.tuple_items())?.into())
        } else if vm.is_exactly(value, &t.frozenset) {
            let keys = value.get::<Set>().map(|s| s.keys(vm)).unwrap_or_default();
            Constant::FrozenSet(many(self, &keys)?.into())
        } else {
            return Err(value.clone());
        })
    }

    fn item(&mut self, vm: &Vm, value: &Value, sort: &str, depth: u32) -> Item {
        match sort {
            "constant" => match self.constant(vm, value, 0) {
                Ok(constant) => Item::Constant(constant),
                Err(bad) => self.other(vm, &bad),
            },
            _ if value.is_none() => Item::None,
            "identifier" | "string" => {
                if vm.is_exactly(value, &vm.types.str) {
                    Item::Str(value.as_wtf8().unwrap_or_default().into())
                } else {
                    self.other(vm, value)
                }
            }
            "int" => match value.as_i64_saturating() {
                Some(n) => Item::Int(n),
                None => self.other(vm, value),
            },
            _ => match self.class_of(vm, value) {
                Some(number) if asdl::is_single(number) => Item::Single(number),
                Some(number) => Item::Node(self.row(number, value, depth)),
                None => self.other(vm, value),
            },
        }
    }

    fn row(&mut self, class: u16, value: &Value, depth: u32) -> u32 {
        let at = self.flat.rows.len() as u32;
        self.flat.rows.push(Row { class, first: 0, pos: RowPos::None });
        self.objects.push(value.clone());
        self.waiting.push((value.clone(), at, depth));
        at
    }

    fn read(&mut self, vm: &mut Vm, root: &Value) -> Result<(), Stop> {
        let number = self.class_of(vm, root).unwrap_or(u16::MAX);
        self.flat.root = self.row(number, root, 1);
        let getattr = vm.intern("__getattr__");
        while let Some((object, at, depth)) = self.waiting.pop() {
            if depth > MAX_DEPTH {
                return Err(Stop::Error(vm.recursion_error_text(
                    "maximum recursion depth exceeded during ast construction",
                )));
            }
            if self.flat.rows.len() > MAX_ROWS {
                return Err(Stop::Error(vm.memory_error("")));
            }
            self.flat.depth = self.flat.depth.max(depth);
            self.computed |= vm.type_of(&object).lookup(vm, &getattr).is_some();
            let class = self.flat.rows[at as usize].class;
            let table = self.table;
            let mut fields = Vec::new();
            if let Some(info) = grammar::classes().get(class as usize) {
                for (field, name) in info.fields.iter().zip(&table.names[class as usize]) {
                    let Some(value) = self.attribute(vm, &object, name) else {
                        fields.push(Item::Missing);
                        continue;
                    };
                    let list = value.get::<List>().filter(|_| field.is_list());
                    fields.push(match list {
                        Some(list) => {
                            let items: Vec<Item> = list
                                .items(vm)
                                .iter()
                                .map(|v| self.item(vm, v, field.sort, depth + 1))
                                .collect();
                            let start = self.flat.pool.len() as u32;
                            self.flat.pool.extend(items);
                            Item::List(start, self.flat.pool.len() as u32 - start)
                        }
                        None if field.is_list() && !value.is_none() => self.other(vm, &value),
                        None => self.item(vm, &value, field.sort, depth + 1),
                    });
                }
            }
            let position =
                table.position.each_ref().map(|name| match self.attribute(vm, &object, name) {
                    Some(value) => self.item(vm, &value, "int", depth),
                    None => Item::Missing,
                });
            let first = self.flat.items.len() as u32;
            self.flat.items.extend(fields);
            let row = &mut self.flat.rows[at as usize];
            row.first = first;
            row.pos = RowPos::Read(Box::new(position));
            if self.computed {
                return Err(Stop::Computed);
            }
        }
        Ok(())
    }

    fn object(&self, at: Object) -> Value {
        match at {
            Object::Row(row) => self.objects[row as usize].clone(),
            Object::Other(other) => self.others[other as usize].clone(),
            Object::Single(class) => self.table.singles[class as usize].clone(),
            Object::None => Value::NONE,
        }
    }
}

// The functions.

fn pair(vm: &mut Vm, result: Value, rows: Value) -> Flow {
    Ok(vm.tuple(vec![result, rows]).into())
}

fn input(vm: &mut Vm, a: &[Value], options: &c::Options) -> PyResult<c::Source> {
    match source_text(vm, &a[0], &options.filename)? {
        Some(text) => Ok(text),
        None => Err(vm.type_error("source must be text that needs no codec")),
    }
}

/// Text to objects.
fn parse(vm: &mut Vm, a: &[Value]) -> Flow {
    let options = checked_options(vm, a)?;
    let table = Table::new(vm, &a[7])?;
    let source = input(vm, a, &options)?;
    let parsed = c::parse(&source, &options).and_then(|(mut tree, warnings)| {
        if options.flags & c::flags::OPTIMIZED_AST == c::flags::OPTIMIZED_AST {
            c::optimize_tree(&mut tree, &options)?;
        }
        Ok((tree, warnings))
    });
    match parsed {
        Ok((tree, warnings)) => {
            let root = build(vm, &asdl::export(&tree), &table)?;
            let rows = warning_rows(vm, &source.text, &warnings);
            pair(vm, root, rows)
        }
        Err(e) => raise(vm, &e, &source.text, &options),
    }
}

fn raise(vm: &mut Vm, e: &c::SyntaxError, text: &str, options: &c::Options) -> Flow {
    let exc = syntax_error(vm, e, &options.filename);
    failed(vm, exc, e, text, &options.filename)
}

fn compile_text(vm: &mut Vm, a: &[Value]) -> Flow {
    let options = checked_options(vm, a)?;
    let source = input(vm, a, &options)?;
    match c::compile(&source, &options) {
        Ok((code, warnings)) => {
            let code = vm.code(code);
            let rows = warning_rows(vm, &source.text, &warnings);
            pair(vm, code, rows)
        }
        Err(e) => raise(vm, &e, &source.text, &options),
    }
}

/// Objects to code, or (with OPTIMIZED_AST) to objects. None: the tree has computed attributes; a
/// triple is an error class, its text, and the object whose repr ends the text.
fn compile_tree(vm: &mut Vm, a: &[Value]) -> Flow {
    let options = checked_options(vm, a)?;
    let table = Table::new(vm, &a[7])?;
    let mut reader = Reader {
        table: &table,
        flat: Flat::default(),
        waiting: Vec::new(),
        objects: Vec::new(),
        others: Vec::new(),
        computed: false,
    };
    let (wanted, number) = asdl::root_class(options.mode);
    if reader.class_of(vm, &a[0]) != Some(number) {
        let got = vm.type_name(&a[0]);
        return Err(vm.type_error(format!("expected {wanted} node, got {got}")));
    }
    match reader.read(vm, &a[0]) {
        Ok(()) => {}
        Err(Stop::Computed) => return Ok(Value::NONE.into()),
        Err(Stop::Error(e)) => return Err(e),
    }
    let mut tree = match asdl::import(&reader.flat) {
        Ok(tree) => tree,
        Err(refused) => {
            let Some(object) = refused.object else {
                return Err(syntax_error(vm, &refused.error, &options.filename));
            };
            let class = match refused.error.kind {
                c::ErrorKind::Value => vm.excs.value_error.to_value(),
                _ => vm.excs.type_error.to_value(),
            };
            let (text, object) = (vm.str(&refused.error.message), reader.object(object));
            return Ok(vm.tuple(vec![class, text, object]).into());
        }
    };
    drop(reader);
    let result = c::validate(&tree).and_then(|()| {
        if options.flags & c::flags::ONLY_AST != 0 {
            c::optimize_tree(&mut tree, &options)?;
            return Ok(None);
        }
        c::compile_tree(&tree, &options).map(Some)
    });
    match result {
        Ok(Some((code, warnings))) => {
            let code = vm.code(code);
            let rows = warning_rows(vm, "", &warnings);
            pair(vm, code, rows)
        }
        Ok(None) => {
            let root = build(vm, &asdl::export(&tree), &table)?;
            pair(vm, root, Value::NONE)
        }
        Err(e) => Err(syntax_error(vm, &e, &options.filename)),
    }
}

/// Scopes of a text: rows of name, kind, line, nested, symbols, parameters and children by number.
fn symbols(vm: &mut Vm, a: &[Value]) -> Flow {
    use c::symtable::Block;
    let options = checked_options(vm, a)?;
    let source = input(vm, a, &options)?;
    let found = c::parse(&source, &options)
        .and_then(|(tree, warnings)| Ok((c::symbol_rows(&tree, &options)?, warnings)));
    let (scopes, warnings) = match found {
        Ok(found) => found,
        Err(e) => return Err(syntax_error(vm, &e, &options.filename)),
    };
    let scopes = scopes
        .iter()
        .map(|scope| {
            let kind = match scope.block {
                Block::Function => 0,
                Block::Class => 1,
                Block::Module => 2,
                Block::Annotation => 3,
                Block::TypeAlias => 4,
                Block::TypeParameters => 5,
                Block::TypeVariable => 6,
            };
            let symbols = scope
                .symbols
                .iter()
                .map(|(name, flags)| vm.tuple(vec![vm.intern(name), vm.int((*flags).into())]))
                .collect();
            let varnames = scope.varnames.iter().map(|name| vm.intern(name)).collect();
            let children = scope.children.iter().map(|&i| Value::from_usize(i)).collect();
            let row = vec![
                vm.intern(&scope.name),
                Value::from_i32(kind),
                vm.int(scope.line.into()),
                Value::from_i32(scope.nested.into()),
                vm.list(symbols),
                vm.list(varnames),
                vm.list(children),
            ];
            vm.tuple(row)
        })
        .collect();
    let scopes = vm.list(scopes);
    let rows = warning_rows(vm, &source.text, &warnings);
    pair(vm, scopes, rows)
}

const DEFS: &[Def] = &[
    def!("classes", "()", |vm, _| {
        let rows = grammar::classes()
            .iter()
            .map(|class| {
                let fields = class
                    .fields
                    .iter()
                    .map(|f| {
                        let count = match f.count {
                            Count::One => 0,
                            Count::Optional => 1,
                            Count::Many | Count::ManyOptional => 2,
                        };
                        let row =
                            vec![vm.intern(f.name), vm.intern(f.sort), Value::from_i32(count)];
                        vm.tuple(row)
                    })
                    .collect();
                let texts: Vec<String> = class.fields.iter().map(grammar::Field::text).collect();
                let doc = match texts.as_slice() {
                    [] => class.name.to_string(),
                    texts => format!("{}({})", class.name, texts.join(", ")),
                };
                let row = vec![
                    vm.intern(class.name),
                    vm.intern(class.sort),
                    Value::bool(class.positioned),
                    vm.str(&doc),
                    vm.tuple(fields),
                ];
                vm.tuple(row)
            })
            .collect();
        Ok(vm.list(rows).into())
    }),
    def!("declared_codec", "(source, filename, /)", |vm, source, _| {
        let Some(bytes) = source.get::<Bytes>() else { return Ok(Value::NONE.into()) };
        match c::source::decode(bytes.as_bytes(), c::source::Origin::Memory) {
            Ok(c::source::Decoded::NeedsCodec { name, body }) => {
                let row = vec![vm.str(&name), vm.bytes(&body)];
                Ok(vm.tuple(row).into())
            }
            // What is wrong with the text is said when it is compiled.
            _ => Ok(Value::NONE.into()),
        }
    }),
    def!(
        "check",
        "(source, filename, mode, flags: index, inherited, optimize: index, feature_version: index, /)",
        |vm, a| {
            checked_options(vm, a)?;
            Ok(Value::NONE.into())
        },
    ),
    def!(
        "compile_text",
        "(source, filename, mode, flags: index, inherited, optimize: index, feature_version: index, /)",
        compile_text,
    ),
    def!(
        "symbols",
        "(source, filename, mode, flags: index, inherited, optimize: index, feature_version: index, /)",
        symbols,
    ),
    def!(
        "parse",
        "(source, filename, mode, flags: index, inherited, optimize: index, feature_version: index, table, /)",
        parse,
    ),
    def!(
        "compile_tree",
        "(source, filename, mode, flags: index, inherited, optimize: index, feature_version: index, table, /)",
        compile_tree,
    ),
];

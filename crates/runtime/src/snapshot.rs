//! Snapshots: a tasklet (or any object graph) as bytes, and back, in this process or another.
//!
//! A snapshot is a table of nodes; a value is an immediate or the number of a node. Saving walks the
//! graph with a worklist, loading makes all objects first and fills them afterwards, so cycles of
//! any shape and any depth load. Modules, their namespaces, importable classes and functions, and
//! builtins go by name; other functions, frames, generators, cells and instances by value. Nothing
//! that depends on an address or a hash is stored. Code is verified before it can run; frames must
//! stand at an instruction with exactly the registers that it keeps.
//!
//! A tasklet's `__reduce__` stores its snapshot. Format: magic, version, node count, nodes, root.
#![expect(unsafe_code, reason = "reads and builds the frames of suspended tasklets")]

use std::cell::Cell;
use std::collections::{HashMap, HashSet};

use stackless_bytecode::Insn;
use stackless_bytecode::isa::{op, op1};

use crate::exc::{Exc, PyResult};
use crate::frame::{Frame, OwnedFrame, stage, state};
use crate::heap::FINALIZED;
use crate::instance;
use crate::layout;
use crate::native::{MethodDescr, NativeFunction, native_of};
use crate::object::{ValueCell, VmCell};
use crate::objects::bytes::{ByteArray, Bytes};
use crate::objects::code::PyCode;
use crate::objects::deque::Deque;
use crate::objects::dict::Dict;
use crate::objects::dict::Table;
use crate::objects::exception::Exception;
use crate::objects::function::{Cell_, Function, Method, Slice, StaticMethod};
use crate::objects::generator::{CoroutineWrapper, GenState, Generator, Mode};
use crate::objects::iterators::{
    DictIter, DictPart, DictView, Enumerate, Range, RangeIter, SeqIter, SeqKind, SetIter, Zip,
};
use crate::objects::itertool::IterTool;
use crate::objects::list::List;
use crate::objects::module::Module;
use crate::objects::number::{Complex, Float, Int};
use crate::objects::regex::{Match, Pattern, Search};
use crate::objects::set::Set;
use crate::objects::str::Str;
use crate::objects::tuple::Tuple;
use crate::objects::types::{Instance, Type, tflags};
use crate::pyframe::{PyFrame, Traceback};
use crate::tasklet::{Blocked, Bomb, Channel, Tasklet};
use crate::value::Value;
use crate::vm::{Exec, Vm};

const MAGIC: &[u8; 4] = b"STKL";
/// Raised with every change of a node's fields, of a machine's registers or of the instruction set.
pub const VERSION: u32 = 1;

/// The class of the iterators of `Pattern.finditer`.
const FINDER: &str = "regex.finder";

/// Node kinds. Numbers are part of the format.
mod kind {
    pub const INT: u8 = 1;
    pub const FLOAT: u8 = 2;
    pub const COMPLEX: u8 = 3;
    pub const STR: u8 = 4;
    pub const BYTES: u8 = 5;
    pub const TUPLE: u8 = 6;
    pub const LIST: u8 = 7;
    pub const DICT: u8 = 8;
    pub const SET: u8 = 9;
    pub const FROZENSET: u8 = 10;
    pub const GLOBAL: u8 = 11;
    pub const MODULE: u8 = 12;
    pub const NAMESPACE: u8 = 13;
    pub const CODE: u8 = 14;
    pub const FUNCTION: u8 = 15;
    pub const CELL: u8 = 16;
    pub const METHOD: u8 = 17;
    pub const BOUND_NATIVE: u8 = 18;
    pub const SLICE: u8 = 19;
    pub const INSTANCE: u8 = 20;
    pub const EXCEPTION: u8 = 21;
    pub const GENERATOR: u8 = 22;
    pub const SEQ_ITER: u8 = 23;
    pub const RANGE_ITER: u8 = 24;
    pub const DICT_ITER: u8 = 25;
    pub const SET_ITER: u8 = 26;
    pub const ENUMERATE: u8 = 27;
    pub const ZIP: u8 = 28;
    pub const RANGE: u8 = 29;
    pub const VIEW: u8 = 30;
    pub const TASKLET: u8 = 31;
    pub const CHANNEL: u8 = 32;
    pub const BOMB: u8 = 33;
    pub const TYPE_ATTR: u8 = 34;
    pub const INTRINSIC: u8 = 35;
    pub const TRACEBACK: u8 = 36;
    pub const FRAME: u8 = 37;
    pub const WRAPPER: u8 = 38;
    pub const BYTEARRAY: u8 = 39;
    pub const ITERTOOL: u8 = 40;
    pub const PATTERN: u8 = 41;
    pub const MATCH: u8 = 42;
    /// A module that is being imported, and its namespace: they go along.
    pub const HALF_MODULE: u8 = 43;
    pub const HALF_NAMESPACE: u8 = 44;
    pub const DEQUE: u8 = 45;
    /// An instance of a class that derives from a builtin one: class, the builtin's kind, its contents,
    /// attributes.
    pub const DERIVED: u8 = 46;
}

// Saving.

struct Writer {
    out: Vec<u8>,
    ids: HashMap<u64, u32>,
    order: Vec<Value>,
    /// Namespaces of modules by the address of their dict.
    namespaces: HashMap<u64, Value>,
    /// Those of modules that are being imported.
    half: HashSet<u64>,
    /// Names of the intrinsics' own objects by address.
    sealed: HashMap<u64, Value>,
}

impl Writer {
    fn u8(&mut self, v: u8) {
        self.out.push(v);
    }
    fn u32(&mut self, v: u32) {
        self.out.extend(v.to_le_bytes());
    }
    fn i64(&mut self, v: i64) {
        self.out.extend(v.to_le_bytes());
    }
    fn blob(&mut self, b: &[u8]) {
        self.u32(b.len() as u32);
        self.out.extend(b);
    }
    fn value(&mut self, v: &Value) {
        if let Some(i) = v.as_small_int() {
            self.u8(0);
            self.i64(i);
        } else if v.has::<Search>() {
            // Its progress is not saved.
            self.value(&Value::NONE);
        } else if v.is_object() {
            let next = self.order.len() as u32;
            let id = *self.ids.entry(v.bits()).or_insert(next);
            if id == next {
                self.order.push(v.clone());
            }
            self.u8(2);
            self.u32(id);
        } else {
            // Floats and constants: their words mean the same everywhere.
            self.u8(1);
            self.i64(v.bits() as i64);
        }
    }
    fn values(&mut self, vs: &[Value]) {
        self.u32(vs.len() as u32);
        for v in vs {
            self.value(v);
        }
    }
    fn cell(&mut self, c: &ValueCell) {
        self.value(&c.get());
    }
}

fn cannot(vm: &mut Vm, v: &Value) -> Exc {
    let t = vm.type_name(v);
    vm.type_error(format!("cannot pickle '{t}' object"))
}

/// The bytes of an object graph.
pub fn save(vm: &mut Vm, root: &Value) -> PyResult<Vec<u8>> {
    let mut w = Writer {
        out: Vec::new(),
        ids: HashMap::new(),
        order: Vec::new(),
        namespaces: HashMap::new(),
        half: HashSet::new(),
        sealed: HashMap::new(),
    };
    if let Some(ns) = vm.intrinsics.get("").cloned()
        && let Some(d) = ns.get::<Dict>()
    {
        for (name, x) in d.items_vec(vm) {
            if (x.has::<Function>() || x.has::<Instance>()) && name.has::<Str>() {
                w.sealed.insert(x.bits(), name);
            }
        }
    }
    if let Some(modules) = vm.modules.clone() {
        for (name, m) in modules.items_vec(vm) {
            if let Some(d) = m.get::<Module>() {
                let namespace = d.dict.get();
                if is_half(vm, &namespace) {
                    w.half.insert(namespace.bits());
                }
                w.namespaces.insert(namespace.bits(), name);
            }
        }
    }
    w.value(root);
    let root_ref = std::mem::take(&mut w.out);
    let mut at = 0;
    while at < w.order.len() {
        let v = w.order[at].clone();
        node(vm, &mut w, &v)?;
        at += 1;
    }
    let mut out = Vec::with_capacity(w.out.len() + 32);
    out.extend(MAGIC);
    out.extend(VERSION.to_le_bytes());
    out.extend((w.order.len() as u32).to_le_bytes());
    out.extend(&root_ref);
    out.extend(&w.out);
    Ok(out)
}

/// Is this the namespace of a module whose body has not run to its end?
fn is_half(vm: &mut Vm, namespace: &Value) -> bool {
    let Some(spec) = namespace.get::<Dict>().and_then(|d| d.get_text(vm, "__spec__")) else {
        return false;
    };
    let name = vm.intern("_initializing");
    vm.instance_get(&spec, &name).is_some_and(|v| v.is_true())
}

/// Writes `module` and qualified name if they lead back to the same object.
fn global(vm: &mut Vm, w: &mut Writer, v: &Value, module: &Value, qualname: &Value) -> bool {
    let (Some(m), Some(q)) = (module.as_str(vm), qualname.as_str(vm)) else { return false };
    let (m, q) = (m.to_string(), q.to_string());
    match lookup_global(vm, &m, &q) {
        Some(found) if found.is(v) => {
            w.u8(kind::GLOBAL);
            w.blob(m.as_bytes());
            w.blob(q.as_bytes());
            true
        }
        _ => false,
    }
}

fn lookup_global(vm: &mut Vm, module: &str, qualname: &str) -> Option<Value> {
    let m = vm.modules.clone()?.get_text(vm, module)?;
    let mut at: Option<Value> = None;
    for part in qualname.split('.') {
        let name = vm.intern(part);
        let next = match &at {
            None => m.get::<Module>()?.namespace()?.get_str(vm, &name)?,
            Some(v) => v.get::<Type>()?.lookup(vm, &name)?,
        };
        at = Some(next);
    }
    at
}

fn node(vm: &mut Vm, w: &mut Writer, v: &Value) -> PyResult<()> {
    if let Some(name) = w.sealed.get(&v.bits()).cloned() {
        w.u8(kind::INTRINSIC);
        w.blob(name.as_wtf8().unwrap_or(b""));
        return Ok(());
    }
    if let Some(d) = v.get::<Dict>()
        && let Some(name) = w.namespaces.get(&v.bits()).cloned()
    {
        let half = w.half.contains(&v.bits());
        w.u8(if half { kind::HALF_NAMESPACE } else { kind::NAMESPACE });
        w.blob(name.as_wtf8().unwrap_or(b""));
        if half {
            let items = d.items_vec(vm).into_iter();
            let flat: Vec<Value> = items.flat_map(|(k, v)| [k, v]).collect();
            w.values(&flat);
        }
    } else if vm.intrinsics.get("").is_some_and(|ns| ns.is(v)) {
        w.u8(kind::NAMESPACE);
        w.blob(b"");
    } else if let Some(base) = builtin_kind(vm, v) {
        let derived = vm.type_of(v).is_heap_type();
        if derived {
            w.u8(kind::DERIVED);
            let ty = vm.type_of(v).to_value();
            w.value(&ty);
        }
        let frozen = !derived && vm.is_exactly(v, &vm.types.frozenset);
        w.u8(if frozen { kind::FROZENSET } else { base });
        contents(vm, w, v);
        if derived {
            attributes(vm, w, v);
        }
    } else if let Some(class) = v.get::<Type>() {
        let q = class.qualname.get();
        let m = match crate::objects::types_methods::module_of(vm, class) {
            Some(m) => vm.str(&m),
            None => Value::NONE,
        };
        if !global(vm, w, v, &m, &q) {
            // Builtin classes without a public name.
            let n = class.name_str(vm);
            if class.is_heap_type() {
                return Err(vm.type_error(format!("cannot pickle local class '{n}'")));
            }
            w.u8(kind::GLOBAL);
            w.blob(b"");
            // Its name is that of another class.
            let own = class.is(&vm.types.regex_iterator.to_value());
            w.blob(if own { FINDER.as_bytes() } else { n.as_bytes() });
        }
    } else if let Some(m) = v.get::<Module>() {
        let half = w.half.contains(&m.dict.get().bits());
        w.u8(if half { kind::HALF_MODULE } else { kind::MODULE });
        let name = m.namespace().and_then(|d| d.get_text(vm, "__name__")).unwrap_or(Value::NONE);
        w.blob(name.as_wtf8().unwrap_or(b""));
        if half {
            let namespace = m.dict.get();
            w.value(&namespace);
        }
    } else if let Some(c) = v.get::<PyCode>() {
        w.u8(kind::CODE);
        let bytes = stackless_bytecode::encode::encode(&c.code);
        w.blob(&bytes);
    } else if let Some(f) = v.get::<Function>() {
        let (m, q) = (f.module.get(), f.qualname.get());
        let half = w.half.contains(&f.globals.get().bits());
        if half || !global(vm, w, v, &m, &q) {
            // Between the instructions that make it, a function has no cells yet.
            let code = f.code.get();
            let free = code.get::<PyCode>().map_or(0, |c| c.code.free_count as usize);
            if f.closure.get().tuple_items().len() != free {
                return Err(vm.runtime_error("a function that is being made cannot be saved"));
            }
            w.u8(kind::FUNCTION);
            for c in [
                &f.code,
                &f.globals,
                &f.name,
                &f.qualname,
                &f.module,
                &f.doc,
                &f.defaults,
                &f.kwdefaults,
                &f.closure,
                &f.annotate,
                &f.annotations,
                &f.type_params,
            ] {
                w.cell(c);
            }
        }
    } else if let Some(c) = v.get::<Cell_>() {
        w.u8(kind::CELL);
        w.cell(&c.contents);
    } else if let Some(m) = v.get::<Method>() {
        w.u8(kind::METHOD);
        w.cell(&m.func);
        w.cell(&m.receiver);
    } else if let Some(n) = native_of(v) {
        let owner = n.owner.get();
        let name = n.def.name;
        if v.has::<MethodDescr>() || n.is_new {
            w.u8(kind::TYPE_ATTR);
            w.value(&owner);
            w.blob(name.as_bytes());
        } else if owner.is_unbound() || owner.has::<Module>() {
            let module = n.module.get();
            let q = vm.intern(name);
            if !global(vm, w, v, &module, &q) {
                return Err(cannot(vm, v));
            }
        } else {
            w.u8(kind::BOUND_NATIVE);
            w.value(&owner);
            w.blob(name.as_bytes());
        }
    } else if let Some(d) = v.get::<crate::dunder::WrapperDescr>() {
        w.u8(kind::TYPE_ATTR);
        w.cell(&d.owner);
        w.blob(d.name().as_bytes());
    } else if let Some(s) = v.get::<Slice>() {
        w.u8(kind::SLICE);
        for c in [&s.start, &s.stop, &s.step] {
            w.cell(c);
        }
    } else if let Some(e) = v.get::<Exception>() {
        w.u8(kind::EXCEPTION);
        let ty = vm.type_of(v).to_value();
        w.value(&ty);
        for c in [&e.args, &e.context, &e.cause] {
            w.cell(c);
        }
        w.u8(e.suppress_context.get() as u8);
        let extra = e.extra.get(vm).clone();
        w.values(&extra);
        attributes(vm, w, v);
    } else if let Some(g) = v.get::<Generator>() {
        w.u8(kind::GENERATOR);
        let ty = vm.type_of(v).to_value();
        w.value(&ty);
        w.u8(g.state.get() as u8);
        w.u8(g.mode.get() as u8);
        for c in [&g.name, &g.qualname, &g.code, &g.handled, &g.origin] {
            w.cell(c);
        }
        w.u8(g.hooks_inited.get() as u8);
        w.u8(g.ag_running.get() as u8);
        w.u8(g.ag_closed.get() as u8);
        let frame = g.frame.get();
        w.u8(!frame.is_null() as u8);
        if !frame.is_null() {
            save_frame(vm, w, frame)?;
        }
    } else if let Some(it) = v.get::<SeqIter>() {
        w.u8(kind::SEQ_ITER);
        w.u8(it.kind.get() as u8);
        w.i64(it.index.get());
        w.cell(&it.seq);
    } else if let Some(r) = v.get::<RangeIter>() {
        w.u8(kind::RANGE_ITER);
        w.i64(r.next.get());
        w.i64(r.step);
        w.i64(r.left.get() as i64);
    } else if let Some(it) = v.get::<DictIter>() {
        // The position as an ordinal among live entries: the copy has no deleted ones.
        w.u8(kind::DICT_ITER);
        w.u8(it.part as u8);
        w.u8(it.reverse as u8);
        let dict = it.dict.get();
        let ordinal = match dict.get::<Dict>() {
            Some(d) => d.table(vm).iter().filter(|(i, _)| *i < it.pos.get()).count(),
            None => 0,
        };
        w.i64(ordinal as i64);
        w.i64(it.used.get() as i64);
        w.i64(it.left.get() as i64);
        w.value(&dict);
    } else if let Some(it) = v.get::<SetIter>() {
        w.u8(kind::SET_ITER);
        let set = it.set.get();
        let ordinal = match set.get::<Set>() {
            Some(s) => s.table(vm).iter().filter(|(i, _)| *i < it.pos.get()).count(),
            None => 0,
        };
        w.i64(ordinal as i64);
        w.i64(it.used.get() as i64);
        w.value(&set);
    } else if let Some(e) = v.get::<Enumerate>() {
        w.u8(kind::ENUMERATE);
        w.cell(&e.iterator);
        w.cell(&e.index);
    } else if let Some(z) = v.get::<Zip>() {
        w.u8(kind::ZIP);
        let ty = vm.type_of(v).to_value();
        w.value(&ty);
        w.cell(&z.func);
        w.cell(&z.iterators);
        w.u8(z.strict.get() as u8);
    } else if let Some(t) = v.get::<IterTool>() {
        if vm.is_instance(v, &vm.types.lru_cache)
            && let [Some(m), Some(q)] = ["__module__", "__qualname__"].map(|name| {
                let name = vm.intern(name);
                vm.instance_get(v, &name)
            })
            && global(vm, w, v, &m, &q)
        {
            return Ok(());
        }
        w.u8(kind::ITERTOOL);
        let ty = vm.type_of(v).to_value();
        w.value(&ty);
        w.values(t.state.get(vm));
        attributes(vm, w, v);
    } else if let Some(d) = v.get::<Deque>() {
        w.u8(kind::DEQUE);
        let ty = vm.type_of(v).to_value();
        w.value(&ty);
        w.i64(d.maxlen.get());
        w.i64(d.changes.get() as i64);
        let items: Vec<Value> = d.items.get(vm).iter().cloned().collect();
        w.values(&items);
        attributes(vm, w, v);
    } else if let Some(m) = v.get::<Match>() {
        w.u8(kind::MATCH);
        w.values(m.items());
    } else if let Some(p) = v.get::<Pattern>() {
        w.u8(kind::PATTERN);
        let ty = vm.type_of(v).to_value();
        w.value(&ty);
        w.values(p.parts.get(vm));
    } else if let Some(r) = v.get::<Range>() {
        w.u8(kind::RANGE);
        for c in [&r.start, &r.stop, &r.step, &r.length] {
            w.cell(c);
        }
    } else if let Some(d) = v.get::<DictView>() {
        w.u8(kind::VIEW);
        let ty = vm.type_of(v).to_value();
        w.value(&ty);
        w.cell(&d.dict);
    } else if let Some(task) = v.get::<Tasklet>() {
        save_tasklet(vm, w, v, task)?;
    } else if let Some(c) = v.get::<Channel>() {
        w.u8(kind::CHANNEL);
        let ty = vm.type_of(v).to_value();
        w.value(&ty);
        w.u8(c.preference.get() as u8);
        w.u8(c.schedule_all.get() as u8);
        w.u8(c.closing.get() as u8);
        w.u8((c.balance.get() > 0) as u8);
        let mut queue = Vec::new();
        let mut at = c.head.get();
        while let Some(x) = at.get::<Tasklet>() {
            queue.push(at.clone());
            let next = x.next.get();
            at = next;
        }
        w.values(&queue);
    } else if let Some(b) = v.get::<Bomb>() {
        w.u8(kind::BOMB);
        w.cell(&b.class);
        w.cell(&b.value);
    } else if let Some(t) = v.get::<Traceback>() {
        w.u8(kind::TRACEBACK);
        w.cell(&t.next);
        w.cell(&t.frame);
        w.u32(t.offset.get());
        w.u32(t.line(vm).unwrap_or(0));
    } else if let Some(f) = v.get::<PyFrame>() {
        // Frame objects are saved as views: their activation, if any, is saved by its owner.
        w.u8(kind::FRAME);
        w.cell(&f.function);
        w.cell(&f.mapping);
        w.u32(f.offset());
        let flat: Vec<Value> = f.variables(vm).into_iter().flat_map(|(k, v)| [k, v]).collect();
        w.values(&flat);
    } else if let Some(c) = v.get::<CoroutineWrapper>() {
        w.u8(kind::WRAPPER);
        w.cell(&c.coroutine);
    } else if v.has::<Instance>() && !vm.type_of(v).has_flag(tflags::OUTSIDE) {
        w.u8(kind::INSTANCE);
        let ty = vm.type_of(v).to_value();
        w.value(&ty);
        attributes(vm, w, v);
    } else {
        return Err(cannot(vm, v));
    }
    Ok(())
}

/// The node kind of a builtin value, or of the one that an instance of a derived class is.
fn builtin_kind(vm: &Vm, v: &Value) -> Option<u8> {
    v.header()?;
    Some(match vm.type_of(v).layout.get() {
        layout::INT => kind::INT,
        layout::FLOAT => kind::FLOAT,
        layout::COMPLEX => kind::COMPLEX,
        layout::STR => kind::STR,
        layout::BYTES => kind::BYTES,
        layout::BYTEARRAY => kind::BYTEARRAY,
        layout::TUPLE => kind::TUPLE,
        layout::LIST => kind::LIST,
        layout::DICT => kind::DICT,
        layout::SET => kind::SET,
        _ => return None,
    })
}

/// What such a value holds.
fn contents(vm: &mut Vm, w: &mut Writer, v: &Value) {
    if let Some(i) = v.get::<Int>() {
        w.blob(&i.0.to_signed_bytes_le());
    } else if let Some(f) = v.get::<Float>() {
        w.i64(f.0.to_bits() as i64);
    } else if let Some(c) = v.get::<Complex>() {
        w.i64(c.re.to_bits() as i64);
        w.i64(c.im.to_bits() as i64);
    } else if let Some(s) = v.get::<Str>() {
        w.blob(s.bytes());
    } else if let Some(b) = v.get::<Bytes>() {
        w.blob(b.as_bytes());
    } else if let Some(b) = v.get::<ByteArray>() {
        w.blob(b.data.get(vm));
    } else {
        let items = match (v.get::<List>(), v.get::<Dict>(), v.get::<Set>()) {
            (Some(l), ..) => l.items(vm).to_vec(),
            (_, Some(d), _) => d.items_vec(vm).into_iter().flat_map(|(k, v)| [k, v]).collect(),
            (.., Some(s)) => s.keys(vm),
            _ => v.tuple_items().to_vec(),
        };
        w.values(&items);
    }
}

/// An instance of `ty`, with the contents that need no other node.
fn derived_shell(vm: &mut Vm, r: &mut Reader<'_>, ty: &crate::object::Obj<Type>) -> PyResult {
    use crate::object::Payload;
    let base = r.u8(vm)?;
    let fits = |layout: u16| ty.layout.get() == layout && ty.is_heap_type();
    Ok(match base {
        kind::INT if fits(Int::LAYOUT) => {
            let bytes = r.blob(vm)?;
            let zero = || stackless_primitives::BigInt::from(0i64);
            let number = vm.big_int_from_le_bytes(&bytes).as_big().unwrap_or_else(zero);
            vm.new_object(ty, Int(number)).into_value()
        }
        kind::FLOAT if fits(Float::LAYOUT) => {
            let bits = r.i64(vm)? as u64;
            vm.new_object(ty, Float(f64::from_bits(bits))).into_value()
        }
        kind::COMPLEX if fits(Complex::LAYOUT) => {
            let [re, im] = [r.i64(vm)?, r.i64(vm)?].map(|bits| f64::from_bits(bits as u64));
            vm.new_object(ty, Complex { re, im }).into_value()
        }
        kind::STR if fits(Str::LAYOUT) => {
            let text = r.blob(vm)?;
            if !stackless_primitives::wtf8::is_valid(&text) {
                return Err(bad(vm, "text"));
            }
            vm.new_bytes_tail::<Str>(ty, &[&text]).into_value()
        }
        kind::BYTES if fits(Bytes::LAYOUT) => {
            let bytes = r.blob(vm)?;
            vm.new_bytes_tail::<Bytes>(ty, &[&bytes]).into_value()
        }
        kind::BYTEARRAY if fits(ByteArray::LAYOUT) => {
            let bytes = r.blob(vm)?;
            let data = VmCell::new(bytes);
            vm.new_object(ty, ByteArray { data, exports: Cell::new(0) }).into_value()
        }
        kind::TUPLE if fits(Tuple::LAYOUT) => {
            let n = r.u32(vm)? as usize;
            if n > r.bytes.len() {
                return Err(bad(vm, "length"));
            }
            vm.new_tail::<Tuple>(ty, n, std::iter::repeat_n(Value::NONE, n)).into_value()
        }
        kind::LIST if fits(List::LAYOUT) => {
            vm.new_object(ty, List { items: VmCell::new(Vec::new()) }).into_value()
        }
        kind::DICT if fits(Dict::LAYOUT) => vm.new_object(ty, Dict::default()).into_value(),
        kind::SET if fits(Set::LAYOUT) => {
            vm.new_object(ty, Set::new(Default::default())).into_value()
        }
        _ => return Err(bad(vm, "class layout")),
    })
}

/// Whether `__del__` has run or runs, `__slots__` values by position and attributes by name.
fn attributes(vm: &mut Vm, w: &mut Writer, v: &Value) {
    w.u8(v.header().is_some_and(|h| h.flag(FINALIZED)) as u8);
    let fixed = vm.type_of(v).fixed_slots.get() as usize;
    let slots: Vec<Value> = match instance::ext(v) {
        Some(e) => e.slots().iter().take(fixed).map(ValueCell::get).collect(),
        None => Vec::new(),
    };
    w.values(&slots);
    let flat: Vec<Value> = vm.instance_items(v).into_iter().flat_map(|(k, v)| [k, v]).collect();
    w.values(&flat);
}

fn save_frame(vm: &mut Vm, w: &mut Writer, frame: *mut Frame) -> PyResult<()> {
    // SAFETY: frames of suspended tasklets and generators are whole.
    let f = unsafe { &mut *frame };
    w.u8(f.is_native() as u8);
    if f.is_native() {
        let m = f.machine();
        if crate::machines::find(vm, m.name).is_none() {
            return Err(
                vm.runtime_error(format!("the native operation {} cannot be saved", m.name))
            );
        }
        w.blob(m.name.as_bytes());
        w.u32(m.version);
    } else {
        w.value(&f.func.clone());
        w.u32(f.offset());
        let locals = f.extra.as_ref().and_then(|e| e.locals.clone());
        w.value(&locals.unwrap_or(Value::UNBOUND));
    }
    w.u8(f.stage() as u8);
    let n = f.valid_regs();
    let regs: Vec<Value> = (0..n).map(|i| f.reg(i).clone()).collect();
    w.values(&regs);
    Ok(())
}

fn save_tasklet(vm: &mut Vm, w: &mut Writer, v: &Value, task: &Tasklet) -> PyResult<()> {
    if vm.scheduler.current.as_ref().is_some_and(|c| c.value().is(v)) {
        return Err(vm.runtime_error("You cannot __reduce__ the tasklet which is current."));
    }
    w.u8(kind::TASKLET);
    let ty = vm.type_of(v).to_value();
    w.value(&ty);
    let bits =
        [task.alive.get(), task.atomic.get(), task.ignore_nesting.get(), task.block_trap.get()];
    for b in bits {
        w.u8(b as u8);
    }
    w.u8(task.blocked.get() as u8);
    w.cell(&task.tempval);
    let exec = task.exec.get(vm);
    if exec.nesting > 0 {
        return Err(vm.runtime_error("a tasklet inside a native callback cannot be saved"));
    }
    let (handled, depth, native) = (exec.handled.clone(), exec.depth, exec.native_depth);
    let outer: Vec<Value> = exec.handled_around().cloned().collect();
    let mut frames = Vec::new();
    let mut at = exec.frame;
    while !at.is_null() {
        frames.push(at);
        // SAFETY: as in `save_frame`.
        at = unsafe { (*at).caller };
    }
    w.value(&handled);
    w.values(&outer);
    w.u32(depth);
    w.u32(native);
    w.u32(frames.len() as u32);
    for f in frames.into_iter().rev() {
        // SAFETY: as in `save_frame`.
        let generator = unsafe { (*f).state & state::GENERATOR != 0 };
        w.u8(generator as u8);
        if generator {
            // A running generator saves its own frame.
            let g = crate::objects::generator::of_frame(f);
            w.value(g.value());
        } else {
            save_frame(vm, w, f)?;
        }
    }
    Ok(())
}

// Loading.

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    nodes: Vec<Value>,
    /// Half-imported modules that nobody has here, by name.
    fresh: Vec<(String, Value)>,
    /// What is made dies without finalisers.
    silent: bool,
}

fn bad(vm: &mut Vm, why: &str) -> Exc {
    vm.value_error(format!("bad snapshot: {why}"))
}

impl<'a> Reader<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Reader { bytes, at: 0, nodes: Vec::new(), fresh: Vec::new(), silent: false }
    }
    fn take(&mut self, vm: &mut Vm, n: usize) -> PyResult<&[u8]> {
        match self.at.checked_add(n).and_then(|end| self.bytes.get(self.at..end)) {
            Some(b) => {
                self.at += n;
                Ok(b)
            }
            None => Err(bad(vm, "truncated")),
        }
    }
    fn u8(&mut self, vm: &mut Vm) -> PyResult<u8> {
        Ok(self.take(vm, 1)?[0])
    }
    fn flag(&mut self, vm: &mut Vm) -> PyResult<bool> {
        Ok(self.u8(vm)? != 0)
    }
    fn u32(&mut self, vm: &mut Vm) -> PyResult<u32> {
        let mut b = [0; 4];
        b.copy_from_slice(self.take(vm, 4)?);
        Ok(u32::from_le_bytes(b))
    }
    fn i64(&mut self, vm: &mut Vm) -> PyResult<i64> {
        let mut b = [0; 8];
        b.copy_from_slice(self.take(vm, 8)?);
        Ok(i64::from_le_bytes(b))
    }
    fn blob(&mut self, vm: &mut Vm) -> PyResult<Vec<u8>> {
        let n = self.u32(vm)? as usize;
        Ok(self.take(vm, n)?.to_vec())
    }
    fn text(&mut self, vm: &mut Vm) -> PyResult<String> {
        let b = self.blob(vm)?;
        String::from_utf8(b).map_err(|_| bad(vm, "text"))
    }
    /// A value; in the first pass, when `nodes` is still growing, references read as None.
    fn value(&mut self, vm: &mut Vm) -> PyResult {
        match self.u8(vm)? {
            0 => {
                let i = self.i64(vm)?;
                Ok(vm.int(i))
            }
            1 => {
                let bits = self.i64(vm)? as u64;
                Value::immediate(bits).ok_or_else(|| bad(vm, "immediate"))
            }
            2 => {
                let i = self.u32(vm)? as usize;
                Ok(self.nodes.get(i).cloned().unwrap_or(Value::NONE))
            }
            _ => Err(bad(vm, "value")),
        }
    }
    fn values(&mut self, vm: &mut Vm) -> PyResult<Vec<Value>> {
        let n = self.u32(vm)? as usize;
        if n > self.bytes.len() {
            return Err(bad(vm, "length"));
        }
        (0..n).map(|_| self.value(vm)).collect()
    }
}

/// Reads the head of a snapshot: the number of nodes and where the root's reference is. The reader is
/// at the first node afterwards.
fn head(vm: &mut Vm, r: &mut Reader<'_>) -> PyResult<(usize, usize)> {
    if r.take(vm, 4)? != MAGIC {
        return Err(bad(vm, "magic"));
    }
    let version = r.u32(vm)?;
    if version != VERSION {
        return Err(vm.value_error(format!(
            "snapshot has format version {version}, this program reads {VERSION}"
        )));
    }
    let count = r.u32(vm)? as usize;
    if count > r.bytes.len() {
        return Err(bad(vm, "length"));
    }
    let root_at = r.at;
    r.value(vm)?;
    Ok((count, root_at))
}

/// Modules that a snapshot names and that are not there yet. They are imported before it is loaded.
pub fn missing_modules(vm: &mut Vm, bytes: &[u8]) -> PyResult<Vec<String>> {
    let mut r = Reader::new(bytes);
    let (count, _) = head(vm, &mut r)?;
    let (mut missing, mut half) = (Vec::new(), Vec::new());
    for _ in 0..count {
        let at = r.at;
        let k = r.u8(vm)?;
        if matches!(k, kind::MODULE | kind::NAMESPACE | kind::GLOBAL) {
            let name = r.text(vm)?;
            let known = |vm: &mut Vm| vm.modules.clone().and_then(|d| d.get_text(vm, &name));
            if !name.is_empty() && !missing.contains(&name) && known(vm).is_none() {
                missing.push(name);
            }
        }
        if k == kind::HALF_NAMESPACE {
            half.push(r.text(vm)?);
        }
        r.at = at;
        skip(vm, &mut r)?;
    }
    missing.retain(|name| !half.contains(name));
    Ok(missing)
}

/// The object graph of a snapshot.
pub fn load(vm: &mut Vm, bytes: &[u8]) -> PyResult {
    load_from(vm, Reader::new(bytes))
}

/// A copy that is no part of the program: its objects die without finalisers, and its coroutines
/// are not missed.
pub(crate) fn load_silent(vm: &mut Vm, bytes: &[u8]) -> PyResult {
    let mut r = Reader::new(bytes);
    r.silent = true;
    load_from(vm, r)
}

fn load_from(vm: &mut Vm, mut r: Reader<'_>) -> PyResult {
    let bytes = r.bytes;
    let (count, root_at) = head(vm, &mut r)?;
    // Leaves and shells in order; classes and functions by name are leaves, so that shells of their
    // instances find them: those that come later in the table are fetched by a scan ahead.
    let mut starts = Vec::with_capacity(count);
    for _ in 0..count {
        starts.push(r.at);
        skip(vm, &mut r)?;
    }
    r.nodes = vec![Value::NONE; count];
    for pass in 0..3 {
        for (i, at) in starts.iter().enumerate() {
            r.at = *at;
            if let Some(v) = shell(vm, &mut r, pass)? {
                // Pass 1 makes new objects, the others find most of theirs.
                if r.silent
                    && pass == 1
                    && let Some(h) = v.header()
                {
                    h.set_flag(FINALIZED);
                }
                r.nodes[i] = v;
            }
        }
    }
    let mut hashed = Vec::new();
    // Functions before the frames that need their code, generators before the tasklets in which
    // they run, tasklets before the channels that queue them.
    for step in 0..4 {
        for (i, at) in starts.iter().enumerate() {
            let order = match bytes.get(*at).copied() {
                Some(kind::GENERATOR) => 1,
                Some(kind::TASKLET) => 2,
                Some(kind::CHANNEL) => 3,
                _ => 0,
            };
            if order == step {
                r.at = *at;
                let v = r.nodes[i].clone();
                fill(vm, &mut r, &v, &mut hashed)?;
            }
        }
    }
    // Hashed containers last, when their keys are whole.
    for (v, items) in hashed {
        fill_hashed(vm, &v, items)?;
    }
    for (i, at) in starts.iter().enumerate() {
        r.at = *at;
        let v = r.nodes[i].clone();
        positions(vm, &mut r, &v)?;
    }
    if let Some(modules) = vm.modules.clone() {
        for (name, module) in std::mem::take(&mut r.fresh) {
            modules.set_text(vm, &name, module);
        }
    }
    r.at = root_at;
    r.value(vm)
}

/// The half-imported module of this name: the one that is here, or a new one.
fn half_module(vm: &mut Vm, r: &mut Reader<'_>, name: &str) -> Value {
    if let Some(m) = vm.modules.clone().and_then(|d| d.get_text(vm, name)) {
        return m;
    }
    if let Some((_, m)) = r.fresh.iter().find(|m| m.0 == name) {
        return m.clone();
    }
    let m = vm.module(name, Value::NONE).into_value();
    r.fresh.push((name.to_string(), m.clone()));
    m
}

/// Reads over one node.
fn skip(vm: &mut Vm, r: &mut Reader<'_>) -> PyResult<()> {
    let mut sink = Vec::new();
    let nothing = Value::NONE;
    let k = r.u8(vm)?;
    r.at -= 1;
    match k {
        kind::INT
        | kind::STR
        | kind::BYTES
        | kind::BYTEARRAY
        | kind::MODULE
        | kind::NAMESPACE
        | kind::CODE
        | kind::INTRINSIC => {
            r.u8(vm)?;
            r.blob(vm)?;
        }
        kind::FLOAT => {
            r.u8(vm)?;
            r.i64(vm)?;
        }
        kind::COMPLEX => {
            r.u8(vm)?;
            r.i64(vm)?;
            r.i64(vm)?;
        }
        kind::GLOBAL => {
            r.u8(vm)?;
            r.blob(vm)?;
            r.blob(vm)?;
        }
        kind::BOUND_NATIVE | kind::TYPE_ATTR => {
            r.u8(vm)?;
            r.value(vm)?;
            r.blob(vm)?;
        }
        kind::HALF_MODULE => {
            r.u8(vm)?;
            r.blob(vm)?;
            r.value(vm)?;
        }
        kind::HALF_NAMESPACE => {
            r.u8(vm)?;
            r.blob(vm)?;
            r.values(vm)?;
        }
        // What `fill` does not know it would hand back to here.
        0 | kind::MATCH.. if !matches!(k, kind::MATCH | kind::DEQUE | kind::DERIVED) => {
            return Err(bad(vm, "kind of node"));
        }
        _ => fill(vm, r, &nothing, &mut sink)?,
    }
    Ok(())
}

/// The empty object of a node. Pass 0: leaves and names; 1: shells; 2: what is found on others.
fn shell(vm: &mut Vm, r: &mut Reader<'_>, pass: u32) -> PyResult<Option<Value>> {
    let k = r.u8(vm)?;
    let cell = || ValueCell::new(Value::NONE);
    let leaf = matches!(
        k,
        kind::INT
            | kind::FLOAT
            | kind::COMPLEX
            | kind::STR
            | kind::BYTES
            | kind::BYTEARRAY
            | kind::GLOBAL
            | kind::MODULE
            | kind::NAMESPACE
            | kind::HALF_MODULE
            | kind::HALF_NAMESPACE
            | kind::CODE
            | kind::INTRINSIC
    );
    let late = matches!(k, kind::BOUND_NATIVE | kind::TYPE_ATTR);
    if pass
        != if leaf {
            0
        } else if late {
            2
        } else {
            1
        }
    {
        return Ok(None);
    }
    Ok(Some(match k {
        kind::INT => {
            let b = r.blob(vm)?;
            vm.big_int_from_le_bytes(&b)
        }
        kind::FLOAT => {
            let bits = r.i64(vm)? as u64;
            vm.float(f64::from_bits(bits))
        }
        kind::COMPLEX => {
            let (re, im) = (r.i64(vm)? as u64, r.i64(vm)? as u64);
            vm.complex(f64::from_bits(re), f64::from_bits(im))
        }
        kind::STR => {
            let b = r.blob(vm)?;
            if !stackless_primitives::wtf8::is_valid(&b) {
                return Err(bad(vm, "text"));
            }
            vm.const_str(&b)
        }
        kind::BYTES => {
            let b = r.blob(vm)?;
            vm.bytes(&b)
        }
        kind::BYTEARRAY => {
            let b = r.blob(vm)?;
            vm.bytearray(b)
        }
        kind::GLOBAL => {
            let (m, q) = (r.text(vm)?, r.text(vm)?);
            let found = if m.is_empty() {
                let named = |t: &&crate::value::Ref<Type>| t.name_str(vm) == q;
                match q == FINDER {
                    true => Some(vm.types.regex_iterator.to_value()),
                    false => vm.types.all().into_iter().find(named).map(|t| t.to_value()),
                }
            } else {
                lookup_global(vm, &m, &q)
            };
            match found {
                Some(v) => v,
                None => {
                    let class = vm.excs.attribute_error.clone();
                    return Err(vm.new_exception_msg(
                        &class,
                        &format!("module '{m}' has no attribute '{q}'"),
                    ));
                }
            }
        }
        kind::MODULE | kind::NAMESPACE => {
            let name = r.text(vm)?;
            if k == kind::NAMESPACE && name.is_empty() {
                return crate::intrinsics::namespace(vm).map(Some);
            }
            let Some(m) = vm.modules.clone().and_then(|d| d.get_text(vm, &name)) else {
                let class = vm.excs.module_not_found_error.clone();
                return Err(vm.new_exception_msg(&class, &format!("No module named '{name}'")));
            };
            match m.get::<Module>() {
                Some(x) if k == kind::NAMESPACE => x.dict.get(),
                _ => m,
            }
        }
        kind::HALF_MODULE | kind::HALF_NAMESPACE => {
            let name = r.text(vm)?;
            let m = half_module(vm, r, &name);
            match m.get::<Module>() {
                Some(x) if k == kind::HALF_NAMESPACE => x.dict.get(),
                _ => m,
            }
        }
        kind::INTRINSIC => {
            let name = r.text(vm)?;
            let ns = crate::intrinsics::namespace(vm)?;
            match ns.get::<Dict>().and_then(|d| d.get_text(vm, &name)) {
                Some(f) => f,
                None => return Err(bad(vm, "unknown intrinsic")),
            }
        }
        kind::CODE => {
            let b = r.blob(vm)?;
            let code = match stackless_bytecode::encode::decode(&b) {
                Ok(c) => c,
                Err(_) => return Err(bad(vm, "code")),
            };
            if stackless_bytecode::verify::verify(&code).is_err() {
                return Err(bad(vm, "code is not well-formed"));
            }
            vm.code(std::sync::Arc::new(code))
        }
        kind::TUPLE => {
            let n = r.u32(vm)? as usize;
            if n > r.bytes.len() {
                return Err(bad(vm, "length"));
            }
            vm.tuple(vec![Value::NONE; n])
        }
        kind::MATCH => {
            let n = r.u32(vm)? as usize;
            if n > r.bytes.len() {
                return Err(bad(vm, "length"));
            }
            vm.regex_match(n, std::iter::repeat_n(Value::NONE, n))
        }
        kind::LIST => vm.list(Vec::new()),
        kind::DICT => vm.dict().into_value(),
        kind::SET => vm.set().into_value(),
        kind::FROZENSET => vm.alloc(&vm.types.frozenset, Set::new(Table::default())).into_value(),
        kind::FUNCTION => vm.function(Value::NONE, Value::NONE, Value::NONE),
        kind::CELL => vm.cell(Value::UNBOUND),
        kind::METHOD => vm.bound_method(Value::NONE, Value::NONE),
        kind::SLICE => vm.slice(Value::NONE, Value::NONE, Value::NONE),
        kind::RANGE => {
            let p = Range { start: cell(), stop: cell(), step: cell(), length: cell() };
            vm.alloc(&vm.types.range, p).into_value()
        }
        kind::SEQ_ITER => {
            let kinds = [
                SeqKind::List,
                SeqKind::ListReversed,
                SeqKind::Tuple,
                SeqKind::Str,
                SeqKind::Bytes,
                SeqKind::ByteArray,
                SeqKind::Memory,
                SeqKind::Sequence,
                SeqKind::Reversed,
                SeqKind::LongRange,
                SeqKind::Array,
            ];
            let Some(kind) = kinds.get(r.u8(vm)? as usize) else {
                return Err(bad(vm, "iterator"));
            };
            crate::objects::iterators::seq_iter(vm, *kind, Value::NONE)
        }
        kind::RANGE_ITER => {
            let (next, step, left) = (r.i64(vm)?, r.i64(vm)?, r.i64(vm)?);
            let it = RangeIter { next: Cell::new(next), step, left: Cell::new(left.max(0) as u64) };
            vm.alloc(&vm.types.range_iterator, it).into_value()
        }
        kind::DICT_ITER => {
            let parts = [DictPart::Keys, DictPart::Values, DictPart::Items];
            let Some(part) = parts.get(r.u8(vm)? as usize) else {
                return Err(bad(vm, "iterator"));
            };
            let reverse = r.flag(vm)?;
            crate::objects::iterators::dict_iter(vm, &Value::NONE, *part, reverse)
        }
        kind::SET_ITER => {
            let it = SetIter { set: cell(), pos: Cell::new(0), used: Cell::new(0) };
            vm.alloc(&vm.types.set_iterator, it).into_value()
        }
        kind::ENUMERATE => {
            let e = Enumerate { iterator: cell(), index: cell() };
            vm.alloc(&vm.types.enumerate, e).into_value()
        }
        kind::TRACEBACK => {
            let t =
                Traceback { next: cell(), frame: cell(), offset: Cell::new(0), line: Cell::new(0) };
            vm.alloc(&vm.types.traceback, t).into_value()
        }
        kind::FRAME => crate::pyframe::detached(vm).into_value(),
        kind::WRAPPER => vm
            .alloc(&vm.types.coroutine_wrapper, CoroutineWrapper { coroutine: cell() })
            .into_value(),
        kind::BOMB => {
            let b = Bomb { class: cell(), value: cell(), traceback: cell() };
            vm.alloc(&vm.types.bomb, b).into_value()
        }
        kind::DERIVED => {
            let ty = r.value(vm)?;
            let Some(ty) = ty.get::<Type>() else { return Err(bad(vm, "class")) };
            return derived_shell(vm, r, ty).map(Some);
        }
        kind::ZIP
        | kind::ITERTOOL
        | kind::DEQUE
        | kind::PATTERN
        | kind::VIEW
        | kind::INSTANCE
        | kind::EXCEPTION
        | kind::GENERATOR
        | kind::TASKLET
        | kind::CHANNEL => {
            let ty = r.value(vm)?;
            let Some(ty) = ty.get::<Type>() else { return Err(bad(vm, "class")) };
            return typed_shell(vm, k, ty).map(Some);
        }
        kind::BOUND_NATIVE => {
            let owner = r.value(vm)?;
            let name = r.text(vm)?;
            let name = vm.intern(&name);
            let m = match owner.get::<Type>() {
                Some(t) => t.lookup(vm, &name).or_else(|| vm.type_of(&owner).lookup(vm, &name)),
                None => vm.type_of(&owner).lookup(vm, &name),
            };
            // A static method is found as itself.
            let m = m.map(|m| m.get::<StaticMethod>().map_or(m.clone(), |s| s.callable.get()));
            match m.as_ref().and_then(native_of) {
                Some(n) => {
                    let f = NativeFunction(crate::native::Native::new(n.def, owner, Value::NONE));
                    vm.alloc(&vm.types.builtin_function, f).into_value()
                }
                None => return Err(bad(vm, "builtin method")),
            }
        }
        kind::TYPE_ATTR => {
            let owner = r.value(vm)?;
            let name = r.text(vm)?;
            let name = vm.intern(&name);
            match owner.get::<Type>().and_then(|t| t.lookup(vm, &name)) {
                Some(v) => v,
                None => return Err(bad(vm, "method")),
            }
        }
        _ => return Err(bad(vm, "node kind")),
    }))
}

fn typed_shell(vm: &mut Vm, k: u8, ty: &crate::object::Obj<Type>) -> PyResult {
    use crate::object::Payload;
    let cell = || ValueCell::new(Value::NONE);
    let want = match k {
        kind::ZIP => Zip::LAYOUT,
        kind::ITERTOOL => IterTool::LAYOUT,
        kind::DEQUE => Deque::LAYOUT,
        kind::PATTERN => Pattern::LAYOUT,
        kind::VIEW => DictView::LAYOUT,
        kind::INSTANCE => Instance::LAYOUT,
        kind::EXCEPTION => Exception::LAYOUT,
        kind::GENERATOR => Generator::LAYOUT,
        kind::TASKLET => Tasklet::LAYOUT,
        _ => Channel::LAYOUT,
    };
    if ty.layout.get() != want {
        return Err(bad(vm, "class layout"));
    }
    Ok(match k {
        kind::ZIP => {
            let z = Zip { func: cell(), iterators: cell(), strict: Cell::new(false) };
            vm.new_object(ty, z).into_value()
        }
        kind::ITERTOOL => vm.iter_tool(ty, Vec::new()),
        kind::DEQUE => vm.new_object(ty, Deque::unbounded()).into_value(),
        kind::PATTERN => vm.regex_pattern(ty, Vec::new()),
        kind::VIEW => vm.new_object(ty, DictView { dict: cell() }).into_value(),
        kind::INSTANCE => vm.new_object(ty, Instance).into_value(),
        kind::EXCEPTION => {
            let args = vm.tuple(vec![]);
            vm.new_object(ty, Exception::new(args)).into_value()
        }
        kind::GENERATOR => vm
            .new_object(
                ty,
                Generator {
                    frame: Cell::new(std::ptr::null_mut()),
                    state: Cell::new(GenState::Closed),
                    mode: Cell::new(Mode::Next),
                    name: cell(),
                    qualname: cell(),
                    code: cell(),
                    handled: cell(),
                    origin: cell(),
                    finalizer: cell(),
                    hooks_inited: Cell::new(false),
                    ag_running: Cell::new(false),
                    ag_closed: Cell::new(false),
                },
            )
            .into_value(),
        kind::TASKLET => {
            let ty = ty.to_ref();
            vm.new_tasklet(&ty).into_value()
        }
        _ => {
            let c = Channel {
                head: cell(),
                tail: cell(),
                balance: Default::default(),
                preference: Cell::new(-1),
                schedule_all: Default::default(),
                closing: Default::default(),
            };
            vm.new_object(ty, c).into_value()
        }
    })
}

type Hashed = Vec<(Value, Vec<Value>)>;

/// Reads a node's fields into its object (None: only reads over them).
fn fill(vm: &mut Vm, r: &mut Reader<'_>, v: &Value, hashed: &mut Hashed) -> PyResult<()> {
    let k = r.u8(vm)?;
    match k {
        kind::HALF_NAMESPACE => {
            let name = r.text(vm)?;
            let items = r.values(vm)?;
            // A module that is here goes on with what it has.
            let is_fresh = r.fresh.iter().any(|m| m.0 == name);
            if let Some(d) = v.get::<Dict>().filter(|_| is_fresh) {
                for pair in items.chunks_exact(2) {
                    if let Some(key) = pair[0].as_str(vm).map(str::to_string) {
                        d.set_text(vm, &key, pair[1].clone());
                    }
                }
            }
        }
        kind::HALF_MODULE => {}
        kind::TUPLE => {
            let items = r.values(vm)?;
            if let Some(t) = v.get::<Tuple>() {
                t.fill(items);
            }
        }
        kind::MATCH => {
            let items = r.values(vm)?;
            if let Some(m) = v.get::<Match>() {
                m.fill(items);
            }
        }
        kind::LIST => {
            let items = r.values(vm)?;
            if let Some(l) = v.get::<List>() {
                *l.items_mut(vm) = items;
            }
        }
        kind::DICT | kind::SET | kind::FROZENSET => {
            let items = r.values(vm)?;
            hashed.push((v.clone(), items));
        }
        kind::FUNCTION => {
            let mut parts = Vec::with_capacity(12);
            for _ in 0..12 {
                parts.push(r.value(vm)?);
            }
            if let Some(f) = v.get::<Function>() {
                let ok = parts[0].get::<PyCode>().is_some_and(|c| {
                    c.code.free_count as usize == parts[8].tuple_items().len()
                        && parts[8].tuple_items().iter().all(|c| c.has::<Cell_>() || c.is_none())
                });
                if !ok || !parts[1].has::<Dict>() {
                    return Err(bad(vm, "function"));
                }
                let builtins = crate::compile::builtins_of(vm, &parts[1]);
                f.builtins.set(builtins);
                for (cell, p) in [
                    &f.code,
                    &f.globals,
                    &f.name,
                    &f.qualname,
                    &f.module,
                    &f.doc,
                    &f.defaults,
                    &f.kwdefaults,
                    &f.closure,
                    &f.annotate,
                    &f.annotations,
                    &f.type_params,
                ]
                .into_iter()
                .zip(parts)
                {
                    cell.set(p);
                }
            }
        }
        kind::CELL => {
            let x = r.value(vm)?;
            if let Some(c) = v.get::<Cell_>() {
                c.contents.set(x);
            }
        }
        kind::METHOD => {
            let (f, x) = (r.value(vm)?, r.value(vm)?);
            if let Some(m) = v.get::<Method>() {
                m.func.set(f);
                m.receiver.set(x);
            }
        }
        kind::SLICE => {
            let p = [r.value(vm)?, r.value(vm)?, r.value(vm)?];
            if let Some(s) = v.get::<Slice>() {
                let [a, b, c] = p;
                s.start.set(a);
                s.stop.set(b);
                s.step.set(c);
            }
        }
        kind::RANGE => {
            let p = [r.value(vm)?, r.value(vm)?, r.value(vm)?, r.value(vm)?];
            if let Some(s) = v.get::<Range>() {
                if p.iter().any(|x| !x.is_int_like()) {
                    return Err(bad(vm, "range"));
                }
                let [a, b, c, d] = p;
                s.start.set(a);
                s.stop.set(b);
                s.step.set(c);
                s.length.set(d);
            }
        }
        kind::INSTANCE => {
            r.value(vm)?;
            load_attributes(vm, r, v)?;
        }
        kind::EXCEPTION => {
            r.value(vm)?;
            let p = [r.value(vm)?, r.value(vm)?, r.value(vm)?];
            let suppress = r.flag(vm)?;
            let extra = r.values(vm)?;
            if let Some(e) = v.get::<Exception>() {
                let [args, context, cause] = p;
                e.args.set(args);
                e.context.set(context);
                e.cause.set(cause);
                e.suppress_context.set(suppress);
                *e.extra.get_mut(vm) = extra;
            }
            load_attributes(vm, r, v)?;
        }
        kind::GENERATOR => {
            r.value(vm)?;
            let (st, mode) = (r.u8(vm)?, r.u8(vm)?);
            let mut p = Vec::new();
            for _ in 0..5 {
                p.push(r.value(vm)?);
            }
            let flags = [r.flag(vm)?, r.flag(vm)?, r.flag(vm)?];
            let has_frame = r.flag(vm)?;
            let frame = if has_frame { Some(read_frame(vm, r)?) } else { None };
            if let Some(g) = v.get::<Generator>() {
                for (cell, x) in
                    [&g.name, &g.qualname, &g.code, &g.handled, &g.origin].into_iter().zip(p)
                {
                    cell.set(x);
                }
                g.hooks_inited.set(flags[0]);
                g.ag_running.set(flags[1]);
                g.ag_closed.set(flags[2]);
                g.mode.set([Mode::Next, Mode::Send, Mode::Delegate][mode as usize % 3]);
                if let Some(f) = frame {
                    let owned = f.owned(vm)?;
                    owned.set_generator(g.address());
                    g.frame.set(owned.as_ptr());
                    std::mem::forget(owned);
                }
                let states =
                    [GenState::Created, GenState::Suspended, GenState::Running, GenState::Closed];
                let state = states[st as usize % 4];
                g.state.set(if g.frame.get().is_null() { GenState::Closed } else { state });
            }
        }
        kind::SEQ_ITER => {
            r.u8(vm)?;
            let i = r.i64(vm)?;
            let seq = r.value(vm)?;
            if let Some(it) = v.get::<SeqIter>() {
                it.index.set(i);
                it.seq.set(seq);
            }
        }
        kind::RANGE_ITER => {
            for _ in 0..3 {
                r.i64(vm)?;
            }
        }
        kind::DICT_ITER => {
            r.u8(vm)?;
            r.u8(vm)?;
            let (pos, used, left) = (r.i64(vm)?, r.i64(vm)?, r.i64(vm)?);
            let dict = r.value(vm)?;
            if let Some(it) = v.get::<DictIter>() {
                it.pos.set(pos.max(0) as usize);
                it.used.set(used as usize);
                it.left.set(left.max(0) as usize);
                it.dict.set(dict);
            }
        }
        kind::SET_ITER => {
            let (pos, used) = (r.i64(vm)?, r.i64(vm)?);
            let set = r.value(vm)?;
            if let Some(it) = v.get::<SetIter>() {
                it.pos.set(pos.max(0) as usize);
                it.used.set(used as usize);
                it.set.set(set);
            }
        }
        kind::ENUMERATE => {
            let (it, i) = (r.value(vm)?, r.value(vm)?);
            if let Some(e) = v.get::<Enumerate>() {
                e.iterator.set(it);
                e.index.set(i);
            }
        }
        kind::ZIP => {
            r.value(vm)?;
            let (f, its) = (r.value(vm)?, r.value(vm)?);
            let strict = r.flag(vm)?;
            if let Some(z) = v.get::<Zip>() {
                z.func.set(f);
                z.iterators.set(its);
                z.strict.set(strict);
            }
        }
        kind::ITERTOOL => {
            r.value(vm)?;
            let state = r.values(vm)?;
            if let Some(t) = v.get::<IterTool>() {
                *t.state.get_mut(vm) = state;
            }
            load_attributes(vm, r, v)?;
        }
        kind::DERIVED => {
            r.value(vm)?;
            match r.u8(vm)? {
                kind::INT | kind::STR | kind::BYTES | kind::BYTEARRAY => drop(r.blob(vm)?),
                kind::FLOAT => drop(r.i64(vm)?),
                kind::COMPLEX => drop((r.i64(vm)?, r.i64(vm)?)),
                kind::DICT | kind::SET => hashed.push((v.clone(), r.values(vm)?)),
                kind::TUPLE | kind::LIST => {
                    let items = r.values(vm)?;
                    if let Some(t) = v.get::<Tuple>() {
                        t.fill(items);
                    } else if let Some(l) = v.get::<List>() {
                        *l.items_mut(vm) = items;
                    }
                }
                _ => return Err(bad(vm, "class layout")),
            }
            load_attributes(vm, r, v)?;
        }
        kind::DEQUE => {
            r.value(vm)?;
            let (max, changes) = (r.i64(vm)?, r.i64(vm)?);
            let items = r.values(vm)?;
            if let Some(d) = v.get::<Deque>() {
                d.maxlen.set(max);
                d.changes.set(changes as u64);
                *d.items.get_mut(vm) = items.into();
            }
            load_attributes(vm, r, v)?;
        }
        kind::PATTERN => {
            r.value(vm)?;
            let parts = r.values(vm)?;
            if let Some(p) = v.get::<Pattern>() {
                *p.parts.get_mut(vm) = parts;
            }
        }
        kind::VIEW => {
            r.value(vm)?;
            let d = r.value(vm)?;
            if let Some(x) = v.get::<DictView>() {
                x.dict.set(d);
            }
        }
        kind::BOMB => {
            let (c, x) = (r.value(vm)?, r.value(vm)?);
            if let Some(b) = v.get::<Bomb>() {
                b.class.set(c);
                b.value.set(x);
            }
        }
        kind::TRACEBACK => {
            let (next, frame) = (r.value(vm)?, r.value(vm)?);
            let (offset, line) = (r.u32(vm)?, r.u32(vm)?);
            if let Some(t) = v.get::<Traceback>() {
                t.next.set(next);
                t.frame.set(frame);
                t.offset.set(offset);
                t.line.set(line);
            }
        }
        kind::FRAME => {
            let (function, mapping) = (r.value(vm)?, r.value(vm)?);
            let offset = r.u32(vm)?;
            let flat = r.values(vm)?;
            if let Some(f) = v.get::<PyFrame>() {
                f.function.set(function);
                f.mapping.set(mapping);
                f.offset.set(offset);
                let d = vm.dict();
                for pair in flat.chunks_exact(2) {
                    let k = vm.intern_value(&pair[0]);
                    d.set_str(vm, &k, pair[1].clone());
                }
                f.extra_locals.set(d.into_value());
            }
        }
        kind::WRAPPER => {
            let c = r.value(vm)?;
            if let Some(x) = v.get::<CoroutineWrapper>() {
                x.coroutine.set(c);
            }
        }
        kind::TASKLET => load_tasklet(vm, r, v)?,
        kind::CHANNEL => {
            r.value(vm)?;
            let preference = r.u8(vm)? as i8;
            let (all, closing, sending) = (r.flag(vm)?, r.flag(vm)?, r.flag(vm)?);
            let queue = r.values(vm)?;
            if let Some(c) = v.get::<Channel>() {
                c.preference.set(preference.signum());
                c.schedule_all.set(all);
                c.closing.set(closing);
                let dir = if sending { Blocked::Sending } else { Blocked::Receiving };
                for t in queue {
                    if let Some(t) = t.get::<Tasklet>()
                        && t.blocked.get() == Blocked::No
                    {
                        crate::tasklet::channel_append(c, t, dir);
                    }
                }
            }
        }
        _ => {
            r.at -= 1;
            skip(vm, r)?;
        }
    }
    Ok(())
}

fn load_attributes(vm: &mut Vm, r: &mut Reader<'_>, v: &Value) -> PyResult<()> {
    let finalized = r.flag(vm)?;
    if let Some(h) = v.header().filter(|_| finalized) {
        h.set_flag(FINALIZED);
    }
    let slots = r.values(vm)?;
    let flat = r.values(vm)?;
    if v.is_none() {
        return Ok(());
    }
    if let Some(e) = instance::ext(v) {
        for (slot, x) in e.slots().iter().zip(slots) {
            slot.set(x);
        }
    }
    for pair in flat.chunks_exact(2) {
        let name = vm.intern_value(&pair[0]);
        if name.has::<Str>() {
            vm.instance_set(v, &name, pair[1].clone());
        }
    }
    Ok(())
}

fn fill_hashed(vm: &mut Vm, v: &Value, items: Vec<Value>) -> PyResult<()> {
    use crate::interp::run_nested;
    use crate::nested::NestedEntry;
    use crate::ops::dict::DictOp;
    if v.has::<Dict>() {
        for pair in items.chunks_exact(2) {
            let (k, x) = (pair[0].clone(), pair[1].clone());
            run_nested(vm, NestedEntry::SnapshotDict, |vm| crate::ops::dict::set(vm, v, &k, x))?;
        }
    } else if v.has::<Set>() {
        for k in items {
            run_nested(vm, NestedEntry::SnapshotSet, |vm| {
                crate::ops::dict::run(vm, DictOp::Add, v, &k, Value::NONE)
            })?;
        }
    }
    Ok(())
}

/// Checks of iterators over containers that were filled meanwhile.
fn positions(vm: &mut Vm, _r: &mut Reader<'_>, v: &Value) -> PyResult<()> {
    if let Some(it) = v.get::<DictIter>() {
        let n = it.dict.get().get::<Dict>().map_or(0, |d| d.table(vm).entries.len());
        it.pos.set(it.pos.get().min(n));
    }
    Ok(())
}

/// A frame as read: checked before it becomes one.
struct Loaded {
    machine: Option<&'static crate::machine::Machine>,
    func: Value,
    offset: u32,
    locals: Value,
    stage: u8,
    regs: Vec<Value>,
}

fn read_frame(vm: &mut Vm, r: &mut Reader<'_>) -> PyResult<Loaded> {
    let native = r.flag(vm)?;
    let mut f = Loaded {
        machine: None,
        func: Value::UNBOUND,
        offset: 0,
        locals: Value::UNBOUND,
        stage: 0,
        regs: Vec::new(),
    };
    if native {
        let name = r.text(vm)?;
        let version = r.u32(vm)?;
        match crate::machines::find(vm, &name).filter(|m| m.version == version) {
            Some(m) => f.machine = Some(m),
            None => {
                return Err(vm.value_error(format!(
                    "snapshot needs the native operation {name} (version {version})"
                )));
            }
        }
    } else {
        f.func = r.value(vm)?;
        f.offset = r.u32(vm)?;
        f.locals = r.value(vm)?;
    }
    f.stage = r.u8(vm)?;
    f.regs = r.values(vm)?;
    Ok(f)
}

impl Loaded {
    /// The body, if offset, stage and registers fit it.
    fn check(&self, vm: &mut Vm) -> PyResult<*const crate::body::Body> {
        let Some(f) = self.func.get::<Function>() else { return Err(bad(vm, "frame function")) };
        let body = f.body(vm);
        if body.is_null() {
            return Err(bad(vm, "frame code"));
        }
        // SAFETY: the function keeps its code and so the body.
        let b = unsafe { &*body };
        let starts_instruction = {
            let mut at = 0u32;
            let words = &b.code.words;
            while at < self.offset {
                let Some(w) = words.get(at as usize) else { break };
                let n = stackless_bytecode::isa::info(*w as u16).map_or(0, |i| i.words as u32);
                at += 1 + n;
            }
            at == self.offset && (at as usize) < words.len()
        };
        let regs = b.first_temp as usize + b.valid_at(self.offset, self.stage.into());
        // While events of a YIELD_FROM are handled, it has stages of its own.
        let word = b.code.words.get(self.offset as usize).copied().unwrap_or(0);
        let last_stage = match Insn::decode(word).op {
            op::YIELD_FROM | op1::YIELD_FROM => 7,
            _ => stage::AFTER as u8,
        };
        if !starts_instruction || self.stage > last_stage || self.regs.len() != regs {
            return Err(bad(vm, "frame"));
        }
        // What makes the first cells may lie ahead still, in one run of instructions.
        let ahead = b.code.words[self.offset as usize..].iter().map(|w| Insn::decode(*w));
        let unmade: Vec<u16> =
            ahead.take_while(|insn| insn.op == op::MAKE_CELL).map(|insn| insn.a).collect();
        for (i, v) in self.regs.iter().enumerate().take(b.first_temp as usize) {
            let made = self.offset > 0 && b.is_cell(i) && !unmade.contains(&(i as u16));
            if made && !v.is_unbound() && !v.has::<Cell_>() {
                return Err(bad(vm, "cell register"));
            }
        }
        Ok(body)
    }

    fn owned(self, vm: &mut Vm) -> PyResult<OwnedFrame> {
        let body = self.check(vm)?;
        // SAFETY: the function keeps its code and so the body.
        let owned = OwnedFrame::new(unsafe { &*body }, self.func);
        // SAFETY: a fresh frame whose registers are unbound; the count fits by `check`.
        unsafe {
            let f = owned.as_ptr();
            (*f).ip = (*body).words.as_ptr().add(self.offset as usize);
            (*f).set_stage(self.stage as u32);
            let regs = (*f).regs();
            for (i, v) in self.regs.into_iter().enumerate() {
                *regs.add(i) = v;
            }
        }
        Ok(owned)
    }

    fn push(self, vm: &mut Vm, exec: &mut Exec) -> PyResult<()> {
        if let Some(m) = self.machine {
            let frame = exec.stack.push_native(exec.frame, m, &mut self.regs.into_iter());
            // SAFETY: just pushed.
            unsafe { (*frame).set_stage(self.stage as u32) };
            exec.frame = frame;
            return Ok(());
        }
        let body = self.check(vm)?;
        // SAFETY: the registers that `offset` keeps are written at once.
        unsafe {
            let frame = exec.stack.push_python(exec.frame, body, self.func);
            (*frame).ip = (*body).words.as_ptr().add(self.offset as usize);
            (*frame).set_stage(self.stage as u32);
            let regs = (*frame).regs();
            for (i, v) in self.regs.into_iter().enumerate() {
                regs.add(i).write(v);
            }
            if !self.locals.is_unbound() {
                (*frame).extra_mut().locals = Some(self.locals);
            }
            exec.frame = frame;
        }
        Ok(())
    }
}

/// Links a running generator's frame, which its own node has filled, into the chain.
fn link_generator(vm: &mut Vm, exec: &mut Exec, g: &crate::object::Obj<Generator>) -> PyResult<()> {
    let frame = g.frame.get();
    if frame.is_null() || g.state.get() != GenState::Running {
        return Err(bad(vm, "running generator"));
    }
    // SAFETY: a loaded generator owns its frame, which is linked nowhere yet.
    unsafe {
        if !(*frame).caller.is_null() {
            return Err(bad(vm, "generator linked twice"));
        }
        OwnedFrame::hold(frame, g.to_value());
        (*frame).caller = exec.frame;
    }
    exec.frame = frame;
    Ok(())
}

fn load_tasklet(vm: &mut Vm, r: &mut Reader<'_>, v: &Value) -> PyResult<()> {
    r.value(vm)?;
    let bits = [r.flag(vm)?, r.flag(vm)?, r.flag(vm)?, r.flag(vm)?];
    r.u8(vm)?;
    let tempval = r.value(vm)?;
    let handled = r.value(vm)?;
    let outer = r.values(vm)?;
    let (depth, native) = (r.u32(vm)?, r.u32(vm)?);
    let count = r.u32(vm)?;
    let mut exec = vm.new_exec();
    (exec.depth, exec.native_depth) = (depth, native);
    // The innermost of these is what its generator handles.
    for x in outer.into_iter().chain([handled]).enumerate() {
        match x {
            (0, own) => exec.handled = own,
            (_, own) => exec.enter_generator(own),
        }
    }
    for _ in 0..count {
        if r.flag(vm)? {
            let g = r.value(vm)?;
            if v.is_none() {
                continue;
            }
            let Some(g) = g.get::<Generator>() else { return Err(bad(vm, "generator")) };
            link_generator(vm, &mut exec, g)?;
            continue;
        }
        let f = read_frame(vm, r)?;
        if !v.is_none() {
            f.push(vm, &mut exec)?;
        }
    }
    if let Some(t) = v.get::<Tasklet>() {
        t.alive.set(bits[0] && count > 0);
        t.atomic.set(bits[1]);
        t.ignore_nesting.set(bits[2]);
        t.block_trap.set(bits[3]);
        t.tempval.set(tempval);
        *t.exec.get_mut(vm) = exec;
    }
    Ok(())
}

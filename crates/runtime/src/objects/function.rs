//! Functions, bound methods, cells, classmethod, staticmethod, property: representation.
//! CPython's counterparts: `Objects/funcobject.c`, `classobject.c`, `cellobject.c`.

use std::cell::Cell;

use crate::body::Body;
use crate::object::{Obj, Payload, ValueCell};
use crate::objects::code::PyCode;
use crate::value::Value;
use crate::vm::Vm;

#[derive(Payload)]
#[payload(layout = FUNCTION, clear = release)]
pub struct Function {
    /// The `PyCode`; `body` is its runnable copy once a call was made.
    pub code: ValueCell,
    pub(crate) body: Cell<*const Body>,
    pub globals: ValueCell,
    pub builtins: ValueCell,
    pub name: ValueCell,
    pub qualname: ValueCell,
    pub module: ValueCell,
    /// Unbound: the first constant of the code, see `Obj<Function>::doc_value`.
    pub(crate) doc: ValueCell,
    /// Tuple or None.
    pub defaults: ValueCell,
    /// Dict or None.
    pub kwdefaults: ValueCell,
    /// Tuple of cells, or None.
    pub closure: ValueCell,
    /// Dict of annotations, or unbound.
    pub annotations: ValueCell,
    /// `__annotate__`, or None.
    pub annotate: ValueCell,
    pub type_params: ValueCell,
}

impl Function {
    /// Breaks the cycles of garbage that it is in.
    fn release(&self, _vm: &mut Vm) {
        // Name, code and module stay: a finaliser may still look at them.
        for c in
            [&self.defaults, &self.kwdefaults, &self.closure, &self.annotations, &self.annotate]
        {
            c.set(Value::NONE);
        }
    }
}

impl Obj<Function> {
    /// The runnable body, made on first use.
    #[inline(always)]
    pub(crate) fn body(&self, vm: &Vm) -> *const Body {
        let body = self.body.get();
        if body.is_null() { self.make_body(vm) } else { body }
    }
    /// `__doc__`.
    pub fn doc_value(&self, vm: &Vm) -> Value {
        if self.doc.is_unbound() {
            let code = self.code.get();
            let mut doc = code.get::<PyCode>().map_or(Value::NONE, |c| c.docstring(vm));
            let hidden = |c: &PyCode| c.code.flags & stackless_bytecode::code::flags::HIDDEN != 0;
            if doc.is_none() && code.get::<PyCode>().is_some_and(|c| hidden(c)) {
                doc = crate::docs::of_library(vm, &self.module.get(), &self.qualname.get());
            }
            self.doc.set(doc);
        }
        self.doc.get()
    }
    pub fn set_doc(&self, doc: Value) {
        self.doc.set(if doc.is_unbound() { Value::NONE } else { doc });
    }
    #[cold]
    fn make_body(&self, vm: &Vm) -> *const Body {
        let code = self.code.get();
        let body = match code.get::<PyCode>() {
            Some(code) => code.body(vm),
            None => std::ptr::null(),
        };
        self.body.set(body);
        body
    }
}

/// A variable shared by closures; unbound when empty.
#[derive(Payload)]
#[payload(layout = CELL, clear)]
pub struct Cell_ {
    pub contents: ValueCell,
}

/// `method`: a callable with its receiver.
#[derive(Payload)]
#[payload(layout = METHOD, clear)]
pub struct Method {
    pub func: ValueCell,
    pub receiver: ValueCell,
}

/// `classmethod` object.
#[derive(Payload)]
#[payload(layout = CLASSMETHOD, clear)]
pub struct ClassMethod {
    pub callable: ValueCell,
}

/// `staticmethod` object.
#[derive(Payload)]
#[payload(layout = STATICMETHOD, clear)]
pub struct StaticMethod {
    pub callable: ValueCell,
}

/// `property` object; `doc_from_getter` is a bool.
#[derive(Payload)]
#[payload(layout = PROPERTY, clear)]
pub struct Property {
    pub get: ValueCell,
    pub set: ValueCell,
    pub del: ValueCell,
    pub doc: ValueCell,
    pub name: ValueCell,
    pub doc_from_getter: ValueCell,
}

/// `super` object.
#[derive(Payload)]
#[payload(layout = SUPER, clear)]
pub struct Super {
    pub class: ValueCell,
    pub object: ValueCell,
    pub object_type: ValueCell,
}

/// `slice` object.
#[derive(Payload)]
#[payload(layout = SLICE, clear)]
pub struct Slice {
    pub start: ValueCell,
    pub stop: ValueCell,
    pub step: ValueCell,
}

impl Vm {
    pub fn cell(&self, contents: Value) -> Value {
        self.alloc(&self.types.cell, Cell_ { contents: ValueCell::new(contents) }).into_value()
    }
    pub fn bound_method(&self, func: Value, receiver: Value) -> Value {
        self.alloc(
            &self.types.method,
            Method { func: ValueCell::new(func), receiver: ValueCell::new(receiver) },
        )
        .into_value()
    }
    pub fn slice(&self, start: Value, stop: Value, step: Value) -> Value {
        self.alloc(
            &self.types.slice,
            Slice {
                start: ValueCell::new(start),
                stop: ValueCell::new(stop),
                step: ValueCell::new(step),
            },
        )
        .into_value()
    }

    /// A function of a code object, as MAKE_FUNCTION does it.
    pub fn function(&self, code: Value, globals: Value, builtins: Value) -> Value {
        let (name, qualname, doc) = match code.get::<PyCode>() {
            Some(c) => {
                use stackless_bytecode::code::flags;
                // That of hidden code may lie in `docs`.
                let has_doc = c.code.flags() & (flags::HAS_DOCSTRING | flags::HIDDEN) != 0;
                let doc = if has_doc { Value::UNBOUND } else { Value::NONE };
                let (name, qualname) = c.names(self);
                (name, qualname, doc)
            }
            None => (Value::NONE, Value::NONE, Value::NONE),
        };
        let class = match is_library_function(&code) {
            true => &self.types.library_function,
            false => &self.types.function,
        };
        let module = match globals.get::<crate::objects::dict::Dict>() {
            Some(d) => d.get_str(self, &self.names.name).unwrap_or(Value::NONE),
            None => Value::NONE,
        };
        let cell = ValueCell::new;
        self.alloc(
            class,
            Function {
                code: cell(code),
                body: Cell::new(std::ptr::null()),
                globals: cell(globals),
                builtins: cell(builtins),
                name: cell(name),
                qualname: cell(qualname),
                module: cell(module),
                doc: cell(doc),
                defaults: cell(Value::NONE),
                kwdefaults: cell(Value::NONE),
                closure: cell(Value::NONE),
                annotations: cell(Value::UNBOUND),
                annotate: cell(Value::NONE),
                type_params: cell(Value::UNBOUND),
            },
        )
        .into_value()
    }
}

/// Module-level functions of the library's native stand-ins are builtin functions to programs: they
/// do not bind when they are class attributes.
fn is_library_function(code: &Value) -> bool {
    code.get::<PyCode>().is_some_and(|c| {
        c.code.flags() & stackless_bytecode::code::flags::HIDDEN != 0
            && !c.code.qualname().contains(['.', '<'])
            // Its frames are hidden too, but it is Python for CPython's programs as well.
            && !c.code.filename().starts_with("<frozen importlib")
    })
}

/// Makes a nested function of such a stand-in one of its builtin functions.
pub fn make_library_function(vm: &Vm, f: &Value) {
    if f.has::<Function>() {
        crate::object::set_type(f, &vm.types.library_function);
    }
}

impl Method {
    /// The function behind a method, and behind methods of methods.
    pub fn innermost(&self) -> Value {
        let mut f = self.func.get();
        while let Some(m) = f.get::<Method>() {
            let inner = m.func.get();
            f = inner;
        }
        f
    }
}

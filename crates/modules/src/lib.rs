//! Native modules of the standard library. A module is a table of functions plus a fill function;
//! what is easier or softer in Python stands in `lib/overlay` and uses the `_native` parts here.

use stackless_runtime::native::Def;
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::{Flow, PyResult, Ref, Value, Vm};

mod abc;
mod accounts;
mod archives;
mod array;
mod ast;
mod binascii;
mod bisect;
mod codecs;
mod collections;
mod csv;
mod descriptors;
mod errno;
mod faults;
mod fcntl;
mod gc;
mod hashes;
mod heapq;
mod imp;
mod itertools;
mod json;
mod math;
mod mmap;
mod native_support;
mod opcode;
mod operator;
mod os;
mod posix;
mod process;
mod random;
mod resource;
mod select;
mod semaphores;
mod signals;
mod sockets;
mod sre;
mod structs;
mod support;
mod sys;
mod text_io;
mod time;
mod tokenizer;
mod unicodedata;
mod weakref;
mod zlib;

pub use resource::address_space;
pub use support::fs_text;

/// A module's name, its functions and what else it holds.
pub struct Native {
    pub name: &'static str,
    pub defs: &'static [Def],
    pub fill: fn(&mut Vm, &Ref<Dict>) -> PyResult<()>,
}

/// Every native module but `builtins` and `sys`.
pub const TABLE: &[Native] = &[
    imp::MODULE,
    itertools::MODULE,
    abc::MODULE,
    ast::MODULE,
    weakref::MODULE,
    opcode::MODULE,
    Native { name: "_tracing_native", defs: stackless_runtime::trace::DEFS, fill: |_, _| Ok(()) },
    operator::MODULE,
    posix::MODULE,
    errno::MODULE,
    time::MODULE,
    tokenizer::MODULE,
    math::MODULE,
    math::CMATH,
    codecs::MODULE,
    structs::MODULE,
    binascii::MODULE,
    random::MODULE,
    resource::MODULE,
    gc::MODULE,
    sre::MODULE,
    unicodedata::MODULE,
    zlib::MODULE,
    semaphores::MODULE,
    mmap::MODULE,
    faults::MODULE,
    archives::MODULE,
    accounts::MODULE,
    fcntl::MODULE,
    fcntl::NUMBERS,
    sockets::MODULE,
    sockets::NUMBERS,
    select::MODULE,
    signals::MODULE,
    signals::NUMBERS,
    process::MODULE,
    process::NUMBERS,
    descriptors::MODULE,
    descriptors::NUMBERS,
    json::MODULE,
    csv::MODULE,
    native_support::MODULE,
    hashes::MODULE,
    array::MODULE,
    bisect::MODULE,
    collections::MODULE,
    collections::FUNCTOOLS,
    heapq::MODULE,
    text_io::MODULE,
];

/// Adds functions to a namespace.
pub fn add_functions(vm: &mut Vm, dict: &Ref<Dict>, module: &str, defs: &'static [Def]) {
    for def in defs {
        let name = vm.intern(module);
        let f = vm.native_function(def, Value::UNBOUND, name);
        dict.set_text(vm, def.name, f);
    }
}

/// A fresh native module of this name.
pub fn create(vm: &mut Vm, name: &str) -> PyResult<Option<Value>> {
    let Some(native) = TABLE.iter().find(|n| n.name == name) else { return Ok(None) };
    let doc = stackless_runtime::docs::of_module(vm, native.name);
    let module = vm.module(native.name, doc);
    if let Some(dict) = module.namespace() {
        add_functions(vm, &dict, native.name, native.defs);
        (native.fill)(vm, &dict)?;
    }
    Ok(Some(module.into_value()))
}

/// Library modules by name: the packed ones, or files of a folder while the library is developed.
pub enum Library {
    Packed(stackless_pylib::Module),
    File { source: Vec<u8>, is_package: bool },
}

impl Library {
    pub fn find(vm: &Vm, name: &str) -> Option<Library> {
        let name = match name {
            "_frozen_importlib" => "importlib._bootstrap",
            "_frozen_importlib_external" => "importlib._bootstrap_external",
            name => name,
        };
        if let Some(dir) = &vm.settings.overlay {
            let base = format!("{dir}/{}", name.replace('.', "/"));
            for (end, is_package) in [(".py", false), ("/__init__.py", true)] {
                let file = format!("{base}{end}");
                if let Some(source) = support::read_file(&*vm.host, file.as_bytes()) {
                    return Some(Library::File { source, is_package });
                }
            }
        }
        stackless_pylib::lookup(name).map(Library::Packed)
    }
    pub fn is_package(&self) -> bool {
        match self {
            Library::Packed(m) => m.is_package,
            Library::File { is_package, .. } => *is_package,
        }
    }
    pub fn source(&self) -> Vec<u8> {
        match self {
            Library::Packed(m) => m.source(),
            Library::File { source, .. } => source.clone(),
        }
    }
    /// The code object.
    pub fn code(&self, vm: &mut Vm, name: &str) -> PyResult {
        match self {
            Library::Packed(m) => match m.code(None) {
                Ok(code) => Ok(vm.code(std::sync::Arc::new(code))),
                Err(_) => Err(vm.import_error("the packed library is damaged", &Value::NONE)),
            },
            Library::File { source, .. } => {
                let hidden = source.starts_with(b"# native:");
                let file = format!("<frozen {name}>");
                let code = stackless_runtime::compile::compile_bytes(vm, source, &file, hidden)?;
                Ok(vm.code(code))
            }
        }
    }
}

impl Library {
    /// The code object under the name of the file that `__file__` tells of, once `sys` knows of a
    /// place of the library.
    pub fn placed_code(&self, vm: &mut Vm, name: &str) -> PyResult {
        let dir = stackless_runtime::import::sys_namespace(vm)
            .and_then(|sys| sys.get_text(vm, "_stdlib_dir"))
            .and_then(|dir| dir.as_str(vm).map(str::to_string));
        let (Some(dir), Library::Packed(m)) = (dir, self) else { return self.code(vm, name) };
        if m.is_hidden {
            return self.code(vm, name);
        }
        let tail = if m.is_package { "/__init__.py" } else { ".py" };
        let file = format!("{dir}/{}{tail}", name.replace('.', "/"));
        match m.code(Some(file.into())) {
            Ok(code) => Ok(vm.code(std::sync::Arc::new(code))),
            Err(_) => self.code(vm, name),
        }
    }
}

/// Runs a library module's code in a namespace.
pub fn run_library(vm: &mut Vm, name: &str, namespace: &Ref<Dict>) -> PyResult<Flow> {
    let Some(library) = Library::find(vm, name) else {
        return Err(vm.import_error(&format!("no library module {name}"), &Value::NONE));
    };
    let code = library.code(vm, name)?;
    let builtins = vm.builtins.clone().map_or(Value::NONE, |b| b.into_value());
    namespace.set_text(vm, "__builtins__", builtins.clone());
    let ns = namespace.to_value();
    let f = vm.function(code, ns.clone(), builtins);
    Ok(stackless_runtime::import::run_in(vm, &f, ns))
}

/// Sets a Vm up with `sys` and runs the library's start: gives the exit status.
/// `options` go to the start module as its `options`.
pub fn run_command(vm: &mut Vm, options: Vec<(&str, Value)>) -> PyResult {
    sys::install(vm);
    // What the start makes lives on: `_gc_native.settle` turns the collector on.
    stackless_runtime::gc::set_enabled(vm, false);
    let dict = vm.dict();
    for (k, v) in options {
        dict.set_text(vm, k, v);
    }
    let ns = vm.dict();
    let name = vm.intern("_startup");
    ns.set_text(vm, "__name__", name);
    ns.set_text(vm, "options", dict.into_value());
    add_functions(vm, &ns, "_startup", imp::START);
    stackless_runtime::tasklet::run_as_main(vm, |vm| run_library(vm, "_startup", &ns)?)?;
    Ok(ns.get_text(vm, "status").unwrap_or(Value::from_i32(1)))
}

//! The `builtins` module's set-up, compilation of source text, and the private functions that the
//! intrinsics use.

use std::sync::Arc;

use crate::exc::{Flow, PyResult, Reply};
use crate::native::{Args, Def, def};
use crate::ops;
use crate::value::Value;
use crate::vm::Vm;

/// Functions that only intrinsics see.
pub const PRIVATE: &[Def] = &[
    def("_new_class", "(meta, name, bases, ns, slots, /)", |vm, a| {
        crate::objects::types_methods::new_class(vm, &a[0], &a[1], &a[2], &a[3], &a[4])
    }),
    def("_metaclass", "(meta, bases, /)", |vm, a| {
        let bases = a[1].tuple_items().to_vec();
        crate::objects::types_methods::calculate_metaclass(vm, &a[0], &bases).map(Reply::from)
    }),
    def("_run_in", "(func, namespace, /)", |vm, a| {
        crate::import::run_in(vm, &a[0], a[1].clone())
    }),
    def("_type", "(obj, /)", |vm, a| Ok(vm.type_of(&a[0]).to_value().into())),
    def("_type_lookup", "(cls, name, default, /)", |vm, a| {
        let found = a[0].get::<crate::objects::types::Type>().and_then(|t| t.lookup(vm, &a[1]));
        Ok(found.unwrap_or_else(|| a[2].clone()).into())
    }),
];

/// Public builtins written in Rust.
pub const PUBLIC: &[Def] = &[
    def("len", "(obj, /)", |vm, a| ops::len(vm, &a[0])),
    def("repr", "(obj, /)", |vm, a| ops::text::repr(vm, &a[0])),
    def("hash", "(obj, /)", |vm, a| ops::hash::hash(vm, &a[0])),
    def("iter", "(object, sentinel=None, /)", |vm, a| ops::iter::iter(vm, &a[0])),
    def("next", "(iterator, default=None, /)", |vm, a| ops::iter::next_or_raise(vm, &a[0])),
    def("print", "(*args, sep=' ', end='\\n', file=None, flush=False)", print),
    def("__build_class__", "(func, name, /, *bases, **kwds)", build_class),
];

fn print(vm: &mut Vm, a: &[Value]) -> Flow {
    // Bound order: keyword-only parameters, then *args.
    let mut line = Vec::new();
    for (i, v) in a[a.len() - 1].tuple_items().iter().enumerate() {
        if i > 0 {
            line.push(b' ');
        }
        let v = v.clone();
        let s = crate::interp::run_nested(vm, |vm| ops::text::str(vm, &v))?;
        line.extend(s.as_wtf8().unwrap_or(b""));
    }
    line.push(b'\n');
    use std::io::Write;
    let _ = std::io::stdout().write_all(&line);
    Ok(Reply::NONE)
}

fn build_class(vm: &mut Vm, a: &[Value]) -> Flow {
    let f = crate::intrinsics::get(vm, "build_class")?;
    let mut values = vec![a[0].clone(), a[1].clone()];
    values.extend(a[2].tuple_items().iter().cloned());
    crate::objects::dict_methods::call_with_dict(vm, &f, &values, &a[3])
}

/// Compiles library text whose frames are invisible.
pub fn compile_hidden(vm: &mut Vm, source: &str, name: &str) -> PyResult {
    let code = compile_source(vm, source.as_bytes(), name, true)?;
    Ok(vm.code(code))
}

fn compile_source(
    vm: &mut Vm,
    source: &[u8],
    name: &str,
    hidden: bool,
) -> PyResult<Arc<stackless_bytecode::Code>> {
    use stackless_compiler as c;
    let mut options = c::Options::new(c::Mode::Exec, name);
    options.hidden = hidden;
    let source = match c::source::decode(source, c::source::Origin::Memory) {
        Ok(c::source::Decoded::Text(s)) => s,
        _ => return Err(vm.value_error("cannot decode source")),
    };
    match c::compile(&source, &options) {
        Ok((code, _warnings)) => Ok(code),
        Err(e) => {
            let class = vm.excs.syntax_error.clone();
            Err(vm.new_exception_msg(&class, &format!("{} (line {})", e.message, e.lineno)))
        }
    }
}

pub(crate) fn setup(vm: &mut Vm) {
    let module = vm.module("builtins", Value::NONE);
    let Some(dict) = module.namespace() else { return };
    for def in PUBLIC {
        let f = vm.native_function(def, Value::UNBOUND, vm.str("builtins"));
        dict.set_text(vm, def.name, f);
    }
    let hidden = ["function", "method", "code", "cell", "frame", "module", "generator"];
    let types: Vec<(String, Value)> = vm
        .types
        .all()
        .into_iter()
        .filter(|t| t.module == "builtins")
        .map(|t| (t.name_str(vm), t.to_value()))
        .chain(vm.excs.all().into_iter().map(|(n, t)| (n.to_string(), t.to_value())))
        .filter(|(n, _)| !hidden.contains(&n.as_str()))
        .collect();
    for (name, ty) in types {
        dict.set_text(vm, &name, ty);
    }
    dict.set_text(vm, "None", Value::NONE);
    dict.set_text(vm, "True", Value::TRUE);
    dict.set_text(vm, "False", Value::FALSE);
    dict.set_text(vm, "Ellipsis", Value::ELLIPSIS);
    dict.set_text(vm, "NotImplemented", Value::NOT_IMPLEMENTED);
    dict.set_text(vm, "__debug__", Value::bool(vm.settings.optimize == 0));
    vm.builtins = Some(dict);
    let modules = vm.dict();
    modules.set_text(vm, "builtins", module.into_value());
    vm.modules = Some(modules);
}

/// Runs source text as `__main__`: for tests and the first command.
pub fn run_main(vm: &mut Vm, source: &[u8], name: &str) -> PyResult {
    let code = compile_source(vm, source, name, false)?;
    let code = vm.code(code);
    let main = vm.module("__main__", Value::NONE);
    let Some(ns) = main.namespace() else { return Ok(Value::NONE) };
    let builtins = vm.builtins.clone().map_or(Value::NONE, |b| b.into_value());
    ns.set_text(vm, "__builtins__", builtins.clone());
    if let Some(m) = vm.modules.clone() {
        m.set_text(vm, "__main__", main.into_value());
    }
    let ns = ns.into_value();
    let f = vm.function(code, ns.clone(), builtins);
    crate::interp::run_nested(vm, |vm| crate::import::run_in(vm, &f, ns.clone()))
}

/// Calls with no arguments; used by hosts.
pub fn call_none(vm: &mut Vm, f: &Value) -> Flow {
    ops::call::call(vm, f, Args::new(&[]))
}

/// Type name and message of an exception, for hosts without the library's traceback printer.
pub fn describe(vm: &mut Vm, e: &crate::exc::Exc) -> String {
    let class = vm.type_name(e.value());
    let v = e.value().clone();
    let text = match crate::interp::run_nested(vm, |vm| ops::text::str(vm, &v)) {
        Ok(s) => s.display_str(vm),
        Err(_) => String::new(),
    };
    let mut out = String::new();
    let mut tb = v
        .get::<crate::objects::exception::Exception>()
        .map_or(Value::NONE, |x| x.traceback.get());
    while let Some(t) = tb.get::<crate::pyframe::Traceback>() {
        let frame = t.frame.get();
        let code = frame.get::<crate::pyframe::PyFrame>().map_or(Value::NONE, |f| f.code());
        let (file, name) = match code.get::<crate::objects::code::PyCode>() {
            Some(c) => (c.code.filename.to_string(), c.code.name.to_string()),
            None => Default::default(),
        };
        out += &format!("  File \"{file}\", line {}, in {name}\n", t.line(vm).unwrap_or(0));
        let next = t.next.get();
        tb = next;
    }
    format!("Traceback (most recent call last):\n{out}{class}: {text}")
}

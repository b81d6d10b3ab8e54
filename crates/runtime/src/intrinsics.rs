//! Intrinsics: hidden Python functions of `lib/intrinsics`, compiled into the binary.
//!
//! They take over from natives where a protocol is long and speed is not what matters, so they are
//! soft without further work. They resolve names in a sealed namespace of their own.

use stackless_bytecode::{Image, static_image};

use crate::exc::PyResult;
use crate::objects::dict::Dict;
use crate::value::Value;
use crate::vm::Vm;

/// The compiled intrinsics: the build script's. The last code object is the module.
static IMAGE: Image = static_image!(concat!(env!("OUT_DIR"), "/intrinsics"), false);

/// The function `name`.
pub fn get(vm: &mut Vm, name: &'static str) -> PyResult {
    if let Some(f) = vm.intrinsics.get(name) {
        return Ok(f.clone());
    }
    let ns = namespace(vm)?;
    let f = ns.get::<Dict>().and_then(|d| d.get_text(vm, name));
    match f {
        Some(f) => {
            vm.intrinsics.insert(name, f.clone());
            Ok(f)
        }
        None => Err(vm.system_error(format!("no intrinsic {name}"))),
    }
}

/// The sealed namespace, made on first use.
pub fn namespace(vm: &mut Vm) -> PyResult {
    if let Some(ns) = vm.intrinsics.get("") {
        return Ok(ns.clone());
    }
    let Ok(code) = IMAGE.load(IMAGE.codes().wrapping_sub(1), None) else {
        return Err(vm.system_error("the intrinsics are damaged"));
    };
    let code = vm.code(std::sync::Arc::new(code));
    let ns = vm.dict();
    let builtins = vm.builtins.clone().map_or(Value::NONE, |b| b.into_value());
    // A copy: programs that patch builtins do not reach the intrinsics.
    let sealed = match builtins.get::<Dict>() {
        Some(b) => vm.dict_copy(b),
        None => vm.dict(),
    };
    let private = crate::builtins::PRIVATE
        .iter()
        .chain(crate::methods::exceptions::PRIVATE)
        .chain(crate::methods::misc::PRIVATE)
        .chain(crate::methods::core::PRIVATE)
        .chain(crate::methods::array::PRIVATE)
        .chain(crate::methods::frame_locals::PRIVATE);
    for def in private {
        let f = vm.native_function(def, Value::UNBOUND, Value::NONE);
        sealed.set_text(vm, def.name, f);
    }
    let types: Vec<(String, Value)> = vm
        .types
        .all()
        .into_iter()
        .map(|t| (format!("_{}_type", t.name_str(vm).replace('-', "_")), t.to_value()))
        .collect();
    for (name, ty) in types {
        sealed.set_text(vm, &name, ty);
    }
    let sealed = sealed.into_value();
    ns.set_text(vm, "__builtins__", sealed.clone());
    ns.set_text(vm, "__name__", Value::NONE);
    let ns = ns.into_value();
    vm.intrinsics.insert("", ns.clone());
    let f = vm.function(code, ns.clone(), sealed);
    let entry = |vm: &mut Vm| crate::import::run_in(vm, &f, ns.clone());
    crate::interp::run_nested(vm, crate::nested::NestedEntry::Boot, entry)?;
    Ok(ns)
}

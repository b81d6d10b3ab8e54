//! Import instructions and running code in a namespace.
#![expect(unsafe_code, reason = "gives a pushed frame its locals mapping")]

use crate::exc::{Flow, Reply};
use crate::machine::Machine;
use crate::native::Args;
use crate::objects::function::Function;
use crate::ops;
use crate::soft;
use crate::value::Value;
use crate::vm::Vm;

/// Runs the code of a function without parameters with a locals mapping.
pub fn run_in(vm: &mut Vm, f: &Value, locals: Value) -> Flow {
    let Some(func) = f.get::<Function>() else {
        return Err(vm.type_error("not a function"));
    };
    let flow = ops::call::call_function(vm, func, Args::new(&[]))?;
    if flow.is_pushed() {
        // SAFETY: the frame was just pushed.
        unsafe { (*vm.exec.frame).extra_mut().locals = Some(locals) };
    }
    Ok(flow)
}

/// `__import__(name, globals, locals, fromlist, level)`.
pub fn import_with(vm: &mut Vm, f: &Value, args: [Value; 5]) -> Flow {
    ops::call::call(vm, f, Args::new(&args))
}

/// Registers: module, name.
static IMPORT_FROM: Machine = Machine::new("import.from", |vm, regs, input| {
    let (module, name) = (regs.get(0), regs.get(1));
    let v = match regs.stage() {
        0 => soft!(regs, 1, ops::attr::lookup(vm, &module, &name)),
        1 => input.value()?,
        _ => return input.value().map(Reply::from),
    };
    if !v.is_unbound() {
        return Ok(v.into());
    }
    regs.set_stage(2);
    crate::steps::call_intrinsic(vm, "import_from_fallback", &[module, name])
});

pub fn import_from(vm: &mut Vm, module: Value, name: Value) -> Flow {
    vm.start(&IMPORT_FROM, [module, name])
}

pub fn import_star(vm: &mut Vm, module: Value, locals: Value) -> Flow {
    crate::steps::call_intrinsic(vm, "import_star", &[module, locals])
}

/// `builtins.__import__`.
pub fn builtin_import(vm: &mut Vm, a: &[Value]) -> Flow {
    let Some(name) = a[0].as_str(vm).map(str::to_string) else {
        let t = vm.type_name(&a[0]);
        return Err(vm.type_error(format!("__import__() argument 1 must be str, not {t}")));
    };
    let found = vm.modules.clone().and_then(|m| m.get_text(vm, &name));
    match found {
        Some(m) => Ok(m.into()),
        None => {
            let class = vm.excs.module_not_found_error.clone();
            let e = vm.new_exception_msg(&class, &format!("No module named '{name}'"));
            Err(e)
        }
    }
}

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

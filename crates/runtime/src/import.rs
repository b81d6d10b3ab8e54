//! Import instructions and running code in a namespace.
#![expect(unsafe_code, reason = "gives a pushed frame its locals mapping")]

use crate::exc::{Flow, Reply};
use crate::machine::Machine;
use crate::native::Args;
use crate::objects::dict::Dict;
use crate::objects::function::Function;
use crate::objects::module::Module;
use crate::objects::tuple::Tuple;
use crate::ops;
use crate::pyframe::PyFrame;
use crate::soft;
use crate::value::{Ref, Value};
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
pub(crate) static IMPORT_FROM: Machine = Machine::new("import.from", |vm, regs, input| {
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

/// Names under which the VM keeps the library's import functions.
const IMPORT: &str = "import:__import__";

/// Makes the library's `__import__` the one behind the builtin function and the instruction.
pub fn set_importer(vm: &mut Vm, import: Value) {
    vm.intrinsics.insert(IMPORT, import);
}

/// Whether the import system stands.
pub fn is_ready(vm: &Vm) -> bool {
    vm.intrinsics.contains_key(IMPORT)
}

/// Registers the namespace of `sys`.
pub fn set_sys(vm: &mut Vm, namespace: Ref<Dict>) {
    vm.sys_dict = Some(namespace);
}

/// The namespace of `sys`, once it exists.
pub fn sys_namespace(vm: &Vm) -> Option<Ref<Dict>> {
    vm.sys_dict.clone()
}

/// The frame object `depth` visible frames up from the caller.
pub fn frame_object(vm: &mut Vm, depth: usize) -> Option<Value> {
    let top = crate::stack_view::frame(vm);
    if top.is_null() {
        return None;
    }
    let mut frame = crate::pyframe::object(vm, top).into_value();
    for _ in 0..depth {
        let next = frame.get::<PyFrame>()?.back(vm);
        if next.is_none() {
            return None;
        }
        frame = next;
    }
    Some(frame)
}

/// The globals of a frame object.
pub fn frame_globals(frame: &Value) -> Option<Value> {
    frame.get::<PyFrame>()?.function.get().get::<Function>().map(|f| f.globals.get())
}

/// The context of the running tasklet (`contextvars`); unbound until set.
pub fn context(vm: &Vm) -> Value {
    vm.exec.context()
}
pub fn set_context(vm: &mut Vm, context: Value) {
    vm.exec.set_context(context);
}

/// `sys.set_coroutine_origin_tracking_depth`.
pub fn set_origin_depth(vm: &mut Vm, depth: usize) {
    vm.scheduler.origin_depth = depth;
}

/// `sys.set_asyncgen_hooks`; None for no hook.
pub fn set_generator_hooks(vm: &mut Vm, first: Value, finalizer: Value) {
    vm.scheduler.first_iteration = (!first.is_none()).then_some(first);
    vm.scheduler.generator_finalizer = (!finalizer.is_none()).then_some(finalizer);
}

/// A module in `sys.modules` that is not being initialised right now.
fn loaded(vm: &mut Vm, name: &str) -> Option<Value> {
    let module = vm.modules.clone()?.get_text(vm, name)?;
    let spec = module.get::<Module>()?.namespace()?.get_str(vm, &vm.names.spec)?;
    if spec.is_none() {
        return Some(module);
    }
    let flag = vm.intern("_initializing");
    let busy = vm.instance_get(&spec, &flag);
    match busy {
        Some(v) if !v.is_true() => Some(module),
        None => Some(module),
        _ => None,
    }
}

/// `builtins.__import__`: what is loaded already comes from `sys.modules`, all else goes through
/// the library.
pub fn builtin_import(vm: &mut Vm, a: &[Value]) -> Flow {
    let Some(name) = a[0].as_str(vm).map(str::to_string) else {
        if !vm.is_str(&a[0]) {
            let t = vm.type_name(&a[0]);
            return Err(vm.type_error(format!("__import__() argument 1 must be str, not {t}")));
        }
        return Err(vm.value_error("module name holds surrogates"));
    };
    let top = a[4].given().and_then(Value::as_i64).unwrap_or(0) == 0;
    let plain = match a[3].given() {
        None => true,
        Some(f) => f.is_none() || f.has::<Tuple>() && f.tuple_items().is_empty(),
    };
    if top
        && plain
        && !name.contains('.')
        && let Some(m) = loaded(vm, &name)
    {
        return Ok(m.into());
    }
    if let Some(f) = vm.intrinsics.get(IMPORT).cloned() {
        let or = |v: &Value, d: Value| v.given().cloned().unwrap_or(d);
        let empty = vm.tuple(vec![]);
        let args = [
            a[0].clone(),
            or(&a[1], Value::NONE),
            or(&a[2], Value::NONE),
            or(&a[3], empty),
            or(&a[4], Value::from_i32(0)),
        ];
        return ops::call::call(vm, &f, Args::new(&args));
    }
    match vm.modules.clone().and_then(|m| m.get_text(vm, &name)) {
        Some(m) => Ok(m.into()),
        None => {
            let class = vm.excs.module_not_found_error.clone();
            Err(vm.new_exception_msg(&class, &format!("No module named '{name}'")))
        }
    }
}

//! Audit events of natives, for `sys.addaudithook`.
//!
//! Hooks are Python functions, so a native that is audited starts a machine, which tells the hooks
//! and then does the native's work. Without hooks nothing of this runs. CPython's counterpart:
//! `PySys_Audit` in `Python/sysmodule.c`.

use crate::exc::{Flow, Reply};
use crate::machine::Machine;
use crate::methods::function_attrs;
use crate::native::Args;
use crate::soft;
use crate::value::Value;
use crate::vm::Vm;

/// Tells the hooks of an event.
pub(crate) fn tell(vm: &mut Vm, event: &str, args: &[Value]) -> Flow {
    let Some(audit) = vm.audit.clone() else { return Ok(Reply::NONE) };
    let mut values = vec![vm.str(event)];
    values.extend_from_slice(args);
    crate::ops::call::call(vm, &audit, Args::new(&values))
}

/// Source text as the hooks of "compile" see it: text is encoded.
pub(crate) fn shown_source(vm: &Vm, source: &Value) -> Value {
    match source.get::<crate::objects::str::Str>() {
        Some(s) => vm.bytes(s.bytes()),
        None => source.clone(),
    }
}

/// What is done after the hooks were told: a native and the number of its arguments.
type Work = fn(&mut Vm, &[Value]) -> Flow;
const WORK: [(&str, Work); 15] = [
    ("compile", crate::compile::builtin_compile),
    ("exec", |vm, a| crate::compile::run(vm, &a[0], a[1].clone(), a[2].clone(), a[3].clone())),
    ("__bases__", |vm, a| crate::methods::type_attrs::set_bases(vm, &a[0], &a[1])),
    ("__name__", |vm, a| crate::methods::type_attrs::set_name(vm, &a[0], &a[1])),
    ("__class__", |vm, a| crate::methods::core::object_set_class(vm, &a[0], &a[1])),
    ("id", |vm, a| Ok(vm.uint(a[0].bits()).into())),
    ("code.__new__", crate::methods::code::construct),
    ("code.replace", |vm, a| crate::methods::code::replace(vm, &a[0], &a[1])),
    ("__code__", |vm, a| function_attrs::set_code(vm, &a[0], &a[1])),
    ("__defaults__", |vm, a| function_attrs::set_defaults(vm, &a[0], &a[1])),
    ("__kwdefaults__", |vm, a| function_attrs::set_kwdefaults(vm, &a[0], &a[1])),
    ("del __defaults__", |vm, a| function_attrs::set_defaults(vm, &a[0], &Value::NONE)),
    ("del __kwdefaults__", |vm, a| function_attrs::set_kwdefaults(vm, &a[0], &Value::NONE)),
    ("get", |vm, a| crate::ops::attr::getattr(vm, &a[0], &a[1])),
    ("function.__new__", function_attrs::function_new),
];

/// As `first`, for an assignment to an attribute that matters.
pub(crate) fn assigned(
    vm: &mut Vm,
    name: &'static str,
    obj: &Value,
    value: &Value,
) -> Option<Flow> {
    vm.audit.as_ref()?;
    let told = vec![obj.clone(), vm.intern(name), value.clone()];
    first(vm, name, "object.__setattr__", told, &[obj.clone(), value.clone()])
}

/// As `assigned`, for an attribute that is read. The interpreter's own hidden code may read.
pub(crate) fn read(vm: &mut Vm, name: &'static str, obj: &Value) -> Option<Flow> {
    vm.audit.as_ref()?;
    if asked_by_hidden(vm) {
        return None;
    }
    let args = [obj.clone(), vm.intern(name)];
    first(vm, "get", "object.__getattr__", args.to_vec(), &args)
}

/// Does hidden code call the native that asks?
pub(crate) fn asked_by_hidden(vm: &Vm) -> bool {
    !vm.audited && crate::stack_view::top_is_hidden(vm)
}

/// As `assigned`, for an attribute that is deleted; `work` names what deletes it.
pub(crate) fn deleted(vm: &mut Vm, work: &str, name: &'static str, obj: &Value) -> Option<Flow> {
    vm.audit.as_ref()?;
    let told = vec![obj.clone(), vm.intern(name)];
    first(vm, work, "object.__delattr__", told, std::slice::from_ref(obj))
}

/// If there are hooks that have not heard of it: starts the event and then the work of that name,
/// with these arguments.
pub(crate) fn first(
    vm: &mut Vm,
    work: &str,
    event: &str,
    told: Vec<Value>,
    args: &[Value],
) -> Option<Flow> {
    if vm.audit.is_none() || std::mem::take(&mut vm.audited) {
        return None;
    }
    let number = WORK.iter().position(|w| w.0 == work)?;
    let (event, told) = (vm.str(event), vm.tuple(told));
    let mut regs = vec![vm.int(number as i64), event, told];
    regs.extend_from_slice(args);
    Some(vm.start_with(&AUDITED, &mut regs.into_iter()))
}

/// Registers: number of the work, event, tuple of what is told, arguments of the work.
pub(crate) static AUDITED: Machine = Machine::new("audit.first", |vm, regs, input| {
    match regs.stage() {
        0 => {
            let (event, told) = (regs.get(1).display_str(vm), regs.get(2));
            let told = told.tuple_items().to_vec();
            let _ = soft!(regs, 1, tell(vm, &event, &told));
        }
        1 => {
            input.value()?;
        }
        _ => return input.value().map(Reply::from),
    }
    let Some((_, work)) = WORK.get(regs.int(0) as usize) else { return Ok(Reply::NONE) };
    let args = regs.rest(3);
    regs.set_stage(2);
    vm.audited = true;
    let outcome = work(vm, &args);
    vm.audited = false;
    outcome
});

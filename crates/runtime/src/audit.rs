//! Audit events of natives, for `sys.addaudithook`.
//!
//! Hooks are Python functions, so a native that is audited starts a machine, which tells the hooks
//! and then does the native's work. Without hooks nothing of this runs. CPython's counterpart:
//! `PySys_Audit` in `Python/sysmodule.c`.

use crate::exc::{Flow, Reply};
use crate::machine::Machine;
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
const WORK: [(&str, Work); 5] = [
    ("compile", crate::compile::builtin_compile),
    ("exec", |vm, a| crate::compile::run(vm, &a[0], a[1].clone(), a[2].clone(), a[3].clone())),
    ("__bases__", |vm, a| crate::methods::type_attrs::set_bases(vm, &a[0], &a[1])),
    ("__name__", |vm, a| crate::methods::type_attrs::set_name(vm, &a[0], &a[1])),
    ("__class__", |vm, a| crate::methods::core::object_set_class(vm, &a[0], &a[1])),
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

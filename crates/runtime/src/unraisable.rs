//! Errors that nobody can catch: `sys.unraisablehook`.

use crate::exc::{Exc, Flow, Reply};
use crate::native::Args;
use crate::objects::exception::Exception;
use crate::value::Value;
use crate::vm::Vm;

/// Reports an exception raised in a finaliser or callback; never raises itself.
pub(crate) fn report(vm: &mut Vm, e: Exc, object: &Value) -> Flow {
    let hook = vm.sys_dict.clone().and_then(|d| d.get_text(vm, "unraisablehook"));
    let Some(hook) = hook.filter(|h| !h.is_none()) else { return Ok(Reply::NONE) };
    let ty = vm.type_of(e.value()).to_value();
    let tb = e.value().get::<Exception>().map_or(Value::NONE, |x| x.traceback.get());
    let args = vec![ty, e.into_value(), tb, Value::NONE, object.clone()];
    let info = vm.simple_namespace(&["exc_type", "exc_value", "exc_traceback", "err_msg", "object"], args);
    crate::ops::call::call(vm, &hook, Args::new(&[info]))
}

//! Errors that nobody can catch: `sys.unraisablehook`.

use crate::exc::{Exc, Flow};
use crate::value::Value;
use crate::vm::Vm;

/// Reports an exception raised in a finaliser or callback; never raises itself. `what` says what was
/// going on, `shown` is the object whose repr ends the message.
pub(crate) fn report(vm: &mut Vm, e: Exc, what: &str, shown: &Value) -> Flow {
    let what = vm.str(what);
    crate::steps::call_intrinsic(vm, "unraisable", &[e.into_value(), what, shown.clone()])
}

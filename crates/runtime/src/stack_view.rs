//! What natives see of the stack: the nearest visible Python frame.
#![expect(unsafe_code, reason = "reads live frames")]

use crate::frame::Frame;
use crate::objects::dict::Dict;
use crate::objects::function::Function;
use crate::value::Value;
use crate::vm::Vm;

/// The nearest visible frame, or null outside Python code.
pub(crate) fn frame(vm: &Vm) -> *mut Frame {
    crate::pyframe::visible(vm.exec.frame)
}

/// Its globals.
pub fn globals(vm: &Vm) -> Option<Value> {
    let f = frame(vm);
    if f.is_null() {
        return None;
    }
    // SAFETY: frames of the chain are alive.
    unsafe { (*f).func.get::<Function>().map(|f| f.globals.get()) }
}

/// Its builtins.
pub fn builtins(vm: &Vm) -> Option<Value> {
    let f = frame(vm);
    if f.is_null() {
        return None;
    }
    // SAFETY: as above.
    unsafe { (*f).func.get::<Function>().map(|f| f.builtins.get()) }
}

/// `__name__` of its globals.
pub fn module_name(vm: &Vm) -> Option<Value> {
    globals(vm)?.get::<Dict>()?.get_str(vm, &vm.names.name)
}

/// Flags of the code that runs in it.
pub fn code_flags(vm: &Vm) -> u32 {
    let f = frame(vm);
    // SAFETY: as above.
    if f.is_null() { 0 } else { unsafe { (*f).body().code.flags } }
}

/// Is the frame on top Python that programs see? Functions of the library's native stand-ins are one
/// step to them: no signal handler and no other thread comes in between. A long search of a regular
/// expression lets them in, on behalf of the Python code that waits for it.
pub fn in_visible_code(vm: &Vm) -> bool {
    let mut top = vm.exec.frame;
    // SAFETY: frames of the chain are alive.
    unsafe {
        let searching = !top.is_null()
            && (*top).is_native()
            && std::ptr::eq((*top).machine(), &crate::methods::regex::JOB);
        while searching && !top.is_null() && (*top).is_native() {
            top = (*top).caller;
        }
    }
    !top.is_null() && frame(vm) == top
}

/// Is the topmost frame one of hidden code, which called what runs now?
pub(crate) fn top_is_hidden(vm: &Vm) -> bool {
    let frame = vm.exec.frame;
    // SAFETY: frames of the running tasklet are alive.
    !frame.is_null() && unsafe { !(*frame).is_native() && (*frame).body().hidden }
}

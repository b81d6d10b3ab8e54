//! What the modules of system calls share: the host's leave, error numbers, strings for C.

use std::ffi::CString;

use stackless_host::OsError;
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::objects::list::List;
use stackless_runtime::{Exc, Flow, PyResult, Ref, Value, Vm};

use crate::support::{int, os_error, path};

/// Names and numbers of C constants.
#[macro_export]
macro_rules! c_constants {
    ($($name:ident)*) => { &[$((stringify!($name), libc::$name as i64)),*] };
}

/// Functions of plain numbers that give -1 and set `errno` on failure. Rows run with the host's leave.
#[macro_export]
macro_rules! int_calls {
    ($($name:literal $sig:literal |$a:ident| $body:expr;)*) => {
        &[$(stackless_runtime::native::def!($name, $sig, |vm, $a| {
            $crate::os::granted(vm)?;
            // SAFETY: every row passes numbers only, as its signature says.
            #[expect(clippy::macro_metavars_in_unsafe, reason = "the rows are calls of C functions")]
            let r = unsafe { $body } as i64;
            $crate::os::number(vm, r, &[])
        })),*]
    };
}

pub fn fill(vm: &mut Vm, d: &Ref<Dict>, constants: &[(&str, i64)]) {
    for (name, v) in constants {
        let v = vm.int(*v);
        d.set_text(vm, name, v);
    }
}

/// PermissionError unless the host lets modules make system calls.
pub fn granted(vm: &mut Vm) -> PyResult<()> {
    if vm.host.grants_system_calls() {
        return Ok(());
    }
    Err(os_error(vm, OsError::DENIED, &[]))
}

pub fn last_error(vm: &mut Vm, names: &[&Value]) -> Exc {
    let errno = std::io::Error::last_os_error().raw_os_error().unwrap_or(0);
    os_error(vm, OsError::new(errno), names)
}

/// The result of a call that answers -1 when it fails.
pub fn number(vm: &mut Vm, r: i64, names: &[&Value]) -> Flow {
    if r == -1 {
        return Err(last_error(vm, names));
    }
    Ok(vm.int(r).into())
}

/// An argument as a C int.
pub fn n(v: &Value) -> i32 {
    int(v) as i32
}

/// A path or other string for C.
pub fn c_string(vm: &mut Vm, who: &str, v: &Value) -> PyResult<CString> {
    let (bytes, _) = path(vm, who, v)?;
    match CString::new(bytes) {
        Ok(s) => Ok(s),
        Err(_) => Err(vm.value_error("embedded null byte")),
    }
}

/// A list or tuple of strings for C.
pub fn c_strings(vm: &mut Vm, who: &str, v: &Value) -> PyResult<Vec<CString>> {
    let items = items(vm, v);
    items.iter().map(|v| c_string(vm, who, v)).collect()
}

/// The items of a list or tuple.
pub fn items(vm: &Vm, v: &Value) -> Vec<Value> {
    match v.get::<List>() {
        Some(l) => l.items(vm).to_vec(),
        None => v.tuple_items().to_vec(),
    }
}

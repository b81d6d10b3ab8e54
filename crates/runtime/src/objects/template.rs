//! t-strings: `Template` and `Interpolation` are classes of the library's overlay, made through
//! hidden functions. CPython's counterparts: `Objects/templateobject.c`, `interpolationobject.c`.

use crate::exc::Flow;
use crate::steps::call_intrinsic;
use crate::value::Value;
use crate::vm::Vm;

pub fn interpolation(vm: &mut Vm, v: Vec<Value>, arg: u16) -> Flow {
    let conversion = match arg >> 2 {
        1 => vm.intern("s"),
        2 => vm.intern("r"),
        3 => vm.intern("a"),
        _ => Value::NONE,
    };
    let spec = v.get(2).cloned().unwrap_or_else(|| vm.names.empty.clone());
    call_intrinsic(vm, "interpolation", &[v[0].clone(), v[1].clone(), conversion, spec])
}

pub fn template(vm: &mut Vm, v: Vec<Value>) -> Flow {
    call_intrinsic(vm, "template", &[v[0].clone(), v[1].clone()])
}

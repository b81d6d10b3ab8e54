//! What the modules over the host share: its answers as values, its errors, strings without NUL.

use stackless_runtime::objects::dict::Dict;
use stackless_runtime::objects::list::List;
use stackless_runtime::{Flow, PyResult, Ref, Value, Vm};

use crate::support::{int, os_error, path};

/// Names and numbers of C constants.
#[macro_export]
macro_rules! c_constants {
    ($($name:ident)*) => { &[$((stringify!($name), libc::$name as i64)),*] };
}

/// Functions that are one call of the host.
#[macro_export]
macro_rules! host_calls {
    ($($name:literal $sig:literal |$h:ident, $a:ident| $call:expr;)*) => {
        &[$(stackless_runtime::native::def!($name, $sig, |vm, $a| {
            let $h = &vm.host;
            let r = $call;
            $crate::os::answer(vm, r, &[])
        })),*]
    };
}

/// What a host answers, as a Python value.
pub trait Answer {
    fn value(self, vm: &mut Vm) -> Value;
}

impl Answer for () {
    fn value(self, _: &mut Vm) -> Value {
        Value::NONE
    }
}

impl Answer for i32 {
    fn value(self, _: &mut Vm) -> Value {
        Value::from_i32(self)
    }
}

impl Answer for u32 {
    fn value(self, vm: &mut Vm) -> Value {
        vm.int(i64::from(self))
    }
}

impl Answer for u64 {
    fn value(self, vm: &mut Vm) -> Value {
        vm.uint(self)
    }
}

impl Answer for i64 {
    fn value(self, vm: &mut Vm) -> Value {
        vm.int(self)
    }
}

impl Answer for usize {
    fn value(self, _: &mut Vm) -> Value {
        Value::from_usize(self)
    }
}

impl Answer for bool {
    fn value(self, _: &mut Vm) -> Value {
        Value::bool(self)
    }
}

/// Bytes; names go through `fs_text` instead.
impl Answer for Vec<u8> {
    fn value(self, vm: &mut Vm) -> Value {
        vm.bytes(&self)
    }
}

impl<T: Answer> Answer for Option<T> {
    fn value(self, vm: &mut Vm) -> Value {
        self.map_or(Value::NONE, |v| v.value(vm))
    }
}

impl<A: Answer, B: Answer> Answer for (A, B) {
    fn value(self, vm: &mut Vm) -> Value {
        let v = vec![self.0.value(vm), self.1.value(vm)];
        vm.tuple(v)
    }
}

/// The value, or OSError with file names.
pub fn answer(vm: &mut Vm, r: stackless_host::Result<impl Answer>, names: &[&Value]) -> Flow {
    let v = given(vm, r, names)?;
    Ok(v.value(vm).into())
}

/// What the host gave, or OSError with file names.
pub fn given<T>(vm: &mut Vm, r: stackless_host::Result<T>, names: &[&Value]) -> PyResult<T> {
    r.map_err(|e| os_error(vm, e, names))
}

pub fn fill(vm: &mut Vm, d: &Ref<Dict>, constants: &[(&str, i64)]) {
    for (name, v) in constants {
        let v = vm.int(*v);
        d.set_text(vm, name, v);
    }
}

/// An argument as a C int.
pub fn n(v: &Value) -> i32 {
    int(v) as i32
}

/// A path or other string without NUL.
pub fn name(vm: &mut Vm, who: &str, v: &Value) -> PyResult<Vec<u8>> {
    path(vm, who, v).map(|(bytes, _)| bytes)
}

/// The same, or None.
pub fn optional_name(vm: &mut Vm, who: &str, v: &Value) -> PyResult<Option<Vec<u8>>> {
    if v.is_none() { Ok(None) } else { name(vm, who, v).map(Some) }
}

/// A list or tuple of strings without NUL.
pub fn names(vm: &mut Vm, who: &str, v: &Value) -> PyResult<Vec<Vec<u8>>> {
    items(vm, v).iter().map(|v| name(vm, who, v)).collect()
}

/// The items of a list or tuple.
pub fn items(vm: &Vm, v: &Value) -> Vec<Value> {
    match v.get::<List>() {
        Some(l) => l.items(vm).to_vec(),
        None => v.tuple_items().to_vec(),
    }
}

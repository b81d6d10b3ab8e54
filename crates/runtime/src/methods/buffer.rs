//! Bytes-like objects as native code sees them: bytes, bytearray, memoryview, and classes with
//! `__buffer__`, which the `buffer` converter asks for a memoryview. CPython's counterpart: the
//! buffer protocol of `Objects/abstract.c`.

use std::borrow::Cow;

use crate::exc::{Exc, Flow};
use crate::machine::Machine;
use crate::objects::array::Array;
use crate::objects::bytes::{ByteArray, Bytes};
use crate::objects::mapping::Mapping;
use crate::objects::memoryview::MemoryView;
use crate::soft;
use crate::value::Value;
use crate::vm::Vm;

/// `PyBUF_SIMPLE` and `PyBUF_FULL_RO`.
const SIMPLE: i32 = 0;
pub const FULL_RO: i32 = 284;

/// Is this an object whose bytes `contents` gives?
pub fn is_plain(v: &Value) -> bool {
    v.has::<Bytes>()
        || v.has::<ByteArray>()
        || v.has::<Array>()
        || v.has::<Mapping>()
        || v.get::<MemoryView>().is_some_and(|m| !m.released())
}

/// Does getting at the bytes run Python code?
pub fn needs_python(vm: &Vm, v: &Value) -> bool {
    !is_plain(v) && !v.has::<MemoryView>() && vm.type_of(v).lookup(vm, &vm.names.buffer).is_some()
}

/// The bytes of a buffer in C order; None for other objects and released views.
pub fn contents<'a>(vm: &'a Vm, v: &'a Value) -> Option<Cow<'a, [u8]>> {
    if let Some(b) = v.get::<Bytes>() {
        return Some(Cow::Borrowed(b.as_bytes()));
    }
    if let Some(b) = v.get::<ByteArray>() {
        return Some(Cow::Borrowed(b.data.get(vm).as_slice()));
    }
    if let Some(a) = v.get::<Array>() {
        return Some(Cow::Borrowed(a.data.get(vm).as_slice()));
    }
    if let Some(m) = v.get::<Mapping>() {
        return Some(Cow::Borrowed(m.bytes(vm)));
    }
    v.get::<MemoryView>()?.contents(vm)
}

/// `contents` of an argument that the `buffer` converter checked, copied.
pub fn copied(vm: &Vm, v: &Value) -> Vec<u8> {
    contents(vm, v).map_or_else(Vec::new, Cow::into_owned)
}

/// A plain buffer for any bytes-like object.
pub fn from_object(vm: &mut Vm, v: &Value) -> Flow {
    from_object_with(vm, v, SIMPLE)
}

pub fn from_object_with(vm: &mut Vm, v: &Value, flags: i32) -> Flow {
    if is_plain(v) {
        return Ok(v.clone().into());
    }
    if v.has::<MemoryView>() {
        return Err(released(vm));
    }
    if needs_python(vm, v) {
        return vm.start(&BUFFER, [v.clone(), Value::from_i32(flags)]);
    }
    Err(not_bytes_like(vm, v))
}

#[cold]
pub fn not_bytes_like(vm: &mut Vm, v: &Value) -> Exc {
    let t = vm.type_name(v);
    vm.type_error(format!("a bytes-like object is required, not '{t}'"))
}

#[cold]
pub fn released(vm: &mut Vm) -> Exc {
    vm.value_error("operation forbidden on released memoryview object")
}

/// Registers: object, flags. `__buffer__(flags)`, which must give a memoryview.
pub(crate) static BUFFER: Machine = Machine::new("buffer.from_object", |vm, regs, input| {
    let view = match regs.stage() {
        0 => {
            let (v, flags) = (regs.get(0), regs.get(1));
            let name = vm.names.buffer.clone();
            let flow = crate::python_slots::call_special(vm, &v, &name, &[flags])
                .unwrap_or_else(|| Err(not_bytes_like(vm, &v)));
            soft!(regs, 1, flow)
        }
        _ => input.value()?,
    };
    match view.get::<MemoryView>() {
        Some(m) if m.released() => Err(released(vm)),
        Some(_) => Ok(view.into()),
        None => Err(vm.type_error("__buffer__ returned non-memoryview object")),
    }
});

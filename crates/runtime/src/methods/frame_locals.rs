//! `frame.f_locals` of a function: a mapping that writes through to the variables.
//!
//! Keys that are exact strings are looked up here; for others the protocol (hash, comparison with
//! the names) is in `lib/intrinsics.py`, over the private natives below. Names that are no
//! variables are kept in a dict beside the frame. CPython's counterpart: `PyFrameLocalsProxy` in
//! `Objects/frameobject.c`.

use crate::boot::TypeBuilder;
use crate::exc::{Flow, Reply};
use crate::native::{Def, def};
use crate::object::ValueCell;
use crate::objects::dict::Dict;
use crate::objects::types::{BinOp, CmpOp};
use crate::pyframe::{FrameLocals, PyFrame};
use crate::steps::call_intrinsic;
use crate::value::Value;
use crate::vm::Vm;

use super::frames::fr;

fn frame_of(proxy: &Value) -> Value {
    proxy.get::<FrameLocals>().map_or(Value::NONE, |p| p.frame.get())
}

/// Variables and other names, keys of the latter as they are; soft, since those may need hashing.
fn full(vm: &mut Vm, proxy: &Value) -> Flow {
    call_intrinsic(vm, "locals_dict", std::slice::from_ref(proxy))
}

/// A snapshot dict of a function frame's variables and of what was added under plain names.
pub fn snapshot(vm: &mut Vm, proxy: &Value) -> Value {
    let d = vm.dict();
    if let Some(f) = fr(&frame_of(proxy)) {
        for (k, v) in f.variables(vm) {
            d.set_str(vm, &k, v);
        }
        if let Some(x) = f.extra_locals.get().get::<Dict>() {
            for (k, v) in x.items_vec(vm) {
                if vm.is_exactly(&k, &vm.types.str) {
                    d.set_str(vm, &k, v);
                }
            }
        }
    }
    d.into_value()
}

fn is_plain(vm: &Vm, key: &Value) -> bool {
    vm.is_exactly(key, &vm.types.str)
}

fn is_mapping(v: &Value) -> bool {
    v.has::<FrameLocals>() || v.has::<Dict>()
}

fn set(vm: &mut Vm, proxy: &Value, key: &Value, value: &Value) -> Flow {
    if value.is_unbound() {
        return call_intrinsic(vm, "locals_delete", &[proxy.clone(), key.clone()]);
    }
    if !is_plain(vm, key) {
        return call_intrinsic(vm, "locals_set", &[proxy.clone(), key.clone(), value.clone()]);
    }
    store(vm, proxy, key, value)
}

/// Stores under a name or, for any other key, beside the frame.
fn store(vm: &mut Vm, proxy: &Value, key: &Value, value: &Value) -> Flow {
    let frame = frame_of(proxy);
    let Some(f) = fr(&frame) else { return Ok(Reply::NONE) };
    if is_plain(vm, key) {
        let key = vm.intern_value(key);
        if f.assign(vm, &key, value.clone())? {
            return Ok(Reply::NONE);
        }
    }
    let d = extra(vm, f);
    crate::ops::dict::store(vm, &d, key, value)
}

fn extra(vm: &mut Vm, f: &crate::object::Obj<PyFrame>) -> Value {
    if f.extra_locals.is_unbound() {
        let d = vm.dict().into_value();
        f.extra_locals.set(d);
    }
    f.extra_locals.get()
}

/// For `lib/intrinsics.py`.
pub const PRIVATE: &[Def] = &[
    def!("_locals_variables", "(proxy, /)", |vm, proxy| {
        let d = vm.dict();
        if let Some(f) = fr(&frame_of(proxy)) {
            for (k, v) in f.variables(vm) {
                d.set_str(vm, &k, v);
            }
        }
        Ok(d.into_value().into())
    }),
    def!("_locals_names", "(proxy, /)", |vm, proxy| {
        let names = fr(&frame_of(proxy)).map_or_else(Vec::new, |f| f.names(vm));
        Ok(vm.tuple(names).into())
    }),
    def!("_locals_extra", "(proxy, /)", |vm, proxy| match fr(&frame_of(proxy)) {
        Some(f) => Ok(extra(vm, f).into()),
        None => Ok(Reply::NONE),
    }),
    def!("_locals_store", "(proxy, key, value, /)", |vm, proxy, key, value| store(
        vm, proxy, key, value
    )),
];

const METHODS: &[Def] = &[
    def!("__new__", "(cls, frame, /)", |vm, _, frame| {
        if fr(frame).is_none() {
            let t = vm.type_name(frame);
            return Err(vm.type_error(format!("expect frame, not {t}")));
        }
        Ok(vm
            .alloc(&vm.types.frame_locals, FrameLocals { frame: ValueCell::new(frame.clone()) })
            .into())
    }),
    def!("copy", "(self, /)", |vm, this| full(vm, this)),
    def!("keys", "(self, /)", |vm, a| call_intrinsic(vm, "locals_keys", a)),
    def!("values", "(self, /)", |vm, a| call_intrinsic(vm, "locals_values", a)),
    def!("items", "(self, /)", |vm, a| call_intrinsic(vm, "locals_items", a)),
    def!("get", "(self, key, default=None, /)", |vm, a| {
        let d = a[2].given().cloned().unwrap_or(Value::NONE);
        call_intrinsic(vm, "locals_get", &[a[0].clone(), a[1].clone(), d])
    }),
    def!("pop", "(self, key, /, *default)", |vm, a| call_intrinsic(vm, "locals_pop", a)),
    def!("update", "(self, object, /)", |vm, a| call_intrinsic(vm, "locals_update", a)),
    def!("setdefault", "(self, key, default=None, /)", |vm, a| {
        let d = a[2].given().cloned().unwrap_or(Value::NONE);
        call_intrinsic(vm, "mapping_setdefault", &[a[0].clone(), a[1].clone(), d])
    }),
    def!("__reversed__", "(self, /)", |vm, a| call_intrinsic(vm, "locals_reversed", a)),
];

pub fn define_locals(b: &mut TypeBuilder<'_>) {
    b.methods(METHODS);
    b.slots.len = Some(|vm, v| {
        let n = match fr(&frame_of(v)) {
            Some(f) => {
                let more = f.extra_locals.get().get::<Dict>().map_or(0, |d| d.len(vm));
                f.variables(vm).len() + more
            }
            None => 0,
        };
        Ok(vm.int(n as i64).into())
    });
    b.slots.iter = Some(|vm, v| call_intrinsic(vm, "locals_iter", std::slice::from_ref(v)));
    b.slots.repr = Some(|vm, v| call_intrinsic(vm, "locals_repr", std::slice::from_ref(v)));
    b.slots.getitem = Some(|vm, v, k| {
        if !is_plain(vm, k) {
            return call_intrinsic(vm, "locals_getitem", &[v.clone(), k.clone()]);
        }
        let d = snapshot(vm, v);
        crate::ops::item::getitem(vm, &d, k)
    });
    b.slots.contains = Some(|vm, v, k| {
        if !is_plain(vm, k) {
            return call_intrinsic(vm, "locals_contains", &[v.clone(), k.clone()]);
        }
        let d = snapshot(vm, v);
        crate::ops::item::contains(vm, &d, k)
    });
    b.slots.setitem = Some(set);
    b.slots.binary[BinOp::Or as usize] = Some(|vm, x, y| match is_mapping(x) && is_mapping(y) {
        true => call_intrinsic(vm, "locals_or", &[x.clone(), y.clone()]),
        false => Ok(Value::NOT_IMPLEMENTED.into()),
    });
    b.slots.inplace[BinOp::Or as usize] = Some(|vm, x, y| match is_mapping(y) {
        true => call_intrinsic(vm, "locals_ior", &[x.clone(), y.clone()]),
        false => Ok(Value::NOT_IMPLEMENTED.into()),
    });
    b.slots.compare = Some(|vm, op, a, b| {
        let (CmpOp::Eq | CmpOp::Ne) = op else { return Ok(Value::NOT_IMPLEMENTED.into()) };
        if let (Some(x), Some(y)) = (a.get::<FrameLocals>(), b.get::<FrameLocals>()) {
            return Ok((x.frame.get().is(&y.frame.get()) == (op == CmpOp::Eq)).into());
        }
        if !is_mapping(b) {
            return Ok(Value::NOT_IMPLEMENTED.into());
        }
        let name = if op == CmpOp::Eq { "locals_eq" } else { "locals_ne" };
        call_intrinsic(vm, name, &[a.clone(), b.clone()])
    });
}

//! `_abc_native`: the class flags behind sequence and mapping patterns, and which names of a
//! class are abstract. `lib/overlay/_abc.py` has
//! the rest of `_abc`. CPython's counterpart: `Modules/_abc.c`.

use stackless_runtime::builtins::COLLECTION_FLAGS;
use stackless_runtime::exc::Reply;
use stackless_runtime::native::{Def, def};
use stackless_runtime::objects::function::{ClassMethod, Property, StaticMethod};
use stackless_runtime::objects::types::Type;
use stackless_runtime::{Ref, Value, Vm};

use crate::Native;
use crate::support::int;

pub const MODULE: Native = Native { name: "_abc_native", defs: DEFS, fill: |_, _| Ok(()) };

/// Sets the flags on a class and on every class that derives from it.
fn add_flags(vm: &mut Vm, class: &Value, flags: u32) {
    let Ok(start) = class.clone().cast::<Type>() else { return };
    let mut work = vec![start];
    while let Some(t) = work.pop() {
        if t.is_heap_type() {
            t.flags.set(t.flags.get() & !COLLECTION_FLAGS | flags);
        }
        work.extend(t.live_subclasses(vm));
    }
}

/// Is `__isabstractmethod__` true? None where only Python can tell: for all but the usual contents of
/// a class.
fn is_abstract(vm: &Vm, value: &Value, name: &Value) -> Option<bool> {
    let t = &vm.types;
    let is = |class: &Ref<Type>| vm.is_exactly(value, class);
    let plain = [
        &t.str,
        &t.int,
        &t.none_type,
        &t.bool_,
        &t.tuple,
        &t.dict,
        &t.float,
        &t.builtin_function,
        &t.method_descriptor,
        &t.wrapper_descriptor,
        &t.getset_descriptor,
    ];
    if is(&t.function) || is(&t.library_function) {
        return match vm.instance_get(value, name) {
            None => Some(false),
            Some(v) if v.is_bool() => Some(v.is_true()),
            Some(_) => None,
        };
    }
    if plain.into_iter().any(is) {
        return Some(false);
    }
    let parts = if let Some(c) = value.get::<ClassMethod>().filter(|_| is(&t.classmethod)) {
        vec![c.callable.get()]
    } else if let Some(s) = value.get::<StaticMethod>().filter(|_| is(&t.staticmethod)) {
        vec![s.callable.get()]
    } else if let Some(p) = value.get::<Property>().filter(|_| is(&t.property)) {
        vec![p.get.get(), p.set.get(), p.del.get()]
    } else {
        return None;
    };
    let mut any = false;
    for part in parts.iter().filter(|p| !p.is_none() && !p.is_unbound()) {
        // What is wrapped is a function nearly always; deeper nests are left to Python.
        if !vm.is_exactly(part, &t.function) && !vm.is_exactly(part, &t.library_function) {
            return None;
        }
        any |= is_abstract(vm, part, name)?;
    }
    Some(any)
}

const DEFS: &[Def] = &[
    // The abstract names of a class's own namespace, and the items that must be asked.
    def!("own_abstract", "(cls, /)", |vm, cls| {
        let Some(class) = cls.get::<Type>() else { return Err(vm.type_error("a class expected")) };
        let key = vm.intern("__isabstractmethod__");
        let (mut found, mut unsure) = (Vec::new(), Vec::new());
        for (name, value) in class.dict.items_vec(vm) {
            match is_abstract(vm, &value, &key) {
                Some(true) => found.push(name),
                Some(false) => {}
                None => unsure.push(vm.tuple(vec![name, value])),
            }
        }
        let parts = vec![vm.list(found), vm.list(unsure)];
        Ok(vm.tuple(parts).into())
    }),
    def!("collection_flags", "(cls, /)", |vm, cls| {
        let flags = cls.get::<Type>().map_or(0, |t| t.flags.get() & COLLECTION_FLAGS);
        Ok(vm.int(flags as i64).into())
    }),
    def!("add_collection_flags", "(cls, flags: index, /)", |vm, a| {
        let flags = int(&a[1]) as u32 & COLLECTION_FLAGS;
        // A class may not be both.
        if flags != 0 && flags != COLLECTION_FLAGS {
            add_flags(vm, &a[0], flags);
        } else if flags == COLLECTION_FLAGS {
            return Err(vm.type_error(
                "__abc_tpflags__ cannot be both Py_TPFLAGS_SEQUENCE and Py_TPFLAGS_MAPPING",
            ));
        }
        Ok(Reply::NONE)
    }),
];

//! `_abc_native`: the class flags behind sequence and mapping patterns. `lib/overlay/_abc.py` has
//! the rest of `_abc`. CPython's counterpart: `Modules/_abc.c`.

use stackless_runtime::builtins::COLLECTION_FLAGS;
use stackless_runtime::exc::Reply;
use stackless_runtime::native::{Def, def};
use stackless_runtime::objects::types::Type;
use stackless_runtime::{Value, Vm};

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

const DEFS: &[Def] = &[
    def("collection_flags", "(cls, /)", |vm, a| {
        let flags = a[0].get::<Type>().map_or(0, |t| t.flags.get() & COLLECTION_FLAGS);
        Ok(vm.int(flags as i64).into())
    }),
    def("add_collection_flags", "(cls, flags: index, /)", |vm, a| {
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

//! `gc` over the cycle collector. CPython's counterpart: `Modules/gcmodule.c`.

use stackless_runtime::exc::Reply;
use stackless_runtime::native::{Def, def};
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::{PyResult, Ref, Value, Vm};

use crate::Native;
use crate::support::int_or;

pub const MODULE: Native = Native { name: "_gc_native", defs: DEFS, fill };

fn fill(_: &mut Vm, _: &Ref<Dict>) -> PyResult<()> {
    Ok(())
}

const DEFS: &[Def] = &[
    def("collect", "(generation: index=2)", |vm, a| {
        let g = int_or(&a[0], 2);
        if !(0..=2).contains(&g) {
            return Err(vm.value_error("invalid generation"));
        }
        Ok(Value::from_usize(stackless_runtime::gc::collect(vm, g as usize)).into())
    }),
    def("enable", "()", |vm, _| {
        stackless_runtime::gc::set_enabled(vm, true);
        Ok(Reply::NONE)
    }),
    def("disable", "()", |vm, _| {
        stackless_runtime::gc::set_enabled(vm, false);
        Ok(Reply::NONE)
    }),
    def("isenabled", "()", |vm, _| Ok(stackless_runtime::gc::is_enabled(vm).into())),
];

//! `itertools`: the types and `tee`, which live in the runtime.

use stackless_runtime::methods::itertools::group;
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::{PyResult, Ref, Value, Vm};

use crate::Native;

pub const MODULE: Native = Native { name: "itertools", defs: group::FUNCTIONS, fill };

fn fill(vm: &mut Vm, d: &Ref<Dict>) -> PyResult<()> {
    let types: Vec<(String, Value)> = vm
        .types
        .all()
        .into_iter()
        .filter(|t| t.module == "itertools")
        .map(|t| (t.name_str(vm), t.to_value()))
        .collect();
    for (name, ty) in types {
        d.set_text(vm, &name, ty);
    }
    Ok(())
}

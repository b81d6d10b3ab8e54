//! `_array_native`: the runtime's `array.array`; `lib/overlay/array.py` is the module.

use stackless_runtime::objects::dict::Dict;
use stackless_runtime::{PyResult, Ref, Vm};

use crate::Native;

pub const MODULE: Native = Native { name: "_array_native", defs: &[], fill };

fn fill(vm: &mut Vm, d: &Ref<Dict>) -> PyResult<()> {
    let t = vm.types.array.to_value();
    d.set_text(vm, "array", t);
    Ok(())
}

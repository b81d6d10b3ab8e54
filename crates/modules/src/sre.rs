//! `_sre_native`: the types of the runtime and what makes patterns; `lib/overlay/_sre.py` has the
//! rest of `_sre`. CPython's counterpart: `Modules/_sre/sre.c`.

use stackless_primitives::regex::charset::Fold;
use stackless_runtime::methods::regex::pattern;
use stackless_runtime::native::{Def, def};
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::{PyResult, Ref, Vm};

use crate::Native;
use crate::support::int;

pub const MODULE: Native = Native { name: "_sre_native", defs: DEFS, fill };

fn fill(vm: &mut Vm, d: &Ref<Dict>) -> PyResult<()> {
    let make = vm.native_function(
        &pattern::MAKE,
        stackless_runtime::Value::UNBOUND,
        stackless_runtime::Value::NONE,
    );
    d.set_text(vm, pattern::MAKE.name, make);
    Ok(())
}

/// The lower case of a character, as the matcher sees it.
const DEFS: &[Def] = &[def!("lower", "(character: index, /)", |vm, character| {
    let c = u32::try_from(int(character)).unwrap_or(u32::MAX);
    Ok(vm.int(i64::from(Fold::Unicode.lower(c))).into())
})];

//! `_native`: what the Python stand-ins of native modules need to look native.

use stackless_runtime::exc::Flow;
use stackless_runtime::native::{Def, def};
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::objects::function::make_library_function;
use stackless_runtime::objects::types::{Type, tflags};
use stackless_runtime::{PyResult, Ref, Value, Vm};

use crate::Native;

pub const MODULE: Native = Native { name: "_native", defs: DEFS, fill };

fn fill(_: &mut Vm, _: &Ref<Dict>) -> PyResult<()> {
    Ok(())
}

const DEFS: &[Def] = &[
    // A nested function becomes a builtin function: no binding. Module-level ones are so by birth.
    def!("function", "(function, /)", |vm, function| {
        make_library_function(vm, function);
        Ok(function.clone().into())
    }),
    // A class whose attributes programs cannot set.
    def!("immutable", "(cls, /)", |_, cls| {
        if let Some(t) = cls.get::<Type>() {
            t.set_flag(tflags::IMMUTABLE, true);
        }
        Ok(cls.clone().into())
    }),
    // A class whose instances have a state that nothing shows: `pickle` refuses them.
    def!("opaque", "(cls, /)", |_, cls| {
        if let Some(t) = cls.get::<Type>() {
            t.set_flag(tflags::OPAQUE, true);
        }
        Ok(cls.clone().into())
    }),
    // … and which stand for something of the process: a tasklet that holds them is not saved either.
    def!("outside", "(cls, /)", |_, cls| {
        if let Some(t) = cls.get::<Type>() {
            t.set_flag(tflags::OPAQUE | tflags::OUTSIDE, true);
        }
        Ok(cls.clone().into())
    }),
    // Numbers of one namespace into another: the constants of a native part.
    def!("copy_ints", "(source, target, /)", |vm, source, target| {
        let (Some(from), Some(to)) = (source.get::<Dict>(), target.get::<Dict>()) else {
            return Err(vm.type_error("two dicts expected"));
        };
        for (key, value) in from.items_vec(vm) {
            if vm.is_exactly(&value, &vm.types.int) && vm.is_exactly(&key, &vm.types.str) {
                to.set_str(vm, &key, value);
            }
        }
        Ok(Value::NONE.into())
    }),
    // Arguments of C functions, with the errors of their conversion.
    def!("c_int", "(value: index, /)", |vm, value| {
        c_number(vm, value, i64::from(i32::MIN)..=i64::from(i32::MAX), "int")
    }),
    def!("c_long", "(value: index, /)", |vm, value| c_number(
        vm,
        value,
        i64::MIN..=i64::MAX,
        "long"
    )),
    def!("c_ssize", "(value: index, /)", |vm, value| {
        c_number(vm, value, i64::MIN..=i64::MAX, "ssize_t")
    }),
];

fn c_number(vm: &mut Vm, v: &Value, range: std::ops::RangeInclusive<i64>, kind: &str) -> Flow {
    match v.as_i64() {
        Some(n) if range.contains(&n) => Ok(vm.int(n).into()),
        _ => Err(vm.overflow_error(format!("Python int too large to convert to C {kind}"))),
    }
}

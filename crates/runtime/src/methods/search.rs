//! `count` and `index` over the items of a native sequence, by `==` with identity first.

use crate::exc::Flow;
use crate::machine::Machine;
use crate::objects::list::List;
use crate::ops;
use crate::soft;
use crate::value::Value;
use crate::vm::Vm;

/// How many of `items` equal `value`.
pub fn count(vm: &mut Vm, items: Vec<Value>, value: &Value) -> Flow {
    let list = vm.list(items);
    vm.start(
        &SEARCH,
        [
            list,
            value.clone(),
            Value::from_i32(0),
            Value::from_i32(0),
            Value::UNBOUND,
            Value::from_i32(0),
        ],
    )
}

/// Position of the first of `items` that equals `value`, counted from `first`.
pub fn index(vm: &mut Vm, items: Vec<Value>, value: &Value, first: usize, absent: &str) -> Flow {
    let (list, absent) = (vm.list(items), vm.str(absent));
    vm.start(
        &SEARCH,
        [
            list,
            value.clone(),
            Value::from_i32(0),
            Value::from_i32(0),
            absent,
            Value::from_usize(first),
        ],
    )
}

/// Registers: items, value, next index, count, message for a missing value (unbound to count),
/// number of the first item.
pub(crate) static SEARCH: Machine = Machine::new("sequence.search", |vm, regs, input| {
    let (list, value) = (regs.get(0), regs.get(1));
    let Some(items) = list.get::<List>() else {
        return Err(vm.system_error("machine register holds no list"));
    };
    let mut answer = match regs.stage() {
        0 => None,
        _ => Some(input.value()?),
    };
    let mut i = regs.int(2) as usize;
    while let Some(item) = items.get_item(vm, i) {
        let equal = match answer.take() {
            Some(v) => v,
            None => {
                regs.set_int(2, i as i64);
                soft!(regs, 1, ops::compare::item_eq(vm, &item, &value))
            }
        };
        if equal.is_true() {
            if !regs.get(4).is_unbound() {
                return Ok(Value::from_usize(regs.int(5) as usize + i).into());
            }
            regs.set_int(3, regs.int(3) + 1);
        }
        i += 1;
    }
    let absent = regs.get(4);
    if absent.is_unbound() {
        return Ok(regs.get(3).into());
    }
    let text = absent.display_str(vm);
    Err(vm.value_error(text))
});

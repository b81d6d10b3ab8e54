//! Methods of `dict`. CPython's counterpart: `Objects/dictobject.c`.

use crate::dunder::Field;
use crate::exc::{Flow, Reply};
use crate::machine::{Input, Machine};
use crate::native::Args;
use crate::objects::dict::Dict;
use crate::objects::list::List;
use crate::ops;
use crate::soft;
use crate::value::Value;
use crate::vm::Vm;

/// Copies the items of a mapping (a dict, or anything with `keys` and `__getitem__`) into a dict;
/// gives the dict.
pub fn update_from_mapping(vm: &mut Vm, dict: &Value, v: &Value) -> Flow {
    if let Some(src) = v.get::<Dict>()
        && (vm.is_exactly(v, &vm.types.dict) || native_iteration(vm, v))
    {
        let flat: Vec<Value> = src.items_vec(vm).into_iter().flat_map(|(k, v)| [k, v]).collect();
        let items = vm.list(flat);
        return vm.start(&PUT_ALL, [dict.clone(), items, Value::from_i32(0)]);
    }
    vm.start(&FROM_MAPPING, [dict.clone(), v.clone(), Value::NONE, Value::NONE])
}

/// A dict subclass that keeps dict's `keys`, `__iter__` and `__getitem__`.
fn native_iteration(vm: &Vm, v: &Value) -> bool {
    v.has::<Dict>() && !vm.type_of(v).is_python(Field::Iter)
}

/// Registers: dict, flat list of keys and values, next index.
pub(crate) static PUT_ALL: Machine = Machine::new("dict.put_all", |vm, regs, input| {
    input.value()?;
    let (dict, items) = (regs.get(0), regs.get(1));
    let mut i = regs.int(2) as usize;
    while let Some(l) = items.get::<List>()
        && let (Some(k), Some(v)) = (l.get_item(vm, i), l.get_item(vm, i + 1))
    {
        i += 2;
        regs.set_int(2, i as i64);
        let _ = soft!(regs, 1, ops::dict::set(vm, &dict, &k, v));
    }
    Ok(dict.into())
});

/// Registers: dict, mapping, iterator over keys, current key.
/// Stages: 1 keys(), 2 its iterator, 3 a key, 4 its value, 5 the store.
pub(crate) static FROM_MAPPING: Machine = Machine::new("dict.from_mapping", |vm, regs, input| {
    let (dict, mapping) = (regs.get(0), regs.get(1));
    let mut input = input;
    loop {
        match regs.stage() {
            0 => {
                input =
                    Input::Value(soft!(regs, 1, crate::steps::call_attr(vm, &mapping, "keys", &[])))
            }
            1 => {
                let keys = input.value()?;
                input = Input::Value(soft!(regs, 2, ops::iter::iter(vm, &keys)));
            }
            2 => {
                let it = input.value()?;
                regs.set(2, it);
                regs.set_stage(5);
                input = Input::Start;
            }
            3 => {
                let Some(key) = input.item()?.filter(|k| !k.is_exhausted()) else {
                    return Ok(dict.into());
                };
                regs.set(3, key.clone());
                input = Input::Value(soft!(regs, 4, ops::item::getitem(vm, &mapping, &key)));
            }
            4 => {
                let value = input.value()?;
                let key = regs.get(3);
                input = Input::Value(soft!(regs, 5, ops::dict::set(vm, &dict, &key, value)));
            }
            _ => {
                input.value()?;
                let it = regs.get(2);
                regs.set_stage(3);
                input = match ops::iter::next(vm, &it)?.ready() {
                    Some(v) if v.is_exhausted() => Input::Exhausted,
                    Some(v) => Input::Value(v),
                    None => return Ok(Reply::PUSHED),
                };
            }
        }
    }
});

/// `f(**mapping)`: merges into the keyword dict, duplicates are errors that name the function.
pub fn merge_keywords(vm: &mut Vm, dict: &Value, v: &Value, func: &Value) -> Flow {
    let keys = vm.names.keys.clone();
    if !v.has::<Dict>() && vm.type_of(v).lookup(vm, &keys).is_none() {
        let f = crate::steps::function_text(vm, func);
        let t = vm.type_name(v);
        return Err(vm.type_error(format!("{f} argument after ** must be a mapping, not {t}")));
    }
    let fresh = vm.dict().into_value();
    vm.start(&MERGE, [dict.clone(), v.clone(), func.clone(), fresh])
}

/// Registers: keyword dict, mapping, function, copy of the mapping.
pub(crate) static MERGE: Machine = Machine::new("dict.merge_keywords", |vm, regs, input| {
    let (dict, mapping, func, fresh) = (regs.get(0), regs.get(1), regs.get(2), regs.get(3));
    match regs.stage() {
        0 => {
            let _ = soft!(regs, 1, update_from_mapping(vm, &fresh, &mapping));
        }
        _ => {
            input.value()?;
        }
    }
    let items = fresh.get::<Dict>().map_or(Vec::new(), |d| d.items_vec(vm));
    for (k, v) in items {
        if !vm.is_str(&k) {
            // The call will refuse it; a second one of the same is refused here.
            let known = dict.get::<Dict>().map_or(vec![], |d| d.items_vec(vm));
            let same = |o: &Value| o.is(&k) || ops::compare::eq_fast(vm, o, &k) == Some(true);
            if known.iter().any(|(o, _)| same(o)) {
                let f = crate::steps::function_text(vm, &func);
                let k = ops::text::repr_fast(vm, &k)
                    .and_then(Result::ok)
                    .map_or(String::new(), |r| r.display_str(vm));
                return Err(
                    vm.type_error(format!("{f} got multiple values for keyword argument '{k}'"))
                );
            }
            if ops::hash::hash_fast(vm, &k).is_none() {
                return Err(vm.type_error("keywords must be strings"));
            }
            ops::dict::set_native(vm, &dict, &k, v)?;
            continue;
        }
        if let Some(d) = dict.get::<Dict>() {
            if d.get_str(vm, &k).is_some() {
                let f = crate::steps::function_text(vm, &func);
                let k = k.display_str(vm);
                return Err(
                    vm.type_error(format!("{f} got multiple values for keyword argument '{k}'"))
                );
            }
            d.set_str(vm, &k, v);
        }
    }
    Ok(dict.into())
});

/// Calls with a dict of keywords.
pub fn call_with_dict(vm: &mut Vm, f: &Value, positional: &[Value], keywords: &Value) -> Flow {
    let mut values = positional.to_vec();
    let mut names = Vec::new();
    for (k, v) in keywords.get::<Dict>().map_or(Vec::new(), |d| d.items_vec(vm)) {
        names.push(k);
        values.push(v);
    }
    if names.is_empty() {
        return ops::call::call(vm, f, Args::new(&values));
    }
    let names = vm.tuple(names);
    ops::call::call(vm, f, Args { values: &values, names: Some(&names) })
}

//! `_collections_native` and `_functools_native`: the types that live in the runtime, and the steps of
//! `OrderedDict` and `Counter`. `lib/overlay/_collections.py` and `_functools.py` are the modules.
//! CPython's counterparts: `Modules/_collectionsmodule.c`, `Objects/odictobject.c`.

use stackless_runtime::native::{Def, def};
use stackless_runtime::object::ValueCell;
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::objects::iterators::DictView;
use stackless_runtime::objects::str::Str;
use stackless_runtime::objects::types::Type;
use stackless_runtime::ops::dict::{DictOp, place, run_plain};
use stackless_runtime::{PyResult, Ref, Value, Vm};

use crate::Native;

pub const MODULE: Native = Native { name: "_collections_native", defs: DEFS, fill };
pub const FUNCTOOLS: Native = Native { name: "_functools_native", defs: &[], fill: fill_functools };

fn put(vm: &mut Vm, d: &Ref<Dict>, types: &[Ref<Type>]) {
    for ty in types {
        let (name, ty) = (ty.name.get(), ty.to_value());
        d.set_str(vm, &name, ty);
    }
}

fn fill(vm: &mut Vm, d: &Ref<Dict>) -> PyResult<()> {
    let t = &vm.types;
    let types = [
        t.deque.clone(),
        t.deque_iterator.clone(),
        t.deque_reverse_iterator.clone(),
        t.tuple_getter.clone(),
    ];
    put(vm, d, &types);
    Ok(())
}

fn fill_functools(vm: &mut Vm, d: &Ref<Dict>) -> PyResult<()> {
    let types = [vm.types.partial.clone(), vm.types.lru_cache.clone()];
    put(vm, d, &types);
    Ok(())
}

/// One more of `item`; false where Python code must look.
fn count(vm: &mut Vm, mapping: &Value, item: &Value) -> bool {
    let Some((_, at)) = place(vm, mapping, item) else { return false };
    let old = match (at, mapping.get::<Dict>()) {
        (Some(i), Some(d)) => match d.table(vm).entries[i].value.as_small_int() {
            Some(n) => n,
            None => return false,
        },
        _ => 0,
    };
    let new = vm.int(old + 1);
    run_plain(vm, DictOp::Set, mapping, item, new)
}

const DEFS: &[Def] = &[
    // True: moved. False: the key is missing. None: looking it up takes Python code.
    def!("_move_to_end", "(dict, key, last, /)", |vm, dict, key, last| {
        let Some(d) = dict.get::<Dict>() else { return Err(vm.type_error("dict expected")) };
        Ok(match place(vm, dict, key) {
            None => Value::NONE,
            Some((_, None)) => Value::FALSE,
            Some((_, Some(i))) => {
                match last.is_true() {
                    true => d.table_mut(vm).move_to_end(i),
                    false => d.table_mut(vm).move_to_start(i),
                }
                Value::TRUE
            }
        }
        .into())
    }),
    def!("_odict_view", "(dict, part: ssize, /)", |vm, dict, part| {
        let t = &vm.types;
        let ty = [&t.odict_keys, &t.odict_values, &t.odict_items][part.clamp(0, 2) as usize];
        let view = DictView { dict: ValueCell::new(dict.clone()) };
        Ok(vm.new_object(ty, view).into())
    }),
    // Counts the items of a list, tuple or str up to the first one that takes Python code, and tells
    // how many these are. The mapping must not define how items are read and written.
    def!("_count_plain", "(mapping, items, /)", |vm, mapping, items| {
        let plain = mapping.has::<Dict>() && vm.stores_as_dict(mapping);
        let mut done = 0;
        if let (Some(s), true) = (items.get::<Str>(), plain) {
            let points: Vec<u32> = stackless_primitives::wtf8::chars(s.bytes()).collect();
            for c in points {
                let item = vm.str_from_char(c);
                if !count(vm, mapping, &item) {
                    break;
                }
                done += 1;
            }
        } else if plain {
            let found = stackless_runtime::methods::fold::plain_items(vm, items);
            for item in found.map(<[Value]>::to_vec).unwrap_or_default() {
                if !count(vm, mapping, &item) {
                    break;
                }
                done += 1;
            }
        }
        Ok(Value::from_usize(done).into())
    }),
];

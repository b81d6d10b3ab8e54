//! `dict` and its views: slots and methods. CPython's counterpart: `Objects/dictobject.c`.

use crate::boot::TypeBuilder;
use crate::exc::{Flow, PyResult, Reply};
use crate::machine::{Input, Machine};
use crate::native::{Def, classdef, def};
use crate::object::ValueCell;
use crate::objects::dict::Dict;
use crate::objects::dict_methods::update_from_mapping;
use crate::objects::iterators::{self, DictPart, DictView};
use crate::objects::list::List;
use crate::objects::types::{CmpOp, Type};
use crate::ops;
use crate::ops::dict::DictOp;
use crate::ops::text::Shape;
use crate::soft;
use crate::value::{Ref, Value};
use crate::vm::Vm;

fn dict(vm: &mut Vm, v: &Value) -> PyResult<Ref<Dict>> {
    match v.clone().cast::<Dict>() {
        Ok(d) => Ok(d),
        Err(_) => Err(vm.type_error("dict expected")),
    }
}

pub fn define_dict(b: &mut TypeBuilder<'_>) {
    b.slots.repr = Some(|vm, v| ops::text::repr_container(vm, v, Shape::Dict));
    b.slots.getitem = Some(ops::dict::subscript);
    b.slots.setitem = Some(ops::dict::store);
    b.slots.contains = Some(|vm, d, k| ops::dict::run(vm, DictOp::Contains, d, k, Value::NONE));
    b.slots.iter = Some(|vm, v| Ok(iterators::dict_iter(vm, v, DictPart::Keys, false).into()));
    b.slots.len = Some(|vm, v| {
        let n = dict(vm, v)?.len(vm);
        Ok(Value::from_usize(n).into())
    });
    b.slots.compare = Some(|vm, op, a, b| {
        if !a.has::<Dict>() || !b.has::<Dict>() || !matches!(op, CmpOp::Eq | CmpOp::Ne) {
            return Ok(Value::NOT_IMPLEMENTED.into());
        }
        let (x, y) = (dict(vm, a)?, dict(vm, b)?);
        if x.len(vm) != y.len(vm) {
            return Ok((op == CmpOp::Ne).into());
        }
        let flat = x.items_vec(vm).into_iter().flat_map(|(k, v)| [k, v]).collect();
        let items = vm.list(flat);
        vm.start(&EQUAL, [items, b.clone(), Value::from_i32(0), Value::bool(op == CmpOp::Eq)])
    });
    b.slots.binary[crate::objects::types::BinOp::Or as usize] = Some(|vm, a, b| {
        if !a.has::<Dict>() || !b.has::<Dict>() {
            return Ok(Value::NOT_IMPLEMENTED.into());
        }
        let d = dict(vm, a)?;
        let copy = vm.dict_copy(&d).into_value();
        update_from_mapping(vm, &copy, b)
    });
    b.slots.inplace[crate::objects::types::BinOp::Or as usize] =
        Some(|vm, a, b| vm.start(&UPDATE, [a.clone(), b.clone(), Value::UNBOUND, Value::TRUE]));
    b.methods(DICT);
    b.value("__hash__", Value::NONE);
}

/// Registers: flat items of one dict, the other, next index, answer when equal.
pub(crate) static EQUAL: Machine = Machine::new("dict.equal", |vm, regs, input| {
    let (items, other) = (regs.get(0), regs.get(1));
    let yes = regs.get(3).is_true();
    let mut input = Some(input);
    loop {
        let i = regs.int(2) as usize;
        let Some(l) = items.get::<List>() else { return Ok(Reply::NONE) };
        let (Some(k), Some(v)) = (l.get_item(vm, i), l.get_item(vm, i + 1)) else {
            return Ok(yes.into());
        };
        if regs.stage() == 0 {
            let found = soft!(regs, 1, ops::dict::get(vm, &other, &k));
            input = Some(Input::Value(found));
            regs.set_stage(1);
        }
        if regs.stage() == 1 {
            let found = input.take().map_or(Ok(Value::UNBOUND), Input::value)?;
            if found.is_unbound() {
                return Ok((!yes).into());
            }
            let same = soft!(regs, 2, ops::compare::item_eq(vm, &v, &found));
            input = Some(Input::Value(same));
            regs.set_stage(2);
        }
        if !input.take().map_or(Ok(Value::FALSE), Input::value)?.is_true() {
            return Ok((!yes).into());
        }
        regs.set_int(2, i as i64 + 2);
        regs.set_stage(0);
    }
});

/// Registers: dict, other or unbound, keywords or unbound, give the dict (else None).
pub(crate) static UPDATE: Machine = Machine::new("dict.update", |vm, regs, input| {
    let d = regs.get(0);
    let mut input = input;
    if regs.stage() == 0 {
        let other = regs.get(1);
        if other.is_unbound() {
            regs.set_stage(2);
            input = Input::Start;
        } else {
            let keys = vm.names.keys.clone();
            if other.has::<Dict>() {
                let _ = soft!(regs, 2, update_from_mapping(vm, &d, &other));
                input = Input::Start;
            } else {
                let f = soft!(regs, 1, ops::attr::lookup(vm, &other, &keys));
                input = Input::Value(f);
            }
        }
    }
    if regs.stage() == 1 {
        let f = input.value()?;
        let other = regs.get(1);
        let flow = if f.is_unbound() {
            crate::steps::call_intrinsic(vm, "dict_update_pairs", &[d.clone(), other])
        } else {
            update_from_mapping(vm, &d, &other)
        };
        let _ = soft!(regs, 2, flow);
        input = Input::Start;
    }
    if regs.stage() == 2 {
        input.value()?;
        let kw = regs.get(2);
        regs.set_stage(3);
        if !kw.is_unbound() {
            let _ = soft!(regs, 3, update_from_mapping(vm, &d, &kw));
        }
    } else {
        input.value()?;
    }
    Ok(if regs.get(3).is_true() { d.into() } else { Reply::NONE })
});

/// Stores keyword arguments where no key of the dict must be asked; false if one must: the machine
/// stores them all (again).
fn update_named(vm: &mut Vm, d: &Value, named: &Value) -> bool {
    let (Some(to), Some(named)) = (d.get::<Dict>(), named.get::<Dict>()) else { return false };
    for (key, value) in named.items_vec(vm) {
        if !vm.is_exactly(&key, &vm.types.str) || ops::dict::get_fast(vm, d, &key).is_none() {
            return false;
        }
        to.set_str(vm, &key, value);
    }
    true
}

fn view(vm: &mut Vm, d: &Value, part: DictPart) -> Flow {
    let t = match part {
        DictPart::Keys => &vm.types.dict_keys,
        DictPart::Values => &vm.types.dict_values,
        DictPart::Items => &vm.types.dict_items,
    };
    Ok(vm.alloc(t, DictView { dict: ValueCell::new(d.clone()) }).into())
}

fn or_none(v: &Value) -> Value {
    v.given().cloned().unwrap_or(Value::NONE)
}

/// Registers: dict, key, default (unbound: KeyError). `get` and `pop`.
pub(crate) static WITH_DEFAULT: Machine = Machine::new("dict.with_default", |vm, regs, input| {
    let v = match regs.stage() {
        0 => {
            let (d, k) = (regs.get(0), regs.get(1));
            let op = if regs.get(3).is_true() { DictOp::Pop } else { DictOp::Get };
            soft!(regs, 1, ops::dict::run(vm, op, &d, &k, Value::NONE))
        }
        _ => input.value()?,
    };
    if !v.is_unbound() {
        return Ok(v.into());
    }
    let default = regs.get(2);
    if default.is_unbound() {
        let k = regs.get(1);
        return Err(vm.key_error(&k));
    }
    Ok(default.into())
});

/// The table of a plain dict or set, whose hashes need not be asked for again.
fn keys_of<'a>(vm: &'a Vm, v: &'a Value) -> Option<&'a crate::objects::dict::Table> {
    let t = &vm.types;
    if vm.is_exactly(v, &t.dict) {
        return v.get::<Dict>().map(|d| d.table(vm));
    }
    let set = vm.is_exactly(v, &t.set) || vm.is_exactly(v, &t.frozenset);
    v.get::<crate::objects::set::Set>().filter(|_| set).map(|s| s.table(vm))
}

const DICT: &[Def] = &[
    def!("__new__", "(cls, /, *args, **kwargs)", |vm, cls, _, _| match cls.get::<Type>() {
        Some(t) => Ok(vm.new_object(t, Dict::default()).into()),
        None => Err(vm.type_error("dict.__new__(X): X is not a type object")),
    }),
    def!("__init__", "(self, iterable=(), /, **kwargs)", |vm, a| {
        if a[1].is_unbound()
            && vm.is_exactly(&a[0], &vm.types.dict)
            && let (Some(d), Some(named)) = (a[0].get::<Dict>(), a[2].get::<Dict>())
            && d.is_empty(vm)
        {
            // The keyword arguments are this call's own.
            let table = std::mem::take(named.table_mut(vm));
            *d.table_mut(vm) = table;
            return Ok(Reply::NONE);
        }
        vm.start(&UPDATE, [a[0].clone(), a[1].clone(), a[2].clone(), Value::FALSE])
    }),
    def!("__contains__", "(self, key, /)", |vm, this, key| {
        ops::dict::run(vm, DictOp::Contains, this, key, Value::NONE)
    }),
    def!("__getitem__", "(self, key, /)", |vm, this, key| ops::dict::subscript(vm, this, key)),
    def!("__reversed__", "(self, /)", |vm, this| {
        Ok(iterators::dict_iter(vm, this, DictPart::Keys, true).into())
    }),
    def!("__sizeof__", "(self, /)", |vm, this| {
        let n = dict(vm, this)?.len(vm);
        Ok(Value::from_usize(64 + 32 * n).into())
    }),
    def!("get", "(self, key, default=None, /)", |vm, a| {
        if let Some(v) = ops::dict::get_fast(vm, &a[0], &a[1]) {
            return Ok(v.unwrap_or_else(|| or_none(&a[2])).into());
        }
        vm.start(&WITH_DEFAULT, [a[0].clone(), a[1].clone(), or_none(&a[2]), Value::FALSE])
    }),
    def!("setdefault", "(self, key, default=None, /)", |vm, a| {
        ops::dict::run(vm, DictOp::SetDefault, &a[0], &a[1], or_none(&a[2]))
    }),
    def!("pop", "(self, key, default=<unrepresentable>, /)", |vm, a| {
        // An empty dict does not hash the key.
        if dict(vm, &a[0])?.is_empty(vm) {
            return match a[2].given() {
                Some(v) => Ok(v.clone().into()),
                None => Err(vm.key_error(&a[1])),
            };
        }
        vm.start(&WITH_DEFAULT, [a[0].clone(), a[1].clone(), a[2].clone(), Value::TRUE])
    }),
    def!("popitem", "(self, /)", |vm, this| {
        let d = dict(vm, this)?;
        match d.table_mut(vm).pop() {
            Some((k, v)) => Ok(vm.tuple(vec![k, v]).into()),
            None => {
                let text = vm.str("popitem(): dictionary is empty");
                Err(vm.key_error(&text))
            }
        }
    }),
    def!("keys", "(self, /)", |vm, this| view(vm, this, DictPart::Keys)),
    def!("items", "(self, /)", |vm, this| view(vm, this, DictPart::Items)),
    def!("values", "(self, /)", |vm, this| view(vm, this, DictPart::Values)),
    def!("update", "(self, iterable=(), /, **kwargs)", |vm, a| {
        if a[1].is_unbound() && update_named(vm, &a[0], &a[2]) {
            return Ok(Reply::NONE);
        }
        vm.start(&UPDATE, [a[0].clone(), a[1].clone(), a[2].clone(), Value::FALSE])
    }),
    classdef!("fromkeys", "(cls, iterable, value=None, /)", |vm, a| {
        let v = or_none(&a[2]);
        if a[0].is(vm.types.dict.value())
            && let Some(table) = keys_of(vm, &a[1])
        {
            let mut table = table.clone_table();
            table.entries.iter_mut().for_each(|e| e.value = v.clone());
            return Ok(vm.dict_from_table(table).into());
        }
        crate::steps::call_intrinsic(vm, "dict_fromkeys", &[a[0].clone(), a[1].clone(), v])
    }),
    def!("clear", "(self, /)", |vm, this| {
        let d = dict(vm, this)?;
        let old = std::mem::take(d.table_mut(vm));
        drop(old);
        Ok(Reply::NONE)
    }),
    def!("copy", "(self, /)", |vm, this| {
        let d = dict(vm, this)?;
        Ok(vm.dict_copy(&d).into())
    }),
    classdef!("__class_getitem__", "(cls, item, /)", |vm, cls, item| {
        iterators::generic_alias(vm, cls, item)
    }),
];

fn view_dict(v: &Value) -> Value {
    v.get::<DictView>().map_or(Value::NONE, |w| w.dict.get())
}

fn part_of(vm: &Vm, v: &Value) -> DictPart {
    if vm.is_exactly(v, &vm.types.dict_keys) || vm.is_exactly(v, &vm.types.odict_keys) {
        DictPart::Keys
    } else if vm.is_exactly(v, &vm.types.dict_values) || vm.is_exactly(v, &vm.types.odict_values) {
        DictPart::Values
    } else {
        DictPart::Items
    }
}

pub fn define_view(b: &mut TypeBuilder<'_>) {
    let name = b.ty.name_str(b.vm);
    b.slots.iter = Some(|vm, v| {
        let part = part_of(vm, v);
        Ok(iterators::dict_iter(vm, &view_dict(v), part, false).into())
    });
    b.slots.len = Some(|vm, v| {
        let n = ops::len_fast(vm, &view_dict(v)).unwrap_or(0);
        Ok(Value::from_usize(n).into())
    });
    b.slots.repr = Some(|vm, v| {
        let name = vm.intern(&vm.type_name(v));
        crate::steps::call_intrinsic(vm, "view_repr", &[v.clone(), name])
    });
    b.methods(VIEW);
    b.getsets(&VIEW_ATTRS);
    if name.ends_with("dict_values") {
        return;
    }
    b.slots.contains = Some(|vm, v, item| match part_of(vm, v) {
        DictPart::Keys => ops::dict::run(vm, DictOp::Contains, &view_dict(v), item, Value::NONE),
        _ => crate::steps::call_intrinsic(vm, "items_contains", &[view_dict(v), item.clone()]),
    });
    b.slots.compare = Some(|vm, op, a, b| {
        let op = Value::from_i32(op as i32);
        crate::steps::call_intrinsic(vm, "view_compare", &[a.clone(), b.clone(), op])
    });
    use crate::objects::types::BinOp;
    for (op, f) in [
        (BinOp::And, "view_and"),
        (BinOp::Or, "view_or"),
        (BinOp::Sub, "view_sub"),
        (BinOp::Xor, "view_xor"),
    ] {
        b.slots.binary[op as usize] = Some(match f {
            "view_and" => |vm, a, b| view_op(vm, "view_and", a, b),
            "view_or" => |vm, a, b| view_op(vm, "view_or", a, b),
            "view_sub" => |vm, a, b| view_op(vm, "view_sub", a, b),
            _ => |vm, a, b| view_op(vm, "view_xor", a, b),
        });
    }
    b.methods(SET_VIEW);
}

fn view_op(vm: &mut Vm, name: &'static str, a: &Value, b: &Value) -> Flow {
    crate::steps::call_intrinsic(vm, name, &[a.clone(), b.clone()])
}

const VIEW: &[Def] = &[def!("__reversed__", "(self, /)", |vm, this| {
    let part = part_of(vm, this);
    Ok(iterators::dict_iter(vm, &view_dict(this), part, true).into())
})];
const SET_VIEW: &[Def] = &[def!("isdisjoint", "(self, other, /)", |vm, a| {
    crate::steps::call_intrinsic(vm, "view_isdisjoint", a)
})];
static VIEW_ATTRS: [crate::descr::GetSet; 1] = [crate::descr::getter("mapping", |vm, v| {
    let m = iterators::MappingProxy { mapping: ValueCell::new(view_dict(v)) };
    Ok(vm.alloc(&vm.types.mapping_proxy, m).into())
})];

//! Making classes: the native core of `type.__new__`, C3, `super`, and class attributes.
//! CPython's counterpart: `Objects/typeobject.c`.

use std::cell::Cell;

use crate::exc::{Flow, PyResult, Reply};
use crate::instance::PLAIN_OFFSET;
use crate::layout;
use crate::object::{Obj, ValueCell, VmCell};
use crate::objects::dict::Dict;
use crate::objects::function::Super;
use crate::objects::types::{EXT_AT_END, Instance, Slots, Type, UNVERSIONED, tflags};
use crate::value::{Ref, Value};
use crate::vm::Vm;

/// `__module__` of a class as text.
pub fn module_of(vm: &Vm, ty: &Obj<Type>) -> Option<String> {
    if !ty.is_heap_type() {
        return Some(ty.module.to_string());
    }
    let m = ty.dict.get_str(vm, &vm.names.module)?;
    m.as_str(vm).map(str::to_string)
}

/// `repr(cls)`.
pub fn type_repr_text(vm: &Vm, class: &Value) -> String {
    match class.get::<Type>() {
        Some(t) => {
            let q = t.qualname.get().display_str(vm);
            match module_of(vm, t) {
                Some(m) if m != "builtins" => format!("<class '{m}.{q}'>"),
                _ => format!("<class '{q}'>"),
            }
        }
        None => String::new(),
    }
}

pub fn new_super(vm: &Vm, class: &Obj<Type>, object: &Value, object_type: &Value) -> Value {
    vm.alloc(
        &vm.types.super_,
        Super {
            class: ValueCell::new(class.to_value()),
            object: ValueCell::new(object.clone()),
            object_type: ValueCell::new(object_type.clone()),
        },
    )
    .into_value()
}

/// C3 linearisation of `class` over the MROs of its bases.
pub fn c3(vm: &mut Vm, class: &Value, bases: &[Value]) -> PyResult<Vec<Value>> {
    let mut lists: Vec<Vec<Value>> = Vec::new();
    for b in bases {
        if let Some(t) = b.get::<Type>() {
            lists.push(t.mro_items(vm).to_vec());
        }
    }
    lists.push(bases.to_vec());
    for (i, b) in bases.iter().enumerate() {
        if bases[..i].iter().any(|x| x.is(b)) {
            let n = b.get::<Type>().map_or(String::new(), |t| t.name_str(vm));
            return Err(vm.type_error(format!("duplicate base class {n}")));
        }
    }
    let mut out = vec![class.clone()];
    let mut at = vec![0usize; lists.len()];
    loop {
        let mut next: Option<Value> = None;
        let mut done = true;
        for (k, list) in lists.iter().enumerate() {
            let Some(head) = list.get(at[k]) else { continue };
            done = false;
            let blocked =
                lists.iter().enumerate().any(|(j, l)| l.iter().skip(at[j] + 1).any(|c| c.is(head)));
            if !blocked {
                next = Some(head.clone());
                break;
            }
        }
        match next {
            Some(c) => {
                for (k, list) in lists.iter().enumerate() {
                    if list.get(at[k]).is_some_and(|h| h.is(&c)) {
                        at[k] += 1;
                    }
                }
                out.push(c);
            }
            None if done => return Ok(out),
            None => {
                let mut names: Vec<String> = Vec::new();
                for (k, list) in lists.iter().enumerate() {
                    if let Some(t) = list.get(at[k]).and_then(|h| h.get::<Type>()) {
                        let n = t.name_str(vm);
                        if !names.contains(&n) {
                            names.push(n);
                        }
                    }
                }
                let names = names.join(", ");
                return Err(vm.type_error(format!(
                    "Cannot create a consistent method resolution order (MRO) for bases {names}"
                )));
            }
        }
    }
}

/// The most derived metaclass of `meta` and the bases' types.
pub fn calculate_metaclass(vm: &mut Vm, meta: &Value, bases: &[Value]) -> PyResult {
    let mut winner = meta.clone();
    for b in bases {
        let t = vm.type_of(b).to_value();
        let (Some(w), Some(c)) = (winner.get::<Type>(), t.get::<Type>()) else { continue };
        if w.is_subtype(c, vm) {
            continue;
        }
        if c.is_subtype(w, vm) {
            winner = t.clone();
            continue;
        }
        return Err(vm.type_error(
            "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the metaclasses of all its bases",
        ));
    }
    Ok(winner)
}

/// The base that decides the layout, with CPython's conflict error.
pub(crate) fn best_base(vm: &mut Vm, bases: &[Value]) -> PyResult<Ref<Type>> {
    let mut winner: Option<Ref<Type>> = None;
    let solid = |t: &Obj<Type>| (t.layout.get(), t.fixed_slots.get());
    for b in bases {
        let Ok(t) = b.clone().cast::<Type>() else {
            return Err(vm.type_error("bases must be types"));
        };
        if !t.has_flag(tflags::BASETYPE) {
            let mut n = t.name_str(vm);
            if !matches!(t.module, "builtins" | "") {
                n = format!("{}.{n}", t.module);
            }
            return Err(vm.type_error(format!("type '{n}' is not an acceptable base type")));
        }
        winner = Some(match winner {
            None => t,
            Some(w) => {
                let ((wl, ws), (tl, ts)) = (solid(&w), solid(&t));
                if tl == wl && ts == ws || w.is_subtype(&t, vm) {
                    w
                } else if t.is_subtype(&w, vm) {
                    t
                } else if tl == layout::INSTANCE && ts == 0 {
                    w
                } else if wl == layout::INSTANCE && ws == 0 {
                    t
                } else if tl == wl && (ts == 0 || shares_slots(vm, &w, &t)) {
                    w
                } else if tl == wl && (ws == 0 || shares_slots(vm, &t, &w)) {
                    t
                } else {
                    return Err(vm.type_error("multiple bases have instance lay-out conflict"));
                }
            }
        });
    }
    match winner {
        Some(w) => Ok(w),
        None => Ok(vm.types.object.clone()),
    }
}

/// Do the fixed slots of `narrow` come from a class that `wide` derives from?
fn shares_slots(vm: &Vm, wide: &Obj<Type>, narrow: &Obj<Type>) -> bool {
    narrow
        .mro_items(vm)
        .iter()
        .filter_map(|c| c.get::<Type>())
        .any(|c| c.fixed_slots.get() == narrow.fixed_slots.get() && wide.is_subtype(c, vm))
}

fn mangle(class: &str, name: &str) -> String {
    let stripped = class.trim_start_matches('_');
    if !name.starts_with("__") || name.ends_with("__") || name.contains('.') || stripped.is_empty()
    {
        return name.to_string();
    }
    format!("_{stripped}{name}")
}

/// `type.__new__` without its callbacks: makes the class object. `slots`: names of `__slots__` as a
/// tuple of str, or None if the class has no `__slots__`.
pub fn new_class(
    vm: &mut Vm,
    meta: &Value,
    name: &Value,
    bases: &Value,
    ns: &Value,
    slots: &Value,
) -> Flow {
    let (Some(meta_t), Some(ns_dict)) = (meta.get::<Type>(), ns.get::<Dict>()) else {
        return Err(vm.type_error("type.__new__() argument 3 must be dict"));
    };
    let object_type = vm.types.object.to_value();
    let base_list: Vec<Value> = if bases.tuple_items().is_empty() {
        vec![object_type]
    } else {
        bases.tuple_items().to_vec()
    };
    let bases_value = vm.tuple_from(&base_list);
    let base = best_base(vm, &base_list)?;
    let class_name = name.display_str(vm);
    if class_name.contains('\0') {
        return Err(vm.value_error("type name must not contain null characters"));
    }
    crate::methods::type_attrs::check_encodable(vm, name)?;
    let dict = vm.dict_copy(ns_dict);
    let qualname_key = vm.names.qualname.clone();
    let qualname = match dict.get_str(vm, &qualname_key) {
        Some(q) if vm.is_str(&q) => {
            dict.del_str(vm, &qualname_key);
            q
        }
        Some(q) => {
            let t = vm.type_name(&q);
            return Err(vm.type_error(format!("type __qualname__ must be a str, not {t}")));
        }
        None => name.clone(),
    };
    // Slots.
    let any_dict = base_list.iter().filter_map(|b| b.get::<Type>()).any(|b| b.has_dict.get());
    let any_weak = base_list.iter().filter_map(|b| b.get::<Type>()).any(|b| b.has_weakref.get());
    let mut has_dict = any_dict;
    let mut has_weak = any_weak;
    let mut members: Vec<(Value, Value)> = Vec::new();
    let tail_base = base.ext_offset.get() == EXT_AT_END
        || matches!(base.layout.get(), layout::TUPLE | layout::STR | layout::BYTES);
    if matches!(base.layout.get(), layout::TYPE | layout::MODULE) {
        // Attributes of classes and modules live in a dict of their own.
        has_dict = base.has_dict.get();
        has_weak = base.has_weakref.get();
    } else if slots.is_none() {
        has_dict = true;
        has_weak = true;
    }
    if !slots.is_none() {
        for s in slots.tuple_items() {
            let Some(text) = s.as_str(vm).map(str::to_string) else {
                let t = vm.type_name(s);
                return Err(vm.type_error(format!("__slots__ items must be strings, not '{t}'")));
            };
            let ident = stackless_primitives::wtf8::is_identifier(text.as_bytes());
            if !ident {
                return Err(vm.type_error("__slots__ must be identifiers"));
            }
            match text.as_str() {
                "__dict__" => {
                    if any_dict || has_dict {
                        return Err(vm.type_error("__dict__ slot disallowed: we already got one"));
                    }
                    has_dict = true;
                    continue;
                }
                "__weakref__" => {
                    if any_weak || has_weak {
                        return Err(
                            vm.type_error("__weakref__ slot disallowed: we already got one")
                        );
                    }
                    has_weak = true;
                    continue;
                }
                _ => {}
            }
            let mangled = vm.intern(&mangle(&class_name, &text));
            if dict.get_str(vm, &mangled).is_some()
                && text != "__qualname__"
                && text != "__classcell__"
                && text != "__classdictcell__"
            {
                return Err(
                    vm.value_error(format!("'{text}' in __slots__ conflicts with class variable"))
                );
            }
            members.push((mangled, s.clone()));
        }
        // CPython's str has a fixed size, whatever it holds.
        let layout = base.layout.get();
        let sized = layout == layout::INT || tail_base && layout != layout::STR;
        if !members.is_empty() && sized {
            let n = base.name_str(vm);
            return Err(
                vm.type_error(format!("nonempty __slots__ not supported for subtype of '{n}'"))
            );
        }
        members.sort_by(|a, b| a.0.as_wtf8().cmp(&b.0.as_wtf8()));
        members.dedup_by(|a, b| a.0.is(&b.0));
    }
    let fixed = base.fixed_slots.get() + members.len() as u16;
    let needs_ext = has_dict || fixed > 0;
    let ext_offset = if !needs_ext {
        0
    } else if base.ext_offset.get() != 0 {
        base.ext_offset.get()
    } else if tail_base {
        EXT_AT_END
    } else if base.layout.get() == layout::INSTANCE {
        PLAIN_OFFSET
    } else {
        vm.layout_sizes.get(&base.layout.get()).copied().unwrap_or(PLAIN_OFFSET)
    };
    let flags = tflags::HEAP
        | tflags::BASETYPE
        | tflags::HAS_GC
        | base.flags.get()
            & (tflags::INT
                | tflags::LIST
                | tflags::TUPLE
                | tflags::BYTES
                | tflags::STR
                | tflags::DICT
                | tflags::EXCEPTION
                | tflags::OUTSIDE
                | tflags::OPAQUE
                | tflags::TYPE);
    // The first base that is one of them says whether patterns take it for a sequence or a mapping.
    let collection = base_list
        .iter()
        .filter_map(|b| Some(b.get::<Type>()?.flags.get() & (tflags::SEQUENCE | tflags::MAPPING)))
        .find(|flags| *flags != 0)
        .unwrap_or(0);
    let class = vm.new_object(
        meta_t,
        Type {
            name: ValueCell::new(name.clone()),
            qualname: ValueCell::new(qualname),
            module: "",
            bases: ValueCell::new(bases_value.clone()),
            base: ValueCell::new(base.to_value()),
            mro: ValueCell::new(Value::NONE),
            dict: dict.clone(),
            slots: VmCell::new(Slots::default()),
            python_slots: Cell::new(0),
            object_slots: Cell::new(0),
            flags: Cell::new(flags | collection),
            version: Cell::new(UNVERSIONED),
            subclasses: VmCell::new(Vec::new()),
            layout: base.layout.clone(),
            drop: base.drop.clone(),
            traverse: base.traverse.clone(),
            ext_offset: Cell::new(ext_offset),
            fixed_slots: Cell::new(fixed),
            has_dict: Cell::new(has_dict),
            has_weakref: Cell::new(has_weak),
            inline_hint: Cell::new(crate::instance::HINT_UNKNOWN),
            root_shape: Cell::new(0),
            plain_init: Cell::new((0, std::ptr::null())),
            doc: "",
        },
    );
    let class_value = class.to_value();
    // Entries that the compiler leaves for us.
    let cell_key = vm.names.classcell.clone();
    if let Some(cell) = dict.get_str(vm, &cell_key) {
        let Some(c) = cell.get::<crate::objects::function::Cell_>() else {
            let t = vm.type_name(&cell);
            return Err(vm.type_error(format!("__classcell__ must be a nonlocal cell, not {t}")));
        };
        c.contents.set(class_value.clone());
        dict.del_str(vm, &cell_key);
    }
    let dictcell_key = vm.names.classdictcell.clone();
    if let Some(cell) = dict.get_str(vm, &dictcell_key) {
        if let Some(c) = cell.get::<crate::objects::function::Cell_>() {
            c.contents.set(dict.to_value());
        }
        dict.del_str(vm, &dictcell_key);
    }
    for (i, (mangled, _)) in members.iter().enumerate() {
        let m = crate::descr::MemberDescr {
            name: ValueCell::new(mangled.clone()),
            owner: ValueCell::new(class_value.clone()),
            slot: base.fixed_slots.get() as usize + i,
        };
        let m = vm.alloc(&vm.types.member_descriptor, m).into_value();
        dict.set_str(vm, mangled, m);
    }
    let module_key = vm.names.module.clone();
    if dict.get_str(vm, &module_key).is_none()
        && let Some(m) = crate::stack_view::module_name(vm)
    {
        dict.set_str(vm, &module_key, m);
    }
    let doc_key = vm.names.doc.clone();
    if dict.get_str(vm, &doc_key).is_none() {
        dict.set_str(vm, &doc_key, Value::NONE);
    }
    // Implicit static and class methods.
    for (key, is_static) in
        [("__new__", true), ("__init_subclass__", false), ("__class_getitem__", false)]
    {
        if let Some(f) = dict.get_text(vm, key)
            && f.has::<crate::objects::function::Function>()
        {
            let wrapped = if is_static {
                let s = crate::objects::function::StaticMethod { callable: ValueCell::new(f) };
                vm.alloc(&vm.types.staticmethod, s).into_value()
            } else {
                let c = crate::objects::function::ClassMethod { callable: ValueCell::new(f) };
                vm.alloc(&vm.types.classmethod, c).into_value()
            };
            dict.set_text(vm, key, wrapped);
        }
    }
    // `__eq__` without `__hash__`.
    let (eq, hash) = (vm.names.eq.clone(), vm.names.hash.clone());
    if dict.get_str(vm, &eq).is_some() && dict.get_str(vm, &hash).is_none() {
        dict.set_str(vm, &hash, Value::NONE);
    }
    add_own_descriptors(
        vm,
        &class,
        has_dict && !base.has_dict.get(),
        has_weak && !base.has_weakref.get(),
    );
    let mro = c3(vm, &class_value, &base_list)?;
    let mro = vm.tuple(mro);
    class.mro.set(mro);
    for b in &base_list {
        if let Some(b) = b.get::<Type>() {
            register_subclass(vm, b, &class_value);
        }
    }
    crate::dunder::compute_slots(vm, &class);
    let abstract_key = vm.names.abstractmethods.clone();
    if let Some(a) = dict.get_str(vm, &abstract_key)
        && crate::ops::truth_fast(&a) != Some(false)
    {
        class.set_flag(tflags::ABSTRACT, true);
    }
    Ok(class_value.into())
}

pub fn register_subclass(vm: &mut Vm, base: &Obj<Type>, class: &Value) {
    let weak_type = vm.types.weakref.clone();
    let weak = vm.new_weakref(&weak_type, class, Value::NONE);
    let refs = base.subclasses.get_mut(vm);
    if refs.len() == refs.capacity() {
        // Those of dead classes go in time.
        refs.retain(|r| crate::weak::referent(r).is_some());
    }
    refs.push(weak);
}

/// `__dict__` and `__weakref__` of the instances of a class that introduces them.
fn add_own_descriptors(vm: &mut Vm, class: &Ref<Type>, own_dict: bool, own_weak: bool) {
    for (on, def) in [(own_dict, &INSTANCE_DICT), (own_weak, &INSTANCE_WEAKREF)] {
        if !on {
            continue;
        }
        let name = vm.intern(def.name);
        if class.dict.get_str(vm, &name).is_none() {
            let g = crate::descr::GetSetDescr { def, owner: ValueCell::new(class.to_value()) };
            let g = vm.alloc(&vm.types.getset_descriptor, g).into_value();
            class.dict.set_str(vm, &name, g);
        }
    }
}

pub static INSTANCE_DICT: crate::descr::GetSet =
    crate::descr::getset("__dict__", instance_dict_get, instance_dict_set);
pub static INSTANCE_WEAKREF: crate::descr::GetSet =
    crate::descr::getter("__weakref__", instance_weakref_get);

pub fn instance_dict_get(vm: &mut Vm, v: &Value) -> Flow {
    match vm.instance_dict(v) {
        Some(d) => Ok(d.into()),
        None => {
            let name = vm.names.dict.clone();
            Err(vm.no_attribute(v, &name))
        }
    }
}

pub fn instance_dict_set(vm: &mut Vm, v: &Value, value: &Value) -> Flow {
    if v.has::<Type>() {
        let t = vm.type_name(v);
        let name = vm.names.dict.clone();
        return Err(vm.attribute_error(
            format!("attribute '__dict__' of '{t}' objects is not writable"),
            v,
            &name,
        ));
    }
    if value.is_unbound() {
        let d = vm.dict().into_value();
        vm.set_instance_dict(v, d)?;
        return Ok(Reply::NONE);
    }
    if !value.has::<Dict>() {
        let t = vm.type_name(value);
        return Err(vm.type_error(format!("__dict__ must be set to a dictionary, not a '{t}'")));
    }
    vm.set_instance_dict(v, value.clone())?;
    Ok(Reply::NONE)
}

fn instance_weakref_get(vm: &mut Vm, v: &Value) -> Flow {
    Ok(vm.weakrefs_of(v).into_iter().next().unwrap_or(Value::NONE).into())
}

/// `object.__new__` for any class whose layout is a plain instance.
pub fn plain_instance(vm: &mut Vm, class: &Obj<Type>) -> PyResult {
    if class.layout.get() == layout::INSTANCE {
        return Ok(vm.new_object(class, Instance).into_value());
    }
    let n = class.name_str(vm);
    let base = class
        .mro_items(vm)
        .iter()
        .filter_map(|c| c.get::<Type>())
        .find(|c| !c.is_heap_type())
        .map_or(n.clone(), |c| c.name_str(vm));
    Err(vm.type_error(format!("object.__new__({n}) is not safe, use {base}.__new__()")))
}

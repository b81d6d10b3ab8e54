//! Small builtin types: `super`, cells, mapping proxies, generic aliases and unions, namespaces,
//! weak references, the singletons.

use crate::boot::TypeBuilder;
use crate::descr::{GetSet, getset, getter};
use crate::exc::{Flow, Reply};
use crate::native::{Args, Def, classdef, def};
use crate::object::ValueCell;
use crate::objects::dict::Dict;
use crate::objects::function::{Cell_, Super};
use crate::objects::iterators::{GenericAlias, MappingProxy, Union};
use crate::objects::types::{BinOp, CmpOp, Instance, Type};
use crate::objects::types_methods;
use crate::ops;
use crate::steps::{call_attr, call_intrinsic};
use crate::value::Value;
use crate::vm::Vm;
use crate::weak::WeakRef;

pub fn define_ellipsis(b: &mut TypeBuilder<'_>) {
    b.slots.repr = Some(|vm, _| Ok(vm.intern("Ellipsis").into()));
    b.methods(&SINGLETON);
}
pub fn define_not_implemented(b: &mut TypeBuilder<'_>) {
    b.slots.repr = Some(|vm, _| Ok(vm.intern("NotImplemented").into()));
    b.slots.bool =
        Some(|vm, _| Err(vm.type_error("NotImplemented should not be used in a boolean context")));
    b.methods(&SINGLETON);
}
static SINGLETON: [Def; 2] = [
    def!("__new__", "(cls, /)", |vm, cls| {
        let t = &vm.types;
        Ok(if cls.is(t.ellipsis.value()) { Value::ELLIPSIS } else { Value::NOT_IMPLEMENTED }.into())
    }),
    def!("__reduce__", "(self, /)", |vm, this| {
        Ok(vm.intern(if this.is_ellipsis() { "Ellipsis" } else { "NotImplemented" }).into())
    }),
];

// super

pub fn define_super(b: &mut TypeBuilder<'_>) {
    b.methods(SUPER);
    b.slots.getattr = Some(|vm, v, name| {
        let Some(s) = v.get::<Super>() else { return Ok(Reply::NONE) };
        let (class, obj, ty) = (s.class.get(), s.object.get(), s.object_type.get());
        if let Some(c) = class.get::<Type>()
            && !ty.is_none()
            && let Some(d) = crate::steps::super_find(vm, c, &ty, name)
        {
            let obj = if obj.is(&ty) { Value::UNBOUND } else { obj };
            return ops::attr::descr_get(vm, &d, &obj, &ty);
        }
        ops::attr::generic_getattr(vm, v, name)
    });
    b.slots.descr_get = Some(|vm, v, obj, _| {
        let Some(s) = v.get::<Super>() else { return Ok(Reply::NONE) };
        if obj.is_unbound() || !s.object.peek().is_none() {
            return Ok(v.clone().into());
        }
        let class = s.class.get();
        if !vm.is_exactly(v, &vm.types.super_) {
            let own = vm.type_of(v).to_value();
            return ops::call::call(vm, &own, Args::new(&[class, obj.clone()]));
        }
        let Some(c) = class.get::<Type>() else { return Ok(Reply::NONE) };
        let ty = crate::steps::super_object_type(vm, c, obj)?;
        Ok(types_methods::new_super(vm, c, obj, &ty).into())
    });
    b.slots.repr = Some(|vm, v| {
        let Some(s) = v.get::<Super>() else { return Ok(Reply::NONE) };
        let c = s.class.get().get::<Type>().map_or(String::new(), |t| t.name_str(vm));
        let o = s.object_type.get();
        let text = match o.get::<Type>() {
            Some(t) => format!("<super: <class '{c}'>, <{} object>>", t.name_str(vm)),
            None => format!("<super: <class '{c}'>, NULL>"),
        };
        Ok(vm.str(&text).into())
    });
    b.getsets(&SUPER_ATTRS);
}

const SUPER: &[Def] = &[
    def!("__new__", "(cls, /, *args)", |vm, cls, _| {
        let none = || ValueCell::new(Value::NONE);
        let s = Super { class: none(), object: none(), object_type: none() };
        match cls.get::<Type>() {
            Some(t) => Ok(vm.new_object(t, s).into()),
            None => Ok(Reply::NONE),
        }
    }),
    def!("__init__", "(self, type=None, object_or_type=None, /)", |vm, a| {
        let (class, obj) = match a[1].given() {
            Some(c) => (c.clone(), a[2].given().cloned().unwrap_or(Value::NONE)),
            None => crate::pyframe::super_arguments(vm)?,
        };
        let Some(c) = class.get::<Type>() else {
            let t = vm.type_name(&class);
            return Err(vm.type_error(format!("super() argument 1 must be a type, not {t}")));
        };
        if !obj.is_none() && crate::steps::super_type(vm, c, &obj).is_none() {
            return call_intrinsic(vm, "super_of_proxy", &[a[0].clone(), class.clone(), obj]);
        }
        fill_super(vm, &a[0], &class, &obj, None)
    }),
];

fn fill_super(vm: &mut Vm, v: &Value, class: &Value, obj: &Value, ty: Option<&Value>) -> Flow {
    let (Some(s), Some(c)) = (v.get::<Super>(), class.get::<Type>()) else {
        return Ok(Reply::NONE);
    };
    let ty = match ty {
        Some(t) => t.clone(),
        None if obj.is_none() => Value::NONE,
        None => crate::steps::super_object_type(vm, c, obj)?,
    };
    s.class.set(class.clone());
    s.object.set(obj.clone());
    s.object_type.set(ty);
    Ok(Reply::NONE)
}
static SUPER_ATTRS: [GetSet; 3] = [
    getter("__thisclass__", |_, v| {
        Ok(v.get::<Super>().map_or(Value::NONE, |s| s.class.get()).into())
    }),
    getter("__self__", |_, v| Ok(v.get::<Super>().map_or(Value::NONE, |s| s.object.get()).into())),
    getter("__self_class__", |_, v| {
        Ok(v.get::<Super>().map_or(Value::NONE, |s| s.object_type.get()).into())
    }),
];

// cell

pub fn define_cell(b: &mut TypeBuilder<'_>) {
    b.getsets(&CELL);
    b.methods(CELL_METHODS);
    b.slots.repr = Some(|vm, v| {
        let c = v.get::<Cell_>().map_or(Value::UNBOUND, |c| c.contents.get());
        let text = if c.is_unbound() {
            format!("<cell at {:#x}: empty>", v.bits())
        } else {
            let t = vm.type_name(&c);
            format!("<cell at {:#x}: {t} object at {:#x}>", v.bits(), c.bits())
        };
        Ok(vm.str(&text).into())
    });
    // By contents; an empty one comes first.
    b.slots.compare = Some(|vm, op, a, b| {
        let (Some(x), Some(y)) = (a.get::<Cell_>(), b.get::<Cell_>()) else {
            return Ok(Value::NOT_IMPLEMENTED.into());
        };
        let (x, y) = (x.contents.get(), y.contents.get());
        if !x.is_unbound() && !y.is_unbound() {
            return ops::compare::compare(vm, op, &x, &y);
        }
        Ok(op.matches((!x.is_unbound()).cmp(&!y.is_unbound())).into())
    });
}
static CELL: [GetSet; 1] = [getset(
    "cell_contents",
    |vm, v| match v.get::<Cell_>().and_then(|c| c.contents.given()) {
        Some(x) => Ok(x.into()),
        None => Err(vm.value_error("cell is empty")),
    },
    |_, v, x| {
        if let Some(c) = v.get::<Cell_>() {
            c.contents.set(x.clone());
        }
        Ok(Reply::NONE)
    },
)];
const CELL_METHODS: &[Def] = &[def!("__new__", "(cls, contents=<unrepresentable>, /)", |vm, a| {
    Ok(vm.cell(a[1].clone()).into())
})];

// mappingproxy

/// The mapping behind a proxy, and behind proxies of proxies.
fn mapping(v: &Value) -> Value {
    let mut found = inner(v);
    while found.has::<MappingProxy>() {
        found = inner(&found);
    }
    found
}

fn inner(v: &Value) -> Value {
    v.get::<MappingProxy>().map_or(Value::NONE, |m| m.mapping.get())
}

pub fn define_mapping_proxy(b: &mut TypeBuilder<'_>) {
    b.slots.getitem = Some(|vm, v, k| ops::item::getitem(vm, &mapping(v), k));
    b.slots.contains = Some(|vm, v, k| ops::item::contains(vm, &mapping(v), k));
    b.slots.len = Some(|vm, v| ops::len(vm, &mapping(v)));
    b.slots.iter = Some(|vm, v| ops::iter::iter(vm, &mapping(v)));
    b.slots.repr = Some(|vm, v| call_intrinsic(vm, "proxy_repr", &[inner(v)]));
    b.slots.str = Some(|vm, v| ops::text::str(vm, &mapping(v)));
    b.slots.hash = Some(|vm, v| ops::hash::hash(vm, &mapping(v)));
    b.slots.compare = Some(|vm, op, a, b| {
        let x = if a.has::<MappingProxy>() { mapping(a) } else { a.clone() };
        let y = if b.has::<MappingProxy>() { mapping(b) } else { b.clone() };
        ops::compare::compare(vm, op, &x, &y)
    });
    b.slots.binary[BinOp::Or as usize] = Some(|vm, a, b| {
        let x = if a.has::<MappingProxy>() { mapping(a) } else { a.clone() };
        let y = if b.has::<MappingProxy>() { mapping(b) } else { b.clone() };
        ops::binary::binary(vm, BinOp::Or, &x, &y)
    });
    b.methods(PROXY);
}
const PROXY: &[Def] = &[
    def!("__new__", "(cls, mapping)", |vm, _, mapping| {
        if vm.type_of(mapping).slots(vm).getitem.is_none()
            || mapping.has::<crate::objects::list::List>()
            || mapping.has::<crate::objects::tuple::Tuple>()
        {
            let t = vm.type_name(mapping);
            return Err(
                vm.type_error(format!("mappingproxy() argument must be a mapping, not {t}"))
            );
        }
        let m = MappingProxy { mapping: ValueCell::new(mapping.clone()) };
        Ok(vm.alloc(&vm.types.mapping_proxy, m).into())
    }),
    def!("get", "(self, key, default=None, /)", |vm, a| {
        let d = a[2].given().cloned().unwrap_or(Value::NONE);
        call_attr(vm, &mapping(&a[0]), "get", &[a[1].clone(), d])
    }),
    def!("keys", "(self, /)", |vm, this| call_attr(vm, &mapping(this), "keys", &[])),
    def!("values", "(self, /)", |vm, this| call_attr(vm, &mapping(this), "values", &[])),
    def!("items", "(self, /)", |vm, this| call_attr(vm, &mapping(this), "items", &[])),
    def!("copy", "(self, /)", |vm, this| call_attr(vm, &mapping(this), "copy", &[])),
    def!("__reversed__", "(self, /)", |vm, this| call_attr(
        vm,
        &mapping(this),
        "__reversed__",
        &[]
    )),
    classdef!("__class_getitem__", "(cls, item, /)", |vm, cls, item| {
        crate::objects::iterators::generic_alias(vm, cls, item)
    }),
];

// Generic aliases and unions.

fn alias(v: &Value) -> (Value, Value) {
    v.get::<GenericAlias>().map_or((Value::NONE, Value::NONE), |g| (g.origin.get(), g.args.get()))
}

pub fn define_generic_alias(b: &mut TypeBuilder<'_>) {
    b.slots.repr = Some(|vm, v| call_intrinsic(vm, "alias_repr", std::slice::from_ref(v)));
    b.slots.call = Some(|vm, v, args: Args<'_>| {
        let origin = alias(v).0;
        // Instances of most builtin classes take no attributes: nothing would remember the alias.
        if origin.get::<Type>().is_some_and(|t| !t.is_heap_type()) {
            return ops::call::call(vm, &origin, args);
        }
        let f = crate::intrinsics::get(vm, "alias_call")?;
        let mut values = vec![v.clone()];
        values.extend_from_slice(args.values);
        ops::call::call(vm, &f, Args { values: &values, names: args.names })
    });
    b.slots.getattr = Some(|vm, v, name| {
        const OWN: &[&str] = &[
            "__origin__",
            "__args__",
            "__bases__",
            "__parameters__",
            "__mro_entries__",
            "__reduce_ex__",
            "__reduce__",
            "__copy__",
            "__deepcopy__",
            "__unpacked__",
            "__typing_unpacked_tuple_args__",
            "__class__",
            "__instancecheck__",
            "__subclasscheck__",
            "__call__",
            "__getitem__",
            "__hash__",
            "__eq__",
            "__repr__",
            "__or__",
            "__ror__",
            "__iter__",
            "__dir__",
        ];
        let own = name.as_str(vm).is_some_and(|n| OWN.contains(&n));
        let dunder = name.as_str(vm).is_some_and(|n| n.starts_with("__") && n.ends_with("__"));
        if own
            || (dunder
                && vm.type_of(v).lookup(vm, name).is_some()
                && !matches!(
                    name.as_str(vm),
                    Some("__doc__" | "__module__" | "__name__" | "__qualname__" | "__init__")
                ))
        {
            return ops::attr::generic_getattr(vm, v, name);
        }
        let mut origin = alias(v).0;
        // An alias of an alias asks the innermost origin.
        while origin.has::<GenericAlias>() {
            origin = alias(&origin).0;
        }
        ops::attr::getattr(vm, &origin, name)
    });
    b.slots.compare = Some(|vm, op, a, b| {
        if !a.has::<GenericAlias>()
            || !b.has::<GenericAlias>()
            || !matches!(op, CmpOp::Eq | CmpOp::Ne)
        {
            return Ok(Value::NOT_IMPLEMENTED.into());
        }
        let starred =
            |v: &Value| v.get::<GenericAlias>().is_some_and(|g| g.starred.get().is_true());
        if starred(a) != starred(b) {
            return Ok((op == CmpOp::Ne).into());
        }
        let ((ao, aa), (bo, ba)) = (alias(a), alias(b));
        let (x, y) = (vm.tuple(vec![ao, aa]), vm.tuple(vec![bo, ba]));
        ops::compare::compare(vm, op, &x, &y)
    });
    b.slots.hash = Some(|vm, v| {
        let (o, a) = alias(v);
        let t = vm.tuple(vec![o, a]);
        ops::hash::hash(vm, &t)
    });
    b.slots.getitem = Some(|vm, v, k| call_intrinsic(vm, "alias_getitem", &[v.clone(), k.clone()]));
    b.slots.binary[BinOp::Or as usize] = Some(union_or);
    b.slots.iter = Some(|vm, v| {
        let (origin, args) = alias(v);
        let g = GenericAlias {
            origin: ValueCell::new(origin),
            args: ValueCell::new(args),
            parameters: ValueCell::new(Value::UNBOUND),
            starred: ValueCell::new(Value::TRUE),
        };
        let starred = vm.alloc(&vm.types.generic_alias, g).into_value();
        let t = vm.tuple(vec![starred]);
        ops::iter::iter(vm, &t)
    });
    b.methods(ALIAS);
    b.getsets(&ALIAS_ATTRS);
}
const ALIAS: &[Def] = &[
    def!("__new__", "(cls, origin, args, /)", |vm, a| {
        let made = crate::objects::iterators::generic_alias(vm, &a[1], &a[2]);
        let Some(class) = a[0].get::<Type>() else { return made };
        if std::ptr::eq(class, &*vm.types.generic_alias) {
            return made;
        }
        let args = match a[2].has::<crate::objects::tuple::Tuple>() {
            true => a[2].clone(),
            false => vm.tuple(vec![a[2].clone()]),
        };
        let parts = GenericAlias {
            origin: ValueCell::new(a[1].clone()),
            args: ValueCell::new(args),
            parameters: ValueCell::new(Value::UNBOUND),
            starred: ValueCell::new(Value::FALSE),
        };
        Ok(vm.new_object(class, parts).into_value().into())
    }),
    def!("__mro_entries__", "(self, bases, /)", |vm, this, _| {
        let o = alias(this).0;
        Ok(vm.tuple(vec![o]).into())
    }),
    def!("__reduce__", "(self, /)", |vm, this| {
        let (o, args) = alias(this);
        if this.get::<GenericAlias>().is_some_and(|g| g.starred.get().is_true()) {
            return call_intrinsic(vm, "alias_reduce_starred", &[o, args]);
        }
        let t = vm.types.generic_alias.to_value();
        let args = vm.tuple(vec![o, args]);
        Ok(vm.tuple(vec![t, args]).into())
    }),
    def!("__instancecheck__", "(self, instance, /)", |vm, _| {
        Err(vm.type_error("isinstance() argument 2 cannot be a parameterized generic"))
    }),
    def!("__subclasscheck__", "(self, cls, /)", |vm, _| {
        Err(vm.type_error("issubclass() argument 2 cannot be a parameterized generic"))
    }),
];
static ALIAS_ATTRS: [GetSet; 5] = [
    getter("__origin__", |_, v| Ok(alias(v).0.into())),
    getter("__args__", |_, v| Ok(alias(v).1.into())),
    getter("__parameters__", |vm, v| call_intrinsic(vm, "alias_parameters", &[alias(v).1])),
    getter("__unpacked__", |_, v| {
        Ok(v.get::<GenericAlias>().is_some_and(|g| g.starred.get().is_true()).into())
    }),
    getter("__typing_unpacked_tuple_args__", |vm, v| {
        let starred = v.get::<GenericAlias>().is_some_and(|g| g.starred.get().is_true());
        let (o, a) = alias(v);
        Ok(if starred && o.is(vm.types.tuple.value()) { a } else { Value::NONE }.into())
    }),
];

/// `type | type`.
pub fn union_or(vm: &mut Vm, a: &Value, b: &Value) -> Flow {
    let ok =
        |v: &Value| v.is_none() || v.has::<Type>() || v.has::<GenericAlias>() || v.has::<Union>();
    if !ok(a) || !ok(b) {
        return Ok(Value::NOT_IMPLEMENTED.into());
    }
    call_intrinsic(vm, "make_union", &[a.clone(), b.clone()])
}

fn union_args(v: &Value) -> Value {
    v.get::<Union>().map_or(Value::NONE, |u| u.args.get())
}

pub fn define_union(b: &mut TypeBuilder<'_>) {
    b.slots.repr = Some(|vm, v| call_intrinsic(vm, "union_repr", &[union_args(v)]));
    b.slots.binary[BinOp::Or as usize] =
        Some(|vm, a, b| call_intrinsic(vm, "make_union", &[a.clone(), b.clone()]));
    b.slots.hash = Some(|vm, v| call_intrinsic(vm, "union_hash", &[union_args(v)]));
    b.slots.compare = Some(|vm, op, a, b| {
        if !a.has::<Union>() || !b.has::<Union>() || !matches!(op, CmpOp::Eq | CmpOp::Ne) {
            return Ok(Value::NOT_IMPLEMENTED.into());
        }
        let want = Value::bool(op == CmpOp::Eq);
        call_intrinsic(vm, "union_equal", &[union_args(a), union_args(b), want])
    });
    b.slots.getitem = Some(|vm, v, k| call_intrinsic(vm, "union_getitem", &[v.clone(), k.clone()]));
    b.methods(UNION);
    b.getsets(&UNION_ATTRS);
}
const UNION: &[Def] = &[
    def!("__mro_entries__", "(self, bases, /)", |vm, _| {
        Err(vm.type_error("Cannot subclass typing.Union"))
    }),
    def!("__instancecheck__", "(self, instance, /)", |vm, this, instance| {
        call_intrinsic(vm, "isinstance_", &[instance.clone(), union_args(this)])
    }),
    def!("__subclasscheck__", "(self, cls, /)", |vm, this, cls| {
        call_intrinsic(vm, "issubclass_", &[cls.clone(), union_args(this)])
    }),
    classdef!("__class_getitem__", "(cls, params, /)", |vm, _, params| {
        call_intrinsic(vm, "union_from", std::slice::from_ref(params))
    }),
];
static UNION_ATTRS: [GetSet; 6] = [
    getter("__module__", |vm, _| Ok(vm.intern("typing").into())),
    getter("__name__", |vm, _| Ok(vm.intern("Union").into())),
    getter("__qualname__", |vm, _| Ok(vm.intern("Union").into())),
    getter("__args__", |_, v| Ok(union_args(v).into())),
    getter("__parameters__", |vm, v| call_intrinsic(vm, "alias_parameters", &[union_args(v)])),
    getter("__origin__", |vm, _| Ok(vm.types.union.to_value().into())),
];

/// Private natives for the intrinsics of this file.
pub const PRIVATE: &[Def] = &[
    def!("_super_fill", "(sup, cls, obj, type=None, /)", |vm, a| {
        fill_super(vm, &a[0], &a[1], &a[2], a[3].given())
    }),
    def!("_new_union", "(args, /)", |vm, args| {
        let u = Union {
            args: ValueCell::new(args.clone()),
            parameters: ValueCell::new(Value::UNBOUND),
        };
        Ok(vm.alloc(&vm.types.union, u).into())
    }),
];

// SimpleNamespace

pub fn define_namespace(b: &mut TypeBuilder<'_>) {
    b.slots.repr = Some(|vm, v| call_intrinsic(vm, "namespace_repr", std::slice::from_ref(v)));
    b.slots.compare = Some(|vm, op, a, b| {
        let ty = vm.types.simple_namespace.clone();
        if !vm.is_instance(a, &ty)
            || !vm.is_instance(b, &ty)
            || !matches!(op, CmpOp::Eq | CmpOp::Ne)
        {
            return Ok(Value::NOT_IMPLEMENTED.into());
        }
        let (Some(x), Some(y)) = (vm.instance_dict(a), vm.instance_dict(b)) else {
            return Ok(Value::NOT_IMPLEMENTED.into());
        };
        ops::compare::compare(vm, op, x.value(), y.value())
    });
    b.methods(NAMESPACE);
    b.getsets(&NAMESPACE_ATTRS);
}
const NAMESPACE: &[Def] = &[
    def!("__new__", "(cls, /, *args, **kwargs)", |vm, cls, _, _| match cls.get::<Type>() {
        Some(t) => Ok(vm.new_object(t, Instance).into()),
        None => Ok(Reply::NONE),
    }),
    def!(
        "__init__",
        "(self, mapping_or_iterable=(), /, **kwargs)",
        |vm, this, mapping_or_iterable, kwargs| {
            let src = mapping_or_iterable.cloned().unwrap_or(Value::NONE);
            let Some(d) = vm.instance_dict(this) else { return Ok(Reply::NONE) };
            let nothing = src.is_none() || vm.empty_tuple.as_ref().is_some_and(|t| src.is(t));
            if nothing && let Some(given) = kwargs.get::<Dict>() {
                for (name, value) in given.items_vec(vm) {
                    d.set_str(vm, &name, value);
                }
                return Ok(Reply::NONE);
            }
            call_intrinsic(vm, "namespace_init", &[d.into_value(), src, kwargs.clone()])
        }
    ),
    def!("__reduce__", "(self, /)", |vm, this| {
        let t = vm.type_of(this).to_value();
        let d = vm.instance_dict(this).map_or(Value::NONE, |d| d.into_value());
        let none = vm.tuple(vec![]);
        Ok(vm.tuple(vec![t, none, d]).into())
    }),
    def!("__replace__", "(self, /, **kwargs)", |vm, a| call_intrinsic(vm, "namespace_replace", a)),
];
static NAMESPACE_ATTRS: [GetSet; 1] =
    [getset("__dict__", types_methods::instance_dict_get, types_methods::instance_dict_set)];

// Weak references.

pub fn define_weakref(b: &mut TypeBuilder<'_>) {
    b.slots.call = Some(|_, v, _| Ok(crate::weak::referent(v).unwrap_or(Value::NONE).into()));
    b.slots.repr = Some(|vm, v| {
        let text = match crate::weak::referent(v) {
            Some(t) => {
                let n = vm.type_name(&t);
                format!("<weakref at {:#x}; to '{n}' at {:#x}>", v.bits(), t.bits())
            }
            None => format!("<weakref at {:#x}; dead>", v.bits()),
        };
        Ok(vm.str(&text).into())
    });
    b.slots.hash = Some(|vm, v| call_intrinsic(vm, "weakref_hash", std::slice::from_ref(v)));
    b.slots.compare = Some(|vm, op, a, b| {
        if !a.has::<WeakRef>() || !b.has::<WeakRef>() || !matches!(op, CmpOp::Eq | CmpOp::Ne) {
            return Ok(Value::NOT_IMPLEMENTED.into());
        }
        match (crate::weak::referent(a), crate::weak::referent(b)) {
            (Some(x), Some(y)) => ops::compare::compare(vm, op, &x, &y),
            _ => Ok((a.is(b) == (op == CmpOp::Eq)).into()),
        }
    });
    b.methods(WEAKREF);
    b.getsets(&WEAK_ATTRS);
}

/// Makes a weak reference or proxy; reuses one without callback.
pub fn make_weak(vm: &mut Vm, class: &Value, target: &Value, callback: &Value) -> Flow {
    let ty = vm.type_of(target);
    if target.header().is_none() || !ty.has_weakref.get() {
        let n = ty.name_str(vm);
        return Err(vm.type_error(format!("cannot create weak reference to '{n}' object")));
    }
    let callback = callback.given().filter(|c| !c.is_none()).cloned().unwrap_or(Value::NONE);
    let Some(t) = class.get::<Type>() else { return Ok(Reply::NONE) };
    if callback.is_none() && !t.is_heap_type() {
        for w in vm.weakrefs_of(target) {
            if std::ptr::eq(vm.type_of(&w), t)
                && w.get::<WeakRef>().is_some_and(|w| w.callback.peek().is_none())
            {
                return Ok(w.into());
            }
        }
    }
    Ok(vm.new_weakref(t, target, callback).into())
}

const WEAKREF: &[Def] = &[
    def!("__new__", "(cls, object, callback=None, /, *args, **kwargs)", |vm, a| {
        make_weak(vm, &a[0], &a[1], &a[2])
    }),
    def!("__init__", "(self, /, *args, **kwargs)", |_, _| Ok(Reply::NONE)),
    classdef!("__class_getitem__", "(cls, item, /)", |vm, cls, item| {
        crate::objects::iterators::generic_alias(vm, cls, item)
    }),
];
static WEAK_ATTRS: [GetSet; 1] = [getter("__callback__", |_, v| {
    let c = v.get::<WeakRef>().filter(|w| w.target().is_some());
    Ok(c.map_or(Value::NONE, |w| w.callback.get()).into())
})];

pub fn define_proxy(b: &mut TypeBuilder<'_>) {
    fn target(vm: &mut Vm, v: &Value) -> crate::exc::PyResult {
        match crate::weak::referent(v) {
            Some(t) => Ok(t),
            None if !v.has::<WeakRef>() => Ok(v.clone()),
            None => Err(vm.reference_error("weakly-referenced object no longer exists")),
        }
    }
    b.slots.getattr = Some(|vm, v, n| {
        let t = target(vm, v)?;
        ops::attr::getattr(vm, &t, n)
    });
    b.slots.setattr = Some(|vm, v, n, x| {
        let t = target(vm, v)?;
        ops::attr::setattr(vm, &t, n, x)
    });
    b.slots.str = Some(|vm, v| {
        let t = target(vm, v)?;
        ops::text::str(vm, &t)
    });
    b.slots.repr = Some(|vm, v| {
        let t = target(vm, v)?;
        let n = vm.type_name(&t);
        Ok(vm.str(&format!("<weakproxy at {:#x}; to '{n}' at {:#x}>", v.bits(), t.bits())).into())
    });
    b.slots.call = Some(|vm, v, args| {
        let t = target(vm, v)?;
        ops::call::call(vm, &t, args)
    });
    b.slots.len = Some(|vm, v| {
        let t = target(vm, v)?;
        ops::len(vm, &t)
    });
    b.slots.bool = Some(|vm, v| {
        let t = target(vm, v)?;
        ops::truth(vm, &t)
    });
    b.slots.iter = Some(|vm, v| {
        let t = target(vm, v)?;
        ops::iter::iter(vm, &t)
    });
    b.slots.next = Some(|vm, v| {
        let t = target(vm, v)?;
        ops::iter::next(vm, &t)
    });
    b.slots.getitem = Some(|vm, v, k| {
        let t = target(vm, v)?;
        ops::item::getitem(vm, &t, k)
    });
    b.slots.setitem = Some(|vm, v, k, x| {
        let t = target(vm, v)?;
        ops::item::setitem(vm, &t, k, x)
    });
    b.slots.contains = Some(|vm, v, k| {
        let t = target(vm, v)?;
        ops::item::contains(vm, &t, k)
    });
    b.slots.compare = Some(|vm, op, a, b| {
        let (x, y) = (target(vm, a)?, target(vm, b)?);
        ops::compare::compare(vm, op, &x, &y)
    });
    b.slots.hash = Some(|vm, v| {
        let n = vm.type_name(v);
        Err(vm.type_error(format!("unhashable type: 'weakref.{n}'")))
    });
    b.slots.int = Some(|vm, v| {
        let t = target(vm, v)?;
        crate::steps::call_attr(vm, &t, "__int__", &[])
    });
    b.slots.index = Some(|vm, v| {
        let t = target(vm, v)?;
        ops::number::index(vm, &t)
    });
    b.slots.float = Some(|vm, v| {
        let t = target(vm, v)?;
        ops::number::float(vm, &t)
    });
    b.slots.neg = Some(|vm, v| {
        let t = target(vm, v)?;
        ops::number::negative(vm, &t)
    });
    b.slots.abs = Some(|vm, v| {
        let t = target(vm, v)?;
        ops::number::absolute(vm, &t)
    });
    b.slots.invert = Some(|vm, v| {
        let t = target(vm, v)?;
        ops::number::invert(vm, &t)
    });
    macro_rules! binary {
        ($($i:literal),*) => {
            $(b.slots.binary[$i] = Some(|vm, x, y| {
                let (p, q) = (target(vm, x)?, target(vm, y)?);
                ops::binary::binary(vm, BinOp::from_index($i), &p, &q)
            });)*
        };
    }
    binary!(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13);
}

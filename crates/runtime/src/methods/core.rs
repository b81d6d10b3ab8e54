//! `object`, `type`, callables and descriptors: slots and methods.

use crate::boot::TypeBuilder;
use crate::descr;
use crate::dunder::{MethodWrapper, WrapperDescr};
use crate::exc::{Flow, Reply};
use crate::native::{self, Args, Def, def};
use crate::object::ValueCell;
use crate::objects::function::{ClassMethod, Function, Method, Property, StaticMethod};
use crate::objects::types::Type;
use crate::objects::types_methods;
use crate::ops;
use crate::value::Value;
use crate::vm::Vm;

// object

const OBJECT: &[Def] = &[
    def!("__new__", "(cls, /, *args, **kwargs)", object_new),
    def!("__init__", "(self, /, *args, **kwargs)", object_init),
    def!("__format__", "(self, format_spec: str, /)", object_format),
    def!("__dir__", "(self, /)", |vm, a| crate::steps::call_intrinsic(vm, "object_dir", a)),
    def!("__sizeof__", "(self, /)", |vm, this| {
        let n = vm.instance_items(this).len();
        Ok(Value::from_usize(32 + 8 * n).into())
    }),
    def!("__reduce__", "(self, /)", |vm, this| {
        crate::steps::call_intrinsic(vm, "object_reduce_ex", &[this.clone(), Value::from_i32(0)])
    }),
    def!("__reduce_ex__", "(self, protocol: index, /)", |vm, a| {
        crate::steps::call_intrinsic(vm, "object_reduce_hook", a)
    }),
    def!("__getstate__", "(self, /)", |vm, a| {
        crate::steps::call_intrinsic(vm, "object_getstate", a)
    }),
    native::classdef!("__init_subclass__", "(cls, /, *args, **kwargs)", |vm, cls, args, kwargs| {
        if !args.is_empty() || ops::len_fast(vm, kwargs).unwrap_or(0) > 0 {
            let n = cls.get::<Type>().map_or(String::new(), |t| t.qualname.get().display_str(vm));
            return Err(
                vm.type_error(format!("{n}.__init_subclass__() takes no keyword arguments"))
            );
        }
        Ok(Reply::NONE)
    }),
    native::classdef!("__subclasshook__", "(cls, object, /)", |_, _| {
        Ok(Value::NOT_IMPLEMENTED.into())
    }),
];

pub fn define_object(b: &mut TypeBuilder<'_>) {
    b.slots.repr = Some(|vm, v| Ok(ops::text::default_repr(vm, v).into()));
    b.slots.str = Some(ops::text::object_str);
    b.slots.hash = Some(ops::hash::identity_hash);
    b.slots.compare = Some(ops::compare::object_compare);
    b.slots.getattr = Some(ops::attr::generic_getattr);
    b.slots.setattr = Some(ops::attr::generic_setattr);
    b.methods(OBJECT);
    b.getsets(&OBJECT_ATTRS);
}

static OBJECT_ATTRS: [descr::GetSet; 1] =
    [descr::getset("__class__", object_class, object_set_class)];

fn object_class(vm: &mut Vm, v: &Value) -> Flow {
    Ok(vm.type_of(v).to_value().into())
}
pub(crate) fn object_set_class(vm: &mut Vm, v: &Value, class: &Value) -> Flow {
    if let Some(flow) = crate::audit::assigned(vm, "__class__", v, class) {
        return flow;
    }
    let Some(new) = class.get::<Type>() else {
        let t = vm.type_name(class);
        return Err(vm.type_error(format!("__class__ must be set to a class, not '{t}' object")));
    };
    let old = vm.type_of(v).to_ref();
    let module = |t: &crate::object::Obj<Type>, vm: &Vm| t.is_subtype(&vm.types.module, vm);
    let modules = module(new, vm) && module(&old, vm);
    if !modules && (!new.is_heap_type() || !old.is_heap_type()) {
        return Err(vm.type_error(
            "__class__ assignment only supported for mutable types or ModuleType subclasses",
        ));
    }
    let compatible = new.layout.get() == old.layout.get()
        && new.ext_offset.get() == old.ext_offset.get()
        && new.fixed_slots.get() == old.fixed_slots.get()
        && new.has_dict.get() == old.has_dict.get()
        && new.has_weakref.get() == old.has_weakref.get()
        && slot_names(vm, new) == slot_names(vm, &old);
    if !compatible {
        let (a, b) = (new.name_str(vm), old.name_str(vm));
        return Err(
            vm.type_error(format!("__class__ assignment: '{a}' object layout differs from '{b}'"))
        );
    }
    // A shape belongs to one class: the attributes move into a real dict first.
    if !modules {
        vm.instance_dict(v);
    }
    crate::object::set_type(v, new);
    Ok(Reply::NONE)
}

/// The names of all `__slots__` of a class by position.
fn slot_names(vm: &Vm, ty: &crate::object::Obj<Type>) -> Vec<(usize, Vec<u8>)> {
    let mut names = Vec::new();
    for c in ty.mro_items(vm).iter().filter_map(|c| c.get::<Type>()) {
        for (_, d) in c.dict.items_vec(vm) {
            if let Some(m) = d.get::<descr::MemberDescr>()
                && c.is_heap_type()
                && m.owner.get().is(c.to_ref().value())
            {
                names.push((m.slot, m.name.get().as_wtf8().unwrap_or(b"").to_vec()));
            }
        }
    }
    names.sort();
    names
}

fn object_new(vm: &mut Vm, a: &[Value]) -> Flow {
    let Some(class) = a[0].get::<Type>() else {
        let t = vm.type_name(&a[0]);
        return Err(vm.type_error(format!("object.__new__(X): X is not a type object ({t})")));
    };
    let extra = !a[1].tuple_items().is_empty() || crate::ops::len_fast(vm, &a[2]).unwrap_or(0) > 0;
    if extra {
        let (new, init) = (vm.names.new.clone(), vm.names.init.clone());
        let own_new =
            class.lookup(vm, &new).is_some_and(|m| !ops::call::is_object_method(vm, &m, false));
        let own_init =
            class.lookup(vm, &init).is_some_and(|m| !ops::call::is_object_method(vm, &m, true));
        if own_new {
            return Err(vm.type_error(
                "object.__new__() takes exactly one argument (the type to instantiate)",
            ));
        }
        if !own_init {
            let n = class.name_str(vm);
            return Err(vm.type_error(format!("{n}() takes no arguments")));
        }
    }
    if class.has_flag(crate::objects::types::tflags::ABSTRACT) {
        return crate::steps::call_intrinsic(vm, "abstract_error", &[a[0].clone()]);
    }
    types_methods::plain_instance(vm, class).map(Reply::from)
}
fn object_init(vm: &mut Vm, a: &[Value]) -> Flow {
    let mut values = a[1].tuple_items().to_vec();
    if ops::len_fast(vm, &a[2]).unwrap_or(0) > 0 {
        values.push(Value::NONE);
    }
    ops::call::object_init_check(vm, &a[0], Args::new(&values))?;
    Ok(Reply::NONE)
}
fn object_format(vm: &mut Vm, a: &[Value]) -> Flow {
    if ops::len_fast(vm, &a[1]).unwrap_or(0) > 0 {
        let t = vm.type_name(&a[0]);
        return Err(vm.type_error(format!("unsupported format string passed to {t}.__format__")));
    }
    ops::text::str(vm, &a[0])
}

// type

const TYPE: &[Def] = &[
    def!("__new__", "(metatype, name, bases=None, namespace=None, /, **kwds)", type_new),
    def!("__init__", "(self, /, *args, **kwds)", |vm, _, args, _| match args.len() {
        1 | 3 => Ok(Reply::NONE),
        _ => Err(vm.type_error("type.__init__() takes 1 or 3 arguments")),
    }),
    def!("mro", "(self, /)", |vm, this| {
        let Some(t) = this.get::<Type>() else { return Ok(Reply::NONE) };
        let bases = t.bases.get().tuple_items().to_vec();
        let m = types_methods::c3(vm, this, &bases)?;
        Ok(vm.list(m).into())
    }),
    def!("__subclasses__", "(self, /)", |vm, this| {
        let Some(t) = this.get::<Type>() else { return Ok(Reply::NONE) };
        let subs = t.live_subclasses(vm).into_iter().map(|t| t.into_value()).collect();
        Ok(vm.list(subs).into())
    }),
    native::classdef!("__prepare__", "(cls, /, *args, **kwargs)", |vm, _| Ok(vm.dict().into())),
    def!("__instancecheck__", "(self, instance, /)", |vm, this, instance| {
        let args = [instance.clone(), this.clone()];
        crate::steps::call_intrinsic(vm, "recursive_isinstance", &args)
    }),
    def!("__subclasscheck__", "(self, subclass, /)", |vm, this, subclass| {
        let args = [subclass.clone(), this.clone()];
        crate::steps::call_intrinsic(vm, "recursive_issubclass", &args)
    }),
    def!("__dir__", "(self, /)", |vm, a| crate::steps::call_intrinsic(vm, "type_dir", a)),
    def!("__sizeof__", "(self, /)", |_, _| Ok(Value::from_i32(1064).into())),
];

pub fn define_type(b: &mut TypeBuilder<'_>) {
    b.slots.repr = Some(|vm, v| Ok(vm.str(&types_methods::type_repr_text(vm, v)).into()));
    b.slots.call = Some(ops::call::type_call);
    b.slots.getattr = Some(ops::attr::type_getattr);
    b.slots.setattr = Some(ops::attr::type_setattr);
    b.slots.binary[crate::objects::types::BinOp::Or as usize] = Some(super::misc::union_or);
    b.methods(TYPE);
    b.getsets(&super::type_attrs::ATTRS);
    b.getsets(&super::type_annotations::ATTRS);
}

fn type_new(vm: &mut Vm, a: &[Value]) -> Flow {
    if a[2].is_unbound() && a[3].is_unbound() && a[0].is(vm.types.type_.value()) {
        return Ok(vm.type_of(&a[1]).to_value().into());
    }
    if a[2].is_unbound() || a[3].is_unbound() {
        let n = if a[2].is_unbound() { 1 } else { 2 };
        return Err(vm.type_error(format!("type.__new__() takes exactly 3 arguments ({n} given)")));
    }
    crate::steps::call_intrinsic(vm, "type_new", a)
}

// callables

pub fn define_function(b: &mut TypeBuilder<'_>) {
    b.slots.repr = Some(|vm, v| {
        let q = v.get::<Function>().map_or(Value::NONE, |f| f.qualname.get()).display_str(vm);
        Ok(vm.str(&format!("<function {q} at {:#x}>", v.bits())).into())
    });
    b.slots.call = Some(ops::call::call);
    b.slots.descr_get = Some(bind_method);
    b.getsets(&super::function_attrs::FUNCTION);
    b.methods(super::function_attrs::FUNCTION_METHODS);
}
/// `__get__` of functions and native methods.
fn bind_method(vm: &mut Vm, f: &Value, obj: &Value, _owner: &Value) -> Flow {
    if obj.is_unbound() {
        return Ok(f.clone().into());
    }
    Ok(vm.bound_method(f.clone(), obj.clone()).into())
}

pub fn define_method(b: &mut TypeBuilder<'_>) {
    b.slots.call = Some(ops::call::call);
    b.slots.getattr = Some(|vm, v, name| {
        if vm.type_of(v).lookup(vm, name).is_some() {
            return ops::attr::generic_getattr(vm, v, name);
        }
        let f = v.get::<Method>().map_or(Value::NONE, |m| m.innermost());
        ops::attr::getattr(vm, &f, name)
    });
    b.slots.repr =
        Some(|vm, v| crate::steps::call_intrinsic(vm, "method_repr", std::slice::from_ref(v)));
    b.slots.hash =
        Some(|vm, v| crate::steps::call_intrinsic(vm, "method_hash", std::slice::from_ref(v)));
    b.slots.compare = Some(|vm, op, a, b| {
        let (Some(x), Some(y)) = (a.get::<Method>(), b.get::<Method>()) else {
            return Ok(Value::NOT_IMPLEMENTED.into());
        };
        if !x.receiver.get().is(&y.receiver.get()) {
            return match op {
                crate::objects::types::CmpOp::Eq => Ok(Value::FALSE.into()),
                crate::objects::types::CmpOp::Ne => Ok(Value::TRUE.into()),
                _ => Ok(Value::NOT_IMPLEMENTED.into()),
            };
        }
        let (x, y) = (x.func.get(), y.func.get());
        match op {
            crate::objects::types::CmpOp::Eq | crate::objects::types::CmpOp::Ne => {
                ops::compare::compare(vm, op, &x, &y)
            }
            _ => Ok(Value::NOT_IMPLEMENTED.into()),
        }
    });
    b.getsets(&super::function_attrs::METHOD);
    b.methods(super::function_attrs::METHOD_METHODS);
}
pub fn define_builtin(b: &mut TypeBuilder<'_>) {
    b.slots.call = Some(ops::call::call);
    b.slots.repr = Some(|vm, v| {
        let n = native::native_of(v).map_or("", |n| n.def.name);
        let owner = native::native_of(v).map_or(Value::UNBOUND, |n| n.owner.get());
        if owner.is_unbound() || owner.has::<crate::objects::module::Module>() {
            return Ok(vm.str(&format!("<built-in function {n}>")).into());
        }
        let t = vm.type_name(&owner);
        Ok(vm.str(&format!("<built-in method {n} of {t} object at {:#x}>", owner.bits())).into())
    });
    b.slots.compare = Some(|vm, op, a, b| {
        use crate::objects::types::CmpOp;
        let (Some(x), Some(y)) = (native::native_of(a), native::native_of(b)) else {
            return Ok(Value::NOT_IMPLEMENTED.into());
        };
        let _ = vm;
        let same = std::ptr::eq(x.def, y.def) && x.owner.get().is(&y.owner.get());
        match op {
            CmpOp::Eq => Ok(same.into()),
            CmpOp::Ne => Ok((!same).into()),
            _ => Ok(Value::NOT_IMPLEMENTED.into()),
        }
    });
    b.slots.hash = Some(|vm, v| {
        let Some(n) = native::native_of(v) else { return Ok(Reply::NONE) };
        let h = n.def as *const Def as u64 ^ n.owner.get().bits().rotate_right(7);
        Ok(vm.int((h >> 2) as i64).into())
    });
    b.getsets(&super::function_attrs::NATIVE);
    b.methods(REDUCE);
}

/// Builtin functions that are written in Python (`Vm::function`): no binding, and no way to the code.
pub fn define_library_function(b: &mut TypeBuilder<'_>) {
    b.slots.repr = Some(|vm, v| {
        let q = v.get::<Function>().map_or(Value::NONE, |f| f.qualname.get()).display_str(vm);
        Ok(vm.str(&format!("<built-in function {q}>")).into())
    });
    b.slots.call = Some(ops::call::call);
    b.slots.hash = Some(ops::hash::identity_hash);
    b.slots.compare = Some(|_, op, a, b| {
        use crate::objects::types::CmpOp;
        match op {
            CmpOp::Eq if a.is(b) => Ok(true.into()),
            CmpOp::Ne if a.is(b) => Ok(false.into()),
            _ => Ok(Value::NOT_IMPLEMENTED.into()),
        }
    });
    b.getsets(&super::function_attrs::LIBRARY);
    b.methods(REDUCE_LIBRARY);
}

const REDUCE_LIBRARY: &[Def] = &[def!("__reduce__", "(self, /)", |_, this| {
    Ok(this.get::<Function>().map_or(Value::NONE, |f| f.qualname.get()).into())
})];

/// Functions of modules pickle by name, methods as `getattr(owner, name)`.
const REDUCE: &[Def] = &[def!("__reduce__", "(self, /)", |vm, this| {
    let Some(n) = native::native_of(this) else { return Ok(Reply::NONE) };
    let name = vm.str(n.def.name);
    let owner = n.owner.get();
    if owner.is_unbound() || owner.has::<crate::objects::module::Module>() {
        return Ok(name.into());
    }
    let getattr = vm.builtins.clone().and_then(|b| b.get_text(vm, "getattr"));
    let args = vm.tuple(vec![owner, name]);
    Ok(vm.tuple(vec![getattr.unwrap_or(Value::NONE), args]).into())
})];

pub fn define_method_descr(b: &mut TypeBuilder<'_>) {
    b.slots.call = Some(ops::call::call);
    b.slots.descr_get = Some(bind_native);
    b.slots.repr = Some(native_method_repr);
    b.getsets(&super::function_attrs::NATIVE);
}
fn native_method_repr(vm: &mut Vm, v: &Value) -> Flow {
    let (n, o) = native::native_of(v).map_or(("", Value::NONE), |n| (n.def.name, n.owner.get()));
    let o = o.get::<Type>().map_or(String::new(), |t| t.name_str(vm));
    Ok(vm.str(&format!("<method '{n}' of '{o}' objects>")).into())
}
/// A method descriptor on an instance becomes a bound builtin.
fn bind_native(vm: &mut Vm, f: &Value, obj: &Value, _owner: &Value) -> Flow {
    if obj.is_unbound() {
        return Ok(f.clone().into());
    }
    match native::native_of(f) {
        Some(n) => {
            let bound = native::NativeFunction(n.bound(obj.clone()));
            Ok(vm.alloc(&vm.types.builtin_function, bound).into())
        }
        None => Ok(f.clone().into()),
    }
}
pub fn define_classmethod_descr(b: &mut TypeBuilder<'_>) {
    b.slots.call = Some(ops::call::call);
    b.slots.descr_get = Some(|vm, f, obj, owner| {
        let class = if owner.is_unbound() { vm.type_of(obj).to_value() } else { owner.clone() };
        match native::native_of(f) {
            Some(n) => {
                let bound = native::NativeFunction(n.bound(class));
                Ok(vm.alloc(&vm.types.builtin_function, bound).into())
            }
            None => Ok(f.clone().into()),
        }
    });
    b.slots.repr = Some(native_method_repr);
    b.getsets(&super::function_attrs::NATIVE);
}
pub fn define_wrapper(b: &mut TypeBuilder<'_>) {
    b.slots.call = Some(ops::call::call);
    b.slots.descr_get = Some(|vm, f, obj, _owner| {
        if obj.is_unbound() {
            return Ok(f.clone().into());
        }
        let w = MethodWrapper {
            descr: ValueCell::new(f.clone()),
            receiver: ValueCell::new(obj.clone()),
        };
        Ok(vm.alloc(&vm.types.method_wrapper, w).into())
    });
    b.slots.repr = Some(|vm, v| {
        let (n, o) = match v.get::<WrapperDescr>() {
            Some(w) => (w.name(), w.owner.get()),
            None => ("", Value::NONE),
        };
        let o = o.get::<Type>().map_or(String::new(), |t| t.name_str(vm));
        Ok(vm.str(&format!("<slot wrapper '{n}' of '{o}' objects>")).into())
    });
    b.getsets(&super::function_attrs::WRAPPER);
}
pub fn define_method_wrapper(b: &mut TypeBuilder<'_>) {
    b.slots.call = Some(ops::call::call);
    b.slots.repr = Some(|vm, v| {
        let Some(w) = v.get::<MethodWrapper>() else { return Ok(Reply::NONE) };
        let (d, r) = (w.descr.get(), w.receiver.get());
        let n = d.get::<WrapperDescr>().map_or("", |d| d.name());
        let t = vm.type_name(&r);
        Ok(vm.str(&format!("<method-wrapper '{n}' of {t} object at {:#x}>", r.bits())).into())
    });
    b.slots.compare = Some(|_, op, a, b| {
        use crate::objects::types::CmpOp;
        let (Some(x), Some(y)) = (a.get::<MethodWrapper>(), b.get::<MethodWrapper>()) else {
            return Ok(Value::NOT_IMPLEMENTED.into());
        };
        let same = x.descr.get().is(&y.descr.get()) && x.receiver.get().is(&y.receiver.get());
        match op {
            CmpOp::Eq => Ok(same.into()),
            CmpOp::Ne => Ok((!same).into()),
            _ => Ok(Value::NOT_IMPLEMENTED.into()),
        }
    });
    b.slots.hash = Some(|vm, v| {
        let Some(w) = v.get::<MethodWrapper>() else { return Ok(Reply::NONE) };
        let h = w.descr.get().bits() ^ w.receiver.get().bits().rotate_right(7);
        Ok(vm.int((h >> 2) as i64).into())
    });
    b.getsets(&super::function_attrs::METHOD_WRAPPER);
}
pub fn define_getset(b: &mut TypeBuilder<'_>) {
    b.slots.descr_get = Some(descr::getset_get);
    b.slots.descr_set = Some(descr::getset_set);
    b.slots.repr = Some(|vm, v| {
        let Some(g) = v.get::<descr::GetSetDescr>() else { return Ok(Reply::NONE) };
        let o = g.owner.get().get::<Type>().map_or(String::new(), |t| t.name_str(vm));
        Ok(vm.str(&format!("<attribute '{}' of '{o}' objects>", g.def.name)).into())
    });
    b.getsets(&super::function_attrs::GETSET);
}
pub fn define_member(b: &mut TypeBuilder<'_>) {
    b.slots.descr_get = Some(descr::member_get);
    b.slots.descr_set = Some(descr::member_set);
    b.slots.repr = Some(|vm, v| {
        let Some(g) = v.get::<descr::MemberDescr>() else { return Ok(Reply::NONE) };
        let o = g.owner.get().get::<Type>().map_or(String::new(), |t| t.name_str(vm));
        let n = g.name.get().display_str(vm);
        Ok(vm.str(&format!("<member '{n}' of '{o}' objects>")).into())
    });
    b.getsets(&super::function_attrs::MEMBER);
}

pub fn define_classmethod(b: &mut TypeBuilder<'_>) {
    b.slots.descr_get = Some(|vm, d, obj, owner| {
        let f = d.get::<ClassMethod>().map_or(Value::NONE, |c| c.callable.get());
        let class = if owner.is_unbound() { vm.type_of(obj).to_value() } else { owner.clone() };
        Ok(vm.bound_method(f, class).into())
    });
    b.slots.repr = Some(super::wrapped::repr);
    b.methods(CLASSMETHOD);
    b.getsets(&super::wrapped::ATTRS);
}
const CLASSMETHOD: &[Def] = &[
    def!("__new__", "(cls, /, *_, **_)", |vm, a| {
        let c = ClassMethod { callable: ValueCell::new(Value::NONE) };
        match a[0].get::<Type>() {
            Some(t) => Ok(vm.new_object(t, c).into()),
            None => Err(vm.type_error("not a type")),
        }
    }),
    def!("__init__", "(self, function, /)", super::wrapped::init),
    native::classdef!("__class_getitem__", "(cls, item, /)", |vm, cls, item| {
        crate::objects::iterators::generic_alias(vm, cls, item)
    }),
];
pub fn define_staticmethod(b: &mut TypeBuilder<'_>) {
    b.slots.descr_get = Some(|_vm, d, _obj, _owner| {
        Ok(d.get::<StaticMethod>().map_or(Value::NONE, |c| c.callable.get()).into())
    });
    b.slots.call = Some(ops::call::static_call);
    b.slots.repr = Some(super::wrapped::repr);
    b.methods(STATICMETHOD);
    b.getsets(&super::wrapped::ATTRS);
}
const STATICMETHOD: &[Def] = &[
    def!("__new__", "(cls, /, *_, **_)", |vm, a| {
        let c = StaticMethod { callable: ValueCell::new(Value::NONE) };
        match a[0].get::<Type>() {
            Some(t) => Ok(vm.new_object(t, c).into()),
            None => Err(vm.type_error("not a type")),
        }
    }),
    def!("__init__", "(self, function, /)", super::wrapped::init),
    native::classdef!("__class_getitem__", "(cls, item, /)", |vm, cls, item| {
        crate::objects::iterators::generic_alias(vm, cls, item)
    }),
];

pub fn define_property(b: &mut TypeBuilder<'_>) {
    b.slots.descr_get = Some(|vm, d, obj, _owner| {
        if obj.is_unbound() {
            return Ok(d.clone().into());
        }
        let f = d.get::<Property>().map_or(Value::NONE, |p| p.get.get());
        if f.is_none() {
            return Err(property_error(vm, d, obj, "getter"));
        }
        ops::call::call(vm, &f, Args::new(std::slice::from_ref(obj)))
    });
    b.slots.descr_set = Some(|vm, d, obj, value| {
        let Some(p) = d.get::<Property>() else { return Ok(Reply::NONE) };
        if value.is_unbound() {
            let f = p.del.get();
            if f.is_none() {
                return Err(property_error(vm, d, obj, "deleter"));
            }
            return ops::call::call(vm, &f, Args::new(std::slice::from_ref(obj)));
        }
        let f = p.set.get();
        if f.is_none() {
            return Err(property_error(vm, d, obj, "setter"));
        }
        ops::call::call(vm, &f, Args::new(&[obj.clone(), value.clone()]))
    });
    b.methods(PROPERTY);
    b.getsets(&super::function_attrs::PROPERTY);
}

#[cold]
fn property_error(vm: &mut Vm, d: &Value, obj: &Value, what: &str) -> crate::exc::Exc {
    let name = d.get::<Property>().map_or(Value::NONE, super::function_attrs::property_name);
    let t = vm.type_of(obj).qualname.get().display_str(vm);
    let message = if vm.is_str(&name) {
        format!("property '{}' of '{t}' object has no {what}", name.display_str(vm))
    } else {
        format!("property of '{t}' object has no {what}")
    };
    let class = vm.excs.attribute_error.clone();
    vm.new_exception_msg(&class, &message)
}

fn none_or(v: &Value) -> Value {
    if v.is_unbound() { Value::NONE } else { v.clone() }
}

const PROPERTY: &[Def] = &[
    def!("__new__", "(cls, /, *_, **_)", |vm, a| {
        let none = || ValueCell::new(Value::NONE);
        let p = Property {
            get: none(),
            set: none(),
            del: none(),
            doc: none(),
            name: ValueCell::new(Value::UNBOUND),
            doc_from_getter: ValueCell::new(Value::FALSE),
        };
        match a[0].get::<Type>() {
            Some(t) => Ok(vm.new_object(t, p).into()),
            None => Err(vm.type_error("property.__new__(X): X is not a type object")),
        }
    }),
    def!("__init__", "(self, fget=None, fset=None, fdel=None, doc=None)", |vm, a| {
        let Some(p) = a[0].get::<Property>() else { return Ok(Reply::NONE) };
        p.get.set(none_or(&a[1]));
        p.set.set(none_or(&a[2]));
        p.del.set(none_or(&a[3]));
        let doc = none_or(&a[4]);
        p.doc.set(doc.clone());
        p.doc_from_getter.set(Value::FALSE);
        let getter = p.get.get();
        let exact = vm.is_exactly(&a[0], &vm.types.property);
        if exact && (!doc.is_none() || getter.is_none()) {
            return Ok(Reply::NONE);
        }
        if exact && let Some(f) = getter.get::<Function>() {
            // A docstring that nobody has asked for stays in the code.
            let doc = if f.doc.is_unbound() { f.code.get() } else { f.doc.get() };
            p.doc_from_getter.set(Value::bool(!doc.is_none()));
            p.doc.set(doc);
            return Ok(Reply::NONE);
        }
        crate::steps::call_intrinsic(vm, "property_doc", &[a[0].clone(), getter, doc])
    }),
    def!("getter", "(self, object, /)", |vm, this, object| property_copy(
        vm,
        this,
        Some(object),
        None,
        None
    )),
    def!("setter", "(self, object, /)", |vm, this, object| property_copy(
        vm,
        this,
        None,
        Some(object),
        None
    )),
    def!("deleter", "(self, object, /)", |vm, this, object| property_copy(
        vm,
        this,
        None,
        None,
        Some(object)
    )),
    def!("__set_name__", "(self, owner, name, /)", |_, this, _, name| {
        if let Some(p) = this.get::<Property>() {
            p.name.set(name.clone());
        }
        Ok(Reply::NONE)
    }),
];

/// Private natives for the intrinsics of this file.
pub const PRIVATE: &[Def] = &[def!("_property_from_getter", "(prop, /)", |_, prop| {
    if let Some(p) = prop.get::<Property>() {
        p.doc_from_getter.set(Value::TRUE);
    }
    Ok(Reply::NONE)
})];

fn property_copy(
    vm: &mut Vm,
    v: &Value,
    g: Option<&Value>,
    s: Option<&Value>,
    d: Option<&Value>,
) -> Flow {
    let Some(p) = v.get::<Property>() else { return Ok(Reply::NONE) };
    let pick = |new: Option<&Value>, old: &ValueCell| new.cloned().unwrap_or_else(|| old.get());
    let doc = if p.doc_from_getter.get().is_true() { Value::NONE } else { p.doc.get() };
    let args = [
        pick(g, &p.get),
        pick(s, &p.set),
        pick(d, &p.del),
        doc,
        p.name.get().given().cloned().unwrap_or(Value::NONE),
    ];
    let class = vm.type_of(v).to_value();
    let [get, set, del, doc, name] = args;
    crate::steps::call_intrinsic(vm, "property_copy", &[class, get, set, del, doc, name])
}

pub fn define_module(b: &mut TypeBuilder<'_>) {
    super::modules::define_module(b);
}

pub fn define_generator(b: &mut TypeBuilder<'_>) {
    super::generators::define_generator(b);
}
pub fn define_coroutine(b: &mut TypeBuilder<'_>) {
    super::generators::define_coroutine(b);
}

pub fn define_none(b: &mut TypeBuilder<'_>) {
    b.slots.repr = Some(|vm, _| Ok(vm.intern("None").into()));
    b.slots.bool = Some(|_, _| Ok(Value::FALSE.into()));
    b.methods(NONE);
}
const NONE: &[Def] = &[def!("__new__", "(cls, /)", |_, _| Ok(Reply::NONE))];

//! `object`, `type`, callables and descriptors: slots and methods.

use crate::boot::TypeBuilder;
use crate::descr;
use crate::dunder::{MethodWrapper, WrapperDescr};
use crate::exc::{Flow, Reply};
use crate::native::{self, Args, Def, def};
use crate::object::ValueCell;
use crate::objects::exception::Exception;
use crate::objects::function::{ClassMethod, Function, Method, Property, StaticMethod};
use crate::objects::generator;
use crate::objects::types::Type;
use crate::objects::types_methods;
use crate::ops;
use crate::value::Value;
use crate::vm::Vm;

fn self_iter(_vm: &mut Vm, v: &Value) -> Flow {
    Ok(v.clone().into())
}

// object

const OBJECT: &[Def] = &[
    def("__new__", "(cls, /, *args, **kwargs)", object_new),
    def("__init__", "(self, /, *args, **kwargs)", object_init),
    def("__format__", "(self, format_spec, /)", object_format),
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

static OBJECT_ATTRS: [descr::GetSet; 1] = [descr::getset("__class__", object_class, object_set_class)];

fn object_class(vm: &mut Vm, v: &Value) -> Flow {
    Ok(vm.type_of(v).to_value().into())
}
fn object_set_class(vm: &mut Vm, v: &Value, class: &Value) -> Flow {
    let Some(new) = class.get::<Type>() else {
        let t = vm.type_name(class);
        return Err(vm.type_error(format!("__class__ must be set to a class, not '{t}' object")));
    };
    let old = vm.type_of(v).to_ref();
    if !new.is_heap_type() || !old.is_heap_type() {
        return Err(vm.type_error(
            "__class__ assignment only supported for mutable types or ModuleType subclasses",
        ));
    }
    let compatible = new.layout.get() == old.layout.get()
        && new.ext_offset.get() == old.ext_offset.get()
        && new.fixed_slots.get() == old.fixed_slots.get()
        && new.has_dict.get() == old.has_dict.get();
    if !compatible {
        let (a, b) = (new.name_str(vm), old.name_str(vm));
        return Err(vm.type_error(format!(
            "__class__ assignment: '{a}' object layout differs from '{b}'"
        )));
    }
    // A shape belongs to one class: the attributes move into a real dict first.
    vm.instance_dict(v);
    crate::object::set_type(v, new);
    Ok(Reply::NONE)
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

const TYPE: &[Def] = &[def("__new__", "(metatype, name, bases=None, namespace=None, /, **kwds)", type_new)];

pub fn define_type(b: &mut TypeBuilder<'_>) {
    b.slots.repr = Some(|vm, v| Ok(vm.str(&types_methods::type_repr_text(vm, v)).into()));
    b.slots.call = Some(ops::call::type_call);
    b.slots.getattr = Some(ops::attr::type_getattr);
    b.slots.setattr = Some(ops::attr::type_setattr);
    b.methods(TYPE);
    b.getsets(&TYPE_ATTRS);
}

static TYPE_ATTRS: [descr::GetSet; 3] = [
    descr::getter("__name__", |_vm, v| {
        Ok(v.get::<Type>().map_or(Value::NONE, |t| t.name.get()).into())
    }),
    descr::getter("__mro__", |_vm, v| {
        Ok(v.get::<Type>().map_or(Value::NONE, |t| t.mro.get()).into())
    }),
    descr::getter("__bases__", |_vm, v| {
        Ok(v.get::<Type>().map_or(Value::NONE, |t| t.bases.get()).into())
    }),
];

fn type_new(vm: &mut Vm, a: &[Value]) -> Flow {
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
    b.getsets(&FUNCTION_ATTRS);
}
static FUNCTION_ATTRS: [descr::GetSet; 2] = [
    descr::getter("__name__", |_vm, v| {
        Ok(v.get::<Function>().map_or(Value::NONE, |t| t.name.get()).into())
    }),
    descr::getter("__code__", |_vm, v| {
        Ok(v.get::<Function>().map_or(Value::NONE, |t| t.code.get()).into())
    }),
];

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
        let f = v.get::<Method>().map_or(Value::NONE, |m| m.func.get());
        ops::attr::getattr(vm, &f, name)
    });
}
pub fn define_builtin(b: &mut TypeBuilder<'_>) {
    b.slots.call = Some(ops::call::call);
    b.slots.repr = Some(|vm, v| {
        let n = native::native_of(v).map_or("", |n| n.def.name);
        Ok(vm.str(&format!("<built-in function {n}>")).into())
    });
}
pub fn define_method_descr(b: &mut TypeBuilder<'_>) {
    b.slots.call = Some(ops::call::call);
    b.slots.descr_get = Some(bind_native);
}
/// A method descriptor on an instance becomes a bound builtin.
fn bind_native(vm: &mut Vm, f: &Value, obj: &Value, _owner: &Value) -> Flow {
    if obj.is_unbound() {
        return Ok(f.clone().into());
    }
    match native::native_of(f) {
        Some(n) => Ok(vm.native_function(n.def, obj.clone(), Value::NONE).into()),
        None => Ok(f.clone().into()),
    }
}
pub fn define_classmethod_descr(b: &mut TypeBuilder<'_>) {
    b.slots.call = Some(ops::call::call);
    b.slots.descr_get = Some(|vm, f, obj, owner| {
        let class =
            if owner.is_unbound() { vm.type_of(obj).to_value() } else { owner.clone() };
        match native::native_of(f) {
            Some(n) => Ok(vm.native_function(n.def, class, Value::NONE).into()),
            None => Ok(f.clone().into()),
        }
    });
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
}
pub fn define_method_wrapper(b: &mut TypeBuilder<'_>) {
    b.slots.call = Some(ops::call::call);
}
pub fn define_getset(b: &mut TypeBuilder<'_>) {
    b.slots.descr_get = Some(descr::getset_get);
    b.slots.descr_set = Some(descr::getset_set);
}
pub fn define_member(b: &mut TypeBuilder<'_>) {
    b.slots.descr_get = Some(descr::member_get);
    b.slots.descr_set = Some(descr::member_set);
}

pub fn define_classmethod(b: &mut TypeBuilder<'_>) {
    b.slots.descr_get = Some(|vm, d, obj, owner| {
        let f = d.get::<ClassMethod>().map_or(Value::NONE, |c| c.callable.get());
        let class =
            if owner.is_unbound() { vm.type_of(obj).to_value() } else { owner.clone() };
        Ok(vm.bound_method(f, class).into())
    });
    b.methods(CLASSMETHOD);
}
const CLASSMETHOD: &[Def] = &[def("__new__", "(cls, function, /)", |vm, a| {
    let c = ClassMethod { callable: ValueCell::new(a[1].clone()) };
    match a[0].get::<Type>() {
        Some(t) => Ok(vm.new_object(t, c).into()),
        None => Err(vm.type_error("not a type")),
    }
})];
pub fn define_staticmethod(b: &mut TypeBuilder<'_>) {
    b.slots.descr_get = Some(|_vm, d, _obj, _owner| {
        Ok(d.get::<StaticMethod>().map_or(Value::NONE, |c| c.callable.get()).into())
    });
    b.slots.call = Some(ops::call::static_call);
    b.methods(STATICMETHOD);
}
const STATICMETHOD: &[Def] = &[def("__new__", "(cls, function, /)", |vm, a| {
    let c = StaticMethod { callable: ValueCell::new(a[1].clone()) };
    match a[0].get::<Type>() {
        Some(t) => Ok(vm.new_object(t, c).into()),
        None => Err(vm.type_error("not a type")),
    }
})];

pub fn define_property(b: &mut TypeBuilder<'_>) {
    b.slots.descr_get = Some(|vm, d, obj, _owner| {
        if obj.is_unbound() {
            return Ok(d.clone().into());
        }
        let f = d.get::<Property>().map_or(Value::NONE, |p| p.get.get());
        ops::call::call(vm, &f, Args::new(std::slice::from_ref(obj)))
    });
    b.slots.descr_set = Some(|vm, d, obj, value| {
        let Some(p) = d.get::<Property>() else { return Ok(Reply::NONE) };
        if value.is_unbound() {
            let f = p.del.get();
            return ops::call::call(vm, &f, Args::new(std::slice::from_ref(obj)));
        }
        let f = p.set.get();
        ops::call::call(vm, &f, Args::new(&[obj.clone(), value.clone()]))
    });
    b.methods(PROPERTY);
}
const PROPERTY: &[Def] = &[def("__new__", "(cls, fget=None, fset=None, fdel=None, doc=None)", |vm, a| {
    let or_none = |v: &Value| ValueCell::new(if v.is_unbound() { Value::NONE } else { v.clone() });
    let p = Property {
        get: or_none(&a[1]),
        set: or_none(&a[2]),
        del: or_none(&a[3]),
        doc: or_none(&a[4]),
        name: ValueCell::new(Value::UNBOUND),
        doc_from_getter: ValueCell::new(Value::FALSE),
    };
    match a[0].get::<Type>() {
        Some(t) => Ok(vm.new_object(t, p).into()),
        None => Err(vm.type_error("not a type")),
    }
})];

pub fn define_module(b: &mut TypeBuilder<'_>) {
    b.slots.getattr = Some(ops::attr::module_getattr);
    b.slots.setattr = Some(|vm, v, name, value| {
        let dict = v.get::<crate::objects::module::Module>().and_then(|m| m.namespace());
        match dict {
            Some(d) if value.is_unbound() => {
                if d.del_str(vm, name) { Ok(Reply::NONE) } else { Err(vm.no_attribute(v, name)) }
            }
            Some(d) => {
                d.set_str(vm, name, value.clone());
                Ok(Reply::NONE)
            }
            None => Err(vm.no_attribute(v, name)),
        }
    });
}

pub fn define_generator(b: &mut TypeBuilder<'_>) {
    b.slots.iter = Some(self_iter);
    b.slots.next = Some(generator::next);
    b.methods(GENERATOR);
}
const GENERATOR: &[Def] = &[
    def("send", "(self, value, /)", |vm, a| generator::send(vm, &a[0], a[1].clone())),
    def("close", "(self, /)", |vm, a| generator::close(vm, &a[0])),
];
pub fn define_coroutine(b: &mut TypeBuilder<'_>) {
    b.methods(GENERATOR);
}

pub fn define_none(b: &mut TypeBuilder<'_>) {
    b.slots.repr = Some(|vm, _| Ok(vm.intern("None").into()));
    b.slots.bool = Some(|_, _| Ok(Value::FALSE.into()));
}

// exceptions

const EXCEPTION: &[Def] = &[
    def("__new__", "(cls, /, *args, **kwargs)", |vm, a| match a[0].get::<Type>() {
        Some(t) => Ok(vm.new_object(t, Exception::new(a[1].clone())).into()),
        None => Err(vm.type_error("not a type")),
    }),
    def("__init__", "(self, /, *args, **kwargs)", |_vm, a| {
        if let Some(e) = a[0].get::<Exception>() {
            e.args.set(a[1].clone());
        }
        Ok(Reply::NONE)
    }),
];

pub fn define_exception(b: &mut TypeBuilder<'_>, name: &str) {
    if name != "BaseException" {
        return;
    }
    b.methods(EXCEPTION);
    b.slots.str = Some(|vm, v| {
        let args = v.get::<Exception>().map_or(Value::NONE, |e| e.args.get());
        match args.tuple_items() {
            [] => Ok(vm.names.empty.clone().into()),
            [one] => ops::text::str(vm, one),
            _ => ops::text::repr(vm, &args),
        }
    });
}

//! Attributes of functions, methods and descriptors. CPython's counterparts: `funcobject.c`,
//! `methodobject.c`, `descrobject.c`, `classobject.c`.

use crate::descr::{GetSet, GetSetDescr, MemberDescr, field, getset, getter};
use crate::dunder::{MethodWrapper, WrapperDescr};
use crate::exc::{Flow, Reply};
use crate::native::{Def, def, native_of};
use crate::object::Obj;
use crate::objects::code::PyCode;
use crate::objects::dict::Dict;
use crate::objects::function::{Function, Method, Property};
use crate::objects::types::Type;
use crate::ops;
use crate::value::Value;
use crate::vm::Vm;

fn func(v: &Value) -> Option<&Obj<Function>> {
    v.get::<Function>()
}

// What audit hooks hear of.

pub(crate) fn get_code(vm: &mut Vm, v: &Value) -> Flow {
    if let Some(flow) = crate::audit::read(vm, "__code__", v) {
        return flow;
    }
    Ok(func(v).map_or(Value::NONE, |f| f.code.get()).into())
}

pub(crate) fn set_code(vm: &mut Vm, v: &Value, x: &Value) -> Flow {
    let (Some(f), Some(c)) = (func(v), x.get::<PyCode>()) else {
        return Err(vm.type_error("__code__ must be set to a code object"));
    };
    if let Some(flow) = crate::audit::assigned(vm, "__code__", v, x) {
        return flow;
    }
    let (need, have) = (c.code.free_count as usize, f.closure.get().tuple_items().len());
    if need != have {
        let n = f.name.get().display_str(vm);
        return Err(vm.value_error(format!(
            "{n}() requires a code object with {have} free vars, not {need}"
        )));
    }
    // Running activations keep the old code alive through this list.
    let old = f.code.replace(x.clone());
    vm.retired_code.push(old);
    f.body.set(std::ptr::null());
    Ok(Reply::NONE)
}

pub(crate) fn get_defaults(vm: &mut Vm, v: &Value) -> Flow {
    if let Some(flow) = crate::audit::read(vm, "__defaults__", v) {
        return flow;
    }
    Ok(func(v).map_or(Value::NONE, |f| f.defaults.get()).into())
}

pub(crate) fn set_defaults(vm: &mut Vm, v: &Value, x: &Value) -> Flow {
    let x = if x.is_unbound() { Value::NONE } else { x.clone() };
    if !x.is_none() && !x.has::<crate::objects::tuple::Tuple>() {
        return Err(vm.type_error("__defaults__ must be set to a tuple object"));
    }
    let told = match x.is_none() {
        true => crate::audit::deleted(vm, "del __defaults__", "__defaults__", v),
        false => crate::audit::assigned(vm, "__defaults__", v, &x),
    };
    if let Some(flow) = told {
        return flow;
    }
    if let Some(f) = func(v) {
        f.defaults.set(x);
    }
    Ok(Reply::NONE)
}

pub(crate) fn get_kwdefaults(vm: &mut Vm, v: &Value) -> Flow {
    if let Some(flow) = crate::audit::read(vm, "__kwdefaults__", v) {
        return flow;
    }
    Ok(func(v).map_or(Value::NONE, |f| f.kwdefaults.get()).into())
}

pub(crate) fn set_kwdefaults(vm: &mut Vm, v: &Value, x: &Value) -> Flow {
    let x = if x.is_unbound() { Value::NONE } else { x.clone() };
    if !x.is_none() && !x.has::<Dict>() {
        return Err(vm.type_error("__kwdefaults__ must be set to a dict object"));
    }
    let told = match x.is_none() {
        true => crate::audit::deleted(vm, "del __kwdefaults__", "__kwdefaults__", v),
        false => crate::audit::assigned(vm, "__kwdefaults__", v, &x),
    };
    if let Some(flow) = told {
        return flow;
    }
    if let Some(f) = func(v) {
        f.kwdefaults.set(x);
    }
    Ok(Reply::NONE)
}

macro_rules! text_attr {
    ($name:literal, $field:ident) => {
        getset(
            $name,
            |_, v| Ok(func(v).map_or(Value::NONE, |f| f.$field.get()).into()),
            |vm, v, x| {
                if !vm.is_str(x) {
                    return Err(vm.type_error(concat!($name, " must be set to a string object")));
                }
                if let Some(f) = func(v) {
                    f.$field.set(x.clone());
                }
                Ok(Reply::NONE)
            },
        )
    };
}

pub static FUNCTION: [GetSet; 14] = [
    text_attr!("__name__", name),
    text_attr!("__qualname__", qualname),
    getset("__code__", get_code, set_code),
    getset("__defaults__", get_defaults, set_defaults),
    getset("__kwdefaults__", get_kwdefaults, set_kwdefaults),
    getset(
        "__module__",
        |_, v| Ok(func(v).map_or(Value::NONE, |f| f.module.get()).into()),
        |_, v, x| {
            if let Some(f) = func(v) {
                f.module.set(if x.is_unbound() { Value::NONE } else { x.clone() });
            }
            Ok(Reply::NONE)
        },
    ),
    getset(
        "__doc__",
        |vm, v| Ok(func(v).map_or(Value::NONE, |f| f.doc_value(vm)).into()),
        |_, v, x| {
            if let Some(f) = func(v) {
                f.set_doc(x.clone());
            }
            Ok(Reply::NONE)
        },
    ),
    field("__globals__", |_, v| Ok(func(v).map_or(Value::NONE, |f| f.globals.get()).into())),
    field("__builtins__", |_, v| Ok(func(v).map_or(Value::NONE, |f| f.builtins.get()).into())),
    field("__closure__", |_, v| Ok(func(v).map_or(Value::NONE, |f| f.closure.get()).into())),
    getset("__annotations__", annotations, |vm, v, x| {
        let x = if x.is_unbound() || x.is_none() { Value::UNBOUND } else { x.clone() };
        if !x.is_unbound() && !x.has::<Dict>() {
            return Err(vm.type_error("__annotations__ must be set to a dict object"));
        }
        if let Some(f) = func(v) {
            f.annotations.set(x);
            f.annotate.set(Value::NONE);
        }
        Ok(Reply::NONE)
    }),
    getset(
        "__annotate__",
        |_, v| Ok(func(v).map_or(Value::NONE, |f| f.annotate.get()).into()),
        |vm, v, x| {
            if x.is_unbound() {
                return Err(vm.type_error("__annotate__ cannot be deleted"));
            }
            if !x.is_none() && vm.type_of(x).slots(vm).call.is_none() {
                return Err(vm.type_error("__annotate__ must be callable or None"));
            }
            if let Some(f) = func(v) {
                f.annotate.set(x.clone());
                if !x.is_none() {
                    f.annotations.set(Value::UNBOUND);
                }
            }
            Ok(Reply::NONE)
        },
    ),
    getset(
        "__type_params__",
        |vm, v| {
            let p = func(v).map_or(Value::UNBOUND, |f| f.type_params.get());
            Ok(if p.is_unbound() { vm.tuple(vec![]) } else { p }.into())
        },
        |vm, v, x| {
            if !x.has::<crate::objects::tuple::Tuple>() {
                return Err(vm.type_error("__type_params__ must be set to a tuple"));
            }
            if let Some(f) = func(v) {
                f.type_params.set(x.clone());
            }
            Ok(Reply::NONE)
        },
    ),
    getset(
        "__dict__",
        crate::objects::types_methods::instance_dict_get,
        crate::objects::types_methods::instance_dict_set,
    ),
];

/// Registers: function. `__annotate__(1)` on first use.
pub(crate) static ANNOTATE: crate::machine::Machine =
    crate::machine::Machine::new("function.annotations", |vm, regs, input| {
        let v = regs.get(0);
        let Some(f) = func(&v) else { return Ok(Reply::NONE) };
        let d = match regs.stage() {
            0 => {
                let a = f.annotate.get();
                let one = [Value::from_i32(1)];
                crate::soft!(regs, 1, ops::call::call(vm, &a, crate::native::Args::new(&one)))
            }
            _ => input.value()?,
        };
        if !d.has::<Dict>() {
            let t = vm.type_name(&d);
            return Err(vm.type_error(format!("__annotate__ returned non-dict of type '{t}'")));
        }
        f.annotations.set(d.clone());
        Ok(d.into())
    });

fn annotations(vm: &mut Vm, v: &Value) -> Flow {
    let Some(f) = func(v) else { return Ok(Reply::NONE) };
    let a = f.annotations.get();
    if !a.is_unbound() {
        return Ok(a.into());
    }
    if f.annotate.peek().is_none() {
        let d = vm.dict().into_value();
        f.annotations.set(d.clone());
        return Ok(d.into());
    }
    vm.start(&ANNOTATE, [v.clone()])
}

pub(crate) fn function_new(vm: &mut Vm, a: &[Value]) -> Flow {
    if !a[1].has::<PyCode>() || !a[2].has::<Dict>() {
        let t = vm.type_name(&a[1]);
        return Err(vm.type_error(format!("function() argument 'code' must be code, not {t}")));
    }
    let need = a[1].get::<PyCode>().map_or(0, |c| c.code.free_count as usize);
    let closure = a[5].given().filter(|v| !v.is_none()).cloned().unwrap_or(Value::NONE);
    if need != closure.tuple_items().len() {
        return Err(vm.value_error(format!(
            "requires closure of length {need}, not {}",
            closure.tuple_items().len()
        )));
    }
    if vm.audit.is_some()
        && let told = vec![a[1].clone()]
        && let Some(flow) = crate::audit::first(vm, "function.__new__", "function.__new__", told, a)
    {
        return flow;
    }
    let b = crate::compile::builtins_of(vm, &a[2]);
    let f = vm.function(a[1].clone(), a[2].clone(), b);
    if let Some(x) = func(&f) {
        for (i, cell) in [(3, &x.name), (4, &x.defaults), (6, &x.kwdefaults)] {
            if let Some(v) = a[i].given()
                && !v.is_none()
            {
                cell.set(v.clone());
            }
        }
        x.closure.set(closure);
    }
    Ok(f.into())
}

pub const FUNCTION_METHODS: &[Def] = &[def!(
    "__new__",
    "(cls, code, globals, name=None, argdefs=None, closure=None, kwdefaults=None)",
    function_new
)];

pub static METHOD: [GetSet; 3] = [
    field("__func__", |_, v| Ok(v.get::<Method>().map_or(Value::NONE, |m| m.func.get()).into())),
    field("__self__", |_, v| {
        Ok(v.get::<Method>().map_or(Value::NONE, |m| m.receiver.get()).into())
    }),
    getter("__doc__", |vm, v| {
        let f = v.get::<Method>().map_or(Value::NONE, |m| m.innermost());
        ops::attr::getattr_text(vm, &f, "__doc__")
    }),
];

pub const METHOD_METHODS: &[Def] = &[
    def!("__new__", "(cls, function, instance, /)", |vm, _, function, instance| {
        if vm.type_of(function).slots(vm).call.is_none() {
            return Err(vm.type_error("first argument must be callable"));
        }
        if instance.is_none() {
            return Err(vm.type_error("instance must not be None"));
        }
        Ok(vm.bound_method(function.clone(), instance.clone()).into())
    }),
    def!("__reduce__", "(self, /)", |vm, a| crate::steps::call_intrinsic(vm, "method_reduce", a)),
];

fn native_self(vm: &mut Vm, v: &Value) -> Value {
    match native_of(v) {
        Some(n) if v.has::<crate::native::NativeFunction>() => {
            let o = n.owner.get();
            if o.is_unbound() { module_named(vm, &n.public_module(vm)) } else { o }
        }
        _ => Value::NONE,
    }
}

/// The module of a function, once that is there.
fn module_named(vm: &mut Vm, name: &Value) -> Value {
    let modules = vm.modules.clone();
    modules.and_then(|m| m.get_text(vm, name.as_str(vm)?)).unwrap_or(Value::NONE)
}

/// Of builtin functions that are written in Python.
pub static LIBRARY: [GetSet; 6] = [
    text_attr!("__name__", name),
    text_attr!("__qualname__", qualname),
    getset(
        "__module__",
        |_, v| Ok(func(v).map_or(Value::NONE, |f| f.module.get()).into()),
        |_, v, x| {
            if let Some(f) = func(v) {
                f.module.set(if x.is_unbound() { Value::NONE } else { x.clone() });
            }
            Ok(Reply::NONE)
        },
    ),
    getter("__doc__", |vm, v| Ok(func(v).map_or(Value::NONE, |f| f.doc_value(vm)).into())),
    getter("__self__", |vm, v| {
        let name = func(v).map_or(Value::NONE, |f| f.module.get());
        Ok(module_named(vm, &name).into())
    }),
    getter("__text_signature__", |vm, v| Ok(library_signature(vm, v).into())),
];

/// The signature of a Python function as text; None where a default has no short text.
fn library_signature(vm: &mut Vm, v: &Value) -> Value {
    let Some(f) = func(v) else { return Value::NONE };
    let (code, defaults, kwdefaults) = (f.code.get(), f.defaults.get(), f.kwdefaults.get());
    let Some(c) = code.get::<PyCode>() else { return Value::NONE };
    let c = c.code.clone();
    let (n, kwonly) = (c.arg_count as usize, c.kwonly_count as usize);
    let first = n - defaults.tuple_items().len().min(n);
    let mut parts = Vec::new();
    let text = |vm: &mut Vm, name: &str, default: Option<Value>| match default {
        None => Some(name.to_string()),
        Some(d) if d.is_none() || d.is_int_like() || d.as_float().is_some() || vm.is_str(&d) => {
            let text = ops::text::repr_fast(vm, &d)?.ok()?;
            Some(format!("{name}={}", text.display_str(vm)))
        }
        Some(_) => None,
    };
    for i in 0..n {
        let default = i.checked_sub(first).and_then(|i| defaults.tuple_items().get(i).cloned());
        let Some(part) = text(vm, &c.local_names[i], default) else { return Value::NONE };
        parts.push(part);
        if i + 1 == c.posonly_count as usize {
            parts.push("/".to_string());
        }
    }
    let flags = c.flags;
    use stackless_bytecode::code::flags as code_flags;
    let mut next = n + kwonly;
    if flags & code_flags::VARARGS != 0 {
        parts.push(format!("*{}", c.local_names[next]));
        next += 1;
    } else if kwonly > 0 {
        parts.push("*".to_string());
    }
    for i in n..n + kwonly {
        let name = c.local_names[i].clone();
        let default = kwdefaults.get::<Dict>().and_then(|d| d.get_text(vm, &name));
        let Some(part) = text(vm, &name, default) else { return Value::NONE };
        parts.push(part);
    }
    if flags & code_flags::VARKEYWORDS != 0 {
        parts.push(format!("**{}", c.local_names[next]));
    }
    vm.str(&with_module(&format!("({})", parts.join(", "))))
}

/// The signature of a module's function as CPython writes it: the module is its first argument.
fn with_module(plain: &str) -> String {
    // The first parameter is no receiver, whatever its name.
    let rest = plain.strip_prefix('(').unwrap_or(plain).replacen("$type", "cls", 1);
    match &*rest {
        ")" => "($module, /)".to_string(),
        _ => with_marker(&format!("($module, {rest}")),
    }
}

/// The receiver of a signature is positional only, also where no other parameter is.
fn with_marker(plain: &str) -> String {
    match plain.split_once(", ") {
        Some((receiver, rest)) if receiver.starts_with("($") && !plain.contains(", /") => {
            format!("{receiver}, /, {rest}")
        }
        _ => plain.to_string(),
    }
}

pub static NATIVE: [GetSet; 7] = [
    getter("__name__", |vm, v| Ok(vm.intern(native_of(v).map_or("", |n| n.def.name)).into())),
    getter("__qualname__", |vm, v| {
        let Some(n) = native_of(v) else { return Ok(Reply::NONE) };
        let o = n.owner.get();
        let text = match o.get::<Type>() {
            Some(t) => format!("{}.{}", t.qualname.get().display_str(vm), n.def.name),
            None if o.is_unbound() || o.has::<crate::objects::module::Module>() => {
                n.def.name.to_string()
            }
            None => {
                let t = vm.type_of(&o).qualname.get().display_str(vm);
                format!("{t}.{}", n.def.name)
            }
        };
        Ok(vm.str(&text).into())
    }),
    getter("__module__", |vm, v| {
        Ok(native_of(v).map_or(Value::NONE, |n| n.public_module(vm)).into())
    }),
    field("__self__", |vm, v| Ok(native_self(vm, v).into())),
    field("__objclass__", |_, v| Ok(native_of(v).map_or(Value::NONE, |n| n.owner.get()).into())),
    getter("__doc__", |vm, v| {
        Ok(native_of(v).map_or(Value::NONE, |f| crate::docs::of_function(vm, f)).into())
    }),
    getter("__text_signature__", |vm, v| match native_of(v) {
        Some(n) => {
            let plain = n.def.sig.text;
            // A function of a module: the module comes first.
            let of_module = n.owner.get().is_unbound() && v.has::<crate::native::NativeFunction>();
            let text = match n.def.name {
                "__new__" => "($type, *args, **kwargs)".to_string(),
                _ if of_module => with_module(plain),
                _ => with_marker(plain),
            };
            Ok(vm.str(&text).into())
        }
        None => Ok(Reply::NONE),
    }),
];

fn wrapper(v: &Value) -> Option<&Obj<WrapperDescr>> {
    v.get::<WrapperDescr>()
}

pub static WRAPPER: [GetSet; 5] = [
    getter("__name__", |vm, v| Ok(vm.intern(wrapper(v).map_or("", |w| w.name())).into())),
    getter("__qualname__", |vm, v| {
        let Some(w) = wrapper(v) else { return Ok(Reply::NONE) };
        let o = w.owner.get().get::<Type>().map_or(String::new(), |t| t.name_str(vm));
        Ok(vm.str(&format!("{o}.{}", w.name())).into())
    }),
    field("__objclass__", |_, v| Ok(wrapper(v).map_or(Value::NONE, |w| w.owner.get()).into())),
    getter("__doc__", |vm, v| {
        let Some(w) = wrapper(v) else { return Ok(Reply::NONE) };
        Ok(match w.def.map_or("", |d| d.doc) {
            "" => crate::docs::of_attribute(vm, &w.owner.get(), w.name()),
            doc => vm.str(doc),
        }
        .into())
    }),
    getter("__text_signature__", |vm, v| {
        let Some(w) = wrapper(v) else { return Ok(Reply::NONE) };
        Ok(match w.def.map_or("", |d| d.sig) {
            "" if w.name() == "__init__" => vm.str("($self, /, *args, **kwargs)"),
            "" => Value::NONE,
            sig => vm.str(sig),
        }
        .into())
    }),
];

fn bound(v: &Value) -> (Value, Value) {
    v.get::<MethodWrapper>()
        .map_or((Value::NONE, Value::NONE), |w| (w.descr.get(), w.receiver.get()))
}

pub static METHOD_WRAPPER: [GetSet; 6] = [
    getter("__text_signature__", |vm, v| {
        ops::attr::getattr_text(vm, &bound(v).0, "__text_signature__")
    }),
    field("__self__", |_, v| Ok(bound(v).1.into())),
    getter("__name__", |vm, v| ops::attr::getattr_text(vm, &bound(v).0, "__name__")),
    getter("__qualname__", |vm, v| ops::attr::getattr_text(vm, &bound(v).0, "__qualname__")),
    field("__objclass__", |vm, v| ops::attr::getattr_text(vm, &bound(v).0, "__objclass__")),
    getter("__doc__", |vm, v| ops::attr::getattr_text(vm, &bound(v).0, "__doc__")),
];

pub static GETSET: [GetSet; 4] = [
    getter("__name__", |vm, v| {
        Ok(vm.intern(v.get::<GetSetDescr>().map_or("", |g| g.def.name)).into())
    }),
    getter("__qualname__", |vm, v| {
        let Some(g) = v.get::<GetSetDescr>() else { return Ok(Reply::NONE) };
        let o = g.owner.get().get::<Type>().map_or(String::new(), |t| t.name_str(vm));
        Ok(vm.str(&format!("{o}.{}", g.def.name)).into())
    }),
    field("__objclass__", |_, v| {
        Ok(v.get::<GetSetDescr>().map_or(Value::NONE, |g| g.owner.get()).into())
    }),
    getter("__doc__", |vm, v| match v.get::<GetSetDescr>() {
        Some(g) => Ok(crate::docs::of_attribute(vm, &g.owner.get(), g.def.name).into()),
        None => Ok(Reply::NONE),
    }),
];

pub static MEMBER: [GetSet; 4] = [
    getter("__name__", |_, v| {
        Ok(v.get::<MemberDescr>().map_or(Value::NONE, |m| m.name.get()).into())
    }),
    getter("__qualname__", |vm, v| {
        let Some(g) = v.get::<MemberDescr>() else { return Ok(Reply::NONE) };
        let o = g.owner.get().get::<Type>().map_or(String::new(), |t| t.name_str(vm));
        let n = g.name.get().display_str(vm);
        Ok(vm.str(&format!("{o}.{n}")).into())
    }),
    field("__objclass__", |_, v| {
        Ok(v.get::<MemberDescr>().map_or(Value::NONE, |m| m.owner.get()).into())
    }),
    getter("__doc__", |_, _| Ok(Reply::NONE)),
];

/// The name a property was given, or its getter's.
pub fn property_name(p: &Obj<Property>) -> Value {
    let n = p.name.get();
    if !n.is_unbound() && !n.is_none() {
        return n;
    }
    p.get.get().get::<Function>().map_or(Value::NONE, |f| f.name.get())
}

fn prop(v: &Value) -> Option<&Obj<Property>> {
    v.get::<Property>()
}

pub static PROPERTY: [GetSet; 6] = [
    field("fget", |_, v| Ok(prop(v).map_or(Value::NONE, |p| p.get.get()).into())),
    field("fset", |_, v| Ok(prop(v).map_or(Value::NONE, |p| p.set.get()).into())),
    field("fdel", |_, v| Ok(prop(v).map_or(Value::NONE, |p| p.del.get()).into())),
    getset(
        "__doc__",
        |vm, v| {
            let Some(p) = prop(v) else { return Ok(Value::NONE.into()) };
            if p.doc_from_getter.get().is_true()
                && let Some(c) = p.doc.get().get::<crate::objects::code::PyCode>()
            {
                let getter = p.get.get();
                let doc = match getter.get::<Function>() {
                    Some(f) => f.doc_value(vm),
                    None => c.docstring(vm),
                };
                p.doc.set(doc);
            }
            Ok(p.doc.get().into())
        },
        |_, v, x| {
            if let Some(p) = prop(v) {
                p.doc.set(if x.is_unbound() { Value::NONE } else { x.clone() });
            }
            Ok(Reply::NONE)
        },
    ),
    getset(
        "__name__",
        |vm, v| {
            let n = prop(v).map_or(Value::NONE, property_name);
            if n.is_none() {
                let name = vm.names.name.clone();
                return Err(vm.no_attribute(v, &name));
            }
            Ok(n.into())
        },
        |_, v, x| {
            if let Some(p) = prop(v) {
                p.name.set(if x.is_unbound() { Value::UNBOUND } else { x.clone() });
            }
            Ok(Reply::NONE)
        },
    ),
    getter("__isabstractmethod__", |vm, v| {
        let parts = prop(v).map_or(vec![], |p| vec![p.get.get(), p.set.get(), p.del.get()]);
        let parts = vm.tuple(parts);
        crate::steps::call_intrinsic(vm, "any_abstract", &[parts])
    }),
];

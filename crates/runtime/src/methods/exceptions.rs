//! Exception classes: slots, methods and the attributes of special classes.
//! CPython's counterpart: `Objects/exceptions.c`.
//!
//! Attributes beyond `args` are `Exception::extra` slots; their numbers are in `SLOTS`.

use crate::boot::TypeBuilder;
use crate::descr::{GetSet, field, getset};
use crate::exc::{Flow, Reply};
use crate::native::{Def, def};
use crate::object::Obj;
use crate::objects::exception::Exception;
use crate::objects::types::{Type, UnaryFn};
use crate::ops;
use crate::steps::call_intrinsic;
use crate::value::Value;
use crate::vm::Vm;

fn exc(v: &Value) -> Option<&Obj<Exception>> {
    v.get::<Exception>()
}

/// Fills one exception class.
pub fn define(b: &mut TypeBuilder<'_>) {
    let name = b.ty.name_str(b.vm);
    let name = name.as_str();
    match name {
        "BaseException" => {
            b.methods(BASE);
            b.getsets(&BASE_ATTRS);
            b.slots.str = Some(base_str);
            b.slots.repr = Some(|vm, v| {
                let (n, a) =
                    (vm.type_of(v).name.get(), exc(v).map_or(Value::NONE, |e| e.args.get()));
                call_intrinsic(vm, "exception_repr", &[n, a])
            });
        }
        "BaseExceptionGroup" => {
            b.methods(GROUP);
            b.getsets(&GROUP_ATTRS);
            b.slots.str = Some(|vm, v| call_intrinsic(vm, "group_str", std::slice::from_ref(v)));
            b.slots.repr = Some(|vm, v| call_intrinsic(vm, "group_repr", std::slice::from_ref(v)));
        }
        "StopIteration" => {
            b.methods(FIRST_ARG);
            b.getsets(&STOP_ATTRS);
        }
        "SystemExit" => {
            b.methods(FIRST_ARG);
            b.getsets(&EXIT_ATTRS);
        }
        "AttributeError" => {
            b.methods(KW_NAME_OBJ);
            b.getsets(&ATTRIBUTE_ATTRS);
        }
        "NameError" => {
            b.methods(KW_NAME);
            b.getsets(&NAME_ATTRS);
        }
        "ImportError" => {
            b.methods(IMPORT);
            b.getsets(&IMPORT_ATTRS);
            b.slots.str = Some(import_str);
        }
        "KeyError" => {
            b.slots.str = Some(|vm, v| {
                let a = exc(v).map_or(Value::NONE, |e| e.args.get());
                match a.tuple_items() {
                    [one] => ops::text::repr(vm, one),
                    _ => base_str(vm, v),
                }
            });
        }
        "SyntaxError" => {
            b.methods(SYNTAX);
            b.getsets(&SYNTAX_ATTRS);
            b.slots.str =
                Some(|vm, v| call_intrinsic(vm, "syntax_error_str", std::slice::from_ref(v)));
        }
        "OSError" => {
            b.methods(OS);
            b.getsets(&OS_ATTRS);
            b.slots.str = Some(|vm, v| call_intrinsic(vm, "os_error_str", std::slice::from_ref(v)));
        }
        "UnicodeDecodeError" | "UnicodeEncodeError" => {
            b.methods(UNICODE);
            b.getsets(&UNICODE_ATTRS);
            b.slots.str =
                Some(|vm, v| call_intrinsic(vm, "unicode_error_str", std::slice::from_ref(v)));
        }
        "UnicodeTranslateError" => {
            b.methods(TRANSLATE);
            b.getsets(&UNICODE_ATTRS);
            b.slots.str =
                Some(|vm, v| call_intrinsic(vm, "unicode_error_str", std::slice::from_ref(v)));
        }
        _ => {}
    }
}

/// The message of an ImportError, if it is one.
fn import_message(vm: &mut Vm, v: &Value) -> Option<Value> {
    let message = exc(v).and_then(|e| e.extra(vm, 0))?;
    vm.is_exactly(&message, &vm.types.str).then_some(message)
}

fn import_str(vm: &mut Vm, v: &Value) -> Flow {
    match import_message(vm, v) {
        Some(message) => Ok(message.into()),
        None => base_str(vm, v),
    }
}

/// The text of an exception that is the only argument of another one is that of its own argument, and
/// so on: natively, but in a loop, which a cycle ends like a recursion.
fn base_str(vm: &mut Vm, v: &Value) -> Flow {
    let mut at = v.clone();
    for _ in 0..vm.native_limit() {
        let args = exc(&at).map_or(Value::NONE, |e| e.args.get());
        let one = match args.tuple_items() {
            [] => return Ok(vm.names.empty.clone().into()),
            [one] => one.clone(),
            _ => return ops::text::repr(vm, &args),
        };
        let is = |f: Option<UnaryFn>, g: UnaryFn| f.is_some_and(|f| std::ptr::fn_addr_eq(f, g));
        let slot = exc(&one).and_then(|_| vm.type_of(&one).slots(vm).str);
        let goes_on =
            is(slot, base_str) || is(slot, import_str) && import_message(vm, &one).is_none();
        if !goes_on {
            return ops::text::str(vm, &one);
        }
        at = one;
    }
    Err(vm.recursion_error_text("maximum recursion depth exceeded"))
}

const BASE: &[Def] = &[
    def!("__new__", "(cls, /, *args, **kwargs)", |vm, a| match a[0].get::<Type>() {
        Some(t) if t.is_subtype(&vm.excs.base_exception_group.clone(), vm) => {
            call_intrinsic(vm, "group_new", &[a[0].clone(), a[1].clone()])
        }
        Some(t) if t.is_subtype(&vm.excs.os_error.clone(), vm) => {
            call_intrinsic(vm, "os_error_new", &[a[0].clone(), a[1].clone(), a[2].clone()])
        }
        Some(t) => Ok(vm.new_object(t, Exception::new(a[1].clone())).into()),
        None => Err(vm.type_error("BaseException.__new__(X): X is not a type object")),
    }),
    def!("__init__", "(self, /, *args, **kwargs)", |vm, a| {
        if ops::len_fast(vm, &a[2]).unwrap_or(0) > 0 {
            let n = vm.type_name(&a[0]);
            return Err(vm.type_error(format!("{n}() takes no keyword arguments")));
        }
        if let Some(e) = exc(&a[0]) {
            e.args.set(a[1].clone());
        }
        Ok(Reply::NONE)
    }),
    def!("with_traceback", "(self, object, /)", |vm, this, object| {
        let _ = set_traceback(vm, this, object)?;
        Ok(this.clone().into())
    }),
    def!("add_note", "(self, object, /)", |vm, a| {
        if !vm.is_str(&a[1]) {
            let t = vm.type_name(&a[1]);
            return Err(vm.type_error(format!("note must be a str, not '{t}'")));
        }
        call_intrinsic(vm, "add_note", a)
    }),
    def!("__reduce__", "(self, /)", |vm, this| {
        let args = exc(this).map_or(Value::NONE, |e| e.args.get());
        let class = vm.type_of(this).to_value();
        let d = vm.instance_items(this);
        if d.is_empty() {
            return Ok(vm.tuple(vec![class, args]).into());
        }
        let dict = vm.dict();
        for (k, v) in d {
            dict.set_str(vm, &k, v);
        }
        Ok(vm.tuple(vec![class, args, dict.into_value()]).into())
    }),
    def!("__setstate__", "(self, state, /)", |vm, a| {
        if a[1].is_none() {
            return Ok(Reply::NONE);
        }
        if !a[1].has::<crate::objects::dict::Dict>() {
            return Err(vm.type_error("state is not a dictionary"));
        }
        call_intrinsic(vm, "exception_setstate", a)
    }),
];

fn set_traceback(vm: &mut Vm, v: &Value, tb: &Value) -> Flow {
    if tb.is_unbound() {
        return Err(vm.type_error("__traceback__ may not be deleted"));
    }
    if !tb.is_none() && !tb.has::<crate::pyframe::Traceback>() {
        return Err(vm.type_error("__traceback__ must be a traceback or None"));
    }
    if let Some(e) = exc(v) {
        e.traceback.set(tb.clone());
    }
    Ok(Reply::NONE)
}

static BASE_ATTRS: [GetSet; 6] = [
    getset(
        "args",
        |_, v| Ok(exc(v).map_or(Value::NONE, |e| e.args.get()).into()),
        |vm, v, x| {
            if x.is_unbound() {
                return Err(vm.type_error("args may not be deleted"));
            }
            if x.has::<crate::objects::tuple::Tuple>() {
                if let Some(e) = exc(v) {
                    e.args.set(x.clone());
                }
                return Ok(Reply::NONE);
            }
            call_intrinsic(vm, "set_args", &[v.clone(), x.clone()])
        },
    ),
    getset(
        "__traceback__",
        |_, v| Ok(exc(v).map_or(Value::NONE, |e| e.traceback.get()).into()),
        set_traceback,
    ),
    getset(
        "__context__",
        |_, v| Ok(exc(v).map_or(Value::NONE, |e| e.context.get()).into()),
        |vm, v, x| {
            if x.is_unbound() {
                return Err(vm.type_error("__context__ may not be deleted"));
            }
            if !x.is_none() && exc(x).is_none() {
                return Err(
                    vm.type_error("exception context must be None or derive from BaseException")
                );
            }
            if let Some(e) = exc(v) {
                e.context.set(x.clone());
            }
            Ok(Reply::NONE)
        },
    ),
    getset(
        "__cause__",
        |_, v| Ok(exc(v).map_or(Value::NONE, |e| e.cause.get()).into()),
        |vm, v, x| {
            if x.is_unbound() {
                return Err(vm.type_error("__cause__ may not be deleted"));
            }
            if !x.is_none() && exc(x).is_none() {
                return Err(
                    vm.type_error("exception cause must be None or derive from BaseException")
                );
            }
            if let Some(e) = exc(v) {
                e.cause.set(x.clone());
                e.suppress_context.set(true);
            }
            Ok(Reply::NONE)
        },
    ),
    getset(
        "__suppress_context__",
        |_, v| Ok(exc(v).is_some_and(|e| e.suppress_context.get()).into()),
        |vm, v, x| {
            if x.is_unbound() {
                return Err(vm.type_error("can't delete numeric/char attribute"));
            }
            if !x.is_bool() {
                return Err(vm.type_error("attribute value type must be bool"));
            }
            if let Some(e) = exc(v) {
                e.suppress_context.set(ops::truth_fast(x).unwrap_or(false));
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

/// Reads an extra slot, None when not set.
macro_rules! slot {
    ($name:literal, $i:literal) => {
        getset(
            $name,
            |vm, v| Ok(exc(v).and_then(|e| e.extra(vm, $i)).unwrap_or(Value::NONE).into()),
            |vm, v, x| {
                if let Some(e) = exc(v) {
                    e.set_extra(vm, $i, x.clone());
                }
                Ok(Reply::NONE)
            },
        )
    };
}

static STOP_ATTRS: [GetSet; 1] = [slot!("value", 0)];
static EXIT_ATTRS: [GetSet; 1] = [slot!("code", 0)];
static ATTRIBUTE_ATTRS: [GetSet; 2] = [slot!("name", 0), slot!("obj", 1)];
static NAME_ATTRS: [GetSet; 1] = [slot!("name", 0)];
static IMPORT_ATTRS: [GetSet; 4] =
    [slot!("msg", 0), slot!("name", 1), slot!("path", 2), slot!("name_from", 3)];
static SYNTAX_ATTRS: [GetSet; 9] = [
    slot!("msg", 0),
    slot!("filename", 1),
    slot!("lineno", 2),
    slot!("offset", 3),
    slot!("text", 4),
    slot!("end_lineno", 5),
    slot!("end_offset", 6),
    slot!("print_file_and_line", 7),
    slot!("_metadata", 8),
];
static OS_ATTRS: [GetSet; 5] = [
    slot!("errno", 0),
    slot!("strerror", 1),
    slot!("filename", 2),
    slot!("filename2", 3),
    getset(
        "characters_written",
        |vm, v| match exc(v).and_then(|e| e.extra(vm, 4)) {
            Some(n) => Ok(n.into()),
            None => {
                let name = vm.intern("characters_written");
                Err(vm.no_attribute(v, &name))
            }
        },
        |vm, v, x| {
            if let Some(e) = exc(v) {
                if x.is_unbound() && e.extra(vm, 4).is_none() {
                    let name = vm.intern("characters_written");
                    return Err(vm.no_attribute(v, &name));
                }
                e.set_extra(vm, 4, x.clone());
            }
            Ok(Reply::NONE)
        },
    ),
];
static UNICODE_ATTRS: [GetSet; 5] = [
    slot!("encoding", 0),
    slot!("object", 1),
    slot!("start", 2),
    slot!("end", 3),
    slot!("reason", 4),
];
static GROUP_ATTRS: [GetSet; 2] = [
    field("message", |vm, v| Ok(exc(v).and_then(|e| e.extra(vm, 0)).unwrap_or(Value::NONE).into())),
    field("exceptions", |vm, v| {
        Ok(exc(v).and_then(|e| e.extra(vm, 1)).unwrap_or(Value::NONE).into())
    }),
];

fn set_args(vm: &mut Vm, v: &Value, args: &Value, slots: &[(usize, Value)]) -> Flow {
    if let Some(e) = exc(v) {
        e.args.set(args.clone());
        for (i, x) in slots {
            e.set_extra(vm, *i, x.clone());
        }
    }
    Ok(Reply::NONE)
}

const FIRST_ARG: &[Def] = &[def!("__init__", "(self, /, *args)", |vm, a| {
    let args = a[1].tuple_items();
    let code = match args {
        [] => Value::NONE,
        [one] => one.clone(),
        _ if vm.is_instance(&a[0], &vm.excs.system_exit) => a[1].clone(),
        [one, ..] => one.clone(),
    };
    set_args(vm, &a[0], &a[1], &[(0, code)])
})];

const KW_NAME_OBJ: &[Def] =
    &[def!("__init__", "(self, /, *args, name=None, obj=None)", |vm, a| {
        set_args(vm, &a[0], &a[3], &[(0, a[1].clone()), (1, a[2].clone())])
    })];
const KW_NAME: &[Def] = &[def!("__init__", "(self, /, *args, name=None)", |vm, a| {
    set_args(vm, &a[0], &a[2], &[(0, a[1].clone())])
})];
const IMPORT: &[Def] = &[
    def!("__reduce__", "(self, /)", |vm, a| call_intrinsic(vm, "import_error_reduce", a)),
    def!("__init__", "(self, /, *args, name=None, path=None, name_from=None)", |vm, a| {
        let msg = match a[4].tuple_items() {
            [one] => one.clone(),
            _ => Value::NONE,
        };
        let slots = [(0, msg), (1, a[1].clone()), (2, a[2].clone()), (3, a[3].clone())];
        set_args(vm, &a[0], &a[4], &slots)
    }),
];

const SYNTAX: &[Def] = &[def!("__init__", "(self, /, *args)", |vm, a| {
    let args = a[1].tuple_items();
    let mut slots = vec![(7, Value::NONE)];
    if let Some(m) = args.first() {
        slots.push((0, m.clone()));
    }
    if let [_, info] = args {
        let info = info.clone();
        if !info.has::<crate::objects::tuple::Tuple>() {
            return call_intrinsic(vm, "syntax_error_init", &[a[0].clone(), a[1].clone()]);
        }
        let items = info.tuple_items();
        if items.len() < 4 || items.len() > 7 {
            return Err(vm.type_error(format!(
                "function takes {} 4 arguments ({} given)",
                if items.len() < 4 { "at least" } else { "at most" },
                items.len()
            )));
        }
        if items.len() == 5 {
            return Err(vm.type_error("end_offset must be provided when end_lineno is provided"));
        }
        for (i, x) in items.iter().enumerate() {
            slots.push((if i < 6 { i + 1 } else { 8 }, x.clone()));
        }
    }
    set_args(vm, &a[0], &a[1], &slots)
})];

const OS: &[Def] = &[
    def!("__init__", "(self, /, *args, **kwargs)", |vm, a| {
        call_intrinsic(vm, "os_error_init", &[a[0].clone(), a[1].clone(), a[2].clone()])
    }),
    def!("__reduce__", "(self, /)", |vm, a| call_intrinsic(vm, "os_error_reduce", a)),
];

const UNICODE: &[Def] = &[def!(
    "__init__",
    "(self, encoding, object, start: index, end: index, reason, /)",
    |vm, a| {
        let args = vm.tuple_from(&a[1..6]);
        let mut slots: Vec<(usize, Value)> =
            a[1..6].iter().enumerate().map(|(i, v)| (i, v.clone())).collect();
        // Any bytes-like object is kept as bytes.
        if !a[2].has::<crate::objects::str::Str>()
            && !a[2].has::<crate::objects::bytes::Bytes>()
            && super::buffer::is_plain(&a[2])
        {
            let data = super::buffer::copied(vm, &a[2]);
            slots[1].1 = vm.bytes(&data);
        }
        set_args(vm, &a[0], &args, &slots)
    }
)];
const TRANSLATE: &[Def] =
    &[def!("__init__", "(self, object, start: index, end: index, reason, /)", |vm, a| {
        let args = vm.tuple_from(&a[1..5]);
        let slots: Vec<(usize, Value)> =
            a[1..5].iter().enumerate().map(|(i, v)| (i + 1, v.clone())).collect();
        set_args(vm, &a[0], &args, &slots)
    })];

const GROUP: &[Def] = &[
    def!("derive", "(self, excs, /)", |vm, a| call_intrinsic(vm, "group_derive", a)),
    def!("split", "(self, matcher_value, /)", |vm, a| call_intrinsic(vm, "group_split", a)),
    def!("subgroup", "(self, matcher_value, /)", |vm, a| call_intrinsic(vm, "group_subgroup", a)),
    crate::native::classdef!("__class_getitem__", "(cls, item, /)", |vm, cls, item| {
        crate::objects::iterators::generic_alias(vm, cls, item)
    }),
];

/// Private natives for the intrinsics of this file.
pub const PRIVATE: &[Def] = &[
    def!("_new_exception", "(cls, args, /)", |vm, cls, args| match cls.get::<Type>() {
        Some(t) => Ok(vm.new_object(t, Exception::new(args.clone())).into()),
        None => Err(vm.type_error("not a class")),
    }),
    def!("_extra", "(error, index: index, /)", |vm, error, index| {
        let i = index.as_i64().unwrap_or(0).clamp(0, 15) as usize;
        Ok(exc(error).and_then(|e| e.extra(vm, i)).unwrap_or(Value::NONE).into())
    }),
    def!("_set_extra", "(error, index: index, value, /)", |vm, error, index, value| {
        let i = index.as_i64().unwrap_or(0).clamp(0, 15) as usize;
        if let Some(e) = exc(error) {
            e.set_extra(vm, i, value.clone());
        }
        Ok(Reply::NONE)
    }),
];

//! The `builtins` module: its functions, `compile`/`exec`/`eval`, and the private functions that the
//! intrinsics use. CPython's counterpart: `Python/bltinmodule.c`.

use std::sync::Arc;

use crate::exc::{Exc, Flow, PyResult, Reply};
use crate::machine::{Input, Machine};
use crate::native::{Args, Def, def};
use crate::objects::code::PyCode;
use crate::objects::dict::Dict;
use crate::objects::exception::Exception;
use crate::objects::function::{Cell_, Function};
use crate::objects::list::List;
use crate::objects::str::Str;
use crate::objects::types::{BinOp, Type, tflags};
use crate::ops;
use crate::soft;
use crate::steps::call_intrinsic;
use crate::value::Value;
use crate::vm::Vm;

fn or_none(v: &Value) -> Value {
    if v.is_unbound() { Value::NONE } else { v.clone() }
}

/// Functions that only intrinsics see.
pub const PRIVATE: &[Def] = &[
    def!("_new_class", "(meta, name, bases, ns, slots, /)", |vm, meta, name, bases, ns, slots| {
        crate::objects::types_methods::new_class(vm, meta, name, bases, ns, slots)
    }),
    // `import *` out of an ordinary namespace into another. False: a key or a dict is special.
    def!("_copy_public", "(namespace, target, /)", |vm, namespace, target| {
        let dict = vm.types.dict.clone();
        let (Some(from), Some(to)) = (namespace.get::<Dict>(), target.get::<Dict>()) else {
            return Ok(Value::FALSE.into());
        };
        let items = from.items_vec(vm);
        let exact = |v: &Value| vm.is_exactly(v, &dict);
        let plain = |key: &Value| vm.is_exactly(key, &vm.types.str);
        if !exact(namespace) || !exact(target) || !items.iter().all(|(key, _)| plain(key)) {
            return Ok(Value::FALSE.into());
        }
        for (key, value) in items {
            if key.get::<Str>().is_some_and(|s| !s.bytes().starts_with(b"_")) {
                to.set_str(vm, &key, value);
            }
        }
        Ok(Value::TRUE.into())
    }),
    def!("_metaclass", "(meta, bases, /)", |vm, a| {
        let bases = a[1].tuple_items().to_vec();
        crate::objects::types_methods::calculate_metaclass(vm, &a[0], &bases).map(Reply::from)
    }),
    def!("_set_names", "(ns, /)", |vm, ns| {
        // Names, values and methods of what wants to know its name.
        let name = vm.intern("__set_name__");
        let items = ns.get::<Dict>().map_or(vec![], |d| d.items_vec(vm));
        let mut out = Vec::new();
        for (k, v) in items {
            // Properties only keep the name.
            if vm.is_exactly(&v, &vm.types.property) {
                if let Some(p) = v.get::<crate::objects::function::Property>() {
                    p.name.set(k);
                }
            } else if let Some(m) = vm.type_of(&v).lookup(vm, &name) {
                out.push(vm.tuple(vec![k, v, m]));
            }
        }
        Ok(vm.tuple(out).into())
    }),
    def!("_has_init_subclass", "(cls, /)", |vm, cls| {
        let name = vm.intern("__init_subclass__");
        let Some(t) = cls.get::<Type>() else { return Ok(Value::TRUE.into()) };
        let bases = t.mro_items(vm).get(1..).unwrap_or(&[]).to_vec();
        let object = vm.types.object.to_value();
        let own = |c: &Value| {
            !c.is(&object) && c.get::<Type>().is_some_and(|c| c.dict.get_str(vm, &name).is_some())
        };
        Ok(bases.iter().any(own).into())
    }),
    def!("_set_mro", "(cls, mro, /)", |vm, cls, mro| {
        if let Some(t) = cls.get::<Type>() {
            t.mro.set(mro.clone());
            t.modified(vm);
            crate::dunder::compute_slots(vm, t);
        }
        Ok(Reply::NONE)
    }),
    def!("_run_in", "(func, namespace, /)", |vm, func, namespace| crate::import::run_in(
        vm,
        func,
        namespace.clone()
    )),
    def!("_keep_annotations", "(cls, annotations, /)", |vm, cls, annotations| {
        crate::methods::type_annotations::keep(vm, cls, annotations.clone());
        Ok(Reply::NONE)
    }),
    def!("_type", "(obj, /)", |vm, obj| Ok(vm.type_of(obj).to_value().into())),
    def!("_type_lookup", "(cls, name, default, /)", |vm, a| {
        let name = vm.intern_value(&a[1]);
        let found = a[0].get::<Type>().and_then(|t| t.lookup(vm, &name));
        Ok(found.unwrap_or_else(|| a[2].clone()).into())
    }),
    def!("_is_opaque", "(cls, /)", |_, cls| {
        Ok(cls.get::<Type>().is_some_and(|t| t.has_flag(tflags::OPAQUE)).into())
    }),
    def!("_is_function", "(obj, /)", |_, obj| Ok(obj.has::<Function>().into())),
    def!("_is_type", "(obj, /)", |_, obj| Ok(obj.has::<Type>().into())),
    def!("_is_union", "(obj, /)", |_, obj| Ok(obj
        .has::<crate::objects::iterators::Union>()
        .into())),
    def!("_is_mapping", "(obj, /)", |vm, obj| {
        let ok = obj.has::<Dict>() || vm.type_of(obj).slots(vm).getitem.is_some();
        Ok(ok.into())
    }),
    def!("_check_class_cell", "(cell, cls, name, /)", |vm, a| {
        let Some(c) = a[0].get::<Cell_>() else { return Ok(Reply::NONE) };
        let got = c.contents.get();
        let name = a[2].display_str(vm);
        if got.is_unbound() {
            return Err(vm.runtime_error(format!(
                "__class__ not set defining '{name}' as {}. Was __classcell__ propagated to type.__new__?",
                crate::objects::types_methods::type_repr_text(vm, &a[1])
            )));
        }
        if !got.is(&a[1]) {
            let (x, y) = (
                crate::objects::types_methods::type_repr_text(vm, &got),
                crate::objects::types_methods::type_repr_text(vm, &a[1]),
            );
            return Err(vm.type_error(format!("__class__ set to {x} defining '{name}' as {y}")));
        }
        Ok(Reply::NONE)
    }),
    def!("_repr_enter", "(object, /)", |vm, object| {
        let active = vm.exec.repr_active().contains(&object.bits());
        if !active {
            vm.exec.rare_mut().repr_active.push(object.bits());
        }
        Ok((!active).into())
    }),
    def!("_repr_leave", "(object, /)", |vm, object| {
        ops::text::repr_leave(vm, object);
        Ok(Reply::NONE)
    }),
    def!("_real_isinstance", "(obj, cls, /)", |vm, obj, cls| {
        let hit = cls.get::<Type>().is_some_and(|t| vm.is_instance(obj, t));
        Ok(hit.into())
    }),
    def!("_object_isinstance", "(obj, cls, /)", |vm, obj, cls| {
        if let Some(t) = cls.get::<Type>()
            && vm.is_instance(obj, t)
        {
            return Ok(Value::TRUE.into());
        }
        call_intrinsic(vm, "recursive_isinstance", &[obj.clone(), cls.clone()])
    }),
    def!("_object_issubclass", "(sub, cls, /)", |vm, sub, cls| {
        if let (Some(s), Some(c)) = (sub.get::<Type>(), cls.get::<Type>()) {
            return Ok(s.is_subtype(c, vm).into());
        }
        call_intrinsic(vm, "recursive_issubclass", &[sub.clone(), cls.clone()])
    }),
    def!("_weakref_hash", "(ref, hash=None, /)", |vm, a| {
        // Kept for the time after the target's death; never saved.
        let Some(w) = a[0].get::<crate::weak::WeakRef>() else { return Ok(Reply::NONE) };
        if let Some(h) = a[1].given() {
            w.hash.set(h.as_i64().unwrap_or(-1));
        }
        Ok(if w.hash.get() == -1 { Reply::NONE } else { vm.int(w.hash.get()).into() })
    }),
    def!("_caller_locals", "()", |vm, _| locals(vm).map(Reply::from)),
    def!("_sys_attr", "(name, /)", |vm, name| {
        let v = vm.sys_dict.clone().and_then(|d| d.get_str(vm, name));
        match v {
            Some(v) => Ok(v.into()),
            None => {
                let n = name.display_str(vm);
                Err(vm.runtime_error(format!("lost sys.{n}")))
            }
        }
    }),
    def!("_import_trouble", "(spec, module, name, /)", |vm, a| {
        use crate::objects::module::{Trouble, trouble};
        let module = a[1].as_str(vm).map(str::to_owned);
        let (trouble, origin) = trouble(vm, &a[0], module.as_deref(), &a[2]);
        let kind = match trouble {
            Trouble::ShadowsLibrary => "library",
            Trouble::MayShadow => "shadows",
            Trouble::Initializing => "initializing",
            Trouble::Submodule | Trouble::None => "",
        };
        let items = vec![vm.str(kind), origin.map_or(Value::NONE, |o| vm.str(&o))];
        Ok(vm.tuple(items).into())
    }),
    def!("_publish", "(name, value, /)", |vm, name, value| {
        if let Some(b) = vm.builtins.clone() {
            b.set_str(vm, name, value.clone());
        }
        Ok(Reply::NONE)
    }),
    def!("_modules", "()", |vm, _| {
        Ok(vm.modules.clone().map_or(Value::NONE, |m| m.into_value()).into())
    }),
];

/// The least or greatest of natively comparable items; the first of equal ones.
fn extreme(vm: &Vm, items: &[Value], greatest: bool) -> Option<Value> {
    let (first, rest) = items.split_first()?;
    let mut best = first;
    for v in rest {
        let order = ops::compare::native_order(vm, v, best, 0)?;
        if if greatest { order.is_gt() } else { order.is_lt() } {
            best = v;
        }
    }
    Some(best.clone())
}

/// Public builtins written in Rust.
pub const PUBLIC: &[Def] = &[
    def!("__build_class__", "(func, name, /, *bases, **kwds)", build_class),
    def!(
        "__import__",
        "(name, globals=None, locals=None, fromlist=(), level: index=0)",
        |vm, a| { crate::import::builtin_import(vm, a) }
    ),
    def!("abs", "(x, /)", |vm, x| ops::number::absolute(vm, x)),
    def!("aiter", "(async_iterable, /)", |vm, async_iterable| match vm
        .type_of(async_iterable)
        .slots(vm)
        .aiter
    {
        Some(_) => crate::steps::get_aiter(vm, async_iterable.clone()),
        None => {
            let t = vm.type_name(async_iterable);
            Err(vm.type_error(format!("'{t}' object is not an async iterable")))
        }
    }),
    def!("all", "(iterable, /)", |vm, iterable| crate::methods::fold::search(vm, iterable, false)),
    def!("anext", "(async_iterator, default=None, /)", |vm, a| {
        crate::methods::generators::anext(vm, &a[0], &a[1])
    }),
    def!("any", "(iterable, /)", |vm, iterable| crate::methods::fold::search(vm, iterable, true)),
    def!("ascii", "(obj, /)", |vm, obj| ops::text::ascii(vm, obj)),
    def!("bin", "(number: index, /)", |vm, number| based(vm, number, 2)),
    def!("breakpoint", "(*args, **kws)", |vm, args, kws| {
        let f = crate::intrinsics::get(vm, "breakpoint_")?;
        let values = args.to_vec();
        crate::objects::dict_methods::call_with_dict(vm, &f, &values, kws)
    }),
    def!("callable", "(obj, /)", |vm, obj| Ok(vm.type_of(obj).slots(vm).call.is_some().into())),
    def!("chr", "(i: index, /)", |vm, i| match i.as_i64() {
        Some(c @ 0..=0x10ffff) => Ok(vm.str_from_char(c as u32).into()),
        _ => Err(vm.value_error("chr() arg not in range(0x110000)")),
    }),
    def!(
        "compile",
        "(source, filename, mode, flags: index=0, dont_inherit: truth=False, optimize: index=-1, *, _feature_version: index=-1)",
        crate::compile::builtin_compile,
    ),
    def!("delattr", "(obj, name, /)", |vm, a| {
        let name = crate::dunder::attr_name(vm, &a[1])?;
        ops::attr::setattr(vm, &a[0], &name, &Value::UNBOUND)
    }),
    def!("dir", "(object=None, /)", |vm, a| {
        let marker = match a[0].given() {
            Some(v) => v.clone(),
            None => {
                let l = locals(vm)?;
                return vm.start(&SORTED_KEYS, [l]);
            }
        };
        call_intrinsic(vm, "dir_", &[marker])
    }),
    def!("divmod", "(x, y, /)", |vm, x, y| ops::binary::binary(vm, BinOp::DivMod, x, y)),
    def!("eval", "(source, /, globals=None, locals=None)", |vm, a| {
        crate::compile::builtin_eval(vm, a)
    }),
    def!("exec", "(source, /, globals=None, locals=None, *, closure=None)", |vm, a| {
        crate::compile::builtin_exec(vm, a)
    }),
    def!("format", "(value, format_spec='', /)", |vm, value, format_spec| {
        let spec = match format_spec {
            Some(s) if vm.is_str(s) => s.clone(),
            Some(s) => {
                let t = vm.type_name(s);
                return Err(vm.type_error(format!("format() argument 2 must be str, not {t}")));
            }
            None => vm.names.empty.clone(),
        };
        ops::text::format(vm, value, &spec)
    }),
    def!("getattr", "(object, name, default=None, /)", |vm, a| {
        let name = crate::dunder::attr_name(vm, &a[1])?;
        match a[2].given() {
            None => ops::attr::getattr(vm, &a[0], &name),
            Some(d) => match ops::attr::lookup_plain(vm, &a[0], &name) {
                Some(found) => Ok(found.unwrap_or_else(|| d.clone()).into()),
                None => vm.start(&GETATTR_DEFAULT, [a[0].clone(), name, d.clone()]),
            },
        }
    }),
    def!("globals", "()", |vm, _| Ok(crate::stack_view::globals(vm).unwrap_or(Value::NONE).into())),
    def!("hasattr", "(obj, name, /)", |vm, a| {
        let name = crate::dunder::attr_name(vm, &a[1])?;
        if let Some(found) = ops::attr::lookup_plain(vm, &a[0], &name) {
            return Ok(found.is_some().into());
        }
        vm.start(&HASATTR, [a[0].clone(), name])
    }),
    def!("hash", "(obj, /)", |vm, obj| ops::hash::hash(vm, obj)),
    def!("hex", "(number: index, /)", |vm, number| based(vm, number, 16)),
    def!("id", "(obj, /)", |vm, obj| {
        let id = vm.uint(obj.bits());
        if vm.audit.is_some() && !crate::audit::asked_by_hidden(vm) {
            let args = std::slice::from_ref(obj);
            if let Some(flow) = crate::audit::first(vm, "id", "builtins.id", vec![id.clone()], args)
            {
                return flow;
            }
        }
        Ok(id.into())
    }),
    def!("input", "(prompt='', /)", |vm, prompt| {
        call_intrinsic(vm, "input_", &[prompt.cloned().unwrap_or(Value::NONE)])
    }),
    def!("isinstance", "(obj, class_or_tuple, /)", |vm, a| {
        match plain_isinstance(vm, &a[0], &a[1]) {
            Some(answer) => Ok(answer.into()),
            None => call_intrinsic(vm, "isinstance_", a),
        }
    }),
    def!("issubclass", "(cls, class_or_tuple, /)", |vm, a| {
        if let (Some(sub), Some(class)) = (a[0].get::<Type>(), a[1].get::<Type>())
            && has_plain_check(vm, class, &vm.names.subclasscheck)
        {
            return Ok(sub.is_subtype(class, vm).into());
        }
        call_intrinsic(vm, "issubclass_", a)
    }),
    def!("iter", "(object, sentinel=None, /)", |vm, a| match a[1].given() {
        None => ops::iter::iter(vm, &a[0]),
        Some(_) if vm.type_of(&a[0]).slots(vm).call.is_none() => {
            Err(vm.type_error("iter(v, w): v must be callable"))
        }
        Some(s) => {
            let it = crate::objects::iterators::CallIter {
                callable: crate::object::ValueCell::new(a[0].clone()),
                sentinel: crate::object::ValueCell::new(s.clone()),
            };
            Ok(vm.alloc(&vm.types.callable_iterator, it).into())
        }
    }),
    def!("len", "(obj, /)", |vm, obj| ops::len(vm, obj)),
    def!("locals", "()", |vm, _| locals(vm).map(Reply::from)),
    def!("max", "(*args, key=None, default=None)", |vm, a| min_max(vm, a, "max_")),
    def!("min", "(*args, key=None, default=None)", |vm, a| min_max(vm, a, "min_")),
    def!("next", "(iterator, default=None, /)", |vm, a| {
        if vm.type_of(&a[0]).slots(vm).next.is_none() {
            let t = vm.type_name(&a[0]);
            return Err(vm.type_error(format!("'{t}' object is not an iterator")));
        }
        match a[1].given() {
            None => ops::iter::next_or_raise(vm, &a[0]),
            Some(d) if vm.type_of(&a[0]).has_flag(tflags::NATIVE_NEXT) => {
                let r = ops::iter::next(vm, &a[0])?;
                Ok(if r.is_exhausted() { d.clone().into() } else { r })
            }
            Some(d) => vm.start(&NEXT_DEFAULT, [a[0].clone(), d.clone()]),
        }
    }),
    def!("oct", "(number: index, /)", |vm, number| based(vm, number, 8)),
    def!("ord", "(c, /)", ord),
    def!("pow", "(base, exp, mod=None)", |vm, a| {
        ops::binary::power(vm, &a[0], &a[1], &or_none(&a[2]))
    }),
    def!("print", "(*args, sep=' ', end='\\n', file=None, flush=False)", |vm, a| {
        let none_or = |v: &Value| or_none(v);
        let args = [a[4].clone(), none_or(&a[0]), none_or(&a[1]), none_or(&a[2]), none_or(&a[3])];
        if vm.sys_dict.is_none() {
            return plain_print(vm, &a[4]);
        }
        if let Some((write, file, text)) = print_at_once(vm, &args) {
            vm.push_machine(&PRINTED, 1, [])?;
            let flow = ops::call::call(vm, &write, Args::new(&[file, text]));
            return vm.answer_waiting(&PRINTED, flow);
        }
        call_intrinsic(vm, "print_", &args)
    }),
    def!("repr", "(obj, /)", |vm, obj| ops::text::repr(vm, obj)),
    def!("round", "(number, ndigits=None)", |vm, a| {
        if let (Some(f), Some(n)) =
            (a[0].as_small_float(), a[1].given().and_then(Value::as_small_int))
            && let Ok(f) = stackless_primitives::float::round(f, n)
        {
            return Ok(vm.float(f).into());
        }
        call_intrinsic(vm, "round_", &[a[0].clone(), or_none(&a[1])])
    }),
    def!("setattr", "(obj, name, value, /)", |vm, a| {
        let name = crate::dunder::attr_name(vm, &a[1])?;
        ops::attr::setattr(vm, &a[0], &name, &a[2])
    }),
    def!("sorted", "(iterable, /, *, key=None, reverse: truth=False)", |vm, a| {
        crate::methods::sort::sorted(vm, &a[0], &or_none(&a[1]), a[2].is_true())
    }),
    def!("sum", "(iterable, /, start=0)", |vm, a| {
        let start = a[1].given().cloned().unwrap_or(Value::from_i32(0));
        let mut iterable = a[0].clone();
        if let Some(mut total) = start.as_small_int()
            && let Some(items) = ops::iter::items_native(vm, &iterable)?
        {
            let mut add =
                |v: &Value| v.as_small_int().and_then(|i| total.checked_add(i)).map(|n| total = n);
            if items.iter().all(|v| add(v).is_some()) {
                return Ok(vm.int(total).into());
            }
            iterable = vm.list(items);
        }
        crate::methods::fold::sum(vm, &iterable, &start)
    }),
    def!("vars", "(object=None, /)", |vm, a| match a[0].given() {
        None => locals(vm).map(Reply::from),
        Some(v) => vm.start(&VARS, [v.clone()]),
    }),
];

/// `print` has written its text.
pub(crate) static PRINTED: Machine = Machine::new("builtins.printed", |_, _, input| {
    input.value()?;
    Ok(Reply::NONE)
});

/// How `print` does with one write: the native `write` of the library's text streams, the file, and
/// the text, if all of it is made of plain values. Arguments as those of the intrinsic.
fn print_at_once(vm: &mut Vm, args: &[Value; 5]) -> Option<(Value, Value, Value)> {
    let [items, sep, end, file, flush] = args;
    let stdout = vm.names.stdout.clone();
    let file = match file.is_none() {
        true => vm.sys_dict.clone()?.get_str(vm, &stdout)?,
        false => file.clone(),
    };
    let write = vm.type_of(&file).lookup(vm, &vm.names.write)?;
    if !write.has::<crate::native::MethodDescr>() || !(flush.is_none() || flush.is_false()) {
        return None;
    }
    let mut text = Vec::new();
    let plain = |vm: &mut Vm, v: &Value, absent: &[u8], text: &mut Vec<u8>| {
        if v.is_none() {
            text.extend_from_slice(absent);
        } else if vm.is_exactly(v, &vm.types.str) {
            text.extend_from_slice(v.as_wtf8()?);
        } else {
            return None;
        }
        Some(())
    };
    let mut between = Vec::new();
    plain(vm, sep, b" ", &mut between)?;
    for (i, item) in items.tuple_items().iter().enumerate() {
        if i > 0 {
            text.extend_from_slice(&between);
        }
        if vm.is_exactly(item, &vm.types.str) {
            text.extend_from_slice(item.as_wtf8()?);
        } else {
            // `-b` warns of bytes.
            if item.has::<crate::objects::bytes::Bytes>() {
                return None;
            }
            let shown = ops::text::repr_fast(vm, item)?.ok()?;
            text.extend_from_slice(shown.as_wtf8()?);
        }
    }
    plain(vm, end, b"\n", &mut text)?;
    Some((write, file, vm.str_from_wtf8(&text)))
}

/// Registers: mapping.
pub(crate) static SORTED_KEYS: Machine =
    Machine::new("builtins.dir_locals", |vm, regs, input| match regs.stage() {
        0 => {
            let m = regs.get(0);
            let keys = soft!(regs, 1, crate::steps::call_attr(vm, &m, "keys", &[]));
            regs.set_stage(2);
            crate::methods::sort::sorted(vm, &keys, &Value::NONE, false)
        }
        1 => {
            let keys = input.value()?;
            regs.set_stage(2);
            crate::methods::sort::sorted(vm, &keys, &Value::NONE, false)
        }
        _ => input.value().map(Reply::from),
    });

/// Registers: object, name, default.
pub(crate) static GETATTR_DEFAULT: Machine = Machine::new("builtins.getattr", |vm, regs, input| {
    let v = match input {
        Input::Start => {
            let (o, n) = (regs.get(0), regs.get(1));
            soft!(regs, 1, ops::attr::lookup(vm, &o, &n))
        }
        input => input.value()?,
    };
    Ok(if v.is_unbound() { regs.take(2) } else { v }.into())
});

/// Registers: object, name.
pub(crate) static HASATTR: Machine = Machine::new("builtins.hasattr", |vm, regs, input| {
    let v = match input {
        Input::Start => {
            let (o, n) = (regs.get(0), regs.get(1));
            soft!(regs, 1, ops::attr::lookup(vm, &o, &n))
        }
        input => input.value()?,
    };
    Ok((!v.is_unbound()).into())
});

/// Registers: iterator, default.
pub(crate) static NEXT_DEFAULT: Machine = Machine::new("builtins.next", |vm, regs, input| {
    let result = match input {
        Input::Start => {
            let it = regs.get(0);
            regs.set_stage(1);
            match ops::iter::next(vm, &it) {
                Ok(r) => match r.ready() {
                    Some(v) => Ok(v),
                    None => return Ok(Reply::PUSHED),
                },
                Err(e) => Err(e),
            }
        }
        Input::Exhausted => Ok(Value::EXHAUSTED),
        input => input.value(),
    };
    match result {
        Ok(v) if v.is_exhausted() => Ok(regs.take(1).into()),
        Ok(v) => Ok(v.into()),
        Err(e) if vm.exc_is(&e, &vm.excs.stop_iteration) => Ok(regs.take(1).into()),
        Err(e) => Err(e),
    }
});

/// Registers: object.
pub(crate) static VARS: Machine = Machine::new("builtins.vars", |vm, regs, input| {
    let v = match input {
        Input::Start => {
            let o = regs.get(0);
            let n = vm.names.dict.clone();
            soft!(regs, 1, ops::attr::lookup(vm, &o, &n))
        }
        input => input.value()?,
    };
    if v.is_unbound() {
        return Err(vm.type_error("vars() argument must have __dict__ attribute"));
    }
    Ok(v.into())
});

fn min_max(vm: &mut Vm, a: &[Value], name: &'static str) -> Flow {
    let mut args = a[2].clone();
    if a[0].given().is_none_or(Value::is_none) && a[1].is_unbound() {
        let greatest = name == "max_";
        if let [one] = args.tuple_items()
            && let Some(items) = crate::methods::fold::plain_items(vm, one)
            && let Some(v) = extreme(vm, items, greatest)
        {
            return Ok(v.into());
        }
        let one = match args.tuple_items() {
            [one] => ops::iter::items_native(vm, &one.clone())?,
            _ => None,
        };
        let found = match &one {
            Some(items) => extreme(vm, items, greatest),
            None if args.tuple_items().len() > 1 => extreme(vm, args.tuple_items(), greatest),
            None => None,
        };
        if let Some(v) = found {
            return Ok(v.into());
        }
        // An iterator has been read by now.
        if let Some(items) = one {
            let items = vm.list(items);
            args = vm.tuple(vec![items]);
        }
    }
    let default = match a[1].given() {
        Some(d) => d.clone(),
        None => {
            let marker = crate::intrinsics::namespace(vm)?;
            marker
                .get::<Dict>()
                .and_then(|d| d.get_text(vm, "_unbound_marker"))
                .unwrap_or(Value::NONE)
        }
    };
    call_intrinsic(vm, name, &[args, or_none(&a[0]), default])
}

fn based(vm: &mut Vm, v: &Value, base: u32) -> Flow {
    if let Some(n) = v.as_small_int() {
        let mut text = [0u8; 68];
        let (mut at, mut rest) = (text.len(), n.unsigned_abs());
        loop {
            at -= 1;
            text[at] = b"0123456789abcdef"[(rest % u64::from(base)) as usize];
            rest /= u64::from(base);
            if rest == 0 {
                break;
            }
        }
        let letter = match base {
            2 => b'b',
            8 => b'o',
            _ => b'x',
        };
        for b in [letter, b'0'].into_iter().chain((n < 0).then_some(b'-')) {
            at -= 1;
            text[at] = b;
        }
        return Ok(vm.str_from_wtf8(&text[at..]).into());
    }
    let text = v.as_big().map_or(String::new(), |b| b.to_prefixed(base));
    Ok(vm.str(&text).into())
}

/// `isinstance` of classes without hooks and objects that tell no lies about their class; a tuple
/// of classes may be nested. None: the full protocol decides.
fn plain_isinstance(vm: &Vm, v: &Value, class: &Value) -> Option<bool> {
    if let Some(class) = class.get::<Type>() {
        let ty = vm.type_of(v);
        if std::ptr::eq(ty, class) {
            return Some(true);
        }
        if !has_plain_check(vm, class, &vm.names.instancecheck) {
            return None;
        }
        if ty.is_subtype(class, vm) {
            return Some(true);
        }
        let name = &vm.names.class;
        let honest = ty.is_objects(crate::dunder::Field::GetAttr)
            && match (ty.lookup(vm, name), vm.types.object.lookup(vm, name)) {
                (Some(own), Some(objects)) => own.is(&objects),
                _ => false,
            };
        return honest.then_some(false);
    }
    if !class.is_object() || !vm.is_exactly(class, &vm.types.tuple) {
        return None;
    }
    for item in class.tuple_items() {
        if !item.has::<Type>() {
            return None;
        }
        if plain_isinstance(vm, v, item)? {
            return Some(true);
        }
    }
    Some(false)
}

/// Does the class's metaclass have `type`'s own check of this name?
fn has_plain_check(vm: &Vm, class: &crate::object::Obj<Type>, name: &Value) -> bool {
    let (meta, own) = (vm.type_of(&class.to_value()).to_ref(), &vm.types.type_);
    own.ptr_eq(&meta)
        || match (meta.lookup(vm, name), own.lookup(vm, name)) {
            (Some(check), Some(types)) => check.is(&types),
            _ => false,
        }
}

fn ord(vm: &mut Vm, a: &[Value]) -> Flow {
    use crate::objects::bytes::{ByteArray, Bytes};
    use crate::objects::str::{Str, first_char};
    let n = if let Some(s) = a[0].get::<Str>() {
        if s.len() == 1 {
            return Ok(vm.int(first_char(s.bytes()) as i64).into());
        }
        s.len()
    } else if let Some(b) = a[0].get::<Bytes>() {
        if let [c] = b.as_bytes() {
            return Ok(Value::from_i32(*c as i32).into());
        }
        b.as_bytes().len()
    } else if let Some(b) = a[0].get::<ByteArray>() {
        let data = b.data.get(vm);
        if let [c] = data.as_slice() {
            return Ok(Value::from_i32(*c as i32).into());
        }
        data.len()
    } else {
        let t = vm.type_name(&a[0]);
        return Err(vm.type_error(format!("ord() expected string of length 1, but {t} found")));
    };
    Err(vm.type_error(format!("ord() expected a character, but string of length {n} found")))
}

/// `print` before `sys` exists: to the host's standard output.
fn plain_print(vm: &mut Vm, args: &Value) -> Flow {
    vm.start(&PLAIN_PRINT, [args.clone(), Value::from_i32(0), vm.list(Vec::new())])
}

/// Registers: arguments, next index, list of texts.
pub(crate) static PLAIN_PRINT: Machine = Machine::new("builtins.plain_print", |vm, regs, input| {
    let (args, texts) = (regs.get(0), regs.get(2));
    let Some(list) = texts.get::<List>() else { return Ok(Reply::NONE) };
    if regs.stage() == 1 {
        let v = input.value()?;
        list.push(vm, v);
    }
    loop {
        let i = regs.int(1) as usize;
        let Some(v) = args.tuple_items().get(i) else { break };
        let v = v.clone();
        regs.set_int(1, i as i64 + 1);
        let s = soft!(regs, 1, ops::text::str(vm, &v));
        list.push(vm, s);
    }
    let mut line = Vec::new();
    for (i, s) in list.items(vm).iter().enumerate() {
        if i > 0 {
            line.push(b' ');
        }
        line.extend(s.as_wtf8().unwrap_or(b""));
    }
    line.push(b'\n');
    let mut rest = &line[..];
    while !rest.is_empty() {
        let Ok(n @ 1..) = vm.host.write(stackless_host::STDOUT, rest) else { break };
        rest = rest.get(n..).unwrap_or(&[]);
    }
    Ok(Reply::NONE)
});

fn build_class(vm: &mut Vm, a: &[Value]) -> Flow {
    let f = crate::intrinsics::get(vm, "build_class")?;
    let mut values = vec![a[0].clone(), a[1].clone()];
    values.extend(a[2].tuple_items().iter().cloned());
    crate::objects::dict_methods::call_with_dict(vm, &f, &values, &a[3])
}

/// `locals()` of the nearest visible frame.
pub fn locals(vm: &mut Vm) -> PyResult {
    let frame = crate::stack_view::frame(vm);
    if frame.is_null() {
        return Err(vm.system_error("frame does not exist"));
    }
    if let Some(m) = crate::steps::locals_mapping(frame) {
        return Ok(m);
    }
    let object = crate::pyframe::object(vm, frame);
    let d = vm.dict();
    for (k, v) in object.variables(vm) {
        d.set_str(vm, &k, v);
    }
    if let Some(extra) = object.extra_locals.get().get::<Dict>() {
        for (k, v) in extra.items_vec(vm) {
            d.set_str(vm, &k, v);
        }
    }
    Ok(d.into_value())
}

pub(crate) fn setup(vm: &mut Vm) {
    let doc = crate::docs::of_module(vm, "builtins");
    let module = vm.module("builtins", doc);
    let Some(dict) = module.namespace() else { return };
    for def in PUBLIC {
        let f = vm.native_function(def, Value::UNBOUND, vm.str("builtins"));
        dict.set_text(vm, def.name, f);
    }
    const NAMES: &[&str] = &[
        "bool",
        "memoryview",
        "bytearray",
        "bytes",
        "classmethod",
        "complex",
        "dict",
        "enumerate",
        "filter",
        "float",
        "frozenset",
        "property",
        "int",
        "list",
        "map",
        "object",
        "range",
        "reversed",
        "set",
        "slice",
        "staticmethod",
        "str",
        "super",
        "tuple",
        "type",
        "zip",
    ];
    let types: Vec<(String, Value)> = vm
        .types
        .all()
        .into_iter()
        .filter(|t| t.module == "builtins")
        .map(|t| (t.name_str(vm), t.to_value()))
        .filter(|(n, _)| NAMES.contains(&n.as_str()))
        .chain(vm.excs.all().into_iter().map(|(n, t)| (n.to_string(), t.to_value())))
        .collect();
    for (name, ty) in types {
        dict.set_text(vm, &name, ty);
    }
    for alias in ["EnvironmentError", "IOError"] {
        let e = vm.excs.os_error.to_value();
        dict.set_text(vm, alias, e);
    }
    dict.set_text(vm, "None", Value::NONE);
    dict.set_text(vm, "True", Value::TRUE);
    dict.set_text(vm, "False", Value::FALSE);
    dict.set_text(vm, "Ellipsis", Value::ELLIPSIS);
    dict.set_text(vm, "NotImplemented", Value::NOT_IMPLEMENTED);
    dict.set_text(vm, "__debug__", Value::bool(vm.settings.optimize == 0));
    vm.builtins = Some(dict);
    let modules = vm.dict();
    modules.set_text(vm, "builtins", module.into_value());
    vm.modules = Some(modules);
}

/// Runs source text as `__main__`: for tests and small hosts.
pub fn run_main(vm: &mut Vm, source: &[u8], name: &str) -> PyResult {
    let code = crate::compile::compile_bytes(vm, source, name, false)?;
    run_code(vm, code)
}

fn run_code(vm: &mut Vm, code: Arc<stackless_bytecode::Code>) -> PyResult {
    let code = vm.code(code);
    let main = vm.module("__main__", Value::NONE);
    let Some(ns) = main.namespace() else { return Ok(Value::NONE) };
    let builtins = vm.builtins.clone().map_or(Value::NONE, |b| b.into_value());
    ns.set_text(vm, "__builtins__", builtins.clone());
    if let Some(m) = vm.modules.clone() {
        m.set_text(vm, "__main__", main.into_value());
    }
    let ns = ns.into_value();
    let f = vm.function(code, ns.clone(), builtins);
    crate::tasklet::run_as_main(vm, |vm| crate::import::run_in(vm, &f, ns.clone()))
}

/// Traceback, type name and message of an exception, for hosts without the library's printer.
pub fn describe(vm: &mut Vm, e: &Exc) -> String {
    let class = vm.type_name(e.value());
    let v = e.value().clone();
    use crate::nested::NestedEntry;
    let text = |vm: &mut Vm| ops::text::str(vm, &v);
    let text = match crate::interp::run_nested(vm, NestedEntry::Describe, text) {
        Ok(s) => s.display_str(vm),
        Err(_) => String::new(),
    };
    let mut out = String::new();
    let mut tb = v.get::<Exception>().map_or(Value::NONE, |x| x.traceback.get());
    while let Some(t) = tb.get::<crate::pyframe::Traceback>() {
        let frame = t.frame.get();
        let code = frame.get::<crate::pyframe::PyFrame>().map_or(Value::NONE, |f| f.code());
        let (file, name) = match code.get::<PyCode>() {
            Some(c) => (c.code.filename.to_string(), c.code.name.to_string()),
            None => Default::default(),
        };
        out += &format!("  File \"{file}\", line {}, in {name}\n", t.line(vm).unwrap_or(0));
        let next = t.next.get();
        tb = next;
    }
    let text = if text.is_empty() { text } else { format!(": {text}") };
    format!("Traceback (most recent call last):\n{out}{class}{text}")
}

/// Calls with no arguments; used by hosts.
pub fn call_none(vm: &mut Vm, f: &Value) -> Flow {
    ops::call::call(vm, f, Args::new(&[]))
}

/// Flags that make a class usable as a sequence or mapping in patterns.
pub const COLLECTION_FLAGS: u32 = tflags::SEQUENCE | tflags::MAPPING;

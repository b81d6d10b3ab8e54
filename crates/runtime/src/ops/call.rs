//! Calls: dispatch on the kind of callable, binding of arguments to Python parameters, and
//! instantiation of classes. A call of Python code pushes its frame; nothing runs here.
//!
//! CPython's counterparts: `Objects/call.c`, `initialize_locals` of `Python/ceval.c`, `type_call`.
#![expect(unsafe_code, reason = "writes the registers of a frame that it pushes")]

use smallvec::SmallVec;
use stackless_bytecode::code::flags;

use crate::body::Body;
use crate::dunder::Field;
use crate::dunder::{MethodWrapper, WrapperDescr, call_wrapper};
use crate::exc::{Exc, Flow, PyResult, Reply};
use crate::frame::{Frame, OwnedFrame};
use crate::layout;
use crate::machine::Machine;
use crate::native::{self, Args, ClassMethodDescr, MethodDescr, NativeFunction};
use crate::object::Obj;
use crate::objects::function::{Function, Method, StaticMethod};
use crate::objects::str::Str;
use crate::objects::types::{Type, tflags};
use crate::soft;
use crate::value::Value;
use crate::vm::Vm;

/// Is this, found on a type, called with the instance as first argument?
#[inline(always)]
pub fn takes_self(method: &Value) -> bool {
    match method.header() {
        Some(h) => match h.layout() {
            // Builtin functions written in Python have the layout, but do not bind.
            layout::FUNCTION => !h.type_of().has_flag(tflags::DISALLOW_NEW),
            layout::METHOD_DESCR | layout::WRAPPER_DESCR => true,
            _ => false,
        },
        None => false,
    }
}

/// The payload of an object whose layout number was compared.
macro_rules! payload {
    ($value:expr, $type:ty) => {
        match $value.get::<$type>() {
            Some(payload) => payload,
            None => unreachable!("layout numbers are unique"),
        }
    };
}

/// Calls anything.
pub fn call(vm: &mut Vm, callable: &Value, args: Args<'_>) -> Flow {
    match callable.header().map_or(0, |h| h.layout()) {
        layout::FUNCTION => call_function(vm, payload!(callable, Function), args),
        layout::NATIVE_FUNCTION => {
            let f = &payload!(callable, NativeFunction).0;
            if f.is_new || !f.signature().has_self {
                return native::call(vm, callable, f, None, args);
            }
            let receiver = f.owner.given();
            native::call(vm, callable, f, receiver.as_ref(), args)
        }
        layout::METHOD_DESCR => {
            let f = &payload!(callable, MethodDescr).0;
            check_receiver(vm, f, args)?;
            native::call(vm, callable, f, None, args)
        }
        layout::METHOD => {
            let m = payload!(callable, Method);
            let (func, receiver) = (m.func.get(), m.receiver.get());
            if func.has::<Method>() {
                return call_chain(vm, func, receiver, args);
            }
            call_with_receiver(vm, &func, receiver, args)
        }
        layout::TYPE => match vm.type_of(callable).slots(vm).call {
            Some(f) if vm.type_of(callable).is_python(Field::Call) => f(vm, callable, args),
            _ => call_type(vm, payload!(callable, Type), args),
        },
        layout::CLASSMETHOD_DESCR => {
            native::call(vm, callable, &payload!(callable, ClassMethodDescr).0, None, args)
        }
        layout::WRAPPER_DESCR => {
            let w = payload!(callable, WrapperDescr);
            let Some((receiver, _)) = args.positional().split_first() else {
                let (n, o) = (w.name(), w.owner.get());
                let o = o.get::<Type>().map_or(String::new(), |t| t.name_str(vm));
                return Err(
                    vm.type_error(format!("descriptor '{n}' of '{o}' object needs an argument"))
                );
            };
            let rest = Args { values: &args.values[1..], names: args.names };
            call_wrapper(vm, w, receiver, rest)
        }
        layout::METHOD_WRAPPER => {
            let m = payload!(callable, MethodWrapper);
            let (descr, receiver) = (m.descr.get(), m.receiver.get());
            match descr.get::<WrapperDescr>() {
                Some(w) => call_wrapper(vm, w, &receiver, args),
                None => Err(vm.system_error("bad method wrapper")),
            }
        }
        _ => match vm.type_of(callable).slots(vm).call {
            Some(f) => f(vm, callable, args),
            None => Err(not_callable(vm, callable)),
        },
    }
}

/// Calls a method of a method, and so on: the receivers come before the arguments, innermost first.
#[cold]
fn call_chain(vm: &mut Vm, mut func: Value, receiver: Value, args: Args<'_>) -> Flow {
    let mut values = vec![receiver];
    while let Some(m) = func.get::<Method>() {
        values.push(m.receiver.get());
        let inner = m.func.get();
        func = inner;
    }
    values.reverse();
    values.extend_from_slice(args.values);
    call(vm, &func, Args { values: &values, names: args.names })
}

#[cold]
fn not_callable(vm: &mut Vm, callable: &Value) -> Exc {
    let t = vm.type_name(callable);
    vm.type_error(format!("'{t}' object is not callable"))
}

fn check_receiver(vm: &mut Vm, f: &native::Native, args: Args<'_>) -> PyResult<()> {
    let owner = f.owner.peek();
    let Some(class) = owner.get::<Type>() else { return Ok(()) };
    if let Some(receiver) = args.values.first()
        && vm.is_exactly(receiver, class)
        && args.names.is_none()
    {
        return Ok(());
    }
    let Some(receiver) = args.positional().first() else {
        let (n, c) = (f.def.name, class.name_str(vm));
        return Err(vm.type_error(format!("unbound method {c}.{n}() needs an argument")));
    };
    if vm.is_instance(receiver, class) {
        return Ok(());
    }
    let (n, c, g) = (f.def.name, class.name_str(vm), vm.type_name(receiver));
    Err(vm
        .type_error(format!("descriptor '{n}' for '{c}' objects doesn't apply to a '{g}' object")))
}

/// Calls `func` with `receiver` before the arguments.
pub fn call_with_receiver(vm: &mut Vm, func: &Value, receiver: Value, args: Args<'_>) -> Flow {
    let mut all: SmallVec<[Value; 8]> = SmallVec::with_capacity(args.values.len() + 1);
    all.push(receiver);
    all.extend(args.values.iter().cloned());
    call(vm, func, Args { values: &all, names: args.names })
}

/// Calls a `staticmethod` object.
pub fn static_call(vm: &mut Vm, callable: &Value, args: Args<'_>) -> Flow {
    let mut f = callable.clone();
    // They nest to any depth.
    while let Some(s) = f.get::<StaticMethod>() {
        let inner = s.callable.get();
        f = inner;
    }
    call(vm, &f, args)
}

/// The values of the parameter registers for a call.
type Bound = SmallVec<[Value; 12]>;

/// Pushes the frame of a Python function, or makes its generator.
pub fn call_function(vm: &mut Vm, f: &Obj<Function>, args: Args<'_>) -> Flow {
    let body = f.body(vm);
    if body.is_null() {
        return Err(vm.system_error("function without code"));
    }
    // SAFETY: the body lives as long as the code object that the function (or a frame) keeps.
    let b: &Body = unsafe { &*body };
    if args.names.is_none() && args.values.len() == b.simple_args as usize {
        let frame = push_frame(vm, b, f.to_value())?;
        fill(vm, frame, b, args.values.iter().cloned());
        return Ok(Reply::PUSHED);
    }
    if args.names.is_none()
        && b.plain_args != u16::MAX
        && let Some((defaults, from)) = usable_defaults(f, args.values.len(), b.plain_args)
    {
        let values = args.values.iter().chain(&defaults.tuple_items()[from..]).cloned();
        if b.is_generator {
            return Ok(crate::objects::generator::new(vm, f, b, values).into());
        }
        let frame = push_frame(vm, b, f.to_value())?;
        fill(vm, frame, b, values);
        return Ok(Reply::PUSHED);
    }
    if args.names.is_some()
        && !b.is_generator
        && let defaults = f.defaults.get()
        && let Some(places) = places(b, &defaults, args)
    {
        let frame = push_frame(vm, b, f.to_value())?;
        fill(vm, frame, b, places[..b.plain_args as usize].iter().flatten().copied().cloned());
        return Ok(Reply::PUSHED);
    }
    let bound = bind(vm, f, b, args)?;
    if b.is_generator {
        return Ok(crate::objects::generator::new(vm, f, b, bound.into_iter()).into());
    }
    let frame = push_frame(vm, b, f.to_value())?;
    fill(vm, frame, b, bound.into_iter());
    Ok(Reply::PUSHED)
}

/// The value of each parameter, where keywords name parameters by the very same str and nothing is
/// missing or given twice; None leaves it to `bind`.
fn places<'a>(b: &Body, defaults: &'a Value, args: Args<'a>) -> Option<[Option<&'a Value>; 16]> {
    let total = b.plain_args as usize;
    let positional = args.positional();
    if total > 16 || positional.len() > total {
        return None;
    }
    let mut places = [None; 16];
    for (place, v) in places.iter_mut().zip(positional) {
        *place = Some(v);
    }
    let named = b.code.posonly_count as usize;
    for (key, v) in args.keywords() {
        let i = named + b.local_names[named..total].iter().position(|n| n.is(key))?;
        if places[i].replace(v).is_some() {
            return None;
        }
    }
    let defaults = defaults.tuple_items();
    let first = total - defaults.len().min(total);
    for (i, place) in places[..total].iter_mut().enumerate() {
        if place.is_none() {
            *place = Some(defaults.get(i.checked_sub(first)?)?);
        }
    }
    Some(places)
}

/// The defaults that complete `given` positional arguments, and the first one that is needed.
fn usable_defaults(f: &Obj<Function>, given: usize, wanted: u16) -> Option<(Value, usize)> {
    let missing = (wanted as usize).checked_sub(given)?;
    let defaults = f.defaults.get();
    let from = defaults.tuple_items().len().checked_sub(missing)?;
    Some((defaults, from))
}

/// Pushes an empty Python frame; the caller fills it at once.
pub(crate) fn push_frame(vm: &mut Vm, b: &Body, func: Value) -> PyResult<*mut Frame> {
    vm.enter_frame()?;
    let exec = &mut *vm.exec;
    // SAFETY: the callers write every register below `first_temp` before anything else happens.
    let frame = unsafe { exec.stack.push_python(exec.frame, b, func) };
    exec.frame = frame;
    Ok(frame)
}

/// Writes parameters, unbound locals and free variables.
fn fill(vm: &Vm, frame: *mut Frame, b: &Body, args: impl Iterator<Item = Value>) {
    // SAFETY: the frame was just pushed with `reg_count` uninitialised registers.
    unsafe {
        let regs = (*frame).regs();
        let mut n = 0;
        for v in args {
            regs.add(n).write(v);
            n += 1;
        }
        fill_rest(vm, frame, b, n);
    }
}

/// Writes the registers from `n` to `first_temp`: unbound locals, then the closure's cells.
///
/// # Safety
/// The frame was just pushed and its first `n` registers are written.
pub(crate) unsafe fn fill_rest(_vm: &Vm, frame: *mut Frame, b: &Body, n: usize) {
    // SAFETY: registers below `first_temp` exist and are not yet initialised from `n` on.
    unsafe {
        let regs = (*frame).regs();
        for i in n..b.plain_locals as usize {
            regs.add(i).write(Value::UNBOUND);
        }
        if b.plain_locals < b.first_temp {
            let closure = match (*frame).function() {
                Some(f) => f.closure.get(),
                None => Value::NONE,
            };
            let cells = closure.tuple_items();
            for i in b.plain_locals as usize..b.first_temp as usize {
                let cell = cells.get(i - b.plain_locals as usize).cloned();
                regs.add(i).write(cell.unwrap_or(Value::UNBOUND));
            }
        }
    }
}

/// As `fill` for a generator's own frame, whose registers are all unbound already.
pub(crate) fn fill_owned(frame: &OwnedFrame, b: &Body, args: impl Iterator<Item = Value>) {
    // SAFETY: the frame is fresh and owned here.
    unsafe {
        let regs = (*frame.as_ptr()).regs();
        for (n, v) in args.enumerate() {
            *regs.add(n) = v;
        }
        if b.plain_locals < b.first_temp
            && let Some(f) = (*frame.as_ptr()).function()
        {
            let closure = f.closure.get();
            for (i, cell) in closure.tuple_items().iter().enumerate() {
                if i < (b.first_temp - b.plain_locals) as usize {
                    *regs.add(b.plain_locals as usize + i) = cell.clone();
                }
            }
        }
    }
}

/// Binds arguments to parameters.
fn bind(vm: &mut Vm, f: &Obj<Function>, b: &Body, args: Args<'_>) -> PyResult<Bound> {
    let code = &b.code;
    let npos = code.arg_count as usize;
    let nkw = code.kwonly_count as usize;
    let total = npos + nkw;
    let varargs = code.flags & flags::VARARGS != 0;
    let varkw = code.flags & flags::VARKEYWORDS != 0;
    let mut out: Bound = SmallVec::with_capacity(total + 2);
    let positional = args.positional();
    out.extend(positional.iter().take(npos).cloned());
    out.resize(total, Value::UNBOUND);
    let mut kwdict = Vec::new();
    for (key, value) in args.keywords() {
        if !vm.is_str(key) {
            return Err(vm.type_error("keywords must be strings"));
        }
        let posonly = code.posonly_count as usize;
        let found = b.local_names[posonly..total]
            .iter()
            .position(|n| n.is(key) || n.as_wtf8() == key.as_wtf8())
            .map(|i| i + posonly);
        match found {
            Some(i) if out[i].is_unbound() => out[i] = value.clone(),
            Some(_) => {
                let (q, k) = (f.qualname.get().display_str(vm), key.display_str(vm));
                return Err(vm.type_error(format!("{q}() got multiple values for argument '{k}'")));
            }
            None if varkw => kwdict.push((key.clone(), value.clone())),
            None => return Err(unexpected_keyword(vm, f, b, args, key)),
        }
    }
    if positional.len() > npos && !varargs {
        return Err(too_many(vm, f, b, positional.len(), &out));
    }
    // Defaults.
    let given = positional.len();
    if given < npos {
        let defaults = f.defaults.get();
        let defaults = defaults.tuple_items();
        let first = npos.saturating_sub(defaults.len());
        let mut missing = Vec::new();
        for i in given..npos {
            if out[i].is_unbound() {
                if i >= first {
                    out[i] = defaults[defaults.len() - (npos - i)].clone();
                } else {
                    missing.push(b.local_names[i].display_str(vm));
                }
            }
        }
        if !missing.is_empty() {
            return Err(missing_arguments(vm, f, "positional", &missing));
        }
    }
    if nkw > 0 {
        let kwdefaults = f.kwdefaults.get();
        let mut missing = Vec::new();
        for i in npos..total {
            if out[i].is_unbound() {
                let found = match kwdefaults.get::<crate::objects::dict::Dict>() {
                    Some(d) => d.get_str(vm, &b.local_names[i]),
                    None => None,
                };
                match found {
                    Some(v) => out[i] = v,
                    None => missing.push(b.local_names[i].display_str(vm)),
                }
            }
        }
        if !missing.is_empty() {
            return Err(missing_arguments(vm, f, "keyword-only", &missing));
        }
    }
    if varargs {
        out.push(vm.tuple_from(positional.get(npos..).unwrap_or(&[])));
    }
    if varkw {
        let dict = vm.dict();
        for (k, v) in kwdict {
            dict.set_str(vm, &k, v);
        }
        out.push(dict.into_value());
    }
    Ok(out)
}

#[cold]
fn unexpected_keyword(
    vm: &mut Vm,
    f: &Obj<Function>,
    b: &Body,
    args: Args<'_>,
    key: &Value,
) -> Exc {
    let q = f.qualname.get().display_str(vm);
    let posonly = &b.local_names[..b.code.posonly_count as usize];
    let wrong: Vec<String> = posonly
        .iter()
        .filter(|n| args.keywords().any(|(k, _)| k.as_wtf8() == n.as_wtf8()))
        .map(|n| n.display_str(vm))
        .collect();
    if !wrong.is_empty() {
        let names = wrong.join(", ");
        return vm.type_error(format!(
            "{q}() got some positional-only arguments passed as keyword arguments: '{names}'"
        ));
    }
    let k = key.display_str(vm);
    let total = (b.code.arg_count + b.code.kwonly_count) as usize;
    let names: Vec<String> =
        b.local_names[posonly.len()..total].iter().map(|n| n.display_str(vm)).collect();
    let hint = match crate::suggest::best_match(&k, names.iter().map(String::as_str)) {
        Some(s) => format!(". Did you mean '{s}'?"),
        None => String::new(),
    };
    vm.type_error(format!("{q}() got an unexpected keyword argument '{k}'{hint}"))
}

#[cold]
fn missing_arguments(vm: &mut Vm, f: &Obj<Function>, kind: &str, names: &[String]) -> Exc {
    let q = f.qualname.get().display_str(vm);
    let quoted: Vec<String> = names.iter().map(|n| format!("'{n}'")).collect();
    let list = match quoted.as_slice() {
        [a] => a.clone(),
        [a, b] => format!("{a} and {b}"),
        [rest @ .., last] => format!("{}, and {last}", rest.join(", ")),
        [] => String::new(),
    };
    let n = names.len();
    let s = if n == 1 { "" } else { "s" };
    vm.type_error(format!("{q}() missing {n} required {kind} argument{s}: {list}"))
}

#[cold]
fn too_many(vm: &mut Vm, f: &Obj<Function>, b: &Body, given: usize, out: &[Value]) -> Exc {
    let q = f.qualname.get().display_str(vm);
    let npos = b.code.arg_count as usize;
    let ndefaults = f.defaults.get().tuple_items().len();
    let kw_given = out[npos..].iter().filter(|v| !v.is_unbound()).count();
    let (takes, plural) = if ndefaults > 0 {
        (format!("from {} to {npos}", npos - ndefaults.min(npos)), true)
    } else {
        (npos.to_string(), npos != 1)
    };
    let s = if plural { "s" } else { "" };
    let kw = if kw_given > 0 {
        format!(
            " positional argument{} (and {kw_given} keyword-only argument{})",
            if given == 1 { "" } else { "s" },
            if kw_given == 1 { "" } else { "s" }
        )
    } else {
        String::new()
    };
    let were = if given == 1 && kw_given == 0 { "was" } else { "were" };
    vm.type_error(format!(
        "{q}() takes {takes} positional argument{s} but {given}{kw} {were} given"
    ))
}

/// `type.__call__`.
pub fn type_call(vm: &mut Vm, callable: &Value, args: Args<'_>) -> Flow {
    match callable.get::<Type>() {
        Some(class) => call_type(vm, class, args),
        None => Err(not_callable(vm, callable)),
    }
}

/// The int of up to 18 ASCII digits with a sign or without; other literals take the long way.
fn small_decimal(text: &[u8]) -> Option<Value> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        all => (false, all),
    };
    if digits.is_empty() || digits.len() > 18 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let n = digits.iter().fold(0i64, |n, d| n * 10 + i64::from(d - b'0'));
    Value::small_int(if negative { -n } else { n })
}

/// `int`, `float`, `str` and `bool` of values that need no method of theirs.
fn convert_small(vm: &Vm, class: &Obj<Type>, x: &Value) -> Option<Value> {
    let t = &vm.types;
    if std::ptr::eq(class, &*t.int) {
        if x.is_int() {
            return Some(x.clone());
        }
        if let Some(s) = x.get::<Str>().filter(|_| vm.is_exactly(x, &t.str)) {
            return small_decimal(s.bytes());
        }
        // Half the range of immediate ints, so that the cast is exact.
        let f = x.as_small_float().filter(|f| f.abs() < 2f64.powi(61))?;
        return Value::small_int(f as i64);
    }
    if std::ptr::eq(class, &*t.float) {
        return match x.as_small_int() {
            Some(i) => Some(vm.float(i as f64)),
            None if x.is_small_float() => Some(x.clone()),
            None => None,
        };
    }
    if std::ptr::eq(class, &*t.str) {
        return match x.as_small_int() {
            Some(i) => Some(super::text::decimal(vm, i)),
            None => vm.is_exactly(x, &t.str).then(|| x.clone()),
        };
    }
    if std::ptr::eq(class, &*t.bool_) {
        return super::truth_fast(x).map(Value::bool);
    }
    None
}

/// Containers from what iterates natively, and small ranges: no method of Python takes part.
fn construct(vm: &mut Vm, class: &Obj<Type>, args: &[Value]) -> Option<Flow> {
    let t = &vm.types;
    let is = |ty: &Obj<Type>| std::ptr::eq(class, ty);
    if is(&t.range) {
        return crate::methods::range::make_small(vm, args).map(|v| Ok(v.into()));
    }
    if is(&t.tasklet) && args.len() <= 3 {
        return Some(crate::methods::tasklets::make(vm, args));
    }
    let (list, tuple) = (is(&t.list), is(&t.tuple));
    if !list && !tuple && !is(&t.dict) && !is(&t.set) {
        return None;
    }
    let Some(x) = args.first() else {
        return Some(Ok(if list {
            vm.list(Vec::new()).into()
        } else if tuple {
            vm.tuple(Vec::new()).into()
        } else if is(&t.dict) {
            vm.dict().into()
        } else {
            vm.alloc(&t.set, crate::objects::set::Set::new(Default::default())).into()
        }));
    };
    if is(&t.dict)
        && args.len() == 1
        && vm.is_exactly(x, &t.dict)
        && let Some(d) = x.get::<crate::objects::dict::Dict>()
    {
        return Some(Ok(vm.dict_copy(d).into()));
    }
    if is(&t.set) && args.len() == 1 && x.has::<crate::objects::list::List>() {
        return match super::iter::items_native(vm, x) {
            Ok(items) => items.map(|items| crate::objects::set::from_items(vm, items)),
            Err(e) => Some(Err(e)),
        };
    }
    if args.len() != 1 || !list && !tuple {
        return None;
    }
    if tuple && vm.is_exactly(x, &t.tuple) {
        return Some(Ok(x.clone().into()));
    }
    match super::iter::items_native(vm, x) {
        Ok(Some(items)) if list => Some(Ok(vm.list(items).into())),
        Ok(Some(items)) => Some(Ok(vm.tuple(items).into())),
        Ok(None) => None,
        Err(e) => Some(Err(e)),
    }
}

fn call_type(vm: &mut Vm, class: &Obj<Type>, args: Args<'_>) -> Flow {
    if std::ptr::eq(class, &*vm.types.type_) && args.values.len() == 1 && !args.has_keywords() {
        return Ok(vm.type_of(&args.values[0]).to_value().into());
    }
    if let [x] = args.values
        && !class.is_heap_type()
        && args.names.is_none()
        && let Some(v) = convert_small(vm, class, x)
    {
        return Ok(v.into());
    }
    if !class.is_heap_type()
        && args.names.is_none()
        && let Some(flow) = construct(vm, class, args.values)
    {
        return flow;
    }
    let Some(new) = class.lookup(vm, &vm.names.new) else { return Err(cannot_create(vm, class)) };
    if class.has_flag(tflags::DISALLOW_NEW) {
        return Err(cannot_create(vm, class));
    }
    let init = class.lookup(vm, &vm.names.init);
    if let Some(f) = new.get::<NativeFunction>()
        && vm.excs.base_exception.is(f.0.owner.peek())
        && let Some(w) = init.as_ref().and_then(Value::get::<WrapperDescr>)
        && vm.excs.base_exception.is(w.owner.peek())
        && args.names.is_none()
        && !class.is_subtype(&vm.excs.base_exception_group, vm)
    {
        let items = vm.tuple_from(args.values);
        let payload = crate::objects::exception::Exception::new(items);
        return Ok(vm.new_object(class, payload).into_value().into());
    }
    let class_value = class.to_value();
    // Plain instantiation: object.__new__ and a Python or absent __init__.
    if is_object_method(vm, &new, false)
        && !class.has_flag(tflags::ABSTRACT)
        && let Some(init) = &init
        && class.layout.get() == layout::INSTANCE
        && (is_object_method(vm, init, true) && args.values.is_empty()
            || takes_self(init) && !is_object_method(vm, init, true))
    {
        if args.values.is_empty() && is_object_method(vm, init, true) {
            return Ok(vm.new_object(class, crate::objects::types::Instance).into_value().into());
        }
        let instance = vm.new_object(class, crate::objects::types::Instance).into_value();
        return start_init(vm, init, instance, args);
    }
    // Native construction without a machine where `__new__` cannot push a frame that somebody would
    // have to wait for.
    if let Some(f) = new.get::<NativeFunction>()
        && let Some(init) = &init
    {
        let no_init = is_object_method(vm, init, true);
        if no_init
            && f.0.owner.get().get::<Type>().is_some_and(|t| t.layout.get() != layout::INSTANCE)
        {
            return native::call(vm, &new, &f.0, Some(&class_value), args);
        }
        if !no_init
            && f.0.def.sig.takes_anything()
            && takes_self(init)
            && class.layout.get() != layout::INSTANCE
            && !class.is_subtype(&vm.excs.base_exception_group, vm)
            && !class.is_subtype(&vm.excs.os_error, vm)
        {
            let instance = match native::call(vm, &new, &f.0, Some(&class_value), args)?.ready() {
                Some(v) => v,
                None => return Err(vm.system_error("native __new__ pushed a frame")),
            };
            // What a new container would be filled with nothing.
            let empty = args.values.is_empty()
                && matches!(class.layout.get(), layout::LIST | layout::DICT | layout::SET)
                && init.get::<WrapperDescr>().is_some_and(|w| w.native.is_some());
            if empty {
                return Ok(instance.into());
            }
            return start_init(vm, init, instance, args);
        }
    }
    let regs_len = 4 + args.values.len();
    let mut regs = Vec::with_capacity(regs_len);
    regs.push(class_value);
    regs.push(new);
    regs.push(args.names.cloned().unwrap_or(Value::NONE));
    regs.push(Value::UNBOUND);
    regs.extend(args.values.iter().cloned());
    vm.start_with(&TYPE_CALL, &mut regs.into_iter())
}

/// Calls `__init__` on a new instance and gives the instance.
fn start_init(vm: &mut Vm, init: &Value, instance: Value, args: Args<'_>) -> Flow {
    vm.enter_native()?;
    let exec = &mut *vm.exec;
    let frame = exec.stack.push_native(exec.frame, &INIT, &mut [instance.clone()].into_iter());
    exec.frame = frame;
    // The callee's frame goes above the machine's, which waits in stage 1 for its outcome.
    // SAFETY: the frame was just pushed.
    unsafe { (*frame).set_stage(1) };
    match call_with_receiver(vm, init, instance, args) {
        Ok(r) if r.is_away() => Ok(r),
        outcome => {
            // A native `__init__` answered at once: take the machine off again.
            let frame = vm.exec.frame;
            // SAFETY: native calls leave the chain as they found it when they answer at once.
            let instance = unsafe { (*frame).reg(0).clone() };
            crate::interp::pop_native(vm);
            let v = outcome?.into_raw();
            check_init_result(vm, &v)?;
            Ok(instance.into())
        }
    }
}

fn check_init_result(vm: &mut Vm, v: &Value) -> PyResult<()> {
    if v.is_none() {
        return Ok(());
    }
    let t = vm.type_name(v);
    Err(vm.type_error(format!("__init__() should return None, not '{t}'")))
}

/// Registers: instance. Waits for `__init__`.
pub(crate) static INIT: Machine = Machine::new("type.init", |vm, regs, input| {
    let v = input.value()?;
    check_init_result(vm, &v)?;
    Ok(regs.take(0).into())
});

#[cold]
fn cannot_create(vm: &mut Vm, class: &Obj<Type>) -> Exc {
    let n = class.name_str(vm);
    let n = match class.module {
        "builtins" | "" => n,
        m => format!("{m}.{n}"),
    };
    vm.type_error(format!("cannot create '{n}' instances"))
}

/// Is this `object.__new__` (or `object.__init__`)?
pub(crate) fn is_object_method(vm: &Vm, method: &Value, init: bool) -> bool {
    if init {
        method
            .get::<WrapperDescr>()
            .is_some_and(|w| vm.types.object.is(w.owner.peek()) && w.name() == "__init__")
    } else {
        method
            .get::<NativeFunction>()
            .is_some_and(|f| f.0.def.name == "__new__" && vm.types.object.is(f.0.owner.peek()))
    }
}

/// Registers: class, `__new__`, keyword names or None, instance, arguments.
/// Stage 1: `__new__` awaited; 2: `__init__` awaited.
pub(crate) static TYPE_CALL: Machine = Machine::new("type.call", |vm, regs, input| {
    let class_value = regs.get(0);
    let Some(class) = class_value.get::<Type>() else {
        return Err(vm.system_error("machine register holds no class"));
    };
    let names = regs.get(2);
    let names_ref = if names.is_none() { None } else { Some(&names) };
    let instance = match regs.stage() {
        stage @ (0 | 3) => {
            let mut new = regs.get(1);
            if stage == 3 {
                new = input.value()?;
            } else if !new.has::<NativeFunction>()
                && !new.has::<Function>()
                && !new.has::<crate::objects::function::StaticMethod>()
                && vm.type_of(&new).slots(vm).descr_get.is_some()
            {
                let unbound = Value::UNBOUND;
                new = soft!(regs, 3, crate::ops::attr::descr_get(vm, &new, &unbound, &class_value));
            }
            let mut values = vec![class_value.clone()];
            values.extend(regs.rest(4));
            soft!(regs, 1, call_new(vm, class, &new, Args { values: &values, names: names_ref }))
        }
        1 => input.value()?,
        _ => {
            let v = input.value()?;
            check_init_result(vm, &v)?;
            return Ok(regs.take(3).into());
        }
    };
    if !vm.is_instance(&instance, class) {
        return Ok(instance.into());
    }
    let name = vm.names.init.clone();
    let Some(init) = vm.type_of(&instance).lookup(vm, &name) else { return Ok(instance.into()) };
    regs.set(3, instance.clone());
    let values = regs.rest(4);
    let args = Args { values: &values, names: names_ref };
    if is_object_method(vm, &init, true) {
        object_init_check(vm, &instance, args)?;
        return Ok(instance.into());
    }
    regs.set_stage(2);
    let flow = if takes_self(&init) {
        call_with_receiver(vm, &init, instance.clone(), args)
    } else {
        crate::python_slots::bind_and_call(vm, &init, &instance, args)
    };
    let v = soft!(regs, 2, flow);
    check_init_result(vm, &v)?;
    Ok(instance.into())
});

/// Calls `__new__` as found on the class: it is a static method.
pub fn call_new(vm: &mut Vm, class: &Obj<Type>, new: &Value, args: Args<'_>) -> Flow {
    if let Some(s) = new.get::<StaticMethod>() {
        let f = s.callable.get();
        return call(vm, &f, args);
    }
    if let Some(c) = new.get::<crate::objects::function::ClassMethod>() {
        let f = c.callable.get();
        let class = class.to_value();
        return call_with_receiver(vm, &f, class, args);
    }
    call(vm, new, args)
}

/// `object.__init__`'s complaint about arguments that nobody takes.
pub(crate) fn object_init_check(vm: &mut Vm, instance: &Value, args: Args<'_>) -> PyResult<()> {
    if args.values.is_empty() {
        return Ok(());
    }
    let ty = vm.type_of(instance);
    let (new, init) = (vm.names.new.clone(), vm.names.init.clone());
    let own_init = ty.lookup(vm, &init).is_some_and(|m| !is_object_method(vm, &m, true));
    let own_new = ty.lookup(vm, &new).is_some_and(|m| !is_object_method(vm, &m, false));
    let n = ty.name_str(vm);
    if own_init {
        return Err(vm.type_error(
            "object.__init__() takes exactly one argument (the instance to initialize)",
        ));
    }
    if !own_new {
        return Err(vm.type_error(format!("{n}() takes no arguments")));
    }
    Ok(())
}

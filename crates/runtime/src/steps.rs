//! Bodies of the less frequent instructions, called by the loop.
#![expect(unsafe_code, reason = "reads and fills the inline caches of the running body")]

use stackless_bytecode::isa::{intrinsic1, intrinsic2};

use crate::dunder::Field;
use crate::exc::{Exc, Flow, PyResult, Reply};
use crate::frame::Frame;
use crate::machine::{Input, Machine};
use crate::native::{Args, MethodDescr, Native, NativeFunction};
use crate::object::Obj;
use crate::objects::dict::Dict;
use crate::objects::exception::Exception;
use crate::objects::function::{Cell_, Function};
use crate::objects::generator::{self, Generator, Mode};
use crate::objects::list::List;
use crate::objects::types::{Type, UNVERSIONED, tflags};
use crate::ops;
use crate::soft;
use crate::value::Value;
use crate::vm::Vm;

pub(crate) fn frame_ref<'a>(frame: *mut Frame) -> &'a mut Frame {
    // SAFETY: the loop passes the current frame, which stays while the step runs.
    unsafe { &mut *frame }
}

pub(crate) fn name_at(frame: *mut Frame, i: u32) -> Value {
    frame_ref(frame).body().names[i as usize].clone()
}

fn function(frame: *mut Frame) -> Option<&'static Obj<Function>> {
    // SAFETY: as `frame_ref`; the frame keeps its function.
    unsafe { (*frame).function().map(|f| &*(f as *const Obj<Function>)) }
}

pub fn globals(frame: *mut Frame) -> Value {
    function(frame).map_or(Value::NONE, |f| f.globals.get())
}

pub fn builtins(frame: *mut Frame) -> Value {
    function(frame).map_or(Value::NONE, |f| f.builtins.get())
}

pub fn locals_mapping(frame: *mut Frame) -> Option<Value> {
    frame_ref(frame).extra.as_ref().and_then(|e| e.locals.clone())
}

pub fn common_const(vm: &mut Vm, i: u16) -> Flow {
    let v = match i {
        0 => vm.excs.assertion_error.to_value(),
        1 => vm.excs.not_implemented_error.to_value(),
        2 => vm.types.tuple.to_value(),
        5 => vm.types.list.to_value(),
        6 => vm.types.set.to_value(),
        n => {
            let name = if n == 3 { "all" } else { "any" };
            match vm.builtins.clone().and_then(|b| b.get_text(vm, name)) {
                Some(v) => v,
                None => return Err(vm.system_error("missing builtin")),
            }
        }
    };
    Ok(v.into())
}

pub fn load_fast_check(vm: &mut Vm, frame: *mut Frame, reg: u16) -> Flow {
    // SAFETY: registers below first_temp are always valid.
    let v = unsafe { (*frame_ref(frame).regs().add(reg as usize)).clone() };
    if v.is_unbound() { Err(unbound_local(vm, frame, reg)) } else { Ok(v.into()) }
}

#[cold]
pub fn unbound_local(vm: &mut Vm, frame: *mut Frame, reg: u16) -> Exc {
    let name = frame_ref(frame).body().local_names[reg as usize].clone();
    use stackless_bytecode::LocalKind;
    match frame_ref(frame).body().code.local_kinds.get(reg as usize) {
        Some(LocalKind::Hidden | LocalKind::HiddenCell) if locals_mapping(frame).is_some() => {
            let n = name.display_str(vm);
            vm.name_error(&format!("name '{n}' is not defined"), &name)
        }
        _ => vm.unbound_local_error(&name),
    }
}

#[cold]
pub fn empty_cell(vm: &mut Vm, frame: *mut Frame, reg: u16) -> Exc {
    let body = frame_ref(frame).body();
    let name = body.local_names[reg as usize].clone();
    if reg < body.plain_locals {
        return vm.unbound_local_error(&name);
    }
    let n = name.display_str(vm);
    vm.name_error(
        &format!(
            "cannot access free variable '{n}' where it is not associated with a value in enclosing scope"
        ),
        &name,
    )
}

/// Registers: mapping, key. `mapping[key]` with KeyError as *unbound*.
pub(crate) static MAPPING_GET: Machine = Machine::new("step.mapping_get", |vm, regs, input| {
    let result = match input {
        Input::Start => {
            let (m, k) = (regs.get(0), regs.get(1));
            regs.set_stage(1);
            match ops::item::getitem(vm, &m, &k) {
                Ok(r) => match r.ready() {
                    Some(v) => Ok(v),
                    None => return Ok(Reply::PUSHED),
                },
                Err(e) => Err(e),
            }
        }
        input => input.value(),
    };
    match result {
        Ok(v) => Ok(v.into()),
        Err(e) if vm.exc_is(&e, &vm.excs.key_error) => Ok(Value::UNBOUND.into()),
        Err(e) => Err(e),
    }
});

/// The value under a name, or *unbound*; dict subclasses and other mappings by `__getitem__`.
pub fn mapping_get(vm: &mut Vm, mapping: &Value, name: &Value) -> Flow {
    if vm.is_exactly(mapping, &vm.types.dict)
        && let Some(d) = mapping.get::<Dict>()
    {
        return Ok(d.get_str(vm, name).unwrap_or(Value::UNBOUND).into());
    }
    vm.start(&MAPPING_GET, [mapping.clone(), name.clone()])
}

pub(crate) fn write_cache(frame: *mut Frame, word: usize, value: u64) {
    // SAFETY: the words after the current instruction are its inline cache; bodies belong to one
    // `Vm`, and no reference into `words` is out.
    unsafe {
        let ip = frame_ref(frame).ip.add(word).cast_mut();
        ip.write(value);
    }
}

pub fn load_global(vm: &mut Vm, frame: *mut Frame, name: u32) -> Flow {
    let name = name_at(frame, name);
    let (g, b) = (globals(frame), builtins(frame));
    if vm.is_exactly(&g, &vm.types.dict)
        && vm.is_exactly(&b, &vm.types.dict)
        && let (Some(gd), Some(bd)) = (g.get::<Dict>(), b.get::<Dict>())
    {
        // Other names came or went: this one is mostly where it was.
        let ip = frame_ref(frame).ip;
        // SAFETY: the words behind the current instruction are its cache.
        let before = unsafe { *ip.add(2) } as usize;
        if let Some(i) = gd.find_str_again(vm, &name, before) {
            write_cache(frame, 1, gd.keys_version(vm) as u64);
            write_cache(frame, 2, i as u64);
            return Ok(gd.table(vm).entries[i].value.clone().into());
        }
        if let Some(i) = bd.find_str(vm, &name) {
            write_cache(frame, 1, gd.keys_version(vm) as u64 | (bd.keys_version(vm) as u64) << 32);
            write_cache(frame, 2, i as u64 | 1 << 63);
            return Ok(bd.table(vm).entries[i].value.clone().into());
        }
        return Err(not_defined(vm, &name));
    }
    vm.start(&LOOKUP_CHAIN, [name, Value::NONE, g, b])
}

#[cold]
fn not_defined(vm: &mut Vm, name: &Value) -> Exc {
    let n = name.display_str(vm);
    vm.name_error(&format!("name '{n}' is not defined"), name)
}

/// Registers: name, three mappings to try in turn (None skips).
pub(crate) static LOOKUP_CHAIN: Machine = Machine::new("step.lookup_chain", |vm, regs, input| {
    let name = regs.get(0);
    let mut stage = regs.stage();
    let mut input = Some(input);
    loop {
        if stage > 0 {
            let v = match input.take() {
                Some(i) => i.value()?,
                None => Value::UNBOUND,
            };
            if !v.is_unbound() {
                return Ok(v.into());
            }
        }
        if stage == 3 {
            return Err(not_defined(vm, &name));
        }
        stage += 1;
        regs.set_stage(stage);
        let m = regs.get(stage as usize);
        if m.is_none() {
            input = Some(Input::Value(Value::UNBOUND));
            continue;
        }
        match mapping_get(vm, &m, &name)?.ready() {
            Some(v) => input = Some(Input::Value(v)),
            None => return Ok(Reply::PUSHED),
        }
    }
});

pub fn load_name(vm: &mut Vm, frame: *mut Frame, name: u32) -> Flow {
    let name = name_at(frame, name);
    let locals = locals_mapping(frame).unwrap_or(Value::NONE);
    if vm.is_exactly(&locals, &vm.types.dict)
        && let Some(d) = locals.get::<Dict>()
        && let Some(v) = d.get_str(vm, &name)
    {
        return Ok(v.into());
    }
    let (g, b) = (globals(frame), builtins(frame));
    if let (Some(gd), Some(bd)) = (g.get::<Dict>(), b.get::<Dict>())
        && vm.is_exactly(&g, &vm.types.dict)
        && vm.is_exactly(&b, &vm.types.dict)
        && vm.is_exactly(&locals, &vm.types.dict)
    {
        return match gd.get_str(vm, &name).or_else(|| bd.get_str(vm, &name)) {
            Some(v) => Ok(v.into()),
            None => Err(not_defined(vm, &name)),
        };
    }
    vm.start(&LOOKUP_CHAIN, [name, locals, g, b])
}

pub fn dict_or_globals(vm: &mut Vm, frame: *mut Frame, mapping: Value, name: u32) -> Flow {
    let name = name_at(frame, name);
    vm.start(&LOOKUP_CHAIN, [name, mapping, globals(frame), builtins(frame)])
}

/// Registers: mapping, name, cell, error exception prepared for an empty cell.
pub(crate) static DICT_OR_DEREF: Machine = Machine::new("step.dict_or_deref", |vm, regs, input| {
    let v = match regs.stage() {
        0 => {
            let (m, n) = (regs.get(0), regs.get(1));
            soft!(regs, 1, mapping_get(vm, &m, &n))
        }
        _ => input.value()?,
    };
    if !v.is_unbound() {
        return Ok(v.into());
    }
    let cell = regs.get(2);
    match cell.get::<Cell_>().and_then(|c| c.contents.given()) {
        Some(v) => Ok(v.into()),
        None => {
            let name = regs.get(1);
            let n = name.display_str(vm);
            Err(vm.name_error(
                &format!("cannot access free variable '{n}' where it is not associated with a value in enclosing scope"),
                &name,
            ))
        }
    }
});

pub fn dict_or_deref(vm: &mut Vm, frame: *mut Frame, mapping: Value, reg: u16) -> Flow {
    let name = frame_ref(frame).body().local_names[reg as usize].clone();
    // SAFETY: registers below first_temp are valid.
    let cell = unsafe { (*frame_ref(frame).regs().add(reg as usize)).clone() };
    vm.start(&DICT_OR_DEREF, [mapping, name, cell])
}

fn store_in(vm: &mut Vm, mapping: &Value, name: &Value, value: Value) -> Flow {
    if vm.is_exactly(mapping, &vm.types.dict)
        && let Some(d) = mapping.get::<Dict>()
    {
        if value.is_unbound() {
            return if d.del_str(vm, name) { Ok(Reply::NONE) } else { Err(not_defined(vm, name)) };
        }
        d.set_str(vm, name, value);
        return Ok(Reply::NONE);
    }
    ops::item::setitem(vm, mapping, name, &value)
}

pub fn store_global(vm: &mut Vm, frame: *mut Frame, name: u32, value: Value) -> Flow {
    let name = name_at(frame, name);
    store_in(vm, &globals(frame), &name, value)
}

pub fn store_name(vm: &mut Vm, frame: *mut Frame, name: u32, value: Value) -> Flow {
    let name = name_at(frame, name);
    match locals_mapping(frame) {
        Some(m) => store_in(vm, &m, &name, value),
        None => Err(vm.system_error("no locals found when storing a name")),
    }
}

/// Registers: mapping, name. KeyError of other mappings becomes NameError.
pub(crate) static DELETE_NAME: Machine = Machine::new("step.delete_name", |vm, regs, input| {
    let result = match input {
        Input::Start => {
            let (m, n) = (regs.get(0), regs.get(1));
            regs.set_stage(1);
            match ops::item::setitem(vm, &m, &n, &Value::UNBOUND) {
                Ok(r) => match r.ready() {
                    Some(v) => Ok(v),
                    None => return Ok(Reply::PUSHED),
                },
                Err(e) => Err(e),
            }
        }
        input => input.value(),
    };
    match result {
        Ok(_) => Ok(Reply::NONE),
        Err(e) if vm.exc_is(&e, &vm.excs.key_error) => {
            let n = regs.get(1);
            Err(not_defined(vm, &n))
        }
        Err(e) => Err(e),
    }
});

pub fn delete_name(vm: &mut Vm, frame: *mut Frame, name: u32) -> Flow {
    let name = name_at(frame, name);
    match locals_mapping(frame) {
        Some(m) if vm.is_exactly(&m, &vm.types.dict) => store_in(vm, &m, &name, Value::UNBOUND),
        Some(m) => vm.start(&DELETE_NAME, [m, name]),
        None => Err(vm.system_error("no locals when deleting a name")),
    }
}

pub fn load_locals(vm: &mut Vm, frame: *mut Frame) -> Flow {
    match locals_mapping(frame) {
        Some(m) => Ok(m.into()),
        None => Err(vm.system_error("no locals")),
    }
}

/// `__conditional_annotations__` may be rebound by the program, to anything.
pub fn set_add(vm: &mut Vm, set: &Value, v: &Value) -> Flow {
    if !vm.is_instance(set, &vm.types.set) {
        let t = vm.type_name(set);
        return Err(vm.type_error(format!("'{t}' object is not a set")));
    }
    ops::dict::run(vm, ops::dict::DictOp::Add, set, v, Value::NONE)
}

pub fn load_build_class(vm: &mut Vm, frame: *mut Frame) -> Flow {
    let name = vm.names.build_class.clone();
    let b = builtins(frame);
    if let Some(d) = b.get::<Dict>()
        && vm.is_exactly(&b, &vm.types.dict)
    {
        return match d.get_str(vm, &name) {
            Some(v) => Ok(v.into()),
            None => Err(vm.name_error("__build_class__ not found", &name)),
        };
    }
    vm.start(&BUILD_CLASS_OF, [b, name])
}

/// Registers: builtins that are not plain, name. What `class` calls.
pub(crate) static BUILD_CLASS_OF: Machine =
    Machine::new("step.build_class_of", |vm, regs, input| {
        let (builtins, name) = (regs.get(0), regs.get(1));
        let found = match regs.stage() {
            0 => soft!(regs, 1, mapping_get(vm, &builtins, &name)),
            _ => input.value()?,
        };
        match found.is_unbound() {
            false => Ok(found.into()),
            true => Err(vm.name_error("__build_class__ not found", &name)),
        }
    });

/// Registers: locals mapping.
pub(crate) static SETUP_ANNOTATIONS: Machine =
    Machine::new("step.setup_annotations", |vm, regs, input| {
        let m = regs.get(0);
        let name = vm.names.annotations.clone();
        let v = match regs.stage() {
            0 => soft!(regs, 1, mapping_get(vm, &m, &name)),
            1 => input.value()?,
            _ => return input.value().map(Reply::from),
        };
        if !v.is_unbound() {
            return Ok(Reply::NONE);
        }
        regs.set_stage(2);
        let d = vm.dict().into_value();
        ops::item::setitem(vm, &m, &name, &d)
    });

pub fn setup_annotations(vm: &mut Vm, frame: *mut Frame) -> Flow {
    let m = locals_mapping(frame).unwrap_or(Value::NONE);
    vm.start(&SETUP_ANNOTATIONS, [m])
}

/// The native function behind a callable that takes these arguments as they are.
#[inline(always)]
pub fn direct_native<'a>(vm: &Vm, callable: &'a Value, args: &[Value]) -> Option<&'a Native> {
    if let Some(f) = callable.get::<NativeFunction>() {
        let bound = f.0.is_new || !f.0.owner.is_unbound();
        return (!bound && f.0.takes(args.len())).then_some(&f.0);
    }
    let f = callable.get::<MethodDescr>()?;
    let fits = f.0.takes(args.len()) && f.0.owner.bits() == vm.type_of(args.first()?).address();
    fits.then_some(&f.0)
}

/// The Python `__init__` that a call of this class runs on a new plain instance and nothing else
/// happens. The function has a body.
#[inline]
pub fn plain_init<'a>(vm: &Vm, class: &'a Obj<Type>) -> Option<&'a Obj<Function>> {
    let (version, init) = class.plain_init.get();
    if version != UNVERSIONED && version == class.version.get() {
        // SAFETY: the class's dict (or a base's) holds the function as long as the version stands.
        return unsafe { init.as_ref() };
    }
    find_plain_init(vm, class)
}

#[cold]
fn find_plain_init<'a>(vm: &Vm, class: &'a Obj<Type>) -> Option<&'a Obj<Function>> {
    if class.layout.get() != crate::layout::INSTANCE
        || class.has_flag(tflags::ABSTRACT)
        || class.has_flag(tflags::DISALLOW_NEW)
        || !vm.is_exactly(&class.to_value(), &vm.types.type_)
    {
        return None;
    }
    let new = class.lookup(vm, &vm.names.new)?;
    let init = class.lookup(vm, &vm.names.init)?;
    let f = init.get::<Function>()?;
    if !ops::call::is_object_method(vm, &new, false)
        || !ops::call::takes_self(&init)
        || f.body(vm).is_null()
    {
        return None;
    }
    if !vm.settings.strategies.no_caches {
        class.plain_init.set((class.assign_version(vm), f as *const Obj<Function>));
    }
    // SAFETY: as in `plain_init`.
    unsafe { (f as *const Obj<Function>).as_ref() }
}

/// An instance of a class without payload.
pub fn new_instance(vm: &Vm, class: &Value) -> Value {
    match class.get::<Type>() {
        Some(class) => vm.new_object(class, crate::objects::types::Instance).into_value(),
        None => Value::NONE,
    }
}

/// Registers: super callable, class, object, name, number of written arguments.
pub(crate) static SUPER_ATTR: Machine =
    Machine::new("step.super_attr", |vm, regs, input| match regs.stage() {
        0 => {
            let (f, c, o) = (regs.get(0), regs.get(1), regs.get(2));
            let two = regs.int(4) == 1;
            let args = [c, o];
            let s =
                soft!(regs, 1, ops::call::call(vm, &f, Args::new(if two { &args } else { &[] })));
            let name = regs.get(3);
            regs.set_stage(2);
            ops::attr::getattr(vm, &s, &name)
        }
        1 => {
            let s = input.value()?;
            let name = regs.get(3);
            regs.set_stage(2);
            ops::attr::getattr(vm, &s, &name)
        }
        _ => input.value().map(Reply::from),
    });

pub fn load_super_attr(vm: &mut Vm, frame: *mut Frame, v: Vec<Value>, name: u32, two: u16) -> Flow {
    let n = name_at(frame, name);
    if v[0].is(vm.types.super_.value())
        && let Some(class) = v[1].get::<Type>()
        && let Some(object_type) = super_type(vm, class, &v[2])
    {
        return super_lookup(vm, class, &v[2], &object_type, &n);
    }
    let [f, c, o]: [Value; 3] = match v.try_into() {
        Ok(a) => a,
        Err(_) => return Err(vm.system_error("bad super")),
    };
    vm.start(&SUPER_ATTR, [f, c, o, n, Value::from_i32(two as i32)])
}

/// The type whose MRO `super(class, object)` searches, if the object is of the class by its type; others
/// may still say so by their `__class__`.
pub fn super_type(vm: &Vm, class: &Obj<Type>, object: &Value) -> Option<Value> {
    if object.get::<Type>().is_some_and(|t| t.is_subtype(class, vm)) {
        return Some(object.clone());
    }
    vm.is_instance(object, class).then(|| vm.type_of(object).to_value())
}

/// As `super_type`; an error for objects that do not fit.
pub fn super_object_type(vm: &mut Vm, class: &Obj<Type>, object: &Value) -> PyResult {
    if let Some(found) = super_type(vm, class, object) {
        return Ok(found);
    }
    let c = class.name_str(vm);
    let (desc, what) = match object.get::<Type>() {
        Some(t) => ("type", t.name_str(vm)),
        None => ("instance of", vm.type_name(object)),
    };
    Err(vm.type_error(format!(
        "super(type, obj): obj ({desc} {what}) is not an instance or subtype of type ({c})."
    )))
}

/// `super(class, object).name`.
pub fn super_lookup(
    vm: &mut Vm,
    class: &Obj<Type>,
    object: &Value,
    object_type: &Value,
    name: &Value,
) -> Flow {
    if let Some(d) = super_find(vm, class, object_type, name) {
        let is_class_access = object.is(object_type);
        let obj = if is_class_access { Value::UNBOUND } else { object.clone() };
        return ops::attr::descr_get(vm, &d, &obj, object_type);
    }
    let s = crate::objects::types_methods::new_super(vm, class, object, object_type);
    ops::attr::generic_getattr(vm, &s, name)
}

/// The attribute after `class` in the MRO of `object_type`.
pub fn super_find(vm: &Vm, class: &Obj<Type>, object_type: &Value, name: &Value) -> Option<Value> {
    if name.is(&vm.names.class) {
        return None;
    }
    let t = object_type.get::<Type>()?;
    let mro = t.mro_items(vm);
    let at = mro.iter().position(|c| class.is(c))?;
    mro[at + 1..].iter().filter_map(|c| c.get::<Type>()).find_map(|c| c.dict.get_str(vm, name))
}

pub fn load_super_method(
    vm: &mut Vm,
    frame: *mut Frame,
    v: Vec<Value>,
    name: u32,
    two: u16,
) -> PyResult<Result<(Value, Value), Reply>> {
    if v[0].is(vm.types.super_.value())
        && let Some(class) = v[1].get::<Type>()
        && let Some(object_type) = super_type(vm, class, &v[2])
    {
        let n = name_at(frame, name);
        if let Some(d) = super_find(vm, class, &object_type, &n)
            && ops::call::takes_self(&d)
            && !v[2].is(&object_type)
        {
            return Ok(Ok((d, v[2].clone())));
        }
    }
    let r = load_super_attr(vm, frame, v, name, two)?;
    if r.is_away() { Ok(Err(r)) } else { Ok(Ok((r.into_raw(), Value::UNBOUND))) }
}

pub fn load_item(vm: &mut Vm, o: &Value, k: &Value) -> Flow {
    if vm.is_exactly(o, &vm.types.dict) {
        return ops::dict::subscript(vm, o, k);
    }
    ops::item::getitem(vm, o, k)
}

/// Items of `v` for unpacking: a tuple of exactly `n` items, or of `n`, a list, and `after` items.
pub fn unpack(vm: &mut Vm, v: Value, n: usize, after: Option<usize>) -> Flow {
    if let Some(items) = ops::iter::items_native(vm, &v)?.filter(|_| {
        vm.is_exactly(&v, &vm.types.tuple)
            || vm.is_exactly(&v, &vm.types.list)
            || vm.is_exactly(&v, &vm.types.dict)
            || after.is_some()
    }) {
        return distribute(vm, &v, items, n, after).map(Reply::from);
    }
    let after = after.map_or(Value::NONE, Value::from_usize);
    let list = vm.list(Vec::new());
    vm.start(&UNPACK, [v, Value::from_usize(n), after, list, Value::NONE])
}

fn distribute(
    vm: &mut Vm,
    source: &Value,
    mut items: Vec<Value>,
    n: usize,
    after: Option<usize>,
) -> PyResult {
    let got = items.len();
    match after {
        None if got < n => {
            Err(vm.value_error(format!("not enough values to unpack (expected {n}, got {got})")))
        }
        None if got > n => {
            let known = ops::len_fast(vm, source).filter(|_| {
                source.has::<List>()
                    || source.has::<crate::objects::tuple::Tuple>()
                    || source.has::<Dict>()
            });
            Err(vm.value_error(match known {
                Some(k) => format!("too many values to unpack (expected {n}, got {k})"),
                None => format!("too many values to unpack (expected {n})"),
            }))
        }
        None => Ok(vm.tuple(items)),
        Some(after) if got < n + after => Err(vm.value_error(format!(
            "not enough values to unpack (expected at least {}, got {got})",
            n + after
        ))),
        Some(after) => {
            let tail = items.split_off(got - after);
            let middle = items.split_off(n);
            items.push(vm.list(middle));
            items.extend(tail);
            Ok(vm.tuple(items))
        }
    }
}

/// Registers: source, count, count after or None, list of items, iterator.
pub(crate) static UNPACK: Machine = Machine::new("step.unpack", |vm, regs, input| {
    let source = regs.get(0);
    let n = regs.int(1) as usize;
    let after = regs.get(2).as_small_int().map(|i| i as usize);
    let list_value = regs.get(3);
    let Some(list) = list_value.get::<List>() else {
        return Err(vm.system_error("machine register holds no list"));
    };
    let mut input = input;
    if regs.stage() == 0 {
        let ty = vm.type_of(&source);
        if ty.slots(vm).iter.is_none() && ty.slots(vm).getitem.is_none() {
            let t = ty.name_str(vm);
            return Err(vm.type_error(format!("cannot unpack non-iterable {t} object")));
        }
        input = Input::Value(soft!(regs, 1, ops::iter::iter(vm, &source)));
    }
    if regs.stage() == 1 {
        let it = input.value()?;
        regs.set(4, it);
        regs.set_stage(2);
        input = Input::Start;
    }
    let it = regs.get(4);
    loop {
        match input {
            Input::Start => {}
            Input::Value(v) if !v.is_exhausted() => list.push(vm, v),
            Input::Value(_) | Input::Exhausted => break,
            Input::Exc(e) => return Err(e),
        }
        if after.is_none() && list.len(vm) > n {
            break;
        }
        input = match ops::iter::next(vm, &it)?.ready() {
            Some(v) => Input::Value(v),
            None => return Ok(Reply::PUSHED),
        };
    }
    let items = list.items(vm).to_vec();
    distribute(vm, &source, items, n, after).map(Reply::from)
});

pub fn list_extend(vm: &mut Vm, list: &Value, v: &Value) -> Flow {
    let ty = vm.type_of(v);
    if ty.slots(vm).iter.is_none() && ty.slots(vm).getitem.is_none() {
        let t = ty.name_str(vm);
        return Err(vm.type_error(format!("Value after * must be an iterable, not {t}")));
    }
    ops::iter::extend(vm, list, v)
}

pub fn dict_update(vm: &mut Vm, dict: &Value, v: &Value) -> Flow {
    let keys = vm.names.keys.clone();
    if !v.has::<Dict>() && vm.type_of(v).lookup(vm, &keys).is_none() {
        let t = vm.type_name(v);
        return Err(vm.type_error(format!("'{t}' object is not a mapping")));
    }
    crate::objects::dict_methods::update_from_mapping(vm, dict, v)
}

pub fn dict_merge(vm: &mut Vm, dict: &Value, v: &Value, func: &Value) -> Flow {
    crate::objects::dict_methods::merge_keywords(vm, dict, v, func)
}

pub fn build_set(vm: &mut Vm, items: Vec<Value>) -> Flow {
    crate::objects::set::from_items(vm, items)
}

pub fn build_map(vm: &mut Vm, flat: Vec<Value>) -> Flow {
    let dict = vm.dict().into_value();
    let mut it = flat.into_iter();
    let mut slow: Option<Vec<Value>> = None;
    while let (Some(k), Some(v)) = (it.next(), it.next()) {
        if let Some(rest) = &mut slow {
            rest.extend([k, v]);
            continue;
        }
        if ops::hash::hash_fast(vm, &k).is_some() && !k.has::<crate::objects::types::Instance>() {
            let r = ops::dict::set(vm, &dict, &k, v)?;
            if r.is_away() {
                // Equality with an earlier key needs Python: the rest goes through the machine
                // that the pushed frame cannot be part of, so this path is not taken for such keys.
                return Err(vm.system_error("display key equality ran Python"));
            }
        } else {
            slow = Some(vec![k, v]);
        }
    }
    match slow {
        None => Ok(dict.into()),
        Some(rest) => {
            let items = vm.list(rest);
            vm.start(&BUILD_MAP, [dict, items, Value::from_i32(0)])
        }
    }
}

/// Registers: dict, list of keys and values, next index.
pub(crate) static BUILD_MAP: Machine = Machine::new("step.build_map", |vm, regs, input| {
    input.value()?;
    let (dict, items) = (regs.get(0), regs.get(1));
    let mut i = regs.int(2) as usize;
    while let Some(l) = items.get::<List>()
        && let (Some(k), Some(v)) = (l.get_item(vm, i), l.get_item(vm, i + 1))
    {
        i += 2;
        regs.set_int(2, i as i64);
        let _ = soft!(regs, 1, ops::dict::set(vm, &dict, &k, v));
    }
    Ok(dict.into())
});

pub fn build_string(vm: &mut Vm, v: &[Value]) -> Flow {
    let parts: smallvec::SmallVec<[&[u8]; 8]> = v.iter().filter_map(|s| s.as_wtf8()).collect();
    Ok(vm.str_concat(&parts).into())
}

pub fn list_to_tuple(vm: &mut Vm, v: &Value) -> Value {
    match v.get::<List>() {
        Some(l) => {
            let items = l.items(vm);
            vm.tuple_from(items)
        }
        None => vm.tuple(Vec::new()),
    }
}

pub fn convert(vm: &mut Vm, v: Value, kind: u16) -> Flow {
    match kind {
        1 => ops::text::str(vm, &v),
        2 => ops::text::repr(vm, &v),
        _ => ops::text::ascii(vm, &v),
    }
}

pub fn build_interpolation(vm: &mut Vm, v: Vec<Value>, arg: u16) -> Flow {
    crate::objects::template::interpolation(vm, v, arg)
}

pub fn build_template(vm: &mut Vm, v: Vec<Value>) -> Flow {
    crate::objects::template::template(vm, v)
}

/// `f(*args, **kwargs)`.
pub fn call_ex(vm: &mut Vm, v: Vec<Value>) -> Flow {
    let args = v[1].clone();
    if vm.is_exactly(&args, &vm.types.tuple) {
        return call_ex_tuple(vm, &v[0], &args, v.get(2));
    }
    let ty = vm.type_of(&args);
    if ty.slots(vm).iter.is_none() && ty.slots(vm).getitem.is_none() {
        let t = ty.name_str(vm);
        let f = function_text(vm, &v[0]);
        return Err(vm.type_error(format!("{f} argument after * must be an iterable, not {t}")));
    }
    let kw = v.get(2).cloned().unwrap_or(Value::NONE);
    vm.start(&CALL_EX, [v[0].clone(), args, kw])
}

/// Registers: callable, iterable, keyword dict or None.
pub(crate) static CALL_EX: Machine = Machine::new("step.call_ex", |vm, regs, input| {
    let list = match regs.stage() {
        0 => {
            let it = regs.get(1);
            soft!(regs, 1, ops::iter::collect(vm, &it))
        }
        1 => input.value()?,
        _ => return input.value().map(Reply::from),
    };
    let args = list_to_tuple(vm, &list);
    let (f, kw) = (regs.get(0), regs.get(2));
    regs.set_stage(2);
    call_ex_tuple(vm, &f, &args, if kw.is_none() { None } else { Some(&kw) })
});

fn call_ex_tuple(vm: &mut Vm, f: &Value, args: &Value, kw: Option<&Value>) -> Flow {
    match kw.and_then(|k| k.get::<Dict>()) {
        Some(d) if !d.is_empty(vm) => {
            let mut values = args.tuple_items().to_vec();
            let mut names = Vec::new();
            for (k, v) in d.items_vec(vm) {
                if !vm.is_str(&k) {
                    return Err(vm.type_error("keywords must be strings"));
                }
                names.push(k);
                values.push(v);
            }
            let names = vm.tuple(names);
            ops::call::call(vm, f, Args { values: &values, names: Some(&names) })
        }
        _ => ops::call::call(vm, f, Args::new(args.tuple_items())),
    }
}

/// `module.qualname()` of a callable, for messages about its arguments.
pub fn function_text(vm: &mut Vm, f: &Value) -> String {
    let (q, m) = if let Some(f) = f.get::<Function>() {
        (f.qualname.get().display_str(vm), f.module.get())
    } else if let Some(t) = f.get::<Type>() {
        let m = crate::objects::types_methods::module_of(vm, t);
        (t.qualname.get().display_str(vm), m.map_or(Value::NONE, |m| vm.str(&m)))
    } else if let Some(n) = crate::native::native_of(f) {
        (n.def.name.to_string(), Value::NONE)
    } else if f.is_none() {
        return "None".to_string();
    } else {
        return match ops::text::default_repr(vm, f).as_str(vm) {
            Some(s) => s.to_string(),
            None => String::new(),
        };
    };
    match m.as_str(vm) {
        Some(m) if m != "builtins" => format!("{m}.{q}()"),
        _ => format!("{q}()"),
    }
}

pub fn make_function(vm: &mut Vm, frame: *mut Frame, code: Value) -> Value {
    vm.function(code, globals(frame), builtins(frame))
}

pub fn set_function_attr(f: &Value, v: Value, kind: u16) {
    let Some(f) = f.get::<Function>() else { return };
    match kind {
        1 => f.defaults.set(v),
        2 => f.kwdefaults.set(v),
        4 => f.annotations.set(v),
        8 => f.closure.set(v),
        _ => f.annotate.set(v),
    }
}

pub fn import_name(vm: &mut Vm, frame: *mut Frame, v: Vec<Value>, name: u32) -> Flow {
    let name = name_at(frame, name);
    let import = vm.names.import_.clone();
    let b = builtins(frame);
    let g = globals(frame);
    let locals = locals_mapping(frame).unwrap_or(Value::NONE);
    let arguments = [name, g, locals, v[1].clone(), v[0].clone()];
    if !vm.is_exactly(&b, &vm.types.dict) {
        let [name, g, locals, from, level] = arguments;
        return vm.start(&IMPORT_OF, [b, import, name, g, locals, from, level]);
    }
    match b.get::<Dict>().and_then(|d| d.get_str(vm, &import)) {
        Some(f) => crate::import::import_with(vm, &f, arguments),
        None => Err(vm.import_error("__import__ not found", &Value::NONE)),
    }
}

/// Registers: builtins that are not plain, `__import__`, its arguments.
pub(crate) static IMPORT_OF: Machine = Machine::new("step.import_of", |vm, regs, input| {
    let found = match regs.stage() {
        0 => {
            let (builtins, name) = (regs.get(0), regs.get(1));
            soft!(regs, 1, mapping_get(vm, &builtins, &name))
        }
        1 => input.value()?,
        _ => return input.value().map(Reply::from),
    };
    if found.is_unbound() {
        return Err(vm.import_error("__import__ not found", &Value::NONE));
    }
    regs.set_stage(2);
    crate::import::import_with(vm, &found, [2, 3, 4, 5, 6].map(|i| regs.get(i)))
});

pub fn import_from(vm: &mut Vm, frame: *mut Frame, module: Value, name: u32) -> Flow {
    let name = name_at(frame, name);
    crate::import::import_from(vm, module, name)
}

pub fn import_star(vm: &mut Vm, frame: *mut Frame, module: Value) -> Flow {
    match locals_mapping(frame) {
        Some(l) => crate::import::import_star(vm, module, l),
        None => Err(vm.system_error("no locals found during 'import *'")),
    }
}

pub fn intrinsic1(vm: &mut Vm, n: u16, v: Value) -> Flow {
    match n {
        intrinsic1::PRINT => {
            let hook = vm.sys_dict.clone().and_then(|d| d.get_text(vm, "displayhook"));
            match hook {
                Some(h) => ops::call::call(vm, &h, Args::new(&[v])),
                None => Err(vm.runtime_error("lost sys.displayhook")),
            }
        }
        intrinsic1::UNPACK_TO_TUPLE => vm.start(&TO_TUPLE, [v]),
        n => {
            let name = match n {
                intrinsic1::TYPEVAR => "typevar",
                intrinsic1::PARAMSPEC => "paramspec",
                intrinsic1::TYPEVARTUPLE => "typevartuple",
                intrinsic1::SUBSCRIPT_GENERIC => "subscript_generic",
                _ => "typealias",
            };
            call_intrinsic(vm, name, &[v])
        }
    }
}

/// Registers: iterable.
pub(crate) static TO_TUPLE: Machine = Machine::new("step.to_tuple", |vm, regs, input| {
    let list = match regs.stage() {
        0 => {
            let v = regs.get(0);
            soft!(regs, 1, ops::iter::collect(vm, &v))
        }
        _ => input.value()?,
    };
    Ok(list_to_tuple(vm, &list).into())
});

pub fn intrinsic2(vm: &mut Vm, n: u16, v: Vec<Value>) -> Flow {
    match n {
        intrinsic2::SET_FUNCTION_TYPE_PARAMS => {
            if let Some(f) = v[0].get::<Function>() {
                f.type_params.set(v[1].clone());
            }
            Ok(v[0].clone().into())
        }
        n => {
            let name = match n {
                intrinsic2::PREP_RERAISE_STAR => "prep_reraise_star",
                intrinsic2::TYPEVAR_WITH_BOUND => "typevar_with_bound",
                intrinsic2::TYPEVAR_WITH_CONSTRAINTS => "typevar_with_constraints",
                _ => "set_typeparam_default",
            };
            call_intrinsic(vm, name, &v)
        }
    }
}

/// Calls a hidden library function.
pub fn call_intrinsic(vm: &mut Vm, name: &'static str, args: &[Value]) -> Flow {
    let f = crate::intrinsics::get(vm, name)?;
    ops::call::call(vm, &f, Args::new(args))
}

pub fn wrap_async(vm: &Vm, v: Value) -> Value {
    vm.alloc(
        &vm.types.async_gen_wrapped,
        generator::AsyncWrapped { value: crate::object::ValueCell::new(v) },
    )
    .into_value()
}

pub fn yield_from_iter(vm: &mut Vm, frame: *mut Frame, v: Value) -> Flow {
    use stackless_bytecode::code::flags;
    if v.has::<Generator>() {
        if vm.is_exactly(&v, &vm.types.coroutine) {
            let own = frame_ref(frame).body().code.flags;
            if own & (flags::COROUTINE | flags::ITERABLE_COROUTINE) == 0 {
                return Err(vm.type_error(
                    "cannot 'yield from' a coroutine object in a non-coroutine generator",
                ));
            }
            return Ok(v.into());
        }
        if vm.is_exactly(&v, &vm.types.generator) {
            return Ok(v.into());
        }
    }
    ops::iter::iter(vm, &v)
}

/// Sends a value into whatever YIELD_FROM delegates to.
pub fn send_into(vm: &mut Vm, delegate: &Value, v: Value) -> Flow {
    if let Some(g) = delegate.get::<Generator>()
        && !vm.is_exactly(delegate, &vm.types.async_generator)
    {
        return generator::resume(vm, g, Ok(v), Mode::Delegate);
    }
    if v.is_none() {
        // StopIteration's value matters here.
        return ops::iter::next_or_raise(vm, delegate);
    }
    call_attr(vm, delegate, "send", &[v])
}

/// Throws an exception into whatever YIELD_FROM delegates to.
pub fn throw_into(vm: &mut Vm, delegate: &Value, e: Exc) -> Flow {
    let closing = vm.exc_is(&e, &vm.excs.generator_exit);
    if closing {
        return vm.start(&CLOSE_DELEGATE, [delegate.clone(), e.into_value()]);
    }
    if let Some(g) = delegate.get::<Generator>() {
        return generator::resume(vm, g, Err(e), Mode::Delegate);
    }
    vm.start(&THROW_DELEGATE, [delegate.clone(), e.into_value()])
}

/// An error of the lookup of `close` is reported and ends there.
fn close_failed(vm: &mut Vm, e: Exc, delegate: &Value) -> Flow {
    crate::unraisable::report(vm, e, "closing generator", delegate)
}

/// Registers: delegate, GeneratorExit. Closes the delegate, then raises.
pub(crate) static CLOSE_DELEGATE: Machine =
    Machine::new("generator.close_delegate", |vm, regs, input| {
        let d = regs.get(0);
        match regs.stage() {
            0 => {
                if d.has::<Generator>() {
                    let _ = soft!(regs, 2, generator::close(vm, &d));
                } else {
                    let name = vm.names.close.clone();
                    regs.set_stage(1);
                    let found = match ops::attr::lookup(vm, &d, &name) {
                        Ok(r) if r.is_away() => return Ok(r),
                        Ok(r) => Ok(r.into_raw()),
                        Err(e) => Err(e),
                    };
                    match found {
                        Ok(f) if f.is_unbound() => {}
                        Ok(f) => drop(soft!(regs, 2, ops::call::call(vm, &f, Args::new(&[])))),
                        Err(e) => drop(soft!(regs, 2, close_failed(vm, e, &d))),
                    }
                }
            }
            1 => {
                let f = match input.value() {
                    Ok(f) => f,
                    Err(e) => {
                        drop(soft!(regs, 2, close_failed(vm, e, &d)));
                        Value::UNBOUND
                    }
                };
                if !f.is_unbound() {
                    let _ = soft!(regs, 2, ops::call::call(vm, &f, Args::new(&[])));
                }
            }
            _ => {
                input.value()?;
            }
        }
        Err(Exc::from_value(regs.get(1)))
    });

/// Registers: delegate, exception. `delegate.throw(exc)` if it has such a method.
pub(crate) static THROW_DELEGATE: Machine =
    Machine::new("generator.throw_delegate", |vm, regs, input| {
        let f = match regs.stage() {
            0 => {
                let (d, name) = (regs.get(0), vm.names.throw.clone());
                soft!(regs, 1, ops::attr::lookup(vm, &d, &name))
            }
            1 => input.value()?,
            _ => return input.value().map(Reply::from),
        };
        let e = regs.get(1);
        if f.is_unbound() {
            return Err(Exc::from_value(e));
        }
        regs.set_stage(2);
        ops::call::call(vm, &f, Args::new(&[e]))
    });

/// Registers: object, name, arguments. Attribute, then call.
pub static CALL_ATTR: Machine = Machine::new("op.call_method", |vm, regs, input| {
    let f = match regs.stage() {
        0 => {
            let (o, n) = (regs.get(0), regs.get(1));
            soft!(regs, 1, ops::attr::getattr(vm, &o, &n))
        }
        1 => input.value()?,
        _ => return input.value().map(Reply::from),
    };
    regs.set_stage(2);
    let args = regs.rest(2);
    ops::call::call(vm, &f, Args::new(&args))
});

/// `obj.name(*args)`, softly.
pub fn call_attr(vm: &mut Vm, obj: &Value, name: &str, args: &[Value]) -> Flow {
    let name = vm.intern(name);
    let mut regs = vec![obj.clone(), name];
    regs.extend(args.iter().cloned());
    vm.start_with(&CALL_ATTR, &mut regs.into_iter())
}

pub fn get_aiter(vm: &mut Vm, v: Value) -> Flow {
    let Some(f) = vm.type_of(&v).slots(vm).aiter else {
        let t = vm.type_name(&v);
        return Err(
            vm.type_error(format!("'async for' requires an object with __aiter__ method, got {t}"))
        );
    };
    let _ = f;
    vm.start(&AITER, [v])
}

/// Registers: object.
pub(crate) static AITER: Machine = Machine::new("step.aiter", |vm, regs, input| {
    let it = match regs.stage() {
        0 => {
            let v = regs.get(0);
            match vm.type_of(&v).slots(vm).aiter {
                Some(f) => soft!(regs, 1, f(vm, &v)),
                None => return Err(vm.type_error("no __aiter__")),
            }
        }
        _ => input.value()?,
    };
    if vm.type_of(&it).slots(vm).anext.is_none() {
        let t = vm.type_name(&it);
        return Err(vm.type_error(format!(
            "'async for' received an object from __aiter__ that does not implement __anext__: {t}"
        )));
    }
    Ok(it.into())
});

pub fn get_anext(vm: &mut Vm, v: Value) -> Flow {
    vm.start(&ANEXT, [v])
}

/// Registers: async iterator. The awaitable's iterator.
pub(crate) static ANEXT: Machine = Machine::new("step.anext", |vm, regs, input| {
    let result = match regs.stage() {
        2 => input.value().map(Reply::from),
        stage => {
            let a = if stage == 1 {
                input.value()?
            } else {
                let v = regs.get(0);
                match vm.type_of(&v).slots(vm).anext {
                    Some(f) => soft!(regs, 1, f(vm, &v)),
                    None => {
                        let t = vm.type_name(&v);
                        return Err(vm.type_error(format!(
                            "'async for' requires an iterator with __anext__ method, got {t}"
                        )));
                    }
                }
            };
            regs.set_stage(2);
            regs.set(0, a.clone());
            generator::get_awaitable(vm, &a, 0)
        }
    };
    let Err(e) = result else { return result };
    // Whatever went wrong in there is the cause.
    let t = vm.type_name(&regs.get(0));
    let message = format!("'async for' received an invalid object from __anext__: {t}");
    let new = vm.type_error(message);
    if let Some(n) = new.value().get::<Exception>() {
        n.cause.set(e.value().clone());
        n.context.set(e.value().clone());
        n.suppress_context.set(true);
    }
    Err(new)
});

/// RAISE: the exception instance to raise, cause set.
pub fn raise(vm: &mut Vm, exc: Value, cause: Value) -> Flow {
    if exc.is_unbound() {
        let h = vm.handled_exception();
        if h.is_none() {
            return Err(vm.runtime_error("No active exception to reraise"));
        }
        return Ok(h.into());
    }
    if exc.has::<Exception>() && cause.is_unbound() {
        if let Some(x) = exc.get::<Exception>() {
            // `raise` replaces the context even of an exception raised before.
            let h = vm.handled_exception();
            if !h.is_none() && !h.is(&exc) {
                x.context.set(Value::NONE);
            }
        }
        return Ok(exc.into());
    }
    vm.start(&RAISE, [exc, cause, Value::UNBOUND])
}

fn is_exception_class(vm: &Vm, v: &Value) -> bool {
    v.get::<Type>().is_some_and(|t| t.is_subtype(&vm.excs.base_exception, vm))
}

/// Registers: exception or class, cause (unbound: none given), instance.
pub(crate) static RAISE: Machine = Machine::new("step.raise", |vm, regs, input| {
    let exc = regs.get(0);
    let mut input = Some(input);
    if regs.stage() == 0 {
        let instance = if is_exception_class(vm, &exc) {
            soft!(regs, 1, ops::call::call(vm, &exc, Args::new(&[])))
        } else {
            exc.clone()
        };
        regs.set_stage(1);
        input = Some(Input::Value(instance));
    }
    if regs.stage() == 1 {
        let instance = input.take().map_or(Ok(Value::NONE), Input::value)?;
        if !instance.has::<Exception>() {
            if is_exception_class(vm, &exc) {
                let t = vm.type_name(&instance);
                let c = exc.get::<Type>().map_or(String::new(), |t| t.name_str(vm));
                let _ = c;
                let r = ops::text::default_repr(vm, &exc).display_str(vm);
                let _ = r;
                let shown = crate::objects::types_methods::type_repr_text(vm, &exc);
                return Err(vm.type_error(format!(
                    "calling {shown} should have returned an instance of BaseException, not <class '{t}'>"
                )));
            }
            return Err(vm.type_error("exceptions must derive from BaseException"));
        }
        regs.set(2, instance);
        let cause = regs.get(1);
        regs.set_stage(2);
        if cause.is_unbound() {
            return Ok(regs.take(2).into());
        }
        let cause = if is_exception_class(vm, &cause) {
            soft!(regs, 2, ops::call::call(vm, &cause, Args::new(&[])))
        } else {
            cause
        };
        input = Some(Input::Value(cause));
    }
    let cause = input.take().map_or(Ok(Value::NONE), Input::value)?;
    if !cause.is_none() && !cause.has::<Exception>() {
        return Err(vm.type_error("exception causes must derive from BaseException"));
    }
    let instance = regs.take(2);
    if let Some(x) = instance.get::<Exception>() {
        x.cause.set(cause);
        x.suppress_context.set(true);
        let h = vm.handled_exception();
        if !h.is_none() && !h.is(&instance) {
            x.context.set(Value::NONE);
        }
    }
    Ok(instance.into())
});

pub fn exc_match(vm: &mut Vm, exc: &Value, class: &Value) -> Flow {
    let items = [class.clone()];
    let classes: &[Value] =
        if class.has::<crate::objects::tuple::Tuple>() { class.tuple_items() } else { &items };
    for c in classes {
        if !is_exception_class(vm, c) {
            return Err(vm.type_error(
                "catching classes that do not inherit from BaseException is not allowed",
            ));
        }
    }
    let hit =
        classes.iter().filter_map(|c| c.get::<Type>()).any(|c| vm.type_of(exc).is_subtype(c, vm));
    Ok(hit.into())
}

pub fn eg_match(vm: &mut Vm, exc: Value, class: Value) -> Flow {
    call_intrinsic(vm, "eg_match", &[exc, class])
}

/// `__enter__` as found on the type, and the bound `__exit__`.
pub fn with_methods(vm: &mut Vm, m: &Value, is_async: bool) -> PyResult<(Value, Value)> {
    let (enter, exit) = if is_async {
        (vm.names.aenter.clone(), vm.names.aexit.clone())
    } else {
        (vm.names.enter.clone(), vm.names.exit.clone())
    };
    let ty = vm.type_of(m);
    let (e, x) = (ty.lookup(vm, &enter), ty.lookup(vm, &exit));
    let no_exit = x.is_none();
    let (Some(e), Some(x)) = (e, x) else {
        let full = ops::text::full_type_name(vm, m);
        let kind = if is_async { "asynchronous context manager" } else { "context manager" };
        // `__exit__` is looked up first.
        let missing = if no_exit { exit } else { enter };
        let name = missing.display_str(vm);
        let other = {
            let ty = vm.type_of(m);
            let (a, b) = if is_async {
                (&vm.names.enter, &vm.names.exit)
            } else {
                (&vm.names.aenter, &vm.names.aexit)
            };
            ty.lookup(vm, a).is_some() && ty.lookup(vm, b).is_some()
        };
        let hint = match (other, is_async) {
            (true, true) => {
                " but it supports the context manager protocol. Did you mean to use 'with'?"
            }
            (true, false) => {
                " but it supports the asynchronous context manager protocol. Did you mean to use 'async with'?"
            }
            _ => "",
        };
        return Err(vm.type_error(format!(
            "'{full}' object does not support the {kind} protocol (missed {name} method){hint}"
        )));
    };
    let bound = if ops::call::takes_self(&x) {
        vm.bound_method(x, m.clone())
    } else {
        let owner = vm.type_of(m).to_value();
        if vm.type_of(&x).is_python(Field::DescrGet) {
            // Bound when the block is left.
            let f = crate::intrinsics::get(vm, "call_exit")?;
            let pair = vm.tuple(vec![x, m.clone(), owner]);
            vm.bound_method(f, pair)
        } else {
            match ops::attr::descr_get(vm, &x, m, &owner)?.ready() {
                Some(b) => b,
                None => return Err(vm.system_error("native descriptor pushed a frame")),
            }
        }
    };
    Ok((e, bound))
}

pub fn with_exit(vm: &mut Vm, exit: Value) -> Flow {
    ops::call::call(vm, &exit, Args::new(&[Value::NONE, Value::NONE, Value::NONE]))
}

pub fn with_except_start(vm: &mut Vm, exit: Value, exc: Value) -> Flow {
    let ty = vm.type_of(&exc).to_value();
    let tb = exc.get::<Exception>().map_or(Value::NONE, |e| e.traceback.get());
    ops::call::call(vm, &exit, Args::new(&[ty, exc, tb]))
}

pub fn is_mapping(vm: &Vm, v: &Value) -> bool {
    vm.type_of(v).has_flag(tflags::MAPPING)
}

pub fn is_sequence(vm: &Vm, v: &Value) -> bool {
    vm.type_of(v).has_flag(tflags::SEQUENCE)
}

pub fn match_keys(vm: &mut Vm, subject: Value, keys: Value) -> Flow {
    call_intrinsic(vm, "match_keys", &[subject, keys])
}

pub fn match_class(vm: &mut Vm, v: Vec<Value>, count: u16) -> Flow {
    let [subject, class, names]: [Value; 3] = match v.try_into() {
        Ok(a) => a,
        Err(_) => return Err(vm.system_error("bad class pattern")),
    };
    if !class.has::<Type>() {
        return Err(vm.type_error("called match pattern must be a class"));
    }
    call_intrinsic(vm, "match_class", &[subject, class, names, Value::from_i32(count as i32)])
}

//! Slot functions of classes whose special methods are written in Python: they look the method up
//! on the type and call it, and check what must be checked about the result.
//!
//! CPython's counterpart: the `slot_*` functions of `Objects/typeobject.c`.

use crate::exc::{Flow, PyResult, Reply};
use crate::machine::Machine;
use crate::native::Args;
use crate::objects::types::{BINOPS, BinOp, BinaryFn, CmpOp, Type};
use crate::ops;
use crate::soft;
use crate::value::Value;
use crate::vm::Vm;

/// What the result of a special method must be.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Check {
    None,
    ReprStr,
    StrStr,
    Bool,
    Len,
    Index,
    Int,
    Float,
    Iter,
    Hash,
    Truth,
    LenTruth,
    /// Discard: stores give None.
    Discard,
    AIter,
    Await,
}

const CHECKS: [Check; 15] = [
    Check::None,
    Check::ReprStr,
    Check::StrStr,
    Check::Bool,
    Check::Len,
    Check::Index,
    Check::Int,
    Check::Float,
    Check::Iter,
    Check::Hash,
    Check::Truth,
    Check::LenTruth,
    Check::Discard,
    Check::AIter,
    Check::Await,
];

/// Calls the special method `name` of `receiver` with `args`; `None` if the type has none.
/// A method set to None on purpose counts as found: the caller sees Python's `None` being called.
pub fn call_special(vm: &mut Vm, receiver: &Value, name: &Value, args: &[Value]) -> Option<Flow> {
    let method = vm.type_of(receiver).lookup(vm, name)?;
    Some(call_method_of_type(vm, &method, receiver, args))
}

/// Binds what a type lookup found to `receiver` and calls it.
pub fn call_method_of_type(vm: &mut Vm, method: &Value, receiver: &Value, args: &[Value]) -> Flow {
    if ops::call::takes_self(method) {
        let mut all: smallvec::SmallVec<[Value; 4]> = smallvec::SmallVec::new();
        all.push(receiver.clone());
        all.extend(args.iter().cloned());
        return ops::call::call(vm, method, Args::new(&all));
    }
    if vm.type_of(method).slots(vm).descr_get.is_none() {
        return ops::call::call(vm, method, Args::new(args));
    }
    bind_and_call(vm, method, receiver, Args::new(args))
}

/// Binds a descriptor found on the type of `receiver`, then calls what it gives.
pub(crate) fn bind_and_call(vm: &mut Vm, descr: &Value, receiver: &Value, args: Args<'_>) -> Flow {
    let names = args.names.cloned().unwrap_or(Value::NONE);
    let mut regs = vec![descr.clone(), receiver.clone(), names];
    regs.extend(args.values.iter().cloned());
    vm.start_with(&BIND_AND_CALL, &mut regs.into_iter())
}

/// Registers: descriptor, receiver, keyword names or None, arguments.
pub(crate) static BIND_AND_CALL: Machine =
    Machine::new("special.bind_and_call", |vm, regs, input| {
        let stage = regs.stage();
        if stage == 2 {
            return input.value().map(Reply::from);
        }
        let bound = if stage == 0 {
            let (descr, receiver) = (regs.get(0), regs.get(1));
            let owner = vm.type_of(&receiver).to_value();
            soft!(regs, 1, ops::attr::descr_get(vm, &descr, &receiver, &owner))
        } else {
            input.value()?
        };
        regs.set_stage(2);
        let names = regs.get(2);
        let values = regs.rest(3);
        let names = if names.is_none() { None } else { Some(&names) };
        ops::call::call(vm, &bound, Args { values: &values, names })
    });

/// Registers: check number, receiver, method name, arguments.
pub(crate) static CHECKED_CALL: Machine =
    Machine::new("special.checked_call", |vm, regs, input| {
        let check = CHECKS[regs.int(0) as usize % CHECKS.len()];
        let value = if regs.stage() == 0 {
            let (receiver, name) = (regs.get(1), regs.get(2));
            let args: smallvec::SmallVec<[Value; 2]> =
                (3..regs.count()).map(|i| regs.get(i)).collect();
            regs.set_stage(1);
            match call_special(vm, &receiver, &name, &args) {
                Some(flow) => soft!(regs, 1, flow),
                None => return Err(vm.no_attribute(&receiver, &name)),
            }
        } else {
            input.value()?
        };
        let receiver = regs.get(1);
        check_result(vm, check, &receiver, value).map(Reply::from)
    });

fn check_result(vm: &mut Vm, check: Check, receiver: &Value, v: Value) -> PyResult {
    match check {
        Check::None => return Ok(v),
        Check::Discard => return Ok(Value::NONE),
        Check::Len if v.as_small_int().is_some_and(|n| n >= 0) => return Ok(v),
        Check::Bool | Check::Truth if v.is_bool() => return Ok(v),
        Check::Iter if vm.type_of(&v).slots(vm).next.is_some() => return Ok(v),
        Check::ReprStr | Check::StrStr if vm.is_str(&v) => return Ok(v),
        Check::Index | Check::Int | Check::Hash if v.is_int() && v.as_small_int() != Some(-1) => {
            return Ok(v);
        }
        _ => {}
    }
    let t = vm.type_name(&v);
    match check {
        Check::None => Ok(v),
        Check::Discard => Ok(Value::NONE),
        Check::ReprStr | Check::StrStr if vm.is_str(&v) => Ok(v),
        Check::ReprStr => Err(vm.type_error(format!("__repr__ returned non-string (type {t})"))),
        Check::StrStr => Err(vm.type_error(format!("__str__ returned non-string (type {t})"))),
        Check::Bool | Check::Truth => {
            if v.is_bool() {
                Ok(v)
            } else {
                Err(vm.type_error(format!("__bool__ should return bool, returned {t}")))
            }
        }
        Check::Len | Check::LenTruth => {
            let v = ops::number::index_native(vm, &v)?;
            let n = match v.as_i64_saturating() {
                Some(n) if n < 0 => {
                    return Err(vm.value_error("__len__() should return >= 0"));
                }
                Some(n) if n == i64::MAX || v.as_i64().is_none() => {
                    return Err(vm.overflow_error("cannot fit 'int' into an index-sized integer"));
                }
                n => n.unwrap_or(0),
            };
            Ok(if check == Check::Len { vm.int(n) } else { Value::bool(n != 0) })
        }
        Check::Index => {
            if v.is_int_like() {
                Ok(v)
            } else {
                Err(vm.type_error(format!("__index__ returned non-int (type {t})")))
            }
        }
        Check::Int => {
            if v.is_int_like() {
                Ok(v)
            } else {
                Err(vm.type_error(format!("__int__ returned non-int (type {t})")))
            }
        }
        Check::Float => {
            if v.as_float().is_some() {
                Ok(v)
            } else {
                let r = vm.type_name(receiver);
                Err(vm.type_error(format!("{r}.__float__ returned non-float (type {t})")))
            }
        }
        Check::Iter => {
            if vm.type_of(&v).slots(vm).next.is_some() {
                Ok(v)
            } else {
                Err(vm.type_error(format!("iter() returned non-iterator of type '{t}'")))
            }
        }
        Check::Hash => {
            if !v.is_int_like() {
                return Err(vm.type_error("__hash__ method should return an integer"));
            }
            Ok(match v.as_i64() {
                Some(i) => vm.int(if i == -1 { -2 } else { i }),
                None => vm.int(v.as_big().map_or(0, |b| b.py_hash())),
            })
        }
        Check::AIter => {
            if vm.type_of(&v).slots(vm).anext.is_some() {
                Ok(v)
            } else {
                Err(vm.type_error(format!(
                    "'async for' received an object from __aiter__ that does not implement __anext__: {t}"
                )))
            }
        }
        Check::Await => {
            if v.has::<crate::objects::generator::Generator>()
                && vm.is_exactly(&v, &vm.types.coroutine)
            {
                Err(vm.type_error("__await__() returned a coroutine"))
            } else if vm.type_of(&v).slots(vm).next.is_some() {
                Ok(v)
            } else {
                Err(vm.type_error(format!("__await__() returned non-iterator of type '{t}'")))
            }
        }
    }
}

fn checked(vm: &mut Vm, check: Check, receiver: &Value, name: Value, args: &[Value]) -> Flow {
    let check = Value::from_i32(check as i32);
    if args.is_empty() {
        return vm.start_now(&CHECKED_CALL, [check, receiver.clone(), name]);
    }
    if let [a] = args {
        return vm.start_now(&CHECKED_CALL, [check, receiver.clone(), name, a.clone()]);
    }
    let mut regs = vec![check, receiver.clone(), name];
    regs.extend(args.iter().cloned());
    vm.start_with(&CHECKED_CALL, &mut regs.into_iter())
}

/// The method, unless it is absent or None.
fn find(vm: &Vm, receiver: &Value, name: &Value) -> Option<Value> {
    vm.type_of(receiver).lookup(vm, name).filter(|m| !m.is_none())
}

pub fn repr(vm: &mut Vm, v: &Value) -> Flow {
    let name = vm.names.repr.clone();
    checked(vm, Check::ReprStr, v, name, &[])
}
pub fn str(vm: &mut Vm, v: &Value) -> Flow {
    let name = vm.names.str.clone();
    checked(vm, Check::StrStr, v, name, &[])
}
pub fn hash(vm: &mut Vm, v: &Value) -> Flow {
    let name = vm.names.hash.clone();
    if find(vm, v, &name).is_none() {
        let t = vm.type_name(v);
        return Err(vm.type_error(format!("unhashable type: '{t}'")));
    }
    checked(vm, Check::Hash, v, name, &[])
}
pub fn call(vm: &mut Vm, v: &Value, args: Args<'_>) -> Flow {
    let name = vm.names.call.clone();
    let Some(method) = vm.type_of(v).lookup(vm, &name) else {
        let t = vm.type_name(v);
        return Err(vm.type_error(format!("'{t}' object is not callable")));
    };
    if ops::call::takes_self(&method) {
        let mut all: smallvec::SmallVec<[Value; 8]> = smallvec::SmallVec::new();
        all.push(v.clone());
        all.extend(args.values.iter().cloned());
        return ops::call::call(vm, &method, Args { values: &all, names: args.names });
    }
    // A chain of callable instances counts as recursion, as in CPython.
    bind_and_call(vm, &method, v, args)
}

/// Registers: object, name. `__getattribute__`, then on AttributeError `__getattr__`.
pub(crate) static GETATTR: Machine = Machine::new("special.getattr", |vm, regs, input| {
    let (obj, name) = (regs.get(0), regs.get(1));
    let result = match (regs.stage(), input) {
        (0, _) => {
            regs.set_stage(1);
            let ga = vm.names.getattribute.clone();
            let method = vm.type_of(&obj).lookup(vm, &ga);
            let flow = match method {
                Some(m) if !is_object_getattribute(&m) => {
                    call_method_of_type(vm, &m, &obj, std::slice::from_ref(&name))
                }
                _ => ops::attr::generic_getattr(vm, &obj, &name),
            };
            match flow {
                Ok(r) => match r.ready() {
                    Some(v) => Ok(v),
                    None => return Ok(Reply::PUSHED),
                },
                Err(e) => Err(e),
            }
        }
        (1, input) => input.value(),
        (_, input) => return input.value().map(Reply::from),
    };
    match result {
        Ok(v) => Ok(v.into()),
        Err(e) if vm.exc_is(&e, &vm.excs.attribute_error) => {
            let ga = vm.names.getattr.clone();
            match find(vm, &obj, &ga) {
                Some(m) => {
                    regs.set_stage(2);
                    drop(e);
                    call_method_of_type(vm, &m, &obj, &[name])
                }
                None => Err(e),
            }
        }
        Err(e) => Err(e),
    }
})
.passing(|stage, v| stage > 0 && !v.is_exhausted());

fn is_object_getattribute(method: &Value) -> bool {
    method.get::<crate::dunder::WrapperDescr>().is_some_and(|w| {
        w.owner
            .get()
            .get::<Type>()
            .is_some_and(|t| t.module == "builtins" && t.name.get().as_wtf8() == Some(b"object"))
    })
}

pub fn getattr(vm: &mut Vm, v: &Value, name: &Value) -> Flow {
    vm.start_now(&GETATTR, [v.clone(), name.clone()])
}
pub fn setattr(vm: &mut Vm, v: &Value, name: &Value, value: &Value) -> Flow {
    if value.is_unbound() {
        let n = vm.names.delattr.clone();
        checked(vm, Check::Discard, v, n, std::slice::from_ref(name))
    } else {
        let n = vm.names.setattr.clone();
        checked(vm, Check::Discard, v, n, &[name.clone(), value.clone()])
    }
}
pub fn compare(vm: &mut Vm, op: CmpOp, a: &Value, b: &Value) -> Flow {
    let name = compare_name(vm, op);
    match find(vm, a, &name) {
        Some(m) => call_method_of_type(vm, &m, a, std::slice::from_ref(b)),
        None => Ok(Value::NOT_IMPLEMENTED.into()),
    }
}
pub(crate) fn compare_name(vm: &Vm, op: CmpOp) -> Value {
    let n = &vm.names;
    [&n.lt, &n.le, &n.eq, &n.ne, &n.gt, &n.ge][op as usize].clone()
}
pub fn iter(vm: &mut Vm, v: &Value) -> Flow {
    let name = vm.names.iter.clone();
    match vm.type_of(v).lookup(vm, &name) {
        Some(m) if m.is_none() => {
            let t = vm.type_name(v);
            Err(vm.type_error(format!("'{t}' object is not iterable")))
        }
        Some(_) => checked(vm, Check::Iter, v, name, &[]),
        None => ops::iter::sequence_iter(vm, v),
    }
}
/// `__next__`: StopIteration becomes *exhausted*.
pub fn next(vm: &mut Vm, v: &Value) -> Flow {
    vm.start_now(&NEXT, [v.clone()])
}
pub(crate) static NEXT: Machine = Machine::new("special.next", |vm, regs, input| {
    let result = if regs.stage() == 0 {
        let v = regs.get(0);
        regs.set_stage(1);
        let name = vm.names.next.clone();
        match find(vm, &v, &name) {
            Some(m) => match call_method_of_type(vm, &m, &v, &[]) {
                Ok(r) => match r.ready() {
                    Some(v) => Ok(v),
                    None => return Ok(Reply::PUSHED),
                },
                Err(e) => Err(e),
            },
            None => {
                let t = vm.type_name(&v);
                Err(vm.type_error(format!("'{t}' object is not an iterator")))
            }
        }
    } else {
        input.value()
    };
    match result {
        Ok(v) => Ok(v.into()),
        Err(e)
            if vm.exc_is(&e, &vm.excs.stop_iteration)
                && (vm.tracing.is_none() || !crate::interp::called_by_for(vm)) =>
        {
            Ok(Reply::EXHAUSTED)
        }
        Err(e) => Err(e),
    }
})
.passing(|stage, v| stage > 0 && !v.is_exhausted());
pub fn len(vm: &mut Vm, v: &Value) -> Flow {
    let name = vm.names.len.clone();
    checked(vm, Check::Len, v, name, &[])
}
pub fn bool(vm: &mut Vm, v: &Value) -> Flow {
    let name = vm.names.bool_.clone();
    if find(vm, v, &name).is_some() {
        return checked(vm, Check::Truth, v, name, &[]);
    }
    let name = vm.names.len.clone();
    if find(vm, v, &name).is_some() {
        return checked(vm, Check::LenTruth, v, name, &[]);
    }
    Ok(Value::TRUE.into())
}
pub fn int(vm: &mut Vm, v: &Value) -> Flow {
    let name = vm.names.int.clone();
    checked(vm, Check::Int, v, name, &[])
}
pub fn float(vm: &mut Vm, v: &Value) -> Flow {
    let name = vm.names.float.clone();
    checked(vm, Check::Float, v, name, &[])
}
pub fn index(vm: &mut Vm, v: &Value) -> Flow {
    let name = vm.names.index.clone();
    checked(vm, Check::Index, v, name, &[])
}
macro_rules! plain_unary {
    ($($f:ident = $name:ident),*) => {
        $(pub fn $f(vm: &mut Vm, v: &Value) -> Flow {
            let name = vm.names.$name.clone();
            match call_special(vm, v, &name, &[]) {
                Some(flow) => flow,
                None => Err(vm.no_attribute(v, &name)),
            }
        })*
    };
}
plain_unary!(neg = neg, pos = pos, abs = abs, invert = invert, anext = anext);

pub fn aiter(vm: &mut Vm, v: &Value) -> Flow {
    let name = vm.names.aiter.clone();
    checked(vm, Check::None, v, name, &[])
}
pub fn await_(vm: &mut Vm, v: &Value) -> Flow {
    let name = vm.names.await_.clone();
    checked(vm, Check::Await, v, name, &[])
}

macro_rules! binary_table {
    ($($i:literal),*) => {
        const BINARY: [BinaryFn; BINOPS] = [$(|vm, a, b| ops::binary::start_protocol(vm, $i, a, b)),*];
        const INPLACE: [BinaryFn; BINOPS] = [$(|vm, a, b| ops::binary::start_inplace(vm, $i, a, b)),*];
    };
}
binary_table!(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13);

pub fn binary_fn(i: usize) -> BinaryFn {
    BINARY[i % BINOPS]
}
pub fn inplace_fn(i: usize) -> BinaryFn {
    INPLACE[i % BINOPS]
}

/// Three-argument pow: only the left operand's `__pow__`, then the right one's `__rpow__`.
pub fn power(vm: &mut Vm, a: &Value, b: &Value, m: &Value) -> Flow {
    let name = vm.intern(BinOp::Pow.dunder());
    match find(vm, a, &name) {
        Some(f) => call_method_of_type(vm, &f, a, &[b.clone(), m.clone()]),
        None => Ok(Value::NOT_IMPLEMENTED.into()),
    }
}
pub fn getitem(vm: &mut Vm, v: &Value, key: &Value) -> Flow {
    let name = vm.names.getitem.clone();
    match call_special(vm, v, &name, std::slice::from_ref(key)) {
        Some(flow) => flow,
        None => {
            let t = vm.type_name(v);
            Err(vm.type_error(format!("'{t}' object is not subscriptable")))
        }
    }
}
pub fn setitem(vm: &mut Vm, v: &Value, key: &Value, value: &Value) -> Flow {
    let delete = value.is_unbound();
    let name = if delete { vm.names.delitem.clone() } else { vm.names.setitem.clone() };
    if find(vm, v, &name).is_none() {
        let t = vm.type_name(v);
        let what = if delete { "deletion" } else { "assignment" };
        return Err(vm.type_error(format!("'{t}' object doesn't support item {what}")));
    }
    if delete {
        checked(vm, Check::Discard, v, name, std::slice::from_ref(key))
    } else {
        checked(vm, Check::Discard, v, name, &[key.clone(), value.clone()])
    }
}
pub fn contains(vm: &mut Vm, v: &Value, item: &Value) -> Flow {
    let name = vm.names.contains.clone();
    match vm.type_of(v).lookup(vm, &name) {
        Some(m) if m.is_none() => {
            let t = vm.type_name(v);
            Err(vm.type_error(format!("'{t}' object is not a container")))
        }
        Some(_) => vm.start(&CONTAINS, [v.clone(), item.clone()]),
        None => ops::iter::contains_by_iteration(vm, v, item),
    }
}
pub(crate) static CONTAINS: Machine =
    Machine::new("special.contains", |vm, regs, input| match regs.stage() {
        0 => {
            let (v, item) = (regs.get(0), regs.get(1));
            let name = vm.names.contains.clone();
            let flow =
                call_special(vm, &v, &name, &[item]).unwrap_or_else(|| Ok(Value::FALSE.into()));
            let r = soft!(regs, 1, flow);
            let r = soft!(regs, 2, ops::truth(vm, &r));
            Ok(r.into())
        }
        1 => {
            let r = input.value()?;
            let r = soft!(regs, 2, ops::truth(vm, &r));
            Ok(r.into())
        }
        _ => input.value().map(Reply::from),
    });
pub fn descr_get(vm: &mut Vm, descr: &Value, obj: &Value, owner: &Value) -> Flow {
    let name = vm.names.get.clone();
    let none = |v: &Value| if v.is_unbound() { Value::NONE } else { v.clone() };
    match find(vm, descr, &name) {
        Some(m) => call_method_of_type(vm, &m, descr, &[none(obj), none(owner)]),
        None => Ok(descr.clone().into()),
    }
}
pub fn descr_set(vm: &mut Vm, descr: &Value, obj: &Value, value: &Value) -> Flow {
    let delete = value.is_unbound();
    let name = if delete { vm.names.delete.clone() } else { vm.names.set.clone() };
    if find(vm, descr, &name).is_none() {
        return Err(vm.attribute_error(name.display_str(vm), descr, &name));
    }
    if delete {
        checked(vm, Check::Discard, descr, name, std::slice::from_ref(obj))
    } else {
        checked(vm, Check::Discard, descr, name, &[obj.clone(), value.clone()])
    }
}

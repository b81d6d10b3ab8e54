//! Constructors of bytes and bytearray, `fromhex`, and `bytes(object)` as native code needs it.
//! CPython's counterparts: `bytes_new_impl`, `bytearray___init___impl`, `PyBytes_FromObject`.

use stackless_primitives::bytes as pb;
use stackless_primitives::error::check_size;

use super::buffer;
use super::support::{class_arg, is_class, no_memory};
use crate::exc::{Exc, Flow, Reply};
use crate::machine::{Input, Machine};
use crate::native::Args;
use crate::object::Obj;
use crate::objects::bytes::{ByteArray, Bytes};
use crate::objects::list::List;
use crate::objects::str::Str;
use crate::objects::types::Type;
use crate::ops;
use crate::soft;
use crate::value::Value;
use crate::vm::Vm;

/// An instance of `class` (bytes or a subclass) with the contents of the bytes object `b`.
fn instance(vm: &mut Vm, class: &Obj<Type>, b: &Value) -> Value {
    let data = b.get::<Bytes>().map_or(&[][..], |b| b.as_bytes());
    if is_class(class, &vm.types.bytes) {
        if vm.is_exactly(b, &vm.types.bytes) {
            return b.clone();
        }
        return vm.bytes(data);
    }
    vm.new_bytes_tail::<Bytes>(class, &[data]).into_value()
}

pub(crate) fn bytes_new(vm: &mut Vm, a: &[Value]) -> Flow {
    let class = class_arg(vm, &a[0], |t| &t.bytes)?;
    if a[1..].iter().all(Value::is_unbound) {
        let empty = vm.bytes(&[]);
        return Ok(instance(vm, &class, &empty).into());
    }
    vm.start(&BYTES_NEW, [a[0].clone(), a[1].clone(), a[2].clone(), a[3].clone()])
}

/// Registers: class, source, encoding, errors. Stage 1: the contents.
pub(crate) static BYTES_NEW: Machine = Machine::new("bytes.new", |vm, regs, input| {
    let b = match regs.stage() {
        0 => {
            let (source, encoding, errors) = (regs.get(1), regs.get(2), regs.get(3));
            soft!(regs, 1, new_contents(vm, &source, &encoding, &errors, false))
        }
        _ => input.value()?,
    };
    let class_value = regs.get(0);
    let Some(class) = class_value.get::<Type>() else {
        return Err(vm.system_error("machine register holds no class"));
    };
    // What `__bytes__` gave stays as it is.
    if is_class(class, &vm.types.bytes) {
        return Ok(b.into());
    }
    Ok(instance(vm, class, &b).into())
});

/// The contents that a constructor call asks for, as a bytes object.
pub(crate) fn new_contents(
    vm: &mut Vm,
    source: &Value,
    encoding: &Value,
    errors: &Value,
    bytearray: bool,
) -> Flow {
    if source.is_unbound() {
        if !encoding.is_unbound() {
            return Err(vm.type_error("encoding without a string argument"));
        }
        if !errors.is_unbound() {
            return Err(vm.type_error("errors without a string argument"));
        }
        return Ok(vm.bytes(&[]).into());
    }
    if !encoding.is_unbound() {
        if !source.has::<Str>() {
            return Err(vm.type_error("encoding without a string argument"));
        }
        return super::codec::codec_encode(vm, source, encoding, errors);
    }
    let own = vm.names.bytes.clone();
    let converts = !bytearray && vm.type_of(source).lookup(vm, &own).is_some();
    if source.has::<Str>() && !converts {
        return Err(vm.type_error("string argument without an encoding"));
    }
    if !errors.is_unbound() {
        return Err(vm.type_error("errors without a string argument"));
    }
    vm.start(&CONTENTS, [source.clone(), Value::bool(bytearray), Value::TRUE])
}

/// `bytes(v)` for native code that accepts what `bytes()` accepts, except counts.
pub(crate) fn object_bytes(vm: &mut Vm, v: &Value) -> Flow {
    if vm.is_exactly(v, &vm.types.bytes) {
        return Ok(v.clone().into());
    }
    vm.start(&CONTENTS, [v.clone(), Value::FALSE, Value::FALSE])
}

/// Registers: source, for a bytearray, ints are counts.
/// Stage 1: `__bytes__`; 2: `__index__`; 3: a buffer; 4: the items.
pub(crate) static CONTENTS: Machine = Machine::new("bytes.contents", |vm, regs, input| {
    let source = regs.get(0);
    let bytearray = regs.get(1).is_true();
    let counts = regs.get(2).is_true();
    let mut stage = regs.stage();
    if stage == 0 && !bytearray {
        let name = vm.names.bytes.clone();
        if !vm.is_exactly(&source, &vm.types.bytes)
            && let Some(flow) = crate::python_slots::call_special(vm, &source, &name, &[])
        {
            let b = soft!(regs, 1, flow);
            return checked(vm, b);
        }
    }
    if stage == 1 {
        let b = input.value()?;
        return checked(vm, b);
    }
    if stage == 0 && counts && vm.type_of(&source).slots(vm).index.is_some() {
        regs.set_stage(2);
        let outcome = match ops::number::index(vm, &source) {
            Ok(r) => match r.ready() {
                Some(v) => Input::Value(v),
                None => return Ok(Reply::PUSHED),
            },
            Err(e) => Input::Exc(e),
        };
        if let Some(flow) = counted(vm, outcome) {
            return flow;
        }
    } else if stage == 2 {
        if let Some(flow) = counted(vm, input) {
            return flow;
        }
        stage = 0;
        return rest(vm, regs, stage, None, &source, bytearray);
    } else if stage > 2 {
        return rest(vm, regs, stage, Some(input), &source, bytearray);
    }
    rest(vm, regs, stage, None, &source, bytearray)
});

/// A count of zero bytes, or None when `__index__` raised TypeError and the object is looked at in
/// other ways.
fn counted(vm: &mut Vm, outcome: Input) -> Option<Flow> {
    let n = match outcome.value() {
        Ok(n) => n,
        Err(e) if vm.exc_is(&e, &vm.excs.type_error) => return None,
        Err(e) => return Some(Err(e)),
    };
    Some(match n.as_i64() {
        Some(n) if n < 0 => Err(vm.value_error("negative count")),
        Some(n) => match check_size(usize::try_from(n).ok()) {
            Ok(n) => Ok(vm.bytes(&vec![0; n]).into()),
            Err(_) => Err(no_memory(vm)),
        },
        None => Err(vm.overflow_error("cannot fit 'int' into an index-sized integer")),
    })
}

fn checked(vm: &mut Vm, b: Value) -> Flow {
    if b.has::<Bytes>() {
        return Ok(b.into());
    }
    let t = vm.type_name(&b);
    Err(vm.type_error(format!("__bytes__ returned non-bytes (type {t})")))
}

fn cannot_convert(vm: &mut Vm, v: &Value, bytearray: bool) -> Exc {
    let t = vm.type_name(v);
    let kind = if bytearray { "bytearray" } else { "bytes" };
    vm.type_error(format!("cannot convert '{t}' object to {kind}"))
}

/// Buffers and iterables of ints.
fn rest(
    vm: &mut Vm,
    regs: &mut crate::machine::Regs,
    stage: u32,
    input: Option<Input>,
    source: &Value,
    bytearray: bool,
) -> Flow {
    if stage == 4 {
        return input.map_or(Ok(Value::NONE), Input::value).map(Reply::from);
    }
    if stage == 3
        || buffer::is_plain(source)
        || source.has::<crate::objects::memoryview::MemoryView>()
        || buffer::needs_python(vm, source)
    {
        let b = match (stage, input) {
            (3, Some(input)) => input.value()?,
            _ => soft!(regs, 3, buffer::from_object_with(vm, source, buffer::FULL_RO)),
        };
        if vm.is_exactly(&b, &vm.types.bytes) {
            return Ok(b.into());
        }
        let data = buffer::copied(vm, &b);
        return Ok(vm.bytes(&data).into());
    }
    if source.has::<Str>() {
        return Err(cannot_convert(vm, source, bytearray));
    }
    let slots = vm.type_of(source).slots(vm);
    if slots.iter.is_none() && slots.getitem.is_none() {
        return Err(cannot_convert(vm, source, bytearray));
    }
    regs.set_stage(4);
    of_items(vm, source, bytearray)
}

/// A bytes object of an iterable's ints.
pub(crate) fn of_items(vm: &mut Vm, source: &Value, bytearray: bool) -> Flow {
    let out = vm.bytearray(Vec::new());
    vm.start(&ITEMS, [source.clone(), out, Value::from_i32(0), Value::bool(bytearray)])
}

/// Registers: iterable then list of its items, output, next index, for a bytearray.
/// Stage 1: the list; 2: an item's `__index__`.
pub(crate) static ITEMS: Machine = Machine::new("bytes.of_items", |vm, regs, input| {
    let mut pending = None;
    match regs.stage() {
        0 => {
            let source = regs.get(0);
            let list = soft!(regs, 1, ops::iter::collect(vm, &source));
            regs.set(0, list);
        }
        1 => {
            let list = input.value()?;
            regs.set(0, list);
        }
        _ => pending = Some(input.value()?),
    }
    let (list, out) = (regs.get(0), regs.get(1));
    let (Some(list), Some(out)) = (list.get::<List>(), out.get::<ByteArray>()) else {
        return Err(vm.system_error("bad machine registers"));
    };
    let mut i = regs.int(2) as usize;
    while let Some(item) = list.get_item(vm, i) {
        let n = match pending.take() {
            Some(n) => n,
            None if item.is_int() => item,
            None => {
                regs.set_int(2, i as i64);
                soft!(regs, 2, ops::number::index(vm, &item))
            }
        };
        match n.as_i64().map(u8::try_from) {
            Some(Ok(b)) => out.data.get_mut(vm).push(b),
            _ => {
                let kind = if regs.get(3).is_true() { "byte" } else { "bytes" };
                return Err(vm.value_error(format!("{kind} must be in range(0, 256)")));
            }
        }
        i += 1;
    }
    let data = std::mem::take(out.data.get_mut(vm));
    Ok(vm.bytes(&data).into())
});

pub(crate) fn fromhex(vm: &mut Vm, a: &[Value]) -> Flow {
    let r = match a[1].as_wtf8() {
        Some(s) => pb::fromhex(s),
        None => match buffer::contents(vm, &a[1]) {
            Some(b) => pb::fromhex_bytes(&b),
            None => {
                let t = vm.type_name(&a[1]);
                return Err(
                    vm.type_error(format!("fromhex() argument must be str or bytes-like, not {t}"))
                );
            }
        },
    };
    let data = match r {
        Ok(d) => d,
        Err(e) => return Err(vm.primitive_error(e.into())),
    };
    let bytearray = a[0].get::<Type>().is_some_and(|t| t.is_subtype(&vm.types.bytearray, vm));
    if vm.types.bytearray.is(&a[0]) {
        return Ok(vm.bytearray(data).into());
    }
    let b = vm.bytes(&data);
    if vm.types.bytes.is(&a[0]) && !bytearray {
        return Ok(b.into());
    }
    ops::call::call(vm, &a[0], Args::new(&[b]))
}

//! `repr`, `str`, `ascii`, `format` and their containers.

use stackless_primitives as prim;
use stackless_primitives::format::short::{self, Short};

use crate::dunder::Field;
use crate::exc::{Flow, PyResult, Reply};
use crate::machine::{Input, Machine};
use crate::objects::{bytes::Bytes, dict::Dict, list::List, set::Set, str::Str};
use crate::soft;
use crate::value::Value;
use crate::vm::Vm;

/// repr of exact builtin scalars.
pub fn repr_fast(vm: &mut Vm, v: &Value) -> Option<PyResult> {
    if let Some(i) = v.as_small_int() {
        return Some(Ok(decimal(vm, i)));
    }
    if v.is_none() {
        return Some(Ok(vm.intern("None")));
    }
    if v.is_bool() {
        return Some(Ok(vm.intern(if v.is_true() { "True" } else { "False" })));
    }
    let t = &vm.types;
    if vm.is_exactly(v, &t.str)
        && let Some(s) = v.get::<Str>()
    {
        return Some(Ok(vm.str_from_wtf8(&prim::wtf8::repr(s.bytes()))));
    }
    if vm.is_exactly(v, &t.float)
        && let Some(f) = v.as_float()
    {
        return Some(Ok(vm.str(&prim::float::repr(f))));
    }
    if vm.is_exactly(v, &t.int) {
        return Some(int_text(vm, v));
    }
    if vm.is_exactly(v, &t.bytes)
        && let Some(b) = v.get::<Bytes>()
    {
        return Some(Ok(vm.str_from_wtf8(&prim::bytes::repr(b.as_bytes()))));
    }
    None
}

/// Decimal text of a machine integer.
pub fn decimal(vm: &Vm, i: i64) -> Value {
    write_decimal(i, |text| vm.str_from_wtf8(text))
}

/// Hands the decimal text of a machine integer to `take`.
#[inline]
pub fn write_decimal<T>(i: i64, take: impl FnOnce(&[u8]) -> T) -> T {
    let mut text = [0; 20];
    let (mut at, mut rest) = (text.len(), i.unsigned_abs());
    loop {
        at -= 1;
        text[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if i < 0 {
        at -= 1;
        text[at] = b'-';
    }
    take(&text[at..])
}

/// Decimal text of an int of any size, with the digit limit.
pub fn int_text(vm: &mut Vm, v: &Value) -> PyResult {
    if let Some(i) = v.as_i64() {
        return Ok(decimal(vm, i));
    }
    match v.as_big().map(|b| b.to_decimal(vm.int_max_str_digits)) {
        Some(Ok(s)) => Ok(vm.str(&s)),
        Some(Err(e)) => Err(vm.primitive_error(e)),
        None => Ok(vm.str("0")),
    }
}

/// `repr(v)`.
pub fn repr(vm: &mut Vm, v: &Value) -> Flow {
    if let Some(r) = repr_fast(vm, v) {
        return r.map(Reply::from);
    }
    match vm.type_of(v).slots(vm).repr {
        Some(f) => f(vm, v),
        None => Ok(default_repr(vm, v).into()),
    }
}

/// `object.__repr__`.
pub fn default_repr(vm: &Vm, v: &Value) -> Value {
    let ty = vm.type_of(v);
    let q = ty.qualname.get().display_str(vm);
    let name = match crate::objects::types_methods::module_of(vm, ty) {
        Some(m) if m != "builtins" => format!("{m}.{q}"),
        _ => q,
    };
    vm.str(&format!("<{name} object at {:#x}>", v.bits()))
}

/// The fully qualified name of a value's type, as newer errors show it.
pub fn full_type_name(vm: &Vm, v: &Value) -> String {
    let ty = vm.type_of(v);
    let q = ty.qualname.get().display_str(vm);
    match crate::objects::types_methods::module_of(vm, ty) {
        Some(m) if m != "builtins" && m != "__main__" => format!("{m}.{q}"),
        _ => q,
    }
}

/// `str(v)`.
pub fn str(vm: &mut Vm, v: &Value) -> Flow {
    if vm.is_exactly(v, &vm.types.str) {
        return Ok(v.clone().into());
    }
    if let Some(f) = vm.type_of(v).slots(vm).str
        && !vm.type_of(v).is_objects(Field::Str)
    {
        return f(vm, v);
    }
    repr(vm, v)
}

/// An exact ASCII str, small int or float in a usual format.
fn format_short(vm: &Vm, v: &Value, spec: &Value) -> Option<Value> {
    let short = Short::parse(spec.as_wtf8()?)?;
    let mut out = [0; short::ROOM];
    let text = if let Some(n) = v.as_small_int() {
        short.int(n, &mut out)
    } else if let Some(f) = v.as_small_float() {
        short.float(f, &mut out)
    } else {
        match v.get::<Str>() {
            Some(s) if vm.is_exactly(v, &vm.types.str) && s.is_ascii() => {
                short.text(s.bytes(), &mut out)
            }
            _ => None,
        }
    };
    text.map(|text| vm.str_from_wtf8(text))
}

/// `object.__str__`.
pub fn object_str(vm: &mut Vm, v: &Value) -> Flow {
    match vm.type_of(v).slots(vm).repr {
        Some(f) => f(vm, v),
        None => Ok(default_repr(vm, v).into()),
    }
}

/// `ascii(v)`.
pub fn ascii(vm: &mut Vm, v: &Value) -> Flow {
    vm.start(&ASCII, [v.clone()])
}
pub(crate) static ASCII: Machine = Machine::new("op.ascii", |vm, regs, input| {
    let v = match regs.stage() {
        0 => {
            let v = regs.get(0);
            soft!(regs, 1, repr(vm, &v))
        }
        _ => input.value()?,
    };
    match v.get::<Str>() {
        Some(s) if s.is_ascii() => Ok(v.into()),
        Some(s) => Ok(vm.str_from_wtf8(&escape_non_ascii(s.bytes())).into()),
        None => Err(vm.system_error("repr gave no str")),
    }
});

/// `format(v, spec)`.
pub fn format(vm: &mut Vm, v: &Value, spec: &Value) -> Flow {
    let empty = spec.get::<Str>().is_some_and(|s| s.is_empty());
    if empty {
        if vm.is_exactly(v, &vm.types.str) {
            return Ok(v.clone().into());
        }
        if v.is_int() || vm.is_exactly(v, &vm.types.float) {
            return repr(vm, v);
        }
    }
    if let Some(text) = format_short(vm, v, spec) {
        return Ok(text.into());
    }
    let name = vm.names.format.clone();
    let method = vm.type_of(v).lookup(vm, &name);
    match method {
        Some(m) if crate::native::native_of(&m).is_some() => {
            crate::python_slots::call_method_of_type(vm, &m, v, std::slice::from_ref(spec))
        }
        Some(_) => vm.start(&FORMAT, [v.clone(), spec.clone()]),
        None => {
            let t = vm.type_name(v);
            Err(vm.type_error(format!("Type {t} doesn't define __format__")))
        }
    }
}

/// Registers: object, spec.
pub(crate) static FORMAT: Machine = Machine::new("op.format", |vm, regs, input| {
    let v = match regs.stage() {
        0 => {
            let (v, spec) = (regs.get(0), regs.get(1));
            let name = vm.names.format.clone();
            let flow = crate::python_slots::call_special(vm, &v, &name, &[spec])
                .unwrap_or_else(|| Ok(Value::NONE.into()));
            soft!(regs, 1, flow)
        }
        _ => input.value()?,
    };
    if vm.is_str(&v) {
        return Ok(v.into());
    }
    let t = vm.type_name(&v);
    Err(vm.type_error(format!("__format__ must return a str, not {t}")))
});

/// How a container is shown.
#[derive(Clone, Copy)]
#[repr(u8)]
pub enum Shape {
    List,
    Tuple,
    Dict,
    Set,
    /// Class name around braces: set subclasses and frozensets.
    NamedSet,
}

/// repr of a builtin container, item by item.
pub fn repr_container(vm: &mut Vm, v: &Value, shape: Shape) -> Flow {
    if vm.exec.repr_active().contains(&v.bits()) {
        let text = match shape {
            Shape::List => "[...]".to_string(),
            Shape::Tuple => "(...)".to_string(),
            Shape::Dict => "{...}".to_string(),
            Shape::Set | Shape::NamedSet => format!("{}(...)", vm.type_name(v)),
        };
        return Ok(vm.str(&text).into());
    }
    let parts = vm.list(Vec::new());
    let snapshot = match shape {
        Shape::List | Shape::Tuple => Value::NONE,
        Shape::Dict => match v.get::<Dict>() {
            Some(d) => {
                let flat = d.items_vec(vm).into_iter().flat_map(|(k, v)| [k, v]).collect();
                vm.tuple(flat)
            }
            None => Value::NONE,
        },
        Shape::Set | Shape::NamedSet => match v.get::<Set>() {
            Some(s) => {
                let keys = s.table(vm).iter().map(|(_, e)| e.key.clone()).collect();
                vm.tuple(keys)
            }
            None => Value::NONE,
        },
    };
    vm.start(&REPR, [v.clone(), snapshot, parts, Value::from_i32(0), Value::from_i32(shape as i32)])
}

/// The repr of this object is over.
pub(crate) fn repr_leave(vm: &mut Vm, object: &Value) {
    if let Some(i) = vm.exec.repr_active().iter().rposition(|b| *b == object.bits()) {
        vm.exec.rare_mut().repr_active.remove(i);
    }
}

/// Registers: container, snapshot of items or None, list of texts, next index, shape.
pub(crate) static REPR: Machine = Machine::new("op.repr_container", |vm, regs, input| {
    let container = regs.get(0);
    let parts = regs.get(2);
    let Some(parts_list) = parts.get::<List>() else {
        return Err(vm.system_error("machine register holds no list"));
    };
    if regs.stage() == 0 {
        vm.exec.rare_mut().repr_active.push(container.bits());
        regs.set_stage(1);
    }
    let mut input = input;
    let mut i = regs.int(3) as usize;
    loop {
        match input {
            Input::Exc(e) => {
                repr_leave(vm, &container);
                return Err(e);
            }
            Input::Value(v) => parts_list.push(vm, v),
            _ => {}
        }
        let snapshot = regs.get(1);
        let item = if snapshot.is_none() {
            match container.get::<List>() {
                Some(l) => l.get_item(vm, i),
                None => container.tuple_items().get(i).cloned(),
            }
        } else {
            snapshot.tuple_items().get(i).cloned()
        };
        let Some(item) = item else { break };
        i += 1;
        regs.set_int(3, i as i64);
        input = match repr(vm, &item) {
            Ok(r) => match r.ready() {
                Some(v) => Input::Value(v),
                None => return Ok(Reply::PUSHED),
            },
            Err(e) => Input::Exc(e),
        };
    }
    repr_leave(vm, &container);
    let texts = parts_list.items(vm).to_vec();
    let texts: Vec<&[u8]> = texts.iter().filter_map(|t| t.as_wtf8()).collect();
    let name = vm.type_name(&container);
    let mut out: Vec<u8> = Vec::new();
    let shape = regs.int(4);
    let dict = shape == Shape::Dict as i64;
    let (open, close) = match shape {
        0 => ("[".to_string(), "]"),
        1 if texts.len() == 1 => ("(".to_string(), ",)"),
        1 => ("(".to_string(), ")"),
        2 | 3 => ("{".to_string(), "}"),
        _ => (format!("{name}({{"), "})"),
    };
    if texts.is_empty() && shape >= 3 {
        return Ok(vm.str(&format!("{name}()")).into());
    }
    out.extend(open.as_bytes());
    for (k, t) in texts.iter().enumerate() {
        if k > 0 {
            out.extend(if dict && k % 2 == 1 { b": " } else { b", " });
        }
        out.extend(*t);
    }
    out.extend(close.as_bytes());
    Ok(vm.str_from_wtf8(&out).into())
});

/// Registers: iterator of items given as tuple, separator. `sep.join(...)` for str, once the items
/// are collected.
pub fn join(vm: &mut Vm, sep: &[u8], items: &[Value]) -> PyResult {
    if let [only] = items
        && vm.is_exactly(only, &vm.types.str)
    {
        return Ok(only.clone());
    }
    let mut size = 0usize;
    for (i, item) in items.iter().enumerate() {
        match item.get::<Str>() {
            Some(s) => size = size.saturating_add(s.bytes().len() + sep.len()),
            None => {
                let t = vm.type_name(item);
                return Err(
                    vm.type_error(format!("sequence item {i}: expected str instance, {t} found"))
                );
            }
        }
    }
    // Once more for the object.
    vm.claim(size.saturating_mul(2))?;
    let mut out = Vec::with_capacity(size);
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.extend_from_slice(sep);
        }
        if let Some(s) = item.get::<Str>() {
            out.extend_from_slice(s.bytes());
        }
    }
    Ok(vm.str_from_wtf8(&out))
}

/// The text of a repr with everything beyond ASCII escaped.
fn escape_non_ascii(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut i = 0;
    while i < text.len() {
        let c = crate::objects::str::first_char(&text[i..]);
        i += crate::objects::str::char_width(text[i]);
        match c {
            0..=0x7f => out.push(c as u8),
            0x80..=0xff => out.extend(format!("\\x{c:02x}").bytes()),
            0x100..=0xffff => out.extend(format!("\\u{c:04x}").bytes()),
            _ => out.extend(format!("\\U{c:08x}").bytes()),
        }
    }
    out
}

//! `_codecs_native`: the codecs without Python handlers. `lib/overlay/_codecs.py` keeps the registry
//! and the error handlers and falls back to steps where a handler is Python.
//! CPython's counterpart: `Modules/_codecsmodule.c`.

use stackless_primitives::codecs::{self as c, Codec, ErrorHandler};
use stackless_primitives::wtf8::count_chars;
use stackless_runtime::native::{Def, def};
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::{Exc, Flow, PyResult, Ref, Value, Vm};

use crate::Native;
use crate::support::{data, flag};

pub const MODULE: Native = Native { name: "_codecs_native", defs: DEFS, fill };

fn fill(_: &mut Vm, _: &Ref<Dict>) -> PyResult<()> {
    Ok(())
}

fn codec(vm: &mut Vm, v: &Value) -> PyResult<Codec> {
    let name = v.display_str(vm);
    Codec::by_name(&name).ok_or_else(|| vm.value_error(format!("unknown codec {name}")))
}

fn handler(v: &Value, vm: &Vm) -> Option<ErrorHandler> {
    match v.given().filter(|v| !v.is_none()) {
        None => Some(ErrorHandler::Strict),
        Some(v) => ErrorHandler::by_name(v.display_str(vm).as_bytes()),
    }
}

/// (encoding, start, end, reason), which the Python side hands to a handler.
fn failure(vm: &mut Vm, encoding: &str, start: usize, end: usize, reason: &str) -> Value {
    let v =
        vec![vm.str(encoding), Value::from_usize(start), Value::from_usize(end), vm.str(reason)];
    vm.tuple(v)
}

fn unicode_error(vm: &mut Vm, decode: bool, object: Value, f: &Value) -> Exc {
    let class = if decode {
        vm.excs.unicode_decode_error.clone()
    } else {
        vm.excs.unicode_encode_error.clone()
    };
    let p = f.tuple_items();
    let items = vec![p[0].clone(), object, p[1].clone(), p[2].clone(), p[3].clone()];
    let exc = vm.new_exception(&class, items.clone());
    for (i, item) in items.into_iter().enumerate() {
        vm.set_exc_extra(&exc, i, item);
    }
    exc
}

fn text_arg<'a>(vm: &mut Vm, v: &'a Value) -> PyResult<&'a [u8]> {
    match v.as_wtf8() {
        Some(t) => Ok(t),
        None => {
            let t = vm.type_name(v);
            Err(vm.type_error(format!("argument must be str, not {t}")))
        }
    }
}

/// Encodes; with a Python handler gives None so that the caller goes by steps.
fn encode(vm: &mut Vm, a: &[Value]) -> Flow {
    let codec = codec(vm, &a[0])?;
    let text = text_arg(vm, &a[1])?;
    let handler = handler(&a[2], vm);
    match c::encode(codec, text, handler.unwrap_or(ErrorHandler::Strict)) {
        Ok(out) => Ok(vm.bytes(&out).into()),
        Err(_) if handler.is_none() => Ok(Value::NONE.into()),
        Err(e) => {
            let start = count_chars(text.get(..e.error.start).unwrap_or(&[]));
            let end = count_chars(text.get(..e.error.end).unwrap_or(&[]));
            let f = failure(vm, e.encoding, start, end, e.error.reason);
            Err(unicode_error(vm, false, a[1].clone(), &f))
        }
    }
}

fn decode(vm: &mut Vm, a: &[Value]) -> Flow {
    let codec = codec(vm, &a[0])?;
    let input = data(vm, &a[1])?;
    let handler = handler(&a[2], vm);
    let last = flag(&a[3], true);
    match c::decode(codec, &input, handler.unwrap_or(ErrorHandler::Strict), last) {
        Ok((out, used)) => {
            let v = vec![vm.str_from_wtf8(&out), Value::from_usize(used)];
            Ok(vm.tuple(v).into())
        }
        Err(_) if handler.is_none() => Ok(Value::NONE.into()),
        Err(e) => {
            let f = failure(vm, e.encoding, e.error.start, e.error.end, e.error.reason);
            let object = vm.bytes(&input);
            Err(unicode_error(vm, true, object, &f))
        }
    }
}

const DEFS: &[Def] = &[
    def!("encode", "(codec, text, errors=None, /)", encode),
    def!("decode", "(codec, data, errors=None, last=True, /)", decode),
    def!("encode_prefix", "(codec, text, start: index, /)", |vm, a| {
        // The text from `start` up to the first error: (bytes, failure or None).
        let codec = codec(vm, &a[0])?;
        let text = text_arg(vm, &a[1])?.to_vec();
        let skip = crate::support::int(&a[2]).max(0) as usize;
        let mut pos =
            stackless_primitives::wtf8::char_indices(&text).nth(skip).map_or(text.len(), |p| p.0);
        let mut out = Vec::new();
        let f = match codec.encode_step(&text, &mut pos, &mut out) {
            Some(e) => {
                let (s, n) = (count_chars(&text[..e.start]), count_chars(&text[..e.end]));
                failure(vm, codec.name(), s, n, e.reason)
            }
            None => Value::NONE,
        };
        let v = vec![vm.bytes(&out), f];
        Ok(vm.tuple(v).into())
    }),
    def!("escape_decode", "(data, errors='strict', /)", |vm, a| {
        let input = match a[0].as_wtf8() {
            Some(t) => t.to_vec(),
            None => data(vm, &a[0])?,
        };
        let errors = a[1].given().map_or("strict".to_string(), |v| v.display_str(vm));
        let Some(mode) = c::EscapeErrors::parse(&errors) else {
            return Err(
                vm.value_error(format!("decoding error; unknown error handling code: {errors}"))
            );
        };
        match c::escape_decode(&input, mode) {
            Ok(u) => {
                let v = vec![vm.bytes(&u.bytes), Value::from_usize(input.len())];
                Ok(vm.tuple(v).into())
            }
            Err(e) => Err(vm.primitive_error(e)),
        }
    }),
    def!("escape_encode", "(data, errors=None, /)", |vm, data_, _| {
        let input = data(vm, data_)?;
        let v = vec![vm.bytes(&c::escape_encode(&input)), Value::from_usize(input.len())];
        Ok(vm.tuple(v).into())
    }),
    def!("handle_decode", "(handler, encoding, data, start: index, end: index, /)", |vm, a| {
        // A builtin handler as a function: (text, position) or None.
        let (name, encoding) = (a[0].display_str(vm), a[1].display_str(vm));
        let input = data(vm, &a[2])?;
        let e = c::CodecError {
            start: crate::support::int(&a[3]).max(0) as usize,
            end: crate::support::int(&a[4]).max(0) as usize,
            reason: "",
        };
        let mut out = Vec::new();
        if e.start > e.end || e.end > input.len() {
            return Ok(Value::NONE.into());
        }
        let Some(h) = ErrorHandler::by_name(name.as_bytes()) else { return Ok(Value::NONE.into()) };
        match h.decode(&encoding, &input, &e, &mut out) {
            Some(pos) => {
                let v = vec![vm.str_from_wtf8(&out), Value::from_usize(pos)];
                Ok(vm.tuple(v).into())
            }
            None => Ok(Value::NONE.into()),
        }
    }),
    def!("handle_encode", "(handler, encoding, bad, /)", |vm, a| {
        let (name, encoding) = (a[0].display_str(vm), a[1].display_str(vm));
        let bad = text_arg(vm, &a[2])?;
        let r = ErrorHandler::by_name(name.as_bytes()).and_then(|h| h.encode(&encoding, bad));
        Ok(match r {
            Some(c::Replacement::Text(t)) => vm.str_from_wtf8(&t),
            Some(c::Replacement::Bytes(b)) => vm.bytes(&b),
            None => Value::NONE,
        }
        .into())
    }),
];

//! `str.encode` and `bytes.decode`: the codecs and error handlers that need no registry. Everything
//! else is handed to the codec registry (`codec_encode` and `codec_decode` of the intrinsics). CPython's counterparts: `PyUnicode_AsEncodedString`, `PyUnicode_Decode`.

use stackless_primitives::codecs::{self, Codec, ErrorHandler};
use stackless_primitives::wtf8::count_chars;

use crate::exc::{Exc, Flow};
use crate::value::Value;
use crate::vm::Vm;

/// The codec registry: codecs and error handlers that are written in Python.
fn by_registry(
    vm: &mut Vm,
    name: &'static str,
    object: Value,
    encoding: &str,
    errors: &str,
) -> Flow {
    let (encoding, errors) = (vm.str(encoding), vm.str(errors));
    crate::steps::call_intrinsic(vm, name, &[object, encoding, errors])
}

/// Encoding and error handler names as text; unbound means the default.
fn name_or(vm: &Vm, v: &Value, default: &str) -> String {
    match v.given() {
        Some(v) if !v.is_none() => v.display_str(vm),
        _ => default.to_string(),
    }
}

/// `text.encode(encoding, errors)`: gives bytes.
pub fn codec_encode(vm: &mut Vm, text: &Value, encoding: &Value, errors: &Value) -> Flow {
    let source = text.as_wtf8().unwrap_or(b"");
    let utf8 = |name: &[u8]| matches!(name, b"utf-8" | b"utf8");
    if (encoding.is_unbound() || encoding.as_wtf8().is_some_and(utf8))
        && stackless_primitives::wtf8::is_utf8(source)
    {
        return Ok(vm.bytes(source).into());
    }
    let encoding = name_or(vm, encoding, "utf-8");
    let errors = name_or(vm, errors, "strict");
    let Some(codec) = Codec::by_name(&encoding) else {
        return by_registry(vm, "codec_encode", text.clone(), &encoding, &errors);
    };
    if codec == Codec::Utf8 && stackless_primitives::wtf8::is_utf8(source) {
        return Ok(vm.bytes(source).into());
    }
    let handler = ErrorHandler::by_name(errors.as_bytes());
    match codecs::encode(codec, source, handler.unwrap_or(ErrorHandler::Strict)) {
        Ok(out) => Ok(vm.bytes(&out).into()),
        Err(_) if handler.is_none() => {
            by_registry(vm, "codec_encode", text.clone(), &encoding, &errors)
        }
        Err(failure) => {
            let start = count_chars(source.get(..failure.error.start).unwrap_or(&[]));
            let end = count_chars(source.get(..failure.error.end).unwrap_or(&[]));
            let class = vm.excs.unicode_encode_error.clone();
            let items = vec![
                vm.str(failure.encoding),
                text.clone(),
                Value::from_usize(start),
                Value::from_usize(end),
                vm.str(failure.error.reason),
            ];
            Err(unicode_error(vm, &class, items))
        }
    }
}

/// `data.decode(encoding, errors)`: gives a str.
pub fn codec_decode(vm: &mut Vm, data: &[u8], encoding: &Value, errors: &Value) -> Flow {
    if data.is_empty() {
        return Ok(vm.names.empty.clone().into());
    }
    let encoding = name_or(vm, encoding, "utf-8");
    let errors = name_or(vm, errors, "strict");
    let Some(codec) = Codec::by_name(&encoding) else {
        let data = vm.bytes(data);
        return by_registry(vm, "codec_decode", data, &encoding, &errors);
    };
    if codec == Codec::Utf8 && stackless_primitives::wtf8::is_utf8(data) {
        return Ok(vm.str_from_wtf8(data).into());
    }
    let handler = ErrorHandler::by_name(errors.as_bytes());
    match codecs::decode(codec, data, handler.unwrap_or(ErrorHandler::Strict), true) {
        Ok((out, _)) => Ok(vm.str_from_wtf8(&out).into()),
        Err(_) if handler.is_none() => {
            let data = vm.bytes(data);
            by_registry(vm, "codec_decode", data, &encoding, &errors)
        }
        Err(failure) => {
            let class = vm.excs.unicode_decode_error.clone();
            let items = vec![
                vm.str(failure.encoding),
                vm.bytes(data),
                Value::from_usize(failure.error.start),
                Value::from_usize(failure.error.end),
                vm.str(failure.error.reason),
            ];
            Err(unicode_error(vm, &class, items))
        }
    }
}

/// A Unicode error: its arguments are also its attributes, in the same order.
fn unicode_error(
    vm: &mut Vm,
    class: &crate::value::Ref<crate::objects::types::Type>,
    items: Vec<Value>,
) -> Exc {
    let exc = vm.new_exception(class, items.clone());
    for (i, item) in items.into_iter().enumerate() {
        vm.set_exc_extra(&exc, i, item);
    }
    exc
}

//! `_struct_native`: packing and unpacking of plain values; `lib/overlay/_struct.py` has the class.
//! CPython's counterpart: `Modules/_struct.c`.

use stackless_primitives::memory::attempt;
use stackless_primitives::structfmt::{self as sf, Kind, Layout};
use stackless_runtime::native::{Def, def};
use stackless_runtime::objects::bytes::Bytes;
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::objects::number::Complex;
use stackless_runtime::{Exc, Flow, PyResult, Ref, Value, Vm};

use crate::Native;
use crate::support::{data, int};

pub const MODULE: Native = Native { name: "_struct_native", defs: DEFS, fill };

fn fill(vm: &mut Vm, d: &Ref<Dict>) -> PyResult<()> {
    // `struct.error`, under which errors of this module come out: set by the Python side.
    d.set_text(vm, "error", Value::NONE);
    Ok(())
}

/// The message as ValueError: the Python side raises it as `struct.error`.
fn error(vm: &mut Vm, e: stackless_primitives::Error) -> Exc {
    let text = e.message.to_string();
    vm.value_error(text)
}

fn layout(vm: &mut Vm, v: &Value) -> PyResult<Layout> {
    let format = match v.as_wtf8() {
        Some(t) => t.to_vec(),
        None => data(vm, v)?,
    };
    Layout::parse(&format).map_err(|e| error(vm, e))
}

fn put(vm: &mut Vm, l: &Layout, code: u8, v: &Value, out: &mut [u8]) -> PyResult<()> {
    let kind = sf::code_info(code, l.native).map_or(Kind::Pad, |i| i.0);
    let r = match kind {
        Kind::Pad => Ok(()),
        Kind::Bool => {
            out[0] = stackless_runtime::ops::truth_fast(v).unwrap_or(true) as u8;
            Ok(())
        }
        Kind::Char => match data(vm, v) {
            Ok(b) if b.len() == 1 => {
                out[0] = b[0];
                Ok(())
            }
            _ => return Err(vm.value_error("char format requires a bytes object of length 1")),
        },
        Kind::Signed | Kind::Unsigned | Kind::Pointer => match v.as_big() {
            Some(n) => sf::pack_int(code, l.order, &n, out),
            None => return Err(vm.value_error("required argument is not an integer")),
        },
        Kind::Float => match v.as_float().or_else(|| v.as_big().and_then(|b| b.to_f64().ok())) {
            Some(f) => sf::pack_float(code, l.order, f, out),
            None => return Err(vm.value_error("required argument is not a float")),
        },
        Kind::Complex => {
            let (re, im) = match v.get::<Complex>() {
                Some(c) => (c.re, c.im),
                None => match v.as_float().or_else(|| v.as_i64().map(|i| i as f64)) {
                    Some(f) => (f, 0.0),
                    None => return Err(vm.value_error("required argument is not a complex")),
                },
            };
            sf::pack_complex(code, l.order, re, im, out)
        }
        Kind::Bytes | Kind::Pascal => {
            let Ok(b) = data(vm, v) else {
                let c = code as char;
                return Err(vm.value_error(format!("argument for '{c}' must be a bytes object")));
            };
            sf::pack_bytes(code, &b, out);
            Ok(())
        }
    };
    match r {
        Ok(()) => Ok(()),
        Err(e) => Err(error(vm, e)),
    }
}

fn pack(vm: &mut Vm, a: &[Value]) -> Flow {
    let l = layout(vm, &a[0])?;
    let values = a[1].tuple_items();
    if values.len() != l.values {
        let (n, got) = (l.values, values.len());
        return Err(vm.value_error(format!("pack expected {n} items for packing (got {got})")));
    }
    let mut out = Vec::new();
    vm.claim(l.size)?;
    if attempt(|| out.try_reserve_exact(l.size)).is_err() {
        return Err(vm.memory_error(""));
    }
    out.resize(l.size, 0);
    for ((code, at, size), v) in l.slots().zip(values) {
        put(vm, &l, code, v, &mut out[at..at + size])?;
    }
    Ok(vm.bytes(&out).into())
}

fn unpack(vm: &mut Vm, a: &[Value]) -> Flow {
    let l = layout(vm, &a[0])?;
    let bytes = data(vm, &a[1])?;
    let start = a[2].given().map_or(0, int).max(0) as usize;
    let Some(bytes) = bytes.get(start..).and_then(|b| b.get(..l.size)) else {
        let n = l.size;
        return Err(vm.value_error(format!("unpack requires a buffer of {n} bytes")));
    };
    values(vm, &l, bytes)
}

/// The values of as many bytes as the format takes.
fn values(vm: &mut Vm, l: &Layout, bytes: &[u8]) -> Flow {
    let mut out = Vec::new();
    vm.reserve(&mut out, l.values)?;
    for (code, at, size) in l.slots() {
        let b = &bytes[at..at + size];
        let kind = sf::code_info(code, l.native).map_or(Kind::Pad, |i| i.0);
        out.push(match kind {
            Kind::Bool => Value::bool(sf::unpack_bool(b)),
            Kind::Char => vm.bytes(b),
            Kind::Float => vm.float(sf::unpack_float(code, l.order, b)),
            Kind::Complex => {
                let (re, im) = sf::unpack_complex(code, l.order, b);
                vm.complex(re, im)
            }
            Kind::Bytes | Kind::Pascal => vm.bytes(sf::unpack_bytes(code, b)),
            _ => match sf::unpack_int(code, l.order, b) {
                sf::Integer::Signed(n) => vm.int(n),
                sf::Integer::Unsigned(n) => vm.uint(n),
            },
        });
    }
    Ok(vm.tuple(out).into())
}

/// Values that are packed without a look at their classes.
fn is_plain(vm: &Vm, v: &Value) -> bool {
    let t = &vm.types;
    v.is_bool() || [&t.int, &t.float, &t.bytes].iter().any(|ty| vm.is_exactly(v, ty))
}

const DEFS: &[Def] = &[
    def!("calcsize", "(format, /)", |vm, format| {
        let l = layout(vm, format)?;
        Ok(Value::from_usize(l.size).into())
    }),
    def!("codes", "(format, /)", |vm, format| {
        let l = layout(vm, format)?;
        vm.claim(l.values.saturating_mul(4))?;
        let codes: String = l.slots().map(|s| s.0 as char).collect();
        Ok(vm.str(&codes).into())
    }),
    def!("pack", "(format, values, /)", pack),
    def!("unpack", "(format, data, start=0, /)", unpack),
    // What `struct.pack` and its like are where nothing is unusual: None for everything else.
    def!("plain_pack", "(format, values, /)", |vm, a| {
        let plain = a[0].as_wtf8().is_some() && a[1].tuple_items().iter().all(|v| is_plain(vm, v));
        Ok(if plain { pack(vm, a).ok() } else { None }.unwrap_or(Value::NONE.into()))
    }),
    def!("plain_unpack", "(format, data, /)", |vm, format, data| {
        let found = match (layout(vm, format), data.get::<Bytes>()) {
            (Ok(l), Some(b)) if b.as_bytes().len() == l.size => values(vm, &l, b.as_bytes()).ok(),
            _ => None,
        };
        Ok(found.unwrap_or(Value::NONE.into()))
    }),
];

//! The `%` operator of str, bytes and bytearray: a machine over the template. CPython's
//! counterparts: `PyUnicode_Format`, `_PyBytes_FormatEx`.
//!
//! The output so far is kept in a bytearray. Stars are plain ints, so a field suspends at two
//! places only: looking up its `(key)`, and converting its argument.

use smallvec::SmallVec;
use stackless_primitives::BigInt;
use stackless_primitives::format::percent::{self, Count, Field, Flags, Piece, Render, Template};
use stackless_primitives::wtf8;

use super::support::prim;
use crate::exc::{Exc, Flow, PyResult, Reply};
use crate::machine::{Input, Machine, Regs};
use crate::objects::bytes::{ByteArray, Bytes};
use crate::objects::str::{Str, first_char};
use crate::objects::tuple::Tuple;
use crate::ops;
use crate::soft;
use crate::value::Value;
use crate::vm::Vm;

const TEMPLATE: usize = 0;
/// The right operand: a tuple of arguments, or the only one.
const OPERAND: usize = 1;
const OUT: usize = 2;
/// Position of the piece at work.
const POS: usize = 3;
/// Next tuple item; for a single argument 0 before and 1 after its use.
const NEXT: usize = 4;
/// The value of the last `(key)`, which then is the only argument; unbound without keys.
const KEYED: usize = 5;
const WIDTH: usize = 6;
const PRECISION: usize = 7;
/// The argument being converted.
const ARGUMENT: usize = 8;

const AT_PIECE: u32 = 0;
const AT_KEY: u32 = 1;
const AT_ARGUMENT: u32 = 2;

/// `template % operand`.
pub fn format(vm: &mut Vm, template: &Value, operand: &Value) -> Flow {
    if let Some(text) = format_natively(vm, template, operand) {
        return Ok(text.into());
    }
    let out = vm.bytearray(Vec::new());
    let zero = Value::from_i32(0);
    vm.start(
        &PERCENT,
        [
            template.clone(),
            operand.clone(),
            out,
            zero.clone(),
            zero,
            Value::UNBOUND,
            Value::NONE,
            Value::NONE,
            Value::NONE,
        ],
    )
}

/// The result where all arguments are exact str, int and float that plain conversions take; None
/// for anything else, and for errors: the machine words them.
fn format_natively(vm: &mut Vm, template: &Value, operand: &Value) -> Option<Value> {
    let source = template.get::<Str>()?.bytes();
    let single = std::slice::from_ref(operand);
    let args = if operand.has::<Tuple>() { operand.tuple_items() } else { single };
    let mut left = args.iter();
    let mut out: SmallVec<[u8; 256]> = SmallVec::new();
    for piece in Template::new(source) {
        let field = match piece.ok()? {
            Piece::Literal(part) => {
                out.extend_from_slice(part);
                continue;
            }
            Piece::Field(field) => field,
        };
        if field.key.is_some() || field.width == Count::Star || field.precision == Count::Star {
            return None;
        }
        let v = left.next()?;
        if field.flags == Flags::default() && field.width == Count::None {
            match (field.conversion as u8 as char, field.precision) {
                _ if field.conversion > 127 => {}
                ('s', Count::None) if vm.is_exactly(v, &vm.types.str) => {
                    out.extend_from_slice(v.as_wtf8()?);
                    continue;
                }
                ('s' | 'r' | 'd' | 'i', Count::None) if v.is_int() => {
                    ops::text::write_decimal(v.as_small_int()?, |text| out.extend_from_slice(text));
                    continue;
                }
                _ => {}
            }
        }
        let render = Render::of(&field);
        let part = match render.conversion {
            b's' | b'r' => {
                let text = if render.conversion == b's' && vm.is_exactly(v, &vm.types.str) {
                    v.clone()
                } else if v.has::<Bytes>() {
                    return None;
                } else {
                    ops::text::repr_fast(vm, v)?.ok()?
                };
                percent::render_text(&render, text.as_wtf8()?)
            }
            b'd' | b'i' | b'u' | b'x' | b'X' | b'o' => {
                let n = BigInt::from(v.as_small_int()?);
                percent::render_int(&render, &n, vm.int_max_str_digits)
            }
            b'e' | b'E' | b'f' | b'F' | b'g' | b'G' => {
                let f = v.as_small_float().or(v.as_small_int().map(|i| i as f64))?;
                percent::render_float(&render, f)
            }
            _ => return None,
        };
        out.extend_from_slice(&part.ok()?);
    }
    // A mapping may be left over, which is the machine's business, as is a template without fields.
    (left.next().is_none() && !args.is_empty()).then(|| vm.str_from_wtf8(&out))
}

/// The template's contents: WTF-8 or bytes.
fn source(vm: &Vm, template: &Value) -> Vec<u8> {
    match template.get::<Str>() {
        Some(s) => s.bytes().to_vec(),
        None => super::buffer::copied(vm, template),
    }
}

fn is_mapping(vm: &Vm, v: &Value, bytes: bool) -> bool {
    vm.type_of(v).slots(vm).getitem.is_some()
        && !v.has::<Tuple>()
        && !v.has::<Str>()
        && !(bytes && (v.has::<Bytes>() || v.has::<ByteArray>()))
}

pub(crate) static PERCENT: Machine = Machine::new("op.percent_format", |vm, regs, input| {
    let template = regs.get(TEMPLATE);
    let bytes = !template.has::<Str>();
    let source = source(vm, &template);
    let mut stage = regs.stage();
    let mut input = Some(input);
    loop {
        let mut walk = if bytes { Template::of_bytes(&source) } else { Template::new(&source) };
        walk = walk.resume(regs.int(POS) as usize);
        let field = match walk.next() {
            None => break,
            Some(piece) => match prim(vm, piece)? {
                Piece::Literal(part) => {
                    append(vm, regs, part)?;
                    regs.set_int(POS, walk.pos() as i64);
                    continue;
                }
                Piece::Field(field) => field,
            },
        };
        if stage == AT_PIECE
            && let Some(key) = field.key
        {
            let operand = regs.get(OPERAND);
            if !is_mapping(vm, &operand, bytes) {
                return Err(vm.primitive_error(percent::requires_mapping()));
            }
            let key = if bytes { vm.bytes(key) } else { vm.str_from_wtf8(key) };
            let v = soft!(regs, AT_KEY, ops::item::getitem(vm, &operand, &key));
            input = Some(Input::Value(v));
            stage = AT_KEY;
        }
        if stage == AT_KEY {
            let v = input.take().map_or(Ok(Value::NONE), Input::value)?;
            regs.set(KEYED, v);
            regs.set_int(NEXT, 0);
        }
        if stage != AT_ARGUMENT {
            let mut render = Render::of(&field);
            if field.width == Count::Star {
                let n = star(vm, regs)?;
                let r = render.set_width(&n);
                prim(vm, r)?;
                // Widths that fit 64 bits only: `set_width` checked.
                regs.set(WIDTH, vm.big_int(n));
            }
            if field.precision == Count::Star {
                let n = star(vm, regs)?;
                let r = render.set_precision(&n);
                prim(vm, r)?;
                regs.set(PRECISION, vm.big_int(n));
            }
            // Only `%%` is a percent sign; `%5%` is a conversion that does not exist.
            if field.conversion == '%' as u32 && field.at == regs.int(POS) as usize + 1 {
                append(vm, regs, b"%")?;
                regs.set_int(POS, walk.pos() as i64);
                stage = AT_PIECE;
                continue;
            }
            let argument = next_argument(vm, regs)?;
            regs.set(ARGUMENT, argument.clone());
            regs.set_stage(AT_ARGUMENT);
            let flow = convert(vm, &walk, &field, &argument, bytes);
            input = Some(match flow {
                Ok(r) => match r.ready() {
                    Some(v) => Input::Value(v),
                    None => return Ok(Reply::PUSHED),
                },
                Err(e) => Input::Exc(e),
            });
        }
        let argument = regs.take(ARGUMENT);
        let value = match input.take().map_or(Ok(Value::NONE), Input::value) {
            Ok(v) => v,
            Err(e) if vm.exc_is(&e, &vm.excs.type_error) => {
                return Err(wrong_type(vm, &field, &argument, bytes).unwrap_or(e));
            }
            Err(e) => return Err(e),
        };
        let mut render = Render::of(&field);
        if field.width == Count::Star {
            let n = regs.get(WIDTH).as_big().unwrap_or(BigInt::ZERO);
            let r = render.set_width(&n);
            prim(vm, r)?;
        }
        if field.precision == Count::Star {
            let n = regs.get(PRECISION).as_big().unwrap_or(BigInt::ZERO);
            let r = render.set_precision(&n);
            prim(vm, r)?;
        }
        let part = rendered(vm, &render, &argument, &value, bytes)?;
        append(vm, regs, &part)?;
        regs.set_int(POS, walk.pos() as i64);
        regs.set_stage(AT_PIECE);
        stage = AT_PIECE;
    }
    finish(vm, regs, &template, bytes)
});

fn finish(vm: &mut Vm, regs: &Regs, template: &Value, bytes: bool) -> Flow {
    let operand = regs.get(OPERAND);
    let left_over = if !regs.get(KEYED).is_unbound() {
        false
    } else if operand.has::<Tuple>() {
        (regs.int(NEXT) as usize) < operand.tuple_items().len()
    } else {
        regs.int(NEXT) == 0 && !is_mapping(vm, &operand, bytes)
    };
    if left_over {
        let kind = if bytes { "bytes" } else { "string" };
        return Err(vm.primitive_error(percent::not_all_converted(kind)));
    }
    if template.as_wtf8().is_some_and(|t| !t.is_empty() && !t.contains(&b'%')) {
        return Ok(template.clone().into());
    }
    let out = regs.get(OUT);
    let data = out.get::<ByteArray>().map_or_else(Vec::new, |b| std::mem::take(b.data.get_mut(vm)));
    Ok(if !bytes {
        vm.str_from_wtf8(&data)
    } else if template.has::<ByteArray>() {
        vm.bytearray(data)
    } else {
        vm.bytes(&data)
    }
    .into())
}

fn append(vm: &mut Vm, regs: &Regs, part: &[u8]) -> PyResult<()> {
    let out = regs.get(OUT);
    match out.get::<ByteArray>() {
        Some(b) => {
            b.data.get_mut(vm).extend_from_slice(part);
            Ok(())
        }
        None => Err(vm.system_error("machine register holds no bytearray")),
    }
}

fn next_argument(vm: &mut Vm, regs: &mut Regs) -> PyResult {
    let n = regs.int(NEXT) as usize;
    let (keyed, operand) = (regs.get(KEYED), regs.get(OPERAND));
    let found = if !keyed.is_unbound() {
        if n == 0 { Some(keyed) } else { None }
    } else if operand.has::<Tuple>() {
        operand.tuple_items().get(n).cloned()
    } else if n == 0 {
        Some(operand)
    } else {
        None
    };
    regs.set_int(NEXT, n as i64 + 1);
    found.ok_or_else(|| vm.primitive_error(percent::not_enough_arguments()))
}

fn star(vm: &mut Vm, regs: &mut Regs) -> PyResult<BigInt> {
    let v = next_argument(vm, regs)?;
    match v.as_big() {
        Some(n) => Ok(n),
        None => Err(vm.primitive_error(percent::star_wants_int())),
    }
}

/// What a conversion makes of its argument: a str or bytes, an int, a float.
fn convert(vm: &mut Vm, walk: &Template<'_>, field: &Field<'_>, v: &Value, bytes: bool) -> Flow {
    match u8::try_from(field.conversion).unwrap_or(0) {
        b's' if !bytes => ops::text::str(vm, v),
        b'r' if !bytes => ops::text::repr(vm, v),
        b'a' => ops::text::ascii(vm, v),
        b'r' => ops::text::ascii(vm, v),
        b's' | b'b' if bytes => {
            if super::buffer::is_plain(v) {
                return Ok(v.clone().into());
            }
            let name = vm.names.bytes.clone();
            match crate::python_slots::call_special(vm, v, &name, &[]) {
                Some(flow) => flow,
                None if super::buffer::needs_python(vm, v) => super::buffer::from_object(vm, v),
                None => {
                    let t = vm.type_name(v);
                    Err(vm.type_error(format!(
                        "%b requires a bytes-like object, or an object that implements __bytes__, \
                         not '{t}'"
                    )))
                }
            }
        }
        b'c' if v.is_int_like() || v.has::<Str>() || v.has::<Bytes>() || v.has::<ByteArray>() => {
            Ok(v.clone().into())
        }
        b'c' => ops::number::index(vm, v),
        b'd' | b'i' | b'u' if v.is_int_like() => Ok(v.clone().into()),
        b'd' | b'i' | b'u' => {
            let slots = vm.type_of(v).slots(vm);
            match slots.int.or(slots.index) {
                Some(f) => f(vm, v),
                None => Err(vm.type_error("a real number is required")),
            }
        }
        b'o' | b'x' | b'X' => ops::number::index(vm, v),
        b'e' | b'E' | b'f' | b'F' | b'g' | b'G' => ops::number::float(vm, v),
        _ if bytes && field.conversion >= 0x80 => {
            Err(vm.overflow_error("character argument not in range(0x110000)"))
        }
        _ => Err(vm.primitive_error(walk.unsupported(field))),
    }
}

/// The TypeError of a number conversion; None where the original one stays.
fn wrong_type(vm: &mut Vm, field: &Field<'_>, v: &Value, bytes: bool) -> Option<Exc> {
    let t = vm.type_name(v);
    let c = char::from_u32(field.conversion).unwrap_or('?');
    Some(match c {
        'd' | 'i' | 'u' => {
            vm.type_error(format!("%{c} format: a real number is required, not {t}"))
        }
        'o' | 'x' | 'X' => vm.type_error(format!("%{c} format: an integer is required, not {t}")),
        'c' => char_error(vm, v, bytes),
        'e' | 'E' | 'f' | 'F' | 'g' | 'G' if bytes => {
            vm.type_error(format!("float argument required, not {t}"))
        }
        _ => return None,
    })
}

fn char_error(vm: &mut Vm, v: &Value, bytes: bool) -> Exc {
    let t = crate::ops::text::full_type_name(vm, v);
    if bytes {
        if super::buffer::is_plain(v) {
            let n = super::buffer::copied(vm, v).len();
            return vm.type_error(format!(
                "%c requires an integer in range(256) or a single byte, not a {t} object of length {n}"
            ));
        }
        return vm
            .type_error(format!("%c requires an integer in range(256) or a single byte, not {t}"));
    }
    match v.get::<Str>() {
        Some(s) => {
            let n = s.len();
            vm.type_error(format!(
                "%c requires an int or a unicode character, not a string of length {n}"
            ))
        }
        None => vm.type_error(format!("%c requires an int or a unicode character, not {t}")),
    }
}

fn rendered(
    vm: &mut Vm,
    r: &Render,
    argument: &Value,
    v: &Value,
    bytes: bool,
) -> PyResult<Vec<u8>> {
    let out = match r.conversion {
        b'd' | b'i' | b'u' | b'o' | b'x' | b'X' => {
            let n = v.as_big().unwrap_or(BigInt::ZERO);
            percent::render_int(r, &n, vm.int_max_str_digits)
        }
        b'e' | b'E' | b'f' | b'F' | b'g' | b'G' => {
            percent::render_float(r, v.as_float().unwrap_or(0.0))
        }
        b'c' => {
            let c = character(vm, argument, v, bytes)?;
            if bytes { percent::render_bytes(r, &c) } else { percent::render_text(r, &c) }
        }
        _ if !bytes => percent::render_text(r, v.as_wtf8().unwrap_or(b"")),
        _ => match (v.as_wtf8(), super::buffer::contents(vm, v)) {
            (Some(s), _) => percent::render_bytes(r, s),
            (None, Some(b)) => percent::render_bytes(r, &b),
            (None, None) => {
                let t = vm.type_name(v);
                return Err(vm.type_error(format!("__bytes__ returned non-bytes (type {t})")));
            }
        },
    };
    prim(vm, out)
}

/// The character or byte of `%c`.
fn character(vm: &mut Vm, argument: &Value, v: &Value, bytes: bool) -> PyResult<Vec<u8>> {
    if v.is_int_like() {
        let limit = if bytes { 256 } else { 0x11_0000 };
        return match v.as_i64() {
            Some(c) if (0..limit).contains(&c) => {
                Ok(if bytes { vec![c as u8] } else { wtf8::from_char(c as u32) })
            }
            _ if bytes => Err(vm.overflow_error("%c arg not in range(256)")),
            _ => Err(vm.overflow_error("%c arg not in range(0x110000)")),
        };
    }
    if bytes {
        return match super::buffer::contents(vm, v).as_deref() {
            Some([b]) if !v.has::<Str>() => Ok(vec![*b]),
            _ => Err(char_error(vm, argument, bytes)),
        };
    }
    match v.get::<Str>() {
        Some(s) if s.len() == 1 => Ok(wtf8::from_char(first_char(s.bytes()))),
        _ => Err(char_error(vm, argument, bytes)),
    }
}

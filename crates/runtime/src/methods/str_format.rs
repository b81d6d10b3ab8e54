//! `str.format` and `str.format_map`: a machine that walks the format string, looks fields up,
//! converts and formats them, each step of which may run Python. CPython's counterpart:
//! `Objects/stringlib/unicode_format.h`.
//!
//! The output so far is kept in a bytearray that holds WTF-8; the field numbering in a list of one
//! int, shared with the machines of nested specs.

use stackless_primitives::format::fields::{
    self, Access, Accesses, First, MAX_DEPTH, Markup, Numbering, Piece,
};

use smallvec::SmallVec;

use super::str::text;
use super::support::prim;
use crate::exc::{Flow, PyResult};
use crate::machine::{Machine, Regs};
use crate::native::{Def, def};
use crate::objects::bytes::ByteArray;
use crate::objects::dict::Dict;
use crate::objects::list::List;
use crate::ops;
use crate::soft;
use crate::value::Value;
use crate::vm::Vm;

pub const METHODS: &[Def] = &[
    def!("format", "(self, /, *args, **kwargs?)", |vm, a| {
        if let Some(text) = format_natively(vm, text(&a[0]), a[1].tuple_items(), &a[2]) {
            return Ok(text.into());
        }
        let named = if a[2].is_none() { vm.dict().into_value() } else { a[2].clone() };
        start(vm, a[0].clone(), a[1].clone(), named)
    }),
    def!("format_map", "(self, mapping, /)", |vm, this, mapping| {
        start(vm, this.clone(), Value::NONE, mapping.clone())
    }),
];

/// The result where all fields are arguments whose formatting runs no Python code; None for anything
/// else, and for errors: the machine words them.
fn format_natively(vm: &mut Vm, source: &[u8], args: &[Value], named: &Value) -> Option<Value> {
    let mut out: SmallVec<[u8; 256]> = SmallVec::new();
    let mut numbering = Numbering::Unknown;
    let mut fields = 0;
    for piece in Markup::new(source) {
        let Piece { literal, field } = piece.ok()?;
        out.extend_from_slice(literal);
        let Some(field) = field else { continue };
        fields += 1;
        if field.nested || field.conversion.is_some() {
            return None;
        }
        let (first, rest) = fields::split_name(field.name).ok()?;
        if !rest.rest().is_empty() {
            return None;
        }
        let v = match numbering.resolve(first).ok()? {
            First::Index(i) => args.get(i)?.clone(),
            First::Key(name) => {
                let key = vm.str_from_wtf8(name);
                named.get::<Dict>()?.get_str(vm, &key)?
            }
            First::Auto => return None,
        };
        let spec = vm.str_from_wtf8(field.spec);
        if field.spec.is_empty() {
            if let Some(n) = v.as_small_int() {
                ops::text::write_decimal(n, |text| out.extend_from_slice(text));
                continue;
            }
            let exact = vm.is_exactly(&v, &vm.types.str) || v.as_small_float().is_some();
            if !exact {
                return None;
            }
        } else if !vm.is_exactly(&v, &vm.types.str) && !v.is_int() && v.as_small_float().is_none() {
            return None;
        }
        let part = ops::text::format(vm, &v, &spec).ok()?.ready()?;
        out.extend_from_slice(text(&part));
    }
    (fields > 0).then(|| vm.str_from_wtf8(&out))
}

fn start(vm: &mut Vm, template: Value, args: Value, mapping: Value) -> Flow {
    let numbering = vm.list(vec![Value::from_i32(UNKNOWN)]);
    start_level(vm, template, args, mapping, numbering, MAX_DEPTH as i64)
}

fn start_level(
    vm: &mut Vm,
    template: Value,
    args: Value,
    mapping: Value,
    numbering: Value,
    depth: i64,
) -> Flow {
    if depth <= 0 {
        return Err(vm.primitive_error(fields::depth_error()));
    }
    let out = vm.bytearray(Vec::new());
    vm.start(
        &FORMAT,
        [
            template,
            args,
            mapping,
            out,
            numbering,
            Value::from_i32(depth as i32),
            Value::from_i32(0),
            Value::from_i32(0),
            Value::NONE,
        ],
    )
}

const UNKNOWN: i32 = -2;
const MANUAL: i32 = -1;

const TEMPLATE: usize = 0;
/// Tuple of positional arguments, None for `format_map`.
const ARGS: usize = 1;
const MAPPING: usize = 2;
const OUT: usize = 3;
const NUMBERING: usize = 4;
const DEPTH: usize = 5;
/// Byte position of the piece at work.
const POS: usize = 6;
/// Bytes of the field name that are still to be followed.
const LEFT: usize = 7;
const OBJECT: usize = 8;

/// Stages: what is awaited.
const AT_PIECE: u32 = 0;
const AT_ACCESS: u32 = 1;
const AT_CONVERSION: u32 = 2;
const AT_SPEC: u32 = 3;
const AT_FORMAT: u32 = 4;

pub(crate) static FORMAT: Machine = Machine::new("str.format", |vm, regs, input| {
    let template = regs.get(TEMPLATE);
    let source = text(&template);
    let mut stage = regs.stage();
    let mut value = if stage == AT_PIECE { Value::NONE } else { input.value()? };
    loop {
        let pos = regs.int(POS) as usize;
        let mut walk = Markup::resume(source, pos);
        let piece = match walk.next() {
            None => break,
            Some(piece) => prim(vm, piece)?,
        };
        let Piece { literal, field } = piece;
        if stage == AT_PIECE {
            append(vm, regs, literal)?;
        }
        let Some(field) = field else {
            regs.set_int(POS, walk.pos() as i64);
            continue;
        };
        if stage == AT_PIECE {
            let split = fields::split_name(field.name);
            let (first, rest) = prim(vm, split)?;
            regs.set_int(LEFT, rest.rest().len() as i64);
            value = soft!(regs, AT_ACCESS, first_object(vm, regs, first));
            stage = AT_ACCESS;
        }
        if stage == AT_ACCESS {
            loop {
                let left = regs.int(LEFT) as usize;
                let from = field.name.len().saturating_sub(left);
                let mut rest = Accesses::resume(field.name.get(from..).unwrap_or(b""));
                let access = match rest.next() {
                    None => break,
                    Some(access) => prim(vm, access)?,
                };
                regs.set_int(LEFT, rest.rest().len() as i64);
                value = soft!(regs, AT_ACCESS, follow(vm, &value, access));
            }
            let flow = match field.conversion {
                None => Ok(value.clone().into()),
                Some(c) if c == 'r' as u32 => ops::text::repr(vm, &value),
                Some(c) if c == 's' as u32 => ops::text::str(vm, &value),
                Some(c) if c == 'a' as u32 => ops::text::ascii(vm, &value),
                Some(c) => Err(vm.primitive_error(fields::unknown_conversion(c))),
            };
            value = soft!(regs, AT_CONVERSION, flow);
            stage = AT_CONVERSION;
        }
        if stage == AT_CONVERSION {
            regs.set(OBJECT, value);
            let spec = vm.str_from_wtf8(field.spec);
            value = if field.nested {
                let (args, mapping) = (regs.get(ARGS), regs.get(MAPPING));
                let (numbering, depth) = (regs.get(NUMBERING), regs.int(DEPTH));
                soft!(regs, AT_SPEC, start_level(vm, spec, args, mapping, numbering, depth - 1))
            } else {
                spec
            };
            stage = AT_SPEC;
        }
        if stage == AT_SPEC {
            let object = regs.take(OBJECT);
            value = soft!(regs, AT_FORMAT, ops::text::format(vm, &object, &value));
        }
        append(vm, regs, text(&value))?;
        regs.set_int(POS, walk.pos() as i64);
        regs.set_stage(AT_PIECE);
        stage = AT_PIECE;
    }
    if !source.is_empty() && !source.iter().any(|b| matches!(b, b'{' | b'}')) {
        return Ok(template.clone().into());
    }
    let out = regs.get(OUT);
    let bytes =
        out.get::<ByteArray>().map_or_else(Vec::new, |b| std::mem::take(b.data.get_mut(vm)));
    Ok(vm.str_from_wtf8(&bytes).into())
});

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

/// The object that a field name starts with.
fn first_object(vm: &mut Vm, regs: &Regs, first: First<'_>) -> Flow {
    let shared = regs.get(NUMBERING);
    let Some(list) = shared.get::<List>() else {
        return Err(vm.system_error("machine register holds no list"));
    };
    let state = list.get_item(vm, 0).and_then(|v| v.as_small_int()).unwrap_or(UNKNOWN as i64);
    let mut numbering = match usize::try_from(state) {
        Ok(n) => Numbering::Automatic(n),
        Err(_) if state == MANUAL as i64 => Numbering::Manual,
        Err(_) => Numbering::Unknown,
    };
    let resolved = numbering.resolve(first);
    let resolved = prim(vm, resolved)?;
    let state = match numbering {
        Numbering::Unknown => Value::from_i32(UNKNOWN),
        Numbering::Manual => Value::from_i32(MANUAL),
        Numbering::Automatic(n) => Value::from_usize(n),
    };
    if let Some(slot) = list.items_mut(vm).first_mut() {
        *slot = state;
    }
    let args = regs.get(ARGS);
    match resolved {
        First::Index(_) if args.is_none() => {
            Err(vm.value_error("Format string contains positional fields"))
        }
        First::Index(i) => match args.tuple_items().get(i) {
            Some(v) => Ok(v.clone().into()),
            None => Err(vm.primitive_error(fields::missing_index(i))),
        },
        First::Key(name) => {
            let (key, mapping) = (vm.str_from_wtf8(name), regs.get(MAPPING));
            ops::item::getitem(vm, &mapping, &key)
        }
        First::Auto => Err(vm.system_error("unresolved field")),
    }
}

fn follow(vm: &mut Vm, object: &Value, access: Access<'_>) -> Flow {
    match access {
        Access::Attribute(name) => {
            let name = vm.str_from_wtf8(name);
            let name = vm.intern_value(&name);
            ops::attr::getattr(vm, object, &name)
        }
        Access::Index(i) => ops::item::getitem(vm, object, &Value::from_usize(i)),
        Access::Key(name) => {
            let key = vm.str_from_wtf8(name);
            ops::item::getitem(vm, object, &key)
        }
    }
}

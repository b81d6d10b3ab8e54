//! `str.translate` and `str.maketrans`. The output so far is kept in a bytearray that holds WTF-8.

use smallvec::SmallVec;
use stackless_primitives::wtf8::{decode_at, push};

use super::str::{SHORT, text};
use crate::exc::{Exc, Flow, PyResult, Reply};
use crate::machine::{Input, Machine};
use crate::native::{Def, def, staticdef};
use crate::objects::bytes::ByteArray;
use crate::objects::dict::Dict;
use crate::objects::str::{Str, first_char};
use crate::ops;
use crate::value::Value;
use crate::vm::Vm;

pub const METHODS: &[Def] = &[
    def!("translate", "(self, table, /)", |vm, this, table| {
        if text(this).is_empty() {
            return Ok(vm.names.empty.clone().into());
        }
        if let Some(translated) = translate_ascii(vm, this, table) {
            return Ok(translated.into());
        }
        let out = vm.bytearray(Vec::new());
        vm.start(&TRANSLATE, [this.clone(), table.clone(), out, Value::from_i32(0)])
    }),
    staticdef!("maketrans", "(x, y: str=None, z: str=None, /)", maketrans),
];

/// ASCII text by a plain dict that gives ints, strs and None: each character is looked up once. None
/// for anything else, and for errors, which the machine words.
fn translate_ascii(vm: &Vm, source: &Value, table: &Value) -> Option<Value> {
    let s = source.get::<Str>()?;
    if !s.is_ascii() || !vm.is_exactly(table, &vm.types.dict) {
        return None;
    }
    // What a character becomes: a byte, or a text by its place in `texts`.
    const UNKNOWN: u16 = u16::MAX;
    const TEXT: u16 = 256;
    let mut known = [UNKNOWN; 128];
    let mut texts: SmallVec<[Value; 4]> = SmallVec::new();
    for &b in s.bytes() {
        let to = &mut known[usize::from(b & 127)];
        if *to != UNKNOWN {
            continue;
        }
        let text = match ops::dict::get_fast(vm, table, &Value::from_usize(usize::from(b)))? {
            None => {
                *to = u16::from(b);
                continue;
            }
            Some(v) if v.is_none() => vm.names.empty.clone(),
            Some(v) if v.has::<Str>() => v,
            Some(v) => match v.as_small_int()? {
                c @ 0..128 => {
                    *to = c as u16;
                    continue;
                }
                c @ 128..0x11_0000 => vm.str_from_char(c as u32),
                _ => return None,
            },
        };
        *to = TEXT + texts.len() as u16;
        texts.push(text);
    }
    let of = |b: &u8| known[usize::from(*b & 127)];
    if texts.is_empty() {
        let mut short = [0; SHORT];
        if let Some(short) = short.get_mut(..s.bytes().len()) {
            short.iter_mut().zip(s.bytes()).for_each(|(to, b)| *to = of(b) as u8);
            return Some(vm.str_from_wtf8(short));
        }
        let out: Vec<u8> = s.bytes().iter().map(|b| of(b) as u8).collect();
        return Some(vm.str_from_wtf8(&out));
    }
    let mut out: SmallVec<[u8; SHORT]> = SmallVec::new();
    for b in s.bytes() {
        match of(b) {
            to @ 0..TEXT => out.push(to as u8),
            to => out.extend_from_slice(text(texts.get(usize::from(to - TEXT))?)),
        }
    }
    Some(vm.str_from_wtf8(&out))
}

fn out_of_range(vm: &mut Vm) -> Exc {
    vm.value_error("character mapping must be in range(0x110000)")
}

/// Registers: str, table, output, byte position of the character being looked up.
pub(crate) static TRANSLATE: Machine = Machine::new("str.translate", |vm, regs, input| {
    let (source, table, out) = (regs.get(0), regs.get(1), regs.get(2));
    let Some(buffer) = out.get::<ByteArray>() else {
        return Err(vm.system_error("machine register holds no bytearray"));
    };
    let s = text(&source);
    let mut pos = regs.int(3) as usize;
    let exact_dict = vm.is_exactly(&table, &vm.types.dict);
    let mut input = input;
    while let Some((c, width)) = decode_at(s, pos) {
        if let Input::Start = input {
            regs.set_int(3, pos as i64);
            let key = Value::from_usize(c as usize);
            let flow = if exact_dict {
                ops::dict::get(vm, &table, &key)
            } else {
                ops::item::getitem(vm, &table, &key)
            };
            input = match flow {
                Ok(r) => match r.ready() {
                    Some(v) => Input::Value(v),
                    None => return Ok(Reply::PUSHED),
                },
                Err(e) => Input::Exc(e),
            };
        }
        match input.value() {
            Err(e) if vm.exc_is(&e, &vm.excs.lookup_error) => push(buffer.data.get_mut(vm), c),
            Err(e) => return Err(e),
            Ok(v) if v.is_unbound() => push(buffer.data.get_mut(vm), c),
            Ok(v) if v.is_none() => {}
            Ok(v) if v.has::<Str>() => buffer.data.get_mut(vm).extend_from_slice(text(&v)),
            Ok(v) if v.is_int_like() => match v.as_i64() {
                Some(c @ 0..0x11_0000) => push(buffer.data.get_mut(vm), c as u32),
                _ => return Err(out_of_range(vm)),
            },
            Ok(_) => {
                return Err(vm.type_error("character mapping must return integer, None or str"));
            }
        }
        input = Input::Start;
        pos += width;
    }
    let bytes = std::mem::take(buffer.data.get_mut(vm));
    Ok(vm.str_from_wtf8(&bytes).into())
});

fn maketrans(vm: &mut Vm, a: &[Value]) -> Flow {
    let table = vm.dict().into_value();
    if let Some(y) = a[1].given() {
        let Some(x) = a[0].get::<Str>() else {
            return Err(vm.type_error(
                "first maketrans argument must be a string if there is a second argument",
            ));
        };
        if y.get::<Str>().is_none_or(|y| y.len() != x.len()) {
            return Err(vm.value_error("the first two maketrans arguments must have equal length"));
        }
        let pairs: Vec<(u32, u32)> = chars(&a[0]).into_iter().zip(chars(y)).collect();
        for (from, to) in pairs {
            set(vm, &table, Value::from_usize(from as usize), Value::from_usize(to as usize))?;
        }
        if let Some(z) = a[2].given() {
            for c in chars(z) {
                set(vm, &table, Value::from_usize(c as usize), Value::NONE)?;
            }
        }
        return Ok(table.into());
    }
    let source = match a[0].get::<Dict>() {
        Some(d) if vm.is_exactly(&a[0], &vm.types.dict) => d.items_vec(vm),
        _ => {
            return Err(
                vm.type_error("if you give only one argument to maketrans it must be a dict")
            );
        }
    };
    for (key, value) in source {
        let key = match key.get::<Str>() {
            Some(s) if s.len() == 1 => Value::from_usize(first_char(s.bytes()) as usize),
            Some(_) => {
                return Err(vm.value_error("string keys in translatetable must be of length 1"));
            }
            None if key.is_int_like() => key,
            None => {
                return Err(vm.type_error("keys in translate table mustbe strings or integers"));
            }
        };
        set(vm, &table, key, value)?;
    }
    Ok(table.into())
}

fn chars(v: &Value) -> Vec<u32> {
    stackless_primitives::wtf8::chars(text(v)).collect()
}

fn set(vm: &mut Vm, table: &Value, key: Value, value: Value) -> PyResult<()> {
    let key = super::int::exact(vm, &key);
    ops::dict::set_native(vm, table, &key, value)
}

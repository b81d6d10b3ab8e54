//! `unicodedata`, Unicode 16.0. CPython's counterpart: `Modules/unicodedata.c`.

use stackless_primitives::unicode as u;
use stackless_primitives::unicode::Form;
use stackless_runtime::native::{Def, def};
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::objects::str::{Str, first_char, push_char};
use stackless_runtime::{Flow, PyResult, Ref, Value, Vm};

use crate::Native;

pub const MODULE: Native = Native { name: "_unicodedata_native", defs: DEFS, fill };

fn fill(_: &mut Vm, _: &Ref<Dict>) -> PyResult<()> {
    Ok(())
}

fn char_of(vm: &mut Vm, who: &str, v: &Value) -> PyResult<u32> {
    match v.get::<Str>() {
        Some(s) if s.len() == 1 => Ok(first_char(s.bytes())),
        Some(s) => {
            let n = s.len();
            Err(vm.type_error(format!(
                "{who}() argument must be a unicode character, not a string of length {n}"
            )))
        }
        None => {
            let t = vm.type_name(v);
            Err(vm.type_error(format!("{who}() argument must be a unicode character, not {t}")))
        }
    }
}

fn or_default(vm: &mut Vm, found: Option<Value>, default: &Value, text: &str) -> Flow {
    match found.or_else(|| default.given().cloned()) {
        Some(v) => Ok(v.into()),
        None => Err(vm.value_error(text)),
    }
}

const DEFS: &[Def] = &[
    def!("category", "(chr, /)", |vm, chr| {
        let c = char_of(vm, "category", chr)?;
        Ok(vm.str(u::category(c)).into())
    }),
    def!("bidirectional", "(chr, /)", |vm, chr| {
        let c = char_of(vm, "bidirectional", chr)?;
        Ok(vm.str(u::bidirectional(c)).into())
    }),
    def!("combining", "(chr, /)", |vm, chr| {
        let c = char_of(vm, "combining", chr)?;
        Ok(Value::from_i32(u::combining(c) as i32).into())
    }),
    def!("mirrored", "(chr, /)", |vm, chr| {
        let c = char_of(vm, "mirrored", chr)?;
        Ok(Value::from_i32(u::mirrored(c) as i32).into())
    }),
    def!("east_asian_width", "(chr, /)", |vm, chr| {
        let c = char_of(vm, "east_asian_width", chr)?;
        Ok(vm.str(u::east_asian_width(c)).into())
    }),
    def!("decomposition", "(chr, /)", |vm, chr| {
        let c = char_of(vm, "decomposition", chr)?;
        Ok(vm.str(&u::decomposition(c)).into())
    }),
    def!("decimal", "(chr, default=None, /)", |vm, a| {
        let c = char_of(vm, "decimal", &a[0])?;
        or_default(vm, u::decimal(c).map(|d| Value::from_i32(d as i32)), &a[1], "not a decimal")
    }),
    def!("digit", "(chr, default=None, /)", |vm, a| {
        let c = char_of(vm, "digit", &a[0])?;
        or_default(vm, u::digit(c).map(|d| Value::from_i32(d as i32)), &a[1], "not a digit")
    }),
    def!("numeric", "(chr, default=None, /)", |vm, a| {
        let c = char_of(vm, "numeric", &a[0])?;
        let n = u::numeric(c).map(|f| vm.float(f));
        or_default(vm, n, &a[1], "not a numeric character")
    }),
    def!("name", "(chr, default=None, /)", |vm, a| {
        let c = char_of(vm, "name", &a[0])?;
        let n = u::name(c).map(|s| vm.str(&s));
        or_default(vm, n, &a[1], "no such name")
    }),
    def!("lookup", "(name: str, /)", |vm, a| {
        let name = a[0].display_str(vm);
        match u::lookup(name.as_bytes()) {
            Some(chars) => {
                let mut out = Vec::new();
                chars.into_iter().for_each(|c| push_char(&mut out, c));
                Ok(vm.str_from_wtf8(&out).into())
            }
            None => {
                let class = vm.excs.key_error.clone();
                Err(vm.new_exception_msg(&class, &format!("undefined character name '{name}'")))
            }
        }
    }),
    def!("normalize", "(form: str, unistr: str, /)", |vm, a| {
        let form = Form::parse(a[0].as_wtf8().unwrap_or(b""));
        match form {
            Ok(f) => {
                let out = u::normalize(f, a[1].as_wtf8().unwrap_or(b""));
                Ok(vm.str_from_wtf8(&out).into())
            }
            Err(e) => Err(vm.primitive_error(e)),
        }
    }),
    def!("is_normalized", "(form: str, unistr: str, /)", |vm, form, unistr| {
        match Form::parse(form.as_wtf8().unwrap_or(b"")) {
            Ok(f) => Ok(u::is_normalized(f, unistr.as_wtf8().unwrap_or(b"")).into()),
            Err(e) => Err(vm.primitive_error(e)),
        }
    }),
];

//! `_sre_native`: matching of compiled patterns. Patterns, matches and scanners are Python classes in
//! `lib/overlay/_sre.py`. A pattern's code is bytes, four to a word, checked (`sre_check`) before the
//! matcher sees it. CPython's counterpart: `Modules/_sre/sre.c`.

use rustpython_sre_engine::{Request, State, StrDrive};
use stackless_runtime::native::{Def, def};
use stackless_runtime::objects::bytes::Bytes;
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::objects::str::Str;
use stackless_runtime::{Flow, PyResult, Ref, Value, Vm};

use crate::Native;
use crate::support::{data, flag, int};

pub const MODULE: Native = Native { name: "_sre_native", defs: DEFS, fill };

fn fill(_: &mut Vm, _: &Ref<Dict>) -> PyResult<()> {
    Ok(())
}

/// What is asked: 0 match, 1 fullmatch, 2 search.
fn run<S: StrDrive>(
    vm: &mut Vm,
    subject: S,
    codes: &[u32],
    start: usize,
    end: usize,
    kind: i64,
    advance: bool,
) -> Value {
    let mut req = Request::new(subject, start, end, codes, kind == 1);
    req.must_advance = advance;
    let mut state = State::default();
    let hit = if kind == 2 { state.search(req) } else { state.py_match(&req) };
    if !hit {
        return Value::NONE;
    }
    let mut v = vec![
        Value::small_int(state.marks.last_index() as i64).unwrap_or(Value::NONE),
        Value::from_usize(state.start),
        Value::from_usize(state.cursor.position),
    ];
    for mark in state.marks.raw() {
        v.push(match mark.into_option() {
            Some(n) => Value::from_usize(n),
            None => Value::from_i32(-1),
        });
    }
    vm.tuple(v)
}

/// `(code, subject, start, end, kind, must_advance)`: marks as
/// `(lastindex, start, end, start of group 1, …)`, or None.
fn find(vm: &mut Vm, a: &[Value]) -> Flow {
    let Some(code) = a[0].get::<Bytes>() else { return Err(vm.type_error("code expected")) };
    let codes: Vec<u32> = code
        .as_bytes()
        .chunks_exact(4)
        .map(|c| u32::from_le_bytes([c[0], c[1], c[2], c[3]]))
        .collect();
    if !a[0].is_checked() {
        check(vm, &a[0], &codes)?;
    }
    let (start, end) = (int(&a[2]).max(0) as usize, int(&a[3]).max(0) as usize);
    let (kind, advance) = (int(&a[4]), flag(&a[5], false));
    if end < start {
        return Ok(Value::NONE.into());
    }
    let r = if let Some(s) = a[1].get::<Str>() {
        let subject = a[1].clone();
        if s.is_ascii() {
            run(vm, subject.as_wtf8().unwrap_or(b""), &codes, start, end, kind, advance)
        } else {
            match std::str::from_utf8(s.bytes()) {
                Ok(text) => run(vm, text, &codes, start, end, kind, advance),
                Err(_) => {
                    let Ok(text) = rustpython_wtf8::Wtf8Buf::from_bytes(s.bytes().to_vec()) else {
                        return Ok(Value::NONE.into());
                    };
                    let text: &rustpython_wtf8::Wtf8 = &text;
                    run(vm, text, &codes, start, end, kind, advance)
                }
            }
        }
    } else {
        let bytes = data(vm, &a[1])?;
        run(vm, &bytes[..], &codes, start, end, kind, advance)
    };
    Ok(r.into())
}

/// Refuses code that the matcher must not run; what is sound is marked, so that it is looked at once.
fn check(vm: &mut Vm, code: &Value, words: &[u32]) -> PyResult<()> {
    if !crate::sre_check::is_sound(words) {
        return Err(vm.runtime_error("invalid SRE code"));
    }
    code.set_checked();
    Ok(())
}

const DEFS: &[Def] = &[
    def("find", "(code, subject, start: index, end: index, kind: index, advance=False, /)", find),
    def("pack_code", "(code, /)", |vm, a| {
        let mut out = Vec::new();
        let words: Vec<Value> = match a[0].get::<stackless_runtime::objects::list::List>() {
            Some(l) => l.items(vm).to_vec(),
            None => a[0].tuple_items().to_vec(),
        };
        for w in words {
            match w.as_i64().and_then(|n| u32::try_from(n).ok()) {
                Some(n) => out.extend(n.to_le_bytes()),
                None => {
                    return Err(vm.overflow_error("regular expression code size limit exceeded"));
                }
            }
        }
        let words: Vec<u32> =
            out.chunks_exact(4).map(|c| u32::from_le_bytes([c[0], c[1], c[2], c[3]])).collect();
        // Never a shared object: the mark speaks of these bytes only.
        let code = vm.bytes(&out);
        check(vm, &code, &words)?;
        Ok(code.into())
    }),
];

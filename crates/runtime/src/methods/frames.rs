//! `code`, `frame`, `traceback` and `f_locals`: attributes and methods.
//! CPython's counterparts: `Objects/codeobject.c`, `frameobject.c`, `Python/traceback.c`.

use crate::boot::TypeBuilder;
use crate::descr::{GetSet, getset, getter};
use crate::exc::{Flow, Reply};
use crate::native::{Def, def};
use crate::object::{Obj, ValueCell};
use crate::objects::code::PyCode;
use crate::objects::dict::Dict;
use crate::objects::function::Function;
use crate::pyframe::{FrameLocals, PyFrame, Traceback};
use crate::value::Value;
use crate::vm::Vm;

use stackless_bytecode::LocalKind;

fn code(v: &Value) -> Option<&Obj<PyCode>> {
    v.get::<PyCode>()
}

fn int(vm: &Vm, n: u32) -> Flow {
    Ok(vm.int(n as i64).into())
}

fn names(vm: &Vm, v: &Value, want: fn(LocalKind) -> bool) -> Flow {
    let Some(c) = code(v) else { return Ok(Reply::NONE) };
    let items = c
        .code
        .local_names
        .iter()
        .zip(&c.code.local_kinds)
        .filter(|(n, k)| want(**k) && &***n != ".")
        .map(|(n, _)| vm.intern(n))
        .collect();
    Ok(vm.tuple(items).into())
}

static CODE: [GetSet; 19] = [
    getter("co_name", |vm, v| Ok(code(v).map_or(Value::NONE, |c| vm.intern(&c.code.name)).into())),
    getter("co_qualname", |vm, v| {
        Ok(code(v).map_or(Value::NONE, |c| vm.intern(&c.code.qualname)).into())
    }),
    getter("co_filename", |vm, v| {
        Ok(code(v).map_or(Value::NONE, |c| vm.str(&c.code.filename)).into())
    }),
    getter("co_firstlineno", |vm, v| int(vm, code(v).map_or(0, |c| c.code.first_line))),
    getter("co_flags", |vm, v| {
        int(vm, code(v).map_or(0, |c| c.code.flags & !stackless_bytecode::code::flags::HIDDEN))
    }),
    getter("co_argcount", |vm, v| int(vm, code(v).map_or(0, |c| c.code.arg_count))),
    getter("co_posonlyargcount", |vm, v| int(vm, code(v).map_or(0, |c| c.code.posonly_count))),
    getter("co_kwonlyargcount", |vm, v| int(vm, code(v).map_or(0, |c| c.code.kwonly_count))),
    getter("co_nlocals", |vm, v| {
        let n = code(v).map_or(0, |c| {
            let args = args_of(&c.code);
            c.code
                .local_kinds
                .iter()
                .enumerate()
                .filter(|(i, k)| matches!(k, LocalKind::Fast | LocalKind::Hidden) || *i < args)
                .count()
        });
        int(vm, n as u32)
    }),
    getter("co_stacksize", |vm, v| {
        int(vm, code(v).map_or(0, |c| (c.code.reg_count - c.code.first_temp) as u32))
    }),
    getter("co_varnames", |vm, v| {
        let Some(c) = code(v) else { return Ok(Reply::NONE) };
        let args = args_of(&c.code);
        let items = c
            .code
            .local_names
            .iter()
            .zip(&c.code.local_kinds)
            .enumerate()
            .filter(|(i, (n, k))| {
                (matches!(k, LocalKind::Fast | LocalKind::Hidden) || *i < args) && &***n != "."
            })
            .map(|(_, (n, _))| vm.intern(n))
            .collect();
        Ok(vm.tuple(items).into())
    }),
    getter("co_cellvars", |vm, v| {
        names(vm, v, |k| matches!(k, LocalKind::Cell | LocalKind::HiddenCell))
    }),
    getter("co_freevars", |vm, v| names(vm, v, |k| k == LocalKind::Free)),
    getter("co_names", |vm, v| {
        let Some(c) = code(v) else { return Ok(Reply::NONE) };
        let items = c.code.names.iter().map(|n| vm.intern(n)).collect();
        Ok(vm.tuple(items).into())
    }),
    getter("co_consts", |vm, v| {
        let Some(c) = code(v) else { return Ok(Reply::NONE) };
        let items = c.body_ref(vm).consts.to_vec();
        Ok(vm.tuple(items).into())
    }),
    getter("co_code", |vm, v| {
        let Some(c) = code(v) else { return Ok(Reply::NONE) };
        let bytes: Vec<u8> = c.code.words.iter().flat_map(|w| w.to_le_bytes()).collect();
        Ok(vm.bytes(&bytes).into())
    }),
    getter("_co_code_adaptive", |vm, v| {
        let Some(c) = code(v) else { return Ok(Reply::NONE) };
        let bytes: Vec<u8> = c.code.words.iter().flat_map(|w| w.to_le_bytes()).collect();
        Ok(vm.bytes(&bytes).into())
    }),
    getter("co_linetable", |vm, v| {
        Ok(code(v).map_or(Value::NONE, |c| vm.bytes(&c.code.positions.0)).into())
    }),
    getter("co_exceptiontable", |vm, v| {
        let Some(c) = code(v) else { return Ok(Reply::NONE) };
        let bytes: Vec<u8> = c
            .code
            .handlers
            .iter()
            .flat_map(|h| [h.start, h.end, h.target, h.depth as u32])
            .flat_map(|n| n.to_le_bytes())
            .collect();
        Ok(vm.bytes(&bytes).into())
    }),
];

fn args_of(c: &stackless_bytecode::Code) -> usize {
    use stackless_bytecode::code::flags;
    (c.arg_count + c.kwonly_count) as usize
        + (c.flags & flags::VARARGS != 0) as usize
        + (c.flags & flags::VARKEYWORDS != 0) as usize
}

const CODE_METHODS: &[Def] = &[
    def("co_positions", "(self, /)", |vm, a| {
        let Some(c) = code(&a[0]) else { return Ok(Reply::NONE) };
        let mut out = Vec::new();
        for (_, words, p) in c.code.positions.iter() {
            let n = |vm: &Vm, v: u32, none: u32| {
                if v == none { Value::NONE } else { vm.int(v as i64) }
            };
            let row = if p.line == 0 {
                vec![Value::NONE, Value::NONE, Value::NONE, Value::NONE]
            } else {
                vec![
                    n(vm, p.line, 0),
                    n(vm, p.end_line, 0),
                    n(vm, p.col, u32::MAX),
                    n(vm, p.end_col, u32::MAX),
                ]
            };
            let row = vm.tuple(row);
            // One row per two bytes, the unit that `tb_lasti // 2` counts in.
            for _ in 0..words * 4 {
                out.push(row.clone());
            }
        }
        let l = vm.list(out);
        crate::ops::iter::iter(vm, &l)
    }),
    def("co_lines", "(self, /)", |vm, a| {
        let Some(c) = code(&a[0]) else { return Ok(Reply::NONE) };
        let mut rows: Vec<(u32, u32, u32)> = Vec::new();
        for (start, words, p) in c.code.positions.iter() {
            match rows.last_mut() {
                Some(r) if r.2 == p.line => r.1 = (start + words) * 8,
                _ => rows.push((start * 8, (start + words) * 8, p.line)),
            }
        }
        // The call itself, which is no instruction, stands in front at the line of the header.
        let header = vec![vm.int(-8), vm.int(0), vm.int(c.code.header_line().into())];
        let header = vm.tuple(header);
        let out = std::iter::once(header)
            .chain(rows.into_iter().map(|(s, e, l)| {
                let line = if l == 0 { Value::NONE } else { vm.int(l as i64) };
                vm.tuple(vec![vm.int(s as i64), vm.int(e as i64), line])
            }))
            .collect();
        let l = vm.list(out);
        crate::ops::iter::iter(vm, &l)
    }),
    def("replace", "(self, /, **changes)", |vm, a| {
        let Some(c) = code(&a[0]) else { return Ok(Reply::NONE) };
        let mut new = c.code.as_ref().clone();
        let changes = a[1].get::<Dict>().map_or(vec![], |d| d.items_vec(vm));
        for (k, v) in changes {
            let key = k.display_str(vm);
            let text = v.as_str(vm).map(std::sync::Arc::<str>::from);
            let number = v.as_i64().and_then(|n| u32::try_from(n).ok());
            match (key.as_str(), text, number) {
                ("co_name", Some(s), _) => new.name = s,
                ("co_qualname", Some(s), _) => new.qualname = s,
                ("co_filename", Some(s), _) => new.filename = s,
                ("co_firstlineno", _, Some(n)) => new.first_line = n,
                ("co_flags", _, Some(n)) => new.flags = n,
                _ => {
                    return Err(vm.type_error(format!(
                        "replace() cannot change '{key}' of this code object"
                    )));
                }
            }
        }
        Ok(vm.code(std::sync::Arc::new(new)).into())
    }),
];

pub fn define_code(b: &mut TypeBuilder<'_>) {
    b.getsets(&CODE);
    b.methods(CODE_METHODS);
    b.slots.repr = Some(|vm, v| {
        let Some(c) = code(v) else { return Ok(Reply::NONE) };
        let text = format!(
            "<code object {} at {:#x}, file \"{}\", line {}>",
            c.code.name,
            v.bits(),
            c.code.filename,
            c.code.first_line
        );
        Ok(vm.str(&text).into())
    });
    b.slots.compare = Some(|_, op, a, b| {
        use crate::objects::types::CmpOp;
        let (Some(x), Some(y)) = (code(a), code(b)) else {
            return Ok(Value::NOT_IMPLEMENTED.into());
        };
        let same = std::sync::Arc::ptr_eq(&x.code, &y.code) || x.code == y.code;
        match op {
            CmpOp::Eq => Ok(same.into()),
            CmpOp::Ne => Ok((!same).into()),
            _ => Ok(Value::NOT_IMPLEMENTED.into()),
        }
    });
    b.slots.hash = Some(|vm, v| {
        let h = code(v).map_or(0, |c| {
            let mut h = c.code.first_line as i64;
            for w in c.code.words.iter().take(64) {
                h = h.wrapping_mul(1_000_003) ^ *w as i64;
            }
            h
        });
        Ok(vm.int(h >> 2).into())
    });
}

pub(crate) fn fr(v: &Value) -> Option<&Obj<PyFrame>> {
    v.get::<PyFrame>()
}

static FRAME: [GetSet; 12] = [
    getter("f_code", |_, v| Ok(fr(v).map_or(Value::NONE, |f| f.code()).into())),
    getter("f_back", |vm, v| match v.clone().cast::<PyFrame>() {
        Ok(f) => Ok(f.back(vm).into()),
        Err(_) => Ok(Reply::NONE),
    }),
    getter("f_globals", |_, v| {
        let f = fr(v).map_or(Value::NONE, |f| f.function.get());
        Ok(f.get::<Function>().map_or(Value::NONE, |f| f.globals.get()).into())
    }),
    getter("f_builtins", |_, v| {
        let f = fr(v).map_or(Value::NONE, |f| f.function.get());
        Ok(f.get::<Function>().map_or(Value::NONE, |f| f.builtins.get()).into())
    }),
    getter("f_locals", |vm, v| {
        let Some(f) = fr(v) else { return Ok(Reply::NONE) };
        let m = f.mapping.get();
        if !m.is_unbound() {
            return Ok(m.into());
        }
        let p = FrameLocals { frame: ValueCell::new(v.clone()) };
        Ok(vm.alloc(&vm.types.frame_locals, p).into())
    }),
    getset(
        "f_lineno",
        |vm, v| match fr(v).and_then(|f| f.line(vm)) {
            Some(n) => Ok(vm.int(n as i64).into()),
            None => Ok(Reply::NONE),
        },
        crate::trace::assign_line,
    ),
    getter("f_lasti", |vm, v| {
        let n = fr(v).map_or(0, |f| match f.seen.get().starting {
            true => -1,
            false => i64::from(f.offset()),
        });
        Ok(vm.int(n * 8).into())
    }),
    getset(
        "f_trace",
        |_, v| Ok(fr(v).map_or(Value::NONE, |f| f.trace.get()).into()),
        |_, v, x| {
            if let Some(f) = fr(v) {
                f.trace.set(if x.is_unbound() { Value::NONE } else { x.clone() });
            }
            Ok(Reply::NONE)
        },
    ),
    getset(
        "f_trace_lines",
        |_, v| Ok(fr(v).is_some_and(|f| f.trace_lines.get()).into()),
        |vm, v, x| {
            if x.is_unbound() {
                return Err(vm.type_error("can't delete numeric/char attribute"));
            }
            if !x.is_bool() {
                return Err(vm.type_error("attribute value type must be bool"));
            }
            if let Some(f) = fr(v) {
                f.trace_lines.set(x.is_true());
            }
            Ok(Reply::NONE)
        },
    ),
    getset(
        "f_trace_opcodes",
        |_, v| Ok(fr(v).is_some_and(|f| f.trace_opcodes.get()).into()),
        |vm, v, x| {
            if x.is_unbound() {
                let name = vm.intern("f_trace_opcodes");
                let text = "attribute 'f_trace_opcodes' of 'frame' objects cannot be deleted";
                return Err(vm.attribute_error(text, v, &name));
            }
            if !x.is_bool() {
                return Err(vm.type_error("attribute value type must be bool"));
            }
            if let Some(f) = fr(v) {
                f.trace_opcodes.set(x.is_true());
            }
            Ok(Reply::NONE)
        },
    ),
    getter("f_generator", |_, v| Ok(fr(v).map_or(Value::NONE, |f| f.generator()).into())),
    getter("_f_live", |_, v| Ok(fr(v).is_some_and(|f| !f.frame.get().is_null()).into())),
];

const FRAME_METHODS: &[Def] = &[def("clear", "(self, /)", |vm, a| {
    let Some(f) = fr(&a[0]) else { return Ok(Reply::NONE) };
    if f.frame.get().is_null() {
        let old = std::mem::take(f.locals.get_mut(vm));
        drop(old);
        return Ok(Reply::NONE);
    }
    let g = f.generator();
    if let Some(x) = g.get::<crate::objects::generator::Generator>() {
        use crate::objects::generator::GenState;
        match x.state.get() {
            GenState::Suspended => return Err(vm.runtime_error("cannot clear a suspended frame")),
            GenState::Running => {}
            _ => return crate::objects::generator::close(vm, &g),
        }
    }
    Err(vm.runtime_error("cannot clear an executing frame"))
})];

pub fn define_frame(b: &mut TypeBuilder<'_>) {
    b.getsets(&FRAME);
    b.methods(FRAME_METHODS);
    b.slots.repr = Some(|vm, v| {
        let c = fr(v).map_or(Value::NONE, |f| f.code());
        let (file, name) = match code(&c) {
            Some(c) => (c.code.filename.to_string(), c.code.name.to_string()),
            None => Default::default(),
        };
        let line = fr(v).and_then(|f| f.line(vm)).unwrap_or(0);
        let text = format!("<frame at {:#x}, file '{file}', line {line}, code {name}>", v.bits());
        Ok(vm.str(&text).into())
    });
}

fn tb(v: &Value) -> Option<&Obj<Traceback>> {
    v.get::<Traceback>()
}

static TRACEBACK: [GetSet; 4] = [
    getset(
        "tb_next",
        |_, v| Ok(tb(v).map_or(Value::NONE, |t| t.next.get()).into()),
        |vm, v, x| {
            if !x.is_none() && tb(x).is_none() {
                let t = vm.type_name(x);
                return Err(vm.type_error(format!("expected traceback object or None, got '{t}'")));
            }
            let mut at = x.clone();
            while let Some(t) = tb(&at) {
                if at.is(v) {
                    return Err(vm.value_error("traceback loop detected"));
                }
                let next = t.next.get();
                at = next;
            }
            if let Some(t) = tb(v) {
                t.next.set(x.clone());
            }
            Ok(Reply::NONE)
        },
    ),
    getter("tb_frame", |_, v| Ok(tb(v).map_or(Value::NONE, |t| t.frame.get()).into())),
    getter("tb_lasti", |vm, v| Ok(vm.int(tb(v).map_or(0, |t| t.offset.get()) as i64 * 8).into())),
    getter("tb_lineno", |vm, v| match tb(v).and_then(|t| t.line(vm)) {
        Some(n) => Ok(vm.int(n as i64).into()),
        None => Ok(Reply::NONE),
    }),
];

const TRACEBACK_METHODS: &[Def] =
    &[def("__new__", "(cls, tb_next, tb_frame, tb_lasti: index, tb_lineno: index)", |vm, a| {
        if !a[1].is_none() && tb(&a[1]).is_none() {
            let t = vm.type_name(&a[1]);
            return Err(vm.type_error(format!("expected traceback object or None, got '{t}'")));
        }
        if fr(&a[2]).is_none() {
            let t = vm.type_name(&a[2]);
            return Err(vm.type_error(format!(
                "TracebackType() argument 'tb_frame' must be frame, not {t}"
            )));
        }
        let t = Traceback {
            next: ValueCell::new(a[1].clone()),
            frame: ValueCell::new(a[2].clone()),
            offset: std::cell::Cell::new((a[3].as_i64().unwrap_or(0) / 8).max(0) as u32),
            line: std::cell::Cell::new(a[4].as_i64().unwrap_or(0).max(0) as u32),
        };
        Ok(vm.alloc(&vm.types.traceback, t).into())
    })];

pub fn define_traceback(b: &mut TypeBuilder<'_>) {
    b.getsets(&TRACEBACK);
    b.methods(TRACEBACK_METHODS);
}

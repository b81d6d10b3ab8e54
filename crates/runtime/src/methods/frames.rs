//! `frame` and `traceback`: attributes and methods.
//! CPython's counterparts: `Objects/frameobject.c`, `Python/traceback.c`.

use crate::boot::TypeBuilder;
use crate::descr::{GetSet, getset, getter};
use crate::exc::Reply;
use crate::native::{Def, def};
use crate::object::{Obj, ValueCell};
use crate::objects::function::Function;
use crate::pyframe::{FrameLocals, PyFrame, Traceback};
use crate::value::Value;

use super::code::code;

pub(crate) fn fr(v: &Value) -> Option<&Obj<PyFrame>> {
    v.get::<PyFrame>()
}

static FRAME: [GetSet; 12] = [
    getter("f_code", |vm, v| match crate::audit::read(vm, "f_code", v) {
        Some(flow) => flow,
        None => Ok(fr(v).map_or(Value::NONE, |f| f.code()).into()),
    }),
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

const FRAME_METHODS: &[Def] = &[def!("clear", "(self, /)", |vm, this| {
    let Some(f) = fr(this) else { return Ok(Reply::NONE) };
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
            _ => {
                let flow = crate::objects::generator::never_awaited(vm, x)?;
                let _ = crate::objects::generator::close(vm, &g)?;
                return Ok(flow);
            }
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
    getter("tb_frame", |vm, v| match crate::audit::read(vm, "tb_frame", v) {
        Some(flow) => flow,
        None => Ok(tb(v).map_or(Value::NONE, |t| t.frame.get()).into()),
    }),
    getter("tb_lasti", |vm, v| Ok(vm.int(tb(v).map_or(0, |t| t.offset.get()) as i64 * 8).into())),
    getter("tb_lineno", |vm, v| match tb(v).and_then(|t| t.line(vm)) {
        Some(n) => Ok(vm.int(n as i64).into()),
        None => Ok(Reply::NONE),
    }),
];

const TRACEBACK_METHODS: &[Def] = &[def!(
    "__new__",
    "(cls, tb_next, tb_frame, tb_lasti: index, tb_lineno: index)",
    |vm, _, tb_next, tb_frame, tb_lasti, tb_lineno| {
        if !tb_next.is_none() && tb(tb_next).is_none() {
            let t = vm.type_name(tb_next);
            return Err(vm.type_error(format!("expected traceback object or None, got '{t}'")));
        }
        if fr(tb_frame).is_none() {
            let t = vm.type_name(tb_frame);
            return Err(vm.type_error(format!(
                "TracebackType() argument 'tb_frame' must be frame, not {t}"
            )));
        }
        let t = Traceback {
            next: ValueCell::new(tb_next.clone()),
            frame: ValueCell::new(tb_frame.clone()),
            offset: std::cell::Cell::new((tb_lasti.as_i64().unwrap_or(0) / 8).max(0) as u32),
            line: std::cell::Cell::new(tb_lineno.as_i64().unwrap_or(0).max(0) as u32),
        };
        Ok(vm.alloc(&vm.types.traceback, t).into())
    }
)];

pub fn define_traceback(b: &mut TypeBuilder<'_>) {
    b.getsets(&TRACEBACK);
    b.methods(TRACEBACK_METHODS);
}

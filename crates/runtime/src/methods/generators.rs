//! Methods and attributes of generators, coroutines and asynchronous generators.
//! CPython's counterpart: `Objects/genobject.c`.

use crate::boot::TypeBuilder;
use crate::descr::{GetSet, getset, getter};
use crate::exc::{Exc, Flow, Reply};
use crate::machine::{Input, Machine};
use crate::native::{Args, Def, def};
use crate::object::{Obj, ValueCell};
use crate::objects::exception::Exception;
use crate::objects::generator::{
    self, AnextAwaitable, AsyncGenOp, AsyncWrapped, CoroutineWrapper, GenState, Generator, Mode,
};
use crate::objects::types::Type;
use crate::ops;
use crate::soft;
use crate::value::Value;
use crate::vm::Vm;

fn gen_(v: &Value) -> Option<&Obj<Generator>> {
    v.get::<Generator>()
}

fn self_iter(_vm: &mut Vm, v: &Value) -> Flow {
    Ok(v.clone().into())
}

pub fn define_generator(b: &mut TypeBuilder<'_>) {
    b.slots.iter = Some(self_iter);
    b.slots.next = Some(generator::next);
    b.slots.repr = Some(repr);
    b.methods(METHODS);
    b.getsets(&GI);
}
pub fn define_coroutine(b: &mut TypeBuilder<'_>) {
    b.slots.repr = Some(repr);
    b.slots.await_ = Some(|vm, v| {
        let w = CoroutineWrapper { coroutine: ValueCell::new(v.clone()) };
        Ok(vm.alloc(&vm.types.coroutine_wrapper, w).into())
    });
    b.methods(METHODS);
    b.getsets(&CR);
}
pub fn define_async_generator(b: &mut TypeBuilder<'_>) {
    b.slots.repr = Some(repr);
    b.slots.aiter = Some(self_iter);
    b.slots.anext = Some(|vm, v| asend(vm, v, Value::NONE));
    b.methods(ASYNC);
    b.getsets(&AG);
}

fn repr(vm: &mut Vm, v: &Value) -> Flow {
    let q = gen_(v).map_or(Value::NONE, |g| g.qualname.get()).display_str(vm);
    let t = vm.type_name(v);
    Ok(vm.str(&format!("<{t} object {q} at {:#x}>", v.bits())).into())
}

const METHODS: &[Def] = &[
    def!("send", "(self, arg, /)", |vm, this, arg| generator::send(vm, this, arg.clone())),
    def!("throw", "(self, typ, val=None, tb=None, /)", |vm, a| {
        start_throw(vm, &THROW, a[0].clone(), a)
    }),
    def!("close", "(self, /)", |vm, this| generator::close(vm, this)),
    crate::native::classdef!("__class_getitem__", "(cls, item, /)", |vm, cls, item| {
        crate::objects::iterators::generic_alias(vm, cls, item)
    }),
];

/// Starts a machine of `throw` with its arguments, and whether to warn of the old signature.
fn start_throw(vm: &mut Vm, machine: &'static Machine, receiver: Value, a: &[Value]) -> Flow {
    let part = |v: &Value| v.given().cloned().unwrap_or(Value::NONE);
    let old = Value::bool(a[2].given().is_some() || a[3].given().is_some());
    vm.start(machine, [receiver, a[1].clone(), part(&a[2]), part(&a[3]), old])
}

fn deprecated(vm: &mut Vm, name: &str) -> Flow {
    let name = vm.str(name);
    crate::steps::call_intrinsic(vm, "throw_deprecated", &[name])
}

/// What the class of `throw(type)` gave, as an exception.
fn checked(vm: &mut Vm, class: &Value, e: Value) -> crate::exc::PyResult {
    if e.has::<Exception>() {
        return Ok(e);
    }
    let class = crate::objects::types_methods::type_repr_text(vm, class);
    let t = vm.type_name(&e);
    Err(vm.type_error(format!(
        "calling {class} should have returned an instance of BaseException, not {t}"
    )))
}

/// The exception of `throw(type, value, traceback)`; may call the class.
pub fn thrown(vm: &mut Vm, class: &Value, value: &Value, tb: &Value) -> Flow {
    if !tb.is_none() && !tb.has::<crate::pyframe::Traceback>() {
        return Err(vm.type_error("throw() third argument must be a traceback object"));
    }
    if class.has::<Exception>() {
        if !value.is_none() {
            return Err(vm.type_error("instance exception may not have a separate value"));
        }
        return Ok(class.clone().into());
    }
    let Some(c) = class.get::<Type>().filter(|c| c.is_subtype(&vm.excs.base_exception, vm)) else {
        let t = vm.type_name(class);
        return Err(vm.type_error(format!(
            "exceptions must be classes or instances deriving from BaseException, not {t}"
        )));
    };
    if value.has::<Exception>() && vm.is_instance(value, c) {
        return Ok(value.clone().into());
    }
    if value.has::<crate::objects::tuple::Tuple>() {
        return ops::call::call(vm, class, Args::new(value.tuple_items()));
    }
    if value.is_none() {
        return ops::call::call(vm, class, Args::new(&[]));
    }
    ops::call::call(vm, class, Args::new(std::slice::from_ref(value)))
}

/// Registers: generator, class or instance, value, traceback, whether to warn.
pub(crate) static THROW: Machine = Machine::new("generator.throw", |vm, regs, input| {
    let e = match regs.stage() {
        stage @ (0 | 3) => {
            if stage == 3 {
                input.value()?;
            } else if regs.get(4).is_true() {
                let _ = soft!(regs, 3, deprecated(vm, "throw"));
            }
            let (c, v, t) = (regs.get(1), regs.get(2), regs.get(3));
            soft!(regs, 1, thrown(vm, &c, &v, &t))
        }
        // An error of the class's call is thrown in its place.
        1 => input.value().unwrap_or_else(Exc::into_value),
        _ => return input.value().map(Reply::from),
    };
    let tb = regs.get(3);
    if let Some(x) = e.get::<Exception>()
        && !tb.is_none()
    {
        x.traceback.set(tb);
    }
    let e = checked(vm, &regs.get(1), e).unwrap_or_else(Exc::into_value);
    let v = regs.get(0);
    regs.set_stage(2);
    match gen_(&v) {
        Some(g) => generator::throw(vm, g, Exc::from_value(e), Mode::Send),
        None => Err(vm.type_error("not a generator")),
    }
});

fn name(v: &Value) -> Value {
    gen_(v).map_or(Value::NONE, |g| g.name.get())
}
fn qualname(v: &Value) -> Value {
    gen_(v).map_or(Value::NONE, |g| g.qualname.get())
}
fn set_name(vm: &mut Vm, v: &Value, x: &Value) -> Flow {
    if !vm.is_str(x) {
        return Err(vm.type_error("__name__ must be set to a string object"));
    }
    if let Some(g) = gen_(v) {
        g.name.set(x.clone());
    }
    Ok(Reply::NONE)
}
fn set_qualname(vm: &mut Vm, v: &Value, x: &Value) -> Flow {
    if !vm.is_str(x) {
        return Err(vm.type_error("__qualname__ must be set to a string object"));
    }
    if let Some(g) = gen_(v) {
        g.qualname.set(x.clone());
    }
    Ok(Reply::NONE)
}
fn running(_: &mut Vm, v: &Value) -> Flow {
    Ok(gen_(v).is_some_and(|g| g.state.get() == GenState::Running).into())
}
fn suspended(_: &mut Vm, v: &Value) -> Flow {
    Ok(gen_(v).is_some_and(|g| g.state.get() == GenState::Suspended).into())
}
fn code(_: &mut Vm, v: &Value) -> Flow {
    Ok(gen_(v).map_or(Value::NONE, |g| g.code.get()).into())
}
fn frame(vm: &mut Vm, v: &Value) -> Flow {
    let f = gen_(v).map_or(std::ptr::null_mut(), |g| g.frame.get());
    if f.is_null() { Ok(Reply::NONE) } else { Ok(crate::pyframe::object(vm, f).into()) }
}
fn awaiting(vm: &mut Vm, v: &Value) -> Flow {
    Ok(gen_(v).and_then(|g| generator::yield_from(vm, g)).unwrap_or(Value::NONE).into())
}

/// What audit hooks hear of before it is read.
fn told(vm: &mut Vm, name: &'static str, v: &Value, read: fn(&mut Vm, &Value) -> Flow) -> Flow {
    match crate::audit::read(vm, name, v) {
        Some(flow) => flow,
        None => read(vm, v),
    }
}

static GI: [GetSet; 7] = [
    getset("__name__", |_, v| Ok(name(v).into()), set_name),
    getset("__qualname__", |_, v| Ok(qualname(v).into()), set_qualname),
    getter("gi_running", running),
    getter("gi_suspended", suspended),
    getter("gi_code", |vm, v| told(vm, "gi_code", v, code)),
    getter("gi_frame", |vm, v| told(vm, "gi_frame", v, frame)),
    getter("gi_yieldfrom", awaiting),
];
static CR: [GetSet; 8] = [
    getset("__name__", |_, v| Ok(name(v).into()), set_name),
    getset("__qualname__", |_, v| Ok(qualname(v).into()), set_qualname),
    getter("cr_running", running),
    getter("cr_suspended", suspended),
    getter("cr_code", |vm, v| told(vm, "cr_code", v, code)),
    getter("cr_frame", |vm, v| told(vm, "cr_frame", v, frame)),
    getter("cr_await", awaiting),
    getter("cr_origin", |_, v| Ok(gen_(v).map_or(Value::NONE, |g| g.origin.get()).into())),
];
static AG: [GetSet; 7] = [
    getset("__name__", |_, v| Ok(name(v).into()), set_name),
    getset("__qualname__", |_, v| Ok(qualname(v).into()), set_qualname),
    getter("ag_running", |_, v| Ok(gen_(v).is_some_and(|g| g.ag_running.get()).into())),
    getter("ag_suspended", suspended),
    getter("ag_code", |vm, v| told(vm, "ag_code", v, code)),
    getter("ag_frame", |vm, v| told(vm, "ag_frame", v, frame)),
    getter("ag_await", awaiting),
];

// Awaitables of asynchronous generators.

fn asend(vm: &mut Vm, v: &Value, value: Value) -> Flow {
    let op = AsyncGenOp {
        generator: ValueCell::new(v.clone()),
        args: ValueCell::new(value),
        state: Default::default(),
    };
    let op = vm.alloc(&vm.types.async_gen_asend, op).into_value();
    first_use(vm, v, op)
}

fn athrow(vm: &mut Vm, v: &Value, args: Value) -> Flow {
    let op = AsyncGenOp {
        generator: ValueCell::new(v.clone()),
        args: ValueCell::new(args),
        state: Default::default(),
    };
    let op = vm.alloc(&vm.types.async_gen_athrow, op).into_value();
    first_use(vm, v, op)
}

/// Gives an awaitable of a generator; the first use of the generator is told to the hook.
fn first_use(vm: &mut Vm, v: &Value, op: Value) -> Flow {
    let Some(g) = gen_(v) else { return Ok(op.into()) };
    if g.hooks_inited.replace(true) {
        return Ok(op.into());
    }
    if let Some(hook) = vm.scheduler.generator_finalizer.clone() {
        g.finalizer.set(hook);
    }
    match vm.scheduler.first_iteration.clone() {
        Some(hook) => vm.start(&FIRST_USE, [hook, v.clone(), op]),
        None => Ok(op.into()),
    }
}

/// Registers: hook, asynchronous generator, awaitable.
pub(crate) static FIRST_USE: Machine =
    Machine::new("async_generator.first_use", |vm, regs, input| {
        if regs.stage() == 0 {
            let (hook, g) = (regs.get(0), regs.get(1));
            let _ = soft!(regs, 1, ops::call::call(vm, &hook, Args::new(&[g])));
        } else if let Err(e) = input.value() {
            // The awaitable goes unseen: nobody forgot it.
            if let Some(op) = regs.get(2).get::<AsyncGenOp>() {
                op.state.set(2);
            }
            return Err(e);
        }
        Ok(regs.take(2).into())
    });

/// Registers: generator, arguments. Warns of the old signature of `athrow`.
pub(crate) static OLD_ATHROW: Machine =
    Machine::new("async_generator.old_athrow", |vm, regs, input| {
        if regs.stage() == 0 {
            let _ = soft!(regs, 1, deprecated(vm, "athrow"));
        } else if regs.stage() == 1 {
            input.value()?;
        } else {
            return input.value().map(Reply::from);
        }
        regs.set_stage(2);
        let (v, args) = (regs.get(0), regs.get(1));
        athrow(vm, &v, args)
    });

const ASYNC: &[Def] = &[
    def!("asend", "(self, value, /)", |vm, this, value| asend(vm, this, value.clone())),
    def!("athrow", "(self, typ, val=None, tb=None, /)", |vm, a| {
        let part = |v: &Value| v.given().cloned().unwrap_or(Value::NONE);
        let args = vm.tuple(vec![a[1].clone(), part(&a[2]), part(&a[3])]);
        if a[2].given().is_some() || a[3].given().is_some() {
            return vm.start(&OLD_ATHROW, [a[0].clone(), args]);
        }
        athrow(vm, &a[0], args)
    }),
    def!("aclose", "(self, /)", |vm, this| athrow(vm, this, Value::NONE)),
    crate::native::classdef!("__class_getitem__", "(cls, item, /)", |vm, cls, item| {
        crate::objects::iterators::generic_alias(vm, cls, item)
    }),
];

pub fn define_asend(b: &mut TypeBuilder<'_>) {
    b.slots.iter = Some(self_iter);
    b.slots.await_ = Some(self_iter);
    b.slots.next = Some(|vm, v| vm.start(&STEP, [v.clone(), Value::NONE, Value::NONE]));
    b.methods(OPS);
}
pub fn define_athrow(b: &mut TypeBuilder<'_>) {
    define_asend(b);
}

const OPS: &[Def] = &[
    def!("send", "(self, arg, /)", |vm, this, arg| {
        vm.start(&STEP, [this.clone(), arg.clone(), Value::NONE])
    }),
    def!("throw", "(self, typ, val=None, tb=None, /)", |vm, a| {
        start_throw(vm, &OP_THROW, a[0].clone(), a)
    }),
    def!("close", "(self, /)", |vm, this| vm.start(&OP_CLOSE, [this.clone()])),
];

/// Registers: awaitable, value sent, exception to throw or None. One step of `asend`/`athrow`.
/// The generator's own items come wrapped and end the awaitable with StopIteration(item).
pub(crate) static STEP: Machine = Machine::new("async_generator.step", |vm, regs, input| {
    let v = regs.get(0);
    let Some(op) = v.get::<AsyncGenOp>() else { return Ok(Reply::NONE) };
    let agen = op.generator.get();
    let Some(g) = gen_(&agen) else { return Ok(Reply::NONE) };
    let closing = vm.is_exactly(&v, &vm.types.async_gen_athrow);
    let is_aclose = closing && op.args.peek().is_none();
    let result = if regs.stage() == 0 {
        let (mut sent, pending) = (regs.get(1), regs.get(2));
        if op.state.get() == 2 {
            let what = if closing { "aclose()/athrow()" } else { "__anext__()/asend()" };
            return Err(vm.runtime_error(format!("cannot reuse already awaited {what}")));
        }
        let mut error = if pending.is_none() { None } else { Some(Exc::from_value(pending)) };
        if op.state.get() == 0 {
            if g.ag_running.get() {
                op.state.set(2);
                return Err(already_running(vm, &v));
            }
            if closing && g.ag_closed.get() {
                op.state.set(2);
                if is_aclose {
                    return Err(vm.stop_iteration(Value::NONE));
                }
                let class = vm.excs.stop_async_iteration.clone();
                return Err(vm.new_exception(&class, vec![]));
            }
            if closing && !sent.is_none() {
                return Err(
                    vm.runtime_error("can't send non-None value to a just-started coroutine")
                );
            }
            op.state.set(1);
            g.ag_running.set(true);
            if is_aclose && error.is_none() {
                g.ag_closed.set(true);
                if g.state.get() == GenState::Created || g.state.get() == GenState::Closed {
                    let _ = generator::close(vm, &agen)?;
                    op.state.set(2);
                    g.ag_running.set(false);
                    return Err(vm.stop_iteration(Value::NONE));
                }
                let class = vm.excs.generator_exit.clone();
                error = Some(vm.new_exception(&class, vec![]));
            } else if closing && error.is_none() {
                let args = op.args.get();
                let items = args.tuple_items().to_vec();
                regs.set_stage(3);
                let e = soft!(regs, 3, thrown(vm, &items[0], &items[1], &items[2]));
                error = Some(Exc::from_value(e));
            } else if sent.is_none() {
                sent = op.args.get();
            }
        }
        regs.set_stage(1);
        let flow = generator::resume(
            vm,
            g,
            match error {
                Some(e) => Err(e),
                None => Ok(sent),
            },
            Mode::Send,
        );
        match flow {
            Ok(r) => match r.ready() {
                Some(v) => Ok(v),
                None => return Ok(Reply::PUSHED),
            },
            Err(e) => Err(e),
        }
    } else if regs.stage() == 3 {
        let e = Exc::from_value(input.value()?);
        regs.set_stage(1);
        match generator::resume(vm, g, Err(e), Mode::Send) {
            Ok(r) => match r.ready() {
                Some(v) => Ok(v),
                None => return Ok(Reply::PUSHED),
            },
            Err(e) => Err(e),
        }
    } else {
        input.value()
    };
    match result {
        Ok(item) => match item.get::<AsyncWrapped>() {
            Some(w) => {
                op.state.set(2);
                g.ag_running.set(false);
                if is_aclose {
                    return Err(vm.runtime_error("async generator ignored GeneratorExit"));
                }
                let inner = w.value.get();
                Err(vm.stop_iteration(inner))
            }
            None => Ok(item.into()),
        },
        Err(e) => {
            op.state.set(2);
            g.ag_running.set(false);
            let ended = vm.exc_is(&e, &vm.excs.stop_async_iteration);
            if ended || vm.exc_is(&e, &vm.excs.generator_exit) {
                g.ag_closed.set(true);
                if is_aclose {
                    return Err(vm.stop_iteration(Value::NONE));
                }
            }
            Err(e)
        }
    }
});

/// Registers: awaitable, class or instance, value, traceback, whether to warn.
pub(crate) static OP_THROW: Machine =
    Machine::new("async_generator.op_throw", |vm, regs, input| {
        let e = match regs.stage() {
            stage @ (0 | 3) => {
                if stage == 3 {
                    input.value()?;
                } else if regs.get(4).is_true() {
                    let _ = soft!(regs, 3, deprecated(vm, "throw"));
                }
                let (c, v, t) = (regs.get(1), regs.get(2), regs.get(3));
                soft!(regs, 1, thrown(vm, &c, &v, &t))
            }
            1 => input.value()?,
            _ => return input.value().map(Reply::from),
        };
        let e = checked(vm, &regs.get(1), e)?;
        regs.set_stage(2);
        throw_into_op(vm, &regs.get(0), e)
    });

/// Throws an exception into the generator of an awaitable, which begins if it has not.
fn throw_into_op(vm: &mut Vm, v: &Value, e: Value) -> Flow {
    if let Some(op) = v.get::<AsyncGenOp>()
        && op.state.get() == 0
        && let Some(g) = op.generator.get().get::<Generator>()
    {
        if g.ag_running.get() {
            op.state.set(2);
            return Err(already_running(vm, v));
        }
        op.state.set(1);
        g.ag_running.set(true);
    }
    vm.start(&STEP, [v.clone(), Value::NONE, e])
}

fn already_running(vm: &mut Vm, v: &Value) -> Exc {
    let what = if vm.is_exactly(v, &vm.types.async_gen_asend) {
        "anext()"
    } else if v.get::<AsyncGenOp>().is_some_and(|op| op.args.peek().is_none()) {
        "aclose()"
    } else {
        "athrow()"
    };
    vm.runtime_error(format!("{what}: asynchronous generator is already running"))
}

/// Registers: awaitable. `close()`: throws GeneratorExit, which has to come out again.
pub(crate) static OP_CLOSE: Machine =
    Machine::new("async_generator.op_close", |vm, regs, input| {
        let result = if regs.stage() == 0 {
            let v = regs.get(0);
            if v.get::<AsyncGenOp>().is_none_or(|op| op.state.get() == 2) {
                return Ok(Reply::NONE);
            }
            let class = vm.excs.generator_exit.clone();
            let e = vm.new_exception(&class, vec![]).into_value();
            regs.set_stage(1);
            match throw_into_op(vm, &v, e) {
                Ok(r) if r.is_away() => return Ok(Reply::PUSHED),
                r => r.map(|_| ()),
            }
        } else {
            input.value().map(|_| ())
        };
        match result {
            Ok(()) => Err(vm.runtime_error("coroutine ignored GeneratorExit")),
            Err(e)
                if [
                    &vm.excs.stop_iteration,
                    &vm.excs.stop_async_iteration,
                    &vm.excs.generator_exit,
                ]
                .into_iter()
                .any(|c| vm.exc_is(&e, c)) =>
            {
                Ok(Reply::NONE)
            }
            Err(e) => Err(e),
        }
    });

pub fn define_wrapper(b: &mut TypeBuilder<'_>) {
    b.slots.iter = Some(self_iter);
    b.slots.next = Some(|vm, v| {
        let c = v.get::<CoroutineWrapper>().map_or(Value::NONE, |w| w.coroutine.get());
        match gen_(&c) {
            Some(g) => generator::resume(vm, g, Ok(Value::NONE), Mode::Send),
            None => Ok(Reply::EXHAUSTED),
        }
    });
    b.methods(WRAPPER);
}
const WRAPPER: &[Def] = &[
    def!("send", "(self, arg, /)", |vm, this, arg| {
        let c = this.get::<CoroutineWrapper>().map_or(Value::NONE, |w| w.coroutine.get());
        generator::send(vm, &c, arg.clone())
    }),
    def!("throw", "(self, typ, val=None, tb=None, /)", |vm, a| {
        let c = a[0].get::<CoroutineWrapper>().map_or(Value::NONE, |w| w.coroutine.get());
        start_throw(vm, &THROW, c, a)
    }),
    def!("close", "(self, /)", |vm, this| {
        let c = this.get::<CoroutineWrapper>().map_or(Value::NONE, |w| w.coroutine.get());
        generator::close(vm, &c)
    }),
];

pub fn define_anext(b: &mut TypeBuilder<'_>) {
    b.slots.iter = Some(self_iter);
    b.slots.await_ = Some(self_iter);
    b.slots.next = Some(|vm, v| vm.start(&ANEXT, [v.clone(), Value::NONE]));
    b.methods(ANEXT_METHODS);
}

const ANEXT_METHODS: &[Def] = &[
    def!("send", "(self, value, /)", |vm, this, value| {
        let name = vm.intern("send");
        vm.start(&ANEXT, [this.clone(), name, value.clone()])
    }),
    def!("throw", "(self, typ, val=None, tb=None, /)", |vm, a| {
        let name = vm.intern("throw");
        let mut regs = vec![a[0].clone(), name];
        regs.extend(a[1..].iter().filter_map(|v| v.given().cloned()));
        vm.start_with(&ANEXT, &mut regs.into_iter())
    }),
    def!("close", "(self, /)", |vm, this| {
        let name = vm.intern("close");
        vm.start(&ANEXT, [this.clone(), name])
    }),
];

/// `anext(it, default)`: the awaitable of `__anext__`, wrapped where there is a default.
pub fn anext(vm: &mut Vm, it: &Value, default: &Value) -> Flow {
    if vm.type_of(it).slots(vm).anext.is_none() {
        let t = vm.type_name(it);
        return Err(vm.type_error(format!("'{t}' object is not an async iterator")));
    }
    vm.start(&ANEXT_START, [it.clone(), default.clone()])
}

/// Registers: async iterator, default or unbound.
pub(crate) static ANEXT_START: Machine = Machine::new("anext.start", |vm, regs, input| {
    let wrapped = match regs.stage() {
        0 => {
            let it = regs.get(0);
            match vm.type_of(&it).slots(vm).anext {
                Some(f) => soft!(regs, 1, f(vm, &it)),
                None => return Err(vm.type_error("object is not an async iterator")),
            }
        }
        _ => input.value()?,
    };
    let default = regs.get(1);
    if default.is_unbound() {
        return Ok(wrapped.into());
    }
    let a = AnextAwaitable { wrapped: ValueCell::new(wrapped), default: ValueCell::new(default) };
    Ok(vm.alloc(&vm.types.anext_awaitable, a).into())
});

/// Registers: awaitable with default, method name or None for `next`, its arguments. Stage 0 finds
/// the iterator to ask. StopAsyncIteration becomes StopIteration(default).
pub(crate) static ANEXT: Machine = Machine::new("anext.step", |vm, regs, input| {
    let v = regs.get(0);
    let Some(a) = v.get::<AnextAwaitable>() else { return Ok(Reply::NONE) };
    let result = match input {
        input if regs.stage() != 2 => {
            let iterator = match input {
                Input::Start => {
                    let w = a.wrapped.get();
                    soft!(regs, 1, generator::get_awaitable(vm, &w, 0))
                }
                input => input.value()?,
            };
            let name = regs.get(1);
            regs.set_stage(2);
            let flow = if !name.is_none() {
                let name = name.display_str(vm);
                crate::steps::call_attr(vm, &iterator, &name, &regs.rest(2))
            } else if vm.type_of(&iterator).slots(vm).next.is_some() {
                ops::iter::next_or_raise(vm, &iterator)
            } else {
                crate::steps::call_attr(vm, &iterator, "send", &[Value::NONE])
            };
            match flow {
                Ok(r) => match r.ready() {
                    Some(v) => Ok(v),
                    None => return Ok(Reply::PUSHED),
                },
                Err(e) => Err(e),
            }
        }
        Input::Exhausted => Err(vm.stop_iteration(Value::NONE)),
        input => input.value(),
    };
    match result {
        Err(e) if vm.exc_is(&e, &vm.excs.stop_async_iteration) => {
            let d = a.default.get();
            Err(vm.stop_iteration(d))
        }
        r => r.map(Reply::from),
    }
});

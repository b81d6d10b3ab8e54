//! `stackless`: the Python-visible side of tasklets and channels. Spec: `stackless` module, 1-3.

use crate::boot::TypeBuilder;
use crate::descr::{GetSet, getset, getter};
use crate::exc::{Exc, Flow, PyResult, Reply};
use crate::machine::{Input, Machine};
use crate::native::{Args, Def, Quick, def};
use crate::object::Obj;
use crate::objects::exception::Exception;
use crate::objects::types::Type;
use crate::ops;
use crate::soft;
use crate::tasklet::{self as t, Blocked, Bomb, Channel, Tasklet};
use crate::value::Value;
use crate::vm::Vm;

fn receiver(vm: &mut Vm, v: &Value) -> PyResult<crate::value::Ref<Tasklet>> {
    match v.clone().cast::<Tasklet>() {
        Ok(t) => Ok(t),
        Err(_) => Err(vm.type_error("tasklet expected")),
    }
}

const TASKLET: &[Def] = &[
    def!("__new__", "(cls, /, *_, **_)", |vm, a| match a[0].get::<Type>() {
        Some(class) => {
            let class = class.to_ref();
            Ok(vm.new_tasklet(&class).into())
        }
        None => Err(vm.type_error("tasklet.__new__(X): X is not a type object")),
    }),
    def!("__init__", "(self, func=None, args=None, kwargs=None)", |vm, a| {
        bind(vm, a)?;
        Ok(Reply::NONE)
    }),
    def!("bind", "(self, func=None, args=None, kwargs=None)", |vm, a| {
        bind(vm, a)?;
        Ok(a[0].clone().into())
    }),
    def!("setup", "(self, /, *args, **kwargs?)", setup),
    def!("insert", "(self, /)", |vm, this| {
        let t = receiver(vm, this)?;
        if t.blocked.get() != Blocked::No {
            return Err(vm.runtime_error("You cannot run a blocked tasklet"));
        }
        if !t.alive.get() {
            return Err(vm.runtime_error("You cannot run an unbound(dead) tasklet"));
        }
        if !t.queued.get() {
            t::append(vm, &t);
        }
        Ok(this.clone().into())
    }),
    def!("remove", "(self, /)", |vm, this| {
        let t = receiver(vm, this)?;
        if t.blocked.get() != Blocked::No {
            return Err(vm.runtime_error("You cannot remove a blocked tasklet."));
        }
        if t.is_current(vm) {
            return Err(vm.runtime_error("The current tasklet cannot be removed."));
        }
        t::unqueue(vm, &t);
        Ok(this.clone().into())
    }),
    def!("run", "(self, /)", |vm, this| {
        let t = receiver(vm, this)?;
        runnable(vm, &t)?;
        t::switch(vm, &t)
    }),
    def!("switch", "(self, /)", |vm, this| {
        let t = receiver(vm, this)?;
        if t.is_current(vm) {
            return t::deliver_self(vm);
        }
        runnable(vm, &t)?;
        let me = vm.current_tasklet()?;
        t::unqueue(vm, &me);
        match t::switch(vm, &t) {
            Ok(r) => Ok(r),
            Err(e) => {
                t::append(vm, &me);
                Err(e)
            }
        }
    }),
    def!("throw", "(self, exc, val=None, tb=None, pending=False)", |vm, a| {
        let pending = a[4].given().is_some_and(|v| ops::truth_fast(v).unwrap_or(true));
        let val = a[2].given().cloned().unwrap_or(Value::NONE);
        let tb = a[3].given().cloned().unwrap_or(Value::NONE);
        vm.start(&THROW, [a[0].clone(), a[1].clone(), val, tb, Value::bool(pending)])
    }),
    def!("raise_exception", "(self, exc_class, /, *args)", |vm, a| {
        let is_exc = a[1].get::<Type>().is_some_and(|c| c.is_subtype(&vm.excs.base_exception, vm));
        if !is_exc {
            return Err(vm.type_error(
                "tasklet.raise_exception needs Exception or string subclass as first parameter",
            ));
        }
        vm.start(&THROW, [a[0].clone(), a[1].clone(), a[2].clone(), Value::NONE, Value::FALSE])
    }),
    def!("kill", "(self, pending=False)", |vm, a| {
        let pending = a[1].given().is_some_and(|v| ops::truth_fast(v).unwrap_or(true));
        let class = vm.excs.tasklet_exit.clone();
        let e = vm.new_exception(&class, vec![]);
        let t = receiver(vm, &a[0])?;
        t::throw(vm, &t, e, pending)
    }),
    def!("__reduce__", "(self, /)", reduce),
    def!("__reduce_ex__", "(self, protocol=0, /)", reduce),
    def!("set_atomic", "(self, flag, /)", |vm, a| {
        let Some(flag) = a[1].as_i64() else {
            return Err(vm.type_error("set_atomic needs exactly one bool or integer"));
        };
        let t = receiver(vm, &a[0])?;
        Ok(t.atomic.replace(flag != 0).into())
    }),
    def!("set_ignore_nesting", "(self, flag, /)", |vm, a| {
        let Some(flag) = a[1].as_i64() else {
            return Err(vm.type_error("set_ignore_nesting needs exactly one bool or integer"));
        };
        let t = receiver(vm, &a[0])?;
        Ok(t.ignore_nesting.replace(flag != 0).into())
    }),
];

/// Registers: snapshot, names of modules, next one. Imports them, then loads the snapshot.
pub(crate) static LOAD: Machine = Machine::new("stackless.load", |vm, regs, input| {
    if regs.stage() == 1 {
        input.value()?;
    }
    regs.set_stage(1);
    loop {
        let i = regs.int(2);
        let Some(name) = regs.peek(1).tuple_items().get(i as usize).cloned() else { break };
        regs.set_int(2, i + 1);
        let level = Value::from_i32(0);
        let args = [name, Value::NONE, Value::NONE, vm.tuple(vec![]), level];
        if crate::import::builtin_import(vm, &args)?.is_away() {
            return Ok(Reply::PUSHED);
        }
    }
    let data = regs.get(0);
    let bytes = data.get::<crate::objects::bytes::Bytes>().map(|b| b.as_bytes().to_vec());
    crate::snapshot::load(vm, &bytes.unwrap_or_default()).map(Reply::from)
});

/// A tasklet pickles as its snapshot.
fn reduce(vm: &mut Vm, a: &[Value]) -> Flow {
    let bytes = crate::snapshot::save(vm, &a[0])?;
    let data = vm.bytes(&bytes);
    let args = vm.tuple(vec![data]);
    let module = vm.modules.clone().and_then(|m| m.get_text(vm, "stackless"));
    let load = module
        .and_then(|m| m.get::<crate::objects::module::Module>().and_then(|m| m.namespace()))
        .and_then(|d| d.get_text(vm, "_load"))
        .unwrap_or(Value::NONE);
    Ok(vm.tuple(vec![load, args]).into())
}

fn runnable(vm: &mut Vm, t: &Obj<Tasklet>) -> PyResult<()> {
    if t.blocked.get() != Blocked::No {
        return Err(vm.runtime_error("You cannot run a blocked tasklet"));
    }
    if !t.alive.get() {
        return Err(vm.runtime_error("You cannot run an unbound(dead) tasklet"));
    }
    Ok(())
}

/// `tasklet(func, args, kwargs)`.
pub(crate) fn make(vm: &mut Vm, args: &[Value]) -> Flow {
    let class = vm.types.tasklet.clone();
    let t = vm.new_tasklet(&class);
    let part = |i: usize| args.get(i).cloned().unwrap_or(Value::UNBOUND);
    bind_to(vm, &t, [part(0), part(1), part(2)].each_ref())?;
    Ok(t.into())
}

fn bind(vm: &mut Vm, a: &[Value]) -> PyResult<()> {
    let t = receiver(vm, &a[0])?;
    bind_to(vm, &t, [&a[1], &a[2], &a[3]])
}

fn bind_to(vm: &mut Vm, t: &Obj<Tasklet>, a: [&Value; 3]) -> PyResult<()> {
    let part = |v: &Value| v.given().filter(|v| !v.is_none()).cloned();
    let (func, args, kwargs) = (part(a[0]), part(a[1]), part(a[2]));
    if let Some(f) = &func
        && vm.type_of(f).slots(vm).call.is_none()
    {
        return Err(vm.type_error("tasklet function must be a callable or None"));
    }
    if t.is_current(vm) {
        return Err(vm.runtime_error("can't (re)bind the current tasklet"));
    }
    if t.queued.get() || t.blocked.get() != Blocked::No {
        return Err(vm.runtime_error("tasklet is scheduled"));
    }
    if t.nesting(vm) > t.is_main.get() as u32 {
        return Err(vm.runtime_error("tasklet has C state on its stack"));
    }
    if t.is_main.get() && args.is_none() && kwargs.is_none() {
        return Err(vm.runtime_error("can't unbind the main tasklet"));
    }
    if args.is_none() && kwargs.is_none() {
        t::unbind(vm, t);
        t.tempval.set(func.unwrap_or(Value::NONE));
        return Ok(());
    }
    if let Some(x) = &args
        && !x.has::<crate::objects::tuple::Tuple>()
    {
        let n = vm.type_name(x);
        return Err(vm.type_error(format!("bind() argument 2 must be tuple, not {n}")));
    }
    if let Some(x) = &kwargs
        && !x.has::<crate::objects::dict::Dict>()
    {
        let n = vm.type_name(x);
        return Err(vm.type_error(format!("bind() argument 3 must be dict, not {n}")));
    }
    let func = match func {
        Some(f) => f,
        None => {
            let f = t.tempval.get();
            if f.is_none() || t.alive.get() {
                t::unbind(vm, t);
                return Err(vm.runtime_error("the tasklet was not bound to a function"));
            }
            f
        }
    };
    let args = args.unwrap_or_else(|| vm.tuple(vec![]));
    t::bind_call(vm, t, func, args, kwargs.unwrap_or(Value::NONE));
    Ok(())
}

fn setup(vm: &mut Vm, a: &[Value]) -> Flow {
    let t = receiver(vm, &a[0])?;
    if t.alive.get() {
        return Err(vm.runtime_error("tasklet is alive"));
    }
    let func = t.tempval.get();
    if func.is_none() {
        return Err(vm.runtime_error("the tasklet was not bound to a function"));
    }
    t::bind_call(vm, &t, func, a[1].clone(), a[2].clone());
    t::append(vm, &t);
    Ok(a[0].clone().into())
}

/// The exception of a raise-like triple: class or instance, value, traceback.
/// Registers: tasklet or channel, class or instance, value, traceback, pending.
pub(crate) static THROW: Machine = Machine::new("tasklet.throw", |vm, regs, input| {
    let e = match regs.stage() {
        0 => {
            let (c, v) = (regs.get(1), regs.get(2));
            soft!(regs, 1, make_exception(vm, &c, &v, &regs_tb(regs.get(3))))
        }
        1 => input.value()?,
        _ => return input.value().map(Reply::from),
    };
    let tb = regs.get(3);
    if let Some(x) = e.get::<Exception>()
        && !tb.is_none()
    {
        x.traceback.set(tb);
    }
    let target = regs.get(0);
    regs.set_stage(2);
    if let Some(task) = target.get::<Tasklet>() {
        let pending = regs.get(4).is_true();
        return t::throw(vm, task, Exc::from_value(e), pending);
    }
    let bomb = vm.bomb(&Exc::from_value(e));
    t::channel_action(vm, &target, Some(bomb))
});

fn regs_tb(tb: Value) -> Value {
    tb
}

fn make_exception(vm: &mut Vm, class: &Value, value: &Value, tb: &Value) -> Flow {
    if !tb.is_none() && !tb.has::<crate::pyframe::Traceback>() {
        return Err(vm.type_error("throw() third argument must be a traceback object"));
    }
    if class.has::<Exception>() {
        if !value.is_none() {
            return Err(vm.type_error("instance exception may not have a separate value"));
        }
        return Ok(class.clone().into());
    }
    let is_class = class.get::<Type>().is_some_and(|c| c.is_subtype(&vm.excs.base_exception, vm));
    if !is_class {
        let n = vm.type_name(class);
        return Err(vm.type_error(format!("exceptions must be classes, or instances, not {n}")));
    }
    if let (Some(c), true) = (class.get::<Type>(), value.has::<Exception>())
        && vm.is_instance(value, c)
    {
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

fn flag(f: impl Fn(&mut Vm, &Obj<Tasklet>) -> bool, vm: &mut Vm, v: &Value) -> Flow {
    let t = receiver(vm, v)?;
    Ok(f(vm, &t).into())
}

static TASKLET_ATTRS: [GetSet; 18] = [
    getter("alive", |vm, v| flag(|_, t| t.alive.get(), vm, v)),
    getter("paused", |vm, v| flag(|vm, t| t.is_floating(vm), vm, v)),
    getter("blocked", |vm, v| flag(|_, t| t.blocked.get() != Blocked::No, vm, v)),
    getter("scheduled", |vm, v| {
        flag(|_, t| t.queued.get() || t.blocked.get() != Blocked::No, vm, v)
    }),
    getter("restorable", |vm, v| flag(|vm, t| t.nesting(vm) == 0, vm, v)),
    getter("is_main", |vm, v| flag(|_, t| t.is_main.get(), vm, v)),
    getter("is_current", |vm, v| flag(|vm, t| t.is_current(vm), vm, v)),
    getter("atomic", |vm, v| flag(|_, t| t.atomic.get(), vm, v)),
    getter("ignore_nesting", |vm, v| flag(|_, t| t.ignore_nesting.get(), vm, v)),
    getset(
        "block_trap",
        |vm, v| flag(|_, t| t.block_trap.get(), vm, v),
        |vm, v, x| {
            let Some(x) = x.as_i64() else {
                return Err(vm.type_error("block_trap must be set to a bool or integer"));
            };
            receiver(vm, v)?.block_trap.set(x != 0);
            Ok(Reply::NONE)
        },
    ),
    getter("next", |vm, v| Ok(receiver(vm, v)?.next.get().into())),
    getter("prev", |vm, v| Ok(receiver(vm, v)?.prev.get().into())),
    getter("_channel", |vm, v| Ok(receiver(vm, v)?.channel.get().into())),
    getset(
        "tempval",
        |vm, v| Ok(receiver(vm, v)?.tempval.get().into()),
        |vm, v, x| {
            let x = if x.is_unbound() { Value::NONE } else { x.clone() };
            receiver(vm, v)?.tempval.set(x);
            Ok(Reply::NONE)
        },
    ),
    getter("frame", |vm, v| {
        let t = receiver(vm, v)?;
        let top = if t.is_current(vm) { vm.exec.frame } else { t.exec.get(vm).frame };
        let f = crate::pyframe::visible(top);
        if f.is_null() { Ok(Reply::NONE) } else { Ok(crate::pyframe::object(vm, f).into()) }
    }),
    getter("recursion_depth", |vm, v| {
        let t = receiver(vm, v)?;
        let d = if t.is_current(vm) { vm.exec.depth } else { t.exec.get(vm).depth };
        Ok(Value::from_usize(d as usize).into())
    }),
    getter("nesting_level", |vm, v| {
        let t = receiver(vm, v)?;
        let n = t.nesting(vm).saturating_sub(t.is_main.get() as u32);
        Ok(Value::from_usize(n as usize).into())
    }),
    getter("thread_id", |vm, _| Ok(vm.int(1).into())),
];

pub fn define_tasklet(b: &mut TypeBuilder<'_>) {
    b.slots.call = Some(|vm, v, args| {
        let positional = vm.tuple_from(args.positional());
        let kw = if args.has_keywords() {
            let kw = vm.dict();
            for (k, x) in args.keywords() {
                kw.set_str(vm, k, x.clone());
            }
            kw.into_value()
        } else {
            Value::NONE
        };
        setup(vm, &[v.clone(), positional, kw])
    });
    b.methods(TASKLET);
    b.getsets(&TASKLET_ATTRS);
}

// Channels.

fn chan(vm: &mut Vm, v: &Value) -> PyResult<crate::value::Ref<Channel>> {
    match v.clone().cast::<Channel>() {
        Ok(c) => Ok(c),
        Err(_) => Err(vm.type_error("channel expected")),
    }
}

const CHANNEL: &[Def] = &[
    def!("__new__", "(cls, /, *_, **_)", |vm, a| match a[0].get::<Type>() {
        Some(class) => {
            let cell = crate::object::ValueCell::new;
            let c = Channel {
                head: cell(Value::NONE),
                tail: cell(Value::NONE),
                balance: Default::default(),
                preference: std::cell::Cell::new(-1),
                schedule_all: Default::default(),
                closing: Default::default(),
            };
            Ok(vm.new_object(class, c).into())
        }
        None => Err(vm.type_error("channel.__new__(X): X is not a type object")),
    }),
    def!("__init__", "(self, /, *args, **kwargs)", |_, _| Ok(Reply::NONE)),
    def!("send", "(self, value, /)", |vm, this, value| t::channel_action(
        vm,
        this,
        Some(value.clone())
    ))
    .quick(Quick::Send),
    def!("receive", "(self, /)", |vm, this| t::channel_action(vm, this, None))
        .quick(Quick::Receive),
    def!("send_exception", "(self, /, *args)", |vm, a| {
        let args = a[1].tuple_items();
        let Some((class, rest)) = args.split_first() else {
            return Err(vm.type_error("send_exception() takes at least 1 argument"));
        };
        let ok = class.get::<Type>().is_some_and(|c| c.is_subtype(&vm.excs.base_exception, vm));
        if !ok {
            return Err(vm.type_error(
                "channel.send_exception needs Exception or string subclass as first parameter",
            ));
        }
        let rest = vm.tuple_from(rest);
        vm.start(&THROW, [a[0].clone(), class.clone(), rest, Value::NONE, Value::FALSE])
    }),
    def!("send_throw", "(self, exc, val=None, tb=None, /)", |vm, a| {
        let val = a[2].given().cloned().unwrap_or(Value::NONE);
        let tb = a[3].given().cloned().unwrap_or(Value::NONE);
        vm.start(&THROW, [a[0].clone(), a[1].clone(), val, tb, Value::FALSE])
    }),
    def!("send_sequence", "(self, iterable, /)", |vm, this, iterable| {
        vm.start(&SEND_SEQUENCE, [this.clone(), iterable.clone(), Value::from_i32(0)])
    }),
    def!("close", "(self, /)", |vm, this| {
        chan(vm, this)?.closing.set(true);
        Ok(Reply::NONE)
    }),
    def!("open", "(self, /)", |vm, this| {
        chan(vm, this)?.closing.set(false);
        Ok(Reply::NONE)
    }),
];

/// Registers: channel, iterable then iterator, count. Stage 1: iterator; 2: an item; 3: its sending.
pub(crate) static SEND_SEQUENCE: Machine =
    Machine::new("channel.send_sequence", |vm, regs, input| {
        let c = regs.get(0);
        let mut input = input;
        if regs.stage() == 0 {
            let v = regs.get(1);
            input = Input::Value(soft!(regs, 1, ops::iter::iter(vm, &v)));
        }
        if regs.stage() == 1 {
            let it = input.value()?;
            regs.set(1, it);
            regs.set_stage(3);
            input = Input::Start;
        }
        let it = regs.get(1);
        loop {
            if regs.stage() == 3 {
                input.value()?;
                regs.set_stage(2);
                input = match ops::iter::next(vm, &it)?.ready() {
                    Some(v) if v.is_exhausted() => Input::Exhausted,
                    Some(v) => Input::Value(v),
                    None => return Ok(Reply::PUSHED),
                };
            }
            let Some(v) = input.item()? else { return Ok(regs.get(2).into()) };
            let n = regs.int(2) + 1;
            regs.set_int(2, n);
            regs.set_stage(3);
            let r = t::channel_action(vm, &c, Some(v))?;
            if r.is_switched() {
                return Ok(r);
            }
            input = match r.ready() {
                Some(v) => Input::Value(v),
                None => return Ok(Reply::PUSHED),
            };
        }
    });

static CHANNEL_ATTRS: [GetSet; 6] = [
    getter("balance", |vm, v| {
        let b = chan(vm, v)?.balance.get();
        Ok(vm.int(b).into())
    }),
    getter("queue", |vm, v| Ok(chan(vm, v)?.head.get().into())),
    getter("closing", |vm, v| Ok(chan(vm, v)?.closing.get().into())),
    getter("closed", |vm, v| {
        let c = chan(vm, v)?;
        Ok((c.closing.get() && c.balance.get() == 0).into())
    }),
    getset(
        "preference",
        |vm, v| {
            let p = chan(vm, v)?.preference.get();
            Ok(Value::from_i32(p as i32).into())
        },
        |vm, v, x| {
            let Some(x) = x.as_i64() else {
                return Err(vm.type_error("preference must be set to an integer"));
            };
            chan(vm, v)?.preference.set(x.signum() as i8);
            Ok(Reply::NONE)
        },
    ),
    getset(
        "schedule_all",
        |vm, v| {
            let p = chan(vm, v)?.schedule_all.get();
            Ok(Value::from_i32(p as i32).into())
        },
        |vm, v, x| {
            let Some(x) = x.as_i64() else {
                return Err(vm.type_error("preference must be set to a bool or integer"));
            };
            chan(vm, v)?.schedule_all.set(x != 0);
            Ok(Reply::NONE)
        },
    ),
];

pub fn define_channel(b: &mut TypeBuilder<'_>) {
    b.slots.iter = Some(|_, v| Ok(v.clone().into()));
    b.slots.next = Some(|vm, v| {
        let c = chan(vm, v)?;
        if c.closing.get() && c.balance.get() <= 0 {
            return Ok(Reply::EXHAUSTED);
        }
        t::channel_action(vm, v, None)
    });
    b.methods(CHANNEL);
    b.getsets(&CHANNEL_ATTRS);
}

static BOMB_ATTRS: [GetSet; 3] = [
    getter("type", |_, v| Ok(v.get::<Bomb>().map_or(Value::NONE, |b| b.class.get()).into())),
    getter("value", |_, v| Ok(v.get::<Bomb>().map_or(Value::NONE, |b| b.value.get()).into())),
    getter("traceback", |_, v| {
        Ok(v.get::<Bomb>().map_or(Value::NONE, |b| b.traceback.get()).into())
    }),
];

pub fn define_bomb(b: &mut TypeBuilder<'_>) {
    b.getsets(&BOMB_ATTRS);
    b.methods(BOMB);
}

const BOMB: &[Def] = &[def!("__new__", "(cls, type=None, value=None, traceback=None)", |vm, a| {
    let mut parts: Vec<Value> =
        a[1..4].iter().map(|v| v.given().cloned().unwrap_or(Value::NONE)).collect();
    if parts[1].is_none() && parts[2].is_none() && parts[0].has::<crate::objects::tuple::Tuple>() {
        let items = parts[0].tuple_items().to_vec();
        parts = (0..3).map(|i| items.get(i).cloned().unwrap_or(Value::NONE)).collect();
    }
    let cell = crate::object::ValueCell::new;
    let b = Bomb {
        class: cell(parts[0].clone()),
        value: cell(parts[1].clone()),
        traceback: cell(parts[2].clone()),
    };
    Ok(vm.alloc(&vm.types.bomb, b).into())
})];

// Module functions.

fn swap_callback(vm: &mut Vm, new: &Value, what: &str, channel: bool) -> Flow {
    if !new.is_none() && vm.type_of(new).slots(vm).call.is_none() {
        return Err(vm.type_error(format!("{what} callback must be callable")));
    }
    let new = if new.is_none() { None } else { Some(new.clone()) };
    let slot = if channel {
        &mut vm.scheduler.channel_callback
    } else {
        &mut vm.scheduler.schedule_callback
    };
    Ok(std::mem::replace(slot, new).unwrap_or(Value::NONE).into())
}

/// Functions of the `stackless` module.
pub const MODULE: &[Def] = &[
    def!("schedule", "(retval=None)", |vm, a| schedule(vm, a, false)).quick(Quick::Schedule),
    def!("schedule_remove", "(retval=None)", |vm, a| schedule(vm, a, true)),
    def!(
        "run",
        "(timeout: index=0, threadblock=False, soft=False, ignore_nesting=False, totaltimeout=False)",
        |vm, a| {
            let timeout = a[0].given().and_then(Value::as_i64_saturating).unwrap_or(0);
            let mut flags = [false; 4];
            for (f, v) in flags.iter_mut().zip(&a[1..5]) {
                if let Some(v) = v.given() {
                    match v.as_i64() {
                        Some(i) => *f = i != 0,
                        None => {
                            let t = vm.type_name(v);
                            return Err(vm.type_error(format!(
                                "run_watchdog(): '{t}' object cannot be interpreted as an integer"
                            )));
                        }
                    }
                }
            }
            t::run(vm, timeout, flags[1], flags[2], flags[3])
        },
    ),
    def!("getcurrent", "()", |vm, _| Ok(vm.current_tasklet()?.into())),
    def!("getmain", "()", |vm, _| match vm.scheduler.main.clone() {
        Some(m) => Ok(m.into()),
        None => Ok(Reply::NONE),
    }),
    def!("getruncount", "()", |vm, _| Ok(Value::from_usize(vm.scheduler.runcount).into())),
    def!("getcurrentid", "()", |vm, _| {
        let id = vm.current_tasklet()?.address();
        Ok(vm.uint(id).into())
    }),
    def!("_save", "(obj, /)", |vm, obj| {
        let bytes = crate::snapshot::save(vm, obj)?;
        Ok(vm.bytes(&bytes).into())
    }),
    def!("_load", "(data, /)", |vm, data| {
        let Some(b) = data.get::<crate::objects::bytes::Bytes>() else {
            let t = vm.type_name(data);
            return Err(vm.type_error(format!("_load() argument must be bytes, not {t}")));
        };
        let missing = crate::snapshot::missing_modules(vm, b.as_bytes())?;
        if missing.is_empty() {
            return crate::snapshot::load(vm, b.as_bytes()).map(Reply::from);
        }
        let names = missing.iter().map(|name| vm.str(name)).collect();
        let names = vm.tuple(names);
        vm.start(&LOAD, [data.clone(), names, Value::from_i32(0)])
    }),
    def!("getdebug", "()", |_, _| Ok(Value::FALSE.into())),
    def!("getuncollectables", "()", |vm, _| Ok(vm.list(vec![]).into())),
    def!("getthreads", "()", |vm, _| {
        let id = vm.int(1);
        Ok(vm.list(vec![id]).into())
    }),
    def!("switch_trap", "(change: index=0, /)", |vm, change| {
        let old = vm.scheduler.trap;
        vm.scheduler.trap += change.and_then(Value::as_i64).unwrap_or(0);
        Ok(vm.int(old).into())
    }),
    def!("set_error_handler", "(handler=None, /)", |vm, handler| {
        let new = handler.cloned();
        Ok(std::mem::replace(&mut vm.scheduler.error_handler, new).unwrap_or(Value::NONE).into())
    }),
    def!("set_channel_callback", "(callable, /)", |vm, callable| swap_callback(
        vm, callable, "channel", true
    )),
    def!("get_channel_callback", "()", |vm, _| {
        Ok(vm.scheduler.channel_callback.clone().unwrap_or(Value::NONE).into())
    }),
    def!("set_schedule_callback", "(callable, /)", |vm, callable| {
        swap_callback(vm, callable, "schedule", false)
    }),
    def!("get_schedule_callback", "()", |vm, _| {
        Ok(vm.scheduler.schedule_callback.clone().unwrap_or(Value::NONE).into())
    }),
];

fn schedule(vm: &mut Vm, a: &[Value], remove: bool) -> Flow {
    let value = match a[0].given() {
        Some(v) => v.clone(),
        None => vm.current_tasklet()?.into_value(),
    };
    t::schedule(vm, value, remove)
}

/// Makes the `_stackless` and `stackless` modules.
pub fn install(vm: &mut Vm) {
    let m = vm.module("stackless", Value::NONE);
    let Some(d) = m.namespace() else { return };
    for def in MODULE {
        let f = vm.native_function(def, Value::UNBOUND, vm.str("_stackless"));
        d.set_text(vm, def.name, f);
    }
    for (name, ty) in [
        ("tasklet", vm.types.tasklet.to_value()),
        ("channel", vm.types.channel.to_value()),
        ("bomb", vm.types.bomb.to_value()),
    ] {
        d.set_text(vm, name, ty);
    }
    let m = m.into_value();
    d.set_text(vm, "stackless", m.clone());
    if let Some(modules) = vm.modules.clone() {
        modules.set_text(vm, "stackless", m.clone());
        modules.set_text(vm, "_stackless", m);
    }
}

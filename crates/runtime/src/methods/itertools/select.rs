//! `chain`, `accumulate`, `compress`, `dropwhile`, `takewhile`, `filterfalse`, `starmap`, `islice`.

use super::{END, define, items_of, make, next_item, resumed, start, tool};
use crate::boot::TypeBuilder;
use crate::exc::{Flow, PyResult};
use crate::machine::{Input, Machine};
use crate::native::{Args, Def, classdef, def};
use crate::objects::iterators::{self, SeqKind};
use crate::objects::tuple::Tuple;
use crate::objects::types::{BinOp, tflags};
use crate::ops;
use crate::soft;
use crate::value::Value;
use crate::vm::Vm;

// chain: iterator over the iterables, iterator of the current one (unbound: none).

pub fn define_chain(b: &mut TypeBuilder<'_>) {
    define(
        b,
        |vm, v| {
            if let Some(t) = tool(v) {
                let it = t.part(vm, 1);
                if !it.is_unbound() && vm.type_of(&it).has_flag(tflags::NATIVE_NEXT) {
                    let r = ops::iter::next(vm, &it)?;
                    if !r.is_exhausted() {
                        return Ok(r);
                    }
                    t.put(vm, 1, Value::UNBOUND);
                }
            }
            vm.start(&CHAIN_NEXT, [v.clone()])
        },
        CHAIN,
    );
}

const CHAIN: &[Def] = &[
    def!("__new__", "(cls, /, *iterables)", |vm, a| {
        let it = iterators::seq_iter(vm, SeqKind::Tuple, a[1].clone());
        make(vm, &a[0], vec![it, Value::UNBOUND])
    }),
    classdef!("from_iterable", "(cls, iterable, /)", |vm, cls, iterable| {
        start(vm, cls, iterable, &[Value::UNBOUND])
    }),
    classdef!("__class_getitem__", "(cls, item, /)", |vm, cls, item| {
        iterators::generic_alias(vm, cls, item)
    }),
];

/// Registers: iterator. Stage 1: the next iterable; 2: its iterator; 3: an item.
pub(crate) static CHAIN_NEXT: Machine = Machine::new("chain.next", |vm, regs, input| {
    let v = regs.get(0);
    let Some(t) = tool(&v) else { return END };
    let mut input = Some(input);
    loop {
        if regs.stage() == 0 {
            let it = t.part(vm, 1);
            if it.is_unbound() {
                let source = t.part(vm, 0);
                if source.is_unbound() {
                    return END;
                }
                let x = soft!(regs, 1, ops::iter::next(vm, &source));
                input = Some(Input::from_flow(Ok(x)));
            } else {
                let x = soft!(regs, 3, ops::iter::next(vm, &it));
                input = Some(Input::from_flow(Ok(x)));
            }
        }
        let got = input.take().unwrap_or(Input::Start);
        match regs.stage() {
            1 => {
                let found = match got {
                    Input::Exc(e) => {
                        t.finish(vm);
                        return Err(e);
                    }
                    got => resumed(got)?,
                };
                let Some(iterable) = found else {
                    t.finish(vm);
                    return END;
                };
                let it = match ops::iter::iter(vm, &iterable) {
                    Err(e) => {
                        t.finish(vm);
                        return Err(e);
                    }
                    r => soft!(regs, 2, r),
                };
                regs.set_stage(2);
                input = Some(Input::Value(it));
            }
            2 => {
                let it = got.value()?;
                t.put(vm, 1, it);
                regs.set_stage(0);
            }
            _ => match resumed(got)? {
                Some(x) => return Ok(x.into()),
                None => {
                    t.put(vm, 1, Value::UNBOUND);
                    regs.set_stage(0);
                }
            },
        }
    }
});

// accumulate: iterator, function (unbound: +), total (unbound: none yet), initial (unbound: none).

pub fn define_accumulate(b: &mut TypeBuilder<'_>) {
    define(b, |vm, v| vm.start(&ACCUMULATE_NEXT, [v.clone()]), ACCUMULATE);
}

const ACCUMULATE: &[Def] =
    &[def!("__new__", "(cls, iterable, func=None, *, initial=None)", |vm, a| {
        let or = |v: &Value| v.given().filter(|v| !v.is_none()).cloned().unwrap_or(Value::UNBOUND);
        start(vm, &a[0], &a[1], &[or(&a[2]), Value::UNBOUND, or(&a[3])])
    })];

/// Registers: iterator. Stage 1: an item; 2: the new total.
pub(crate) static ACCUMULATE_NEXT: Machine = Machine::new("accumulate.next", |vm, regs, input| {
    let v = regs.get(0);
    let Some(t) = tool(&v) else { return END };
    let total = match regs.stage() {
        2 => input.value()?,
        stage => {
            let item = if stage == 0 {
                let initial = t.part(vm, 3);
                if !initial.is_unbound() {
                    t.put(vm, 3, Value::UNBOUND);
                    t.put(vm, 2, initial.clone());
                    return Ok(initial.into());
                }
                let it = t.part(vm, 0);
                if it.is_unbound() {
                    return END;
                }
                next_item!(vm, regs, 1, it)
            } else {
                resumed(input)?
            };
            let Some(x) = item else { return END };
            let (total, f) = (t.part(vm, 2), t.part(vm, 1));
            if total.is_unbound() {
                x
            } else if f.is_unbound() {
                soft!(regs, 2, ops::binary::binary(vm, BinOp::Add, &total, &x))
            } else {
                soft!(regs, 2, ops::call::call(vm, &f, Args::new(&[total, x])))
            }
        }
    };
    t.put(vm, 2, total.clone());
    Ok(total.into())
});

// compress: data iterator, selector iterator.

pub fn define_compress(b: &mut TypeBuilder<'_>) {
    define(b, |vm, v| vm.start(&COMPRESS_NEXT, [v.clone(), Value::UNBOUND]), COMPRESS);
}

const COMPRESS: &[Def] =
    &[def!("__new__", "(cls, data, selectors)", |vm, cls, data, selectors| {
        vm.start(&COMPRESS_NEW, [cls.clone(), data.clone(), selectors.clone()])
    })];

/// Registers: class, data, selectors. Each is replaced by its iterator.
pub(crate) static COMPRESS_NEW: Machine = Machine::new("compress.new", |vm, regs, input| {
    if regs.stage() == 0 {
        let v = regs.get(1);
        let it = soft!(regs, 1, ops::iter::iter(vm, &v));
        regs.set(1, it);
    } else if regs.stage() == 1 {
        let it = input.value()?;
        regs.set(1, it);
    } else {
        let it = input.value()?;
        let class = regs.get(0);
        return make(vm, &class, vec![regs.get(1), it]);
    }
    let v = regs.get(2);
    let it = soft!(regs, 2, ops::iter::iter(vm, &v));
    let class = regs.get(0);
    make(vm, &class, vec![regs.get(1), it])
});

/// Registers: iterator, item. Stage 1: an item; 2: a selector; 3: its truth.
pub(crate) static COMPRESS_NEXT: Machine = Machine::new("compress.next", |vm, regs, input| {
    let v = regs.get(0);
    let Some(t) = tool(&v) else { return END };
    let mut input = Some(input);
    loop {
        if regs.stage() == 0 {
            let it = t.part(vm, 0);
            if it.is_unbound() {
                return END;
            }
            let x = soft!(regs, 1, ops::iter::next(vm, &it));
            regs.set_stage(1);
            input = Some(Input::from_flow(Ok(x)));
        }
        if regs.stage() == 1 {
            let Some(x) = resumed(input.take().unwrap_or(Input::Start))? else { return END };
            regs.set(1, x);
            let it = t.part(vm, 1);
            let s = soft!(regs, 2, ops::iter::next(vm, &it));
            regs.set_stage(2);
            input = Some(Input::from_flow(Ok(s)));
        }
        if regs.stage() == 2 {
            let Some(s) = resumed(input.take().unwrap_or(Input::Start))? else { return END };
            let b = soft!(regs, 3, ops::truth(vm, &s));
            input = Some(Input::Value(b));
        }
        if input.take().unwrap_or(Input::Start).value()?.is_true() {
            return Ok(regs.take(1).into());
        }
        regs.set_stage(0);
    }
});

// dropwhile, takewhile, filterfalse: iterator, predicate, done.

const DROP: u8 = 0;
const TAKE: u8 = 1;
const FALSE: u8 = 2;

pub fn define_dropwhile(b: &mut TypeBuilder<'_>) {
    define(
        b,
        |vm, v| {
            if let Some(t) = tool(v)
                && t.number(vm, 2) == 1
            {
                let it = t.part(vm, 0);
                return ops::iter::next(vm, &it);
            }
            start_test(vm, v, DROP)
        },
        PREDICATE,
    );
}
pub fn define_takewhile(b: &mut TypeBuilder<'_>) {
    define(
        b,
        |vm, v| {
            if tool(v).is_none_or(|t| t.number(vm, 2) == 1) {
                return END;
            }
            start_test(vm, v, TAKE)
        },
        PREDICATE,
    );
}
pub fn define_filterfalse(b: &mut TypeBuilder<'_>) {
    define(b, |vm, v| start_test(vm, v, FALSE), PREDICATE);
}

fn start_test(vm: &mut Vm, v: &Value, kind: u8) -> Flow {
    vm.start(&TEST_NEXT, [v.clone(), Value::from_i32(kind as i32), Value::UNBOUND])
}

const PREDICATE: &[Def] =
    &[def!("__new__", "(cls, predicate, iterable, /)", |vm, cls, predicate, iterable| {
        start(vm, cls, iterable, &[predicate.clone(), Value::from_i32(0)])
    })];

/// Registers: iterator, kind, item. Stage 1: an item; 2: the predicate's result; 3: its truth.
pub(crate) static TEST_NEXT: Machine = Machine::new("itertools.test", |vm, regs, input| {
    let v = regs.get(0);
    let Some(t) = tool(&v) else { return END };
    let kind = regs.int(1) as u8;
    let mut input = Some(input);
    loop {
        if regs.stage() == 0 {
            let it = t.part(vm, 0);
            if it.is_unbound() {
                return END;
            }
            let x = soft!(regs, 1, ops::iter::next(vm, &it));
            regs.set_stage(1);
            input = Some(Input::from_flow(Ok(x)));
        }
        if regs.stage() == 1 {
            let Some(x) = resumed(input.take().unwrap_or(Input::Start))? else { return END };
            regs.set(2, x.clone());
            let f = t.part(vm, 1);
            let plain = kind == FALSE && (f.is_none() || f.is(vm.types.bool_.value()));
            let r =
                if plain { x } else { soft!(regs, 2, ops::call::call(vm, &f, Args::new(&[x]))) };
            regs.set_stage(2);
            input = Some(Input::Value(r));
        }
        if regs.stage() == 2 {
            let r = input.take().unwrap_or(Input::Start).value()?;
            let b = soft!(regs, 3, ops::truth(vm, &r));
            input = Some(Input::Value(b));
        }
        let hit = input.take().unwrap_or(Input::Start).value()?.is_true();
        match (kind, hit) {
            (DROP, false) => {
                t.put_number(vm, 2, 1);
                return Ok(regs.take(2).into());
            }
            (TAKE, true) | (FALSE, false) => return Ok(regs.take(2).into()),
            (TAKE, false) => {
                t.put_number(vm, 2, 1);
                return END;
            }
            _ => regs.set_stage(0),
        }
    }
});

// starmap: iterator, function.

pub fn define_starmap(b: &mut TypeBuilder<'_>) {
    define(b, |vm, v| vm.start(&STARMAP_NEXT, [v.clone()]), STARMAP);
}

const STARMAP: &[Def] =
    &[def!("__new__", "(cls, function, iterable, /)", |vm, cls, function, iterable| {
        start(vm, cls, iterable, std::slice::from_ref(function))
    })];

/// Registers: iterator. Stage 1: an item; 2: its arguments as a list; 3: the result.
pub(crate) static STARMAP_NEXT: Machine = Machine::new("starmap.next", |vm, regs, input| {
    let v = regs.get(0);
    let Some(t) = tool(&v) else { return END };
    let args: Vec<Value> = match regs.stage() {
        3 => return input.value().map(Into::into),
        2 => {
            let list = input.value()?;
            items_of(vm, &list)?
        }
        stage => {
            let item = if stage == 0 {
                let it = t.part(vm, 0);
                if it.is_unbound() {
                    return END;
                }
                next_item!(vm, regs, 1, it)
            } else {
                resumed(input)?
            };
            let Some(x) = item else { return END };
            if x.has::<Tuple>() {
                x.tuple_items().to_vec()
            } else {
                let list = soft!(regs, 2, ops::iter::collect(vm, &x));
                items_of(vm, &list)?
            }
        }
    };
    let f = t.part(vm, 1);
    regs.set_stage(3);
    ops::call::call(vm, &f, Args::new(&args))
});

// islice: iterator, next index wanted, stop (-1: none), step, items taken so far.

pub fn define_islice(b: &mut TypeBuilder<'_>) {
    define(b, |vm, v| vm.start(&ISLICE_NEXT, [v.clone()]), ISLICE);
}

const ISLICE: &[Def] =
    &[def!("__new__", "(cls, iterable, start, stop=None, step=None, /)", |vm, a| {
        vm.start(
            &ISLICE_NEW,
            [
                a[0].clone(),
                a[1].clone(),
                a[2].clone(),
                a[3].clone(),
                a[4].clone(),
                Value::from_i32(2),
            ],
        )
    })];

/// Registers: class, iterable, start, stop, step, the register that `__index__` is asked for.
pub(crate) static ISLICE_NEW: Machine = Machine::new("islice.new", |vm, regs, input| {
    if regs.stage() == 2 {
        return input.value().map(Into::into);
    }
    if regs.stage() == 1 {
        let n = match input {
            Input::Exc(e) if vm.exc_is(&e, &vm.excs.type_error) => Value::UNBOUND,
            input => input.value()?,
        };
        if n.is_unbound() {
            return Err(slice_error(vm, regs.int(5), regs.get(3).is_unbound()));
        }
        let i = regs.int(5) as usize;
        regs.set(i, n);
        regs.set_int(5, i as i64 + 1);
    }
    while let i @ 2..=4 = regs.int(5) as usize {
        let v = regs.get(i);
        if !v.is_unbound() && !v.is_none() && !v.is_int() {
            if vm.type_of(&v).slots(vm).index.is_none() {
                return Err(slice_error(vm, i as i64, regs.get(3).is_unbound()));
            }
            let n = soft!(regs, 1, ops::number::index(vm, &v));
            regs.set(i, n);
        }
        regs.set_int(5, i as i64 + 1);
    }
    let one = regs.get(3).is_unbound();
    let (first, stop) = if one { (Value::NONE, regs.get(2)) } else { (regs.get(2), regs.get(3)) };
    let step = regs.get(4);
    let bound = |v: &Value, none: i64| -> Option<i64> {
        if v.is_none() || v.is_unbound() {
            return Some(none);
        }
        v.as_i64().filter(|n| *n >= 0)
    };
    let Some(stop_n) = bound(&stop, -1) else {
        return Err(slice_error(vm, if one { 2 } else { 3 }, one));
    };
    let Some(first) = bound(&first, 0) else { return Err(slice_error(vm, 2, one)) };
    let Some(step) = bound(&step, 1).filter(|n| *n >= 1) else {
        return Err(slice_error(vm, 4, one));
    };
    let (class, iterable) = (regs.get(0), regs.get(1));
    let parts = [vm.int(first), vm.int(stop_n), vm.int(step), Value::from_i32(0)];
    regs.set_stage(2);
    start(vm, &class, &iterable, &parts)
});

fn slice_error(vm: &mut Vm, which: i64, one: bool) -> crate::exc::Exc {
    let text = match (which, one) {
        (2, true) | (3, _) => {
            "Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize."
        }
        (4, _) => "Step for islice() must be a positive integer or None.",
        _ => "Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.",
    };
    vm.value_error(text)
}

/// Registers: iterator. Stage 1: an item, which is left out while its number is too low.
pub(crate) static ISLICE_NEXT: Machine = Machine::new("islice.next", |vm, regs, input| {
    let v = regs.get(0);
    let Some(t) = tool(&v) else { return END };
    let mut got: Option<PyResult<Option<Value>>> =
        if regs.stage() == 1 { Some(resumed(input)) } else { None };
    loop {
        let (wanted, stop, step) = (t.number(vm, 1), t.number(vm, 2), t.number(vm, 3));
        let item = match got.take() {
            Some(r) => r?,
            None => {
                let it = t.part(vm, 0);
                if it.is_unbound() {
                    return END;
                }
                // The items before the stop are taken even if the next one wanted lies behind it.
                let last = if stop >= 0 { wanted.min(stop) } else { wanted };
                let taken = t.number(vm, 4);
                if stop >= 0 && wanted >= stop && taken >= last {
                    t.finish(vm);
                    return END;
                }
                next_item!(vm, regs, 1, it)
            }
        };
        let Some(x) = item else {
            t.finish(vm);
            return END;
        };
        let number = t.number(vm, 4);
        t.put_number(vm, 4, number.saturating_add(1));
        if number >= wanted {
            t.put_number(vm, 1, wanted.saturating_add(step));
            return Ok(x.into());
        }
    }
});

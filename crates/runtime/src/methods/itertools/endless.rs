//! `count`, `cycle`, `repeat`.

use super::{END, define, make, next_item, resumed, tool};
use crate::boot::TypeBuilder;
use crate::exc::{Flow, Reply};
use crate::machine::Machine;
use crate::native::{Def, def};
use crate::objects::list::List;
use crate::objects::types::BinOp;
use crate::ops;
use crate::soft;
use crate::value::Value;
use crate::vm::Vm;

// count: current value, step.

pub fn define_count(b: &mut TypeBuilder<'_>) {
    define(b, count_next, COUNT);
    b.slots.repr = Some(|vm, v| {
        let (n, step) =
            tool(v).map_or((Value::NONE, Value::NONE), |t| (t.part(vm, 0), t.part(vm, 1)));
        crate::steps::call_intrinsic(vm, "count_repr", &[n, step])
    });
}

fn is_number(vm: &Vm, v: &Value) -> bool {
    let s = vm.type_of(v).slots(vm);
    s.index.is_some()
        || s.int.is_some()
        || s.float.is_some()
        || v.has::<crate::objects::number::Complex>()
}

const COUNT: &[Def] = &[def!("__new__", "(cls, start=0, step=1)", |vm, a| {
    let one = |v: &Value, n| v.given().cloned().unwrap_or(Value::from_i32(n));
    let (start, step) = (one(&a[1], 0), one(&a[2], 1));
    if !is_number(vm, &start) || !is_number(vm, &step) {
        return Err(vm.type_error("a number is required"));
    }
    make(vm, &a[0], vec![start, step])
})];

fn count_next(vm: &mut Vm, v: &Value) -> Flow {
    let Some(t) = tool(v) else { return END };
    let (n, step) = (t.part(vm, 0), t.part(vm, 1));
    if let (Some(i), Some(s)) = (n.as_small_int(), step.as_small_int())
        && let Some(next) = i.checked_add(s)
    {
        t.put_number(vm, 0, next);
        return Ok(n.into());
    }
    vm.start(&COUNT_NEXT, [v.clone(), n, step])
}

/// Registers: iterator, current value, step.
pub(crate) static COUNT_NEXT: Machine = Machine::new("count.next", |vm, regs, input| {
    let next = match regs.stage() {
        0 => {
            let (n, step) = (regs.get(1), regs.get(2));
            soft!(regs, 1, ops::binary::binary(vm, BinOp::Add, &n, &step))
        }
        _ => input.value()?,
    };
    let v = regs.get(0);
    if let Some(t) = tool(&v) {
        t.put(vm, 0, next);
    }
    Ok(regs.take(1).into())
});

// cycle: iterator (unbound at its end), list of its items, next index in the list.

pub fn define_cycle(b: &mut TypeBuilder<'_>) {
    define(
        b,
        |vm, v| match saved(vm, v) {
            Some(item) => Ok(item.into()),
            None => vm.start(&CYCLE_NEXT, [v.clone()]),
        },
        CYCLE,
    );
}

const CYCLE: &[Def] = &[def!("__new__", "(cls, iterable, /)", |vm, cls, iterable| {
    let list = vm.list(vec![]);
    super::start(vm, cls, iterable, &[list, Value::from_i32(0)])
})];

/// The next item of the second and later rounds.
fn saved(vm: &mut Vm, v: &Value) -> Option<Value> {
    let t = tool(v)?;
    if !t.part(vm, 0).is_unbound() {
        return None;
    }
    let list = t.part(vm, 1);
    let list = list.get::<List>()?;
    let i = t.number(vm, 2) as usize;
    let item = list.get_item(vm, i)?;
    let n = list.len(vm);
    t.put_number(vm, 2, ((i + 1) % n) as i64);
    Some(item)
}

/// Registers: iterator.
pub(crate) static CYCLE_NEXT: Machine = Machine::new("cycle.next", |vm, regs, input| {
    let v = regs.get(0);
    let Some(t) = tool(&v) else { return END };
    let item = match regs.stage() {
        0 => {
            let it = t.part(vm, 0);
            if it.is_unbound() {
                return END;
            }
            next_item!(vm, regs, 1, it)
        }
        _ => resumed(input)?,
    };
    match item {
        Some(x) => {
            if let Some(l) = t.part(vm, 1).get::<List>() {
                l.push(vm, x.clone());
            }
            Ok(x.into())
        }
        None => {
            t.put(vm, 0, Value::UNBOUND);
            match saved(vm, &v) {
                Some(x) => Ok(x.into()),
                None => END,
            }
        }
    }
});

// repeat: object, number left (-1: endless).

pub fn define_repeat(b: &mut TypeBuilder<'_>) {
    define(
        b,
        |vm, v| {
            let Some(t) = tool(v) else { return END };
            match t.number(vm, 1) {
                0 => END,
                -1 => Ok(t.part(vm, 0).into()),
                n => {
                    t.put_number(vm, 1, n - 1);
                    Ok(t.part(vm, 0).into())
                }
            }
        },
        REPEAT,
    );
    b.slots.repr = Some(|vm, v| {
        let (x, n) = tool(v).map_or((Value::NONE, Value::NONE), |t| (t.part(vm, 0), t.part(vm, 1)));
        crate::steps::call_intrinsic(vm, "repeat_repr", &[x, n])
    });
}

const REPEAT: &[Def] =
    &[
        def!("__new__", "(cls, object, times: ssize=None)", |vm, a| {
            let n = match a[2].given() {
                Some(n) => n.as_i64_saturating().unwrap_or(0).max(0),
                None => -1,
            };
            let n = vm.int(n);
            make(vm, &a[0], vec![a[1].clone(), n])
        }),
        def!("__length_hint__", "(self, /)", |vm, this| match tool(this)
            .map_or(0, |t| t.number(vm, 1))
        {
            -1 => Err(vm.type_error("len() of unsized object")),
            n => Ok(Reply::from(vm.int(n))),
        }),
    ];

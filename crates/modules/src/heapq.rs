//! `_heapq`: heaps in lists. Where all comparisons are native, an operation is one step that changes
//! nothing before it has compared everything; else an intrinsic does it. CPython's counterpart:
//! `Modules/_heapqmodule.c`.

use std::cmp::Ordering;

use stackless_runtime::native::{Def, def};
use stackless_runtime::objects::list::List;
use stackless_runtime::ops::compare::native_order;
use stackless_runtime::steps::call_intrinsic;
use stackless_runtime::value::Ref;
use stackless_runtime::{Flow, PyResult, Value, Vm};

use crate::Native;

pub const MODULE: Native = Native { name: "_heapq", defs: DEFS, fill: |_, _| Ok(()) };

/// What the intrinsic is asked for.
#[derive(Clone, Copy)]
enum Op {
    Push,
    Pop,
    Replace,
    PushPop,
    Heapify,
}

fn list_of(vm: &mut Vm, name: &str, heap: &Value, max: bool) -> PyResult<Ref<List>> {
    match heap.clone().cast::<List>() {
        Ok(l) => Ok(l),
        Err(_) => {
            let t = vm.type_name(heap);
            let max = if max { "_max" } else { "" };
            let which = if matches!(name, "heappop" | "heapify") { "" } else { " 1" };
            Err(vm.type_error(format!("{name}{max}() argument{which} must be list, not {t}")))
        }
    }
}

fn slowly(vm: &mut Vm, op: Op, heap: &Value, item: &Value, max: bool) -> Flow {
    let op = Value::from_i32(op as i32);
    call_intrinsic(vm, "heap_operation", &[op, heap.clone(), item.clone(), Value::bool(max)])
}

/// Does `a` belong above `b`? None where Python must be asked.
fn above(vm: &Vm, a: &Value, b: &Value, max: bool) -> Option<bool> {
    let wanted = if max { Ordering::Greater } else { Ordering::Less };
    native_order(vm, a, b, 0).map(|order| order == wanted)
}

/// Lets `item` climb from the hole at `from` to `to`.
fn lift(items: &mut [Value], item: Value, from: usize, to: usize) {
    let mut at = from;
    while at > to {
        let parent = (at - 1) / 2;
        items.swap(at, parent);
        at = parent;
    }
    items[to] = item;
}

/// Where `item`, put at `top` of a heap, comes to rest: the way down over the better children, then up
/// again. The way is bottom-up, as in CPython, for few comparisons.
fn sink(vm: &Vm, items: &[Value], item: &Value, top: usize, max: bool) -> Option<Vec<usize>> {
    let mut way = vec![top];
    let mut at = top;
    while 2 * at + 1 < items.len() {
        let mut child = 2 * at + 1;
        if child + 1 < items.len() && !above(vm, &items[child], &items[child + 1], max)? {
            child += 1;
        }
        way.push(child);
        at = child;
    }
    while way.len() > 1 && above(vm, item, &items[way[way.len() - 1]], max)? {
        way.pop();
    }
    Some(way)
}

/// Moves the items of a way up by one and puts `item` at its end.
fn settle(items: &mut [Value], item: Value, way: &[usize]) -> Value {
    let mut hole = item;
    for &at in way.iter().rev() {
        std::mem::swap(&mut items[at], &mut hole);
    }
    hole
}

fn push(vm: &mut Vm, heap: &Value, item: &Value, max: bool) -> Flow {
    let l = list_of(vm, "heappush", heap, max)?;
    let n = l.items(vm).len();
    // The new item stands behind the others already when its way is looked for.
    let mut at = n;
    while at > 0 {
        let parent = (at - 1) / 2;
        match above(vm, item, &l.items(vm)[parent], max) {
            Some(true) => at = parent,
            Some(false) => break,
            None => return slowly(vm, Op::Push, heap, item, max),
        }
    }
    l.append(vm, item.clone())?;
    lift(l.items_mut(vm), item.clone(), n, at);
    Ok(Value::NONE.into())
}

fn pop(vm: &mut Vm, heap: &Value, max: bool) -> Flow {
    let l = list_of(vm, "heappop", heap, max)?;
    let items = l.items(vm);
    let Some((last, rest)) = items.split_last() else {
        return Err(vm.index_error("index out of range"));
    };
    if rest.is_empty() {
        let only = l.items_mut(vm).pop();
        return Ok(only.unwrap_or(Value::NONE).into());
    }
    let Some(way) = sink(vm, rest, last, 0, max) else {
        return slowly(vm, Op::Pop, heap, &Value::NONE, max);
    };
    let items = l.items_mut(vm);
    let last = items.pop().unwrap_or(Value::NONE);
    Ok(settle(items, last, &way).into())
}

fn replace(vm: &mut Vm, heap: &Value, item: &Value, max: bool) -> Flow {
    let l = list_of(vm, "heapreplace", heap, max)?;
    if l.items(vm).is_empty() {
        return Err(vm.index_error("index out of range"));
    }
    match sink(vm, l.items(vm), item, 0, max) {
        Some(way) => Ok(settle(l.items_mut(vm), item.clone(), &way).into()),
        None => slowly(vm, Op::Replace, heap, item, max),
    }
}

fn push_pop(vm: &mut Vm, heap: &Value, item: &Value, max: bool) -> Flow {
    let l = list_of(vm, "heappushpop", heap, max)?;
    let Some(first) = l.items(vm).first() else { return Ok(item.clone().into()) };
    match above(vm, first, item, max) {
        Some(false) => Ok(item.clone().into()),
        Some(true) => match sink(vm, l.items(vm), item, 0, max) {
            Some(way) => Ok(settle(l.items_mut(vm), item.clone(), &way).into()),
            None => slowly(vm, Op::PushPop, heap, item, max),
        },
        None => slowly(vm, Op::PushPop, heap, item, max),
    }
}

fn heapify(vm: &mut Vm, heap: &Value, max: bool) -> Flow {
    let l = list_of(vm, "heapify", heap, max)?;
    let n = l.items(vm).len();
    for top in (0..n / 2).rev() {
        let items = l.items(vm);
        let item = items[top].clone();
        match sink(vm, items, &item, top, max) {
            Some(way) => drop(settle(l.items_mut(vm), item, &way)),
            // What was ordered so far stays a permutation of the items.
            None => return slowly(vm, Op::Heapify, heap, &Value::NONE, max),
        }
    }
    Ok(Value::NONE.into())
}

const DEFS: &[Def] = &[
    def!("heappush", "(heap, item, /)", |vm, heap, item| push(vm, heap, item, false)),
    def!("heappop", "(heap, /)", |vm, heap| pop(vm, heap, false)),
    def!("heapreplace", "(heap, item, /)", |vm, heap, item| replace(vm, heap, item, false)),
    def!("heappushpop", "(heap, item, /)", |vm, heap, item| push_pop(vm, heap, item, false)),
    def!("heapify", "(heap, /)", |vm, heap| heapify(vm, heap, false)),
    def!("heappush_max", "(heap, item, /)", |vm, heap, item| push(vm, heap, item, true)),
    def!("heappop_max", "(heap, /)", |vm, heap| pop(vm, heap, true)),
    def!("heapreplace_max", "(heap, item, /)", |vm, heap, item| replace(vm, heap, item, true)),
    def!("heappushpop_max", "(heap, item, /)", |vm, heap, item| push_pop(vm, heap, item, true)),
    def!("heapify_max", "(heap, /)", |vm, heap| heapify(vm, heap, true)),
];

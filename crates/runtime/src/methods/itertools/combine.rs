//! `product`, `combinations`, `combinations_with_replacement`, `permutations`: nothing of the program
//! runs in their steps.
//!
//! State: pool (a tuple; for `product` a tuple of pools), started, number of items per result, then
//! the indexes of the last result; `permutations` keeps its countdowns behind them.

use super::{END, define, items_of, make, start_pool, tool};
use crate::boot::TypeBuilder;
use crate::exc::Flow;
use crate::machine::Machine;
use crate::native::{Def, def};
use crate::objects::list::List;
use crate::ops;
use crate::soft;
use crate::value::Value;
use crate::vm::Vm;

const STARTED: usize = 1;
const SIZE: usize = 2;
const INDEX: usize = 3;

fn number(v: &Value) -> i64 {
    v.as_small_int().unwrap_or(0)
}

fn index(n: i64) -> Value {
    Value::small_int(n).unwrap_or(Value::from_i32(0))
}

/// The indexes, to be changed in place.
fn indexes_of<'a>(vm: &'a mut Vm, v: &'a Value) -> Option<&'a mut [Value]> {
    tool(v)?.state.get_mut(vm).get_mut(INDEX..)
}

/// The pool's items at the first `r` indexes.
fn picked(vm: &mut Vm, v: &Value, pool: &Value, r: usize) -> Flow {
    let Some(t) = tool(v) else { return END };
    let items = pool.tuple_items();
    let indexes = t.state.get(vm).get(INDEX..INDEX + r).unwrap_or(&[]);
    let pick = |i: &Value| items.get(number(i) as usize).cloned().unwrap_or(Value::NONE);
    let out = indexes.iter().map(pick).collect();
    Ok(vm.tuple(out).into())
}

fn store(vm: &mut Vm, v: &Value, numbers: &[i64]) {
    let Some(t) = tool(v) else { return };
    let state = t.state.get_mut(vm);
    state.truncate(INDEX);
    state.extend(numbers.iter().map(|n| index(*n)));
}

fn result(vm: &mut Vm, pool: &Value, indexes: &[i64]) -> Flow {
    let items = pool.tuple_items();
    let out =
        indexes.iter().map(|i| items.get(*i as usize).cloned().unwrap_or(Value::NONE)).collect();
    Ok(vm.tuple(out).into())
}

fn first_call(vm: &mut Vm, v: &Value) -> bool {
    let Some(t) = tool(v) else { return false };
    let first = t.number(vm, STARTED) == 0;
    if first {
        t.put_number(vm, STARTED, 1);
    }
    first
}

fn over(vm: &mut Vm, v: &Value) -> Flow {
    if let Some(t) = tool(v) {
        t.finish(vm);
    }
    END
}

fn parts(vm: &Vm, v: &Value) -> Option<(Value, usize)> {
    let t = tool(v)?;
    let pool = t.part(vm, 0);
    if pool.is_unbound() { None } else { Some((pool, t.number(vm, SIZE) as usize)) }
}

fn size_argument(vm: &mut Vm, r: &Value) -> Result<i64, crate::exc::Exc> {
    match r.as_i64_saturating().unwrap_or(0) {
        n if n < 0 => Err(vm.value_error("r must be non-negative")),
        n => Ok(n),
    }
}

pub fn define_combinations(b: &mut TypeBuilder<'_>) {
    define(b, combinations_next, COMBINATIONS);
}

const COMBINATIONS: &[Def] = &[def!("__new__", "(cls, iterable, r: ssize)", |vm, a| {
    let r = size_argument(vm, &a[2])?;
    let r = vm.int(r);
    start_pool(vm, &a[0], &a[1], &[Value::from_i32(0), r])
})];

fn combinations_next(vm: &mut Vm, v: &Value) -> Flow {
    let Some((pool, r)) = parts(vm, v) else { return END };
    let n = pool.tuple_items().len();
    if r > n {
        return over(vm, v);
    }
    if first_call(vm, v) {
        let indexes: Vec<i64> = (0..r as i64).collect();
        store(vm, v, &indexes);
        return result(vm, &pool, &indexes);
    }
    let Some(indexes) = indexes_of(vm, v).filter(|x| x.len() == r) else { return END };
    let mut i = r;
    while i > 0 && number(&indexes[i - 1]) == (i - 1 + n - r) as i64 {
        i -= 1;
    }
    if i == 0 {
        return over(vm, v);
    }
    let mut next = number(&indexes[i - 1]);
    for x in &mut indexes[i - 1..r] {
        next += 1;
        *x = index(next);
    }
    picked(vm, v, &pool, r)
}

pub fn define_replacement(b: &mut TypeBuilder<'_>) {
    define(b, replacement_next, COMBINATIONS);
}

fn replacement_next(vm: &mut Vm, v: &Value) -> Flow {
    let Some((pool, r)) = parts(vm, v) else { return END };
    let n = pool.tuple_items().len();
    if n == 0 && r > 0 {
        return over(vm, v);
    }
    if first_call(vm, v) {
        vm.claim(r.saturating_mul(size_of::<Value>()))?;
        let indexes = vec![0; r];
        store(vm, v, &indexes);
        return result(vm, &pool, &indexes);
    }
    let Some(indexes) = indexes_of(vm, v).filter(|x| x.len() == r) else { return END };
    let mut i = r;
    while i > 0 && number(&indexes[i - 1]) == n as i64 - 1 {
        i -= 1;
    }
    if i == 0 {
        return over(vm, v);
    }
    let next = number(&indexes[i - 1]) + 1;
    indexes[i - 1..r].fill_with(|| index(next));
    picked(vm, v, &pool, r)
}

pub fn define_permutations(b: &mut TypeBuilder<'_>) {
    define(b, permutations_next, PERMUTATIONS);
}

const PERMUTATIONS: &[Def] = &[def!("__new__", "(cls, iterable, r=None)", |vm, a| {
    let r = match a[2].given().filter(|r| !r.is_none()) {
        None => -1,
        Some(r) if r.is_int_like() => size_argument(vm, r)?,
        Some(_) => return Err(vm.type_error("Expected int as r")),
    };
    let r = vm.int(r);
    start_pool(vm, &a[0], &a[1], &[Value::from_i32(0), r])
})];

fn permutations_next(vm: &mut Vm, v: &Value) -> Flow {
    let Some(t) = tool(v) else { return END };
    let pool = t.part(vm, 0);
    if pool.is_unbound() {
        return END;
    }
    let n = pool.tuple_items().len();
    let r = match t.number(vm, SIZE) {
        -1 => n,
        r => r as usize,
    };
    if r > n {
        return over(vm, v);
    }
    if first_call(vm, v) {
        let mut all: Vec<i64> = (0..n as i64).collect();
        let indexes = all[..r].to_vec();
        all.extend((0..r).map(|i| (n - i) as i64));
        store(vm, v, &all);
        return result(vm, &pool, &indexes);
    }
    let Some(all) = indexes_of(vm, v).filter(|x| x.len() == n + r) else { return END };
    let (indexes, cycles) = all.split_at_mut(n);
    for i in (0..r).rev() {
        let left = number(&cycles[i]) - 1;
        if left == 0 {
            indexes[i..].rotate_left(1);
            cycles[i] = index((n - i) as i64);
        } else {
            cycles[i] = index(left);
            indexes.swap(i, n.saturating_sub(left as usize).min(n - 1));
            return picked(vm, v, &pool, r);
        }
    }
    over(vm, v)
}

pub fn define_product(b: &mut TypeBuilder<'_>) {
    define(b, product_next, PRODUCT);
}

const PRODUCT: &[Def] = &[def!("__new__", "(cls, /, *iterables, repeat: ssize=1)", |vm, a| {
    let repeat = a[1].given().map_or(1, |n| n.as_i64_saturating().unwrap_or(0));
    if repeat < 0 {
        return Err(vm.value_error("repeat argument cannot be negative"));
    }
    let n = a[2].tuple_items().len();
    if n.checked_mul(repeat as usize).is_none_or(|n| n > isize::MAX as usize / 64) {
        return Err(vm.overflow_error("repeat argument too large"));
    }
    let (repeat, list) = (vm.int(repeat), vm.list(vec![]));
    vm.start(&PRODUCT_NEW, [a[0].clone(), a[2].clone(), repeat, list])
})];

/// Registers: class, tuple of iterables, repeat, list of pools.
pub(crate) static PRODUCT_NEW: Machine = Machine::new("product.new", |vm, regs, input| {
    let (iterables, done) = (regs.get(1), regs.get(3));
    let Some(list) = done.get::<List>() else { return END };
    if regs.int(2) > 0 {
        if regs.stage() == 1 {
            let pool = input.value()?;
            let items = items_of(vm, &pool)?;
            let pool = vm.tuple(items);
            list.push(vm, pool);
        }
        while let Some(v) = iterables.tuple_items().get(list.len(vm)) {
            let v = v.clone();
            let pool = soft!(regs, 1, ops::iter::collect(vm, &v));
            let items = items_of(vm, &pool)?;
            let pool = vm.tuple(items);
            list.push(vm, pool);
        }
    }
    let one = items_of(vm, &done)?;
    let mut pools = Vec::new();
    let repeats = usize::try_from(regs.int(2)).unwrap_or(0);
    let Some(total) = one.len().checked_mul(repeats) else { return Err(vm.no_memory()) };
    vm.reserve(&mut pools, total)?;
    for _ in 0..if one.is_empty() { 0 } else { repeats } {
        pools.extend(one.iter().cloned());
    }
    let (n, pools, class) = (Value::from_usize(pools.len()), vm.tuple(pools), regs.get(0));
    make(vm, &class, vec![pools, Value::from_i32(0), n])
});

fn product_next(vm: &mut Vm, v: &Value) -> Flow {
    let Some((pools, n)) = parts(vm, v) else { return END };
    let pools = pools.tuple_items();
    if first_call(vm, v) {
        if pools.iter().any(|p| p.tuple_items().is_empty()) {
            return over(vm, v);
        }
        store(vm, v, &vec![0; n]);
    } else {
        let fits = |x: &&mut [Value]| x.len() == n && pools.len() == n;
        let Some(indexes) = indexes_of(vm, v).filter(fits) else { return END };
        let mut i = n;
        loop {
            if i == 0 {
                return over(vm, v);
            }
            i -= 1;
            let next = number(&indexes[i]) + 1;
            if (next as usize) < pools[i].tuple_items().len() {
                indexes[i] = index(next);
                break;
            }
            indexes[i] = index(0);
        }
    }
    let Some(t) = tool(v) else { return END };
    let indexes = t.state.get(vm).get(INDEX..).unwrap_or(&[]);
    let pick = |(i, p): (&Value, &Value)| p.tuple_items().get(number(i) as usize).cloned();
    let out = indexes.iter().zip(pools).map(|x| pick(x).unwrap_or(Value::NONE)).collect();
    Ok(vm.tuple(out).into())
}

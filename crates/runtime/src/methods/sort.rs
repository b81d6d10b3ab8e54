//! `sorted` and `list.sort`: keys are computed one after the other, natively comparable keys are
//! sorted at once, all others by the merge sort of the intrinsics. CPython's counterpart:
//! `Objects/listobject.c`.

use std::cmp::Ordering;

use crate::exc::{Flow, PyResult, Reply};
use crate::machine::{Input, Machine};
use crate::native::Args;
use crate::objects::list::List;
use crate::ops;
use crate::ops::compare::{native_order, natively_ordered};
use crate::soft;
use crate::steps::call_intrinsic;
use crate::value::Value;
use crate::vm::Vm;

/// Sorts positions by decorated keys. Stable in both directions.
fn order_by<K>(
    mut keyed: Vec<(K, u32)>,
    reverse: bool,
    compare: impl Fn(&K, &K) -> Ordering,
) -> Vec<usize> {
    if reverse {
        keyed.reverse();
    }
    keyed.sort_by(|x, y| compare(&x.0, &y.0));
    if reverse {
        keyed.reverse();
    }
    keyed.into_iter().map(|(_, i)| i as usize).collect()
}

/// The positions of keys of one simple kind: small ints, small floats, strs. The keys lie beside the
/// positions, of strs the first bytes, so that few comparisons look elsewhere.
fn simple_positions(vm: &Vm, keys: &[Value], reverse: bool) -> Option<Vec<usize>> {
    u32::try_from(keys.len()).ok()?;
    let first = keys.first()?;
    let numbered = || keys.iter().zip(0u32..);
    if first.is_int() {
        let keyed: Option<Vec<_>> = numbered().map(|(k, i)| Some((k.as_small_int()?, i))).collect();
        return Some(order_by(keyed?, reverse, i64::cmp));
    }
    if first.as_small_float().is_some() {
        let keyed: Option<Vec<_>> = numbered()
            .map(|(k, i)| Some((k.as_small_float().filter(|f| !f.is_nan())?, i)))
            .collect();
        let compare = |x: &f64, y: &f64| x.partial_cmp(y).unwrap_or(Ordering::Equal);
        return Some(order_by(keyed?, reverse, compare));
    }
    if !vm.is_exactly(first, &vm.types.str) {
        return None;
    }
    let head = |text: &[u8]| {
        let mut word = [0; 8];
        let n = text.len().min(8);
        word[..n].copy_from_slice(&text[..n]);
        u64::from_be_bytes(word)
    };
    let keyed: Option<Vec<_>> = numbered()
        .map(|(k, i)| {
            let text = k.as_wtf8().filter(|_| vm.is_exactly(k, &vm.types.str))?;
            Some(((head(text), text), i))
        })
        .collect();
    // Missing bytes count as zeros: equal heads say nothing yet.
    Some(order_by(keyed?, reverse, |x, y| x.0.cmp(&y.0).then_with(|| x.1.cmp(y.1))))
}

/// What sorting by natively comparable keys does to the items.
enum Order {
    /// They are in order.
    Kept,
    /// Their positions in order.
    Positions(Vec<usize>),
}

/// The order of the keys, if they compare natively. Stable in both directions.
fn native_positions(vm: &Vm, keys: &[Value], reverse: bool) -> Option<Order> {
    if !natively_ordered(vm, keys) {
        return None;
    }
    let compare = |x: &Value, y: &Value| native_order(vm, x, y, 0).unwrap_or(Ordering::Equal);
    let wrong = if reverse { Ordering::Less } else { Ordering::Greater };
    if keys.windows(2).all(|pair| compare(&pair[0], &pair[1]) != wrong) {
        return Some(Order::Kept);
    }
    if let Some(order) = simple_positions(vm, keys, reverse) {
        return Some(Order::Positions(order));
    }
    let by_key = |x: &usize, y: &usize| compare(&keys[*x], &keys[*y]);
    let mut order: Vec<usize> = (0..keys.len()).collect();
    if reverse {
        order.reverse();
        order.sort_by(by_key);
        order.reverse();
    } else {
        order.sort_by(by_key);
    }
    Some(Order::Positions(order))
}

/// `sorted(iterable, key, reverse)`.
pub fn sorted(vm: &mut Vm, iterable: &Value, key: &Value, reverse: bool) -> Flow {
    vm.start(&SORTED, [iterable.clone(), key.clone(), Value::bool(reverse)])
}

/// Registers: iterable, key, reverse.
pub(crate) static SORTED: Machine = Machine::new("builtins.sorted", |vm, regs, input| {
    let list = match regs.stage() {
        0 => {
            let v = regs.get(0);
            soft!(regs, 1, ops::iter::collect(vm, &v))
        }
        1 => input.value()?,
        _ => {
            input.value()?;
            return Ok(regs.take(0).into());
        }
    };
    regs.set(0, list.clone());
    let (key, reverse) = (regs.get(1), regs.get(2).is_true());
    let _ = soft!(regs, 2, sort(vm, &list, &key, reverse));
    Ok(list.into())
});

/// `list.sort(key, reverse)`.
pub fn sort(vm: &mut Vm, list: &Value, key: &Value, reverse: bool) -> Flow {
    let Some(l) = list.get::<List>() else { return Ok(Reply::NONE) };
    if key.is_none() {
        let items = l.items(vm);
        if items.len() < 2 {
            return Ok(Reply::NONE);
        }
        match native_positions(vm, items, reverse) {
            Some(Order::Kept) => return Ok(Reply::NONE),
            Some(Order::Positions(order)) => {
                let items = l.items_mut(vm);
                let take = |i: &usize| std::mem::replace(&mut items[*i], Value::UNBOUND);
                let sorted = order.iter().map(take).collect();
                *items = sorted;
                return Ok(Reply::NONE);
            }
            None => {}
        }
    }
    let items = std::mem::take(l.items_mut(vm));
    let (items, keys) = (vm.list(items), vm.list(vec![]));
    vm.start(&SORT, [list.clone(), key.clone(), Value::bool(reverse), items, keys])
}

/// Registers: list (empty meanwhile), key, reverse, items, keys. Stage 1: a key; 2: the sorted items.
pub(crate) static SORT: Machine = Machine::new("list.sort", |vm, regs, input| {
    let result = step(vm, regs, input);
    match result {
        Ok(Some(sorted)) => {
            put_back(vm, regs, sorted)?;
            Ok(Reply::NONE)
        }
        Ok(None) => Ok(Reply::PUSHED),
        Err(e) => {
            let items = list_items(vm, regs.peek(3));
            let _ = put_back(vm, regs, items);
            Err(e)
        }
    }
});

fn list_items(vm: &Vm, list: &Value) -> Vec<Value> {
    list.get::<List>().map_or_else(Vec::new, |l| l.items(vm).to_vec())
}

/// The sorted items, or None when something was pushed.
fn step(
    vm: &mut Vm,
    regs: &mut crate::machine::Regs,
    input: Input,
) -> PyResult<Option<Vec<Value>>> {
    let (items, keys) = (regs.get(3), regs.get(4));
    let (Some(from), Some(to)) = (items.get::<List>(), keys.get::<List>()) else {
        return Err(vm.system_error("machine register holds no list"));
    };
    match regs.stage() {
        1 => {
            let k = input.value()?;
            to.push(vm, k);
        }
        2 => {
            let sorted = input.value()?;
            return Ok(Some(list_items(vm, &sorted)));
        }
        _ => {}
    }
    let keyed = !regs.peek(1).is_none();
    if keyed {
        regs.set_stage(1);
        while let Some(x) = from.get_item(vm, to.len(vm)) {
            match ops::call::call(vm, regs.peek(1), Args::new(&[x]))?.ready() {
                Some(k) => to.push(vm, k),
                None => return Ok(None),
            }
        }
    }
    let reverse = regs.peek(2).is_true();
    let by = if keyed { to } else { from };
    match native_positions(vm, by.items(vm), reverse) {
        Some(Order::Kept) => return Ok(Some(std::mem::take(from.items_mut(vm)))),
        Some(Order::Positions(order)) => {
            let all = from.items(vm);
            return Ok(Some(order.iter().filter_map(|i| all.get(*i).cloned()).collect()));
        }
        None => {}
    }
    regs.set_stage(2);
    let by = if keyed { keys.clone() } else { items.clone() };
    let flow = call_intrinsic(vm, "merge_sort", &[by, items.clone(), Value::bool(reverse)])?;
    Ok(flow.ready().map(|sorted| list_items(vm, &sorted)))
}

fn put_back(vm: &mut Vm, regs: &mut crate::machine::Regs, items: Vec<Value>) -> PyResult<()> {
    let list = regs.get(0);
    let Some(l) = list.get::<List>() else { return Ok(()) };
    // A list that grew and shrank again keeps its room.
    let changed = l.items.get(vm).capacity() != 0;
    let old = std::mem::replace(l.items_mut(vm), items);
    drop(old);
    if changed {
        return Err(vm.value_error("list modified during sort"));
    }
    Ok(())
}

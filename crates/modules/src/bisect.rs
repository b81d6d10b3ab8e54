//! `_bisect`: binary search in sorted sequences, in one step where all comparisons are native, else by
//! an intrinsic. CPython's counterpart: `Modules/_bisectmodule.c`.

use std::cmp::Ordering;

use stackless_runtime::native::{Def, def};
use stackless_runtime::objects::list::List;
use stackless_runtime::ops::compare::native_order;
use stackless_runtime::steps::call_intrinsic;
use stackless_runtime::{Flow, Value, Vm};

use crate::Native;

pub const MODULE: Native = Native { name: "_bisect", defs: DEFS, fill: |_, _| Ok(()) };

/// The place in a plain list, unless Python must be asked.
fn place(vm: &Vm, items: &[Value], x: &Value, right: bool, lo: usize, hi: usize) -> Option<usize> {
    let (mut lo, mut hi) = (lo, hi.min(items.len()));
    while lo < hi {
        let middle = (lo + hi) / 2;
        let order = native_order(vm, &items[middle], x, 0)?;
        if order == Ordering::Less || right && order == Ordering::Equal {
            lo = middle + 1;
        } else {
            hi = middle;
        }
    }
    Some(lo)
}

/// `a, x, lo, hi, key`: as the functions get them.
fn search(vm: &mut Vm, args: &[Value], right: bool, insert: bool) -> Flow {
    let [a, x, lo, hi, key] = args else { return Ok(Value::NONE.into()) };
    let lo_given = lo.given().map_or(0, |v| v.as_i64().unwrap_or(0));
    if lo_given < 0 {
        return Err(vm.value_error("lo must be non-negative"));
    }
    let hi_given = hi.given().filter(|v| !v.is_none()).map(|v| v.as_i64().unwrap_or(0));
    let plain = key.given().is_none_or(Value::is_none);
    if let Some(l) = a.get::<List>().filter(|_| plain && vm.is_exactly(a, &vm.types.list))
        && hi_given.is_none_or(|n| n >= 0 && n as usize <= l.items(vm).len())
    {
        let hi = hi_given.map_or(l.items(vm).len(), |n| n as usize);
        if let Some(at) = place(vm, l.items(vm), x, right, lo_given as usize, hi) {
            if !insert {
                return Ok(Value::from_usize(at).into());
            }
            let n = l.items(vm).len();
            l.append(vm, x.clone())?;
            l.items_mut(vm)[at.min(n)..].rotate_right(1);
            return Ok(Value::NONE.into());
        }
    }
    let or_none = |v: &Value| v.given().cloned().unwrap_or(Value::NONE);
    let lo = vm.int(lo_given);
    let flags = [Value::bool(right), Value::bool(insert)];
    let [right, insert] = flags;
    let args = [a.clone(), x.clone(), lo, or_none(hi), or_none(key), right, insert];
    call_intrinsic(vm, "bisect_operation", &args)
}

const DEFS: &[Def] = &[
    def!("bisect_left", "(a, x, lo: ssize=0, hi: ssize?=None, *, key=None)", |vm, args| search(
        vm, args, false, false
    )),
    def!("bisect_right", "(a, x, lo: ssize=0, hi: ssize?=None, *, key=None)", |vm, args| search(
        vm, args, true, false
    )),
    def!("bisect", "(a, x, lo: ssize=0, hi: ssize?=None, *, key=None)", |vm, args| search(
        vm, args, true, false
    )),
    def!("insort_left", "(a, x, lo: ssize=0, hi: ssize?=None, *, key=None)", |vm, args| search(
        vm, args, false, true
    )),
    def!("insort_right", "(a, x, lo: ssize=0, hi: ssize?=None, *, key=None)", |vm, args| search(
        vm, args, true, true
    )),
    def!("insort", "(a, x, lo: ssize=0, hi: ssize?=None, *, key=None)", |vm, args| search(
        vm, args, true, true
    )),
];

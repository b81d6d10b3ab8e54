//! `sum`, `any`, `all`: machines over any iterator. CPython's counterpart: `Python/bltinmodule.c`.
//!
//! `sum` adds ints at once, floats and complex numbers with compensation (what an addition loses is
//! kept apart and added at the end), and everything else by `+`.

use crate::exc::{Flow, PyResult, Reply};
use crate::machine::{Input, Machine, Regs};
use crate::objects::list::List;
use crate::objects::number::Complex;
use crate::objects::types::BinOp;
use crate::ops;
use crate::soft;
use crate::value::Value;
use crate::vm::Vm;

/// A compensated sum: total, what was lost.
#[derive(Clone, Copy)]
struct Sum(f64, f64);

impl Sum {
    fn add(&mut self, x: f64) {
        let t = self.0 + x;
        self.1 += if self.0.abs() >= x.abs() { (self.0 - t) + x } else { (x - t) + self.0 };
        self.0 = t;
    }
    fn total(self) -> f64 {
        if self.1 != 0.0 && self.1.is_finite() { self.0 + self.1 } else { self.0 }
    }
}

pub fn sum(vm: &mut Vm, iterable: &Value, start: &Value) -> Flow {
    let t = [vm.types.str.clone(), vm.types.bytes.clone(), vm.types.bytearray.clone()];
    for (ty, name, join) in
        [(&t[0], "strings", "''"), (&t[1], "bytes", "b''"), (&t[2], "bytearray", "b''")]
    {
        if vm.is_instance(start, ty) {
            return Err(
                vm.type_error(format!("sum() can't sum {name} [use {join}.join(seq) instead]"))
            );
        }
    }
    if let Some(total) = sum_natively(vm, iterable, start) {
        return Ok(total.into());
    }
    let none = Value::UNBOUND;
    vm.start(&SUM, [iterable.clone(), start.clone(), none.clone(), none.clone(), none])
}

/// Items of an exact list or tuple.
pub fn plain_items<'a>(vm: &'a Vm, v: &'a Value) -> Option<&'a [Value]> {
    if vm.is_exactly(v, &vm.types.tuple) {
        return Some(v.tuple_items());
    }
    if vm.is_exactly(v, &vm.types.list) { Some(v.get::<List>()?.items(vm)) } else { None }
}

/// The sum of small ints and floats in a list or tuple; None for anything else.
fn sum_natively(vm: &Vm, iterable: &Value, start: &Value) -> Option<Value> {
    let items = plain_items(vm, iterable)?;
    let mut total = start.as_small_int()?;
    let mut at = 0;
    while let Some(n) = items.get(at).and_then(Value::as_small_int) {
        total = total.checked_add(n)?;
        at += 1;
    }
    if at == items.len() {
        return Value::small_int(total);
    }
    let mut sum = Sum(total as f64, 0.0);
    for item in &items[at..] {
        match item.as_small_float() {
            Some(f) => sum.add(f),
            None => sum.add(item.as_small_int()? as f64),
        }
    }
    Some(vm.float(sum.total()))
}

// Registers: iterator, total (a real or complex number is split), lost part, imaginary total and what
// it lost (unbound unless the total is complex).
const TOTAL: usize = 1;
const LOST: usize = 2;
const IMAGINARY: usize = 3;
const IMAGINARY_LOST: usize = 4;

/// Registers: see above. Stage 1: the iterator; 2: an item; 3: a total by `+`.
pub(crate) static SUM: Machine = Machine::new("builtins.sum", |vm, regs, input| {
    let mut input = Some(input);
    if regs.stage() == 0 {
        let v = regs.get(0);
        let it = soft!(regs, 1, ops::iter::iter(vm, &v));
        regs.set_stage(1);
        input = Some(Input::Value(it));
    }
    if regs.stage() == 1 {
        let it = input.take().unwrap_or(Input::Start).value()?;
        regs.set(0, it);
    }
    if regs.stage() == 3 {
        let total = input.take().unwrap_or(Input::Start).value()?;
        regs.set(TOTAL, total);
    }
    let it = regs.get(0);
    loop {
        let item = match input.take() {
            Some(i) if regs.stage() == 2 => i.item()?.filter(|v| !v.is_exhausted()),
            _ => {
                let x = soft!(regs, 2, ops::iter::next(vm, &it));
                if x.is_exhausted() { None } else { Some(x) }
            }
        };
        regs.set_stage(1);
        let Some(x) = item else { return Ok(total_of(vm, regs).into()) };
        if add_small_int(regs, &x) || add_small_float(regs, &x) {
            continue;
        }
        if add_number(vm, regs, &x) {
            continue;
        }
        let total = total_of(vm, regs);
        let sum = soft!(regs, 3, ops::binary::binary(vm, BinOp::Add, &total, &x));
        regs.set(TOTAL, sum);
    }
})
.absorbing(|_, regs, x| regs.stage() == 2 && (add_small_float(regs, x) || add_small_int(regs, x)));

fn float(v: &Value) -> f64 {
    v.as_float().unwrap_or(0.0)
}

/// The total as one value; the compensation starts anew.
fn total_of(vm: &mut Vm, regs: &mut Regs) -> Value {
    let lost = regs.take(LOST);
    if lost.is_unbound() {
        return regs.get(TOTAL);
    }
    let re = Sum(float(&regs.get(TOTAL)), float(&lost)).total();
    let (im, im_lost) = (regs.take(IMAGINARY), regs.take(IMAGINARY_LOST));
    let total = if im.is_unbound() {
        vm.float(re)
    } else {
        vm.complex(re, Sum(float(&im), float(&im_lost)).total())
    };
    regs.set(TOTAL, total.clone());
    total
}

/// Adds an int to an int total, all of them immediate.
fn add_small_int(regs: &mut Regs, x: &Value) -> bool {
    let parts = (regs.peek(TOTAL).as_small_int(), x.as_small_int());
    let (Some(total), Some(x)) = parts else { return false };
    let Some(total) = total.checked_add(x).and_then(Value::small_int) else { return false };
    regs.set(TOTAL, total);
    true
}

/// Adds a float to a float total that is being compensated, all of them immediate.
fn add_small_float(regs: &mut Regs, x: &Value) -> bool {
    // Zeros but for what was lost go the general way.
    let Some(x) = x.as_usual_float() else { return false };
    let Some(total) = regs.peek(TOTAL).as_usual_float() else { return false };
    let Some(lost) = regs.peek(LOST).as_small_float() else { return false };
    if !regs.peek(IMAGINARY).is_unbound() {
        return false;
    }
    let mut sum = Sum(total, lost);
    sum.add(x);
    let Some(total) = Value::usual_float(sum.0) else { return false };
    let Some(lost) = Value::small_float(sum.1) else { return false };
    regs.set(TOTAL, total);
    regs.set(LOST, lost);
    true
}

/// Adds a number to a float or complex total; false if this is not such an addition.
fn add_number(vm: &mut Vm, regs: &mut Regs, x: &Value) -> bool {
    let total = regs.get(TOTAL);
    let fresh = regs.get(LOST).is_unbound();
    let complex =
        !regs.get(IMAGINARY).is_unbound() || fresh && vm.is_exactly(&total, &vm.types.complex);
    if fresh && !complex && !vm.is_exactly(&total, &vm.types.float) {
        return false;
    }
    let exact_float = vm.is_exactly(x, &vm.types.float);
    let (re, im) = if exact_float {
        (float(x), None)
    } else if complex && vm.is_exactly(x, &vm.types.complex) {
        let Some(z) = x.get::<Complex>() else { return false };
        (z.re, Some(z.im))
    } else if x.is_int_like() {
        match x.as_big().map(|b| b.to_f64()) {
            Some(Ok(f)) => (f, None),
            _ => return false,
        }
    } else {
        return false;
    };
    let (mut real, mut imaginary) = match total.get::<Complex>() {
        Some(z) if fresh => (Sum(z.re, 0.0), Some(Sum(z.im, 0.0))),
        _ => {
            let real = Sum(float(&total), float(&regs.get(LOST)));
            let part =
                |regs: &Regs| Sum(float(&regs.get(IMAGINARY)), float(&regs.get(IMAGINARY_LOST)));
            (real, if complex { Some(part(regs)) } else { None })
        }
    };
    real.add(re);
    if let (Some(s), Some(im)) = (&mut imaginary, im) {
        s.add(im);
    }
    let values = [vm.float(real.0), vm.float(real.1)];
    let [total, lost] = values;
    regs.set(TOTAL, total);
    regs.set(LOST, lost);
    if let Some(s) = imaginary {
        let (im, lost) = (vm.float(s.0), vm.float(s.1));
        regs.set(IMAGINARY, im);
        regs.set(IMAGINARY_LOST, lost);
    }
    true
}

/// `any` (`wanted` true) and `all`.
pub fn search(vm: &mut Vm, iterable: &Value, wanted: bool) -> Flow {
    if let Some(items) = plain_items(vm, iterable) {
        let truths = items.iter().map(ops::truth_fast);
        let passed = truths.take_while(|t| t.is_some_and(|t| t != wanted)).count();
        match items.get(passed).map(ops::truth_fast) {
            None => return Ok((!wanted).into()),
            Some(Some(_)) => return Ok(wanted.into()),
            // Python code decides.
            Some(None) => {}
        }
    }
    vm.start(&SEARCH, [iterable.clone(), Value::bool(wanted)])
}

/// Registers: iterator, the truth that ends the search. Stage 1: the iterator; 2: an item; 3: its
/// truth.
pub(crate) static SEARCH: Machine = Machine::new("builtins.any", |vm, regs, input| {
    let wanted = regs.get(1).is_true();
    let mut input = Some(input);
    if regs.stage() == 0 {
        let v = regs.get(0);
        let it = soft!(regs, 1, ops::iter::iter(vm, &v));
        regs.set_stage(1);
        input = Some(Input::Value(it));
    }
    if regs.stage() == 1 {
        let it = input.take().unwrap_or(Input::Start).value()?;
        regs.set(0, it);
    }
    let it = regs.get(0);
    loop {
        let mut truth: PyResult<Option<Value>> = Ok(None);
        let mut item = None;
        match (regs.stage(), input.take()) {
            (3, Some(i)) => truth = i.value().map(Some),
            (2, Some(i)) => match i.item()?.filter(|v| !v.is_exhausted()) {
                Some(x) => item = Some(x),
                None => return Ok((!wanted).into()),
            },
            _ => {
                let x = soft!(regs, 2, ops::iter::next(vm, &it));
                if x.is_exhausted() {
                    return Ok((!wanted).into());
                }
                item = Some(x);
            }
        }
        let truth = match (truth?, item) {
            (Some(t), _) => t,
            (None, Some(x)) => soft!(regs, 3, ops::truth(vm, &x)),
            (None, None) => return Ok(Reply::NONE),
        };
        if truth.is_true() == wanted {
            return Ok(wanted.into());
        }
        regs.set_stage(1);
    }
})
.absorbing(|_, regs, x| {
    let wanted = regs.peek(1).is_true();
    regs.stage() == 2 && ops::truth_fast(x).is_some_and(|truth| truth != wanted)
});

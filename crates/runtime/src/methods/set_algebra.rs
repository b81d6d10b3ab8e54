//! Set algebra and comparison where every look-up answers natively, which it does unless an item's
//! `__eq__` is Python code; then the intrinsics take over. Hashes are those kept in the tables.
//! CPython's counterpart: `Objects/setobject.c`.

use crate::objects::dict::{Found, Table};
use crate::objects::set::Set;
use crate::objects::types::{BinOp, CmpOp};
use crate::ops::compare::eq_fast;
use crate::value::Value;
use crate::vm::Vm;

/// Is the key of this hash in the table? None: Python must be asked.
fn holds(vm: &Vm, table: &Table, key: &Value, hash: u64) -> Option<bool> {
    match table.find(key, hash, |other| eq_fast(vm, other, key)) {
        Found::At(_) => Some(true),
        Found::Missing => Some(false),
        Found::Ask(_) => None,
    }
}

/// Adds to `out` the items of `a` that are (or are not) in `b`.
fn select(vm: &Vm, a: &Table, b: &Table, wanted: bool, out: &mut Table) -> Option<()> {
    for (_, e) in a.iter() {
        if holds(vm, b, &e.key, e.hash)? == wanted {
            out.insert_new(e.hash, e.key.clone(), Value::NONE);
        }
    }
    Some(())
}

/// The table of `a op b`.
pub fn combine(vm: &Vm, op: BinOp, a: &Value, b: &Value) -> Option<Table> {
    let (x, y) = (a.get::<Set>()?.table(vm), b.get::<Set>()?.table(vm));
    let mut out;
    match op {
        BinOp::And => {
            out = Table::default();
            let (small, large) = if y.len() > x.len() { (x, y) } else { (y, x) };
            select(vm, small, large, true, &mut out)?;
        }
        BinOp::Sub => {
            out = Table::default();
            select(vm, x, y, false, &mut out)?;
        }
        BinOp::Or => {
            out = x.clone_table();
            select(vm, y, x, false, &mut out)?;
        }
        BinOp::Xor => {
            out = Table::default();
            select(vm, x, y, false, &mut out)?;
            select(vm, y, x, false, &mut out)?;
        }
        _ => return None,
    }
    Some(out)
}

fn within(vm: &Vm, a: &Table, b: &Table) -> Option<bool> {
    for (_, e) in a.iter() {
        if !holds(vm, b, &e.key, e.hash)? {
            return Some(false);
        }
    }
    Some(true)
}

/// `a op b` of two sets.
pub fn compare(vm: &Vm, op: CmpOp, a: &Value, b: &Value) -> Option<bool> {
    let (x, y) = (a.get::<Set>()?.table(vm), b.get::<Set>()?.table(vm));
    let order = x.len().cmp(&y.len());
    match op {
        CmpOp::Eq => Some(order.is_eq() && within(vm, x, y)?),
        CmpOp::Ne => Some(!(order.is_eq() && within(vm, x, y)?)),
        CmpOp::Lt => Some(order.is_lt() && within(vm, x, y)?),
        CmpOp::Le => Some(order.is_le() && within(vm, x, y)?),
        CmpOp::Gt => Some(order.is_gt() && within(vm, y, x)?),
        CmpOp::Ge => Some(order.is_ge() && within(vm, y, x)?),
    }
}

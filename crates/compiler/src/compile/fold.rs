//! Constant folding: one pass over the arena, children before parents.
//!
//! Folds what CPython folds, with its limits on result sizes; anything that would raise, warn or
//! grow is left to run time.

use std::sync::Arc;

use num_bigint::BigInt;

use crate::ir::{Constant, Ctx, ExprId, ExprKind, FastMap, Operator, Tree, UnaryOp};

const MAX_INT_BITS: u64 = 128;
const MAX_COLLECTION: u64 = 256;
const MAX_STR: u64 = 4096;
const MAX_TOTAL_ITEMS: i64 = 1024;

pub struct Folded {
    values: FastMap<ExprId, Constant>,
    /// Expressions that contain an assignment expression (or suspend), by id.
    walrus: Vec<bool>,
    some_walrus: bool,
}

impl Folded {
    /// The constant value of an expression, folded or literal.
    pub fn get<'a>(&'a self, tree: &'a Tree, e: ExprId) -> Option<&'a Constant> {
        tree.as_constant(e).or_else(|| self.values.get(&e))
    }
    pub fn has_walrus(&self, e: ExprId) -> bool {
        self.some_walrus && self.walrus[e.index()]
    }
    pub fn any_walrus(&self, list: &[ExprId]) -> bool {
        self.some_walrus && list.iter().any(|e| self.walrus[e.index()])
    }
}

pub fn fold(tree: &Tree, optimize: u8) -> Folded {
    let debug = tree.syms.get("__debug__");
    let any_walrus = tree.exprs.iter().any(|e| matches!(e.kind, ExprKind::NamedExpr { .. }));
    let mut out = Folded {
        values: FastMap::default(),
        walrus: vec![false; if any_walrus { tree.exprs.len() } else { 0 }],
        some_walrus: any_walrus,
    };
    for (i, e) in tree.exprs.iter().enumerate() {
        let id = ExprId::new(i);
        if any_walrus {
            let mut found = matches!(e.kind, ExprKind::NamedExpr { .. });
            crate::ir::for_each_child(tree, &e.kind, |c| {
                found |= c.index() >= i || out.walrus[c.index()];
            });
            out.walrus[i] = found;
        }
        let value = match e.kind {
            ExprKind::Name { id: name, ctx: Ctx::Load } if Some(name) == debug => {
                Some(Constant::Bool(optimize == 0))
            }
            ExprKind::UnaryOp { op, operand } => out.get(tree, operand).and_then(|v| unary(op, v)),
            ExprKind::BinOp { left, op, right } => {
                match (out.get(tree, left), out.get(tree, right)) {
                    (Some(l), Some(r)) => binary(op, l, r),
                    _ => None,
                }
            }
            ExprKind::Tuple { elts, ctx: Ctx::Load } => {
                let items: Option<Vec<_>> =
                    tree[elts].iter().map(|&e| out.get(tree, e).cloned()).collect();
                items.map(|items| Constant::Tuple(items.into()))
            }
            ExprKind::Subscript { value, slice, ctx: Ctx::Load } => {
                match (out.get(tree, value), out.get(tree, slice)) {
                    (Some(v), Some(i)) => subscript(v, i),
                    _ => None,
                }
            }
            ExprKind::Slice { lower, upper, step } => {
                let part = |e: Option<ExprId>| match e {
                    None => Some(Constant::None),
                    Some(e) => out.get(tree, e).cloned(),
                };
                match (part(lower), part(upper), part(step)) {
                    (Some(a), Some(b), Some(c)) => Some(Constant::Slice(Arc::new([a, b, c]))),
                    _ => None,
                }
            }
            _ => None,
        };
        if let Some(value) = value {
            out.values.insert(id, value);
        }
    }
    out
}

pub fn truth(value: &Constant) -> bool {
    match value {
        Constant::None => false,
        Constant::Bool(b) => *b,
        Constant::Ellipsis | Constant::Slice(_) | Constant::Big(_) => true,
        Constant::Int(i) => *i != 0,
        Constant::Float(f) => *f != 0.0,
        Constant::Complex(r, i) => *r != 0.0 || *i != 0.0,
        Constant::Str(s) | Constant::Bytes(s) => !s.is_empty(),
        Constant::Tuple(t) | Constant::FrozenSet(t) => !t.is_empty(),
    }
}

fn int(value: &Constant) -> Option<BigInt> {
    match value {
        Constant::Int(i) => Some(BigInt::from(*i)),
        Constant::Bool(b) => Some(BigInt::from(i32::from(*b))),
        Constant::Big(b) => Some((**b).clone()),
        _ => None,
    }
}

fn float(value: &Constant) -> Option<f64> {
    match value {
        Constant::Float(f) => Some(*f),
        Constant::Bool(b) => Some(f64::from(u8::from(*b))),
        // Only exactly representable integers convert without rounding rules.
        Constant::Int(i) if i.unsigned_abs() <= 1 << 53 => Some(*i as f64),
        _ => None,
    }
}

fn complex(value: &Constant) -> Option<(f64, f64)> {
    match value {
        Constant::Complex(r, i) => Some((*r, *i)),
        other => float(other).map(|r| (r, 0.0)),
    }
}

pub fn unary(op: UnaryOp, v: &Constant) -> Option<Constant> {
    Some(match (op, v) {
        (UnaryOp::Not, v) => Constant::Bool(!truth(v)),
        (UnaryOp::USub, Constant::Float(f)) => Constant::Float(-f),
        (UnaryOp::UAdd, Constant::Float(f)) => Constant::Float(*f),
        (UnaryOp::USub, Constant::Complex(r, i)) => Constant::Complex(-r, -i),
        (UnaryOp::UAdd, Constant::Complex(r, i)) => Constant::Complex(*r, *i),
        (UnaryOp::USub, v) => Constant::big(-int(v)?),
        (UnaryOp::UAdd, v) => Constant::big(int(v)?),
        // `~True` warns at run time.
        (UnaryOp::Invert, Constant::Int(_) | Constant::Big(_)) => Constant::big(!int(v)?),
        (UnaryOp::Invert, _) => return None,
    })
}

pub fn binary(op: Operator, l: &Constant, r: &Constant) -> Option<Constant> {
    if let (Some(a), Some(b)) = (int(l), int(r)) {
        return int_binary(op, l, r, a, b);
    }
    if let (Some(a), Some(b)) = (float(l), float(r)) {
        return float_binary(op, a, b);
    }
    if let (Some(a), Some(b)) = (complex(l), complex(r)) {
        return complex_binary(op, l, r, a, b);
    }
    match op {
        Operator::Add => match (l, r) {
            (Constant::Str(a), Constant::Str(b)) => {
                Some(Constant::Str([&**a, &**b].concat().into()))
            }
            (Constant::Bytes(a), Constant::Bytes(b)) => {
                Some(Constant::Bytes([&**a, &**b].concat().into()))
            }
            (Constant::Tuple(a), Constant::Tuple(b)) => {
                Some(Constant::Tuple([&**a, &**b].concat().into()))
            }
            _ => None,
        },
        Operator::Mult => match (l, r) {
            (Constant::Str(_) | Constant::Bytes(_) | Constant::Tuple(_), _) => repeat(l, r),
            (_, Constant::Str(_) | Constant::Bytes(_) | Constant::Tuple(_)) => repeat(r, l),
            _ => None,
        },
        _ => None,
    }
}

fn repeat(what: &Constant, times: &Constant) -> Option<Constant> {
    let n = match times {
        Constant::Int(i) => *i,
        Constant::Bool(b) => i64::from(*b),
        _ => return None,
    };
    let n = u64::try_from(n).ok()?;
    match what {
        Constant::Str(s) if s.is_empty() || n <= MAX_STR / s.len() as u64 => {
            Some(Constant::Str(s.repeat(n as usize).into()))
        }
        Constant::Bytes(s) if s.is_empty() || n <= MAX_STR / s.len() as u64 => {
            Some(Constant::Bytes(s.repeat(n as usize).into()))
        }
        Constant::Tuple(t) => {
            if t.is_empty() {
                return Some(what.clone());
            }
            if n > MAX_COLLECTION / t.len() as u64 {
                return None;
            }
            if n > 0 && total_items(what, MAX_TOTAL_ITEMS / n as i64) < 0 {
                return None;
            }
            let mut items = Vec::new();
            for _ in 0..n {
                items.extend_from_slice(t);
            }
            Some(Constant::Tuple(items.into()))
        }
        _ => None,
    }
}

fn total_items(value: &Constant, mut limit: i64) -> i64 {
    if let Constant::Tuple(t) | Constant::FrozenSet(t) = value {
        limit -= t.len() as i64;
        for item in t.iter() {
            if limit < 0 {
                return limit;
            }
            limit = total_items(item, limit);
        }
    }
    limit
}

fn floor_div_mod(a: &BigInt, b: &BigInt) -> (BigInt, BigInt) {
    let zero = BigInt::from(0);
    let (mut q, mut m) = (a / b, a % b);
    if m != zero && (m < zero) != (*b < zero) {
        q -= 1;
        m += b;
    }
    (q, m)
}

fn int_binary(op: Operator, l: &Constant, r: &Constant, a: BigInt, b: BigInt) -> Option<Constant> {
    let zero = BigInt::from(0);
    let both_bool = matches!((l, r), (Constant::Bool(_), Constant::Bool(_)));
    let logical = |v: BigInt| if both_bool { Constant::Bool(v != zero) } else { Constant::big(v) };
    Some(match op {
        Operator::Add => Constant::big(a + b),
        Operator::Sub => Constant::big(a - b),
        Operator::Mult => {
            if a != zero && b != zero && a.bits() + b.bits() > MAX_INT_BITS {
                return None;
            }
            Constant::big(a * b)
        }
        Operator::Div => {
            let (x, y) = (float(&Constant::big(a))?, float(&Constant::big(b))?);
            if y == 0.0 {
                return None;
            }
            Constant::Float(x / y)
        }
        Operator::FloorDiv if b != zero => Constant::big(floor_div_mod(&a, &b).0),
        Operator::Mod if b != zero => Constant::big(floor_div_mod(&a, &b).1),
        Operator::FloorDiv | Operator::Mod | Operator::MatMult => return None,
        Operator::Pow => {
            if b < zero {
                if a == zero {
                    return None;
                }
                // Exact only where both convert and the power is small.
                let (x, y) = (i32::try_from(&a).ok()?, i32::try_from(&b).ok()?);
                return float_binary(Operator::Pow, f64::from(x), f64::from(y));
            }
            let exponent = u32::try_from(&b).ok();
            if a != zero && b != zero {
                let exponent = u64::from(exponent?);
                if a.bits() > MAX_INT_BITS / exponent {
                    return None;
                }
            } else if exponent.is_none() {
                return None;
            }
            Constant::big(a.pow(exponent.unwrap_or(0)))
        }
        Operator::LShift => {
            let shift = u64::try_from(&b).ok()?;
            if a != zero && b != zero && (shift > MAX_INT_BITS || a.bits() > MAX_INT_BITS - shift) {
                return None;
            }
            if a == zero {
                return Some(Constant::Int(0));
            }
            Constant::big(a << shift)
        }
        Operator::RShift => {
            let shift = u64::try_from(&b).ok()?;
            Constant::big(a >> shift.min(1 << 20))
        }
        Operator::BitOr => logical(a | b),
        Operator::BitXor => logical(a ^ b),
        Operator::BitAnd => logical(a & b),
    })
}

fn float_binary(op: Operator, a: f64, b: f64) -> Option<Constant> {
    let value = match op {
        Operator::Add => a + b,
        Operator::Sub => a - b,
        Operator::Mult => a * b,
        Operator::Div if b != 0.0 => a / b,
        Operator::Mod if b != 0.0 => {
            let mut m = a % b;
            if m == 0.0 {
                m = 0f64.copysign(b);
            } else if (m < 0.0) != (b < 0.0) {
                m += b;
            }
            m
        }
        Operator::Pow if a > 0.0 || (a != 0.0 && b.fract() == 0.0) || (a == 0.0 && b >= 0.0) => {
            let v = a.powf(b);
            if v.is_infinite() && a.is_finite() && b.is_finite() {
                return None;
            }
            v
        }
        _ => return None,
    };
    Some(Constant::Float(value))
}

fn complex_binary(
    op: Operator,
    l: &Constant,
    r: &Constant,
    a: (f64, f64),
    b: (f64, f64),
) -> Option<Constant> {
    let real = |c: &Constant| !matches!(c, Constant::Complex(..));
    Some(match op {
        // A real operand leaves the other's imaginary part alone (signed zeros).
        Operator::Add if real(l) => Constant::Complex(a.0 + b.0, b.1),
        Operator::Add if real(r) => Constant::Complex(a.0 + b.0, a.1),
        Operator::Sub if real(r) => Constant::Complex(a.0 - b.0, a.1),
        Operator::Sub if real(l) => Constant::Complex(a.0 - b.0, -b.1),
        Operator::Add => Constant::Complex(a.0 + b.0, a.1 + b.1),
        Operator::Sub => Constant::Complex(a.0 - b.0, a.1 - b.1),
        _ => return None,
    })
}

fn subscript(value: &Constant, index: &Constant) -> Option<Constant> {
    let index = match index {
        Constant::Int(i) => *i,
        Constant::Bool(b) => i64::from(*b),
        _ => return None,
    };
    let at = |len: usize| {
        let index = if index < 0 { index.checked_add(len as i64)? } else { index };
        usize::try_from(index).ok().filter(|&i| i < len)
    };
    match value {
        Constant::Tuple(t) => at(t.len()).map(|i| t[i].clone()),
        Constant::Bytes(b) => at(b.len()).map(|i| Constant::Int(i64::from(b[i]))),
        Constant::Str(s) if s.is_ascii() => at(s.len()).map(|i| Constant::Str([s[i]].into())),
        _ => None,
    }
}

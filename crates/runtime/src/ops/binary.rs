//! Binary operators: fast paths for numbers, the slot protocol, and the full protocol of classes
//! that define operators in Python. CPython's counterpart: `Objects/abstract.c`.

use stackless_primitives::int::BigInt;

use crate::dunder::{Field, WrapperDescr};
use crate::exc::{Flow, Reply};
use crate::machine::{Input, Machine};
use crate::native::Args;
use crate::objects::function::Function;
use crate::objects::types::BinOp;
use crate::ops;
use crate::python_slots::call_method_of_type;
use crate::value::Value;
use crate::vm::Vm;

/// `a op b`.
pub fn binary(vm: &mut Vm, op: BinOp, a: &Value, b: &Value) -> Flow {
    protocol(vm, op, a, b, false)
}

/// `a op b`, for its own sake or for `a op= b`, as an error says.
fn protocol(vm: &mut Vm, op: BinOp, a: &Value, b: &Value, inplace: bool) -> Flow {
    let i = op as usize;
    let ta = vm.type_of(a);
    let tb = vm.type_of(b);
    let fa = ta.slots(vm).binary[i];
    let same_type = std::ptr::eq(ta, tb);
    let fb = if same_type { None } else { tb.slots(vm).binary[i] };
    let field = Field::Binary(i as u8);
    if ta.is_python(field) || tb.is_python(field) {
        return start(vm, i, a, b, inplace);
    }
    let right_first = fb.is_some() && tb.is_subtype(ta, vm);
    let order = if right_first { [fb, fa] } else { [fa, fb] };
    for f in order.into_iter().flatten() {
        let r = f(vm, a, b)?;
        if !r.is_not_implemented() {
            return Ok(r);
        }
    }
    fallback(vm, op, a, b, inplace)
}

/// `a op= b`.
pub fn inplace(vm: &mut Vm, op: BinOp, a: &Value, b: &Value) -> Flow {
    let i = op as usize;
    if let Some(f) = vm.type_of(a).slots(vm).inplace[i] {
        let r = f(vm, a, b)?;
        if !r.is_not_implemented() {
            return Ok(r);
        }
    }
    if op == BinOp::Add || op == BinOp::Mul {
        let slots = vm.type_of(a).slots(vm);
        let f = if op == BinOp::Add { slots.inplace_concat } else { slots.inplace_repeat };
        if let Some(f) = f {
            return f(vm, a, b);
        }
    }
    protocol(vm, op, a, b, true)
}

/// Sequence concatenation and repetition, then the TypeError.
fn fallback(vm: &mut Vm, op: BinOp, a: &Value, b: &Value, inplace: bool) -> Flow {
    match op {
        BinOp::Add => {
            if let Some(f) = vm.type_of(a).slots(vm).concat {
                return f(vm, a, b);
            }
        }
        BinOp::Mul => {
            if let Some(f) = vm.type_of(a).slots(vm).repeat {
                return f(vm, a, b);
            }
            // CPython asks the right operand of `*=` only where the left one is no container.
            let asked = !inplace || vm.type_of(a).slots(vm).len.is_none();
            if let (Some(f), true) = (vm.type_of(b).slots(vm).repeat, asked) {
                return f(vm, b, a);
            }
        }
        _ => {}
    }
    Err(unsupported(vm, op, a, b, inplace))
}

#[cold]
fn unsupported(vm: &mut Vm, op: BinOp, a: &Value, b: &Value, inplace: bool) -> crate::exc::Exc {
    let symbol = if inplace { op.inplace_symbol() } else { op.symbol() };
    let (ta, tb) = (vm.type_name(a), vm.type_name(b));
    if op == BinOp::RShift && crate::native::native_of(a).is_some_and(|n| n.def.name == "print") {
        return vm.type_error(format!(
            "unsupported operand type(s) for {symbol}: '{ta}' and '{tb}'. \
             Did you mean \"print(<message>, file=<output_stream>)\"?"
        ));
    }
    vm.type_error(format!("unsupported operand type(s) for {symbol}: '{ta}' and '{tb}'"))
}

pub(crate) fn start_protocol(vm: &mut Vm, op: usize, a: &Value, b: &Value) -> Flow {
    start(vm, op, a, b, false)
}

/// In the operator's register of `BINARY`: the operation belongs to `a op= b`.
const FOR_INPLACE: usize = 32;

fn start(vm: &mut Vm, op: usize, a: &Value, b: &Value, inplace: bool) -> Flow {
    let noted = Value::from_usize(if inplace { op | FOR_INPLACE } else { op });
    let [name, reflected, _] = names(vm, BinOp::from_index(op));
    let (ta, tb) = (vm.type_of(a), vm.type_of(b));
    // The usual case: the left operand's class says what to do, the right one's has no part in it.
    if (std::ptr::eq(ta, tb) || !tb.is_heap_type())
        && let Some(m) = ta.lookup(vm, &name)
        && m.has::<Function>()
        && ops::call::takes_self(&m)
    {
        let second = if std::ptr::eq(ta, tb) {
            Value::UNBOUND
        } else {
            tb.lookup(vm, &reflected).filter(is_operator).unwrap_or(Value::UNBOUND)
        };
        vm.push_machine(&BINARY, 1, [noted, a.clone(), b.clone(), second])?;
        let args = [a.clone(), b.clone()];
        let flow = ops::call::call(vm, &m, Args::new(&args));
        return vm.answer_waiting(&BINARY, flow);
    }
    vm.start_now(&BINARY, [noted, a.clone(), b.clone(), Value::UNBOUND])
}
pub(crate) fn start_inplace(vm: &mut Vm, op: usize, a: &Value, b: &Value) -> Flow {
    vm.start_now(&INPLACE, [Value::from_usize(op), a.clone(), b.clone()])
}

/// The names of an operator's methods: plain, reflected, in place.
fn names(vm: &mut Vm, op: BinOp) -> [Value; 3] {
    if vm.operator_names.is_empty() {
        vm.operator_names = BinOp::ALL
            .iter()
            .map(|op| [op.dunder(), op.reflected(), op.inplace()].map(|n| vm.intern(n)))
            .collect();
    }
    vm.operator_names[op as usize].clone()
}

/// Concatenation and repetition are asked last.
fn is_operator(method: &Value) -> bool {
    !method
        .get::<WrapperDescr>()
        .is_some_and(|w| w.def.is_some_and(|d| matches!(d.field, Field::Concat | Field::Repeat)))
}

/// Registers: operator, a, b, second method to try. Stage 1: the first was called; 2: the second.
pub(crate) static BINARY: Machine = Machine::new("op.binary", |vm, regs, input| {
    let noted = regs.int(0) as usize;
    let (op, inplace) = (BinOp::from_index(noted & !FOR_INPLACE), noted & FOR_INPLACE != 0);
    let (a, b) = (regs.get(1), regs.get(2));
    let mut input = input;
    loop {
        match regs.stage() {
            0 => {
                let [name, rname, _] = names(vm, op);
                let (ta, tb) = (vm.type_of(&a), vm.type_of(&b));
                let left = ta.lookup(vm, &name).filter(is_operator);
                let same = std::ptr::eq(ta, tb);
                let right = if same { None } else { tb.lookup(vm, &rname).filter(is_operator) };
                let overrides = right.as_ref().is_some_and(|r| {
                    tb.is_subtype(ta, vm) && ta.lookup(vm, &rname).is_none_or(|l| !l.is(r))
                });
                // Register 3 holds what is tried second; a leading tuple says which side it is.
                let (first, second) = if overrides { (right, left) } else { (left, right) };
                let first_is_right = overrides;
                regs.set(3, second.unwrap_or(Value::UNBOUND));
                regs.set_stage(if first_is_right { 2 } else { 1 });
                match first {
                    Some(m) => {
                        let (x, y) = if first_is_right { (&b, &a) } else { (&a, &b) };
                        match call_method_of_type(vm, &m, x, std::slice::from_ref(y))?.ready() {
                            Some(v) => input = Input::Value(v),
                            None => return Ok(Reply::PUSHED),
                        }
                    }
                    None => input = Input::Value(Value::NOT_IMPLEMENTED),
                }
            }
            stage @ (1 | 2) => {
                let v = input.value()?;
                if !v.is_not_implemented() {
                    return Ok(v.into());
                }
                let second = regs.take(3);
                regs.set_stage(3);
                if second.is_unbound() {
                    input = Input::Value(Value::NOT_IMPLEMENTED);
                    continue;
                }
                let (x, y) = if stage == 1 { (&b, &a) } else { (&a, &b) };
                match call_method_of_type(vm, &second, x, std::slice::from_ref(y))?.ready() {
                    Some(v) => input = Input::Value(v),
                    None => return Ok(Reply::PUSHED),
                }
            }
            3 => {
                let v = input.value()?;
                if !v.is_not_implemented() {
                    return Ok(v.into());
                }
                regs.set_stage(4);
                return fallback(vm, op, &a, &b, inplace);
            }
            _ => return input.value().map(Reply::from),
        }
    }
})
.passing(|stage, v| stage > 0 && !v.is_not_implemented());

/// Registers: operator, a, b.
pub(crate) static INPLACE: Machine = Machine::new("op.inplace", |vm, regs, input| {
    let op = BinOp::from_index(regs.int(0) as usize);
    let (a, b) = (regs.get(1), regs.get(2));
    let v = match regs.stage() {
        0 => {
            let [_, _, name] = names(vm, op);
            match vm.type_of(&a).lookup(vm, &name) {
                Some(m) => {
                    regs.set_stage(1);
                    match call_method_of_type(vm, &m, &a, std::slice::from_ref(&b))?.ready() {
                        Some(v) => v,
                        None => return Ok(Reply::PUSHED),
                    }
                }
                None => Value::NOT_IMPLEMENTED,
            }
        }
        1 => input.value()?,
        _ => return input.value().map(Reply::from),
    };
    if !v.is_not_implemented() {
        return Ok(v.into());
    }
    regs.set_stage(2);
    let slots = vm.type_of(&a).slots(vm);
    let f = match op {
        BinOp::Add => slots.inplace_concat,
        BinOp::Mul => slots.inplace_repeat,
        _ => None,
    };
    match f {
        Some(f) => f(vm, &a, &b),
        None => protocol(vm, op, &a, &b, true),
    }
})
.passing(|stage, v| stage > 0 && !v.is_not_implemented());

impl Reply {
    fn is_not_implemented(&self) -> bool {
        // A reply has the representation of its value.
        self.as_value().is_not_implemented()
    }
}

/// Int arithmetic beyond the immediate fast paths of the loop.
pub fn int_op(vm: &mut Vm, op: BinOp, a: &Value, b: &Value) -> Flow {
    if let (Some(x), Some(y)) = (a.as_small_int(), b.as_small_int()) {
        let r = match op {
            BinOp::Add => x.checked_add(y),
            BinOp::Sub => x.checked_sub(y),
            BinOp::Mul => x.checked_mul(y),
            BinOp::And => Some(x & y),
            BinOp::Or => Some(x | y),
            BinOp::Xor => Some(x ^ y),
            BinOp::FloorDiv if y != 0 => Some(floor_div(x, y)),
            BinOp::Mod if y != 0 => Some(floor_mod(x, y)),
            BinOp::RShift if y >= 0 => Some(x >> y.min(63)),
            BinOp::LShift
                if (0..62).contains(&y) && x.unsigned_abs().leading_zeros() as i64 > y + 2 =>
            {
                Some(x << y)
            }
            BinOp::Pow if y >= 0 => u32::try_from(y).ok().and_then(|y| x.checked_pow(y)),
            _ => None,
        };
        if let Some(r) = r {
            return Ok(vm.int(r).into());
        }
        if op == BinOp::TrueDiv && y != 0 && x.abs() < 1 << 53 && y.abs() < 1 << 53 {
            return Ok(vm.float(x as f64 / y as f64).into());
        }
    }
    let (Some(x), Some(y)) = (a.as_big(), b.as_big()) else {
        return Ok(Value::NOT_IMPLEMENTED.into());
    };
    big_op(vm, op, &x, &y)
}

fn big_op(vm: &mut Vm, op: BinOp, x: &BigInt, y: &BigInt) -> Flow {
    let r = match op {
        BinOp::Add => x.add(y),
        BinOp::Sub => x.sub(y),
        BinOp::Mul => x.mul(y),
        BinOp::And => Ok(x.and(y)),
        BinOp::Or => Ok(x.or(y)),
        BinOp::Xor => Ok(x.xor(y)),
        BinOp::LShift => x.shl(y),
        BinOp::RShift => x.shr(y),
        BinOp::FloorDiv => x.div_floor(y),
        BinOp::Mod => x.mod_floor(y),
        BinOp::DivMod => match x.divmod_floor(y) {
            Ok((q, r)) => {
                let items = vec![vm.big_int(q), vm.big_int(r)];
                return Ok(vm.tuple(items).into());
            }
            Err(e) => Err(e),
        },
        BinOp::TrueDiv => match x.true_div(y) {
            Ok(f) => return Ok(vm.float(f).into()),
            Err(e) => Err(e),
        },
        BinOp::Pow => {
            if y.is_negative() {
                return match (x.to_f64(), y.to_f64()) {
                    (Ok(x), Ok(y)) => float_op(vm, BinOp::Pow, x, y),
                    (Err(e), _) | (_, Err(e)) => Err(vm.primitive_error(e)),
                };
            }
            x.pow(y)
        }
        BinOp::MatMul => return Ok(Value::NOT_IMPLEMENTED.into()),
    };
    match r {
        Ok(v) => Ok(vm.big_int(v).into()),
        Err(e) => Err(vm.primitive_error(e)),
    }
}

pub fn floor_div(x: i64, y: i64) -> i64 {
    let q = x / y;
    if x % y != 0 && (x < 0) != (y < 0) { q - 1 } else { q }
}
pub fn floor_mod(x: i64, y: i64) -> i64 {
    let r = x % y;
    if r != 0 && (r < 0) != (y < 0) { r + y } else { r }
}

/// Float arithmetic.
pub fn float_op(vm: &mut Vm, op: BinOp, x: f64, y: f64) -> Flow {
    use stackless_primitives::float as f;
    let r = match op {
        BinOp::Add => Ok(x + y),
        BinOp::Sub => Ok(x - y),
        BinOp::Mul => Ok(x * y),
        BinOp::TrueDiv => {
            if y == 0.0 {
                return Err(vm.zero_division_error("division by zero"));
            }
            Ok(x / y)
        }
        BinOp::FloorDiv => f::floor_div(x, y),
        BinOp::Mod => f::modulo(x, y),
        BinOp::DivMod => match f::divmod(x, y) {
            Ok((q, r)) => {
                let items = vec![vm.float(q), vm.float(r)];
                return Ok(vm.tuple(items).into());
            }
            Err(e) => Err(e),
        },
        BinOp::Pow => match f::pow(x, y) {
            Ok(f::Power::Float(r)) => Ok(r),
            Ok(f::Power::NeedsComplex) => {
                return crate::objects::number::complex_pow(vm, (x, 0.0), (y, 0.0));
            }
            Err(e) => Err(e),
        },
        _ => return Ok(Value::NOT_IMPLEMENTED.into()),
    };
    match r {
        Ok(v) => Ok(vm.float(v).into()),
        Err(e) => Err(vm.primitive_error(e)),
    }
}

/// `pow(a, b, m)`.
pub fn power(vm: &mut Vm, a: &Value, b: &Value, m: &Value) -> Flow {
    if m.is_none() {
        return binary(vm, BinOp::Pow, a, b);
    }
    let field = Field::Binary(BinOp::Pow as u8);
    if [a, b].iter().any(|v| vm.type_of(v).is_python(field)) {
        return vm.start_now(&POWER, [a.clone(), b.clone(), m.clone()]);
    }
    for v in [a, b, m] {
        if let Some(f) = vm.type_of(v).slots(vm).power {
            let r = f(vm, a, b, m)?;
            if !r.is_not_implemented() {
                return Ok(r);
            }
        }
    }
    Err(no_power(vm, a, b, m))
}

fn no_power(vm: &mut Vm, a: &Value, b: &Value, m: &Value) -> crate::exc::Exc {
    let (ta, tb, tm) = (vm.type_name(a), vm.type_name(b), vm.type_name(m));
    vm.type_error(format!("unsupported operand type(s) for ** or pow(): '{ta}', '{tb}', '{tm}'"))
}

/// Registers: a, b, modulus. `pow(a, b, m)` where a class defines the operator in Python: `__pow__` of
/// the left operand and `__rpow__` of the right one, the latter first if its class is a subclass
/// that overrides it. Stage n: the n-th method was called; 4: nothing else is left.
pub(crate) static POWER: Machine = Machine::new("op.power", |vm, regs, input| {
    let (a, b, m) = (regs.get(0), regs.get(1), regs.get(2));
    let mut input = input;
    loop {
        let stage = regs.stage();
        if stage > 0 {
            let v = input.value()?;
            if !v.is_not_implemented() {
                return Ok(v.into());
            }
        }
        let [name, reflected, _] = names(vm, BinOp::Pow);
        let (ta, tb) = (vm.type_of(&a), vm.type_of(&b));
        let left = ta.lookup(vm, &name);
        let right = if std::ptr::eq(ta, tb) { None } else { tb.lookup(vm, &reflected) };
        let overrides = right.as_ref().is_some_and(|r| {
            tb.is_subtype(ta, vm) && ta.lookup(vm, &reflected).is_none_or(|l| !l.is(r))
        });
        let turn = if stage < 2 && overrides { 1 - stage } else { stage };
        let (method, x, y) = match turn {
            0 => (left, &a, &b),
            1 => (right, &b, &a),
            2 => {
                let rest = vm.type_of(&m).slots(vm).power;
                let native = !vm.type_of(&m).is_python(Field::Binary(BinOp::Pow as u8));
                if let (Some(f), true) = (rest, native) {
                    let r = f(vm, &a, &b, &m)?;
                    if !r.is_not_implemented() {
                        return Ok(r);
                    }
                }
                return Err(no_power(vm, &a, &b, &m));
            }
            _ => return Err(no_power(vm, &a, &b, &m)),
        };
        regs.set_stage(stage + 1);
        input = match method {
            Some(f) => match call_method_of_type(vm, &f, x, &[y.clone(), m.clone()])?.ready() {
                Some(v) => Input::Value(v),
                None => return Ok(Reply::PUSHED),
            },
            None => Input::Value(Value::NOT_IMPLEMENTED),
        };
    }
})
.passing(|stage, v| stage > 0 && !v.is_not_implemented());

//! `_operator_native`: the operators as functions. `lib/overlay/_operator.py` adds the getters and
//! what loops. CPython's counterpart: `Modules/_operator.c`.

use stackless_runtime::native::{Def, def};
use stackless_runtime::objects::types::{BinOp, CmpOp};
use stackless_runtime::{Value, ops};

use crate::Native;

pub const MODULE: Native = Native { name: "_operator_native", defs: DEFS, fill: |_, _| Ok(()) };

macro_rules! binary {
    ($name:literal, $op:ident) => {
        def!($name, "(a, b, /)", |vm, a| ops::binary::binary(vm, BinOp::$op, &a[0], &a[1]))
    };
}
macro_rules! inplace {
    ($name:literal, $op:ident) => {
        def!($name, "(a, b, /)", |vm, a| ops::binary::inplace(vm, BinOp::$op, &a[0], &a[1]))
    };
}
macro_rules! compare {
    ($name:literal, $op:ident) => {
        def!($name, "(a, b, /)", |vm, a| ops::compare::compare(vm, CmpOp::$op, &a[0], &a[1]))
    };
}

const DEFS: &[Def] = &[
    binary!("add", Add),
    binary!("sub", Sub),
    binary!("mul", Mul),
    binary!("truediv", TrueDiv),
    binary!("floordiv", FloorDiv),
    binary!("mod", Mod),
    binary!("matmul", MatMul),
    binary!("lshift", LShift),
    binary!("rshift", RShift),
    binary!("and_", And),
    binary!("or_", Or),
    binary!("xor", Xor),
    inplace!("iadd", Add),
    inplace!("isub", Sub),
    inplace!("imul", Mul),
    inplace!("itruediv", TrueDiv),
    inplace!("ifloordiv", FloorDiv),
    inplace!("imod", Mod),
    inplace!("ipow", Pow),
    inplace!("imatmul", MatMul),
    inplace!("ilshift", LShift),
    inplace!("irshift", RShift),
    inplace!("iand", And),
    inplace!("ior", Or),
    inplace!("ixor", Xor),
    compare!("lt", Lt),
    compare!("le", Le),
    compare!("eq", Eq),
    compare!("ne", Ne),
    compare!("gt", Gt),
    compare!("ge", Ge),
    def!("pow", "(a, b, /)", |vm, a| ops::binary::power(vm, &a[0], &a[1], &Value::NONE)),
    def!("neg", "(a, /)", |vm, a| ops::number::negative(vm, a)),
    def!("pos", "(a, /)", |vm, a| ops::number::positive(vm, a)),
    def!("abs", "(a, /)", |vm, a| ops::number::absolute(vm, a)),
    def!("inv", "(a, /)", |vm, a| ops::number::invert(vm, a)),
    def!("invert", "(a, /)", |vm, a| ops::number::invert(vm, a)),
    def!("index", "(a, /)", |vm, a| ops::number::index(vm, a)),
    def!("truth", "(a, /)", |vm, a| ops::truth(vm, a)),
    def!("is_", "(a, b, /)", |_, a| Ok(a[0].is(&a[1]).into())),
    def!("is_not", "(a, b, /)", |_, a| Ok((!a[0].is(&a[1])).into())),
    def!("is_none", "(a, /)", |_, a| Ok(a.is_none().into())),
    def!("is_not_none", "(a, /)", |_, a| Ok((!a.is_none()).into())),
    def!("getitem", "(a, b, /)", |vm, a| ops::item::getitem(vm, &a[0], &a[1])),
    def!("setitem", "(a, b, c, /)", |vm, a| ops::item::setitem(vm, &a[0], &a[1], &a[2])),
    def!("delitem", "(a, b, /)", |vm, a| ops::item::setitem(vm, &a[0], &a[1], &Value::UNBOUND)),
    def!("contains", "(a, b, /)", |vm, a| ops::item::contains(vm, &a[0], &a[1])),
];

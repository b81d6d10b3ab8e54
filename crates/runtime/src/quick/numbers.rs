//! Arithmetic and comparisons of small ints and immediate floats.

use super::*;
use crate::value::pack_float;

#[inline(always)]
pub(super) fn small_int(i: i64) -> Option<u64> {
    (INT_MIN..=INT_MAX).contains(&i).then_some((i as u64) << 1 | 1)
}

#[inline(always)]
pub(super) fn small_float(f: f64) -> Option<u64> {
    let word = pack_float(f);
    if word & 3 == 2 {
        Some(word)
    } else if f.to_bits() == 0 {
        Some(POS_ZERO)
    } else {
        None
    }
}

/// The bits of a float that is no zero and of usual size.
#[inline(always)]
pub(super) fn usual_float(f: f64) -> Option<u64> {
    let word = pack_float(f);
    (word & 3 == 2).then_some(word)
}

/// The number that a float or small int is.
#[inline(always)]
pub(super) fn number(bits: u64) -> Option<f64> {
    if bits & 3 == 2 {
        Some(unpack_float(bits))
    } else if bits & 1 != 0 {
        Some((bits as i64 >> 1) as f64)
    } else if bits == POS_ZERO {
        Some(0.0)
    } else {
        None
    }
}

macro_rules! arithmetic {
    ($name:ident, $mixed:ident, |$x:ident, $y:ident| $int:expr, |$f:ident, $g:ident| $float:expr) => {
        handler! {
            fn $name<DL>(ip, frame, vm, word) {
                let (l, r) = (*reg(frame, b(word)), *reg(frame, c(word)));
                if l & r & 1 != 0 {
                    let ($x, $y) = (l as i64 >> 1, r as i64 >> 1);
                    let result: Option<u64> = $int;
                    let Some(v) = result else { return operate(ip, frame, vm, word) };
                    return put::<DL>(ip, frame, vm, word, 0, v);
                }
                if ((l ^ 2) | (r ^ 2)) & 3 != 0 {
                    return $mixed::<DL>(ip, frame, vm, word);
                }
                let ($f, $g) = (unpack_float(l), unpack_float(r));
                let result: Option<f64> = $float;
                let Some(v) = result.and_then(usual_float) else {
                    return $mixed::<DL>(ip, frame, vm, word);
                };
                put::<DL>(ip, frame, vm, word, 0, v)
            }
        }
        handler! {
            #[inline(never)]
            fn $mixed<DL>(ip, frame, vm, word) {
                let (l, r) = (*reg(frame, b(word)), *reg(frame, c(word)));
                let (Some($f), Some($g)) = (number(l), number(r)) else { return operate(ip, frame, vm, word) };
                let result: Option<f64> = $float;
                let Some(v) = result.and_then(small_float) else { return operate(ip, frame, vm, word) };
                put::<DL>(ip, frame, vm, word, 0, v)
            }
        }
    };
    ($name:ident, |$x:ident, $y:ident| $int:expr) => {
        handler! {
            fn $name<DL>(ip, frame, vm, word) {
                let (l, r) = (*reg(frame, b(word)), *reg(frame, c(word)));
                if l & r & 1 == 0 {
                    return operate(ip, frame, vm, word)
                }
                let ($x, $y) = (l as i64 >> 1, r as i64 >> 1);
                let result: Option<u64> = $int;
                let Some(v) = result else { return operate(ip, frame, vm, word) };
                put::<DL>(ip, frame, vm, word, 0, v)
            }
        }
    };
}

arithmetic!(add, add_mixed, |x, y| small_int(x + y), |f, g| Some(f + g));
arithmetic!(sub, sub_mixed, |x, y| small_int(x - y), |f, g| Some(f - g));
arithmetic!(mul, mul_mixed, |x, y| x.checked_mul(y).and_then(small_int), |f, g| Some(f * g));
// The quotient of numbers that floats hold exactly is rounded once.
arithmetic!(
    truediv,
    truediv_mixed,
    |x, y| {
        const EXACT: u64 = 1 << 53;
        if y != 0 && x.unsigned_abs() <= EXACT && y.unsigned_abs() <= EXACT {
            small_float(x as f64 / y as f64)
        } else {
            None
        }
    },
    |f, g| if g != 0.0 { Some(f / g) } else { None }
);
// A shift is a fraction of a division.
arithmetic!(floordiv, |x, y| if y > 0 && y & (y - 1) == 0 {
    small_int(x >> y.trailing_zeros())
} else if y > 0 {
    small_int(x.div_euclid(y))
} else {
    None
});
arithmetic!(modulo, |x, y| if y > 0 && y & (y - 1) == 0 {
    small_int(x & (y - 1))
} else if y > 0 {
    small_int(x.rem_euclid(y))
} else {
    None
});
arithmetic!(and, |x, y| small_int(x & y));
arithmetic!(or, |x, y| small_int(x | y));
arithmetic!(xor, |x, y| small_int(x ^ y));
arithmetic!(rshift, |x, y| if (0..63).contains(&y) { small_int(x >> y) } else { None });

macro_rules! product {
    ($name:ident, $add:ident, $inplace:ident, $op:tt) => {
        handler! {
            /// Floats: multiplies and does the next instruction with the product, which is no object.
            fn $name<>(ip, frame, vm, word) {
                let (l, r) = (*reg(frame, b(word)), *reg(frame, c(word)));
                let after = *ip.add(1);
                let product_is_right = c(after) == a(word);
                let other = *reg(frame, if product_is_right { b(after) } else { c(after) });
                // Traced code has another instruction there.
                if l & 3 != 2
                    || r & 3 != 2
                    || other & 3 != 2
                    || !matches!(after as u16, op::$add | op1::$add | op::$inplace | op1::$inplace)
                {
                    return mul::<false>(ip, frame, vm, word);
                }
                let (product, other) = (unpack_float(l) * unpack_float(r), unpack_float(other));
                let result = if product_is_right { other $op product } else { product $op other };
                let Some(v) = usual_float(result) else { return mul::<false>(ip, frame, vm, word) };
                if after & 1 == 0 {
                    return put::<true>(ip.add(1), frame, vm, after, 0, v);
                }
                put::<false>(ip.add(1), frame, vm, after, 0, v)
            }
        }
    };
}
product!(mul_add, ADD, INPLACE_ADD, +);
product!(mul_sub, SUB, INPLACE_SUB, -);

macro_rules! with_immediate {
    ($name:ident, $method:ident, $sign:tt) => {
        handler! {
            fn $name<DL>(ip, frame, vm, word) {
                let l = *reg(frame, b(word));
                let imm = word as i64 >> 48;
                if l & 1 != 0 {
                    // Overflow of the tagged word is overflow of the 63-bit int.
                    let Some(v) = (l as i64).$method(imm << 1) else { return operate_imm(ip, frame, vm, word) };
                    return put::<DL>(ip, frame, vm, word, 0, v as u64);
                }
                if l & 3 != 2 {
                    return operate_imm(ip, frame, vm, word)
                }
                let Some(v) = small_float(unpack_float(l) $sign imm as f64) else { return operate_imm(ip, frame, vm, word) };
                put::<DL>(ip, frame, vm, word, 0, v)
            }
        }
    };
}
with_immediate!(add_imm, checked_add, +);
with_immediate!(sub_imm, checked_sub, -);

macro_rules! comparison {
    ($compare:ident, $jump:ident, $jump_imm:ident, $holds:ident, $op:tt) => {
        /// None: not two numbers of one kind.
        #[inline(always)]
        fn $holds(l: u64, r: u64) -> Option<bool> {
            if l & r & 1 != 0 {
                Some((l as i64) $op (r as i64))
            } else if l & 3 == 2 && r & 3 == 2 {
                Some(unpack_float(l) $op unpack_float(r))
            } else {
                None
            }
        }
        handler! {
            fn $compare<DL>(ip, frame, vm, word) {
                let operands = (*reg(frame, b(word)), *reg(frame, c(word)));
                let Some(t) = $holds(operands.0, operands.1) else {
                    return compare(ip, frame, vm, word);
                };
                put::<DL>(ip, frame, vm, word, 0, bool_bits(t))
            }
        }
        handler! {
            fn $jump<WANT>(ip, frame, vm, word) {
                let operands = (*reg(frame, a(word)), *reg(frame, b(word)));
                let Some(t) = $holds(operands.0, operands.1) else {
                    return jump_if_order(ip, frame, vm, word);
                };
                branch(ip, frame, vm, word as i64 >> 48, t == WANT)
            }
        }
        handler! {
            fn $jump_imm<WANT>(ip, frame, vm, word) {
                let l = *reg(frame, a(word));
                let imm = b(word) as i16 as i64;
                let t = if l & 1 != 0 {
                    (l as i64 >> 1) $op imm
                } else if l & 3 == 2 {
                    unpack_float(l) $op imm as f64
                } else {
                    return jump_if_order(ip, frame, vm, word);
                };
                branch(ip, frame, vm, word as i64 >> 48, t == WANT)
            }
        }
    };
}
comparison!(lt, jump_lt, jump_lt_imm, holds_lt, <);
comparison!(le, jump_le, jump_le_imm, holds_le, <=);
comparison!(eq, jump_eq, jump_eq_imm, holds_eq, ==);
comparison!(ne, jump_ne, jump_ne_imm, holds_ne, !=);
comparison!(gt, jump_gt, jump_gt_imm, holds_gt, >);
comparison!(ge, jump_ge, jump_ge_imm, holds_ge, >=);

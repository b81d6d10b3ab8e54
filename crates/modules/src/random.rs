//! `_random_native`: the Mersenne Twister over a state that the Python class owns (a bytearray of
//! 625 numbers). CPython's counterpart: `Modules/_randommodule.c`.

use stackless_primitives::BigInt;
use stackless_primitives::random::Mt19937;
use stackless_runtime::exc::Reply;
use stackless_runtime::native::{Def, def};
use stackless_runtime::objects::bytes::ByteArray;
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::{PyResult, Ref, Value, Vm};

use crate::Native;
use crate::support::int;

pub const MODULE: Native = Native { name: "_random_native", defs: DEFS, fill };

fn fill(_: &mut Vm, _: &Ref<Dict>) -> PyResult<()> {
    Ok(())
}

fn load(vm: &mut Vm, v: &Value) -> PyResult<Mt19937> {
    let words: Vec<u32> = v
        .get::<ByteArray>()
        .map(|b| {
            b.data
                .get(vm)
                .chunks_exact(4)
                .map(|c| u32::from_le_bytes([c[0], c[1], c[2], c[3]]))
                .collect()
        })
        .unwrap_or_default();
    let (state, index) = words.split_at(words.len().min(624));
    let index = index.first().copied().unwrap_or(624);
    Mt19937::from_state(state, index as i64).map_err(|e| vm.primitive_error(e))
}

/// The next 32 bits without unpacking the whole state, unless all numbers are used up.
fn next_word(vm: &mut Vm, v: &Value) -> Option<u32> {
    let data = v.get::<ByteArray>()?.data.get_mut(vm);
    let at =
        |i: usize| data.get(i * 4..i * 4 + 4).map(|c| u32::from_le_bytes([c[0], c[1], c[2], c[3]]));
    let index = at(624)? as usize;
    if index >= 624 {
        return None;
    }
    let word = Mt19937::temper(at(index)?);
    data[2496..2500].copy_from_slice(&(index as u32 + 1).to_le_bytes());
    Some(word)
}

/// As `next_word`; makes the next 624 numbers where needed.
fn word(vm: &mut Vm, v: &Value) -> PyResult<u32> {
    if let Some(w) = next_word(vm, v) {
        return Ok(w);
    }
    let mut mt = load(vm, v)?;
    let w = mt.next_u32();
    store(vm, v, &mt);
    Ok(w)
}

fn store(vm: &mut Vm, v: &Value, mt: &Mt19937) {
    let (words, index) = mt.state();
    let mut data = Vec::with_capacity(2500);
    for w in words {
        data.extend(w.to_le_bytes());
    }
    data.extend((index as u32).to_le_bytes());
    if let Some(b) = v.get::<ByteArray>() {
        *b.data.get_mut(vm) = data;
    }
}

const DEFS: &[Def] = &[
    def!("seed", "(state, n: index, /)", |vm, a| {
        let n = a[1].as_big().unwrap_or_else(|| BigInt::from(0i64));
        let mt = Mt19937::from_int(&n);
        store(vm, &a[0], &mt);
        Ok(Reply::NONE)
    }),
    def!("random", "(state, /)", |vm, state| {
        let (high, low) = (word(vm, state)? >> 5, word(vm, state)? >> 6);
        let f = (high as f64 * 67_108_864.0 + low as f64) / 9_007_199_254_740_992.0;
        Ok(vm.float(f).into())
    }),
    def!("getrandbits", "(state, k: index, /)", |vm, a| {
        if let Some(k @ 1..=32) = a[1].as_small_int() {
            let w = word(vm, &a[0])?;
            return Ok(vm.int((w >> (32 - k)) as i64).into());
        }
        if a[1].as_i64().is_none_or(|k| k > i32::MAX as i64)
            && a[1].as_i64_saturating().unwrap_or(0) > 0
        {
            return Err(vm.overflow_error("Python int too large to convert to C int"));
        }
        let mut mt = load(vm, &a[0])?;
        match mt.getrandbits(int(&a[1])) {
            Ok(n) => {
                store(vm, &a[0], &mt);
                Ok(vm.big_int(n).into())
            }
            Err(e) => Err(vm.primitive_error(e)),
        }
    }),
    def!("words", "(state, /)", |vm, state| {
        let mt = load(vm, state)?;
        let (words, index) = mt.state();
        let mut v: Vec<Value> = words.iter().map(|w| vm.int(*w as i64)).collect();
        v.push(Value::from_usize(index));
        Ok(vm.tuple(v).into())
    }),
    def!("set_words", "(state, words, index: index, /)", |vm, a| {
        let words: Vec<u32> = a[1].tuple_items().iter().map(|v| int(v) as u32).collect();
        match Mt19937::from_state(&words, int(&a[2])) {
            Ok(mt) => {
                store(vm, &a[0], &mt);
                Ok(Reply::NONE)
            }
            Err(e) => Err(vm.primitive_error(e)),
        }
    }),
];

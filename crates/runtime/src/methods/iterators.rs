//! Iterators over builtin containers: slots, length hints and reduction. An iterator reduces to what
//! makes an equal one: `iter` or `reversed` of its container and a state, or of a list of the rest.
//! CPython's counterparts: the iterator parts of the container files.

use crate::boot::TypeBuilder;
use crate::exc::{Flow, Reply};
use crate::native::{Def, def};
use crate::objects::iterators::{self, DictIter, RangeIter, SeqIter, SeqKind, SetIter};
use crate::objects::set::Set;
use crate::objects::str::Str;
use crate::ops;
use crate::value::Value;
use crate::vm::Vm;

fn self_iter(_vm: &mut Vm, v: &Value) -> Flow {
    Ok(v.clone().into())
}

/// `(builtin, (argument,))`, with a state unless it is unbound.
pub fn reduced(vm: &mut Vm, builtin: &str, args: Vec<Value>, state: Value) -> Flow {
    let Some(f) = vm.builtins.clone().and_then(|b| b.get_text(vm, builtin)) else {
        let name = vm.intern(builtin);
        return Err(vm.attribute_error(builtin, &Value::NONE, &name));
    };
    let mut parts = vec![f, vm.tuple(args)];
    if !state.is_unbound() {
        parts.push(state);
    }
    Ok(vm.tuple(parts).into())
}

pub fn define_seq_iter(b: &mut TypeBuilder<'_>) {
    b.slots.iter = Some(self_iter);
    b.slots.next = Some(iterators::seq_next);
    b.methods(SEQ_ITER);
}

/// Items left, where the container says its length natively.
fn seq_left(vm: &Vm, it: &SeqIter) -> i64 {
    let seq = it.seq.get();
    if seq.is_unbound() {
        return 0;
    }
    let n = match it.kind.get() {
        SeqKind::LongRange => seq
            .get::<iterators::Range>()
            .and_then(|r| r.length.get().as_i64_saturating())
            .unwrap_or(0),
        SeqKind::ByteArray => {
            seq.get::<crate::objects::bytes::ByteArray>().map_or(0, |b| b.data.get(vm).len() as i64)
        }
        _ => ops::len_fast(vm, &seq).unwrap_or(0) as i64,
    };
    match it.kind.get() {
        SeqKind::ListReversed | SeqKind::Reversed if it.index.get() >= n => 0,
        SeqKind::ListReversed | SeqKind::Reversed => it.index.get() + 1,
        SeqKind::Str => {
            let at = seq.get::<Str>().map_or(0, |s| s.index_of_offset(it.index.get() as usize));
            n - at as i64
        }
        _ => n - it.index.get(),
    }
}

const SEQ_ITER: &[Def] = &[
    def!("__length_hint__", "(self, /)", |vm, this| {
        let Some(it) = this.get::<SeqIter>() else { return Ok(Reply::NONE) };
        if matches!(it.kind.get(), SeqKind::Sequence | SeqKind::Reversed) {
            let (seq, i) = (it.seq.get(), vm.int(it.index.get()));
            let back = Value::bool(it.kind.get() == SeqKind::Reversed);
            if seq.is_unbound() {
                return Ok(Value::from_i32(0).into());
            }
            return crate::steps::call_intrinsic(vm, "sequence_length_hint", &[seq, i, back]);
        }
        Ok(vm.int(seq_left(vm, it).max(0)).into())
    }),
    def!("__reduce__", "(self, /)", |vm, this| {
        let Some(it) = this.get::<SeqIter>() else { return Ok(Reply::NONE) };
        let (seq, kind, index) = (it.seq.get(), it.kind.get(), it.index.get());
        let back = matches!(kind, SeqKind::ListReversed | SeqKind::Reversed);
        if seq.is_unbound() {
            let empty = match kind {
                SeqKind::List | SeqKind::ListReversed => vm.list(vec![]),
                SeqKind::Str => vm.names.empty.clone(),
                SeqKind::Bytes => vm.bytes(b""),
                _ => vm.tuple(vec![]),
            };
            let name = if kind == SeqKind::Reversed { "reversed" } else { "iter" };
            return reduced(vm, name, vec![empty], Value::UNBOUND);
        }
        let index = match seq.get::<Str>() {
            Some(s) if kind == SeqKind::Str => s.index_of_offset(index as usize) as i64,
            _ => index,
        };
        let state = vm.int(index);
        reduced(vm, if back { "reversed" } else { "iter" }, vec![seq], state)
    }),
    def!("__setstate__", "(self, state: index, /)", |vm, this, state| {
        let Some(it) = this.get::<SeqIter>() else { return Ok(Reply::NONE) };
        let i = state.as_i64_saturating().unwrap_or(0);
        let seq = it.seq.get();
        if seq.is_unbound() {
            return Ok(Reply::NONE);
        }
        let n = ops::len_fast(vm, &seq).map_or(i64::MAX, |n| n as i64);
        it.index.set(match it.kind.get() {
            SeqKind::ListReversed | SeqKind::Reversed => i.clamp(-1, n - 1),
            SeqKind::Str => seq.get::<Str>().map_or(0, |s| s.offset(i.clamp(0, n) as usize) as i64),
            SeqKind::List | SeqKind::Tuple | SeqKind::Bytes => i.clamp(0, n),
            _ => i.max(0),
        });
        Ok(Reply::NONE)
    }),
];

pub fn define_range_iter(b: &mut TypeBuilder<'_>) {
    b.slots.iter = Some(self_iter);
    b.slots.next = Some(iterators::range_iter_next);
    b.methods(RANGE_ITER);
}

const RANGE_ITER: &[Def] = &[
    def!("__length_hint__", "(self, /)", |vm, this| {
        let n = this.get::<RangeIter>().map_or(0, |r| r.left.get());
        Ok(vm.uint(n).into())
    }),
    def!("__reduce__", "(self, /)", |vm, this| {
        let Some(it) = this.get::<RangeIter>() else { return Ok(Reply::NONE) };
        let (next, step) = (it.next.get(), it.step);
        let stop = next.wrapping_add(step.wrapping_mul(it.left.get() as i64));
        let (next, stop, step) = (vm.int(next), vm.int(stop), vm.int(step));
        let range = super::range::make(vm, &next, &stop, &step)?;
        reduced(vm, "iter", vec![range], Value::NONE)
    }),
    def!("__setstate__", "(self, state: index, /)", |_, this, state| {
        if let Some(it) = this.get::<RangeIter>() {
            let n = state.as_i64_saturating().unwrap_or(0).max(0) as u64;
            let n = n.min(it.left.get());
            it.next.set(it.next.get().wrapping_add(it.step.wrapping_mul(n as i64)));
            it.left.set(it.left.get() - n);
        }
        Ok(Reply::NONE)
    }),
];

pub fn define_dict_iter(b: &mut TypeBuilder<'_>) {
    b.slots.iter = Some(self_iter);
    b.slots.next = Some(iterators::dict_iter_next);
    b.methods(DICT_ITER);
}

const DICT_ITER: &[Def] = &[
    def!("__length_hint__", "(self, /)", |vm, this| {
        let n = this.get::<DictIter>().map_or(0, |r| {
            let d = r.dict.get();
            let live = d.get::<crate::objects::dict::Dict>();
            let same = live.is_some_and(|d| d.len(vm) == r.used.get());
            if same { r.left.get() } else { 0 }
        });
        Ok(vm.uint(n as u64).into())
    }),
    def!("__reduce__", "(self, /)", |vm, a| {
        // The rest is read from a copy: the iterator itself stays where it is.
        let Some(it) = a[0].get::<DictIter>() else { return Ok(Reply::NONE) };
        let copy = iterators::dict_iter(vm, &it.dict.get(), it.part, it.reverse);
        let mut rest = Vec::new();
        if let Some(c) = copy.get::<DictIter>()
            && !it.dict.is_unbound()
        {
            c.pos.set(it.pos.get());
            c.used.set(it.used.get());
            c.left.set(it.left.get());
            while let Some(v) = iterators::dict_iter_next(vm, &copy)?.ready() {
                if v.is_exhausted() {
                    break;
                }
                rest.push(v);
            }
        }
        let list = vm.list(rest);
        reduced(vm, "iter", vec![list], Value::UNBOUND)
    }),
];

pub fn define_set_iter(b: &mut TypeBuilder<'_>) {
    b.slots.iter = Some(self_iter);
    b.slots.next = Some(iterators::set_iter_next);
    b.methods(SET_ITER);
}

fn set_rest(vm: &Vm, v: &Value) -> Vec<Value> {
    let Some(it) = v.get::<SetIter>() else { return vec![] };
    let set = it.set.get();
    let Some(s) = set.get::<Set>() else { return vec![] };
    if s.table(vm).len() != it.used.get() {
        return vec![];
    }
    s.table(vm).iter_from(it.pos.get()).map(|(_, e)| e.key.clone()).collect()
}

const SET_ITER: &[Def] = &[
    def!("__length_hint__", "(self, /)", |vm, this| {
        Ok(Value::from_usize(set_rest(vm, this).len()).into())
    }),
    def!("__reduce__", "(self, /)", |vm, this| {
        let rest = set_rest(vm, this);
        let list = vm.list(rest);
        reduced(vm, "iter", vec![list], Value::UNBOUND)
    }),
];

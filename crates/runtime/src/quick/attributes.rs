//! Attributes and items: what the inline caches know (see `attrs`), lists and tuples.

use super::*;

/// The object's class has the version of the instruction's cache.
#[inline(always)]
pub(super) unsafe fn has_version(o: u64, w1: u64) -> bool {
    // SAFETY: the value is alive.
    unsafe { is_object(o) && header(o).type_of().version.get() == (w1 >> 32) as u32 }
}

/// What was found for such objects as `o`, which the cache is not about, elsewhere.
#[inline(always)]
unsafe fn found_before(
    ip: *const u64,
    frame: *mut Frame,
    vm: *mut Vm,
    access: Access,
    o: u64,
) -> Option<u64> {
    // SAFETY: `o` is alive, in a register; the instruction at `ip` has not begun.
    unsafe {
        (*frame).ip = ip;
        if !is_object(o) {
            return None;
        }
        attrs::restock(&*vm, frame, access as u32, header(o), *ip.add(1) as u32)
    }
}

handler! {
    #[inline(never)]
    fn load_missed<DL, SL>(ip, frame, vm, word) {
        let o = *reg(frame, b(word));
        if let Some(place) = found_before(ip, frame, vm, Access::Load, o) {
            // The shape is one of the keys by which the place was found.
            let v = instance::plain_ext(header(o)).slots().get_unchecked((place >> 32) as usize);
            let v = v.peek().bits();
            if v != UNBOUND {
                return put_from::<DL, SL>(ip, frame, vm, word, 2, v, o);
            }
        }
        find_attr(ip, frame, vm, word)
    }
}

handler! {
    #[inline(never)]
    fn store_missed<SL>(ip, frame, vm, word) {
        if found_before(ip, frame, vm, Access::Store, *reg(frame, a(word))).is_some() {
            return next(ip, frame, vm);
        }
        set_attr(ip, frame, vm, word)
    }
}

handler! {
    #[inline(never)]
    fn method_missed<SL>(ip, frame, vm, word) {
        if found_before(ip, frame, vm, Access::Method, *reg(frame, b(word))).is_some() {
            return next(ip, frame, vm);
        }
        find_method(ip, frame, vm, word)
    }
}

handler! {
    fn load_attr<DL, SL>(ip, frame, vm, word) {
        let o = *reg(frame, b(word));
        if !has_version(o, *ip.add(1)) {
            return load_missed::<DL, SL>(ip, frame, vm, word);
        }
        let w2 = *ip.add(2);
        let ext = instance::plain_ext(header(o));
        if ext.shape.get() != w2 as u32 {
            return load_missed::<DL, SL>(ip, frame, vm, word);
        }
        let v = ext.slots().get_unchecked((w2 >> 32) as usize).peek().bits();
        if v == UNBOUND {
            return find_attr(ip, frame, vm, word)
        }
        put_from::<DL, SL>(ip, frame, vm, word, 2, v, o)
    }
}

handler! {
    fn store_attr<SL>(ip, frame, vm, word) {
        let o = *reg(frame, a(word));
        if !has_version(o, *ip.add(1)) {
            return store_missed::<SL>(ip, frame, vm, word);
        }
        let w2 = *ip.add(2);
        let ext = instance::plain_ext(header(o));
        if ext.shape.get() != w2 as u32 {
            return store_missed::<SL>(ip, frame, vm, word);
        }
        if !SL && is_last(o) {
            return set_attr(ip, frame, vm, word)
        }
        let slot = if w2 as i64 >= 0 {
            ext.slots().get_unchecked((w2 >> 32) as usize)
        } else {
            let Some((slot, shape)) = instance::cached_transition(w2, ext) else { return set_attr(ip, frame, vm, word) };
            ext.shape.set(shape);
            slot
        };
        let slot = (&raw const *slot).cast_mut().cast::<u64>();
        let old = slot.replace(take(frame, b(word)));
        if !SL {
            unref(o);
        }
        dropped(ip, frame, vm, 2, old)
    }
}

handler! {
    fn load_method<SL>(ip, frame, vm, word) {
        let o = *reg(frame, b(word));
        if !has_version(o, *ip.add(1)) {
            return method_missed::<SL>(ip, frame, vm, word);
        }
        let w2 = *ip.add(2);
        if w2 & 1 != 0 || !attrs::no_attribute_hides(header(o)) {
            return find_method(ip, frame, vm, word)
        }
        if SL {
            retain(o);
        }
        retain(w2);
        reg(frame, a(word)).write(w2);
        reg(frame, a(word) + 1).write(o);
        next(ip.add(3), frame, vm)
    }
}

/// The place that a small int means in a sequence.
#[inline(always)]
pub(super) fn index(k: u64, len: usize) -> Option<usize> {
    let i = k as i64 >> 1;
    let i = if i < 0 { i + len as i64 } else { i } as usize;
    (i < len).then_some(i)
}

/// The items of an exact list or tuple.
#[inline(always)]
pub(super) unsafe fn items(vm: &Vm, o: u64) -> Option<&[Value]> {
    // SAFETY: the value is alive.
    unsafe {
        if let Some(l) = get::<List>(o) {
            std::ptr::eq(header(o).type_of(), &*vm.types.list).then(|| l.items(vm))
        } else if let Some(t) = get::<Tuple>(o) {
            std::ptr::eq(header(o).type_of(), &*vm.types.tuple).then(|| t.items())
        } else {
            None
        }
    }
}

handler! {
    fn load_item<DL, SL>(ip, frame, vm, word) {
        let (o, k) = (*reg(frame, b(word)), *reg(frame, c(word)));
        if k & 1 == 0 {
            return item_of_other::<DL, SL>(ip, frame, vm, word)
        }
        let Some(items) = items(&*vm, o) else { return item_of_other::<DL, SL>(ip, frame, vm, word) };
        let Some(i) = index(k, items.len()) else { return item_of_other::<DL, SL>(ip, frame, vm, word) };
        put_from::<DL, SL>(ip, frame, vm, word, 0, items.get_unchecked(i).bits(), o)
    }
}

handler! {
    fn store_item<SL>(ip, frame, vm, word) {
        let (o, k) = (*reg(frame, a(word)), *reg(frame, b(word)));
        if k & 1 == 0 || !SL && is_last(o) {
            return set_item_of_other::<SL>(ip, frame, vm, word)
        }
        let Some(l) = get::<List>(o) else { return set_item_of_other::<SL>(ip, frame, vm, word) };
        if !std::ptr::eq(header(o).type_of(), &*(*vm).types.list) {
            return set_item_of_other::<SL>(ip, frame, vm, word)
        }
        let items = l.items_mut(&mut *vm);
        let Some(i) = index(k, items.len()) else { return set_item_of_other::<SL>(ip, frame, vm, word) };
        let old = items.as_mut_ptr().add(i).cast::<u64>().replace(take(frame, c(word)));
        if !SL {
            unref(o);
        }
        dropped(ip, frame, vm, 0, old)
    }
}

handler! {
    fn unpack<SL>(ip, frame, vm, word) {
        let (o, n) = (*reg(frame, b(word)), c(word));
        let Some(items) = items(&*vm, o) else { leave!(ip, frame) };
        if items.len() != n || n == 0 {
            leave!(ip, frame)
        }
        if n == 2 {
            return unpack_pair::<SL>(ip, frame, vm, word);
        }
        let to = reg(frame, a(word) + n - 1);
        for (k, item) in items.iter().enumerate() {
            retain(item.bits());
            to.sub(k).write(item.bits());
        }
        if SL { next(ip.add(1), frame, vm) } else { dropped(ip, frame, vm, 0, o) }
    }
}

handler! {
    /// UNPACK_SEQUENCE of a list or tuple of two.
    #[inline(never)]
    fn unpack_pair<SL>(ip, frame, vm, word) {
        let o = *reg(frame, b(word));
        let Some([x, y]) = items(&*vm, o) else { leave!(ip, frame) };
        let (x, y) = (x.bits(), y.bits());
        retain(x);
        retain(y);
        if !SL {
            if is_last(o) {
                reg(frame, a(word) + 1).write(x);
                reg(frame, a(word)).write(y);
                return dropped(ip, frame, vm, 0, o);
            }
            unref(o);
        }
        put_pair(ip, frame, vm, word, x, y)
    }
}

/// Ends the UNPACK_SEQUENCE of two at `ip`, with the moves into locals that mostly follow.
#[inline(always)]
pub(super) unsafe fn put_pair(
    ip: *const u64,
    frame: *mut Frame,
    vm: *mut Vm,
    word: u64,
    x: u64,
    y: u64,
) -> Left {
    // SAFETY: the items are owned; two temporaries are empty. Instructions follow to the body's end.
    unsafe {
        let (at, first) = (a(word), *ip.add(1));
        if first as u16 != op1::MOVE || b(first) != at + 1 {
            reg(frame, at + 1).write(x);
            reg(frame, at).write(y);
            return next(ip.add(1), frame, vm);
        }
        let old = reg(frame, a(first)).replace(x);
        let second = *ip.add(2);
        if is_last(old) || second as u16 != op1::MOVE || b(second) != at {
            reg(frame, at).write(y);
            return dropped(ip.add(1), frame, vm, 0, old);
        }
        unref(old);
        put::<true>(ip.add(2), frame, vm, second, 0, y)
    }
}

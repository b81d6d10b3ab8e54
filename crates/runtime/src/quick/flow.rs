//! Jumps, identity, loops, and generators in loops.

use super::*;

handler! {
    fn identity<DL, NOT>(ip, frame, vm, word) {
        let (l, r) = (*reg(frame, b(word)), *reg(frame, c(word)));
        let temps = (*frame).body().first_temp as usize;
        let (own_l, own_r) = (b(word) >= temps && is_object(l), c(word) >= temps && is_object(r));
        if own_l && (own_r || is_last(l)) || own_r && is_last(r) {
            return is_identical(ip, frame, vm, word);
        }
        if own_l {
            unref(l);
        }
        if own_r {
            unref(r);
        }
        put::<DL>(ip, frame, vm, word, 0, bool_bits((l == r) != NOT))
    }
}

handler! {
    /// A tuple that the next instruction takes apart again: its items change places.
    fn exchange<>(ip, frame, vm, word) {
        let after = *ip.add(1);
        let (first, n) = (b(word), c(word));
        if after as u16 != op::UNPACK_SEQUENCE
            || b(after) != a(word)
            || a(after) != first
            || c(after) != n
            || n == 0
        {
            return build_tuple(ip, frame, vm, word);
        }
        let (mut low, mut high) = (reg(frame, first), reg(frame, first + n - 1));
        while low < high {
            std::ptr::swap(low, high);
            (low, high) = (low.add(1), high.sub(1));
        }
        next(ip.add(2), frame, vm)
    }
}

/// Goes on behind the instruction, or if it is `taken` so many words further.
#[inline(always)]
pub(super) unsafe fn branch(
    ip: *const u64,
    frame: *mut Frame,
    vm: *mut Vm,
    words: i64,
    taken: bool,
) -> Left {
    // SAFETY: jump targets of a body are its instructions.
    unsafe {
        if taken {
            return next(ip.offset(1 + words as isize), frame, vm);
        }
        next(ip.add(1), frame, vm)
    }
}

handler! {
    fn nothing<>(ip, frame, vm, _word) {
        next(ip.add(1), frame, vm)
    }
}

handler! {
    fn jump<>(ip, frame, vm, word) {
        branch(ip, frame, vm, word as i64 >> 32, true)
    }
}

handler! {
    fn jump_back<>(ip, frame, vm, word) {
        let left = (*vm).breaker - 1;
        if left < 0 {
            leave!(ip, frame)
        }
        (*vm).breaker = left;
        branch(ip, frame, vm, word as i64 >> 32, true)
    }
}

handler! {
    fn jump_if<WANT>(ip, frame, vm, word) {
        let v = *reg(frame, a(word));
        let t = if v == TRUE {
            true
        } else if v == FALSE || v == NONE {
            false
        } else if v & 1 != 0 {
            v != 1
        } else {
            return jump_if_any(ip, frame, vm, word);
        };
        branch(ip, frame, vm, word as i64 >> 32, t == WANT)
    }
}

handler! {
    fn jump_if_none<LOCAL, WANT>(ip, frame, vm, word) {
        let v = *reg(frame, a(word));
        if !LOCAL {
            if is_last(v) {
                return jump_freeing::<WANT>(ip, frame, vm, word);
            }
            unref(v);
        }
        branch(ip, frame, vm, word as i64 >> 32, (v == NONE) == WANT)
    }
}

/// The next item of an iterator over a list, tuple or range, counted.
#[inline(always)]
unsafe fn next_item(vm: *mut Vm, it: u64) -> Option<u64> {
    // SAFETY: the iterator is alive.
    unsafe {
        if let Some(r) = get::<RangeIter>(it) {
            let (left, v) = (r.left.get(), r.next.get());
            let bits = small_int(v)?;
            if left == 0 {
                return None;
            }
            r.left.set(left - 1);
            r.next.set(v.wrapping_add(r.step));
            return Some(bits);
        }
        let s = get::<SeqIter>(it)?;
        let at = s.index.get() as usize;
        let seq = s.seq.peek().bits();
        let item = match s.kind.get() {
            SeqKind::List => get::<List>(seq)?.items(&*vm).get(at)?,
            SeqKind::Tuple => get::<Tuple>(seq)?.items().get(at)?,
            _ => return None,
        };
        s.index.set(at as i64 + 1);
        retain(item.bits());
        Some(item.bits())
    }
}

handler! {
    fn for_iter<DL>(ip, frame, vm, word) {
        let it = *reg(frame, b(word));
        match next_item(vm, it) {
            Some(v) => put::<DL>(ip, frame, vm, word, 0, v),
            None if get::<Generator>(it).is_some() => for_generator(ip, frame, vm, word),
            None if get::<Enumerate>(it).is_some() => for_enumerate(ip, frame, vm, word),
            None => for_native(ip, frame, vm, word),
        }
    }
}

/// The next character of an iterator over a str, if it is an ASCII one.
#[inline(always)]
unsafe fn next_ascii(vm: *mut Vm, it: u64) -> Option<u64> {
    // SAFETY: the iterator is alive.
    unsafe {
        let s = get::<SeqIter>(it)?;
        let at = s.index.get();
        let byte = match s.kind.get() {
            SeqKind::Str => *get::<Str>(s.seq.peek().bits())?.bytes().get(at as usize)?,
            _ => return None,
        };
        if byte >= 128 {
            return None;
        }
        s.index.set(at + 1);
        let v = character(vm, byte)?;
        retain(v);
        Some(v)
    }
}

handler! {
    /// FOR_ITER over an `enumerate` of what `next_item` knows, whose pairs are taken apart at once.
    #[inline(never)]
    fn for_enumerate<>(ip, frame, vm, word) {
        let it = *reg(frame, b(word));
        let after = *ip.add(1);
        if let Some(e) = get::<Enumerate>(it)
            && after as u16 == op::UNPACK_SEQUENCE
            && b(after) == a(word)
            && c(after) == 2
            && let index = (&raw const e.index).cast_mut().cast::<u64>()
            && *index & 1 != 0
            // Overflow of the tagged word is overflow of the small int.
            && let Some(more) = (*index as i64).checked_add(2)
            && std::ptr::eq(header(it).type_of(), &*(*vm).types.enumerate)
            && let Some(item) = next_item(vm, e.iterator.peek().bits())
        {
            return put_pair(ip.add(1), frame, vm, after, index.replace(more as u64), item);
        }
        for_other(ip, frame, vm, word)
    }
}

/// The next pair of a `zip` of two, both over what `next_item` knows.
#[inline(always)]
unsafe fn next_zipped(vm: *mut Vm, it: u64) -> Option<(u64, u64)> {
    // SAFETY: the iterators are alive.
    unsafe {
        let z = get::<Zip>(it)?;
        let [x, y] = z.iterators.peek().tuple_items() else { return None };
        // Nothing is taken from the first unless the second has more: the general way knows the rest.
        if x.is(y)
            || !std::ptr::eq(header(it).type_of(), &*(*vm).types.zip)
            || !has_more(vm, y.bits())
        {
            return None;
        }
        let x = next_item(vm, x.bits())?;
        Some((x, next_item(vm, y.bits())?))
    }
}

/// Will `next_item` give one?
#[inline(always)]
unsafe fn has_more(vm: *mut Vm, it: u64) -> bool {
    // SAFETY: the iterator is alive.
    unsafe {
        if let Some(r) = get::<RangeIter>(it) {
            return r.left.get() > 0 && small_int(r.next.get()).is_some();
        }
        let Some(s) = get::<SeqIter>(it) else { return false };
        let (at, seq) = (s.index.get() as usize, s.seq.peek().bits());
        match s.kind.get() {
            SeqKind::List => get::<List>(seq).is_some_and(|l| at < l.items(&*vm).len()),
            SeqKind::Tuple => get::<Tuple>(seq).is_some_and(|t| at < t.items().len()),
            _ => false,
        }
    }
}

handler! {
    /// FOR_ITER over a generator that waits at a YIELD or has not begun.
    #[inline(never)]
    fn for_generator<>(ip, frame, vm, word) {
        (*frame).ip = ip;
        if link_generator(frame, vm, *reg(frame, b(word))) {
            let frame = (*vm).exec.frame;
            return next((*frame).ip, frame, vm);
        }
        for_other(ip, frame, vm, word)
    }
}

#[inline(never)]
unsafe fn link_generator(frame: *mut Frame, vm: *mut Vm, it: u64) -> bool {
    // SAFETY: the iterator is alive, in its register, as long as the frame waits.
    unsafe {
        let Some(g) = get::<Generator>(it) else { return false };
        if !generator::is_plainly_resumable(g)
            || (*vm).exec.depth >= (*vm).recursion_limit
            || (*vm).breaker <= 0
            || (*vm).tracing.is_some()
        {
            return false;
        }
        (*frame).set_stage(1);
        (*vm).breaker -= 1;
        generator::link(&mut *vm, g);
        true
    }
}

handler! {
    /// FOR_ITER over other iterators that run no Python code.
    #[inline(never)]
    fn for_native<>(ip, frame, vm, word) {
        let it = *reg(frame, b(word));
        if let Some(v) = next_ascii(vm, it) {
            if word as u16 == op::FOR_ITER {
                return put::<false>(ip, frame, vm, word, 0, v);
            }
            return put::<true>(ip, frame, vm, word, 0, v);
        }
        let after = *ip.add(1);
        if after as u16 == op::UNPACK_SEQUENCE
            && b(after) == a(word)
            && c(after) == 2
            && let Some((x, y)) = next_zipped(vm, it)
        {
            return put_pair(ip.add(1), frame, vm, after, x, y);
        }
        for_other(ip, frame, vm, word)
    }
}

handler! {
    fn yielded<DL, SL>(ip, frame, vm, word) {
        (*frame).ip = ip;
        match run_yield(frame, vm, word, SL) {
            DONE => next(ip.add(1), frame, vm),
            left => arrived(vm, left),
        }
    }
}

/// YIELD to a loop that waits in FOR_ITER, or to a machine that absorbs the value.
#[inline(never)]
pub(super) unsafe fn run_yield(frame: *mut Frame, vm: *mut Vm, word: u64, is_local: bool) -> Left {
    // SAFETY: the frame of a running generator, whose caller is suspended and whole.
    unsafe {
        let caller = (*frame).caller;
        if c(word) == 1
            || (*vm).tracing.is_some()
            || generator::of_frame(frame).mode.get() != Mode::Next
        {
            return UNDONE;
        }
        let v = *reg(frame, b(word));
        if (*caller).is_native() {
            let Some(absorbs) = (*caller).machine().absorbs else { return UNDONE };
            let value = &*reg(frame, b(word)).cast::<Value>();
            if (*vm).breaker <= 0 || !absorbs(&mut *vm, &mut Regs(caller), value) {
                return UNDONE;
            }
            (*vm).breaker -= 1;
            if !is_local {
                release(v);
            }
            return finish(frame, vm, word, NONE, DONE);
        }
        let at = *(*caller).ip;
        if (*caller).stage() != 1 || !matches!(at as u16, op::FOR_ITER | op1::FOR_ITER) {
            return UNDONE;
        }
        if is_local {
            retain(v);
        }
        drop(generator::leave(&mut *vm, frame, GenState::Suspended));
        (*caller).set_stage(0);
        finish(caller, vm, at, v, ARRIVED)
    }
}

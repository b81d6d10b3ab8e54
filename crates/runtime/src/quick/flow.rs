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

handler! {
    fn for_iter<DL>(ip, frame, vm, word) {
        let it = *reg(frame, b(word));
        let v = if let Some(r) = get::<RangeIter>(it) {
            let (left, v) = (r.left.get(), r.next.get());
            let Some(bits) = small_int(v) else { return for_other(ip, frame, vm, word) };
            if left == 0 {
                return for_other(ip, frame, vm, word);
            }
            r.left.set(left - 1);
            r.next.set(v.wrapping_add(r.step));
            bits
        } else if let Some(s) = get::<SeqIter>(it) {
            let at = s.index.get() as usize;
            let seq = s.seq.peek().bits();
            let item = match s.kind.get() {
                SeqKind::List => get::<List>(seq).and_then(|l| l.items(&*vm).get(at)),
                SeqKind::Tuple => get::<Tuple>(seq).and_then(|t| t.items().get(at)),
                _ => None,
            };
            let Some(item) = item else { return for_other(ip, frame, vm, word) };
            s.index.set(at as i64 + 1);
            retain(item.bits());
            item.bits()
        } else {
            return for_other(ip, frame, vm, word);
        };
        put::<DL>(ip, frame, vm, word, 0, v)
    }
}

handler! {
    fn yielded<DL, SL>(ip, frame, vm, word) {
        (*frame).ip = ip;
        arrived(vm, run_yield(frame, vm, word, SL))
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
            return finish(frame, vm, word, NONE, ARRIVED);
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

//! Switches of tasklets within the quick tier: `schedule`, `channel.send` and `channel.receive`, and
//! the beginning and the end of a tasklet.
//!
//! Each handler decides first, changing nothing, whether the case is the plain one: the tasklets are
//! in the run queue, nothing is to be called back, nobody forbids the switch, no exception travels.
//! Everything else goes the way of all calls, to `tasklet`, whose rules these follow. Links of queues
//! own counts: a tasklet in a ring or in a channel's queue has two counts from its neighbours (or the
//! channel), which go along from one queue to the other, and a removal hands its own links over to the
//! neighbours. So a switch counts only what becomes the current tasklet.
//!
//! CPython has no counterpart; Stackless Python's is `Stackless/module/scheduling.c`.

use super::calls::{arguments, call_native, waits_plainly};
use super::*;
use crate::native::NativeFunction;
use crate::object::ValueCell;
use crate::tasklet::{self, Blocked, Bomb, Channel, Tasklet};

type Task = Obj<Tasklet>;

/// Writes a cell whose count is given up elsewhere.
#[inline(always)]
unsafe fn store(cell: &ValueCell, bits: u64) {
    // SAFETY: the count of `bits` is handed over.
    std::mem::forget(cell.replace(unsafe { Value::from_bits(bits) }));
}

/// Moves the content of a cell, which gets None.
#[inline(always)]
unsafe fn take_cell(cell: &ValueCell) -> u64 {
    let bits = cell.bits();
    // SAFETY: the count goes to the caller.
    unsafe { store(cell, NONE) };
    bits
}

/// # Safety
/// `bits` are those of a living tasklet.
#[inline(always)]
unsafe fn task<'a>(bits: u64) -> &'a Task {
    // SAFETY: the contract.
    unsafe { &*(bits as *const Task) }
}

/// Are there more than `n` references to an object? Looks at half of the count: never true in error.
#[inline(always)]
unsafe fn has_more(bits: u64, n: u32) -> bool {
    // SAFETY: the value is an object and alive.
    unsafe { header(bits).rc.get() as u32 > n }
}

/// Gives up `n` references to an object that are not the last ones.
#[inline(always)]
unsafe fn give_up(bits: u64, n: u64) {
    // SAFETY: as `has_more`.
    let rc = unsafe { &header(bits).rc };
    rc.set(rc.get() - n);
}

/// The running tasklet, if it is in the run queue and there is nothing in its result register that
/// would have to be dropped.
#[inline(always)]
unsafe fn current<'a>(vm: *mut Vm) -> Option<&'a Task> {
    // SAFETY: the scheduler owns a count of the current tasklet.
    unsafe {
        let me = (*vm).scheduler.current.as_ref()?;
        let me = task(me.address());
        (me.queued.get() && !is_object(me.tempval.bits())).then_some(me)
    }
}

/// May `me`, the running tasklet, be left for another one, and nobody is told?
#[inline(always)]
unsafe fn may_leave(vm: *mut Vm, me: &Task) -> bool {
    // SAFETY: the `Vm` is alive.
    unsafe {
        let s = &(*vm).scheduler;
        s.trap == 0
            && s.schedule_callback.is_none()
            && (*vm).exec.nesting <= me.is_main.get() as u32
    }
}

/// Takes `t`, which has neighbours, out of the ring: its two counts are the caller's.
#[inline(always)]
unsafe fn unlink(vm: *mut Vm, t: &Task) {
    // SAFETY: links of the members of a ring are members.
    unsafe {
        let s = &mut (*vm).scheduler;
        let (before, after) = (t.prev.bits(), t.next.bits());
        if s.head.as_ref().is_some_and(|h| h.ptr_eq(t)) {
            std::mem::forget(s.head.replace(task(after).to_ref()));
            give_up(t.address(), 1);
        }
        store(&task(after).prev, before);
        store(&task(before).next, after);
        t.queued.set(false);
        s.runcount -= 1;
    }
}

/// Puts `t` into the ring between `before` and `after`, which are neighbours: its two counts are taken.
#[inline(always)]
unsafe fn link(vm: *mut Vm, t: &Task, before: u64, after: u64) {
    // SAFETY: as `unlink`.
    unsafe {
        store(&t.prev, before);
        store(&t.next, after);
        store(&task(before).next, t.address());
        store(&task(after).prev, t.address());
        t.queued.set(true);
        (*vm).scheduler.runcount += 1;
    }
}

/// The current tasklet becomes `next`; the count of the one before is the caller's.
#[inline(always)]
unsafe fn exchange(vm: *mut Vm, me: &Task, next: &Task) {
    // SAFETY: as `tasklet::exchange`.
    unsafe {
        me.running.set(false);
        (*vm).exec.enter(next);
        let s = &mut (*vm).scheduler;
        std::mem::forget(s.current.replace(next.to_ref()));
        if let Some(w) = &mut s.watchdog {
            w.switched();
        }
    }
}

/// Leaves `me`, which some queue owns, for `next`, a member of the ring.
#[inline(always)]
unsafe fn leave_for(vm: *mut Vm, me: &Task, next: &Task) -> Left {
    // SAFETY: the frame of `me` waits at its call.
    unsafe {
        exchange(vm, me, next);
        give_up(me.address(), 1);
        arrive_at(vm, next)
    }
}

/// Goes on in `t`, the current tasklet now, where nothing was freed on the way.
#[inline(always)]
unsafe fn arrive_at(vm: *mut Vm, t: &Task) -> Left {
    // SAFETY: the frames of a suspended tasklet are whole.
    unsafe {
        let frame = t.exec.peek().frame;
        let v = t.tempval.bits();
        if !waits_plainly(frame) || get::<Bomb>(v).is_some() {
            return arrive_oddly(vm, t);
        }
        store(&t.tempval, NONE);
        let ip = (*frame).ip;
        answer_call(ip, frame, vm, *ip, v)
    }
}

/// The result of the instruction at `ip`, a call or whatever else waits for a plain result. Where the
/// next instruction lies is not computed from the word of this one, but guessed with the jump: that
/// word has just been loaded, by way of the tasklet, its frame and its instruction.
#[inline(always)]
pub(super) unsafe fn answer_call(
    ip: *const u64,
    frame: *mut Frame,
    vm: *mut Vm,
    word: u64,
    v: u64,
) -> Left {
    // SAFETY: as `put`.
    unsafe {
        if word as u16 == op::CALL || word as u16 == op::CALL_METHOD {
            return put::<false>(ip, frame, vm, word, 1, v);
        }
        answer_other(ip, frame, vm, word, v)
    }
}

#[inline(never)]
unsafe fn answer_other(ip: *const u64, frame: *mut Frame, vm: *mut Vm, word: u64, v: u64) -> Left {
    // SAFETY: as `put`.
    unsafe {
        let meta = *META.get_unchecked(word as u16 as usize);
        let words = (meta & WORDS) as usize;
        if meta & DST_LOCAL != 0 {
            put::<true>(ip, frame, vm, word, words, v)
        } else {
            put::<false>(ip, frame, vm, word, words, v)
        }
    }
}

/// … where the tasklet has not begun, or waits in another way.
#[inline(never)]
unsafe fn arrive_oddly(vm: *mut Vm, t: &Task) -> Left {
    // SAFETY: as `arrive_at`; `begin` pushes a frame that is at its start.
    unsafe {
        if tasklet::begin(&mut *vm, t) {
            let frame = (*vm).exec.frame;
            return next((*frame).ip, frame, vm);
        }
        tasklet::leave_register(&mut *vm, t);
        AWAY
    }
}

/// `stackless.schedule()`.
pub(super) unsafe fn schedule<const METHOD: bool>(
    ip: *const u64,
    frame: *mut Frame,
    vm: *mut Vm,
    word: u64,
) -> Left {
    // SAFETY: callable and argument are valid temporaries, dead after the call.
    unsafe {
        let callable = *reg(frame, b(word));
        let (args, n) = arguments::<METHOD>(frame, word);
        let Some(me) = current(vm) else { return call_native(ip, frame, vm, word) };
        let next = me.next.bits();
        if n > 1 || next == me.address() || !may_leave(vm, me) || !has_more(callable, 1) {
            return call_native(ip, frame, vm, word);
        }
        give_up(callable, 1);
        let value = if n == 1 { *reg(frame, args) } else { me.to_value().into_bits() };
        store(&me.tempval, value);
        (*frame).ip = ip;
        leave_for(vm, me, task(next))
    }
}

/// `channel.send(value)` and `channel.receive()`, with the channel as first argument or as receiver.
pub(super) unsafe fn pass<const METHOD: bool, const SENDING: bool>(
    ip: *const u64,
    frame: *mut Frame,
    vm: *mut Vm,
    word: u64,
) -> Left {
    // SAFETY: callable and arguments are valid temporaries, dead after the call.
    unsafe {
        let at = b(word);
        let arguments = if METHOD { 0 } else { 1 } + SENDING as usize;
        let Some(c) = get::<Channel>(*reg(frame, at + 1)) else {
            return call_native(ip, frame, vm, word);
        };
        let Some(me) = current(vm) else { return call_native(ip, frame, vm, word) };
        if super::c(word) != arguments
            || !has_more(*reg(frame, at), 1)
            || (*vm).scheduler.channel_callback.is_some()
        {
            return call_native(ip, frame, vm, word);
        }
        exchange_value::<SENDING, false, 2>(ip, frame, vm, word, c, me)
    }
}

/// As `pass` for a method of the channel, `callable`.
pub(super) unsafe fn pass_bound<const METHOD: bool, const SENDING: bool>(
    ip: *const u64,
    frame: *mut Frame,
    vm: *mut Vm,
    word: u64,
) -> Left {
    // SAFETY: as `pass`; the method owns a count of the channel.
    unsafe {
        let callable = *reg(frame, b(word));
        let Some(f) = get::<NativeFunction>(callable) else {
            return call_native(ip, frame, vm, word);
        };
        let Some(c) = get::<Channel>(f.0.owner.bits()) else {
            return call_native(ip, frame, vm, word);
        };
        let Some(me) = current(vm) else { return call_native(ip, frame, vm, word) };
        if super::c(word) != SENDING as usize
            || METHOD && *reg(frame, b(word) + 1) != UNBOUND
            || !has_more(callable, 1)
            || (*vm).scheduler.channel_callback.is_some()
        {
            return call_native(ip, frame, vm, word);
        }
        if METHOD {
            return exchange_value::<SENDING, true, 2>(ip, frame, vm, word, c, me);
        }
        exchange_value::<SENDING, true, 1>(ip, frame, vm, word, c, me)
    }
}

/// What happens depends on who waits. The channel is `BOUND` to the callable, or an argument; the value
/// lies in the register `ARG` behind the callable's.
#[inline(always)]
unsafe fn exchange_value<const SENDING: bool, const BOUND: bool, const ARG: usize>(
    ip: *const u64,
    frame: *mut Frame,
    vm: *mut Vm,
    word: u64,
    c: &Obj<Channel>,
    me: &Task,
) -> Left {
    // SAFETY: as `pass`.
    unsafe {
        let balance = c.balance.get();
        if if SENDING { balance >= 0 } else { balance <= 0 } {
            return wait::<SENDING, BOUND, ARG>(ip, frame, vm, word, c, me);
        }
        if c.schedule_all.get() {
            return call_native(ip, frame, vm, word);
        }
        if c.preference.get() == if SENDING { -1 } else { 1 } {
            return pass_and_leave::<SENDING, BOUND, ARG>(ip, frame, vm, word, c, me);
        }
        pass_and_stay::<SENDING, BOUND, ARG>(ip, frame, vm, word, c, me)
    }
}

/// May the value change hands between the running tasklet and `w`, the first that waits?
#[inline(always)]
unsafe fn may_pass<const SENDING: bool, const BOUND: bool>(c: &Obj<Channel>, w: &Task) -> bool {
    // SAFETY: the channel is alive, with the counts of the waiting tasklet and of the call's register.
    unsafe {
        let given = w.tempval.bits();
        has_more(c.address(), if BOUND { 1 } else { 2 })
            && if SENDING { !is_object(given) } else { get::<Bomb>(given).is_none() }
    }
}

/// Takes `w`, the first that waits, out of the channel's queue and exchanges the value: what the running
/// tasklet gets. The counts of `w` are the caller's; those of the call's registers are given up.
#[inline(always)]
unsafe fn hand_over<const SENDING: bool, const BOUND: bool, const ARG: usize>(
    frame: *mut Frame,
    word: u64,
    c: &Obj<Channel>,
    w: &Task,
) -> u64 {
    // SAFETY: members of a channel's queue are tasklets; see `may_pass`.
    unsafe {
        give_up(*reg(frame, b(word)), 1);
        give_up(c.address(), if BOUND { 1 } else { 2 });
        store(&w.channel, NONE);
        w.blocked.set(Blocked::No);
        c.balance.set(c.balance.get() + if SENDING { 1 } else { -1 });
        let second = w.next.bits();
        store(&c.head, second);
        store(if second == NONE { &c.tail } else { &task(second).prev }, NONE);
        if SENDING {
            store(&w.tempval, *reg(frame, b(word) + ARG));
            NONE
        } else {
            take_cell(&w.tempval)
        }
    }
}

/// Somebody waits for what `me` offers or wants, and goes on at once.
#[inline(never)]
unsafe fn pass_and_leave<const SENDING: bool, const BOUND: bool, const ARG: usize>(
    ip: *const u64,
    frame: *mut Frame,
    vm: *mut Vm,
    word: u64,
    c: &Obj<Channel>,
    me: &Task,
) -> Left {
    // SAFETY: as `pass`; the queue is not empty.
    unsafe {
        let w = task(c.head.bits());
        if !may_leave(vm, me) || !may_pass::<SENDING, BOUND>(c, w) {
            return call_native(ip, frame, vm, word);
        }
        let result = hand_over::<SENDING, BOUND, ARG>(frame, word, c, w);
        link(vm, w, me.address(), me.next.bits());
        store(&me.tempval, result);
        (*frame).ip = ip;
        leave_for(vm, me, w)
    }
}

/// … and goes on later.
#[inline(never)]
unsafe fn pass_and_stay<const SENDING: bool, const BOUND: bool, const ARG: usize>(
    ip: *const u64,
    frame: *mut Frame,
    vm: *mut Vm,
    word: u64,
    c: &Obj<Channel>,
    me: &Task,
) -> Left {
    // SAFETY: as `pass_and_leave`.
    unsafe {
        let w = task(c.head.bits());
        if !may_pass::<SENDING, BOUND>(c, w) {
            return call_native(ip, frame, vm, word);
        }
        let result = hand_over::<SENDING, BOUND, ARG>(frame, word, c, w);
        link(vm, w, me.prev.bits(), me.address());
        answer_call(ip, frame, vm, word, result)
    }
}

/// Nobody waits for what `me` offers or wants: it goes to the end of the channel's queue.
#[inline(never)]
unsafe fn wait<const SENDING: bool, const BOUND: bool, const ARG: usize>(
    ip: *const u64,
    frame: *mut Frame,
    vm: *mut Vm,
    word: u64,
    c: &Obj<Channel>,
    me: &Task,
) -> Left {
    // SAFETY: as `pass`.
    unsafe {
        let next = me.next.bits();
        if next == me.address() || me.block_trap.get() || c.closing.get() || !may_leave(vm, me) {
            return call_native(ip, frame, vm, word);
        }
        give_up(*reg(frame, b(word)), 1);
        unlink(vm, me);
        // Its two counts go to the channel, and the register's count of the channel to it.
        if BOUND {
            retain(c.address());
        }
        let last = c.tail.bits();
        store(&c.tail, me.address());
        store(if last == NONE { &c.head } else { &task(last).next }, me.address());
        store(&me.prev, last);
        store(&me.next, NONE);
        store(&me.channel, c.address());
        me.blocked.set(if SENDING { Blocked::Sending } else { Blocked::Receiving });
        c.balance.set(c.balance.get() + if SENDING { 1 } else { -1 });
        store(&me.tempval, if SENDING { *reg(frame, b(word) + ARG) } else { NONE });
        (*frame).ip = ip;
        leave_for(vm, me, task(next))
    }
}

/// `tasklet(function)`.
pub(super) unsafe fn create<const METHOD: bool>(
    ip: *const u64,
    frame: *mut Frame,
    vm: *mut Vm,
    word: u64,
) -> Left {
    // SAFETY: as `schedule`.
    unsafe {
        let (args, n) = arguments::<METHOD>(frame, word);
        if n != 1 || get::<Function>(*reg(frame, args)).is_none() {
            return call_native(ip, frame, vm, word);
        }
        let v = tasklet::create(&*vm, *reg(frame, args));
        give_up(*reg(frame, b(word)), 1);
        answer_call(ip, frame, vm, word, v)
    }
}

/// The call of a tasklet that is bound to a function: it gets its arguments and is inserted.
pub(super) unsafe fn spawn<const METHOD: bool>(
    ip: *const u64,
    frame: *mut Frame,
    vm: *mut Vm,
    word: u64,
) -> Left {
    // SAFETY: as `schedule`; the tasklet is the result, with the count of its register.
    unsafe {
        let callable = *reg(frame, b(word));
        let (args, n) = arguments::<METHOD>(frame, word);
        let (t, Some(me)) = (task(callable), current(vm)) else {
            return call_native(ip, frame, vm, word);
        };
        let func = t.tempval.bits();
        if t.alive.get()
            || t.queued.get()
            || !is_object(func)
            || !std::ptr::eq(t.header.type_of(), &*(*vm).types.tasklet)
            || !t.exec.peek().frame.is_null()
            || (*vm).settings.strategies.small_chunks
        {
            return call_native(ip, frame, vm, word);
        }
        let args = pack(vm, reg(frame, args), n);
        store(&t.tempval, NONE);
        tasklet::bind_fresh(&mut *vm, t, func, args);
        let rc = &t.header.rc;
        rc.set(rc.get() + 2);
        link(vm, t, me.prev.bits(), me.address());
        answer_call(ip, frame, vm, word, callable)
    }
}

/// A tuple of values that are moved.
#[inline(never)]
unsafe fn pack(vm: *mut Vm, from: *mut u64, n: usize) -> u64 {
    // SAFETY: the registers are valid; their counts go to the tuple.
    unsafe {
        let items = (0..n).map(|i| Value::from_bits(*from.add(i)));
        (*vm).tuple_iter(n, items).into_bits()
    }
}

/// The return of the function of a tasklet, done: the tasklet that goes on. None: it has to be done in
/// another way.
#[inline(always)]
pub(super) unsafe fn end<'a>(frame: *mut Frame, vm: *mut Vm, word: u64) -> Option<&'a Task> {
    // SAFETY: the current frame at a return.
    unsafe {
        let entry = (*frame).caller;
        if (*entry).state != state::NATIVE | state::FIRST | 1
            || !std::ptr::eq((*entry).machine(), &tasklet::ENTRY)
            || (*frame).state != 0
        {
            return None;
        }
        let me = current(vm)?;
        let successor = task(me.next.bits());
        if std::ptr::eq(successor, me) || !tasklet::ends_plainly(&*vm, me) {
            return None;
        }
        wind_up(frame, vm, word, me, successor);
        Some(successor)
    }
}

/// Goes on in `t` after the end of another tasklet.
#[inline(always)]
pub(super) unsafe fn arrive_after_end(vm: *mut Vm, t: &Task) -> Left {
    // SAFETY: as `arrive_at`; the loop looks at what waits for finalisers.
    unsafe {
        if (*vm).heap.pending.get() {
            tasklet::leave_register(&mut *vm, t);
            return AWAY;
        }
        arrive_at(vm, t)
    }
}

/// Drops what the ending tasklet `me` holds, and exchanges it for `successor`.
#[inline(never)]
unsafe fn wind_up(frame: *mut Frame, vm: *mut Vm, word: u64, me: &Task, successor: &Task) {
    // SAFETY: as `unwind`, for a frame whose result nobody wants; the frame below holds nothing. The
    // tasklet lives until its last count is given up here.
    unsafe {
        let locals = (*frame).body().first_temp as usize;
        if word as u16 != op::RETURN_CONST && a(word) >= locals {
            release(*reg(frame, a(word)));
        }
        for i in (0..locals).rev() {
            release(*reg(frame, i));
        }
        release((*frame).func.bits());
        (*vm).exec.clear_plainly(&mut (*vm).scheduler.spare_chunks);
        me.alive.set(false);
        store(&me.tempval, NONE);
        unlink(vm, me);
        store(&me.prev, NONE);
        store(&me.next, NONE);
        exchange(vm, me, successor);
        // One count was the scheduler's, two were the ring's.
        give_up(me.address(), 3);
        if has_more(me.address(), 0) {
            return;
        }
        let object = NonNull::from(&me.header);
        let is_plain = std::ptr::eq(me.header.type_of(), &*(*vm).types.tasklet);
        if !is_plain || !heap::free_hollow(&(*vm).heap, object) {
            heap::release(object);
        }
    }
}

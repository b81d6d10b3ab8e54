//! Tasklets, channels and the scheduler: the data and the one switching primitive.
//!
//! The run queue is a ring of tasklets linked by `next`/`prev`; the current tasklet is a member and
//! the reference point. A tasklet keeps its `Exec` (frames, depth, handled exception, context) in
//! its object, and the `Vm` knows the place of the running one's (`Running`). A switch changes that
//! pointer, puts the result register of the next tasklet into `Vm::pending_input` and replies
//! *switched*: the loop delivers it to the top frame. Nothing else moves, so a suspended tasklet is
//! data. The frequent cases are done by `quick::tasklets`, which must agree with what stands here.
//!
//! Spec: `stackless` module, sections 2-5. The Python-visible methods are in `methods::tasklets`.
#![expect(unsafe_code, reason = "visits and drops the frames of suspended tasklets")]

use std::cell::Cell;
use std::ptr::NonNull;

use crate::exc::{Exc, Flow, PyResult, Reply};
use crate::frame::{SpareChunks, state};
use crate::layout;
use crate::machine::{Input, Machine};
use crate::native::Args;
use crate::nested::NestedEntry;
use crate::object::{Obj, Payload, ValueCell, VmCell};
use crate::objects::exception::Exception;
use crate::objects::function::Function;
use crate::value::{Ref, Value};
use crate::vm::{Exec, Vm};

/// The place of the running tasklet's execution state; of one of its own before the first tasklet.
///
/// `Scheduler::current` keeps the tasklet alive, in which that place is. Whoever reads or changes a
/// state through its tasklet needs the `Vm` as well, as it is needed here: no two borrows meet.
pub struct Running {
    at: NonNull<Exec>,
    own: Box<VmCell<Exec>>,
}

impl Running {
    pub(crate) fn new(own: Exec) -> Running {
        let own = Box::new(VmCell::new(own));
        Running { at: own.place(), own }
    }
    /// Makes the state of `t`, which becomes the current tasklet, the running one.
    #[inline(always)]
    pub(crate) fn enter(&mut self, t: &Obj<Tasklet>) {
        t.running.set(true);
        self.at = t.exec.place();
    }
    /// Back to the state that belongs to no tasklet.
    fn enter_own(&mut self) {
        self.at = self.own.place();
    }
}

impl std::ops::Deref for Running {
    type Target = Exec;
    #[inline(always)]
    fn deref(&self) -> &Exec {
        // SAFETY: the place is alive, and borrowed like this field: see the text above.
        unsafe { self.at.as_ref() }
    }
}

impl std::ops::DerefMut for Running {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut Exec {
        // SAFETY: as `deref`.
        unsafe { self.at.as_mut() }
    }
}

/// State of one thread's scheduler.
#[derive(Default)]
pub struct Scheduler {
    /// `sys.set_coroutine_origin_tracking_depth`.
    pub origin_depth: usize,
    /// `sys.set_asyncgen_hooks`.
    pub first_iteration: Option<Value>,
    pub generator_finalizer: Option<Value>,
    /// The running tasklet; None before the first program.
    pub current: Option<Ref<Tasklet>>,
    pub main: Option<Ref<Tasklet>>,
    /// Members of the run queue.
    pub runcount: usize,
    /// Tasklets suspended inside `run()`, innermost last.
    pub watchdogs: Vec<Ref<Tasklet>>,
    pub watchdog: Option<Watchdog>,
    /// The tasklet that a watchdog interrupted, until its `run()` picks it up.
    pub interrupted: Option<Ref<Tasklet>>,
    pub trap: i64,
    pub schedule_callback: Option<Value>,
    pub channel_callback: Option<Value>,
    pub error_handler: Option<Value>,
    /// A channel callback is running.
    pub in_callback: bool,
    /// A member of the ring, for when the current tasklet is not in it.
    pub(crate) head: Option<Ref<Tasklet>>,
    /// Successor of the tasklet that is ending.
    after_end: Option<Ref<Tasklet>>,
    pub(crate) spare_chunks: SpareChunks,
}

/// The pre-empting `run(timeout)` in force.
pub struct Watchdog {
    pub owner: Ref<Tasklet>,
    /// Instructions granted between switches (or in all, with `total`).
    pub slice: i64,
    pub left: i64,
    pub total: bool,
    pub soft: bool,
    pub ignore_nesting: bool,
    /// Breaker counts since the last look.
    pub armed_for: i64,
}

impl Watchdog {
    /// A switch: the next tasklet has a slice of its own.
    #[inline(always)]
    pub(crate) fn switched(&mut self) {
        if !self.total {
            self.left = self.slice;
        }
    }
}

/// Why a tasklet is in a channel's queue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Blocked {
    No,
    Sending,
    Receiving,
}

pub struct Tasklet {
    pub(crate) exec: VmCell<Exec>,
    /// The result register.
    pub tempval: ValueCell,
    pub next: ValueCell,
    pub prev: ValueCell,
    /// The channel whose queue it is in, or None.
    pub channel: ValueCell,
    pub blocked: Cell<Blocked>,
    pub alive: Cell<bool>,
    /// In the run queue.
    pub queued: Cell<bool>,
    /// Its state is the running one: only whoever runs knows which registers are valid.
    pub(crate) running: Cell<bool>,
    pub is_main: Cell<bool>,
    pub atomic: Cell<bool>,
    pub ignore_nesting: Cell<bool>,
    pub block_trap: Cell<bool>,
}

impl Tasklet {
    #[inline(always)]
    fn new(tempval: Value) -> Tasklet {
        let none = || ValueCell::new(Value::NONE);
        Tasklet {
            exec: VmCell::new(Exec::default()),
            tempval: ValueCell::new(tempval),
            next: none(),
            prev: none(),
            channel: none(),
            blocked: Cell::new(Blocked::No),
            alive: Cell::new(false),
            queued: Cell::new(false),
            running: Cell::new(false),
            is_main: Cell::new(false),
            atomic: Cell::new(false),
            ignore_nesting: Cell::new(false),
            block_trap: Cell::new(false),
        }
    }
}

// SAFETY: visits each owned value once; the frames of a suspended tasklet belong to it.
unsafe impl Payload for Tasklet {
    const LAYOUT: u16 = layout::TASKLET;
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        for c in [&self.tempval, &self.next, &self.prev, &self.channel] {
            visit(c.peek());
        }
        if self.running.get() {
            return;
        }
        let exec = self.exec.peek();
        exec.traverse_handled(visit);
        if let Some(rare) = &exec.rare {
            visit(&rare.context);
        }
        let mut frame = exec.frame;
        while !frame.is_null() {
            // SAFETY: the frames of a suspended tasklet are whole.
            unsafe {
                (*frame).traverse(visit);
                frame = (*frame).caller;
            }
        }
    }
    fn clear(&self, vm: &mut Vm) {
        drop_frames(vm, self);
        // The ring of a run queue that is gone is a cycle, too.
        for link in [&self.next, &self.prev, &self.channel, &self.tempval] {
            drop(link.replace(Value::NONE));
        }
    }
}

impl Drop for Tasklet {
    fn drop(&mut self) {
        if !self.exec.peek().frame.is_null() {
            let exec = self.exec.replace_untokened(Exec::default());
            discard(exec);
        }
    }
}

/// Drops the frames of a stack that will never run again, innermost first, without running code.
fn discard(mut exec: Exec) {
    let mut frame = std::mem::replace(&mut exec.frame, std::ptr::null_mut());
    while !frame.is_null() {
        // SAFETY: the frames of a suspended tasklet are whole and nobody runs them.
        unsafe {
            let caller = (*frame).caller;
            if (*frame).state & crate::frame::state::GENERATOR != 0 {
                let g = crate::objects::generator::of_frame(frame);
                g.state.set(crate::objects::generator::GenState::Closed);
                g.frame.set(std::ptr::null_mut());
                (*frame).caller = std::ptr::null_mut();
                drop(crate::frame::OwnedFrame::release(frame));
                drop(crate::frame::OwnedFrame::from_ptr(frame));
            } else {
                (*frame).drop_contents();
            }
            frame = caller;
        }
    }
    drop(exec);
}

fn drop_frames(vm: &mut Vm, t: &Tasklet) {
    let exec = std::mem::take(t.exec.get_mut(vm));
    discard(exec);
}

#[derive(Payload)]
#[payload(layout = CHANNEL, clear = close)]
pub struct Channel {
    /// First and last blocked tasklet, or None.
    pub head: ValueCell,
    pub tail: ValueCell,
    pub balance: Cell<i64>,
    pub preference: Cell<i8>,
    pub schedule_all: Cell<bool>,
    pub closing: Cell<bool>,
}

impl Channel {
    /// Breaks the cycles of garbage that it is in.
    fn close(&self, _vm: &mut Vm) {
        self.closing.set(true);
        release_queue(self);
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        release_queue(self);
    }
}

/// A dying channel lets its tasklets go: they float.
pub(crate) fn release_queue(c: &Channel) {
    let mut at = c.head.replace(Value::NONE);
    c.tail.set(Value::NONE);
    c.balance.set(0);
    while let Some(t) = at.get::<Tasklet>() {
        t.blocked.set(Blocked::No);
        t.channel.set(Value::NONE);
        t.prev.set(Value::NONE);
        let next = t.next.replace(Value::NONE);
        at = next;
    }
}

/// An exception on its way through a channel or a result register.
#[derive(Payload)]
#[payload(layout = BOMB, clear)]
pub struct Bomb {
    pub class: ValueCell,
    pub value: ValueCell,
    pub traceback: ValueCell,
}

impl Vm {
    pub fn bomb(&self, e: &Exc) -> Value {
        let class = self.type_of(e.value()).to_value();
        let tb = e.value().get::<Exception>().map_or(Value::NONE, |x| x.traceback.get());
        let cell = ValueCell::new;
        let b = Bomb { class: cell(class), value: cell(e.value().clone()), traceback: cell(tb) };
        self.alloc(&self.types.bomb, b).into_value()
    }

    pub fn new_tasklet(&mut self, ty: &Obj<crate::objects::types::Type>) -> Ref<Tasklet> {
        self.new_object(ty, Tasklet::new(Value::NONE))
    }

    /// The running tasklet.
    pub fn current_tasklet(&self) -> PyResult<Ref<Tasklet>> {
        match &self.scheduler.current {
            Some(t) => Ok(t.clone()),
            None => Err(self.new_exception_msg(&self.excs.runtime_error, "No current tasklet")),
        }
    }
}

impl Obj<Tasklet> {
    pub fn is_current(&self, vm: &Vm) -> bool {
        vm.scheduler.current.as_ref().is_some_and(|c| c.ptr_eq(self))
    }
    pub fn is_floating(&self, vm: &Vm) -> bool {
        self.alive.get()
            && !self.queued.get()
            && self.blocked.get() == Blocked::No
            && !self.is_current(vm)
    }
    /// Native loops on its stack.
    pub fn nesting(&self, vm: &Vm) -> u32 {
        if self.is_current(vm) { vm.exec.nesting } else { self.exec.get(vm).nesting }
    }
}

// The run queue.

/// Inserts before the current tasklet, at the far end of the ring.
pub fn append(vm: &mut Vm, t: &Obj<Tasklet>) {
    debug_assert!(!t.queued.get());
    t.queued.set(true);
    vm.scheduler.runcount += 1;
    let reference = match &vm.scheduler.current {
        Some(c) if c.queued.get() && !c.ptr_eq(t) => Some(c),
        _ => vm.scheduler.head.as_ref(),
    };
    match reference {
        Some(at) => {
            // The links change owners: only the two to `t` are counted anew.
            let before = at.prev.replace(t.to_value());
            if let Some(b) = before.get::<Tasklet>() {
                t.next.set(b.next.replace(t.to_value()));
            }
            t.prev.set(before);
        }
        None => {
            t.next.set(t.to_value());
            t.prev.set(t.to_value());
        }
    }
    vm.scheduler.set_ring_member(t);
}

/// Takes a tasklet out of the run queue.
pub fn unqueue(vm: &mut Vm, t: &Obj<Tasklet>) {
    if !t.queued.replace(false) {
        return;
    }
    vm.scheduler.runcount -= 1;
    let (prev, next) = (t.prev.replace(Value::NONE), t.next.replace(Value::NONE));
    vm.scheduler.leave_ring(t, &next);
    if let (Ok(p), Some(n)) = (prev.cast::<Tasklet>(), next.get::<Tasklet>())
        && !std::ptr::eq(n, t)
    {
        n.prev.set(p.to_value());
        p.next.set(next);
    }
}

impl Scheduler {
    fn set_ring_member(&mut self, t: &Obj<Tasklet>) {
        if self.head.is_none() {
            self.head = Some(t.to_ref());
        }
    }
    fn leave_ring(&mut self, t: &Obj<Tasklet>, next: &Value) {
        if self.head.as_ref().is_some_and(|h| h.ptr_eq(t)) {
            self.head = next.clone().cast::<Tasklet>().ok().filter(|n| !n.ptr_eq(t));
        }
    }
}

/// The first queued tasklet that would run after the current one.
pub fn first_queued(vm: &Vm) -> Option<Ref<Tasklet>> {
    let current = vm.scheduler.current.as_ref()?;
    if current.queued.get() {
        return current.next.get().cast::<Tasklet>().ok();
    }
    vm.scheduler.head.clone()
}

// Channel queues.

pub(crate) fn channel_append(c: &Obj<Channel>, t: &Obj<Tasklet>, dir: Blocked) {
    let tail = c.tail.replace(t.to_value());
    match tail.get::<Tasklet>() {
        Some(last) => last.next.set(t.to_value()),
        None => c.head.set(t.to_value()),
    }
    t.prev.set(tail);
    t.next.set(Value::NONE);
    t.blocked.set(dir);
    t.channel.set(c.to_value());
    c.balance.set(c.balance.get() + if dir == Blocked::Sending { 1 } else { -1 });
}

/// Takes a blocked tasklet out of its channel's queue.
pub fn channel_remove(t: &Obj<Tasklet>) {
    let channel = t.channel.replace(Value::NONE);
    let Some(c) = channel.get::<Channel>() else { return };
    let (prev, next) = (t.prev.replace(Value::NONE), t.next.replace(Value::NONE));
    if prev.is_none() && next.is_none() {
        c.head.set(prev);
        c.tail.set(next);
    } else {
        match prev.get::<Tasklet>() {
            Some(p) => p.next.set(next.clone()),
            None => c.head.set(next.clone()),
        }
        match next.get::<Tasklet>() {
            Some(n) => n.prev.set(prev.clone()),
            None => c.tail.set(prev.clone()),
        }
    }
    let dir = t.blocked.replace(Blocked::No);
    c.balance.set(c.balance.get() - if dir == Blocked::Sending { 1 } else { -1 });
}

// Switching.

/// Takes the result register of the tasklet that goes on.
#[inline]
fn take_register(t: &Obj<Tasklet>) -> Result<Value, Exc> {
    let v = t.tempval.replace(Value::NONE);
    if !v.has::<Bomb>() {
        return Ok(v);
    }
    match v.get::<Bomb>() {
        Some(b) => {
            let e = b.value.get();
            if let Some(x) = e.get::<Exception>() {
                let tb = b.traceback.get();
                if !tb.is_none() {
                    x.traceback.set(tb);
                }
                return Err(Exc::from_value(e));
            }
            Ok(v)
        }
        None => Ok(v),
    }
}

/// Replies with the caller's own register.
pub fn deliver_self(vm: &Vm) -> Flow {
    let t = vm.current_tasklet()?;
    take_register(&t).map(Reply::from)
}

/// The switching primitive: the current tasklet stops, `next` goes on. The caller has arranged the
/// current tasklet's place (queue, channel, floating).
pub fn switch(vm: &mut Vm, next: &Obj<Tasklet>) -> Flow {
    let prev = vm.current_tasklet()?;
    switch_from(vm, &prev, next)
}

/// As `switch`, from the tasklet that is known to be the current one.
#[inline]
fn switch_from(vm: &mut Vm, prev: &Obj<Tasklet>, next: &Obj<Tasklet>) -> Flow {
    if std::ptr::eq(prev, next) {
        if !next.queued.get() {
            append(vm, next);
        }
        return deliver_self(vm);
    }
    if vm.scheduler.trap != 0 {
        return Err(vm.runtime_error("switch_trap"));
    }
    let parks = !soft_switchable(vm);
    if parks {
        prepare_parking(vm, prev)?;
    }
    if next.blocked.get() != Blocked::No {
        channel_remove(next);
    }
    if !next.queued.get() {
        append(vm, next);
    }
    transfer(vm, prev, next);
    if parks {
        crate::stacks::park(vm);
    }
    Ok(Reply::SWITCHED)
}

/// Before a tasklet with native frames is switched away from.
#[cold]
#[inline(never)]
fn prepare_parking(vm: &mut Vm, prev: &Obj<Tasklet>) -> PyResult<()> {
    if !vm.stacks.can_park() {
        return Err(vm.runtime_error("cannot switch tasklets inside a native callback"));
    }
    crate::stacks::prepare(vm, &prev.to_ref())
}

/// May the running tasklet be left at any instruction, unseen by the program?
pub(crate) fn may_switch(vm: &Vm) -> bool {
    vm.scheduler.current.is_some() && soft_switchable(vm)
}

/// May the running tasklet be suspended as data: no native loop above the thread's own?
fn soft_switchable(vm: &Vm) -> bool {
    let own = vm.scheduler.current.as_ref().is_some_and(|c| c.is_main.get()) as u32;
    vm.exec.nesting <= own
}

/// Makes the execution state of `next` the running one in place of that of `prev`, and nothing else.
#[inline]
pub(crate) fn exchange(vm: &mut Vm, prev: &Obj<Tasklet>, next: &Obj<Tasklet>) {
    debug_assert!(prev.is_current(vm));
    prev.running.set(false);
    vm.exec.enter(next);
    vm.scheduler.current = Some(next.to_ref());
}

/// Exchanges the execution states and leaves the register for delivery.
#[inline]
fn transfer(vm: &mut Vm, prev: &Obj<Tasklet>, next: &Obj<Tasklet>) {
    exchange(vm, prev, next);
    if let Some(w) = &mut vm.scheduler.watchdog {
        w.switched();
    }
    leave_register(vm, next);
}

/// Takes the result register of the current tasklet, for the loop to deliver.
pub(crate) fn leave_register(vm: &mut Vm, t: &Obj<Tasklet>) {
    vm.pending_input = Some(take_register(t));
}

/// Chooses who runs when the current tasklet has left the queue: the next queued one, else the
/// innermost watchdog, else main.
pub fn next_runnable(vm: &Vm) -> Option<Ref<Tasklet>> {
    if let Some(t) = vm.scheduler.head.clone() {
        return Some(t);
    }
    wake(vm)
}

/// The innermost watchdog, else main, if it floats.
fn wake(vm: &Vm) -> Option<Ref<Tasklet>> {
    let t = vm.scheduler.watchdogs.last().or(vm.scheduler.main.as_ref())?;
    if t.is_floating(vm) { Some(t.clone()) } else { None }
}

/// Registers: callable, arguments tuple, keywords dict or None. The outermost frame of a tasklet.
pub(crate) static ENTRY: Machine = Machine::new("tasklet.entry", |vm, regs, input| {
    let result = if regs.stage() == 0 {
        match input {
            Input::Exc(e) => Err(e),
            _ => {
                regs.set_stage(1);
                let (f, args, kw) = (regs.take(0), regs.take(1), regs.take(2));
                let flow =
                    crate::objects::dict_methods::call_with_dict(vm, &f, args.tuple_items(), &kw);
                match flow {
                    Ok(r) => match r.ready() {
                        Some(v) => Ok(v),
                        None => return Ok(Reply::PUSHED),
                    },
                    Err(e) => Err(e),
                }
            }
        }
    } else {
        input.value()
    };
    finish(vm, result)
});

/// Pushes the frame of the function of a tasklet that has not begun, where that takes the arguments
/// as they are; the tasklet is the current one. False: `ENTRY` is to be stepped.
pub(crate) fn begin(vm: &mut Vm, t: &Obj<Tasklet>) -> bool {
    let entry = vm.exec.frame;
    // SAFETY: frames of the chain are whole; the registers of `ENTRY` are as it says.
    unsafe {
        if (*entry).state != state::NATIVE | state::FIRST
            || !std::ptr::eq((*entry).machine(), &ENTRY)
            || t.tempval.peek().is_object()
        {
            return false;
        }
        let regs = (*entry).regs();
        let (f, args, kwargs) = (&*regs, &*regs.add(1), &*regs.add(2));
        let Some(f) = f.get::<Function>() else { return false };
        let body = f.body.get();
        let items = args.tuple_items();
        if body.is_null()
            || (*body).simple_args as usize != items.len()
            || !kwargs.is_none()
            || vm.recursion_limit == 0
            || !vm.exec.stack.has_room(&*body)
        {
            return false;
        }
        t.tempval.set(Value::NONE);
        (*entry).set_stage(1);
        let func = std::mem::replace(&mut *regs, Value::UNBOUND).into_bits();
        let exec = &mut *vm.exec;
        let frame = exec.stack.push_fitting(entry, body, func);
        exec.frame = frame;
        exec.depth += 1;
        let to = (*frame).regs();
        for (i, v) in items.iter().enumerate() {
            to.add(i).write(v.clone());
        }
        if (*body).first_temp as usize != items.len() {
            crate::ops::call::fill_rest(vm, frame, &*body, items.len());
        }
        *regs.add(1) = Value::UNBOUND;
        *regs.add(2) = Value::UNBOUND;
    }
    true
}

/// May the current tasklet `t`, whose function returns, be left without a look at anything but the
/// run queue?
pub(crate) fn ends_plainly(vm: &Vm, t: &Obj<Tasklet>) -> bool {
    let waits = match vm.scheduler.watchdogs.as_slice() {
        [] => false,
        [w] => w.ptr_eq(t),
        _ => true,
    };
    !waits && vm.scheduler.schedule_callback.is_none() && vm.exec.ends_plainly()
}

/// The current tasklet's function has ended.
fn finish(vm: &mut Vm, result: PyResult) -> Flow {
    let t = vm.current_tasklet()?;
    let error = match result {
        Ok(_) => None,
        Err(e) if vm.exc_is(&e, &vm.excs.tasklet_exit) => None,
        Err(e) => Some(e),
    };
    // The entry frame goes; the stack is empty afterwards.
    crate::interp::pop_native(vm);
    t.alive.set(false);
    t.tempval.set(Value::NONE);
    unqueue_current(vm, &t);
    vm.scheduler.watchdogs.retain(|w| !w.ptr_eq(&t));
    if let Some(e) = error {
        // An error travels to the innermost watchdog, else to main, whatever the queue says.
        let target = vm.scheduler.watchdogs.last().or(vm.scheduler.main.as_ref()).cloned();
        let Some(target) = target else { return Err(e) };
        let bomb = vm.bomb(&e);
        if target.blocked.get() != Blocked::No {
            channel_remove(&target);
        }
        target.tempval.set(bomb);
        return resume_after_end(vm, &t, &target);
    }
    let next = match next_after(vm) {
        Some(n) => n,
        None => {
            let Some(main) = vm.scheduler.main.clone() else {
                return Err(vm.system_error("no main tasklet"));
            };
            // Main is blocked on a channel that nobody can serve.
            let text = if main.blocked.get() == Blocked::Sending {
                "the main tasklet is sending without a receiver available."
            } else {
                "the main tasklet is receiving without a sender available."
            };
            channel_remove(&main);
            let e = vm.runtime_error(text);
            let bomb = vm.bomb(&e);
            main.tempval.set(bomb);
            main
        }
    };
    resume_after_end(vm, &t, &next)
}

fn next_after(vm: &mut Vm) -> Option<Ref<Tasklet>> {
    match vm.scheduler.after_end.take() {
        Some(t) if t.queued.get() => Some(t),
        _ => next_runnable(vm),
    }
}

/// The ending tasklet's successor in the ring is remembered before it leaves.
fn unqueue_current(vm: &mut Vm, t: &Obj<Tasklet>) {
    let next = t.next.get().cast::<Tasklet>().ok().filter(|n| !n.ptr_eq(t) && t.queued.get());
    vm.scheduler.after_end = next;
    unqueue(vm, t);
}

fn resume_after_end(vm: &mut Vm, ended: &Obj<Tasklet>, next: &Obj<Tasklet>) -> Flow {
    if next.blocked.get() != Blocked::No {
        channel_remove(next);
    }
    if !next.queued.get() {
        // The ended tasklet, which is in no queue, is no reference point any more.
        append(vm, next);
    }
    transfer(vm, ended, next);
    // Its frames have gone; this frees the rest.
    drop_frames(vm, ended);
    Ok(Reply::SWITCHED)
}

/// A tasklet of the plain type that is bound to `func`, of which it takes a count: the bits of the two.
#[inline(never)]
pub(crate) fn create(vm: &Vm, func: u64) -> u64 {
    // SAFETY: the count of a callable is handed over.
    let func = unsafe { Value::from_bits(func) };
    vm.heap.alloc(&vm.types.tasklet, Tasklet::new(func), 0).as_ptr() as u64
}

/// `bind_call` for a tasklet without frames. The counts of the values are handed over.
///
/// # Safety
/// `func` and `args`, a tuple, are the bits of living values.
#[inline(always)]
pub(crate) unsafe fn bind_fresh(vm: &mut Vm, t: &Obj<Tasklet>, func: u64, args: u64) {
    // SAFETY: the contract; the state of a tasklet that does not run is no part of the `Vm`, which lends
    // the chunks.
    unsafe {
        let (exec, spare) = (t.exec.place().as_mut(), &mut vm.scheduler.spare_chunks);
        if !exec.stack.can_reuse(spare) {
            return bind_alone(vm, t, func, args);
        }
        let regs = [Value::from_bits(func), Value::from_bits(args), Value::NONE];
        exec.frame = exec.stack.push_first(spare, &ENTRY, regs);
        exec.native_depth = 1;
    }
    t.alive.set(true);
}

#[cold]
#[inline(never)]
unsafe fn bind_alone(vm: &mut Vm, t: &Obj<Tasklet>, func: u64, args: u64) {
    // SAFETY: as `bind_fresh`.
    let (func, args) = unsafe { (Value::from_bits(func), Value::from_bits(args)) };
    bind_call(vm, t, func, args, Value::NONE);
}

/// Gives a tasklet its call: alive and floating.
pub fn bind_call(vm: &mut Vm, t: &Obj<Tasklet>, func: Value, args: Value, kwargs: Value) {
    if !t.exec.get(vm).frame.is_null() {
        drop_frames(vm, t);
    }
    if vm.settings.strategies.small_chunks {
        *t.exec.get_mut(vm) = vm.new_exec();
    }
    let exec = t.exec.get_mut(vm);
    exec.frame = exec.stack.push_machine(std::ptr::null_mut(), &ENTRY, 0, [func, args, kwargs]);
    exec.native_depth = 1;
    t.alive.set(true);
    t.tempval.set(Value::NONE);
}

/// Drops a tasklet's stack: it is dead.
pub fn unbind(vm: &mut Vm, t: &Obj<Tasklet>) {
    if !t.exec.get(vm).frame.is_null() {
        drop_frames(vm, t);
    }
    t.alive.set(false);
}

/// Has the tasklet been given arguments without having run yet?
pub fn not_started(vm: &Vm, t: &Obj<Tasklet>) -> bool {
    let frame = t.exec.get(vm).frame;
    // SAFETY: frames of a suspended tasklet are whole.
    !frame.is_null()
        && unsafe {
            (*frame).is_native()
                && std::ptr::eq((*frame).machine(), &ENTRY)
                && (*frame).stage() == 0
        }
}

// Channel actions.

/// `channel.send` (or receive, with `value` None).
pub fn channel_action(vm: &mut Vm, channel: &Value, sending: Option<Value>) -> Flow {
    let Some(c) = channel.get::<Channel>() else { return Err(vm.type_error("not a channel")) };
    if let Some(cb) = vm.scheduler.channel_callback.clone()
        && !vm.scheduler.in_callback
    {
        let me = vm.current_tasklet()?;
        let dir: i64 = if sending.is_some() { 1 } else { -1 };
        let waiting = c.balance.get() * dir < 0;
        vm.scheduler.in_callback = true;
        let value = sending.clone().unwrap_or(Value::NONE);
        let flow = vm.start(
            &CALLBACK,
            [
                channel.clone(),
                sending.unwrap_or(Value::UNBOUND),
                cb,
                Value::bool(dir > 0),
                Value::bool(!waiting),
            ],
        );
        me.tempval.set(value);
        return flow;
    }
    act(vm, c, sending)
}

/// Registers: channel, value or unbound, callback, sending, will block.
pub(crate) static CALLBACK: Machine = Machine::new("channel.callback", |vm, regs, input| {
    let channel = regs.get(0);
    match regs.stage() {
        0 => {
            let me = vm.current_tasklet()?.into_value();
            let as_int = |v: Value| Value::from_i32(v.is_true() as i32);
            let args = [channel.clone(), me, as_int(regs.get(3)), as_int(regs.get(4))];
            let f = regs.get(2);
            regs.set_stage(1);
            match crate::ops::call::call(vm, &f, Args::new(&args)) {
                Ok(r) if r.is_away() => return Ok(Reply::PUSHED),
                Ok(_) => {}
                Err(e) => {
                    vm.scheduler.in_callback = false;
                    return Err(e);
                }
            }
        }
        1 => {
            vm.scheduler.in_callback = false;
            input.value()?;
        }
        _ => return input.value().map(Reply::from),
    }
    vm.scheduler.in_callback = false;
    regs.set_stage(2);
    let value = regs.get(1);
    let Some(c) = channel.get::<Channel>() else { return Ok(Reply::NONE) };
    act(vm, c, if value.is_unbound() { None } else { Some(value) })
})
.abandoning(|vm, _| vm.scheduler.in_callback = false);

#[inline]
fn act(vm: &mut Vm, c: &Obj<Channel>, sending: Option<Value>) -> Flow {
    let me = vm.current_tasklet()?;
    let dir: i64 = if sending.is_some() { 1 } else { -1 };
    let waiter = if c.balance.get() * dir < 0 { c.head.get().cast::<Tasklet>().ok() } else { None };
    let Some(waiter) = waiter else { return block(vm, c, &me, sending) };
    // Who goes on at once is decided by preference; the value moves first.
    let prefer_waiter = match c.preference.get() {
        -1 => dir > 0,
        1 => dir < 0,
        _ => false,
    };
    let all = c.schedule_all.get();
    if (all || prefer_waiter) && vm.scheduler.trap != 0 {
        return Err(vm.runtime_error("switch_trap"));
    }
    channel_remove(&waiter);
    let result = match sending {
        Some(v) => {
            waiter.tempval.set(v);
            Value::NONE
        }
        None => waiter.tempval.replace(Value::NONE),
    };
    me.tempval.set(result);
    if prefer_waiter && !all {
        // `[W Q… A]`: the waiter stands directly behind the acting tasklet's place.
        insert_behind(vm, &me, &waiter);
        return switch_from(vm, &me, &waiter);
    }
    append(vm, &waiter);
    if all {
        let next = me.next.get().cast::<Tasklet>().ok();
        return match next {
            Some(n) => switch(vm, &n),
            None => deliver_self(vm),
        };
    }
    deliver_self(vm)
}

/// Puts a tasklet into the ring, directly after the current one.
fn insert_behind(vm: &mut Vm, me: &Obj<Tasklet>, t: &Obj<Tasklet>) {
    if !me.queued.get() {
        return append(vm, t);
    }
    t.queued.set(true);
    vm.scheduler.runcount += 1;
    let next = me.next.replace(t.to_value());
    if let Some(n) = next.get::<Tasklet>() {
        t.prev.set(n.prev.replace(t.to_value()));
    }
    t.next.set(next);
}

fn block(vm: &mut Vm, c: &Obj<Channel>, me: &Obj<Tasklet>, sending: Option<Value>) -> Flow {
    if me.block_trap.get() {
        return Err(vm.runtime_error("this tasklet does not like to be blocked."));
    }
    if c.closing.get() {
        return Err(vm.value_error("Send/receive operation on a closed channel"));
    }
    if vm.scheduler.trap != 0 {
        return Err(vm.runtime_error("switch_trap"));
    }
    let next = {
        let n = me.next.get().cast::<Tasklet>().ok().filter(|n| !n.ptr_eq(me) && me.queued.get());
        n.or_else(|| wake(vm).filter(|w| !w.ptr_eq(me)))
    };
    let Some(next) = next else {
        return Err(vm.runtime_error("Deadlock: the last runnable tasklet cannot be blocked."));
    };
    let saved = me.tempval.replace(sending.clone().unwrap_or(Value::NONE));
    unqueue(vm, me);
    let dir = if sending.is_some() { Blocked::Sending } else { Blocked::Receiving };
    channel_append(c, me, dir);
    match switch_from(vm, me, &next) {
        Ok(r) => Ok(r),
        Err(e) => {
            channel_remove(me);
            append(vm, me);
            me.tempval.set(saved);
            Err(e)
        }
    }
}

// `schedule`, `run`.

/// `schedule(value)` and `schedule_remove(value)`.
pub fn schedule(vm: &mut Vm, value: Value, remove: bool) -> Flow {
    let me = vm.current_tasklet()?;
    let next = me.next.get().cast::<Tasklet>().ok().filter(|n| !n.ptr_eq(&me) && me.queued.get());
    let next = match next {
        Some(n) => n,
        None if remove => match wake(vm).filter(|w| !w.ptr_eq(&me)) {
            Some(w) => w,
            None if me.is_main.get() => {
                return Ok(value.into());
            }
            None => {
                return Err(
                    vm.runtime_error("Deadlock: the last runnable tasklet cannot be blocked.")
                );
            }
        },
        None => return Ok(value.into()),
    };
    let saved = me.tempval.replace(value);
    if remove {
        unqueue(vm, &me);
    }
    match switch_from(vm, &me, &next) {
        Ok(r) => Ok(r),
        Err(e) => {
            if remove {
                append(vm, &me);
            }
            me.tempval.set(saved);
            Err(e)
        }
    }
}

/// `stackless.run(timeout, …)`.
pub fn run(vm: &mut Vm, timeout: i64, soft: bool, ignore_nesting: bool, total: bool) -> Flow {
    let me = vm.current_tasklet()?;
    let interrupter = timeout > 0 && vm.scheduler.watchdog.is_none();
    if interrupter {
        vm.scheduler.watchdog = Some(Watchdog {
            owner: me.clone(),
            slice: timeout,
            left: timeout,
            total,
            soft,
            ignore_nesting,
            armed_for: 0,
        });
        vm.breaker = 0;
    }
    vm.start(&RUN, [Value::bool(interrupter)])
}

/// Registers: is the interrupter.
pub(crate) static RUN: Machine = Machine::new("stackless.run", |vm, regs, input| {
    let me = vm.current_tasklet()?;
    let interrupter = regs.get(0).is_true();
    if regs.stage() == 0 {
        let next =
            me.next.get().cast::<Tasklet>().ok().filter(|n| !n.ptr_eq(&me) && me.queued.get());
        let Some(next) = next else {
            if interrupter {
                vm.scheduler.watchdog = None;
            }
            return Ok(Reply::NONE);
        };
        vm.scheduler.watchdogs.push(me.clone());
        unqueue(vm, &me);
        regs.set_stage(1);
        return match switch(vm, &next) {
            Ok(r) => Ok(r),
            Err(e) => {
                vm.scheduler.watchdogs.pop();
                append(vm, &me);
                if interrupter {
                    vm.scheduler.watchdog = None;
                }
                Err(e)
            }
        };
    }
    end_run(vm, interrupter);
    if let Input::Exc(e) = input {
        return Err(e);
    }
    match vm.scheduler.interrupted.take() {
        Some(victim) => {
            unqueue(vm, &victim);
            Ok(victim.into())
        }
        None => Ok(Reply::NONE),
    }
})
.abandoning(|vm, regs| end_run(vm, regs.get(0).is_true()));

/// The running tasklet's `run()` is over, and those that it started and did not see end.
fn end_run(vm: &mut Vm, interrupter: bool) {
    let Some(me) = vm.scheduler.current.clone() else { return };
    if vm.scheduler.watchdogs.iter().any(|w| w.ptr_eq(&me)) {
        while let Some(w) = vm.scheduler.watchdogs.pop() {
            let mine = w.ptr_eq(&me);
            if vm.scheduler.watchdog.as_ref().is_some_and(|d| d.owner.ptr_eq(&w)) {
                vm.scheduler.watchdog = None;
            }
            if mine {
                break;
            }
            if w.is_floating(vm) {
                append(vm, &w);
            }
        }
    }
    if interrupter {
        vm.scheduler.watchdog = None;
    }
}

/// Instructions that one count of the eval-breaker stands for.
const TICKS: i64 = 4;

/// Pre-emption at a breaker point. `Some`: control went to the watchdog.
pub(crate) fn check_watchdog(vm: &mut Vm) -> Option<Flow> {
    let w = vm.scheduler.watchdog.as_mut()?;
    let step = w.armed_for;
    w.left -= step * TICKS;
    let left = w.left;
    if left > 0 {
        let next = (left / TICKS).clamp(1, crate::breaker::PERIOD as i64);
        w.armed_for = next;
        vm.breaker = next as i32;
        return None;
    }
    let (owner, slice) = (w.owner.clone(), w.slice);
    w.left = slice;
    w.armed_for = (slice / TICKS).clamp(1, crate::breaker::PERIOD as i64);
    vm.breaker = w.armed_for as i32;
    let me = vm.scheduler.current.clone()?;
    if me.ptr_eq(&owner)
        || me.atomic.get()
        || vm.scheduler.trap != 0
        || vm.scheduler.in_callback
        || !soft_switchable(vm)
    {
        return None;
    }
    vm.scheduler.interrupted = Some(me.clone());
    me.tempval.set(Value::NONE);
    Some(switch(vm, &owner))
}

/// Raises an exception in a tasklet: at once, or when it runs next (`pending`).
pub fn throw(vm: &mut Vm, t: &Obj<Tasklet>, e: Exc, pending: bool) -> Flow {
    if t.is_current(vm) {
        return Err(e);
    }
    if !t.alive.get() {
        if vm.exc_is(&e, &vm.excs.tasklet_exit) {
            return Ok(Reply::NONE);
        }
        return Err(vm.runtime_error("You cannot throw to a dead tasklet"));
    }
    if not_started(vm, t) && vm.exc_is(&e, &vm.excs.tasklet_exit) && !pending {
        // Nothing has run: it just ends.
        if t.blocked.get() != Blocked::No {
            channel_remove(t);
        }
        unqueue(vm, t);
        unbind(vm, t);
        return Ok(Reply::NONE);
    }
    let bomb = vm.bomb(&e);
    t.tempval.set(bomb);
    if t.blocked.get() != Blocked::No {
        channel_remove(t);
    }
    if pending {
        if !t.queued.get() {
            append(vm, t);
        }
        return Ok(Reply::NONE);
    }
    switch(vm, t)
}

/// Runs a program as the main tasklet: a new one for each entry from outside.
pub fn run_as_main(vm: &mut Vm, start: impl FnOnce(&mut Vm) -> Flow) -> PyResult {
    if vm.scheduler.current.is_some() {
        return crate::interp::run_nested(vm, NestedEntry::HostMainInside, start);
    }
    let ty = vm.types.tasklet.clone();
    let main = vm.new_tasklet(&ty);
    main.is_main.set(true);
    main.alive.set(true);
    // It takes over what the state without a tasklet has, and gives it back at the end.
    *main.exec.get_mut(vm) = std::mem::take(&mut *vm.exec);
    vm.scheduler.main = Some(main.clone());
    append(vm, &main);
    vm.scheduler.current = Some(main.clone());
    vm.exec.enter(&main);
    let outside = vm.enter_memory();
    let result = crate::interp::run_nested(vm, NestedEntry::HostMain, start);
    vm.leave_memory(outside);
    unqueue(vm, &main);
    main.alive.set(false);
    main.running.set(false);
    vm.exec.enter_own();
    *vm.exec = main.exec.replace_untokened(Exec::default());
    vm.scheduler.current = None;
    vm.scheduler.main = None;
    result
}

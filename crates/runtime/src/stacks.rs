//! Native stacks that are parked while their tasklets wait.
//!
//! A tasklet that runs Python code alone is data. One that is inside a nested loop (`nested`) also has
//! native frames: those of the native code that entered the loop. So that such a tasklet can be
//! switched away from, every loop runs on a coroutine's stack. The stack of the host holds `drive`
//! alone, which decides which stack goes on:
//! - a loop at the bottom of its stack belongs to nobody and runs every tasklet without native frames;
//! - a nested loop runs only the tasklet that entered it. When that one is switched away from (`park`)
//!   its whole stack stops there, and `drive` takes another one for the tasklet that goes on;
//! - a mark (`interp::BOUNDARY` in stage 1, whose register is the place in `Stacks::parked`) on top of
//!   a parked tasklet's frames ends the loop that meets it, and `drive` resumes the parked stack.
//!
//! Invariants: `Stacks::yielder` belongs to the stack that runs, or is null outside of `drive`. A parked
//! stack keeps its tasklet alive and stays on its thread. The `Vm`'s address travels with control.
//!
//! A tasklet with native frames cannot be saved (`restorable` is false). At the end of a `Vm` the parked
//! ones get TaskletExit, and who does not leave then is unwound natively.
//!
//! A request for memory that the system refuses and that nobody is prepared to see refused would end
//! the process. It never returns instead (`leave`): what is on the stack then stays there for ever, like
//! that of a thread that does not wake up, and a new loop, above it or on another stack, raises
//! MemoryError in the frame that called the native code.
//!
//! CPython's counterparts: none; Stackless copies slices of the C stack (`slp_transfer.c`).
#![expect(unsafe_code, reason = "control moves between native stacks")]

use std::cell::Cell;
use std::ptr::{self, NonNull};

use corosensei::stack::{DefaultStack, Stack};
use corosensei::{Coroutine, CoroutineResult, Yielder};
use stackless_primitives::memory;

use crate::exc::PyResult;
use crate::panics::{self, Catching, Payload};
use crate::tasklet::{self, Tasklet};
use crate::value::{Ref, Value};
use crate::vm::Vm;

/// Bytes of a stack. What is not touched costs address space only.
const SIZE: usize = 2 << 20;
/// Bytes that native code may count on when it is called: the compiler works inline with these.
const LEAST: usize = 768 << 10;
/// Stacks kept for reuse.
const KEPT: usize = 16;
/// How often a tasklet may catch the TaskletExit of the end and wait again.
const PATIENCE: usize = 100;

/// What is handed over with control: the `Vm`.
type Baton = *mut Vm;
type Loop = Coroutine<Baton, Pause, (Baton, Left)>;
type Door = NonNull<Yielder<Baton, Pause>>;

/// Why a stack stopped.
enum Pause {
    /// Its tasklet was switched away from.
    Parked(Baton),
    /// It was refused memory, has no room for another loop, and will not go on.
    Refused,
    /// The loop above what was refused memory has ended, and the stack will not go on.
    Ended(Baton, Left),
    Panicked(Payload),
}

/// A stack that runs: its way out, and where it lies.
#[derive(Clone, Copy)]
struct Running {
    door: Door,
    limit: usize,
    base: usize,
    vm: Baton,
    /// Something on it was refused memory.
    abandoned: bool,
}

thread_local! {
    /// The innermost running stack of this thread.
    static RUNNING: Cell<Option<Running>> = const { Cell::new(None) };
}

/// Why the loop at the bottom of a stack ended.
enum Left {
    /// The main tasklet's boundary has got this.
    Done(PyResult),
    /// The tasklet that goes on has a stack of its own.
    Elsewhere,
}

struct Parked {
    stack: Loop,
    tasklet: Ref<Tasklet>,
    /// Where the `Vm` was: the parked frames know it by that address.
    home: Baton,
    /// It holds what does not go on and must not be unwound.
    abandoned: bool,
}

/// The native stacks of a `Vm`.
#[derive(Default)]
pub(crate) struct Stacks {
    pool: Vec<DefaultStack>,
    parked: Vec<Option<Parked>>,
    running: Option<Running>,
    /// The tasklet that is being parked and its place.
    parking: Option<(Ref<Tasklet>, usize)>,
    /// The loop met a mark.
    pub(crate) elsewhere: bool,
    /// The last stack was left for want of memory.
    refused: bool,
    /// Stacks are being unwound: panics pass through.
    pub(crate) unwinding: bool,
}

impl Stacks {
    /// Sees to it that so many stacks are at hand.
    fn reserve(&mut self, count: usize) -> bool {
        while self.pool.len() < count {
            match DefaultStack::new(SIZE) {
                Ok(stack) => self.pool.push(stack),
                Err(_) => return false,
            }
        }
        true
    }
    /// Is there a stack for what comes after a refusal of memory, or can one be had?
    pub(crate) fn has_spare(&mut self) -> bool {
        self.reserve(1)
    }
    /// Gets a stack for what comes after a refusal of memory, at the cost of the reserve.
    fn replenish(&mut self) {
        let _ = self.reserve(1) || memory::use_reserve() && self.reserve(1);
    }
    fn set_running(&mut self, running: Option<Running>) {
        self.running = running;
        RUNNING.set(running);
    }
    fn left(&mut self, result: PyResult) -> Left {
        match std::mem::take(&mut self.elsewhere) {
            true => Left::Elsewhere,
            false => Left::Done(result),
        }
    }
    fn give_back(&mut self, stack: Loop) {
        if self.pool.len() < KEPT {
            self.pool.push(stack.into_stack());
        }
    }
    fn place(&mut self) -> usize {
        self.parked.iter().position(Option::is_none).unwrap_or_else(|| {
            self.parked.push(None);
            self.parked.len() - 1
        })
    }
    /// Is too little left of the running stack to enter another loop on it?
    pub(crate) fn is_short(&self) -> bool {
        let here = 0u8;
        let here = (&raw const here).addr();
        self.running.is_some_and(|r| here.saturating_sub(r.limit) < LEAST)
    }
    /// Can the running native stack be parked?
    pub(crate) fn can_park(&self) -> bool {
        self.running.is_some()
    }
}

/// The work of a new stack, as if it lived for ever: see `new_loop`.
type Work = *mut dyn FnMut(&mut Vm) -> PyResult;

/// A stack that will do `work`, a loop.
///
/// # Safety
/// `work` lives until the stack has ended or been parked inside it; the pool is not empty.
unsafe fn new_loop(vm: &mut Vm, work: Work) -> Option<Loop> {
    let stack = vm.stacks.pool.pop()?;
    let (limit, base) = (stack.limit().get(), stack.base().get());
    let mut work = Some(work);
    Some(Coroutine::with_stack(stack, move |yielder: &Yielder<Baton, Pause>, baton: Baton| {
        // SAFETY: `drive` hands its `Vm` over and does not touch it until it gets it back.
        let vm = unsafe { &mut *baton };
        let door = NonNull::from(yielder);
        let running = Running { door, limit, base, vm: baton, abandoned: false };
        vm.stacks.set_running(Some(running));
        let result = match work.take() {
            // SAFETY: the contract of `new_loop`.
            Some(work) => unsafe { (*work)(vm) },
            None => Ok(Value::NONE),
        };
        (baton, vm.stacks.left(result))
    }))
}

/// Runs `work`, the loop of the main tasklet, and whatever stacks the tasklets need until the main
/// tasklet's boundary gets its delivery.
pub(crate) fn drive(vm: &mut Vm, work: impl FnOnce(&mut Vm) -> PyResult) -> PyResult {
    if cfg!(miri) {
        return work(vm);
    }
    // One to run on, one for what comes after a refusal.
    if !vm.stacks.reserve(2) {
        return Err(vm.no_memory());
    }
    memory::keep_reserve();
    vm.keep_errors();
    let _entered = Entered {
        running: RUNNING.get(),
        on_refusal: memory::on_refusal(Some(leave)),
        // Stacks that stay parked leave it on.
        _catching: Catching::set(true),
    };
    let mut work = Some(work);
    let mut first = |vm: &mut Vm| match work.take() {
        Some(work) => work(vm),
        None => Ok(Value::NONE),
    };
    let first: *mut (dyn FnMut(&mut Vm) -> PyResult + '_) = &raw mut first;
    // SAFETY: only the lifetime changes. The first stack begins the work below, and this function
    // returns when the boundary beneath everything that the work pushes has been reached, so after it.
    let first =
        unsafe { std::mem::transmute::<*mut (dyn FnMut(&mut Vm) -> PyResult + '_), Work>(first) };
    // SAFETY: as above; the pool has a stack.
    let mut next = unsafe { new_loop(vm, first) };
    let mut baton: Baton = ptr::from_mut(vm);
    let mut again = |vm: &mut Vm| {
        if std::mem::take(&mut vm.stacks.refused) {
            crate::interp::abandon(vm);
        }
        crate::interp::go_on(vm)
    };
    let again: Work = &raw mut again;
    loop {
        // SAFETY: the stack that ran has handed the `Vm` back.
        let vm = unsafe { &mut *baton };
        let Some(mut stack) = next.take() else {
            vm.stacks.set_running(None);
            return Err(vm.no_memory());
        };
        match stack.resume(baton) {
            CoroutineResult::Yield(Pause::Refused) => {
                std::mem::forget(stack);
                // SAFETY: the stack that had the `Vm` does not go on.
                let vm = unsafe { &mut *baton };
                vm.stacks.replenish();
                vm.memory.lean = true;
                vm.stacks.parking = None;
                vm.stacks.refused = true;
            }
            CoroutineResult::Yield(Pause::Ended(back, left)) => {
                std::mem::forget(stack);
                baton = back;
                // SAFETY: as above.
                let vm = unsafe { &mut *baton };
                if let Left::Done(result) = left {
                    vm.stacks.set_running(None);
                    return result;
                }
            }
            CoroutineResult::Yield(Pause::Panicked(payload)) => {
                std::mem::forget(stack);
                std::panic::resume_unwind(payload);
            }
            CoroutineResult::Yield(Pause::Parked(back)) => {
                baton = back;
                // SAFETY: as above.
                let vm = unsafe { &mut *baton };
                let abandoned = vm.stacks.running.is_some_and(|r| r.abandoned);
                if let Some((tasklet, place)) = vm.stacks.parking.take() {
                    let parked = Parked { stack, tasklet, home: baton, abandoned };
                    vm.stacks.parked[place] = Some(parked);
                }
            }
            CoroutineResult::Return((back, left)) => {
                baton = back;
                // SAFETY: as above.
                let vm = unsafe { &mut *baton };
                vm.stacks.give_back(stack);
                if let Left::Done(result) = left {
                    vm.stacks.set_running(None);
                    return result;
                }
            }
        }
        // SAFETY: as above.
        let vm = unsafe { &mut *baton };
        next = match crate::interp::take_mark(vm) {
            Some(place) => match vm.stacks.parked[place].take() {
                Some(parked) if parked.home == baton => Some(parked.stack),
                // A host moved the `Vm`: the stack stays as it is for ever.
                lost => {
                    std::mem::forget(lost);
                    None
                }
            },
            None => {
                vm.stacks.reserve(1);
                // SAFETY: `again` lives as long as this function, which outlives all loops that
                // have begun here and are not parked; a parked one is past the only use of it.
                unsafe { new_loop(vm, again) }
            }
        };
    }
}

/// Puts back what the thread was set to before `drive`.
struct Entered {
    running: Option<Running>,
    on_refusal: Option<fn()>,
    _catching: Catching,
}

impl Drop for Entered {
    fn drop(&mut self) {
        RUNNING.set(self.running);
        memory::on_refusal(self.on_refusal);
    }
}

/// Native code that counts on getting memory was refused it: it does not go on. Returns where that is
/// not possible; then the process ends.
fn leave() {
    let here = 0u8;
    let here = (&raw const here).addr();
    let Some(mut running) = RUNNING.get() else { return };
    // A host may have entered a stack of its own; an unwinding that stops cannot be caught any more.
    if !(running.limit..running.base).contains(&here) || std::thread::panicking() {
        return;
    }
    let mut pause = Pause::Refused;
    if here - running.limit > 2 * LEAST {
        // SAFETY: what had the `Vm` on this stack does not go on.
        let vm = unsafe { &mut *running.vm };
        running.abandoned = true;
        vm.stacks.set_running(Some(running));
        vm.stacks.parking = None;
        vm.memory.lean = true;
        let work = || {
            crate::interp::abandon(vm);
            let result = crate::interp::go_on(vm);
            vm.stacks.left(result)
        };
        pause = match panics::caught(work) {
            Ok(left) => Pause::Ended(running.vm, left),
            Err(payload) => Pause::Panicked(payload),
        };
    }
    // SAFETY: the yielder of the stack that runs lives at its bottom. Nobody resumes this stack, and
    // nobody frees it: what others borrow from it stays whole.
    unsafe { running.door.as_ref().suspend(pause) };
}

/// Before a tasklet with native frames is switched away from: puts the mark on its frames.
pub(crate) fn prepare(vm: &mut Vm, me: &Ref<Tasklet>) -> PyResult<()> {
    if !vm.stacks.reserve(1) {
        return Err(vm.no_memory());
    }
    let place = vm.stacks.place();
    crate::interp::put_mark(vm, place)?;
    vm.stacks.parking = Some((me.clone(), place));
    Ok(())
}

/// Stops the running stack until its tasklet, which was switched away from, is the current one again.
pub(crate) fn park(vm: &mut Vm) {
    let Some(mut running) = vm.stacks.running else { return };
    let first_steps = std::mem::take(&mut vm.first_steps);
    let baton: Baton = ptr::from_mut(vm);
    running.vm = baton;
    // SAFETY: the yielder of the stack that runs lives at its bottom. The `Vm` is handed over with
    // its address and comes back by the same way; while the stack is parked nothing here uses it.
    let vm = unsafe { &mut *running.door.as_ref().suspend(Pause::Parked(baton)) };
    vm.stacks.set_running(Some(running));
    vm.first_steps = first_steps;
}

impl Vm {
    /// Ends the tasklets whose native stacks are parked: TaskletExit is raised in them until they have
    /// left their nested loops. For the end of a `Vm`, when none of it runs.
    pub fn end_parked(&mut self) {
        if self.scheduler.current.is_some() {
            return;
        }
        for _ in 0..PATIENCE {
            let Some(t) = self.stacks.parked.iter().flatten().map(|p| p.tasklet.clone()).next()
            else {
                return;
            };
            let class = self.excs.tasklet_exit.clone();
            let exit = self.new_exception(&class, vec![]);
            // What a tasklet raises at its end has nobody to listen.
            drop(tasklet::run_as_main(self, |vm| tasklet::throw(vm, &t, exit, false)));
        }
        // These catch TaskletExit and go on waiting.
        self.stacks.unwinding = true;
        for parked in std::mem::take(&mut self.stacks.parked).into_iter().flatten() {
            let Parked { mut stack, tasklet, home, abandoned } = parked;
            tasklet.alive.set(false);
            // A destructor of the host's that panics is the host's affair, but not here.
            if home == ptr::from_mut(self) && !abandoned {
                let _ = panics::caught(|| stack.force_unwind());
            }
            if !stack.done() {
                std::mem::forget(stack);
            }
        }
        self.stacks.unwinding = false;
    }
}

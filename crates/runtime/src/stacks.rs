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
//! CPython's counterparts: none; Stackless copies slices of the C stack (`slp_transfer.c`).
#![expect(unsafe_code, reason = "control moves between native stacks")]

use std::ptr;

use corosensei::stack::{DefaultStack, Stack};
use corosensei::{Coroutine, CoroutineResult, Yielder};

use crate::exc::PyResult;
use crate::panics::{self, Catching};
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
type Loop = Coroutine<Baton, Baton, (Baton, Left)>;

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
}

/// The native stacks of a `Vm`.
#[derive(Default)]
pub(crate) struct Stacks {
    pool: Vec<DefaultStack>,
    parked: Vec<Option<Parked>>,
    /// Of the stack that runs.
    yielder: Option<ptr::NonNull<Yielder<Baton, Baton>>>,
    /// Its lowest address.
    limit: usize,
    /// The tasklet that is being parked and its place.
    parking: Option<(Ref<Tasklet>, usize)>,
    /// The loop met a mark.
    pub(crate) elsewhere: bool,
    /// Stacks are being unwound: panics pass through.
    pub(crate) unwinding: bool,
}

impl Stacks {
    fn reserve(&mut self) -> Option<()> {
        if self.pool.is_empty() {
            self.pool.push(DefaultStack::new(SIZE).ok()?);
        }
        Some(())
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
        self.yielder.is_some() && (&raw const here).addr().saturating_sub(self.limit) < LEAST
    }
    /// Can the running native stack be parked?
    pub(crate) fn can_park(&self) -> bool {
        self.yielder.is_some()
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
    let limit = stack.limit().get();
    let mut work = Some(work);
    Some(Coroutine::with_stack(stack, move |yielder: &Yielder<Baton, Baton>, baton: Baton| {
        // SAFETY: `drive` hands its `Vm` over and does not touch it until it gets it back.
        let vm = unsafe { &mut *baton };
        vm.stacks.yielder = Some(ptr::NonNull::from(yielder));
        vm.stacks.limit = limit;
        let result = match work.take() {
            // SAFETY: the contract of `new_loop`.
            Some(work) => unsafe { (*work)(vm) },
            None => Ok(Value::NONE),
        };
        let left = match std::mem::take(&mut vm.stacks.elsewhere) {
            true => Left::Elsewhere,
            false => Left::Done(result),
        };
        (baton, left)
    }))
}

/// Runs `work`, the loop of the main tasklet, and whatever stacks the tasklets need until the main
/// tasklet's boundary gets its delivery.
pub(crate) fn drive(vm: &mut Vm, work: impl FnOnce(&mut Vm) -> PyResult) -> PyResult {
    if cfg!(miri) {
        return work(vm);
    }
    if vm.stacks.reserve().is_none() {
        return Err(vm.no_memory());
    }
    // Stacks that stay parked leave it on.
    let _catching = Catching::set(true);
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
    let mut again = |vm: &mut Vm| crate::interp::go_on(vm);
    let again: Work = &raw mut again;
    loop {
        // SAFETY: the stack that ran has handed the `Vm` back.
        let vm = unsafe { &mut *baton };
        let Some(mut stack) = next.take() else {
            vm.stacks.yielder = None;
            return Err(vm.no_memory());
        };
        match stack.resume(baton) {
            CoroutineResult::Yield(back) => {
                baton = back;
                // SAFETY: as above.
                let vm = unsafe { &mut *baton };
                if let Some((tasklet, place)) = vm.stacks.parking.take() {
                    vm.stacks.parked[place] = Some(Parked { stack, tasklet, home: baton });
                }
            }
            CoroutineResult::Return((back, left)) => {
                baton = back;
                // SAFETY: as above.
                let vm = unsafe { &mut *baton };
                vm.stacks.give_back(stack);
                if let Left::Done(result) = left {
                    vm.stacks.yielder = None;
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
                let _ = vm.stacks.reserve();
                // SAFETY: `again` lives as long as this function, which outlives all loops that
                // have begun here and are not parked; a parked one is past the only use of it.
                unsafe { new_loop(vm, again) }
            }
        };
    }
}

/// Before a tasklet with native frames is switched away from: puts the mark on its frames.
pub(crate) fn prepare(vm: &mut Vm, me: &Ref<Tasklet>) -> PyResult<()> {
    if vm.stacks.reserve().is_none() {
        return Err(vm.no_memory());
    }
    let place = vm.stacks.place();
    crate::interp::put_mark(vm, place)?;
    vm.stacks.parking = Some((me.clone(), place));
    Ok(())
}

/// Stops the running stack until its tasklet, which was switched away from, is the current one again.
pub(crate) fn park(vm: &mut Vm) {
    let (Some(yielder), limit) = (vm.stacks.yielder, vm.stacks.limit) else { return };
    let first_steps = std::mem::take(&mut vm.first_steps);
    let baton: Baton = ptr::from_mut(vm);
    // SAFETY: the yielder of the stack that runs lives at its bottom. The `Vm` is handed over with
    // its address and comes back by the same way; while the stack is parked nothing here uses it.
    let vm = unsafe { &mut *yielder.as_ref().suspend(baton) };
    vm.stacks.yielder = Some(yielder);
    vm.stacks.limit = limit;
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
            let Parked { mut stack, tasklet, home } = parked;
            tasklet.alive.set(false);
            // A destructor of the host's that panics is the host's affair, but not here.
            if home == ptr::from_mut(self) {
                let _ = panics::caught(|| stack.force_unwind());
            }
            if !stack.done() {
                std::mem::forget(stack);
            }
        }
        self.stacks.unwinding = false;
    }
}

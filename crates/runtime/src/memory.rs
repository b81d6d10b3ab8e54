//! The memory budget of a `Vm`.
//!
//! While a `Vm` runs it sets its thread's ceiling (`primitives::memory`). A large request over the
//! budget raises MemoryError at once; what grows by small steps is noticed at the eval-breaker. A
//! program that catches the error goes on, with a little headroom for its handlers; what it frees
//! counts at once. Nothing is paid while there is no budget.

use stackless_primitives::memory as thread;

use crate::exc::{Exc, PyResult};
use crate::vm::Vm;

/// Requests below this size are left to the eval-breaker.
const LARGE: usize = 64 * 1024;
/// What handlers get at least, in all and between two errors.
const HEADROOM: isize = 8 << 20;
/// See `Budget::grace`.
const GRACE: u8 = 16;
const ERRORS: usize = 8;
const STEP: isize = 1 << 20;

#[derive(Default)]
pub(crate) struct Budget {
    limit: Option<isize>,
    /// Bytes that the `Vm` held when it was last left.
    held: isize,
    /// The thread's count minus this is what the `Vm` holds, while it runs.
    base: isize,
    /// What it held at the last MemoryError, while that is above the limit.
    raised: isize,
    /// The program was told that the reserve is used.
    told: bool,
    /// Safe points for which an error about memory counts as having told it.
    grace: u8,
    /// MemoryErrors, made in advance.
    pub(crate) errors: Vec<crate::value::Value>,
    /// A stack was left because of a refusal: the next one needs another spare stack.
    pub(crate) lean: bool,
}

/// What the thread's ceiling was before a `Vm` was entered.
pub(crate) struct Outside(isize);

impl Vm {
    /// Bytes that objects, tables and stacks of this `Vm` hold. Exact for the `Vm` that runs, in a
    /// program whose allocator is `primitives::memory::Counting`.
    pub fn memory_used(&self) -> usize {
        usize::try_from(thread::held() - self.memory.base).unwrap_or(0).max(self.heap.bytes.get())
    }

    /// Sets the budget in bytes; None: the system's memory is the only limit. In force from the next
    /// entry of the `Vm` on.
    pub fn set_memory_budget(&mut self, bytes: Option<usize>) {
        self.memory.limit = bytes.map(|b| isize::try_from(b).unwrap_or(isize::MAX));
    }

    /// The making of a `Vm` counts from here.
    pub(crate) fn begin_memory(&mut self, before: isize) {
        self.memory.held = thread::held() - before;
        self.memory.base = before;
    }

    pub(crate) fn enter_memory(&mut self) -> Outside {
        self.memory.base = thread::held() - self.memory.held;
        Outside(self.set_ceiling(self.memory.limit.unwrap_or(isize::MAX)))
    }

    fn set_ceiling(&self, bytes: isize) -> isize {
        thread::set_ceiling(self.memory.base.saturating_add(bytes))
    }

    /// What the eval-breaker does about small steps over the budget, for loops and recursion that do
    /// not meet it.
    #[cold]
    #[inline(never)]
    pub(crate) fn check_memory(&mut self) -> PyResult<()> {
        self.memory_overrun().map_or(Ok(()), Err)
    }

    pub(crate) fn leave_memory(&mut self, outside: Outside) {
        self.memory.held = thread::held() - self.memory.base;
        thread::set_ceiling(outside.0);
    }

    /// Asked before a request whose size user data decide.
    #[inline]
    pub fn claim(&mut self, bytes: usize) -> PyResult<()> {
        if bytes < LARGE || thread::allows(bytes) { Ok(()) } else { self.claim_again(bytes) }
    }

    #[cold]
    fn claim_again(&mut self, bytes: usize) -> PyResult<()> {
        self.heap.trim();
        if thread::allows(bytes) { Ok(()) } else { Err(self.no_memory()) }
    }

    /// Room for `more` items behind those of a vector, with a vector's usual growth.
    #[inline]
    pub fn reserve<T>(&mut self, items: &mut Vec<T>, more: usize) -> PyResult<()> {
        if items.capacity() - items.len() >= more { Ok(()) } else { self.grow(items, more) }
    }

    #[cold]
    fn grow<T>(&mut self, items: &mut Vec<T>, more: usize) -> PyResult<()> {
        let least = items.len().checked_add(more);
        let usual = least.map(|n| n.max(items.capacity().saturating_mul(2)).max(4));
        let Some(bytes) = usual.and_then(|n| n.checked_mul(size_of::<T>().max(1))) else {
            return Err(self.no_memory());
        };
        self.claim(bytes)?;
        let room = usual.unwrap_or(0) - items.len();
        match thread::attempt(|| items.try_reserve_exact(room)) {
            Ok(()) => Ok(()),
            Err(_) => Err(self.no_memory()),
        }
    }

    /// Makes exceptions for when there is no memory for them.
    pub(crate) fn keep_errors(&mut self) {
        while self.memory.errors.len() < ERRORS {
            let class = self.excs.memory_error.clone();
            let error = self.new_exception(&class, vec![]).into_value();
            self.memory.errors.push(error);
        }
    }

    #[cold]
    pub fn no_memory(&mut self) -> Exc {
        self.memory.grace = GRACE;
        if (self.memory.lean || thread::reserve_is_used())
            && let Some(error) = self.memory.errors.pop()
        {
            return Exc::from_value(error);
        }
        let class = self.excs.memory_error.clone();
        self.new_exception(&class, vec![])
    }

    /// Traceback entries and their frames are larger than the frames that an exception leaves: they
    /// are not made near the budget, nor after an error of it until memory is there again.
    #[inline]
    pub(crate) fn keeps_tracebacks(&self) -> bool {
        self.memory.raised == 0 && !thread::is_scarce() && !thread::reserve_is_used()
    }

    /// At the eval-breaker: the error that small steps over the budget have earned.
    pub(crate) fn memory_overrun(&mut self) -> Option<Exc> {
        if self.memory.lean || thread::reserve_is_used() {
            self.heap.trim();
            if self.stacks.has_spare() && thread::keep_reserve() {
                (self.memory.lean, self.memory.told) = (false, false);
                self.keep_errors();
            } else if thread::reserve_is_used() && !self.memory.told {
                self.memory.told = true;
                if self.memory.grace == 0 {
                    return Some(self.no_memory());
                }
            }
            self.memory.grace = self.memory.grace.saturating_sub(1);
        }
        let limit = self.memory.limit?;
        if !thread::is_over() {
            if std::mem::take(&mut self.memory.raised) != 0 {
                // The program let go of what it held: the empty pages go, too.
                self.heap.trim();
            }
            return None;
        }
        // Pages that became empty count as held until now.
        let slack = self.heap.trim() as isize;
        let held = thread::held() - self.memory.base;
        let step = (limit / 64).max(STEP);
        if held <= limit || slack > held / 4 {
            // Mostly free slots: they are used before it grows.
            self.memory.raised = 0;
            self.set_ceiling(limit.max(held + step));
            return None;
        }
        self.set_ceiling(limit);
        let most = limit.saturating_add((limit / 8).max(HEADROOM));
        if self.memory.raised != 0 && held < most.min(self.memory.raised.saturating_add(step)) {
            return None;
        }
        self.memory.raised = held;
        // Soon again: when the program has let go of it.
        self.breaker = 0;
        Some(self.no_memory())
    }
}

//! What the running thread holds of the allocator, and the ceiling that its VM has set.
//!
//! `Counting` is an allocator for programs that want memory budgets: it adds up the bytes that each
//! thread has allocated and not freed. A VM that runs on the thread sets the ceiling that a request
//! may not reach. `allows` is asked in front of every allocation whose size comes from user data;
//! small ones pass and are noticed at the VM's next safe point. Without `Counting` the count stays
//! zero and a ceiling bounds single requests only. CPython has no counterpart.
#![expect(unsafe_code, reason = "an allocator")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static HELD: Cell<isize> = const { Cell::new(0) };
    static CEILING: Cell<isize> = const { Cell::new(isize::MAX) };
}

/// The system's allocator with a count per thread.
pub struct Counting;

fn add(bytes: usize) {
    HELD.with(|h| h.set(h.get().wrapping_add(bytes as isize)));
}

fn sub(bytes: usize) {
    HELD.with(|h| h.set(h.get().wrapping_sub(bytes as isize)));
}

// SAFETY: every call goes to the system's allocator as it came; counting allocates nothing, since
// the thread's cells need neither initialisation nor a destructor.
unsafe impl GlobalAlloc for Counting {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        add(layout.size());
        // SAFETY: the caller's contract.
        unsafe { System.alloc(layout) }
    }
    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        add(layout.size());
        // SAFETY: the caller's contract.
        unsafe { System.alloc_zeroed(layout) }
    }
    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        sub(layout.size());
        // SAFETY: the caller's contract.
        unsafe { System.dealloc(block, layout) }
    }
    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's contract.
        let new = unsafe { System.realloc(block, layout, size) };
        if !new.is_null() {
            sub(layout.size());
            add(size);
        }
        new
    }
}

/// Bytes that this thread holds. Blocks that went to another thread count there when freed.
pub fn held() -> isize {
    HELD.with(Cell::get)
}

/// Sets how much this thread may hold; gives the old ceiling. `isize::MAX`: no ceiling.
pub fn set_ceiling(bytes: isize) -> isize {
    CEILING.with(|c| c.replace(bytes))
}

/// Is this thread above its ceiling?
pub fn is_over() -> bool {
    held() > CEILING.with(Cell::get)
}

/// Is less than a quarter of the ceiling left? Then nothing optional is kept.
pub fn is_scarce() -> bool {
    let ceiling = CEILING.with(Cell::get);
    held() > ceiling - ceiling / 4
}

/// From this size on a request is tried before it is made: Rust's collections end the process when
/// the system refuses.
const TRIED: usize = 1 << 20;

/// May a request of so many bytes be made?
pub fn allows(bytes: usize) -> bool {
    let Ok(wanted) = isize::try_from(bytes) else { return false };
    if held().saturating_add(wanted) > CEILING.with(Cell::get) {
        return false;
    }
    bytes < TRIED || Vec::<u8>::new().try_reserve_exact(bytes).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ceiling_bounds_requests() {
        let old = set_ceiling(held() + 1000);
        assert!(allows(900) && !allows(1100) && !is_over());
        set_ceiling(held() - 1);
        assert!(is_over());
        set_ceiling(old);
        assert!(allows(1 << 21) && !allows(usize::MAX) && !allows(1 << 60));
    }
}

//! What the running thread holds of the allocator, and the ceiling that its VM has set.
//!
//! `Counting` is an allocator for programs that want memory budgets: it adds up the bytes that each
//! thread has allocated and not freed. A VM that runs on the thread sets the ceiling that a request
//! may not reach. `allows` is asked in front of every allocation whose size comes from user data;
//! small ones pass and are noticed at the VM's next safe point. Without `Counting` the count stays
//! zero and a ceiling bounds single requests only. It also keeps freed small blocks for reuse; Rust
//! tells the size of a block that is freed, so this takes a few instructions. CPython's counterpart:
//! the free lists of `Objects/obmalloc.c`.
//!
//! What the system refuses ends a Rust program, unless the request was made by way of `attempt`. Two
//! things stand before that end: a reserve, which is given back to the system for small requests (and
//! `reserve_is_used` tells the VM, which raises at its next safe point), and a function that the VM
//! sets (`on_refusal`) and that need not return: it may leave the stack that asked for ever.
#![expect(unsafe_code, reason = "an allocator")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static HELD: Cell<isize> = const { Cell::new(0) };
    static CEILING: Cell<isize> = const { Cell::new(isize::MAX) };
}

/// Bytes of the reserve, and the requests that it is there for.
const RESERVE: usize = 3 << 20;
const FROM_RESERVE: usize = 1 << 20;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Reserve {
    /// Nobody asked for one.
    None,
    Kept(*mut u8),
    /// It went back to the system.
    Used,
}

thread_local! {
    static RESERVED: Cell<Reserve> = const { Cell::new(Reserve::None) };
    /// Requests that may fail are being made.
    static ATTEMPTS: Cell<u32> = const { Cell::new(0) };
    static ON_REFUSAL: Cell<Option<fn()>> = const { Cell::new(None) };
}

fn reserve_layout() -> Layout {
    // SAFETY: a power of two as alignment, a small size.
    unsafe { Layout::from_size_align_unchecked(RESERVE, 4096) }
}

/// Keeps a reserve of this thread for small requests, if there is none; false: there is no memory.
pub fn keep_reserve() -> bool {
    if let Reserve::Kept(_) = RESERVED.get() {
        return true;
    }
    // SAFETY: the layout is not empty.
    let block = unsafe { System.alloc(reserve_layout()) };
    if !block.is_null() {
        RESERVED.set(Reserve::Kept(block));
    }
    !block.is_null()
}

/// Was the reserve needed since it was last kept?
pub fn reserve_is_used() -> bool {
    RESERVED.get() == Reserve::Used
}

/// Gives the reserve to the system, for a request that does not come by the allocator. False: it was
/// used already.
pub fn use_reserve() -> bool {
    release_reserve(Reserve::Used)
}

fn release_reserve(next: Reserve) -> bool {
    let Reserve::Kept(block) = RESERVED.replace(next) else { return false };
    // SAFETY: the block that `keep_reserve` got, which nobody knows any more.
    unsafe { System.dealloc(block, reserve_layout()) };
    true
}

/// Sets what is called when the system refuses this thread a request; gives what was set before. The
/// function runs inside of the request and must not unwind.
pub fn on_refusal(function: Option<fn()>) -> Option<fn()> {
    ON_REFUSAL.replace(function)
}

/// Makes requests whose refusal `work` notices.
pub fn attempt<T>(work: impl FnOnce() -> T) -> T {
    struct Leave;
    impl Drop for Leave {
        fn drop(&mut self) {
            ATTEMPTS.set(ATTEMPTS.get() - 1);
        }
    }
    ATTEMPTS.set(ATTEMPTS.get() + 1);
    let _leave = Leave;
    work()
}

/// The system has refused a request: true, if it is worth to ask once more.
#[cold]
#[inline(never)]
fn refused(bytes: usize) -> bool {
    if bytes <= FROM_RESERVE && release_reserve(Reserve::Used) {
        return true;
    }
    if ATTEMPTS.get() == 0
        && let Some(function) = ON_REFUSAL.get()
    {
        function();
    }
    false
}

/// Asks the system.
#[inline(always)]
unsafe fn ask(layout: Layout) -> *mut u8 {
    // SAFETY: the caller's contract.
    unsafe {
        let block = System.alloc(layout);
        if block.is_null() && refused(layout.size()) { System.alloc(layout) } else { block }
    }
}

/// Blocks of at most this many bytes are kept for reuse when they are freed.
const SMALL: usize = 256;
/// Their sizes go up in these steps.
const STEP: usize = 16;
/// Blocks of one size that a thread keeps.
const KEPT: u32 = 256;

/// Freed blocks of one size, linked through their first words.
struct Kept {
    first: Cell<*mut u8>,
    count: Cell<u32>,
}

thread_local! {
    static SMALL_BLOCKS: [Kept; SMALL / STEP + 1] = const {
        [const { Kept { first: Cell::new(std::ptr::null_mut()), count: Cell::new(0) } }; SMALL / STEP + 1]
    };
}

/// The layout that stands for all small ones of about this size; None for large ones.
#[inline(always)]
fn small(layout: Layout) -> Option<Layout> {
    if layout.size() > SMALL || layout.align() > STEP {
        return None;
    }
    // SAFETY: the size is small and the alignment a power of two.
    Some(unsafe { Layout::from_size_align_unchecked(layout.size().next_multiple_of(STEP), STEP) })
}

/// The system's allocator with a count per thread and a few freed blocks of each small size at hand.
pub struct Counting;

fn add(bytes: usize) {
    HELD.with(|h| h.set(h.get().wrapping_add(bytes as isize)));
}

fn sub(bytes: usize) {
    HELD.with(|h| h.set(h.get().wrapping_sub(bytes as isize)));
}

/// A block that the system gave, or not: what it refuses does not count.
fn counted(bytes: usize, block: *mut u8) -> *mut u8 {
    if !block.is_null() {
        add(bytes);
    }
    block
}

// SAFETY: blocks come from the system's allocator, small ones with the layout that `small` gives for
// theirs; a kept block is used again for the same one. Counting and keeping allocate nothing, since
// the thread's cells need neither initialisation nor a destructor.
unsafe impl GlobalAlloc for Counting {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let Some(small) = small(layout) else {
            // SAFETY: the caller's contract.
            return counted(layout.size(), unsafe { ask(layout) });
        };
        add(layout.size());
        let layout = small;
        let block = SMALL_BLOCKS.with(|kept| {
            let kept = &kept[layout.size() / STEP];
            let block = kept.first.get();
            if !block.is_null() {
                // SAFETY: a kept block holds the link to the next one.
                kept.first.set(unsafe { block.cast::<*mut u8>().read() });
                kept.count.set(kept.count.get() - 1);
            }
            block
        });
        if block.is_null() {
            // SAFETY: the layout is not empty: GlobalAlloc is asked for no empty ones.
            return unsafe { ask(layout) };
        }
        block
    }
    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if small(layout).is_some() {
            // SAFETY: the caller's contract; the block is as large as asked for.
            unsafe {
                let block = self.alloc(layout);
                if !block.is_null() {
                    block.write_bytes(0, layout.size());
                }
                return block;
            }
        }
        // SAFETY: the caller's contract.
        let mut block = unsafe { System.alloc_zeroed(layout) };
        if block.is_null() && refused(layout.size()) {
            // SAFETY: as above.
            block = unsafe { System.alloc_zeroed(layout) };
        }
        counted(layout.size(), block)
    }
    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        sub(layout.size());
        let Some(layout) = small(layout) else {
            // SAFETY: the caller's contract.
            return unsafe { System.dealloc(block, layout) };
        };
        let is_kept = SMALL_BLOCKS.with(|kept| {
            let kept = &kept[layout.size() / STEP];
            if kept.count.get() == KEPT {
                return false;
            }
            // SAFETY: the block is free, large enough and aligned for a pointer.
            unsafe { block.cast::<*mut u8>().write(kept.first.get()) };
            kept.first.set(block);
            kept.count.set(kept.count.get() + 1);
            true
        });
        if !is_kept {
            // SAFETY: small blocks were allocated with this layout.
            unsafe { System.dealloc(block, layout) };
        }
    }
    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's contract; sizes do not overflow when rounded up.
        unsafe {
            let wanted = Layout::from_size_align_unchecked(size, layout.align());
            match (small(layout), small(wanted)) {
                (None, None) => {
                    let mut new = System.realloc(block, layout, size);
                    if new.is_null() && refused(size) {
                        new = System.realloc(block, layout, size);
                    }
                    if !new.is_null() {
                        sub(layout.size());
                        add(size);
                    }
                    new
                }
                (Some(old), Some(new)) if old == new => {
                    sub(layout.size());
                    add(size);
                    block
                }
                _ => {
                    let new = self.alloc(wanted);
                    if !new.is_null() {
                        new.copy_from_nonoverlapping(block, layout.size().min(size));
                        self.dealloc(block, layout);
                    }
                    new
                }
            }
        }
    }
}

/// Gives the blocks that this thread keeps back to the system: for the end of a `Vm`, after which
/// the thread may end.
pub fn release_kept() {
    release_reserve(Reserve::None);
    SMALL_BLOCKS.with(|all| {
        for (i, kept) in all.iter().enumerate() {
            kept.count.set(0);
            let mut block = kept.first.replace(std::ptr::null_mut());
            while !block.is_null() {
                // SAFETY: kept blocks are free, linked, and of the layout of their place.
                unsafe {
                    let next = block.cast::<*mut u8>().read();
                    System.dealloc(block, Layout::from_size_align_unchecked(i * STEP, STEP));
                    block = next;
                }
            }
        }
    });
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
    bytes < TRIED || attempt(|| Vec::<u8>::new().try_reserve_exact(bytes).is_ok())
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

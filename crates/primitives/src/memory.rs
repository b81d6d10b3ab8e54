//! What the running thread holds of the allocator, and the ceiling that its VM has set.
//!
//! `Counting` is an allocator for programs that want memory budgets: it adds up the bytes that each
//! thread has allocated and not freed. A VM that runs on the thread sets the ceiling that a request
//! may not reach. `allows` is asked in front of every allocation whose size comes from user data;
//! small ones pass and are noticed at the VM's next safe point. Without `Counting` the count stays
//! zero and a ceiling bounds single requests only. It also keeps freed small blocks for reuse; Rust
//! tells the size of a block that is freed, so this takes a few instructions. CPython's counterpart:
//! the free lists of `Objects/obmalloc.c`.
#![expect(unsafe_code, reason = "an allocator")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static HELD: Cell<isize> = const { Cell::new(0) };
    static CEILING: Cell<isize> = const { Cell::new(isize::MAX) };
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
            return counted(layout.size(), unsafe { System.alloc(layout) });
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
            return unsafe { System.alloc(layout) };
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
        counted(layout.size(), unsafe { System.alloc_zeroed(layout) })
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
                    let new = System.realloc(block, layout, size);
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

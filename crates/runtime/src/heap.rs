//! The per-`Vm` object heap: size-class pages, counting's slow end, and the page walk.
//!
//! A page is 64 KiB, aligned to its size, with a `Page` head and slots of one size. Leaf objects
//! (no references to others) and containers have pages apart, so the collector walks containers
//! only. Larger objects have a page of their own. A free slot has a null type word and links to the
//! next in its count word, so a walk can tell the living.
//!
//! Freeing is iterative: the object whose count reached zero goes onto the heap's dead list, and
//! the outermost `release` empties the list. So data of any depth dies without native recursion.
//! `release` never runs Python: objects with finalisers and weak references are queued for the VM
//! (`Heap::take_finalizable`), which runs them as frames at the next safe point.
//!
//! Header word: bits 0-39 count, 40-47 flags, 48-63 layout number.
#![expect(unsafe_code, reason = "home of allocation and freeing")]

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::cell::{Cell, RefCell};
use std::ptr::{self, NonNull};

use crate::object::{Obj, Payload};
use crate::objects::types::Type;
use crate::value::Value;

pub const COUNT_MASK: u64 = (1 << 40) - 1;
const FLAG_SHIFT: u32 = 40;
const LAYOUT_SHIFT: u32 = 48;
/// Weak references to the object exist; they are in the `Vm`'s side table.
pub const HAS_WEAKREFS: u64 = 1 << FLAG_SHIFT;
/// The finaliser has run (it runs once).
pub const FINALIZED: u64 = 1 << (FLAG_SHIFT + 1);
/// Collector generation of the object: 0 young, 1, 2 old; 3 frozen.
pub const AGE_SHIFT: u32 = FLAG_SHIFT + 2;
pub const AGE_MASK: u64 = 3 << AGE_SHIFT;
/// Scratch bit of the collector: found unreachable in this run.
pub const GARBAGE: u64 = 1 << (FLAG_SHIFT + 4);
/// The object has been put on the finaliser queue and is kept alive by it.
pub const QUEUED: u64 = 1 << (FLAG_SHIFT + 5);
/// A str that is in the table of interned ones.
pub const INTERNED: u64 = 1 << (FLAG_SHIFT + 6);
/// Count of objects that live as long as their `Vm`.
pub const IMMORTAL: u64 = 1 << 38;

const PAGE_SIZE: usize = 64 * 1024;
/// Pages are cut from larger blocks: aligning each of them would waste as much again.
const BLOCK_PAGES: usize = 16;
const CLASS_COUNT: usize = 40;
const MAX_SMALL: usize = 4096;

/// Start of every heap object.
#[repr(C)]
pub struct Header {
    pub(crate) rc: Cell<u64>,
    pub(crate) ty: Cell<*const Obj<Type>>,
}

impl Header {
    #[inline(always)]
    pub fn layout(&self) -> u16 {
        (self.rc.get() >> LAYOUT_SHIFT) as u16
    }
    pub fn count(&self) -> u64 {
        self.rc.get() & COUNT_MASK
    }
    #[inline(always)]
    pub fn flag(&self, flag: u64) -> bool {
        self.rc.get() & flag != 0
    }
    pub fn set_flag(&self, flag: u64) {
        self.rc.set(self.rc.get() | flag);
    }
    pub fn clear_flag(&self, flag: u64) {
        self.rc.set(self.rc.get() & !flag);
    }
    pub fn age(&self) -> u64 {
        (self.rc.get() & AGE_MASK) >> AGE_SHIFT
    }
    pub fn set_age(&self, age: u64) {
        self.rc.set(self.rc.get() & !AGE_MASK | age << AGE_SHIFT);
    }
    /// The object's type.
    #[inline(always)]
    pub fn type_of(&self) -> &Obj<Type> {
        // SAFETY: a live object owns a count of its type (or the type is immortal), so the type
        // lives at least as long; the word is null only in free slots.
        unsafe { &*self.ty.get() }
    }
    pub fn make_immortal(&self) {
        self.rc.set(self.rc.get() + IMMORTAL);
    }
}

#[repr(C)]
struct Page {
    heap: *const Heap,
    slot_size: usize,
    /// Bytes of the whole page: PAGE_SIZE, or more for a page with one large object.
    bytes: usize,
    /// The collector's numbers of the slots while it runs, else null.
    marks: Cell<*mut i32>,
    /// 2^32 / slot_size, rounded up: times an offset in a page of PAGE_SIZE, the slot's number << 32.
    reciprocal: u32,
    /// Slots that have been used or linked; those behind have never been touched.
    slots: Cell<u32>,
    /// Slots that the page has room for.
    total: u32,
    class: u32,
    leaf: bool,
    /// The lowest age that an object in this page may have.
    min_age: Cell<u8>,
}

/// Class of a page with one large object.
const LARGE: u32 = u32::MAX;

const PAGE_HEAD: usize = 64;
const _: () = assert!(size_of::<Page>() <= PAGE_HEAD);

#[inline(always)]
fn page_of(ptr: NonNull<Header>) -> NonNull<Page> {
    let address = ptr.as_ptr() as usize & !(PAGE_SIZE - 1);
    // SAFETY: pages are aligned to PAGE_SIZE and never at address 0; a large object starts within
    // the first PAGE_SIZE bytes of its page.
    unsafe { NonNull::new_unchecked(address as *mut Page) }
}

#[inline(always)]
fn class_of(size: usize) -> usize {
    // 16-byte steps to 256, then four steps per doubling.
    if size <= 256 {
        size.div_ceil(16)
    } else {
        let bits = usize::BITS - (size - 1).leading_zeros();
        let shift = bits - 3;
        let step = (size - 1) >> shift; // 4..=7
        16 + (bits as usize - 9) * 4 + (step - 4) + 1
    }
}

fn class_size(class: usize) -> usize {
    if class <= 16 {
        class * 16
    } else {
        let k = class - 17;
        let bits = 9 + k / 4;
        (k % 4 + 5) << (bits - 3)
    }
}

/// See the module's text.
pub struct Heap {
    free: [[Cell<*mut Header>; CLASS_COUNT]; 2],
    /// Pages with slots that have never been touched.
    fresh: [[Cell<*mut Page>; CLASS_COUNT]; 2],
    pages: RefCell<Vec<NonNull<Page>>>,
    /// Blocks of `BLOCK_PAGES` pages, and those of their pages that are not in use.
    blocks: RefCell<Vec<NonNull<u8>>>,
    spare: RefCell<Vec<NonNull<u8>>>,
    /// See `Dead`.
    dead: Cell<usize>,
    /// The last one that the object which is being freed has put there.
    dead_last: Cell<*mut Header>,
    draining: Cell<bool>,
    /// Objects that died with a finaliser or weak references with callbacks, kept alive by a count.
    finalizable: RefCell<Vec<Value>>,
    /// Set when `finalizable` is not empty: looked at by the eval-breaker.
    pub(crate) pending: Cell<bool>,
    /// Container allocations minus frees since the last young collection.
    pub(crate) young_count: Cell<i64>,
    pub(crate) live: Cell<usize>,
    /// Bytes of pages and of storage that payloads registered.
    pub(crate) bytes: Cell<usize>,
    /// Weak references by address of their target.
    pub(crate) weak: RefCell<crate::weak::WeakTable>,
}

impl Heap {
    pub fn new() -> Box<Heap> {
        Box::new(Heap {
            free: std::array::from_fn(|_| std::array::from_fn(|_| Cell::new(ptr::null_mut()))),
            fresh: std::array::from_fn(|_| std::array::from_fn(|_| Cell::new(ptr::null_mut()))),
            pages: RefCell::new(Vec::new()),
            blocks: RefCell::default(),
            spare: RefCell::default(),
            dead: Cell::new(0),
            dead_last: Cell::new(ptr::null_mut()),
            draining: Cell::new(false),
            finalizable: RefCell::new(Vec::new()),
            pending: Cell::new(false),
            young_count: Cell::new(0),
            live: Cell::new(0),
            bytes: Cell::new(0),
            weak: RefCell::default(),
        })
    }

    /// Allocates an object of payload `T` with `extra` bytes behind it (zeroed when asked for).
    #[inline(always)]
    pub fn alloc<T: Payload>(&self, ty: &Obj<Type>, payload: T, extra: usize) -> NonNull<Obj<T>> {
        let size = size_of::<Obj<T>>() + extra;
        // Instances of a class have attributes and know their class, whatever they derive from.
        let leaf = T::LEAF && !ty.is_heap_type();
        let slot = self.slot(size, leaf).cast::<Obj<T>>();
        if !leaf {
            self.young_count.set(self.young_count.get() + 1);
            // SAFETY: the slot lies in a page of this heap.
            unsafe { page_of(slot.cast()).as_ref() }.min_age.set(0);
        }
        // SAFETY: the slot is free, aligned to 16 and at least `size` bytes.
        unsafe {
            slot.as_ptr().write(Obj {
                header: Header {
                    rc: Cell::new(1 | (T::LAYOUT as u64) << LAYOUT_SHIFT),
                    ty: Cell::new(ty),
                },
                payload,
            });
        }
        if ty.is_heap_type() {
            ty.header.rc.set(ty.header.rc.get() + 1);
        }
        slot
    }

    /// For the first objects of a `Vm`, whose types do not exist yet: boot sets the type word.
    pub(crate) fn alloc_untyped<T: Payload>(&self, payload: T) -> NonNull<Obj<T>> {
        let slot = self.slot(size_of::<Obj<T>>(), T::LEAF).cast::<Obj<T>>();
        // SAFETY: as in `alloc`.
        unsafe {
            slot.as_ptr().write(Obj {
                header: Header {
                    rc: Cell::new(1 | (T::LAYOUT as u64) << LAYOUT_SHIFT),
                    ty: Cell::new(ptr::null()),
                },
                payload,
            });
        }
        slot
    }

    #[inline(always)]
    fn slot(&self, size: usize, leaf: bool) -> NonNull<Header> {
        self.live.set(self.live.get() + 1);
        if size <= MAX_SMALL {
            let class = class_of(size);
            let head = &self.free[leaf as usize][class];
            if let Some(slot) = NonNull::new(head.get()) {
                // SAFETY: a free slot's first word links to the next free one.
                head.set(unsafe { *slot.as_ptr().cast::<*mut Header>() });
                return slot;
            }
            self.refill(class, leaf)
        } else {
            self.large(size, leaf)
        }
    }

    #[cold]
    #[inline(never)]
    fn refill(&self, class: usize, leaf: bool) -> NonNull<Header> {
        // Slots are linked by the memory page: what is never needed is never touched.
        let slot_size = class_size(class);
        let fresh = &self.fresh[leaf as usize][class];
        let page = match NonNull::new(fresh.get()) {
            Some(page) => page,
            None => self.new_page(PAGE_SIZE, slot_size, leaf, class as u32),
        };
        let base = page.as_ptr() as usize;
        // SAFETY: pages of this heap stay allocated while it lives.
        let head = unsafe { page.as_ref() };
        let from = head.slots.get() as usize;
        let upto = (from + (4096 / slot_size).max(1)).min(head.total as usize);
        head.slots.set(upto as u32);
        fresh.set(if upto < head.total as usize { page.as_ptr() } else { ptr::null_mut() });
        let mut next: *mut Header = ptr::null_mut();
        for i in (from + 1..upto).rev() {
            let slot = (base + PAGE_HEAD + i * slot_size) as *mut Header;
            // SAFETY: the slot lies inside the new page; both words belong to it.
            unsafe {
                slot.cast::<*mut Header>().write(next);
                (*slot).ty.set(ptr::null());
            }
            next = slot;
        }
        self.free[leaf as usize][class].set(next);
        // SAFETY: the first slot of this part of the page.
        unsafe { NonNull::new_unchecked((base + PAGE_HEAD + from * slot_size) as *mut Header) }
    }

    #[cold]
    #[inline(never)]
    fn large(&self, size: usize, leaf: bool) -> NonNull<Header> {
        let bytes = (size + PAGE_HEAD).next_multiple_of(4096);
        let page = self.new_page(bytes, size, leaf, LARGE);
        // SAFETY: the one slot of the page.
        unsafe { NonNull::new_unchecked((page.as_ptr() as usize + PAGE_HEAD) as *mut Header) }
    }

    fn new_page(&self, bytes: usize, slot_size: usize, leaf: bool, class: u32) -> NonNull<Page> {
        let large = class == LARGE;
        let page = if large { allocate(bytes) } else { self.spare_page() }.cast::<Page>();
        let total = if large { 1 } else { (bytes - PAGE_HEAD) / slot_size } as u32;
        // SAFETY: freshly allocated, large enough for the head.
        unsafe {
            page.as_ptr().write(Page {
                heap: self,
                slot_size,
                bytes,
                marks: Cell::new(ptr::null_mut()),
                reciprocal: if large { 0 } else { (1u64 << 32).div_ceil(slot_size as u64) as u32 },
                slots: Cell::new(if large { 1 } else { 0 }),
                total,
                class,
                leaf,
                min_age: Cell::new(0),
            });
        }
        self.bytes.set(self.bytes.get() + bytes);
        if stackless_primitives::memory::is_over() {
            self.pending.set(true);
        }
        push_unborrowed(&self.pages, page);
        page
    }

    /// Memory for a page of the usual size.
    fn spare_page(&self) -> NonNull<u8> {
        if self.spare.borrow().is_empty() {
            let block = allocate(BLOCK_PAGES * PAGE_SIZE);
            push_unborrowed(&self.blocks, block);
            let mut spare = self.spare.borrow_mut();
            // SAFETY: the pages of the block; the first is used first.
            spare.extend((0..BLOCK_PAGES).rev().map(|i| unsafe { block.add(i * PAGE_SIZE) }));
        }
        let page = self.spare.borrow_mut().pop();
        match page {
            Some(page) => page,
            None => handle_alloc_error(Layout::new::<Page>()),
        }
    }

    /// Gives blocks without a page in use back to the system.
    fn release_blocks(&self) {
        let mut spare = self.spare.borrow_mut();
        let block_of = |page: &NonNull<u8>, block: &NonNull<u8>| {
            (page.as_ptr() as usize).wrapping_sub(block.as_ptr() as usize) < BLOCK_PAGES * PAGE_SIZE
        };
        let mut by_block: std::collections::BTreeMap<usize, usize> = Default::default();
        let mut blocks = self.blocks.borrow_mut();
        blocks.sort();
        for page in spare.iter() {
            let at = blocks.partition_point(|b| b <= page);
            *by_block.entry(at.wrapping_sub(1)).or_default() += 1;
        }
        let mut at = 0;
        blocks.retain(|block| {
            let unused = by_block.get(&at) == Some(&BLOCK_PAGES);
            at += 1;
            if unused {
                spare.retain(|page| !block_of(page, block));
                // SAFETY: allocated in `spare_page`; none of its pages is in use.
                unsafe { dealloc(block.as_ptr(), block_layout(BLOCK_PAGES * PAGE_SIZE)) };
            }
            !unused
        });
    }

    /// Gives empty pages back to the system; gives the bytes of free slots that stay.
    pub(crate) fn trim(&self) -> usize {
        // The lowest age of pages that go, which no object has.
        const EMPTY: u8 = u8::MAX;
        let (mut slack, mut empty) = (0, false);
        for page in self.pages.borrow().iter() {
            // SAFETY: pages in the list are allocated; slot boundaries as in `walk`.
            let head = unsafe { page.as_ref() };
            if head.class == LARGE {
                continue;
            }
            let used = (0..head.slots.get() as usize).filter(|i| {
                let slot = page.as_ptr() as usize + PAGE_HEAD + i * head.slot_size;
                // SAFETY: as above; a free slot has a null type word.
                unsafe { !(*(slot as *const Header)).ty.get().is_null() }
            });
            match used.count() {
                0 => {
                    head.min_age.set(EMPTY);
                    empty = true;
                }
                used => slack += (head.total as usize - used) * head.slot_size,
            }
        }
        if !empty {
            return slack;
        }
        let stays = |slot: *mut Header| {
            // SAFETY: free slots lie in pages that are still allocated.
            NonNull::new(slot)
                .is_some_and(|s| unsafe { page_of(s).as_ref() }.min_age.get() != EMPTY)
        };
        for lists in &self.free {
            for list in lists {
                let (mut at, mut kept) = (list.get(), ptr::null_mut());
                while !at.is_null() {
                    // SAFETY: a free slot's first word links to the next free one.
                    unsafe {
                        let next = *at.cast::<*mut Header>();
                        if stays(at) {
                            at.cast::<*mut Header>().write(kept);
                            kept = at;
                        }
                        at = next;
                    }
                }
                list.set(kept);
            }
        }
        for fresh in self.fresh.iter().flatten() {
            // SAFETY: a page with fresh slots is in the list of pages.
            if NonNull::new(fresh.get())
                // SAFETY: pages on the list are allocated.
                .is_some_and(|p| unsafe { p.as_ref() }.min_age.get() == EMPTY)
            {
                fresh.set(ptr::null_mut());
            }
        }
        self.pages.borrow_mut().retain(|page| {
            // SAFETY: as above; nothing refers to an empty page any more.
            unsafe {
                let (age, bytes) = (page.as_ref().min_age.get(), page.as_ref().bytes);
                if age == EMPTY {
                    self.bytes.set(self.bytes.get() - bytes);
                    self.spare.borrow_mut().push(page.cast());
                }
                age != EMPTY
            }
        });
        self.release_blocks();
        slack
    }

    /// Objects that wait for their finalisers, oldest first.
    pub(crate) fn take_finalizable(&self) -> Vec<Value> {
        self.pending.set(false);
        std::mem::take(&mut *self.finalizable.borrow_mut())
    }

    pub(crate) fn queue_finalizable(&self, object: Value) {
        let mut queue = self.finalizable.borrow_mut();
        if stackless_primitives::memory::attempt(|| queue.try_reserve(1)).is_err() {
            // No memory for finalisers: the object stays as it is.
            std::mem::forget(object);
            return;
        }
        queue.push(object);
        self.pending.set(true);
    }

    /// Calls `visit` with the container objects of pages that may hold ages up to `age`. Whoever
    /// asks makes these objects older: the pages are noted as such.
    pub(crate) fn each_aged(&self, age: u8, visit: impl FnMut(&Header)) {
        self.walk(false, age, visit);
    }

    /// Calls `visit` with every live container object (and leaves too, with `leaves`).
    pub(crate) fn each_object(&self, leaves: bool, visit: impl FnMut(&Header)) {
        self.walk(leaves, u8::MAX, visit);
    }

    fn walk(&self, leaves: bool, age: u8, mut visit: impl FnMut(&Header)) {
        let pages = self.pages.borrow().clone();
        for page in pages {
            // SAFETY: pages stay allocated while the heap lives, large ones until their object is
            // freed, which does not happen during a walk (nothing is dropped by `visit`).
            let page_ref = unsafe { page.as_ref() };
            if page_ref.leaf && !leaves || page_ref.min_age.get() > age {
                continue;
            }
            if age != u8::MAX {
                page_ref.min_age.set((age + 1).min(2));
            }
            for i in 0..page_ref.slots.get() as usize {
                let slot = page.as_ptr() as usize + PAGE_HEAD + i * page_ref.slot_size;
                // SAFETY: slot boundaries of this page; a free slot has a null type word.
                let header = unsafe { &*(slot as *const Header) };
                if !header.ty.get().is_null() {
                    visit(header);
                }
            }
        }
    }

    /// What exists now is old, and not looked at by the collector at all until its page gets new
    /// objects: for the objects of the start, which live on.
    pub fn settle(&self) {
        self.each_object(false, |h| h.set_age(2));
        for page in self.pages.borrow().iter() {
            // SAFETY: pages stay allocated while the heap lives.
            unsafe { page.as_ref() }.min_age.set(3);
        }
        self.young_count.set(0);
    }

    /// Is there a young object whose death runs code: a finaliser, or a weak reference's callback?
    pub fn has_young_finalizers(&self) -> bool {
        self.pages.borrow().iter().any(|page| {
            // SAFETY: as in `walk`.
            let head = unsafe { page.as_ref() };
            (0..head.slots.get() as usize).any(|i| {
                let slot = page.as_ptr() as usize + PAGE_HEAD + i * head.slot_size;
                // SAFETY: as in `walk`.
                let h = unsafe { &*(slot as *const Header) };
                head.min_age.get() < 2 && !h.ty.get().is_null() && h.age() < 2 && has_last_words(h)
            })
        })
    }

    /// Every object is looked at by the collector again.
    pub(crate) fn unsettle(&self) {
        for page in self.pages.borrow().iter() {
            // SAFETY: pages stay allocated while the heap lives.
            unsafe { page.as_ref() }.min_age.set(0);
        }
    }

    /// An object was made young again.
    pub(crate) fn note_young(&self, header: &Header) {
        // SAFETY: live objects lie in pages.
        unsafe { page_of(NonNull::from(header)).as_ref() }.min_age.set(0);
    }

    /// Ends all weak references to an object; their callbacks are queued.
    pub(crate) fn clear_weakrefs(&self, header: &Header) {
        header.clear_flag(HAS_WEAKREFS);
        let refs = self.weak.borrow_mut().take(header as *const Header as u64);
        for r in refs {
            if let Some(weak) = r.get::<crate::weak::WeakRef>() {
                weak.target.set(0);
                if !weak.callback.is_unbound() && !weak.callback.peek().is_none() {
                    self.queue_finalizable(r);
                }
            }
        }
    }

    /// Container allocations minus frees since the last collection.
    pub fn young_objects(&self) -> i64 {
        self.young_count.get().max(0)
    }

    pub fn live_objects(&self) -> usize {
        self.live.get()
    }
}

impl Drop for Heap {
    fn drop(&mut self) {
        // Dropped later as a field, these would give back counts on pages that are freed here.
        self.finalizable.get_mut().drain(..).for_each(std::mem::forget);
        for page in self.pages.get_mut().drain(..) {
            // SAFETY: the page came from `alloc` with this layout; the Vm is gone, so are values.
            unsafe {
                if page.as_ref().class == LARGE {
                    dealloc(page.as_ptr().cast(), block_layout(page.as_ref().bytes));
                }
            }
        }
        for block in self.blocks.get_mut().drain(..) {
            // SAFETY: allocated in `spare_page`.
            unsafe { dealloc(block.as_ptr(), block_layout(BLOCK_PAGES * PAGE_SIZE)) };
        }
        stackless_primitives::memory::release_kept();
    }
}

fn has_last_words(h: &Header) -> bool {
    if h.layout() == crate::layout::WEAKREF {
        // SAFETY: the layout number was just compared.
        let weak = unsafe { &*(h as *const Header as *const Obj<crate::weak::WeakRef>) };
        return !weak.callback.is_unbound() && !weak.callback.peek().is_none();
    }
    h.type_of().needs_finalizer()
        && !h.flag(FINALIZED)
        && !crate::objects::generator::dies_quietly(h)
}

/// A number for each object that a collection looks at, in tables beside the pages.
#[derive(Default)]
pub(crate) struct Marks(Vec<(NonNull<Page>, Box<[i32]>)>);

impl Marks {
    /// The number of objects that have none.
    pub const ABSENT: i32 = i32::MIN;

    pub fn add(&mut self, header: &Header, number: i32) {
        let page = page_of(NonNull::from(header));
        // SAFETY: live objects lie in pages.
        let head = unsafe { page.as_ref() };
        if head.marks.get().is_null() {
            let mut table = vec![Self::ABSENT; head.slots.get() as usize].into_boxed_slice();
            head.marks.set(table.as_mut_ptr());
            self.0.push((page, table));
        }
        if let Some(cell) = Self::of(header) {
            cell.set(number);
        }
    }

    /// The number of a live object, if its page has a table.
    #[inline(always)]
    pub fn of(header: &Header) -> Option<&Cell<i32>> {
        let page = page_of(NonNull::from(header));
        // SAFETY: live objects lie in pages.
        let head = unsafe { page.as_ref() };
        let table = NonNull::new(head.marks.get())?;
        let offset = header as *const Header as usize - page.as_ptr() as usize - PAGE_HEAD;
        let slot = ((offset as u64 * head.reciprocal as u64) >> 32) as usize;
        // SAFETY: the table has an entry for each slot in use; the tables live as long as `Marks`.
        Some(unsafe { &*table.as_ptr().add(slot).cast::<Cell<i32>>() })
    }
}

impl Drop for Marks {
    fn drop(&mut self) {
        for (page, _) in &self.0 {
            // SAFETY: pages stay while a collection runs.
            unsafe { page.as_ref() }.marks.set(ptr::null_mut());
        }
    }
}

fn block_layout(bytes: usize) -> Layout {
    // SAFETY: the alignment is a power of two; sizes were checked in `allocate`.
    unsafe { Layout::from_size_align_unchecked(bytes, PAGE_SIZE) }
}

/// Appends to a list that is not borrowed while memory for it is asked for: a refusal may leave the
/// stack for ever (`stacks::leave`), and the list would stay borrowed.
fn push_unborrowed<T>(list: &RefCell<Vec<T>>, item: T) {
    use stackless_primitives::memory::attempt;
    let mut items = list.borrow_mut();
    if items.len() == items.capacity() && attempt(|| items.try_reserve(1)).is_err() {
        let (len, capacity) = (items.len(), items.capacity());
        drop(items);
        let mut larger = Vec::with_capacity(capacity.saturating_mul(2));
        items = list.borrow_mut();
        debug_assert_eq!(len, items.len());
        larger.append(&mut items);
        *items = larger;
    }
    items.push(item);
}

/// Memory that is aligned to a page.
fn allocate(bytes: usize) -> NonNull<u8> {
    let Ok(layout) = Layout::from_size_align(bytes, PAGE_SIZE) else {
        handle_alloc_error(Layout::new::<Page>())
    };
    // SAFETY: the layout has a size above zero.
    let block = unsafe { alloc(layout) };
    NonNull::new(block).unwrap_or_else(|| handle_alloc_error(layout))
}

/// The heap that an object lives in.
pub(crate) fn heap_of(header: &Header) -> &Heap {
    // SAFETY: every live object's page names its heap, which outlives it.
    unsafe { &*page_of(NonNull::from(header)).as_ref().heap }
}

/// Called when the last count of an object is gone.
///
/// # Safety
/// The object is alive and its count is zero.
#[cold]
#[inline(never)]
pub(crate) unsafe fn release(object: NonNull<Header>) {
    // SAFETY: see the function's contract; the page names the heap.
    let (header, heap) = unsafe { (object.as_ref(), &*page_of(object).as_ref().heap) };
    let ty = header.type_of();
    let finalizable = ty.needs_finalizer()
        && !header.flag(FINALIZED)
        && !crate::objects::generator::dies_quietly(header);
    if finalizable && !heap.draining.get() {
        header.rc.set(header.rc.get() + 1);
        header.set_flag(QUEUED);
        // SAFETY: the count was just given back.
        heap.queue_finalizable(unsafe { Value::from_raw(object) });
        return;
    }
    if header.flag(HAS_WEAKREFS) && !finalizable {
        heap.clear_weakrefs(header);
    }
    if heap.draining.get() {
        // The count word links the dead list; type and payload are still whole. What one object held
        // dies in the order in which it let go, and before its siblings.
        let notes = if finalizable { Dead::notes(header) } else { 0 };
        let last = heap.dead_last.replace(object.as_ptr()).cast::<usize>();
        // SAFETY: nobody else refers to the object, nor to the one before it on the list.
        unsafe {
            let place = if last.is_null() { heap.dead.as_ptr() } else { last };
            let before = *place;
            object.as_ptr().cast::<usize>().write(before & !Dead::NOTES | notes);
            *place = object.as_ptr() as usize | before & Dead::NOTES;
        }
    } else {
        heap.draining.set(true);
        heap.dead_last.set(ptr::null_mut());
        // SAFETY: as above.
        unsafe { free(heap, object) };
        while let Some(dead) = NonNull::new(heap.dead.get() as *mut Header) {
            // SAFETY: entries of the dead list are whole objects without references to them.
            unsafe {
                let word = *dead.as_ptr().cast::<usize>();
                heap.dead.set(word & !Dead::NOTES);
                heap.dead_last.set(ptr::null_mut());
                match word & Dead::NOTES {
                    0 => free(heap, dead),
                    notes => {
                        let header = dead.as_ref();
                        let layout = (header.type_of().layout.get() as u64) << LAYOUT_SHIFT;
                        header.rc.set(layout | Dead::flags(notes) | QUEUED | 1);
                        heap.queue_finalizable(Value::from_raw(dead));
                    }
                }
            }
        }
        heap.draining.set(false);
    }
}

/// Words of the dead list: the address of the next object and, in its free low bits, what is to be
/// remembered of this one, if it waits for its finaliser.
struct Dead;

impl Dead {
    const NOTES: usize = 15;

    fn notes(header: &Header) -> usize {
        let word = header.rc.get();
        let age = (word & AGE_MASK) >> AGE_SHIFT;
        1 | (header.flag(HAS_WEAKREFS) as usize) << 1 | (age as usize) << 2
    }

    fn flags(notes: usize) -> u64 {
        let weak = if notes & 2 != 0 { HAS_WEAKREFS } else { 0 };
        weak | (notes as u64 >> 2) << AGE_SHIFT
    }
}

impl Heap {
    /// After native code was left for ever: what it had borrowed is not borrowed any more.
    pub(crate) fn return_borrowed(&mut self) {
        use crate::vm::return_borrowed as back;
        back(&mut self.pages, Vec::new());
        back(&mut self.blocks, Vec::new());
        back(&mut self.spare, Vec::new());
        back(&mut self.finalizable, Vec::new());
        back(&mut self.weak, Default::default());
    }

    /// After a panic in a payload's destructor: that object is lost, the dead list goes on later.
    pub(crate) fn abandon_draining(&self) {
        self.draining.set(false);
    }
}

/// # Safety
/// `object` is whole and unreferenced.
unsafe fn free(heap: &Heap, object: NonNull<Header>) {
    // SAFETY: the type outlives its instances; the drop function belongs to the object's layout.
    unsafe {
        let ty = &*object.as_ref().ty.get();
        crate::instance::drop_ext(object.as_ref());
        (ty.drop_fn())(object);
        object.as_ref().ty.set(ptr::null());
        heap.live.set(heap.live.get() - 1);
        if ty.is_heap_type() {
            drop(Value::from_raw(NonNull::from(&ty.header)));
        }
        let page = page_of(object);
        let head = page.as_ref();
        if !head.leaf {
            heap.young_count.set(heap.young_count.get() - 1);
        }
        if head.class == LARGE {
            let bytes = head.bytes;
            heap.pages.borrow_mut().retain(|p| *p != page);
            heap.bytes.set(heap.bytes.get() - bytes);
            dealloc(page.as_ptr().cast(), block_layout(bytes));
        } else {
            let list = &heap.free[head.leaf as usize][head.class as usize];
            object.as_ptr().cast::<*mut Header>().write(list.get());
            list.set(object.as_ptr());
        }
    }
}

/// Frees an object of a static type whose payload and extension hold nothing that must be dropped.
/// False: somebody listens to its death, so `release` is called for.
///
/// # Safety
/// The object lives in `heap`, is whole and unreferenced, and no larger than a page.
#[inline(always)]
pub(crate) unsafe fn free_hollow(heap: &Heap, object: NonNull<Header>) -> bool {
    // SAFETY: the contract.
    unsafe {
        let header = object.as_ref();
        if header.flag(HAS_WEAKREFS) || header.type_of().needs_finalizer() {
            return false;
        }
        header.ty.set(ptr::null());
        heap.live.set(heap.live.get() - 1);
        let head = page_of(object).as_ref();
        if !head.leaf {
            heap.young_count.set(heap.young_count.get() - 1);
        }
        let list = &heap.free[head.leaf as usize][head.class as usize];
        object.as_ptr().cast::<*mut Header>().write(list.get());
        list.set(object.as_ptr());
        true
    }
}

/// Destructor of objects with payload `T`, for type objects.
///
/// # Safety
/// `object` has payload `T` and is not used afterwards.
pub(crate) unsafe fn drop_payload<T: Payload>(object: NonNull<Header>) {
    // SAFETY: the contract.
    unsafe { ptr::drop_in_place(&raw mut (*object.as_ptr().cast::<Obj<T>>()).payload) }
}

/// Traversal of objects with payload `T`, for type objects.
///
/// # Safety
/// `object` has payload `T`.
pub(crate) unsafe fn traverse_payload<T: Payload>(
    object: NonNull<Header>,
    visit: &mut dyn FnMut(&Value),
) {
    // SAFETY: the contract.
    unsafe { object.cast::<Obj<T>>().as_ref().payload.traverse(visit) }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn slot_numbers_come_from_offsets() {
        for class in 1..CLASS_COUNT {
            let size = class_size(class) as u64;
            let reciprocal = (1u64 << 32).div_ceil(size);
            for i in 0..(PAGE_SIZE as u64 - PAGE_HEAD as u64) / size {
                assert_eq!((i * size * reciprocal) >> 32, i, "{size}");
            }
        }
    }
    #[test]
    fn size_classes_cover_their_sizes() {
        for size in 1..=MAX_SMALL {
            let class = class_of(size);
            assert!(class < CLASS_COUNT && class_size(class) >= size, "{size}");
            assert!(class == 1 || class_size(class - 1) < size, "{size}");
        }
    }
}

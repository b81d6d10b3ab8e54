//! The cycle collector: CPython's three generations by counts over the page walk.
//!
//! Candidates are container objects of the collected ages. Each gets its reference count minus the
//! references that come from other candidates; those with something left, and all they reach, are
//! alive. The rest is garbage: objects with finalisers (and what they reach) are queued for them
//! first and looked at again later; weak references are cleared; then the cycles are broken.
//! Runs only at breaker points and from `gc.collect()`. CPython's counterpart: `Python/gc.c`.
#![expect(unsafe_code, reason = "traverses payloads through their types")]

use std::cell::Cell;
use std::mem::ManuallyDrop;
use std::ptr::NonNull;

use crate::heap::{FINALIZED, GARBAGE, HAS_WEAKREFS, Header, Marks, QUEUED};
use crate::objects::types::{Type, tflags};
use crate::value::Value;
use crate::vm::Vm;

pub struct Collector {
    pub enabled: bool,
    pub threshold: [i64; 3],
    pub counts: [i64; 3],
    pub collections: [u64; 3],
    pub collected: [u64; 3],
    pub uncollectable: [u64; 3],
    running: bool,
    /// Container allocations since the last collection of everything.
    since_full: i64,
    /// The last collection queued finalisers: their objects are looked at again.
    pub finalizing: bool,
}

impl Default for Collector {
    fn default() -> Self {
        Collector {
            enabled: true,
            threshold: [2000, 10, 10],
            counts: [0; 3],
            collections: [0; 3],
            collected: [0; 3],
            uncollectable: [0; 3],
            running: false,
            since_full: 0,
            finalizing: false,
        }
    }
}

pub(crate) fn due(vm: &Vm) -> bool {
    vm.gc.enabled
        && vm.gc.threshold[0] > 0
        && vm.heap.young_count.get() > vm.gc.threshold[0]
        // A collection needs memory itself.
        && !stackless_primitives::memory::reserve_is_used()
}

/// A collection did not come to its end.
pub(crate) fn abandon(vm: &mut Vm) {
    vm.gc.running = false;
}

/// The automatic collection: the oldest generation that is due.
pub(crate) fn collect_young(vm: &mut Vm) {
    let t = vm.gc.threshold;
    // A collection of everything waits for a quarter of the heap to be new, so that the total work
    // stays linear in the allocations.
    let new = vm.gc.since_full + vm.heap.young_count.get();
    let generation =
        if vm.gc.counts[2] > t[2] && t[2] > 0 && new > vm.heap.live_objects() as i64 / 4 {
            2
        } else if vm.gc.counts[1] > t[1] && t[1] > 0 {
            1
        } else {
            0
        };
    collect(vm, generation);
}

pub(crate) fn traverse(header: &Header, visit: &mut dyn FnMut(&Value)) {
    let ty = header.type_of();
    // SAFETY: the traversal function belongs to the object's layout.
    unsafe { (ty.traverse.get())(NonNull::from(header), visit) };
    crate::instance::traverse_ext(header, visit);
    if ty.is_heap_type() {
        // SAFETY: the object holds a count of its type, which is lent here.
        visit(&ManuallyDrop::new(unsafe { Value::from_raw(NonNull::from(&ty.header)) }));
    }
}

/// Collects one generation and younger ones; gives the number of unreachable objects.
pub fn collect(vm: &mut Vm, generation: usize) -> usize {
    if vm.gc.running {
        return 0;
    }
    vm.gc.running = true;
    let max_age = generation as u64;
    let mut candidates: Vec<NonNull<Header>> = Vec::new();
    let mut marks = Marks::default();
    vm.heap.each_aged(generation as u8, |h| {
        // What has more references than a mark can count is alive in any case.
        if h.age() <= max_age
            && let Ok(count @ 1..) = i32::try_from(h.count())
        {
            marks.add(h, count);
            candidates.push(NonNull::from(h));
        }
    });
    // SAFETY: nothing is freed until the unreachable set is known.
    let found = unsafe { unreachable(&candidates) };
    drop(marks);
    for c in &candidates {
        // SAFETY: as above.
        unsafe { c.as_ref().set_age((max_age + 1).min(2)) };
    }
    let n = found.len();
    vm.gc.finalizing = false;
    if n > 0 {
        dispose(vm, found);
    }
    if generation == 2 {
        vm.scheduler.spare_chunks.clear();
    }
    vm.gc.since_full =
        if generation == 2 { 0 } else { vm.gc.since_full + vm.heap.young_count.get().max(0) };
    vm.heap.young_count.set(0);
    for (i, count) in vm.gc.counts.iter_mut().enumerate() {
        if i <= generation {
            *count = 0;
        } else if i == generation + 1 {
            *count += 1;
        }
    }
    vm.gc.collections[generation] += 1;
    vm.gc.collected[generation] += n as u64;
    vm.gc.running = false;
    n
}

/// # Safety
/// The candidates are live objects and stay so; their marks are their reference counts.
unsafe fn unreachable(candidates: &[NonNull<Header>]) -> Vec<NonNull<Header>> {
    let mark = |c: &NonNull<Header>| {
        // SAFETY: the contract.
        Marks::of(unsafe { c.as_ref() }).map_or(Marks::ABSENT, Cell::get)
    };
    for c in candidates {
        // SAFETY: the contract.
        traverse(unsafe { c.as_ref() }, &mut |v| {
            if let Some(h) = v.header()
                && let Some(n) = Marks::of(h)
                && n.get() != Marks::ABSENT
            {
                n.set(n.get() - 1);
            }
        });
    }
    let mut work: Vec<NonNull<Header>> = Vec::new();
    for c in candidates {
        if mark(c) > 0 {
            work.push(*c);
        }
    }
    for c in &work {
        // SAFETY: the contract.
        if let Some(n) = Marks::of(unsafe { c.as_ref() }) {
            n.set(Marks::ABSENT);
        }
    }
    while let Some(c) = work.pop() {
        // SAFETY: the contract.
        traverse(unsafe { c.as_ref() }, &mut |v| {
            if let Some(h) = v.header()
                && let Some(n) = Marks::of(h)
                && n.get() != Marks::ABSENT
            {
                n.set(Marks::ABSENT);
                work.push(NonNull::from(h));
            }
        });
    }
    candidates.iter().copied().filter(|c| mark(c) != Marks::ABSENT).collect()
}

fn dispose(vm: &mut Vm, found: Vec<NonNull<Header>>) {
    // Own everything first, so that nothing dies while cycles are broken.
    let owned: Vec<Value> = found
        .iter()
        .map(|h| {
            // SAFETY: unreachable objects are alive until their cycles are broken.
            unsafe {
                h.as_ref().rc.set(h.as_ref().rc.get() + 1);
                h.as_ref().set_flag(GARBAGE);
                Value::from_raw(*h)
            }
        })
        .collect();
    for v in &owned {
        if let Some(h) = v.header()
            && h.flag(HAS_WEAKREFS)
        {
            vm.heap.clear_weakrefs(h);
        }
    }
    let mut finalizers = false;
    for v in &owned {
        let Some(h) = v.header() else { continue };
        if h.type_of().needs_finalizer() && !h.flag(FINALIZED) && !h.flag(QUEUED) {
            finalizers = true;
            h.set_flag(QUEUED);
            vm.heap.queue_finalizable(v.clone());
        }
    }
    for v in &owned {
        if let Some(h) = v.header() {
            h.clear_flag(GARBAGE);
        }
    }
    if finalizers {
        vm.gc.finalizing = true;
        // Finalisers see whole objects; what is still unreachable afterwards goes next time.
        for v in &owned {
            if let Some(h) = v.header() {
                h.set_age(0);
                vm.heap.note_young(h);
            }
        }
        return;
    }
    for v in &owned {
        crate::clear::clear(vm, v);
    }
    drop(owned);
}

/// A hasher for addresses.
#[derive(Clone, Copy, Default)]
pub(crate) struct Fast;
pub(crate) struct FastState(u64);
impl std::hash::BuildHasher for Fast {
    type Hasher = FastState;
    fn build_hasher(&self) -> FastState {
        FastState(0)
    }
}
impl std::hash::Hasher for FastState {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for b in bytes {
            self.0 = self.0.wrapping_mul(31).wrapping_add(*b as u64);
        }
    }
    fn write_u64(&mut self, v: u64) {
        // Addresses of one size class agree in their low bits: the high half of the product tells
        // them apart, and tables look at the low bits.
        let mixed = (v >> 4).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ mixed >> 32;
    }
}

/// `gc.enable` and `gc.disable`.
pub fn set_enabled(vm: &mut Vm, on: bool) {
    vm.gc.enabled = on;
}

pub fn is_enabled(vm: &Vm) -> bool {
    vm.gc.enabled
}

/// The age of objects that `gc.freeze` took out of all collections.
const FROZEN: u64 = 3;

/// The container objects of one generation, or of all of them.
pub fn objects(vm: &Vm, generation: Option<u64>) -> Vec<Value> {
    let mut out = Vec::new();
    vm.heap.each_object(false, |h| {
        let wanted = generation.is_none_or(|g| h.age() == g);
        if wanted && h.count() > 0 {
            h.rc.set(h.rc.get() + 1);
            // SAFETY: a live object, whose count was raised for this value.
            out.push(unsafe { Value::from_raw(NonNull::from(h)) });
        }
    });
    out.retain(|v| is_tracked(vm, v));
    out
}

/// What an object refers to, its class not included unless it is a heap type's.
pub fn referents(object: &Value, visit: &mut dyn FnMut(&Value)) {
    if let Some(h) = object.header() {
        traverse(h, &mut |v| {
            if v.is_object() || !v.is_unbound() {
                visit(v);
            }
        });
    }
}

/// Can this object be part of a cycle, by its type? (CPython does not track the others.)
pub fn is_tracked(vm: &Vm, object: &Value) -> bool {
    if object.header().is_none() {
        return false;
    }
    let ty = vm.type_of(object);
    if !ty.is_heap_type() {
        let empty = object.has::<crate::objects::tuple::Tuple>() && object.tuple_items().is_empty();
        return ty.has_flag(tflags::HAS_GC) && !empty;
    }
    let native =
        ty.mro_items(vm).iter().filter_map(|c| c.get::<Type>()).find(|c| !c.is_heap_type());
    ty.has_dict.get()
        || ty.fixed_slots.get() > 0
        || native.is_some_and(|n| n.has_flag(tflags::HAS_GC))
}

pub fn is_finalized(object: &Value) -> bool {
    object.header().is_some_and(|h| h.flag(FINALIZED))
}

pub fn freeze(vm: &Vm) {
    vm.heap.each_object(false, |h| h.set_age(FROZEN));
}

pub fn unfreeze(vm: &Vm) {
    vm.heap.each_object(false, |h| {
        if h.age() == FROZEN {
            h.set_age(2);
        }
    });
}

pub fn frozen(vm: &Vm) -> usize {
    let mut n = 0;
    vm.heap.each_object(false, |h| n += (h.age() == FROZEN) as usize);
    n
}

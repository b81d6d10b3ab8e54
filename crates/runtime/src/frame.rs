//! Activations and the stack chunks they live in.
//!
//! A frame is `{caller, body, ip, function, extra, state | registers}` at a fixed address until it
//! is popped. Python frames run a `Body`; native frames (`machine`) run a step function and use the
//! same header, so that a tasklet is one chain of frames, each of them data.
//!
//! Invariants:
//! - registers below `first_temp` of a Python frame always hold a valid value (or *unbound*);
//! - of its temporaries exactly the first `live_at(ip)` are valid while it is not running;
//! - all registers of a native frame are valid;
//! - `state == 0` means: nothing unusual, so the interpreter's fast return may be used;
//! - chunk frames are pushed at `Stack::top` and popped in reverse order; generator frames live in
//!   blocks of their own and are linked into the chain while they run.
#![expect(unsafe_code, reason = "home of frames and chunks")]

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::ptr;

use crate::body::Body;
use crate::machine::Machine;
use crate::object::ValueCell;
use crate::objects::function::Function;
use crate::value::Value;

/// Flags of `Frame::state` above the stage byte.
pub mod state {
    pub const STAGE: u32 = 0xff;
    pub const NATIVE: u32 = 1 << 8;
    pub const GENERATOR: u32 = 1 << 9;
    /// First frame of its chunk.
    pub const FIRST: u32 = 1 << 10;
    /// `extra` is set.
    pub const EXTRA: u32 = 1 << 11;
    /// Constructor call: the result must be None and is replaced by `extra.result`.
    pub const INIT: u32 = 1 << 12;
    /// None of these is set in a frame that waits for a plain result of its current instruction.
    pub const NOT_WAITING: u32 = STAGE | NATIVE;
}

/// Stages of Python frames that mean the same at every instruction.
pub mod stage {
    /// The instruction has not begun, and runs when the outcome is delivered.
    pub const BEFORE: u32 = 3;
    /// The instruction is complete, its result is written; only the step to the next one is left.
    pub const AFTER: u32 = 4;
}

#[repr(C)]
pub struct Frame {
    pub caller: *mut Frame,
    /// A `Body`, or a `Machine` definition for native frames.
    code: *const (),
    /// Current instruction; number of registers of a native frame.
    pub ip: *const u64,
    pub func: Value,
    pub extra: Option<Box<Extra>>,
    pub state: u32,
    /// Handle counter of the frame's tasklet depth, for debugging views.
    pub spare: u32,
    regs: [Value; 0],
}

pub const HEADER: usize = size_of::<Frame>();
const _: () = assert!(HEADER == 48);

/// The rarely used part of a frame.
#[derive(Default)]
pub struct Extra {
    /// Locals mapping of class, module and exec code.
    pub locals: Option<Value>,
    /// The Python-visible frame object, if one was made.
    pub object: Option<Value>,
    /// The generator that owns the frame.
    pub generator: Option<u64>,
    /// See `state::INIT`.
    pub result: Option<Value>,
    /// Values that foreign writes replaced while an instruction may still borrow them.
    pub keep: Vec<Value>,
}

impl Frame {
    #[inline(always)]
    pub fn is_native(&self) -> bool {
        self.state & state::NATIVE != 0
    }
    #[inline(always)]
    pub fn body(&self) -> &Body {
        debug_assert!(!self.is_native());
        // SAFETY: a Python frame's code is a `Body`, kept alive by the code object of `func` (bodies
        // are freed with the Vm only).
        unsafe { &*(self.code as *const Body) }
    }
    #[inline(always)]
    pub fn machine(&self) -> &'static Machine {
        debug_assert!(self.is_native());
        // SAFETY: a native frame's code is a static machine definition.
        unsafe { &*(self.code as *const Machine) }
    }
    #[inline(always)]
    pub fn regs(&mut self) -> *mut Value {
        (&raw mut self.regs).cast()
    }
    #[inline(always)]
    pub fn stage(&self) -> u32 {
        self.state & state::STAGE
    }
    #[inline(always)]
    pub fn set_stage(&mut self, stage: u32) {
        self.state = self.state & !state::STAGE | stage;
    }
    pub fn extra_mut(&mut self) -> &mut Extra {
        self.state |= state::EXTRA;
        self.extra.get_or_insert_default()
    }
    pub fn offset(&self) -> u32 {
        self.body().offset_of(self.ip)
    }
    pub fn function(&self) -> Option<&crate::object::Obj<Function>> {
        self.func.get::<Function>()
    }
    /// The function of a Python frame.
    ///
    /// # Safety
    /// This is a Python frame: whoever pushes one, the loading of a snapshot included, gives it a
    /// function.
    #[inline(always)]
    pub unsafe fn python_function(&self) -> &crate::object::Obj<Function> {
        debug_assert!(self.func.has::<Function>());
        // SAFETY: the contract.
        unsafe { &*(self.func.bits() as *const crate::object::Obj<Function>) }
    }
    /// Registers that hold valid values now.
    pub fn valid_regs(&mut self) -> usize {
        if self.is_native() {
            self.ip as usize
        } else {
            let body = self.body();
            body.first_temp as usize + body.valid_at(body.offset_of(self.ip), self.stage())
        }
    }
    /// Register `i` of a frame that is not running its interpreter loop right now.
    pub fn reg(&mut self, i: usize) -> &mut Value {
        assert!(i < self.valid_regs());
        // SAFETY: valid by the check above.
        unsafe { &mut *self.regs().add(i) }
    }
    /// Register `i` of a native frame, whose `ip` is their number.
    #[inline(always)]
    pub fn native_reg(&mut self, i: usize) -> &mut Value {
        assert!(i < self.ip as usize);
        // SAFETY: valid by the check above; all registers of a native frame are.
        unsafe { &mut *self.regs().add(i) }
    }
    pub fn traverse(&mut self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.func);
        for i in 0..self.valid_regs() {
            visit(self.reg(i));
        }
        if let Some(extra) = &self.extra {
            for v in [&extra.locals, &extra.object, &extra.result].into_iter().flatten() {
                visit(v);
            }
            extra.keep.iter().for_each(visit);
        }
    }
    /// Drops all valid registers and the function; the frame is dead afterwards.
    pub fn drop_contents(&mut self) {
        let n = self.valid_regs();
        self.drop_first(n);
    }
    /// Drops the first `n` registers, the last one first as CPython does, and the function.
    pub fn drop_first(&mut self, n: usize) {
        let regs = self.regs();
        for i in (0..n).rev() {
            // SAFETY: the caller says that these registers are valid; they are not used again.
            unsafe { ptr::drop_in_place(regs.add(i)) };
        }
        self.func = Value::UNBOUND;
        self.part_from_object();
        self.extra = None;
    }
    /// A frame object that outlives its activation must not look at it any more.
    pub fn part_from_object(&mut self) {
        if let Some(o) = self.extra.as_mut().and_then(|e| e.object.take())
            && let Some(o) = o.get::<crate::pyframe::PyFrame>()
        {
            o.frame.set(ptr::null_mut());
        }
    }
}

/// Head of a block of memory for frames; the frames follow it.
#[repr(C)]
struct Chunk {
    below: *mut Chunk,
    size: usize,
    /// `top` of the chunk below when this one was entered.
    saved_top: *mut u8,
}

const CHUNK_HEAD: usize = size_of::<Chunk>();
/// Bytes of a tasklet's first chunk.
pub const FIRST_CHUNK: usize = 224;
const _: () = assert!(FIRST_CHUNK.is_multiple_of(16));
/// Bytes of the main tasklet's first chunk.
pub const MAIN_CHUNK: usize = 64 << 10;
const MAX_CHUNK: usize = 1 << 20;

/// Chunks of tasklets that have ended, for tasklets that begin: of the usual first size, linked by
/// their `below`. CPython's counterpart: the free lists of `Include/internal/pycore_freelist.h`.
pub(crate) struct SpareChunks {
    first: *mut Chunk,
    count: usize,
}

impl Default for SpareChunks {
    fn default() -> SpareChunks {
        SpareChunks { first: ptr::null_mut(), count: 0 }
    }
}

impl SpareChunks {
    /// Less than 4 MB, and until the next collection of everything.
    const KEPT: usize = 1 << 14;

    /// # Safety
    /// The chunk is live, holds no frame and belongs to no stack any more.
    #[inline(always)]
    unsafe fn put(&mut self, chunk: *mut Chunk) {
        // SAFETY: the contract.
        unsafe {
            if (*chunk).size != FIRST_CHUNK || self.count == Self::KEPT {
                return free_chunk(chunk);
            }
            (*chunk).below = self.first;
        }
        self.first = chunk;
        self.count += 1;
    }

    pub(crate) fn clear(&mut self) {
        while !self.first.is_null() {
            let chunk = self.first;
            // SAFETY: the chunks of the list are live and nobody else's.
            unsafe {
                self.first = (*chunk).below;
                free_chunk(chunk);
            }
        }
        self.count = 0;
    }
}

impl Drop for SpareChunks {
    fn drop(&mut self) {
        self.clear();
    }
}

/// The frames of one tasklet.
pub struct Stack {
    pub top: *mut u8,
    pub limit: *mut u8,
    chunk: *mut Chunk,
    /// One left chunk, kept against thrashing at its border.
    spare: *mut Chunk,
}

impl Default for Stack {
    fn default() -> Stack {
        Stack::new()
    }
}

/// In place of a spare chunk: each frame gets a chunk of its own (see `stress`).
const SMALL: *mut Chunk = ptr::without_provenance_mut(16);

impl Stack {
    pub const fn new() -> Stack {
        let null = ptr::null_mut();
        Stack { top: null, limit: ptr::null_mut(), chunk: ptr::null_mut(), spare: ptr::null_mut() }
    }

    /// A stack with a chunk border between any two frames.
    pub const fn small() -> Stack {
        let null = ptr::null_mut();
        Stack { top: null, limit: ptr::null_mut(), chunk: ptr::null_mut(), spare: SMALL }
    }

    /// A stack that has its first chunk already, of so many bytes: calls of usual depth meet no border.
    pub fn with_room(bytes: usize) -> Stack {
        let mut stack = Stack::new();
        stack.grow(bytes);
        stack.top = stack.chunk.cast::<u8>().wrapping_add(CHUNK_HEAD);
        stack
    }

    /// Room for a frame with `regs` registers; its state's `FIRST` flag is the second result.
    #[inline(always)]
    fn reserve(&mut self, regs: usize) -> (*mut Frame, u32) {
        let size = HEADER + regs * 8;
        if size <= self.limit as usize - self.top as usize {
            let start = self.top;
            self.top = start.wrapping_add(size);
            (start.cast(), 0)
        } else {
            (self.grow(size), state::FIRST)
        }
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, size: usize) -> *mut Frame {
        let need = size + CHUNK_HEAD;
        // SAFETY: chunk pointers are null or live chunks of this stack.
        unsafe {
            let small = self.spare == SMALL;
            let mut chunk = match small {
                true => ptr::null_mut(),
                false => std::mem::replace(&mut self.spare, ptr::null_mut()),
            };
            if !chunk.is_null() && (*chunk).size < need {
                free_chunk(chunk);
                chunk = ptr::null_mut();
            }
            if chunk.is_null() {
                let last = if self.chunk.is_null() { 0 } else { (*self.chunk).size };
                let usual = if small { 0 } else { (last * 2).clamp(FIRST_CHUNK, MAX_CHUNK) };
                let want = usual.max(need);
                let bytes = want.next_multiple_of(16);
                let layout = chunk_layout(bytes);
                chunk = alloc(layout).cast();
                if chunk.is_null() {
                    handle_alloc_error(layout);
                }
                (*chunk).size = bytes;
            }
            (*chunk).below = self.chunk;
            (*chunk).saved_top = self.top;
            self.chunk = chunk;
            let start = chunk.cast::<u8>().wrapping_add(CHUNK_HEAD);
            self.limit = chunk.cast::<u8>().wrapping_add((*chunk).size);
            self.top = start.wrapping_add(size);
            start.cast()
        }
    }

    #[cold]
    #[inline(never)]
    fn leave_chunk(&mut self) {
        let chunk = self.chunk;
        if chunk.is_null() {
            return;
        }
        // SAFETY: as in `grow`; the chunk holds no frame any more.
        unsafe {
            self.chunk = (*chunk).below;
            self.top = (*chunk).saved_top;
            if self.chunk.is_null() {
                // Nothing is kept for a finished tasklet.
                self.limit = ptr::null_mut();
                self.top = ptr::null_mut();
                free_chunk(chunk);
            } else {
                self.limit = self.chunk.cast::<u8>().wrapping_add((*self.chunk).size);
                let kept = if self.spare == SMALL { SMALL } else { chunk };
                let old = std::mem::replace(&mut self.spare, kept);
                let old = if kept == SMALL { chunk } else { old };
                if !old.is_null() {
                    free_chunk(old);
                }
            }
        }
    }

    /// A Python frame whose registers are not yet written.
    ///
    /// # Safety
    /// The caller writes all registers below `first_temp` before anything looks at the frame.
    #[inline(always)]
    pub unsafe fn push_python(
        &mut self,
        caller: *mut Frame,
        body: *const Body,
        func: Value,
    ) -> *mut Frame {
        // SAFETY: bodies live as long as their code objects, which `func` keeps.
        let (reg_count, ip) = unsafe { ((*body).reg_count as usize, (*body).words.as_ptr()) };
        let (frame, first) = self.reserve(reg_count);
        // SAFETY: `reserve` gave room for the header.
        unsafe {
            frame.write(Frame {
                caller,
                code: body.cast(),
                ip,
                func,
                extra: None,
                state: first,
                spare: 0,
                regs: [],
            });
        }
        frame
    }

    /// Does a frame for `body` fit into the chunk?
    #[inline(always)]
    pub(crate) fn has_room(&self, body: &Body) -> bool {
        HEADER + body.reg_count as usize * 8 <= self.limit as usize - self.top as usize
    }

    /// As `push_python` where the chunk has room: no test, nothing that could unwind.
    ///
    /// # Safety
    /// As `push_python`; the frame's bytes fit below `limit`; the count of the function `func` is
    /// handed over.
    #[inline(always)]
    pub unsafe fn push_fitting(
        &mut self,
        caller: *mut Frame,
        body: *const Body,
        func: u64,
    ) -> *mut Frame {
        let frame = self.top.cast::<Frame>();
        // SAFETY: the contract.
        unsafe {
            self.top = self.top.add((*body).frame_bytes as usize);
            (&raw mut (*frame).caller).write(caller);
            (&raw mut (*frame).code).write(body.cast());
            (&raw mut (*frame).ip).write((*body).words.as_ptr());
            (&raw mut (*frame).func).cast::<u64>().write(func);
            (&raw mut (*frame).extra).write(None);
            (&raw mut (*frame).state).write(0);
            (&raw mut (*frame).spare).write(0);
        }
        frame
    }

    /// A native frame with these registers.
    pub fn push_native(
        &mut self,
        caller: *mut Frame,
        machine: &'static Machine,
        regs: &mut dyn ExactSizeIterator<Item = Value>,
    ) -> *mut Frame {
        let count = regs.len();
        let (frame, first) = self.reserve(count);
        // SAFETY: room was reserved for header and registers.
        unsafe {
            frame.write(Frame {
                caller,
                code: (machine as *const Machine).cast(),
                ip: count as *const u64,
                func: Value::UNBOUND,
                extra: None,
                state: state::NATIVE | first,
                spare: 0,
                regs: [],
            });
            for i in 0..count {
                (*frame).regs().add(i).write(regs.next().unwrap_or(Value::UNBOUND));
            }
        }
        frame
    }

    /// A native frame in this stage with these registers.
    #[inline(always)]
    pub fn push_machine<const N: usize>(
        &mut self,
        caller: *mut Frame,
        machine: &'static Machine,
        stage: u32,
        regs: [Value; N],
    ) -> *mut Frame {
        let (frame, first) = self.reserve(N);
        // SAFETY: room was reserved for header and registers.
        unsafe {
            frame.write(Frame {
                caller,
                code: (machine as *const Machine).cast(),
                ip: ptr::without_provenance(N),
                func: Value::UNBOUND,
                extra: None,
                state: state::NATIVE | first | stage,
                spare: 0,
                regs: [],
            });
            (*frame).regs().cast::<[Value; N]>().write(regs);
        }
        frame
    }

    /// Gives the space of the topmost chunk frame back; its contents are already dropped.
    #[inline(always)]
    pub fn pop(&mut self, frame: *mut Frame, frame_state: u32) {
        if frame_state & state::FIRST == 0 {
            self.top = frame.cast();
        } else {
            self.leave_chunk();
        }
    }

    /// Is there no chunk but the one in use?
    pub(crate) fn is_single(&self) -> bool {
        // SAFETY: chunk pointers are null or live chunks of this stack.
        self.spare.is_null() && unsafe { self.chunk.as_ref() }.is_some_and(|c| c.below.is_null())
    }

    /// Gives up the chunk of a stack that `is_single` and whose frames hold nothing any more.
    #[inline]
    pub(crate) fn clear_single(&mut self, spare: &mut SpareChunks) {
        debug_assert!(self.is_single());
        let null = ptr::null_mut();
        (self.top, self.limit) = (null, null);
        let chunk = std::mem::replace(&mut self.chunk, ptr::null_mut());
        // SAFETY: as `is_single`; the chunk is nobody's now.
        unsafe { spare.put(chunk) };
    }

    /// Is there a spare chunk for this stack, which has none?
    #[inline(always)]
    pub(crate) fn can_reuse(&self, spare: &SpareChunks) -> bool {
        !spare.first.is_null() && self.chunk.is_null() && self.spare.is_null()
    }

    /// As `push_machine` in stage 0 for the first frame of a stack that `can_reuse` a chunk.
    ///
    /// # Safety
    /// It can.
    #[inline(always)]
    pub(crate) unsafe fn push_first<const N: usize>(
        &mut self,
        spare: &mut SpareChunks,
        machine: &'static Machine,
        regs: [Value; N],
    ) -> *mut Frame {
        const { assert!(CHUNK_HEAD + HEADER + N * 8 <= FIRST_CHUNK) };
        debug_assert!(self.can_reuse(spare));
        let chunk = spare.first;
        // SAFETY: a spare chunk is whole, belongs to nobody and has room for the frame.
        unsafe {
            spare.first = (*chunk).below;
            spare.count -= 1;
            (*chunk).below = ptr::null_mut();
            self.chunk = chunk;
            let start = chunk.cast::<u8>();
            self.limit = start.add(FIRST_CHUNK);
            self.top = start.add(CHUNK_HEAD + HEADER + N * 8);
            let frame = start.add(CHUNK_HEAD).cast::<Frame>();
            (&raw mut (*frame).caller).write(ptr::null_mut());
            (&raw mut (*frame).code).write((machine as *const Machine).cast());
            (&raw mut (*frame).ip).write(ptr::without_provenance(N));
            (&raw mut (*frame).func).write(Value::UNBOUND);
            (&raw mut (*frame).extra).write(None);
            (&raw mut (*frame).state).write(state::NATIVE | state::FIRST);
            (&raw mut (*frame).spare).write(0);
            (*frame).regs().cast::<[Value; N]>().write(regs);
            frame
        }
    }

    /// Bytes of chunk memory held.
    pub fn bytes(&self) -> usize {
        let mut total = 0;
        let mut chunk = self.chunk;
        while !chunk.is_null() {
            // SAFETY: a live chunk of this stack.
            unsafe {
                total += (*chunk).size;
                chunk = (*chunk).below;
            }
        }
        total
    }
}

fn chunk_layout(bytes: usize) -> Layout {
    // SAFETY: sizes are multiples of 16 far below isize::MAX.
    unsafe { Layout::from_size_align_unchecked(bytes, 16) }
}

/// # Safety
/// The chunk is live and holds no frame.
unsafe fn free_chunk(chunk: *mut Chunk) {
    // SAFETY: allocated in `grow` with this layout.
    unsafe { dealloc(chunk.cast(), chunk_layout((*chunk).size)) }
}

impl Drop for Stack {
    fn drop(&mut self) {
        // SAFETY: the chunks belong to this stack; its frames were dropped before.
        unsafe {
            while !self.chunk.is_null() {
                let below = (*self.chunk).below;
                free_chunk(self.chunk);
                self.chunk = below;
            }
            if !self.spare.is_null() && self.spare != SMALL {
                free_chunk(self.spare);
            }
        }
    }
}

/// A frame outside the chunks: a generator's. Owns its contents. Two words lie before the frame:
/// the generator's address, and a counted reference to it while the frame runs.
pub struct OwnedFrame(*mut Frame);

const PREFIX: usize = 16;

impl OwnedFrame {
    /// A frame for `body` whose registers are all unbound.
    pub fn new(body: &Body, func: Value) -> OwnedFrame {
        let (count, ip) = (body.reg_count as usize, body.words.as_ptr());
        let layout = OwnedFrame::layout(count);
        // SAFETY: the layout is not empty; prefix, header and registers are written before use.
        unsafe {
            let block = alloc(layout);
            if block.is_null() {
                handle_alloc_error(layout);
            }
            block.cast::<u64>().write(0);
            block.cast::<Value>().add(1).write(Value::UNBOUND);
            let frame = block.add(PREFIX).cast::<Frame>();
            frame.write(Frame {
                caller: ptr::null_mut(),
                code: (body as *const Body).cast(),
                ip,
                func,
                extra: None,
                state: state::GENERATOR,
                spare: count as u32,
                regs: [],
            });
            for i in 0..count {
                (*frame).regs().add(i).write(Value::UNBOUND);
            }
            OwnedFrame(frame)
        }
    }
    fn layout(count: usize) -> Layout {
        // SAFETY: at most 65,535 registers.
        unsafe { Layout::from_size_align_unchecked(PREFIX + HEADER + count * 8, 16) }
    }
    pub fn as_ptr(&self) -> *mut Frame {
        self.0
    }
    /// Takes a generator's frame back into ownership.
    pub fn from_ptr(frame: *mut Frame) -> OwnedFrame {
        OwnedFrame(frame)
    }
    fn prefix(frame: *mut Frame) -> *mut u64 {
        frame.cast::<u8>().wrapping_sub(PREFIX).cast()
    }
    pub fn set_generator(&self, address: u64) {
        // SAFETY: the prefix belongs to the block.
        unsafe { Self::prefix(self.0).write(address) }
    }
    /// # Safety
    /// `frame` is a generator's and the generator is alive.
    pub unsafe fn generator_of(
        frame: *mut Frame,
    ) -> crate::value::Ref<crate::objects::generator::Generator> {
        // SAFETY: the contract; the address was set when the generator was made.
        unsafe {
            let obj = *Self::prefix(frame)
                as *const crate::object::Obj<crate::objects::generator::Generator>;
            (*obj).to_ref()
        }
    }
    /// Keeps the generator alive while its frame runs.
    ///
    /// # Safety
    /// `frame` is a generator's.
    pub unsafe fn hold(frame: *mut Frame, generator: Value) {
        // SAFETY: the second prefix word always holds a valid value.
        unsafe { *Self::prefix(frame).add(1).cast::<Value>() = generator }
    }
    /// Gives back what `hold` took.
    ///
    /// # Safety
    /// `frame` is a generator's.
    pub unsafe fn release(frame: *mut Frame) -> Value {
        // SAFETY: as `hold`.
        unsafe { ptr::replace(Self::prefix(frame).add(1).cast::<Value>(), Value::UNBOUND) }
    }
    /// Frees the block after its contents were dropped by a return or an unwinding.
    pub fn free_shell(self) {
        // SAFETY: allocated in `new` with this layout.
        unsafe {
            let count = (*self.0).spare as usize;
            dealloc(Self::prefix(self.0).cast(), OwnedFrame::layout(count));
        }
        std::mem::forget(self);
    }
}

impl Drop for OwnedFrame {
    fn drop(&mut self) {
        // SAFETY: the owner drops a suspended frame, whose valid registers are known.
        unsafe {
            crate::pyframe::outlive(&mut *self.0);
            (*self.0).drop_contents();
            let count = (*self.0).spare as usize;
            dealloc(Self::prefix(self.0).cast(), OwnedFrame::layout(count));
        }
    }
}

/// A cell for values shared with frames; re-exported for views.
pub type SharedValue = ValueCell;

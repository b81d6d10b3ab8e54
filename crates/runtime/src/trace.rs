//! Tracing, profiling and monitoring: instructions of bodies are replaced in place.
//!
//! While somebody listens, each instruction of each visible body is the word `TRACE`; the code
//! object keeps the canonical words. A `TRACE` is looked at in two steps: first the events of the
//! instruction are found and given to a Python function (`_tracing` of the library) by a machine;
//! then the canonical word is put back, executed, and hidden again when the next `TRACE` is met.
//! Nothing of this runs, and no word differs, while nobody listens.
//!
//! Invariants: caches behind an instruction are never touched; at most one instruction of the `Vm`
//! is open; a suspended frame's `ip` may point at a `TRACE`, so decoding goes through
//! `interp::current_insn`. CPython's counterpart: `Python/instrumentation.c`.
#![expect(unsafe_code, reason = "rewrites instructions and reads live frames")]

use std::collections::HashMap;
use std::sync::Arc;

use stackless_bytecode::Code;
use stackless_bytecode::isa::{self, FIRST_PRIVATE, Insn, op};

use crate::body::Body;
use crate::exc::{Exc, Flow, PyResult, Reply};
use crate::frame::Frame;
use crate::machine::{Input, Machine, Regs};
use crate::native::{Args, Def, def};
use crate::objects::code::PyCode;
use crate::objects::function::Function;
use crate::pyframe::{self, PyFrame};
use crate::soft;
use crate::value::Value;
use crate::vm::Vm;

/// The instruction that stands for all others in a traced body.
pub const TRACE: u16 = FIRST_PRIVATE + 100;

/// Events, numbered as in `sys.monitoring`.
pub mod event {
    pub const START: u32 = 1;
    pub const RESUME: u32 = 1 << 1;
    pub const RETURN: u32 = 1 << 2;
    pub const YIELD: u32 = 1 << 3;
    pub const CALL: u32 = 1 << 4;
    pub const LINE: u32 = 1 << 5;
    pub const INSTRUCTION: u32 = 1 << 6;
    pub const JUMP: u32 = 1 << 7;
    pub const BRANCH_LEFT: u32 = 1 << 8;
    pub const BRANCH_RIGHT: u32 = 1 << 9;
    pub const STOP_ITERATION: u32 = 1 << 10;
    pub const RAISE: u32 = 1 << 11;
    pub const HANDLED: u32 = 1 << 12;
    pub const UNWIND: u32 = 1 << 13;
    pub const THROW: u32 = 1 << 14;
    pub const RERAISE: u32 = 1 << 15;
    pub const C_RETURN: u32 = 1 << 16;
    pub const C_RAISE: u32 = 1 << 17;
}
use event as ev;

/// What a frame object knows of its own tracing.
#[derive(Clone, Copy, Default)]
pub struct Seen {
    /// Its start was reported, or happened before anybody listened.
    started: bool,
    /// The instruction whose exception is raised again, or 0: then `offset` + 1.
    raised: u32,
    /// It gave a value away and has not gone on.
    suspended: bool,
    /// Its start is being reported: it is at its first line.
    pub(crate) starting: bool,
    /// It was told to go on elsewhere.
    jumped: bool,
    line: u32,
    offset: u32,
}

impl Seen {
    /// Of a frame that goes on at another line: that line is reported next.
    pub(crate) fn elsewhere() -> Seen {
        Seen { started: true, jumped: true, offset: u32::MAX, ..Seen::default() }
    }
    /// The instruction at which an exception that is raised again was raised first.
    pub(crate) fn raised(self) -> Option<u32> {
        self.raised.checked_sub(1)
    }
    /// The line that was reported last.
    pub(crate) fn last_line(self) -> Option<u32> {
        (self.line != 0).then_some(self.line)
    }
}

/// The listeners, as far as the loop has to know them.
pub struct Tracing {
    dispatcher: Value,
    /// What an assignment to `f_lineno` calls.
    jumper: Value,
    wanted: u32,
    /// Events are being handled: nothing that runs now makes new ones.
    inside: bool,
    /// The instruction whose canonical word is in place.
    open: Option<(Value, u32)>,
    /// The instruction whose events were handled and that runs next.
    ready: Option<(*mut Frame, u32)>,
    /// The frame and exception whose events were handled.
    unwound: Option<(*mut Frame, u64)>,
    lines: HashMap<usize, (Arc<Code>, Box<[u32]>)>,
}

fn each_body(vm: &Vm, mut visit: impl FnMut(&Body)) {
    let code_type: *const _ = &raw const *vm.types.code;
    let mut codes = Vec::new();
    vm.heap.each_object(true, |header| {
        if header.count() > 0 && std::ptr::eq(header.type_of(), code_type) {
            header.rc.set(header.rc.get() + 1);
            // SAFETY: a live object, whose count was raised for this value.
            codes.push(unsafe { Value::from_raw(std::ptr::NonNull::from(header)) });
        }
    });
    for code in &codes {
        if let Some(body) = code.get::<PyCode>().and_then(|c| c.made()) {
            visit(body);
        }
    }
}

fn write(body: &Body, offset: u32, word: u64) {
    if let Some(place) = body.words.get(offset as usize) {
        // SAFETY: instruction words are read by the loop of this thread alone and never borrowed.
        unsafe { std::ptr::from_ref(place).cast_mut().write(word) }
    }
}

fn patch(body: &Body, hidden: bool) {
    if body.hidden && !hidden {
        return;
    }
    let mut at = 0;
    while at < body.code.words.len() {
        let word = body.code.words[at];
        write(body, at as u32, u64::from(TRACE));
        at += 1 + isa::info(word as u16).map_or(0, |row| row.words as usize);
    }
}

fn restore(body: &Body) {
    let mut at = 0;
    while at < body.code.words.len() {
        let word = body.code.words[at];
        write(body, at as u32, word);
        at += 1 + isa::info(word as u16).map_or(0, |row| row.words as usize);
    }
}

/// A new body follows the state of the others.
pub(crate) fn born(vm: &Vm, body: &Body) {
    if vm.tracing.is_some() {
        patch(body, vm.stress.is_some());
    }
}

/// Puts all bodies under the hostile strategies, which share the word of tracing.
pub(crate) fn stress_all(vm: &mut Vm) {
    set(vm, Value::NONE, Value::NONE, 0);
}

/// Sets the dispatcher and the events; no events: nobody listens any more.
pub fn set(vm: &mut Vm, dispatcher: Value, jumper: Value, wanted: u32) {
    // While events are handled what is known of them stays: somebody may listen again.
    let inside = vm.tracing.as_ref().is_some_and(|t| t.inside);
    if wanted == 0 && vm.stress.is_none() && !inside {
        if vm.tracing.take().is_some() {
            each_body(vm, restore);
        }
        return;
    }
    match &mut vm.tracing {
        Some(t) => {
            t.wanted = wanted;
            t.dispatcher = dispatcher;
            t.jumper = jumper;
        }
        None => {
            vm.tracing = Some(Box::new(Tracing {
                dispatcher,
                jumper,
                wanted,
                inside: false,
                open: None,
                ready: None,
                unwound: None,
                lines: HashMap::new(),
            }));
            let hidden = vm.stress.is_some();
            each_body(vm, |body| patch(body, hidden));
        }
    }
}

/// An assignment to `f_lineno`.
pub(crate) fn assign_line(vm: &mut Vm, frame: &Value, line: &Value) -> Flow {
    if line.is_unbound() {
        let message = "attribute 'f_lineno' of 'frame' objects cannot be deleted";
        let name = vm.intern("f_lineno");
        return Err(vm.attribute_error(message, frame, &name));
    }
    if !vm.is_exactly(line, &vm.types.int) {
        return Err(vm.value_error("lineno must be an integer"));
    }
    if line.as_i64().and_then(|n| i32::try_from(n).ok()).is_none() {
        return Err(vm.value_error("lineno out of range"));
    }
    match vm.tracing.as_ref().map(|t| t.jumper.clone()) {
        Some(jumper) => {
            crate::ops::call::call(vm, &jumper, Args::new(&[frame.clone(), line.clone()]))
        }
        None => Err(vm.value_error("f_lineno can only be set in a trace function")),
    }
}

/// The canonical word at an address of a body.
#[inline]
pub(crate) fn canonical(frame: *mut Frame, word: u64) -> u64 {
    if word as u16 != TRACE {
        return word;
    }
    // SAFETY: a Python frame of the chain.
    unsafe {
        let body = (*frame).body();
        body.code.words.get((*frame).offset() as usize).copied().unwrap_or(word)
    }
}

/// Puts the canonical word in place for one execution.
fn open(vm: &mut Vm, frame: *mut Frame, offset: u32) {
    // SAFETY: the current frame.
    let (body, func) = unsafe { ((*frame).body(), (*frame).func.clone()) };
    if let Some(word) = body.code.words.get(offset as usize) {
        write(body, offset, *word);
        if vm.settings.strategies.no_caches {
            // The words behind it hold no caches in the canonical code.
            let more = isa::info(*word as u16).map_or(0, |row| u32::from(row.words));
            for at in offset + 1..=offset + more {
                write(body, at, body.code.words[at as usize]);
            }
        }
    }
    let code = func.get::<Function>().map_or(Value::NONE, |f| f.code.get());
    // A function whose code was replaced runs its old body, which stays open.
    let same = code.get::<PyCode>().and_then(|c| c.made()).is_some_and(|b| std::ptr::eq(b, body));
    if let Some(t) = &mut vm.tracing {
        t.open = same.then_some((code, offset));
    }
}

fn line_of(t: &mut Tracing, code: &Arc<Code>, offset: u32) -> (u32, bool) {
    let key = Arc::as_ptr(code) as usize;
    let (_, lines) = t.lines.entry(key).or_insert_with(|| {
        let mut lines = vec![0u32; code.words.len()];
        for (start, words, position) in code.located() {
            for line in lines.iter_mut().skip(start as usize).take(words as usize) {
                *line = position.line;
            }
        }
        (Arc::clone(code), lines.into())
    });
    let line = lines.get(offset as usize).copied().unwrap_or(0);
    let first = offset == 0 || lines.get(offset as usize - 1) != Some(&line);
    (line, first)
}

/// Conditional jumps, and where they lead when taken.
pub(crate) fn branch_target(code: &Code, at: u32) -> Option<u32> {
    let insn = Insn::decode(*code.words.get(at as usize)?);
    let row = isa::info(insn.op)?;
    let next = i64::from(at) + 1 + i64::from(row.words);
    let far = i64::from(insn.bc() as i32);
    let near = i64::from(insn.c as i16);
    let target = match row.base {
        op::JUMP_IF_TRUE | op::JUMP_IF_FALSE | op::JUMP_IF_NONE | op::JUMP_IF_NOT_NONE => {
            next + far
        }
        op::JUMP_IF_TRUE_OR_POP | op::JUMP_IF_FALSE_OR_POP => next + far,
        op::JUMP_IF_LT..=op::JUMP_UNLESS_GE_IMM => next + near,
        op::FOR_ITER => next + i64::from(insn.c),
        _ => return None,
    };
    u32::try_from(target).ok()
}

/// Where the fall-through of a conditional jump leads, in bytes. FOR_ITER stores its item itself:
/// that second half of the instruction is what it leads to.
pub(crate) fn left_of(code: &Code, at: u32) -> u64 {
    let word = code.words.get(at as usize).copied().unwrap_or(0);
    match isa::info(word as u16) {
        Some(row) if row.base == op::FOR_ITER => u64::from(at) * 8 + 4,
        Some(row) => (u64::from(at) + 1 + u64::from(row.words)) * 8,
        None => 0,
    }
}

/// What is told of a call: the callable and its first argument, the latter an ellipsis if there is
/// none. The end of a native call is told, too, so it is noted.
fn called_event(vm: &mut Vm, object: &PyFrame, callable: Value, first: Value) -> Value {
    let native = is_native_callable(vm, &callable);
    let first = if first.is_unbound() { Value::ELLIPSIS } else { first };
    let told = vm.tuple(vec![callable, first]);
    if native {
        object.called.set(told.clone());
    }
    told
}

/// Everything but functions and methods whose frames are seen.
fn is_native_callable(vm: &Vm, v: &Value) -> bool {
    if let Some(m) = v.get::<crate::objects::function::Method>() {
        return is_native_callable(vm, m.func.peek());
    }
    !vm.is_exactly(v, &vm.types.function)
}

/// A `TRACE` at `ip`: false if the canonical word is in place now, true if control went elsewhere.
#[cold]
#[inline(never)]
pub(crate) fn point(vm: &mut Vm, frame: *mut Frame, ip: *const u64) -> PyResult<bool> {
    // SAFETY: the current frame.
    let offset = unsafe {
        (*frame).ip = ip;
        (*frame).offset()
    };
    let inside = vm.tracing.as_ref().is_none_or(|t| t.inside);
    if !inside && vm.heap.pending.get() {
        // Finalisers run before the instruction's events, so that theirs are seen.
        // SAFETY: the current frame; stage 3 runs the instruction again.
        unsafe { (*frame).set_stage(3) };
        match crate::breaker::run_finalizers(vm) {
            Ok(r) if r.is_away() => return Ok(true),
            // SAFETY: as above.
            _ => unsafe { (*frame).set_stage(0) },
        }
    }
    let Some(t) = &mut vm.tracing else {
        open(vm, frame, offset);
        return Ok(false);
    };
    if let Some((code, at)) = t.open.take()
        && let Some(body) = code.get::<PyCode>().and_then(|c| c.made())
    {
        write(body, at, u64::from(TRACE));
    }
    let ready = t.ready.take() == Some((frame, offset));
    // Nobody listens when only the hostile strategies put the word here.
    let unheard = t.inside || t.wanted == 0;
    if !ready && vm.stress.is_some() && crate::stress::before(vm, frame, offset)? {
        return Ok(true);
    }
    // SAFETY: the current frame.
    if ready || unheard || unsafe { (*frame).body().hidden } {
        open(vm, frame, offset);
        return Ok(false);
    }
    let object = pyframe::object(vm, frame);
    let Some(t) = &mut vm.tracing else { return Ok(false) };
    let wanted = t.wanted;
    // SAFETY: the current frame.
    let body = unsafe { (*frame).body() };
    let code = body.code.clone();
    let (line, first) = line_of(t, &code, offset);
    let mut seen = object.seen.get();
    let mut events = 0;
    let mut before = Value::NONE;
    if seen.suspended {
        events |= ev::RESUME;
    } else if !seen.started && offset == 0 {
        events |= ev::START;
    }
    let called = object.called.replace(Value::NONE);
    if !called.is_none() && events == 0 {
        events |= ev::C_RETURN;
        before = called;
    }
    if wanted & (ev::BRANCH_LEFT | ev::BRANCH_RIGHT) != 0
        && seen.started
        && events == 0
        && let Some(target) = branch_target(&code, seen.offset)
        && seen.offset != offset
    {
        let right = target == offset;
        events |= if right { ev::BRANCH_RIGHT } else { ev::BRANCH_LEFT };
        let (source, left) = (vm.int(i64::from(seen.offset) * 8), left_of(&code, seen.offset));
        let to = if right { u64::from(offset) * 8 } else { left };
        let to = vm.uint(to);
        before = vm.tuple(vec![source, to]);
    }
    let moved = if seen.started || offset == 0 { line != seen.line } else { first };
    let back = seen.started && events == 0 && offset <= seen.offset;
    // A module without statements is one line, numbered zero.
    let fresh = !seen.started || seen.offset == u32::MAX;
    let blank = fresh && code.words.len() == 1 && code.header_line() == 0;
    if line != 0 && (moved || back) || line == 0 && blank && offset == 0 {
        events |= ev::LINE;
    }
    events |= ev::INSTRUCTION;
    let insn = Insn::decode(code.words[offset as usize]);
    // SAFETY: operands of the current instruction are valid before it runs.
    let reg = |i: u16| unsafe { (*(*frame).regs().add(i as usize)).clone() };
    let mut arg = Value::NONE;
    let row = isa::info(insn.op);
    let base = row.map_or(u16::MAX, |r| r.base);
    if events & wanted & ev::START != 0 {
        // Alone: the rest follows when the instruction is met again.
        seen = Seen {
            started: true,
            suspended: false,
            starting: true,
            offset: u32::MAX,
            ..Seen::default()
        };
        object.seen.set(seen);
        return report(vm, frame, &object, ev::START, offset, line, Value::NONE, Value::NONE);
    }
    let line = if line == 0 { seen.line } else { line };
    seen = Seen { started: true, line, offset, ..Seen::default() };
    match base {
        op::RETURN => {
            events |= ev::RETURN;
            arg = reg(insn.a);
        }
        op::RETURN_CONST => {
            events |= ev::RETURN;
            arg = body.consts.get(insn.bc() as usize).cloned().unwrap_or(Value::NONE);
        }
        op::YIELD => {
            events |= ev::YIELD;
            seen.suspended = true;
            arg = reg(insn.b);
        }
        op::CALL | op::CALL_KW | op::CALL_METHOD | op::CALL_METHOD_KW
            if wanted & (ev::CALL | ev::C_RETURN) != 0 =>
        {
            events |= ev::CALL;
            let callable = reg(insn.b);
            let first = if insn.c > 0 || base >= op::CALL_METHOD {
                reg(insn.b + 1)
            } else {
                Value::UNBOUND
            };
            let first = if first.is_unbound() && base >= op::CALL_METHOD && insn.c > 0 {
                reg(insn.b + 2)
            } else {
                first
            };
            // A method of a native is told as the native with its object.
            let inner = callable.get::<crate::objects::function::Method>();
            let inner = inner.map(|m| (m.func.get(), m.receiver.get()));
            arg = match inner.filter(|(f, _)| is_native_callable(vm, f)) {
                Some((function, receiver)) => called_event(vm, &object, function, receiver),
                None => called_event(vm, &object, callable, first),
            };
        }
        op::CALL_EX if wanted & (ev::CALL | ev::C_RETURN) != 0 => {
            events |= ev::CALL;
            let first = reg(insn.b + 1).tuple_items().first().cloned();
            arg = called_event(vm, &object, reg(insn.b), first.unwrap_or(Value::UNBOUND));
        }
        // The call of `super` that is part of the instruction.
        op::LOAD_SUPER_ATTR | op::LOAD_SUPER_METHOD if wanted & (ev::CALL | ev::C_RETURN) != 0 => {
            events |= ev::CALL;
            let first = if insn.c != 0 { reg(insn.b + 1) } else { Value::UNBOUND };
            arg = called_event(vm, &object, reg(insn.b), first);
        }
        // CPython's handlers lie behind the body: nothing jumps over them.
        op::JUMP if code.handlers.iter().any(|h| h.target == offset + 1) => {}
        op::JUMP | op::JUMP_BACK => {
            events |= ev::JUMP;
            let target = i64::from(offset) + 1 + i64::from(insn.bc() as i32);
            arg = vm.int(target * 8);
        }
        _ => {}
    }
    object.seen.set(seen);
    let listens = !object.trace.peek().is_none();
    events &= wanted | if object.trace_opcodes.get() && listens { ev::INSTRUCTION } else { 0 };
    if events == 0 {
        open(vm, frame, offset);
        return Ok(false);
    }
    report(vm, frame, &object, events, offset, line, arg, before)
}

/// Starts the handling of events at the current instruction.
#[expect(clippy::too_many_arguments, reason = "the registers of the machine")]
fn report(
    vm: &mut Vm,
    frame: *mut Frame,
    object: &crate::value::Ref<PyFrame>,
    events: u32,
    offset: u32,
    line: u32,
    arg: Value,
    before: Value,
) -> PyResult<bool> {
    let regs = [
        object.to_value(),
        vm.int(events.into()),
        vm.int(i64::from(offset) * 8),
        vm.int(line.into()),
        arg,
        before,
    ];
    // SAFETY: the current frame; stage 3 runs the instruction when the events are handled.
    unsafe { (*frame).set_stage(3) };
    if let Some(t) = &mut vm.tracing {
        t.inside = true;
    }
    match vm.start(&EVENTS, regs) {
        Ok(_) => Ok(true),
        Err(e) => {
            // SAFETY: as above.
            unsafe { (*frame).set_stage(0) };
            if let Some(t) = &mut vm.tracing {
                t.inside = false;
            }
            Err(e)
        }
    }
}

fn dispatch(vm: &mut Vm, regs: &Regs) -> Flow {
    let Some(dispatcher) = vm.tracing.as_ref().map(|t| t.dispatcher.clone()) else {
        return Ok(Reply::NONE);
    };
    let args: Vec<Value> = (0..6).map(|i| regs.get(i)).collect();
    crate::ops::call::call(vm, &dispatcher, Args::new(&args))
}

/// The opening of the event machines: calls the dispatcher, or takes its answer. False: it was pushed.
fn listened(vm: &mut Vm, regs: &mut Regs, input: Input) -> PyResult<bool> {
    let answer = if regs.stage() == 0 {
        regs.set_stage(1);
        match dispatch(vm, regs) {
            Ok(r) if r.is_away() => return Ok(false),
            Ok(_) => Ok(()),
            Err(e) => Err(e),
        }
    } else {
        input.value().map(drop)
    };
    if answer.is_err() {
        finish(vm, None);
    }
    answer.map(|()| true)
}

/// Registers: frame object, events, offset, line, argument, what came before.
pub(crate) static EVENTS: Machine = Machine::new("trace.events", |vm, regs, input| {
    if !listened(vm, regs, input)? {
        return Ok(Reply::PUSHED);
    }
    let object = regs.get(0);
    let place = object.get::<PyFrame>().and_then(|f| {
        let frame = f.frame.get();
        let mut seen = f.seen.get();
        let starting = std::mem::replace(&mut seen.starting, false);
        let jumped = std::mem::replace(&mut seen.jumped, false);
        f.seen.set(seen);
        (!frame.is_null() && !starting && !jumped).then(|| (frame, f.offset()))
    });
    finish(vm, place);
    Ok(Reply::NONE)
})
.abandoning(|vm, _| finish(vm, None));

fn finish(vm: &mut Vm, ready: Option<(*mut Frame, u32)>) {
    if let Some(t) = &mut vm.tracing {
        t.inside = false;
        t.ready = ready;
        if t.wanted == 0 && vm.stress.is_none() {
            set(vm, Value::NONE, Value::NONE, 0);
        }
    }
}

/// Whether the events of this exception in this frame were handled just now: the traceback entry
/// is there, too.
pub(crate) fn was_handled(vm: &Vm, frame: *mut Frame, exc: &Exc) -> bool {
    vm.tracing.as_ref().is_some_and(|t| t.unwound == Some((frame, exc.value().bits())))
}

/// A frame is left by an exception that is raised again: what it shows is the place where the
/// exception was raised first.
#[cold]
pub(crate) fn leave_where_raised(frame: *mut Frame, exc: &Exc) {
    if crate::interp::current_insn(frame).op != isa::op::RERAISE_CLEANUP {
        return;
    }
    // SAFETY: the frame of the chain that the exception leaves.
    let object = unsafe { (*frame).extra.as_ref().and_then(|e| e.object.clone()) };
    if let Some(object) = object
        && let Some(seen) = object.get::<PyFrame>().map(|f| &f.seen)
        && let Some(x) = exc.value().get::<crate::objects::exception::Exception>()
        && let Some(entry) = x.traceback.get().get::<pyframe::Traceback>()
        && entry.frame.get().is(&object)
    {
        seen.set(Seen { raised: entry.offset.get() + 1, ..seen.get() });
    }
}

/// An exception arrives in a frame: true if its events have to be handled first.
#[cold]
#[inline(never)]
pub(crate) fn raised(
    vm: &mut Vm,
    frame: *mut Frame,
    exc: &Exc,
    handled: bool,
    again_here: bool,
) -> bool {
    let again = was_handled(vm, frame, exc);
    let Some(t) = &mut vm.tracing else { return false };
    if again {
        t.unwound = None;
        return false;
    }
    if t.inside || t.wanted == 0 {
        return false;
    }
    let object = pyframe::object(vm, frame);
    let mut seen = object.seen.get();
    // What arrives in a suspended generator was thrown into it.
    let thrown = std::mem::replace(&mut seen.suspended, false);
    object.seen.set(seen);
    let mut events = match (thrown, again_here) {
        (true, _) => ev::THROW,
        (_, true) => ev::RERAISE,
        _ => ev::RAISE,
    };
    events |= if handled { ev::HANDLED } else { ev::UNWIND };
    let called = object.called.replace(Value::NONE);
    if !called.is_none() {
        events |= ev::C_RAISE;
    }
    let Some(t) = &mut vm.tracing else { return false };
    events &= t.wanted;
    if events == 0 {
        return false;
    }
    t.inside = true;
    let offset = object.offset();
    let code = object.code();
    let line =
        code.get::<PyCode>().and_then(|c| c.code.positions.lookup(offset)).map_or(0, |p| p.line);
    let regs = [
        object.to_value(),
        vm.int(events.into()),
        vm.int(i64::from(offset) * 8),
        vm.int(line.into()),
        exc.value().clone(),
        called,
    ];
    match vm.start(&RAISED, regs) {
        Ok(_) => true,
        Err(_) => {
            finish(vm, None);
            false
        }
    }
}

/// An event in the middle of an instruction: true if its handling was started, which gives `back`
/// to the instruction at `stage`. For `FOR_ITER` and `YIELD_FROM`.
#[cold]
#[inline(never)]
pub(crate) fn within(
    vm: &mut Vm,
    frame: *mut Frame,
    event: u32,
    arg: &Value,
    back: Value,
    stage: u32,
) -> bool {
    // SAFETY: a frame of the chain.
    let hidden = unsafe { (*frame).body().hidden };
    let Some(t) = &mut vm.tracing else { return false };
    if hidden || t.inside {
        return false;
    }
    let wanted = t.wanted;
    let object = pyframe::object(vm, frame);
    let mut seen = object.seen.get();
    match event {
        // What a delegate gives back after an exception was thrown into it is not reported.
        ev::YIELD if seen.suspended => return false,
        ev::YIELD => seen.suspended = true,
        _ => seen.suspended = false,
    }
    object.seen.set(seen);
    if wanted & event == 0 {
        return false;
    }
    let offset = object.offset();
    let regs = [
        object.to_value(),
        vm.int(event.into()),
        vm.int(i64::from(offset) * 8),
        vm.int(seen.line.into()),
        arg.clone(),
        Value::NONE,
        back,
    ];
    if vm.start(&WITHIN, regs).is_err() {
        return false;
    }
    if let Some(t) = &mut vm.tracing {
        t.inside = true;
    }
    // SAFETY: as above; the instruction waits for the machine's answer.
    unsafe { (*frame).set_stage(stage) };
    true
}

/// Registers as `EVENTS`, then what the instruction gets.
pub(crate) static WITHIN: Machine = Machine::new("trace.within", |vm, regs, input| {
    if !listened(vm, regs, input)? {
        return Ok(Reply::PUSHED);
    }
    finish(vm, None);
    Ok(regs.take(6).into())
})
.abandoning(|vm, _| finish(vm, None));

/// Registers as `EVENTS`, the argument an exception, which is raised again at the end.
pub(crate) static RAISED: Machine = Machine::new("trace.raised", |vm, regs, input| {
    if !listened(vm, regs, input)? {
        return Ok(Reply::PUSHED);
    }
    let exc = regs.get(4);
    let object = regs.get(0);
    finish(vm, None);
    if let (Some(t), Some(f)) = (&mut vm.tracing, object.get::<PyFrame>()) {
        t.unwound = Some((f.frame.get(), exc.bits()));
    }
    Err(Exc::from_value(exc))
})
.abandoning(|vm, _| finish(vm, None));

/// Functions of `_tracing_native`.
pub const DEFS: &[Def] = &[
    def!("set", "(dispatcher, jumper, events: index, /)", |vm, a| {
        let events = a[2].as_i64().unwrap_or(0) as u32;
        set(vm, a[0].clone(), a[1].clone(), events);
        Ok(Reply::NONE)
    }),
    // Where assigning to a frame's line number leads: (offset, unbound variables).
    def!("jump_target", "(frame, line: index, /)", |vm, frame, line| crate::jump::target(
        vm, frame, line
    )),
    def!("jump", "(frame, offset: index, /)", |vm, frame, offset| crate::jump::jump(
        vm, frame, offset
    )),
    // Whether the frame was told to go on elsewhere.
    def!("jumped", "(frame, /)", |_, frame| {
        Ok(frame.get::<PyFrame>().is_some_and(|f| f.seen.get().jumped).into())
    }),
    // Whether events are being handled; sets it, and answers what it was.
    def!("inside", "(value: truth, /)", |vm, value| {
        let on = value;
        let was = vm.tracing.as_mut().map(|t| std::mem::replace(&mut t.inside, on));
        Ok(Value::bool(was.unwrap_or(false)).into())
    }),
];

/// Runs a callable with events on, as `sys.call_tracing` does. Registers: callable, arguments.
pub(crate) static CALL_TRACING: Machine =
    Machine::new("trace.call", |vm, regs, input| match regs.stage() {
        0 => {
            let (f, args) = (regs.get(0), regs.get(1));
            if let Some(t) = &mut vm.tracing {
                t.inside = false;
            }
            let items = args.tuple_items().to_vec();
            let v = soft!(regs, 1, crate::ops::call::call(vm, &f, Args::new(&items)));
            if let Some(t) = &mut vm.tracing {
                t.inside = true;
            }
            Ok(v.into())
        }
        _ => {
            if let Some(t) = &mut vm.tracing {
                t.inside = true;
            }
            input.value().map(Reply::from)
        }
    });

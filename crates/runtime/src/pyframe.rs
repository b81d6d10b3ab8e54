//! Frames as Python sees them, and tracebacks.
//!
//! A `PyFrame` is made when somebody asks. While its activation lives it points at the frame; when
//! the activation ends the variables move into the object (`detach`). CPython's counterparts:
//! `Objects/frameobject.c`, `Python/traceback.c`.
#![expect(unsafe_code, reason = "looks into live frames")]

use std::cell::Cell;

use crate::exc::Exc;
use crate::frame::{Frame, state};
use crate::object::{Obj, Payload, ValueCell, VmCell};
use crate::objects::exception::Exception;
use crate::objects::function::{Cell_, Function};
use crate::value::{Ref, Value};
use crate::vm::Vm;

#[derive(Payload)]
#[payload(layout = FRAME, clear = release)]
pub struct PyFrame {
    /// The live activation, or null.
    pub(crate) frame: Cell<*mut Frame>,
    pub function: ValueCell,
    /// `f_back` once the activation is gone.
    pub back: ValueCell,
    /// Locals mapping of class and module frames.
    pub mapping: ValueCell,
    /// Registers below `first_temp`, after the activation ended.
    pub locals: VmCell<Vec<Value>>,
    /// Offset of the last instruction, after the activation ended.
    pub offset: Cell<u32>,
    pub trace: ValueCell,
    pub trace_lines: Cell<bool>,
    pub trace_opcodes: Cell<bool>,
    /// Extra names set through `f_locals`: dict or unbound.
    pub extra_locals: ValueCell,
    /// What was reported of it, and the native callable that it is in, or None.
    pub(crate) seen: Cell<crate::trace::Seen>,
    pub(crate) called: ValueCell,
}

impl PyFrame {
    /// Breaks the cycles of garbage that it is in.
    fn release(&self, vm: &mut Vm) {
        let locals = std::mem::take(self.locals.get_mut(vm));
        locals.into_iter().rev().for_each(drop);
        self.back.set(Value::NONE);
        self.mapping.set(Value::UNBOUND);
        self.trace.set(Value::NONE);
    }
}

/// `frame.f_locals` of a function frame.
#[derive(Payload)]
#[payload(layout = FRAME_LOCALS, clear)]
pub struct FrameLocals {
    pub frame: ValueCell,
}

#[derive(Payload)]
#[payload(layout = TRACEBACK, clear)]
pub struct Traceback {
    pub next: ValueCell,
    pub frame: ValueCell,
    pub offset: Cell<u32>,
    /// 0: computed from the offset.
    pub line: Cell<u32>,
}

impl Drop for PyFrame {
    fn drop(&mut self) {
        let frame = self.frame.get();
        if !frame.is_null() {
            // SAFETY: a live activation holds a count of its frame object, so this happens only
            // when the activation's own `extra` is being dropped.
            unsafe { (*frame).state &= !state::EXTRA };
        }
        // The last local goes first, as in CPython.
        self.locals.replace_untokened(Vec::new()).into_iter().rev().for_each(drop);
    }
}

/// The nearest visible Python frame from `frame` outwards.
pub(crate) fn visible(mut frame: *mut Frame) -> *mut Frame {
    // SAFETY: the chain is alive.
    unsafe {
        while !frame.is_null() {
            if !(*frame).is_native() && !(*frame).body().hidden {
                return frame;
            }
            frame = (*frame).caller;
        }
    }
    frame
}

/// The frame object of an activation, made on first request.
pub(crate) fn object(vm: &mut Vm, frame: *mut Frame) -> Ref<PyFrame> {
    // SAFETY: the activation is alive.
    let f = unsafe { &mut *frame };
    if let Some(extra) = &f.extra
        && let Some(o) = &extra.object
        && let Ok(o) = o.clone().cast::<PyFrame>()
    {
        return o;
    }
    let mapping = f.extra.as_ref().and_then(|e| e.locals.clone()).unwrap_or(Value::UNBOUND);
    let o = vm.alloc(
        &vm.types.frame,
        PyFrame {
            frame: Cell::new(frame),
            function: ValueCell::new(f.func.clone()),
            back: ValueCell::new(Value::NONE),
            mapping: ValueCell::new(mapping),
            locals: VmCell::new(Vec::new()),
            offset: Cell::new(0),
            trace: ValueCell::new(Value::NONE),
            trace_lines: Cell::new(true),
            trace_opcodes: Cell::new(false),
            extra_locals: ValueCell::new(Value::UNBOUND),
            seen: Cell::default(),
            called: ValueCell::new(Value::NONE),
        },
    );
    f.extra_mut().object = Some(o.to_value());
    o
}

/// The activation ends: its variables move into the frame object if anybody else holds it.
pub(crate) fn detach(vm: &mut Vm, frame: *mut Frame) {
    // SAFETY: the activation is at its end and whole.
    let f = unsafe { &mut *frame };
    let Some(o) = f.extra.as_mut().and_then(|e| e.object.take()) else { return };
    let Some(obj) = o.get::<PyFrame>() else { return };
    if o.ref_count() == Some(1) {
        obj.frame.set(std::ptr::null_mut());
        return;
    }
    let n = f.body().first_temp as usize;
    let offset = f.offset();
    let mut locals = Vec::with_capacity(n);
    for i in 0..n {
        locals.push(std::mem::replace(f.reg(i), Value::UNBOUND));
    }
    *obj.locals.get_mut(vm) = locals;
    obj.offset.set(offset);
    let caller = visible(f.caller);
    if !caller.is_null() && f.state & state::GENERATOR == 0 {
        let back = object(vm, caller);
        obj.back.set(back.into_value());
    }
    obj.frame.set(std::ptr::null_mut());
}

/// A suspended generator's frame dies: what it holds moves into a frame object that lives on.
pub(crate) fn outlive(f: &mut Frame) {
    let Some(o) = f.extra.as_mut().and_then(|e| e.object.take()) else { return };
    let Some(obj) = o.get::<PyFrame>() else { return };
    if o.ref_count() != Some(1) {
        let n = f.body().first_temp as usize;
        obj.offset.set(f.offset());
        let take = |i| std::mem::replace(f.reg(i), Value::UNBOUND);
        let old = obj.locals.replace_untokened((0..n).map(take).collect());
        drop(old);
    }
    obj.frame.set(std::ptr::null_mut());
}

/// Adds an entry for `frame` to an exception's traceback.
pub(crate) fn add_traceback(vm: &mut Vm, exc: &Exc, frame: *mut Frame, offset: u32) {
    let Some(e) = exc.value().get::<Exception>() else { return };
    let frame = object(vm, frame);
    let tb = vm.alloc(
        &vm.types.traceback,
        Traceback {
            next: ValueCell::new(e.traceback.get()),
            frame: ValueCell::new(frame.into_value()),
            offset: Cell::new(offset),
            line: Cell::new(0),
        },
    );
    e.traceback.set(tb.into_value());
}

impl Obj<PyFrame> {
    /// Offset of the current or last instruction.
    pub fn offset(&self) -> u32 {
        if let Some(offset) = self.seen.get().raised() {
            return offset;
        }
        let frame = self.frame.get();
        if frame.is_null() {
            self.offset.get()
        } else {
            // SAFETY: a live activation.
            unsafe { (*frame).offset() }
        }
    }
    pub fn code(&self) -> Value {
        self.function.get().get::<Function>().map_or(Value::NONE, |f| f.code.get())
    }
    pub fn line(&self, _vm: &Vm) -> Option<u32> {
        let code = self.code();
        let code = code.get::<crate::objects::code::PyCode>()?;
        if self.seen.get().starting {
            return Some(code.code.header_line());
        }
        let offset = self.offset();
        code.code.positions.lookup(offset).map(|p| p.line).or_else(|| {
            // The end of a body may have no line of its own.
            let word = *code.code.words.get(offset as usize)?;
            if word as u16 != stackless_bytecode::op::RETURN_CONST {
                return None;
            }
            let ran = self.seen.get().last_line();
            let before = code.code.located().take_while(|(start, ..)| *start <= offset);
            let before = before.map(|(_, _, p)| p.line).filter(|line| *line != 0).last();
            let blank = (code.code.words.len() == 1).then(|| code.code.header_line());
            ran.or(before).or(blank)
        })
    }
    /// `f_generator`: the generator that owns the activation. Not kept: it keeps the frame.
    pub fn generator(&self) -> Value {
        let frame = self.frame.get();
        // SAFETY: a live activation.
        if frame.is_null() || unsafe { (*frame).state } & state::GENERATOR == 0 {
            return Value::NONE;
        }
        crate::objects::generator::of_frame(frame).into_value()
    }
    /// `f_back`.
    pub fn back(&self, vm: &mut Vm) -> Value {
        let frame = self.frame.get();
        if frame.is_null() {
            return self.back.get();
        }
        // SAFETY: a live activation.
        let caller = visible(unsafe { (*frame).caller });
        if caller.is_null() { Value::NONE } else { object(vm, caller).into_value() }
    }
    /// The names of all variables, bound or not.
    pub fn names(&self, vm: &Vm) -> Vec<Value> {
        let function = self.function.get();
        let body = function.get::<Function>().map_or(std::ptr::null(), |f| f.body(vm));
        if body.is_null() {
            return Vec::new();
        }
        // SAFETY: the function keeps its code and so the body.
        let body = unsafe { &*body };
        let found = visible_registers(&body.code, self.offset());
        found.into_iter().map(|i| body.local_names[i].clone()).collect()
    }
    /// The variables by name: (register, value), cells dereferenced, unbound ones left out.
    pub fn variables(&self, vm: &Vm) -> Vec<(Value, Value)> {
        let function = self.function.get();
        let Some(f) = function.get::<Function>() else { return Vec::new() };
        let body = f.body(vm);
        if body.is_null() {
            return Vec::new();
        }
        // SAFETY: the function keeps its code and so the body.
        let body = unsafe { &*body };
        let frame = self.frame.get();
        let mut out: Vec<(Value, Value)> = Vec::new();
        for i in visible_registers(&body.code, self.offset()) {
            let name = &body.local_names[i];
            let v = if frame.is_null() {
                self.locals.get(vm).get(i).cloned().unwrap_or(Value::UNBOUND)
            } else {
                // SAFETY: a live activation; registers below first_temp are valid.
                unsafe { (*frame).reg(i).clone() }
            };
            let v = match v.get::<Cell_>() {
                Some(c) if body.is_cell(i) => c.contents.get(),
                _ => v,
            };
            if !v.is_unbound() {
                out.retain(|(n, _)| !n.is(name));
                out.push((name.clone(), v));
            }
        }
        out
    }
}

/// Registers whose names are variables at an offset; those of an inlined comprehension come last
/// and hide others of their names.
fn visible_registers(code: &stackless_bytecode::Code, offset: u32) -> Vec<usize> {
    use stackless_bytecode::LocalKind;
    let hidden =
        |i: &usize| matches!(code.local_kinds[*i], LocalKind::Hidden | LocalKind::HiddenCell);
    let in_use = |i: &usize| {
        let h = code.hidden_locals.iter();
        h.into_iter().any(|h| h.reg as usize == *i && h.start <= offset && offset < h.end)
    };
    let all = 0..code.local_kinds.len();
    let plain = all.clone().filter(|i| !hidden(i) && &*code.local_names[*i] != ".");
    plain.chain(all.filter(|i| hidden(i) && in_use(i))).collect()
}

impl Obj<Traceback> {
    pub fn line(&self, vm: &Vm) -> Option<u32> {
        if self.line.get() != 0 {
            return Some(self.line.get());
        }
        let _ = vm;
        let frame = self.frame.get();
        let code = frame.get::<PyFrame>()?.code();
        let code = code.get::<crate::objects::code::PyCode>()?;
        code.code.positions.lookup(self.offset.get()).map(|p| p.line)
    }
}

/// `cr_origin` for a coroutine made now: (file, line, function) of the callers.
pub(crate) fn coroutine_origin(vm: &mut Vm) -> Value {
    let mut out = Vec::new();
    let mut frame = visible(vm.exec.frame);
    while !frame.is_null() && out.len() < vm.scheduler.origin_depth {
        // SAFETY: the chain is alive.
        let f = unsafe { &*frame };
        let code = f.body().code.clone();
        let line = code.positions.lookup(f.offset()).map_or(0, |p| p.line);
        let entry = vec![vm.str(&code.filename), vm.int(line as i64), vm.str(&code.name)];
        out.push(vm.tuple(entry));
        frame = visible(f.caller);
    }
    vm.tuple(out)
}

impl Obj<PyFrame> {
    /// Assigns to a variable of the frame (unbound deletes). False: it has no such variable. The
    /// old value of a live frame is kept until its instruction is done: it may be borrowed.
    pub fn assign(&self, vm: &mut Vm, name: &Value, value: Value) -> crate::exc::PyResult<bool> {
        let function = self.function.get();
        let Some(f) = function.get::<Function>() else { return Ok(false) };
        let body = f.body(vm);
        if body.is_null() {
            return Ok(false);
        }
        // SAFETY: the function keeps its code and so the body.
        let body = unsafe { &*body };
        let found = visible_registers(&body.code, self.offset());
        let Some(i) = found.into_iter().rev().find(|i| body.local_names[*i].is(name)) else {
            return Ok(false);
        };
        if value.is_unbound() {
            return Err(vm.value_error("cannot remove local variables from FrameLocalsProxy"));
        }
        let frame = self.frame.get();
        if frame.is_null() {
            let locals = self.locals.get_mut(vm);
            if let Some(slot) = locals.get_mut(i) {
                let old = std::mem::replace(slot, value);
                drop(old);
            }
            return Ok(true);
        }
        // SAFETY: a live activation; registers below first_temp are valid.
        unsafe {
            let slot = (*frame).reg(i);
            if let Some(c) = slot.get::<Cell_>()
                && body.is_cell(i)
            {
                c.contents.set(value);
                return Ok(true);
            }
            let old = std::mem::replace(slot, value);
            (*frame).extra_mut().keep.push(old);
        }
        Ok(true)
    }
}

/// The implicit arguments of `super()`: `__class__` and the first argument of the calling frame.
pub(crate) fn super_arguments(vm: &mut Vm) -> crate::exc::PyResult<(Value, Value)> {
    let frame = visible(vm.exec.frame);
    if frame.is_null() {
        return Err(vm.runtime_error("super(): no current frame"));
    }
    // SAFETY: frames of the chain are alive.
    let f = unsafe { &mut *frame };
    let body: *const crate::body::Body = f.body();
    // SAFETY: the frame keeps its function and so the body.
    let body = unsafe { &*body };
    if body.code.arg_count == 0 {
        return Err(vm.runtime_error("super(): no arguments"));
    }
    let first = f.reg(0).clone();
    let first = match first.get::<Cell_>() {
        Some(c) if body.is_cell(0) => c.contents.get(),
        _ => first,
    };
    if first.is_unbound() {
        return Err(vm.runtime_error("super(): arg[0] deleted"));
    }
    let name = vm.names.class.clone();
    let Some(i) = body.local_names.iter().position(|n| n.is(&name)) else {
        return Err(vm.runtime_error("super(): __class__ cell not found"));
    };
    match f.reg(i).get::<Cell_>().map(|c| c.contents.get()) {
        Some(c) if c.is_unbound() => Err(vm.runtime_error("super(): empty __class__ cell")),
        Some(c) => Ok((c, first)),
        None => Err(vm.runtime_error("super(): bad __class__ cell")),
    }
}

/// A frame object without activation: the shell of a loaded one.
pub(crate) fn detached(vm: &Vm) -> Ref<PyFrame> {
    let none = || ValueCell::new(Value::NONE);
    vm.alloc(
        &vm.types.frame,
        PyFrame {
            frame: Cell::new(std::ptr::null_mut()),
            function: none(),
            back: none(),
            mapping: ValueCell::new(Value::UNBOUND),
            locals: VmCell::new(Vec::new()),
            offset: Cell::new(0),
            trace: none(),
            trace_lines: Cell::new(true),
            trace_opcodes: Cell::new(false),
            extra_locals: ValueCell::new(Value::UNBOUND),
            seen: Cell::default(),
            called: ValueCell::new(Value::NONE),
        },
    )
}

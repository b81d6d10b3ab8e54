//! Assignment to `frame.f_lineno`: a frame whose event is being reported goes on at another line.
//!
//! The target is looked for among the places where a line begins, by the kinds of the temporaries
//! there (`stackless_bytecode::stack`). Invariants: the frame waits before an instruction, all of
//! whose operands still lie in their registers; afterwards exactly the target's temporaries do, and
//! every local is bound, since the compiler may have proved that at the target. CPython's
//! counterpart: `frame_lineno_set_impl` in `Objects/frameobject.c`.
#![expect(unsafe_code, reason = "moves a live frame")]

use stackless_bytecode::code::flags;
use stackless_bytecode::isa::{Insn, op};
use stackless_bytecode::stack::{self, Kind, Stacks};
use stackless_bytecode::{Code, LocalKind};

use crate::exc::{Flow, PyResult, Reply};
use crate::frame::Frame;
use crate::pyframe::PyFrame;
use crate::trace::Seen;
use crate::value::Value;
use crate::vm::Vm;

fn live_frame(vm: &mut Vm, frame: &Value) -> PyResult<*mut Frame> {
    match frame.get::<PyFrame>().map(|f| f.frame.get()) {
        // Stage 3: the frame waits before its instruction. One that delegates is inside it.
        // SAFETY: a live activation.
        Some(f) if !f.is_null() && unsafe { (*f).stage() } != 3 => {
            Err(vm.value_error("can only jump from a 'line' trace event"))
        }
        Some(f) if !f.is_null() => Ok(f),
        _ => Err(vm.value_error("f_lineno can only be set in a trace function")),
    }
}

/// The places where lines begin: (line, offset).
fn line_starts(code: &Code) -> Vec<(u32, u32)> {
    let mut starts = Vec::new();
    if code.flags & flags::NEWLOCALS != 0 {
        // The header's line stands for the start of the body, behind the making of the cells.
        let made = |w: &&u64| Insn::decode(**w).op == op::MAKE_CELL;
        starts.push((code.first_line, code.words.iter().take_while(made).count() as u32));
    }
    let mut last = 0;
    for (start, _, p) in code.located() {
        if p.line != 0 && p.line != last {
            starts.push((p.line, start));
        }
        last = p.line;
    }
    starts
}

/// Unbound variables as CPython counts them, the registers of temporary use left out.
fn unbound(code: &Code, frame: *mut Frame) -> usize {
    let visible = |i: &usize| &*code.local_names[*i] != ".";
    (0..usize::from(code.first_temp))
        .filter(visible)
        // SAFETY: registers below first_temp are always valid.
        .filter(|i| unsafe { (*frame).reg(*i).is_unbound() })
        .count()
}

/// Where a jump to a line leads: (offset, number of unbound variables).
pub(crate) fn target(vm: &mut Vm, frame: &Value, line: &Value) -> Flow {
    let f = live_frame(vm, frame)?;
    let line = line.as_i64().unwrap_or(0);
    // SAFETY: a live activation.
    let (code, offset) = unsafe { ((*f).body().code.clone(), (*f).offset()) };
    if line < i64::from(code.first_line) {
        let message = format!("line {line} comes before the current code block");
        return Err(vm.value_error(message));
    }
    let starts = line_starts(&code);
    let Some(goal) = starts.iter().map(|s| s.0).filter(|l| i64::from(*l) >= line).min() else {
        let message = format!("line {line} comes after the current code block");
        return Err(vm.value_error(message));
    };
    let Some(stacks) = Stacks::of(&code) else {
        return Err(vm.value_error("stack is too deep to analyze"));
    };
    let Some(here) = stacks.before(offset) else {
        return Err(vm.value_error("can't jump from within an exception handler"));
    };
    let mut best: Option<(usize, u32)> = None;
    let mut obstacle = None;
    for &(_, at) in starts.iter().filter(|s| s.0 == goal) {
        let there = stacks.before(at);
        match &there {
            Some(kinds) if stack::fits(&here, kinds) && !stacks.inside_expression(&code, at) => {
                if best.is_none_or(|(depth, _)| kinds.len() > depth) {
                    best = Some((kinds.len(), at));
                }
            }
            _ => {
                obstacle.get_or_insert_with(|| stack::obstacle(there.as_deref()));
            }
        }
    }
    let Some((_, at)) = best else {
        return Err(vm.value_error(obstacle.unwrap_or("incompatible stacks")));
    };
    let row = vec![vm.int(at.into()), vm.int(unbound(&code, f) as i64)];
    Ok(vm.tuple(row).into())
}

/// Goes on at an offset that `target` found.
pub(crate) fn jump(vm: &mut Vm, frame: &Value, at: &Value) -> Flow {
    let f = live_frame(vm, frame)?;
    // SAFETY: a live activation.
    let (code, offset) = unsafe { ((*f).body().code.clone(), (*f).offset()) };
    let at = at.as_i64().and_then(|n| u32::try_from(n).ok()).unwrap_or(u32::MAX);
    let stacks = Stacks::of(&code);
    let both = stacks.as_ref().and_then(|s| Some((s.before(offset)?, s.before(at)?)));
    let Some((here, there)) = both.filter(|(a, b)| stack::fits(a, b)) else {
        return Err(vm.value_error("incompatible stacks"));
    };
    let first = usize::from(code.first_temp);
    let mut old = Vec::new();
    for i in 0..first {
        let cell = matches!(
            code.local_kinds.get(i),
            Some(LocalKind::Cell | LocalKind::HiddenCell | LocalKind::Free)
        );
        // SAFETY: registers below first_temp are always valid.
        unsafe {
            if (*f).reg(i).is_unbound() {
                *(*f).reg(i) = if cell { vm.cell(Value::UNBOUND) } else { Value::NONE };
            }
        }
    }
    for i in (there.len()..here.len()).rev() {
        // SAFETY: the frame waits before its instruction: the temporaries of `here` are valid, and
        // those from `there.len()` on are not looked at again.
        let v = unsafe { std::ptr::read((*f).regs().add(first + i)) };
        if here[i] == Kind::Before {
            old.push(std::mem::replace(&mut vm.exec.handled, v));
        } else {
            old.push(v);
        }
    }
    // SAFETY: the offset of an instruction of the body.
    unsafe { (*f).ip = (*f).body().words.as_ptr().add(at as usize) };
    if let Some(object) = frame.get::<PyFrame>() {
        object.seen.set(Seen::elsewhere());
        object.called.set(Value::NONE);
    }
    drop(old);
    Ok(Reply::NONE)
}

/// Drops what the instruction at which a Python frame stands would have used up: for an exception in
/// front of it, by a trace function or the eval-breaker.
#[cold]
#[inline(never)]
pub(crate) fn drop_operands(vm: &mut Vm, frame: *mut Frame) {
    // SAFETY: the frame waits before its instruction: the temporaries that the analysis names are
    // valid, and neither unwinding nor a handler looks at those dropped here.
    unsafe {
        let body = (*frame).body();
        let offset = (*frame).offset();
        let kinds = Stacks::of(&body.code).and_then(|s| s.before(offset)).unwrap_or_default();
        let handler = body.code.handlers.iter().find(|h| h.start <= offset && offset < h.end);
        let kept = body.live_at(offset).max(handler.map_or(0, |h| h.depth as usize));
        let first = body.first_temp as usize;
        for i in (kept..kinds.len()).rev() {
            let v = std::ptr::read((*frame).regs().add(first + i));
            if kinds[i] == Kind::Before {
                vm.exec.handled = v;
            }
        }
    }
}

//! Hostile strategies: a `Vm` that does at each instruction what otherwise happens rarely.
//!
//! Chosen when the `Vm` is made (`Settings::strategies`; the command's hidden `-X stress=LIST`). A
//! stressed `Vm` replaces every instruction by the word that tracing uses, hidden bodies included, so
//! that an unstressed one pays nothing. In front of an instruction it may
//! - collect garbage (`collect=N`: the young objects at every N-th, everything at every 1000 N-th);
//! - switch to another tasklet and back (`switch=N`), which leaves the run queue alone;
//! - save that tasklet, load it and save the copy again (`save=N`, in N-th switches);
//! - forget the inline caches and method lookups (`nocache`).
//!
//! With `chunks` every activation gets a stack chunk of its own. A program prints the same with and
//! without; `cargo x stress` compares. Another kind is `panic=N`: in front of every N-th instruction
//! the program panics, by turns there, in a machine's step, or in the native function that a call
//! calls. The program sees SystemError and nothing else happens. CPython's counterparts: `gc.set_threshold(1)`,
//! `Py_DEBUG`'s switch interval, `PYTHONMALLOC=debug`.

#![expect(unsafe_code, reason = "puts another callable into a call")]

use stackless_bytecode::Insn;
use stackless_bytecode::isa::{op, op1};

use crate::body::Body;
use crate::exc::{Flow, PyResult, Reply};
use crate::frame::{Frame, Stack};
use crate::machine::Machine;
use crate::native::{Def, Native, NativeFunction, def};
use crate::tasklet::Tasklet;
use crate::value::{Ref, Value};
use crate::vm::{Exec, Vm};

/// What a `Vm` is put under; the default is nothing. Numbers are periods in instructions, 0: never.
#[derive(Clone, Default)]
pub struct Strategies {
    pub collect: u32,
    pub switch: u32,
    /// A period in switches away from tasklets that can be saved.
    pub save: u32,
    pub no_caches: bool,
    pub small_chunks: bool,
    pub panic: u32,
    /// The command prints `Vm::stress_report` at its end.
    pub report: bool,
}

impl Strategies {
    /// Reads `collect,switch=3,save=1000,nocache,chunks`; a period that is not given is 1.
    pub fn parse(text: &str) -> Result<Strategies, String> {
        let mut s = Strategies::default();
        for part in text.split(',').filter(|p| !p.is_empty()) {
            let (name, period) = part.split_once('=').unwrap_or((part, "1"));
            let period = period.parse().map_err(|_| format!("bad period in {part:?}"))?;
            match name {
                "collect" => s.collect = period,
                "switch" => s.switch = period,
                "save" => s.save = period,
                "nocache" => s.no_caches = true,
                "panic" => s.panic = period,
                "chunks" => s.small_chunks = true,
                "report" => s.report = true,
                _ => return Err(format!("unknown strategy {name:?}")),
            }
        }
        if s.save > 0 && s.switch == 0 {
            s.switch = 1;
        }
        Ok(s)
    }

    pub(crate) fn any(&self) -> bool {
        self.collect > 0 || self.switch > 0 || self.no_caches || self.panic > 0
    }
}

/// What the strategies did.
#[derive(Clone, Default, Debug)]
pub struct Report {
    pub collections: u64,
    pub switches: u64,
    /// Tasklets that were saved and loaded.
    pub saved: u64,
    /// Tasklets that refused to be saved: they hold what no snapshot can.
    pub refused: u64,
    /// Copies that did not load, or whose snapshot differs from that of the original.
    pub differing: Vec<String>,
    pub panics: u64,
}

/// The running strategies of one `Vm`.
pub(crate) struct Stress {
    pub strategies: Strategies,
    pub report: Report,
    /// The tasklet that is switched to; it has one frame, `GHOST`, and is in no queue.
    ghost: Option<Ref<Tasklet>>,
    /// The tasklet that was switched away from, and what its result register held.
    away: Option<(Ref<Tasklet>, Value)>,
    /// The instruction that was put off for a switch and runs next.
    put_off: Option<(*mut Frame, u32)>,
    to_collect: u32,
    to_switch: u32,
    to_save: u32,
    to_panic: u32,
    /// The start of the interpreter is over.
    started: bool,
}

impl Vm {
    /// What the strategies of a stressed `Vm` did so far.
    pub fn stress_report(&self) -> Option<Report> {
        self.stress.as_ref().map(|s| s.report.clone())
    }

    /// The stack of a new tasklet.
    pub(crate) fn new_exec(&self) -> Exec {
        let mut exec = Exec::default();
        if self.settings.strategies.small_chunks {
            exec.stack = Stack::small();
        }
        exec
    }
}

/// Begins the strategies of a `Vm` that has started.
pub(crate) fn begin(vm: &mut Vm) {
    let strategies = vm.settings.strategies.clone();
    if strategies.small_chunks && vm.exec.frame.is_null() {
        vm.exec.stack = Stack::small();
    }
    if !strategies.any() {
        return;
    }
    vm.stress = Some(Box::new(Stress {
        to_collect: strategies.collect,
        to_switch: strategies.switch,
        to_save: strategies.save,
        to_panic: strategies.panic,
        started: false,
        strategies,
        report: Report::default(),
        ghost: None,
        away: None,
        put_off: None,
    }));
    crate::trace::stress_all(vm);
}

/// One step of a countdown: true when its period is over.
fn due(left: &mut u32, period: u32) -> bool {
    if period == 0 {
        return false;
    }
    *left -= 1;
    if *left == 0 {
        *left = period;
    }
    *left == period
}

/// In front of an instruction of `frame`: true if control went elsewhere; the instruction then runs
/// when the outcome is delivered (stage 3).
pub(crate) fn before(vm: &mut Vm, frame: *mut Frame, offset: u32) -> PyResult<bool> {
    let Some(s) = &mut vm.stress else { return Ok(false) };
    if s.put_off.take() == Some((frame, offset)) {
        return Ok(false);
    }
    let Strategies { collect, switch, panic, .. } = s.strategies;
    // SAFETY: the current frame.
    s.started = s.started || panic > 0 && is_program(unsafe { (*frame).body() });
    if s.started && due(&mut s.to_panic, panic) {
        s.report.panics += 1;
        let kind = s.report.panics % 3;
        return panic_at(vm, frame, offset, kind);
    }
    let collecting = due(&mut s.to_collect, collect);
    let switching = due(&mut s.to_switch, switch);
    if collecting {
        s.report.collections += 1;
        let everything = s.report.collections.is_multiple_of(1000);
        crate::gc::collect(vm, if everything { 2 } else { 0 });
        if vm.heap.pending.get() {
            return crate::interp::serve(vm, frame, crate::breaker::run_finalizers);
        }
    }
    if switching && crate::tasklet::may_switch(vm) {
        if let Some(s) = &mut vm.stress {
            s.put_off = Some((frame, offset));
        }
        return crate::interp::serve(vm, frame, leave);
    }
    Ok(false)
}

/// Does the body come from a program and not from the packed library?
fn is_program(body: &Body) -> bool {
    !body.hidden && !body.code.filename.starts_with("<frozen")
}

/// Panics in front of an instruction, in a machine's step there, or in the function that it calls.
fn panic_at(vm: &mut Vm, frame: *mut Frame, offset: u32, kind: u64) -> PyResult<bool> {
    // SAFETY: the current frame, in front of an instruction whose operands are valid.
    let (words, regs) = unsafe { (&(*frame).body().code.words, (*frame).regs()) };
    let insn = Insn::decode(words.get(offset as usize).copied().unwrap_or(0));
    match (kind, insn.op) {
        (0, op::CALL | op1::CALL) => {
            let native = Native::new(&PANIC, Value::UNBOUND, Value::NONE);
            let f = vm.alloc(&vm.types.builtin_function, NativeFunction(native)).into_value();
            // SAFETY: the callable of a call is the temporary b.
            drop(unsafe { std::mem::replace(&mut *regs.add(insn.b as usize), f) });
            Ok(false)
        }
        (1, _) => crate::interp::serve(vm, frame, |vm| vm.start(&PANICS, [])),
        _ => panic!("provoked at an instruction"),
    }
}

static PANIC: Def =
    def!("panic", "(a=None, b=None, c=None, /)", |_, _| panic!("provoked in a native"));

/// Panics in its step. No registers.
pub(crate) static PANICS: Machine =
    Machine::new("stress.panics", |_, _, _| panic!("provoked in a machine"));

/// Switches to the ghost.
fn leave(vm: &mut Vm) -> Flow {
    let me = vm.current_tasklet()?;
    let known = vm.stress.as_ref().and_then(|s| s.ghost.clone());
    let ghost = match known {
        Some(g) => g,
        None => {
            let ty = vm.types.tasklet.clone();
            let g = vm.new_tasklet(&ty);
            let mut exec = vm.new_exec();
            let none = std::ptr::null_mut();
            exec.frame = exec.stack.push_native(none, &GHOST, &mut std::iter::empty());
            exec.native_depth = 1;
            *g.exec.get_mut(vm) = exec;
            g
        }
    };
    let register = me.tempval.replace(Value::NONE);
    if let Some(s) = &mut vm.stress {
        s.report.switches += 1;
        s.ghost = Some(ghost.clone());
        s.away = Some((me.clone(), register));
    }
    crate::tasklet::exchange(vm, &me, &ghost);
    vm.pending_input = Some(Ok(Value::NONE));
    Ok(Reply::SWITCHED)
}

/// Goes straight back to the tasklet that was left. No registers.
pub(crate) static GHOST: Machine = Machine::new("stress.ghost", |vm, _, _| {
    let away = vm.stress.as_mut().and_then(|s| s.away.take());
    let Some((back, register)) = away else { return Err(vm.system_error("no tasklet was left")) };
    // A tasklet with native loops, as the main one, is never saved.
    let restorable = back.nesting(vm) == 0;
    let saving = vm.stress.as_mut().is_some_and(|s| {
        let period = s.strategies.save;
        restorable && due(&mut s.to_save, period)
    });
    if saving {
        save(vm, &back.to_value());
    }
    back.tempval.set(register);
    let ghost = vm.current_tasklet()?;
    crate::tasklet::exchange(vm, &ghost, &back);
    vm.pending_input = Some(Ok(Value::NONE));
    Ok(Reply::SWITCHED)
});

/// Saves a suspended tasklet, loads it and does the same with the copy: their snapshots are the same.
/// (The first one may hold equal strings twice that are one string once they are loaded.) The copies
/// are no part of the program, so no finaliser of theirs runs: it would show, and it would be
/// saved itself before long.
fn save(vm: &mut Vm, tasklet: &Value) {
    let note = match crate::snapshot::save(vm, tasklet) {
        Err(_) => Ok(false),
        Ok(first) => match twice(vm, &first) {
            Ok((second, third)) if second == third => Ok(true),
            Ok((second, third)) => Err(differ(&second, &third)),
            // A module that is being imported cannot be found by its name yet.
            Err(e) if vm.exc_is(&e, &vm.excs.import_error) => Ok(false),
            Err(e) => Err(crate::builtins::describe(vm, &e)),
        },
    };
    let Some(s) = &mut vm.stress else { return };
    match note {
        Ok(true) => s.report.saved += 1,
        Ok(false) => s.report.refused += 1,
        Err(text) => s.report.differing.push(text),
    }
}

fn twice(vm: &mut Vm, first: &[u8]) -> PyResult<(Vec<u8>, Vec<u8>)> {
    let second = round_trip(vm, first)?;
    let third = round_trip(vm, &second)?;
    Ok((second, third))
}

fn round_trip(vm: &mut Vm, bytes: &[u8]) -> PyResult<Vec<u8>> {
    let copy = crate::snapshot::load_silent(vm, bytes)?;
    crate::snapshot::save(vm, &copy)
}

fn differ(a: &[u8], b: &[u8]) -> String {
    let at = a.iter().zip(b).position(|(x, y)| x != y).unwrap_or(a.len().min(b.len()));
    format!("snapshots of {} and {} bytes differ at {at}", a.len(), b.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strategies_are_read() {
        let s = Strategies::parse("collect=7,nocache,save=20").unwrap();
        assert_eq!((s.collect, s.switch, s.save, s.no_caches), (7, 1, 20, true));
        assert!(Strategies::parse("").is_ok_and(|s| !s.any() && !s.small_chunks));
        assert!(Strategies::parse("sleep").is_err() && Strategies::parse("switch=x").is_err());
    }
}

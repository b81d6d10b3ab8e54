//! Machines: native operations that call Python back, as frames.
//!
//! A machine is a named step function over registers and a stage. `Vm::start` pushes its frame; the
//! loop steps it with `Input::Start`, and later with the outcome of each operation that replied
//! *pushed*. A step returns the operation's own outcome, or *pushed* to be stepped again. Nothing
//! but values and a stage number survives a step, so a suspended machine pickles as
//! `(name, version, stage, registers)`.
//!
//! Loops inside a step must bound what they do between looks at the eval-breaker only by the size
//! of data, never by user iterators.
#![expect(unsafe_code, reason = "register access of native frames")]

use crate::exc::{Exc, Flow, PyResult, Reply};
use crate::frame::Frame;
use crate::value::Value;
use crate::vm::Vm;

/// What a step is given.
pub enum Input {
    Start,
    Value(Value),
    /// The iterator asked for an item has none.
    Exhausted,
    Exc(Exc),
}

impl Input {
    /// The value, raising what was raised. `Start` and exhaustion give None / unbound.
    pub fn value(self) -> PyResult {
        match self {
            Input::Value(v) => Ok(v),
            Input::Start => Ok(Value::NONE),
            Input::Exhausted => Ok(Value::UNBOUND),
            Input::Exc(e) => Err(e),
        }
    }
    /// `Some(item)`, or None when exhausted.
    pub fn item(self) -> PyResult<Option<Value>> {
        match self {
            Input::Value(v) => Ok(Some(v)),
            Input::Start | Input::Exhausted => Ok(None),
            Input::Exc(e) => Err(e),
        }
    }
    pub fn from_flow(flow: Result<Value, Exc>) -> Input {
        match flow {
            Ok(v) if v.is_exhausted() => Input::Exhausted,
            Ok(v) => Input::Value(v),
            Err(e) => Input::Exc(e),
        }
    }
}

pub type StepFn = fn(&mut Vm, &mut Regs, Input) -> Flow;

/// A machine's definition. Name and version are part of the pickle format.
pub struct Machine {
    pub name: &'static str,
    pub version: u32,
    pub step: StepFn,
    /// Is a value that arrives in this stage the outcome as it is? A shortcut past the step.
    pub passes: Option<fn(stage: u32, value: &Value) -> bool>,
    /// Takes a value that a generator yields to the machine, which would then ask for the next one at
    /// once: the generator goes on without having been left. False: the step has to look at it.
    pub absorbs: Option<fn(vm: &mut Vm, regs: &mut Regs, value: &Value) -> bool>,
    /// Puts right what the machine changed outside of its frame, when a panic ends it.
    pub abandon: Option<fn(vm: &mut Vm, regs: &mut Regs)>,
}

impl Machine {
    pub const fn new(name: &'static str, step: StepFn) -> Machine {
        Machine { name, version: 1, step, passes: None, absorbs: None, abandon: None }
    }
    /// With an end by panic: see `abandon`.
    pub const fn abandoning(mut self, abandon: fn(&mut Vm, &mut Regs)) -> Machine {
        self.abandon = Some(abandon);
        self
    }
    /// With values that the step would only hand on: see `passes`.
    pub const fn passing(mut self, passes: fn(u32, &Value) -> bool) -> Machine {
        self.passes = Some(passes);
        self
    }
    /// With values that need no step: see `absorbs`.
    pub const fn absorbing(mut self, absorbs: fn(&mut Vm, &mut Regs, &Value) -> bool) -> Machine {
        self.absorbs = Some(absorbs);
        self
    }
}

/// The registers and the stage of the native frame that is being stepped.
pub struct Regs(pub(crate) *mut Frame);

impl Regs {
    #[expect(
        clippy::mut_from_ref,
        reason = "a `Regs` stands for its frame, which nobody else touches"
    )]
    fn frame(&self) -> &mut Frame {
        // SAFETY: a `Regs` exists only during a step of its own frame, which stays in place while
        // frames are pushed above it.
        unsafe { &mut *self.0 }
    }
    pub fn stage(&self) -> u32 {
        self.frame().stage()
    }
    pub fn set_stage(&mut self, stage: u32) {
        self.frame().set_stage(stage);
    }
    pub fn count(&self) -> usize {
        self.frame().ip as usize
    }
    /// A copy of register `i`.
    pub fn get(&self, i: usize) -> Value {
        self.frame().native_reg(i).clone()
    }
    /// Register `i` where it lies.
    pub fn peek(&self, i: usize) -> &Value {
        self.frame().native_reg(i)
    }
    #[inline]
    pub fn set(&mut self, i: usize, value: Value) {
        *self.frame().native_reg(i) = value;
    }
    /// Moves register `i` out, leaving *unbound*.
    pub fn take(&mut self, i: usize) -> Value {
        std::mem::replace(self.frame().native_reg(i), Value::UNBOUND)
    }
    /// An index or small number kept in a register.
    pub fn int(&self, i: usize) -> i64 {
        self.frame().native_reg(i).as_small_int().unwrap_or(0)
    }
    pub fn set_int(&mut self, i: usize, value: i64) {
        self.set(i, Value::small_int(value).unwrap_or(Value::NONE));
    }
    /// Copies of the registers from `from` on.
    pub fn rest(&self, from: usize) -> Vec<Value> {
        (from..self.count()).map(|i| self.get(i)).collect()
    }
}

impl Vm {
    /// Pushes a machine; the loop will step it.
    pub fn start<const N: usize>(&mut self, machine: &'static Machine, regs: [Value; N]) -> Flow {
        debug_assert!(crate::machines::find(self, machine.name).is_some());
        self.push_machine(machine, 0, regs)?;
        Ok(Reply::PUSHED)
    }
    /// Pushes a machine that waits in `stage` for what the caller starts next.
    #[inline]
    pub(crate) fn push_machine<const N: usize>(
        &mut self,
        machine: &'static Machine,
        stage: u32,
        regs: [Value; N],
    ) -> PyResult<*mut Frame> {
        self.enter_native()?;
        let exec = &mut *self.exec;
        let frame = exec.stack.push_machine(exec.frame, machine, stage, regs);
        exec.frame = frame;
        Ok(frame)
    }
    /// The flow of what was called above a waiting machine: an answer that is here already, taken
    /// through the machine's step.
    pub(crate) fn answer_waiting(&mut self, machine: &'static Machine, flow: Flow) -> Flow {
        let input = match flow {
            Ok(r) if r.is_away() => return Ok(r),
            Ok(r) => Input::from_flow(Ok(r.into_raw())),
            Err(e) => Input::Exc(e),
        };
        let frame = self.exec.frame;
        match (machine.step)(self, &mut Regs(frame), input) {
            Ok(r) if r.is_away() => Ok(r),
            flow => {
                crate::interp::pop_native(self);
                flow
            }
        }
    }
    /// Pushes a machine and takes its first step at once, on the native stack of whoever asks: for
    /// machines that call Python with their first step. What they nest into each other is bounded.
    pub(crate) fn start_now<const N: usize>(
        &mut self,
        machine: &'static Machine,
        regs: [Value; N],
    ) -> Flow {
        const NESTED: u8 = 8;
        if self.first_steps >= NESTED {
            return self.start(machine, regs);
        }
        let frame = self.push_machine(machine, 0, regs)?;
        self.first_steps += 1;
        let flow = (machine.step)(self, &mut Regs(frame), Input::Start);
        self.first_steps -= 1;
        match flow {
            Ok(r) if r.is_away() => Ok(r),
            flow => {
                crate::interp::pop_native(self);
                flow
            }
        }
    }
    pub fn start_with(
        &mut self,
        machine: &'static Machine,
        regs: &mut dyn ExactSizeIterator<Item = Value>,
    ) -> Flow {
        debug_assert!(
            crate::machines::find(self, machine.name).is_some_and(|m| std::ptr::eq(m, machine)),
            "machine {} is not listed in machines.rs",
            machine.name
        );
        self.enter_native()?;
        let exec = &mut *self.exec;
        exec.frame = exec.stack.push_native(exec.frame, machine, regs);
        Ok(Reply::PUSHED)
    }
}

/// In a machine's step: the value of a flow, or return *pushed* with the stage set.
#[macro_export]
macro_rules! soft {
    ($regs:ident, $stage:expr, $flow:expr) => {{
        $regs.set_stage($stage);
        match $flow?.ready() {
            Some(value) => value,
            None => return Ok($crate::exc::Reply::PUSHED),
        }
    }};
}

//! Tasklets, channels and the scheduler (spec: `stackless` module).

use std::cell::Cell;

use crate::exc::Flow;
use crate::layout;
use crate::object::{Payload, ValueCell};
use crate::objects::function::value_payload;
use crate::value::Value;
use crate::vm::Vm;

#[derive(Default)]
pub struct Scheduler {
    /// `sys.set_coroutine_origin_tracking_depth`.
    pub origin_depth: usize,
}

pub struct Tasklet {
    pub tempval: ValueCell,
    pub flags: Cell<u32>,
}

// SAFETY: visits each owned value once.
#[expect(unsafe_code, reason = "payload declaration")]
unsafe impl Payload for Tasklet {
    const LAYOUT: u16 = layout::TASKLET;
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(self.tempval.peek());
    }
}

pub struct Channel {
    pub balance: Cell<i64>,
}

// SAFETY: owns no values yet.
#[expect(unsafe_code, reason = "payload declaration")]
unsafe impl Payload for Channel {
    const LAYOUT: u16 = layout::CHANNEL;
    fn traverse(&self, _: &mut dyn FnMut(&Value)) {}
}

value_payload!(
    /// An exception on its way through a channel or a result register.
    Bomb, BOMB { class, value, traceback }
);

pub(crate) fn check_watchdog(_vm: &mut Vm) -> Option<Flow> {
    None
}

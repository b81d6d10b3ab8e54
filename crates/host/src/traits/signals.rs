//! Signals of the process, as far as a VM handles them.

use crate::error::{OsError, Result};
use crate::types::*;

/// A signal that the VM handles is noted when it comes; the VM asks `signals_came` at its leisure.
/// The process has its signals once: they belong to one VM at a time.
pub trait Signals {
    /// Did any come since `take_signals`? Asked often, so cheap.
    fn signals_came(&self) -> bool {
        false
    }

    /// What came since the last time: bit `n` for signal `n`.
    fn take_signals(&self) -> u128 {
        0
    }

    /// errno of a failed write to the wake-up descriptor since the last time; 0 for none.
    fn take_wakeup_error(&self) -> i32 {
        0
    }

    /// Are fatal signals reported?
    fn reports_faults(&self) -> bool {
        false
    }

    denying! {
        /// Sets how a signal is handled (`None` only asks); gives the old way.
        fn disposition(&self, signal: i32, new: Option<Disposition>) -> Disposition;
        /// Each signal that is noted writes its number to this descriptor; -1 for none. Gives the
        /// old one.
        fn set_wakeup(&self, fd: Fd) -> Fd;
        /// Does the signal interrupt blocking calls?
        fn siginterrupt(&self, signal: i32, interrupt: bool) -> ();
        /// Changes the set of blocked signals; gives the old one.
        fn sigmask(&self, how: i32, signals: &[i32]) -> Vec<i32>;
        fn sigpending(&self) -> Vec<i32>;
        /// Takes one of the signals; a negative time waits for ever. `None`: the time is up.
        fn sigtimedwait(&self, signals: &[i32], ns: i64) -> Option<SignalInfo>;
        /// The old timer.
        fn setitimer(&self, which: i32, timer: TimerSpec) -> TimerSpec;
        fn getitimer(&self, which: i32) -> TimerSpec;
        /// Seconds that were left of the old alarm.
        fn alarm(&self, seconds: u32) -> u32;
        fn raise(&self, signal: i32) -> ();
        fn tgkill(&self, pid: i32, thread: i32, signal: i32) -> ();
        /// Names fatal signals on a descriptor before the process dies of them; `None` stops that.
        fn report_faults(&self, fd: Option<Fd>) -> ();
        /// Sends a signal to the calling thread after a time; replaces an earlier request.
        fn signal_later(&self, request: SignalLater) -> ();
        fn cancel_later(&self) -> ();
    }
}

//! Panics of native code become exceptions of the program that called it.
//!
//! The loop (`interp::execute`, `interp::run_nested`) runs under `caught`, so that an entry pays for
//! the catch and a native call pays nothing. What had been moved out of registers is dropped by the
//! unwinding; the loop then puts the frames right (`interp::recover`) and raises what `exception`
//! makes. A failed allocation is MemoryError, everything else SystemError.
//!
//! The process has one panic hook; the command sets ours (`install_hook`), a host may. It notes where
//! a panic happened and prints nothing for those that the loop catches.
//!
//! CPython's counterpart: none; C code that goes wrong ends the process.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};

use crate::exc::Exc;
use crate::vm::Vm;

pub(crate) type Payload = Box<dyn Any + Send>;

thread_local! {
    /// Would the loop catch a panic of this thread now?
    static CATCHING: Cell<bool> = const { Cell::new(false) };
    /// File and line of the last panic that was caught.
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Says for as long as it lives whether this thread's panics are caught.
pub(crate) struct Catching(bool);

impl Catching {
    pub(crate) fn set(on: bool) -> Catching {
        Catching(CATCHING.replace(on))
    }
}

impl Drop for Catching {
    fn drop(&mut self) {
        CATCHING.set(self.0);
    }
}

/// Runs `work`; the payload of its panic, if it panics.
pub(crate) fn caught<T>(work: impl FnOnce() -> T) -> Result<T, Payload> {
    let _catching = Catching::set(true);
    // What the work leaves half done is put right by the callers, who know the `Vm`.
    catch_unwind(AssertUnwindSafe(work))
}

fn text(payload: &Payload) -> &str {
    match (payload.downcast_ref::<&str>(), payload.downcast_ref::<String>()) {
        (Some(text), _) => text,
        (_, Some(text)) => text,
        _ => "panic",
    }
}

/// Panics by which the standard library and other crates report that there is no memory.
fn is_out_of_memory(text: &str) -> bool {
    let known = ["capacity overflow", OUT_OF_MEMORY, "try to allocate too much memory"];
    // The last one: the parser's, about a larger stack.
    known.contains(&text) || text.contains("mmap failed")
}

pub(crate) const OUT_OF_MEMORY: &str = "out of memory";

/// The exception that stands for a panic.
#[cold]
pub(crate) fn exception(vm: &mut Vm, payload: Payload) -> Exc {
    let place = PLACE.take();
    let text = text(&payload);
    if is_out_of_memory(text) {
        return vm.no_memory();
    }
    let place = place.map_or(String::new(), |p| format!(" ({p})"));
    vm.system_error(format!("native code panicked: {text}{place}"))
}

/// Makes panics that become exceptions silent. `verbose`: they are reported as all others are.
pub fn install_hook(verbose: bool) {
    let others = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info: &PanicHookInfo| {
        // The compiler's thread hands its panic on to the thread that waits for it.
        let compiling = std::thread::current().name() == Some("compile");
        let caught = CATCHING.get() || compiling;
        if caught {
            PLACE.replace(info.location().map(|l| format!("{}:{}", l.file(), l.line())));
        }
        if verbose || !caught {
            others(info);
        }
    }));
}

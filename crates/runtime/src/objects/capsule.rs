//! `capsule`: an opaque Rust value of a native module (a compressor, a hash state) inside a Python
//! object. The module's Python class holds it; no program sees it. It owns no Python values, never
//! pickles, and lends its content to one borrower at a time, so a re-entry is an error, not a crash.

use std::any::Any;
use std::cell::RefCell;

use crate::object::Payload;
use crate::value::Value;
use crate::vm::Vm;

#[derive(Payload)]
#[payload(layout = CAPSULE, leaf)]
pub struct Capsule(#[payload(foreign)] RefCell<Box<dyn Any>>);

impl Vm {
    pub fn capsule<T: Any>(&self, content: T) -> Value {
        self.alloc(&self.types.capsule, Capsule(RefCell::new(Box::new(content)))).into_value()
    }
}

/// Lends the content of a capsule; None for anything else than a capsule of a `T`.
pub fn with<T: Any, R>(v: &Value, f: impl FnOnce(&mut T) -> R) -> Option<R> {
    let mut content = v.get::<Capsule>()?.0.try_borrow_mut().ok()?;
    content.downcast_mut::<T>().map(f)
}

//! `code` objects. CPython's counterpart: `Objects/codeobject.c`.

use std::cell::OnceCell;
use std::sync::Arc;

use stackless_bytecode::Code;

use crate::body::Body;
use crate::layout;
use crate::object::Payload;
use crate::value::Value;
use crate::vm::Vm;

pub struct PyCode {
    pub code: Arc<Code>,
    body: OnceCell<Box<Body>>,
}

// SAFETY: the body's constants form no cycles with the code object (constants are immutable and
// cannot refer back), so they need no visit.
#[expect(unsafe_code, reason = "payload declaration")]
unsafe impl Payload for PyCode {
    const LAYOUT: u16 = layout::CODE;
    const LEAF: bool = true;
    fn traverse(&self, _: &mut dyn FnMut(&Value)) {}
}

impl PyCode {
    pub fn new(code: Arc<Code>) -> PyCode {
        PyCode { code, body: OnceCell::new() }
    }
    pub(crate) fn body(&self, vm: &Vm) -> *const Body {
        &raw const **self.body.get_or_init(|| vm.make_body(&self.code))
    }
    /// The body, if the code ran or was looked at.
    pub(crate) fn made(&self) -> Option<&Body> {
        self.body.get().map(|b| &**b)
    }
    pub fn body_ref(&self, vm: &Vm) -> &Body {
        self.body.get_or_init(|| vm.make_body(&self.code))
    }
}

//! `code` objects. CPython's counterpart: `Objects/codeobject.c`.

use stackless_bytecode::CodeRef;
use std::cell::OnceCell;

use crate::body::Body;
use crate::object::Payload;
use crate::value::Value;
use crate::vm::Vm;

#[derive(Payload)]
#[payload(layout = CODE, leaf)]
pub struct PyCode {
    #[payload(foreign)]
    pub code: CodeRef,
    #[payload(foreign)]
    body: OnceCell<Box<Body>>,
    /// Interned name and qualified name, for the functions that are made of the code.
    #[payload(foreign)]
    names: OnceCell<(Value, Value)>,
}

impl PyCode {
    pub fn new(code: CodeRef) -> PyCode {
        PyCode { code, body: OnceCell::new(), names: OnceCell::new() }
    }
    pub(crate) fn body(&self, vm: &Vm) -> *const Body {
        &raw const **self.body.get_or_init(|| vm.make_body(&self.code))
    }
    pub(crate) fn names(&self, vm: &Vm) -> (Value, Value) {
        let make = || (vm.intern_text(self.code.name()), vm.intern_text(self.code.qualname()));
        self.names.get_or_init(make).clone()
    }
    /// The first constant, where the flags say that it is a docstring.
    pub fn docstring(&self, vm: &Vm) -> Value {
        use stackless_bytecode::code::flags::HAS_DOCSTRING;
        if self.code.flags() & HAS_DOCSTRING == 0 {
            return Value::NONE;
        }
        let first = self.code.consts.first();
        first.map_or(Value::NONE, |c| crate::body::const_value(vm, c))
    }
    /// The body, if the code ran or was looked at.
    pub(crate) fn made(&self) -> Option<&Body> {
        self.body.get().map(|b| &**b)
    }
    pub fn body_ref(&self, vm: &Vm) -> &Body {
        self.body.get_or_init(|| vm.make_body(&self.code))
    }
}

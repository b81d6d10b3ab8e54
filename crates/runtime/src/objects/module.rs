//! `module` objects. CPython's counterpart: `Objects/moduleobject.c`.

use crate::exc::Exc;
use crate::layout;
use crate::object::Obj;
use crate::object::{Payload, ValueCell};
use crate::objects::dict::Dict;
use crate::objects::function::value_payload;
use crate::value::{Ref, Value};
use crate::vm::Vm;

value_payload!(
    /// A module: its namespace.
    Module, MODULE { dict }
);

impl Vm {
    /// A new module with the usual empty attributes.
    pub fn module(&mut self, name: &str, doc: Value) -> Ref<Module> {
        let dict = self.dict();
        let text = self.intern(name);
        for (k, v) in [
            ("__name__", text),
            ("__doc__", doc),
            ("__package__", Value::NONE),
            ("__loader__", Value::NONE),
            ("__spec__", Value::NONE),
        ] {
            dict.set_text(self, k, v);
        }
        self.alloc(&self.types.module, Module { dict: ValueCell::new(dict.into_value()) })
    }
}

impl Module {
    pub fn namespace(&self) -> Option<Ref<Dict>> {
        self.dict.get().cast::<Dict>().ok()
    }
}

/// AttributeError of a module attribute, naming the module.
#[cold]
pub fn no_attribute(vm: &mut Vm, m: &Obj<Module>, obj: &Value, name: &Value) -> Exc {
    let n = name.display_str(vm);
    let module = m.namespace().and_then(|d| d.get_str(vm, &vm.names.name.clone()));
    let message = match module.as_ref().and_then(|m| m.as_str(vm)) {
        Some(m) => format!("module '{m}' has no attribute '{n}'"),
        None => format!("module has no attribute '{n}'"),
    };
    vm.attribute_error(message, obj, name)
}

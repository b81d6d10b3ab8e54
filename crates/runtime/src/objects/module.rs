//! `module` objects. CPython's counterpart: `Objects/moduleobject.c`.

use crate::exc::Exc;
use crate::object::Obj;
use crate::object::{Payload, ValueCell};
use crate::objects::dict::Dict;
use crate::objects::list::List;
use crate::objects::set::Set;
use crate::value::{Ref, Value};
use crate::vm::Vm;

/// A module: its namespace.
#[derive(Payload)]
#[payload(layout = MODULE, clear)]
pub struct Module {
    pub dict: ValueCell,
}

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

/// Why a module may lack a name.
#[derive(PartialEq, Eq)]
pub enum Trouble {
    None,
    /// It stands before the library's module of its name.
    ShadowsLibrary,
    /// It may stand before an installed module, which it tries to import.
    MayShadow,
    /// It is being imported.
    Initializing,
    /// The missing name is a submodule that is being imported.
    Submodule,
}

/// Looks into a module's `__spec__` for the reason of a missing name, and for its file. Nothing of
/// Python runs.
pub fn trouble(
    vm: &mut Vm,
    spec: &Value,
    module: Option<&str>,
    name: &Value,
) -> (Trouble, Option<String>) {
    let field = |vm: &Vm, key: &str| vm.instance_get(spec, &vm.intern(key));
    let located = field(vm, "_set_fileattr").is_some_and(|v| v.is_true());
    let origin = field(vm, "origin").filter(|_| located);
    let origin = origin.and_then(|v| v.as_str(vm).map(str::to_owned));
    let shadows = origin.as_deref().is_some_and(|origin| is_first(vm, origin));
    if shadows && module.is_some_and(|m| is_of_library(vm, m)) {
        return (Trouble::ShadowsLibrary, origin);
    }
    if field(vm, "_initializing").is_some_and(|v| v.is_true()) {
        return (if shadows { Trouble::MayShadow } else { Trouble::Initializing }, origin);
    }
    let pending = field(vm, "_uninitialized_submodules");
    let pending = pending.as_ref().and_then(|v| v.get::<List>());
    let wanted = name.as_str(vm);
    let found = pending
        .is_some_and(|l| l.items(vm).iter().any(|v| wanted.is_some() && v.as_str(vm) == wanted));
    (if found { Trouble::Submodule } else { Trouble::None }, origin)
}

/// Whether a module of this file was found in the program's own entry of `sys.path`.
fn is_first(vm: &Vm, origin: &str) -> bool {
    let Some(first) = &vm.first_path else { return false };
    let Some((mut place, file)) = origin.rsplit_once('/') else { return false };
    if file == "__init__.py" {
        let Some((above, _)) = place.rsplit_once('/') else { return false };
        place = above;
    }
    if first.is_empty() {
        return vm.host.getcwd().is_ok_and(|here| here == place.as_bytes());
    }
    first == place
}

fn is_of_library(vm: &Vm, name: &str) -> bool {
    let names = vm.sys_dict.as_ref().and_then(|d| d.get_text(vm, "stdlib_module_names"));
    let names = names.as_ref().and_then(|v| v.get::<Set>());
    names.is_some_and(|s| s.keys(vm).iter().any(|k| k.as_str(vm) == Some(name)))
}

/// AttributeError of a module attribute, naming the module.
#[cold]
pub fn no_attribute(vm: &mut Vm, m: &Obj<Module>, obj: &Value, name: &Value) -> Exc {
    let n = name.display_str(vm);
    let dict = m.namespace();
    let module = dict.as_ref().and_then(|d| d.get_str(vm, &vm.names.name.clone()));
    let module = module.as_ref().and_then(|m| m.as_str(vm)).map(str::to_owned);
    let Some(module) = module else {
        return vm.attribute_error(format!("module has no attribute '{n}'"), obj, name);
    };
    let spec = dict.and_then(|d| d.get_text(vm, "__spec__")).unwrap_or(Value::NONE);
    let (trouble, origin) = trouble(vm, &spec, Some(&module), name);
    let file = origin.as_deref().unwrap_or_default();
    let message = match trouble {
        Trouble::None => format!("module '{module}' has no attribute '{n}'"),
        Trouble::ShadowsLibrary => format!(
            "module '{module}' has no attribute '{n}' (consider renaming '{file}' since it has the same \
             name as the standard library module named '{module}' and prevents importing that standard \
             library module)"
        ),
        Trouble::MayShadow => format!(
            "module '{module}' has no attribute '{n}' (consider renaming '{file}' if it has the same name \
             as a library you intended to import)"
        ),
        Trouble::Initializing if origin.is_some() => format!(
            "partially initialized module '{module}' from '{file}' has no attribute '{n}' (most likely \
             due to a circular import)"
        ),
        Trouble::Initializing => format!(
            "partially initialized module '{module}' has no attribute '{n}' (most likely due to a circular \
             import)"
        ),
        Trouble::Submodule => format!(
            "cannot access submodule '{n}' of module '{module}' (most likely due to a circular import)"
        ),
    };
    vm.attribute_error(message, obj, name)
}

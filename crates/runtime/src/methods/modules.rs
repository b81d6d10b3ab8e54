//! `types.ModuleType`. CPython's counterpart: `Objects/moduleobject.c`.

use crate::boot::TypeBuilder;
use crate::descr::{GetSet, getset, getter};
use crate::exc::{Flow, PyResult, Reply};
use crate::native::{Def, def};
use crate::object::ValueCell;
use crate::objects::dict::Dict;
use crate::objects::module::Module;
use crate::objects::types::Type;
use crate::ops;
use crate::value::{Ref, Value};
use crate::vm::Vm;

fn namespace(vm: &mut Vm, v: &Value) -> PyResult<Ref<Dict>> {
    match v.get::<Module>().and_then(|m| m.namespace()) {
        Some(d) => Ok(d),
        None => Err(vm.type_error("module expected")),
    }
}

const METHODS: &[Def] = &[
    def!("__new__", "(cls, /, *args, **kwargs)", |vm, cls, _, _| {
        let Some(class) = cls.get::<Type>().map(|t| t.to_ref()) else {
            return Err(vm.type_error("module.__new__(X): X is not a type object"));
        };
        let dict = vm.dict().into_value();
        Ok(vm.new_object(&class, Module { dict: ValueCell::new(dict) }).into())
    }),
    def!("__init__", "(self, name: str, doc=None)", |vm, a| {
        let d = namespace(vm, &a[0])?;
        d.set_text(vm, "__name__", a[1].clone());
        d.set_text(vm, "__doc__", a[2].given().cloned().unwrap_or(Value::NONE));
        for k in ["__package__", "__loader__", "__spec__"] {
            d.set_text(vm, k, Value::NONE);
        }
        Ok(Reply::NONE)
    }),
    def!("__dir__", "(self, /)", |vm, a| crate::steps::call_intrinsic(vm, "module_dir", a)),
];

fn annotations(vm: &mut Vm, v: &Value) -> Flow {
    let d = namespace(vm, v)?;
    if let Some(found) = d.get_text(vm, "__annotations__") {
        return Ok(found.into());
    }
    crate::steps::call_intrinsic(vm, "module_annotations", std::slice::from_ref(&d.to_value()))
}

static ATTRS: [GetSet; 3] = [
    getter("__dict__", |vm, v| Ok(namespace(vm, v)?.into())),
    getset("__annotations__", annotations, |vm, v, x| {
        let d = namespace(vm, v)?;
        let name = vm.names.annotations.clone();
        if !x.is_unbound() {
            d.set_str(vm, &name, x.clone());
        } else if !d.del_str(vm, &name) {
            return Err(vm.no_attribute(v, &name));
        }
        Ok(Reply::NONE)
    }),
    getset(
        "__annotate__",
        |vm, v| {
            let d = namespace(vm, v)?;
            Ok(d.get_text(vm, "__annotate__").unwrap_or(Value::NONE).into())
        },
        |vm, v, x| {
            let d = namespace(vm, v)?;
            if x.is_unbound() {
                return Err(vm.type_error("cannot delete __annotate__ attribute"));
            }
            if !x.is_none() && vm.type_of(x).slots(vm).call.is_none() {
                return Err(vm.type_error("__annotate__ must be callable or None"));
            }
            d.set_text(vm, "__annotate__", x.clone());
            if !x.is_none() {
                let name = vm.names.annotations.clone();
                d.del_str(vm, &name);
            }
            Ok(Reply::NONE)
        },
    ),
];

pub fn define_module(b: &mut TypeBuilder<'_>) {
    b.slots.getattr = Some(ops::attr::module_getattr);
    b.slots.setattr = Some(|vm, v, name, value| {
        // Data descriptors of the class (`__class__`, properties of subclasses) come first.
        let class = vm.type_of(v).to_ref();
        if let Some(d) = class.lookup(vm, name)
            && vm.type_of(&d).slots(vm).descr_set.is_some()
        {
            return ops::attr::generic_setattr(vm, v, name, value);
        }
        let d = namespace(vm, v)?;
        if !value.is_unbound() {
            d.set_str(vm, name, value.clone());
        } else if !d.del_str(vm, name) {
            return Err(vm.no_attribute(v, name));
        }
        Ok(Reply::NONE)
    });
    b.slots.repr =
        Some(|vm, v| crate::steps::call_intrinsic(vm, "module_repr", std::slice::from_ref(v)));
    b.methods(METHODS);
    b.getsets(&ATTRS);
}

//! `_weakref`. The proxies are Python: `lib/overlay/_weakref_proxy.py`.

use stackless_runtime::exc::Reply;
use stackless_runtime::native::{Def, def};
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::weak;
use stackless_runtime::{PyResult, Ref, Value, Vm};

use crate::Native;

pub const MODULE: Native = Native { name: "_weakref_native", defs: DEFS, fill };

fn fill(vm: &mut Vm, d: &Ref<Dict>) -> PyResult<()> {
    let t = vm.types.weakref.to_value();
    d.set_text(vm, "ref", t.clone());
    d.set_text(vm, "ReferenceType", t);
    Ok(())
}

const DEFS: &[Def] = &[
    def!("getweakrefcount", "(object, /)", |vm, object| {
        Ok(Value::from_usize(vm.weakrefs_of(object).len()).into())
    }),
    def!("getweakrefs", "(object, /)", |vm, object| {
        let refs = vm.weakrefs_of(object);
        Ok(vm.list(refs).into())
    }),
    def!("_remove_dead_weakref", "(dct, key, /)", |vm, a| {
        let Some(d) = a[0].get::<Dict>() else {
            return Err(vm.type_error("_remove_dead_weakref() argument 1 must be dict"));
        };
        // Keys of plain types only: the caller is a weak value dictionary, which retries.
        let found = d.items_vec(vm).into_iter().find(|(k, _)| {
            k.is(&a[1]) || stackless_runtime::ops::compare::eq_fast(vm, k, &a[1]) == Some(true)
        });
        if let Some((k, v)) = found
            && v.has::<weak::WeakRef>()
            && weak::referent(&v).is_none()
        {
            let d = a[0].clone();
            return stackless_runtime::ops::item::setitem(vm, &d, &k, &Value::UNBOUND);
        }
        Ok(Reply::NONE)
    }),
];

//! `_imp`: native and packed modules for the import system, and code objects as bytes.
//! CPython's counterpart: `Python/import.c`.

use stackless_bytecode as bytecode;
use stackless_runtime::exc::Reply;
use stackless_runtime::native::{Def, def};
use stackless_runtime::objects::bytes::Bytes;
use stackless_runtime::objects::code::PyCode;
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::{Flow, PyResult, Ref, Value, Vm, ops};

use crate::{Library, Native};

pub const MODULE: Native = Native { name: "_imp", defs: DEFS, fill };

fn fill(vm: &mut Vm, d: &Ref<Dict>) -> PyResult<()> {
    let v = vm.str("default");
    d.set_text(vm, "check_hash_based_pycs", v);
    let v = vm.int(i64::from(stackless_pylib::pyc_magic()) | 0x0a0d << 16);
    d.set_text(vm, "pyc_magic_number_token", v);
    Ok(())
}

fn name_of(vm: &mut Vm, v: &Value) -> PyResult<String> {
    match v.as_str(vm) {
        Some(s) => Ok(s.to_string()),
        None => {
            let t = vm.type_name(v);
            Err(vm.type_error(format!("module name must be str, not {t}")))
        }
    }
}

fn create(vm: &mut Vm, name: &Value) -> Flow {
    let name = name_of(vm, name)?;
    if let Some(m) = vm.modules.clone().and_then(|m| m.get_text(vm, &name))
        && matches!(name.as_str(), "sys" | "builtins" | "stackless" | "_stackless")
    {
        return Ok(m.into());
    }
    Ok(crate::create(vm, &name)?.unwrap_or(Value::NONE).into())
}

fn is_builtin(name: &str) -> bool {
    matches!(name, "sys" | "builtins") || crate::TABLE.iter().any(|n| n.name == name)
}

const DEFS: &[Def] = &[
    def!("is_builtin", "(name, /)", |vm, a| {
        let name = name_of(vm, &a[0])?;
        let n = match name.as_str() {
            "sys" | "builtins" => -1,
            name => is_builtin(name) as i32,
        };
        Ok(Value::from_i32(n).into())
    }),
    def!("create_builtin", "(spec, /)", |vm, spec| {
        let key = vm.intern("name");
        vm.start(&CREATE, [spec.clone(), key])
    }),
    def!("exec_builtin", "(mod, /)", |_, _| Ok(Value::from_i32(0).into())),
    def!("create_dynamic", "(spec, file=None, /)", |vm, _| {
        Err(vm.import_error("dynamic modules are not supported", &Value::NONE))
    }),
    def!("exec_dynamic", "(mod, /)", |_, _| Ok(Value::from_i32(0).into())),
    def!("is_frozen", "(name, /)", |vm, a| {
        let name = name_of(vm, &a[0])?;
        Ok(Library::find(vm, &name).is_some().into())
    }),
    def!("is_frozen_package", "(name, /)", |vm, a| {
        let name = name_of(vm, &a[0])?;
        match Library::find(vm, &name) {
            Some(l) => Ok(l.is_package().into()),
            None => Err(no_frozen(vm, &a[0])),
        }
    }),
    def!("find_frozen", "(name, /, *, withdata=False)", |vm, a| {
        let name = name_of(vm, &a[0])?;
        match Library::find(vm, &name) {
            Some(l) => {
                let origin = match name.as_str() {
                    "_frozen_importlib" => vm.str("importlib._bootstrap"),
                    "_frozen_importlib_external" => vm.str("importlib._bootstrap_external"),
                    _ => a[0].clone(),
                };
                Ok(vm.tuple(vec![Value::NONE, l.is_package().into_value(), origin]).into())
            }
            None => Ok(Reply::NONE),
        }
    }),
    def!("get_frozen_object", "(name, data=None, /)", |vm, a| {
        let name = name_of(vm, &a[0])?;
        match Library::find(vm, &name) {
            Some(l) => l.placed_code(vm, &name).map(Reply::from),
            None => Err(no_frozen(vm, &a[0])),
        }
    }),
    def!("_frozen_source", "(name, /)", |vm, a| {
        let name = name_of(vm, &a[0])?;
        match Library::find(vm, &name) {
            Some(l) => Ok(vm.bytes(&l.source()).into()),
            None => Ok(Reply::NONE),
        }
    }),
    def!("_frozen_names", "()", |vm, _| {
        let names: Vec<Value> = stackless_pylib::names().map(|n| vm.str(n)).collect();
        Ok(vm.list(names).into())
    }),
    def!("_builtin_names", "()", |vm, _| {
        let mut names: Vec<&str> = crate::TABLE.iter().map(|n| n.name).collect();
        names.extend(["builtins", "sys"]);
        names.sort_unstable();
        let names = names.into_iter().map(|n| vm.str(n)).collect();
        Ok(vm.tuple(names).into())
    }),
    def!("init_frozen", "(name, /)", |_, _| Ok(Reply::NONE)),
    def!("lock_held", "()", |_, _| Ok(Value::FALSE.into())),
    def!("acquire_lock", "()", |_, _| Ok(Reply::NONE)),
    def!("release_lock", "()", |_, _| Ok(Reply::NONE)),
    def!("extension_suffixes", "()", |vm, _| Ok(vm.list(Vec::new()).into())),
    def!("_override_frozen_modules_for_tests", "(override, /)", |_, _| Ok(Reply::NONE)),
    def!("_override_multi_interp_extensions_check", "(override, /)", |_, _| {
        Ok(Value::from_i32(0).into())
    }),
    def!("_fix_co_filename", "(code, path, /)", |_, _| Ok(Reply::NONE)),
    def!("source_hash", "(key: index, source, /)", |vm, key, source| {
        let data = crate::support::data(vm, source)?;
        let mut h = 0xcbf2_9ce4_8422_2325u64 ^ crate::support::int(key) as u64;
        for b in data {
            h = (h ^ b as u64).wrapping_mul(0x0100_0000_01b3);
        }
        Ok(vm.bytes(&h.to_le_bytes()).into())
    }),
    def!("_encode_code", "(code, /)", |vm, code| match code.get::<PyCode>() {
        Some(c) => Ok(vm.bytes(&bytecode::encode(&c.code)).into()),
        None => Err(vm.type_error("code object expected")),
    }),
    def!("_decode_code", "(data, /)", |vm, data| {
        let Some(b) = data.get::<Bytes>() else { return Err(vm.type_error("bytes expected")) };
        let code = bytecode::decode(b.as_bytes()).ok().filter(|c| bytecode::verify(c).is_ok());
        match code {
            Some(code) => Ok(vm.code(std::sync::Arc::new(code)).into()),
            None => Err(vm.value_error("bad marshal data (invalid code object)")),
        }
    }),
];

fn no_frozen(vm: &mut Vm, name: &Value) -> stackless_runtime::Exc {
    let n = name.display_str(vm);
    vm.import_error(&format!("No such frozen object named {n}"), name)
}

trait IntoValue {
    fn into_value(self) -> Value;
}
impl IntoValue for bool {
    fn into_value(self) -> Value {
        Value::bool(self)
    }
}

use stackless_runtime::machine::Machine;

/// Registers: spec, "name".
pub static CREATE: Machine = Machine::new("imp.create_builtin", |vm, regs, input| {
    let name = match regs.stage() {
        0 => {
            let (spec, key) = (regs.get(0), regs.get(1));
            stackless_runtime::soft!(regs, 1, ops::attr::getattr(vm, &spec, &key))
        }
        _ => input.value()?,
    };
    create(vm, &name)
});

/// What only the start module uses.
pub const START: &[Def] = &[
    def!("create_native", "(name, /)", |vm, name| create(vm, name)),
    def!("set_importer", "(function, /)", |vm, function| {
        stackless_runtime::import::set_importer(vm, function.clone());
        Ok(Reply::NONE)
    }),
    def!("set_first_path", "(path, /)", |vm, path| {
        vm.first_path = path.as_str(vm).map(str::to_owned);
        Ok(Reply::NONE)
    }),
    def!("namespace_type", "()", |vm, _| Ok(vm.types.simple_namespace.to_value().into())),
    def!("new_module", "(name, /)", |vm, a| {
        let name = name_of(vm, &a[0])?;
        Ok(vm.module(&name, Value::NONE).into())
    }),
    def!("library_code", "(name, /)", |vm, a| {
        let name = name_of(vm, &a[0])?;
        match Library::find(vm, &name) {
            Some(l) => l.code(vm, &name).map(Reply::from),
            None => Err(no_frozen(vm, &a[0])),
        }
    }),
];

//! `sys`: the parts that look into the VM. The rest is Python: `lib/overlay/_sys_init.py`.
//! CPython's counterpart: `Python/sysmodule.c`.

use stackless_runtime::exc::Reply;
use stackless_runtime::import;
use stackless_runtime::native::{Def, def};
use stackless_runtime::objects::exception::Exception;
use stackless_runtime::{Value, Vm};

use crate::support::{int, int_or};

const DEFS: &[Def] = &[
    def!("_getframe", "(depth: index=0, /)", |vm, a| {
        let depth = int_or(&a[0], 0).max(0) as usize;
        match import::frame_object(vm, depth) {
            Some(f) => Ok(f.into()),
            None => Err(vm.value_error("call stack is not deep enough")),
        }
    }),
    def!("_getframemodulename", "(depth: index=0)", |vm, a| {
        let depth = int_or(&a[0], 0).max(0) as usize;
        let Some(frame) = import::frame_object(vm, depth) else { return Ok(Reply::NONE) };
        let globals = import::frame_globals(&frame);
        let name = vm.names.name.clone();
        let found = globals
            .and_then(|g| g.get::<stackless_runtime::objects::dict::Dict>()?.get_str(vm, &name));
        Ok(found.unwrap_or(Value::NONE).into())
    }),
    def!("exception", "()", |vm, _| Ok(vm.handled_exception().into())),
    def!("exc_info", "()", |vm, _| {
        let e = vm.handled_exception();
        let parts = match e.get::<Exception>() {
            Some(x) => vec![vm.type_of(&e).to_value(), e.clone(), x.traceback.get()],
            None => vec![Value::NONE; 3],
        };
        Ok(vm.tuple(parts).into())
    }),
    def!("getrefcount", "(object, /)", |vm, object| {
        // The argument list holds one more, as CPython's does.
        Ok(vm.int(object.ref_count().unwrap_or(0xffff_ffff) as i64).into())
    }),
    def!("intern", "(string: str, /)", |vm, string| {
        if !vm.is_exactly(string, &vm.types.str) {
            let t = vm.type_name(string);
            return Err(vm.type_error(format!("can't intern {t}")));
        }
        Ok(vm.intern_value(string).into())
    }),
    def!("getrecursionlimit", "()", |vm, _| Ok(vm.int(vm.recursion_limit as i64).into())),
    def!("setrecursionlimit", "(limit: index, /)", |vm, limit| {
        let n = int(limit);
        if n < 1 {
            return Err(vm.value_error("recursion limit must be greater or equal than 1"));
        }
        if (n as u64) < vm.exec.depth as u64 {
            let depth = vm.exec.depth;
            return Err(vm.recursion_error_text(&format!(
                "cannot set the recursion limit to {n} at the recursion depth {depth}: the limit is too low"
            )));
        }
        vm.recursion_limit = n.min(u32::MAX as i64) as u32;
        Ok(Reply::NONE)
    }),
    def!("get_int_max_str_digits", "()", |vm, _| Ok(
        Value::from_usize(vm.int_max_str_digits).into()
    ),),
    def!("set_int_max_str_digits", "(maxdigits: index)", |vm, maxdigits| {
        let n = int(maxdigits);
        if n != 0 && n < 640 {
            return Err(vm.value_error("maxdigits must be >= 640 or 0 for unlimited"));
        }
        vm.int_max_str_digits = n.clamp(0, u32::MAX as i64) as usize;
        Ok(Reply::NONE)
    }),
    def!("_native_size", "(object, /)", |_, object| {
        Ok(Value::from_i32(if object.is_object() { 48 } else { 28 }).into())
    }),
    def!("_write_fd", "(fd: index, text, /)", |vm, fd, text| {
        let bytes = match text.as_wtf8() {
            Some(t) => crate::support::fs_bytes(t),
            None => crate::support::data(vm, text)?,
        };
        let host = vm.host.clone();
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            match host.write(int(fd) as i32, rest) {
                Ok(0) => break,
                Ok(n) => rest = &rest[n..],
                Err(e) => return Err(crate::support::os_error(vm, e, &[])),
            }
        }
        Ok(Value::from_usize(bytes.len()).into())
    }),
    def!("_get_context", "()", |vm, _| {
        let c = import::context(vm);
        Ok(c.given().cloned().unwrap_or(Value::NONE).into())
    }),
    def!("_set_bytes_warning", "(on: truth, /)", |vm, on| {
        vm.bytes_warning = on;
        Ok(Reply::NONE)
    }),
    def!("_set_audited", "(audit, /)", |vm, audit| {
        vm.audit = Some(audit.clone());
        Ok(Reply::NONE)
    }),
    def!("_set_origin_depth", "(depth: index, /)", |vm, depth| {
        import::set_origin_depth(vm, int(depth).max(0) as usize);
        Ok(Reply::NONE)
    }),
    def!("_set_generator_hooks", "(first, finalizer, /)", |vm, first, finalizer| {
        import::set_generator_hooks(vm, first.clone(), finalizer.clone());
        Ok(Reply::NONE)
    }),
    def!("_set_context", "(context, /)", |vm, context| {
        import::set_context(vm, context.clone());
        Ok(Reply::NONE)
    }),
];

/// Makes the module and lets its Python part fill it.
pub fn install(vm: &mut Vm) {
    vm.module_machines.push(&crate::imp::CREATE);
    let doc = stackless_runtime::docs::of_module(vm, "sys");
    let module = vm.module("sys", doc);
    let Some(dict) = module.namespace() else { return };
    crate::add_functions(vm, &dict, "sys", DEFS);
    if let Some(modules) = vm.modules.clone() {
        modules.set_text(vm, "sys", module.into_value());
        dict.set_text(vm, "modules", modules.into_value());
    }
    import::set_sys(vm, dict);
}

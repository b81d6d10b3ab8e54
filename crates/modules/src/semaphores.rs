//! `_semaphores_native`: named semaphores and shared memory of processes. `_multiprocessing` and
//! `_posixshmem` in `lib/overlay` have the class. CPython's counterparts:
//! `Modules/_multiprocessing/semaphore.c`, `Modules/_multiprocessing/posixshmem.c`.

use stackless_host::{Result, Semaphore};
use stackless_runtime::native::{Def, def};
use stackless_runtime::objects::capsule;
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::{Flow, PyResult, Ref, Value, Vm};

use crate::Native;
use crate::os::{Answer, answer, given, n, name};
use crate::support::{flag, int};

pub const MODULE: Native = Native { name: "_semaphores_native", defs: DEFS, fill };

fn fill(_: &mut Vm, _: &Ref<Dict>) -> PyResult<()> {
    Ok(())
}

/// An open semaphore of the host; closed when the capsule dies.
type Open = Box<dyn Semaphore>;

fn call<T: Answer>(vm: &mut Vm, v: &Value, f: impl FnOnce(&Open) -> Result<T>) -> Flow {
    match capsule::with(v, |s: &mut Open| f(s)) {
        Some(r) => answer(vm, r, &[]),
        None => Err(vm.system_error("not a semaphore")),
    }
}

const DEFS: &[Def] = &[
    def!("open", "(name, create, value, /)", |vm, a| {
        let name = name(vm, "SemLock", &a[0])?;
        let new = flag(&a[1], false).then(|| int(&a[2]) as u32);
        let r = vm.host.open_semaphore(&name, new);
        let s: Open = given(vm, r, &[])?;
        Ok(vm.capsule(s).into())
    }),
    def!("unlink", "(name, /)", |vm, a| {
        let name = name(vm, "sem_unlink", &a[0])?;
        let r = vm.host.unlink_semaphore(&name);
        answer(vm, r, &[])
    }),
    def!("post", "(semaphore, /)", |vm, a| call(vm, &a[0], |s| s.post())),
    def!("value", "(semaphore, /)", |vm, a| call(vm, &a[0], |s| s.value())),
    // Takes it at once, or within so many ns; a negative time waits for ever. False: not in that time.
    def!("wait", "(semaphore, ns, /)", |vm, a| {
        let ns = int(&a[1]);
        call(vm, &a[0], |s| s.wait(ns))
    }),
    def!("shm_open", "(path, flags, mode, /)", |vm, a| {
        let name = name(vm, "shm_open", &a[0])?;
        let r = vm.host.shm_open(&name, n(&a[1]), int(&a[2]) as u32);
        answer(vm, r, &[&a[0]])
    }),
    def!("shm_unlink", "(path, /)", |vm, a| {
        let name = name(vm, "shm_unlink", &a[0])?;
        let r = vm.host.shm_unlink(&name);
        answer(vm, r, &[&a[0]])
    }),
];

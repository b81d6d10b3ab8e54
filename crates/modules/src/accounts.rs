//! `_accounts_native`: the databases of users and groups, and the system log. `pwd`, `grp` and `syslog`
//! in `lib/overlay` build results. CPython's counterparts: `Modules/pwdmodule.c`, `Modules/grpmodule.c`,
//! `Modules/syslogmodule.c`.

use stackless_host::{Group, Result, User};
use stackless_runtime::native::{Def, def};
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::{Flow, PyResult, Ref, Value, Vm};

use crate::Native;
use crate::os::{answer, given, n, name, optional_name};
use crate::support::{fs_text, int};

pub const MODULE: Native = Native { name: "_accounts_native", defs: DEFS, fill };

fn fill(_: &mut Vm, _: &Ref<Dict>) -> PyResult<()> {
    Ok(())
}

fn user(vm: &mut Vm, u: &User) -> Value {
    let v = vec![
        fs_text(vm, &u.name),
        fs_text(vm, &u.password),
        vm.int(u.uid as i64),
        vm.int(u.gid as i64),
        fs_text(vm, &u.comment),
        fs_text(vm, &u.home),
        fs_text(vm, &u.shell),
    ];
    vm.tuple(v)
}

fn group(vm: &mut Vm, g: &Group) -> Value {
    let members = g.members.iter().map(|m| fs_text(vm, m)).collect();
    let v = vec![
        fs_text(vm, &g.name),
        fs_text(vm, &g.password),
        vm.int(g.gid as i64),
        vm.list(members),
    ];
    vm.tuple(v)
}

/// One entry, or None.
fn one<T>(vm: &mut Vm, r: Result<Option<T>>, make: fn(&mut Vm, &T) -> Value) -> Flow {
    let found = given(vm, r, &[])?;
    Ok(found.map_or(Value::NONE, |entry| make(vm, &entry)).into())
}

fn all<T>(vm: &mut Vm, r: Result<Vec<T>>, make: fn(&mut Vm, &T) -> Value) -> Flow {
    let found = given(vm, r, &[])?;
    let v = found.iter().map(|entry| make(vm, entry)).collect();
    Ok(vm.list(v).into())
}

const DEFS: &[Def] = &[
    def!("user_by_name", "(name, /)", |vm, a| {
        let name = name(vm, "getpwnam", &a[0])?;
        let r = vm.host.user_by_name(&name);
        one(vm, r, user)
    }),
    def!("user_by_id", "(uid, /)", |vm, a| {
        let r = vm.host.user_by_id(int(&a[0]) as u32);
        one(vm, r, user)
    }),
    def!("users", "()", |vm, _| {
        let r = vm.host.users();
        all(vm, r, user)
    }),
    def!("group_by_name", "(name, /)", |vm, a| {
        let name = name(vm, "getgrnam", &a[0])?;
        let r = vm.host.group_by_name(&name);
        one(vm, r, group)
    }),
    def!("group_by_id", "(gid, /)", |vm, a| {
        let r = vm.host.group_by_id(int(&a[0]) as u32);
        one(vm, r, group)
    }),
    def!("groups", "()", |vm, _| {
        let r = vm.host.all_groups();
        all(vm, r, group)
    }),
    def!("openlog", "(ident, options, facility, /)", |vm, a| {
        let name = optional_name(vm, "openlog", &a[0])?;
        let r = vm.host.open_log(name.as_deref(), n(&a[1]), n(&a[2]));
        answer(vm, r, &[])
    }),
    def!("syslog", "(priority, message, /)", |vm, a| {
        let message = name(vm, "syslog", &a[1])?;
        let r = vm.host.log(n(&a[0]), &message);
        answer(vm, r, &[])
    }),
    def!("closelog", "()", |vm, _| {
        let r = vm.host.close_log();
        answer(vm, r, &[])
    }),
    def!("setlogmask", "(mask, /)", |vm, a| {
        let r = vm.host.set_log_mask(n(&a[0]));
        answer(vm, r, &[])
    }),
];

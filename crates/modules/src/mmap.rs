//! `_mmap_native`: mapped memory. `lib/overlay/mmap.py` has the class. CPython's counterpart:
//! `Modules/mmapmodule.c`.

use stackless_runtime::exc::Reply;
use stackless_runtime::native::{Def, def};
use stackless_runtime::object::Obj;
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::objects::mapping::Mapping;
use stackless_runtime::{Flow, PyResult, Ref, Value, Vm};

use crate::os::{answer, given, n};
use crate::support::{data, flag, int};
use crate::{Native, c_constants};

pub const MODULE: Native = Native { name: "_mmap_native", defs: DEFS, fill };

const CONSTANTS: &[(&str, i64)] = c_constants! {
    MADV_DODUMP MADV_DOFORK MADV_DONTDUMP MADV_DONTFORK MADV_DONTNEED MADV_FREE MADV_HUGEPAGE
    MADV_HWPOISON MADV_MERGEABLE MADV_NOHUGEPAGE MADV_NORMAL MADV_RANDOM MADV_REMOVE MADV_SEQUENTIAL
    MADV_UNMERGEABLE MADV_WILLNEED MAP_ANON MAP_ANONYMOUS MAP_DENYWRITE MAP_EXECUTABLE MAP_NORESERVE
    MAP_POPULATE MAP_PRIVATE MAP_SHARED MAP_STACK PROT_EXEC PROT_READ PROT_WRITE
};

fn fill(vm: &mut Vm, d: &Ref<Dict>) -> PyResult<()> {
    crate::os::fill(vm, d, CONSTANTS);
    crate::os::fill(vm, d, &[("MAP_32BIT", 0x40)]);
    Ok(())
}

fn mapping<'a>(vm: &mut Vm, v: &'a Value) -> PyResult<&'a Obj<Mapping>> {
    match v.get::<Mapping>() {
        Some(m) if m.is_open() => Ok(m),
        _ => Err(vm.value_error("mmap closed or invalid")),
    }
}

/// `(fd, length, flags, protection, offset)`.
fn map(vm: &mut Vm, a: &[Value]) -> Flow {
    let (len, mut protection) = (int(&a[1]).max(0) as usize, n(&a[3]));
    let writable = protection & libc::PROT_WRITE != 0;
    if writable {
        // Most machines have no pages that can only be written; what is written is also read here.
        protection |= libc::PROT_READ;
    }
    let r = vm.host.map(n(&a[0]), len, protection, n(&a[2]), int(&a[4]));
    let map = given(vm, r, &[])?;
    Ok(vm.mapping(map, protection & libc::PROT_READ != 0, writable).into())
}

const DEFS: &[Def] = &[
    def!("map", "(fd, length, flags, protection, offset, /)", map),
    def!("close", "(memory, /)", |vm, a| {
        if let Some(m) = a[0].get::<Mapping>() {
            if m.exports.get() > 0 {
                return Err(vm.buffer_error("cannot close exported pointers exist"));
            }
            m.release();
        }
        Ok(Reply::NONE)
    }),
    def!("length", "(memory, /)", |vm, a| Ok(Value::from_usize(mapping(vm, &a[0])?.len()).into())),
    def!("exports", "(memory, /)", |_, a| {
        Ok(Value::from_usize(a[0].get::<Mapping>().map_or(0, |m| m.exports.get())).into())
    }),
    def!("read", "(memory, start, stop, /)", |vm, a| {
        let m = mapping(vm, &a[0])?;
        let at = |v: &Value| int(v).clamp(0, m.len() as i64) as usize;
        let (start, stop) = (at(&a[1]), at(&a[2]));
        Ok(vm.bytes(m.bytes(vm).get(start..stop).unwrap_or(&[])).into())
    }),
    def!("write", "(memory, start, data: buffer, /)", |vm, a| {
        let d = data(vm, &a[2])?;
        let m = mapping(vm, &a[0])?;
        m.write(vm, int(&a[1]).max(0) as usize, &d);
        Ok(Reply::NONE)
    }),
    // The position of `sub` between two places, or -1.
    def!("find", "(memory, sub: buffer, start, stop, reverse, /)", |vm, a| {
        let sub = data(vm, &a[1])?;
        let m = mapping(vm, &a[0])?;
        let at = |v: &Value| int(v).clamp(0, m.len() as i64) as usize;
        let (start, stop) = (at(&a[2]), at(&a[3]));
        let Some(part) = m.bytes(vm).get(start..stop) else {
            return Ok(Value::from_i32(-1).into());
        };
        let found = if sub.is_empty() {
            Some(if flag(&a[4], false) { part.len() } else { 0 })
        } else if flag(&a[4], false) {
            part.windows(sub.len()).rposition(|w| w == sub)
        } else {
            part.windows(sub.len()).position(|w| w == sub)
        };
        Ok(found.map_or(Value::from_i32(-1), |i| Value::from_usize(start + i)).into())
    }),
    def!("flush", "(memory, start, length, flags, /)", |vm, a| {
        let (start, len) = (int(&a[1]).max(0) as usize, int(&a[2]).max(0) as usize);
        let r = mapping(vm, &a[0])?.on_map(|m| m.sync(start, len, n(&a[3])));
        answer(vm, r, &[])
    }),
    def!("madvise", "(memory, option, start, length, /)", |vm, a| {
        let (start, len) = (int(&a[2]).max(0) as usize, int(&a[3]).max(0) as usize);
        let r = mapping(vm, &a[0])?.on_map(|m| m.advise(start, len, n(&a[1])));
        answer(vm, r, &[])
    }),
    def!("resize", "(memory, length, /)", |vm, a| {
        let m = mapping(vm, &a[0])?;
        if m.exports.get() > 0 {
            return Err(vm.buffer_error("mmap can't resize with extant buffers exported."));
        }
        let r = m.resize(vm, int(&a[1]).max(1) as usize);
        answer(vm, r, &[])
    }),
];

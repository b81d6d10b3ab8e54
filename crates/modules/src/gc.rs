//! `_gc_native`: the cycle collector as plain functions; `lib/overlay/gc.py` adds callbacks and
//! checks. CPython's counterpart: `Modules/gcmodule.c`.

use std::collections::HashSet;

use stackless_runtime::exc::Reply;
use stackless_runtime::native::{Def, def};
use stackless_runtime::{Flow, Value, Vm, gc};

use crate::Native;
use crate::support::int;

pub const MODULE: Native = Native { name: "_gc_native", defs: DEFS, fill: |_, _| Ok(()) };

fn triple(vm: &Vm, n: [i64; 3]) -> Flow {
    let items = n.iter().map(|n| vm.int(*n)).collect();
    Ok(vm.tuple(items).into())
}

const DEFS: &[Def] = &[
    def!("collect", "(generation: index, /)", |vm, generation| {
        let n = gc::collect(vm, int(generation).clamp(0, 2) as usize);
        Ok(Value::from_usize(n).into())
    }),
    def!("settle", "()", |vm, _| {
        vm.heap.settle();
        gc::set_enabled(vm, true);
        Ok(Reply::NONE)
    }),
    // For `cargo x order`.
    def!("code_that_ran", "()", |vm, _| {
        let found = stackless_runtime::leaks::code_that_ran(vm);
        let pair = |(file, name): (String, String)| vm.tuple(vec![vm.str(&file), vm.str(&name)]);
        let pairs = found.into_iter().map(pair).collect();
        Ok(vm.list(pairs).into())
    }),
    def!("has_finalizers", "()", |vm, _| Ok(vm.heap.has_young_finalizers().into())),
    def!("finalizing", "()", |vm, _| Ok(vm.gc.finalizing.into())),
    def!("enable", "()", |vm, _| {
        gc::set_enabled(vm, true);
        Ok(Reply::NONE)
    }),
    def!("disable", "()", |vm, _| {
        gc::set_enabled(vm, false);
        Ok(Reply::NONE)
    }),
    def!("isenabled", "()", |vm, _| Ok(gc::is_enabled(vm).into())),
    def!("get_threshold", "()", |vm, _| triple(vm, vm.gc.threshold)),
    def!(
        "set_threshold",
        "(threshold0: index, threshold1: index, threshold2: index, /)",
        |vm, a| {
            for (t, v) in vm.gc.threshold.iter_mut().zip(a) {
                *t = int(v);
            }
            Ok(Reply::NONE)
        },
    ),
    def!("get_count", "()", |vm, _| {
        let [_, b, c] = vm.gc.counts;
        triple(vm, [vm.heap.young_objects(), b, c])
    }),
    def!("get_stats", "()", |vm, _| {
        let rows: Vec<Value> = (0..3)
            .map(|i| {
                let g = &vm.gc;
                let row = [g.collections[i], g.collected[i], g.uncollectable[i]];
                let row = row.iter().map(|n| vm.uint(*n)).collect();
                vm.tuple(row)
            })
            .collect();
        Ok(vm.list(rows).into())
    }),
    def!("get_objects", "(generation: index=-1, /)", |vm, generation| {
        let wanted = generation.map(int).filter(|g| *g >= 0);
        let objects = gc::objects(vm, wanted.map(|g| g as u64));
        Ok(vm.list(objects).into())
    }),
    def!("get_referents", "(*objs)", |vm, objs| {
        let mut out = Vec::new();
        for v in objs {
            gc::referents(v, &mut |x| out.push(x.clone()));
        }
        Ok(vm.list(out).into())
    }),
    def!("get_referrers", "(*objs)", |vm, a| {
        let wanted: HashSet<u64> = a[0].tuple_items().iter().map(Value::bits).collect();
        let asked = a[0].bits();
        let all = gc::objects(vm, None);
        let hit = |o: &Value| {
            let mut found = false;
            gc::referents(o, &mut |x| found |= x.is_object() && wanted.contains(&x.bits()));
            found && o.bits() != asked
        };
        let out = all.into_iter().filter(hit).collect();
        Ok(vm.list(out).into())
    }),
    def!("is_tracked", "(obj, /)", |vm, obj| Ok(gc::is_tracked(vm, obj).into())),
    def!("is_finalized", "(obj, /)", |_, obj| Ok(gc::is_finalized(obj).into())),
    def!("freeze", "()", |vm, _| {
        gc::freeze(vm);
        Ok(Reply::NONE)
    }),
    def!("unfreeze", "()", |vm, _| {
        gc::unfreeze(vm);
        Ok(Reply::NONE)
    }),
    def!("get_freeze_count", "()", |vm, _| Ok(Value::from_usize(gc::frozen(vm)).into())),
];

//! The leak check: what is alive after a `Vm` has let go of everything.
//!
//! The `Vm` gives up what it holds, field by field, while its heap stays; what then lives and cannot
//! be reached from an immortal object has a count that nobody owns. For tests; the command's hidden
//! `-X leaks` prints the result. CPython's counterparts: `sys.gettotalrefcount`, `-R` of its tests.
#![expect(unsafe_code, reason = "walks the objects of a heap that is about to go")]

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ptr::NonNull;

use crate::heap::{Header, IMMORTAL};
use crate::object::Payload;
use crate::objects::code::PyCode;
use crate::objects::types::Type;
use crate::value::{Ref, Value};
use crate::vm::Vm;

/// Objects that were left over, by type, and texts of some that no other leaked object holds.
#[derive(Debug, Default)]
pub struct Leaks {
    pub by_type: BTreeMap<String, usize>,
    pub samples: Vec<String>,
}

impl Leaks {
    pub fn count(&self) -> usize {
        self.by_type.values().sum()
    }
}

/// Runs finalisers and collections until there is nothing more to collect.
fn settle(vm: &mut Vm) {
    for _ in 0..10 {
        let found = crate::gc::collect(vm, 2);
        let queue = vm.heap.take_finalizable();
        if found == 0 && queue.is_empty() {
            break;
        }
        // Finalisers have had their time: what dies now dies in silence.
        for object in queue {
            if let Some(h) = object.header() {
                h.set_flag(crate::heap::FINALIZED);
            }
        }
    }
}

impl Vm {
    /// Ends the `Vm` and tells what it leaks.
    pub fn close(mut self: Box<Vm>) -> Leaks {
        let vm = &mut *self;
        vm.end_parked();
        crate::gc::unfreeze(vm);
        vm.heap.unsettle();
        *vm.exec = Default::default();
        vm.pending_input = None;
        vm.scheduler = Default::default();
        vm.stress = None;
        vm.memory.errors.clear();
        vm.tracing = None;
        vm.interrupt_handler = Value::NONE;
        vm.interrupt_check = None;
        vm.audit = None;
        vm.module_state.clear();
        for dict in
            [vm.modules.take(), vm.sys_dict.take(), vm.builtins.take()].into_iter().flatten()
        {
            Payload::clear(&**dict, vm);
        }
        vm.intrinsics.clear();
        vm.image_names.get_mut().clear();
        settle(vm);
        vm.slot_table = None;
        vm.operator_names.clear();
        vm.latin1.clear();
        vm.empty_tuple = None;
        vm.empty_bytes = None;
        vm.retired_code.clear();
        settle(vm);
        for ty in static_types(vm) {
            ty.live_subclasses(vm);
        }
        leftovers(vm)
    }
}

/// File and qualified name of the code objects that have run.
pub fn code_that_ran(vm: &Vm) -> Vec<(String, String)> {
    let mut found = Vec::new();
    vm.heap.each_object(true, |h| {
        if h.layout() != PyCode::LAYOUT {
            return;
        }
        h.rc.set(h.rc.get() + 1);
        // SAFETY: a live code object, whose count was raised for this reference.
        let code =
            unsafe { Ref::<PyCode>::from_value_unchecked(Value::from_raw(NonNull::from(h))) };
        if code.made().is_some() {
            found.push((code.code.filename().to_string(), code.code.qualname().to_string()));
        }
    });
    found
}

fn static_types(vm: &Vm) -> Vec<Ref<Type>> {
    let mut types = Vec::new();
    vm.heap.each_object(false, |h| {
        if h.count() >= IMMORTAL / 2 && h.layout() == Type::LAYOUT {
            h.rc.set(h.rc.get() + 1);
            // SAFETY: a live type, whose count was raised for this reference.
            types.push(unsafe { Ref::from_value_unchecked(Value::from_raw(NonNull::from(h))) });
        }
    });
    types
}

fn leftovers(vm: &Vm) -> Leaks {
    let mut reached: HashSet<u64> = HashSet::new();
    let mut work: Vec<NonNull<Header>> = Vec::new();
    let mut reach = |v: &Value, work: &mut Vec<NonNull<Header>>| {
        if let Some(h) = v.header_ptr()
            && v.is_object()
            && reached.insert(v.bits())
        {
            work.push(h);
        }
    };
    for v in vm.interned.borrow().values().chain([&vm.names.empty]) {
        reach(v, &mut work);
    }
    vm.heap.each_object(true, |h| {
        if h.count() >= IMMORTAL / 2 {
            work.push(NonNull::from(h));
        }
    });
    while let Some(h) = work.pop() {
        // SAFETY: live objects, none of which dies during the walk.
        each_ref(vm, unsafe { h.as_ref() }, &mut |v| reach(v, &mut work));
    }
    // What leaked objects do not owe each other is owed by something that forgot them, or that the
    // collector does not visit.
    let mut owed: HashMap<u64, i64> = HashMap::new();
    vm.heap.each_object(true, |h| {
        let address = h as *const Header as u64;
        if h.count() < IMMORTAL / 2 && !reached.contains(&address) {
            *owed.entry(address).or_default() += h.count() as i64;
            each_ref(vm, h, &mut |v| *owed.entry(v.bits()).or_default() -= 1);
        }
    });
    let mut leaks = Leaks::default();
    vm.heap.each_object(true, |h| {
        let address = h as *const Header as u64;
        if h.count() < IMMORTAL / 2 && !reached.contains(&address) {
            let name = h.type_of().name_str(vm);
            *leaks.by_type.entry(name.clone()).or_default() += 1;
            let forgotten = owed.get(&address).is_some_and(|n| *n > 0);
            if forgotten && leaks.samples.len() < 20 {
                leaks.samples.push(format!("{name} count {} {}", h.count(), shown(vm, h)));
            }
        }
    });
    leaks
}

/// What an object holds: also what no cycle goes through, and the collector leaves out.
fn each_ref(vm: &Vm, h: &Header, visit: &mut dyn FnMut(&Value)) {
    crate::gc::traverse(h, visit);
    h.rc.set(h.rc.get() + 1);
    // SAFETY: a live object, whose count was raised for this value.
    let v = unsafe { Value::from_raw(NonNull::from(h)) };
    if let Some(body) = v.get::<PyCode>().and_then(|c| c.made()) {
        body.consts.iter().for_each(&mut *visit);
    }
    if let Some(ty) = v.get::<Type>() {
        ty.subclasses.get(vm).iter().for_each(visit);
    }
}

/// What tells one object from others of its type.
fn shown(vm: &Vm, h: &Header) -> String {
    h.rc.set(h.rc.get() + 1);
    // SAFETY: a live object, whose count was raised for this value.
    let v = unsafe { Value::from_raw(NonNull::from(h)) };
    if let Some(f) = v.get::<crate::objects::function::Function>() {
        return f.qualname.get().display_str(vm);
    }
    if let Some(t) = v.get::<crate::objects::types::Type>() {
        return t.name_str(vm);
    }
    if let Some(c) = v.get::<PyCode>() {
        return c.code.qualname.to_string();
    }
    if let Some(d) = v.get::<crate::objects::dict::Dict>() {
        let keys = d.table(vm).iter().take(6).map(|(_, e)| e.key.display_str(vm));
        return format!("{:?}", keys.collect::<Vec<_>>());
    }
    if v.has::<crate::objects::str::Str>() {
        return v.display_str(vm).chars().take(60).collect();
    }
    String::new()
}

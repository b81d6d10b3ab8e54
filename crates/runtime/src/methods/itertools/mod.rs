//! `itertools`: iterators whose steps are machines where an iterator or function of the program may
//! run, and plain functions otherwise. CPython's counterpart: `Modules/itertoolsmodule.c`.

pub mod combine;
pub mod endless;
pub mod group;
pub mod select;

use crate::boot::TypeBuilder;
use crate::exc::{Flow, PyResult, Reply};
use crate::machine::{Input, Machine};
use crate::native::Def;
use crate::object::Obj;
use crate::objects::itertool::IterTool;
use crate::objects::list::List;
use crate::objects::types::{Type, UnaryFn};
use crate::ops;
use crate::soft;
use crate::value::Value;
use crate::vm::Vm;

fn self_iter(_vm: &mut Vm, v: &Value) -> Flow {
    Ok(v.clone().into())
}

/// The slots that all have: `__iter__`, `__next__`, methods.
fn define(b: &mut TypeBuilder<'_>, next: UnaryFn, methods: &'static [Def]) {
    b.slots.iter = Some(self_iter);
    b.slots.next = Some(next);
    b.methods(methods);
}

pub(crate) fn tool(v: &Value) -> Option<&Obj<IterTool>> {
    v.get::<IterTool>()
}

/// Makes an instance of the class object `class`.
pub(crate) fn make(vm: &mut Vm, class: &Value, state: Vec<Value>) -> Flow {
    match class.get::<Type>() {
        Some(t) => Ok(vm.iter_tool(t, state).into()),
        None => Err(vm.type_error("not a class")),
    }
}

/// The next item: `Ok(Ok(Some(item)))`, `Ok(Ok(None))` at the end, `Ok(Err(reply))` when it was pushed.
macro_rules! next_item {
    ($vm:ident, $regs:ident, $stage:expr, $it:expr) => {{
        let it = $it;
        let x = $crate::soft!($regs, $stage, $crate::ops::iter::next($vm, &it));
        if x.is_exhausted() { None } else { Some(x) }
    }};
}
use next_item;

/// Registers: class, iterable, further parts. The iterator of the iterable becomes the first part.
pub(crate) static ITER_FIRST: Machine = Machine::new("itertools.new", |vm, regs, input| {
    let it = match regs.stage() {
        0 => {
            let v = regs.get(1);
            soft!(regs, 1, ops::iter::iter(vm, &v))
        }
        _ => input.value()?,
    };
    let class = regs.get(0);
    let mut state = vec![it];
    state.extend(regs.rest(2));
    make(vm, &class, state)
});

fn start(vm: &mut Vm, class: &Value, iterable: &Value, rest: &[Value]) -> Flow {
    let mut regs = vec![class.clone(), iterable.clone()];
    regs.extend(rest.iter().cloned());
    vm.start_with(&ITER_FIRST, &mut regs.into_iter())
}

/// Registers: class, iterable, further parts. A tuple of the items becomes the first part.
pub(crate) static COLLECT_FIRST: Machine = Machine::new("itertools.pool", |vm, regs, input| {
    let list = match regs.stage() {
        0 => {
            let v = regs.get(1);
            soft!(regs, 1, ops::iter::collect(vm, &v))
        }
        _ => input.value()?,
    };
    let items = items_of(vm, &list)?;
    let class = regs.get(0);
    let pool = vm.tuple(items);
    let mut state = vec![pool];
    state.extend(regs.rest(2));
    make(vm, &class, state)
});

fn start_pool(vm: &mut Vm, class: &Value, iterable: &Value, rest: &[Value]) -> Flow {
    let mut regs = vec![class.clone(), iterable.clone()];
    regs.extend(rest.iter().cloned());
    vm.start_with(&COLLECT_FIRST, &mut regs.into_iter())
}

fn items_of(vm: &mut Vm, list: &Value) -> PyResult<Vec<Value>> {
    match list.get::<List>() {
        Some(l) => Ok(l.items(vm).to_vec()),
        None => Err(vm.system_error("machine register holds no list")),
    }
}

/// The item that a machine was resumed with.
fn resumed(input: Input) -> PyResult<Option<Value>> {
    Ok(input.item()?.filter(|v| !v.is_exhausted()))
}

const END: Flow = Ok(Reply::EXHAUSTED);

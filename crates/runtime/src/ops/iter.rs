//! Iteration: `iter`, `next`, membership by iteration, and the collecting machine.

use crate::exc::{Flow, PyResult, Reply};
use crate::machine::{Input, Machine};
use crate::objects::iterators::{self, SeqKind};
use crate::objects::types::tflags;
use crate::objects::{dict::Dict, list::List, set::Set, tuple::Tuple};
use crate::soft;
use crate::value::Value;
use crate::vm::Vm;

/// `iter(v)`.
pub fn iter(vm: &mut Vm, v: &Value) -> Flow {
    match vm.type_of(v).slots(vm).iter {
        Some(f) => f(vm, v),
        None => sequence_iter(vm, v),
    }
}

/// The iterator over `__getitem__` of old sequences.
pub fn sequence_iter(vm: &mut Vm, v: &Value) -> Flow {
    let ty = vm.type_of(v);
    let indexed = !v.has::<Dict>() && !v.has::<iterators::Union>();
    if ty.slots(vm).getitem.is_some() && indexed {
        return Ok(iterators::seq_iter(vm, SeqKind::Sequence, v.clone()).into());
    }
    let t = match v.has::<iterators::Union>() {
        true => "typing.Union".to_owned(),
        false => vm.type_name(v),
    };
    Err(vm.type_error(format!("'{t}' object is not iterable")))
}

/// Next item or *exhausted*.
#[inline]
pub fn next(vm: &mut Vm, iterator: &Value) -> Flow {
    match vm.type_of(iterator).slots(vm).next {
        Some(f) => f(vm, iterator),
        None => {
            let t = vm.type_name(iterator);
            Err(vm.type_error(format!("'{t}' object is not an iterator")))
        }
    }
}

/// `iterator.__next__()`: raises StopIteration at the end.
pub fn next_or_raise(vm: &mut Vm, iterator: &Value) -> Flow {
    if vm.type_of(iterator).has_flag(tflags::NATIVE_NEXT) {
        let r = next(vm, iterator)?;
        if r.is_exhausted() {
            return Err(vm.stop_iteration(Value::NONE));
        }
        return Ok(r);
    }
    if iterator.has::<crate::objects::generator::Generator>() {
        return crate::objects::generator::send(vm, iterator, Value::NONE);
    }
    if vm.type_of(iterator).is_python(crate::dunder::Field::Next) {
        // The method's own StopIteration keeps its value.
        let name = vm.names.next.clone();
        if let Some(flow) = crate::python_slots::call_special(vm, iterator, &name, &[]) {
            return flow;
        }
    }
    vm.start(&NEXT_OR_RAISE, [iterator.clone()])
}

/// Registers: iterator.
pub(crate) static NEXT_OR_RAISE: Machine = Machine::new("op.next_or_raise", |vm, regs, input| {
    let v = match (regs.stage(), input) {
        (0, _) => {
            let it = regs.get(0);
            soft!(regs, 1, next(vm, &it))
        }
        (_, Input::Exhausted) => Value::EXHAUSTED,
        (_, input) => input.value()?,
    };
    if v.is_exhausted() {
        return Err(vm.stop_iteration(Value::NONE));
    }
    Ok(v.into())
});

/// Is iterating over this value free of Python code?
pub fn iterates_natively(vm: &Vm, v: &Value) -> bool {
    let t = &vm.types;
    [&t.list, &t.tuple, &t.dict, &t.set, &t.frozenset, &t.str, &t.bytes, &t.bytearray, &t.range]
        .iter()
        .any(|ty| vm.is_exactly(v, ty))
        || vm.type_of(v).has_flag(tflags::NATIVE_NEXT)
        || [&t.dict_keys, &t.dict_values, &t.dict_items].iter().any(|ty| vm.is_exactly(v, ty))
        || vm.is_exactly(v, &t.reversed) && reverses_natively(vm, v)
}

/// Is this a `reversed` of an exact tuple, or at its end?
fn reverses_natively(vm: &Vm, v: &Value) -> bool {
    v.get::<crate::objects::iterators::SeqIter>().is_some_and(|it| {
        let seq = it.seq.get();
        seq.is_unbound() || vm.is_exactly(&seq, &vm.types.tuple)
    })
}

/// Items of a value that iterates natively, or None.
pub fn items_native(vm: &mut Vm, v: &Value) -> PyResult<Option<Vec<Value>>> {
    if vm.is_exactly(v, &vm.types.list)
        && let Some(l) = v.get::<List>()
    {
        vm.claim(size_of_val(l.items(vm)))?;
        return Ok(Some(l.items(vm).to_vec()));
    }
    if vm.is_exactly(v, &vm.types.tuple)
        && let Some(t) = v.get::<Tuple>()
    {
        vm.claim(size_of_val(t.items()))?;
        return Ok(Some(t.items().to_vec()));
    }
    if vm.is_exactly(v, &vm.types.dict)
        && let Some(d) = v.get::<Dict>()
    {
        return Ok(Some(d.table(vm).iter().map(|(_, e)| e.key.clone()).collect()));
    }
    if (vm.is_exactly(v, &vm.types.set) || vm.is_exactly(v, &vm.types.frozenset))
        && let Some(s) = v.get::<Set>()
    {
        return Ok(Some(s.table(vm).iter().map(|(_, e)| e.key.clone()).collect()));
    }
    if !iterates_natively(vm, v) {
        return Ok(None);
    }
    let Some(it) = iter(vm, v)?.ready() else {
        return Err(vm.system_error("native iterator pushed a frame"));
    };
    let mut out = Vec::new();
    loop {
        let item = next(vm, &it)?.into_raw();
        if item.is_exhausted() {
            return Ok(Some(out));
        }
        vm.reserve(&mut out, 1)?;
        if out.len().is_multiple_of(4096) {
            vm.check_memory()?;
        }
        out.push(item);
    }
}

/// Collects an iterable into a new list.
pub fn collect(vm: &mut Vm, v: &Value) -> Flow {
    if let Some(items) = items_native(vm, v)? {
        return Ok(vm.list(items).into());
    }
    let list = vm.list(Vec::new());
    vm.start(&EXTEND, [list, v.clone(), Value::UNBOUND])
}

/// Appends the items of an iterable to a list; gives the list.
pub fn extend(vm: &mut Vm, list: &Value, v: &Value) -> Flow {
    if let Some(items) = items_native(vm, v)?
        && let Some(l) = list.get::<List>()
    {
        l.extend(vm, items)?;
        return Ok(list.clone().into());
    }
    vm.start(&EXTEND, [list.clone(), v.clone(), Value::UNBOUND])
}

/// Registers: list, iterable, iterator. Stage 1: iterator awaited; 2: length hint; 3: an item.
pub(crate) static EXTEND: Machine = Machine::new("list.extend", |vm, regs, input| {
    let list_value = regs.get(0);
    let Some(list) = list_value.get::<List>() else {
        return Err(vm.system_error("machine register holds no list"));
    };
    let mut input = input;
    if regs.stage() == 0 {
        let v = regs.get(1);
        input = Input::Value(soft!(regs, 1, iter(vm, &v)));
    }
    if regs.stage() == 1 {
        let it = input.value()?;
        regs.set(2, it);
        regs.set_stage(2);
        let v = regs.get(1);
        input = Input::from_flow(match length_hint(vm, &v, 0) {
            Ok(r) => match r.ready() {
                Some(v) => Ok(v),
                None => return Ok(Reply::PUSHED),
            },
            Err(e) => Err(e),
        });
    }
    if regs.stage() == 2 {
        input.value()?;
        regs.set_stage(3);
        regs.set(1, Value::NONE);
        input = Input::Start;
    }
    let it = regs.get(2);
    loop {
        match input {
            Input::Start => {}
            Input::Value(v) if !v.is_exhausted() => {
                list.append(vm, v)?;
                if list.len(vm).is_multiple_of(4096) {
                    vm.check_memory()?;
                }
            }
            Input::Value(_) | Input::Exhausted => return Ok(list_value.into()),
            Input::Exc(e) => return Err(e),
        }
        input = match next(vm, &it)?.ready() {
            Some(v) => Input::Value(v),
            None => return Ok(Reply::PUSHED),
        };
    }
})
.absorbing(|vm, regs, x| {
    let list = regs.get(0);
    regs.stage() == 3 && list.get::<List>().is_some_and(|l| l.append(vm, x.clone()).is_ok())
});

/// `operator.length_hint(v, default)`.
pub fn length_hint(vm: &mut Vm, v: &Value, default: usize) -> Flow {
    if let Some(n) = super::len_fast(vm, v) {
        return Ok(Value::from_usize(n).into());
    }
    let (len, hint) = (vm.names.len.clone(), vm.names.length_hint.clone());
    let ty = vm.type_of(v);
    if ty.lookup(vm, &len).is_none() && ty.lookup(vm, &hint).is_none() {
        return Ok(Value::from_usize(default).into());
    }
    vm.start(&LENGTH_HINT, [v.clone(), Value::from_usize(default)])
}

/// Registers: object, default.
pub(crate) static LENGTH_HINT: Machine = Machine::new("op.length_hint", |vm, regs, input| {
    let v = regs.get(0);
    let mut result: Option<PyResult> = match regs.stage() {
        0 => None,
        _ => Some(input.value()),
    };
    if regs.stage() == 0 {
        if vm.type_of(&v).slots(vm).len.is_some() {
            regs.set_stage(1);
            result = Some(match super::len(vm, &v) {
                Ok(r) => match r.ready() {
                    Some(v) => Ok(v),
                    None => return Ok(Reply::PUSHED),
                },
                Err(e) => Err(e),
            });
        } else {
            regs.set_stage(1);
            result = Some(Err(vm.type_error("no length")));
        }
    }
    if regs.stage() == 1 {
        match result.take() {
            Some(Ok(n)) => return Ok(n.into()),
            Some(Err(e)) if !vm.exc_is(&e, &vm.excs.type_error) => return Err(e),
            _ => {}
        }
        regs.set_stage(2);
        let name = vm.names.length_hint.clone();
        result = match crate::python_slots::call_special(vm, &v, &name, &[]) {
            None => return Ok(regs.get(1).into()),
            Some(Ok(r)) => match r.ready() {
                Some(v) => Some(Ok(v)),
                None => return Ok(Reply::PUSHED),
            },
            Some(Err(e)) => Some(Err(e)),
        };
    }
    match result {
        Some(Ok(n)) if n.is_not_implemented() => Ok(regs.get(1).into()),
        Some(Ok(n)) => {
            if !n.is_int_like() {
                let t = vm.type_name(&n);
                return Err(vm.type_error(format!("__length_hint__ must be an integer, not {t}")));
            }
            if n.as_i64_saturating().is_some_and(|i| i < 0) {
                return Err(vm.value_error("__length_hint__() should return >= 0"));
            }
            Ok(n.into())
        }
        Some(Err(e)) if vm.exc_is(&e, &vm.excs.type_error) => Ok(regs.get(1).into()),
        Some(Err(e)) => Err(e),
        None => Ok(regs.get(1).into()),
    }
});

/// `item in v` by iteration.
pub fn contains_by_iteration(vm: &mut Vm, v: &Value, item: &Value) -> Flow {
    vm.start(&CONTAINS, [v.clone(), item.clone()])
}

/// Registers: iterable then iterator, item. Stage 1: iterator; 2: an item; 3: equality.
pub(crate) static CONTAINS: Machine = Machine::new("op.contains_iter", |vm, regs, input| {
    let item = regs.get(1);
    let mut input = input;
    if regs.stage() == 0 {
        let v = regs.get(0);
        let it = match iter(vm, &v) {
            Ok(r) => {
                regs.set_stage(1);
                match r.ready() {
                    Some(it) => it,
                    None => return Ok(Reply::PUSHED),
                }
            }
            Err(e)
                if vm.exc_is(&e, &vm.excs.type_error)
                    && vm.type_of(&v).slots(vm).iter.is_none() =>
            {
                let t = vm.type_name(&v);
                return Err(
                    vm.type_error(format!("argument of type '{t}' is not a container or iterable"))
                );
            }
            Err(e) => return Err(e),
        };
        regs.set_stage(1);
        input = Input::Value(it);
    }
    if regs.stage() == 1 {
        let it = input.value()?;
        regs.set(0, it);
        regs.set_stage(2);
        input = Input::Start;
    }
    let it = regs.get(0);
    loop {
        if regs.stage() == 3 {
            if input.value()?.is_true() {
                return Ok(Value::TRUE.into());
            }
            regs.set_stage(2);
            input = Input::Start;
        }
        let x = match input {
            Input::Start => match next(vm, &it)?.ready() {
                Some(x) => x,
                None => return Ok(Reply::PUSHED),
            },
            Input::Value(x) => x,
            Input::Exhausted => Value::EXHAUSTED,
            Input::Exc(e) => return Err(e),
        };
        if x.is_exhausted() {
            return Ok(Value::FALSE.into());
        }
        input = Input::Value(soft!(regs, 3, super::compare::item_eq(vm, &x, &item)));
    }
});

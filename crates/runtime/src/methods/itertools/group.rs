//! `batched`, `pairwise`, `groupby`, `zip_longest`, `tee`.

use super::{END, define, items_of, make, next_item, resumed, start, tool};
use crate::boot::TypeBuilder;
use crate::exc::{Flow, Reply};
use crate::machine::{Input, Machine};
use crate::native::{Args, Def, def};
use crate::objects::list::List;
use crate::ops;
use crate::soft;
use crate::value::Value;
use crate::vm::Vm;

// batched: iterator, size, strict.

pub fn define_batched(b: &mut TypeBuilder<'_>) {
    define(
        b,
        |vm, v| {
            let list = vm.list(vec![]);
            vm.start(&BATCHED_NEXT, [v.clone(), list])
        },
        BATCHED,
    );
}

const BATCHED: &[Def] =
    &[def!("__new__", "(cls, iterable, n: ssize, *, strict: truth=False)", |vm, a| {
        if a[2].as_i64_saturating().unwrap_or(0) < 1 {
            return Err(vm.value_error("n must be at least one"));
        }
        let strict = Value::from_i32(a[3].is_true() as i32);
        start(vm, &a[0], &a[1], &[a[2].clone(), strict])
    })];

/// Registers: iterator, list of the items so far.
pub(crate) static BATCHED_NEXT: Machine = Machine::new("batched.next", |vm, regs, input| {
    let (v, items) = (regs.get(0), regs.get(1));
    let (Some(t), Some(list)) = (tool(&v), items.get::<List>()) else { return END };
    let mut got = if regs.stage() == 1 { Some(resumed(input)) } else { None };
    let size = t.number(vm, 1) as usize;
    loop {
        let item = match got.take() {
            Some(r) => r?,
            None => {
                let it = t.part(vm, 0);
                if it.is_unbound() {
                    return END;
                }
                next_item!(vm, regs, 1, it)
            }
        };
        match item {
            Some(x) => list.push(vm, x),
            None => {
                let strict = t.number(vm, 2) == 1;
                t.finish(vm);
                if list.is_empty(vm) {
                    return END;
                }
                if strict {
                    return Err(vm.value_error("batched(): incomplete batch"));
                }
                break;
            }
        }
        if list.len(vm) >= size {
            break;
        }
    }
    let all = items_of(vm, &items)?;
    Ok(vm.tuple(all).into())
});

// pairwise: iterator, previous item (unbound: none yet).

pub fn define_pairwise(b: &mut TypeBuilder<'_>) {
    define(b, |vm, v| vm.start(&PAIRWISE_NEXT, [v.clone()]), PAIRWISE);
}

const PAIRWISE: &[Def] = &[def!("__new__", "(cls, iterable, /)", |vm, cls, iterable| start(
    vm,
    cls,
    iterable,
    &[Value::UNBOUND]
))];

/// Registers: iterator. Stage 1: the first item; 2: the second one.
pub(crate) static PAIRWISE_NEXT: Machine = Machine::new("pairwise.next", |vm, regs, input| {
    let v = regs.get(0);
    let Some(t) = tool(&v) else { return END };
    let it = t.part(vm, 0);
    if it.is_unbound() {
        return END;
    }
    let mut second: Option<Option<Value>> = None;
    match regs.stage() {
        0 if t.part(vm, 1).is_unbound() => {
            let first = next_item!(vm, regs, 1, it.clone());
            match first {
                Some(x) => t.put(vm, 1, x),
                None => {
                    t.finish(vm);
                    return END;
                }
            }
        }
        0 => {}
        1 => match resumed(input)? {
            Some(x) => t.put(vm, 1, x),
            None => {
                t.finish(vm);
                return END;
            }
        },
        _ => second = Some(resumed(input)?),
    }
    let second = match second {
        Some(s) => s,
        None => {
            let it = t.part(vm, 0);
            if it.is_unbound() {
                return END;
            }
            next_item!(vm, regs, 2, it)
        }
    };
    match second {
        Some(x) => {
            let old = t.part(vm, 1);
            t.put(vm, 1, x.clone());
            Ok(vm.tuple(vec![old, x]).into())
        }
        None => {
            t.finish(vm);
            END
        }
    }
});

// groupby: iterator, key function or None, key of the last group, current key, current item, current
// group (held without being its owner: unbound when another group has begun).
const ITERATOR: usize = 0;
const KEY: usize = 1;
const LAST_KEY: usize = 2;
const THIS_KEY: usize = 3;
const ITEM: usize = 4;
const GROUP_ID: usize = 5;

pub fn define_groupby(b: &mut TypeBuilder<'_>) {
    define(
        b,
        |vm, v| {
            if let Some(t) = tool(v) {
                t.bump(vm, GROUP_ID);
            }
            vm.start(&GROUPBY_NEXT, [v.clone(), Value::UNBOUND])
        },
        GROUPBY,
    );
}

const GROUPBY: &[Def] = &[def!("__new__", "(cls, iterable, key=None)", |vm, a| {
    let key = a[2].given().cloned().unwrap_or(Value::NONE);
    let none = Value::UNBOUND;
    start(vm, &a[0], &a[1], &[key, none.clone(), none.clone(), none, Value::from_i32(0)])
})];

/// Registers: groupby object, item. Fetches one item and its key. Stage 1: the item; 2: its key.
/// Gives False at the end.
pub(crate) static GROUPBY_STEP: Machine = Machine::new("groupby.step", |vm, regs, input| {
    let v = regs.get(0);
    let Some(t) = tool(&v) else { return END };
    let key = match regs.stage() {
        2 => input.value()?,
        stage => {
            let item = if stage == 0 {
                let it = t.part(vm, ITERATOR);
                if it.is_unbound() { None } else { next_item!(vm, regs, 1, it) }
            } else {
                resumed(input)?
            };
            let Some(x) = item else { return Ok(Value::FALSE.into()) };
            regs.set(1, x.clone());
            let f = t.part(vm, KEY);
            if f.is_none() { x } else { soft!(regs, 2, ops::call::call(vm, &f, Args::new(&[x]))) }
        }
    };
    let item = regs.take(1);
    t.put(vm, ITEM, item);
    t.put(vm, THIS_KEY, key);
    Ok(Value::TRUE.into())
});

/// Registers: groupby object. Skips to the next group. Stage 1: an item was fetched; 2: the keys
/// were compared.
pub(crate) static GROUPBY_NEXT: Machine = Machine::new("groupby.next", |vm, regs, input| {
    let v = regs.get(0);
    let Some(t) = tool(&v) else { return END };
    let mut input = Some(input);
    loop {
        match regs.stage() {
            0 => {
                let (this, last) = (t.part(vm, THIS_KEY), t.part(vm, LAST_KEY));
                if this.is_unbound() {
                    return fetch(vm, regs, &v);
                }
                if last.is_unbound() {
                    break;
                }
                let same = soft!(regs, 2, ops::compare::item_eq(vm, &last, &this));
                regs.set_stage(2);
                input = Some(Input::Value(same));
            }
            1 => {
                if !input.take().unwrap_or(Input::Start).value()?.is_true() {
                    return END;
                }
                regs.set_stage(0);
            }
            _ => {
                if !input.take().unwrap_or(Input::Start).value()?.is_true() {
                    break;
                }
                return fetch(vm, regs, &v);
            }
        }
    }
    let key = t.part(vm, THIS_KEY);
    t.put(vm, LAST_KEY, key.clone());
    let id = vm.int(t.number(vm, GROUP_ID));
    let ty = vm.types.itertools_grouper.clone();
    let group = vm.iter_tool(&ty, vec![v.clone(), key.clone(), id]);
    Ok(vm.tuple(vec![key, group]).into())
});

fn fetch(vm: &mut Vm, regs: &mut crate::machine::Regs, groupby: &Value) -> Flow {
    regs.set_stage(1);
    vm.start(&GROUPBY_STEP, [groupby.clone(), Value::UNBOUND])
}

// _grouper: groupby object, its key, its number.

pub fn define_grouper(b: &mut TypeBuilder<'_>) {
    define(b, |vm, v| vm.start(&GROUPER_NEXT, [v.clone()]), GROUPER);
}

const GROUPER: &[Def] = &[def!("__new__", "(cls, parent, tgtkey, /)", |vm, a| {
    let ty = vm.types.itertools_groupby.clone();
    let Some(parent) = tool(&a[1]).filter(|_| vm.is_instance(&a[1], &ty)) else {
        let t = vm.type_name(&a[1]);
        return Err(
            vm.type_error(format!("_grouper() argument 1 must be itertools.groupby, not {t}"))
        );
    };
    let id = vm.int(parent.number(vm, GROUP_ID));
    make(vm, &a[0], vec![a[1].clone(), a[2].clone(), id])
})];

/// Registers: group. Stage 1: an item was fetched; 2: the keys were compared.
pub(crate) static GROUPER_NEXT: Machine = Machine::new("grouper.next", |vm, regs, input| {
    let v = regs.get(0);
    let Some(g) = tool(&v) else { return END };
    let parent = g.part(vm, 0);
    let Some(t) = tool(&parent) else { return END };
    if t.number(vm, GROUP_ID) != g.number(vm, 2) {
        return END;
    }
    let mut same = None;
    match regs.stage() {
        0 if t.part(vm, ITEM).is_unbound() => return fetch(vm, regs, &parent),
        0 => {}
        1 => {
            if !input.value()?.is_true() {
                return END;
            }
        }
        _ => same = Some(input.value()?),
    }
    let same = match same {
        Some(s) => s,
        None => {
            let (wanted, this) = (g.part(vm, 1), t.part(vm, THIS_KEY));
            soft!(regs, 2, ops::compare::item_eq(vm, &wanted, &this))
        }
    };
    if !same.is_true() {
        return END;
    }
    let item = t.part(vm, ITEM);
    t.put(vm, ITEM, Value::UNBOUND);
    Ok(item.into())
});

// zip_longest: fill value, number of live iterators, then the iterators (unbound: at its end).

pub fn define_zip_longest(b: &mut TypeBuilder<'_>) {
    define(
        b,
        |vm, v| {
            let list = vm.list(vec![]);
            vm.start(&LONGEST_NEXT, [v.clone(), list])
        },
        LONGEST,
    );
}

const LONGEST: &[Def] = &[def!("__new__", "(cls, /, *iterables, fillvalue=None)", |vm, a| {
    let fill = a[1].given().cloned().unwrap_or(Value::NONE);
    let list = vm.list(vec![]);
    vm.start(&LONGEST_NEW, [a[0].clone(), fill, a[2].clone(), list])
})];

/// Registers: class, fill value, tuple of iterables, list of iterators.
pub(crate) static LONGEST_NEW: Machine = Machine::new("zip_longest.new", |vm, regs, input| {
    let (iterables, done) = (regs.get(2), regs.get(3));
    let Some(list) = done.get::<List>() else { return END };
    if regs.stage() == 1 {
        let it = input.value()?;
        list.push(vm, it);
    }
    while let Some(v) = iterables.tuple_items().get(list.len(vm)) {
        let v = v.clone();
        let it = soft!(regs, 1, ops::iter::iter(vm, &v));
        list.push(vm, it);
    }
    let iterators = items_of(vm, &done)?;
    let mut state = vec![regs.get(1), Value::from_usize(iterators.len())];
    state.extend(iterators);
    let class = regs.get(0);
    make(vm, &class, state)
});

/// Registers: iterator, list of the items so far.
pub(crate) static LONGEST_NEXT: Machine = Machine::new("zip_longest.next", |vm, regs, input| {
    let (v, items) = (regs.get(0), regs.get(1));
    let (Some(t), Some(list)) = (tool(&v), items.get::<List>()) else { return END };
    let n = t.state.get(vm).len().saturating_sub(2);
    let mut got = if regs.stage() == 1 { Some(resumed(input)) } else { None };
    if t.number(vm, 1) == 0 {
        return END;
    }
    while list.len(vm) < n {
        let i = list.len(vm) + 2;
        let it = t.part(vm, i);
        let item = match got.take() {
            Some(r) => r,
            None if it.is_unbound() => {
                let fill = t.part(vm, 0);
                list.push(vm, fill);
                continue;
            }
            None => Ok(next_item!(vm, regs, 1, it)),
        };
        match item {
            Ok(Some(x)) => list.push(vm, x),
            Ok(None) => {
                let live = t.number(vm, 1) - 1;
                t.put_number(vm, 1, live);
                if live == 0 {
                    return END;
                }
                t.put(vm, i, Value::UNBOUND);
                let fill = t.part(vm, 0);
                list.push(vm, fill);
            }
            Err(e) => {
                t.put_number(vm, 1, 0);
                return Err(e);
            }
        }
    }
    let all = items_of(vm, &items)?;
    Ok(vm.tuple(all).into())
});

// tee: _tee_dataobject: iterator, next node (unbound: none), busy, then up to CHUNK items.
// _tee: node, next item in the node.

const CHUNK: usize = 57;
const NODE_ITEMS: usize = 3;

pub fn define_tee_data(b: &mut TypeBuilder<'_>) {
    b.methods(TEE_DATA);
}

const TEE_DATA: &[Def] = &[def!("__new__", "(cls, it, values, next, /)", |vm, a| {
    let Some(values) = a[2].get::<List>() else {
        let t = vm.type_name(&a[2]);
        return Err(vm.type_error(format!("teedataobject() argument 2 must be list, not {t}")));
    };
    let items = values.items(vm).to_vec();
    if items.len() > CHUNK {
        return Err(vm.value_error("Invalid arguments"));
    }
    let next = if a[3].is_none() { Value::UNBOUND } else { a[3].clone() };
    let mut state = vec![a[1].clone(), next, Value::from_i32(0)];
    state.extend(items);
    make(vm, &a[0], state)
})];

pub fn define_tee(b: &mut TypeBuilder<'_>) {
    define(
        b,
        |vm, v| {
            let Some(t) = tool(v) else { return END };
            let (node, i) = (t.part(vm, 0), t.number(vm, 1) as usize);
            if let Some(n) = tool(&node)
                && i < CHUNK
                && let Some(x) = n.state.get(vm).get(NODE_ITEMS + i).cloned()
            {
                t.put_number(vm, 1, i as i64 + 1);
                return Ok(x.into());
            }
            vm.start(&TEE_NEXT, [v.clone(), Value::UNBOUND])
        },
        TEE,
    );
}

const TEE: &[Def] = &[
    def!("__new__", "(cls, iterable, /)", |vm, cls, iterable| vm
        .start(&TEE_NEW, [cls.clone(), iterable.clone()])),
    def!("__copy__", "(self, /)", |vm, this| {
        let class = vm.types.itertools_tee.to_value();
        let state = tool(this).map_or(vec![], |t| t.state.get(vm).clone());
        make(vm, &class, state)
    }),
];

/// Registers: class, iterable. A tee of a tee shares its data.
pub(crate) static TEE_NEW: Machine = Machine::new("tee.new", |vm, regs, input| {
    let it = match regs.stage() {
        0 => {
            let v = regs.get(1);
            soft!(regs, 1, ops::iter::iter(vm, &v))
        }
        _ => input.value()?,
    };
    let (class, tee) = (regs.get(0), vm.types.itertools_tee.clone());
    if vm.is_instance(&it, &tee) {
        let state = tool(&it).map_or(vec![], |t| t.state.get(vm).clone());
        return make(vm, &class, state);
    }
    let node = new_node(vm, it);
    make(vm, &class, vec![node, Value::from_i32(0)])
});

fn new_node(vm: &mut Vm, it: Value) -> Value {
    let ty = vm.types.itertools_tee_data.clone();
    vm.iter_tool(&ty, vec![it, Value::UNBOUND, Value::from_i32(0)])
}

/// Registers: tee, the node that waits for an item.
pub(crate) static TEE_NEXT: Machine = Machine::new("tee.next", |vm, regs, input| {
    let v = regs.get(0);
    let Some(t) = tool(&v) else { return END };
    let got = if regs.stage() == 0 {
        // At the end of a full node the tee goes on to the next one.
        let (node, i) = (t.part(vm, 0), t.number(vm, 1) as usize);
        let Some(n) = tool(&node) else { return END };
        let node = if i >= CHUNK {
            let next = n.part(vm, 1);
            let next = if next.is_unbound() {
                let fresh = new_node(vm, n.part(vm, 0));
                n.put(vm, 1, fresh.clone());
                fresh
            } else {
                next
            };
            t.put(vm, 0, next.clone());
            t.put_number(vm, 1, 0);
            next
        } else {
            node
        };
        let Some(n) = tool(&node) else { return END };
        let i = t.number(vm, 1) as usize;
        if let Some(x) = n.state.get(vm).get(NODE_ITEMS + i).cloned() {
            t.put_number(vm, 1, i as i64 + 1);
            return Ok(x.into());
        }
        if n.number(vm, 2) == 1 {
            return Err(vm.runtime_error("cannot re-enter the tee iterator"));
        }
        n.put_number(vm, 2, 1);
        regs.set(1, node.clone());
        let it = n.part(vm, 0);
        regs.set_stage(1);
        match ops::iter::next(vm, &it) {
            Ok(r) if r.is_pushed() => return Ok(Reply::PUSHED),
            Ok(r) => Input::from_flow(Ok(r.into_raw())),
            Err(e) => Input::Exc(e),
        }
    } else {
        input
    };
    let node = regs.get(1);
    let Some(n) = tool(&node) else { return END };
    n.put_number(vm, 2, 0);
    let Some(x) = resumed(got)? else { return END };
    n.state.get_mut(vm).push(x.clone());
    let i = t.number(vm, 1);
    t.put_number(vm, 1, i + 1);
    Ok(x.into())
});

/// `tee(iterable, n=2)`.
pub const FUNCTIONS: &[Def] = &[def!("tee", "(iterable, n: ssize=2, /)", |vm, a| {
    let n = a[1].given().map_or(2, |n| n.as_i64_saturating().unwrap_or(0));
    if n < 0 {
        return Err(vm.value_error("n must be >= 0"));
    }
    vm.start(&TEE_ALL, [a[0].clone(), vm_int(n)])
})];

fn vm_int(n: i64) -> Value {
    Value::small_int(n).unwrap_or(Value::from_i32(0))
}

/// Registers: iterable, number of tees.
pub(crate) static TEE_ALL: Machine = Machine::new("tee.all", |vm, regs, input| {
    let n = regs.int(1).max(0) as usize;
    if n == 0 {
        return Ok(vm.tuple(vec![]).into());
    }
    let first = match regs.stage() {
        0 => {
            let (class, v) = (vm.types.itertools_tee.to_value(), regs.get(0));
            soft!(regs, 1, vm.start(&TEE_NEW, [class, v]))
        }
        _ => input.value()?,
    };
    let state = tool(&first).map_or(vec![], |t| t.state.get(vm).clone());
    let ty = vm.types.itertools_tee.clone();
    let mut all = vec![first];
    vm.reserve(&mut all, n - 1)?;
    // Each of them is an object of its own.
    vm.claim(n.saturating_mul(64))?;
    for _ in 1..n {
        all.push(vm.iter_tool(&ty, state.clone()));
    }
    Ok(vm.tuple(all).into())
});

//! What is called often of `functools` and `collections`: `partial`, the wrapper of `lru_cache`, the
//! getters of named tuples. The rest of these classes is Python over them (`lib/overlay/_functools.py`).
//! CPython's counterparts: `Modules/_functoolsmodule.c`, `_collectionsmodule.c`.

use super::itertools::{make, tool};
use crate::boot::TypeBuilder;
use crate::descr::{GetSet, field, getset};
use crate::exc::{Flow, PyResult, Reply};
use crate::machine::{Machine, Regs};
use crate::native::{Args, Def, def};
use crate::object::Obj;
use crate::objects::dict::Dict;
use crate::objects::itertool::IterTool;
use crate::objects::tuple::Tuple;
use crate::ops;
use crate::ops::dict::DictOp;
use crate::soft;
use crate::value::Value;
use crate::vm::Vm;

fn parts<'a>(vm: &mut Vm, v: &'a Value) -> PyResult<&'a Obj<IterTool>> {
    match tool(v) {
        // The collector empties what it frees; a finaliser may still hold it.
        Some(t) if t.part(vm, 0).is_unbound() => Err(vm.runtime_error("the object was cleared")),
        Some(t) => Ok(t),
        None => Err(vm.type_error("descriptor of another type")),
    }
}

fn part(v: &Value, vm: &Vm, i: usize) -> Flow {
    let found = tool(v).map_or(Value::NONE, |t| t.part(vm, i));
    Ok(if found.is_unbound() { Value::NONE } else { found }.into())
}

// partial: function, arguments, keywords, the placeholder if some of the arguments are one, or None.

const FUNC: usize = 0;
const ARGS: usize = 1;
const KEYWORDS: usize = 2;
const HOLE: usize = 3;

pub fn define_partial(b: &mut TypeBuilder<'_>) {
    b.slots.call = Some(call_partial);
    b.methods(PARTIAL);
    b.getsets(&PARTIAL_ATTRS);
}

const PARTIAL: &[Def] = &[
    def!("__new__", "(cls, /, *_, **_)", |vm, a| {
        let (args, keywords) = (vm.tuple(Vec::new()), vm.dict().into_value());
        make(vm, &a[0], vec![Value::NONE, args, keywords, Value::NONE])
    }),
    def!(
        "_fill",
        "(self, func, args, keywords, hole, /)",
        |vm, this, func, args, keywords, hole| {
            let t = parts(vm, this)?;
            for (i, v) in [func, args, keywords, hole].into_iter().enumerate() {
                t.put(vm, i, v.clone());
            }
            Ok(Reply::NONE)
        }
    ),
];

static PARTIAL_ATTRS: [GetSet; 3] = [
    field("func", |vm, v| part(v, vm, FUNC)),
    field("args", |vm, v| part(v, vm, ARGS)),
    field("keywords", |vm, v| part(v, vm, KEYWORDS)),
];

type Values = smallvec::SmallVec<[Value; 8]>;

fn call_partial(vm: &mut Vm, v: &Value, args: Args<'_>) -> Flow {
    let t = parts(vm, v)?;
    let (func, own, keywords) = (t.part(vm, FUNC), t.part(vm, ARGS), t.part(vm, KEYWORDS));
    let hole = t.part(vm, HOLE);
    let mut values = Values::new();
    let given = args.positional();
    let mut used = 0;
    for item in own.tuple_items() {
        if !hole.is_none() && item.is(&hole) {
            let Some(v) = given.get(used) else {
                let n = own.tuple_items().iter().filter(|v| v.is(&hole)).count();
                return Err(vm.type_error(format!(
                    "missing positional arguments in 'partial' call; expected at least {n}, got {}",
                    given.len()
                )));
            };
            values.push(v.clone());
            used += 1;
        } else {
            values.push(item.clone());
        }
    }
    values.extend(given[used..].iter().cloned());
    let Some(keywords) = keywords.get::<Dict>().filter(|d| d.len(vm) != 0) else {
        values.extend(args.values[given.len()..].iter().cloned());
        return ops::call::call(vm, &func, Args { values: &values, names: args.names });
    };
    let mut names: Vec<Value> = Vec::new();
    let first = values.len();
    for (key, value) in keywords.items_vec(vm) {
        names.push(key);
        values.push(value);
    }
    for (key, value) in args.keywords() {
        match names.iter().position(|n| n.as_wtf8() == key.as_wtf8()) {
            Some(i) => values[first + i] = value.clone(),
            None => {
                names.push(key.clone());
                values.push(value.clone());
            }
        }
    }
    let names = vm.tuple(names);
    ops::call::call(vm, &func, Args { values: &values, names: Some(&names) })
}

// The wrapper of lru_cache: function, cache, size (None: no bound), whether types count, what makes
// the statistics, hits, misses, the mark before keywords. The cache has the oldest entry first.

const CACHE: usize = 1;
const MAXSIZE: usize = 2;
const TYPED: usize = 3;
const INFO: usize = 4;
const HITS: usize = 5;
const MISSES: usize = 6;
const MARK: usize = 7;

pub fn define_lru_cache(b: &mut TypeBuilder<'_>) {
    b.slots.call = Some(call_cached);
    b.methods(LRU_CACHE);
}

const LRU_CACHE: &[Def] = &[
    def!("__new__", "(cls, /, *_, **_)", |vm, a| {
        let cache = vm.dict().into_value();
        let (none, zero) = (Value::NONE, Value::from_i32(0));
        let (typed, mark) = (Value::FALSE, none.clone());
        let state = vec![none.clone(), cache, none.clone(), typed, none, zero.clone(), zero, mark];
        make(vm, &a[0], state)
    }),
    def!("_fill", "(self, func, maxsize, typed, info, mark, /)", |vm, a| {
        let t = parts(vm, &a[0])?;
        for (i, v) in [FUNC, MAXSIZE, TYPED, INFO, MARK].into_iter().zip(&a[1..]) {
            t.put(vm, i, v.clone());
        }
        Ok(Reply::NONE)
    }),
    def!("cache_info", "(self, /)", |vm, this| {
        let t = parts(vm, this)?;
        let size = t.part(vm, CACHE).get::<Dict>().map_or(0, |d| d.len(vm));
        let values = [HITS, MISSES, MAXSIZE].map(|i| t.part(vm, i));
        let values: Vec<Value> = values.into_iter().chain([Value::from_usize(size)]).collect();
        let info = t.part(vm, INFO);
        ops::call::call(vm, &info, Args::new(&values))
    }),
    def!("cache_clear", "(self, /)", |vm, this| {
        let t = parts(vm, this)?;
        t.put_number(vm, HITS, 0);
        t.put_number(vm, MISSES, 0);
        let empty = vm.dict().into_value();
        t.put(vm, CACHE, empty);
        Ok(Reply::NONE)
    }),
];

/// What a call is remembered under.
fn key_of(vm: &mut Vm, t: &Obj<IterTool>, args: Args<'_>) -> Value {
    let typed = t.part(vm, TYPED).is_true();
    if let ([only], None, false) = (args.values, args.names, typed)
        && (vm.is_exactly(only, &vm.types.int) || vm.is_exactly(only, &vm.types.str))
    {
        return only.clone();
    }
    let mut key = args.positional().to_vec();
    if args.has_keywords() {
        key.push(t.part(vm, MARK));
        for (name, value) in args.keywords() {
            key.extend([name.clone(), value.clone()]);
        }
    }
    if typed {
        key.extend(args.values.iter().map(|v| vm.type_of(v).to_value()));
    }
    vm.tuple(key)
}

fn call_cached(vm: &mut Vm, v: &Value, args: Args<'_>) -> Flow {
    let t = parts(vm, v)?;
    let func = t.part(vm, FUNC);
    if t.part(vm, MAXSIZE).as_small_int() == Some(0) {
        t.bump(vm, MISSES);
        return ops::call::call(vm, &func, args);
    }
    let key = key_of(vm, t, args);
    let cache = t.part(vm, CACHE);
    match ops::dict::place(vm, &cache, &key) {
        Some((_, Some(at))) => Ok(hit(vm, t, &cache, at).into()),
        Some((_, None)) => {
            t.bump(vm, MISSES);
            let none = Value::NONE;
            vm.push_machine(&LRU_CALL, 4, [v.clone(), key, none.clone(), none, Value::UNBOUND])?;
            let flow = ops::call::call(vm, &func, args);
            vm.answer_waiting(&LRU_CALL, flow)
        }
        None => {
            let values = vm.tuple_from(args.values);
            let names = args.names.cloned().unwrap_or(Value::NONE);
            vm.start(&LRU_CALL, [v.clone(), key, values, names, Value::UNBOUND])
        }
    }
}

/// The value of entry `at`, which becomes the youngest one of a bounded cache.
fn hit(vm: &mut Vm, t: &Obj<IterTool>, cache: &Value, at: usize) -> Value {
    t.bump(vm, HITS);
    let bounded = !t.part(vm, MAXSIZE).is_none();
    let Some(d) = cache.get::<Dict>() else { return Value::NONE };
    let value = d.table(vm).entries[at].value.clone();
    // A look-up around this one, whose comparison calls the function again, must come to an end.
    if bounded && at + 1 < d.table(vm).entries.len() {
        d.table_mut(vm).move_to_end(at);
    }
    value
}

/// Registers: wrapper, key, arguments and keyword names (None where the call is made already), result.
/// Stage 1: the key was looked up; 4: the function was called; 5: its result was noted.
pub(crate) static LRU_CALL: Machine = Machine::new("functools.lru_call", |vm, regs, input| {
    let (wrapper, key) = (regs.get(0), regs.get(1));
    let t = parts(vm, &wrapper)?;
    let cache = t.part(vm, CACHE);
    match regs.stage() {
        0 => {
            let absent = Value::UNBOUND;
            let found = soft!(regs, 1, ops::dict::run(vm, DictOp::Key, &cache, &key, absent));
            looked_up(vm, regs, t, &cache, &key, found)
        }
        1 => looked_up(vm, regs, t, &cache, &key, input.value()?),
        4 => note(vm, regs, t, &cache, &key, input.value()?),
        _ => {
            input.value()?;
            trim(vm, t, &cache);
            Ok(regs.take(4).into())
        }
    }
});

/// `found` is the key as it stands in the cache, or unbound.
fn looked_up(
    vm: &mut Vm,
    regs: &mut Regs,
    t: &Obj<IterTool>,
    cache: &Value,
    key: &Value,
    found: Value,
) -> Flow {
    let place = cache
        .get::<Dict>()
        .filter(|_| !found.is_unbound())
        .and_then(|d| d.table(vm).iter().rev().find(|(_, e)| e.key.is(&found)).map(|(i, _)| i));
    if let Some(at) = place {
        return Ok(hit(vm, t, cache, at).into());
    }
    t.bump(vm, MISSES);
    let (func, values, names) = (t.part(vm, FUNC), regs.get(2), regs.get(3));
    let names = Some(&names).filter(|n| !n.is_none());
    let args = Args { values: values.tuple_items(), names };
    let result = soft!(regs, 4, ops::call::call(vm, &func, args));
    note(vm, regs, t, cache, key, result)
}

fn note(
    vm: &mut Vm,
    regs: &mut Regs,
    t: &Obj<IterTool>,
    cache: &Value,
    key: &Value,
    result: Value,
) -> Flow {
    regs.set(4, result.clone());
    // The function may have called itself with the same arguments.
    let _ = soft!(regs, 5, ops::dict::run(vm, DictOp::SetDefault, cache, key, result));
    trim(vm, t, cache);
    Ok(regs.take(4).into())
}

/// The oldest entries go until the cache is small enough.
fn trim(vm: &mut Vm, t: &Obj<IterTool>, cache: &Value) {
    let bound = t.part(vm, MAXSIZE).as_i64();
    let (Some(bound), Some(d)) = (bound, cache.get::<Dict>()) else { return };
    while d.len(vm) as i64 > bound.max(0) {
        let Some(first) = d.table(vm).iter().next().map(|(i, _)| i) else { return };
        drop(d.table_mut(vm).remove_at(first));
    }
}

// Getters of named tuples: index, description.

pub fn define_tuple_getter(b: &mut TypeBuilder<'_>) {
    b.slots.descr_get = Some(|vm, v, object, _| {
        let t = parts(vm, v)?;
        if object.is_unbound() || object.is_none() {
            return Ok(v.clone().into());
        }
        let i = t.number(vm, 0);
        let Some(items) = object.get::<Tuple>() else {
            let name = vm.type_name(object);
            return Err(vm.type_error(format!(
                "descriptor for index '{i}' for tuple subclasses doesn't apply to '{name}' object"
            )));
        };
        match items.items().get(i as usize) {
            Some(item) => Ok(item.clone().into()),
            None => Err(vm.index_error("tuple index out of range")),
        }
    });
    b.slots.descr_set = Some(|vm, _, _, value| {
        let what = if value.is_unbound() { "delete" } else { "set" };
        let text = format!("can't {what} attribute");
        Err(vm.attribute_error(text, &Value::NONE, &Value::NONE))
    });
    b.slots.repr = Some(|vm, v| {
        let t = parts(vm, v)?;
        let values = [t.part(vm, 0), t.part(vm, 1)];
        crate::steps::call_intrinsic(vm, "tuple_getter_repr", &values)
    });
    b.methods(TUPLE_GETTER);
    b.getsets(&TUPLE_GETTER_ATTRS);
}

const TUPLE_GETTER: &[Def] = &[
    def!("__new__", "(cls, index: ssize, doc, /)", |vm, cls, index, doc| {
        let index = vm.int(index);
        make(vm, cls, vec![index, doc.clone()])
    }),
    def!("__reduce__", "(self, /)", |vm, this| {
        let t = parts(vm, this)?;
        let (class, index, doc) = (vm.type_of(this).to_value(), t.part(vm, 0), t.part(vm, 1));
        let args = vm.tuple(vec![index, doc]);
        Ok(vm.tuple(vec![class, args]).into())
    }),
];

static TUPLE_GETTER_ATTRS: [GetSet; 1] = [getset(
    "__doc__",
    |vm, v| part(v, vm, 1),
    |vm, v, x| {
        let doc = if x.is_unbound() { Value::NONE } else { x.clone() };
        parts(vm, v)?.put(vm, 1, doc);
        Ok(Reply::NONE)
    },
)];

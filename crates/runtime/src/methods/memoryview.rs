//! `memoryview`: slots and methods. CPython's counterpart: `Objects/memoryobject.c`.
//!
//! Item access supports single native format codes, as CPython's. Views are never changed; slices
//! and casts make new views of the same exporter.

use std::cmp::Ordering;

use stackless_primitives::int::ByteOrder;
use stackless_primitives::structfmt::{self as sf, Kind};

use super::buffer;
use super::support::bounds;
use crate::boot::TypeBuilder;
use crate::descr::{GetSet, getter};
use crate::exc::{Exc, Flow, PyResult, Reply};
use crate::machine::{Input, Machine};
use crate::native::{Def, classdef, def};
use crate::object::Obj;
use crate::objects::array::Array;
use crate::objects::bytes::{ByteArray, Bytes};
use crate::objects::iterators::{self, SeqKind, generic_alias};
use crate::objects::list::List;
use crate::objects::mapping::Mapping;
use crate::objects::memoryview::{MemoryView, base_bytes, growing, simple_code, unpack};
use crate::objects::number::Complex;
use crate::objects::tuple::Tuple;
use crate::objects::types::CmpOp;
use crate::ops;
use crate::ops::item::{Key, plain_key, slice_range, with_converted_key, wrap_index};
use crate::soft;
use crate::value::Value;
use crate::vm::Vm;

pub fn define_memoryview(b: &mut TypeBuilder<'_>) {
    b.slots.repr = Some(|vm, v| {
        let word =
            if v.get::<MemoryView>().is_some_and(|m| m.released()) { "released " } else { "" };
        Ok(vm.str(&format!("<{word}memory at {:#x}>", v.bits())).into())
    });
    b.slots.hash = Some(hash);
    b.slots.compare = Some(compare);
    b.slots.len = Some(|vm, v| {
        let m = view(vm, v)?;
        if m.shape.is_empty() {
            return Err(vm.type_error("0-dim memory has no length"));
        }
        Ok(Value::from_usize(m.len()).into())
    });
    b.slots.iter = Some(|vm, v| {
        let m = view(vm, v)?;
        match m.shape.len() {
            0 => return Err(vm.type_error("invalid indexing of 0-dim memory")),
            1 => code(vm, m)?,
            _ => {
                return Err(not_implemented(vm, "multi-dimensional sub-views are not implemented"));
            }
        };
        Ok(iterators::seq_iter(vm, SeqKind::Memory, v.clone()).into())
    });
    b.slots.getitem = Some(getitem);
    b.slots.setitem = Some(setitem);
    b.methods(METHODS);
    b.getsets(&ATTRS);
}

fn not_implemented(vm: &mut Vm, message: &str) -> Exc {
    vm.not_implemented_error(message)
}

/// The view in a receiver, which must not be released.
fn view<'a>(vm: &mut Vm, v: &'a Value) -> PyResult<&'a Obj<MemoryView>> {
    match v.get::<MemoryView>() {
        Some(m) if m.released() => Err(buffer::released(vm)),
        Some(m) => Ok(m),
        None => Err(vm.system_error("not a memoryview")),
    }
}

fn code(vm: &mut Vm, m: &Obj<MemoryView>) -> PyResult<u8> {
    match simple_code(&m.format) {
        Some(c) => Ok(c),
        None => {
            let f = String::from_utf8_lossy(&m.format).into_owned();
            Err(not_implemented(vm, &format!("memoryview: format {f} not supported")))
        }
    }
}

/// A view of a plain buffer.
pub(crate) fn of(vm: &mut Vm, v: &Value) -> PyResult {
    if v.has::<MemoryView>() {
        let m = view(vm, v)?;
        return Ok(derived(vm, m, m.offset, m.shape.to_vec(), m.strides.to_vec(), m.readonly));
    }
    let n = match buffer::contents(vm, v) {
        Some(d) => d.len(),
        None => return Err(buffer::not_bytes_like(vm, v)),
    };
    if let Some(a) = v.get::<Array>() {
        let size = a.item_size();
        let (format, shape) = ([a.format()], vec![n / size]);
        let m = MemoryView::new(v.clone(), &format, size, 0, shape, vec![size as isize], false);
        return Ok(vm.alloc(&vm.types.memoryview, m).into_value());
    }
    let readonly = v.has::<Bytes>() || v.get::<Mapping>().is_some_and(|m| !m.writable);
    let m = MemoryView::new(v.clone(), b"B", 1, 0, vec![n], vec![1], readonly);
    Ok(vm.alloc(&vm.types.memoryview, m).into_value())
}

fn derived(
    vm: &mut Vm,
    m: &Obj<MemoryView>,
    offset: usize,
    shape: Vec<usize>,
    strides: Vec<isize>,
    readonly: bool,
) -> Value {
    let new =
        MemoryView::new(m.base.get(), &m.format, m.itemsize, offset, shape, strides, readonly);
    vm.alloc(&vm.types.memoryview, new).into_value()
}

macro_rules! attr {
    ($name:literal, $f:expr) => {
        getter($name, |vm, v| {
            let m = view(vm, v)?;
            let f: fn(&mut Vm, &Obj<MemoryView>) -> Value = $f;
            Ok(f(vm, m).into())
        })
    };
}

static ATTRS: [GetSet; 12] = [
    attr!("obj", |_, m| m.base.get()),
    attr!("nbytes", |_, m| Value::from_usize(m.nbytes())),
    attr!("readonly", |_, m| Value::bool(m.readonly)),
    attr!("itemsize", |_, m| Value::from_usize(m.itemsize)),
    attr!("format", |vm, m| vm.str_from_wtf8(&m.format)),
    attr!("ndim", |_, m| Value::from_usize(m.shape.len())),
    attr!("shape", |vm, m| vm.tuple(m.shape.iter().map(|n| Value::from_usize(*n)).collect())),
    attr!("strides", |vm, m| {
        let items = m.strides.iter().map(|n| vm.int(*n as i64)).collect();
        vm.tuple(items)
    }),
    attr!("suboffsets", |vm, _| vm.tuple(vec![])),
    attr!("c_contiguous", |_, m| Value::bool(m.is_c_contiguous())),
    attr!("f_contiguous", |_, m| Value::bool(m.is_f_contiguous())),
    attr!("contiguous", |_, m| Value::bool(m.is_c_contiguous() || m.is_f_contiguous())),
];

const METHODS: &[Def] = &[
    def!("__new__", "(cls, object)", |vm, _, object| vm.start(&NEW, [object.clone()])),
    classdef!("_from_flags", "(cls, object, flags: index)", |vm, _, object, _| vm
        .start(&NEW, [object.clone()])),
    classdef!("__class_getitem__", "(cls, item, /)", |vm, cls, item| generic_alias(vm, cls, item)),
    def!("release", "(self, /)", |vm, this| release(vm, this)),
    def!("__enter__", "(self, /)", |vm, this| {
        view(vm, this)?;
        Ok(this.clone().into())
    }),
    def!("__exit__", "(self, /, *args)", |vm, this, _| release(vm, this)),
    def!("__buffer__", "(self, flags: index, /)", |vm, this, _| of(vm, this).map(Reply::from)),
    def!("__release_buffer__", "(self, buffer, /)", release_buffer),
    def!("tobytes", "(self, order: str?='C')", |vm, a| {
        let m = view(vm, &a[0])?;
        let fortran = match a[1].as_wtf8() {
            None | Some(b"C") => false,
            Some(b"F") => true,
            Some(b"A") => m.is_f_contiguous() && !m.is_c_contiguous(),
            Some(_) => return Err(vm.value_error("order must be 'C', 'F' or 'A'")),
        };
        let d = match base_bytes(vm, m.base.peek()) {
            Some(base) if fortran => m.gather(base, true),
            _ => buffer::copied(vm, &a[0]),
        };
        Ok(vm.bytes(&d).into())
    }),
    def!("hex", "(self, sep=None, bytes_per_sep: ssize=1)", |vm, a| {
        view(vm, &a[0])?;
        super::bytes::hex(vm, a)
    }),
    def!("tolist", "(self, /)", |vm, this| {
        let m = view(vm, this)?;
        let c = code(vm, m)?;
        Ok(to_list(vm, m, c).into())
    }),
    def!("toreadonly", "(self, /)", |vm, this| {
        let m = view(vm, this)?;
        Ok(derived(vm, m, m.offset, m.shape.to_vec(), m.strides.to_vec(), true).into())
    }),
    def!("cast", "(self, format: str, shape=None)", cast),
    def!("count", "(self, value, /)", |vm, this, value| {
        let items = items(vm, this)?;
        super::search::count(vm, items, value)
    }),
    def!("index", "(self, value, start: bound=0, stop: bound=None, /)", |vm, a| {
        let mut found = items(vm, &a[0])?;
        let (lo, hi) = bounds(&a[2], &a[3]);
        let (lo, hi) = stackless_primitives::wtf8::clamp_slice(lo, hi, found.len());
        found.truncate(hi);
        let rest = found.split_off(lo.min(found.len()));
        super::search::index(vm, rest, &a[1], lo, "memoryview.index(x): x not found")
    }),
];

/// Registers: object. A view of any bytes-like object.
pub(crate) static NEW: Machine = Machine::new("memoryview.new", |vm, regs, input| {
    let b = match regs.stage() {
        0 => {
            let v = regs.get(0);
            if !buffer::is_plain(&v) && !v.has::<MemoryView>() && !buffer::needs_python(vm, &v) {
                let t = vm.type_name(&v);
                return Err(vm.type_error(format!(
                    "memoryview: a bytes-like object is required, not '{t}'"
                )));
            }
            soft!(regs, 1, buffer::from_object_with(vm, &v, buffer::FULL_RO))
        }
        _ => input.value()?,
    };
    of(vm, &b).map(Reply::from)
});

fn release(vm: &mut Vm, v: &Value) -> Flow {
    if let Some(m) = v.get::<MemoryView>() {
        let n = m.exports.get();
        if n > 0 {
            let plural = if n == 1 { "" } else { "s" };
            return Err(vm.buffer_error(format!("memoryview has {n} exported buffer{plural}")));
        }
        m.release();
    }
    Ok(Reply::NONE)
}

/// `__release_buffer__(view)` of the builtin exporters.
pub(crate) fn release_buffer(vm: &mut Vm, a: &[Value]) -> Flow {
    if !a[1].has::<MemoryView>() {
        return Err(vm.type_error("expected a memoryview object"));
    }
    release(vm, &a[1])
}

fn hash(vm: &mut Vm, v: &Value) -> Flow {
    let Some(m) = v.get::<MemoryView>() else { return Err(vm.system_error("not a memoryview")) };
    if let Some(h) = m.hash.get() {
        return Ok(vm.int(h).into());
    }
    let m = view(vm, v)?;
    if !m.readonly {
        return Err(vm.value_error("cannot hash writable memoryview object"));
    }
    if !simple_code(&m.format).is_some_and(is_byte_code) {
        return Err(vm.value_error("memoryview: hashing is restricted to formats 'B', 'b' or 'c'"));
    }
    if m.base.get().has::<ByteArray>() {
        return Err(vm.type_error("unhashable type: 'bytearray'"));
    }
    // The exporter has to be hashable, too. Its own method may run any code.
    let base = m.base.get();
    if vm.type_of(&base).is_python(crate::dunder::Field::Hash) {
        m.exports.set(m.exports.get() + 1);
        return vm.start(&HASH, [v.clone(), base]);
    }
    hash_contents(vm, v)
}

/// Registers: view, its exporter, whose hash is asked for first. The memory is held meanwhile.
pub(crate) static HASH: Machine = Machine::new("memoryview.hash", |vm, regs, input| {
    let v = regs.get(0);
    if regs.stage() == 0 {
        let base = regs.get(1);
        regs.set_stage(1);
        match crate::ops::hash::hash(vm, &base) {
            Ok(r) if r.is_away() => return Ok(Reply::PUSHED),
            outcome => {
                held_no_more(&v);
                let _ = outcome?;
            }
        }
    } else {
        held_no_more(&v);
        input.value()?;
    }
    hash_contents(vm, &v)
});

fn held_no_more(v: &Value) {
    if let Some(m) = v.get::<MemoryView>() {
        m.exports.set(m.exports.get().saturating_sub(1));
    }
}

fn hash_contents(vm: &mut Vm, v: &Value) -> Flow {
    let m = view(vm, v)?;
    let h = vm.hash_bytes(&buffer::copied(vm, v)) as i64;
    m.hash.set(Some(h));
    Ok(vm.int(h).into())
}

fn is_byte_code(c: u8) -> bool {
    matches!(c, b'b' | b'B' | b'c')
}

/// Values of all items of a one-dimensional view.
fn items(vm: &mut Vm, v: &Value) -> PyResult<Vec<Value>> {
    let m = view(vm, v)?;
    match m.shape.len() {
        0 => return Err(vm.type_error("invalid indexing of 0-dim memory")),
        1 => {}
        _ => return Err(not_implemented(vm, "multi-dimensional sub-views are not implemented")),
    }
    let c = code(vm, m)?;
    Ok(values(vm, m, c))
}

fn values(vm: &Vm, m: &Obj<MemoryView>, c: u8) -> Vec<Value> {
    let base = base_bytes(vm, m.base.peek()).unwrap_or(&[]);
    m.positions(false)
        .into_iter()
        .filter_map(|at| base.get(at..at + m.itemsize))
        .map(|b| unpack(vm, c, b))
        .collect()
}

/// Nested lists, innermost dimension first.
fn to_list(vm: &mut Vm, m: &Obj<MemoryView>, c: u8) -> Value {
    let mut level = values(vm, m, c);
    if m.shape.is_empty() {
        return level.pop().unwrap_or(Value::NONE);
    }
    for (d, n) in m.shape.iter().enumerate().skip(1).rev() {
        let groups: usize = m.shape[..d].iter().product();
        let mut rest = level.into_iter();
        level = (0..groups).map(|_| vm.list(rest.by_ref().take(*n).collect())).collect();
    }
    vm.list(level)
}

fn compare(vm: &mut Vm, op: CmpOp, a: &Value, b: &Value) -> Flow {
    if !matches!(op, CmpOp::Eq | CmpOp::Ne) {
        return Ok(Value::NOT_IMPLEMENTED.into());
    }
    let answer = |equal: bool| Ok(Value::bool(equal == (op == CmpOp::Eq)).into());
    let released = |v: &Value| v.get::<MemoryView>().is_some_and(|m| m.released());
    if released(a) || released(b) {
        return answer(a.is(b));
    }
    if !buffer::is_plain(a) || !buffer::is_plain(b) {
        return Ok(Value::NOT_IMPLEMENTED.into());
    }
    let (x, y) = (of(vm, a)?, of(vm, b)?);
    let (Some(x), Some(y)) = (x.get::<MemoryView>(), y.get::<MemoryView>()) else {
        return Ok(Value::NOT_IMPLEMENTED.into());
    };
    if x.shape != y.shape {
        return answer(false);
    }
    let (Some(c), Some(d)) = (simple_code(&x.format), simple_code(&y.format)) else {
        return answer(false);
    };
    if c == d && !matches!(c, b'f' | b'd' | b'e' | b'F' | b'D' | b'?') {
        let same = x.contents(vm) == y.contents(vm);
        return answer(same);
    }
    let equal = values(vm, x, c).iter().zip(&values(vm, y, d)).all(|(p, q)| same_value(p, q));
    answer(equal)
}

fn same_value(p: &Value, q: &Value) -> bool {
    if let Some(order) = ops::compare::number_order(p, q) {
        return order == Some(Ordering::Equal);
    }
    match (p.get::<Bytes>(), q.get::<Bytes>()) {
        (Some(x), Some(y)) => x.as_bytes() == y.as_bytes(),
        _ => match (p.get::<Complex>(), q.get::<Complex>()) {
            (Some(x), Some(y)) => x.re == y.re && x.im == y.im,
            _ => false,
        },
    }
}

/// What a subscript selects.
enum Place {
    Item(usize),
    Slice(Value),
    Whole,
    /// The subscript has to be converted first.
    Convert,
}

fn place(vm: &mut Vm, m: &Obj<MemoryView>, key: &Value, store: bool) -> PyResult<Place> {
    let ndim = m.shape.len();
    if ndim == 0 {
        if key.has::<Tuple>() && key.tuple_items().is_empty() {
            return Ok(Place::Item(m.offset));
        }
        if key.is_ellipsis() {
            return Ok(Place::Whole);
        }
        return Err(vm.type_error("invalid indexing of 0-dim memory"));
    }
    if key.has::<Tuple>() {
        let keys = key.tuple_items();
        if keys.iter().all(|k| vm.type_of(k).slots(vm).index.is_some()) {
            return multi_index(vm, m, keys);
        }
        let slice = |k: &Value| k.has::<crate::objects::function::Slice>();
        if !keys.is_empty() && keys.iter().all(slice) {
            return Err(if store {
                restricted(vm)
            } else {
                not_implemented(vm, "multi-dimensional slicing is not implemented")
            });
        }
        return Err(vm.type_error("memoryview: invalid slice key"));
    }
    match plain_key(key) {
        Some(Key::Index(i)) => {
            code(vm, m)?;
            if ndim > 1 {
                let text = if store {
                    "sub-views are not implemented"
                } else {
                    "multi-dimensional sub-views are not implemented"
                };
                return Err(not_implemented(vm, text));
            }
            match wrap_index(i, m.len()) {
                Some(i) => Ok(Place::Item(m.position(&[i]))),
                None => Err(super::str::index_error(vm, key, "index out of bounds on dimension 1")),
            }
        }
        Some(Key::Slice(s)) => {
            if store && ndim != 1 {
                return Err(restricted(vm));
            }
            Ok(Place::Slice(s))
        }
        None if vm.type_of(key).slots(vm).index.is_some()
            || key.has::<crate::objects::function::Slice>() =>
        {
            Ok(Place::Convert)
        }
        None => Err(vm.type_error("memoryview: invalid slice key")),
    }
}

fn restricted(vm: &mut Vm) -> Exc {
    not_implemented(vm, "memoryview slice assignments are currently restricted to ndim = 1")
}

fn multi_index(vm: &mut Vm, m: &Obj<MemoryView>, keys: &[Value]) -> PyResult<Place> {
    let ndim = m.shape.len();
    if keys.len() < ndim {
        return Err(not_implemented(vm, "sub-views are not implemented"));
    }
    if keys.len() > ndim {
        let n = keys.len();
        return Err(
            vm.type_error(format!("cannot index {ndim}-dimension view with {n}-element tuple"))
        );
    }
    let mut index = Vec::with_capacity(ndim);
    for (d, (k, n)) in keys.iter().zip(&m.shape).enumerate() {
        let at = k.as_i64_saturating().and_then(|i| wrap_index(i, *n));
        match at {
            Some(i) => index.push(i),
            None => {
                let text = format!("index out of bounds on dimension {}", d + 1);
                return Err(vm.index_error(text));
            }
        }
    }
    Ok(Place::Item(m.position(&index)))
}

fn sliced(vm: &mut Vm, m: &Obj<MemoryView>, slice: &Value) -> PyResult {
    let r = slice_range(vm, slice, m.len())?;
    let (mut shape, mut strides) = (m.shape.to_vec(), m.strides.to_vec());
    let stride = strides[0];
    let offset = m.offset.wrapping_add_signed(stride * r.start as isize);
    let offset = if r.count == 0 { m.offset } else { offset };
    shape[0] = r.count;
    strides[0] = stride.saturating_mul(r.step as isize);
    Ok(derived(vm, m, offset, shape, strides, m.readonly))
}

fn getitem(vm: &mut Vm, v: &Value, key: &Value) -> Flow {
    let m = view(vm, v)?;
    match place(vm, m, key, false)? {
        Place::Whole => Ok(v.clone().into()),
        Place::Convert => with_converted_key(vm, v, key, None),
        Place::Slice(s) => sliced(vm, m, &s).map(Reply::from),
        Place::Item(at) => {
            let c = code(vm, m)?;
            let base = m.base.get();
            match base_bytes(vm, &base).and_then(|b| b.get(at..at + m.itemsize)) {
                Some(b) => Ok(unpack(vm, c, b).into()),
                None => Err(vm.index_error("index out of bounds on dimension 1")),
            }
        }
    }
}

fn setitem(vm: &mut Vm, v: &Value, key: &Value, value: &Value) -> Flow {
    let m = view(vm, v)?;
    if m.readonly {
        return Err(vm.type_error("cannot modify read-only memory"));
    }
    if value.is_unbound() {
        return Err(vm.type_error("cannot delete memory"));
    }
    match place(vm, m, key, true)? {
        Place::Convert => with_converted_key(vm, v, key, Some(value)),
        Place::Whole => vm.start(&STORE, [v.clone(), Value::from_usize(m.offset), value.clone()]),
        Place::Item(at) => {
            if value.is_int() && m.itemsize == 1 && matches!(&*m.format, b"B") {
                let value = value.clone();
                return store(vm, m, at, &value, b'B');
            }
            vm.start(&STORE, [v.clone(), Value::from_usize(at), value.clone()])
        }
        Place::Slice(s) => {
            if !buffer::is_plain(value) {
                return Err(buffer::not_bytes_like(vm, value));
            }
            let (dest, source) = (sliced(vm, m, &s)?, of(vm, value)?);
            let (Some(d), Some(src)) = (dest.get::<MemoryView>(), source.get::<MemoryView>())
            else {
                return Err(vm.system_error("not a memoryview"));
            };
            let plain = |f: &[u8]| f.strip_prefix(b"@").unwrap_or(f).to_vec();
            if d.shape != src.shape || plain(&d.format) != plain(&src.format) {
                return Err(vm.value_error(
                    "memoryview assignment: lvalue and rvalue have different structures",
                ));
            }
            let new = buffer::copied(vm, &source);
            if let ([_], [stride]) = (&*d.shape, &*d.strides)
                && *stride == d.itemsize as isize
            {
                write(vm, d, d.offset, &new);
                return Ok(Reply::NONE);
            }
            for (at, item) in d.positions(false).into_iter().zip(new.chunks(d.itemsize.max(1))) {
                write(vm, d, at, item);
            }
            Ok(Reply::NONE)
        }
    }
}

fn write(vm: &mut Vm, m: &Obj<MemoryView>, at: usize, item: &[u8]) {
    let base = m.base.get();
    if let Some(m) = base.get::<Mapping>() {
        m.write(vm, at, item);
        return;
    }
    if let Some((data, _)) = growing(&base)
        && let Some(slot) = data.get_mut(vm).get_mut(at..at + item.len())
    {
        slot.copy_from_slice(item);
    }
}

fn invalid(vm: &mut Vm, m: &Obj<MemoryView>, what: &str) -> Exc {
    let f = String::from_utf8_lossy(&m.format).into_owned();
    let text = format!("memoryview: invalid {what} for format '{f}'");
    if what == "type" { vm.type_error(text) } else { vm.value_error(text) }
}

/// Registers: view, byte position, value. Stage 1: the value converted for the item's format.
pub(crate) static STORE: Machine = Machine::new("memoryview.store", |vm, regs, input| {
    let (v, value) = (regs.get(0), regs.get(2));
    let m = view(vm, &v)?;
    let c = code(vm, m)?;
    let kind = sf::code_info(c, true).map_or(Kind::Pad, |i| i.0);
    let outcome = match input {
        Input::Start => {
            regs.set_stage(1);
            let flow = match kind {
                Kind::Float | Kind::Complex if value.has::<Complex>() => Ok(value.into()),
                Kind::Float | Kind::Complex => ops::number::float(vm, &value),
                Kind::Bool => ops::truth(vm, &value),
                Kind::Char => Ok(value.into()),
                _ => ops::number::index(vm, &value),
            };
            match flow {
                Ok(r) => match r.ready() {
                    Some(v) => Ok(v),
                    None => return Ok(Reply::PUSHED),
                },
                Err(e) => Err(e),
            }
        }
        input => input.value(),
    };
    let value = match outcome {
        Ok(v) => v,
        Err(e) if kind != Kind::Bool && vm.exc_is(&e, &vm.excs.type_error) => {
            return Err(invalid(vm, m, "type"));
        }
        Err(e)
            if kind != Kind::Bool
                && (vm.exc_is(&e, &vm.excs.overflow_error)
                    || vm.exc_is(&e, &vm.excs.value_error)) =>
        {
            return Err(invalid(vm, m, "value"));
        }
        Err(e) => return Err(e),
    };
    let m = view(vm, &v)?;
    store(vm, m, regs.int(1) as usize, &value, c)
});

/// Stores a converted value at a byte position.
fn store(vm: &mut Vm, m: &Obj<MemoryView>, at: usize, value: &Value, c: u8) -> Flow {
    let mut item = vec![0u8; m.itemsize];
    let order = ByteOrder::NATIVE;
    let packed = match sf::code_info(c, true).map_or(Kind::Pad, |i| i.0) {
        Kind::Float => match (c, value.as_float()) {
            (b'f', Some(f)) => {
                item.copy_from_slice(&(f as f32).to_ne_bytes());
                Ok(())
            }
            (_, Some(f)) => sf::pack_float(c, order, f, &mut item),
            (_, None) => return Err(invalid(vm, m, "type")),
        },
        Kind::Complex => {
            let (re, im) = match value.get::<Complex>() {
                Some(z) => (z.re, z.im),
                None => (value.as_float().unwrap_or(0.0), 0.0),
            };
            sf::pack_complex(c, order, re, im, &mut item)
        }
        Kind::Bool => {
            item[0] = value.is_true() as u8;
            Ok(())
        }
        Kind::Char => match value.get::<Bytes>().map(|b| b.as_bytes()) {
            Some([b]) => {
                item[0] = *b;
                Ok(())
            }
            Some(_) => return Err(invalid(vm, m, "value")),
            None => return Err(invalid(vm, m, "type")),
        },
        _ => match value.as_big() {
            Some(n) => sf::pack_int(c, order, &n, &mut item),
            None => return Err(invalid(vm, m, "type")),
        },
    };
    if packed.is_err() {
        return Err(invalid(vm, m, "value"));
    }
    write(vm, m, at, &item);
    Ok(Reply::NONE)
}

const DESTINATION: &str = "memoryview: destination format must be a native single character format \
                           prefixed with an optional '@'";

fn cast(vm: &mut Vm, a: &[Value]) -> Flow {
    let m = view(vm, &a[0])?;
    let format = a[1].as_wtf8().unwrap_or(b"B").to_vec();
    if !m.is_c_contiguous() {
        return Err(vm.type_error("memoryview: casts are restricted to C-contiguous views"));
    }
    let shape_value = a[2].given();
    if (shape_value.is_some() || m.shape.len() != 1) && m.shape.contains(&0) {
        return Err(vm.type_error("memoryview: cannot cast view with zeros in shape or strides"));
    }
    let dims = match shape_value {
        None => None,
        Some(v) => match v.get::<List>() {
            Some(l) => Some(l.items(vm).to_vec()),
            None if v.has::<Tuple>() => Some(v.tuple_items().to_vec()),
            None => return Err(vm.type_error("shape must be a list or a tuple")),
        },
    };
    if let Some(dims) = &dims {
        if dims.len() > 64 {
            return Err(vm.value_error("memoryview: number of dimensions must not exceed 64"));
        }
        if m.shape.len() != 1 && dims.len() != 1 {
            return Err(vm.type_error("memoryview: cast must be 1D -> ND or ND -> 1D"));
        }
    }
    let Some(dest) = simple_code(&format) else { return Err(vm.value_error(DESTINATION)) };
    let source = simple_code(&m.format).unwrap_or(b'B');
    let size = sf::code_info(dest, true).map_or(1, |i| i.1);
    if !is_byte_code(dest) && !is_byte_code(source) {
        return Err(vm.type_error("memoryview: cannot cast between two non-byte formats"));
    }
    let total = m.nbytes();
    if !total.is_multiple_of(size) {
        return Err(vm.type_error("memoryview: length is not a multiple of itemsize"));
    }
    let shape = match dims {
        None => vec![total / size],
        Some(dims) => shape_of(vm, &dims, size, total)?,
    };
    let mut strides = vec![0isize; shape.len()];
    let mut step = size as isize;
    for (s, n) in strides.iter_mut().zip(&shape).rev() {
        *s = step;
        step = step.saturating_mul(*n as isize);
    }
    let new = MemoryView::new(m.base.get(), &format, size, m.offset, shape, strides, m.readonly);
    Ok(vm.alloc(&vm.types.memoryview, new).into())
}

fn shape_of(vm: &mut Vm, dims: &[Value], size: usize, total: usize) -> PyResult<Vec<usize>> {
    let mut shape = Vec::with_capacity(dims.len());
    let mut product = Some(size);
    for d in dims {
        if !d.is_int_like() {
            return Err(vm.type_error("memoryview.cast(): elements of shape must be integers"));
        }
        let n = d.as_i64_saturating().unwrap_or(0);
        if n <= 0 {
            return Err(vm.value_error("memoryview.cast(): elements of shape must be integers > 0"));
        }
        shape.push(n as usize);
        product = product.and_then(|p| p.checked_mul(n as usize));
    }
    match product {
        None => Err(vm.value_error("memoryview.cast(): product(shape) > SSIZE_MAX")),
        Some(p) if p != total => {
            Err(vm.type_error("memoryview: product(shape) * itemsize != buffer size"))
        }
        Some(_) => Ok(shape),
    }
}

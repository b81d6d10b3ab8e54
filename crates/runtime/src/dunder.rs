//! Special methods: the table that ties `__names__` to slots, both ways.
//!
//! - A static type's slots appear in its dict as slot wrappers (`install_wrappers`).
//! - A class whose dict or bases define special methods gets slots from them (`update_slot`): a
//!   slot wrapper found along the MRO gives back the native slot of its owner, anything else gives
//!   the dispatcher that calls the method as Python would (`python_slots`).
//!
//! CPython's counterpart: the slotdefs of `Objects/typeobject.c`.

use std::cell::Cell;

use crate::exc::{Flow, PyResult};
use crate::native::{Args, Native};
use crate::object::{Obj, Payload, ValueCell};
use crate::objects::types::{BINOPS, BinOp, CmpOp, Slots, Type, tflags};
use crate::python_slots as py;
use crate::value::Value;
use crate::vm::Vm;

/// A field of `Slots`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Field {
    Repr,
    Str,
    Hash,
    Call,
    GetAttr,
    SetAttr,
    Compare,
    Iter,
    Next,
    Len,
    Bool,
    Int,
    Float,
    Index,
    Neg,
    Pos,
    Abs,
    Invert,
    Binary(u8),
    Inplace(u8),
    Power,
    Concat,
    Repeat,
    InplaceConcat,
    InplaceRepeat,
    GetItem,
    SetItem,
    Contains,
    DescrGet,
    DescrSet,
    Await,
    Aiter,
    Anext,
}

impl Field {
    /// The field's bit in `Type::python_slots` and `Type::object_slots`.
    pub const fn bit(self) -> u64 {
        let i = match self {
            Field::Repr => 0,
            Field::Str => 1,
            Field::Hash => 2,
            Field::Call => 3,
            Field::GetAttr => 4,
            Field::SetAttr => 5,
            Field::Compare => 6,
            Field::Iter => 7,
            Field::Next => 8,
            Field::Len => 9,
            Field::Bool => 10,
            Field::Int => 11,
            Field::Float => 12,
            Field::Index => 13,
            Field::Neg => 14,
            Field::Pos => 15,
            Field::Abs => 16,
            Field::Invert => 17,
            Field::Power => 18,
            Field::Concat => 19,
            Field::Repeat => 20,
            Field::InplaceConcat => 21,
            Field::InplaceRepeat => 22,
            Field::GetItem => 23,
            Field::SetItem => 24,
            Field::Contains => 25,
            Field::DescrGet => 26,
            Field::DescrSet => 27,
            Field::Await => 28,
            Field::Aiter => 29,
            Field::Anext => 30,
            Field::Binary(i) => 32 + i as u32,
            Field::Inplace(i) => 32 + BINOPS as u32 + i as u32,
        };
        1 << i
    }
}

impl Type {
    /// Is this slot a special method written in Python? Addresses of functions are not unique
    /// across codegen units, so slot functions are never compared.
    #[inline]
    pub fn is_python(&self, field: Field) -> bool {
        self.python_slots.get() & field.bit() != 0
    }
    /// Is this slot that of `object`?
    #[inline]
    pub fn is_objects(&self, field: Field) -> bool {
        self.object_slots.get() & field.bit() != 0
    }
}

/// Notes which slots a static type has from `object`, itself included.
pub(crate) fn note_object_slots(ty: &Obj<Type>, own: &Slots, set: u64) {
    let base = ty.base.get();
    let inherited = base.get::<Type>().map(|b| b.object_slots.get());
    let bits = match inherited {
        None => fields().iter().fold(0, |bits, f| bits | f.bit()),
        Some(inherited) => {
            let hash = if own.compare.is_some() { Field::Hash.bit() } else { 0 };
            inherited & !set & !hash
        }
    };
    ty.object_slots.set(bits);
}

/// How a slot wrapper calls its slot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wrap {
    Unary,
    Next,
    Binary,
    /// Operands swapped.
    Reflected,
    Pow,
    RPow,
    Compare(CmpOp),
    Call,
    GetItem,
    SetItem,
    DelItem,
    Contains,
    GetAttr,
    SetAttr,
    DelAttr,
    DescrGet,
    DescrSet,
    DescrDel,
    Hash,
    Bool,
}

pub struct SlotDef {
    pub name: &'static str,
    pub field: Field,
    pub wrap: Wrap,
    pub doc: &'static str,
    /// `__text_signature__`.
    pub sig: &'static str,
}

const fn slot(
    name: &'static str,
    field: Field,
    wrap: Wrap,
    sig: &'static str,
    doc: &'static str,
) -> SlotDef {
    SlotDef { name, field, wrap, doc, sig }
}

macro_rules! bin {
    ($i:literal, $n:literal, $r:literal, $sym:literal) => {
        [
            slot(
                $n,
                Field::Binary($i),
                Wrap::Binary,
                "($self, value, /)",
                concat!("Return self", $sym, "value."),
            ),
            slot(
                $r,
                Field::Binary($i),
                Wrap::Reflected,
                "($self, value, /)",
                concat!("Return value", $sym, "self."),
            ),
        ]
    };
}

macro_rules! inp {
    ($i:literal, $n:literal, $sym:literal) => {
        slot(
            $n,
            Field::Inplace($i),
            Wrap::Binary,
            "($self, value, /)",
            concat!("Return self", $sym, "value."),
        )
    };
}

const BIN: [[SlotDef; 2]; 13] = [
    bin!(0, "__add__", "__radd__", "+"),
    bin!(1, "__sub__", "__rsub__", "-"),
    bin!(2, "__mul__", "__rmul__", "*"),
    bin!(3, "__truediv__", "__rtruediv__", "/"),
    bin!(4, "__floordiv__", "__rfloordiv__", "//"),
    bin!(5, "__mod__", "__rmod__", "%"),
    bin!(7, "__matmul__", "__rmatmul__", "@"),
    bin!(8, "__lshift__", "__rlshift__", "<<"),
    bin!(9, "__rshift__", "__rrshift__", ">>"),
    bin!(10, "__and__", "__rand__", "&"),
    bin!(11, "__or__", "__ror__", "|"),
    bin!(12, "__xor__", "__rxor__", "^"),
    [
        slot(
            "__divmod__",
            Field::Binary(13),
            Wrap::Binary,
            "($self, value, /)",
            "Return divmod(self, value).",
        ),
        slot(
            "__rdivmod__",
            Field::Binary(13),
            Wrap::Reflected,
            "($self, value, /)",
            "Return divmod(value, self).",
        ),
    ],
];

const INP: [SlotDef; 13] = [
    inp!(0, "__iadd__", "+="),
    inp!(1, "__isub__", "-="),
    inp!(2, "__imul__", "*="),
    inp!(3, "__itruediv__", "/="),
    inp!(4, "__ifloordiv__", "//="),
    inp!(5, "__imod__", "%="),
    inp!(6, "__ipow__", "**="),
    inp!(7, "__imatmul__", "@="),
    inp!(8, "__ilshift__", "<<="),
    inp!(9, "__irshift__", ">>="),
    inp!(10, "__iand__", "&="),
    inp!(11, "__ior__", "|="),
    inp!(12, "__ixor__", "^="),
];

const OTHER: &[SlotDef] = &[
    slot("__repr__", Field::Repr, Wrap::Unary, "($self, /)", "Return repr(self)."),
    slot("__str__", Field::Str, Wrap::Unary, "($self, /)", "Return str(self)."),
    slot("__hash__", Field::Hash, Wrap::Hash, "($self, /)", "Return hash(self)."),
    slot(
        "__call__",
        Field::Call,
        Wrap::Call,
        "($self, /, *args, **kwargs)",
        "Call self as a function.",
    ),
    slot(
        "__getattribute__",
        Field::GetAttr,
        Wrap::GetAttr,
        "($self, name, /)",
        "Return getattr(self, name).",
    ),
    slot("__getattr__", Field::GetAttr, Wrap::GetAttr, "($self, name, /)", ""),
    slot(
        "__setattr__",
        Field::SetAttr,
        Wrap::SetAttr,
        "($self, name, value, /)",
        "Implement setattr(self, name, value).",
    ),
    slot(
        "__delattr__",
        Field::SetAttr,
        Wrap::DelAttr,
        "($self, name, /)",
        "Implement delattr(self, name).",
    ),
    slot(
        "__lt__",
        Field::Compare,
        Wrap::Compare(CmpOp::Lt),
        "($self, value, /)",
        "Return self<value.",
    ),
    slot(
        "__le__",
        Field::Compare,
        Wrap::Compare(CmpOp::Le),
        "($self, value, /)",
        "Return self<=value.",
    ),
    slot(
        "__eq__",
        Field::Compare,
        Wrap::Compare(CmpOp::Eq),
        "($self, value, /)",
        "Return self==value.",
    ),
    slot(
        "__ne__",
        Field::Compare,
        Wrap::Compare(CmpOp::Ne),
        "($self, value, /)",
        "Return self!=value.",
    ),
    slot(
        "__gt__",
        Field::Compare,
        Wrap::Compare(CmpOp::Gt),
        "($self, value, /)",
        "Return self>value.",
    ),
    slot(
        "__ge__",
        Field::Compare,
        Wrap::Compare(CmpOp::Ge),
        "($self, value, /)",
        "Return self>=value.",
    ),
    slot("__iter__", Field::Iter, Wrap::Unary, "($self, /)", "Implement iter(self)."),
    slot("__next__", Field::Next, Wrap::Next, "($self, /)", "Implement next(self)."),
    slot("__len__", Field::Len, Wrap::Unary, "($self, /)", "Return len(self)."),
    slot("__bool__", Field::Bool, Wrap::Bool, "($self, /)", "True if self else False"),
    slot("__int__", Field::Int, Wrap::Unary, "($self, /)", "int(self)"),
    slot("__float__", Field::Float, Wrap::Unary, "($self, /)", "float(self)"),
    slot(
        "__index__",
        Field::Index,
        Wrap::Unary,
        "($self, /)",
        "Return self converted to an integer, if self is suitable for use as an index into a list.",
    ),
    slot("__neg__", Field::Neg, Wrap::Unary, "($self, /)", "-self"),
    slot("__pos__", Field::Pos, Wrap::Unary, "($self, /)", "+self"),
    slot("__abs__", Field::Abs, Wrap::Unary, "($self, /)", "abs(self)"),
    slot("__invert__", Field::Invert, Wrap::Unary, "($self, /)", "~self"),
    slot(
        "__pow__",
        Field::Binary(6),
        Wrap::Pow,
        "($self, value, mod=None, /)",
        "Return pow(self, value, mod).",
    ),
    slot(
        "__rpow__",
        Field::Binary(6),
        Wrap::RPow,
        "($self, value, mod=None, /)",
        "Return pow(value, self, mod).",
    ),
    slot("__add__", Field::Concat, Wrap::Binary, "($self, value, /)", "Return self+value."),
    slot("__mul__", Field::Repeat, Wrap::Binary, "($self, value, /)", "Return self*value."),
    slot("__rmul__", Field::Repeat, Wrap::Binary, "($self, value, /)", "Return value*self."),
    slot(
        "__iadd__",
        Field::InplaceConcat,
        Wrap::Binary,
        "($self, value, /)",
        "Implement self+=value.",
    ),
    slot(
        "__imul__",
        Field::InplaceRepeat,
        Wrap::Binary,
        "($self, value, /)",
        "Implement self*=value.",
    ),
    slot("__getitem__", Field::GetItem, Wrap::GetItem, "($self, key, /)", "Return self[key]."),
    slot(
        "__setitem__",
        Field::SetItem,
        Wrap::SetItem,
        "($self, key, value, /)",
        "Set self[key] to value.",
    ),
    slot("__delitem__", Field::SetItem, Wrap::DelItem, "($self, key, /)", "Delete self[key]."),
    slot(
        "__contains__",
        Field::Contains,
        Wrap::Contains,
        "($self, key, /)",
        "Return bool(key in self).",
    ),
    slot(
        "__get__",
        Field::DescrGet,
        Wrap::DescrGet,
        "($self, instance, owner=None, /)",
        "Return an attribute of instance, which is of type owner.",
    ),
    slot(
        "__set__",
        Field::DescrSet,
        Wrap::DescrSet,
        "($self, instance, value, /)",
        "Set an attribute of instance to value.",
    ),
    slot(
        "__delete__",
        Field::DescrSet,
        Wrap::DescrDel,
        "($self, instance, /)",
        "Delete an attribute of instance.",
    ),
    slot(
        "__await__",
        Field::Await,
        Wrap::Unary,
        "($self, /)",
        "Return an iterator to be used in await expression.",
    ),
    slot(
        "__aiter__",
        Field::Aiter,
        Wrap::Unary,
        "($self, /)",
        "Return an awaitable, that resolves in asynchronous iterator.",
    ),
    slot(
        "__anext__",
        Field::Anext,
        Wrap::Unary,
        "($self, /)",
        "Return a value or raise StopAsyncIteration.",
    ),
];

static BIN_DEFS: [[SlotDef; 2]; 13] = BIN;
static INP_DEFS: [SlotDef; 13] = INP;
static OTHER_DEFS: &[SlotDef] = OTHER;

/// Every definition, in the order in which wrappers are installed.
pub fn all_defs() -> impl Iterator<Item = &'static SlotDef> {
    OTHER_DEFS.iter().chain(BIN_DEFS.iter().flatten()).chain(INP_DEFS.iter())
}

macro_rules! simple_fields {
    ($m:ident) => {
        $m! {
            Repr repr, Str str, Hash hash, Call call, GetAttr getattr, SetAttr setattr,
            Compare compare, Iter iter, Next next, Len len, Bool bool, Int int, Float float,
            Index index, Neg neg, Pos pos, Abs abs, Invert invert, Power power, Concat concat,
            Repeat repeat, InplaceConcat inplace_concat, InplaceRepeat inplace_repeat,
            GetItem getitem, SetItem setitem, Contains contains, DescrGet descr_get,
            DescrSet descr_set, Await await_, Aiter aiter, Anext anext
        }
    };
}

macro_rules! define_field_functions {
    ($($variant:ident $field:ident),*) => {
        fn copy_field(dst: &mut Slots, src: &Slots, field: Field) {
            match field {
                $(Field::$variant => dst.$field = src.$field,)*
                Field::Binary(i) => {
                    dst.binary[i as usize] = src.binary[i as usize];
                    if i == 6 {
                        dst.power = src.power;
                    }
                }
                Field::Inplace(i) => dst.inplace[i as usize] = src.inplace[i as usize],
            }
        }
        fn is_set(slots: &Slots, field: Field) -> bool {
            match field {
                $(Field::$variant => slots.$field.is_some(),)*
                Field::Binary(i) => slots.binary[i as usize].is_some(),
                Field::Inplace(i) => slots.inplace[i as usize].is_some(),
            }
        }
    };
}
simple_fields!(define_field_functions);

fn set_python(slots: &mut Slots, field: Field) {
    match field {
        Field::Repr => slots.repr = Some(py::repr),
        Field::Str => slots.str = Some(py::str),
        Field::Hash => slots.hash = Some(py::hash),
        Field::Call => slots.call = Some(py::call),
        Field::GetAttr => slots.getattr = Some(py::getattr),
        Field::SetAttr => slots.setattr = Some(py::setattr),
        Field::Compare => slots.compare = Some(py::compare),
        Field::Iter => slots.iter = Some(py::iter),
        Field::Next => slots.next = Some(py::next),
        Field::Len => slots.len = Some(py::len),
        Field::Bool => slots.bool = Some(py::bool),
        Field::Int => slots.int = Some(py::int),
        Field::Float => slots.float = Some(py::float),
        Field::Index => slots.index = Some(py::index),
        Field::Neg => slots.neg = Some(py::neg),
        Field::Pos => slots.pos = Some(py::pos),
        Field::Abs => slots.abs = Some(py::abs),
        Field::Invert => slots.invert = Some(py::invert),
        Field::Binary(i) => {
            slots.binary[i as usize] = Some(py::binary_fn(i as usize));
            if i == 6 {
                slots.power = Some(py::power);
            }
        }
        Field::Inplace(i) => slots.inplace[i as usize] = Some(py::inplace_fn(i as usize)),
        Field::Power => slots.power = Some(py::power),
        Field::Concat | Field::Repeat | Field::InplaceConcat | Field::InplaceRepeat => {
            clear_field(slots, field)
        }
        Field::GetItem => slots.getitem = Some(py::getitem),
        Field::SetItem => slots.setitem = Some(py::setitem),
        Field::Contains => slots.contains = Some(py::contains),
        Field::DescrGet => slots.descr_get = Some(py::descr_get),
        Field::DescrSet => slots.descr_set = Some(py::descr_set),
        Field::Await => slots.await_ = Some(py::await_),
        Field::Aiter => slots.aiter = Some(py::aiter),
        Field::Anext => slots.anext = Some(py::anext),
    }
}

fn clear_field(slots: &mut Slots, field: Field) {
    copy_field(slots, &Slots::default(), field);
}

/// Every field, in the order of the definitions.
fn fields() -> &'static [Field] {
    static FIELDS: std::sync::OnceLock<Vec<Field>> = std::sync::OnceLock::new();
    FIELDS.get_or_init(|| {
        let mut out: Vec<Field> = Vec::new();
        let mut seen = 0;
        for d in all_defs() {
            if seen & d.field.bit() == 0 {
                seen |= d.field.bit();
                out.push(d.field);
            }
        }
        out
    })
}

/// The fields that are set.
pub(crate) fn set_bits(slots: &Slots) -> u64 {
    fields().iter().fold(0, |bits, f| if is_set(slots, *f) { bits | f.bit() } else { bits })
}

/// The definitions by field and by name, with one `Vm`'s interned names.
pub(crate) struct SlotTable {
    by_field: Vec<(Field, Vec<(&'static SlotDef, Value)>)>,
    /// The definitions in the order in which wrappers are installed.
    all: Vec<(&'static SlotDef, Value)>,
    /// Positions in `by_field` by the bits of a name.
    by_name: std::collections::HashMap<u64, Vec<usize>, crate::gc::Fast>,
}

impl SlotTable {
    fn of(vm: &mut Vm) -> std::rc::Rc<SlotTable> {
        if let Some(t) = &vm.slot_table {
            return t.clone();
        }
        let all = all_defs().map(|d| (d, vm.intern(d.name))).collect();
        let mut table = SlotTable { by_field: Vec::new(), all, by_name: Default::default() };
        for &field in fields() {
            let at = table.by_field.len();
            let defs: Vec<_> =
                all_defs().filter(|d| d.field == field).map(|d| (d, vm.intern(d.name))).collect();
            for (_, name) in &defs {
                let positions = table.by_name.entry(name.bits()).or_default();
                if !positions.contains(&at) {
                    positions.push(at);
                }
            }
            table.by_field.push((field, defs));
        }
        let table = std::rc::Rc::new(table);
        vm.slot_table = Some(table.clone());
        table
    }
}

/// `wrapper_descriptor`: a slot of `owner` as a callable, or a native `__init__`.
#[derive(Payload)]
#[payload(layout = WRAPPER_DESCR)]
pub struct WrapperDescr {
    pub def: Option<&'static SlotDef>,
    /// For wrappers around a declared function (`__init__`).
    pub native: Option<Native>,
    pub owner: ValueCell,
}

impl WrapperDescr {
    pub fn name(&self) -> &'static str {
        match (&self.def, &self.native) {
            (Some(d), _) => d.name,
            (None, Some(n)) => n.def.name,
            (None, None) => "",
        }
    }
}

/// `method-wrapper`: a bound slot wrapper.
#[derive(Payload)]
#[payload(layout = METHOD_WRAPPER)]
pub struct MethodWrapper {
    pub descr: ValueCell,
    pub receiver: ValueCell,
}

/// Puts slot wrappers for the slots that a static type defines itself into its dict.
pub(crate) fn install_wrappers(vm: &mut Vm, ty: &Obj<Type>, own: &Slots, set: u64) {
    let table = SlotTable::of(vm);
    for (d, name) in table.all.iter().filter(|_| set != 0) {
        if set & d.field.bit() == 0 || d.name == "__getattr__" {
            continue;
        }
        if ty.dict.get_str(vm, name).is_some() {
            continue;
        }
        let w = WrapperDescr { def: Some(d), native: None, owner: ValueCell::new(ty.to_value()) };
        let w = vm.alloc(&vm.types.wrapper_descriptor, w).into_value();
        ty.dict.set_str(vm, name, w);
    }
    if own.compare.is_some() && own.hash.is_none() {
        let name = vm.names.hash.clone();
        if ty.dict.get_str(vm, &name).is_none() {
            ty.dict.set_str(vm, &name, Value::NONE);
        }
    }
}

/// Slots that a static type takes from its base where it has none.
pub(crate) fn inherit_slots(own: &Slots, set: u64, base: &Slots) -> Slots {
    if set == 0 {
        return *base;
    }
    let mut out = *own;
    for &f in fields() {
        if set & f.bit() == 0 {
            if f == Field::Hash && own.compare.is_some() {
                continue;
            }
            copy_field(&mut out, base, f);
        }
    }
    if own.compare.is_none() && own.hash.is_some() {
        out.compare = base.compare;
    }
    out
}

/// Recomputes the slots that depend on `name` in a class and its subclasses.
pub(crate) fn update_slot(vm: &mut Vm, ty: &Obj<Type>, name: &Value) {
    let text = name.display_str(vm);
    if text == "__del__" {
        let mut work = vec![ty.to_ref()];
        while let Some(t) = work.pop() {
            let on = t.lookup(vm, name).is_some();
            if t.is_heap_type() {
                t.set_flag(tflags::FINALIZER, on || base_finalizes(&t));
            }
            work.extend(t.live_subclasses(vm));
        }
        return;
    }
    let table = SlotTable::of(vm);
    let name = vm.intern_value(name);
    let Some(touched) = table.by_name.get(&name.bits()) else { return };
    let mut work = vec![ty.to_ref()];
    while let Some(t) = work.pop() {
        for at in touched {
            let (field, defs) = &table.by_field[*at];
            recompute(vm, &t, *field, defs);
        }
        finish_flags(vm, &t);
        work.extend(t.live_subclasses(vm));
    }
}

fn base_finalizes(t: &Obj<Type>) -> bool {
    let base = t.base.get();
    base.get::<Type>().is_some_and(|b| b.has_flag(tflags::FINALIZER))
}

/// Computes all slots of a new heap class.
pub fn compute_slots(vm: &mut Vm, ty: &Obj<Type>) {
    let table = SlotTable::of(vm);
    let base = ty.base.get();
    let mro = ty.mro_items(vm);
    // With one line of bases only the class's own names make a difference.
    let line = base.get::<Type>().filter(|b| {
        let theirs = b.mro_items(vm);
        mro.len() == theirs.len() + 1 && mro[1..].iter().zip(theirs).all(|(x, y)| x.is(y))
    });
    match line {
        Some(base) if base.is_heap_type() || std::ptr::eq(base, &*vm.types.object) => {
            let slots = *base.slots(vm);
            *ty.slots.get_mut(vm) = slots;
            ty.python_slots.set(base.python_slots.get());
            ty.object_slots.set(base.object_slots.get());
            let mut done = 0u64;
            for (name, _) in ty.dict.items_vec(vm) {
                // The namespace of a `type()` call need not hold interned names.
                let name = vm.intern_value(&name);
                for at in table.by_name.get(&name.bits()).into_iter().flatten() {
                    let (field, defs) = &table.by_field[*at];
                    if done & field.bit() == 0 {
                        done |= field.bit();
                        recompute(vm, ty, *field, defs);
                    }
                }
            }
        }
        _ => {
            // Fields that no class of the line has a name for are empty.
            let mut named = 0u64;
            for class in mro {
                let Some(class) = class.get::<Type>() else { continue };
                for (_, entry) in class.dict.table(vm).iter() {
                    let name = vm.intern_value(&entry.key);
                    for at in table.by_name.get(&name.bits()).into_iter().flatten() {
                        named |= table.by_field[*at].0.bit();
                    }
                }
            }
            for (field, defs) in &table.by_field {
                if named & field.bit() != 0 {
                    recompute(vm, ty, *field, defs);
                } else {
                    ty.python_slots.set(ty.python_slots.get() & !field.bit());
                    ty.object_slots.set(ty.object_slots.get() & !field.bit());
                    clear_field(ty.slots.get_mut(vm), *field);
                }
            }
        }
    }
    let del = vm.names.del.clone();
    let on = ty.lookup(vm, &del).is_some();
    ty.set_flag(tflags::FINALIZER, on || base_finalizes(ty));
    finish_flags(vm, ty);
}

fn finish_flags(vm: &mut Vm, t: &Obj<Type>) {
    let slots = *t.slots(vm);
    let native_hash = slots.hash.is_some() && !t.is_python(Field::Hash);
    let native_eq = !t.is_python(Field::Compare);
    let base = t.base.get();
    let base_native = base.get::<Type>().is_some_and(|b| b.has_flag(tflags::NATIVE_EQ));
    t.set_flag(tflags::NATIVE_EQ, native_hash && native_eq && base_native);
    let next_native = slots.next.is_some() && !t.is_python(Field::Next);
    let base_next = base.get::<Type>().is_some_and(|b| b.has_flag(tflags::NATIVE_NEXT));
    t.set_flag(tflags::NATIVE_NEXT, next_native && base_next);
    t.set_flag(tflags::SOFT_CALL, slots.call.is_some());
}

fn recompute(vm: &mut Vm, ty: &Obj<Type>, field: Field, defs: &[(&'static SlotDef, Value)]) {
    let mut native: Option<Slots> = None;
    let mut from_object = false;
    let mut python = false;
    for (d, name) in defs {
        let Some(found) = ty.lookup(vm, name) else { continue };
        // `dict.__contains__` and its like: methods beside the slots of builtin types.
        if let Some(m) = found.get::<crate::native::MethodDescr>()
            && let owner = m.0.owner.get()
            && let Some(owner) = owner.get::<Type>().filter(|t| !t.is_heap_type())
            && ty.is_subtype(owner, vm)
            && is_set(owner.slots(vm), field)
        {
            if native.is_none() {
                native = Some(*owner.slots(vm));
                from_object = owner.is_objects(field);
            }
            continue;
        }
        if let Some(w) = found.get::<WrapperDescr>()
            && let Some(wd) = w.def
        {
            if wd.field == field {
                let owner = w.owner.get();
                if let Some(owner) = owner.get::<Type>()
                    && ty.is_subtype(owner, vm)
                {
                    if native.is_none() {
                        native = Some(*owner.slots(vm));
                        from_object = owner.is_objects(field);
                    }
                    continue;
                }
                python = true;
            }
            // A wrapper of another field with the same name: that field takes care of it.
            if wd.name == d.name {
                continue;
            }
        }
        python = true;
    }
    let set = |bits: &Cell<u64>, on: bool| {
        bits.set(if on { bits.get() | field.bit() } else { bits.get() & !field.bit() });
    };
    set(&ty.python_slots, python);
    set(&ty.object_slots, !python && from_object);
    let slots = ty.slots.get_mut(vm);
    if python {
        set_python(slots, field);
    } else {
        match native {
            Some(n) => copy_field(slots, &n, field),
            None => clear_field(slots, field),
        }
    }
}

/// Calls the slot behind a wrapper.
pub(crate) fn call_wrapper(
    vm: &mut Vm,
    w: &Obj<WrapperDescr>,
    receiver: &Value,
    args: Args<'_>,
) -> Flow {
    let owner = w.owner.get();
    let Some(ty) = owner.get::<Type>() else { return Err(vm.system_error("bad slot wrapper")) };
    if !vm.is_instance(receiver, ty) {
        let (own, name) = (ty.name_str(vm), w.name());
        let got = vm.type_name(receiver);
        return Err(vm.type_error(format!(
            "descriptor '{name}' requires a '{own}' object but received a '{got}'"
        )));
    }
    let Some(d) = w.def else {
        let Some(native) = &w.native else { return Err(vm.system_error("bad slot wrapper")) };
        return crate::native::call(vm, w.to_ref().value(), native, Some(receiver), args);
    };
    let s = *ty.slots(vm);
    // What a class checks when it is changed must not be gone around.
    if matches!(d.wrap, Wrap::SetAttr | Wrap::DelAttr)
        && vm.types.object.is(&owner)
        && receiver.has::<Type>()
    {
        let (name, t) = (w.name(), vm.type_name(receiver));
        return Err(vm.type_error(format!("can't apply this {name} to {t} object")));
    }
    if d.wrap == Wrap::Call {
        return match s.call {
            Some(f) => f(vm, receiver, args),
            None => Err(vm.type_error("not callable")),
        };
    }
    if args.has_keywords() {
        return Err(vm.type_error(format!("wrapper {}() takes no keyword arguments", d.name)));
    }
    let a = args.values;
    let want = |vm: &mut Vm, lo: usize, hi: usize| -> PyResult<()> {
        if (lo..=hi).contains(&a.len()) {
            return Ok(());
        }
        let (n, name) = (a.len(), d.name);
        Err(vm.type_error(match (lo, hi) {
            (1, 2) if matches!(d.wrap, Wrap::Pow | Wrap::RPow) => {
                format!("expected 1 or 2 arguments, got {n}")
            }
            (2, 2) => format!("{name} expected 2 arguments, got {n}"),
            (lo, hi) if lo == hi => {
                format!("expected {lo} argument{}, got {n}", if lo == 1 { "" } else { "s" })
            }
            (lo, _) if n < lo => format!("{name} expected at least {lo} argument, got {n}"),
            (_, hi) => format!("{name} expected at most {hi} arguments, got {n}"),
        }))
    };
    macro_rules! f {
        ($e:expr) => {
            match $e {
                Some(f) => f,
                None => return Err(vm.type_error(format!("'{}' is not supported", d.name))),
            }
        };
    }
    let unary = match d.field {
        Field::Repr => s.repr,
        Field::Str => s.str,
        Field::Hash => s.hash,
        Field::Iter => s.iter,
        Field::Next => s.next,
        Field::Len => s.len,
        Field::Bool => s.bool,
        Field::Int => s.int,
        Field::Float => s.float,
        Field::Index => s.index,
        Field::Neg => s.neg,
        Field::Pos => s.pos,
        Field::Abs => s.abs,
        Field::Invert => s.invert,
        Field::Await => s.await_,
        Field::Aiter => s.aiter,
        Field::Anext => s.anext,
        _ => None,
    };
    let binary = match d.field {
        Field::Binary(i) => s.binary[i as usize],
        Field::Inplace(i) => s.inplace[i as usize],
        Field::Concat => s.concat,
        Field::Repeat => s.repeat,
        Field::InplaceConcat => s.inplace_concat,
        Field::InplaceRepeat => s.inplace_repeat,
        Field::GetItem => s.getitem,
        Field::Contains => s.contains,
        Field::GetAttr => s.getattr,
        _ => None,
    };
    match d.wrap {
        Wrap::Unary | Wrap::Hash | Wrap::Bool => {
            want(vm, 0, 0)?;
            f!(unary)(vm, receiver)
        }
        Wrap::Next => {
            want(vm, 0, 0)?;
            crate::ops::iter::next_or_raise(vm, receiver)
        }
        Wrap::Binary | Wrap::GetItem | Wrap::Contains => {
            want(vm, 1, 1)?;
            if matches!(d.field, Field::Repeat | Field::InplaceRepeat)
                && vm.type_of(&a[0]).slots(vm).index.is_none()
            {
                let t = vm.type_name(&a[0]);
                return Err(
                    vm.type_error(format!("'{t}' object cannot be interpreted as an integer"))
                );
            }
            f!(binary)(vm, receiver, &a[0])
        }
        Wrap::GetAttr => {
            want(vm, 1, 1)?;
            let name = attr_name(vm, &a[0])?;
            f!(binary)(vm, receiver, &name)
        }
        Wrap::Reflected => {
            want(vm, 1, 1)?;
            f!(binary)(vm, &a[0], receiver)
        }
        Wrap::Pow | Wrap::RPow => {
            want(vm, 1, 2)?;
            let (x, y) = if d.wrap == Wrap::Pow { (receiver, &a[0]) } else { (&a[0], receiver) };
            match a.get(1) {
                Some(m) if !m.is_none() => f!(s.power)(vm, x, y, m),
                _ => f!(binary)(vm, x, y),
            }
        }
        Wrap::Compare(op) => {
            want(vm, 1, 1)?;
            f!(s.compare)(vm, op, receiver, &a[0])
        }
        Wrap::SetItem => {
            want(vm, 2, 2)?;
            f!(s.setitem)(vm, receiver, &a[0], &a[1])
        }
        Wrap::DelItem => {
            want(vm, 1, 1)?;
            f!(s.setitem)(vm, receiver, &a[0], &Value::UNBOUND)
        }
        Wrap::SetAttr => {
            want(vm, 2, 2)?;
            let name = attr_name(vm, &a[0])?;
            f!(s.setattr)(vm, receiver, &name, &a[1])
        }
        Wrap::DelAttr => {
            want(vm, 1, 1)?;
            let name = attr_name(vm, &a[0])?;
            f!(s.setattr)(vm, receiver, &name, &Value::UNBOUND)
        }
        Wrap::DescrGet => {
            want(vm, 1, 2)?;
            let owner = a.get(1).filter(|o| !o.is_none()).cloned().unwrap_or(Value::UNBOUND);
            let obj = if a[0].is_none() { Value::UNBOUND } else { a[0].clone() };
            if obj.is_unbound() && owner.is_unbound() {
                return Err(vm.type_error("__get__(None, None) is invalid"));
            }
            f!(s.descr_get)(vm, receiver, &obj, &owner)
        }
        Wrap::DescrSet => {
            want(vm, 2, 2)?;
            f!(s.descr_set)(vm, receiver, &a[0], &a[1])
        }
        Wrap::DescrDel => {
            want(vm, 1, 1)?;
            f!(s.descr_set)(vm, receiver, &a[0], &Value::UNBOUND)
        }
        Wrap::Call => Err(vm.system_error("unreachable wrapper")),
    }
}

/// An attribute name argument: interned, or CPython's TypeError.
pub(crate) fn attr_name(vm: &mut Vm, name: &Value) -> PyResult {
    if !vm.is_str(name) {
        let t = vm.type_name(name);
        return Err(vm.type_error(format!("attribute name must be string, not '{t}'")));
    }
    Ok(vm.intern_value(name))
}

const _: () = assert!(BINOPS == 14 && BinOp::DivMod as usize == 13);

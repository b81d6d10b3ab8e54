//! `type`: class objects, their slots, method resolution and lookup.
//!
//! Invariants: `mro` starts with the type itself; `version` is 0 or unique to the present contents
//! of the class and all its bases; every change of a class dict or of bases goes through
//! `modified`, which resets versions of all subclasses. Slots are inherited copies: a slot is a
//! native function of a base, or one of the dispatchers of `dunder` when Python code defines the
//! method. CPython's counterpart: `Objects/typeobject.c`.

use std::cell::Cell;
use std::ptr::NonNull;

use crate::exc::{Flow, PyResult};
use crate::heap::{self, Header};
use crate::native::Args;
use crate::object::{Obj, Payload, ValueCell, VmCell};
use crate::objects::dict::Dict;
use crate::objects::function::Function;
use crate::value::{Ref, Value};
use crate::vm::Vm;

pub type UnaryFn = fn(&mut Vm, &Value) -> Flow;
pub type BinaryFn = fn(&mut Vm, &Value, &Value) -> Flow;
pub type TernaryFn = fn(&mut Vm, &Value, &Value, &Value) -> Flow;
/// Item and attribute stores: an *unbound* value deletes.
pub type StoreFn = fn(&mut Vm, &Value, &Value, &Value) -> Flow;
pub type CompareFn = fn(&mut Vm, CmpOp, &Value, &Value) -> Flow;
pub type CallFn = fn(&mut Vm, &Value, Args<'_>) -> Flow;
/// `__get__`: descriptor, instance (unbound for class access), owner.
pub type DescrGetFn = fn(&mut Vm, &Value, &Value, &Value) -> Flow;

/// Rich comparison operators, numbered as CPython's.
/// The version of a class that has none at present. No cache holds it, and empty caches hold 0, which
/// no class has: a compare of versions needs no test for either.
pub const UNVERSIONED: u32 = u32::MAX;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum CmpOp {
    Lt,
    Le,
    Eq,
    Ne,
    Gt,
    Ge,
}

impl CmpOp {
    pub const ALL: [CmpOp; 6] = [CmpOp::Lt, CmpOp::Le, CmpOp::Eq, CmpOp::Ne, CmpOp::Gt, CmpOp::Ge];
    pub fn from_index(i: usize) -> CmpOp {
        CmpOp::ALL[i % 6]
    }
    pub fn swapped(self) -> CmpOp {
        match self {
            CmpOp::Lt => CmpOp::Gt,
            CmpOp::Le => CmpOp::Ge,
            CmpOp::Gt => CmpOp::Lt,
            CmpOp::Ge => CmpOp::Le,
            op => op,
        }
    }
    pub fn symbol(self) -> &'static str {
        ["<", "<=", "==", "!=", ">", ">="][self as usize]
    }
    pub fn matches(self, order: std::cmp::Ordering) -> bool {
        match self {
            CmpOp::Lt => order.is_lt(),
            CmpOp::Le => order.is_le(),
            CmpOp::Eq => order.is_eq(),
            CmpOp::Ne => order.is_ne(),
            CmpOp::Gt => order.is_gt(),
            CmpOp::Ge => order.is_ge(),
        }
    }
}

/// Binary operators in the order of the instruction table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum BinOp {
    Add,
    Sub,
    Mul,
    TrueDiv,
    FloorDiv,
    Mod,
    Pow,
    MatMul,
    LShift,
    RShift,
    And,
    Or,
    Xor,
    /// `divmod`, which has no instruction.
    DivMod,
}

pub const BINOPS: usize = 14;

impl BinOp {
    pub const ALL: [BinOp; BINOPS] = [
        BinOp::Add,
        BinOp::Sub,
        BinOp::Mul,
        BinOp::TrueDiv,
        BinOp::FloorDiv,
        BinOp::Mod,
        BinOp::Pow,
        BinOp::MatMul,
        BinOp::LShift,
        BinOp::RShift,
        BinOp::And,
        BinOp::Or,
        BinOp::Xor,
        BinOp::DivMod,
    ];
    pub fn from_index(i: usize) -> BinOp {
        BinOp::ALL[i % BINOPS]
    }
    pub fn symbol(self) -> &'static str {
        ["+", "-", "*", "/", "//", "%", "** or pow()", "@", "<<", ">>", "&", "|", "^", "divmod()"]
            [self as usize]
    }
    pub fn inplace_symbol(self) -> &'static str {
        ["+=", "-=", "*=", "/=", "//=", "%=", "**=", "@=", "<<=", ">>=", "&=", "|=", "^=", ""]
            [self as usize]
    }
    pub fn dunder(self) -> &'static str {
        [
            "__add__",
            "__sub__",
            "__mul__",
            "__truediv__",
            "__floordiv__",
            "__mod__",
            "__pow__",
            "__matmul__",
            "__lshift__",
            "__rshift__",
            "__and__",
            "__or__",
            "__xor__",
            "__divmod__",
        ][self as usize]
    }
    pub fn reflected(self) -> &'static str {
        [
            "__radd__",
            "__rsub__",
            "__rmul__",
            "__rtruediv__",
            "__rfloordiv__",
            "__rmod__",
            "__rpow__",
            "__rmatmul__",
            "__rlshift__",
            "__rrshift__",
            "__rand__",
            "__ror__",
            "__rxor__",
            "__rdivmod__",
        ][self as usize]
    }
    pub fn inplace(self) -> &'static str {
        [
            "__iadd__",
            "__isub__",
            "__imul__",
            "__itruediv__",
            "__ifloordiv__",
            "__imod__",
            "__ipow__",
            "__imatmul__",
            "__ilshift__",
            "__irshift__",
            "__iand__",
            "__ior__",
            "__ixor__",
            "",
        ][self as usize]
    }
}

/// The native half of a type's behaviour. Every entry may answer with a pushed frame.
#[derive(Clone, Copy, Default)]
pub struct Slots {
    pub repr: Option<UnaryFn>,
    pub str: Option<UnaryFn>,
    pub hash: Option<UnaryFn>,
    pub call: Option<CallFn>,
    pub getattr: Option<BinaryFn>,
    pub setattr: Option<StoreFn>,
    pub compare: Option<CompareFn>,
    pub iter: Option<UnaryFn>,
    /// Next item, or `Reply::EXHAUSTED`.
    pub next: Option<UnaryFn>,
    pub len: Option<UnaryFn>,
    pub bool: Option<UnaryFn>,
    pub int: Option<UnaryFn>,
    pub float: Option<UnaryFn>,
    pub index: Option<UnaryFn>,
    pub neg: Option<UnaryFn>,
    pub pos: Option<UnaryFn>,
    pub abs: Option<UnaryFn>,
    pub invert: Option<UnaryFn>,
    pub binary: [Option<BinaryFn>; BINOPS],
    pub inplace: [Option<BinaryFn>; BINOPS],
    /// Three-argument pow; the two-argument form is `binary[Pow]`.
    pub power: Option<TernaryFn>,
    /// Sequence `+` and `*`, tried after the numeric protocol.
    pub concat: Option<BinaryFn>,
    pub repeat: Option<BinaryFn>,
    pub inplace_concat: Option<BinaryFn>,
    pub inplace_repeat: Option<BinaryFn>,
    pub getitem: Option<BinaryFn>,
    pub setitem: Option<StoreFn>,
    pub contains: Option<BinaryFn>,
    pub descr_get: Option<DescrGetFn>,
    pub descr_set: Option<StoreFn>,
    pub init: Option<CallFn>,
    pub new: Option<CallFn>,
    pub await_: Option<UnaryFn>,
    pub aiter: Option<UnaryFn>,
    pub anext: Option<UnaryFn>,
}

/// `Type::flags` bits; the visible ones are CPython's.
pub mod tflags {
    pub const IMMUTABLE: u32 = 1 << 8;
    pub const HEAP: u32 = 1 << 9;
    pub const BASETYPE: u32 = 1 << 10;
    /// Stackless: calls of this type's instances are soft (spec 7.5).
    pub const SOFT_CALL: u32 = 1 << 15;
    pub const SEQUENCE: u32 = 1 << 5;
    pub const MAPPING: u32 = 1 << 6;
    pub const DISALLOW_NEW: u32 = 1 << 7;
    pub const HAS_GC: u32 = 1 << 14;
    pub const ABSTRACT: u32 = 1 << 20;
    pub const INT: u32 = 1 << 24;
    pub const LIST: u32 = 1 << 25;
    pub const TUPLE: u32 = 1 << 26;
    pub const BYTES: u32 = 1 << 27;
    pub const STR: u32 = 1 << 28;
    pub const DICT: u32 = 1 << 29;
    pub const EXCEPTION: u32 = 1 << 30;
    pub const TYPE: u32 = 1 << 31;
    /// Ours, hidden from `__flags__`: has a finaliser to queue.
    pub const FINALIZER: u32 = 1;
    /// Ours: hash and equality are native and run no Python code.
    pub const NATIVE_EQ: u32 = 2;
    /// Ours: `next` runs no Python code.
    pub const NATIVE_NEXT: u32 = 4;
    /// Ours: instances stand for something that only this process has (a descriptor), and are not saved.
    pub const OUTSIDE: u32 = 8;
    /// Ours: instances have a state that their attributes do not show, and are not pickled.
    pub const OPAQUE: u32 = 16;
    pub const PRIVATE: u32 = 31;
}

/// The payload of a class object.
/// Destroys and visits the payload of an object.
pub(crate) type DropFn = unsafe fn(NonNull<Header>);
pub(crate) type TraverseFn = unsafe fn(NonNull<Header>, &mut dyn FnMut(&Value));

#[derive(Payload)]
#[payload(layout = TYPE, clear = release)]
pub struct Type {
    pub name: ValueCell,
    pub qualname: ValueCell,
    /// Module name for static types; heap types keep it in the dict.
    pub module: &'static str,
    pub bases: ValueCell,
    /// The base whose layout is inherited; unbound for `object`.
    pub base: ValueCell,
    pub mro: ValueCell,
    pub dict: Ref<Dict>,
    #[payload(foreign)]
    pub slots: VmCell<Slots>,
    /// Slots whose function calls a special method written in Python: a bit for each `Field`.
    pub python_slots: Cell<u64>,
    /// Slots taken over unchanged from `object`.
    pub object_slots: Cell<u64>,
    pub flags: Cell<u32>,
    pub version: Cell<u32>,
    #[payload(foreign)]
    pub subclasses: VmCell<Vec<Value>>,
    /// Payload layout of instances, and how to destroy and traverse them.
    pub layout: Cell<u16>,
    pub(crate) drop: Cell<DropFn>,
    pub(crate) traverse: Cell<TraverseFn>,
    /// Byte offset of the attribute extension in instances: 0 for none, `EXT_AT_END` behind
    /// variable-sized payloads.
    pub ext_offset: Cell<u32>,
    /// `__slots__` members at the front of the extension, inherited ones included.
    pub fixed_slots: Cell<u16>,
    pub has_dict: Cell<bool>,
    pub has_weakref: Cell<bool>,
    /// Attribute slots that new instances reserve, learned from earlier instances.
    pub inline_hint: Cell<u16>,
    pub root_shape: Cell<u32>,
    /// See `steps::plain_init`: valid while the first part is the class's version.
    pub(crate) plain_init: Cell<(u32, *const Obj<Function>)>,
    pub doc: &'static str,
}

pub const EXT_AT_END: u32 = u32::MAX;

/// Instances without payload of their own.
#[derive(Payload)]
#[payload(layout = INSTANCE)]
pub struct Instance;

impl Type {
    /// Breaks the cycles of garbage that it is in.
    fn release(&self, vm: &mut Vm) {
        self.version.set(UNVERSIONED);
        self.dict.clear_untracked(vm);
        self.mro.set(Value::NONE);
        self.bases.set(Value::NONE);
    }
}

impl Obj<Type> {
    #[inline(always)]
    pub fn is_heap_type(&self) -> bool {
        self.flags.get() & tflags::HEAP != 0
    }
    #[inline(always)]
    pub(crate) fn needs_finalizer(&self) -> bool {
        self.flags.get() & tflags::FINALIZER != 0
    }
    pub fn has_flag(&self, flag: u32) -> bool {
        self.flags.get() & flag != 0
    }
    pub fn set_flag(&self, flag: u32, on: bool) {
        let flags = self.flags.get();
        self.flags.set(if on { flags | flag } else { flags & !flag });
    }
    #[inline(always)]
    pub(crate) fn drop_fn(&self) -> unsafe fn(NonNull<Header>) {
        self.drop.get()
    }
    #[inline(always)]
    pub fn slots<'a>(&'a self, vm: &'a Vm) -> &'a Slots {
        self.slots.get(vm)
    }
    /// `__name__` as text.
    pub fn name_str(&self, vm: &Vm) -> String {
        self.name.get().display_str(vm)
    }
    /// The name in messages: with the module for native classes of the library, as in CPython, where
    /// their name is written so.
    pub fn shown_name(&self, vm: &Vm) -> String {
        let name = self.name_str(vm);
        let bare = self.is_heap_type() || self.module == "builtins" || self.module.starts_with('_');
        if bare { name } else { format!("{}.{name}", self.module) }
    }
    /// The method resolution order.
    pub fn mro_items<'a>(&'a self, vm: &'a Vm) -> &'a [Value] {
        let _ = vm;
        // The tuple is replaced only by `&mut Vm` operations.
        match self.mro.peek().get::<crate::objects::tuple::Tuple>() {
            Some(t) => t.items(),
            None => &[],
        }
    }
    /// Is `other` in this type's MRO? (`issubclass` without hooks.)
    pub fn is_subtype(&self, other: &Obj<Type>, vm: &Vm) -> bool {
        if std::ptr::eq(self, other) {
            return true;
        }
        let items = self.mro_items(vm);
        if items.is_empty() {
            let mut base = self.base.get();
            while let Some(b) = base.get::<Type>() {
                if std::ptr::eq(b, other) {
                    return true;
                }
                let next = b.base.get();
                base = next;
            }
            return false;
        }
        items.iter().any(|t| other.is(t))
    }

    /// Looks `name` (interned) up along the MRO, without binding.
    pub fn lookup(&self, vm: &Vm, name: &Value) -> Option<Value> {
        if let Some(hit) = vm.method_cache_get(self.version.get(), name) {
            return hit;
        }
        let mut found = None;
        for class in self.mro_items(vm) {
            let Some(class) = class.get::<Type>() else { continue };
            if let Some(v) = class.dict.get_str(vm, name) {
                found = Some(v);
                break;
            }
        }
        let version = self.assign_version(vm);
        if version != UNVERSIONED {
            vm.method_cache_put(version, name, found.as_ref());
        }
        found
    }

    /// The attribute and the class of the MRO that holds it.
    pub fn lookup_where(&self, vm: &Vm, name: &Value) -> Option<(Value, Ref<Type>)> {
        for class in self.mro_items(vm) {
            let Some(class) = class.get::<Type>() else { continue };
            if let Some(v) = class.dict.get_str(vm, name) {
                return Some((v, class.to_ref()));
            }
        }
        None
    }

    /// The version of the present contents; `UNVERSIONED` when versions have run out.
    pub fn assign_version(&self, vm: &Vm) -> u32 {
        if self.version.get() == UNVERSIONED {
            for class in self.mro_items(vm) {
                if let Some(class) = class.get::<Type>()
                    && !std::ptr::eq(class, self)
                    && class.version.get() == UNVERSIONED
                {
                    class.version.set(vm.next_type_version());
                }
            }
            self.version.set(vm.next_type_version());
        }
        self.version.get()
    }

    /// Invalidates caches of this class and its subclasses after a change.
    pub fn modified(&self, vm: &mut Vm) {
        let mut work = vec![self.to_ref()];
        while let Some(class) = work.pop() {
            class.version.set(UNVERSIONED);
            for sub in class.live_subclasses(vm) {
                work.push(sub);
            }
        }
    }

    /// Direct subclasses that are alive.
    pub fn live_subclasses(&self, vm: &mut Vm) -> Vec<Ref<Type>> {
        let refs: Vec<Value> = self.subclasses.get(vm).clone();
        let mut live = Vec::new();
        for r in &refs {
            if let Some(target) = crate::weak::referent(r)
                && let Ok(class) = target.cast::<Type>()
            {
                live.push(class);
            }
        }
        if live.len() < refs.len() {
            self.subclasses.get_mut(vm).retain(|r| crate::weak::referent(r).is_some());
        }
        live
    }

    /// `Class.name = value`, slots updated. Unbound deletes; the caller has checked existence.
    pub fn set_attr(&self, vm: &mut Vm, name: &Value, value: Value) -> PyResult<()> {
        if value.is_unbound() {
            self.dict.del_str(vm, name);
        } else {
            self.dict.set_str(vm, name, value);
        }
        self.modified(vm);
        if let Some(text) = name.as_str(vm)
            && text.starts_with("__")
            && text.ends_with("__")
        {
            crate::dunder::update_slot(vm, self, name);
        }
        Ok(())
    }
}

/// Used by type constructors: destructor and traversal for payload `T` with an extension.
pub(crate) fn payload_functions<T: Payload>() -> (DropFn, TraverseFn) {
    (heap::drop_payload::<T>, heap::traverse_payload::<T>)
}

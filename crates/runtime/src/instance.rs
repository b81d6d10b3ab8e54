//! Attributes of instances: the extension behind a payload, and the shapes that describe it.
//!
//! An instance of a class with `__slots__` or a `__dict__` has an `Ext`: a shape number, the dict
//! if one was asked for, and attribute slots. The first `Type::fixed_slots` slots belong to
//! `__slots__` members; the following ones hold attributes named by the shape. A shape belongs to
//! one class. When an object outgrows its slots, loses an attribute, or its `__dict__` is asked
//! for, its attributes move into a real dict and the shape becomes `DICT`.
//!
//! CPython's counterpart: inline values and `Objects/dictobject.c` split tables.
#![expect(unsafe_code, reason = "home of the instance extension")]

use std::cell::Cell;
use std::collections::HashMap;
use std::ptr::NonNull;

use crate::exc::PyResult;
use crate::gc::Fast;
use crate::heap::Header;
use crate::object::{Obj, Payload, ValueCell};
use crate::objects::dict::Dict;
use crate::objects::tuple::Tuple;
use crate::objects::types::{EXT_AT_END, Type};
use crate::tail::{self, TailPayload};
use crate::value::{Ref, Value};
use crate::vm::Vm;

/// Shape of objects whose attributes are in a dict.
pub const DICT: u32 = 1;
/// Shape of objects without room for attributes (only `__slots__`).
pub const NO_DICT: u32 = 0;
/// `Type::inline_hint` before the first instance.
pub const HINT_UNKNOWN: u16 = u16::MAX;
/// Most attributes that stay out of a dict.
const MAX_INLINE: u16 = 30;

#[repr(C)]
pub struct Ext {
    pub shape: Cell<u32>,
    /// Attribute slots behind this head, fixed ones included.
    pub cap: u32,
    pub dict: ValueCell,
    slots: [ValueCell; 0],
}

pub const EXT_HEAD: usize = size_of::<Ext>();
const _: () = assert!(EXT_HEAD == 16);

impl Ext {
    #[inline(always)]
    pub fn slots(&self) -> &[ValueCell] {
        // SAFETY: `init` wrote `cap` cells behind the head.
        unsafe { std::slice::from_raw_parts((&raw const self.slots).cast(), self.cap as usize) }
    }
}

#[derive(Default)]
pub struct Shape {
    /// Names in slot order, `fixed` slots not counted.
    pub names: Vec<Value>,
    index: HashMap<u64, u16, Fast>,
    next: HashMap<u64, u32, Fast>,
    pub fixed: u16,
    /// The class's first shape.
    root: u32,
    /// In a first shape: every name that an instance of the class ever kept in a slot.
    all: std::collections::HashSet<u64, Fast>,
}

/// Cache word for a store that gives an object of shape `from` its next attribute.
pub(crate) fn transition_word(from: u32, to: u32, slot: usize) -> Option<u64> {
    let fits = slot < 128 && to < 1 << 24;
    fits.then_some(from as u64 | (to as u64) << 32 | (slot as u64) << 56 | 1 << 63)
}

/// The slot and the new shape, if the object has room.
#[inline(always)]
pub(crate) fn cached_transition(word: u64, ext: &Ext) -> Option<(&ValueCell, u32)> {
    let slot = ext.slots().get((word >> 56) as usize & 127)?;
    Some((slot, (word >> 32) as u32 & 0xff_ffff))
}

/// All shapes of a `Vm`.
pub struct Shapes(Vec<Shape>);

impl Default for Shapes {
    fn default() -> Self {
        Shapes(vec![Shape::default(), Shape::default()])
    }
}

impl Shapes {
    /// A table that holds no memory.
    pub fn empty() -> Shapes {
        Shapes(Vec::new())
    }
    pub fn get(&self, id: u32) -> &Shape {
        &self.0[id as usize]
    }
    /// Slot of `name` in objects of this shape.
    pub fn find(&self, id: u32, name: &Value) -> Option<usize> {
        let shape = &self.0[id as usize];
        shape.index.get(&name.bits()).map(|i| *i as usize + shape.fixed as usize)
    }
    fn root(&mut self, fixed: u16) -> u32 {
        let root = self.0.len() as u32;
        let (index, next, all) = Default::default();
        self.0.push(Shape { names: Vec::new(), index, next, fixed, root, all });
        root
    }
    /// May an instance of the class that this shape belongs to hold `name` in a slot?
    pub fn may_hold(&self, id: u32, name: &Value) -> bool {
        let root = self.0[id as usize].root;
        self.0[root as usize].all.contains(&name.bits())
    }
    fn with(&mut self, id: u32, name: &Value) -> u32 {
        if let Some(next) = self.0[id as usize].next.get(&name.bits()) {
            return *next;
        }
        let from = &self.0[id as usize];
        let mut names = from.names.clone();
        let mut index = from.index.clone();
        let (fixed, root) = (from.fixed, from.root);
        index.insert(name.bits(), names.len() as u16);
        names.push(name.clone());
        let (next, all) = Default::default();
        let new = self.0.len() as u32;
        self.0.push(Shape { names, index, next, fixed, root, all });
        self.0[root as usize].all.insert(name.bits());
        self.0[id as usize].next.insert(name.bits(), new);
        new
    }
}

fn ext_ptr(header: &Header) -> Option<*mut Ext> {
    let ty = header.type_of();
    let offset = match ty.ext_offset.get() {
        0 => return None,
        EXT_AT_END => tail_end(header),
        offset => offset as usize,
    };
    Some((header as *const Header as usize + offset) as *mut Ext)
}

/// Where the extension of a variable-sized object starts.
fn tail_end(header: &Header) -> usize {
    use crate::objects::{bytes::Bytes, str::Str};
    fn end<T: TailPayload>(len: usize) -> usize {
        size_of::<Obj<T>>() + (len * size_of::<T::Item>()).next_multiple_of(8)
    }
    let at = header as *const Header;
    // SAFETY: the layout number tells the payload type. It is read from the type, because the
    // count word of a dying object links the dead list.
    unsafe {
        match header.type_of().layout.get() {
            crate::layout::TUPLE => end::<Tuple>((*at.cast::<Obj<Tuple>>()).items().len()),
            crate::layout::STR => end::<Str>((*at.cast::<Obj<Str>>()).bytes().len()),
            _ => end::<Bytes>((*at.cast::<Obj<Bytes>>()).as_bytes().len()),
        }
    }
}

/// The extension of an object, if its type gives it one.
#[inline(always)]
pub fn ext(value: &Value) -> Option<&Ext> {
    let ptr = ext_ptr(value.header()?)?;
    // SAFETY: types with an extension offset allocate the extension (see `Vm::new_object`), and
    // the object lives while `value` is borrowed.
    Some(unsafe { &*ptr })
}

/// The extension at the fixed offset of plain instances: for caches that have checked the type.
#[inline(always)]
pub(crate) fn plain_ext(header: &Header) -> &Ext {
    // SAFETY: the caller has checked that the type's extension offset is that of `Instance`.
    unsafe { &*((header as *const Header as usize + PLAIN_OFFSET as usize) as *const Ext) }
}

/// Extension offset of objects without payload.
pub const PLAIN_OFFSET: u32 = 16;

pub(crate) fn traverse_ext(header: &Header, visit: &mut dyn FnMut(&Value)) {
    if let Some(ptr) = ext_ptr(header) {
        // SAFETY: see `ext`.
        let ext = unsafe { &*ptr };
        visit(ext.dict.peek());
        for slot in ext.slots() {
            visit(slot.peek());
        }
    }
}

/// Drops the extension of a dying object. Called before its payload goes (the offset may depend on
/// the payload).
pub(crate) fn drop_ext(header: &Header) {
    if let Some(ptr) = ext_ptr(header) {
        // SAFETY: see `ext`.
        let ext = unsafe { &*ptr };
        drop(ext.dict.take());
        for slot in ext.slots() {
            drop(slot.take());
        }
    }
}

impl Vm {
    fn ext_capacity(&self, ty: &Obj<Type>) -> usize {
        if ty.inline_hint.get() == HINT_UNKNOWN {
            self.guess_hint(ty);
        }
        let inline = if ty.has_dict.get() { ty.inline_hint.get() as usize } else { 0 };
        ty.fixed_slots.get() as usize + inline
    }

    /// The slots of a class's first instances: as many as its methods, and those of its bases, name
    /// attributes of `self`.
    #[cold]
    fn guess_hint(&self, ty: &Obj<Type>) {
        let mut names: Vec<u64> = Vec::new();
        for class in ty.mro_items(self).iter().filter_map(|c| c.get::<Type>()) {
            if let Some(found) = class.dict.get_str(self, &self.names.static_attributes)
                && let Some(found) = found.get::<Tuple>()
            {
                names.extend(found.items().iter().map(Value::bits));
            }
        }
        names.sort_unstable();
        names.dedup();
        let least = if ty.ext_offset.get() == EXT_AT_END { 2 } else { 4 };
        let own = names.len().min(MAX_INLINE as usize) as u16;
        ty.inline_hint.set(own.max(least));
    }

    fn ext_bytes(&self, ty: &Obj<Type>) -> usize {
        if ty.ext_offset.get() == 0 {
            return 0;
        }
        if ty.root_shape.get() == 0 && ty.has_dict.get() {
            let root = self.shapes.borrow_mut().root(ty.fixed_slots.get());
            ty.root_shape.set(root);
        }
        EXT_HEAD + 8 * self.ext_capacity(ty)
    }

    /// Between the allocation of an object and this nothing may be asked for: neither a panic nor a
    /// refusal of memory leaves an object without its extension.
    fn init_ext(&self, ty: &Obj<Type>, object: NonNull<Header>) {
        // SAFETY: the object was just allocated with `ext_bytes` behind its payload.
        unsafe {
            let Some(ptr) = ext_ptr(object.as_ref()) else { return };
            let cap = self.ext_capacity(ty);
            let shape = if ty.has_dict.get() { ty.root_shape.get() } else { NO_DICT };
            ptr.write(Ext {
                shape: Cell::new(shape),
                cap: cap as u32,
                dict: ValueCell::new(Value::UNBOUND),
                slots: [],
            });
            let slots = (&raw mut (*ptr).slots).cast::<ValueCell>();
            for i in 0..cap {
                slots.add(i).write(ValueCell::new(Value::UNBOUND));
            }
        }
    }

    /// A new object of type `ty` (whose layout is `T`'s), with its extension.
    #[inline]
    pub fn new_object<T: Payload>(&self, ty: &Obj<Type>, payload: T) -> Ref<T> {
        debug_assert_eq!(ty.layout.get(), T::LAYOUT);
        let extra = self.ext_bytes(ty);
        let object = self.heap.alloc::<T>(ty, payload, extra);
        if extra != 0 {
            self.init_ext(ty, object.cast());
        }
        // SAFETY: fresh object with one count.
        unsafe { Ref::from_value_unchecked(Value::from_raw(object.cast())) }
    }

    /// As `new_object` for payloads with a tail.
    pub fn new_tail<T: TailPayload>(
        &self,
        ty: &Obj<Type>,
        len: usize,
        items: impl Iterator<Item = T::Item>,
    ) -> Ref<T> {
        let extra = self.ext_bytes(ty);
        if extra == 0 {
            return tail::alloc_tail::<T>(&self.heap, ty, len, items, 0);
        }
        // The items may ask for memory: they are made before the object.
        let items: Vec<T::Item> = items.take(len).collect();
        let object = tail::alloc_tail::<T>(&self.heap, ty, len, items.into_iter(), extra);
        if let Some(header) = object.value().header_ptr() {
            self.init_ext(ty, header);
        }
        object
    }

    /// As `new_tail` for byte strings.
    pub fn new_bytes_tail<T: TailPayload<Item = u8>>(
        &self,
        ty: &Obj<Type>,
        parts: &[&[u8]],
    ) -> Ref<T> {
        let extra = self.ext_bytes(ty);
        let object = tail::alloc_bytes::<T>(&self.heap, ty, parts, extra);
        if extra != 0
            && let Some(header) = object.value().header_ptr()
        {
            self.init_ext(ty, header);
        }
        object
    }

    /// The instance attribute `name` (interned), without looking at the class.
    pub fn instance_get(&self, object: &Value, name: &Value) -> Option<Value> {
        let ext = ext(object)?;
        match ext.shape.get() {
            NO_DICT => None,
            DICT => ext.dict.peek().get::<Dict>()?.get_str(self, name),
            shape => {
                let slot = self.shapes.borrow().find(shape, name)?;
                ext.slots()[slot].given()
            }
        }
    }

    /// Sets the instance attribute. False: the object takes no attributes.
    pub fn instance_set(&mut self, object: &Value, name: &Value, value: Value) -> bool {
        let Some(ext) = ext(object) else { return false };
        match ext.shape.get() {
            NO_DICT => false,
            DICT => {
                if let Some(dict) = ext.dict.get().get::<Dict>() {
                    dict.set_str(self, name, value);
                }
                true
            }
            shape => {
                let found = self.shapes.borrow().find(shape, name);
                if let Some(slot) = found {
                    ext.slots()[slot].set(value);
                    return true;
                }
                let slot = {
                    let shapes = self.shapes.borrow();
                    let s = shapes.get(shape);
                    s.names.len() + s.fixed as usize
                };
                if slot < ext.cap as usize {
                    // Caches of class attributes trust that no instance hides them.
                    if !self.shapes.borrow().may_hold(shape, name)
                        && let Some(header) = object.header()
                        && header.type_of().lookup(self, name).is_some()
                    {
                        header.type_of().modified(self);
                    }
                    let next = self.shapes.borrow_mut().with(shape, name);
                    ext.slots()[slot].set(value);
                    ext.shape.set(next);
                } else {
                    if let Some(header) = object.header() {
                        let ty = header.type_of();
                        let hint = ty.inline_hint.get();
                        if hint < MAX_INLINE && ext.cap as u16 == hint + ty.fixed_slots.get() {
                            ty.inline_hint.set((hint * 2).min(MAX_INLINE));
                        }
                    }
                    if let Some(dict) = self.instance_dict(object) {
                        dict.set_str(self, name, value);
                    }
                }
                true
            }
        }
    }

    /// Deletes the instance attribute; false if there is none.
    pub fn instance_del(&mut self, object: &Value, name: &Value) -> bool {
        if self.instance_get(object, name).is_none() {
            return false;
        }
        match self.instance_dict(object) {
            Some(dict) => dict.del_str(self, name),
            None => false,
        }
    }

    /// The real `__dict__` of an instance: moves inline attributes into it on first request.
    pub fn instance_dict(&mut self, object: &Value) -> Option<Ref<Dict>> {
        let ext = ext(object)?;
        match ext.shape.get() {
            NO_DICT => None,
            DICT => ext.dict.get().cast::<Dict>().ok(),
            shape => {
                let dict = self.dict();
                let (names, fixed) = {
                    let shapes = self.shapes.borrow();
                    let s = shapes.get(shape);
                    (s.names.clone(), s.fixed as usize)
                };
                for (i, name) in names.iter().enumerate() {
                    let value = ext.slots()[fixed + i].take();
                    if !value.is_unbound() {
                        dict.set_str(self, name, value);
                    }
                }
                ext.dict.set(dict.to_value());
                ext.shape.set(DICT);
                Some(dict)
            }
        }
    }

    /// Replaces the `__dict__`; false if the object has none.
    pub fn set_instance_dict(&mut self, object: &Value, dict: Value) -> PyResult<bool> {
        if self.instance_dict(object).is_none() {
            return Ok(false);
        }
        if let Some(ext) = ext(object) {
            ext.dict.set(dict);
        }
        Ok(true)
    }

    /// Names and values of instance attributes, in order.
    pub fn instance_items(&self, object: &Value) -> Vec<(Value, Value)> {
        let Some(ext) = ext(object) else { return Vec::new() };
        match ext.shape.get() {
            NO_DICT => Vec::new(),
            DICT => match ext.dict.peek().get::<Dict>() {
                Some(d) => d.items_vec(self),
                None => Vec::new(),
            },
            shape => {
                let shapes = self.shapes.borrow();
                let s = shapes.get(shape);
                s.names
                    .iter()
                    .zip(&ext.slots()[s.fixed as usize..])
                    .filter_map(|(n, v)| Some((n.clone(), v.given()?)))
                    .collect()
            }
        }
    }
}

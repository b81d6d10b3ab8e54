//! Attribute access by the instructions, and its inline caches.
//!
//! LOAD_ATTR, STORE_ATTR and LOAD_METHOD have two cache words. Word 1 holds the index of the name and,
//! in its upper half, a version; word 2 what is known about objects with that version:
//! - the version of the object's class: *shape, slot* of an instance attribute (STORE_ATTR also the
//!   step to the next shape), for LOAD_METHOD the function;
//! - with `ELSEWHERE`, a value kept outside of the object, told apart by the tag in the low bits:
//!   what the object's class holds, what the class that *is* the object holds, or the place of a name
//!   in a module's namespace (the version is then that of the namespace's keys).
//!
//! A version stands for unchanged contents and is never given twice, so borrowed pointers in the words
//! are alive as long as the version is met. Places that see several classes find the words again in
//! `Stubs`, a table of all instructions' last findings.
//!
//! CPython's counterpart: `Python/specialize.c`.
#![expect(unsafe_code, reason = "reads and fills the inline caches of the running body")]

use crate::body::Body;
use crate::dunder::Field;
use crate::exc::{Flow, PyResult, Reply};
use crate::frame::Frame;
use crate::heap::Header;
use crate::instance;
use crate::layout;
use crate::object::Obj;
use crate::objects::dict::Dict;
use crate::objects::function::{Function, Property, StaticMethod};
use crate::objects::module::Module;
use crate::objects::types::{Type, UNVERSIONED};
use crate::ops;
use crate::steps::{frame_ref, name_at, write_cache};
use crate::value::Value;
use crate::vm::Vm;

/// In the version of cache word 1: word 2 is not about the object's own slots.
pub(crate) const ELSEWHERE: u32 = 1 << 31;

/// Low bits of word 2 of `ELSEWHERE` caches: what the upper 44 bits are. A value that the object's
/// class holds (a pointer without its low zero bits, or a small immediate), one that the class holds
/// that is the object, the index of an entry in a module's namespace.
const ON_INSTANCE: u64 = 1;
const ON_INSTANCE_SMALL: u64 = 2;
const ON_CLASS: u64 = 3;
const IN_MODULE: u64 = 4;
const TAGS: u64 = (1 << 20) - 1;

/// The instructions that share a `Stubs` table.
#[derive(Clone, Copy)]
pub(crate) enum Access {
    Load = 1,
    Store = 2,
    Method = 3,
}

/// The last findings of all places, by name, version and shape.
pub(crate) struct Stubs(Box<[[u64; 3]; STUBS]>);

const STUBS: usize = 1024;

impl Default for Stubs {
    fn default() -> Self {
        Stubs(Box::new([[0; 3]; STUBS]))
    }
}

impl Stubs {
    #[inline(always)]
    fn keys(access: u32, version: u32, header: &Header, name: &Value) -> ([u64; 2], usize) {
        let by_slot = header.type_of().ext_offset.get() == instance::PLAIN_OFFSET;
        let shape = if by_slot { instance::plain_ext(header).shape.get() } else { 0 };
        let keys = [name.bits() | access as u64, (version as u64) << 32 | shape as u64];
        let hash = (keys[0] ^ keys[1].rotate_left(29)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (keys, (hash >> 54) as usize % STUBS)
    }
}

/// Writes the two words of the current instruction.
fn note(frame: *mut Frame, name: u32, version: u32, word: u64) {
    if version != UNVERSIONED {
        write_cache(frame, 1, name as u64 | (version as u64) << 32);
        write_cache(frame, 2, word);
    }
}

/// The same for what is kept elsewhere than in the object.
fn note_elsewhere(frame: *mut Frame, name: u32, version: u32, word: u64) {
    if version != 0 && version != UNVERSIONED {
        note(frame, name, version | ELSEWHERE, word);
    }
}

/// Writes the two words and remembers them for other places and times.
fn note_slot(
    vm: &mut Vm,
    frame: *mut Frame,
    access: Access,
    header: &Header,
    name: u32,
    word: u64,
) {
    let version = header.type_of().assign_version(vm);
    if version != UNVERSIONED && !vm.settings.strategies.no_caches {
        note(frame, name, version, word);
        let (keys, at) = Stubs::keys(
            access as u32,
            version,
            header,
            &frame_ref(frame).body().names[name as usize],
        );
        vm.stubs.0[at] = [keys[0], keys[1], word];
    }
}

/// Puts words into the current instruction that were found for such an object before, and gives the
/// second one. None: nothing was, or these words did not serve.
#[inline(always)]
pub(crate) fn restock(
    vm: &Vm,
    frame: *mut Frame,
    access: u32,
    header: &Header,
    name: u32,
) -> Option<u64> {
    let version = header.type_of().version.get();
    // SAFETY: the name of an instruction is one of its body's.
    let name_value = unsafe { frame_ref(frame).body().names.get_unchecked(name as usize) };
    let (keys, at) = Stubs::keys(access, version, header, name_value);
    let stub = &vm.stubs.0[at];
    if stub[0] != keys[0] || stub[1] != keys[1] {
        return None;
    }
    let first = name as u64 | (version as u64) << 32;
    let ip = frame_ref(frame).ip;
    // SAFETY: the words behind the current instruction are its cache.
    if unsafe { (*ip.add(1), *ip.add(2)) } == (first, stub[2]) {
        return None;
    }
    write_cache(frame, 1, first);
    write_cache(frame, 2, stub[2]);
    Some(stub[2])
}

fn is_generic_get(ty: &Obj<Type>) -> bool {
    ty.is_objects(Field::GetAttr)
}

/// A plain name in an exact module's namespace, noted in the caches; names that the type may define
/// take the long way.
fn module_attr(vm: &mut Vm, frame: *mut Frame, o: &Value, name: u32, n: &Value) -> Option<Value> {
    let m = o.get::<Module>()?;
    if !vm.is_exactly(o, &vm.types.module) || n.as_wtf8()?.starts_with(b"__") {
        return None;
    }
    let namespace = m.dict.peek().get::<Dict>()?;
    let at = namespace.find_str(vm, n)?;
    let version = namespace.keys_version(vm);
    note_elsewhere(frame, name, version, (at as u64) << 20 | IN_MODULE);
    Some(namespace.table(vm).entries[at].value.clone())
}

pub fn load_attr(vm: &mut Vm, frame: *mut Frame, o: &Value, name: u32) -> Flow {
    let n = name_at(frame, name);
    if let Some(v) = module_attr(vm, frame, o, name, &n) {
        return Ok(v.into());
    }
    // Fill the cache for a plain instance attribute that no data descriptor shadows.
    if let Some(header) = o.header() {
        let ty = header.type_of();
        if is_generic_get(ty) {
            if let Some((shape, slot)) = slot_of(vm, header, &n) {
                note_slot(vm, frame, Access::Load, header, name, slot_word(shape, slot));
                if let Some(v) = instance::plain_ext(header).slots()[slot].given() {
                    return Ok(v.into());
                }
            } else {
                note_member(vm, frame, Access::Load, header, name, &n);
            }
        }
        cache_class_attr(vm, frame, o, name, &n);
    }
    ops::attr::getattr(vm, o, &n)
}

/// Notes what an attribute of the class gives, asked of an instance or of the class itself.
fn cache_class_attr(vm: &mut Vm, frame: *mut Frame, o: &Value, name: u32, n: &Value) {
    let class_itself = o.get::<Type>().filter(|_| vm.is_exactly(o, &vm.types.type_));
    let ty = class_itself.unwrap_or_else(|| vm.type_of(o));
    if class_itself.is_none()
        && (!is_generic_get(ty)
            || !o.header().is_some_and(no_attribute_hides)
            || ty.root_shape.get() != 0 && vm.shapes.borrow().may_hold(ty.root_shape.get(), n))
    {
        return;
    }
    let Some(v) = ty.lookup(vm, n) else { return };
    if class_itself.is_some() {
        if type_hides(vm, n) {
            return;
        }
        let plain = v.has::<Function>() || vm.is_exactly(&v, &vm.types.staticmethod);
        if !plain && vm.type_of(&v).slots(vm).descr_get.is_some() {
            return;
        }
    } else if vm.type_of(&v).slots(vm).descr_get.is_some()
        && !(v.has::<Property>() && vm.is_exactly(&v, &vm.types.property))
    {
        return;
    }
    let word = match (class_itself, v.header()) {
        (Some(_), Some(_)) => v.bits() >> 4 << 20 | ON_CLASS,
        (Some(_), None) => return,
        (None, Some(_)) => v.bits() >> 4 << 20 | ON_INSTANCE,
        (None, None) if v.bits() < 1 << 44 => v.bits() << 20 | ON_INSTANCE_SMALL,
        (None, None) => return,
    };
    let version = ty.assign_version(vm);
    note_elsewhere(frame, name, version, word);
}

/// Are this object's attributes all in slots, of which the class's caches know?
#[inline(always)]
pub(crate) fn no_attribute_hides(header: &Header) -> bool {
    let ty = header.type_of();
    !ty.has_dict.get()
        || ty.ext_offset.get() == instance::PLAIN_OFFSET
            && instance::plain_ext(header).shape.get() > instance::DICT
}

/// What an access through the class makes of the function or static method that it holds.
pub fn from_class(bits: u64) -> Value {
    let v = crate::object::borrow_bits(bits);
    match v.get::<StaticMethod>() {
        Some(s) => s.callable.get(),
        None => v,
    }
}

/// The value that `ELSEWHERE` words hold for this object.
#[inline]
pub(crate) fn cached_elsewhere(vm: &Vm, object: &Value, version: u32, word: u64) -> Option<Value> {
    let version = version & !ELSEWHERE;
    let header = object.header()?;
    match word & TAGS {
        ON_CLASS => {
            let class = object.get::<Type>()?;
            (class.version.get() == version).then(|| from_class(word >> 20 << 4))
        }
        IN_MODULE => {
            if header.layout() != layout::MODULE || !vm.is_exactly(object, &vm.types.module) {
                return None;
            }
            let namespace = object.get::<Module>()?.dict.peek().get::<Dict>()?;
            if namespace.version.get() != version {
                return None;
            }
            Some(namespace.table(vm).entries.get((word >> 20) as usize)?.value.clone())
        }
        tag => {
            if header.type_of().version.get() != version || !no_attribute_hides(header) {
                return None;
            }
            let bits = if tag == ON_INSTANCE { word >> 20 << 4 } else { word >> 20 };
            Some(crate::object::borrow_bits(bits))
        }
    }
}

/// How an attribute that a class cache holds is got from an instance.
pub enum Getter {
    /// It is the value.
    None,
    /// A property whose getter is this function of one argument.
    Python(Value, *const Body),
    Other,
}

#[inline]
pub fn cached_getter(v: &Value, word: u64) -> Getter {
    if word & TAGS != ON_INSTANCE {
        return Getter::None;
    }
    let Some(p) = v.get::<Property>() else { return Getter::None };
    let Some(f) = p.get.peek().get::<Function>() else { return Getter::Other };
    let body = f.body.get();
    // SAFETY: bodies live as long as their code objects.
    if body.is_null() || unsafe { (*body).simple_args } != 1 {
        return Getter::Other;
    }
    Getter::Python(f.to_value(), body)
}

/// Shape and slot of an instance attribute, if one is found there before what the class holds.
fn slot_of(vm: &Vm, header: &Header, n: &Value) -> Option<(u32, usize)> {
    let shape = shape_of(header)?;
    let slot = vm.shapes.borrow().find(shape, n)?;
    stands_before_class(vm, header, n).then_some((shape, slot))
}

/// The shape of an object that keeps its attributes in slots at the usual place.
fn shape_of(header: &Header) -> Option<u32> {
    let plain = header.type_of().ext_offset.get() == instance::PLAIN_OFFSET;
    let shape = plain.then(|| instance::plain_ext(header).shape.get())?;
    (shape > instance::DICT).then_some(shape)
}

/// Does an instance attribute of this name stand before what the class holds?
fn stands_before_class(vm: &Vm, header: &Header, n: &Value) -> bool {
    let behind = |d: Value| vm.type_of(&d).slots(vm).descr_set.is_none();
    header.type_of().lookup(vm, n).is_none_or(behind)
}

fn slot_word(shape: u32, slot: usize) -> u64 {
    shape as u64 | (slot as u64) << 32
}

/// Notes the place of a `__slots__` member, which does not depend on the shape.
fn note_member(
    vm: &mut Vm,
    frame: *mut Frame,
    access: Access,
    header: &Header,
    name: u32,
    n: &Value,
) {
    let ty = header.type_of();
    if ty.ext_offset.get() == instance::PLAIN_OFFSET
        && let Some(d) = ty.lookup(vm, n)
        && let Some(m) = d.get::<crate::descr::MemberDescr>()
        && m.owner.get().get::<Type>().is_some_and(|owner| ty.is_subtype(owner, vm))
    {
        let ext = instance::plain_ext(header);
        if m.slot < ext.slots().len() {
            note_slot(vm, frame, access, header, name, slot_word(ext.shape.get(), m.slot));
        }
    }
}

/// Shape and slot that a new attribute would get, if nothing of the class stands before it.
fn next_slot(vm: &Vm, header: &Header, n: &Value) -> Option<(u32, usize)> {
    let shape = shape_of(header).filter(|_| stands_before_class(vm, header, n))?;
    let shapes = vm.shapes.borrow();
    let from = shapes.get(shape);
    Some((shape, from.names.len() + from.fixed as usize))
}

pub fn store_attr(vm: &mut Vm, frame: *mut Frame, o: &Value, name: u32, v: &Value) -> Flow {
    let n = name_at(frame, name);
    if let Some(header) = o.header()
        && header.type_of().is_objects(Field::SetAttr)
    {
        if let Some((shape, slot)) = slot_of(vm, header, &n) {
            note_slot(vm, frame, Access::Store, header, name, slot_word(shape, slot));
            instance::plain_ext(header).slots()[slot].set(v.clone());
            return Ok(Reply::NONE);
        }
        if let Some((shape, slot)) = next_slot(vm, header, &n) {
            let _ = ops::attr::setattr(vm, o, &n, v)?;
            let to = instance::plain_ext(header).shape.get();
            if to > instance::DICT
                && to != shape
                && let Some(word) = instance::transition_word(shape, to, slot)
            {
                note(frame, name, header.type_of().assign_version(vm), word);
            }
            return Ok(Reply::NONE);
        }
        note_member(vm, frame, Access::Store, header, name, &n);
    }
    ops::attr::setattr(vm, o, &n, v)
}

pub fn delete_attr(vm: &mut Vm, frame: *mut Frame, o: Value, name: u32) -> Flow {
    let n = name_at(frame, name);
    ops::attr::setattr(vm, &o, &n, &Value::UNBOUND)
}

/// With the type's version known good: no instance attribute hides the cached method.
#[inline(always)]
pub fn method_not_shadowed(vm: &Vm, o: &Value, name: u32, frame: *mut Frame) -> bool {
    let Some(header) = o.header() else { return true };
    // What is kept in slots was looked at when the cache was filled (`Shapes::may_hold`).
    no_attribute_hides(header)
        || vm.instance_get(o, &frame_ref(frame).body().names[name as usize]).is_none()
}

/// Does `type` have a data descriptor of this name, which stands before what a class holds?
fn type_hides(vm: &Vm, n: &Value) -> bool {
    vm.types.type_.lookup(vm, n).is_some_and(|m| vm.type_of(&m).slots(vm).descr_set.is_some())
}

/// The function or static method that an attribute of the class `o` itself is.
fn class_function(vm: &Vm, o: &Value, n: &Value) -> Option<Value> {
    let class = o.get::<Type>().filter(|_| vm.is_exactly(o, &vm.types.type_))?;
    if type_hides(vm, n) {
        return None;
    }
    let v = class.lookup(vm, n)?;
    (v.has::<Function>() || vm.is_exactly(&v, &vm.types.staticmethod)).then_some(v)
}

pub fn load_method(
    vm: &mut Vm,
    frame: *mut Frame,
    o: &Value,
    name: u32,
) -> PyResult<Result<(Value, Value), Reply>> {
    let n = name_at(frame, name);
    if let Some(v) = module_attr(vm, frame, o, name, &n) {
        return Ok(Ok((v, Value::UNBOUND)));
    }
    if let Some(header) = o.header() {
        let ty = header.type_of();
        if !is_generic_get(ty) {
            if let Some(v) = class_function(vm, o, &n) {
                let version = o.get::<Type>().map_or(0, |t| t.assign_version(vm));
                note_elsewhere(frame, name, version, v.bits() >> 4 << 20 | ON_CLASS);
                return Ok(Ok((from_class(v.bits()), Value::UNBOUND)));
            }
        } else if let Some((shape, slot)) = slot_of(vm, header, &n) {
            let word = slot_word(shape << 1 | 1, slot);
            note_slot(vm, frame, Access::Method, header, name, word);
        } else if let Some(m) = ty.lookup(vm, &n)
            && ops::call::takes_self(&m)
            && (ty.root_shape.get() == 0 || !vm.shapes.borrow().may_hold(ty.root_shape.get(), &n))
        {
            note_slot(vm, frame, Access::Method, header, name, m.bits());
            if no_attribute_hides(header) {
                return Ok(Ok((m, o.clone())));
            }
        }
    }
    ops::attr::load_method(vm, o, &n)
}

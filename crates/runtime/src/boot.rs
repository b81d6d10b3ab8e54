//! Making a `Vm`: the static types, their slots and methods, the builtins and core modules.

use std::cell::Cell;

use crate::descr::{GetSet, GetSetDescr};
use crate::dunder;
use crate::heap::Heap;
use crate::instance::PLAIN_OFFSET;
use crate::layout;
use crate::names::Names;
use crate::native::{ClassMethodDescr, Def, DefKind, MethodDescr, Native, NativeFunction};
use crate::object::{Obj, ValueCell, VmCell};
use crate::objects::dict::Dict;
use crate::objects::exception::{ExcTypes, Exception};
use crate::objects::function::StaticMethod;
use crate::objects::types::{Slots, Type, payload_functions, tflags};
use crate::objects::{StaticSpec, StaticTypes};
use crate::value::{Ref, Value};
use crate::vm::{Settings, Vm};

/// Fills one static type.
pub struct TypeBuilder<'a> {
    pub vm: &'a mut Vm,
    pub ty: Ref<Type>,
    pub slots: Slots,
}

impl TypeBuilder<'_> {
    pub fn methods(&mut self, defs: &'static [Def]) {
        for def in defs {
            let value = self.vm.method_object(&self.ty, def);
            let name = self.vm.intern(def.name);
            self.ty.dict.set_str(self.vm, &name, value);
        }
    }
    pub fn getsets(&mut self, defs: &'static [GetSet]) {
        for def in defs {
            let g = GetSetDescr { def, owner: ValueCell::new(self.ty.to_value()) };
            let g = self.vm.alloc(&self.vm.types.getset_descriptor, g).into_value();
            let name = self.vm.intern(def.name);
            self.ty.dict.set_str(self.vm, &name, g);
        }
    }
    pub fn value(&mut self, name: &str, value: Value) {
        let name = self.vm.intern(name);
        self.ty.dict.set_str(self.vm, &name, value);
    }
}

pub type Define = fn(&mut TypeBuilder<'_>);

impl Vm {
    pub fn native_function(&self, def: &'static Def, owner: Value, module: Value) -> Value {
        let f = NativeFunction(Native::new(def, owner, module));
        self.alloc(&self.types.builtin_function, f).into_value()
    }

    /// What a method declaration becomes in a class dict.
    pub fn method_object(&mut self, ty: &Ref<Type>, def: &'static Def) -> Value {
        let owner = ty.to_value();
        if def.name == "__new__" {
            return self.native_function(def, owner, Value::NONE);
        }
        let native = Native::new(def, owner.clone(), Value::NONE);
        match def.kind {
            DefKind::Plain if def.name == "__init__" => {
                let w = dunder::WrapperDescr {
                    def: None,
                    native: Some(native),
                    owner: ValueCell::new(owner),
                };
                self.alloc(&self.types.wrapper_descriptor, w).into_value()
            }
            DefKind::Plain => {
                self.alloc(&self.types.method_descriptor, MethodDescr(native)).into_value()
            }
            DefKind::Class => self
                .alloc(&self.types.classmethod_descriptor, ClassMethodDescr(native))
                .into_value(),
            DefKind::Static => {
                let f = self.native_function(def, owner, Value::NONE);
                let s = StaticMethod { callable: ValueCell::new(f) };
                self.alloc(&self.types.staticmethod, s).into_value()
            }
        }
    }
}

/// A type object whose own type, dict type and name are patched in later.
#[expect(unsafe_code, reason = "the first objects, before their types exist")]
fn raw_type(heap: &Heap, spec: &StaticSpec, base: Option<&Ref<Type>>) -> Ref<Type> {
    let dict = heap.alloc_untyped::<Dict>(Dict::default());
    // SAFETY: fresh objects with one count each.
    unsafe {
        let dict = Ref::from_value_unchecked(Value::from_raw(dict.cast()));
        let ty = heap.alloc_untyped::<Type>(Type {
            name: ValueCell::new(Value::NONE),
            qualname: ValueCell::new(Value::NONE),
            module: spec.module,
            bases: ValueCell::new(Value::NONE),
            base: ValueCell::new(base.map_or(Value::UNBOUND, |b| b.to_value())),
            mro: ValueCell::new(Value::NONE),
            dict,
            slots: VmCell::new(Slots::default()),
            python_slots: Cell::new(0),
            object_slots: Cell::new(0),
            flags: Cell::new(spec.type_flags() | tflags::IMMUTABLE),
            version: Cell::new(crate::objects::types::UNVERSIONED),
            subclasses: VmCell::new(Vec::new()),
            layout: Cell::new(spec.layout),
            drop: Cell::new(spec.functions.0),
            traverse: Cell::new(spec.functions.1),
            ext_offset: Cell::new(0),
            fixed_slots: Cell::new(0),
            has_dict: Cell::new(false),
            has_weakref: Cell::new(false),
            inline_hint: Cell::new(0),
            root_shape: Cell::new(0),
            plain_init: Cell::new((0, std::ptr::null())),
            doc: "",
        });
        Ref::from_value_unchecked(Value::from_raw(ty.cast()))
    }
}

pub(crate) fn boot(settings: Settings) -> Box<Vm> {
    let before = stackless_primitives::memory::held();
    let heap = Heap::new();
    // Every type word is patched below.
    let types = StaticTypes::build(|spec| raw_type(&heap, spec, None));
    let exc_functions = payload_functions::<Exception>();
    let mut exc_names: Vec<(&'static str, Ref<Type>)> = Vec::new();
    let excs = ExcTypes::build(|name, base| {
        let spec = StaticSpec {
            name,
            module: "builtins",
            layout: layout::EXCEPTION,
            functions: exc_functions,
            size: size_of::<Obj<Exception>>(),
            flags: tflags::BASETYPE | tflags::HAS_GC | tflags::EXCEPTION | tflags::NATIVE_EQ,
            define: crate::methods::exceptions::define,
        };
        let t = raw_type(&heap, &spec, base);
        exc_names.push((name, t.clone()));
        t
    });
    let mut vm = Vm::raw(heap, types, excs, settings);
    patch(&mut vm, &exc_names);
    define_all(&mut vm);
    crate::builtins::setup(&mut vm);
    crate::methods::tasklets::install(&mut vm);
    // The intrinsics publish the builtin classes that are written in Python.
    if crate::intrinsics::namespace(&mut vm).is_err() {
        unreachable!("the intrinsics are part of the binary");
    }
    crate::stress::begin(&mut vm);
    vm.set_memory_budget(vm.settings.memory);
    vm.begin_memory(before);
    vm
}

fn type_names() -> Vec<&'static str> {
    let mut names = Vec::new();
    crate::objects::each_spec(|spec| names.push(spec.name));
    names
}

fn patch(vm: &mut Vm, exc_names: &[(&'static str, Ref<Type>)]) {
    let type_type: *const Obj<Type> = &raw const *vm.types.type_;
    let dict_type: *const Obj<Type> = &raw const *vm.types.dict;
    let statics: Vec<Ref<Type>> = vm.types.all().into_iter().cloned().collect();
    let object = vm.types.object.clone();
    let all: Vec<(&'static str, Ref<Type>)> =
        type_names().into_iter().zip(statics).chain(exc_names.iter().cloned()).collect();
    let mut sizes = Vec::new();
    crate::objects::each_spec(|spec| sizes.push((spec.layout, spec.size as u32)));
    vm.layout_sizes.extend(sizes);
    vm.layout_sizes.insert(layout::EXCEPTION, size_of::<Obj<Exception>>() as u32);
    for (_, t) in &all {
        t.header.ty.set(type_type);
        t.dict.header.ty.set(dict_type);
        t.header.make_immortal();
    }
    // Now strings can be made.
    vm.hash_key_setup();
    vm.names.empty = vm.bootstrap_empty_str();
    let names = Names::new(|s| vm.intern(s));
    let empty = vm.names.empty.clone();
    vm.names = names;
    vm.names.empty = empty;
    vm.latin1 = (0..128u8).map(|c| vm.intern_bytes(&[c])).collect();
    for c in 128..256u32 {
        let mut out = Vec::new();
        crate::objects::str::push_char(&mut out, c);
        let s = vm.intern_bytes(&out);
        vm.latin1.push(s);
    }
    vm.empty_bytes = Some(vm.bytes(b""));
    vm.empty_tuple = Some(
        vm.new_tail::<crate::objects::tuple::Tuple>(&vm.types.tuple.clone(), 0, std::iter::empty())
            .into_value(),
    );
    for (name, t) in &all {
        let n = vm.intern(name);
        t.name.set(n.clone());
        t.qualname.set(n);
        if t.ptr_eq(&object) {
            continue;
        }
        if t.base.is_unbound() {
            t.base.set(object.to_value());
        }
    }
    let int = vm.types.int.to_value();
    vm.types.bool_.base.set(int);
    let builtin = vm.types.builtin_function.to_value();
    vm.types.library_function.base.set(builtin);
    for w in [vm.types.weakproxy.clone(), vm.types.weakcallableproxy.clone()] {
        w.base.set(object.to_value());
    }
    for (_, t) in &all {
        let base = t.base.get();
        let bases = if base.is_unbound() { vec![] } else { vec![base] };
        let bases = vm.tuple(bases);
        t.bases.set(bases);
        let mut mro = vec![t.to_value()];
        let mut b = t.base.get();
        while let Some(bt) = b.get::<Type>() {
            mro.push(b.clone());
            let next = bt.base.get();
            b = next;
        }
        let mro = vm.tuple(mro);
        t.mro.set(mro);
        if t.has_flag(tflags::EXCEPTION) {
            t.ext_offset.set(size_of::<Obj<Exception>>() as u32);
            t.has_dict.set(true);
            t.has_weakref.set(true);
        }
    }
    let mut flags = Vec::new();
    crate::objects::each_spec(|spec| flags.push(spec.flags));
    for ((_, t), flags) in all.iter().zip(flags) {
        if flags & StaticSpec::INSTANCE_DICT != 0 {
            let size = vm.layout_sizes.get(&t.layout.get()).copied().unwrap_or(PLAIN_OFFSET);
            t.ext_offset.set(if t.layout.get() == layout::INSTANCE { PLAIN_OFFSET } else { size });
            t.has_dict.set(true);
            t.inline_hint.set(0);
        }
        if flags & StaticSpec::WEAKREFS != 0 {
            t.has_weakref.set(true);
        }
    }
}

fn define_all(vm: &mut Vm) {
    // Bases first, so that slots can be inherited.
    let mut defines: Vec<Define> = Vec::new();
    crate::objects::each_spec(|spec| defines.push(spec.define));
    let statics = vm.types.all().into_iter().cloned().zip(defines);
    let mut order: Vec<(Ref<Type>, Define)> = statics.collect();
    let define: Define = crate::methods::exceptions::define;
    order.extend(vm.excs.all().into_iter().map(|(_, t)| (t.clone(), define)));
    order.sort_by_key(|(t, _)| t.mro_items(vm).len());
    for (ty, define) in order {
        let mut b = TypeBuilder { vm, ty: ty.clone(), slots: Slots::default() };
        define(&mut b);
        if b.ty.dict.get_text(b.vm, "__doc__").is_none() {
            b.value("__doc__", Value::NONE);
        }
        let own = b.slots;
        let set = dunder::set_bits(&own);
        let base = ty.base.get();
        let full = match base.get::<Type>() {
            Some(base) => dunder::inherit_slots(&own, set, vm_slots(vm, base)),
            None => own,
        };
        *ty.slots.get_mut(vm) = full;
        dunder::note_object_slots(&ty, &own, set);
        dunder::install_wrappers(vm, &ty, &own, set);
        if let Some(base) = base.get::<Type>() {
            let class = ty.to_value();
            crate::objects::types_methods::register_subclass(vm, &base.to_ref(), &class);
        }
    }
}

fn vm_slots<'a>(vm: &'a Vm, base: &'a Obj<Type>) -> &'a Slots {
    base.slots(vm)
}

//! Slots and methods of the builtin types, a file each. `define` finds a type's file by its name.

use crate::boot::{Define, TypeBuilder};
use crate::objects::types::tflags;

pub mod array;
pub mod buffer;
pub mod bytearray;
pub mod bytes;
pub mod bytes_new;
pub mod code;
pub mod codec;
pub mod complex;
pub mod containers;
pub mod core;
pub mod dicts;
pub mod exceptions;
pub mod float;
pub mod fold;
pub mod frame_locals;
pub mod frames;
pub mod function_attrs;
pub mod generators;
pub mod int;
pub mod iterators;
pub mod itertools;
pub mod memoryview;
pub mod misc;
pub mod modules;
pub mod percent;
pub mod range;
pub mod regex;
pub mod search;
pub mod set_algebra;
pub mod sets;
pub mod slice;
pub mod sort;
pub mod str;
pub mod str_format;
pub mod str_search;
pub mod str_translate;
pub mod streams;
pub mod support;
pub mod tasklets;
pub mod type_annotations;
pub mod type_attrs;
pub mod wrapped;

/// Fills the slots and the dict of one static type.
pub fn define(b: &mut TypeBuilder<'_>) {
    let name = b.ty.name_str(b.vm);
    if b.ty.has_flag(tflags::EXCEPTION) {
        return exceptions::define(b, &name);
    }
    if b.ty.ptr_eq(&b.vm.types.library_function) {
        return core::define_library_function(b);
    }
    if b.ty.ptr_eq(&b.vm.types.regex_iterator) {
        return regex::pattern::define_iterator(b);
    }
    let table = if b.ty.module == "itertools" { itertools::TABLE } else { TABLE };
    if let Some((_, f)) = table.iter().find(|(n, _)| *n == name) {
        f(b);
    }
}

const TABLE: &[(&str, Define)] = &[
    ("object", core::define_object),
    ("type", core::define_type),
    ("function", core::define_function),
    ("method", core::define_method),
    ("builtin_function_or_method", core::define_builtin),
    ("method_descriptor", core::define_method_descr),
    ("classmethod_descriptor", core::define_classmethod_descr),
    ("wrapper_descriptor", core::define_wrapper),
    ("method-wrapper", core::define_method_wrapper),
    ("getset_descriptor", core::define_getset),
    ("member_descriptor", core::define_member),
    ("classmethod", core::define_classmethod),
    ("staticmethod", core::define_staticmethod),
    ("property", core::define_property),
    ("module", core::define_module),
    ("generator", core::define_generator),
    ("coroutine", core::define_coroutine),
    ("NoneType", core::define_none),
    ("ellipsis", misc::define_ellipsis),
    ("NotImplementedType", misc::define_not_implemented),
    ("async_generator", generators::define_async_generator),
    ("async_generator_asend", generators::define_asend),
    ("async_generator_athrow", generators::define_athrow),
    ("coroutine_wrapper", generators::define_wrapper),
    ("anext_awaitable", generators::define_anext),
    ("enumerate", streams::define_enumerate),
    ("zip", streams::define_zip),
    ("map", streams::define_map),
    ("filter", streams::define_filter),
    ("reversed", streams::define_reversed),
    ("callable_iterator", streams::define_call_iter),
    ("super", misc::define_super),
    ("cell", misc::define_cell),
    ("mappingproxy", misc::define_mapping_proxy),
    ("GenericAlias", misc::define_generic_alias),
    ("Union", misc::define_union),
    ("SimpleNamespace", misc::define_namespace),
    ("ReferenceType", misc::define_weakref),
    ("ProxyType", misc::define_proxy),
    ("CallableProxyType", misc::define_proxy),
    ("code", code::define_code),
    ("frame", frames::define_frame),
    ("FrameLocalsProxy", frame_locals::define_locals),
    ("traceback", frames::define_traceback),
    ("tasklet", tasklets::define_tasklet),
    ("channel", tasklets::define_channel),
    ("bomb", tasklets::define_bomb),
    ("int", int::define_int),
    ("bool", int::define_bool),
    ("float", float::define_float),
    ("complex", complex::define_complex),
    ("list", containers::define_list),
    ("tuple", containers::define_tuple),
    ("dict", dicts::define_dict),
    ("dict_keys", dicts::define_view),
    ("dict_values", dicts::define_view),
    ("dict_items", dicts::define_view),
    ("dict_reversekeyiterator", iterators::define_dict_iter),
    ("dict_reversevalueiterator", iterators::define_dict_iter),
    ("dict_reverseitemiterator", iterators::define_dict_iter),
    ("set", sets::define_set),
    ("frozenset", sets::define_set),
    ("str", str::define_str),
    ("bytes", bytes::define_bytes),
    ("bytearray", bytearray::define_bytearray),
    ("memoryview", memoryview::define_memoryview),
    ("slice", slice::define_slice),
    ("range", range::define_range),
    ("list_iterator", iterators::define_seq_iter),
    ("tuple_iterator", iterators::define_seq_iter),
    ("str_iterator", iterators::define_seq_iter),
    ("str_ascii_iterator", iterators::define_seq_iter),
    ("bytes_iterator", iterators::define_seq_iter),
    ("bytearray_iterator", iterators::define_seq_iter),
    ("memory_iterator", iterators::define_seq_iter),
    ("iterator", iterators::define_seq_iter),
    ("list_reverseiterator", iterators::define_seq_iter),
    ("longrange_iterator", iterators::define_seq_iter),
    ("range_iterator", iterators::define_range_iter),
    ("dict_keyiterator", iterators::define_dict_iter),
    ("dict_valueiterator", iterators::define_dict_iter),
    ("dict_itemiterator", iterators::define_dict_iter),
    ("array", array::define_array),
    ("arrayiterator", array::define_iter),
    ("Pattern", regex::pattern::define_pattern),
    ("Match", regex::matched::define_match),
    ("SRE_Scanner", regex::pattern::define_scanner),
    ("set_iterator", iterators::define_set_iter),
];

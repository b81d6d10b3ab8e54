//! Slots and methods of the builtin types, a file each. `define` finds a type's file by its name.

use crate::boot::{Define, TypeBuilder};
use crate::objects::types::tflags;

pub mod buffer;
pub mod containers;
pub mod core;
pub mod numbers;
pub mod tasklets;

/// Fills the slots and the dict of one static type.
pub fn define(b: &mut TypeBuilder<'_>) {
    let name = b.ty.name_str(b.vm);
    if b.ty.has_flag(tflags::EXCEPTION) {
        return core::define_exception(b, &name);
    }
    if let Some((_, f)) = TABLE.iter().find(|(n, _)| *n == name) {
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
    ("tasklet", tasklets::define_tasklet),
    ("channel", tasklets::define_channel),
    ("bomb", tasklets::define_bomb),
    ("int", numbers::define_int),
    ("bool", numbers::define_bool),
    ("float", numbers::define_float),
    ("list", containers::define_list),
    ("tuple", containers::define_tuple),
    ("dict", containers::define_dict),
    ("set", containers::define_set),
    ("frozenset", containers::define_set),
    ("str", containers::define_str),
    ("range", containers::define_range),
    ("list_iterator", containers::define_seq_iter),
    ("tuple_iterator", containers::define_seq_iter),
    ("str_iterator", containers::define_seq_iter),
    ("str_ascii_iterator", containers::define_seq_iter),
    ("bytes_iterator", containers::define_seq_iter),
    ("bytearray_iterator", containers::define_seq_iter),
    ("memory_iterator", containers::define_seq_iter),
    ("iterator", containers::define_seq_iter),
    ("list_reverseiterator", containers::define_seq_iter),
    ("longrange_iterator", containers::define_seq_iter),
    ("range_iterator", containers::define_range_iter),
    ("dict_keyiterator", containers::define_dict_iter),
    ("dict_valueiterator", containers::define_dict_iter),
    ("dict_itemiterator", containers::define_dict_iter),
    ("set_iterator", containers::define_set_iter),
];

//! Builtin types: one file each (representation), `*_methods` where the methods are long.
//!
//! `StaticTypes` lists every builtin class, a row each: that row is the declaration of a native type,
//! with `#[derive(Payload)]` at its payload and `def!` for its methods.

use crate::boot::Define;
use crate::methods;
use crate::value::Ref;
use types::Type;

pub mod array;
pub mod bytes;
pub mod capsule;
pub mod code;
pub mod deque;
pub mod dict;
pub mod dict_methods;
pub mod exception;
pub mod function;
pub mod generator;
pub mod iterators;
pub mod itertool;
pub mod list;
pub mod mapping;
pub mod memoryview;
pub mod module;
pub mod number;
pub mod regex;
pub mod set;
pub mod str;
pub mod template;
pub mod tuple;
pub mod types;
pub mod types_methods;

macro_rules! static_types {
    ($($field:ident = $name:literal, $module:literal, $payload:ty, $flags:expr, $define:path;)*) => {
        /// One handle per builtin class.
        pub struct StaticTypes { $(pub $field: Ref<Type>),* }
        /// Calls `visit` with the declaration of each class, in order.
        pub(crate) fn each_spec(mut visit: impl FnMut(&StaticSpec)) {
            $(visit(&StaticSpec {
                name: $name,
                module: $module,
                layout: <$payload as crate::object::Payload>::LAYOUT,
                functions: types::payload_functions::<$payload>(),
                size: size_of::<crate::object::Obj<$payload>>(),
                flags: $flags,
                define: $define,
            });)*
        }
        impl StaticTypes {
            pub(crate) fn build(mut make: impl FnMut(&StaticSpec) -> Ref<Type>) -> StaticTypes {
                StaticTypes { $($field: make(&StaticSpec {
                    name: $name,
                    module: $module,
                    layout: <$payload as crate::object::Payload>::LAYOUT,
                    functions: types::payload_functions::<$payload>(),
                    size: size_of::<crate::object::Obj<$payload>>(),
                    flags: $flags,
                    define: $define,
                })),* }
            }
            pub fn all(&self) -> Vec<&Ref<Type>> {
                vec![$(&self.$field),*]
            }
        }
    };
}

/// What boot needs to make a static class.
pub struct StaticSpec {
    pub name: &'static str,
    pub module: &'static str,
    pub layout: u16,
    #[expect(clippy::type_complexity, reason = "the pair that `payload_functions` gives")]
    pub functions: (
        unsafe fn(std::ptr::NonNull<crate::heap::Header>),
        unsafe fn(std::ptr::NonNull<crate::heap::Header>, &mut dyn FnMut(&crate::value::Value)),
    ),
    pub size: usize,
    /// `tflags`, and what is said of static types only: `INSTANCE_DICT`, `WEAKREFS`.
    pub flags: u32,
    pub define: Define,
}

impl StaticSpec {
    /// Instances have a dict of their own.
    pub const INSTANCE_DICT: u32 = 1 << 3;
    /// Instances can be weakly referenced.
    pub const WEAKREFS: u32 = 1 << 4;

    /// The flags of the type object.
    pub(crate) fn type_flags(&self) -> u32 {
        self.flags & !(Self::INSTANCE_DICT | Self::WEAKREFS)
    }
}

const INSTANCE_DICT: u32 = StaticSpec::INSTANCE_DICT;
const WEAKREFS: u32 = StaticSpec::WEAKREFS;

use types::tflags::*;

// Field, `__name__`, `__module__`, payload, flags, and what fills slots and methods at boot.
static_types! {
    object = "object", "builtins", types::Instance, BASETYPE | NATIVE_EQ, methods::core::define_object;
    type_ = "type", "builtins", types::Type, BASETYPE | TYPE | HAS_GC | NATIVE_EQ | SOFT_CALL | WEAKREFS, methods::core::define_type;
    int = "int", "builtins", number::Int, BASETYPE | INT | NATIVE_EQ, methods::int::define_int;
    bool_ = "bool", "builtins", number::Int, INT | NATIVE_EQ, methods::int::define_bool;
    float = "float", "builtins", number::Float, BASETYPE | NATIVE_EQ, methods::float::define_float;
    complex = "complex", "builtins", number::Complex, BASETYPE | NATIVE_EQ, methods::complex::define_complex;
    str = "str", "builtins", str::Str, BASETYPE | STR | NATIVE_EQ, methods::str::define_str;
    bytes = "bytes", "builtins", bytes::Bytes, BASETYPE | BYTES | NATIVE_EQ, methods::bytes::define_bytes;
    bytearray = "bytearray", "builtins", bytes::ByteArray, BASETYPE, methods::bytearray::define_bytearray;
    list = "list", "builtins", list::List, BASETYPE | LIST | HAS_GC | SEQUENCE, methods::containers::define_list;
    tuple = "tuple", "builtins", tuple::Tuple, BASETYPE | TUPLE | HAS_GC | SEQUENCE, methods::containers::define_tuple;
    dict = "dict", "builtins", dict::Dict, BASETYPE | DICT | HAS_GC | MAPPING, methods::dicts::define_dict;
    set = "set", "builtins", set::Set, BASETYPE | HAS_GC | WEAKREFS, methods::sets::define_set;
    frozenset = "frozenset", "builtins", set::Set, BASETYPE | HAS_GC | WEAKREFS, methods::sets::define_set;
    range = "range", "builtins", iterators::Range, SEQUENCE, methods::range::define_range;
    slice = "slice", "builtins", function::Slice, HAS_GC, methods::slice::define_slice;
    none_type = "NoneType", "builtins", types::Instance, NATIVE_EQ, methods::core::define_none;
    ellipsis = "ellipsis", "builtins", types::Instance, NATIVE_EQ, methods::misc::define_ellipsis;
    not_implemented_type = "NotImplementedType", "builtins", types::Instance, NATIVE_EQ, methods::misc::define_not_implemented;
    function = "function", "builtins", function::Function, HAS_GC | NATIVE_EQ | SOFT_CALL | INSTANCE_DICT | WEAKREFS, methods::core::define_function;
    method = "method", "builtins", function::Method, HAS_GC | SOFT_CALL | WEAKREFS, methods::core::define_method;
    code = "code", "builtins", code::PyCode, WEAKREFS, methods::code::define_code;
    cell = "cell", "builtins", function::Cell_, HAS_GC, methods::misc::define_cell;
    classmethod = "classmethod", "builtins", function::ClassMethod, BASETYPE | HAS_GC | NATIVE_EQ | INSTANCE_DICT | WEAKREFS, methods::core::define_classmethod;
    staticmethod = "staticmethod", "builtins", function::StaticMethod, BASETYPE | HAS_GC | NATIVE_EQ | INSTANCE_DICT | WEAKREFS, methods::core::define_staticmethod;
    property = "property", "builtins", function::Property, BASETYPE | HAS_GC | NATIVE_EQ, methods::core::define_property;
    super_ = "super", "builtins", function::Super, BASETYPE | HAS_GC | NATIVE_EQ, methods::misc::define_super;
    builtin_function = "builtin_function_or_method", "builtins", crate::native::NativeFunction, HAS_GC | DISALLOW_NEW | SOFT_CALL | WEAKREFS, methods::core::define_builtin;
    library_function = "builtin_function_or_method", "builtins", function::Function, HAS_GC | DISALLOW_NEW | SOFT_CALL | INSTANCE_DICT | WEAKREFS, methods::core::define_library_function;
    method_descriptor = "method_descriptor", "builtins", crate::native::MethodDescr, HAS_GC | NATIVE_EQ | DISALLOW_NEW | SOFT_CALL, methods::core::define_method_descr;
    classmethod_descriptor = "classmethod_descriptor", "builtins", crate::native::ClassMethodDescr, HAS_GC | NATIVE_EQ | DISALLOW_NEW, methods::core::define_classmethod_descr;
    wrapper_descriptor = "wrapper_descriptor", "builtins", crate::dunder::WrapperDescr, HAS_GC | NATIVE_EQ | DISALLOW_NEW | SOFT_CALL, methods::core::define_wrapper;
    method_wrapper = "method-wrapper", "builtins", crate::dunder::MethodWrapper, HAS_GC | DISALLOW_NEW | SOFT_CALL, methods::core::define_method_wrapper;
    getset_descriptor = "getset_descriptor", "builtins", crate::descr::GetSetDescr, HAS_GC | NATIVE_EQ | DISALLOW_NEW, methods::core::define_getset;
    member_descriptor = "member_descriptor", "builtins", crate::descr::MemberDescr, HAS_GC | NATIVE_EQ | DISALLOW_NEW, methods::core::define_member;
    module = "module", "builtins", module::Module, BASETYPE | HAS_GC | NATIVE_EQ | WEAKREFS, methods::core::define_module;
    generator = "generator", "builtins", generator::Generator, HAS_GC | NATIVE_EQ | DISALLOW_NEW | FINALIZER | WEAKREFS, methods::core::define_generator;
    coroutine = "coroutine", "builtins", generator::Generator, HAS_GC | NATIVE_EQ | DISALLOW_NEW | FINALIZER | WEAKREFS, methods::core::define_coroutine;
    async_generator = "async_generator", "builtins", generator::Generator, HAS_GC | NATIVE_EQ | DISALLOW_NEW | FINALIZER | WEAKREFS, methods::generators::define_async_generator;
    async_gen_asend = "async_generator_asend", "builtins", generator::AsyncGenOp, HAS_GC | NATIVE_EQ | DISALLOW_NEW | FINALIZER, methods::generators::define_asend;
    async_gen_athrow = "async_generator_athrow", "builtins", generator::AsyncGenOp, HAS_GC | NATIVE_EQ | DISALLOW_NEW | FINALIZER, methods::generators::define_athrow;
    async_gen_wrapped = "async_generator_wrapped_value", "builtins", generator::AsyncWrapped, HAS_GC | NATIVE_EQ | DISALLOW_NEW, methods::plain;
    coroutine_wrapper = "coroutine_wrapper", "builtins", generator::CoroutineWrapper, HAS_GC | NATIVE_EQ | DISALLOW_NEW, methods::generators::define_wrapper;
    anext_awaitable = "anext_awaitable", "builtins", generator::AnextAwaitable, HAS_GC | NATIVE_EQ | DISALLOW_NEW, methods::generators::define_anext;
    frame = "frame", "builtins", crate::pyframe::PyFrame, HAS_GC | NATIVE_EQ | DISALLOW_NEW, methods::frames::define_frame;
    frame_locals = "FrameLocalsProxy", "builtins", crate::pyframe::FrameLocals, HAS_GC | MAPPING, methods::frame_locals::define_locals;
    traceback = "traceback", "builtins", crate::pyframe::Traceback, HAS_GC | NATIVE_EQ, methods::frames::define_traceback;
    weakref = "ReferenceType", "weakref", crate::weak::WeakRef, BASETYPE | HAS_GC, methods::misc::define_weakref;
    weakproxy = "ProxyType", "weakref", crate::weak::WeakRef, HAS_GC | DISALLOW_NEW, methods::misc::define_proxy;
    weakcallableproxy = "CallableProxyType", "weakref", crate::weak::WeakRef, HAS_GC | DISALLOW_NEW, methods::misc::define_proxy;
    mapping_proxy = "mappingproxy", "builtins", iterators::MappingProxy, HAS_GC | MAPPING, methods::misc::define_mapping_proxy;
    dict_keys = "dict_keys", "builtins", iterators::DictView, HAS_GC | DISALLOW_NEW, methods::dicts::define_view;
    dict_values = "dict_values", "builtins", iterators::DictView, HAS_GC | DISALLOW_NEW | NATIVE_EQ, methods::dicts::define_view;
    dict_items = "dict_items", "builtins", iterators::DictView, HAS_GC | DISALLOW_NEW, methods::dicts::define_view;
    odict_keys = "odict_keys", "builtins", iterators::DictView, HAS_GC | DISALLOW_NEW, methods::dicts::define_view;
    odict_values = "odict_values", "builtins", iterators::DictView, HAS_GC | DISALLOW_NEW | NATIVE_EQ, methods::dicts::define_view;
    odict_items = "odict_items", "builtins", iterators::DictView, HAS_GC | DISALLOW_NEW, methods::dicts::define_view;
    dict_keyiterator = "dict_keyiterator", "builtins", iterators::DictIter, ITER, methods::iterators::define_dict_iter;
    dict_valueiterator = "dict_valueiterator", "builtins", iterators::DictIter, ITER, methods::iterators::define_dict_iter;
    dict_itemiterator = "dict_itemiterator", "builtins", iterators::DictIter, ITER, methods::iterators::define_dict_iter;
    dict_reversekeyiterator = "dict_reversekeyiterator", "builtins", iterators::DictIter, ITER, methods::iterators::define_dict_iter;
    dict_reversevalueiterator = "dict_reversevalueiterator", "builtins", iterators::DictIter, ITER, methods::iterators::define_dict_iter;
    dict_reverseitemiterator = "dict_reverseitemiterator", "builtins", iterators::DictIter, ITER, methods::iterators::define_dict_iter;
    set_iterator = "set_iterator", "builtins", iterators::SetIter, ITER, methods::iterators::define_set_iter;
    list_iterator = "list_iterator", "builtins", iterators::SeqIter, ITER, methods::iterators::define_seq_iter;
    list_reverseiterator = "list_reverseiterator", "builtins", iterators::SeqIter, ITER, methods::iterators::define_seq_iter;
    tuple_iterator = "tuple_iterator", "builtins", iterators::SeqIter, ITER, methods::iterators::define_seq_iter;
    bytes_iterator = "bytes_iterator", "builtins", iterators::SeqIter, ITER, methods::iterators::define_seq_iter;
    bytearray_iterator = "bytearray_iterator", "builtins", iterators::SeqIter, ITER, methods::iterators::define_seq_iter;
    str_iterator = "str_iterator", "builtins", iterators::SeqIter, ITER, methods::iterators::define_seq_iter;
    str_ascii_iterator = "str_ascii_iterator", "builtins", iterators::SeqIter, ITER, methods::iterators::define_seq_iter;
    memory_iterator = "memory_iterator", "builtins", iterators::SeqIter, ITER, methods::iterators::define_seq_iter;
    seq_iterator = "iterator", "builtins", iterators::SeqIter, HAS_GC | NATIVE_EQ | DISALLOW_NEW, methods::iterators::define_seq_iter;
    reversed = "reversed", "builtins", iterators::SeqIter, BASETYPE | HAS_GC | NATIVE_EQ, methods::streams::define_reversed;
    range_iterator = "range_iterator", "builtins", iterators::RangeIter, ITER, methods::iterators::define_range_iter;
    longrange_iterator = "longrange_iterator", "builtins", iterators::SeqIter, ITER, methods::iterators::define_seq_iter;
    callable_iterator = "callable_iterator", "builtins", iterators::CallIter, HAS_GC | NATIVE_EQ | DISALLOW_NEW, methods::streams::define_call_iter;
    enumerate = "enumerate", "builtins", iterators::Enumerate, BASETYPE | HAS_GC | NATIVE_EQ, methods::streams::define_enumerate;
    zip = "zip", "builtins", iterators::Zip, BASETYPE | HAS_GC | NATIVE_EQ, methods::streams::define_zip;
    map = "map", "builtins", iterators::Zip, BASETYPE | HAS_GC | NATIVE_EQ, methods::streams::define_map;
    filter = "filter", "builtins", iterators::Zip, BASETYPE | HAS_GC | NATIVE_EQ, methods::streams::define_filter;
    tasklet = "tasklet", "_stackless", crate::tasklet::Tasklet, BASETYPE | HAS_GC | NATIVE_EQ | WEAKREFS, methods::tasklets::define_tasklet;
    channel = "channel", "_stackless", crate::tasklet::Channel, BASETYPE | HAS_GC | NATIVE_EQ | WEAKREFS, methods::tasklets::define_channel;
    bomb = "bomb", "_stackless", crate::tasklet::Bomb, HAS_GC | NATIVE_EQ, methods::tasklets::define_bomb;
    generic_alias = "GenericAlias", "types", iterators::GenericAlias, BASETYPE | HAS_GC | WEAKREFS, methods::misc::define_generic_alias;
    union = "Union", "typing", iterators::Union, HAS_GC | DISALLOW_NEW | WEAKREFS, methods::misc::define_union;
    simple_namespace = "SimpleNamespace", "types", types::Instance, BASETYPE | HAS_GC | INSTANCE_DICT, methods::misc::define_namespace;
    memoryview = "memoryview", "builtins", iterators::MemoryView, HAS_GC | SEQUENCE | WEAKREFS, methods::memoryview::define_memoryview;
    array = "array", "array", array::Array, BASETYPE | SEQUENCE | WEAKREFS, methods::array::define_array;
    array_iterator = "arrayiterator", "array", iterators::SeqIter, ITER, methods::array::define_iter;
    itertools_count = "count", "itertools", itertool::IterTool, HAS_GC | NATIVE_EQ | BASETYPE, methods::itertools::endless::define_count;
    itertools_cycle = "cycle", "itertools", itertool::IterTool, HAS_GC | NATIVE_EQ | BASETYPE, methods::itertools::endless::define_cycle;
    itertools_repeat = "repeat", "itertools", itertool::IterTool, HAS_GC | NATIVE_EQ | BASETYPE | NATIVE_NEXT, methods::itertools::endless::define_repeat;
    itertools_chain = "chain", "itertools", itertool::IterTool, HAS_GC | NATIVE_EQ | BASETYPE, methods::itertools::select::define_chain;
    itertools_accumulate = "accumulate", "itertools", itertool::IterTool, HAS_GC | NATIVE_EQ | BASETYPE, methods::itertools::select::define_accumulate;
    itertools_compress = "compress", "itertools", itertool::IterTool, HAS_GC | NATIVE_EQ | BASETYPE, methods::itertools::select::define_compress;
    itertools_dropwhile = "dropwhile", "itertools", itertool::IterTool, HAS_GC | NATIVE_EQ | BASETYPE, methods::itertools::select::define_dropwhile;
    itertools_takewhile = "takewhile", "itertools", itertool::IterTool, HAS_GC | NATIVE_EQ | BASETYPE, methods::itertools::select::define_takewhile;
    itertools_filterfalse = "filterfalse", "itertools", itertool::IterTool, HAS_GC | NATIVE_EQ | BASETYPE, methods::itertools::select::define_filterfalse;
    itertools_starmap = "starmap", "itertools", itertool::IterTool, HAS_GC | NATIVE_EQ | BASETYPE, methods::itertools::select::define_starmap;
    itertools_islice = "islice", "itertools", itertool::IterTool, HAS_GC | NATIVE_EQ | BASETYPE, methods::itertools::select::define_islice;
    itertools_batched = "batched", "itertools", itertool::IterTool, HAS_GC | NATIVE_EQ | BASETYPE, methods::itertools::group::define_batched;
    itertools_pairwise = "pairwise", "itertools", itertool::IterTool, HAS_GC | NATIVE_EQ | BASETYPE, methods::itertools::group::define_pairwise;
    itertools_groupby = "groupby", "itertools", itertool::IterTool, HAS_GC | NATIVE_EQ | BASETYPE, methods::itertools::group::define_groupby;
    itertools_grouper = "_grouper", "itertools", itertool::IterTool, HAS_GC | NATIVE_EQ, methods::itertools::group::define_grouper;
    itertools_zip_longest = "zip_longest", "itertools", itertool::IterTool, HAS_GC | NATIVE_EQ | BASETYPE, methods::itertools::group::define_zip_longest;
    itertools_tee = "_tee", "itertools", itertool::IterTool, HAS_GC | NATIVE_EQ, methods::itertools::group::define_tee;
    itertools_tee_data = "_tee_dataobject", "itertools", itertool::IterTool, HAS_GC | NATIVE_EQ, methods::itertools::group::define_tee_data;
    itertools_product = "product", "itertools", itertool::IterTool, HAS_GC | NATIVE_EQ | BASETYPE | NATIVE_NEXT, methods::itertools::combine::define_product;
    itertools_combinations = "combinations", "itertools", itertool::IterTool, HAS_GC | NATIVE_EQ | BASETYPE | NATIVE_NEXT, methods::itertools::combine::define_combinations;
    itertools_combinations_with_replacement = "combinations_with_replacement", "itertools", itertool::IterTool, HAS_GC | NATIVE_EQ | BASETYPE | NATIVE_NEXT, methods::itertools::combine::define_replacement;
    itertools_permutations = "permutations", "itertools", itertool::IterTool, HAS_GC | NATIVE_EQ | BASETYPE | NATIVE_NEXT, methods::itertools::combine::define_permutations;
    deque = "_deque", "_collections", deque::Deque, BASETYPE | HAS_GC | NATIVE_EQ | WEAKREFS, methods::deque::define_deque;
    deque_iterator = "_deque_iterator", "_collections", itertool::IterTool, HAS_GC | NATIVE_EQ | NATIVE_NEXT, methods::deque::define_iterator;
    deque_reverse_iterator = "_deque_reverse_iterator", "_collections", itertool::IterTool, HAS_GC | NATIVE_EQ | NATIVE_NEXT, methods::deque::define_reverse_iterator;
    partial = "_partial", "_functools", itertool::IterTool, BASETYPE | HAS_GC | NATIVE_EQ, methods::functools::define_partial;
    lru_cache = "_lru_cache", "_functools", itertool::IterTool, BASETYPE | HAS_GC | NATIVE_EQ, methods::functools::define_lru_cache;
    tuple_getter = "_tuplegetter", "collections", itertool::IterTool, HAS_GC | NATIVE_EQ, methods::functools::define_tuple_getter;
    regex_pattern = "Pattern", "re", regex::Pattern, HAS_GC | DISALLOW_NEW | WEAKREFS, methods::regex::pattern::define_pattern;
    regex_match = "Match", "re", regex::Match, HAS_GC | NATIVE_EQ | DISALLOW_NEW, methods::regex::matched::define_match;
    regex_scanner = "SRE_Scanner", "_sre", itertool::IterTool, HAS_GC | NATIVE_EQ | DISALLOW_NEW, methods::regex::pattern::define_scanner;
    regex_iterator = "callable_iterator", "builtins", itertool::IterTool, HAS_GC | NATIVE_EQ | DISALLOW_NEW, methods::regex::pattern::define_iterator;
    regex_search = "regex_search", "_sre", regex::Search, HAS_GC | NATIVE_EQ | DISALLOW_NEW, methods::plain;
    mapping = "mapped_memory", "types", mapping::Mapping, NATIVE_EQ | DISALLOW_NEW, methods::plain;
    capsule = "PyCapsule", "types", capsule::Capsule, NATIVE_EQ | DISALLOW_NEW, methods::plain;
}

const ITER: u32 = HAS_GC | NATIVE_EQ | NATIVE_NEXT | DISALLOW_NEW;

//! Builtin types: one file each (representation), `*_methods` where the methods are long.
//!
//! `StaticTypes` lists every builtin class. A class's file has `pub fn define(b: &mut TypeBuilder)`
//! that fills slots and methods at boot.

use crate::value::Ref;
use types::Type;

pub mod array;
pub mod bytes;
pub mod capsule;
pub mod code;
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
    ($($field:ident = $name:literal, $module:literal, $payload:ty, $flags:expr;)*) => {
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
    pub flags: u32,
}

use types::tflags::*;

static_types! {
    object = "object", "builtins", types::Instance, BASETYPE | NATIVE_EQ;
    type_ = "type", "builtins", types::Type, BASETYPE | TYPE | HAS_GC | NATIVE_EQ;
    int = "int", "builtins", number::Int, BASETYPE | INT | NATIVE_EQ;
    bool_ = "bool", "builtins", number::Int, INT | NATIVE_EQ;
    float = "float", "builtins", number::Float, BASETYPE | NATIVE_EQ;
    complex = "complex", "builtins", number::Complex, BASETYPE | NATIVE_EQ;
    str = "str", "builtins", str::Str, BASETYPE | STR | NATIVE_EQ;
    bytes = "bytes", "builtins", bytes::Bytes, BASETYPE | BYTES | NATIVE_EQ;
    bytearray = "bytearray", "builtins", bytes::ByteArray, BASETYPE;
    list = "list", "builtins", list::List, BASETYPE | LIST | HAS_GC | SEQUENCE;
    tuple = "tuple", "builtins", tuple::Tuple, BASETYPE | TUPLE | HAS_GC | SEQUENCE;
    dict = "dict", "builtins", dict::Dict, BASETYPE | DICT | HAS_GC | MAPPING;
    set = "set", "builtins", set::Set, BASETYPE | HAS_GC;
    frozenset = "frozenset", "builtins", set::Set, BASETYPE | HAS_GC;
    range = "range", "builtins", iterators::Range, SEQUENCE;
    slice = "slice", "builtins", function::Slice, HAS_GC;
    none_type = "NoneType", "builtins", types::Instance, NATIVE_EQ;
    ellipsis = "ellipsis", "builtins", types::Instance, NATIVE_EQ;
    not_implemented_type = "NotImplementedType", "builtins", types::Instance, NATIVE_EQ;
    function = "function", "builtins", function::Function, HAS_GC | NATIVE_EQ;
    method = "method", "builtins", function::Method, HAS_GC;
    code = "code", "builtins", code::PyCode, 0;
    cell = "cell", "builtins", function::Cell_, HAS_GC;
    classmethod = "classmethod", "builtins", function::ClassMethod, BASETYPE | HAS_GC | NATIVE_EQ;
    staticmethod = "staticmethod", "builtins", function::StaticMethod, BASETYPE | HAS_GC | NATIVE_EQ;
    property = "property", "builtins", function::Property, BASETYPE | HAS_GC | NATIVE_EQ;
    super_ = "super", "builtins", function::Super, BASETYPE | HAS_GC | NATIVE_EQ;
    builtin_function = "builtin_function_or_method", "builtins", crate::native::NativeFunction, HAS_GC | DISALLOW_NEW;
    library_function = "builtin_function_or_method", "builtins", function::Function, HAS_GC | DISALLOW_NEW;
    method_descriptor = "method_descriptor", "builtins", crate::native::MethodDescr, HAS_GC | NATIVE_EQ | DISALLOW_NEW;
    classmethod_descriptor = "classmethod_descriptor", "builtins", crate::native::ClassMethodDescr, HAS_GC | NATIVE_EQ | DISALLOW_NEW;
    wrapper_descriptor = "wrapper_descriptor", "builtins", crate::dunder::WrapperDescr, HAS_GC | NATIVE_EQ | DISALLOW_NEW;
    method_wrapper = "method-wrapper", "builtins", crate::dunder::MethodWrapper, HAS_GC | DISALLOW_NEW;
    getset_descriptor = "getset_descriptor", "builtins", crate::descr::GetSetDescr, HAS_GC | NATIVE_EQ | DISALLOW_NEW;
    member_descriptor = "member_descriptor", "builtins", crate::descr::MemberDescr, HAS_GC | NATIVE_EQ | DISALLOW_NEW;
    module = "module", "builtins", module::Module, BASETYPE | HAS_GC | NATIVE_EQ;
    generator = "generator", "builtins", generator::Generator, HAS_GC | NATIVE_EQ | DISALLOW_NEW | FINALIZER;
    coroutine = "coroutine", "builtins", generator::Generator, HAS_GC | NATIVE_EQ | DISALLOW_NEW | FINALIZER;
    async_generator = "async_generator", "builtins", generator::Generator, HAS_GC | NATIVE_EQ | DISALLOW_NEW | FINALIZER;
    async_gen_asend = "async_generator_asend", "builtins", generator::AsyncGenOp, HAS_GC | NATIVE_EQ | DISALLOW_NEW | FINALIZER;
    async_gen_athrow = "async_generator_athrow", "builtins", generator::AsyncGenOp, HAS_GC | NATIVE_EQ | DISALLOW_NEW | FINALIZER;
    async_gen_wrapped = "async_generator_wrapped_value", "builtins", generator::AsyncWrapped, HAS_GC | NATIVE_EQ | DISALLOW_NEW;
    coroutine_wrapper = "coroutine_wrapper", "builtins", generator::CoroutineWrapper, HAS_GC | NATIVE_EQ | DISALLOW_NEW;
    anext_awaitable = "anext_awaitable", "builtins", generator::AnextAwaitable, HAS_GC | NATIVE_EQ | DISALLOW_NEW;
    frame = "frame", "builtins", crate::pyframe::PyFrame, HAS_GC | NATIVE_EQ | DISALLOW_NEW;
    frame_locals = "FrameLocalsProxy", "builtins", crate::pyframe::FrameLocals, HAS_GC | MAPPING;
    traceback = "traceback", "builtins", crate::pyframe::Traceback, HAS_GC | NATIVE_EQ;
    weakref = "ReferenceType", "weakref", crate::weak::WeakRef, BASETYPE | HAS_GC;
    weakproxy = "ProxyType", "weakref", crate::weak::WeakRef, HAS_GC | DISALLOW_NEW;
    weakcallableproxy = "CallableProxyType", "weakref", crate::weak::WeakRef, HAS_GC | DISALLOW_NEW;
    mapping_proxy = "mappingproxy", "builtins", iterators::MappingProxy, HAS_GC | MAPPING;
    dict_keys = "dict_keys", "builtins", iterators::DictView, HAS_GC | DISALLOW_NEW;
    dict_values = "dict_values", "builtins", iterators::DictView, HAS_GC | DISALLOW_NEW | NATIVE_EQ;
    dict_items = "dict_items", "builtins", iterators::DictView, HAS_GC | DISALLOW_NEW;
    dict_keyiterator = "dict_keyiterator", "builtins", iterators::DictIter, ITER;
    dict_valueiterator = "dict_valueiterator", "builtins", iterators::DictIter, ITER;
    dict_itemiterator = "dict_itemiterator", "builtins", iterators::DictIter, ITER;
    dict_reversekeyiterator = "dict_reversekeyiterator", "builtins", iterators::DictIter, ITER;
    dict_reversevalueiterator = "dict_reversevalueiterator", "builtins", iterators::DictIter, ITER;
    dict_reverseitemiterator = "dict_reverseitemiterator", "builtins", iterators::DictIter, ITER;
    set_iterator = "set_iterator", "builtins", iterators::SetIter, ITER;
    list_iterator = "list_iterator", "builtins", iterators::SeqIter, ITER;
    list_reverseiterator = "list_reverseiterator", "builtins", iterators::SeqIter, ITER;
    tuple_iterator = "tuple_iterator", "builtins", iterators::SeqIter, ITER;
    bytes_iterator = "bytes_iterator", "builtins", iterators::SeqIter, ITER;
    bytearray_iterator = "bytearray_iterator", "builtins", iterators::SeqIter, ITER;
    str_iterator = "str_iterator", "builtins", iterators::SeqIter, ITER;
    str_ascii_iterator = "str_ascii_iterator", "builtins", iterators::SeqIter, ITER;
    memory_iterator = "memory_iterator", "builtins", iterators::SeqIter, ITER;
    seq_iterator = "iterator", "builtins", iterators::SeqIter, HAS_GC | NATIVE_EQ | DISALLOW_NEW;
    reversed = "reversed", "builtins", iterators::SeqIter, BASETYPE | HAS_GC | NATIVE_EQ;
    range_iterator = "range_iterator", "builtins", iterators::RangeIter, ITER;
    longrange_iterator = "longrange_iterator", "builtins", iterators::SeqIter, ITER;
    callable_iterator = "callable_iterator", "builtins", iterators::CallIter, HAS_GC | NATIVE_EQ | DISALLOW_NEW;
    enumerate = "enumerate", "builtins", iterators::Enumerate, BASETYPE | HAS_GC | NATIVE_EQ;
    zip = "zip", "builtins", iterators::Zip, BASETYPE | HAS_GC | NATIVE_EQ;
    map = "map", "builtins", iterators::Zip, BASETYPE | HAS_GC | NATIVE_EQ;
    filter = "filter", "builtins", iterators::Zip, BASETYPE | HAS_GC | NATIVE_EQ;
    tasklet = "tasklet", "_stackless", crate::tasklet::Tasklet, BASETYPE | HAS_GC | NATIVE_EQ;
    channel = "channel", "_stackless", crate::tasklet::Channel, BASETYPE | HAS_GC | NATIVE_EQ;
    bomb = "bomb", "_stackless", crate::tasklet::Bomb, HAS_GC | NATIVE_EQ;
    generic_alias = "GenericAlias", "types", iterators::GenericAlias, BASETYPE | HAS_GC;
    union = "Union", "typing", iterators::Union, HAS_GC | DISALLOW_NEW;
    simple_namespace = "SimpleNamespace", "types", types::Instance, BASETYPE | HAS_GC;
    memoryview = "memoryview", "builtins", iterators::MemoryView, HAS_GC | SEQUENCE;
    array = "array", "array", array::Array, BASETYPE;
    array_iterator = "arrayiterator", "array", iterators::SeqIter, ITER;
    itertools_count = "count", "itertools", itertool::IterTool, HAS_GC | NATIVE_EQ | BASETYPE;
    itertools_cycle = "cycle", "itertools", itertool::IterTool, HAS_GC | NATIVE_EQ | BASETYPE;
    itertools_repeat = "repeat", "itertools", itertool::IterTool, HAS_GC | NATIVE_EQ | BASETYPE | NATIVE_NEXT;
    itertools_chain = "chain", "itertools", itertool::IterTool, HAS_GC | NATIVE_EQ | BASETYPE;
    itertools_accumulate = "accumulate", "itertools", itertool::IterTool, HAS_GC | NATIVE_EQ | BASETYPE;
    itertools_compress = "compress", "itertools", itertool::IterTool, HAS_GC | NATIVE_EQ | BASETYPE;
    itertools_dropwhile = "dropwhile", "itertools", itertool::IterTool, HAS_GC | NATIVE_EQ | BASETYPE;
    itertools_takewhile = "takewhile", "itertools", itertool::IterTool, HAS_GC | NATIVE_EQ | BASETYPE;
    itertools_filterfalse = "filterfalse", "itertools", itertool::IterTool, HAS_GC | NATIVE_EQ | BASETYPE;
    itertools_starmap = "starmap", "itertools", itertool::IterTool, HAS_GC | NATIVE_EQ | BASETYPE;
    itertools_islice = "islice", "itertools", itertool::IterTool, HAS_GC | NATIVE_EQ | BASETYPE;
    itertools_batched = "batched", "itertools", itertool::IterTool, HAS_GC | NATIVE_EQ | BASETYPE;
    itertools_pairwise = "pairwise", "itertools", itertool::IterTool, HAS_GC | NATIVE_EQ | BASETYPE;
    itertools_groupby = "groupby", "itertools", itertool::IterTool, HAS_GC | NATIVE_EQ | BASETYPE;
    itertools_grouper = "_grouper", "itertools", itertool::IterTool, HAS_GC | NATIVE_EQ;
    itertools_zip_longest = "zip_longest", "itertools", itertool::IterTool, HAS_GC | NATIVE_EQ | BASETYPE;
    itertools_tee = "_tee", "itertools", itertool::IterTool, HAS_GC | NATIVE_EQ;
    itertools_tee_data = "_tee_dataobject", "itertools", itertool::IterTool, HAS_GC | NATIVE_EQ;
    itertools_product = "product", "itertools", itertool::IterTool, HAS_GC | NATIVE_EQ | BASETYPE | NATIVE_NEXT;
    itertools_combinations = "combinations", "itertools", itertool::IterTool, HAS_GC | NATIVE_EQ | BASETYPE | NATIVE_NEXT;
    itertools_combinations_with_replacement = "combinations_with_replacement", "itertools", itertool::IterTool, HAS_GC | NATIVE_EQ | BASETYPE | NATIVE_NEXT;
    itertools_permutations = "permutations", "itertools", itertool::IterTool, HAS_GC | NATIVE_EQ | BASETYPE | NATIVE_NEXT;
    regex_pattern = "Pattern", "re", regex::Pattern, HAS_GC | DISALLOW_NEW;
    regex_match = "Match", "re", regex::Match, HAS_GC | NATIVE_EQ | DISALLOW_NEW;
    regex_scanner = "SRE_Scanner", "_sre", itertool::IterTool, HAS_GC | NATIVE_EQ | DISALLOW_NEW;
    regex_iterator = "callable_iterator", "builtins", itertool::IterTool, HAS_GC | NATIVE_EQ | DISALLOW_NEW;
    regex_search = "regex_search", "_sre", regex::Search, HAS_GC | NATIVE_EQ | DISALLOW_NEW;
    mapping = "mapped_memory", "types", mapping::Mapping, NATIVE_EQ | DISALLOW_NEW;
    capsule = "PyCapsule", "types", capsule::Capsule, NATIVE_EQ | DISALLOW_NEW;
}

const ITER: u32 = HAS_GC | NATIVE_EQ | NATIVE_NEXT | DISALLOW_NEW;

//! Every machine by name: what a saved native frame is looked up in. Names are part of the snapshot
//! format: a machine may be added, never renamed; a change of its registers or stages raises its
//! version. `Vm::start` refuses a machine that is not listed (in debug builds).

use crate::machine::Machine;
use crate::vm::Vm;

/// All machines of the runtime, by path.
pub static MACHINES: &[&Machine] = &[
    &crate::breaker::FINALIZE,
    &crate::builtins::GETATTR_DEFAULT,
    &crate::builtins::HASATTR,
    &crate::builtins::NEXT_DEFAULT,
    &crate::builtins::PLAIN_PRINT,
    &crate::builtins::SORTED_KEYS,
    &crate::builtins::VARS,
    &crate::compile::EXEC,
    &crate::methods::tasklets::LOAD,
    &crate::stress::GHOST,
    &crate::stress::PANICS,
    &crate::audit::AUDITED,
    &crate::trace::EVENTS,
    &crate::trace::RAISED,
    &crate::trace::WITHIN,
    &crate::trace::CALL_TRACING,
    &crate::compile::EXEC_SOURCE,
    &crate::compile::EVAL_SOURCE,
    &crate::import::IMPORT_FROM,
    &crate::interp::BOUNDARY,
    &crate::methods::array::PUT,
    &crate::methods::buffer::BUFFER,
    &crate::methods::bytearray::EXTEND,
    &crate::methods::bytearray::INIT,
    &crate::methods::bytearray::STORE_INDEX,
    &crate::methods::bytearray::STORE_SLICE,
    &crate::methods::bytes::JOIN,
    &crate::methods::bytes::JOIN_BUFFERS,
    &crate::methods::bytes::WITH_BYTE,
    &crate::methods::bytes_new::BYTES_NEW,
    &crate::methods::bytes_new::CONTENTS,
    &crate::methods::bytes_new::ITEMS,
    &crate::methods::complex::COMPLEX_NEW,
    &crate::methods::complex::FROM_NUMBER,
    &crate::methods::containers::ASSIGN_SLICE,
    &crate::methods::containers::EXTEND_NONE,
    &crate::methods::containers::FIND,
    &crate::methods::containers::INIT,
    &crate::methods::containers::REPEAT,
    &crate::methods::containers::TUPLE_NEW,
    &crate::methods::dicts::EQUAL,
    &crate::methods::dicts::UPDATE,
    &crate::methods::dicts::WITH_DEFAULT,
    &crate::methods::float::FLOAT_NEW,
    &crate::methods::float::FROM_NUMBER,
    &crate::methods::fold::SEARCH,
    &crate::methods::fold::SUM,
    &crate::methods::function_attrs::ANNOTATE,
    &crate::methods::generators::ANEXT,
    &crate::methods::generators::ANEXT_START,
    &crate::methods::generators::OP_THROW,
    &crate::methods::generators::OP_CLOSE,
    &crate::methods::generators::FIRST_USE,
    &crate::methods::generators::OLD_ATHROW,
    &crate::methods::generators::STEP,
    &crate::methods::generators::THROW,
    &crate::methods::int::FROM_BYTES,
    &crate::methods::int::INT_NEW,
    &crate::methods::itertools::ITER_FIRST,
    &crate::methods::itertools::COLLECT_FIRST,
    &crate::methods::itertools::endless::COUNT_NEXT,
    &crate::methods::itertools::endless::CYCLE_NEXT,
    &crate::methods::itertools::select::CHAIN_NEXT,
    &crate::methods::itertools::select::ACCUMULATE_NEXT,
    &crate::methods::itertools::select::COMPRESS_NEW,
    &crate::methods::itertools::select::COMPRESS_NEXT,
    &crate::methods::itertools::select::TEST_NEXT,
    &crate::methods::itertools::select::STARMAP_NEXT,
    &crate::methods::itertools::select::ISLICE_NEW,
    &crate::methods::itertools::select::ISLICE_NEXT,
    &crate::methods::itertools::group::BATCHED_NEXT,
    &crate::methods::itertools::group::PAIRWISE_NEXT,
    &crate::methods::itertools::group::GROUPBY_STEP,
    &crate::methods::itertools::group::GROUPBY_NEXT,
    &crate::methods::itertools::group::GROUPER_NEXT,
    &crate::methods::itertools::group::LONGEST_NEW,
    &crate::methods::itertools::group::LONGEST_NEXT,
    &crate::methods::itertools::group::TEE_NEW,
    &crate::methods::itertools::group::TEE_NEXT,
    &crate::methods::itertools::group::TEE_ALL,
    &crate::methods::itertools::combine::PRODUCT_NEW,
    &crate::methods::memoryview::NEW,
    &crate::methods::memoryview::HASH,
    &crate::methods::memoryview::STORE,
    &crate::methods::percent::PERCENT,
    &crate::methods::range::SEARCH,
    &crate::methods::regex::JOB,
    &crate::methods::regex::pattern::SCANNER,
    &crate::methods::regex::replace::CALLS,
    &crate::methods::regex::replace::TEMPLATE,
    &crate::methods::search::SEARCH,
    &crate::methods::sets::FROZEN_NEW,
    &crate::methods::sets::INIT,
    &crate::methods::sets::QUIET,
    &crate::methods::sort::SORT,
    &crate::methods::sort::SORTED,
    &crate::methods::sets::REMOVE,
    &crate::methods::slice::INDICES,
    &crate::methods::slice::REPR,
    &crate::methods::str::JOIN,
    &crate::methods::str::REPEAT,
    &crate::methods::str::STR_NEW,
    &crate::methods::str_format::FORMAT,
    &crate::methods::str_translate::TRANSLATE,
    &crate::methods::streams::ENUMERATE_NEW,
    &crate::methods::streams::ENUMERATE_NEXT,
    &crate::methods::streams::FILTER_NEXT,
    &crate::methods::streams::MAKE,
    &crate::methods::streams::MAP_NEXT,
    &crate::methods::streams::REVERSED_NEW,
    &crate::methods::streams::ZIP_NEXT,
    &crate::methods::tasklets::SEND_SEQUENCE,
    &crate::methods::tasklets::THROW,
    &crate::native::CONVERT_ARGS,
    &crate::objects::dict_methods::FROM_MAPPING,
    &crate::objects::dict_methods::MERGE,
    &crate::objects::dict_methods::PUT_ALL,
    &crate::objects::generator::CLOSE,
    &crate::objects::iterators::CALL_ITER_NEXT,
    &crate::objects::iterators::SEQ_NEXT,
    &crate::objects::set::ADD_ALL,
    &crate::objects::set::UPDATE,
    &crate::methods::wrapped::FORWARD,
    &crate::ops::attr::LOOKUP,
    &crate::ops::binary::BINARY,
    &crate::ops::binary::POWER,
    &crate::ops::binary::INPLACE,
    &crate::ops::call::INIT,
    &crate::ops::call::TYPE_CALL,
    &crate::ops::compare::COMPARE,
    &crate::ops::compare::ITEM_EQ,
    &crate::ops::compare::NE_FROM_EQ,
    &crate::ops::compare::SEQUENCE,
    &crate::ops::dict::DELETE,
    &crate::ops::dict::RESOLVE,
    &crate::ops::dict::SUBSCRIPT,
    &crate::ops::hash::TUPLE_HASH,
    &crate::ops::item::CLASS_GETITEM,
    &crate::ops::item::CONVERT_KEY,
    &crate::ops::iter::CONTAINS,
    &crate::ops::iter::EXTEND,
    &crate::ops::iter::LENGTH_HINT,
    &crate::ops::iter::NEXT_OR_RAISE,
    &crate::ops::number::INDEX_TO_FLOAT,
    &crate::ops::text::ASCII,
    &crate::ops::text::FORMAT,
    &crate::ops::text::REPR,
    &crate::python_slots::BIND_AND_CALL,
    &crate::python_slots::CHECKED_CALL,
    &crate::python_slots::CONTAINS,
    &crate::python_slots::GETATTR,
    &crate::python_slots::NEXT,
    &crate::steps::AITER,
    &crate::steps::ANEXT,
    &crate::steps::BUILD_MAP,
    &crate::steps::CALL_ATTR,
    &crate::steps::CALL_EX,
    &crate::steps::CLOSE_DELEGATE,
    &crate::methods::functools::LRU_CALL,
    &crate::builtins::PRINTED,
    &crate::steps::DELETE_NAME,
    &crate::steps::BUILD_CLASS_OF,
    &crate::steps::IMPORT_OF,
    &crate::steps::DICT_OR_DEREF,
    &crate::steps::LOOKUP_CHAIN,
    &crate::steps::MAPPING_GET,
    &crate::steps::RAISE,
    &crate::steps::SETUP_ANNOTATIONS,
    &crate::steps::SUPER_ATTR,
    &crate::steps::THROW_DELEGATE,
    &crate::steps::TO_TUPLE,
    &crate::steps::UNPACK,
    &crate::tasklet::CALLBACK,
    &crate::tasklet::ENTRY,
    &crate::tasklet::RUN,
];

/// The machine of this name.
pub fn find(vm: &Vm, name: &str) -> Option<&'static Machine> {
    MACHINES.iter().chain(&vm.module_machines).copied().find(|m| m.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    /// The source files are the other half of the list.
    #[test]
    fn every_machine_is_listed() {
        fn scan(dir: &std::path::Path, found: &mut usize) {
            for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    scan(&path, found);
                } else if path.extension().is_some_and(|e| e == "rs")
                    && path.file_stem().is_some_and(|s| s != "machine" && s != "machines")
                {
                    let text = std::fs::read_to_string(&path).unwrap_or_default();
                    *found += text
                        .lines()
                        .filter(|l| {
                            let l = l.trim_start_matches("pub(crate) ").trim_start_matches("pub ");
                            l.starts_with("static ")
                                && (l.contains(": Machine") || l.contains("::Machine"))
                        })
                        .count();
                }
            }
        }
        let mut found = 0;
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        scan(&root, &mut found);
        assert_eq!(found, MACHINES.len());
    }
    #[test]
    fn names_are_unique() {
        let mut names: Vec<&str> = MACHINES.iter().map(|m| m.name).collect();
        names.sort_unstable();
        let before = names.len();
        names.dedup();
        assert_eq!(names.len(), before);
    }
}

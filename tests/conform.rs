//! The ratchet over CPython's own tests, on files that take a few seconds together; `cargo x conform`
//! runs all of them. Without CPython's suite on the machine there is nothing to compare with.

use std::path::PathBuf;
use std::process::Command;

const FILES: &[&str] = &[
    "test_augassign",
    "test_bool",
    "test_class",
    "test_compare",
    "test_contains",
    "test_dict",
    "test_dictcomps",
    "test_except_star",
    "test_exception_variations",
    "test_generators",
    "test_genericalias",
    "test_global",
    "test_heapq",
    "test_int",
    "test_isinstance",
    "test_iter",
    "test_keywordonlyarg",
    "test_list",
    "test_named_expressions",
    "test_operator",
    "test_patma",
    "test_pow",
    "test_property",
    "test_raise",
    "test_scope",
    "test_set",
    "test_slice",
    "test_string",
    "test_subclassinit",
    "test_super",
    "test_tuple",
    "test_unary",
    "test_userdict",
    "test_with",
    "test_yield_from",
];

#[test]
fn cpythons_tests_do_as_expected() {
    let oracle = std::env::var_os("ORACLE").map_or_else(
        || PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".cache/oracle"),
        PathBuf::from,
    );
    if !oracle.join("usr/lib/python3.14/test/support").is_dir() {
        eprintln!("no suite of CPython in {}: nothing compared", oracle.display());
        return;
    }
    let out = Command::new(env!("CARGO"))
        .args(["run", "--ignore-rust-version", "--quiet", "--package", "xtask", "--", "conform"])
        .args(FILES)
        .env("STACKLESS", env!("CARGO_BIN_EXE_stackless"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    let text = String::from_utf8_lossy(&out.stdout);
    assert!(out.status.success(), "{text}{}", String::from_utf8_lossy(&out.stderr));
}

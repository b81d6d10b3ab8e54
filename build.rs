//! How the command is linked, on Linux with glibc.
//!
//! - At a fixed address, as CPython's is on Debian: the tables of functions then need no relocations,
//!   so their pages are neither written at every start nor private to a process.
//! - The functions that a start runs lie together. They are a quarter of the program; scattered, they
//!   make all of it resident. `link/startup.txt` names them (`cargo x order` writes it) by patterns of
//!   mangled names; one that matches nothing any more costs pages, nothing else.

use std::fmt::Write;
use std::path::PathBuf;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=link/startup.txt");
    let target = |key: &str| std::env::var(key).unwrap_or_default();
    if target("CARGO_CFG_TARGET_OS") != "linux" || target("CARGO_CFG_TARGET_ENV") != "gnu" {
        return;
    }
    println!("cargo:rustc-link-arg-bins=-no-pie");
    // LLD and GNU ld read the script; these two do not.
    let flags = target("CARGO_ENCODED_RUSTFLAGS");
    if flags.contains("mold") || flags.contains("gold") {
        return;
    }
    let list = std::fs::read_to_string("link/startup.txt").expect("the list is part of the tree");
    let mut script = String::from("SECTIONS { .text : {\n");
    for name in list.lines().filter(|l| !l.is_empty() && !l.starts_with('#')) {
        let _ = writeln!(script, "*(.text.{name} .text.unlikely.{name})");
    }
    script.push_str("*(.text .text.*) } } INSERT AFTER .eh_frame;\n");
    let out = PathBuf::from(std::env::var("OUT_DIR").expect("set by cargo")).join("startup.ld");
    std::fs::write(&out, script).expect("the output folder is writable");
    println!("cargo:rustc-link-arg-bins=-Wl,-T,{}", out.display());
}

//! The outside world is reached through `stackless_host` only: these crates make no system calls of
//! their own, so that a VM does nothing that its host does not grant. There are no exceptions.

use std::path::{Path, PathBuf};

const CRATES: [&str; 3] = ["modules", "runtime", "primitives"];

/// What reaches the system without the host. Constants and types of `libc` are fine, its functions not.
const FORBIDDEN: &[&str] = &[
    "rustix::",
    "std::fs",
    "std::env",
    "std::process",
    "std::net",
    "std::os::",
    "SystemTime",
    "Instant::now",
    "thread::sleep",
    "thread::spawn",
    "thread::Builder",
    "io::stdin",
    "io::stdout",
    "io::stderr",
    "println!",
    "print!",
    "getrandom",
    "extern \"C\"",
];

fn files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// A function of `libc` that is called or handed on: a path that does not end in a type or constant.
fn libc_function(line: &str) -> bool {
    line.match_indices("libc::").any(|(at, found)| {
        let rest = &line[at + found.len()..];
        let name = rest.split(|c: char| c != '_' && !c.is_ascii_alphanumeric()).next();
        let name = name.unwrap_or_default();
        rest[name.len()..].starts_with('(') && name.starts_with(|c: char| c.is_ascii_lowercase())
    })
}

/// Names of `std` that are imported in braces: `use std::{fs, env}`.
fn imported(line: &str) -> bool {
    let Some(list) = line.trim().strip_prefix("use std::{") else { return false };
    list.split([',', '}', ' ', ':']).any(|w| ["fs", "env", "process", "net", "os"].contains(&w))
}

fn offences(text: &str) -> Vec<(usize, String)> {
    // Tests stand at the end of a file.
    let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let mut found = Vec::new();
    for (i, line) in code.lines().enumerate() {
        let line = line.split("//").next().unwrap_or_default();
        if FORBIDDEN.iter().any(|f| line.contains(f)) || libc_function(line) || imported(line) {
            found.push((i + 1, line.trim().to_owned()));
        }
    }
    found
}

#[test]
fn the_system_is_reached_through_the_host() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut found = String::new();
    for name in CRATES {
        let mut list = Vec::new();
        files(&crates.join(name).join("src"), &mut list);
        assert!(list.len() > 10, "{name} has no sources");
        for path in list {
            for (line, text) in offences(&std::fs::read_to_string(&path).unwrap()) {
                found += &format!("{}:{line}: {text}\n", path.display());
            }
        }
    }
    assert!(found.is_empty(), "system calls beside the host:\n{found}");
}

#[test]
fn the_check_sees_what_it_is_for() {
    for line in [
        "let t = std::time::SystemTime::now();",
        "unsafe { libc::getpid() }",
        "let fd = rustix::fs::open(path);",
        "use std::{env, fmt};",
        "std::fs::read(path)",
    ] {
        assert_eq!(offences(line).len(), 1, "{line}");
    }
    for line in ["libc::O_RDONLY", "x: libc::c_int,", "// std::fs", "let signal = libc::SIGINT;"] {
        assert!(offences(line).is_empty(), "{line}");
    }
}

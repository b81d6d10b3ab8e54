//! The small commands: formatting and lints, building, disassembly, the list of what is left.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::root;

type Done = Result<bool, String>;

fn cargo(args: &[&str], more: &[String]) -> Done {
    let mut command = Command::new("cargo");
    command.args(args).args(more).current_dir(root());
    Ok(command.status().map_err(|e| e.to_string())?.success())
}

pub fn check() -> Done {
    let format = cargo(&["fmt", "--all", "--check"], &[])?;
    let lints =
        ["clippy", "--ignore-rust-version", "--workspace", "--all-targets", "--profile", "fast"];
    let deny = ["--", "-D", "warnings"].map(String::from);
    Ok(cargo(&lints, &deny)? && format)
}

pub fn test(args: &[String]) -> Done {
    cargo(&["test", "--ignore-rust-version", "--workspace", "--profile", "fast"], args)
}

pub fn build(args: &[String]) -> Done {
    let profile: &[&str] =
        if args.iter().any(|a| a == "--release") { &["--release"] } else { &["--profile", "fast"] };
    cargo(&[&["build", "--ignore-rust-version", "-p", "stackless"], profile].concat(), &[])
}

pub fn dis(args: &[String]) -> Done {
    let example =
        ["run", "--ignore-rust-version", "-q", "-p", "stackless-compiler", "--example", "dis"];
    cargo(&[&example[..], &["--"]].concat(), args)
}

/// The Rust files under the project's crates.
fn sources() -> Vec<PathBuf> {
    let mut pending = ["crates", "src", "xtask/src", "tests"].map(|d| root().join(d)).to_vec();
    let mut files = Vec::new();
    while let Some(dir) = pending.pop() {
        for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                pending.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

fn print_counts(title: &str, mut counts: Vec<(usize, PathBuf)>, least: usize) {
    counts.retain(|c| c.0 >= least);
    counts.sort_by(|a, b| b.cmp(a));
    println!("{title}: {}", counts.iter().map(|c| c.0).sum::<usize>());
    for (n, path) in counts {
        println!("  {n:6} {}", path.strip_prefix(root()).unwrap_or(Path::new("")).display());
    }
}

pub fn left() -> Done {
    let texts: Vec<(PathBuf, String)> = sources()
        .into_iter()
        .map(|p| (p.clone(), std::fs::read_to_string(&p).unwrap_or_default()))
        .collect();
    let count = |test: &dyn Fn(&str) -> bool| {
        texts
            .iter()
            .map(|(p, t)| (t.lines().filter(|l| test(l.trim_start())).count(), p.clone()))
            .collect::<Vec<_>>()
    };
    let unsafe_block = ["unsafe", " {"].concat();
    print_counts("unsafe blocks", count(&|l| l.contains(&unsafe_block)), 1);
    let nested = ["run_", "nested("].concat();
    print_counts("native entries to the interpreter loop", count(&|l| l.contains(&nested)), 1);
    let compared = ["fn_", "addr_eq("].concat();
    print_counts("functions compared by address", count(&|l| l.contains(&compared)), 1);
    print_counts("lines of files over 800", count(&|_| true), 801);
    Ok(true)
}

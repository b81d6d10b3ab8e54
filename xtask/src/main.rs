//! Developer commands, run as `cargo x NAME`. Each command is one file; `help` lists them.

mod bench;
mod conform;
mod new;
mod order;
mod stress;
mod tools;

use std::path::PathBuf;
use std::process::ExitCode;

/// The checkout that this program was built from.
fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().map(PathBuf::from).unwrap_or(here)
}

/// The folder of the reference interpreter: `$ORACLE`, or where its installer puts it.
fn oracle() -> PathBuf {
    std::env::var_os("ORACLE").map_or_else(
        || PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".cache/oracle"),
        PathBuf::from,
    )
}

/// The reference interpreter itself.
fn reference() -> PathBuf {
    oracle().join("usr/bin/python3.14")
}

/// The `stackless` command of the profile `fast`, or the one that `$STACKLESS` names.
fn ours() -> PathBuf {
    std::env::var_os("STACKLESS")
        .map_or_else(|| root().join("target/fast/stackless"), PathBuf::from)
}

const COMMANDS: &str = "\
cargo x check                 formatting and lints of the whole workspace
cargo x test [ARGS]           the README's test command
cargo x build [--release]     the `stackless` command
cargo x conform [...]         CPython's own tests against the expectations; see `cargo x conform --help`
cargo x bench [...]           benches/ against CPython; see `cargo x bench --help`
cargo x stress [...]          hostile strategies, leaks, depth, fuzzing; see `cargo x stress --help`
cargo x order                 notes what a start runs, for the layout of the command
cargo x new-module NAME       a native module: its file and its row in the table
cargo x new-test AREA/NAME    a language test, with what CPython prints for it
cargo x outputs [PROGRAM...]  records anew what CPython prints for the language tests
cargo x dis FILE              compiles a file and prints its instructions
cargo x left                  what is marked as unfinished, the longest files, the places of `unsafe`
";

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let command = args.next().unwrap_or_default();
    let rest: Vec<String> = args.collect();
    let done = match command.as_str() {
        "check" => tools::check(),
        "test" => tools::test(&rest),
        "build" => tools::build(&rest),
        "conform" => conform::run(&rest),
        "bench" => bench::run(&rest),
        "stress" => stress::stress(&rest),
        "order" => order::run(),
        "new-module" => new::module(&rest),
        "new-test" => new::test(&rest),
        "outputs" => new::outputs(&rest),
        "dis" => tools::dis(&rest),
        "left" => tools::left(),
        "" | "help" | "--help" => {
            print!("{COMMANDS}");
            Ok(true)
        }
        other => Err(format!("no command {other:?}\n{COMMANDS}")),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(e) => {
            eprintln!("{e}");
            ExitCode::from(2)
        }
    }
}

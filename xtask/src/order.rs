//! `cargo x order`: what a start runs, for the layout of the command: `link/startup.txt` has patterns
//! of the linker's names (see build.rs), `lib/startup.txt` the Python functions (see
//! `stackless_bytecode::image`). Needs valgrind and nm; reads the builds that are there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use crate::root;

/// The closures of native functions, all under one path. A start runs an eighth of them: those go by
/// their hashes, which hold until a dependency changes; the others follow, in case it did.
const SHARED: &str = "_ZN4core3ops8function6FnOnce9call_once17h*";

fn output(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let out = command.output().map_err(|e| format!("{name}: {e}"))?;
    if !out.status.success() {
        return Err(format!("{name}: {}", String::from_utf8_lossy(&out.stderr)));
    }
    Ok(String::from_utf8_lossy(&out.stdout).into_owned())
}

/// The instructions that callgrind saw in the program itself.
fn addresses(profile: &str, program: &str) -> BTreeSet<u64> {
    let hex = |t: &str| u64::from_str_radix(t.trim_start_matches("0x"), 16).ok();
    // Objects and their numbers: `ob=(2) path` at first, `ob=(2)` later; `cob` is that of a callee.
    let mut objects: BTreeMap<String, bool> = BTreeMap::new();
    let (mut inside, mut at, mut found) = (false, 0u64, BTreeSet::new());
    for line in profile.lines() {
        if let Some(object) = line.strip_prefix("ob=").or_else(|| line.strip_prefix("cob=")) {
            let (number, path) = object.split_once(' ').unwrap_or((object, ""));
            if !path.is_empty() {
                objects.insert(number.to_string(), path == program);
            }
            if line.starts_with("ob=") {
                inside = objects.get(number).copied().unwrap_or(false);
            }
            continue;
        }
        let first = line.split(' ').next().unwrap_or("");
        let moved = match first.as_bytes() {
            [b'0', b'x', ..] => hex(first),
            [b'+', ..] => hex(&first[1..]).map(|n| at.wrapping_add(n)),
            [b'-', ..] => hex(&first[1..]).map(|n| at.wrapping_sub(n)),
            [b'*'] => Some(at),
            _ => None,
        };
        let Some(to) = moved else { continue };
        at = to;
        if inside {
            found.insert(at);
        }
    }
    found
}

/// The name without the hash, which changes with every dependency, and the numbers of copies.
fn pattern(name: &str) -> String {
    if let Some((stem, number)) = name.rsplit_once('.')
        && number.bytes().all(|b| b.is_ascii_digit())
    {
        return format!("{stem}*");
    }
    match name.len().checked_sub(20) {
        Some(hash)
            if name.is_char_boundary(hash)
                && name[hash..].starts_with("17h")
                && name.ends_with('E') =>
        {
            format!("{}17h*", &name[..hash])
        }
        _ => name.to_string(),
    }
}

fn functions(program: &Path, patterns: &mut BTreeSet<String>) -> Result<(), String> {
    let mut names: BTreeMap<u64, Vec<String>> = BTreeMap::new();
    for line in output(Command::new("nm").args(["-S", "--defined-only"]).arg(program))?.lines() {
        let parts: Vec<&str> = line.split(' ').collect();
        if let [address, _, "t" | "T" | "w" | "W", name] = parts[..]
            && let Ok(address) = u64::from_str_radix(address, 16)
        {
            // Functions with the same code share an address.
            names.entry(address).or_default().push(name.to_string());
        }
    }
    let profile = std::env::temp_dir().join(format!("order-{}.callgrind", std::process::id()));
    let mut out = std::ffi::OsString::from("--callgrind-out-file=");
    out.push(&profile);
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--dump-instr=yes"]).arg(out).arg(program);
    output(valgrind.args(["-c", "pass"]))?;
    let text = std::fs::read_to_string(&profile).map_err(|e| e.to_string())?;
    let _ = std::fs::remove_file(&profile);
    for at in addresses(&text, &program.to_string_lossy()) {
        if let Some((_, found)) = names.range(..=at).next_back() {
            for name in found {
                let pattern = pattern(name);
                if pattern == SHARED {
                    patterns.insert(name.clone());
                }
                patterns.insert(pattern);
            }
        }
    }
    Ok(())
}

fn write(path: &str, lines: &BTreeSet<String>) -> Result<(), String> {
    let (last, first): (Vec<&String>, Vec<&String>) = lines.iter().partition(|l| *l == SHARED);
    let text: String = first.into_iter().chain(last).map(|l| format!("{l}\n")).collect();
    println!("{path}: {} lines", lines.len());
    std::fs::write(root().join(path), text).map_err(|e| format!("{path}: {e}"))
}

/// Writes both lists.
pub fn run() -> Result<bool, String> {
    let mut patterns = BTreeSet::new();
    let mut python = BTreeSet::new();
    for profile in ["fast", "release"] {
        let program = root().join("target").join(profile).join("stackless");
        if !program.is_file() {
            println!("no {}", program.display());
            continue;
        }
        functions(&program, &mut patterns)?;
        let script = "import _gc_native\nfor file, name in _gc_native.code_that_ran(): print(file, name, sep='\\t')";
        let ran = output(Command::new(&program).args(["-c", script]))?;
        for line in ran.lines() {
            let Some((file, name)) = line.split_once('\t') else { continue };
            // Files of the library's place go by their modules.
            let module = file.rsplit_once("/lib/python3.14/").map(|(_, path)| {
                let path = path.trim_end_matches(".py").trim_end_matches("/__init__");
                format!("<frozen {}>", path.replace('/', "."))
            });
            let file = module.as_deref().unwrap_or(file);
            if file.starts_with("<frozen ") || file == "<intrinsics>" {
                python.insert(format!("{file} {name}"));
            }
        }
    }
    write("link/startup.txt", &patterns)?;
    write("lib/startup.txt", &python)?;
    Ok(true)
}

//! Beginnings: `new-module` makes a native module and its place in the table, `new-test` a language
//! test; `outputs` records what the reference prints for the tests.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{reference, root};

type Done = Result<bool, String>;

fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    }
    std::fs::write(path, text).map_err(|e| format!("{}: {e}", path.display()))
}

fn identifier(text: &str) -> bool {
    let letter = |c: char| c.is_ascii_lowercase() || c == '_';
    text.starts_with(letter) && text.chars().all(|c| letter(c) || c.is_ascii_digit())
}

/// Adds the file and the table's entry to the text of `crates/modules/src/lib.rs`.
fn register(lib: &str, stem: &str) -> Option<String> {
    let line = format!("mod {stem};");
    if lib.lines().any(|l| l == line) {
        return None;
    }
    // Before the first name that comes later, or behind the last one.
    let at = |l: &str| l.starts_with("mod ");
    let place = lib.lines().position(|l| at(l) && *l > *line);
    let place =
        place.or_else(|| Some(lib.lines().collect::<Vec<_>>().iter().rposition(|l| at(l))? + 1))?;
    let mut lines: Vec<&str> = lib.lines().collect();
    lines.insert(place, &line);
    let text = lines.join("\n") + "\n";
    let table = text.find("pub const TABLE")?;
    let end = table + text[table..].find("\n];")?;
    Some(format!("{}\n    {stem}::MODULE,{}", &text[..end], &text[end..]))
}

/// `cargo x new-module NAME`.
pub fn module(args: &[String]) -> Done {
    let [name] = args else { return Err("usage: cargo x new-module NAME".into()) };
    let stem = name.trim_start_matches('_');
    if !identifier(name) || !identifier(stem) {
        return Err(format!("{name:?} is no name of a module"));
    }
    let sources = root().join("crates/modules/src");
    let file = sources.join(format!("{stem}.rs"));
    if file.exists() {
        return Err(format!("{} is there already", file.display()));
    }
    let lib = sources.join("lib.rs");
    let Some(registered) = register(&read(&lib)?, stem) else {
        return Err(format!("lib.rs has a module {stem} already"));
    };
    write(
        &file,
        &format!(
            "//! `{name}`: unfinished: what this file owns, its invariants. CPython's counterpart:\n\
             //! `Modules/{name}module.c`.\n\n\
             use stackless_runtime::native::Def;\n\
             use stackless_runtime::objects::dict::Dict;\n\
             use stackless_runtime::{{PyResult, Ref, Vm}};\n\n\
             use crate::Native;\n\n\
             pub const MODULE: Native = Native {{ name: \"{name}\", defs: DEFS, fill }};\n\n\
             /// Rows of `def!(\"name\", \"(a, /, b=None)\", |vm, a, b| …)`.\n\
             const DEFS: &[Def] = &[];\n\n\
             /// What the module holds beside its functions.\n\
             fn fill(_vm: &mut Vm, _dict: &Ref<Dict>) -> PyResult<()> {{\n    Ok(())\n}}\n"
        ),
    )?;
    write(&lib, &registered)?;
    println!("{}\n{}", file.display(), lib.display());
    println!("next: cargo x new-test lib/{stem}");
    Ok(true)
}

/// `cargo x new-test AREA/NAME`: an existing program gets its output recorded.
pub fn test(args: &[String]) -> Done {
    let [name] = args else { return Err("usage: cargo x new-test AREA/NAME".into()) };
    let program = root().join("tests/lang").join(name).with_extension("py");
    let Some((area, _)) = name.split_once('/') else { return Err(format!("{name}: no area")) };
    if !root().join("tests/lang").join(area).is_dir() {
        return Err(format!("tests/lang has no folder {area}"));
    }
    if !program.exists() {
        write(&program, "# What this program shows.\n")?;
    }
    println!("{}", program.display());
    record(&program)
}

/// Runs the reference on a program and keeps what it prints.
fn record(program: &Path) -> Done {
    let run = Command::new(reference())
        .arg(program.file_name().unwrap_or_default())
        .current_dir(program.parent().unwrap_or(Path::new(".")))
        .env("PYTHONHASHSEED", "0")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|e| format!("{}: {e}", reference().display()))?;
    let path = program.with_extension("out");
    let text = String::from_utf8_lossy(&run.stdout).into_owned();
    if read(&path).is_ok_and(|old| old == text) {
        return Ok(true);
    }
    write(&path, &text)?;
    println!("recorded: {}", path.display());
    Ok(true)
}

/// `cargo x outputs [PROGRAM…]`: records anew what the reference prints; without names, for all
/// programs that have an output of the reference.
pub fn outputs(args: &[String]) -> Done {
    let mut programs: Vec<PathBuf> = args.iter().map(PathBuf::from).collect();
    let mut folders = if args.is_empty() { vec![root().join("tests/lang")] } else { Vec::new() };
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).map_err(|e| e.to_string())?;
        for path in entries.filter_map(|e| Some(e.ok()?.path())) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "py") && has_reference(&path) {
                programs.push(path);
            }
        }
    }
    programs.sort();
    let mut good = true;
    for program in programs.iter().filter(|p| p.with_extension("out").exists()) {
        good &= record(program)?;
    }
    Ok(good)
}

/// Programs with tasklets, and those that say so in their first line, have outputs of their own.
fn has_reference(program: &Path) -> bool {
    let text = read(program).unwrap_or_default();
    !text.starts_with("# outputs: ours")
        && !text.lines().map(str::trim_start).any(|l| {
            (l.starts_with("import ") || l.starts_with("from ")) && l.contains("stackless")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_gets_its_line_and_its_row() {
        let lib = "mod abc;\nmod zlib;\n\npub const TABLE: &[Native] = &[\n    abc::MODULE,\n];\n";
        let with = register(lib, "json").expect("a new name");
        assert_eq!(
            with,
            "mod abc;\nmod json;\nmod zlib;\n\npub const TABLE: &[Native] = &[\n    abc::MODULE,\n    json::MODULE,\n];\n"
        );
        assert_eq!(register(lib, "zlib"), None);
        assert!(register(lib, "aa").is_some_and(|t| t.starts_with("mod aa;\nmod abc;\n")));
    }
}

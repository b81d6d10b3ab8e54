//! The places where native code enters the interpreter loop: all of them, on one list.
//!
//! A nested loop grows the native stack, and its tasklet cannot be saved while it runs, so the list
//! only shrinks. Native code that serves Python programs is not on it: it starts machines.

/// Who enters the loop natively. Each entry is counted in `Vm::nested_entries`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NestedEntry {
    /// A host calls a Python callable.
    HostCall,
    /// A host runs a program as the main tasklet.
    HostMain,
    /// The same from inside a running program's native code.
    HostMainInside,
    /// The making of a `Vm`: its intrinsics' module body, before there is a tasklet.
    Boot,
    /// A host asks for an exception's text when no program is left to print it.
    Describe,
    /// Dicts of a loaded snapshot are filled: keys' `__hash__` and `__eq__`.
    SnapshotDict,
    /// … and sets.
    SnapshotSet,
}

impl NestedEntry {
    pub const ALL: [NestedEntry; 7] = [
        NestedEntry::HostCall,
        NestedEntry::HostMain,
        NestedEntry::HostMainInside,
        NestedEntry::Boot,
        NestedEntry::Describe,
        NestedEntry::SnapshotDict,
        NestedEntry::SnapshotSet,
    ];
}

#[cfg(test)]
mod tests {
    use super::NestedEntry;
    use std::path::Path;

    fn count(dir: &Path, entries: &mut Vec<String>) {
        for entry in std::fs::read_dir(dir).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                count(&path, entries);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let call = ["run_nested", "("].concat();
                let calls = text.lines().filter(|l| l.contains(&call) && !l.contains("pub fn"));
                entries.extend(calls.map(|l| format!("{}: {}", path.display(), l.trim())));
            }
        }
    }

    #[test]
    fn every_entry_is_on_the_list() {
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let mut entries = Vec::new();
        count(crates, &mut entries);
        count(&crates.join("../src"), &mut entries);
        assert_eq!(entries.len(), NestedEntry::ALL.len(), "{entries:#?}");
        for (i, entry) in NestedEntry::ALL.into_iter().enumerate() {
            assert_eq!(entry as usize, i);
            let name = format!("{entry:?}");
            assert_eq!(
                entries.iter().filter(|l| l.contains(&format!("::{name},"))).count(),
                1,
                "{name}"
            );
        }
    }
}

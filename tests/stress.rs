//! A part of `cargo x stress` for every run of the tests: small programs under each hostile strategy,
//! and their leak check.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn programs() -> Vec<PathBuf> {
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lang");
    let names = [
        "language/classes",
        "language/control",
        "language/generators",
        "tasklet/basics",
        "tasklet/saved",
        "laws/collected",
    ];
    names.iter().map(|n| base.join(n).with_extension("py")).collect()
}

/// Standard output and standard error under `-X option`.
fn run(path: &Path, option: &str) -> (String, String) {
    let out = Command::new(env!("CARGO_BIN_EXE_stackless"))
        .args(["-X", option])
        .arg(path.file_name().unwrap())
        .current_dir(path.parent().unwrap())
        .env("PYTHONHASHSEED", "0")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
    (text(&out.stdout), text(&out.stderr))
}

#[test]
fn hostile_strategies_change_nothing() {
    for option in [
        "stress=nocache",
        "stress=chunks",
        "stress=switch",
        "stress=collect=7",
        "stress=switch=3,collect=50,nocache,chunks",
    ] {
        for path in programs() {
            let want = std::fs::read_to_string(path.with_extension("out")).unwrap();
            let (out, err) = run(&path, option);
            assert_eq!(out, want, "{} under {option}: {err}", path.display());
        }
    }
}

#[test]
fn strategies_run() {
    let path = &programs()[0];
    let (_, err) = run(path, "stress=switch=10,collect=100,report");
    let number = |name: &str| {
        let at = err.find(name).unwrap_or_else(|| panic!("{name} in {err:?}")) + name.len();
        err[at..]
            .chars()
            .take_while(char::is_ascii_digit)
            .collect::<String>()
            .parse::<u64>()
            .unwrap()
    };
    assert!(number("switches: ") > 1000 && number("collections: ") > 100, "{err}");
}

/// Copies that the strategy `save` makes are no part of the program: their finalisers do not run, their
/// coroutines are not missed, and so nothing of theirs is saved in its turn.
#[test]
fn saved_copies_die_in_silence() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    for name in ["language/generators", "language/never_awaited", "stress/finalisers"] {
        let folder = if name.starts_with("stress") { "" } else { "lang/" };
        let path = dir.join(format!("{folder}{name}.py"));
        let out = Command::new(env!("CARGO_BIN_EXE_stackless"))
            .args(["-X", "stress=switch=5,save=7,report"])
            .arg(dir.join("stress/in_tasklet.py"))
            .arg(path.file_name().unwrap())
            .current_dir(path.parent().unwrap())
            .env("PYTHONHASHSEED", "0")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let err = String::from_utf8_lossy(&out.stderr);
        let want = std::fs::read(path.with_extension("out")).unwrap();
        assert!(out.stdout == want, "{name}: {err}");
        let saved = err.split("saved: ").nth(1).and_then(|t| t.split(',').next());
        assert!(saved.is_some_and(|n| n.parse::<u32>().unwrap() > 2), "{name}: {err}");
        assert!(err.contains("differing: []"), "{name}: {err}");
    }
}

#[test]
fn nothing_leaks() {
    for path in programs() {
        let (_, err) = run(&path, "leaks");
        let line = err.lines().find(|l| l.contains("objects leaked")).unwrap_or("no report");
        assert!(line.starts_with("0 "), "{}: {line}", path.display());
    }
}

#[test]
fn a_memory_budget_raises_and_is_given_back() {
    let code = "\
def grow():
    x = []
    while True:
        x.append([])
for i in range(3):
    try:
        grow()
    except MemoryError:
        print('MemoryError')
print(len(bytes(20_000_000)))
try:
    bytes(100_000_000)
except MemoryError:
    print('refused')
";
    let out = Command::new(env!("CARGO_BIN_EXE_stackless"))
        .args(["-X", "memory=60000000", "-c", code])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    assert_eq!(text, "MemoryError\nMemoryError\nMemoryError\n20000000\nrefused\n");
}

/// A panic is an exception of the program: the process does not die of it, and nothing but the
/// exception is seen of it.
#[test]
fn panics_end_no_process() {
    for period in ["31", "997", "7919", "50021"] {
        for path in programs() {
            let out = Command::new(env!("CARGO_BIN_EXE_stackless"))
                .args(["-X", &format!("stress=panic={period},report")])
                .arg(&path)
                .stdin(Stdio::null())
                .output()
                .unwrap();
            let err = String::from_utf8_lossy(&out.stderr);
            let place = path.display();
            assert!(matches!(out.status.code(), Some(0 | 1)), "{place}: {} {err}", out.status);
            assert!(!err.contains("panicked at"), "{place}: {err}");
            let provoked = !err.contains("panics: 0");
            assert!(
                !provoked || out.status.success() || err.contains("SystemError"),
                "{place}: {err}"
            );
        }
    }
}

/// A program that catches the exceptions goes on, and the tracebacks are right.
#[test]
fn a_program_survives_panics() {
    let code = "\
import os
def f(n):
    return [n, sorted([3, 1, 2], key=lambda x: -x), str(n)]
i, caught, places = 0, 0, set()
def work():
    global i, caught
    while i < 30000:
        try:
            while i < 30000:
                i += 1
                assert f(i) == [i, [3, 2, 1], str(i)]
        except SystemError as e:
            caught += 1
            tb = e.__traceback__
            while tb.tb_next:
                tb = tb.tb_next
            places.add(tb.tb_frame.f_code.co_name)
    text = f\"{caught > 50} {places <= {'work', 'f', '<lambda>'}}\\n\"
    os.write(1, text.encode())
    return True
done = False
while not done:
    try:
        done = work()
    except SystemError:
        pass
";
    let out = Command::new(env!("CARGO_BIN_EXE_stackless"))
        .args(["-X", "stress=panic=20011", "-c", code])
        .output()
        .unwrap();
    let err = String::from_utf8_lossy(&out.stderr);
    let text = String::from_utf8_lossy(&out.stdout);
    assert!(!text.is_empty() && text.lines().all(|line| line == "True True"), "{text} {err}");
}

/// Memory that the system refuses, without a budget: whoever asked, it is MemoryError. (CPython dies.)
#[test]
fn refused_memory_is_an_exception() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stress/refused.py");
    let text = std::fs::read_to_string(&path).unwrap();
    let tries = text.matches("\n    lambda:").count() + 5;
    for i in 0..tries {
        let out = Command::new(env!("CARGO_BIN_EXE_stackless"))
            .arg(&path)
            .arg(i.to_string())
            .output()
            .unwrap();
        let (text, err) =
            (String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
        assert!(text.starts_with("MemoryError\n332833500 "), "{i}: {text}{err}");
        assert!(out.status.success(), "{i}: {} {err}", out.status);
    }
}

/// A tasklet is saved before each instruction, those that make cells among them.
#[test]
fn saved_before_each_instruction() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("tests/lang/language/many_cells.py");
    let out = Command::new(env!("CARGO_BIN_EXE_stackless"))
        .args(["-X", "stress=switch=1,save=1,report"])
        .arg(root.join("tests/stress/in_tasklet.py"))
        .arg(&path)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let want = std::fs::read(path.with_extension("out")).unwrap();
    let report = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.stdout, want, "{report}");
    assert!(report.contains("differing: []") && !report.contains("saved: 0,"), "{report}");
}

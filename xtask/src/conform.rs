//! `cargo x conform`: CPython's own tests, unmodified, run by our command and compared with what is
//! expected of each test. The expectations are a ratchet: a test that fails unexpectedly fails the
//! run, and so does one that passes unexpectedly, until the list is written anew.
//!
//! A file runs in a process of its own (`tests/conform/runner.py`). A test that crashes the process
//! or keeps silent for too long is noted as such, and the rest of the file runs in a new process.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, mpsc};
use std::time::{Duration, Instant};

use crate::{oracle, ours, reference, root};

const HELP: &str = "\
usage: cargo x conform [A|B|FILE...] [--write] [--jobs N] [--silence SECONDS] [--reference]
  A, B           a group of tests/conform/groups.txt; no name means both
  FILE           the name of a file of CPython's suite, such as test_dict
  --write        writes tests/conform/expected.txt anew for the files that were run
  --jobs N       processes at a time (default: 2)
  --silence S    seconds without a report after which a process is killed (default: 60)
  --reference    runs CPython again instead of taking its stored results
The reference and its tests are looked for in $ORACLE (default ~/.cache/oracle).
";

/// Processes started for one file before the rest of it counts as not run.
const RESTARTS: usize = 12;
/// A whole file's limit.
const FILE_LIMIT: Duration = Duration::from_secs(900);

/// Outcome of each test of a file by its name.
type Outcomes = BTreeMap<String, String>;

struct Settings {
    silence: Duration,
    jobs: usize,
    write: bool,
    fresh: bool,
    files: Vec<String>,
}

fn groups() -> Result<BTreeMap<String, Vec<String>>, String> {
    let path = root().join("tests/conform/groups.txt");
    let text = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let lines = text.lines().filter(|l| !l.starts_with('#'));
    Ok(lines
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            let name = words.next()?.to_string();
            Some((name, words.map(|w| format!("test_{w}")).collect()))
        })
        .collect())
}

fn settings(args: &[String]) -> Result<Settings, String> {
    let mut s = Settings {
        silence: Duration::from_secs(60),
        jobs: 2,
        write: false,
        fresh: false,
        files: Vec::new(),
    };
    let groups = groups()?;
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let mut number = || {
            let value = args.next().and_then(|v| v.parse::<u64>().ok());
            value.ok_or_else(|| format!("{arg} takes a number"))
        };
        match arg.as_str() {
            "--help" | "-h" => return Err(HELP.into()),
            "--write" => s.write = true,
            "--reference" => s.fresh = true,
            "--jobs" => s.jobs = number()?.max(1) as usize,
            "--silence" => s.silence = Duration::from_secs(number()?),
            name => match groups.get(name) {
                Some(files) => s.files.extend(files.iter().cloned()),
                None if name.starts_with("test_") => s.files.push(name.to_string()),
                None => return Err(format!("no group or test file {name:?}\n{HELP}")),
            },
        }
    }
    if s.files.is_empty() {
        s.files = groups.into_values().flatten().collect();
    }
    Ok(s)
}

/// A folder with nothing in it but a link to the suite, for `PYTHONPATH`.
fn suite() -> Result<PathBuf, String> {
    let tests = oracle().join("usr/lib/python3.14/test");
    if !tests.join("support").is_dir() {
        return Err(format!("CPython's tests are not in {}", tests.display()));
    }
    let dir = root().join("target/conform/lib");
    std::fs::create_dir_all(&dir).map_err(|e| e.to_string())?;
    if !dir.join("test").exists() {
        std::os::unix::fs::symlink(&tests, dir.join("test")).map_err(|e| e.to_string())?;
    }
    Ok(dir)
}

/// Runs one process over the tests of `file` that `done` does not hold. Says whether it reached the
/// end; otherwise the test that was running is noted as `crash` or `hang`.
fn process(
    python: &Path,
    lib: &Path,
    file: &str,
    done: &mut Outcomes,
    silence: Duration,
    scratch: &Path,
) -> Result<bool, String> {
    let text = |e: std::io::Error| e.to_string();
    let list = scratch.join(format!("{file}.done"));
    std::fs::write(&list, done.keys().fold(String::new(), |s, k| s + k + "\n")).map_err(text)?;
    let mut child = Command::new(python)
        .arg(root().join("tests/conform/runner.py"))
        .args([file.as_ref(), list.as_os_str()])
        .env("PYTHONPATH", lib)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .current_dir(scratch)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|e| format!("{}: {e}", python.display()))?;
    let (send, lines) = mpsc::channel();
    let out = child.stdout.take().ok_or("no output")?;
    std::thread::spawn(move || {
        for line in BufReader::new(out).split(b'\n').map_while(Result::ok) {
            if send.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                break;
            }
        }
    });
    let mut current: Option<String> = None;
    let started = Instant::now();
    let why = loop {
        let left = FILE_LIMIT.saturating_sub(started.elapsed()).min(silence);
        match lines.recv_timeout(left) {
            Ok(line) => match line.split_once(' ') {
                Some((">", name)) => current = Some(name.to_string()),
                Some(("end", _)) => break None,
                Some((word @ ("ok" | "fail" | "error" | "skip" | "xfail" | "xpass"), name)) => {
                    done.insert(name.to_string(), word.to_string());
                    current = None;
                }
                _ => {}
            },
            Err(mpsc::RecvTimeoutError::Disconnected) => break Some("crash"),
            Err(mpsc::RecvTimeoutError::Timeout) => break Some("hang"),
        }
    };
    let _ = child.kill();
    let _ = child.wait();
    let _ = std::fs::remove_file(&list);
    match (why, current) {
        (None, _) => Ok(true),
        (Some(why), Some(name)) => {
            done.insert(name, why.to_string());
            Ok(false)
        }
        // Outside any test: while loading or at the end. Nothing to leave out next time.
        (Some(why), None) => {
            done.insert(format!("(outside the tests of {file})"), why.to_string());
            Ok(true)
        }
    }
}

fn file_outcomes(
    python: &Path,
    lib: &Path,
    file: &str,
    silence: Duration,
) -> Result<Outcomes, String> {
    let scratch = root().join("target/conform/scratch");
    std::fs::create_dir_all(&scratch).map_err(|e| e.to_string())?;
    let mut done = Outcomes::new();
    for _ in 0..RESTARTS {
        if process(python, lib, file, &mut done, silence, &scratch)? {
            break;
        }
    }
    Ok(done)
}

fn format_outcomes(outcomes: &Outcomes) -> String {
    outcomes.iter().fold(String::new(), |mut s, (name, word)| {
        let _ = writeln!(s, "{word} {name}");
        s
    })
}

fn parse_outcomes(text: &str) -> Outcomes {
    let pairs = text.lines().filter_map(|l| l.split_once(' '));
    pairs.map(|(word, name)| (name.to_string(), word.to_string())).collect()
}

/// What CPython makes of a file; stored under `target/conform/reference`.
fn reference_outcomes(lib: &Path, file: &str, s: &Settings) -> Result<Outcomes, String> {
    let dir = root().join("target/conform/reference");
    std::fs::create_dir_all(&dir).map_err(|e| e.to_string())?;
    let path = dir.join(file);
    if let (false, Ok(text)) = (s.fresh, std::fs::read_to_string(&path)) {
        return Ok(parse_outcomes(&text));
    }
    let outcomes = file_outcomes(&reference(), lib, file, s.silence)?;
    std::fs::write(&path, format_outcomes(&outcomes)).map_err(|e| e.to_string())?;
    Ok(outcomes)
}

const PASSED: [&str; 2] = ["ok", "xfail"];

/// The comparison of one file.
struct Report {
    file: String,
    /// Tests that CPython passes here.
    total: usize,
    passed: usize,
    /// Tests that CPython passes and ours does not, with our outcome.
    missing: Outcomes,
    /// Tests that CPython ran and did not pass this time: they tell nothing about ours. (One of its
    /// tests races with a signal.)
    unjudged: Outcomes,
}

fn compare(file: &str, reference: &Outcomes, found: &Outcomes) -> Report {
    let wanted = reference.iter().filter(|(_, word)| PASSED.contains(&word.as_str()));
    let mut missing = Outcomes::new();
    let mut total = 0;
    for (name, _) in wanted {
        total += 1;
        match found.get(name) {
            Some(word) if PASSED.contains(&word.as_str()) => {}
            Some(word) => drop(missing.insert(name.clone(), word.clone())),
            None => drop(missing.insert(name.clone(), "absent".into())),
        }
    }
    for (name, word) in found.iter().filter(|(_, w)| ["crash", "hang"].contains(&w.as_str())) {
        missing.entry(name.clone()).or_insert_with(|| word.clone());
    }
    let passed = total - missing.keys().filter(|k| reference.contains_key(*k)).count();
    let mut unjudged = reference.clone();
    unjudged.retain(|_, word| !PASSED.contains(&word.as_str()));
    Report { file: file.to_string(), total, passed, missing, unjudged }
}

fn expected_path() -> PathBuf {
    root().join("tests/conform/expected.txt")
}

/// The stored expectations: file, its counts, the tests expected to be missing.
fn expected() -> BTreeMap<String, (usize, Outcomes)> {
    let text = std::fs::read_to_string(expected_path()).unwrap_or_default();
    let mut files: BTreeMap<String, (usize, Outcomes)> = BTreeMap::new();
    let mut file = String::new();
    for line in text.lines() {
        let mut words = line.split(' ');
        match words.next() {
            Some("file") => {
                file = words.next().unwrap_or_default().to_string();
                let total = words.nth(2).and_then(|n| n.parse().ok()).unwrap_or(0);
                files.insert(file.clone(), (total, Outcomes::new()));
            }
            Some(word) if !word.is_empty() && !word.starts_with('#') => {
                if let (Some(entry), Some((_, name))) = (files.get_mut(&file), line.split_once(' '))
                {
                    entry.1.insert(name.to_string(), word.to_string());
                }
            }
            _ => {}
        }
    }
    files
}

fn write_expected(all: &BTreeMap<String, (usize, Outcomes)>) -> Result<(), String> {
    let mut text = String::from(
        "# Tests of CPython's suite that CPython passes and this project does not, by file; written by\n\
         # `cargo x conform --write`. `file NAME PASSED of TOTAL`, then outcome and name of each.\n",
    );
    for (file, (total, missing)) in all {
        let ids = missing.keys().filter(|k| !k.starts_with('(')).count();
        let _ = writeln!(text, "file {file} {} of {total}", total.saturating_sub(ids));
        text += &format_outcomes(missing);
    }
    std::fs::write(expected_path(), text).map_err(|e| e.to_string())
}

/// Prints what differs from the expectations; true if nothing does.
fn as_expected(report: &Report, expected: Option<&(usize, Outcomes)>) -> bool {
    let none = Outcomes::new();
    let known = expected.map_or(&none, |e| &e.1);
    let mut same = true;
    for (name, word) in &report.missing {
        match known.get(name) {
            Some(before) if before == word || (word != "crash" && word != "hang") => {}
            _ => {
                println!("  unexpected {word}: {name}");
                same = false;
            }
        }
    }
    let judged =
        |n: &&String| !report.missing.contains_key(*n) && !report.unjudged.contains_key(*n);
    for name in known.keys().filter(judged) {
        println!("  unexpected pass: {name}");
        same = false;
    }
    same
}

pub fn run(args: &[String]) -> Result<bool, String> {
    let s = match settings(args) {
        Err(text) if text == HELP => {
            print!("{HELP}");
            return Ok(true);
        }
        other => other?,
    };
    let lib = suite()?;
    let python = ours();
    // Tests list the folder of the library, which our command does not need on disk.
    if let Some(prefix) = python.parent().and_then(Path::parent) {
        let _ = std::fs::create_dir_all(prefix.join("lib/python3.14"));
    }
    let queue = Mutex::new(s.files.iter().rev().cloned().collect::<Vec<_>>());
    let reports = Mutex::new(Vec::new());
    let failed: Mutex<HashSet<String>> = Mutex::new(HashSet::new());
    std::thread::scope(|scope| {
        for _ in 0..s.jobs {
            scope.spawn(|| {
                loop {
                    let Some(file) = queue.lock().ok().and_then(|mut q| q.pop()) else { return };
                    let result = reference_outcomes(&lib, &file, &s).and_then(|wanted| {
                        let found = file_outcomes(&python, &lib, &file, s.silence)?;
                        let dir = root().join("target/conform/found");
                        let _ = std::fs::create_dir_all(&dir);
                        let _ = std::fs::write(dir.join(&file), format_outcomes(&found));
                        Ok(compare(&file, &wanted, &found))
                    });
                    match result {
                        Ok(report) => {
                            let n = |w: &str| report.missing.values().filter(|v| *v == w).count();
                            println!(
                                "{file}: {} of {} (fail {}, error {}, skip {}, absent {}, crash {}, hang {})",
                                report.passed, report.total, n("fail"), n("error"), n("skip"),
                                n("absent"), n("crash"), n("hang"),
                            );
                            if let Ok(mut all) = reports.lock() {
                                all.push(report);
                            }
                        }
                        Err(e) => {
                            println!("{file}: {e}");
                            if let Ok(mut f) = failed.lock() {
                                f.insert(file);
                            }
                        }
                    }
                }
            });
        }
    });
    let mut reports = reports.into_inner().map_err(|e| e.to_string())?;
    reports.sort_by(|a, b| a.file.cmp(&b.file));
    let mut known = expected();
    let mut good = failed.into_inner().map_err(|e| e.to_string())?.is_empty();
    let count = |f: &dyn Fn(&Report) -> usize| reports.iter().map(f).sum::<usize>();
    let (total, passed) = (count(&|r| r.total), count(&|r| r.passed));
    if s.write {
        for r in &reports {
            known.insert(r.file.clone(), (r.total, r.missing.clone()));
        }
        write_expected(&known)?;
    } else {
        for r in &reports {
            good &= as_expected(r, known.get(&r.file));
        }
    }
    let share = if total == 0 { 0.0 } else { 100.0 * passed as f64 / total as f64 };
    println!(
        "{passed} of {total} tests that CPython passes ({share:.1} %), {} files",
        reports.len()
    );
    Ok(good)
}

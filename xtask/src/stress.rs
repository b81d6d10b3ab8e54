//! `cargo x stress`: the language programs under hostile strategies, the leak check, the deep
//! matrix, and the fuzzers. Programs run with limits in processes of their own, two at a time.

use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::{oracle, ours, root};

const HELP: &str = "\
usage: cargo x stress [PROGRAM...]     language programs under each hostile strategy
       cargo x stress --leaks [PROGRAM...]   what they leave alive at the end of the VM
       cargo x stress --deep                 the matrix of nested calls at depth 100,000
       cargo x stress --fuzz SECONDS [SEED]  mutated programs, builtins with hostile arguments, broken bytes
PROGRAM is a part of the path below tests/lang; none: all.
";

/// Options of `-X stress`, and whether the program runs in a tasklet that can be saved.
const STRATEGIES: [(&str, bool); 6] = [
    ("nocache", false),
    ("chunks", false),
    ("switch", false),
    ("collect=3", false),
    ("switch=7,collect=11,nocache,chunks", true),
    ("switch=37,save=101,report", true),
];

/// Programs that measure what the strategies change, or take too long under them.
const LEFT_OUT: [&str; 6] = [
    "laws/deep_matrix",
    "laws/memory_limit",
    "laws/huge_requests",
    "lib/many_processes",
    "laws/deep_data",
    "lib/sockets",
];

/// … and those whose depth makes each saved copy large.
const NOT_SAVED: [&str; 1] = ["laws/deep_"];

struct Run {
    out: Vec<u8>,
    err: String,
    /// What ended the process, when it did not end by itself with a status below 100.
    crash: Option<String>,
}

/// Runs a command in a process group of its own, which ends with it or at the limit.
fn run(command: &mut Command, limit: Duration) -> Result<Run, String> {
    let dir = std::env::temp_dir();
    let stamp = format!("{}-{:?}", std::process::id(), std::thread::current().id());
    let name = |kind: &str| dir.join(format!("stress-{stamp}.{kind}"));
    let file = |kind: &str| std::fs::File::create(name(kind)).map_err(|e| e.to_string());
    let mut child = command
        .stdin(Stdio::null())
        .stdout(file("out")?)
        .stderr(file("err")?)
        .process_group(0)
        .spawn()
        .map_err(|e| e.to_string())?;
    let begin = Instant::now();
    let crash = loop {
        match child.try_wait().map_err(|e| e.to_string())? {
            Some(status) => {
                let signal = status.signal().map(|s| format!("signal {s}"));
                let code = status.code().filter(|c| *c == 101 || *c >= 128);
                break signal.or(code.map(|c| format!("status {c}")));
            }
            None if begin.elapsed() > limit => {
                // The group, since the program may have started others.
                let group = format!("-{}", child.id());
                let _ = Command::new("kill").args(["-9", "--", &group]).status();
                let _ = child.wait();
                break Some(format!("no end within {} s", limit.as_secs()));
            }
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    let read = |kind: &str| std::fs::read(name(kind)).unwrap_or_default();
    let run = Run { out: read("out"), err: String::from_utf8_lossy(&read("err")).into(), crash };
    for kind in ["out", "err"] {
        let _ = std::fs::remove_file(name(kind));
    }
    Ok(run)
}

fn programs(parts: &[String]) -> Vec<PathBuf> {
    let base = root().join("tests/lang");
    let (mut pending, mut found) = (vec![base.clone()], Vec::new());
    while let Some(dir) = pending.pop() {
        for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                pending.push(path);
            } else if path.extension().is_some_and(|e| e == "py")
                && path.with_extension("out").exists()
            {
                let name = path.strip_prefix(&base).unwrap_or(&path).to_string_lossy().into_owned();
                let wanted = parts.is_empty() || parts.iter().any(|p| name.contains(p.as_str()));
                if wanted && !LEFT_OUT.iter().any(|l| name.starts_with(l)) {
                    found.push(path);
                }
            }
        }
    }
    found.sort();
    found
}

/// Does something with each program, two at a time; gives how many agree and what the others say.
fn each(
    programs: &[PathBuf],
    test: impl Fn(&Path) -> Result<(), String> + Sync,
) -> (usize, Vec<String>) {
    let (next, bad) = (Mutex::new(programs.iter()), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(path) = next.lock().ok().and_then(|mut n| n.next()) {
                    if let Err(text) = test(path)
                        && let Ok(mut bad) = bad.lock()
                    {
                        let name = path.strip_prefix(root()).unwrap_or(path).display();
                        bad.push(format!("{name}: {text}"));
                    }
                }
            });
        }
    });
    let mut bad = bad.into_inner().unwrap_or_default();
    bad.sort();
    (programs.len() - bad.len(), bad)
}

fn command(path: &Path, options: &[&str], in_tasklet: bool) -> Command {
    let mut c = Command::new(ours());
    c.args(options).current_dir(path.parent().unwrap_or(Path::new("/"))).env("PYTHONHASHSEED", "0");
    if in_tasklet {
        c.arg(root().join("tests/stress/in_tasklet.py"));
    }
    c.arg(path.file_name().unwrap_or_default());
    c
}

const LIMIT: Duration = Duration::from_secs(300);

fn strategies(parts: &[String]) -> Result<bool, String> {
    let all = programs(parts);
    let mut good = true;
    for (options, in_tasklet) in STRATEGIES {
        let option = format!("stress={options}");
        let shows = |p: &PathBuf| NOT_SAVED.iter().any(|n| p.to_string_lossy().contains(n));
        let saving = options.contains("save");
        let chosen: Vec<PathBuf> = all.iter().filter(|p| !saving || !shows(p)).cloned().collect();
        let (agree, bad) = each(&chosen, |path| {
            let r = run(&mut command(path, &["-X", &option], in_tasklet), LIMIT)?;
            let want = std::fs::read(path.with_extension("out")).unwrap_or_default();
            let broken = r.err.lines().find(|l| l.contains("differing: [\""));
            match (r.crash, broken) {
                (Some(crash), _) => Err(crash),
                (_, Some(line)) => Err(line.chars().take(300).collect()),
                _ if r.out != want => Err("prints something else".into()),
                _ => Ok(()),
            }
        });
        println!("{options}: {agree} of {} programs agree", chosen.len());
        bad.iter().for_each(|b| println!("  {b}"));
        good &= bad.is_empty();
    }
    Ok(good)
}

fn leaks(parts: &[String]) -> Result<bool, String> {
    let all = programs(parts);
    let (agree, bad) = each(&all, |path| {
        let r = run(&mut command(path, &["-X", "leaks"], false), LIMIT)?;
        let line = r.err.lines().find(|l| l.contains("objects leaked")).unwrap_or("no report");
        if line.starts_with("0 ") { Ok(()) } else { Err(line.chars().take(300).collect()) }
    });
    println!("{agree} of {} programs leak nothing", all.len());
    bad.iter().for_each(|b| println!("  {b}"));
    Ok(bad.is_empty())
}

fn deep() -> Result<bool, String> {
    let path = root().join("tests/lang/laws/deep_matrix.py");
    let mut c = Command::new("sh");
    c.args(["-c", "ulimit -s 8192; exec \"$0\" \"$1\""]).arg(ours()).arg(&path);
    let r = run(c.env("DEEP_MATRIX_DEPTH", "100000"), Duration::from_secs(1800))?;
    let want = std::fs::read(path.with_extension("out")).unwrap_or_default();
    let out = String::from_utf8_lossy(&r.out);
    let good = out.lines().filter(|l| l.ends_with(" ok")).count();
    println!("{good} ways nest 100,000 deep in 8 MiB of stack");
    out.lines().filter(|l| !l.ends_with(" ok")).for_each(|l| println!("  {l}"));
    if let Some(crash) = &r.crash {
        println!("  {crash} {}", r.err.lines().last().unwrap_or(""));
    }
    Ok(r.crash.is_none() && r.out == want)
}

/// Each round is a new process of a fuzzer with a seed of its own, so that a failure can be repeated.
fn fuzz(args: &[String]) -> Result<bool, String> {
    let number = |i: usize| args.get(i).and_then(|a| a.parse::<u64>().ok());
    let seconds = number(0).ok_or(HELP)?;
    let first = number(1).unwrap_or(1);
    let (begin, seed, bad) = (Instant::now(), Mutex::new(first), Mutex::new(0u64));
    let dir = root().join("tests/stress");
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while begin.elapsed().as_secs() < seconds {
                    let n = match seed.lock() {
                        Ok(mut s) => {
                            *s += 1;
                            *s - 1
                        }
                        Err(_) => break,
                    };
                    let name =
                        ["fuzz_builtins.py", "fuzz_programs.py", "fuzz_bytes.py"][n as usize % 3];
                    let mut c = Command::new("sh");
                    c.args(["-c", "ulimit -v 4000000; exec \"$0\" \"$@\""]).arg(ours());
                    c.arg(dir.join(name)).arg(n.to_string()).current_dir(std::env::temp_dir());
                    c.env("FUZZ_CORPUS", oracle().join("usr/lib/python3.14/test"));
                    let crash = match run(&mut c, Duration::from_secs(60)) {
                        Ok(Run { crash: Some(crash), out, err }) => {
                            let panic = err
                                .lines()
                                .find(|l| l.contains("panicked") || l.contains("memory alloc"));
                            let last = String::from_utf8_lossy(&out)
                                .lines()
                                .last()
                                .unwrap_or("")
                                .to_string();
                            format!("{crash} {} | last: {last}", panic.unwrap_or(""))
                        }
                        Ok(_) => continue,
                        Err(e) => e,
                    };
                    let crash: String = crash.chars().take(300).collect();
                    println!("{name} {n}: {crash}");
                    if let Ok(mut bad) = bad.lock() {
                        *bad += 1;
                    }
                }
            });
        }
    });
    let rounds = seed.into_inner().unwrap_or(first) - first;
    let bad = bad.into_inner().unwrap_or(0);
    println!("{rounds} rounds, {bad} failures");
    Ok(bad == 0)
}

pub fn stress(args: &[String]) -> Result<bool, String> {
    match args.first().map(String::as_str) {
        Some("--help" | "-h") => Err(HELP.into()),
        Some("--leaks") => leaks(&args[1..]),
        Some("--deep") => deep(),
        Some("--fuzz") => fuzz(&args[1..]),
        _ => strategies(args),
    }
}

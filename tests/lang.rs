//! Language programs: every `tests/lang/**/NAME.py` is run by the `stackless` command and must print
//! what `NAME.out` holds. Outputs of language tests come from CPython 3.14; those of `tasklet/` and
//! `laws/` are written by the spec. `BLESS=1` is refused on purpose: outputs are never taken from us.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const LIMIT: Duration = Duration::from_secs(120);

fn programs(dir: &Path, out: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            programs(&path, out);
        } else if path.extension().is_some_and(|e| e == "py") && path.with_extension("out").exists()
        {
            out.push(path);
        }
    }
}

/// Standard output, standard error and success of one program.
fn run(path: &Path) -> Result<(String, String, bool), String> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_stackless"))
        .arg(path)
        .env("PYTHONHASHSEED", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| e.to_string())?;
    let read = |stream: Option<Box<dyn Read + Send>>| {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            if let Some(mut s) = stream {
                let _ = s.read_to_end(&mut bytes);
            }
            String::from_utf8_lossy(&bytes).into_owned()
        })
    };
    let out = read(child.stdout.take().map(|s| Box::new(s) as _));
    let err = read(child.stderr.take().map(|s| Box::new(s) as _));
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().map_err(|e| e.to_string())? {
            break status;
        }
        if start.elapsed() > LIMIT {
            let _ = child.kill();
            return Err(format!("did not end within {LIMIT:?}"));
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let text = |h: std::thread::JoinHandle<String>| h.join().unwrap_or_default();
    Ok((text(out), text(err), status.success()))
}

#[test]
fn programs_print_what_the_reference_prints() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lang");
    let mut paths = Vec::new();
    programs(&root, &mut paths);
    paths.sort();
    assert!(!paths.is_empty(), "no language programs found");
    let mut failures = Vec::new();
    for path in &paths {
        let name = path.strip_prefix(&root).unwrap_or(path).display().to_string();
        let want = std::fs::read_to_string(path.with_extension("out")).unwrap_or_default();
        match run(path) {
            Ok((out, _, true)) if out == want => {}
            Ok((out, err, ok)) => {
                let line = out
                    .lines()
                    .zip(want.lines())
                    .position(|(a, b)| a != b)
                    .unwrap_or_else(|| out.lines().count().min(want.lines().count()));
                failures.push(format!(
                    "{name}: success {ok}, first difference at line {}\n  got  {:?}\n  want {:?}\n  {}",
                    line + 1,
                    out.lines().nth(line),
                    want.lines().nth(line),
                    err.lines().last().unwrap_or("")
                ));
            }
            Err(e) => failures.push(format!("{name}: {e}")),
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {} failed:\n{}",
        failures.len(),
        paths.len(),
        failures.join("\n")
    );
    println!("{} programs", paths.len());
}

//! `cargo x bench`: the programs of `benches/` by our command and by CPython, in turns; medians of
//! wall time and their ratio. `--write` puts the table into docs/src/performance.md.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::{reference, root};

const HELP: &str = "\
usage: cargo x bench [NAME...] [--rounds N] [--write]
  Runs target/release/stackless (or $STACKLESS) and CPython of $ORACLE on each program of benches/.
";

fn seconds(python: &Path, program: &Path) -> Result<f64, String> {
    let start = Instant::now();
    let status = Command::new(python)
        .arg(program)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map_err(|e| format!("{}: {e}", python.display()))?;
    if !status.success() {
        return Err(format!("{} failed on {}", python.display(), program.display()));
    }
    Ok(start.elapsed().as_secs_f64())
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

pub fn run(args: &[String]) -> Result<bool, String> {
    let (mut rounds, mut write, mut names) = (5, false, Vec::new());
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--help" | "-h" => {
                print!("{HELP}");
                return Ok(true);
            }
            "--write" => write = true,
            "--rounds" => {
                let n = args.next().and_then(|n| n.parse::<usize>().ok());
                rounds = n.ok_or("--rounds takes a number")?.max(1);
            }
            name => names.push(name.to_string()),
        }
    }
    if names.is_empty() {
        let files = std::fs::read_dir(root().join("benches")).map_err(|e| e.to_string())?;
        let stems = files.flatten().filter_map(|f| {
            f.file_name().to_str().and_then(|n| n.strip_suffix(".py")).map(String::from)
        });
        names = stems.collect();
        names.sort();
    }
    let ours = std::env::var_os("STACKLESS")
        .map_or_else(|| root().join("target/release/stackless"), Into::into);
    let mut table =
        String::from("| program | CPython, ms | ours, ms | ratio |\n|---|---|---|---|\n");
    let mut product = 0.0;
    let mut counted = 0;
    for name in &names {
        let program = root().join("benches").join(format!("{name}.py"));
        let (mut theirs, mut own) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            theirs.push(seconds(&reference(), &program)?);
            match seconds(&ours, &program) {
                Ok(s) => own.push(s),
                Err(e) => {
                    println!("{e}");
                    break;
                }
            }
        }
        if own.len() < rounds {
            continue;
        }
        let (a, b) = (median(theirs), median(own));
        product += (a / b).ln();
        counted += 1;
        let row = format!("| {name} | {:.1} | {:.1} | {:.2} |", a * 1e3, b * 1e3, a / b);
        println!("{row}");
        let _ = writeln!(table, "{row}");
    }
    let mean = (product / f64::from(counted.max(1))).exp();
    let last = format!("geometric mean of {counted} programs: {mean:.2}");
    println!("{last}");
    if write {
        let _ = writeln!(
            table,
            "\n{last} (CPython's time divided by ours, wall time, start included, medians of {rounds} rounds in turns)."
        );
        let path = root().join("docs/src/performance.md");
        let old = std::fs::read_to_string(&path).unwrap_or_default();
        let (begin, end) = ("<!-- programs -->\n", "<!-- end of programs -->");
        let text = match (old.find(begin), old.find(end)) {
            (Some(i), Some(j)) => format!("{}{begin}{table}{}", &old[..i], &old[j..]),
            _ => format!("{old}\n{begin}{table}{end}\n"),
        };
        std::fs::write(&path, text).map_err(|e| e.to_string())?;
    }
    Ok(true)
}

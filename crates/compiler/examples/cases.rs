//! Compiles the sources of a list and prints the outcome of each, for comparison with the
//! reference interpreter. Each input line is: source in hex, mode, flags.

use std::io::{BufRead, Write};

use stackless_compiler::{Mode, Options, compile, source::Source};

fn main() {
    let stdin = std::io::stdin();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in stdin.lock().lines() {
        let Ok(line) = line else { break };
        let mut parts = line.split(' ');
        let hex = parts.next().unwrap_or("");
        let bytes: Vec<u8> = (0..hex.len() / 2)
            .filter_map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).ok())
            .collect();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let mode = match parts.next() {
            Some("eval") => Mode::Eval,
            Some("single") => Mode::Single,
            Some("func_type") => Mode::FuncType,
            _ => Mode::Exec,
        };
        let mut options = Options::new(mode, "<test>");
        options.flags = parts.next().and_then(|f| f.parse().ok()).unwrap_or(0);
        let result = std::panic::catch_unwind(|| {
            Source::from_str(&text).and_then(|s| compile(&s, &options))
        });
        let _ = match result {
            Err(_) => writeln!(out, "PANIC"),
            Ok(Ok((code, warnings))) => {
                let verified = match stackless_bytecode::verify(&code) {
                    Ok(()) => String::new(),
                    Err(e) => format!("VERIFY {e}"),
                };
                let mut w: Vec<_> =
                    warnings.iter().map(|w| format!("{}:{}", w.lineno, w.message)).collect();
                w.sort();
                writeln!(out, "ok\t{verified}\t{}", w.join("\x01").replace(['\n', '\t'], " "))
            }
            Ok(Err(e)) => writeln!(
                out,
                "{:?}\t{}\t{}\t{}\t{}\t{}",
                e.kind,
                e.message.replace('\n', "\\n").replace('\t', "\\t"),
                e.lineno,
                e.col,
                e.end_lineno,
                e.end_col
            ),
        };
    }
}

//! The `stackless` command: reads the options, makes a VM and lets the library's start module run
//! what was asked for.

use std::process::ExitCode;

use stackless_runtime::{Settings, Value, Vm};

const USAGE: &str = "usage: stackless [option] ... [-c cmd | -m mod | file | -] [arg] ...";

/// What the command line says.
#[derive(Default)]
struct Options {
    flags: Vec<(&'static str, i64)>,
    warn: Vec<String>,
    x: Vec<String>,
    command: Option<String>,
    module: Option<String>,
    script: Option<String>,
    rest: Vec<String>,
    optimize: u8,
}

impl Options {
    fn raise(&mut self, name: &'static str) {
        match self.flags.iter_mut().find(|f| f.0 == name) {
            Some(f) => f.1 += 1,
            None => self.flags.push((name, 1)),
        }
    }
}

fn parse(mut args: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut o = Options::default();
    while let Some(arg) = args.next() {
        if arg == "-" || !arg.starts_with('-') {
            o.script = Some(arg);
            break;
        }
        match arg.as_str() {
            "--version" => return Err("version".into()),
            "--help" => return Err(String::new()),
            "--" => {
                o.script = args.next();
                break;
            }
            _ => {}
        }
        let mut chars = arg[1..].char_indices();
        let mut done = false;
        while let Some((i, c)) = chars.next() {
            let value = |args: &mut dyn Iterator<Item = String>| {
                let rest = &arg[1 + i + c.len_utf8()..];
                let v = if rest.is_empty() { args.next() } else { Some(rest.to_string()) };
                v.ok_or_else(|| format!("Argument expected for the -{c} option"))
            };
            match c {
                'c' => {
                    o.command = Some(value(&mut args)?);
                    done = true;
                }
                'm' => {
                    o.module = Some(value(&mut args)?);
                    done = true;
                }
                'W' => o.warn.push(value(&mut args)?),
                'X' => o.x.push(value(&mut args)?),
                'O' => {
                    o.raise("optimize");
                    o.optimize = (o.optimize + 1).min(2);
                    continue;
                }
                'E' => {
                    o.raise("ignore_environment");
                    continue;
                }
                'I' => {
                    for f in ["isolated", "ignore_environment", "no_user_site", "safe_path"] {
                        o.raise(f);
                    }
                    continue;
                }
                's' => {
                    o.raise("no_user_site");
                    continue;
                }
                'S' => {
                    o.raise("no_site");
                    continue;
                }
                'P' => {
                    o.raise("safe_path");
                    continue;
                }
                'B' => {
                    o.raise("dont_write_bytecode");
                    continue;
                }
                'b' => {
                    o.raise("bytes_warning");
                    continue;
                }
                'd' => {
                    o.raise("debug");
                    continue;
                }
                'i' => {
                    o.raise("interactive");
                    continue;
                }
                'q' => {
                    o.raise("quiet");
                    continue;
                }
                'R' => continue,
                'u' => {
                    o.raise("unbuffered");
                    continue;
                }
                'v' => {
                    o.raise("verbose");
                    continue;
                }
                'V' => return Err("version".into()),
                'h' | '?' => return Err(String::new()),
                _ => return Err(format!("Unknown option: -{c}")),
            }
            break;
        }
        if done {
            break;
        }
    }
    o.rest = args.collect();
    Ok(o)
}

fn text(vm: &Vm, v: &Option<String>) -> Value {
    v.as_ref().map_or(Value::NONE, |s| vm.str(s))
}

fn texts(vm: &Vm, v: &[String]) -> Value {
    vm.list(v.iter().map(|s| vm.str(s)).collect())
}

fn main() -> ExitCode {
    let args = std::env::args_os().skip(1).map(|a| a.to_string_lossy().into_owned());
    let options = match parse(args) {
        Ok(o) => o,
        Err(text) if text == "version" => {
            println!("Python 3.14.0 (stackless {})", env!("CARGO_PKG_VERSION"));
            return ExitCode::SUCCESS;
        }
        Err(text) if text.is_empty() => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Err(text) => {
            eprintln!("{text}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let hash_seed = match std::env::var("PYTHONHASHSEED").ok() {
        Some(s) if s != "random" => s.parse().ok(),
        _ => None,
    };
    let settings = Settings { argv: Vec::new(), optimize: options.optimize, hash_seed };
    let mut vm = Vm::new(settings);
    let flags = vm.dict();
    for (name, n) in &options.flags {
        let n = vm.int(*n);
        flags.set_text(&mut vm, name, n);
    }
    let given = vec![
        ("flags", flags.into_value()),
        ("command", text(&vm, &options.command)),
        ("module", text(&vm, &options.module)),
        ("script", text(&vm, &options.script)),
        ("rest", texts(&vm, &options.rest)),
        ("warnoptions", texts(&vm, &options.warn)),
        ("xoptions", texts(&vm, &options.x)),
    ];
    match stackless_modules::run_command(&mut vm, given) {
        Ok(status) => ExitCode::from(status.as_i64().unwrap_or(1) as u8),
        Err(e) => {
            eprintln!("{}", stackless_runtime::builtins::describe(&mut vm, &e));
            ExitCode::FAILURE
        }
    }
}

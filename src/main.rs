//! The `stackless` command: reads the options, makes a VM and lets the library's start module run
//! what was asked for.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

mod options;

use options::Request;

use stackless_host::{Host, RealHost};
use stackless_runtime::{Settings, Value, Vm};

/// Counts for memory budgets.
#[global_allocator]
static ALLOCATOR: stackless_runtime::Counting = stackless_runtime::Counting;

fn text(vm: &Vm, v: &Option<Vec<u8>>) -> Value {
    v.as_ref().map_or(Value::NONE, |s| stackless_modules::fs_text(vm, s))
}

fn raw_texts(vm: &Vm, v: &[Vec<u8>]) -> Value {
    vm.list(v.iter().map(|s| stackless_modules::fs_text(vm, s)).collect())
}

fn texts(vm: &Vm, v: &[String]) -> Value {
    vm.list(v.iter().map(|s| vm.str(s)).collect())
}

fn main() -> ExitCode {
    let mut args: Vec<Vec<u8>> =
        std::env::args_os().map(std::os::unix::ffi::OsStringExt::into_vec).collect();
    let original = args.clone();
    let program = if args.is_empty() { Vec::new() } else { args.remove(0) };
    let program = String::from_utf8_lossy(&program);
    let options = match options::read(&program, args) {
        Request::Run(options) => options,
        Request::Print(text) => {
            // A closed standard output is no reason to panic.
            let _ = writeln!(std::io::stdout(), "{text}");
            return ExitCode::SUCCESS;
        }
        Request::Fail(text, status) => {
            let _ = writeln!(std::io::stderr(), "{text}");
            return ExitCode::from(status);
        }
    };
    let host: Arc<dyn Host> = Arc::new(RealHost::new());
    let settings = Settings {
        argv: Vec::new(),
        optimize: options.get("optimize").clamp(0, 2) as u8,
        hash_seed: options.hash_seed,
        memory: options.memory.or_else(|| stackless_modules::address_space(&*host)),
        strategies: options.strategies.clone(),
        overlay: std::env::var("STACKLESS_OVERLAY").ok(),
        host: Some(host),
    };
    stackless_runtime::panics::install_hook(
        options.get("dev_mode") > 0 || std::env::var_os("STACKLESS_PANICS").is_some(),
    );
    let mut vm = Vm::new(settings);
    if let Some(n) = options.flags.iter().find(|f| f.0 == "int_max_str_digits") {
        vm.int_max_str_digits = usize::try_from(n.1).unwrap_or(4300);
    }
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
        ("check_pycs", options.check_pycs.as_ref().map_or(Value::NONE, |s| vm.str(s))),
        ("rest", raw_texts(&vm, &options.rest)),
        ("orig_argv", raw_texts(&vm, &original)),
        ("warnoptions", texts(&vm, &options.warn)),
        ("xoptions", texts(&vm, &options.x)),
    ];
    let status = match stackless_modules::run_command(&mut vm, given) {
        Ok(status) => ExitCode::from(status.as_i64().unwrap_or(1) as u8),
        Err(e) => {
            eprintln!("{}", stackless_runtime::builtins::describe(&mut vm, &e));
            ExitCode::FAILURE
        }
    };
    if options.strategies.report {
        eprintln!("{:?}", vm.stress_report().unwrap_or_default());
    }
    if options.leaks {
        let leaks = vm.close();
        eprintln!("{} objects leaked {:?}", leaks.count(), leaks.by_type);
        for sample in leaks.samples {
            eprintln!("  {sample}");
        }
        return status;
    }
    vm.end_parked();
    // The program has let go of what it held; the system takes the memory back faster than we do.
    std::mem::forget(vm);
    status
}

//! Runs a Python file: the smallest host of the runtime.

fn main() {
    let path = std::env::args().nth(1).unwrap_or_default();
    let source = match std::fs::read(&path) {
        Ok(s) => s,
        Err(e) => {
            eprintln!("{path}: {e}");
            std::process::exit(2);
        }
    };
    let mut vm = stackless_runtime::Vm::new(stackless_runtime::Settings::default());
    if let Some(n) = std::env::args().nth(2).and_then(|n| n.parse().ok()) {
        vm.recursion_limit = n;
    }
    if let Err(e) = stackless_runtime::builtins::run_main(&mut vm, &source, &path) {
        let text = stackless_runtime::builtins::describe(&mut vm, &e);
        eprintln!("{text}");
        std::process::exit(1);
    }
}

//! Programs on hosts that grant little: what is refused is an exception of the program, whatever
//! module asks, and nothing of the process is reached.

use std::sync::{Arc, Mutex};

use stackless_host::*;
use stackless_runtime::{Settings, Value, Vm};

/// Runs a program as the command would with `-c`: its exit status.
fn run(host: Arc<dyn Host>, program: &str, overlay: Option<String>) -> i64 {
    let settings =
        Settings { host: Some(host), overlay, hash_seed: Some(0), ..Settings::default() };
    let mut vm = Vm::new(settings);
    let flags = vm.dict().into_value();
    let options = vec![
        ("flags", flags),
        ("command", vm.str(program)),
        ("module", Value::NONE),
        ("script", Value::NONE),
        ("check_pycs", Value::NONE),
        ("rest", vm.list(Vec::new())),
        ("orig_argv", vm.list(Vec::new())),
        ("warnoptions", vm.list(Vec::new())),
        ("xoptions", vm.list(Vec::new())),
    ];
    match stackless_modules::run_command(&mut vm, options) {
        Ok(status) => status.as_i64().unwrap_or(-1),
        Err(e) => panic!("{}", stackless_runtime::builtins::describe(&mut vm, &e)),
    }
}

/// Grants the standard output and nothing else, as an embedder would: by implementing.
#[derive(Default)]
struct OutputOnly(Mutex<Vec<u8>>);

impl OutputOnly {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl FileSystem for OutputOnly {
    fn write(&self, fd: Fd, data: &[u8]) -> Result<usize> {
        if fd != STDOUT && fd != STDERR {
            return Err(OsError::DENIED);
        }
        self.0.lock().unwrap().extend_from_slice(data);
        Ok(data.len())
    }

    fn fstat(&self, fd: Fd) -> Result<Stat> {
        if fd != STDOUT && fd != STDERR {
            return Err(OsError::DENIED);
        }
        Ok(Stat { mode: file_mode::S_IFCHR, ..Stat::default() })
    }
}

impl Descriptors for OutputOnly {}
impl Environment for OutputOnly {}
impl Clock for OutputOnly {}
impl Entropy for OutputOnly {}
impl Terminal for OutputOnly {}
impl Process for OutputOnly {}
impl Scheduling for OutputOnly {}
impl Accounts for OutputOnly {}
impl SystemLog for OutputOnly {}
impl Limits for OutputOnly {}
impl Sharing for OutputOnly {}
impl Signals for OutputOnly {}
impl Poll for OutputOnly {}
impl Network for OutputOnly {}
impl Resolver for OutputOnly {}
impl Host for OutputOnly {}

#[test]
fn what_is_not_granted_is_an_exception() {
    let host = Arc::new(OutputOnly::default());
    let status = run(host.clone(), include_str!("hosts/refused.py"), None);
    let text = host.text();
    assert_eq!(status, 0, "{text}");
    assert!(text.ends_with(" refused\n"), "{text}");
}

#[test]
fn a_program_runs_where_nothing_is_granted() {
    assert_eq!(run(Arc::new(DeniedHost), include_str!("hosts/refused.py"), None), 0);
    assert_eq!(run(Arc::new(DeniedHost), "raise SystemExit(sum(map(int, '123')))", None), 6);
    assert_eq!(run(Arc::new(DeniedHost), "print('nowhere'); 1 / 0", None), 1);
}

#[test]
fn a_machine_in_memory() {
    let build = || {
        let builder = MemoryHost::builder().file("/data/in.txt", "from outside\n");
        Arc::new(builder.env("HOME", "/home").env("LANG", "C").seed(7).build().unwrap())
    };
    let (one, two) = (build(), build());
    let program = include_str!("hosts/memory.py");
    let status = run(one.clone(), program, None);
    let text = String::from_utf8_lossy(&one.stdout()).into_owned();
    assert_eq!(status, 0, "{text}{}", String::from_utf8_lossy(&one.stderr()));
    assert_eq!(one.contents("/data/out.txt").unwrap(), b"for the embedder\n");
    // The same once more, and what hangs on the seed as well.
    assert_eq!(run(two.clone(), program, None), 0);
    assert_eq!(one.stdout(), two.stdout());
}

#[test]
fn library_modules_come_from_disk_only_where_the_embedder_says_so() {
    let program = "import this_is_not_packed as m; raise SystemExit(m.answer)";
    let source = "# native: for a test\nanswer = 42\n";
    let host = || {
        let builder = MemoryHost::builder().file("/overlay/this_is_not_packed.py", source);
        Arc::new(builder.env("STACKLESS_OVERLAY", "/overlay").build().unwrap())
    };
    assert_eq!(run(host(), program, Some("/overlay".into())), 42);
    assert_eq!(run(host(), program, None), 1);
}

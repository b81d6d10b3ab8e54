//! Failures while the interpreter starts end with a traceback and status 1, never with a crash.

use std::process::Command;

/// The VM is dropped with dead objects still queued for their finalisers.
#[test]
fn a_failing_library_module_is_an_error() {
    let dir = std::env::temp_dir().join(format!("stackless-startup-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(dir.join("posix.py"), "raise ValueError('broken')\n").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_stackless"))
        .args(["-c", "print(1)"])
        .env("STACKLESS_OVERLAY", &dir)
        .output()
        .unwrap();
    std::fs::remove_dir_all(&dir).unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.ends_with("ValueError: broken\n"), "{stderr}");
}

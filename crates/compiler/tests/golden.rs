//! Golden disassembly: each file of `tests/golden` is a program, a line `====`, and the expected
//! disassembly. `BLESS=1 cargo test` writes what the compiler says now.

use std::path::Path;

use stackless_compiler::{Mode, Options, Source, compile};

fn disassemble(program: &str) -> String {
    let source = Source::from_str(program).expect("no NUL in golden programs");
    match compile(&source, &Options::new(Mode::Exec, "golden")) {
        Ok((code, warnings)) => {
            stackless_bytecode::verify(&code).expect("golden code verifies");
            let bytes = stackless_bytecode::encode(&code);
            let again = stackless_bytecode::decode(&bytes).expect("golden code decodes");
            assert_eq!(again, *code, "decoding gives the code back");
            let mut text = stackless_bytecode::disassemble(&code);
            for w in warnings {
                text += &format!("warning {}:{} {}\n", w.lineno, w.col, w.message);
            }
            text
        }
        Err(e) => format!("{e}\n"),
    }
}

#[test]
fn golden() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let bless = std::env::var_os("BLESS").is_some();
    let mut wrong = Vec::new();
    let mut count = 0;
    for entry in std::fs::read_dir(dir).expect("golden directory") {
        let path = entry.expect("golden file").path();
        let text = std::fs::read_to_string(&path).expect("golden text");
        let (program, expected) = text.split_once("====\n").unwrap_or((&text, ""));
        let actual = disassemble(program);
        count += 1;
        if actual != expected {
            if bless {
                std::fs::write(&path, format!("{program}====\n{actual}")).expect("blessing");
            } else {
                wrong.push(format!("{}:\n{actual}", path.display()));
            }
        }
    }
    assert!(count > 0, "no golden programs");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

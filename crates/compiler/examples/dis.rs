//! Compiles the files named on the command line and prints their disassembly.
//! `dis [-q] [-O] FILE...`: `-q` prints only errors and totals, `-e` evaluates each FILE as text.

use stackless_compiler::{Mode, Options, compile, source};

fn main() {
    let (mut quiet, mut optimize, mut text) = (false, 0, false);
    let mut files = Vec::new();
    for arg in std::env::args().skip(1) {
        match arg.as_str() {
            "-q" => quiet = true,
            "-O" => optimize += 1,
            "-e" => text = true,
            _ => files.push(arg),
        }
    }
    let (mut good, mut bad, mut words, mut encoded) = (0, 0, 0usize, 0usize);
    for file in files {
        let mut options = Options::new(Mode::Exec, &*file);
        options.optimize = optimize;
        let decoded = if text {
            source::Source::from_str(&file.replace("\\n", "\n"))
        } else {
            let Ok(bytes) = std::fs::read(&file) else { continue };
            match source::decode(&bytes, source::Origin::File(&file)) {
                Ok(source::Decoded::Text(source)) => Ok(source),
                Ok(source::Decoded::NeedsCodec { name, .. }) => {
                    println!("{file}: needs codec {name}");
                    continue;
                }
                Err(e) => Err(e),
            }
        };
        match decoded.and_then(|s| compile(&s, &options)) {
            Ok((code, warnings)) => {
                good += 1;
                words += code.words.len();
                if let Err(e) = stackless_bytecode::verify(&code) {
                    println!("{file}: VERIFY {e}");
                }
                let bytes = stackless_bytecode::encode(&code);
                encoded += bytes.len();
                match stackless_bytecode::decode(&bytes) {
                    Ok(again) if stackless_bytecode::encode(&again) == bytes => {}
                    Ok(_) => println!("{file}: ENCODE differs"),
                    Err(e) => println!("{file}: ENCODE {e}"),
                }
                if !quiet {
                    print!("{}", stackless_bytecode::disassemble(&code));
                    for w in warnings {
                        println!("warning {}:{} {}", w.lineno, w.col, w.message);
                    }
                }
            }
            Err(e) => {
                bad += 1;
                println!("{file}: {e}");
            }
        }
    }
    if quiet {
        println!("compiled {good}, rejected {bad}, module words {words}, encoded bytes {encoded}");
    }
}

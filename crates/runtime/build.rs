//! Compiles `lib/intrinsics.py` into the binary, so that no start has to.

use std::path::PathBuf;

use stackless_compiler as c;

fn main() {
    // Calls in last position become jumps in optimised code only: see `src/quick.rs`.
    println!("cargo:rustc-check-cfg=cfg(chained)");
    if std::env::var("OPT_LEVEL").is_ok_and(|level| matches!(&*level, "2" | "3" | "s" | "z")) {
        println!("cargo:rustc-cfg=chained");
    }
    let here = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").expect("set by cargo"));
    let path = here.join("../../lib/intrinsics.py");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={}", path.display());
    let source = std::fs::read(&path).expect("the intrinsics are part of the tree");
    let mut options = c::Options::new(c::Mode::Exec, "<intrinsics>");
    options.hidden = true;
    let text = match c::source::decode(&source, c::source::Origin::File("intrinsics.py")) {
        Ok(c::source::Decoded::Text(text)) => text,
        _ => panic!("lib/intrinsics.py is not UTF-8"),
    };
    let code = match c::compile(&text, &options) {
        Ok((code, _)) => code,
        Err(e) => panic!("lib/intrinsics.py: line {}: {}", e.lineno, e.message),
    };
    let out = PathBuf::from(std::env::var("OUT_DIR").expect("set by cargo"));
    let mut image = stackless_bytecode::image::Builder::default();
    image.add(&code);
    let list = here.join("../../lib/startup.txt");
    println!("cargo:rerun-if-changed={}", list.display());
    let hot = stackless_bytecode::image::startup_list(&list);
    for (ending, contents) in image.finish(hot) {
        std::fs::write(out.join(format!("intrinsics.{ending}")), contents)
            .expect("the output folder is writable");
    }
}

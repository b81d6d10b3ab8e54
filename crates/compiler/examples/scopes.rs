//! Prints, for each code object of the files named, what its scope looks like, for comparison
//! with the reference interpreter: `scopes OUTDIR FILE...` writes OUTDIR/<n>.txt.

use std::collections::BTreeSet;

use stackless_bytecode::{Code, Const, LocalKind};
use stackless_compiler::{Mode, Options, compile, source};

fn dump(code: &Code, out: &mut Vec<String>) {
    let of = |kinds: &[LocalKind]| {
        let names: BTreeSet<&str> = code
            .local_names
            .iter()
            .zip(&code.local_kinds)
            .filter(|(_, k)| kinds.contains(k))
            .map(|(n, _)| &**n)
            .collect();
        names.into_iter().collect::<Vec<_>>().join(",")
    };
    let flags = code.flags & 0x0FFF_FFFF;
    let count = (code.arg_count
        + code.kwonly_count
        + u32::from(flags & 4 != 0)
        + u32::from(flags & 8 != 0)) as usize;
    let params: Vec<&str> = code.local_names[..count].iter().map(|n| &**n).collect();
    let lines: BTreeSet<u32> =
        code.positions.iter().map(|(_, _, p)| p.line).filter(|&l| l != 0).collect();
    let lines: Vec<String> = lines.iter().map(u32::to_string).collect();
    let doc = match code.consts.first() {
        Some(Const::Str(s)) if flags & 0x400_0000 != 0 => s.len().to_string(),
        _ => "-".into(),
    };
    out.push(format!(
        "{} {} {} {}/{}/{} {flags:x} params={} free={} cell={} doc={doc} lines={}",
        code.qualname,
        code.name,
        code.first_line,
        code.arg_count,
        code.posonly_count,
        code.kwonly_count,
        params.join(","),
        of(&[LocalKind::Free]),
        of(&[LocalKind::Cell, LocalKind::HiddenCell]),
        lines.join(","),
    ));
    for c in &code.consts {
        if let Const::Code(c) = c {
            dump(c, out);
        }
    }
}

fn main() {
    let mut args = std::env::args().skip(1);
    let Some(dir) = args.next() else { return };
    for (n, file) in args.enumerate() {
        let Ok(bytes) = std::fs::read(&file) else { continue };
        let Ok(source::Decoded::Text(text)) = source::decode(&bytes, source::Origin::File(&file))
        else {
            continue;
        };
        let mut out = Vec::new();
        if let Ok((code, _)) = compile(&text, &Options::new(Mode::Exec, &*file)) {
            dump(&code, &mut out);
        }
        out.sort();
        let _ = std::fs::write(format!("{dir}/{n}.txt"), out.join("\n") + "\n");
    }
}

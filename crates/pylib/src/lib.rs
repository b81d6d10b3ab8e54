//! The packed standard library: look a module up by name, get its bytecode and its source.

use std::collections::HashMap;
use std::io::Read;
use std::sync::OnceLock;

static PACK: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/pack.bin"));

/// Number of the bytecode for `.pyc` files: another compiler, another number.
pub fn pyc_magic() -> u16 {
    env!("PYC_MAGIC").parse().unwrap_or(3600)
}

/// A packed module.
#[derive(Clone, Copy)]
pub struct Module {
    pub is_package: bool,
    /// Its frames are not shown: it stands in for native code.
    pub is_hidden: bool,
    code: (usize, usize, usize),
    source: (usize, usize, usize),
}

fn inflate((start, packed, size): (usize, usize, usize)) -> Vec<u8> {
    let mut out = Vec::with_capacity(size);
    let data = PACK.get(start..start + packed).unwrap_or_default();
    if packed == size {
        return data.to_vec();
    }
    // A damaged pack gives short output, which the decoder of the code refuses.
    let _ = flate2::read::DeflateDecoder::new(data).read_to_end(&mut out);
    out
}

impl Module {
    /// The encoded code object.
    pub fn code(&self) -> Vec<u8> {
        inflate(self.code)
    }
    /// The source file as it was.
    pub fn source(&self) -> Vec<u8> {
        inflate(self.source)
    }
}

struct Reader<'a>(&'a [u8], usize);

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> &'a [u8] {
        let part = self.0.get(self.1..self.1 + n).unwrap_or_default();
        self.1 += n;
        part
    }
    fn number(&mut self, n: usize) -> usize {
        self.take(n).iter().rev().fold(0, |v, b| v << 8 | *b as usize)
    }
}

fn index() -> &'static HashMap<&'static str, Module> {
    static INDEX: OnceLock<HashMap<&'static str, Module>> = OnceLock::new();
    INDEX.get_or_init(|| {
        let mut r = Reader(PACK, 0);
        let count = r.number(4);
        let mut rows = Vec::with_capacity(count);
        for _ in 0..count {
            let len = r.number(2);
            let name = std::str::from_utf8(r.take(len)).unwrap_or("");
            let flags = r.number(1);
            let n: [usize; 5] = std::array::from_fn(|_| r.number(4));
            rows.push((name, flags, n));
        }
        let base = r.1;
        rows.into_iter()
            .map(|(name, flags, [code, code_packed, source, source_packed, at])| {
                let at = base + at;
                let module = Module {
                    is_package: flags & 1 != 0,
                    is_hidden: flags & 2 != 0,
                    code: (at, code_packed, code),
                    source: (at + code_packed, source_packed, source),
                };
                (name, module)
            })
            .collect()
    })
}

/// The module of this full name.
pub fn lookup(name: &str) -> Option<Module> {
    index().get(name).copied()
}

/// All names, in no order.
pub fn names() -> impl Iterator<Item = &'static str> {
    index().keys().copied()
}

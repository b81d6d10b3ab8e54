//! The packed standard library: look a module up by name, get its bytecode and its source.

use std::io::Read;

use stackless_bytecode::{Code, DecodeError, Image, static_image};

static PACK: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/pack.bin"));

/// What every start runs.
static IMAGE: Image = static_image!(concat!(env!("OUT_DIR"), "/image"), true);

/// Bytes of a row of the index.
const ROW: usize = 28;

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
    is_in_image: bool,
    code: (usize, usize, usize),
    source: (usize, usize, usize),
}

fn inflate((start, packed, size): (usize, usize, usize)) -> Vec<u8> {
    let mut out = Vec::with_capacity(size);
    let data = PACK.get(start..start + packed).unwrap_or_default();
    // A damaged pack gives short output, which the decoder of the code refuses.
    let _ = flate2::read::DeflateDecoder::new(data).read_to_end(&mut out);
    out
}

impl Module {
    /// The code object, under the file name that is given or the one it was compiled with.
    pub fn code(&self, filename: Option<std::sync::Arc<str>>) -> Result<Code, DecodeError> {
        if self.is_in_image {
            return IMAGE.load(self.code.2, filename);
        }
        stackless_bytecode::decode_lazily(inflate(self.code), filename)
    }
    /// The source file as it was.
    pub fn source(&self) -> Vec<u8> {
        inflate(self.source)
    }
}

fn number(at: usize, bytes: usize) -> usize {
    let part = PACK.get(at..at + bytes).unwrap_or_default();
    part.iter().rev().fold(0, |v, b| v << 8 | *b as usize)
}

fn count() -> usize {
    number(0, 4)
}

/// The name in row `i`.
fn name(i: usize) -> &'static [u8] {
    let row = 4 + i * ROW;
    let (place, len) = (number(row, 4), number(row + 4, 2));
    PACK.get(place..place + len).unwrap_or_default()
}

fn module(i: usize) -> Module {
    let row = 4 + i * ROW;
    let flags = number(row + 6, 2);
    let [code, code_packed, source, source_packed, at] =
        std::array::from_fn(|n| number(row + 8 + 4 * n, 4));
    Module {
        is_package: flags & 1 != 0,
        is_hidden: flags & 2 != 0,
        is_in_image: flags & 4 != 0,
        code: (at, code_packed, code),
        source: (at + code_packed, source_packed, source),
    }
}

/// The module of this full name.
pub fn lookup(wanted: &str) -> Option<Module> {
    let (mut low, mut high) = (0, count());
    while low < high {
        let middle = usize::midpoint(low, high);
        match name(middle).cmp(wanted.as_bytes()) {
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
            std::cmp::Ordering::Equal => return Some(module(middle)),
        }
    }
    None
}

/// All names, sorted.
pub fn names() -> impl Iterator<Item = &'static str> {
    (0..count()).map(|i| std::str::from_utf8(name(i)).unwrap_or_default())
}

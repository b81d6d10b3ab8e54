//! Code objects in the program's read-only data, in the form in which they run.
//!
//! An image holds many code objects: strings once each and numbered, instructions as aligned words,
//! constants and positions as bytes. A code object that is made of it borrows all that, so a start
//! copies nothing, and the pages are shared by all processes. The records have the layout of
//! `encode`, except that bytes and words are named by their places in the other parts.
//!
//! Invariant: an image is made by the build script of the crate that holds it, from the same
//! instruction table; damage gives `DecodeError`, never undefined behaviour.

use std::sync::Arc;

use crate::code::Code;
use crate::encode::{DecodeError, Reader, Strings, Writer, post_order};
use crate::lazy::Source;
use crate::text::{Stored, Text};

/// The parts of an image; see `static_image!`.
pub struct Image {
    /// All strings, one behind the other.
    pub text: &'static str,
    /// Instruction words, little-endian; aligned for u64.
    pub words: &'static [u8],
    /// Live counts of the same words; aligned for u16.
    pub live: &'static [u8],
    /// Contents of str and bytes constants and position tables.
    pub bytes: &'static [u8],
    /// Counts of strings and code objects; ends of the strings in `text`; ends of the records; records.
    pub records: &'static [u8],
    /// Its strings carry numbers. There is one image like that in a program.
    pub numbered: bool,
}

/// Bytes at an address that words can be read from.
#[repr(C)]
pub struct Aligned<B: ?Sized> {
    pub align: [u64; 0],
    pub bytes: B,
}

/// The image whose files a build script has written with `Builder::finish` under this path.
#[macro_export]
macro_rules! static_image {
    ($path:expr, $numbered:expr) => {{
        static WORDS: &$crate::Aligned<[u8]> =
            &$crate::Aligned { align: [], bytes: *include_bytes!(concat!($path, ".words")) };
        static LIVE: &$crate::Aligned<[u8]> =
            &$crate::Aligned { align: [], bytes: *include_bytes!(concat!($path, ".live")) };
        $crate::Image {
            text: include_str!(concat!($path, ".text")),
            words: &WORDS.bytes,
            live: &LIVE.bytes,
            bytes: include_bytes!(concat!($path, ".bytes")),
            records: include_bytes!(concat!($path, ".records")),
            numbered: $numbered,
        }
    }};
}

type Out<T> = Result<T, DecodeError>;

impl Image {
    fn number(&self, at: usize) -> Out<usize> {
        let entry = self.records.get(at..).and_then(|b| b.first_chunk::<4>());
        Ok(u32::from_le_bytes(*entry.ok_or(DecodeError::Truncated)?) as usize)
    }

    /// String `i`.
    pub(crate) fn string(&self, i: usize) -> Out<Text> {
        let (ends, _) = self.records.get(8..).unwrap_or_default().as_chunks::<4>();
        let Some([from, to]) = ends.get(i..).and_then(|e| e.first_chunk::<2>()) else {
            return Err(DecodeError::Malformed("string index"));
        };
        let (from, to) = (u32::from_le_bytes(*from) as usize, u32::from_le_bytes(*to) as usize);
        let text = self.text.get(from..to).ok_or(DecodeError::Malformed("string"))?;
        Ok(Text::Static(text, if self.numbered { i as u32 } else { u32::MAX }))
    }

    /// How many strings there are.
    #[must_use]
    pub fn strings(&self) -> usize {
        self.number(0).unwrap_or(0)
    }

    /// How many code objects there are.
    #[must_use]
    pub fn codes(&self) -> usize {
        self.number(4).unwrap_or(0)
    }

    fn reader(&'static self, i: usize) -> Out<Reader<'static>> {
        if i >= self.number(4)? {
            return Err(DecodeError::Malformed("code index"));
        }
        let strings = self.number(0)?;
        let table = 8 + 4 * (strings + 1);
        let data = table + 4 * (self.number(4)? + 1);
        let (from, to) = (self.number(table + 4 * i)?, self.number(table + 4 * i + 4)?);
        let bytes = self.records.get(data + from..data + to).ok_or(DecodeError::Truncated)?;
        Ok(Reader { bytes, strings: Strings::Image(self) })
    }

    pub(crate) fn stored(&self, from: usize, len: usize) -> Out<Stored<u8>> {
        let end = from.checked_add(len).ok_or(DecodeError::Truncated)?;
        Ok(Stored::Static(self.bytes.get(from..end).ok_or(DecodeError::Truncated)?))
    }

    /// The instructions and live counts from word `from` on.
    pub(crate) fn code_words(&self, from: usize, len: usize) -> Out<(Stored<u64>, Stored<u16>)> {
        let part = |bytes: &'static [u8], size: usize| {
            let (from, len) = (from.checked_mul(size)?, len.checked_mul(size)?);
            bytes.get(from..from.checked_add(len)?)
        };
        let words = part(self.words, 8).ok_or(DecodeError::Truncated)?;
        let live = part(self.live, 2).ok_or(DecodeError::Truncated)?;
        if cfg!(target_endian = "little")
            && let Ok(words) = zerocopy::FromBytes::ref_from_bytes(words)
            && let Ok(live) = zerocopy::FromBytes::ref_from_bytes(live)
        {
            return Ok((Stored::Static(words), Stored::Static(live)));
        }
        let (words, _) = words.as_chunks::<8>();
        let (live, _) = live.as_chunks::<2>();
        Ok((
            words.iter().map(|w| u64::from_le_bytes(*w)).collect(),
            live.iter().map(|n| u16::from_le_bytes(*n)).collect(),
        ))
    }

    /// Makes code object `i`; those in its constants stay lazy. `filename` is that of all of them.
    pub(crate) fn code(&'static self, i: usize, filename: &Arc<str>) -> Out<Code> {
        let nested = |n: usize| {
            if n >= i {
                return None;
            }
            self.reader(n).ok()?.lazy(n, Source::Image(self, Arc::clone(filename)))
        };
        self.reader(i)?.code(&nested, Some(filename))
    }

    /// The code object `root` (`Builder::add`) under its own file name or the one given.
    pub fn load(&'static self, root: usize, filename: Option<Arc<str>>) -> Out<Code> {
        let filename = match filename {
            Some(name) => name,
            None => {
                let mut r = self.reader(root)?;
                let (_, _, filename) = (r.uint()?, r.uint()?, r.string()?);
                filename.arc()
            }
        };
        self.code(root, &filename)
    }
}

/// For build scripts: the code that a start runs, by a list of `file name`, blank, `qualified name`;
/// bodies of modules and classes always do. A list that is out of date costs pages, nothing else.
pub fn startup_list(path: &std::path::Path) -> impl Fn(&Code) -> bool + use<> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let names: std::collections::HashSet<String> = text.lines().map(str::to_owned).collect();
    move |code| {
        code.flags & crate::code::flags::NEWLOCALS == 0
            || names.contains(&format!("{} {}", code.filename, &*code.qualname))
    }
}

/// Makes the files of an image.
#[derive(Default)]
pub struct Builder {
    roots: Vec<Arc<Code>>,
    count: usize,
}

impl Builder {
    /// Adds a code object with all that it holds; gives its number.
    pub fn add(&mut self, code: &Arc<Code>) -> usize {
        self.count += post_order(code).len();
        self.roots.push(Arc::clone(code));
        self.count - 1
    }

    /// Contents of the files by their endings. What code that `hot` picks needs to run comes first, so
    /// that a start touches few pages.
    #[must_use]
    pub fn finish(self, hot: impl Fn(&Code) -> bool) -> [(&'static str, Vec<u8>); 5] {
        let mut w = Writer::for_image();
        let chosen: Vec<&Code> = self.roots.iter().flat_map(|root| post_order(root)).collect();
        let chosen: Vec<&Code> = chosen.into_iter().filter(|code| hot(code)).collect();
        for code in &chosen {
            w.place_in_image(code);
        }
        // Lines are asked for where something is raised.
        for code in chosen {
            w.place_bytes(&code.positions.0);
        }
        let mut ends = Vec::new();
        for root in &self.roots {
            let mut codes = std::collections::HashMap::new();
            for code in post_order(root) {
                w.code(code, &codes);
                codes.insert(std::ptr::from_ref::<Code>(code), ends.len() as u64);
                ends.push(w.out.len() as u32);
            }
        }
        let Writer { out, strings, image, .. } = w;
        let parts = image.unwrap_or_default();
        let mut records = Vec::new();
        for n in [strings.len(), ends.len(), 0] {
            records.extend((n as u32).to_le_bytes());
        }
        let mut text = Vec::new();
        for s in &strings {
            text.extend(s.as_bytes());
            records.extend((text.len() as u32).to_le_bytes());
        }
        for end in std::iter::once(0).chain(ends) {
            records.extend(end.to_le_bytes());
        }
        records.extend(out);
        [
            ("text", text),
            ("words", parts.words.iter().flat_map(|w| w.to_le_bytes()).collect()),
            ("live", parts.live.iter().flat_map(|n| n.to_le_bytes()).collect()),
            ("bytes", parts.bytes),
            ("records", records),
        ]
    }
}

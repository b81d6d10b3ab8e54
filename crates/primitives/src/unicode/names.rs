//! Character names: `unicodedata.name`, `unicodedata.lookup` and `\N{...}`.
//!
//! `names.bin` (scripts/gen_names.py) has six sections: ends of words (u32), their text, runs
//! (first code point, count, first entry; 3 x u32), offsets of every 16th entry (u32), entries (a
//! length byte, then word numbers: one byte below 128, else two), and aliases followed by named
//! sequences (an entry, a count, the code points). The index for lookups by name is built at the
//! first one: most programs never ask.

#[rustfmt::skip]
#[path = "name_ranges.rs"]
mod name_ranges;

use name_ranges::{ALIASES, LOOKUP_RANGES, NAMES, RANGES, SEQUENCES};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::OnceLock;

static BLOB: &[u8] = include_bytes!("names.bin");

struct Sections {
    word_ends: &'static [u8],
    words: &'static [u8],
    runs: &'static [u8],
    marks: &'static [u8],
    entries: &'static [u8],
    extras: &'static [u8],
}

fn u32_at(bytes: &[u8], i: usize) -> u32 {
    match bytes.get(i * 4..i * 4 + 4) {
        Some(b) => u32::from_le_bytes([b[0], b[1], b[2], b[3]]),
        None => 0,
    }
}

fn sections() -> Sections {
    let count = u32_at(BLOB, 0) as usize;
    let mut at = 4 + count * 4;
    let mut take = |i: usize| {
        let start = at;
        at += u32_at(BLOB, 1 + i) as usize;
        BLOB.get(start..at).unwrap_or(&[])
    };
    Sections {
        word_ends: take(0),
        words: take(1),
        runs: take(2),
        marks: take(3),
        entries: take(4),
        extras: take(5),
    }
}

impl Sections {
    fn word(&self, id: usize) -> &'static [u8] {
        let end = u32_at(self.word_ends, id) as usize;
        let start = if id == 0 { 0 } else { u32_at(self.word_ends, id - 1) as usize };
        self.words.get(start..end).unwrap_or(&[])
    }

    /// Calls `f` with each word of an encoded name.
    fn each_word(&self, mut code: &[u8], mut f: impl FnMut(&'static [u8])) {
        loop {
            match code {
                [a, rest @ ..] if *a < 128 => {
                    f(self.word(*a as usize));
                    code = rest;
                }
                [a, b, rest @ ..] => {
                    f(self.word(128 + ((*a as usize & 127) << 8 | *b as usize)));
                    code = rest;
                }
                _ => return,
            }
        }
    }

    fn text(&self, code: &[u8]) -> String {
        let mut out = String::new();
        self.each_word(code, |w| {
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(std::str::from_utf8(w).unwrap_or(""));
        });
        out
    }

    fn entry(&self, index: usize) -> &'static [u8] {
        let mut at = u32_at(self.marks, index / 16) as usize;
        for _ in 0..index % 16 {
            at += 1 + self.entries.get(at).copied().unwrap_or(0) as usize;
        }
        let len = self.entries.get(at).copied().unwrap_or(0) as usize;
        self.entries.get(at + 1..at + 1 + len).unwrap_or(&[])
    }

    fn run_count(&self) -> usize {
        self.runs.len() / 12
    }

    fn run(&self, i: usize) -> (u32, u32, u32) {
        (u32_at(self.runs, i * 3), u32_at(self.runs, i * 3 + 1), u32_at(self.runs, i * 3 + 2))
    }

    fn entry_index(&self, cp: u32) -> Option<usize> {
        let (mut lo, mut hi) = (0, self.run_count());
        while lo < hi {
            let mid = (lo + hi) / 2;
            let (first, count, base) = self.run(mid);
            if cp < first {
                hi = mid;
            } else if cp >= first + count {
                lo = mid + 1;
            } else {
                return Some((base + cp - first) as usize);
            }
        }
        None
    }
}

const JAMO_L: [&str; 19] = [
    "G", "GG", "N", "D", "DD", "R", "M", "B", "BB", "S", "SS", "", "J", "JJ", "C", "K", "T", "P",
    "H",
];
const JAMO_V: [&str; 21] = [
    "A", "AE", "YA", "YAE", "EO", "E", "YEO", "YE", "O", "WA", "WAE", "OE", "YO", "U", "WEO", "WE",
    "WI", "YU", "EU", "YI", "I",
];
const JAMO_T: [&str; 28] = [
    "", "G", "GG", "GS", "N", "NJ", "NH", "D", "L", "LG", "LM", "LB", "LS", "LT", "LP", "LH", "M",
    "B", "BS", "S", "SS", "NG", "J", "C", "K", "T", "P", "H",
];
const HANGUL: &str = "HANGUL SYLLABLE ";

/// The name of a code point.
pub fn name(cp: u32) -> Option<String> {
    let s = cp.wrapping_sub(0xAC00) as usize;
    if s < 11172 {
        let (l, v, t) = (s / 588, s % 588 / 28, s % 28);
        return Some(format!("{HANGUL}{}{}{}", JAMO_L[l], JAMO_V[v], JAMO_T[t]));
    }
    if let Some(r) = RANGES.iter().find(|r| (r.0..=r.1).contains(&cp)) {
        return Some(format!("{}{cp:04X}", r.2));
    }
    let sections = sections();
    let index = sections.entry_index(cp)?;
    Some(sections.text(sections.entry(index)))
}

#[derive(Clone, Copy)]
enum Found {
    Point(u32),
    /// Index of a named sequence.
    Sequence(u32),
}

/// FNV-1a; the keys are ours, so nobody can choose colliding ones for the table itself.
#[derive(Clone, Copy)]
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &b in bytes {
            self.0 = (self.0 ^ u64::from(b)).wrapping_mul(0x100_0000_01b3);
        }
    }
}

struct Index {
    map: HashMap<Box<str>, Found, BuildHasherDefault<Fnv>>,
    sequences: Vec<Vec<u32>>,
}

fn index() -> &'static Index {
    static INDEX: OnceLock<Index> = OnceLock::new();
    INDEX.get_or_init(|| {
        let s = sections();
        let mut map = HashMap::with_capacity_and_hasher(
            NAMES + ALIASES + SEQUENCES,
            BuildHasherDefault::default(),
        );
        let mut at = 0;
        for run in 0..s.run_count() {
            let (first, count, _) = s.run(run);
            for cp in first..first + count {
                let len = s.entries.get(at).copied().unwrap_or(0) as usize;
                let code = s.entries.get(at + 1..at + 1 + len).unwrap_or(&[]);
                map.insert(s.text(code).into_boxed_str(), Found::Point(cp));
                at += 1 + len;
            }
        }
        let mut sequences = Vec::with_capacity(SEQUENCES);
        let mut rest = s.extras;
        while let [len, tail @ ..] = rest {
            let Some((code, [count, points @ ..])) = tail.split_at_checked(*len as usize) else {
                break;
            };
            let count = *count as usize;
            let cps: Vec<u32> = (0..count).map(|i| u32_at(points, i)).collect();
            rest = points.get(count * 4..).unwrap_or(&[]);
            let found = match cps[..] {
                [cp] => Found::Point(cp),
                _ => {
                    sequences.push(cps);
                    Found::Sequence(sequences.len() as u32 - 1)
                }
            };
            map.insert(s.text(code).into_boxed_str(), found);
        }
        Index { map, sequences }
    })
}

fn hangul(rest: &str) -> Option<u32> {
    // Longest leading consonant and vowel win, as the names are built that way.
    fn longest<'a>(table: &[&str], text: &'a str) -> Option<(usize, &'a str)> {
        let mut best: Option<(usize, &'a str)> = None;
        for (i, t) in table.iter().enumerate() {
            if let Some(rest) = text.strip_prefix(t)
                && best.is_none_or(|b| rest.len() < b.1.len())
            {
                best = Some((i, rest));
            }
        }
        best
    }
    let (l, rest) = longest(&JAMO_L, rest)?;
    let (v, rest) = longest(&JAMO_V, rest)?;
    let t = JAMO_T.iter().position(|t| *t == rest)?;
    Some(0xAC00 + (l * 588 + v * 28 + t) as u32)
}

fn find(name: &[u8]) -> Option<Found> {
    if name.len() > 256 || !name.is_ascii() {
        return None;
    }
    let upper = String::from_utf8(name.to_ascii_uppercase()).ok()?;
    if let Some(rest) = upper.strip_prefix(HANGUL) {
        return hangul(rest).map(Found::Point);
    }
    for r in RANGES.iter().chain(&LOOKUP_RANGES) {
        if let Some(hex) = upper.strip_prefix(r.2)
            && matches!(hex.len(), 4 | 5)
            && hex.bytes().all(|b| b.is_ascii_hexdigit())
            && let Ok(cp) = u32::from_str_radix(hex, 16)
            && (r.0..=r.1).contains(&cp)
            && format!("{cp:04X}") == hex
        {
            return Some(Found::Point(cp));
        }
    }
    index().map.get(upper.as_str()).copied()
}

/// `unicodedata.lookup`: names, aliases and named sequences, in any case.
pub fn lookup(name: &[u8]) -> Option<Vec<u32>> {
    match find(name)? {
        Found::Point(cp) => Some(vec![cp]),
        Found::Sequence(i) => index().sequences.get(i as usize).cloned(),
    }
}

/// The lookup of `\N{...}`: names and aliases only.
pub fn lookup_alias_or_name(name: &[u8]) -> Option<u32> {
    match find(name)? {
        Found::Point(cp) => Some(cp),
        Found::Sequence(_) => None,
    }
}

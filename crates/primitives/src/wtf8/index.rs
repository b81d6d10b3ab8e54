//! Converting between character indices and byte offsets.

/// Number of characters: bytes that are not continuation bytes.
pub fn count_chars(bytes: &[u8]) -> usize {
    const LANES: usize = 32;
    let starts = |b: u8| u8::from(b & 0xc0 != 0x80);
    let mut total = 0;
    let mut rest = bytes;
    // Counting into bytes lets the compiler use vector registers; a lane holds 255 at most.
    while rest.len() >= LANES {
        let mut lanes = [0u8; LANES];
        let mut blocks = rest.chunks_exact(LANES);
        let mut used = 0;
        for block in blocks.by_ref().take(255) {
            for (lane, &b) in lanes.iter_mut().zip(block) {
                *lane += starts(b);
            }
            used += LANES;
        }
        total += lanes.iter().map(|&n| usize::from(n)).sum::<usize>();
        rest = &rest[used..];
    }
    total + rest.iter().map(|&b| usize::from(starts(b))).sum::<usize>()
}

/// Byte offset of character `index`, the length of the text if there are no more than `index`.
pub fn byte_offset(bytes: &[u8], index: usize) -> usize {
    if index >= bytes.len() {
        return bytes.len();
    }
    const STEP: usize = 512;
    let (mut at, mut left) = (0, index);
    while let Some(block) = bytes.get(at..at + STEP) {
        let n = count_chars(block);
        if n > left {
            break;
        }
        left -= n;
        at += STEP;
    }
    for (i, b) in bytes[at..].iter().enumerate() {
        if b & 0xc0 != 0x80 {
            if left == 0 {
                return at + i;
            }
            left -= 1;
        }
    }
    bytes.len()
}

/// `slice.indices` for a step of 1: negative positions count from the end, and both are clipped.
/// Also right for `str.find(sub, start, end)`: `start > len` stays visible as `start > end`.
pub fn clamp_slice(start: i64, end: i64, len: usize) -> (usize, usize) {
    let len = i64::try_from(len).unwrap_or(i64::MAX);
    let fix = |v: i64| if v < 0 { v.saturating_add(len).max(0) } else { v };
    let end = fix(end).min(len);
    (fix(start) as usize, end as usize)
}

/// Offsets of every 64th character: makes indexing a long non-ASCII string O(1).
#[derive(Clone, Debug)]
pub struct OffsetIndex {
    marks: Box<[usize]>,
    chars: usize,
}

const STRIDE: usize = 64;

impl OffsetIndex {
    pub fn build(bytes: &[u8]) -> Self {
        let mut marks = Vec::with_capacity(bytes.len() / STRIDE + 1);
        let mut chars = 0;
        for (i, b) in bytes.iter().enumerate() {
            if b & 0xc0 != 0x80 {
                if chars % STRIDE == 0 {
                    marks.push(i);
                }
                chars += 1;
            }
        }
        Self { marks: marks.into_boxed_slice(), chars }
    }

    /// Number of characters.
    pub fn chars(&self) -> usize {
        self.chars
    }

    /// Bytes that the index itself occupies.
    pub fn size(&self) -> usize {
        self.marks.len() * size_of::<usize>()
    }

    /// Byte offset of character `index` of the text that the index was built from.
    pub fn byte_of(&self, bytes: &[u8], index: usize) -> usize {
        let Some(&base) = self.marks.get(index / STRIDE) else { return bytes.len() };
        base + byte_offset(bytes.get(base..).unwrap_or(&[]), index % STRIDE)
    }

    /// Index of the character at byte `offset`.
    pub fn char_of(&self, bytes: &[u8], offset: usize) -> usize {
        let block = self.marks.partition_point(|&m| m <= offset).saturating_sub(1);
        let base = self.marks.get(block).copied().unwrap_or(0);
        block * STRIDE + count_chars(bytes.get(base..offset).unwrap_or(&[]))
    }
}

//! Code objects as bytes: for the packed standard library, `.pyc` files and pickles.
//!
//! Format (version [`VERSION`]): magic, version, a table of all strings, then the code objects with
//! nested ones before those whose constants they are; the last is the root. The start of each string
//! and code object (and the end of the last) is in a table before them, so that `decode_lazily` reads
//! only what is wanted. Numbers outside that table and the opcodes are LEB128,
//! constants are in postfix order, so that neither direction recurses. Cache words are not stored
//! (they are zero in canonical code), nor is the zero liveness of extra words.
//!
//! [`decode`] survives any bytes; it checks shapes and sizes, while the meaning of instructions is
//! `verify`'s business.

use std::collections::HashMap;
use std::sync::Arc;

use crate::code::{Code, Const, Handler, HiddenLocal, LocalKind, PositionTable};
use crate::image::Image;
use crate::isa::{self, Insn};
use crate::lazy::{CodeRef, LazyCode, Source};
use crate::text::{Stored, Text};

pub const MAGIC: [u8; 4] = *b"SLPC";
/// Raised with every change of the format or of the meaning of instructions.
pub const VERSION: u32 = 4;

/// Why bytes are not a code object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeError {
    Magic,
    Version,
    Truncated,
    Malformed(&'static str),
}

impl std::fmt::Display for DecodeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            DecodeError::Magic => f.write_str("not a code object"),
            DecodeError::Version => f.write_str("code object of another format version"),
            DecodeError::Truncated => f.write_str("code object ends early"),
            DecodeError::Malformed(what) => write!(f, "malformed code object: {what}"),
        }
    }
}

impl std::error::Error for DecodeError {}

mod tag {
    pub const NONE: u8 = 0;
    pub const TRUE: u8 = 1;
    pub const FALSE: u8 = 2;
    pub const ELLIPSIS: u8 = 3;
    pub const INT: u8 = 4;
    pub const BIG: u8 = 5;
    pub const FLOAT: u8 = 6;
    pub const COMPLEX: u8 = 7;
    pub const STR: u8 = 8;
    pub const BYTES: u8 = 9;
    pub const TUPLE: u8 = 10;
    pub const FROZENSET: u8 = 11;
    pub const SLICE: u8 = 12;
    pub const CODE: u8 = 13;
}

pub(crate) struct Writer {
    pub(crate) out: Vec<u8>,
    pub(crate) strings: Vec<Text>,
    index: HashMap<Text, u64>,
    /// Where bytes and words go when an image is written.
    pub(crate) image: Option<ImageParts>,
}

/// What an image keeps beside its records.
#[derive(Default)]
pub(crate) struct ImageParts {
    pub(crate) words: Vec<u64>,
    pub(crate) live: Vec<u16>,
    pub(crate) bytes: Vec<u8>,
    places: HashMap<Box<[u8]>, u64>,
    word_places: HashMap<*const Code, u64>,
}

impl ImageParts {
    /// Where these bytes lie, each sequence once.
    fn place(&mut self, b: &[u8]) -> u64 {
        if let Some(place) = self.places.get(b) {
            return *place;
        }
        let place = self.bytes.len() as u64;
        self.bytes.extend_from_slice(b);
        self.places.insert(b.into(), place);
        place
    }

    /// Where the instructions of a code object lie.
    fn word_place(&mut self, code: &Code) -> u64 {
        let end = self.words.len() as u64;
        let place = *self.word_places.entry(std::ptr::from_ref(code)).or_insert(end);
        if place == end {
            self.words.extend_from_slice(&code.words);
            self.live.extend_from_slice(&code.live);
            self.live.resize(self.words.len(), 0);
        }
        place
    }
}

fn put(out: &mut Vec<u8>, mut v: u64) {
    while v >= 0x80 {
        out.push(v as u8 | 0x80);
        v >>= 7;
    }
    out.push(v as u8);
}

fn zigzag(v: i64) -> u64 {
    ((v << 1) ^ (v >> 63)) as u64
}

impl Writer {
    pub(crate) fn new() -> Writer {
        Writer { out: Vec::new(), strings: Vec::new(), index: HashMap::new(), image: None }
    }

    pub(crate) fn for_image() -> Writer {
        Writer { image: Some(ImageParts::default()), ..Writer::new() }
    }

    /// Places in the image what a code object needs to run: its instructions, names and constants, but
    /// neither its docstring nor its positions.
    pub(crate) fn place_in_image(&mut self, code: &Code) {
        let all = [&code.name, &code.qualname].into_iter();
        for text in all.chain(&code.local_names).chain(&code.names) {
            self.number_of(text);
        }
        let Some(image) = &mut self.image else { return };
        image.word_place(code);
        let described = code.flags & crate::code::flags::HAS_DOCSTRING != 0;
        let mut pending: Vec<&Const> = code.consts.iter().skip(usize::from(described)).collect();
        while let Some(value) = pending.pop() {
            match value {
                Const::Str(b) | Const::Bytes(b) => {
                    image.place(b);
                }
                Const::Tuple(items) | Const::FrozenSet(items) => pending.extend(items.iter()),
                _ => {}
            }
        }
    }

    pub(crate) fn place_bytes(&mut self, bytes: &[u8]) {
        if let Some(image) = &mut self.image {
            image.place(bytes);
        }
    }

    fn uint(&mut self, v: u64) {
        put(&mut self.out, v);
    }

    fn number_of(&mut self, s: &Text) -> u64 {
        let next = self.strings.len() as u64;
        match self.index.get(s) {
            Some(&i) => i,
            None => {
                self.strings.push(s.clone());
                self.index.insert(s.clone(), next);
                next
            }
        }
    }

    fn string(&mut self, s: &Text) {
        let i = self.number_of(s);
        self.uint(i);
    }

    fn bytes(&mut self, b: &[u8]) {
        let len = b.len() as u64;
        match &mut self.image {
            Some(image) => {
                let place = image.place(b);
                self.uint(place);
                self.uint(len);
            }
            None => {
                self.uint(len);
                self.out.extend_from_slice(b);
            }
        }
    }

    /// A constant in postfix order; returns the number of steps.
    fn constant(&mut self, value: &Const, codes: &HashMap<*const Code, u64>) -> u64 {
        enum Step<'a> {
            Visit(&'a Const),
            Close(u8, usize),
        }
        let mut steps = vec![Step::Visit(value)];
        let mut count = 0;
        while let Some(step) = steps.pop() {
            let value = match step {
                Step::Close(tag, len) => {
                    count += 1;
                    self.out.push(tag);
                    self.uint(len as u64);
                    continue;
                }
                Step::Visit(value) => value,
            };
            let container =
                matches!(value, Const::Tuple(_) | Const::FrozenSet(_) | Const::Slice(_));
            count += u64::from(!container);
            match value {
                Const::None => self.out.push(tag::NONE),
                Const::True => self.out.push(tag::TRUE),
                Const::False => self.out.push(tag::FALSE),
                Const::Ellipsis => self.out.push(tag::ELLIPSIS),
                Const::Int(i) => {
                    self.out.push(tag::INT);
                    self.uint(zigzag(*i));
                }
                Const::BigInt(b) => {
                    self.out.push(tag::BIG);
                    self.bytes(b);
                }
                Const::Float(f) => {
                    self.out.push(tag::FLOAT);
                    self.out.extend_from_slice(&f.to_bits().to_le_bytes());
                }
                Const::Complex(r, i) => {
                    self.out.push(tag::COMPLEX);
                    self.out.extend_from_slice(&r.to_bits().to_le_bytes());
                    self.out.extend_from_slice(&i.to_bits().to_le_bytes());
                }
                Const::Str(s) => {
                    self.out.push(tag::STR);
                    self.bytes(s);
                }
                Const::Bytes(b) => {
                    self.out.push(tag::BYTES);
                    self.bytes(b);
                }
                Const::Tuple(items) | Const::FrozenSet(items) => {
                    let tuple = matches!(value, Const::Tuple(_));
                    let tag = if tuple { tag::TUPLE } else { tag::FROZENSET };
                    steps.push(Step::Close(tag, items.len()));
                    steps.extend(items.iter().rev().map(Step::Visit));
                }
                Const::Slice(items) => {
                    steps.push(Step::Close(tag::SLICE, 3));
                    steps.extend(items.iter().rev().map(Step::Visit));
                }
                Const::Code(code) => {
                    self.out.push(tag::CODE);
                    self.uint(codes.get(&Arc::as_ptr(code.arc())).copied().unwrap_or(u64::MAX));
                }
            }
        }
        count
    }

    pub(crate) fn code(&mut self, code: &Code, codes: &HashMap<*const Code, u64>) {
        self.string(&code.name);
        self.string(&code.qualname);
        self.string(&Text::Own(Arc::clone(&code.filename)));
        for n in [
            code.first_line,
            code.flags,
            code.arg_count,
            code.posonly_count,
            code.kwonly_count,
            code.free_count,
            u32::from(code.first_temp),
            u32::from(code.reg_count),
        ] {
            self.uint(u64::from(n));
        }
        self.uint(code.local_names.len() as u64);
        for (name, kind) in code.local_names.iter().zip(&code.local_kinds) {
            self.string(name);
            self.out.push(*kind as u8);
        }
        self.uint(code.names.len() as u64);
        for name in &code.names {
            self.string(name);
        }
        let before = std::mem::take(&mut self.out);
        let mut steps = 0;
        for value in &code.consts {
            steps += self.constant(value, codes);
        }
        let constants = std::mem::replace(&mut self.out, before);
        self.uint(steps);
        self.out.extend_from_slice(&constants);
        self.uint(code.words.len() as u64);
        let mut at = 0;
        if let Some(image) = &mut self.image {
            let place = image.word_place(code);
            self.uint(place);
            at = code.words.len();
        }
        while at < code.words.len() {
            let word = code.words[at];
            let insn = Insn::decode(word);
            self.out.extend_from_slice(&insn.op.to_le_bytes());
            for field in [insn.a, insn.b, insn.c] {
                self.uint(u64::from(field));
            }
            self.uint(u64::from(code.live.get(at).copied().unwrap_or(0)));
            let extra = isa::info(Insn::decode(word).op).map_or(0, |row| usize::from(row.words));
            if extra > 0 {
                self.uint(code.words.get(at + 1).copied().unwrap_or(0) & 0xFFFF_FFFF);
            }
            at += 1 + extra;
        }
        self.uint(code.handlers.len() as u64);
        for h in &code.handlers {
            for n in [h.start, h.end, h.target, u32::from(h.depth)] {
                self.uint(u64::from(n));
            }
        }
        self.uint(code.hidden_locals.len() as u64);
        for h in &code.hidden_locals {
            for n in [u32::from(h.reg), h.start, h.end] {
                self.uint(u64::from(n));
            }
        }
        self.bytes(&code.positions.0);
    }
}

/// Nested code objects before those that hold them, each once; `root` is last.
pub(crate) fn post_order(root: &Code) -> Vec<&Code> {
    let mut order: Vec<&Code> = Vec::new();
    let mut seen: HashMap<*const Code, ()> = HashMap::new();
    // (code, its children were pushed)
    let mut stack: Vec<(&Code, bool)> = vec![(root, false)];
    while let Some((code, done)) = stack.pop() {
        if done {
            order.push(code);
            continue;
        }
        if seen.insert(std::ptr::from_ref(code), ()).is_some() {
            continue;
        }
        stack.push((code, true));
        let mut pending: Vec<&Const> = code.consts.iter().collect();
        while let Some(value) = pending.pop() {
            match value {
                Const::Code(child) => stack.push((child.arc(), false)),
                Const::Tuple(items) | Const::FrozenSet(items) => pending.extend(items.iter()),
                _ => {}
            }
        }
    }
    order
}

/// The bytes of a code object with everything nested in it.
#[must_use]
pub fn encode(code: &Code) -> Vec<u8> {
    let order = post_order(code);
    let mut codes = HashMap::new();
    let mut w = Writer::new();
    let mut ends = Vec::with_capacity(order.len());
    for (i, code) in order.iter().enumerate() {
        w.code(code, &codes);
        ends.push(w.out.len());
        codes.insert(std::ptr::from_ref::<Code>(code), i as u64);
    }
    let mut out = MAGIC.to_vec();
    for n in [u64::from(VERSION), w.strings.len() as u64, order.len() as u64] {
        put(&mut out, n);
    }
    let mut at = 0u32;
    out.extend_from_slice(&at.to_le_bytes());
    for s in &w.strings {
        at += s.len() as u32;
        out.extend_from_slice(&at.to_le_bytes());
    }
    for end in ends {
        out.extend_from_slice(&(at + end as u32).to_le_bytes());
    }
    for s in &w.strings {
        out.extend_from_slice(s.as_bytes());
    }
    out.extend_from_slice(&w.out);
    out
}

/// The strings that code objects name by number.
pub(crate) enum Strings<'a> {
    Made(Vec<Text>),
    /// Made when asked for.
    Pack(&'a Pack),
    Image(&'static Image),
}

pub(crate) struct Reader<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) strings: Strings<'a>,
}

type Out<T> = Result<T, DecodeError>;

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Out<&'a [u8]> {
        let (head, rest) = self.bytes.split_at_checked(n).ok_or(DecodeError::Truncated)?;
        self.bytes = rest;
        Ok(head)
    }

    fn byte(&mut self) -> Out<u8> {
        Ok(self.take(1)?[0])
    }

    #[inline]
    pub(crate) fn uint(&mut self) -> Out<u64> {
        // Most numbers are small.
        if let [byte @ 0..0x80, rest @ ..] = self.bytes {
            self.bytes = rest;
            return Ok(u64::from(*byte));
        }
        if let [low, high @ 0..0x80, rest @ ..] = self.bytes {
            self.bytes = rest;
            return Ok(u64::from(low & 0x7f) | u64::from(*high) << 7);
        }
        self.long_uint()
    }

    #[inline(never)]
    fn long_uint(&mut self) -> Out<u64> {
        let mut value = 0u64;
        for shift in (0..70).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F).checked_shl(shift).unwrap_or(0);
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(DecodeError::Malformed("number"))
    }

    pub(crate) fn u32(&mut self) -> Out<u32> {
        u32::try_from(self.uint()?).map_err(|_| DecodeError::Malformed("number"))
    }

    fn u16(&mut self) -> Out<u16> {
        u16::try_from(self.uint()?).map_err(|_| DecodeError::Malformed("number"))
    }

    /// A count of things that take at least `size` bytes each, so that no count is believed that
    /// the rest of the input cannot hold.
    fn count(&mut self, size: usize) -> Out<usize> {
        let n = usize::try_from(self.uint()?).map_err(|_| DecodeError::Malformed("count"))?;
        if n.checked_mul(size).is_none_or(|total| total > self.bytes.len()) {
            return Err(DecodeError::Truncated);
        }
        Ok(n)
    }

    fn bytes(&mut self) -> Out<&'a [u8]> {
        let n = self.count(1)?;
        self.take(n)
    }

    /// Contents that a code object keeps.
    fn stored(&mut self) -> Out<Stored<u8>> {
        if let Strings::Image(image) = self.strings {
            let (place, len) = (self.uint()?, self.uint()?);
            let number = |n| usize::try_from(n).map_err(|_| DecodeError::Truncated);
            return image.stored(number(place)?, number(len)?);
        }
        Ok(self.bytes()?.into())
    }

    pub(crate) fn string(&mut self) -> Out<Text> {
        let i = usize::try_from(self.uint()?).unwrap_or(usize::MAX);
        match &self.strings {
            Strings::Made(strings) => {
                strings.get(i).cloned().ok_or(DecodeError::Malformed("string index"))
            }
            Strings::Pack(pack) => pack.string(i),
            Strings::Image(image) => image.string(i),
        }
    }

    fn filename(&mut self, given: Option<&Arc<str>>) -> Out<Arc<str>> {
        match given {
            Some(name) => {
                self.uint()?;
                Ok(Arc::clone(name))
            }
            None => Ok(self.string()?.arc()),
        }
    }

    fn f64(&mut self) -> Out<f64> {
        let bytes = self.take(8)?;
        let mut raw = [0; 8];
        raw.copy_from_slice(bytes);
        Ok(f64::from_bits(u64::from_le_bytes(raw)))
    }

    /// The constants of one code object.
    fn constants(&mut self, nested: &dyn Fn(usize) -> Option<CodeRef>) -> Out<Box<[Const]>> {
        let steps = self.count(1)?;
        let mut stack: Vec<Const> = Vec::with_capacity(steps);
        for _ in 0..steps {
            let tag = self.byte()?;
            let value = match tag {
                tag::NONE => Const::None,
                tag::TRUE => Const::True,
                tag::FALSE => Const::False,
                tag::ELLIPSIS => Const::Ellipsis,
                tag::INT => {
                    let v = self.uint()?;
                    Const::Int((v >> 1) as i64 ^ -((v & 1) as i64))
                }
                tag::BIG => Const::BigInt((*self.stored()?).into()),
                tag::FLOAT => Const::Float(self.f64()?),
                tag::COMPLEX => Const::Complex(self.f64()?, self.f64()?),
                tag::STR => Const::Str(self.stored()?),
                tag::BYTES => Const::Bytes(self.stored()?),
                tag::TUPLE | tag::FROZENSET | tag::SLICE => {
                    let n = self.uint()? as usize;
                    let from = stack
                        .len()
                        .checked_sub(n)
                        .ok_or(DecodeError::Malformed("constant container"))?;
                    let items: Vec<Const> = stack.split_off(from);
                    match tag {
                        tag::TUPLE => Const::Tuple(items.into()),
                        tag::FROZENSET => Const::FrozenSet(items.into()),
                        _ => {
                            let items: [Const; 3] = items
                                .try_into()
                                .map_err(|_| DecodeError::Malformed("slice constant"))?;
                            Const::Slice(Box::new(items))
                        }
                    }
                }
                tag::CODE => {
                    let i = self.uint()?;
                    let code = usize::try_from(i).ok().and_then(nested);
                    Const::Code(code.ok_or(DecodeError::Malformed("code index"))?)
                }
                _ => return Err(DecodeError::Malformed("constant tag")),
            };
            stack.push(value);
        }
        Ok(stack.into())
    }

    /// What a lazy code object knows before it is read; it is the `index`-th of its source.
    pub(crate) fn lazy(&mut self, index: usize, source: Source) -> Option<CodeRef> {
        let (name, qualname) = (self.string().ok()?, self.string().ok()?);
        let (_, _, flags) = (self.uint().ok()?, self.uint().ok()?, self.u32().ok()?);
        let made = std::sync::OnceLock::new();
        Some(CodeRef::Lazy(Arc::new(LazyCode { source, index, name, qualname, flags, made })))
    }

    /// A code object, under the file name that is given or else its own.
    pub(crate) fn code(
        &mut self,
        nested: &dyn Fn(usize) -> Option<CodeRef>,
        filename: Option<&Arc<str>>,
    ) -> Out<Code> {
        let (name, qualname) = (self.string()?, self.string()?);
        let filename = self.filename(filename)?;
        let first_line = self.u32()?;
        let flags = self.u32()?;
        let (arg_count, posonly_count, kwonly_count) = (self.u32()?, self.u32()?, self.u32()?);
        let free_count = self.u32()?;
        let (first_temp, reg_count) = (self.u16()?, self.u16()?);
        let locals = self.count(2)?;
        let mut local_names = Vec::with_capacity(locals);
        let mut local_kinds = Vec::with_capacity(locals);
        for _ in 0..locals {
            local_names.push(self.string()?);
            local_kinds.push(match self.byte()? {
                0 => LocalKind::Fast,
                1 => LocalKind::Cell,
                2 => LocalKind::Free,
                3 => LocalKind::Hidden,
                4 => LocalKind::HiddenCell,
                _ => return Err(DecodeError::Malformed("kind of local")),
            });
        }
        let names = (0..self.count(1)?).map(|_| self.string()).collect::<Out<Box<[_]>>>()?;
        let consts = self.constants(nested)?;
        let total = usize::try_from(self.uint()?).map_err(|_| DecodeError::Malformed("length"))?;
        let (words, live) = match self.strings {
            Strings::Image(image) => {
                let place = usize::try_from(self.uint()?).map_err(|_| DecodeError::Truncated)?;
                image.code_words(place, total)?
            }
            _ => self.instructions(total)?,
        };
        let count = self.count(4)?;
        let mut handlers = Vec::with_capacity(count);
        for _ in 0..count {
            handlers.push(Handler {
                start: self.u32()?,
                end: self.u32()?,
                target: self.u32()?,
                depth: self.u16()?,
            });
        }
        let count = self.count(3)?;
        let mut hidden = Vec::with_capacity(count);
        for _ in 0..count {
            hidden.push(HiddenLocal { reg: self.u16()?, start: self.u32()?, end: self.u32()? });
        }
        Ok(Code {
            name,
            qualname,
            filename,
            first_line,
            flags,
            arg_count,
            posonly_count,
            kwonly_count,
            local_names: local_names.into(),
            local_kinds: local_kinds.into(),
            free_count,
            first_temp,
            reg_count,
            words,
            live,
            consts,
            names,
            handlers: handlers.into(),
            hidden_locals: hidden.into(),
            positions: PositionTable(self.stored()?),
        })
    }

    /// The instructions in their compact form, with their live counts.
    fn instructions(&mut self, total: usize) -> Out<(Stored<u64>, Stored<u16>)> {
        // An instruction takes five bytes or more and stands for at most four words.
        if total > self.bytes.len() {
            return Err(DecodeError::Truncated);
        }
        let mut words = Vec::with_capacity(total);
        let mut live = Vec::with_capacity(total);
        while words.len() < total {
            let insn = match *self.bytes {
                // Nearly all fields are small.
                [lo, hi, a, b, c, alive, ..] if (a | b | c | alive) < 0x80 => {
                    self.bytes = &self.bytes[6..];
                    live.push(u16::from(alive));
                    Insn::new(u16::from_le_bytes([lo, hi]), a.into(), b.into(), c.into())
                }
                _ => {
                    let op = u16::from_le_bytes([self.byte()?, self.byte()?]);
                    let insn = Insn::new(op, self.u16()?, self.u16()?, self.u16()?);
                    live.push(self.u16()?);
                    insn
                }
            };
            words.push(insn.encode());
            let extra = isa::info(insn.op).map_or(0, |row| usize::from(row.words));
            for n in 0..extra {
                words.push(if n == 0 { u64::from(self.u32()?) } else { 0 });
                live.push(0);
            }
        }
        if words.len() != total {
            return Err(DecodeError::Malformed("extra words"));
        }
        Ok((words.into(), live.into()))
    }
}

/// Reads what [`encode`] wrote. The result is shaped right, not yet verified.
pub fn decode(bytes: &[u8]) -> Result<Code, DecodeError> {
    let layout = Layout::read(bytes)?;
    let mut strings = Vec::with_capacity(layout.strings);
    for i in 0..layout.strings {
        strings.push(Text::from(text(layout.part(bytes, i)?)?));
    }
    let mut r = Reader { bytes: &[], strings: Strings::Made(strings) };
    let mut codes: Vec<Arc<Code>> = Vec::with_capacity(layout.codes);
    for i in 0..layout.codes {
        r.bytes = layout.part(bytes, layout.strings + i)?;
        let code = r.code(&|i| codes.get(i).cloned().map(CodeRef::Made), None)?;
        if !r.bytes.is_empty() {
            return Err(DecodeError::Malformed("length of a code object"));
        }
        codes.push(Arc::new(code));
    }
    if layout.end(bytes)? != bytes.len() {
        return Err(DecodeError::Malformed("bytes after the end"));
    }
    let root = codes.pop().ok_or(DecodeError::Truncated)?;
    drop(codes);
    Ok(Arc::try_unwrap(root).unwrap_or_else(|shared| (*shared).clone()))
}

fn text(bytes: &[u8]) -> Out<&str> {
    std::str::from_utf8(bytes).map_err(|_| DecodeError::Malformed("string"))
}

/// Where strings and code objects lie: the table of offsets, read where it is.
struct Layout {
    strings: usize,
    codes: usize,
    /// Position of the table, and of what its offsets count from.
    table: usize,
    data: usize,
}

impl Layout {
    fn read(bytes: &[u8]) -> Out<Layout> {
        let mut r = Reader { bytes, strings: Strings::Made(Vec::new()) };
        if r.take(4)? != MAGIC {
            return Err(DecodeError::Magic);
        }
        if r.uint()? != u64::from(VERSION) {
            return Err(DecodeError::Version);
        }
        let (strings, codes) = (r.count(4)?, r.count(4)?);
        let table = bytes.len() - r.bytes.len();
        r.take((strings + codes + 1) * 4)?;
        Ok(Layout { strings, codes, table, data: bytes.len() - r.bytes.len() })
    }

    fn offset(&self, bytes: &[u8], i: usize) -> Out<usize> {
        let entry = bytes.get(self.table + 4 * i..).and_then(|b| b.first_chunk::<4>());
        let offset = u32::from_le_bytes(*entry.ok_or(DecodeError::Truncated)?);
        Ok(self.data + offset as usize)
    }

    /// The bytes of entry `i`: a string, or behind the strings a code object.
    fn part<'a>(&self, bytes: &'a [u8], i: usize) -> Out<&'a [u8]> {
        let (from, to) = (self.offset(bytes, i)?, self.offset(bytes, i + 1)?);
        bytes.get(from..to).ok_or(DecodeError::Truncated)
    }

    fn end(&self, bytes: &[u8]) -> Out<usize> {
        self.offset(bytes, self.strings + self.codes)
    }
}

/// Encoded code objects of which only those that are looked at get decoded.
pub(crate) struct Pack {
    bytes: Vec<u8>,
    layout: Layout,
    /// The file name of all code objects.
    pub(crate) filename: Option<Arc<str>>,
}

impl Pack {
    fn string(&self, i: usize) -> Out<Text> {
        if i >= self.layout.strings {
            return Err(DecodeError::Malformed("string index"));
        }
        Ok(Text::from(text(self.layout.part(&self.bytes, i)?)?))
    }

    fn reader(&self, i: usize) -> Out<Reader<'_>> {
        if i >= self.layout.codes {
            return Err(DecodeError::Malformed("code index"));
        }
        let bytes = self.layout.part(&self.bytes, self.layout.strings + i)?;
        Ok(Reader { bytes, strings: Strings::Pack(self) })
    }

    /// Decodes one code object; those in its constants stay lazy.
    pub(crate) fn code(&self, i: usize, me: &Arc<Pack>) -> Out<Code> {
        let nested = |n: usize| {
            if n >= i {
                return None;
            }
            self.reader(n).ok()?.lazy(n, Source::Pack(Arc::clone(me)))
        };
        self.reader(i)?.code(&nested, self.filename.as_ref())
    }
}

/// As [`decode`] for trusted bytes: the code objects inside the root are decoded when somebody looks
/// into them. `filename`, where given, becomes the file name of all.
pub fn decode_lazily(bytes: Vec<u8>, filename: Option<Arc<str>>) -> Result<Code, DecodeError> {
    let layout = Layout::read(&bytes)?;
    let root = layout.codes.checked_sub(1).ok_or(DecodeError::Truncated)?;
    let mut pack = Pack { bytes, layout, filename };
    if pack.filename.is_none() {
        let mut r = pack.reader(root)?;
        let (_, _, filename) = (r.uint()?, r.uint()?, r.string()?);
        pack.filename = Some(filename.arc());
    }
    let pack = Arc::new(pack);
    pack.code(root, &pack)
}

//! `_json_native`: scanning and encoding of plain data in one go, and the string functions. What is
//! unusual (hooks, subclasses, errors, cycles) comes back as None and is done again by the library's
//! Python, which also words the errors (`lib/overlay/_json.py`). CPython's counterpart:
//! `Modules/_json.c`.
//!
//! Both directions keep their own stacks, so that nesting never uses the native one; nesting deeper
//! than the recursion limit is left to Python, which raises RecursionError.

use std::collections::HashMap;

use stackless_primitives::float;
use stackless_runtime::exc::Reply;
use stackless_runtime::native::{Def, def};
use stackless_runtime::objects::dict::Dict;
use stackless_runtime::objects::list::List;
use stackless_runtime::objects::str::{Str, char_width, first_char, push_char};
use stackless_runtime::{Flow, PyResult, Ref, Value, Vm};

use crate::Native;
use crate::support::{flag, int};

pub const MODULE: Native = Native { name: "_json_native", defs: DEFS, fill };

fn fill(_: &mut Vm, _: &Ref<Dict>) -> PyResult<()> {
    Ok(())
}

/// Byte offset of a character index.
fn byte_at(text: &[u8], ascii: bool, index: usize) -> usize {
    if ascii {
        return index.min(text.len());
    }
    let mut at = 0;
    for _ in 0..index {
        match text.get(at) {
            Some(b) => at += char_width(*b),
            None => break,
        }
    }
    at
}

/// Character index of a byte offset.
fn char_at(text: &[u8], ascii: bool, at: usize) -> usize {
    if ascii { at } else { stackless_primitives::wtf8::count_chars(text.get(..at).unwrap_or(text)) }
}

fn hex4(text: &[u8], at: usize) -> Option<u32> {
    let digits = text.get(at..at + 4)?;
    digits.iter().try_fold(0, |n, d| Some(n << 4 | (*d as char).to_digit(16)?))
}

/// The string that starts behind its quote at `at`: the text and the offset behind the closing quote,
/// or what is wrong and where.
fn scan_string(
    text: &[u8],
    begin: usize,
    strict: bool,
) -> Result<(Vec<u8>, usize), (String, usize)> {
    let mut out = Vec::new();
    let mut at = begin;
    loop {
        let rest = text.get(at..).unwrap_or(&[]);
        let plain = rest
            .iter()
            .position(|b| *b == b'"' || *b == b'\\' || (strict && *b < 0x20))
            .unwrap_or(rest.len());
        out.extend_from_slice(&rest[..plain]);
        at += plain;
        match text.get(at) {
            None => return Err(("Unterminated string starting at".into(), begin - 1)),
            Some(b'"') => return Ok((out, at + 1)),
            Some(b'\\') => {}
            Some(_) => return Err(("Invalid control character at".into(), at)),
        }
        at += 1;
        let Some(escape) = text.get(at) else {
            return Err(("Unterminated string starting at".into(), begin - 1));
        };
        let c = match escape {
            b'"' | b'\\' | b'/' => *escape,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let wrong = |at| ("Invalid \\uXXXX escape".to_string(), at);
                let mut c = hex4(text, at + 1).ok_or_else(|| wrong(at))?;
                at += 5;
                if (0xd800..0xdc00).contains(&c) && text.get(at..at + 2) == Some(b"\\u") {
                    let low = hex4(text, at + 2).ok_or_else(|| wrong(at + 1))?;
                    if (0xdc00..0xe000).contains(&low) {
                        c = 0x10000 + ((c - 0xd800) << 10 | (low - 0xdc00));
                        at += 6;
                    }
                }
                push_char(&mut out, c);
                continue;
            }
            _ => return Err(("Invalid \\escape: ".into(), at - 1)),
        };
        out.push(c);
        at += 1;
    }
}

fn skip_space(text: &[u8], mut at: usize) -> usize {
    while matches!(text.get(at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
        at += 1;
    }
    at
}

/// A number's value and end; None for what is none, or too long for an int.
fn scan_number(vm: &mut Vm, text: &[u8], start: usize) -> Option<(Value, usize)> {
    let digits = |mut at: usize| {
        while text.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        at
    };
    let first = start + (text.get(start) == Some(&b'-')) as usize;
    let mut end = match text.get(first)? {
        b'0' => first + 1,
        b'1'..=b'9' => digits(first),
        _ => return None,
    };
    let whole = end;
    if text.get(end) == Some(&b'.') && digits(end + 1) > end + 1 {
        end = digits(end + 1);
    }
    if matches!(text.get(end), Some(b'e' | b'E')) {
        let sign = matches!(text.get(end + 1), Some(b'+' | b'-')) as usize;
        if digits(end + 1 + sign) > end + 1 + sign {
            end = digits(end + 1 + sign);
        }
    }
    let shown = std::str::from_utf8(&text[start..end]).ok()?;
    if end > whole {
        return Some((vm.float(shown.parse().ok()?), end));
    }
    if let Ok(n) = shown.parse::<i64>() {
        return Some((vm.int(n), end));
    }
    let n =
        stackless_primitives::int::parse_str(shown.as_bytes(), 10, vm.int_max_str_digits).ok()?;
    Some((vm.big_int(n), end))
}

/// A container being filled: its items, and the key that waits for its value.
enum Open {
    List(Vec<Value>),
    Dict(Ref<Dict>, Value),
}

/// The document at byte `at`, or None.
fn scan(vm: &mut Vm, text: &[u8], mut at: usize, strict: bool) -> Option<(Value, usize)> {
    let mut stack: Vec<Open> = Vec::new();
    let mut keys: HashMap<Vec<u8>, Value> = HashMap::new();
    let limit = vm.recursion_limit.saturating_sub(vm.exec.depth) as usize;
    // Reads `"key" :` and gives the key.
    let mut key = |vm: &mut Vm, at: &mut usize| -> Option<Value> {
        if text.get(*at) != Some(&b'"') {
            return None;
        }
        let (name, end) = scan_string(text, *at + 1, strict).ok()?;
        let colon = skip_space(text, end);
        if text.get(colon) != Some(&b':') {
            return None;
        }
        *at = skip_space(text, colon + 1);
        Some(match keys.get(&name) {
            Some(v) => v.clone(),
            None => {
                let v = vm.str_from_wtf8(&name);
                keys.insert(name, v.clone());
                v
            }
        })
    };
    loop {
        let rest = text.get(at..)?;
        let mut value = match rest.first()? {
            b'"' => {
                let (s, end) = scan_string(text, at + 1, strict).ok()?;
                at = end;
                vm.str_from_wtf8(&s)
            }
            b'{' => {
                if stack.len() >= limit {
                    return None;
                }
                at = skip_space(text, at + 1);
                let dict = vm.dict();
                if text.get(at) == Some(&b'}') {
                    at += 1;
                    dict.into_value()
                } else {
                    let name = key(vm, &mut at)?;
                    stack.push(Open::Dict(dict, name));
                    continue;
                }
            }
            b'[' => {
                if stack.len() >= limit {
                    return None;
                }
                at = skip_space(text, at + 1);
                if text.get(at) == Some(&b']') {
                    at += 1;
                    vm.list(Vec::new())
                } else {
                    stack.push(Open::List(Vec::new()));
                    continue;
                }
            }
            b'n' if rest.starts_with(b"null") => {
                at += 4;
                Value::NONE
            }
            b't' if rest.starts_with(b"true") => {
                at += 4;
                Value::TRUE
            }
            b'f' if rest.starts_with(b"false") => {
                at += 5;
                Value::FALSE
            }
            _ => {
                let (v, end) = scan_number(vm, text, at)?;
                at = end;
                v
            }
        };
        // The value goes into its container, which may be complete then.
        loop {
            let Some(open) = stack.last_mut() else { return Some((value, at)) };
            let next = skip_space(text, at);
            let c = *text.get(next)?;
            match open {
                Open::List(items) => items.push(value),
                Open::Dict(dict, name) => dict.set_str(vm, name, value),
            }
            match (open, c) {
                (Open::List(_), b',') => {
                    at = skip_space(text, next + 1);
                    break;
                }
                (Open::Dict(_, name), b',') => {
                    at = skip_space(text, next + 1);
                    *name = key(vm, &mut at)?;
                    break;
                }
                (Open::List(items), b']') => value = vm.list(std::mem::take(items)),
                (Open::Dict(dict, _), b'}') => value = dict.to_value(),
                _ => return None,
            }
            stack.pop();
            at = next + 1;
        }
    }
}

fn encode_string(out: &mut Vec<u8>, text: &[u8], ascii: bool) {
    out.push(b'"');
    let mut at = 0;
    while at < text.len() {
        let b = text[at];
        match b {
            b'"' | b'\\' => out.extend([b'\\', b]),
            b'\n' => out.extend(b"\\n"),
            b'\r' => out.extend(b"\\r"),
            b'\t' => out.extend(b"\\t"),
            12 => out.extend(b"\\f"),
            8 => out.extend(b"\\b"),
            0..0x20 => out.extend(format!("\\u{b:04x}").into_bytes()),
            0x20..0x7f => out.push(b),
            0x7f if !ascii => out.push(b),
            0x7f => out.extend(b"\\u007f"),
            _ if !ascii => {
                let width = char_width(b);
                out.extend_from_slice(&text[at..at + width]);
                at += width;
                continue;
            }
            _ => {
                let c = first_char(&text[at..]);
                if c >= 0x10000 {
                    let (hi, lo) = (0xd800 + ((c - 0x10000) >> 10), 0xdc00 + (c & 0x3ff));
                    out.extend(format!("\\u{hi:04x}\\u{lo:04x}").into_bytes());
                } else {
                    out.extend(format!("\\u{c:04x}").into_bytes());
                }
                at += char_width(b);
                continue;
            }
        }
        at += 1;
    }
    out.push(b'"');
}

struct Encoder {
    ascii: bool,
    indent: Option<Vec<u8>>,
    key_separator: Vec<u8>,
    item_separator: Vec<u8>,
    sort_keys: bool,
    allow_nan: bool,
}

/// A container being written.
enum Writing {
    List(Value, usize),
    Dict(Vec<(Value, Value)>, usize),
}

impl Encoder {
    fn newline(&self, out: &mut Vec<u8>, level: usize) {
        if let Some(indent) = &self.indent {
            out.push(b'\n');
            for _ in 0..level {
                out.extend_from_slice(indent);
            }
        }
    }

    fn float(&self, f: f64) -> Option<Vec<u8>> {
        let text = if f.is_nan() {
            "NaN".to_string()
        } else if f.is_infinite() {
            if f > 0.0 { "Infinity".to_string() } else { "-Infinity".to_string() }
        } else {
            return Some(float::repr(f).into_bytes());
        };
        self.allow_nan.then(|| text.into_bytes())
    }

    /// A value without parts; None for one with parts or of another type.
    fn scalar(&self, vm: &mut Vm, v: &Value, out: &mut Vec<u8>) -> Option<()> {
        if let Some(n) = v.as_small_int() {
            out.extend(n.to_string().into_bytes());
        } else if v.is_none() {
            out.extend(b"null");
        } else if v.is_bool() {
            out.extend_from_slice(if v.is_true() { b"true" } else { b"false" });
        } else if vm.is_exactly(v, &vm.types.str) {
            encode_string(out, v.as_wtf8()?, self.ascii);
        } else if vm.is_exactly(v, &vm.types.float) {
            out.extend(self.float(v.as_float()?)?);
        } else if vm.is_exactly(v, &vm.types.int) {
            let text = v.as_big()?.to_decimal(vm.int_max_str_digits).ok()?;
            out.extend(text.into_bytes());
        } else {
            return None;
        }
        Some(())
    }

    fn key(&self, vm: &mut Vm, v: &Value, out: &mut Vec<u8>) -> Option<()> {
        if vm.is_exactly(v, &vm.types.str) {
            return self.scalar(vm, v, out);
        }
        out.push(b'"');
        self.scalar(vm, v, out)?;
        out.push(b'"');
        Some(())
    }

    fn open(&self, vm: &mut Vm, v: &Value) -> Option<Writing> {
        if vm.is_exactly(v, &vm.types.list) || vm.is_exactly(v, &vm.types.tuple) {
            return Some(Writing::List(v.clone(), 0));
        }
        if !vm.is_exactly(v, &vm.types.dict) {
            return None;
        }
        let mut items = v.get::<Dict>()?.items_vec(vm);
        if self.sort_keys {
            if !items.iter().all(|(k, _)| k.has::<Str>()) {
                return None;
            }
            items.sort_by(|a, b| a.0.as_wtf8().cmp(&b.0.as_wtf8()));
        }
        Some(Writing::Dict(items, 0))
    }

    fn encode(&self, vm: &mut Vm, v: &Value, base: usize) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        let mut stack: Vec<Writing> = Vec::new();
        let limit = vm.recursion_limit.saturating_sub(vm.exec.depth) as usize;
        let mut current = Some(v.clone());
        loop {
            if let Some(v) = current.take()
                && self.scalar(vm, &v, &mut out).is_none()
            {
                // Cycles end at this limit as well.
                if stack.len() >= limit {
                    return None;
                }
                let opened = self.open(vm, &v)?;
                out.push(if matches!(opened, Writing::List(..)) { b'[' } else { b'{' });
                stack.push(opened);
            }
            let level = base + stack.len();
            let Some(top) = stack.last_mut() else { return Some(out) };
            let (next, i, close) = match top {
                Writing::List(seq, i) => {
                    let item = match seq.get::<List>() {
                        Some(l) => l.get_item(vm, *i),
                        None => seq.tuple_items().get(*i).cloned(),
                    };
                    *i += 1;
                    (item.map(|v| (None, v)), *i, b']')
                }
                Writing::Dict(items, i) => {
                    let item = items.get(*i).cloned();
                    *i += 1;
                    (item.map(|(k, v)| (Some(k), v)), *i, b'}')
                }
            };
            match next {
                Some((key, value)) => {
                    if i > 1 {
                        out.extend_from_slice(&self.item_separator);
                    }
                    self.newline(&mut out, level);
                    if let Some(key) = key {
                        self.key(vm, &key, &mut out)?;
                        out.extend_from_slice(&self.key_separator);
                    }
                    current = Some(value);
                }
                None => {
                    stack.pop();
                    if i > 1 {
                        self.newline(&mut out, level - 1);
                    }
                    out.push(close);
                }
            }
        }
    }
}

/// `(obj, ascii, indent, key separator, item separator, sort keys, allow NaN, level)`: the text or None.
fn encode(vm: &mut Vm, a: &[Value]) -> Flow {
    let bytes = |v: &Value| v.as_wtf8().unwrap_or(b"").to_vec();
    let e = Encoder {
        ascii: flag(&a[1], true),
        indent: a[2].as_wtf8().map(<[u8]>::to_vec),
        key_separator: bytes(&a[3]),
        item_separator: bytes(&a[4]),
        sort_keys: flag(&a[5], false),
        allow_nan: flag(&a[6], true),
    };
    match e.encode(vm, &a[0], int(&a[7]).max(0) as usize) {
        Some(out) => Ok(vm.str_from_wtf8(&out).into()),
        None => Ok(Reply::NONE),
    }
}

fn not_text(vm: &mut Vm, v: &Value) -> Flow {
    let t = vm.type_name(v);
    Err(vm.type_error(format!("first argument must be a string, not {t}")))
}

const DEFS: &[Def] = &[
    def!("encode_basestring", "(string, /)", |vm, string| match string.as_wtf8() {
        Some(t) => {
            let mut out = Vec::with_capacity(t.len() + 2);
            encode_string(&mut out, t, false);
            Ok(vm.str_from_wtf8(&out).into())
        }
        None => not_text(vm, string),
    }),
    def!("encode_basestring_ascii", "(string, /)", |vm, string| match string.as_wtf8() {
        Some(t) => {
            let mut out = Vec::with_capacity(t.len() + 2);
            encode_string(&mut out, t, true);
            Ok(vm.str_from_wtf8(&out).into())
        }
        None => not_text(vm, string),
    }),
    // `(text, end)`, or `(message, position, None)`.
    def!("scanstring", "(string: str, end, strict, /)", |vm, a| {
        let (Some(s), index) = (a[0].get::<Str>(), int(&a[1])) else { return Ok(Reply::NONE) };
        let (text, ascii) = (s.bytes(), s.is_ascii());
        if index < 1 || index > s.len() as i64 {
            return Err(vm.value_error("end is out of bounds"));
        }
        let at = byte_at(text, ascii, index as usize);
        match scan_string(text, at, flag(&a[2], true)) {
            Ok((found, end)) => {
                let end = Value::from_usize(char_at(text, ascii, end));
                let found = vm.str_from_wtf8(&found);
                Ok(vm.tuple(vec![found, end]).into())
            }
            Err((message, at)) => {
                let at = Value::from_usize(char_at(text, ascii, at));
                let message = vm.str(&message);
                Ok(vm.tuple(vec![message, at, Value::NONE]).into())
            }
        }
    }),
    // `(value, end)`, or None.
    def!("scan", "(string: str, index, strict, /)", |vm, a| {
        let (Some(s), index) = (a[0].get::<Str>(), int(&a[1])) else { return Ok(Reply::NONE) };
        if index < 0 {
            return Ok(Reply::NONE);
        }
        let (text, ascii) = (s.bytes(), s.is_ascii());
        let at = byte_at(text, ascii, index as usize);
        match scan(vm, text, at, flag(&a[2], true)) {
            Some((v, end)) => {
                let end = Value::from_usize(char_at(text, ascii, end));
                Ok(vm.tuple(vec![v, end]).into())
            }
            None => Ok(Reply::NONE),
        }
    }),
    def!(
        "encode",
        "(obj, ascii, indent, key_separator, item_separator, sort_keys, allow_nan, level, /)",
        encode,
    ),
];
